"""Reviewed scores (复核得分): the human reviewer's scores beside ours, from indicators to the unit's total."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from jixiao_xl.model.results import BlockScore, ScoredIndicator, UnitScore
from jixiao_xl.model.review import Review


def with_review_scores(units: dict[str, UnitScore], review: Review) -> dict[str, UnitScore]:
    """The units with what the reviewer gave; an indicator that was not reviewed counts as we scored it."""
    given = {(score.unit, score.indicator): score.score for score in review.scores}
    reviewed = {unit for unit, _ in given}
    return {code: _reviewed(unit, given) if code in reviewed else unit for code, unit in units.items()}


def _reviewed(unit: UnitScore, given: dict[tuple[str, str], Decimal]) -> UnitScore:
    indicators = tuple(replace(i, review_score=given.get((i.unit, i.key))) for i in unit.indicators)
    blocks = tuple(_block(block, indicators) for block in unit.blocks)
    return replace(unit, indicators=indicators, blocks=blocks, review_total=_sum(indicators))


def _block(block: BlockScore, indicators: Iterable[ScoredIndicator]) -> BlockScore:
    return replace(block, review_score=_sum(i for i in indicators if i.block == block.block))


def _sum(indicators: Iterable[ScoredIndicator]) -> Decimal | None:
    """The exact sum, or None where an indicator has neither score."""
    total = Decimal(0)
    for indicator in indicators:
        score = indicator.score if indicator.review_score is None else indicator.review_score
        if score is None:
            return None
        total += score
    return total
