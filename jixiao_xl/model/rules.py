"""Scoring rules (计分规则): each has an Excel formula and a Python function, written apart and proven equal.

Scores are Decimal with two decimals, half-up, after taking every double at 15 digits as Excel does (DESIGN 4). A
blank or non-numeric operand gives no score, never full marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal, localcontext
from enum import StrEnum
from typing import Final, Protocol

from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.money import fifteen_digits, half_up, is_blank, plain

Value = Decimal | str | None
Words = tuple[str, dict[str, str]]  # key of a sentence in texts.yaml, and its numbers
_COMPARED: Final = 8  # decimals at which thresholds are compared, on both sides
_ZERO: Final = Decimal(0)
_HUNDRED: Final = Decimal(100)
_EXCEL_EPOCH: Final = date(1899, 12, 30).toordinal()
_MOST_TERMS, _TERMS_SHOWN = 6, 4  # of a sum written out


class Nature(StrEnum):
    """How an indicator's value is to be read (指标性质)."""

    AT_LEAST = "≥"
    AT_MOST = "≤"
    EQUAL = "="
    QUALITATIVE = "定性"
    RANGE = "区间"
    DATE = "日期"


class Method(StrEnum):
    """How points follow from the value (计分方法)."""

    PROPORTION = "比例"
    DIRECT = "直接"
    BANDS = "等次"
    STEPS = "分档"
    DEDUCTION = "扣分"


class RuleError(JixiaoError):
    """A nature and a method that have no rule, or a parameter that the rule lacks."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What an indicator's row of the mapping adds to its rule.

    Attributes:
        tolerance: for =: a deviation of up to this many % of the target still counts as met.
        low: the lower end of a range.
        high: the upper end of a range.
        per: points deducted for each started step beyond the target.
        step: the width of a step, in the indicator's own unit.
        steps: for 分档: (limit, share of the points in %) in the order in which they are tried.
        over_limit: over-achievement in % from which on points are deducted.
        over_deduction: by how many points; None for not at all.
        per_day: points deducted for each day after the date.
    """

    tolerance: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    per: Decimal | None = None
    step: Decimal | None = None
    steps: tuple[tuple[Decimal, Decimal], ...] = ()
    over_limit: Decimal | None = None
    over_deduction: Decimal | None = None
    per_day: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Operands:
    """The cells of an indicator's row; text in a number cell stays text. Dates are Excel serials."""

    target: Value
    actual: Value
    points: Value
    band: str | None
    band_ratio: Value


@dataclass(frozen=True, slots=True)
class Refs:
    """The addresses of the same cells."""

    target: str
    actual: str
    points: str
    band: str
    band_ratio: str


class Rule(Protocol):
    """A scoring rule."""

    def score(self, operands: Operands) -> Decimal | None:
        """The score with two decimals, or None where there is none."""
        ...

    def formula(self, refs: Refs) -> str:
        """The Excel formula without `=`; an empty string where there is no score."""
        ...

    def words(self) -> Words:
        """The sentence that stands beside the indicator."""
        ...

    def worked(self, operands: Operands) -> Words:
        """How the score of exactly these operands came about; the sentence ends with it, or says why there is none."""
        ...


def rule_for(nature: Nature, method: Method, parameters: Parameters) -> Rule:
    """The rule of an indicator.

    Raises:
        RuleError: the combination has no rule, or a parameter is missing.
    """
    match nature, method:
        case Nature.QUALITATIVE, Method.BANDS:
            return Bands()
        case ((Nature.AT_LEAST | Nature.AT_MOST), Method.PROPORTION):
            over = parameters if parameters.over_deduction is not None and nature is Nature.AT_LEAST else None
            return Proportion(nature, over.over_limit if over else None, over.over_deduction if over else None)
        case ((Nature.AT_LEAST | Nature.AT_MOST | Nature.EQUAL), Method.DIRECT):
            return Direct(nature, parameters.tolerance or _ZERO)
        case Nature.EQUAL, Method.PROPORTION:
            return Deviation(parameters.tolerance or _ZERO)
        case ((Nature.AT_LEAST | Nature.AT_MOST), Method.DEDUCTION):
            return Deduction(nature, _needed(parameters.per, "per"), _positive(parameters.step, "step"))
        case ((Nature.AT_LEAST | Nature.AT_MOST), Method.STEPS):
            return Steps(nature, _steps(nature, parameters.steps))
        case Nature.RANGE, (Method.DIRECT | Method.DEDUCTION):
            low, high = _needed(parameters.low, "low"), _needed(parameters.high, "high")
            if low > high:
                raise RuleError(texts.RULE_RANGE.format(low=low, high=high))
            per = _needed(parameters.per, "per") if method is Method.DEDUCTION else None
            return Range(low, high, per, _positive(parameters.step, "step") if per is not None else Decimal(1))
        case Nature.DATE, Method.DIRECT:
            return OnTime(None)
        case Nature.DATE, Method.DEDUCTION:
            return OnTime(_needed(parameters.per_day, "per_day"))
        case _:
            raise RuleError(texts.RULE_UNKNOWN.format(nature=nature.value, method=method.value))


