"""appendix.yaml (附表): the rows of funds in the self-evaluation forms of the department and of a project."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jixiao_xl.model.mapping.base import Key, Strict


class FundRow(Strict):
    """A row of funds: how its amounts are computed from the workbook, in 元; without `value` nobody knows them.

    Attributes:
        key: its English name; the total's is `total`.
        label: what the form prints.
        by: by source of the money, or by nature of the spending; None for the total.
        value: an expression over cells; `{column}` stands for budget_initial, budget_adjusted and actual in turn.
        sum_of: the rows that add up to it.
    """

    key: Key
    label: str
    by: Literal["source", "nature"] | None = None
    value: str | None = None
    sum_of: list[Key] = []


class Appendix(Strict):
    """Both forms' rows of funds."""

    schema_: Literal[1] = Field(alias="schema")
    department_funds: Annotated[list[FundRow], Field(min_length=1)]
    project_funds: Annotated[list[FundRow], Field(min_length=1)]
