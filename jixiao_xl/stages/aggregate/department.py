"""The department's score (部门得分): every block step by step, from the sections and from its own workbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import half_up
from jixiao_xl.model.results import (
    SCORING_STATUSES,
    BlockPart,
    BlockScore,
    BlockStep,
    DepartmentScore,
    Org,
    UnitScore,
)
from jixiao_xl.model.scoring import block_total, grade_of
from jixiao_xl.model.setting import Setting


def department_score(
    orgs: tuple[Org, ...], units: dict[str, UnitScore], setting: Setting, mapping: Mapping
) -> DepartmentScore:
    """The department's score with its steps; None where a unit is waited for and no provisional one is wanted."""
    ready = [org.code for org in orgs if org.status in SCORING_STATUSES]
    waiting = tuple(org.code for org in orgs if org.code not in ready)
    usable = {code: units[code] for code in ready if code in units}
    profile = mapping.scoring.profiles.department
    steps = tuple(
        _step(block, points, block in profile.own_blocks, usable, mapping) for block, points in profile.blocks.items()
    )
    scores = [step.score for step in steps if step.score is not None]
    complete = len(scores) == len(steps)
    if (waiting or not complete) and not setting.partial:
        return DepartmentScore(steps, None, None, None, waiting)
    if not scores:
        return DepartmentScore(steps, None, None, None, waiting, provisional=True)
    total = half_up(sum(scores, Decimal(0)), 2)
    grade = grade_of(mapping.scoring, total)
    shown = mapping.scoring.grades.grade_shown.get(grade, grade)
    provisional = bool(waiting) or not complete
    reviewed = any(unit.review_total is not None for unit in usable.values())
    return DepartmentScore(
        steps,
        total,
        grade,
        shown,
        waiting,
        provisional=provisional,
        self_total=_total_by(lambda block: block.self_score, steps, usable),
        review_total=_total_by(_reviewed, steps, usable) if reviewed else None,
    )


def _reviewed(block: BlockScore) -> Decimal | None:
    return block.score if block.review_score is None else block.review_score


def _total_by(
    score: Callable[[BlockScore], Decimal | None], steps: tuple[BlockStep, ...], usable: dict[str, UnitScore]
) -> Decimal | None:
    """The total over another score of every block, for comparison; it never decides anything."""
    total = Decimal(0)
    for step in steps:
        parts: list[BlockPart] = []
        for part in step.parts:
            found = score(next(block for block in usable[part.unit].blocks if block.block == step.block))
            if found is None:
                return None
            parts.append(replace(part, score=found))
        block_score = block_total(step.points, parts)
        if block_score is None:
            return None
        total += block_score
    return half_up(total, 2)


def _step(block: str, points: Decimal, own: bool, usable: dict[str, UnitScore], mapping: Mapping) -> BlockStep:
    members = [mapping.root] if own else list(mapping.sections)
    parts: list[BlockPart] = []
    for unit in members:
        scored = usable.get(unit.code)
        found = next((b for b in scored.blocks if b.block == block), None) if scored else None
        if found is not None and found.score is not None:
            weight = Decimal(1) if own or unit.weight is None else unit.weight
            parts.append(BlockPart(unit.code, found.score, found.points, weight))
    return BlockStep(block, points, own, tuple(parts), block_total(points, parts))


def with_department(org: Org, department: DepartmentScore) -> Org:
    """The department's own line with its score and grade; a section's line as it is."""
    if org.parent is not None:
        return org
    return replace(
        org,
        self_score=department.self_total,
        score=department.total,
        review_score=department.review_total,
        grade=department.grade,
    )
