"""Fresh (换表): whatever a section did to its workbook, what it typed is in the clean one or on the list."""

from __future__ import annotations

import io
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Final

import openpyxl
import pytest
from build_samples import keyed_cells
from lxml import etree
from openpyxl.cell.cell import Cell
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl.files.cells import read_workbook
from jixiao_xl.files.ooxml import parts, zipped
from jixiao_xl.files.recalc import recalculate, workbook_values
from jixiao_xl.model.batch import Submission
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.formula_text import canonical
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.places import CellKey
from jixiao_xl.stages.fresh import NotCarried, fresh, not_carried_list
from jixiao_xl.stages.issue import issue
from jixiao_xl.stages.read import read
from tests.conftest import LONG
from tests.office import DEADLINE, Content, sheet_of, write

SECTION, ROOT = "party_office", "street_office"
STRUCTURE = {
    "sheet-missing", "row-missing", "row-duplicate", "column-missing", "locked-cell-changed", "row-inserted",
    "row-unknown", "validation-damaged", "old-template",
}  # fmt: skip
Change = Callable[[openpyxl.Workbook], None]


@dataclass
class Outcome:
    """A workbook before and after."""

    data: bytes
    came: Submission
    clean: bytes
    result: bytes
    left: list[NotCarried]
    after: Submission
    findings: list[Finding]

    @property
    def places(self) -> set[tuple[str, str]]:
        return {(missing.sheet, missing.cell) for missing in self.left}

    def at(self, sheet: str, cell: str) -> NotCarried:
        return next(missing for missing in self.left if (missing.sheet, missing.cell) == (sheet, cell))


class Desk:
    """Carries workbooks of the sample, damaged on the way."""

    def __init__(self, filled: dict[str, bytes], mapping: Mapping, catalogue: Catalogue) -> None:
        self.filled, self.mapping, self.catalogue = filled, mapping, catalogue
        self._done: dict[bytes, Outcome] = {}
        self._issued: dict[str, bytes] = {}

    def carried(self, data: bytes, unit: str = SECTION) -> Outcome:
        if data not in self._done:
            self._issued[unit] = self._issued.get(unit) or issue(self.mapping, unit)[1]
            self._done[data] = self._carried(data, self._issued[unit])
        return self._done[data]

    def _carried(self, data: bytes, clean: bytes) -> Outcome:
        batch, _ = read({"a.xlsx": data}, self.mapping, self.catalogue)
        came = batch.submissions[0]
        result, left = fresh(data, clean, came, self.mapping)
        batch, findings = read({"a.xlsx": result}, self.mapping, self.catalogue)
        outcome = Outcome(data, came, clean, result, left, batch.submissions[0], findings)
        assert_clean(outcome)
        return outcome

    def damaged(self, change: Change, unit: str = SECTION) -> Outcome:
        return self.carried(changed(self.filled[unit], change), unit)


@pytest.fixture(scope="module")
def desk(filled: dict[str, bytes], mapping: Mapping, catalogue: Catalogue) -> Desk:
    """The office of the sample, with the date of return that its workbooks show."""
    return Desk(filled, replace(mapping, deadline=DEADLINE), catalogue)


