"""Report (自评报告): the five chapters as report.yaml orders them, figures from the facts, texts from the workbooks.

Nothing is made up here: a missing figure is shown as ——, a missing text as 未填报 or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from jixiao_xl.files.word import Block, Grid, Heading, Paragraph, ParagraphLook, Run, clean, write_document
from jixiao_xl.model.batch import Submission
from jixiao_xl.model.form import FormTable, RowRole
from jixiao_xl.model.form_builder import serial_date
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.mapping import Mapping, ReportPart, Unit
from jixiao_xl.model.money import half_up, is_blank, plain
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.report_figures import Figures, sources_text
from jixiao_xl.model.report_text import MADE_TABLES, UNIT_COLUMN, filled_item
from jixiao_xl.model.results import SCORING_STATUSES, Result, ScoredIndicator

_NUMBERS = frozenset(("money", "number", "percent", "ratio", "count", "score"))
_MADE_NUMBERS = frozenset(("value", "points", "score", "self_score", "lost"))
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

Words = dict[str, str]
Line = dict[str, str]  # a table's row: text by column key


def report(result: Result, mapping: Mapping) -> tuple[str, bytes]:
    """The report's file name and its bytes; the same result and mapping give the same bytes."""
    title = _Writer(result, mapping).title()
    blocks = list(_Writer(result, mapping).blocks())
    moment = datetime(mapping.year + 1, 1, 1)  # no clock: the same inputs give the same report
    data = write_document(blocks, title=title, author=mapping.department, moment=moment)
    return f"{mapping.text('report_file')}.docx", data


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whose texts a part shows, and the words that its sentences may use."""

    unit: Unit
    words: Words


class _Writer:
    """The parts of report.yaml, one after another, as blocks of a document."""

    def __init__(self, result: Result, mapping: Mapping) -> None:
        self._result = result
        self._mapping = mapping
        self._figures = Figures(mapping.report, result.facts, mapping.text("report_no_figure"))
        self._missing = mapping.text("report_missing")
        self._tables = _Tables(result, mapping, self._figures)
        words = {
            "department": mapping.department,
            "year": str(mapping.year),
            "prior_year": str(mapping.year - 1),
            "score_note": self._score_note(),
        }
        self._scope = _Scope(mapping.root, words)

    def title(self) -> str:
        """The title on one line."""
        return "".join(run.text for line in self._mapping.report.title for run in self._runs(line, self._scope))

    def blocks(self) -> Iterator[Block]:
        """The whole report."""
        outline = self._mapping.report
        for line in outline.title:
            yield from self._sentence(line, self._scope, "Title")
        yield from self._sentence(outline.opening, self._scope)
        yield from self._parts(outline.parts, self._scope)
        for line in outline.closing:
            yield from self._sentence(line, self._scope, "Signature")
        annex = list(self._parts(outline.annex, self._scope))
        if annex and isinstance(annex[0], Heading):
            annex[0] = replace(annex[0], new_page=True)
        yield from annex

    def _parts(self, parts: list[ReportPart], scope: _Scope) -> Iterator[Block]:
        for part in parts:
            if part.each is None:
                yield from self._part(part, scope)
                continue
            for number, unit in enumerate(self._mapping.sections, start=1):
                yield from self._parts(part.parts, _Scope(unit, scope.words | self._section_words(number, unit)))

    def _part(self, part: ReportPart, scope: _Scope) -> Iterator[Block]:
        if part.heading is not None:
            yield Heading(self._line(part.heading, scope), part.level)
        if part.text is not None:
            yield from self._sentence(part.text, scope)
        if part.from_ is not None:
            yield from self._own_texts(part, part.from_, scope)
        if part.table is not None:
            yield from self._table(part, part.table, scope)
        yield from self._parts(part.parts, scope)

    # -- sentences ---------------------------------------------------------------------------------------------

    def _sentence(self, template: str, scope: _Scope, look: ParagraphLook = "Normal") -> Iterator[Block]:
        for line in template.splitlines():
            runs = self._runs(line, scope)
            if any(run.text for run in runs):
                yield Paragraph(runs, look)

    def _runs(self, template: str, scope: _Scope) -> tuple[Run, ...]:
        return tuple(Run(shown.text) for shown in self._figures.sentence(template, scope.words))

    def _line(self, template: str | None, scope: _Scope) -> str:
        return "".join(run.text for run in self._runs(template or "", scope))

    def _score_note(self) -> str:
        """Why the department has no score, or only a provisional one; nothing where it is final."""
        department = self._result.department
        key = "report_provisional" if department.provisional else "report_waiting" if department.total is None else None
        if key is None:
            return ""
        names = [self._mapping.unit_by_code[code].name for code in department.waiting_for]
        joint = self._mapping.text("report_name_joint")
        return self._mapping.text(key, units=joint.join(names) or self._figures.missing)

    def _section_words(self, number: int, unit: Unit) -> Words:
        text, missing = self._mapping.text, self._figures.missing
        scored = self._result.units.get(unit.code)
        indicators = self._mapping.indicators_of(unit.code)
        blocks = [
            text("report_block", block=b.block, score=_points(b.score, missing), points=_points(b.points, missing))
            for b in (scored.blocks if scored else ())
        ]
        points = sum((indicator.points for indicator in indicators), Decimal(0))
        return {
            "number": str(number),
            "circled": circled(number),
            "unit_name": unit.name,
            "indicator_names": text("report_name_joint").join(indicator.level3 for indicator in indicators),
            "unit_points": _points(points, missing),
            "unit_score": _points(scored.total if scored else None, missing),
            "unit_blocks": text("report_name_joint").join(blocks) or missing,
            "unit_loss": self._loss(unit),
        }

    def _loss(self, unit: Unit) -> str:
        scored = self._result.units.get(unit.code)
        if scored is None:
            return self._mapping.text("report_not_counted")
        if scored.total is None:
            sentence = self._mapping.text("report_score_unknown")
        elif scored.total >= scored.points:
            sentence = self._mapping.text("report_full_marks")
        else:
            sentence = self._mapping.text("report_lost", lost=plain(half_up(scored.points - scored.total, 2)))
        counted = any(org.code == unit.code and org.status in SCORING_STATUSES for org in self._result.orgs)
        return sentence if counted else sentence + self._mapping.text("report_not_counted")

    # -- texts from the workbooks ------------------------------------------------------------------------------

    def _own_texts(self, part: ReportPart, source: str, scope: _Scope) -> Iterator[Block]:
        items = self._items(part, source, scope)
        lead, tail = self._line(part.lead, scope), self._line(part.tail, scope)
        if not items:
            items = [] if part.optional else [self._missing]
        if part.join is not None and items:
            items = [part.join.join(items)]
        for item in items:
            lines = [line for line in item.split("\n") if not is_blank(line)]
            for position, line in enumerate(lines):
                opening = lead if position == 0 else ""
                closing = tail if position == len(lines) - 1 else ""
                yield Paragraph((Run(opening), Run(line), Run(closing)) if opening or closing else (Run(line),))

    def _items(self, part: ReportPart, source: str, scope: _Scope) -> list[str]:
        """The texts of a cell or of a table's filled rows, each ready to print."""
        submission = self._result.batch.of(scope.unit.code)
        if submission is None:
            return []
        if "." in source:
            text = shown(submission, CellKey(*source.split(".")), self._mapping)
            return [text] if text else []
        if source not in submission.form.tables or part.item is None:
            return []
        return list(self._rows_as_items(part, part.item, submission, source))

    def _rows_as_items(self, part: ReportPart, template: str, submission: Submission, source: str) -> Iterator[str]:
        sheet, table = submission.form.tables[source]
        # an explanation is asked for in some rows of a fixed table only; a list's row is filled or is none
        missing = None if part.optional or table.kind == "fixed" else self._missing
        number = 1
        for row in filled_rows(submission, table):
            cells: dict[str, str | None] = {
                column.key: shown(submission, CellKey(sheet.key, row, column.key), self._mapping)
                for column in table.columns
            }
            form_row = submission.form.rows.get((sheet.key, row))
            label = form_row.label if form_row else None
            item = filled_item(template, {"label": label, **cells, **_numbers(number)}, missing)
            if item is not None:
                number += 1
                yield item

    # -- tables ------------------------------------------------------------------------------------------------

    def _table(self, part: ReportPart, table: str, scope: _Scope) -> Iterator[Block]:
        lines = list(self._tables.lines(part, table, scope.unit))
        if not lines:
            if not part.optional:
                yield Paragraph((Run(self._missing),))
            return
        if part.lead:
            yield Paragraph(self._runs(part.lead, scope), "Caption")
        header = tuple(self._tables.header(table, column, part) for column in part.columns)
        right = frozenset(n for n, column in enumerate(part.columns) if self._tables.is_number(table, column, part))
        yield Grid(header, tuple(tuple(line.get(column, "") for column in part.columns) for line in lines), right)
        yield from self._sentence(part.tail or "", scope, "Note")
        if table == "facts":
            for gap in self._figures.rounding_gaps():
                words = {"name": gap.name, "shown": gap.shown, "subtracted": gap.subtracted, "gap": gap.gap}
                yield Paragraph((Run(self._mapping.text("report_rounding", **words)),), "Note")


