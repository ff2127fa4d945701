"""Logic (审核公式): every check of the mapping, evaluated in Python over what each workbook says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.expressions import CheckExpression, check_numbers, evaluate_check
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.form import Form
from jixiao_xl.model.form_builder import applies_to, check_expression
from jixiao_xl.model.formulas import FAILED, Value
from jixiao_xl.model.layout import resolve
from jixiao_xl.model.mapping import Check, Mapping
from jixiao_xl.model.places import CellKey

_SELF_CHECK = "self_check"
_EXPLANATION = "explanation"
_FACTS = ("level1", "level2", "nature", "method", "measure_unit")
_YEAR = re.compile(r"(?<!\d)(20\d{2})年")


def logic_findings(batch: Batch, mapping: Mapping, catalogue: Catalogue) -> Iterator[Finding]:
    """A finding for every check that does not hold, with both sides and what the section wrote about it."""
    expressions = {check.id: check_expression(check) for check in mapping.checks}
    for submission in batch.submissions:
        runner = _Runner(submission, catalogue)
        for check in mapping.checks:
            if submission.form.level in check.levels and check.scope != "tree":
                for home in _homes(check, submission):
                    yield from runner.run(check, expressions[check.id], home)
        yield from _copied_targets(submission, catalogue)
        yield from _stale_years(submission, mapping, catalogue)


def _homes(check: Check, submission: Submission) -> Iterator[CellKey]:
    """The rows that a check runs on; a check of the whole workbook has one, nameless."""
    if check.table is None:
        yield CellKey("", "", "")
        return
    if check.table not in submission.layout.table_sheets:
        return
    sheet = submission.layout.table_sheets[check.table]
    table = submission.form.tables[check.table][1]
    rows = submission.workings.rows(check.table)
    totals = [row.key for row in table.data_rows if row.key and row.key not in rows and row.key in check.rows]
    for row in [*rows, *totals]:
        facts = {fact: str(_given(submission.form, CellKey(sheet, row, fact)) or "") for fact in _FACTS}
        if applies_to(check, row, facts) and (sheet, row) in submission.layout.rows:
            yield CellKey(sheet, row, "")


def _given(form: Form, key: CellKey) -> Value:
    cell = form.cells.get(key)
    return cell.given if cell else None


@dataclass(frozen=True, slots=True)
class _Runner:
    submission: Submission
    catalogue: Catalogue

    def run(self, check: Check, expression: CheckExpression, home: CellKey) -> Iterator[Finding]:
        """At most one finding: the check at this row."""
        lookup = self.submission.workings.lookup(home)
        if evaluate_check(expression, lookup) != FAILED:
            return
        at = resolve(tuple(check.at[0].split(".")), home)
        sides = check_numbers(expression, lookup)
        found, expected = sides if sides else (self._shown(at), None)
        finding = self.catalogue.at(
            check.code,
            self.submission.place(at),
            found=found,
            expected=expected,
            severity=check.severity,
            cause=check.id,
            basis=[value for name in expression.names for value in lookup(name)],
            check=check.text,
            advice=check.advice,
        )
        explanation = self._explanation(check, home)
        yield finding.explained(explanation) if explanation else finding

    def _shown(self, key: CellKey) -> Value:
        return self.submission.workings.value(key)

    def _explanation(self, check: Check, home: CellKey) -> str | None:
        """What stands in 情况说明 for this check and row."""
        if check.kind != "核实性":
            return None
        keys = [f"check:{check.id}:{home.row}", f"check:{check.id}"] if home.row else [f"check:{check.id}"]
        texts = (self.submission.inputs.get(CellKey(_SELF_CHECK, key, _EXPLANATION)) for key in keys)
        return next((str(text) for text in texts if text), None)


def _copied_targets(submission: Submission, catalogue: Catalogue) -> Iterator[Finding]:
    """完成值照抄指标值: every measured indicator (three or more) reports exactly its target."""
    pairs: list[tuple[CellKey, Value, Value]] = []
    for key, value in submission.inputs.items():
        if key.sheet == "indicators" and key.column == "actual" and isinstance(value, Decimal):
            pairs.append((key, value, submission.inputs.get(key._replace(column="target"))))
    if len(pairs) >= 3 and all(actual == target for _, actual, target in pairs):
        explanation = submission.inputs.get(CellKey(_SELF_CHECK, "check:W09", _EXPLANATION))
        basis = [value for _, actual, target in pairs for value in (actual, target)]
        finding = catalogue.at("copied-target", submission.place(pairs[0][0]), basis=basis, detail=str(len(pairs)))
        yield finding.explained(str(explanation)) if explanation else finding


def _stale_years(submission: Submission, mapping: Mapping, catalogue: Catalogue) -> Iterator[Finding]:
    """上年文本残留年份: an indicator or target text that names only years before last year."""
    for key, value in submission.inputs.items():
        cell = submission.workings.cell(key)
        if cell is None or not cell.is_input or cell.type != "long_text" or not isinstance(value, str):
            continue
        years = {int(year) for year in _YEAR.findall(value)}
        if key.sheet in ("targets", "department", "organisation") and years and max(years) < mapping.year:
            found, expected = str(max(years)), str(mapping.year)
            yield catalogue.at("stale-year-text", submission.place(key), found=found, expected=expected, basis=[value])
