"""A bureau's summary (财政局汇总表): departments side by side, their sections, every recomputed figure, what is wrong.

Amounts are references to the recomputed figures in 元; each is rounded to 万元 once, totals too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from jixiao_xl.files.author import AuthoredSheet, Chart, Highlight, Series, Style, author_workbook
from jixiao_xl.files.pen import CENTRED, COUNT, GENERAL, MONEY, NUMBER, RATIO, REMARK, SCORE, TEXT, TITLE, Pen, total
from jixiao_xl.model.department_results import DepartmentResult, Figure, Node
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import wan
from jixiao_xl.model.results import FactValue, Org, Result
from jixiao_xl.model.texts import STATUS_WORDS
from jixiao_xl.stages.summarise.facts import draw_facts
from jixiao_xl.stages.summarise.findings import draw_findings
from jixiao_xl.stages.summarise.overview import STATUS_FILLS
from jixiao_xl.stages.summarise.steps import StepCells

_NOTHING: Final = StepCells((), "", "", "", "")  # a district has no score of its own
_STYLES: Final[dict[str, Style]] = {"元": MONEY, "%": RATIO, "分": SCORE, "人": COUNT, "个": COUNT}
_FIRST, _SECOND = "#2E75B6", "#BDD7EE"
_PIXELS: Final = 20  # an empty row of 15 points
_CHART_WIDTH, _CHART_HEIGHT = 600, 280


def summarise_bureau(result: Result, departments: Sequence[DepartmentResult], mapping: Mapping) -> tuple[str, bytes]:
    """The file name and the bytes of the bureau's summary; the same arguments give the same bytes.

    Args:
        result: all departments as one result, with the sums as its facts.
        departments: the departments in order.
        mapping: the bureau's mapping, with the names of every unit of the tree.
    """
    nodes, cells = _draw_nodes(departments, mapping)
    sheets = [
        _Overview(result, departments, mapping, cells, _pen(mapping.text("summary_sheet_overview"), _OVERVIEW)).drawn(),
        _draw_sections(departments, mapping),
        nodes,
        draw_findings(result, mapping),
        draw_facts(result, mapping, _NOTHING)[0],
    ]
    moment = datetime(mapping.year + 1, 1, 1)  # no clock: the same inputs give the same bytes
    return f"{mapping.text('summary_file')}.xlsx", author_workbook(sheets, moment=moment)


def _pen(sheet: str, columns: dict[str, float]) -> Pen:
    return Pen.on(sheet, tuple(columns.values()), landscape=True)


def _header(pen: Pen, columns: dict[str, float], mapping: Mapping, *, kept: int = 0) -> int:
    """The row of headers; gives its number."""
    pen.header([mapping.text(f"bureau_{key}") for key in columns])
    pen.repeat(pen.row, columns=kept)
    pen.row += 1
    return pen.row - 1


# -- 节点检查 ------------------------------------------------------------------------------------------------------

_NODES: Final[dict[str, float]] = {
    "department": 26,
    "node": 34,
    "node_id": 30,
    "measure": 7,
    "reported": 18,
    "recomputed": 18,
    "difference": 14,
    "verdict": 9,
}
_DEPARTMENT, _NODE, _ID, _MEASURE, _REPORTED, _RECOMPUTED, _DIFFERENCE, _VERDICT = range(1, 9)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Where the recomputed figures stand: one by department and id, and the columns of ids and of figures."""

    figures: dict[tuple[str, str], str]
    ids: str
    values: str

    def sum_of(self, fact: str) -> str:
        """The sum of a fact over all departments, as part of a formula."""
        return f'SUMIFS({self.values},{self.ids},"{fact}")'


def _draw_nodes(departments: Sequence[DepartmentResult], mapping: Mapping) -> tuple[AuthoredSheet, _Cells]:
    pen = _pen(mapping.text("bureau_sheet_nodes"), _NODES)
    pen.across(mapping.text("bureau_nodes_title"), TITLE, 34)
    pen.across(mapping.text("bureau_nodes_note"), REMARK)
    header = _header(pen, _NODES, mapping, kept=2)
    figures: dict[tuple[str, str], str] = {}
    for department in departments:
        for node in department.nodes:
            if node.kind == "fact":
                figures[department.code, node.id] = pen.reference(_RECOMPUTED)
            _node(pen, department, node, mapping)
    if pen.row == header + 1:
        pen.across(mapping.text("bureau_no_sections"), TEXT)
    last = pen.row - 1
    area = f"{pen.at(_VERDICT, header + 1)}:{pen.at(_VERDICT, last)}"
    differs = mapping.text("bureau_differs")
    pen.sheet.highlights.append(Highlight(area, f'={pen.at(_VERDICT, header + 1)}="{differs}"', "#FFC7CE"))
    pen.sheet.filter_area = (header, 1, last, len(_NODES))
    columns = (pen.absolute(column, header + 1, last).removeprefix("=") for column in (_ID, _RECOMPUTED))
    return pen.finished(), _Cells(figures, *columns)


