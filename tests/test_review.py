"""The review (审核处理): the officer's own workbook. Decisions hold or fall, and nothing that was typed is lost."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.cell import absolute_coordinate
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl.files import safe
from jixiao_xl.files.cells import read_workbook
from jixiao_xl.files.ooxml import parts, zipped
from jixiao_xl.files.tables import save_unless_changed
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.findings import Finding, Severity, Status
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.places import CellKey, Place, Source
from jixiao_xl.model.results import Result
from jixiao_xl.model.review import CorrectionState, Decision, Review, ReviewScore
from jixiao_xl.stages.review import REVIEW_FILE, decide, read_review, review_workbook
from tests.office import Office, sheet_of, small_mapping

Content = str | int | float | date | None
DECISIONS, SCORES, CORRECTIONS = "处理", "复核", "电话更正"
HEADER, FIRST = 2, 3
UNITS = ("street_office", "party_office", "service_centre")
TOOL_COLUMNS = {"状态", "自评得分", "核算得分"}


# -- an office with something to decide, and an officer who does ------------------------------------------------


@pytest.fixture(scope="module")
def mapping(mapping: Mapping) -> Mapping:
    """That of a department with two sections."""
    return small_mapping(mapping, UNITS)


@pytest.fixture(scope="module")
def result(filled: dict[str, bytes], mapping: Mapping) -> Result:
    """What a run finds where a section has spent next to nothing and does not say why."""
    office = Office({unit: filled[unit] for unit in UNITS}, mapping, mapping.catalogue)
    office.put("service_centre", "收支表", "projects:01", "actual", 1)
    office.put("party_office", "收支表", "projects:01", "actual", 1)
    return office.result()


@pytest.fixture(scope="module")
def asked(result: Result) -> list[Finding]:
    """The findings about which somebody has to decide."""
    found = [finding for finding in result.findings if finding.needs_decision]
    assert len(found) > 2
    return found


@pytest.fixture(scope="module")
def fresh(result: Result, mapping: Mapping) -> bytes:
    """The workbook as the first run makes it."""
    data = review_workbook(None, result.findings, result.units, {}, mapping)
    assert data is not None
    return data


class Officer:
    """Somebody with Excel: types, sorts, adds columns, saves."""

    def __init__(self, data: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(data))

    def sheet(self, name: str) -> Worksheet:
        return sheet_of(self.book, name)

    def column(self, sheet: str, title: str) -> int:
        titles = [cell.value for cell in self.sheet(sheet)[HEADER]]
        return titles.index(title) + 1

    def cell(self, sheet: str, row: int, title: str) -> Cell:
        cell = self.sheet(sheet).cell(row, self.column(sheet, title))
        assert isinstance(cell, Cell)
        return cell

    def types(self, sheet: str, row: int, **values: Content) -> Officer:
        for title, value in values.items():
            self.cell(sheet, row, title).value = value
        return self

    def says(self, sheet: str, title: str) -> list[object]:
        """What stands in a column, without the blanks at its end."""
        page = self.sheet(sheet)
        values: list[object] = [self.cell(sheet, row, title).value for row in range(FIRST, page.max_row + 1)]
        while values and values[-1] is None:
            values.pop()
        return values

    def row_of(self, finding: Finding) -> int:
        return self.says(DECISIONS, "编号").index(finding.id) + FIRST

    def sorts(self, sheet: str, order: Sequence[int]) -> Officer:
        """The rows from the first one on in another order; `order` says which row comes first, second …"""
        page = self.sheet(sheet)
        old = [[page.cell(FIRST + n, c).value for c in range(1, page.max_column + 1)] for n in range(len(order))]
        for n, source in enumerate(order):
            for column, value in enumerate(old[source], start=1):
                cell = page.cell(FIRST + n, column)
                assert isinstance(cell, Cell)
                cell.value = value
        return self

    def saves(self) -> bytes:
        target = io.BytesIO()
        self.book.save(target)
        return target.getvalue()


def decisions_of(data: bytes, mapping: Mapping) -> dict[str, bool]:
    return {decision.finding: decision.accepted for decision in read_review(data, mapping).decisions}


def stands_in_order(data: bytes) -> bool:
    """Whether rows and cells go upwards; Excel calls a workbook damaged where they do not, other readers do not care."""
    cells = [[(cell.row, cell.column) for cell in sheet.cells] for sheet in read_workbook(data).sheets]
    return all(one == sorted(one) for one in cells)


def other_text(finding: Finding) -> Finding:
    """The same finding after the section has written something else about it."""
    return finding.explained("年底新增一批设备，明年起恢复正常。")


# -- the workbook ----------------------------------------------------------------------------------------------


def test_a_new_workbook_asks_about_everything_once(
    fresh: bytes, result: Result, asked: list[Finding], mapping: Mapping
) -> None:
    """Each finding to be decided and each indicator has its row; the same run again changes nothing."""
    officer = Officer(fresh)
    assert officer.says(DECISIONS, "编号") == [finding.id for finding in asked]
    assert officer.says(DECISIONS, "问题") == [finding.message for finding in asked]
    assert set(officer.says(DECISIONS, "状态")) == {"待处理"}
    assert officer.says(SCORES, "指标代码") == [
        i.key for unit in mapping.units for i in mapping.indicators_of(unit.code)
    ]
    assert review_workbook(fresh, result.findings, result.units, {}, mapping) is None
    assert review_workbook(None, result.findings, result.units, {}, mapping) == fresh
    assert read_review(fresh, mapping) == read_review(None, mapping) == Review()
    assert stands_in_order(fresh)


def test_it_is_made_for_typing_and_printing(fresh: bytes, asked: list[Finding]) -> None:
    """Lists and filters reach the last row, keys are hidden, a page is A4 across."""
    officer = Officer(fresh)
    for name in (DECISIONS, SCORES, CORRECTIONS):
        page = officer.sheet(name)
        assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
        assert page.auto_filter.ref is not None
        assert page.auto_filter.ref.endswith(str(page.max_row))
        assert not page.protection.sheet
        hidden_name = f"'{name}'!{absolute_coordinate(page.auto_filter.ref)}"
        assert f">{hidden_name}<".encode() in parts(fresh)["xl/workbook.xml"]
    page = officer.sheet(DECISIONS)
    last = officer.cell(DECISIONS, FIRST + len(asked) - 1, "处理")
    lists = [v for v in page.data_validations.dataValidation if v.type == "list" and last.coordinate in v.sqref]
    assert [v.formula1 for v in lists] == ['"采纳,不采纳"']
    hidden = [letter for letter, column in page.column_dimensions.items() if column.hidden]
    assert hidden == [officer.cell(DECISIONS, FIRST, "依据").column_letter]
    assert officer.cell(DECISIONS, FIRST, "处理").style_id == last.style_id


# -- decisions -------------------------------------------------------------------------------------------------


def test_a_decision_with_its_reason_settles_the_finding(fresh: bytes, asked: list[Finding], mapping: Mapping) -> None:
    """And no other one."""
    officer = Officer(fresh)
    officer.types(DECISIONS, officer.row_of(asked[0]), 处理="采纳", 理由="已核对凭证", 处理人="王敏")
    officer.types(DECISIONS, officer.row_of(asked[1]), 处理=" 不 采 纳 ", 理由="请附合同")
    review = read_review(officer.saves(), mapping)
    assert review.decisions == (
        Decision(asked[0].id, asked[0].fingerprint, accepted=True, reason="已核对凭证", decided_by="王敏"),
        Decision(asked[1].id, asked[1].fingerprint, accepted=False, reason="请附合同", decided_by=""),
    )
    decided = decide(asked, review)
    assert [(f.status, f.decision) for f in decided[:2]] == [
        (Status.ACCEPTED, "已核对凭证"),
        (Status.REJECTED, "请附合同"),
    ]
    assert decided[2:] == asked[2:]


def test_states_say_how_every_row_stands(fresh: bytes, result: Result, mapping: Mapping, asked: list[Finding]) -> None:
    """Also where the officer forgot the reason, typed another word, or the finding is gone."""
    officer = Officer(fresh)
    extra = [replace(asked[0], cause=f"extra{number}") for number in range(6)]
    findings = [*asked, *extra]
    data = review_workbook(fresh, findings, result.units, {}, mapping)
    assert data is not None
    officer = Officer(data)
    rows = [officer.row_of(finding) for finding in extra]
    officer.types(DECISIONS, rows[0], 处理="采纳", 理由="属实").types(DECISIONS, rows[1], 处理="不采纳", 理由="请改")
    officer.types(DECISIONS, rows[2], 处理="采纳").types(DECISIONS, rows[3], 处理="同意", 理由="属实")
    officer.types(DECISIONS, rows[4], 处理="采纳", 理由="属实").types(DECISIONS, rows[5], 理由="还在问")
    edited = officer.saves()
    assert set(decisions_of(edited, mapping)) == {extra[0].id, extra[1].id, extra[4].id}
    now = [*asked, *extra[:4], other_text(extra[4]), extra[5]]
    data = review_workbook(edited, decide(now, read_review(edited, mapping)), result.units, {}, mapping)
    assert data is not None
    states = Officer(data).says(DECISIONS, "状态")
    assert [states[row - FIRST] for row in rows] == [
        "已采纳", "不采纳", "请填理由", "处理只能填采纳或不采纳", "已失效：内容已改", "待处理",
    ]  # fmt: skip
    data = review_workbook(edited, asked[1:], result.units, {}, mapping)
    assert data is not None
    assert Officer(data).says(DECISIONS, "状态")[: len(asked)] == ["已消除"] + ["待处理"] * (len(asked) - 1)


def test_a_decision_falls_when_what_it_was_about_changes_and_stands_again_when_it_comes_back(
    fresh: bytes, result: Result, asked: list[Finding], mapping: Mapping
) -> None:
    """The section explains differently: asked anew, in a row below; the old row keeps what was decided then."""
    first, *rest = asked
    officer = Officer(fresh)
    edited = officer.types(DECISIONS, officer.row_of(first), 处理="采纳", 理由="属实").saves()
    changed = [other_text(first), *rest]
    assert decide(changed, read_review(edited, mapping)) == changed
    data = review_workbook(edited, changed, result.units, {}, mapping)
    assert data is not None
    officer = Officer(data)
    assert officer.says(DECISIONS, "编号") == [*(f.id for f in asked), first.id]
    assert officer.says(DECISIONS, "科室情况说明")[-1] == changed[0].explanation
    assert officer.says(DECISIONS, "理由") == ["属实"]
    assert review_workbook(data, changed, result.units, {}, mapping) is None
    assert decide(asked, read_review(data, mapping))[0].status is Status.ACCEPTED
    back = review_workbook(data, asked, result.units, {}, mapping)
    assert back is not None
    states = Officer(back).says(DECISIONS, "状态")
    assert (states[0], states[-1]) == ("已采纳", "已失效：内容已改")


def test_of_several_rows_about_one_finding_the_lowest_that_decides_counts(
    fresh: bytes, result: Result, asked: list[Finding], mapping: Mapping
) -> None:
    """An officer copies a row and changes their mind; a mind half made up settles nothing."""
    officer = Officer(fresh)
    officer.types(DECISIONS, FIRST, 处理="采纳", 理由="属实")
    page, below = officer.sheet(DECISIONS), FIRST + len(asked)
    page.append([cell.value for cell in page[FIRST]])
    officer.types(DECISIONS, below, 处理="不采纳", 理由="再核")
    edited = officer.saves()
    assert decisions_of(edited, mapping) == {asked[0].id: False}
    data = review_workbook(edited, asked, result.units, {}, mapping)
    assert data is not None
    states = Officer(data).says(DECISIONS, "状态")
    assert (states[0], states[-1]) == (f"以第 {below} 行为准", "不采纳")
    assert decisions_of(officer.types(DECISIONS, below, 理由=None).saves(), mapping) == {}
    assert decisions_of(officer.types(DECISIONS, below, 处理=None).saves(), mapping) == {asked[0].id: True}


def test_only_what_is_to_be_explained_is_decided(fresh: bytes, asked: list[Finding], mapping: Mapping) -> None:
    """A decision never settles what has become a mistake to be fixed."""
    edited = Officer(fresh).types(DECISIONS, FIRST, 处理="采纳", 理由="属实").saves()
    graver = [replace(asked[0], severity=Severity.MUST_FIX)]
    assert decide(graver, read_review(edited, mapping)) == graver


def test_an_id_of_ten_digits_that_became_a_number_is_still_known(
    result: Result, asked: list[Finding], mapping: Mapping
) -> None:
    """Excel's green triangle offers to make numbers of them; a leading zero is then gone."""
    causes = (replace(asked[0], cause=str(n)) for n in range(100_000))
    finding = next(f for f in causes if f.id.isdigit() and f.id.startswith("0"))
    data = review_workbook(None, [finding], result.units, {}, mapping)
    assert data is not None
    officer = Officer(data).types(DECISIONS, FIRST, 编号=int(finding.id), 处理="采纳", 理由="属实")
    assert decisions_of(officer.saves(), mapping) == {finding.id: True}


