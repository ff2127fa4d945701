"""Grades and scores (等级和得分): the name that the rules give, the grade that the score gives, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from jixiao_xl.model.claims import Claim
from jixiao_xl.model.mapping.scoring import Grades
from jixiao_xl.stages.check_report.prose.text import Sentence, Slip, Text

_FULL = Decimal(100)


def grade_slips(text: Text, grades: Grades) -> Iterator[Slip]:
    """A grade that has no such name, or that the score beside it does not give.

    A report that defines its own grades is measured by nothing; with a workspace, the office's own names count.
    """
    words = text.words
    own = next((one for one in text.sentences if words.grade_scale.search(one.text)), None)
    for sentence in text.sentences:
        if not words.about_evaluation.search(sentence.text) or sentence is own:
            continue
        for match in words.grade.finditer(sentence.text):
            written = match[1]
            if own is not None and written in own.text:
                continue
            due = _due(text, grades, sentence)
            official = words.grade_words.get(written, written)
            named = written in _names(grades, text)
            if due is not None and due != official:
                yield Slip("grade-name", sentence.place, sentence.span(match, 1), written, due)
            elif not named and official in _names(grades, text):
                yield Slip("grade-name", sentence.place, sentence.span(match, 1), written, official)


def _names(grades: Grades, text: Text) -> set[str]:
    official = {band.grade for band in grades.bands}
    return official | set(grades.grade_shown.values()) if text.facts is not None else official


def _due(text: Text, grades: Grades, sentence: Sentence) -> str | None:
    """The grade of the one score in the same sentence."""
    scores = {match[1] for match in text.words.score.finditer(sentence.text)}
    if len(scores) != 1:
        return None
    score = Decimal(scores.pop())
    if score > _FULL:
        return None
    return next((band.grade for band in sorted(grades.bands, key=lambda one: -one.from_) if score >= band.from_), None)


def unsupported_scores(text: Text, claims: Sequence[Claim]) -> Iterator[Slip]:
    """A report's total score, where no table, no annex and no part scores show how it came about."""
    words = text.words
    if any(claim.kind == "score_sum" for claim in claims):
        return
    if any(words.score_support.search(line) for line in text.plain):
        return
    cells = (line for passage, line in zip(text.passages, text.plain, strict=True) if passage.kind == "cell")
    if any(words.score_column.search(line) for line in cells):
        return
    if sum(len(words.part_score.findall(line)) for line in text.plain) > 2:
        return
    for sentence in text.sentences:
        match = words.score.search(sentence.text)
        if match and words.about_evaluation.search(text.plain[sentence.passage]):
            yield Slip("score-unsupported", sentence.place, sentence.span(match, 1), match[1])
            return
