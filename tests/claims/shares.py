"""Shares, completion, percentage points (占比、完成率、百分点)."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import pairwise

from tests.claims.blocks import BEYOND, PARTIAL, WRONG, Block, Spec, Way, hundred, share, total
from tests.claims.figures import Figure, Style, amounts, count, styles

CLOSED = [  # (whole, its two parts): nothing else belongs to the whole
    ("本年支出合计", "基本支出", "项目支出"),
    ("总支出", "基本支出", "项目支出"),
    ("基本支出", "人员经费", "公用经费"),
]
OPEN = [
    ("财政拨款支出", "教育支出", "卫生健康支出", "农林水支出"),
    ("本年收入合计", "财政拨款收入", "事业收入", "其他收入"),
    ("一般公共预算支出", "社会保障和就业支出", "住房保障支出", "城乡社区支出"),
    ("资产总额", "流动资产", "固定资产", "无形资产"),
    ("专项资金", "设备购置费", "技术服务费", "宣传费"),
    ("日常公用经费", "办公费", "差旅费", "劳务费"),
]
WHOLE_FIRST = [
    "{y}年{w}[W]，其中：{a}[A]，占[ra]；{b}[B]，占[rb]。",
    "{y}年{w}[W]，{a}[A]，占{w}的[ra]，{b}[B]，占{w}的[rb]。",
    "{y}年{w}[W]，{a}、{b}分别为[A]、[B]，占{w}的[ra]、[rb]。",
    "{y}年{w}[W]。{a}[A]，占比[ra]；{b}[B]，占比[rb]。",
    "{y}年{w}[W]，其中{a}[A]（占[ra]），{b}[B]（占[rb]）。",
    "{y}年{w}[W]。其中，{a}[A]，占{w}比重为[ra]；{b}[B]，占{w}比重为[rb]。",
    "{y}年{w}[W]。\n其中：{a}[A]，占{w}的[ra]；{b}[B]，占{w}的[rb]。",
    "在{y}年{w}[W]中，{a}[A]，占[ra]；{b}[B]，占[rb]。",
    "{y}年度{w}[W]，主要包括：{a}[A]，占[ra]；{b}[B]，占[rb]。",
    "{y}年{w}为[W]，其中{a}[A]，占{w}的比重为[ra]；{b}[B]，占[rb]。",
    "{y}年{w}[W]，{a}[A]，所占比例[ra]；{b}[B]，所占比例[rb]。",
]
ONE = [  # a single share
    "{y}年{a}[A]，占{w}[W]的[ra]。",
    "{y}年{w}[W]。{a}[A]，占{w}的[ra]。",
    "{y}年{w}为[W]。\n{a}[A]，占{w}的[ra]。",
    "{y}年{w}[W]，其中{a}[A]，占比[ra]。",
    "{y}年{w}[W]，{a}[A]，占全部{w}的[ra]。",
]
THREE = [
    "{y}年{a}、{b}、{c}分别为[A]、[B]和[C]，分别占{w}[W]的[ra]、[rb]和[rc]。",
    "{y}年{w}[W]，其中：{a}[A]，占[ra]；{b}[B]，占[rb]；{c}[C]，占[rc]。",
    "{y}年{w}[W]，{a}、{b}、{c}分别为[A]、[B]、[C]，占比分别为[ra]、[rb]、[rc]。",
    "{y}年{w}[W]，主要用于以下方面：{a}[A]，占[ra]；{b}[B]，占[rb]；{c}[C]，占[rc]。",
]
NO_WHOLE = [
    "{y}年{a}[A]，占{w}的[ra]。",
    "{y}年度{a}[A]，占{w}的比例为[ra]。",
    "{y}年，{a}占{w}的比重为[ra]。",
]
NOWHERE = [("专用经费", "检测费"), ("运转经费", "邮电费"), ("工作经费", "印刷费")]
COMPLETION = [
    "{m}年初预算[budget]，支出决算[actual]，完成年初预算的[rate]。",
    "{m}全年预算数[budget]，全年执行数[actual]，执行率[rate]。",
    "{m}预算安排[budget]，实际支出[actual]，预算执行率为[rate]。",
    "{m}决算数为[actual]，完成年初预算[budget]的[rate]。",
    "{m}预算数[budget]，实际支付[actual]，支付率[rate]。",
    "{m}年初预算为[budget]。支出决算为[actual]，为年初预算的[rate]。",
    "{m}调整预算数[budget]，决算数[actual]，完成调整预算的[rate]，决算数小于预算数的主要原因是厉行节约。",
    "{m}下达预算[budget]，已使用[actual]，资金使用率[rate]。",
    "{m}支出年初预算为[budget]，支出决算为[actual]，完成预算的[rate]。",
    "{m}年初预算[budget]，年末执行[actual]，预算完成率[rate]。",
    "{m}预算[budget]。\n{m}执行[actual]，执行率达到[rate]。",
    "{m}计划[budget]，实际完成[actual]，完成率[rate]。",
]
NO_BUDGET = [
    "{m}支出决算[actual]，完成年初预算的[rate]。",
    "{m}实际支出[actual]，预算执行率[rate]。",
]
POINTS = [
    "{y}年{m}[now]，{p}年{m}[then]，{u}[points]个百分点。",
    "{y}年{m}[now]，比上年的[then]{u}[points]个百分点。",
    "{m}由{p}年的[then]{u}到{y}年的[now]，{u}[points]个百分点。",
    "{p}年{m}[then]。{y}年{m}[now]，较上年{u}[points]个百分点。",
    "{y}年{m}为[now]，上年为[then]，{u}了[points]个百分点。",
    "{m}从[then]{u}至[now]，{u}[points]个百分点。",
    "{y}年{m}[now]，与上年[then]相比{u}[points]个百分点。",
    "{p}年{m}[then]。\n{y}年{m}[now]，比上年{u}[points]个百分点。",
    "{y}年{m}[now]（上年[then]），同比{u}[points]个百分点。",
    "{y}年{m}达到[now]，较{p}年[then]{u}[points]个百分点。",
]
RATES = ["群众满意度", "预算执行率", "资金支付率", "验收合格率", "公众知晓率", "案件办结率"]


def parts_of(chance: random.Random, whole: Decimal, how_many: int) -> list[Decimal]:
    """Random parts of a whole, to the cent."""
    cuts = sorted(chance.sample(range(500, 9500), how_many - 1))
    edges = [0, *cuts, 10000]
    cents = [(whole * (high - low) / 10000).quantize(Decimal("0.01")) for low, high in pairwise(edges)]
    return [*cents[:-1], whole - sum(cents[:-1], Decimal(0))]


def share_specs(keys: str) -> tuple[Spec, ...]:
    """A share of the whole for each part; where every part stands there, their sum is as good a whole."""

    def of_sum(key: str) -> Way:
        return lambda v: v[key] / total(*keys)(v) * hundred()

    return tuple(
        Spec(("share",), f"r{key.lower()}", (share(key, "W"), of_sum(key)) if len(keys) > 1 else (share(key, "W"),))
        for key in keys
    )


def share_block(chance: random.Random, _: str) -> Block:
    """A whole with parts and their shares."""
    style = styles(chance)
    year = chance.randrange(2019, 2026)
    whole = amounts(chance, style)
    kind = chance.randrange(4)
    if kind == 0:
        name, a, b, c = chance.choice(OPEN)
        wording, parts = chance.choice(THREE), parts_of(chance, whole, 3)
    elif kind == 1:
        name, a, b, c = chance.choice(OPEN)
        wording, parts = chance.choice(ONE), parts_of(chance, whole, 2)
    else:
        (name, a, b), c = chance.choice(CLOSED), ""
        wording, parts = chance.choice(WHOLE_FIRST), parts_of(chance, whole, 2)
    figures: dict[str, Figure] = {"W": style.amount(whole)}
    for key, part in zip("ABC", parts, strict=False):
        figures[key], figures[f"r{key.lower()}"] = style.amount(part), style.percent(part / whole)
    figures = {key: figure for key, figure in figures.items() if f"[{key}]" in wording}
    present = "".join(key for key in "ABC" if key in figures)
    specs = share_specs(present)
    if len(present) > 1:
        short = PARTIAL | WRONG if kind == 0 else None
        listed = any(mark in wording for mark in ("其中", "主要包括"))
        specs += (Spec(("total",), "W", (total(*present),), short=short, optional=kind == 0 and not listed),)
    return Block(wording.format(y=year, w=name, a=a, b=b, c=c), figures, specs)


def swapped_shares(chance: random.Random, _: str) -> Block | None:
    """A vector of shares in the wrong order: none of them holds, though each fits its neighbour."""
    style = styles(chance)
    whole = amounts(chance, style)
    name, a, b = chance.choice(CLOSED)
    parts = parts_of(chance, whole, 2)
    figures = {
        "W": style.amount(whole),
        "A": style.amount(parts[0]),
        "B": style.amount(parts[1]),
        "ra": style.percent(parts[1] / whole),
        "rb": style.percent(parts[0] / whole),
    }
    specs = tuple(Spec(("share",), key, verdicts=WRONG | BEYOND) for key in ("ra", "rb"))
    block = Block(WHOLE_FIRST[2].format(y=2024, w=name, a=a, b=b), figures, specs, true_only=True)
    return block if abs(figures["ra"].value - figures["rb"].value) > 5 else None


def share_without_whole(chance: random.Random, _: str) -> Block:
    """A share of something that the text does not say."""
    style = styles(chance)
    name, a = chance.choice([*NOWHERE, ("本年收入合计", "财政拨款收入")])
    figures = {
        "A": style.amount(amounts(chance, style)),
        "ra": style.percent(Decimal(chance.randrange(500, 9000)) / 10000),
    }
    wording = chance.choice(NO_WHOLE)
    figures = {key: figure for key, figure in figures.items() if f"[{key}]" in wording}
    specs = (Spec(("share",), "ra", verdicts=BEYOND, reason="no-base"),)
    return Block(wording.format(y=2018, w=name, a=a), figures, specs, true_only=True)


def share_of_another_year(chance: random.Random, _: str) -> Block:
    """The whole stands there, but of another year."""
    style = styles(chance)
    name, a = chance.choice(NOWHERE)
    whole = amounts(chance, style)
    figures = {"W": style.amount(whole), "A": style.amount(whole / 3), "ra": style.percent(Decimal("0.2871"))}
    specs = (Spec(("share",), "ra", verdicts=BEYOND),)
    return Block(f"2021年{name}[W]。\n2024年{a}[A]，占{name}的[ra]。", figures, specs, true_only=True)


def completion_block(chance: random.Random, measure: str) -> Block:
    """A budget, what was spent, and the rate."""
    style = styles(chance)
    budget = amounts(chance, style)
    actual = (budget * Decimal(chance.randrange(3000, 11500)) / 10000).quantize(Decimal("0.01"))
    figures = {"budget": style.amount(budget), "actual": style.amount(actual), "rate": style.percent(actual / budget)}
    specs = (Spec(("completion",), "rate", (share("actual", "budget"),)),)
    return Block(chance.choice(COMPLETION).format(m=measure), figures, specs)


def counted_completion(chance: random.Random, _: str) -> Block:
    """People and things against a plan."""
    name, unit, verb = chance.choice(
        [("培训", "人次", "实际培训"), ("检查", "家", "实际检查"), ("活动", "场", "实际开展")]
    )
    planned = chance.randrange(40, 900)
    done = planned * chance.randrange(60, 130) // 100
    figures = {
        "budget": count(planned, unit),
        "actual": count(done, unit),
        "rate": Style("元", 2, 2).percent(Decimal(done) / planned),
    }
    wording = chance.choice(
        ["计划{n}[budget]，{v}[actual]，完成率[rate]。", "{n}目标值[budget]，实际完成[actual]，完成率为[rate]。"]
    )
    specs = (Spec(("completion",), "rate", (share("actual", "budget"),)),)
    return Block(wording.format(n=name, v=verb), figures, specs)


def completion_without_budget(chance: random.Random, measure: str) -> Block:
    """A rate of completion whose budget does not stand there."""
    style = styles(chance)
    figures = {
        "actual": style.amount(amounts(chance, style)),
        "rate": style.percent(Decimal(chance.randrange(5000, 9900)) / 10000),
    }
    specs = (Spec(("completion",), "rate", verdicts=BEYOND, reason="no-base"),)
    return Block(chance.choice(NO_BUDGET).format(m=measure), figures, specs, true_only=True)


def points_block(chance: random.Random, _: str) -> Block:
    """Two rates and the points between them."""
    style = styles(chance)
    then, gap = Decimal(chance.randrange(4000, 8000)) / 10000, Decimal(chance.randrange(110, 1900)) / 10000
    up = chance.randrange(2) == 0
    now = then + gap if up else then - gap
    year = chance.randrange(2019, 2026)
    figures = {"then": style.percent(then), "now": style.percent(now), "points": style.percent(gap, "")}
    high, low = ("now", "then") if up else ("then", "now")
    word = chance.choice(["提高", "上升"]) if up else chance.choice(["下降", "降低"])
    wording = chance.choice(POINTS)
    return Block(
        wording.format(m=chance.choice(RATES), y=year, p=year - 1, u=word),
        figures,
        (Spec(("points",), "points", (lambda v: v[high] - v[low],)),),
    )


def points_alone(chance: random.Random, _: str) -> Block:
    """Points whose other rate is missing."""
    style = styles(chance)
    figures = {
        "now": style.percent(Decimal(chance.randrange(6000, 9900)) / 10000),
        "points": style.percent(Decimal("0.0213"), ""),
    }
    wording = chance.choice(["{m}[now]，较上年提高[points]个百分点。", "{m}为[now]，同比上升[points]个百分点。"])
    specs = (Spec(("points",), "points", verdicts=BEYOND),)
    return Block(wording.format(m=chance.choice(RATES)), figures, specs, true_only=True)
