"""Layout (位置表): at which row and column each key stands in one workbook, pristine or returned."""

from __future__ import annotations

from dataclasses import dataclass, field

from jixiao_xl.model.form import KEY_COLUMN, Form, RowRole
from jixiao_xl.model.places import CellKey, Place


def column_letters(number: int) -> str:
    """A column's letters: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True)
class Layout:
    """Rows by sheet and row key, column letters by table and column key, first and last row of each table."""

    titles: dict[str, str]
    table_sheets: dict[str, str]
    rows: dict[tuple[str, str], int]
    row_tables: dict[tuple[str, str], str]
    letters: dict[str, dict[str, str]]
    spans: dict[str, tuple[int, int]]
    key_rows: dict[str, int] = field(default_factory=dict[str, int])

    def letter(self, key: CellKey) -> str:
        """The column letters of a cell."""
        return self.letters[self.row_tables[key.sheet, key.row]][key.column]

    def address(self, key: CellKey) -> str:
        """The address of a cell on its own sheet, such as D5."""
        return f"{self.letter(key)}{self.rows[key.sheet, key.row]}"

    def has(self, key: CellKey) -> bool:
        """Whether the workbook has the cell's row and column."""
        table = self.row_tables.get((key.sheet, key.row))
        return table is not None and key.column in self.letters[table]

    def reference(self, name: tuple[str, ...], home: CellKey) -> str:
        """What a formula in `home` writes for a name: D5, '收支表'!D5, or a range of a table's column."""
        if len(name) == 2:
            table, column = name
            first, last = self.spans[table]
            letter = self.letters[table][column]
            return self._on(self.table_sheets[table], home.sheet, f"{letter}{first}:{letter}{last}")
        key = resolve(name, home)
        return self._on(key.sheet, home.sheet, self.address(key))

    def _on(self, sheet: str, home_sheet: str, reference: str) -> str:
        return reference if sheet == home_sheet else f"'{self.titles[sheet]}'!{reference}"

    def place(self, form: Form, key: CellKey, file: str) -> Place:
        """Where a cell stands, with its row's and its column's own names."""
        row = form.rows.get((key.sheet, key.row))
        table = self.row_tables.get((key.sheet, key.row))
        column = form.tables[table][1].column_by_key.get(key.column) if table else None
        has = self.has(key)
        return Place(
            file=file,
            unit=form.unit,
            sheet=self.titles.get(key.sheet, form.sheet_by_key[key.sheet].title),
            row=self.rows.get((key.sheet, key.row)),
            column=self.letter(key) if has else None,
            label=row.label if row else key.row,
            column_label=column.header.replace("\n", "") if column else key.column,
            key=key,
        )


def resolve(name: tuple[str, ...], home: CellKey) -> CellKey:
    """The cell that a name means in a formula at `home`: sheet.row.column, or a column of the same row."""
    return CellKey(*name) if len(name) == 3 else home._replace(column=name[0])


def pristine_layout(form: Form) -> Layout:
    """The layout of the form as it goes out."""
    layout = Layout({sheet.key: sheet.title for sheet in form.sheets}, {}, {}, {}, {}, {})
    for sheet in form.sheets:
        number_of = {id(row): number for number, row in enumerate(sheet.rows, start=1)}
        for table in sheet.tables:
            layout.table_sheets[table.key] = sheet.key
            layout.letters[table.key] = {key: column_letters(n) for key, n in table.letter_offsets.items()}
            layout.key_rows[table.key] = number_of[id(table.rows[0])]
            for row in table.data_rows:
                if row.key is not None:
                    layout.rows[sheet.key, row.key] = number_of[id(row)]
                    layout.row_tables[sheet.key, row.key] = table.key
            bounds = [number_of[id(row)] for row in table.rows if row.role is RowRole.MARKER]
            data = [number_of[id(row)] for row in table.rows if row.role is RowRole.DATA]
            inside = bounds or data or [number_of[id(table.rows[0])]]
            layout.spans[table.key] = (min(inside), max(inside))
    return layout


__all__ = ["KEY_COLUMN", "Layout", "column_letters", "pristine_layout", "resolve"]
