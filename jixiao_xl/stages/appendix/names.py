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
        candidate, number = _cut(plain, LONGEST), 1
        while candidate.casefold() in used:
            number += 1
            candidate = _cut(plain, LONGEST - len(f"_{number}")) + f"_{number}"
        used.add(candidate.casefold())
        yield candidate


def _cut(text: str, units: int) -> str:
    """As many whole characters as fit."""
    while len(text.encode("utf-16-le")) // 2 > units:
        text = text[:-1]
    return text.rstrip().rstrip("'")
