"""What the reviewer reads of a report (报告命令的终端输出): what is wrong first, at most a screenful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Console
from rich.table import Table

from jixiao_xl.model import texts
from jixiao_xl.model.claim_lines import ClaimLine, claim_lines
from jixiao_xl.model.claims import CheckedReport
from jixiao_xl.model.findings import Finding

if TYPE_CHECKING:
    from jixiao_xl.report_verbs import ReportOutcome

_CLAIMS, _SLIPS = 12, 12  # so many wrong figures and slips are a screenful
_QUOTED = 40  # characters of a claim's words
# the table says these
_OF_CLAIMS: Final = {"figure-mismatch", "figure-last-digit", "figure-rounding", "figure-partial", "figure-unparsed"}


def print_checked_report(checked: CheckedReport, saved: Path | None = None, *, every: bool = False) -> None:
    """Wrong figures with both numbers, slips of wording, and how much was checked; `every`: every claim and note."""
    console = Console(highlight=False)
    lines = claim_lines(claim for claim in checked.claims if every or claim.verdict == "wrong")
    if lines:
        console.print(_table(lines if every else lines[:_CLAIMS]))
    if not every and len(lines) > _CLAIMS:
        console.print(texts.MORE_CLAIMS.format(count=len(lines) - _CLAIMS))
    others = [one for one in checked.findings if every or (one.code not in _OF_CLAIMS and one.severity != "note")]
    _findings(console, others, at_most=None if every else _SLIPS)
    if not lines and not others:
        console.print(texts.NO_FINDINGS)
    _counts(console, checked)
    if saved is not None:
        console.print(texts.OUTPUTS_LINE.format(path=saved), soft_wrap=True)


def print_report(outcome: ReportOutcome) -> None:
    """Which files were written, where the version before is, and what a person has to decide."""
    console = Console(highlight=False)
    _findings(console, outcome.reported.findings, at_most=None)
    for file in outcome.files:
        console.print(texts.OUTPUTS_LINE.format(path=file), soft_wrap=True)
    if outcome.kept is not None:
        console.print(texts.REPORT_BEFORE.format(path=outcome.kept), soft_wrap=True)


def _counts(console: Console, checked: CheckedReport) -> None:
    verdicts = Counter[str](claim.verdict for claim in checked.claims)
    counted = {verdict: verdicts[verdict] for verdict in texts.VERDICT_WORDS}
    console.print(texts.CHECKED_CLAIMS.format(total=len(checked.claims), **counted), soft_wrap=True)
    classes = Counter[str](number.kind for number in checked.numbers)
    numbers = {kind: classes[kind] for kind in ("in_claims", "context", "stated", "unparsed")}
    console.print(texts.CHECKED_NUMBERS.format(total=len(checked.numbers), **numbers), soft_wrap=True)


def _table(lines: Iterable[ClaimLine]) -> Table:
    table = Table(box=box.ASCII2, show_lines=False)
    for header in texts.CLAIM_TABLE:
        table.add_column(header, overflow="fold")
    for line in lines:
        text = line.text if len(line.text) <= _QUOTED else f"{line.text[: _QUOTED - 1]}…"
        table.add_row(line.place, line.kind, text, line.stated, line.recomputed, line.difference, line.verdict)
    return table


def _findings(console: Console, findings: Iterable[Finding], *, at_most: int | None) -> None:
    """Findings, the gravest first."""
    graver = sorted(findings, key=lambda finding: finding.severity != "must_fix")
    for finding in graver[:at_most]:
        words = texts.SEVERITY_WORDS[finding.severity]
        console.print(f"[{words}] {finding.message}", markup=False, soft_wrap=True)
    if at_most is not None and len(graver) > at_most:
        console.print(texts.MORE_SLIPS.format(count=len(graver) - at_most))
