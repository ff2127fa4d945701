"""Changes (增减): an amount of this year, of last year, the change and its rate."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal

from jixiao_xl.model.claims import Reason, Verdict
from tests.claims.blocks import BEYOND, HOLDS, Block, Spec, Values, hundred
from tests.claims.figures import Interval, Style, amounts, styles

MEASURES = [
    "机关运行经费支出", "公务用车运行维护费", "会议费支出", "培训费支出", "城市管理经费", "网格化服务经费", "环境整治经费",
    "养老服务支出", "党建活动经费", "信息化建设支出", "消防安全经费", "国有资本经营预算支出", "政府性基金预算支出",
    "一般债券收入", "非税收入", "上级补助收入",
]  # fmt: skip
UP = {"a": "增加", "b": "增长", "n": "增幅", "c": "增加额", "r": "增长率", "u": "上升", "i": "高于"}
DOWN = {"a": "减少", "b": "下降", "n": "降幅", "c": "减少额", "r": "下降率", "u": "下降", "i": "低于"}
FULL = [  # last year stands there
    "{y}年{m}[cur]，{p}年{m}[prior]，较上年{a}[chg]，{b}[rate]。",
    "{y}年{m}为[cur]，比上年的[prior]{a}[chg]，{b}[rate]。",
    "{y}年度{m}[cur]，上年[prior]，同比{a}[chg]，{n}[rate]。",
    "{m}由{p}年的[prior]{a}到{y}年的[cur]，{a}[chg]，{n}为[rate]。",
    "{p}年{m}[prior]。{y}年{m}[cur]，较上年{b}[rate]，{c}为[chg]。",
    "{y}年{m}[cur]。{p}年{m}[prior]。与上年相比，{m}{a}[chg]，{b}[rate]。",
    "{p}年{m}为[prior]。\n{y}年{m}为[cur]，较上年{a}[chg]，{n}[rate]。",
    "与{p}年度{m}[prior]相比，{y}年度{m}[cur]，{a}了[chg]，{b}[rate]。",
    "{y}年，本部门{m}[cur]，较{p}年[prior]{a}[chg]，{b}[rate]，主要原因是工作任务调整。",
    "{y}年{m}[cur]（上年[prior]），{a}[chg]，{r}[rate]。",
    "本年{m}[cur]，上年同期[prior]，{a}[chg]，{b}了[rate]。",
    "{p}年度{m}完成[prior]，{y}年度{m}完成[cur]，同比{a}[chg]，同比{b}[rate]。",
    "{y}年{m}[cur]，比{p}年{a}[chg]（{p}年为[prior]），{b}[rate]。",
    "{m}方面，{y}年度决算数[cur]，{p}年度决算数[prior]，{a}[chg]，{n}达[rate]。",
]
IMPLIED = [  # last year follows from this year and the change
    "{y}年{m}[cur]，较上年{a}[chg]，{b}[rate]。",
    "{y}年度{m}[cur]，与上年相比{a}[chg]，{b}了[rate]，主要原因是人员变动。",
    "{y}年{m}[cur]，比{p}年{a}[chg]（{n}[rate]）。",
    "{y}年{m}[cur]，同比{b}[rate]，{a}[chg]。",
    "{y}年{m}为[cur]，与{p}年度相比，{a}[chg]，{b}[rate]。",
    "{y}年度{m}总计[cur]。与{p}年相比，{m}总计{a}[chg]，{b}[rate]。",
    "{m}[cur]，较{p}年度决算数{a}[chg]，{b}[rate]，主要原因：一是压减支出；二是项目完工。",
    "{y}年{m}完成[cur]，较上年同期{a}[chg]，{n}为[rate]。",
    "{y}年{m}决算数为[cur]，比上年度{a}[chg]，{a}[rate]。",
    "{y}年，{m}支出决算[cur]，较{p}年{a}[chg]，{b}[rate]。",
]
NO_RATE = [  # the change alone
    "{y}年{m}[cur]，{p}年{m}[prior]，较上年{a}[chg]。",
    "{y}年{m}[cur]，比{p}年的[prior]{a}[chg]。",
    "{p}年{m}[prior]；{y}年{m}[cur]，{a}[chg]。",
    "{y}年{m}[cur]，{i}上年[prior]，{c}[chg]。",
    "{p}年{m}为[prior]。\n{y}年{m}为[cur]。与上年相比{a}[chg]。",
]
NO_CHANGE = [  # the rate alone
    "{y}年{m}[cur]，{p}年{m}[prior]，{b}[rate]。",
    "{y}年{m}[cur]，比上年[prior]{b}[rate]。",
    "{m}从{p}年的[prior]{u}到{y}年的[cur]，{n}[rate]。",
    "{y}年度{m}[cur]，上年为[prior]，同比{b}[rate]。",
    "{p}年{m}[prior]。{y}年{m}[cur]，较上年{n}为[rate]。",
]
HIDDEN: list[tuple[str, Reason, Reason | None]] = [  # (wording, reason of the rate, reason of the change)
    ("{y}年{m}[cur]，较上年{b}[rate]。", "no-base", None),
    ("{y}年{m}同比{b}[rate]。", "no-base", None),
    ("{y}年度{m}[cur]，与上年相比{n}为[rate]。", "no-base", None),
    ("{y}年{m}年初预算[budget]，决算数[cur]，较上年{b}[rate]。", "no-base", None),
    ("{y}年{m}[cur]，按同口径较上年{b}[rate]。", "scope", None),
    ("{y}年{m}[cur]，上年[prior]，剔除一次性因素后{b}[rate]。", "scope", None),
    ("{y}年{m}[cur]，上年[prior]，同口径{b}[rate]。", "scope", None),
    ("{y}年{m}[cur]，上年[prior]，{b}约[rate]。", "approximate", None),
    ("{y}年{m}[cur]，上年[prior]，{b}[rate]左右。", "approximate", None),
    ("{y}年{m}[cur]，比{p}年{a}[chg]。", "no-base", "no-prior"),
    ("{y}年{m}年初预算[budget]，支出决算[cur]，较上年{a}[chg]。", "no-base", "no-prior"),
    ("{y}年{m}[cur]，与上年相比{a}[chg]，主要是厉行节约。", "no-base", "no-prior"),
    ("{y}年{m}[cur]，{p}年{m}[prior]，剔除政策性因素后{a}[chg]。", "no-base", "scope"),
    ("{y}年{m}[cur]，上年[prior]，{a}约[chg]。", "no-base", "approximate"),
]


@dataclass(frozen=True, slots=True)
class Year:
    """This year's and last year's amount of a measure, and the words of the direction."""

    cur: Decimal
    prior: Decimal
    words: dict[str, str]
    sign: int


def a_year(chance: random.Random, style: Style) -> Year:
    """Two years that differ by 3 % to 60 %."""
    prior = amounts(chance, style)
    share = Decimal(chance.randrange(300, 6000)) / 10000
    sign = chance.choice([1, -1])
    cur = (prior * (1 + sign * share)).quantize(Decimal("0.01"))
    year = chance.randrange(2019, 2026)
    words = {"y": str(year), "p": str(year - 1), **(UP if sign > 0 else DOWN)}
    return Year(cur, prior, words, sign)


def change_specs(sign: int, keys: set[str], *, flipped: bool = False) -> tuple[Spec, ...]:
    """The claims of a change: the amount, and the rate by every base that the text gives."""
    one = Interval(Decimal(sign), Decimal(sign), Decimal(sign))

    def changed(v: Values) -> Interval:
        return (v["cur"] - v["prior"]) * one

    def rate(v: Values) -> Interval:
        return changed(v) / v["prior"] * hundred()

    def over_prior(v: Values) -> Interval:
        return v["chg"] / v["prior"] * hundred()

    def over_implied(v: Values) -> Interval:
        return v["chg"] / (v["cur"] - v["chg"] * one) * hundred()

    specs: list[Spec] = []
    if {"chg", "prior"} <= keys:
        specs.append(Spec(("difference",), "chg", (changed,)))
    if "rate" in keys:
        ways = (rate,) if "prior" in keys else ()
        ways += (over_prior,) if {"chg", "prior"} <= keys else ()
        ways += (over_implied,) if "chg" in keys else ()
        specs.append(Spec(("rate",), "rate", ways, lenient=flipped))
    return tuple(specs)


def change_block(chance: random.Random, measure: str) -> Block:
    """A change that is true, in one of the wordings."""
    style = styles(chance)
    year = a_year(chance, style)
    wording = chance.choice([*FULL, *IMPLIED, *IMPLIED, *NO_RATE, *NO_CHANGE])
    keys = {key for key in ("cur", "prior", "chg", "rate") if f"[{key}]" in wording}
    flipped = {"chg", "prior", "cur"} <= keys and chance.randrange(12) == 0
    words = (DOWN if year.sign > 0 else UP) if flipped else {}
    sign = -year.sign if flipped else year.sign
    other = "万元" if style.unit == "亿元" and chance.randrange(2) else ""
    figures = {
        "cur": style.amount(year.cur),
        "prior": style.amount(year.prior),
        "chg": style.amount(abs(year.cur - year.prior), other),
        "rate": style.percent(abs(year.cur - year.prior) / year.prior),
    }
    text = wording.format(m=measure, **(year.words | words))
    specs = change_specs(sign, keys, flipped=flipped)
    return Block(text, {key: figures[key] for key in figures if key in keys}, specs, true_only=flipped)


def hidden_block(chance: random.Random, measure: str) -> Block:
    """A change that nobody can recompute from the text, and why."""
    style = styles(chance)
    year = a_year(chance, style)
    wording, rate, change = chance.choice(HIDDEN)
    figures = {
        "cur": style.amount(year.cur),
        "prior": style.amount(year.prior),
        "budget": style.amount(year.prior * Decimal(chance.randrange(50, 250)) / 100),
        "chg": style.amount(abs(year.cur - year.prior)),
        "rate": style.percent(abs(year.cur - year.prior) / year.prior),
    }
    keys = {key for key in figures if f"[{key}]" in wording}
    fits = HOLDS if "prior" in keys else frozenset[Verdict]()  # an approximate figure may well be exact
    specs = (Spec(("rate",), "rate", verdicts=BEYOND | fits, reason=rate),) if "rate" in keys else ()
    if change and "chg" in keys:
        specs += (Spec(("difference",), "chg", verdicts=BEYOND | fits, reason=change),)
    return Block(wording.format(m=measure, **year.words), {key: figures[key] for key in keys}, specs, true_only=True)


def zero_block(chance: random.Random, measure: str) -> Block:
    """Nothing last year: a rate that does not exist."""
    style = styles(chance)
    wording = chance.choice(
        [
            "{y}年{m}[cur]，上年为[prior]，增加[chg]，增长[rate]。",
            "{p}年{m}[prior]，{y}年{m}[cur]，较上年增加[chg]，增长[rate]。",
        ]
    )
    year = chance.randrange(2019, 2026)
    amount = amounts(chance, style)
    figures = {
        "cur": style.amount(amount),
        "prior": style.amount(Decimal(0)),
        "chg": style.amount(amount),
        "rate": style.percent(Decimal(1)),
    }
    specs = (
        Spec(("difference",), "chg", (lambda v: v["cur"] - v["prior"],)),
        Spec(("rate",), "rate", verdicts=BEYOND, reason="zero-base"),
    )
    return Block(wording.format(m=measure, y=year, p=year - 1), figures, specs, true_only=True)
