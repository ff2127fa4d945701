"""Comments in a copy of a report (批注): at exactly the characters that they are about, and nothing else changed."""

from __future__ import annotations

import contextlib
import io
import random
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from docx import Document
from lxml import etree

from jixiao_xl.files.ooxml import parts
from jixiao_xl.files.report_reader import read_report
from jixiao_xl.files.word_comments import AUTHOR, Comment, with_comments
from jixiao_xl.files.word_package import UnreadableReport
from jixiao_xl.files.word_xml import TRANSITIONAL, name
from jixiao_xl.model.errors import JixiaoError
from tests.word_documents import (
    cell,
    control,
    damaged,
    document,
    field,
    listed,
    numbering,
    p,
    r,
    row,
    table,
    text_box,
)

W = f"{{{TRANSITIONAL}}}"
BODY = (
    p("收入", r("1733", "<w:b/>"), r(".73万元", "<w:b/>"), "，<w:tab/>减少")
    + p("支出", control(r("12"), r("5.90"), properties="<w:text/>"), "万元", control("较上年减少107.28万元"), "。")
    + table(row("项目", cell(p("其中"), control(p("125.90")))))
    + p("见", text_box(p("框中7个")), field("REF a", "33.00"), f"<w:ins>{r('插入44')}</w:ins>")
    + p(
        "注",
        '<w:r><w:footnoteReference w:id="1"/></w:r>',
        '<w:commentRangeStart w:id="5"/>',
        "见下",
        '<w:commentRangeEnd w:id="5"/><w:r><w:commentReference w:id="5"/></w:r>',
    )
    + p("部门概况", properties=listed(0))
    + p()
)
FOOTNOTES = f'<w:footnote w:id="1">{p("注中9人")}</w:footnote>'
COMMENTS = f'<w:comment w:id="5" w:author="复核">{p("核对：原有的话")}</w:comment>'
OLD = {5: "见下"}


def report() -> bytes:
    """A report with everything in it that a comment can meet."""
    body = BODY.replace("<w:tab/>", '</w:t><w:tab/><w:t xml:space="preserve">')
    headings = numbering(("chineseCounting", "%1、"))
    return document(body, footnotes=FOOTNOTES, numbering=headings, comments=COMMENTS)


def commented(data: bytes) -> dict[int, str]:
    """The characters between the marks of each comment, by its number."""
    root = etree.fromstring(parts(data)["word/document.xml"])
    open_ones: set[int] = set()
    found: dict[int, str] = {}
    for element in root.iter(etree.Element):
        identity = int(element.get(f"{W}id", "-1"))
        match name(element):
            case "commentRangeStart":
                open_ones.add(identity)
                found[identity] = ""
            case "commentRangeEnd":
                open_ones.remove(identity)
            case "t" | "tab" | "footnoteReference":
                for one in open_ones:
                    found[one] += (element.text or "") if name(element) == "t" else f"<{name(element)}>"
            case _:
                pass
    return found


def at(place: str, words: str) -> Comment:
    """A comment on these words of a passage."""
    text = next(one.text for one in read_report("报告.docx", report()) if one.place == place)
    start = text.index(words)
    return Comment(place, (start, start + len(words)), f"核对：{words}")


@pytest.mark.parametrize(
    ("place", "words", "marked"),
    [
        ("p1", "1733.73", "1733.73"),  # across runs
        ("p1", "33", "33"),  # within one
        ("p1", "，\t减", "，<tab>减"),
        ("p2", "125.90", "125.90"),  # a whole control
        ("p2", "25", "25"),  # a part of one
        ("p2", "107.28", "107.28"),
        ("p2", "0万元较", "0万元较"),  # from one control into another
        ("t1r1c2", "125.90", "125.90"),
        ("t1r1c2", "中\n1", "中1"),
        ("p3", "33", "33"),  # the result of a field
        ("p3", "44", "44"),  # an insertion
        ("box1p1", "7", "框中7个框中7个"),  # Word shows no comment within a box: the box itself, which stands twice
        ("note1", "9", "<footnoteReference>"),  # nor within a note: the mark in the body
        ("p5", "一、", "部"),  # Word makes the number: the first character behind it
        ("p5", "概况", "概况"),
    ],
)
def test_a_comment_stands_at_exactly_its_characters(place: str, words: str, marked: str) -> None:
    """The officer must see which of three numbers in a line is meant."""
    data = with_comments(report(), [at(place, words)])
    assert commented(data) == OLD | {6: marked}