def changed(data: bytes, change: Change) -> bytes:
    """The workbook as openpyxl saves it after a change."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def edited(data: bytes, pattern: bytes, replacement: bytes, only: str = "xl/worksheets/") -> bytes:
    """The workbook with the bytes of its parts changed."""
    content = parts(data)
    changed = {
        name: re.sub(pattern, replacement, part, flags=re.DOTALL) for name, part in content.items() if only in name
    }
    assert changed != {name: content[name] for name in changed}
    return zipped(content | changed)


def put(sheet: str, row: str, column: str, content: Content) -> Change:
    def change(book: openpyxl.Workbook) -> None:
        page = sheet_of(book, sheet)
        number, at = keyed_cells(page)[row, column]
        write(page, number, at, content)

    return change


def at(sheet: str, cell: str, content: Content) -> Change:
    def change(book: openpyxl.Workbook) -> None:
        column, row = coordinate_from_string(cell)
        write(sheet_of(book, sheet), row, column_index_from_string(column), content)

    return change


def plain_cells(data: bytes, sheet: str) -> dict[str, object]:
    """What stands in the cells of a sheet that hold no formula."""
    page = next(page for page in read_workbook(data).sheets if page.name == sheet)
    return {cell.address: cell.value for cell in page.cells if cell.formula is None}


def inputs(submission: Submission) -> dict[CellKey, Value]:
    return {k: v for k, v in submission.inputs.items() if (c := submission.workings.cell(k)) and c.is_input}


def assert_clean(outcome: Outcome) -> None:
    """The result is a clean template: every part but the cells' contents as issued, every formula as it should be."""
    assert not STRUCTURE & {finding.code for finding in outcome.findings}
    before, after = parts(outcome.clean), parts(outcome.result)
    for name in before:
        if name.startswith("xl/worksheets/"):
            assert without_contents(before[name]) == without_contents(after[name]), name
        elif name.startswith("xl/") and name not in ("xl/workbook.xml", "xl/sharedStrings.xml"):
            assert before[name] == after[name], name
    for key, found in outcome.after.formulas.items():
        assert canonical(found.formula or "") == canonical(outcome.after.expected(key) or "?"), key
        due, cell = outcome.after.workings.value(key), outcome.after.workings.cell(key)
        assert found.stored == ("" if due is None else due if isinstance(due, str) else float(due)), (key, cell)


@lru_cache(maxsize=64)
def without_contents(part: bytes) -> bytes:
    """A sheet's XML without what stands in its cells and how high its rows are; locks, lists and formats stay."""
    root = etree.fromstring(part)
    for row in root.iter("{*}row"):
        row.attrib.pop("ht", None)
    for cell in root.iter("{*}c"):
        cell.attrib.pop("t", None)
        for child in list(cell):
            if etree.QName(child).localname != "f":
                cell.remove(child)
    return etree.tostring(root, method="c14n")


# -- nothing is damaged ----------------------------------------------------------------------------------------


def test_each_sample_is_carried_whole(desk: Desk) -> None:
    """Nine workbooks, 2,000 inputs: read again they are the same, and the list is empty; three of them in the short form."""
    for unit in desk.filled if LONG else (ROOT, SECTION, "veterans_station"):
        data = desk.filled[unit]
        outcome = desk.carried(data, unit)
        assert (outcome.left, inputs(outcome.after)) == ([], inputs(outcome.came))
        assert outcome.after.formulas == outcome.came.formulas
        assert workbook_values(outcome.result)["自查"] == workbook_values(data)["自查"]


def test_the_same_workbook_gives_the_same_bytes(desk: Desk) -> None:
    """And a carried workbook can be carried again."""
    first = desk.carried(desk.filled[SECTION])
    assert desk.carried(first.result).result == first.result == desk.carried(desk.filled[SECTION]).result


TYPED: Final = ("９６", "约96%", " 1,733.73 ", "120万元", "—", "=SUM(A1)", "甲\n乙 ", "<&>", "'1", 1e-9, -0.5, True)


def test_what_is_typed_is_carried_to_the_letter(desk: Desk) -> None:
    """Never the understood value: the section sees its own text, and the same findings again."""

    def change(book: openpyxl.Workbook) -> None:
        page = sheet_of(book, "收支表")
        for number, typed in enumerate((*TYPED, "ESCAPED", 7654321), start=2):
            cell = page.cell(*keyed_cells(page)[f"projects:{number:02d}", "actual"])
            assert isinstance(cell, Cell)
            cell.value = typed
            cell.data_type = "b" if typed is True else "s" if isinstance(typed, str) else "n"

    data = changed(desk.filled[SECTION], change)
    data = edited(data, b"ESCAPED", b"a_x005F_x0041_ &#13;\nb")
    outcome = desk.carried(edited(data, b"<v>7654321</v>", b"<v>0.30000000000000004</v>"))
    sent, made = (plain_cells(data, "收支表") for data in (outcome.data, outcome.result))
    assert [made[f"G{number}"] for number in range(7, 21)] == [*TYPED[:-1], "TRUE", "a_x0041_ \r\nb", 0.1 + 0.2]
    assert {at for at in sent if sent[at] != made[at]} == {"G18"}  # a truth value becomes the text that is shown
    assert outcome.left == []
    texts = [(key, str(value).upper()) for key, value in inputs(outcome.came).items()]
    assert [(key, str(value).upper()) for key, value in inputs(outcome.after).items()] == texts


