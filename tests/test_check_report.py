"""Check-report's engine (核对引擎): numbers, claims and verdicts, one wording a case; 3,000 generated ones stand elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao_xl.model.claims import CheckedReport, Claim, Number
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.passages import Passage
from jixiao_xl.model.results import FactValue
from jixiao_xl.stages.check_report import check_report
from jixiao_xl.stages.check_report.engine import examine

Reader = Callable[[list[Passage] | str], tuple[tuple[Claim, ...], tuple[Number, ...]]]


def paragraphs(text: str) -> list[Passage]:
    return [Passage(f"p{number}", "body", line) for number, line in enumerate(text.split("\n"), start=1)]


def table(text: str) -> list[Passage]:
    rows = [row.split("|") for row in text.strip().split("\n")]
    return [
        Passage(f"t1r{r}c{c}", "cell", cell)
        for r, row in enumerate(rows, start=1)
        for c, cell in enumerate(row, start=1)
    ]


@pytest.fixture(scope="module")
def read(mapping: Mapping) -> Reader:
    """Claims and numbers of a text, by the package's words."""

    def examined(passages: list[Passage] | str) -> tuple[tuple[Claim, ...], tuple[Number, ...]]:
        return examine(paragraphs(passages) if isinstance(passages, str) else passages, mapping.reading, mapping.report)

    return examined


def verdicts(claims: tuple[Claim, ...]) -> list[str]:
    return [f"{claim.kind} {claim.stated} {claim.verdict}" for claim in claims]


# -- numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("收入4125.49,4143.91万元", ["4125.49 stated", "4143.91 stated"]),
        ("收入1,733.73万元", ["1,733.73 stated"]),
        ("支出１，２３４．５６ 万元", ["１，２３４．５６ stated"]),
        ("结余负12.5万元", ["负12.5 stated"]),
        ("石发〔2019〕8号", ["2019 context", "8 context"]),
        ("（2）会议费3万元", ["2 context", "3 stated"]),
        ("1.培训12次", ["1 context", "12 stated"]),
        ("2010301行政运行5万元", ["2010301 context", "5 stated"]),
        ("电话0311-86991234", ["0311 context", "86991234 context"]),
        ("一是落实三公经费管理，一般项目八个", ["八 stated"]),
        ("2025年4月21日9:30开会", ["2025 context", "4 context", "21 context", "9 context", "30 context"]),
        ("拨打12345热线", ["12345 context"]),
        ("第3季度", ["3 context"]),
        ("代号为77的地块", ["77 unparsed"]),
    ],
)
def test_each_number_is_in_one_class(read: Reader, text: str, numbers: list[str]) -> None:
    """A year taken for an amount makes a false alarm; an amount taken for a year is missed."""
    assert [f"{number.text} {number.kind}" for number in read(text)[1]] == numbers


