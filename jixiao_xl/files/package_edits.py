"""What else of a package follows from changed cells (随之改动的部件): relations, content types, calculation, macros."""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from typing import Final

from jixiao_xl.files.splices import (
    Mark,
    Splice,
    element,
    marks,
    spliced,
    tag_end,
    with_attributes,
)

_BEFORE_CALCULATION: Final = ("sheets", "functionGroups", "externalReferences", "definedNames")
_MACRO_BOOK: Final = re.compile(r"(?i)application/vnd\.ms-excel\.(?:sheet|template|addin)\.macroEnabled\.main\+xml")
_PLAIN_BOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


class MacroSheets(Exception):
    """A workbook with macro sheets of Excel 4: they cannot be left out like a VBA project."""


def with_full_calculation(book: bytes) -> bytes:
    """The workbook part, asking every program to calculate everything when it opens the file."""
    found = marks(book)
    for mark in found:
        if mark.local == "calcPr":
            if mark.attributes.get("fullCalcOnLoad") in ("1", "true"):
                return book
            end = tag_end(book, mark.offset)
            tag = with_attributes(book[mark.offset : end], (b"fullCalcOnLoad",), b' fullCalcOnLoad="1"')
            return spliced(book, [(mark.offset, end, tag)])
    before = element(book, [mark.offset for mark in found if mark.local in _BEFORE_CALCULATION][-1])
    return spliced(book, [(before.end, before.end, b'<%bcalcPr fullCalcOnLoad="1"/>' % before.prefix)])


def without_relations(part: bytes, gone: Set[str]) -> bytes:
    """A relations part without the relations of these ids."""
    return _without(part, lambda mark: mark.local == "Relationship" and mark.attributes.get("Id") in gone)


def without_parts(types: bytes, gone: Set[str], remaining: Set[str]) -> bytes:
    """The content types without these parts (lower case, no slash) and without a macro type that nobody uses."""
    named = {part_of(mark) for mark in marks(types) if mark.local == "Override"}
    extensions = {name.rpartition(".")[2] for name in remaining - named}

    def unused(mark: Mark) -> bool:
        if mark.local == "Override":
            return part_of(mark) in gone
        kind = mark.attributes.get("ContentType", "")
        return is_macro(kind) and mark.attributes.get("Extension", "").lower() not in extensions

    return _without(types, unused) if gone else types


def part_of(override: Mark) -> str:
    """The part that a content type is for: lower case, no slash."""
    return override.attributes["PartName"].lstrip("/").lower()


def _without(part: bytes, gone: Callable[[Mark], bool]) -> bytes:
    found = [element(part, mark.offset) for mark in marks(part) if gone(mark)]
    return spliced(part, [(one.start, one.end, b"") for one in found])


def is_macro(kind: str) -> bool:
    """Whether a content type or relation type is that of a VBA project, its data or one of its signatures."""
    last = kind.rpartition("/")[2].lower()
    return "vbaproject" in last or "vbadata" in last


def macro_parts(types: bytes) -> set[str]:
    """The parts that the content types name as macros: lower case, no slash."""
    return {
        part_of(mark)
        for mark in marks(types)
        if mark.local == "Override" and is_macro(mark.attributes.get("ContentType", ""))
    }


def as_plain_workbook(types: bytes) -> bytes:
    """The content types of an .xlsx.

    Raises:
        MacroSheets: there are macro sheets of Excel 4, which stand among the others and which no .xlsx may hold.
    """
    found = marks(types)
    kinds = [mark.attributes.get("ContentType", "") for mark in found]
    if any("macrosheet" in kind.lower() for kind in kinds):
        raise MacroSheets
    splices: list[Splice] = []
    for mark, kind in zip(found, kinds, strict=True):
        if _MACRO_BOOK.fullmatch(kind):
            end = tag_end(types, mark.offset)
            new = b' ContentType="%b"' % _PLAIN_BOOK.encode()
            splices.append((mark.offset, end, with_attributes(types[mark.offset : end], (b"ContentType",), new)))
    return spliced(types, splices) if splices else types


def without_cells_in_chain(chain: bytes, gone: Set[tuple[str, str]]) -> bytes | None:
    """CalcChain without cells, given as sheet id and address; None when nothing is left.

    An entry without a sheet id has that of the entry before it, so the next one inherits it from one that goes.
    """
    splices: list[Splice] = []
    sheet, written, left = "0", "0", 0  # the id that holds here, and the id that holds in what is written
    for mark in marks(chain)[1:]:
        if mark.local != "c":
            continue
        sheet = mark.attributes.get("i", sheet)
        end = tag_end(chain, mark.offset)
        if (sheet, mark.attributes["r"]) in gone:
            splices.append((mark.offset, element(chain, mark.offset).end, b""))
            continue
        left += 1
        if "i" not in mark.attributes and written != sheet:
            tag = with_attributes(chain[mark.offset : end], (), b' i="%b"' % sheet.encode())
            splices.append((mark.offset, end, tag))
        written = sheet
    return spliced(chain, splices) if left else None