def test_rows_are_as_high_as_what_is_carried_into_them(desk: Desk) -> None:
    """Never lower than issued; a text of four lines is seen whole."""
    outcome = desk.damaged(put("目标与问题", "problems:01", "measure", "每月通报一次进度。" * 24))
    issued, made = (contents(data)["目标与问题"].row_dimensions for data in (outcome.clean, outcome.result))
    heights = [(issued[row].height or 0, made[row].height or 0) for row in range(1, 40)]
    assert all(before <= after for before, after in heights)
    row, _ = keyed_cells(contents(outcome.result)["目标与问题"])["problems:01", "measure"]
    assert made[row].height >= 8 * 15
    assert issued[row].height < 30


def test_dates_of_the_1904_system_stay_the_same_days(desk: Desk) -> None:
    """Workbooks of old Macs count from 1904."""
    data = edited(desk.filled[SECTION], rb"<workbookPr\b", rb'<workbookPr date1904="1"', "xl/workbook.xml")
    outcome = desk.carried(data)
    due = [key for key in inputs(outcome.came) if (c := outcome.came.workings.cell(key)) and c.type == "date"]
    assert due
    assert inputs(outcome.after) == inputs(outcome.came)
    assert outcome.left == []


def test_an_emptied_known_project_stays_empty(desk: Desk) -> None:
    """What was prefilled and the section deleted does not come back."""
    outcome = desk.damaged(put("收支表", "projects:01", "project_name", None))
    assert CellKey("finance", "projects:01", "project_name") not in outcome.after.inputs
    assert outcome.left == []


# -- damage that costs nothing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "replacement", "part"),
    [
        (rb"<dataValidations.*?</dataValidations>", b"", "xl/worksheets/"),
        (rb"<sheetProtection[^>]*/>", b"", "xl/worksheets/"),
        (rb"<conditionalFormatting.*?</conditionalFormatting>", b"", "xl/worksheets/"),
        (rb"<workbookProtection[^>]*/>|<definedNames>.*?</definedNames>", b"", "xl/workbook.xml"),
        (rb"<f>[^<]*</f><v>[^<]*</v>", b"<f>#REF!+1</f><v>#REF!</v>", "xl/worksheets/"),
        (rb"<f>[^<]*</f>", b"", "xl/worksheets/"),
    ],
    ids=["validations", "sheet locks", "lights", "structure lock and names", "#REF!", "values for formulas"],
)
def test_what_can_be_restored_is_restored_without_a_word(
    desk: Desk, pattern: bytes, replacement: bytes, part: str
) -> None:
    """Lists, locks, formats and formulas come with the clean template; formulas pasted as values lose nothing."""
    unit = ROOT if b"#REF!" in replacement else SECTION
    data = desk.filled[unit]
    if b"#REF!" in replacement:
        data = edited(data, rb'(<c r="[A-Z]+\d+"[^>]*?) t="str"', rb"\1")
        data = edited(data, rb'(<c r="[A-Z]+\d+" s="\d+")(><f>)', rb'\1 t="e"\2')
    outcome = desk.carried(edited(data, pattern, replacement, part), unit)
    assert (outcome.left, inputs(outcome.after)) == ([], inputs(outcome.came))


def test_the_office_may_have_moved_the_date_of_return(desk: Desk) -> None:
    """The section did not change that cell."""
    outcome = desk.damaged(put("封面", "deadline", "value", "2026-03-31"))
    assert outcome.left == []
    assert [m.content for m in desk.damaged(put("封面", "deadline", "value", "月底")).left] == ["月底"]


def test_rows_inserted_above_and_spares_deleted_cost_nothing(desk: Desk) -> None:
    """Cells are found by their keys."""

    def change(book: openpyxl.Workbook) -> None:
        for name in ("收支表", "指标评分表", "佐证材料", "封面"):
            sheet_of(book, name).insert_rows(2, 3)
        page = sheet_of(book, "佐证材料")
        page.delete_rows(keyed_cells(page)["evidence:40", "name"][0])

    outcome = desk.damaged(change)
    assert (outcome.left, inputs(outcome.after)) == ([], inputs(outcome.came))


