"""Packaging (打包上报): the department's package and its seal; and lifting the seal again, with a reason.

The package is written first and sealed after it. A run that was killed between the two is simply made again: its
number has not been given away, and the same inputs give the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, cast

from jixiao_xl import __version__
from jixiao_xl.files.ledger import Ledger, open_ledger
from jixiao_xl.files.safe import sweep_orphans, workspace_lock, write_atomically
from jixiao_xl.model import texts_mail
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.findings import Finding
from jixiao_xl.model.history import Seal
from jixiao_xl.model.package_record import PACKAGES, RUN_RECORD
from jixiao_xl.model.results import UnitStatus
from jixiao_xl.pipeline import Office, Outcome, consolidate, opened
from jixiao_xl.saving_report import Progress, sha256
from jixiao_xl.stages.package import Contents, counting, mapping_hash, review_hash, signoffs
from jixiao_xl.stages.package import package as made_package
from jixiao_xl.workspace import RESULTS, open_workspace

_VERB, _UNSEAL = "package", "unseal"
_BESIDE: Final = re.compile(r"_新(_\d{6})?$")  # how a file is named that could not take its own place


@dataclass(frozen=True, slots=True)
class Packaged:
    """What `package` has made, or why it has not.

    Attributes:
        path: the package, or None where nothing was sealed.
        seal: the seal in force, or None where there is none.
        sentences: what to tell the officer, in their order.
        outcome: the consolidation that it rests on, or None where it had been sealed before.
        findings: the covers that are not complete.
    """

    path: Path | None
    seal: Seal | None
    sentences: tuple[str, ...]
    outcome: Outcome | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 where the workspace is sealed, else 1."""
        return int(self.seal is None)


def package(path: Path, *, as_of: date | None = None, progress: Progress) -> Packaged:
    """Consolidate, and where everything is accepted and signed, write the package and seal the workspace.

    A workspace that is sealed stays as it is.

    Raises:
        JixiaoError: the run could not be made, or the sealed package is lost; nothing was sealed.
    """
    workspace = open_workspace(path)
    with workspace_lock(workspace.path), open_ledger(path) as ledger:
        sealed = ledger.seal_in_force()
    if sealed is not None:
        return _before(path, sealed)
    outcome = consolidate(path, as_of=as_of, progress=progress)
    with opened(path, as_of=outcome.setting.as_of, progress=progress) as office:
        unsigned = signoffs(outcome.result.batch, office.mapping, office.mapping.catalogue)
        reasons = _reasons(outcome, unsigned)
        if reasons:
            return Packaged(None, None, tuple(reasons), outcome, tuple(unsigned))
        sealed = office.ledger.seal_in_force()
        return _before(path, sealed) if sealed is not None else _sealed(outcome, office)


def _before(path: Path, seal: Seal) -> Packaged:
    """A workspace that was sealed before: where its package lies."""
    found = path / seal.package
    if not found.is_file() or sha256(found.read_bytes()) != seal.sha256:
        raise JixiaoError(texts_mail.PACKAGE_LOST.format(number=seal.number, path=seal.package))
    words = {"day": seal.day.isoformat(), "number": seal.number, "path": seal.package}
    return Packaged(found, seal, (texts_mail.PACKAGED_BEFORE.format(**words),))


def _reasons(outcome: Outcome, unsigned: Sequence[Finding]) -> list[str]:
    """Why nothing can be sealed; empty where it can."""
    reasons: list[str] = []
    waiting = [org.name for org in outcome.result.orgs if org.status is not UnitStatus.ACCEPTED]
    department = outcome.result.department
    if waiting:
        reasons.append(texts_mail.PACKAGE_WAITING.format(units="、".join(waiting)))
    elif department.total is None or department.provisional:
        reasons.append(texts_mail.PACKAGE_NO_SCORE)
    if unsigned:
        reasons.append(texts_mail.PACKAGE_UNSIGNED.format(count=len(unsigned)))
        reasons.extend(finding.message for finding in unsigned)
    return reasons


