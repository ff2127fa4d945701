"""Findings (问题清单): everything that was found, one row each, to be filtered and worked off."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from jixiao_xl.files.author import AuthoredSheet, Style
from jixiao_xl.files.pen import CENTRED, GENERAL, TEXT, TITLE, Pen, Value
from jixiao_xl.model.findings import Finding, Severity, in_order
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.places import Source
from jixiao_xl.model.results import Result
from jixiao_xl.model.texts import SEVERITY_WORDS
from jixiao_xl.stages.summarise.drawing import unit_name

_COLUMNS: dict[str, float] = {
    "unit": 14,
    "file_header": 15,
    "sheet": 9,
    "cell": 7,
    "row_label": 14,
    "column_label": 10,
    "code": 14,
    "severity": 7,
    "decision": 8,
    "found": 10,
    "expected": 10,
    "gap": 9,
    "message": 40,
    "explanation": 14,
    "decision_reason": 13,
}
_CELL = list(_COLUMNS).index("cell") + 1
_FILLS = {Severity.MUST_FIX: "#FFC7CE", Severity.EXPLAIN: "#FFEB9C", Severity.NOTE: None}


def draw_findings(result: Result, mapping: Mapping) -> AuthoredSheet:
    """The sheet of all findings in the order of every list of ours."""
    pen = Pen.on(mapping.text("summary_sheet_findings"), tuple(_COLUMNS.values()), landscape=True)
    pen.across(mapping.text("summary_findings_title"), TITLE, 34)
    pen.header([mapping.text(f"summary_{key}") for key in _COLUMNS])
    pen.repeat(pen.row, columns=1)
    header = pen.row
    pen.row += 1
    for finding in in_order(list(result.findings)):
        _finding(pen, finding, mapping)
    if not result.findings:
        pen.across(mapping.text("summary_no_findings"), TEXT)
    pen.sheet.filter_area = (header, 1, max(header + 1, pen.row - 1), len(_COLUMNS))
    return pen.finished()


def _finding(pen: Pen, finding: Finding, mapping: Mapping) -> None:
    place = finding.place
    level = Style(align="center", fill=_FILLS[finding.severity])
    values: tuple[tuple[Value, Style], ...] = (
        (unit_name(mapping, place.unit) if place.unit else mapping.text("summary_none"), TEXT),
        (place.file, TEXT),
        (place.sheet, TEXT),
        (place.cell, CENTRED),
        (place.label, TEXT),
        (place.column_label.replace("\n", ""), TEXT),
        (finding.code, TEXT),
        (SEVERITY_WORDS[finding.severity], level),
        (mapping.text(f"summary_decision_{finding.status}"), CENTRED),
        (finding.found, TEXT),
        (finding.expected, TEXT),
        (_number(finding.difference), GENERAL),
        (finding.message, TEXT),
        (finding.explanation, TEXT),
        (finding.decision, TEXT),
    )
    for column, (value, style) in enumerate(values, start=1):
        if column == _CELL and place.cell and place.file:
            pen.source(column, Source(place.file, place.sheet, place.cell), place.cell)
        else:
            pen.put(column, value, style)
    pen.row += 1


def _number(text: str | None) -> Value:
    """A difference as a number, so that it can be sorted."""
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return text