# -- inserted rows ---------------------------------------------------------------------------------------------


def insert_project(count: int, actual: str | float = "９００") -> Change:
    """Rows of one's own in the middle of the list, as a person inserts them."""

    def change(book: openpyxl.Workbook) -> None:
        page = sheet_of(book, "收支表")
        first, _ = keyed_cells(page)["projects:02", "actual"]
        columns = {key: at for (row, key), (_, at) in keyed_cells(page).items() if row == "projects:02"}
        page.insert_rows(first, count)
        for number in range(count):
            write(page, first + number, columns["project_name"], f"临时项目{number + 1}")
            write(page, first + number, columns["budget_adjusted"], 1000 + number)
            write(page, first + number, columns["actual"], actual if number == 0 else 900)

    return change


def test_inserted_rows_go_to_the_first_free_spares_in_order(desk: Desk) -> None:
    """Nothing is renumbered: the rows that had a key keep it."""
    outcome = desk.damaged(insert_project(3))
    spare = max(row for key, row, _ in inputs(desk.carried(desk.filled[SECTION]).came) if key == "finance")
    first = int(spare.partition(":")[2]) + 1
    names = [outcome.after.inputs[CellKey("finance", f"projects:{first + n:02d}", "project_name")] for n in range(3)]
    assert names == ["临时项目1", "临时项目2", "临时项目3"]
    assert outcome.after.misread[0].raw == "９００"
    assert (outcome.left, len(inputs(outcome.after))) == ([], len(inputs(outcome.came)))


def test_rows_beyond_the_spares_are_listed(desk: Desk) -> None:
    """Forty spares; with one project known and used, the rest waits."""
    outcome = desk.damaged(insert_project(45))
    full = [missing for missing in outcome.left if missing.reason == desk.mapping.text("fresh_list_full")]
    assert full == outcome.left
    assert len(inputs(outcome.after)) + len(full) == len(inputs(outcome.came))
    assert {missing.label for missing in full} >= {"临时项目45"}


def test_a_list_row_that_lost_its_key_is_not_doubled(desk: Desk) -> None:
    """Its project is known to the clean template: it goes back to that row."""

    def change(book: openpyxl.Workbook) -> None:
        page = sheet_of(book, "收支表")
        write(page, keyed_cells(page)["projects:01", "actual"][0], 1, None)

    outcome = desk.damaged(change)
    assert (outcome.left, inputs(outcome.after)) == ([], inputs(desk.carried(desk.filled[SECTION]).came))


# -- what stays behind -----------------------------------------------------------------------------------------


def test_each_thing_that_stays_behind_has_its_reason(desk: Desk) -> None:
    """One workbook with one of each."""
    text = desk.mapping.text

    def change(book: openpyxl.Workbook) -> None:
        put("收支表", "projects:01", "prior", "#REF!")(book)
        put("收支表", "projects:01", "budget_initial", "=1000+500")(book)
        put("收支表", "projects:01", "change", 77)(book)
        put("收支表", "total", "actual", "=123")(book)
        put("指标评分表", "party_office_01", "target", 5)(book)
        put("指标评分表", "party_office_02", "level3", "改名")(book)
        at("收支表", "Z6", "旁边的话")(book)
        at("佐证材料", "C80", 12.5)(book)
        at("校验结果", "C5", "程序写的")(book)
        at("校验结果", "P5", "已改")(book)
        book.create_sheet("计算")["B2"] = "草稿"
        sheet_of(book, "自查")["E5"].comment = Comment("请看这里", "张三")

    outcome = desk.damaged(change)
    finance = keyed_cells(sheet_of(openpyxl.load_workbook(io.BytesIO(outcome.data)), "收支表"))
    where = {
        column: f"{'ABCDEFGHIJKLM'[finance['projects:01', column][1] - 1]}{finance['projects:01', column][0]}"
        for column in ("prior", "budget_initial", "change")
    }
    assert outcome.at("收支表", where["prior"]).reason == text("fresh_error")
    formula = outcome.at("收支表", where["budget_initial"])
    assert (formula.content, formula.reason) == ("=1000+500", text("fresh_formula_blank"))
    assert "机关办公设备" in formula.label
    assert formula.column_label == "年初预算数"
    assert outcome.at("收支表", where["change"]).content == "77"
    assert outcome.at("收支表", "Z6").reason == text("fresh_beside")
    assert outcome.at("佐证材料", "C80").reason == text("fresh_outside")
    assert outcome.at("校验结果", "P5").content == "已改"
    assert outcome.at("计算", "B2:B2").reason == text("fresh_own_sheet")
    assert outcome.at("自查", "E5").content == "请看这里"
    locked = desk.mapping.texts["fresh_locked"].partition("“")[0]
    assert sum(missing.reason.startswith(locked) for missing in outcome.left) == 2
    assert len(outcome.left) == 12 - 1  # what the program wrote into 校验结果 is not listed


