"""Closed sets (封闭的分项): parts that are always all of their whole, such as 基本支出 and 项目支出; by names of report.yaml."""

from __future__ import annotations

from collections.abc import Sequence

from jixiao_xl.model.mapping import ClosedParts
from jixiao_xl.stages.check_report.figures import Figure
from jixiao_xl.stages.check_report.text import Text


def is_closed_by_name(total: Figure, parts: Sequence[Figure], text: Text) -> bool:
    """Whether the parts bear the names of a closed set of report.yaml."""
    closed_parts = text.report.closed_parts
    return any(has_members(closed, parts) and takes(closed, total) for closed in closed_parts)


def has_members(closed: ClosedParts, parts: Sequence[Figure]) -> bool:
    """Whether the parts are just the members of a closed set, each once."""
    if len(parts) < len(closed.parts):
        return False
    return all(any(is_member(part, names, closed) for part in parts) for names in closed.parts)


def is_member(part: Figure, names: Sequence[str], closed: ClosedParts) -> bool:
    """Whether a figure bears one of a part's names, and not the longer one of the whole."""
    called = part.called
    return any(name in called and not any(len(t) > len(name) and t in called for t in closed.total) for name in names)


def takes(closed: ClosedParts, total: Figure) -> bool:
    """Whether a total is not one that holds more than the closed set."""
    return not any(word in total.before[-24:] or word in total.called for word in closed.unless)
