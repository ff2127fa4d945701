"""Shares and completion (占比和完成率): 占支出合计的60%, 分别占60%、40%, 完成预算的98%, 执行率98%."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from jixiao_xl.model.claims import Claim, Reason
from jixiao_xl.stages.check_report.closed_sets import is_closed_by_name
from jixiao_xl.stages.check_report.figures import DIRECT, Figure
from jixiao_xl.stages.check_report.judge import Binding, Result, binding, decide, ratio_of, total_of
from jixiao_xl.stages.check_report.names import core
from jixiao_xl.stages.check_report.text import Text, is_level
from jixiao_xl.stages.check_report.totals import part_lists

_MOST, _LONG_NAME, _NEAR, _NEAR_WHOLE, _FEWEST = 40, 4, 2, 10, 2
_PLANS: Final = ("plan_initial", "plan_adjusted", "plan_task", "plan_target")


def share_claims(text: Text) -> Iterator[Claim]:
    """The claims of all shares."""
    owners: dict[int, Figure] = {}
    for found in part_lists(text):
        for part in (*found.parts, *found.rest):
            owners.setdefault(part.index, found.total)
    for figure in text.figures:
        if figure.role == "share":
            yield _share(figure, owners, text)


def _share(figure: Figure, owners: dict[int, Figure], text: Text) -> Claim:
    tops = numerators(figure, text)
    found: list[Binding | None] = []
    for top, sure in tops:
        for whole, named in wholes(figure, top, owners.get(top.index), text):
            if whole is not top and whole.kind == top.kind:
                found.append(binding(figure, ratio_of(top, whole), fixed=sure and named, likely=sure or named))
    if not figure.whole and not any(one is not None and one.fixed for one in found):
        found.append(_of_all(figure, tops, text))
    missing = text.lexicon.words.missing
    return decide(
        "share", figure, found, reason="no-base", missing=missing["whole"] if tops else missing["part"],
        excuse=_excuse(figure, text),
    )  # fmt: skip


def _of_all(figure: Figure, tops: list[tuple[Figure, bool]], text: Text) -> Binding | None:
    """A share of all that its sentence lists, where the shares make 100 % or the parts are a closed set."""
    parts = [f for f in text.sentence(figure) if is_level(f, "money") and not f.compared and f.depth == figure.depth]
    top = next((one for one, sure in tops if sure), None)
    if top not in parts or len(parts) < _FEWEST:
        return None
    shares = [following for part in parts if (following := text.following(part)) and following.role == "share"]
    full = len(shares) == len(parts) and abs(sum(f.value for f in shares) - 100) <= len(shares) * Decimal("0.011")
    closed = is_closed_by_name(top, parts, text)
    if not (full or closed) or any(f.whole for f in shares):
        return None
    whole = total_of(parts)
    quotient = top.interval / whole.interval
    if quotient is None:
        return None
    hundred = Decimal(100)
    result = Result(top.value / whole.value * hundred, quotient.times(hundred), tuple(parts))
    return binding(figure, result, fixed=True)


def _excuse(figure: Figure, text: Text) -> Reason | None:
    if text.lexicon.says("scope", figure.before[-40:]):
        return "scope"
    return "approximate" if figure.token.approximate else None


def vector_place(figure: Figure, text: Text) -> tuple[int, int]:
    """Its place in a list of like figures (占…的60%、40%), from 0, and the list's length."""
    first = last = figure
    while (before := text.before(first)) is not None and before.role == figure.role and len(first.before) <= 1:
        first = before
    while (after := text.following(last)) is not None and after.role == figure.role and len(after.before) <= 1:
        last = after
    return figure.index - first.index, last.index - first.index + 1


def numerators(figure: Figure, text: Text) -> list[tuple[Figure, bool]]:
    """The levels that a share may be of, each with whether grammar says so, the likeliest first."""
    place, length = vector_place(figure, text)
    before = [f for f in text.levels_before(figure) if not f.compared][:_MOST]
    if figure.whole == DIRECT:
        whole = text.before(text.figures[figure.index - place])
        before = [f for f in before if f is not whole]
    if length > 1:
        near = [f for f in before if f.sentence == figure.sentence]
        if len(near) >= length:
            mine = near[length - 1 - place]
            return [(mine, True)]
        return [(f, False) for f in before]
    named = [f for f in before if figure.name and text.same(f.called, figure.name)]
    here = [f for f in before if f.segment == figure.segment and f.depth <= figure.depth]
    mine = (named[0] if named else None) if figure.name else (here[0] if here else None)
    if mine is None:
        return [(f, False) for f in before]
    return [(mine, True)] + [(f, False) for f in before if f is not mine]


def wholes(figure: Figure, top: Figure, owner: Figure | None, text: Text) -> Iterator[tuple[Figure, bool]]:
    """The levels that a share may be measured by, each with whether grammar names it."""
    name = figure.whole
    before = [f for f in text.levels_before(figure, top.kind) if f is not top][:_MOST]
    seen: set[int] = {top.index}
    place, _ = vector_place(figure, text)
    direct = text.before(text.figures[figure.index - place])
    if name == DIRECT and direct is not None:
        yield direct, True
        return
    weak = text.is_weak(name)
    alike = [f for f in before if name and not weak and text.related(f.called, name)]
    only = len({f.value for f in alike}) == 1
    for level in before:
        if (
            name
            and not weak
            and (text.same(level.called, name) or (only and level in alike))
            and _one_plan(figure, level, text)
        ):
            seen.add(level.index)
            yield level, True
    if owner is None and (weak or not name):
        owner = _head(figure, top, text)
    if owner is not None and owner.index not in seen and (weak or not name):
        seen.add(owner.index)
        yield owner, True
    for level in before:
        if level.index not in seen:
            seen.add(level.index)
            yield level, False
    far = [f for f in text.figures if name and is_level(f, top.kind) and _may_be(f.called, name)]
    values = {f.value for f in far if f is not top and _same_time(f, top)}
    if weak and name:
        above = [f for f in far if f.index < top.index and figure.paragraph - f.paragraph <= _NEAR]
        far = [f for f in above if text.lexicon.says("total_name", f.before) and text.same(f.called, name)] or far
        values = {f.value for f in far}
    only = (
        (not weak or bool(name))
        and len(values) == 1
        and min(abs(f.paragraph - figure.paragraph) for f in far) <= _NEAR_WHOLE
    )
    for level in (*far, *text.levels_after(figure, top.kind)[:6]):
        if level.index not in seen:
            seen.add(level.index)
            yield level, only and level in far and level.index < figure.index and _same_time(level, top)


