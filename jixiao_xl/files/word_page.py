"""The page of an official document (公文版式): geometry, styles, settings and page numbers of GB/T 9704-2012.

One font name for every script of a text, so that Word never picks a font of its own; nothing of python-docx's
American template is left.
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
from docx.shared import Mm
from lxml import etree


def blank_document(title: str, author: str, moment: datetime) -> WordDocument:
    """An empty document with our page, styles and properties; its title and author stand without forbidden signs."""
    document = Document()
    _clean(document)
    _page(document)
    _properties(document, title, author, moment)
    return document


_BODY, _HEI, _KAI, _TITLE, _PAGE_NUMBER = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体", "宋体"
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
    _replace_children(document.styles.element, parse_xml(_styles()))
    _replace_children(document.settings.element, parse_xml(_SETTINGS))


def _replace_children(target: BaseOxmlElement, source: BaseOxmlElement) -> None:
    for child in list(target):
        target.remove(child)
    for child in list(source):
        target.append(child)


def _page(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(25)
    paragraph = section.footer.paragraphs[0]
    paragraph.style = "Footer"
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


_SETTINGS: Final = f"""<w:settings {nsdecls("w")}>
<w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/><w:characterSpacingControl w:val="compressPunctuation"/>
<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>
</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>"""


def _styles() -> str:
    indent = '<w:ind w:firstLineChars="200" w:firstLine="640"/>'
    body = f'<w:spacing w:line="560" w:lineRule="exact"/>{indent}<w:jc w:val="both"/>'
    kept = '<w:keepNext/><w:keepLines/><w:spacing w:line="560" w:lineRule="exact"/>' + indent
    flat = '<w:spacing w:line="300" w:lineRule="exact"/><w:ind w:firstLineChars="0" w:firstLine="0"/>'
    headings = [
        _style(f"Heading{n}", f"heading {n}", f'{kept}<w:outlineLvl w:val="{n - 1}"/>', _fonts(font, 32))
        for n, font in enumerate((_HEI, _KAI, _BODY, _BODY), start=1)
    ]
    return "".join(
        (
            f"<w:styles {nsdecls('w')}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts(_BODY, 32)}",
            '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>',
            "<w:pPrDefault/></w:docDefaults>",
            _style("Normal", "Normal", f'<w:widowControl w:val="0"/>{body}', _fonts(_BODY, 32), default=True),
            *headings,
            _style("Title", "Title", _title_look(), _fonts(_TITLE, 44)),
            _style("Caption", "caption", "<w:keepNext/>" + _centred("480", before="120"), _fonts(_HEI, 28)),
            _style("Note", "Note", f'{flat}<w:jc w:val="both"/>', _fonts(_BODY, 21)),
            _style("Signature", "Signature", _at_right("560"), _fonts(_BODY, 32)),
            _style("TableText", "Table Text", flat + '<w:jc w:val="left"/>', _fonts(_BODY, 21)),
            _style("TableNumber", "Table Number", flat + '<w:jc w:val="right"/>', _fonts(_BODY, 21)),
            _style("TableHeader", "Table Header", flat + '<w:jc w:val="center"/>', _fonts(_HEI, 21)),
            _style("TableGap", "Table Gap", _centred("240", before="0"), _fonts(_BODY, 12)),
            _style("Footer", "footer", _centred("320", before="0"), _fonts(_PAGE_NUMBER, 28)),
            _TABLE_STYLES,
            "</w:styles>",
        )
    )


def _style(key: str, name: str, paragraph: str, run: str, *, default: bool = False) -> str:
    kind = ' w:default="1"' if default else ""
    based = "" if default else '<w:basedOn w:val="Normal"/>'
    following = '<w:next w:val="Normal"/>' if name.startswith("heading") or name == "Title" else ""
    return (
        f'<w:style w:type="paragraph"{kind} w:styleId="{key}"><w:name w:val="{name}"/>{based}{following}<w:qFormat/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def _fonts(name: str, half_points: int) -> str:
    scripts = " ".join(f'w:{script}="{name}"' for script in ("ascii", "hAnsi", "eastAsia", "cs"))
    return f'<w:rFonts {scripts}/><w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


def _centred(line: str, *, before: str) -> str:
    spacing = f'<w:spacing w:before="{before}" w:line="{line}" w:lineRule="exact"/>'
    return f'{spacing}<w:ind w:firstLineChars="0" w:firstLine="0"/><w:jc w:val="center"/>'


def _title_look() -> str:
    """Lines of one title stand together, with room below the last."""
    spacing = '<w:spacing w:after="480" w:line="720" w:lineRule="exact"/>'
    flat = '<w:ind w:firstLineChars="0" w:firstLine="0"/><w:contextualSpacing/>'
    return f'{spacing}{flat}<w:jc w:val="center"/>'


def _at_right(line: str) -> str:
    spacing = f'<w:spacing w:line="{line}" w:lineRule="exact"/>'
    return (
        f'{spacing}<w:ind w:rightChars="200" w:right="640" w:firstLineChars="0" w:firstLine="0"/><w:jc w:val="right"/>'
    )


_BORDERS: Final = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_TABLE_STYLES: Final = f"""<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">
<w:name w:val="Default Paragraph Font"/><w:semiHidden/></w:style>
<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:semiHidden/>
<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="85" w:type="dxa"/>
<w:bottom w:w="40" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>
<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/>
<w:tblPr><w:tblBorders>{_BORDERS}</w:tblBorders></w:tblPr></w:style>"""
