"""Bundles (成包): many files of ours in one zip, the same files the same bytes; and such a zip opened within limits."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from jixiao_xl.files.triage import MAX_ENTRIES, MAX_FILE, MAX_RATIO, RATIO_FLOOR

MAX_BUNDLE: Final = 1024 * 2**20  # of all files in one, unpacked
_MAX_MEMBER: Final = 4 * 2**20
_ENTRY_DATE: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3  # unzip reads the names of any other system as DOS text, whatever their flag says
_READABLE: Final = 0o100644 << 16
_ENCRYPTED: Final = 0x41
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, LookupError,
    NotImplementedError, RuntimeError, struct.error, OverflowError,
)  # fmt: skip


class UnreadableBundle(Exception):
    """A bundle that cannot be opened; `code` names the finding."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def bundled(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files, by name, without a clock."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as bundle:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _ENTRY_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = _UNIX
            entry.external_attr = _READABLE
            bundle.writestr(entry, files[name])
    return target.getvalue()


def unbundled(data: bytes) -> dict[str, bytes]:
    """The files in a bundle by name; limits are looked at before a byte is unpacked, and while.

    Raises:
        UnreadableBundle: file-truncated, file-encrypted, file-too-large or file-unsafe.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            return _contents(bundle)
    except _DAMAGE as error:
        raise UnreadableBundle("file-truncated") from error


def _contents(bundle: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in bundle.infolist() if not entry.is_dir()]
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise UnreadableBundle("file-encrypted")
    if len({entry.filename for entry in entries}) < len(entries):
        raise UnreadableBundle("file-unsafe")  # one name for two files: each program would show another one
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_BUNDLE:
        raise UnreadableBundle("file-too-large")
    contents: dict[str, bytes] = {}
    for entry in entries:
        ratio = entry.file_size / max(1, entry.compress_size)
        if entry.file_size > MAX_FILE or (entry.file_size > RATIO_FLOOR and ratio > MAX_RATIO):
            raise UnreadableBundle("file-too-large")
        if entry.compress_type not in _METHODS:
            raise UnreadableBundle("file-unsafe")
        with bundle.open(entry) as member:
            contents[entry.filename] = member.read(entry.file_size + 1)  # no more, whatever is packed
    return contents


def member(path: Path, name: str) -> bytes | None:
    """One file of the bundle at `path`, of at most 4 MB; None where there is none or it cannot be read."""
    try:
        with zipfile.ZipFile(path) as bundle, bundle.open(name) as content:
            return content.read(_MAX_MEMBER)
    except _DAMAGE:
        return None
