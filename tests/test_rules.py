"""Scoring rules (计分规则): the Excel formula and the Python function give the same score on every generated input."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
import yaml

from jixiao_xl.files.recalc import Scalar, ironcalc_values, libreoffice_values
from jixiao_xl.model.money import at_excel_precision
from jixiao_xl.model.rules import (
    Method,
    Nature,
    Operands,
    Parameters,
    Refs,
    Rule,
    RuleError,
    block_score,
    execution_formula,
    execution_score,
    grade,
    low_execution_cap,
    parse_steps,
    rule_for,
)

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "scoring.yaml").read_text(encoding="utf-8"))
Content = float | str | None
D = Decimal

RULES: list[tuple[str, Rule]] = [
    ("at_least_proportion", rule_for(Nature.AT_LEAST, Method.PROPORTION, Parameters())),
    ("at_least_over", rule_for(Nature.AT_LEAST, Method.PROPORTION, Parameters(over_limit=D(30), over_deduction=D(2)))),
    ("at_most_proportion", rule_for(Nature.AT_MOST, Method.PROPORTION, Parameters())),
    ("at_least_direct", rule_for(Nature.AT_LEAST, Method.DIRECT, Parameters())),
    ("at_most_direct", rule_for(Nature.AT_MOST, Method.DIRECT, Parameters())),
    ("equal_direct", rule_for(Nature.EQUAL, Method.DIRECT, Parameters(tolerance=D(5)))),
    ("equal_proportion", rule_for(Nature.EQUAL, Method.PROPORTION, Parameters(tolerance=D("2.5")))),
    ("bands", rule_for(Nature.QUALITATIVE, Method.BANDS, Parameters())),
    ("at_least_steps", rule_for(Nature.AT_LEAST, Method.STEPS, Parameters(steps=parse_steps("95:100;90:80;80:60")))),
    ("at_most_steps", rule_for(Nature.AT_MOST, Method.STEPS, Parameters(steps=parse_steps("0:100;10:80;20:60;30:40")))),
    ("at_least_deduction", rule_for(Nature.AT_LEAST, Method.DEDUCTION, Parameters(per=D(2), step=D(5)))),
    ("at_most_deduction", rule_for(Nature.AT_MOST, Method.DEDUCTION, Parameters(per=D("0.5"), step=D("0.3")))),
    ("range_direct", rule_for(Nature.RANGE, Method.DIRECT, Parameters(low=D(95), high=D("105.5")))),
    (
        "range_deduction",
        rule_for(Nature.RANGE, Method.DEDUCTION, Parameters(low=D(95), high=D(105), per=D("0.2"), step=D(1))),
    ),
    ("date_direct", rule_for(Nature.DATE, Method.DIRECT, Parameters())),
    ("date_deduction", rule_for(Nature.DATE, Method.DEDUCTION, Parameters(per_day=D("0.15")))),
]
PER_RULE = 2000


@dataclass(frozen=True)
class Case:
    """One row: target, actual, points, band, ratio, and the score that Python gives."""

    rule: Rule
    cells: tuple[Content, ...]
    due: Decimal | None


def odd(seed: random.Random) -> Content:
    return seed.choice((None, " ", "　", "95", "完成", 0.0, -1.0, -0.005, 1e-9, 1e12))


def number(seed: random.Random, target: float | None = None) -> Content:
    """Thresholds, halves at the third decimal, tenths that no double holds, and what people type by mistake."""
    match seed.randrange(8):
        case 0:
            return odd(seed)
        case 1 if target:
            return target * seed.choice((1.0, 0.9, 1.3, 0.95, 1.05, 1.025))
        case 2 if target:
            return target + seed.choice((0.1, -0.1, 0.3, 0.6, -5.0, 5.0, 10.0, 1e-9))
        case 3:
            return seed.randrange(0, 40_000) / 200
        case 4:
            return 0.1 * seed.randrange(0, 1_500)
        case _:
            return float(seed.randrange(0, 130))


def cases(rule: Rule, name: str, count: int) -> list[Case]:
    seed = random.Random(name)
    made: list[Case] = []
    for _ in range(count):
        target = number(seed)
        known = target if isinstance(target, float) else None
        actual = number(seed, known or 100.0)
        if name.startswith("date"):
            target = 45930.0 if seed.random() < 0.9 else target
            actual = 45930.0 + seed.randrange(-20, 60) if seed.random() < 0.9 else actual
        points: Content = seed.choice((10.0, 5.0, 2.0, 12.5, 0.35, 8.0, 15.0)) if seed.random() < 0.95 else odd(seed)
        band: Content = (
            seed.choice(("达成", "部分达成", "未达成")) if seed.random() < 0.9 else seed.choice((None, " ", "　"))
        )
        ratio: Content = seed.randrange(0, 2_200) / 20 if seed.random() < 0.9 else odd(seed)
        cells = (target, actual, points, band, ratio)
        made.append(Case(rule, cells, rule.score(operands(cells))))
    return made


def operands(cells: tuple[Content, ...]) -> Operands:
    target, actual, points, band, ratio = (
        c if c is None or isinstance(c, str) else at_excel_precision(c) for c in cells
    )
    return Operands(target, actual, points, None if band is None else str(band), ratio)


def formula(case: Case, row: int) -> str:
    return "=" + case.rule.formula(Refs(*(f"{letter}{row}" for letter in "ABCDE")))


def all_cases(count: int) -> list[Case]:
    return [case for name, rule in RULES for case in cases(rule, name, count)]


def disagreements(made: list[Case], values: dict[str, Scalar]) -> list[tuple[Case, Scalar]]:
    wrong: list[tuple[Case, Scalar]] = []
    for row, case in enumerate(made, start=1):
        found = values.get(f"G{row}")
        due = "" if case.due is None else float(case.due)
        if found != due and not (due == "" and found is None):
            wrong.append((case, found))
    return wrong


@pytest.mark.office
def test_libreoffice_and_python_give_the_same_score(soffice: str) -> None:
    """The section's workbook and the office's computation must never differ by a rounding."""
    made = all_cases(PER_RULE)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        page = book.add_worksheet("S")
        for row, case in enumerate(made, start=1):
            for column, content in enumerate(case.cells):
                if content is not None:
                    page.write(row - 1, column, content)
            page.write_formula(row - 1, 6, formula(case, row), None, 0)
    values = libreoffice_values(soffice, [target.getvalue()])[0]["S"]
    assert disagreements(made, values) == []


def test_ironcalc_and_python_give_the_same_score() -> None:
    """So does the engine that recomputes where there is no LibreOffice."""
    made = all_cases(PER_RULE)
    sheet: dict[str, float | str] = {}
    for row, case in enumerate(made, start=1):
        sheet |= {f"{letter}{row}": c for letter, c in zip("ABCDE", case.cells, strict=True) if c is not None}
        sheet[f"G{row}"] = formula(case, row)
    assert disagreements(made, ironcalc_values({"S": sheet})["S"]) == []


def test_every_rule_is_met_missed_and_not_applicable_in_the_cases() -> None:
    """A generator that never reaches a threshold would prove nothing."""
    for name, rule in RULES:
        scores = [case.due for case in cases(rule, name, PER_RULE)]
        assert None in scores, name
        assert len({score for score in scores if score is not None}) >= 4, name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_cases_that_an_officer_can_read(case: dict[str, object]) -> None:
    """tests/cases/scoring.yaml: computed by hand, one line a rule of the documents."""
    values = {key: str(value) for key, value in case.items()}
    parameters = Parameters(
        steps=parse_steps(values["steps"]) if "steps" in values else (),
        **{
            key: D(values[key])
            for key in ("tolerance", "low", "high", "per", "step", "per_day", "over_limit", "over_deduction")
            if key in values
        },
    )
    rule = rule_for(Nature(values["nature"]), Method(values["method"]), parameters)

    def cell(key: str) -> Decimal | str | None:
        if key not in case:
            return None
        return values[key] if isinstance(case[key], str) and key == "text" else _number(values[key])

    score = rule.score(Operands(cell("target"), cell("actual"), cell("points"), values.get("band"), cell("band_ratio")))
    assert score == (None if values["score"] == "无" else D(values["score"]))


def _number(text: str) -> Decimal | str:
    try:
        return D(text)
    except ArithmeticError:
        return text


@pytest.mark.parametrize(
    ("nature", "method", "parameters"),
    [
        (Nature.QUALITATIVE, Method.PROPORTION, Parameters()),
        (Nature.DATE, Method.STEPS, Parameters()),
        (Nature.AT_LEAST, Method.STEPS, Parameters()),
        (Nature.AT_LEAST, Method.DEDUCTION, Parameters(per=D(1))),
        (Nature.AT_MOST, Method.DEDUCTION, Parameters(per=D(1), step=D(0))),
        (Nature.RANGE, Method.DIRECT, Parameters(low=D(2), high=D(1))),
        (Nature.RANGE, Method.BANDS, Parameters(low=D(1), high=D(2))),
        (Nature.DATE, Method.DEDUCTION, Parameters()),
    ],
)
def test_a_rule_without_its_parameters_is_refused(nature: Nature, method: Method, parameters: Parameters) -> None:
    """Better no workbook than one that scores by a guess."""
    with pytest.raises(RuleError):
        rule_for(nature, method, parameters)


@pytest.mark.parametrize("text", ["0-100", "0:x", "a:1;", "1:2:3"])
def test_steps_that_cannot_be_read_are_refused(text: str) -> None:
    """A slip in the mapping must not become a missing step."""
    with pytest.raises(RuleError):
        parse_steps(text)


@pytest.mark.parametrize(
    ("executed", "budget", "due"),
    [
        ("86.2", "100", "8.62"),
        ("120", "100", "10.00"),
        ("0", "100", "0.00"),
        ("0", "0", None),
        ("5", "0", None),
        ("37.24", "43.2", "8.62"),
        ("-1", "100", "0.00"),
    ],
)
def test_execution_follows_the_adjusted_budget(executed: str, budget: str, due: str | None) -> None:
    """E13; 廊坊's form showed 9 where 86.20 % of 10 is 8.62."""
    assert execution_score(D(10), D(executed), D(budget)) == (None if due is None else D(due))
    found = ironcalc_values(
        {"S": {"A1": 10.0, "B1": float(executed), "C1": float(budget), "D1": "=" + execution_formula("A1", "B1", "C1")}}
    )
    assert found["S"]["D1"] in ((None, "") if due is None else (float(due),))


