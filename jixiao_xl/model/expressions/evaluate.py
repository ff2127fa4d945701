"""Python's evaluation of expressions (求值): all operands are gathered first, and one that is missing stops the check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from typing import Final, Literal

from jixiao_xl.model.expressions.grammar import (
    Absolute,
    Binary,
    Blank,
    Cell,
    CheckExpression,
    Comparison,
    Condition,
    Expression,
    Joined,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Numeric,
    Rounded,
    Sum,
    gathered,
)
from jixiao_xl.model.money import half_up, is_blank

Value = Decimal | str | None
Lookup = Callable[[Name], Sequence[Value]]
TextInSum = Literal["stops", "ignored"]

COMPARED_PLACES: Final = 8  # both sides of a comparison are rounded to this many decimals, as in the Excel formula
PASSED, FAILED, NOT_APPLICABLE = "√", "×", "—"
_PRECISION: Final = 60


class _NotApplicable(Exception):
    """An operand is missing or is not a number, or something is divided by zero."""


def evaluate_number(expression: Expression, lookup: Lookup, text_in_sum: TextInSum = "stops") -> Decimal | None:
    """The number, or None where it does not apply: a blank or text operand, a division by zero."""
    return _number_or_none(expression.node, _Evaluation(lookup, text_in_sum))


def evaluate_condition(expression: Expression, lookup: Lookup) -> bool | None:
    """Whether it holds, or None where it does not apply."""
    return _holds_or_none(expression.node, _Evaluation(lookup, "stops"))


def evaluate_check(check: CheckExpression, lookup: Lookup) -> Literal["√", "×", "—"]:
    """√ where it holds or is explained, × where it fails, — where it does not apply."""
    evaluation = _Evaluation(lookup, "stops")
    if check.when is not None and _holds_or_none(check.when.node, evaluation) is not True:
        return NOT_APPLICABLE
    holds = _holds_or_none(check.test, evaluation)
    if holds is None:
        return NOT_APPLICABLE
    if not holds and check.explained_by is not None:
        holds = not is_blank(lookup(check.explained_by)[0])
    return PASSED if holds else FAILED


def check_numbers(check: CheckExpression, lookup: Lookup) -> tuple[Decimal, Decimal] | None:
    """Both sides of a check, for its message; None for a condition that has no two sides."""
    evaluation = _Evaluation(lookup, "stops")
    if check.left is not None and check.right is not None:
        sides = (check.left.node, check.right.node)
    elif check.condition is not None and isinstance(check.condition.node, Comparison):
        sides = (check.condition.node.left, check.condition.node.right)
    else:
        return None
    left, right = (_number_or_none(side, evaluation) for side in sides)
    return None if left is None or right is None else (left, right)


def _number_or_none(node: Node, evaluation: _Evaluation) -> Decimal | None:
    try:
        evaluation.gather(node)
        with localcontext(prec=_PRECISION):
            return evaluation.number(node)
    except _NotApplicable:
        return None


def _holds_or_none(node: Node, evaluation: _Evaluation) -> bool | None:
    try:
        evaluation.gather(node)
        with localcontext(prec=_PRECISION):
            return evaluation.holds(node)
    except _NotApplicable:
        return None


class _Evaluation:
    def __init__(self, lookup: Lookup, text_in_sum: TextInSum) -> None:
        self.lookup = lookup
        self.text_in_sum = text_in_sum

    def gather(self, node: Node) -> None:
        """Every operand must be there before anything is computed: no short-circuit hides a gap."""
        for part in gathered(node):
            match part:
                case Sum():
                    self._sum(part)
                case Binary():
                    if not half_up(self.number(part.right), COMPARED_PLACES):
                        raise _NotApplicable
                case Cell():
                    self._cell(part)

    def number(self, node: Node) -> Decimal:
        match node:
            case Number():
                return node.value
            case Cell():
                return self._cell(node)
            case Sum():
                return self._sum(node)
            case Negative():
                return -self.number(node.of)
            case Absolute():
                return abs(self.number(node.of))
            case Rounded():
                return half_up(self.number(node.of), node.places)
            case Binary():
                return self._binary(node)
            case _:
                raise _NotApplicable

    def holds(self, node: Node) -> bool:
        match node:
            case Comparison():
                left = half_up(self.number(node.left), COMPARED_PLACES)
                right = half_up(self.number(node.right), COMPARED_PLACES)
                return _compare(node.op, left, right)
            case Blank():
                return is_blank(self.lookup(node.cell.name)[0])
            case Joined():
                results = [self.holds(part) for part in node.parts]
                return all(results) if node.op == "and" else any(results)
            case Not():
                return not self.holds(node.of)
            case _:
                raise _NotApplicable

    def _cell(self, cell: Cell) -> Decimal:
        value = self.lookup(cell.name)[0]
        if not isinstance(value, Decimal):
            raise _NotApplicable
        return value

    def _sum(self, node: Sum) -> Decimal:
        total = Decimal(0)
        for cell in node.cells:
            for value in self.lookup(cell.name):
                if isinstance(value, Decimal):
                    total += value
                elif self.text_in_sum == "stops" and not is_blank(value):
                    raise _NotApplicable
        return total

    def _binary(self, node: Binary) -> Decimal:
        left, right = self.number(node.left), self.number(node.right)
        match node.op:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                if not half_up(right, COMPARED_PLACES):
                    raise _NotApplicable
                return left / right


def _compare(op: str, left: Decimal, right: Decimal) -> bool:
    match op:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


__all__ = ["Condition", "Numeric", "check_numbers", "evaluate_check", "evaluate_condition", "evaluate_number"]
