"""The table of defects (缺陷表): what was done to which workbook, and what a run must find; read from defects.yaml."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from jixiao_xl.model.places import CellKey

Typed = str | int | float | date | None


def _cell(text: str) -> str:
    if len(text.split(".")) != 3:
        raise ValueError(f"{text}: sheet.row.column")
    return text


CellName = Annotated[str, AfterValidator(_cell)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RowCopy(_Model):
    """A whole row copied over another, hidden key and all, and what was then typed into the copy."""

    source: str
    target: str
    type: dict[str, Typed]


class LinkedCell(_Model):
    """An input cell that takes its value from another workbook; `shows` is what stands beside the formula."""

    cell: CellName
    formula: str
    workbook: str
    sheet: str
    shows: str


class Defect(_Model):
    """What somebody did, why people do it, and what must be found; see the head of defects.yaml."""

    why: str
    type: dict[CellName, Typed] = Field(default_factory=dict[str, Typed])
    formula: dict[CellName, str] = Field(default_factory=dict[str, str])
    paste: tuple[CellName, ...] = ()
    later: dict[CellName, Typed] = Field(default_factory=dict[str, Typed])
    uncalculated: bool = False
    rename_sheet: dict[str, str] = Field(default_factory=dict[str, str])
    clear_row: tuple[str, ...] = ()
    clear_key: tuple[CellName, ...] = ()
    copy_row: RowCopy | None = None
    scribble: dict[str, str] = Field(default_factory=dict[str, str])
    unvalidate: tuple[CellName, ...] = ()
    meta: dict[str, str] = Field(default_factory=dict[str, str])
    macro: bool = False
    linked: LinkedCell | None = None
    expect: tuple[str, ...]

    @property
    def cell(self) -> str:
        """The cell that an expectation without a place means."""
        return next(iter((*self.type, *self.formula, *self.paste)))

    @property
    def does_something(self) -> bool:
        """Whether anything in the workbook changes."""
        return bool(self.model_fields_set - {"why", "expect"})


class DefectiveWorkbook(_Model):
    """One unit's workbook; `file` where it is not called as the unit."""

    file: str | None = None
    defects: tuple[Defect, ...]


Maker = Literal[
    "empty", "truncated", "web_page", "comma_separated", "kept", "lock", "bomb", "declared", "foreign", "last_year",
    "unknown_unit", "second_version",
]  # fmt: skip


class ExtraFile(_Model):
    """Another file that was received; `of` is the unit whose workbook it was made from, `unit` the one it names."""

    name: str
    make: Maker
    of: str | None = None
    unit: str = ""
    expect: str
    why: str


class Case(_Model):
    """A whole case: the units whose workbook came (all, where `came` is empty), and what else did."""

    schema_: Literal[1] = Field(alias="schema")
    came: tuple[str, ...] = ()
    workbooks: dict[str, DefectiveWorkbook] = Field(default_factory=dict[str, DefectiveWorkbook])
    files: tuple[ExtraFile, ...] = ()


def load(path: Path) -> Case:
    """The table in a file."""
    return Case.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def cell_key(name: str) -> CellKey:
    """`sheet.row.column` as a key."""
    return CellKey(*name.split("."))


class Expectation(NamedTuple):
    """A code, its severity where it is not the code's usual one, and the place as it was written."""

    code: str
    severity: str | None
    place: str | None


_EXPECTATION: Final = re.compile(r"([a-z-]+)(?: (must_fix|explain|note))?(?: @ (\S+))?")


def expectation(text: str) -> Expectation:
    """One entry of `expect`.

    Raises:
        ValueError: it cannot be read.
    """
    match = _EXPECTATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return Expectation(*match.groups())
