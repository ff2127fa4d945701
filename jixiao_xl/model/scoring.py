"""Scoring (计分): profiles, blocks, grades and projects, by the dated rules of scoring.yaml."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from jixiao_xl.model.mapping import Indicator, Mapping, Scoring
from jixiao_xl.model.money import half_up
from jixiao_xl.model.results import BlockPart, BlockScore
from jixiao_xl.model.rules import (
    Method,
    Nature,
    Parameters,
    Rule,
    block_score,
    execution_score,
    low_execution_cap,
    parse_steps,
    rule_for,
)
from jixiao_xl.model.rules import grade as grade_in

EXECUTION = "预算执行"


def rule_of(indicator: Indicator, scoring: Scoring) -> Rule:
    """The rule of an indicator: its row's parameters and the options of the year.

    Raises:
        RuleError: its nature and method have no rule, or a parameter is missing.
    """
    over = scoring.options.over_achievement
    parameters = Parameters(
        tolerance=indicator.tolerance,
        low=indicator.low,
        high=indicator.high,
        per=indicator.per,
        step=indicator.step,
        steps=parse_steps(indicator.steps) if indicator.steps else (),
        over_limit=over.limit if over.deduct is not None else None,
        over_deduction=over.deduct,
        per_day=indicator.per_day,
    )
    return rule_for(Nature(indicator.nature), Method(indicator.method), parameters)


def full_blocks(mapping: Mapping, unit: str, present: set[str]) -> dict[str, Decimal]:
    """The points of each block of a unit's 指标评分表; a block without indicators gives its points to another."""
    if mapping.level(unit) == "部门":
        profile = mapping.scoring.profiles.department
        return {block: profile.blocks[block] for block in profile.own_blocks}
    profile = mapping.scoring.profiles.section
    return _redistributed(dict(profile.blocks), profile.missing_to, present)


def _redistributed(blocks: dict[str, Decimal], missing_to: dict[str, str], present: set[str]) -> dict[str, Decimal]:
    for block, heir in missing_to.items():
        if block in blocks and block not in present:
            points = blocks.pop(block)
            if heir in blocks:
                blocks[heir] += points
    return blocks


def grade_of(scoring: Scoring, total: Decimal) -> str:
    """The grade of a shown total: 优 良 中 差."""
    return grade_in(total, [(band.from_, band.grade) for band in scoring.grades.bands])


def block_total(points: Decimal, parts: Iterable[BlockPart]) -> Decimal | None:
    """A block of the department: its points × the weighted mean of score ÷ points, two decimals; None without parts."""
    return block_score(points, [(part.score, part.points, part.weight) for part in parts])


def project_score(
    scoring: Scoring, executed: Decimal | None, budget: Decimal | None, section: Iterable[BlockScore]
) -> tuple[tuple[BlockScore, ...], Decimal | None]:
    """A project's blocks and total: its own execution, its section's ratios in the other blocks.

    Where the section lacks a block the profile says where its points go; a missing operand leaves no total.
    """
    profile = scoring.profiles.project
    of_section = {block.block: block for block in section}
    blocks = _redistributed(dict(profile.blocks), profile.missing_to, {EXECUTION, *of_section})
    scored: list[BlockScore] = []
    for block, points in blocks.items():
        if block == EXECUTION:
            score = None if executed is None or budget is None else execution_score(points, executed, budget)
        else:
            own = of_section.get(block)
            ratio = own.score / own.points if own is not None and own.score is not None else None
            score = half_up(points * ratio, 2) if ratio is not None else None
        scored.append(BlockScore(block, points, score))
    scores = [block.score for block in scored if block.score is not None]
    if len(scores) < len(scored):
        return tuple(scored), None
    total = sum(scores, Decimal(0))
    rate = executed / budget * 100 if executed is not None and budget else None
    caps = [(cap.below, cap.at_most) for cap in scoring.options.low_execution_caps]
    return tuple(scored), low_execution_cap(total, rate, caps) if rate is not None else total
