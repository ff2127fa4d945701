"""The ledger (台账库): versions, mails, letters and seals in their order, whatever happens to the run or the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao_xl.files import ledger_database as module
from jixiao_xl.files.ledger import Ledger, open_ledger
from jixiao_xl.files.ledger_database import LedgerError
from jixiao_xl.files.ledger_schema import SCHEMA
from jixiao_xl.model import texts
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
from jixiao_xl.model.mail import LetterKind

DAY, NEXT_DAY = date(2026, 4, 20), date(2026, 4, 21)
FILE = "收到/党政办公室.xlsx"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder as officers call theirs."""
    folder = tmp_path / "2025年 绩效自评#1"
    folder.mkdir()
    return folder


@pytest.fixture
def ledger(workspace: Path) -> Iterator[Ledger]:
    with open_ledger(workspace) as opened:
        yield opened


def file_of(workspace: Path) -> Path:
    return workspace / ".jixiao" / "ledger.sqlite"


def journal_of(workspace: Path) -> Path:
    return workspace / "日志" / "登记簿.jsonl"


def test_versions_are_given_in_the_order_of_entering_and_stay(workspace: Path) -> None:
    """The same bytes again are the version that they were, in this run and in the next."""
    with open_ledger(workspace) as ledger:
        assert ledger.versions() == {}
        assert [ledger.enter("party_office", FILE, sha, DAY) for sha in ("b", "a", "b")] == [1, 2, 1]
        assert ledger.enter("service_centre", FILE, "a", DAY) == 1
    with open_ledger(workspace) as ledger:
        assert ledger.enter("party_office", "收到/又一份.xlsx", "a", NEXT_DAY) == 2
        assert ledger.enter("party_office", FILE, "c", NEXT_DAY) == 3
        assert ledger.versions() == {"party_office": {"b": 1, "a": 2, "c": 3}, "service_centre": {"a": 1}}
        assert [(r.unit, r.version, r.file, r.entered_on) for r in ledger.rounds()] == [
            ("party_office", 1, FILE, DAY),
            ("party_office", 2, FILE, DAY),
            ("party_office", 3, FILE, NEXT_DAY),
            ("service_centre", 1, FILE, DAY),
        ]


def test_a_version_is_settled_as_often_as_there_are_runs(ledger: Ledger) -> None:
    """The last run's word stands."""
    ledger.enter("party_office", FILE, "a", DAY)
    assert ledger.rounds() == (Round("party_office", 1, FILE, "a", DAY),)
    ledger.settle(
        "party_office", 1, status="to_fix", must_fix=2, explain=1, note=0, returned="结果/退回/党政办公室.xlsx"
    )
    ledger.settle("party_office", 1, status="accepted", must_fix=0, explain=0, note=3, returned=None)
    assert ledger.rounds() == (Round("party_office", 1, FILE, "a", DAY, "accepted", 0, 0, 3, None),)
    with pytest.raises(KeyError):
        ledger.settle("party_office", 2, status="accepted", must_fix=0, explain=0, note=0, returned=None)


def test_the_last_word_of_a_run_is_written_and_only_if_it_is_new(workspace: Path) -> None:
    """A run says refused first of everything that came, and then how it stands: that is one line, or none."""

    def run(status: str) -> int:
        before = journal_of(workspace).read_bytes().count(b"\n") if journal_of(workspace).exists() else 1
        with open_ledger(workspace) as ledger, ledger.together():
            version = ledger.enter("party_office", FILE, "a", DAY)
            for word in ("refused", status):
                ledger.settle("party_office", version, status=word, must_fix=1, explain=0, note=0, returned=None)
        return journal_of(workspace).read_bytes().count(b"\n") - before

    assert [run(status) for status in ("to_fix", "to_fix", "accepted", "accepted", "refused")] == [2, 0, 1, 0, 1]
    with open_ledger(workspace) as ledger:
        assert [one.status for one in ledger.rounds()] == ["refused"]


def test_a_version_that_goes_back_says_when(ledger: Ledger) -> None:
    """Two versions may come and one go back on the same day: only the ledger knows which."""
    for sha in ("a", "b"):
        ledger.enter("party_office", FILE, sha, DAY)
    for day in (DAY, DAY, NEXT_DAY):
        ledger.gave_back("party_office", 1, day)
    assert [(one.version, one.returned_on) for one in ledger.rounds()] == [(1, NEXT_DAY), (2, None)]
    with pytest.raises(KeyError):
        ledger.gave_back("party_office", 3, DAY)


