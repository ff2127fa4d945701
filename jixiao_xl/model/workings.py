"""Workings (核算): Python's own value for every formula cell of one workbook, from what the section typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from jixiao_xl.model.form import Form, FormCell, RowRole
from jixiao_xl.model.formulas import Arithmetic, Lookup, Name, Value
from jixiao_xl.model.layout import resolve
from jixiao_xl.model.places import CellKey


class Workings:
    """The values of one workbook by cell key: inputs as they were read, formulas as they should be.

    `added_rows` are list rows that the section inserted, by table; they follow the rules of their list.
    """

    def __init__(
        self, form: Form, inputs: Mapping[CellKey, Value], added_rows: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.form = form
        self._inputs = inputs
        self._added = added_rows or {}
        self._due: dict[CellKey, Value] = {}
        self._precedents: dict[CellKey, frozenset[CellKey]] = {}
        self._added_tables = {(form.tables[t][0].key, row): t for t, rows in self._added.items() for row in rows}

    def cell(self, key: CellKey) -> FormCell | None:
        """The form's cell at `key`; an inserted list row has the cells of its list."""
        table = self._added_tables.get((key.sheet, key.row))
        if table is None:
            return self.form.cells.get(key)
        model = next(row for row in self.form.tables[table][1].rows if row.role is RowRole.LIST)
        return next((replace(cell, key=key) for cell in model.cells if cell.key.column == key.column), None)

    def value(self, key: CellKey) -> Value:
        """The value of a cell: of a formula cell the one that it should have, of any other what was read."""
        if key in self._due:
            return self._due[key]
        cell = self.cell(key)
        if cell is None or cell.formula is None:
            return self._inputs.get(key)
        value = cell.formula.value(self.lookup(key))
        self._due[key] = value
        return value

    def is_filled(self, key: CellKey) -> bool:
        """Whether somebody typed the cell, or anything that its formula rests on."""
        cell = self.cell(key)
        if cell is None or not isinstance(cell.formula, Arithmetic):
            return key in self._inputs
        names = (operand.name for operand in cell.formula.expression.names)
        return any(self.is_filled(below) for name in names for below in self._cells_of(name, key))

    def _cells_of(self, name: Name, home: CellKey) -> list[CellKey]:
        return self.column(name[0], name[1]) if len(name) == 2 else [resolve(name, home)]

    def precedents(self, key: CellKey) -> frozenset[CellKey]:
        """Every cell that the value of a cell rests on, through all formulas between (直接和间接引用)."""
        if key not in self._precedents:
            cell = self.cell(key)
            names = cell.formula.names if cell is not None and cell.formula is not None else ()
            direct = [below for name in names for below in self._cells_of(name, key)]
            self._precedents[key] = frozenset(direct).union(*(self.precedents(below) for below in direct))
        return self._precedents[key]

    def lookup(self, home: CellKey) -> Lookup:
        """How the names of a formula or check at `home` are read."""

        def values(name: Name) -> Sequence[Value]:
            return [self.value(key) for key in self._cells_of(name, home)]

        return values

    def rows(self, table: str) -> list[str]:
        """The row keys of a table that hold data, without totals; inserted rows last."""
        rows = [
            row.key for row in self.form.tables[table][1].rows if row.role in (RowRole.DATA, RowRole.LIST) and row.key
        ]
        return [*rows, *self._added.get(table, ())]

    def column(self, table: str, column: str) -> list[CellKey]:
        """The cells of a table's column, without totals."""
        sheet = self.form.tables[table][0].key
        return [CellKey(sheet, row, column) for row in self.rows(table)]
