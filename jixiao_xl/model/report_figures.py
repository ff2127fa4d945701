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
class Shown:
    """A piece of a finished sentence; `fact` names the figure that it is, "" for plain text."""

    text: str
    fact: str = ""
    form: FigureForm = ""


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
class Figures:
    """The facts of a run, and how the report's mapping words them."""

    report: Report
    facts: dict[str, FactValue]
    missing: str  # what stands for a figure that there is none of

    def sentence(self, template: str, words: dict[str, str]) -> Iterator[Shown]:
        """The template with its figures and `words` filled in.

        Raises:
            KeyError: a word of the template is neither (the mapping's loader refuses such a template).
        """
        for piece in pieces(template):
            if not piece.name:
                yield Shown(piece.text)
            elif piece.name in words and not piece.form:
                yield Shown(words[piece.name])
            elif piece.form == "phrase":
                yield from self._phrase(piece.name)
            else:
                yield Shown(self._figure(piece.name, piece.form), piece.name, piece.form)

    def shown(self, fact_id: str) -> str:
        """The figure with its direction where it is printed without a sign."""
        value = self._decimal(fact_id)
        if value is None or not self._is_change(fact_id):
            return self._figure(fact_id, "")
        return self.direction(fact_id) + (self._figure(fact_id, "") if value else "")

    def direction(self, fact_id: str) -> str:
        """The word for a figure's sign; a rate has words of its own."""
        value = self._decimal(fact_id)
        if value is None:
            return self.missing
        fact = self.facts[fact_id]
        words = self.report.rate_directions if fact.measure_unit == "%" else self.report.directions
        return words["up" if value > 0 else "down" if value < 0 else "same"]

    def comparable(self, fact_id: str) -> bool:
        """Whether a rate of change has a base above zero; true of every other figure."""
        bases = [change.base for change in self.report.changes.values() if change.rate == fact_id]
        return all((self._decimal(base) or Decimal(0)) > 0 for base in bases)

    def rounding_gaps(self) -> Iterator[RoundingGap]:
        """Every change that the displayed figures do not give exactly."""
        for amount, change in self.report.changes.items():
            shown = [self._shown_number(fact) for fact in (amount, change.current, change.base)]
            due, current, base = (*shown,)
            if due is None or current is None or base is None:
                continue
            subtracted = abs(current - base)
            if subtracted != due:
                yield RoundingGap(self.facts[amount].name, f"{due:f}", f"{subtracted:f}", f"{abs(subtracted - due):f}")

    def _figure(self, fact_id: str, form: FigureForm) -> str:
        if form == "dir":
            return self.direction(fact_id)
        fact = self.facts.get(fact_id)
        return self.missing if fact is None or fact.shown is None else fact.shown

    def _phrase(self, amount: str) -> Iterator[Shown]:
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
        for piece in pieces(self.report.change_texts[case]):
            fact_id = roles.get(piece.name, "")
            yield Shown(self._figure(fact_id, piece.form), fact_id, piece.form) if fact_id else Shown(piece.text)

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


def sources_text(sources: tuple[Source, ...]) -> str:
    """The cells of a figure, a line a sheet, neighbours of a column as a range.

    >>> sources_text(tuple(Source("a.xlsx", "表", cell) for cell in ("D5", "D6", "D7", "E9")))
    'a.xlsx 表!D5:D7、E9'
    """
    ordered = sorted(sources, key=lambda source: (source.file, source.sheet))
    lines: list[str] = []
    for (file, sheet), group in groupby(ordered, key=lambda source: (source.file, source.sheet)):
        lines.append(f"{file} {sheet}!{'、'.join(_ranges(source.cell for source in group))}")
    return "\n".join(lines)


def _ranges(cells: Iterator[str]) -> Iterator[str]:
    places = sorted({(match[1], int(match[2])) for cell in cells if (match := _CELL.fullmatch(cell))})
    numbered = enumerate(places)
    for _, run in groupby(numbered, key=lambda pair: (pair[1][0], pair[1][1] - pair[0])):
        members = [place for _, place in run]
        first, last = members[0], members[-1]
        yield f"{first[0]}{first[1]}" + ("" if first == last else f":{last[0]}{last[1]}")
