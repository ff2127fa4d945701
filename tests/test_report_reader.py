"""Reading anybody's report (读取报告): every character once, at its place, and never a traceback."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest
from docx import Document

from jixiao_xl.files.report_reader import read_report
from jixiao_xl.files.word_package import UnreadableReport
from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.passages import place_in_words
from tests.word_documents import (
    cell,
    control,
    damaged,
    document,
    field,
    listed,
    numbering,
    p,
    packed,
    r,
    row,
    table,
    text_box,
)


def read(body: str, *, strict: bool = False, **parts: str) -> list[tuple[str, str]]:
    """Place and text of what is not blank."""
    found = read_report("报告.docx", document(body, strict=strict, **parts))
    return [(passage.place, passage.text) for passage in found if passage.text]


def line(*inner: str) -> str:
    """The text of a document of one paragraph."""
    (passage,) = read_report("报告.docx", document(p(*inner) + p("。")))[:1]
    return passage.text


# -- within a paragraph ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inner",
    [
        r("17") + r("33.73"),
        control("1733.73"),
        control(r("1733"), control(".73")),
        f"<w:hyperlink>{r('1733.73')}</w:hyperlink>",
        f"<w:smartTag>{r('1733')}<w:customXml>{r('.73')}</w:customXml></w:smartTag>",
        f"<w:fldSimple w:instr='REF a'>{r('1733.73')}</w:fldSimple>",
        field("REF a \\h 99", "1733.73"),
        field(f"IF </w:instrText></w:r>{field('REF b', '5')}<w:r><w:instrText>", "1733.73"),
        f"<w:ins>{r('1733.73')}</w:ins><w:del><w:r><w:delText>12</w:delText></w:r></w:del>",
        f"<w:moveTo>{r('1733.73')}</w:moveTo><w:moveFrom>{r('88')}</w:moveFrom>",
        f"<w:ins><w:del><w:r><w:delText>4</w:delText></w:r></w:del>{r('1733.73')}</w:ins>",
        f"{r('1733.73')}{r('9', '<w:vanish/>')}",
        f"{control('请输入', properties='<w:showingPlcHdr/>')}{r('1733.73')}",
        f"<w:ruby><w:rt>{r('shu')}</w:rt><w:rubyBase>{r('1733.73')}</w:rubyBase></w:ruby>",
        "<w:r><mc:AlternateContent><mc:Choice Requires='x'><w:t>1733.73</w:t></mc:Choice>"
        "<mc:Fallback><w:t>1733.73</w:t></mc:Fallback></mc:AlternateContent></w:r>",
        "<w:r><w:t>1733<!-- a --><?b c?>.73</w:t></w:r>",
        "<m:oMath><m:r><m:t>1733.73</m:t></m:r></m:oMath>",
    ],
)
def test_a_figure_is_read_once_however_it_is_wrapped(inner: str) -> None:
    """A figure that is missed is never checked, one that is read twice is two figures."""
    assert line("收入", inner, "万元") == "收入1733.73万元"


def test_what_stands_for_a_character_is_one() -> None:
    """Tabs and line breaks part figures; a raised digit is a note's mark and no digit of the figure before it."""
    marks = "<w:r><w:t>1</w:t><w:tab/><w:t>2</w:t><w:br/><w:t>3</w:t><w:noBreakHyphen/><w:t>4</w:t></w:r>"
    signs = '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="仿宋" w:char="2264"/></w:r>'
    assert line(marks + signs + r("100") + r("2", '<w:vertAlign w:val="superscript"/>')) == "1\t2\n3-4☑≤100²"


def test_a_fraction_keeps_its_bar() -> None:
    """107.28 over 1841.01 must not become one long number."""
    half = "<m:num><m:r><m:t>107.28</m:t></m:r></m:num><m:den><m:r><m:t>1841.01</m:t></m:r></m:den>"
    assert line(f"<m:oMath><m:f><m:fPr/>{half}</m:f></m:oMath>") == "107.28/1841.01"


def test_a_deleted_paragraph_mark_joins_two_lines() -> None:
    """Under tracked changes one sentence may stand in two paragraphs that are one."""
    body = p("其中基本支出", properties="<w:rPr><w:del/></w:rPr>") + p("1607.83万元")
    assert read(body) == [("p1", "其中基本支出1607.83万元")]


# -- places ------------------------------------------------------------------------------------------------------