def _node(pen: Pen, department: DepartmentResult, node: Node, mapping: Mapping) -> None:
    style, none = _STYLES.get(node.measure_unit, GENERAL), mapping.text("summary_none")
    unit = node.kind == "unit"
    pen.put(_DEPARTMENT, department.name, TEXT)
    pen.put(_NODE, mapping.text("bureau_unit_score", unit=node.name) if unit else node.name, TEXT)
    pen.put(_ID, node.id, TEXT)
    pen.put(_MEASURE, node.measure_unit, CENTRED)
    pen.put(_REPORTED, none if node.reported is None else node.reported, style)
    pen.put(_RECOMPUTED, none if node.recomputed is None else node.recomputed, style)
    first, second = pen.at(_REPORTED), pen.at(_RECOMPUTED)
    places = 15 if node.measure_unit == "%" else 2
    formula = f'=IF(COUNT({first},{second})<2,"",ROUND({first}-{second},{places}))'
    pen.put(_DIFFERENCE, _difference(node.reported, node.recomputed), style, formula=formula)
    words = (mapping.text("bureau_agrees"), mapping.text("bureau_differs"))
    verdict = f'=IF({first}={second},"{words[0]}","{words[1]}")'
    pen.put(_VERDICT, words[not node.agrees], CENTRED, formula=verdict)
    pen.row += 1


def _difference(first: Figure, second: Figure) -> Decimal | None:
    return first - second if isinstance(first, Decimal) and isinstance(second, Decimal) else None


# -- 科室 ----------------------------------------------------------------------------------------------------------

_SECTIONS: Final[dict[str, float]] = {
    "number": 6,
    "department": 28,
    "section": 34,
    "status": 14,
    "self": 11,
    "computed": 11,
    "review": 11,
    "grade": 8,
}


def _draw_sections(departments: Sequence[DepartmentResult], mapping: Mapping) -> AuthoredSheet:
    pen = _pen(mapping.text("summary_sheet_sections"), _SECTIONS)
    pen.across(mapping.text("bureau_sections_title"), TITLE, 34)
    header = _header(pen, _SECTIONS, mapping, kept=3)
    for department in departments:
        for org in department.orgs[1:]:
            _section(pen, pen.row - header, department, org)
    if pen.row == header + 1:
        pen.across(mapping.text("bureau_no_sections"), TEXT)
    pen.sheet.filter_area = (header, 1, pen.row - 1, len(_SECTIONS))
    return pen.finished()


def _section(pen: Pen, number: int, department: DepartmentResult, org: Org) -> None:
    pen.put(1, number, NUMBER)
    pen.put(2, department.name, TEXT)
    pen.put(3, org.name, TEXT)
    pen.put(4, STATUS_WORDS[org.status], replace(CENTRED, fill=STATUS_FILLS[org.status]))
    for column, score in enumerate((org.self_score, org.score, org.review_score), start=5):
        pen.put(column, score, SCORE)
    pen.put(8, org.grade, CENTRED)
    pen.row += 1


# -- 总览 ----------------------------------------------------------------------------------------------------------

_OVERVIEW: Final[dict[str, float]] = {
    "number": 5,
    "department": 26,
    "status": 16,
    "submission": 8,
    "score": 9,
    "grade": 8,
    "income": 13,
    "expenditure": 13,
    "basic": 13,
    "project": 13,
    "budget": 13,
    "rate": 10,
    "staff": 9,
}
_AMOUNTS: Final = {
    "income": "total_income",
    "expenditure": "total_expenditure",
    "basic": "basic_expenditure",
    "project": "project_expenditure",
    "budget": "budget_adjusted",
}
_COLUMN: Final = {key: number for number, key in enumerate(_OVERVIEW, start=1)}
_RATE_FACT, _STAFF_FACT = "execution_rate", "staff_total"


