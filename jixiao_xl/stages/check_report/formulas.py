"""Formulas and products (算式、单价乘数量): 3×4=12, 每人500元，共20人，共计10000元."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from jixiao_xl.model.claims import Claim, ClaimKind
from jixiao_xl.model.intervals import Interval
from jixiao_xl.stages.check_report.figures import Figure
from jixiao_xl.stages.check_report.judge import Result, agrees, binding, claim_of, decide
from jixiao_xl.stages.check_report.text import Text, is_level

_PLUS, _MINUS, _TIMES, _BY, _EQUALS = "+", "-", "\u00d7*", "\u00f7/", "="


def formula_claims(text: Text) -> Iterator[Claim]:
    """The claims of all formulas that are written out, and of prices times counts."""
    for chain in _chains(text):
        yield from _formula(chain, text)
    for figure in text.figures:
        if is_level(figure, "money") and text.lexicon.says("product_before", figure.before):
            yield from _product(figure, text)


def _sign(figure: Figure) -> str:
    """The arithmetic sign before a figure, "" where there is none."""
    return figure.before if len(figure.before) == 1 and figure.before in "+-*/=\u00d7\u00f7" else ""


def _chains(text: Text) -> Iterator[list[Figure]]:
    chain: list[Figure] = []
    for figure in text.figures:
        if not (chain and chain[-1].sentence == figure.sentence and _sign(figure)):
            if len(chain) > 2:
                yield chain
            chain = []
        chain.append(figure)
    if len(chain) > 2:
        yield chain


def _formula(chain: Sequence[Figure], text: Text) -> Iterator[Claim]:
    signs = [_sign(figure) for figure in chain]
    if signs.count(_EQUALS) != 1:
        return
    at = signs.index(_EQUALS)
    if at == len(chain) - 1:
        stated, terms, used = chain[-1], chain[:-1], signs[1:-1]
    elif at == 1:
        stated, terms, used = chain[0], chain[1:], signs[2:]
    else:
        return
    result = _evaluated(terms, used)
    if result is None:
        return
    kind: ClaimKind = "product" if set(used) <= set(_TIMES + _BY) else "total" if set(used) == {_PLUS} else "difference"
    yield decide(kind, stated, [binding(stated, result, fixed=True)])


def _evaluated(terms: Sequence[Figure], signs: Sequence[str]) -> Result | None:
    """The value of a formula, products first; None where it divides by zero."""
    sums: list[tuple[Decimal, Interval]] = []
    value, interval = terms[0].value, terms[0].interval
    negative = False
    for sign, term in zip(signs, terms[1:], strict=True):
        if sign in _TIMES:
            value, interval = value * term.value, interval * term.interval
        elif sign in _BY:
            quotient = interval / term.interval
            if quotient is None:
                return None
            value, interval = value / term.value, quotient
        else:
            sums.append(_negated(value, interval) if negative else (value, interval))
            value, interval, negative = term.value, term.interval, sign == _MINUS
    sums.append(_negated(value, interval) if negative else (value, interval))
    total = Interval.exact(Decimal(0))
    for _, part in sums:
        total = total + part
    return Result(sum((part for part, _ in sums), Decimal(0)), total, tuple(terms))


def _negated(value: Decimal, interval: Interval) -> tuple[Decimal, Interval]:
    return -value, Interval(-interval.high, -interval.low)


# -- price times count -------------------------------------------------------------------------------------------


def _product(total: Figure, text: Text) -> Iterator[Claim]:
    before = [f for f in text.sentence(total) if f.index < total.index and is_level(f)]
    prices = [
        f
        for f in before
        if f.kind == "money" and ("/" in f.token.unit.text or text.lexicon.says("price_before", f.before))
    ]
    if len(prices) != 1 or any(f.kind == "money" and f is not prices[0] for f in before):
        return
    price = prices[0]
    counts = [f for f in before if f.kind.startswith("count") and not f.token.approximate]
    for length in range(len(counts), 0, -1):
        for chosen in combinations(counts[-5:], length):
            result = _times(price, chosen)
            agreement = agrees(total, result)
            if agreement:
                yield claim_of("product", total, agreement, result)
                return
    per = price.before.rpartition("，")[2] + price.token.unit.text
    words = ("/", *text.lexicon.words.each)
    if len(counts) != 1:
        return
    name = counts[0].token.unit.name
    priced = any(word in price.before for word in text.lexicon.words.unit_prices)
    if priced or text.lexicon.says("mean", per) or any(per.find(word + name) >= 0 for word in words):
        yield claim_of("product", total, "wrong", _times(price, counts))


def _times(price: Figure, counts: Sequence[Figure]) -> Result:
    value, interval = price.value, price.interval
    for count in counts:
        value, interval = value * count.value, interval * count.interval
    return Result(value, interval, (price, *counts))
