"""Refresh (更新报告中的数字): figures that moved change, a person's words and figures do not."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import pytest
from lxml import etree

from jixiao_xl.files.word_controls import ControlledDocument
from jixiao_xl.files.word_package import UnreadableReport
from jixiao_xl.model.figure_wording import in_the_manner_of, says_the_same
from jixiao_xl.model.findings import Catalogue
from jixiao_xl.model.report_figures import CurrentFigures
from jixiao_xl.model.report_tags import (
    FigureName,
    WrittenFigure,
    control_id,
    digest_of,
    read_tag,
    read_title,
    tag_of,
    title_of,
    written_figures,
)
from jixiao_xl.stages.report.refresh import Refreshed, figures_in, refresh
from tests import hand_edits
from tests.word_documents import NAMESPACES, cell, document, p, packed, r, row, table, text_box

FILE = "结果/自评报告.docx"
INCOME, PRIOR, AMOUNT, RATE = (
    FigureName("fiscal_income"),
    FigureName("prior_total_income"),
    FigureName("income_change"),
    FigureName("income_change_rate"),
)
AMOUNT_DIR, RATE_DIR = FigureName("income_change", "dir"), FigureName("income_change_rate", "dir")
PHRASE = FigureName("expenditure_change", "phrase")
LABELS = {
    "fiscal_income": "本年财政拨款收入",
    "prior_total_income": "上年收入",
    "income_change": "收入增减额",
    "income_change_rate": "收入增减率",
    "expenditure_change": "支出增减额",
    "score": "得分",
}
GROUPS: dict[str, str] = dict.fromkeys(("income_change", "income_change_rate"), "income_change")
SYNONYMS = {
    "增加": ("增长", "上升", "提高"),
    "减少": ("下降", "降低"),
    "增长": ("增加", "上升"),
    "下降": ("减少", "降低"),
}
WRITTEN = {
    INCOME: "1733.73",
    PRIOR: "1841.01",
    AMOUNT: "107.28",
    RATE: "5.83",
    AMOUNT_DIR: "减少",
    RATE_DIR: "下降",
    PHRASE: "较上年减少124.55万元，下降6.70%",
    FigureName("score"): "96.00",
}
MOVED = WRITTEN | {
    INCOME: "1740.00",
    AMOUNT: "101.01",
    RATE: "5.49",
    PHRASE: "较上年减少110.00万元，下降5.92%",
}
TURNED = WRITTEN | {
    INCOME: "1900.00",
    AMOUNT: "58.99",
    RATE: "3.20",
    AMOUNT_DIR: "增加",
    RATE_DIR: "增长",
    PHRASE: "较上年增加10.00万元，增长0.54%",
}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def figures(texts: dict[FigureName, str]) -> CurrentFigures:
    return CurrentFigures(texts, LABELS, GROUPS, SYNONYMS)


def control(name: FigureName, *inner: str, ordinal: int = 1, written: str | None = None, more: str = "") -> str:
    """A figure as the program writes it; `inner`: what an editor has made of its runs."""
    text = WRITTEN[name] if written is None else written
    title, tag = title_of(LABELS.get(name.fact, ""), name), tag_of(name, text)
    properties = (
        f'<w:alias w:val="{title}"/><w:tag w:val="{tag}"/><w:id w:val="{control_id(name, ordinal)}"/>{more}<w:text/>'
    )
    content = "".join(inner) if inner else r(text)
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def income(amount: str = "", rate: str = "", way: str = "") -> str:
    """The sentence of the change of income; pieces of it as a person has left them."""
    return p(
        "收入",
        control(INCOME),
        "万元，较上年",
        way or control(AMOUNT_DIR),
        amount or control(AMOUNT),
        "万元，",
        control(RATE_DIR),
        rate or control(RATE),
        "%。",
    )


def record(*names: FigureName) -> tuple[WrittenFigure, ...]:
    """What a last run left that wrote these."""
    return tuple(WrittenFigure(name, WRITTEN[name]) for name in names)


SENTENCE = record(INCOME, AMOUNT_DIR, AMOUNT, RATE_DIR, RATE)


class Rerun:
    """What one run of refresh makes of a report."""

    def __init__(self, data: bytes, done: Refreshed) -> None:
        self.before, self.done = data, done

    @property
    def texts(self) -> list[str]:
        """What its figures say, in order."""
        return [control.text for control in ControlledDocument(FILE, self.done.data).controls]

    @property
    def text(self) -> str:
        """All that stands in the document's part, deletions left out."""
        root = etree.fromstring(part(self.done.data))
        return "".join(
            t.text or "" for t in root.iter(f"{W}t") if not hand_edits.under(t, "del", "moveFrom", "Fallback")
        )

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.done.findings]

    @property
    def xml(self) -> str:
        return part(self.done.data).decode()


