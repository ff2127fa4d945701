"""Folding (文字比较): a text as labels, names and codes are compared, however they were typed."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Without blanks, letters and digits of one width (NFKC).

    >>> folded(" 复核 得分 １")
    '复核得分1'
    """
    return "".join(unicodedata.normalize("NFKC", text).split())