@dataclass(frozen=True, slots=True)
class _Tables:
    """The report's tables: those of the forms, and those that are made from the result."""

    result: Result
    mapping: Mapping
    figures: Figures

    def lines(self, part: ReportPart, table: str, unit: Unit) -> Iterator[Line]:
        """The rows of a table, by column key."""
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
                for owner in self.mapping.sections if part.units == "sections" else (unit,):
                    yield from self._of_form(table, owner)

    def header(self, table: str, column: str, part: ReportPart) -> str:
        """A column's header: what report.yaml says, else the form's own."""
        own = self._form_column(table, column, part)
        return part.columns[column] or (own[0] if own else column)

    def is_number(self, table: str, column: str, part: ReportPart) -> bool:
        """Whether a column is aligned right."""
        if table in MADE_TABLES:
            return column in _MADE_NUMBERS
        own = self._form_column(table, column, part)
        return own is not None and own[1] in _NUMBERS

    def _form_column(self, table: str, column: str, part: ReportPart) -> tuple[str, str] | None:
        """Header and type of a form's column."""
        level = "科室" if part.units == "sections" else "部门"
        for sheet in self.mapping.forms.sheets:
            for known in sheet.tables:
                if known.key == table and level in known.levels:
                    return next(((c.header, c.type) for c in known.columns if c.key == column), None)
        return None

    def _of_form(self, table: str, unit: Unit) -> Iterator[Line]:
        submission = self.result.batch.of(unit.code)
        if submission is None or table not in submission.form.tables:
            return
        sheet, form_table = submission.form.tables[table]
        for row in filled_rows(submission, form_table):
            cells = {
                column.key: shown(submission, CellKey(sheet.key, row, column.key), self.mapping) or ""
                for column in form_table.columns
            }
            yield {UNIT_COLUMN: unit.name, **cells}

    def _facts(self) -> Iterator[Line]:
        for fact in self.mapping.facts:
            found = self.result.facts.get(fact.id)
            measure = found.measure_unit if found else ""
            comparable = self.figures.comparable(fact.id)
            yield {
                "name": fact.name,
                "value": self.figures.shown(fact.id) if comparable else self.mapping.text("report_not_comparable"),
                "unit": self.mapping.text("report_wan") if fact.unit == "yuan" else measure,
                "source": sources_text(found.sources) if found else "",
            }

    def _steps(self) -> Iterator[Line]:
        department, missing = self.result.department, self.figures.missing
        for step in department.steps:
            yield {"block": step.block, "points": plain(step.points), "score": _points(step.score, missing)}
        points = sum((step.points for step in department.steps), Decimal(0))
        total = self.mapping.text("report_total")
        yield {"block": total, "points": plain(points), "score": _points(department.total, missing)}

    def _scores(self) -> Iterator[Line]:
        missing, shown_as = self.figures.missing, self.mapping.scoring.grades.grade_shown
        for org in self.result.orgs:
            if org.parent is not None:
                yield {
                    "unit": org.name,
                    "self_score": _points(org.self_score, missing),
                    "score": _points(org.score, missing),
                    "grade": shown_as.get(org.grade, org.grade) if org.grade else missing,
                }

    def _lost_points(self, unit: Unit) -> Iterator[Line]:
        scored = self.result.units.get(unit.code)
        submission = self.result.batch.of(unit.code)
        for indicator in scored.indicators if scored else ():
            if indicator.score is None or indicator.score < indicator.points:
                yield self._lost(indicator, submission)

    def _lost(self, indicator: ScoredIndicator, submission: Submission | None) -> Line:
        key = CellKey("indicators", indicator.key, "reason")
        reason = shown(submission, key, self.mapping) if submission else None
        missing = self.figures.missing
        lost = indicator.points - indicator.score if indicator.score is not None else None
        return {
            "indicator": indicator.name,
            "points": plain(indicator.points),
            "score": _points(indicator.score, missing),
            "lost": _points(lost, missing),
            "reason": reason or self.mapping.text("report_missing"),
        }