def part(data: bytes, name: str = "word/document.xml") -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name)


Again = Callable[..., Rerun]


@pytest.fixture
def rerun(catalogue: Catalogue) -> Again:
    """Refresh a document, whose record is empty unless the test needs one."""

    def run(
        body: str | bytes,
        texts: dict[FigureName, str] = MOVED,
        last: Sequence[WrittenFigure] = (),
        *,
        fresh: Sequence[WrittenFigure] = (),
        force: bool = False,
    ) -> Rerun:
        data = body if isinstance(body, bytes) else document(body)
        return Rerun(data, refresh(data, figures(texts), last, catalogue, FILE, fresh=fresh, force=force))

    return run


# -- what moved, and nothing else ------------------------------------------------------------------------------


def test_a_figure_that_moved_changes_and_not_a_byte_beside_it(rerun: Again) -> None:
    """The officer's report is theirs: the difference of the two files is the figure and its tag."""
    body = p("收入", control(INCOME), "万元，得分", control(FigureName("score")), "分。")
    again = rerun(body)
    expected = part(again.before).replace(b"fact:fiscal_income=1733.73", b"fact:fiscal_income=1740.00")
    expected = expected.replace(b">1733.73<", b">1740.00<")
    assert part(again.done.data) == expected
    assert [str(change) for change in again.done.changes] == ["更新：本年财政拨款收入（第1段） 1733.73 → 1740.00"]
    assert again.codes == []


def test_a_report_in_which_nothing_moved_comes_back_byte_by_byte(rerun: Again) -> None:
    """Also with the person's own words, words of the same direction, and comments."""
    again = rerun(income(way=control(AMOUNT_DIR, r("下降"))) + p("另行说明。"), WRITTEN, SENTENCE)
    assert again.done.data == again.before
    assert again.done.changes == () == again.done.findings


def test_every_other_part_is_copied_as_it_is_packed(rerun: Again) -> None:
    """Pictures, styles, comments, settings: nothing is packed again."""
    data = document(income(), styles="<w:style/>", comments="<w:comment/>")
    again = rerun(data)
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(io.BytesIO(again.done.data)) as new:
        assert old.namelist() == new.namelist()
        for one, other in zip(old.infolist(), new.infolist(), strict=True):
            assert (old.read(one) == new.read(other)) is (one.filename != "word/document.xml")


def test_the_same_report_gives_the_same_bytes(rerun: Again) -> None:
    """And a second run finds nothing to do."""
    again = rerun(income())
    assert rerun(income()).done.data == again.done.data
    second = rerun(again.done.data, MOVED, again.done.written)
    assert second.done.data == again.done.data
    assert second.done.changes == ()


# -- runs, comments, bookmarks ---------------------------------------------------------------------------------


def test_a_split_figure_keeps_the_first_run_s_look_and_all_marks_between(rerun: Again) -> None:
    """Word splits for spelling, formatting and bookmarks; a comment on half a figure is still there afterwards."""
    runs = (
        r("17", "<w:b/>"),
        '<w:proofErr w:type="spellStart"/><w:commentRangeStart w:id="3"/>',
        r("33", "<w:i/>"),
        '<w:bookmarkStart w:id="1" w:name="x"/><w:commentRangeEnd w:id="3"/>'
        '<w:r><w:commentReference w:id="3"/></w:r><w:bookmarkEnd w:id="1"/>',
        r(".73"),
    )
    again = rerun(p("收入", control(INCOME, *runs)))
    assert again.texts == ["1740.00"]
    old = part(again.before).decode()
    kept = ["proofErr", "commentRangeStart", "commentRangeEnd", "commentReference", "bookmarkStart", "bookmarkEnd"]
    assert all(again.xml.count(mark) == old.count(mark) == 1 for mark in kept)
    assert '<w:rPr><w:b/></w:rPr><w:t xml:space="preserve">1740.00</w:t>' in again.xml


def test_a_look_put_on_a_figure_is_no_edit(rerun: Again) -> None:
    """Bold is for the eye."""
    again = rerun(p(control(INCOME, r("1733.73", "<w:b/><w:color w:val='FF0000'/>"))))
    assert again.texts == ["1740.00"]
    assert again.codes == []


