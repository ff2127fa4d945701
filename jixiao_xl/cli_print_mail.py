"""What the officer reads of letters, replies and progress (终端输出：收发和进度)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from jixiao_xl.cli_print import table_of
from jixiao_xl.model import texts_mail

if TYPE_CHECKING:
    from jixiao_xl.collect_verbs import Intake
    from jixiao_xl.mail_verbs import Sent
    from jixiao_xl.status_verbs import Standing


def print_collected(intake: Intake, workspace: Path) -> None:
    """What was new, file by file, with what became of it."""
    if not intake.receipts:
        _console().print(texts_mail.NOTHING_NEW)
        return
    _print(intake.header, intake.rows)
    words = {"mails": len(intake.receipts), "workbooks": intake.workbooks, "trouble": intake.trouble}
    _console().print(texts_mail.COLLECTED.format(**words, path=workspace), soft_wrap=True)


def print_sent(sent: Sequence[Sent]) -> None:
    """What became of every unit's letter."""
    if not sent:
        return
    words = texts_mail.SENT_WORDS
    drafts = [one for one in sent if one.state == "draft"]
    details = ("" if one in drafts else one.detail for one in sent)
    rows = ((one.name, "\n".join(one.to), words[one.state], detail) for one, detail in zip(sent, details, strict=True))
    _print(texts_mail.SENT_TABLE, rows)
    if drafts:
        folder = drafts[0].detail.rpartition("/")[0]
        _console().print(texts_mail.DRAFTS_LINE.format(count=len(drafts), folder=folder), soft_wrap=True)


def print_reminded(sent: Sequence[Sent]) -> None:
    """The same of reminders, or that nobody has to be reminded."""
    if sent:
        print_sent(sent)
    else:
        _console().print(texts_mail.NOBODY_TO_REMIND)


def print_status(standing: Standing) -> None:
    """The first sheet of 台账.xlsx, and where it is."""
    _console().print(standing.summary, soft_wrap=True)
    _print(standing.header, standing.rows)
    _console().print(texts_mail.REGISTER_LINE.format(path=standing.register), soft_wrap=True)


def _print(header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    table = table_of(header)
    table.padding = (0, 0)  # eleven columns on eighty characters
    for row in rows:
        table.add_row(*row)
    _console().print(table)


def _console() -> Console:
    return Console(highlight=False, markup=False)
