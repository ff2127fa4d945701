"""Empty figures (空着的数): 占 %, 减少 万元."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jixiao_xl.model.claims import Claim, ClaimKind
from jixiao_xl.stages.check_report.source import Source
from jixiao_xl.stages.check_report.text import Text


def empty_claims(text: Text) -> Iterator[Claim]:
    """A claim without a number for every unit that has none before it."""
    for source in text.sources:
        for match in text.lexicon["empty"].finditer(source.text):
            if source.passage.kind != "cell" and not text.lexicon.says("unit_note", source.text[: match.start()][-8:]):
                yield _claim(source, match)


def _claim(source: Source, match: re.Match[str]) -> Claim:
    percent = match["unit"] in "%\u2030"
    kind: ClaimKind = "total"
    if match["share"]:
        kind = "share" if percent else "total"
    elif match["change"]:
        kind = "rate" if percent else "difference"
    elif percent:
        kind = "completion"
    start = max(source.text.rfind(end, 0, match.start()) for end in "\uff0c\uff1b\u3002\n") + 1
    return Claim(
        kind=kind,
        text=source.original(start, match.end()),
        place=source.passage.place,
        span=source.span(*match.span("unit")),
        stated=None,
        recomputed=None,
        verdict="unverifiable",
        reason="empty",
    )
