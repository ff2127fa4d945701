"""Reading the sheets of one workbook by keys (按键读表): rows and columns are found where they stand now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from jixiao_xl.files.cells import Cell, Sheet, Workbook
from jixiao_xl.model.batch import Contents, FormulaCell, Misread, Submission
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.folding import folded
from jixiao_xl.model.form import COLUMNS_PREFIX, KEY_COLUMN, Form, FormCell, FormRow, FormSheet, FormTable, RowRole
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.layout import Layout, column_letters
from jixiao_xl.model.money import is_blank
from jixiao_xl.model.places import CellKey, Place
from jixiao_xl.model.verdicts import agrees
from jixiao_xl.stages.read.validation import lost_validations
from jixiao_xl.stages.read.values import as_value, read_value

_UNREAD_SHEETS = ("results",)  # written by us; what stands there is never an input
_NO_CELL = Cell(0, 0, None, None, False)


def read_submission(
    workbook: Workbook, form: Form, file: str, sha256: str, catalogue: Catalogue
) -> tuple[Submission, list[Finding]]:
    """The values of a workbook by the keys of its form, and what is wrong with its structure."""
    reader = _Reader(form, file, catalogue, date1904=workbook.date1904)
    sheets = {sheet.name: sheet for sheet in workbook.sheets}
    for sheet in form.sheets:
        if sheet.title in sheets:
            reader.sheet(sheet, sheets[sheet.title])
        else:
            place = Place(file, form.unit, sheet.title)
            reader.findings.append(catalogue.at("sheet-missing", place))
    submission = Submission(
        form.unit,
        file,
        sha256,
        form,
        reader.layout,
        reader.inputs,
        reader.added,
        tuple(reader.misread),
        reader.formulas,
    )
    reader.findings.extend(lost_validations(workbook, submission, catalogue))
    if _differs(submission):
        submission = replace(submission, contents=_contents(workbook, form))
    return submission, reader.findings


def _differs(submission: Submission) -> bool:
    """Whether a stored value is not Python's, so that the workbook is to be computed anew."""
    workings = submission.workings
    calculated = ((k, c) for k, c in submission.formulas.items() if c.formula is not None and c.stored is not None)
    for key, cell in calculated:
        due = workings.cell(key)
        if due is not None and not agrees(cell.stored, workings.value(key), due.type):
            return True
    return False


def _contents(workbook: Workbook, form: Form) -> Contents:
    """What stands in every cell of the form's sheets; errors are left out, a text that begins with `=` gets a blank."""
    titles = {sheet.title for sheet in form.sheets}
    return {
        sheet.name: {cell.address: _content(cell) for cell in sheet.cells if cell.formula or not cell.is_error}
        for sheet in workbook.sheets
        if sheet.name in titles
    }


def _content(cell: Cell) -> float | str:
    if cell.formula is not None:
        return f"={cell.formula}"
    if isinstance(cell.value, float):
        return cell.value
    text = str(as_value(cell.value) or "")
    return f" {text}" if text.startswith("=") else text


