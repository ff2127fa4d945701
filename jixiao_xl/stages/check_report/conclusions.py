"""Conclusions (核对结果): what is to be said of claims and numbers, as findings that name every operand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from jixiao_xl.model.claims import Claim, Number
from jixiao_xl.model.findings import Finding
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.passages import Passage, place_in_words
from jixiao_xl.model.places import Place


def claim_findings(file: str, claims: Iterable[Claim], mapping: Mapping) -> Iterator[Finding]:
    """A finding for every claim that is wrong, off by rounding, partial or empty."""
    for claim in claims:
        code = _code(claim)
        if code:
            yield _finding(code, file, claim, mapping)


def number_findings(
    file: str, numbers: Iterable[Number], passages: Sequence[Passage], mapping: Mapping
) -> Iterator[Finding]:
    """A note for every number that was not understood, with the words around it."""
    texts = {passage.place: passage.text for passage in passages}
    for number in numbers:
        if number.kind == "unparsed":
            start, end = number.span
            around = texts[number.place][max(0, start - 8) : end + 8].strip()
            yield mapping.catalogue.at(
                "figure-unparsed", Place(file), found=around, cause=f"{number.place}:{start}", basis=[number.text]
            )


def _code(claim: Claim) -> str:
    if claim.reason == "empty":
        return "figure-empty"
    if claim.verdict == "wrong":
        return "figure-last-digit" if _is_last_digit(claim) else "figure-mismatch"
    return {"within_rounding": "figure-rounding", "partial": "figure-partial"}.get(claim.verdict, "")


def _is_last_digit(claim: Claim) -> bool:
    """Whether stated and recomputed differ by one unit of the last digit shown."""
    stated, difference = claim.stated, claim.difference
    if not isinstance(stated, Decimal) or difference is None:
        return False
    exponent = stated.as_tuple().exponent
    return isinstance(exponent, int) and abs(difference) == Decimal(1).scaleb(min(exponent, 0))


def _finding(code: str, file: str, claim: Claim, mapping: Mapping) -> Finding:
    text = mapping.text
    detail = text("claim_detail", where=place_in_words(claim.place), text=claim.text)
    named = "、".join(operand.text for operand in claim.operands)
    found, expected = claim.stated, claim.recomputed
    if code == "figure-partial":
        found, expected = expected, found
    return mapping.catalogue.at(
        code,
        Place(file),
        found=found,
        expected=expected,
        cause=f"{claim.kind}:{claim.place}:{claim.span[0]}",
        basis=[operand.text for operand in claim.operands],
        detail=detail,
        check=text("claim_by_dates" if claim.kind == "date_order" else "claim_by_text"),
        advice=text("claim_suspects" if claim.verdict == "wrong" else "claim_operands", operands=named)
        if named
        else "",
    )
