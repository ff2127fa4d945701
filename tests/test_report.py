"""The report (自评报告): every figure from the facts, every text from a workbook, nothing made up."""

from __future__ import annotations

import io
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Twips
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao_xl.files.word import write_document
from jixiao_xl.files.word_blocks import Cell, Grid, Paragraph, Run, clean, heading
from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.form_builder import build_form
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.layout import pristine_layout
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import half_up, plain, wan
from jixiao_xl.model.places import CellKey, Source
from jixiao_xl.model.report_cleaning import cleaned, document_number, fitted, without_numbering
from jixiao_xl.model.report_figures import source_ranges
from jixiao_xl.model.report_text import filled_item, unknown_places, unknown_words, unnamed_parts
from jixiao_xl.model.results import (
    BlockPart,
    BlockScore,
    BlockStep,
    DepartmentScore,
    FactValue,
    Org,
    Result,
    ScoredIndicator,
    UnitScore,
    UnitStatus,
)
from jixiao_xl.stages.report import report

ROOT, SECTION = "street_office", "party_office"
MOMENT = datetime(2026, 1, 1)
YUAN = {
    "fiscal_income": "17337340",
    "prior_total_income": "18410100",
    "income_change": "-1072760",
    "total_expenditure": "17337340",
    "basic_expenditure": "16078330",
    "project_expenditure": "1259010",
    "prior_total_expenditure": "18582860",
    "prior_basic_expenditure": "16170060",
    "prior_project_expenditure": "2412800",
    "expenditure_change": "-1245520",
}
RATES = {"income_change_rate": "-0.0582702103", "expenditure_change_rate": "-0.0670251940"}
PEOPLE = {
    "staff_total": "59",
    "staff_admin": "23",
    "staff_institution_full": "29",
    "staff_institution_partial": "2",
    "staff_institution_self": "5",
}


# -- a small result, built by hand -----------------------------------------------------------------------------


def money(fact_id: str, yuan: str | None) -> FactValue:
    """An amount as `aggregate` gives it: 元 exact, shown once rounded in 万元 without a sign."""
    value = None if yuan is None else Decimal(yuan)
    shown = None if value is None else plain(wan(abs(value)))
    return FactValue(fact_id, fact_id, "元", value, shown, (Source("收到/街道.xlsx", "收支表", "E5"),))


def rate(fact_id: str, ratio: str | None) -> FactValue:
    value = None if ratio is None else Decimal(ratio)
    shown = None if value is None else plain(half_up(abs(value) * 100, 2))
    return FactValue(fact_id, fact_id, "%", value, shown, ())


def sample_facts() -> dict[str, FactValue]:
    facts = {fact_id: money(fact_id, yuan) for fact_id, yuan in YUAN.items()}
    facts |= {fact_id: rate(fact_id, ratio) for fact_id, ratio in RATES.items()}
    facts |= {fact_id: FactValue(fact_id, fact_id, "人", Decimal(n), n, ()) for fact_id, n in PEOPLE.items()}
    facts["score"] = FactValue("score", "部门得分", "分", Decimal("96.00"), "96.00", ())
    facts["grade"] = FactValue("grade", "评价等级", "", "优", "优秀", ())
    return facts


def submission(mapping: Mapping, unit: str, texts: dict[str, Value]) -> Submission:
    form = build_form(mapping, unit)
    inputs = {CellKey(*key.split(".")): value for key, value in texts.items()}
    return Submission(unit, f"收到/{unit}.xlsx", "0" * 64, form, pristine_layout(form), inputs)


def result(
    mapping: Mapping, *submissions: Submission, facts: dict[str, FactValue] | None = None, score: str | None = "96.00"
) -> Result:
    first = mapping.indicators_of(SECTION)[0]
    lost = ScoredIndicator(
        SECTION, first.key, first.level1, first.level3, first.points, Decimal("19.70"), None, Source("a", "b", "M4")
    )
    block = BlockScore("产出", Decimal(20), Decimal("19.70"))
    unit = UnitScore(SECTION, (lost,), (block,), Decimal(20), Decimal("19.70"), None)
    step = BlockStep(
        "产出", Decimal(30), False, (BlockPart(SECTION, Decimal("19.70"), Decimal(20), Decimal(1)),), Decimal("29.55")
    )
    total = Decimal(score) if score else None
    waiting = () if score else ("party_building_office",)
    grade = ("优", "优秀") if score else (None, None)
    status = UnitStatus.ACCEPTED
    org = Org(SECTION, "党政办公室", "科室", ROOT, None, status, False, None, Decimal("19.70"), None, "差", 0, 0, 0)
    return Result(
        batch=Batch(submissions),
        orgs=(org,),
        units={SECTION: unit},
        projects=(),
        department=DepartmentScore((step,), total, *grade, waiting),
        facts=sample_facts() if facts is None else facts,
    )


