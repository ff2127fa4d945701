"""Findings (校验结果): one cell, one cause, one message; made from a catalogue that owns the words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from jixiao_xl.model.money import plain
from jixiao_xl.model.places import Place


class Severity(StrEnum):
    """How grave a finding is: 退回, 须说明, 提示."""

    MUST_FIX = "must_fix"
    EXPLAIN = "explain"
    NOTE = "note"


class Status(StrEnum):
    """What the officer has decided about a finding (处理)."""

    OPEN = "open"
    EXPLAINED = "explained"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth knowing, at one place.

    Attributes:
        code: fixed name of the cause, DESIGN 8; programs test this, never the message.
        severity: must_fix, explain or note.
        place: where.
        message: where, what is wrong, what was found, what to do, in Chinese.
        found: what stands there, as text, or None.
        expected: what should stand there, as text, or None.
        difference: found less expected, as a plain decimal, or None.
        cause: what tells two findings of one code at one cell apart, such as a check's id.
        basis: the values of the cells that it cites; a decision holds while they are unchanged.
        status: what was decided.
        explanation: what the section wrote about it.
        decision: the officer's reason for accepting or rejecting it.
    """

    code: str
    severity: Severity
    place: Place
    message: str
    found: str | None = None
    expected: str | None = None
    difference: str | None = None
    cause: str = ""
    basis: tuple[str, ...] = ()
    status: Status = Status.OPEN
    explanation: str | None = None
    decision: str | None = None

    @property
    def id(self) -> str:
        """Ten hex digits, the same in every run while cell and cause are the same."""
        place = self.place
        where = place.key or (place.sheet, place.cell or "")
        text = "\x1f".join((self.code, self.cause, place.unit or place.file, *where))
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    @property
    def fingerprint(self) -> str:
        """Ten hex digits of what it cites: found, expected, the cells it rests on, and what the section wrote."""
        text = "\x1f".join((self.found or "", self.expected or "", *self.basis, self.explanation or ""))
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    @property
    def needs_decision(self) -> bool:
        """Whether the officer decides about it: it is to be explained, and explanations are accepted or not."""
        return self.severity is Severity.EXPLAIN

    @property
    def is_settled(self) -> bool:
        """Whether the officer has accepted it."""
        return self.status is Status.ACCEPTED

    @property
    def order(self) -> tuple[str, str, str, int, int, str, str, str]:
        """The order of every list of findings: unit, file, sheet, row, column, code."""
        place = self.place
        column = place.column or ""
        return (place.unit, place.file, place.sheet, place.row or 0, len(column), column, self.code, self.cause)

    def explained(self, explanation: str) -> Finding:
        """The same finding with what the section wrote about it."""
        return replace(self, status=Status.EXPLAINED, explanation=explanation)

    def decided(self, status: Status, reason: str) -> Finding:
        """The same finding with the officer's decision."""
        return replace(self, status=status, decision=reason)


NO_NUMBER = "—"
_BRIEF, _BEFORE = 60, 12  # characters of a text in a sentence, and how many before the first difference
Shown = Decimal | str | int | float | None


def shown(value: Shown) -> str | None:
    """A value as text, numbers in plain digits."""
    if value is None:
        return None
    return plain(value) if isinstance(value, Decimal) else str(value)


def brief(found: str | None, expected: str | None) -> tuple[str | None, str | None]:
    """Both as a sentence shows them, at most 60 characters each: of two long texts the part where they differ."""
    start = 0
    if found and expected and max(len(found), len(expected)) > _BRIEF:
        pairs = zip(found, expected, strict=False)
        same = next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(found), len(expected)))
        start = max(0, same - _BEFORE)
    return _cut(found, start), _cut(expected, start)


def _cut(text: str | None, start: int) -> str | None:
    if text is None or (not start and len(text) <= _BRIEF):
        return text
    head, tail = "…" if start else "", "…" if len(text) > start + _BRIEF else ""
    return f"{head}{text[start : start + _BRIEF - 1]}{tail}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words of every finding (findings.yaml): its severity and its message template."""

    severities: Mapping[str, Severity]
    texts: Mapping[str, str]
    blank: str
    _names: Mapping[str, str] = field(default_factory=dict[str, str])

    def with_unit_names(self, names: Mapping[str, str]) -> Catalogue:
        """The same catalogue, writing units by these names."""
        return replace(self, _names=names)

    def at(
        self,
        code: str,
        place: Place,
        *,
        found: Shown = None,
        expected: Shown = None,
        severity: Severity | None = None,
        cause: str = "",
        basis: Iterable[Shown] = (),
        **details: str,
    ) -> Finding:
        """The finding `code` at `place`; its difference is found less expected, where both are numbers."""
        difference = found - expected if isinstance(found, Decimal) and isinstance(expected, Decimal) else None
        found_words, expected_words = brief(shown(found), shown(expected))
        words = {
            "file": place.file.rsplit("/", 1)[-1],
            "unit": self._names.get(place.unit, place.unit),
            "sheet": place.sheet,
            "cell": place.cell or "",
            "row": str(place.row or ""),
            "label": place.label,
            "column": place.column_label,
            "found": found_words or self.blank,
            "expected": expected_words or NO_NUMBER,
            "difference": shown(abs(difference)) or NO_NUMBER if difference is not None else NO_NUMBER,
            "check": "",
            "advice": "",
            "detail": "",
        }
        return Finding(
            code=code,
            severity=severity or self.severities[code],
            place=place,
            message=self.texts[code].format_map(words | details),
            found=shown(found),
            expected=shown(expected),
            difference=shown(difference),
            cause=cause,
            basis=tuple("" if value is None else str(value) for value in basis),
        )


def in_order(findings: list[Finding]) -> list[Finding]:
    """Findings sorted as every list and document of ours shows them."""
    return sorted(findings, key=lambda finding: finding.order)
