"""The page of an official document (公文版式): geometry, settings and page numbers of GB/T 9704-2012.

A4 with margins of 37, 35, 28 and 26 mm leaves a text area (版心) of 156 × 225 mm: 22 lines of 28 characters of 16
points. Nothing of python-docx's American template is left.

Paragraph styles, by the names that documents ask for: Title, Heading 1 to 4 (一、（一）1.（1）), Normal, Addressee
(主送机关), Annex Line (附件, on a new page; its title follows on the third line), Caption, Unit Line (单位：万元),
Note, Signature and Signature Date (署名, 成文日期), Table Text, Table Number, Table Header, Table Gap (after a table).
Character style: Placeholder Text (a blank to be filled in). Table style: Table Grid.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import _Footer  # pyright: ignore[reportPrivateUsage]
from docx.shared import Mm
from lxml import etree

from jixiao_xl.files.word_styles import GRID, styles_xml


def blank_document(title: str, author: str, moment: datetime) -> WordDocument:
    """An empty document with our page, styles and properties; its title and author stand without forbidden signs."""
    document = Document()
    _clean(document)
    _page(document)
    _properties(document, title, author, moment)
    return document


_UNWANTED: Final = ("stylesWithEffects", "webSettings", "fontTable", "theme", "customXml", "numbering")


def _clean(document: WordDocument) -> None:
    """Our own styles and settings in place of the template's; its preview picture and spare parts go."""
    package = document.part.package
    assert package is not None  # a document that was just opened has one
    for key in [key for key, relation in package.rels.items() if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del package.rels[key]
    rels = document.part.rels
    for key in [key for key, relation in rels.items() if relation.reltype.rsplit("/", 1)[-1] in _UNWANTED]:
        del rels[key]
    _replace_children(document.styles.element, parse_xml(styles_xml()))
    _replace_children(document.settings.element, parse_xml(_SETTINGS))


def _replace_children(target: BaseOxmlElement, source: BaseOxmlElement) -> None:
    for child in list(target):
        target.remove(child)
    for child in list(source):
        target.append(child)


# a line break leaves the line before it as it is; odd and even pages have their number outside
_SETTINGS: Final = f"""<w:settings {nsdecls("w")}>
<w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>
<w:characterSpacingControl w:val="compressPunctuation"/>
<w:compat><w:doNotExpandShiftReturn/>
<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>
</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>"""


def _page(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    # the line of the number is 5.6 mm high; its dashes stand in the middle, 7 mm below the text area
    section.header_distance, section.footer_distance = Mm(15), Mm(25)
    properties = section._sectPr  # pyright: ignore[reportPrivateUsage]
    for grid in properties.findall(qn("w:docGrid")):
        properties.remove(grid)
    # kind "lines": "linesAndChars" spreads the characters in LibreOffice
    etree.SubElement(properties, qn("w:docGrid"), {qn("w:type"): "lines", qn("w:linePitch"): str(GRID)})
    _number(section.footer, "footer")
    _number(section.even_page_footer, "Footer Even")


def _number(footer: _Footer, style: str) -> None:
    """The number of the page between dashes (— 1 —)."""
    paragraph = footer.paragraphs[0]
    paragraph.style = style
    paragraph.add_run("— ")
    for tag, kind, text in _PAGE_FIELD:
        run = paragraph.add_run()._r  # pyright: ignore[reportPrivateUsage]
        field = etree.SubElement(run, qn(tag), {qn("w:fldCharType"): kind} if kind else {})
        if text is not None:
            field.text = text
    paragraph.add_run(" —")


_PAGE_FIELD: Final = (
    ("w:fldChar", "begin", None),
    ("w:instrText", "", "PAGE"),
    ("w:fldChar", "separate", None),
    ("w:t", "", "1"),
    ("w:fldChar", "end", None),
)


def _properties(document: WordDocument, title: str, author: str, moment: datetime) -> None:
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = title, author, author
    properties.created = properties.modified = moment
    properties.language, properties.revision = "zh-CN", 1
    properties.comments = properties.keywords = properties.subject = properties.category = ""
