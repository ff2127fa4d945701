"""A page of the appendix (附表页面): cells and merged cells put down row by row, heights as the texts need."""

from __future__ import annotations

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
    file_link,
    lines_needed,
)
from jixiao_xl.files.cells import column_letter
from jixiao_xl.model.places import Source

Value = str | Decimal | int | None

TITLE: Final = Style(border=False, font=HEADING_FONT, size=16, align="center")
SUBTITLE: Final = Style(border=False, align="center")
UNIT_NOTE: Final = Style(border=False, align="right")
REMARK: Final = Style(border=False, size=9, wrap=True, color="#404040")
SIGNATURE: Final = Style(border=False)
LABEL: Final = Style(bold=True, fill="#F2F2F2", align="center", wrap=True)
HEADER: Final = Style(bold=True, fill="#D9E2EF", align="center", wrap=True)
TEXT: Final = Style(wrap=True)
CENTRED: Final = Style(align="center", wrap=True)
MONEY: Final = Style(align="right", number_format="#,##0.00")
SCORE: Final = Style(align="right", number_format="0.00")
RATE: Final = Style(align="right", number_format="0.00%")
LINK: Final = Style(align="center", size=9, color="#0563C1", underline=True, wrap=True)

_BACK: Final = "../"  # from 结果/ to the workspace
_LEAST_HEIGHT: Final = 20.0


def bold(style: Style) -> Style:
    """The style in a row of totals."""
    return replace(style, bold=True, fill="#EAF1FB")


@dataclass
class Page:
    """A sheet being written from the top; `row` is the current row, columns count from 1."""

    sheet: AuthoredSheet
    blank: str  # what stands where there is no figure
    row: int = 1
    needed: dict[int, float] = field(default_factory=dict[int, float])

    @property
    def columns(self) -> int:
        """How many columns it has."""
        return len(self.sheet.widths)

    def put(
        self, first: int, last: int, value: Value, style: Style, *, formula: str | None = None, rows: int = 1
    ) -> None:
        """A value in cells `first` to `last` of this row, joined; a missing one of a number is shown as the sign."""
        shown: Value = self.blank if value is None and style.number_format != "General" else value
        if first < last or rows > 1:
            self.sheet.merges.append(Merge(self.row, first, self.row + rows - 1, last, "", style))
        self.sheet.cells.append(AuthoredCell(self.row, first, shown, style, formula=formula))
        if style.wrap and isinstance(shown, str):
            width = sum(self.sheet.widths[column] for column in range(first, last + 1))
            self._needs(lines_needed(shown, width) * LINE_POINTS * style.size / 10.5, rows)

    def _needs(self, points: float, rows: int) -> None:
        """A text over several rows makes each of them a little higher, if at all."""
        for row in range(self.row, self.row + rows):
            self.needed[row] = max(self.needed.get(row, _LEAST_HEIGHT), points / rows + (5 if rows == 1 else 1))

    def across(self, value: str, style: Style, height: float | None = None) -> None:
        """A text over the whole width; goes to the next row."""
        self.put(1, self.columns, value, style)
        if height is not None:
            self.needed[self.row] = height
        self.row += 1

    def source(self, column: int, source: Source | None, text: str) -> None:
        """A link to the cell of a received file; the sign where there is none."""
        link = file_link(_BACK, source.file, source.sheet, source.cell) if source else None
        style = LINK if link else replace(LINK, color="#000000", underline=False)
        self.sheet.cells.append(AuthoredCell(self.row, column, text if source else self.blank, style, link=link))
        if source:
            self._needs(lines_needed(text, self.sheet.widths[column]) * LINE_POINTS * LINK.size / 10.5, 1)

    def at(self, column: int, row: int | None = None) -> str:
        """The address of a cell."""
        return f"{column_letter(column)}{row or self.row}"

    def finished(self) -> AuthoredSheet:
        """The sheet, its rows as high as their texts need, ready for the printer."""
        self.sheet.heights = {row: min(HIGHEST_POINTS, points) for row, points in self.needed.items()}
        self.sheet.print_area = (1, 1, max(1, self.row - 1), self.columns)
        return self.sheet
