"""What hangs on the sheets of a workbook (附着物): comments, pictures, charts, shapes, links, page headers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal
from xml.etree import ElementTree

from jixiao_xl.files.cells import column_letter
from jixiao_xl.files.ooxml import parts
from jixiao_xl.files.package import damage_named

Kind = Literal["comment", "picture", "chart", "shape", "embedded", "link", "page_text", "background", "sheet", "macro"]
Element = ElementTree.Element
_IDS: Final = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_DECLARATIONS: Final = tuple(
    mark.encode(code) for mark in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)
_ROWS: Final = re.compile(rb"<((?:[\w.-]+:)?sheetData)(?:\s[^>]*)?(?<!/)>.*?</\1\s*>", re.DOTALL)
_PAGE_CODES: Final = re.compile(r'&"[^"]*"|&K[0-9A-Fa-f]{6}|&\d+|&[A-Z]|&&', re.IGNORECASE)
_PAGE_TEXTS: Final = ("oddHeader", "evenHeader", "firstHeader", "oddFooter", "evenFooter", "firstFooter")


@dataclass(frozen=True, slots=True)
class SheetObject:
    """One thing on a sheet that is no cell: where it is anchored, and the words in it."""

    kind: Kind
    sheet: str
    cell: str
    text: str


def sheet_objects(data: bytes) -> list[SheetObject]:
    """Everything on the sheets of a workbook that is no cell, sheet by sheet.

    Raises:
        UnreadableWorkbook: a part that no reading of cells needs is damaged.
    """
    with damage_named():
        package = _Package({name.lstrip("/").replace("\\", "/").lower(): part for name, part in parts(data).items()})
        return list(package.objects())


@dataclass
class _Relation:
    kind: str
    target: str


@dataclass
class _Package:
    parts: dict[str, bytes]
    _cache: dict[str, dict[str, _Relation]] = field(default_factory=dict[str, dict[str, _Relation]])

    def objects(self) -> Iterator[SheetObject]:
        book = next(r.target for r in self._relations("").values() if r.kind == "officeDocument")
        relations = self._relations(book)
        for sheet in _all(self._xml(book), "sheet"):
            relation = relations[_id(sheet) or ""]
            if relation.kind == "worksheet":
                yield from self._sheet(sheet.get("name", ""), relation.target)
            else:
                yield SheetObject("sheet", sheet.get("name", ""), "", self._words(relation.target))
        if any(relation.kind == "vbaProject" for relation in relations.values()):
            yield SheetObject("macro", "", "", "")

    def _sheet(self, title: str, part: str) -> Iterator[SheetObject]:
        yield from self._in_sheet(title, part)
        relations = [r for r in self._relations(part).values() if r.target in self.parts]
        threads = [
            n for r in relations if r.kind == "threadedComment" for n in _all(self._xml(r.target), "threadedComment")
        ]
        threaded = {note.get("ref", "") for note in threads}
        yield from (SheetObject("comment", title, note.get("ref", ""), _text(note, "text")) for note in threads)
        for relation in relations:
            if relation.kind == "comments":
                for note in _all(self._xml(relation.target), "comment"):
                    if note.get("ref", "") not in threaded:
                        yield SheetObject("comment", title, note.get("ref", ""), _text(note, "t").strip())
            elif relation.kind == "drawing":
                yield from self._drawing(title, relation.target)
            elif relation.kind == "image":
                yield SheetObject("background", title, "", "")

    def _in_sheet(self, title: str, part: str) -> Iterator[SheetObject]:
        """What the part of the sheet itself names: links, embedded objects and controls, page headers."""
        relations = self._relations(part)
        root = self._xml(part, without=_ROWS)
        for link in _all(root, "hyperlink"):
            relation = relations.get(_id(link) or "")
            target = relation.target if relation else link.get("location", "")
            yield SheetObject("link", title, link.get("ref", ""), target)
        embedded = {e.get("shapeId", ""): e for tag in ("oleObject", "control") for e in _all(root, tag)}
        for element in embedded.values():
            yield SheetObject("embedded", title, _anchor(element), element.get("progId") or element.get("name") or "")
        for tag in _PAGE_TEXTS:
            for element in _all(root, tag):
                words = _PAGE_CODES.sub(" ", element.text or "").strip()
                if words:
                    yield SheetObject("page_text", title, "", words)

    def _drawing(self, title: str, part: str) -> Iterator[SheetObject]:
        relations = self._relations(part)
        for anchor in self._xml(part):
            chart = next(_all(anchor, "chart"), None)
            words = _text(anchor, "t")
            if chart is not None:
                relation = relations.get(_id(chart) or "")
                yield SheetObject("chart", title, _anchor(anchor), self._words(relation.target) if relation else "")
            elif next(_all(anchor, "pic"), None) is not None and not words:
                yield SheetObject("picture", title, _anchor(anchor), _name(anchor))
            elif next(_all(anchor, "cNvPr"), None) is not None:
                yield SheetObject("shape", title, _anchor(anchor), words or _name(anchor))

    def _words(self, part: str) -> str:
        """The words of a chart, or of the chart that a sheet consists of."""
        if part not in self.parts:
            return ""
        drawn = [self._words(r.target) for r in self._relations(part).values() if r.kind in ("drawing", "chart")]
        return " ".join(filter(None, [_text(self._xml(part), "t"), *drawn]))

    def _xml(self, part: str, without: re.Pattern[bytes] | None = None) -> Element:
        content = without.sub(b"", self.parts[part]) if without else self.parts[part]
        if any(mark in content for mark in _DECLARATIONS):
            raise ValueError(part)
        try:
            return ElementTree.fromstring(content)
        except ElementTree.ParseError as error:
            raise ValueError(part) from error

    def _relations(self, part: str) -> dict[str, _Relation]:
        """The relations of a part by id: their kind is the last word of the type."""
        folder, _, name = part.rpartition("/")
        source = posixpath.join(folder, "_rels", f"{name}.rels")
        if part not in self._cache:
            listed = _all(self._xml(source), "Relationship") if source in self.parts else iter(())
            self._cache[part] = {relation.get("Id", ""): _related(relation, folder) for relation in listed}
        return self._cache[part]


def _related(relation: Element, folder: str) -> _Relation:
    kind, target = relation.get("Type", "").rpartition("/")[2], relation.get("Target", "")
    if relation.get("TargetMode") == "External":
        return _Relation(kind, target)
    return _Relation(kind, posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/").lower())


def _all(element: Element, name: str) -> Iterator[Element]:
    """Every element of this local name below, without the second form that older programs read."""
    for child in element:
        local = child.tag.rpartition("}")[2]
        if local == "Fallback":
            continue
        if local == name:
            yield child
        yield from _all(child, name)


def _id(element: Element) -> str | None:
    return next((element.get(name) for name in _IDS if element.get(name)), None)


def _text(element: Element, name: str) -> str:
    return "".join("".join(part.itertext()) for part in _all(element, name))


def _name(anchor: Element) -> str:
    named = next(_all(anchor, "cNvPr"), None)
    return (named.get("descr") or named.get("name") or "") if named is not None else ""


def _anchor(element: Element) -> str:
    """The address of the cell at the upper left corner, or ""."""
    corner = next(_all(element, "from"), None)
    if corner is None:
        return ""
    column, row = (int(_text(corner, name) or 0) for name in ("col", "row"))
    return f"{column_letter(column + 1)}{row + 1}"
