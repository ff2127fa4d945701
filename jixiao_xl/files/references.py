"""References (引用): places in a workbook, and the cells that a formula's text refers to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from jixiao_xl.files.cells import MAX_COLUMN, MAX_ROW, column_letter, column_number

Position = tuple[int, int]  # row and column
Place = tuple[int, int, int]  # number of the sheet, row, column
Area = tuple[int, int, int, int]  # first row and column, last row and column
EVERYWHERE: Final[Area] = (1, 1, MAX_ROW, MAX_COLUMN)
_ADDRESS: Final = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")


@lru_cache(maxsize=65536)
def position_of(address: str) -> Position:
    """Row and column of such as H12; ValueError for what is none."""
    match = _ADDRESS.fullmatch(address)
    if match is None or int(match[2]) > MAX_ROW:
        raise ValueError(f"no address: {address}")
    return int(match[2]), column_number(match[1])


_CELL: Final = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
_PREFIX: Final = r"(?:'(?:[^']|'')*+'|\$?(?:\[\d+\])?[^\W\d][\w.]*+(?::[^\W\d][\w.]*+)?|\[\d+\][\w.]*+)!"
_REFERENCE: Final = re.compile(
    rf"""
    "(?:[^"]|"")*+"                                                          # a text
  | (?<![\w.$\\'])({_PREFIX})?
    (?: ({_CELL})(?:\s*:\s*(?:{_PREFIX})?({_CELL}))?                           # a cell, a range
      | (\$?[A-Za-z]{{1,3}}):(\$?[A-Za-z]{{1,3}}) | (\$?[0-9]{{1,7}}):(\$?[0-9]{{1,7}})  # columns, rows
      | ([^\W\d][\w.\\?]*+) ) (?![\w.(!])                                     # a name
  | (?<![\w.])((?i:indirect|offset)\()                                        # whatever they find
    """,
    re.VERBOSE,
)
MENTION: Final = re.compile(rb"\b[A-Z]{1,3}+[0-9]+|\n")  # a cell, or the next formula
FINDERS: Final = ("[", "indirect", "offset")


class Reference(NamedTuple):
    """Cells or a name, of a sheet if one is said; or whatever INDIRECT and OFFSET find."""

    sheet: str = ""
    area: Area | None = None
    name: str = ""
    anywhere: bool = False


@lru_cache(maxsize=8192)
def references(text: str, of_name: bool) -> tuple[Reference, ...]:
    """What a formula refers to. In a name, what is not anchored with $ moves with the cell that uses the name."""
    found: list[Reference] = []
    for prefix, *corners, name, anywhere in _REFERENCE.findall(text):
        sheet = prefix[1:-2].replace("''", "'") if prefix.startswith("'") else prefix[:-1].lstrip("$")
        first, last = [corner for corner in corners if corner][:1], [corner for corner in corners if corner][-1:]
        if anywhere:
            found.append(Reference(anywhere=True))
        elif first and (area := _corners(first[0], last[0], of_name)) is not None:
            found.append(Reference(sheet.casefold(), area))
        elif first or name:
            found.append(Reference(sheet.casefold(), None, (name or first[0]).casefold()))
    return tuple(dict.fromkeys(found))


def _corners(first: str, last: str, widen: bool) -> Area | None:
    """The cells from one corner to the other; None for what only looks like a reference."""
    rows: list[int] = []
    columns: list[int] = []
    for corner in (first, last):
        letters, digits = (
            corner.replace("$", "").rstrip("0123456789"),
            corner.lstrip("$ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
        )
        try:
            fixed = letters and (not widen or f"${letters}" in corner)
            columns += [column_number(letters)] if fixed else [1, MAX_COLUMN]
        except ValueError:
            return None
        rows += [int(digits)] if digits and (not widen or f"${digits}" in corner) else [1, MAX_ROW]
    return (min(rows), min(columns), max(rows), max(columns)) if max(rows) <= MAX_ROW else None


def area_of(reference: str) -> Area:
    """The cells of A1 or A1:B2."""
    first, _, last = reference.partition(":")
    return (*position_of(first), *position_of(last or first))


def is_within(position: Position, area: Area) -> bool:
    """Whether a cell lies in an area."""
    return area[0] <= position[0] <= area[2] and area[1] <= position[1] <= area[3]


def beside(address: str) -> str:
    """The address of the next cell in the row."""
    row, column = position_of(address)
    return address_of(row, column + 1)


def address_of(row: int, column: int) -> str:
    """Such as H12."""
    return f"{column_letter(column)}{row}"
