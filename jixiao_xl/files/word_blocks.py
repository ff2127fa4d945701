"""Blocks of a Word document (文档的内容): paragraphs, tables, figures in content controls and links, as plain values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

# the paragraph styles of `word_page`
Look = Literal[
    "Title", "Heading 1", "Heading 2", "Heading 3", "Heading 4", "Normal", "Caption", "Unit Line", "Note", "Annex Line",
    "Signature", "Signature Date",
]  # fmt: skip

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Text without the characters that XML cannot hold; tabs are blanks, every line end is a line feed.

    >>> clean("=甲" + chr(7) + "乙")
    '=甲乙'
    """
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


@dataclass(frozen=True, slots=True)
class Link:
    """Where a click leads: a bookmark of this document, or a place in another file; it looks like the text around it.

    Attributes:
        place: the bookmark, or the place in the other file, such as `'收支表'!E5`.
        file: the other file's relative address, escaped; "" for this document.
    """

    place: str
    file: str = ""


def cell_link(folder: str, file: str, sheet: str, cell: str) -> Link | None:
    """A link to a cell of the workbook `file`, whose path begins where `folder` leads; None for a path of a machine.

    >>> cell_link("../", "收到/甲 乙.xlsx", "收支表", "E5")
    Link(place="'收支表'!E5", file='../%E6%94%B6%E5%88%B0/%E7%94%B2%20%E4%B9%99.xlsx')
    """
    if file.startswith(("/", "\\")) or ":" in file:
        return None
    quoted = sheet.replace("'", "''")
    return Link(f"'{quoted}'!{cell}", quote(folder + file, safe="/"))


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text of one look; line feeds are line breaks."""

    text: str
    bold: bool = False
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """A text in an inline content control.

    Attributes:
        text: what stands in it.
        tag: what programs read.
        title: what a person sees when the cursor is in it.
        placeholder: whether the text is only a blank to be filled in.
        link: where a click on it leads.
    """

    text: str
    tag: str
    title: str
    placeholder: bool = False
    link: Link | None = None


Inline = Run | Control


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of runs and controls."""

    runs: tuple[Inline, ...]
    look: Look = "Normal"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        runs: what stands in it.
        number: whether it is a number, aligned right.
        bookmark: what links to it call it; at most 40 letters, digits and `_`.
    """

    runs: tuple[Inline, ...]
    number: bool = False
    bookmark: str = ""

    @property
    def text(self) -> str:
        """All of its text."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose header row is repeated on every page.

    Attributes:
        header: the header of each column.
        rows: the cells, row by row; a plain text is a cell of one run.
        right: positions of the columns whose plain texts are aligned right.
        merged: positions of the columns whose equal neighbours, one below the other, share one cell.
        unit_line: the line at the right above the table (单位：万元), or "".
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str | Cell, ...], ...]
    right: frozenset[int] = frozenset()
    merged: frozenset[int] = frozenset()
    unit_line: str = ""

    def cells(self) -> list[list[Cell]]:
        """The rows with every cell as one."""
        return [
            [Cell((Run(cell),), position in self.right) if isinstance(cell, str) else cell for position, cell in row]
            for row in map(enumerate, self.rows)
        ]


Block = Paragraph | Grid


def heading(text: str, level: int) -> Paragraph:
    """A heading of level 1 to 4."""
    looks: Sequence[Look] = ("Heading 1", "Heading 2", "Heading 3", "Heading 4")
    return Paragraph((Run(text),), looks[level - 1])
