"""Comments in a Word document (批注): a copy in which the checked characters carry what is to be said of them."""

from __future__ import annotations

import copy
import posixpath
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from lxml import etree

from jixiao_xl.files.ooxml import CONTENT_TYPES, parts, zipped
from jixiao_xl.files.report_reader import read_stretches
from jixiao_xl.files.safe import clean_text
from jixiao_xl.files.word_package import UnreadableReport, is_package, open_document, refusals
from jixiao_xl.files.word_text import Piece, Stretch
from jixiao_xl.files.word_xml import STRICT, Element, child, name, parsed, value
from jixiao_xl.model.passages import Span

AUTHOR: Final = "jixiao_xl"
_INITIALS: Final = "JX"
_COMMENTS_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_LINKS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELATIONS: Final = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
# where marks may stand beside runs
_LINES: Final = {"p", "hyperlink", "ins", "moveTo", "sdtContent", "smartTag", "customXml", "fldSimple", "dir", "bdo"}
_CONTENT: Final = {
    "r",
    "sdt",
    "hyperlink",
    "ins",
    "del",
    "moveTo",
    "moveFrom",
    "smartTag",
    "customXml",
    "fldSimple",
    "m:oMath",
}


@dataclass(frozen=True, slots=True)
class Comment:
    """What is to be said of some characters of a passage.

    Attributes:
        place: the passage, as `read_report` names it.
        span: its characters; where there is none in it, the nearest character.
        text: what the comment says; a line feed begins a paragraph.
    """

    place: str
    span: Span
    text: str


def with_comments(data: bytes, comments: Sequence[Comment], *, file: str = "") -> bytes:
    """A copy of a .docx with these comments by jixiao_xl; its text, its own comments and every other part stay.

    Word shows no comment that is anchored within a text box, footnote or endnote: such a one is anchored in the body,
    where the box or the note hangs. Comments carry no time, so the same input gives the same bytes.

    Raises:
        UnreadableReport: it is no .docx, or cannot be read.
        KeyError: the document has no such place.
    """
    if not is_package(data):
        raise UnreadableReport(file, "comments")
    opened = open_document(file, data)
    found = {stretch.place: stretch for stretch in read_stretches(file, opened.story)}
    by_place: dict[str, list[tuple[int, Comment]]] = defaultdict(list)
    with refusals(file):
        package = _Parts(parts(data), opened.part, opened.story.document)
        numbered = list(enumerate(comments, start=package.next_id()))
    for identity, comment in numbered:
        by_place[comment.place].append((identity, comment))
    for place, those in by_place.items():
        _mark(found[place], those)
    with refusals(file):
        package.put(opened.part, opened.story.document)
        package.add(numbered)
    return zipped(package.content)


# -- marks in the text -------------------------------------------------------------------------------------------


def _mark(stretch: Stretch, comments: list[tuple[int, Comment]]) -> None:
    """Put the marks of comments into a passage."""
    if stretch.outside is not None:
        for identity, _ in comments:
            _around(stretch.outside, stretch.outside, identity)
        return
    spans = [(identity, _characters(stretch.pieces, comment.span)) for identity, comment in comments]
    pieces = _cut(stretch.pieces, {offset for _, span in spans if span for offset in span})
    for identity, span in spans:
        if span is not None:
            covered = _covered(pieces, span)
            _around(covered[0], covered[-1], identity)
        elif stretch.paragraph is not None:
            _append(stretch.paragraph, identity)


def _characters(pieces: Iterable[Piece], span: Span) -> Span | None:
    """What of a span the document's own characters are; where there is none of them, the nearest one to its start."""
    own: list[int] = []
    position = 0
    for piece in pieces:
        if piece.element is not None:
            own.extend(range(position, position + len(piece.text)))
        position += len(piece.text)
    inside = [offset for offset in own if span[0] <= offset < span[1]]
    if not inside and own:
        inside = [min(own, key=lambda offset: (abs(offset - span[0]), -offset))]
    return (inside[0], inside[-1] + 1) if inside else None


