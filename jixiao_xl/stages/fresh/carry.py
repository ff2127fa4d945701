"""Carry (转入): which row of the workbook that came goes into which row of the clean one, and what is written there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from jixiao_xl.files.cells import Cell
from jixiao_xl.files.patch import Content
from jixiao_xl.files.safe import MAX_CELL_TEXT
from jixiao_xl.model.form import FormCell, FormRow, FormTable, RowRole
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.workings import Workings
from jixiao_xl.stages.fresh.came import DAYS_1904, Came, as_text

RowKey = tuple[str, str]  # sheet and row key


@dataclass(frozen=True)
class Carried:
    """What is carried.

    Attributes:
        rows: for each row of the workbook that came, its row in the clean one; None where there is no room for it.
        contents: what is written into the input cells of the clean one, None empties; unnamed cells stay as issued.
        workings: Python's values of the clean one with these inputs.
    """

    rows: dict[RowKey, str | None]
    contents: dict[CellKey, Content]
    workings: Workings


def carry(came: Came) -> Carried:
    """The rows and contents that are carried, exactly as they were typed."""
    rows = _rows(came)
    sources = {(sheet, target): row for (sheet, row), target in rows.items() if target is not None}
    contents: dict[CellKey, Content] = {}
    inputs: dict[CellKey, Value] = {
        key: cell.given for key, cell in came.submission.form.cells.items() if cell.given is not None
    }
    for sheet, table, row in _tables(came):
        source = sources.get((sheet, row.key or ""))
        for cell in row.cells:
            if cell.is_input and _is_to_be_written(came, table, row, cell, source):
                from_key = cell.key._replace(row=source or "")
                content = content_of(came.at(from_key), cell, date1904=came.workbook.date1904)
                if content is not None or cell.given is not None:
                    contents[cell.key] = content
                inputs[cell.key] = came.submission.inputs.get(from_key) if content is not None else None
    workings = Workings(came.submission.form, {key: value for key, value in inputs.items() if value is not None})
    return Carried(rows, contents, workings)


def content_of(cell: Cell | None, form_cell: FormCell, *, date1904: bool) -> Content:
    """What is written for an input: its value as it was typed; None where there is none that can be carried.

    A truth value becomes the text that every program shows for it.
    """
    if cell is None or cell.is_error or cell.value is None:
        return None
    if isinstance(cell.value, bool):
        return as_text(cell.value)
    if isinstance(cell.value, str):
        return cell.value if cell.value.strip() and _fits(cell.value) else None
    if not math.isfinite(cell.value):
        return None
    return cell.value + DAYS_1904 if date1904 and form_cell.type == "date" else cell.value


def _fits(text: str) -> bool:
    """Whether a cell can hold a text; programs other than Excel store longer ones."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 <= MAX_CELL_TEXT


def _tables(came: Came) -> Iterator[tuple[str, FormTable, FormRow]]:
    """Every row of every table that was found by its keys, with its sheet."""
    for key in came.submission.layout.key_rows:
        sheet, table = came.submission.form.tables[key]
        for row in table.data_rows:
            yield sheet.key, table, row


def _is_to_be_written(came: Came, table: FormTable, row: FormRow, cell: FormCell, source: str | None) -> bool:
    """A list row is what the section made of it: a known one that it deleted, or another in its place, is not kept."""
    if source != row.key and row.role is RowRole.LIST:
        return True
    return source is not None and cell.key.column in came.submission.layout.letters[table.key]


def _rows(came: Came) -> dict[RowKey, str | None]:
    """Where each row goes: to its own key; an inserted list row to the first free one, in order."""
    layout, form = came.submission.layout, came.submission.form
    rows: dict[RowKey, str | None] = {(sheet, row): row for sheet, row in layout.rows}
    for table, added in came.submission.added_rows.items():
        sheet, form_table = form.tables[table]
        free = iter([row.key for row in form_table.rows if row.role is RowRole.LIST and _is_free(came, row)])
        for key in sorted(added, key=lambda key: layout.rows[sheet.key, key]):
            rows[sheet.key, key] = next(free, None)
    return rows


def _is_free(came: Came, row: FormRow) -> bool:
    return all(came.at(cell.key) is None for cell in row.cells if cell.is_input)
