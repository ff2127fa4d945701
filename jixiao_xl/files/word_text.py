"""Text of a Word document (文档的文字): passages in reading order, each character with the element that holds it.

`report_reader` keeps the text, `word_comments` goes back to the elements.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from jixiao_xl.files.word_numbers import Numbering, Styles
from jixiao_xl.files.word_xml import (
    Element,
    branches,
    child,
    contents,
    is_on,
    name,
    shows_placeholder,
    value,
    whole,
)
from jixiao_xl.model.passages import PassageKind

_BLOCKS: Final = frozenset({"p", "tbl"})
_ROWS: Final = frozenset({"tr"})
_CELLS: Final = frozenset({"tc"})
_CHARACTERS: Final = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_FORMULA_SIGNS: Final = {"m:f": "/", "m:sSup": "^", "m:sSub": "_"}  # so that digits above one another stay apart
_PASSED: Final = {
    "hyperlink", "smartTag", "customXml", "ins", "moveTo", "sdtContent", "fldSimple", "dir", "bdo", "ruby", "rubyBase",
    "m:oMath", "m:oMathPara", "m:r", "m:num", "m:den", "m:e", "m:sup", "m:sub", "m:d", "m:nary", "m:rad", "m:func",
    "m:fName", "m:m", "m:mr", "m:box", "m:borderBox", "m:bar", "m:acc", "m:eqArr", "m:groupChr", "m:sSubSup", "m:deg",
    "m:lim", "m:limLow", "m:limUpp", "m:sPre",
}  # fmt: skip
_SPACES: Final = str.maketrans("\r\n\t", "   ")
_RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_WINGDINGS: Final = {0xA8: "□", 0x6F: "□", 0xFE: "☑", 0x52: "☑", 0xFC: "√", 0xFB: "×", 0x6C: "●", 0x6E: "■"}


@dataclass(slots=True)
class Piece:
    """A few characters and the element that holds them; None for those that Word makes, such as a list's number."""

    text: str
    element: Element | None


