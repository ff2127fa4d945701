"""Frames (数据框): one pandas frame a table over all workbooks of a batch, one row a filled row."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pandas as pd

from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.form import FormTable
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.mapping import CellType
from jixiao_xl.model.money import fen
from jixiao_xl.model.places import CellKey

PLACE_COLUMNS: Final = ("submission", "unit", "file", "sheet", "row", "key")
FRAMED_KINDS: Final = ("fixed", "list", "indicators")
NUMBER_TYPES: Final[frozenset[CellType]] = frozenset(("number", "percent", "ratio", "score"))
INTEGER_TYPES: Final[frozenset[CellType]] = frozenset(("money", "count"))
Record = dict[str, object]


def frames_of(batch: Batch) -> dict[str, pd.DataFrame]:
    """The frame of every table, by `<level>.<table>`; a row stands for a row with at least one input."""
    records: dict[str, list[Record]] = {}
    columns: dict[str, list[tuple[str, CellType]]] = {}
    for number, submission in enumerate(batch.submissions):
        for _, table in submission.form.tables.values():
            if table.kind in FRAMED_KINDS and table.key in submission.layout.table_sheets:
                name = frame_name(submission, table)
                columns[name] = [(c.key, c.type) for c in table.columns if not c.key.startswith("check_")]
                records.setdefault(name, []).extend(_records(number, submission, table, columns[name]))
    return {name: _frame(rows, columns[name]) for name, rows in records.items()}


def frame_name(submission: Submission, table: FormTable) -> str:
    """部门 and 科室 have tables of one name and different columns."""
    return f"{submission.form.level}.{table.key}"


def _records(
    number: int, submission: Submission, table: FormTable, columns: list[tuple[str, CellType]]
) -> list[Record]:
    rows: list[Record] = []
    sheet = submission.layout.table_sheets[table.key]
    inputs = submission.inputs
    added = submission.added_rows.get(table.key, [])
    for key in [*(row.key for row in table.data_rows if row.key), *added]:
        if (sheet, key) not in submission.layout.rows:
            continue
        cells = [CellKey(sheet, key, column) for column, _ in columns]
        if not any(cell in inputs for cell in cells):
            continue
        place = (number, submission.unit, submission.file, sheet, submission.layout.rows[sheet, key], key)
        record: Record = dict(zip(PLACE_COLUMNS, place, strict=True))
        for (column, cell_type), cell in zip(columns, cells, strict=True):
            record[column] = _typed(submission.workings.value(cell), cell_type)
        rows.append(record)
    return rows


def _typed(value: Value, cell_type: CellType) -> object:
    """The value in the frame's type; what is not a number there is missing here and a finding elsewhere."""
    if cell_type == "money":
        amount = fen(value) if isinstance(value, Decimal) else None
        return amount if amount is not None and abs(amount) < 2**63 else None
    if cell_type == "count":
        whole = isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) < 2**63
        return int(value) if whole and isinstance(value, Decimal) else None
    if cell_type in NUMBER_TYPES:
        return value if isinstance(value, Decimal) else None
    return None if value is None else str(value)


def _frame(rows: list[Record], columns: list[tuple[str, CellType]]) -> pd.DataFrame:
    frame = pd.DataFrame.from_records(rows, columns=[*PLACE_COLUMNS, *(column for column, _ in columns)])
    for column, cell_type in columns:
        frame[column] = frame[column].astype("Int64" if cell_type in INTEGER_TYPES else "object")
    return frame
