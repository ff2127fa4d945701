"""Lists of a checked report (核对结果的去处): comments for a copy of the report, and a table that Excel opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import astuple

from jixiao_xl.files.word_comments import Comment
from jixiao_xl.model import texts
from jixiao_xl.model.claim_lines import claim_line, claim_lines
from jixiao_xl.model.claims import CheckedReport
from jixiao_xl.model.passages import TextPlace

_BOM = "\ufeff"  # without it Excel takes the table for GBK
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def comments_of(checked: CheckedReport) -> list[Comment]:
    """A comment at every figure that is wrong, off by rounding, partial or missing, and at every slip of wording."""
    return [*_of_claims(checked), *_of_findings(checked)]


def _of_claims(checked: CheckedReport) -> Iterator[Comment]:
    for claim in checked.claims:
        words = texts.CLAIM_COMMENTS.get("empty" if claim.reason == "empty" else claim.verdict)
        if words is not None:
            line = claim_line(claim)
            text = words.format(
                kind=line.kind,
                operands=line.operands,
                stated=line.stated,
                recomputed=line.recomputed,
                difference=line.difference.lstrip("-"),
            )
            yield Comment(claim.place, claim.span, text)


def _of_findings(checked: CheckedReport) -> Iterator[Comment]:
    for finding in checked.findings:
        if isinstance(finding.place, TextPlace):
            yield Comment(finding.place.passage, finding.place.span, finding.message)


def table_of(checked: CheckedReport) -> bytes:
    """Every claim as a row of a CSV in UTF-8 with BOM, wrong ones first."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([*texts.CLAIM_TABLE, texts.CLAIM_TABLE_MORE])
    writer.writerows([_harmless(value) for value in astuple(line)] for line in claim_lines(checked.claims))
    return (_BOM + target.getvalue()).encode()


def _harmless(text: str) -> str:
    """Somebody's words that Excel would take for a formula; a negative number stays one."""
    is_number = text.lstrip("-").replace(".", "", 1).isdecimal()
    return f"'{text}" if text.startswith(_FORMULA) and not is_number else text
