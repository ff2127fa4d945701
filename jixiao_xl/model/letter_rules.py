"""What letters.yaml may not say (信件口径的错误): words that nobody fills in, tables that a letter does not have."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Final

from jixiao_xl.model import texts, texts_mail
from jixiao_xl.model.errors import MappingError
from jixiao_xl.model.mapping.letters import LetterPart, Letters, LetterText, When

LETTERS: Final = "letters.yaml"
_ALWAYS: Final = frozenset(("department", "year", "unit", "deadline"))
_COUNTS: Final = frozenset(("must_fix", "explain"))
# what is known only where the part's condition holds
_ONLY_WHEN: Final[dict[When, frozenset[str]]] = {
    "ahead": frozenset(("days",)),
    "overdue": frozenset(("days",)),
    "annotated": frozenset(("workbook",)),
    "fresh": frozenset(("workbook", "list")),
    "attached": frozenset(("workbook",)),
}
_WITH_FINDINGS: Final = frozenset(
    ("return_to_fix", "return_to_explain", "remind_refused", "remind_to_fix", "remind_to_explain")
)
_DATE: Final = frozenset(("year", "month", "day"))
_NEAR: Final = 24  # characters by which a sentence is found again in the file


def refuse_letter_mistakes(letters: Letters) -> None:
    """Raise MappingError for the first word or table that cannot be filled in."""
    _refuse_unknown(letters.date, _DATE)
    _refuse_unknown(letters.findings.more, frozenset(("count",)))
    for name, letter in _named(letters):
        counts = _COUNTS if name in _WITH_FINDINGS else frozenset[str]()
        _refuse_unknown(letter.subject, _ALWAYS | counts)
        for part in letter.parts:
            _refuse_table(name, part)
            _refuse_unknown(part.text, _ALWAYS | counts | _known_in(name, part))


def _named(letters: Letters) -> Iterator[tuple[str, LetterText]]:
    for name in type(letters.letters).model_fields:
        yield name, getattr(letters.letters, name)


def _known_in(name: str, part: LetterPart) -> frozenset[str]:
    """What is known beside what always is; the first letter has its workbook in any case."""
    known = _ONLY_WHEN.get(part.when, frozenset()) if part.when else frozenset[str]()
    return known | {"workbook"} if name == "issue" else known


def _refuse_table(name: str, part: LetterPart) -> None:
    if part.table == "findings" and name not in _WITH_FINDINGS:
        raise MappingError(LETTERS, None, texts_mail.LETTER_NO_FINDINGS.format(letter=name), near=part.text[:_NEAR])


def _refuse_unknown(text: str, known: frozenset[str]) -> None:
    """Every word in braces is one that is filled in, plainly."""
    try:
        pieces = list(string.Formatter().parse(text))
    except ValueError as error:
        raise MappingError(LETTERS, None, texts_mail.LETTER_BRACES.format(text=text), near=text[:_NEAR]) from error
    for _, field, form, conversion in pieces:
        if field is not None and (field not in known or form or conversion):
            words = texts.LIST_JOINT.join(f"{{{name}}}" for name in sorted(known))
            reason = texts_mail.LETTER_WORD_UNKNOWN.format(text=text, word=f"{{{field}}}", words=words)
            raise MappingError(LETTERS, None, reason, near=_around(text, field))


def _around(text: str, field: str) -> str:
    """The word with what stands before it, which tells its line from that of a sentence that begins alike."""
    start = text.find(f"{{{field}")
    return text[max(0, start - _NEAR) : start + len(field) + 1].rpartition("\n")[2]
