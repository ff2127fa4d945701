"""What a report says of itself (前后说法): its object, its scopes, and what it contradicts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from jixiao_xl.model.numerals import from_chinese
from jixiao_xl.model.passages import Span
from jixiao_xl.stages.check_report.prose.text import Slip, Text

_AND: Final = re.compile("[、和与及]")
_SAME: Final = 3  # so many principles two lists share before they are the same list
_CLAUSE: Final = re.compile("[,;:]")
_ROUNDING: Final = Decimal("0.015")  # of a difference of two figures with two decimals


def object_slips(text: Text) -> Iterator[Slip]:
    """The whole called a project, or a project called the whole, where the report draws its conclusion."""
    about = text.object
    for sentence in text.sentences if about is not None else ():
        if not text.words.not_the_whole.search(sentence.text):
            for match in about.mistaken.finditer(sentence.text) if about else ():
                yield Slip(
                    "object-mismatch", sentence.place, sentence.span(match, 1), match[1], about.name if about else ""
                )


def scope_slips(text: Text) -> Iterator[Slip]:
    """This year's figure of one scope less last year's of another, given as the change."""
    for passage, line in zip(text.passages, text.plain, strict=True):
        for match in text.words.comparison.finditer(line):
            now, then = (_scope(text, match[group]) for group in ("now", "then"))
            if now is None or then is None or now[0] == then[0]:
                continue
            amounts = [Decimal(match[group].replace(",", "")) for group in ("amount", "before", "change")]
            if abs(abs(amounts[0] - amounts[1]) - amounts[2]) <= _ROUNDING:
                yield Slip("scope-mismatch", passage.place, (match.start("now"), match.end("change")), now[1], then[1])


def _scope(text: Text, words: str) -> tuple[str, str] | None:
    """The scope and its name at the end of some words."""
    found = [
        (scope, name) for scope, names in text.words.scopes.items() for name in names if words.strip().endswith(name)
    ]
    return max(found, key=lambda one: len(one[1])) if found else None


def contradictions(text: Text) -> Iterator[Slip]:
    """Two sentences of which only one can hold."""
    for pair in text.words.contradictions:
        first = _stated(text, pair.first)
        second = _stated(text, pair.second)
        if first is not None and second is not None:
            yield Slip("text-contradiction", *first, second[2], second[0])


def _stated(text: Text, pattern: re.Pattern[str]) -> tuple[str, Span, str] | None:
    """Place, characters and words of the first sentence that states it, and not as a plan."""
    for sentence in text.sentences:
        match = pattern.search(sentence.text)
        if match is None:
            continue
        before = sentence.text[: match.start()]
        planned = text.words.intention.search(_CLAUSE.split(before)[-1])
        if not planned and not text.words.another_year.search(before):
            span = sentence.span(match)
            return sentence.place, span, text.original(sentence.passage, span)
    return None


def principles(text: Text) -> Iterator[Slip]:
    """Principles listed twice, and not the same ones."""
    first: tuple[str, str, set[str]] | None = None
    for passage, line in zip(text.passages, text.plain, strict=True):
        for match in text.words.principles.finditer(line):
            these = set(_AND.split(match[1]))
            if first is None:
                first = (passage.place, match[1], these)
            elif these != first[2] and len(these & first[2]) >= _SAME and len(these) != len(first[2]):
                yield Slip("text-contradiction", passage.place, match.span(1), match[1], first[1], first[0])
                return


def miscounted_lists(text: Text) -> Iterator[Slip]:
    """A list that announces three items and gives two: 以下三个方面：一是…二是…"""
    for number, line in enumerate(text.plain):
        for match in text.words.announced.finditer(line):
            announced = int(match[1]) if match[1].isdecimal() else from_chinese(match[1])
            items = _items(text, number, match.end())
            if announced and len(items) > 1 and len(items) != announced:
                found, listed = text.original(number, match.span()), "、".join(items)
                yield Slip("text-contradiction", text.passages[number].place, match.span(), found, listed)


def _items(text: Text, passage: int, start: int) -> list[str]:
    """一是, 二是 … in order from a place on, through the passages that go on with them; none if something else counts."""
    found: list[str] = []
    for number in range(passage, len(text.plain)):
        rest = text.plain[number][start if number == passage else 0 :]
        matches = list(text.words.items.finditer(rest))
        if number > passage and not (matches and not rest[: matches[0].start(1)].strip()):
            break
        if text.words.other_items.search(rest):
            return []
        for match in matches:
            if from_chinese(match[1]) != len(found) + 1:
                return found
            found.append(match[0].strip("。;:,! \t\n"))
    return found
