"""Where a value stands (位置): sheet, row key and column key in a form; file, sheet and cell in a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class CellKey(NamedTuple):
    """A cell by its keys; the same in every workbook of a form, wherever rows and columns stand."""

    sheet: str
    row: str
    column: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a submitted file, as a person finds it.

    Attributes:
        file: the file's path relative to the workspace, with `/`.
        unit: the unit's code, or "" where it is not known.
        sheet: the visible sheet name, or "" for the file as a whole.
        row: the row's number, 1-based, or None.
        column: the column's letters, or None.
        label: the row's own name.
        column_label: the column's own name.
        key: the cell's keys, or None for a place outside the form.
    """

    file: str
    unit: str = ""
    sheet: str = ""
    row: int | None = None
    column: str | None = None
    label: str = ""
    column_label: str = ""
    key: CellKey | None = None

    @property
    def cell(self) -> str | None:
        """The address, such as H12."""
        return f"{self.column}{self.row}" if self.row is not None and self.column is not None else None


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One cell that a number comes from (来源)."""

    file: str
    sheet: str
    cell: str
