"""Reconciliation (对账): for every scored cell what the workbook shows, what its formula gives, what the rules say.

Below the total of each unit stand its other formula cells that do not agree; all others do, or are not listed (DESIGN 10).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from jixiao_xl.files.author import AuthoredSheet, Highlight, Style
from jixiao_xl.files.pen import CENTRED, MONEY, REMARK, SCORE, TEXT, TITLE, Pen, Value, total
from jixiao_xl.model.batch import Submission
from jixiao_xl.model.form import FormRow
from jixiao_xl.model.formulas import Arithmetic, Scored, operands
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import at_excel_precision, half_up
from jixiao_xl.model.places import CellKey, Place
from jixiao_xl.model.results import Org, Result
from jixiao_xl.model.rules import Words, worked_sum
from jixiao_xl.model.texts import STATUS_WORDS
from jixiao_xl.model.verdicts import Raw, Reconciled, Verdict
from jixiao_xl.stages.summarise.drawing import less, unit_name

_COLUMNS: Final[dict[str, float]] = {
    "unit": 20,
    "block": 10,
    "indicator": 26,
    "indicator_points": 8,
    "self": 14,
    "computed": 14,
    "recomputed": 14,
    "difference": 13,
    "verdict": 14,
    "working": 40,
    "cell": 16,
}
_UNIT, _BLOCK, _NAME, _POINTS, _SELF, _COMPUTED, _RECOMPUTED, _DIFFERENCE, _VERDICT, _WORKING, _CELL = range(1, 12)
_TABLE, _SCORE, _TOTAL = "indicators", "score", "total"
_DECIMALS: Final = 6  # more than the two of a score: what differs in the third must not look equal
_EXACT: Final = replace(SCORE, number_format="0.00####")
_STYLES: Final[dict[str, Style]] = {"money": MONEY, "ratio": replace(SCORE, number_format="0.0000##")}
_RED, _AMBER = "#FFC7CE", "#FFEB9C"
_FILLS: Final = {
    Verdict.ERROR: _RED,
    Verdict.OVERWRITTEN: _RED,
    Verdict.CHANGED: _RED,
    Verdict.MISMATCH: _RED,
    Verdict.PASTED: _AMBER,
    Verdict.STALE: _AMBER,
    Verdict.NOT_CALCULATED: _AMBER,
    Verdict.FOLLOWS: _AMBER,
}


def draw_reconciliation(result: Result, mapping: Mapping) -> AuthoredSheet:
    """The sheet of every scored cell, and of every other formula cell that does not agree."""
    pen = Pen.on(mapping.text("summary_sheet_reconciliation"), tuple(_COLUMNS.values()), landscape=True)
    pen.across(mapping.text("summary_reconciliation_title"), TITLE, 34)
    pen.across(mapping.text("summary_reconciliation_note"), REMARK)
    pen.across(mapping.text("summary_reconciliation_others"), REMARK)
    pen.header([mapping.text(f"summary_{key}") for key in _COLUMNS])
    pen.repeat(pen.row, columns=1)
    header = pen.row
    pen.row += 1
    for org in result.orgs:
        _unit(pen, org, result, mapping)
    last = max(header + 1, pen.row - 1)
    pen.sheet.filter_area = (header, 1, last, len(_COLUMNS))
    first = pen.at(_DIFFERENCE, header + 1)
    lit = f"=AND(ISNUMBER({first}),{first}<>0)"
    pen.sheet.highlights.append(Highlight(f"{first}:{pen.at(_DIFFERENCE, last)}", lit, _RED, "#000000"))
    return pen.finished()


def _unit(pen: Pen, org: Org, result: Result, mapping: Mapping) -> None:
    submission = result.batch.of(org.code)
    if submission is None:
        pen.put(_UNIT, unit_name(mapping, org.code), TEXT)
        pen.merged(_BLOCK, _CELL, mapping.text("summary_reconciliation_none", status=STATUS_WORDS[org.status]), TEXT)
        pen.row += 1
        return
    verdicts = result.batch.verdicts.get(org.code, {})
    unit = _UnitRows(pen, submission, verdicts, mapping)
    scored = list(scored_rows(submission, mapping))
    for block, row in scored:
        unit.scored(block, row)
    unit.others({CellKey(unit.sheet, row.key or "", _SCORE) for _, row in scored})


def scored_rows(submission: Submission, mapping: Mapping) -> Iterator[tuple[str, FormRow]]:
    """The rows of 指标评分表 that have a score: indicators and subtotal block by block, then the total."""
    if _TABLE not in submission.form.tables:
        return
    sheet, table = submission.form.tables[_TABLE]
    rows = {
        row.key: row for row in table.data_rows if CellKey(sheet.key, row.key or "", _SCORE) in submission.form.cells
    }
    indicators = mapping.indicators_of(submission.unit)
    for block in dict.fromkeys(indicator.level1 for indicator in indicators):
        members = [indicator.key for indicator in indicators if indicator.level1 == block]
        for key in (*members, f"subtotal_{mapping.block_key(block)}"):
            if key in rows:
                yield block, rows.pop(key)
    yield from (("", row) for row in rows.values())


@dataclass(frozen=True)
class _UnitRows:
    """The rows of one unit."""

    pen: Pen
    submission: Submission
    verdicts: dict[CellKey, Reconciled]
    mapping: Mapping

    @property
    def sheet(self) -> str:
        return self.submission.layout.table_sheets.get(_TABLE, _TABLE)

    def scored(self, block: str, row: FormRow) -> None:
        """An indicator, a subtotal or the total."""
        key = CellKey(self.sheet, row.key or "", _SCORE)
        cell = self.submission.form.cells[key]
        is_sum = isinstance(cell.formula, Arithmetic)
        text, exact = (total(TEXT), total(_EXACT)) if is_sum else (TEXT, _EXACT)
        self._names(block, row.label, text)
        points = self.submission.workings.value(key._replace(column="points"))
        self.pen.put(_POINTS, points, total(SCORE) if is_sum else SCORE)
        self._figures(key, exact)
        self._verdict(key, text)
        words = self._worked(key)
        self.pen.put(_WORKING, self.mapping.rule_texts[words[0]].format_map(words[1]) if words else None, text)
        self._link(key, text)
        self.pen.row += 1

    def others(self, scored: set[CellKey]) -> None:
        """Every other formula cell that does not agree; those of a workbook that was never calculated in one row."""
        found = [one for key, one in self.verdicts.items() if key not in scored and one.verdict is not Verdict.AGREES]
        idle = [one for one in found if one.verdict is Verdict.NOT_CALCULATED]
        cells = [(self.submission.place(one.key), one) for one in found if one.verdict is not Verdict.NOT_CALCULATED]
        sheets = list(self.submission.form.sheet_by_key)
        for place, one in sorted(cells, key=lambda cell: (sheets.index(cell[1].key.sheet), *_position(cell[0]))):
            self._other(place, one)
        if idle:
            self._names("", self.mapping.text("summary_not_calculated", count=str(len(idle))), TEXT)
            for column in (_POINTS, _SELF, _COMPUTED, _RECOMPUTED, _DIFFERENCE, _WORKING, _CELL):
                self.pen.put(column, None, TEXT)
            self._verdict(idle[0].key, TEXT)
            self.pen.row += 1

    def _other(self, place: Place, found: Reconciled) -> None:
        key, cell = found.key, self.submission.workings.cell(found.key)
        name = self.mapping.text("summary_row_and_column", row=place.label, column=place.column_label)
        self._names(place.sheet, name, TEXT)
        self._figures(key, _STYLES.get(cell.type, _EXACT) if cell else _EXACT)
        self._verdict(key, TEXT)
        for column in (_POINTS, _WORKING):
            self.pen.put(column, None, TEXT)
        self._link(key, TEXT)
        self.pen.row += 1

    def _names(self, block: str, name: str, style: Style) -> None:
        self.pen.put(_UNIT, unit_name(self.mapping, self.submission.unit), style)
        self.pen.put(_BLOCK, block, replace(style, align="center"))
        self.pen.put(_NAME, name, style)

    def _figures(self, key: CellKey, style: Style) -> None:
        """What stands there, what is due, what the formula gives, and by how much it differs."""
        pen, found = self.pen, self.verdicts.get(key)
        shown, due = _figure(self._shown(key)), _figure(self.submission.workings.value(key))
        recomputed = _figure(found.recomputed) if found else None
        for column, value in ((_SELF, shown), (_COMPUTED, due), (_RECOMPUTED, recomputed)):
            pen.put(column, value, replace(style, align="center", wrap=True) if isinstance(value, str) else style)
        own, ours = pen.at(_SELF), pen.at(_COMPUTED)
        formula = f'=IF(COUNT({own},{ours})<2,"",ROUND({own}-{ours},{_DECIMALS}))'
        gap = less(_number(shown), _number(due))
        pen.put(_DIFFERENCE, None if gap is None else half_up(gap, _DECIMALS), style, formula=formula)

    def _shown(self, key: CellKey) -> Raw:
        found, cell = self.verdicts.get(key), self.submission.formulas.get(key)
        if found is not None:
            return found.shown
        return cell.stored if cell is not None else None

    def _verdict(self, key: CellKey, style: Style) -> None:
        found, text = self.verdicts.get(key), self.mapping.text
        word, fill = text("summary_none"), style.fill
        if found is not None:
            word, fill = text(f"summary_verdict_{found.verdict}"), _FILLS.get(found.verdict, fill)
        elif not self.submission.layout.has(key):
            word, fill = text("summary_verdict_absent"), _RED
        self.pen.put(_VERDICT, word, replace(style, align="center", fill=fill))

    def _worked(self, key: CellKey) -> Words | None:
        """How the score came about."""
        cell, lookup = self.submission.workings.cell(key), self.submission.workings.lookup(key)
        formula = cell.formula if cell is not None else None
        if isinstance(formula, Scored):
            return formula.rule.worked(operands(lookup))
        if isinstance(formula, Arithmetic):
            return worked_sum([value for operand in formula.expression.names for value in lookup(operand.name)])
        return None

    def _link(self, key: CellKey, style: Style) -> None:
        if self.submission.layout.has(key):
            source = self.submission.source(key)
            self.pen.source(_CELL, source, f"{source.sheet}!{source.cell}")
        else:
            self.pen.put(_CELL, self.mapping.text("summary_none"), replace(CENTRED, fill=style.fill))


def _figure(value: Raw | Decimal) -> Value:
    """A number as Excel sees it; anything else as text."""
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value).upper()
    return at_excel_precision(value) if isinstance(value, float | int) else value


def _number(value: Value) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _position(place: Place) -> tuple[int, int, str]:
    """Where a cell stands on its sheet, row by row."""
    column = place.column or ""
    return place.row or 0, len(column), column
