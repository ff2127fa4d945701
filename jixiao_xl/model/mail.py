"""Mail (邮件): a letter to a unit before it is sent, and what came in a mail after it was taken apart; opens nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LetterKind(StrEnum):
    """What a letter is for: the blank workbook, the annotated one, a reminder (下发、退回、催报)."""

    ISSUE = "issue"
    RETURN = "return"
    REMIND = "remind"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter, by the name that its reader sees."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class LetterTable:
    """A table inside a letter; every row has as many texts as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to one unit.

    Attributes:
        kind: what it is for.
        unit: the unit's code.
        to: its addresses; empty where units.csv has none.
        subject: one line.
        blocks: paragraphs and tables in their order.
        attachments: the files that go with it.
    """

    kind: LetterKind
    unit: str
    to: tuple[str, ...]
    subject: str
    blocks: tuple[str | LetterTable, ...]
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """One file that came in a mail or a folder.

    Attributes:
        name: as its sender gave it, decoded and not yet made safe; empty where there was none.
        data: its bytes, exactly.
        way: through what it was found, from the outside in: forward, winmail, zip, inline, bounce.
    """

    name: str
    data: bytes
    way: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One mail, or one file from a folder, taken apart.

    Attributes:
        id: SHA-256 of its bytes.
        message_id: of the mail, with its angle brackets, or empty.
        sender: the address in lower case, or empty where nobody is named.
        sent_at: when it says that it was sent, with its zone, or None.
        subject: one line; of a file from a folder, its path there.
        pieces: every file in it, in order.
        remarks: what could not be taken apart: archive-encrypted, archive-damaged, archive-too-large, ….
        is_bounce: whether it is the report of a server that could not deliver.
    """

    id: str
    message_id: str
    sender: str
    sent_at: datetime | None
    subject: str
    pieces: tuple[Piece, ...]
    remarks: tuple[str, ...] = ()
    is_bounce: bool = False
