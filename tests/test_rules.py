"""Scoring rules (计分规则): the Excel formula and the Python function give the same score on every generated input."""

from __future__ import annotations

import io
import random
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter
import yaml

from jixiao_xl.files.recalc import Scalar, ironcalc_values, libreoffice_values
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import at_excel_precision
from jixiao_xl.model.rules import (
    Method,
    Nature,
    Operands,
    Parameters,
    Refs,
    Rule,
    RuleError,
    Value,
    Words,
    block_score,
    execution_formula,
    execution_score,
    grade,
    low_execution_cap,
    parse_steps,
    rule_for,
    worked_sum,
)
from tests.conftest import LONG

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
PER_RULE = 2000 if LONG else 700


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


@cache
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


# -- how a score came about --------------------------------------------------------------------------------------


def sentence(words: Words, mapping: Mapping) -> str:
    key, numbers = words
    return mapping.rule_texts[key].format_map(numbers)


def ends_with(text: str) -> Decimal | None:
    """The score with which a sentence ends, or None where it says that there is none."""
    if text.endswith("，没有得分"):
        return None
    last = re.search(r"(-?[\d.]+)( 分)?$", text)
    assert last, text
    return D(last[1])


def test_the_working_of_every_generated_case_ends_with_its_score(mapping: Mapping) -> None:
    """A section that asks “why 11.82?” is answered by the row itself, whatever it typed."""
    for case in all_cases(PER_RULE):
        text = sentence(case.rule.worked(operands(case.cells)), mapping)
        assert ends_with(text) == case.due, (text, case)


def test_every_sentence_of_a_working_is_reached(mapping: Mapping) -> None:
    """A sentence that no case reaches is wrong or not needed."""
    reached = {case.rule.worked(operands(case.cells))[0] for case in all_cases(PER_RULE)}
    sums = {key for key in mapping.rule_texts if key.startswith("worked_sum")}
    assert {key for key in mapping.rule_texts if key.startswith("worked")} - sums == reached


def computed(calculation: str) -> Decimal:
    """The value of `98.5÷100×12`, without the house's own arithmetic."""
    signs = calculation.translate({ord("×"): "*", ord("÷"): "/", ord("－"): "-"})
    return eval(re.sub(r"([\d.]+)(%?)", lambda n: f"D('{n[1]}')" + ("/D(100)" if n[2] else ""), signs), {"D": D})


def test_the_numbers_of_a_calculation_give_its_result(mapping: Mapping) -> None:
    """Computed anew from what is printed: a working with a wrong number in it would be worse than none."""
    checked = 0
    for case in all_cases(PER_RULE):
        text = sentence(case.rule.worked(operands(case.cells)), mapping)
        found = re.search(r"([\d.()×÷－%-]*[×÷－][\d.()×÷－%-]*)＝(-?[\d.]+)(…?)", text)
        if found and "|" not in text:
            value, due = computed(found[1]), D(found[2])
            assert abs(value - due) < max(D("0.000001") if found[3] else D("1e-9"), abs(value) * D("1e-13")), text
            checked += 1
    assert checked > 2.5 * PER_RULE


