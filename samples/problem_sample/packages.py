"""What else a workbook may carry (附带的部件): a macro, a link to another workbook, a declaration."""

from __future__ import annotations

from html import escape
from typing import Final

from jixiao_xl.files.ooxml import CONTENT_TYPES, parts, zipped
from problem_sample.table import LinkedCell

_BOOK: Final = "xl/workbook.xml"
_BOOK_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_XLSX: Final = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_XLSM: Final = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def with_macro(data: bytes) -> bytes:
    """The workbook with a VBA project; what stands in it does not matter, because nobody ever runs it."""
    content = parts(data)
    content["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "示例：宏的位置，没有可以运行的内容".encode()
    types = content[CONTENT_TYPES].replace(_XLSX, _XLSM)
    content[CONTENT_TYPES] = _before(
        types, b"</Types>", '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    )
    kind = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    relation = f'<Relationship Id="rIdMacro" Type="{kind}" Target="vbaProject.bin"/>'
    content[_BOOK_RELATIONS] = _before(content[_BOOK_RELATIONS], b"</Relationships>", relation)
    return zipped(content)


def with_link(data: bytes, linked: LinkedCell) -> bytes:
    """The workbook with the part that names the other workbook, as Excel keeps it for `[1]` in a formula."""
    content = parts(data)
    part = "xl/externalLinks/externalLink1.xml"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content[part] = (
        f'<externalLink xmlns="{main}" xmlns:r="{_OFFICE}"><externalBook r:id="rId1">'
        f'<sheetNames><sheetName val="{escape(linked.sheet)}"/></sheetNames></externalBook></externalLink>'
    ).encode()
    content["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/externalLinkPath" '
        f'Target="{escape(linked.workbook)}" TargetMode="External"/></Relationships>'
    ).encode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"
    content[CONTENT_TYPES] = _before(
        content[CONTENT_TYPES], b"</Types>", f'<Override PartName="/{part}" ContentType="{kind}"/>'
    )
    relation = f'<Relationship Id="rIdLink" Type="{_OFFICE}/externalLink" Target="externalLinks/externalLink1.xml"/>'
    content[_BOOK_RELATIONS] = _before(content[_BOOK_RELATIONS], b"</Relationships>", relation)
    reference = f'<externalReferences><externalReference xmlns:r="{_OFFICE}" r:id="rIdLink"/></externalReferences>'
    content[_BOOK] = _before(content[_BOOK], b"<definedNames>", reference)
    return zipped(content)


def with_declaration(data: bytes) -> bytes:
    """The workbook with a document type that names an entity outside the file."""
    content = parts(data)
    start = content[_BOOK].index(b"<workbook")
    declared = b'<!DOCTYPE workbook [<!ENTITY x SYSTEM "file:///c:/windows/win.ini">]>'
    content[_BOOK] = content[_BOOK][:start] + declared + content[_BOOK][start:]
    return zipped(content)


def _before(part: bytes, mark: bytes, text: str) -> bytes:
    head, found, tail = part.partition(mark)
    if not found:
        raise ValueError(mark)
    return head + text.encode() + found + tail
