"""Changing cells of somebody's workbook (改单元格): every byte of everything that is not changed stays as it was.

A value that was computed from a changed cell is dropped, so that no reader takes a stale number for a fresh one.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cached_property
from types import MappingProxyType
from typing import Final

from jixiao_xl.files import package_edits as edits
from jixiao_xl.files import splices as xml
from jixiao_xl.files.ooxml import CONTENT_TYPES
from jixiao_xl.files.package import Package, damage_named
from jixiao_xl.files.package_edits import MacroSheets
from jixiao_xl.files.raw_zip import rewritten
from jixiao_xl.files.references import (
    EVERYWHERE,
    FINDERS,
    MENTION,
    Area,
    Place,
    Position,
    address_of,
    area_of,
    position_of,
    references,
)
from jixiao_xl.files.sheet_part import DROPPED, NOTHING, Content, PartOfArray, SheetPart, Stored, Write

Heights = Mapping[int, float | None]
_AS_THEY_ARE: Final[Mapping[str, Heights]] = MappingProxyType({})

__all__ = ["Content", "MacroSheets", "NoFormula", "NoSheet", "PartOfArray", "Stored", "patch"]


class NoFormula(Exception):
    """A cell that was to get a stored value has no formula."""


class NoSheet(Exception):
    """The workbook has no such sheet of cells."""


def patch(
    data: bytes,
    writes: Mapping[str, Mapping[str, Content]],
    *,
    heights: Mapping[str, Heights] = _AS_THEY_ARE,
    recalculate: bool = True,
    keep_macros: bool = False,
) -> bytes:
    """The workbook with these contents in its cells, by sheet name and address.

    A number, a text and None replace a formula; Stored stays beside it. Values computed from a changed cell are
    dropped unless they are given as Stored. What would not change stays byte by byte.

    Args:
        data: an .xlsx or .xlsm.
        writes: contents by visible sheet name and address such as H12.
        heights: how high rows are at least, in points, by sheet and row; None: as high as the program likes.
        recalculate: whether programs shall calculate everything when they open the file.
        keep_macros: whether a VBA project stays; without it the result is an .xlsx.

    Raises:
        NoSheet: a sheet does not exist or has no cells.
        NoFormula: a cell for a Stored does not exist or has no formula.
        MacroSheets: macros are to be left out, and it has macro sheets of Excel 4.
        PartOfArray: a cell is part of an array formula whose first cell keeps it.
        ValueError: an address that is none, or a number that no cell can hold.
        TextTooLong: a text that no cell can hold.
        UnreadableWorkbook: it is no workbook, is damaged, or declares a DTD.
    """
    wanted = {
        name: {position_of(address): Write.of(c) for address, c in cells.items()} for name, cells in writes.items()
    }
    with damage_named(), zipfile.ZipFile(io.BytesIO(data)) as archive:
        changes = _Patch(_Book(archive), wanted, heights).changes(recalculate=recalculate, keep_macros=keep_macros)
        return rewritten(data, archive, changes) if changes else data


# -- the workbook --------------------------------------------------------------------------------------------------


class _Book:
    """The workbook's part, its sheets in order (None: no worksheet), and what its names stand for."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.package = Package(archive)
        self.names = self.package.names
        self.part = self.package.book_part()
        self.content = xml.as_utf8(self.read(self.part))
        self.relations = self.package.relations(self.part)
        self.sheets: list[SheetPart | None] = []
        self.numbers: dict[str, int] = {}
        self.definitions: dict[tuple[int | None, str], str] = {}
        for mark in xml.marks(self.content):
            if mark.local == "sheet":
                self._sheet(mark.attributes)
            elif mark.local == "definedName" and not mark.attributes["name"].startswith("_xlnm."):
                scope = mark.attributes.get("localSheetId")
                key = (None if scope is None else int(scope), mark.attributes["name"].casefold())
                self.definitions[key] = xml.characters(xml.inner(self.content, mark.offset))

    def _sheet(self, attributes: dict[str, str]) -> None:
        number = len(self.sheets)
        self.numbers[attributes["name"]] = number
        relation = next((value for key, value in attributes.items() if key.endswith("/relationships id")), "")
        kind, target = self.relations.get(relation, ("", ""))
        is_worksheet = kind.endswith("/worksheet") and _key(target) in self.names
        entry = self.names[_key(target)] if is_worksheet else ""
        self.sheets.append(SheetPart(self, number, attributes["sheetId"], entry) if is_worksheet else None)

    @property
    def worksheets(self) -> list[SheetPart]:
        """The sheets that have cells."""
        return [sheet for sheet in self.sheets if sheet is not None]

    def read(self, part: str) -> bytes:
        """The content of a part."""
        return self.package.part(part)

    @cached_property
    def _texts(self) -> list[str]:
        return self.package.strings(self.relations)

    def string(self, index: int) -> str:
        """A shared string."""
        return self._texts[index]

    def signs(self, formulas: bytes) -> list[str]:
        """The names, and the marks of tables and of functions that find cells, that occur in formulas."""
        text = formulas.decode().casefold()
        return [sign for sign in (*FINDERS, *{name for _, name in self.definitions}) if sign in text]

    @cached_property
    def folded(self) -> dict[str, int]:
        """The sheets' numbers by name in small letters."""
        return {name.casefold(): number for name, number in self.numbers.items()}

    def relations_of(self, part: str) -> dict[str, tuple[str, str]]:
        """Type and target of a part's relations, if it has any."""
        return self.package.relations(part) if _key(_relations_part(part)) in self.names else {}

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
                    attributes = xml.marks(xml.as_utf8(self.read(target)))[0].attributes
                    found[attributes["displayName"].casefold()] = sheet.number, area_of(attributes["ref"])
        return found

    def areas(
        self, text: str, here: int, *, of_name: bool = False, seen: Set[str] = frozenset()
    ) -> Iterator[tuple[int, Area]]:
        """The cells that a formula on sheet number `here` refers to, by sheet; names and tables are looked up."""
        for reference in references(text, of_name):
            if reference.anywhere:
                yield from ((sheet.number, EVERYWHERE) for sheet in self.worksheets)
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


