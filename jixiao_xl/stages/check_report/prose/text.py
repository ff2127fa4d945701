"""The text that slips are looked for in (正文): passages in half-width characters, their sentences, and what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from jixiao_xl.model.mapping.reading_prose import Prose, ReportObject
from jixiao_xl.model.passages import Passage, Span
from jixiao_xl.model.results import FactValue

_WIDE: Final = str.maketrans({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20})
_SENTENCE: Final = re.compile(r"[^。;!?\n]+[。;!?]?")
_TITLE_LINES: Final = 12  # a title stands among the first lines that are not blank
_TITLE: Final = 60  # and is no longer than this
_YEAR: Final = re.compile(r"(20\d\d)年")


@dataclass(frozen=True, slots=True)
class Slip:
    """Something wrong with the words at a place.

    Attributes:
        code: the finding's.
        place: the passage.
        span: the characters that are meant.
        found: the words that stand there.
        expected: the words that should stand there, or that they disagree with.
        beside: the passage of those other words, where they stand elsewhere.
    """

    code: str
    place: str
    span: Span
    found: str
    expected: str = ""
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in half-width characters; `start` is its first character in the passage."""

    place: str
    text: str
    start: int
    passage: int

    def span(self, match: re.Match[str], group: int = 0) -> Span:
        """Where a match's group stands in the passage."""
        return self.start + match.start(group), self.start + match.end(group)


@dataclass(frozen=True)
class Text:
    """A report as its words are looked through.

    Attributes:
        passages: as they were read.
        words: the patterns.
        facts: the workspace's, or None without one.
    """

    passages: Sequence[Passage]
    words: Prose
    facts: Mapping[str, FactValue] | None

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """Every passage in half-width characters, each where it stood."""
        return tuple(plainly(passage.text) for passage in self.passages)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence of every passage."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[Sentence]:
        for number, (passage, text) in enumerate(zip(self.passages, self.plain, strict=True)):
            for match in _SENTENCE.finditer(text):
                yield Sentence(passage.place, match[0], match.start(), number)

    @cached_property
    def titles(self) -> tuple[tuple[str, str], ...]:
        """Place and text of the short lines at the beginning; a title may run over two of them."""
        filled = [(p.place, text.strip()) for p, text in zip(self.passages, self.plain, strict=True) if text.strip()]
        return tuple(line for line in filled[:_TITLE_LINES] if len(line[1]) <= _TITLE and "。" not in line[1])

    @cached_property
    def object(self) -> ReportObject | None:
        """What the report is about, by its title; None where no title says so, or titles of both kinds do."""
        found = {
            one.name: one for one in self.words.objects for _, line in self.titles if one.title.search(_joined(line))
        }
        return next(iter(found.values())) if len(found) == 1 else None

    @cached_property
    def year(self) -> int | None:
        """The year that the report's title names."""
        for _, line in self.titles:
            if (match := _YEAR.search(line)) and self.words.about_evaluation.search(line):
                return int(match[1])
        return None

    def original(self, passage: int, span: Span) -> str:
        """These characters as they were written."""
        return self.passages[passage].text[span[0] : span[1]]


def plainly(text: str) -> str:
    """Full-width digits, letters and punctuation as half-width ones; every character stays at its offset.

    >>> plainly("（１）收入，１．２％")
    '(1)收入,1.2%'
    """
    return text.translate(_WIDE)


def _joined(line: str) -> str:
    return re.sub(r"\s", "", line)
