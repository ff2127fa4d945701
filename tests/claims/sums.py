"""Sums (合计): totals and their parts, balances, scores."""

from __future__ import annotations

import random
from decimal import Decimal

from tests.claims.blocks import PARTIAL, WRONG, Block, Spec, total
from tests.claims.figures import Figure, Style, amounts, count, plain, styles
from tests.claims.shares import CLOSED, OPEN, parts_of

TWO_CLOSED = [
    "{y}年{w}[W]，其中：{a}[A]，{b}[B]。",
    "{y}年{w}[W]，由{a}[A]和{b}[B]组成。",
    "{y}年{w}[W]（其中{a}[A]，{b}[B]）。",
    "{y}年{a}[A]，{b}[B]，合计[W]。",
    "{y}年{a}和{b}分别为[A]和[B]，合计[W]。",
    "{y}年{w}[W]。其中，{a}[A]；{b}[B]。",
    "{y}年{w}[W]。\n其中：{a}[A]，{b}[B]。",
    "{y}年{w}为[W]，包括{a}[A]、{b}[B]。",
    "{y}年{w}共计[W]，其中{a}为[A]，{b}为[B]。",
    "{y}年{a}[A]、{b}[B]，共计[W]。",
    "{y}年{w}构成为：{a}[A]，{b}[B]，总计[W]。",
]
THREE_OPEN = [
    "{y}年{w}[W]，其中：{a}[A]，{b}[B]，{c}[C]。",
    "{y}年{w}[W]，由{a}[A]、{b}[B]、{c}[C]构成。",
    "{y}年{a}[A]、{b}[B]、{c}[C]，合计[W]。",
    "{y}年{w}共计[W]，包括{a}[A]、{b}[B]、{c}[C]。",
    "{y}年{w}[W]。其中：{a}[A]；{b}[B]；{c}[C]。",
    "{y}年{w}[W]，具体如下：\n1.{a}[A]。\n2.{b}[B]。\n3.{c}[C]。",
    "{y}年{w}总计[W]，其中{a}[A]、{b}[B]、{c}[C]。",
    "{y}年{a}[A]，{b}[B]，{c}[C]，三项合计[W]。",
    "{y}年{w}[W]，主要包括：{a}[A]，{b}[B]，{c}[C]。",
    "{y}年{w}[W]，其中：（1）{a}[A]；（2）{b}[B]；（3）{c}[C]。",
]
SOME = [  # parts named, others left out
    "{y}年{w}[W]，其中：{a}[A]，{b}[B]。",
    "{y}年{w}[W]，其中{a}[A]、{b}[B]。",
    "{y}年{w}[W]。其中：{a}[A]；{b}[B]。",
]
PURCHASE = [
    "{y}年政府采购支出总额[W]，其中：政府采购货物支出[A]、政府采购工程支出[B]、政府采购服务支出[C]。",
    "{y}年度政府采购支出[W]，其中货物[A]，工程[B]，服务[C]。",
    "{y}年“三公”经费支出决算[W]，其中：因公出国（境）费[A]，公务用车购置及运行维护费[B]，公务接待费[C]。",
]
PEOPLE = [
    "年末在职人员[W]，其中：行政人员[A]，事业人员[B]，工勤人员[C]。",
    "现有在职职工[W]，包括行政编制[A]、事业编制[B]、工勤编制[C]。",
    "共有车辆[W]，其中：领导干部用车[A]、机要通信用车[B]、执法执勤用车[C]。",
]
BALANCE = [
    "{y}年收入总计[income]，支出总计[spent]，收支相抵，结余[rest]。",
    "{y}年收入合计[income]，支出合计[spent]，年末结转和结余[rest]。",
    "{y}年总收入[income]，总支出[spent]，收支相抵后结余[rest]。",
    "{y}年收入总计[income]，支出总计[spent]。\n收支相抵，年末结余[rest]。",
    "{y}年总收入[income]，总支出[spent]，年末结余[rest]。",
    "{y}年本年收入[income]，本年支出[spent]，收支结余[rest]。",
]
BALANCED = [
    "{y}年收入总计[income]，支出总计[spent]，收支平衡。",
    "{y}年度收入总计[income]，支出总计[spent]，收支相等。",
    "{y}年收入总计[income]。支出总计[spent]。收支平衡。",
]
CARRIED = [
    "{y}年年初结转和结余[open]，本年收入[income]，本年支出[spent]，年末结转和结余[rest]。",
    "年初结转[open]，本年收入[income]，本年支出[spent]，年末结转[rest]。",
    "{y}年初结转结余[open]，当年收入[income]，当年支出[spent]，年末结转结余[rest]。",
]
SCORES = [
    "自评总分[S]，其中：投入[A]，过程[B]，产出[C]，效果[D]。",
    "投入指标得[A]，过程指标得[B]，产出指标得[C]，效益指标得[D]，总得分[S]。",
    "综合得分[S]，其中决策类[A]、过程类[B]、产出类[C]、效益类[D]。",
    "自评得分为[S]。其中，决策[A]，管理[B]，产出[C]，效果[D]。",
    "投入[A]、过程[B]、产出[C]、效果[D]，合计[S]。",
    "经自评，总分[S]，其中投入[A]，过程[B]，产出[C]，满意度[D]。",
    "决策[A]，过程[B]，产出[C]，效益[D]，总分为[S]。",
    "评价得分[S]，其中：项目决策[A]；项目管理[B]；项目产出[C]；项目效益[D]。",
    "部门整体支出自评得分[S]。其中：履职效能[A]，管理效率[B]，运行成本[C]，社会效应[D]。",
    "本次绩效自评综合评分[S]（投入[A]、过程[B]、产出[C]、效益[D]）。",
]


