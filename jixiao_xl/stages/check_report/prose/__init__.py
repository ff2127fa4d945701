"""Slips of wording (文字毛病): what a reviewer would mark in a report's words; the patterns are in reading.yaml.

Better nothing than a false alarm: each rule asks for more than one sign before it says anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Facts
from dataclasses import replace

from jixiao_xl.model.claims import Claim, Number
from jixiao_xl.model.findings import Finding
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.passages import Passage, TextPlace, place_in_words
from jixiao_xl.model.results import FactValue
from jixiao_xl.stages.check_report.prose.grades import grade_slips, unsupported_scores
from jixiao_xl.stages.check_report.prose.headings import numbering_slips
from jixiao_xl.stages.check_report.prose.leftovers import missing_annexes, placeholders, stale_years
from jixiao_xl.stages.check_report.prose.sense import (
    contradictions,
    miscounted_lists,
    object_slips,
    principles,
    scope_slips,
)
from jixiao_xl.stages.check_report.prose.text import Slip, Text


def prose_findings(
    file: str,
    passages: Sequence[Passage],
    claims: Sequence[Claim],
    numbers: Sequence[Number],
    mapping: Mapping,
    facts: Facts[str, FactValue] | None = None,
) -> list[Finding]:
    """What is wrong with a report's words, in the order of its text.

    `numbers` are not needed yet; `facts` are the workspace's: with them the office's own names of grades count.
    """
    text = Text(passages, mapping.reading.prose, facts)
    order = {passage.place: number for number, passage in enumerate(passages)}
    slips = sorted(_slips(text, claims, mapping), key=lambda slip: (order[slip.place], slip.span))
    return [_finding(file, slip, mapping) for slip in dict.fromkeys(slips)]


def _slips(text: Text, claims: Sequence[Claim], mapping: Mapping) -> Iterator[Slip]:
    yield from numbering_slips(text)
    yield from grade_slips(text, mapping.scoring.grades)
    yield from unsupported_scores(text, claims)
    yield from object_slips(text)
    yield from scope_slips(text)
    yield from contradictions(text)
    yield from principles(text)
    yield from miscounted_lists(text)
    yield from placeholders(text)
    yield from missing_annexes(text)
    yield from stale_years(text)


def _finding(file: str, slip: Slip, mapping: Mapping) -> Finding:
    where = place_in_words(slip.place)
    beside = place_in_words(slip.beside) if slip.beside else where
    finding = mapping.catalogue.at(
        slip.code,
        TextPlace(file, passage=slip.place, span=slip.span),
        found=slip.found,
        expected=slip.expected or None,
        cause=f"{slip.place} {slip.found}",
        where=where,
        beside=beside,
    )
    if slip.code != "stale-year-text":
        return finding
    # the code's own sentence is about a cell of a workbook
    words = {"file": file.rsplit("/", 1)[-1], "where": where, "found": slip.found, "expected": slip.expected}
    return replace(finding, message=mapping.text("report_stale_year", **words))
