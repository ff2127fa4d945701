"""Filling of the template (填模板): each blank gets its figure, its word or its part, or the template is refused.

Nothing is guessed: a control whose tag an editor has dropped is known by its title; one that is damaged, a name that
nobody knows and a blank that was typed instead of copied are refused with the number of their paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from jixiao_xl.files.word import Answer, Mark, WordTemplate
from jixiao_xl.files.word_blocks import Run
from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.report_tags import FigureName, read_tag, read_title
from jixiao_xl.model.report_text import OWN_FIGURES
from jixiao_xl.model.results import Result
from jixiao_xl.stages.report.controls import FigureControls
from jixiao_xl.stages.report.figures import figures_of, has_owner
from jixiao_xl.stages.report.template import PART, WORD, made_parts, placeholders
from jixiao_xl.stages.report.writer import PartWriter, report_words

_OURS: Final = re.compile(r"(?:fact|word|part):")
_WORD_OR_PART: Final = re.compile(r"(?:.* )?((?:word|part):[a-z][a-z0-9_]*)", re.DOTALL)


class TemplateRefused(JixiaoError):
    """A template that cannot be filled; says the paragraph, the name and what to do."""

    def __init__(self, file: str, mark: Mark | int, reason: str, name: str) -> None:
        paragraph = mark if isinstance(mark, int) else mark.paragraph
        words = texts.TEMPLATE_REASONS[reason].format(name=name)
        sentence = texts.TEMPLATE_REFUSED if paragraph else texts.TEMPLATE_REFUSED_OUTSIDE
        super().__init__(sentence.format(file=file, paragraph=paragraph, reason=words))


def filled_template(file: str, data: bytes, result: Result, mapping: Mapping) -> bytes:
    """The report that a template gives.

    Raises:
        TemplateRefused: a control is damaged or names what nobody knows, or a blank stands in none.
        UnreadableReport: it is no .docx that can be opened.
    """
    template = WordTemplate(file, data)
    _refuse_loose_blanks(file, template, mapping)
    names = [_name_of(file, mark, mapping) for mark in template.marks]
    parts = made_parts(mapping)
    has_rows = any(name.startswith(PART) and parts[name.removeprefix(PART)].table == "facts" for name in names)
    controls = FigureControls(figures_of(result, mapping), mapping.text("report_no_figure"), has_rows)
    writer, words = PartWriter(result, mapping, controls), report_words(mapping)

    def answer(name: str) -> Answer:
        if name.startswith(PART):
            return writer.made(parts[name.removeprefix(PART)])
        if name.startswith(WORD):
            return Run(words[name.removeprefix(WORD)])
        figure = read_title(name)
        return None if figure is None else controls.control(figure)

    title = "".join(_title(mapping))
    return template.filled([answer(name) for name in names], title=title, moment=datetime(mapping.year + 1, 1, 1))


def _title(mapping: Mapping) -> Iterator[str]:
    words = report_words(mapping)
    for line in mapping.report.title:
        yield re.sub(r"\{(\w+)\}", lambda match: words.get(match[1], ""), line)


def _refuse_loose_blanks(file: str, template: WordTemplate, mapping: Mapping) -> None:
    known = set(placeholders(mapping))
    for paragraph, text in template.loose_texts():
        for blank in sorted(known):
            if blank in text:
                raise TemplateRefused(file, paragraph, "loose", blank)


def _name_of(file: str, mark: Mark, mapping: Mapping) -> str:
    """What a control stands for: `part:KEY`, `word:NAME`, a figure's name, or "" for somebody's own control."""
    found = _WORD_OR_PART.fullmatch(mark.tag or mark.title)
    if found and (not mark.tag or mark.tag == found[1]):
        return _word_or_part(file, mark, found[1], mapping)
    tag = read_tag(mark.tag)
    if tag is None and _OURS.match(mark.tag):
        raise TemplateRefused(file, mark, "damaged", mark.tag)
    name = tag.name if tag else None if mark.tag else read_title(mark.title)
    if name is None or (tag is None and not _is_known(name, mapping)):
        return ""  # somebody's own control
    if not _is_known(name, mapping):
        raise TemplateRefused(file, mark, "unknown", str(name))
    if not mark.inline:
        raise TemplateRefused(file, mark, "damaged", str(name))
    if _is_rate(name, mapping) and mark.after.lstrip().startswith(("%", "％")):
        raise TemplateRefused(file, mark, "percent", str(name))
    return str(name)


def _word_or_part(file: str, mark: Mark, name: str, mapping: Mapping) -> str:
    known = made_parts(mapping) if name.startswith(PART) else report_words(mapping)
    if name.partition(":")[2] not in known:
        raise TemplateRefused(file, mark, "unknown", name)
    if name.startswith(PART) and not mark.alone:
        raise TemplateRefused(file, mark, "not_alone", mark.text or name)
    if name.startswith(WORD) and not mark.inline:
        raise TemplateRefused(file, mark, "damaged", name)
    return name


def _is_known(name: FigureName, mapping: Mapping) -> bool:
    """Whether a figure exists: a fact in a form that it has, one of the report's own, or a number of a unit."""
    if "." in name.fact:
        return has_owner(name.fact, mapping)
    if name.form == "phrase":
        return name.fact in mapping.report.changes
    is_fact = any(fact.id == name.fact for fact in mapping.facts)
    return is_fact or (not name.form and name.fact in OWN_FIGURES)


def _is_rate(name: FigureName, mapping: Mapping) -> bool:
    return not name.form and any(fact.id == name.fact and fact.unit == "ratio" for fact in mapping.facts)
