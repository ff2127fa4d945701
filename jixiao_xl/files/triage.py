"""Triage (验明文件): what is this file really, and is it safe to open; decided from its bytes, not from its name."""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final, Literal

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

Kind = Literal["xlsx", "xlsm", "legacy", "other"]

MAX_FILE: Final = 60 * 2**20
MAX_PART: Final = 200 * 2**20
MAX_TOTAL: Final = 300 * 2**20
MAX_RATIO: Final = 400
MAX_ENTRIES: Final = 5_000
RATIO_FLOOR: Final = 2**20  # small parts may compress as well as they like

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\x09\x08"
_DECLARATIONS: Final = tuple(
    mark.encode(code) for mark in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)
_EXTERNAL: Final = re.compile(rb'TargetMode\s*=\s*"External"')
_MACRO_PARTS: Final = ("vbaproject.bin", "/macrosheets/", "/activex/")


@dataclass(frozen=True, slots=True)
class Triage:
    """What a file is.

    Attributes:
        code: why it is refused, or None.
        kind: xlsx, xlsm, legacy (.xls .et .ods .xlsb) or other.
        remarks: what does not refuse it: file-legacy, file-macro, file-external-link.
    """

    code: str | None
    kind: Kind
    remarks: tuple[str, ...] = ()


def triage(name: str, data: bytes) -> Triage:
    """What the file is; never raises."""
    base = name.rsplit("/", 1)[-1]
    if base.startswith("~$"):
        return Triage("file-lock", "other")
    if not data:
        return Triage("file-empty", "other")
    if len(data) > MAX_FILE:
        return Triage("file-too-large", "other")
    if data.startswith(_OLE):
        return _ole(data)
    if data.startswith(_OLD_EXCEL):
        return Triage(None, "legacy", ("file-legacy",))
    if data.startswith(_ZIP):
        return _package(data)
    return Triage("file-not-workbook", "other")


def _ole(data: bytes) -> Triage:
    """An OLE container: an encrypted workbook, or a workbook of Excel 97."""
    if _is_encrypted(data):
        return Triage("file-encrypted", "other")
    wide = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
    if any(mark in data for mark in wide):
        return Triage(None, "legacy", ("file-legacy",))
    return Triage("file-not-workbook", "other")


def _is_encrypted(data: bytes) -> bool:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return True
    try:
        return bool(msoffcrypto.OfficeFile(io.BytesIO(data)).is_encrypted())
    except (FileFormatError, DecryptionError, InvalidKeyError, ParseError, OSError):
        return False
    except (AssertionError, ValueError, AttributeError, IndexError, KeyError, TypeError, EOFError):
        return False  # msoffcrypto lets these through on damaged files; such a file is no encrypted one
    except Exception:  # noqa: BLE001  # struct.error and the like from its parser: the file is simply not known
        return False


def _package(data: bytes) -> Triage:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _inside(package)
    except zipfile.BadZipFile:
        return Triage("file-truncated", "other")
    except (zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        return Triage("file-truncated", "other")


def _inside(package: zipfile.ZipFile) -> Triage:
    entries = package.infolist()
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_TOTAL:
        return Triage("file-too-large", "other")
    for entry in entries:
        ratio = entry.file_size / max(1, entry.compress_size)
        if entry.file_size > MAX_PART or (entry.file_size > RATIO_FLOOR and ratio > MAX_RATIO):
            return Triage("file-too-large", "other")
    names = {entry.filename.lstrip("/").replace("\\", "/").lower() for entry in entries}
    if "mimetype" in names and package.read("mimetype").startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return Triage(None, "legacy", ("file-legacy",))
    if "xl/workbook.bin" in names:
        return Triage(None, "legacy", ("file-legacy",))
    if not any(name.startswith("xl/") and name.endswith(".xml") for name in names):
        return Triage("file-not-workbook", "other")
    return _contents(package, entries, names)


def _contents(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo], names: set[str]) -> Triage:
    external = False
    for entry in entries:
        name = entry.filename.lower()
        if not name.endswith((".xml", ".rels")):
            continue
        with package.open(entry) as part:
            head = part.read(4096)
            if any(mark in head for mark in _DECLARATIONS):
                return Triage("file-unsafe", "other")
            if name.endswith(".rels"):
                external = external or _EXTERNAL.search(head + part.read(MAX_PART)) is not None
    remarks: list[str] = []
    macros = any(mark in name for name in names for mark in _MACRO_PARTS)
    if macros:
        remarks.append("file-macro")
    if external:
        remarks.append("file-external-link")
    return Triage(None, "xlsm" if macros else "xlsx", tuple(remarks))
