"""Overview (总览): the score, where every unit stands, the main figures and three charts on one page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from jixiao_xl.files.author import AuthoredSheet, Chart, Series, Style
from jixiao_xl.files.pen import (
    CENTRED,
    COUNT,
    HEADER,
    HEADING,
    MONEY,
    NUMBER,
    RATIO,
    REMARK,
    SCORE,
    TEXT,
    TITLE,
    WARNING,
    Pen,
    total,
)
from jixiao_xl.model.findings import Severity
from jixiao_xl.model.looks import STATUS_FILLS
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import wan
from jixiao_xl.model.results import SCORING_STATUSES, FactValue, Org, Result
from jixiao_xl.model.texts import STATUS_WORDS
from jixiao_xl.stages.summarise.drawing import difference, grade_formula, less, unit_name
from jixiao_xl.stages.summarise.levels import ScoreCells
from jixiao_xl.stages.summarise.steps import StepCells, standing, weighted_mean

_COLUMNS: dict[str, float] = {
    "number": 5,
    "unit": 30,
    "level": 6,
    "status": 12,
    "late_header": 6,
    "points": 8,
    "self": 9,
    "computed": 9,
    "review": 9,
    "difference": 8,
    "grade": 7,
    "must_fix": 6,
    "explain": 7,
    "note": 6,
}
_NUMBER, _UNIT, _LEVEL, _STATUS, _LATE, _POINTS, _SELF, _COMPUTED, _REVIEW, _GAP, _GRADE, _MUST_FIX, _EXPLAIN, _NOTE = (
    range(1, 15)
)
# the left table below the units: block, points, rate, score; the right one: what, this year, last year
_BLOCK, _BLOCK_POINTS, _BLOCK_RATE, _BLOCK_SCORE = _UNIT, _LEVEL, _STATUS, _LATE
_ITEM, _THIS_YEAR, _LAST_YEAR = (_SELF, _REVIEW), (_GAP, _GRADE), (_MUST_FIX, _NOTE)
_YEARS: Final = {
    "income": ("total_income", "prior_total_income"),
    "expenditure": ("total_expenditure", "prior_total_expenditure"),
    "basic": ("basic_expenditure", "prior_basic_expenditure"),
    "project": ("project_expenditure", "prior_project_expenditure"),
}
_SINGLE: Final = (
    "budget_adjusted",
    "execution_rate",
    "three_public_actual",
    "staff_total",
    "staff_quota",
    "section_count",
    "section_indicator_count",
)
_NOW, _BEFORE = "#2E75B6", "#BDD7EE"
_PIXELS: Final = 27  # a row of 20 points
_LEFT_WIDTH, _RIGHT_WIDTH, _CHART_HEIGHT = 490, 450, 290


def draw_overview(
    result: Result, mapping: Mapping, scores: ScoreCells, steps: StepCells, facts: dict[str, str]
) -> AuthoredSheet:
    """The first sheet; its figures are live references to the sheets behind it."""
    pen = Pen.on(mapping.text("summary_sheet_overview"), tuple(_COLUMNS.values()))
    sheet = _Overview(pen, result, mapping, scores, steps, facts)
    sheet.heading()
    units = sheet.units()
    blocks, money = sheet.tables()
    sheet.charts(units, blocks, money)
    return pen.finished()


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a table that a chart shows; none where `last` is before `first`."""

    first: int
    last: int


