"""The order of the stages (流程): read this first. Everything that is saved is saved here.

read → validate → score → reconcile → compare → decide → aggregate → write back, summarise, report: each takes values
and returns values; this module opens the workspace before them and writes their bytes after them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jixiao_xl import __version__
from jixiao_xl.files.ledger import Ledger, open_ledger
from jixiao_xl.files.log import run_log
from jixiao_xl.files.recalc import libreoffice_opinion
from jixiao_xl.files.safe import sweep_orphans, workspace_lock, write_atomically
from jixiao_xl.files.tables import save_unless_changed
from jixiao_xl.model import texts
from jixiao_xl.model.documents import ConsolidateDocument, OutputsDocument, consolidate_document
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.findings import Status
from jixiao_xl.model.history import Round
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import Result, UnitStatus
from jixiao_xl.model.review import Correction, CorrectionState, Review
from jixiao_xl.model.setting import Setting
from jixiao_xl.stages.aggregate import aggregate
from jixiao_xl.stages.compare import compare
from jixiao_xl.stages.read import Versions, read
from jixiao_xl.stages.reconcile import Recompute, reconcile
from jixiao_xl.stages.report import report
from jixiao_xl.stages.review import REVIEW_FILE, decide, read_review, review_workbook, with_review_scores
from jixiao_xl.stages.score import score
from jixiao_xl.stages.summarise import summarise
from jixiao_xl.stages.validate import validate
from jixiao_xl.stages.write_back import write_back
from jixiao_xl.workspace import LOGS, RECEIVED, RESULTS, RETURNED, Workspace, catalogue_of, open_workspace

Progress = Callable[[str], None]
RECORD = "运行记录.json"
RUN_LOG = "运行.log"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run has to show."""

    document: ConsolidateDocument
    department: str
    folder: Path
    result: Result
    returned: dict[str, str]  # the annotated workbook of each unit, relative to the workspace

    @property
    def exit_code(self) -> int:
        """1 where something must be fixed, else 0."""
        return int(any(finding.severity == "must_fix" for finding in self.document.findings))


def consolidate(
    path: Path,
    *,
    out: Path | None = None,
    inputs: Path | None = None,
    partial: bool = False,
    as_of: date | None = None,
    progress: Progress,
) -> Outcome:
    """Everything that a workspace has received: checked, scored, reconciled, written back, summed up and reported.

    Raises:
        JixiaoError: the run could not be made; nothing was written.
    """
    workspace = open_workspace(path)
    mapping = workspace.mapping()
    setting = Setting(as_of or date.today(), workspace.settings.deadline, partial)
    folder = out or workspace.path / RESULTS
    with workspace_lock(workspace.path), run_log(workspace.path / LOGS, RUN_LOG) as log, open_ledger(path) as ledger:

        def step(sentence: str) -> None:
            progress(sentence)
            log.info(sentence)

        history = ledger if inputs is None else None  # files from elsewhere are nobody's next version
        files = _files(inputs or workspace.path / RECEIVED, workspace)
        review_data = _bytes_of(workspace.path / REVIEW_FILE)
        review = read_review(review_data, mapping)
        result = _result(files, history.versions() if history else {}, review, mapping, setting, step)
        step(texts.PROGRESS_WRITE)
        sweep_orphans(folder)
        returned = _return(files, result, mapping, folder, workspace, step)
        rounds = _remember(history, result, returned, setting) if history else ()
        outputs = _save(result, rounds, review, returned, mapping, setting, folder, workspace)
        if history:
            _update_review(workspace.path / REVIEW_FILE, review_data, result, review, mapping, step)
        step(texts.PROGRESS_DONE.format(score=result.department.total, findings=len(result.findings)))
    document = consolidate_document(result, mapping.root.code, mapping.year, outputs)
    return Outcome(document, mapping.department, folder, result, returned)


def _result(
    files: dict[str, bytes],
    versions: Versions,
    review: Review,
    mapping: Mapping,
    setting: Setting,
    step: Progress,
) -> Result:
    """The stages in their order."""
    catalogue = catalogue_of(mapping)
    step(texts.PROGRESS_READ.format(count=len(files)))
    batch, found_reading = read(files, mapping, catalogue, versions, review.corrections)
    step(texts.PROGRESS_VALIDATE)
    batch, found_validating = validate(batch, mapping, catalogue)
    step(texts.PROGRESS_SCORE)
    units, projects = score(batch, mapping)
    step(texts.PROGRESS_RECONCILE)
    batch, found_reconciling = reconcile(batch, mapping, catalogue, tie_breaker())
    findings = [*found_reading, *found_validating, *found_reconciling]
    findings += compare(batch, units, findings, setting, mapping, catalogue)
    units = with_review_scores(units, review)
    return aggregate(batch, units, projects, decide(findings, review), setting, mapping)


def tie_breaker() -> Recompute | None:
    """LibreOffice, where it is there: it decides where ironcalc and Python differ."""
    soffice = shutil.which("soffice")
    return libreoffice_opinion(soffice) if soffice else None


