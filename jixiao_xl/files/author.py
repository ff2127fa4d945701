"""Making our own workbooks (制作工作簿): a plain description of sheets in, the bytes of an .xlsx out.

XlsxWriter does the work, because it writes a stored value beside each formula: every viewer shows the numbers.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, cast

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from jixiao_xl.files.ooxml import canonical, parts, zipped

Align = Literal["left", "center", "right"]
FONT = "宋体"
HEADING_FONT = "黑体"
_BOOK: Final = "xl/workbook.xml"
_ROW: Final = re.compile(rb'<row r="(\d+)"[^>]*>')


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell looks and whether it is locked."""

    bold: bool = False
    font: str = FONT
    size: float = 10.5
    color: str = "#000000"
    fill: str | None = None
    border: bool = True
    align: Align = "left"
    wrap: bool = False
    number_format: str = "General"
    locked: bool = True
    underline: bool = False


@dataclass(frozen=True, slots=True)
class AuthoredCell:
    """One cell; row and column 1-based. With `formula`, `value` is its stored value."""

    row: int
    column: int
    value: str | float | int | Decimal | None
    style: Style
    formula: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells joined across columns (and rows)."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int
    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class Validation:
    """What a cell may hold: a list, a number, a date or a text of limited length; with its prompt."""

    row: int
    column: int
    kind: Literal["list", "decimal", "integer", "date", "length", "any"]
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    title: str = ""
    prompt: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A conditional format: where the formula holds, the cells light up."""

    area: str
    formula: str
    fill: str
    color: str = "#9C0006"


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart: name, categories and values as ranges with sheet names."""

    name: str
    categories: str
    values: str
    color: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A native chart anchored at a cell (row and column 1-based); sizes in pixels."""

    kind: Literal["bar", "column"]
    title: str
    series: tuple[Series, ...]
    row: int
    column: int
    width: int
    height: int
    minimum: float | None = None
    maximum: float | None = None
    number_format: str = "0.00"
    stacked: bool = False


@dataclass
class AuthoredSheet:
    """A sheet: what stands in it, how it prints, what is locked."""

    name: str
    cells: list[AuthoredCell] = field(default_factory=list[AuthoredCell])
    merges: list[Merge] = field(default_factory=list[Merge])
    widths: dict[int, float] = field(default_factory=dict[int, float])
    heights: dict[int, float] = field(default_factory=dict[int, float])
    growing_rows: set[int] = field(default_factory=set[int])  # their height is a beginning: they grow with their text
    hidden_rows: set[int] = field(default_factory=set[int])
    hidden_columns: set[int] = field(default_factory=set[int])
    validations: list[Validation] = field(default_factory=list[Validation])
    highlights: list[Highlight] = field(default_factory=list[Highlight])
    charts: list[Chart] = field(default_factory=list[Chart])
    print_area: tuple[int, int, int, int] | None = None
    repeat_rows: tuple[int, int] | None = None
    landscape: bool = False
    freeze: tuple[int, int] | None = None
    protect: bool = False
    state: Literal["visible", "hidden", "veryHidden"] = "visible"
    show_gridlines: bool = False
    default_style: Style | None = None
    filter_area: tuple[int, int, int, int] | None = None


def author_workbook(
    sheets: Sequence[AuthoredSheet],
    *,
    names: dict[str, str] | None = None,
    moment: datetime,
    lock_structure: bool = False,
) -> bytes:
    """The workbook with these sheets and defined names; the same description gives the same bytes."""
    target = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    workbook.set_properties({"created": moment})
    workbook.set_calc_mode("auto")
    formats = _Formats(workbook)
    for sheet in sheets:
        _Writer(workbook, formats, sheet).write()
    for name, reference in (names or {}).items():
        workbook.define_name(name, reference)
    workbook.close()
    data = target.getvalue()
    content = parts(data)
    for number, sheet in enumerate(sheets, start=1):
        name = f"xl/worksheets/sheet{number}.xml"
        content[name] = _growing(content[name], sheet.growing_rows)
    if lock_structure:
        content[_BOOK] = content[_BOOK].replace(
            b"<bookViews>", b'<workbookProtection lockStructure="1"/><bookViews>', 1
        )
    return canonical(zipped(content), moment=moment)


LINE_POINTS: Final = 15.0  # that a line of 10.5 pt needs
HIGHEST_POINTS: Final = 405.0  # Excel's highest row is 409


def lines_needed(text: str, width: float) -> int:
    """How many lines a text takes in a column of `width` characters; a Chinese character counts two."""
    room = max(1.0, width - 1)
    return sum(max(1, -int(-_breadth(line) // room)) for line in text.split("\n"))


def _breadth(text: str) -> float:
    return sum(2.05 if ord(character) > 0x2000 else 1.05 for character in text)


_ESCAPED = str.maketrans({character: f"%{ord(character):02X}" for character in '% #"<>[]^`{}'})


def file_link(folder: str, path: str, sheet: str, cell: str) -> str | None:
    """The link to a cell of the workbook at `path` in `folder`, both relative; None for a path that is not.

    There is no link into a package either (`a.zip!b.xlsx`): no program follows one.
    """
    if path.startswith(("/", "\\")) or ":" in path or ".zip!" in path.lower():
        return None
    quoted = sheet.replace("'", "''")
    return f"external:{folder}{path.translate(_ESCAPED)}#'{quoted}'!{cell}"


def document_link(path: str) -> str:
    """The link to a document at `path`, relative to the workbook that links to it."""
    return f"external:{path.translate(_ESCAPED)}"


@dataclass
class _Formats:
    workbook: Workbook
    made: dict[Style, Format] = field(default_factory=dict[Style, Format])

    def of(self, style: Style) -> Format:
        if style not in self.made:
            self.made[style] = self.workbook.add_format(_properties(style))
        return self.made[style]


def _properties(style: Style) -> dict[str, object]:
    properties: dict[str, object] = {
        "font_name": style.font,
        "font_size": style.size,
        "font_color": style.color,
        "bold": style.bold,
        "align": style.align,
        "valign": "vcenter",
        "text_wrap": style.wrap,
        "num_format": style.number_format,
        "locked": style.locked,
        "underline": 1 if style.underline else 0,
    }
    if style.fill:
        properties |= {"bg_color": style.fill, "pattern": 1}
    if style.border:
        properties |= {"border": 1, "border_color": "#BFBFBF"}
    return properties


@dataclass
class _Writer:
    workbook: Workbook
    formats: _Formats
    sheet: AuthoredSheet

    def write(self) -> None:
        page = self.workbook.add_worksheet(self.sheet.name)
        self._sizes(page)
        for merge in self.sheet.merges:
            page.merge_range(
                merge.first_row - 1,
                merge.first_column - 1,
                merge.last_row - 1,
                merge.last_column - 1,
                merge.text,
                self.formats.of(merge.style),
            )
        for cell in self.sheet.cells:
            self._cell(page, cell)
        for validation in self.sheet.validations:
            page.data_validation(
                validation.row - 1,
                validation.column - 1,
                validation.row - 1,
                validation.column - 1,
                _validation(validation),
            )
        for highlight in self.sheet.highlights:
            look = self.workbook.add_format({"bg_color": highlight.fill, "font_color": highlight.color})
            page.conditional_format(highlight.area, {"type": "formula", "criteria": highlight.formula, "format": look})
        for chart in self.sheet.charts:
            self._chart(page, chart)
        self._print(page)
        self._guard(page)

    def _sizes(self, page: Worksheet) -> None:
        for column, width in self.sheet.widths.items():
            options = {"hidden": True} if column in self.sheet.hidden_columns else {}
            page.set_column(column - 1, column - 1, width, None, options)
        for row in sorted(self.sheet.heights.keys() | self.sheet.hidden_rows):
            options = {"hidden": True} if row in self.sheet.hidden_rows else {}
            page.set_row(row - 1, self.sheet.heights.get(row), None, options)

    def _cell(self, page: Worksheet, cell: AuthoredCell) -> None:
        row, column, look = cell.row - 1, cell.column - 1, self.formats.of(cell.style)
        value = float(cell.value) if isinstance(cell.value, Decimal) else cell.value
        if cell.formula is not None:
            page.write_formula(row, column, cell.formula, look, _stored(value))
        elif cell.link is not None:
            page.write_url(row, column, cell.link, look, string=str(value))
        elif value is None or value == "":
            page.write_blank(row, column, None, look)
        elif isinstance(value, str):
            page.write_string(row, column, value, look)
        else:
            page.write_number(row, column, value, look)

    def _chart(self, page: Worksheet, chart: Chart) -> None:
        kind: dict[str, str] = {"type": chart.kind}
        if chart.stacked:
            kind["subtype"] = "stacked"
        drawn = self.workbook.add_chart(kind)
        if drawn is None:
            raise ValueError(chart.kind)
        for series in chart.series:
            drawn.add_series(
                {
                    "name": series.name,
                    "categories": series.categories,
                    "values": series.values,
                    "fill": {"color": series.color},
                    "data_labels": {"value": True, "num_format": chart.number_format, "font": {"size": 9}},
                    "gap": 60,
                }
            )
        drawn.set_title({"name": chart.title, "name_font": {"size": 12, "name": HEADING_FONT, "bold": False}})
        drawn.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
        axis: dict[str, object] = {
            "major_gridlines": {"visible": True, "line": {"color": "#E7E6E6"}},
            "num_format": chart.number_format,
        }
        if chart.minimum is not None:
            axis["min"] = chart.minimum
        if chart.maximum is not None:
            axis["max"] = chart.maximum
        axis["visible"] = chart.kind == "column"  # the labels of bars say it all
        names = {"num_font": {"size": 9}, "reverse": chart.kind == "bar"}
        across, upwards = (axis, names) if chart.kind == "bar" else (names, axis)
        drawn.set_x_axis(across)
        drawn.set_y_axis(upwards)
        drawn.set_size({"width": chart.width, "height": chart.height})
        page.insert_chart(chart.row - 1, chart.column - 1, drawn)

    def _print(self, page: Worksheet) -> None:
        page.set_paper(9)
        page.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
        page.fit_to_pages(1, 0)
        page.set_footer("&C— &P / &N —")
        if self.sheet.landscape:
            page.set_landscape()
        if self.sheet.print_area:
            first_row, first_column, last_row, last_column = self.sheet.print_area
            page.print_area(first_row - 1, first_column - 1, last_row - 1, last_column - 1)
        if self.sheet.repeat_rows:
            page.repeat_rows(self.sheet.repeat_rows[0] - 1, self.sheet.repeat_rows[1] - 1)
        if not self.sheet.show_gridlines:
            page.hide_gridlines(2)

    def _guard(self, page: Worksheet) -> None:
        if self.sheet.freeze:
            page.freeze_panes(self.sheet.freeze[0] - 1, self.sheet.freeze[1] - 1)
        if self.sheet.filter_area:
            first_row, first_column, last_row, last_column = self.sheet.filter_area
            page.autofilter(first_row - 1, first_column - 1, last_row - 1, last_column - 1)
        if self.sheet.protect:
            page.protect("", {"format_columns": True, "format_rows": True})
        if self.sheet.state == "hidden":
            page.hide()
        elif self.sheet.state == "veryHidden":
            page.very_hidden()


def _stored(value: str | float | None) -> int:
    """The value beside a formula; XlsxWriter takes text too, its annotation says int."""
    return cast(int, "" if value is None else value)


def _validation(validation: Validation) -> dict[str, object]:
    options: dict[str, object] = {"ignore_blank": True}
    match validation.kind:
        case "list":
            options |= {"validate": "list", "source": list(validation.choices)}
        case "length":
            options |= {"validate": "length", "criteria": "<=", "value": validation.maximum}
        case "any":
            options |= {"validate": "any"}
        case kind:
            options |= {"validate": kind} | _bounds(validation.minimum, validation.maximum)
    if validation.prompt:
        options |= {"input_title": validation.title[:32], "input_message": validation.prompt[:255]}
    if validation.error and validation.kind != "any":
        options |= {"error_title": validation.title[:32], "error_message": validation.error[:255]}
    return options


def _bounds(minimum: float | None, maximum: float | None) -> dict[str, object]:
    if minimum is not None and maximum is not None:
        return {"criteria": "between", "minimum": minimum, "maximum": maximum}
    if minimum is not None:
        return {"criteria": ">=", "value": minimum}
    return {"criteria": "<=", "value": maximum}


def _growing(sheet: bytes, rows: set[int]) -> bytes:
    """The sheet with rows whose height Excel may change by itself; XlsxWriter fixes every height that it is given."""

    def freed(match: re.Match[bytes]) -> bytes:
        return match[0].replace(b' customHeight="1"', b"") if int(match[1]) in rows else match[0]

    return _ROW.sub(freed, sheet) if rows else sheet
