"""Contradictions (前后不一): one measure of one year and scope with two values in the text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from jixiao_xl.stages.check_report.figures import Figure
from jixiao_xl.stages.check_report.text import Text, is_level

_LONG_NAME = 6


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two figures of one measure that differ by more than rounding."""

    first: Figure
    other: Figure


def contradictions(text: Text) -> Iterator[Contradiction]:
    """Every measure whose full name, year, unit and basis stand twice with values that cannot be one."""
    named: dict[tuple[str, int, str, str], list[Figure]] = defaultdict(list)
    for figure in text.figures:
        if _is_plain(figure, text):
            named[figure.name, figure.period or figure.now, figure.kind, figure.basis].append(figure)
    for figures in named.values():
        first = figures[0]
        different = [f for f in figures[1:] if not f.interval.meets(first.interval)]
        if len(figures) > 1 and len(different) == 1 and len({f.value for f in figures}) == 2:
            yield Contradiction(first, different[0])


def _is_plain(figure: Figure, text: Text) -> bool:
    """Whether a figure's own words say all that tells it apart: a whole total with its year, not one part of a list."""
    return (
        is_level(figure, "money")
        and not figure.compared
        and figure.depth == 0
        and figure.own_period
        and not figure.token.approximate
        and len(figure.name) >= _LONG_NAME
        and text.lexicon.says("total_name", figure.before)
    )
