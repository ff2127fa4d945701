"""Findings (校验结果): one cell, one cause, one message; made from a catalogue that owns the words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
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
        status: what was decided.
        explanation: what the section wrote about it.
    """

    code: str
    severity: Severity
    place: Place
    message: str
    found: str | None = None
    expected: str | None = None
    difference: str | None = None
    cause: str = ""
    status: Status = Status.OPEN
    explanation: str | None = None

    @property
    def id(self) -> str:
        """Ten hex digits, the same in every run while cell and cause are the same."""
        place = self.place
        where = place.key or (place.sheet, place.cell or "")
        text = "\x1f".join((self.code, self.cause, place.unit or place.file, *where))
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    @property
    def order(self) -> tuple[str, str, str, int, int, str, str, str]:
        """The order of every list of findings: unit, file, sheet, row, column, code."""
        place = self.place
        column = place.column or ""
        return (place.unit, place.file, place.sheet, place.row or 0, len(column), column, self.code, self.cause)

    def explained(self, explanation: str) -> Finding:
        """The same finding with what the section wrote about it."""
        return replace(self, status=Status.EXPLAINED, explanation=explanation)


NO_NUMBER = "—"
Shown = Decimal | str | int | float | None


def shown(value: Shown) -> str | None:
    """A value as a message shows it: plain digits, at most 60 characters of text."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return plain(value)
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


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
        **details: str,
    ) -> Finding:
        """The finding `code` at `place`; its difference is found less expected, where both are numbers."""
        difference = found - expected if isinstance(found, Decimal) and isinstance(expected, Decimal) else None
        words = {
            "file": place.file.rsplit("/", 1)[-1],
            "unit": self._names.get(place.unit, place.unit),
            "sheet": place.sheet,
            "cell": place.cell or "",
            "row": str(place.row or ""),
            "label": place.label,
            "column": place.column_label,
            "found": self.blank if found is None or shown(found) == "" else shown(found) or "",
            "expected": shown(expected) or NO_NUMBER,
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
        )


def in_order(findings: list[Finding]) -> list[Finding]:
    """Findings sorted as every list and document of ours shows them."""
    return sorted(findings, key=lambda finding: finding.order)
