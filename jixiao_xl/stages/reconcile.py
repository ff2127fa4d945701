"""Reconcile (对账): what a workbook shows, what its formulas give, and what the rules say.

Every formula cell of the form gets one verdict, decided in the order of DESIGN 7; the first that applies wins, so
that one cell has one cause. Formulas are compared after the expected ones are rendered where the keys stand now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from jixiao_xl.files.recalc import Sheets, ironcalc_values
from jixiao_xl.model.batch import Batch, Contents, FormulaCell, Submission
from jixiao_xl.model.findings import Catalogue, Finding, Shown
from jixiao_xl.model.form import FormCell
from jixiao_xl.model.formula_text import canonical
from jixiao_xl.model.formulas import Checked, Counted, Scored, operands
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import at_excel_precision, is_blank
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.verdicts import Raw, Reconciled, Verdict, agrees

Recompute = Callable[[Contents], Sheets]
_LISTED = 12  # cells that a stale file names
_CODES = {
    Verdict.ERROR: "formula-error",
    Verdict.OVERWRITTEN: "formula-overwritten",
    Verdict.PASTED: "formula-pasted",
    Verdict.CHANGED: "formula-changed",
    Verdict.MISMATCH: "score-mismatch",
}
_ALTERS = frozenset((Verdict.ERROR, Verdict.OVERWRITTEN, Verdict.CHANGED))  # Excel sees another value than Python
# None stands for a cell whose formula is right and whose value is not Python's: only a recomputation tells why
Open = Verdict | None


def reconcile(
    batch: Batch, mapping: Mapping, catalogue: Catalogue, tie_breaker: Recompute | None = None
) -> tuple[Batch, list[Finding]]:
    """The batch with a verdict for every formula cell, and a finding for each that does not agree.

    `tie_breaker` computes a workbook anew where ironcalc does not give Python's value either; None: ironcalc decides.
    """
    findings: list[Finding] = []
    verdicts: dict[str, dict[CellKey, Reconciled]] = {}
    for submission in batch.submissions:
        judge = _Judge(submission, tie_breaker)
        verdicts[submission.unit] = judge.verdicts()
        findings.extend(_findings(submission, verdicts[submission.unit], mapping, catalogue))
    return batch.with_verdicts(verdicts), findings


@dataclass
class _Judge:
    """The verdicts of one workbook."""

    submission: Submission
    tie_breaker: Recompute | None
    altered: set[CellKey] = field(default_factory=set[CellKey])

    def verdicts(self) -> dict[CellKey, Reconciled]:
        """Formulas first, then errors and values that may follow from them."""
        cells = {key: cell for key in self.submission.formulas if (cell := self.submission.workings.cell(key))}
        first = {key: self._formula(key, cell) for key, cell in cells.items()}
        self.altered = {misread.key for misread in self.submission.misread} | set(self.submission.corrections)
        self.altered |= {key for key, verdict in first.items() if verdict in _ALTERS}
        second = {key: self._value(key, cells[key], verdict) for key, verdict in first.items()}
        recomputed = self._recomputed() if None in second.values() else {}
        return {key: self._reconciled(key, cells[key], verdict, recomputed) for key, verdict in second.items()}

    def _formula(self, key: CellKey, cell: FormCell) -> Open:
        """The first four rows: an error, nothing or a value in place of the formula, another formula."""
        found = self.submission.formulas[key]
        if found.is_error:
            return Verdict.ERROR
        if found.formula is None:
            return self._typed(key, cell, found)
        expected = self.submission.expected(key)
        if expected is not None and found.formula != expected and canonical(found.formula) != canonical(expected):
            return Verdict.CHANGED
        return Verdict.NOT_CALCULATED if found.stored is None else None

    def _typed(self, key: CellKey, cell: FormCell, found: FormulaCell) -> Verdict:
        due = self.submission.workings.value(key)
        if found.stored is None:
            return Verdict.AGREES if self.submission.is_added(key) else Verdict.OVERWRITTEN
        return Verdict.PASTED if agrees(found.stored, due, cell.type) else Verdict.OVERWRITTEN

    def _value(self, key: CellKey, cell: FormCell, verdict: Open) -> Open:
        """What an error or a value may follow from; a check is compared no further (DESIGN 7)."""
        if verdict is Verdict.ERROR:
            return Verdict.FOLLOWS if self._follows(key) else Verdict.ERROR
        if verdict is not None:
            return verdict
        stored, due = self.submission.formulas[key].stored, self.submission.workings.value(key)
        if isinstance(cell.formula, Checked | Counted) or agrees(stored, due, cell.type):
            return Verdict.AGREES
        return Verdict.FOLLOWS if self._follows(key) else None

    def _follows(self, key: CellKey) -> bool:
        """Whether a cell that it rests on is missing, or has a finding that alters what Excel sees there."""
        below = self.submission.workings.precedents(key)
        return not below.isdisjoint(self.altered) or not all(map(self.submission.layout.has, below))

    def _recomputed(self) -> Sheets:
        """Every formula of the workbook computed anew."""
        return ironcalc_values(self.submission.contents)

    @cached_property
    def _second_opinion(self) -> Sheets:
        return self.tie_breaker(self.submission.contents) if self.tie_breaker is not None else {}

    def _reconciled(self, key: CellKey, cell: FormCell, verdict: Open, recomputed: Sheets) -> Reconciled:
        layout, due = self.submission.layout, self.submission.workings.value(key)
        title, address = layout.titles[key.sheet], layout.address(key)
        again = recomputed.get(title, {}).get(address)
        if verdict is None:
            if not agrees(again, due, cell.type):
                again = self._second_opinion.get(title, {}).get(address, again)
            verdict = Verdict.STALE if agrees(again, due, cell.type) else Verdict.MISMATCH
        return Reconciled(key, self.submission.formulas[key].stored, due, again, verdict)


def _findings(
    submission: Submission, verdicts: dict[CellKey, Reconciled], mapping: Mapping, catalogue: Catalogue
) -> Iterator[Finding]:
    """One finding for each cell that does not agree; for stale and uncalculated cells one a file."""
    for cell in verdicts.values():
        if cell.verdict in _CODES:
            yield _finding(submission, cell, mapping, catalogue)
    if any(cell.verdict is Verdict.NOT_CALCULATED for cell in verdicts.values()):
        yield catalogue.at("not-calculated", submission.whole())
    stale = [submission.place(cell.key) for cell in verdicts.values() if cell.verdict is Verdict.STALE]
    if stale:
        names = mapping.text("summary_joint").join(f"{place.sheet}!{place.cell}" for place in stale[:_LISTED])
        more = mapping.text("stale_more", count=str(len(stale))) if len(stale) > _LISTED else ""
        yield catalogue.at("stale-value", submission.whole(), detail=names + more)


def _finding(submission: Submission, cell: Reconciled, mapping: Mapping, catalogue: Catalogue) -> Finding:
    code, place = _CODES[cell.verdict], submission.place(cell.key)
    match cell.verdict:
        case Verdict.CHANGED:
            found, expected = submission.formulas[cell.key].formula, submission.expected(cell.key)
            return catalogue.at(code, place, found=f"={found}", expected=f"={expected}")
        case Verdict.MISMATCH:
            detail = _both_workings(submission, cell, mapping)
            return catalogue.at(code, place, found=_shown(cell.shown), expected=cell.due, detail=detail)
        case _:
            return catalogue.at(code, place, found=_shown(cell.shown), expected=cell.due)


def _both_workings(submission: Submission, cell: Reconciled, mapping: Mapping) -> str:
    """What the formula gives, and how the rule comes to its own value."""
    recomputed = mapping.text("blank") if is_blank(cell.recomputed) else str(_shown(cell.recomputed))
    form_cell = submission.workings.cell(cell.key)
    formula = form_cell.formula if form_cell else None
    if not isinstance(formula, Scored):
        return mapping.text("mismatch_total", recomputed=recomputed)
    sentence, numbers = formula.rule.worked(operands(submission.workings.lookup(cell.key)))
    return mapping.text("mismatch_rule", recomputed=recomputed, rule=mapping.rule_texts[sentence].format_map(numbers))


def _shown(raw: Raw) -> Shown:
    """A stored value as findings show it: numbers at 15 digits."""
    return at_excel_precision(raw) if isinstance(raw, float) else None if raw is None else str(raw)