def test_blank_paragraphs_count_and_controls_do_not() -> None:
    """The officer counts what she sees."""
    body = p() + control(p("一"), p("二")) + f"<w:customXml>{p('三')}</w:customXml>" + p("四")
    assert read(body) == [("p2", "一"), ("p3", "二"), ("p4", "三"), ("p5", "四")]
    assert read(body, strict=True) == read(body)


def test_cells_stand_at_their_place_in_the_grid() -> None:
    """A sum is checked along rows and columns, whatever is merged, wrapped in controls, or deleted."""
    upper, lower = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = table(
        row(cell("项目", properties=upper), cell("金额", properties='<w:gridSpan w:val="2"/>'), "备注"),
        row(cell(properties=lower), "预算", control(cell("执行")), "无"),
        control(row(cell("甲", "乙"), control(cell("10.00")), "9.00", "")),
        row("删去", "1", "2", properties="<w:del/>"),
        row(cell("合计"), cell("19.00"), properties='<w:gridBefore w:val="1"/>'),
    )
    found = {one.place: one for one in read_report("报告.docx", document(body))}
    assert {place: one.text for place, one in found.items() if one.text} == {
        "t1r1c1": "项目", "t1r1c2": "金额", "t1r1c4": "备注",
        "t1r2c2": "预算", "t1r2c3": "执行", "t1r2c4": "无",
        "t1r3c1": "甲\n乙", "t1r3c2": "10.00", "t1r3c3": "9.00",
        "t1r4c2": "合计", "t1r4c3": "19.00",
    }  # fmt: skip
    assert (found["t1r1c1"].merged, found["t1r1c2"].merged) == ((2, 1), (1, 2))


def test_inner_tables_boxes_and_notes_have_places_of_their_own() -> None:
    """Everything is read once, in the order of reading: a text box stands twice in the file."""
    inner = table(row("内", "5"))
    calls = '<w:r><w:endnoteReference w:id="3"/></w:r><w:r><w:footnoteReference w:id="2"/></w:r>'
    body = (
        p("正文", text_box(p("框一") + table(row("框表"))), calls)
        + table(row(cell("外", inner, p()), cell(p(text_box(p("格中框"))))))
        + p("完")
    )
    footnotes = (
        f'<w:footnote w:type="separator" w:id="0">{p("线")}</w:footnote><w:footnote w:id="1">{p("没有引用")}</w:footnote>'
        f'<w:footnote w:id="2">{p("脚")}{p("注")}</w:footnote>'
    )
    endnotes = f'<w:endnote w:id="3">{p("尾注")}</w:endnote>'
    assert read(body, footnotes=footnotes, endnotes=endnotes) == [
        ("p1", "正文"), ("box1p1", "框一"), ("t1r1c1", "框表"),
        ("t2r1c1", "外"), ("t3r1c1", "内"), ("t3r1c2", "5"), ("box2p1", "格中框"), ("p2", "完"),
        ("note1", "尾注"), ("note2", "脚\n注"),
    ]  # fmt: skip


def test_places_are_said_as_a_person_counts() -> None:
    """p37 means nothing to an officer."""
    assert [place_in_words(place) for place in ("p37", "t2r3c1", "box1p2", "note3")] == [
        texts.PLACE_PARAGRAPH.format(37), texts.PLACE_CELL.format(2, 3, 1), texts.PLACE_BOX.format(1, 2),
        texts.PLACE_NOTE.format(3),
    ]  # fmt: skip


# -- numbers that Word makes -------------------------------------------------------------------------------------

OFFICIAL = numbering(
    ("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3."), ("decimalEnclosedCircle", "%4")
)


def test_automatic_numbers_are_part_of_the_text() -> None:
    """Half of all reports have their 一、 made by Word; without it no heading would be found out of order."""
    levels = (0, 1, 1, 2, 2, 3, 1, 0, 1)
    found = [text for _, text in read("".join(p("题", properties=listed(k)) for k in levels), numbering=OFFICIAL)]
    assert found == ["一、题", "（一）题", "（二）题", "1.题", "2.题", "①题", "（三）题", "二、题", "（一）题"]


def test_lists_start_again_where_they_say_so() -> None:
    """A second list of one definition goes on counting unless it overrides the start; a bullet is no number."""
    more = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="4"><w:abstractNumId w:val="9"/></w:num>'
        '<w:abstractNum w:abstractNumId="9"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="●"/></w:lvl>'
        "</w:abstractNum>"
    )
    part = numbering(("decimal", "%1、"), more=more)
    body = "".join(p("题", properties=listed(0, number)) for number in (1, 1, 2, 2, 3, 4, 8))
    assert [text for _, text in read(body, numbering=part)] == [
        "1、题", "2、题", "1、题", "2、题", "3、题", "题", "题"
    ]  # fmt: skip


