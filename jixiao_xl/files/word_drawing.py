"""Drawing of blocks (写入文档): paragraphs, content controls and links as elements of a document that is open.

Elements are made directly: the objects that python-docx puts over them look every style up again, run by run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from lxml import etree

from jixiao_xl.files.word_blocks import Block, Control, Grid, Inline, Link, Paragraph, clean
from jixiao_xl.files.word_tables import draw_grid
from jixiao_xl.files.word_xml import Element
from jixiao_xl.model.report_tags import FigureName, control_id, read_tag

_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_R_ID: Final = qn("r:id")


class Drawing:
    """Draws into one document, by the names of its styles: Word and WPS give them other identifiers when they save."""

    def __init__(self, document: WordDocument, spare: Callable[[], Element]) -> None:
        """`spare` gives the styles of a document of ours, for one of which somebody has taken a style out."""
        self._document = document
        self._spare = spare
        self._style_list: Element = document.styles.element
        self._styles = _identifiers(self._style_list)
        self._bookmarks = _highest_bookmark(document.element)

    def blocks(self, blocks: Iterable[Block]) -> Iterator[Element]:
        """The blocks as paragraphs and tables."""
        for block in blocks:
            if isinstance(block, Grid):
                yield from draw_grid(block, self)
            else:
                yield self.paragraph(block)

    def paragraph(self, block: Paragraph) -> Element:
        """One paragraph."""
        return self.written(block.look, block.runs)

    def written(self, look: str, runs: tuple[Inline, ...], *, bookmark: str = "", kept: bool = False) -> Element:
        """A paragraph of any style; `kept` keeps it on the page of the next one."""
        paragraph = etree.Element(qn("w:p"))
        properties = child(paragraph, "w:pPr")
        if look != "Normal":
            child(properties, "w:pStyle", val=self.style(look))
        if kept:
            child(properties, "w:keepNext")
        if not len(properties):
            paragraph.remove(properties)
        if bookmark:
            self._bookmarks += 1
            child(paragraph, "w:bookmarkStart", id=str(self._bookmarks), name=bookmark)
        for run in runs:
            paragraph.append(self.inline(run))
        if bookmark:
            child(paragraph, "w:bookmarkEnd", id=str(self._bookmarks))
        return paragraph

    def inline(self, inline: Inline, look: Element | None = None) -> Element:
        """A run or a control, within its link; `look` are the properties of the run that it stands for."""
        element = self._control(inline, look) if isinstance(inline, Control) else _run(inline.text, look, inline.bold)
        return element if inline.link is None else self._linked(element, inline.link)

    def style(self, name: str) -> str:
        """What a paragraph refers to a style by; a style that was taken out of the document is put in again."""
        key = _plain(name)
        if key not in self._styles:
            spare = self._spare()
            missing = next(style for style in spare if _name_of(style) == key)
            self._style_list.append(missing)
            self._styles[key] = missing.get(qn("w:styleId"), name)
        return self._styles[key]

    def _control(self, control: Control, look: Element | None) -> Element:
        element = etree.Element(qn("w:sdt"))
        properties = child(element, "w:sdtPr")
        child(properties, "w:alias", val=clean(control.title))
        child(properties, "w:tag", val=clean(control.tag))
        child(properties, "w:id", val="0")  # given when every control has its place
        child(properties, "w:text")
        run = _run(control.text, look)
        if control.placeholder:
            style = etree.Element(qn("w:rStyle"), {qn("w:val"): self.style("Placeholder Text")})
            _properties_of(run).insert(0, style)
        child(element, "w:sdtContent").append(run)
        return element

    def _linked(self, element: Element, link: Link) -> Element:
        # place beside address is how Word writes it: it needs no escapes there
        wrapper = etree.Element(qn("w:hyperlink"), {qn("w:anchor"): link.place, qn("w:history"): "1"})
        if link.file:
            relation = self._document.part.relate_to(link.file, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
            wrapper.set(_R_ID, relation)
        wrapper.append(element)
        return wrapper


def number_controls(element: Element) -> None:
    """Give every control of ours its number, by its figure and its place among the controls of the same figure."""
    ordinals: Counter[str] = Counter()
    for properties in element.iter(qn("w:sdtPr")):
        tag = properties.find(qn("w:tag"))
        number = properties.find(qn("w:id"))
        if tag is None or number is None or number.get(qn("w:val")) != "0":
            continue
        text = tag.get(qn("w:val"), "")
        figure = read_tag(text)
        name = figure.name if figure else FigureName(text)
        number.set(qn("w:val"), str(control_id(name, ordinals[str(name)])))
        ordinals[str(name)] += 1


def child(parent: Element, tag: str, **values: str) -> Element:
    """A new last child; the values are attributes of WordprocessingML."""
    return etree.SubElement(parent, qn(tag), {qn(f"w:{name}"): value for name, value in values.items()})


def _run(text: str, look: Element | None = None, bold: bool = False) -> Element:
    run = etree.Element(qn("w:r"))
    if look is not None:
        run.append(look)
    if bold:
        properties = _properties_of(run)
        for tag in ("w:b", "w:bCs"):
            if properties.find(qn(tag)) is None:
                child(properties, tag)
    for number, line in enumerate(clean(text).split("\n")):
        if number:
            child(run, "w:br")
        if line:
            child(run, "w:t").text = line
            run[-1].set(_SPACE, "preserve")
    return run


def _properties_of(run: Element) -> Element:
    found = run.find(qn("w:rPr"))
    if found is None:
        found = etree.Element(qn("w:rPr"))
        run.insert(0, found)
    return found


def _identifiers(styles: Element) -> dict[str, str]:
    """The identifier of every style by its name."""
    return {_name_of(style): style.get(qn("w:styleId"), "") for style in styles.iter(qn("w:style"))}


def _name_of(style: Element) -> str:
    name = style.find(qn("w:name"))
    return "" if name is None else _plain(name.get(qn("w:val"), ""))


def _plain(name: str) -> str:
    """A style's name as it is compared: built-in ones stand in small letters in the file."""
    return name.lower().replace(" ", "")


def _highest_bookmark(element: Element) -> int:
    numbers = (mark.get(qn("w:id"), "") for mark in element.iter(qn("w:bookmarkStart")))
    return max((int(number) for number in numbers if number.isdigit()), default=0)
