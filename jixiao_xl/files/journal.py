"""The journal (登记簿): every change of the ledger as one JSON line, added and never altered; it alone suffices.

    {"n": 12, "day": "2026-04-20", "what": "receive", …, "check": "9f86d081884c7d65"}

`n` counts from 0, the line that names the schema. `check` is the beginning of the SHA-256 of the check of the line
before and of what stands before `, "check"` in this one: a line that was altered, lost or put in shows. Of the lines
of one transaction all but the last say `"more": true`; a transaction that was not written to its end did not happen.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jixiao_xl.files.safe import sweep_orphans, write_atomically

Scalar = str | int | None
Fields = dict[str, Scalar | list[dict[str, Scalar]]]  # a change: what it is, and its words and numbers

JOURNAL_SCHEMA: Final = 1
BEGINNING: Final = "journal"
_CHECK_DIGITS: Final = 16
_LINE: Final = re.compile(r'(\{"n": ([0-9]+), .*), "check": "([0-9a-f]{16})"\}', re.DOTALL)
_START: Final = re.compile(r'\{"n": ([0-9]+), ')
_MORE: Final = re.compile(r'\{"n": [0-9]+, "more": true, ')


# -- lines -------------------------------------------------------------------------------------------------------


def chained(before: str | None, fields: Fields, *, more: bool = False) -> str:
    """The line of a change, after the line `before`."""
    number = 0 if before is None else _number(before) + 1
    start: Fields = {"n": number, "more": True} if more else {"n": number}
    text = json.dumps({**start, **fields}, ensure_ascii=False)
    # half a character of a broken name cannot be written; the reader sees a question mark
    body = text.encode("utf-8", "replace").decode()[:-1]
    return f'{body}, "check": "{_check(before, body)}"}}'


def continues(before: str | None, line: str) -> bool:
    """Whether the line is the one that was written after the line `before`."""
    match = _LINE.fullmatch(line)
    if match is None or int(match[2]) != (0 if before is None else _number(before) + 1):
        return False
    return match[3] == _check(before, match[1])


def parsed(line: str) -> Fields | None:
    """The change that a line holds, or None where it is no line of a journal; `n` is among its fields."""
    try:
        value: Fields | list[Scalar] | Scalar = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and isinstance(value.get("n"), int) and "what" in value else None


def beginning() -> str:
    """The first line."""
    return chained(None, {"what": BEGINNING, "schema": JOURNAL_SCHEMA})


def as_bytes(lines: Sequence[str]) -> bytes:
    """The lines as they lie in the file."""
    return "".join(f"{line}\n" for line in lines).encode()


def _number(line: str) -> int:
    match = _LINE.fullmatch(line)
    assert match is not None, line
    return int(match[2])


def _check(before: str | None, body: str) -> str:
    previous = "" if before is None else before[-2 - _CHECK_DIGITS : -2]
    return hashlib.sha256(f"{previous}{body}".encode()).hexdigest()[:_CHECK_DIGITS]


# -- what a file holds -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """What a journal's file holds.

    Attributes:
        lines: from its beginning, as they were written.
        rest: everything from the first line on that is not as it was written.
        schema: of the file, or that of this program where it names none.
        size: of the file, in bytes.
    """

    lines: tuple[str, ...]
    rest: tuple[str, ...]
    schema: int
    size: int


def read_lines(data: bytes) -> Reading:
    """What the bytes hold; a last line or transaction that was not written to its end is not there.

    A file that an editor has saved with a byte order mark or its own line ends is as good as before.
    """
    found = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").split("\n")
    lines: list[str] = []
    for line in found:
        if not continues(lines[-1] if lines else None, line):
            break
        lines.append(line)
    rest = found[len(lines) : -1]  # what stands after the last line end is nothing, or torn
    schema = (parsed(lines[0]) or {}).get("schema") if lines else None
    while not rest and lines and _MORE.match(lines[-1]):
        lines.pop()
    return Reading(tuple(lines), tuple(rest), schema if isinstance(schema, int) else JOURNAL_SCHEMA, len(data))


@dataclass(frozen=True, slots=True)
class Agreed:
    """What happened, from two accounts of it.

    Attributes:
        history: every line that is certain.
        doubtful: changes after those that stand in a damaged file alone, in order.
        is_lost: whether a change stands nowhere any more.
        is_other: whether the two tell different stories, and the history is the journal's.
    """

    history: tuple[str, ...]
    doubtful: tuple[Fields, ...] = ()
    is_lost: bool = False
    is_other: bool = False


def agree(known: Sequence[str], reading: Reading) -> Agreed:
    """What happened, from the lines that the database knows and from the journal's file.

    The longer of the two counts where it begins with the other, and where the file is damaged, what it has beyond the
    damage, too. Where they differ before any damage, the journal counts.
    """
    known, lines = tuple(known), reading.lines
    if not _begins(known, lines) and not _begins(lines, known):
        return Agreed(lines, is_other=True)
    history = [*(lines if _begins(lines, known) else known)] or [beginning()]
    doubtful: list[Fields] = []
    is_lost = False
    for line in reading.rest:
        fields = parsed(line)
        if not doubtful and not is_lost and continues(history[-1], line):
            history.append(line)
        elif fields is None:
            is_lost |= _was_new(line, history, reading.size)
        elif int(str(fields["n"])) >= len(history):
            doubtful.append(fields)
    return Agreed(tuple(history), tuple(doubtful), is_lost or bool(doubtful))


def _was_new(line: str, history: Sequence[str], size: int) -> bool:
    """Whether what a damaged line said may stand nowhere else: by its number, else by the size of the file."""
    match = _START.match(line)
    return size > len(as_bytes(history)) if match is None else int(match[1]) >= len(history)


def _begins(lines: Sequence[str], with_these: Sequence[str]) -> bool:
    return tuple(lines[: len(with_these)]) == tuple(with_these)


# -- the file ----------------------------------------------------------------------------------------------------


class Journal:
    """The file; whoever calls holds the ledger's transaction. Everything raises OSError where it cannot be done."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> bytes | None:
        """Its bytes, or None where there is no such file."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def size(self) -> int | None:
        """Its size in bytes, or None where there is no such file."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return None

    def append(self, lines: Sequence[str]) -> int:
        """Add lines that are on disk when this returns; gives the new size. What fails leaves the file as it was."""
        with self.path.open("r+b") as file:
            before = file.seek(0, os.SEEK_END)
            try:
                file.write(as_bytes(lines))
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                os.ftruncate(file.fileno(), before)
                raise
            return file.tell()

    def cut(self, size: int) -> None:
        """Cut off what stands beyond this size."""
        os.truncate(self.path, size)

    def rewrite(self, lines: Sequence[str]) -> int:
        """Write the whole file anew; gives its size."""
        data = as_bytes(lines)
        sweep_orphans(self.path.parent)
        written = write_atomically(self.path, data)
        if written != self.path:  # it is open elsewhere
            written.unlink(missing_ok=True)
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self.path))
        return len(data)

    def keep_aside(self, data: bytes) -> Path:
        """Keep a damaged journal under another name; gives its path."""
        number = 1
        while (aside := self.path.with_stem(f"{self.path.stem}.damaged-{number}")).exists():
            number += 1
        return write_atomically(aside, data)