def test_a_text_stands_there_as_it_was_written(asked: list[Finding], mapping: Mapping) -> None:
    """What looks like Excel's own escapes, like a formula or like nothing that XML can hold."""
    texts = ["“_x0041_”不对", "=1+1", "换\n行", "坏字符\x00"]
    findings = [replace(asked[0], cause=text, message=text) for text in texts]
    data = review_workbook(None, findings, {}, {}, mapping)
    assert data is not None
    column = Officer(data).column(DECISIONS, "问题")
    cells = [cell for cell in read_workbook(data).sheets[0].cells if cell.column == column and cell.row >= FIRST]
    assert {cell.value for cell in cells} == {*texts[:3], "坏字符\ufffd"}
    assert review_workbook(data, findings, {}, {}, mapping) is None


# -- nothing that was typed is lost ----------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["采纳", "不采纳", "同意", "属实", " 两边有空格 ", "_x0041_", "换\n行", 7, 0.1, date(2026, 4, 1)]
)
SHEETS = st.sampled_from([DECISIONS, SCORES])
TYPED = {DECISIONS: ["处理", "理由", "处理人", "我的备注"], SCORES: ["复核意见", "复核人", "我的备注"]}
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("type"), SHEETS, st.integers(0, 8), st.integers(0, 3), WORDS),
        st.tuples(st.just("column"), SHEETS, st.integers(1, 12), st.just(0), st.just("")),
        st.tuples(st.just("row"), SHEETS, st.integers(0, 8), st.just(0), st.just("")),
        st.tuples(st.just("sort"), SHEETS, st.integers(0, 9999), st.just(0), st.just("")),
    ),
    max_size=8,
)