def test_headings_have_their_level_and_their_style_s_number() -> None:
    """WPS numbers its styles 2, 3, 4; their names say heading."""
    styles = (
        '<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/>'
        '</w:numPr></w:pPr></w:style><w:style w:type="paragraph" w:styleId="a"><w:basedOn w:val="2"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="b"><w:basedOn w:val="b"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    )
    body = "".join(p("题", properties=f'<w:pStyle w:val="{style}"/>') for style in ("2", "a", "b", "none"))
    found = read_report("报告.docx", document(body, styles=styles, numbering=OFFICIAL))
    assert [(one.text, one.level) for one in found] == [("一、题", 1), ("二、题", 1), ("题", 2), ("题", None)]


def test_a_number_before_a_figure_does_not_run_into_it() -> None:
    """1.2025年 would be a number that nobody wrote."""
    assert read(p("2025年", properties=listed(2)), numbering=OFFICIAL) == [("p1", "1. 2025年")]


# -- text files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_text_file_is_read_whatever_wrote_it(encoding: str, end: str) -> None:
    """记事本 of three decades."""
    data = end.join(["一、收入", "", "收入1733.73万元"]).encode(encoding)
    assert [(one.place, one.text) for one in read_report("报告.txt", data)] == [
        ("p1", "一、收入"), ("p2", ""), ("p3", "收入1733.73万元"),
    ]  # fmt: skip


# -- what cannot be read -----------------------------------------------------------------------------------------


def with_doctype() -> bytes:
    entity = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "1">]>'
    name = "word/document.xml"
    with zipfile.ZipFile(io.BytesIO(document(p("文")))) as package:
        parts = {one: package.read(one) for one in package.namelist()}
    return packed(parts | {name: entity + parts[name].replace("文".encode(), b"&a;")})


REFUSED = {
    "empty": b"",
    "old": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "encrypted": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
    "pdf": b"%PDF-1.7\n",
    "truncated": document(p("文"))[:-40],
    "other_format": packed({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<a/>"}),
    "no_text": document(p()),
    "not_text": bytes(range(256)) * 4,
    "unsafe": with_doctype(),
    "large": document(p("0" * (9 * 2**20))),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_read_is_said_with_what_to_do(reason: str) -> None:
    """By its bytes, whatever it is called."""
    with pytest.raises(UnreadableReport) as refusal:
        read_report("结果/自评报告.docx", REFUSED[reason])
    assert str(refusal.value) == texts.REPORT_NOT_READ.format(file="自评报告.docx", reason=texts.REPORT_REASONS[reason])


def test_a_workbook_is_no_report(filled: dict[str, bytes]) -> None:
    """The officer is told the right command."""
    with pytest.raises(UnreadableReport, match="jixiao-xl check"):
        read_report("表.xlsx", next(iter(filled.values())))


def test_elements_deeper_than_any_document_are_refused() -> None:
    """A parser that runs out of stack would be a traceback."""
    deep = "<w:smartTag>" * 1500 + r("文") + "</w:smartTag>" * 1500
    with pytest.raises(JixiaoError):
        read_report("报告.docx", document(p(deep)))


def test_random_damage_never_comes_out_as_a_traceback(tmp_path: Path) -> None:
    """Either it is read or it is refused with a sentence."""
    rich = document(
        p("正文", properties=listed(0)) + table(row("甲", cell("乙", properties='<w:vMerge w:val="restart"/>')))
        + p(text_box(p("框")), field("REF", "1"), control("2"), '<w:r><w:footnoteReference w:id="1"/></w:r>'),
        numbering=OFFICIAL,
        footnotes=f'<w:footnote w:id="1">{p("注")}</w:footnote>',
        styles='<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:basedOn w:val="a"/></w:style>',
    )  # fmt: skip
    ours = io.BytesIO()
    own = Document()
    own.add_paragraph("正文1733.73万元", style="List Number")
    own.add_table(2, 2).cell(0, 0).merge(own.tables[0].cell(1, 1)).text = "合计"
    own.save(ours)
    chance, outcomes = random.Random(4), {"read": 0, "refused": 0}
    for data in [rich] * 250 + [ours.getvalue()] * 15:
        try:
            read_report("报告.docx", damaged(data, chance))
            outcomes["read"] += 1
        except JixiaoError:
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 40
