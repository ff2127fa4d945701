"""The order of the stages (流程): read this first. Everything that is saved is saved here.

read → validate → score → aggregate → summarise, report: each takes values and returns values; this module opens the
workspace before them and writes their bytes after them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jixiao_xl import __version__
from jixiao_xl.files.log import run_log
from jixiao_xl.files.resources import resource_root
from jixiao_xl.files.safe import sweep_orphans, workspace_lock, write_atomically
from jixiao_xl.model import texts
from jixiao_xl.model.batch import Batch
from jixiao_xl.model.documents import (
    CheckDocument,
    CheckedFile,
    ConsolidateDocument,
    OutputsDocument,
    consolidate_document,
    finding_document,
)
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.findings import Finding, Severity, in_order
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import Result
from jixiao_xl.model.settings import SETTINGS_FILE, settings_text
from jixiao_xl.stages.aggregate import Setting, aggregate
from jixiao_xl.stages.issue import issue as issue_workbook
from jixiao_xl.stages.read import read, year_of
from jixiao_xl.stages.report import report
from jixiao_xl.stages.score import score
from jixiao_xl.stages.summarise import summarise
from jixiao_xl.stages.validate import validate
from jixiao_xl.workspace import (
    GLOSSARY,
    ISSUED,
    LOGS,
    RECEIVED,
    RESULTS,
    Workspace,
    catalogue_of,
    load_mapping,
    open_workspace,
    package_mappings,
    package_years,
    workspace_of,
)

Progress = Callable[[str], None]
DEMO_SAMPLE = "革新街道办事处2025"
RECORD = "运行记录.json"
RUN_LOG = "运行.log"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run has to show."""

    document: ConsolidateDocument
    department: str
    folder: Path

    @property
    def exit_code(self) -> int:
        """1 where something must be fixed, else 0."""
        return int(any(finding.severity == "must_fix" for finding in self.document.findings))


# -- the main job ----------------------------------------------------------------------------------------------


def consolidate(
    path: Path,
    *,
    out: Path | None = None,
    inputs: Path | None = None,
    partial: bool = False,
    as_of: date | None = None,
    progress: Progress,
) -> Outcome:
    """Read, validate, score and aggregate what a workspace has received; write the summary, the report, the record.

    Raises:
        JixiaoError: the run could not be made; nothing was written.
    """
    workspace = open_workspace(path)
    mapping = workspace.mapping()
    setting = Setting(as_of or date.today(), workspace.settings.deadline, partial)
    folder = out or workspace.path / RESULTS
    with workspace_lock(workspace.path), run_log(workspace.path / LOGS, RUN_LOG) as log:

        def step(sentence: str) -> None:
            progress(sentence)
            log.info(sentence)

        files = _files(inputs or workspace.path / RECEIVED, workspace)
        result = _result(files, mapping, setting, step)
        step(texts.PROGRESS_WRITE)
        outputs = _save(result, mapping, setting, folder, workspace)
        step(texts.PROGRESS_DONE.format(score=result.department.total, findings=len(result.findings)))
    document = consolidate_document(result, mapping.root.code, mapping.year, outputs)
    return Outcome(document, mapping.department, folder)


def _result(files: dict[str, bytes], mapping: Mapping, setting: Setting, step: Progress) -> Result:
    """The stages in their order."""
    catalogue = catalogue_of(mapping)
    step(texts.PROGRESS_READ.format(count=len(files)))
    batch, found_reading = read(files, mapping, catalogue)
    step(texts.PROGRESS_VALIDATE)
    batch, found_validating = validate(batch, mapping, catalogue)
    step(texts.PROGRESS_SCORE)
    units, projects = score(batch, mapping)
    return aggregate(batch, units, projects, [*found_reading, *found_validating], setting, mapping, catalogue)


def _save(result: Result, mapping: Mapping, setting: Setting, folder: Path, workspace: Workspace) -> OutputsDocument:
    """Write what the run has to show; gives the paths that were really written."""
    sweep_orphans(folder)
    name, data = summarise(result, mapping)
    summary = write_atomically(folder / name, data)
    written = _write_report(folder, *report(result, mapping))
    record = write_atomically(folder / RECORD, _record(result.batch, mapping, setting, [summary, written]))
    return OutputsDocument(
        summary=workspace.relative(summary),
        report=workspace.relative(written),
        appendix=None,
        returned=[],
        record=workspace.relative(record),
    )


def _files(folder: Path, workspace: Workspace) -> dict[str, bytes]:
    """Every file below a folder, by its path relative to the workspace."""
    if not folder.is_dir():
        raise JixiaoError(texts.NO_SUCH_PATH.format(path=folder))
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {workspace.relative(path): path.read_bytes() for path in paths}


