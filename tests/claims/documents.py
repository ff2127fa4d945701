"""Documents (文稿) of some blocks, and what an examination of them must say."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from jixiao_xl.model.claims import Claim, ClaimKind, Number, NumberClass, Reason, Verdict
from jixiao_xl.model.passages import Passage, Span
from tests.claims import changes, others, shares, sums
from tests.claims import tables as sheets
from tests.claims.blocks import HOLDS, MARK, Block
from tests.claims.changes import MEASURES
from tests.claims.figures import Style

Maker = Callable[[random.Random, str], Block | None]
MAKERS: list[tuple[Maker, int]] = [  # with their weights
    (changes.change_block, 8),
    (changes.hidden_block, 3),
    (changes.zero_block, 1),
    (shares.share_block, 5),
    (shares.swapped_shares, 1),
    (shares.share_without_whole, 1),
    (shares.share_of_another_year, 1),
    (shares.completion_block, 4),
    (shares.counted_completion, 1),
    (shares.completion_without_budget, 1),
    (shares.points_block, 3),
    (shares.points_alone, 1),
    (sums.total_block, 4),
    (sums.partial_block, 1),
    (sums.people_block, 2),
    (sums.balance_block, 2),
    (sums.score_block, 2),
    (sums.full_marks_block, 1),
    (others.times_block, 2),
    (others.numeral_block, 1),
    (others.product_block, 2),
    (others.date_block, 1),
    (others.empty_block, 1),
    (others.alone_block, 4),
]
NAMES = sorted({name for names in (*shares.OPEN, *shares.CLOSED) for name in names})  # each in one block of a document
TABLES = (
    sheets.comparison_table,
    sheets.completion_table,
    sheets.share_table,
    sheets.score_table,
    sheets.subtotal_table,
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be said of one claim."""

    kinds: tuple[ClaimKind, ...]
    place: str
    span: Span | None
    verdicts: frozenset[Verdict]
    reason: Reason | None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """Passages whose claims are known."""

    passages: tuple[Passage, ...]
    expected: tuple[Expected, ...]
    classes: tuple[tuple[str, Span, NumberClass], ...]


def written(block: Block, first: int = 1, width: int = 0) -> Document:
    """A block as paragraphs, the first of which has this number, or as a table that is so many cells wide."""
    passages: list[Passage] = []
    spans: dict[str, tuple[str, Span]] = {}
    for number, template in enumerate(block.text.split("\n"), first):
        cell = divmod(number - first, width or 1)
        where = f"t1r{cell[0] + 1}c{cell[1] + 1}" if width else f"p{number}"
        text, at = "", 0
        for mark in MARK.finditer(template):
            text += template[at : mark.start()]
            figure = block.figures[mark[1]]
            spans[mark[1]] = (where, (len(text), len(text) + len(figure.digits)))
            text += figure.text
            at = mark.end()
        passages.append(Passage(where, "cell" if width else "body", text + template[at:]))
    expected: list[Expected] = []
    for spec in block.specs:
        verdicts = block.expected(spec)
        if verdicts is None:
            raise ValueError(block.text)
        place, span = spans[spec.stated] if spec.stated else (passages[-1].place, None)
        expected.append(Expected(spec.kinds, place, span, verdicts, spec.reason, spec.optional))
    classes = tuple[tuple[str, Span, NumberClass], ...]((*spans[key], kind) for key, kind in block.classes.items())
    return Document(tuple(passages), tuple(expected), classes)


def one_block(chance: random.Random, maker: Maker, measure: str) -> Block:
    """A block that is true, or, in half of the cases where that can be had, surely wrong."""
    for _ in range(500):
        block = maker(chance, measure)
        if block is None or not block.sure():
            continue
        if block.true_only or not block.specs or chance.randrange(2):
            return block
        false = block.changed(chance, block.claimed())
        if false is not None:
            return false
    raise RuntimeError(maker.__name__)


