"""The order of the stages (流程): read this first.

read → validate → score → reconcile → compare → decide → aggregate → write back, summarise, report: each takes values
and returns values; this module opens the workspace before them, and `saving` writes their bytes after them.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from logging import Logger
from pathlib import Path

from jixiao_xl.files.ledger import Ledger, open_ledger
from jixiao_xl.files.libreoffice import find_soffice
from jixiao_xl.files.log import run_log
from jixiao_xl.files.recalc import libreoffice_opinion
from jixiao_xl.files.safe import sweep_orphans, workspace_lock
from jixiao_xl.model import texts, texts_mail
from jixiao_xl.model.documents import ConsolidateDocument, consolidate_document
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.findings import Finding
from jixiao_xl.model.history import Seal
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import SCORING_STATUSES, FactValue, Result
from jixiao_xl.model.review import Review
from jixiao_xl.model.setting import Setting
from jixiao_xl.saving import decided_in, remember, save, save_returned, update_review
from jixiao_xl.saving_report import Progress, Run, SavedReport, save_report, update_record
from jixiao_xl.stages.aggregate import aggregate
from jixiao_xl.stages.compare import compare
from jixiao_xl.stages.package import changed_since, counting, refusal, sealed_document
from jixiao_xl.stages.read import Versions, read
from jixiao_xl.stages.reconcile import Recompute, reconcile
from jixiao_xl.stages.review import REVIEW_FILE, decide, read_review, with_review_scores
from jixiao_xl.stages.score import score
from jixiao_xl.stages.senders import Senders, unknown_senders
from jixiao_xl.stages.validate import validate
from jixiao_xl.workspace import ASIDE, LOGS, RECEIVED, RESULTS, Workspace, open_workspace

RUN_LOG = "运行.log"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run has to show."""

    document: ConsolidateDocument
    department: str
    folder: Path
    result: Result
    setting: Setting
    returned: dict[str, str]  # the annotated workbook of each unit, relative to the workspace

    @property
    def exit_code(self) -> int:
        """1 where something must be fixed, else 0."""
        return int(any(finding.severity == "must_fix" for finding in self.document.findings))

    @property
    def sentence(self) -> str:
        """The score and the grade, or which units they wait for."""
        document = self.document
        waiting = "、".join(org.name for org in document.orgs if org.status not in SCORING_STATUSES)
        line = texts.SCORE_NONE if document.score is None else texts.SCORE_PROVISIONAL if waiting else texts.SCORE_LINE
        words = {"department": self.department, "year": document.year, "units": waiting}
        return line.format(**words, score=document.score, grade=document.grade_shown)


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
    with opened(path, as_of=as_of, inputs=inputs, partial=partial, progress=progress) as office:
        workspace, mapping, step = office.workspace, office.mapping, office.step
        folder = out or workspace.path / RESULTS
        history = office.ledger if inputs is None else None  # files from elsewhere are nobody's next version
        result = office.result()
        office.refuse_changes(result)
        step(texts.PROGRESS_WRITE)
        sweep_orphans(folder)
        run = Run(workspace, mapping, office.setting, folder, step)
        report = save_report(result, run)
        result = replace(result, findings=(*result.findings, *decide(report.findings, office.review)))
        returned = save_returned(office.files, result, run)
        decided = decided_in(result, office.review)
        rounds = remember(history, result, decided, returned, run) if history else ()
        outputs = save(result, rounds, office.review, decided, returned, report, run)
        if history:
            update_review(office.review_data, result, office.review, run)
        score_shown = texts.NO_SCORE_YET if result.department.total is None else result.department.total
        step(texts.PROGRESS_DONE.format(score=score_shown, findings=len(result.findings)))
    document = consolidate_document(result, mapping.root.code, mapping.year, outputs)
    if office.seal is not None:
        document = sealed_document(document)
    return Outcome(document, mapping.department, folder, result, office.setting, returned)


@dataclass(frozen=True, slots=True)
class Reported:
    """What `report` has written.

    Attributes:
        report: the report with its attached forms, what was changed in it, and what a person had edited.
        findings: what the officer has to explain or decide about the report.
    """

    report: SavedReport
    findings: tuple[Finding, ...]


