"""Changing cells of somebody's workbook (改单元格): every byte of everything that is not changed stays as it was.

The parser only says where elements begin; cells are cut out and put in by their offsets. A value that was computed
from a changed cell is dropped, so that no reader takes a stale number for a fresh one.
"""

from __future__ import annotations

import io
import lzma
import math
import posixpath
import re
import zipfile
import zlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Final, NamedTuple
from xml.parsers import expat

from jixiao_xl.files import package_edits as edits
from jixiao_xl.files.cells import MAX_COLUMN, MAX_ROW, UnreadableWorkbook, column_letter, column_number, translate
from jixiao_xl.files.cells import _Package as Reader  # pyright: ignore[reportPrivateUsage]  # the reader's way to parts
from jixiao_xl.files.cells import _unescaped as unescaped  # pyright: ignore[reportPrivateUsage]
from jixiao_xl.files.ooxml import CONTENT_TYPES
from jixiao_xl.files.safe import clean_text

Position = tuple[int, int]  # row and column
Place = tuple[int, int, int]  # number of the sheet, row, column
Area = tuple[int, int, int, int]  # first row and column, last row and column
_EVERYWHERE: Final[Area] = (1, 1, MAX_ROW, MAX_COLUMN)


@dataclass(frozen=True, slots=True)
class Stored:
    """The value stored beside a formula that stays."""

    value: float | str | bool | Decimal


Content = Decimal | float | int | str | Stored | None


class NoFormula(Exception):
    """A cell that was to get a stored value has no formula."""


class NoSheet(Exception):
    """The workbook has no such sheet of cells."""


class PartOfArray(Exception):
    """A cell within an array formula or a data table, which only changes as a whole; Excel refuses it too."""


def patch(
    data: bytes,
    writes: Mapping[str, Mapping[str, Content]],
    *,
    recalculate: bool = True,
    keep_macros: bool = False,
) -> bytes:
    """The workbook with these contents in its cells, by sheet name and address.

    A number, a text and None replace a formula; Stored stays beside it. Values computed from a changed cell are
    dropped unless they are given as Stored. What would not change stays byte by byte.

    Args:
        data: an .xlsx or .xlsm.
        writes: contents by visible sheet name and address such as H12.
        recalculate: whether programs shall calculate everything when they open the file.
        keep_macros: whether a VBA project stays; without it the result is an .xlsx.

    Raises:
        NoSheet: a sheet does not exist or has no cells.
        NoFormula: a cell for a Stored does not exist or has no formula.
        PartOfArray: a cell is part of an array formula whose first cell keeps it.
        ValueError: an address that is none, or a number that no cell can hold.
        TextTooLong: a text that no cell can hold.
        UnreadableWorkbook: it is no workbook, is damaged, or declares a DTD.
    """
    wanted = {
        name: {_position(address): _Write.of(c) for address, c in cells.items()} for name, cells in writes.items()
    }
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            changes = _Patch(_Book(archive), wanted).changes(recalculate=recalculate, keep_macros=keep_macros)
            return edits.rewritten(data, archive, changes) if changes else data
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError) as error:
        raise UnreadableWorkbook("file-truncated", str(error)) from error
    except (expat.ExpatError, LookupError, ValueError, RuntimeError, OverflowError) as error:
        raise UnreadableWorkbook("file-not-workbook", str(error)) from error


# -- what is written -----------------------------------------------------------------------------------------------

_ADDRESS: Final = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


@lru_cache(maxsize=65536)
def _position(address: str) -> Position:
    match = _ADDRESS.fullmatch(address)
    if match is None or int(match[2]) > MAX_ROW:
        raise ValueError(f"no address: {address}")
    return int(match[2]), column_number(match[1])


class _Value(NamedTuple):
    """What a cell shows: n a number, s a text, b a truth value, nothing, or another of Excel's types."""

    kind: str
    text: str


_NOTHING: Final = _Value("", "")


