"""letters.yaml (信件): what the letters to the units say; each letter in its own words, each with its tables."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from jixiao_xl.model.mapping.base import Strict

When = Literal[
    "dated", "undated", "ahead", "today", "overdue", "annotated", "fresh", "attached", "unattached", "explain"
]
TableName = Literal["findings", "materials"]
Text = Annotated[str, Field(min_length=1)]


class LetterPart(Strict):
    """A paragraph, or a table with the sentence over it; a table without rows is left out with its sentence.

    Attributes:
        text: the paragraph, or the sentence over the table.
        table: which table.
        when: the part stands only where this holds: there is a deadline (dated) or none (undated); it is ahead, today
            or overdue; the workbook is annotated or fresh; a workbook goes with the letter or not (attached,
            unattached); something is to be explained (explain).
    """

    text: Text
    table: TableName | None = None
    when: When | None = None


def _part(raw: object) -> object:
    """A plain sentence is a paragraph that always stands."""
    return {"text": raw} if isinstance(raw, str) else raw


class LetterText(Strict):
    """One letter: its subject and its parts in order."""

    subject: Text
    parts: Annotated[list[Annotated[LetterPart, BeforeValidator(_part)]], Field(min_length=1)]


class LetterTexts(Strict):
    """The letters, each with a name that says what it is for."""

    issue: LetterText
    return_to_fix: LetterText
    return_to_explain: LetterText
    return_accepted: LetterText
    remind_missing: LetterText
    remind_refused: LetterText
    remind_to_fix: LetterText
    remind_to_explain: LetterText


class FindingsTable(Strict):
    """The table of findings: its headers, what stands in an empty cell, and the row that says what is left out."""

    sheet: Text
    cell: Text
    row: Text
    column: Text
    message: Text
    blank: str
    most: Annotated[int, Field(ge=1, le=500)]
    more: Text


class MaterialsTable(Strict):
    """The table of materials (资料清单): its headers, what stands for no date, and who is meant by collective words.

    Attributes:
        item: header of what is asked for.
        due: header of the date.
        no_due: what stands where the list has no date.
        everybody: words that mean every unit.
        sections: words that mean every section.
        carriers: words that mean the sections that have projects.
    """

    item: Text
    due: Text
    no_due: str
    everybody: list[str]
    sections: list[str]
    carriers: list[str]


class Letters(Strict):
    """Everything that is written to the units.

    Attributes:
        date: how a date is written; has {year}, {month} and {day}.
        no_deadline: what {deadline} is where none is set.
    """

    schema_: Literal[1] = Field(alias="schema")
    date: Text
    no_deadline: str
    findings: FindingsTable
    materials: MaterialsTable
    letters: LetterTexts
