"""Word documents (文档): a neutral description of headings, paragraphs and tables into the bytes of a .docx.

The page and the styles are those of `word_page`.
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

from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Length, Mm
from docx.table import Table  # pyright: ignore[reportPrivateUsage]
from docx.text.paragraph import Paragraph as WordParagraph
from lxml import etree

from jixiao_xl.files.ooxml import canonical
from jixiao_xl.files.word_page import blank_document

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
    document = blank_document(clean(title), clean(author), moment)
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
