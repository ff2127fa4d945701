"""Score (核分): Python's scores of every workbook, indicator by indicator, block by block, and of every project.

Each indicator is rounded half-up to two decimals, then summed exactly (DESIGN 4); the section's own figures stand
beside ours and are never used for the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.form import RowRole
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import at_excel_precision, half_up
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.results import BlockScore, ProjectScore, ScoredIndicator, UnitScore
from jixiao_xl.model.scoring import project_score

_SHEET = "indicators"
_TOTAL = CellKey(_SHEET, "total", "score")


def score(batch: Batch, mapping: Mapping) -> tuple[dict[str, UnitScore], tuple[ProjectScore, ...]]:
    """The scores of every workbook by unit, and the scores of all projects."""
    units = {submission.unit: _unit_score(submission, mapping) for submission in batch.submissions}
    projects = [
        project
        for submission in batch.submissions
        if "projects" in submission.form.tables
        for project in _projects(submission, units[submission.unit], mapping)
    ]
    return units, tuple(projects)


def _unit_score(submission: Submission, mapping: Mapping) -> UnitScore:
    indicators = tuple(_indicators(submission, mapping))
    blocks = tuple(_blocks(indicators))
    return UnitScore(
        unit=submission.unit,
        indicators=indicators,
        blocks=blocks,
        points=sum((block.points for block in blocks), Decimal(0)),
        total=_sum(indicator.score for indicator in indicators),
        self_total=_stored(submission, _TOTAL),
    )


def _indicators(submission: Submission, mapping: Mapping) -> Iterator[ScoredIndicator]:
    for indicator in mapping.indicators_of(submission.unit):
        key = CellKey(_SHEET, indicator.key, "score")
        if not submission.layout.has(key):
            continue
        due = submission.workings.value(key)
        yield ScoredIndicator(
            unit=submission.unit,
            key=indicator.key,
            block=indicator.level1,
            name=indicator.level3,
            points=indicator.points,
            score=due if isinstance(due, Decimal) else None,
            self_score=_stored(submission, key),
            source=submission.source(key),
        )


def _stored(submission: Submission, key: CellKey) -> Decimal | None:
    """What the workbook itself shows in a score cell, at two decimals."""
    cell = submission.formulas.get(key)
    if cell is None or isinstance(cell.stored, bool) or not isinstance(cell.stored, float | int):
        return None
    return half_up(at_excel_precision(cell.stored), 2)


def _blocks(indicators: Iterable[ScoredIndicator]) -> Iterator[BlockScore]:
    grouped: dict[str, list[ScoredIndicator]] = {}
    for indicator in indicators:
        grouped.setdefault(indicator.block, []).append(indicator)
    for block, members in grouped.items():
        points = sum((member.points for member in members), Decimal(0))
        scores, shown = (_sum(m.score for m in members), _sum(m.self_score for m in members))
        yield BlockScore(block, points, scores, shown)


def _sum(scores: Iterable[Decimal | None]) -> Decimal | None:
    """The exact sum, or None where one is missing or there is none: never full marks for a gap."""
    known: list[Decimal] = []
    for value in scores:
        if value is None:
            return None
        known.append(value)
    return sum(known, Decimal(0)) if known else None


def _projects(submission: Submission, unit: UnitScore, mapping: Mapping) -> Iterator[ProjectScore]:
    """A project's execution is its own; its other blocks are those of its section, at the project profile's points."""
    rows = [row.key for row in submission.form.tables["projects"][1].rows if row.role is RowRole.LIST and row.key]
    for row in [*rows, *submission.added_rows.get("projects", [])]:
        name = submission.inputs.get(CellKey("finance", row, "project_name"))
        actual_key = CellKey("finance", row, "actual")
        if name is None or not submission.layout.has(actual_key):
            continue
        executed, budget = (_money(submission, row, column) for column in ("actual", "budget_adjusted"))
        blocks, total = project_score(mapping.scoring, executed, budget, unit.blocks)
        yield ProjectScore(
            unit=submission.unit,
            code=str(submission.inputs.get(CellKey("finance", row, "project_code")) or ""),
            name=str(name),
            budget=budget,
            executed=executed,
            blocks=blocks,
            total=total,
            source=submission.source(actual_key),
        )


def _money(submission: Submission, row: str, column: str) -> Decimal | None:
    value = submission.inputs.get(CellKey("finance", row, column))
    return value if isinstance(value, Decimal) else None
