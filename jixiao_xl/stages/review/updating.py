"""Updating the review (更新审核处理): what is new comes below, the tool's own columns say how things stand now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Values

from jixiao_xl.files.tables import Table, TableChange, TableRow, Value, change_tables
from jixiao_xl.model.findings import Finding, in_order
from jixiao_xl.model.mapping import Indicator, Mapping
from jixiao_xl.model.results import ScoredIndicator, UnitScore
from jixiao_xl.model.review import CorrectionState
from jixiao_xl.model.texts import SEVERITY_WORDS
from jixiao_xl.stages.review.drawing import blank_workbook
from jixiao_xl.stages.review.layout import CORRECTIONS, TYPED, open_tables
from jixiao_xl.stages.review.rulings import DecisionRow, Ruling, counting, decision_rows


def review_workbook(
    data: bytes | None,
    findings: Sequence[Finding],
    units: Values[str, UnitScore],
    applied: Values[int, CorrectionState],
    mapping: Mapping,
) -> bytes | None:
    """审核处理.xlsx brought up to date, a new one where there is none; None where nothing changes.

    Args:
        data: the workbook as it stands, or None.
        findings: all findings of the run.
        units: the scores by unit.
        applied: what became of each correction, by its row in 电话更正.
        mapping: the year's mapping.

    Raises:
        JixiaoError: it is no such workbook; it stays as it is.
    """
    current = blank_workbook(mapping) if data is None else data
    tables = open_tables(current, mapping)
    changes = {
        tables.decisions.sheet: _decisions(tables.decisions, findings, mapping),
        tables.scores.sheet: _scores(tables.scores, units, mapping),
        tables.corrections.sheet: _corrections(tables.corrections, applied, mapping),
    }
    if not any(changes.values()):
        return current if data is None else None
    return change_tables(current, tables.all, changes)


def _set(change: TableChange, row: TableRow, column: str, value: Value) -> None:
    """Note a cell that is to say something else; a person's formula stays."""
    if row.values[column] != (value or None) and column not in row.formulas:
        change.cells[row.number, column] = value


# -- decisions -------------------------------------------------------------------------------------------------


def _decisions(table: Table, findings: Sequence[Finding], mapping: Mapping) -> TableChange:
    change = TableChange()
    rows = list(decision_rows(table, mapping))
    asked = [finding for finding in findings if finding.needs_decision]
    states = _states(rows, asked, mapping)
    for row in table.rows:
        if row.number in states:
            _set(change, row, "state", states[row.number])
    known = {row.about for row in rows}
    new = {(f.id, f.fingerprint): f for f in reversed(in_order(asked)) if (f.id, f.fingerprint) not in known}
    change.added.extend(_new_row(finding, mapping) for finding in reversed(new.values()))
    return change


def _states(rows: Iterable[DecisionRow], asked: Sequence[Finding], mapping: Mapping) -> dict[int, str]:
    """What 状态 says in each row."""
    rows = list(rows)
    counts = counting(rows)
    current = {(finding.id, finding.fingerprint) for finding in asked}
    ids = {finding.id for finding in asked}
    states: dict[int, str] = {}
    for row in rows:
        counted = counts[row.about]
        if row.finding not in ids:
            state = mapping.text("review_state_gone")
        elif row.about not in current:
            state = mapping.text("review_state_changed")
        elif counted is not row:
            state = mapping.text("review_state_superseded", row=str(counted.number))
        else:
            state = mapping.text(f"review_state_{row.ruling}")
        states[row.number] = state
    return states


def _new_row(finding: Finding, mapping: Mapping) -> dict[str, Value]:
    place = finding.place
    unit = mapping.unit_by_code.get(place.unit)
    return {
        "id": finding.id,
        "basis": finding.fingerprint,
        "unit": unit.name if unit else place.unit or place.file,
        "sheet": place.sheet,
        "cell": place.cell,
        "severity": SEVERITY_WORDS[finding.severity],
        "message": finding.message,
        "explanation": finding.explanation,
        "state": mapping.text(f"review_state_{Ruling.OPEN}"),
    }


# -- scores ----------------------------------------------------------------------------------------------------


def _scores(table: Table, units: Values[str, UnitScore], mapping: Mapping) -> TableChange:
    """Every indicator of every unit has its row; of one that is no longer in the mapping, only the row stays."""
    change = TableChange()
    scored = {(one.unit, one.key): one for unit in units.values() for one in unit.indicators}
    due = {(one.unit, one.key): one for unit in mapping.units for one in mapping.indicators_of(unit.code)}
    there: set[tuple[str, str]] = set()
    for row in table.rows:
        key = (row.text("unit_code"), row.text("indicator_key"))
        if not all(key):
            continue
        there.add(key)
        values = _own_values(due[key], scored.get(key), mapping) if key in due else {"self": None, "computed": None}
        for column, value in values.items():
            _set(change, row, column, value)
    for key, indicator in due.items():
        if key not in there:
            keys: dict[str, Value] = {"unit_code": indicator.unit, "indicator_key": indicator.key}
            change.added.append(keys | _own_values(indicator, scored.get(key), mapping))
    return change


def _own_values(indicator: Indicator, scored: ScoredIndicator | None, mapping: Mapping) -> dict[str, Value]:
    return {
        "unit": mapping.unit_by_code[indicator.unit].name,
        "indicator": indicator.level3,
        "points": indicator.points,
        "self": scored.self_score if scored else None,
        "computed": scored.score if scored else None,
    }


# -- corrections by telephone ----------------------------------------------------------------------------------


def _corrections(table: Table, applied: Values[int, CorrectionState], mapping: Mapping) -> TableChange:
    """What became of each correction; a row that was emptied says nothing any more."""
    change = TableChange()
    for row in table.rows:
        if all(row.values[column] is None for column in TYPED[CORRECTIONS]):
            _set(change, row, "state", None)
        elif row.number in applied:
            _set(change, row, "state", mapping.text(f"review_correction_{applied[row.number]}"))
    return change
