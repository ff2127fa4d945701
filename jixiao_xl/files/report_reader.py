"""Reading a report (读取报告): bytes of anybody's .docx or .txt into passages, or one sentence that says what to do."""

from __future__ import annotations

import re
from typing import Final

from jixiao_xl.files.word_package import MAX_TEXT, UnreadableReport, is_package, open_document, refuse_unreadable
from jixiao_xl.files.word_text import Story, Stretch, stretches
from jixiao_xl.model.passages import Passage

_LINE_END: Final = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_BINARY: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffe\uffff]")
_WIDE_ZEROS: Final = 0.2  # a text in UTF-16 without a mark: so many of its bytes on one side are zero


def read_report(name: str, data: bytes) -> list[Passage]:
    """Every paragraph, table cell, text box and note of a report in reading order, blank ones too.

    A text file (UTF-8, GB18030 or UTF-16, any line ends) has a passage a line. Numbers that Word makes (自动编号)
    stand at the beginning of their paragraph's text. What kind of file it is is decided by its bytes.

    Raises:
        UnreadableReport: it is empty, encrypted, damaged, too large, or no .docx and no text.
    """
    refuse_unreadable(name, data)
    if is_package(data):
        passages = [
            Passage(one.place, one.kind, one.text, one.level, one.merged)
            for one in read_stretches(name, open_document(name, data).story)
        ]
    else:
        lines = _LINE_END.split(_decoded(name, data))
        passages = [Passage(f"p{number}", "body", line) for number, line in enumerate(lines, start=1)]
    if not any(passage.text.strip() for passage in passages):
        raise UnreadableReport(name, "no_text")
    return passages


def read_stretches(file: str, story: Story) -> list[Stretch]:
    """The passages of an open document with the elements that hold them.

    Raises:
        UnreadableReport: its elements stand in one another deeper than in any document.
    """
    try:
        return stretches(story)
    except RecursionError as error:
        raise UnreadableReport(file, "unsafe") from error


def _decoded(file: str, data: bytes) -> str:
    if len(data) > MAX_TEXT:
        raise UnreadableReport(file, "large")
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _BINARY.search(text):
            return text
    raise UnreadableReport(file, "not_text")


def _encodings(data: bytes) -> tuple[str, ...]:
    """What a text may be in, the surest first."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    even, odd = data[::2].count(0), data[1::2].count(0)
    if max(even, odd) > len(data) // 2 * _WIDE_ZEROS:
        return ("utf-16-be",) if even > odd else ("utf-16-le",)
    return ("utf-8-sig", "gb18030", "utf-16-le", "utf-16-be")
