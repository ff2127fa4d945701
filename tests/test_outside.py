"""An outside program (外部程序): it knows DESIGN.md alone, fills through the keys with openpyxl, and can trust the scores."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from build_samples import keyed_cells

from jixiao_xl import cli
from tests.office import Content, sheet_of, write


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command line as a program: exit code, stdout, stderr."""
    command = [sys.executable, "-m", "jixiao_xl", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False)


def run_here(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The same within this process, without a new interpreter's imports: where another test has run the program."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv
    sys.argv = ["jixiao-xl", *arguments]
    try:
        with chdir(cwd), redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as done:
            cli.main()
    finally:
        sys.argv = before
    return subprocess.CompletedProcess(arguments, int(done.value.code or 0), out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """init, issue, fill: every number invented here."""
    folder = tmp_path_factory.mktemp("外部")
    assert run_here("init", "某区", "--department", "某街道办事处", "--year", "2026", cwd=folder).returncode == 0
    assert run_here("issue", "某区", cwd=folder).returncode == 0
    for path in sorted((folder / "某区" / "发出").glob("*.xlsx")):
        (folder / "某区" / "收到" / path.name).write_bytes(filled(path.read_bytes()))
    return folder / "某区"


def filled(data: bytes) -> bytes:
    """Every input that DESIGN.md names, by its keys; each indicator a little below its target."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    finance, indicators, evidence = (sheet_of(book, name) for name in ("收支表", "指标评分表", "佐证材料"))
    money = keyed_cells(finance)
    if ("fiscal_general", "actual") in money:
        rows = {
            "fiscal_general": 9_000_000.25,
            "personnel": 7_000_000,
            "public_funds": 1_200_000.25,
            "project_expenditure": 800_000,
        }
        for row, amount in rows.items():
            for column in ("budget_initial", "budget_adjusted", "actual", "prior"):
                write(finance, *money[row, column], amount)
    else:
        project: dict[str, str | float] = {
            "project_code": f"X{sheet_of(book, '_meta')['B3'].value}",
            "project_name": "某项目",
            "share": 100,
            "budget_initial": 100_000,
            "budget_adjusted": 100_000,
            "actual": 100_000,
            "prior": 100_000,
        }
        for number in range(1, 6):
            for column, content in project.items():
                write(finance, *money[f"projects:{number:02d}", column], content if number == 1 else None)
        for column, value in {
            "object": "居民",
            "method": "问卷调查",
            "issued": 200,
            "returned": 190,
            "satisfied": 180,
        }.items():
            write(evidence, *keyed_cells(evidence)["surveys:01", column], value)
    cells = keyed_cells(indicators)
    for row in {row for row, column in cells if column == "actual" and not row.startswith(("subtotal", "total"))}:
        for column, value in answer(indicators, cells, row).items():
            write(indicators, *cells[row, column], value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def answer(page: Any, cells: dict[tuple[str, str], tuple[int, int]], row: str) -> dict[str, Content]:
    """What the section reports for one indicator."""
    nature = page.cell(*cells[row, "nature"]).value
    target = page.cell(*cells[row, "target"]).value
    common: dict[str, Content] = {"reason": "略有差距，已安排改进", "evidence": "1"}
    match nature:
        case "定性":
            return {**common, "band": "达成", "band_ratio": 93.5}
        case "≥":
            return {**common, "actual": target * 0.965}
        case "≤":
            return {**common, "actual": target + 3}
        case "日期":
            return {**common, "actual": target + timedelta(days=4)}
        case _:
            return {**common, "actual": 94}


def by_hand(page: Any, cells: dict[tuple[str, str], tuple[int, int]], row: str) -> Decimal | None:
    """The score of a ≥ 比例 or 定性 row, on paper; None for the other rules."""
    points = Decimal(str(page.cell(*cells[row, "points"]).value))
    if page.cell(*cells[row, "nature"]).value == "定性":
        score = points * Decimal("0.935")
    elif (page.cell(*cells[row, "nature"]).value, page.cell(*cells[row, "method"]).value) == ("≥", "比例"):
        score = points * Decimal("0.965")
    elif (page.cell(*cells[row, "nature"]).value, page.cell(*cells[row, "method"]).value) == ("≤", "比例"):
        target = Decimal(str(page.cell(*cells[row, "target"]).value))
        score = points * target / (target + 3)
    else:
        return None
    return score.quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.fixture(scope="module")
def document(workspace: Path) -> dict[str, Any]:
    """What `consolidate --json` prints, and nothing else on stdout."""
    done = run("consolidate", str(workspace), "--json", "--as-of", "2027-04-01", cwd=workspace.parent)
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout) | {"exit": done.returncode}


def test_the_scores_are_those_computed_by_hand(workspace: Path, document: dict[str, Any]) -> None:
    """Every section whose rules are of the plain kinds, added up on paper."""
    compared = 0
    for path in (workspace / "收到").glob("*.xlsx"):
        book = openpyxl.load_workbook(path)
        page = sheet_of(book, "指标评分表")
        cells = keyed_cells(page)
        rows = {row for row, column in cells if column == "points" and not row.startswith(("subtotal", "total"))}
        scores = [by_hand(page, cells, row) for row in rows]
        org = next(org for org in document["orgs"] if org["code"] == sheet_of(book, "_meta")["B3"].value)
        known = [score for score in scores if score is not None]
        if org["level"] == "科室" and len(known) == len(scores):
            assert Decimal(org["score"]) == sum(known)
            compared += 1
    assert compared >= 4


def test_nothing_is_found_but_that_openpyxl_stored_no_values(document: dict[str, Any]) -> None:
    """One `not-calculated` note a file, and nothing worse."""
    findings = [finding for finding in document["findings"] if finding["code"] != "not-calculated"]
    assert [(f["code"], f["unit"], f["sheet"], f["cell"], f["message"]) for f in findings] == []
    notes = [finding["file"] for finding in document["findings"]]
    assert len(notes) == len(set(notes)) == 9
    assert document["exit"] == 0


def test_the_figures_are_exact_and_have_their_cells(document: dict[str, Any]) -> None:
    """元 exact, 万元 rounded once, and where each comes from."""
    fact = document["facts"]["total_expenditure"]
    assert (fact["value"], fact["shown"], fact["measure_unit"]) == ("9000000.25", "900.00", "元")
    assert [source["sheet"] for source in fact["sources"]] == ["收支表"]
    assert document["root"] == "street_office"
    assert document["year"] == 2026
    assert document["outputs"]["summary"] == "结果/汇总表.xlsx"


def test_what_is_planted_is_found_and_nothing_else(workspace: Path, tmp_path: Path) -> None:
    """A text for a number in one workbook: that unit goes back, the others stand, the department waits."""
    inputs = tmp_path / "收到"
    inputs.mkdir()
    for path in (workspace / "收到").glob("*.xlsx"):
        (inputs / path.name).write_bytes(path.read_bytes())
    victim = inputs / "党政办公室.xlsx"
    book = openpyxl.load_workbook(victim)
    page = sheet_of(book, "指标评分表")
    row, column = keyed_cells(page)["party_office_01", "actual"]
    write(page, row, column, "约96%")
    book.save(victim)
    done = run_here(
        "consolidate", str(workspace), "--inputs", str(inputs), "--out", str(tmp_path / "结果"), "--json", cwd=tmp_path
    )
    document = json.loads(done.stdout)
    planted = [finding for finding in document["findings"] if finding["code"] != "not-calculated"]
    assert [(f["code"], f["severity"], f["unit"], f["cell"], f["found"]) for f in planted] == [
        ("not-a-number", "must_fix", "party_office", page.cell(row, column).coordinate, "约96%")
    ]
    assert (done.returncode, document["score"], document["grade"]) == (1, None, None)
    assert {org["code"]: org["status"] for org in document["orgs"]}["party_office"] == "to_fix"
