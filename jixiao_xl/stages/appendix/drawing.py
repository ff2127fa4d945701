"""Drawing (附表制表): both self-evaluation forms in the layout that bureaus print, in 万元 with two decimals.

A cell holds the amount exactly and shows two decimals, so that sums and rates are computed from exact amounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from jixiao_xl.files.author import AuthoredSheet, Style
from jixiao_xl.model.mapping import FundRow, Mapping
from jixiao_xl.model.money import YUAN_PER_WAN
from jixiao_xl.model.places import Source
from jixiao_xl.model.rules import execution_formula
from jixiao_xl.stages.appendix import formulas
from jixiao_xl.stages.appendix.content import Content, Fund, Line
from jixiao_xl.stages.appendix.page import (
    CENTRED,
    HEADER,
    LABEL,
    MONEY,
    RATE,
    REMARK,
    SCORE,
    SIGNATURE,
    SUBTITLE,
    TEXT,
    TITLE,
    UNIT_NOTE,
    Page,
    bold,
)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """In which columns the parts of a form stand, first and last; `widths` of all columns."""

    widths: tuple[float, ...]
    landscape: bool
    fund_label: Span
    initial: Span
    adjusted: Span
    executed: Span
    fund_points: Span
    rate: Span
    fund_score: Span
    fund_reason: Span | None
    level1: Span
    level2: Span
    level3: Span
    unit: Span | None
    target: Span
    actual: Span
    points: Span
    score: Span
    reason: Span
    objective: Span

    @property
    def source(self) -> int:
        """The last column says where a row comes from."""
        return len(self.widths)

    @property
    def result(self) -> Span:
        """What is left beside the objectives."""
        return self.objective[1] + 1, self.source


DEPARTMENT = Layout(
    widths=(9, 13, 22, 12, 13, 17, 9, 9, 10, 12, 14, 16),
    landscape=True,
    fund_label=(1, 3), initial=(4, 4), adjusted=(5, 5), executed=(6, 6), fund_points=(7, 7), rate=(8, 8),
    fund_score=(9, 9), fund_reason=(10, 11),
    level1=(1, 1), level2=(2, 2), level3=(3, 3), unit=(4, 4), target=(5, 5), actual=(6, 6), points=(7, 7),
    score=(8, 8), reason=(9, 11), objective=(1, 5),
)  # fmt: skip
PROJECT = Layout(
    widths=(8, 11, 17, 11, 12, 8, 8, 8, 9.5, 8, 9),
    landscape=False,
    fund_label=(1, 3), initial=(4, 4), adjusted=(5, 5), executed=(6, 7), fund_points=(8, 8), rate=(9, 9),
    fund_score=(10, 10), fund_reason=None,
    level1=(1, 1), level2=(2, 2), level3=(3, 3), unit=None, target=(4, 4), actual=(5, 5), points=(6, 6),
    score=(7, 7), reason=(8, 10), objective=(1, 4),
)  # fmt: skip


def draw(content: Content, name: str, title: str, layout: Layout, mapping: Mapping) -> AuthoredSheet:
    """The sheet of one form."""
    widths = dict(enumerate(layout.widths, start=1))
    page = Page(AuthoredSheet(name, landscape=layout.landscape, widths=widths), mapping.text("summary_none"))
    return _Drawing(page, content, layout, mapping).form(title)


class _Drawing:
    """The parts of a form, one below the other."""

    def __init__(self, page: Page, content: Content, layout: Layout, mapping: Mapping) -> None:
        self.page, self.content, self.layout, self.mapping = page, content, layout, mapping
        self.fund_rows: dict[str, int] = {}
        self.execution: str | None = None  # the cells of its points and score, where it has points
        self.execution_score = ""

    def form(self, title: str) -> AuthoredSheet:
        """All of it."""
        page, text = self.page, self.mapping.text
        page.across(title, TITLE, 34)
        page.across(text("appendix_year", year=str(self.content.year)), SUBTITLE)
        page.across(text("appendix_unit"), UNIT_NOTE)
        self._head()
        self._funds()
        if self.content.tasks:
            self._tasks()
        self._objectives()
        self._indicators()
        self._foot()
        return page.finished()

    # -- head and funds ----------------------------------------------------------------------------------------

    def _head(self) -> None:
        """Who this is about: pairs of a label and a value."""
        words, last = self.content.words, self.layout.source
        pairs = [("appendix_department", words["department"]), ("appendix_responsible", words["unit_name"])]
        if "project_name" in words:
            pairs = [
                ("appendix_project_name", words["project_name"]),
                ("appendix_project_code", words["project_code"]),
                *pairs,
            ]
        half = self.layout.objective[1]
        for index in range(0, len(pairs), 2):
            spans = ((1, 2, half), (half + 1, half + 1, last))  # the label's columns, and the value's last
            for (label, value), (first, label_end, end) in zip(pairs[index : index + 2], spans, strict=True):
                self.page.put(first, label_end, self.mapping.text(label), LABEL)
                self.page.put(label_end + 1, end, value or self.page.blank, TEXT)
            self.page.row += 1

    def _header(self, titles: list[tuple[Span, str]]) -> None:
        for (first, last), key in titles:
            self.page.put(first, last, self.mapping.text(key), HEADER)
        self.page.row += 1

    def _funds(self) -> None:
        layout = self.layout
        titles = [
            (layout.fund_label, "appendix_funds"),
            (layout.initial, "appendix_initial"),
            (layout.adjusted, "appendix_adjusted"),
            (layout.executed, "appendix_executed"),
            (layout.fund_points, "appendix_points"),
            (layout.rate, "appendix_rate"),
            (layout.fund_score, "appendix_score"),
            ((layout.source, layout.source), "appendix_source"),
        ]
        if layout.fund_reason:
            titles.append((layout.fund_reason, "appendix_fund_reason"))
        self._header(titles)
        first = self.page.row
        self.fund_rows = {fund.row.key: first + number for number, fund in enumerate(self.content.funds)}
        for number, fund in enumerate(self.content.funds):
            self._fund(fund, total=number == 0)

    def _fund(self, fund: Fund, *, total: bool) -> None:
        page, layout = self.page, self.layout

        def weight(style: Style) -> Style:
            return bold(style) if total else style

        page.put(*layout.fund_label, fund.row.label, weight(TEXT))
        self._amounts(fund, layout.executed, weight=total)
        points = self.content.execution_points if total else None
        score = self.content.execution_score if total else None
        cell = page.at(layout.fund_points[0])
        formula = None
        if points is not None:
            live = execution_formula(cell, page.at(layout.executed[0]), page.at(layout.adjusted[0]))
            formula = f"={live}" if score is not None else None
            self.execution, self.execution_score = cell, page.at(layout.fund_score[0])
        page.put(*layout.fund_points, points, weight(SCORE))
        page.put(*layout.fund_score, score, weight(SCORE), formula=formula)
        if layout.fund_reason:
            page.put(*layout.fund_reason, fund.reason or "", weight(TEXT))
        self._source(fund.source)
        page.row += 1

    def _amounts(self, fund: Fund, executed: Span, *, weight: bool) -> None:
        """Three amounts and the rate."""
        page, layout = self.page, self.layout
        amounts = (fund.budget_initial, fund.budget_adjusted, fund.executed)
        for span, amount, part in zip((layout.initial, layout.adjusted, executed), amounts, range(3), strict=True):
            value = amount / YUAN_PER_WAN if amount is not None else None
            formula = self._sum_of_parts(fund.row, part, amount, span)
            page.put(*span, value, bold(MONEY) if weight else MONEY, formula=formula)
        live = formulas.rate(page.at(executed[0]), page.at(layout.adjusted[0]), page.blank)
        page.put(*layout.rate, fund.execution_rate, bold(RATE) if weight else RATE, formula=live)

    def _sum_of_parts(self, row: FundRow, part: int, amount: Decimal | None, span: Span) -> str | None:
        """The live sum of the rows that a total consists of, where they are known and give it."""
        members = [fund for fund in self.content.funds if fund.row.key in row.sum_of]
        amounts = [(fund.budget_initial, fund.budget_adjusted, fund.executed)[part] for fund in members]
        known = [value for value in amounts if value is not None]
        if not known or amount is None or sum(known) != amount:
            return None
        cells = [
            self.page.at(span[0], self.fund_rows[fund.row.key])
            for fund, value in zip(members, amounts, strict=True)
            if value is not None
        ]
        return formulas.full_sum(cells, len(cells), self.page.blank)

    def _source(self, source: Source | None) -> None:
        text = self.mapping.text("appendix_cell", sheet=source.sheet, cell=source.cell) if source else ""
        self.page.source(self.layout.source, source, text)

    # -- tasks and objectives ----------------------------------------------------------------------------------

    def _tasks(self) -> None:
        layout, page = self.layout, self.page
        unit, reason = layout.fund_score, layout.fund_reason
        self._header(
            [
                (layout.fund_label, "appendix_tasks"),
                (layout.initial, "appendix_initial"),
                (layout.adjusted, "appendix_adjusted"),
                ((layout.executed[0], layout.fund_points[1]), "appendix_executed"),
                (layout.rate, "appendix_rate"),
                (unit, "appendix_carrier"),
                *([(reason, "appendix_fund_reason")] if reason else []),
                ((layout.source, layout.source), "appendix_source"),
            ]
        )
        for task in self.content.tasks:
            page.put(*layout.fund_label, task.name, TEXT)
            self._amounts(task.fund, (layout.executed[0], layout.fund_points[1]), weight=False)
            page.put(*unit, task.unit_name, CENTRED)
            if reason:
                page.put(*reason, task.fund.reason or "", TEXT)
            self._source(task.fund.source)
            page.row += 1

    def _objectives(self) -> None:
        layout, page = self.layout, self.page
        key = "appendix_objective_of_unit" if "project_name" in self.content.words else "appendix_objective"
        self._header([(layout.objective, key), (layout.result, "appendix_result")])
        for objective, result in self.content.objectives or ((None, None),):
            page.put(*layout.objective, objective or page.blank, TEXT)
            page.put(*layout.result, result or page.blank, TEXT)
            page.row += 1

    # -- indicators --------------------------------------------------------------------------------------------

    def _indicators(self) -> None:
        layout, page = self.layout, self.page
        titles = [
            (layout.level1, "appendix_level1"),
            (layout.level2, "appendix_level2"),
            (layout.level3, "appendix_level3"),
            *([(layout.unit, "appendix_carrier")] if layout.unit else []),
            (layout.target, "appendix_target_header"),
            (layout.actual, "appendix_actual_header"),
            (layout.points, "appendix_points"),
            (layout.score, "appendix_score"),
            (layout.reason, "appendix_reason"),
            ((layout.source, layout.source), "appendix_source"),
        ]
        page.sheet.repeat_rows = (page.row, page.row)
        self._header(titles)
        first = page.row
        for block, members in groupby(self.content.lines, key=lambda line: line.level1):
            self._block(block, list(members))
        self._total(first)

    def _block(self, block: str, lines: list[Line]) -> None:
        page, layout = self.page, self.layout
        page.put(*layout.level1, block, CENTRED, rows=len(lines))
        for level2, members in groupby(lines, key=lambda line: line.level2):
            group = list(members)
            page.put(*layout.level2, level2 or page.blank, CENTRED, rows=len(group))
            for line in group:
                self._line(line)

    def _line(self, line: Line) -> None:
        page, layout = self.page, self.layout
        page.put(*layout.level3, line.level3, TEXT)
        if layout.unit:
            page.put(*layout.unit, line.unit_name or page.blank, CENTRED)
        page.put(*layout.target, line.target_shown or page.blank, CENTRED)
        page.put(*layout.actual, line.actual_shown or page.blank, CENTRED)
        page.put(*layout.points, line.points, SCORE)
        page.put(*layout.score, line.score, SCORE)
        page.put(*layout.reason, line.reason or "", TEXT)
        self._source(line.source)
        page.row += 1

    def _total(self, first: int) -> None:
        """The last row: sums of all points and scores, and the grade."""
        page, layout, content = self.page, self.layout, self.content
        last, count = page.row - 1, len(content.lines)
        end = layout.points[0] - 1
        page.put(layout.level1[0], end, self.mapping.text("appendix_total"), bold(CENTRED))
        points = [f"{page.at(layout.points[0], first)}:{page.at(layout.points[0], last)}"]
        scores = [f"{page.at(layout.score[0], first)}:{page.at(layout.score[0], last)}"]
        if self.execution:
            points, scores, count = [*points, self.execution], [*scores, self.execution_score], count + 1
        sum_of_points = formulas.full_sum(points, count, page.blank, places=2)
        page.put(*layout.points, content.total_points, bold(SCORE), formula=sum_of_points)
        page.put(*layout.score, content.total_score, bold(SCORE), formula=self._live_total(scores, count))
        live = formulas.grade(page.at(layout.score[0]), self.mapping, page.blank, shown=True)
        grade = content.grade_shown or page.blank
        start, last_reason = layout.reason
        page.put(start, start, self.mapping.text("appendix_grade"), bold(CENTRED))
        page.put(start + 1, last_reason, grade, bold(CENTRED), formula=live)
        page.put(layout.source, layout.source, "", bold(TEXT))
        page.row += 1

    def _live_total(self, scores: list[str], count: int) -> str | None:
        """The sum of all scores; none where a provisional total leaves some out; no more than a cap allows."""
        content = self.content
        known = [line.score for line in content.lines if line.score is not None]
        whole = sum(known, content.execution_score or Decimal(0))
        live = formulas.full_sum(scores, count, self.page.blank, places=2)
        has_all = len(known) == len(content.lines) and (not self.execution or content.execution_score is not None)
        if content.total_score is None:
            return None if has_all else live
        if not has_all or whole < content.total_score:
            return None
        if whole == content.total_score:
            return live
        return formulas.capped(live, f"{content.total_score:f}", self.page.blank)

    # -- foot --------------------------------------------------------------------------------------------------

    def _foot(self) -> None:
        page, text, words = self.page, self.mapping.text, self.content.words
        blanks = text("appendix_to_sign")
        third = self.layout.objective[1] - 1
        page.needed[page.row] = 28
        shown = [text(f"appendix_{key}", value=words.get(key) or blanks) for key in ("preparer", "head", "date")]
        spans = ((1, third), (third + 1, self.layout.source - 4), (self.layout.source - 3, self.layout.source))
        for (first, last), value in zip(spans, shown, strict=True):
            page.put(first, last, value, SIGNATURE)
        page.row += 1
        remarks = [text("appendix_files", files=text("report_name_joint").join(self.content.files) or page.blank)]
        for number, remark in enumerate([*remarks, *self.content.remarks], start=1):
            page.across(text("appendix_remark", number=str(number), text=remark), REMARK)
