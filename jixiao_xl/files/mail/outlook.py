"""Outlook's own mail files (.msg): who, when, what, and the attachments ([MS-OXMSG], in an OLE container)."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import olefile

from jixiao_xl.files.mail.headers import decoded, guessed
from jixiao_xl.files.ole import is_bounded

MAX_ATTACHMENTS: Final = 200
MAX_ENTRIES: Final = 20_000  # of the container; each costs a search
MAX_DEPTH: Final = 10
MAX_TOTAL: Final = 300 * 2**20

_PROPERTIES: Final = "__properties_version1.0"
_ATTACHMENT: Final = "__attach_version1.0_#"
_CONTENT: Final = "__substg1.0_3701"
_ROW: Final = struct.Struct("<HHI8s")
_ROOT_HEADER, _EMBEDDED_HEADER = 32, 24
_CODEPAGE, _SUBMITTED, _DELIVERED = 0x3FFD, 0x0039, 0x0E06
_CLASS, _SUBJECT, _MESSAGE_ID, _HEADERS, _TEXT, _HTML = 0x001A, 0x0037, 0x1035, 0x007D, 0x1000, 0x1013
_SENDERS: Final = (0x5D01, 0x5D02, 0x0C1F, 0x0065)
_NAMES: Final = (0x3707, 0x3704, 0x3001)
_LINK: Final = (0x370D, 0x3708)
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OutlookFile:
    """An attachment: a file, a message, or (with neither) a link to a file that did not come along."""

    name: str
    data: bytes | None
    message: OutlookMessage | None = None


@dataclass(frozen=True, slots=True)
class OutlookMessage:
    """A message as Outlook saves it; `headers` as they came over the network, empty where it was never sent."""

    kind: str
    sender: str
    subject: str
    message_id: str
    sent_at: datetime | None
    headers: str
    bodies: tuple[bytes, ...]
    files: tuple[OutlookFile, ...]
    is_whole: bool = True


def is_outlook(data: bytes) -> bool:
    """Whether the bytes are a .msg, whatever it is called."""
    if not is_bounded(data) or _PROPERTIES.encode("utf-16-le") not in data:
        return False
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            return bool(ole.exists(_PROPERTIES))
    except Exception:  # noqa: BLE001  # whatever its parser meets in a damaged container: the file is no mail
        return False


def read_outlook(data: bytes) -> OutlookMessage | None:
    """The message, or None where the container cannot be read; never raises."""
    if not is_bounded(data):
        return None
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            return _Reader(ole, len(data)).message(_tree(ole), _ROOT_HEADER, 0)
    except Exception:  # noqa: BLE001  # as above: struct.error, IndexError, RecursionError, … from the parser
        return None


@dataclass(slots=True)
class _Storage:
    """A folder of the container: its path, the paths of its streams, and its folders, by name."""

    path: tuple[str, ...]
    streams: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    storages: dict[str, _Storage] = field(default_factory=dict[str, "_Storage"])


def _tree(ole: olefile.OleFileIO[str]) -> _Storage:
    root = _Storage(())
    folders: dict[tuple[str, ...], _Storage] = {(): root}
    for is_stream in (False, True):
        listed = ole.listdir(streams=is_stream, storages=not is_stream)
        if len(listed) > MAX_ENTRIES:
            raise ValueError(len(listed))
        for path in sorted(tuple(map(str, names)) for names in listed):
            parent = folders[path[:-1]]
            if is_stream:
                parent.streams[path[-1]] = path
            else:
                folders[path] = parent.storages[path[-1]] = _Storage(path)
    return root


class _Reader:
    def __init__(self, ole: olefile.OleFileIO[str], size: int) -> None:
        self.ole = ole
        self.size = size
        if not 0 <= int(getattr(ole.root, "size", -1)) <= size:
            raise ValueError(size)
        self.left = MAX_TOTAL
        self.files = 0

    def message(self, storage: _Storage, header: int, depth: int) -> OutlookMessage:
        rows = self.rows(storage, header)
        codepage = int.from_bytes(rows.get(_CODEPAGE, b"")[:4], "little")
        label = f"cp{codepage}" if codepage else ""
        files, is_whole = self.attachments(storage, label, depth)
        texts = {key: self.text(storage, (key,), label) for key in (_CLASS, _SUBJECT, _MESSAGE_ID, _HEADERS)}
        senders = [sender for key in _SENDERS if "@" in (sender := self.text(storage, (key,), label))]
        return OutlookMessage(
            kind=texts[_CLASS],
            sender=senders[0].strip().lower() if senders else "",
            subject=texts[_SUBJECT],
            message_id=texts[_MESSAGE_ID],
            sent_at=_moment(rows.get(_SUBMITTED, b"")) or _moment(rows.get(_DELIVERED, b"")),
            headers=texts[_HEADERS],
            bodies=tuple(filter(None, (self.bytes_of(storage, _TEXT), self.bytes_of(storage, _HTML)))),
            files=files,
            is_whole=is_whole,
        )

    def attachments(self, storage: _Storage, label: str, depth: int) -> tuple[tuple[OutlookFile, ...], bool]:
        """The attachments that can be read, and whether those are all."""
        found, is_whole = list[OutlookFile](), True
        for name in sorted(storage.storages):
            if not name.startswith(_ATTACHMENT):
                continue
            self.files += 1
            if self.files > MAX_ATTACHMENTS or depth >= MAX_DEPTH:
                return tuple(found), False
            try:
                found.append(self.attachment(storage.storages[name], label, depth))
            except Exception:  # noqa: BLE001  # one damaged attachment must not hide the others
                is_whole = False
        return tuple(found), is_whole

    def attachment(self, storage: _Storage, label: str, depth: int) -> OutlookFile:
        name = self.text(storage, _NAMES, label)
        if f"{_CONTENT}000D" in storage.storages:
            inner = storage.storages[f"{_CONTENT}000D"]
            if _PROPERTIES in inner.streams:
                return OutlookFile(name, None, self.message(inner, _EMBEDDED_HEADER, depth + 1))
            raise ValueError(name)  # an object drawn into the text, which is no file
        if f"{_CONTENT}0102" in storage.streams:
            return OutlookFile(name, self.stream(storage.streams[f"{_CONTENT}0102"]))
        return OutlookFile(name or self.text(storage, _LINK, label), None)

    def rows(self, storage: _Storage, header: int) -> dict[int, bytes]:
        """The properties of fixed size."""
        if _PROPERTIES not in storage.streams:
            return {}
        data = self.stream(storage.streams[_PROPERTIES])[header:]
        whole = data[: len(data) // _ROW.size * _ROW.size]
        return {name: value for _, name, _, value in _ROW.iter_unpack(whole)}

    def bytes_of(self, storage: _Storage, key: int) -> bytes:
        for kind in ("001F", "001E", "0102"):
            path = storage.streams.get(f"__substg1.0_{key:04X}{kind}")
            if path is not None:
                data = self.stream(path)
                return decoded(data, "utf-16le").encode("utf-8") if kind == "001F" else data
        return b""

    def text(self, storage: _Storage, keys: tuple[int, ...], label: str) -> str:
        """The first of these texts that is there."""
        for key in keys:
            wide = storage.streams.get(f"__substg1.0_{key:04X}001F")
            narrow = storage.streams.get(f"__substg1.0_{key:04X}001E")
            if wide is not None:
                text = decoded(self.stream(wide), "utf-16le")
            elif narrow is not None:
                data = self.stream(narrow)
                text = guessed(data) if label in ("", "cp1252", "cp65001") else decoded(data, label)
            else:
                continue
            if text := text.split("\0", 1)[0]:
                return text
        return ""

    def stream(self, path: tuple[str, ...]) -> bytes:
        if not 0 <= self.ole.get_size(list(path)) <= self.size:
            raise ValueError(path)  # it would be read in circles
        with self.ole.openstream(list(path)) as stream:
            data = stream.read()
        self.left -= len(data)
        if self.left < 0:
            raise ValueError(len(data))
        return bytes(data)


def _moment(value: bytes) -> datetime | None:
    """A FILETIME: tenths of a microsecond since 1601."""
    ticks = int.from_bytes(value, "little")
    try:
        return _EPOCH + timedelta(microseconds=ticks // 10) if ticks else None
    except OverflowError:
        return None
