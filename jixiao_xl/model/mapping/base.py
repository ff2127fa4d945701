"""What every part of a mapping is made of (口径的基本类型): strict models, keys, exact numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Level = Literal["部门", "科室"]


def _decimal(raw: object) -> object:
    """A number written in a mapping: quoted or whole, so that no double stands between the file and us."""
    if isinstance(raw, bool | float):
        raise ValueError("number must be quoted")
    return Decimal(raw) if isinstance(raw, str | int) else raw


def _optional(raw: object) -> object:
    return None if raw == "" else raw


Exact = Annotated[Decimal, BeforeValidator(_decimal)]
OptionalExact = Annotated[Exact | None, BeforeValidator(_optional)]
OptionalText = Annotated[str | None, BeforeValidator(_optional)]


class Strict(BaseModel):
    """A part of a mapping: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