def parse_steps(text: str) -> tuple[tuple[Decimal, Decimal], ...]:
    """`0:100;10:80` as ((0, 100), (10, 80)).

    Raises:
        RuleError: not written so.
    """
    try:
        pairs = [part.split(":") for part in text.split(";") if part.strip()]
        return tuple((Decimal(limit.strip()), Decimal(share.strip())) for limit, share in pairs)
    except (ArithmeticError, ValueError) as error:
        raise RuleError(texts.RULE_STEPS.format(text=text)) from error


# -- the rules -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proportion:
    """≥: points × actual ÷ target, at most all; ≤: points × target ÷ actual, and an actual of 0 gives all.

    Source: 财预〔2020〕10号; domain.md 1.1. Multiplied before dividing, as the formula does.
    """

    nature: Nature
    over_limit: Decimal | None = None
    over_deduction: Decimal | None = None

    def score(self, operands: Operands) -> Decimal | None:
        """The proportion of the points."""
        numbers = _numbers(operands.target, operands.actual, operands.points)
        if numbers is None:
            return None
        target, actual, points = numbers
        if self.nature is Nature.AT_MOST:
            return self._at_most(target, actual, points)
        if target <= 0:
            return None
        score = _capped(_divided(points * actual, target), points)
        if self.over_deduction is not None and self.over_limit is not None:
            edge = target * (_HUNDRED + self.over_limit) / _HUNDRED
            if _at(actual) >= _at(edge):
                score = max(_ZERO, score - self.over_deduction)
        return half_up(score, 2)

    @staticmethod
    def _at_most(target: Decimal, actual: Decimal, points: Decimal) -> Decimal | None:
        if actual < 0 or target < 0:
            return None
        if actual == 0:
            return half_up(points, 2)
        return half_up(_capped(_divided(points * target, actual), points), 2)

    def formula(self, refs: Refs) -> str:
        """The same in Excel."""
        t, a, p = refs.target, refs.actual, refs.points
        if self.nature is Nature.AT_MOST:
            return _guarded(
                (t, a, p), f'IF(OR({a}<0,{t}<0),"",IF({a}=0,ROUND({p},2),ROUND(MAX(0,MIN({p},{p}*{t}/{a})),2)))'
            )
        score = f"MAX(0,MIN({p},{p}*{a}/{t}))"
        if self.over_deduction is not None and self.over_limit is not None:
            edge = f"{t}*{plain(_HUNDRED + self.over_limit)}/100"
            reached = f"ROUND({a},{_COMPARED})>=ROUND({edge},{_COMPARED})"
            score = f"MAX(0,{score}-IF({reached},{plain(self.over_deduction)},0))"
        return _guarded((t, a, p), f'IF({t}<=0,"",ROUND({score},2))')

    def words(self) -> Words:
        """完成比例 × 分值."""
        if self.over_deduction is not None and self.over_limit is not None:
            return "at_least_proportion_over", {"limit": plain(self.over_limit), "deduct": plain(self.over_deduction)}
        return ("at_most_proportion" if self.nature is Nature.AT_MOST else "at_least_proportion"), {}

    def worked(self, operands: Operands) -> Words:
        """98.5÷100×12＝11.82."""
        numbers = _numbers(operands.target, operands.actual, operands.points)
        if numbers is None:
            return _unusable(target=operands.target, actual=operands.actual, points=operands.points)
        target, actual, points = numbers
        if self.nature is Nature.AT_MOST:
            return self._at_most_worked(target, actual, points)
        if target <= 0:
            return "worked_target_not_positive", {"target": _written(target)}
        calculation = f"{_term(actual)}÷{_term(target)}×{_term(points)}"
        raw = _divided(points * actual, target)
        if self.over_deduction is not None and self.over_limit is not None:
            edge = target * (_HUNDRED + self.over_limit) / _HUNDRED
            if _at(actual) >= _at(edge):
                base, deduct = _capped(raw, points), self.over_deduction
                known = {"calculation": calculation, "raw": _cut(raw), "base": _written(base)}
                known |= {"limit": _written(self.over_limit), "deduct": _written(deduct)}
                return _not_below_zero("worked_over", base - deduct, known)
        return _within_points(calculation, raw, points)

    @staticmethod
    def _at_most_worked(target: Decimal, actual: Decimal, points: Decimal) -> Words:
        if target < 0:
            return "worked_target_negative", {"target": _written(target)}
        if actual < 0:
            return "worked_actual_negative", {"actual": _written(actual)}
        if actual == 0:
            return "worked_at_most_zero", {"score": _written(half_up(points, 2))}
        calculation = f"{_term(target)}÷{_term(actual)}×{_term(points)}"
        return _within_points(calculation, _divided(points * target, actual), points)


