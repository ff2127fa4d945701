"""The bureau's own form (财政局的表): filled through its anchors, its look untouched, and read back.

What is written is read again before it is given away; a form that cannot show it so is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from jixiao_xl.files.author import HIGHEST_POINTS, LINE_POINTS, lines_needed
from jixiao_xl.files.cells import Cell, read_workbook
from jixiao_xl.files.grid import Box, read_grid, sheet_titles
from jixiao_xl.files.package import UnreadableWorkbook
from jixiao_xl.files.patch import Content as CellContent
from jixiao_xl.files.patch import Stored, patch
from jixiao_xl.files.recalc import Scalar, ironcalc_values
from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.mapping.bureau_forms import INDICATOR_FIELDS, BureauForm, FieldKind, FieldUnit
from jixiao_xl.stages.appendix.anchors import Anchors
from jixiao_xl.stages.appendix.cell_values import NotThat, from_cell, in_cell, same, to_cell
from jixiao_xl.stages.appendix.content import Fields, FieldValue
from jixiao_xl.stages.appendix.indicator_table import GROUPS, NAME, IndicatorTable, Slot

_FORMATS = (".xlsx", ".xlsm")


@dataclass(frozen=True, slots=True)
class FormValues:
    """What stands in a form: single figures by name, and the indicators; money in 元, rates as ratios."""

    fields: Fields
    indicators: tuple[Fields, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One cell of a form and what it is for."""

    name: str
    box: Box
    kind: FieldKind
    unit: FieldUnit | None = None
    decimals: int | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class _Sheet:
    """The sheet of a form with its anchors, and what kind of value each name has."""

    form: BureauForm
    anchors: Anchors
    kinds: Mapping[str, FieldKind]
    table: IndicatorTable | None = field(default=None)

    def entries(self) -> list[_Entry]:
        """The cells of all single figures, those below the table of indicators last; no cell twice."""
        entries = [
            _Entry(f.field, self.anchors.cell(f), self.kinds[f.field], f.unit, f.decimals, f.overwrite)
            for f in self.form.fields
        ]
        entries += [
            _Entry(name, box, self.kinds[name]) for name, box in (self.table.totals if self.table else {}).items()
        ]
        places: dict[Box, str] = {}
        for entry in entries:
            other = places.setdefault(entry.box, entry.name)
            if other is not entry.name:
                words = {"first": other, "second": entry.name, "cell": entry.box.address}
                raise self.anchors.error(texts.BUREAU_SAME_CELL.format(**words))
        return entries

    def of_slot(self, slot: Slot) -> Iterator[_Entry]:
        """The cells of a row of the table that a value belongs in; printed labels are none."""
        for name, column in (self.table.mapping.columns if self.table else {}).items():
            if name not in slot.printed:
                yield _Entry(name, slot.cells[name], INDICATOR_FIELDS[name], column.unit, column.decimals)


def fill_form(form: BureauForm, empty: bytes, values: FormValues, kinds: Mapping[str, FieldKind]) -> bytes:
    """The bureau's empty form with these values in it; every other cell and part stays as it is.

    `kinds` says what each name of a figure holds (`form_fields`).

    Raises:
        JixiaoError: an anchor is missing or stands twice, something else is printed where a value belongs, there are
            more indicators than rows, or a formula of the form gives another value; says where and what to do.
    """
    sheet = _open(form, empty, kinds)
    wanted = list(_wanted(sheet, values))
    writes = _all_writes(sheet, wanted)
    writes |= {box.address: None for box in _leftovers(sheet, wanted)}
    heights = _heights(sheet, wanted)
    keep = form.file.lower().endswith(".xlsm")
    name = sheet.anchors.grid.sheet
    filled = patch(empty, {name: writes}, heights={name: heights}, keep_macros=keep)
    filled = _recalculated(filled, keep_macros=keep)
    _compare(sheet, filled, wanted)
    return filled


def read_form(form: BureauForm, data: bytes, kinds: Mapping[str, FieldKind]) -> FormValues:
    """What stands in a filled form; rows without an indicator, and placeholders, are left out.

    Raises:
        JixiaoError: an anchor is missing or stands twice, a figure is none, or one figure has two values.
    """
    sheet = _open(form, data, kinds)
    fields: Fields = {}
    first: dict[str, str] = {}
    for entry in sheet.entries():
        value = from_cell(_read(sheet, entry, entry.box), entry.unit)
        known = fields.get(entry.name)
        if known is not None and value is not None and not same(known, value):
            words = {"field": entry.name, "first": first[entry.name], "second": entry.box.address}
            raise sheet.anchors.error(texts.BUREAU_TWO_VALUES.format(found=known, other=value, **words))
        if known is None:
            fields[entry.name], first[entry.name] = value, entry.box.address
    return FormValues(fields, tuple(_read_indicators(sheet)))


