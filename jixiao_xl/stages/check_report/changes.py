"""Changes (增减额和增减率): 较上年减少107.28万元，减少5.83%; also against a plan, in multiples, in tenths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from jixiao_xl.model.claims import Claim, Reason
from jixiao_xl.stages.check_report.figures import OTHER, Figure
from jixiao_xl.stages.check_report.judge import (
    Binding,
    Result,
    binding,
    decide,
    difference_of,
    operand,
    rate_between,
    rate_implied,
    rate_on,
)
from jixiao_xl.stages.check_report.text import Text, is_level

_NEAR, _LONG_NAME = 3, 5
_MOST = 40  # candidates looked at for one operand


@dataclass(frozen=True, slots=True)
class Change:
    """A change and its rate, told of one thing; one of the two may be missing.

    Attributes:
        amount: by how much.
        rate: by how many %.
        place: its place in a list of changes (分别增加…), from 0.
        length: how many the list has.
    """

    amount: Figure | None
    rate: Figure | None
    place: int = 0
    length: int = 1

    @property
    def first(self) -> Figure:
        """The figure that stands first."""
        both = [figure for figure in (self.amount, self.rate) if figure is not None]
        return min(both, key=lambda figure: figure.index)

    @property
    def direction(self) -> int:
        """1 up, -1 down, 0 not said."""
        return next((f.direction for f in (self.amount, self.rate) if f is not None and f.direction), 0)

    @property
    def name(self) -> str:
        """What changes, where the words say so."""
        return next((f.name for f in (self.amount, self.rate) if f is not None and f.name), "")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A figure that may be an operand, whether grammar names it, and whether it is of the same measure at least."""

    figure: Figure
    fixed: bool
    likely: bool = False


def change_claims(text: Text) -> Iterator[Claim]:
    """The claims of all changes and rates of change."""
    for run in _runs(text):
        for change in _changes(run):
            yield from _claims(change, text)


def _runs(text: Text) -> Iterator[list[Figure]]:
    """Changes and rates that follow each other in one sentence."""
    run: list[Figure] = []
    for figure in text.figures:
        if run and figure.role == "level" and figure.depth > run[-1].depth and figure.sentence == run[-1].sentence:
            continue  # an aside in brackets
        goes_on = bool(run) and run[-1].sentence == figure.sentence
        if figure.role not in ("change", "rate") or not goes_on:
            if run:
                yield run
            run = []
        if figure.role in ("change", "rate"):
            run.append(figure)
    if run:
        yield run


def _changes(run: list[Figure]) -> Iterator[Change]:
    amounts = [figure for figure in run if figure.role == "change"]
    rates = [figure for figure in run if figure.role == "rate"]
    roles = [figure.role for figure in run]
    vectors = (["change"] * len(amounts), ["change"] * len(amounts) + ["rate"] * len(amounts))
    if len(amounts) > 1 and roles in vectors and all(len(figure.before) <= 1 for figure in amounts[1:]):
        for place, amount in enumerate(amounts):
            yield Change(amount, rates[place] if rates else None, place, len(amounts))
        return
    left = list(run)
    while left:
        first = left.pop(0)
        second = left[0] if left and _belong(first, left[0]) else None
        if second is not None:
            left.pop(0)
        both = (first, second) if first.role == "change" else (second, first)
        yield Change(*both)


def _belong(first: Figure, second: Figure) -> bool:
    """Whether two figures tell of one change."""
    if first.role == second.role or first.segment != second.segment:
        return False
    opposed = first.direction and second.direction and first.direction != second.direction
    other = second.name and first.name and second.name != first.name
    moved = "said" in (second.whole,) and first.whole and (first.base_period, first.base_basis) != (
        second.base_period, second.base_basis,
    )  # fmt: skip
    return not opposed and not other and not moved


# -- operands --------------------------------------------------------------------------------------------------


def _is_base(figure: Figure, change: Change) -> bool:
    """Whether a level belongs to what the change is measured from."""
    first = change.first
    if first.base_basis == "budget":
        return figure.basis == "budget"
    return figure.period is not None and figure.period == first.base_period


