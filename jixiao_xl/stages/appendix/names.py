"""Names (附表命名): sheet names that Excel takes, and file names that do not collide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

LONGEST: Final = 31  # UTF-16 units
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def sheet_names(wanted: Iterable[str]) -> Iterator[str]:
    """For each wanted name one that Excel takes: at most 31 long, no sign that it forbids, none twice."""
    used: set[str] = set()
    for name in wanted:
        plain = _FORBIDDEN.sub("_", name).strip().strip("'") or "_"
        for number in range(1, 10_000):
            suffix = "" if number == 1 else f"_{number}"
            candidate = _cut(plain, LONGEST - len(suffix)) + suffix
            if candidate.casefold() not in used:
                break
        used.add(candidate.casefold())
        yield candidate


def _cut(text: str, units: int) -> str:
    """As many whole characters as fit."""
    while len(text.encode("utf-16-le")) // 2 > units:
        text = text[:-1]
    return text.rstrip().rstrip("'")
