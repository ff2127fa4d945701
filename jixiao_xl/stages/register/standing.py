"""Where the units stand (各单位进度): issued, came, went back, how late, and what is to be done next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from jixiao_xl.model.batch import Arrival
from jixiao_xl.model.findings import Severity, Status
from jixiao_xl.model.history import Dispatch, DispatchState, Event, Receipt, Round, Seal
from jixiao_xl.model.mail import LetterKind
from jixiao_xl.model.mapping import Level, Mapping
from jixiao_xl.model.results import Org, Result, UnitStatus
from jixiao_xl.model.setting import Setting

_UNREADABLE: Final = (UnitStatus.MISSING, UnitStatus.REFUSED)


class Step(StrEnum):
    """What is to be done next about a unit (下一步)."""

    ISSUE = "issue"
    WAIT = "wait"
    REMIND = "remind"
    RESEND = "resend"
    GIVE_BACK = "give_back"
    AWAIT_FIX = "await_fix"
    ASK = "ask"
    AWAIT_REPLY = "await_reply"
    DECIDE = "decide"
    DONE = "done"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Records:
    """What the ledger knows: versions, events, letters, mails, and the seal in force."""

    rounds: tuple[Round, ...] = ()
    events: tuple[Event, ...] = ()
    dispatches: tuple[Dispatch, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    seal: Seal | None = None

    def including(self, arrivals: Iterable[Arrival], day: date) -> Records:
        """The same with files that lie in 收到/ and that no run has entered so far, as versions of this day."""
        rounds = list(self.rounds)
        for new in arrivals:
            own = [one for one in rounds if one.unit == new.unit]
            if new.sha256 not in {one.sha256 for one in own}:
                rounds.append(Round(new.unit, len(own) + 1, new.file, new.sha256, day))
        return replace(self, rounds=tuple(rounds))


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """Where one unit stands.

    Attributes:
        code: the unit's code.
        name: its name.
        level: 部门 or 科室.
        issued_on: the day on which its workbook first went out, or None.
        versions: how many different files have come from it.
        last_on: the day on which the last one came, or None.
        status: where it stands.
        must_fix: findings to be fixed.
        explain: findings to be explained.
        note: notes.
        returned_on: the day on which its newest version went back, or None.
        days_late: days between the deadline and the first readable version, or today while there is none; 0 in time.
        step: what is to be done next.
        next_step: the same in words.
    """

    code: str
    name: str
    level: Level
    issued_on: date | None
    versions: int
    last_on: date | None
    status: UnitStatus
    must_fix: int
    explain: int
    note: int
    returned_on: date | None
    days_late: int
    step: Step
    next_step: str


def standings(result: Result, records: Records, setting: Setting, mapping: Mapping) -> tuple[UnitStanding, ...]:
    """Where every unit stands, in the order of units.csv."""
    records = records.including(result.batch.arrivals, setting.as_of)
    arrivals = arrival_days(records)
    return tuple(_Unit(org, result, records, arrivals, setting).standing(mapping) for org in result.orgs)


def arrival_days(records: Records) -> dict[str, date]:
    """The day on which each workbook came, by its SHA-256: that of the mail, where it is earlier than its entry's."""
    days: dict[str, date] = {}
    for receipt in records.receipts:
        day = _day(receipt)
        for enclosure in receipt.enclosures:
            days[enclosure.sha256] = min(day, days.get(enclosure.sha256, day))
    return {one.sha256: min(one.entered_on, days.get(one.sha256, one.entered_on)) for one in records.rounds}


def _day(receipt: Receipt) -> date:
    """The day that the mail names, as its sender's clock shows it; that of the run where it names none."""
    try:
        return min(datetime.fromisoformat(receipt.received_at).date(), receipt.day)
    except ValueError:
        return receipt.day