def text_of(data: bytes) -> str:
    """All text of a document in order, a line a paragraph, tables included."""
    document = docx.Document(io.BytesIO(data)).element
    lines: list[str] = []
    for paragraph in document.iter(qn("w:p")):
        pieces = [
            ("\n" if node.tag == qn("w:br") else node.text or "") for node in paragraph.iter(qn("w:t"), qn("w:br"))
        ]
        lines.append("".join(pieces))
    return "\n".join(lines)


def tables_of(data: bytes) -> list[list[list[str]]]:
    """The text of every cell, by table and row, figures in controls included."""
    body = docx.Document(io.BytesIO(data)).element
    return [
        [
            ["".join(t.text or "" for t in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))]
            for row in table.iter(qn("w:tr"))
        ]
        for table in body.iter(qn("w:tbl"))
    ]


def written(mapping: Mapping, found: Result) -> str:
    return text_of(report(found, mapping)[1])


def test_every_figure_of_the_published_report_comes_out(mapping: Mapping) -> None:
    """The real report's figures follow from amounts in 元."""
    text = written(mapping, result(mapping))

    assert "2025年财政拨款收入1733.73万元，2024年收入1841.01万元，本年收入较上年减少107.28万元，下降5.83%。" in text
    assert "2025年总支出1733.73万元，其中基本支出1607.83万元，项目支出125.90万元。" in text
    assert "2024年总支出1858.29万元，其中基本支出1617.01万元，项目支出241.28万元。" in text
    assert "本年总支出较上年减少124.55万元，下降6.70%。" in text
    assert "年末在职人员59人" in text
    assert "自评得分96.00分，评价等级为优秀。" in text


def test_a_difference_that_the_printed_figures_do_not_give_is_explained(mapping: Mapping) -> None:
    """1858.29 − 1733.73 is 124.56, and the report says 124.55: a reviewer must find why."""
    text = written(mapping, result(mapping))

    assert "按元计算为124.55万元，显示的数相减为124.56万元，相差0.01万元，属尾差。" in text
    assert text.count("属尾差") == 1


@pytest.mark.parametrize(
    ("amount", "base", "ratio", "expected"),
    [
        ("500000", "1000000", "0.5", "较上年增加50.00万元，增长50.00%"),
        ("-500000", "1000000", "-0.5", "较上年减少50.00万元，下降50.00%"),
        ("0", "1000000", "0", "与上年持平"),
        ("-30", "1000000", "-0.00003", "与上年基本持平"),
        (None, None, None, "缺少本年或上年的数据，不作增减比较"),
        ("500000", "0", None, "较上年增加50.00万元，上年数为零或负数，增减率不可比"),
        ("500000", "-1000000", "-0.5", "较上年增加50.00万元，上年数为零或负数，增减率不可比"),
        ("0", "0", None, "与上年持平"),
    ],
)
def test_a_change_is_worded_by_its_sign_and_its_base(
    mapping: Mapping, amount: str | None, base: str | None, ratio: str | None, expected: str
) -> None:
    """A rate over nothing, or over a negative base, is no rate; the sign is said once, in words."""
    facts = sample_facts() | {
        "income_change": money("income_change", amount),
        "income_change_rate": rate("income_change_rate", ratio),
        "prior_total_income": money("prior_total_income", base),
    }

    assert f"，本年收入{expected}。" in written(mapping, result(mapping, facts=facts))


def test_a_rate_without_a_base_is_not_in_the_table_of_figures_either(mapping: Mapping) -> None:
    """+50 over −100 would print a fall of 50 %."""
    facts = sample_facts() | {
        "income_change": money("income_change", "500000"),
        "income_change_rate": rate("income_change_rate", "-0.5"),
        "prior_total_income": money("prior_total_income", "-1000000"),
    }
    *_, table = tables_of(report(result(mapping, facts=facts), mapping)[1])
    values = {row[0]: row[1] for row in table}

    assert values["收入增减率"] == "不可比"
    assert values["收入增减额"] == "增加50.00"
    assert values["支出增减额"] == "减少124.55"
    assert values["支出增减率"] == "下降6.70%"


