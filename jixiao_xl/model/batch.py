"""A batch (一批填报表): what was read from the workbooks of one run, by keys, and the frames made from it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from jixiao_xl.model.form import Form
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.layout import Layout
from jixiao_xl.model.places import CellKey, Place, Source
from jixiao_xl.model.review import CorrectionState
from jixiao_xl.model.verdicts import Raw, Reconciled
from jixiao_xl.model.workings import Workings

if TYPE_CHECKING:
    import pandas as pd

Contents = dict[str, dict[str, float | str]]


@dataclass(frozen=True, slots=True)
class Misread:
    """A cell whose text is not the plain number or date that it should be.

    Attributes:
        key: the cell.
        raw: what stands there.
        value: what was understood, or None where nothing could be.
    """

    key: CellKey
    raw: Raw
    value: Value


@dataclass(frozen=True, slots=True)
class FormulaCell:
    """A formula cell as it came back: its formula, and the value stored beside it."""

    formula: str | None
    stored: Raw
    is_error: bool


@dataclass(frozen=True)
class Submission:
    """One workbook that could be read.

    Attributes:
        unit: the unit's code.
        file: path relative to the workspace, with `/`.
        sha256: of the file's bytes.
        form: what it should look like.
        layout: where its keys stand.
        inputs: what was read, by key; money in 元, percent as 95, dates as Excel serials.
        added_rows: keys given to list rows that the section inserted, by table.
        misread: cells that are not what they should be, understood or not.
        formulas: what stands in the formula cells.
        contents: every cell by sheet title and address, a formula with `=`, for a recomputation; kept only where a
            stored value is not Python's.
        corrections: the cells whose value was corrected by telephone, and where that is written.
        version: which of the unit's workbooks this is, in the order in which they came.
    """

    unit: str
    file: str
    sha256: str
    form: Form
    layout: Layout
    inputs: dict[CellKey, Value]
    added_rows: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    misread: tuple[Misread, ...] = ()
    formulas: dict[CellKey, FormulaCell] = field(default_factory=dict[CellKey, FormulaCell])
    contents: Contents = field(default_factory=dict[str, dict[str, float | str]])
    corrections: dict[CellKey, Source] = field(default_factory=dict[CellKey, Source])
    version: int = 1

    @cached_property
    def workings(self) -> Workings:
        """Python's own values."""
        return Workings(self.form, self.inputs, self.added_rows)

    def place(self, key: CellKey) -> Place:
        """Where a cell stands in this file; a list row is named by its first text."""
        place = self.layout.place(self.form, key, self.file)
        name = self._row_name(key)
        return replace(place, label=name) if name else place

    def _row_name(self, key: CellKey) -> str | None:
        table = self.layout.row_tables.get((key.sheet, key.row))
        if table is None or self.form.tables[table][1].kind != "list":
            return None
        columns = [c.key for c in self.form.tables[table][1].columns if c.type == "text"]
        naming = [column for column in columns if not column.endswith(("code", "number", "_no"))]
        texts = (self.inputs.get(key._replace(column=column)) for column in naming)
        return next((str(text) for text in texts if text is not None), None)

    def source(self, key: CellKey) -> Source:
        """The cell as a source of a figure; of a figure corrected by telephone, the line that says so."""
        return self.corrections.get(key) or Source(self.file, self.layout.titles[key.sheet], self.layout.address(key))

    def expected(self, key: CellKey) -> str | None:
        """The formula that should stand in a cell, without `=`, where its operands stand now; None where one is gone."""
        cell = self.workings.cell(key)
        if cell is None or cell.formula is None:
            return None
        try:
            return cell.formula.excel(lambda name: self.layout.reference(name, key)).removeprefix("=")
        except KeyError:
            return None

    def is_added(self, key: CellKey) -> bool:
        """Whether a cell stands in a list row that the section inserted."""
        return any(key.row in rows for rows in self.added_rows.values())

    def whole(self) -> Place:
        """The file as a whole."""
        return Place(self.file, self.unit)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file of a known unit that the ledger has not seen: it is entered as that unit's newest version."""

    unit: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Batch:
    """All readable workbooks of a run, and one frame a table over all of them.

    Every frame has the columns `submission` (position in `submissions`), `unit`, `file`, `sheet`, `row`, `key`, and
    one column a value: money as Int64 in 分, other numbers as Decimal, text as str.
    """

    submissions: tuple[Submission, ...] = ()
    tables: dict[str, pd.DataFrame] = field(default_factory=dict[str, "pd.DataFrame"])
    inputs: dict[str, str] = field(default_factory=dict[str, str])  # every file that was looked at: its sha256
    arrivals: tuple[Arrival, ...] = ()
    corrected: dict[int, CorrectionState] = field(default_factory=dict[int, CorrectionState])  # by row of 电话更正
    verdicts: dict[str, dict[CellKey, Reconciled]] = field(default_factory=dict[str, dict[CellKey, Reconciled]])

    def of(self, unit: str) -> Submission | None:
        """The workbook of a unit, if one could be read."""
        return next((submission for submission in self.submissions if submission.unit == unit), None)

    def with_tables(self, tables: dict[str, pd.DataFrame]) -> Batch:
        """The same batch with these frames."""
        return replace(self, tables=tables)

    def with_verdicts(self, verdicts: dict[str, dict[CellKey, Reconciled]]) -> Batch:
        """The same batch with a verdict for every formula cell, by unit."""
        return replace(self, verdicts=verdicts)
