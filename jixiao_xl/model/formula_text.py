"""Formula texts (公式文字): two ways of writing one formula compare as equal.

Programs drop quotes that a sheet's name does not need, change case, and write numbers their own way.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from jixiao_xl.model.money import plain

_TOKEN: Final = re.compile(
    r"""("(?:[^"]|"")*")                                  # a text
      |'((?:[^']|'')*)'!                                # a quoted sheet name
      |([\w\u0080-\uffff.]+)!                            # a plain sheet name
      |([A-Za-z_$\u0080-\uffff\\][\w$.\u0080-\uffff]*)   # a name or a reference
      |(\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)             # a number
      |(\s+)""",
    re.VERBOSE,
)


@lru_cache(maxsize=8192)
def canonical(formula: str) -> str:
    """A formula without `=` as it is compared: no blanks, sheet names unquoted, references in capitals.

    >>> canonical("sum( '收支表'!d5 ,0.30)") == canonical("SUM(收支表!D5,0.3)")
    True
    """
    return _TOKEN.sub(_written, formula.removeprefix("="))


def _written(match: re.Match[str]) -> str:
    text, quoted, sheet, name, number, _ = match.groups()
    if text is not None:
        return text
    if quoted is not None or sheet is not None:
        return f"[{(quoted.replace(_TWO_QUOTES, _QUOTE) if quoted is not None else sheet)}]!"
    if name is not None:
        return name.upper()
    return plain(Decimal(number).normalize()) if number is not None else ""


_QUOTE: Final = "'"
_TWO_QUOTES: Final = "''"