@pytest.mark.parametrize("strict", [False, True])
def test_figures_stand_in_cells_boxes_notes_headers_and_whole_cells(rerun: Again, strict: bool) -> None:
    """Wherever an officer may put one; a text box stands in the file twice and is counted once."""
    whole = f"<w:tr>{control(PRIOR, cell(p(r('1841.01'))))}</w:tr>"
    body = table(row(cell(p(control(INCOME)))), whole) + p("框", text_box(p("得", control(FigureName("score")))))
    data = document(
        body,
        strict=strict,
        header=p(control(INCOME, ordinal=2)),
        footnotes='<w:footnote w:id="2">' + p(control(INCOME, ordinal=3)) + "</w:footnote>",
    )
    now = MOVED | {PRIOR: "1850.00", FigureName("score"): "95.50"}
    again = rerun(data, now)
    assert again.texts == ["1740.00", "1850.00", "95.50", "1740.00", "1740.00"]
    assert again.xml.count(">95.50<") == 2
    assert again.xml.count("score=95.50") == 2
    assert [change.place for change in again.done.changes][:3] == ["t1r1c1", "t1r2c1", "box1p1"]
    assert len(again.done.written) == 5


# -- copies ----------------------------------------------------------------------------------------------------


def test_a_copy_is_refreshed_and_gets_a_number_of_its_own(rerun: Again) -> None:
    """Two controls of one number: Word repairs such a file, some editors refuse it."""
    again = rerun(income() + p("如前所述，收入", control(INCOME), "万元。"), MOVED, SENTENCE)
    assert [text for text in again.texts if text == "1740.00"] == ["1740.00", "1740.00"]
    numbers = [one.identity for one in ControlledDocument(FILE, again.done.data).controls]
    assert len(set(numbers)) == len(numbers)
    assert [one.state for one in again.done.written if one.name == INCOME] == ["", "copy"]


def test_a_copy_that_is_taken_away_again_is_no_deletion(rerun: Again) -> None:
    """What the program never wrote it does not miss."""
    first = rerun(income() + p(control(INCOME)), WRITTEN, SENTENCE)
    assert rerun(income(), WRITTEN, first.done.written).codes == []
    gone = rerun(p("没有数。"), WRITTEN, first.done.written)
    assert gone.codes == ["figure-deleted"] * len(SENTENCE)


def test_a_figure_that_was_moved_elsewhere_is_followed_by_its_tag(rerun: Again) -> None:
    """Two figures that changed places are two figures still."""
    again = rerun(p(control(PRIOR), "与", control(INCOME)), MOVED | {PRIOR: "1850.00"})
    assert again.texts == ["1850.00", "1740.00"]


# -- a person's figures ----------------------------------------------------------------------------------------


def test_an_edited_figure_stays_with_its_whole_group_and_one_finding_says_so(rerun: Again) -> None:
    """A new rate beside an old amount would make the sentence contradict itself."""
    again = rerun(income(amount=control(AMOUNT, r("110"))) + income(), MOVED)
    assert again.texts == ["1740.00", "减少", "110", "下降", "5.83", "1740.00", "减少", "101.01", "下降", "5.49"]
    (finding,) = again.done.findings
    assert finding.code == "figure-edited"
    assert (finding.found, finding.expected) == ("减少、110、下降、5.83", "减少、101.01、下降、5.49")
    for words in ("收入增减额、收入增减率（第1段）", "减少、107.28、下降、5.83"):
        assert words in finding.message


def test_by_force_what_a_person_wrote_is_overwritten_and_said(rerun: Again) -> None:
    """`--force` is a decision; the run tells what it did."""
    again = rerun(income(amount=control(AMOUNT, r("110"))), MOVED, force=True)
    assert again.texts == ["1740.00", "减少", "101.01", "下降", "5.49"]
    assert again.codes == []
    assert "覆盖人工改动：收入增减额（第1段） 110 → 101.01" in [str(change) for change in again.done.changes]


def test_a_person_who_was_quicker_is_no_conflict(rerun: Again) -> None:
    """They typed what the workbooks now give: next time it is the program's again."""
    again = rerun(income(amount=control(AMOUNT, r("101.01"))), MOVED)
    assert again.texts == ["1740.00", "减少", "101.01", "下降", "5.49"]
    assert again.codes == []
    assert "fact:income_change=101.01" in again.xml
    assert rerun(again.done.data, TURNED).codes == []