# -- claims: right, wrong, partial, beyond proof -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2025年支出100万元，较上年增加20万元，增长25%。", ["rate 25 exact"]),
        ("2025年支出100万元，较上年增加20万元，增长35%。", ["rate 35 wrong"]),
        ("2025年支出120.5万元，上年支出100.5万元，增加20万元。", ["difference 20 exact"]),
        ("2025年支出120.5万元，上年支出100.5万元，减少20万元。", ["difference 20 wrong"]),
        ("2025年支出98.5万元，比预算100万元减少1.5万元。", ["difference 1.5 exact"]),
        ("办公费由2024年的50.5万元增加到60.6万元，增长20%。", ["rate 20 exact"]),
        ("2025年收入、支出分别为110.5万元、105.2万元，分别增长9.5%、5%。", ["rate 9.5 unverifiable", "rate 5 unverifiable"]),
        ("收入增长6.2%。", ["rate 6.2 unverifiable"]),
        ("按同口径计算，2025年收入100万元，比上年90万元增加30万元。", ["difference 30 unverifiable"]),
        ("2025年收入120万元，是上年60万元的2倍。", ["multiple 2 exact"]),
        ("本年收入合计100万元，其中：财政拨款收入95.5万元，事业收入4.5万元。", ["total 100 exact"]),
        ("本年收入合计100万元，其中：财政拨款收入85.5万元，事业收入4.5万元。", ["total 100 partial"]),
        ("本年支出合计100万元，其中：基本支出85.5万元，项目支出4.5万元。", ["total 100 wrong"]),
        ("收入总计12.5万元，其中：财政拨款8万元，其他收入4.35万元。", ["total 12.5 partial"]),
        ("公务员23人，事业29人，退休5人，共计57人。", ["total 57 exact"]),
        ("公务员23人，事业29人，退休5人，共计59人。", ["total 59 wrong"]),
        ("支出合计200万元，其中基本支出150万元，占75%，项目支出50万元，占25%。", ["total 200 exact", "share 75 exact", "share 25 exact"]),
        ("支出合计200.5万元。公用经费60.15万元，占支出合计的40%。", ["share 40 wrong"]),
        ("年初预算100万元，支出决算98.5万元，完成年初预算的98.5%。", ["completion 98.5 exact"]),
        ("年初预算100万元，支出决算98.5万元，完成年初预算的89.5%。", ["completion 89.5 wrong"]),
        ("支出决算98.5万元，完成年初预算的89.5%。", ["completion 89.5 unverifiable"]),
        ("满意度由95%提高到97.5%，提高2.5个百分点。", ["points 2.5 exact"]),
        ("满意度由95%提高到97.5%，提高3.5个百分点。", ["points 3.5 wrong"]),
        ("每人500元，共20人，共计10000元。", ["product 10000 exact"]),
        ("3×4=13。", ["product 13 wrong"]),
        ("收入总计100.5万元，支出总计100.5万元，收支平衡。", ["balance 100.5 exact"]),
        ("收入总计100.5万元，支出总计105.5万元，收支平衡。", ["balance 105.5 wrong"]),
        ("总得分96分，其中：投入10分、过程29分、产出57分。", ["score_sum 96 exact"]),
        ("评价工作于2026年4月21日至4月30日进行。", ["date_order 4月30日 exact"]),
        ("评价工作于2026年4月21日至2026年3月30日进行。", ["date_order 2026年3月30日 wrong"]),
        ("公务接待费5万元，占 %。", ["share None unverifiable"]),
    ],
)  # fmt: skip
def test_each_wording_has_its_verdict(read: Reader, text: str, said: list[str]) -> None:
    """Right figures are said to be right; a wrong one is found; what the text does not prove is left open."""
    assert verdicts(read(text)[0]) == said


def test_the_operands_may_stand_in_earlier_sentences(read: Reader) -> None:
    """The street office's own report: 124.55 is computed in 元, the figures shown give 124.56."""
    claims, _ = read(
        "2025年总支出合计为1733.73万元，其中基本支出为1607.83万元，项目支出为125.90万元。"
        "上年度总支出为1858.29万元，其中基本支出为1617.01万元，项目支出为241.28万元。今年较上年总支出减少124.55万元。"
    )
    assert verdicts(claims) == ["total 1733.73 exact", "total 1858.29 exact", "difference 124.55 within_rounding"]
    assert claims[2].recomputed == Decimal("124.56")
    assert [operand.text for operand in claims[2].operands] == ["1733.73", "1858.29"]


def test_a_plan_is_not_the_year_before(read: Reader) -> None:
    """较上年 beside 预算100万元 has no base in the text."""
    claims, _ = read("支出预算100万元，支出决算80万元，较上年减少30万元。")
    assert verdicts(claims) == ["difference 30 unverifiable"]
    assert (claims[0].reason, claims[0].missing) == ("no-prior", "上年数")


def test_what_stands_behind_a_list_that_is_full_is_not_part_of_it(read: Reader) -> None:
    """A tail item made the only false alarm of the first prototype."""
    claims, _ = read("支出100.5万元，其中：工资60.5万元，补助40万元，另有结转30万元。")
    assert verdicts(claims) == ["total 100.5 exact"]


