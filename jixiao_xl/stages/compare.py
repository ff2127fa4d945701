"""Compare (跨表核对): sections against the department, shared projects, identical scores, who is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.expressions import check_numbers, evaluate_check
from jixiao_xl.model.findings import Catalogue, Finding, Severity
from jixiao_xl.model.form_builder import check_expression
from jixiao_xl.model.formulas import FAILED, Name, Value
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.places import CellKey, Place
from jixiao_xl.model.results import UnitScore
from jixiao_xl.model.setting import Setting

_FULL_SHARE = Decimal(100)
_PROJECTS = "projects"


def compare(
    batch: Batch,
    units: dict[str, UnitScore],
    findings: list[Finding],
    setting: Setting,
    mapping: Mapping,
    catalogue: Catalogue,
) -> list[Finding]:
    """The findings that need more than one workbook; `findings` are those of the single ones."""
    return [
        *tree_checks(batch, mapping, catalogue),
        *shared_projects(batch, catalogue),
        *identical_scores(batch, units, mapping, catalogue),
        *missing_submissions(batch, findings, setting, mapping, catalogue),
    ]


def tree_checks(batch: Batch, mapping: Mapping, catalogue: Catalogue) -> Iterator[Finding]:
    """Checks of scope `tree`: a table of the sections against a cell of the department."""
    root = batch.of(mapping.root.code)
    sections = [submission for submission in batch.submissions if submission.unit != mapping.root.code]
    if root is None or not sections or len(sections) < len(mapping.sections):
        return

    def lookup(name: Name) -> list[Value]:
        if len(name) == 2:
            return [value for section in sections for value in section.workings.lookup(CellKey("", "", ""))(name)]
        return list(root.workings.lookup(CellKey("", "", ""))(name))

    for check in mapping.checks:
        expression = check_expression(check)
        if check.scope == "tree" and evaluate_check(expression, lookup) == FAILED:
            left, right = check_numbers(expression, lookup) or (None, None)
            place = root.place(CellKey(*check.at[0].split(".")))
            yield catalogue.at(
                check.code,
                place,
                found=right,
                expected=left,
                severity=check.severity,
                cause=check.id,
                check=check.text,
                advice=check.advice,
            )


def shared_projects(batch: Batch, catalogue: Catalogue) -> Iterator[Finding]:
    """One project carried by several sections: one name, and shares that make 100 %."""
    carried: dict[str, list[tuple[Submission, str]]] = defaultdict(list)
    for submission in batch.submissions:
        if _PROJECTS in submission.form.tables:
            for key in submission.workings.column(_PROJECTS, "project_code"):
                code = submission.inputs.get(key)
                if code is not None:
                    carried[str(code)].append((submission, key.row))
    for code, parts in carried.items():
        if len(parts) < 2:
            continue
        names = {str(s.inputs.get(CellKey("finance", row, "project_name"))) for s, row in parts}
        shares = [s.inputs.get(CellKey("finance", row, "share")) for s, row in parts]
        total = sum((share for share in shares if isinstance(share, Decimal)), Decimal(0))
        submission, row = parts[-1]
        if len(names) > 1:
            place = submission.place(CellKey("finance", row, "project_name"))
            yield catalogue.at("project-mismatch", place, found="、".join(sorted(names)), detail=code)
        elif total != _FULL_SHARE:
            place = submission.place(CellKey("finance", row, "share"))
            yield catalogue.at("project-mismatch", place, found=total, expected=_FULL_SHARE, detail=code)


def identical_scores(
    batch: Batch, units: dict[str, UnitScore], mapping: Mapping, catalogue: Catalogue
) -> Iterator[Finding]:
    """全体单位同分: three or more sections, all with one total."""
    totals = [units[section.code].total for section in mapping.sections if section.code in units]
    if len(totals) >= 3 and None not in totals and len(set(totals)) == 1:
        submission = next(s for s in batch.submissions if s.unit == mapping.sections[0].code or s.unit in units)
        yield catalogue.at("identical-scores", Place("", mapping.root.code), found=totals[0], detail=submission.unit)


def missing_submissions(
    batch: Batch, findings: list[Finding], setting: Setting, mapping: Mapping, catalogue: Catalogue
) -> Iterator[Finding]:
    """Units of which nothing has come: a note until the deadline, an error after it."""
    present = {submission.unit for submission in batch.submissions} | {finding.place.unit for finding in findings}
    late = setting.deadline is not None and setting.as_of > setting.deadline
    for unit in mapping.units:
        if unit.code not in present:
            severity = Severity.MUST_FIX if late else Severity.NOTE
            yield catalogue.at("missing-submission", Place("", unit.code), severity=severity)