def test_a_formula_of_ones_own_leaves_its_value(desk: Desk) -> None:
    """As Excel saves it: 1500 is carried, `=1000+500` is on the list."""
    data = changed(desk.filled[SECTION], put("收支表", "projects:01", "budget_initial", "=1000+500"))
    outcome = desk.carried(edited(data, rb"<f>1000\+500</f><v></v>", rb"<f>1000+500</f><v>1500</v>"))
    assert outcome.after.inputs[CellKey("finance", "projects:01", "budget_initial")] == 1500
    assert [missing.content for missing in outcome.left] == ["=1000+500（结果为 1500）"]


def test_a_second_row_with_the_same_key_is_listed(desk: Desk) -> None:
    """Copied as a whole, then changed: the first counts."""

    def change(book: openpyxl.Workbook) -> None:
        page = sheet_of(book, "收支表")
        row, column = keyed_cells(page)["personnel", "actual"]
        page.insert_rows(row + 1)
        for number in range(1, page.max_column + 1):
            write(page, row + 1, number, page.cell(row, number).value)  # pyright: ignore[reportArgumentType]
        write(page, row + 1, column, 4321)

    outcome = desk.damaged(change, ROOT)
    assert "4321" in {missing.content for missing in outcome.left}
    assert {missing.label for missing in outcome.left} == {"人员经费"}


def test_a_renamed_sheet_says_what_to_do(desk: Desk) -> None:
    """Whole sheets are one line, not a thousand."""

    def change(book: openpyxl.Workbook) -> None:
        sheet_of(book, "收支表").title = "收支表（最终）"

    (missing,) = desk.damaged(change).left
    assert missing.reason == desk.mapping.text("fresh_renamed_sheet", title="收支表")


def test_deleted_keys_leave_a_list_of_what_was_typed_only(desk: Desk) -> None:
    """The template's own labels, headers and formulas are no loss and not listed."""

    def change(book: openpyxl.Workbook) -> None:
        sheet_of(book, "收支表").delete_cols(1)

    outcome = desk.damaged(change, ROOT)
    typed = [key for key in inputs(desk.carried(desk.filled[ROOT], ROOT).came) if key.sheet == "finance"]
    assert len(outcome.left) == len(typed)
    assert {missing.reason for missing in outcome.left} == {desk.mapping.text("fresh_keys_lost")}
    assert "人员经费" in {missing.label for missing in outcome.left}
    assert "决算数" in {missing.column_label for missing in outcome.left}


def test_charts_links_and_page_headers_are_listed(desk: Desk) -> None:
    """With their place and their words."""

    def change(book: openpyxl.Workbook) -> None:
        page = sheet_of(book, "收支表")
        chart = BarChart()
        chart.title = "执行进度"
        chart.add_data(Reference(page, min_col=5, min_row=6, max_row=8))
        page.add_chart(chart, "N3")
        page["D6"].hyperlink = "https://example.gov.cn/"
        assert page.oddHeader is not None
        page.oddHeader.center.text = "内部资料"
        book.create_chartsheet("图")

    found = {(m.sheet, m.cell, m.content) for m in desk.damaged(change).left}
    assert found == {
        ("收支表", "N3", "执行进度"),
        ("收支表", "D6", "https://example.gov.cn/"),
        ("收支表", "", "内部资料"),
        ("图", "", desk.mapping.text("fresh_no_words")),
    }


