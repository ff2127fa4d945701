"""Reading cells (读单元格): one streaming pass over an .xlsx gives address, value, formula, error and type.

openpyxl is the oracle in the tests; it needs two loads for values and formulas and ten times as long.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from jixiao_xl.files.package import Handler, Package, SheetState, UnreadableWorkbook, damage_named, parse, unescaped

MAX_ROW: Final = 1_048_576
MAX_COLUMN: Final = 16_384
MAX_CELLS: Final = 2_000_000  # of one sheet; a form has some thousand
RawValue = float | str | bool | None

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT: Final = "http://purl.oclc.org/ooxml/spreadsheetml/main"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with a value or a formula; row and column 1-based.

    Attributes:
        row: row number.
        column: column number.
        value: number, text, truth value, or None; an error as its text, with `is_error`.
        formula: without `=`; a shared formula is expanded.
        is_error: whether the value is an error such as #DIV/0!.
    """

    row: int
    column: int
    value: RawValue
    formula: str | None
    is_error: bool

    @property
    def address(self) -> str:
        """Such as H12."""
        return f"{column_letter(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet's cells in the order of the file, and the ranges that a data validation covers, such as B2:D9."""

    name: str
    state: SheetState
    cells: tuple[Cell, ...]
    validated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workbook:
    """All sheets in the order of the workbook."""

    sheets: tuple[Sheet, ...]
    date1904: bool


def read_workbook(data: bytes) -> Workbook:
    """Every cell of a workbook.

    Raises:
        UnreadableWorkbook: it is no workbook, is damaged, declares a DTD, or is larger than any form.
    """
    with damage_named(), zipfile.ZipFile(io.BytesIO(data)) as archive:
        package = Package(archive)
        strings = package.strings(package.relations(package.book_part()))
        sheets, date1904 = package.sheets()
        return Workbook(tuple(_sheet(package, *sheet, strings) for sheet in sheets), date1904)


def _sheet(package: Package, name: str, state: SheetState, part: str, strings: list[str]) -> Sheet:
    parser = _SheetParser(strings)
    parse(package.part(part), parser)
    return Sheet(name, state, tuple(parser.cells), tuple(parser.validated))