def edited(data: bytes, edits: list[tuple[str, str, int, int, Content]]) -> bytes:
    """The workbook after an officer's afternoon."""
    officer = Officer(data)
    for name in (DECISIONS, SCORES):
        page = officer.sheet(name)
        page.cell(HEADER, page.max_column + 1, "我的备注")
    for kind, name, place, which, word in edits:
        page = officer.sheet(name)
        match kind:
            case "type":
                titles = TYPED[name]
                officer.types(name, FIRST + place, **{titles[which % len(titles)]: word})
            case "column":
                page.insert_cols(place)
            case "row":
                page.insert_rows(FIRST + place)
            case _:
                count = page.max_row - FIRST + 1
                officer.sorts(name, sorted(range(count), key=lambda n: (n * 7919 + place) % 101))
    return officer.saves()


@settings(max_examples=15, deadline=None)
@given(edits=EDITS, which=st.integers(0, 3))
def test_whatever_the_officer_does_every_cell_stays_where_it_is(
    fresh: bytes,
    result: Result,
    asked: list[Finding],
    mapping: Mapping,
    edits: list[tuple[str, str, int, int, Content]],
    which: int,
) -> None:
    before = edited(fresh, edits)
    findings = [other_text(f) if n == which else f for n, f in enumerate(asked)]
    after = review_workbook(before, findings, {}, {}, mapping)
    assert after is not None
    assert stands_in_order(after)
    old, new = Officer(before), Officer(after)
    for page in old.book.worksheets:
        own = {old.column(page.title, title) for title in TOOL_COLUMNS if title in [c.value for c in page[HEADER]]}
        for row in page.iter_rows():
            for cell in row:
                if cell.column not in own and cell.value is not None:
                    now = sheet_of(new.book, page.title).cell(cell.row, cell.column)
                    assert (now.value, now.number_format) == (cell.value, cell.number_format)
    assert {(f.id, f.fingerprint) for f in findings} <= set(
        zip(new.says(DECISIONS, "编号"), new.says(DECISIONS, "依据"), strict=True)
    )
    assert review_workbook(after, findings, {}, {}, mapping) is None


