"""One workbook's texts and amounts (填报表取数), as the forms show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from jixiao_xl.model.batch import Submission
from jixiao_xl.model.expressions import evaluate_number, parse_number
from jixiao_xl.model.form_builder import serial_date
from jixiao_xl.model.mapping import FundRow, Indicator, Mapping
from jixiao_xl.model.money import is_blank, plain
from jixiao_xl.model.places import CellKey, Source
from jixiao_xl.stages.appendix.content import FieldValue, Fund

_INDICATORS, _FINANCE, _COVER = "indicators", "finance", "cover"
COLUMNS = ("budget_initial", "budget_adjusted", "actual")


@dataclass(frozen=True, slots=True)
class Workbook:
    """What one submission says; without one every answer is None."""

    submission: Submission | None
    mapping: Mapping

    def text(self, sheet: str, row: str, column: str) -> str | None:
        """A cell as text, a date as 年月日; None where it is blank."""
        if self.submission is None:
            return None
        key = CellKey(sheet, row, column)
        value = self.submission.inputs.get(key)
        if value is None or is_blank(value):
            return None
        if not isinstance(value, Decimal):
            return str(value).strip()
        cell = self.submission.workings.cell(key)
        return self._day(value) if cell is not None and cell.type == "date" else plain(value)

    def _day(self, serial: Decimal) -> str:
        day = serial_date(serial)
        if day is None:
            return plain(serial)
        return self.mapping.text("report_date", year=str(day.year), month=str(day.month), day=str(day.day))

    def rows(self, table: str) -> list[str]:
        """The keys of a table's rows in the order of the workbook."""
        found = self.submission
        if found is None or table not in found.form.tables:
            return []
        sheet = found.form.tables[table][0].key
        present = [row for row in found.workings.rows(table) if (sheet, row) in found.layout.rows]
        return sorted(present, key=lambda row: found.layout.rows[sheet, row])

    def pairs(self, table: str, first: str, second: str) -> Iterator[tuple[str | None, str | None]]:
        """Two texts of every row of a table that has one of them."""
        for row in self.rows(table):
            sheet = self.submission.form.tables[table][0].key if self.submission else ""
            pair = self.text(sheet, row, first), self.text(sheet, row, second)
            if any(pair):
                yield pair

    # -- amounts -----------------------------------------------------------------------------------------------

    def fund(self, row: FundRow) -> Fund:
        """A row of funds of the department, in 元."""
        initial, adjusted, actual = (self._amount(row, column) for column in COLUMNS)
        executed = None if row.by == "source" else actual
        return Fund(row, initial, adjusted, executed, self._source(row), self._reason(row))

    def received(self, row: FundRow) -> Decimal | None:
        """What came in from a source, in 元."""
        return self._amount(row, COLUMNS[-1])

    def _cells(self, row: FundRow, column: str) -> list[CellKey]:
        if row.value is None or self.submission is None:
            return []
        operands = parse_number(row.value.replace("{column}", column)).names
        return [key for o in operands if self.submission.layout.has(key := CellKey(*o.name))]

    def _amount(self, row: FundRow, column: str) -> Decimal | None:
        """The amount; a sum of blanks is none."""
        cells = self._cells(row, column)
        if self.submission is None or row.value is None:
            return None
        workings = self.submission.workings
        if not any(workings.is_filled(key) for key in cells):
            return None
        expression = parse_number(row.value.replace("{column}", column))
        return evaluate_number(expression, workings.lookup(CellKey("", "", "")))

    def _source(self, row: FundRow) -> Source | None:
        cells = self._cells(row, COLUMNS[-1])
        return self.submission.source(cells[0]) if cells and self.submission else None

    def _reason(self, row: FundRow) -> str | None:
        """Why it was executed so, where the row is one row of the workbook."""
        cells = self._cells(row, COLUMNS[-1])
        return self.text(_FINANCE, cells[0].row, "reason") if len(cells) == 1 else None

    def project_row(self, source: Source) -> str | None:
        """The key of the project whose execution stands in a cell."""
        found = self.submission
        for row in self.rows("projects"):
            key = CellKey(_FINANCE, row, "actual")
            if found is not None and found.layout.has(key) and found.source(key) == source:
                return row
        return None

    def project_amount(self, row: str, column: str) -> Decimal | None:
        """An amount of a project in 元."""
        value = self.submission.inputs.get(CellKey(_FINANCE, row, column)) if self.submission else None
        return value if isinstance(value, Decimal) else None

    # -- indicators --------------------------------------------------------------------------------------------

    def target(self, indicator: Indicator) -> FieldValue:
        """The target as a number if it is one."""
        try:
            return Decimal(indicator.target)
        except ArithmeticError:
            return indicator.target

    def target_shown(self, indicator: Indicator) -> str:
        """Such as ≥95%, 30万元, 合理."""
        words = {"target": indicator.target, "unit": indicator.measure_unit, "nature": indicator.nature}
        match indicator.nature:
            case "≥" | "≤":
                return self.mapping.text("appendix_target_limit", **words)
            case "=" | "区间":
                return self.mapping.text("appendix_target", **words)
            case "日期":
                return self.mapping.text("appendix_target_date", **words)
            case _:
                return indicator.target

    def actual(self, indicator: Indicator) -> FieldValue:
        """What was done: a number, a text, or a date as text."""
        if self.submission is None:
            return None
        value = self.submission.inputs.get(CellKey(_INDICATORS, indicator.key, "actual"))
        if isinstance(value, Decimal):
            return self._day(value) if indicator.nature == "日期" else value
        return None if value is None or is_blank(value) else str(value).strip()

    def actual_shown(self, indicator: Indicator) -> str | None:
        """Such as 98.5%, or a text with its band."""
        actual = self.actual(indicator)
        band = self.text(_INDICATORS, indicator.key, "band")
        if isinstance(actual, Decimal):
            return self.mapping.text("appendix_actual", actual=plain(actual), unit=indicator.measure_unit)
        if actual and band:
            return self.mapping.text("appendix_actual_band", actual=actual, band=band)
        return actual or band

    def of_indicator(self, indicator: Indicator, column: str) -> str | None:
        """Another text in the indicator's row."""
        return self.text(_INDICATORS, indicator.key, column)

    def on_cover(self, row: str) -> str | None:
        """What the cover says."""
        return self.text(_COVER, row, "value")
