"""Leftovers (未转入): every cell of the workbook that came, sorted into ours, carried, and left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from jixiao_xl.files.cells import Cell, Sheet, column_letter, column_number
from jixiao_xl.files.safe import MAX_CELL_TEXT
from jixiao_xl.model.form import COLUMNS_PREFIX, KEY_COLUMN, META_SHEET, FormCell, FormSheet
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.mapping import CellType
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.verdicts import agrees
from jixiao_xl.stages.fresh.came import Came, NotCarried, as_text, has_content, plain_text, same
from jixiao_xl.stages.fresh.carry import Carried, content_of
from jixiao_xl.stages.fresh.ours import Ours, shape

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_BROKEN: Final = "#REF!"
_EXAMPLES: Final = 8  # contents of a sheet of its own that its line quotes
_EXAMPLE_LENGTH: Final = 20
_LABEL_LENGTH: Final = 30


def leftovers(came: Came, carried: Carried) -> Iterator[NotCarried]:
    """One line for each cell that is neither ours nor carried; one for a whole sheet that is not of the form."""
    sheets = {sheet.title: sheet for sheet in came.submission.form.sheets}
    for page in came.workbook.sheets:
        if page.name in sheets:
            yield from _Page(came, carried, sheets[page.name], page).lines()
        elif page.name == META_SHEET:
            yield from _meta(came, page)
        elif any(has_content(cell) for cell in page.cells):
            yield _own_sheet(came, page)


def _meta(came: Came, page: Sheet) -> Iterator[NotCarried]:
    """`_meta` is ours: its names in column A and what stands beside them, of whatever version."""
    names = {name for name, _ in came.submission.form.meta}
    ours = {cell.row for cell in page.cells if cell.column == 1 and cell.value in names}
    for cell in page.cells:
        if has_content(cell) and not (cell.row in ours and cell.column <= len(("name", "value"))):
            yield came.line(page.name, cell, "fresh_outside")


def _own_sheet(came: Came, page: Sheet) -> NotCarried:
    """A sheet of its own, or one of ours under another name, as one line with its range and first contents."""
    cells = [cell for cell in page.cells if has_content(cell)]
    rows, columns = [cell.row for cell in cells], [cell.column for cell in cells]
    area = f"{column_letter(min(columns))}{min(rows)}:{column_letter(max(columns))}{max(rows)}"
    examples = [came.shown(cell)[:_EXAMPLE_LENGTH] for cell in cells[:_EXAMPLES]]
    key = "fresh_sheet_content" if len(cells) <= _EXAMPLES else "fresh_sheet_content_more"
    joint = came.mapping.text("fresh_joint")
    content = came.mapping.text(key, count=str(len(cells)), examples=joint.join(examples))
    former = _former_title(came, cells)
    reason = came.mapping.text("fresh_renamed_sheet", title=former) if former else came.mapping.text("fresh_own_sheet")
    return NotCarried(page.name, area, "", "", content, reason)


def _former_title(came: Came, cells: list[Cell]) -> str | None:
    """The title of the form's sheet whose hidden keys stand on this one, where the form's own is missing."""
    tables = {f"{COLUMNS_PREFIX}{table}": sheet.title for table, (sheet, _) in came.submission.form.tables.items()}
    titles = (tables.get(as_text(cell.value)) for cell in cells if cell.column == KEY_COLUMN)
    return next((title for title in titles if title is not None and title not in came.pages), None)


class _Page:
    """One sheet of the form as it came."""

    def __init__(self, came: Came, carried: Carried, sheet: FormSheet, page: Sheet) -> None:
        self.came, self.carried, self.sheet, self.page = came, carried, sheet, page
        self.layout = came.submission.layout
        self.rows = {number: key for (home, key), number in self.layout.rows.items() if home == sheet.key}
        self.columns = {
            table: {column_number(letters): key for key, letters in self.layout.letters[table].items()}
            for table, home in self.layout.table_sheets.items()
            if home == sheet.key
        }
        self.keys = {c.row: as_text(c.value) for c in page.cells if c.column == KEY_COLUMN and c.formula is None}
        self.ours = Ours(came, carried, sheet, page)
        self.headers: dict[int, str] = {}  # the last header passed, by column

    def lines(self) -> Iterator[NotCarried]:
        for cell in sorted(self.page.cells, key=lambda cell: (cell.row, cell.column)):
            if has_content(cell) and (missing := self._line(cell)) is not None:
                yield missing

    def _line(self, cell: Cell) -> NotCarried | None:
        if self._is_tools(cell) or self._is_key(cell):
            return None
        row = self.rows.get(cell.row)
        if row is not None:
            column = self.columns[self.layout.row_tables[self.sheet.key, row]].get(cell.column)
            key = CellKey(self.sheet.key, row, column or "")
            form_cell = self.came.submission.workings.cell(key) if column else None
            return self._known(key, form_cell, cell) if form_cell else self._stranger(cell, row)
        first = self.layout.rows.get((self.sheet.key, self.keys.get(cell.row, "")))
        if first is not None:
            return self._second(cell, self.keys[cell.row], first)
        return self._stranger(cell, None)

    def _is_tools(self, cell: Cell) -> bool:
        """What stands in the table of findings is ours, whatever became of its keys."""
        tables = [table for table in self.sheet.tables if table.kind == "results"]
        widths = [max(self.columns.get(table.key) or table.letter_offsets.values()) for table in tables]
        return any(cell.column <= width for width in widths)

    def _is_key(self, cell: Cell) -> bool:
        """A row key in column A, or a column key in a row of them; a copy of one is ours too."""
        if cell.formula is not None:
            return False
        if cell.column == KEY_COLUMN:
            return as_text(cell.value) in self.ours.row_keys
        is_head = self.keys.get(cell.row, "").startswith(COLUMNS_PREFIX)
        return is_head and as_text(cell.value) in self.ours.column_keys

    # -- cells of the form -------------------------------------------------------------------------------------

    def _known(self, key: CellKey, form_cell: FormCell, cell: Cell) -> NotCarried | None:
        match form_cell.kind:
            case "input":
                return self._input(key, form_cell, cell)
            case "formula":
                return self._formula(key, form_cell, cell)
            case "label" | "given":
                given = form_cell.given
                if cell.formula is None and (same(cell.value, given) or self._was_deadline(cell, given)):
                    return None
                return self._at(key, form_cell, cell, "fresh_locked", expected=self._expected(given, form_cell.type))
            case _:
                return None

    def _input(self, key: CellKey, form_cell: FormCell, cell: Cell) -> NotCarried | None:
        if self.carried.rows[key.sheet, key.row] is None:
            return self._at(key, form_cell, cell, "fresh_list_full")
        carries = content_of(cell, form_cell, date1904=self.came.workbook.date1904) is not None
        if isinstance(cell.value, str) and not carries and not cell.is_error:
            return self._at(key, form_cell, cell, "fresh_too_long", limit=str(MAX_CELL_TEXT))
        if cell.formula is not None:
            return self._at(key, form_cell, cell, "fresh_formula" if carries else "fresh_formula_blank")
        return None if carries else self._at(key, form_cell, cell, "fresh_error")

    def _formula(self, key: CellKey, form_cell: FormCell, cell: Cell) -> NotCarried | None:
        """A value typed over a formula, or a formula of its own, where the clean workbook will show another value."""
        target = self.carried.rows[key.sheet, key.row]
        workings = self.carried.workings if target else self.came.submission.workings
        due = workings.value(key._replace(row=target or key.row))
        if cell.is_error or (cell.value is not None and agrees(cell.value, due, form_cell.type)):
            return None
        expected = self._expected(due, form_cell.type)
        if cell.formula is None:
            return self._at(key, form_cell, cell, "fresh_overwritten", expected=expected)
        if _BROKEN in cell.formula or shape(cell.formula) == self.ours.shape_of(form_cell):
            return None  # the form's own, or what cutting, deleting and sorting made of it: nobody typed it
        return self._at(key, form_cell, cell, "fresh_formula_changed", expected=expected)

    def _second(self, cell: Cell, row: str, first: int) -> NotCarried | None:
        """A cell in a row whose key was seen before: only what the template itself put there is passed over."""
        table = self.layout.row_tables[self.sheet.key, row]
        key = CellKey(self.sheet.key, row, self.columns[table].get(cell.column, ""))
        form_cell = self.came.submission.form.cells.get(key)
        if form_cell is not None:
            if form_cell.kind in ("tool", "review"):
                return None
            if form_cell.kind in ("label", "given") and cell.formula is None and same(cell.value, form_cell.given):
                return None
            if cell.formula is not None and shape(cell.formula) == self.ours.shape_of(form_cell):
                return None
        return self._at(key, form_cell, cell, "fresh_second_row", row=str(first))

    def _at(self, key: CellKey, form_cell: FormCell | None, cell: Cell, reason: str, **words: str) -> NotCarried:
        """A line about a cell of the form, with its row's and column's own names."""
        place = self.came.submission.place(key)
        label = self.came.mapping.text("fresh_row", number=str(cell.row)) if place.label == key.row else place.label
        column = place.column_label if key.column else ""
        return self.came.line(
            self.page.name, cell, reason, label=label, column_label=column, form_cell=form_cell, **words
        )

    def _expected(self, value: Value, cell_type: CellType) -> str:
        return self.came.shown_value(value, cell_type) or self.came.mapping.text("blank")

    def _was_deadline(self, cell: Cell, given: Value) -> bool:
        """The office may have moved the date of return since the workbook went out; that is no change of the section's."""
        deadline, none = self.came.mapping.deadline, self.came.mapping.text("no_deadline")
        if given != (deadline.isoformat() if deadline else none):
            return False
        text = as_text(cell.value)
        return text == none or _DATE.fullmatch(text) is not None

    # -- cells outside the form --------------------------------------------------------------------------------

    def _stranger(self, cell: Cell, row: str | None) -> NotCarried | None:
        text = plain_text(cell.value)
        if text in self.ours.headers and cell.formula is None:
            self.headers[cell.column] = as_text(cell.value).replace("\n", "")
        if self.ours.excuses(cell, row):
            return None
        label = self.ours.label_of(cell.row, row) or self._first_text(cell)
        column = self.headers.get(cell.column, "")
        return self.came.line(
            self.page.name, cell, self.ours.reason(cell, row), label=label[:_LABEL_LENGTH], column_label=column
        )

    def _first_text(self, cell: Cell) -> str:
        """What the row begins with, apart from its key and the cell itself."""
        before = (
            other
            for other in self.ours.row(cell.row)
            if KEY_COLUMN < other.column < cell.column and isinstance(other.value, str) and other.value.strip()
        )
        return next((as_text(other.value) for other in before if not other.is_error), "")
