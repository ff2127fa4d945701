"""Figures (数的含义): what each number is of, in which year, planned or done, a level or a change, in its sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from jixiao_xl.model.intervals import Interval
from jixiao_xl.stages.check_report.lexer import Token
from jixiao_xl.stages.check_report.lexicon import Lexicon, pieces
from jixiao_xl.stages.check_report.names import name_in
from jixiao_xl.stages.check_report.source import Source

Role = Literal["level", "change", "rate", "share", "completion", "proportion", "points", "multiple", "percent"]
Basis = Literal["", "budget", "actual"]
CURRENT, PRIOR = 0, -1
DIRECT = "="  # a share of the figure right before it: 占支出合计100万元的60%

OTHER = "other"  # a change measured from something that is no earlier year and no plan
_FUND = "\u3007"  # stands for each character of 一般公共预算, which is no plan
_SENTENCE_END = re.compile(r"[。！？\n]")
_SEGMENT_END = re.compile(r"[。！？\n；]")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that counts something, with what its sentence says of it.

    Attributes:
        token: the number.
        index: its place among the figures of the text.
        sentence: the sentence that it stands in, numbered through the text.
        segment: the part of a sentence between two semicolons, numbered through the text.
        depth: how many brackets it stands in.
        before: the text between the figure before it, or the beginning of the sentence, and itself.
        after: the text up to the next figure or the end of the sentence.
        role: a level, or what it says of levels.
        direction: 1 up, -1 down, 0 not said.
        name: what is measured, "" where the words before it do not say.
        inherited: the name of the figure before it that it goes on with, where it has none of its own.
        period: the year; 上年 is the one before the year that the paragraph tells of; None where nothing says.
        now: the year that its paragraph tells of.
        basis: planned or done.
        own_basis: whether its own words say which.
        base_period: for a change: the year that it is measured from.
        base_basis: for a change: whether it is measured from a plan.
        compared: it stands in a comparison as the thing compared with (较上年100万元…).
        whole: for a share or completion: what it is a part of.
        decimals: the decimals that figures of its unit show in its paragraph.
    """

    token: Token
    index: int
    sentence: int
    segment: int
    depth: int
    before: str
    after: str
    role: Role
    direction: int = 0
    name: str = ""
    inherited: str = ""
    period: int | None = None
    own_period: bool = False
    basis: Basis = ""
    own_basis: bool = False
    now: int = CURRENT
    base_period: int = PRIOR
    base_basis: Basis = ""
    compared: bool = False
    whole: str = ""
    decimals: int = 0

    @property
    def paragraph(self) -> int:
        """The passage's place among the passages."""
        return self.token.source.number

    @property
    def kind(self) -> str:
        """What makes two figures addable: the kind of unit, for things counted their name too."""
        unit = self.token.unit
        return unit.kind if unit.kind != "count" else f"count:{unit.name}"

    @property
    def called(self) -> str:
        """Its name, or the one that it goes on with."""
        return self.name or self.inherited

    @property
    def value(self) -> Decimal:
        """In ones, 元 or %."""
        return self.token.value * self.token.unit.scale

    @property
    def interval(self) -> Interval:
        """What it may have been before it was printed, in ones, 元 or %; a count of people or things is exact."""
        unit = self.token.unit
        if unit.kind == "score":
            return Interval.exact(self.value)
        if unit.kind in ("count", "") and self.token.decimals == 0 and unit.scale == 1:
            return Interval.exact(self.value)
        return Interval.shown(self.token.value, self.decimals).times(unit.scale)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a token stands."""

    token: Token
    sentence: int
    segment: int
    depth: int
    before: str
    after: str


def figures_of(sources: Sequence[tuple[Source, Sequence[Token]]], lexicon: Lexicon) -> list[Figure]:
    """The figures of all sources in reading order."""
    report_year = report_year_of(sources, lexicon)
    result: list[Figure] = []
    sentence = segment = 0
    for source, tokens in sources:
        sentence, segment = sentence + 1, segment + 1
        counted = [token for token in tokens if not token.context]
        shared = Counter[tuple[str, str]]()
        for token in counted:
            key = (token.unit.kind, token.unit.text)
            shared[key] = max(shared[key], token.decimals)
        previous: Figure | None = None
        level: Figure | None = None
        year = _year_told(source.text, report_year, lexicon)
        for spot in _spots(source, counted, sentence, segment):
            figure = _figure(spot, len(result), previous, level, year, lexicon)
            decimals = shared[spot.token.unit.kind, spot.token.unit.text]
            own = figure.kind in ("percent", "points", "times", "tenths", "doublings")
            figure = replace(figure, decimals=figure.token.decimals if own else decimals)
            result.append(figure)
            previous = figure
            level = figure if figure.role == "level" else level
            sentence, segment = max(sentence, figure.sentence), max(segment, figure.segment)
    return result


def report_year_of(sources: Sequence[tuple[Source, Sequence[Token]]], lexicon: Lexicon) -> int:
    """The year that the text names most often, outside of dates such as deadlines; 0 where it names none."""
    named = (match for source, _ in sources for match in lexicon["year_without_day"].finditer(source.text))
    years = Counter(int(match["year"]) for match in named)
    return max(years, key=lambda year: (years[year], year)) if years else CURRENT


def _year_told(text: str, report_year: int, lexicon: Lexicon) -> int:
    """The year that a paragraph tells of: the last that it names, but not as what something is compared with."""
    plain = lexicon["comparison"].sub("", text)
    for words, later in ((plain, 0), (text, 1)):
        years = [int(match["year"]) + later for match in lexicon["year"].finditer(words)]
        if years:
            return max([year for year in years if year <= report_year + 1] or years)
    return report_year


def _spots(source: Source, tokens: Sequence[Token], sentence: int, segment: int) -> Iterator[_Spot]:
    text = source.text
    start = position = depth = 0
    for number, token in enumerate(tokens):
        between = text[position : token.start]
        depth = max(0, depth + between.count("（") - between.count("）"))
        ends = list(_SENTENCE_END.finditer(text, position, token.start))
        if ends:
            sentence += 1
            start = ends[-1].end()
            depth = max(0, text.count("（", start, token.start) - text.count("）", start, token.start))
        if _SEGMENT_END.search(text, position, token.start):
            segment += 1
        stop = _SENTENCE_END.search(text, token.unit_end)
        end = stop.start() if stop else len(text)
        if number + 1 < len(tokens):
            end = min(end, tokens[number + 1].start)
        yield _Spot(token, sentence, segment, depth, text[start : token.start], text[token.unit_end : end])
        start = position = token.unit_end


# -- one figure ------------------------------------------------------------------------------------------------


def _figure(
    spot: _Spot, index: int, previous: Figure | None, level: Figure | None, year: int, lexicon: Lexicon
) -> Figure:
    if level is not None and level.sentence != spot.sentence:
        level = None
    figure = Figure(
        spot.token, index, spot.sentence, spot.segment, spot.depth, spot.before, spot.after, role="level", now=year, base_period=year + PRIOR,
        inherited=level.called if level else "",
    )  # fmt: skip
    before = lexicon["funds"].sub(lambda match: _FUND * len(match[0]), spot.before)
    earlier = previous if previous and previous.sentence == spot.sentence else None
    figure = _with_role(figure, earlier, before, lexicon)
    if figure.role in ("change", "rate", "points", "multiple"):
        return _measured_from(figure, before, earlier, year, lexicon)
    return _placed(figure, before, level, year, lexicon)


def _with_role(figure: Figure, previous: Figure | None, before: str, lexicon: Lexicon) -> Figure:
    kind = figure.token.unit.kind
    clause = next(pieces(before))
    if kind == "points":
        found = lexicon["change_before"].search(clause)
        return replace(figure, role="points", direction=_direction(found), name=_subject(figure, found, lexicon))
    if kind in ("times", "tenths", "doublings"):
        found = lexicon["change_before"].search(clause)
        name = _subject(figure, found, lexicon) if found else ""
        return replace(figure, role="multiple", direction=_direction(found), name=name)
    if kind == "percent":
        return _with_percent_role(figure, previous, before, clause, lexicon)
    if lexicon["reached_before"].search(clause) is None:
        for name in ("change_before", "change_noun_before"):
            found = lexicon[name].search(clause)
            if found:
                return replace(
                    figure, role="change", direction=_direction(found), name=_subject(figure, found, lexicon)
                )
    if (
        _goes_on(figure, previous)
        and previous is not None
        and previous.role == "change"
        and previous.kind == figure.kind
    ):
        return replace(figure, role="change", direction=previous.direction)
    reached = lexicon["reached_before"].search(clause)
    own = next(pieces(figure.before))
    return replace(figure, name=name_in(own[: reached.start()] if reached else figure.before, lexicon))


def _goes_on(figure: Figure, previous: Figure | None) -> bool:
    """Whether only 、 or 和 stands between it and the figure before: both are one list."""
    return previous is not None and len(figure.before) <= 1 and "，" not in figure.before


def _with_percent_role(figure: Figure, previous: Figure | None, before: str, clause: str, lexicon: Lexicon) -> Figure:
    raw = next(pieces(figure.before))
    if lexicon.says("of_it", clause) and previous is not None and previous.role == "level":
        role: Role = "share" if lexicon["share_verb"].search(previous.before) else "completion"
        return replace(figure, role=role, whole=DIRECT)
    if lexicon["reached_before"].search(clause):
        return replace(figure, role="percent", name=name_in(figure.before, lexicon))
    found = None if lexicon.says("from_tail", raw) else lexicon["share_before"].search(raw)
    if found:
        head = name_in(raw[: found.start()], lexicon)
        if lexicon.says("budget", lexicon["funds"].sub("", found["whole"])):
            return replace(figure, role="completion", whole=found["whole"], name=head)
        return replace(figure, role="share", whole=name_in(found["whole"], lexicon), name=head)
    for name in ("completion_before", "completion_noun_before"):
        found = lexicon[name].search(clause if name == "completion_before" else raw)
        if found:
            whole = found["whole"] if name == "completion_before" else found[0]
            named = raw if name == "completion_noun_before" else raw[: found.start()]
            return replace(figure, role="completion", whole=whole, name=name_in(named, lexicon))
    for name in ("rate_noun_before", "change_before"):
        found = lexicon[name].search(clause)
        if found:
            return replace(figure, role="rate", direction=_direction(found), name=_subject(figure, found, lexicon))
    found = lexicon["share_noun_before"].search(raw)
    if found:
        return replace(figure, role="share", name=name_in(raw[: found.start()], lexicon))
    found = lexicon["proportion_before"].search(clause)
    if found:
        return replace(figure, role="proportion", whole=found["whole"], name=name_in(raw[: found.start()], lexicon))
    if previous is not None and _goes_on(figure, previous) and previous.kind == "percent":
        return replace(figure, role=previous.role, direction=previous.direction, whole=previous.whole)
    return replace(figure, role="percent", name=name_in(figure.before, lexicon))


def _direction(found: re.Match[str] | None) -> int:
    if found is None:
        return 0
    groups = found.groupdict()
    return 1 if groups.get("up") else -1 if groups.get("down") else 0


def _subject(figure: Figure, found: re.Match[str] | None, lexicon: Lexicon) -> str:
    """What changes: the words before the word of change."""
    clause = next(pieces(figure.before))
    return name_in(clause[: found.start()] if found else clause, lexicon)


def _placed(figure: Figure, before: str, previous: Figure | None, year: int, lexicon: Lexicon) -> Figure:
    """A level with its period and basis, own or carried on from the figure before."""
    clause = next(pieces(before))
    compared = lexicon["comparison_before"].search(clause)
    if compared is None and lexicon["to_after"].match(figure.after):
        compared = lexicon["from_before"].search(clause)
    if compared and not lexicon.says("direction", compared[0][1:]):
        period, basis = _period(compared[0], year, lexicon), _basis(compared[0], lexicon)
        return replace(
            figure, period=year + PRIOR if period is None and not basis else period, own_period=period is not None,
            basis=basis, own_basis=bool(basis), compared=True,
        )  # fmt: skip
    if figure.token.unit.kind == "score":
        full = lexicon.says("full_mark", clause) or lexicon.says("earned_after", figure.after)
        return replace(figure, basis="budget" if full else "actual", own_basis=True)
    rest = lexicon["comparison"].sub("", before)
    period, basis = _period(rest, year, lexicon), _basis(clause, lexicon) or _basis(rest, lexicon)
    own_period, own_basis = period is not None, bool(basis)
    if previous is not None and not previous.compared:
        period = previous.period if period is None else period
        basis = basis or previous.basis
    return replace(figure, period=period, own_period=own_period, basis=basis, own_basis=own_basis)


def _period(text: str, year: int, lexicon: Lexicon) -> int | None:
    """The last year that a text names; `year` is the one that its paragraph tells of."""
    found: list[tuple[int, int]] = []
    if prior := lexicon.last("prior", text):
        found.append((prior.end(), year + PRIOR))
    if current := lexicon.last("current", text):
        found.append((current.end(), year))
    if named := lexicon.last("year", text):
        found.append((named.end(), int(named["year"])))
    return max(found)[1] if found else None


def _basis(text: str, lexicon: Lexicon) -> Basis:
    budget, actual = lexicon.last("budget", text), lexicon.last("actual", text)
    if budget is None and actual is None:
        return ""
    return "budget" if budget and (actual is None or budget.end() >= actual.end()) else "actual"


def _measured_from(figure: Figure, before: str, previous: Figure | None, year: int, lexicon: Lexicon) -> Figure:
    """A change with what it is measured from: said here, or earlier in the sentence."""
    found = lexicon.last("comparison", before)
    if found is not None:
        base = found["base"] or ""
        period = _period(base, year, lexicon)
        basis: Basis = "budget" if _basis(base, lexicon) == "budget" and period is None else ""
        if _basis(base, lexicon) == "budget" and period is not None and period >= year:
            basis = "budget"
        name = figure.name or name_in(base, lexicon)
        return replace(
            figure, base_period=year + PRIOR if period is None else period, base_basis=basis, name=name, whole="said"
        )
    if lexicon.says("compares", next(pieces(before))):
        return replace(figure, whole=OTHER)
    if previous is not None and previous.compared:
        period = year + PRIOR if previous.period is None else previous.period
        return replace(
            figure, base_period=period, base_basis="budget" if previous.basis == "budget" else "", whole="said"
        )
    if previous is not None and previous.role in ("change", "rate", "points", "multiple"):
        return replace(figure, base_period=previous.base_period, base_basis=previous.base_basis, whole=previous.whole)
    return figure
