"""Mapping (口径): what an officer may change, one folder a year; typed, and refused with file, line and reason.

`Mapping` is what every stage is given beside its batch. `parse_mapping` builds it from the bytes of the folder's
files; it opens nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from jixiao_xl.model.findings import Severity

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Level = Literal["部门", "科室"]
CellKind = Literal["label", "given", "input", "formula", "tool", "review"]
CellType = Literal[
    "text", "long_text", "money", "number", "percent", "ratio", "count", "date", "choice", "score"
]  # what a cell holds; money in 元, percent as 95, ratio as 0.95
CheckKind = Literal["基本平衡", "逻辑性", "核实性"]


def _decimal(raw: object) -> object:
    """A number written in a mapping: quoted or whole, so that no double stands between the file and us."""
    if isinstance(raw, bool | float):
        raise ValueError("number must be quoted")
    return Decimal(raw) if isinstance(raw, str | int) else raw


Exact = Annotated[Decimal, BeforeValidator(_decimal)]


class Strict(BaseModel):
    """A part of a mapping: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# -- forms.yaml ------------------------------------------------------------------------------------------------


class Column(Strict):
    """One column of a table (列)."""

    key: Key
    header: str
    kind: CellKind
    type: CellType
    width: Annotated[float, Field(gt=0, le=120)]
    formula: str | None = None
    choices: Key | None = None
    required: bool | str = False
    minimum: Exact | None = None
    maximum: Exact | None = None
    max_length: Annotated[int, Field(ge=1, le=32767)] | None = None
    printed: bool = True


class Row(Strict):
    """One fixed row of a table (行)."""

    key: Key
    label: str
    total: bool = False
    formula: str | None = None
    given: dict[Key, str] = {}
    types: dict[Key, CellType] = {}
    required: list[Key] = []


class Total(Strict):
    """The row below a list that adds it up (合计)."""

    key: Key
    label: str
    columns: list[Key]
    rate_columns: list[Key] = []


class Table(Strict):
    """One table of a sheet: fixed rows, a list between markers, indicators, checks or results."""

    key: Key
    title: str | None = None
    kind: Literal["fixed", "list", "indicators", "checks", "results"]
    levels: list[Level] = ["部门", "科室"]
    columns: list[Column]
    rows: list[Row] = []
    known: Literal["projects"] | None = None
    spares: Annotated[int, Field(ge=0, le=500)] = 0
    prepared_rows: Annotated[int, Field(ge=0, le=1000)] = 0
    total: Total | None = None


class Sheet(Strict):
    """One sheet of a form (工作表)."""

    key: Key
    title: str
    levels: list[Level]
    heading: str
    notes: list[Key] = []
    unit_note: str | None = None
    landscape: bool = False
    tables: list[Table]


class Forms(Strict):
    """Both forms (两份填报表)."""

    schema_: Literal[1] = Field(alias="schema")
    template_version: str
    templates: dict[Level, str]
    choices: dict[Key, list[str]]
    sheets: list[Sheet]


# -- checks.yaml -----------------------------------------------------------------------------------------------


class Each(Strict):
    """A check for every row of a table."""

    each: Key


class Check(Strict):
    """One check (审核公式): a condition, or two sides with an operator."""

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*$")]
    code: str = "check-failed"
    levels: list[Level]
    scope: Literal["workbook", "tree"] | Each
    rows: list[Key] = []
    where: dict[Key, list[str]] = {}
    kind: CheckKind
    when: str | None = None
    condition: str | None = None
    left: str | None = None
    op: Literal["==", "!=", "<", "<=", ">", ">="] | None = None
    right: str | None = None
    tolerance: Exact = Decimal(0)
    at: Annotated[list[str], Field(min_length=1)]
    explained_by: str | None = None
    text: str
    advice: str

    @property
    def severity(self) -> Severity:
        """平衡 and 逻辑 are to be mended, 核实 to be explained."""
        return Severity.EXPLAIN if self.kind == "核实性" else Severity.MUST_FIX

    @property
    def table(self) -> str | None:
        """The table that the check runs over row by row, or None."""
        return self.scope.each if isinstance(self.scope, Each) else None


class Checks(Strict):
    """All checks of a year."""

    schema_: Literal[1] = Field(alias="schema")
    checks: list[Check]


# -- scoring.yaml ----------------------------------------------------------------------------------------------


class Grade(Strict):
    """A grade and the total from which it holds (等级)."""

    grade: str
    from_: Exact = Field(alias="from")


class Grades(Strict):
    """The grades, their source, and how this office writes them."""

    in_force: date
    source: str
    bands: list[Grade]
    grade_shown: dict[str, str]


class Bands(Strict):
    """The ratios that a qualitative band allows, in %: [from, to]."""

    in_force: date
    source: str
    ranges: dict[str, tuple[Exact, Exact]]


class Profile(Strict):
    """Weights of the blocks of one level (权重方案)."""

    in_force: date
    source: str
    example: bool
    blocks: dict[str, Exact]
    missing_to: dict[str, str]
    own_blocks: list[str] = []


class OverAchievement(Strict):
    """From how many % above the target on, and by how many points a score falls; None: it does not."""

    limit: Exact
    deduct: Exact | None


class Cap(Strict):
    """A project whose execution rate is below `below` % gets at most `at_most` points."""

    below: Exact
    at_most: Exact


class Options(Strict):
    """Rules that a bureau may switch on."""

    over_achievement: OverAchievement
    low_execution_caps: list[Cap]


class Profiles(Strict):
    """The three profiles."""

    project: Profile
    section: Profile
    department: Profile


class Scoring(Strict):
    """How scores are made (计分办法)."""

    schema_: Literal[1] = Field(alias="schema")
    grades: Grades
    bands: Bands
    block_keys: dict[str, Key]
    profiles: Profiles
    options: Options