def test_the_finding_is_the_same_one_until_it_is_settled(rerun: Again) -> None:
    """A decision holds though paragraphs are put before it; it falls when the figure moves."""
    edited = income(amount=control(AMOUNT, r("110")))
    first = rerun(edited, MOVED).done.findings[0]
    later = rerun(p("新的一段。") + edited, MOVED).done.findings[0]
    assert (first.id, first.fingerprint) == (later.id, later.fingerprint)
    assert rerun(edited, TURNED).done.findings[0].fingerprint != first.fingerprint


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("1,733.73", "1,740.00"),
        ("１７３３．７３", "１７４０．００"),
        ("1733.73 ", "1740.00 "),
        ("１，７３３.７３", "１，７４０.００"),
    ],
)
def test_another_way_of_writing_the_same_number_is_kept(rerun: Again, typed: str, shown: str) -> None:
    """Neither an old number nor the lost separator would please whoever put it there."""
    again = rerun(p(control(INCOME, r(typed))))
    assert again.texts == [shown]
    assert again.codes == []
    assert rerun(p(control(INCOME, r(typed))), WRITTEN).done.data == again.before


@pytest.mark.parametrize("typed", ["1733.7", "约1733.73", "1733.73万元", "1 733.73", "17.33.73", "1733.730"])
def test_another_number_or_another_word_is_an_edit(rerun: Again, typed: str) -> None:
    """What is not surely the same is a person's text."""
    again = rerun(p(control(INCOME, r(typed))))
    assert (again.texts, again.codes) == ([typed], ["figure-edited"])


def test_a_word_of_the_same_direction_stays_while_the_direction_does(rerun: Again) -> None:
    """下降 for 减少 is style; when the change turns into growth, a falling word would be false."""
    edited = income(way=control(AMOUNT_DIR, r("降低"))) + p(control(PHRASE, r("较上年下降124.55万元，降低6.70%")))
    same = rerun(edited, MOVED)
    assert same.texts[1] == "降低"
    assert same.texts[-1] == "较上年下降110.00万元，降低5.92%"
    turned = rerun(same.done.data, TURNED)
    assert turned.texts[1] == "增加"
    assert turned.texts[-1] == "较上年增加10.00万元，增长0.54%"
    assert same.codes == turned.codes == []


def test_a_phrase_that_a_person_reworded_is_theirs(rerun: Again) -> None:
    """The number inside is not taken for the program's."""
    typed = "比去年少了124.55万元"
    again = rerun(p(control(PHRASE, r(typed))))
    assert (again.texts, again.codes) == ([typed], ["figure-edited"])


def test_a_long_text_is_known_by_its_digest(rerun: Again) -> None:
    """Tags hold 64 characters; the rest of the sentence counts all the same."""
    long = "较上年减少124.55万元，下降6.70%，" + "主要是项目支出按进度执行" * 5
    body = p(control(PHRASE, written=long))
    assert f"={digest_of(long)}" in body
    assert rerun(body).texts == [MOVED[PHRASE]]
    other = body.replace(f">{long}<", f">{long}等<")
    assert rerun(other).codes == ["figure-edited"]


@pytest.mark.parametrize("emptied", ["prompt", "runs", "nothing"])
def test_an_emptied_figure_is_a_person_s_edit_and_filled_by_force_only(rerun: Again, emptied: str) -> None:
    """Word shows its prompt in grey where the figure was."""
    more, inner = {
        "prompt": ("<w:showingPlcHdr/>", r("单击此处输入文字。", '<w:rStyle w:val="PlaceholderText"/>')),
        "runs": ("", "<w:r><w:rPr><w:b/></w:rPr></w:r>"),
        "nothing": ("", '<w:bookmarkStart w:id="1" w:name="x"/><w:bookmarkEnd w:id="1"/>'),
    }[emptied]
    body = p("收入", control(INCOME, inner, more=more), "万元。")
    again = rerun(body)
    assert (again.codes, again.done.data) == (["figure-edited"], again.before)
    assert again.done.findings[0].found == ""
    forced = rerun(body, force=True)
    assert forced.text == "收入1740.00万元。"
    assert "showingPlcHdr" not in forced.xml
    assert "PlaceholderText" not in forced.xml
    assert rerun(forced.done.data, TURNED).texts == ["1900.00"]


# -- tracked changes -------------------------------------------------------------------------------------------

BY = 'w:id="9" w:author="甲" w:date="2026-03-01T00:00:00Z"'


def test_inserted_text_counts_and_deleted_text_does_not(rerun: Again) -> None:
    """With tracking on, a typed figure is an insertion beside a deletion."""
    struck = f"<w:del {BY}><w:r><w:delText>107.28</w:delText></w:r></w:del>"
    typed = f"<w:ins {BY}>{r('110')}</w:ins>"
    again = rerun(income(amount=control(AMOUNT, struck + typed)))
    assert again.codes == ["figure-edited"]
    assert "、110、" in (again.done.findings[0].found or "")
    assert part(again.done.data).count(b"<w:delText>107.28</w:delText>") == 1


