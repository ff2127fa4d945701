"""Expressions (算式): Excel's formula and Python's value agree on every generated input, through two engines."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
import xlsxwriter

from jixiao_xl.files.cells import column_letter
from jixiao_xl.files.recalc import Scalar, ironcalc_values, libreoffice_values
from jixiao_xl.model.expressions import (
    CheckExpression,
    ExpressionError,
    Name,
    check_formula,
    evaluate_check,
    evaluate_number,
    parse_condition,
    parse_number,
    value_formula,
)
from jixiao_xl.model.form_builder import check_expression
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import at_excel_precision
from tests.conftest import LONG

Content = float | str | None
COLUMNS = ("a", "b", "c", "d", "note")
RANGE = (5, 6, 7)  # column numbers of the cells that `t.x` stands for
BLANKS: tuple[Content, ...] = (None, " ", "　")


def cell(seed: random.Random) -> Content:
    """A cell as offices fill it: amounts, rates at thresholds, halves, zeros, blanks and text."""
    kind = seed.randrange(12)
    if kind < 2:
        return seed.choice(BLANKS)
    if kind == 2:
        return seed.choice(("290", "完成", "约96%", "—"))
    if kind == 3:
        return float(seed.choice((0, 0, 1, -1, 100)))
    if kind < 7:
        return seed.randrange(-10_000, 200_000_000_000) / 100
    if kind < 9:
        return seed.randrange(0, 3_000) / 1000
    return float(seed.randrange(1, 200))


def row(seed: random.Random) -> list[Content]:
    """Five cells of a row and three of a range; often balanced, or exactly at a threshold."""
    cells = [cell(seed) for _ in range(5 + len(RANGE))]
    match seed.randrange(4):
        case 0:
            parts = [seed.randrange(0, 10_000_000) for _ in RANGE]
            cells[5:] = [part / 100 for part in parts]
            cells[0] = (sum(parts) + seed.choice((0, 0, 1))) / 100
        case 1:
            base = seed.randrange(1, 100_000)
            cells[1], cells[0] = float(base), base * seed.choice((9, 12, 8)) / 10
        case 2:
            cells[0], cells[1] = 0.1 * seed.randrange(1, 10) + 0.2, 0.3
        case _:
            pass
    cells[4] = seed.choice((None, " ", "　", "有原因", "x", 5.0))
    return cells


CHECKS = [
    CheckExpression(None, None, parse_number("sum(t.x)"), "==", parse_number("a"), Decimal(0), None),
    CheckExpression(None, None, parse_number("sum(t.x, b)"), "==", parse_number("a"), Decimal("0.01"), None),
    CheckExpression(None, parse_condition("round(a / b, 4) >= 0.9"), None, None, None, Decimal(0), ("note",)),
    CheckExpression(None, parse_condition("abs(a - b) < 0.2 * b"), None, None, None, Decimal(0), ("note",)),
    CheckExpression(parse_condition("c > 0"), parse_condition("a <= 1.3 * b"), None, None, None, Decimal(0), None),
    CheckExpression(None, parse_condition("a < b or blank(note) or c >= d"), None, None, None, Decimal(0), None),
    CheckExpression(None, parse_condition("not (a == b and not blank(c))"), None, None, None, Decimal(0), None),
    CheckExpression(
        parse_condition("not blank(note)"), None, parse_number("a"), "<=", parse_number("b + c"), Decimal("0.5"), None
    ),
    CheckExpression(
        parse_condition("sum(t.x, a) != 0"),
        None,
        parse_number("a / (b - c)"),
        ">",
        parse_number("d"),
        Decimal(0),
        ("note",),
    ),
]
NUMBERS = [
    parse_number(text)
    for text in (
        "sum(t.x, a)",
        "a - b",
        "round((a - b) / b, 4)",
        "round(a / b, 2)",
        "round(-(a + b) * c / (d - 1.5), 2)",
        "round(abs(a - b) / (c / d), 6)",
        "round(a * 0.335, 2)",
        "a - (b - (c - d))",
    )
]


def locator(number: int) -> Callable[[Name], str]:
    letters = {"a": "A", "b": "B", "c": "C", "d": "D", "note": "E"}

    def locate(name: Name) -> str:
        return f"F{number}:H{number}" if len(name) == 2 else f"{letters[name[0]]}{number}"

    return locate


def lookup(cells: Sequence[Content]) -> Callable[[Name], Sequence[Decimal | str | None]]:
    values = [c if c is None or isinstance(c, str) else at_excel_precision(c) for c in cells]

    def look(name: Name) -> Sequence[Decimal | str | None]:
        return values[5:] if len(name) == 2 else [values[COLUMNS.index(name[0])]]

    return look


def cases(count: int) -> list[tuple[list[Content], list[str], list[Scalar]]]:
    """Rows of cells, the formulas beside them, and what Python says of each."""
    seed = random.Random(20260424)
    made: list[tuple[list[Content], list[str], list[Scalar]]] = []
    for number in range(1, count + 1):
        cells = row(seed)
        check, value = CHECKS[number % len(CHECKS)], NUMBERS[number % len(NUMBERS)]
        formulas = ["=" + check_formula(check, locator(number)), "=" + value_formula(value, locator(number))]
        due = evaluate_number(value, lookup(cells), text_in_sum="ignored")
        expected: list[Scalar] = [evaluate_check(check, lookup(cells)), "" if due is None else float(due)]
        made.append((cells, formulas, expected))
    return made


def same(found: Scalar, expected: Scalar) -> bool:
    if expected == "":
        return found in ("", None)
    if isinstance(expected, float) and isinstance(found, float | int):
        return abs(found - expected) <= 1e-9 * max(1.0, abs(expected))
    return found == expected


def workbook(made: list[tuple[list[Content], list[str], list[Scalar]]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        page = book.add_worksheet("S")
        for number, (cells, formulas, _) in enumerate(made):
            for column, content in enumerate(cells):
                if content is not None:
                    page.write(number, column, content)
            for offset, formula in enumerate(formulas):
                page.write_formula(number, 9 + offset, formula, None, 0)
    return target.getvalue()


@pytest.mark.office
def test_libreoffice_and_python_agree_on_every_check_and_value(soffice: str) -> None:
    """自查 shows the section what the office will find."""
    made = cases(6000 if LONG else 2000)
    values = libreoffice_values(soffice, [workbook(made)])[0]["S"]
    wrong = [
        (cells, formula, values.get(f"{letter}{number}"), expected)
        for number, (cells, formulas, due) in enumerate(made, start=1)
        for letter, formula, expected in zip("JK", formulas, due, strict=True)
        if not same(values.get(f"{letter}{number}"), expected)
    ]
    assert wrong == []


def test_ironcalc_and_python_agree_on_every_check_and_value() -> None:
    """The engine that recomputes without Excel sees the same."""
    made = cases(2500 if LONG else 1000)
    sheet: dict[str, float | str] = {}
    for number, (cells, formulas, _) in enumerate(made, start=1):
        sheet |= {f"{'ABCDEFGH'[i]}{number}": c for i, c in enumerate(cells) if c is not None}
        sheet |= {f"J{number}": formulas[0], f"K{number}": formulas[1]}
    values = ironcalc_values({"S": sheet})["S"]
    wrong = [
        (cells, formula, values.get(f"{letter}{number}"), expected)
        for number, (cells, formulas, due) in enumerate(made, start=1)
        for letter, formula, expected in zip("JK", formulas, due, strict=True)
        if not same(values.get(f"{letter}{number}"), expected)
    ]
    assert wrong == []


def _operands(check: CheckExpression) -> list[Name]:
    parts = [part for part in (check.when, check.condition, check.left, check.right) if part is not None]
    names = [operand.name for part in parts for operand in part.names]
    return list(dict.fromkeys([*names, *([check.explained_by] if check.explained_by else [])]))


@pytest.mark.office
def test_every_check_of_the_mapping_says_the_same_in_libreoffice(soffice: str, mapping: Mapping) -> None:
    """Not only expressions like theirs: the very checks, each over its own operands, some hundred times."""
    seed = random.Random(7)
    expected: list[str] = []
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        page = book.add_worksheet("S")
        for check in mapping.checks:
            expression = check_expression(check)
            for _ in range(80):
                values = _filled(seed, _operands(expression))
                row, places = len(expected), dict[Name, str]()
                column = 1
                for name, contents in values.items():
                    letters = [column_letter(column + n + 1) for n in range(len(contents))]
                    places[name] = f"{letters[0]}{row + 1}" + (f":{letters[-1]}{row + 1}" if len(name) == 2 else "")
                    for content in contents:
                        if content is not None:
                            page.write(row, column, content)
                        column += 1
                page.write_formula(row, 0, "=" + check_formula(expression, places.__getitem__), None, 0)
                expected.append(evaluate_check(expression, _look(values)))
    found = libreoffice_values(soffice, [target.getvalue()])[0]["S"]
    wrong = [
        (row, due, found.get(f"A{row}")) for row, due in enumerate(expected, start=1) if found.get(f"A{row}") != due
    ]
    assert len(expected) >= 2_000
    assert wrong == []
    assert min(expected.count(state) for state in "√×—") > 200


def _filled(seed: random.Random, names: list[Name]) -> dict[Name, list[Content]]:
    """Mostly numbers that belong together, so that checks hold, fail and do not apply."""
    scale = seed.choice((1, 100, 10_000_000))
    values: dict[Name, list[Content]] = {}
    for name in names:
        number = float(seed.choice((0, 1, 1, 1, 2, 0.9, 1.3))) * scale
        one = seed.random() < 0.85
        values[name] = [number if one else cell(seed) for _ in range(3 if len(name) == 2 else 1)]
        if name[-1] in ("reason", "evidence", "band"):
            values[name] = [seed.choice((None, " ", "有", "　"))]
    return values


def _look(values: dict[Name, list[Content]]) -> Callable[[Name], Sequence[Decimal | str | None]]:
    return lambda name: [c if c is None or isinstance(c, str) else at_excel_precision(c) for c in values[name]]


def test_the_cases_reach_every_outcome() -> None:
    """A generator that only ever gives — would prove nothing."""
    outcomes = [expected[0] for _, _, expected in cases(6000)]
    assert min(outcomes.count(state) for state in "√×—") > 500


@pytest.mark.parametrize(
    "text",
    [
        "1 < a < 2",
        "a if b else c",
        "a ** 2",
        "a // b",
        "a % b",
        "open('x')",
        "sum()",
        "sum(1, a)",
        "abs(a, b)",
        "round(a)",
        "round(a, b)",
        "round(a, -1)",
        "a.b.c.d",
        "t.x",
        "blank(a)",
        "a < b",
        "'x'",
        "True",
        "1e5",
        "0x10",
        "[a]",
        "a + ",
        "lambda: a",
        "a and b",
        "__import__('os').system('x')",
    ],
)
def test_a_number_outside_the_grammar_is_refused(text: str) -> None:
    """A mapping is data: nothing in it is ever run."""
    with pytest.raises(ExpressionError):
        parse_number(text)


@pytest.mark.parametrize(
    "text", ["a", "a + b", "sum(t.x)", "a < b < c", "a in b", "a is b", "not a", "blank(t.x)", "1"]
)
def test_a_condition_outside_the_grammar_is_refused(text: str) -> None:
    """A number is no condition, and chained comparisons mean different things in Excel and Python."""
    with pytest.raises(ExpressionError):
        parse_condition(text)


def test_a_formula_reads_as_a_person_would_write_it() -> None:
    """Sections look at formulas; guards first, then the arithmetic."""
    formula = value_formula(
        parse_number("round(actual / budget, 4)"), lambda name: {"actual": "E5", "budget": "D5"}[name[0]]
    )
    assert formula == 'IF(COUNT(E5,D5)<2,"",IF(ROUND(D5,8)=0,"",ROUND(E5/D5,4)))'
