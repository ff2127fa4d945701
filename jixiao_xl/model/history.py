"""History (往来记录): which version of a unit's workbook came when, and how it stood after the last run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Round:
    """One version of one unit's workbook.

    Attributes:
        unit: the unit's code.
        version: 1, 2, 3 …, in the order in which they were entered.
        file: the file's path when it was entered, relative to the workspace, with `/`.
        sha256: of its bytes.
        entered_on: the day of the run that first saw it.
        status: how the unit stood while this version was its newest, or None where no run has come so far.
        must_fix: findings to be fixed.
        explain: findings to be explained.
        note: notes.
        returned: the annotated workbook that went back, relative to the workspace, or None.
    """

    unit: str
    version: int
    file: str
    sha256: str
    entered_on: date
    status: str | None = None
    must_fix: int = 0
    explain: int = 0
    note: int = 0
    returned: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done (事件), such as a workbook that went back; the ledger keeps them in their order.

    Attributes:
        day: the day of the run.
        verb: the verb of the command line that did it, such as consolidate.
        unit: the unit's code, or None where it was not about one.
        text: what was done, in Chinese.
    """

    day: date
    verb: str
    unit: str | None
    text: str
