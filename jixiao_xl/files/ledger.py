"""The workspace's ledger (台账库): which workbooks and mails came, what was sent and sealed, each in its order.

An SQLite database, `.jixiao/ledger.sqlite`, that pandas reads, and a journal, `日志/登记簿.jsonl`; each of them alone
suffices. Numbers are given once and never change; times of files count for nothing, and there is no clock in here: days
come from the run. A killed run leaves what was committed last. A change that changes nothing is not written.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Final

from jixiao_xl.files.journal import Fields, Journal, Scalar
from jixiao_xl.files.ledger_database import Database, LedgerError
from jixiao_xl.files.safe import STATE_FOLDER
from jixiao_xl.model import texts
from jixiao_xl.model.history import (
    Dispatch,
    DispatchState,
    Enclosure,
    EnclosureOutcome,
    Event,
    Receipt,
    ReceiptOutcome,
    Round,
    Seal,
)
from jixiao_xl.model.mail import LetterKind

LEDGER_FILE: Final = "ledger.sqlite"
JOURNAL_FILE: Final = ("日志", "登记簿.jsonl")
_SETTLED: Final = "status, must_fix, explain, note, returned"
_ROUND: Final = f"unit, version, file, sha256, entered_on, {_SETTLED}, returned_on"
_ENCLOSURE: Final = "name, way, sha256, file, unit, outcome, code"
_RECEIPT: Final = "number, id, place, uid, message_id, sender, received_at, subject, outcome, day, remarks"
_DISPATCH: Final = "kind, unit, content, message_id, recipients, subject, state, day, reason"
_SEAL: Final = "number, day, as_of, mappings, review, package, sha256, lifted_on, reason"
_SEPARATOR: Final = "; "  # no address holds it


def open_ledger(workspace: Path) -> Ledger:
    """The ledger of the workspace at this path, made where there is none yet; to be closed, best by `with`.

    Raises:
        LedgerError: it is in use, newer than this program, or cannot be made; or part of it was damaged and is lost.
    """
    folder = workspace / STATE_FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise LedgerError(texts.CANNOT_WRITE.format(path=folder, reason=error.strerror)) from error
    return Ledger(Database(folder / LEDGER_FILE, Journal(workspace.joinpath(*JOURNAL_FILE))))


class Ledger:
    """The open ledger. Each call is whole or not at all; `together` makes several so, and waits for the disk once.

    Every call raises LedgerError where the files cannot be used any more.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files; what was not committed is gone."""
        self._database.close()

    def together(self) -> AbstractContextManager[None]:
        """One transaction: everything inside is written at the end, or nothing of it where something fails."""
        return self._database.together()

    # -- versions ----------------------------------------------------------------------------------------------

    def versions(self) -> dict[str, dict[str, int]]:
        """The version of every workbook: by unit, by sha256."""
        known: dict[str, dict[str, int]] = {}
        for one in self.rounds():
            known.setdefault(one.unit, {})[one.sha256] = one.version
        return known

    def enter(self, unit: str, file: str, sha256: str, day: date) -> int:
        """The version of a unit's workbook: its newest, unless the same bytes were entered before.

        Args:
            unit: the unit's code.
            file: path relative to the workspace, with `/`.
            sha256: of the file's bytes.
            day: the day of the run.
        """
        with self.together():
            known = self._number("SELECT version FROM rounds WHERE unit = ? AND sha256 = ?", unit, sha256)
            if known:
                return known
            version = self._number("SELECT max(version) FROM rounds WHERE unit = ?", unit) + 1
            change: Fields = {"unit": unit, "version": version, "file": file, "sha256": sha256}
            self._database.change({"day": day.isoformat(), "what": "enter"} | change)
            return version

    def settle(
        self, unit: str, version: int, *, status: str, must_fix: int, explain: int, note: int, returned: str | None
    ) -> None:
        """Write down how a version stood after this run.

        Raises:
            KeyError: there is no such version.
        """
        with self.together():
            now = self._database.one(f"SELECT {_SETTLED} FROM rounds WHERE unit = ? AND version = ?", unit, version)
            if now is None:
                raise KeyError(unit, version)
            row: Fields = {"what": "settle", "unit": unit, "version": version}
            settled: Fields = {"status": status, "must_fix": must_fix, "explain": explain, "note": note}
            self._database.change(row | settled | {"returned": returned}, before=row | dict(now))

    def gave_back(self, unit: str, version: int, day: date) -> None:
        """Write down that a version went back to its unit; the last day stands.

        Raises:
            KeyError: there is no such version.
        """
        with self.together():
            now = self._database.one("SELECT returned_on FROM rounds WHERE unit = ? AND version = ?", unit, version)
            if now is None:
                raise KeyError(unit, version)
            if now["returned_on"] != day.isoformat():
                place: Fields = {"unit": unit, "version": version}
                self._database.change({"day": day.isoformat(), "what": "give_back"} | place)

    def rounds(self) -> tuple[Round, ...]:
        """Every version by unit and number."""
        return tuple(
            Round(
                *(unit, version, file, sha256, date.fromisoformat(day)),
                *(status, must_fix, explain, note, returned, _day(back)),
            )
            for unit, version, file, sha256, day, status, must_fix, explain, note, returned, back in self._database.rows(
                f"SELECT {_ROUND} FROM rounds ORDER BY unit, version"
            )
        )

    # -- events ------------------------------------------------------------------------------------------------

    def log(self, day: date, verb: str, unit: str | None, text: str) -> None:
        """Add an event; one that says what the last of its verb and unit said on the same day is not added again."""
        with self.together():
            last = self._database.one(
                "SELECT day, text FROM events WHERE verb = ? AND unit IS ? ORDER BY number DESC LIMIT 1", verb, unit
            )
            if last is None or tuple(last) != (day.isoformat(), text):
                self._database.change(
                    {"day": day.isoformat(), "what": "event", "verb": verb, "unit": unit, "text": text}
                )

    def events(self) -> tuple[Event, ...]:
        """Every event in the order in which they were added."""
        rows = self._database.rows("SELECT day, verb, unit, text FROM events ORDER BY number")
        return tuple(Event(date.fromisoformat(day), verb, unit, text) for day, verb, unit, text in rows)

    # -- what came in mails ------------------------------------------------------------------------------------

    def receive(self, receipt: Receipt) -> bool:
        """Enter a mail with its files; gives whether it is new: one that was found there before stays as it is."""
        with self.together():
            known = "SELECT number FROM receipts WHERE id = ? AND place = ? AND uid IS ?"
            if self._database.one(known, receipt.id, receipt.place, receipt.uid):
                return False
            change: Fields = {
                "day": receipt.day.isoformat(),
                "what": "receive",
                "receipt": self._number("SELECT max(number) FROM receipts") + 1,
                "sender": receipt.sender,
                "received_at": receipt.received_at,
                "subject": receipt.subject,
                "outcome": receipt.outcome.value,
                "remarks": " ".join(receipt.remarks),
                "enclosures": [_fields(one) for one in receipt.enclosures],
                "place": receipt.place,
                "uid": receipt.uid,
                "message_id": receipt.message_id,
                "id": receipt.id,
            }
            self._database.change(change)
            return True

    def receipts(self) -> tuple[Receipt, ...]:
        """Every mail in the order in which they were entered."""
        enclosures: dict[int, list[Enclosure]] = {}
        for receipt, name, way, sha256, file, unit, outcome, code in self._database.rows(
            f"SELECT receipt, {_ENCLOSURE} FROM enclosures ORDER BY receipt, position"
        ):
            one = Enclosure(name, way, sha256, file, unit, EnclosureOutcome(outcome), code)
            enclosures.setdefault(receipt, []).append(one)
        return tuple(
            Receipt(
                *(id_, place, uid, message_id, sender, received, subject),
                outcome=ReceiptOutcome(outcome),
                day=date.fromisoformat(day),
                enclosures=tuple(enclosures.get(number, ())),
                remarks=tuple(remarks.split()),
            )
            for number, id_, place, uid, message_id, sender, received, subject, outcome, day, remarks in (
                self._database.rows(f"SELECT {_RECEIPT} FROM receipts ORDER BY number")
            )
        )

    def has_receipt(self, id_: str) -> bool:
        """Whether a mail with this SHA-256 was received, at whatever place."""
        return self._database.one("SELECT number FROM receipts WHERE id = ?", id_) is not None

    def last_uid(self, place: str) -> int:
        """The highest number that was received from a mailbox, or 0."""
        return self._number("SELECT max(uid) FROM receipts WHERE place = ?", place)

    def kept(self, sha256: str) -> str | None:
        """Where a file with these bytes that came in a mail is kept, or None."""
        query = "SELECT file FROM enclosures WHERE sha256 = ? AND file != '' ORDER BY receipt, position"
        row = self._database.one(query, sha256)
        return None if row is None else row["file"]

    def senders(self) -> dict[str, str]:
        """The address from which each kept file came first; without files that nobody is named as the sender of."""
        rows = self._database.rows(
            "SELECT file, sender FROM enclosures JOIN receipts ON receipt = number"
            " WHERE file != '' AND sender != '' AND enclosures.outcome != ? ORDER BY receipt DESC, position DESC",
            EnclosureOutcome.SAME.value,
        )
        return {row["file"]: row["sender"] for row in rows}

    # -- what was sent -----------------------------------------------------------------------------------------

    def begin_sending(self, dispatch: Dispatch) -> Dispatch:
        """Enter a letter before it goes out, or give the one that is entered already, as it stands.

        A letter is one and the same by its kind, unit and content. One that stands in `sending` was begun by a run
        that was killed: it goes again under the same Message-ID.
        """
        with self.together():
            same = "kind = ? AND unit = ? AND content = ?"
            known = self._dispatches(same, dispatch.kind.value, dispatch.unit, dispatch.content)
            if known:
                return known[0]
            change: Fields = {
                "day": dispatch.day.isoformat(),
                "what": "send",
                "kind": dispatch.kind.value,
                "unit": dispatch.unit,
                "to": _SEPARATOR.join(dispatch.to),
                "subject": dispatch.subject,
                "state": dispatch.state.value,
                "reason": dispatch.reason,
                "content": dispatch.content,
                "message_id": dispatch.message_id,
            }
            self._database.change(change)
            return dispatch

    def sent(self, message_id: str, day: date) -> None:
        """The letter is on its way.

        Raises:
            KeyError: no such letter was begun.
        """
        self._move("sent", message_id, DispatchState.SENT, day)

    def refused(self, message_id: str, reason: str, day: date) -> None:
        """The letter will never be taken.

        Raises:
            KeyError: no such letter was begun.
        """
        self._move("refused", message_id, DispatchState.REFUSED, day, reason=reason)

    def again(self, message_id: str, to: tuple[str, ...], day: date) -> Dispatch:
        """A letter that was refused goes once more, to these addresses, under the same Message-ID.

        Raises:
            KeyError: no such letter was begun.
        """
        self._move("again", message_id, DispatchState.SENDING, day, to=_SEPARATOR.join(to))
        return self._dispatches("message_id = ?", message_id)[0]

    def dispatches(self) -> tuple[Dispatch, ...]:
        """Every letter in the order in which they were begun."""
        return self._dispatches("number > 0")

    def _move(self, what: str, message_id: str, state: DispatchState, day: date, **more: str) -> None:
        """Bring a letter into a state; one that is there, for the same reason, stays as it is."""
        with self.together():
            row = self._database.one(
                "SELECT state, reason, recipients FROM dispatches WHERE message_id = ?", message_id
            )
            if row is None:
                raise KeyError(message_id)
            now = (row["state"], row["reason"], row["recipients"])
            if now != (state.value, more.get("reason", ""), more.get("to", row["recipients"])):
                change: Fields = {"day": day.isoformat(), "what": what, "state": state.value}
                self._database.change(change | more | {"message_id": message_id})

    def _dispatches(self, condition: str, *values: str) -> tuple[Dispatch, ...]:
        return tuple(
            Dispatch(
                kind=LetterKind(kind),
                unit=unit,
                content=content,
                message_id=message_id,
                to=tuple(recipients.split(_SEPARATOR)) if recipients else (),
                subject=subject,
                state=DispatchState(state),
                day=date.fromisoformat(day),
                reason=reason,
            )
            for kind, unit, content, message_id, recipients, subject, state, day, reason in self._database.rows(
                f"SELECT {_DISPATCH} FROM dispatches WHERE {condition} ORDER BY number", *values
            )
        )

    # -- seals -------------------------------------------------------------------------------------------------

    def seal(self, seal: Seal) -> None:
        """Seal the year; the very same seal again changes nothing.

        Raises:
            ValueError: another seal is in force, or its number is not the one after the last.
        """
        with self.together():
            seals = self.seals()
            if seals and seals[-1] == seal:
                return
            if self.seal_in_force() or seal.number != len(seals) + 1:
                raise ValueError(f"seal {seal.number} cannot follow {len(seals)}")
            change: Fields = {
                "day": seal.day.isoformat(),
                "what": "seal",
                "seal": seal.number,
                "as_of": seal.as_of.isoformat(),
                "package": seal.package,
                "sha256": seal.sha256,
                "mappings": seal.mappings,
                "review": seal.review,
                "files": [{"unit": unit, "sha256": sha256} for unit, sha256 in sorted(seal.files.items())],
            }
            self._database.change(change)

    def lift_seal(self, reason: str, day: date) -> None:
        """Lift the seal that is in force.

        Raises:
            KeyError: none is.
        """
        with self.together():
            seal = self.seal_in_force()
            if seal is None:
                raise KeyError("seal")
            change: Fields = {"day": day.isoformat(), "what": "lift", "seal": seal.number, "reason": reason}
            self._database.change(change)

    def seal_in_force(self) -> Seal | None:
        """The seal that was not lifted, or None."""
        return next((seal for seal in self.seals() if seal.lifted_on is None), None)

    def seals(self) -> tuple[Seal, ...]:
        """Every seal by its number."""
        files: dict[int, dict[str, str]] = {}
        for number, unit, sha256 in self._database.rows("SELECT seal, unit, sha256 FROM sealed_files ORDER BY unit"):
            files.setdefault(number, {})[unit] = sha256
        return tuple(
            Seal(
                *(number, date.fromisoformat(day), date.fromisoformat(as_of), files.get(number, {})),
                *(mappings, review, package, sha256),
                lifted_on=_day(lifted_on),
                reason=reason,
            )
            for number, day, as_of, mappings, review, package, sha256, lifted_on, reason in self._database.rows(
                f"SELECT {_SEAL} FROM seals ORDER BY number"
            )
        )

    # -- below -------------------------------------------------------------------------------------------------

    def _number(self, query: str, *values: str) -> int:
        """The number that a query gives, or 0."""
        row = self._database.one(query, *values)
        return 0 if row is None or row[0] is None else int(row[0])


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _fields(one: Enclosure) -> dict[str, Scalar]:
    words = {"name": one.name, "unit": one.unit, "outcome": one.outcome.value, "code": one.code}
    return {**words, "file": one.file, "way": one.way, "sha256": one.sha256}
