"""The journal (登记簿): it and the database each suffice alone, whatever was killed, cut, damaged, restored or deleted."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao_xl.files.journal import Fields, chained, continues
from jixiao_xl.files.ledger import Ledger, open_ledger
from jixiao_xl.files.ledger_database import LedgerError
from jixiao_xl.model import texts, texts_mail
from jixiao_xl.model.history import Dispatch, DispatchState, Enclosure, EnclosureOutcome, Receipt, ReceiptOutcome, Seal
from jixiao_xl.model.mail import LetterKind

DAY = date(2026, 4, 20)
EXAMPLES = settings(max_examples=8, deadline=None)
Change = Callable[[Ledger], object]


def database_of(workspace: Path) -> Path:
    return workspace / ".jixiao" / "ledger.sqlite"


def journal_of(workspace: Path) -> Path:
    return workspace / "日志" / "登记簿.jsonl"


def dump(workspace: Path) -> list[str]:
    """Everything in the database, as it lies in the file."""
    with closing(sqlite3.connect(database_of(workspace))) as database:
        return list(database.iterdump())


def after_opening(workspace: Path) -> tuple[list[str], bytes]:
    """The database and the journal as an opening leaves them."""
    open_ledger(workspace).close()
    return dump(workspace), journal_of(workspace).read_bytes()


@contextmanager
def folder() -> Generator[Path]:
    with TemporaryDirectory() as name:
        workspace = Path(name) / "街道 2025"
        workspace.mkdir()
        yield workspace


# -- generated histories -----------------------------------------------------------------------------------------

few = st.integers(0, 2)
words = st.text(st.sampled_from('表"\\\n\u2028\x00é😀;'), max_size=4)
days = few.map(lambda n: DAY + timedelta(n))


def entered(unit: int, sha: int, day: date) -> Change:
    return lambda ledger: ledger.enter(f"u{unit}", f"收到/{sha}.xlsx", f"{sha}", day)


def settled(unit: int, version: int, status: str, must_fix: int) -> Change:
    return lambda ledger: ledger.settle(
        f"u{unit}", version, status=status, must_fix=must_fix, explain=0, note=0, returned=status or None
    )


def received(mail: int, place: int, uid: int | None, text: str, day: date, files: list[tuple[str, str]]) -> Change:
    enclosures = tuple(Enclosure(name, "", sha, f"收到/{sha}", "u1", EnclosureOutcome.OTHER) for name, sha in files)
    receipt = Receipt(f"{mail}", f"{place}", uid, "", text, "", text, ReceiptOutcome.KEPT, day, enclosures)
    return lambda ledger: ledger.receive(receipt)


def begun(content: int, text: str, day: date) -> Change:
    letter = Dispatch(LetterKind.ISSUE, "u1", f"{content}", f"<{content}>", (), text, DispatchState.SENDING, day)
    return lambda ledger: ledger.begin_sending(letter)


def moved(content: int, how: int, text: str, day: date) -> Change:
    name = f"<{content}>"
    moves: tuple[Change, ...] = (
        lambda ledger: ledger.sent(name, day),
        lambda ledger: ledger.refused(name, text, day),
        lambda ledger: ledger.again(name, ("a@b.cn", "c@d.cn"), day),
    )
    return moves[how]


def sealed(text: str, day: date) -> Change:
    return lambda ledger: ledger.seal(
        Seal(len(ledger.seals()) + 1, day, day, {"u1": text, "u0": "x"}, text, "", text, "")
    )


def lifted(text: str, day: date) -> Change:
    return lambda ledger: ledger.lift_seal(text, day)


def given_back(unit: int, version: int, day: date) -> Change:
    return lambda ledger: ledger.gave_back(f"u{unit}", version, day)


def said(day: date, text: str) -> Change:
    return lambda ledger: ledger.log(day, "review", None, text)


changes = st.one_of(
    st.builds(entered, few, few, days),
    st.builds(settled, few, few, words, few),
    st.builds(given_back, few, few, days),
    st.builds(said, days, words),
    st.builds(received, few, few, st.none() | few, words, days, st.lists(st.tuples(words, words), max_size=3)),
    st.builds(begun, few, words, days),
    st.builds(moved, few, few, words, days),
    st.builds(sealed, words, days),
    st.builds(lifted, words, days),
)
histories = st.lists(st.lists(changes, min_size=1, max_size=4), min_size=2, max_size=6)  # transactions


def play(workspace: Path, history: list[list[Change]]) -> Iterator[int]:
    """Make the changes; gives the journal's size after every transaction."""
    with open_ledger(workspace) as ledger:
        for transaction in history:
            with ledger.together():
                for change in transaction:
                    with suppress(KeyError, ValueError):  # nothing to settle, move, lift
                        change(ledger)
            yield journal_of(workspace).stat().st_size


@given(histories)
@EXAMPLES
def test_either_file_is_built_from_the_other_one(history: list[list[Change]]) -> None:
    """`.jixiao` was not copied to the stick; `日志` was tidied away."""
    with folder() as workspace:
        list(play(workspace, history))
        whole = after_opening(workspace)
        shutil.rmtree(workspace / ".jixiao")
        assert after_opening(workspace) == whole
        shutil.rmtree(workspace / "日志")
        assert after_opening(workspace) == whole


