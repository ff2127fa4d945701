"""Collect (收表): where everything that came in a mail is kept, whose it is, and what becomes of it.

Pure: takes a mail apart into files to be written, an entry for the register, and the versions that it brings. The paths
depend on the mail alone, so that a killed run, made again, writes the same files.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from typing import Final

from jixiao_xl.files.archives import unpacked
from jixiao_xl.files.safe import safe_name
from jixiao_xl.files.triage import triage
from jixiao_xl.model.batch import Arrival
from jixiao_xl.model.history import Enclosure, EnclosureOutcome, Receipt, ReceiptOutcome
from jixiao_xl.model.mail import Piece, ReceivedMail
from jixiao_xl.model.mapping import Mapping

EXCEL_SUFFIXES: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ett", ".ods")
ARCHIVE_OPENED: Final = "archive-opened"  # its files have entries of their own
_AUTOMATIC: Final = frozenset(("mail-auto-reply", "mail-read-receipt"))  # a machine answers, and quotes our workbook
_ENTERED: Final = (EnclosureOutcome.WORKBOOK, EnclosureOutcome.REFUSED)


@dataclass(frozen=True, slots=True)
class Known:
    """What collecting needs to know of what was there before.

    Attributes:
        kept: gives the path of a file by its SHA-256, or None where it has not come yet.
        own_letters: the Message-IDs of what the office sent.
        own_files: SHA-256 of the workbooks that it sent: many a program quotes them in an answer.
        identify: gives the unit's code (or "") and the refusing finding's code (or "") of a workbook by name and bytes.
        is_sealed: whether the year was sealed: what comes now is kept and does not count.
    """

    kept: Callable[[str], str | None]
    own_letters: frozenset[str]
    own_files: frozenset[str]
    identify: Callable[[str, bytes], tuple[str, str]]
    is_sealed: bool = False


@dataclass(frozen=True, slots=True)
class Collected:
    """What becomes of one mail.

    Attributes:
        receipt: its entry in the register.
        files: what is to be written, by path relative to the workspace.
        versions: the workbooks that are their units' newest from now on, in order.
    """

    receipt: Receipt
    files: dict[str, bytes]
    versions: tuple[Arrival, ...]


def collect(
    mail: ReceivedMail,
    known: Known,
    mapping: Mapping,
    *,
    folders: tuple[str, str],
    place: str,
    uid: int | None,
    day: date,
) -> Collected:
    """Everything in `mail`, kept.

    Args:
        mail: what came.
        known: what came before.
        mapping: the units and their addresses.
        folders: where workbooks and where other files are kept, relative to the workspace.
        place: where the mail was found: a mailbox or a folder.
        uid: its number there, if it has one.
        day: the day of the run.
    """
    own = mail.message_id in known.own_letters and not mail.is_bounce
    judged = [] if own else list(_Judge(mail, known).entries())
    placed = _Places(mail, mapping, folders)
    enclosures = [placed.place(entry, data) for entry, data in _without_rivals(judged, known.own_files)]
    outcome = ReceiptOutcome.OWN if own else _outcome(mail, enclosures)
    receipt = replace(noted(mail, place=place, uid=uid, day=day), outcome=outcome, enclosures=tuple(enclosures))
    versions = [Arrival(e.unit, e.file, e.sha256) for e in enclosures if e.outcome in _ENTERED and e.unit]
    return Collected(receipt, placed.files, tuple(versions))


def noted(mail: ReceivedMail, *, place: str, uid: int | None, day: date) -> Receipt:
    """The entry of a mail that had come before, from another place or under another number: nothing is kept again."""
    return Receipt(
        id=mail.id,
        place=place,
        uid=uid,
        message_id=mail.message_id,
        sender=mail.sender,
        received_at=mail.sent_at.isoformat() if mail.sent_at else "",
        subject=mail.subject,
        outcome=ReceiptOutcome.AGAIN,
        day=day,
        remarks=mail.remarks,
    )


def _outcome(mail: ReceivedMail, enclosures: list[Enclosure]) -> ReceiptOutcome:
    if mail.is_bounce:
        return ReceiptOutcome.BOUNCE
    return ReceiptOutcome.KEPT if enclosures else ReceiptOutcome.EMPTY


_Entry = tuple[Enclosure, bytes]


class _Judge:
    """Says of every file of one mail what it is; where it is kept comes later."""

    def __init__(self, mail: ReceivedMail, known: Known) -> None:
        self._mail, self._known = mail, known
        self._here: set[str] = set()  # what this mail has brought so far, by sha256

    def entries(self) -> Iterator[_Entry]:
        """Every file; after an archive the files in it."""
        for piece in self._mail.pieces:
            opened = unpacked(piece)
            yield self._entry(piece, " ".join(opened.remarks), is_archive=opened.is_archive), piece.data
            for member in opened.pieces:
                yield self._entry(member, "", is_archive=False), member.data

    def _entry(self, piece: Piece, remark: str, *, is_archive: bool) -> Enclosure:
        sha256 = hashlib.sha256(piece.data).hexdigest()
        entry = Enclosure(piece.name, "/".join(piece.way), sha256, "", "", EnclosureOutcome.SAME, remark)
        before = self._known.kept(sha256)
        if before is not None or sha256 in self._here:
            return replace(entry, file=before or "")
        self._here.add(sha256)
        if remark:
            return replace(entry, outcome=EnclosureOutcome.UNOPENED)
        if is_archive:
            return replace(entry, outcome=EnclosureOutcome.OTHER, code=ARCHIVE_OPENED)
        if self._mail.is_bounce or not _may_be_workbook(piece):
            return replace(entry, outcome=EnclosureOutcome.OTHER)
        if sha256 in self._known.own_files and _AUTOMATIC & set(self._mail.remarks):
            return replace(entry, outcome=EnclosureOutcome.SENT_BY_US)
        unit, code = self._known.identify(piece.name, piece.data)
        outcome = EnclosureOutcome.REFUSED if code else EnclosureOutcome.WORKBOOK
        if self._known.is_sealed:
            outcome = EnclosureOutcome.SEALED
        return replace(entry, unit=unit, outcome=outcome, code=code)


def _without_rivals(entries: list[_Entry], own_files: frozenset[str]) -> list[_Entry]:
    """Of several workbooks of one unit in one mail, the one that the office itself had sent is only quoted.

    Of two others nobody but the officer knows which is meant.
    """

    def crowded(among: list[_Entry]) -> set[str]:
        count = Counter(e.unit for e, _ in among if e.outcome is EnclosureOutcome.WORKBOOK)
        return {unit for unit, number in count.items() if number > 1}

    def turned(among: list[_Entry], outcome: EnclosureOutcome, *, only: frozenset[str] | None = None) -> list[_Entry]:
        units = crowded(among)
        return [
            (replace(e, outcome=outcome), data)
            if e.outcome is EnclosureOutcome.WORKBOOK and e.unit in units and (only is None or e.sha256 in only)
            else (e, data)
            for e, data in among
        ]

    return turned(turned(entries, EnclosureOutcome.SENT_BY_US, only=own_files), EnclosureOutcome.UNDECIDED)


# kept beside what counts
_ASIDE: Final = (EnclosureOutcome.OTHER, EnclosureOutcome.UNOPENED, EnclosureOutcome.SENT_BY_US)


class _Places:
    """Gives every file of one mail its place; one that is there already is not kept again."""

    def __init__(self, mail: ReceivedMail, mapping: Mapping, folders: tuple[str, str]) -> None:
        self.files: dict[str, bytes] = {}
        self._workbooks, self._others = folders
        self._folder = _folder_name(mail, mapping)
        self._here: dict[str, str] = {}  # the path of each file of this mail by its sha256
        self._taken: set[str] = set()

    def place(self, entry: Enclosure, data: bytes) -> Enclosure:
        """The entry with the path of its file."""
        if entry.outcome is EnclosureOutcome.SAME:
            return entry if entry.file else replace(entry, file=self._here[entry.sha256])
        path = self._path(_own_name(entry.name, data), self._others if entry.outcome in _ASIDE else self._workbooks)
        self._here[entry.sha256], self.files[path] = path, data
        return replace(entry, file=path)

    def _path(self, name: str, folder: str) -> str:
        """A path that no other file of this or of another mail has."""
        pure = PurePosixPath(name)
        path, number = PurePosixPath(folder, self._folder, name), 1
        while str(path).casefold() in self._taken:
            number += 1
            path = PurePosixPath(folder, self._folder, f"{pure.stem}_{number}{pure.suffix}")
        self._taken.add(str(path).casefold())
        return str(path)


def _folder_name(mail: ReceivedMail, mapping: Mapping) -> str:
    """The day, whose mail it is, and what makes it the only one."""
    unit = next((unit.name for unit in mapping.units if mail.sender and mail.sender in unit.addresses), None)
    stem = PurePosixPath(mail.subject).stem if not mail.sender else ""
    parts = (mail.sent_at.date().isoformat() if mail.sent_at else "", unit or mail.sender or stem, mail.id[:8])
    return safe_name("_".join(part for part in parts if part))


def _own_name(name: str, data: bytes) -> str:
    """The name without any folders, safe everywhere; a nameless file is called by what it is."""
    own = safe_name(name.replace("\\", "/").rsplit("/", 1)[-1]) if name.strip() else ""
    if own not in ("", "_"):
        return own
    suffix = {"xlsx": ".xlsx", "xlsm": ".xlsm", "legacy": ".xls"}.get(triage("", data).kind, ".bin")
    return f"{hashlib.sha256(data).hexdigest()[:8]}{suffix}"


def _may_be_workbook(piece: Piece) -> bool:
    """By its bytes, or by a name that says so: a damaged one has to be sent again."""
    code = triage(piece.name, piece.data).code
    return code is None or (code != "file-lock" and piece.name.lower().strip().endswith(EXCEL_SUFFIXES))
