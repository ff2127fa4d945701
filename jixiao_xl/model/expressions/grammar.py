"""The grammar of expressions (算式语法): a small part of Python's, parsed by Python's own parser.

Names, numbers, `+ - * /`, one comparison, `and or not`, and the functions sum, abs, round, blank. Everything else is
refused with the piece that is not understood.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Final, Literal

from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError

Name = tuple[str, ...]
Use = Literal["plain", "sum", "blank"]
MAX_PARTS: Final = 3
COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ARITHMETIC: Final[dict[type[ast.operator], Literal["+", "-", "*", "/"]]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}


class ExpressionError(JixiaoError):
    """An expression outside the grammar; names the piece. `text` is the whole expression."""

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(reason)
        self.text = text


# -- the nodes: what an expression is made of ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """A literal, exactly as it was written."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Cell:
    """A name: one cell, or inside sum a range."""

    name: Name


@dataclass(frozen=True, slots=True)
class Negative:
    """Unary minus."""

    of: Numeric


@dataclass(frozen=True, slots=True)
class Binary:
    """Addition, subtraction, multiplication or division."""

    op: Literal["+", "-", "*", "/"]
    left: Numeric
    right: Numeric


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of cells and ranges; a blank counts 0."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Absolute:
    """Absolute value."""

    of: Numeric


@dataclass(frozen=True, slots=True)
class Rounded:
    """Rounded half-up to `places`."""

    of: Numeric
    places: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of two numbers."""

    op: str
    left: Numeric
    right: Numeric


@dataclass(frozen=True, slots=True)
class Blank:
    """Whether a cell is empty or holds white space alone."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions joined by and, or."""

    op: Literal["and", "or"]
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """A condition turned round."""

    of: Condition


Numeric = Number | Cell | Negative | Binary | Sum | Absolute | Rounded
Condition = Comparison | Blank | Joined | Not
Node = Numeric | Condition


@dataclass(frozen=True, slots=True)
class Operand:
    """A name in an expression, and how it is used there."""

    name: Name
    use: Use


@dataclass(frozen=True)
class Expression:
    """A parsed expression."""

    text: str
    node: Node

    @cached_property
    def names(self) -> tuple[Operand, ...]:
        """Every operand once, in order of reading."""
        return tuple(dict.fromkeys(_operands(self.node)))

    @cached_property
    def denominators(self) -> tuple[Numeric, ...]:
        """Everything that something is divided by."""
        return tuple(node.right for node in walk(self.node) if isinstance(node, Binary) and node.op == "/")

    def bound(self, bind: Callable[[Name], Name]) -> Expression:
        """The same expression with every name replaced."""
        return Expression(self.text, _bound(self.node, bind))


@dataclass(frozen=True, slots=True)
class CheckExpression:
    """A check as it is evaluated: a condition, or `left op right` within a tolerance.

    Attributes:
        when: the check applies only where this holds.
        condition: what must hold; or None, and then the sides:
        left: a number.
        op: the comparison.
        right: a number.
        tolerance: by how much the comparison may miss.
        explained_by: the cell whose text settles a failure.
    """

    when: Expression | None
    condition: Expression | None
    left: Expression | None
    op: str | None
    right: Expression | None
    tolerance: Decimal
    explained_by: Name | None

    @property
    def test(self) -> Condition:
        """The condition that must hold, tolerance included."""
        if self.condition is not None:
            return _condition_node(self.condition)
        if self.left is None or self.right is None or self.op is None:
            raise ExpressionError(texts.EXPRESSION_INCOMPLETE)
        left, right = _numeric_node(self.left), _numeric_node(self.right)
        if not self.tolerance:
            return Comparison(self.op, left, right)
        allowed = Number(self.tolerance)
        match self.op:
            case "==":
                return Comparison("<=", Absolute(Binary("-", left, right)), allowed)
            case "<" | "<=":
                return Comparison(self.op, left, Binary("+", right, allowed))
            case ">" | ">=":
                return Comparison(self.op, left, Binary("-", right, allowed))
            case _:
                return Comparison(self.op, left, right)

    @property
    def names(self) -> tuple[Name, ...]:
        """Every cell and range that the check reads, what explains it included."""
        parts = (self.when, self.condition, self.left, self.right)
        read = [operand.name for part in parts if part is not None for operand in part.names]
        return tuple(dict.fromkeys([*read, *([self.explained_by] if self.explained_by else [])]))

    def bound(self, bind: Callable[[Name], Name]) -> CheckExpression:
        """The same check with every name replaced."""
        return CheckExpression(
            self.when.bound(bind) if self.when else None,
            self.condition.bound(bind) if self.condition else None,
            self.left.bound(bind) if self.left else None,
            self.op,
            self.right.bound(bind) if self.right else None,
            self.tolerance,
            bind(self.explained_by) if self.explained_by else None,
        )


