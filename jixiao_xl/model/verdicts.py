"""Verdicts (对账结论): what a formula cell shows, what its formula gives, and what the rules say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from jixiao_xl.model.formulas import Value
from jixiao_xl.model.mapping import CellType
from jixiao_xl.model.money import at_excel_precision
from jixiao_xl.model.places import CellKey

Raw = float | str | bool | None
_NOISE: Final = Decimal("5e-9")  # as both sides of a comparison are rounded to eight decimals
_MONEY_NOISE: Final = Decimal("0.0001")
_RELATIVE_NOISE: Final = Decimal("1e-13")


class Verdict(StrEnum):
    """How a formula cell stands, DESIGN 7; the first that applies."""

    AGREES = "agrees"
    ERROR = "error"
    OVERWRITTEN = "overwritten"
    PASTED = "pasted"
    CHANGED = "changed"
    NOT_CALCULATED = "not_calculated"
    STALE = "stale"
    MISMATCH = "mismatch"
    FOLLOWS = "follows"  # it differs because a cell that it rests on has a finding of its own


def agrees(shown: Raw, due: Value, cell_type: CellType) -> bool:
    """Whether a stored value is Python's: numbers but for what adding doubles loses, texts to the letter.

    An empty text is the value of a formula that shows nothing; amounts have no parts below 0.0001 元.
    """
    if not isinstance(due, Decimal):
        return (shown or "") == (due or "") and not isinstance(shown, bool)
    if isinstance(shown, bool) or not isinstance(shown, float | int) or not math.isfinite(shown):
        return False
    allowed = _MONEY_NOISE if cell_type == "money" else _NOISE
    return abs(at_excel_precision(shown) - due) <= max(allowed, abs(due) * _RELATIVE_NOISE)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One formula cell with its verdict.

    Attributes:
        key: the cell.
        shown: the value that stands in the workbook, or None where nothing is stored.
        due: Python's own value, None where Excel shows an empty string.
        recomputed: what its formula gives when it is computed anew; None where that was not needed.
        verdict: how it stands.
    """

    key: CellKey
    shown: Raw
    due: Value
    recomputed: Raw
    verdict: Verdict
