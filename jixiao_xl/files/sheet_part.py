"""A sheet's part (工作表部件): where its cells begin, what they show, and the part with others in their place.

The parser only says where elements begin; cells are cut out and put in by their offsets.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple, Protocol

from jixiao_xl.files import splices as xml
from jixiao_xl.files.cells import translate
from jixiao_xl.files.package import safe_parser, unescaped
from jixiao_xl.files.references import Area, Position, address_of, area_of, beside, is_within, position_of
from jixiao_xl.files.safe import clean_text

_TAGS: Final = {
    f"{space} {tag}": tag
    for space in (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    for tag in ("c", "f", "row", "col", "sheetData")
}
_CELLS: Final = re.compile(rb"<((?:[\w.-]+:)?sheetData)>")
_SLASH: Final = ord("/")
_HAS_FORMULA: Final = re.compile(rb"<(?:[\w.-]+:)?f[\s>]")
_FORMULA_TEXT: Final = re.compile(rb"[<:]f[^<>]*>([^<]+)<")
_TEXT: Final = re.compile(rb"<(?:[\w.-]+:)?t(?:\s[^>]*)?>([^<]*)<")
_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class Stored:
    """The value stored beside a formula that stays."""

    value: float | str | bool | Decimal


Content = Decimal | float | int | str | Stored | None


class PartOfArray(Exception):
    """A cell within an array formula or a data table, which only changes as a whole; Excel refuses it too."""


class Value(NamedTuple):
    """What a cell shows: n a number, s a text, b a truth value, nothing, or another of Excel's types."""

    kind: str
    text: str


NOTHING: Final = Value("", "")


class Write(NamedTuple):
    """A value on its way into a cell, beside its formula or in its place."""

    value: Value
    stored: bool

    @classmethod
    def of(cls, content: Content) -> Write:
        """What a content asks for; ValueError for a number that no cell can hold, TextTooLong for such a text."""
        match content:
            case Stored(value):
                return cls(cls.of(value).value, True)
            case None:
                return cls(NOTHING, False)
            case bool():
                return cls(Value("b", str(int(content))), False)
            case str():
                return cls(Value("s", clean_text(content)), False)
            case _:
                return cls(Value("n", _number(content)), False)

    def markup(self, prefix: bytes) -> tuple[bytes, bytes]:
        """The cell's type and the elements that hold the value."""
        text = _escaped(self.value.text) if self.value.kind == "s" else self.value.text.encode()
        match self.value.kind:
            case "":
                return b"", b""
            case "s" if not self.stored:
                opening = b'<%bis><%bt xml:space="preserve">' % (prefix, prefix)
                return b"inlineStr", b"%b%b</%bt></%bis>" % (opening, text, prefix, prefix)
            case kind:
                return {"s": b"str", "b": b"b"}.get(kind, b""), b"<%bv>%b</%bv>" % (prefix, text, prefix)


DROPPED: Final = Write(NOTHING, True)


def _number(number: float | Decimal) -> str:
    """The shortest text that gives this number's double again."""
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise ValueError("no number that a cell can hold")
    return repr(value).removesuffix(".0") if value else "0"


