"""Issue (下发): the expected form of a unit as a workbook that a section can fill in Excel, WPS or LibreOffice."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Values
from dataclasses import replace
from datetime import datetime

from jixiao_xl.files.author import (
    HEADING_FONT,
    LINE_POINTS,
    Align,
    AuthoredCell,
    AuthoredSheet,
    Highlight,
    Merge,
    Style,
    Validation,
    author_workbook,
    lines_needed,
)
from jixiao_xl.model.form import (
    KEY_COLUMN,
    META_SHEET,
    Form,
    FormCell,
    FormColumn,
    FormRow,
    FormSheet,
    FormTable,
    RowRole,
)
from jixiao_xl.model.form_builder import build_form, date_serial
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.layout import Layout, pristine_layout
from jixiao_xl.model.mapping import CellType, Level, Mapping
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.workings import Workings

ISSUE_CELLS_NAME = "jx_issue_cells"
MOMENT = datetime(2025, 1, 1)  # workbooks carry no clock: the same mapping gives the same bytes

_FILLS = {
    "input": "#FFFBE6",
    "formula": "#EAF1FB",
    "label": "#F2F2F2",
    "given": "#F7F7F7",
    "tool": "#EDF7ED",
    "review": "#F5EEF8",
}
_NUMBER_FORMATS: dict[CellType, str] = {
    "money": "#,##0.00",
    "ratio": "0.00%",
    "score": "0.00",
    "count": "0",
    "date": "yyyy-mm-dd",
    "text": "@",
}
_RIGHT: frozenset[CellType] = frozenset(("money", "ratio", "score", "count", "number", "percent"))
_CENTRED: frozenset[CellType] = frozenset(("date", "choice"))


def issue(mapping: Mapping, unit: str) -> tuple[str, bytes]:
    """The file name and the bytes of the workbook that goes to `unit`."""
    form = build_form(mapping, unit)
    return f"{form.unit_name}.xlsx", render(form, mapping)


def render_template(mapping: Mapping, level: Level) -> tuple[str, bytes]:
    """The blank template of a level: the form of its first unit, without that unit's name and projects."""
    first = mapping.root if level == "部门" else mapping.sections[0]
    nameless = first.model_copy(update={"name": mapping.text("template_unit")}) if level == "科室" else first
    units = tuple(nameless if unit is first else unit for unit in mapping.units)
    blank = replace(mapping, units=units, projects=())
    form = build_form(blank, first.code)
    return f"{form.template}.xlsx", render(form, blank)


def render(form: Form, mapping: Mapping, inputs: Values[CellKey, Value] | None = None) -> bytes:
    """The form as a workbook: keys, locks, lists, live checks, and stored values beside the formulas."""
    given = {key: cell.given for key, cell in form.cells.items() if cell.given is not None}
    workings = Workings(form, {**given, **(inputs or {})})
    layout = pristine_layout(form)
    sheets = [_Page(form, sheet, layout, mapping, workings).draw() for sheet in form.sheets]
    return author_workbook([*sheets, _meta(form)], names=_names(layout, form), moment=MOMENT, lock_structure=True)


def _meta(form: Form) -> AuthoredSheet:
    plain = Style(border=False)
    cells = [
        AuthoredCell(row, column, text, plain)
        for row, pair in enumerate(form.meta, start=1)
        for column, text in enumerate(pair, start=1)
    ]
    return AuthoredSheet(META_SHEET, cells=cells, state="veryHidden", protect=True)


def _names(layout: Layout, form: Form) -> dict[str, str]:
    """The list of cells that light up, at the fixed place of 校验结果."""
    first, last = layout.spans["results"]
    letter = layout.letters["results"]["cell_key"]
    title = layout.titles[layout.table_sheets["results"]]
    return {ISSUE_CELLS_NAME: f"='{title}'!${letter}${first}:${letter}${last}"}