def tables(seed: int, how_many: int) -> Iterator[Document]:
    """So many tables under a line that gives their unit, half of them with one wrong cell."""
    chance = random.Random(seed)
    style = Style("万元", 2, 2)
    for number in range(how_many):
        block, width = TABLES[number % len(TABLES)](chance, style)
        if chance.randrange(2):
            block = block.changed(chance, block.figures) or block
        if block.sure():
            table = written(block, width=width)
            above = Passage(
                "p1", "body", chance.choice(["单位：万元", "表1 收支情况表（单位：万元）", "金额单位：万元"])
            )
            yield Document((above, *table.passages), table.expected, table.classes)


def documents(seed: int, how_many: int) -> Iterator[Document]:
    """So many documents of one to four blocks each, of different measures."""
    chance = random.Random(seed)
    makers, weights = [maker for maker, _ in MAKERS], [weight for _, weight in MAKERS]
    for _ in range(how_many):
        chosen = dict.fromkeys(chance.choices(makers, weights, k=chance.randrange(1, 5)))
        measures = chance.sample(MEASURES, len(chosen))
        parts: list[Document] = []
        for maker, measure in zip(chosen, measures, strict=True):
            first = 1 + sum(len(part.passages) for part in parts)
            block = one_block(chance, maker, measure)
            if not any(name in block.text and name in shown(part) for name in NAMES for part in parts):
                parts.append(written(block, first))
        yield Document(
            tuple(passage for part in parts for passage in part.passages),
            tuple(one for part in parts for one in part.expected),
            tuple(one for part in parts for one in part.classes),
        )


def overlap(one: Span, two: Span) -> bool:
    """Whether they share a character."""
    return one[0] < two[1] and two[0] < one[1]


def matches(claim: Claim, one: Expected) -> bool:
    """Whether this is the claim that is meant."""
    at = one.span is None or overlap(claim.span, one.span)
    return (
        claim.place == one.place
        and claim.kind in one.kinds
        and at
        and (one.span is not None or claim.reason == one.reason)
    )


def complaints(document: Document, claims: Sequence[Claim], numbers: Sequence[Number]) -> Iterator[str]:
    """Everything in which an examination is not what it must be."""
    known: list[Claim] = []
    for one in document.expected:
        found = [claim for claim in claims if matches(claim, one)]
        known += found
        if not found and one.optional:
            continue
        if not found:
            yield f"missed {'/'.join(one.kinds)} at {one.place} {one.span}, expected {sorted(one.verdicts)}"
        elif not any(claim.verdict in one.verdicts for claim in found):
            said = ", ".join(f"{claim.kind} {claim.verdict} {claim.stated} {claim.recomputed}" for claim in found)
            yield f"{said}: expected {sorted(one.verdicts)}"
        elif one.reason and not any(claim.reason == one.reason or claim.verdict in HOLDS for claim in found):
            yield f"{found[0].kind} {found[0].stated}: {found[0].reason}, expected {one.reason}"
    allowed = {id(claim) for claim in known}
    for claim in claims:
        if claim.verdict == "wrong" and id(claim) not in allowed:
            yield f"no such error: {claim.kind} {claim.stated} not {claim.recomputed} ({[one.text for one in claim.operands]})"
    yield from unclassified(document, numbers)


def unclassified(document: Document, numbers: Sequence[Number]) -> Iterator[str]:
    """Digits in no number or in two, and numbers in the wrong class."""
    for passage in document.passages:
        spans = sorted(number.span for number in numbers if number.place == passage.place)
        if any(one[1] > two[0] for one, two in pairwise(spans)):
            yield f"numbers overlap: {spans}"
        for at, sign in enumerate(passage.text):
            if sign.isdigit() and not any(start <= at < end for start, end in spans):
                yield f"silent miss of {sign} at {passage.place} {at}"
    for place, span, kind in document.classes:
        found = {number.kind for number in numbers if number.place == place and overlap(number.span, span)}
        if found != {kind}:
            yield f"{place} {span} is {found}, expected {kind}"
    for number in numbers:
        if number.kind == "unparsed":
            yield f"not understood: {number.text} at {number.place}"


def shown(document: Document) -> str:
    """The text, to be read where something is wrong."""
    return " / ".join(passage.text for passage in document.passages)
