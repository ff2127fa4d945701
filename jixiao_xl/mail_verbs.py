"""Mail verbs (发信命令): every unit gets its letter once, whatever interrupts; without --send they become drafts.

A letter is entered in the register before it is sent and again once the server has taken it. A run that was killed in
between leaves one letter in doubt: it goes again, under the same Message-ID.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from jixiao_xl.files.ledger import Ledger, open_ledger
from jixiao_xl.files.mail.compose import compose, draft, message_id
from jixiao_xl.files.mail.password import mail_password
from jixiao_xl.files.mail.send import AddressRefused, Sender, open_sender
from jixiao_xl.files.safe import safe_name, workspace_lock, write_atomically
from jixiao_xl.model import texts, texts_mail
from jixiao_xl.model.errors import MailError
from jixiao_xl.model.history import Dispatch, DispatchState
from jixiao_xl.model.mail import Attachment, Letter, LetterKind
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import Org, Result, UnitStatus
from jixiao_xl.pipeline import Office, opened
from jixiao_xl.saving_report import Progress
from jixiao_xl.stages.letters import issue_letter, reminder, return_letter
from jixiao_xl.stages.write_back import write_back
from jixiao_xl.verbs import GoesBack, give_back, has_to_act, issue, refuse_unknown
from jixiao_xl.workspace import DRAFTS, ISSUED, Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one unit's letter.

    Attributes:
        unit: the unit's code.
        name: its name.
        kind: what the letter was for.
        to: its addresses.
        state: sent, there already, a draft, without an address, or refused by the server.
        detail: the draft's path, or why the server refused it.
    """

    unit: str
    name: str
    kind: LetterKind
    to: tuple[str, ...]
    state: str
    detail: str = ""


SENT, BEFORE, DRAFT, NO_ADDRESS, REFUSED = "sent", "before", "draft", "no_address", "refused"


def unreached(sent: Iterable[Sent]) -> int:
    """The exit code of sending: 1 where a unit has no letter yet, else 0."""
    return int(any(one.state in (NO_ADDRESS, REFUSED) for one in sent))


@dataclass(frozen=True, slots=True)
class Delivery:
    """How letters leave: over SMTP or as drafts; `again` sends also what was sent before."""

    send: bool
    again: bool = False
    as_of: date | None = None


def issue_letters(
    path: Path, *, unit: str | None, delivery: Delivery, progress: Progress
) -> tuple[dict[str, Path], list[Sent]]:
    """One prefilled workbook a unit in 发出/, and its letter.

    Raises:
        JixiaoError: not a workspace, a wrong mapping, or an unknown unit.
        MailError: sending had to stop; the next run goes on where this one stopped.
    """
    written = issue(path, unit=unit, as_of=delivery.as_of)
    workspace = open_workspace(path)
    mapping = workspace.mapping()
    letters = [
        issue_letter(mapping, code, Attachment(f"{mapping.unit_by_code[code].name}.xlsx", file.read_bytes()))
        for code, file in written.items()
    ]
    with workspace_lock(path), open_ledger(path) as ledger:
        return written, _Post(workspace, mapping, ledger, delivery, progress).deliver(letters)


def return_letters(
    path: Path, *, unit: str | None, fresh: bool, delivery: Delivery, progress: Progress
) -> tuple[int, list[GoesBack], list[Sent]]:
    """The main job, the workbooks that go back, and their letters; gives the exit code of the main job first.

    Raises:
        JixiaoError: the run could not be made, or an unknown unit.
        MailError: see `issue_letters`.
    """
    outcome, back = give_back(path, unit=unit, fresh=fresh, as_of=delivery.as_of, progress=progress)
    workspace = open_workspace(path)
    mapping = workspace.mapping()
    orgs = {org.code: org for org in outcome.result.orgs}
    letters: list[Letter] = []
    for one in back:
        files = [path / name for name in (one.fresh or one.file, one.left_behind) if name]
        if files:
            attached = tuple(_attached(file) for file in files)
            letters.append(return_letter(orgs[one.code], outcome.result.findings, attached, outcome.setting, mapping))
    with workspace_lock(path), open_ledger(path) as ledger:
        sent = _Post(workspace, mapping, ledger, delivery, progress).deliver(letters)
        for one in sent:
            submission = outcome.result.batch.of(one.unit)
            if submission is not None and one.state in (SENT, DRAFT):
                ledger.gave_back(one.unit, submission.version, outcome.setting.as_of)
    return outcome.exit_code, back, sent


def remind(path: Path, *, unit: str | None, delivery: Delivery, progress: Progress) -> list[Sent]:
    """A reminder to every unit that has something to do, in words of its own, with what is wrong and the workbook.

    Raises:
        JixiaoError, MailError: see `issue_letters`.
    """
    with opened(path, as_of=delivery.as_of, progress=progress) as office:
        refuse_unknown(unit, office.mapping)
        result = office.result()
        orgs = [org for org in result.orgs if unit in (None, org.code) and has_to_act(org, result.findings)]
        workbooks = _workbooks_for(orgs, result, office)
        letters = [
            reminder(org, result.findings, workbooks.get(org.code), office.setting, office.mapping) for org in orgs
        ]
        return _Post(office.workspace, office.mapping, office.ledger, delivery, progress).deliver(letters)


