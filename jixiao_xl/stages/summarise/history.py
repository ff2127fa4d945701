"""History (往来记录): which workbook came when and went back, what the officer decided, what was said by telephone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from jixiao_xl.files.author import AuthoredSheet, Style
from jixiao_xl.files.pen import CENTRED, HEADER, HEADING, NUMBER, REMARK, TEXT, TITLE, Pen, Value
from jixiao_xl.model.findings import Finding, Status, in_order
from jixiao_xl.model.history import Round
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.places import Source
from jixiao_xl.model.results import Result
from jixiao_xl.model.review import Correction, CorrectionState
from jixiao_xl.model.texts import STATUS_WORDS
from jixiao_xl.stages.summarise.drawing import unit_name

_WIDTHS: Final = (24, 9, 34, 14, 13, 7, 8, 7, 26, 12, 18)
_LAST: Final = len(_WIDTHS)
# the columns that each table's cells span: three tables share one grid
_ROUNDS: Final = {
    "unit": (1, 1),
    "version": (2, 2),
    "file_header": (3, 3),
    "entered_on": (4, 4),
    "status": (5, 5),
    "must_fix": (6, 6),
    "explain": (7, 7),
    "note": (8, 8),
    "returned": (9, _LAST),
}
_DECISIONS: Final = {
    "unit": (1, 1),
    "decision": (2, 2),
    "place": (3, 3),
    "message": (4, 8),
    "reason": (9, _LAST),
}
_CORRECTIONS: Final = {
    "unit": (1, 1),
    "cell": (2, 2),
    "sheet": (3, 3),
    "old": (4, 5),
    "new": (6, 8),
    "reason": (9, 9),
    "informant": (10, 10),
    "correction_state": (11, 11),
}
_DECIDED: Final = (Status.ACCEPTED, Status.REJECTED)
_REJECTED, _OUTDATED = "#FFC7CE", "#FFEB9C"
_Cell = tuple[Value, Style]


def draw_history(
    result: Result, mapping: Mapping, history: Sequence[Round], corrections: Sequence[Correction]
) -> AuthoredSheet:
    """The sheet of what passed between the office and its units; a table that has no row says so."""
    pen = Pen.on(mapping.text("summary_sheet_history"), _WIDTHS, landscape=True)
    pen.across(mapping.text("summary_history_title"), TITLE, 34)
    pen.repeat(1)
    pen.across(mapping.text("summary_history_note"), REMARK)
    sheet = _History(pen, result, mapping)
    sheet.rounds(history)
    sheet.decisions([finding for finding in result.findings if finding.status in _DECIDED])
    sheet.corrections(corrections)
    return pen.finished()


class _History:
    """The three tables, one below the other."""

    def __init__(self, pen: Pen, result: Result, mapping: Mapping) -> None:
        self._pen, self._result, self._mapping = pen, result, mapping
        self._order = {unit.code: number for number, unit in enumerate(mapping.units)}

    def rounds(self, history: Iterable[Round]) -> None:
        """One row a version of a unit's workbook."""
        ordered = sorted(history, key=lambda one: (self._position(one.unit), one.unit, one.version))
        self._heading("rounds", _ROUNDS, ordered)
        for one in ordered:
            self._row(_ROUNDS, self._round(one))
        self._pen.row += 1

    def _round(self, one: Round) -> Sequence[_Cell]:
        none = self._mapping.text("summary_none")
        counts: tuple[Value, ...] = (one.must_fix, one.explain, one.note) if one.status else (none, none, none)
        return (
            (unit_name(self._mapping, one.unit), TEXT),
            (one.version, NUMBER),
            (one.file, TEXT),
            (one.entered_on.isoformat(), CENTRED),
            (STATUS_WORDS.get(one.status, one.status) if one.status else none, CENTRED),
            *((count, NUMBER) for count in counts),
            (one.returned or none, TEXT),
        )

    def decisions(self, findings: list[Finding]) -> None:
        """One row a finding that the officer has accepted or rejected."""
        ordered = sorted(in_order(findings), key=lambda finding: self._position(finding.place.unit))
        self._heading("decisions", _DECISIONS, ordered)
        for finding in ordered:
            place = finding.place
            rejected = finding.status is Status.REJECTED
            words = {"sheet": place.sheet, "cell": place.cell or "", "label": place.label, "column": place.column_label}
            where = self._mapping.text("summary_place_words", **words)
            cells: Sequence[_Cell] = (
                (self._unit(place.unit), TEXT),
                (
                    self._mapping.text(f"summary_decision_{finding.status}"),
                    replace(CENTRED, fill=_REJECTED if rejected else None),
                ),
                (" ".join(where.split()), TEXT),
                (finding.message, TEXT),
                (finding.decision, TEXT),
            )
            link = Source(place.file, place.sheet, place.cell) if place.file and place.sheet and place.cell else None
            self._row(_DECISIONS, cells, {"place": link} if link else {})
        self._pen.row += 1

    def corrections(self, corrections: Iterable[Correction]) -> None:
        """One row a figure that was corrected by telephone."""
        ordered = sorted(corrections, key=lambda one: (self._position(one.unit), one.unit, one.row))
        self._heading("corrections", _CORRECTIONS, ordered)
        for one in ordered:
            submission = self._result.batch.of(one.unit)
            link = Source(submission.file, one.sheet, one.cell) if submission and one.sheet and one.cell else None
            self._row(_CORRECTIONS, self._correction(one), {"cell": link} if link else {})

    def _correction(self, one: Correction) -> Sequence[_Cell]:
        state = self._result.batch.corrected.get(one.row)
        word = self._mapping.text("summary_none" if state is None else f"summary_correction_{state}")
        outdated = state is not None and state is not CorrectionState.APPLIED
        return (
            (unit_name(self._mapping, one.unit), TEXT),
            (one.cell, CENTRED),
            (one.sheet, TEXT),
            (one.old, TEXT),
            (one.new, TEXT),
            (one.reason, TEXT),
            (one.informant, CENTRED),
            (word, replace(CENTRED, fill=_OUTDATED if outdated else None)),
        )

    # -- what the tables share ---------------------------------------------------------------------------------

    def _position(self, unit: str) -> int:
        """The order of units.csv; a unit that it no longer has comes last."""
        return self._order.get(unit, len(self._order))

    def _unit(self, code: str) -> str:
        return unit_name(self._mapping, code) if code else self._mapping.text("summary_none")

    def _heading(self, name: str, columns: dict[str, tuple[int, int]], rows: Sequence[object]) -> None:
        self._pen.across(self._mapping.text(f"summary_{name}_heading"), HEADING, 24)
        if not rows:
            self._pen.across(self._mapping.text(f"summary_no_{name}"), TEXT)
            return
        self._row(columns, [(self._mapping.text(f"summary_{key}"), HEADER) for key in columns])

    def _row(
        self, columns: dict[str, tuple[int, int]], cells: Iterable[_Cell], links: dict[str, Source] | None = None
    ) -> None:
        pen = self._pen
        for (key, (first, last)), (value, style) in zip(columns.items(), cells, strict=True):
            if links and key in links:
                pen.source(first, links[key], str(value))
            elif first < last:
                pen.merged(first, last, str(value or ""), style)
            else:
                pen.put(first, value, style)
        pen.row += 1
