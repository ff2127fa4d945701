"""A pen for our own sheets (制表笔): styles, and a pen that goes down the rows; the sheet comes out ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from jixiao_xl.files.author import (
    HEADING_FONT,
    HIGHEST_POINTS,
    LINE_POINTS,
    AuthoredCell,
    AuthoredSheet,
    Merge,
    Style,
    document_link,
    file_link,
    lines_needed,
)
from jixiao_xl.files.cells import column_letter
from jixiao_xl.model.places import Source

LIVE_FILL = "#EAF1FB"
TEXT = Style(wrap=True)
CENTRED = Style(align="center", wrap=True)
SCORE = Style(align="right", number_format="0.00")
MONEY = Style(align="right", number_format="#,##0.00")
RATIO = Style(align="right", number_format="0.00%")
COUNT = Style(align="right", number_format="0")
NUMBER = Style(align="center", number_format="0")
SHARE = Style(align="right", number_format="0.0000")
GENERAL = Style(align="right")
LINK = Style(align="center", wrap=True, color="#0563C1", underline=True)
LINK_TEXT = Style(wrap=True, color="#0563C1", underline=True)
HEADER = Style(bold=True, fill="#D9E2EF", align="center", wrap=True)
TITLE = Style(border=False, font=HEADING_FONT, size=16, align="center")
HEADING = Style(border=False, font=HEADING_FONT, size=12)
REMARK = Style(border=False, size=10, wrap=True, color="#404040")
WARNING = replace(REMARK, bold=True, color="#C00000")

Value = str | float | int | Decimal | None
_MOST_LINKS: Final = 60_000  # Excel takes 65,530 on a sheet


def total(style: Style) -> Style:
    """The style in a row of totals."""
    return replace(style, bold=True, fill=LIVE_FILL)


@dataclass
class Pen:
    """A sheet being written from the top.

    Attributes:
        sheet: what has been written.
        row: the current row, 1-based.
        printed: the number of columns that are printed.
        back: how a link goes from the workbook's folder to the workspace; one in 结果/ goes up.
    """

    sheet: AuthoredSheet
    row: int = 1
    printed: int = field(default=0)
    back: str = "../"

    @classmethod
    def on(cls, name: str, widths: Sequence[float], *, landscape: bool = False, back: str = "../") -> Pen:
        """A new sheet with columns of these widths."""
        sheet = AuthoredSheet(name, landscape=landscape, widths=dict(enumerate(widths, start=1)))
        return cls(sheet, printed=len(widths), back=back)

    def across(self, text: str, style: Style, height: float | None = None) -> None:
        """A line of text over the whole width; goes to the next row."""
        self.merged(1, self.printed, text, style)
        if height is not None:
            self.sheet.heights[self.row] = height
        self.row += 1

    def merged(
        self, first: int, last: int, text: str, style: Style, *, formula: str | None = None, value: Value = None
    ) -> None:
        """Cells of this row joined; with `formula` or `value` they show that instead of the text."""
        if first < last:
            self.sheet.merges.append(Merge(self.row, first, self.row, last, text, style))
        if first == last or formula is not None or value is not None:
            self.put(first, text if value is None and formula is None else value, style, formula=formula)

    def header(self, titles: Sequence[str]) -> None:
        """The row of column headers."""
        for column, text in enumerate(titles, start=1):
            self.put(column, text, HEADER)

    def put(
        self, column: int, value: Value, style: Style, *, formula: str | None = None, link: str | None = None
    ) -> None:
        """One cell of this row."""
        self.sheet.cells.append(AuthoredCell(self.row, column, value, style, formula=formula, link=link))

    def source(self, column: int, source: Source, text: str) -> None:
        """A link to a cell of a received file; without the link below the most that Excel takes."""
        link = file_link(self.back, source.file, source.sheet, source.cell) if self.row <= _MOST_LINKS else None
        self.put(column, text, LINK if link else CENTRED, link=link)

    def document(self, column: int, path: str) -> None:
        """A link to a whole document, shown by its path."""
        self.put(column, path, LINK_TEXT, link=document_link(self.back + path) if self.row <= _MOST_LINKS else None)

    def at(self, column: int, row: int | None = None) -> str:
        """The address of a cell on this sheet."""
        return f"{column_letter(column)}{row or self.row}"

    def reference(self, column: int, row: int | None = None) -> str:
        """The address of a cell as other sheets write it."""
        return f"{quoted(self.sheet.name)}!{self.at(column, row)}"

    def absolute(self, column: int, first: int, last: int) -> str:
        """A range of a column as charts write it."""
        letters = column_letter(column)
        return f"={quoted(self.sheet.name)}!${letters}${first}:${letters}${last}"

    def repeat(self, row: int, *, columns: int = 0) -> None:
        """Everything up to the header row stays in view and it is repeated on each printed page."""
        self.sheet.freeze = (row + 1, columns + 1)
        self.sheet.repeat_rows = (row, row)

    def finished(self) -> AuthoredSheet:
        """The sheet, its rows as high as their texts need."""
        heights: dict[int, float] = {}
        joined = {(merge.first_row, merge.first_column) for merge in self.sheet.merges}
        for cell in self.sheet.cells:
            if cell.style.wrap and isinstance(cell.value, str) and (cell.row, cell.column) not in joined:
                needed = _height(cell.value, self.sheet.widths[cell.column])
                heights[cell.row] = max(heights.get(cell.row, 0.0), needed)
        for merge in self.sheet.merges:
            if merge.style.wrap and merge.first_row == merge.last_row:
                width = sum(self.sheet.widths[c] for c in range(merge.first_column, merge.last_column + 1))
                heights[merge.first_row] = max(heights.get(merge.first_row, 0.0), _height(merge.text, width))
        self.sheet.heights = heights | self.sheet.heights
        self.sheet.print_area = self.sheet.print_area or (1, 1, max(self.row - 1, 1), self.printed)
        return self.sheet


def _height(text: str, width: float) -> float:
    return min(HIGHEST_POINTS, max(20.0, lines_needed(text, width) * LINE_POINTS + 5))


def quoted(sheet: str) -> str:
    """A sheet's name as formulas write it."""
    escaped = sheet.replace("'", "''")
    return f"'{escaped}'"
