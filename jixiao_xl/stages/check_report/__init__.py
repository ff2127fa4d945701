"""Check-report (核对报告): what the numbers of anybody's report say of each other, and whether it is so.

`engine.examine` finds claims and numbers; here they become findings, with a workspace also those against its facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from jixiao_xl.model.claims import CheckedReport
from jixiao_xl.model.findings import Finding
from jixiao_xl.model.mapping import Mapping as Year
from jixiao_xl.model.passages import Passage, place_in_words
from jixiao_xl.model.places import Place
from jixiao_xl.model.results import FactValue
from jixiao_xl.stages.check_report.conclusions import claim_findings, number_findings
from jixiao_xl.stages.check_report.contradictions import Contradiction, contradictions
from jixiao_xl.stages.check_report.engine import classes, examined
from jixiao_xl.stages.check_report.facts import FactClaim, fact_claims
from jixiao_xl.stages.check_report.judge import words_of
from jixiao_xl.stages.check_report.prose import prose_findings

__all__ = ["check_report"]


def check_report(
    file: str, passages: Sequence[Passage], mapping: Year, facts: Mapping[str, FactValue] | None = None
) -> CheckedReport:
    """Claims with verdicts, numbers with classes, and findings; `facts` are those of the workspace, where there is one."""
    found = examined(passages, mapping.reading, mapping.report)
    compared = list(fact_claims(found.text, facts or {}, mapping))
    claims = found.in_order([*found.claims, *(one.claim for one in compared)])
    numbers = classes(found, claims)
    findings = [
        *claim_findings(file, found.claims, mapping),
        *_fact_findings(file, compared, mapping),
        *(_contradiction(file, one, mapping) for one in contradictions(found.text)),
        *number_findings(file, numbers, passages, mapping),
        *prose_findings(file, passages, claims, numbers, mapping, dict(facts) if facts is not None else None),
    ]
    return CheckedReport(tuple(claims), tuple(numbers), tuple(findings))


def _fact_findings(file: str, compared: Sequence[FactClaim], mapping: Year) -> Iterator[Finding]:
    for one in compared:
        claim = one.claim
        if claim.verdict == "wrong":
            detail = mapping.text("claim_detail", where=place_in_words(claim.place), text=claim.text)
            yield mapping.catalogue.at(
                "figure-mismatch",
                Place(file),
                found=claim.stated,
                expected=claim.recomputed,
                cause=f"fact:{one.fact.id}:{claim.place}:{claim.span[0]}",
                basis=[one.fact.value if isinstance(one.fact.value, Decimal) else None],
                detail=detail,
                check=mapping.text("claim_by_workspace", name=one.fact.name),
            )


def _contradiction(file: str, one: Contradiction, mapping: Year) -> Finding:
    first, other = one.first.token, one.other.token
    return mapping.catalogue.at(
        "figure-contradiction",
        Place(file),
        found=f"{other.text}{other.unit.text}",
        expected=f"{first.text}{first.unit.text}",
        cause=f"{other.source.passage.place}:{other.start}",
        basis=[first.value, other.value],
        detail=mapping.text("claim_detail", where=place_in_words(other.source.passage.place), text=words_of(other)),
    )