@lru_cache(maxsize=4096)
def parse_number(text: str) -> Expression:
    """An expression that gives a number.

    Raises:
        ExpressionError: outside the grammar, or a condition.
    """
    return Expression(text, _Parser(text).number(_tree(text)))


@lru_cache(maxsize=4096)
def parse_condition(text: str) -> Expression:
    """An expression that holds or does not.

    Raises:
        ExpressionError: outside the grammar, or a number.
    """
    return Expression(text, _Parser(text).condition(_tree(text)))


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it."""
    yield node
    for below in _below(node):
        yield from walk(below)


@lru_cache(maxsize=4096)
def gathered(node: Node) -> tuple[Cell | Sum | Binary, ...]:
    """What must be there before anything is computed: plain cells, sums, divisions; cells inside blank() may be empty."""
    if isinstance(node, Cell | Sum):
        return (node,)
    if isinstance(node, Blank):
        return ()
    own = (node,) if isinstance(node, Binary) and node.op == "/" else ()
    return (*(part for below in _below(node) for part in gathered(below)), *own)


# -- parsing ---------------------------------------------------------------------------------------------------


def _tree(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(texts.EXPRESSION_SYNTAX, text) from error


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text.strip()

    def _piece(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.text, node) or self.text

    def _refuse(self, node: ast.expr, reason: str = texts.EXPRESSION_PIECE) -> ExpressionError:
        return ExpressionError(reason.format(piece=self._piece(node)), self.text)

    def number(self, node: ast.expr) -> Numeric:
        match node:
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                return Number(self._literal(node))
            case ast.Name() | ast.Attribute():
                return self._cell(node, ranges=False)
            case ast.UnaryOp(op=ast.USub()):
                return Negative(self.number(node.operand))
            case ast.BinOp() if type(node.op) in _ARITHMETIC:
                return Binary(_ARITHMETIC[type(node.op)], self.number(node.left), self.number(node.right))
            case ast.Call():
                return self._call(node)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                raise self._refuse(node, texts.EXPRESSION_NOT_A_NUMBER)
            case _:
                raise self._refuse(node)

    def condition(self, node: ast.expr) -> Condition:
        match node:
            case ast.Compare(ops=[op], comparators=[right]) if type(op) in COMPARISONS:
                return Comparison(COMPARISONS[type(op)], self.number(node.left), self.number(right))
            case ast.Compare():
                raise self._refuse(node, texts.EXPRESSION_CHAINED)
            case ast.BoolOp():
                joiner = "and" if isinstance(node.op, ast.And) else "or"
                return Joined(joiner, tuple(self.condition(value) for value in node.values))
            case ast.UnaryOp(op=ast.Not()):
                return Not(self.condition(node.operand))
            case ast.Call(func=ast.Name(id="blank"), args=[argument], keywords=[]):
                return Blank(self._cell(argument, ranges=False))
            case _:
                raise self._refuse(node, texts.EXPRESSION_NOT_A_CONDITION)

    def _literal(self, node: ast.Constant) -> Decimal:
        piece = self._piece(node).replace("_", "")
        if not piece.replace(".", "", 1).isdigit():
            raise self._refuse(node)
        return Decimal(piece)

    def _call(self, node: ast.Call) -> Numeric:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self._refuse(node)
        match node.func.id, node.args:
            case "sum", [_, *_] as cells:
                return Sum(tuple(self._cell(cell, ranges=True) for cell in cells))
            case "abs", [value]:
                return Absolute(self.number(value))
            case "round", [value, ast.Constant(value=int() as places)] if 0 <= places <= 10:
                return Rounded(self.number(value), places)
            case _:
                raise self._refuse(node)

    def _cell(self, node: ast.expr, *, ranges: bool) -> Cell:
        """A dotted name; `table.column` denotes a range and stands inside sum only."""
        parts: list[str] = []
        step: ast.expr = node
        while isinstance(step, ast.Attribute):
            parts.append(step.attr)
            step = step.value
        if not isinstance(step, ast.Name):
            raise self._refuse(node)
        name = (step.id, *reversed(parts))
        if len(name) > MAX_PARTS or (len(name) == MAX_PARTS - 1 and not ranges):
            raise self._refuse(node, texts.EXPRESSION_NAME)
        return Cell(name)


# -- going through an expression -------------------------------------------------------------------------------


def _below(node: Node) -> tuple[Node, ...]:
    match node:
        case Binary() | Comparison():
            return (node.left, node.right)
        case Negative() | Absolute() | Rounded() | Not():
            return (node.of,)
        case Sum():
            return node.cells
        case Joined():
            return node.parts
        case Blank():
            return (node.cell,)
        case _:
            return ()


def _operands(node: Node) -> Iterator[Operand]:
    match node:
        case Cell():
            yield Operand(node.name, "plain")
        case Sum():
            yield from (Operand(cell.name, "sum") for cell in node.cells)
        case Blank():
            yield Operand(node.cell.name, "blank")
        case _:
            for below in _below(node):
                yield from _operands(below)


def _bound(node: Node, bind: Callable[[Name], Name]) -> Node:
    match node:
        case Number():
            return node
        case Joined():
            return Joined(node.op, tuple(_as_condition(_bound(part, bind)) for part in node.parts))
        case Not():
            return Not(_as_condition(_bound(node.of, bind)))
        case Blank():
            return Blank(Cell(bind(node.cell.name)))
        case Comparison():
            return Comparison(node.op, _as_numeric(_bound(node.left, bind)), _as_numeric(_bound(node.right, bind)))
        case _:
            return _bound_numeric(node, bind)


def _bound_numeric(node: Numeric, bind: Callable[[Name], Name]) -> Numeric:
    match node:
        case Cell():
            return Cell(bind(node.name))
        case Negative():
            return Negative(_bound_numeric(node.of, bind))
        case Absolute():
            return Absolute(_bound_numeric(node.of, bind))
        case Rounded():
            return Rounded(_bound_numeric(node.of, bind), node.places)
        case Binary():
            return Binary(node.op, _bound_numeric(node.left, bind), _bound_numeric(node.right, bind))
        case Sum():
            return Sum(tuple(Cell(bind(cell.name)) for cell in node.cells))
        case Number():
            return node


def _as_condition(node: Node) -> Condition:
    if isinstance(node, Comparison | Blank | Joined | Not):
        return node
    raise ExpressionError(texts.EXPRESSION_INCOMPLETE)


def _as_numeric(node: Node) -> Numeric:
    if isinstance(node, Comparison | Blank | Joined | Not):
        raise ExpressionError(texts.EXPRESSION_INCOMPLETE)
    return node


def _condition_node(expression: Expression) -> Condition:
    return _as_condition(expression.node)


def _numeric_node(expression: Expression) -> Numeric:
    return _as_numeric(expression.node)
