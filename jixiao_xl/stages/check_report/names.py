"""Names (名称): what a number measures, out of the words around it, and when two names mean one thing."""

from __future__ import annotations

import re

from jixiao_xl.stages.check_report.lexicon import Lexicon, pieces

_QUOTES = re.compile(r"[“”\"‘’《》]")
_BRACKETS = re.compile(r"（[^）]*）")
_LONGEST = 40


def name_in(text: str, lexicon: Lexicon) -> str:
    """The name that the last clause with a noun gives; "" where there is none.

    >>> name_in("。2025年总支出合计为", lexicon)  # doctest: +SKIP
    '总支出合计'
    """
    bare = _BRACKETS.sub("", text)
    for number, piece in enumerate(pieces(bare)):
        name = _stripped(piece, lexicon)
        if (name and core(name, lexicon)) or number == 2:
            return name[-_LONGEST:]
    return ""


def _stripped(piece: str, lexicon: Lexicon) -> str:
    name = lexicon["comparison"].sub("", piece)
    name = lexicon["time"].sub("", name)
    name = _QUOTES.sub("", name)
    while True:
        shorter = lexicon["linking_tail"].sub("", name)
        shorter = lexicon["name_head"].sub("", shorter)
        if shorter == name:
            return name
        name = shorter


def core(name: str, lexicon: Lexicon) -> str:
    """A name without what does not tell measures apart: 本年, 合计, 决算数, quotes."""
    bare = lexicon["time"].sub("", _QUOTES.sub("", _BRACKETS.sub("", name)))
    while True:
        shorter = lexicon["name_head"].sub("", lexicon["name_tail"].sub("", bare))
        if shorter == bare:
            return bare
        bare = shorter


def same(first: str, second: str, lexicon: Lexicon) -> bool:
    """Whether two names mean one measure for certain."""
    return bool(first) and core(first, lexicon) == core(second, lexicon) != ""


def related(first: str, second: str, lexicon: Lexicon) -> bool:
    """Whether two names may mean one measure: one is part of the other."""
    one, other = core(first, lexicon), core(second, lexicon)
    return bool(one and other) and (one in other or other in one)
