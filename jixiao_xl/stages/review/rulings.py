"""Rulings (处理意见): what the rows of 处理 say, and which of several rows about one finding counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from jixiao_xl.files.tables import Table, Value
from jixiao_xl.model.folding import folded
from jixiao_xl.model.mapping import Mapping

_ID_LENGTH = 10


class Ruling(StrEnum):
    """What stands in 处理 and 理由; the values name the words of 状态."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NO_REASON = "no_reason"
    UNKNOWN_WORD = "unknown_word"


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One row about one finding as it was at one time."""

    number: int
    finding: str
    fingerprint: str
    ruling: Ruling
    reason: str
    decided_by: str

    @property
    def about(self) -> tuple[str, str]:
        """The finding, and what it said."""
        return self.finding, self.fingerprint


def decision_rows(table: Table, mapping: Mapping) -> Iterator[DecisionRow]:
    """The rows about findings; what else the officer writes down there is theirs."""
    words = {folded(mapping.text(f"review_{word}")): word for word in ("accept", "reject")}
    for row in table.rows:
        finding, fingerprint = (_identity(row.values[key]) for key in ("id", "basis"))
        if not finding or not fingerprint:
            continue
        reason, typed = row.text("reason"), folded(row.text("decision"))
        if not typed:
            ruling = Ruling.OPEN
        elif typed not in words:
            ruling = Ruling.UNKNOWN_WORD
        elif not reason:
            ruling = Ruling.NO_REASON
        else:
            ruling = Ruling.ACCEPTED if words[typed] == "accept" else Ruling.REJECTED
        yield DecisionRow(row.number, finding, fingerprint, ruling, reason, row.text("decided_by"))


def _identity(value: Value) -> str:
    """Ten hex digits; where all are decimal, a program may have made a number of them."""
    return str(int(value)).zfill(_ID_LENGTH) if isinstance(value, Decimal) else str(value or "")


def counting(rows: Iterable[DecisionRow]) -> dict[tuple[str, str], DecisionRow]:
    """The row that counts about each finding: the lowest in which something was decided, else the lowest."""
    chosen: dict[tuple[str, str], DecisionRow] = {}
    for row in rows:
        if row.ruling is not Ruling.OPEN or row.about not in chosen or chosen[row.about].ruling is Ruling.OPEN:
            chosen[row.about] = row
    return chosen