class _Page:
    """One sheet of a form, drawn."""

    def __init__(self, form: Form, sheet: FormSheet, layout: Layout, mapping: Mapping, workings: Workings) -> None:
        self.form, self.sheet, self.layout, self.mapping, self.workings = form, sheet, layout, mapping, workings
        self.page = AuthoredSheet(sheet.title, protect=True, landscape=sheet.landscape)
        self.table: FormTable = sheet.tables[0]
        self.printed = max(
            number
            for table in sheet.tables
            for column, number in zip(table.columns, table.letter_offsets.values(), strict=True)
            if column.printed
        )

    def draw(self) -> AuthoredSheet:
        self._columns()
        key_rows = {table.rows[0].key: table for table in self.sheet.tables}
        for number, row in enumerate(self.sheet.rows, start=1):
            if row.role is RowRole.KEYS:
                self.table = key_rows[row.key]
            self._row(number, row)
        self._set_up()
        return self.page

    def _columns(self) -> None:
        self.page.widths[KEY_COLUMN] = 4
        self.page.hidden_columns.add(KEY_COLUMN)
        for table in self.sheet.tables:
            for column, number in zip(table.columns, table.letter_offsets.values(), strict=True):
                self.page.widths[number] = max(self.page.widths.get(number, 0), column.width)

    def _row(self, number: int, row: FormRow) -> None:
        key_style = Style(border=False, color="#808080", size=8)
        if row.key is not None:
            self.page.cells.append(AuthoredCell(number, KEY_COLUMN, row.key, key_style))
        match row.role:
            case RowRole.KEYS:
                self.page.hidden_rows.add(number)
                for column, at in self.table.letter_offsets.items():
                    self.page.cells.append(AuthoredCell(number, at, column, key_style))
            case RowRole.HEADING:
                self._across(number, row.text, Style(border=False, font=HEADING_FONT, size=16, align="center"), 34)
            case RowRole.NOTE:
                right = row.text == self.sheet.unit_note
                style = Style(border=False, size=10, wrap=True, align="right" if right else "left")
                self._across(number, row.text, style, self._height(row.text, sum(self._printed_widths())))
            case RowRole.TITLE:
                self._across(number, row.text, Style(border=False, font=HEADING_FONT, size=12), 24)
            case RowRole.HEADER:
                self._header(number)
            case RowRole.MARKER:
                self._marker(number)
            case RowRole.GAP:
                self.page.heights[number] = 12
            case _:
                self._data(number, row)

    def _printed_widths(self) -> list[float]:
        return [width for column, width in self.page.widths.items() if KEY_COLUMN < column <= self.printed]

    def _across(self, number: int, text: str, style: Style, height: float) -> None:
        self.page.heights[number] = height
        first = KEY_COLUMN + 1
        if self.printed > first:
            self.page.merges.append(Merge(number, first, number, self.printed, text, style))
        else:
            self.page.cells.append(AuthoredCell(number, first, text, style))

    def _header(self, number: int) -> None:
        lines = 1
        for column, at in zip(self.table.columns, self.table.letter_offsets.values(), strict=True):
            style = Style(bold=True, fill="#D9E2EF", align="center", wrap=True)
            self.page.cells.append(AuthoredCell(number, at, column.header, style))
            lines = max(lines, lines_needed(column.header, self.page.widths[at]))
        self.page.heights[number] = max(24.0, lines * LINE_POINTS + 6)
        if self.table is self.sheet.tables[0]:
            self.page.freeze = (number + 1, KEY_COLUMN + 2)
            self.page.repeat_rows = (number, number)

    def _marker(self, number: int) -> None:
        self.page.heights[number] = 3
        for column, at in zip(self.table.columns, self.table.letter_offsets.values(), strict=True):
            self.page.cells.append(AuthoredCell(number, at, None, self._style(column, None, total=False)))

    def _data(self, number: int, row: FormRow) -> None:
        cells = {cell.key.column: cell for cell in row.cells}
        fixed_lines = 1
        for column, at in zip(self.table.columns, self.table.letter_offsets.values(), strict=True):
            cell = cells.get(column.key)
            style = self._style(column, cell, total=row.role is RowRole.TOTAL)
            self.page.cells.append(self._content(number, at, cell, style))
            if cell is not None and isinstance(cell.given, str):
                fixed_lines = max(fixed_lines, lines_needed(cell.given, self.page.widths[at]))
            if cell is not None and cell.is_input:
                self._guard(number, at, column, cell)
        if self.table.kind == "results":
            return  # without a height of its own a row is fitted to its text when the workbook is opened
        grows = any(cell.is_input and cell.type == "long_text" for cell in row.cells)
        self.page.heights[number] = max(18.0, fixed_lines * LINE_POINTS + 5)
        if grows:
            self.page.growing_rows.add(number)

    def _content(self, number: int, at: int, cell: FormCell | None, style: Style) -> AuthoredCell:
        if cell is None:
            return AuthoredCell(number, at, None, style)
        value = self.workings.value(cell.key)
        if cell.formula is None:
            return AuthoredCell(number, at, value, style)
        formula = cell.formula.excel(lambda name: self.layout.reference(name, cell.key))
        return AuthoredCell(number, at, value, style, formula=formula)

    def _style(self, column: FormColumn, cell: FormCell | None, *, total: bool) -> Style:
        kind = cell.kind if cell else ("given" if column.kind in ("input", "label") else column.kind)
        cell_type = cell.type if cell else column.type
        align: Align = "right" if cell_type in _RIGHT else "center" if cell_type in _CENTRED else "left"
        if column.key.startswith("check_") or column.key in ("state", "nature", "method", "measure_unit", "level1"):
            align = "center"
        if column.key in ("target", "actual", "points", "score", "band_ratio") and self.table.key == "indicators":
            align = "center"
        style = Style(
            fill=_FILLS[kind],
            align=align,
            wrap=cell_type in ("text", "long_text", "choice"),
            number_format=_number_format(kind, cell_type),
            locked=kind not in ("input", "review") or (kind == "review" and self.form.level == "科室"),
            bold=total,
        )
        return replace(style, color="#0563C1", underline=True) if column.key == "link" else style

    def _guard(self, number: int, at: int, column: FormColumn, cell: FormCell) -> None:
        """The validation, the prompt and the message of an input cell."""
        title = column.header.replace("\n", "")
        prompt = self.mapping.text(f"prompt_{cell.type}", maximum=str(cell.max_length or ""))
        low = float(cell.minimum) if cell.minimum is not None else None
        high = float(cell.maximum) if cell.maximum is not None else None
        asked = self.mapping.text("prompt_prior", source=cell.source) if cell.source else prompt
        base = Validation(number, at, "any", title=title, prompt=asked, error=prompt)
        match cell.type:
            case "choice":
                guard = replace(base, kind="list", choices=cell.choices)
            case "money" | "number" | "percent" | "score" | "ratio":
                guard = replace(
                    base, kind="decimal", minimum=-1e13 if low is None else low, maximum=1e13 if high is None else high
                )
            case "count":
                guard = replace(base, kind="integer", minimum=low or 0, maximum=high or 1e9)
            case "date":
                guard = replace(
                    base,
                    kind="date",
                    minimum=float(date_serial(datetime(2000, 1, 1).date())),
                    maximum=float(date_serial(datetime(2099, 12, 31).date())),
                )
            case "text" | "long_text":
                guard = replace(base, kind="length", maximum=float(cell.max_length)) if cell.max_length else base
        self.page.validations.append(guard)

    def _set_up(self) -> None:
        last = len(self.sheet.rows)
        self.page.print_area = (1, 1, last, self.printed)
        for table in self.sheet.tables:
            self.page.highlights.extend(_lights(self.sheet, table, self.layout))
            self.page.highlights.extend(_states(table, self.layout))

    @staticmethod
    def _height(text: str, width: float) -> float:
        return max(18.0, lines_needed(text, width) * LINE_POINTS + 4)


