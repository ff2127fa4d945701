"""Schemas (数据框校验): pandera schemas built from the forms, run once a batch over each whole frame."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pandas as pd
import pandera.pandas as pa

from jixiao_xl.model.batch import Batch
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.frames import INTEGER_TYPES, NUMBER_TYPES
from jixiao_xl.model.mapping import Column, Mapping, Table
from jixiao_xl.model.money import FEN_PER_YUAN
from jixiao_xl.model.places import CellKey

_RANGE, _LIST, _LENGTH = "range", "list", "length"
_CODES = {_RANGE: "out-of-range", _LIST: "not-in-list", _LENGTH: "text-too-long"}
_MONEY_LIMIT = Decimal(10) ** 13  # 元; beyond it a double no longer holds 分


def schema_findings(batch: Batch, mapping: Mapping, catalogue: Catalogue) -> Iterator[Finding]:
    """Values outside their range, their list or their length."""
    for name, frame in batch.tables.items():
        level, _, key = name.partition(".")
        table = _table(mapping, level, key)
        schema = table_schema(table, mapping)
        for row, column, check in _failures(schema, frame):
            submission = batch.submissions[int(frame.at[row, "submission"])]  # pyright: ignore[reportArgumentType]
            cell = CellKey(str(frame.at[row, "sheet"]), str(frame.at[row, "key"]), column)
            expected = _expected(check, next(c for c in table.columns if c.key == column), mapping)
            found = submission.inputs.get(cell)
            yield catalogue.at(_CODES[check], submission.place(cell), found=found, detail=expected)


def table_schema(table: Table, mapping: Mapping) -> pa.DataFrameSchema:
    """The schema of a table's frame; money is checked in 分."""
    inputs = [column for column in table.columns if column.kind == "input"]
    return pa.DataFrameSchema(
        {column.key: pa.Column(_dtype(column), checks=_checks(column, mapping), nullable=True) for column in inputs},
        strict=False,
    )


def _dtype(column: Column) -> str:
    return "Int64" if column.type in INTEGER_TYPES else "object"


def _checks(column: Column, mapping: Mapping) -> list[pa.Check]:
    low, high = _bounds(column)
    allowed = mapping.forms.choices[column.choices] if column.choices else []
    limit = column.max_length or 0

    def within(value: Decimal | int) -> bool:
        return low <= value <= high

    def listed(value: str) -> bool:
        return value in allowed

    def short(value: str) -> bool:
        return len(value) <= limit

    checks: list[pa.Check] = []
    if column.type in INTEGER_TYPES or column.type in NUMBER_TYPES:
        checks.append(pa.Check(within, element_wise=True, name=_RANGE))
    if column.choices:
        checks.append(pa.Check(listed, element_wise=True, name=_LIST))
    if column.max_length:
        checks.append(pa.Check(short, element_wise=True, name=_LENGTH))
    return checks


def _bounds(column: Column) -> tuple[Decimal, Decimal]:
    scale = FEN_PER_YUAN if column.type == "money" else 1
    low = -_MONEY_LIMIT if column.minimum is None else column.minimum
    high = _MONEY_LIMIT if column.maximum is None else column.maximum
    return low * scale, high * scale


def _failures(schema: pa.DataFrameSchema, frame: pd.DataFrame) -> Iterator[tuple[int, str, str]]:
    """Row label, column and check of every value that fails."""
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        for row, column, check in zip(cases["index"], cases["column"], cases["check"], strict=True):
            name = re.split(r"\W", str(check))[0]
            if pd.isna(row) or name not in _CODES:
                raise
            yield int(row), str(column), name


def _expected(check: str, column: Column, mapping: Mapping) -> str:
    """What would have been right, in words."""
    if check == _LIST and column.choices:
        return "、".join(mapping.forms.choices[column.choices])
    if check == _LENGTH:
        return mapping.text("at_most_characters", maximum=str(column.max_length))
    low, high = column.minimum, column.maximum
    if low is None and high is None:
        return mapping.text("too_large")
    return mapping.text(
        "between", low=str(low if low is not None else "-∞"), high=str(high if high is not None else "+∞")
    )


def _table(mapping: Mapping, level: str, key: str) -> Table:
    return next(
        table
        for sheet in mapping.forms.sheets
        if level in sheet.levels
        for table in sheet.tables
        if table.key == key and level in table.levels
    )
