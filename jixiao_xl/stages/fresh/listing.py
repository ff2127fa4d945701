"""The list of what was not carried (未转入清单): a small workbook that an officer can forward as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from jixiao_xl.files.author import (
    HEADING_FONT,
    HIGHEST_POINTS,
    LINE_POINTS,
    AuthoredCell,
    AuthoredSheet,
    Merge,
    Style,
    author_workbook,
    lines_needed,
)
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.stages.fresh.came import NotCarried

_COLUMNS: Final = ("number", "sheet", "cell", "label", "column", "content", "reason")
_WIDTHS: Final = (6.0, 14.0, 10.0, 26.0, 16.0, 36.0, 46.0)
_TITLE: Final = Style(border=False, font=HEADING_FONT, size=16, align="center")
_REMARK: Final = Style(border=False, size=10.5, wrap=True)
_HEADER: Final = Style(bold=True, fill="#D9E2EF", align="center", wrap=True)
_TEXT: Final = Style(wrap=True, number_format="@")
_NUMBER: Final = Style(align="center", number_format="0")
_LONGEST: Final = 1000  # characters of one line; a cell holds 32,767, a row of the page some forty lines


def not_carried_list(unit_name: str, missing: Sequence[NotCarried], mapping: Mapping) -> tuple[str, bytes]:
    """The file name and the bytes of the list; where nothing is missing it says so."""
    page = AuthoredSheet(mapping.text("fresh_list_page"), widths=dict(enumerate(_WIDTHS, start=1)), landscape=True)
    _across(page, 1, mapping.text("fresh_list_title", unit=unit_name), _TITLE, 34)
    count = mapping.text("fresh_list_count", count=str(len(missing))) if missing else mapping.text("fresh_list_empty")
    _across(page, 2, count, _REMARK, lines_needed(count, sum(_WIDTHS)) * LINE_POINTS + 6)
    if missing:
        _table(page, missing, mapping)
    moment = datetime(mapping.year + 1, 1, 1)  # no clock: the same list gives the same bytes
    return f"{mapping.text('fresh_list_file', unit=unit_name)}.xlsx", author_workbook([page], moment=moment)


def _table(page: AuthoredSheet, missing: Sequence[NotCarried], mapping: Mapping) -> None:
    header = 3
    for column, key in enumerate(_COLUMNS, start=1):
        page.cells.append(AuthoredCell(header, column, mapping.text(f"fresh_list_{key}"), _HEADER))
    page.heights[header] = 24
    page.freeze, page.repeat_rows = (header + 1, 1), (header, header)
    row = header
    for number, item in enumerate(missing, start=1):
        for part in _in_parts(item):
            row += 1
            _line(page, row, number, part)
    page.print_area = (1, 1, row, len(_COLUMNS))
    page.filter_area = (header, 1, row, len(_COLUMNS))


def _in_parts(item: NotCarried) -> Iterator[NotCarried]:
    """A long text goes on in the next line: nothing is cut off."""
    for start in range(0, max(1, len(item.content)), _LONGEST):
        yield replace(item, content=item.content[start : start + _LONGEST])


def _line(page: AuthoredSheet, row: int, number: int, item: NotCarried) -> None:
    texts = (item.sheet, item.cell, item.label, item.column_label, item.content, item.reason)
    page.cells.append(AuthoredCell(row, 1, number, _NUMBER))
    for column, text in enumerate(texts, start=2):
        page.cells.append(AuthoredCell(row, column, text, _TEXT))
    lines = max(lines_needed(text, width) for text, width in zip(texts, _WIDTHS[1:], strict=True))
    page.heights[row] = min(HIGHEST_POINTS, max(20.0, lines * LINE_POINTS + 5))


def _across(page: AuthoredSheet, row: int, text: str, style: Style, height: float) -> None:
    page.merges.append(Merge(row, 1, row, len(_COLUMNS), text, style))
    page.heights[row] = height