# -- opening ---------------------------------------------------------------------------------------------------


def _open(form: BureauForm, data: bytes, kinds: Mapping[str, FieldKind]) -> _Sheet:
    if not form.file.lower().endswith(_FORMATS):
        raise _refused(form, texts.BUREAU_FILE_OLD)
    try:
        names = sheet_titles(data)
        if isinstance(form.sheet, int):
            name = names[form.sheet - 1] if form.sheet <= len(names) else None
        else:
            name = form.sheet if form.sheet in names else None
        if name is None:
            sheets = texts.LIST_JOINT.join(names)
            raise _refused(form, texts.BUREAU_SHEET_MISSING.format(sheet=form.sheet, sheets=sheets))
        grid = read_grid(data, name)
    except UnreadableWorkbook as error:
        raise _refused(form, texts.BUREAU_FILE_UNREADABLE) from error
    anchors = Anchors(grid, form.file, tuple(form.ignore))
    return _Sheet(form, anchors, kinds, IndicatorTable(anchors, form.indicators) if form.indicators else None)


def _refused(form: BureauForm, reason: str) -> JixiaoError:
    return JixiaoError(texts.BUREAU_FILE_ERROR.format(file=form.file, reason=reason))


# -- filling ---------------------------------------------------------------------------------------------------


def _wanted(sheet: _Sheet, values: FormValues) -> Iterator[tuple[_Entry, FieldValue]]:
    """Every cell that has a name, with what it shall hold."""
    for entry in sheet.entries():
        yield entry, to_cell(values.fields.get(entry.name), entry.kind, entry.unit, entry.decimals)
    if sheet.table is None:
        return
    for number, slot in sorted(sheet.table.places(values.indicators).items()):
        line = values.indicators[number]
        for entry in sheet.of_slot(slot):
            value = line.get(entry.name)
            if isinstance(value, str):
                value = sheet.table.form_word(entry.name, value)
            yield entry, to_cell(value, entry.kind, entry.unit, entry.decimals)


def _all_writes(sheet: _Sheet, wanted: Sequence[tuple[_Entry, FieldValue]]) -> dict[str, CellContent]:
    """What is written where; a cell that indicators share takes one value only."""
    writes: dict[str, CellContent] = {}
    for entry, value in wanted:
        for content in _writes(sheet, entry, value):
            other = writes.setdefault(entry.box.address, content)
            if other != content:
                words = {"field": entry.name, "cell": entry.box.address, "found": other, "wanted": content}
                raise sheet.anchors.error(texts.BUREAU_SHARED_CELL.format(**words))
    return writes


def _writes(sheet: _Sheet, entry: _Entry, value: FieldValue) -> Iterator[CellContent]:
    """What is written into a cell: nothing beside a formula, nor where it stands already.

    Raises:
        JixiaoError: something else is printed there.
    """
    box, blank = entry.box, sheet.form.blank
    if box.formula is not None:
        return
    if entry.unit == "%" and sheet.anchors.grid.shows_percent(box):
        raise sheet.anchors.error(texts.BUREAU_PERCENT_TWICE.format(field=entry.name, cell=box.address))
    free = box.is_blank or entry.overwrite or bool(sheet.table and sheet.table.is_placeholder(box))
    if not free:
        try:
            printed = in_cell(box, entry.kind, entry.unit, blank)
        except NotThat:
            printed = box.text
        if value is None or same(printed, value):
            return
        if printed is not None:
            words = {"field": entry.name, "cell": box.address, "found": printed, "wanted": value}
            raise sheet.anchors.error(texts.BUREAU_PRINTED.format(**words))
    if value is not None:
        yield value
    elif blank and entry.kind not in ("text", "any"):
        yield blank
    elif not box.is_blank:
        yield None


def _leftovers(sheet: _Sheet, wanted: Sequence[tuple[_Entry, FieldValue]]) -> Iterator[Box]:
    """Placeholders in rows that no indicator needs."""
    if sheet.table is None:
        return
    used = {entry.box for entry, _ in wanted}
    for slot in sheet.table.slots:
        if slot.cells[NAME] not in used:
            yield from (box for box in slot.cells.values() if sheet.table.is_placeholder(box))


def _heights(sheet: _Sheet, wanted: Sequence[tuple[_Entry, FieldValue]]) -> dict[int, float | None]:
    """Rows that are too low for their new texts, as high as these need; what is high enough stays."""
    grid, heights = sheet.anchors.grid, dict[int, float | None]()
    for entry, value in wanted:
        box = entry.box
        if not isinstance(value, str):
            continue
        rows = box.bottom - box.top + 1
        needed = lines_needed(value, grid.width_of(box)) * LINE_POINTS + 4
        if needed > grid.height_of(box) and needed > LINE_POINTS + 4:
            each = min(HIGHEST_POINTS, needed / rows)
            for row in range(box.top, box.bottom + 1):
                heights[row] = max(heights.get(row) or 0, each)
    return heights


