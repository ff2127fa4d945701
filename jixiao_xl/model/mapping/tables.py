"""units.csv, indicators.csv, projects.csv, measure_units.csv (清单): what an officer keeps in Excel."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jixiao_xl.model.mapping.base import Exact, Key, OptionalExact, OptionalText, Strict


class Unit(Strict):
    """One unit of the tree (单位): the office or one of its sections."""

    code: Key
    name: Annotated[str, Field(min_length=1)]
    short: str
    email: str
    parent: OptionalText
    weight: OptionalExact


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
