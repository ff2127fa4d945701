"""Values (读值): what one input cell says, in the type that its form asks for; what was not plain is kept as it stood."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from jixiao_xl.model.batch import Misread
from jixiao_xl.model.form import Form, FormCell
from jixiao_xl.model.form_builder import DAYS_1904, date_serial, serial_date
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.mapping import CellType
from jixiao_xl.model.money import at_excel_precision, understand_number
from jixiao_xl.model.places import CellKey

_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_NUMERIC: Final[frozenset[CellType]] = frozenset(("money", "number", "percent", "ratio", "count", "score"))


@dataclass(frozen=True, slots=True)
class Reading:
    """The value that was taken, and what stood there where that was not a plain number or date."""

    value: Value
    misread: Misread | None = None


def read_value(
    form: Form,
    key: CellKey,
    form_cell: FormCell,
    raw: float | str | bool,
    *,
    is_error: bool = False,
    date1904: bool = False,
) -> Reading:
    """What an input cell says: money in 元, percent as 95, dates as Excel serials of the 1900 system, else text."""
    if form_cell.type in _NUMERIC:
        return _number(form, key, form_cell.type, raw, is_error=is_error)
    if form_cell.type == "date":
        return _date(key, raw, date1904=date1904)
    return Reading(raw.strip() if isinstance(raw, str) else str(as_value(raw)))


def as_value(raw: float | str | bool | None) -> Value:
    """What stands in a cell, numbers at 15 digits."""
    if raw is None:
        return None
    if isinstance(raw, bool):
        return str(raw).upper()
    return raw if isinstance(raw, str) else at_excel_precision(raw)


def _number(form: Form, key: CellKey, cell_type: CellType, raw: float | str | bool, *, is_error: bool) -> Reading:
    plain = _without_own_unit(form, key, raw)
    understood = understand_number(plain, percent=cell_type == "percent", money=cell_type == "money")
    if understood.value is None or is_error:
        return Reading(str(raw), Misread(key, raw, None))
    return Reading(understood.value, Misread(key, raw, understood.value) if isinstance(raw, str) else None)


def _without_own_unit(form: Form, key: CellKey, raw: float | str | bool) -> float | str | bool:
    """`120户` in a row that is measured in 户 is 120; the note shows what stood there."""
    unit = form.cells.get(key._replace(column="measure_unit"))
    if isinstance(raw, str) and unit is not None and isinstance(unit.given, str):
        return raw.strip().removesuffix(unit.given)
    return raw


def _date(key: CellKey, raw: float | str | bool, *, date1904: bool) -> Reading:
    serial = _serial(raw, date1904=date1904)
    if serial is None:
        return Reading(str(raw), Misread(key, raw, None))
    return Reading(serial, Misread(key, raw, serial) if isinstance(raw, str) else None)


def _serial(raw: float | str | bool, *, date1904: bool) -> Decimal | None:
    """A date as an Excel serial of the 1900 system: a number, or text such as 2026-04-20 or 2026年4月20日."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str):
        match = _DATE.fullmatch(unicodedata.normalize("NFKC", raw).strip().partition("T")[0])
        if match is None:
            return None
        return _calendar(*(int(part) for part in match.groups()))
    serial = at_excel_precision(raw) + (DAYS_1904 if date1904 else 0)
    whole = serial.to_integral_value(rounding="ROUND_FLOOR")
    return whole if serial_date(whole) is not None else None


def _calendar(year: int, month: int, day: int) -> Decimal | None:
    try:
        return date_serial(date(year, month, day))
    except ValueError:
        return None
