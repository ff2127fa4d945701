"""Passages (段落): the text of somebody's report in reading order, each piece with the place where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from jixiao_xl.model import texts
from jixiao_xl.model.places import Place

PassageKind = Literal["body", "cell", "box", "note"]
Span = tuple[int, int]  # characters of a passage's text, from the first one up to, not including, the second


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph or one table cell.

    Attributes:
        place: `p12` (paragraph of the body, from 1, blank ones counted), `t2r3c1` (table cell, its paragraphs joined
            by line feeds), `box1p2` (paragraph of a text box), `note3` (footnote or endnote).
        kind: where it stands.
        text: all of its text, also inside content controls; without what a tracked change deletes.
        level: the outline level of a heading by its style, from 1; None for body text.
        merged: how many rows and columns a cell spans; (1, 1) elsewhere.
    """

    place: str
    kind: PassageKind
    text: str
    level: int | None = None
    merged: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True)
class TextPlace(Place):
    """A place in a report's text: a finding there becomes a comment at these characters.

    Attributes:
        passage: the passage's place, such as `p12`.
        span: its characters.
    """

    passage: str = ""
    span: Span = (0, 0)


_PLACES: Final = (
    (re.compile(r"p(\d+)"), texts.PLACE_PARAGRAPH),
    (re.compile(r"t(\d+)r(\d+)c(\d+)"), texts.PLACE_CELL),
    (re.compile(r"box(\d+)p(\d+)"), texts.PLACE_BOX),
    (re.compile(r"note(\d+)"), texts.PLACE_NOTE),
)


def place_in_words(place: str) -> str:
    """A place as a person counts: 第12段, 表2第3行第1列, 文本框1第2段, 注3; anything else as it is."""
    for pattern, words in _PLACES:
        if match := pattern.fullmatch(place):
            return words.format(*match.groups())
    return place
