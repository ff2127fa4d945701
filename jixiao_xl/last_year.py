"""Last year (上年): what a new workspace takes over from an earlier one: the office's own mapping, settings and figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from jixiao_xl.files.resources import read_folder
from jixiao_xl.files.safe import write_atomically
from jixiao_xl.model import texts_mail
from jixiao_xl.model.batch import Batch
from jixiao_xl.model.csv_files import csv_data, csv_rows, decoded
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.mapping import Mapping, Prior, Project
from jixiao_xl.model.mapping.base import day_of
from jixiao_xl.model.mapping_files import MATERIALS, PRIOR, parse_mapping
from jixiao_xl.model.money import plain
from jixiao_xl.model.results import Result, UnitStatus
from jixiao_xl.model.settings import SETTINGS_FILE, Settings, parse_settings
from jixiao_xl.pipeline import opened
from jixiao_xl.saving_report import Progress
from jixiao_xl.stages.prior import SectionProject, new_projects, prior_figures, section_projects
from jixiao_xl.workspace import MAPPING_SUFFIXES, Workspace, open_workspace, package_mappings, package_years

_PROJECTS: Final = "projects.csv"
_PRIOR_HEADER: Final = ("unit", "table", "row", "column", "value", "source")
_TABLE_HEAD: Final = re.compile(r"^\s*\[", re.MULTILINE)
_LINES: Final = {
    "department": re.compile(r"""^([ \t]*department[ \t]*=[ \t]*)(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*')""", re.MULTILINE),
    "year": re.compile(r"^([ \t]*year[ \t]*=[ \t]*)\d+", re.MULTILINE),
    "deadline": re.compile(r"^([ \t]*deadline[ \t]*=[ \t]*)\d{4}-\d{2}-\d{2}", re.MULTILINE),
}


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What is taken over.

    Attributes:
        files: the files of the new workspace that take the place of the package's, by path relative to it, with `/`.
        figures: last year's figures, as prior.csv has them; 元.
        projects: the projects that sections added last year.
        remarks: what the operator is to know, sentence by sentence.
    """

    files: dict[str, bytes]
    figures: tuple[Prior, ...]
    projects: tuple[Project, ...]
    remarks: tuple[str, ...]


def carried_from(last: Path, year: int, *, department: str, progress: Progress) -> CarriedOver:
    """What the workspace of `year` takes over from the earlier one at `last`; nothing is written into the new one.

    Last year's workbooks are read as `consolidate` reads them: newest versions, corrections by telephone applied.

    Raises:
        JixiaoError: it is no workspace of an earlier year, or it cannot be read, or its own mapping is wrong.
    """
    before = open_workspace(last).settings.year
    if before >= year:
        raise JixiaoError(texts_mail.LAST_NOT_EARLIER.format(path=last, last=before, year=year))
    with opened(last, progress=progress) as office:
        result, workspace, known = office.result(), office.workspace, office.mapping
    own = _own_files(workspace, year)
    mapping = _mapping(own, year, department)
    in_workbooks = section_projects(result.batch, known)
    added = new_projects(in_workbooks, mapping.projects)
    if added:
        own[_PROJECTS] = _with_rows(own.get(_PROJECTS) or _package_files()[_PROJECTS], added)
        mapping = replace(mapping, projects=(*mapping.projects, *added))
    figures = _figures(result.batch, in_workbooks, mapping, before)
    if figures:
        own[PRIOR] = csv_data(_PRIOR_HEADER, map(_prior_row, figures))
    if added or figures:
        _mapping(own, year, department)  # what is written must be a mapping that can be read
    files = {f"mappings/{year}/{name}": data for name, data in own.items()}
    files |= _settings_files(workspace, department, year)
    remarks = [
        *_about_figures(result, figures, workspace, year),
        *_about_projects(added, in_workbooks, known),
        *_about_files(own, workspace, files, year),
    ]
    return CarriedOver(files, tuple(figures), tuple(added), tuple(remarks))


def write_carried(carried: CarriedOver, path: Path) -> None:
    """Write what was taken over into the new workspace, over the package's files.

    Raises:
        OSError: the folder cannot be written to.
    """
    for name, data in carried.files.items():
        write_atomically(path / name, data)


# -- the mapping -----------------------------------------------------------------------------------------------


def _package_files(year: int | None = None) -> dict[str, bytes]:
    """The package's mapping of a year, or of its newest where it has none of that year."""
    years = package_years()
    return read_folder(package_mappings() / str(year if year in years else years[0]), MAPPING_SUFFIXES)


def _own_files(workspace: Workspace, year: int) -> dict[str, bytes]:
    """What the office has of its own beside its mapping; a YAML file that it left as it came is the package's affair.

    Dates of the list of materials move on with the year.
    """
    before = workspace.settings.year
    folder = workspace.path / "mappings" / str(before)
    if not folder.is_dir():
        return {}
    given = _package_files(before)
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(("~$", ".")))
    own = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    own.pop(PRIOR, None)
    own = {name: data for name, data in own.items() if not (name.endswith(".yaml") and given.get(name) == data)}
    if MATERIALS in own:
        own[MATERIALS] = _moved_on(own[MATERIALS], year - before)
    return own