@dataclass(slots=True)
class Stretch:
    """A passage as it stands in the document.

    Attributes:
        place: as in `Passage`.
        kind: as in `Passage`.
        pieces: its characters in order.
        paragraph: its (first) paragraph.
        level: as in `Passage`.
        merged: as in `Passage`.
        outside: for a text box or a note, the element of the body's text where it hangs, which a comment can mark.
    """

    place: str
    kind: PassageKind
    pieces: list[Piece]
    paragraph: Element | None
    level: int | None = None
    merged: tuple[int, int] = (1, 1)
    outside: Element | None = None

    @property
    def text(self) -> str:
        """All of its characters."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Story:
    """The parts of a document that hold text, and those that say how it is numbered."""

    document: Element
    styles: Element | None = None
    numbering: Element | None = None
    footnotes: Element | None = None
    endnotes: Element | None = None


def stretches(story: Story) -> list[Stretch]:
    """Every paragraph, cell, text box and note in order; a box follows the paragraph or table that it hangs at."""
    return _Walk(story).all()


@dataclass(slots=True)
class _Line:
    """What one paragraph holds."""

    pieces: list[Piece] = field(default_factory=list[Piece])
    boxes: list[tuple[Element, Element]] = field(default_factory=list[tuple[Element, Element]])  # content, its run
    notes: list[tuple[str, str, Element]] = field(default_factory=list[tuple[str, str, Element]])  # part, id, mark
    fields: list[bool] = field(default_factory=list[bool])  # of each open field: still in its instruction


class _Walk:
    def __init__(self, story: Story) -> None:
        self.story = story
        self.styles = Styles(story.styles)
        self.numbering = Numbering(story.numbering, self.styles)
        self.found: list[Stretch] = []
        self.paragraphs = self.tables = self.boxes = 0
        self.marks: dict[tuple[str, str], Element] = {}  # part and id of a note, and where it is called, in order

    def all(self) -> list[Stretch]:
        body = child(self.story.document, "body")
        for element, prompt, joined in _blocks(body) if body is not None else ():
            if name(element) == "tbl":
                self._table(element, None)
                continue
            self.paragraphs += 1
            line = self._line(element, joined, prompt=prompt)
            place = f"p{self.paragraphs}"
            self.found.append(Stretch(place, "body", line.pieces, element, self.styles.level(element)))
            self._hanging([line], None)
        self._notes()
        return self.found

    # -- paragraphs --------------------------------------------------------------------------------------------

    def _line(self, paragraph: Element, joined: list[Element], *, prompt: bool) -> _Line:
        """A paragraph's text; `joined` are those before it whose mark was deleted under tracking."""
        line = _Line()
        for one in (*joined, paragraph):
            _inline(one, line)
            line.fields.clear()
        if prompt:
            line.pieces.clear()
        elif label := self.numbering.label(paragraph):
            if label[-1].isdecimal() or (label[-1] in ".．" and line.pieces and line.pieces[0].text[:1].isdigit()):
                label += " "
            line.pieces.insert(0, Piece(label, None))
        for part, identity, mark in line.notes:
            self.marks.setdefault((part, identity), mark)
        return line

    def _hanging(self, lines: list[_Line], outside: Element | None) -> None:
        """The text boxes that hang at these paragraphs."""
        for content, run in (box for line in lines for box in line.boxes):
            self.boxes += 1
            number, paragraphs, mark = self.boxes, 0, run if outside is None else outside
            for element, prompt, joined in _blocks(content):
                if name(element) == "tbl":
                    self._table(element, mark)
                    continue
                paragraphs += 1
                line = self._line(element, joined, prompt=prompt)
                place = f"box{number}p{paragraphs}"
                level = self.styles.level(element)
                self.found.append(Stretch(place, "box", line.pieces, element, level, outside=mark))
                self._hanging([line], mark)

    def _notes(self) -> None:
        roots = {"footnote": self.story.footnotes, "endnote": self.story.endnotes}
        notes = {
            (part, value(note, "id") or ""): note
            for part, root in roots.items()
            for note in (() if root is None else root)
            if name(note) == part and value(note, "type") in (None, "normal")
        }
        number = 0
        for key, mark in list(self.marks.items()):
            if key in notes:
                number += 1
                pieces, lines, tables, first = self._joined(notes[key])
                self.found.append(Stretch(f"note{number}", "note", pieces, first, outside=mark))
                self._behind(lines, tables, mark)

    # -- tables ------------------------------------------------------------------------------------------------

    def _table(self, table: Element, outside: Element | None) -> None:
        self.tables += 1
        number, row_number = self.tables, 0
        above: dict[int, Stretch] = {}
        later: list[tuple[list[_Line], list[Element]]] = []
        for row, blank_row in contents(table, _ROWS):
            properties = child(row, "trPr")
            if child(properties, "del") is not None:
                continue
            row_number += 1
            column = whole(value(child(properties, "gridBefore")), 0)
            here: dict[int, Stretch] = {}
            for cell, blank in contents(row, _CELLS):
                span = max(1, whole(value(child(cell, "tcPr", "gridSpan")), 1))
                merge = child(cell, "tcPr", "vMerge")
                upper = above.get(column) if merge is not None and value(merge) != "restart" else None
                if upper is not None:
                    upper.merged = (upper.merged[0] + 1, upper.merged[1])
                    here[column] = upper
                elif child(cell, "tcPr", "cellDel") is None:
                    place = f"t{number}r{row_number}c{column + 1}"
                    pieces, lines, tables, first = self._joined(cell, prompt=blank or blank_row)
                    stretch = Stretch(place, "cell", pieces, first, merged=(1, span), outside=outside)
                    self.found.append(stretch)
                    later.append((lines, tables))
                    if merge is not None:
                        here[column] = stretch
                column += span
            above = here
        for lines, tables in later:
            self._behind(lines, tables, outside)

    def _joined(
        self, holder: Element, *, prompt: bool = False
    ) -> tuple[list[Piece], list[_Line], list[Element], Element | None]:
        """The paragraphs of a cell or a note as one text with line feeds; its lines, inner tables, first paragraph."""
        pieces: list[Piece] = []
        lines: list[_Line] = []
        tables: list[Element] = []
        first: Element | None = None
        for element, blank, joined in _blocks(holder):
            if name(element) == "tbl":
                tables.append(element)
                continue
            line = self._line(element, joined, prompt=prompt or blank)
            if first is None:
                first = element
            else:
                pieces.append(Piece("\n", None))
            pieces.extend(line.pieces)
            lines.append(line)
        if tables:  # Word wants a paragraph behind an inner table
            while pieces and pieces[-1].text == "\n":
                pieces.pop()
        return pieces, lines, tables, first

    def _behind(self, lines: list[_Line], tables: list[Element], outside: Element | None) -> None:
        self._hanging(lines, outside)
        for table in tables:
            self._table(table, outside)


