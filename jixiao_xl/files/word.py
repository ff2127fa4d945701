"""Word documents (文档): blocks into the bytes of a .docx, and a template with content controls filled with them.

The page and the styles are those of `word_page`. Strict documents and macros are not written.
"""

from __future__ import annotations

import copy
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.parts.story import StoryPart
from lxml import etree

from jixiao_xl.files.ooxml import canonical
from jixiao_xl.files.word_blocks import Block, Inline, clean
from jixiao_xl.files.word_drawing import Drawing, number_controls
from jixiao_xl.files.word_package import UnreadableReport, is_package, refuse_unreadable
from jixiao_xl.files.word_page import blank_document
from jixiao_xl.files.word_xml import Element

Answer = Inline | tuple[Block, ...] | None


def write_document(blocks: Iterable[Block], *, title: str, author: str, moment: datetime) -> bytes:
    """The bytes of a .docx with these blocks; the same blocks and `moment` give the same bytes."""
    document = blank_document(clean(title), clean(author), moment)
    body = _body(document)
    for element in Drawing(document, _spare_styles).blocks(blocks):
        body.insert(len(body) - 1, element)  # before the properties of the section
    return _saved(document, moment)


def _body(document: WordDocument) -> Element:
    return next(document.element.iter(qn("w:body")))


def _margins(document: WordDocument) -> Iterator[Element]:
    """The headers and footers, in the order of their names."""
    related = {str(part.partname): part for part in document.part.related_parts.values()}
    for _, part in sorted(related.items()):
        if isinstance(part, StoryPart):
            yield part.element


def _saved(document: WordDocument, moment: datetime) -> bytes:
    for root in (document.element, *_margins(document)):
        number_controls(root)
    target = io.BytesIO()
    document.save(target)
    return canonical(target.getvalue(), moment=moment)


def _spare_styles() -> Element:
    return blank_document("", "", datetime(2000, 1, 1)).styles.element


# -- templates -------------------------------------------------------------------------------------------------

_P: Final = qn("w:p")
_SDT: Final = qn("w:sdt")
_T: Final = qn("w:t")
_WITHIN_A_LINE: Final = frozenset(map(qn, ("w:p", "w:hyperlink", "w:ins", "w:smartTag", "w:sdtContent")))


@dataclass(frozen=True, slots=True)
class Mark:
    """A content control of a template.

    Attributes:
        tag: what it says to programs, "" where it says nothing.
        title: what it says to a person.
        text: what stands in it.
        paragraph: the number of its paragraph in the body, from 1; 0 in a header or footer.
        inline: whether it stands within the line of a paragraph.
        alone: whether it is all of a paragraph that stands neither in a table nor in a text box.
        after: what follows it in its paragraph.
    """

    tag: str
    title: str
    text: str
    paragraph: int
    inline: bool
    alone: bool
    after: str


