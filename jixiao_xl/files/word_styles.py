"""The styles of an official document (公文样式): fonts, sizes, indents and lines of GB/T 9704-2012, as a table.

A line of the grid is 28.95 points: 22 of them fill the 225 mm of the text area (版心). Body and headings stand on
the grid with single spacing; whatever stands off it has exact lines, those of titles and captions as high as the
grid's, so that a page keeps its 22 lines in every program. One font name for every script of a text and no theme,
so that Word never picks a font of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from docx.oxml.ns import nsdecls

GRID: Final = 579  # twips a line: 225 mm / 22; at 580 LibreOffice sets 21 lines
_TIGHT: Final = -5  # twips added to every character, so that 28 of 16 points fit in 156 mm

_BODY, _HEI, _KAI, _TITLE, _SONG = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体", "宋体"
_SIZE_2, _SIZE_3, _SIZE_4, _SIZE_5 = 44, 32, 28, 21  # 二号, 三号, 四号 and 五号 in half points

Align = Literal["both", "left", "center", "right"]


@dataclass(frozen=True, slots=True)
class _Look:
    """A paragraph style; lengths in twips, indents in characters of its own size, `size` in half points.

    Attributes:
        name: as Word knows it, its own in small letters; the identifier is the same in capitals without blanks.
        line: the exact height of its lines; without it, one line of the grid.
        level: of a heading, for Word's outline.
        following: the style of the next paragraph that somebody types.
    """

    name: str
    font: str = _BODY
    size: int = _SIZE_3
    align: Align = "both"
    line: int = 0
    before: int = 0
    after: int = 0
    first: int = 0
    left: int = 0
    right: int = 0
    bold: bool = False
    tight: bool = False
    kept: bool = False
    new_page: bool = False
    together: bool = False
    level: int = 0
    following: str = ""


def _heading(level: int, font: str) -> _Look:
    return _Look(f"heading {level}", font, first=2, tight=True, kept=True, level=level, following="Normal")


def _cell(name: str, align: Align, font: str = _BODY, *, bold: bool = False) -> _Look:
    return _Look(name, font, _SIZE_5, align, line=300, bold=bold)


_LOOKS: Final = (
    _Look("Normal", first=2, tight=True),
    _heading(1, _HEI),
    _heading(2, _KAI),
    _heading(3, _BODY),
    _heading(4, _BODY),
    # the lines of one title stand together, with an empty line below the last
    _Look("Title", _TITLE, _SIZE_2, "center", line=GRID, after=GRID, kept=True, together=True, following="Normal"),
    # 主送机关: flush left
    _Look("Addressee", tight=True, following="Normal"),
    # 附件 stands alone on the first line of a new page, its title on the third
    _Look("Annex Line", _HEI, align="left", after=GRID, kept=True, new_page=True, following="Title"),
    _Look("caption", _HEI, _SIZE_4, "center", line=GRID, kept=True),
    _Look("Unit Line", _BODY, _SIZE_5, "right", line=300, kept=True),
    _Look("Note", _BODY, _SIZE_5, line=300),
    # with a seal the date stands four characters from the right, the name above it
    _Look("Signature", align="right", before=2 * GRID, right=4, tight=True, kept=True, together=True),
    _Look("Signature Date", align="right", right=4, tight=True),
    _cell("Table Text", "left"),
    _cell("Table Number", "right"),
    _cell("Table Header", "center", _HEI, bold=True),
    _Look("Table Gap", size=12, line=240),
    # page numbers: outside, one character from the margin
    _Look("footer", _SONG, _SIZE_4, "right", line=320, right=1),
    _Look("Footer Even", _SONG, _SIZE_4, "left", line=320, left=1),
)


def styles_xml() -> str:
    """The whole of `word/styles.xml`."""
    return "".join(
        (
            f"<w:styles {nsdecls('w')}><w:docDefaults><w:rPrDefault><w:rPr>{_font(_BODY)}{_size(_SIZE_3)}",
            '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>',
            "<w:pPrDefault/></w:docDefaults>",
            *map(_style, _LOOKS),
            _OTHER_STYLES,
            "</w:styles>",
        )
    )


def _style(look: _Look) -> str:
    key = "".join(word[0].upper() + word[1:] for word in look.name.split())
    first = look.name == "Normal"
    default, based = (' w:default="1"', "") if first else ("", '<w:basedOn w:val="Normal"/>')
    following = f'<w:next w:val="{look.following}"/>' if look.following else ""
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{key}"><w:name w:val="{look.name}"/>{based}{following}'
        f"<w:qFormat/><w:pPr>{''.join(_paragraph(look))}</w:pPr><w:rPr>{_run(look)}</w:rPr></w:style>"
    )


def _paragraph(look: _Look) -> Iterator[str]:
    """Paragraph properties in the order that the schema wants."""
    if look.kept:
        yield "<w:keepNext/>"
        yield "<w:keepLines/>"
    if look.new_page:
        yield "<w:pageBreakBefore/>"
    yield '<w:widowControl w:val="0"/>'  # else a page would end one line early
    yield f'<w:snapToGrid w:val="{0 if look.line else 1}"/>'
    line = f'w:line="{look.line}" w:lineRule="exact"' if look.line else 'w:line="240" w:lineRule="auto"'
    yield f'<w:spacing w:before="{look.before}" w:after="{look.after}" {line}/>'
    yield f"<w:ind {_indent('left', look.left, look)} {_indent('right', look.right, look)} "
    yield f"{_indent('firstLine', look.first, look)}/>"
    if look.together:
        yield "<w:contextualSpacing/>"
    yield f'<w:jc w:val="{look.align}"/>'
    if look.level:
        yield f'<w:outlineLvl w:val="{look.level - 1}"/>'


def _indent(side: str, characters: int, look: _Look) -> str:
    """In characters for Word and WPS, in twips for LibreOffice."""
    width = characters * (look.size * 10 + (_TIGHT if look.tight else 0))
    return f'w:{side}Chars="{characters * 100}" w:{side}="{width}"'


def _run(look: _Look) -> str:
    bold = "<w:b/><w:bCs/>" if look.bold else ""
    return f'{_font(look.font)}{bold}<w:spacing w:val="{_TIGHT if look.tight else 0}"/>{_size(look.size)}'


def _font(name: str) -> str:
    scripts = " ".join(f'w:{script}="{name}"' for script in ("ascii", "hAnsi", "eastAsia", "cs"))
    return f"<w:rFonts {scripts}/>"


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


_BORDERS: Final = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
# a blank to be filled in is grey; links have no style, so that they look like the text around them
_OTHER_STYLES: Final = f"""<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">
<w:name w:val="Default Paragraph Font"/><w:semiHidden/></w:style>
<w:style w:type="character" w:styleId="PlaceholderText"><w:name w:val="Placeholder Text"/>
<w:basedOn w:val="DefaultParagraphFont"/><w:qFormat/><w:rPr><w:color w:val="808080"/></w:rPr></w:style>
<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:semiHidden/>
<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="85" w:type="dxa"/>
<w:bottom w:w="40" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>
<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/>
<w:tblPr><w:tblBorders>{_BORDERS}</w:tblBorders></w:tblPr></w:style>"""
