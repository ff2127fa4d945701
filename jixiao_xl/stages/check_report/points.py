"""Percentage points (百分点): 由95%提高到97.5%，提高2.5个百分点."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from jixiao_xl.model.claims import Claim, Reason
from jixiao_xl.stages.check_report.figures import OTHER, Figure
from jixiao_xl.stages.check_report.judge import Binding, Result, binding, decide, difference_of
from jixiao_xl.stages.check_report.text import Text

_MOST = 12


def point_claims(text: Text) -> Iterator[Claim]:
    """The claims of all differences between two rates."""
    for figure in text.figures:
        if figure.role == "points":
            yield _points(figure, text)


def _points(figure: Figure, text: Text) -> Claim:
    before = [f for f in text.paragraph(figure) if f.index < figure.index and f.kind == "percent"][::-1][:_MOST]
    after = [f for f in text.paragraph(figure) if f.index > figure.index and f.kind == "percent"][:4]
    found: list[Binding | None] = []
    sure = None if figure.whole == OTHER else _pair(figure, before, text)
    if sure is not None:
        found.append(binding(figure, difference_of(*sure), fixed=True, direction=figure.direction))
    rates = before + after
    own = before[0] if before and before[0].sentence == figure.sentence else None
    for one in rates:
        for other in rates:
            if one is not other:
                likely = one.sentence == other.sentence == figure.sentence or one is own
                result = _signed_difference(one, other)
                found.append(binding(figure, result, fixed=False, likely=likely, direction=figure.direction))
    missing = text.lexicon.words.missing["rates"]
    excuse: Reason | None = "approximate" if figure.token.approximate else None
    return decide(
        "points", figure, found, direction=figure.direction, reason="no-prior", missing=missing, excuse=excuse
    )


def _pair(figure: Figure, before: list[Figure], text: Text) -> tuple[Figure, Figure] | None:
    """The two rates that grammar names: 97.5%，较上年的95%提高…, 由95%提高到97.5%，提高…."""
    here = [f for f in before if f.sentence == figure.sentence and f.segment == figure.segment]
    if len(here) == 1 and not here[0].compared and here[0].name:
        earlier = [f for f in text.figures[max(0, here[0].index - _MOST) : here[0].index] if f.kind == "percent"]
        named = [f for f in earlier if text.same(f.name, here[0].name) and f.period == figure.base_period]
        if named and figure.paragraph - named[-1].paragraph <= 1:
            return here[0], named[-1]
    if len(here) == 2 and (here[0].period == figure.base_period) != (here[1].period == figure.base_period):
        late, early = (here[1], here[0]) if here[0].period == figure.base_period else (here[0], here[1])
        if text.is_weak(here[0].name) or text.same(here[0].name, here[1].name):
            return late, early
    if len(here) != 2 or (here[0].role in ("rate", "share") and here[0].name != here[1].name and here[0].name):
        return None
    late, early = here
    if late.compared:
        return early, late
    return (late, early) if early.compared else None


def _signed_difference(one: Figure, other: Figure) -> Result:
    """The difference of two rates of change takes their directions with it."""
    if one.role == "rate" and other.role == "rate" and -1 in (one.direction, other.direction):
        value = one.value * (one.direction or 1) - other.value * (other.direction or 1)
        plain = difference_of(one, other)
        half = (plain.interval.high - plain.interval.low) / Decimal(2)
        return Result(value, type(plain.interval)(value - half, value + half), (one, other))
    return difference_of(one, other)
