"""Numbers (数): exact money in 分, Excel's 15 digits, 四舍五入, and what people type into number cells."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final

FEN_PER_YUAN: Final = 100
YUAN_PER_WAN: Final = 10_000
EXCEL_DIGITS: Final = 15

_EXACT: Final = Context(prec=700, rounding=ROUND_HALF_UP)
_FIFTEEN: Final = Context(prec=EXCEL_DIGITS, rounding=ROUND_HALF_UP)

# What stands around a number: 约 would make it an estimate, so it is not in here.
_UNDERSTOOD: Final = re.compile(
    r"""(?P<sign>[-+]|负)?
        (?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)
        (?P<exponent>[eE][-+]?\d{1,2})?
        (?P<unit>%|万元|亿元|元|万|亿)?""",
    re.VERBOSE,
)
_SCALE: Final = {"万元": 10_000, "万": 10_000, "亿元": 100_000_000, "亿": 100_000_000, "元": 1}


def at_excel_precision(value: float) -> Decimal:
    """The decimal that Excel sees in a double: 15 significant digits.

    >>> at_excel_precision(1.1 * 3)
    Decimal('3.3')
    """
    return Decimal(f"{value:.15g}")


def fifteen_digits(value: Decimal) -> Decimal:
    """`value` at 15 significant digits, as Excel compares it.

    >>> fifteen_digits(Decimal(1) / Decimal(3))
    Decimal('0.333333333333333')
    """
    return _FIFTEEN.plus(value)


def half_up(value: Decimal, places: int) -> Decimal:
    """`value` rounded half away from zero (四舍五入, Excel's ROUND) to `places` decimals.

    The value is first taken at 15 significant digits, because that is what ROUND sees in a double.

    >>> half_up(Decimal("-2.345"), 2)
    Decimal('-2.35')
    """
    step = Decimal(1).scaleb(-places)
    return fifteen_digits(value).quantize(step, rounding=ROUND_HALF_UP, context=_EXACT) + Decimal(0)


def plain(value: Decimal) -> str:
    """A plain decimal string without exponent, as every JSON document of ours shows numbers.

    >>> plain(Decimal("1E+3"))
    '1000'
    """
    return f"{value:f}"


def fen(yuan: Decimal) -> int | None:
    """An amount in 元 as an integer number of 分, or None where it has parts of a 分.

    >>> fen(Decimal("17337340.05"))
    1733734005
    """
    with localcontext(_EXACT):
        scaled = yuan * FEN_PER_YUAN
        return int(scaled) if scaled == scaled.to_integral_value() else None


def with_fen(amount_yuan: Decimal) -> Decimal:
    """An amount in 元 written with two decimals; parts of a 分 are rounded half-up, whatever the size.

    >>> with_fen(Decimal("17337340"))
    Decimal('17337340.00')
    """
    return amount_yuan.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP, context=_EXACT)


def yuan(amount_fen: int) -> Decimal:
    """An amount in 分 as 元 with two decimals.

    >>> yuan(-107276000)
    Decimal('-1072760.00')
    """
    return Decimal(amount_fen).scaleb(-2, context=_EXACT)


def wan(amount_yuan: Decimal) -> Decimal:
    """An amount in 元 as 万元 with two decimals, rounded once, for prose and printed tables.

    >>> wan(Decimal("-1245520"))
    Decimal('-124.55')
    """
    return half_up(amount_yuan / YUAN_PER_WAN, 2)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was taken from a cell that should hold a number.

    Attributes:
        value: the number, in the unit that the cell asks for; None where there is none.
        remark: how the text was read, where it was not a plain number; None for a plain one.
    """

    value: Decimal | None
    remark: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether a number was found."""
        return self.value is not None


NOT_A_NUMBER: Final = Understanding(None)


def understand_number(raw: float | str | bool, *, percent: bool, money: bool) -> Understanding:
    """Read a number as people type it: `９６`, `1,733.73`, `95％`, `120万元` (nothing is repaired in silence).

    A percent sign is taken only where the cell asks for %; 元, 万元 and 亿元 only where it asks for money,
    and the value is then in 元. Anything else (约96, 完成, —) is NOT_A_NUMBER, never 0.

    >>> understand_number("120万元", percent=False, money=True).value
    Decimal('1200000')
    """
    if isinstance(raw, bool):
        return NOT_A_NUMBER
    if not isinstance(raw, str):
        return Understanding(at_excel_precision(raw)) if math.isfinite(raw) else NOT_A_NUMBER
    text = unicodedata.normalize("NFKC", raw).replace("−", "-").replace(" ", "").strip()
    match = _UNDERSTOOD.fullmatch(text)
    if match is None or (match["unit"] == "%" and not percent):
        return NOT_A_NUMBER
    if match["unit"] in _SCALE and not money:
        return NOT_A_NUMBER
    number = Decimal(match["number"].replace(",", "") + (match["exponent"] or ""))
    if match["sign"] in ("-", "负"):
        number = -number
    with localcontext(_EXACT):
        value = number * _SCALE.get(match["unit"] or "", 1)
    return Understanding(value, remark=raw)


def is_blank(raw: object) -> bool:
    """White space alone is blank (空白)."""
    return raw is None or (isinstance(raw, str) and not raw.strip())
