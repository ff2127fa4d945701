"""Blocks (段): sentences with figures, and what must be said of each claim in them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations

from jixiao_xl.model.claims import ClaimKind, NumberClass, Reason, Verdict
from tests.claims.figures import Figure, Interval, half_up

Values = Mapping[str, Interval]
Way = Callable[[Values], Interval]
EXACT: frozenset[Verdict] = frozenset({"exact"})
CLOSE: frozenset[Verdict] = frozenset({"within_rounding"})
HOLDS: frozenset[Verdict] = EXACT | CLOSE
WRONG: frozenset[Verdict] = frozenset({"wrong"})
PARTIAL: frozenset[Verdict] = frozenset({"partial"})
BEYOND: frozenset[Verdict] = frozenset({"unverifiable"})
MARK = re.compile(r"\[(\w+)\]")


@dataclass(frozen=True, slots=True)
class Spec:
    """A claim that stands in a block: its stated figure, and every way in which a reader may recompute it.

    Attributes:
        kinds: what the claim may be called.
        stated: key of the figure.
        ways: bindings that a careful reader accepts; it holds if one of them does.
        verdicts: fixed verdicts, whatever the arithmetic says.
        reason: of an unverifiable one.
        short: what a smaller sum is, where the list need not name every part.
        optional: it need not be said at all, but if it is, so.
        doubtful: another figure that does not stand there may explain what does not fit.
        lenient: a wrong direction may be charged to this claim or only to its neighbour.
    """

    kinds: tuple[ClaimKind, ...]
    stated: str
    ways: tuple[Way, ...] = ()
    verdicts: frozenset[Verdict] | None = None
    reason: Reason | None = None
    short: frozenset[Verdict] | None = None
    optional: bool = False
    doubtful: bool = False
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One or more paragraphs with `[key]` where figures stand."""

    text: str
    figures: dict[str, Figure]
    specs: tuple[Spec, ...] = ()
    classes: dict[str, NumberClass] = field(default_factory=dict[str, NumberClass])
    true_only: bool = False

    def values(self) -> dict[str, Interval]:
        """The interval of each figure; amounts of one unit in a paragraph share the finest step."""
        found: dict[str, Interval] = {}
        for paragraph in self.text.split("\n"):
            keys = [key for key in MARK.findall(paragraph) if key in self.figures]
            for key in keys:
                figure = self.figures[key]
                same = [self.figures[other].step for other in keys if self.figures[other].unit == figure.unit]
                found[key] = figure.interval(min(same) if figure.unit else None)
        return found

    def expected(self, spec: Spec) -> frozenset[Verdict] | None:
        """What may be said of a claim; None where it is so near that the block is not to be used."""
        if spec.verdicts is not None:
            return spec.verdicts
        values = self.values()
        stated, step = values[spec.stated], self.figures[spec.stated].step
        results = [way(values) for way in spec.ways]
        exact = [half_up(result.point, step) == stated.point for result in results]
        if all(exact):
            return EXACT
        meeting = [result.meets(stated) for result in results]
        if any(meeting):
            # where the bindings disagree, one of the other figures is wrong: this claim may be charged or not
            held = HOLDS if any(exact) else CLOSE
            return held if all(meeting) else held | WRONG
        if not all(result.apart(stated, 2 * step) for result in results):
            return None
        if spec.short:  # parts of a list may also overlap (党员, 女性): more than the whole need not be an error
            return spec.short if all(result.high < stated.low for result in results) else WRONG | BEYOND
        if spec.doubtful:
            return WRONG | BEYOND
        return WRONG | HOLDS if spec.lenient else WRONG

    def false(self, spec: Spec) -> bool:
        """Whether nobody may say that this claim holds."""
        return not HOLDS & (self.expected(spec) or HOLDS)

    def sure(self) -> bool:
        """Whether each verdict is beyond doubt: nothing near, and no chance binding that would verify a wrong one."""
        for spec in self.specs:
            verdicts = self.expected(spec)
            by_chance = spec.verdicts is None and not HOLDS & (verdicts or HOLDS) and self._by_chance(spec)
            if verdicts is None or by_chance:
                return False
        return True

    def _by_chance(self, spec: Spec) -> bool:
        figure = self.figures[spec.stated]
        others = {key: one for key, one in self.figures.items() if key != spec.stated}
        near = float(figure.step) * 1.5
        stated = float(figure.value)
        if figure.unit or figure.exact:
            same = [
                float(one.value) for one in others.values() if one.unit == figure.unit or (figure.unit and one.unit)
            ]
            sums = (
                sum(some)
                for size in range(1, (min(len(same), 6) if len(same) < 9 else 2) + 1)
                for some in combinations(same, size)
            )
            pairs = (abs(one - two) for one, two in combinations(same, 2))
            return any(abs(result - stated) <= near * 3 for result in (*sums, *pairs))
        money = [float(one.value) for one in others.values() if (one.unit or one.exact) and one.value]
        ratios = ((one / two, (one - two) / two) for one in money for two in money if one != two)
        return any(abs(abs(result) * 100 - stated) <= near * 3 for pair in ratios for result in pair)

    def changed(self, chance: random.Random, keys: Iterable[str]) -> Block | None:
        """One digit of one figure changed so that some claim surely does not hold; None where that cannot be had."""
        names = list(keys)
        for _ in range(30):
            key = chance.choice(names)
            block = replace(self, figures=self.figures | {key: self.figures[key].with_digit(chance)})
            positive = all(figure.value >= 0 for figure in block.figures.values())
            if positive and block.sure() and any(block.false(spec) for spec in block.specs if not spec.optional):
                return block
        return None

    def claimed(self) -> list[str]:
        """The keys of figures in which an error must show."""
        return [key for key in self.figures if key not in self.classes]


def share(part: str, whole: str) -> Way:
    """A part of a whole in %."""
    return lambda v: v[part] / v[whole] * hundred()


def hundred() -> Interval:
    """From a ratio to %."""
    return Interval(Decimal(100), Decimal(100), Decimal(100))


def total(*parts: str) -> Way:
    """The sum of the parts."""

    def added(values: Values) -> Interval:
        result = values[parts[0]]
        for part in parts[1:]:
            result += values[part]
        return result

    return added