@dataclass
class _Reader:
    form: Form
    file: str
    catalogue: Catalogue
    date1904: bool
    layout: Layout = field(default_factory=lambda: Layout({}, {}, {}, {}, {}, {}))
    inputs: dict[CellKey, Value] = field(default_factory=dict[CellKey, Value])
    added: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    misread: list[Misread] = field(default_factory=list[Misread])
    formulas: dict[CellKey, FormulaCell] = field(default_factory=dict[CellKey, FormulaCell])
    findings: list[Finding] = field(default_factory=list[Finding])

    def sheet(self, sheet: FormSheet, page: Sheet) -> None:
        self.layout.titles[sheet.key] = page.name
        rows: dict[int, dict[int, Cell]] = {}
        for cell in page.cells:
            rows.setdefault(cell.row, {})[cell.column] = cell
        keys = {number: str(row[KEY_COLUMN].value) for number, row in rows.items() if KEY_COLUMN in row}
        if not any(key.startswith(COLUMNS_PREFIX) for key in keys.values()):
            self._report("column-missing", Place(self.file, self.form.unit, page.name, column="A"))
            return
        known_rows = {number for number, key in keys.items() if self._is_fixed(sheet, key)}  # copies of a row, too
        for table in sheet.tables:
            known_rows |= self._table(sheet, table, rows, keys)
        if sheet.key not in _UNREAD_SHEETS:
            self._strangers(sheet, rows, known_rows)

    def _is_fixed(self, sheet: FormSheet, key: str) -> bool:
        row = self.form.rows.get((sheet.key, key))
        return row is not None and row.role is not RowRole.LIST

    # -- one table ---------------------------------------------------------------------------------------------

    def _table(
        self, sheet: FormSheet, table: FormTable, rows: dict[int, dict[int, Cell]], keys: dict[int, str]
    ) -> set[int]:
        head = next((n for n, key in sorted(keys.items()) if key == f"{COLUMNS_PREFIX}{table.key}"), None)
        if head is None:
            self._report(
                "row-missing", Place(self.file, self.form.unit, sheet.title, label=_title(table), column_label="")
            )
            return set()
        columns = {str(cell.value): number for number, cell in rows[head].items() if number != KEY_COLUMN}
        self.layout.table_sheets[table.key] = sheet.key
        self.layout.key_rows[table.key] = head
        self.layout.letters[table.key] = {k: column_letters(n) for k, n in columns.items() if k in table.column_by_key}
        for column in table.columns:
            if column.key not in columns and sheet.key not in _UNREAD_SHEETS:
                self._report(
                    "column-missing",
                    Place(self.file, self.form.unit, sheet.title, column_label=column.header.replace("\n", "")),
                )
        used = {head} | self._bounds(sheet, table, keys)
        places = self._rows_of(sheet, table, rows, keys, columns)
        for number, _, key in places:
            used.add(number)
            self.layout.rows[sheet.key, key] = number
            self.layout.row_tables[sheet.key, key] = table.key
        inside = [n for n, key in keys.items() if key in (f"{table.key}:start", f"{table.key}:end")]
        data = [number for number, row, _ in places if row.role in (RowRole.DATA, RowRole.LIST)]
        span = inside or data or [head]
        self.layout.spans[table.key] = (min(span), max(span))
        if sheet.key not in _UNREAD_SHEETS:
            for number, row, key in places:
                self._row(sheet, row, key, rows.get(number, {}), columns)
        return used

    def _bounds(self, sheet: FormSheet, table: FormTable, keys: dict[int, str]) -> set[int]:
        """The rows of the list's markers; a missing one is reported."""
        found: set[int] = set()
        for marker in (row.key for row in table.rows if row.role is RowRole.MARKER):
            numbers = [number for number, key in keys.items() if key == marker]
            if not numbers:
                self._report("row-missing", Place(self.file, self.form.unit, sheet.title, label=_title(table)))
            found.update(numbers)
        return found

    def _rows_of(
        self,
        sheet: FormSheet,
        table: FormTable,
        rows: dict[int, dict[int, Cell]],
        keys: dict[int, str],
        columns: dict[str, int],
    ) -> list[tuple[int, FormRow, str]]:
        """The rows of the table that are there: number, form row, key; inserted list rows get keys of their own."""
        places: list[tuple[int, FormRow, str]] = []
        numbers: dict[str, list[int]] = {}
        for number, key in sorted(keys.items()):
            numbers.setdefault(key, []).append(number)
        for row in table.data_rows:
            found = numbers.get(row.key or "", [])
            if not found and row.role is not RowRole.LIST and sheet.key not in _UNREAD_SHEETS:
                self._report(
                    "row-missing",
                    Place(
                        self.file,
                        self.form.unit,
                        sheet.title,
                        label=row.label,
                        key=CellKey(sheet.key, row.key or "", ""),
                    ),
                )
            elif found:
                places.append((found[0], row, row.key or ""))
                if len(found) > 1 and row.role is not RowRole.LIST:
                    second = Place(self.file, self.form.unit, sheet.title, found[1], "A", row.label)
                    self._report("row-duplicate", second)
        places.extend(self._inserted(sheet, table, rows, keys, columns, {number for number, _, _ in places}))
        return places

    def _inserted(
        self,
        sheet: FormSheet,
        table: FormTable,
        rows: dict[int, dict[int, Cell]],
        keys: dict[int, str],
        columns: dict[str, int],
        known: set[int],
    ) -> Iterator[tuple[int, FormRow, str]]:
        """Rows between the markers that hold an input and no key of their own (插入的行)."""
        start = next((n for n, key in keys.items() if key == f"{table.key}:start"), None)
        end = next((n for n, key in keys.items() if key == f"{table.key}:end"), None)
        model = next((row for row in table.rows if row.role is RowRole.LIST), None)
        if start is None or end is None or model is None:
            return
        inputs = [columns[cell.key.column] for cell in model.cells if cell.is_input and cell.key.column in columns]
        for number in range(start + 1, end):
            row = rows.get(number, {})
            if number in known or all(is_blank(row.get(column, _NO_CELL).value) for column in inputs):
                continue
            owner = self.form.table_of_row.get((sheet.key, keys.get(number, "")))
            if owner not in (None, table) and keys[number] not in [keys.get(above) for above in range(1, number)]:
                continue  # a row of another list that was moved here is read by its key
            key = f"{table.key}:row{number}"
            self.added.setdefault(table.key, []).append(key)
            place = Place(self.file, self.form.unit, sheet.title, number, "B", key=CellKey(sheet.key, key, ""))
            self._report("row-inserted", place)
            yield number, model, key

    # -- one row -----------------------------------------------------------------------------------------------

    def _row(self, sheet: FormSheet, row: FormRow, key: str, cells: dict[int, Cell], columns: dict[str, int]) -> None:
        for form_cell in row.cells:
            column = columns.get(form_cell.key.column)
            if column is None:
                continue
            cell = cells.get(column, _NO_CELL)
            cell_key = CellKey(sheet.key, key, form_cell.key.column)
            if form_cell.kind == "formula":
                self.formulas[cell_key] = FormulaCell(cell.formula, cell.value, cell.is_error)
            elif form_cell.kind in ("label", "given"):
                self._given(cell_key, form_cell, cell)
            elif form_cell.is_input and not is_blank(cell.value):
                self._input(cell_key, form_cell, cell)

    def _given(self, key: CellKey, form_cell: FormCell, cell: Cell) -> None:
        """Locked content: read as it stands; a label or an indicator's terms must be what was sent out."""
        value = as_value(cell.value)
        if not is_blank(value):
            self.inputs[key] = value
        watched = form_cell.kind == "label" or (key.sheet == "indicators" and key.column != "rule")
        if watched and not _same(value, form_cell.given):
            place = self.layout.place(self.form, key, self.file)
            self.findings.append(self.catalogue.at("locked-cell-changed", place, found=value, expected=form_cell.given))

    def _input(self, key: CellKey, form_cell: FormCell, cell: Cell) -> None:
        if cell.value is None:
            return
        reading = read_value(self.form, key, form_cell, cell.value, is_error=cell.is_error, date1904=self.date1904)
        self.inputs[key] = reading.value
        if reading.misread is not None:
            self.misread.append(reading.misread)

    # -- what stands outside -----------------------------------------------------------------------------------

    def _strangers(self, sheet: FormSheet, rows: dict[int, dict[int, Cell]], known: set[int]) -> None:
        """Something typed in a row that belongs to no table would be lost in silence."""
        ours = {folded(row.text) for row in sheet.rows} | {
            folded(column.header) for table in sheet.tables for column in table.columns
        }
        for number, row in sorted(rows.items()):
            if number in known:
                continue
            for column, cell in sorted(row.items()):
                if cell.formula is None and not is_blank(cell.value) and folded(str(cell.value)) not in ours:
                    place = Place(self.file, self.form.unit, sheet.title, number, column_letters(column))
                    self._report("row-unknown", place, found=str(as_value(cell.value)))
                    break

    def _report(self, code: str, place: Place, found: str | None = None) -> None:
        self.findings.append(self.catalogue.at(code, place, found=found))


def _title(table: FormTable) -> str:
    return next((row.text for row in table.rows if row.role is RowRole.TITLE), table.key)


def _same(value: Value, given: str | Decimal | None) -> bool:
    if isinstance(value, Decimal) and isinstance(given, Decimal):
        return value == given
    if value is None or given is None:
        return is_blank(value) and is_blank(given)
    return folded(str(value)) == folded(str(given))
