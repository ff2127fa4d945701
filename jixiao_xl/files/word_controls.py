"""Content controls of a Word document (域标记): what they say and where, and other text, tags and numbers put in.

All that is not a changed control's text, tag or number stays byte by byte; so does every part without one.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from jixiao_xl.files.package import Package, UnreadableWorkbook, damage_named
from jixiao_xl.files.raw_zip import rewritten
from jixiao_xl.files.report_reader import read_stretches
from jixiao_xl.files.splices import Splice, as_utf8, spliced
from jixiao_xl.files.word_control_parts import ControlSpot, control_spots, id_splice, tag_splice, text_splices
from jixiao_xl.files.word_package import UnreadableReport, open_document
from jixiao_xl.files.word_xml import Element, name

_BESIDE: Final = ("header", "footer", "footnotes", "endnotes")
_MARKS: Final = re.compile(rb"<(?:[\w.-]+:)?(?:bookmark|comment|footnote|endnote|ins|del|move|drawing|pict|object)")


@dataclass(frozen=True, slots=True)
class Control:
    """A content control; one in a text box, which stands in the file twice, is one.

    Attributes:
        tag: its tag, or None.
        title: its title, or nothing.
        identity: its number in the file, or None.
        text: what it says; nothing while it shows its prompt.
        struck: whether a tracked change deletes text in it.
        writable: whether there is a place for text in it.
        adjacent: whether it begins where the control before it ends and holds nothing but text.
        paragraph: its part and the paragraph's number there, from 0; the same for all controls of one paragraph.
    """

    tag: str | None
    title: str
    identity: int | None
    text: str
    struck: bool
    writable: bool
    adjacent: bool
    paragraph: tuple[str, int]


@dataclass(frozen=True, slots=True)
class ControlEdit:
    """What a control gets; None: it keeps what it has. One that is `removed` goes with all that it holds."""

    text: str | None = None
    tag: str | None = None
    identity: int | None = None
    removed: bool = False


class ControlledDocument:
    """A .docx and its content controls.

    Raises:
        UnreadableReport: it is empty, encrypted, damaged, unsafe, too large, or no .docx.
    """

    def __init__(self, file: str, data: bytes) -> None:
        self._data = data
        self._opened = open_document(file, data)
        try:
            with damage_named(), zipfile.ZipFile(io.BytesIO(data)) as archive:
                package = Package(archive)
                self._kinds = dict(_parts_with_text(package))
                self._parts = {part: as_utf8(package.part(part)) for part in self._kinds}
                self._spots = {part: control_spots(content) for part, content in self._parts.items()}
        except UnreadableWorkbook as error:
            raise UnreadableReport(file, "unsafe" if error.code == "file-unsafe" else "truncated") from error
        self._file = file
        self._main = [(part, spot) for part, spots in self._spots.items() for spot in spots if spot.twin is None]

    @cached_property
    def controls(self) -> tuple[Control, ...]:
        """Every control in order: those of the text, then those of headers, footers and notes."""
        return tuple(
            Control(
                spot.tag,
                spot.title,
                spot.identity,
                spot.text,
                spot.struck,
                spot.writable,
                spot.start == end and not _MARKS.search(self._parts[part], spot.start, spot.end),
                (part, spot.paragraph),
            )
            for (part, spot), end in zip(self._main, self._ends(), strict=True)
        )

    def _ends(self) -> Iterator[int]:
        """For each control the offset where the one before it in its part ends; -1 for none."""
        before = ("", -1)
        for part, spot in self._main:
            yield before[1] if before[0] == part else -1
            before = (part, spot.end)

    def with_edits(self, edits: Mapping[int, ControlEdit]) -> bytes:
        """The document with other text, tags and numbers in some controls, by their position in `controls`.

        The same bytes where there is nothing to change. No tracked change is written.

        Raises:
            UnreadableReport: its package is damaged.
        """
        by_spot = {id(self._main[position][1]): edit for position, edit in edits.items()}
        changes: dict[str, bytes | None] = {}
        for part, spots in self._spots.items():
            content = self._parts[part]
            splices: list[Splice] = []
            for spot in spots:
                edit = by_spot.get(id(spot.twin or spot))
                if edit is not None:
                    splices += _splices(content, spot, edit)
            if splices:
                changes[part] = spliced(content, splices)
        if not changes:
            return self._data
        try:
            with zipfile.ZipFile(io.BytesIO(self._data)) as archive:
                return rewritten(self._data, archive, changes)
        except UnreadableWorkbook as error:
            raise UnreadableReport(self._file, "truncated") from error

    def place(self, control: Control) -> str:
        """Where it stands, as in `Passage`; nothing in a header or footer."""
        return self._places.get(control.paragraph, "")

    @cached_property
    def _places(self) -> dict[tuple[str, int], str]:
        """Where the paragraphs stand, as everybody who speaks of them counts, by part and number."""
        places: dict[Element, str] = {}
        story = self._opened.story
        for stretch in read_stretches(self._file, story):
            holders = [stretch.paragraph, *(_paragraph(piece.element) for piece in stretch.pieces)]
            places |= {one: stretch.place for one in holders if one is not None}
        found: dict[tuple[str, int], str] = {}
        roots = {"document": story.document, "footnotes": story.footnotes, "endnotes": story.endnotes}
        for part, kind in self._kinds.items():
            root = roots.get(kind)
            paragraphs = (one for one in root.iter() if name(one) == "p") if root is not None else ()
            for number, paragraph in enumerate(paragraphs):
                if paragraph in places:
                    found[part, number] = places[paragraph]
        return found


def _parts_with_text(package: Package) -> Iterator[tuple[str, str]]:
    """The parts that can hold figures, as the package names them, with their kind; the document's text first."""
    document = package.book_part()
    yield package.names[document.lstrip("/").lower()], "document"
    try:
        related = package.relations(document).values()
    except KeyError:  # a document of text alone needs none
        return
    targets = {target.lstrip("/").lower(): kind.rpartition("/")[2] for kind, target in related}
    for target, kind in sorted(targets.items()):
        if kind in _BESIDE and target in package.names:
            yield package.names[target], kind


def _paragraph(element: Element | None) -> Element | None:
    """The paragraph that holds an element of text."""
    return None if element is None else next((one for one in element.iterancestors() if name(one) == "p"), None)


def _splices(part: bytes, spot: ControlSpot, edit: ControlEdit) -> Iterator[Splice]:
    if edit.removed:
        yield spot.start, spot.end, b""
        return
    if edit.text is not None and spot.writable:
        yield from text_splices(part, spot, edit.text)
    for splice in (
        None if edit.tag is None else tag_splice(part, spot, edit.tag),
        None if edit.identity is None else id_splice(part, spot, edit.identity),
    ):
        if splice is not None:
            yield splice
