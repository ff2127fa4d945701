"""The Word template (自评报告模板): report.yaml as a document whose figures, words and parts are blanks in controls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from jixiao_xl.files.word import write_document
from jixiao_xl.files.word_blocks import Block, Control, Inline, Look, Paragraph, Run, heading
from jixiao_xl.model.mapping import Mapping, ReportPart
from jixiao_xl.model.report_tags import FigureName, tag_of, title_of
from jixiao_xl.model.report_text import REPORT_WORDS, pieces
from jixiao_xl.stages.report.figures import label_of

WORD, PART = "word:", "part:"


def report_template(mapping: Mapping) -> tuple[str, bytes]:
    """The template's file name and its bytes: what an officer edits instead of report.yaml."""
    title = "".join(run.text for line in mapping.report.title for run in _inlines(line, mapping))
    moment = datetime(mapping.year + 1, 1, 1)
    data = write_document(_blocks(mapping), title=title, author=mapping.department, moment=moment)
    return f"{mapping.text('report_file')}.docx", data


def made_parts(mapping: Mapping) -> dict[str, ReportPart]:
    """The parts that come from workbooks, by the key that the template calls them."""
    return {part.key: part for part in _placed(mapping) if part.key is not None}


def placeholder_of(name: FigureName, label: str, mapping: Mapping) -> Control:
    """The blank for a figure."""
    if name.form:
        label = mapping.text(f"report_form_{name.form}", name=label)
    text = mapping.text("report_placeholder", name=label)
    return Control(text, tag_of(name, text), title_of(label, name), placeholder=True)


def placeholders(mapping: Mapping) -> Iterator[str]:
    """What stands in the template's controls: outside of one it is a blank that nobody would fill."""
    for block in _blocks(mapping):
        if isinstance(block, Paragraph):
            yield from (run.text for run in block.runs if isinstance(run, Control))


def _placed(mapping: Mapping) -> Iterator[ReportPart]:
    waiting = [*mapping.report.parts, *mapping.report.annex]
    while waiting:
        part = waiting.pop(0)
        if part.is_made:
            yield part
        if part.each is None:
            waiting = [*part.parts, *waiting]


def _blocks(mapping: Mapping) -> Iterator[Block]:
    outline = mapping.report
    if outline.attachment is not None:
        yield from _sentence(outline.attachment, mapping, "Annex Line")
    for line in outline.title:
        yield from _sentence(line, mapping, "Title")
    yield from _sentence(outline.opening, mapping)
    yield from _parts(outline.parts, mapping)
    for number, line in enumerate(outline.closing):
        yield from _sentence(line, mapping, "Signature Date" if number else "Signature")
    yield from _parts(outline.annex, mapping)


def _parts(parts: list[ReportPart], mapping: Mapping) -> Iterator[Block]:
    for part in parts:
        if part.annex_line is not None:
            yield from _sentence(part.annex_line, mapping, "Annex Line")
        if part.heading is not None:
            yield Paragraph(_inlines(part.heading, mapping), heading("", part.level).look)
        if part.text is not None:
            yield from _sentence(part.text, mapping)
        if part.is_made:
            label = part.label or ""
            text = mapping.text("report_placeholder", name=label)
            tag = f"{PART}{part.key}"
            yield Paragraph((Control(text, tag, f"{label} {tag}", placeholder=True),))
        if part.each is None:
            yield from _parts(part.parts, mapping)


def _sentence(template: str, mapping: Mapping, look: Look = "Normal") -> Iterator[Block]:
    for line in template.splitlines():
        yield Paragraph(_inlines(line, mapping), look)


def _inlines(template: str, mapping: Mapping) -> tuple[Inline, ...]:
    return tuple(
        _word(piece.name, mapping)
        if piece.name in REPORT_WORDS
        else placeholder_of(FigureName(piece.name, piece.form), label_of(piece.name, mapping), mapping)
        if piece.name
        else Run(piece.text)
        for piece in pieces(template)
    )


def _word(name: str, mapping: Mapping) -> Control:
    label = mapping.text(f"report_word_{name}")
    text = mapping.text("report_placeholder", name=label)
    return Control(text, f"{WORD}{name}", f"{label} {WORD}{name}", placeholder=True)
