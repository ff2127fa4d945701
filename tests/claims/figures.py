"""Figures (数字): an amount as it is shown in a report, and the interval for which it stands."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

UNITS = {"元": Decimal(1), "万元": Decimal(10000), "亿元": Decimal(100000000)}
WIDE = str.maketrans("0123456789.%", "０１２３４５６７８９．％")
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`; `point` is what displayed figures give."""

    low: Decimal
    high: Decimal
    point: Decimal

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high, self.point + other.point)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.high - other.low, self.point - other.point)

    def __mul__(self, other: Interval) -> Interval:
        ends = [one * two for one in (self.low, self.high) for two in (other.low, other.high)]
        return Interval(min(ends), max(ends), self.point * other.point)

    def __truediv__(self, other: Interval) -> Interval:
        ends = [one / two for one in (self.low, self.high) for two in (other.low, other.high)]
        return Interval(min(ends), max(ends), self.point / other.point)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low, -self.point)

    def meets(self, other: Interval) -> bool:
        """Whether they have a point in common."""
        return self.low <= other.high and other.low <= self.high

    def apart(self, other: Interval, gap: Decimal) -> bool:
        """Whether more than `gap` lies between them."""
        return self.low - other.high > gap or other.low - self.high > gap


def number(value: int | str) -> Interval:
    """A number without doubt."""
    return Interval(Decimal(value), Decimal(value), Decimal(value))


def half_up(value: Decimal, step: Decimal) -> Decimal:
    """四舍五入 to a multiple of the step."""
    return (value / step).quantize(ONE, ROUND_HALF_UP) * step


@dataclass(frozen=True, slots=True)
class Figure:
    """What stands in the text: digits with their unit; `value` and `step` in 元, %, or ones.

    `exact`: an integer of people or things, which stands for itself; `unit` is blank for anything but money.
    """

    digits: str
    tail: str
    value: Decimal
    step: Decimal
    unit: str = ""
    exact: bool = False

    @property
    def text(self) -> str:
        """Digits and unit."""
        return self.digits + self.tail

    def interval(self, step: Decimal | None = None) -> Interval:
        """For what it stands where figures of its unit have been shown to that step."""
        half = Decimal(0) if self.exact else (step or self.step) / 2
        return Interval(self.value - half, self.value + half, self.value)

    def with_digit(self, chance: random.Random) -> Figure:
        """One digit changed, the first one not into 0."""
        plain = self.digits.translate({0xFF10 + n: str(n) for n in range(10)} | {0xFF0E: "."})
        at = chance.choice([place for place, sign in enumerate(plain) if sign.isdigit()])
        choices = [sign for sign in "0123456789" if sign != plain[at] and not (at == 0 and sign == "0")]
        changed = plain[:at] + chance.choice(choices) + plain[at + 1 :]
        scale = UNITS.get(self.unit, ONE)
        digits = changed.translate(WIDE) if plain != self.digits else changed
        return replace(self, digits=digits, value=Decimal(changed.replace(",", "")) * scale)


@dataclass(frozen=True, slots=True)
class Style:
    """How a paragraph shows its figures."""

    unit: str
    decimals: int
    percent_decimals: int
    separators: bool = False
    stripped: bool = False
    wide: bool = False
    spaced: bool = False

    def amount(self, yuan: Decimal, unit: str = "", decimals: int | None = None) -> Figure:
        """An amount of 元 in the paragraph's unit."""
        unit, decimals = unit or self.unit, self.decimals if decimals is None else decimals
        step = UNITS[unit].scaleb(-decimals)
        shown = half_up(yuan, step) / UNITS[unit]
        digits = f"{shown:,.{decimals}f}" if self.separators else f"{shown:.{decimals}f}"
        if self.stripped and "." in digits:
            digits = digits.rstrip("0").rstrip(".")
            kept = len(digits.partition(".")[2])
            step = UNITS[unit].scaleb(-kept)
        digits = digits.translate(WIDE) if self.wide else digits
        return Figure(digits, (" " if self.spaced else "") + unit, shown * UNITS[unit], step, unit)

    def percent(self, ratio: Decimal, tail: str = "%", decimals: int | None = None) -> Figure:
        """A ratio (0.05) in % or in percentage points."""
        decimals = self.percent_decimals if decimals is None else decimals
        step = ONE.scaleb(-decimals)
        shown = half_up(ratio * 100, step)
        digits = f"{shown:.{decimals}f}"
        return Figure(
            digits.translate(WIDE) if self.wide else digits, "％" if self.wide and tail == "%" else tail, shown, step
        )


def count(value: int, tail: str) -> Figure:
    """People or things."""
    return Figure(str(value), tail, Decimal(value), ONE, exact=True)


def plain(value: Decimal, decimals: int, tail: str) -> Figure:
    """Scores and multiples: a number with decimals and a unit of its own."""
    step = ONE.scaleb(-decimals)
    shown = half_up(value, step)
    return Figure(f"{shown:.{decimals}f}", tail, shown, step)


def styles(chance: random.Random) -> Style:
    """A way to show figures, as offices do: mostly 万元 with two decimals."""
    unit, decimals = chance.choice(
        [("万元", 2)] * 6 + [("元", 2), ("元", 0), ("亿元", 2), ("亿元", 4), ("万元", 0), ("万元", 4)]
    )
    trait = chance.randrange(12)
    return Style(
        unit,
        decimals,
        chance.choice([2, 2, 2, 1]),
        separators=trait in (0, 1),
        stripped=trait in (2, 3),
        wide=trait == 4,
        spaced=trait == 5,
    )


def amounts(chance: random.Random, style: Style) -> Decimal:
    """An amount of 元 with cents that shows at least four digits in the paragraph's unit."""
    low = {"元": 5, "万元": 7, "亿元": 11}[style.unit]
    return (
        Decimal(chance.randrange(10 ** (low + 1), 10 ** (low + 4))) / 100
        if style.decimals
        else (Decimal(chance.randrange(10 ** (low + 2), 10 ** (low + 5))) / 100)
    )
