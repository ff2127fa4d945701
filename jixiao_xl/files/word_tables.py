"""Tables of a Word document (文档里的表格): widths, repeated headers, merged labels, rows that stay on one page."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

from docx.oxml.ns import qn
from docx.shared import Mm
from lxml import etree

from jixiao_xl.files.word_blocks import Cell, Grid, Run
from jixiao_xl.files.word_xml import Element

if TYPE_CHECKING:
    from jixiao_xl.files.word_drawing import Drawing

Merge = str  # what a cell is to its neighbours: "" nothing, the `restart` or the `continue` of a merged one

_TEXT_WIDTH: Final = Mm(156)
_LINE_COLUMNS: Final = 84  # half-width characters of a table's size in a line
_PADDING: Final = 2
_LEAST: Final = 6  # a Chinese text is not broken after fewer than three characters
_WORD: Final = re.compile(r"[!-~]+(?:[年月日][!-~]*)*")  # a number or a date is not broken
_KEPT_ROWS: Final = 12  # a table with merged labels of so many rows stays on one page
_MERGED_ROWS: Final = 8  # a label of more rows is repeated, so that it stands on both sides of the end of a page


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
    unmerged: list[Merge] = [""] * len(cells)
    for number, row in enumerate(cells):
        marks = [by_column.get(position, unmerged)[number] for position in range(len(row))]
        table.append(_row(drawing, row, widths, marks=marks, kept=_is_kept(number, len(cells), merges)))
    yield table
    yield drawing.written("Table Gap", ())


def _merges(texts: list[str]) -> list[Merge]:
    """What each cell of a column is to its equal neighbours."""
    marks: list[Merge] = []
    for text, group in groupby(texts):
        rows = len(list(group))
        parts = -(-rows // _MERGED_ROWS) if text else rows
        for part in range(parts):
            size = rows // parts + (part < rows % parts)
            marks += ["restart", *["continue"] * (size - 1)] if size > 1 else [""]
    return marks


def _is_kept(number: int, rows: int, merges: list[list[Merge]]) -> bool:
    """Whether a row stays on the page of the next one: no row stands alone at the end or the beginning of a page."""
    if number + 1 >= rows:
        return False
    if number in (0, rows - 2) or (merges and rows <= _KEPT_ROWS):
        return True
    return any(marks[number + 1] == "continue" for marks in merges)


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
        mark = marks[position] if marks else ""
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

    Every column has room for its longest number; what is left goes, bit by bit, to the texts that take the most lines.
    """
    longest: list[int] = []
    usual: list[float] = []
    widths: list[int] = []
    for position, header in enumerate(grid.header):
        lines = [line for text in (header, *(row[position].text for row in cells)) for line in text.split("\n")]
        words = max((_columns(word) for line in lines for word in _WORD.findall(line)), default=0)
        lengths = [_columns(line) for line in lines]
        longest.append(max(lengths))
        usual.append((max(lengths) + sum(lengths) / len(lengths)) / 2)
        widths.append(max(words, min(_LEAST, longest[-1])))
    for _ in range(_LINE_COLUMNS - sum(widths) - _PADDING * len(widths)):
        hungry = [n for n, width in enumerate(widths) if width < longest[n]] or list(range(len(widths)))
        widths[max(hungry, key=lambda n: usual[n] / (widths[n] or 1))] += 1
    full = sum(widths) + _PADDING * len(widths)
    return [int(_TEXT_WIDTH.twips * (width + _PADDING) / full) for width in widths]


def _columns(text: str) -> int:
    """How wide a text is: a Chinese character counts two, the gap that Word sets beside a Latin one a half."""
    wide = [unicodedata.east_asian_width(character) in "WFA" for character in text]
    gaps = sum(left != right for left, right in pairwise(wide))
    return len(wide) + sum(wide) + math.ceil(gaps / 2)