def test_many_comments_change_no_character_and_no_other_part() -> None:
    """A copy of a report is the report."""
    before = report()
    comments = [at("p1", "1733.73"), at("p1", "33.7"), at("p2", "125.90"), at("p2", "5.90万元"), at("note1", "9"),
                at("p3", "33"), Comment("p6", (0, 0), "空白"), Comment("p1", (0, 0), "开头")]  # fmt: skip
    after = with_comments(before, comments)
    assert read_report("报告.docx", after) == read_report("报告.docx", before)
    assert {part for part, content in parts(before).items() if parts(after)[part] != content} == {
        "word/document.xml", "word/comments.xml",
    }  # fmt: skip
    marked = ["收", "1733.73", "33.7", "125.90", "5.90万元", "33", "<footnoteReference>", *OLD.values(), ""]
    assert list(commented(after).values()) == marked
    assert [run.get(f"{W}val") for run in etree.fromstring(parts(after)["word/document.xml"]).iter(f"{W}b")] == [
        None
    ] * 5
    assert with_comments(before, comments) == after


def test_every_character_of_a_report_can_be_marked() -> None:
    """Whatever its runs, controls and fields: one comment a character, each at its own."""
    passages = [
        one for one in read_report("报告.docx", report()) if one.place in ("p1", "p2", "p4", "t1r1c1", "t1r1c2")
    ]
    comments = [
        Comment(one.place, (k, k + 1), "看") for one in passages for k in range(len(one.text)) if one.text[k] != "\n"
    ]
    data = with_comments(report(), comments)
    characters = [one.text[k] for one in passages for k in range(len(one.text)) if one.text[k] != "\n"]
    assert [commented(data)[6 + k].replace("<tab>", "\t") for k in range(len(comments))] == characters
    assert read_report("报告.docx", data) == read_report("报告.docx", report())


def test_python_docx_reads_the_comments_old_and_new() -> None:
    """An independent reader finds author, text and the comment that was there."""
    found = list(Document(io.BytesIO(with_comments(report(), [Comment("p1", (0, 2), "一\n二\x07")]))).comments)
    assert [(one.comment_id, one.author) for one in found] == [(5, "复核"), (6, AUTHOR)]
    assert [paragraph.text for paragraph in found[1].paragraphs] == ["一", "二\ufffd"]


def test_a_document_without_comments_gets_its_first() -> None:
    """The part, its type and its relation are made; python-docx's own documents are of another hand than ours."""
    made = Document()
    made.add_paragraph("收入1733.73万元")
    target = io.BytesIO()
    made.save(target)
    with_one = with_comments(target.getvalue(), [Comment("p1", (2, 9), "核对")])
    assert [one.text for one in Document(io.BytesIO(with_one)).comments] == ["核对"]
    strict = with_comments(document(p("收入1733.73万元"), strict=True), [Comment("p1", (2, 9), "核对")])
    assert b"purl.oclc.org/ooxml/officeDocument/relationships/comments" in parts(strict)["word/_rels/document.xml.rels"]
    assert b"schemas.openxmlformats.org/wordprocessingml" not in parts(strict)["word/comments.xml"]


def test_only_documents_take_comments() -> None:
    """A text file has no margin."""
    with pytest.raises(UnreadableReport, match="批注"):
        with_comments("收入".encode(), [])


def test_damage_never_comes_out_as_a_traceback() -> None:
    """What could be read can be commented, or is refused with a sentence."""
    chance, made = random.Random(7), 0
    for _ in range(60):
        data = damaged(report(), chance)
        with contextlib.suppress(JixiaoError):
            comments = [Comment(one.place, (0, len(one.text)), "看") for one in read_report("报告.docx", data)]
            made += with_comments(data, comments) != data
    assert made > 10


@pytest.mark.office
def test_libreoffice_shows_every_comment(soffice: str, tmp_path: Path) -> None:
    """It opens the copy, prints it, and gives every comment back with its text.

    LibreOffice 7.4 reads no comment's text (nobody's) within a control that holds whole paragraphs.
    """
    words = [("p1", "33"), ("p2", "125.90"), ("p2", "107.28"), ("t1r1c1", "项目"), ("note1", "9"), ("box1p1", "7")]
    source = tmp_path / "批注.docx"
    source.write_bytes(with_comments(report(), [at(*one) for one in words]))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    for target in ("pdf", "odt"):
        command = [soffice, profile, "--headless", "--convert-to", target, "--outdir", str(tmp_path), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert (tmp_path / "批注.pdf").read_bytes().startswith(b"%PDF")
    with zipfile.ZipFile(tmp_path / "批注.odt") as package:
        content = package.read("content.xml").decode()
    shown = re.findall(r"<office:annotation .*?</office:annotation>", content, re.DOTALL)
    texts = [re.sub("<[^>]*>", "", one) for one in shown]
    assert sorted(text.partition("核对：")[2] for text in texts) == sorted(["原有的话", *(word for _, word in words)])
