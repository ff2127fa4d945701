"""Tables of the report (报告里的表): those of the forms, and those that are made from the result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from jixiao_xl.files.word_blocks import Cell, Grid, Run, cell_link
from jixiao_xl.model.batch import Submission
from jixiao_xl.model.form import RowRole
from jixiao_xl.model.mapping import Column, Mapping, ReportPart, Unit
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.report_figures import source_ranges
from jixiao_xl.model.report_tags import FigureName
from jixiao_xl.model.report_text import MADE_TABLES, SOURCE_COLUMN, UNIT_COLUMN
from jixiao_xl.model.results import Result, ScoredIndicator
from jixiao_xl.stages.report.cells import number_of, shown_rows, text_of
from jixiao_xl.stages.report.controls import WORKSPACE, FigureControls
from jixiao_xl.stages.report.figures import (
    INDICATORS,
    anchor_of,
    block_name,
    cell_name,
    lost_name,
    signed_name,
    step_name,
)

Line = dict[str, Cell]  # a table's row: its cells by column key


@dataclass(frozen=True, slots=True)
class ReportTables:
    """The tables of one run."""

    result: Result
    mapping: Mapping
    controls: FigureControls

    def grid(self, part: ReportPart, table: str, unit: Unit) -> Grid | None:
        """A table as report.yaml wants it; None where it has no rows."""
        lines = list(self._lines(part, table, unit))
        if not lines:
            return None
        columns = list(part.columns)
        blank = Cell((Run(""),))
        return Grid(
            header=tuple(self._header(part, table, column) for column in columns),
            rows=tuple(tuple(line.get(column, blank) for column in columns) for line in lines),
            merged=frozenset(columns.index(column) for column in part.merge),
            unit_line=self._unit_line(part, table),
        )

    def _header(self, part: ReportPart, table: str, column: str) -> str:
        own = self._form_column(part, table, column)
        return part.columns[column] or (own.header if own else column)

    def _unit_line(self, part: ReportPart, table: str) -> str:
        """单位：万元, where the table shows amounts."""
        own = (self._form_column(part, table, column) for column in part.columns)
        text = self.mapping.text
        is_money = any(column is not None and column.type == "money" for column in own)
        return text("report_unit_line", unit=text("report_wan")) if is_money else ""

    def _form_column(self, part: ReportPart, table: str, column: str) -> Column | None:
        """A column of a form's table; of the department's where it has one, else of the sections'."""
        known = [
            (level, one)
            for sheet in self.mapping.forms.sheets
            for own in sheet.tables
            if own.key == table and table not in MADE_TABLES
            for level in own.levels
            for one in own.columns
            if one.key == column
        ]
        wanted = "科室" if part.units == "sections" else "部门"
        return next((one for level, one in known if level == wanted), known[0][1] if known else None)

    def _lines(self, part: ReportPart, table: str, unit: Unit) -> Iterator[Line]:
        match table:
            case "facts":
                yield from self._facts()
            case "steps":
                yield from self._steps()
            case "scores":
                yield from self._scores()
            case "lost_points":
                yield from self._lost_points(unit)
            case _:
                owners = self.mapping.sections if part.units == "sections" else (unit,)
                lines = [line for owner in owners for line in self._of_form(table, owner)]
                yield from self._shown_once(lines, [c for c in part.columns if c != UNIT_COLUMN])

    # -- tables of the forms -----------------------------------------------------------------------------------

    def _of_form(self, table: str, unit: Unit) -> Iterator[Line]:
        submission = self.result.batch.of(unit.code)
        if submission is None or table not in submission.form.tables:
            return
        sheet, form_table = submission.form.tables[table]
        for row in shown_rows(submission, form_table):
            keys = [CellKey(sheet.key, row, column.key) for column in form_table.columns]
            line = {key.column: self._cell(submission, key) for key in keys}
            is_total = any(one.key == row and one.role is RowRole.TOTAL for one in form_table.rows)
            place = self._row_source(submission, keys)
            yield {UNIT_COLUMN: _text("" if is_total else unit.name), SOURCE_COLUMN: place, **line}

    def _cell(self, submission: Submission, key: CellKey) -> Cell:
        name = cell_name(submission.unit, key, self.mapping)
        if name in self.controls.figures:
            return Cell((self.controls.control(name),), number=True)
        return _text(text_of(submission, key, self.mapping) or "")

    def _row_source(self, submission: Submission, keys: list[CellKey]) -> Cell:
        """The row of the workbook from its first number to its last, as a link to the first."""
        numbers = [key for key in keys if submission.layout.has(key) and number_of(submission, key) is not None]
        if not numbers:
            return _text("")
        first, last = submission.source(numbers[0]), submission.source(numbers[-1])
        link = cell_link(WORKSPACE, first.file, first.sheet, first.cell)
        return Cell((Run(first.cell if first == last else f"{first.cell}:{last.cell}", link=link),))

    def _shown_once(self, lines: list[Line], columns: list[str]) -> Iterator[Line]:
        """Lines that say the same as one, with the names of all their units."""
        joint = self.mapping.text("report_name_joint")
        seen: dict[tuple[str, ...], Line] = {}
        for line in lines:
            said = tuple(line[column].text for column in columns if column in line)
            known = seen.setdefault(said, line)
            names = known[UNIT_COLUMN].text.split(joint)
            if line is not known and line[UNIT_COLUMN].text not in names:
                known[UNIT_COLUMN] = _text(joint.join([*names, line[UNIT_COLUMN].text]))
        yield from seen.values()

    # -- tables made from the result ---------------------------------------------------------------------------

    def _steps(self) -> Iterator[Line]:
        for step in self.result.department.steps:
            names = {what: step_name(step.block, what, self.mapping) for what in ("points", "score")}
            yield {"block": _text(step.block), **{what: self._number(name) for what, name in names.items()}}
        points = FigureName(f"{self.mapping.root.code}.points")
        total = _text(self.mapping.text("report_total"))
        yield {"block": total, "points": self._number(points), "score": self._number(FigureName("score"))}

    def _scores(self) -> Iterator[Line]:
        for unit in self.mapping.sections:
            numbers = {what: self._number(FigureName(f"{unit.code}.{what}")) for what in ("self_score", "score")}
            grade = Cell((self.controls.control(FigureName(f"{unit.code}.grade")),))
            yield {"unit": _text(unit.name), **numbers, "grade": grade}

    def _lost_points(self, unit: Unit) -> Iterator[Line]:
        scored, submission = self.result.units.get(unit.code), self.result.batch.of(unit.code)
        for indicator in scored.indicators if scored else ():
            if indicator.score is None or indicator.score < indicator.points:
                yield self._lost(indicator, submission)

    def _lost(self, indicator: ScoredIndicator, submission: Submission | None) -> Line:
        key = CellKey(INDICATORS, indicator.key, "reason")
        reason = text_of(submission, key, self.mapping) if submission else None
        unit = indicator.unit
        return {
            "indicator": _text(indicator.name),
            "points": self._number(cell_name(unit, key._replace(column="points"), self.mapping)),
            "score": self._number(cell_name(unit, key._replace(column="score"), self.mapping)),
            "lost": self._number(lost_name(unit, indicator.key, self.mapping)),
            "reason": _text(reason or self.mapping.text("report_missing")),
        }

    # -- where every figure comes from -------------------------------------------------------------------------

    def _facts(self) -> Iterator[Line]:
        wan = self.mapping.text("report_wan")
        for fact in self.mapping.facts:
            found = self.result.facts.get(fact.id)
            signed = FigureName(signed_name(fact.id))
            name = signed if signed in self.controls.figures else FigureName(fact.id)
            measure = wan if fact.unit == "yuan" else found.measure_unit if found else ""
            yield self._fact(fact.id, name, "" if fact.unit == "ratio" else measure)
        if self.controls.figures[FigureName("report_date")].sources:
            yield self._fact("report_date", FigureName("report_date"), "")
        points = next((fact.measure_unit for fact in self.result.facts.values() if fact.id == "score"), "")
        for name in self._score_names():
            if name in self.controls.figures:
                yield self._fact(name.fact, name, points)

    def _score_names(self) -> Iterator[FigureName]:
        for step in self.result.department.steps:
            yield step_name(step.block, "score", self.mapping)
        for unit in self.mapping.sections:
            yield FigureName(f"{unit.code}.score")
            scored = self.result.units.get(unit.code)
            yield from (
                block_name(unit.code, b.block, "score", self.mapping) for b in (scored.blocks if scored else ())
            )

    def _fact(self, fact_id: str, name: FigureName, measure: str) -> Line:
        label = self.controls.figures.get(FigureName(fact_id), self.controls.figures[name]).label
        value = Cell((replace(self.controls.control(name), link=None),), number=True)
        return {
            "name": Cell((Run(label),), bookmark=anchor_of(fact_id)),
            "value": value,
            "unit": _text(measure),
            "source": Cell(tuple(self._sources(name))),
        }

    def _sources(self, name: FigureName) -> Iterator[Run]:
        """The cells of a figure, a line a sheet, neighbours as a range, each a link to its first cell."""
        joint = self.mapping.text("report_name_joint")
        for number, ((file, sheet), ranges) in enumerate(source_ranges(self.controls.figures[name].sources).items()):
            yield Run(f"{chr(10) if number else ''}{file.rpartition('/')[2]} {sheet}!")
            for position, one in enumerate(ranges):
                if position:
                    yield Run(joint)
                yield Run(one.text, link=cell_link(WORKSPACE, file, sheet, one.first.cell))

    def _number(self, name: FigureName) -> Cell:
        return Cell((self.controls.control(name),), number=True)


def _text(text: str) -> Cell:
    return Cell((Run(text),))