# -- before the stages -------------------------------------------------------------------------------------------


def _files(folder: Path, workspace: Workspace) -> dict[str, bytes]:
    """Every file below a folder, by its path relative to the workspace."""
    if not folder.is_dir():
        raise JixiaoError(texts.NO_SUCH_PATH.format(path=folder))
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {workspace.relative(path): path.read_bytes() for path in paths}


def _bytes_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


# -- after the stages --------------------------------------------------------------------------------------------


def _return(
    files: dict[str, bytes], result: Result, mapping: Mapping, folder: Path, workspace: Workspace, step: Progress
) -> dict[str, str]:
    """Write the annotated workbooks; gives the path of each unit's, relative to the workspace."""
    returned: dict[str, str] = {}
    for unit, name, data in write_back(files, result.batch, result.findings, mapping):
        if data is None:
            step(texts.RETURN_IMPOSSIBLE.format(unit=mapping.unit_by_code[unit].name, code=unit))
        else:
            returned[unit] = workspace.relative(write_atomically(folder / RETURNED / name, data))
    return returned


def _remember(ledger: Ledger, result: Result, returned: dict[str, str], setting: Setting) -> tuple[Round, ...]:
    """Enter what is new and how every unit stands now; gives the whole history."""
    with ledger.together():
        for arrival in result.batch.arrivals:
            version = ledger.enter(arrival.unit, arrival.file, arrival.sha256, setting.as_of)
            ledger.settle(
                arrival.unit, version, status=UnitStatus.REFUSED, must_fix=1, explain=0, note=0, returned=None
            )
        for org in result.orgs:
            submission = result.batch.of(org.code)
            if submission is not None:
                ledger.settle(
                    org.code,
                    submission.version,
                    status=org.status,
                    must_fix=org.must_fix,
                    explain=org.explain,
                    note=org.note,
                    returned=returned.get(org.code),
                )
    return ledger.rounds()


def _save(
    result: Result,
    rounds: tuple[Round, ...],
    review: Review,
    returned: dict[str, str],
    mapping: Mapping,
    setting: Setting,
    folder: Path,
    workspace: Workspace,
) -> OutputsDocument:
    """Write what the run has to show; gives the paths that were really written."""
    applied = tuple(c for c in review.corrections if result.batch.corrected.get(c.row) is CorrectionState.APPLIED)
    name, data = summarise(result, mapping, rounds, applied)
    summary = write_atomically(folder / name, data)
    written = _write_report(folder, *report(result, mapping))
    outputs = {path.name: _sha256(path) for path in (summary, written)}
    outputs |= {path: _sha256(workspace.path / path) for path in returned.values()}
    record = write_atomically(folder / RECORD, _record(result, applied, mapping, setting, outputs))
    return OutputsDocument(
        summary=workspace.relative(summary),
        report=workspace.relative(written),
        appendix=None,
        returned=list(returned.values()),
        record=workspace.relative(record),
    )


def _write_report(folder: Path, name: str, data: bytes) -> Path:
    """The report; one that a person has edited stays, and the new one is written beside it."""
    path = folder / name
    record = folder / RECORD
    if path.is_file():
        known = json.loads(record.read_bytes())["outputs"] if record.is_file() else {}
        if known.get(name) != _sha256(path):
            path = path.with_stem(f"{path.stem}_新")
    return write_atomically(path, data)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _update_review(
    path: Path, before: bytes | None, result: Result, review: Review, mapping: Mapping, step: Progress
) -> None:
    """List in 审核处理.xlsx what the officer has to decide; one that they are working in is left for the next run."""
    states = {c.row: result.batch.corrected.get(c.row, CorrectionState.NO_WORKBOOK) for c in review.corrections}
    data = review_workbook(before, result.findings, result.units, states, mapping)
    if data is not None and not save_unless_changed(path, before, data):
        step(texts.REVIEW_OPEN.format(path=path.name))


def _record(
    result: Result, corrections: Sequence[Correction], mapping: Mapping, setting: Setting, outputs: dict[str, str]
) -> bytes:
    """What a later reader needs to get the same result again (运行记录)."""
    decided = [finding for finding in result.findings if finding.status in (Status.ACCEPTED, Status.REJECTED)]
    content = {
        "schema": 1,
        "tool": __version__,
        "template_version": mapping.forms.template_version,
        "year": mapping.year,
        "as_of": setting.as_of.isoformat(),
        "partial": setting.partial,
        "mappings": mapping.versions,
        "inputs": result.batch.inputs,
        "decisions": [
            {"finding": f.id, "code": f.code, "unit": f.place.unit, "status": f.status, "reason": f.decision}
            for f in decided
        ],
        "corrections": [
            {"unit": c.unit, "sheet": c.sheet, "cell": c.cell, "old": c.old, "new": c.new}
            | {"reason": c.reason, "informant": c.informant}
            for c in corrections
        ],
        "outputs": outputs,
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