@dataclass(frozen=True, slots=True)
class Direct:
    """All points where the target is met, else none (直接赋分); = within a tolerance in % of the target."""

    nature: Nature
    tolerance: Decimal

    def score(self, operands: Operands) -> Decimal | None:
        """All or nothing."""
        numbers = _numbers(operands.target, operands.actual, operands.points)
        if numbers is None:
            return None
        target, actual, points = numbers
        return half_up(points if self._met(target, actual) else _ZERO, 2)

    def _met(self, target: Decimal, actual: Decimal) -> bool:
        match self.nature:
            case Nature.AT_LEAST:
                return _at(actual) >= _at(target)
            case Nature.AT_MOST:
                return _at(actual) <= _at(target)
            case _:
                return _at(abs(actual - target)) <= _at(abs(target) * self.tolerance / _HUNDRED)

    def formula(self, refs: Refs) -> str:
        """The same in Excel."""
        t, a, p = refs.target, refs.actual, refs.points
        match self.nature:
            case Nature.AT_LEAST:
                met = f"ROUND({a},{_COMPARED})>=ROUND({t},{_COMPARED})"
            case Nature.AT_MOST:
                met = f"ROUND({a},{_COMPARED})<=ROUND({t},{_COMPARED})"
            case _:
                allowed = f"ABS({t})*{plain(self.tolerance)}/100"
                met = f"ROUND(ABS({a}-{t}),{_COMPARED})<=ROUND({allowed},{_COMPARED})"
        return _guarded((t, a, p), f"ROUND(IF({met},{p},0),2)")

    def words(self) -> Words:
        """达到得满分，否则不得分."""
        if self.nature is Nature.EQUAL and self.tolerance:
            return "equal_direct_tolerance", {"tolerance": plain(self.tolerance)}
        return "direct", {}

    def worked(self, operands: Operands) -> Words:
        """12≥10，达到指标值，得 5 分."""
        numbers = _numbers(operands.target, operands.actual, operands.points)
        if numbers is None:
            return _unusable(target=operands.target, actual=operands.actual, points=operands.points)
        target, actual, points = numbers
        met = self._met(target, actual)
        score = half_up(points if met else _ZERO, 2)
        if self.nature is Nature.EQUAL and self.tolerance:
            return _near(met, target, actual, self.tolerance, score)
        return _compared(self.nature, met, target, actual, score)


