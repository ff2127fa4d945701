"""Killing runs that collect and send (收发途中断电): the same command again and again until it ends by itself, and what is left.

A kill is SIGKILL: nothing is tidied up, no buffer is written. Some kills come at any time, most are aimed at the busy
moments: a mail has been asked for, a folder for its files made, a line written into the journal; a letter's address has
been told, or the server has taken the letter and its sender does not know yet.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import io
import multiprocessing
import os
import random
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Protocol

from jixiao_xl.files.ledger import open_ledger
from jixiao_xl.model.history import DispatchState
from tests.mail_habits import Habit, habit_of
from tests.mail_servers import OFFICE, PASSWORD, MailServers
from tests.small_office import only_units

LONGEST_RUN: Final = 120  # seconds
SETTLES: Final = 0.1  # seconds in which a server has dealt with what a killed client had sent


class Running(Protocol):
    """A run under way."""

    def kill(self) -> None: ...
    def wait(self) -> int: ...


# -- runs ------------------------------------------------------------------------------------------------------


class Program:
    """A run as an officer starts it: a process of its own."""

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jixiao_xl", *arguments],
                stdout=output,
                stderr=output,
                cwd=log.parent,
                env={**os.environ, "JIXIAO_MAIL_PASSWORD": PASSWORD, "PYTHONUTF8": "1"},
            )

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int:
        return self._process.wait(LONGEST_RUN)


class Forked:
    """The same from a process that has imported everything already: a second less a run."""

    def __init__(self, arguments: Sequence[str], log: Path) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.killed_mail", "jixiao_xl.collect_verbs", "jixiao_xl.mail_verbs"])
        self._process = context.Process(target=run_command, args=(tuple(arguments), str(log)))
        self._process.start()

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int:
        self._process.join(LONGEST_RUN)
        code = self._process.exitcode
        assert code is not None, "the run hangs"
        return code


def run_command(arguments: Sequence[str], log: str) -> None:
    """What a forked process does: one command of the command line."""
    from jixiao_xl.cli import main  # noqa: PLC0415 - in the child

    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ["JIXIAO_MAIL_PASSWORD"] = PASSWORD
    os.chdir(Path(log).parent)
    sys.argv = ["jixiao-xl", *arguments]
    main()


# -- kills -----------------------------------------------------------------------------------------------------


class Killer:
    """Kills a run once: some time after its n-th busy moment of a kind, or after some seconds."""

    def __init__(self, run: Running, kind: str, moments: int, delay: float, seconds: float | None) -> None:
        self.struck = False
        self._run, self._kind, self._moments, self._delay = run, kind, moments, delay
        self._timers: list[threading.Timer] = []
        if seconds is not None:
            self._set(seconds)

    def busy(self, kind: str) -> None:
        """A busy moment of the run."""
        if kind == self._kind:
            self._moments -= 1
            if self._moments == 0:
                self._set(self._delay)

    def stand_down(self) -> None:
        """The run has ended."""
        for timer in self._timers:
            timer.cancel()
            timer.join()

    def _set(self, seconds: float) -> None:
        if not seconds:
            self._strike()
            return
        timer = threading.Timer(seconds, self._strike)
        self._timers.append(timer)
        timer.start()

    def _strike(self) -> None:
        self.struck = True
        self._run.kill()


@dataclass(slots=True)
class Course:
    """What happened until a command ended by itself.

    Attributes:
        killed: by run, whether it was killed.
        code: the exit code of the last run.
        taken: of a sending command: the run, the address and the Message-ID of each mail, in their order.
    """

    killed: list[bool] = field(default_factory=list[bool])
    code: int = 0
    taken: list[tuple[int, str, str]] = field(default_factory=list[tuple[int, str, str]])

    @property
    def kills(self) -> int:
        return sum(self.killed)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to kill.

    Attributes:
        chance: where randomness comes from.
        launch: how a run is started.
        kills: at most so many; then the command may end.
        far: an aimed kill comes at one of the first so many busy moments of its kind.
        delays: and then at once, or up to so many seconds later.
        at_any_time: of ten kills, so many may come at any time within `duration`, too.
        duration: seconds of an undisturbed run, about.
    """

    chance: random.Random
    launch: Callable[[Sequence[str], Path], Running]
    kills: int
    far: int
    delays: tuple[float, ...] = (0.0, 0.01, 0.1)
    at_any_time: int = 2
    duration: float = 3.0

    def killer(self, run: Running, kind: str) -> Killer:
        """The killer of one run, aiming at one kind of moment."""
        delay = self.chance.uniform(0, self.chance.choice(self.delays))
        any_time = self.chance.randrange(10) < self.at_any_time
        seconds = self.chance.uniform(0, self.duration) if any_time else None
        return Killer(run, kind, self.chance.randint(1, self.far), delay, seconds)


