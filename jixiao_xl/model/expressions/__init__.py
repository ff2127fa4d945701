"""Expressions (算式): one definition of a check or a total, two evaluations: an Excel formula and a Python value."""

from jixiao_xl.model.expressions.evaluate import check_numbers, evaluate_check, evaluate_condition, evaluate_number
from jixiao_xl.model.expressions.grammar import (
    CheckExpression,
    Expression,
    ExpressionError,
    Name,
    Operand,
    parse_condition,
    parse_number,
)
from jixiao_xl.model.expressions.render import check_formula, value_formula

__all__ = [
    "CheckExpression",
    "Expression",
    "ExpressionError",
    "Name",
    "Operand",
    "check_formula",
    "check_numbers",
    "evaluate_check",
    "evaluate_condition",
    "evaluate_number",
    "parse_condition",
    "parse_number",
    "value_formula",
]
