"""Balance (收支平衡): 收入总计=支出总计; 收支相抵后年末结转和结余."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jixiao_xl.model.claims import Claim
from jixiao_xl.stages.check_report.figures import Figure
from jixiao_xl.stages.check_report.judge import Result, agrees, claim_of
from jixiao_xl.stages.check_report.text import Text, is_level

_MOST, _NEAR = 20, 12


def balance_claims(text: Text) -> Iterator[Claim]:
    """The claims of totals that must be equal and of what is left at the year's end."""
    for figure in text.figures:
        if not is_level(figure, "money") or figure.compared:
            continue
        if text.lexicon.says("expenditure_total", figure.before[-16:]):
            yield from _grand_totals(figure, text)
        elif text.lexicon.says("year_end_rest", figure.before[-24:]):
            yield from _rest(figure, text)


def _alike(figure: Figure, other: Figure) -> bool:
    """Whether two levels are of one year, both planned or both done."""
    return figure.basis == other.basis and (figure.period == other.period or None in (figure.period, other.period))


def _grand_totals(expenditure: Figure, text: Text) -> Iterator[Claim]:
    levels = [f for f in text.levels_before(expenditure, "money") if _alike(f, expenditure) and not f.compared]
    income = next((f for f in levels if text.lexicon.says("income_total", f.before[-16:])), None)
    if income is None or income.sentence < expenditure.sentence - 1:
        return
    result = Result(income.value, income.interval, (income,))
    agreement = agrees(expenditure, result)
    source = expenditure.token.source.text
    words = text.lexicon.says("balanced", source[income.token.start : expenditure.token.unit_end + _NEAR])
    if agreement:
        yield claim_of("balance", expenditure, agreement, result)
    elif words:
        yield claim_of("balance", expenditure, "wrong", result)
    elif text.lexicon.says("offset", expenditure.after):
        return
    else:
        yield claim_of("balance", expenditure, "unverifiable", result, reason="ambiguous")


def _rest(rest: Figure, text: Text) -> Iterator[Claim]:
    """年末结转 = 年初结转 + 收入 - 支出."""
    levels = [
        f
        for f in text.levels_before(rest, "money")
        if not f.compared and (f.period is None or rest.period in (None, f.period))
    ]
    offset = text.lexicon.says("offset", rest.before)
    if offset and not levels:
        near = text.figures[max(0, rest.index - _MOST) : rest.index]
        levels = [f for f in near[::-1] if is_level(f, "money") and rest.paragraph - f.paragraph == 1]
    income = _first(levels, "income_of_year", text)
    expenditure = _first(levels, "expenditure_of_year", text)
    if income is None or expenditure is None:
        return
    opening = _first(levels, "year_begin_rest", text)
    added = [f for f in levels if text.lexicon.says("used_surplus", f.before[-20:])]
    taken = [f for f in levels if text.lexicon.says("distributed", f.before[-20:])]
    full = _left([income, *([opening] if opening else []), *added], [expenditure, *taken])
    for result in (full, _left([income], [expenditure])):
        agreement = agrees(rest, result)
        if agreement:
            yield claim_of("balance", rest, agreement, result)
            return
    sentences = {f.sentence for f in (income, expenditure, rest, *([opening] if opening else []))}
    if (opening is not None and len(sentences) == 1) or (offset and rest.sentence - income.sentence <= 1):
        yield claim_of("balance", rest, "wrong", full)
    else:
        missing = text.lexicon.words.missing["opening"]
        yield claim_of("balance", rest, "unverifiable", full, reason="no-base", missing=missing)


def _first(levels: Sequence[Figure], name: str, text: Text) -> Figure | None:
    return next((f for f in levels if text.lexicon.says(name, f.before[-20:])), None)


def _left(added: Sequence[Figure], taken: Sequence[Figure]) -> Result:
    value = sum(f.value for f in added) - sum(f.value for f in taken)
    interval = added[0].interval
    for figure in added[1:]:
        interval = interval + figure.interval
    for figure in taken:
        interval = interval - figure.interval
    return Result(added[0].value * 0 + value, interval, (*added, *taken))