class Siege:
    """A command under kills: started, killed, started again, until it ends by itself.

    Attributes:
        kinds: of busy moments, aimed at in turn; "noted" (a line in the journal) and "kept" (a folder in 收到) are seen
            here, others are told by whoever sees them.
    """

    def __init__(self, workspace: Path, plan: Plan, kinds: Sequence[str]) -> None:
        self.kinds = kinds
        self._workspace, self._plan = workspace, plan
        self._killer: Killer | None = None
        self._over = threading.Event()

    def tell(self, kind: str) -> None:
        """A busy moment."""
        if killer := self._killer:
            killer.busy(kind)

    def lay(self, arguments: Sequence[str], log: Path, ended: Callable[[], None] = lambda: None) -> Course:
        """Run the command until it ends by itself; `ended` is called after each run."""
        course = Course()
        watching = threading.Thread(target=self._watch)
        watching.start()
        try:
            while not course.killed or course.killed[-1]:
                run = self._plan.launch(arguments, log)
                kind = self.kinds[course.kills % len(self.kinds)]
                killer = self._killer = self._plan.killer(run, kind) if course.kills < self._plan.kills else None
                try:
                    course.code = run.wait()
                finally:
                    run.kill()  # one that hangs; of another nothing is left to kill
                self._killer = None
                if killer:
                    killer.stand_down()
                ended()
                course.killed.append(bool(killer and killer.struck and course.code < 0))
        finally:
            self._over.set()
            watching.join()
        return course

    def _watch(self) -> None:
        journal, received = self._workspace / "日志" / "登记簿.jsonl", self._workspace / "收到"

        def state() -> dict[str, float]:
            noted = journal.stat().st_size if journal.exists() else 0
            return {"noted": noted, "kept": sum(1 for _ in os.scandir(received))}

        before = state()
        while not self._over.wait(0.001):
            now = state()
            for kind, value in now.items():
                if value != before[kind]:
                    self.tell(kind)
            before = now


# -- collect ---------------------------------------------------------------------------------------------------


