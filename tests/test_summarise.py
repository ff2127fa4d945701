"""The summary workbook (汇总表): live totals that agree with what is stored, nothing left out, text that stays text."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping as Values
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import cast

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl.files.cells import read_workbook
from jixiao_xl.files.ooxml import parts
from jixiao_xl.files.recalc import Scalar, libreoffice_values, workbook_values
from jixiao_xl.model.batch import Batch
from jixiao_xl.model.findings import Finding, Severity, Status, in_order
from jixiao_xl.model.history import Round
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.places import Place, Source
from jixiao_xl.model.results import (
    BlockPart,
    BlockScore,
    BlockStep,
    DepartmentScore,
    FactValue,
    Org,
    ProjectScore,
    Result,
    ScoredIndicator,
    UnitScore,
    UnitStatus,
)
from jixiao_xl.model.review import Correction, CorrectionState
from jixiao_xl.model.scoring import block_total, grade_of
from jixiao_xl.stages.summarise import summarise
from tests.office import Office

ROOT, FIRST, SECOND = "street_office", "party_office", "party_building_office"
OWN = ("投入", "过程")
EVIL = "=1+1"  # a name that a section typed, and that a careless writer turns into a formula
Scores = Values[str, Sequence[tuple[str, str | None]]]  # (points, score) by block
SHEETS = ["总览", "部门评分", "科室", "部门", "项目", "对账", "问题清单", "事实索引", "往来记录"]
FACTS = f"sheet{SHEETS.index('事实索引') + 1}.xml"


# -- a small result ----------------------------------------------------------------------------------------------


def unit_score(unit: str, scores: Scores, name: str = "完成率") -> UnitScore:
    """A unit's scores from (points, score) by block; the section itself claims full marks."""
    indicators: list[ScoredIndicator] = []
    blocks: list[BlockScore] = []
    for block, rows in scores.items():
        of_block = [
            ScoredIndicator(
                unit=unit,
                key=f"{unit}_{len(indicators) + number:02d}",
                block=block,
                name=name,
                points=Decimal(points),
                score=Decimal(score) if score is not None else None,
                self_score=Decimal(points),
                source=Source(f"收到/{unit}.xlsx", "指标评分表", f"M{len(indicators) + number + 3}"),
            )
            for number, (points, score) in enumerate(rows, start=1)
        ]
        indicators.extend(of_block)
        blocks.append(
            BlockScore(block, sum((i.points for i in of_block), Decimal(0)), total_of([i.score for i in of_block]))
        )
    points = sum((block.points for block in blocks), Decimal(0))
    return UnitScore(unit, tuple(indicators), tuple(blocks), points, total_of([i.score for i in indicators]), points)


def total_of(scores: list[Decimal | None]) -> Decimal | None:
    known = [score for score in scores if score is not None]
    return sum(known, Decimal(0)) if len(known) == len(scores) else None


def department_score(units: dict[str, UnitScore], mapping: Mapping) -> DepartmentScore:
    """The department's score over these units, all of equal weight but the second."""
    steps: list[BlockStep] = []
    for block, points in mapping.scoring.profiles.department.blocks.items():
        parts_of = tuple(
            BlockPart(unit, found.score, found.points, Decimal(2 if unit == SECOND else 1))
            for unit, scored in units.items()
            for found in scored.blocks
            if found.block == block and found.score is not None
        )
        steps.append(BlockStep(block, points, block in OWN, parts_of, block_total(points, parts_of)))
    total = total_of([step.score for step in steps])
    if total is None:
        return DepartmentScore(tuple(steps), None, None, None, (SECOND,))
    grade = grade_of(mapping.scoring, total)
    return DepartmentScore(tuple(steps), total, grade, mapping.scoring.grades.grade_shown[grade])


def org(mapping: Mapping, unit: str, scored: UnitScore | None, counts: tuple[int, int, int] = (0, 0, 0)) -> Org:
    total = scored.total if scored else None
    return Org(
        code=unit,
        name=mapping.unit_by_code[unit].name,
        level=mapping.level(unit),
        parent=mapping.unit_by_code[unit].parent,
        file=f"收到/{unit}.xlsx" if scored else None,
        status=UnitStatus.ACCEPTED if scored else UnitStatus.MISSING,
        late=scored is None,
        self_score=scored.self_total if scored else None,
        score=total,
        review_score=None,
        grade=grade_of(mapping.scoring, total) if total is not None else None,
        must_fix=counts[0],
        explain=counts[1],
        note=counts[2],
    )


