"""The report's figures (报告中的数字): what a figure, its direction or its whole change reads like in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from jixiao_xl.model.mapping import Report
from jixiao_xl.model.places import Source
from jixiao_xl.model.report_tags import FigureName
from jixiao_xl.model.report_text import FigureForm, pieces
from jixiao_xl.model.results import FactValue


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure in one form, as the report shows it.

    Attributes:
        text: what stands in its control.
        label: its Chinese name.
        sources: every cell that it comes from.
        row: the figure whose row of the closing table names these cells; "" where its own table does.
    """

    text: str
    label: str
    sources: tuple[Source, ...] = ()
    row: str = ""


@dataclass(frozen=True, slots=True)
class CurrentFigures:
    """What every figure of the report reads like now: all that a refresh needs to know.

    Attributes:
        texts: the text of each figure in each form that the report can show.
        labels: the Chinese name of each figure, by its id.
        groups: figures that are refreshed together or not at all: the group's name by the figure's id.
        synonyms: words of the same direction that a person may put for ours (下降 for 减少), by our word.
    """

    texts: dict[FigureName, str]
    labels: dict[str, str]
    groups: dict[str, str]
    synonyms: dict[str, tuple[str, ...]] = field(default_factory=dict[str, "tuple[str, ...]"])


@dataclass(frozen=True, slots=True)
class RoundingGap:
    """A change whose displayed figures differ from it when they are subtracted (尾差), all in 万元 as shown."""

    name: str
    shown: str
    subtracted: str
    gap: str


@dataclass(frozen=True, slots=True)
class FactWording:
    """The facts of a run, and how the report's mapping words them.

    Attributes:
        missing: what stands for a figure that there is none of.
        not_comparable: what stands for a rate over nothing, or over a negative base.
    """

    report: Report
    facts: dict[str, FactValue]
    missing: str
    not_comparable: str

    def figure(self, fact_id: str, form: FigureForm = "") -> str:
        """A fact in one of its forms: the number (a rate with its %), the word for its sign, or the whole change."""
        match form:
            case "dir":
                return self.direction(fact_id)
            case "phrase":
                return self._phrase(fact_id)
            case _:
                return self._number(fact_id)

    def signed(self, fact_id: str) -> str | None:
        """A change or its rate with its direction, or why it has none; None for every other figure."""
        value = self._decimal(fact_id)
        if not self._is_change(fact_id):
            return None
        if not self._comparable(fact_id):
            return self.not_comparable
        return self.missing if value is None else self.direction(fact_id) + (self._number(fact_id) if value else "")

    def direction(self, fact_id: str) -> str:
        """The word for a figure's sign; a rate has words of its own."""
        value = self._decimal(fact_id)
        if value is None:
            return self.missing
        fact = self.facts[fact_id]
        words = self.report.rate_directions if fact.measure_unit == "%" else self.report.directions
        return words["up" if value > 0 else "down" if value < 0 else "same"]

    def rounding_gap(self, amount: str) -> RoundingGap | None:
        """Of a change: how far the displayed figures are from it, where they do not give it exactly."""
        change = self.report.changes[amount]
        due, current, base = (self._shown_number(fact) for fact in (amount, change.current, change.base))
        if due is None or current is None or base is None or abs(current - base) == due:
            return None
        subtracted = abs(current - base)
        return RoundingGap(self.facts[amount].name, f"{due:f}", f"{subtracted:f}", f"{abs(subtracted - due):f}")

    def _number(self, fact_id: str) -> str:
        fact = self.facts.get(fact_id)
        if fact is None or fact.shown is None:
            return self.missing
        return f"{fact.shown}%" if fact.measure_unit == "%" else fact.shown

    def _phrase(self, amount: str) -> str:
        """A change with its rate; other words where there is no base, or none that a rate could be measured by."""
        change = self.report.changes[amount]
        value, base = self._decimal(amount), self._decimal(change.base)
        roles = {"amount": amount, "rate": change.rate, "current": change.current, "base": change.base}
        if value is None or base is None:
            case = "no_prior"
        elif value == 0:
            case = "same"
        elif base <= 0:
            case = "not_comparable"
        else:
            # a change below half of the last printed place must not read "减少0.00万元"
            case = "changed" if self._shown_number(amount) else "nearly_same"
        template = pieces(self.report.change_texts[case])
        return "".join(
            self.figure(roles[piece.name], "dir" if piece.form == "dir" else "") if piece.name else piece.text
            for piece in template
        )

    def _comparable(self, fact_id: str) -> bool:
        """Whether a rate of change has a base above zero; true of every other figure."""
        bases = [change.base for change in self.report.changes.values() if change.rate == fact_id]
        return all((self._decimal(base) or Decimal(0)) > 0 for base in bases)

    def _decimal(self, fact_id: str) -> Decimal | None:
        fact = self.facts.get(fact_id)
        return fact.value if fact is not None and isinstance(fact.value, Decimal) else None

    def _shown_number(self, fact_id: str) -> Decimal | None:
        fact = self.facts.get(fact_id)
        return Decimal(fact.shown) if fact and fact.shown and self._decimal(fact_id) is not None else None

    def _is_change(self, fact_id: str) -> bool:
        return any(fact_id in (amount, change.rate) for amount, change in self.report.changes.items())


# -- sources ---------------------------------------------------------------------------------------------------

_CELL = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True, slots=True)
class SourceRange:
    """Neighbouring cells of a column; `text` is E5:E7, `first` its first cell."""

    text: str
    first: Source


def source_ranges(sources: tuple[Source, ...]) -> dict[tuple[str, str], tuple[SourceRange, ...]]:
    """The cells of a figure as ranges, by file and sheet, in order.

    >>> cells = (Source("a.xlsx", "表", cell) for cell in ("D5", "D6", "D7", "E9"))
    >>> [[one.text for one in ranges] for ranges in source_ranges(tuple(cells)).values()]
    [['D5:D7', 'E9']]
    """
    ordered = sorted(sources, key=lambda source: (source.file, source.sheet))
    grouped = groupby(ordered, key=lambda source: (source.file, source.sheet))
    return {place: tuple(_ranges(place, [source.cell for source in group])) for place, group in grouped}


def _ranges(place: tuple[str, str], cells: list[str]) -> Iterator[SourceRange]:
    places = sorted({(match[1], int(match[2])) for cell in cells if (match := _CELL.fullmatch(cell))})
    for _, run in groupby(enumerate(places), key=lambda pair: (pair[1][0], pair[1][1] - pair[0])):
        members = [place for _, place in run]
        first, last = (f"{letters}{row}" for letters, row in (members[0], members[-1]))
        yield SourceRange(first if first == last else f"{first}:{last}", Source(*place, first))
