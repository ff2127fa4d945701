"""What every part of a mapping is made of (口径的基本类型): strict models, keys, exact numbers."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Level = Literal["部门", "科室"]
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")  # as typed, and as Excel writes it into a CSV


def _decimal(raw: object) -> object:
    """A number written in a mapping: quoted or whole, so that no double stands between the file and us."""
    if isinstance(raw, bool | float):
        raise ValueError("number must be quoted")
    if not isinstance(raw, str | int):
        return raw
    try:
        number = Decimal(raw)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite():
        raise ValueError("not a number")
    return number


def _optional(raw: object) -> object:
    return None if raw == "" else raw


def day_of(raw: object) -> object:
    """A date as typed or as Excel writes it into a CSV; None for an empty text, anything else as it is."""
    if not isinstance(raw, str) or not raw:
        return _optional(raw)
    parts = _DAY.fullmatch(raw)
    if parts is None:
        return raw
    try:
        return date(*(int(part) for part in parts.groups()))
    except ValueError:
        return raw


Exact = Annotated[Decimal, BeforeValidator(_decimal)]
OptionalExact = Annotated[Exact | None, BeforeValidator(_optional)]
OptionalText = Annotated[str | None, BeforeValidator(_optional)]
OptionalDate = Annotated[date | None, BeforeValidator(day_of)]


class Strict(BaseModel):
    """A part of a mapping: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
