"""The ledger (台账库): versions in their order, whatever happens to the run, the file or the clock."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jixiao_xl.files import ledger as module
from jixiao_xl.files.ledger import Ledger, LedgerError, open_ledger
from jixiao_xl.model import texts
from jixiao_xl.model.history import Event, Round

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
def test_versions_count_up_whatever_comes(arrivals: list[tuple[str, str]]) -> None:
    """1, 2, 3 … for each unit, in the order of first coming."""
    with closing(Ledger(Path(":memory:"))) as ledger:
        for unit, sha in arrivals:
            ledger.enter(unit, FILE, sha, DAY)
        for unit, known in ledger.versions().items():
            first_come = list(dict.fromkeys(sha for of, sha in arrivals if of == unit))
            assert sorted(known, key=lambda sha: known[sha]) == first_come
            assert sorted(known.values()) == list(range(1, len(first_come) + 1))


KILLED = """
import sys
from datetime import date
from pathlib import Path
from jixiao_xl.files.ledger import open_ledger
with open_ledger(Path(sys.argv[1])) as ledger:
    for number in range(100_000):
        with ledger.together():
            version = ledger.enter("party_office", "收到/a.xlsx", f"{sys.argv[2]}-{number}", date(2026, 4, 20))
            ledger.log(date(2026, 4, 20), "consolidate", "party_office", f"{version}")
        print(version, flush=True)
"""


def test_a_kill_loses_nothing_that_was_committed_and_leaves_no_half(workspace: Path) -> None:
    """Kill -9, or the power, in the middle of many writes."""
    for life in range(3):
        command = [sys.executable, "-c", KILLED, str(workspace), str(life)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            acknowledged = [int(process.stdout.readline()) for _ in range(7 + 6 * life)]
            process.kill()
        with open_ledger(workspace) as ledger:
            versions = [one.version for one in ledger.rounds()]
            assert versions == list(range(1, len(versions) + 1))
            assert versions[-1] >= acknowledged[-1]
            assert [int(event.text) for event in ledger.events()] == versions


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
def test_a_damaged_ledger_is_set_aside_and_never_deleted(workspace: Path, damage: object) -> None:
    """The officer is told where it lies; the next run begins a new one."""
    assert callable(damage)
    for number in (1, 2):
        with open_ledger(workspace) as ledger:
            for sha in range(50):
                ledger.enter("party_office", FILE, str(sha), DAY)
        damage(file_of(workspace))
        damaged = file_of(workspace).read_bytes()
        with pytest.raises(LedgerError) as error:
            open_ledger(workspace)
        aside = workspace / ".jixiao" / f"ledger.damaged-{number}.sqlite"
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