class _Write(NamedTuple):
    """A value on its way into a cell, beside its formula or in its place."""

    value: _Value
    stored: bool

    @classmethod
    def of(cls, content: Content) -> _Write:
        match content:
            case Stored(value):
                return cls(cls.of(value).value, True)
            case None:
                return cls(_NOTHING, False)
            case bool():
                return cls(_Value("b", str(int(content))), False)
            case str():
                return cls(_Value("s", clean_text(content)), False)
            case _:
                return cls(_Value("n", _number(content)), False)

    def markup(self, prefix: bytes) -> tuple[bytes, bytes]:
        """The cell's type and the elements that hold the value."""
        text = _escaped(self.value.text)
        match self.value.kind:
            case "":
                return b"", b""
            case "s" if not self.stored:
                opening = b'<%bis><%bt xml:space="preserve">' % (prefix, prefix)
                return b"inlineStr", b"%b%b</%bt></%bis>" % (opening, text, prefix, prefix)
            case kind:
                return {"s": b"str", "b": b"b"}.get(kind, b""), b"<%bv>%b</%bv>" % (prefix, text, prefix)


_DROPPED: Final = _Write(_NOTHING, True)


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


# -- a sheet -------------------------------------------------------------------------------------------------------

_TAGS: Final = {
    f"{space} {tag}": tag
    for space in (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    for tag in ("c", "f", "row", "col", "sheetData")
}
_CELLS: Final = re.compile(rb"<((?:[\w.-]+:)?sheetData)>")
_HAS_FORMULA: Final = re.compile(rb"<(?:[\w.-]+:)?f[\s>]")
_FORMULA_TEXT: Final = re.compile(rb"[<:]f[^<>]*>([^<]+)<")
_TEXT: Final = re.compile(rb"<(?:[\w.-]+:)?t(?:\s[^>]*)?>([^<]*)<")


class _Formula(NamedTuple):
    offset: int
    attributes: dict[str, str]
    master: Position | None  # the cell whose shared formula it takes


class _Sheet:
    """The part of a worksheet: where its cells begin, and what their formulas are."""

    def __init__(self, book: _Book, number: int, sheet_id: str, entry: str) -> None:
        self.book, self.number, self.sheet_id, self.entry = book, number, sheet_id, entry
        self._elements: dict[int, edits.Element] = {}

    @cached_property
    def part(self) -> bytes:
        """Its bytes, in UTF-8."""
        return edits.as_utf8(self.book.read(self.entry))

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

    def element(self, offset: int) -> edits.Element:
        """The cell at an offset, which is asked for its value first and then rewritten."""
        if offset not in self._elements:
            self._elements[offset] = edits.cell_at(self.part, offset)
        return self._elements[offset]

    def value(self, position: Position) -> _Value:
        """What a cell shows."""
        offset = self.scanned.cells.get(_address(*position))
        if offset is None:
            return _NOTHING
        cell = self.element(offset)
        parts = {name: self.part[start:end] for name, start, end in cell.children}
        kind = edits.attribute(self.part[cell.start : cell.opened], b"t") or "n"
        if b"is" in parts:
            text = "".join(map(edits.characters, _TEXT.findall(parts[b"is"])))
            return _Value("phonetic" if b"rPh" in parts[b"is"] else "s", unescaped(text))
        if b"v" not in parts:
            return _Value("s", "") if kind == "str" and b"f" in parts else _NOTHING
        text = edits.characters(edits.inner(parts[b"v"], 0))
        match kind:
            case "s":
                return _Value("s", self.book.strings[int(text)])
            case "str" | "inlineStr":
                return _Value("s", unescaped(text))
            case "b":
                return _Value("b", str(int(text.strip() in ("1", "true"))))
            case "n":
                return _Value("n", _number(float(text))) if text.strip() else _NOTHING
            case _:
                return _Value(kind, text)

    def raw_formula(self, position: Position) -> bytes:
        """A formula as it stands in the file, escapes and all, where it stands there; else as `formula` gives it."""
        offset, attributes, _ = self.scanned.formulas[position]
        text = edits.inner(self.part, offset) if attributes.get("t") != "dataTable" else b""
        plain = text and b"&#" not in text and b"<" not in text
        return text if plain and b"\n" not in text else self.formula(position).replace("\n", " ").encode()

    def formula(self, position: Position) -> str:
        """A formula's text without `=`; for a data table, what its values are computed from."""
        _, attributes, master = self.scanned.formulas[position]
        if attributes.get("t") == "dataTable":  # its inputs, and the headings and formulas above and beside it
            top, left, bottom, right = _area(attributes["ref"])
            around = f"{_address(max(1, top - 1), max(1, left - 1))}:{_address(bottom, right)}"
            return ",".join(filter(None, (attributes.get("r1"), attributes.get("r2"), around)))
        if master is not None:
            return translate(self.formula(master), position[0] - master[0], position[1] - master[1])
        return edits.characters(edits.inner(self.part, self.scanned.formulas[position].offset))

    def completed(self, writes: Mapping[Position, _Write]) -> dict[Position, _Write]:
        """The writes, and what follows from them in array formulas and data tables.

        An array formula is written in its first cell alone; the others hold its results and no formula. When the
        first cell is overwritten the formula is gone, and with it goes what it gave the others, as in Excel.
        """
        result = dict(writes)
        for area, master in self.scanned.arrays.items():
            hit = [position for position, write in writes.items() if not write.stored and _within(position, area)]
            if master in hit:
                others = [p for p in self.scanned.cells_in(area) if p not in writes]
                result.update(dict.fromkeys(others, _Write(_NOTHING, False)))
            elif hit:
                raise PartOfArray(_address(*hit[0]))
        return result

    def calculated(self, position: Position) -> bool:
        """Whether a formula gives the cell its value."""
        return position in self.scanned.formulas or any(_within(position, area) for area in self.scanned.arrays)

    def rewritten(self, writes: Mapping[Position, _Write]) -> bytes:
        """The part with these writes."""
        scanned, cells = self.scanned, self.scanned.cells
        lost = {position for position, write in writes.items() if position in scanned.formulas and not write.stored}
        orphans = {p: self._own_formula(p) for p, f in scanned.formulas.items() if f.master in lost and p not in lost}
        splices: list[edits.Splice] = []
        missing: dict[Position, _Write] = {}
        for position in writes.keys() | orphans.keys():
            offset = cells.get(_address(*position))
            if offset is None:
                missing[position] = writes[position]
            elif position in writes:
                formula = b"" if position in lost else orphans.get(position)
                cell = self.element(offset)
                kind, value = writes[position].markup(cell.prefix)
                splices.append(edits.cell_with(self.part, cell, formula, kind, value))
            else:
                start = scanned.formulas[position].offset
                splices.append((start, edits.element(self.part, start).end, orphans[position]))
        splices += _insertions(self.part, scanned, missing)
        return edits.spliced(self.part, splices)

    def _own_formula(self, position: Position) -> bytes:
        """The formula of a cell whose shared formula loses the cell that holds its text."""
        old = edits.element(self.part, self.scanned.formulas[position].offset)
        tag = edits.with_attributes(self.part[old.start : old.opened], (b"t", b"ref", b"si")).rstrip(b"/>")
        return b"%b>%b</%bf>" % (tag, _escaped(self.formula(position)), old.prefix)


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
        self._read(part, whole=whole)

    def _read(self, part: bytes, *, whole: bool) -> None:
        parser, tags, cells, row, address = edits.safe_parser(), _TAGS, self.cells, 0, ""

        def see(name: str, attributes: dict[str, str]) -> None:
            nonlocal row, address
            tag = tags.get(name)
            if tag is None:
                return
            if tag == "c":
                address = attributes.get("r") or (_beside(address) if address else _address(row, 1))
                cells[address] = parser.CurrentByteIndex
            elif tag == "f":
                self._formula(_position(address), attributes, parser.CurrentByteIndex)
            elif tag == "row":
                before = _position(address)[0] if address else row
                row, address = int(attributes.get("r", before + 1)), ""
                self.rows[row] = parser.CurrentByteIndex
            elif tag == "col":
                self.columns.append(attributes)
            elif tag == "sheetData":
                self.data = parser.CurrentByteIndex

        parser.StartElementHandler = see
        parser.Parse(part, whole)

    def _formula(self, position: Position, attributes: dict[str, str], offset: int) -> None:
        kind, index = attributes.get("t"), attributes.get("si", "")
        master = None
        if kind == "shared" and "ref" in attributes:
            self._shared[index] = position
        elif kind == "shared":
            master = self._shared.get(index)
        elif kind in ("array", "dataTable") and "ref" in attributes:
            self.arrays[_area(attributes["ref"])] = position
        self.formulas[position] = _Formula(offset, attributes, master)

    def cells_in(self, area: Area) -> list[Position]:
        """The cells of an area that stand in the file."""
        top, left, bottom, right = area
        if (bottom - top + 1) * (right - left + 1) > len(self.cells):
            return [position for position in map(_position, self.cells) if _within(position, area)]
        places = ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))
        return [position for position in places if _address(*position) in self.cells]

    def style(self, part: bytes, row: int, column: int) -> bytes:
        """The style of a cell that does not stand in the file: its row's, else its column's."""
        at = self.rows.get(row)
        tag = part[at : edits.tag_end(part, at)] if at is not None else b""
        if edits.attribute(tag, b"customFormat") in ("1", "true"):
            return b' s="%b"' % (edits.attribute(tag, b"s") or "0").encode()
        for one in self.columns:
            if int(one["min"]) <= column <= int(one["max"]) and "style" in one:
                return b' s="%b"' % one["style"].encode()
        return b""