def _sealed(outcome: Outcome, office: Office) -> Packaged:
    """Write the package, then seal."""
    office.step(texts_mail.PACKAGE_PROGRESS)
    _refuse_other_files(outcome, office)
    contents = Contents(
        number=len(office.ledger.seals()) + 1,
        as_of=office.setting.as_of,
        tool=__version__,
        outputs=_outputs(outcome, office),
        received=office.files,
        mappings=office.workspace.mapping_files(),
        review=office.review_data,
        document=outcome.document,
    )
    name, data = made_package(outcome.result, contents, office.mapping)
    folder = office.workspace.path / RESULTS / PACKAGES
    sweep_orphans(folder)
    written = write_atomically(folder / name, data)
    seal = Seal(
        number=contents.number,
        day=office.setting.as_of,
        as_of=office.setting.as_of,
        files=counting(outcome.result.batch),
        mappings=mapping_hash(office.mapping),
        review=review_hash(office.review),
        package=office.workspace.relative(written),
        sha256=sha256(data),
    )
    words = {"number": seal.number, "path": seal.package}
    with office.ledger.together():
        office.ledger.seal(seal)
        office.ledger.log(seal.day, _VERB, None, texts_mail.PACKAGE_EVENT.format(**words))
    sentence = texts_mail.PACKAGED.format(**words)
    office.step(sentence)
    return Packaged(written, seal, (sentence,), outcome)


def _refuse_other_files(outcome: Outcome, office: Office) -> None:
    """Between the consolidation and now somebody may have saved a workbook."""
    changed = [
        submission.file
        for submission in outcome.result.batch.submissions
        if submission.file not in office.files or sha256(office.files[submission.file]) != submission.sha256
    ]
    if changed:
        raise JixiaoError(texts_mail.PACKAGE_CHANGED_MEANWHILE.format(files="、".join(changed)))


def _outputs(outcome: Outcome, office: Office) -> dict[str, bytes]:
    """What the consolidation has written for the department as a whole, by name: as its record lists it."""
    folder = office.workspace.path / RESULTS
    record = (folder / RUN_RECORD).read_bytes()
    listed = cast("dict[str, dict[str, str]]", json.loads(record))["outputs"]
    names = [name for name in listed if "/" not in name]  # with a folder: a workbook that goes back to its unit
    beside = [name for name in names if _BESIDE.search(Path(name).stem)]
    if beside or outcome.document.outputs.record != office.workspace.relative(folder / RUN_RECORD):
        raise JixiaoError(texts_mail.PACKAGE_BESIDE.format(files="、".join(beside or [RUN_RECORD])))
    return {name: (folder / name).read_bytes() for name in names} | {RUN_RECORD: record}


def unseal(path: Path, *, reason: str, as_of: date | None = None) -> str:
    """Lift the seal, so that the workspace may change; gives the sentence that says so. The package stays.

    Raises:
        JixiaoError: there is no seal, or no reason is given.
    """
    workspace = open_workspace(path)
    if not reason.strip():
        raise JixiaoError(texts_mail.UNSEAL_NO_REASON)
    day = as_of or date.today()
    with workspace_lock(workspace.path), open_ledger(path) as ledger:
        seal = ledger.seal_in_force()
        if seal is None:
            raise JixiaoError(texts_mail.UNSEAL_NOT_SEALED)
        return _lifted(ledger, seal, reason.strip(), day)


def _lifted(ledger: Ledger, seal: Seal, reason: str, day: date) -> str:
    with ledger.together():
        ledger.lift_seal(reason, day)
        ledger.log(day, _UNSEAL, None, texts_mail.UNSEAL_EVENT.format(number=seal.number, reason=reason))
    words = {"number": seal.number, "reason": reason, "path": seal.package, "next": seal.number + 1}
    return texts_mail.UNSEALED.format(**words)