def test_a_figure_wholly_inserted_stays_an_insertion(rerun: Again) -> None:
    """Refreshing is not a tracked change, and takes none away."""
    again = rerun(p("其中：", f"<w:ins {BY}>{r('收入')}{control(INCOME)}</w:ins>"))
    assert again.text == "其中：收入1740.00"
    assert again.xml.count("<w:ins ") == 1
    assert "<w:del" not in again.xml


def test_a_half_inserted_figure_survives_the_refusal_of_the_insertion(rerun: Again) -> None:
    """The new text goes where it stays whatever becomes of the tracked change."""
    again = rerun(p(control(INCOME, f"<w:ins {BY}>{r('17')}</w:ins>", r("33.73"))))
    assert again.texts == ["1740.00"]
    assert re.search(r"<w:ins [^>]*><w:r><w:t[^>]*></w:t></w:r></w:ins>", again.xml)


# -- deletions -------------------------------------------------------------------------------------------------


def test_a_deleted_figure_is_reported_in_every_run_and_not_put_back(rerun: Again) -> None:
    """The officer may have meant it, or not seen it."""
    body = p("收入", control(INCOME), "万元。")
    first = rerun(body, MOVED, record(INCOME, PRIOR))
    (finding,) = first.done.findings
    assert (finding.code, finding.expected) == ("figure-deleted", "1841.01")
    assert "上年收入" in finding.message
    second = rerun(first.done.data, MOVED, first.done.written)
    assert [one.id for one in second.done.findings] == [finding.id]
    assert second.done.data == first.done.data
    back = rerun(body + p(control(PRIOR)), MOVED, second.done.written)
    assert (back.codes, [one.state for one in back.done.written]) == ([], ["", ""])


def test_a_figure_struck_out_under_tracking_is_deleted(rerun: Again) -> None:
    """The sentence stands there crossed out; its figure is not written into it."""
    struck = f"<w:del {BY}><w:r><w:delText>1733.73</w:delText></w:r></w:del>"
    again = rerun(p(control(INCOME, struck)), MOVED, record(INCOME))
    assert (again.codes, again.done.data) == (["figure-deleted"], again.before)


def test_a_figure_that_there_is_no_more_stays_and_is_reported(rerun: Again) -> None:
    """A section was dissolved: its number in the report is last year's, and somebody must know."""
    gone = FigureName("units.old_office.score")
    body = p(control(gone, written="88.00"))
    again = rerun(body, MOVED, [WrittenFigure(gone, "88.00")])
    assert (again.codes, again.done.data) == (["figure-unparsed"], again.before)
    assert "88.00" in again.done.findings[0].message


def test_a_new_figure_is_named_and_not_put_in(rerun: Again) -> None:
    """The program does not write sentences into a person's report."""
    again = rerun(p(control(INCOME)), WRITTEN, record(INCOME), fresh=record(INCOME, PRIOR))
    assert [(change.kind, change.label, change.new) for change in again.done.changes] == [
        ("new", "上年收入", "1841.01")
    ]
    assert again.done.data == again.before


# -- lost tags -------------------------------------------------------------------------------------------------


def without_tags(body: str) -> str:
    """What LibreOffice leaves of a control: its title, and a number of its own."""
    return re.sub(r'<w:id w:val="\d+"/>', '<w:id w:val="77"/>', re.sub(r"<w:tag [^>]*/>", "", body))


def test_a_lost_tag_falls_back_to_title_and_record_and_is_put_back(rerun: Again) -> None:
    """The report went through another editor; the figures are still the program's."""
    lost = without_tags(income(amount=control(AMOUNT, r("110"))) + p(control(INCOME, ordinal=2)))
    again = rerun(lost, MOVED, (*SENTENCE, *record(INCOME)))
    assert again.texts == ["1740.00", "减少", "110", "下降", "5.83", "1740.00"]
    assert again.codes.count("figure-edited") == 1
    tags = [read_tag(one.tag or "") for one in ControlledDocument(FILE, again.done.data).controls]
    assert [tag.written for tag in tags if tag] == ["1740.00", "减少", "107.28", "下降", "5.83", "1740.00"]


def test_a_chinese_text_that_an_editor_multiplied_is_mended(rerun: Again) -> None:
    """减少减少减少减少 was typed by nobody."""
    lost = without_tags(p(control(AMOUNT_DIR, r("减少" * 4)), control(PHRASE, r(WRITTEN[PHRASE] * 4))))
    again = rerun(lost, WRITTEN, record(AMOUNT_DIR, PHRASE))
    assert again.texts == ["减少", WRITTEN[PHRASE]]
    assert again.codes == []


def test_without_tag_and_record_nothing_is_guessed(rerun: Again) -> None:
    """The control may hold anybody's number: it stays and is reported."""
    again = rerun(without_tags(p(control(INCOME))))
    assert (again.texts, again.codes) == (["1733.73"], ["figure-unparsed"])
    assert again.done.data == again.before


