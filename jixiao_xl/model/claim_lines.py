"""Claims in words (核对结果的说法): one line a claim, for the terminal, the table and the comments."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from jixiao_xl.model import texts
from jixiao_xl.model.claims import Claim
from jixiao_xl.model.money import plain
from jixiao_xl.model.passages import place_in_words

_MORE_DIGITS: Final = 2  # a figure that was worked out is shown with so many more decimals than the stated one


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A claim as a line of a table, in words; `operands` are the numbers that it rests on, as they stand in the text."""

    place: str
    kind: str
    text: str
    stated: str
    recomputed: str
    difference: str
    verdict: str
    operands: str


def claim_lines(claims: Iterable[Claim]) -> list[ClaimLine]:
    """The claims as lines: wrong, off by rounding, partial, unverifiable, right; in each the order of the text."""
    order = {verdict: number for number, verdict in enumerate(texts.VERDICT_WORDS)}
    return [claim_line(claim) for claim in sorted(claims, key=lambda claim: order[claim.verdict])]


def claim_line(claim: Claim) -> ClaimLine:
    """A claim as a line."""
    return ClaimLine(
        place=place_in_words(claim.place),
        kind=texts.CLAIM_WORDS[claim.kind],
        text=" ".join(claim.text.split()),
        stated=_shown(claim.stated, claim.stated),
        recomputed=_shown(claim.recomputed, claim.stated),
        difference=_shown(claim.difference, claim.stated),
        verdict=_verdict(claim),
        operands=texts.OPERANDS_JOINT.join(_operands(claim)),
    )


def _operands(claim: Claim) -> Iterable[str]:
    """The operands; one of another passage with its place."""
    for operand in claim.operands:
        where = place_in_words(operand.place)
        yield operand.text if operand.place == claim.place else texts.OPERAND_AT.format(text=operand.text, place=where)


def _verdict(claim: Claim) -> str:
    verdict = texts.VERDICT_WORDS[claim.verdict]
    if claim.reason is None:
        return verdict
    reason = texts.MISSING_NUMBER.format(missing=claim.missing) if claim.missing else texts.REASON_WORDS[claim.reason]
    return texts.VERDICT_REASON.format(verdict=verdict, reason=reason)


def _shown(value: Decimal | str | None, stated: Decimal | str | None) -> str:
    if not isinstance(value, Decimal):
        return value or ""
    decimals = _MORE_DIGITS + (_decimals(stated) if isinstance(stated, Decimal) else 0)
    if _decimals(value) > decimals:
        with suppress(InvalidOperation):  # more digits than a context holds: shown as they are
            value = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return plain(value)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