class _Watched(Habit):
    """Tells of every mail that is asked for."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tell = tell

    def instead(self, line: bytes) -> bytes | None:
        if b"BODY.PEEK[]" in line:
            self.tell("asked")
        return None


def replies(workbooks: Sequence[bytes], count: int) -> Iterator[tuple[bytes, list[bytes]]]:
    """Mails as sections send them, each with the files that it brings: a workbook that nobody sent before, mostly more."""
    for number in range(count):
        message = EmailMessage(policy=email.policy.SMTP)
        message["Subject"] = f"回复：填报表 {number}"
        message["From"], message["To"] = f"section{number % 9}@example.gov.cn", OFFICE
        message["Message-ID"] = f"<{number}@example.gov.cn>"
        message["Date"] = f"Mon, 02 Mar 2026 {number // 60:02}:{number % 60:02}:00 +0800"
        message.set_content("见附件。\n")
        workbook = _another(workbooks[number % len(workbooks)], number)
        brought = {"填报表.xlsx": workbook}
        if number % 3 == 1:
            brought["佐证.pdf"] = b"%PDF-1.4\n" + random.Random(number).randbytes(20_000 + number)
        if number % 5 == 2:
            brought["盖章页.jpg"] = b"\xff\xd8\xff" + b"the same scan in many mails"
        members = list(brought.values()) if number % 7 == 3 else []
        if members:
            brought = {"打包.zip": _zipped(brought), "说明.txt": f"说明 {number}".encode()}
        for name, data in brought.items():
            message.add_attachment(data, "application", "octet-stream", filename=name)
        yield message.as_bytes(), [*brought.values(), *members]


def collect_under_fire(
    workspace: Path, servers: MailServers, mails: int, workbooks: Sequence[bytes], plan: Plan
) -> Course:
    """Collect mails under kills and assert that every file was kept exactly once, and entered exactly once.

    Raises:
        AssertionError: something was lost, doubled, half written, or the mailbox was touched.
    """
    brought: list[list[bytes]] = []
    for raw, files in replies(workbooks, mails):
        servers.deliver(OFFICE, raw)
        brought.append(files)
    before = servers.messages(OFFICE)
    siege = Siege(workspace, plan, ("noted", "kept", "asked"))
    log = workspace.parent / "collect.log"
    with habit_of(servers, lambda: _Watched(siege.tell)) as port:
        _configure(workspace, servers.toml().replace(f"port = {servers.imap['none']}", f"port = {port}"))
        course = siege.lay(["collect", str(workspace), "--imap"], log)
    assert course.code == 0, log.read_text(errors="replace")[-3000:]
    _assert_kept_once(workspace, brought)
    assert servers.messages(OFFICE) == before
    assert set(servers.flags(OFFICE)) == {""}
    return course


def _assert_kept_once(workspace: Path, brought: list[list[bytes]]) -> None:
    due = {_sum(data) for files in brought for data in files}
    kept = Counter(_sum(path.read_bytes()) for path in (workspace / "收到").rglob("*") if path.is_file())
    assert set(kept) == due, f"lost {len(due - set(kept))}, strange {len(set(kept) - due)}"
    assert set(kept.values()) == {1}, [sum for sum, times in kept.items() if times > 1]
    workbooks = [_sum(data) for files in brought for data in files if _is_workbook(data)]
    for rebuilt in (False, True):
        if rebuilt:  # the plain files alone must say the same
            for path in (workspace / ".jixiao").glob("ledger.sqlite*"):
                path.unlink()
        with open_ledger(workspace) as ledger:
            receipts, rounds = ledger.receipts(), ledger.rounds()
        assert [receipt.uid for receipt in receipts] == list(range(1, len(brought) + 1))
        noted = [sorted(enclosure.sha256 for enclosure in receipt.enclosures) for receipt in receipts]
        assert noted == [sorted(_sum(data) for data in files) for files in brought]
        assert sorted(one.sha256 for one in rounds) == sorted(workbooks)


def _is_workbook(data: bytes) -> bool:
    return zipfile.is_zipfile(io.BytesIO(data)) and "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(data)).namelist()


def _another(workbook: bytes, number: int) -> bytes:
    """The same workbook as other bytes: with a comment at the end of the zip."""
    buffer = io.BytesIO(workbook)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"%d" % number
    return buffer.getvalue()


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 2, 8, 0, 0)), data)
    return buffer.getvalue()


# -- issue -----------------------------------------------------------------------------------------------------


def issue_under_fire(workspace: Path, servers: MailServers, plan: Plan) -> Course:
    """Issue and send under kills and assert that every unit has its letter, a second one only where a kill left a doubt.

    Raises:
        AssertionError: a unit has no letter, or one too many, or another Message-ID.
    """
    _configure(workspace, servers.toml())
    servers.sink.taken.clear()
    ends: list[int] = []  # how many mails had been taken when each run ended

    def ended() -> None:
        time.sleep(SETTLES)
        ends.append(len(servers.sink.taken))

    siege = Siege(workspace, plan, ("addressed", "taken", "noted"))
    log = workspace.parent / "issue.log"
    servers.sink.watcher = siege.tell
    course = siege.lay(["issue", str(workspace), "--send"], log, ended)
    servers.sink.watcher = None
    assert course.code == 0, log.read_text(errors="replace")[-3000:]
    for number, sent in enumerate(servers.sink.taken):
        run = sum(end <= number for end in ends)
        course.taken.append((run, sent.to, str(email.message_from_bytes(sent.raw)["Message-ID"])))
    _assert_sent_once(workspace, course)
    return course


def _assert_sent_once(workspace: Path, course: Course) -> None:
    with open_ledger(workspace) as ledger:
        dispatches = ledger.dispatches()
    assert {dispatch.state for dispatch in dispatches} == {DispatchState.SENT}
    letters = {to: dispatch.message_id for dispatch in dispatches for to in dispatch.to}
    assert len(letters) == len(dispatches), "a unit has two letters"
    assert {(to, message_id) for _, to, message_id in course.taken} == set(letters.items())
    last = {run: to for run, to, _ in course.taken}  # of each run, the letter that its kill may have left in doubt
    for to in letters:
        runs = [run for run, whom, _ in course.taken if whom == to]
        assert len(set(runs)) == len(runs), "twice in one run"
        for run in runs[:-1]:
            assert course.killed[run], "sent again though its run was not killed"
            assert last[run] == to, "sent again though the kill left no doubt"


# -- the workspace ---------------------------------------------------------------------------------------------


def new_workspace(folder: Path, units: Collection[str] | None = None) -> Path:
    """A new workspace, of these units only where they are named."""
    from jixiao_xl.verbs import init  # noqa: PLC0415 - heavy

    folder.mkdir(parents=True, exist_ok=True)
    init(folder / "工作", department="革新街道办事处", year=2025)
    if units is not None:
        only_units(folder / "工作", units)
    return folder / "工作"


def _configure(workspace: Path, mail: str) -> None:
    settings = workspace / "jixiao.toml"
    lines = [line for line in settings.read_text(encoding="utf-8").split("[mail]")[0].splitlines() if line.strip("# ")]
    settings.write_text("\n".join([*lines, mail]), encoding="utf-8")


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
