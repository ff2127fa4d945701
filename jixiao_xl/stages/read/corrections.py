"""Corrections (电话更正): what a section has said by telephone stands over its workbook, which stays as it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from jixiao_xl.model.batch import Submission
from jixiao_xl.model.form import FormCell
from jixiao_xl.model.money import is_blank
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.review import Correction, CorrectionState
from jixiao_xl.stages.read.values import read_value


def with_corrections(
    submission: Submission, corrections: Sequence[Correction]
) -> tuple[Submission, dict[int, CorrectionState]]:
    """The submission with its corrected figures, and what became of each of its corrections, by their row.

    A correction applies while the workbook still says what it said when the section called.
    """
    own = [correction for correction in corrections if correction.unit == submission.unit]
    if not own:
        return submission, {}
    keys = {(submission.layout.titles[k.sheet], submission.layout.address(k)): k for k in _input_keys(submission)}
    states: dict[int, CorrectionState] = {}
    for correction in own:
        key = keys.get((correction.sheet, correction.cell))
        cell = submission.workings.cell(key) if key is not None else None
        if key is None or cell is None:
            states[correction.row] = CorrectionState.NO_INPUT
        elif not _still_says(submission, key, cell, correction.old):
            states[correction.row] = CorrectionState.OUTDATED
        else:
            submission = _corrected(submission, key, cell, correction)
            states[correction.row] = CorrectionState.APPLIED
    return submission, states


def _input_keys(submission: Submission) -> list[CellKey]:
    layout = submission.layout
    rows = [(sheet, row, table) for (sheet, row), table in layout.row_tables.items()]
    keys = [CellKey(sheet, row, column) for sheet, row, table in rows for column in layout.letters[table]]
    return [key for key in keys if (cell := submission.workings.cell(key)) is not None and cell.is_input]


def _still_says(submission: Submission, key: CellKey, cell: FormCell, old: str) -> bool:
    """Whether the workbook says `old`: the same number, however it is written, or the same text."""
    raw = next((misread.raw for misread in submission.misread if misread.key == key), submission.inputs.get(key))
    if is_blank(old) or is_blank(raw):
        return is_blank(old) and is_blank(raw)
    if str(raw).strip() == old.strip():
        return True
    value = submission.inputs.get(key)
    return isinstance(value, Decimal) and read_value(submission.form, key, cell, old).value == value


def _corrected(submission: Submission, key: CellKey, cell: FormCell, correction: Correction) -> Submission:
    reading = read_value(submission.form, key, cell, correction.new)
    misread = tuple(other for other in submission.misread if other.key != key)
    if reading.misread is not None and reading.misread.value is None:
        misread = (*misread, reading.misread)
    return replace(
        submission,
        inputs={**submission.inputs, key: reading.value},
        misread=misread,
        corrections={**submission.corrections, key: correction.source},
    )
