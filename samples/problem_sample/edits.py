"""What sections do to their workbooks (改动): each kind of defect done with openpyxl, cells found by their keys."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import Final

import openpyxl
from build_samples import SHEETS, keyed_cells
from openpyxl.cell.cell import Cell
from openpyxl.formula.translate import Translator
from openpyxl.utils.cell import get_column_letter, range_boundaries
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet

from problem_sample.table import Defect, RowCopy, Typed, cell_key

Values = Mapping[str, Mapping[str, float | str | bool]]  # by sheet title and address
_NAME: Final = re.compile(r"\{([^}]+)\}")


class Bench:
    """A workbook on the bench."""

    def __init__(self, data: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(data))
        self.pages: dict[str, Worksheet] = {
            key: self.book[title] for key, title in SHEETS.items() if title in self.book
        }
        self.places = {key: keyed_cells(page) for key, page in self.pages.items()}

    def data(self) -> bytes:
        """The workbook as openpyxl saves it: without any stored value."""
        target = io.BytesIO()
        self.book.save(target)
        return target.getvalue()

    def apply(self, defect: Defect) -> None:
        """Everything that the defect does before anything is calculated."""
        self.type(defect.type)
        for name, formula in defect.formula.items():
            self.cell(name).value = "=" + _NAME.sub(self._reference(name), formula)
        for step, items in (
            (self._scribble, defect.scribble.items()),
            (self._rename, defect.rename_sheet.items()),
            (self._name_in_meta, defect.meta.items()),
        ):
            for place, text in items:
                step(place, text)
        for act, places in (
            (self._clear_row, defect.clear_row),
            (self._clear_key, defect.clear_key),
            (self._unvalidate, defect.unvalidate),
        ):
            for place in places:
                act(place)
        if defect.copy_row is not None:
            self._copy_row(defect.copy_row)
        if defect.linked is not None:
            self.cell(defect.linked.cell).value = f"={defect.linked.formula}"

    def apply_afterwards(self, defect: Defect, values: Values) -> None:
        """What is done when the values are known: they are pasted over formulas, or left to become stale."""
        for name in defect.paste:
            sheet, address = self.address(name)
            self.cell(name).value = values[sheet][address]
        self.type(defect.later)

    def type(self, typed: Mapping[str, Typed]) -> None:
        """Type into cells; None empties them."""
        for name, value in typed.items():
            self.cell(name).value = value

    def cell(self, name: str) -> Cell:
        """The cell `sheet.row.column`."""
        key = cell_key(name)
        return _cell(self.pages[key.sheet], *self.places[key.sheet][key.row, key.column])

    def address(self, name: str) -> tuple[str, str]:
        """The sheet's title and the address of the cell `sheet.row.column`."""
        return self.pages[cell_key(name).sheet].title, self.cell(name).coordinate

    def _reference(self, home: str) -> Callable[[re.Match[str]], str]:
        """How a formula in `home` refers to a cell of its sheet: by its column key, or by its whole name."""
        sheet, row, _ = home.split(".")
        return lambda match: self.cell(match[1] if "." in match[1] else f"{sheet}.{row}.{match[1]}").coordinate

    # -- structure ---------------------------------------------------------------------------------------------

    def _scribble(self, place: str, text: str) -> None:
        sheet, _, address = place.partition("!")
        left, top, _, _ = range_boundaries(address)
        assert isinstance(left, int)
        assert isinstance(top, int)
        _cell(self.pages[sheet], top, left).value = text

    def _rename(self, sheet: str, title: str) -> None:
        self.pages[sheet].title = title

    def _name_in_meta(self, name: str, value: str) -> None:
        page: Worksheet = self.book["_meta"]
        number = next(number for number, (key, *_) in enumerate(page.values, start=1) if key == name)
        _cell(page, number, 2).value = value

    def _clear_row(self, place: str) -> None:
        """`sheet.row`: everything that stands in the row, its key too."""
        sheet, row = place.split(".")
        page = self.pages[sheet]
        number = next(number for (key, _), (number, _) in self.places[sheet].items() if key == row)
        for column in range(1, page.max_column + 1):
            _cell(page, number, column).value = None

    def _clear_key(self, place: str) -> None:
        """`sheet.table.column`: the column's key in the hidden row of its table."""
        sheet, table, column = place.split(".")
        page = self.pages[sheet]
        number = next(n for n, (key, *_) in enumerate(page.values, start=1) if key == f"columns:{table}")
        position = next(position for (_, name), (_, position) in self.places[sheet].items() if name == column)
        _cell(page, number, position).value = None

    def _copy_row(self, copy: RowCopy) -> None:
        sheet, source = copy.source.split(".")
        _, target = copy.target.split(".")
        page, places = self.pages[sheet], self.places[sheet]
        rows = {key: number for (key, _), (number, _) in places.items()}
        for column in range(1, page.max_column + 1):
            old, new = _cell(page, rows[source], column), _cell(page, rows[target], column)
            new.value = old.value
            if isinstance(old.value, str) and old.value.startswith("="):
                new.value = Translator(old.value, old.coordinate).translate_formula(new.coordinate)
        self.type({f"{copy.target}.{column}": value for column, value in copy.type.items()})

    def _unvalidate(self, name: str) -> None:
        """Take a cell out of every validation, as pasting over it does."""
        cell = self.cell(name)
        for validation in self.pages[cell_key(name).sheet].data_validations.dataValidation:
            ranges = [part for area in validation.sqref.ranges for part in _without(area, cell.row, cell.column)]
            validation.sqref = MultiCellRange(ranges)


def _without(area: CellRange, row: int, column: int) -> list[CellRange]:
    """A range without one cell: what is above, below, left and right of it."""
    left, top, right, bottom = area.min_col, area.min_row, area.max_col, area.max_row
    if not (top <= row <= bottom and left <= column <= right):
        return [area]
    around = [
        (left, top, right, row - 1),
        (left, row + 1, right, bottom),
        (left, row, column - 1, row),
        (column + 1, row, right, row),
    ]
    return [
        CellRange(f"{get_column_letter(x)}{y}:{get_column_letter(u)}{v}") for x, y, u, v in around if x <= u and y <= v
    ]


def _cell(page: Worksheet, row: int, column: int) -> Cell:
    cell = page.cell(row, column)
    assert isinstance(cell, Cell)
    return cell
