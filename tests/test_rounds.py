"""Rounds (往来): returned, corrected, explained, decided, corrected again, until the unit is accepted; nothing forgotten."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl import pipeline, verbs
from jixiao_xl.files.ledger import open_ledger
from jixiao_xl.model.documents import FindingDocument
from jixiao_xl.pipeline import Outcome
from tests import small_office
from tests.office import sheet_of, write
from tests.small_office import Typed, typed

UNIT, NAME = "party_office", "党政办公室"
INDICATORS, CHECK, FINANCE = "指标评分表", "自查", "收支表"
ROW = "party_office_02"
DAY = date(2026, 4, 20)


@pytest.fixture
def workspace(tmp_path: Path, filled: dict[str, bytes]) -> Path:
    """The sample's office as a workspace."""
    verbs.init(tmp_path / "街道", department="革新街道办事处", year=2025)
    for unit, data in filled.items():
        (tmp_path / "街道" / "收到" / f"{unit}.xlsx").write_bytes(data)
    return tmp_path / "街道"


@pytest.fixture
def small_workspace(tmp_path: Path, filled: dict[str, bytes]) -> Path:
    """The department with one section and no other."""
    folder = small_office.small_workspace(tmp_path / "街道", filled)
    for unit, name in small_office.UNITS.items():
        (folder / "收到" / f"{name}.xlsx").rename(folder / "收到" / f"{unit}.xlsx")
    return folder


def run(workspace: Path, day: date = DAY) -> Outcome:
    return pipeline.consolidate(workspace, as_of=day, progress=lambda _: None)


def hand_in(workspace: Path, name: str, contents: Typed, *, onto: str | None = None) -> None:
    """The section corrects the workbook that went back (or another file) and sends it again."""
    source = workspace / (onto or f"结果/退回/{NAME}.xlsx")
    (workspace / "收到" / name).write_bytes(typed(source.read_bytes(), contents))


def findings(outcome: Outcome) -> dict[str, FindingDocument]:
    """The unit's findings by code, but for how the file was saved and what came before it."""
    return {
        f.code: f
        for f in outcome.document.findings
        if f.unit == UNIT and f.code not in ("not-calculated", "superseded")
    }


def status(outcome: Outcome) -> str:
    return next(org.status for org in outcome.document.orgs if org.code == UNIT)


def header_of(page: Worksheet, title: str) -> tuple[int, dict[str, int]]:
    """The row of the header that holds a title, and the column of every title in it."""
    header = next(row for row in page.iter_rows() if any(cell.value == title for cell in row))
    return header[0].row or 0, {str(cell.value): cell.column for cell in header if cell.value and cell.column}


def decide(workspace: Path, finding: str, decision: str, reason: str) -> None:
    """The officer answers the newest line of a finding in 审核处理.xlsx."""
    path = workspace / "审核处理.xlsx"
    book = openpyxl.load_workbook(path)
    page = sheet_of(book, "处理")
    _, columns = header_of(page, "编号")
    rows = [row for row in range(1, page.max_row + 1) if page.cell(row, columns["编号"]).value == finding]
    write(page, rows[-1], columns["处理"], decision)
    write(page, rows[-1], columns["理由"], reason)
    write(page, rows[-1], columns["处理人"], "王某")
    book.save(path)