def _moved_on(data: bytes, years: int) -> bytes:
    rows = csv_rows(decoded(data) or "")
    if not any(row.get("due") for row in rows):
        return data
    for row in rows:
        day = day_of(row.get("due", "").strip())
        if isinstance(day, date):
            row["due"] = later(day, years).isoformat()
    return csv_data(list(rows[0]), rows)


def later(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _mapping(own: dict[str, bytes], year: int, department: str) -> Mapping:
    """The new year's mapping as it will be.

    Raises:
        MappingError: the office's own files and the package's do not go together.
    """
    given = _package_files()
    files = {name: data for name, data in {**given, **own}.items() if name.endswith(MAPPING_SUFFIXES)}
    wording = {name: data for name, data in given.items() if name.endswith(".yaml")}
    return parse_mapping(files, year=year, department=department, wording=wording)


def _with_rows(data: bytes, projects: Iterable[Project]) -> bytes:
    rows = csv_rows(decoded(data) or "")
    header = list(rows[0]) if rows else list(Project.model_fields)
    for project in projects:
        share = "" if project.share is None else plain(project.share)
        rows.append({"unit": project.unit, "code": project.code, "name": project.name, "share": share})
    return csv_data(header, rows)


def _figures(batch: Batch, projects: Sequence[SectionProject], mapping: Mapping, before: int) -> list[Prior]:
    return prior_figures(batch, projects, mapping, before) if before == mapping.year - 1 else []


def _prior_row(prior: Prior) -> dict[str, str]:
    return {name: str(value) for name, value in prior.model_dump().items()} | {"value": plain(prior.value)}


# -- the settings ----------------------------------------------------------------------------------------------


def _settings_files(workspace: Workspace, department: str, year: int) -> dict[str, bytes]:
    """jixiao.toml with the year moved on, its comments and [mail] as they are, and the office's certificate."""
    text = (workspace.path / SETTINGS_FILE).read_bytes().decode("utf-8-sig")
    old = workspace.settings
    deadline = later(old.deadline, year - old.year) if old.deadline else None
    head = _TABLE_HEAD.search(text)
    end = head.start() if head else len(text)
    top = text[:end]
    quoted = department.replace("\\", "\\\\").replace('"', '\\"')
    for name, value in (("department", f'"{quoted}"'), ("year", str(year)), ("deadline", f"{deadline}")):
        top = _LINES[name].sub(lambda match, value=value: match[1] + value, top, count=1)
    data = (top + text[end:]).encode()
    wanted = old.model_copy(update={"department": department, "year": year, "deadline": deadline})
    if parse_settings(data) != wanted:
        raise JixiaoError(texts_mail.LAST_SETTINGS.format(path=workspace.path / SETTINGS_FILE))
    certificates = {name: workspace.path / name for name in _certificates(old)}
    return {SETTINGS_FILE: data} | {name: path.read_bytes() for name, path in certificates.items() if path.is_file()}


def _certificates(settings: Settings) -> Iterator[str]:
    """The certificates that are named by a path below the workspace."""
    servers = [settings.mail.smtp, settings.mail.imap] if settings.mail else []
    for name in (server.ca_file for server in servers if server is not None and server.ca_file):
        if not Path(name).is_absolute() and ".." not in Path(name).parts:
            yield Path(name).as_posix()


# -- what the operator is told ---------------------------------------------------------------------------------


def _about_figures(result: Result, figures: list[Prior], workspace: Workspace, year: int) -> Iterator[str]:
    before = workspace.settings.year
    if before != year - 1:
        yield texts_mail.LAST_TOO_EARLY.format(last=before, before=year - 1)
        return
    yield texts_mail.LAST_FIGURES.format(path=workspace.path, count=len(figures), year=year)
    without = [org.name for org in result.orgs if org.status in (UnitStatus.MISSING, UnitStatus.REFUSED)]
    if without:
        yield texts_mail.LAST_WITHOUT.format(units=texts_mail.PRIOR_AND.join(without))
    wrong = [org.name for org in result.orgs if org.status is UnitStatus.TO_FIX]
    if wrong:
        yield texts_mail.LAST_TO_FIX.format(units=texts_mail.PRIOR_AND.join(wrong))


def _about_projects(added: list[Project], in_workbooks: list[SectionProject], known: Mapping) -> Iterator[str]:
    if added:
        names = texts_mail.PRIOR_AND.join(f"{project.code} {project.name}" for project in added)
        yield texts_mail.LAST_PROJECTS.format(projects=names)
    nameless = [project for project in in_workbooks if not project.code or not project.name]
    if nameless:
        names = (f"{known.unit_by_code[one.unit].name} {one.name or one.code}" for one in nameless)
        yield texts_mail.LAST_NO_CODE.format(projects=texts_mail.PRIOR_AND.join(names))


def _about_files(own: dict[str, bytes], workspace: Workspace, files: dict[str, bytes], year: int) -> Iterator[str]:
    changed = [name for name in own if not name.endswith(".csv")]
    if changed:
        yield texts_mail.LAST_OWN_FILES.format(files=texts_mail.PRIOR_AND.join(changed), year=year)
    for name in _certificates(workspace.settings):
        if name not in files:
            yield texts_mail.LAST_NO_CERTIFICATE.format(path=name)
    yield texts_mail.LAST_LOOK_AGAIN.format(year=year)
