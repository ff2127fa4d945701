"""reading.yaml, prose (文字毛病的词表): how words of a report give away a slip, as patterns that an officer may change."""

from __future__ import annotations

import re

from jixiao_xl.model.mapping.base import Strict

Pattern = re.Pattern[str]


class ReportObject(Strict):
    """What a report may be about (评价对象): how its title says so, and what its text must then not say of the whole."""

    name: str
    title: Pattern
    mistaken: Pattern


class Contradiction(Strict):
    """Two things of which a report can say only one."""

    first: Pattern
    second: Pattern


class Prose(Strict):
    """Slips of wording, one pattern a kind; full-width digits and punctuation are compared as half-width ones.

    Attributes:
        placeholders: what a template leaves behind.
        unfinished: a sentence whose end was never filled in.
        grade: a grade as a report states it; the group is the grade's word.
        grade_words: what people write for a grade.
        grade_scale: a sentence in which a report gives its own grades.
        score: a total score as a report states it; the group is the number.
        score_support: what shows where a score comes from.
        score_column: the header of a column of scores.
        part_score: a part of a score.
        about_evaluation: a sentence without any of this is not about the evaluation.
        objects: what a report may be about.
        not_the_whole: a sentence with this is about single projects.
        comparison: a year's figure, the year's before and their change in one sentence; the groups are
            `now`, `amount`, `then`, `before` and `change`.
        scopes: names of one scope (口径); two names of different scopes are not compared.
        contradictions: pairs of which one must be wrong.
        intention: what makes a clause a plan instead of a report.
        another_year: what makes a sentence speak of another year.
        principles: a list of principles; the group is the list.
        announced: a list with its length; the group is the length.
        items: one item of such a list; the group is its number.
        other_items: numbers of another kind, behind which nothing is counted.
        own_year: the year that a report says it evaluates; the group is the year.
        quoted: titles of other documents, which may name any year.
    """

    placeholders: tuple[Pattern, ...]
    unfinished: tuple[Pattern, ...]
    grade: Pattern
    grade_words: dict[str, str]
    grade_scale: Pattern
    score: Pattern
    score_support: Pattern
    score_column: Pattern
    part_score: Pattern
    about_evaluation: Pattern
    objects: tuple[ReportObject, ...]
    not_the_whole: Pattern
    comparison: Pattern
    scopes: dict[str, tuple[str, ...]]
    contradictions: tuple[Contradiction, ...]
    intention: Pattern
    another_year: Pattern
    principles: Pattern
    announced: Pattern
    items: Pattern
    other_items: Pattern
    own_year: Pattern
    quoted: Pattern