@dataclass(frozen=True, slots=True)
class Deviation:
    """=: all points within the tolerance; beyond it points × (1 − |actual − target| ÷ target), not below 0."""

    tolerance: Decimal

    def score(self, operands: Operands) -> Decimal | None:
        """Less for each part of the deviation."""
        numbers = _numbers(operands.target, operands.actual, operands.points)
        if numbers is None or numbers[0] <= 0:
            return None
        target, actual, points = numbers
        away = abs(actual - target)
        if _at(away) <= _at(target * self.tolerance / _HUNDRED):
            return half_up(points, 2)
        return half_up(_capped(_divided(points * (target - away), target), points), 2)

    def formula(self, refs: Refs) -> str:
        """The same in Excel."""
        t, a, p = refs.target, refs.actual, refs.points
        met = f"ROUND(ABS({a}-{t}),{_COMPARED})<=ROUND({t}*{plain(self.tolerance)}/100,{_COMPARED})"
        score = f"IF({met},{p},MAX(0,MIN({p},{p}*({t}-ABS({a}-{t}))/{t})))"
        return _guarded((t, a, p), f'IF({t}<=0,"",ROUND({score},2))')

    def words(self) -> Words:
        """按偏离程度扣减."""
        return "equal_proportion", {"tolerance": plain(self.tolerance)}

    def worked(self, operands: Operands) -> Words:
        """(100－|90－100|)÷100×10＝9."""
        numbers = _numbers(operands.target, operands.actual, operands.points)
        if numbers is None:
            return _unusable(target=operands.target, actual=operands.actual, points=operands.points)
        target, actual, points = numbers
        if target <= 0:
            return "worked_target_not_positive", {"target": _written(target)}
        away = abs(actual - target)
        if _at(away) <= _at(target * self.tolerance / _HUNDRED):
            return _near(True, target, actual, self.tolerance, half_up(points, 2))
        calculation = f"({_term(target)}－|{_term(actual)}－{_term(target)}|)÷{_term(target)}×{_term(points)}"
        return _within_points(calculation, _divided(points * (target - away), target), points)


@dataclass(frozen=True, slots=True)
class Bands:
    """Qualitative: points × the ratio that was chosen within its band (等次)."""

    def score(self, operands: Operands) -> Decimal | None:
        """The ratio of the points, 95 meaning 95 %."""
        numbers = _numbers(operands.points, operands.band_ratio)
        if numbers is None or is_blank(operands.band):
            return None
        points, ratio = numbers
        return half_up(points * ratio / _HUNDRED, 2) if 0 <= ratio <= _HUNDRED else None

    def formula(self, refs: Refs) -> str:
        """The same in Excel."""
        p, r = refs.points, refs.band_ratio
        unchosen = f'LEN(TRIM(SUBSTITUTE({refs.band},"　"," ")))=0'
        return _guarded((p, r), f'IF(OR({unchosen},{r}<0,{r}>100),"",ROUND({p}*{r}/100,2))')

    def words(self) -> Words:
        """按评定等次的得分率计分."""
        return "bands", {}

    def worked(self, operands: Operands) -> Words:
        """评定“达成”，得分率 95%：10×95%＝9.5."""
        if operands.band is None or is_blank(operands.band):
            return "worked_band_blank", {}
        numbers = _numbers(operands.points, operands.band_ratio)
        if numbers is None:
            return _unusable(ratio=operands.band_ratio, points=operands.points)
        points, ratio = numbers
        if not 0 <= ratio <= _HUNDRED:
            return "worked_ratio_outside", {"ratio": _written(ratio)}
        known = {"band": _shortened(operands.band), "ratio": _written(ratio), "points": _term(points)}
        return "worked_bands", {**known, "result": _result(points * ratio / _HUNDRED)}