def _insertions(part: bytes, scanned: _Scan, writes: Mapping[Position, _Write]) -> Iterator[edits.Splice]:
    """What puts cells into the part that do not stand there yet: in the order of columns and rows."""
    if not writes:
        return
    if scanned.data < 0:
        raise ValueError("sheetData")
    prefix = edits.prefix_at(part, scanned.data)
    new: dict[int, dict[int, bytes]] = defaultdict(dict)
    for (row, column), write in sorted(writes.items()):
        kind, value = write.markup(prefix)
        tag = b'<%bc r="%b"%b%b>' % (
            prefix,
            _address(row, column).encode(),
            scanned.style(part, row, column),
            b' t="%b"' % kind if kind else b"",
        )
        new[row][column] = b"%b%b</%bc>" % (tag, value, prefix)
    standing: dict[int, dict[int, int]] = {row: {} for row in new}
    for address, offset in scanned.cells.items():
        row, column = _position(address)
        if row in standing:
            standing[row][column] = offset
    rows: dict[int, bytes] = {}
    for row, cells in new.items():
        if row in scanned.rows:
            yield from _placed(part, cells, standing[row], scanned.rows[row])
        else:
            rows[row] = b'<%brow r="%d">%b</%brow>' % (prefix, row, b"".join(cells.values()), prefix)
    yield from _placed(part, rows, scanned.rows, scanned.data)


