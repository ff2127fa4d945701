"""The package of a workbook (工作簿的部件): its parts by their relations, its sheets' names, its shared strings."""

from __future__ import annotations

import lzma
import posixpath
import re
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, Literal
from xml.parsers import expat

MAX_PART: Final = 200 * 2**20
SheetState = Literal["visible", "hidden", "veryHidden"]

_RELATIONSHIP_IDS: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


class UnreadableWorkbook(Exception):
    """A workbook that cannot be read; `code` names the kind of damage."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@contextmanager
def damage_named() -> Generator[None]:
    """Whatever goes wrong in a damaged workbook comes out as UnreadableWorkbook, with the code of its finding."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError) as error:
        raise UnreadableWorkbook("file-truncated", str(error)) from error
    except (expat.ExpatError, LookupError, ValueError, RuntimeError, OverflowError) as error:
        raise UnreadableWorkbook("file-not-workbook", str(error)) from error


class Package:
    """The parts of a workbook, found as Excel finds them: by relations, whatever the case of their names."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package = package
        self.names = {name.lstrip("/").replace("\\", "/").lower(): name for name in package.namelist()}

    def sheets(self) -> tuple[list[tuple[str, SheetState, str]], bool]:
        """Name, state and part of every worksheet in order, and whether dates count from 1904."""
        book_part = self.book_part()
        book = _BookParser()
        parse(self.part(book_part), book)
        targets = self.relations(book_part)
        found: list[tuple[str, SheetState, str]] = []
        for name, state, relation in book.sheets:
            kind, part = targets.get(relation, ("", ""))
            if kind.endswith("/worksheet"):
                found.append((name, state, part))
        return found, book.date1904

    def part(self, name: str) -> bytes:
        """The content of a part."""
        entry = self.package.getinfo(self.names[name.lstrip("/").lower()])
        if entry.file_size > MAX_PART:
            raise UnreadableWorkbook("file-too-large", name)
        with self.package.open(entry) as part:
            content = part.read(MAX_PART + 1)
        if len(content) > MAX_PART:
            raise UnreadableWorkbook("file-too-large", name)
        return content

    def book_part(self) -> str:
        """The workbook's own part."""
        for kind, target in self.relations("").values():
            if kind.endswith("/officeDocument"):
                return target
        raise KeyError("officeDocument")

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Type and part name of every relation of a part, by id."""
        folder, _, name = part.rpartition("/")
        parser = _RelationParser()
        parse(self.part(posixpath.join(folder, "_rels", f"{name}.rels")), parser)
        return {
            identity: (kind, target if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target)))
            for identity, kind, target in parser.relations
        }

    def strings(self, targets: dict[str, tuple[str, str]]) -> list[str]:
        """The shared strings, found by the relations of the workbook's part."""
        for kind, target in targets.values():
            if kind.endswith("/sharedStrings") and target.lstrip("/").lower() in self.names:
                parser = _StringParser()
                parse(self.part(target), parser)
                return parser.strings
        return []


class Handler:
    """What a parser of one part sees; names come as `namespace local`, attributes likewise."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        raise NotImplementedError

    def end(self, name: str) -> None:
        """Most parts need no closing tags."""

    def text(self, data: str) -> None:
        """Most parts have no text."""


def safe_parser() -> expat.XMLParserType:
    """A parser that knows namespaces and refuses a DTD."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise UnreadableWorkbook("file-unsafe", "DOCTYPE")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def parse(content: bytes, handler: Handler) -> None:
    """Feed a part to what collects from it.

    Raises:
        UnreadableWorkbook: it declares a DTD.
        ExpatError: it is no XML.
    """
    parser = safe_parser()
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    parser.Parse(content, True)


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition(" ")[2]


class _RelationParser(Handler):
    def __init__(self) -> None:
        self.relations: list[tuple[str, str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship" and attributes.get("TargetMode") != "External":
            self.relations.append((attributes["Id"], attributes["Type"], attributes["Target"]))


class _BookParser(Handler):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, SheetState, str]] = []
        self.date1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "sheet":
                relation = next(attributes[key] for key in _RELATIONSHIP_IDS if key in attributes)
                self.sheets.append((attributes["name"], _state(attributes.get("state")), relation))
            case "workbookPr":
                self.date1904 = attributes.get("date1904") in ("1", "true", "on")
            case _:
                pass


def _state(text: str | None) -> SheetState:
    return "hidden" if text == "hidden" else "veryHidden" if text == "veryHidden" else "visible"


class _StringParser(Handler):
    """Shared strings: the runs of a rich text joined, phonetic runs left out."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self.parts: list[str] = []
        self.collects = False
        self.phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "si":
                self.parts = []
            case "rPh":
                self.phonetic = True
            case "t":
                self.collects = not self.phonetic
            case _:
                pass

    def end(self, name: str) -> None:
        match local(name):
            case "si":
                self.strings.append(unescaped("".join(self.parts)))
            case "rPh":
                self.phonetic = False
            case "t":
                self.collects = False
            case _:
                pass

    def text(self, data: str) -> None:
        if self.collects:
            self.parts.append(data)


def unescaped(text: str) -> str:
    """`_x000D_` stands for a character that XML cannot hold."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