def test_controls_of_others_are_left_alone(rerun: Again) -> None:
    """A form field of the office named `score` is none of ours."""
    properties = '<w:alias w:val="score"/><w:id w:val="5"/><w:text/>'
    other = f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{r('95')}</w:sdtContent></w:sdt>"
    tagged = other.replace('"5"/>', '"6"/><w:tag w:val="date"/>')
    again = rerun(p(other, tagged))
    assert (again.done.data, again.codes) == (again.before, [])


def test_a_tag_that_an_editor_cut_is_completed_from_the_record(rerun: Again) -> None:
    """Cut at 64 characters, it still names the figure; the record knows the rest."""
    name = FigureName("units.party_building_office.indicators.quality.score")
    cut = f"fact:{name}=1234567.25"[:64]
    body = p(control(name, written="1234567.25")).replace(tag_of(name, "1234567.25"), cut)
    assert cut in body
    again = rerun(body, {name: "90.00"}, [WrittenFigure(name, "1234567.25")])
    assert (again.texts, again.codes) == (["90.00"], [])


def test_a_figure_in_somebody_s_control_is_refreshed_once(rerun: Again) -> None:
    """A paragraph that the officer locked with a control of their own; a figure pasted into a figure."""
    outer = (
        "<w:sdt><w:sdtPr><w:alias w:val='段'/></w:sdtPr><w:sdtContent>"
        + p("收入", control(INCOME))
        + "</w:sdtContent></w:sdt>"
    )
    pasted = p(control(PRIOR, r("1841.01"), control(INCOME, ordinal=2)))
    again = rerun(outer + pasted, MOVED | {PRIOR: "1850.00"})
    assert again.text == "收入1740.001850.001740.00"
    assert again.codes == []


def test_another_prefix_and_quotes_are_understood(rerun: Again) -> None:
    """Not every program calls the namespace w."""
    body = p("收入", control(INCOME)).replace("w:", "x:").replace('"', "'")
    data = document(p("收入", control(INCOME)))
    other = part(data).decode().replace(p("收入", control(INCOME)), body).replace("xmlns:w=", "xmlns:x=")
    other = other.replace("<w:", "<x:").replace("</w:", "</x:")
    parts = {name: part(data, name) for name in zipfile.ZipFile(io.BytesIO(data)).namelist()}
    again = rerun(packed(parts | {"word/document.xml": other.encode()}))
    assert again.texts == ["1740.00"]
    lost = re.sub(r"<x:tag [^>]*/>", "", other)
    again = rerun(packed(parts | {"word/document.xml": lost.encode("utf-16")}), MOVED, record(INCOME))
    assert again.texts == ["1740.00"]
    assert "<x:tag x:val=" in again.xml


# -- the record, the wording -----------------------------------------------------------------------------------


def test_the_record_reads_back_as_it_was_written() -> None:
    """Through JSON, and whatever else a hand has put in."""
    figures = (WrittenFigure(PHRASE, "较上年", "copy"), WrittenFigure(INCOME, "1", "deleted"), WrittenFigure(PRIOR, ""))
    entries = [one.as_entry() for one in figures]
    assert entries[1] == {"id": "fiscal_income", "text": "1", "state": "deleted"}
    assert written_figures([*entries, {}, {"id": "x"}]) == figures


def test_what_the_program_wrote_is_read_from_its_own_report() -> None:
    """The first record, and what a later report could show."""
    assert figures_in(document(income()), FILE) == tuple(
        WrittenFigure(name, WRITTEN[name]) for name in (INCOME, AMOUNT_DIR, AMOUNT, RATE_DIR, RATE)
    )


def test_years_get_no_separators_and_words_need_their_mapping() -> None:
    """1,733.73 asks for thousands, 2025年 is no amount."""
    assert in_the_manner_of("2025年1900.00", "2025年1,733.73", {}) == "2025年1,900.00"
    assert not says_the_same("减少1", "下降1", {})
    assert says_the_same("减少1", "下降1", {"减少": ("下降",)})
    assert not says_the_same("减少1", "增加1", SYNONYMS)


@pytest.mark.parametrize("name", [PHRASE, FigureName("units.party_office.indicators.quality")])
def test_tags_and_titles_are_no_longer_than_word_takes(name: FigureName) -> None:
    """Beyond 64 characters Word cuts a title; what is left must still name the figure and prove its text."""
    text = "较上年减少124.55万元，下降6.70%，主要是项目支出按进度执行" * 2
    tag, title = tag_of(name, text), title_of("革新街道办事处全年各项经常性支出增减额" * 3, name)
    assert (len(tag) <= 64, len(title)) == (True, 64)
    assert read_title(title) == name
    found = read_tag(tag)
    assert found is not None
    assert (found.name, found.says(text), found.says(text + "。")) == (name, True, False)


