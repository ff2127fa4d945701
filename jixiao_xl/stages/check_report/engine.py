"""Engine (核对引擎): from passages to claims and to the class of every number.

Lexer → figures → families of claims, in the order of FAMILIES; nothing is said twice of one number in one kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from jixiao_xl.model.claims import Claim, Number, NumberClass, Operand
from jixiao_xl.model.mapping import Reading, Report
from jixiao_xl.model.passages import Passage, Span
from jixiao_xl.stages.check_report.balance import balance_claims
from jixiao_xl.stages.check_report.change_sums import change_sum_claims
from jixiao_xl.stages.check_report.changes import change_claims, multiple_claims
from jixiao_xl.stages.check_report.dates import date_claims
from jixiao_xl.stages.check_report.empties import empty_claims
from jixiao_xl.stages.check_report.figures import figures_of, report_year_of
from jixiao_xl.stages.check_report.formulas import formula_claims
from jixiao_xl.stages.check_report.grids import Grid, grids_of, is_number_cell
from jixiao_xl.stages.check_report.lexer import Token, lex
from jixiao_xl.stages.check_report.lexicon import lexicon_of
from jixiao_xl.stages.check_report.points import point_claims
from jixiao_xl.stages.check_report.shares import completion_claims, share_claims
from jixiao_xl.stages.check_report.source import read_source
from jixiao_xl.stages.check_report.tables import table_claims
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


@dataclass(frozen=True, slots=True)
class Examined:
    """What one reading of a text found.

    Attributes:
        claims: every claim with its verdict, in reading order.
        text: its figures.
        grids: its tables.
        tokens: all of its numbers.
        order: the place of each passage among them.
    """

    claims: tuple[Claim, ...]
    text: Text
    grids: tuple[Grid, ...]
    tokens: tuple[Token, ...]
    order: Mapping[str, int]

    def in_order(self, claims: Iterable[Claim]) -> list[Claim]:
        """Claims in reading order."""
        return sorted(claims, key=lambda claim: (self.order[claim.place], claim.span))


def examine(
    passages: Sequence[Passage], reading: Reading, report: Report
) -> tuple[tuple[Claim, ...], tuple[Number, ...]]:
    """Every claim of the text with its verdict, and every number with its class, both in reading order."""
    found = examined(passages, reading, report)
    return found.claims, classes(found, found.claims)


def examined(passages: Sequence[Passage], reading: Reading, report: Report) -> Examined:
    """The claims of a text with the figures and tables that they were found in."""
    lexicon = lexicon_of(reading)
    lexed = [(source, lex(source, lexicon)) for source in map(read_source, passages, range(len(passages)))]
    prose = [(source, tokens) for source, tokens in lexed if not is_number_cell(source)]
    grids = tuple(grids_of(lexed, lexicon))
    text = Text(
        [source for source, _ in lexed], figures_of(prose, lexicon), lexicon, report, report_year_of(prose, lexicon)
    )
    families = (*(family(text) for family in FAMILIES), *(table_claims(grid) for grid in grids))
    tokens = tuple(token for _, found in lexed for token in found)
    order = {passage.place: number for number, passage in enumerate(passages)}
    result = Examined((), text, grids, tokens, order)
    return replace(result, claims=tuple(result.in_order(_distinct(families))))


def _distinct(families: Iterable[Iterable[Claim]]) -> Iterator[Claim]:
    """Nothing twice of one number in one kind; a cell may be the total of its row and of its column."""
    seen: set[tuple[str, str, Span, tuple[Operand, ...]]] = set()
    for claims in families:
        for claim in claims:
            table = claim.operands if "c" in claim.place and claim.operands else ()
            key = (claim.kind, claim.place, claim.span, table)
            if key not in seen:
                seen.add(key)
                yield claim


def classes(found: Examined, claims: Iterable[Claim]) -> tuple[Number, ...]:
    """Every number of the text with its class: part of a claim, context, stated alone, not understood."""
    used = {(claim.place, claim.span) for claim in claims}
    used |= {(operand.place, operand.span) for claim in claims for operand in claim.operands}
    headed = {id(figure.token.source) for grid in found.grids for figure in grid.headed()}
    codes = {id(source) for grid in found.grids for source in grid.code_cells}
    return tuple(_number(token, used, headed, codes) for token in found.tokens)


def _number(token: Token, used: set[tuple[str, Span]], headed: set[int], codes: set[int]) -> Number:
    place, span = token.source.passage.place, token.source.span(token.start, token.end)
    kind: NumberClass = "unparsed"
    if (place, span) in used:
        kind = "in_claims"
    elif token.context or id(token.source) in codes:
        kind = "context"
    elif token.unit.kind or id(token.source) in headed or token.is_factor:
        kind = "stated"
    return Number(token.text, place, span, kind)
