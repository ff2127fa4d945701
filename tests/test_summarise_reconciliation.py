"""对账: every scored cell of every workbook once, with what it shows, what it should, and how that came about."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import cast

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl.files.cells import read_workbook
from jixiao_xl.files.ooxml import parts
from jixiao_xl.files.recalc import Scalar
from jixiao_xl.model.batch import Submission
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.results import Result
from jixiao_xl.model.verdicts import Raw, Reconciled, Verdict
from jixiao_xl.stages.summarise import summarise
from tests.office import Office
from tests.test_summarise import EVIL, assert_stored_is_recalculated, book, rows_of

UNIT, NAME = "party_office", "党政办公室"
FIRST, SECOND, FOURTH = (f"party_office_0{number}" for number in (1, 2, 4))
Verdicts = dict[str, dict[CellKey, Reconciled]]
RED, AMBER = "FFFFC7CE", "FFFFEB9C"
LOOKS = {
    Verdict.AGREES: ("一致", None),
    Verdict.ERROR: ("显示错误值", RED),
    Verdict.OVERWRITTEN: ("公式被数值覆盖", RED),
    Verdict.PASTED: ("公式粘贴为数值，数相同", AMBER),
    Verdict.CHANGED: ("公式被改动", RED),
    Verdict.NOT_CALCULATED: ("没有存储结果", AMBER),
    Verdict.STALE: ("存储值未更新", AMBER),
    Verdict.MISMATCH: ("与核算不一致", RED),
    Verdict.FOLLOWS: ("随引用的格子而变", AMBER),
}


def agreeing(result: Result) -> Verdicts:
    """A verdict for every formula cell of the office: all agree."""
    return {
        submission.unit: {
            key: Reconciled(key, cell.stored, submission.workings.value(key), None, Verdict.AGREES)
            for key, cell in submission.formulas.items()
        }
        for submission in result.batch.submissions
    }


def judged(result: Result, *cells: Reconciled, unit: str = UNIT) -> Result:
    """The result where all cells agree but these."""
    verdicts = agreeing(result)
    verdicts[unit] |= {cell.key: cell for cell in cells}
    return replace(result, batch=result.batch.with_verdicts(verdicts))


def cell(
    row: str,
    verdict: Verdict,
    shown: Raw,
    due: str,
    again: Raw = None,
    *,
    sheet: str = "indicators",
    column: str = "score",
) -> Reconciled:
    return Reconciled(CellKey(sheet, row, column), shown, Decimal(due), again, verdict)


def scored_keys(submission: Submission) -> list[CellKey]:
    return [key for key in submission.form.cells if (key.sheet, key.column) == ("indicators", "score")]


def rows(result: Result, mapping: Mapping) -> list[dict[str, Scalar]]:
    return rows_of(summarise(result, mapping)[1], "对账", "计算过程")


# -- every cell ----------------------------------------------------------------------------------------------------


def test_every_scored_cell_of_every_workbook_has_one_row(mapping: Mapping, office: Office) -> None:
    """What is not listed is not reconciled; what is listed twice is added twice."""
    result = judged(office.result())
    due = Counter(
        (mapping.unit_by_code[submission.unit].name, f"指标评分表!{submission.layout.address(key)}")
        for submission in result.batch.submissions
        for key in scored_keys(submission)
    )
    found = rows(result, mapping)

    assert Counter((row["单位"], row["单元格"]) for row in found) == due
    assert len(due) == 60 + 9 + 26  # indicators of the seed, totals, subtotals
    assert {row["结论"] for row in found} == {"一致"}


def test_a_row_shows_the_three_scores_and_the_difference(small_office: Office) -> None:
    """The third decimal counts: 14.804 is not 14.80."""
    result = judged(small_office.result(), cell(FOURTH, Verdict.MISMATCH, 14.804, "14.75", 14.8))
    row = next(
        row for row in rows(result, small_office.mapping) if row["指标名称"] == "人员覆盖率" and row["单位"] == NAME
    )

    columns = ("一级指标", "分值", "自评得分", "核算得分", "重算得分", "差异", "结论")
    assert [row[name] for name in columns] == ["效益", 15, 14.804, 14.75, 14.8, 0.054, "与核算不一致"]
    assert row["计算过程"] == "98.31÷100×15＝14.7465≈14.75"


def test_every_working_ends_with_the_computed_score(mapping: Mapping, office: Office) -> None:
    """Indicators, subtotals and totals alike."""
    for row in rows(judged(office.result()), mapping):
        last = re.search(r"([\d.]+)( 分)?$", str(row["计算过程"]))
        assert last, row
        assert float(last[1]) == row["核算得分"]


def test_a_blank_indicator_has_no_score_and_says_why(small_office: Office) -> None:
    """The subtotal names the gap: it is less than the block's full marks for that reason."""
    small_office.put(UNIT, "指标评分表", FIRST, "actual", None)
    found = {
        row["指标名称"]: row for row in rows(judged(small_office.result()), small_office.mapping) if row["单位"] == NAME
    }

    assert (found["完成率"]["核算得分"], found["完成率"]["计算过程"]) == (None, "实际完成值为空，没有得分")
    assert found["产出小计"]["计算过程"] == "有 1 项没有得分，未计入：19.40＋20.00＝39.40"


