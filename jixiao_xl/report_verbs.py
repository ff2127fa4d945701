"""The report's verbs (报告的命令): write or refresh our own report, and check anybody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jixiao_xl import pipeline
from jixiao_xl.files.libreoffice import find_soffice
from jixiao_xl.files.preview import preview
from jixiao_xl.files.report_reader import read_report
from jixiao_xl.files.safe import write_atomically
from jixiao_xl.files.word_comments import with_comments
from jixiao_xl.model import texts
from jixiao_xl.model.check_documents import check_report_document
from jixiao_xl.model.claims import CheckedReport
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.saving_report import Progress
from jixiao_xl.stages.check_report import check_report as checked_report
from jixiao_xl.stages.check_report.listing import comments_of, table_of
from jixiao_xl.verbs import newest_mapping
from jixiao_xl.workspace import Workspace, open_workspace, workspace_of


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """What `report` has written, paths relative to the workspace."""

    reported: pipeline.Reported
    files: tuple[str, ...]
    kept: str | None


def report(path: Path, *, force: bool, pdf: bool, as_of: date | None, progress: Progress) -> ReportOutcome:
    """The report and its attached forms, with `pdf` a preview beside each.

    Raises:
        JixiaoError: the run could not be made, or there is no LibreOffice for a preview.
    """
    reported = pipeline.report(path, force=force, as_of=as_of, progress=progress)
    written = list(reported.report.files)
    if pdf:
        written += [_previewed(one, progress) for one in written]
    relative = open_workspace(path).relative
    kept = reported.report.kept
    return ReportOutcome(reported, tuple(relative(one) for one in written), relative(kept) if kept else None)


def _previewed(path: Path, progress: Progress) -> Path:
    target = path.with_suffix(".pdf")
    progress(texts.PROGRESS_PREVIEW.format(path=target.name))
    return write_atomically(target, preview(find_soffice(), path.read_bytes()))


def check_report(
    path: Path, *, workspace: Path | None, out: Path | None, as_of: date | None, progress: Progress
) -> tuple[CheckedReport, Path | None]:
    """Somebody's report, checked; with `workspace` also against its figures. Gives also where `out` really stands.

    Raises:
        JixiaoError: no such file, not a report, or `out` cannot be made of it.
    """
    if not path.is_file():
        raise JixiaoError(texts.NO_SUCH_PATH.format(path=path))
    data = path.read_bytes()
    passages = read_report(path.name, data)
    if workspace is not None:
        facts, mapping = pipeline.facts(workspace, as_of=as_of, progress=progress)
    else:
        holding = workspace_of(path)
        facts, mapping = None, holding.mapping() if holding else newest_mapping()
    checked = checked_report(_shown(path, workspace_of(path)), passages, mapping, facts)
    return checked, None if out is None else write_atomically(_distinct(path, out), _saved(data, checked, out))


def _shown(path: Path, workspace: Workspace | None) -> str:
    return workspace.relative(path) if workspace else path.name


def _distinct(path: Path, out: Path) -> Path:
    """The officer's own report is never written over."""
    if out.resolve() == path.resolve():
        raise JixiaoError(texts.CHECK_OUT_IS_INPUT.format(path=out))
    return out


def _saved(data: bytes, checked: CheckedReport, out: Path) -> bytes:
    match out.suffix.lower():
        case ".docx":
            if not data.startswith(b"PK"):
                raise JixiaoError(texts.CHECK_OUT_TEXT)
            return with_comments(data, comments_of(checked))
        case ".csv":
            return table_of(checked)
        case ".json":
            return check_report_document(checked).model_dump_json(by_alias=True, indent=1).encode()
        case _:
            raise JixiaoError(texts.CHECK_OUT_SUFFIX.format(path=out))
