"""Tables that a person keeps in a workbook (登记表): rows by their headers in, single cells and new rows back.

Whoever keeps such a workbook moves columns, adds their own, sorts, filters, colours, draws and remarks. So cells are
found by header, and only the cells that are set change: all else of the file stays as it is, byte by byte.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from lxml import etree

from jixiao_xl.files.cells import Cell, Sheet, column_letter, read_workbook
from jixiao_xl.files.package import UnreadableWorkbook
from jixiao_xl.files.safe import write_atomically
from jixiao_xl.files.sheet_xml import Package, SheetXml
from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.folding import folded
from jixiao_xl.model.money import at_excel_precision, plain

Value = str | Decimal | date | None
_HEADER_WITHIN: Final = 20  # rows: somebody may put a title above
_EPOCH: Final = date(1899, 12, 30)
_EPOCH_1904: Final = date(1904, 1, 1)
_LAST_SERIAL: Final = 2_958_465


class TablesDamaged(JixiaoError):
    """A workbook in which the tables are not found; it stays as it is."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row in which at least one of the table's columns holds something.

    Attributes:
        number: the row's number in the sheet, 1-based.
        values: what stands there by column key; text without outer blanks, numbers at 15 digits, None where blank.
        formulas: the keys of the columns in which the person has put a formula.
    """

    number: int
    values: Mapping[str, Value]
    formulas: frozenset[str] = frozenset()

    def text(self, key: str) -> str:
        """The value as a person would type it: plain digits, 2026-04-30, "" where blank."""
        value = self.values[key]
        if value is None:
            return ""
        return plain(value) if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was found.

    Attributes:
        sheet: the sheet's name.
        header: the number of the header row.
        columns: the column of each key, 1-based.
        rows: its rows from above.
        bottom: the last row of the sheet that holds anything, in whatever column.
    """

    sheet: str
    header: int
    columns: Mapping[str, int]
    rows: tuple[TableRow, ...]
    bottom: int

    def address(self, row: int, key: str) -> str:
        """Such as H12."""
        return f"{column_letter(self.columns[key])}{row}"


@dataclass
class TableChange:
    """What is to become of one table: cells by row and column key, and rows below everything that stands there."""

    cells: dict[tuple[int, str], Value] = field(default_factory=dict[tuple[int, str], Value])
    added: list[dict[str, Value]] = field(default_factory=list[dict[str, Value]])

    def __bool__(self) -> bool:
        """Whether there is anything to change."""
        return bool(self.cells or self.added)


# -- reading ---------------------------------------------------------------------------------------------------


def read_tables(file: str, data: bytes, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, Table]:
    """The tables of a workbook by sheet name; `wanted` gives the header of each column key by sheet name.

    Args:
        file: the workbook's name, for the sentences of errors.
        data: its bytes.
        wanted: what is looked for; headers are compared without blanks and widths of characters.

    Raises:
        TablesDamaged: it cannot be opened, a sheet or a column is missing, or a header stands there twice.
    """
    try:
        book = read_workbook(data)
        package = Package(data)
    except (UnreadableWorkbook, etree.XMLSyntaxError, LookupError) as error:
        raise TablesDamaged(texts.REVIEW_UNREADABLE.format(file=file)) from error
    sheets = {sheet.name: sheet for sheet in book.sheets}
    for name in wanted:
        if name not in sheets:
            raise TablesDamaged(texts.REVIEW_SHEET_MISSING.format(file=file, sheet=name))
    epoch = _EPOCH_1904 if book.date1904 else _EPOCH
    return {name: _Reader(file, sheets[name], headers, package, epoch).table() for name, headers in wanted.items()}


