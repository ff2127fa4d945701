"""A street office to test with (测试用的街道): the sample's nine workbooks, changed cell by cell through their keys."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import lru_cache

import openpyxl
from build_samples import keyed_cells
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import Result
from jixiao_xl.model.setting import Setting
from jixiao_xl.stages.aggregate import aggregate
from jixiao_xl.stages.compare import compare
from jixiao_xl.stages.read import read
from jixiao_xl.stages.reconcile import reconcile
from jixiao_xl.stages.score import score
from jixiao_xl.stages.validate import validate

Content = str | int | float | date | None
Edit = Callable[[Worksheet], None]
BEFORE, DEADLINE = date(2026, 4, 20), date(2026, 4, 30)
NOT_CALCULATED = "not-calculated"  # openpyxl keeps no stored values: one note a file that it saved


def sheet_of(book: openpyxl.Workbook, name: str) -> Worksheet:
    """A sheet of a workbook."""
    page = book[name]
    assert isinstance(page, Worksheet)
    return page


def write(page: Worksheet, row: int, column: int, content: Content) -> None:
    """Type into a cell; None empties it."""
    cell = page.cell(row, column)
    assert isinstance(cell, Cell)
    cell.value = content


class Office:
    """The sample's office; `put` and `edit` change a workbook, `result` is what a run finds."""

    def __init__(self, filled: dict[str, bytes], mapping: Mapping, catalogue: Catalogue) -> None:
        self.mapping, self.catalogue = mapping, catalogue
        self._files = {self.name(unit): data for unit, data in filled.items()}
        self._waiting: dict[str, list[tuple[str, Edit]]] = {}

    @property
    def files(self) -> dict[str, bytes]:
        """Every file as it stands; what was typed since the last look is saved first, once a workbook."""
        for name, edits in self._waiting.items():
            book = openpyxl.load_workbook(io.BytesIO(self._files[name]))
            for sheet, change in edits:
                change(sheet_of(book, sheet))
            target = io.BytesIO()
            book.save(target)
            self._files[name] = target.getvalue()
        self._waiting = {}
        return self._files

    def copy(self) -> Office:
        """The office as it stands, to be changed by itself."""
        other = Office({}, self.mapping, self.catalogue)
        other.files.update(self.files)
        return other

    def name(self, unit: str) -> str:
        """The file of a unit."""
        return f"收到/{self.mapping.unit_by_code[unit].name}.xlsx"

    def edit(self, unit: str, sheet: str, change: Edit) -> None:
        """Change a sheet of the unit's workbook."""
        self._waiting.setdefault(self.name(unit), []).append((sheet, change))

    def put(self, unit: str, sheet: str, row: str, column: str, content: Content) -> None:
        """Type something into a cell, found by its keys."""

        def change(page: Worksheet) -> None:
            number, letter = keyed_cells(page)[row, column]
            write(page, number, letter, content)

        self.edit(unit, sheet, change)

    def result(self, *, as_of: date = BEFORE, deadline: date = DEADLINE, partial: bool = False) -> Result:
        """What a run over all files finds."""
        return _run(tuple(self.files.items()), self.mapping, Setting(as_of, deadline, partial))

    def findings(self) -> list[Finding]:
        """The findings of a run, without the notes that files saved by openpyxl have no stored values."""
        return [finding for finding in self.result().findings if finding.code != NOT_CALCULATED]

    def codes(self) -> list[str]:
        """Their codes."""
        return [finding.code for finding in self.findings()]


@lru_cache(maxsize=8)
def small_mapping(mapping: Mapping, units: tuple[str, ...]) -> Mapping:
    """The mapping of a department that has these units alone; the check that adds up all of its sections is left out."""
    return replace(
        mapping,
        units=tuple(unit for unit in mapping.units if unit.code in units),
        indicators=tuple(indicator for indicator in mapping.indicators if indicator.unit in units),
        projects=tuple(project for project in mapping.projects if project.unit in units),
        checks=tuple(check for check in mapping.checks if check.scope != "tree"),
    )


def office_of(filled: dict[str, bytes], mapping: Mapping, *units: str) -> Office:
    """The sample's office with some of its units and no others: nobody is missing, and nothing is found."""
    small = small_mapping(mapping, units)
    return Office({unit: filled[unit] for unit in units}, small, small.catalogue)


@lru_cache(maxsize=24)
def _run(files: tuple[tuple[str, bytes], ...], mapping: Mapping, setting: Setting) -> Result:
    """The stages are pure and a result is frozen: the same files are looked at once, however many tests ask."""
    catalogue = mapping.catalogue
    batch, reading = read(dict(files), mapping, catalogue)
    batch, validating = validate(batch, mapping, catalogue)
    units, projects = score(batch, mapping)
    batch, reconciling = reconcile(batch, mapping, catalogue)
    findings = [*reading, *validating, *reconciling]
    findings += compare(batch, units, findings, setting, mapping, catalogue)
    return aggregate(batch, units, projects, findings, setting, mapping)
