"""Engine (核对引擎): from passages to claims and to the class of every number.

Lexer → figures → families of claims, in the order of FAMILIES; nothing is said twice of one number in one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from jixiao_xl.model.claims import Claim, Number, NumberClass
from jixiao_xl.model.mapping import Reading, Report
from jixiao_xl.model.passages import Passage
from jixiao_xl.stages.check_report.balance import balance_claims
from jixiao_xl.stages.check_report.change_sums import change_sum_claims
from jixiao_xl.stages.check_report.changes import change_claims, multiple_claims
from jixiao_xl.stages.check_report.dates import date_claims
from jixiao_xl.stages.check_report.empties import empty_claims
from jixiao_xl.stages.check_report.figures import figures_of
from jixiao_xl.stages.check_report.formulas import formula_claims
from jixiao_xl.stages.check_report.lexer import Token, lex
from jixiao_xl.stages.check_report.lexicon import Lexicon
from jixiao_xl.stages.check_report.points import point_claims
from jixiao_xl.stages.check_report.shares import completion_claims, share_claims
from jixiao_xl.stages.check_report.source import read_source
from jixiao_xl.stages.check_report.text import Text
from jixiao_xl.stages.check_report.totals import total_claims

Family = Callable[[Text], Iterable[Claim]]
FAMILIES: Final[tuple[Family, ...]] = (
    formula_claims,
    total_claims,
    change_sum_claims,
    balance_claims,
    change_claims,
    multiple_claims,
    share_claims,
    completion_claims,
    point_claims,
    date_claims,
    empty_claims,
)


def examine(passages: Sequence[Passage], reading: Reading, report: Report) -> tuple[tuple[Claim, ...], tuple[Number, ...]]:
    """Every claim of the text with its verdict, and every number with its class, both in reading order."""
    lexicon = Lexicon(reading)
    sources = [read_source(passage, number) for number, passage in enumerate(passages)]
    lexed = [(source, lex(source, lexicon)) for source in sources]
    text = Text(sources, figures_of(lexed, lexicon), lexicon, report)
    order = {passage.place: number for number, passage in enumerate(passages)}
    claims = sorted(_distinct(family(text) for family in FAMILIES), key=lambda claim: (order[claim.place], claim.span))
    tokens = [token for _, found in lexed for token in found]
    return tuple(claims), tuple(_numbers(tokens, claims))


def _distinct(families: Iterable[Iterable[Claim]]) -> Iterator[Claim]:
    seen: set[tuple[str, str, tuple[int, int]]] = set()
    for claims in families:
        for claim in claims:
            key = (claim.kind, claim.place, claim.span)
            if key not in seen:
                seen.add(key)
                yield claim


def _numbers(tokens: Iterable[Token], claims: Iterable[Claim]) -> Iterator[Number]:
    used = {(claim.place, claim.span) for claim in claims}
    used |= {(operand.place, operand.span) for claim in claims for operand in claim.operands}
    for token in tokens:
        place, span = token.source.passage.place, token.source.span(token.start, token.end)
        kind: NumberClass = "stated" if token.unit.kind else "unparsed"
        if (place, span) in used:
            kind = "in_claims"
        elif token.context:
            kind = "context"
        yield Number(token.text, place, span, kind)
