"""Saving (落盘): what a run leaves behind: returned workbooks, ledger, summary, report, record, 审核处理.xlsx."""

from __future__ import annotations

import json

from jixiao_xl import __version__
from jixiao_xl.files.ledger import Ledger
from jixiao_xl.files.safe import write_atomically
from jixiao_xl.files.tables import save_unless_changed
from jixiao_xl.model import texts
from jixiao_xl.model.documents import OutputsDocument
from jixiao_xl.model.findings import Status
from jixiao_xl.model.history import Round
from jixiao_xl.model.results import Result, UnitStatus
from jixiao_xl.model.review import CorrectionState, Review
from jixiao_xl.saving_report import RECORD, Run, SavedReport, sha256
from jixiao_xl.stages.review import REVIEW_FILE, review_workbook
from jixiao_xl.stages.summarise import summarise
from jixiao_xl.stages.write_back import write_back
from jixiao_xl.workspace import RETURNED

Decided = dict[str, str]  # a decision or a correction, as the record and the ledger write it


def save_returned(files: dict[str, bytes], result: Result, run: Run) -> dict[str, str]:
    """Write the annotated workbooks; gives the path of each unit's, relative to the workspace."""
    returned: dict[str, str] = {}
    for unit, name, data in write_back(files, result.batch, result.findings, run.mapping):
        if data is None:
            run.step(texts.RETURN_IMPOSSIBLE.format(unit=run.mapping.unit_by_code[unit].name, code=unit))
        else:
            returned[unit] = run.workspace.relative(write_atomically(run.folder / RETURNED / name, data))
    return returned


def decided_in(result: Result, review: Review) -> list[Decided]:
    """What the officer has decided and what sections have corrected by telephone, as far as it holds in this run."""
    decisions = [
        {"unit": f.place.unit, "finding": f.id, "code": f.code, "status": f.status.value, "reason": f.decision or ""}
        for f in result.findings
        if f.status in (Status.ACCEPTED, Status.REJECTED)
    ]
    corrections = [
        {"unit": c.unit, "sheet": c.sheet, "cell": c.cell, "old": c.old, "new": c.new}
        | {"reason": c.reason, "informant": c.informant}
        for c in review.corrections
        if result.batch.corrected.get(c.row) is CorrectionState.APPLIED
    ]
    return [*decisions, *corrections]


def remember(
    ledger: Ledger, result: Result, decided: list[Decided], returned: dict[str, str], run: Run
) -> tuple[Round, ...]:
    """Enter what is new, what was decided, and how every unit stands now; gives the whole history."""
    with ledger.together():
        for unit in sorted({one["unit"] for one in decided}):
            own = [one for one in decided if one["unit"] == unit]
            ledger.log(run.setting.as_of, "review", unit, json.dumps(own, ensure_ascii=False))
        for arrival in result.batch.arrivals:
            version = ledger.enter(arrival.unit, arrival.file, arrival.sha256, run.setting.as_of)
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


def save(
    result: Result,
    rounds: tuple[Round, ...],
    review: Review,
    decided: list[Decided],
    returned: dict[str, str],
    written: SavedReport,
    run: Run,
) -> OutputsDocument:
    """Write what the run has to show; gives the paths that were really written."""
    name, data = summarise(result, run.mapping, rounds, review.corrections)
    summary = write_atomically(run.folder / name, data)
    outputs = {path.name: sha256(path.read_bytes()) for path in (summary, *written.files)}
    outputs |= {path: sha256((run.workspace.path / path).read_bytes()) for path in returned.values()}
    record = write_atomically(run.folder / RECORD, _record(result, decided, outputs, written, run))
    relative = run.workspace.relative
    return OutputsDocument(
        summary=relative(summary),
        report=relative(written.path),
        appendix=relative(written.appendix) if written.appendix else None,
        returned=list(returned.values()),
        record=relative(record),
    )


def update_review(before: bytes | None, result: Result, review: Review, run: Run) -> None:
    """List in 审核处理.xlsx what the officer has to decide; one that they are working in is left for the next run."""
    states = {c.row: result.batch.corrected.get(c.row, CorrectionState.NO_WORKBOOK) for c in review.corrections}
    data = review_workbook(before, result.findings, result.units, states, run.mapping)
    if data is not None and not save_unless_changed(run.workspace.path / REVIEW_FILE, before, data):
        run.step(texts.REVIEW_OPEN.format(path=REVIEW_FILE))


def _record(result: Result, decided: list[Decided], outputs: dict[str, str], written: SavedReport, run: Run) -> bytes:
    """What a later reader needs to get the same result again (运行记录)."""
    content = {
        "schema": 1,
        "tool": __version__,
        "template_version": run.mapping.forms.template_version,
        "year": run.mapping.year,
        "as_of": run.setting.as_of.isoformat(),
        "partial": run.setting.partial,
        "mappings": run.mapping.versions,
        "inputs": result.batch.inputs,
        "decisions": [one for one in decided if "finding" in one],
        "corrections": [one for one in decided if "informant" in one],
        "outputs": outputs,
        "report": written.record,
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
