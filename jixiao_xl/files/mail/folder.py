"""A folder as a mailbox (文件夹收件): saved mails, and files from a USB stick, the office system or a chat."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from jixiao_xl.files.archives import is_clutter
from jixiao_xl.files.mail.outlook import is_outlook
from jixiao_xl.files.mail.parse import looks_like_mail, parse_mail, parse_outlook, sent_at
from jixiao_xl.files.triage import MAX_FILE
from jixiao_xl.model.mail import Piece, ReceivedMail

_FIRST: Final = datetime.min.replace(tzinfo=UTC)


def read_folder(folder: Path) -> Iterator[ReceivedMail]:
    """What lies in a folder and the folders in it, one at a time: mails first, by their date and path, then files.

    A mail without a date comes before those with one. What is too large (file-too-large) or cannot be read
    (file-unreadable) comes without pieces.
    """
    mails, files = list[tuple[datetime, str, Path]](), list[tuple[str, Path]]()
    for name, path in _paths(folder):
        data = _read(path)
        if data is None:
            files.append((name, path))
        elif is_outlook(data):
            mails.append((parse_outlook(data).sent_at or _FIRST, name, path))
        elif looks_like_mail(name, data):
            mails.append((sent_at(data) or _FIRST, name, path))
        else:
            files.append((name, path))
    for _, name, path in sorted(mails):
        data = _read(path)
        if data is None:
            yield _unread(name, path)
        else:
            yield parse_outlook(data) if is_outlook(data) else parse_mail(data)
    for name, path in sorted(files):
        data = _read(path)
        if data is None:
            yield _unread(name, path)
        else:
            identity = hashlib.sha256(data).hexdigest()
            yield ReceivedMail(identity, "", "", None, name, (Piece(path.name, data),))


def _paths(folder: Path) -> Iterator[tuple[str, Path]]:
    """Relative name and path of every ordinary file, links not followed."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not is_clutter(one))
        for one in names:
            path = Path(root) / one
            if not is_clutter(one) and path.is_file() and not path.is_symlink():
                yield path.relative_to(folder).as_posix(), path


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.stat().st_size <= MAX_FILE else None
    except OSError:
        return None


def _unread(name: str, path: Path) -> ReceivedMail:
    """A file whose bytes are not taken in; it is known by what it holds where that can be read."""
    try:
        with path.open("rb") as file:
            identity = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        identity, remark = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest(), "file-unreadable"
    else:
        remark = "file-too-large"
    return ReceivedMail(identity, "", "", None, name, (), (remark,))