def amounts_of(style: Style, whole: Decimal, parts: list[Decimal]) -> dict[str, Figure]:
    """W and A, B, C."""
    return {"W": style.amount(whole)} | {key: style.amount(part) for key, part in zip("ABC", parts, strict=False)}


def total_block(chance: random.Random, _: str) -> Block:
    """A total and all of its parts."""
    style, year = styles(chance), chance.randrange(2019, 2026)
    whole = amounts(chance, style)
    kind = chance.randrange(3)
    if kind == 0:
        name, a, b = chance.choice(CLOSED)
        figures = amounts_of(style, whole, parts_of(chance, whole, 2))
        text = chance.choice(TWO_CLOSED).format(y=year, w=name, a=a, b=b)
        return Block(text, figures, (Spec(("total",), "W", (total("A", "B"),)),))
    figures = amounts_of(style, whole, parts_of(chance, whole, 3))
    if kind == 1:
        text = chance.choice(PURCHASE).format(y=year)
        return Block(text, figures, (Spec(("total",), "W", (total("A", "B", "C"),)),))
    name, a, b, c = chance.choice(OPEN)
    wording = chance.choice(THREE_OPEN)
    text = wording.format(y=year, w=name, a=a, b=b, c=c)
    listed = any(mark in wording for mark in ("其中", "包括", "具体如下"))
    return Block(text, figures, (Spec(("total",), "W", (total("A", "B", "C"),), short=PARTIAL if listed else None),))


def partial_block(chance: random.Random, _: str) -> Block:
    """Some parts of a total: no error, only partial."""
    style = styles(chance)
    name, a, b, _c = chance.choice(OPEN)
    whole = amounts(chance, style)
    parts = parts_of(chance, whole, 3)
    if parts[2] * 20 < whole:
        parts = [whole / 4, whole / 5]
    text = chance.choice(SOME).format(y=2024, w=name, a=a, b=b)
    return Block(text, amounts_of(style, whole, parts[:2]), (Spec(("total",), "W", verdicts=PARTIAL),), true_only=True)


def people_block(chance: random.Random, _: str) -> Block:
    """People and vehicles: integers are exact."""
    wording = chance.choice(PEOPLE)
    unit = "辆" if "车辆" in wording else "人"
    parts = [chance.randrange(11, 90) for _ in range(3)]
    figures = {key: count(part, unit) for key, part in zip("ABC", parts, strict=True)}
    figures["W"] = count(sum(parts), unit)
    return Block(wording, figures, (Spec(("total",), "W", (total("A", "B", "C"),), short=PARTIAL),))


def balance_block(chance: random.Random, _: str) -> Block:
    """Income, expenditure, and what is left."""
    style, year = styles(chance), chance.randrange(2019, 2026)
    income, opening = amounts(chance, style), amounts(chance, style)
    if chance.randrange(6) == 0:
        figures = {"income": style.amount(income), "spent": style.amount(income)}
        both = Spec(("balance",), "spent", (lambda v: v["income"],))
        return Block(chance.choice(BALANCED).format(y=year), figures, (both,))
    if chance.randrange(2):
        spent = (income * Decimal(chance.randrange(50, 95)) / 100).quantize(Decimal("0.01"))
        figures = {"income": style.amount(income), "spent": style.amount(spent), "rest": style.amount(income - spent)}
        wording = chance.choice(BALANCE)  # what was carried over from last year may be missing, but for 收支相抵
        fixed = "收支相抵" in wording
        spec = Spec(("balance",), "rest", (lambda v: v["income"] - v["spent"],), doubtful=not fixed)
        return Block(wording.format(y=year), figures, (spec,))
    spent = ((income + opening) * Decimal(chance.randrange(50, 95)) / 100).quantize(Decimal("0.01"))
    figures = {
        "open": style.amount(opening),
        "income": style.amount(income),
        "spent": style.amount(spent),
        "rest": style.amount(opening + income - spent),
    }
    spec = Spec(("balance",), "rest", (lambda v: v["open"] + v["income"] - v["spent"],))
    return Block(chance.choice(CARRIED).format(y=year), figures, (spec,))


FULL_MARKS = [
    "核算得分[S]，满分100分，其中产出[A]（满分60分）、效益[B]（满分30分）、满意度[C]（满分10分）。",
    "自评得分[S]，其中：产出指标满分60分，得[A]；效益指标满分30分，得[B]；满意度指标满分10分，得[C]。",
    "产出指标60分，得[A]；效益指标30分，得[B]；满意度指标10分，得[C]。综合得分[S]。",
]


def full_marks_block(chance: random.Random, _: str) -> Block:
    """Scores with the full marks beside them, which are no parts of the score."""
    marks = {"A": 60, "B": 30, "C": 10}
    scores = {key: Decimal(full) - Decimal(chance.randrange(20, 300)) / 100 for key, full in marks.items()}
    figures = {key: plain(score, 2, "分") for key, score in scores.items()}
    figures["S"] = plain(sum(scores.values(), Decimal(0)), 2, "分")
    wording = chance.choice(FULL_MARKS)
    spec = Spec(("score_sum", "total"), "S", (total("A", "B", "C"),), short=PARTIAL | WRONG)
    return Block(wording, figures, (spec,))


def score_block(chance: random.Random, _: str) -> Block:
    """Scores of the parts and of the whole."""
    scores = [Decimal(chance.randrange(1000, 2500)) / 100 for _ in range(4)]
    figures = {key: plain(score, 2, "分") for key, score in zip("ABCD", scores, strict=True)}
    figures["S"] = plain(sum(scores, Decimal(0)), 2, "分")
    spec = Spec(("score_sum", "total"), "S", (total("A", "B", "C", "D"),), short=PARTIAL | WRONG)
    return Block(chance.choice(SCORES), figures, (spec,))