# -- verdicts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_its_word_and_its_colour(verdict: Verdict, small_office: Office) -> None:
    """Red is to be fixed, amber is to be known."""
    data = summarise(judged(small_office.result(), cell(FIRST, verdict, 19.0, "19.70")), small_office.mapping)[1]
    page = cast(Worksheet, book(data)["对账"])
    line = next(line for line in page.iter_rows() if (line[0].value, line[2].value) == (NAME, "完成率"))
    shown = line[8]

    word, fill = LOOKS[verdict]
    assert shown.value == word
    assert shown.fill.fgColor.rgb == (fill or "00000000")


def test_other_formula_cells_stand_below_their_unit_where_they_do_not_agree(small_office: Office) -> None:
    """Totals, changes and checks are reconciled too; what agrees would only hide what does not."""
    plain = small_office.result()
    changes = [
        cell("total_income", Verdict.CHANGED, 17337340.0, "17337340.00", 17337340.0, sheet="finance", column="actual"),
        cell("total_income", Verdict.OVERWRITTEN, -0.05, "-0.0583", -0.0583, sheet="finance", column="change_rate"),
        Reconciled(CellKey("self_check", "check:E01", "state"), "×", "√", "√", Verdict.STALE),
    ]
    found = rows(judged(plain, *changes, unit="street_office"), small_office.mapping)
    extra = [row for row in found if row["一级指标"] in ("收支表", "自查")]

    assert len(found) == len(rows(judged(plain), small_office.mapping)) + 3
    columns = ("指标名称", "自评得分", "核算得分", "重算得分", "差异", "结论")
    assert [tuple(row[name] for name in columns) for row in extra] == [
        ("本年收入合计 · 决算数", 17337340, 17337340, 17337340, 0, "公式被改动"),
        ("本年收入合计 · 增减率", -0.05, -0.0583, -0.0583, 0.0083, "公式被数值覆盖"),
        (extra[2]["指标名称"], "×", "√", "√", None, "存储值未更新"),
    ]
    assert [row["单元格"] for row in extra] == ["收支表!E13", "收支表!H13", "自查!C4"]
    assert {row["单位"] for row in extra} == {small_office.mapping.root.name}
    assert found.index(extra[0]) == 1 + max(
        number
        for number, row in enumerate(found)
        if row["单位"] == small_office.mapping.root.name and row["指标名称"] == "合计"
    )


def test_a_workbook_that_was_never_calculated_fills_one_row_not_hundreds(small_office: Office) -> None:
    """A program that fills the form leaves every formula without a value: each score says so, the rest in one row."""
    plain = small_office.result()
    idle = [replace(one, shown=None, verdict=Verdict.NOT_CALCULATED) for one in agreeing(plain)[UNIT].values()]
    found = [row for row in rows(judged(plain, *idle), small_office.mapping) if row["单位"] == NAME]
    scored = len(scored_keys(next(s for s in plain.batch.submissions if s.unit == UNIT)))

    assert {row["结论"] for row in found} == {"没有存储结果"}
    assert len(found) == scored + 1
    assert found[-1]["指标名称"] == f"其他 {len(idle) - scored} 个公式格"


