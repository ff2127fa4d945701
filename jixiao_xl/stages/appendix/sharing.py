"""Sharing (折算): a block's points and score divided among its indicators, so that their sums are the block's exactly.

The workbooks score indicators by the section's points; a form of the department or of a project has points of its own
(DESIGN 6). Each share is rounded to two decimals; what the rounding leaves over is given out in hundredths.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from jixiao_xl.model.money import half_up

_CENT: Final = Decimal("0.01")


def shared_points(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`total` in proportion to positive weights, two decimals each; leftover hundredths go to the largest remainders.

    >>> shared_points(Decimal(50), [Decimal(20)] * 3)
    [Decimal('16.67'), Decimal('16.67'), Decimal('16.66')]
    """
    exact = [total * weight / sum(weights) for weight in weights]
    shares = [share.quantize(_CENT, rounding=ROUND_FLOOR) for share in exact]
    left = int((total - sum(shares)) / _CENT)
    fullest = sorted(range(len(exact)), key=lambda i: shares[i] - exact[i])
    for index in fullest[:left]:
        shares[index] += _CENT
    return shares


def shared_scores(
    total: Decimal | None, points: Sequence[Decimal], ratios: Sequence[Decimal | None]
) -> list[Decimal | None]:
    """The score of each indicator, its ratio of its points, two decimals; they add up to `total` if there is one.

    None gets more than its points. What rounding leaves over goes to indicators that lost points; one with full marks
    keeps them, unless nobody else has a hundredth to give.
    """
    scores = [None if r is None else half_up(p * r, 2) for p, r in zip(points, ratios, strict=True)]
    known = [score for score in scores if score is not None]
    if total is None or len(known) < len(scores):
        return scores
    left = int((total - sum(known)) / _CENT)
    step = _CENT if left > 0 else -_CENT
    for _ in range(abs(left)):
        able = [i for i, score in enumerate(known) if 0 <= score + step <= points[i]]
        known[min(able, key=lambda i: _reluctance(known[i], points[i], ratios[i], step))] += step
    return list(known)


def _reluctance(score: Decimal, points: Decimal, ratio: Decimal | None, step: Decimal) -> tuple[bool, Decimal]:
    """Who changes by a hundredth first: those that lost points, and of them the one that comes nearest to its ratio."""
    due = points * (ratio or Decimal(0))
    return ratio == 1, abs(score + step - due)
