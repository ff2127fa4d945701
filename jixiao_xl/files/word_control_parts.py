"""Content controls of one part (域标记的位置): where they stand in its bytes, what they say, and other text put in.

Text that a tracked change deletes is no text; text of a text box inside a control is not the control's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from jixiao_xl.files import splices as xml
from jixiao_xl.files.package import safe_parser
from jixiao_xl.files.word_xml import STRICT, TRANSITIONAL

Range = tuple[int, int]

_MARKUP_COMPATIBILITY: Final = "http://schemas.openxmlformats.org/markup-compatibility/2006 "
_CHARACTERS: Final = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}
_DELETED: Final = frozenset({"del", "moveFrom"})
_INSERTED: Final = frozenset({"ins", "moveTo"})
_OFF: Final = ("0", "false", "off")
_VALUE: Final = re.compile(rb"""\s(?:[^\s=/>]+:)?val\s*=\s*("[^"]*"|'[^']*')""")


@dataclass(slots=True, eq=False)
class Piece:
    """Characters of a control: a text element (`opened`: behind its start tag), or an element such as a line break."""

    text: str
    start: int
    opened: int = 0
    closed: int = 0
    end: int = 0
    is_text: bool = True
    inserted: bool = False


@dataclass(slots=True, eq=False)
class ControlSpot:
    """A content control in the bytes of its part; an offset of -1 stands for an element that is not there.

    Attributes:
        paragraph: the paragraph that it stands in or begins, by its number in the part from 0; -1 for none.
        twin: the control of the newer branch of mc:AlternateContent that it repeats for older programs.
        struck: whether a tracked change deletes text in it.
    """

    start: int
    end: int = -1
    tag: str | None = None
    title: str = ""
    identity: int | None = None
    prompt: bool = False
    tag_at: int = -1
    title_at: int = -1
    id_at: int = -1
    prompt_at: int = -1
    look: Range | None = None
    content: int = -1
    paragraph: int = -1
    inline: bool = False
    first_run: int = -1
    run_style: Range | None = None
    inner_paragraph: int = -1
    pieces: list[Piece] = field(default_factory=list[Piece])
    struck: bool = False
    twin: ControlSpot | None = None

    @property
    def text(self) -> str:
        """What it says; nothing while it shows its prompt (请单击此处输入文字)."""
        return "" if self.prompt else "".join(piece.text for piece in self.pieces)

    @property
    def writable(self) -> bool:
        """Whether there is a place for text in it."""
        return any(one.is_text for one in self.pieces) or (
            self.content >= 0 and (self.first_run >= 0 or self.inline or self.inner_paragraph >= 0)
        )


def control_spots(part: bytes) -> list[ControlSpot]:
    """The content controls of a part in UTF-8, in order, those inside others too.

    Raises:
        UnreadableWorkbook: the part declares a DTD.
        ExpatError: it is no XML.
    """
    if b"sdt" not in part:
        return []
    scan = _Scan(part)
    scan.parser.Parse(part, True)
    return scan.found


# -- reading ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _name(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    if namespace in (TRANSITIONAL, STRICT):
        return local
    return f"mc:{local}" if f"{namespace} " == _MARKUP_COMPATIBILITY else ""


@dataclass(slots=True, eq=False)
class _Alternative:
    """An mc:AlternateContent: the controls of its first branch, and how many of them the present one has repeated."""

    first: list[ControlSpot] = field(default_factory=list[ControlSpot])
    branches: int = 0
    used: list[ControlSpot] = field(default_factory=list[ControlSpot])