def test_an_event_that_is_said_again_is_kept_once(ledger: Ledger) -> None:
    """The same run twice says the same; what was different in between is said again."""
    for text in ("退回", "退回", "通过", "退回"):
        ledger.log(DAY, "consolidate", "party_office", text)
        ledger.log(DAY, "consolidate", None, "汇总")
    ledger.log(NEXT_DAY, "consolidate", "party_office", "退回")
    mine = [(event.day, event.text) for event in ledger.events() if event.unit == "party_office"]
    assert mine == [(DAY, "退回"), (DAY, "通过"), (DAY, "退回"), (NEXT_DAY, "退回")]
    assert [event for event in ledger.events() if event.unit is None] == [Event(DAY, "consolidate", None, "汇总")]


def test_what_belongs_together_is_written_together(ledger: Ledger) -> None:
    """A run that fails in the middle leaves no half."""

    def fails_in_the_middle() -> None:
        with ledger.together():
            ledger.enter("party_office", FILE, "a", DAY)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails_in_the_middle()
    assert ledger.rounds() == ()
    with ledger.together():
        ledger.enter("party_office", FILE, "a", DAY)
        ledger.log(DAY, "consolidate", "party_office", "收到")
    assert (len(ledger.rounds()), len(ledger.events())) == (1, 1)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("0123456789"))))
@settings(max_examples=20)
def test_versions_count_up_whatever_comes(arrivals: list[tuple[str, str]]) -> None:
    """1, 2, 3 … for each unit, in the order of first coming."""
    with TemporaryDirectory() as folder, open_ledger(Path(folder)) as ledger:
        with ledger.together():
            for unit, sha in arrivals:
                ledger.enter(unit, FILE, sha, DAY)
        for unit, known in ledger.versions().items():
            first_come = list(dict.fromkeys(sha for of, sha in arrivals if of == unit))
            assert sorted(known, key=lambda sha: known[sha]) == first_come
            assert sorted(known.values()) == list(range(1, len(first_come) + 1))


def test_a_failed_transaction_is_not_in_the_journal_either(workspace: Path, ledger: Ledger) -> None:
    """Whoever reads in the database holds up the commit; the journal must not be ahead for long."""
    ledger.enter("party_office", FILE, "a", DAY)
    before = journal_of(workspace).read_bytes()
    ledger.close()
    with (
        closing(sqlite3.connect(file_of(workspace), isolation_level=None)) as reader,
        pytest.MonkeyPatch.context() as m,
    ):
        m.setattr(module, "WAIT_SECONDS", 0.05)
        with open_ledger(workspace) as second:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM rounds").fetchall() == [(1,)]
            with pytest.raises(LedgerError):
                second.enter("party_office", FILE, "b", DAY)
            assert journal_of(workspace).read_bytes() == before
            reader.execute("ROLLBACK")
            assert second.enter("party_office", FILE, "c", DAY) == 2