def test_a_missing_figure_is_a_dash_and_never_zero(mapping: Mapping) -> None:
    """An office that sent nothing has not spent nothing."""
    text = written(mapping, result(mapping, facts={}, score=None))

    assert "财政拨款收入——万元" in text
    assert "在职人员——人" in text
    assert (
        "自评得分——分，评价等级为——。以下单位的填报表没有收到或尚待改正，暂不能得出得分和等级：党建工作办公室。" in text
    )
    assert "0万元" not in text
    assert "None" not in text


def test_sources_are_condensed_to_ranges_by_sheet() -> None:
    """A score rests on sixty cells; a person can still read where they are, and jump to the first of each."""
    cells = [Source("甲.xlsx", "指标评分表", f"M{row}") for row in (12, 4, 5, 6)]
    found = source_ranges((*cells, Source("乙.xlsx", "封面", "C7")))

    assert {place: [one.text for one in ranges] for place, ranges in found.items()} == {
        ("乙.xlsx", "封面"): ["C7"],
        ("甲.xlsx", "指标评分表"): ["M4:M6", "M12"],
    }
    assert found["甲.xlsx", "指标评分表"][0].first.cell == "M4"


# -- texts of the workbooks ------------------------------------------------------------------------------------


def test_texts_of_both_levels_flow_in_once_and_in_their_order(mapping: Mapping) -> None:
    """What a section wrote appears where it belongs, and is not repeated."""
    own = {
        "department.duties:01.duty": "指导社区建设",
        "department.duties:03.duty": "维护辖区安全",
        "department.basis:01.document": "预算评价办法",
        "department.objectives:01.objective": "办好民生实事",
        "department.objectives:01.result": "民生实事办结二十九件",
        "organisation.purpose.content": "弄清资金去向\n找出薄弱环节",
        "targets.problems:01.problem": "指标偏少",
        "targets.problems:01.measure": "增补可计量指标",
        "targets.problems:01.due": Decimal(46356),
    }
    of_section = {
        "targets.targets:01.target": "日常工作有序",
        "targets.targets:01.result": "督查事项全部办结",
        "indicators.party_office_01.reason": "三项督办结转",
    }
    text = written(
        mapping, result(mapping, submission(mapping, ROOT, {**own}), submission(mapping, SECTION, {**of_section}))
    )

    for value in (*own.values(), *of_section.values()):
        if isinstance(value, str):
            for line in value.splitlines():
                assert text.count(line) == 1, line
    assert "（1）指导社区建设\n（2）维护辖区安全\n" in text
    assert "本次自评依据下列文件和资料：《预算评价办法》。" in text
    assert "\n弄清资金去向\n找出薄弱环节\n" in text
    assert "增补可计量指标（完成时限：2026年11月30日）" in text
    assert "\n完成率\n20\n19.70\n0.30\n三项督办结转\n" in text


def test_a_row_that_the_section_inserted_stands_where_it_was_inserted(mapping: Mapping) -> None:
    """An inserted row is the section's text like any other."""
    root = submission(mapping, ROOT, {"department.duties:01.duty": "甲", "department.duties:02.duty": "丙"})
    rows = dict(root.layout.rows)
    rows["department", "duties:02"] += 1
    rows["department", "duties:row9"] = rows["department", "duties:02"] - 1
    inputs = root.inputs | {CellKey("department", "duties:row9", "duty"): "乙"}
    layout = replace(root.layout, rows=rows)
    root = replace(root, layout=layout, inputs=inputs, added_rows={"duties": ["duties:row9"]})

    assert "（1）甲\n（2）乙\n（3）丙\n" in written(mapping, result(mapping, root))


def test_a_text_that_is_missing_is_said_to_be_missing(mapping: Mapping) -> None:
    """Nothing is made up for a section that has sent nothing."""
    text = written(mapping, result(mapping))

    assert "\n（1）党政办公室\n绩效目标：未填报\n绩效指标：完成率、及时率、" in text
    assert "1.绩效评价的目的\n未填报\n" in text
    assert "本次自评依据" not in text


