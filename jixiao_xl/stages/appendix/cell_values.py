"""Values of a form's cells (表格取值): a figure in the unit and decimals that a form wants, and back again."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from jixiao_xl.files.grid import Box
from jixiao_xl.files.safe import clean_text
from jixiao_xl.model.mapping.bureau_forms import FieldKind, FieldUnit
from jixiao_xl.model.money import YUAN_PER_WAN, at_excel_precision, fifteen_digits, half_up, is_blank, understand_number
from jixiao_xl.stages.appendix.content import FieldValue

_SCALES: Final[dict[str, Decimal]] = {"万元": Decimal(1) / YUAN_PER_WAN, "%": Decimal(100)}


class NotThat(Exception):
    """A cell holds something else than its figure."""


def to_cell(value: FieldValue, kind: FieldKind, unit: FieldUnit | None, decimals: int | None) -> FieldValue:
    """What a cell shall hold: 元 in the form's unit, a ratio as the form writes it, rounded half-up if it says so."""
    if value is None or is_blank(value):
        return None
    if not isinstance(value, Decimal):
        return clean_text(value).strip()
    scaled = value * _SCALES.get(unit or "", Decimal(1))
    if kind == "text":
        return f"{value:f}"
    return fifteen_digits(scaled) if decimals is None else half_up(scaled, decimals)


def in_cell(box: Box, kind: FieldKind, unit: FieldUnit | None, blank: str) -> FieldValue:
    """What a cell holds, as `to_cell` gives it; None for a blank one and for the form's sign for no figure.

    Raises:
        NotThat: an error value, or a text where a number should be.
    """
    if box.is_error:
        raise NotThat(str(box.value))
    raw = box.value
    if raw is None or is_blank(raw) or (isinstance(raw, str) and raw.strip() == blank.strip() != ""):
        return None
    if kind in ("text", "any") and isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, bool):
        raise NotThat(str(raw))
    if kind == "text" and not isinstance(raw, str):
        return f"{at_excel_precision(raw):f}"
    understood = understand_number(raw, percent=unit == "%", money=False).value
    if understood is None:
        raise NotThat(str(raw))
    return understood


def from_cell(value: FieldValue, unit: FieldUnit | None) -> FieldValue:
    """A cell's value as figure: money in 元, a rate as ratio."""
    if not isinstance(value, Decimal):
        return value
    return value / _SCALES[unit] if unit in _SCALES else value


def same(first: FieldValue, second: FieldValue, within: Decimal = Decimal(0)) -> bool:
    """Whether two values are one: numbers at 15 digits, or no more than `within` apart."""
    if isinstance(first, Decimal) and isinstance(second, Decimal):
        return fifteen_digits(first) == fifteen_digits(second) or abs(first - second) <= within
    return first == second
