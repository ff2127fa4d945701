"""Facts (事实索引): every figure of the report with its exact value, and each cell that it comes from."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation

from jixiao_xl.files.author import AuthoredSheet, Style
from jixiao_xl.files.pen import CENTRED, COUNT, GENERAL, MONEY, RATIO, REMARK, SCORE, TEXT, TITLE, Pen, Value
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import FactValue, Result
from jixiao_xl.stages.summarise.steps import StepCells

_COLUMNS: dict[str, float] = {
    "fact_id": 29,
    "fact_name": 22,
    "value": 18,
    "measure": 7,
    "shown": 13,
    "shown_measure": 8,
    "file_header": 36,
    "sheet": 14,
    "cell": 9,
}
_ID, _NAME, _VALUE, _MEASURE, _SHOWN, _SHOWN_MEASURE, _FILE, _SHEET, _CELL = range(1, 10)
_STYLES: dict[str, Style] = {"元": MONEY, "%": RATIO, "分": SCORE, "人": COUNT, "个": COUNT}
_REPEATED = "#8C8C8C"


def draw_facts(result: Result, mapping: Mapping, steps: StepCells) -> tuple[AuthoredSheet, dict[str, str]]:
    """The sheet of all facts, and where the value of each stands."""
    pen = Pen.on(mapping.text("summary_sheet_facts"), tuple(_COLUMNS.values()), landscape=True)
    pen.across(mapping.text("summary_facts_title"), TITLE, 34)
    pen.across(mapping.text("summary_facts_note"), REMARK)
    pen.header([mapping.text(f"summary_{key}") for key in _COLUMNS])
    pen.repeat(pen.row, columns=2)
    header = pen.row
    pen.row += 1
    live = {"score": steps.total, "grade": steps.grade}
    cells: dict[str, str] = {}
    for fact in result.facts.values():
        cells[fact.id] = pen.reference(_VALUE)
        _fact(pen, fact, mapping, live.get(fact.id))
    pen.sheet.filter_area = (header, 1, max(header + 1, pen.row - 1), len(_COLUMNS))
    return pen.finished(), cells


def _fact(pen: Pen, fact: FactValue, mapping: Mapping, live: str | None) -> None:
    for number, source in enumerate(fact.sources or (None,)):
        color = _REPEATED if number else "#000000"
        _figure(pen, fact, mapping, live, color)
        if source is None:
            for column in (_FILE, _SHEET, _CELL):
                pen.put(column, mapping.text("summary_none"), CENTRED)
        else:
            pen.put(_FILE, source.file, TEXT)
            pen.put(_SHEET, source.sheet, TEXT)
            pen.source(_CELL, source, source.cell)
        pen.row += 1


def _figure(pen: Pen, fact: FactValue, mapping: Mapping, live: str | None, color: str) -> None:
    """The figure itself; repeated in grey beside each further source, so that a filter keeps it in view."""
    style = replace(_STYLES.get(fact.measure_unit, GENERAL), color=color)
    text, centred = replace(TEXT, color=color), replace(CENTRED, color=color)
    none = mapping.text("summary_none")
    known = fact.value is not None
    pen.put(_ID, fact.id, text)
    pen.put(_NAME, fact.name, text)
    pen.put(_VALUE, fact.value if known else none, style, formula=f"={live}" if live and known else None)
    pen.put(_MEASURE, fact.measure_unit, centred)
    shown, pattern = _shown(fact.shown)
    pen.put(_SHOWN, none if shown is None else shown, replace(GENERAL, number_format=pattern, color=color))
    pen.put(_SHOWN_MEASURE, mapping.text("report_wan") if fact.measure_unit == "元" else fact.measure_unit, centred)


def _shown(text: str | None) -> tuple[Value, str]:
    """What prose prints as a number with the same decimals, or as the text that it is."""
    try:
        number = Decimal(text) if text else None
    except InvalidOperation:
        return text, "General"
    if number is None or not number.is_finite():
        return text, "General"
    decimals = len(text.partition(".")[2]) if text else 0
    return number, f"0.{'0' * decimals}" if decimals else "0"