def test_what_openpyxl_would_drop_stays_too(fresh: bytes, asked: list[Finding], mapping: Mapping) -> None:
    """Pictures, text boxes, remarks: every part but the sheets that are written is the same, byte by byte."""
    officer = Officer(fresh)
    officer.cell(DECISIONS, FIRST, "理由").comment = Comment("问过财政所", "王敏")
    content = parts(officer.saves())
    content["xl/drawings/drawing9.xml"] = "<我画的箭头/>".encode()
    content["xl/media/照片.png"] = b"\x89PNG"
    before = zipped(content)
    after = review_workbook(before, [other_text(asked[0]), *asked[1:]], {}, {}, mapping)
    assert after is not None
    now = parts(after)
    assert now.keys() == content.keys()
    assert {name for name in content if now[name] != content[name]} <= {
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/sheet2.xml",
        "xl/workbook.xml",  # the hidden name of the filter
    }
    comment = Officer(after).cell(DECISIONS, FIRST, "理由").comment
    assert comment is not None
    assert comment.text == "问过财政所"


def test_a_formula_and_a_colour_of_the_officer_stay(
    fresh: bytes, result: Result, asked: list[Finding], mapping: Mapping
) -> None:
    """Even a formula in a column of ours; and one yellow row does not make the new ones yellow."""
    officer = Officer(fresh).types(DECISIONS, FIRST, 状态='=IF(I3="采纳","好","")')
    officer.cell(DECISIONS, FIRST, "理由").fill = PatternFill("solid", fgColor="FFFF00")
    data = officer.saves()
    assert review_workbook(data, asked, result.units, {}, mapping) is None
    after = review_workbook(data, [*asked, replace(asked[0], cause="new")], result.units, {}, mapping)
    assert after is not None
    officer = Officer(after)
    assert officer.cell(DECISIONS, FIRST, "状态").value == '=IF(I3="采纳","好","")'
    fills = [officer.cell(DECISIONS, FIRST + n, "理由").fill.fgColor.rgb for n in (0, 1, len(asked))]
    assert fills == ["00FFFF00", "FFFFFBE6", "FFFFFBE6"]