class _Scan:
    """One pass over a part."""

    def __init__(self, part: bytes) -> None:
        self.part = part
        self.found: list[ControlSpot] = []
        self.path: list[str] = []
        self.open: list[ControlSpot | None] = []  # None: the edge of a text box
        self.paragraphs: list[int] = []
        self.number = -1
        self.deleted = self.inserted = 0
        self.alternatives: list[_Alternative] = []
        self.piece: Piece | None = None
        self.begun: list[int] = []
        self.parser = safe_parser()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    @property
    def control(self) -> ControlSpot | None:
        """The innermost open control on this side of a text box."""
        return self.open[-1] if self.open else None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind, at = _name(name), self.parser.CurrentByteIndex
        parent = self.path[-1] if self.path else ""
        self.path.append(kind)
        self.begun.append(at)
        if self.piece is not None and self.control is not None:  # no program writes elements into a text
            self.control.pieces.remove(self.piece)
            self.piece = None
        match kind:
            case "sdt":
                self._control(at)
            case "p":
                self._paragraph(at)
            case "txbxContent":
                self.open.append(None)
                self.paragraphs.append(-1)
            case "mc:AlternateContent":
                self.alternatives.append(_Alternative())
            case "mc:Choice" | "mc:Fallback" if self.alternatives:
                self.alternatives[-1].branches += 1
                self.alternatives[-1].used = []
            case _ if kind in _DELETED:
                self.deleted += 1
            case _ if kind in _INSERTED:
                self.inserted += 1
            case _:
                if self.control is not None:
                    self._inside(self.control, kind, parent, at, attributes)

    def _inside(self, control: ControlSpot, kind: str, parent: str, at: int, attributes: dict[str, str]) -> None:
        """Something in a control, or in its properties."""
        if parent == "sdtPr":
            self._property(control, kind, at, attributes)
        elif kind == "sdtContent":
            control.content = at
        elif kind == "delText" or (kind == "t" and self.deleted):
            control.struck = True
        elif self.deleted:
            return
        elif kind == "r" and control.first_run < 0:
            control.first_run = at
        elif parent == "r" and (kind == "t" or kind in _CHARACTERS) and self.path[-3] != "rt":
            is_text = kind == "t"
            self.piece = Piece(_CHARACTERS.get(kind, ""), at, is_text=is_text, inserted=self.inserted > 0)
            control.pieces.append(self.piece)

    @staticmethod
    def _property(control: ControlSpot, kind: str, at: int, attributes: dict[str, str]) -> None:
        value = next((text for name, text in attributes.items() if _name(name) == "val"), None)
        if value is None and kind != "showingPlcHdr":
            return
        match kind:
            case "tag":
                control.tag, control.tag_at = value, at
            case "alias":
                control.title, control.title_at = value or "", at
            case "id":
                control.id_at = at
                digits = (value or "").removeprefix("-")
                control.identity = (
                    int(value or 0) if digits.isascii() and digits.isdigit() and len(digits) < 12 else None
                )
            case "showingPlcHdr":
                control.prompt, control.prompt_at = (value or "1").lower() not in _OFF, at
            case _:
                pass

    def _control(self, at: int) -> None:
        control = ControlSpot(at)
        if self.paragraphs and self.paragraphs[-1] >= 0:
            control.paragraph, control.inline = self.paragraphs[-1], True
        self.found.append(control)
        self.open.append(control)

    def _paragraph(self, at: int) -> None:
        self.number += 1
        self.paragraphs.append(self.number)
        control = self.control
        if control is None:
            return
        if control.paragraph < 0:
            control.paragraph, control.inner_paragraph = self.number, at
        elif control.pieces:
            control.pieces.append(Piece("\n", at, at, at, at, is_text=False))

    def _text(self, data: str) -> None:
        if self.piece is not None and self.piece.is_text:
            self.piece.text += data.replace("\n", " ").replace("\t", " ")

    def _end(self, name: str) -> None:
        kind, begun, at = self.path.pop(), self.begun.pop(), self.parser.CurrentByteIndex
        if self.piece is not None and self.piece.start == begun:
            piece, self.piece = self.piece, None
            piece.opened = xml.tag_end(self.part, begun)
            piece.closed, piece.end = at, self._ended(begun, at)
        match kind:
            case "sdt":
                control = self.open.pop()
                if control is not None:
                    control.end = self._ended(begun, at)
            case "txbxContent":
                self.open.pop()
                self.paragraphs.pop()
            case "p":
                self.paragraphs.pop()
            case "mc:AlternateContent":
                self.alternatives.pop()
            case "rPr" | "rStyle" if self.control is not None:
                self._look(self.control, kind, (begun, self._ended(begun, at)))
            case "sdtPr" if self.control is not None:
                self._pair(self.control)
            case _ if kind in _DELETED:
                self.deleted -= 1
            case _ if kind in _INSERTED:
                self.inserted -= 1
            case _:
                pass

    def _ended(self, begun: int, at: int) -> int:
        """The offset behind an element whose end is reported at `at`: an empty one ends where its only tag does."""
        is_empty = self.part[at - 2 : at] == b"/>" and xml.tag_end(self.part, begun) == at
        return at if is_empty else xml.tag_end(self.part, at)

    def _look(self, control: ControlSpot, kind: str, where: Range) -> None:
        if kind == "rPr" and self.path[-1] == "sdtPr":
            control.look = where
        elif kind == "rStyle" and self.path[-2:] == ["r", "rPr"] and control.run_style is None:
            control.run_style = where

    def _pair(self, control: ControlSpot) -> None:
        """Find the control of the first branch that this one repeats; enter it where it stands in a first branch."""
        main = control
        for alternative in reversed(self.alternatives):
            if alternative.branches > 1 and main is control:
                for one in alternative.first:
                    if (one.tag, one.title) == (control.tag, control.title) and one not in alternative.used:
                        main = one.twin or one
                        alternative.used.append(one)
                        break
            elif alternative.branches == 1:
                alternative.first.append(main)
        control.twin = None if main is control else main


