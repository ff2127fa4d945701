"""forms.yaml (表样): sheets, tables, columns and rows of both forms."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jixiao_xl.model.mapping.base import Exact, Key, Level, Strict

CellKind = Literal["label", "given", "input", "formula", "tool", "review"]
# what a cell holds; money in 元, percent as 95, ratio as 0.95
CellType = Literal["text", "long_text", "money", "number", "percent", "ratio", "count", "date", "choice", "score"]


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
    known: Literal["projects", "materials"] | None = None
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
