"""Archives (压缩包): what is in a zip that somebody sent, within limits; nothing is ever unpacked onto the disk."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from dataclasses import dataclass, replace
from typing import Final

from jixiao_xl.files.mail.headers import guessed
from jixiao_xl.files.triage import MAX_ENTRIES, MAX_FILE, MAX_RATIO, MAX_TOTAL, RATIO_FLOOR
from jixiao_xl.model.mail import Piece
from jixiao_xl.model.package_record import RECORD

MAX_DEPTH: Final = 2  # a zip in a zip is opened, one in that is not

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OTHERS: Final = (b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08")
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others cannot be unpacked piecemeal
_UTF8: Final = 0x800
_ENCRYPTED: Final = 0x41  # the entry, or its strong form
_UNICODE_PATH: Final = 0x7075
_OFFICE_PARTS: Final = frozenset(("[content_types].xml", "mimetype"))
_CLUTTER: Final = frozenset(("thumbs.db", "desktop.ini", "__macosx"))


@dataclass(frozen=True, slots=True)
class Opened:
    """What an archive held.

    Attributes:
        pieces: its files in order, names as stored and not made safe; a zip inside that could not be opened too.
        remarks: archive-encrypted, -damaged, -too-large, -too-deep, -unsupported, -empty.
        is_archive: false for a file of another kind, an Office document, and a package that we made.
    """

    pieces: tuple[Piece, ...] = ()
    remarks: tuple[str, ...] = ()
    is_archive: bool = True


class _Refused(Exception):
    """An archive that is not opened; its text is the remark."""


class _Sealed(Exception):
    """A zip that is a document."""


def open_archive(name: str, data: bytes) -> Opened:
    """The files in a zip, and in the zips in it; never raises. `name` is not looked at: the bytes decide."""
    if data.startswith(_OTHERS):
        return Opened(remarks=("archive-unsupported",))
    if not data.startswith(_ZIP):
        return Opened(is_archive=False)
    return _Opener().opened(data, ("zip",))


def unpacked(piece: Piece) -> Opened:
    """The files in a piece that is an archive, each with the whole way through which it was found."""
    opened = open_archive(piece.name, piece.data)
    return replace(opened, pieces=tuple(replace(inner, way=piece.way + inner.way) for inner in opened.pieces))


def is_clutter(path: str) -> bool:
    """Whether a path is of a file that programs leave behind: locks of open documents, folder views, hidden files."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return any(part.startswith((".", "~$")) or part.lower() in _CLUTTER for part in parts)


class _Opener:
    """Opens a zip and what is in it, with one allowance for all of it."""

    def __init__(self) -> None:
        self.bytes_left = MAX_TOTAL
        self.entries_left = MAX_ENTRIES

    def opened(self, data: bytes, way: tuple[str, ...]) -> Opened:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                members = self.members(package, len(data))
        except _Sealed:
            return Opened(is_archive=False)
        except _Refused as refused:
            return Opened(remarks=(str(refused),))
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, LookupError):
            return Opened(remarks=("archive-damaged",))
        except (NotImplementedError, RuntimeError, struct.error, OverflowError, MemoryError):
            return Opened(remarks=("archive-unsupported",))
        pieces, remarks = list[Piece](), list[str]()
        for name, content in members:
            inner = self.inner(content, way)
            remarks += inner.remarks
            pieces += inner.pieces if inner.is_archive and not _is_shut(inner) else [Piece(name, content, way)]
        if not pieces and not remarks:
            remarks.append("archive-empty")
        return Opened(tuple(pieces), tuple(dict.fromkeys(remarks)))

    def inner(self, content: bytes, way: tuple[str, ...]) -> Opened:
        if content.startswith(_OTHERS):
            return Opened(remarks=("archive-unsupported",))
        if not content.startswith(_ZIP):
            return Opened(is_archive=False)
        if len(way) < MAX_DEPTH:
            return self.opened(content, (*way, "zip"))
        return Opened(remarks=("archive-too-deep",)) if _is_plain_zip(content) else Opened(is_archive=False)

    def members(self, package: zipfile.ZipFile, size: int) -> list[tuple[str, bytes]]:
        """Name and bytes of every file; the limits are looked at before a byte is unpacked, and while."""
        entries = package.infolist()
        names = [_name(entry) for entry in entries]
        if _is_document(names):
            raise _Sealed
        if any(entry.flag_bits & _ENCRYPTED for entry in entries):
            raise _Refused("archive-encrypted")
        total = sum(entry.file_size for entry in entries)
        self.entries_left -= len(entries)
        if self.entries_left < 0 or total > self.bytes_left or (total > RATIO_FLOOR and total > MAX_RATIO * size):
            raise _Refused("archive-too-large")
        if any(entry.compress_type not in _METHODS for entry in entries):
            raise _Refused("archive-unsupported")
        found = list[tuple[str, bytes]]()
        for entry, name in zip(entries, names, strict=True):
            if name.endswith(("/", "\\")) or is_clutter(name):
                continue
            if entry.file_size > MAX_FILE:
                raise _Refused("archive-too-large")
            with package.open(entry) as member:
                content = member.read(entry.file_size + 1)  # no more is unpacked, whatever is packed
            self.bytes_left -= len(content)
            found.append((name, content))
        return found


def _is_shut(opened: Opened) -> bool:
    """Whether an archive could not be opened, so that it is itself what came."""
    return not opened.pieces and opened.remarks != ("archive-empty",)


def _is_plain_zip(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return not _is_document([_name(entry) for entry in package.infolist()])
    except (zipfile.BadZipFile, OSError, ValueError, LookupError, NotImplementedError, struct.error):
        return True


def _is_document(names: list[str]) -> bool:
    """An Office document, or a 上报包, whose record lies in it or in the one folder in it."""
    plain = [name.replace("\\", "/").removeprefix("./") for name in names]
    return any(name.lower() in _OFFICE_PARTS for name in plain) or any(
        name.count("/") <= 1 and name.rpartition("/")[2] == RECORD for name in plain
    )


def _name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry: by its flag or extra field in UTF-8, else as guessed, else as DOS wrote it."""
    if entry.flag_bits & _UTF8:
        return entry.orig_filename
    stored = entry.orig_filename.encode("cp437")
    better = _unicode_path(entry.extra, stored)
    name = better or guessed(stored)
    return entry.orig_filename if "\ufffd" in name else name


def _unicode_path(extra: bytes, stored: bytes) -> str:
    """The name that WinRAR and 7-Zip put into a field of its own, if it belongs to this entry."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        value = extra[position + 4 : position + 4 + length]
        if kind == _UNICODE_PATH and len(value) > 5 and value[1:5] == zlib.crc32(stored).to_bytes(4, "little"):
            return value[5:].decode("utf-8", "replace")
        position += 4 + length
    return ""
