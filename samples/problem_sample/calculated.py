"""Stored values (保存值): beside every formula what a spreadsheet program would have computed and saved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from jixiao_xl.files.cells import Cell, read_workbook
from jixiao_xl.files.ooxml import parts, zipped
from jixiao_xl.files.patch import Stored, patch
from jixiao_xl.files.recalc import ironcalc_values
from problem_sample.edits import Values

ERRORS: Final = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
_ERROR_AS_TEXT: Final = re.compile(
    rb'(<c [^>]*?) t="str"(>(?:<f[^>]*>[^<]*</f>)?<v>(?:%b)</v>)' % b"|".join(re.escape(e).encode() for e in ERRORS)
)


def calculated(data: bytes, linked: Mapping[tuple[str, str], str]) -> Values:
    """The value of every formula; `linked` are cells that take theirs from elsewhere, with the error they show."""
    sheets = {
        sheet.name: {
            cell.address: f"={_NA}" if (sheet.name, cell.address) in linked else _content(cell) for cell in sheet.cells
        }
        for sheet in read_workbook(data).sheets
    }
    computed = ironcalc_values(sheets)
    return {
        name: {address: linked.get((name, address), "" if value is None else value) for address, value in cells.items()}
        for name, cells in computed.items()
    }


_NA: Final = "NA()"


def _content(cell: Cell) -> float | str:
    if cell.formula is not None:
        return f"={cell.formula}"
    if isinstance(cell.value, float):
        return cell.value
    text = str(cell.value or "")
    return f" {text}" if text.startswith("=") else text  # the nature of an indicator may be `=`


def with_values(data: bytes, values: Values) -> bytes:
    """The workbook with these values stored beside its formulas; where no formula stands any more, none is."""
    formulas = {(s.name, c.address) for s in read_workbook(data).sheets for c in s.cells if c.formula is not None}
    stored = {
        sheet: {address: Stored(value) for address, value in cells.items() if (sheet, address) in formulas}
        for sheet, cells in values.items()
    }
    filled = patch(data, stored, recalculate=False, keep_macros=True)
    return zipped({name: _with_errors(name, part) for name, part in parts(filled).items()})


def _with_errors(name: str, part: bytes) -> bytes:
    """Errors as errors: the patcher knows texts only."""
    return _ERROR_AS_TEXT.sub(rb'\1 t="e"\2', part) if name.startswith("xl/worksheets/") else part