# -- files that are none ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600, "encrypted"),
        (document(p("文"))[:-40], "truncated"),
        (packed({"a.txt": b"x"}), "other_format"),
        ("收入1733.73万元".encode(), "other_format"),
    ],
    ids=["empty", "doc", "encrypted", "cut", "zip", "text"],
)
def test_what_is_no_report_is_refused_with_what_to_do(rerun: Again, data: bytes, reason: str) -> None:
    """The operator mends it; nothing of the file is lost."""
    with pytest.raises(UnreadableReport) as refusal:
        rerun(data)
    assert refusal.value.reason == reason
    assert "自评报告.docx" in str(refusal.value)


def test_a_header_with_entities_is_refused(rerun: Again) -> None:
    """No part of the package may fetch or multiply anything."""
    data = document(p(control(INCOME)), header="")
    parts = {name: part(data, name) for name in zipfile.ZipFile(io.BytesIO(data)).namelist()}
    hostile = f'<!DOCTYPE x [<!ENTITY a "b">]><w:header {NAMESPACES.format(main=W[1:-1])}><w:sdt>&a;</w:sdt></w:header>'
    with pytest.raises(UnreadableReport) as refusal:
        rerun(packed(parts | {"word/header.xml": hostile.encode()}))
    assert refusal.value.reason == "unsafe"


# -- other programs --------------------------------------------------------------------------------------------


def test_python_docx_reads_what_a_refresh_writes(rerun: Again) -> None:
    """An independent reader of the package."""
    again = rerun(income())
    (paragraph,) = docx.Document(io.BytesIO(again.done.data)).paragraphs
    assert (
        "".join(t.text or "" for t in paragraph._p.iter(f"{W}t"))  # pyright: ignore[reportPrivateUsage]
        == "收入1740.00万元，较上年减少101.01万元，下降5.49%。"
    )


@pytest.mark.office
def test_a_report_that_went_through_libreoffice_is_still_refreshed(rerun: Again, soffice: str, tmp_path: Path) -> None:
    """It drops the tags, numbers the controls anew, and may write Chinese text four times."""
    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / "report.docx"
    source.write_bytes(document(income() + p("支出", control(PHRASE), "。") + p("手写的一段。")))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    convert = [soffice, profile, "--headless", "--convert-to", "docx", "--outdir", str(tmp_path), str(source)]
    subprocess.run(convert, check=True, capture_output=True, timeout=120)
    data = (tmp_path / "report.docx").read_bytes()
    assert data != source.read_bytes()
    again = rerun(data, MOVED, (*SENTENCE, *record(PHRASE)))
    wanted = [MOVED[name] for name in (INCOME, AMOUNT_DIR, AMOUNT, RATE_DIR, RATE, PHRASE)]
    assert again.texts == wanted
    assert "手写的一段。" in again.text
    assert again.codes == []


# -- two weeks of editing --------------------------------------------------------------------------------------

SCORE = FigureName("score")
OTHERWISE = {
    AMOUNT_DIR: ("降低", "降低"),
    RATE_DIR: ("减少", "减少"),
    PHRASE: ("较上年下降124.55万元，减少6.70%", "较上年下降110.00万元，减少5.92%"),
}
for _name in (INCOME, PRIOR, AMOUNT, RATE, SCORE):
    OTHERWISE[_name] = (f"{float(WRITTEN[_name]):,.2f} ", f"{float(MOVED[_name]):,.2f} ")


def name_of(control: hand_edits.Element) -> FigureName:
    """Which figure a control of the hand's document shows."""
    tag = read_tag(control.find(f"{W}sdtPr/{W}tag").get(f"{W}val", ""))  # pyright: ignore[reportOptionalMemberAccess]
    assert tag is not None
    return tag.name


@pytest.fixture(scope="module")
def long_report() -> bytes:
    """A report with figures in sentences, cells, a text box, a note and a header."""
    sentences = [income() + p("本年支出", control(PHRASE), f"（第{number}次）。") for number in range(4)]
    cells = table(row("收入", cell(p(control(INCOME)))), row("上年", cell(p(control(PRIOR)), p(control(SCORE)))))
    box = p("框内：", text_box(p("得分", control(SCORE), "分", control(PHRASE))))
    prose = "".join(p(f"第{number}段没有数的文字。", r("着重", "<w:b/>")) for number in range(5))
    body = p("一、收入", properties='<w:pStyle w:val="1"/>') + prose + "".join(sentences) + cells + box + prose
    note = '<w:footnote w:id="2">' + p("注：", control(PRIOR)) + "</w:footnote>"
    data = document(body, header=p(control(SCORE)), footnotes=note)
    number = iter(range(1000, 9000))
    parts = {name: part(data, name) for name in zipfile.ZipFile(io.BytesIO(data)).namelist()}
    inner = re.sub(rb'(<w:id w:val=")\d+', lambda found: found[1] + str(next(number)).encode(), part(data))
    return packed(parts | {"word/document.xml": inner})


