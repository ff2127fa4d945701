"""Multiples, products, dates, and numbers of which nothing is claimed (倍数、乘积、日期、不核对的数)."""

from __future__ import annotations

import random
from decimal import Decimal

from jixiao_xl.model.claims import NumberClass
from tests.claims.blocks import HOLDS, WRONG, Block, Spec, hundred
from tests.claims.figures import ONE, Figure, Style, amounts, count, half_up, number, plain, styles

TIMES = [
    "{y}年{m}[cur]，是{p}年[prior]的[times]。",
    "{y}年{m}[cur]，为上年[prior]的[times]。",
    "{p}年{m}[prior]。{y}年{m}[cur]，是上年的[times]。",
    "{y}年{m}[cur]，{p}年{m}[prior]，为上年的[times]。",
    "{y}年{m}[cur]，相当于{p}年[prior]的[times]。",
]
GROWN = [
    "{m}由{p}年的[prior]增加到{y}年的[cur]，增长[times]。",
    "{p}年{m}[prior]，{y}年{m}[cur]，增长[times]。",
    "{y}年{m}[cur]，比上年[prior]增加[times]。",
    "{y}年{m}[cur]，上年[prior]，同比增长[times]。",
]
TENTHS = [
    "{y}年{m}[cur]，比上年[prior]减少{t}成。",
    "{y}年{m}[cur]，{p}年{m}[prior]，下降{t}成。",
    "{y}年{m}[cur]，较上年[prior]压减{t}成。",
]
DOUBLED = [
    "{p}年{m}[prior]，{y}年{m}[cur]，翻了一番。",
    "{y}年{m}[cur]，比上年[prior]翻一番。",
    "{m}由[prior]增加到[cur]，增长一倍。",
]
PRODUCTS = [  # (wording, unit of things, unit of the total)
    ("购置电脑[n]，单价[price]，共计[total]。", "台", "元"),
    ("发放补贴[n]，每人[price]，合计[total]。", "人", "元"),
    ("举办培训[n]，每期[price]，共支出[total]。", "期", "元"),
    ("补助标准[price]/人，补助[n]，共发放[total]。", "人", "元"),
    ("采购设备[n]，每套[price]，金额[total]。", "套", "元"),
    ("[n]×[price]=[total]。", "人", "元"),
    ("慰问困难群众[n]，每户[price]，共计[total]。", "户", "元"),
    ("聘用协管员[n]，人均[price]，共[total]。", "人", "元"),
    ("安装设备[n]，单价[price]，总价[total]。", "台", "元"),
    ("印制手册[n]，每册[price]，合计[total]。", "册", "元"),
    ("租用库房[n]，每间[price]，租金共计[total]。", "间", "元"),
]
DATES = [
    ("评价时间为{a}至{b}。", "2025年1月10日", "2025年3月20日"),
    ("自评工作自{a}开始，至{b}结束。", "2025年2月3日", "2025年4月15日"),
    ("评价时段：{a}—{b}。", "2024年1月1日", "2024年12月31日"),
    ("项目实施期为{a}至{b}。", "2023年5月", "2024年6月"),
    ("{a}至{b}，评价组开展现场核查。", "2025年3月6日", "2025年3月28日"),
]
ALONE: list[tuple[str, NumberClass]] = [
    ("机房配备主机[n]台。", "stated"),
    ("全年走访社区[n]个。", "stated"),
    ("辖区面积[n]平方公里。", "stated"),
    ("共收回问卷[n]份。", "stated"),
    ("受理群众来电[n]件。", "stated"),
    ("根据《关于开展绩效自评的通知》（财绩〔2024〕[n]号）要求开展自评。", "context"),
    ("联系电话：023-678912[n]。", "context"),
    ("详见附件[n]。", "context"),
    ("依据《中华人民共和国预算法》第[n]条。", "context"),
    ("（一）一般公共预算和“三公”经费管理情况。", "context"),
    ("一是健全制度；二是加强管理；三是严控一般性支出。", "context"),
    ("2025年[m]月[d]日召开绩效评价工作会议。", "context"),
    ("项目于2024年[m]月启动。", "context"),
    ("（[m]）部门职责。", "context"),
]


def digit(chance: random.Random) -> str:
    """2 to 9."""
    return chance.choice("23456789")


def times_block(chance: random.Random, measure: str) -> Block:
    """So many times last year's."""
    style, year = styles(chance), chance.randrange(2019, 2026)
    prior = amounts(chance, style)
    cur = (prior * Decimal(chance.randrange(180, 900)) / 100).quantize(Decimal("0.01"))
    grown = chance.randrange(2) == 0
    value = cur / prior - 1 if grown else cur / prior
    figures = {
        "cur": style.amount(cur),
        "prior": style.amount(prior),
        "times": plain(value, chance.choice([1, 2]), "倍"),
    }
    wording = chance.choice(GROWN if grown else TIMES)
    less = number(1 if grown else 0)
    return Block(
        wording.format(m=measure, y=year, p=year - 1),
        figures,
        (Spec(("multiple", "rate"), "times", (lambda v: v["cur"] / v["prior"] - less,)),),
    )


