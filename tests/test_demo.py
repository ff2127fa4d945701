"""The sample (示例): every published figure, the same bytes twice, and LibreOffice finds the same values."""

from __future__ import annotations

import json
from pathlib import Path

import docx
import openpyxl
import pytest
from build_samples import build
from docx.oxml.ns import qn
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl.files.recalc import workbook_values
from jixiao_xl.model.documents import ConsolidateDocument
from jixiao_xl.model.results import Result
from tests.office import Office
from tests.tampering import with_inserted_rows
from tests.test_outside import run, run_here

SHOWN = {
    "fiscal_income": "1733.73",
    "prior_total_income": "1841.01",
    "income_change": "107.28",
    "income_change_rate": "5.83",
    "basic_expenditure": "1607.83",
    "project_expenditure": "125.90",
    "prior_total_expenditure": "1858.29",
    "prior_basic_expenditure": "1617.01",
    "prior_project_expenditure": "241.28",
    "expenditure_change": "124.55",
    "staff_total": "59",
    "staff_admin": "23",
    "staff_institution_full": "29",
    "staff_institution_partial": "2",
    "staff_institution_self": "5",
    "section_count": "8",
    "section_indicator_count": "44",
    "score": "96.00",
    "grade": "优秀",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ConsolidateDocument]:
    """`jixiao-xl demo D --json` in a folder of its own."""
    folder = tmp_path_factory.mktemp("demo") / "我的 示例"
    done = run("demo", str(folder), "--json", cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    return folder, ConsolidateDocument.model_validate_json(done.stdout)


def test_every_published_figure_follows_from_the_cells(demo: tuple[Path, ConsolidateDocument]) -> None:
    """DESIGN 13, computed in 元 and rounded once."""
    document = demo[1]
    assert {fact: document.facts[fact].shown for fact in SHOWN} == SHOWN
    assert (document.score, document.grade, document.grade_shown) == ("96.00", "优", "优秀")
    assert [org.status for org in document.orgs] == ["accepted"] * 9
    assert document.facts["income_change"].value == "-1072760.00"


def test_every_figure_names_cells_that_hold_it(demo: tuple[Path, ConsolidateDocument]) -> None:
    """Two clicks from a figure to its cell: the file, the sheet and the cell exist."""
    folder, document = demo
    values = {path.name: workbook_values(path.read_bytes()) for path in (folder / "收到").iterdir()}
    for fact in document.facts.values():
        assert fact.sources
        for source in fact.sources:
            assert source.cell in values[Path(source.file).name][source.sheet] or source.sheet == "收支表"


def test_the_report_says_the_same(demo: tuple[Path, ConsolidateDocument]) -> None:
    """Prose and tables from one source cannot disagree."""
    document = docx.Document(str(demo[0] / "结果" / "自评报告.docx"))
    text = "".join(node.text or "" for node in document.element.iter(qn("w:t")))
    for fact, shown in SHOWN.items():
        assert shown in text, fact


def test_a_second_run_gives_the_same_bytes(demo: tuple[Path, ConsolidateDocument]) -> None:
    """No clock, no random order: what differs between two runs differs in the inputs."""
    folder, _ = demo
    before = {path.name: path.read_bytes() for path in (folder / "结果").rglob("*.*")}
    done = run("demo", str(folder), cwd=folder.parent)
    assert done.returncode == 0
    assert {path.name: path.read_bytes() for path in (folder / "结果").rglob("*.*")} == before
    assert set(before) > {"汇总表.xlsx", "自评报告.docx", "附表.xlsx", "运行记录.json"}
    assert len(before) == 4 + 9  # the annotated workbooks


def test_the_record_names_every_input(demo: tuple[Path, ConsolidateDocument]) -> None:
    """Whoever has the record can prove which files gave the result."""
    record = json.loads((demo[0] / "结果" / "运行记录.json").read_bytes())
    assert len(record["inputs"]) == 9
    assert len(record["mappings"]) >= 10
    assert "96.00" in (demo[0] / "日志" / "运行.log").read_text(encoding="utf-8")


def test_another_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    """Exit code 2, one sentence, nothing written."""
    (tmp_path / "照片.txt").write_text("x")
    done = run_here("demo", str(tmp_path), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert [path.name for path in tmp_path.iterdir()] == ["照片.txt"]


@pytest.mark.office
def test_libreoffice_recalculates_the_nine_workbooks_to_the_stored_values(
    filled: dict[str, bytes], filled_recalculated: dict[str, bytes]
) -> None:
    """Filled as Excel would save them: every stored value is what a spreadsheet program computes."""
    assert len(filled_recalculated) == 9
    for unit, data in filled.items():
        after = workbook_values(filled_recalculated[unit])
        for sheet, cells in workbook_values(data).items():
            for address, value in cells.items():
                found = after[sheet].get(address)
                close = isinstance(value, float) and isinstance(found, float) and abs(value - found) < 1e-9
                assert close or value == found or {value, found} <= {"", None}, (sheet, address, value, found)


def test_the_committed_sample_is_what_its_script_makes(filled: dict[str, bytes]) -> None:
    """The script is the example of an outside program: it must run."""
    made = build()
    assert sorted(made.values()) == sorted(filled.values())


# -- a workbook that a person has rearranged -------------------------------------------------------------------


def _same_figures(office: Office, before: Result) -> None:
    """Cells are found by their keys, never by their addresses."""
    after = office.result()
    assert {f: (v.value, v.shown) for f, v in after.facts.items()} == {
        f: (v.value, v.shown) for f, v in before.facts.items()
    }
    assert [f.code for f in after.findings if f.code != "not-calculated"] == []


@pytest.mark.parametrize("sheet", ["收支表", "指标评分表"])
def test_no_figure_changes_when_a_column_is_hidden(small_office: Office, sheet: str) -> None:
    """A section makes room on its screen."""

    def hide(page: Worksheet) -> None:
        page.column_dimensions["C"].hidden = True

    before = small_office.result()
    for unit in ("street_office", "party_office"):
        small_office.edit(unit, sheet, hide)
    _same_figures(small_office, before)


@pytest.mark.office
def test_no_figure_changes_when_rows_are_inserted_and_tables_move_down(small_office: Office, uno_python: str) -> None:
    """On every sheet, by a program that moves the formulas along."""
    before, files = small_office.result(), small_office.files
    files.update(zip(files, with_inserted_rows(uno_python, list(files.values())), strict=True))
    _same_figures(small_office, before)


def test_openpyxl_reads_what_we_issue(issued: dict[str, bytes], tmp_path: Path) -> None:
    """Other programs open our workbooks: locks, lists and the very hidden sheet are there."""
    path = tmp_path / "x.xlsx"
    path.write_bytes(issued["party_office"])
    book = openpyxl.load_workbook(path)
    assert book["_meta"].sheet_state == "veryHidden"
    assert book.security is not None
    assert book.security.lockStructure
    assert all(page.protection.sheet for page in book)
    assert book["佐证材料"].data_validations.dataValidation