def _placed(part: bytes, new: Mapping[int, bytes], standing: Mapping[int, int], holder: int) -> Iterator[edits.Splice]:
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
        end = edits.element(part, max(standing.values())).end
        yield end, end, b"".join(last)
    elif last:
        yield edits.at_the_end(part, holder, b"".join(last))


# -- the workbook --------------------------------------------------------------------------------------------------


class _Book(Reader):
    """The workbook's part, its sheets in order (None: no worksheet), and what its names stand for."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        super().__init__(archive)
        self.part = self._book_part()
        self.content = edits.as_utf8(self.read(self.part))
        self.relations = self._relations(self.part)
        self.sheets: list[_Sheet | None] = []
        self.numbers: dict[str, int] = {}
        self.definitions: dict[tuple[int | None, str], str] = {}
        for mark in edits.marks(self.content):
            if mark.local == "sheet":
                self._sheet(mark.attributes)
            elif mark.local == "definedName" and not mark.attributes["name"].startswith("_xlnm."):
                scope = mark.attributes.get("localSheetId")
                key = (None if scope is None else int(scope), mark.attributes["name"].casefold())
                self.definitions[key] = edits.characters(edits.inner(self.content, mark.offset))

    def _sheet(self, attributes: dict[str, str]) -> None:
        number = len(self.sheets)
        self.numbers[attributes["name"]] = number
        relation = next((value for key, value in attributes.items() if key.endswith("/relationships id")), "")
        kind, target = self.relations.get(relation, ("", ""))
        is_worksheet = kind.endswith("/worksheet") and _key(target) in self.names
        entry = self.names[_key(target)] if is_worksheet else ""
        self.sheets.append(_Sheet(self, number, attributes["sheetId"], entry) if is_worksheet else None)

    @property
    def worksheets(self) -> list[_Sheet]:
        """The sheets that have cells."""
        return [sheet for sheet in self.sheets if sheet is not None]

    def read(self, part: str) -> bytes:
        """The content of a part."""
        return self._part(part)

    @cached_property
    def strings(self) -> list[str]:
        """The shared strings."""
        return self._strings(self.relations)

    def signs(self, formulas: bytes) -> list[str]:
        """The names, and the marks of tables and of functions that find cells, that occur in formulas."""
        text = formulas.decode().casefold()
        return [sign for sign in (*_FINDERS, *{name for _, name in self.definitions}) if sign in text]

    @cached_property
    def folded(self) -> dict[str, int]:
        """The sheets' numbers by name in small letters."""
        return {name.casefold(): number for name, number in self.numbers.items()}

    def relations_of(self, part: str) -> dict[str, tuple[str, str]]:
        """Type and target of a part's relations, if it has any."""
        return self._relations(part) if _key(_relations_part(part)) in self.names else {}

    def macros(self, types: bytes) -> set[str]:
        """The parts of the VBA project, by the content types and by the relations of the workbook and of each other."""
        found = edits.macro_parts(types)
        waiting = [self.part, *found]
        while waiting:
            targets = {
                _key(target) for kind, target in self.relations_of(waiting.pop()).values() if edits.is_macro(kind)
            }
            waiting += targets - found
            found |= targets
        return found & self.names.keys()

    @cached_property
    def tables(self) -> dict[str, tuple[int, Area]]:
        """The cells of every table by its name."""
        found: dict[str, tuple[int, Area]] = {}
        for sheet in self.worksheets:
            for kind, target in self.relations_of(sheet.entry).values():
                if kind.endswith("/table") and _key(target) in self.names:
                    attributes = edits.marks(edits.as_utf8(self.read(target)))[0].attributes
                    found[attributes["displayName"].casefold()] = sheet.number, _area(attributes["ref"])
        return found

    def areas(
        self, text: str, here: int, *, of_name: bool = False, seen: Set[str] = frozenset()
    ) -> Iterator[tuple[int, Area]]:
        """The cells that a formula on sheet number `here` refers to, by sheet; names and tables are looked up."""
        for reference in _references(text, of_name):
            if reference.anywhere:
                yield from ((sheet.number, _EVERYWHERE) for sheet in self.worksheets)
                continue
            for number in self._spanned(reference.sheet, here):
                if reference.area is not None:
                    yield number, reference.area
                elif (name := reference.name) not in seen:
                    meaning = self.definitions.get((number, name)) or self.definitions.get((None, name))
                    if meaning is not None:
                        yield from self.areas(meaning, number, of_name=True, seen=seen | {name})
                    elif name in self.tables:
                        yield self.tables[name]

    def _spanned(self, sheet: str, here: int) -> Iterable[int]:
        """The sheets of a reference: none said, one, or `first:last`; those of other workbooks are none of ours."""
        ends = [self.folded.get(name) for name in sheet.split(":")] if sheet else [here]
        known = [number for number in ends if number is not None]
        return range(min(known), max(known) + 1) if len(known) == len(ends) else ()