@pytest.mark.office
def test_a_workbook_saved_by_another_program_says_the_same(
    fresh: bytes, result: Result, asked: list[Finding], mapping: Mapping, soffice: str, tmp_path: Path
) -> None:
    """LibreOffice, and with it much of what WPS does to a file."""
    officer = Officer(fresh).types(DECISIONS, FIRST, 处理="采纳", 理由="已核对").types(SCORES, FIRST, 复核得分=1.5)
    officer.types(
        CORRECTIONS,
        FIRST,
        单位="党政办",
        工作表="收支表",
        单元格="F5",
        原值="1,000.00",
        更正为=1200,
        日期=date(2026, 4, 1),
    )
    officer.types(CORRECTIONS, FIRST, 理由="录错", 提供人="李红")
    (tmp_path / REVIEW_FILE).write_bytes(officer.saves())
    target = tmp_path / "另存"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        soffice,
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(target),
        str(tmp_path / REVIEW_FILE),
    ]
    subprocess.run(command, check=True, capture_output=True)
    saved = (target / REVIEW_FILE).read_bytes()
    review = read_review(saved, mapping)
    assert review == read_review(officer.saves(), mapping)
    assert (len(review.decisions), len(review.scores), len(review.corrections)) == (1, 1, 1)
    states = {FIRST: CorrectionState.APPLIED}
    after = review_workbook(saved, [other_text(asked[0]), *asked[1:]], result.units, states, mapping)
    assert after is not None
    assert Officer(after).says(CORRECTIONS, "状态") == ["已采用"]
    assert len(Officer(after).says(DECISIONS, "编号")) == len(asked) + 1


def test_the_strict_variant_of_the_format_is_the_same_workbook(
    fresh: bytes, asked: list[Finding], mapping: Mapping
) -> None:
    """Excel offers it when saving; openpyxl finds no sheets in it."""
    spaces = {
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    }
    content = parts(Officer(fresh).types(DECISIONS, FIRST, 处理="采纳", 理由="属实").saves())
    for name in content:
        for transitional, strict in spaces.items():
            content[name] = content[name].replace(transitional, strict)
    strict_book = zipped(content)
    assert decisions_of(strict_book, mapping) == {asked[0].id: True}
    after = review_workbook(strict_book, [*asked, replace(asked[0], cause="new")], {}, {}, mapping)
    assert after is not None
    texts = [cell.value for cell in read_workbook(after).sheets[0].cells]
    assert replace(asked[0], cause="new").id in texts


