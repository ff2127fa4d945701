"""The package of a Word document (文档的部件): opened within limits, or refused with a sentence that says what to do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from lxml import etree

from jixiao_xl.files.package import Package, UnreadableWorkbook, damage_named
from jixiao_xl.files.triage import triage
from jixiao_xl.files.word_text import Story
from jixiao_xl.files.word_xml import Element, UnsafePart, child, name, parsed
from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError

MAX_TEXT: Final = 30 * 2**20  # bytes of a part with text; a report of 200 pages has three million

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"
_REFUSED: Final = {
    "file-empty": "empty",
    "file-lock": "lock",
    "file-too-large": "large",
    "file-encrypted": "encrypted",
    "file-truncated": "truncated",
    "file-unsafe": "unsafe",
}
_OTHERS: Final = ((b"%PDF", "pdf"), (b"{\\rtf", "other_format"), (b"\x89PNG", "other_format"), (b"\xff\xd8\xff", "pdf"))
_PARTS: Final = ("styles", "numbering", "footnotes", "endnotes")


class UnreadableReport(JixiaoError):
    """A report that cannot be read; says the file's name, why, and what to do."""

    def __init__(self, file: str, reason: str) -> None:
        words = texts.REPORT_REASONS[reason]
        super().__init__(texts.REPORT_NOT_READ.format(file=file.rsplit("/", 1)[-1], reason=words))
        self.reason = reason


def refuse_unreadable(file: str, data: bytes) -> None:
    """Raise UnreadableReport for what is neither a package of its right size nor plain text."""
    found = triage(file, data)
    reason = _REFUSED.get(found.code or "", "")
    if found.code is None:
        reason = "workbook"
    elif not reason and data.startswith(_OLE):
        reason = "old"
    elif not reason:
        reason = next((reason for mark, reason in _OTHERS if data.lstrip()[:8].startswith(mark)), "")
    if reason:
        raise UnreadableReport(file, reason)


def is_package(data: bytes) -> bool:
    """Whether it is a zip."""
    return data.startswith(_ZIP)


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document's text and the name of the part that holds it."""

    part: str
    story: Story


def open_document(file: str, data: bytes) -> OpenDocument:
    """The parts of a .docx that hold text.

    Raises:
        UnreadableReport: it is damaged, unsafe, too large or no Word document.
    """
    refuse_unreadable(file, data)
    if not is_package(data):
        raise UnreadableReport(file, "other_format")
    with refusals(file), zipfile.ZipFile(io.BytesIO(data)) as package:
        return _opened(Package(package))


@contextmanager
def refusals(file: str) -> Generator[None]:
    """Whatever goes wrong in a damaged document comes out as UnreadableReport."""
    try:
        with damage_named():
            yield
    except UnreadableWorkbook as error:
        raise UnreadableReport(file, _REFUSED.get(error.code, "other_format")) from error
    except UnsafePart as error:
        raise UnreadableReport(file, "unsafe") from error
    except etree.XMLSyntaxError as error:
        raise UnreadableReport(file, "truncated") from error


def _opened(package: Package) -> OpenDocument:
    part = package.book_part()
    document = _root(package, part)
    if name(document) != "document" or child(document, "body") is None:
        raise UnreadableWorkbook("file-not-workbook", part)
    others: dict[str, Element] = {}
    for kind, target in _relations(package, part).values():
        one = kind.rpartition("/")[2]
        if one in _PARTS and one not in others and target.lstrip("/").lower() in package.names:
            others[one] = _root(package, target)
    return OpenDocument(part.lstrip("/"), Story(document, **others))


def _relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    try:
        return package.relations(part)
    except KeyError:  # a document of text alone needs none
        return {}


def _root(package: Package, part: str) -> Element:
    entry = package.package.getinfo(package.names[part.lstrip("/").lower()])
    if entry.file_size > MAX_TEXT:
        raise UnreadableWorkbook("file-too-large", part)
    return parsed(package.part(part))