DRAWING: Final = """<wsDr xmlns="x" xmlns:a="a" xmlns:mc="m">
<oneCellAnchor><from><col>1</col><row>4</row></from><mc:AlternateContent><mc:Choice><sp><cNvPr name="框"/>
<a:t>请领导</a:t><a:t>审阅</a:t></sp></mc:Choice><mc:Fallback><sp><a:t>请领导审阅</a:t></sp></mc:Fallback></mc:AlternateContent>
</oneCellAnchor><absoluteAnchor><pic><cNvPr name="图片 1" descr="公章"/></pic></absoluteAnchor></wsDr>"""
NOTES: Final = """<comments><commentList><comment ref="C6"><text><r><t>旧式</t></r></text></comment>
<comment ref="D6"><text><t>[Threaded comment]</t></text></comment></commentList></comments>"""
THREADS: Final = """<ThreadedComments><threadedComment ref="D6"><text>几时报？</text></threadedComment>
<threadedComment ref="D6"><text>周五</text></threadedComment></ThreadedComments>"""


def with_objects(data: bytes, drawing: str) -> bytes:
    """A text box, a picture, a comment of each kind and a macro, as the parts say it."""
    kinds = {"drawing": drawing, "comments": NOTES, "threadedComment": THREADS}
    lines = [f'<Relationship Id="r{kind}" Type="http://x/{kind}" Target="../{kind}.xml"/>' for kind in kinds]
    content = parts(data) | {f"xl/{kind}.xml": text.encode() for kind, text in kinds.items()}
    content["xl/worksheets/_rels/sheet2.xml.rels"] = f"<Relationships>{''.join(lines)}</Relationships>".encode()
    macro = b'<Relationship Id="r99" Type="http://x/vbaProject" Target="vbaProject.bin"/></Relationships>'
    book = "xl/_rels/workbook.xml.rels"
    return zipped(content | {book: content[book].replace(b"</Relationships>", macro)})


def test_pictures_text_boxes_comments_and_macros_are_listed(desk: Desk) -> None:
    """A text box stands twice in the file, a threaded comment has a stand-in for older programs: each counts once."""
    outcome = desk.carried(with_objects(desk.filled[SECTION], DRAWING))
    assert [(m.sheet, m.cell, m.content) for m in outcome.left] == [
        ("收支表", "", "公章"),
        ("收支表", "B5", "请领导审阅"),
        ("收支表", "C6", "旧式"),
        ("收支表", "D6", "几时报？"),
        ("收支表", "D6", "周五"),
        ("", "", desk.mapping.text("fresh_no_words")),
    ]


@pytest.mark.parametrize("drawing", ["<wsDr", f"<!--{'x' * 5000}--><!DOCTYPE x><wsDr/>"], ids=["cut off", "a DTD"])
def test_a_drawing_that_cannot_be_read_is_said_so(desk: Desk, drawing: str) -> None:
    """The cells are carried all the same."""
    outcome = desk.carried(with_objects(desk.filled[SECTION], drawing))
    assert [missing.reason for missing in outcome.left] == [desk.mapping.text("fresh_objects_unread")]
    assert inputs(outcome.after) == inputs(outcome.came)


# -- completeness: an oracle that knows DESIGN.md alone ---------------------------------------------------------

TOOLS: Final = {"computed_score", "score_difference", "review_score", "review_comment"}
JUNK: Final = (
    "#REF!",
    "约5",
    -1,
    1e300,
    "=1/0",
    "columns:x",
    "projects:02",
    True,
    date(2026, 3, 1),
    10,
    "完成",
    "=SUM(C5:C9)",
)


def insert_rows(page: Worksheet, seed: random.Random) -> None:
    page.insert_rows(seed.randrange(2, page.max_row), seed.randrange(1, 4))


def delete_rows(page: Worksheet, seed: random.Random) -> None:
    page.delete_rows(seed.randrange(1, page.max_row), seed.randrange(1, 3))


def delete_column(page: Worksheet, seed: random.Random) -> None:
    page.delete_cols(seed.choice((1, seed.randrange(1, page.max_column))))


def insert_column(page: Worksheet, seed: random.Random) -> None:
    page.insert_cols(seed.randrange(1, page.max_column))