@dataclass
class _Overview:
    result: Result
    departments: Sequence[DepartmentResult]
    mapping: Mapping
    cells: _Cells
    pen: Pen

    def drawn(self) -> AuthoredSheet:
        pen, text = self.pen, self.mapping.text
        pen.across(text("bureau_title", bureau=self.mapping.department, year=str(self.mapping.year)), TITLE, 34)
        pen.across(text("bureau_note"), REMARK)
        header = _header(pen, _OVERVIEW, self.mapping, kept=2)
        for number, department in enumerate(self.departments, start=1):
            self._department(number, department)
        self._totals()
        if self.departments:
            self._charts(header + 1, header + len(self.departments))
        return pen.finished()

    def _department(self, number: int, department: DepartmentResult) -> None:
        pen = self.pen
        words = STATUS_WORDS[department.status]
        status = self.mapping.text("bureau_late", status=words) if department.late else words
        pen.put(_COLUMN["number"], number, NUMBER)
        pen.put(_COLUMN["department"], department.name, TEXT)
        pen.put(_COLUMN["status"], status, replace(CENTRED, fill=STATUS_FILLS[department.status]))
        pen.put(_COLUMN["submission"], department.number, NUMBER)
        pen.put(_COLUMN["score"], department.score, SCORE)
        pen.put(_COLUMN["grade"], department.grade_shown, CENTRED)
        for key, fact in _AMOUNTS.items():
            formula = f"=ROUND({self._cell(department, fact)}/10000,2)"
            self._figure(key, department.facts.get(fact), MONEY, formula)
        rate, staff = (f"={self._cell(department, fact)}" for fact in (_RATE_FACT, _STAFF_FACT))
        self._figure("rate", department.facts.get(_RATE_FACT), RATIO, rate)
        self._figure("staff", department.facts.get(_STAFF_FACT), COUNT, staff)
        pen.row += 1

    def _cell(self, department: DepartmentResult, fact: str) -> str:
        return self.cells.figures.get((department.code, fact), "")

    def _figure(self, key: str, fact: FactValue | None, style: Style, formula: str) -> None:
        """An amount in 万元, any other figure as it is; a dash where there is none."""
        if fact is None or not isinstance(fact.value, Decimal):
            self.pen.put(_COLUMN[key], self.mapping.text("summary_none"), replace(style, align="center"))
        else:
            value = wan(fact.value) if key in _AMOUNTS else fact.value
            self.pen.put(_COLUMN[key], value, style, formula=formula)

    def _totals(self) -> None:
        """The sums: each from the exact figures, so that it is rounded once."""
        pen, cells = self.pen, self.cells
        count = sum(bool(department.nodes) for department in self.departments)
        name = self.mapping.text("bureau_total", count=str(count))
        for column in range(1, _COLUMN["grade"] + 1):
            pen.put(column, name if column == _COLUMN["department"] else None, total(TEXT))
        for key, fact in _AMOUNTS.items():
            self._figure(key, self.result.facts.get(fact), total(MONEY), f"=ROUND({cells.sum_of(fact)}/10000,2)")
        spent, budget = cells.sum_of("total_expenditure"), cells.sum_of("budget_adjusted")
        rate = f'=IF({budget}=0,"",{spent}/{budget})'
        self._figure("rate", self.result.facts.get(_RATE_FACT), total(RATIO), rate)
        self._figure("staff", self.result.facts.get(_STAFF_FACT), total(COUNT), f"={cells.sum_of(_STAFF_FACT)}")
        pen.row += 2

    def _charts(self, first: int, last: int) -> None:
        pen, text = self.pen, self.mapping.text
        names = pen.absolute(_COLUMN["department"], first, last)

        def series(key: str, color: str) -> Series:
            return Series(text(f"bureau_{key}"), names, pen.absolute(_COLUMN[key], first, last), color)

        count = last - first + 1
        bars, columns = max(_CHART_HEIGHT, 70 + 25 * count), min(1600, max(_CHART_WIDTH, 90 * count))
        scores, money = (series("score", _FIRST),), (series("income", _FIRST), series("expenditure", _SECOND))
        of_scores = Chart("bar", text("bureau_chart_scores"), scores, pen.row, 1, 470, bars, minimum=0)
        of_money = Chart(
            "column",
            text("bureau_chart_money"),
            money,
            pen.row,
            _COLUMN["income"],
            columns,
            _CHART_HEIGHT,
            minimum=0,
            number_format="#,##0.00",
        )
        pen.sheet.charts.extend((of_scores, of_money))
        pen.row += -(-bars // _PIXELS) + 1