class _Unit:
    """One unit's standing, put together."""

    def __init__(self, org: Org, result: Result, records: Records, arrivals: dict[str, date], setting: Setting) -> None:
        self._org, self._result, self._records, self._setting = org, result, records, setting
        self._rounds = sorted((one for one in records.rounds if one.unit == org.code), key=lambda one: one.version)
        self._came = [arrivals[one.sha256] for one in self._rounds]
        self._status = UnitStatus.SEALED if records.seal else org.status

    def standing(self, mapping: Mapping) -> UnitStanding:
        """The standing, with its next step in words."""
        org, step = self._org, self._step()
        return UnitStanding(
            code=org.code,
            name=org.name,
            level=org.level,
            issued_on=min(self._issued(), default=None),
            versions=len(self._rounds),
            last_on=self._came[-1] if self._came else None,
            status=self._status,
            must_fix=org.must_fix,
            explain=org.explain,
            note=org.note,
            returned_on=self._returned_on,
            days_late=self._days_late(),
            step=step,
            next_step=mapping.text(f"register_step_{self._wording(step)}", days=str(self._days(step))),
        )

    def _issued(self) -> Iterator[date]:
        for event in self._records.events:
            if event.verb == LetterKind.ISSUE and event.unit in (None, self._org.code):
                yield event.day
        for one in self._records.dispatches:
            if (one.kind, one.unit, one.state) == (LetterKind.ISSUE, self._org.code, DispatchState.SENT):
                yield one.day

    @property
    def _returned_on(self) -> date | None:
        """When the workbook that counts went back; a file that could not be used after it changes nothing."""
        return next((one.returned_on for one in reversed(self._rounds) if self._could_be_read(one)), None)

    def _days_late(self) -> int:
        deadline = self._setting.deadline
        if deadline is None:
            return 0
        readable = (day for one, day in zip(self._rounds, self._came, strict=True) if self._could_be_read(one))
        return max(0, (next(readable, self._setting.as_of) - deadline).days)

    def _could_be_read(self, one: Round) -> bool:
        """Whether a version was a workbook of the unit; one that no run has looked at yet is what the unit's is now."""
        return (one.status or self._org.status) not in _UNREADABLE

    # -- what is next ------------------------------------------------------------------------------------------

    def _step(self) -> Step:
        gone_back = self._returned_on is not None
        match self._status:
            case UnitStatus.SEALED:
                return Step.SEALED
            case UnitStatus.ACCEPTED:
                return Step.DONE
            case UnitStatus.REFUSED:
                return Step.RESEND
            case UnitStatus.TO_FIX:
                return Step.AWAIT_FIX if gone_back else Step.GIVE_BACK
            case UnitStatus.TO_EXPLAIN if self._all_explained():
                return Step.DECIDE
            case UnitStatus.TO_EXPLAIN:
                return Step.AWAIT_REPLY if gone_back else Step.ASK
            case UnitStatus.MISSING if not any(True for _ in self._issued()):
                return Step.ISSUE
            case UnitStatus.MISSING:
                return Step.REMIND if self._days_to_deadline() < 0 else Step.WAIT

    def _all_explained(self) -> bool:
        """Whether every explanation that is still open waits for the officer."""
        own = (f for f in self._result.findings if f.place.unit == self._org.code and not f.is_settled)
        return all(f.status is Status.EXPLAINED for f in own if f.severity is Severity.EXPLAIN)

    def _days_to_deadline(self) -> int:
        deadline = self._setting.deadline
        return (deadline - self._setting.as_of).days if deadline else 0

    def _days(self, step: Step) -> int:
        if step in (Step.AWAIT_FIX, Step.AWAIT_REPLY) and self._returned_on:
            return max(0, (self._setting.as_of - self._returned_on).days)
        return abs(self._days_to_deadline())

    def _wording(self, step: Step) -> str:
        if step is not Step.WAIT:
            return step
        if self._setting.deadline is None:
            return "wait_undated"
        return "wait" if self._days_to_deadline() else "wait_today"
