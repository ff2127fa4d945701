"""Sums of changes (增减额的合计): 减少221万元，其中接待费减少12万元，车辆费减少209万元."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from jixiao_xl.model.claims import Claim
from jixiao_xl.model.intervals import summed
from jixiao_xl.stages.check_report.closed_sets import is_closed_by_name
from jixiao_xl.stages.check_report.figures import Figure
from jixiao_xl.stages.check_report.judge import Result, agrees, claim_of, signed, total_of
from jixiao_xl.stages.check_report.text import Text
from jixiao_xl.stages.check_report.totals import part_lists


def change_sum_claims(text: Text) -> Iterator[Claim]:
    """The claims that changes of parts make up the change of the whole."""
    for found in part_lists(text):
        total = _change_of(found.total, found.parts[0], text)
        if total is not None and len(found.parts) > 1 and agrees(found.total, total_of(found.parts)):
            changes = [_told_of(part, total, text) for part in found.parts]
            if all(change is not None for change in changes):
                yield from _claim(total, [c for c in changes if c is not None and c is not _FLAT], closed=True)
    for figure in text.figures:
        if figure.role == "change" and text.lexicon.says("surely_of_which", figure.before):
            yield from _bare_list(figure, text)


_FLAT = "flat"  # 持平: a change of nothing
Told = Figure | str | None


def _change_of(level: Figure, stop: Figure, text: Text) -> Figure | None:
    """The change told of a level before its list begins."""
    figure = text.following(level)
    while figure is not None and figure.index < stop.index:
        if figure.role == "change" and figure.kind == level.kind and not figure.base_basis:
            return figure
        if figure.role == "level" and not figure.compared:
            return None
        figure = text.following(figure)
    return None


def _told_of(part: Figure, total: Figure, text: Text) -> Told:
    """The change told of a part; 持平 is one of nothing; None where nothing is told."""
    figure, after = text.following(part), part.after
    while figure is not None and figure.segment == part.segment:
        if figure.role == "change" and figure.kind == total.kind:
            return None if figure.base_basis else figure
        if figure.role == "level" and not figure.compared:
            break
        after += figure.after
        figure = text.following(figure)
    return _FLAT if text.lexicon.says("flat", after.partition("；")[0]) else None


def _claim(total: Figure, parts: Sequence[Figure | str], *, closed: bool) -> Iterator[Claim]:
    changes = [part for part in parts if isinstance(part, Figure)]
    if not changes or 0 in (total.direction, *(part.direction for part in changes)):
        return
    both = [signed(part, part.direction) for part in changes]
    result = Result(sum((value for value, _ in both), Decimal(0)), summed(i for _, i in both), tuple(changes))
    agreement = agrees(total, result, total.direction)
    if agreement:
        yield claim_of("total", total, agreement, result, total.direction)
    elif closed and not any(figure.token.approximate for figure in (total, *changes)):
        yield claim_of("total", total, "wrong", result, total.direction)


def _bare_list(first: Figure, text: Text) -> Iterator[Claim]:
    """A change whose parts are listed without their levels."""
    before = [f for f in text.paragraph(first) if f.index < first.index and f.role == "change" and f.kind == first.kind]
    if not before:
        return
    total = before[-1]
    if total.sentence < first.sentence - 1 or total.base_basis != first.base_basis:
        return
    here = [f for f in text.sentence(first) if f.index >= first.index]
    parts = [f for f in here if f.role == "change" and f.kind == first.kind]
    if any(f.role == "level" and f.kind == first.kind and not f.compared for f in here) or len(parts) < 2:
        return
    closed = is_closed_by_name(total, parts, text)
    yield from _claim(total, parts, closed=closed)
