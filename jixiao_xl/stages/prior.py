"""Prior (上年数): what the workbooks of a year become in those of the next, and the projects that sections added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from jixiao_xl.model import texts_mail
from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.form_builder import build_form
from jixiao_xl.model.mapping import Mapping, Prior, Project
from jixiao_xl.model.mapping.tables import as_compared
from jixiao_xl.model.money import is_blank, with_fen
from jixiao_xl.model.places import CellKey

_ACTUAL, _PRIOR, _CODE, _NAME, _SHARE = "actual", "prior", "project_code", "project_name", "share"
_FIXED: Final[Literal["finance"]] = "finance"
_LIST: Final[Literal["projects"]] = "projects"


@dataclass(frozen=True, slots=True)
class SectionProject:
    """A project as a section's workbook of last year has it; the rows of one code are one project.

    Attributes:
        unit: the section's code.
        code: as it is known beforehand, else as it was typed; empty where there is none.
        name: its name.
        share: % that the section carries, or None.
        actual: 元 carried out, or None.
        cells: the cells that `actual` comes from.
    """

    unit: str
    code: str
    name: str
    share: Decimal | None
    actual: Decimal | None
    cells: tuple[CellKey, ...]


def section_projects(batch: Batch, mapping: Mapping) -> list[SectionProject]:
    """Every project of every section's workbook, in their order; `mapping` is that of the workbooks' year."""
    return [project for submission in batch.submissions for project in _of_section(submission, mapping)]


def _of_section(submission: Submission, mapping: Mapping) -> Iterator[SectionProject]:
    if _LIST not in submission.layout.table_sheets:
        return
    known = {as_compared(project.code): project.code for project in mapping.projects_of(submission.unit)}
    sheet = submission.layout.table_sheets[_LIST]
    groups: dict[str, list[str]] = {}
    for row in submission.workings.rows(_LIST):
        code, name = (submission.inputs.get(CellKey(sheet, row, column)) for column in (_CODE, _NAME))
        if not (is_blank(code) and is_blank(name)):
            groups.setdefault(as_compared(code) or row, []).append(row)
    for group, rows in groups.items():
        first = {column: submission.inputs.get(CellKey(sheet, rows[0], column)) for column in (_CODE, _NAME, _SHARE)}
        cells = tuple(CellKey(sheet, row, _ACTUAL) for row in rows)
        values = {key: submission.workings.value(key) for key in cells}
        numbers = [value for value in values.values() if isinstance(value, Decimal)]
        share = first[_SHARE]
        yield SectionProject(
            unit=submission.unit,
            code=known.get(group, str(first[_CODE] or "").strip()),
            name=str(first[_NAME] or "").strip(),
            share=share if isinstance(share, Decimal) else None,
            actual=sum(numbers, Decimal(0)) if numbers else None,
            cells=tuple(key for key, value in values.items() if isinstance(value, Decimal)),
        )


def new_projects(projects: Iterable[SectionProject], known: Iterable[Project]) -> list[Project]:
    """The projects that sections added, with a code and a name, to be known beforehand from now on."""
    seen = {(project.unit, as_compared(project.code)) for project in known}
    added: list[Project] = []
    for project in projects:
        if project.code and project.name and (project.unit, as_compared(project.code)) not in seen:
            added.append(Project(unit=project.unit, code=project.code, name=project.name, share=project.share))
    return added


def prior_figures(batch: Batch, projects: Iterable[SectionProject], mapping: Mapping, year: int) -> list[Prior]:
    """Last year's 决算数 and 执行数 for the inputs of this year's workbooks.

    Args:
        batch: last year's workbooks, as they count.
        projects: their projects.
        mapping: this year's mapping, which knows all of these projects.
        year: last year.
    """
    figures = [prior for submission in batch.submissions for prior in _fixed(submission, mapping, year)]
    for project in projects:
        submission = batch.of(project.unit)
        codes = {known.code for known in mapping.projects_of(project.unit)}
        if submission is not None and project.actual is not None and project.code in codes:
            source = _source(submission, project.cells, year)
            figures.append(_figure(project.unit, _LIST, project.code, project.actual, source))
    return figures


def _fixed(submission: Submission, mapping: Mapping, year: int) -> Iterator[Prior]:
    """The inputs of a table of fixed rows whose figure of last year is known."""
    form = build_form(mapping, submission.unit)
    if _FIXED not in form.tables or _FIXED not in submission.layout.table_sheets:
        return
    sheet = submission.layout.table_sheets[_FIXED]
    for row in form.tables[_FIXED][1].data_rows:
        key = CellKey(sheet, row.key or "", _ACTUAL)
        is_input = any(cell.is_input for cell in row.cells if cell.key.column == _PRIOR)
        value = submission.workings.value(key) if is_input and submission.layout.has(key) else None
        if isinstance(value, Decimal):
            yield _figure(submission.unit, _FIXED, key.row, value, _source(submission, (key,), year))


def _figure(unit: str, table: Literal["finance", "projects"], row: str, value: Decimal, source: str) -> Prior:
    return Prior(unit=unit, table=table, row=row, column="prior", value=with_fen(value), source=source)


def _source(submission: Submission, keys: Iterable[CellKey], year: int) -> str:
    """Where the office has it: of a figure corrected by telephone, the line that says so."""
    sources = [submission.source(key) for key in keys]
    cells = [texts_mail.PRIOR_CELL.format(file=s.file, sheet=s.sheet, cell=s.cell) for s in sources]
    return texts_mail.PRIOR_SOURCE.format(year=year, cells=texts_mail.PRIOR_AND.join(cells))
