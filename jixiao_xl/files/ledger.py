"""The workspace's ledger (台账库): every version of every unit's workbook in the order in which they came.

One SQLite file, `.jixiao/ledger.sqlite`. A version's number is given once and never changes; times of files count for
nothing, and there is no clock in here: days come from the run. A killed run leaves what was committed last.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Final

from jixiao_xl.files.safe import STATE_FOLDER
from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.history import Event, Round

LEDGER_FILE: Final = "ledger.sqlite"
WAIT_SECONDS: Final = 5.0
_DAMAGED: Final = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB))
_BUSY: Final = frozenset((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED))
# one script a version of the schema; user_version says how many of them a ledger has had
_SCHEMA: Final = (
    """
    CREATE TABLE rounds (
        unit TEXT NOT NULL, version INTEGER NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL,
        entered_on TEXT NOT NULL, status TEXT, must_fix INTEGER NOT NULL DEFAULT 0,
        explain INTEGER NOT NULL DEFAULT 0, note INTEGER NOT NULL DEFAULT 0, returned TEXT,
        PRIMARY KEY (unit, version), UNIQUE (unit, sha256)
    );
    CREATE TABLE events (
        number INTEGER PRIMARY KEY, day TEXT NOT NULL, verb TEXT NOT NULL, unit TEXT, text TEXT NOT NULL
    );
    """,
)
_ROUND: Final = "unit, version, file, sha256, entered_on, status, must_fix, explain, note, returned"


class LedgerError(JixiaoError):
    """A ledger that cannot be used; the sentence says what to do."""


def open_ledger(workspace: Path) -> Ledger:
    """The ledger of the workspace at this path, made where there is none yet; to be closed, best by `with`.

    Raises:
        LedgerError: it is damaged (and was set aside), in use, newer than this program, or cannot be made.
    """
    folder = workspace / STATE_FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise LedgerError(texts.CANNOT_WRITE.format(path=folder, reason=error.strerror)) from error
    return Ledger(folder / LEDGER_FILE)


class Ledger:
    """The open ledger. Each call is whole or not at all; `together` makes several so."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            LedgerError: see `open_ledger`.
        """
        self._path = path
        self._connection: sqlite3.Connection | None = None
        try:
            with self._spoken():
                # autocommit: transactions begin and end where this module says so
                self._connection = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
                self._database.execute("PRAGMA synchronous = FULL")
                self._prepare()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was not committed is gone."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

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
            known = self._one("SELECT version FROM rounds WHERE unit = ? AND sha256 = ?", unit, sha256)
            if known is not None:
                return known
            last = self._one("SELECT max(version) FROM rounds WHERE unit = ?", unit) or 0
            self._database.execute(
                "INSERT INTO rounds (unit, version, file, sha256, entered_on) VALUES (?, ?, ?, ?, ?)",
                (unit, last + 1, file, sha256, day.isoformat()),
            )
            return last + 1

    def settle(
        self, unit: str, version: int, *, status: str, must_fix: int, explain: int, note: int, returned: str | None
    ) -> None:
        """Write down how a version stood after this run.

        Raises:
            KeyError: there is no such version.
        """
        with self.together():
            done = self._database.execute(
                "UPDATE rounds SET status = ?, must_fix = ?, explain = ?, note = ?, returned = ?"
                " WHERE unit = ? AND version = ?",
                (status, must_fix, explain, note, returned, unit, version),
            )
            if not done.rowcount:
                raise KeyError(unit, version)

    def rounds(self) -> tuple[Round, ...]:
        """Every version by unit and number."""
        with self._spoken():
            rows = self._database.execute(f"SELECT {_ROUND} FROM rounds ORDER BY unit, version").fetchall()
        return tuple(
            Round(unit, version, file, sha256, date.fromisoformat(day), status, must_fix, explain, note, returned)
            for unit, version, file, sha256, day, status, must_fix, explain, note, returned in rows
        )

    # -- events ------------------------------------------------------------------------------------------------

    def log(self, day: date, verb: str, unit: str | None, text: str) -> None:
        """Add an event; one that says what the last of its verb and unit said on the same day is not added again."""
        with self.together():
            last = self._database.execute(
                "SELECT day, text FROM events WHERE verb = ? AND unit IS ? ORDER BY number DESC LIMIT 1", (verb, unit)
            ).fetchone()
            if last != (day.isoformat(), text):
                self._database.execute(
                    "INSERT INTO events (day, verb, unit, text) VALUES (?, ?, ?, ?)",
                    (day.isoformat(), verb, unit, text),
                )

    def events(self) -> tuple[Event, ...]:
        """Every event in the order in which they were added."""
        with self._spoken():
            rows = self._database.execute("SELECT day, verb, unit, text FROM events ORDER BY number").fetchall()
        return tuple(Event(date.fromisoformat(day), verb, unit, text) for day, verb, unit, text in rows)

    # -- below -------------------------------------------------------------------------------------------------

    @contextmanager
    def together(self) -> Generator[None]:
        """One transaction: everything inside is committed at the end, or nothing of it where something fails."""
        with self._spoken():
            if self._database.in_transaction:
                yield
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.commit()
            except BaseException:
                if self._connection is not None:  # a damaged file has been closed and set aside
                    self._connection.rollback()
                raise

    @property
    def _database(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError("the ledger is closed")
        return self._connection

    def _one(self, query: str, *values: str) -> int | None:
        row = self._database.execute(query, values).fetchone()
        return None if row is None or row[0] is None else int(row[0])

    def _prepare(self) -> None:
        """Bring the file to this program's schema; a whole one that needs nothing is only read."""
        if self._database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise self._set_aside()
        if self._version() < len(_SCHEMA):
            with self.together():  # asked again inside: another run may have been faster
                for number in range(self._version(), len(_SCHEMA)):
                    for statement in _SCHEMA[number].split(";"):
                        self._database.execute(statement)
                self._database.execute(f"PRAGMA user_version = {len(_SCHEMA)}")
        if self._version() > len(_SCHEMA):
            raise LedgerError(texts.LEDGER_NEWER.format(path=self._path))

    def _version(self) -> int:
        return self._one("PRAGMA user_version") or 0

    @contextmanager
    def _spoken(self) -> Generator[None]:
        """What SQLite complains about, as a sentence."""
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise
        except sqlite3.DatabaseError as error:
            kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if kind in _DAMAGED:
                raise self._set_aside() from error
            if kind in _BUSY:
                raise LedgerError(texts.LEDGER_BUSY.format(path=self._path)) from error
            raise LedgerError(texts.CANNOT_WRITE.format(path=self._path, reason=error)) from error

    def _set_aside(self) -> LedgerError:
        """The damaged file under another name, nothing of it deleted; gives the sentence about it."""
        self.close()
        number = 1
        while (aside := self._path.with_stem(f"{self._path.stem}.damaged-{number}")).exists():
            number += 1
        try:
            for suffix in ("", "-journal"):
                source = self._path.with_name(self._path.name + suffix)
                if source.exists():
                    source.rename(aside.with_name(aside.name + suffix))
        except OSError:
            return LedgerError(texts.LEDGER_DAMAGED_THERE.format(path=self._path))
        return LedgerError(texts.LEDGER_DAMAGED.format(path=self._path, aside=aside))
