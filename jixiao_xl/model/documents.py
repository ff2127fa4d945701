"""What `--json` prints (JSON 文档): pydantic models, one a command; `schema` prints their JSON Schema."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from jixiao_xl.model.findings import Finding
from jixiao_xl.model.money import plain
from jixiao_xl.model.results import FactValue, Org, Result


class Document(BaseModel):
    """A part of a JSON document; unknown keys are refused on both sides."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class OrgDocument(Document):
    """One unit."""

    code: str
    name: str
    level: Literal["部门", "科室"]
    parent: str | None
    file: str | None
    status: Literal["missing", "refused", "to_fix", "to_explain", "accepted", "sealed"]
    late: bool
    self_score: str | None
    score: str | None
    review_score: str | None
    grade: str | None
    must_fix: int
    explain: int
    note: int


class FindingDocument(Document):
    """One finding, DESIGN 8."""

    id: str
    code: str
    severity: Literal["must_fix", "explain", "note"]
    status: Literal["open", "explained", "accepted", "rejected"]
    unit: str | None
    file: str | None
    sheet: str | None
    cell: str | None
    found: str | None
    expected: str | None
    difference: str | None
    explanation: str | None
    message: str


class SourceDocument(Document):
    """One cell."""

    file: str
    sheet: str
    cell: str


class FactDocument(Document):
    """One figure with its cells."""

    name: str
    value: str | None
    measure_unit: str
    shown: str | None
    sources: list[SourceDocument]


class OutputsDocument(Document):
    """The files that a run wrote, relative to the workspace."""

    summary: str | None
    report: str | None
    appendix: str | None
    returned: list[str]
    record: str | None


class ConsolidateDocument(Document):
    """`consolidate --json` and `demo --json`."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    root: str
    year: int
    score: str | None
    grade: str | None
    grade_shown: str | None
    orgs: list[OrgDocument]
    findings: list[FindingDocument]
    facts: dict[str, FactDocument]
    outputs: OutputsDocument


class CheckedFile(Document):
    """One file of `check --json`."""

    file: str
    unit: str | None
    status: Literal["refused", "to_fix", "to_explain", "accepted"]
    must_fix: int
    explain: int
    note: int


class CheckDocument(Document):
    """`check --json`."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    files: list[CheckedFile]
    findings: list[FindingDocument]


def finding_document(finding: Finding) -> FindingDocument:
    """A finding as JSON shows it."""
    place = finding.place
    return FindingDocument(
        id=finding.id,
        code=finding.code,
        severity=finding.severity.value,
        status=finding.status.value,
        unit=place.unit or None,
        file=place.file or None,
        sheet=place.sheet or None,
        cell=place.cell,
        found=finding.found,
        expected=finding.expected,
        difference=finding.difference,
        explanation=finding.explanation,
        message=finding.message,
    )


def consolidate_document(result: Result, root: str, year: int, outputs: OutputsDocument) -> ConsolidateDocument:
    """A run's result as JSON shows it."""
    department = result.department
    return ConsolidateDocument(
        root=root,
        year=year,
        score=None if department.total is None else plain(department.total),
        grade=department.grade,
        grade_shown=department.grade_shown,
        orgs=[_org(org) for org in result.orgs],
        findings=[finding_document(finding) for finding in result.findings],
        facts={fact.id: _fact(fact) for fact in result.facts.values()},
        outputs=outputs,
    )


def _org(org: Org) -> OrgDocument:
    return OrgDocument(
        code=org.code,
        name=org.name,
        level=org.level,
        parent=org.parent,
        file=org.file,
        status=org.status.value,
        late=org.late,
        self_score=None if org.self_score is None else plain(org.self_score),
        score=None if org.score is None else plain(org.score),
        review_score=None if org.review_score is None else plain(org.review_score),
        grade=org.grade,
        must_fix=org.must_fix,
        explain=org.explain,
        note=org.note,
    )


def _fact(fact: FactValue) -> FactDocument:
    value = fact.value if fact.value is None or isinstance(fact.value, str) else plain(fact.value)
    sources = [SourceDocument(file=s.file, sheet=s.sheet, cell=s.cell) for s in fact.sources]
    return FactDocument(name=fact.name, value=value, measure_unit=fact.measure_unit, shown=fact.shown, sources=sources)
