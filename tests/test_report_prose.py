"""Slips of wording (文字毛病): what a reviewer marks is found where it stands, and what is right is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from jixiao_xl.cli_print_report import print_checked_report
from jixiao_xl.files.report_reader import read_report
from jixiao_xl.model import texts
from jixiao_xl.model.check_documents import CheckReportDocument, check_report_document
from jixiao_xl.model.claim_lines import claim_lines
from jixiao_xl.model.claims import CheckedReport, Claim, Number, Operand
from jixiao_xl.model.findings import Finding
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.passages import Passage, TextPlace
from jixiao_xl.stages.check_report.listing import comments_of, table_of
from jixiao_xl.stages.check_report.prose import prose_findings
from tests.word_documents import document, p, row, table

TITLE = "2025年度部门整体支出绩效自评报告"


def passages_of(lines: Sequence[str]) -> list[Passage]:
    return [Passage(f"p{number}", "body", line) for number, line in enumerate(lines, start=1)]


def found_in(mapping: Mapping, *lines: str, passages: Sequence[Passage] | None = None) -> list[Finding]:
    return prose_findings("报告.txt", passages or passages_of(lines), (), (), mapping)


def slips(mapping: Mapping, *lines: str) -> list[tuple[str, str, str | None]]:
    """Code, place and what is due of every finding in these lines."""
    found = found_in(mapping, *lines)
    places = [finding.place.passage for finding in found if isinstance(finding.place, TextPlace)]
    return [(finding.code, place, finding.expected) for finding, place in zip(found, places, strict=True)]


# -- numbers of headings -----------------------------------------------------------------------------------------

BODY = "本年度各项工作有序开展。"


def chapter(*headings: str) -> list[str]:
    """Headings, each with a text below it."""
    return [line for heading in headings for line in (heading, BODY)]


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (("一、部门基本情况", "（一）部门概况", "（2） 收支情况", "（三）目标"), [("p5", "（二）")]),
        (("一、概况", "二、自评工作", "（一）组织", "1.目的", "（2） 方法和过程", "三、结果"), [("p9", "（二）")]),
        (("一、概况", "二、目标实现", "（1）总体情况", "（二）分项情况"), [("p5", "（一）")]),
        (("一、概况", "二、过程", "四、结论", "五、问题"), [("p5", "三、")]),
        (("一、概况", "二、过程", "二、结论", "三、问题"), [("p5", "三、")]),
        (("一、概况", "（一）职责", "（三）人员"), [("p5", "（二）")]),
        (("一、概况", "（一）职责", "1.机构", "3.人员", "4.资产"), [("p7", "2.")]),
        (("一、甲", "（一）乙", "1、丙", "2、丁", "（二）戊", "1.己", "2.庚"), [("p5", "1.")]),
    ],
)
def test_a_number_out_of_order_or_style_is_named_with_the_one_that_is_due(
    mapping: Mapping, headings: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    """（2） between （一） and （三） is the commonest slip of all."""
    lines = chapter(*headings)
    assert [(place, due) for code, place, due in slips(mapping, *lines) if code == "numbering"] == expected


@pytest.mark.parametrize(
    "lines",
    [
        chapter("一、概况", "（一）职责", "（1）甲", "（2）乙", "（二）机构", "（三）人员", "二、过程", "（一）组织"),
        chapter("一、概况", "1、职责", "2、机构", "（1）行政", "（2）事业", "3、人员", "二、过程"),
        chapter("第一部分 概况", "一、职责", "二、机构", "第二部分 决算", "一、收入", "二、支出"),
        ["目录", "一、概况\t1", "二、过程\t3", "四、结论\t7", *chapter("一、概况", "二、过程", "三、结果", "四、结论")],
        ["一、概况", "三、过程", "五、结论", *chapter("一、概况", "二、过程")],  # a menu shows only some
        [*chapter("一、概况", "二、过程"), "二、过程已毕。三、结果如下。", *chapter("四、结论")],  # a lost line break
        ["第十条 部门应当：", "（一）编制目标；", "（二）组织评价；", "（四）公开结果。"],
        ["1、凝聚力量，全面提升工作质量。", "3、聚焦百姓，保障民生。", "4、强化队伍。"],
        chapter("一、甲", "（一）乙", "1、丙", "2、丁", "（二）戊", "（1）己", "（2）庚"),
        chapter("一、概况", "（一）职责", "2025年重点工作", "3.5%的增长", "（二）人员"),
    ],
)
def test_what_is_in_order_is_left_alone(mapping: Mapping, lines: list[str]) -> None:
    """Lists, laws, contents, menus and other orders of levels are no slips."""
    assert [code for code, *_ in slips(mapping, *lines) if code == "numbering"] == []


# -- every other code --------------------------------------------------------------------------------------------

SAID: list[tuple[str, list[str], list[str]]] = [
    # code, lines in which it is found (in the last one), lines in which it is not
    ("grade-name", [TITLE, "绩效自评得分96分，评价等级为“优秀”。"], [TITLE, "绩效自评得分96分，评价等级为优。"]),
    ("grade-name", [TITLE, "自评得分85.5分，绩效评价等级为优。"], [TITLE, "自评得分85.5分，绩效评价等级为良。"]),
    ("grade-name", [TITLE, "绩效评价结果为良好。"], [TITLE, "张三同志年度考核等次为优秀。"]),
    (
        "grade-name",
        [TITLE, "绩效评价等级为中等。"],
        ["绩效评价结果分优秀、良好、合格、不合格四等。", "自评得分92分，评价等级为优秀。"],
    ),
    ("score-unsupported", [TITLE, "综合评价，总得分96分。"], [TITLE, "评分表见附件。", "综合评价，总得分96分。"]),
    (
        "score-unsupported",
        [TITLE, "本部门绩效自评得分为98.5分。"],
        [TITLE, "投入得分9分，过程得分29分，产出得分30分，效果得分28分，自评总得分96分。"],
    ),
    (
        "object-mismatch",
        [TITLE, "办事处的项目绩效评价等级为优。"],
        [TITLE, "各项目绩效评价等级为优，惠民项目绩效评价等级为良。"],
    ),
    (
        "object-mismatch",
        ["2025年度惠民项目支出绩效自评报告", "单位整体支出绩效评价等级为优。"],
        ["2025年度惠民项目支出绩效自评报告", "本项目绩效评价等级为优。"],
    ),
    (
        "scope-mismatch",
        ["2025年财政拨款收入1733.73万元，上年实际收入1841.01万元，收入比上年减少107.28万元。"],
        [
            "2025年财政拨款收入1733.73万元，上年财政拨款收入1841.01万元，收入比上年减少107.28万元。",
            "2025年财政拨款收入100.00万元，上年总收入300.00万元。项目收入比上年减少7.28万元。",
        ],
    ),
    (
        "text-contradiction",
        ["个别项目进度滞后。", "各项任务均按照计划时间完成。"],
        ["确保各项任务均按照计划时间完成。", "个别项目进度滞后。"],
    ),
    (
        "text-contradiction",
        ["遵循科学性、规范性、客观性和公正性的原则。", "按照科学性、规范性、客观性、公正性和相关性原则开展评价。"],
        ["遵循科学性、规范性、客观性和公正性的原则。", "指标选取遵循相关性、重要性、可比性、系统性、经济性原则。"],
    ),
    (
        "text-contradiction",
        ["主要有以下三个方面的问题：一是认识不足；二是进度偏慢。"],
        ["主要有以下三个方面的问题：一是认识不足；二是进度偏慢；三是公开不及时。", "存在两个问题：", "一是慢。", "二是少。"],
    ),
    ("placeholder-left", ["[bookmark: _GoBack]2、强化认识。"], ["《预算法》〔2019〕8号，3×4米，ABXX-1型。"]),
    ("placeholder-left", ["XX年，××单位支出____万元。"], ["经办人签字：____________", "型号XXL，长×宽×高"]),
    ("placeholder-left", ["项目名称：〔待填〕"], ["（填报单位盖章）"]),
    ("placeholder-left", ["收入{fiscal_income}万元，依据《》。"], ["依据《预算法》{略}。"]),
    ("placeholder-left", ["支出减少的主要原因是。"], ["支出减少的主要原因是项目减少。其中：基本支出8万元。"]),
    ("placeholder-left", ["以下为名词解释，部门应根据实际情况进行增减。"], ["各部门根据实际情况增减项目。"]),
    ("placeholder-left", ["附件："], ["附件：", "部门整体支出绩效自评表"]),
    ("stale-year-text", [TITLE, "对2024年度部门整体支出开展绩效自评。"], [TITLE, "依据《2024年度部门整体支出绩效自评通知》。"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "bad", "good"), SAID)
def test_a_slip_is_found_where_it_stands_and_nowhere_else(
    mapping: Mapping, code: str, bad: list[str], good: list[str]
) -> None:
    """One false alarm costs more trust than ten slips."""
    assert [(one, place) for one, place, _ in slips(mapping, *bad) if one == code] == [(code, f"p{len(bad)}")]
    assert [one for one, *_ in slips(mapping, *good) if one == code] == []


def test_the_slips_of_a_real_report_are_all_found(mapping: Mapping) -> None:
    """As in the report of a street office: three headings, an object, a contradiction, a grade, a bookmark."""
    lines = [
        "附件4", TITLE, "一、部门基本情况", "（一）部门概况", "1、部门职责", BODY, "2、组织机构", BODY, "（2） 收支情况",
        "2025年财政拨款收入为1733.73万元，上年实际收入为1841.01万元，本年收入较上年减少107.28万元，减少5.83%。",
        "（三）绩效目标", BODY, "二、自评工作开展情况", "（一）组织工作", "1.目的", BODY, "2.过程", BODY, "（2） 自评方法", BODY,
        "三、目标实现情况", "（1） 总体情况", BODY, "（二）分项情况", "各项指标均按照预定的时间及成本要求完成。",
        "四、评价结论", "综合评价，总得分96分，办事处的项目综合绩效评价等级为优秀。",
        "五、存在的问题", "财政压力大，部分项目资金执行情况滞后。", "[bookmark: _GoBack]2、强化认识。",
    ]  # fmt: skip
    assert slips(mapping, *lines) == [
        ("numbering", "p5", "1."), ("numbering", "p9", "（二）"), ("scope-mismatch", "p10", "实际收入"),
        ("numbering", "p19", "（二）"), ("numbering", "p22", "（一）"), ("text-contradiction", "p25", "部分项目资金执行情况滞后"),
        ("score-unsupported", "p27", None), ("object-mismatch", "p27", "部门整体支出"), ("grade-name", "p27", "优"),
        ("placeholder-left", "p30", None),
    ]  # fmt: skip
    messages = [finding.message for finding in found_in(mapping, *lines)]
    assert all(
        f"第{place[1:]}段" in message for (_, place, _), message in zip(slips(mapping, *lines), messages, strict=True)
    )


def test_a_table_of_scores_supports_a_score(mapping: Mapping) -> None:
    """The reviewer finds where 96 comes from; headings in cells are no headings."""
    body = (
        p(TITLE)
        + p("综合评价，总得分96分。")
        + table(row("指标", "得分"), row("（2）产出", "96"), row("（三）效益", "1"))
    )
    passages = read_report("报告.docx", document(body))
    assert found_in(mapping, passages=passages) == []


def test_an_office_s_own_grade_is_right_in_its_own_workspace(mapping: Mapping) -> None:
    """grade_shown lets an office write 优秀; a stranger's report is measured by the rule."""
    passages = passages_of([TITLE, "指标得分见评分表。", "自评得分96分，绩效评价等级为优秀。"])
    assert [one.code for one in prose_findings("报告.docx", passages, (), (), mapping)] == ["grade-name"]
    assert prose_findings("报告.docx", passages, (), (), mapping, facts={}) == []
    wrong = passages_of([TITLE, "指标得分见评分表。", "自评得分86分，绩效评价等级为优秀。"])
    assert [one.expected for one in prose_findings("报告.docx", wrong, (), (), mapping, facts={})] == ["良"]


