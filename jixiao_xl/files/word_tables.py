"""Tables of a Word document (文档里的表格): widths, repeated headers, merged labels, rows that stay on one page."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from docx.oxml.ns import qn
from docx.shared import Mm
from lxml import etree

from jixiao_xl.files.word_blocks import Cell, Grid, Run
from jixiao_xl.files.word_xml import Element

if TYPE_CHECKING:
    from jixiao_xl.files.word_drawing import Drawing

Merge = Literal["", "restart", "continue"]

_TEXT_WIDTH: Final = Mm(156)
_LINE_COLUMNS: Final = 84  # half-width characters of a table's size in a line
_PADDING: Final = 4
_SHORT: Final = 22
_KEPT_ROWS: Final = 9  # a table or a merged label of so many rows stays on one page


def draw_grid(grid: Grid, drawing: Drawing) -> Iterator[Element]:
    """The table with its unit line above and a small gap below."""
    if grid.unit_line:
        yield drawing.written("Unit Line", (Run(grid.unit_line),), kept=True)
    cells = grid.cells()
    widths = _widths(grid, cells)
    table = _frame(drawing, widths)
    header = [Cell((Run(text),)) for text in grid.header]
    table.append(_row(drawing, header, widths, header=True, kept=bool(cells)))
    merges = [_merges([row[position].text for row in cells]) for position in sorted(grid.merged)]
    by_column = dict(zip(sorted(grid.merged), merges, strict=True))
    for number, row in enumerate(cells):
        marks: list[Merge] = [by_column[position][number] if position in by_column else "" for position in range(len(row))]
        table.append(_row(drawing, row, widths, marks=marks, kept=_is_kept(number, len(cells), merges)))
    yield table
    yield drawing.written("Table Gap", ())


def _merges(texts: list[str]) -> list[Merge]:
    """What each cell of a column is to its equal neighbours."""
    marks: list[Merge] = []
    for number, text in enumerate(texts):
        above = number > 0 and texts[number - 1] == text != ""
        below = number + 1 < len(texts) and texts[number + 1] == text != ""
        marks.append("continue" if above else "restart" if below else "")
    return marks


def _is_kept(number: int, rows: int, merges: list[list[Merge]]) -> bool:
    """Whether a row stays on the page of the next one."""
    if number + 1 >= rows:
        return False
    if rows <= _KEPT_ROWS:
        return True
    return any(marks[number + 1] == "continue" and _run_length(marks, number) <= _KEPT_ROWS for marks in merges)


def _run_length(marks: list[Merge], number: int) -> int:
    """How many rows the merged cell has that covers a row."""
    first = next(position for position in range(number, -1, -1) if marks[position] != "continue")
    rest = range(first + 1, len(marks))
    return 1 + next((count for count, position in enumerate(rest) if marks[position] != "continue"), len(rest))


def _frame(drawing: Drawing, widths: list[int]) -> Element:
    table = etree.Element(qn("w:tbl"))
    properties = _child(table, "w:tblPr")
    _child(properties, "w:tblStyle", val=drawing.style("Table Grid"))
    _child(properties, "w:tblW", w=str(sum(widths)), type="dxa")
    _child(properties, "w:jc", val="center")
    _child(properties, "w:tblLayout", type="fixed")
    columns = _child(table, "w:tblGrid")
    for width in widths:
        _child(columns, "w:gridCol", w=str(width))
    return table


def _row(
    drawing: Drawing,
    cells: list[Cell],
    widths: list[int],
    *,
    header: bool = False,
    marks: list[Merge] | None = None,
    kept: bool = False,
) -> Element:
    row = etree.Element(qn("w:tr"))
    properties = _child(row, "w:trPr")
    _child(properties, "w:cantSplit")
    if header:
        _child(properties, "w:tblHeader")
    for position, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        mark: Merge = marks[position] if marks else ""
        look = "Table Header" if header else "Table Number" if cell.number else "Table Text"
        element = _child(row, "w:tc")
        about = _child(element, "w:tcPr")
        _child(about, "w:tcW", w=str(width), type="dxa")
        if mark:
            _child(about, "w:vMerge", val=mark)
        _child(about, "w:vAlign", val="center")
        runs = () if mark == "continue" else cell.runs
        element.append(drawing.written(look, runs, bookmark=cell.bookmark, kept=kept))
    return row


def _child(parent: Element, tag: str, **values: str) -> Element:
    return etree.SubElement(parent, qn(tag), {qn(f"w:{name}"): value for name, value in values.items()})


def _widths(grid: Grid, cells: list[list[Cell]]) -> list[int]:
    """Column widths in twips that fill the line.

    Short columns get what they need, long ones share the rest by their root.
    """
    needs: list[int] = []
    for position, header in enumerate(grid.header):
        texts = [header, *(row[position].text for row in cells)]
        needs.append(_PADDING + max(_columns(line) for text in texts for line in text.split("\n")))
    widths = [float(need) for need in needs]
    long = [position for position, need in enumerate(needs) if need > _SHORT]
    room = _LINE_COLUMNS - sum(need for need in needs if need <= _SHORT)
    if sum(needs) > _LINE_COLUMNS and room > len(long) * _PADDING:
        roots = sum(math.sqrt(needs[position]) for position in long)
        for position in long:
            widths[position] = room * math.sqrt(needs[position]) / roots
    return [int(_TEXT_WIDTH.twips * width / sum(widths)) for width in widths]


def _columns(text: str) -> int:
    """How wide a text is: a Chinese character counts two, the gap that Word sets beside a Latin one a half."""
    wide = [unicodedata.east_asian_width(character) in "WFA" for character in text]
    gaps = sum(left != right for left, right in pairwise(wide))
    return len(wide) + sum(wide) + math.ceil(gaps / 2)