def currents(change: Change, text: Text) -> list[Candidate]:
    """The figures that may be the level after the change, the likeliest first."""
    first, kind = change.first, change.amount.kind if change.amount else None
    before = [f for f in text.levels_before(first, kind) if not f.compared and not _is_base(f, change)][:_MOST]
    if change.length > 1 and len(before) >= change.length:
        place = before[change.length - 1 - change.place]
        return [Candidate(place, True)]
    named = [f for f in before if _answers(f, change.name, text)]
    here = [f for f in before if f.sentence == first.sentence]
    fixed: Figure | None = None
    if text.is_weak(change.name):
        near = _nearest(here, before, text) if not change.name else (named[0] if named else None)
        if near is not None and not text.lexicon.says("reason", text.between(near, first)):
            fixed = near
    elif named:
        fixed = named[0]
    if first.whole == OTHER:
        fixed = None
    reached = _reached(change, text)
    others = [Candidate(f, False, fixed is None and (f in named or f in here)) for f in before if f is not fixed]
    result = ([Candidate(fixed, True)] if fixed else []) + others
    if reached is not None:
        result.insert(0, Candidate(reached, fixed is None))
    after = [f for f in text.levels_after(first, kind) if f is not reached and not _is_base(f, change)][:6]
    far = [
        f for f in text.levels_named(change.name, kind) if f.paragraph != first.paragraph and not _is_base(f, change)
    ]
    sure = fixed is None and reached is None and _is_unmistakable(change.name, far, first)
    return result + [Candidate(f, False) for f in after] + [Candidate(f, sure, True) for f in far[:_MOST]]


def _is_unmistakable(name: str, far: list[Figure], first: Figure) -> bool:
    """Whether a name of some length has one value in the paragraphs just before, and no other anywhere."""
    near = [f for f in far if 0 < first.paragraph - f.paragraph <= _NEAR]
    return bool(near) and len(name) >= _LONG_NAME and len({f.value for f in far}) == 1


def _answers(figure: Figure, name: str, text: Text) -> bool:
    """Whether a figure is the one that a change's own words name."""
    if text.is_weak(name):
        return bool(name) and name in figure.called
    return text.same(figure.called, name)


def _nearest(here: list[Figure], before: list[Figure], text: Text) -> Figure | None:
    """The figure that a change without a subject goes on from."""
    if here:
        done = [f for f in here if f.basis != "budget" and f.segment == here[0].segment]
        return (done or here)[0]
    if not before:
        return None
    last = [f for f in before if f.sentence == before[0].sentence]
    return last[-1] if len(last) == 1 else None


def _reached(change: Change, text: Text) -> Figure | None:
    """The level right behind a change: 增加20万元，达到120万元."""
    last = max((f for f in (change.amount, change.rate) if f is not None), key=lambda f: f.index)
    after = text.following(last)
    if after is None or not is_level(after, change.amount.kind if change.amount else None) or after.compared:
        return None
    return after if after.segment == last.segment and not after.name and not _is_base(after, change) else None


def bases(change: Change, text: Text, current: list[Candidate]) -> list[Candidate]:
    """The figures that may be the level before the change."""
    first, kind = change.first, change.amount.kind if change.amount else None
    near = text.before(first)
    here = [f for f in text.levels_before(first, kind) if f.compared or _is_base(f, change)][:_MOST]
    result: list[Candidate] = []
    if near is not None and near.compared and is_level(near, kind):
        result.append(Candidate(near, True))
        here = [f for f in here if f is not near]
    subject = next((c.figure for c in current if c.fixed), None)
    names = [name for name in (change.name, subject.called if subject else "") if name]
    for figure in here:
        own = figure.inherited if figure.compared or text.is_weak(figure.name) else figure.name
        named = any(text.same(figure.name, name) or text.same(own, name) for name in names)
        if subject is not None and not named:
            weak = text.is_weak(figure.name)
            named = text.before(subject) is figure or (weak and text.before(figure) is subject)
        fixed = named and not any(c.fixed for c in result) and _is_base(figure, change)
        result.append(Candidate(figure, fixed, named or (subject is None and not names)))
    after = [f for f in text.levels_after(first, kind) if f.compared or _is_base(f, change)][:6]
    aside = text.following(first)
    if aside is not None and aside in after and aside.depth > first.depth and not any(c.fixed for c in result):
        result.append(Candidate(aside, True))
    far = [
        f
        for name in names
        for f in text.levels_named(name, kind)
        if f.paragraph != first.paragraph and _is_base(f, change)
    ]
    sure = not any(c.fixed for c in result) and any(_is_unmistakable(name, far, first) for name in names)
    return result + [Candidate(f, False) for f in after] + [Candidate(f, sure, True) for f in far[:_MOST]]


# -- claims ----------------------------------------------------------------------------------------------------


