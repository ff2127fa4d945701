"""The other verbs (其余命令): a new workspace, blank workbooks, the sample, a check of single files, what goes back."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from jixiao_xl.files.ledger import open_ledger
from jixiao_xl.files.resources import resource_root
from jixiao_xl.files.safe import workspace_lock, write_atomically
from jixiao_xl.last_year import carried_from, write_carried
from jixiao_xl.model import texts
from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.documents import CheckDocument, CheckedFile, finding_document
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.findings import Catalogue, Finding, Severity, Status, in_order
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import Org, Result, UnitStatus
from jixiao_xl.model.settings import SETTINGS_FILE, settings_text
from jixiao_xl.pipeline import Outcome, consolidate, tie_breaker
from jixiao_xl.saving_report import Progress
from jixiao_xl.stages.fresh import fresh as fresh_workbook
from jixiao_xl.stages.fresh import not_carried_list
from jixiao_xl.stages.issue import issue as issue_workbook
from jixiao_xl.stages.read import read, year_of
from jixiao_xl.stages.reconcile import reconcile
from jixiao_xl.stages.validate import validate
from jixiao_xl.stages.write_back import write_back
from jixiao_xl.workspace import (
    GLOSSARY,
    ISSUED,
    LOGS,
    RECEIVED,
    RESULTS,
    RETURNED,
    Workspace,
    load_mapping,
    open_workspace,
    package_mappings,
    package_years,
    workspace_of,
)

DEMO_SAMPLE = "革新街道办事处2025"


def init(
    path: Path, *, department: str, year: int, last: Path | None = None, progress: Progress = lambda _: None
) -> tuple[str, ...]:
    """A new workspace with its own copy of the newest mapping, or with what last year's one has of its own.

    Gives what the operator should know of what was taken over, sentence by sentence.

    Raises:
        JixiaoError: the folder is not empty, or `last` is no workspace of an earlier year.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise JixiaoError(texts.FOLDER_NOT_EMPTY.format(path=path))
    carried = carried_from(last, year, department=department, progress=progress) if last else None
    for folder in (ISSUED, RECEIVED, RESULTS, LOGS):
        (path / folder).mkdir(parents=True)
    source = package_mappings()
    shutil.copytree(source / str(package_years()[0]), path / "mappings" / str(year))
    shutil.copyfile(source / GLOSSARY, path / "mappings" / GLOSSARY)
    write_atomically(path / SETTINGS_FILE, settings_text(department, year).encode())
    if carried is None:
        return ()
    write_carried(carried, path)
    return carried.remarks


def issue(path: Path, *, unit: str | None, as_of: date | None = None) -> dict[str, Path]:
    """One prefilled workbook a unit in 发出/, each entered in the register; gives where each unit's really stands.

    Raises:
        JixiaoError: not a workspace, a wrong mapping, or an unknown unit.
    """
    workspace = open_workspace(path)
    mapping = workspace.mapping()
    refuse_unknown(unit, mapping)
    chosen = [known.code for known in mapping.units if unit in (None, known.code)]
    with workspace_lock(workspace.path), open_ledger(path) as ledger:
        made = {code: issue_workbook(mapping, code) for code in chosen}
        written = {code: write_atomically(workspace.path / ISSUED / name, data) for code, (name, data) in made.items()}
        with ledger.together():
            for code, file in written.items():
                ledger.log(as_of or date.today(), "issue", code, workspace.relative(file))
    return written


def refuse_unknown(unit: str | None, mapping: Mapping) -> None:
    """Refuse a unit that units.csv does not have.

    Raises:
        JixiaoError: there is none; says which there are.
    """
    codes = [known.code for known in mapping.units]
    if unit is not None and unit not in codes:
        raise JixiaoError(texts.NO_UNIT.format(unit=unit, units="、".join(codes)))


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
        mapping = workspace.mapping() if workspace else newest_mapping(year_of(data))
        batch, every = _looked_at({name: data}, mapping, mapping.catalogue)
        files.append(_checked(name, batch, every))
        findings.extend(every)
    return CheckDocument(files=files, findings=[finding_document(finding) for finding in in_order(findings)])