def _recalculated(data: bytes, *, keep_macros: bool) -> bytes:
    """The workbook with a stored value beside each formula that lost its own, as far as it can be computed."""
    book = read_workbook(data)
    waiting = {
        sheet.name: [cell.address for cell in sheet.cells if cell.formula is not None and cell.value is None]
        for sheet in book.sheets
    }
    if not any(waiting.values()):
        return data
    cells = {sheet.name: dict(_for_engine(sheet.cells)) for sheet in book.sheets}
    computed = ironcalc_values(cells)
    stored = {
        name: {a: Stored(value) for a in addresses if (value := computed[name][a]) is not None and not _failed(value)}
        for name, addresses in waiting.items()
    }
    return patch(data, {name: dict(values) for name, values in stored.items() if values}, keep_macros=keep_macros)


def _for_engine(cells: Iterable[Cell]) -> Iterator[tuple[str, float | str]]:
    """Cells as the engine takes them: formulas with `=`, numbers, texts."""
    for cell in cells:
        if cell.formula is not None:
            yield cell.address, f"={cell.formula}"
        elif cell.value is not None and not cell.is_error:
            is_sign = isinstance(cell.value, str) and cell.value.startswith("=")  # the text =, no formula
            yield cell.address, f" {cell.value}" if is_sign else cell.value


def _failed(value: Scalar) -> bool:
    """Whether a result is an error: it does not stand beside its formula, programs compute it anew."""
    return isinstance(value, str) and value.startswith("#")


def _compare(sheet: _Sheet, filled: bytes, wanted: Sequence[tuple[_Entry, FieldValue]]) -> None:
    """Read everything again.

    Raises:
        JixiaoError: a cell does not hold what it should, or a formula of the form gives something else.
    """
    grid = read_grid(filled, sheet.anchors.grid.sheet)
    for entry, value in wanted:
        box = grid.at(entry.box.top, entry.box.left)
        if box.formula is not None and value is None:
            continue
        try:
            found = in_cell(box, entry.kind, entry.unit, sheet.form.blank)
        except NotThat as error:
            found = str(error)
        if same(found, value, _tolerance(entry) if box.formula is not None else Decimal(0)):
            continue
        words = {"cell": box.address, "field": entry.name, "found": found, "wanted": value, "formula": box.formula}
        if box.formula is None:
            raise sheet.anchors.error(texts.BUREAU_NOT_WRITTEN.format(**words))
        fails = not isinstance(found, Decimal)
        raise sheet.anchors.error(
            (texts.BUREAU_FORMULA_FAILS if fails else texts.BUREAU_FORMULA_DIFFERS).format(**words)
        )


def _tolerance(entry: _Entry) -> Decimal:
    """How far a formula of the form may be off: one unit of the last decimal that the form shows."""
    usual = 4 if entry.unit == "ratio" else 2
    return Decimal(1).scaleb(-(usual if entry.decimals is None else entry.decimals))


# -- reading ---------------------------------------------------------------------------------------------------


def _read(sheet: _Sheet, entry: _Entry, box: Box) -> FieldValue:
    if sheet.table and sheet.table.is_placeholder(box):
        return None
    try:
        return in_cell(box, entry.kind, entry.unit, sheet.form.blank)
    except NotThat as error:
        words = {"cell": box.address, "field": entry.name, "found": str(error)}
        raise sheet.anchors.error(texts.BUREAU_NOT_A_FIGURE.format(**words)) from error


def _read_indicators(sheet: _Sheet) -> Iterator[Fields]:
    if sheet.table is None:
        return
    for slot in sheet.table.slots:
        values = {e.name: from_cell(_read(sheet, e, e.box), e.unit) for e in sheet.of_slot(slot)}
        if values[NAME] is None:
            filled = [e for e in sheet.of_slot(slot) if values[e.name] is not None and e.box.formula is None]
            if any(entry.name not in GROUPS for entry in filled):
                name = slot.cells[NAME]
                words = {"row": name.top, "cell": name.address}
                raise sheet.anchors.error(texts.BUREAU_ROW_WITHOUT_NAME.format(**words))
            continue
        printed = {key: slot.cells[key].text.strip() or label for key, label in slot.printed.items()}
        values |= printed
        yield {key: sheet.table.own_word(key, v) if isinstance(v, str) else v for key, v in values.items()}
