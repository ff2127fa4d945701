"""Word documents as their makers leave them (文档样本): parts written by hand, element by element."""

from __future__ import annotations

import io
import random
import re
import zipfile
from typing import Final

from jixiao_xl.files.word_xml import STRICT, TRANSITIONAL

_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELATIONS: Final = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PART_TYPES: Final = ("styles", "numbering", "footnotes", "endnotes", "comments")
NAMESPACES: Final = (
    'xmlns:w="{main}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


def document(body: str, *, strict: bool = False, **parts: str) -> bytes:
    """A .docx with this body; `styles`, `numbering`, `footnotes`, `endnotes`, `comments` as the content of their root."""
    spaces = NAMESPACES.format(main=STRICT if strict else TRANSITIONAL)
    relations = _STRICT_RELATIONS if strict else _RELATIONS
    content = {
        "[Content_Types].xml": _types(parts),
        "_rels/.rels": _links(relations, [("officeDocument", "word/document.xml")]),
        "word/_rels/document.xml.rels": _links(relations, [(part, f"{part}.xml") for part in parts]),
        "word/document.xml": f"<w:document {spaces}><w:body>{body}</w:body></w:document>",
        **{f"word/{part}.xml": f"<w:{part} {spaces}>{inner}</w:{part}>" for part, inner in parts.items()},
    }
    return packed({name: text.encode() for name, text in content.items()})


def packed(content: dict[str, bytes]) -> bytes:
    """A zip of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in content.items():
            package.writestr(name, part)
    return target.getvalue()


def _types(parts: dict[str, str]) -> str:
    overrides = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{_MAIN}.{part}+xml"/>'
        for part in ("document.main", *parts)
    ).replace("/word/document.main.xml", "/word/document.xml")
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _links(relations: str, targets: list[tuple[str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="rId{number}" Type="{relations}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    )


def p(*inner: str, properties: str = "") -> str:
    """A paragraph; what is no markup becomes a run."""
    content = "".join(one if one.startswith("<") else r(one) for one in inner)
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{content}</w:p>"


def r(text: str, properties: str = "") -> str:
    """A run."""
    return f'<w:r>{f"<w:rPr>{properties}</w:rPr>" if properties else ""}<w:t xml:space="preserve">{text}</w:t></w:r>'


def control(*inner: str, properties: str = "") -> str:
    """A content control, of whatever it holds."""
    content = "".join(one if one.startswith("<") else r(one) for one in inner)
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def table(*rows: str) -> str:
    """A table of rows."""
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def row(*cells: str, properties: str = "") -> str:
    """A row; what is no markup becomes a cell."""
    content = "".join(one if one.startswith("<") else cell(one) for one in cells)
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{content}</w:tr>"


def cell(*inner: str, properties: str = "") -> str:
    """A cell; what is no markup becomes a paragraph."""
    content = "".join(one if one.startswith("<") else p(one) for one in inner)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content or p()}</w:tc>"


def text_box(inner: str) -> str:
    """A run with a text box as Word writes it: for newer and for older programs."""
    shape = f"<wps:wsp><wps:txbx><w:txbxContent>{inner}</w:txbxContent></wps:txbx></wps:wsp>"
    newer = (
        f"<w:drawing><wp:anchor><a:graphic><a:graphicData>{shape}</a:graphicData></a:graphic></wp:anchor></w:drawing>"
    )
    older = f"<w:pict><v:shape><v:textbox><w:txbxContent>{inner}</w:txbxContent></v:textbox></v:shape></w:pict>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{newer}</mc:Choice>'
        f"<mc:Fallback>{older}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def field(instruction: str, result: str) -> str:
    """A field of three marks, such as a page number or a reference."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{instruction}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{r(result)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def numbering(*levels: tuple[str, str], more: str = "") -> str:
    """The numbering part with one list, numId 1; a level is its format (numFmt) and its text (lvlText)."""
    inner = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:suff w:val="nothing"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate(levels)
    )
    first = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return f'<w:abstractNum w:abstractNumId="0">{inner}</w:abstractNum>{first}{more}'


def listed(level: int, number: int = 1) -> str:
    """What puts a paragraph into a list."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The document with bytes of one part cut, doubled, or put elsewhere."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = chance.choice([name for name in parts if name.endswith((".xml", ".rels"))])
    text = parts[name].decode()
    pieces = re.split(r"(?=<)|(?<=>)|(?<=\")|(?=\")", text)
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(pieces)), chance.randrange(len(pieces))
        match chance.randrange(4):
            case 0:
                del pieces[at]
            case 1:
                pieces[at] = pieces[other]
            case 2:
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case _:
                pieces[at] = chance.choice(["", "-1", "99999999999", "%9", "<w:p/>", "&#1;", "x", "0"])
        pieces = pieces or [""]
    return packed(parts | {name: "".join(pieces).encode()})