def _cut(pieces: Iterable[Piece], offsets: Iterable[int]) -> list[Piece]:
    """The pieces, cut in two where a comment begins or ends."""
    found: list[Piece] = []
    position = 0
    for piece in pieces:
        inner = sorted(offset - position for offset in offsets if position < offset < position + len(piece.text))
        position += len(piece.text)
        element, text, done = piece.element, piece.text, 0
        if element is not None and name(element) == "t" and not len(element) and _stands_alone(element):
            whole = element.text or ""
            for offset in inner:
                rest = copy.copy(element)
                _set_text(element, whole[done:offset])
                element.addnext(rest)
                found.append(Piece(text[done:offset], element))
                element, done = rest, offset
            if inner:
                _set_text(element, whole[done:])
        found.append(Piece(text[done:], element))
    return found


def _set_text(element: Element, text: str) -> None:
    element.text = text
    element.set(_SPACE, "preserve")


def _stands_alone(element: Element) -> bool:
    """Whether it is text of a run beside which marks may stand."""
    run = element.getparent()
    line = None if run is None else run.getparent()
    return run is not None and line is not None and name(run) == "r" and name(line) in _LINES


def _covered(pieces: Iterable[Piece], span: Span) -> list[Element]:
    """The elements of these characters."""
    found: list[Element] = []
    position = 0
    for piece in pieces:
        begin, position = position, position + len(piece.text)
        if piece.element is not None and begin < span[1] and position > span[0]:
            found.append(piece.element)
    return found


def _around(first: Element, last: Element, identity: int) -> None:
    """Put the marks of a comment before the one and behind the other."""
    begin = first if name(first) == "r" else _alone(first, before=True)
    finish = last if name(last) == "r" else _alone(last, before=False)
    begin, finish = _out_of_controls(_beside(begin), _beside(finish))
    start, end, reference = _marks(first, identity)
    begin.addprevious(start)
    finish.addnext(end)
    end.addnext(reference)


def _append(paragraph: Element, identity: int) -> None:
    """A comment at a paragraph without characters."""
    paragraph.extend(_marks(paragraph, identity))


def _marks(near: Element, identity: int) -> tuple[Element, Element, Element]:
    space = _space(near)

    def made(local: str) -> Element:
        return etree.Element(f"{{{space}}}{local}", {f"{{{space}}}id": str(identity)}, nsmap={"w": space})

    reference = etree.Element(f"{{{space}}}r", nsmap={"w": space})
    reference.append(made("commentReference"))
    return made("commentRangeStart"), made("commentRangeEnd"), reference


def _space(element: Element) -> str:
    """The namespace of the document's words."""
    for one in (element, *element.iterancestors()):
        if name(one) == "document":
            return etree.QName(one).namespace or ""
    return etree.QName(element).namespace or ""


def _alone(element: Element, *, before: bool) -> Element:
    """The run of an element, once what stands before (or behind) the element has a run of its own."""
    run = element.getparent()
    if run is None or not _stands_alone(element):
        return element
    others = element.itersiblings(preceding=before)
    moved = [one for one in others if name(one) != "rPr"]
    if moved:
        other = etree.Element(run.tag, dict(run.attrib), nsmap=run.nsmap)
        properties = child(run, "rPr")
        if properties is not None:
            other.append(copy.deepcopy(properties))
        other.extend(reversed(moved) if before else moved)
        (run.addprevious if before else run.addnext)(other)
    return run


def _beside(element: Element) -> Element:
    """The element, or what holds it, beside which marks may stand."""
    while (parent := element.getparent()) is not None and name(parent) not in _LINES:
        element = parent
    return element


def _out_of_controls(begin: Element, finish: Element) -> tuple[Element, Element]:
    """Marks of a control's whole content stand outside it, where a new content of the control leaves them alone."""
    while True:
        start, end = _control(begin), _control(finish)
        if (
            start is not None
            and not _content_beside(begin, preceding=True)
            and (start is not end or not _content_beside(finish, preceding=False))
        ):
            begin = start
            if start is end:
                finish = start
        elif end is not None and end is not start and not _content_beside(finish, preceding=False):
            finish = end
        else:
            return begin, finish


