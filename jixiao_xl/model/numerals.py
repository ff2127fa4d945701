"""Numerals (中文数字): 十二 for 12 and back, as headings and lists count in them."""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = "零一二三四五六七八九"
_LEGAL_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_UNITS: Final = ("", "十", "百", "千")
_LEGAL_UNITS: Final = ("", "拾", "佰", "仟")
_TOP: Final = 9_999
_ZEROS: Final = re.compile("零+")
_CHINESE: Final = re.compile(r"[〇零一二两三四五六七八九十百千]+")
_VALUES: Final = {chr(0x3007): 0, "两": 2, **{digit: value for value, digit in enumerate(_DIGITS)}}
_SCALES: Final = {"十": 10, "百": 100, "千": 1000}


def chinese(number: int, *, legal: bool = False) -> str:
    """A number from 0 to 9999 as headings count; a larger one in Arabic digits.

    >>> [chinese(number) for number in (3, 10, 12, 20, 105)]
    ['三', '十', '十二', '二十', '一百零五']
    """
    digits, units = (_LEGAL_DIGITS, _LEGAL_UNITS) if legal else (_DIGITS, _UNITS)
    if not 0 <= number <= _TOP:
        return str(number)
    text = "".join(
        digits[int(digit)] + units[power] if digit != "0" else digits[0]
        for power, digit in zip(range(len(str(number)) - 1, -1, -1), str(number), strict=True)
    )
    text = _ZEROS.sub(digits[0], text)
    text = text.rstrip(digits[0]) or digits[0]
    return text[1:] if 10 <= number < 20 and not legal else text


def from_chinese(text: str) -> int | None:
    """The number that a Chinese numeral below 10,000 stands for; None for anything else.

    >>> [from_chinese(text) for text in ("三", "十", "十二", "二十", "一百零五", "二〇二五", "三公")]
    [3, 10, 12, 20, 105, 2025, None]
    """
    if not _CHINESE.fullmatch(text):
        return None
    if not any(character in _SCALES for character in text):
        return int("".join(str(_VALUES[character]) for character in text))
    total, digit = 0, 0
    for character in text:
        if character in _SCALES:
            total += (digit or 1) * _SCALES[character]
            digit = 0
        else:
            digit = _VALUES[character]
    return total + digit