def test_a_block_is_the_weighted_mean_of_its_sections() -> None:
    """20 points, 45 of 60 and 30 of 30 at double weight: 20 × (0.75 + 2 × 1) ÷ 3 = 18.33."""
    assert block_score(D(20), [(D(45), D(60), D(1)), (D(30), D(30), D(2))]) == D("18.33")
    assert block_score(D(20), []) is None


@pytest.mark.parametrize(
    ("total", "word"),
    [("100", "优"), ("90", "优"), ("89.99", "良"), ("80", "良"), ("60", "中"), ("59.99", "差"), ("0", "差")],
)
def test_the_grade_follows_the_shown_total(total: str, word: str) -> None:
    """优 [90,100], 良 [80,90), 中 [60,80), 差 below."""
    assert grade(D(total), [(D(90), "优"), (D(80), "良"), (D(60), "中"), (D(0), "差")]) == word


def test_low_execution_caps_a_project_where_the_bureau_says_so() -> None:
    """One province: below 80 % at most 89, below 50 % at most 59."""
    caps = [(D(80), D(89)), (D(50), D(59))]
    assert low_execution_cap(D(96), D("79.99"), caps) == 89
    assert low_execution_cap(D(96), D(80), caps) == 96
    assert low_execution_cap(D(96), D(10), caps) == 59