def test_half_of_a_row_is_shown_with_its_gap(mapping: Mapping) -> None:
    """An objective without a result keeps its number, so that both chapters still match."""
    own: dict[str, Value] = {
        "department.objectives:01.objective": "目标甲",
        "department.objectives:02.objective": "目标乙",
        "department.objectives:02.result": "乙已完成",
    }

    assert "（1）未填报\n（2）乙已完成\n" in written(mapping, result(mapping, submission(mapping, ROOT, own)))


def test_formulas_and_control_characters_in_texts_do_no_harm(mapping: Mapping) -> None:
    """Text from strangers is text: = stays, what XML cannot hold goes, braces are no words of ours."""
    own: dict[str, Value] = {"organisation.purpose.content": '=HYPERLINK("x")\x07&<b>\x0b{score}[1]\ufffe'}

    assert '\n=HYPERLINK("x")&<b>{score}[1]\n' in written(mapping, result(mapping, submission(mapping, ROOT, own)))


def test_report_yaml_names_nothing_that_does_not_exist(mapping: Mapping) -> None:
    """A misspelt column would show 未填报 for ever."""
    assert unknown_words(mapping.report, {fact.id for fact in mapping.facts}) == []
    assert unknown_places(mapping.report, mapping.forms) == []
    assert unnamed_parts(mapping.report) == []


def test_misspelt_words_and_places_are_found(mapping: Mapping) -> None:
    """An officer who edits a sentence is told at once, not by a wrong report."""
    facts = {fact.id for fact in mapping.facts}
    first = mapping.report.parts[0]
    sentence = "{incomes}{score.dir}{score.phrase}{unit_name}{Bad}{year.dir}{grade}"
    wrong = first.model_copy(update={"text": sentence, "from_": "basis", "item": "{documents}"})
    table = first.model_copy(update={"from_": "organisation.aim.content", "table": "agencies", "columns": {"rang": ""}})
    outline = mapping.report.model_copy(update={"parts": [wrong, table], "directions": {"up": "增加", "down": "减少"}})

    assert unknown_words(outline, facts) == [
        "incomes", "score.phrase", "unit_name", "{Bad}", "year.dir", "directions.same",
    ]  # fmt: skip
    assert unknown_places(outline, mapping.forms) == ["basis.documents", "agencies.rang", "organisation.aim.content"]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("　办结了。。 ", "办结了。"),
        ("甲，，乙、、丙；。", "甲，乙、丙。"),
        ("第一段\n\n  第二段\t完", "第一段\n第二段 完"),
        ("等等……——不动", "等等……——不动"),
        ("4125.49,4143.91", "4125.49,4143.91"),
    ],
)
def test_a_text_is_cleaned_of_blanks_and_doubled_signs(typed: str, printed: str) -> None:
    """What a person would tidy without thinking, and nothing else."""
    assert cleaned(typed) == printed


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("1、走访", "走访"), ("2.走访", "走访"), ("3．走访", "走访"), ("（4）走访", "走访"), ("(5)走访", "走访"),
        ("⑥走访", "走访"), ("一、走访", "走访"), ("（二） 走访", "走访"),
        ("1.5万人参加", "1.5万人参加"), ("3、4号楼改造", "3、4号楼改造"), ("2025年办结", "2025年办结"),
        ("一、二级预案", "一、二级预案"), ("①甲；②乙", "①甲；②乙"), ("1.甲。2.乙。", "1.甲。2.乙。"), ("（1）", "（1）"),
    ],
)  # fmt: skip
def test_numbering_that_was_typed_gives_way_to_ours(typed: str, printed: str) -> None:
    """（1）1、… looks careless; a number that means something must stay."""
    assert without_numbering(typed) == printed


@given(st.text(alphabet="甲乙 　\t。，、；：1.（）①二\n", max_size=40))
def test_cleaning_never_changes_a_word_or_a_number(text: str) -> None:
    """Of words and digits none is lost, and cleaning twice is cleaning once."""
    kept = [character for character in text if character in "甲乙1①二（）."]

    assert [character for character in cleaned(text) if character in "甲乙1①二（）."] == kept
    assert cleaned(cleaned(text)) == cleaned(text)