@lru_cache(maxsize=MAX_COLUMN)
def column_letter(number: int) -> str:
    """A column's letters: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=MAX_COLUMN)
def column_number(letters: str) -> int:
    """A column's number: A is 1, AA is 27.

    Raises:
        ValueError: not one to three letters from A to XFD.
    """
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        number = number * 26 + ord(letter) - 64
    if not 0 < number <= MAX_COLUMN:
        raise ValueError(letters)
    return number


_SHEET_TAGS: Final = ("c", "v", "f", "t", "row", "is", "rPh", "dataValidation")
_LATER_RANGES: Final = "http://schemas.microsoft.com/office/excel/2006/main sqref"  # of the extensions since Excel 2010


class _SheetParser(Handler):
    def __init__(self, strings: list[str]) -> None:
        self.strings = strings
        self.cells: list[Cell] = []
        self.validated: list[str] = []
        self.shared: dict[str, tuple[int, int, str]] = {}
        self.row = 0
        self.column = 0
        self.kind = "n"
        self.parts: list[str] = []
        self.collects = False
        self.phonetic = False
        self.value: str | None = None
        self.inline: list[str] | None = None
        self.formula: str | None = None
        self.formula_attributes: dict[str, str] = {}
        self.tags = {f"{space} {tag}": tag for space in (_MAIN, _STRICT) for tag in _SHEET_TAGS} | {
            _LATER_RANGES: "sqref"
        }

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match self.tags.get(name):
            case "c":
                self._open_cell(attributes)
            case "v" | "f" as tag:
                self.parts, self.collects = [], True
                if tag == "f":
                    self.formula_attributes = attributes
            case "row":
                self.row = int(attributes["r"]) if "r" in attributes else self.row + 1
                self.column = 0
                if not 0 < self.row <= MAX_ROW:
                    raise ValueError("row")
            case "is":
                self.inline = []
            case "t" if self.inline is not None and not self.phonetic:
                self.parts, self.collects = [], True
            case "rPh":
                self.phonetic = True
            case "dataValidation":
                self.validated.extend(attributes.get("sqref", "").split())
            case "sqref":
                self.parts, self.collects = [], True
            case _:
                pass

    def text(self, data: str) -> None:
        if self.collects:
            self.parts.append(data)

    def end(self, name: str) -> None:
        match self.tags.get(name):
            case "sqref":
                self.validated.extend("".join(self.parts).split())
                self.collects = False
            case "v":
                self.value, self.collects = "".join(self.parts), False
            case "f":
                self.formula, self.collects = "".join(self.parts), False
            case "t" if self.inline is not None and not self.phonetic:
                self.inline.append("".join(self.parts))
                self.collects = False
            case "rPh":
                self.phonetic = False
            case "c":
                self._close_cell()
            case _:
                pass

    def _open_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self.column += 1
        else:
            letters = reference.rstrip("0123456789")
            self.column = column_number(letters)
            self.row = int(reference[len(letters) :])
        if not 0 < self.row <= MAX_ROW or not 0 < self.column <= MAX_COLUMN:
            raise ValueError("reference")
        self.kind = attributes.get("t", "n")
        self.value = self.inline = self.formula = None
        self.formula_attributes = {}

    def _close_cell(self) -> None:
        formula = self._formula()
        value, is_error = self._value()
        if value is None and formula is None:
            return
        if len(self.cells) >= MAX_CELLS:
            raise UnreadableWorkbook("file-too-large", "cells")
        self.cells.append(Cell(self.row, self.column, value, formula, is_error))

    def _formula(self) -> str | None:
        if self.formula is None:
            return None
        if self.formula_attributes.get("t") != "shared":
            return self.formula or None
        index = self.formula_attributes.get("si", "")
        if self.formula:
            self.shared[index] = (self.row, self.column, self.formula)
            return self.formula
        if index not in self.shared:
            return None
        row, column, text = self.shared[index]
        return translate(text, self.row - row, self.column - column)

    def _value(self) -> tuple[RawValue, bool]:
        if self.inline is not None:
            return unescaped("".join(self.inline)), False
        if self.value is None:
            return ("" if self.kind == "str" and self.formula is not None else None), False
        match self.kind:
            case "s":
                return self.strings[int(self.value)], False
            case "str" | "inlineStr" | "d":
                return unescaped(self.value), False
            case "b":
                return self.value.strip() in ("1", "true"), False
            case "e":
                return self.value, True
            case _:
                return (float(self.value) if self.value.strip() else None), False


# -- shared formulas -------------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(
    r"""("(?:[^"]|"")*")                                  # a text
      |('(?:[^']|'')*'!)                                  # a quoted sheet name
      |(?<![A-Za-z0-9_.\u0080-\uffff])(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})(?![A-Za-z0-9_.(!\u0080-\uffff])""",
    re.VERBOSE,
)


@lru_cache(maxsize=4096)
def translate(formula: str, rows: int, columns: int) -> str:
    """A formula moved by rows and columns: relative references move along, `$` stays."""

    def moved(match: re.Match[str]) -> str:
        if match[4] is None:
            return match[0]
        column = match[4] if match[3] else _moved_column(match[4], columns)
        row = match[6] if match[5] else str(int(match[6]) + rows)
        if column is None or not 0 < int(row) <= MAX_ROW:
            return "#REF!"
        return f"{match[3]}{column}{match[5]}{row}"

    return _TOKEN.sub(moved, formula)


def _moved_column(letters: str, by: int) -> str | None:
    try:
        number = column_number(letters) + by
    except ValueError:
        return letters
    return column_letter(number) if 0 < number <= MAX_COLUMN else None