# -- review scores ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [1.5, "1.5", "１．５", " 1.50 "])
def test_a_review_score_is_read_however_it_is_typed(fresh: bytes, mapping: Mapping, typed: Content) -> None:
    """Text or number."""
    data = Officer(fresh).types(SCORES, FIRST, 复核得分=typed, 复核意见="佐证不足").saves()
    first = mapping.indicators_of(mapping.root.code)[0]
    assert read_review(data, mapping).scores == (ReviewScore(first.unit, first.key, Decimal("1.50"), "佐证不足"),)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (2.5, "复核得分应在 0 至 2 之间，现为 2.5"),
        (-0.01, "复核得分应在 0 至 2 之间，现为 -0.01"),
        (1.555, "复核得分最多两位小数，现为 1.555"),
        ("约1.5", "复核得分应是数字，现为“约1.5”"),
    ],
)
def test_an_impossible_review_score_names_its_cell(fresh: bytes, mapping: Mapping, typed: Content, reason: str) -> None:
    """Sheet, cell, what may stand there."""
    officer = Officer(fresh).types(SCORES, FIRST, 复核得分=typed)
    with pytest.raises(JixiaoError) as error:
        read_review(officer.saves(), mapping)
    assert str(error.value).startswith(
        f"审核处理.xlsx《复核》{officer.cell(SCORES, FIRST, '复核得分').coordinate}：{reason}"
    )


def test_scores_stay_with_their_indicator_when_rows_are_sorted(fresh: bytes, mapping: Mapping, result: Result) -> None:
    """The tool's columns are refreshed where their row now is; the officer's own sum below is no score."""
    count = len(mapping.indicators)
    officer = Officer(fresh).types(SCORES, FIRST, 复核得分=1.5).sorts(SCORES, list(reversed(range(count))))
    officer.types(SCORES, FIRST + count + 1, 单位="合计", 复核得分="=SUM(H3:H62)")
    data = officer.saves()
    assert [one.indicator for one in read_review(data, mapping).scores] == [mapping.indicators[0].key]
    assert review_workbook(data, result.findings, result.units, {}, mapping) is None
    data = review_workbook(data, result.findings, {}, {}, mapping)
    assert data is not None
    officer = Officer(data)
    assert set(officer.says(SCORES, "核算得分")) <= {None}
    assert officer.says(SCORES, "复核得分")[count - 1] == 1.5


def test_scores_parted_from_their_keys_are_refused(fresh: bytes, mapping: Mapping) -> None:
    """Sorting without the hidden columns would give a section the score of another one."""
    officer = Officer(fresh).types(SCORES, FIRST, 复核得分=1.5)
    other = officer.cell(SCORES, FIRST + 20, "单位").value, officer.cell(SCORES, FIRST + 20, "指标").value
    officer.types(SCORES, FIRST, 单位=str(other[0]), 指标=str(other[1]))
    with pytest.raises(JixiaoError, match=r"《复核》.*可能排序时没有选中全部的列"):
        read_review(officer.saves(), mapping)
    renamed = officer.types(SCORES, FIRST, 单位="改了名的单位").saves()
    assert len(read_review(renamed, mapping).scores) == 1


# -- corrections by telephone ----------------------------------------------------------------------------------

CALL: dict[str, Content] = {
    "单位": "党政办公室", "工作表": "收支表", "单元格": "F5", "原值": "100", "更正为": "120", "理由": "录错", "提供人": "李红",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"单位": "党政办"}, "unit", "party_office"),
        ({"单位": "party_office"}, "unit", "party_office"),
        ({"单位": " 党政 办公室"}, "unit", "party_office"),
        ({"工作表": "《收支表》"}, "sheet", "收支表"),
        ({"单元格": "$f$５"}, "cell", "F5"),
        ({"原值": None}, "old", ""),
        ({"更正为": 1259010.1}, "new", "1259010.1"),
        ({"更正为": datetime(2026, 4, 1)}, "new", "2026-04-01"),
        ({"更正为": "1,200.00"}, "new", "1,200.00"),
    ],
)
def test_a_correction_is_read_however_it_is_typed(
    fresh: bytes, mapping: Mapping, change: dict[str, Content], field: str, value: str
) -> None:
    """A name, a short name or a code; an address with dollars; a number, a date or a text."""
    officer = Officer(fresh).types(CORRECTIONS, FIRST + 1, **(CALL | change))
    (correction,) = read_review(officer.saves(), mapping).corrections
    assert getattr(correction, field) == value
    assert (correction.row, correction.source) == (FIRST + 1, Source(REVIEW_FILE, CORRECTIONS, f"E{FIRST + 1}"))