def test_changes_of_the_parts_make_up_the_change_of_the_whole(read: Reader) -> None:
    """No figure of last year is needed to see that 1.25 is wrong."""
    text = "“三公”经费支出35万元，比上年减少2.28万元。其中：因公出国（境）费0万元，与上年持平；公务用车购置及运行维护费5万元，比上年减少{}万元；公务接待费30万元，比上年减少2万元。"
    right, wrong = read(text.format("0.28"))[0], read(text.format("1.25"))[0]
    assert "total 2.28 exact" in verdicts(right)
    assert "total 2.28 wrong" in verdicts(wrong)


# -- tables --------------------------------------------------------------------------------------------------------

TABLE = """项目|全年预算数|全年执行数|执行率(%)|上年|增减额
基本支出|1,100.00|1,050.25|95.48|1000.00|50.25
项目支出|450.00|400.00|88.89|410.00|-10.00
其中：会议费|200.00|150.00|75.00|200.00|-50.00
合计|1,550.00|1,450.25|93.56|1410.00|40.25"""


def test_a_table_that_adds_up_is_right_in_rows_and_columns(read: Reader) -> None:
    """其中 rows are not counted twice; rates do not add up."""
    claims, numbers = read(table(TABLE))
    assert Counter(claim.verdict for claim in claims) == {"exact": 12}
    assert {number.kind for number in numbers} == {"in_claims"}


def test_a_changed_cell_breaks_its_row_and_its_column(read: Reader) -> None:
    """Other columns prove that the row is the sum."""
    claims, _ = read(table(TABLE.replace("|400.00|", "|406.00|")))
    wrong = [(claim.place, claim.kind) for claim in claims if claim.verdict == "wrong"]
    assert wrong == [("t1r3c4", "completion"), ("t1r3c6", "difference"), ("t1r5c3", "total")]


def test_scores_of_a_table_are_added_exactly(read: Reader) -> None:
    """A score is what it says: no rounding explains 95.6."""
    claims, _ = read(table("指标|分值|得分\n投入|10|10\n过程|30|28.5\n产出|60|57\n总分|100|95.6"))
    assert verdicts(claims) == ["score_sum 100 exact", "score_sum 95.6 wrong"]


# -- findings ------------------------------------------------------------------------------------------------------


def checked(mapping: Mapping, text: str, facts: dict[str, FactValue] | None = None) -> CheckedReport:
    return check_report("自评报告.docx", paragraphs(text), mapping, facts)


def codes(report: CheckedReport) -> set[str]:
    return {finding.code for finding in report.findings if finding.code.startswith("figure-")}


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("2025年支出100万元，较上年增加20万元，增长25%。", "2025年支出100万元，较上年增加20万元，增长52%。", "figure-mismatch"),
        ("支出合计10.50万元，其中基本支出6.20万元，项目支出4.30万元。", "支出合计10.53万元，其中基本支出6.20万元，项目支出4.32万元。", "figure-rounding"),
        ("2025年支出4143.91万元，较上年减少2570.97万元，下降38.29%。", "2025年支出4143.91万元，较上年减少2570.97万元，下降38.28%。", "figure-last-digit"),
        ("收入合计100万元，其中：事业收入60万元，其他收入40万元。", "收入合计100万元，其中：事业收入60万元，其他收入20万元。", "figure-partial"),
        ("公务接待费5万元。", "公务接待费5万元，占 %。", "figure-empty"),
        ("地块共77个。", "代号为77的地块。", "figure-unparsed"),
        ("2025年本年财政拨款收入合计100万元。\n2025年本年财政拨款收入合计100万元。", "2025年本年财政拨款收入合计100万元。\n2025年本年财政拨款收入合计700万元。", "figure-contradiction"),
    ],
)  # fmt: skip
def test_each_finding_is_raised_where_it_should_be_and_nowhere_else(
    mapping: Mapping, right: str, wrong: str, code: str
) -> None:
    """One cause, one code."""
    assert code not in codes(checked(mapping, right))
    assert code in codes(checked(mapping, wrong))


def test_a_message_quotes_the_words_and_names_every_operand(mapping: Mapping) -> None:
    """The changed figure may be any of them."""
    report = checked(mapping, "2025年支出100万元，较上年增加20万元，增长52%。")
    message = next(finding.message for finding in report.findings if finding.code == "figure-mismatch")
    for words in ("第1段", "增长52%", "52", "25", "20、100"):
        assert words in message


