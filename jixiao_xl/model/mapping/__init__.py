"""Mapping (口径): what an officer may change, one folder a year; typed, and refused with file, line and reason.

`Mapping` is what every stage is given beside its batch; `mapping_files.parse_mapping` builds it from bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

from jixiao_xl.model.findings import Catalogue
from jixiao_xl.model.mapping.appendix import Appendix, FundRow
from jixiao_xl.model.mapping.base import Exact, Key, Level, Strict
from jixiao_xl.model.mapping.bureau_forms import BureauField, BureauForm, BureauForms, BureauIndicators
from jixiao_xl.model.mapping.checks import Check, Checks, Each
from jixiao_xl.model.mapping.forms import CellKind, CellType, Column, Forms, Row, Sheet, Table, Total
from jixiao_xl.model.mapping.letters import Letters
from jixiao_xl.model.mapping.reading import Reading
from jixiao_xl.model.mapping.scoring import (
    Bands,
    Cap,
    Grade,
    Grades,
    Options,
    OverAchievement,
    Profile,
    Profiles,
    Scoring,
)
from jixiao_xl.model.mapping.tables import Department, Indicator, Material, MeasureUnit, Prior, Project, Unit
from jixiao_xl.model.mapping.wording import (
    ClosedParts,
    Fact,
    Facts,
    FindingText,
    FindingTexts,
    Report,
    ReportChange,
    ReportPart,
    Texts,
)

__all__ = [
    "Appendix",
    "Bands",
    "BureauField",
    "BureauForm",
    "BureauForms",
    "BureauIndicators",
    "Cap",
    "CellKind",
    "CellType",
    "Check",
    "Checks",
    "ClosedParts",
    "Column",
    "Department",
    "Each",
    "Exact",
    "Fact",
    "Facts",
    "FindingText",
    "FindingTexts",
    "Forms",
    "FundRow",
    "Grade",
    "Grades",
    "Indicator",
    "Key",
    "Letters",
    "Level",
    "Mapping",
    "Material",
    "MeasureUnit",
    "Options",
    "OverAchievement",
    "Prior",
    "Profile",
    "Profiles",
    "Project",
    "Reading",
    "Report",
    "ReportChange",
    "ReportPart",
    "Row",
    "Scoring",
    "Sheet",
    "Strict",
    "Table",
    "Texts",
    "Total",
    "Unit",
]

_Row = TypeVar("_Row", Indicator, Project, Prior)


@dataclass(frozen=True, eq=False)
class Mapping:
    """Everything an officer may change for one year, checked and typed."""

    year: int
    department: str
    forms: Forms
    checks: tuple[Check, ...]
    scoring: Scoring
    facts: tuple[Fact, ...]
    finding_texts: dict[str, FindingText]
    texts: dict[str, str]
    rule_texts: dict[str, str]
    report: Report
    reading: Reading
    appendix: Appendix
    letters: Letters
    bureau_forms: tuple[BureauForm, ...]
    units: tuple[Unit, ...]
    indicators: tuple[Indicator, ...]
    projects: tuple[Project, ...]
    measure_units: tuple[MeasureUnit, ...]
    materials: tuple[Material, ...]
    priors: tuple[Prior, ...]
    departments: tuple[Department, ...]
    versions: dict[str, str]
    deadline: date | None = None

    def block_key(self, block: str) -> str:
        """The English key of a block of indicators, such as output for 产出."""
        return self.scoring.block_keys[block]

    @cached_property
    def catalogue(self) -> Catalogue:
        """The words of every finding, with the units' names."""
        return Catalogue(
            severities={code: text.severity for code, text in self.finding_texts.items()},
            texts={code: text.text for code, text in self.finding_texts.items()},
            blank=self.text("blank"),
        ).with_unit_names({unit.code: unit.name for unit in self.units})

    @cached_property
    def unit_by_code(self) -> dict[str, Unit]:
        """Units by code."""
        return {unit.code: unit for unit in self.units}

    @cached_property
    def root(self) -> Unit:
        """The unit without a parent: the department."""
        return next(unit for unit in self.units if unit.parent is None)

    @cached_property
    def sections(self) -> tuple[Unit, ...]:
        """The units below the department, in the order of units.csv."""
        return tuple(unit for unit in self.units if unit.parent is not None)

    def level(self, unit: str) -> Level:
        """部门 for the root, 科室 below it."""
        return "部门" if self.unit_by_code[unit].parent is None else "科室"

    def indicators_of(self, unit: str) -> tuple[Indicator, ...]:
        """The indicators of a unit, by serial."""
        return tuple(sorted(of_unit(self.indicators, unit), key=lambda indicator: indicator.serial))

    def projects_of(self, unit: str) -> tuple[Project, ...]:
        """The projects of a unit that are known beforehand."""
        return tuple(of_unit(self.projects, unit))

    def priors_of(self, unit: str) -> dict[tuple[str, str, str], Prior]:
        """The figures of last year that go out with a unit's workbook, by table, row and column."""
        return {(prior.table, prior.row, prior.column): prior for prior in of_unit(self.priors, unit)}

    def text(self, key: str, **words: str) -> str:
        """A sentence of texts.yaml with its words filled in."""
        return self.texts[key].format_map(words)


def of_unit(rows: Iterable[_Row], unit: str) -> list[_Row]:
    """The rows of one unit."""
    return [row for row in rows if row.unit == unit]