def test_brackets_and_stops_are_not_doubled() -> None:
    """《《条例》》 and 。； come from a template that knows nothing of the text in it."""
    assert fitted("《条例》", "《", "》") == "条例"
    assert fitted("《条例》和《办法》", "《", "》") == "《条例》和《办法》"
    assert fitted("办结。", "", "。") == "办结"
    assert (
        filled_item("《{a}》[（{b}）]；", {"a": "《条例》", "b": "（石发〔2019〕8号）"}, None)
        == "《条例》（石发〔2019〕8号）；"
    )


@pytest.mark.parametrize("typed", ["石发﹝2019﹞8号", "石发[2019]8号", "石发〔2019〕8号", "石发【2019】8号"])
def test_a_document_number_has_its_year_in_the_right_brackets(mapping: Mapping, typed: str) -> None:
    """GB/T 9704; other brackets of a text are none of our business."""
    own: dict[str, Value] = {"department.basis:01.document": "意见[试行]", "department.basis:01.document_no": typed}

    assert "《意见[试行]》（石发〔2019〕8号）" in written(mapping, result(mapping, submission(mapping, ROOT, own)))
    assert document_number("附件[1]") == "附件[1]"


def test_what_several_sections_wrote_is_shown_once_with_all_their_names(mapping: Mapping) -> None:
    """Copied texts fill reports; who stands behind them must still be seen."""
    same: dict[str, Value] = {
        "targets.problems:01.problem": "系统响应慢",
        "targets.problems:01.measure": "申请扩容",
        "targets.targets:01.target": "服务居民",
        "finance.projects:01.project_name": "惠民项目",
        "finance.projects:01.reason": "2.资金到位晚。",
    }
    other = {**same, "targets.problems:02.problem": "人手不足"}
    sections = [submission(mapping, SECTION, same), submission(mapping, "party_building_office", other)]
    text = written(mapping, result(mapping, *sections))

    assert "\n党政办公室、党建工作办公室\n系统响应慢\n申请扩容\n" in text
    assert "\n党建工作办公室\n人手不足\n" in text
    assert "\n（1）党政办公室\n绩效目标：①服务居民\n" in text
    assert "\n（2）党建工作办公室\n绩效目标：与党政办公室相同。\n" in text
    assert text.count("惠民项目：2.资金到位晚。（党政办公室、党建工作办公室）") == 1


def test_rows_of_the_department_that_say_the_same_share_a_line(mapping: Mapping) -> None:
    """One reason typed in three rows is one reason."""
    own: dict[str, Value] = {
        "finance.personnel.reason": "政策性增资",
        "finance.public_funds.reason": "压减开支",
        "finance.project_expenditure.reason": "政策性增资",
        "department.duties:01.duty": "一、社区建设",
        "department.duties:02.duty": "社区建设",
        "department.duties:03.duty": "2、安全生产",
    }
    text = written(mapping, result(mapping, submission(mapping, ROOT, own)))

    assert "\n人员经费、项目支出：政策性增资\n公用经费：压减开支\n" in text
    assert "\n（1）社区建设\n（2）安全生产\n" in text


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"organisation.schedule:01.end": "46162", "organisation.schedule:02.end": "46157"}, "2026年5月20日"),
        ({"cover.date.value": "46140"}, "2026年4月28日"),
        ({"cover.date.value": "46140", "organisation.schedule:01.end": "46162"}, "2026年5月20日"),
        ({}, "〔成文日期〕"),
    ],
)
def test_the_report_is_dated_when_the_work_was_done(mapping: Mapping, typed: dict[str, str], expected: str) -> None:
    """Arabic numerals without leading zeros; a date that nobody knows is a blank that can be seen."""
    own: dict[str, Value] = {key: Decimal(serial) for key, serial in typed.items()}

    assert f"\n革新街道办事处\n{expected}\n附表1\n" in written(mapping, result(mapping, submission(mapping, ROOT, own)))


# -- the document ----------------------------------------------------------------------------------------------


def test_the_same_result_gives_the_same_bytes(mapping: Mapping) -> None:
    """A report that differs without a reason cannot be compared."""
    name, data = report(result(mapping), mapping)

    assert name == "自评报告.docx"
    assert report(result(mapping), mapping)[1] == data