@dataclass
class _Overview:
    pen: Pen
    result: Result
    mapping: Mapping
    scores: ScoreCells
    steps: StepCells
    facts: dict[str, str]

    # -- heading -----------------------------------------------------------------------------------------------

    def heading(self) -> None:
        pen, text, department = self.pen, self.mapping.text, self.result.department
        words = {"department": self.mapping.department, "year": str(self.mapping.year)}
        pen.across(text("summary_title", **words), TITLE, 34)
        found = standing(self.result, self.mapping)
        pen.across(found.text, WARNING if found.is_warning else replace(REMARK, align="center"))
        label, big = replace(HEADER, size=12), replace(total(CENTRED), size=16, number_format="0.00")
        none = text("summary_none")
        known = department.total is not None
        pen.sheet.heights[pen.row] = 34
        pen.merged(
            _NUMBER, _UNIT, text("summary_score_provisional" if department.provisional else "summary_score"), label
        )
        pen.merged(_LEVEL, _LATE, none, big, formula=f"={self.steps.total}" if known else None, value=department.total)
        pen.merged(_POINTS, _SELF, text("summary_grade"), label)
        shown = department.grade_shown
        pen.merged(_COMPUTED, _GAP, none, big, formula=f"={self.steps.grade_shown}" if shown else None, value=shown)
        pen.merged(_GRADE, _MUST_FIX, text("summary_counted"), label)
        counted = sum(org.status in SCORING_STATUSES for org in self.result.orgs)
        pen.merged(_EXPLAIN, _NOTE, f"{counted} / {len(self.result.orgs)}", big)
        pen.row += 2
        pen.sheet.freeze = (pen.row - 1, 1)

    # -- units -------------------------------------------------------------------------------------------------

    def units(self) -> _Rows:
        """The table of units; gives the rows of the sections."""
        pen, text = self.pen, self.mapping.text
        pen.across(text("summary_units_heading"), HEADING, 24)
        pen.across(text("summary_units_note"), REMARK)
        pen.header([text(f"summary_{key}") for key in _COLUMNS])
        pen.row += 1
        first = pen.row
        own = [org for org in self.result.orgs if org.level == "部门"]
        sections = [org for org in self.result.orgs if org.level != "部门"]
        for number, org in enumerate([*own, *sections], start=1):
            self._unit(number, org)
        rows = _Rows(first + len(own), pen.row - 1)
        self._nobody()
        self._whole(first)
        pen.row += 1
        return rows

    def _unit(self, number: int, org: Org) -> None:
        pen, scored, cells = self.pen, self.result.units.get(org.code), self.scores.totals.get(org.code)
        own = org.level == "部门"
        name = unit_name(self.mapping, org.code)
        pen.put(_NUMBER, number, NUMBER)
        pen.put(_UNIT, self.mapping.text("summary_root", name=name) if own else name, TEXT)
        pen.put(_LEVEL, org.level, CENTRED)
        pen.put(_STATUS, STATUS_WORDS[org.status], replace(CENTRED, fill=STATUS_FILLS[org.status]))
        pen.put(_LATE, self.mapping.text("summary_late") if org.late else None, replace(CENTRED, color="#C00000"))
        computed = scored.total if scored else None
        points = scored.points if scored else None
        pen.put(_POINTS, points, SCORE, formula=f"={cells.points}" if cells else None)
        shown = scored.self_total if scored else None
        pen.put(_SELF, shown, SCORE)
        live = cells is not None and computed is not None
        pen.put(_COMPUTED, computed, SCORE, formula=f"={cells.computed}" if cells and live else None)
        pen.put(_REVIEW, org.review_score, SCORE)
        gap = difference(pen.at(_SELF), pen.at(_COMPUTED))
        pen.put(_GAP, less(shown, computed), SCORE, formula=gap)
        if own:
            pen.put(_GRADE, self.mapping.text("summary_none"), CENTRED)
        else:
            pen.put(_GRADE, org.grade, CENTRED, formula=grade_formula(pen.at(_COMPUTED), self.mapping))
        self._counts((org.must_fix, org.explain, org.note))
        pen.row += 1

    def _counts(self, counts: tuple[int, int, int]) -> None:
        for column, count in zip((_MUST_FIX, _EXPLAIN, _NOTE), counts, strict=True):
            self.pen.put(column, count, replace(NUMBER, color="#000000" if count else "#A6A6A6"))

    def _nobody(self) -> None:
        """Findings in files whose unit is not known: they are counted too."""
        pen, counts = self.pen, self._uncounted()
        if any(counts):
            for column in range(1, len(_COLUMNS) + 1):
                pen.put(column, None, SCORE)
            pen.put(_UNIT, self.mapping.text("summary_no_unit"), TEXT)
            self._counts(counts)
            pen.row += 1

    def _uncounted(self) -> tuple[int, int, int]:
        known = {org.code for org in self.result.orgs}
        severities = [finding.severity for finding in self.result.findings if finding.place.unit not in known]
        return severities.count(Severity.MUST_FIX), severities.count(Severity.EXPLAIN), severities.count(Severity.NOTE)

    def _whole(self, first: int) -> None:
        """The department as a whole: its score, its grade, all findings."""
        pen, department, orgs = self.pen, self.result.department, self.result.orgs
        for column in range(1, len(_COLUMNS) + 1):
            pen.put(column, None, total(SCORE))
        pen.put(_UNIT, self.mapping.text("summary_whole"), total(TEXT))
        points = sum((step.points for step in department.steps), Decimal(0))
        pen.put(_POINTS, points, total(SCORE), formula=f"={self.steps.points}")
        if department.total is not None:
            pen.put(_SELF, department.self_total, total(SCORE))
            pen.put(_COMPUTED, department.total, total(SCORE), formula=f"={self.steps.total}")
            gap = difference(pen.at(_SELF), pen.at(_COMPUTED))
            pen.put(_GAP, less(department.self_total, department.total), total(SCORE), formula=gap)
            pen.put(_GRADE, department.grade, total(CENTRED), formula=f"={self.steps.grade}")
        counts = zip(self._uncounted(), *((org.must_fix, org.explain, org.note) for org in orgs), strict=True)
        for column, of_units in zip((_MUST_FIX, _EXPLAIN, _NOTE), counts, strict=True):
            area = f"{pen.at(column, first)}:{pen.at(column, pen.row - 1)}"
            pen.put(column, sum(of_units), replace(total(COUNT), align="center"), formula=f"=SUM({area})")
        pen.row += 1

    # -- blocks and money --------------------------------------------------------------------------------------

    def tables(self) -> tuple[_Rows, _Rows]:
        """Blocks on the left, figures on the right; gives the rows that charts show."""
        pen, text = self.pen, self.mapping.text
        pen.merged(_NUMBER, _LATE, text("summary_blocks_heading"), HEADING)
        pen.merged(_SELF, _NOTE, text("summary_facts_heading"), HEADING)
        pen.sheet.heights[pen.row] = 24
        pen.row += 1
        top = pen.row
        blocks = self._blocks()
        left = pen.row
        pen.row = top
        money = self._money()
        self._single()
        pen.row = max(left, pen.row) + 1
        return blocks, money

    def _blocks(self) -> _Rows:
        pen, text, department = self.pen, self.mapping.text, self.result.department
        for column, key in (
            (_NUMBER, "number"),
            (_BLOCK, "block"),
            (_BLOCK_POINTS, "points"),
            (_BLOCK_RATE, "mean"),
            (_BLOCK_SCORE, "block_score"),
        ):
            pen.put(column, text(f"summary_{key}"), HEADER)
        pen.row += 1
        first = pen.row
        none = text("summary_none")
        for number, (step, cells) in enumerate(zip(department.steps, self.steps.blocks, strict=True), start=1):
            known = step.score is not None
            rate = weighted_mean(step)
            pen.put(_NUMBER, number, NUMBER)
            pen.put(_BLOCK, step.block, TEXT)
            pen.put(_BLOCK_POINTS, step.points, SCORE, formula=f"={cells.points}")
            pen.put(_BLOCK_RATE, none if rate is None else rate, RATIO, formula=f"={cells.mean}" if known else None)
            score = none if step.score is None else step.score
            pen.put(_BLOCK_SCORE, score, SCORE, formula=f"={cells.score}" if known else None)
            pen.row += 1
        rows = _Rows(first, pen.row - 1)
        self._block_sums(rows)
        return rows

    def _block_sums(self, rows: _Rows) -> None:
        pen, department = self.pen, self.result.department
        pen.put(_NUMBER, None, total(TEXT))
        pen.put(_BLOCK, self.mapping.text("summary_sum"), total(TEXT))
        area = f"{pen.at(_BLOCK_POINTS, rows.first)}:{pen.at(_BLOCK_POINTS, rows.last)}"
        points = sum((step.points for step in department.steps), Decimal(0))
        pen.put(_BLOCK_POINTS, points, total(SCORE), formula=f"=SUM({area})")
        pen.put(_BLOCK_RATE, None, total(TEXT))
        known = department.total is not None
        value = department.total if known else self.mapping.text("summary_none")
        pen.put(_BLOCK_SCORE, value, total(SCORE), formula=f"={self.steps.total}" if known else None)
        pen.row += 1

    def _money(self) -> _Rows:
        pen, text = self.pen, self.mapping.text
        pen.merged(*_ITEM, text("summary_item"), HEADER)
        for span, key in ((_THIS_YEAR, "this_year"), (_LAST_YEAR, "last_year")):
            pen.merged(*span, text("summary_wan_header", item=text(f"summary_{key}")), HEADER)
        pen.row += 1
        first = pen.row
        for key, ids in _YEARS.items():
            pen.merged(*_ITEM, "", TEXT, value=text(f"summary_{key}"))
            for span, fact_id in zip((_THIS_YEAR, _LAST_YEAR), ids, strict=True):
                self._figure(span, self.result.facts.get(fact_id))
            pen.row += 1
        return _Rows(first, pen.row - 1)

    def _single(self) -> None:
        """Figures without a last year: their own name and unit."""
        for fact_id in _SINGLE:
            fact = self.result.facts.get(fact_id)
            if fact is None:
                continue
            self.pen.merged(*_ITEM, fact.name, TEXT)
            self._figure(_THIS_YEAR, fact)
            measure = {"元": self.mapping.text("report_wan"), "%": ""}.get(fact.measure_unit, fact.measure_unit)
            self.pen.merged(*_LAST_YEAR, measure, CENTRED)
            self.pen.row += 1

    def _figure(self, span: tuple[int, int], fact: FactValue | None) -> None:
        """A fact as prose shows it, computed live from its exact value; a dash where there is none."""
        style = _FIGURE_STYLES.get(fact.measure_unit, COUNT) if fact else MONEY
        if fact is None or not isinstance(fact.value, Decimal):
            self.pen.merged(*span, self.mapping.text("summary_none"), style)
        elif fact.measure_unit == "元":
            self.pen.merged(*span, "", style, formula=f"=ROUND({self.facts[fact.id]}/10000,2)", value=wan(fact.value))
        else:
            self.pen.merged(*span, "", style, formula=f"={self.facts[fact.id]}", value=fact.value)

    # -- charts ------------------------------------------------------------------------------------------------

    def charts(self, units: _Rows, blocks: _Rows, money: _Rows) -> None:
        pen, text = self.pen, self.mapping.text
        pen.across(text("summary_charts_heading"), HEADING, 24)
        height = _CHART_HEIGHT
        if units.first <= units.last:
            height = max(height, 70 + 25 * (units.last - units.first + 1))
            scores = self._series("summary_computed", _UNIT, _COMPUTED, units, _NOW)
            title = text("summary_chart_sections")
            pen.sheet.charts.append(Chart("bar", title, (scores,), pen.row, _NUMBER, _LEFT_WIDTH, height, minimum=0))
        if blocks.first <= blocks.last:
            series = (
                self._series("summary_block_score", _BLOCK, _BLOCK_SCORE, blocks, _NOW),
                self._series("summary_points", _BLOCK, _BLOCK_POINTS, blocks, _BEFORE),
            )
            title = text("summary_chart_blocks")
            pen.sheet.charts.append(Chart("column", title, series, pen.row, _SELF, _RIGHT_WIDTH, height, minimum=0))
        pen.row += -(-height // _PIXELS) + 1
        series = (
            self._series("summary_this_year", _ITEM[0], _THIS_YEAR[0], money, _NOW),
            self._series("summary_last_year", _ITEM[0], _LAST_YEAR[0], money, _BEFORE),
        )
        width = _LEFT_WIDTH + _RIGHT_WIDTH
        title = text("summary_chart_money")
        pen.sheet.charts.append(
            Chart("column", title, series, pen.row, _NUMBER, width, _CHART_HEIGHT, minimum=0, number_format="#,##0.00")
        )
        pen.row += -(-_CHART_HEIGHT // _PIXELS) + 1

    def _series(self, name: str, categories: int, values: int, rows: _Rows, color: str) -> Series:
        absolute = self.pen.absolute
        return Series(
            self.mapping.text(name),
            absolute(categories, rows.first, rows.last),
            absolute(values, rows.first, rows.last),
            color,
        )


_FIGURE_STYLES: Final[dict[str, Style]] = {"元": MONEY, "%": RATIO, "分": SCORE}
