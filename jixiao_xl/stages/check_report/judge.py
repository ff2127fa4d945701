"""Judge (判断): whether a stated figure is what others give, and the claim that says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from jixiao_xl.model.claims import Claim, ClaimKind, Operand, Reason
from jixiao_xl.model.intervals import Interval, summed
from jixiao_xl.model.money import half_up
from jixiao_xl.stages.check_report.figures import Figure
from jixiao_xl.stages.check_report.lexer import Token

Agreement = Literal["exact", "within_rounding"]
_CLAUSE_ENDS = "，；。！？\n"
_LONGEST_CLAIM = 60
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Result:
    """What operands give: the value of the displayed figures and all values that they may stand for."""

    value: Decimal
    interval: Interval
    operands: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """One way to read a claim.

    Attributes:
        result: what it gives.
        agreement: whether that is what is stated.
        fixed: whether grammar leaves no other reading.
        likely: whether grammar fixes a part of it at least, so that agreement proves something; agreement of an
            unlikely reading only keeps the claim from being called wrong.
    """

    result: Result
    agreement: Agreement | None
    fixed: bool
    likely: bool = True


def operand(token: Token) -> Operand:
    """A number as a claim names it."""
    return Operand(token.text, token.source.passage.place, token.source.span(token.start, token.end))


# -- arithmetic ------------------------------------------------------------------------------------------------


def total_of(parts: Sequence[Figure]) -> Result:
    """The sum."""
    value = sum((part.value for part in parts), Decimal(0))
    return Result(value, summed(part.interval for part in parts), tuple(parts))


def difference_of(current: Figure, base: Figure) -> Result:
    """Current less base."""
    return Result(current.value - base.value, current.interval - base.interval, (current, base))


def ratio_of(part: Figure, whole: Figure) -> Result | None:
    """Part by whole in %, None where the whole is zero."""
    return _quotient(part.value, part.interval, whole.value, whole.interval, (part, whole))


def rate_between(current: Figure, base: Figure) -> Result | None:
    """The change from base to current in % of the base."""
    result = _quotient(current.value, current.interval, base.value, base.interval, (current, base))
    if result is None:
        return None
    hundred = Interval.exact(_HUNDRED)
    return Result(result.value - _HUNDRED, result.interval - hundred, result.operands)


def rate_on(change: Figure, direction: int, base: Figure) -> Result | None:
    """A stated change in % of its base."""
    value, interval = signed(change, direction)
    return _quotient(value, interval, base.value, base.interval, (change, base))


def rate_implied(change: Figure, direction: int, current: Figure) -> Result | None:
    """A stated change in % of the base that it and the current figure imply."""
    value, interval = signed(change, direction)
    return _quotient(value, interval, current.value - value, current.interval - interval, (change, current))


def signed(change: Figure, direction: int) -> tuple[Decimal, Interval]:
    """A change with the sign of its direction."""
    if direction >= 0:
        return change.value, change.interval
    return -change.value, Interval(-change.interval.high, -change.interval.low)


def _quotient(
    top: Decimal, top_interval: Interval, bottom: Decimal, bottom_interval: Interval, operands: tuple[Figure, ...]
) -> Result | None:
    quotient = top_interval / bottom_interval if bottom else None
    if quotient is None:
        return None
    return Result(top / bottom * _HUNDRED, quotient.times(_HUNDRED), operands)


# -- agreement -------------------------------------------------------------------------------------------------


def agrees(stated: Figure, result: Result, direction: int = 1) -> Agreement | None:
    """Whether a stated figure is the result: exactly, within what rounding explains, or not."""
    scale = stated.token.unit.scale
    value, interval = signed(stated, direction)
    own = result.value / scale
    if half_up(own, stated.token.decimals) == value / scale:
        return "exact"
    return "within_rounding" if interval.meets(result.interval) else None


def binding(
    stated: Figure, result: Result | None, *, fixed: bool, likely: bool = True, direction: int = 1
) -> Binding | None:
    """A way to read a claim, None where nothing can be computed; without a direction both signs agree."""
    if result is None:
        return None
    agreement = agrees(stated, result, direction or 1)
    if not direction:
        agreement = agreement or agrees(stated, result, -1)
    return Binding(result, agreement, fixed, likely or fixed)


# -- claims ----------------------------------------------------------------------------------------------------


def decide(
    kind: ClaimKind,
    stated: Figure,
    bindings: Iterable[Binding | None],
    *,
    direction: int = 1,
    reason: Reason = "ambiguous",
    missing: str = "",
    excuse: Reason | None = None,
    compute: Callable[[Decimal], Decimal] | None = None,
) -> Claim:
    """The claim with its verdict: the first reading that agrees; wrong where one is fixed and none agrees.

    `excuse` is a reason why even a fixed reading proves nothing (同口径, 约).
    """
    tried = [found for found in bindings if found is not None]
    agreements: tuple[Agreement, ...] = ("exact", "within_rounding")
    for wanted in agreements:
        for found in tried:
            if found.agreement == wanted and found.likely:
                return claim_of(kind, stated, wanted, found.result, direction, compute=compute)
    fixed = next((found for found in tried if found.fixed), None)
    other = any(found.agreement for found in tried)
    if fixed is None or excuse is not None or other:
        operands = fixed.result if fixed else None
        why: Reason = excuse or ("ambiguous" if fixed else reason)
        return claim_of(kind, stated, "unverifiable", operands, direction, reason=why, missing="" if fixed else missing)
    return claim_of(kind, stated, "wrong", fixed.result, direction, compute=compute)


def claim_of(
    kind: ClaimKind,
    stated: Figure,
    verdict: Literal["exact", "within_rounding", "wrong", "partial", "unverifiable"],
    result: Result | None,
    direction: int = 1,
    *,
    reason: Reason | None = None,
    missing: str = "",
    compute: Callable[[Decimal], Decimal] | None = None,
) -> Claim:
    """A claim about a figure; numbers in the unit of the text, unsigned where the wording carries the direction."""
    token = stated.token
    recomputed = None
    if result is not None and verdict != "unverifiable":
        own = result.value / token.unit.scale * (direction or (1 if result.value >= 0 else -1))
        own = compute(own) if compute else own
        recomputed = half_up(own, max(token.decimals, 0 if token.unit.kind == "percent" else stated.decimals))
    return Claim(
        kind=kind,
        text=words_of(token),
        place=token.source.passage.place,
        span=token.source.span(token.start, token.end),
        stated=token.value,
        recomputed=recomputed,
        verdict=verdict,
        reason=reason,
        operands=tuple(operand(figure.token) for figure in result.operands if figure is not stated) if result else (),
        missing=missing,
    )


def words_of(token: Token) -> str:
    """The clause that a number ends, as it stands in the passage."""
    text = token.source.text
    start = max((text.rfind(end, 0, token.start) for end in _CLAUSE_ENDS), default=-1) + 1
    return token.source.original(max(start, token.start - _LONGEST_CLAIM), token.unit_end)
