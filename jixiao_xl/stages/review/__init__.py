"""Review (审核处理): what the officer decides, what the reviewer scores and what sections correct by telephone.

All of it stands in one workbook that belongs to the officer. It is read before a run and brought up to date after it:
new rows come below, the tool's own columns are refreshed, and nothing that a person typed is moved or lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from jixiao_xl.model.findings import Finding, Status
from jixiao_xl.model.review import Review
from jixiao_xl.stages.review.layout import REVIEW_FILE
from jixiao_xl.stages.review.reading import read_review
from jixiao_xl.stages.review.scores import with_review_scores
from jixiao_xl.stages.review.updating import review_workbook

__all__ = ["REVIEW_FILE", "decide", "read_review", "review_workbook", "with_review_scores"]


def decide(findings: Sequence[Finding], review: Review) -> list[Finding]:
    """The findings with the decisions about them: a decision holds while its finding says what it said then."""
    decisions = {(decision.finding, decision.fingerprint): decision for decision in review.decisions}
    decided: list[Finding] = []
    for finding in findings:
        decision = decisions.get((finding.id, finding.fingerprint))
        if decision is None or not finding.needs_decision:
            decided.append(finding)
        else:
            status = Status.ACCEPTED if decision.accepted else Status.REJECTED
            decided.append(finding.decided(status, decision.reason))
    return decided
