"""Numbers of headings (层次序号): 一、（一）1.（1） in order and in one style; only what no reader could take for a list.

A number is out of order where exactly the one due stands elsewhere, in another style or not at all. Lists of sentences,
clauses of a law and lines that lost their beginning are no headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from jixiao_xl.model.numerals import chinese, from_chinese
from jixiao_xl.stages.check_report.prose.text import Slip, Text

_KINDS: Final = (
    (1, re.compile(r"([一二三四五六七八九十百]{1,4})\s*([、.])")),
    (2, re.compile(r"\(([一二三四五六七八九十百]{1,4})\)()")),
    (3, re.compile(r"(\d{1,2})\s*([、.])(?!\d)")),
    (4, re.compile(r"\((\d{1,2})\)()")),
)
_SECTION: Final = re.compile(
    r"第(?:[一二三四五六七八九十百]{1,4}|\d{1,3})(?:部分|章|节|条|篇)|附件|附表|目\s*录|附[:：]"
)
_CONTENTS: Final = re.compile(r"(?:\t|\.{3,}|…+|·{3,}|\s{3,})\s*[-—]?\s*\d{1,3}\s*[-—]?$")
_SENTENCE_END: Final = re.compile(r"[。;；!！]|[,，:：]$")
_LONGEST: Final = 40  # characters of a heading
_QUOTED: Final = 20  # and of one in a message


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that begins with a number; level 0 begins a part in which numbers start again."""

    passage: int
    level: int
    number: int
    mark: str
    sign: str
    short: bool


def numbering_slips(text: Text) -> Iterator[Slip]:
    """Every heading whose number is out of order or in a wrong style."""
    found = [one for number, line in enumerate(text.plain) if (one := _heading(text, number, line))]
    meant = {one.passage: one for one in found}
    for chapter in _chapters(found):
        for heading in _wrong_parentheses(chapter, text):
            due = f"（{chinese(heading.number)}）"
            meant[heading.passage] = replace(heading, level=2)
            yield _slip(text, heading, due)
    headings = list(meant.values())
    for level in (1, 2, 3):
        for heading, due in _out_of_order(headings, level, text):
            yield _slip(text, heading, due)
    if mixed := _mixed(headings):
        yield _slip(text, mixed, f"{mixed.number}.")


def _heading(text: Text, number: int, line: str) -> Heading | None:
    """The heading that a passage of the body is."""
    line = line.strip()
    if text.passages[number].kind != "body" or _CONTENTS.search(line):
        return None
    if _SECTION.match(line):
        return Heading(number, 0, 0, "", "", short=True)
    for level, pattern in _KINDS:
        if match := pattern.match(line):
            value = from_chinese(match[1]) if level <= 2 else int(match[1])
            rest = line[match.end() :].strip()
            short = 0 < len(rest) <= _LONGEST and not _SENTENCE_END.search(rest)
            return Heading(number, level, value, match[0].strip(), match[2], short) if value else None
    return None


def _chapters(headings: Sequence[Heading]) -> list[list[Heading]]:
    """The headings between one of the first level and the next; a part begins a chapter, too."""
    found: list[list[Heading]] = [[]]
    for heading in headings:
        if heading.level <= 1:
            found.append([])
        else:
            found[-1].append(heading)
    return found


def _wrong_parentheses(chapter: Sequence[Heading], text: Text) -> Iterator[Heading]:
    """（2） standing where （二） is due: it follows no （1）, and （三） or nothing follows （一）."""
    for position, heading in enumerate(chapter):
        if heading.level != 4 or not heading.short:
            continue
        before, after = chapter[:position], chapter[position + 1 :]
        last = next((one for one in reversed(before) if one.level == 2), None)
        following = next((one for one in after if one.level == 2), None)
        since = before[before.index(last) + 1 :] if last else before
        until = after[: after.index(following)] if following else after
        inner = [one.number for one in since if one.level == 4]
        number = heading.number
        due = number == (last.number if last else 0) + 1
        runs_on = (inner and inner[-1] == number - 1) or any(
            one.level == 4 and one.number == number + 1 for one in until
        )
        if not due or runs_on:
            continue
        confirmed = following is not None and following.number == number + 1
        lonely = last is not None and following is None and not inner and number > 1
        if confirmed or (lonely and not _stands_between(text, last, heading, f"({number - 1})")):
            yield heading


def _out_of_order(headings: Sequence[Heading], level: int, text: Text) -> Iterator[tuple[Heading, str]]:
    """A number left out, or standing twice, in a run of headings of one level.

    Headings without a text of their own are a table of contents or a menu, which may leave some out.
    """
    passages = {heading.passage for heading in headings if heading.short}
    for run in _runs(headings, level):
        for position in range(1, len(run)):
            before, here = run[position - 1], run[position]
            if not (before.short and here.short) or (level == 3 and before.sign != here.sign):
                continue
            if not _text_between(text, before, here, passages):
                continue
            following = run[position + 1].number if position + 1 < len(run) else None
            if here.number == before.number + 2:
                due = _mark(level, before.number + 1, here.sign)
                if (level < 3 or following == here.number + 1) and not _stands_between(text, before, here, due):
                    yield here, due
            elif here.number == before.number > 1 and following == here.number + 1:
                yield here, _mark(level, here.number + 1, here.sign)


def _runs(headings: Sequence[Heading], level: int) -> list[list[Heading]]:
    """The headings of a level under one of a higher level; a number one begins a run of its own."""
    runs: list[list[Heading]] = [[]]
    for heading in headings:
        if heading.level < level:
            runs.append([])
        elif heading.level == level:
            if heading.number == 1:
                runs.append([])
            runs[-1].append(heading)
    return runs


def _text_between(text: Text, first: Heading, last: Heading, headings: set[int]) -> bool:
    """Whether something stands between two headings that is no heading."""
    between = range(first.passage + 1, last.passage)
    return any(text.plain[number].strip() and number not in headings for number in between)


def _stands_between(text: Text, first: Heading | None, last: Heading, mark: str) -> bool:
    """Whether a number stands within the text from one heading to another: then a line break was lost, no number."""
    begin = first.passage if first else 0
    plain = mark.replace("（", "(").replace("）", ")")
    variants = {plain, plain.replace("、", "."), plain.replace(".", "、"), plain.rstrip("、.")}
    between = [re.sub(r"\s", "", line) for line in text.plain[begin : last.passage + 1]]
    return any(variant in line for line in between for variant in variants if variant)


def _mixed(headings: Sequence[Heading]) -> Heading | None:
    """The first of the headings 1、 in a report that elsewhere, right below （一）, writes 1."""
    signs: dict[str, Heading] = {}
    for run in _runs(headings, 3):
        if len(run) < 2 or not all(one.short for one in run) or len({one.sign for one in run}) != 1:
            continue
        above = next((one for one in reversed(headings) if one.passage < run[0].passage and one.level < 3), None)
        if above is not None and above.level == 2:
            signs.setdefault(run[0].sign, run[0])
    return signs["、"] if len(signs) == 2 else None


def _mark(level: int, number: int, sign: str) -> str:
    match level:
        case 1:
            return chinese(number) + sign
        case 2:
            return f"（{chinese(number)}）"
        case _:
            return f"{number}{sign}"


def _slip(text: Text, heading: Heading, due: str) -> Slip:
    passage = text.passages[heading.passage]
    start = len(passage.text) - len(passage.text.lstrip())
    span = (start, start + len(heading.mark))
    return Slip("numbering", passage.place, span, passage.text.strip()[:_QUOTED], due)