def test_a_percentage_is_read_as_it_is_seen(fresh: bytes, mapping: Mapping) -> None:
    """95% typed into a cell of that format is 0.95 inside."""
    officer = Officer(fresh).types(CORRECTIONS, FIRST, **(CALL | {"更正为": 0.955}))
    officer.cell(CORRECTIONS, FIRST, "更正为").number_format = "0.0%"
    assert read_review(officer.saves(), mapping).corrections[0].new == "95.5%"


@pytest.mark.parametrize(
    ("change", "cell", "reason"),
    [
        ({"单位": None}, "A4", "第 4 行没有填“单位”"),
        ({"更正为": None, "提供人": " "}, "E4", "第 4 行没有填“更正为”、“提供人”"),
        ({"单位": "财政所"}, "A4", "认不出单位“财政所”"),
        ({"工作表": "支出表"}, "B4", "填报表里没有工作表“支出表”"),
        ({"单元格": "第5行"}, "C4", "“第5行”不是单元格地址"),
        ({"单元格": "ZZZZ1"}, "C4", "“ZZZZ1”不是单元格地址"),
        ({"单元格": "A1048577"}, "C4", "“A1048577”不是单元格地址"),
    ],
)
def test_half_a_correction_names_its_row_and_what_is_missing(
    fresh: bytes, mapping: Mapping, change: dict[str, Content], cell: str, reason: str
) -> None:
    """The run stops: a figure that somebody has telephoned must not be passed over."""
    officer = Officer(fresh).types(CORRECTIONS, FIRST, **CALL).types(CORRECTIONS, FIRST + 1, **(CALL | change))
    with pytest.raises(JixiaoError) as error:
        read_review(officer.saves(), mapping)
    assert str(error.value).startswith(f"审核处理.xlsx《电话更正》{cell}：{reason}")


def test_all_mistakes_are_named_at_once(fresh: bytes, mapping: Mapping) -> None:
    """Nobody wants to run fifteen times; nor to read fifteen lines."""
    officer = Officer(fresh)
    for number in range(15):
        officer.types(CORRECTIONS, FIRST + number, **(CALL | {"单位": None}))
    with pytest.raises(JixiaoError) as error:
        read_review(officer.saves(), mapping)
    lines = str(error.value).splitlines()
    assert (len(lines), lines[-1]) == (11, "审核处理.xlsx 还有 5 处同类问题。")


def test_the_state_of_every_correction_is_written_beside_it(
    fresh: bytes, result: Result, mapping: Mapping, asked: list[Finding]
) -> None:
    """And goes where the officer has emptied the row."""
    officer = Officer(fresh)
    for number in range(len(CorrectionState)):
        officer.types(CORRECTIONS, FIRST + number, **CALL)
    applied = {FIRST + number: state for number, state in enumerate(CorrectionState)}
    data = review_workbook(officer.saves(), asked, result.units, applied, mapping)
    assert data is not None
    assert Officer(data).says(CORRECTIONS, "状态") == [
        "已采用", "未采用：现值与原值不符", "未采用：那里不是填写的格子", "未采用：没有可用的填报表",
    ]  # fmt: skip
    assert review_workbook(data, asked, result.units, applied, mapping) is None
    emptied = Officer(data).types(CORRECTIONS, FIRST, **dict.fromkeys(CALL, None)).saves()
    data = review_workbook(emptied, asked, result.units, {}, mapping)
    assert data is not None
    assert Officer(data).cell(CORRECTIONS, FIRST, "状态").value is None


# -- workbooks that are none -----------------------------------------------------------------------------------


def without_sheet(data: bytes) -> bytes:
    officer = Officer(data)
    officer.sheet(SCORES).title = "复核表"
    return officer.saves()


