"""Validations (下拉和输入限制): a cell that was pasted over has lost its list or its limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from jixiao_xl.files.cells import Workbook, column_number
from jixiao_xl.model.batch import Submission
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.mapping import CellType

_GUARDED: Final[frozenset[CellType]] = frozenset(("choice", "money", "number", "percent", "count", "date"))
_RANGE: Final = re.compile(r"\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?")


def lost_validations(workbook: Workbook, submission: Submission, catalogue: Catalogue) -> Iterator[Finding]:
    """A note for the first filled cell of each sheet whose validation is gone."""
    ranges = {sheet.name: _Ranges(sheet.validated) for sheet in workbook.sheets}
    named: set[str] = set()
    for key in submission.inputs:
        cell = submission.form.cells.get(key)
        if cell is None or not cell.is_input or cell.type not in _GUARDED or key.sheet in named:
            continue
        row, column = submission.layout.rows[key.sheet, key.row], column_number(submission.layout.letter(key))
        if not ranges[submission.layout.titles[key.sheet]].hold(row, column):
            named.add(key.sheet)
            yield catalogue.at("validation-damaged", submission.place(key))


class _Ranges:
    """Which cells some ranges cover; single cells, which are most of them, by one look."""

    def __init__(self, references: Iterable[str]) -> None:
        self.single: set[tuple[int, int]] = set()
        self.areas: list[tuple[int, int, int, int]] = []
        for reference in references:
            match = _RANGE.fullmatch(reference)
            if match is None:
                continue
            top, left = int(match[2]), column_number(match[1])
            if match[3] is None:
                self.single.add((top, left))
            else:
                self.areas.append((top, left, int(match[4]), column_number(match[3])))

    def hold(self, row: int, column: int) -> bool:
        if (row, column) in self.single:
            return True
        return any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in self.areas)