@given(histories)
@EXAMPLES
def test_the_same_again_writes_nothing(history: list[list[Change]]) -> None:
    """A run that is made twice leaves the same bytes."""
    with folder() as workspace:
        list(play(workspace, history[:-1]))
        for change in history[-1]:
            list(play(workspace, [[change]]))
            before = after_opening(workspace)
            list(play(workspace, [[change]]))
            assert after_opening(workspace) == before


@given(histories, st.floats(0, 1), st.integers(0, 7))
@EXAMPLES
def test_power_cut_anywhere_leaves_whole_transactions(history: list[list[Change]], cut: float, copied: int) -> None:
    """The journal ends at any byte, the database is any older one: what was written to its end is there, no more."""
    with folder() as workspace:
        empty, _ = after_opening(workspace)
        states: list[tuple[int, list[str]]] = []
        backup, least = workspace / "backup.sqlite", 0
        for number, size in enumerate(play(workspace, history)):
            states.append((size, dump(workspace)))
            if number == min(copied, len(history) - 1):
                shutil.copy(database_of(workspace), backup)
                least = size
        data = journal_of(workspace).read_bytes()[: int(states[-1][0] * cut)]
        for database, known in ((backup, least), (None, 0)):
            database_of(workspace).unlink()
            if database:
                shutil.copy(database, database_of(workspace))
            journal_of(workspace).write_bytes(data)
            open_ledger(workspace).close()
            expected = [state for size, state in states if size <= max(len(data) + 1, known)]  # its last line end
            assert dump(workspace) == (expected[-1] if expected else empty)


@given(histories, st.data())
@EXAMPLES
def test_a_damaged_journal_is_mended_from_the_database(history: list[list[Change]], data: st.DataObject) -> None:
    """A bad sector, or something that was taken out: nothing is lost and the damaged file is kept."""
    with folder() as workspace:
        list(play(workspace, history))
        whole = after_opening(workspace)
        good = whole[1]
        start = data.draw(st.integers(0, len(good) - 1))
        end = data.draw(st.integers(start, min(start + 200, len(good))))
        bad = good[:start] + data.draw(st.binary(max_size=end - start)) + good[end:]
        journal_of(workspace).write_bytes(bad)
        assert after_opening(workspace) == whole
        kept = [path.read_bytes() for path in (workspace / "日志").glob("登记簿.damaged-*")]
        assert kept in ([], [bad])


