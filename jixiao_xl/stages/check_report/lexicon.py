"""Lexicon (词表): the patterns of reading.yaml with the words filled in, compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

from jixiao_xl.model.mapping import Reading

_POINT = re.compile("点")
_PIECE_END = re.compile(r"[，；：。！？（）\n]")
_HOLE = re.compile(r"\{([a-z_]+)\}")


class Lexicon:
    """The words of a reading.yaml, and its patterns by name."""

    def __init__(self, words: Reading) -> None:
        """Fill in and compile every pattern.

        Raises:
            KeyError: a pattern names a list that there is none of.
            re.error: a pattern is no regular expression.
        """
        self.words = words
        self.weak = frozenset(words.weak_names)
        lists = {name: value for name in Reading.model_fields if isinstance(value := getattr(words, name), tuple)}
        self._parts = {name: _either(words_of) for name, words_of in lists.items()}
        units = (*words.money_units, *words.percent_units, *words.point_units, *words.counters)
        self._parts |= {"units": _either(units), "bare_scales": _either(words.bare_scales)}
        self._patterns: dict[str, re.Pattern[str]] = {}
        for name, template in words.patterns.items():
            self._parts[name] = self._filled(template)
            self._patterns[name] = re.compile(self._parts[name])
        self.context = tuple(re.compile(self._filled(template)) for template in words.context)
        self.headings = tuple(re.compile(self._filled(template)) for template in words.headings)

    def __getitem__(self, name: str) -> re.Pattern[str]:
        """The pattern of that name."""
        return self._patterns[name]

    def says(self, name: str, text: str) -> bool:
        """Whether the pattern occurs in a text."""
        return self._patterns[name].search(text) is not None

    def last(self, name: str, text: str) -> re.Match[str] | None:
        """The last place where the pattern occurs."""
        found = None
        for match in self._patterns[name].finditer(text):
            found = match
        return found

    def numeral(self, text: str) -> Decimal | None:
        """A number below ten thousand in Chinese characters, or None."""
        whole, *decimals = _POINT.split(text)
        if decimals:
            digits = "".join(str(self.words.digits[character]) for character in decimals[0])
            front = self.numeral(whole)
            return None if front is None or not digits else front + Decimal(f"0.{digits}")
        total = digit = 0
        for character in whole:
            if character in self.words.tens:
                total += (digit or 1) * self.words.tens[character]
                digit = 0
            else:
                digit = digit * 10 + self.words.digits[character]
        return Decimal(total + digit) if whole else None

    def _filled(self, template: str) -> str:
        return _HOLE.sub(lambda hole: self._parts[hole[1]], template)


@lru_cache(maxsize=4)
def lexicon_of(words: Reading) -> Lexicon:
    """The lexicon of a reading.yaml, compiled once."""
    return Lexicon(words)


def _either(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(set(words), key=lambda w: (-len(w), w))) + ")"


def pieces(text: str) -> Iterator[str]:
    """The clauses of a text, the last one first."""
    yield from reversed(_PIECE_END.split(text))