def test_three_rounds_end_in_accepted_with_their_history(small_workspace: Path) -> None:
    """A text for a number, then a gap that is explained, then a decision against and one for it."""
    slips: Typed = {(INDICATORS, ROW, "actual"): "约96%", (INDICATORS, ROW, "evidence"): None}
    hand_in(small_workspace, f"{UNIT}.xlsx", slips, onto=f"收到/{UNIT}.xlsx")
    first = run(small_workspace, date(2026, 4, 20))
    assert (status(first), set(findings(first))) == ("to_fix", {"not-a-number", "evidence-missing"})
    assert first.document.score is None

    answer: Typed = {(INDICATORS, ROW, "actual"): 96, (CHECK, f"check:EV1:{ROW}", "explanation"): "材料存档案室"}
    hand_in(small_workspace, "更正.xlsx", answer)
    second = run(small_workspace, date(2026, 4, 22))
    (open_one,) = findings(second).values()
    assert (status(second), open_one.status, open_one.explanation) == ("to_explain", "explained", "材料存档案室")

    decide(small_workspace, open_one.id, "不采纳", "请写明档案编号")
    again = run(small_workspace, date(2026, 4, 22))
    assert (status(again), findings(again)["evidence-missing"].status) == ("to_explain", "rejected")

    hand_in(small_workspace, "再更正.xlsx", {(CHECK, f"check:EV1:{ROW}", "explanation"): "档案编号 2025-17"})
    third = run(small_workspace, date(2026, 4, 25))
    assert findings(third)["evidence-missing"].status == "explained"  # another explanation: to be decided anew
    decide(small_workspace, open_one.id, "采纳", "已核对档案")
    last = run(small_workspace, date(2026, 4, 25))
    assert (status(last), findings(last)["evidence-missing"].status) == ("accepted", "accepted")
    assert last.document.score is not None

    with open_ledger(small_workspace) as ledger:
        rounds = [r for r in ledger.rounds() if r.unit == UNIT]
    assert [(r.version, r.status, r.entered_on.day) for r in rounds] == [
        (1, "to_fix", 20),
        (2, "to_explain", 22),
        (3, "accepted", 25),
    ]
    assert {f.code for f in last.document.findings if f.unit == UNIT} >= {"superseded"}
    shown = sheet_of(openpyxl.load_workbook(small_workspace / "结果" / "汇总表.xlsx"), "往来记录")
    texts = [str(cell.value) for row in shown.iter_rows() for cell in row if cell.value is not None]
    assert sum(text.endswith("更正.xlsx") for text in texts) >= 2
    assert "已核对档案" in texts


def test_an_accepted_explanation_falls_when_its_cell_changes(small_workspace: Path) -> None:
    """It was accepted for what stood there then."""
    hand_in(small_workspace, f"{UNIT}.xlsx", {(INDICATORS, ROW, "evidence"): None}, onto=f"收到/{UNIT}.xlsx")
    (one,) = findings(run(small_workspace)).values()
    decide(small_workspace, one.id, "采纳", "电话核实")
    assert status(run(small_workspace)) == "accepted"
    assert status(run(small_workspace)) == "accepted"  # and it stays so
    hand_in(small_workspace, "又一版.xlsx", {(INDICATORS, ROW, "actual"): 90, (INDICATORS, ROW, "reason"): "有差距"})
    fallen = run(small_workspace)
    assert (status(fallen), findings(fallen)["evidence-missing"].status) == ("to_explain", "open")


def test_a_decision_stands_in_the_record_and_the_same_run_gives_the_same_bytes(small_workspace: Path) -> None:
    """What was decided, by which words; a second run changes nothing, 审核处理.xlsx included."""
    hand_in(small_workspace, f"{UNIT}.xlsx", {(INDICATORS, ROW, "evidence"): None}, onto=f"收到/{UNIT}.xlsx")
    (one,) = findings(run(small_workspace)).values()
    decide(small_workspace, one.id, "采纳", "电话核实")

    def everything() -> dict[str, bytes]:
        run(small_workspace)
        files = [
            path for path in small_workspace.rglob("*.*") if "日志" not in path.parts and ".jixiao" not in path.parts
        ]
        return {str(path.relative_to(small_workspace)): path.read_bytes() for path in files if path.is_file()}

    first, second = everything(), everything()
    assert [name for name in first if first[name] != second.get(name)] == []
    record = json.loads(first["结果/运行记录.json"])
    assert [(d["finding"], d["status"], d["reason"]) for d in record["decisions"]] == [(one.id, "accepted", "电话核实")]