# -- one thing after another -------------------------------------------------------------------------------------


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Three versions, each in a transaction with an event."""
    with open_ledger(tmp_path) as ledger:
        for sha in "abc":
            enter(ledger, sha)
    return tmp_path


def enter(ledger: Ledger, sha: str) -> None:
    with ledger.together():
        version = ledger.enter("party_office", f"收到/{sha}.xlsx", sha, DAY)
        ledger.log(DAY, "consolidate", "party_office", f"第{version}版")


def versions(workspace: Path) -> list[str]:
    with open_ledger(workspace) as ledger:
        assert [event.text for event in ledger.events()] == [f"第{one.version}版" for one in ledger.rounds()]
        return [one.sha256 for one in ledger.rounds()]


def test_the_journal_can_be_read_by_anybody(workspace: Path) -> None:
    """An officer with an editor, a colleague with five lines of a program."""
    lines = [json.loads(line) for line in journal_of(workspace).read_text(encoding="utf-8").splitlines()]
    assert [(line["n"], line.get("day"), line["what"]) for line in lines[:3]] == [
        (0, None, "journal"),
        (1, "2026-04-20", "enter"),
        (2, "2026-04-20", "event"),
    ]
    assert '"file": "收到/a.xlsx"' in journal_of(workspace).read_text(encoding="utf-8")


def test_a_run_that_died_between_journal_and_commit_has_happened(workspace: Path) -> None:
    """The journal says so; the next opening brings the database to it."""
    before = database_of(workspace).read_bytes()
    with open_ledger(workspace) as ledger:
        enter(ledger, "d")
    after = dump(workspace)
    database_of(workspace).write_bytes(before)
    assert versions(workspace) == list("abcd")
    assert dump(workspace) == after


def test_a_ledger_that_is_open_sees_what_another_one_wrote(workspace: Path) -> None:
    """The lock of the workspace should prevent it; the two files stay in step all the same."""
    with open_ledger(workspace) as first, open_ledger(workspace) as second:
        enter(first, "d")
        enter(second, "e")
        journal_of(workspace).unlink()
        enter(first, "f")
    shutil.rmtree(workspace / ".jixiao")
    assert versions(workspace) == list("abcdef")


def test_of_two_stories_the_journal_s_counts_and_both_are_kept(workspace: Path) -> None:
    """The workspace went on without `.jixiao` on another computer, and came back."""
    copy = workspace / "家里的电脑"
    shutil.copytree(workspace / "日志", copy / "日志")
    with open_ledger(workspace) as ledger:
        enter(ledger, "d")
    with open_ledger(copy) as ledger:
        enter(ledger, "e")
    here = database_of(workspace).read_bytes()
    shutil.copy(journal_of(copy), journal_of(workspace))
    assert versions(workspace) == list("abce")
    assert (workspace / ".jixiao" / "ledger.damaged-1.sqlite").read_bytes() == here
    assert after_opening(workspace) == after_opening(copy)


def test_what_a_damaged_journal_has_beyond_an_old_database_is_taken(workspace: Path) -> None:
    """A restored copy of the database meets a newer journal whose older part is damaged."""
    with open_ledger(workspace) as ledger:
        enter(ledger, "d")
        older = database_of(workspace).read_bytes()
        enter(ledger, "e")
    whole = after_opening(workspace)
    damage_line(workspace, 3)
    database_of(workspace).write_bytes(older)
    assert after_opening(workspace) == whole


def damage_line(workspace: Path, number: int) -> bytes:
    lines = journal_of(workspace).read_bytes().split(b"\n")
    lines[number] = lines[number][:-30]
    journal_of(workspace).write_bytes(b"\n".join(lines))
    return b"\n".join(lines)


def test_what_is_lost_in_both_files_is_said_once_and_the_rest_goes_on(workspace: Path) -> None:
    """A journal with a damaged line and no database: the officer may have a copy, so the run stops first."""
    whole = journal_of(workspace).read_bytes()
    damaged = damage_line(workspace, 3)
    shutil.rmtree(workspace / ".jixiao")
    with pytest.raises(LedgerError) as error:
        open_ledger(workspace)
    aside = workspace / "日志" / "登记簿.damaged-1.jsonl"
    assert str(error.value) == texts_mail.JOURNAL_DAMAGED.format(path=journal_of(workspace), line=4, aside=aside)
    assert aside.read_bytes() == damaged
    with open_ledger(workspace) as ledger:
        assert [one.sha256 for one in ledger.rounds()] == ["a", "c"]
        assert [event.text for event in ledger.events()] == ["第1版", "第2版", "第3版"]
        enter(ledger, "f")
    journal_of(workspace).write_bytes(whole)  # the copy is found, and put back
    assert versions(workspace) == list("abc")


def test_an_editor_that_saved_the_journal_has_done_no_harm(workspace: Path) -> None:
    """Notepad adds a byte order mark and its own line ends."""
    whole = after_opening(workspace)
    journal_of(workspace).write_bytes(b"\xef\xbb\xbf" + whole[1].replace(b"\n", b"\r\n"))
    shutil.rmtree(workspace / ".jixiao")
    assert after_opening(workspace) == whole


def test_a_journal_of_a_newer_program_is_refused_and_stays_as_it_is(workspace: Path) -> None:
    """With or without a database."""
    newer = f"{chained(None, {'what': 'journal', 'schema': 99})}\n".encode()
    journal_of(workspace).write_bytes(newer)
    for _ in range(2):
        with pytest.raises(LedgerError) as error:
            open_ledger(workspace)
        assert str(error.value) == texts.LEDGER_NEWER.format(path=journal_of(workspace))
        assert journal_of(workspace).read_bytes() == newer
        shutil.rmtree(workspace / ".jixiao", ignore_errors=True)


@given(st.lists(st.tuples(words, st.booleans()), min_size=1, max_size=5), st.data())
def test_a_line_shows_what_was_done_to_it(said: list[tuple[str, bool]], data: st.DataObject) -> None:
    """Altered, left out, doubled or put elsewhere."""
    lines: list[str] = []
    for text, more in said:
        fields: Fields = {"what": "event", "text": text}
        lines.append(chained(lines[-1] if lines else None, fields, more=more))
    pairs = list(zip([None, *lines], lines, strict=False))
    assert all(continues(before, line) for before, line in pairs)
    before, line = data.draw(st.sampled_from(pairs))
    position = data.draw(st.integers(0, len(line) - 1))
    assert not continues(before, line[:position] + line[position + 1 :])
    assert not any(continues(other, line) for other, _ in pairs if other != before)


KILLED = """
import sys
from datetime import date
from pathlib import Path
from jixiao_xl.files.ledger import open_ledger
with open_ledger(Path(sys.argv[1])) as ledger:
    for number in range(100_000):
        with ledger.together():
            version = ledger.enter("party_office", "收到/a.xlsx", f"{sys.argv[2]}-{number}", date(2026, 4, 20))
            ledger.log(date(2026, 4, 20), "consolidate", "party_office", f"第{version}版")
        print(version, flush=True)
"""


def test_a_kill_loses_nothing_that_was_committed_and_leaves_no_half(tmp_path: Path) -> None:
    """Kill -9 in the middle of many writes; the next life goes on, and each file alone tells the same."""
    for life in range(3):
        command = [sys.executable, "-c", KILLED, str(tmp_path), str(life)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            acknowledged = [int(process.stdout.readline()) for _ in range(7 + 6 * life)]
            process.kill()
        assert len(versions(tmp_path)) >= acknowledged[-1]
        whole = after_opening(tmp_path)
        for part in (".jixiao", "日志"):
            shutil.rmtree(tmp_path / part)
            assert after_opening(tmp_path) == whole