@dataclass(frozen=True, slots=True)
class Deduction:
    """All points where the target is met; beyond it `per` points off for each started step (扣分)."""

    nature: Nature
    per: Decimal
    step: Decimal

    def score(self, operands: Operands) -> Decimal | None:
        """What is left."""
        numbers = _numbers(operands.target, operands.actual, operands.points)
        if numbers is None:
            return None
        target, actual, points = numbers
        beyond = target - actual if self.nature is Nature.AT_LEAST else actual - target
        return _after_deduction(points, beyond, self.step, self.per)

    def formula(self, refs: Refs) -> str:
        """The same in Excel."""
        t, a, p = refs.target, refs.actual, refs.points
        beyond = f"{t}-{a}" if self.nature is Nature.AT_LEAST else f"{a}-{t}"
        return _guarded((t, a, p), _deduction_formula(p, beyond, self.step, self.per))

    def words(self) -> Words:
        """每差一步扣几分，扣完为止."""
        return "deduction", {"step": plain(self.step), "per": plain(self.per)}

    def worked(self, operands: Operands) -> Words:
        """超出指标值 2.3，按 3 个 1 计：10－3×0.5＝8.5."""
        numbers = _numbers(operands.target, operands.actual, operands.points)
        if numbers is None:
            return _unusable(target=operands.target, actual=operands.actual, points=operands.points)
        target, actual, points = numbers
        beyond = target - actual if self.nature is Nature.AT_LEAST else actual - target
        if _at(beyond) <= 0:
            return _compared(self.nature, True, target, actual, half_up(max(_ZERO, points), 2))
        key = "worked_short" if self.nature is Nature.AT_LEAST else "worked_excess"
        return _deducted(key, points, beyond, self.step, self.per)


@dataclass(frozen=True, slots=True)
class Steps:
    """The share of the first limit that the value keeps to (分档); none for a value beyond all of them."""

    nature: Nature
    steps: tuple[tuple[Decimal, Decimal], ...]

    def score(self, operands: Operands) -> Decimal | None:
        """The share of the points."""
        numbers = _numbers(operands.actual, operands.points)
        if numbers is None:
            return None
        actual, points = numbers
        for limit, share in self.steps:
            within = _at(actual) >= _at(limit) if self.nature is Nature.AT_LEAST else _at(actual) <= _at(limit)
            if within:
                return half_up(points * share / _HUNDRED, 2)
        return half_up(_ZERO, 2)

    def formula(self, refs: Refs) -> str:
        """The same in Excel."""
        a, p = refs.actual, refs.points
        op = ">=" if self.nature is Nature.AT_LEAST else "<="
        text = "0"
        for limit, share in reversed(self.steps):
            text = f"IF(ROUND({a},{_COMPARED}){op}{plain(limit)},{plain(share)},{text})"
        return _guarded((a, p), f"ROUND({p}*{text}/100,2)")

    def words(self) -> Words:
        """逐档列出."""
        sign = "≥" if self.nature is Nature.AT_LEAST else "≤"
        listed = "，".join(f"{sign}{plain(limit)}:{plain(share)}%" for limit, share in self.steps)
        return "steps", {"steps": listed}

    def worked(self, operands: Operands) -> Words:
        """94.9≥90，得分率 80%：5×80%＝4."""
        numbers = _numbers(operands.actual, operands.points)
        if numbers is None:
            return _unusable(actual=operands.actual, points=operands.points)
        actual, points = numbers
        known = {"actual": _written(_at(actual)), "sign": "≥" if self.nature is Nature.AT_LEAST else "≤"}
        for limit, share in self.steps:
            within = _at(actual) >= _at(limit) if self.nature is Nature.AT_LEAST else _at(actual) <= _at(limit)
            if within:
                known |= {"limit": _written(limit), "share": _written(share), "points": _term(points)}
                return "worked_steps", {**known, "result": _result(points * share / _HUNDRED)}
        return "worked_steps_none", {**known, "score": _written(_ZERO)}


