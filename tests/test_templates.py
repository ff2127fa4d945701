"""Templates (空白模板): what is committed is what the mappings give; it opens and recalculates without an error."""

from __future__ import annotations

import re

import pytest

from jixiao_xl.files.cells import read_workbook
from jixiao_xl.files.recalc import Sheets, workbook_values
from jixiao_xl.model.form_builder import build_form
from jixiao_xl.model.layout import pristine_layout
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.templates import verify
from tests.conftest import REPOSITORY

# what Excel 2010, WPS, LibreOffice and ironcalc share
FUNCTIONS = {
    "IF", "AND", "OR", "NOT", "SUM", "ABS", "ROUND", "ROUNDUP", "MIN", "MAX", "COUNT", "COUNTIF", "LEN", "TRIM",
    "SUBSTITUTE", "SUMPRODUCT", "ISTEXT", "HYPERLINK",
}  # fmt: skip


def test_the_committed_templates_are_what_the_mappings_give() -> None:
    """`templates verify`, part by part."""
    assert list(verify()) == ["部门填报表.xlsx", "科室填报表.xlsx", "自评报告.docx"]


def test_every_formula_is_plain_enough_for_excel_2010_and_wps(issued: dict[str, bytes]) -> None:
    """No function that only one program has, no percent criteria, no formula longer than a cell allows."""
    for data in issued.values():
        for sheet in read_workbook(data).sheets:
            for cell in sheet.cells:
                if cell.formula is not None:
                    outside = re.sub(r'"[^"]*"', '""', cell.formula)
                    assert set(re.findall(r"([A-Z]+)\(", outside)) <= FUNCTIONS, cell
                    assert len(cell.formula) < 8192
                    assert "%" not in cell.formula


@pytest.fixture(scope="module")
def recalculated(issued_recalculated: dict[str, bytes]) -> dict[str, Sheets]:
    """What LibreOffice computes for the nine workbooks, by unit."""
    return {unit: workbook_values(data) for unit, data in issued_recalculated.items()}


@pytest.mark.office
def test_blank_workbooks_recalculate_without_an_error(recalculated: dict[str, Sheets]) -> None:
    """A section opens it before it types anything."""
    for sheets in recalculated.values():
        for name, cells in sheets.items():
            errors = {
                address: value for address, value in cells.items() if isinstance(value, str) and value.startswith("#")
            }
            assert errors == {}, name


@pytest.mark.office
def test_the_states_of_a_blank_workbook_are_the_same_in_libreoffice(
    recalculated: dict[str, Sheets], issued: dict[str, bytes]
) -> None:
    """Stored values beside the formulas are Python's; LibreOffice computes the same."""
    values = recalculated["party_office"]["自查"]
    stored = {
        c.address: c.value for s in read_workbook(issued["party_office"]).sheets if s.name == "自查" for c in s.cells
    }
    assert {a: v for a, v in stored.items() if v in ("√", "×", "—")} == {
        a: v for a, v in values.items() if v in ("√", "×", "—")
    }


def test_rows_and_columns_of_the_contract_stand_where_it_says(mapping: Mapping) -> None:
    """Other people's programs depend on these names (DESIGN 5)."""
    department, section = build_form(mapping, "street_office"), build_form(mapping, "party_office")
    assert [sheet.title for sheet in department.sheets] == [
        "封面", "部门情况", "自评组织", "收支表", "指标评分表", "目标与问题", "佐证材料", "自查", "校验结果",
    ]  # fmt: skip
    assert [sheet.title for sheet in section.sheets] == [
        "封面",
        "收支表",
        "指标评分表",
        "目标与问题",
        "佐证材料",
        "自查",
        "校验结果",
    ]
    for form in (department, section):
        layout = pristine_layout(form)
        assert {layout.key_rows[form.sheet_by_key[s].tables[0].key] for s in ("finance", "indicators")} == {1}
    finance = department.tables["finance"][1]
    assert [c.key for c in finance.columns if not c.key.startswith("check_")] == [
        "label", "budget_initial", "budget_adjusted", "actual", "prior", "change", "change_rate", "execution_rate", "reason", "data_source",
    ]  # fmt: skip
    assert [c.key for c in section.tables["projects"][1].columns if not c.key.startswith("check_")] == [
        "project_code", "project_name", "share", "budget_initial", "budget_adjusted", "actual", "prior", "change", "change_rate", "execution_rate", "reason",
    ]  # fmt: skip


def test_the_repository_holds_no_other_template() -> None:
    """One way to make a template."""
    names = {path.name for path in (REPOSITORY / "workbook_templates").iterdir()}
    assert names == {"部门填报表.xlsx", "科室填报表.xlsx", "自评报告.docx"}