def test_the_page_is_chinese_a4_with_one_font_for_every_script() -> None:
    """The library's template brings MS Mincho, Letter paper and a preview picture."""
    data = write_document(
        [heading("一、概况", 1), Paragraph((Run("正文"),)), Grid(("甲", "乙"), (("1", "2"),), frozenset((1,)))],
        title="题", author="某单位", moment=MOMENT,
    )  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        content = {name: package.read(name).decode("utf-8") for name in package.namelist()}
    document = docx.Document(io.BytesIO(data))
    section, table = document.sections[0], document.tables[0]
    styles = document.styles.element

    assert not [name for name, text in content.items() if "Mincho" in text or "明朝" in text or "thumbnail" in name]
    assert (section.page_width, section.page_height) == (Twips(11906), Twips(16838))
    for fonts in styles.iter(qn("w:rFonts")):
        assert len({fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia", "cs")}) == 1
        assert len(fonts.keys()) == 4
    assert content["word/document.xml"].count("<w:tblHeader/>") == 1
    assert [cell.paragraphs[0].style for cell in table.rows[1].cells] == [
        document.styles["Table Text"], document.styles["Table Number"],
    ]  # fmt: skip
    assert (document.core_properties.author, document.core_properties.created) == ("某单位", MOMENT.replace(tzinfo=UTC))


def test_a_table_repeats_its_header_keeps_its_rows_and_merges_its_labels() -> None:
    """What a reader needs on the second page of a table."""
    rows = tuple((Cell((Run("产出" if n < 20 else "效益"),)), Cell((Run(str(n)),), number=True)) for n in range(23))
    grid = Grid(("一级", "得分"), rows, merged=frozenset((0,)), unit_line="单位：万元")
    document = docx.Document(io.BytesIO(write_document([grid], title="题", author="甲", moment=MOMENT)))
    table = document.tables[0]._tbl  # pyright: ignore[reportPrivateUsage]
    marks = [merge.get(qn("w:val")) for merge in table.iter(qn("w:vMerge"))]

    assert document.paragraphs[0].text == "单位：万元"
    assert document.paragraphs[0].style == document.styles["Unit Line"]
    assert len(list(table.iter(qn("w:tblHeader")))) == 1
    assert len(list(table.iter(qn("w:cantSplit")))) == 24
    assert marks.count("restart") == 4  # twenty rows of one label in three parts, each with the label
    assert marks.count("continue") == 23 - 4
    assert [cell.paragraphs[0].style for cell in document.tables[0].rows[1].cells] == [
        document.styles["Table Text"], document.styles["Table Number"],
    ]  # fmt: skip


def test_amounts_stand_in_wan_with_two_decimals_under_their_unit(mapping: Mapping) -> None:
    """附表1 shows the final accounts as prose does."""
    own: dict[str, Value] = {
        "finance.fiscal_general.actual": Decimal(17337340),
        "finance.fiscal_general.prior": Decimal(18410100),
        "finance.personnel.actual": Decimal(50),
    }
    data = report(result(mapping, submission(mapping, ROOT, own)), mapping)[1]
    table = next(table for table in tables_of(data) if table[0][0] == "项目")
    row = {cells[0]: cells[1:] for cells in table}

    assert row["一般公共预算财政拨款收入"] == ["", "", "1733.73", "1841.01", "-107.28", "-5.83%", ""]
    assert row["本年收入合计"][2] == "1733.73"
    assert row["人员经费"][2] == "0.01"
    assert "\n单位：万元\n项目\n" in text_of(data)


@settings(max_examples=40)
@given(st.text(alphabet=st.characters(), max_size=60), st.text(max_size=20))
def test_any_text_can_be_written_and_read_back(text: str, cell: str) -> None:
    """Whatever stands in a workbook must not break the document that is made of it."""
    data = write_document([Paragraph((Run(text),)), Grid((cell,), ((text,),))], title=text, author="甲", moment=MOMENT)
    document = docx.Document(io.BytesIO(data))

    assert document.paragraphs[0].text == clean(text)
    assert document.tables[0].rows[1].cells[0].text == clean(text)


@pytest.mark.office
def test_an_office_program_opens_it(mapping: Mapping, soffice: str, tmp_path: Path) -> None:
    """What python-docx can read, another program need not."""
    path = tmp_path / "自评报告.docx"
    path.write_bytes(report(result(mapping), mapping)[1])
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        soffice,
        profile,
        "--headless",
        "--convert-to",
        "txt:Text (encoded):UTF8",
        "--outdir",
        str(tmp_path),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)

    assert "本年收入较上年减少107.28万元，下降5.83%。" in path.with_suffix(".txt").read_text(encoding="utf-8-sig")