def finding(row: int, severity: Severity, unit: str = FIRST) -> Finding:
    place = Place(f"收到/{unit}.xlsx", unit, "指标评分表", row, "M", EVIL, "得分")
    return Finding("score-mismatch", severity, place, f"第{row}行得分不对。")


def small_result(mapping: Mapping) -> Result:
    units = {
        ROOT: unit_score(ROOT, {"投入": [("10", "9.52")], "过程": [("20", "19.1"), ("10", "9.75")]}),
        FIRST: unit_score(
            FIRST, {"产出": [("20", "19.70"), ("40", "39.4")], "效益": [("30", "29")], "满意度": [("10", "10")]}, EVIL
        ),
        SECOND: unit_score(SECOND, {"产出": [("60", "58.05")], "效益": [("40", "37.9")]}),
    }
    findings = (
        replace(finding(5, Severity.MUST_FIX), found="9.50", expected="9.00", difference="0.50"),
        replace(finding(4, Severity.EXPLAIN), found=EVIL),
        replace(finding(6, Severity.NOTE), status=Status.EXPLAINED, explanation=EVIL, decision=EVIL),
        finding(1, Severity.MUST_FIX, unit=""),
    )
    department = department_score(units, mapping)
    sources = tuple(Source("收到/street_office.xlsx", "收支表", cell) for cell in ("E5", "E6"))
    odd = Source("收到/第1次 100%#回传.xlsx", "O'表", "B2")
    facts = (
        FactValue("total_income", "本年收入合计", "元", Decimal("17337340.00"), "1733.73", sources),
        FactValue("prior_total_income", "上年收入合计", "元", Decimal("18410100.05"), "1841.01", sources[:1]),
        FactValue("execution_rate", "预算执行率", "%", Decimal("0.986937600000001"), "98.69", (odd,)),
        FactValue("staff_total", "在职人员", "人", Decimal(59), "59", sources[:1]),
        FactValue("prior_total_expenditure", "上年支出合计", "元", None, None, ()),
        FactValue("score", "部门得分", "分", department.total, str(department.total), sources),
        FactValue("grade", "评价等级", "", department.grade, department.grade_shown, sources),
    )
    blocks = tuple(
        BlockScore(b, Decimal(p), Decimal(s)) for b, p, s in (("预算执行", 10, "7.72"), ("产出", 90, "88.1"))
    )
    unscored = (BlockScore("预算执行", Decimal(10), None), blocks[1])
    projects = (
        ProjectScore(FIRST, "2025-001", EVIL, Decimal("160000"), Decimal("123456.78"), blocks, Decimal("95.82"), odd),
        ProjectScore(SECOND, "2025-002", "低执行", Decimal("100"), Decimal("10"), blocks, Decimal("60"), odd),
        ProjectScore(SECOND, "2025-003", "没有预算", None, Decimal("5"), unscored, None, odd),
    )
    orgs = (
        org(mapping, ROOT, units[ROOT]),
        org(mapping, FIRST, units[FIRST], (1, 1, 1)),
        org(mapping, SECOND, units[SECOND]),
    )
    return Result(Batch(), orgs, units, projects, department, {fact.id: fact for fact in facts}, findings)