class WordTemplate:
    """A .docx whose controls are to be filled; everything else in it stays."""

    def __init__(self, name: str, data: bytes) -> None:
        """Open a template.

        Raises:
            UnreadableReport: it is damaged, unsafe, too large or no .docx.
        """
        refuse_unreadable(name, data)
        if not is_package(data):
            raise UnreadableReport(name, "other_format")
        try:
            self._document = Document(io.BytesIO(data))
            self._body = _body(self._document)
        except (KeyError, ValueError, StopIteration, zipfile.BadZipFile, etree.XMLSyntaxError) as error:
            raise UnreadableReport(name, "truncated") from error
        self._numbers = {paragraph: number for number, paragraph in enumerate(self._body.iter(_P), start=1)}
        roots = (self._body, *_margins(self._document))
        self._controls = [control for root in roots for control in root.iter(_SDT)]
        self.marks: tuple[Mark, ...] = tuple(map(self._mark, self._controls))

    def loose_texts(self) -> Iterator[tuple[int, str]]:
        """The text of every paragraph that stands in no control, with the paragraph's number."""
        for paragraph, number in self._numbers.items():
            yield number, "".join(t.text or "" for t in paragraph.iter(_T) if next(t.iterancestors(_SDT), None) is None)

    def filled(self, answers: Sequence[Answer], *, title: str, moment: datetime) -> bytes:
        """The document with an answer for every mark.

        A run takes the place of its control, a control that of the one before, blocks that of the whole paragraph;
        None leaves the control as it is. What is put in looks like what stood there.
        """
        drawing = Drawing(self._document, _spare_styles)
        placeholder = drawing.style("Placeholder Text")
        for control, answer in zip(self._controls, answers, strict=True):
            if isinstance(answer, tuple):
                _put_blocks(_paragraph_of(control), list(drawing.blocks(answer)))
            elif answer is not None:
                # the addresses of links belong to the body
                inline = answer if self._is_in_body(control) else replace(answer, link=None)
                _put_inline(control, drawing.inline(inline, _look(control, placeholder)))
        self._document.core_properties.title = clean(title)
        return _saved(self._document, moment)

    def _is_in_body(self, control: Element) -> bool:
        return any(outer is self._body for outer in control.iterancestors())

    def _mark(self, control: Element) -> Mark:
        paragraph = next(control.iterancestors(_P), None)
        inside = next(control.iter(_P), None)
        home = paragraph if paragraph is not None else inside
        parent = control.getparent()
        return Mark(
            tag=_property(control, "w:tag"),
            title=_property(control, "w:alias"),
            text=_text_of(control),
            paragraph=0 if home is None else self._numbers.get(home, 0),
            inline=paragraph is not None and parent is not None and parent.tag in _WITHIN_A_LINE,
            alone=_is_alone(control, home, self._body),
            after=_after(control, paragraph),
        )


def _property(control: Element, name: str) -> str:
    found = control.find(f"{qn('w:sdtPr')}/{qn(name)}")
    return "" if found is None else found.get(qn("w:val"), "")


def _text_of(element: Element) -> str:
    return "".join(text.text or "" for text in element.iter(_T))


def _after(control: Element, paragraph: Element | None) -> str:
    """The text of the paragraph behind a control."""
    if paragraph is None:
        return ""
    texts = list(paragraph.iter(_T))
    inside = set(control.iter(_T))
    last = max((number for number, text in enumerate(texts) if text in inside), default=len(texts))
    return "".join(text.text or "" for text in texts[last + 1 :])


def _is_alone(control: Element, paragraph: Element | None, body: Element) -> bool:
    """Whether a control is all of its paragraph, or all of the paragraph is in it."""
    if paragraph is None or _text_of(paragraph).strip() != _text_of(control).strip():
        return False
    if any(paragraph.iter(qn("w:drawing"), qn("w:pict"), qn("w:object"))):
        return False
    outer = paragraph.getparent()
    while outer is not None and outer.tag in (qn("w:sdtContent"), _SDT):
        outer = outer.getparent()
    return outer is body


def _paragraph_of(control: Element) -> Element:
    """What blocks take the place of: the paragraph of a control, or the control around the paragraph."""
    paragraph = next(control.iterancestors(_P), None)
    return control if paragraph is None else paragraph


def _put_blocks(place: Element, elements: list[Element]) -> None:
    for element in elements:
        place.addprevious(element)
    parent = place.getparent()
    assert parent is not None  # it stands in the body
    if next(place.iter(qn("w:sectPr")), None) is None:
        parent.remove(place)
    else:  # the paragraph that ends a section keeps its properties
        for child in [child for child in place if child.tag != qn("w:pPr")]:
            place.remove(child)


def _put_inline(control: Element, element: Element) -> None:
    parent = control.getparent()
    assert parent is not None  # a control stands in a paragraph
    if parent.tag == qn("w:hyperlink") and len(parent) == 1:
        control, parent = parent, parent.getparent()
    assert parent is not None
    element.tail = None
    parent.replace(control, element)


def _look(control: Element, placeholder: str) -> Element | None:
    """The properties of a control's first run, without the grey of a placeholder."""
    content = control.find(qn("w:sdtContent"))
    found = None if content is None else next(content.iter(qn("w:rPr")), None)
    if found is None:
        return None
    look = copy.deepcopy(found)
    style = look.find(qn("w:rStyle"))
    if style is not None and style.get(qn("w:val")) == placeholder:
        look.remove(style)
    return look if len(look) else None
