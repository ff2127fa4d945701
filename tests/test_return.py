"""Return (退回): which workbooks go back, and a damaged one in clean form, as the officer types it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest
from build_samples import keyed_cells

from jixiao_xl import verbs
from jixiao_xl.workspace import open_workspace
from tests.office import sheet_of, write
from tests.test_outside import run, run_here

INDICATORS = "指标评分表"
NAME = "党政办公室"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, filled: dict[str, bytes]) -> Path:
    """The sample's office; one section has lost its lists and typed over a score, another has left out a number."""
    folder = tmp_path_factory.mktemp("退回") / "街道"
    verbs.init(folder, department="革新街道办事处", year=2025)
    for unit in ("street_office", "party_office", "veterans_station"):
        book = openpyxl.load_workbook(io.BytesIO(filled[unit]))
        page = sheet_of(book, INDICATORS)
        if unit == "party_office":
            page.data_validations.dataValidation = []
            write(page, *keyed_cells(page)["party_office_01", "score"], 12)
            write(page, *keyed_cells(page)["party_office_02", "actual"], "约97%")
        if unit == "veterans_station":
            write(page, *keyed_cells(page)["veterans_station_01", "actual"], None)
        target = io.BytesIO()
        book.save(target)
        (folder / "收到" / f"{unit}.xlsx").write_bytes(target.getvalue())
    return folder


def test_the_units_that_have_something_to_do_are_named_with_their_workbooks(workspace: Path) -> None:
    """Exit code 1: something must be fixed; every other unit is left in peace."""
    done = run("return", str(workspace), "--as-of", "2026-04-20", cwd=workspace.parent)
    assert done.returncode == 1
    assert "结果/退回/党政办公室.xlsx" in done.stdout
    assert "结果/退回/退役军人服务站.xlsx" in done.stdout
    assert "安全发展办公室" not in done.stdout
    assert (workspace / "结果" / "退回" / "党政办公室.xlsx").is_file()


def test_a_damaged_workbook_comes_back_clean_with_what_was_typed(workspace: Path) -> None:
    """The text that is no number is still there to be mended, the lists are back, the number over the score is listed."""
    done = run_here("return", str(workspace), "--fresh", "--as-of", "2026-04-20", cwd=workspace.parent)
    assert done.returncode == 1
    assert "退役军人服务站" not in done.stdout  # nothing is broken there
    fresh = workspace / "结果" / "退回" / f"{NAME}_新表.xlsx"
    checked = json.loads(run_here("check", str(fresh), "--json", cwd=workspace.parent).stdout)
    assert [f["code"] for f in checked["findings"] if f["unit"] == "party_office"] == ["not-a-number"]
    book = openpyxl.load_workbook(fresh)
    assert sheet_of(book, INDICATORS).data_validations.dataValidation
    listed = openpyxl.load_workbook(workspace / "结果" / "退回" / f"{NAME}_未转入清单.xlsx")
    texts = [str(cell.value) for page in listed for row in page.iter_rows() for cell in row]
    assert "12" in texts


def test_one_unit_can_be_asked_for_and_an_unknown_one_is_refused(workspace: Path) -> None:
    """Whether anything is broken or not."""
    done = run_here("return", str(workspace), "--fresh", "--unit", "street_office", cwd=workspace.parent)
    assert (workspace / "结果" / "退回" / "革新街道办事处_新表.xlsx").is_file()
    assert done.returncode == 1
    refused = run_here("return", str(workspace), "--unit", "nobody", cwd=workspace.parent)
    assert (refused.returncode, "party_office" in refused.stderr) == (2, True)


def test_the_received_files_stay_as_they_came(workspace: Path) -> None:
    """收到 is read and never written."""
    before = {path.name: path.read_bytes() for path in (workspace / "收到").iterdir()}
    run_here("return", str(workspace), "--fresh", cwd=workspace.parent)
    assert {path.name: path.read_bytes() for path in (workspace / "收到").iterdir()} == before
    assert open_workspace(workspace).settings.department == "革新街道办事处"