def _looked_at(files: dict[str, bytes], mapping: Mapping, catalogue: Catalogue) -> tuple[Batch, list[Finding]]:
    """Every stage that a single workbook goes through."""
    batch, reading = read(files, mapping, catalogue)
    batch, validating = validate(batch, mapping, catalogue)
    batch, reconciling = reconcile(batch, mapping, catalogue, tie_breaker())
    return batch, [*reading, *validating, *reconciling]


def _workbooks(paths: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise JixiaoError(texts.NO_SUCH_PATH.format(path=path))
        found.extend(sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path])
    return found


def newest_mapping(year: int | None = None) -> Mapping:
    """The package's mapping of a year, or of the newest year that it has one for."""
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


# -- what goes back ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GoesBack:
    """One workbook that goes back to its unit.

    Attributes:
        code: the unit's code.
        unit: the unit's name.
        status: where it stands.
        file: the annotated workbook, relative to the workspace, or None where none could be made.
        fresh: the clean workbook with its inputs, or None.
        left_behind: the list of what could not be carried, or None.
        count: how many things that are.
    """

    code: str
    unit: str
    status: UnitStatus
    file: str | None
    fresh: str | None = None
    left_behind: str | None = None
    count: int = 0


def give_back(
    path: Path, *, unit: str | None, fresh: bool, as_of: date | None, progress: Progress
) -> tuple[Outcome, list[GoesBack]]:
    """The main job, and the workbooks that their units must fix or explain; with `fresh`, damaged ones in clean form.

    Raises:
        JixiaoError: the run could not be made, or an unknown unit.
    """
    workspace = open_workspace(path)
    mapping = workspace.mapping()
    refuse_unknown(unit, mapping)
    outcome = consolidate(path, as_of=as_of, progress=progress)
    back: list[GoesBack] = []
    with workspace_lock(workspace.path):
        for org in outcome.result.orgs:
            submission = outcome.result.batch.of(org.code)
            if submission is None or unit not in (None, org.code):
                continue
            one = GoesBack(org.code, org.name, org.status, outcome.returned.get(org.code))
            if not fresh and (unit is not None or has_to_act(org, outcome.result.findings)):
                back.append(one)
            elif fresh and (unit is not None or _is_damaged(outcome.result, org.code)):
                back.append(_in_clean_form(one, submission, workspace, mapping))
    return outcome, back


def has_to_act(org: Org, findings: Iterable[Finding]) -> bool:
    """Whether it is the unit's turn: what it has explained waits for the office."""
    if org.status is not UnitStatus.TO_EXPLAIN:
        return org.status in (UnitStatus.MISSING, UnitStatus.REFUSED, UnitStatus.TO_FIX)
    own = [f for f in findings if f.place.unit == org.code and f.severity is Severity.EXPLAIN]
    return any(finding.status in (Status.OPEN, Status.REJECTED) for finding in own)


# findings that a section cannot mend by typing: it needs a clean workbook
_DAMAGE = {
    "validation-damaged", "formula-error", "formula-overwritten", "formula-changed", "sheet-missing", "row-missing",
    "row-duplicate", "column-missing", "locked-cell-changed", "file-macro",
}  # fmt: skip


def _is_damaged(result: Result, unit: str) -> bool:
    return any(finding.place.unit == unit and finding.code in _DAMAGE for finding in result.findings)


def _in_clean_form(one: GoesBack, submission: Submission, workspace: Workspace, mapping: Mapping) -> GoesBack:
    """The unit's inputs in a clean workbook, with what is still wrong with them, and the list of what stays behind."""
    data, catalogue = (workspace.path / submission.file).read_bytes(), mapping.catalogue
    (as_it_came,) = read({submission.file: data}, mapping, catalogue)[0].submissions  # without corrections by telephone
    clean, missing = fresh_workbook(data, issue_workbook(mapping, submission.unit)[1], as_it_came, mapping)
    batch, findings = _looked_at({submission.file: clean}, mapping, catalogue)
    ((_, name, annotated),) = write_back({submission.file: clean}, batch, findings, mapping)
    folder = workspace.path / RESULTS / RETURNED
    written = write_atomically(folder / f"{Path(name).stem}{texts.FRESH_SUFFIX}.xlsx", annotated or clean)
    list_name, listed = not_carried_list(one.unit, missing, mapping)
    left_behind = write_atomically(folder / list_name, listed)
    paths = (workspace.relative(written), workspace.relative(left_behind))
    return replace(one, fresh=paths[0], left_behind=paths[1], count=len(missing))