def type_anywhere(page: Worksheet, seed: random.Random) -> None:
    for _ in range(12):
        cell = page.cell(seed.randrange(1, page.max_row + 3), seed.randrange(1, page.max_column + 3))
        if cell.coordinate not in page.merged_cells and cell.row and cell.column:
            write(page, cell.row, cell.column, seed.choice(JUNK))


def copy_row(page: Worksheet, seed: random.Random) -> None:
    source, target = seed.randrange(1, page.max_row), seed.randrange(1, page.max_row + 2)
    page.insert_rows(target)
    for column in range(1, page.max_column + 1):
        write(page, target, column, page.cell(source + (source >= target), column).value)  # pyright: ignore[reportArgumentType]


def fill_rows(page: Worksheet, seed: random.Random) -> None:
    row = seed.randrange(4, page.max_row)
    page.insert_rows(row, 2)
    for column in range(2, page.max_column):
        write(page, row, column, f"新{seed.randrange(1000)}")


def clear_key(page: Worksheet, seed: random.Random) -> None:
    for _ in range(3):
        write(page, seed.randrange(1, page.max_row), 1, None)


DAMAGE: Final = (
    insert_rows,
    delete_rows,
    delete_column,
    insert_column,
    type_anywhere,
    type_anywhere,
    copy_row,
    fill_rows,
    clear_key,
)


def damage(seed: random.Random) -> Change:
    def change(book: openpyxl.Workbook) -> None:
        for page in book.worksheets:
            if page.title not in ("_meta", "校验结果"):
                for merged in list(page.merged_cells.ranges):
                    page.unmerge_cells(str(merged))
                for act in seed.sample(DAMAGE, seed.randrange(1, 4)):
                    act(page, seed)
        if seed.random() < 0.3:
            book.remove(seed.choice(book.worksheets[:-1]))

    return change


def keyed(page: Worksheet, ours: set[str]) -> tuple[dict[str, tuple[str, str]], set[str]]:
    """Row key and column key by address, the first row of a key only; and the addresses of the keys themselves."""
    cells: dict[str, tuple[str, str]] = {}
    keys: set[str] = set()
    columns: dict[int, str] = {}
    seen: set[str] = set()
    for row in page.iter_rows():
        key = str(row[0].value or "")
        if key not in ours:
            continue
        keys.add(row[0].coordinate)
        if key.startswith("columns:"):
            columns = {} if key in seen else {c.column: str(c.value) for c in row[1:] if str(c.value) in ours}  # pyright: ignore[reportAssignmentType]
            keys |= {c.coordinate for c in row if str(c.value) in ours}
        elif key not in seen:
            cells |= {c.coordinate: (key, columns[c.column]) for c in row[1:] if c.column in columns}
        seen.add(key)
    return cells, keys


@lru_cache(maxsize=4)
def contents(data: bytes) -> dict[str, Worksheet]:
    """The sheets of a workbook."""
    return {page.title: page for page in openpyxl.load_workbook(io.BytesIO(data)).worksheets}


def shown(data: bytes) -> dict[str, dict[str, object]]:
    """The values that a viewer shows."""
    return {sheet: {at: as_typed(v) for at, v in cells.items()} for sheet, cells in workbook_values(data).items()}


def as_typed(value: object) -> object:
    """A value as any program shows it: dates and whole numbers as numbers."""
    if isinstance(value, datetime | date):
        day = value.date() if isinstance(value, datetime) else value
        return float((day - date(1899, 12, 30)).days)
    if isinstance(value, bool):
        return str(value).upper()
    return float(value) if isinstance(value, int) else value