def _workbooks_for(orgs: Sequence[Org], result: Result, office: Office) -> dict[str, Attachment]:
    """The workbook that each unit has to work on: its own with what is wrong, or the one that was issued."""
    annotated = {org.code for org in orgs if org.status in (UnitStatus.TO_FIX, UnitStatus.TO_EXPLAIN)}
    returned = write_back(office.files, result.batch, result.findings, office.mapping) if annotated else ()
    found = {unit: Attachment(name, data) for unit, name, data in returned if unit in annotated and data}
    for org in orgs:
        issued = office.workspace.path / ISSUED / f"{org.name}.xlsx"
        if org.code not in annotated and issued.is_file():
            found[org.code] = _attached(issued)
    return found


def _attached(path: Path) -> Attachment:
    return Attachment(path.name, path.read_bytes())


# -- leaving the house -------------------------------------------------------------------------------------------


class _Post:
    """Letters into drafts, or onto the server and into the register."""

    def __init__(
        self, workspace: Workspace, mapping: Mapping, ledger: Ledger, delivery: Delivery, progress: Progress
    ) -> None:
        self._workspace, self._mapping, self._ledger = workspace, mapping, ledger
        self._delivery, self._progress = delivery, progress
        self._day = delivery.as_of or date.today()

    def deliver(self, letters: Sequence[Letter]) -> list[Sent]:
        """Every letter, in order."""
        if not self._delivery.send:
            return [self._draft(letter) for letter in letters]
        settings = self._workspace.settings.mail
        if settings is None:
            raise MailError(texts_mail.NO_MAIL_SETTINGS)
        if not letters:
            return []
        with open_sender(settings, mail_password(settings), self._workspace.path) as sender:
            return [self._send(letter, sender, settings.address) for letter in letters]

    def _draft(self, letter: Letter) -> Sent:
        settings = self._workspace.settings
        data = draft(letter, sender=settings.mail.address if settings.mail else "", sender_name=settings.department)
        name = safe_name(f"{letter.subject}.eml")
        written = write_atomically(self._workspace.path / ISSUED / DRAFTS / name, data)
        return self._became(letter, DRAFT, self._workspace.relative(written))

    def _became(self, letter: Letter, state: str, detail: str = "") -> Sent:
        name = self._mapping.unit_by_code[letter.unit].name
        return Sent(letter.unit, name, letter.kind, letter.to, state, detail)

    def _send(self, letter: Letter, sender: Sender, address: str) -> Sent:
        if not letter.to:
            return self._became(letter, NO_ADDRESS, texts_mail.SEND_NO_ADDRESS)
        dispatch = self._ledger.begin_sending(self._entry(letter, address))
        if dispatch.state is DispatchState.SENT:
            return self._became(letter, BEFORE, dispatch.day.isoformat())
        if dispatch.state is DispatchState.REFUSED or dispatch.to != letter.to:
            dispatch = self._ledger.again(dispatch.message_id, letter.to, self._day)
        moment = datetime.now().astimezone()
        name = self._workspace.settings.department
        message = compose(letter, sender=address, sender_name=name, message_id=dispatch.message_id, moment=moment)
        try:
            sender.send(message, letter.to)
        except AddressRefused as error:
            if error.reached:  # of several addresses: those have the letter and must not get it twice
                self._ledger.sent(dispatch.message_id, self._day)
                return self._became(letter, SENT, str(error))
            self._ledger.refused(dispatch.message_id, str(error), self._day)
            return self._became(letter, REFUSED, str(error))
        self._ledger.sent(dispatch.message_id, self._day)
        self._progress(texts_mail.PROGRESS_SENT.format(subject=letter.subject, to=texts.LIST_JOINT.join(letter.to)))
        return self._became(letter, SENT)

    def _entry(self, letter: Letter, address: str) -> Dispatch:
        """The letter's entry; `again` makes it another letter than those that were sent."""
        content = self._content(letter)
        if self._delivery.again:
            before = [d for d in self._ledger.dispatches() if (d.kind, d.unit) == (letter.kind, letter.unit)]
            sent = [d for d in before if d.content.partition("/")[0] == content and d.state is DispatchState.SENT]
            content = f"{content}/{len(sent) + 1}" if sent else content
        return Dispatch(
            kind=letter.kind,
            unit=letter.unit,
            content=content,
            message_id=message_id(letter.kind, letter.unit, content, address),
            to=letter.to,
            subject=letter.subject,
            state=DispatchState.SENDING,
            day=self._day,
        )

    def _content(self, letter: Letter) -> str:
        """What makes it one and the same letter: its files; of a reminder also the day."""
        sums = hashlib.sha256()
        for attachment in letter.attachments:
            sums.update(hashlib.sha256(attachment.data).digest())
        if letter.kind is LetterKind.REMIND:
            sums.update(self._day.isoformat().encode())
        return sums.hexdigest()
