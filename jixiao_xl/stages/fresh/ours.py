"""Ours (表样自带): what the template itself put on a sheet and the keys no longer find; it is not listed as a loss."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TypeVar

from jixiao_xl.files.cells import Cell, Sheet, column_number
from jixiao_xl.model.form import KEY_COLUMN, FormCell, FormSheet, FormTable, RowRole
from jixiao_xl.model.formula_text import canonical
from jixiao_xl.model.formulas import Name
from jixiao_xl.model.places import CellKey
from jixiao_xl.stages.fresh.came import Came, has_content, plain_text
from jixiao_xl.stages.fresh.carry import Carried

_T = TypeVar("_T")
_Local = tuple[str, int | None]  # a text; or the shape of a formula and the column that it was issued in
_REFERENCE: Final = re.compile(r"""("(?:[^"]|"")*")|\$?[A-Z]{1,3}\$?\d+(?![\w(])|\#REF!""")
_UNMISTAKABLE: Final = "IF("  # the template's formulas are guarded; a bare SUM may be anybody's


@lru_cache(maxsize=8192)
def shape(formula: str) -> str:
    """A formula with every reference as `@`: the same wherever its row and its operands stand."""
    return _REFERENCE.sub(lambda match: match[1] or "@", canonical(formula))


class Ours:
    """The template's own texts and formulas on one sheet, each excused as often as the template has it.

    Headings and headers have no keys at all. Cells whose row or column key is gone are known again by a text that
    only their row has; so a number is never passed over because the template has the same one somewhere else.
    """

    def __init__(self, came: Came, carried: Carried, sheet: FormSheet, page: Sheet) -> None:
        self.came, self.sheet = came, sheet
        self.layout = came.submission.layout
        self.row_keys = {row.key for row in sheet.rows if row.key is not None}
        self.column_keys = {column.key for table in sheet.tables for column in table.columns}
        self.headers = {plain_text(column.header) for table in sheet.tables for column in table.columns}
        self._cells: dict[int, list[Cell]] = defaultdict(list)
        for cell in sorted(page.cells, key=lambda cell: (cell.row, cell.column)):
            if has_content(cell):
                self._cells[cell.row].append(cell)
        self._missing = {
            (row.key or ""): [
                cell for cell in row.cells if not self.layout.has(cell.key) and cell.key not in carried.contents
            ]
            for table in sheet.tables
            for row in table.data_rows
        }
        self._texts = Counter(self._unkeyed())
        self._shapes = Counter(s for cells in self._missing.values() for s in map(self.shape_of, cells) if s)
        self._rows = self._known_by_text()
        self._claims: dict[str, int] = {}
        self._local: dict[int, Counter[_Local]] = {}

    def row(self, number: int) -> list[Cell]:
        """The cells of a row that hold anything, from left to right."""
        return self._cells[number]

    def shape_of(self, cell: FormCell) -> str | None:
        """The shape of the formula that a cell has in the template."""
        if cell.formula is None:
            return None
        form, places = self.came.submission.form, dict[Name, str]()

        def locate(name: Name) -> str:
            place = places.setdefault(name, f"A{len(places) + 1}")  # any, but each its own
            if len(name) == 1:
                return place
            home = form.sheet_by_key[name[0]] if len(name) == 3 else form.tables[name[0]][0]
            area = place if len(name) == 3 else f"{place}:{place}"
            return area if home.key == cell.key.sheet else f"'{home.title}'!{area}"

        return shape(cell.formula.excel(locate))

    def excuses(self, cell: Cell, row: str | None) -> bool:
        """Whether a cell outside the known rows and columns holds what the template put there; asked once a cell."""
        local = self._local_of(cell.row, row)
        if cell.formula is not None:
            found = shape(cell.formula)
            columns = (cell.column, cell.column + 1, cell.column - 1)  # the hidden column of keys may be gone
            return any(_taken(local, (found, column)) for column in columns) or (
                _UNMISTAKABLE in found and _taken(self._shapes, found)
            )
        text = plain_text(cell.value)
        if _taken(local, (text, None)):
            return True
        return row is None and isinstance(cell.value, str) and _taken(self._texts, text)

    def label_of(self, number: int, row: str | None) -> str:
        """The name of the row of the form that stands there, or ""."""
        key = row or self._recognised(number)
        if key is None:
            return ""
        label = self.came.submission.place(CellKey(self.sheet.key, key, "")).label
        return label if label != key else ""

    def reason(self, cell: Cell, row: str | None) -> str:
        """Why a cell has no place in the clean workbook, as a key of texts.yaml."""
        letters = self.layout.letters
        if any(table.key not in letters for table in self.sheet.tables):
            return "fresh_keys_lost"
        if cell.column > max(map(self._width, self.sheet.tables)):
            return "fresh_beside" if row is not None else "fresh_outside"
        if row is not None:
            table = self.came.submission.form.tables[self.layout.row_tables[self.sheet.key, row]][1]
            is_lost = cell.column <= self._width(table) and table.column_by_key.keys() - letters[table.key].keys()
            return "fresh_column_lost" if is_lost else "fresh_beside"
        rows = (row for table in self.sheet.tables for row in table.rows if row.key and row.role is not RowRole.KEYS)
        found = {key for home, key in self.layout.rows if home == self.sheet.key} | self._markers()
        return "fresh_row_lost" if any(row.key not in found for row in rows) else "fresh_outside"

    def _width(self, table: FormTable) -> int:
        """The last column of a table, where it stands now or as it was issued."""
        return max([*map(column_number, self.layout.letters[table.key].values()), *table.letter_offsets.values()])

    # -- what the template has ---------------------------------------------------------------------------------

    def _markers(self) -> set[str]:
        cells = (cell for cells in self._cells.values() for cell in cells[:1])
        return {str(cell.value) for cell in cells if cell.column == KEY_COLUMN}

    def _unkeyed(self) -> Iterator[str]:
        """Headings, notes, titles and headers; the keys themselves where a table was not found by them."""
        for row in self.sheet.rows:
            if row.role in (RowRole.HEADING, RowRole.NOTE, RowRole.TITLE):
                yield plain_text(row.text)
        for table in self.sheet.tables:
            yield from (plain_text(column.header) for column in table.columns)
            if table.key not in self.layout.letters:
                yield from (column.key for column in table.columns)
                yield from (row.key for row in table.rows if row.key is not None)

    def _known_by_text(self) -> dict[str, str]:
        """Missing rows by each text that no other missing row of the sheet has."""
        texts = [
            (plain_text(cell.given), key)
            for key, cells in self._missing.items()
            for cell in cells
            if isinstance(cell.given, str) and cell.given.strip()
        ]
        count = Counter(text for text, _ in set(texts))
        return {text: key for text, key in texts if count[text] == 1}

    def _recognised(self, number: int) -> str | None:
        """The missing row that stands in row `number`, by a text that is only its own; a copy of it is not ours."""
        texts = (plain_text(cell.value) for cell in self._cells[number] if isinstance(cell.value, str))
        key = next((self._rows[text] for text in texts if text in self._rows), None)
        return key if key is not None and self._claims.setdefault(key, number) == number else None

    def _local_of(self, number: int, row: str | None) -> Counter[_Local]:
        """What the template has in this row and the keys do not find."""
        if number not in self._local:
            cells = self._missing.get(row or self._recognised(number) or "", [])
            found: list[_Local] = [(plain_text(cell.given), None) for cell in cells if cell.given is not None]
            for cell in cells:
                if (formula := self.shape_of(cell)) is not None:
                    table = self.came.submission.form.table_of_row[cell.key.sheet, cell.key.row]
                    found.append((formula, table.letter_offsets[cell.key.column]))
            self._local[number] = Counter(found)
        return self._local[number]


def _taken(counter: Counter[_T], item: _T) -> bool:
    """Whether one is left, which is then used up."""
    if counter[item] <= 0:
        return False
    counter[item] -= 1
    return True
