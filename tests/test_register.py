"""Register (台账): who was sent what, who has answered, who is late, and what the officer does next."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl.model.batch import Arrival, Batch
from jixiao_xl.model.findings import Finding, Severity, Status
from jixiao_xl.model.history import (
    Dispatch,
    DispatchState,
    Enclosure,
    EnclosureOutcome,
    Event,
    Receipt,
    ReceiptOutcome,
    Round,
    Seal,
)
from jixiao_xl.model.looks import STATUS_FILLS
from jixiao_xl.model.mail import LetterKind
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.places import Place
from jixiao_xl.model.results import DepartmentScore, Org, Result, UnitStatus
from jixiao_xl.model.setting import Setting
from jixiao_xl.model.texts import STATUS_WORDS
from jixiao_xl.stages.register import (
    Records,
    Step,
    UnitStanding,
    dispatch_rows,
    receipt_rows,
    register_rows,
    register_summary,
    register_workbook,
    standings,
)
from tests.office import sheet_of

UNIT, OTHER = "party_office", "service_centre"
DEADLINE: Final = date(2026, 4, 30)
ISSUED, SENT_BACK = date(2026, 4, 10), date(2026, 4, 27)
SEAL = Seal(2, date(2026, 5, 20), date(2026, 5, 20), {}, "", "", "结果/包.zip", "")
S = UnitStatus


def on(day: date, deadline: date | None = DEADLINE) -> Setting:
    return Setting(day, deadline, partial=False)


def org(mapping: Mapping, status: UnitStatus, unit: str = UNIT, counts: tuple[int, int, int] = (0, 0, 0)) -> Org:
    known = mapping.unit_by_code[unit]
    must_fix, explain, note = counts
    return Org(
        code=unit,
        name=known.name,
        level=mapping.level(unit),
        parent=known.parent,
        file=None,
        status=status,
        late=False,
        self_score=None,
        score=None,
        review_score=None,
        grade=None,
        must_fix=must_fix,
        explain=explain,
        note=note,
    )


def result(orgs: list[Org], findings: list[Finding] | None = None) -> Result:
    return Result(Batch(), tuple(orgs), {}, (), DepartmentScore((), None, None, None), {}, tuple(findings or []))


def version(number: int, day: date, status: UnitStatus | None, *, back: date | None = None, unit: str = UNIT) -> Round:
    sha256 = f"{unit}{number}".encode().hex().ljust(64, "0")
    file = f"收到/{day}_{unit}/{number}.xlsx"
    return Round(unit, number, file, sha256, day, status, number, 1, 2, f"结果/退回/{unit}.xlsx", back)


def came(one: Round, received_at: str, day: date) -> Receipt:
    """The mail that brought a version."""
    enclosure = Enclosure(f"{one.unit}.xlsx", "", one.sha256, one.file, one.unit, EnclosureOutcome.WORKBOOK)
    return Receipt(
        one.sha256,
        "imap:x",
        1,
        "<1@x>",
        "a@example.gov.cn",
        received_at,
        "回复",
        ReceiptOutcome.KEPT,
        day,
        (enclosure,),
    )


def letter(kind: LetterKind, state: DispatchState, day: date, unit: str = UNIT) -> Dispatch:
    reason = "没有这个用户" if state is DispatchState.REFUSED else ""
    return Dispatch(
        kind,
        unit,
        "c",
        f"<{kind}.{unit}@x>",
        ("a@example.gov.cn", "b@example.gov.cn"),
        f"请填报：{unit}",
        state,
        day,
        reason,
    )


def explained(*statuses: Status) -> list[Finding]:
    place = Place("收到/1.xlsx", UNIT, "指标评分表", 12, "M", "及时率", "得分")
    return [
        Finding("over-achieved", Severity.EXPLAIN, replace(place, row=n), "请说明。", status=s)
        for n, s in enumerate(statuses)
    ]


def one_of(mapping: Mapping, status: UnitStatus, records: Records, setting: Setting, *statuses: Status) -> UnitStanding:
    (standing,) = standings(result([org(mapping, status)], explained(*statuses)), records, setting, mapping)
    return standing


# -- what is next ------------------------------------------------------------------------------------------------

ISSUE_EVENT: Final = (Event(ISSUED, "issue", UNIT, "下发"),)


def cases() -> Iterator[tuple[UnitStatus, bool, bool, int | None]]:
    """Every status, issued or not, sent back or not, on days around the deadline and without one."""
    yield from itertools.product(UnitStatus, (False, True), (False, True), (-5, -1, 0, 1, 9, None))


@pytest.mark.parametrize("status", UnitStatus)
def test_the_next_step_follows_from_where_the_unit_stands(mapping: Mapping, status: UnitStatus) -> None:
    """The officer reads one column in the morning and knows what to do."""
    for _, issued, back, days in (case for case in cases() if case[0] is status):
        today = DEADLINE + timedelta(days or 0)
        rounds = (
            () if status is S.MISSING else (version(1, date(2026, 4, 20), status, back=SENT_BACK if back else None),)
        )
        records = Records(rounds, ISSUE_EVENT if issued else ())
        one = one_of(mapping, status, records, on(today, None if days is None else DEADLINE), Status.OPEN)
        since = max(0, (today - SENT_BACK).days)
        expected = {
            S.SEALED: (Step.SEALED, "已封存，不再改"),
            S.ACCEPTED: (Step.DONE, "无"),
            S.REFUSED: (Step.RESEND, "请重新报送"),
            S.TO_FIX: (Step.AWAIT_FIX, f"等更正，已退回 {since} 天") if back else (Step.GIVE_BACK, "退回改正"),
            S.TO_EXPLAIN: (Step.AWAIT_REPLY, f"等说明，已退回 {since} 天") if back else (Step.ASK, "退回，请说明"),
            S.MISSING: _missing(days) if issued else (Step.ISSUE, "下发填报表"),
        }[status]
        assert (one.step, one.next_step) == expected
        assert one.issued_on == (ISSUED if issued else None)


def _missing(days: int | None) -> tuple[Step, str]:
    if days is None:
        return Step.WAIT, "等待"
    if days == 0:
        return Step.WAIT, "等待，今天到期"
    return (Step.WAIT, f"等待，还有 {-days} 天") if days < 0 else (Step.REMIND, f"催报，已逾期 {days} 天")


@pytest.mark.parametrize(
    ("statuses", "step"),
    [
        ((Status.EXPLAINED,), Step.DECIDE),
        ((Status.EXPLAINED, Status.ACCEPTED), Step.DECIDE),
        ((Status.EXPLAINED, Status.OPEN), Step.ASK),
        ((Status.EXPLAINED, Status.REJECTED), Step.ASK),
    ],
)
def test_what_was_explained_waits_for_the_office(mapping: Mapping, statuses: tuple[Status, ...], step: Step) -> None:
    """The section has done its part: to ask it again would be rude."""
    records = Records((version(1, ISSUED, S.TO_EXPLAIN),), ISSUE_EVENT)
    assert one_of(mapping, S.TO_EXPLAIN, records, on(DEADLINE), *statuses).step is step


def test_a_newer_version_that_has_not_gone_back_is_to_be_returned(mapping: Mapping) -> None:
    """The first came back corrected on the day on which it was returned, and is still wrong."""
    rounds = (version(1, ISSUED, S.TO_FIX, back=SENT_BACK), version(2, SENT_BACK, S.TO_FIX))
    one = one_of(mapping, S.TO_FIX, Records(rounds, ISSUE_EVENT), on(DEADLINE))
    assert (one.step, one.versions, one.returned_on, one.last_on) == (Step.GIVE_BACK, 2, None, SENT_BACK)


def test_only_a_letter_that_was_sent_counts_as_issued(mapping: Mapping) -> None:
    """A refused one has reached nobody; a letter of another kind or unit says nothing."""
    day = date(2026, 4, 12)
    letters = {
        letter(LetterKind.ISSUE, DispatchState.SENT, day): day,
        letter(LetterKind.ISSUE, DispatchState.SENDING, day): None,
        letter(LetterKind.ISSUE, DispatchState.REFUSED, day): None,
        letter(LetterKind.REMIND, DispatchState.SENT, day): None,
        letter(LetterKind.ISSUE, DispatchState.SENT, day, unit=OTHER): None,
    }
    for one, issued_on in letters.items():
        assert one_of(mapping, S.MISSING, Records(dispatches=(one,)), on(DEADLINE)).issued_on == issued_on


def test_a_file_that_no_run_has_entered_yet_is_the_newest_version(mapping: Mapping) -> None:
    """Dropped into 收到/ a minute ago: the register already knows it, and does not count it twice afterwards."""
    before = version(1, ISSUED, S.TO_FIX, back=SENT_BACK)
    new = Arrival(UNIT, "收到/新.xlsx", "e" * 64)
    today = date(2026, 4, 29)
    found = replace(result([org(mapping, S.ACCEPTED)]), batch=Batch(arrivals=(new,)))
    records = Records((before,), ISSUE_EVENT)
    for known in (records, records.including([new], today)):
        (one,) = standings(found, known, on(today), mapping)
        assert (one.versions, one.last_on, one.returned_on, one.days_late) == (2, today, None, 0)


# -- how late ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rounds", "late"),
    [
        ([], 4),
        ([version(1, DEADLINE, S.REFUSED)], 4),
        ([version(1, DEADLINE, S.TO_FIX)], 0),
        ([version(1, date(2026, 5, 2), S.TO_FIX)], 2),
        ([version(1, DEADLINE, S.TO_FIX), version(2, date(2026, 5, 3), S.ACCEPTED)], 0),
        ([version(1, DEADLINE, S.REFUSED), version(2, date(2026, 5, 3), S.ACCEPTED)], 3),
        ([version(1, date(2026, 5, 1), None)], 1),
    ],
)
def test_a_unit_is_as_late_as_its_first_readable_workbook(mapping: Mapping, rounds: list[Round], late: int) -> None:
    """Corrections come after the deadline by nature; an unreadable file in time is no workbook in time."""
    status = S(rounds[-1].status or S.TO_FIX) if rounds else S.MISSING
    records, today = Records(tuple(rounds), ISSUE_EVENT), date(2026, 5, 4)
    assert one_of(mapping, status, records, on(today)).days_late == late
    assert one_of(mapping, status, records, on(today, None)).days_late == 0


@pytest.mark.parametrize(
    ("received_at", "late"),
    [
        ("2026-04-30T23:59:00+08:00", 0),
        ("2026-05-01T00:01:00+08:00", 1),
        ("2026-05-09T08:00:00+08:00", 3),
        ("", 3),
        ("昨天", 3),
    ],
)
def test_a_mail_that_came_in_time_is_not_late_because_it_was_collected_later(
    mapping: Mapping, received_at: str, late: int
) -> None:
    """The officer was away until the third of May; a clock that runs ahead, or none, does no harm."""
    collected = date(2026, 5, 3)
    one = version(1, collected, S.ACCEPTED)
    records = Records((one,), ISSUE_EVENT, receipts=(came(one, received_at, collected),))
    assert one_of(mapping, S.ACCEPTED, records, on(date(2026, 5, 4))).days_late == late


# -- the workbook ------------------------------------------------------------------------------------------------


def whole_office(mapping: Mapping) -> tuple[Result, Records]:
    """Every unit, in every status, with versions, mails and letters."""
    statuses = itertools.cycle(s for s in UnitStatus if s is not S.SEALED)
    orgs = [
        org(mapping, s, u.code, (n, 2 * n, 3)) for n, (u, s) in enumerate(zip(mapping.units, statuses, strict=False))
    ]
    rounds = [
        version(
            n,
            ISSUED + timedelta(n),
            S.TO_FIX if n == 1 else one.status,
            back=SENT_BACK if n == 1 else None,
            unit=one.code,
        )
        for one in orgs
        if one.status is not S.MISSING
        for n in (1, 2)
    ]
    receipts = [came(one, f"{one.entered_on}T09:00:00+08:00", one.entered_on) for one in rounds]
    receipts += every_receipt()
    letters = [letter(kind, state, ISSUED) for kind in LetterKind for state in DispatchState]
    return result(orgs), Records(tuple(rounds), ISSUE_EVENT, tuple(letters), tuple(receipts))


def every_receipt() -> Iterator[Receipt]:
    """A mail with each outcome, and a file with each."""
    for mail in ReceiptOutcome:
        yield Receipt(f"m{mail}", "imap:x", 1, "<1@x>", "a@example.gov.cn", "", f"信 {mail}", mail, ISSUED)
    for file in EnclosureOutcome:
        code = {EnclosureOutcome.REFUSED: "unknown-unit", EnclosureOutcome.UNOPENED: "archive-encrypted"}.get(file, "")
        enclosure = Enclosure("" if code else "=表.xlsx", "forward/zip", "f" * 64, f"收到/{file}.xlsx", "", file, code)
        yield Receipt(
            f"f{file}", "folder:x", None, "", "", "", f"U盘/{file}", ReceiptOutcome.KEPT, ISSUED, (enclosure,)
        )


def opened(mapping: Mapping, seal: Seal | None = None) -> tuple[openpyxl.Workbook, tuple[UnitStanding, ...], Records]:
    found, records = whole_office(mapping)
    records, setting = replace(records, seal=seal), on(date(2026, 5, 4))
    units = standings(found, records, setting, mapping)
    name, data = register_workbook(units, records, setting, mapping)
    assert name == "台账.xlsx"
    assert register_workbook(units, records, setting, mapping)[1] == data
    return openpyxl.load_workbook(io.BytesIO(data)), units, records


def as_shown(value: object, number_format: str) -> str:
    """What Excel shows in a cell."""
    if isinstance(value, datetime):
        assert number_format == "mm-dd"
        return f"{value:%m-%d}"
    return "" if value is None else str(value)


def shown(page: Worksheet, columns: int) -> list[tuple[str, ...]]:
    """Header and rows of a sheet as a person sees them, from its filter down."""
    first = int(page.auto_filter.ref.partition(":")[0].strip("A"))
    rows = page.iter_rows(min_row=first, max_col=columns)
    return [tuple(as_shown(cell.value, cell.number_format) for cell in row) for row in rows]


def test_terminal_and_workbook_say_the_same(mapping: Mapping) -> None:
    """Two lists that differ are worse than none."""
    book, units, records = opened(mapping)
    visible = tuple(r for r in records.receipts if r.outcome is not ReceiptOutcome.AGAIN)
    for sheet, (header, rows) in {
        "台账": register_rows(units, mapping),
        "来件": receipt_rows(visible, mapping),
        "寄出": dispatch_rows(records.dispatches, mapping),
    }.items():
        page = book[sheet]
        assert isinstance(page, Worksheet)
        assert shown(page, len(header)) == [header, *rows]
    assert book["台账"]["A2"].value == register_summary(units, on(date(2026, 5, 4)), mapping)


def test_every_version_stands_with_its_findings_and_when_it_went_back(mapping: Mapping) -> None:
    """The history shows every round."""
    book, _, records = opened(mapping)
    page = book["往来"]
    assert isinstance(page, Worksheet)
    rows = shown(page, 10)[1:]
    assert len(rows) == len(records.rounds)
    names = {unit.code: unit.name for unit in mapping.units}
    for one in records.rounds:
        (row,) = [r for r in rows if r[0].removesuffix("（本级）") == names[one.unit] and r[1] == str(one.version)]
        counts = (str(one.must_fix), str(one.explain), str(one.note))
        assert row[2:4] == (one.entered_on.isoformat(), one.file)
        assert row[4:8] == (STATUS_WORDS[S(one.status or "")], *counts)
        assert row[8:] == (one.returned_on.isoformat() if one.returned_on else "—", one.returned)


def test_every_file_can_be_found_again(mapping: Mapping) -> None:
    """Its hash, where it is kept, and through what it came stand beside it."""
    book, _, records = opened(mapping)
    page = book["来件"]
    assert isinstance(page, Worksheet)
    kept = {(row[6], row[8]) for row in shown(page, 9)[1:]}
    assert kept >= {(e.file, e.sha256) for r in records.receipts for e in r.enclosures}
    assert "转发的邮件→压缩包" in {row[7] for row in shown(page, 9)}


def test_each_status_has_its_colour_and_each_sheet_prints(mapping: Mapping) -> None:
    """The colours of 汇总表, A4 across, the header on every page; a name that begins with = stays a name."""
    book, units, _ = opened(mapping)
    fills = [cell.fill.start_color.rgb for (cell,) in book["台账"].iter_rows(min_row=4, min_col=5, max_col=5)]
    assert fills == [f"FF{STATUS_FILLS[one.status].lstrip('#')}" for one in units]
    for page in book.worksheets:
        header = int(page.auto_filter.ref.partition(":")[0].strip("A"))
        assert page.freeze_panes == f"B{header + 1}"
        assert page.print_title_rows == f"${header}:${header}"
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        for row in page.iter_rows():
            assert all(cell.data_type != "f" for cell in row)


def test_an_empty_register_says_so(mapping: Mapping) -> None:
    """The first morning: nothing was sent, nothing came."""
    setting = on(ISSUED)
    units = standings(result([org(mapping, S.MISSING, u.code) for u in mapping.units]), Records(), setting, mapping)
    book = openpyxl.load_workbook(io.BytesIO(register_workbook(units, Records(), setting, mapping)[1]))
    for sheet in ("往来", "来件", "寄出"):
        assert "还没有" in str(book[sheet]["A3"].value)
    assert {one.step for one in units} == {Step.ISSUE}


def test_a_sealed_year_is_sealed_for_every_unit(mapping: Mapping) -> None:
    """Nobody is chased any more; the sheet says since when."""
    book, units, _ = opened(mapping, SEAL)
    assert {(one.status, one.step) for one in units} == {(S.SEALED, Step.SEALED)}
    assert "2026-05-20" in str(book["台账"]["A3"].value)


def test_the_summary_counts_every_unit_once(mapping: Mapping) -> None:
    """Nine units, as they stand; late ones are named apart."""
    found, records = whole_office(mapping)
    line = register_summary(standings(found, records, on(date(2026, 5, 4)), mapping), on(date(2026, 5, 4)), mapping)
    for status in {one.status for one in found.orgs}:
        assert f"{STATUS_WORDS[status]} {sum(one.status is status for one in found.orgs)}" in line
    missing = sum(one.status is S.MISSING for one in found.orgs)
    assert f"逾期未交 {missing} 个" in line


def test_what_became_of_a_file_is_said_in_words(mapping: Mapping) -> None:
    """Every outcome and every reason has a sentence; those that somebody has to act upon say how."""
    codes = [c for c in mapping.finding_texts if c.startswith("file-")] + [
        "wrong-template",
        "wrong-year",
        "unknown-unit",
    ]
    codes = [c for c in codes if c not in ("file-legacy", "file-macro", "file-external-link")]
    archives = ("encrypted", "damaged", "too-large", "too-deep", "unsupported", "empty")
    codes += [f"archive-{kind}" for kind in archives]
    for code in codes:
        enclosure = Enclosure("表.xlsx", "", "0" * 64, "收到/表.xlsx", "", EnclosureOutcome.REFUSED, code)
        receipt = Receipt("1", "x", None, "", "", "", "表.xlsx", ReceiptOutcome.KEPT, ISSUED, (enclosure,))
        ((*_, words),) = receipt_rows([receipt], mapping)[1]
        assert code not in words
        assert "不能用：" in words
    _, rows = receipt_rows(every_receipt(), mapping)
    assert len({row[-1] for row in rows}) == len(ReceiptOutcome) + len(EnclosureOutcome)
    told = [row for row in rows if row[2] in ("信 bounce", "信 empty", "U盘/refused", "U盘/undecided", "U盘/unopened")]
    assert all("请" in row[-1] for row in told)
    assert len(told) == 5


def test_a_name_cannot_steer_the_terminal_nor_become_a_formula(mapping: Mapping) -> None:
    """Names come from strangers: escape sequences, turned text, and a sheet that opens in Excel."""
    hostile = Enclosure("=1+1\x1b[2J\u202exslx.表", "", "a" * 64, "收到/x", "", EnclosureOutcome.OTHER)
    receipt = Receipt("1", "x", None, "", "", "", "=2+2", ReceiptOutcome.KEPT, ISSUED, (hostile,))
    ((*_, name, _, _),) = receipt_rows([receipt], mapping)[1]
    assert name == "=1+1\ufffd[2J\ufffdxslx.表"
    _, data = register_workbook((), Records(receipts=(receipt,)), on(ISSUED, None), mapping)
    cells = [cell for row in sheet_of(openpyxl.load_workbook(io.BytesIO(data)), "来件").iter_rows() for cell in row]
    assert {cell.value: cell.data_type for cell in cells if str(cell.value).startswith("=")} == {
        name: "s",
        "=2+2": "s",
    }