WORKED = [
    (Nature.AT_LEAST, Method.PROPORTION, {}, ("100", "98.5", "12"), "98.5÷100×12＝11.82"),
    (Nature.AT_LEAST, Method.PROPORTION, {}, ("3", "2", "10"), "2÷3×10＝6.666666…≈6.67"),
    (Nature.AT_LEAST, Method.PROPORTION, {}, ("100", "110", "12"), "110÷100×12＝13.2，最高 12，得 12 分"),
    (Nature.AT_LEAST, Method.PROPORTION, {}, ("100", "-5", "10"), "(-5)÷100×10＝-0.5，不足 0 按 0 计，得 0 分"),
    (Nature.AT_LEAST, Method.PROPORTION, {}, ("100", None, "10"), "实际完成值为空，没有得分"),
    (Nature.AT_LEAST, Method.PROPORTION, {}, ("100", "约96%", "10"), "实际完成值“约96%”不是数字，没有得分"),
    (Nature.AT_LEAST, Method.PROPORTION, {}, ("0", "5", "10"), "指标值 0 不大于 0，不能按比例计算，没有得分"),
    (
        Nature.AT_LEAST,
        Method.PROPORTION,
        {"over_limit": "30", "over_deduction": "2"},
        ("100", "130", "10"),
        "130÷100×10＝13，按 10 计；超过指标值 30% 及以上扣 2：10－2＝8",
    ),
    (Nature.AT_MOST, Method.PROPORTION, {}, ("100", "0", "10"), "完成值 0，得满分 10"),
    (Nature.AT_MOST, Method.PROPORTION, {}, ("16", "15.2", "20"), "16÷15.2×20＝21.052631…，最高 20，得 20 分"),
    (Nature.AT_LEAST, Method.DIRECT, {}, ("12", "12", "5"), "12≥12，达到指标值，得 5 分"),
    (Nature.AT_MOST, Method.DIRECT, {}, ("12", "12.01", "5"), "12.01>12，未达到指标值，得 0 分"),
    (Nature.EQUAL, Method.DIRECT, {}, ("100", "99", "5"), "99≠100，未达到指标值，得 0 分"),
    (
        Nature.EQUAL,
        Method.DIRECT,
        {"tolerance": "5"},
        ("100", "105", "5"),
        "与指标值 100 相差 5，不超过允许的 5，得 5 分",
    ),
    (Nature.EQUAL, Method.PROPORTION, {}, ("100", "90", "10"), "(100－|90－100|)÷100×10＝9"),
    (
        Nature.AT_MOST,
        Method.DEDUCTION,
        {"per": "0.5", "step": "1"},
        ("0", "2.3", "10"),
        "超出指标值 2.3，按 3 个 1 计：10－3×0.5＝8.5",
    ),
    (
        Nature.AT_LEAST,
        Method.DEDUCTION,
        {"per": "2", "step": "5"},
        ("100", "10", "10"),
        "低于指标值 90，按 18 个 5 计：10－18×2＝-26，扣完为止，得 0 分",
    ),
    (Nature.AT_LEAST, Method.STEPS, {"steps": "95:100;90:80"}, (None, "94.9", "5"), "94.9≥90，得分率 80%：5×80%＝4"),
    (
        Nature.RANGE,
        Method.DEDUCTION,
        {"low": "95", "high": "105", "per": "0.5", "step": "1"},
        (None, "93.5", "4"),
        "完成值 93.5 低于 95，差 1.5，按 2 个 1 计：4－2×0.5＝3",
    ),
    (Nature.DATE, Method.DIRECT, {}, ("45930", "45930", "2"), "2025-09-30 完成，不晚于 2025-09-30，得 2 分"),
    (
        Nature.DATE,
        Method.DEDUCTION,
        {"per_day": "0.1"},
        ("45930", "45933", "2"),
        "2025-10-03 完成，比 2025-09-30 晚 3 天：2－3×0.1＝1.7",
    ),
    (
        Nature.DATE,
        Method.DEDUCTION,
        {"per_day": "0.1"},
        ("45930", "国庆前", "2"),
        "实际完成值“国庆前”不是日期，没有得分",
    ),
]


@pytest.mark.parametrize(("nature", "method", "given", "cells", "due"), WORKED, ids=[case[-1] for case in WORKED])
def test_the_workings_that_an_officer_reads(
    nature: Nature,
    method: Method,
    given: dict[str, str],
    cells: tuple[str | None, str | None, str | None],
    due: str,
    mapping: Mapping,
) -> None:
    """Each could be written on the margin by hand."""
    steps = parse_steps(given.get("steps", ""))
    numbers = {name: D(value) for name, value in given.items() if name != "steps"}
    rule = rule_for(nature, method, Parameters(steps=steps, **numbers))
    target, actual, points = (None if cell is None else _number(cell) for cell in cells)

    assert sentence(rule.worked(Operands(target, actual, points, None, None)), mapping) == due


def test_the_working_of_a_band_says_which_one_was_chosen(mapping: Mapping) -> None:
    """The reviewer argues about the band, not about the product."""
    rule = rule_for(Nature.QUALITATIVE, Method.BANDS, Parameters())

    def worked(band: str | None, ratio: Value) -> str:
        return sentence(rule.worked(Operands("健全", "健全", D(3), band, ratio)), mapping)

    assert worked("达成", D("93.5")) == "评定“达成”，得分率 93.5%：3×93.5%＝2.805≈2.81"
    assert worked("　", D(95)) == "没有评定等次，没有得分"
    assert worked("达成", None) == "得分率为空，没有得分"
    assert worked("达成", D(101)) == "得分率 101 不在 0 至 100 之间，没有得分"


def test_a_sum_is_written_out_and_a_long_one_shortened(mapping: Mapping) -> None:
    """Every term of a block; of sixteen indicators the first four; a gap is named, because it counts 0."""

    def worked(*scores: str | None) -> str:
        return sentence(worked_sum([None if score is None else D(score) for score in scores]), mapping)

    assert worked("11.82", "10", "11.63") == "11.82＋10.00＋11.63＝33.45"
    assert worked(*["1.5"] * 7) == "1.50＋1.50＋1.50＋1.50＋…（共 7 项）＝10.50"
    assert worked("11.82") == "只有一项 11.82"
    assert worked("11.82", None) == "有 1 项没有得分，未计入：11.82＝11.82"
    assert worked(None, *["1.5"] * 7) == "有 1 项没有得分，未计入：1.50＋1.50＋1.50＋1.50＋…（共 7 项）＝10.50"
    assert worked(None, None) == "各项都没有得分，合计 0.00"


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