def _key(part: str) -> str:
    """How a part is found in the zip: names differ in case and in a leading slash."""
    return part.lstrip("/").lower()


def _relations_part(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return posixpath.join(folder, "_rels", f"{name}.rels")


# -- what depends on what ------------------------------------------------------------------------------------------

_CELL: Final = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
_PREFIX: Final = r"(?:'(?:[^']|'')*'|\$?(?:\[\d+\])?[^\W\d][\w.]*+(?::[^\W\d][\w.]*+)?|\[\d+\][\w.]*+)!"
_REFERENCE: Final = re.compile(
    rf"""
    "(?:[^"]|"")*+"                                                          # a text
  | (?<![\w.$\\])({_PREFIX})?
    (?: ({_CELL})(?:\s*:\s*(?:{_PREFIX})?({_CELL}))?                           # a cell, a range
      | (\$?[A-Za-z]{{1,3}}):(\$?[A-Za-z]{{1,3}}) | (\$?[0-9]{{1,7}}):(\$?[0-9]{{1,7}})  # columns, rows
      | ([^\W\d][\w.\\?]*+) ) (?![\w.(!])                                     # a name
  | (?<![\w.])((?i:indirect|offset)\()                                        # whatever they find
    """,
    re.VERBOSE,
)
_MENTION: Final = re.compile(rb"\b[A-Z]{1,3}+[0-9]+|\n")  # a cell, or the next formula
_FINDERS: Final = ("[", "indirect", "offset")


class _Reference(NamedTuple):
    sheet: str = ""
    area: Area | None = None
    name: str = ""
    anywhere: bool = False


@lru_cache(maxsize=8192)
def _references(text: str, of_name: bool) -> tuple[_Reference, ...]:
    """What a formula refers to. In a name, what is not anchored with $ moves with the cell that uses the name."""
    found: list[_Reference] = []
    for prefix, *corners, name, anywhere in _REFERENCE.findall(text):
        sheet = prefix[1:-2].replace("''", "'") if prefix.startswith("'") else prefix[:-1].lstrip("$")
        first, last = [corner for corner in corners if corner][:1], [corner for corner in corners if corner][-1:]
        if anywhere:
            found.append(_Reference(anywhere=True))
        elif first and (area := _corners(first[0], last[0], of_name)) is not None:
            found.append(_Reference(sheet.casefold(), area))
        elif first or name:
            found.append(_Reference(sheet.casefold(), None, (name or first[0]).casefold()))
    return tuple(dict.fromkeys(found))


def _corners(first: str, last: str, widen: bool) -> Area | None:
    """The cells from one corner to the other; None for what only looks like a reference."""
    rows: list[int] = []
    columns: list[int] = []
    for corner in (first, last):
        letters, digits = (
            corner.replace("$", "").rstrip("0123456789"),
            corner.lstrip("$ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
        )
        try:
            fixed = letters and (not widen or f"${letters}" in corner)
            columns += [column_number(letters)] if fixed else [1, MAX_COLUMN]
        except ValueError:
            return None
        rows += [int(digits)] if digits and (not widen or f"${digits}" in corner) else [1, MAX_ROW]
    return (min(rows), min(columns), max(rows), max(columns)) if max(rows) <= MAX_ROW else None


def _area(reference: str) -> Area:
    first, _, last = reference.partition(":")
    return (*_position(first), *_position(last or first))


def _within(position: Position, area: Area) -> bool:
    return area[0] <= position[0] <= area[2] and area[1] <= position[1] <= area[3]


def _beside(address: str) -> str:
    row, column = _position(address)
    return _address(row, column + 1)


def _address(row: int, column: int) -> str:
    return f"{column_letter(column)}{row}"


_ANY_SHEET: Final = -1


class _Dependents:
    """Which formula cells show something that is computed from other cells.

    Every formula is looked at for what might be a reference; what it refers to is only worked out when it holds a
    range or a name, or one of the cells in question.
    """

    def __init__(self, book: _Book, sheets: Iterable[_Sheet], overwritten: Set[Place]) -> None:
        self.book = book
        self.mentions: defaultdict[int, dict[bytes, list[Place]]] = defaultdict(lambda: defaultdict(list))
        self.cells: defaultdict[Place, list[Place]] = defaultdict(list)
        self.areas: defaultdict[int, dict[Area, list[Place]]] = defaultdict(dict)
        self.arrays: dict[Place, list[Place]] = {}  # what an array formula gives beside its own cell's value
        self.known: set[Place] = set()
        for sheet in sheets:
            places = [p for p in sheet.scanned.formulas if (sheet.number, *p) not in overwritten]
            if places:
                self._note(sheet, places, [sheet.raw_formula(position) for position in places])
            for area, master in sheet.scanned.arrays.items():
                members = [(sheet.number, *p) for p in sheet.scanned.cells_in(area)]
                self.arrays[sheet.number, *master] = members

    def _note(self, sheet: _Sheet, positions: list[Position], texts: list[bytes]) -> None:
        """Note the addresses that stand in each formula; ranges, tables and names are looked up at once."""
        everything = b"\n".join(texts)
        signs = self.book.signs(everything)
        waiting = zip(positions, texts, strict=True)
        noted: dict[bytes, list[Place]] | None = None
        place = (0, 0, 0)
        for mention in _MENTION.findall(b"\n" + everything.replace(b"$", b"").upper()):
            if mention != b"\n":
                if noted is not None:
                    noted[mention].append(place)
                continue
            position, text = next(waiting)
            place = (sheet.number, *position)
            noted = self.mentions[_ANY_SHEET if b"!" in text else sheet.number]
            if b":" in text or (signs and any(sign in text.decode().casefold() for sign in signs)):
                self._look_up(place)
                noted = None

    def _look_up(self, place: Place) -> None:
        """Work out what a formula refers to."""
        sheet = self.book.sheets[place[0]]
        if sheet is None or place in self.known:
            return
        self.known.add(place)
        for number, area in self.book.areas(sheet.formula(place[1:]), place[0]):
            if area[:2] == area[2:]:
                self.cells[number, area[0], area[1]].append(place)
            else:
                self.areas[number].setdefault(area, []).append(place)

    def of(self, changed: Set[Place], settled: Set[Place]) -> set[Place]:
        """The cells that depend on changed ones, directly or through others; settled ones pass nothing on."""
        reached: set[Place] = set()
        front = set(changed)
        while front:
            for number, row, column in front:
                address = _address(row, column).encode()
                for where in (number, _ANY_SHEET):
                    for place in self.mentions[where].pop(address, ()):
                        self._look_up(place)
            hit = {place for source in front for place in self.cells.get(source, ())}
            for number in {source[0] for source in front}:
                standing = sorted((row, column) for sheet, row, column in front if sheet == number)
                touched = [area for area in self.areas[number] if _any_within(standing, area)]
                hit.update(place for area in touched for place in self.areas[number].pop(area))
            hit.update(member for place in list(hit) for member in self.arrays.get(place, ()))
            front = hit - settled - reached
            reached |= front
        return reached


def _any_within(positions: list[Position], area: Area) -> bool:
    """Whether one of the sorted positions lies in the area."""
    for at in range(bisect_left(positions, area[:2]), len(positions)):
        if positions[at][0] > area[2]:
            return False
        if area[1] <= positions[at][1] <= area[3]:
            return True
    return False


# -- all of it -----------------------------------------------------------------------------------------------------


class _Patch:
    """The writes, worked out: what each sheet gets, and what else of the package has to follow."""

    def __init__(self, book: _Book, wanted: Mapping[str, Mapping[Position, _Write]]) -> None:
        self.book = book
        self.writes: dict[int, dict[Position, _Write]] = {}
        self.changed: set[Place] = set()
        self.lost: set[Place] = set()
        self.settled: set[Place] = set()
        for name, writes in wanted.items():
            sheet = book.sheets[book.numbers[name]] if name in book.numbers else None
            if sheet is None:
                raise NoSheet(name)
            self._settle(sheet, sheet.completed(writes))
        if self.changed:
            self._drop_dependents()

    def _settle(self, sheet: _Sheet, writes: Mapping[Position, _Write]) -> None:
        needed = self.writes[sheet.number] = {}
        missing = [_address(*p) for p, write in writes.items() if write.stored and not sheet.calculated(p)]
        if missing:
            raise NoFormula(", ".join(sorted(missing)))
        for position, write in writes.items():
            place = (sheet.number, *position)
            loses = position in sheet.scanned.formulas and not write.stored
            differs = sheet.value(position) != write.value
            self.settled.add(place)
            if differs:
                self.changed.add(place)
            if loses:
                self.lost.add(place)
            if differs or loses:
                needed[position] = write

    def _drop_dependents(self) -> None:
        book, written = self.book, set(self.writes)
        sheets = [s for s in book.worksheets if s.number in written or s.reaches_out()]
        dependents = _Dependents(book, sheets, self.lost).of(self.changed, self.settled)
        for number, row, column in dependents:
            sheet = book.sheets[number]
            if sheet is not None and sheet.value((row, column)) != _NOTHING:
                self.writes.setdefault(number, {})[row, column] = _DROPPED

    def changes(self, *, recalculate: bool, keep_macros: bool) -> dict[str, bytes | None]:
        """The new content of every entry that changes; None for one that is left out."""
        book = self.book
        changes: dict[str, bytes | None] = {}
        for sheet in book.worksheets:
            if writes := self.writes.get(sheet.number):
                changes[sheet.entry] = sheet.rewritten(writes)
        if recalculate and (content := edits.with_full_calculation(book.content)) is not book.content:
            changes[book.names[_key(book.part)]] = content
        gone = self._shorten_chain(changes)
        old = types = edits.as_utf8(book.read(CONTENT_TYPES))
        if not keep_macros:
            gone |= book.macros(types)
            types = edits.as_plain_workbook(types)
        if gone:
            types = edits.without_parts(types, gone, book.names.keys() - gone)
            self._leave_out(gone, changes)
        if types != old:
            changes[book.names[_key(CONTENT_TYPES)]] = types
        return changes

    def _shorten_chain(self, changes: dict[str, bytes | None]) -> set[str]:
        """Take the cells that lost their formula out of the calculation chain; gives its part if nothing is left."""
        chains = [_key(target) for kind, target in self.book.relations.values() if kind.endswith("/calcChain")]
        if not self.lost or not chains or chains[0] not in self.book.names:
            return set()
        ids = {sheet.number: sheet.sheet_id for sheet in self.book.worksheets}
        cells = {(ids[number], _address(row, column)) for number, row, column in self.lost}
        old = edits.as_utf8(self.book.read(chains[0]))
        new = edits.without_cells_in_chain(old, cells)
        if new != old:
            changes[self.book.names[chains[0]]] = new
        return {chains[0]} if new is None else set()

    def _leave_out(self, gone: Set[str], changes: dict[str, bytes | None]) -> None:
        """Parts, their own relations, and the workbook's relations to them."""
        book = self.book
        ids = {identity for identity, (_, target) in book.relations.items() if _key(target) in gone}
        relations = _relations_part(book.part)
        changes[book.names[_key(relations)]] = edits.without_relations(edits.as_utf8(book.read(relations)), ids)
        for part in gone:
            for name in (part, _key(_relations_part(part))):
                if name in book.names:
                    changes[book.names[name]] = None
