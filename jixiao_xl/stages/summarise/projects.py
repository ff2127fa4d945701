"""Projects (项目): what each project spent, and its score by the project profile; listed, never added again."""

from __future__ import annotations

from decimal import Decimal

from jixiao_xl.files.author import AuthoredSheet, Style
from jixiao_xl.files.pen import CENTRED, MONEY, RATIO, REMARK, SCORE, TEXT, TITLE, Pen, total
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import ProjectScore, Result
from jixiao_xl.model.scoring import grade_of
from jixiao_xl.stages.summarise.drawing import full_sum_of, grade_formula, unit_name

_UNIT, _CODE, _NAME, _BUDGET, _EXECUTED, _RATE, _FIRST_BLOCK = range(1, 8)
_BEFORE = ("unit", "project_code", "project_name", "budget", "executed", "execution_rate")
_AFTER = ("total_score", "grade", "cell")
_WIDTHS_BEFORE = (22, 10, 24, 15, 15, 9)
_WIDTHS_BLOCK = (7, 8)
_WIDTHS_AFTER = (8, 6, 12)


def draw_projects(result: Result, mapping: Mapping) -> AuthoredSheet:
    """The sheet of all projects; a project that two sections carry has a row for each."""
    blocks = list(mapping.scoring.profiles.project.blocks)
    widths = (*_WIDTHS_BEFORE, *(width for _ in blocks for width in _WIDTHS_BLOCK), *_WIDTHS_AFTER)
    pen = Pen.on(mapping.text("summary_sheet_projects"), widths, landscape=True)
    pen.across(mapping.text("summary_projects_title"), TITLE, 34)
    pen.across(mapping.text("summary_projects_note"), REMARK)
    pen.across(mapping.text("summary_projects_source", source=mapping.scoring.profiles.project.source), REMARK)
    _header(pen, blocks, mapping)
    pen.repeat(pen.row)
    pen.row += 1
    first = pen.row
    for project in result.projects:
        _project(pen, project, blocks, mapping)
    if result.projects:
        _sums(pen, result.projects, first, mapping)
    else:
        pen.across(mapping.text("summary_no_projects"), TEXT)
    return pen.finished()


def _header(pen: Pen, blocks: list[str], mapping: Mapping) -> None:
    titles = [mapping.text(f"summary_{key}") for key in _BEFORE]
    for block in blocks:
        titles.append(mapping.text("summary_project_block_points", block=block))
        titles.append(mapping.text("summary_project_block_score", block=block))
    pen.header([*titles, *(mapping.text(f"summary_{key}") for key in _AFTER)])


def _project(pen: Pen, project: ProjectScore, blocks: list[str], mapping: Mapping) -> None:
    pen.put(_UNIT, unit_name(mapping, project.unit), TEXT)
    pen.put(_CODE, project.code, CENTRED)
    pen.put(_NAME, project.name, TEXT)
    pen.put(_BUDGET, project.budget, MONEY)
    pen.put(_EXECUTED, project.executed, MONEY)
    _rate(pen, project.budget, project.executed, RATIO)
    found = {block.block: block for block in project.blocks}
    scores: list[str] = []
    for number, name in enumerate(blocks):
        column, block = _FIRST_BLOCK + 2 * number, found.get(name)
        pen.put(column, block.points if block else mapping.text("summary_none"), SCORE)
        pen.put(column + 1, block.score if block else mapping.text("summary_none"), SCORE)
        if block:
            scores.append(pen.at(column + 1))
    after = _FIRST_BLOCK + 2 * len(blocks)
    pen.put(after, project.total, total(SCORE), formula=_total_formula(project, scores))
    grade = grade_of(mapping.scoring, project.total) if project.total is not None else None
    pen.put(after + 1, grade, total(CENTRED), formula=grade_formula(pen.at(after), mapping))
    pen.source(after + 2, project.source, f"{project.source.sheet}!{project.source.cell}")
    pen.row += 1


def _total_formula(project: ProjectScore, scores: list[str]) -> str | None:
    """The sum of the blocks; a total that a cap has lowered stays at the cap."""
    if not scores:
        return None
    known = [block.score for block in project.blocks if block.score is not None]
    whole = full_sum_of(scores)
    if project.total is None or sum(known, Decimal(0)) == project.total:
        return whole
    return f"=MIN({project.total:f},{whole.removeprefix('=')})"


def _rate(pen: Pen, budget: Decimal | None, executed: Decimal | None, style: Style) -> None:
    of, done = pen.at(_BUDGET), pen.at(_EXECUTED)
    value = executed / budget if executed is not None and budget else None
    pen.put(_RATE, value, style, formula=f'=IF(COUNT({of},{done})<2,"",IF({of}=0,"",{done}/{of}))')


def _sums(pen: Pen, projects: tuple[ProjectScore, ...], first: int, mapping: Mapping) -> None:
    for column in range(1, pen.printed + 1):
        pen.put(column, mapping.text("summary_sum") if column == _UNIT else None, total(TEXT))
    budget = sum((project.budget or Decimal(0) for project in projects), Decimal(0))
    executed = sum((project.executed or Decimal(0) for project in projects), Decimal(0))
    for column, value in ((_BUDGET, budget), (_EXECUTED, executed)):
        area = f"{pen.at(column, first)}:{pen.at(column, pen.row - 1)}"
        pen.put(column, value, total(MONEY), formula=f"=SUM({area})")
    _rate(pen, budget, executed, total(RATIO))
    pen.row += 1
