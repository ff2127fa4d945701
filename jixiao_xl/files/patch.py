"""Changing cells of somebody's workbook (改单元格): every byte of every part that is not changed stays as it was."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Mapping
from typing import Final

from lxml import etree

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BOOK: Final = "xl/workbook.xml"
Stored = float | str | bool
Element = etree._Element  # pyright: ignore[reportPrivateUsage]  # lxml names the class of elements no other way


class NoFormula(Exception):
    """A cell that was to get a stored value has no formula."""


def set_stored_values(data: bytes, values: Mapping[str, Mapping[str, Stored]]) -> bytes:
    """The workbook with these values stored in its formula cells, by sheet name and address.

    Raises:
        NoFormula: a named cell does not exist or has no formula.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheets = _sheet_parts(package)
        changed = {sheets[name]: _with_values(package.read(sheets[name]), cells) for name, cells in values.items()}
        return _rewritten(package, changed)


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet by its visible name."""
    relations = etree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    targets = {r.get("Id"): r.get("Target") or "" for r in relations.iter(f"{{{_RELATIONS}}}Relationship")}
    book = etree.fromstring(package.read(_BOOK))
    return {
        str(sheet.get("name")): posixpath.normpath(posixpath.join("/xl", targets[sheet.get(_ID)])).lstrip("/")
        for sheet in book.iter(f"{{{_MAIN}}}sheet")
    }


def _with_values(part: bytes, values: Mapping[str, Stored]) -> bytes:
    root = etree.fromstring(part)
    waiting = dict(values)
    for cell in root.iter(f"{{{_MAIN}}}c"):
        address = cell.get("r") or ""
        if address in waiting and cell.find(f"{{{_MAIN}}}f") is not None:
            _store(cell, waiting.pop(address))
    if waiting:
        raise NoFormula(", ".join(sorted(waiting)))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _store(cell: Element, value: Stored) -> None:
    """`<v>` with the type that Excel would write for a formula's result."""
    for old in cell.findall(f"{{{_MAIN}}}v"):
        cell.remove(old)
    stored = etree.SubElement(cell, f"{{{_MAIN}}}v")
    match value:
        case bool():
            cell.set("t", "b")
            stored.text = str(int(value))
        case str():
            cell.set("t", "str")
            stored.text = value
        case _:
            cell.attrib.pop("t", None)
            stored.text = f"{value:.17g}"


def _rewritten(package: zipfile.ZipFile, changed: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as result:
        for entry in package.infolist():
            result.writestr(entry, changed.get(entry.filename, package.read(entry)))
    return target.getvalue()
