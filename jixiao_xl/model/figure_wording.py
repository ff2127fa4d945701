"""Wording of figures (数字的写法): when two texts say the same, and how a new figure is written in a person's manner.

`1,733.73` and `１７３３.７３` say 1733.73; 下降 says 减少 where the mapping calls it a synonym. Neither is an edit, and a
figure that moves is written in the same manner again. Anything else that differs is another text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

Synonyms = Mapping[str, tuple[str, ...]]  # words of the same direction, by the program's word

_NARROW: Final = str.maketrans("０１２３４５６７８９．％", "0123456789.%")
_WIDE: Final = {narrow: wide for wide, narrow in _NARROW.items()}
_SEPARATOR: Final = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_WHOLE: Final = re.compile(r"(?<![\d.])\d{4,}(?![\d年])")  # not a year
_THREE: Final = re.compile(r"(?<=\d)(?=(?:\d{3})+$)")


def says_the_same(one: str, other: str, synonyms: Synonyms) -> bool:
    """Whether two texts give the same numbers with words of the same direction.

    >>> says_the_same("减少1,072.80万元", "下降１０７２.80万元", {"减少": ("下降",)})
    True
    """
    if plain_digits(one) == plain_digits(other):
        return True
    words = _words(synonyms)
    if words is None:
        return False
    left, right = words.split(plain_digits(one)), words.split(plain_digits(other))
    # split by a group: text and word take turns
    return (
        len(left) == len(right)
        and left[::2] == right[::2]
        and all(_same_direction(a, b, synonyms) for a, b in zip(left[1::2], right[1::2], strict=True))
    )


def in_the_manner_of(new: str, now: str, synonyms: Synonyms) -> str:
    """The new text as a person wrote the present one: its thousands, its wide digits, its words, its outer blanks.

    A word of direction is kept only where the new one has the same direction.

    >>> in_the_manner_of("减少1245.52万元", "下降1,072.80万元", {"减少": ("下降",)})
    '下降1,245.52万元'
    """
    core = now.strip()
    narrow = core.translate(_NARROW)
    words = _words(synonyms)
    if words is not None:
        old, fresh = words.split(narrow), words.split(new)
        if len(old) == len(fresh):
            fresh[1::2] = [
                a if _same_direction(a, b, synonyms) else b for a, b in zip(old[1::2], fresh[1::2], strict=True)
            ]
            new = "".join(fresh)
    separator = _SEPARATOR.search(narrow)
    if separator:
        new = _WHOLE.sub(lambda number: _THREE.sub(separator[0], number[0]), _SEPARATOR.sub("", new))
    digits = {ord(digit) for digit in "0123456789"}
    wide = {ord(character.translate(_NARROW)) for character in core if ord(character) in _NARROW}
    if wide & digits:
        wide |= digits
    new = new.translate({narrow: _WIDE[narrow] for narrow in wide})
    start = len(now) - len(now.lstrip())
    return now[:start] + new + now[start + len(core) :] if core else new


def plain_digits(text: str) -> str:
    """The text with narrow digits, without separators of thousands and outer blanks."""
    return _SEPARATOR.sub("", text.strip().translate(_NARROW))


def _same_direction(one: str, other: str, synonyms: Synonyms) -> bool:
    return one == other or any({one, other} <= {word, *others} for word, others in synonyms.items())


def _words(synonyms: Synonyms) -> re.Pattern[str] | None:
    return _pattern(tuple(sorted({word for key, others in synonyms.items() for word in (key, *others)})))


@lru_cache(maxsize=16)
def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted((word for word in words if word), key=lambda word: (-len(word), word))
    return re.compile(f"({'|'.join(map(re.escape, longest_first))})") if longest_first else None
