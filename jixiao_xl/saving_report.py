"""Saving the report (报告落盘): written anew, or refreshed where a person has worked in it; and its attached forms.

A report that stands as the program wrote it is written anew. In any other one only the figures that moved are changed,
and the version before is kept in 日志; one that cannot be read stays, and the new one is written beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypedDict, cast

from jixiao_xl.files.safe import write_atomically
from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.findings import Finding
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.report_tags import WrittenFigure, written_figures
from jixiao_xl.model.results import Result
from jixiao_xl.model.setting import Setting
from jixiao_xl.stages.appendix import appendix, bureau_forms
from jixiao_xl.stages.report import current_figures, report
from jixiao_xl.stages.report.refresh import Change, Refreshed, figures_in, refresh
from jixiao_xl.workspace import LOGS, Workspace

Progress = Callable[[str], None]
RECORD = "运行记录.json"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run works in, by which rules, where its results go, and how it says what it does."""

    workspace: Workspace
    mapping: Mapping
    setting: Setting
    folder: Path
    step: Progress


class ReportRecord(TypedDict):
    """What the record keeps of the report.

    Attributes:
        generated: SHA-256 of a report that nobody has worked in; None once it was refreshed.
        figures: what every figure in it was last written as.
    """

    generated: str | None
    figures: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class SavedReport:
    """What became of the report.

    Attributes:
        path: where it really stands.
        record: what the next run must know.
        changes: the figures that were changed in a person's report, in order.
        findings: what a person has edited or removed.
        kept: the version before, where it was changed.
        appendix: 附表.xlsx, or None where the bureau prescribes every form.
        forms: the bureau's own forms.
    """

    path: Path
    record: ReportRecord
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    kept: Path | None = None
    appendix: Path | None = None
    forms: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The report and its attached forms."""
        return (self.path, *((self.appendix,) if self.appendix else ()), *self.forms)


def save_report(result: Result, run: Run, *, force: bool = False) -> SavedReport:
    """Write the report, or refresh the one that a person has worked in; `force` overwrites the figures they edited.

    Raises:
        JixiaoError: the workspace's own template cannot be used, or a prescribed form does not fit its mapping;
            nothing was written.
    """
    name, data = report(result, run.mapping, run.workspace.report_template())
    own = appendix(result, run.mapping)
    forms = bureau_forms(result, run.mapping, run.workspace.prescribed_forms())
    saved = _saved_text(run.folder / name, data, result, run, force=force)
    return replace(
        saved,
        appendix=write_atomically(run.folder / own[0], own[1]) if own else None,
        forms=tuple(write_atomically(run.folder / form, filled) for form, filled in forms),
    )


def _saved_text(path: Path, data: bytes, result: Result, run: Run, *, force: bool) -> SavedReport:
    last, before = last_report(run.folder), path.read_bytes() if path.is_file() else None
    if before is None or sha256(before) == last["generated"]:
        return _written_anew(path, data, run)
    try:
        refreshed = _refreshed(before, data, written_figures(last["figures"]), result, path, run, force=force)
    except JixiaoError as error:
        run.step(texts.REPORT_KEPT.format(reason=error))
        saved = _written_anew(path.with_stem(f"{path.stem}_新"), data, run)
        return SavedReport(saved.path, {"generated": None, "figures": last["figures"]})
    if all(figure.state == "deleted" for figure in refreshed.written):
        run.step(texts.REPORT_WITHOUT_FIGURES.format(file=run.workspace.relative(path)))
        saved = _written_anew(path.with_stem(f"{path.stem}_新"), data, run)
        return SavedReport(saved.path, {"generated": None, "figures": []})
    return _saved(before, refreshed, path, run)


def last_report(folder: Path) -> ReportRecord:
    """What the record in a folder keeps of the report."""
    nothing: ReportRecord = {"generated": None, "figures": []}
    record = folder / RECORD
    if not record.is_file():
        return nothing
    content = json.loads(record.read_bytes())
    return cast("ReportRecord", nothing | content.get("report", {}))


def update_record(saved: SavedReport, run: Run) -> None:
    """Enter in the record what a run that wrote only the report and its forms has written."""
    path = run.folder / RECORD
    content: dict[str, object] = json.loads(path.read_bytes()) if path.is_file() else {"schema": 1}
    outputs = cast("dict[str, str]", content.get("outputs", {}))
    outputs |= {one.name: sha256(one.read_bytes()) for one in saved.files}
    content |= {"outputs": outputs, "report": saved.record}
    write_atomically(path, json.dumps(content, ensure_ascii=False, indent=1).encode())


def _written_anew(path: Path, data: bytes, run: Run) -> SavedReport:
    written = write_atomically(path, data)
    figures = [figure.as_entry() for figure in figures_in(data, run.workspace.relative(path))]
    return SavedReport(written, {"generated": sha256(data), "figures": figures})


def _refreshed(
    before: bytes, anew: bytes, last: tuple[WrittenFigure, ...], result: Result, path: Path, run: Run, *, force: bool
) -> Refreshed:
    file = run.workspace.relative(path)
    figures, catalogue = current_figures(result, run.mapping), run.mapping.catalogue
    return refresh(before, figures, last, catalogue, file, fresh=figures_in(anew, file), force=force)


def _saved(before: bytes, refreshed: Refreshed, path: Path, run: Run) -> SavedReport:
    """Write a refreshed report; the version before goes into 日志."""
    kept, written = None, path
    if refreshed.data != before:
        moment = datetime.now().strftime("%Y%m%d-%H%M%S")
        kept = write_atomically(run.workspace.path / LOGS / f"{path.stem}_{moment}{path.suffix}", before)
        written = write_atomically(path, refreshed.data)
    for change in refreshed.changes:
        run.step(str(change))
    figures = [figure.as_entry() for figure in refreshed.written]
    return SavedReport(written, {"generated": None, "figures": figures}, refreshed.changes, refreshed.findings, kept)


def sha256(data: bytes) -> str:
    """The SHA-256 of a file's bytes, as the record writes it."""
    return hashlib.sha256(data).hexdigest()