def without_header(data: bytes) -> bytes:
    return Officer(data).types(DECISIONS, HEADER, 依据="根据").saves()


def with_header_twice(data: bytes) -> bytes:
    return Officer(data).types(DECISIONS, HEADER, 处理人="理 由").saves()


def of_somebody_else(_: bytes) -> bytes:
    target = io.BytesIO()
    openpyxl.Workbook().save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (without_sheet, "里没有工作表“复核”"),
        (without_header, "《处理》的表头里没有“依据”这一列"),
        (with_header_twice, "《处理》第 2 行的表头有两个“理由”"),
        (of_somebody_else, "里没有工作表“处理”"),
        (lambda data: b"", "打不开"),  # pyright: ignore[reportUnknownLambdaType]
        (lambda data: data[:2000], "打不开"),  # pyright: ignore[reportUnknownLambdaType]
        (lambda data: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100, "打不开"),  # pyright: ignore[reportUnknownLambdaType]
    ],
)
def test_a_workbook_that_is_not_the_review_is_refused_and_stays(
    fresh: bytes, result: Result, mapping: Mapping, damage: Callable[[bytes], bytes], sentence: str
) -> None:
    """The tool never makes a new one over it: what the officer typed may still be in there."""
    data = damage(fresh)
    for use in (lambda: read_review(data, mapping), lambda: review_workbook(data, result.findings, {}, {}, mapping)):
        with pytest.raises(JixiaoError) as error:
            use()
        assert str(error.value).startswith("审核处理.xlsx")
        assert sentence in str(error.value)


def test_columns_may_stand_anywhere_and_a_title_above(fresh: bytes, asked: list[Finding], mapping: Mapping) -> None:
    """The header is found by its words."""
    officer = Officer(fresh).types(DECISIONS, FIRST, 处理="采纳", 理由="属实")
    page = officer.sheet(DECISIONS)
    page.move_range(f"I{HEADER}:I{page.max_row}", cols=9)
    page.insert_rows(1, 3)
    assert decisions_of(officer.saves(), mapping) == {asked[0].id: True}


def test_a_row_is_never_added_inside_joined_cells(fresh: bytes, asked: list[Finding], mapping: Mapping) -> None:
    """A remark over three rows below the list; what is written into the joined cells nobody sees."""
    officer = Officer(fresh)
    below = FIRST + len(asked) + 2
    officer.sheet(DECISIONS).cell(below, 1, "以上为第一批")
    officer.sheet(DECISIONS).merge_cells(start_row=below, end_row=below + 2, start_column=1, end_column=8)
    after = review_workbook(officer.saves(), [*asked, replace(asked[0], cause="new")], {}, {}, mapping)
    assert after is not None
    assert Officer(after).cell(DECISIONS, below + 3, "编号").value == replace(asked[0], cause="new").id


def test_a_file_that_was_saved_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """The run takes a while; the officer goes on typing."""
    path = tmp_path / REVIEW_FILE
    assert save_unless_changed(path, None, b"first")
    assert not save_unless_changed(path, None, b"second")
    assert not save_unless_changed(path, b"what was read", b"second")
    assert path.read_bytes() == b"first"
    assert save_unless_changed(path, b"first", b"second")
    assert [p.name for p in tmp_path.iterdir()] == [REVIEW_FILE]


def test_a_file_that_excel_holds_open_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workbooks of decisions would be worse than rows that come a run later."""
    path = tmp_path / REVIEW_FILE
    path.write_bytes(b"first")
    replaces = safe.os.replace

    def refuse(source: str | Path, target: str | Path) -> None:
        if Path(target) == path:
            raise PermissionError(13, "in use")
        replaces(source, target)

    monkeypatch.setattr(safe.os, "replace", refuse)
    monkeypatch.setattr(safe, "_RETRY_SECONDS", 0)
    assert not save_unless_changed(path, b"first", b"second")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"first"]


def test_a_finding_of_an_unknown_unit_is_named_by_its_file(asked: list[Finding], mapping: Mapping) -> None:
    """Somebody sent a workbook of another office."""
    place = Place("收到/来历不明.xlsx", key=CellKey("finance", "a", "b"))
    data = review_workbook(None, [replace(asked[0], place=place)], {}, {}, mapping)
    assert data is not None
    assert Officer(data).says(DECISIONS, "单位") == ["收到/来历不明.xlsx"]
