"""Appendix (附表): the self-evaluation forms of the department and of every project, in 万元.

Our own workbook in the layout that bureaus commonly print, or the bureau's own form filled in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from jixiao_xl.files.author import AuthoredSheet, author_workbook
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import Result
from jixiao_xl.stages.appendix.drawing import DEPARTMENT, PROJECT, draw
from jixiao_xl.stages.appendix.gather import department_content, project_contents
from jixiao_xl.stages.appendix.names import sheet_names

__all__ = ["appendix"]


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
