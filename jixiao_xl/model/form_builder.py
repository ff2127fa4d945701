"""Building the expected form (生成表样) of one unit from the mapping; nothing here knows an address."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from jixiao_xl.model.expressions import CheckExpression, parse_condition, parse_number
from jixiao_xl.model.form import COLUMNS_PREFIX, Form, FormCell, FormColumn, FormRow, FormSheet, FormTable, RowRole
from jixiao_xl.model.formulas import Arithmetic, Checked, Counted, Formula, Linked, Scored
from jixiao_xl.model.mapping import (
    CellType,
    Check,
    Column,
    Indicator,
    Mapping,
    Material,
    Prior,
    Project,
    Row,
    Sheet,
    Table,
    Unit,
)
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.scoring import rule_of

_EXCEL_EPOCH = date(1899, 12, 30)
DAYS_1904 = 1462  # from the 1904 to the 1900 system of dates
_QUALITATIVE = "定性"
_CHECK_COLUMN_WIDTH = 6
_Known = dict[str, tuple[str | Decimal | None, str]]  # by column: what stands there beforehand, and its source
_NOTHING = (None, "")


def date_serial(day: date) -> Decimal:
    """A date as the number that Excel stores (1900 system)."""
    return Decimal((day - _EXCEL_EPOCH).days)


def serial_date(serial: Decimal) -> date | None:
    """The date of an Excel serial number, or None outside 1900 to 9999."""
    if not 1 <= serial < 2_958_466 or serial != serial.to_integral_value():
        return None
    return date.fromordinal(_EXCEL_EPOCH.toordinal() + int(serial))


@lru_cache(maxsize=64)
def build_form(mapping: Mapping, unit_code: str) -> Form:
    """The form of a unit: 部门填报表 for the root, 科室填报表 below it."""
    return _Builder(mapping, mapping.unit_by_code[unit_code], mapping.priors_of(unit_code)).form()


def check_key(check: Check) -> str:
    """The column key of a check that runs row by row."""
    return f"check_{check.id.lower()}"


def needs_row_explanations(check: Check, table: Table) -> bool:
    """Whether 自查 has one line a row for it: where only a 情况说明 of that row can settle it."""
    return check.explained_by is None and check.kind == "核实性" and table.kind != "list"


def check_expression(check: Check) -> CheckExpression:
    """The check as the evaluators take it."""
    return CheckExpression(
        when=parse_condition(check.when) if check.when else None,
        condition=parse_condition(check.condition) if check.condition else None,
        left=parse_number(check.left) if check.left else None,
        op=check.op,
        right=parse_number(check.right) if check.right else None,
        tolerance=check.tolerance,
        explained_by=tuple(check.explained_by.split(".")) if check.explained_by else None,
    )


@dataclass(frozen=True)
class _Builder:
    mapping: Mapping
    unit: Unit
    priors: dict[tuple[str, str, str], Prior]

    def form(self) -> Form:
        level = self.mapping.level(self.unit.code)
        template = self.mapping.forms.templates[level]
        version = self.mapping.forms.template_version
        identity = "|".join((self.mapping.department, self.unit.code, str(self.mapping.year), version))
        sheets = [sheet for sheet in self.mapping.forms.sheets if level in sheet.levels]
        return Form(
            level=level,
            unit=self.unit.code,
            unit_name=self.unit.name,
            template=template,
            template_version=version,
            year=self.mapping.year,
            token=hashlib.sha256(identity.encode()).hexdigest()[:16],
            sheets=tuple(self._sheet(sheet) for sheet in sheets),
        )

    @property
    def level(self) -> str:
        return self.mapping.level(self.unit.code)

    def _words(self, text: str) -> str:
        deadline = self.mapping.deadline
        return text.format_map(
            {
                "year": str(self.mapping.year),
                "unit_name": self.unit.name,
                "department": self.mapping.department,
                "template": self.mapping.forms.templates[self.mapping.level(self.unit.code)],
                "form_code": f"JX{self.mapping.year}-{self.unit.code}",
                "deadline": deadline.isoformat() if deadline else self.mapping.text("no_deadline"),
                "example_date": f"{self.mapping.year + 1}-04-20",
            }
        )

    def _sheet(self, sheet: Sheet) -> FormSheet:
        tables = tuple(self._table(sheet, table) for table in sheet.tables if self.level in table.levels)
        return FormSheet(
            key=sheet.key,
            title=sheet.title,
            tables=tables,
            heading=self._words(sheet.heading),
            notes=tuple(self._words(self.mapping.text(note)) for note in sheet.notes),
            unit_note=sheet.unit_note,
            landscape=sheet.landscape,
        )

    def _table(self, sheet: Sheet, table: Table) -> FormTable:
        columns = (*(_form_column(column) for column in table.columns), *self._check_columns(table))
        rows = [FormRow(f"{COLUMNS_PREFIX}{table.key}", RowRole.KEYS)]
        if table.title:
            rows.append(FormRow(None, RowRole.TITLE, text=table.title))
        rows.append(FormRow(None, RowRole.HEADER))
        rows.extend(self._data(sheet, table))
        return FormTable(table.key, table.kind, columns, tuple(rows))

    def _data(self, sheet: Sheet, table: Table) -> Iterator[FormRow]:
        match table.kind:
            case "fixed":
                for row in table.rows:
                    role = RowRole.TOTAL if row.total else RowRole.DATA
                    yield FormRow(row.key, role, tuple(self._fixed_cells(sheet, table, row)), label=row.label)
            case "list":
                yield from self._list(sheet, table)
            case "indicators":
                yield from self._indicators(sheet, table)
            case "checks":
                yield from self._checks(sheet, table)
            case "results":
                model = tuple(self._cell(sheet, column, "") for column in table.columns)
                for number in range(1, table.prepared_rows + 1):
                    key = f"{table.key}:{number:03d}"
                    yield FormRow(key, RowRole.DATA, tuple(cell.in_row(key) for cell in model), label=str(number))

    # -- fixed rows --------------------------------------------------------------------------------------------

    def _fixed_cells(self, sheet: Sheet, table: Table, row: Row) -> Iterator[FormCell]:
        for column in table.columns:
            if column.kind == "label":
                yield self._cell(sheet, column, row.key, given=row.label)
            elif column.key in row.given:
                given = self._words(row.given[column.key])
                yield self._cell(sheet, column, row.key, given=given, kind="given")
            elif row.formula is not None and column.kind == "input" and column.type in ("money", "count"):
                formula = Arithmetic(parse_number(row.formula.replace("{column}", column.key)))
                yield self._cell(sheet, column, row.key, formula=formula)
            else:
                required = column.required or column.key in row.required
                cell_type = row.types.get(column.key, column.type)
                cell = self._cell(sheet, column, row.key, required=required, cell_type=cell_type)
                prior = self.priors.get((table.key, row.key, column.key))
                yield replace(cell, given=prior.value, source=prior.source) if prior and cell.is_input else cell
        yield from self._check_cells(sheet, table, row.key, {})

    # -- lists -------------------------------------------------------------------------------------------------

    def _list(self, sheet: Sheet, table: Table) -> Iterator[FormRow]:
        known = self._known(table)
        model = (*(self._cell(sheet, column, "") for column in table.columns), *self._check_cells(sheet, table, "", {}))
        yield FormRow(f"{table.key}:start", RowRole.MARKER)
        for number in range(1, len(known) + table.spares + 1):
            key = f"{table.key}:{number:02d}"
            given = known[number - 1] if number <= len(known) else {}
            cells = tuple(cell.in_row(key, *given.get(cell.key.column, _NOTHING)) for cell in model)
            yield FormRow(key, RowRole.LIST, cells, label=self.mapping.text("list_row", number=str(number)))
        yield FormRow(f"{table.key}:end", RowRole.MARKER)
        if table.total:
            yield self._list_total(sheet, table)

    def _known(self, table: Table) -> list[_Known]:
        """What stands in the first rows of a list when it goes out."""
        match table.known:
            case "projects":
                return [self._project(table, project) for project in self.mapping.projects_of(self.unit.code)]
            case "materials":
                return [_material(material) for material in self.mapping.materials]
            case _:
                return []

    def _project(self, table: Table, project: Project) -> _Known:
        known: _Known = {
            "project_code": (project.code, ""),
            "project_name": (project.name, ""),
            "share": (project.share, ""),
        }
        of_project = ((key, prior) for key, prior in self.priors.items() if key[:2] == (table.key, project.code))
        return known | {column: (prior.value, prior.source) for (_, _, column), prior in of_project}

    def _list_total(self, sheet: Sheet, table: Table) -> FormRow:
        total = table.total
        if total is None:
            raise AssertionError(table.key)
        cells: list[FormCell] = []
        for index, column in enumerate(table.columns):
            if column.key in total.columns:
                formula = Arithmetic(parse_number(f"sum({table.key}.{column.key})"))
                cells.append(self._cell(sheet, column, total.key, formula=formula))
            elif column.key in total.rate_columns:
                cells.append(self._cell(sheet, column, total.key))
            else:
                cells.append(self._cell(sheet, column, total.key, kind="given", given=None if index else total.label))
        return FormRow(total.key, RowRole.TOTAL, tuple(cells), label=total.label)

    # -- indicators --------------------------------------------------------------------------------------------

    def _indicators(self, sheet: Sheet, table: Table) -> Iterator[FormRow]:
        indicators = self.mapping.indicators_of(self.unit.code)
        for indicator in indicators:
            cells = (
                *(self._indicator_cell(sheet, column, indicator) for column in table.columns),
                *self._check_cells(sheet, table, indicator.key, {c: str(getattr(indicator, c)) for c in _FILTERS}),
            )
            yield FormRow(indicator.key, RowRole.DATA, cells, label=indicator.level3)
        for block in dict.fromkeys(indicator.level1 for indicator in indicators):
            rows = [i.key for i in indicators if i.level1 == block]
            label = self.mapping.text("subtotal", block=block)
            yield self._indicator_total(sheet, table, f"subtotal_{self.mapping.block_key(block)}", label, rows)
        label = self.mapping.text("total")
        yield self._indicator_total(sheet, table, "total", label, None)

    def _indicator_total(self, sheet: Sheet, table: Table, key: str, label: str, rows: list[str] | None) -> FormRow:
        cells: list[FormCell] = []
        for column in table.columns:
            if column.key in ("points", "score"):
                names = (
                    f"{table.key}.{column.key}"
                    if rows is None
                    else ", ".join(f"{sheet.key}.{row}.{column.key}" for row in rows)
                )
                cells.append(self._cell(sheet, column, key, formula=Arithmetic(parse_number(f"sum({names})"))))
            elif column.kind in ("tool", "review"):
                cells.append(self._cell(sheet, column, key))
            else:
                given = label if column.kind == "label" else None
                cells.append(self._cell(sheet, column, key, kind="given" if given is None else "label", given=given))
        return FormRow(key, RowRole.TOTAL, tuple(cells), label=label)

    def _indicator_cell(self, sheet: Sheet, column: Column, indicator: Indicator) -> FormCell:
        key, qualitative = indicator.key, indicator.nature == _QUALITATIVE
        match column.key:
            case "score":
                return self._cell(sheet, column, key, formula=Scored(rule_of(indicator, self.mapping.scoring)))
            case "target":
                given, cell_type = _target(indicator)
                return self._cell(sheet, column, key, given=given, cell_type=cell_type)
            case "actual":
                cell_type = self._actual_type(indicator)
                return self._cell(sheet, column, key, required=not qualitative, cell_type=cell_type)
            case "band" | "band_ratio" if not qualitative:
                return self._cell(sheet, column, key, kind="given")
            case "band" | "band_ratio":
                return self._cell(sheet, column, key, required=True)
            case "points":
                return self._cell(sheet, column, key, given=indicator.points)
            case "rule":
                text_key, numbers = rule_of(indicator, self.mapping.scoring).words()
                return self._cell(sheet, column, key, given=self.mapping.rule_texts[text_key].format_map(numbers))
            case name if column.kind in ("given", "label"):
                return self._cell(sheet, column, key, given=str(getattr(indicator, name)))
            case _:
                return self._cell(sheet, column, key)

    def _actual_type(self, indicator: Indicator) -> CellType:
        if indicator.nature == _QUALITATIVE:
            return "text"
        if indicator.nature == "日期":
            return "date"
        percent = {unit.name for unit in self.mapping.measure_units if unit.percent == "1"}
        return "percent" if indicator.measure_unit in percent else "number"

    # -- checks ------------------------------------------------------------------------------------------------

    def _each(self, table_key: str) -> list[Check]:
        return [c for c in self.mapping.checks if c.table == table_key and self.level in c.levels]

    def _check_columns(self, table: Table) -> Iterator[FormColumn]:
        for check in self._each(table.key):
            if not needs_row_explanations(check, table):
                header = self.mapping.text("check_column", check=check.id)
                yield FormColumn(check_key(check), header, "formula", "text", _CHECK_COLUMN_WIDTH, False)

    def _check_cells(self, sheet: Sheet, table: Table, row: str, facts: dict[str, str]) -> Iterator[FormCell]:
        for check in self._each(table.key):
            if applies_to(check, row, facts) and not needs_row_explanations(check, table):
                key = CellKey(sheet.key, row, check_key(check))
                yield FormCell(key, "formula", "text", formula=Checked(check_expression(check)))

    def _checks(self, sheet: Sheet, table: Table) -> Iterator[FormRow]:
        tables = {t.key: (s, t) for s in self.mapping.forms.sheets for t in s.tables if self.level in t.levels}
        checks = [check for check in self.mapping.checks if self.level in check.levels]
        for check in checks:
            if check.scope == "workbook":
                yield self._check_row(sheet, table, check, None, Checked(check_expression(check)), check.text)
            elif check.table and not needs_row_explanations(check, tables[check.table][1]):
                yield self._check_row(sheet, table, check, None, Counted(check.table, check_key(check)), check.text)
        for check in checks:
            if check.table and needs_row_explanations(check, tables[check.table][1]):
                home = tables[check.table][0]
                for row, label, facts in self._rows_of(tables[check.table][1]):
                    if applies_to(check, row, facts):
                        formula = Checked(at_row(check_expression(check), home.key, row))
                        text = self.mapping.text("check_row", label=label, check=check.text)
                        yield self._check_row(sheet, table, check, row, formula, text)

    def _rows_of(self, table: Table) -> Iterator[tuple[str, str, dict[str, str]]]:
        if table.kind == "indicators":
            for indicator in self.mapping.indicators_of(self.unit.code):
                yield indicator.key, indicator.level3, {c: str(getattr(indicator, c)) for c in _FILTERS}
        for row in table.rows:
            yield row.key, row.label, {}

    def _check_row(
        self, sheet: Sheet, table: Table, check: Check, row: str | None, formula: Formula, label: str
    ) -> FormRow:
        key = f"check:{check.id}" if row is None else f"check:{check.id}:{row}"
        given = {"label": label, "advice": check.advice}
        cells = tuple(
            self._cell(
                sheet, column, key, given=given.get(column.key), formula=formula if column.key == "state" else None
            )
            for column in table.columns
        )
        return FormRow(key, RowRole.DATA, cells, label=check.text)

    # -- one cell ----------------------------------------------------------------------------------------------

    def _cell(
        self,
        sheet: Sheet,
        column: Column,
        row: str,
        *,
        given: str | Decimal | None = None,
        formula: Formula | None = None,
        kind: str | None = None,
        required: bool | str | None = None,
        cell_type: CellType | None = None,
    ) -> FormCell:
        cell_kind = kind or ("formula" if formula else column.kind)
        if cell_kind == "formula" and formula is None:
            formula = Linked() if column.key == "link" else Arithmetic(parse_number(column.formula or "0"))
        is_input = cell_kind == "input"
        return FormCell(
            key=CellKey(sheet.key, row, column.key),
            kind=cell_kind,  # pyright: ignore[reportArgumentType]
            type=cell_type or column.type,
            given=given,
            formula=formula,
            required=(column.required if required is None else required) if is_input else False,
            choices=tuple(self.mapping.forms.choices[column.choices]) if column.choices and is_input else (),
            minimum=column.minimum if is_input else None,
            maximum=column.maximum if is_input else None,
            max_length=column.max_length if is_input else None,
        )


_FILTERS = ("level1", "level2", "nature", "method", "measure_unit")


def applies_to(check: Check, row: str, facts: dict[str, str]) -> bool:
    """Whether a check of `each` scope runs on a row: named in `rows`, and with one of the values of `where`."""
    if check.rows and row not in check.rows:
        return False
    return all(facts.get(name) in values for name, values in check.where.items())


def at_row(check: CheckExpression, sheet: str, row: str) -> CheckExpression:
    """The same check with its bare column names bound to one row, for a formula that stands on another sheet."""
    return check.bound(lambda name: (sheet, row, name[0]) if len(name) == 1 else name)


def _form_column(column: Column) -> FormColumn:
    return FormColumn(column.key, column.header, column.kind, column.type, column.width, column.printed)


def _material(material: Material) -> _Known:
    due = date_serial(material.due) if material.due else None
    return {"item": (material.item, ""), "provider": (material.provider or None, ""), "due": (due, "")}


def _target(indicator: Indicator) -> tuple[str | Decimal, CellType]:
    """What stands in the target cell, and its type."""
    match indicator.nature:
        case "定性":
            return indicator.target, "text"
        case "区间":
            return f"{indicator.low}～{indicator.high}", "text"
        case "日期":
            return date_serial(date.fromisoformat(indicator.target)), "date"
        case _:
            return Decimal(indicator.target), "number"
