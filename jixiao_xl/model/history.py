"""History (往来记录): which workbooks and mails came, what was sent, what was sealed; the ledger keeps it, in order.

Days are days of runs; text is as its sender wrote it. Nothing in here opens anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jixiao_xl.model.mail import LetterKind


@dataclass(frozen=True, slots=True)
class Round:
    """One version of one unit's workbook.

    Attributes:
        unit: the unit's code.
        version: 1, 2, 3 …, in the order in which they were entered.
        file: the file's path when it was entered, relative to the workspace, with `/`.
        sha256: of its bytes.
        entered_on: the day of the run that first saw it.
        status: how the unit stood while this version was its newest, or None where no run has come so far.
        must_fix: findings to be fixed.
        explain: findings to be explained.
        note: notes.
        returned: the annotated workbook that is to go back, relative to the workspace, or None.
        returned_on: the day on which it last went back to the unit, or None.
    """

    unit: str
    version: int
    file: str
    sha256: str
    entered_on: date
    status: str | None = None
    must_fix: int = 0
    explain: int = 0
    note: int = 0
    returned: str | None = None
    returned_on: date | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done (事件), such as a workbook that went back; the ledger keeps them in their order.

    Attributes:
        day: the day of the run.
        verb: the verb of the command line that did it, such as consolidate.
        unit: the unit's code, or None where it was not about one.
        text: what was done, in Chinese.
    """

    day: date
    verb: str
    unit: str | None
    text: str


# -- what came in mails ------------------------------------------------------------------------------------------


class EnclosureOutcome(StrEnum):
    """What became of one file of a mail (附件去向)."""

    WORKBOOK = "workbook"  # a unit's newest version
    REFUSED = "refused"  # a workbook that counts for nobody as it is
    SAME = "same"  # the same bytes were kept before
    OTHER = "other"  # no workbook
    UNDECIDED = "undecided"  # two different workbooks of one unit in one mail
    SEALED = "sealed"  # came after the sealing
    SENT_BY_US = "sent_by_us"  # what the office itself had sent, unchanged
    UNOPENED = "unopened"  # an archive that could not be opened


class ReceiptOutcome(StrEnum):
    """What became of one mail (来件去向)."""

    KEPT = "kept"  # it brought files
    EMPTY = "empty"  # it brought none
    BOUNCE = "bounce"  # a server's report that it could not deliver
    OWN = "own"  # a letter of the office itself
    AGAIN = "again"  # the same mail had been received at another place


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One file of a mail (附件).

    Attributes:
        name: as the mail gave it, decoded; empty where there was none.
        way: through what it was found, from the outside in, joined by `/`: forward/zip; empty where it lay open.
        sha256: of its bytes.
        file: where it is kept, relative to the workspace, with `/`; empty where it is not.
        unit: the code of the unit whose workbook it is, or empty.
        outcome: what became of it.
        code: a finding's code, or a remark of the archive's reader, or empty.
    """

    name: str
    way: str
    sha256: str
    file: str
    unit: str
    outcome: EnclosureOutcome
    code: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One mail, or one file of a folder (来件), at the place where it was found.

    Attributes:
        id: SHA-256 of its raw bytes.
        place: the mailbox or the folder, such as imap:user@host/INBOX;v=7 or folder:<path>.
        uid: its number in the mailbox, or None.
        message_id: with its angle brackets, or empty.
        sender: the address in lower case, or empty where nobody is named.
        received_at: when it says that it was sent, ISO 8601, or empty.
        subject: one line; of a file of a folder, its path there.
        outcome: what became of it.
        day: the day of the run.
        enclosures: its files in their order.
        remarks: what could not be taken apart, or what kind of mail it is, by code; no code holds a blank.
    """

    id: str
    place: str
    uid: int | None
    message_id: str
    sender: str
    received_at: str
    subject: str
    outcome: ReceiptOutcome
    day: date
    enclosures: tuple[Enclosure, ...] = ()
    remarks: tuple[str, ...] = ()


# -- what was sent and sealed ------------------------------------------------------------------------------------


class DispatchState(StrEnum):
    """How far the sending of a letter has come (寄出状态)."""

    SENDING = "sending"  # begun; after a kill nobody knows whether it went: it goes again under the same Message-ID
    SENT = "sent"
    REFUSED = "refused"  # the server never takes it for this recipient


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One letter to one unit (寄出).

    Attributes:
        kind: what the letter is for.
        unit: the unit's code.
        content: what makes it one and the same letter, such as the SHA-256 of the workbook that goes with it.
        message_id: with its angle brackets; the same letter has the same for ever.
        to: its recipients.
        subject: one line.
        state: how far its sending has come.
        day: the day of the run that brought it into this state.
        reason: why it was refused, or empty.
    """

    kind: LetterKind
    unit: str
    content: str
    message_id: str
    to: tuple[str, ...]
    subject: str
    state: DispatchState
    day: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealing of the year's work (封存): what was handed up, and from when on changes are refused.

    Attributes:
        number: 1, 2, 3 …
        day: the day of the run.
        as_of: the day for which the results were computed.
        files: the SHA-256 of each unit's workbook, by the unit's code.
        mappings: one hash over the mappings.
        review: SHA-256 of 审核处理.xlsx, or empty where there was none.
        package: the package, relative to the workspace.
        sha256: of the package's bytes.
        lifted_on: the day on which it was lifted, or None while it is in force.
        reason: why it was lifted, or empty.
    """

    number: int
    day: date
    as_of: date
    files: Mapping[str, str]
    mappings: str
    review: str
    package: str
    sha256: str
    lifted_on: date | None = None
    reason: str = ""