def _may_be(called: str, name: str) -> bool:
    """Whether a figure's name may be that of the whole."""
    return name in called or (len(called) >= _LONG_NAME and called in name)


def _head(figure: Figure, top: Figure, text: Text) -> Figure | None:
    """The total that a sentence begins with."""
    first = next((f for f in text.sentence(figure) if is_level(f, top.kind) and not f.compared), None)
    if first is None or first is top or not text.lexicon.says("total_name", first.before):
        above = [f for f in text.levels_before(top, top.kind) if f.sentence == top.sentence - 1]
        if len(above) == 1 and _is_total(above[0], text):
            return above[0]
    if first is None or first is top:
        return None
    _, length = vector_place(figure, text)
    levels = [f for f in text.sentence(figure) if first.index < f.index < figure.index and is_level(f)]
    within = text.lexicon.says("within", first.after)
    whole = within or text.lexicon.says("total_name", first.before) or (length > 1 and len(levels) == length)
    return first if whole else None


def _is_total(figure: Figure, text: Text) -> bool:
    """Whether a figure is called a total, or by the name of a closed set's whole."""
    totals = [name for closed in text.report.closed_parts for name in closed.total if len(name) >= _LONG_NAME]
    return text.lexicon.says("total_name", figure.before) or any(name in figure.called for name in totals)


def _same_time(figure: Figure, top: Figure) -> bool:
    return figure.period is None or top.period is None or figure.period == top.period


# -- completion --------------------------------------------------------------------------------------------------


def completion_claims(text: Text) -> Iterator[Claim]:
    """The claims of all rates of completion and of 为年初预算的98%."""
    for figure in text.figures:
        if figure.role in {"completion", "proportion"}:
            yield _completion(figure, text)


def _completion(figure: Figure, text: Text) -> Claim:
    planned = figure.role == "completion" or text.lexicon.says("budget", figure.whole)
    before = text.levels_before(figure)[:_MOST]
    done = [
        f for f in before if not f.compared and (f.basis != "budget" if planned else f.period in (None, figure.now))
    ]
    plans = [f for f in before if (f.basis == "budget" if planned else f.compared or f.period == figure.now - 1)]
    after = [f for f in text.levels_after(figure)[:6] if f.segment == figure.segment]
    place, length = vector_place(figure, text)
    top, whole = _sure(figure, done, place, length), _sure(figure, plans, place, length)
    if top is not None and whole is None and planned and not plans:
        whole = _plan_above(top, text)
    if (
        top is not None
        and whole is not None
        and whole.sentence != figure.sentence
        and not text.is_weak(core(top.name, text.lexicon))
    ):
        whole = whole if text.related(top.name, whole.called) else None
    if whole is not None and not _one_plan(figure, whole, text):
        whole = None
    found: list[Binding | None] = []
    if top is not None and whole is not None and top.kind == whole.kind:
        found.append(binding(figure, ratio_of(top, whole), fixed=True))
    for one in [*done, *after]:
        for other in [*plans, *before, *after]:
            if one is not other and one.kind == other.kind:
                likely = (one is top and other in (*plans, *after)) or (other is whole and one in (*done, *after))
                found.append(binding(figure, ratio_of(one, other), fixed=False, likely=likely))
    missing = text.lexicon.words.missing
    wanted = missing["budget" if planned else "prior"] if not plans else missing["actual"]
    return decide("completion", figure, found, reason="no-base", missing=wanted, excuse=_excuse(figure, text))


def _one_plan(figure: Figure, whole: Figure, text: Text) -> bool:
    """Whether a rate and its base may speak of one plan: 年初预算 is not 调整预算, and neither is 任务."""
    mine, its = _plans_in(figure, text), _plans_in(whole, text)
    return not mine or not its or bool(mine & its)


def _plans_in(figure: Figure, text: Text) -> set[str]:
    """The plans that the words before a figure name."""
    return {plan for plan in _PLANS if text.lexicon.says(plan, figure.before)}


def _plan_above(top: Figure, text: Text) -> Figure | None:
    """The only plan of the same measure in the paragraphs just before."""
    near = [f for f in text.figures[max(0, top.index - _MOST) : top.index] if top.paragraph - f.paragraph <= _NEAR]
    plans = [f for f in near if is_level(f, top.kind) and f.basis == "budget" and text.related(f.called, top.called)]
    return plans[-1] if plans and len({f.value for f in plans}) == 1 else None


def _sure(figure: Figure, levels: list[Figure], place: int, length: int) -> Figure | None:
    """The level that grammar gives to a rate: of its list, or the nearest of its segment, then of its sentence."""
    here = [f for f in levels if f.sentence == figure.sentence]
    if length > 1:
        return here[length - 1 - place] if len(here) >= length else None
    near = [f for f in here if f.segment == figure.segment]
    if not near and not here and len(levels) == 1 and levels[0].sentence == figure.sentence - 1:
        return levels[0]
    return near[0] if near else None