def _write_report(folder: Path, name: str, data: bytes) -> Path:
    """The report; one that a person has edited stays, and the new one is written beside it."""
    path = folder / name
    record = folder / RECORD
    if path.is_file():
        known = json.loads(record.read_bytes())["outputs"] if record.is_file() else {}
        if known.get(name) != hashlib.sha256(path.read_bytes()).hexdigest():
            path = path.with_stem(f"{path.stem}_新")
    return write_atomically(path, data)


def _record(batch: Batch, mapping: Mapping, setting: Setting, outputs: list[Path]) -> bytes:
    """What a later reader needs to get the same result again (运行记录)."""
    content = {
        "schema": 1,
        "tool": __version__,
        "template_version": mapping.forms.template_version,
        "year": mapping.year,
        "as_of": setting.as_of.isoformat(),
        "partial": setting.partial,
        "mappings": mapping.versions,
        "inputs": batch.inputs,
        "decisions": [],
        "outputs": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in outputs},
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


# -- the other verbs -------------------------------------------------------------------------------------------


def init(path: Path, *, department: str, year: int) -> None:
    """A new workspace with its own copy of the newest mapping.

    Raises:
        JixiaoError: the folder is not empty.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise JixiaoError(texts.FOLDER_NOT_EMPTY.format(path=path))
    for folder in (ISSUED, RECEIVED, RESULTS, LOGS):
        (path / folder).mkdir(parents=True)
    source = package_mappings()
    shutil.copytree(source / str(package_years()[0]), path / "mappings" / str(year))
    shutil.copyfile(source / GLOSSARY, path / "mappings" / GLOSSARY)
    write_atomically(path / SETTINGS_FILE, settings_text(department, year).encode())


def issue(path: Path, *, unit: str | None) -> list[Path]:
    """One prefilled workbook a unit in 发出/.

    Raises:
        JixiaoError: not a workspace, a wrong mapping, or an unknown unit.
    """
    workspace = open_workspace(path)
    mapping = workspace.mapping()
    codes = [known.code for known in mapping.units]
    if unit is not None and unit not in codes:
        raise JixiaoError(texts.NO_UNIT.format(unit=unit, units="、".join(codes)))
    with workspace_lock(workspace.path):
        made = [issue_workbook(mapping, code) for code in codes if unit in (None, code)]
        return [write_atomically(workspace.path / ISSUED / name, data) for name, data in made]


def demo(path: Path, *, progress: Progress) -> Outcome:
    """The sample's workspace at `path`, consolidated; an existing copy is consolidated again.

    Raises:
        JixiaoError: the folder holds something else.
    """
    sample = resource_root() / "samples" / DEMO_SAMPLE / "in"
    settings = sample / SETTINGS_FILE
    if not (path / SETTINGS_FILE).is_file() or open_workspace(path).settings != open_workspace(sample).settings:
        sample_settings = open_workspace(sample).settings
        init(path, department=sample_settings.department, year=sample_settings.year)
        shutil.copytree(sample / RECEIVED, path / RECEIVED, dirs_exist_ok=True)
        shutil.copyfile(settings, path / SETTINGS_FILE)
    return consolidate(path, progress=progress)


def check(paths: list[Path]) -> CheckDocument:
    """Validate workbooks one by one; the mapping is the workspace's, else the package's for the year they name.

    Raises:
        JixiaoError: a path does not exist, or there is no mapping for a year.
    """
    files: list[CheckedFile] = []
    findings: list[Finding] = []
    for path in _workbooks(paths):
        data = path.read_bytes()
        workspace = workspace_of(path)
        name = workspace.relative(path) if workspace else path.as_posix()
        mapping = workspace.mapping() if workspace else _package_mapping(year_of(data))
        catalogue = catalogue_of(mapping)
        batch, found = read({name: data}, mapping, catalogue)
        _, more = validate(batch, mapping, catalogue)
        every = [*found, *more]
        files.append(_checked(name, batch, every))
        findings.extend(every)
    return CheckDocument(files=files, findings=[finding_document(finding) for finding in in_order(findings)])


def _workbooks(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise JixiaoError(texts.NO_SUCH_PATH.format(path=path))
        found.extend(sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path])
    return found


def _package_mapping(year: int | None) -> Mapping:
    years = package_years()
    chosen = year if year in years else years[0]
    return load_mapping(package_mappings() / str(chosen), chosen)


def _checked(name: str, batch: Batch, findings: list[Finding]) -> CheckedFile:
    counts = {severity: sum(f.severity is severity for f in findings) for severity in Severity}
    unit = (
        batch.submissions[0].unit if batch.submissions else next((f.place.unit for f in findings if f.place.unit), None)
    )
    if not batch.submissions:
        status = "refused"
    else:
        status = "to_fix" if counts[Severity.MUST_FIX] else "to_explain" if counts[Severity.EXPLAIN] else "accepted"
    return CheckedFile(
        file=name,
        unit=unit,
        status=status,
        must_fix=counts[Severity.MUST_FIX],
        explain=counts[Severity.EXPLAIN],
        note=counts[Severity.NOTE],
    )