def lost(outcome: Outcome) -> list[tuple[str, str, object]]:
    """Every cell with something typed that is neither in the result nor on the list."""
    before, after, clean = contents(outcome.data), contents(outcome.result), contents(outcome.clean)
    seen = shown(outcome.result)
    whole = {missing.sheet for missing in outcome.left if ":" in missing.cell}
    missing: list[tuple[str, str, object]] = []
    for title, page in before.items():
        if title not in whole and title not in ("_meta", "校验结果"):
            ours = {str(c.value) for row in clean[title].iter_rows() for c in row if isinstance(c.value, str)}
            cells, keys = keyed(page, ours)
            there, _ = keyed(after[title], ours)
            values = {key: as_typed(after[title][address].value) for address, key in there.items()}
            computed = {key: seen[title].get(address) for address, key in there.items()}
            left = Counter(as_typed(c.value) for row in after[title].iter_rows() for c in row)
            for cell in (cell for row in page.iter_rows() for cell in row):
                value, key = as_typed(cell.value), cells.get(cell.coordinate)
                if (
                    is_known(value)
                    or value in ours
                    or cell.coordinate in keys
                    or (title, cell.coordinate) in outcome.places
                ):
                    continue
                if key in values and (value in (values[key], computed[key]) or key[1] in TOOLS):
                    continue
                if key in values and is_restored(values[key], value):
                    continue
                if (
                    key not in values and left[value] > 0
                ):  # an inserted row in its new place, or the template's own words
                    left[value] -= 1
                    continue
                missing.append((title, cell.coordinate, value))
    return missing


def is_known(value: object) -> bool:
    """Nothing, or a formula of the template that the damage moved to where no key is."""
    return value is None or (
        isinstance(value, str) and (not value.strip() or (value.startswith("=") and "IF(" in value))
    )


def is_restored(now: object, then: object) -> bool:
    """A formula that comes back where an error or what became of it stood."""
    return (
        isinstance(now, str)
        and now.startswith("=")
        and isinstance(then, str)
        and then.startswith(("#", "=IF", "=SUM("))
    )


@pytest.mark.parametrize(
    ("unit", "number"), [*((SECTION, number) for number in range(4)), *((ROOT, number) for number in range(3))]
)
def test_nothing_is_lost_in_silence(desk: Desk, unit: str, number: int) -> None:
    """Random damage on every sheet: each thing that was typed is in the clean workbook or on the list."""
    outcome = desk.damaged(damage(random.Random(f"{unit}{number}")), unit)
    assert lost(outcome) == []


# -- the list --------------------------------------------------------------------------------------------------


def test_the_list_says_how_much_and_cuts_nothing(mapping: Mapping) -> None:
    """A long text goes on in the next line."""
    long = "长" * 2500
    missing = [
        NotCarried("收支表", "Z6", "某行", "某列", long, "原因"),
        NotCarried("自查", "B2", "", "", "=1+1", "原因"),
    ]
    name, data = not_carried_list("党政办公室", missing, mapping)
    (page,) = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    texts = [str(value) for row in page.iter_rows(min_row=4, min_col=6, max_col=6, values_only=True) for value in row]
    assert name == "党政办公室_未转入清单.xlsx"
    assert "".join(texts) == long + "=1+1"
    assert page["A2"].value == mapping.text("fresh_list_count", count="2")
    assert not_carried_list("党政办公室", missing, mapping) == (name, data)


def test_an_empty_list_says_so(mapping: Mapping) -> None:
    """The officer forwards it as it is."""
    _, data = not_carried_list("党政办公室", [], mapping)
    (page,) = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    assert (page["A2"].value, page.max_row) == (mapping.text("fresh_list_empty"), 2)


# -- other programs --------------------------------------------------------------------------------------------


@pytest.mark.office
def test_libreoffice_recalculates_the_result_to_the_stored_values(
    soffice: str, desk: Desk, filled_recalculated: dict[str, bytes]
) -> None:
    """Whatever was damaged, any viewer shows the right numbers."""
    damaged = [desk.damaged(insert_project(3, 900.5)), desk.damaged(put("收支表", "personnel", "actual", 7e6), ROOT)]
    results = [outcome.result for outcome in damaged]
    recalculated = map(workbook_values, recalculate(soffice, results, 120))
    for data, after in zip(results, recalculated, strict=True):
        for sheet, cells in workbook_values(data).items():
            for address, value in cells.items():
                found = after[sheet].get(address)
                close = isinstance(value, float) and isinstance(found, float) and abs(value - found) < 1e-9
                assert close or value == found or {value, found} <= {"", None}, (sheet, address, value, found)
    outcome = desk.carried(filled_recalculated[SECTION])
    assert (outcome.left, inputs(outcome.after)) == ([], inputs(outcome.came))  # what LibreOffice rewrites is no loss
