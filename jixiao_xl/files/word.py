"""Word documents (文档): a neutral description of headings, paragraphs and tables into the bytes of a .docx.

The look is that of an official document in its plain form: A4, one font name for every script of a text, so that
Word never picks a font of its own; nothing of python-docx's American template is left.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, Literal

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Length, Mm
from docx.table import Table  # pyright: ignore[reportPrivateUsage]
from docx.text.paragraph import Paragraph as WordParagraph
from lxml import etree

from jixiao_xl.files.ooxml import canonical

ParagraphLook = Literal["Title", "Normal", "Caption", "Note", "Signature"]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text of one look; every figure is a run of its own."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 4."""

    text: str
    level: int
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of runs; a line feed in one is a line break."""

    runs: tuple[Run, ...]
    look: ParagraphLook = "Normal"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose header row is repeated on every page.

    Attributes:
        header: the header of each column.
        rows: the cells' texts, row by row.
        right: positions of the columns that hold numbers, aligned right.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()


Block = Heading | Paragraph | Grid


def write_document(blocks: Sequence[Block], *, title: str, author: str, moment: datetime) -> bytes:
    """The bytes of a .docx with these blocks; the same blocks and `moment` give the same bytes."""
    document = Document()
    _clean(document)
    _page(document)
    _properties(document, title, author, moment)
    for block in blocks:
        match block:
            case Heading():
                _heading(document, block)
            case Paragraph():
                _paragraph(document.add_paragraph(style=block.look), block.runs)
            case Grid():
                _grid(document, block)
    target = io.BytesIO()
    document.save(target)
    return canonical(target.getvalue(), moment=moment)


# -- blocks ----------------------------------------------------------------------------------------------------

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TEXT_WIDTH: Final = Mm(156)
_LINE_COLUMNS: Final = 84  # half-width characters of a table's size in a line
_PADDING: Final = 4
_SHORT: Final = 22


def clean(text: str) -> str:
    """Text without the characters that XML cannot hold; tabs are blanks, every line end is a line feed.

    >>> clean("=甲" + chr(7) + "乙")
    '=甲乙'
    """
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def _heading(document: WordDocument, heading: Heading) -> None:
    paragraph = document.add_paragraph(clean(heading.text), style=f"Heading {heading.level}")
    if heading.new_page:
        paragraph.paragraph_format.page_break_before = True


def _paragraph(paragraph: WordParagraph, runs: tuple[Run, ...]) -> None:
    for run in runs:
        written = paragraph.add_run(clean(run.text))
        if run.bold:
            written.bold = True


def _grid(document: WordDocument, grid: Grid) -> None:
    table = document.add_table(rows=0, cols=len(grid.header), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    widths = _widths(grid)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    _row(table, grid.header, widths, [_style_id(document, "Table Header")] * len(widths), header=True)
    names = ["Table Number" if position in grid.right else "Table Text" for position in range(len(widths))]
    looks = [_style_id(document, name) for name in names]
    for row in grid.rows:
        _row(table, row, widths, looks, header=False)
    document.add_paragraph(style="Table Gap")


def _row(table: Table, texts: tuple[str, ...], widths: list[Length], looks: list[str], *, header: bool) -> None:
    row = table.add_row()
    properties = row._tr.get_or_add_trPr()  # pyright: ignore[reportPrivateUsage]
    etree.SubElement(properties, qn("w:cantSplit"))
    if header:
        etree.SubElement(properties, qn("w:tblHeader"))
    # the elements themselves: the objects over them look every style up again, cell by cell
    for cell, text, width, look in zip(row._tr.tc_lst, texts, widths, looks, strict=True):  # pyright: ignore[reportPrivateUsage]
        cell.width = width
        paragraph = cell.p_lst[0]
        paragraph.style = look
        paragraph.add_r().text = clean(text)


def _style_id(document: WordDocument, name: str) -> str:
    """What a paragraph refers to a style by."""
    return document.styles[name].style_id or name


def _widths(grid: Grid) -> list[Length]:
    """Column widths that fill the line: short columns get what they need, long ones share the rest by their root."""
    needs: list[int] = []
    for position, header in enumerate(grid.header):
        texts = [header, *(row[position] for row in grid.rows)]
        needs.append(_PADDING + max(_columns(line) for text in texts for line in clean(text).split("\n")))
    widths = [float(need) for need in needs]
    long = [position for position, need in enumerate(needs) if need > _SHORT]
    room = _LINE_COLUMNS - sum(need for need in needs if need <= _SHORT)
    if sum(needs) > _LINE_COLUMNS and room > len(long) * _PADDING:
        roots = sum(math.sqrt(needs[position]) for position in long)
        for position in long:
            widths[position] = room * math.sqrt(needs[position]) / roots
    return [Length(int(_TEXT_WIDTH * width / sum(widths))) for width in widths]


def _columns(text: str) -> int:
    """How wide a text is: a Chinese character counts two, the gap that Word sets beside a Latin one a half."""
    wide = [unicodedata.east_asian_width(character) in "WFA" for character in text]
    gaps = sum(left != right for left, right in pairwise(wide))
    return len(wide) + sum(wide) + math.ceil(gaps / 2)


# -- the page and the styles -----------------------------------------------------------------------------------

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
    properties.title, properties.author, properties.last_modified_by = clean(title), clean(author), clean(author)
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