def _escaped(text: str) -> bytes:
    """As Excel writes it: a text that looks like an escape is one itself; a carriage return survives the parser."""
    text = _ESCAPE.sub("_x005F_", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;").encode()


class Parts(Protocol):
    """What a sheet asks of its workbook."""

    def read(self, part: str) -> bytes:
        """The content of a part."""
        ...

    def string(self, index: int) -> str:
        """A shared string."""
        ...

    def signs(self, formulas: bytes) -> list[str]:
        """What may be a reference without looking like one."""
        ...


class _Formula(NamedTuple):
    offset: int
    attributes: dict[str, str]
    master: Position | None  # the cell whose shared formula it takes


class SheetPart:
    """The part of a worksheet: where its cells begin, and what their formulas are."""

    def __init__(self, book: Parts, number: int, sheet_id: str, entry: str) -> None:
        self.book, self.number, self.sheet_id, self.entry = book, number, sheet_id, entry
        self._elements: dict[int, xml.Element] = {}

    @cached_property
    def part(self) -> bytes:
        """Its bytes, in UTF-8."""
        return xml.as_utf8(self.book.read(self.entry))

    @cached_property
    def head(self) -> bytes:
        """Its bytes up to the end of the cells; a form holds as much again, which says nothing about them."""
        opening = _CELLS.search(self.part)
        close = b"</%b>" % opening[1] if opening else b""
        end = self.part.find(close) + len(close) if opening else 0
        head = self.part[:end]
        return self.part if end <= len(close) or b"<!" in head else head  # a comment may hold a tag that is none

    def reaches_out(self) -> bool:
        """Whether a formula may refer to another sheet, by a quick look; what only a parser can tell counts as yes."""
        if not _HAS_FORMULA.search(self.head):
            return False
        texts = b"\n".join(_FORMULA_TEXT.findall(self.head))
        return b"<!" in self.head or b"&#" in texts or b"!" in texts or bool(self.book.signs(texts))

    @cached_property
    def scanned(self) -> _Scan:
        """Its cells, in one pass."""
        return _Scan(self.head, whole=self.head is self.part)

    def element(self, offset: int) -> xml.Element:
        """The cell at an offset, which is asked for its value first and then rewritten."""
        if offset not in self._elements:
            self._elements[offset] = xml.cell_at(self.part, offset)
        return self._elements[offset]

    def value(self, position: Position) -> Value:
        """What a cell shows."""
        offset = self.scanned.cells.get(address_of(*position))
        if offset is None or self.part[self.part.find(b">", offset) - 1] == _SLASH:
            return NOTHING
        cell = self.element(offset)
        parts = {name: self.part[start:end] for name, start, end in cell.children}
        kind = xml.attribute(self.part[cell.start : cell.opened], b"t") or "n"
        if b"is" in parts:
            text = "".join(map(xml.characters, _TEXT.findall(parts[b"is"])))
            return Value("phonetic" if b"rPh" in parts[b"is"] else "s", unescaped(text))
        if b"v" not in parts:
            return Value("s", "") if kind == "str" and b"f" in parts else NOTHING
        text = xml.characters(xml.inner(parts[b"v"], 0))
        match kind:
            case "s":
                return Value("s", self.book.string(int(text)))
            case "str" | "inlineStr":
                return Value("s", unescaped(text))
            case "b":
                return Value("b", str(int(text.strip() in ("1", "true"))))
            case "n":
                return Value("n", _number(float(text))) if text.strip() else NOTHING
            case _:
                return Value(kind, text)

    def raw_formula(self, position: Position) -> bytes:
        """A formula in one line as it stands in the file, harmless escapes and all; else as `formula` gives it."""
        offset, attributes, master = self.scanned.formulas[position]
        if master is not None or attributes.get("t") == "dataTable":
            return self.formula(position).encode()
        text = xml.inner(self.part, offset)
        if b"&#" in text or b"<" in text or b"\n" in text:
            return xml.characters(text).replace("\n", " ").encode()
        return text

    def formula(self, position: Position) -> str:
        """A formula's text without `=`; for a data table, what its values are computed from."""
        _, attributes, master = self.scanned.formulas[position]
        if attributes.get("t") == "dataTable":  # its inputs, and the headings and formulas above and beside it
            top, left, bottom, right = area_of(attributes["ref"])
            around = f"{address_of(max(1, top - 1), max(1, left - 1))}:{address_of(bottom, right)}"
            return ",".join(filter(None, (attributes.get("r1"), attributes.get("r2"), around)))
        if master is not None:
            return translate(self.formula(master), position[0] - master[0], position[1] - master[1])
        return xml.characters(xml.inner(self.part, self.scanned.formulas[position].offset))

    def completed(self, writes: Mapping[Position, Write]) -> dict[Position, Write]:
        """The writes, and what follows from them in array formulas and data tables.

        An array formula is written in its first cell alone; the others hold its results and no formula. When the
        first cell is overwritten the formula is gone, and with it goes what it gave the others, as in Excel.
        """
        result = dict(writes)
        for area, master in self.scanned.arrays.items():
            hit = [position for position, write in writes.items() if not write.stored and is_within(position, area)]
            if master in hit:
                others = [p for p in self.scanned.cells_in(area) if p not in writes]
                result.update(dict.fromkeys(others, Write(NOTHING, False)))
            elif hit:
                raise PartOfArray(address_of(*hit[0]))
        return result

    def calculated(self, position: Position) -> bool:
        """Whether a formula gives the cell its value."""
        return position in self.scanned.formulas or any(is_within(position, area) for area in self.scanned.arrays)

    def rewritten(self, writes: Mapping[Position, Write]) -> bytes:
        """The part with these writes."""
        scanned, cells = self.scanned, self.scanned.cells
        lost = {position for position, write in writes.items() if position in scanned.formulas and not write.stored}
        orphans = {p: self._own_formula(p) for p, f in scanned.formulas.items() if f.master in lost and p not in lost}
        splices: list[xml.Splice] = []
        missing: dict[Position, Write] = {}
        for position in writes.keys() | orphans.keys():
            offset = cells.get(address_of(*position))
            if offset is None:
                missing[position] = writes[position]
            elif position in writes:
                formula = b"" if position in lost else orphans.get(position)
                cell = self.element(offset)
                kind, value = writes[position].markup(cell.prefix)
                splices.append(xml.cell_with(self.part, cell, formula, kind, value))
            else:
                start = scanned.formulas[position].offset
                splices.append((start, xml.element(self.part, start).end, orphans[position]))
        splices += _insertions(self.part, scanned, missing)
        return xml.spliced(self.part, splices)

    def _own_formula(self, position: Position) -> bytes:
        """The formula of a cell whose shared formula loses the cell that holds its text."""
        old = xml.element(self.part, self.scanned.formulas[position].offset)
        tag = xml.with_attributes(self.part[old.start : old.opened], (b"t", b"ref", b"si")).rstrip(b"/>")
        return b"%b>%b</%bf>" % (tag, _escaped(self.formula(position)), old.prefix)


_MAIN: Final = (
    rb"http://(?:schemas\.openxmlformats\.org/spreadsheetml/2006/main|purl\.oclc\.org/ooxml/spreadsheetml/main)"
)
_PLAIN: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*\?>)?\s*<worksheet\s[^>]*?xmlns=[\"']" + _MAIN + rb"[\"'][^>]*>"
)
_TAG: Final = re.compile(r'<(?:c r="([A-Z]{1,3}[1-9][0-9]{0,6})"|(c|f|row|col|sheetData)(?=[\s/>])([^>]*))')
_ATTRIBUTE: Final = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def _attributes(rest: str) -> dict[str, str]:
    """What stands behind a tag's name; the attributes of cells, rows and formulas hold no escapes."""
    if "=" not in rest:
        return {}
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(rest)}