def fact(identity: str, name: str, unit: str, value: str) -> dict[str, FactValue]:
    return {identity: FactValue(identity, name, unit, Decimal(value), value, ())}


def test_figures_are_compared_with_the_facts_of_the_workspace(mapping: Mapping) -> None:
    """The text says 1733.73; the workbooks say 1743.73."""
    text = "2025年财政拨款收入1733.73万元。2025年在职人员59人。"
    facts = fact("fiscal_income", "本年财政拨款收入", "元", "17437300") | fact("staff_total", "在职人员", "人", "59")
    report = checked(mapping, text, facts)
    assert [(claim.kind, claim.stated, claim.verdict) for claim in report.claims] == [
        ("fact", Decimal("1733.73"), "wrong"),
        ("fact", Decimal(59), "exact"),
    ]
    message = next(finding.message for finding in report.findings if finding.code == "figure-mismatch")
    assert "本年财政拨款收入" in message
    assert "1743.73" in message


def test_a_fact_of_another_year_or_scope_is_not_compared(mapping: Mapping) -> None:
    """上年, a part in brackets and a longer name are other figures."""
    text = "上年财政拨款收入1700万元。政府性基金预算财政拨款收入12万元。（财政拨款收入3万元）"
    report = checked(mapping, text, fact("fiscal_income", "本年财政拨款收入", "元", "17437300"))
    assert [claim for claim in report.claims if claim.kind == "fact"] == []


# -- any text at all -------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        "2025年",
        "上年",
        "较",
        "比",
        "预算",
        "决算",
        "支出",
        "收入",
        "合计",
        "其中",
        "占",
        "的",
        "增加",
        "减少",
        "增长",
        "下降",
        "到",
        "为",
        "由",
        "和",
        "分别为",
        "完成",
        "得分",
        "共计",
        "，",
        "。",
        "；",
        "、",
        "（",
        "）",
        "：",
        "%",
        "万元",
        "亿元",
        "元",
        "人",
        "个百分点",
        "倍",
        "成",
        "分",
        "0",
        "1",
        "12",
        "100",
        "3.5",
        "1,733.73",
        "99.99",
        "-5",
        "负3",
        "×",
        "=",
        "+",
        "/",
        "~",
        "一",
        "两",
        "百分之",
        "翻",
        "番",
        "至",
        "月",
        "日",
        "号",
        "〔",
        "〕",
        "\n",
        "\t",
        "１２",
        "％",
        "每",
        "单价",
        "同比",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(WORDS, st.text(max_size=3)), max_size=40).map("".join))
def test_no_text_breaks_it_and_every_number_is_in_one_class(mapping: Mapping, text: str) -> None:
    """Anybody's report is read to its end; spans point at what they name."""
    passages = [*paragraphs(text), Passage("t1r1c1", "cell", text), Passage("t1r1c2", "cell", "12.5")]
    claims, numbers = examine(passages, mapping.reading, mapping.report)
    texts = {passage.place: passage.text for passage in passages}
    seen: set[tuple[str, int]] = set()
    for number in numbers:
        assert texts[number.place][slice(*number.span)] == number.text
        here = {(number.place, index) for index in range(*number.span)}
        assert not here & seen
        seen |= here
    for claim in claims:
        assert 0 <= claim.span[0] < claim.span[1] <= len(texts[claim.place])
        assert all(texts[operand.place][slice(*operand.span)] == operand.text for operand in claim.operands)


def test_a_long_report_is_read_in_little_time(read: Reader) -> None:
    """Thirty pages; a pattern that looks back and forth would show here."""
    line = "2025年支出合计1733.73万元，其中基本支出1607.83万元，占92.74%，项目支出125.90万元，占7.26%，比上年减少124.55万元，下降6.70%。"
    claims, _ = read("\n".join([line] * 300) + "\n" + "0" * 3000 + "，占" * 2000)
    assert len(claims) >= 1200