def test_a_ledger_in_use_is_a_sentence(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock of the workspace should prevent it; an old version of the tool may not know that lock."""
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.05)
    with open_ledger(workspace) as ledger, closing(sqlite3.connect(file_of(workspace))) as other:
        other.execute("BEGIN EXCLUSIVE")
        for ask in (
            ledger.rounds,
            lambda: ledger.enter("party_office", FILE, "a", DAY),
            lambda: open_ledger(workspace),
        ):
            with pytest.raises(LedgerError) as error:
                ask()
            assert str(error.value) == texts.LEDGER_BUSY.format(path=file_of(workspace))
        other.rollback()
        assert ledger.enter("party_office", FILE, "a", DAY) == 1


def garbage(path: Path) -> None:
    path.write_bytes("不是数据库".encode() * 500)


def holes(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100:4096] = bytes(3996)
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [garbage, holes])
def test_a_damaged_ledger_is_set_aside_and_built_from_the_journal(workspace: Path, damage: object) -> None:
    """The run goes on with everything that was known; nothing damaged is deleted."""
    assert callable(damage)
    for number in (1, 2):
        with open_ledger(workspace) as ledger, ledger.together():
            for sha in range(50 * number):
                ledger.enter("party_office", FILE, str(sha), DAY)
        damage(file_of(workspace))
        damaged = file_of(workspace).read_bytes()
        with open_ledger(workspace) as ledger:
            assert [one.version for one in ledger.rounds()] == list(range(1, 50 * number + 1))
        assert (workspace / ".jixiao" / f"ledger.damaged-{number}.sqlite").read_bytes() == damaged


@pytest.mark.parametrize("damage", [garbage, holes])
def test_a_damaged_ledger_without_a_journal_is_a_sentence(workspace: Path, damage: object) -> None:
    """Then versions are lost: the officer is told where it lies, and may have a copy; the next run begins a new one."""
    assert callable(damage)
    with open_ledger(workspace) as ledger, ledger.together():
        for sha in range(50):
            ledger.enter("party_office", FILE, str(sha), DAY)
    damage(file_of(workspace))
    damaged = file_of(workspace).read_bytes()
    journal_of(workspace).unlink()
    with pytest.raises(LedgerError) as error:
        open_ledger(workspace)
    aside = workspace / ".jixiao" / "ledger.damaged-1.sqlite"
    assert str(error.value) == texts.LEDGER_DAMAGED.format(path=file_of(workspace), aside=aside)
    assert aside.read_bytes() == damaged
    with open_ledger(workspace) as ledger:
        assert ledger.rounds() == ()


def test_a_newer_ledger_is_refused_and_stays_as_it_is(workspace: Path) -> None:
    """An officer with last year's program must not spoil a colleague's."""
    open_ledger(workspace).close()
    with closing(sqlite3.connect(file_of(workspace))) as other:
        other.execute("PRAGMA user_version = 99")
    before = file_of(workspace).read_bytes()
    with pytest.raises(LedgerError) as error:
        open_ledger(workspace)
    assert str(error.value) == texts.LEDGER_NEWER.format(path=file_of(workspace))
    assert file_of(workspace).read_bytes() == before


def test_a_folder_that_cannot_be_made_is_a_sentence(workspace: Path) -> None:
    """A read-only share; here a file stands in its place."""
    (workspace / ".jixiao").write_bytes(b"")
    with pytest.raises(LedgerError):
        open_ledger(workspace)
    (workspace / ".jixiao").unlink()
    file_of(workspace).mkdir(parents=True)
    with pytest.raises(LedgerError):
        open_ledger(workspace)
    file_of(workspace).rmdir()
    (workspace / "日志").write_bytes(b"")
    with pytest.raises(LedgerError):
        open_ledger(workspace)


def test_the_ledger_holds_no_clock(workspace: Path, tmp_path: Path) -> None:
    """The same runs give the same rows; times of files count for nothing."""
    dumps: list[list[str]] = []
    for folder in (workspace, tmp_path):
        with open_ledger(folder) as ledger:
            ledger.enter("party_office", FILE, "a", DAY)
            ledger.log(DAY, "consolidate", None, "汇总")
        with closing(sqlite3.connect(file_of(folder))) as other:
            dumps.append(list(other.iterdump()))
    assert dumps[0] == dumps[1]


# -- mails, letters, seals ---------------------------------------------------------------------------------------

INBOX = "imap:jixiao@mail.example.gov.cn/INBOX;v=7"
WORKBOOK = Enclosure(
    *("填报表（终稿）.xlsx", "forward/zip", "a" * 64),
    *("收到/2026-04-20_党政办公室_1a2b3c4d/填报表（终稿）.xlsx", "party_office", EnclosureOutcome.WORKBOOK),
)
PHOTO = Enclosure("", "inline", "b" * 64, "收到/附件/2026-04-20_党政办公室_1a2b3c4d/b.bin", "", EnclosureOutcome.OTHER)
MAIL = Receipt(
    *("1" * 64, INBOX, 12, "<x@example.gov.cn>", "wang@example.gov.cn", "2026-04-20T09:00:00+08:00", "回复：填报表 ✅"),
    *(ReceiptOutcome.KEPT, DAY, (WORKBOOK, PHOTO), ("mail-truncated", "mail-too-deep")),
)


def mail(mail_id: str, place: str, uid: int | None, sender: str, *enclosures: Enclosure) -> Receipt:
    return Receipt(mail_id, place, uid, "", sender, "", "", ReceiptOutcome.KEPT, DAY, enclosures)


def test_a_mail_is_entered_once_for_every_place_where_it_is_found(ledger: Ledger) -> None:
    """Collected again, moved to another folder, or copied within one: the last number must move on."""
    assert (ledger.has_receipt(MAIL.id), ledger.last_uid(INBOX)) == (False, 0)
    assert ledger.receive(MAIL)
    assert not ledger.receive(MAIL)
    elsewhere = mail(MAIL.id, "folder:U盘", None, "")
    assert [ledger.receive(elsewhere), ledger.receive(elsewhere)] == [True, False]
    copy = mail(MAIL.id, INBOX, 19, "")
    assert ledger.receive(copy)
    assert ledger.receipts() == (MAIL, elsewhere, copy)
    assert ledger.has_receipt(MAIL.id)
    assert [ledger.last_uid(place) for place in (INBOX, "folder:U盘", INBOX.replace("7", "8"))] == [19, 0, 0]


def test_the_ledger_knows_where_bytes_are_kept_and_who_sent_them_first(ledger: Ledger) -> None:
    """The same file from a second sender is the first one's."""
    same = Enclosure("又一份.xlsx", "", WORKBOOK.sha256, WORKBOOK.file, "", EnclosureOutcome.SAME)
    dropped = Enclosure("手工.xlsx", "", "c" * 64, "收到/手工.xlsx", "", EnclosureOutcome.WORKBOOK)
    unkept = Enclosure("已发的.xlsx", "", "d" * 64, "", "", EnclosureOutcome.SENT_BY_US)
    for one in (
        MAIL,
        mail("2", INBOX, 13, "li@example.gov.cn", same, unkept),
        mail("3", "folder:U盘", None, "", dropped),
    ):
        ledger.receive(one)
    assert [ledger.kept(sha * 64) for sha in "abcde"] == [WORKBOOK.file, PHOTO.file, dropped.file, None, None]
    assert ledger.senders() == {WORKBOOK.file: MAIL.sender, PHOTO.file: MAIL.sender}


def test_a_name_that_cannot_be_written_does_not_stop_the_mail(workspace: Path) -> None:
    """Half a character from a broken header; a question mark stands for it, in both files alike."""
    broken = mail(
        "4", "folder:/u\udcff", None, "", Enclosure("表\ud83d\0.xlsx", "", "e", "", "", EnclosureOutcome.OTHER)
    )
    with open_ledger(workspace) as ledger:
        assert [ledger.receive(broken), ledger.receive(broken)] == [True, False]
        before = ledger.receipts()
    assert [one.name for one in before[0].enclosures] == ["表?\0.xlsx"]
    file_of(workspace).unlink()
    with open_ledger(workspace) as ledger:
        assert ledger.receipts() == before


def letter(kind: LetterKind = LetterKind.ISSUE, content: str = "a", *, day: date = DAY) -> Dispatch:
    to = ("wang@example.gov.cn", "li@example.gov.cn")
    return Dispatch(
        kind, "party_office", content, f"<{kind}-{content}@jixiao>", to, "下发填报表", DispatchState.SENDING, day
    )


def test_a_letter_that_was_begun_is_the_same_letter_in_the_next_run(workspace: Path) -> None:
    """Killed between two mails: those that went are known, the one in doubt keeps its Message-ID."""
    first, second = letter(), letter(LetterKind.RETURN)
    with open_ledger(workspace) as ledger:
        assert ledger.begin_sending(first) == first
        ledger.sent(first.message_id, DAY)
        assert ledger.begin_sending(second) == second
    with open_ledger(workspace) as ledger:
        known = ledger.begin_sending(letter(day=NEXT_DAY))
        assert (known.state, known.day, known.message_id) == (DispatchState.SENT, DAY, first.message_id)
        assert ledger.begin_sending(letter(LetterKind.RETURN, day=NEXT_DAY)) == second
        assert ledger.begin_sending(letter(LetterKind.RETURN, "b")).content == "b"
        assert [one.state.value for one in ledger.dispatches()] == ["sent", "sending", "sending"]
        ledger.sent(first.message_id, NEXT_DAY)
        assert ledger.dispatches()[0].day == DAY
        with pytest.raises(KeyError):
            ledger.sent("<nobody@jixiao>", DAY)


def test_a_refused_letter_goes_once_more_to_the_right_address(ledger: Ledger) -> None:
    """units.csv had a slip; the letter is still the same one."""
    ledger.begin_sending(letter())
    ledger.refused(letter().message_id, "550 no such user", DAY)
    (refused,) = ledger.dispatches()
    assert (refused.state, refused.reason) == (DispatchState.REFUSED, "550 no such user")
    again = ledger.again(refused.message_id, ("zhang@example.gov.cn",), NEXT_DAY)
    assert (again.state, again.reason, again.to) == (DispatchState.SENDING, "", ("zhang@example.gov.cn",))
    ledger.sent(refused.message_id, NEXT_DAY)
    assert [(one.state, one.day, one.to) for one in ledger.dispatches()] == [(DispatchState.SENT, NEXT_DAY, again.to)]


def sealing(number: int) -> Seal:
    files = {"service_centre": "b" * 64, "party_office": "a" * 64}
    return Seal(number, DAY, DAY, files, "m" * 64, "", f"上报/第{number}次.zip", "p" * 64)


def test_a_seal_holds_until_it_is_lifted_with_a_reason(workspace: Path) -> None:
    """Every sealing stays on record; there is one in force, or none."""
    with open_ledger(workspace) as ledger:
        assert ledger.seal_in_force() is None
        for wrong in (2, 0):
            with pytest.raises(ValueError, match="seal"):
                ledger.seal(sealing(wrong))
        for _ in range(2):
            ledger.seal(sealing(1))
        with pytest.raises(ValueError, match="seal"):
            ledger.seal(sealing(2))
    with open_ledger(workspace) as ledger:
        assert ledger.seal_in_force() == sealing(1)
        ledger.lift_seal("市局要求补报", NEXT_DAY)
        assert ledger.seal_in_force() is None
        with pytest.raises(KeyError):
            ledger.lift_seal("再次", NEXT_DAY)
        ledger.seal(sealing(2))
        lifted, second = ledger.seals()
        assert (lifted.lifted_on, lifted.reason, lifted.files) == (NEXT_DAY, "市局要求补报", sealing(1).files)
        assert second == sealing(2) == ledger.seal_in_force()


def test_pandas_reads_every_table(workspace: Path) -> None:
    """For whoever wants to count by themselves, with nothing of this program."""
    with open_ledger(workspace) as ledger, ledger.together():
        ledger.enter("party_office", FILE, "a", DAY)
        ledger.log(DAY, "consolidate", None, "汇总")
        ledger.receive(MAIL)
        ledger.begin_sending(letter())
        ledger.seal(sealing(1))
    with closing(sqlite3.connect(file_of(workspace))) as other:
        names = [name for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        tables = {name: pandas.read_sql(f"SELECT * FROM {name}", other) for name in names}
        joined = pandas.read_sql("SELECT * FROM enclosures JOIN receipts ON receipt = number", other)
    assert {name: len(table) for name, table in tables.items()} == {
        **{"rounds": 1, "events": 1, "receipts": 1, "enclosures": 2, "dispatches": 1, "seals": 1, "sealed_files": 2},
        "journal": 6,
    }
    assert list(tables["dispatches"]["recipients"]) == ["wang@example.gov.cn; li@example.gov.cn"]
    assert list(joined["sender"]) == [MAIL.sender] * 2


def test_a_ledger_of_the_first_version_goes_on_with_everything_in_it(workspace: Path) -> None:
    """Offices have them; their versions and events are in the journal from now on."""
    file_of(workspace).parent.mkdir()
    with closing(sqlite3.connect(file_of(workspace))) as old:
        old.executescript(f"{SCHEMA[0]} PRAGMA user_version = 1;")
        rounds = [
            ("service_centre", 1, FILE, "b", "2026-04-19", "refused", 1, 0, 0, None),
            ("party_office", 1, FILE, "a", "2026-04-20", "to_fix", 2, 1, 0, "结果/退回/党政办公室.xlsx"),
            ("party_office", 2, FILE, "c", "2026-04-21", None, 0, 0, 0, None),
        ]
        old.executemany("INSERT INTO rounds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rounds)
        old.execute("INSERT INTO events VALUES (1, '2026-04-20', 'consolidate', NULL, '汇总')")
        old.commit()
    for part in (".jixiao", "日志", ".jixiao"):
        with open_ledger(workspace) as ledger:
            assert [(r.unit, r.version, r.sha256, r.status, r.must_fix) for r in ledger.rounds()] == [
                ("party_office", 1, "a", "to_fix", 2),
                ("party_office", 2, "c", None, 0),
                ("service_centre", 1, "b", "refused", 1),
            ]
            assert ledger.events() == (Event(DAY, "consolidate", None, "汇总"),)
            assert ledger.enter("service_centre", FILE, "b", NEXT_DAY) == 1
        for path in (workspace / part).iterdir():
            path.unlink()