@dataclass(frozen=True, slots=True)
class Range:
    """All points within the range; outside none, or `per` off for each started step (区间)."""

    low: Decimal
    high: Decimal
    per: Decimal | None
    step: Decimal

    def score(self, operands: Operands) -> Decimal | None:
        """By the distance from the range."""
        numbers = _numbers(operands.actual, operands.points)
        if numbers is None:
            return None
        actual, points = numbers
        beyond = max(self.low - actual, actual - self.high, _ZERO)
        if self.per is None:
            return half_up(points if _at(beyond) == 0 else _ZERO, 2)
        return _after_deduction(points, beyond, self.step, self.per)

    def formula(self, refs: Refs) -> str:
        """The same in Excel."""
        a, p = refs.actual, refs.points
        beyond = f"MAX({plain(self.low)}-{a},{a}-{plain(self.high)},0)"
        if self.per is None:
            return _guarded((a, p), f"ROUND(IF(ROUND({beyond},{_COMPARED})=0,{p},0),2)")
        return _guarded((a, p), _deduction_formula(p, beyond, self.step, self.per))

    def words(self) -> Words:
        """在区间内得满分."""
        ends = {"low": plain(self.low), "high": plain(self.high)}
        if self.per is None:
            return "range_direct", ends
        return "range_deduction", {**ends, "step": plain(self.step), "per": plain(self.per)}

    def worked(self, operands: Operands) -> Words:
        """低于 95 共 1.5，按 2 个 1 计：4－2×0.5＝3."""
        numbers = _numbers(operands.actual, operands.points)
        if numbers is None:
            return _unusable(actual=operands.actual, points=operands.points)
        actual, points = numbers
        beyond = max(self.low - actual, actual - self.high, _ZERO)
        known = {"actual": _written(_at(actual)), "low": _written(self.low), "high": _written(self.high)}
        if _at(beyond) == 0:
            whole = points if self.per is None else max(_ZERO, points)
            return "worked_range_in", {**known, "score": _written(half_up(whole, 2))}
        if self.per is None:
            return "worked_range_out", {**known, "score": _written(_ZERO)}
        key = "worked_range_low" if actual < self.low else "worked_range_high"
        return _deducted(key, points, beyond, self.step, self.per, known)


@dataclass(frozen=True, slots=True)
class OnTime:
    """All points on or before the date; later none, or `per_day` off for each day (日期)."""

    per_day: Decimal | None

    def score(self, operands: Operands) -> Decimal | None:
        """By the days of delay."""
        numbers = _numbers(operands.target, operands.actual, operands.points)
        if numbers is None or numbers[0] <= 0 or numbers[1] <= 0:
            return None
        target, actual, points = numbers
        if self.per_day is None:
            return half_up(points if _at(actual) <= _at(target) else _ZERO, 2)
        return _after_deduction(points, actual - target, Decimal(1), self.per_day)

    def formula(self, refs: Refs) -> str:
        """The same in Excel."""
        t, a, p = refs.target, refs.actual, refs.points
        if self.per_day is None:
            score = f"ROUND(IF(ROUND({a},{_COMPARED})<=ROUND({t},{_COMPARED}),{p},0),2)"
        else:
            score = _deduction_formula(p, f"{a}-{t}", Decimal(1), self.per_day)
        return _guarded((t, a, p), f'IF(OR({t}<=0,{a}<=0),"",{score})')

    def words(self) -> Words:
        """按期完成得满分."""
        if self.per_day is None:
            return "date_direct", {}
        return "date_deduction", {"per": plain(self.per_day)}

    def worked(self, operands: Operands) -> Words:
        """2025-10-03 完成，比 2025-09-30 晚 3 天：2－3×0.1＝1.7."""
        for name, value in (("target", operands.target), ("actual", operands.actual)):
            if is_blank(value):
                return _unusable(**{name: value})
            if not isinstance(value, Decimal) or value <= 0:
                return f"worked_{name}_date", {"text": _shortened(value)}
        numbers = _numbers(operands.target, operands.actual, operands.points)
        if numbers is None:
            return _unusable(points=operands.points)
        target, actual, points = numbers
        known = {"target": _day(target), "actual": _day(actual)}
        if _at(actual) <= _at(target):
            whole = points if self.per_day is None else max(_ZERO, points)
            return "worked_date_met", {**known, "score": _written(half_up(whole, 2))}
        if self.per_day is None:
            return "worked_date_late", {**known, "score": _written(_ZERO)}
        return _deducted("worked_date_deduction", points, actual - target, Decimal(1), self.per_day, known)


# -- projects, blocks, grades ----------------------------------------------------------------------------------


def execution_score(points: Decimal, executed: Decimal, budget: Decimal) -> Decimal | None:
    """Points × min(1, executed ÷ adjusted budget); None without a budget (E13)."""
    if budget <= 0:
        return None
    return half_up(_capped(_divided(points * executed, budget), points), 2)


def execution_formula(points: str, executed: str, budget: str) -> str:
    """`execution_score` in Excel, without `=`."""
    score = f"ROUND(MAX(0,MIN({points},{points}*{executed}/{budget})),2)"
    return _guarded((points, executed, budget), f'IF({budget}<=0,"",{score})')


