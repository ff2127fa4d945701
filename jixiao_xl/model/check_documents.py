"""What `check-report --json` prints (核对结果的 JSON): claims, numbers and findings of one report."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Literal

from pydantic import Field

from jixiao_xl.model.claims import CheckedReport, Claim, ClaimKind, Number, NumberClass, Operand, Reason, Verdict
from jixiao_xl.model.documents import Document, FindingDocument, finding_document
from jixiao_xl.model.money import plain


class PlacedDocument(Document):
    """A number where it stands: `span` are the first character of it in its passage and the first behind it."""

    text: str
    place: str
    span: tuple[int, int]


class ClaimDocument(Document):
    """One thing that a report says of its numbers; amounts in the unit of the text, as plain decimals."""

    id: str
    kind: ClaimKind
    text: str
    place: str
    span: tuple[int, int]
    stated: str | None
    recomputed: str | None
    difference: str | None
    verdict: Verdict
    reason: Reason | None
    operands: list[PlacedDocument]


class NumbersDocument(Document):
    """How many numbers the text has, and of which class they are: `total` is the sum of the others."""

    total: int
    in_claims: int
    context: int
    stated: int
    unparsed: int


class CheckReportDocument(Document):
    """`check-report --json`."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    claims: list[ClaimDocument]
    numbers: NumbersDocument
    stated: list[PlacedDocument]
    unparsed: list[PlacedDocument]
    findings: list[FindingDocument]


def check_report_document(checked: CheckedReport) -> CheckReportDocument:
    """A checked report as JSON shows it; claims are called c1, c2 … in the order of the text."""
    counts: Counter[NumberClass] = Counter(number.kind for number in checked.numbers)
    return CheckReportDocument(
        claims=[_claim(f"c{number}", claim) for number, claim in enumerate(checked.claims, start=1)],
        numbers=NumbersDocument(
            total=len(checked.numbers),
            in_claims=counts["in_claims"],
            context=counts["context"],
            stated=counts["stated"],
            unparsed=counts["unparsed"],
        ),
        stated=[_placed(number) for number in checked.numbers if number.kind == "stated"],
        unparsed=[_placed(number) for number in checked.numbers if number.kind == "unparsed"],
        findings=[finding_document(finding) for finding in checked.findings],
    )


def _claim(identity: str, claim: Claim) -> ClaimDocument:
    return ClaimDocument(
        id=identity,
        kind=claim.kind,
        text=claim.text,
        place=claim.place,
        span=claim.span,
        stated=figure(claim.stated),
        recomputed=figure(claim.recomputed),
        difference=figure(claim.difference),
        verdict=claim.verdict,
        reason=claim.reason,
        operands=[_placed(operand) for operand in claim.operands],
    )


def _placed(number: Number | Operand) -> PlacedDocument:
    return PlacedDocument(text=number.text, place=number.place, span=number.span)


def figure(value: Decimal | str | None) -> str | None:
    """A figure in plain digits, a date as it is."""
    return plain(value) if isinstance(value, Decimal) else value
