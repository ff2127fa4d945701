"""Gathering (汇集): the content of the department's form and of every project's, from the result of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from jixiao_xl.model.mapping import Mapping, Unit
from jixiao_xl.model.results import ProjectScore, Result, ScoredIndicator
from jixiao_xl.model.scoring import EXECUTION, grade_of
from jixiao_xl.stages.appendix.content import TOTAL, Content, Fund, Line, Task
from jixiao_xl.stages.appendix.sharing import shared_points, shared_scores
from jixiao_xl.stages.appendix.workbook import Workbook


def department_content(result: Result, mapping: Mapping) -> Content:
    """What the department's form says: its own indicators and those of its sections, by the department's weights."""
    book, score = Workbook(result.batch.of(mapping.root.code), mapping), result.department
    steps = {step.block: step for step in score.steps}
    execution = steps.get(EXECUTION)
    projects = [_project_fund(project, result, mapping) for project in result.projects]
    units = dict.fromkeys([mapping.root.code, *(part.unit for step in score.steps for part in step.parts)])
    return Content(
        name=mapping.department,
        year=mapping.year,
        words=_words(book, mapping, mapping.root) | {"unit_name": mapping.department},
        funds=tuple(_department_funds(book, mapping)),
        execution_points=execution.points if execution else None,
        execution_score=execution.score if execution else None,
        lines=tuple(_department_lines(result, mapping)),
        total_score=score.total,
        grade=score.grade,
        grade_shown=score.grade_shown,
        objectives=tuple(book.pairs("objectives", "objective", "result")),
        tasks=tuple(
            Task(project.name, _short(mapping, project.unit), fund)
            for project, fund in zip(result.projects, projects, strict=True)
        ),
        files=_files(result, units),
        remarks=tuple(_department_remarks(result, mapping)),
    )


def project_contents(result: Result, mapping: Mapping) -> list[Content]:
    """What each project's form says, in the order of the workbooks; one a section where sections share a project."""
    carriers = Counter(project.code or project.name for project in result.projects)
    return [
        _project(project, result, mapping, shared=carriers[project.code or project.name] > 1)
        for project in result.projects
    ]


# -- the department --------------------------------------------------------------------------------------------


def _department_funds(book: Workbook, mapping: Mapping) -> Iterator[Fund]:
    rows = mapping.appendix.department_funds
    funds = [book.fund(row) for row in rows]
    total = next((fund for fund in funds if fund.row.key == TOTAL), None)
    came = [(fund, book.received(fund.row)) for fund in funds if fund.row.by == "source"]
    giving = [fund for fund, received in came if received or fund.budget_adjusted]
    known = all(received is not None and fund.budget_adjusted is not None for fund, received in came)
    for fund in funds:
        if fund.row.by != "source" or total is None or not known or len(giving) != 1:
            yield fund
        else:  # where all the money has one source, all that was spent came from there
            yield replace(fund, executed=total.executed if fund is giving[0] else Decimal(0))


def _department_lines(result: Result, mapping: Mapping) -> Iterator[Line]:
    for step in result.department.steps:
        if step.block == EXECUTION:
            continue
        members = [
            (indicator, part.weight * indicator.points / part.points)
            for part in step.parts
            for indicator in result.units[part.unit].indicators
            if indicator.block == step.block
        ]
        if members:
            lines = list(_lines(members, step.points, step.score, result, mapping))
            order = list(dict.fromkeys(line.level2 for line in lines))
            yield from sorted(lines, key=lambda line: order.index(line.level2))
        else:
            yield Line(step.block, "", mapping.text("appendix_no_indicators"), "", step.points, None)


def _department_remarks(result: Result, mapping: Mapping) -> Iterator[str]:
    score, text = result.department, mapping.text
    names = text("report_name_joint").join(mapping.unit_by_code[code].name for code in score.waiting_for)
    if score.provisional:
        yield text("report_provisional", units=names or text("summary_none"))
    elif score.total is None:
        yield text("report_waiting", units=names or text("summary_none"))
    if all(step.block != EXECUTION for step in score.steps):
        yield text("appendix_no_execution_points")
    yield text("appendix_shared_sections")
    yield text("appendix_source_execution")


# -- a project -------------------------------------------------------------------------------------------------


def _project(project: ProjectScore, result: Result, mapping: Mapping, *, shared: bool) -> Content:
    book = Workbook(result.batch.of(project.unit), mapping)
    unit, fund = mapping.unit_by_code[project.unit], _project_fund(project, result, mapping)
    blocks = {block.block: block for block in project.blocks}
    execution = blocks.get(EXECUTION)
    grade = grade_of(mapping.scoring, project.total) if project.total is not None else None
    others = [row for row in mapping.appendix.project_funds if row.key != TOTAL]
    return Content(
        name=project.name,
        year=mapping.year,
        words=_words(book, mapping, unit)
        | {"project_name": project.name, "project_code": project.code or None, "execution_reason": fund.reason},
        funds=(fund, *(Fund(row, None, None, None) for row in others)),
        execution_points=execution.points if execution else None,
        execution_score=execution.score if execution else None,
        lines=tuple(_project_lines(project, result, mapping)),
        total_score=project.total,
        grade=grade,
        grade_shown=mapping.scoring.grades.grade_shown.get(grade, grade) if grade else None,
        objectives=tuple(book.pairs("targets", "target", "result")),
        files=_files(result, [project.unit]),
        remarks=tuple(_project_remarks(project, result, mapping, shared=shared)),
    )


