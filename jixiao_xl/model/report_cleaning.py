"""Cleaning of sections' texts (来文整理): blanks, doubled signs and numbering that ours would double.

No word and no number of a text is ever changed; what was typed stays in the workbook and one click away.
"""

from __future__ import annotations

import re
from typing import Final

_BLANKS: Final = "[ \t\u00a0\u2002-\u200b\u3000\ufeff]"
_MANY_BLANKS: Final = re.compile(_BLANKS + "{2,}|[\t\u00a0\u2002-\u200b\u3000\ufeff]")
_EDGE: Final = re.compile(f"^{_BLANKS}+|{_BLANKS}+$")
_DOUBLED: Final = re.compile("([。，、；：])\\1+")
_BEFORE_STOP: Final = re.compile("[，、；：]+(?=。)")
_NUMERALS: Final = "一二三四五六七八九十"
_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
# a number that somebody typed before a text: 1. 1、 （1） ① 一、 （一）; 1.5 and 3、4号楼 are none
_NUMBERING: Final = re.compile(
    rf"(?:(?P<arabic>\d{{1,2}})(?:[.．](?!\d)|、(?!\d))|[（(](?P<bracketed>\d{{1,2}})[）)]|(?P<circled>[{_CIRCLED}])"
    rf"|(?P<chinese>[{_NUMERALS}]{{1,2}})、(?![{_NUMERALS}])|[（(](?P<chinese_bracketed>[{_NUMERALS}]{{1,2}})[）)]){_BLANKS}*"
)
_YEAR_IN_BRACKETS: Final = re.compile(r"[\[\uff3b﹝【]\s*((?:19|20)\d{2})\s*[\]\uff3d﹞】]")
_SENTENCE_ENDS: Final = "。；，、："
PAIRS: Final = {"《": "》", "（": "）", "“": "”"}


def cleaned(text: str) -> str:
    """The text without blank lines, blanks at the ends of lines and doubled signs.

    >>> cleaned("　办结了。。 ")
    '办结了。'
    """
    lines = (_EDGE.sub("", _MANY_BLANKS.sub(" ", line)) for line in text.split("\n"))
    return "\n".join(_DOUBLED.sub(r"\1", _BEFORE_STOP.sub("", line)) for line in lines if line)


def without_numbering(text: str) -> str:
    """A text that gets a number of ours, without the one that was typed before it.

    A text that goes on to count (1.… 2.…) keeps all of its numbers.

    >>> without_numbering("2、走访慰问"), without_numbering("1.5万人参加"), without_numbering("①甲；②乙")
    ('走访慰问', '1.5万人参加', '①甲；②乙')
    """
    match = _NUMBERING.match(text)
    rest = text[match.end() :] if match else ""
    if match is None or not rest or _counts_on(match, rest):
        return text
    return rest


def _counts_on(first: re.Match[str], rest: str) -> bool:
    """Whether more numbers of the same kind follow at the beginnings of sentences."""
    kind = first.lastgroup
    starts = (position for position in range(len(rest)) if position == 0 or rest[position - 1] in "。；;\n")
    found = (_NUMBERING.match(rest, position) for position in starts)
    return any(match is not None and match.lastgroup == kind for match in found)


def document_number(text: str) -> str:
    """A document number with the year in 〔〕, as GB/T 9704 writes it.

    >>> document_number("石发﹝2019﹞8号"), document_number("石发[2019]8号")
    ('石发〔2019〕8号', '石发〔2019〕8号')
    """
    return _YEAR_IN_BRACKETS.sub(r"〔\1〕", text)


def fitted(text: str, before: str, after: str) -> str:
    """A text between the words of a sentence: no bracket around brackets, no stop before a stop.

    >>> fitted("《条例》", "《", "》"), fitted("已办结。", "", "。")
    ('条例', '已办结')
    """
    closing = PAIRS.get(before[-1:])
    if closing and after.startswith(closing) and _wrapped(text, before[-1], closing):
        text = text[1:-1]
    if after[:1] and after[0] in _SENTENCE_ENDS:
        text = text.rstrip(_SENTENCE_ENDS)
    return text


def _wrapped(text: str, opening: str, closing: str) -> bool:
    """Whether the first bracket of a text is closed by its last sign."""
    return len(text) > 2 and text[0] == opening and text.find(closing) == len(text) - 1
