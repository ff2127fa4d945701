"""Source text (原文): a passage without blanks and in half-width digits, each character knowing where it stood."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jixiao_xl.model.passages import Passage, Span

_HALF = {code: chr(code - 0xFEE0) for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()}
_SAME = str.maketrans(
    {
        "％": "%",
        "．": ".",
        "﹒": ".",
        "＋": "+",
        "－": "-",
        "−": "-",
        "﹣": "-",
        "＝": "=",
        "～": "~",
        "〜": "~",
        "(": "\uff08",
        ")": "\uff09",
        ":": "\uff1a",
        ";": "\uff1b",
        "?": "\uff1f",
        "!": "\uff01",
        "┈": "\u2026",
        "\u2571": "/",
        "\uff0f": "/",
        "＂": '"',
    }
    | {chr(code): half for code, half in _HALF.items()}
)
_COMMA = re.compile(r"(?<!\d),|,(?!\d)")
_WIDE_COMMA = re.compile(
    r"(?<=(?<![\d.])\d)，(?=\d{3}\.\d)|(?<=(?<![\d.])\d\d)，(?=\d{3}\.\d)|(?<=(?<![\d.])\d\d\d)，(?=\d{3}\.\d)"
)
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_STOPS = frozenset("\u3002\uff1b\uff1a\uff01\uff1f")


@dataclass(frozen=True, slots=True)
class Source:
    """One passage as the grammar reads it.

    Attributes:
        passage: where it stands.
        number: its place among the passages, from 0.
        text: without blanks (one stays between two digits), half-width digits, full-width punctuation.
        at: for each character of `text` its index in the passage's own text.
    """

    passage: Passage
    number: int
    text: str
    at: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """The span in the passage's own text of `text[start:end]`, which is not empty."""
        return self.at[start], self.at[end - 1] + 1

    def original(self, start: int, end: int) -> str:
        """What stands in the passage at `text[start:end]`."""
        first, last = self.span(start, end)
        return self.passage.text[first:last]


def read_source(passage: Passage, number: int) -> Source:
    """The passage as the grammar reads it."""
    kept: list[str] = []
    at: list[int] = []
    blank: int | None = None
    for index, raw in enumerate(passage.text):
        character = raw.translate(_SAME)
        if character == "\n" and _ends_line(passage, index, kept):
            kept.append("\n")
            at.append(index)
            blank = None
        elif character.isspace() or character in _INVISIBLE:
            blank = index
        else:
            if blank is not None and kept and kept[-1].isdigit() and character.isdigit():
                kept.append(" ")
                at.append(blank)
            kept.append(character)
            at.append(index)
            blank = None
    text = _COMMA.sub("\uff0c", "".join(kept))
    return Source(passage, number, _WIDE_COMMA.sub(",", text), tuple(at))


def _ends_line(passage: Passage, index: int, kept: list[str]) -> bool:
    """Whether a line feed ends a sentence: in cells, and after a full stop; a broken line inside a sentence goes on."""
    return passage.kind == "cell" or not kept or kept[-1] in _STOPS
