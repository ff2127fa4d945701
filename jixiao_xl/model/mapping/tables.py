"""units.csv, indicators.csv, projects.csv, measure_units.csv (清单): what an officer keeps in Excel."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from jixiao_xl.model.folding import folded
from jixiao_xl.model.mapping.base import Exact, Key, OptionalDate, OptionalExact, OptionalText, Strict

_BETWEEN_ADDRESSES = re.compile(r"[\s,;，；、]+")


class Unit(Strict):
    """One unit of the tree (单位): the office or one of its sections."""

    code: Key
    name: Annotated[str, Field(min_length=1)]
    short: str
    email: str
    parent: OptionalText
    weight: OptionalExact

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its addresses in lower case; several stand in one cell, parted by commas, semicolons or blanks."""
        return tuple(address.lower() for address in _BETWEEN_ADDRESSES.split(self.email) if address)


class Department(Strict):
    """A department that a bureau expects a package of (应报部门)."""

    code: Key
    name: Annotated[str, Field(min_length=1)]
    email: str = ""


class Indicator(Strict):
    """One indicator of one unit (绩效指标) with its rule and points."""

    unit: Key
    serial: Annotated[int, Field(ge=1, le=99)]
    level1: Annotated[str, Field(min_length=1)]
    level2: str
    level3: Annotated[str, Field(min_length=1)]
    nature: Literal["≥", "≤", "=", "定性", "区间", "日期"]
    method: Literal["比例", "直接", "等次", "分档", "扣分"]
    measure_unit: str
    target: Annotated[str, Field(min_length=1)]
    points: Annotated[Exact, Field(gt=0)]
    tolerance: OptionalExact = None
    low: OptionalExact = None
    high: OptionalExact = None
    per: OptionalExact = None
    step: OptionalExact = None
    steps: OptionalText = None
    per_day: OptionalExact = None

    @property
    def key(self) -> str:
        """The row key in 指标评分表, by unit and serial."""
        return f"{self.unit}_{self.serial:02d}"


class Project(Strict):
    """A project known when the workbooks go out (项目)."""

    unit: Key
    code: str
    name: str
    share: OptionalExact


class MeasureUnit(Strict):
    """A unit of measure (计量单位)."""

    name: str
    kind: str
    percent: Literal["0", "1"]


class Material(Strict):
    """What the office asks for (资料清单): the item, who provides it, and until when."""

    item: Annotated[str, Field(min_length=1, max_length=60)]
    provider: Annotated[str, Field(max_length=60)]
    due: OptionalDate


def as_compared(code: object) -> str:
    """A project's code as two of them are compared: whatever its width, without blanks."""
    return folded(str(code or ""))


class Prior(Strict):
    """A figure of last year that goes out with this year's workbook (上年数).

    Attributes:
        unit: the unit whose workbook it stands in.
        table: finance or projects.
        row: the row key of a fixed row, or the code of a project.
        column: the column that it stands in.
        value: 元.
        source: where last year's office has it: file, sheet and cell.
    """

    unit: Key
    table: Literal["finance", "projects"]
    row: Annotated[str, Field(min_length=1)]
    column: Literal["prior"]
    value: Exact
    source: str
