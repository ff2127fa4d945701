"""What was left behind (残留): marks of a template, sentences without an end, last year's year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from jixiao_xl.stages.check_report.prose.text import Slip, Text

_ANNEX: Final = re.compile(r"\s*附件\s*\d{0,2}\s*:\s*")


def placeholders(text: Text) -> Iterator[Slip]:
    """Marks and blanks of a template; one finding a passage, with all that stands there."""
    patterns = (*text.words.placeholders, *text.words.unfinished)
    for number, line in enumerate(text.plain):
        spans = sorted({match.span() for pattern in patterns for match in pattern.finditer(line)})
        found = list(dict.fromkeys(text.original(number, span).strip() for span in spans))
        if found:
            yield Slip("placeholder-left", text.passages[number].place, spans[0], "、".join(found))


def missing_annexes(text: Text) -> Iterator[Slip]:
    """附件： with nothing behind it."""
    filled = [(passage.place, line) for passage, line in zip(text.passages, text.plain, strict=True) if line.strip()]
    if filled and _ANNEX.fullmatch(filled[-1][1]):
        place, line = filled[-1]
        yield Slip("placeholder-left", place, (0, len(line)), line.strip())


def stale_years(text: Text) -> Iterator[Slip]:
    """The evaluation of another year than the title's, where the text speaks of its own."""
    if text.year is None:
        return
    for number, line in enumerate(text.plain):
        bare = text.words.quoted.sub(lambda match: " " * len(match[0]), line)
        for match in text.words.own_year.finditer(bare):
            if int(match[1]) == text.year - 1:
                found = text.original(number, match.span())
                yield Slip("stale-year-text", text.passages[number].place, match.span(), found, str(text.year))