_ANY_SHEET: Final = -1
_FEW: Final = 16  # cells of a range that are noted one by one, so that a long chain of sums is followed quickly


class _Dependents:
    """Which formula cells show something that is computed from other cells.

    Every formula is looked at for what might be a reference; what it refers to is only worked out when it holds a
    range or a name, or one of the cells in question.
    """

    def __init__(self, book: _Book, sheets: Iterable[SheetPart], overwritten: Set[Place]) -> None:
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

    def _note(self, sheet: SheetPart, positions: list[Position], texts: list[bytes]) -> None:
        """Note the addresses that stand in each formula; ranges, tables and names are looked up at once."""
        everything = b"\n".join(texts)
        signs = self.book.signs(everything)
        waiting = zip(positions, texts, strict=True)
        noted: dict[bytes, list[Place]] | None = None
        place = (0, 0, 0)
        for mention in MENTION.findall(b"\n" + everything.replace(b"$", b"").upper()):
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
            top, left, bottom, right = area
            if (bottom - top + 1) * (right - left + 1) > _FEW:
                self.areas[number].setdefault(area, []).append(place)
                continue
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    self.cells[number, row, column].append(place)

    def of(self, changed: Set[Place], settled: Set[Place]) -> set[Place]:
        """The cells that depend on changed ones, directly or through others; settled ones pass nothing on."""
        reached: set[Place] = set()
        front = set(changed)
        while front:
            for number, row, column in front:
                address = address_of(row, column).encode()
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

    def __init__(
        self, book: _Book, wanted: Mapping[str, Mapping[Position, Write]], heights: Mapping[str, Heights]
    ) -> None:
        self.book = book
        self.heights = {book.numbers[name]: rows for name, rows in heights.items() if name in book.numbers}
        self.writes: dict[int, dict[Position, Write]] = {}
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

    def _settle(self, sheet: SheetPart, writes: Mapping[Position, Write]) -> None:
        needed = self.writes[sheet.number] = {}
        missing = [address_of(*p) for p, write in writes.items() if write.stored and not sheet.calculated(p)]
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
            if sheet is not None and sheet.value((row, column)) != NOTHING:
                self.writes.setdefault(number, {})[row, column] = DROPPED

    def changes(self, *, recalculate: bool, keep_macros: bool) -> dict[str, bytes | None]:
        """The new content of every entry that changes; None for one that is left out."""
        book = self.book
        changes: dict[str, bytes | None] = {}
        for sheet in book.worksheets:
            writes, heights = self.writes.get(sheet.number, {}), self.heights.get(sheet.number, {})
            content = xml.with_heights(sheet.rewritten(writes), heights) if writes or heights else sheet.part
            if content != sheet.part:
                changes[sheet.entry] = content
        if recalculate and (content := edits.with_full_calculation(book.content)) is not book.content:
            changes[book.names[_key(book.part)]] = content
        gone = self._shorten_chain(changes)
        old = types = xml.as_utf8(book.read(CONTENT_TYPES))
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
        cells = {(ids[number], address_of(row, column)) for number, row, column in self.lost}
        old = xml.as_utf8(self.book.read(chains[0]))
        new = edits.without_cells_in_chain(old, cells)
        if new != old:
            changes[self.book.names[chains[0]]] = new
        return {chains[0]} if new is None else set()

    def _leave_out(self, gone: Set[str], changes: dict[str, bytes | None]) -> None:
        """Parts, their own relations, and the workbook's relations to them."""
        book = self.book
        ids = {identity for identity, (_, target) in book.relations.items() if _key(target) in gone}
        relations = _relations_part(book.part)
        changes[book.names[_key(relations)]] = edits.without_relations(xml.as_utf8(book.read(relations)), ids)
        for part in gone:
            for name in (part, _key(_relations_part(part))):
                if name in book.names:
                    changes[book.names[name]] = None
