"""The ledger's database (台账数据库): SQLite and the journal in step, whatever happens to either of them.

A transaction is written to the journal first and committed then. On opening, what the database has not seen is made up
for; a database that is missing or damaged is built from the journal, a journal that is missing or damaged from the
database, which keeps a copy of every line. Nothing damaged is deleted.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from jixiao_xl.files.journal import (
    JOURNAL_SCHEMA,
    Agreed,
    Fields,
    Journal,
    Scalar,
    agree,
    as_bytes,
    beginning,
    chained,
    parsed,
    read_lines,
)
from jixiao_xl.files.ledger_schema import CHANGES, EVENTS, ROUNDS, SCHEMA
from jixiao_xl.files.log import LOGGER
from jixiao_xl.model import texts, texts_mail
from jixiao_xl.model.errors import JixiaoError

WAIT_SECONDS: Final = 5.0
_DAMAGED: Final = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB))
_BUSY: Final = frozenset((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED))


class LedgerError(JixiaoError):
    """A ledger that cannot be used; the sentence says what to do."""


class LedgerSetAside(LedgerError):
    """A database that was damaged, or told another story than the journal, and lies under another name now."""


class Database:
    """The open database. Each change is whole or not at all; `together` makes several so."""

    def __init__(self, path: Path, journal: Journal) -> None:
        """Open both files, made where there are none, and bring them in step.

        Raises:
            LedgerError: they are in use, newer than this program, cannot be written; or something was damaged and is
                lost, was set aside, and the next opening will go on with what there is.
        """
        self._path, self._journal = path, journal
        self._connection: sqlite3.Connection | None = None
        self._size: int | None = None  # of the journal when it was last in step
        self._pending: dict[object, tuple[Fields, Fields | None]] = {}  # a change, and the same one as things stood
        try:
            try:
                self._open()
            except LedgerSetAside as error:
                if not journal.size():
                    raise
                logging.getLogger(LOGGER).warning(error)
                self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; what was not committed is gone."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # -- asking and changing -----------------------------------------------------------------------------------

    def rows(self, query: str, *values: Scalar) -> list[sqlite3.Row]:
        """What a query gives."""
        with self._spoken():
            return self._opened.execute(query, [_writable(v) if isinstance(v, str) else v for v in values]).fetchall()

    def one(self, query: str, *values: Scalar) -> sqlite3.Row | None:
        """The first row, or None."""
        rows = self.rows(query, *values)
        return rows[0] if rows else None

    def change(self, fields: Fields, *, before: Fields | None = None) -> None:
        """Make a change; `what` among its fields says which of CHANGES.

        Args:
            fields: the change.
            before: the same change as the row stands now. Several such of one row in one transaction are one line,
                and none where the row stands in the end as it stood.
        """
        with self.together():
            self._apply(fields)
            if before is None:
                self._pending[object()] = (fields, None)
                return
            row = tuple((key, fields[key]) for key in ("what", "unit", "version"))
            _, first = self._pending.pop(row, (fields, before))
            if fields != first:
                self._pending[row] = (fields, first)

    @contextmanager
    def together(self) -> Generator[None]:
        """One transaction: everything inside is committed at the end, or nothing of it where something fails."""
        with self._spoken():
            if self._opened.in_transaction:
                yield
                return
            self._begin()
            try:
                yield
                size = self._write_down()
                self._opened.commit()
                self._size = size
            except BaseException:
                self._undo()
                raise
            finally:
                self._pending.clear()

    def _begin(self) -> None:
        """Begin a transaction with both files in step: another run may have written, or have been killed."""
        self._opened.execute("BEGIN IMMEDIATE")
        while self._journal_size() != self._size:
            self._opened.rollback()
            self._bring_in_step()
            self._opened.execute("BEGIN IMMEDIATE")

    def _write_down(self) -> int | None:
        """Write what has changed into the journal; gives the journal's size."""
        changes = [fields for fields, _ in self._pending.values()]
        if not changes:
            return self._size
        head: str = self._opened.execute("SELECT line FROM journal ORDER BY n DESC LIMIT 1").fetchone()[0]
        lines: list[str] = []
        for number, fields in enumerate(changes, 1):
            head = chained(head, fields, more=number < len(changes))
            lines.append(head)
        self._copy(lines)
        with self._reaching_journal():
            return self._journal.append(lines)

    def _undo(self) -> None:
        """Nothing of the transaction has happened; what cannot be cut off now will be found on the next opening."""
        if self._connection is None:  # a damaged file has been closed and set aside
            return
        with suppress(OSError):
            if self._size is not None and (self._journal.size() or 0) > self._size:
                self._journal.cut(self._size)
        self._connection.rollback()

    def _apply(self, fields: Fields) -> None:
        """Make a change in the database."""
        written: Fields = json.loads(_writable(json.dumps(fields, ensure_ascii=False)))
        for statement, items in CHANGES[str(fields["what"])]:
            if items is None:
                self._opened.execute(statement, written)
                continue
            every = written[items]
            assert isinstance(every, list)
            self._opened.executemany(statement, [written | {"position": n} | one for n, one in enumerate(every, 1)])

    def _copy(self, lines: Iterable[str]) -> None:
        """Keep a copy of lines of the journal."""
        following = "(SELECT ifnull(max(n), -1) + 1 FROM journal)"
        self._opened.executemany(f"INSERT INTO journal (n, line) VALUES ({following}, ?)", [(line,) for line in lines])

    # -- opening -----------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Open the files; whole ones that are in step are only read."""
        with self._spoken():
            # autocommit: transactions begin and end where this module says so
            self._connection = sqlite3.connect(self._path, timeout=WAIT_SECONDS, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
            self._opened.execute("PRAGMA synchronous = FULL")
            if self._opened.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise self._set_aside()
            if self._version() > len(SCHEMA):
                raise LedgerError(texts.LEDGER_NEWER.format(path=self._path))
            if self._version() < len(SCHEMA) or not self._is_in_step():
                self._bring_in_step()

    def _is_in_step(self) -> bool:
        with self._reaching_journal():
            data = self._journal.read()
        lines = self._lines()
        self._size = None if data is None else len(data)
        return bool(lines) and data == as_bytes(lines)

    def _bring_in_step(self) -> None:
        """Bring the database to this program's schema and both files to the same history, in one transaction."""
        self._opened.execute("BEGIN IMMEDIATE")
        try:
            self._upgrade()  # asked again inside: another run may have been faster
            complaint = self._agree()
            self._opened.commit()
        except BaseException:
            if self._connection is not None:
                self._connection.rollback()
            raise
        if complaint is not None:
            raise complaint

    def _upgrade(self) -> None:
        version = self._version()
        if version == len(SCHEMA):
            return
        for script in SCHEMA[version:]:
            for statement in script.split(";"):
                self._opened.execute(statement)
        self._opened.execute(f"PRAGMA user_version = {len(SCHEMA)}")
        if version:
            lines = [beginning()]
            for fields in self._changes_before_the_journal():
                lines.append(chained(lines[-1], fields))
            self._copy(lines)

    def _changes_before_the_journal(self) -> Iterator[Fields]:
        """What a ledger of the first version holds, as changes."""
        for row in self._opened.execute(ROUNDS).fetchall():
            entered = {key: row[key] for key in ("unit", "version", "file", "sha256")}
            yield {"day": row["entered_on"], "what": "enter"} | entered
            settled = {key: row[key] for key in ("status", "must_fix", "explain", "note", "returned")}
            yield {"what": "settle", "unit": row["unit"], "version": row["version"]} | settled
        for row in self._opened.execute(EVENTS).fetchall():
            yield {"day": row["day"], "what": "event"} | {key: row[key] for key in ("verb", "unit", "text")}

    def _agree(self) -> LedgerError | None:
        """Bring database and journal to the same history; gives what the operator has to know before going on."""
        with self._reaching_journal():
            data = self._journal.read() or b""
        reading = read_lines(data)
        if reading.schema > JOURNAL_SCHEMA:
            raise LedgerError(texts.LEDGER_NEWER.format(path=self._journal.path))
        known = self._lines()
        agreed = agree(known, reading)
        if agreed.is_other:
            raise self._set_aside()
        lines = [*agreed.history, *self._rescued(agreed, known)]
        with self._reaching_journal():
            aside = self._journal.keep_aside(data) if reading.rest else None
            self._size = len(data) if data == as_bytes(lines) else self._journal.rewrite(lines)
        if aside is None:
            return None
        names = {"path": self._journal.path, "aside": aside, "line": len(reading.lines) + 1}
        if agreed.is_lost:
            return LedgerError(texts_mail.JOURNAL_DAMAGED.format(**names))
        logging.getLogger(LOGGER).warning(texts_mail.JOURNAL_MENDED.format(**names))
        return None

    def _rescued(self, agreed: Agreed, known: list[str]) -> list[str]:
        """Apply what the database has not seen; gives new lines for what only a damaged file has."""
        missing = agreed.history[len(known) :]
        for line in missing:
            self._apply(parsed(line) or {})
        self._copy(missing)
        lines: list[str] = []
        for fields in agreed.doubtful:
            change = {key: value for key, value in fields.items() if key not in ("n", "more", "check")}
            self._opened.execute("SAVEPOINT doubtful")
            try:
                self._apply(change)
            except (sqlite3.Error, KeyError, TypeError, AssertionError):  # it needs a line that is lost
                self._opened.execute("ROLLBACK TO doubtful")
            else:
                lines.append(chained(lines[-1] if lines else agreed.history[-1], change))
            self._opened.execute("RELEASE doubtful")
        self._copy(lines)
        return lines

    # -- below -------------------------------------------------------------------------------------------------

    @property
    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ValueError("the ledger is closed")
        return self._connection

    def _version(self) -> int:
        return self._opened.execute("PRAGMA user_version").fetchone()[0]

    def _lines(self) -> list[str]:
        return [line for (line,) in self._opened.execute("SELECT line FROM journal ORDER BY n")]

    def _journal_size(self) -> int | None:
        with self._reaching_journal():
            return self._journal.size()

    @contextmanager
    def _reaching_journal(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or error
            raise LedgerError(texts.CANNOT_WRITE.format(path=self._journal.path, reason=reason)) from error

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
        """The file under another name, nothing of it deleted; gives the sentence about it."""
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
        if self._journal.size():
            return LedgerSetAside(texts_mail.LEDGER_SET_ASIDE.format(path=self._path, aside=aside))
        return LedgerSetAside(texts.LEDGER_DAMAGED.format(path=self._path, aside=aside))


def _writable(text: str) -> str:
    """Half a character of a broken name cannot be written; the journal has a question mark for it, too."""
    return text.encode("utf-8", "replace").decode()