def skeleton(content: bytes) -> bytes:
    """A part without what our controls say, their tags and their numbers; canonical."""
    root = etree.fromstring(content)
    for one in root.iter(f"{W}sdt"):
        for t in one.iterfind(f"{W}sdtContent//{W}t"):
            t.text = ""
            t.attrib.pop(hand_edits.SPACE, None)
        for property_ in ("tag", "id"):
            one.find(f"{W}sdtPr/{W}{property_}").attrib.clear()  # pyright: ignore[reportOptionalMemberAccess]
    return etree.tostring(root, method="c14n")


def due(hand: hand_edits.Hand) -> tuple[list[str], int]:
    """By the rules: what every figure says after a refresh, and how many findings of edits there are."""
    frozen: set[tuple[hand_edits.Element, str]] = set()
    single = 0
    controls = [(one, name_of(one), hand.deed(one)) for one in hand_edits.in_order(hand.root)]

    def group(one: hand_edits.Element, name: FigureName) -> tuple[hand_edits.Element, str] | None:
        paragraph = next(one.iterancestors(f"{W}p"))
        return (paragraph, GROUPS[name.fact]) if name.fact in GROUPS else None

    for one, name, deed in controls:
        if deed in ("edited", "emptied"):
            key = group(one, name)
            single += key is None
            frozen |= {key} if key else set()
    texts: list[str] = []
    for one, name, deed in controls:
        if deed in ("edited", "emptied", "struck") or group(one, name) in frozen:
            texts.append(hand_edits.said(one))
        else:
            texts.append(OTHERWISE[name][1] if deed == "thousands" else MOVED[name])
    return texts, single + len(frozen)


@pytest.mark.parametrize("batch", range(10))
def test_200_random_hands_lose_no_word_and_every_figure_is_right(
    long_report: bytes, catalogue: Catalogue, batch: int
) -> None:
    """Prose, looks, comments and tracked changes are canonically the same; each figure is what the rules say."""
    last = figures_in(long_report, FILE)
    parts = {name: part(long_report, name) for name in zipfile.ZipFile(io.BytesIO(long_report)).namelist()}
    for seed in range(batch * 20, batch * 20 + 20):
        hand = hand_edits.Hand(
            part(long_report), seed, lambda control: (OTHERWISE[name_of(control)][0], MOVED[name_of(control)])
        )
        hand.edit(seed % 40 + 5)
        data = packed(parts | {"word/document.xml": hand.part})
        done = refresh(data, figures(MOVED), last, catalogue, FILE)
        texts, edited = due(hand)
        root = etree.fromstring(part(done.data))
        assert [hand_edits.said(one) for one in hand_edits.in_order(root)] == texts, seed
        assert skeleton(part(done.data)) == skeleton(hand.part), seed
        codes = [finding.code for finding in done.findings]
        present = Counter(name_of(one) for one in hand_edits.in_order(hand.root) if hand.deed(one) != "struck")
        wanted = Counter(one.name for one in last) - Counter((SCORE, PRIOR))  # those of header and note
        assert codes.count("figure-edited") == edited, seed
        assert codes.count("figure-deleted") == sum((wanted - present).values()), seed
        assert len({finding.id for finding in done.findings}) == len(codes)
        if seed % 4 == 0:
            again = refresh(done.data, figures(MOVED), done.written, catalogue, FILE)
            assert (again.data, again.changes) == (done.data, ()), seed
            assert [finding.id for finding in again.findings] == [finding.id for finding in done.findings]
        if seed % 4 == 1:
            forced = refresh(data, figures(MOVED), last, catalogue, FILE, force=True)
            texts = [hand_edits.said(one).strip() for one in hand_edits.in_order(etree.fromstring(part(forced.data)))]
            shown = {text.strip() for pair in OTHERWISE.values() for text in pair} | set(MOVED.values())
            assert set(texts) <= {*shown, ""}, seed
            assert texts.count("") == sum(deed == "struck" for deed in hand.deeds_there()), seed
            assert "figure-edited" not in {finding.code for finding in forced.findings}
