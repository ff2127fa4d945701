"""What a bureau knows of a department (部门上报情况): its package, what was recomputed from it, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from jixiao_xl.model.findings import Finding
from jixiao_xl.model.results import FactValue, Org, UnitStatus

Figure = Decimal | str | None


@dataclass(frozen=True, slots=True)
class Node:
    """One figure of the tree, as the package says it and as it was recomputed from the workbooks in it (节点).

    Attributes:
        kind: a unit's score, or a fact.
        id: the unit's code in its department, or the fact's id.
        name: the unit's or the fact's name.
        measure_unit: 元, %, 人, 个, 分 or empty.
        reported: what the package says.
        recomputed: what its workbooks give.
    """

    kind: Literal["unit", "fact"]
    id: str
    name: str
    measure_unit: str
    reported: Figure
    recomputed: Figure

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.reported == self.recomputed


@dataclass(frozen=True)
class DepartmentResult:
    """One department of a bureau's tree.

    Attributes:
        code: unique in the tree.
        name: as its package or departments.csv writes it.
        status: missing; refused where no package of it can be used; to_fix, to_explain or accepted.
        late: whether nothing has come and the deadline is over.
        file: the package that counts, or None.
        number: which submission that is.
        grade_shown: the grade as the department writes it.
        orgs: the department's own line and its sections, with codes unique in the tree; recomputed.
        facts: recomputed figures with their cells.
        nodes: every figure, reported and recomputed.
        findings: what keeps it from being settled.
    """

    code: str
    name: str
    status: UnitStatus
    late: bool = False
    file: str | None = None
    number: int | None = None
    grade_shown: str | None = None
    orgs: tuple[Org, ...] = ()
    facts: Mapping[str, FactValue] = field(default_factory=dict[str, FactValue])
    nodes: tuple[Node, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def score(self) -> Decimal | None:
        """The department's recomputed score."""
        return self.orgs[0].score if self.orgs else None

    @property
    def grade(self) -> str | None:
        """Its grade: 优 良 中 差."""
        return self.orgs[0].grade if self.orgs else None