def test_without_verdicts_the_scores_stand_all_the_same(small_office: Office) -> None:
    """A run that did not reconcile shows what it knows."""
    plain = small_office.result()
    found = rows(replace(plain, batch=plain.batch.with_verdicts({})), small_office.mapping)

    assert {row["结论"] for row in found} == {"—"}
    assert [row["核算得分"] for row in found] == [row["核算得分"] for row in rows(judged(plain), small_office.mapping)]


def test_a_unit_without_a_workbook_and_a_cell_that_is_gone_are_named(mapping: Mapping, office: Office) -> None:
    """Nothing is left out in silence."""
    plain = office.result()
    first, *others = [s for s in plain.batch.submissions if s.unit != "veterans_station"]
    layout, missing = first.layout, scored_keys(first)[0]
    tables = {at: table for at, table in layout.row_tables.items() if at != (missing.sheet, missing.row)}
    formulas = {key: cell for key, cell in first.formulas.items() if key.row != missing.row}
    cut = replace(first, layout=replace(layout, row_tables=tables), formulas=formulas)
    result = judged(replace(plain, batch=replace(plain.batch, submissions=(cut, *others))), unit=first.unit)
    found = rows(result, mapping)

    assert next(row for row in found if row["单位"] == "退役军人服务站")["一级指标"] == "没有可以对账的填报表（通过）"
    gone = [row for row in found if row["结论"] == "填报表缺这一格"]
    assert [(row["单位"], row["自评得分"], row["单元格"]) for row in gone] == [
        (mapping.unit_by_code[first.unit].name, None, "—")
    ]


# -- formulas, text, links -----------------------------------------------------------------------------------------


@pytest.mark.office
def test_libreoffice_computes_every_difference(soffice: str, small_office: Office) -> None:
    """Numbers, texts, errors and blanks side by side; F9 moves nothing."""
    plain = small_office.result()
    odd = judged(
        plain,
        cell(FIRST, Verdict.ERROR, "#DIV/0!", "19.70"),
        cell(SECOND, Verdict.OVERWRITTEN, None, "19.40"),
        cell(FOURTH, Verdict.MISMATCH, 14.804, "14.75", 14.8),
        cell("total", Verdict.FOLLOWS, 0.1 + 0.2, "98.10", True),
    )
    bare = replace(plain, batch=plain.batch.with_verdicts({}))
    assert_stored_is_recalculated(soffice, *(summarise(result, small_office.mapping)[1] for result in (odd, bare)))


def test_what_stands_in_a_score_cell_stays_text(small_office: Office) -> None:
    """A text typed over a formula must not run on the officer's machine."""
    data = summarise(
        judged(small_office.result(), cell(FIRST, Verdict.OVERWRITTEN, EVIL, "19.70", EVIL)), small_office.mapping
    )[1]
    cells = next(sheet for sheet in read_workbook(data).sheets if sheet.name == "对账").cells
    assert len([one for one in cells if one.value == EVIL]) == 2
    assert not [one for one in cells if one.formula and one.value == EVIL]


def test_every_row_links_to_its_cell(mapping: Mapping, office: Office) -> None:
    """Two clicks from a score to where it was typed."""
    data = summarise(judged(office.result()), mapping)[1]
    sheet = book(data).sheetnames.index("对账") + 1
    links = parts(data)[f"xl/worksheets/_rels/sheet{sheet}.xml.rels"].decode().replace("\\", "/")
    page = cast(Worksheet, book(data)["对账"])
    linked = [line[10] for line in page.iter_rows(min_row=5) if line[10].hyperlink]

    assert len(linked) == 60 + 9 + 26
    assert all(f'Target="../{submission.file}"' in links for submission in office.result().batch.submissions)