class _Scan:
    """Where the cells, rows and formulas of a sheet's part begin."""

    def __init__(self, part: bytes, *, whole: bool) -> None:
        self.cells: dict[str, int] = {}  # by address: only few of them are ever asked for their row and column
        self.rows: dict[int, int] = {}
        self.formulas: dict[Position, _Formula] = {}
        self.arrays: dict[Area, Position] = {}  # and data tables: the cells, and the one that holds the formula
        self.columns: list[dict[str, str]] = []
        self.data = -1
        self._shared: dict[str, Position] = {}
        self._row, self._address = 0, ""
        self._read(part, whole=whole)

    def _read(self, part: bytes, *, whole: bool) -> None:
        """All tags that matter; where no prefix and no comment can mislead it, a pattern finds them in half the time."""
        parser = safe_parser()
        if _PLAIN.match(part) and b"<!" not in part:
            parser.Parse(part, whole)  # still the parser says whether the part is sound
            for match in _TAG.finditer(part.decode("latin-1")):  # a character a byte
                address, tag, rest = match.groups()
                if address:
                    self._address = address
                    self.cells[address] = match.start()
                else:
                    self._see(tag, _attributes(rest), match.start())
            return

        def see(name: str, attributes: dict[str, str]) -> None:
            if name in _TAGS:
                self._see(_TAGS[name], attributes, parser.CurrentByteIndex)

        parser.StartElementHandler = see
        parser.Parse(part, whole)

    def _see(self, tag: str, attributes: dict[str, str], offset: int) -> None:
        """A tag in the order of the part."""
        match tag:
            case "c":
                address = attributes.get("r")
                if address is None:
                    address = beside(self._address) if self._address else address_of(self._row, 1)
                self._address = address
                self.cells[address] = offset
            case "f":
                self._formula(position_of(self._address), attributes, offset)
            case "row":
                before = position_of(self._address)[0] if self._address else self._row
                self._row, self._address = int(attributes.get("r", before + 1)), ""
                self.rows[self._row] = offset
            case "col":
                self.columns.append(attributes)
            case _:
                self.data = offset

    def _formula(self, position: Position, attributes: dict[str, str], offset: int) -> None:
        kind, index = attributes.get("t"), attributes.get("si", "")
        master = None
        if kind == "shared" and "ref" in attributes:
            self._shared[index] = position
        elif kind == "shared":
            master = self._shared.get(index)
        elif kind in ("array", "dataTable") and "ref" in attributes:
            self.arrays[area_of(attributes["ref"])] = position
        self.formulas[position] = _Formula(offset, attributes, master)

    def cells_in(self, area: Area) -> list[Position]:
        """The cells of an area that stand in the file."""
        top, left, bottom, right = area
        if (bottom - top + 1) * (right - left + 1) > len(self.cells):
            return [position for position in map(position_of, self.cells) if is_within(position, area)]
        places = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
        return [position for position in places if address_of(*position) in self.cells]

    def style(self, part: bytes, row: int, column: int) -> bytes:
        """The style of a cell that does not stand in the file: its row's, else its column's."""
        at = self.rows.get(row)
        tag = part[at : xml.tag_end(part, at)] if at is not None else b""
        if xml.attribute(tag, b"customFormat") in ("1", "true"):
            return b' s="%b"' % (xml.attribute(tag, b"s") or "0").encode()
        for one in self.columns:
            if int(one["min"]) <= column <= int(one["max"]) and "style" in one:
                return b' s="%b"' % one["style"].encode()
        return b""


