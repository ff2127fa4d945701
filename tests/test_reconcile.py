"""Reconcile (对账): one changed formula cell gives one finding at its cell, wherever rows were inserted or who saved it.

The long form, every formula cell of every sample workbook: `python tests/acceptance/reconcile_every_cell.py`.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from jixiao_xl.files.recalc import Sheets, libreoffice_opinion
from jixiao_xl.model.batch import Batch, Contents
from jixiao_xl.model.findings import Catalogue
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.verdicts import Verdict
from jixiao_xl.stages.reconcile import reconcile
from tests.office import Office
from tests.tampering import (
    DESIGN_7,
    Case,
    Tampered,
    cases,
    changed_inputs,
    complaints,
    look,
    submission_of,
    with_inserted_rows,
)

FINANCE, INDICATORS = "收支表", "指标评分表"
UNITS = ("street_office", "party_office")


def some_cases(data: bytes, mapping: Mapping, catalogue: Catalogue, every: int) -> list[Case]:
    """The five changes of every n-th formula cell."""
    submission, tampered = submission_of(data, mapping, catalogue), Tampered(data)
    return [case for key in list(submission.formulas)[::every] for case in cases(tampered, submission, key)]


@pytest.mark.parametrize("unit", UNITS)
def test_one_changed_formula_cell_gives_one_finding_there(
    filled: dict[str, bytes], mapping: Mapping, catalogue: Catalogue, unit: str
) -> None:
    """Overwritten, pasted, changed, emptied, in error: the code of DESIGN 7, the cell, what stands there, what is due."""
    assert complaints(some_cases(filled[unit], mapping, catalogue, 53), mapping, catalogue) == []


@pytest.mark.parametrize("unit", UNITS)
def test_an_input_changed_without_recalculation_is_one_stale_value(
    filled: dict[str, bytes], mapping: Mapping, catalogue: Catalogue, unit: str
) -> None:
    """One note a file, and no other finding about formulas; the cells that are behind are listed."""
    changed = changed_inputs(filled[unit], submission_of(filled[unit], mapping, catalogue))
    found = look(list(changed.values())[::5], mapping, catalogue)
    about_formulas = [[f.code for f in findings if f.code in DESIGN_7] for findings in found]
    assert about_formulas == [["stale-value"]] * len(found)
    assert len(found) >= 3


@pytest.mark.office
def test_rows_inserted_above_and_a_save_by_libreoffice_change_nothing(
    filled: dict[str, bytes],
    filled_recalculated: dict[str, bytes],
    mapping: Mapping,
    catalogue: Catalogue,
    uno_python: str,
) -> None:
    """The same findings at the cells where they stand now, and none for what LibreOffice writes its own way."""
    rows_inserted = with_inserted_rows(uno_python, [filled[unit] for unit in UNITS])
    saved = [*(filled_recalculated[unit] for unit in UNITS), *rows_inserted]
    assert look(saved, mapping, catalogue) == [[]] * len(saved)
    for data in saved:
        assert complaints(some_cases(data, mapping, catalogue, 151), mapping, catalogue) == []


def test_the_cause_is_named_and_what_follows_from_it_is_not(
    filled: dict[str, bytes], mapping: Mapping, catalogue: Catalogue
) -> None:
    """An overwritten score, and totals that Excel has computed from it: one finding, at the score."""
    submission, tampered = submission_of(filled["party_office"], mapping, catalogue), Tampered(filled["party_office"])
    key = next(
        k for k in submission.formulas if (k.sheet, k.row, k.column) == ("indicators", "party_office_01", "score")
    )
    wrong = tampered.with_cell(INDICATORS, submission.layout.address(key), "<v>1.5</v>")
    totals = [k for k in submission.formulas if k.sheet == "indicators" and key in submission.workings.precedents(k)]
    book = Tampered(wrong)
    for total in [k for k in totals if k.column == "score"]:
        formula = book.formula(INDICATORS, submission.layout.address(total))
        book = Tampered(book.with_cell(INDICATORS, submission.layout.address(total), f"<f>{formula}</f><v>7</v>"))
    data = book.with_cell(INDICATORS, submission.layout.address(key), "<v>1.5</v>")
    (findings,) = look([data], mapping, catalogue)
    assert [(f.code, f.place.cell) for f in findings] == [("formula-overwritten", submission.layout.address(key))]


def test_a_stored_score_that_its_formula_does_not_give_is_a_mismatch(
    filled: dict[str, bytes], mapping: Mapping, catalogue: Catalogue
) -> None:
    """Neither Python nor a recomputation gives it where the two differ; both workings are shown."""
    data = filled["party_office"]
    submission, tampered = submission_of(data, mapping, catalogue), Tampered(data)
    key = next(k for k in submission.formulas if (k.row, k.column) == ("party_office_01", "score"))
    address = submission.layout.address(key)
    stale = tampered.with_cell(INDICATORS, address, f"<f>{tampered.formula(INDICATORS, address)}</f><v>3</v>")
    (findings,) = look([stale], mapping, catalogue)
    assert [f.code for f in findings] == ["stale-value"]  # the formula is right: it was not recalculated
    batch = submission_of(stale, mapping, catalogue)
    other = {title: dict(cells) for title, cells in batch.contents.items()}
    other[INDICATORS][address] = "=2+2"  # as if an engine computed otherwise
    judged, found = reconcile(Batch((replace(batch, contents=other),)), mapping, catalogue)
    assert [(f.code, f.place.cell, f.found) for f in found] == [("score-mismatch", address, "3")]
    assert "4" in found[0].message
    assert judged.verdicts["party_office"][key].verdict is Verdict.MISMATCH


def test_what_was_understood_otherwise_than_excel_sees_it_is_no_mismatch(small_office: Office) -> None:
    """`９８．５` scores in Python and shows nothing in Excel: the note says so, and nothing else does."""
    small_office.put("party_office", INDICATORS, "party_office_01", "actual", "９８．５")
    assert small_office.codes() == ["number-understood"]


def test_every_formula_cell_has_a_verdict(office: Office) -> None:
    """The sample agrees everywhere."""
    verdicts = office.result().batch.verdicts
    assert {cell.verdict for cells in verdicts.values() for cell in cells.values()} == {Verdict.AGREES}
    assert {unit: len(cells) > 250 for unit, cells in verdicts.items()} == dict.fromkeys(verdicts, True)


def test_the_score_is_pythons_whatever_stands_in_the_cell(small_office: Office) -> None:
    """An overwritten formula changes no result, only the self score beside it."""
    before = small_office.result().units["party_office"]
    small_office.put("party_office", INDICATORS, "party_office_01", "score", 99)
    after = small_office.result().units["party_office"]
    assert after.total == before.total
    assert after.indicators[0].self_score == Decimal("99.00")


@pytest.mark.office
def test_libreoffice_decides_where_ironcalc_and_python_differ(
    filled: dict[str, bytes],
    mapping: Mapping,
    catalogue: Catalogue,
    soffice: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stale score is stale, not wrong, even if one engine could not compute its formula."""
    data, unit = filled["party_office"], "party_office"
    submission, tampered = submission_of(data, mapping, catalogue), Tampered(data)
    key = next(k for k in submission.formulas if (k.row, k.column) == ("party_office_01", "score"))
    address = submission.layout.address(key)
    stale = tampered.with_cell(INDICATORS, address, f"<f>{tampered.formula(INDICATORS, address)}</f><v>3</v>")
    batch = Batch((submission_of(stale, mapping, catalogue),))

    def other(_: Contents) -> Sheets:
        return {INDICATORS: {address: 4.0}}

    monkeypatch.setattr("jixiao_xl.stages.reconcile.ironcalc_values", other)
    alone, _ = reconcile(batch, mapping, catalogue)
    assert alone.verdicts[unit][key].verdict is Verdict.MISMATCH
    together, found = reconcile(batch, mapping, catalogue, libreoffice_opinion(soffice))
    assert together.verdicts[unit][key].verdict is Verdict.STALE
    assert [finding.code for finding in found] == ["stale-value"]
