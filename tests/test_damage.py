"""Damaged workbooks (损坏的工作簿): whatever is deleted, moved or overwritten, the run ends with findings, never a crash."""

from __future__ import annotations

import random

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl.model.findings import Severity
from jixiao_xl.stages.report import report
from jixiao_xl.stages.summarise import summarise
from jixiao_xl.stages.write_back import write_back
from tests.office import Edit, Office, write

SHEETS = {
    "street_office": [
        "封面",
        "部门情况",
        "自评组织",
        "收支表",
        "指标评分表",
        "目标与问题",
        "佐证材料",
        "自查",
        "校验结果",
    ],
    "party_office": ["封面", "收支表", "指标评分表", "目标与问题", "佐证材料", "自查", "校验结果"],
}
CASES = [(unit, sheet) for unit, sheets in SHEETS.items() for sheet in sheets]


def ends_well(office: Office) -> list[str]:
    """The codes of a whole run, summary and report included."""
    mapping = office.mapping
    result = office.result(partial=True)
    assert summarise(result, mapping)[1]
    assert report(result, mapping)[1]
    returned = [data for _, _, data in write_back(office.files, result.batch, result.findings, mapping)]
    assert None not in returned
    assert len(returned) == len(result.batch.submissions)
    assert all(finding.message and "{" not in finding.message for finding in result.findings)
    return [finding.code for finding in result.findings if finding.severity is Severity.MUST_FIX]


def remove(page: Worksheet) -> None:
    book = page.parent
    assert book is not None
    book.remove(page)


def delete_keys(page: Worksheet) -> None:
    page.delete_cols(1)


def delete_some(page: Worksheet) -> None:
    seed = random.Random(page.title)
    for _ in range(6):
        page.delete_rows(seed.randrange(1, max(2, page.max_row)))
    page.delete_cols(seed.randrange(2, max(3, page.max_column)))


def overwrite_some(page: Worksheet) -> None:
    seed = random.Random(page.title)
    for row in page.iter_rows():
        for cell in row:
            if seed.random() < 0.15 and cell.coordinate not in page.merged_cells and cell.row and cell.column:
                write(
                    page,
                    cell.row,
                    cell.column,
                    seed.choice(("#REF!", "约5", -1, 1e300, "=1/0", " ", "columns:x", None)),
                )


@pytest.mark.parametrize(("unit", "sheet"), CASES, ids=[f"{u}-{s}" for u, s in CASES])
def test_a_removed_sheet_is_named_and_nothing_crashes(small_office: Office, unit: str, sheet: str) -> None:
    """Sections delete what they think is not theirs."""
    small_office.edit(unit, sheet, remove)
    assert "sheet-missing" in ends_well(small_office)


@pytest.mark.parametrize("change", [delete_keys, delete_some, overwrite_some])
@pytest.mark.parametrize("unit", list(SHEETS))
def test_a_workbook_damaged_all_over_ends_in_findings(small_office: Office, unit: str, change: Edit) -> None:
    """Every sheet at once; the other workbook is processed all the same."""
    for sheet in SHEETS[unit]:
        small_office.edit(unit, sheet, change)
    assert ends_well(small_office)