@dataclass(frozen=True)
class _Reader:
    file: str
    sheet: Sheet
    headers: Mapping[str, str]
    package: Package
    epoch: date

    def table(self) -> Table:
        by_row: dict[int, dict[int, Cell]] = defaultdict(dict)
        for cell in self.sheet.cells:
            by_row[cell.row][cell.column] = cell
        header, columns = self._header(by_row)
        page = self.package.sheet(self.sheet.name)
        styles = page.styles()
        rows = [self._row(number, by_row[number], columns, styles) for number in sorted(by_row) if number > header]
        filled = tuple(row for row in rows if any(value is not None for value in row.values.values()))
        return Table(self.sheet.name, header, columns, filled, page.joined_to(max(by_row)))

    def _row(
        self, number: int, cells: Mapping[int, Cell], columns: Mapping[str, int], styles: Mapping[tuple[int, int], int]
    ) -> TableRow:
        values = {key: self._value(cells.get(column), styles) for key, column in columns.items()}
        formulas = [key for key, column in columns.items() if column in cells and cells[column].formula is not None]
        return TableRow(number, values, frozenset(formulas))

    def _header(self, by_row: Mapping[int, Mapping[int, Cell]]) -> tuple[int, dict[str, int]]:
        """The row with all headers; the sentence about a missing one is about the row that has most of them."""
        wanted = {folded(title): key for key, title in self.headers.items()}
        best: tuple[int, dict[str, list[int]]] = (0, {})
        for number in sorted(by_row)[:_HEADER_WITHIN]:
            found: dict[str, list[int]] = defaultdict(list)
            for column, cell in by_row[number].items():
                if isinstance(cell.value, str) and folded(cell.value) in wanted:
                    found[wanted[folded(cell.value)]].append(column)
            if len(found) > len(best[1]):
                best = (number, found)
        number, found = best
        words = {"file": self.file, "sheet": self.sheet.name, "row": number}
        for key, title in self.headers.items():
            if key not in found:
                raise TablesDamaged(texts.REVIEW_COLUMN_MISSING.format(column=title, **words))
            if len(found[key]) > 1:
                raise TablesDamaged(texts.REVIEW_COLUMN_TWICE.format(column=title, **words))
        return number, {key: found[key][0] for key in self.headers}

    def _value(self, cell: Cell | None, styles: Mapping[tuple[int, int], int]) -> Value:
        if cell is None or cell.value is None:
            return None
        if isinstance(cell.value, bool):
            return str(cell.value).upper()
        if isinstance(cell.value, str):
            return cell.value.strip() or None
        if not math.isfinite(cell.value):
            return str(cell.value)
        look = self.package.number_format(styles.get((cell.row, cell.column), 0))
        if _is_date(look) and 0 < cell.value <= _LAST_SERIAL:
            return self.epoch + timedelta(days=int(cell.value))
        number = at_excel_precision(cell.value)
        return f"{plain((number * 100).normalize())}%" if "%" in look else number


_LITERALS: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_DATE_PARTS: Final = re.compile("[ymd]", re.IGNORECASE)


def _is_date(number_format: str) -> bool:
    """Whether Excel shows a number of this format as a date."""
    return _DATE_PARTS.search(_LITERALS.sub("", number_format)) is not None


# -- changing --------------------------------------------------------------------------------------------------


def change_tables(data: bytes, tables: Sequence[Table], changes: Mapping[str, TableChange]) -> bytes:
    """The workbook with these changes, by sheet name; everything else in it stays.

    New rows stand below the last row that holds anything, look as the rows above them mostly do, and belong to the
    filter. `tables` are those that were read from `data`.

    Raises:
        TextTooLong: a text that no cell can hold.
    """
    package = Package(data)
    for table in tables:
        change = changes.get(table.sheet)
        if change:
            page = package.sheet(table.sheet)
            _change(page, table, change)
            package.replace(table.sheet, page)
    return package.data()


def _change(page: SheetXml, table: Table, change: TableChange) -> None:
    for (row, key), value in change.cells.items():
        page.put(row, table.columns[key], _written(value))
    row = table.bottom
    for row, values in enumerate(change.added, start=table.bottom + 1):
        page.dress(row, below=table.header)
        for key, value in values.items():
            page.put(row, table.columns[key], _written(value))
        page.fit(row)
    if change.added:
        page.stretch_filter(table.header, row)


def _written(value: Value) -> str | Decimal | None:
    """A date as Excel keeps it."""
    return Decimal((value - _EPOCH).days) if isinstance(value, date) else value


def with_spread_validations(data: bytes, last_row: int) -> bytes:
    """Our own new workbook with the validation of each cell holding down to `last_row`: for the rows to come."""
    package = Package(data)
    for name in package.names():
        page = package.sheet(name)
        page.spread_validations(last_row)
        package.replace(name, page)
    return package.data()


def save_unless_changed(path: Path, before: bytes | None, after: bytes) -> bool:
    """Replace a person's workbook, unless they have saved it since it was read, or hold it open; gives whether it was.

    Raises:
        OSError: the folder cannot be written to.
    """
    if (path.read_bytes() if path.is_file() else None) != before:
        return False
    written = write_atomically(path, after)
    if written != path:
        written.unlink()  # what is held open is the person's: the next run writes it
    return written == path
