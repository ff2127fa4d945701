"""The expected form (应有的表样): what a unit's workbook must look like, as a pure function of mapping and unit.

`issue` renders it, `read` finds cells by its keys, checks and formulas are rendered at the places where the keys
stand. A `Form` knows no addresses: `Layout` gives them, the pristine one or that of a workbook that came back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from jixiao_xl.model.formulas import Formula
from jixiao_xl.model.mapping import CellKind, CellType, Level
from jixiao_xl.model.places import CellKey

KEY_COLUMN = 1  # column A holds the row keys, hidden and locked
COLUMNS_PREFIX = "columns:"
META_SHEET = "_meta"


class RowRole(StrEnum):
    """What a row is for."""

    KEYS = "keys"  # hidden; says which column is which
    HEADING = "heading"
    NOTE = "note"
    TITLE = "title"
    HEADER = "header"
    DATA = "data"
    TOTAL = "total"
    MARKER = "marker"  # first and last row of a list; sums run from one to the other
    LIST = "list"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of a table: its key, its visible header, how wide, and whether it is printed."""

    key: str
    header: str
    kind: CellKind
    type: CellType
    width: float
    printed: bool


@dataclass(frozen=True, slots=True)
class FormCell:
    """A cell as it should be.

    Attributes:
        key: sheet, row and column key.
        kind: label, given, input, formula, tool or review.
        type: what it holds.
        given: the text or number that stands there from the beginning.
        formula: the formula, for kind formula.
        required: True, or the condition under which it must be filled, as a check expression.
        choices: the values of its list.
        minimum: the least number allowed.
        maximum: the greatest number allowed.
        max_length: the most characters allowed.
        source: where `given` comes from, for a figure of last year in an input.
    """

    key: CellKey
    kind: CellKind
    type: CellType
    given: str | Decimal | None = None
    formula: Formula | None = None
    required: bool | str = False
    choices: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    max_length: int | None = None
    source: str = ""

    def in_row(self, row: str, given: str | Decimal | None = None, source: str = "") -> FormCell:
        """The same cell in another row, as the rows of a list are alike; with what stands there from the beginning."""
        key = CellKey(self.key.sheet, row, self.key.column)
        return FormCell(
            key, self.kind, self.type, given, self.formula, self.required,
            self.choices, self.minimum, self.maximum, self.max_length, source,
        )  # fmt: skip

    @property
    def is_input(self) -> bool:
        """Whether the section fills it."""
        return self.kind == "input"


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row: its key in column A (or None), its role, its cells, or one text across the sheet."""

    key: str | None
    role: RowRole
    cells: tuple[FormCell, ...] = ()
    text: str = ""
    label: str = ""


@dataclass(frozen=True)
class FormTable:
    """A table: its columns and its rows, from the hidden key row to its last row."""

    key: str
    kind: str
    columns: tuple[FormColumn, ...]
    rows: tuple[FormRow, ...]

    @cached_property
    def column_by_key(self) -> dict[str, FormColumn]:
        """Columns by key."""
        return {column.key: column for column in self.columns}

    @cached_property
    def letter_offsets(self) -> dict[str, int]:
        """The pristine column number of each column, 1-based."""
        return {column.key: number for number, column in enumerate(self.columns, start=KEY_COLUMN + 1)}

    @cached_property
    def data_rows(self) -> tuple[FormRow, ...]:
        """The rows that hold a key and cells."""
        return tuple(row for row in self.rows if row.role in (RowRole.DATA, RowRole.TOTAL, RowRole.LIST))


@dataclass(frozen=True)
class FormSheet:
    """A sheet: heading, notes and tables one below the other."""

    key: str
    title: str
    tables: tuple[FormTable, ...]
    heading: str
    notes: tuple[str, ...]
    unit_note: str | None
    landscape: bool

    @cached_property
    def rows(self) -> tuple[FormRow, ...]:
        """All rows in order; the first table's key row is row 1, above the heading."""
        return tuple(self._rows())

    def _rows(self) -> Iterator[FormRow]:
        for index, table in enumerate(self.tables):
            if index:
                yield FormRow(None, RowRole.GAP)
            yield table.rows[0]
            if not index:
                yield FormRow(None, RowRole.HEADING, text=self.heading)
                for note in self.notes:
                    yield FormRow(None, RowRole.NOTE, text=note)
                if self.unit_note:
                    yield FormRow(None, RowRole.NOTE, text=self.unit_note)
            yield from table.rows[1:]


@dataclass(frozen=True)
class Form:
    """The workbook that a unit should have."""

    level: Level
    unit: str
    unit_name: str
    template: str
    template_version: str
    year: int
    token: str
    sheets: tuple[FormSheet, ...]

    @cached_property
    def cells(self) -> dict[CellKey, FormCell]:
        """Every keyed cell."""
        return {
            cell.key: cell
            for sheet in self.sheets
            for table in sheet.tables
            for row in table.data_rows
            for cell in row.cells
        }

    @cached_property
    def rows(self) -> dict[tuple[str, str], FormRow]:
        """Every keyed row by sheet and row key."""
        return {
            (sheet.key, row.key): row
            for sheet in self.sheets
            for table in sheet.tables
            for row in table.data_rows
            if row.key is not None
        }

    @cached_property
    def tables(self) -> dict[str, tuple[FormSheet, FormTable]]:
        """Every table with its sheet, by table key."""
        return {table.key: (sheet, table) for sheet in self.sheets for table in sheet.tables}

    @cached_property
    def table_of_row(self) -> dict[tuple[str, str], FormTable]:
        """The table of each keyed row."""
        return {
            (sheet.key, row.key): table
            for sheet in self.sheets
            for table in sheet.tables
            for row in table.data_rows
            if row.key is not None
        }

    @cached_property
    def sheet_by_key(self) -> dict[str, FormSheet]:
        """Sheets by key."""
        return {sheet.key: sheet for sheet in self.sheets}

    @property
    def meta(self) -> tuple[tuple[str, str], ...]:
        """What the very hidden sheet `_meta` says, row by row."""
        return (
            ("template", self.template),
            ("template_version", self.template_version),
            ("unit", self.unit),
            ("year", str(self.year)),
            ("token", self.token),
        )
