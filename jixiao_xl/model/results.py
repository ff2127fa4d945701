"""Results (结果): scores with their steps, facts with their sources, and where every unit stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from jixiao_xl.model.batch import Batch
from jixiao_xl.model.findings import Finding
from jixiao_xl.model.mapping import Level
from jixiao_xl.model.places import Source


class UnitStatus(StrEnum):
    """Where a unit stands (状态)."""

    MISSING = "missing"
    REFUSED = "refused"
    TO_FIX = "to_fix"
    TO_EXPLAIN = "to_explain"
    ACCEPTED = "accepted"
    SEALED = "sealed"


SCORING_STATUSES = frozenset((UnitStatus.ACCEPTED, UnitStatus.TO_EXPLAIN, UnitStatus.SEALED))


@dataclass(frozen=True, slots=True)
class ScoredIndicator:
    """One indicator's score with two decimals, None where there is none; `source` is its score cell."""

    unit: str
    key: str
    block: str
    name: str
    points: Decimal
    score: Decimal | None
    self_score: Decimal | None
    source: Source
    review_score: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BlockScore:
    """A block of one workbook (一级指标): its points and the sums of its scores, ours, the section's and the reviewer's.

    Where the reviewer has scored some indicators only, ours count for the others.
    """

    block: str
    points: Decimal
    score: Decimal | None
    self_score: Decimal | None = None
    review_score: Decimal | None = None


@dataclass(frozen=True, slots=True)
class UnitScore:
    """The score of one workbook: its indicators, its blocks, its total; None where an indicator has no score."""

    unit: str
    indicators: tuple[ScoredIndicator, ...]
    blocks: tuple[BlockScore, ...]
    points: Decimal
    total: Decimal | None
    self_total: Decimal | None
    review_total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ProjectScore:
    """A project's score by the project profile, listed beside the department's and never added to it."""

    unit: str
    code: str
    name: str
    budget: Decimal | None
    executed: Decimal | None
    blocks: tuple[BlockScore, ...]
    total: Decimal | None
    source: Source


@dataclass(frozen=True, slots=True)
class BlockPart:
    """What one unit brings to a block of the department: score of points, with its weight."""

    unit: str
    score: Decimal
    points: Decimal
    weight: Decimal


@dataclass(frozen=True, slots=True)
class BlockStep:
    """One block of the department's score: its points × the weighted mean of score ÷ points over its parts."""

    block: str
    points: Decimal
    own: bool
    parts: tuple[BlockPart, ...]
    score: Decimal | None


@dataclass(frozen=True, slots=True)
class DepartmentScore:
    """The department's score, step by step.

    Attributes:
        steps: one a block.
        total: the sum with two decimals, or None where a unit is missing.
        grade: 优 良 中 差, or None.
        grade_shown: the grade as this office writes it.
        waiting_for: codes of the units that keep the total from being final.
        provisional: whether the total was computed without them.
        self_total: the same sum over the scores that the workbooks show, or None where one shows none.
        review_total: the same sum over the reviewer's scores, ours where there is none; None without any.
    """

    steps: tuple[BlockStep, ...]
    total: Decimal | None
    grade: str | None
    grade_shown: str | None
    waiting_for: tuple[str, ...] = ()
    provisional: bool = False
    self_total: Decimal | None = None
    review_total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FactValue:
    """One figure of the report.

    Attributes:
        id: fixed name, DESIGN 9.
        name: Chinese name.
        measure_unit: 元, %, 人, 个, 分 or empty.
        value: 元 exact, a ratio at 15 digits, a count, or the grade; None where it cannot be computed.
        shown: what prose prints: 万元 with two decimals, % with two decimals.
        sources: every cell that it comes from.
    """

    id: str
    name: str
    measure_unit: str
    value: Decimal | str | None
    shown: str | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Org:
    """Where one unit of the tree stands."""

    code: str
    name: str
    level: Level
    parent: str | None
    file: str | None
    status: UnitStatus
    late: bool
    self_score: Decimal | None
    score: Decimal | None
    review_score: Decimal | None
    grade: str | None
    must_fix: int
    explain: int
    note: int


@dataclass(frozen=True)
class Result:
    """Everything that one consolidation found out."""

    batch: Batch
    orgs: tuple[Org, ...]
    units: dict[str, UnitScore]
    projects: tuple[ProjectScore, ...]
    department: DepartmentScore
    facts: dict[str, FactValue]
    findings: tuple[Finding, ...] = field(default=())