def report(path: Path, *, force: bool = False, as_of: date | None = None, progress: Progress) -> Reported:
    """The report and its attached forms alone: written anew, or refreshed where a person has worked in the report.

    Raises:
        JixiaoError: the run could not be made; nothing was written.
    """
    with opened(path, as_of=as_of, progress=progress) as office:
        if office.seal is not None:
            raise JixiaoError(texts_mail.REPORT_SEALED.format(number=office.seal.number, path=path))
        result = office.result()
        office.step(texts.PROGRESS_REPORT)
        sweep_orphans(office.workspace.path / RESULTS)
        run = Run(office.workspace, office.mapping, office.setting, office.workspace.path / RESULTS, office.step)
        saved = save_report(result, run, force=force)
        update_record(saved, run)
        return Reported(saved, tuple(decide(saved.findings, office.review)))


def facts(path: Path, *, as_of: date | None = None, progress: Progress) -> tuple[dict[str, FactValue], Mapping]:
    """The figures that a workspace's workbooks give, and its mapping; nothing is written.

    Raises:
        JixiaoError: the run could not be made.
    """
    with opened(path, as_of=as_of, progress=progress) as office:
        return office.result().facts, office.mapping


def run_stages(
    files: dict[str, bytes],
    versions: Versions,
    senders: Senders,
    review: Review,
    mapping: Mapping,
    setting: Setting,
    step: Progress,
) -> Result:
    """The stages in their order."""
    catalogue = mapping.catalogue
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
    findings += unknown_senders(batch, senders, mapping, catalogue)
    units = with_review_scores(units, review)
    return aggregate(batch, units, projects, decide(findings, review), setting, mapping)


def tie_breaker() -> Recompute | None:
    """LibreOffice, where it is there: it decides where ironcalc and Python differ."""
    soffice = find_soffice()
    return libreoffice_opinion(soffice) if soffice else None


# -- before the stages -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Office:
    """An opened workspace: what a run works with, held by this run alone until it is closed."""

    workspace: Workspace
    mapping: Mapping
    setting: Setting
    files: dict[str, bytes]
    review_data: bytes | None
    review: Review
    ledger: Ledger
    versions: Versions
    seal: Seal | None  # in force over what was received
    step: Progress

    def refuse_changes(self, result: Result) -> None:
        """Refuse a result that is not the one that was sealed.

        Raises:
            JixiaoError: a workbook, a decision or the mapping is another now; says which and what to do.
        """
        if self.seal is not None:
            changes = changed_since(self.seal, counting(result.batch), self.mapping, self.review)
            if changes:
                raise JixiaoError(refusal(self.seal, changes))

    def result(self) -> Result:
        """What the stages find out about everything that was received."""
        senders = self.ledger.senders()
        return run_stages(self.files, self.versions, senders, self.review, self.mapping, self.setting, self.step)


@contextmanager
def opened(
    path: Path,
    *,
    as_of: date | None = None,
    inputs: Path | None = None,
    partial: bool = False,
    progress: Progress,
) -> Generator[Office]:
    """The workspace at `path` with its mapping, its files (or those of `inputs`) and its ledger.

    Raises:
        JixiaoError: it is no workspace, another run holds it, or something in it cannot be read.
    """
    workspace = open_workspace(path)
    mapping = workspace.mapping()
    with workspace_lock(workspace.path), run_log(workspace.path / LOGS, RUN_LOG) as log, open_ledger(path) as ledger:
        seal = ledger.seal_in_force() if inputs is None else None
        day = seal.as_of if seal else as_of or date.today()  # what was sealed stays as it was that day
        review_data = _bytes_of(workspace.path / REVIEW_FILE)
        yield Office(
            workspace=workspace,
            mapping=mapping,
            setting=Setting(day, workspace.settings.deadline, partial),
            files=_files(inputs or workspace.path / RECEIVED, workspace),
            review_data=review_data,
            review=read_review(review_data, mapping),
            ledger=ledger,
            versions=ledger.versions() if inputs is None else {},
            seal=seal,
            step=said_and_logged(progress, log),
        )


def said_and_logged(progress: Progress, log: Logger) -> Progress:
    """Says each sentence to the officer and writes it into the log."""

    def step(sentence: str) -> None:
        progress(sentence)
        log.info(sentence)

    return step


def _files(folder: Path, workspace: Workspace) -> dict[str, bytes]:
    """Every file below a folder, by its path relative to the workspace; what is no workbook lies in a folder of its own."""
    if not folder.is_dir():
        raise JixiaoError(texts.NO_SUCH_PATH.format(path=folder))
    aside = workspace.path / RECEIVED / ASIDE
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and aside not in path.parents)
    return {workspace.relative(path): path.read_bytes() for path in paths}


def _bytes_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
