"""The register as a workbook (台账.xlsx): where the units stand, every version, every mail, every letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from jixiao_xl.files.author import AuthoredSheet, author_workbook
from jixiao_xl.files.pen import CENTRED, NUMBER, REMARK, TEXT, TITLE, Pen, Style
from jixiao_xl.model.history import ReceiptOutcome
from jixiao_xl.model.looks import STATUS_FILLS
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import UnitStatus
from jixiao_xl.model.setting import Setting
from jixiao_xl.model.texts import STATUS_WORDS
from jixiao_xl.stages.register.rows import (
    DISPATCH_COLUMNS,
    RECEIPT_COLUMNS,
    UNIT_COLUMNS,
    day_words,
    dispatch_rows,
    headers,
    receipts_with_files,
    register_rows,
    register_summary,
    unit_name,
)
from jixiao_xl.stages.register.standing import Records, Step, UnitStanding, arrival_days

_UNIT_WIDTHS: Final = (36, 9, 9, 11, 14, 9, 10, 9, 9, 11, 30)
_ROUND_COLUMNS: Final = {
    "unit": 26,
    "version": 8,
    "came_on": 12,
    "file_header": 44,
    "status": 13,
    "must_fix": 7,
    "explain": 8,
    "note": 7,
    "returned_on": 12,
    "returned": 30,
}
_RECEIPT_WIDTHS: Final = (12, 24, 26, 24, 18, 26)
_RECEIPT_MORE: Final = {"kept": 34, "way": 14, "sha256": 70}
_DISPATCH_WIDTHS: Final = (12, 26, 7, 28, 16, 28)
_DISPATCH_MORE: Final = {"subject": 38, "message_id": 70}
_PRINTED: Final = 7  # columns; what only programs compare stays beside the paper
_COUNTED: Final = ("versions", "must_fix", "explain", "note", "days_late")
_DAYS: Final = ("issued_on", "last_on", "returned_on")
_DAY: Final = Style(align="center", number_format="mm-dd")
_EXCEL_EPOCH: Final = date(1899, 12, 30)
_OURS: Final = (Step.ISSUE, Step.REMIND, Step.RESEND, Step.GIVE_BACK, Step.ASK, Step.DECIDE)  # the office's turn
_RED: Final = "#C00000"
_TITLE_HEIGHT, _HEADER_HEIGHT = 34, 24


def register_workbook(
    standings: Sequence[UnitStanding], records: Records, setting: Setting, mapping: Mapping
) -> tuple[str, bytes]:
    """The file name and the bytes of 台账.xlsx; the same arguments give the same bytes."""
    sheets = [
        _units(standings, records, setting, mapping),
        _rounds(records, mapping),
        _receipts(records, mapping),
        _dispatches(records, mapping),
    ]
    moment = datetime(mapping.year + 1, 1, 1)  # no clock: the same inputs give the same bytes
    return f"{mapping.text('register_file')}.xlsx", author_workbook(sheets, moment=moment)


# -- the sheets --------------------------------------------------------------------------------------------------


def _units(standings: Sequence[UnitStanding], records: Records, setting: Setting, mapping: Mapping) -> AuthoredSheet:
    pen = _page("register_sheet", _UNIT_WIDTHS, mapping)
    title = mapping.text("register_title", department=mapping.department, year=str(mapping.year))
    pen.across(title, TITLE, _TITLE_HEIGHT)
    pen.across(register_summary(standings, setting, mapping), REMARK)
    if records.seal:
        words = {"number": str(records.seal.number), "day": records.seal.day.isoformat()}
        pen.across(mapping.text("register_sealed", **words), REMARK)
    header, rows = register_rows(standings, mapping)
    table = _Table(pen, header)
    for one, texts in zip(standings, rows, strict=True):
        for column, (key, text) in enumerate(zip(UNIT_COLUMNS, texts, strict=True), start=1):
            value = _value(key, one)
            pen.put(column, text if value is None else value, _unit_style(key, one))
        pen.row += 1
    return table.finished("")


def _value(key: str, one: UnitStanding) -> int | None:
    """What a cell holds where it is more than its text: a number, or a day as Excel counts days."""
    day = {"issued_on": one.issued_on, "last_on": one.last_on, "returned_on": one.returned_on}.get(key)
    if day is not None:
        return (day - _EXCEL_EPOCH).days
    counts = {"must_fix": one.must_fix, "explain": one.explain, "note": one.note}
    return {"versions": one.versions, "days_late": one.days_late, **counts}.get(key)


def _unit_style(key: str, one: UnitStanding) -> Style:
    if key == "status":
        return replace(CENTRED, fill=STATUS_FILLS[one.status])
    if key == "days_late" and one.days_late:
        return replace(NUMBER, bold=True, color=_RED)
    if key == "next_step":
        return replace(TEXT, bold=one.step in _OURS)
    return NUMBER if key in _COUNTED else _DAY if key in _DAYS else TEXT


def _rounds(records: Records, mapping: Mapping) -> AuthoredSheet:
    pen = _page("register_sheet_rounds", tuple(_ROUND_COLUMNS.values()), mapping)
    pen.across(mapping.text("register_rounds_title"), TITLE, _TITLE_HEIGHT)
    table = _Table(pen, headers(tuple(_ROUND_COLUMNS), mapping))
    order = {unit.code: number for number, unit in enumerate(mapping.units)}
    came = arrival_days(records)
    for one in sorted(records.rounds, key=lambda one: (order.get(one.unit, len(order)), one.unit, one.version)):
        none = mapping.text("register_none")
        status = UnitStatus(one.status) if one.status else None
        counts = (one.must_fix, one.explain, one.note) if status else (none,) * 3
        pen.put(1, unit_name(one.unit, mapping), TEXT)
        pen.put(2, one.version, NUMBER)
        pen.put(3, day_words(came[one.sha256], mapping), CENTRED)
        pen.put(4, one.file, TEXT)
        pen.put(5, STATUS_WORDS[status] if status else none, _filled(status))
        for column, count in enumerate(counts, start=6):
            pen.put(column, count, NUMBER)
        pen.put(9, day_words(one.returned_on, mapping), CENTRED)
        pen.put(10, one.returned or none, TEXT)
        pen.row += 1
    return table.finished(mapping.text("register_no_rounds"))


def _filled(status: UnitStatus | None) -> Style:
    return replace(CENTRED, fill=STATUS_FILLS[status]) if status else CENTRED


def _receipts(records: Records, mapping: Mapping) -> AuthoredSheet:
    pen = _page("register_sheet_receipts", (*_RECEIPT_WIDTHS, *_RECEIPT_MORE.values()), mapping, printed=_PRINTED)
    pen.across(mapping.text("register_receipts_title"), TITLE, _TITLE_HEIGHT)
    table = _Table(pen, headers((*RECEIPT_COLUMNS, *_RECEIPT_MORE), mapping))
    none = mapping.text("register_none")
    first_time = [one for one in records.receipts if one.outcome is not ReceiptOutcome.AGAIN]
    for texts, enclosure in receipts_with_files(first_time, mapping):
        steps = enclosure.way.split("/") if enclosure and enclosure.way else []
        ways = [mapping.texts.get(f"register_way_{step}", step) for step in steps]
        more = (enclosure.file, "→".join(ways), enclosure.sha256) if enclosure else ("", "", "")
        _texts(pen, (*texts, *(text or none for text in more)))
    return table.finished(mapping.text("register_no_receipts"))


def _dispatches(records: Records, mapping: Mapping) -> AuthoredSheet:
    pen = _page("register_sheet_dispatches", (*_DISPATCH_WIDTHS, *_DISPATCH_MORE.values()), mapping, printed=_PRINTED)
    pen.across(mapping.text("register_dispatches_title"), TITLE, _TITLE_HEIGHT)
    table = _Table(pen, headers((*DISPATCH_COLUMNS, *_DISPATCH_MORE), mapping))
    _, rows = dispatch_rows(records.dispatches, mapping)
    for one, texts in zip(records.dispatches, rows, strict=True):
        _texts(pen, (*texts, one.subject, one.message_id))
    return table.finished(mapping.text("register_no_dispatches"))


# -- what they share ---------------------------------------------------------------------------------------------


def _page(name: str, widths: Sequence[float], mapping: Mapping, *, printed: int | None = None) -> Pen:
    pen = Pen.on(mapping.text(name), widths, landscape=True, back="")
    pen.printed = printed or len(widths)
    return pen


def _texts(pen: Pen, texts: Iterable[str]) -> None:
    """A row of texts; the first is a day."""
    for column, text in enumerate(texts, start=1):
        pen.put(column, text, CENTRED if column == 1 else TEXT)
    pen.row += 1


class _Table:
    """The rows below a header that stays in view, repeats on every page and can be filtered."""

    def __init__(self, pen: Pen, header: Sequence[str]) -> None:
        self._pen, self._header, self._columns = pen, pen.row, len(header)
        pen.header(header)
        pen.sheet.heights[pen.row] = _HEADER_HEIGHT
        pen.repeat(pen.row, columns=1)
        pen.row += 1

    def finished(self, nothing: str) -> AuthoredSheet:
        """The sheet; where the table has no row it says so."""
        pen, last = self._pen, self._pen.row - 1
        if last == self._header and nothing:
            pen.across(nothing, TEXT)
        pen.sheet.filter_area = (self._header, 1, max(self._header + 1, last), self._columns)
        return pen.finished()