def _insertions(part: bytes, scanned: _Scan, writes: Mapping[Position, Write]) -> Iterator[xml.Splice]:
    """What puts cells into the part that do not stand there yet: in the order of columns and rows."""
    if not writes:
        return
    if scanned.data < 0:
        raise ValueError("sheetData")
    prefix = xml.prefix_at(part, scanned.data)
    new: dict[int, dict[int, bytes]] = defaultdict(dict)
    for (row, column), write in sorted(writes.items()):
        kind, value = write.markup(prefix)
        tag = b'<%bc r="%b"%b%b>' % (
            prefix,
            address_of(row, column).encode(),
            scanned.style(part, row, column),
            b' t="%b"' % kind if kind else b"",
        )
        new[row][column] = b"%b%b</%bc>" % (tag, value, prefix)
    standing: dict[int, dict[int, int]] = {row: {} for row in new}
    for address, offset in scanned.cells.items():
        row, column = position_of(address)
        if row in standing:
            standing[row][column] = offset
    rows: dict[int, bytes] = {}
    for row, cells in new.items():
        if row in scanned.rows:
            yield from _placed(part, cells, standing[row], scanned.rows[row])
        else:
            rows[row] = b'<%brow r="%d">%b</%brow>' % (prefix, row, b"".join(cells.values()), prefix)
    yield from _placed(part, rows, scanned.rows, scanned.data)


def _placed(part: bytes, new: Mapping[int, bytes], standing: Mapping[int, int], holder: int) -> Iterator[xml.Splice]:
    """Each new element before the first that follows it by number, or behind all that their holder has."""
    numbers = sorted(standing)
    last: list[bytes] = []
    for number, content in new.items():
        following = bisect_left(numbers, number)
        if following == len(numbers):
            last.append(content)
        else:
            offset = standing[numbers[following]]
            yield offset, offset, content
    if last and numbers:
        end = xml.element(part, max(standing.values())).end
        yield end, end, b"".join(last)
    elif last:
        yield xml.at_the_end(part, holder, b"".join(last))
