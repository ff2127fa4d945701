"""Aggregate (汇总): sections into the department's score, workbooks into facts, findings into where each unit stands."""

from __future__ import annotations

from jixiao_xl.model.batch import Batch
from jixiao_xl.model.findings import Catalogue, Finding, in_order
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import ProjectScore, Result, UnitScore
from jixiao_xl.stages.aggregate.department import department_score, with_department
from jixiao_xl.stages.aggregate.facts import facts_of
from jixiao_xl.stages.aggregate.setting import Setting
from jixiao_xl.stages.aggregate.standing import orgs_of
from jixiao_xl.stages.aggregate.tree import identical_scores, missing_submissions, shared_projects, tree_checks

__all__ = ["Setting", "aggregate"]


def aggregate(
    batch: Batch,
    units: dict[str, UnitScore],
    projects: tuple[ProjectScore, ...],
    findings: list[Finding],
    setting: Setting,
    mapping: Mapping,
    catalogue: Catalogue,
) -> Result:
    """The result of a run; adds the findings that need more than one workbook."""
    every = in_order(
        [
            *findings,
            *tree_checks(batch, mapping, catalogue),
            *shared_projects(batch, catalogue),
            *identical_scores(batch, units, mapping, catalogue),
            *missing_submissions(batch, findings, setting, mapping, catalogue),
        ]
    )
    orgs = tuple(orgs_of(batch, units, every, setting, mapping))
    department = department_score(orgs, units, setting, mapping)
    orgs = tuple(with_department(org, department) for org in orgs)
    facts = facts_of(batch, units, department, mapping)
    return Result(batch, orgs, units, projects, department, facts, tuple(every))
