"""Cells that could not be read as they should (单元格): text for numbers, missing values, orders of magnitude."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from jixiao_xl.model.batch import Batch, Misread, Submission
from jixiao_xl.model.expressions import evaluate_condition, parse_condition
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.form import FormCell, RowRole
from jixiao_xl.model.form_builder import serial_date
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import YUAN_PER_WAN, fen, is_blank, understand_number, with_fen
from jixiao_xl.model.places import CellKey

_TENTH_OF_SCALE, _TIMES_SCALE = Decimal("0.3"), Decimal(3)  # how far from 10,000 times still looks like 万元


def cell_findings(batch: Batch, mapping: Mapping, catalogue: Catalogue) -> Iterator[Finding]:
    """Findings of single cells, submission by submission."""
    for submission in batch.submissions:
        yield from _misread(submission, mapping, catalogue)
        yield from _required(submission, catalogue)
        yield from _fractions(submission, mapping, catalogue)
        yield from _percent_scale(submission, catalogue)
        yield from _bands(submission, mapping, catalogue)
        yield from _unit_scale(submission, catalogue)


def _misread(submission: Submission, mapping: Mapping, catalogue: Catalogue) -> Iterator[Finding]:
    """Text where a number or a date should be: understood with a note, or an error; never 0."""
    for misread in submission.misread:
        place = submission.place(misread.key)
        if misread.value is None:
            other = _other_unit(misread, submission, mapping)
            code = "not-a-number" if other is None else "measure-unit-mismatch"
            yield catalogue.at(code, place, found=str(misread.raw), expected=other)
            continue
        cell = submission.workings.cell(misread.key)
        day = (
            serial_date(misread.value) if cell and cell.type == "date" and isinstance(misread.value, Decimal) else None
        )
        taken = day.isoformat() if day else misread.value
        yield catalogue.at("number-understood", place, found=str(misread.raw), expected=taken)


def _other_unit(misread: Misread, submission: Submission, mapping: Mapping) -> str | None:
    """The unit that the row is measured in, where the cell names another one: `30人` for 次."""
    own = submission.inputs.get(misread.key._replace(column="measure_unit"))
    text = str(misread.raw).strip()
    for unit in mapping.measure_units:
        number = text.removesuffix(unit.name)
        if number != text and understand_number(number, percent=False, money=False).value is not None:
            return str(own) if own is not None and unit.name != own else None
    return None


def _required(submission: Submission, catalogue: Catalogue) -> Iterator[Finding]:
    """Cells that must be filled, or must be filled where their row's condition holds."""
    for key, cell in _filled_cells(submission):
        if cell.required is not False and key not in submission.inputs and _is_due(submission, key, cell):
            yield catalogue.at("required-missing", submission.place(key))


def _is_due(submission: Submission, key: CellKey, cell: FormCell) -> bool:
    if isinstance(cell.required, bool):
        return cell.required
    return evaluate_condition(parse_condition(cell.required), submission.workings.lookup(key)) is True


def _filled_cells(submission: Submission) -> Iterator[tuple[CellKey, FormCell]]:
    """The cells of every row that the workbook has, inserted list rows included."""
    for sheet, table in submission.form.tables.values():
        rows = [row for row in table.data_rows if row.key]
        for row in rows:
            if row.key and (sheet.key, row.key) in submission.layout.rows:
                yield from ((cell.key, cell) for cell in row.cells)
        model = next((row for row in rows if row.role is RowRole.LIST), None)
        for added in submission.added_rows.get(table.key, []) if model else []:
            yield from ((cell.key._replace(row=added), cell) for cell in (model.cells if model else ()))


def _fractions(submission: Submission, mapping: Mapping, catalogue: Catalogue) -> Iterator[Finding]:
    """Money with parts of a 分, people with parts of a person."""
    for key, value in submission.inputs.items():
        cell = submission.workings.cell(key)
        if cell is None or not cell.is_input or not isinstance(value, Decimal):
            continue
        broken = (cell.type == "money" and fen(value) is None) or (
            cell.type == "count" and value != value.to_integral_value()
        )
        if broken:
            detail = mapping.text("two_decimals" if cell.type == "money" else "whole_number")
            yield catalogue.at("out-of-range", submission.place(key), found=value, detail=detail)


def _percent_scale(submission: Submission, catalogue: Catalogue) -> Iterator[Finding]:
    """0.95 where 95 is meant: a percent above 0 and at most 1, beside a target that is far larger."""
    for key, value in submission.inputs.items():
        cell = submission.workings.cell(key)
        if cell is None or not cell.is_input or cell.type != "percent" or not isinstance(value, Decimal):
            continue
        target = submission.inputs.get(key._replace(column="target"), Decimal(100))
        if 0 < value <= 1 and isinstance(target, Decimal) and target >= 10:
            yield catalogue.at("percent-scale", submission.place(key), found=value, expected=value * 100)


def _bands(submission: Submission, mapping: Mapping, catalogue: Catalogue) -> Iterator[Finding]:
    """The ratio of a qualitative indicator must lie within its band (等次与得分率)."""
    for key, band in submission.inputs.items():
        if key.column != "band" or is_blank(band):
            continue
        bounds = mapping.scoring.bands.ranges.get(str(band))
        ratio = submission.inputs.get(key._replace(column="band_ratio"))
        if bounds is None or not isinstance(ratio, Decimal):
            continue
        low, high = bounds
        if not (low <= ratio < high or ratio == high == 100):
            place = submission.place(key._replace(column="band_ratio"))
            detail = mapping.text("band_range", band=str(band), low=str(low), high=str(high))
            yield catalogue.at("out-of-range", place, found=ratio, detail=detail)


def _unit_scale(submission: Submission, catalogue: Catalogue) -> Iterator[Finding]:
    """万元 typed for 元: all other amounts of the row (two at least) are about 10,000 times as large."""
    rows: dict[tuple[str, str], list[tuple[CellKey, Decimal]]] = {}
    for key, value in submission.inputs.items():
        cell = submission.workings.cell(key)
        if cell is not None and cell.is_input and cell.type == "money" and isinstance(value, Decimal) and value > 0:
            rows.setdefault((key.sheet, key.row), []).append((key, value))
    for amounts in rows.values():
        for key, value in amounts:
            others = [other / value / YUAN_PER_WAN for place, other in amounts if place != key]
            if len(others) >= 2 and all(_TENTH_OF_SCALE < ratio < _TIMES_SCALE for ratio in others):
                expected = with_fen(value * YUAN_PER_WAN)
                yield catalogue.at("unit-scale", submission.place(key), found=value, expected=expected)
