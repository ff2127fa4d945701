"""Aggregate (汇总): sections into the department's score, workbooks into facts, findings into where each unit stands."""

from __future__ import annotations

from collections.abc import Sequence

from jixiao_xl.model.batch import Batch
from jixiao_xl.model.findings import Finding, in_order
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import ProjectScore, Result, UnitScore
from jixiao_xl.model.setting import Setting
from jixiao_xl.stages.aggregate.bureau import bureau_result, inside, recomputed, tree_mapping, unique_code, unsettled
from jixiao_xl.stages.aggregate.department import department_score, with_department
from jixiao_xl.stages.aggregate.facts import facts_of
from jixiao_xl.stages.aggregate.standing import orgs_of

__all__ = [
    "aggregate",
    "bureau_result",
    "inside",
    "recomputed",
    "tree_mapping",
    "unique_code",
    "unsettled",
]


def aggregate(
    batch: Batch,
    units: dict[str, UnitScore],
    projects: tuple[ProjectScore, ...],
    findings: Sequence[Finding],
    setting: Setting,
    mapping: Mapping,
) -> Result:
    """The result of a run; `findings` are all of them, with what the officer has decided."""
    every = in_order(list(findings))
    orgs = tuple(orgs_of(batch, units, every, setting, mapping))
    department = department_score(orgs, units, setting, mapping)
    orgs = tuple(with_department(org, department) for org in orgs)
    facts = facts_of(batch, units, department, mapping)
    return Result(batch, orgs, units, projects, department, facts, tuple(every))