def test_a_figure_corrected_by_telephone_counts_and_names_its_source(small_workspace: Path) -> None:
    """收到/ stays as it came; the figure comes from the line that says so, until the section sends another."""
    slip: Typed = {(INDICATORS, ROW, "actual"): "约96%"}
    hand_in(small_workspace, f"{UNIT}.xlsx", slip, onto=f"收到/{UNIT}.xlsx")
    before = (small_workspace / "收到" / f"{UNIT}.xlsx").read_bytes()
    first = run(small_workspace)
    cell = findings(first)["not-a-number"].cell
    path = small_workspace / "审核处理.xlsx"
    book = openpyxl.load_workbook(path)
    page = sheet_of(book, "电话更正")
    header, columns = header_of(page, "更正为")
    number = header + 1
    line = {
        "单位": NAME,
        "工作表": INDICATORS,
        "单元格": cell,
        "原值": "约96%",
        "更正为": 96,
        "理由": "笔误",
        "提供人": "李某",
    }
    for title, content in line.items():
        write(page, number, columns[title], content)
    book.save(path)
    corrected = run(small_workspace)
    assert (status(corrected), findings(corrected)) == ("accepted", {})
    assert (small_workspace / "收到" / f"{UNIT}.xlsx").read_bytes() == before
    record = json.loads((small_workspace / "结果" / "运行记录.json").read_bytes())
    assert [(c["cell"], c["old"], c["new"], c["informant"]) for c in record["corrections"]] == [
        (cell, "约96%", "96", "李某")
    ]
    with open_ledger(small_workspace) as ledger:
        assert ["李某" in event.text for event in ledger.events()] == [True]
    hand_in(small_workspace, "更正.xlsx", {(INDICATORS, ROW, "actual"): "约97%"})
    later = run(small_workspace)
    assert set(findings(later)) == {"not-a-number"}  # the workbook says something else now: the correction falls


def test_two_new_files_of_one_unit_are_refused_and_a_newer_one_supersedes(small_workspace: Path) -> None:
    """The ledger orders versions; of two that came together nobody but the officer knows which is meant."""
    run(small_workspace)
    for name, value in (("甲.xlsx", 95), ("乙.xlsx", 94)):
        hand_in(small_workspace, name, {(INDICATORS, ROW, "actual"): value, (INDICATORS, ROW, "reason"): "有差距"})
    both = run(small_workspace)
    assert {f.file for f in both.document.findings if f.code == "duplicate-submission"} == {
        "收到/甲.xlsx",
        "收到/乙.xlsx",
    }
    (small_workspace / "收到" / "乙.xlsx").unlink()
    one = run(small_workspace)
    assert [f.file for f in one.document.findings if f.code == "superseded"] == [f"收到/{UNIT}.xlsx"]
    assert next(org.file for org in one.document.orgs if org.code == UNIT) == "收到/甲.xlsx"


def test_a_refused_file_is_forgotten_once_a_good_one_has_come_after_it(small_workspace: Path) -> None:
    """Last year's workbook first, the right one later."""
    good = (small_workspace / "收到" / f"{UNIT}.xlsx").read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(good))
    sheet_of(book, "_meta")["B4"] = "2024"
    book.save(small_workspace / "收到" / f"{UNIT}.xlsx")
    assert status(run(small_workspace)) == "refused"
    (small_workspace / "收到" / "重发.xlsx").write_bytes(good)
    after = run(small_workspace)
    assert status(after) == "accepted"
    assert {f.code for f in after.document.findings if f.unit == UNIT} == {"superseded"}


def test_the_reviewer_s_scores_stand_beside_the_others(workspace: Path) -> None:
    """复核得分 of one indicator; the others count as we scored them, in the unit's and in the department's total."""
    first = run(workspace)
    path = workspace / "审核处理.xlsx"
    book = openpyxl.load_workbook(path)
    page = sheet_of(book, "复核")
    header, columns = header_of(page, "复核得分")
    rows = range(header + 1, page.max_row + 1)
    number = next(row for row in rows if page.cell(row, columns["单位"]).value == NAME)
    computed = page.cell(number, columns["核算得分"]).value
    assert isinstance(computed, int | float)
    write(page, number, columns["复核得分"], computed - 2)
    book.save(path)
    outcome = run(workspace)
    before, after = ({org.code: org for org in o.document.orgs} for o in (first, outcome))
    assert Decimal(after[UNIT].review_score or 0) == Decimal(before[UNIT].score or 0) - 2
    assert after[UNIT].score == before[UNIT].score
    assert after["veterans_station"].review_score is None
    assert Decimal(after["street_office"].review_score or 0) < Decimal(after["street_office"].score or 0)
