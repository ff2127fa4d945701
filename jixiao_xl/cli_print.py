"""What the officer reads in the terminal (终端输出): tables of units, files and findings, in characters that GBK has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from jixiao_xl.model import texts
from jixiao_xl.model.documents import CheckDocument, ConsolidateDocument, FindingDocument

if TYPE_CHECKING:
    from jixiao_xl.verbs import GoesBack

_LISTED = 50


def print_outcome(document: ConsolidateDocument, sentence: str, folder: Path) -> None:
    """Where each unit stands, what is wrong, and the score in a sentence."""
    console = Console(highlight=False, soft_wrap=False)
    table = table_of(texts.UNIT_TABLE)
    for org in document.orgs:
        status = texts.STATUS_WORDS[org.status]
        counts = (str(org.must_fix), str(org.explain), str(org.note))
        table.add_row(org.name, status, org.self_score or "", org.score or "", *counts)
    console.print(table)
    _findings(console, document.findings, {org.code: org.name for org in document.orgs})
    console.print(sentence, style="bold", soft_wrap=True, markup=False)
    console.print(texts.OUTPUTS_LINE.format(path=folder))


def print_check(document: CheckDocument) -> None:
    """Where each file stands, and what is wrong."""
    console = Console(highlight=False)
    table = table_of(texts.FILE_TABLE)
    for file in document.files:
        counts = (str(file.must_fix), str(file.explain), str(file.note))
        table.add_row(file.file, file.unit or "", texts.STATUS_WORDS[file.status], *counts)
    console.print(table)
    _findings(console, document.findings, {f.unit or "": f.file for f in document.files})
    if not document.findings:
        console.print(texts.NO_FINDINGS)


def print_returned(back: Sequence[GoesBack], *, fresh: bool) -> None:
    """Which workbooks go back to whom."""
    console = Console(highlight=False)
    if not back:
        console.print(texts.NOTHING_TO_RENEW if fresh else texts.NOTHING_TO_RETURN)
        return
    table = table_of(texts.FRESH_TABLE if fresh else texts.RETURN_TABLE)
    for one in back:
        if fresh:
            table.add_row(one.unit, one.fresh or "", str(one.count), one.left_behind or "")
        else:
            table.add_row(one.unit, texts.STATUS_WORDS[one.status], one.file or "")
    console.print(table)


def table_of(headers: Iterable[str]) -> Table:
    """An empty table in characters that every console has."""
    table = Table(box=box.ASCII2, show_lines=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    return table


def _findings(console: Console, findings: list[FindingDocument], names: Mapping[str, str]) -> None:
    """The gravest first, each with whose workbook it is in; notes are only counted, so that they drown nobody."""
    serious = [f for f in findings if f.severity != "note"]
    for finding in sorted(serious, key=lambda f: f.severity != "must_fix")[:_LISTED]:
        whose = names.get(finding.unit or "") if finding.sheet else None
        message = texts.FINDING_OF.format(unit=whose, message=finding.message) if whose else finding.message
        console.print(f"[{texts.SEVERITY_WORDS[finding.severity]}] {message}", markup=False, soft_wrap=True)
    if len(serious) > _LISTED:
        console.print(texts.MORE_FINDINGS.format(count=len(serious) - _LISTED))
