"""Dates (日期先后): a range whose end lies before its beginning."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jixiao_xl.model.claims import Claim, Operand
from jixiao_xl.stages.check_report.source import Source
from jixiao_xl.stages.check_report.text import Text

Day = tuple[int, int, int]


def date_claims(text: Text) -> Iterator[Claim]:
    """The claims of all ranges of dates."""
    for source in text.sources:
        for match in text.lexicon["date_range"].finditer(source.text):
            claim = _claim(source, match)
            if claim is not None:
                yield claim


def _claim(source: Source, match: re.Match[str]) -> Claim | None:
    first, last = _days(match)
    if first is None or last is None:
        return None
    place = source.passage.place
    start = match.end("first") + len(match["to"])
    stated = source.original(start, match.end())
    ordered = first <= last
    certain = ordered or match["y2"] is not None or first[1] == last[1]
    numbers = [
        Operand(source.original(*match.span(name)), place, source.span(*match.span(name)))
        for name in ("y1", "m1", "d1", "y2", "m2", "d2", "d3")
        if match[name] is not None
    ]
    return Claim(
        kind="date_order",
        text=source.original(match.start(), match.end()),
        place=place,
        span=numbers[-1].span,
        stated=stated,
        recomputed=source.original(match.start(), match.end("first")),
        verdict="exact" if ordered else "wrong" if certain else "unverifiable",
        reason=None if certain else "ambiguous",
        operands=tuple(numbers[:-1]),
    )


def _days(match: re.Match[str]) -> tuple[Day | None, Day | None]:
    """Both ends; what the second leaves out it has from the first; None where an end is no date or says too little."""
    given = {name: int(value) if value else None for name, value in match.groupdict().items() if name[1:].isdigit()}
    year = given["y1"] or 0
    month = given["m1"]
    if month is None:
        return None, None
    day = given["d1"] or 0
    last_month = given["m2"] or month
    last_day = given["d2"] or given["d3"] or 0
    if not (0 < month <= 12 and 0 < last_month <= 12 and day <= 31 and last_day <= 31):
        return None, None
    if (given["d1"] is None) != (last_day == 0):
        day = last_day = 0
    return (year, month, day), (given["y2"] or year, last_month, last_day)
