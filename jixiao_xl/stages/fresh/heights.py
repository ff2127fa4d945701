"""Heights (行高): rows of the clean workbook as high as the texts carried into them, as while somebody types."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from jixiao_xl.files.author import lines_needed
from jixiao_xl.files.ooxml import parts, zipped
from jixiao_xl.files.patch import Content
from jixiao_xl.model.form import Form, FormSheet
from jixiao_xl.model.layout import column_letters, pristine_layout
from jixiao_xl.model.places import CellKey

_ROW: Final = re.compile(rb'(<row r="(\d+)"[^>]*? ht=")([\d.]+)"')
_LINE: Final = 15.0  # points that a line of 10.5 pt needs
_HIGHEST: Final = 405.0  # Excel's highest row is 409 points


def with_room(clean: bytes, contents: Mapping[CellKey, Content], form: Form) -> bytes:
    """`clean`, as it is issued, with no row lower than its texts of `contents` need; programs do not see to it."""
    layout = pristine_layout(form)
    needed: dict[str, dict[int, float]] = defaultdict(dict[int, float])
    widths = {sheet.key: _widths(sheet) for sheet in form.sheets}
    for key, content in contents.items():
        if isinstance(content, str):
            row = layout.rows[key.sheet, key.row]
            lines = lines_needed(content, widths[key.sheet][layout.letter(key)])
            height = min(_HIGHEST, lines * _LINE + 5)
            needed[key.sheet][row] = max(height, needed[key.sheet].get(row, 0.0))
    content = parts(clean)
    for number, sheet in enumerate(form.sheets, start=1):
        name = f"xl/worksheets/sheet{number}.xml"
        content[name] = _raised(content[name], needed[sheet.key])
    return zipped(content)


def _raised(part: bytes, heights: Mapping[int, float]) -> bytes:
    def raised(match: re.Match[bytes]) -> bytes:
        height = heights.get(int(match[2]), 0.0)
        return b'%b%g"' % (match[1], height) if height > float(match[3]) else match[0]

    return _ROW.sub(raised, part)


def _widths(sheet: FormSheet) -> dict[str, float]:
    """The width of each column, by its letters: the tables of a sheet share their columns."""
    widths: dict[str, float] = {}
    for table in sheet.tables:
        for column, number in zip(table.columns, table.letter_offsets.values(), strict=True):
            letters = column_letters(number)
            widths[letters] = max(widths.get(letters, 0.0), column.width)
    return widths