def book(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def rows_of(data: bytes, sheet: str, header: str) -> list[dict[str, Scalar]]:
    """The rows of a sheet below the row that has this header, by header."""
    page = cast(Worksheet, openpyxl.load_workbook(io.BytesIO(data), data_only=True)[sheet])
    rows = [[cast(Scalar, cell) for cell in row] for row in page.iter_rows(values_only=True)]
    at = next(number for number, row in enumerate(rows) if header in row)
    return [dict(zip(map(str, rows[at]), row, strict=True)) for row in rows[at + 1 :]]


def assert_stored_is_recalculated(soffice: str, *books: bytes) -> None:
    """Every stored value is what LibreOffice computes from the formula beside it."""
    for data, after in zip(books, libreoffice_values(soffice, books), strict=True):
        for sheet, cells in workbook_values(data).items():
            for address, value in cells.items():
                found = after[sheet].get(address)
                close = isinstance(value, float) and isinstance(found, float) and abs(value - found) < 1e-9
                assert close or value == found or {value, found} <= {"", None}, (sheet, address, value, found)


# -- formulas ----------------------------------------------------------------------------------------------------


@pytest.mark.office
def test_libreoffice_computes_every_stored_value(soffice: str, mapping: Mapping, office: Office) -> None:
    """A reviewer who presses F9 must see nothing move: in the sample, in a small office, with units missing."""
    whole = small_result(mapping)
    units = {FIRST: unit_score(FIRST, {"产出": [("60", "58"), ("40", None)]}), ROOT: whole.units[ROOT]}
    orgs = (org(mapping, ROOT, units[ROOT]), org(mapping, FIRST, units[FIRST]), org(mapping, SECOND, None))
    gaps = replace(whole, units=units, orgs=orgs, department=department_score(units, mapping), facts={}, projects=())

    assert_stored_is_recalculated(soffice, *(summarise(r, mapping)[1] for r in (whole, gaps, office.result())))


@pytest.mark.office
def test_rounding_of_generated_scores_agrees_with_libreoffice(soffice: str, mapping: Mapping) -> None:
    """四舍五入 at the edge: live formulas on doubles, our Decimals, one result; 240 blocks, many at a half."""
    dice = Random(2025)
    names = [f"指标{number}" for number in range(240)]
    units: dict[str, UnitScore] = {}
    for unit in (FIRST, SECOND):
        marks = [(Decimal(dice.choice((10, 20, 30, 60, 7))), Decimal(dice.randrange(0, 1001)) / 1000) for _ in names]
        scores = [str((points * share).quantize(Decimal("0.01"))) for points, share in marks]
        blocks = {name: [(str(points), score)] for name, (points, _), score in zip(names, marks, scores, strict=True)}
        units[unit] = unit_score(unit, blocks)
    steps: list[BlockStep] = []
    for number, name in enumerate(names):
        points, weight = Decimal(dice.choice((5, 10, 20, 30))), Decimal(dice.choice(("1", "2", "0.5")))
        pair = [scored.blocks[number] for scored in units.values()]
        weights = (Decimal(1), weight)
        members = tuple(
            BlockPart(unit, block.score or Decimal(0), block.points, share)
            for unit, block, share in zip(units, pair, weights, strict=True)
        )
        steps.append(BlockStep(name, points, False, members, block_total(points, members)))
    total = total_of([step.score for step in steps])
    department = DepartmentScore(tuple(steps), total, "优", "优秀")
    orgs = tuple(org(mapping, unit, scored) for unit, scored in units.items())
    result = Result(Batch(), orgs, units, (), department, {})

    assert_stored_is_recalculated(soffice, summarise(result, mapping)[1])


def test_scores_run_from_indicator_to_overview_as_formulas(mapping: Mapping) -> None:
    """A changed indicator must move its subtotal, the block, the department's score and the overview."""
    data = summarise(small_result(mapping), mapping)[1]
    formulas = {
        f"'{sheet.name}'!{cell.address}": cell.formula for sheet in read_workbook(data).sheets for cell in sheet.cells
    }

    def upstream(address: str) -> set[str]:
        """Every cell that a cell's formula rests on."""
        formula = formulas.get(address)
        if not formula:
            return {address}
        home = address.split("!", maxsplit=1)[0]
        found: set[str] = set()
        for sheet, first, last in re.findall(r"('[^']+'!)?\$?([A-Z]+\$?\d+)(?::([A-Z]+\d+))?", formula):
            column, top = re.fullmatch(r"([A-Z]+)(\d+)", first).groups()  # pyright: ignore[reportOptionalMemberAccess]
            bottom = int(re.sub(r"\D", "", last)) if last else int(top)
            for row in range(int(top), bottom + 1):
                found |= upstream(f"{sheet.rstrip('!') or home}!{column}{row}")
        return found

    page = cast(Worksheet, book(data)["总览"])
    score = next(cell for row in page.iter_rows() for cell in row if str(cell.value).startswith("='部门评分'!"))
    scored = sum(len(unit.indicators) for unit in small_result(mapping).units.values())
    leaves = upstream(f"'总览'!{score.coordinate}")
    assert sum(leaf.startswith(("'科室'!G", "'部门'!G")) for leaf in leaves) == scored


def test_totals_are_formulas_with_the_values_that_scoring_found(mapping: Mapping) -> None:
    """Any viewer shows the numbers, without recalculating."""
    result = small_result(mapping)
    data = summarise(result, mapping)[1]
    sums = {row["指标名称"]: row for row in rows_of(data, "科室", "指标名称") if row["单位"] == "党政办公室"}

    assert (sums["产出小计"]["核算得分"], sums["产出小计"]["差异"]) == (59.1, 0.9)
    assert (sums["合计（通过）"]["核算得分"], sums["合计（通过）"]["失分"]) == (98.1, 1.9)
    steps = {row["一级指标"]: row for row in rows_of(data, "部门评分", "一级指标")}
    assert steps["合计"]["部门得分"] == float(result.department.total or 0)
    assert [steps[step.block]["部门得分"] for step in result.department.steps] == [
        float(step.score or 0) for step in result.department.steps
    ]


def test_a_project_that_a_cap_has_lowered_shows_the_cap(mapping: Mapping) -> None:
    """Low execution caps the total: the blocks alone would give more."""
    projects = rows_of(summarise(small_result(mapping), mapping)[1], "项目", "项目编码")
    assert [row["总分"] for row in projects[:3]] == [95.82, 60, None]
    assert projects[3]["执行数（元）"] == 123471.78


# -- nothing is left out -----------------------------------------------------------------------------------------


def test_the_sheets_stand_in_the_order_of_reading(mapping: Mapping) -> None:
    """Reviewers are told sheet names; the overview has charts that refer to its cells."""
    name, data = summarise(small_result(mapping), mapping)
    charts = [text for part, text in parts(data).items() if part.startswith("xl/charts/chart")]

    assert (name, book(data).sheetnames) == ("汇总表.xlsx", SHEETS)
    assert len(charts) == 3
    assert all(b"<c:f>'\xe6\x80\xbb\xe8\xa7\x88'!$" in chart for chart in charts)


def test_every_finding_is_listed_in_order_with_its_words(mapping: Mapping) -> None:
    """What is not in the list is not worked off."""
    result = small_result(mapping)
    rows = rows_of(summarise(result, mapping)[1], "问题清单", "问题代码")

    assert [row["说明"] for row in rows] == [f.message for f in in_order(list(result.findings))]
    assert [row["程度"] for row in rows] == ["须改", "须说明", "须改", "提示"]
    assert [(row["现值"], row["应有值"], row["相差"]) for row in rows][2] == ("9.50", "9.00", 0.5)
    assert [row["处理"] for row in rows] == ["待处理", "待处理", "待处理", "已说明"]
    assert [row["处理理由"] for row in rows] == [None, None, None, EVIL]


def test_findings_without_a_unit_are_counted_too(mapping: Mapping) -> None:
    """The overview's counts and the list must have one total."""
    result = small_result(mapping)
    units = {row["单位"]: row for row in rows_of(summarise(result, mapping)[1], "总览", "自评得分")}
    assert units["认不出单位的文件"]["须改"] == 1
    assert [units["部门整体"][key] for key in ("须改", "须说明", "提示")] == [2, 1, 1]


def test_every_source_of_every_fact_is_listed_and_linked(mapping: Mapping) -> None:
    """Two clicks from a figure to its cell, whatever the file is called."""
    result = small_result(mapping)
    data = summarise(result, mapping)[1]
    rows = rows_of(data, "事实索引", "事实代码")
    listed = {(row["事实代码"], row["文件"], row["工作表"], row["单元格"]) for row in rows}

    for fact in result.facts.values():
        assert {(fact.id, s.file, s.sheet, s.cell) for s in fact.sources} <= listed
    assert {row["事实代码"]: row["值"] for row in rows}["prior_total_income"] == 18410100.05
    links = parts(data)[f"xl/worksheets/_rels/{FACTS}.rels"].decode().replace("\\", "/")
    assert 'Target="../收到/street_office.xlsx"' in links
    assert 'Target="../收到/第1次%20100%25%23回传.xlsx"' in links
    assert "'O''表'!B2" in parts(data)[f"xl/worksheets/{FACTS}"].decode()


def test_a_file_outside_the_workspace_is_named_without_a_link(mapping: Mapping) -> None:
    """A link to a place of one machine is broken on every other."""
    result = small_result(mapping)
    fact = replace(result.facts["staff_total"], sources=(Source("/mnt/a.xlsx", "收支表", "B2"),))
    data = summarise(replace(result, facts={fact.id: fact}), mapping)[1]
    assert rows_of(data, "事实索引", "事实代码")[0]["文件"] == "/mnt/a.xlsx"
    assert f"xl/worksheets/_rels/{FACTS}.rels" not in parts(data)


def test_a_department_without_a_score_says_whom_it_waits_for(mapping: Mapping) -> None:
    """No number is better than a wrong one, and the officer must see whom to call."""
    whole = small_result(mapping)
    waiting = DepartmentScore(whole.department.steps, None, None, None, (SECOND,))
    orgs = (*whole.orgs[:2], org(mapping, SECOND, None))
    shown = workbook_values(summarise(replace(whole, department=waiting, orgs=orgs), mapping)[1])["总览"]

    assert "暂不能得出部门得分，等待以下单位：党建工作办公室。" in shown.values()
    assert "逾期" in shown.values()
    assert float(whole.department.total or 0) not in shown.values()


def test_example_weights_and_their_documents_are_named(mapping: Mapping) -> None:
    """A bureau must not take our example for its rule."""
    shown = "\n".join(
        str(v) for v in workbook_values(summarise(small_result(mapping), mapping)[1])["部门评分"].values()
    )
    assert "下列权重为示例" in shown
    for profile in (mapping.scoring.profiles.department, mapping.scoring.profiles.section, mapping.scoring.grades):
        assert profile.source in shown


# -- what passed between the office and its units ----------------------------------------------------------------


def entered(unit: str, version: int, status: str | None = "to_fix") -> Round:
    file = f"收到/{unit}（{version}）.xlsx"
    returned = f"结果/退回/{unit}.xlsx" if status else None
    return Round(unit, version, file, "0" * 64, date(2026, 4, 17 + version), status, 3, 2, 1, returned)


def correction(unit: str, row: int, new: str = "95.5") -> Correction:
    source = Source("审核处理.xlsx", "电话更正", f"F{row}")
    return Correction(unit, "指标评分表", f"H{row}", "96", new, "按最终调查结果", "李四", row, source)


def lines_of(data: bytes, sheet: str = "往来记录") -> list[list[Scalar]]:
    """What stands in each row of a sheet, without its empty cells."""
    page = cast(Worksheet, openpyxl.load_workbook(io.BytesIO(data), data_only=True)[sheet])
    rows = [[cast(Scalar, cell) for cell in row if cell not in (None, "")] for row in page.iter_rows(values_only=True)]
    return [row for row in rows if row]


def test_rounds_stand_in_the_order_of_units_and_versions(mapping: Mapping) -> None:
    """“你们第二次交的是哪一份?” is answered without opening the folder; a version that no run has seen has no counts."""
    history = [entered(SECOND, 1, None), entered(FIRST, 2, "accepted"), entered(ROOT, 1), entered(FIRST, 1)]
    lines = lines_of(summarise(small_result(mapping), mapping, history)[1])
    start = next(number for number, line in enumerate(lines) if "第几次" in line)

    root, first, second = (mapping.unit_by_code[unit].name for unit in (ROOT, FIRST, SECOND))
    fixed = ["须退回改正", 3, 2, 1]
    assert lines[start + 1 : start + 5] == [
        [root, 1, f"收到/{ROOT}（1）.xlsx", "2026-04-18", *fixed, f"结果/退回/{ROOT}.xlsx"],
        [first, 1, f"收到/{FIRST}（1）.xlsx", "2026-04-18", *fixed, f"结果/退回/{FIRST}.xlsx"],
        [first, 2, f"收到/{FIRST}（2）.xlsx", "2026-04-19", "通过", 3, 2, 1, f"结果/退回/{FIRST}.xlsx"],
        [second, 1, f"收到/{SECOND}（1）.xlsx", "2026-04-18", "—", "—", "—", "—", "—"],
    ]


def test_every_decision_stands_with_its_reason(mapping: Mapping) -> None:
    """A reviewer asks why an explanation was accepted; open findings are not decisions."""
    decided = (
        finding(4, Severity.EXPLAIN).decided(Status.ACCEPTED, "已与科室核实"),
        finding(5, Severity.EXPLAIN, SECOND).decided(Status.REJECTED, EVIL),
        finding(3, Severity.EXPLAIN, ROOT).decided(Status.ACCEPTED, "有批复"),
        finding(6, Severity.EXPLAIN),
    )
    data = summarise(replace(small_result(mapping), findings=decided), mapping)[1]
    lines = lines_of(data)
    start = next(number for number, line in enumerate(lines) if line == ["单位", "处理", "位置", "说明", "理由"])

    root, first, second = (mapping.unit_by_code[unit].name for unit in (ROOT, FIRST, SECOND))
    assert lines[start + 1 : start + 4] == [
        [root, "已认可", f"指标评分表 M3 {EVIL} 得分", "第3行得分不对。", "有批复"],
        [first, "已认可", f"指标评分表 M4 {EVIL} 得分", "第4行得分不对。", "已与科室核实"],
        [second, "不认可", f"指标评分表 M5 {EVIL} 得分", "第5行得分不对。", EVIL],
    ]
    assert len(lines) == start + 4 + 2  # then the heading of the corrections, and that there are none


def test_every_correction_says_whether_it_was_used(mapping: Mapping) -> None:
    """A correction that no longer applies must not be forgotten, nor one of a unit that the mapping lost."""
    result = small_result(mapping)
    states = {3: CorrectionState.APPLIED, 4: CorrectionState.OUTDATED, 5: CorrectionState.NO_INPUT}
    result = replace(result, batch=replace(result.batch, corrected=states))
    corrections = [
        correction("closed_office", 6, EVIL),
        correction(FIRST, 4),
        correction(ROOT, 5),
        correction(FIRST, 3),
    ]
    lines = lines_of(summarise(result, mapping, (), corrections)[1])

    root, first = (mapping.unit_by_code[unit].name for unit in (ROOT, FIRST))
    assert [[line[0], line[1], line[4], line[-1]] for line in lines[-4:]] == [
        [root, "H5", "95.5", "未采用：不是填报格"],
        [first, "H3", "95.5", "已采用"],
        [first, "H4", "95.5", "未采用：填报表的原值已变"],
        ["closed_office", "H6", EVIL, "—"],
    ]
    assert set(CorrectionState) == {
        state for state in CorrectionState if f"summary_correction_{state}" in mapping.texts
    }


def test_an_office_without_any_history_says_so(mapping: Mapping) -> None:
    """An empty sheet would look like a fault."""
    lines = lines_of(summarise(small_result(mapping), mapping)[1])
    assert [line for line in lines if len(line) == 1 and str(line[0]).startswith("没有")] == [
        ["没有登记收到的填报表。"],
        ["没有处理决定。"],
        ["没有电话更正。"],
    ]


def test_what_was_typed_into_the_review_stays_text(mapping: Mapping) -> None:
    """A reason or a new figure that begins like a formula must not run."""
    decided = (finding(5, Severity.EXPLAIN).decided(Status.REJECTED, EVIL),)
    rows = [replace(correction(FIRST, 3, EVIL), old=EVIL, reason=EVIL, informant=EVIL, sheet=EVIL)]
    data = summarise(replace(small_result(mapping), findings=decided), mapping, (), rows)[1]
    cells = next(sheet for sheet in read_workbook(data).sheets if sheet.name == "往来记录").cells
    assert len([cell for cell in cells if cell.value == EVIL]) == 1 + 5
    assert not [cell for cell in cells if cell.formula]


# -- text and bytes ----------------------------------------------------------------------------------------------


def test_text_that_begins_like_a_formula_stays_text(mapping: Mapping) -> None:
    """A name from a section's workbook must never run on the officer's machine."""
    data = summarise(small_result(mapping), mapping)[1]
    found = [cell for sheet in read_workbook(data).sheets for cell in sheet.cells if cell.value == EVIL]

    assert len(found) == 4 + 4 + 1 + 1 + 1 + 1  # indicators, row labels, found, explanation, decision, project
    assert not [cell for cell in found if cell.formula]


def test_the_same_result_gives_the_same_bytes(mapping: Mapping) -> None:
    """Two runs over the same inputs are compared by hash."""
    assert summarise(small_result(mapping), mapping) == summarise(small_result(mapping), mapping)


def test_long_lists_filter_freeze_and_repeat_their_header(mapping: Mapping) -> None:
    """A hundred findings are worked off by filtering, and printed with a header on each page."""
    written = book(summarise(small_result(mapping), mapping)[1])
    for name in SHEETS[2:]:
        page = cast(Worksheet, written[name])
        assert page.freeze_panes
        assert page.print_title_rows
        assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight, page.page_setup.paperSize) == (None, 0, 9)
    assert cast(Worksheet, written["问题清单"]).auto_filter.ref == "A2:O6"
    assert cast(Worksheet, written["事实索引"]).auto_filter.ref.startswith("A3:I")
