"""Where each unit stands (各单位状态): accepted, to be explained, to be fixed, refused or missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.findings import Finding, Severity
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import (
    Org,
    UnitScore,
    UnitStatus,
)
from jixiao_xl.model.scoring import grade_of
from jixiao_xl.model.setting import Setting


def orgs_of(
    batch: Batch, units: dict[str, UnitScore], findings: list[Finding], setting: Setting, mapping: Mapping
) -> Iterator[Org]:
    """Where every unit of the tree stands, in the order of units.csv."""
    counts: dict[str, Counter[Severity]] = defaultdict(Counter)
    unsettled: dict[str, Counter[Severity]] = defaultdict(Counter)
    files: dict[str, str] = {}
    for finding in findings:
        counts[finding.place.unit][finding.severity] += 1
        unsettled[finding.place.unit][finding.severity] += not finding.is_settled
        if finding.place.file:
            files.setdefault(finding.place.unit, finding.place.file)
    for unit in mapping.units:
        submission, count = batch.of(unit.code), counts[unit.code]
        scored = units.get(unit.code)
        is_section = unit.parent is not None
        total = scored.total if scored and is_section else None
        yield Org(
            code=unit.code,
            name=unit.name,
            level=mapping.level(unit.code),
            parent=unit.parent,
            file=submission.file if submission else files.get(unit.code),
            status=_status(submission, unit.code in files, unsettled[unit.code]),
            late=submission is None and setting.deadline is not None and setting.as_of > setting.deadline,
            self_score=scored.self_total if scored else None,
            score=total,
            review_score=scored.review_total if scored and is_section else None,
            grade=grade_of(mapping.scoring, total) if total is not None else None,
            must_fix=count[Severity.MUST_FIX],
            explain=count[Severity.EXPLAIN],
            note=count[Severity.NOTE],
        )


def _status(submission: Submission | None, has_file: bool, count: Counter[Severity]) -> UnitStatus:
    if submission is None:
        return UnitStatus.REFUSED if has_file else UnitStatus.MISSING
    if count[Severity.MUST_FIX]:
        return UnitStatus.TO_FIX
    return UnitStatus.TO_EXPLAIN if count[Severity.EXPLAIN] else UnitStatus.ACCEPTED
