"""200 mails under kill -9 (收发各二百封，途中反复断电): collecting loses and doubles no file, sending forgets no unit.

Collecting: 200 mails with some 300 files wait in a Dovecot mailbox; `collect --imap` is started and killed, mostly just
after it has asked for a mail, until it ends by itself. Then every file must stand in 收到/ exactly once (by SHA-256),
the register must name every mail and every version once, also when it is built anew from its journal, and the mailbox
must be as it was. Sending: `issue --send` to nine units in one new workspace after another until 200 letters have gone,
killed mostly just after the server has taken a letter. Then every unit must have its letter, a second one only where a
kill left a doubt about that very letter, and under the same Message-ID.

Run from the repository: python tests/acceptance/killed_mail.py [MAILS] [SEED] [--forked]
Runs are processes of their own; --forked starts them from one that has imported everything, which is quicker.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "samples")]

from tests.killed_mail import Forked, Plan, Program, collect_under_fire, issue_under_fire, new_workspace  # noqa: E402
from tests.mail_servers import MailServers, running  # noqa: E402

UNITS = 9


def collecting(servers: MailServers, folder: Path, mails: int, plan: Plan) -> None:
    """The first half."""
    samples = sorted((ROOT / "samples" / "革新街道办事处2025" / "in" / "收到").glob("*.xlsx"))
    start = time.monotonic()
    course = collect_under_fire(new_workspace(folder), servers, mails, [path.read_bytes() for path in samples], plan)
    seconds = time.monotonic() - start
    print(f"collect: {mails} mails, {len(course.killed)} runs, {course.kills} killed, {seconds:.0f} s: exactly once")


def sending(servers: MailServers, folder: Path, mails: int, plan: Plan) -> None:
    """The second half."""
    start = time.monotonic()
    letters = kills = runs = taken = 0
    while letters < mails:
        servers.clear()
        course = issue_under_fire(new_workspace(folder / str(letters)), servers, plan)
        letters += UNITS
        kills, runs, taken = kills + course.kills, runs + len(course.killed), taken + len(course.taken)
        print(f"  {letters} letters, {kills} kills, {taken - letters} sent again", flush=True)
    seconds = time.monotonic() - start
    print(
        f"issue: {letters} letters, {runs} runs, {kills} killed, {seconds:.0f} s: {taken - letters} in doubt sent again"
    )


def main(arguments: list[str]) -> None:
    """Both halves; an AssertionError says what went wrong."""
    numbers = [int(word) for word in arguments if word.isdigit()]
    mails = numbers[0] if numbers else 200
    chance = random.Random(numbers[1] if len(numbers) > 1 else 20261124)
    launch = Forked if "--forked" in arguments else Program
    duration = 2.0 if launch is Forked else 5.0
    dovecot = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if dovecot is None:
        sys.exit("dovecot is not installed")
    with tempfile.TemporaryDirectory() as room, running(dovecot) as servers:
        collecting(servers, Path(room, "collect"), mails, Plan(chance, launch, kills=mails, far=8, duration=duration))
        doubtful = (0.0, 0.0, 0.003, 0.05)
        plan = Plan(chance, launch, kills=4, far=5, delays=doubtful, duration=duration)
        sending(servers, Path(room, "issue"), mails, plan)


if __name__ == "__main__":
    main(sys.argv[1:])
