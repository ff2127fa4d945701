"""The body of a mail (邮件正文): the same paragraphs and tables as plain text and as HTML.

The HTML keeps to what Outlook (which is Word), Foxmail and webmail all show: tables with their own borders, inline
styles, no style sheet, no image.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final

from jixiao_xl.model.mail import LetterTable

_FONT: Final = "font-family:'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',SimSun,sans-serif;font-size:14px;"
_CELL: Final = f"border:1px solid #999999;padding:4px 8px;vertical-align:top;{_FONT}"
_HEADER: Final = f"{_CELL}background-color:#f0f0f0;font-weight:bold;text-align:left;"
_PARAGRAPH: Final = f"margin:0 0 10px 0;line-height:1.7;{_FONT}"
_TABLE: Final = f"border-collapse:collapse;margin:0 0 12px 0;{_FONT}"
_SHORT: Final = 24  # characters of a cell that shares its line with others
# XML's and mail's illegal characters; a tab and a line's end are kept
_UNSHOWABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def plain_body(blocks: Sequence[str | LetterTable]) -> str:
    r"""Paragraphs as they are, a row of a table as numbered lines of `列名：值`; lines end with \n.

    No columns of blanks: mail is read in fonts where they do not stand under one another.
    """
    return "\n\n".join(_clean(block) if isinstance(block, str) else _plain_table(block) for block in blocks) + "\n"


def html_body(blocks: Sequence[str | LetterTable]) -> str:
    r"""A whole page; everything that came from outside is escaped; lines end with \n."""
    shown = "\n".join(_paragraph(block) if isinstance(block, str) else _table(block) for block in blocks)
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
        f'</head>\n<body style="{_FONT}color:#222222;">\n{shown}\n</body>\n</html>\n'
    )


def _plain_table(table: LetterTable) -> str:
    return "\n".join(line for number, row in enumerate(table.rows, start=1) for line in _plain_row(number, table, row))


def _plain_row(number: int, table: LetterTable, row: tuple[str, ...]) -> list[str]:
    """Short cells share a line, a long one has its own; empty ones are left out."""
    lines: list[list[str]] = [[]]
    for name, cell in zip(table.header, row, strict=True):
        text = " ".join(_clean(cell).split())
        if not text:
            continue
        if len(text) > _SHORT:
            lines += [[f"{name}：{text}"], []]
        else:
            lines[-1].append(f"{name}：{text}")
    shown = ["；".join(line) for line in lines if line]
    return [f"{number}. {line}" if at == 0 else f"   {line}" for at, line in enumerate(shown)]


def _table(table: LetterTable) -> str:
    head = "".join(f'<th style="{_HEADER}">{_html(name)}</th>' for name in table.header)
    rows = "\n".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{_html(cell)}</td>' for cell in row) + "</tr>" for row in table.rows
    )
    return f'<table border="1" cellspacing="0" cellpadding="4" style="{_TABLE}">\n<tr>{head}</tr>\n{rows}\n</table>'


def _paragraph(text: str) -> str:
    return f'<p style="{_PARAGRAPH}">{_html(text)}</p>'


def _html(text: str) -> str:
    """Escaped; lines and runs of blanks stay as they were typed."""
    shown = escape(_clean(text)).replace("\n ", "\n&nbsp;").replace("  ", " &nbsp;")
    return shown.replace("\n", "<br>\n")


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    return _UNSHOWABLE.sub("\ufffd", text)
