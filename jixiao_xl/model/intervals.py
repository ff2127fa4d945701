"""Intervals (区间): a displayed figure stands for every value that rounds to it (XBRL Calculations 1.1, REC 2023-02-22)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation


@dataclass(frozen=True, slots=True)
class Interval:
    """All values from `low` to `high`, both counted in."""

    low: Decimal
    high: Decimal

    @classmethod
    def shown(cls, value: Decimal, decimals: int) -> Interval:
        """What a figure printed with so many decimals may have been.

        >>> Interval.shown(Decimal("12.5"), 1)
        Interval(low=Decimal('12.45'), high=Decimal('12.55'))
        """
        half = Decimal(5).scaleb(-decimals - 1)
        return cls(value - half, value + half)

    @classmethod
    def exact(cls, value: Decimal) -> Interval:
        """A count of people or things: itself and nothing else."""
        return cls(value, value)

    def __add__(self, other: Interval) -> Interval:
        """Sums of both."""
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        """Differences of both."""
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval) -> Interval:
        """Products of both."""
        products = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(products), max(products))

    def __truediv__(self, other: Interval) -> Interval | None:
        """Quotients of both; None where the divisor may be zero."""
        if other.low <= 0 <= other.high:
            return None
        try:
            quotients = [a / b for a in (self.low, self.high) for b in (other.low, other.high)]
        except (DivisionByZero, InvalidOperation):
            return None
        return Interval(min(quotients), max(quotients))

    def times(self, factor: Decimal | int) -> Interval:
        """Both ends by an exact, positive factor."""
        return Interval(self.low * factor, self.high * factor)

    def meets(self, other: Interval) -> bool:
        """Whether some value lies in both."""
        return self.low <= other.high and other.low <= self.high


def summed(intervals: Iterable[Interval]) -> Interval:
    """The sum of all; zero of none."""
    return sum(intervals, Interval(Decimal(0), Decimal(0)))
