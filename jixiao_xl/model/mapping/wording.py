"""facts.yaml, findings.yaml, texts.yaml, report.yaml (文字): figures of the report and everything that is read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jixiao_xl.model.findings import Severity
from jixiao_xl.model.mapping.base import Key, Strict


class Fact(Strict):
    """One figure of the report (事实): where it comes from and how prose shows it; `also` are its other names in prose."""

    id: Key
    name: str
    also: list[str] = []
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
        key: what the Word template calls the part that comes from workbooks; every part with `from`, `table` or
            `each` has one, unless it stands inside a part that is repeated.
        label: its name in the template.
        annex_line: the line 附表1 that begins a new page.
        heading: the heading's words.
        level: the heading's level.
        text: a sentence; `{fact_id}`, `{fact_id.dir}` and `{fact_id.phrase}` are figures.
        from_: whose own texts stand here: a cell (`sheet.row.column`) or the rows of a table (`table`).
        item: how one row of the table reads; `[…]` falls away where one of its words is blank.
        lead: words before the own texts, or the table's caption.
        join: what stands between items that share a paragraph; None: a paragraph each.
        tail: words after the own texts, or the table's note.
        optional: left out where it is blank, instead of saying so.
        table: a table of a form, or one that the report makes (facts, steps, scores, lost_points).
        columns: the table's columns in order with their headers; blank: the form's own header.
        merge: columns whose equal neighbours share one cell.
        units: whose rows the part shows.
        each: the parts are repeated for every section.
        parts: the inner parts.
    """

    key: Key | None = None
    label: str | None = None
    annex_line: str | None = None
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
    merge: list[Key] = []
    units: Literal["department", "sections"] = "department"
    each: Literal["section"] | None = None
    parts: list[ReportPart] = []

    @property
    def is_made(self) -> bool:
        """Whether its content comes from workbooks: a placeholder in the Word template."""
        return self.from_ is not None or self.table is not None or self.each is not None


class ReportChange(Strict):
    """What belongs to a change (增减): its rate, this year's figure and the base that it is measured by, as facts."""

    rate: Key
    current: Key
    base: Key


class ClosedParts(Strict):
    """Parts that always make up their whole (封闭的分项), by the names that reports give them.

    Attributes:
        total: names of the whole; a part is that what a sentence calls the sum of the parts.
        unless: names of a whole that holds more than these parts, such as 总计 with its 结余.
        parts: the parts, each with its names.
    """

    total: list[str] = []
    unless: list[str] = []
    parts: list[list[str]]


class Report(Strict):
    """The report's chapters in order (自评报告).

    Attributes:
        attachment: the line above the title (附件4), where the report is one.
        synonyms: by a word of direction, other words for it that a person may put there.
    """

    schema_: Literal[1] = Field(alias="schema")
    attachment: str | None = None
    title: list[str]
    opening: str
    parts: list[ReportPart]
    closing: list[str]
    annex: list[ReportPart] = []
    directions: dict[Literal["up", "down", "same"], str]
    rate_directions: dict[Literal["up", "down", "same"], str]
    synonyms: dict[str, list[str]] = {}
    changes: dict[Key, ReportChange] = {}
    change_texts: dict[Literal["changed", "nearly_same", "same", "no_prior", "not_comparable"], str]
    closed_sets: list[list[Key]] = []
    closed_parts: list[ClosedParts] = []
