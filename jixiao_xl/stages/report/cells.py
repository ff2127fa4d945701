"""Cells of a workbook as the report shows them (格子怎么写): texts cleaned, dates as 年月日, amounts in 万元."""

from __future__ import annotations

from decimal import Decimal

from jixiao_xl.files.word_blocks import clean
from jixiao_xl.model.batch import Submission
from jixiao_xl.model.form import FormTable, RowRole
from jixiao_xl.model.form_builder import serial_date
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import half_up, is_blank, plain, wan
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.report_cleaning import cleaned, document_number

_DOCUMENT_NUMBER = "document_no"  # the columns whose year belongs in 〔〕


def filled_rows(submission: Submission, table: FormTable) -> list[str]:
    """The row keys of a table that the unit wrote something in, as they stand in its workbook; no totals."""
    sheet = submission.form.tables[table.key][0].key
    inputs = [column.key for column in table.columns if column.kind == "input"]
    rows = [row.key for row in table.data_rows if row.key is not None and row.role is not RowRole.TOTAL]
    rows += [row for row in submission.added_rows.get(table.key, ()) if row not in rows]
    filled = [row for row in rows if any(not is_blank(submission.inputs.get(CellKey(sheet, row, c))) for c in inputs)]
    return _in_order(submission, sheet, filled)


def shown_rows(submission: Submission, table: FormTable) -> list[str]:
    """The rows of a table with its totals, where anything is filled in; those of a list only where they are."""
    filled = filled_rows(submission, table)
    if not filled:
        return []
    sheet = submission.form.tables[table.key][0].key
    if table.kind == "list":
        wanted = {row.key for row in table.data_rows if row.role is RowRole.TOTAL} | set(filled)
    else:
        wanted = {row.key for row in table.data_rows}
    return _in_order(submission, sheet, [row for row in wanted if row is not None])


def _in_order(submission: Submission, sheet: str, rows: list[str]) -> list[str]:
    places = submission.layout.rows
    last = max(places.values(), default=0)
    return sorted(rows, key=lambda row: (places.get((sheet, row), last), row))


def value_of(submission: Submission, key: CellKey) -> Value:
    """What a cell holds: Python's own value of a formula, what was typed, or what stands there from the beginning."""
    value = submission.workings.value(key)
    if value is not None:
        return value
    cell = submission.workings.cell(key)
    return None if cell is None or cell.is_input else cell.given


def text_of(submission: Submission, key: CellKey, mapping: Mapping) -> str | None:
    """A text or a date; None where the cell is blank. A number is `number_of`'s, but stands here plainly too."""
    value = value_of(submission, key)
    if is_blank(value) or value is None:
        return None
    if not isinstance(value, Decimal):
        text = cleaned(clean(str(value)))
        return (document_number(text) if key.column == _DOCUMENT_NUMBER else text) or None
    cell = submission.workings.cell(key)
    day = serial_date(value) if cell is not None and cell.type == "date" else None
    if day is None:
        return plain(value)
    return mapping.text("report_date", year=str(day.year), month=str(day.month), day=str(day.day))


def number_of(submission: Submission, key: CellKey) -> str | None:
    """A number as tables show it: money in 万元, rates in %, scores with two decimals; None for anything else."""
    value, cell = value_of(submission, key), submission.workings.cell(key)
    if not isinstance(value, Decimal) or cell is None or cell.type == "date":
        return None
    match cell.type:
        case "money":
            return plain(wan(value))
        case "ratio":
            return f"{half_up(value * 100, 2):f}%"
        case "score":
            return plain(half_up(value, 2))
        case _:
            return plain(value)