def _control(element: Element) -> Element | None:
    """The control within a line of which the element is a direct part."""
    content = element.getparent()
    control = None if content is None or name(content) != "sdtContent" else content.getparent()
    line = None if control is None else control.getparent()
    return control if line is not None and name(line) in _LINES else None


def _content_beside(element: Element, *, preceding: bool) -> bool:
    return any(
        name(one) in _CONTENT and child(one, "commentReference") is None
        for one in element.itersiblings(preceding=preceding)
    )


# -- the comments themselves -------------------------------------------------------------------------------------


class _Parts:
    """The parts of a package, to be changed."""

    def __init__(self, content: dict[str, bytes], document: str, root: Element) -> None:
        self.content = content
        self.space = etree.QName(root).namespace or ""
        self._names = {entry.lstrip("/").replace("\\", "/").lower(): entry for entry in content}
        self._folder, _, base = document.rpartition("/")
        self._links = posixpath.join(self._folder, "_rels", f"{base}.rels")
        self._part = self._existing()
        self._comments = None if self._part is None else self._root(self._part)

    def put(self, part: str, root: Element) -> None:
        """A part's new content."""
        entry = self._names.setdefault(part.lower(), part)
        tree = root.getroottree()
        self.content[entry] = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)

    def next_id(self) -> int:
        """The first number that no comment has."""
        root = self._comments
        numbers = [value(one, "id") or "" for one in (() if root is None else root) if name(one) == "comment"]
        return max((int(number) for number in numbers if number.isdecimal()), default=-1) + 1

    def add(self, comments: Iterable[tuple[int, Comment]]) -> None:
        """These comments behind those that there are; the first ones make their part."""
        root, part = self._comments, self._part
        if root is None or part is None:
            root, part = etree.Element(f"{{{self.space}}}comments", nsmap={"w": self.space}), self._new_part()
        for identity, comment in comments:
            root.append(self._comment(identity, comment.text))
        self.put(part, root)

    def _comment(self, identity: int, text: str) -> Element:
        space = self.space
        names = {"id": str(identity), "author": AUTHOR, "initials": _INITIALS}
        comment = etree.Element(f"{{{space}}}comment", {f"{{{space}}}{key}": name for key, name in names.items()})
        for line in clean_text(text).split("\n"):
            run = etree.SubElement(etree.SubElement(comment, f"{{{space}}}p"), f"{{{space}}}r")
            written = etree.SubElement(run, f"{{{space}}}t", {_SPACE: "preserve"})
            written.text = line
        return comment

    def _root(self, part: str) -> Element | None:
        entry = self._names.get(part.lower())
        return None if entry is None else parsed(self.content[entry])

    def _existing(self) -> str | None:
        """The part of the comments that there are."""
        root = self._root(self._links)
        for link in () if root is None else root:
            if link.get("Type", "").endswith("/comments") and link.get("TargetMode") != "External":
                target = link.get("Target", "")
                part = target.lstrip("/") if target.startswith("/") else posixpath.join(self._folder, target)
                return posixpath.normpath(part)
        return None

    def _new_part(self) -> str:
        """A part for comments, known to the document and to the package."""
        number, base = 0, posixpath.join(self._folder, "comments.xml")
        part = base
        while part.lower() in self._names:
            number += 1
            part = f"{base.removesuffix('.xml')}{number}.xml"
        links = self._root(self._links)
        links = etree.Element(f"{{{_LINKS}}}Relationships", nsmap={None: _LINKS}) if links is None else links
        taken = {link.get("Id") for link in links}
        identity = next(name for number in count(1) if (name := f"rId{number}") not in taken)
        relation = f"{_STRICT_RELATIONS if self.space == STRICT else _RELATIONS}/comments"
        attributes = {"Id": identity, "Type": relation, "Target": f"/{part}"}
        etree.SubElement(links, f"{{{_LINKS}}}Relationship", attributes)
        self.put(self._links, links)
        types = self._root(CONTENT_TYPES)
        if types is not None:
            known = {"PartName": f"/{part}", "ContentType": _COMMENTS_TYPE}
            etree.SubElement(types, f"{{{_TYPES}}}Override", known)
            self.put(CONTENT_TYPES, types)
        return part
