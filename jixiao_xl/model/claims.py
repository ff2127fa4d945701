"""Claims (数字关系): what a report's numbers say of each other, and whether it is so."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from jixiao_xl.model.findings import Finding
from jixiao_xl.model.passages import Span

ClaimKind = Literal[
    "total", "balance", "difference", "rate", "share", "completion", "points", "multiple", "product", "score_sum",
    "date_order", "fact",
]  # fmt: skip
Verdict = Literal["exact", "within_rounding", "wrong", "partial", "unverifiable"]
Reason = Literal["no-base", "no-prior", "zero-base", "ambiguous", "scope", "approximate", "empty"]
NumberClass = Literal["in_claims", "context", "stated", "unparsed"]


@dataclass(frozen=True, slots=True)
class Operand:
    """A number that a claim rests on, as it stands in the text."""

    text: str
    place: str
    span: Span


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that the text says of its numbers.

    Attributes:
        kind: what is claimed.
        text: the words that claim it.
        place: the passage of the claimed number.
        span: the claimed number in it.
        stated: what is claimed, in the unit of the text (万元, %, a ratio's %); a date as text; None where it is empty.
        recomputed: what the operands give, in the same unit, or None.
        verdict: exact | within_rounding (尾差) | wrong | partial | unverifiable.
        reason: why it is unverifiable, else None.
        operands: every other number that it rests on; where it is wrong, any of them may be the culprit.
        missing: which number is missing, in words, where it is unverifiable for want of one.
    """

    kind: ClaimKind
    text: str
    place: str
    span: Span
    stated: Decimal | str | None
    recomputed: Decimal | str | None
    verdict: Verdict
    reason: Reason | None = None
    operands: tuple[Operand, ...] = ()
    missing: str = ""

    @property
    def difference(self) -> Decimal | None:
        """Stated less recomputed, where both are numbers."""
        if isinstance(self.stated, Decimal) and isinstance(self.recomputed, Decimal):
            return self.stated - self.recomputed
        return None


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the text and what became of it."""

    text: str
    place: str
    span: Span
    kind: NumberClass


@dataclass(frozen=True, slots=True)
class CheckedReport:
    """A report with its claims, its numbers, and what is to be said of both and of its words."""

    claims: tuple[Claim, ...]
    numbers: tuple[Number, ...]
    findings: tuple[Finding, ...] = field(default=())
