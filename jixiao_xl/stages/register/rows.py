"""Rows of the register (台账的行): the same texts in the terminal and in 台账.xlsx."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from jixiao_xl.model.history import Dispatch, Enclosure, EnclosureOutcome, Receipt
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import UnitStatus
from jixiao_xl.model.setting import Setting
from jixiao_xl.model.texts import STATUS_WORDS
from jixiao_xl.model.texts_mail import RECEIVED_REMARKS
from jixiao_xl.stages.register.standing import UnitStanding

Rows = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]  # the header, and the rows below it
UNIT_COLUMNS: Final = (
    "unit", "issued_on", "versions", "last_on", "status", "must_fix", "explain", "note", "returned_on", "days_late",
    "next_step",
)  # fmt: skip
RECEIPT_COLUMNS: Final = ("received_at", "sender", "subject", "enclosure", "unit", "outcome")
DISPATCH_COLUMNS: Final = ("sent_on", "unit", "kind", "to", "state", "reason")
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)  # they steer a terminal, or turn its text
_BETWEEN_CODES: Final = re.compile(r"[,;/\s]+")


def register_rows(standings: Sequence[UnitStanding], mapping: Mapping) -> Rows:
    """One row a unit."""
    return headers(UNIT_COLUMNS, mapping), tuple(_unit(one, mapping) for one in standings)


def register_summary(standings: Sequence[UnitStanding], setting: Setting, mapping: Mapping) -> str:
    """One line: how many units there are, how many stand where, how many are late."""
    count = Counter(one.status for one in standings)
    words = [
        mapping.text("register_count", status=STATUS_WORDS[status], count=str(count[status]))
        for status in reversed(UnitStatus)
        if count[status]
    ]
    late = sum(one.status is UnitStatus.MISSING and one.days_late > 0 for one in standings)
    line = mapping.text(
        "register_as_of",
        day=setting.as_of.isoformat(),
        units=str(len(standings)),
        counts=mapping.text("register_joint").join(words),
    )
    deadline = setting.deadline
    line += (
        mapping.text("register_deadline", day=deadline.isoformat())
        if deadline
        else mapping.text("register_no_deadline")
    )
    return line + (mapping.text("register_late", count=str(late)) if late else "")


def receipt_rows(receipts: Iterable[Receipt], mapping: Mapping) -> Rows:
    """One row a file that came, with what became of it; a mail that brought none has one row."""
    return headers(RECEIPT_COLUMNS, mapping), tuple(row for row, _ in receipts_with_files(receipts, mapping))


def receipts_with_files(
    receipts: Iterable[Receipt], mapping: Mapping
) -> Iterator[tuple[tuple[str, ...], Enclosure | None]]:
    """The rows of `receipt_rows`, each with its file."""
    for receipt in receipts:
        for enclosure in receipt.enclosures or (None,):
            unit = unit_name(enclosure.unit, mapping) if enclosure and enclosure.unit else ""
            texts = (
                receipt.received_at[:10] or receipt.day.isoformat(),
                receipt.sender or mapping.text("register_no_sender"),
                receipt.subject,
                "" if enclosure is None else _printable(enclosure.name) or mapping.text("register_no_name"),
                unit,
            )
            became = "\n".join((_became(receipt, enclosure, mapping), *_remarks(receipt)))
            yield tuple(text or mapping.text("register_none") for text in (*texts, became)), enclosure


def _printable(name: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", name)


def _remarks(receipt: Receipt) -> Iterator[str]:
    """What the mail's reader had to say of it."""
    return (RECEIVED_REMARKS.get(remark, remark) for remark in receipt.remarks)


def _became(receipt: Receipt, enclosure: Enclosure | None, mapping: Mapping) -> str:
    if enclosure is None or receipt.outcome == "bounce":
        return mapping.text(f"register_receipt_{receipt.outcome}")
    codes = [code for code in _BETWEEN_CODES.split(enclosure.code) if code]
    reasons = [mapping.texts.get(f"register_code_{code.replace('-', '_')}", code) for code in codes]
    reason = mapping.text("register_joint").join(reasons) or mapping.text("register_none")
    if enclosure.outcome is EnclosureOutcome.OTHER and reasons:
        return reason
    return mapping.text(f"register_outcome_{enclosure.outcome}", reason=reason)


def dispatch_rows(dispatches: Iterable[Dispatch], mapping: Mapping) -> Rows:
    """One row a letter, with what became of it."""
    return headers(DISPATCH_COLUMNS, mapping), tuple(_dispatch(one, mapping) for one in dispatches)


def _dispatch(one: Dispatch, mapping: Mapping) -> tuple[str, ...]:
    return (
        one.day.isoformat(),
        unit_name(one.unit, mapping),
        mapping.text(f"register_kind_{one.kind}"),
        "\n".join(one.to),
        mapping.text(f"register_state_{one.state}"),
        one.reason or mapping.text("register_none"),
    )


def _unit(one: UnitStanding, mapping: Mapping) -> tuple[str, ...]:
    return (
        unit_name(one.code, mapping),
        _short_day(one.issued_on, mapping),
        str(one.versions),
        _short_day(one.last_on, mapping),
        STATUS_WORDS[one.status],
        str(one.must_fix),
        str(one.explain),
        str(one.note),
        _short_day(one.returned_on, mapping),
        str(one.days_late),
        one.next_step,
    )


# -- words that the sheets share ---------------------------------------------------------------------------------


def headers(columns: Sequence[str], mapping: Mapping) -> tuple[str, ...]:
    """The headers of these columns."""
    return tuple(mapping.text(f"register_{column}") for column in columns)


def unit_name(code: str, mapping: Mapping) -> str:
    """A unit's name; the department's own workbook is marked, a unit that units.csv no longer has keeps its code."""
    unit = mapping.unit_by_code.get(code)
    if unit is None:
        return code
    return mapping.text("register_root", name=unit.name) if unit.parent is None else unit.name


def day_words(day: date | None, mapping: Mapping) -> str:
    """A day, or a dash."""
    return day.isoformat() if day else mapping.text("register_none")


def _short_day(day: date | None, mapping: Mapping) -> str:
    """Month and day, or a dash: the table has to fit into a terminal, and its year is the same everywhere."""
    return f"{day:%m-%d}" if day else mapping.text("register_none")
