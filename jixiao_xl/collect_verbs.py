"""Collecting (收表命令): from a mailbox or a folder into 收到/, every file once, whatever interrupts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from jixiao_xl.files.ledger import Ledger, open_ledger
from jixiao_xl.files.log import run_log
from jixiao_xl.files.mail.fetch import open_mailbox
from jixiao_xl.files.mail.folder import read_folder
from jixiao_xl.files.mail.parse import parse_mail
from jixiao_xl.files.mail.password import mail_password
from jixiao_xl.files.safe import sweep_orphans, workspace_lock, write_atomically
from jixiao_xl.model import texts_mail
from jixiao_xl.model.errors import MailError
from jixiao_xl.model.history import EnclosureOutcome, Receipt, ReceiptOutcome
from jixiao_xl.model.mail import ReceivedMail
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.pipeline import RUN_LOG
from jixiao_xl.saving_report import Progress, sha256
from jixiao_xl.stages.collect import Collected, Known, collect, noted
from jixiao_xl.stages.read import identify
from jixiao_xl.stages.register import receipt_rows
from jixiao_xl.workspace import ASIDE, ISSUED, LOGS, RECEIVED, RESULTS, RETURNED, Workspace, open_workspace

FOLDERS: Final = (RECEIVED, f"{RECEIVED}/{ASIDE}")
TO_BE_SEEN_TO: Final = (EnclosureOutcome.REFUSED, EnclosureOutcome.UNDECIDED)


@dataclass(frozen=True, slots=True)
class Intake:
    """What was new.

    Attributes:
        receipts: one entry a mail, in their order.
        header: of the table that says what became of every file.
        rows: that table.
        workbooks: how many workbooks were entered.
        trouble: how many files somebody has to see to: refused ones, two that contradict each other.
    """

    receipts: tuple[Receipt, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    workbooks: int
    trouble: int


_Arrived = tuple[ReceivedMail, str, int | None]  # a mail, where it was found, its number there


def collect_replies(
    path: Path, *, imap: bool = False, source: Path | None = None, as_of: date | None = None, progress: Progress
) -> Intake:
    """What is new in the office's mailbox, or in a folder, kept in 收到/.

    What was collected before is passed over in silence. Without `imap` and `source` the mailbox is looked at where
    jixiao.toml names one.

    Raises:
        JixiaoError: not a workspace, no such folder, no mailbox, or another run holds the workspace.
        MailError: the mailbox cannot be read any further; what was fetched so far is kept.
    """
    workspace = open_workspace(path)
    mapping = workspace.mapping()
    day = as_of or date.today()
    with workspace_lock(workspace.path), run_log(workspace.path / LOGS, RUN_LOG) as log, open_ledger(path) as ledger:
        keeper = _Keeper(workspace, mapping, ledger, day)
        receipts: list[Receipt] = []
        for mail, place, uid in _arrivals(workspace, ledger, imap=imap, source=source, progress=progress):
            receipt = keeper.take(mail, place, uid)
            if receipt.outcome is not ReceiptOutcome.AGAIN:
                receipts.append(receipt)
                log.info("collect %s %s: %s", receipt.sender, receipt.subject, receipt.outcome)
    outcomes = Counter(enclosure.outcome for receipt in receipts for enclosure in receipt.enclosures)
    header, rows = receipt_rows(receipts, mapping)
    trouble = sum(outcomes[outcome] for outcome in TO_BE_SEEN_TO)
    return Intake(tuple(receipts), header, rows, outcomes[EnclosureOutcome.WORKBOOK], trouble)


def _arrivals(
    workspace: Workspace, ledger: Ledger, *, imap: bool, source: Path | None, progress: Progress
) -> Iterator[_Arrived]:
    if source is not None:
        if not source.is_dir():
            raise MailError(texts_mail.NO_SUCH_FOLDER.format(path=source))
        if (workspace.path / RECEIVED).resolve() in (source.resolve(), *source.resolve().parents):
            raise MailError(texts_mail.SOURCE_IS_RECEIVED.format(path=source))
        place = f"folder:{source.resolve().as_posix()}"
        yield from ((mail, place, None) for mail in read_folder(source))
    if imap or source is None:
        yield from _from_mailbox(workspace, ledger, progress)


def _from_mailbox(workspace: Workspace, ledger: Ledger, progress: Progress) -> Iterator[_Arrived]:
    settings = workspace.settings.mail
    if settings is None or settings.imap is None:
        raise MailError(texts_mail.NO_MAILBOX)
    with open_mailbox(settings, mail_password(settings), workspace.path) as inbox:
        progress(texts_mail.PROGRESS_MAILBOX.format(place=settings.login))
        for uid, raw in inbox.new_since(ledger.last_uid(inbox.place), _since(ledger)):
            yield parse_mail(raw), inbox.place, uid


def _since(ledger: Ledger) -> date | None:
    """The day before the first workbooks went out: older mails cannot be answers."""
    issued = [event.day for event in ledger.events() if event.verb == "issue"]
    issued += [dispatch.day for dispatch in ledger.dispatches()]
    return min(*issued, date.today()) - timedelta(days=1) if issued else None


class _Keeper:
    """Writes what a mail brings and enters it: first the files, then, in one transaction, the register."""

    def __init__(self, workspace: Workspace, mapping: Mapping, ledger: Ledger, day: date) -> None:
        self._workspace, self._mapping, self._ledger, self._day = workspace, mapping, ledger, day
        self._entered = {one.sha256: one.file for one in ledger.rounds()}
        self._known = Known(
            kept=self._kept,
            own_letters=frozenset(dispatch.message_id for dispatch in ledger.dispatches()),
            own_files=frozenset(_sums_of_what_went_out(workspace)),
            identify=lambda name, data: identify(name, data, mapping, mapping.catalogue),
            is_sealed=ledger.seal_in_force() is not None,
        )

    def take(self, mail: ReceivedMail, place: str, uid: int | None) -> Receipt:
        """The mail's entry; one that came before is only noted."""
        if self._ledger.has_receipt(mail.id):
            again = noted(mail, place=place, uid=uid, day=self._day)
            if uid is not None:
                self._ledger.receive(again)
            return again
        collected = collect(mail, self._known, self._mapping, folders=FOLDERS, place=place, uid=uid, day=self._day)
        self._write(collected)
        with self._ledger.together():
            self._ledger.receive(collected.receipt)
            for version in collected.versions:
                self._ledger.enter(version.unit, version.file, version.sha256, self._day)
        return collected.receipt

    def _write(self, collected: Collected) -> None:
        for name, data in collected.files.items():
            target = self._workspace.path / name
            sweep_orphans(target.parent)
            if not (target.is_file() and target.read_bytes() == data):
                write_atomically(target, data)

    def _kept(self, checksum: str) -> str | None:
        """Where a file is kept; one that somebody has removed since is kept again."""
        file = self._ledger.kept(checksum) or self._entered.get(checksum)
        return file if file is not None and (self._workspace.path / file).is_file() else None


def _sums_of_what_went_out(workspace: Workspace) -> Iterator[str]:
    for folder in (workspace.path / ISSUED, workspace.path / RESULTS / RETURNED):
        yield from (sha256(path.read_bytes()) for path in sorted(folder.glob("*.xlsx")))
