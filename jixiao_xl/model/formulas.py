"""Formula cells (公式单元格): each kind gives Excel's formula at a place and Python's own value.

The two are written apart for scores (`rules`) and from one definition for totals and checks (`expressions`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from jixiao_xl.model.expressions import (
    CheckExpression,
    Expression,
    check_formula,
    evaluate_check,
    evaluate_number,
    value_formula,
)
from jixiao_xl.model.rules import Operands, Refs, Rule

PASSED, FAILED, NOT_APPLICABLE = "√", "×", "—"
SCORED_NAMES: Final = (("target",), ("actual",), ("points",), ("band",), ("band_ratio",))

Value = Decimal | str | None
Name = tuple[str, ...]
Locate = Callable[[Name], str]
Lookup = Callable[[Name], Sequence[Value]]


class Formula(Protocol):
    """What a formula cell can say of itself; names are relative to the cell's own row."""

    def excel(self, locate: Locate) -> str:
        """The formula as Excel writes it, with `=`."""
        ...

    def value(self, lookup: Lookup) -> Value:
        """Python's own value: a number, a text, or None where Excel shows an empty string."""
        ...

    @property
    def names(self) -> tuple[Name, ...]:
        """Every cell and range that it reads."""
        ...


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A total, a change or a rate (合计、增减、比率)."""

    expression: Expression

    def excel(self, locate: Locate) -> str:
        """Guarded: an empty string where an operand is missing."""
        return "=" + value_formula(self.expression, locate)

    def value(self, lookup: Lookup) -> Value:
        """The number, or None where an operand is missing."""
        return evaluate_number(self.expression, lookup, text_in_sum="ignored")

    @property
    def names(self) -> tuple[Name, ...]:
        """The operands of the expression."""
        return tuple(operand.name for operand in self.expression.names)


@dataclass(frozen=True, slots=True)
class Scored:
    """A score by its rule (得分)."""

    rule: Rule

    def excel(self, locate: Locate) -> str:
        """The rule's own Excel formula over the cells of the row."""
        refs = Refs(*(locate(name) for name in self.names))
        return "=" + self.rule.formula(refs)

    def value(self, lookup: Lookup) -> Value:
        """The score with two decimals, or None where there is none."""
        return self.rule.score(operands(lookup))

    @property
    def names(self) -> tuple[Name, ...]:
        """The cells of the row that a rule may read."""
        return SCORED_NAMES


def operands(lookup: Lookup) -> Operands:
    """The operands of a scoring rule from the cells of its row."""
    target, actual, points, band, ratio = (lookup(name)[0] for name in SCORED_NAMES)
    return Operands(target, actual, points, band if band is None else str(band), ratio)


@dataclass(frozen=True, slots=True)
class Checked:
    """√, × or — of one check (自查)."""

    check: CheckExpression

    def excel(self, locate: Locate) -> str:
        """The check as a guarded formula."""
        return "=" + check_formula(self.check, locate)

    def value(self, lookup: Lookup) -> Value:
        """√, × or —."""
        return evaluate_check(self.check, lookup)

    @property
    def names(self) -> tuple[Name, ...]:
        """The operands of the check and of what explains it."""
        return self.check.names


@dataclass(frozen=True, slots=True)
class Counted:
    """The worst state of a column of checks (逐行检查的合并结果)."""

    table: str
    column: str

    def excel(self, locate: Locate) -> str:
        """× where one fails, √ where one passes, else —."""
        cells = locate((self.table, self.column))
        return f'=IF(COUNTIF({cells},"{FAILED}")>0,"{FAILED}",IF(COUNTIF({cells},"{PASSED}")>0,"{PASSED}","{NOT_APPLICABLE}"))'

    def value(self, lookup: Lookup) -> Value:
        """× where one fails, √ where one passes, else —."""
        states = lookup((self.table, self.column))
        return next((state for state in (FAILED, PASSED) if state in states), NOT_APPLICABLE)

    @property
    def names(self) -> tuple[Name, ...]:
        """The column."""
        return ((self.table, self.column),)


@dataclass(frozen=True, slots=True)
class Linked:
    """A link to the address that stands in the row (跳转)."""

    def excel(self, locate: Locate) -> str:
        """Empty where the row has no address."""
        address = locate(("address",))
        return f'=IF({address}="","",HYPERLINK("#"&{address},{address}))'

    def value(self, lookup: Lookup) -> Value:
        """The address itself is what the link shows."""
        return lookup(("address",))[0]

    @property
    def names(self) -> tuple[Name, ...]:
        """The address."""
        return (("address",),)
