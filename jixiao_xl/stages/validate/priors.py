"""Last year's figures (上年数): what went out prefilled must come back, or the change is somebody's decision."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.findings import Catalogue, Finding, Severity
from jixiao_xl.model.form import RowRole
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.mapping import Mapping, Prior
from jixiao_xl.model.mapping.tables import as_compared
from jixiao_xl.model.money import with_fen
from jixiao_xl.model.places import CellKey

_CAUSE: Final = "prior"
_CODE_COLUMN, _REASON = "project_code", "reason"


def prior_findings(batch: Batch, mapping: Mapping, catalogue: Catalogue) -> Iterator[Finding]:
    """A finding for every figure of last year's workbooks that a section has changed or taken out.

    What the row says of its reason explains it; the officer decides.
    """
    for submission in batch.submissions:
        for prior in mapping.priors_of(submission.unit).values():
            yield from _changed(submission, prior, mapping, catalogue)


def _changed(submission: Submission, prior: Prior, mapping: Mapping, catalogue: Catalogue) -> Iterator[Finding]:
    if prior.table not in submission.layout.table_sheets:
        return  # the whole sheet is missing, which is said elsewhere
    keys = _cells(submission, prior)
    values = [submission.inputs.get(key) for key in keys]
    if any(isinstance(value, str) for value in values):
        return  # no number at all: that is its own finding
    numbers = [value for value in values if isinstance(value, Decimal)]
    if sum(numbers, Decimal(0)) == prior.value:
        return  # an emptied 0 counts as one
    finding = catalogue.at(
        "check-failed",
        submission.place(keys[0]),
        found=with_fen(sum(numbers, Decimal(0))) if numbers else None,
        expected=with_fen(prior.value),
        severity=Severity.EXPLAIN,
        cause=_CAUSE,
        basis=[prior.row, *values],
        check=mapping.text("prior_check"),
        advice=mapping.text("prior_advice", source=prior.source),
    )
    reasons = (submission.inputs.get(key._replace(column=_REASON)) for key in keys)
    reason = next((str(reason) for reason in reasons if reason), None)
    yield finding.explained(reason) if reason else finding


def _cells(submission: Submission, prior: Prior) -> list[CellKey]:
    """Where the figure stands now; where its row is gone, where it stood when the workbook went out."""
    sheet, table = submission.form.tables[prior.table]
    if table.kind != "list":
        return [CellKey(sheet.key, prior.row, prior.column)]
    rows = [
        row
        for row in submission.workings.rows(prior.table)
        if as_compared(submission.inputs.get(CellKey(sheet.key, row, _CODE_COLUMN))) == as_compared(prior.row)
    ]
    issued = [
        row.key
        for row in table.rows
        if row.role is RowRole.LIST
        and row.key is not None
        and _issued_code(submission, sheet.key, row.key) == prior.row
    ]
    return [CellKey(sheet.key, row, prior.column) for row in rows or issued]


def _issued_code(submission: Submission, sheet: str, row: str) -> Value:
    return submission.form.cells[CellKey(sheet, row, _CODE_COLUMN)].given