def _lights(sheet: FormSheet, table: FormTable, layout: Layout) -> Iterator[Highlight]:
    """Cells that 校验结果 lists light up, by their keys: an inserted row moves the light with its cell."""
    rows = [layout.rows[sheet.key, row.key] for row in table.data_rows if row.key]
    if sheet.key == "results" or not rows:
        return
    letters = list(layout.letters[table.key].values())
    first, last = min(rows), max(rows)
    key_row = layout.key_rows[table.key]
    yield Highlight(
        f"{letters[0]}{first}:{letters[-1]}{last}",
        f'=COUNTIF({ISSUE_CELLS_NAME},"{sheet.title}|"&$A{first}&"|"&{letters[0]}${key_row})>0',
        "#FFC7CE",
    )


def _states(table: FormTable, layout: Layout) -> Iterator[Highlight]:
    """× stands out wherever a check shows its state."""
    first, last = layout.spans[table.key]
    for key, letter in layout.letters[table.key].items():
        if key == "state" or key.startswith("check_"):
            yield Highlight(f"{letter}{first}:{letter}{last}", f'={letter}{first}="×"', "#FFC7CE")


def _number_format(kind: str, cell_type: CellType) -> str:
    if cell_type == "text" and kind != "input":
        return "General"
    return _NUMBER_FORMATS.get(cell_type, "General")
