"""Appendix (附表): the self-evaluation forms of the department and of every project, in 万元.

Our own workbook in the layout that bureaus commonly print, or the bureau's own form filled in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as Files
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath

from jixiao_xl.files.author import AuthoredSheet, author_workbook
from jixiao_xl.files.safe import safe_name
from jixiao_xl.model import texts
from jixiao_xl.model.bureau_fields import form_fields
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import Result
from jixiao_xl.stages.appendix.bureau import FormValues, fill_form, read_form
from jixiao_xl.stages.appendix.content import Content, Line
from jixiao_xl.stages.appendix.drawing import DEPARTMENT, PROJECT, draw
from jixiao_xl.stages.appendix.gather import department_content, project_contents
from jixiao_xl.stages.appendix.names import sheet_names

__all__ = ["FormValues", "appendix", "bureau_forms", "fill_form", "form_fields", "read_form"]


def appendix(result: Result, mapping: Mapping) -> tuple[str, bytes] | None:
    """The file name and the bytes of 附表.xlsx: the forms that the bureau does not prescribe; None where it does all.

    The same result and mapping give the same bytes.
    """
    sheets = list(_sheets(result, mapping))
    if not sheets:
        return None
    moment = datetime(mapping.year + 1, 1, 1)  # no clock: the same inputs give the same bytes
    return f"{mapping.text('appendix_file')}.xlsx", author_workbook(sheets, moment=moment)


def _sheets(result: Result, mapping: Mapping) -> Iterator[AuthoredSheet]:
    prescribed = {form.level for form in mapping.bureau_forms}
    title, project_title = mapping.text("appendix_department_title"), mapping.text("appendix_project_title")
    projects = [] if "项目" in prescribed else project_contents(result, mapping)
    wanted = (mapping.text("appendix_project_sheet", number=f"{n:02d}", name=p.name) for n, p in enumerate(projects, 1))
    names = sheet_names([title, *wanted])
    department = next(names)
    if "部门" not in prescribed:
        yield draw(department_content(result, mapping), department, title, DEPARTMENT, mapping)
    for name, content in zip(names, projects, strict=True):
        yield draw(content, name, project_title, PROJECT, mapping)


def bureau_forms(result: Result, mapping: Mapping, forms: Files[str, bytes]) -> list[tuple[str, bytes]]:
    """The bureau's forms filled in, by file name: one for the department, one a project; `forms` are the empty ones.

    Raises:
        JixiaoError: an empty form is missing, or one cannot be filled; says where and what to do. Nothing is half done.
    """
    contents = {"部门": [department_content(result, mapping)], "项目": project_contents(result, mapping)}
    made: list[tuple[str, bytes]] = []
    for form in mapping.bureau_forms:
        if form.file not in forms:
            raise JixiaoError(texts.BUREAU_FILE_ERROR.format(file=form.file, reason=texts.BUREAU_FILE_MISSING))
        kinds = form_fields(mapping.appendix, form.level)
        members = contents[form.level]
        names = [form.file] if form.level == "部门" else _file_names(form.file, members)
        for name, content in zip(names, members, strict=True):
            shows_unit = form.indicators is not None and "unit_name" in form.indicators.columns
            lines = content.lines if shows_unit else _naming_their_units(content.lines, mapping)
            values = FormValues(content.fields, tuple(line.fields for line in lines))
            made.append((name, fill_form(form, forms[form.file], values, kinds)))
    return made


def _naming_their_units(lines: tuple[Line, ...], mapping: Mapping) -> tuple[Line, ...]:
    """Indicators of one name that several units report, told apart by the unit where the form has no column for it."""
    names = Counter(line.level3 for line in lines)

    def named(line: Line) -> Line:
        if names[line.level3] < 2 or not line.unit_name:
            return line
        words = {"name": line.level3, "unit": line.unit_name}
        return replace(line, level3=mapping.text("appendix_named_unit", **words))

    return tuple(named(line) for line in lines)


def _file_names(file: str, contents: list[Content]) -> list[str]:
    """A name for each project; with its section where several carry it, with its number where that is not enough."""
    path, projects = PurePath(file), Counter(content.name for content in contents)
    names: list[str] = []
    for number, content in enumerate(contents, start=1):
        section = content.words["unit_name"] if projects[content.name] > 1 else None
        stem = "_".join(part for part in (path.stem, content.name, section) if part)
        name = safe_name(f"{stem}{path.suffix}")
        if name.casefold() in (known.casefold() for known in names):
            name = safe_name(f"{number:02d}_{stem}{path.suffix}")
        names.append(name)
    return names