def block_score(points: Decimal, parts: Sequence[tuple[Decimal, Decimal, Decimal]]) -> Decimal | None:
    """Points × the weighted mean of score ÷ points over (score, points, weight); None without parts."""
    weight = sum((part[2] for part in parts), _ZERO)
    if not parts or weight <= 0:
        return None
    with localcontext(prec=50):
        mean = sum((score / of * share for score, of, share in parts), _ZERO) / weight
        return half_up(points * mean, 2)


def low_execution_cap(total: Decimal, rate: Decimal, caps: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """A project's total where its execution rate in % is below a cap's edge: at most that cap (domain.md 1.3)."""
    return min([total, *(at_most for below, at_most in caps if _at(rate) < _at(below))])


def grade(total: Decimal, bands: Iterable[tuple[Decimal, str]]) -> str:
    """The grade of a total as it is shown: the highest band whose edge it reaches."""
    ordered = sorted(bands, reverse=True)
    return next((name for edge, name in ordered if total >= edge), ordered[-1][1])


def worked_sum(scores: Sequence[Value]) -> Words:
    """A subtotal or total written out: 11.82＋10.00＝21.82; of a long one the first terms and how many there are.

    A row without a score counts 0, as in Excel's SUM, and is named.
    """
    terms = [score for score in scores if isinstance(score, Decimal)]
    shown = terms if len(terms) <= _MOST_TERMS else terms[:_TERMS_SHOWN]
    numbers = {
        "terms": "＋".join(f"{half_up(term, 2):f}" for term in shown),
        "count": str(len(terms)),
        "gaps": str(len(scores) - len(terms)),
        "total": f"{half_up(sum(terms, _ZERO), 2):f}",
    }
    if not terms:
        return "worked_sum_none", numbers
    if len(scores) == 1:
        return "worked_sum_one", numbers
    key = "worked_sum" if shown is terms else "worked_sum_long"
    return (f"{key}_gaps" if len(terms) < len(scores) else key), numbers


# -- what the rules share --------------------------------------------------------------------------------------


def _numbers(*values: Value) -> tuple[Decimal, ...] | None:
    """The values, or None where one is blank or text."""
    numbers = tuple(value for value in values if isinstance(value, Decimal))
    return numbers if len(numbers) == len(values) else None


def _guarded(cells: tuple[str, ...], score: str) -> str:
    return f'IF(COUNT({",".join(cells)})<{len(cells)},"",{score})'


def _divided(numerator: Decimal, denominator: Decimal) -> Decimal:
    with localcontext(prec=50):
        return numerator / denominator


def _capped(score: Decimal, points: Decimal) -> Decimal:
    return max(_ZERO, min(points, score))


def _at(value: Decimal) -> Decimal:
    """A value as thresholds are compared: ROUND(…, 8)."""
    return half_up(value, _COMPARED)


def _after_deduction(points: Decimal, beyond: Decimal, step: Decimal, per: Decimal) -> Decimal:
    return half_up(max(_ZERO, points - _started(beyond, step) * per), 2)


def _started(beyond: Decimal, step: Decimal) -> Decimal:
    """How many steps have begun; a part of a step counts as one."""
    return _at(_divided(_at(max(_ZERO, beyond)), step)).to_integral_value(ROUND_CEILING)


def _deduction_formula(points: str, beyond: str, step: Decimal, per: Decimal) -> str:
    distance = f"ROUND(MAX(0,{beyond}),{_COMPARED})"
    started = f"ROUNDUP(ROUND({distance}/{plain(step)},{_COMPARED}),0)"
    return f"ROUND(MAX(0,{points}-{started}*{plain(per)}),2)"


def _needed(value: Decimal | None, name: str) -> Decimal:
    if value is None:
        raise RuleError(texts.RULE_PARAMETER.format(name=name))
    return value


def _positive(value: Decimal | None, name: str) -> Decimal:
    number = _needed(value, name)
    if number <= 0:
        raise RuleError(texts.RULE_PARAMETER.format(name=name))
    return number


def _steps(nature: Nature, steps: tuple[tuple[Decimal, Decimal], ...]) -> tuple[tuple[Decimal, Decimal], ...]:
    """The steps from the best limit on."""
    if not steps:
        raise RuleError(texts.RULE_PARAMETER.format(name="steps"))
    return tuple(sorted(steps, reverse=nature is Nature.AT_LEAST))


# -- how a score came about ------------------------------------------------------------------------------------


def _unusable(**cells: Value) -> Words:
    """The first of these cells that is blank, or text instead of a number."""
    for name, value in cells.items():
        if value is None or is_blank(value):
            return f"worked_{name}_blank", {}
        if not isinstance(value, Decimal):
            return f"worked_{name}_text", {"text": _shortened(value)}
    raise AssertionError(cells)


def _within_points(calculation: str, raw: Decimal, points: Decimal) -> Words:
    """A calculation with its result, and what the limits 0 and `points` made of it."""
    known = {"calculation": calculation, "points": _written(points)}
    if 0 <= raw <= points:
        return "worked", {**known, "result": _result(raw)}
    known |= {"raw": _cut(raw), "score": _written(half_up(_capped(raw, points), 2))}
    return ("worked_floor" if raw < 0 else "worked_capped"), known


def _not_below_zero(key: str, raw: Decimal, known: dict[str, str]) -> Words:
    """What is left after a deduction; `key`_floor where nothing is."""
    if raw < 0:
        return f"{key}_floor", {**known, "left": _cut(raw), "score": _written(_ZERO)}
    return key, {**known, "result": _result(raw)}


def _deducted(
    key: str, points: Decimal, beyond: Decimal, step: Decimal, per: Decimal, known: dict[str, str] | None = None
) -> Words:
    count = _started(beyond, step)
    numbers = {"beyond": _written(_at(beyond)), "count": _written(count), "step": _written(step)}
    numbers |= {"points": _term(points), "per": _term(per)}
    return _not_below_zero(key, points - count * per, (known or {}) | numbers)


def _compared(nature: Nature, met: bool, target: Decimal, actual: Decimal, score: Decimal) -> Words:
    signs = {Nature.AT_LEAST: ("≥", "<"), Nature.AT_MOST: ("≤", ">")}.get(nature, ("＝", "≠"))
    numbers = {"actual": _written(_at(actual)), "target": _written(_at(target)), "score": _written(score)}
    return ("worked_met" if met else "worked_not_met"), {**numbers, "sign": signs[0 if met else 1]}


def _near(met: bool, target: Decimal, actual: Decimal, tolerance: Decimal, score: Decimal) -> Words:
    """Within or beyond the tolerance of the target."""
    numbers = {"target": _written(target), "away": _written(_at(abs(actual - target))), "score": _written(score)}
    numbers["allowed"] = _written(_at(abs(target) * tolerance / _HUNDRED))
    return ("worked_within" if met else "worked_beyond"), numbers


def _result(raw: Decimal) -> str:
    """A result, and where rounding changes it, what it is rounded to: 6.666666…≈6.67."""
    score = half_up(raw, 2)
    return _written(score) if fifteen_digits(raw) == score else f"{_cut(raw)}≈{_written(score)}"


def _cut(raw: Decimal) -> str:
    """A result with at most six decimals; … where there are more."""
    exact = fifteen_digits(raw)
    with localcontext(prec=700):
        cut = exact.quantize(Decimal("0.000001"), ROUND_DOWN)
    return _written(exact) if cut == exact else f"{plain(cut)}…"


def _written(value: Decimal) -> str:
    """A number as a person writes it: no zeros at the end."""
    text = plain(fifteen_digits(value) + _ZERO)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _term(value: Decimal) -> str:
    """A number inside a calculation."""
    return f"({_written(value)})" if value < 0 else _written(value)


def _shortened(value: Value) -> str:
    text = _written(value) if isinstance(value, Decimal) else " ".join((value or "").split())
    return text if len(text) <= 20 else f"{text[:19]}…"


def _day(serial: Decimal) -> str:
    """The date of an Excel serial number; the number itself where it is none."""
    ordinal = _EXCEL_EPOCH + int(serial) if serial == serial.to_integral_value() and serial < 2_958_466 else 0
    return date.fromordinal(ordinal).isoformat() if ordinal else _written(serial)