# -- what comes out ----------------------------------------------------------------------------------------------


def checked(mapping: Mapping) -> CheckedReport:
    """A small report with a wrong figure, one off by rounding, one that cannot be checked, and a slip."""
    operands = (Operand("1841.01", "p1", (20, 27)), Operand("1733.73", "t1r2c3", (0, 7)))
    claims = (
        Claim("difference", "减少124.55万元", "p1", (2, 8), Decimal("124.55"), Decimal("124.56"), "within_rounding"),
        Claim("rate", "减少5.38%", "p1", (40, 44), Decimal("5.38"), Decimal("5.827236"), "wrong", operands=operands),
        Claim("rate", "增长3%", "p2", (2, 3), Decimal(3), None, "unverifiable", "no-prior", missing="上年收入"),
        Claim("share", "占 %", "p2", (9, 9), None, None, "unverifiable", "empty"),
    )
    kinds = ("in_claims", "in_claims", "context", "stated", "unparsed", "in_claims", "context")
    numbers = tuple(Number(str(k), "p1", (k, k + 1), kind) for k, kind in enumerate(kinds))
    return CheckedReport(claims, numbers, tuple(found_in(mapping, "[bookmark: _GoBack]")))


def test_the_document_adds_up(mapping: Mapping) -> None:
    """Every number of the text is in exactly one class, and the classes are listed."""
    made = check_report_document(checked(mapping))
    numbers = made.numbers
    assert numbers.total == numbers.in_claims + numbers.context + numbers.stated + numbers.unparsed == 7
    assert (len(made.stated), len(made.unparsed)) == (numbers.stated, numbers.unparsed)
    assert [claim.id for claim in made.claims] == ["c1", "c2", "c3", "c4"]
    assert (made.claims[1].difference, made.claims[3].stated) == ("-0.447236", None)
    assert CheckReportDocument.model_validate_json(made.model_dump_json(by_alias=True)) == made