def _blocks(holder: Element) -> Iterator[tuple[Element, bool, list[Element]]]:
    """Paragraphs and tables; with a paragraph those before it that run into it, their mark being deleted."""
    waiting: list[Element] = []
    for element, prompt in contents(holder, _BLOCKS):
        mark = child(element, "pPr", "rPr")
        if name(element) == "p" and (child(mark, "del") is not None or child(mark, "moveFrom") is not None):
            waiting.append(element)
            continue
        yield element, prompt, waiting if name(element) == "p" else []
        if name(element) == "p":
            waiting = []
    if waiting:
        yield waiting[-1], False, waiting[:-1]


# -- within a paragraph ------------------------------------------------------------------------------------------


def _inline(parent: Element, line: _Line) -> None:
    """What stands in a paragraph, link, control or insertion; deletions are passed over."""
    for one in parent:
        kind = name(one)
        if kind == "r":
            _run(one, line)
        elif kind == "sdt":
            content = child(one, "sdtContent")
            if content is not None and not shows_placeholder(one):
                _inline(content, line)
        elif kind == "mc:AlternateContent":
            for branch in branches(one):
                _inline(branch, line)
        elif kind in _FORMULA_SIGNS:
            for number, half in enumerate(part for part in one if name(part) in _PASSED):
                line.pieces += [Piece(_FORMULA_SIGNS[kind], None)] if number else []
                _inline(half, line)
        elif kind == "m:t":
            line.pieces.append(Piece(_text(one), one))
        elif kind in _PASSED:
            _inline(one, line)


def _run(run: Element, line: _Line) -> None:
    properties = child(run, "rPr")
    hidden = is_on(child(properties, "vanish"))
    raised = value(child(properties, "vertAlign")) == "superscript"
    for one in run:
        kind = name(one)
        if kind == "fldChar":
            _field(value(one, "fldCharType"), line.fields)
        elif any(line.fields):
            continue
        elif kind in ("drawing", "pict", "object", "mc:AlternateContent"):
            _drawn(one, run, line, hidden=hidden)
        elif kind in ("footnoteReference", "endnoteReference"):
            line.notes.append((kind.removesuffix("Reference"), value(one, "id") or "", run))
        elif kind == "ruby":
            _inline(one, line)
        elif not hidden and (text := _characters(one, kind)):
            line.pieces.append(Piece(text.translate(_RAISED) if raised else text, one))


def _characters(element: Element, kind: str) -> str:
    if kind == "t":
        return _text(element)
    if kind == "sym":
        return _symbol(value(element, "char") or "", value(element, "font") or "")
    return _CHARACTERS.get(kind, "")


def _text(element: Element) -> str:
    """An element's characters; line ends in the file are blanks to Word."""
    return ((element.text or "") + "".join(one.tail or "" for one in element)).translate(_SPACES)


def _symbol(code: str, font: str) -> str:
    """The character of a symbol: one of Wingdings that forms use, or the code itself."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    low = number - 0xF000 if 0xF000 <= number <= 0xF0FF else number
    if font.lower().startswith("wingdings"):
        if 0x81 <= low <= 0x8A:
            return chr(0x2460 + low - 0x81)
        return _WINGDINGS.get(low, "□")
    if not 0x20 <= low <= 0x10FFFF or 0xD800 <= low <= 0xDFFF:
        return ""
    return chr(low)


def _field(kind: str | None, fields: list[bool]) -> None:
    """A field has an instruction, which is not read, and a result, which is."""
    if kind == "begin":
        fields.append(True)
    elif kind == "separate" and fields:
        fields[-1] = False
    elif kind == "end" and fields:
        fields.pop()


def _drawn(drawing: Element, run: Element, line: _Line, *, hidden: bool) -> None:
    """Text boxes of a drawing; anything else that stands twice in a run is read as part of it."""
    if name(drawing) == "mc:AlternateContent":
        for branch in branches(drawing):
            for one in branch:
                if not hidden and (text := _characters(one, name(one))):
                    line.pieces.append(Piece(text, one))
                else:
                    _drawn(one, run, line, hidden=hidden)
        return
    for one in drawing:
        if name(one) == "txbxContent":
            line.boxes.append((one, run))
        else:
            _drawn(one, run, line, hidden=hidden)