def _project_fund(project: ProjectScore, result: Result, mapping: Mapping) -> Fund:
    book = Workbook(result.batch.of(project.unit), mapping)
    row = book.project_row(project.source)
    initial = book.project_amount(row, "budget_initial") if row else None
    reason = book.text("finance", row, "reason") if row else None
    total = next(fund for fund in mapping.appendix.project_funds if fund.key == TOTAL)
    return Fund(total, initial, project.budget, project.executed, project.source, reason)


def _project_lines(project: ProjectScore, result: Result, mapping: Mapping) -> Iterator[Line]:
    indicators = result.units[project.unit].indicators
    for block in project.blocks:
        if block.block == EXECUTION:
            continue
        members = [(indicator, indicator.points) for indicator in indicators if indicator.block == block.block]
        if members:
            yield from _lines(members, block.points, block.score, result, mapping)
        else:
            yield Line(block.block, "", mapping.text("appendix_no_indicators"), "", block.points, None)


def _project_remarks(project: ProjectScore, result: Result, mapping: Mapping, *, shared: bool) -> Iterator[str]:
    unit = mapping.unit_by_code[project.unit].name
    yield mapping.text("appendix_shared_project", unit=unit)
    yield mapping.text("appendix_project_sources")
    if shared:
        book = Workbook(result.batch.of(project.unit), mapping)
        row = book.project_row(project.source)
        share = book.text("finance", row, "share") if row else None
        yield mapping.text("appendix_carried_by_several", unit=unit, share=share or mapping.text("summary_none"))
    known = [block.score for block in project.blocks if block.score is not None]
    if project.total is not None and project.total < sum(known, Decimal(0)):
        yield mapping.text("appendix_capped", total=f"{project.total:f}")


# -- what both have --------------------------------------------------------------------------------------------


def _lines(
    members: list[tuple[ScoredIndicator, Decimal]],
    points: Decimal,
    score: Decimal | None,
    result: Result,
    mapping: Mapping,
) -> Iterator[Line]:
    """Indicators with their weights in a block, as lines whose points and scores are those of the block."""
    by_key = {indicator.key: indicator for indicator in mapping.indicators}
    shares = shared_points(points, [weight for _, weight in members])
    ratios = [None if scored.score is None else scored.score / scored.points for scored, _ in members]
    scores = shared_scores(score, shares, ratios)
    for (scored, _), share, got in zip(members, shares, scores, strict=True):
        book, indicator = Workbook(result.batch.of(scored.unit), mapping), by_key[scored.key]
        yield Line(
            level1=indicator.level1,
            level2=indicator.level2,
            level3=indicator.level3,
            unit_name=_short(mapping, scored.unit),
            points=share,
            score=got,
            nature=indicator.nature,
            measure_unit=indicator.measure_unit,
            target=book.target(indicator),
            actual=book.actual(indicator),
            target_shown=book.target_shown(indicator),
            actual_shown=book.actual_shown(indicator),
            reason=book.of_indicator(indicator, "reason"),
            evidence=book.of_indicator(indicator, "evidence"),
            source=scored.source,
        )


def _words(book: Workbook, mapping: Mapping, unit: Unit) -> dict[str, str | None]:
    is_root = unit.parent is None
    targets = ("objectives", "objective", "result") if is_root else ("targets", "target", "result")
    objectives = list(book.pairs(*targets))
    problems = list(book.pairs("problems", "problem", "measure"))
    return {
        "department": mapping.department,
        "unit_name": unit.name,
        "objectives": _listed([first for first, _ in objectives], mapping),
        "results": _listed([second for _, second in objectives], mapping),
        "problems": _listed([first for first, _ in problems], mapping),
        "measures": _listed([second for _, second in problems], mapping),
        "preparer": book.on_cover("preparer"),
        "head": book.on_cover("head"),
        "date": book.on_cover("date"),
    }


def _listed(items: Iterable[str | None], mapping: Mapping) -> str | None:
    """Several texts in one cell, numbered, a line each."""
    known = [item for item in items if item]
    if len(known) < 2:
        return known[0] if known else None
    numbered = (mapping.text("appendix_item", number=str(n), text=item) for n, item in enumerate(known, start=1))
    return "\n".join(numbered)


def _short(mapping: Mapping, code: str) -> str:
    unit = mapping.unit_by_code[code]
    return unit.short or unit.name


def _files(result: Result, units: Iterable[str]) -> tuple[str, ...]:
    submissions = (result.batch.of(unit) for unit in units)
    return tuple(submission.file for submission in submissions if submission is not None)