def _claims(change: Change, text: Text) -> Iterator[Claim]:
    current = currents(change, text)
    base = bases(change, text, current)
    excuse = _excuse(change, current, text)
    words = text.lexicon.words.missing
    wanted = words["budget"] if change.first.base_basis == "budget" else words["prior"]
    direction, amount, rate = change.direction, change.amount, change.rate
    claim: Claim | None = None
    if rate is not None:
        found = list(_rates(change, rate, current, base))
        missing = wanted if current else words["current"]
        reason: Reason = "no-base"
        if any(c.figure.value == 0 for c in base if c.fixed):
            reason = "zero-base"
        claim = decide("rate", rate, found, direction=direction, reason=reason, missing=missing, excuse=excuse)
        yield claim
    if amount is not None:
        pairs = [
            binding(
                amount,
                difference_of(c.figure, b.figure),
                fixed=c.fixed and b.fixed,
                likely=_likely(c, b),
                direction=direction,
            )
            for b in base
            for c in current
            if c.figure is not b.figure
        ]
        rests = rate is not None and claim is not None and operand(amount.token) in claim.operands
        if rests and not any(pair is not None and (pair.fixed or pair.agreement) for pair in pairs):
            return  # the rate's claim rests on it
        missing = wanted if current else words["current"]
        yield decide(
            "difference", amount, pairs, direction=direction, reason="no-prior", missing=missing, excuse=excuse
        )


def _rates(change: Change, rate: Figure, current: list[Candidate], base: list[Candidate]) -> Iterator[Binding | None]:
    """Every way to get the rate: from change and base, from change and current, from current and base."""
    direction, amount = change.direction, change.amount
    if amount is not None:
        for c in current:
            result = rate_implied(amount, direction, c.figure)
            yield binding(rate, result, fixed=c.fixed, likely=c.likely, direction=direction)
        for b in base:
            result = rate_on(amount, direction, b.figure)
            yield binding(rate, result, fixed=b.fixed, likely=b.likely, direction=direction)
    for b in base:
        for c in current:
            if c.figure.kind == b.figure.kind and c.figure is not b.figure:
                fixed, likely = c.fixed and b.fixed and amount is None, _likely(c, b)
                result = rate_between(c.figure, b.figure)
                yield binding(rate, result, fixed=fixed, likely=likely, direction=direction)


def _likely(current: Candidate, base: Candidate) -> bool:
    """Whether grammar fixes one of two and lets the other be of the same measure."""
    return (current.fixed and (base.fixed or base.likely)) or (base.fixed and current.likely)


def _excuse(change: Change, current: list[Candidate], text: Text) -> Reason | None:
    """Why even a fixed reading proves nothing."""
    for figure in (change.amount, change.rate, *(c.figure for c in current if c.fixed)):
        if figure is not None and text.lexicon.says("scope", figure.before[-40:]):
            return "scope"
    for figure in (change.amount, change.rate):
        if figure is not None and figure.token.approximate:
            return "approximate"
    return None


# -- multiples -------------------------------------------------------------------------------------------------


def multiple_claims(text: Text) -> Iterator[Claim]:
    """增长1.2倍, 是上年的1.5倍, 增长两成, 翻一番."""
    for figure in text.figures:
        if figure.role != "multiple":
            continue
        change = Change(None, figure)
        current = currents(change, text)
        base = bases(change, text, current)
        found: list[Binding | None] = []
        for b in base:
            for c in current:
                if c.figure.kind == b.figure.kind and c.figure is not b.figure:
                    result = _multiple(figure, c.figure, b.figure)
                    fixed, likely = c.fixed and b.fixed, _likely(c, b)
                    one = binding(figure, result, fixed=fixed, likely=likely, direction=figure.direction)
                    found.append(_doubled(one, figure))
        excuse: Reason | None = "approximate" if figure.token.approximate else None
        missing = text.lexicon.words.missing["prior"]
        yield decide(
            "multiple", figure, found, direction=figure.direction, reason="no-prior", missing=missing, excuse=excuse
        )


def _doubled(found: Binding | None, figure: Figure) -> Binding | None:
    """翻一番 is twice as much, give or take a little."""
    if found is None or figure.token.unit.kind != "doublings":
        return found
    off = abs(found.result.value - figure.token.value)
    near = "exact" if off < Decimal("0.005") else "within_rounding" if off < Decimal("0.07") else None
    return replace(found, agreement=near)


def _multiple(figure: Figure, current: Figure, base: Figure) -> Result | None:
    """What the multiple should be, in its own unit."""
    rate = rate_between(current, base)
    if rate is None:
        return None
    hundred = Decimal(100)
    kind = figure.token.unit.kind
    per = hundred if kind == "times" else hundred / 10
    result = Result(rate.value / per, rate.interval.times(1 / per), rate.operands)
    if kind == "times" and not figure.direction:
        one = Decimal(1)
        low, high = result.interval.low + one, result.interval.high + one
        return Result(result.value + one, type(result.interval)(low, high), result.operands)
    if kind == "doublings":
        power = (result.value / 10 + 1).ln() / Decimal(2).ln() if result.value > -10 else Decimal(0)
        half = Decimal("0.05")
        return Result(power, type(result.interval)(power - half, power + half), result.operands)
    return result
