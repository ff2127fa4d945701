"""The workbook as it came (来表): its cells by sheet and place, and how one of them is named in the list."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from jixiao_xl.files.cells import Cell, Workbook, column_number
from jixiao_xl.model.batch import Submission
from jixiao_xl.model.folding import folded
from jixiao_xl.model.form import FormCell
from jixiao_xl.model.form_builder import DAYS_1904, serial_date
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.mapping import CellType, Mapping
from jixiao_xl.model.money import at_excel_precision, is_blank, plain
from jixiao_xl.model.places import CellKey


@dataclass(frozen=True, slots=True)
class NotCarried:
    """One thing that stays behind.

    Attributes:
        sheet: the visible name of the sheet; "" for the workbook as a whole.
        cell: its address or range; "" for what has no place on the sheet.
        label: the row's own name, or "".
        column_label: the column's own name, or "".
        content: what stands there, as a person sees it.
        reason: why it was not carried, and what to do.
    """

    sheet: str
    cell: str
    label: str
    column_label: str
    content: str
    reason: str


@dataclass(frozen=True)
class Came:
    """The workbook as it came, with what `read` understood of it."""

    workbook: Workbook
    submission: Submission
    mapping: Mapping

    @cached_property
    def pages(self) -> dict[str, dict[tuple[int, int], Cell]]:
        """The cells of every sheet by row and column number."""
        return {sheet.name: {(cell.row, cell.column): cell for cell in sheet.cells} for sheet in self.workbook.sheets}

    def at(self, key: CellKey) -> Cell | None:
        """What stands in a cell of the form, where its keys stand now; None where nothing does."""
        layout = self.submission.layout
        if not layout.has(key):
            return None
        number, column = layout.rows[key.sheet, key.row], column_number(layout.letter(key))
        cell = self.pages[layout.titles[key.sheet]].get((number, column))
        return cell if cell is not None and has_content(cell) else None

    def shown(self, cell: Cell, cell_type: CellType | None = None) -> str:
        """What a person sees in a cell; a formula with its value."""
        text = as_text(cell.value)
        if cell_type == "date" and isinstance(cell.value, float) and math.isfinite(cell.value):
            days = DAYS_1904 if self.workbook.date1904 else 0
            text = self.shown_value(at_excel_precision(cell.value) + days, cell_type)
        if cell.formula is None:
            return text
        key = "fresh_formula_content" if text else "fresh_formula_alone"
        return self.mapping.text(key, formula=cell.formula, value=text)

    @staticmethod
    def shown_value(value: Value, cell_type: CellType) -> str:
        """A value as a cell of this type shows it: dates as 2026-04-20, other numbers plain."""
        day = serial_date(value) if cell_type == "date" and isinstance(value, Decimal) else None
        return day.isoformat() if day else as_text(value)

    def line(
        self,
        sheet: str,
        cell: Cell,
        reason: str,
        *,
        label: str = "",
        column_label: str = "",
        form_cell: FormCell | None = None,
        **words: str,
    ) -> NotCarried:
        """One line of the list about a cell; `reason` is a key of texts.yaml."""
        content = self.shown(cell, form_cell.type if form_cell else None)
        return NotCarried(sheet, cell.address, label, column_label, content, self.mapping.text(reason, **words))


def has_content(cell: Cell) -> bool:
    """Whether there is anything in a cell: a formula, an error, a value that is not white space alone."""
    return cell.formula is not None or not is_blank(cell.value)


def as_text(value: float | str | bool | Decimal | None) -> str:
    """A value as text: numbers plain at 15 digits, truth values in capitals as every program shows them."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case str():
            return value
        case Decimal():
            return plain(value.normalize())
        case _:
            number = at_excel_precision(value)
            return plain(number.normalize()) if number.is_finite() else str(value)


def plain_text(value: float | str | bool | Decimal | None) -> str:
    """Text as labels are compared: NFKC, without blanks."""
    return folded(as_text(value))


def same(value: float | str | bool | None, given: Value) -> bool:
    """Whether a cell shows what was sent out."""
    return plain_text(value) == plain_text(given)