def test_the_wrong_ones_come_first_in_characters_that_gbk_has(
    mapping: Mapping, capsys: pytest.CaptureFixture[str]
) -> None:
    """A console of Windows shows it, and the officer sees both numbers."""
    report = checked(mapping)
    print_checked_report(report)
    shown = capsys.readouterr().out
    shown.encode("gbk")
    assert "5.8272" in shown
    assert "124.56" not in shown
    assert "_GoBack" in shown
    print_checked_report(report, every=True)
    assert "124.56" in capsys.readouterr().out
    assert [line.verdict for line in claim_lines(report.claims)][::3] == [
        texts.VERDICT_WORDS["wrong"],
        texts.VERDICT_REASON.format(verdict=texts.VERDICT_WORDS["unverifiable"], reason=texts.REASON_WORDS["empty"]),
    ]


def test_comments_and_table_say_what_the_terminal_says(mapping: Mapping) -> None:
    """The wrong figure's comment names every number that it rests on, with its place where that is another."""
    comments = comments_of(checked(mapping))
    assert [(one.place, one.span) for one in comments] == [
        ("p1", (2, 8)),
        ("p1", (40, 44)),
        ("p2", (9, 9)),
        ("p1", (0, 19)),
    ]
    assert "1841.01、1733.73（表1第2行第3列）" in comments[1].text
    rows = table_of(checked(mapping)).decode("utf-8-sig").splitlines()
    assert len(rows) == 5
    assert "5.38,5.8272" in rows[1]
