"""bureau_forms.yaml (财政局的表): where in a form without keys each figure stands, by the words printed around it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator

from jixiao_xl.model.mapping.base import Key, Strict

FormLevel = Literal["部门", "项目"]
FieldUnit = Literal["元", "万元", "%", "ratio"]
FieldKind = Literal["text", "money", "ratio", "score", "number", "any"]
Label = Annotated[str, Field(min_length=1)]
Path = Label | Annotated[list[Label], Field(min_length=1)]  # a label, or labels of labels, the outer first
Decimals = Annotated[int, Field(ge=0, le=8)]

# What can stand in a form beside the amounts of the rows of funds (appendix.yaml); money in 元, rates as ratios.
FIELDS: Final[dict[str, FieldKind]] = {
    "year": "number",
    "department": "text",
    "unit_name": "text",
    "project_name": "text",
    "project_code": "text",
    "budget_initial": "money",
    "budget_adjusted": "money",
    "executed": "money",
    "execution_rate": "ratio",
    "execution_points": "score",
    "execution_score": "score",
    "execution_reason": "text",
    "objectives": "text",
    "results": "text",
    "problems": "text",
    "measures": "text",
    "total_points": "score",
    "total_score": "score",
    "grade": "text",
    "grade_shown": "text",
    "preparer": "text",
    "head": "text",
    "date": "text",
}
FUND_FIELDS: Final[dict[str, FieldKind]] = {
    "budget_initial": "money",
    "budget_adjusted": "money",
    "executed": "money",
    "execution_rate": "ratio",
}
INDICATOR_FIELDS: Final[dict[str, FieldKind]] = {
    "level1": "text",
    "level2": "text",
    "level3": "text",
    "unit_name": "text",
    "nature": "text",
    "measure_unit": "text",
    "target": "any",
    "target_shown": "text",
    "actual": "any",
    "actual_shown": "text",
    "points": "score",
    "score": "score",
    "score_ratio": "ratio",
    "reason": "text",
    "evidence": "text",
}
UNITS_OF: Final[dict[FieldKind, tuple[FieldUnit, ...]]] = {"money": ("元", "万元"), "ratio": ("%", "ratio")}


def labels(path: Path) -> list[str]:
    """A path's labels from the outermost to the one in question."""
    return [path] if isinstance(path, str) else path


class BureauField(Strict):
    """One figure: right of its row's label, below its column's header, or where both meet.

    Attributes:
        field: its name, of FIELDS or `<fund>_<one of FUND_FIELDS>`.
        row: the row's label; a list where labels stand beside each other.
        column: the column's header; a list where headers stand below each other.
        after: only what stands below the row of this label is looked at.
        before: only what stands above the row of this label is looked at.
        unit: of an amount or a rate.
        decimals: rounded half-up to so many; None: exact, the cell's own format shows it.
        overwrite: whether what is printed in the cell may be replaced.
    """

    field: Key
    row: Path | None = None
    column: Path | None = None
    after: Label | None = None
    before: Label | None = None
    unit: FieldUnit | None = None
    decimals: Decimals | None = None
    overwrite: bool = False

    @model_validator(mode="after")
    def _has_an_anchor(self) -> BureauField:
        if self.row is None and self.column is None:
            raise ValueError("row, column")
        return self


class BureauColumn(Strict):
    """A column of the indicators' table."""

    header: Path
    unit: FieldUnit | None = None
    decimals: Decimals | None = None


class BureauIndicators(Strict):
    """The indicators' table.

    Attributes:
        columns: the header of each column, by name (INDICATOR_FIELDS).
        until: the label of the first row below the table.
        totals: what stands in that row, by the column that it stands in.
        placeholders: printed texts that stand for nothing; `#` is any number.
        words: what the form calls something that the mapping calls otherwise, by column.
        carry_down: columns whose blank cells mean the same as the cell above.
        after: only what stands below the row of this label is looked at.
        before: only what stands above the row of this label is looked at.
    """

    columns: dict[Key, BureauColumn]
    until: Path
    totals: dict[Key, Key] = {}
    placeholders: list[str] = []
    words: dict[Key, dict[str, str]] = {}
    carry_down: list[Key] = []
    after: Label | None = None
    before: Label | None = None

    @field_validator("columns", mode="before")
    @classmethod
    def _plain_headers(cls, raw: object) -> object:
        """A column of which nothing but its header is said may be that header."""
        if not isinstance(raw, dict):
            return raw
        return {key: column if isinstance(column, dict) else {"header": column} for key, column in raw.items()}


class BureauForm(Strict):
    """One form of the bureau.

    Attributes:
        file: its name in `bureau_forms/` beside the mapping.
        level: one form for the department, or one a project.
        sheet: the sheet's name, or its number from 1.
        blank: what is written where there is no figure; a text that is missing is left blank.
        ignore: pieces of printed text that are left out in comparisons, such as （万元）.
        fields: single figures.
        indicators: the table of indicators.
    """

    file: Label
    level: FormLevel
    sheet: Annotated[int, Field(ge=1)] | Label = 1
    blank: str = ""
    ignore: list[Label] = []
    fields: list[BureauField] = []
    indicators: BureauIndicators | None = None


class BureauForms(Strict):
    """All forms that the bureau prescribes."""

    schema_: Literal[1] = Field(alias="schema")
    forms: list[BureauForm] = []
