"""Recomputing formulas without Excel (重算): ironcalc in-process; LibreOffice as oracle and tie-breaker."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import ironcalc
import xlsxwriter

from jixiao_xl.files.cells import read_workbook
from jixiao_xl.files.libreoffice import convert
from jixiao_xl.files.references import position_of

Scalar = float | str | bool | None
Sheets = dict[str, dict[str, Scalar]]
Cells = Mapping[str, Mapping[str, float | str]]  # by sheet and address; `=…` is a formula
LIBREOFFICE_BATCH: Final = 100  # above it LibreOffice 7.4 drops files and still exits 0

# recalculate always: without it LibreOffice trusts the stored values
_ALWAYS: Final = (
    '<item oor:path="/org.openoffice.Office.Calc/Formula/Load">'
    '<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>'
)


class RecalculationError(Exception):
    """LibreOffice did not give every workbook back."""


def libreoffice_values(soffice: str, workbooks: Sequence[bytes], timeout: float = 300) -> list[Sheets]:
    """What LibreOffice computes for every workbook: values by sheet and address.

    Raises:
        RecalculationError: a workbook did not come back.
    """
    recalculated: list[bytes] = []
    for start in range(0, len(workbooks), LIBREOFFICE_BATCH):
        recalculated.extend(recalculate(soffice, workbooks[start : start + LIBREOFFICE_BATCH], timeout))
    return [workbook_values(data) for data in recalculated]


def recalculate(soffice: str, workbooks: Sequence[bytes], timeout: float) -> list[bytes]:
    """The workbooks as LibreOffice saves them after recalculating everything."""
    names = [f"{number:04d}.xlsx" for number in range(len(workbooks))]
    made = convert(soffice, dict(zip(names, workbooks, strict=True)), "xlsx", timeout, settings=_ALWAYS)
    if missing := [name for name in names if name not in made]:
        raise RecalculationError(", ".join(missing))
    return [made[name] for name in names]


def libreoffice_opinion(soffice: str, timeout: float = 120) -> Callable[[Cells], Sheets]:
    """What LibreOffice computes for the cells of one workbook, as `ironcalc_values` does; nothing where it fails."""

    def values(sheets: Cells) -> Sheets:
        try:
            return libreoffice_values(soffice, [_written(sheets)], timeout)[0]
        except (RecalculationError, subprocess.TimeoutExpired, OSError):
            return {}

    return values


def _written(sheets: Cells) -> bytes:
    """A plain workbook of these cells."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for name, cells in sheets.items():
            page = book.add_worksheet(name)
            for address, content in cells.items():
                row, column = position_of(address)
                if isinstance(content, str) and content.startswith("="):
                    page.write_formula(row - 1, column - 1, content)
                elif isinstance(content, str):
                    page.write_string(row - 1, column - 1, content)
                else:
                    page.write_number(row - 1, column - 1, content)
    return target.getvalue()


def workbook_values(data: bytes) -> Sheets:
    """The stored values of a workbook by sheet and address."""
    return {sheet.name: {cell.address: cell.value for cell in sheet.cells} for sheet in read_workbook(data).sheets}


def ironcalc_values(sheets: Cells) -> Sheets:
    """What ironcalc computes: cells by sheet and address in (`=…` is a formula), values of the formulas out.

    The model is built cell by cell; no file is loaded, so comments or odd names of a workbook cannot trip it.
    """
    model = ironcalc.create("recalc", "en", "UTC")
    for number, name in enumerate(sheets):
        if number:
            model.add_sheet(name)
        else:
            model.rename_sheet(0, name)
    formulas: list[tuple[int, str, str, int, int]] = []
    for number, (name, cells) in enumerate(sheets.items()):
        for address, content in cells.items():
            row, column = position_of(address)
            if isinstance(content, str) and content.startswith("="):
                model.update_cell_with_formula(number, row, column, content)
                formulas.append((number, name, address, row, column))
            elif isinstance(content, str):
                model.update_cell_with_text(number, row, column, content)
            else:
                model.update_cell_with_number(number, row, column, content)
    model.evaluate()
    values: Sheets = {name: {} for name in sheets}
    for number, name, address, row, column in formulas:
        values[name][address] = model.get_cell_value(number, row, column)
    return values