# -- what stands in a cell -------------------------------------------------------------------------------------


def filled_rows(submission: Submission, table: FormTable) -> list[str]:
    """The row keys of a table that the unit wrote something in, as they stand in its workbook."""
    sheet = submission.form.tables[table.key][0].key
    inputs = [column.key for column in table.columns if column.kind == "input"]
    rows = [row.key for row in table.data_rows if row.key is not None and row.role is not RowRole.TOTAL]
    rows += [row for row in submission.added_rows.get(table.key, ()) if row not in rows]
    filled = [row for row in rows if any(not is_blank(submission.inputs.get(CellKey(sheet, row, c))) for c in inputs)]
    places = submission.layout.rows
    return sorted(filled, key=lambda row: places.get((sheet, row), max(places.values(), default=0)))


def shown(submission: Submission, key: CellKey, mapping: Mapping) -> str | None:
    """A cell as prose shows it: text trimmed, a date as 年月日, a number plain; None where it is blank."""
    value: Value = submission.inputs.get(key)
    if is_blank(value) or value is None:
        return None
    if not isinstance(value, Decimal):
        return clean(str(value)).strip() or None
    cell = submission.workings.cell(key)
    day = serial_date(value) if cell is not None and cell.type == "date" else None
    if day is None:
        return plain(value)
    return mapping.text("report_date", year=str(day.year), month=str(day.month), day=str(day.day))


def circled(number: int) -> str:
    """① to ⑳, then (21)."""
    return _CIRCLED[number - 1] if number <= len(_CIRCLED) else f"({number})"


def _numbers(number: int) -> dict[str, str | None]:
    return {"number": str(number), "circled": circled(number)}


def _points(value: Decimal | None, missing: str) -> str:
    """Points or a score with at most two decimals, or the sign for a missing figure."""
    return missing if value is None else plain(value)