def numeral_block(chance: random.Random, measure: str) -> Block:
    """Chinese numerals: 两成, 一番, 百分之五, true and false."""
    year = chance.randrange(2019, 2026)
    style = Style("万元", 2, 2)
    prior = Decimal(chance.randrange(10000, 900000)) * 1000
    true = chance.randrange(2) == 0
    kind = chance.randrange(3)
    if kind == 0:
        tenth = chance.randrange(2, 7)
        factor = Decimal(10 - tenth) / 10 if true else Decimal(10 - tenth - 1) / 10
        stated, word = f"{'零一两三四五六'[tenth]}", "成"
        text = chance.choice(TENTHS).format(m=measure, y=year, p=year - 1, t="[t]")
    elif kind == 1:
        factor, stated, word = Decimal(2) if true else Decimal("2.6"), "一", ""
        text = (
            chance.choice(DOUBLED)
            .replace("一番", "[t]番")
            .replace("一倍", "[t]倍")
            .format(m=measure, y=year, p=year - 1)
        )
    else:
        five = chance.choice([5, 6, 8])
        factor = 1 + Decimal(five) / 100 if true else 1 + Decimal(five + 2) / 100
        stated, word = f"百分之{'零一二三四五六七八'[five]}", ""
        text = f"{year}年{measure}[cur]，{year - 1}年{measure}[prior]，增长[t]。"
    figures = {
        "cur": style.amount(prior * factor),
        "prior": style.amount(prior),
        "t": Figure(stated, word if not text.endswith("成。") else "", ONE, ONE, exact=True),
    }
    spec = Spec(("multiple", "rate"), "t", verdicts=HOLDS if true else WRONG)
    return Block(text, figures, (spec,), true_only=True)


def product_block(chance: random.Random, _: str) -> Block:
    """Price times number."""
    wording, things, unit = chance.choice(PRODUCTS)
    how_many, price = chance.randrange(11, 400), Decimal(chance.randrange(1100, 99000)) / 10
    price = half_up(price, ONE) if chance.randrange(2) else price
    style = Style(unit, 0 if price == half_up(price, ONE) else 2, 2)
    in_ten_thousands = chance.randrange(3) == 0
    result = price * how_many
    figures = {
        "n": count(how_many, things),
        "price": style.amount(price),
        "total": Style("万元", 2, 2).amount(result) if in_ten_thousands else style.amount(result),
    }
    return Block(wording, figures, (Spec(("product", "total"), "total", (lambda v: v["n"] * v["price"],)),))


def date_block(chance: random.Random, _: str) -> Block:
    """A stretch of time, its end before its beginning or not."""
    wording, first, last = chance.choice(DATES)
    if chance.randrange(2):
        return Block(wording.format(a=first, b=last), {})
    return Block(wording.format(a=last, b=first), {}, (Spec(("date_order",), "", verdicts=WRONG),), true_only=True)


def empty_block(chance: random.Random, measure: str) -> Block:
    """A figure that was never filled in."""
    style = styles(chance)
    whole = amounts(chance, style)
    figures = {"W": style.amount(whole), "A": style.amount(whole / 3)}
    text = chance.choice(["{m}[W]，其中日常支出[A]，占 %。", "{m}[W]，日常支出[A]，占{m}的 %。"]).format(m=measure)
    return Block(
        text, figures, (Spec(("share",), "", verdicts=frozenset({"unverifiable"}), reason="empty"),), true_only=True
    )


def alone_block(chance: random.Random, _: str) -> Block:
    """Numbers that claim nothing."""
    wording, kind = chance.choice(ALONE)
    figures = {
        "n": count(chance.randrange(11, 99), ""),
        "m": count(chance.randrange(1, 13), ""),
        "d": count(chance.randrange(1, 28), ""),
    }
    figures = {key: figure for key, figure in figures.items() if f"[{key}]" in wording}
    return Block(wording, figures, classes=dict.fromkeys(figures, kind), true_only=True)


def rates_by_hand(chance: random.Random, measure: str) -> Block:
    """The formula of a rate written out."""
    style = Style("万元", 2, 2)
    budget = amounts(chance, style)
    actual = (budget * Decimal(chance.randrange(3000, 9900)) / 10000).quantize(Decimal("0.01"))
    figures = {"actual": style.amount(actual), "budget": style.amount(budget), "rate": style.percent(actual / budget)}
    spec = Spec(("completion", "share"), "rate", (lambda v: v["actual"] / v["budget"] * hundred(),))
    text = f"{measure}预算执行率=[actual]÷[budget]×100%=[rate]。"
    return Block(text, figures, (spec,))
