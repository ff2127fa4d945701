"""Excel's side of expressions (生成公式): plain functions that Excel 2010, WPS, LibreOffice and ironcalc share.

A text beside a number would make a comparison pass (text is larger than any number), so every formula first counts
its operands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from jixiao_xl.model.expressions.evaluate import COMPARED_PLACES, FAILED, NOT_APPLICABLE, PASSED, TextInSum
from jixiao_xl.model.expressions.grammar import (
    Absolute,
    Binary,
    Blank,
    Cell,
    CheckExpression,
    Comparison,
    Expression,
    Joined,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Operand,
    Rounded,
    Sum,
    walk,
)
from jixiao_xl.model.money import plain

Locate = Callable[[Name], str]
_OPERATORS: Final = {"==": "=", "!=": "<>"}
_BINDING: Final = {"+": 1, "-": 1, "*": 2, "/": 2}


def value_formula(expression: Expression, locate: Locate, text_in_sum: TextInSum = "ignored") -> str:
    """The number, or an empty string where it does not apply; without `=`."""
    render = _Render(locate)
    return render.guarded(expression.node, expression.names, text_in_sum, '""', render.number(expression.node))


def check_formula(check: CheckExpression, locate: Locate) -> str:
    """√, × or —; without `=`."""
    render = _Render(locate)
    test = Expression("", check.test)
    outcome = _if(render.condition(test.node), f'"{PASSED}"', _failure(check, render))
    outcome = render.guarded(test.node, test.names, "stops", f'"{NOT_APPLICABLE}"', outcome)
    if check.when is None:
        return outcome
    outcome = _if(render.condition(check.when.node), outcome, f'"{NOT_APPLICABLE}"')
    return render.guarded(check.when.node, check.when.names, "stops", f'"{NOT_APPLICABLE}"', outcome)


def _failure(check: CheckExpression, render: _Render) -> str:
    if check.explained_by is None:
        return f'"{FAILED}"'
    return _if(render.blank(check.explained_by), f'"{FAILED}"', f'"{PASSED}"')


def _if(condition: str, yes: str, no: str) -> str:
    return f"IF({condition},{yes},{no})"


def _any(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else f"OR({','.join(conditions)})"


class _Render:
    def __init__(self, locate: Locate) -> None:
        self.locate = locate

    def guarded(
        self, node: Node, operands: Iterable[Operand], text_in_sum: TextInSum, otherwise: str, value: str
    ) -> str:
        """`value` where every operand is there and nothing is divided by zero, else `otherwise`.

        Operands are tested before denominators, inner denominators before outer ones: OR evaluates all its arguments.
        """
        for denominator in [part.right for part in walk(node) if isinstance(part, Binary) and part.op == "/"]:
            value = _if(f"ROUND({self.number(denominator)},{COMPARED_PLACES})=0", otherwise, value)
        missing = list(self._missing(list(operands), text_in_sum))
        return _if(_any(missing), otherwise, value) if missing else value

    def _missing(self, operands: list[Operand], text_in_sum: TextInSum) -> Iterable[str]:
        cells = list(dict.fromkeys(self.locate(operand.name) for operand in operands if operand.use == "plain"))
        if cells:
            yield f"COUNT({','.join(cells)})<{len(cells)}"
        if text_in_sum == "stops":
            yield from dict.fromkeys(self.has_text(self.locate(o.name)) for o in operands if o.use == "sum")

    @staticmethod
    def has_text(cells: str) -> str:
        """Whether a cell or a range holds text that is not white space alone."""
        if ":" in cells:
            return f'SUMPRODUCT(--(LEN(TRIM(SUBSTITUTE({cells},"　"," ")))>0))>COUNT({cells})'
        return f'AND(ISTEXT({cells}),LEN(TRIM(SUBSTITUTE({cells},"　"," ")))>0)'

    def blank(self, name: Name) -> str:
        """Whether a cell is empty or holds white space alone."""
        return f'LEN(TRIM(SUBSTITUTE({self.locate(name)},"　"," ")))=0'

    def number(self, node: Node, outer: int = 0) -> str:
        match node:
            case Number():
                return plain(node.value)
            case Cell():
                return self.locate(node.name)
            case Sum():
                return f"SUM({','.join(self.locate(cell.name) for cell in node.cells)})"
            case Negative():
                return f"(-{self.number(node.of, 3)})"
            case Absolute():
                return f"ABS({self.number(node.of)})"
            case Rounded():
                return f"ROUND({self.number(node.of)},{node.places})"
            case Binary():
                binding = _BINDING[node.op]
                text = f"{self.number(node.left, binding)}{node.op}{self.number(node.right, binding + 1)}"
                return f"({text})" if binding < outer else text
            case _:
                raise TypeError(node)

    def condition(self, node: Node) -> str:
        match node:
            case Comparison():
                left, right = (f"ROUND({self.number(side)},{COMPARED_PLACES})" for side in (node.left, node.right))
                return f"{left}{_OPERATORS.get(node.op, node.op)}{right}"
            case Blank():
                return self.blank(node.cell.name)
            case Joined():
                return f"{node.op.upper()}({','.join(self.condition(part) for part in node.parts)})"
            case Not():
                return f"NOT({self.condition(node.of)})"
            case _:
                raise TypeError(node)
