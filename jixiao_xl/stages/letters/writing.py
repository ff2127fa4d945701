"""Writing a letter (成文): the parts that stand on this occasion, their words filled in."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Values
from datetime import date

from jixiao_xl.model.mail import Letter, LetterKind, LetterTable
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.mapping.letters import LetterText
from jixiao_xl.stages.letters.occasion import Occasion

Tables = Values[str, LetterTable | None]


def write_letter(
    kind: LetterKind, text: LetterText, unit: str, occasion: Occasion, tables: Tables, mapping: Mapping
) -> Letter:
    """The letter to `unit`; its addresses are those of units.csv."""
    words = _words(unit, occasion, mapping)
    return Letter(
        kind=kind,
        unit=unit,
        to=mapping.unit_by_code[unit].addresses,
        subject=" ".join(text.subject.format_map(words).split()),
        blocks=tuple(_blocks(text, occasion, tables, words)),
        attachments=occasion.attachments,
    )


def date_words(day: date, mapping: Mapping) -> str:
    """A date as letters write it."""
    return mapping.letters.date.format(year=day.year, month=day.month, day=day.day)


def _blocks(text: LetterText, occasion: Occasion, tables: Tables, words: dict[str, str]) -> Iterator[str | LetterTable]:
    holds = occasion.holds
    for part in text.parts:
        table = tables.get(part.table) if part.table else None
        if (part.when is None or part.when in holds) and (part.table is None or table is not None):
            yield part.text.format_map(words)
            if table is not None:
                yield table


def _words(unit: str, occasion: Occasion, mapping: Mapping) -> dict[str, str]:
    names = [attachment.name for attachment in occasion.attachments]
    deadline = occasion.deadline
    return {
        "department": mapping.department,
        "year": str(mapping.year),
        "unit": mapping.unit_by_code[unit].name,
        "deadline": date_words(deadline, mapping) if deadline else mapping.letters.no_deadline,
        "days": str(occasion.days),
        "must_fix": str(occasion.must_fix),
        "explain": str(occasion.explain),
        "workbook": names[0] if names else "",
        "list": names[1] if len(names) > 1 else "",
    }
