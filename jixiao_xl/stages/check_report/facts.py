"""Facts (与工作区的数核对): each figure of the text whose name, year, unit and scope are just those of a fact.

The facts are the department's; what stands below a section's heading, or beside its name, is the section's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from jixiao_xl.model.claims import Claim
from jixiao_xl.model.intervals import Interval
from jixiao_xl.model.mapping import Mapping as Year
from jixiao_xl.model.mapping import Report
from jixiao_xl.model.money import half_up
from jixiao_xl.model.results import FactValue
from jixiao_xl.stages.check_report.figures import CURRENT, PRIOR, Figure
from jixiao_xl.stages.check_report.judge import Agreement, words_of
from jixiao_xl.stages.check_report.names import core
from jixiao_xl.stages.check_report.text import Text

_HUNDRED = Decimal(100)
_HEADING = 40  # characters of a heading at most


@dataclass(frozen=True, slots=True)
class FactClaim:
    """A claim about a figure, and the fact that it was compared with."""

    claim: Claim
    fact: FactValue


def fact_claims(text: Text, facts: Mapping[str, FactValue], mapping: Year) -> Iterator[FactClaim]:
    """A claim of kind `fact` for every figure whose measure, year and unit name one fact."""
    by_name = _names(facts, text, mapping)
    sections = _of_sections(text, [unit.name for unit in mapping.sections])
    for figure in text.figures:
        fact = None if figure.token.source.passage.place in sections else _fact(figure, by_name, text, mapping.year)
        if fact is not None:
            yield FactClaim(_claim(figure, fact), fact)


Key = tuple[str, int, bool]


def _of_sections(text: Text, names: list[str]) -> set[str]:
    """The places whose figures are a section's: below its heading as far as the next one, or in a text that names it."""
    found: set[str] = set()
    inside = False
    for source in text.sources:
        words = source.text.strip()
        named = any(name in words for name in names)
        if text.lexicon["heading"].match(words) and len(words) <= _HEADING:
            inside = named
        if inside or named:
            found.add(source.passage.place)
    return found


def _names(facts: Mapping[str, FactValue], text: Text, mapping: Year) -> dict[Key, FactValue]:
    """Facts by the core of their names, year and whether they are a plan; what two facts share is left out."""
    found: dict[Key, FactValue] = {}
    twice: set[Key] = set()
    for known in mapping.facts:
        fact = facts.get(known.id)
        if fact is None or not isinstance(fact.value, Decimal) or known.id in _changes(text.report):
            continue
        period = PRIOR if text.lexicon["prior"].match(known.name) is not None else CURRENT
        for name in {core(name, text.lexicon) for name in (known.name, *known.also)}:
            key = (name, period, text.lexicon.says("budget", known.name))
            (twice.add(key) if key in found else found.__setitem__(key, fact))
    return {key: fact for key, fact in found.items() if key not in twice and key[0]}


def _changes(report: Report) -> set[str]:
    return {fact for amount, change in report.changes.items() for fact in (amount, change.rate)}


def _fact(figure: Figure, by_name: Mapping[Key, FactValue], text: Text, year: int) -> FactValue | None:
    if figure.role != "level" or figure.compared or figure.depth or not figure.name or figure.token.approximate:
        return None
    if figure.name in text.lexicon.weak and not figure.own_period:
        return None
    told = text.year if figure.period is None else figure.period
    period = told if told in (CURRENT, PRIOR) else told - year  # a text without years says 本年 and 上年 only
    budget = figure.basis == "budget" and figure.own_basis
    fact = by_name.get((core(figure.name, text.lexicon), period, budget))
    if fact is None or not _fits(figure, fact):
        return None
    return fact


def _fits(figure: Figure, fact: FactValue) -> bool:
    kinds = {"元": "money", "%": "percent", "分": "score"}
    wanted = kinds.get(fact.measure_unit, f"count:{fact.measure_unit}")
    return figure.kind == wanted


def _claim(figure: Figure, fact: FactValue) -> Claim:
    token = figure.token
    value = fact.value if isinstance(fact.value, Decimal) else Decimal(0)
    own = (value * _HUNDRED if fact.measure_unit == "%" else value) / token.unit.scale
    recomputed = half_up(own, token.decimals)
    agreement: Agreement | None = "exact" if recomputed == token.value else None
    if agreement is None and figure.interval.meets(Interval.exact(own * token.unit.scale)):
        agreement = "within_rounding"
    return Claim(
        kind="fact",
        text=words_of(token),
        place=token.source.passage.place,
        span=token.source.span(token.start, token.end),
        stated=token.value,
        recomputed=recomputed,
        verdict=agreement or "wrong",
    )
