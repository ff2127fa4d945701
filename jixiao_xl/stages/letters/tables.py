"""The tables of letters (信中的表): what the unit has to deal with, and what else it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from jixiao_xl.model.findings import Finding, Severity, Status
from jixiao_xl.model.mail import LetterTable
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.stages.letters.writing import date_words

_GRAVEST_FIRST: Final = tuple(Severity)
_BETWEEN_NAMES: Final = re.compile(r"[,;/，；、\s]+")


def listed(findings: Iterable[Finding], unit: str) -> list[Finding]:
    """What the unit has to deal with, the gravest first; notes and what was accepted are not its business.

    An explanation that waits for the officer is listed only where nothing else is.
    """
    own = [f for f in findings if f.place.unit == unit and f.severity is not Severity.NOTE and not f.is_settled]
    own.sort(key=lambda finding: (_GRAVEST_FIRST.index(finding.severity), finding.order))
    return [f for f in own if f.severity is Severity.MUST_FIX or f.status is not Status.EXPLAINED] or own


def findings_table(findings: Sequence[Finding], mapping: Mapping) -> LetterTable | None:
    """What to deal with, by sheet, cell, row and column; None where there is nothing."""
    words = mapping.letters.findings
    if not findings:
        return None
    rows = [_finding(finding, mapping) for finding in findings[: words.most]]
    left_out = len(findings) - len(rows)
    if left_out:
        rows.append((words.blank,) * 4 + (words.more.format(count=left_out),))
    return LetterTable((words.sheet, words.cell, words.row, words.column, words.message), tuple(rows))


def _finding(finding: Finding, mapping: Mapping) -> tuple[str, ...]:
    place, message = finding.place, finding.message
    if finding.status is Status.REJECTED:
        decision = mapping.text(f"summary_decision_{finding.status}")
        message += mapping.text("results_decision", decision=decision, reason=finding.decision or "")
    texts = (place.sheet, place.cell or "", place.label, place.column_label.replace("\n", ""))
    return (*(text or mapping.letters.findings.blank for text in texts), message)


def materials_table(mapping: Mapping, unit: str) -> LetterTable | None:
    """What the unit is asked for beside its workbook, with the dates; None where that is nothing."""
    words = mapping.letters.materials
    names = frozenset(_names_of(unit, mapping))
    rows = tuple(
        (material.item, date_words(material.due, mapping) if material.due else words.no_due)
        for material in mapping.materials
        if not material.provider or names & {*_BETWEEN_NAMES.split(material.provider)}
    )
    return LetterTable((words.item, words.due), rows) if rows else None


def _names_of(unit: str, mapping: Mapping) -> Iterator[str]:
    """Everything that means this unit in the column of providers."""
    known, words = mapping.unit_by_code[unit], mapping.letters.materials
    yield from (name for name in (known.code, known.name, known.short) if name)
    yield from words.everybody
    if known.parent is not None:
        yield from words.sections
        if mapping.projects_of(unit):
            yield from words.carriers