# -- facts.yaml, findings.yaml, texts.yaml, report.yaml --------------------------------------------------------


class Fact(Strict):
    """One figure of the report (事实): where it comes from and how prose shows it."""

    id: Key
    name: str
    unit: Literal["yuan", "ratio", "people", "count", "score", "grade"]
    value: str | None = None
    special: Literal["section_count", "section_indicator_count", "score", "grade"] | None = None
    unsigned: bool = False


class Facts(Strict):
    """All facts of the report."""

    schema_: Literal[1] = Field(alias="schema")
    facts: list[Fact]


class FindingText(Strict):
    """The severity and the words of one finding code."""

    severity: Severity
    text: str


class FindingTexts(Strict):
    """The catalogue of findings."""

    schema_: Literal[1] = Field(alias="schema")
    findings: dict[str, FindingText]


class Texts(Strict):
    """Every sentence that our workbooks and the summary show."""

    schema_: Literal[1] = Field(alias="schema")
    texts: dict[str, str]
    rules: dict[str, str]


class ReportPart(Strict):
    """A part of the report: what it has of heading, sentence, own texts, table and inner parts, in this order.

    Attributes:
        heading: the heading's words.
        level: the heading's level.
        text: a sentence; `{fact_id}`, `{fact_id.direction}` and `{fact_id.phrase}` are figures.
        from_: whose own texts stand here: a cell (`sheet.row.column`) or the rows of a table (`table`).
        item: how one row of the table reads; `[…]` falls away where one of its words is blank.
        lead: words before the own texts, or the table's caption.
        join: what stands between items that share a paragraph; None: a paragraph each.
        tail: words after the own texts, or the table's note.
        optional: left out where it is blank, instead of saying so.
        table: a table of a form, or one that the report makes (facts, steps, scores, lost_points).
        columns: the table's columns in order with their headers; blank: the form's own header.
        units: whose rows the table shows.
        each: the parts are repeated for every section.
        parts: the inner parts.
    """

    heading: str | None = None
    level: Annotated[int, Field(ge=1, le=4)] = 1
    text: str | None = None
    from_: str | None = Field(default=None, alias="from")
    item: str | None = None
    lead: str | None = None
    join: str | None = None
    tail: str | None = None
    optional: bool = False
    table: Key | None = None
    columns: dict[Key, str] = {}
    units: Literal["department", "sections"] = "department"
    each: Literal["section"] | None = None
    parts: list[ReportPart] = []


class ReportChange(Strict):
    """What belongs to a change (增减): its rate, this year's figure and the base that it is measured by, as facts."""

    rate: Key
    current: Key
    base: Key


class Report(Strict):
    """The report's chapters in order (自评报告)."""

    schema_: Literal[1] = Field(alias="schema")
    title: list[str]
    opening: str
    parts: list[ReportPart]
    closing: list[str]
    annex: list[ReportPart] = []
    directions: dict[Literal["up", "down", "same"], str]
    rate_directions: dict[Literal["up", "down", "same"], str]
    changes: dict[Key, ReportChange] = {}
    change_texts: dict[Literal["changed", "nearly_same", "same", "no_prior", "not_comparable"], str]
    closed_sets: list[list[Key]] = []


# -- units.csv, indicators.csv, projects.csv, measure_units.csv ------------------------------------------------


def _optional(raw: object) -> object:
    return None if raw == "" else raw


OptionalExact = Annotated[Exact | None, BeforeValidator(_optional)]
OptionalText = Annotated[str | None, BeforeValidator(_optional)]


class Unit(Strict):
    """One unit of the tree (单位): the office or one of its sections."""

    code: Key
    name: Annotated[str, Field(min_length=1)]
    short: str
    email: str
    parent: OptionalText
    weight: OptionalExact


class Indicator(Strict):
    """One indicator of one unit (绩效指标) with its rule and points."""

    unit: Key
    serial: Annotated[int, Field(ge=1, le=99)]
    level1: Annotated[str, Field(min_length=1)]
    level2: str
    level3: Annotated[str, Field(min_length=1)]
    nature: Literal["≥", "≤", "=", "定性", "区间", "日期"]
    method: Literal["比例", "直接", "等次", "分档", "扣分"]
    measure_unit: str
    target: Annotated[str, Field(min_length=1)]
    points: Annotated[Exact, Field(gt=0)]
    tolerance: OptionalExact = None
    low: OptionalExact = None
    high: OptionalExact = None
    per: OptionalExact = None
    step: OptionalExact = None
    steps: OptionalText = None
    per_day: OptionalExact = None

    @property
    def key(self) -> str:
        """The row key in 指标评分表, by unit and serial."""
        return f"{self.unit}_{self.serial:02d}"


class Project(Strict):
    """A project known when the workbooks go out (项目)."""

    unit: Key
    code: str
    name: str
    share: OptionalExact


class MeasureUnit(Strict):
    """A unit of measure (计量单位)."""

    name: str
    kind: str
    percent: Literal["0", "1"]


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
    units: tuple[Unit, ...]
    indicators: tuple[Indicator, ...]
    projects: tuple[Project, ...]
    measure_units: tuple[MeasureUnit, ...]
    versions: dict[str, str]
    deadline: date | None = None

    def block_key(self, block: str) -> str:
        """The English key of a block of indicators, such as output for 产出."""
        return self.scoring.block_keys[block]

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

    def text(self, key: str, **words: str) -> str:
        """A sentence of texts.yaml with its words filled in."""
        return self.texts[key].format_map(words)


_Row = TypeVar("_Row", Indicator, Project)


def of_unit(rows: Iterable[_Row], unit: str) -> list[_Row]:
    """The rows of one unit."""
    return [row for row in rows if row.unit == unit]
