"""checks.yaml (审核公式): conditions that a workbook must meet."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from jixiao_xl.model.findings import Severity
from jixiao_xl.model.mapping.base import Exact, Key, Level, Strict

CheckKind = Literal["基本平衡", "逻辑性", "核实性"]


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