# -- writing ---------------------------------------------------------------------------------------------------


def text_splices(part: bytes, control: ControlSpot, text: str) -> list[xml.Splice]:
    """What gives a control another text: in its first run, whose look it takes; everything beside text stays."""
    texts = [piece for piece in control.pieces if piece.is_text]
    # outside of tracked insertions first: who refuses the insertion must not lose the figure
    target = next((piece for piece in texts if not piece.inserted), texts[0] if texts else None)
    found: list[xml.Splice] = []
    for piece in control.pieces:
        if piece is target:
            found.append(_filled(part, piece, text))
        elif piece.is_text:
            found.append((piece.opened, piece.closed, b""))
        else:
            found.append((piece.start, piece.end, b""))
    if target is None:
        found.append(_new_text(part, control, text))
    if control.prompt_at >= 0:
        found.append((control.prompt_at, xml.element(part, control.prompt_at).end, b""))
    if control.prompt and control.run_style is not None:
        found.append((*control.run_style, b""))  # the prompt's grey
    return [splice for splice in found if splice[0] < splice[1] or splice[2]]


def _filled(part: bytes, piece: Piece, text: str) -> xml.Splice:
    tag, content = part[piece.start : piece.opened], escaped(text)
    if tag.endswith(b"/>"):
        name = tag[1:-2].split()[0]
        return piece.start, piece.opened, b'<%b xml:space="preserve">%b</%b>' % (name, content, name)
    if text != text.strip() and b"preserve" not in tag:
        tag = xml.with_attributes(tag, (b"xml:space",), b' xml:space="preserve"')
        return piece.start, piece.closed, tag + content
    return piece.opened, piece.closed, content


def _new_text(part: bytes, control: ControlSpot, text: str) -> xml.Splice:
    """A text element where there is none; a new run has the look that the control's properties name."""
    prefix = xml.prefix_at(part, control.start)
    content = b'<%bt xml:space="preserve">%b</%bt>' % (prefix, escaped(text), prefix)
    if control.first_run >= 0:
        return xml.at_the_end(part, control.first_run, content)
    look = part[slice(*control.look)] if control.look else b""
    run = b"<%br>%b%b</%br>" % (prefix, look, content, prefix)
    return xml.at_the_end(part, control.content if control.inline else control.inner_paragraph, run)


def tag_splice(part: bytes, control: ControlSpot, tag: str) -> xml.Splice | None:
    """What gives a control another tag, behind its title where it has none; None where it has neither."""
    if control.tag_at >= 0:
        return _value(part, control.tag_at, tag)
    if control.title_at < 0:
        return None
    title = xml.element(part, control.title_at)
    name, space, _ = part[title.start + 1 : title.opened].rstrip(b"/>").partition(b"=")
    attribute = name.split()[-1] if space else b"val"
    end = title.end
    return end, end, b'<%btag %b="%b"/>' % (title.prefix, attribute, escaped(tag))


def id_splice(part: bytes, control: ControlSpot, identity: int) -> xml.Splice | None:
    """What gives a control another number; None where it has none."""
    return _value(part, control.id_at, str(identity)) if control.id_at >= 0 else None


def _value(part: bytes, at: int, value: str) -> xml.Splice:
    """Other characters for the value of the element at `at`."""
    end = xml.tag_end(part, at)
    match = _VALUE.search(part, at, end)
    if match is None:  # cannot be: whoever calls has read the value there
        raise ValueError(part[at:end])
    return match.start(1), match.end(1), b'"%b"' % escaped(value)


def escaped(text: str) -> bytes:
    """Characters as an attribute or a text element holds them."""
    for character, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\n", "&#10;")):
        text = text.replace(character, name)
    return text.replace("\r", "&#13;").replace("\t", "&#9;").encode()
