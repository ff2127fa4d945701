"""Heights (行高): rows of the clean workbook as high as the texts carried into them, as while somebody types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from jixiao_xl.files.author import HIGHEST_POINTS, LINE_POINTS, lines_needed
from jixiao_xl.files.patch import Content
from jixiao_xl.model.form import Form, FormSheet
from jixiao_xl.model.layout import column_letters, pristine_layout
from jixiao_xl.model.places import CellKey


def heights_needed(contents: Mapping[CellKey, Content], form: Form) -> dict[str, dict[int, float | None]]:
    """How high each row must be for its texts of `contents`, in points, by sheet title and row."""
    layout = pristine_layout(form)
    needed: dict[str, dict[int, float]] = defaultdict(dict[int, float])
    widths = {sheet.key: _widths(sheet) for sheet in form.sheets}
    for key, content in contents.items():
        if isinstance(content, str):
            row = layout.rows[key.sheet, key.row]
            lines = lines_needed(content, widths[key.sheet][layout.letter(key)])
            height = min(HIGHEST_POINTS, lines * LINE_POINTS + 5)
            needed[layout.titles[key.sheet]][row] = max(height, needed[layout.titles[key.sheet]].get(row, 0.0))
    return {title: dict(rows) for title, rows in needed.items()}


def _widths(sheet: FormSheet) -> dict[str, float]:
    """The width of each column, by its letters: the tables of a sheet share their columns."""
    widths: dict[str, float] = {}
    for table in sheet.tables:
        for column, number in zip(table.columns, table.letter_offsets.values(), strict=True):
            letters = column_letters(number)
            widths[letters] = max(widths.get(letters, 0.0), column.width)
    return widths
