"""The bureau's own forms (财政局的表): filled by the words printed on them, read back alike, otherwise untouched."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

import openpyxl
import pytest
import yaml
from build_bureau_forms import DEPARTMENT, FOLDER, PROJECT, build
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl.files.grid import read_grid
from jixiao_xl.files.ooxml import parts
from jixiao_xl.files.recalc import libreoffice_values, workbook_values
from jixiao_xl.model.errors import JixiaoError, MappingError
from jixiao_xl.model.mapping import BureauForm, BureauForms, Mapping
from jixiao_xl.model.mapping.bureau_forms import FIELDS, FieldKind
from jixiao_xl.model.mapping_rules import refuse_contradictions
from jixiao_xl.model.results import Result
from jixiao_xl.stages.appendix import FormValues, bureau_forms, fill_form, form_fields, read_form
from tests.office import Office, sheet_of

KINDS: dict[str, FieldKind] = FIELDS
Fields = dict[str, Decimal | str | None]


@pytest.fixture(scope="module")
def prescribed(mapping: Mapping) -> Mapping:
    """The package's mapping with both sample forms prescribed."""
    content = yaml.safe_load((FOLDER / "bureau_forms.yaml").read_text(encoding="utf-8"))
    return replace(mapping, bureau_forms=tuple(BureauForms.model_validate(content).forms))


@pytest.fixture(scope="module")
def empty() -> dict[str, bytes]:
    """The two empty forms as they are in the repository."""
    return {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.xlsx"))}


@pytest.fixture(scope="module")
def result(filled: dict[str, bytes], mapping: Mapping) -> Result:
    """What a run over the sample finds."""
    return Office(filled, mapping, mapping.catalogue).result()


@pytest.fixture(scope="module")
def made(result: Result, prescribed: Mapping, empty: dict[str, bytes]) -> dict[str, bytes]:
    """The forms filled from it."""
    return dict(bureau_forms(result, prescribed, empty))


# -- the two sample forms --------------------------------------------------------------------------------------


def test_the_samples_are_what_their_builder_makes(empty: dict[str, bytes]) -> None:
    """Nobody has changed them by hand."""
    assert {name: parts(data) for name, data in build().items()} == {n: parts(data) for n, data in empty.items()}


def test_there_is_one_form_for_the_department_and_one_a_project(made: dict[str, bytes], result: Result) -> None:
    """A project that two sections carry has a file for each, told apart by the section."""
    assert len(made) == 1 + len(result.projects)
    assert DEPARTMENT in made
    assert "项目支出绩效自评表_统计调查.xlsx" in made
    assert "项目支出绩效自评表_大气污染防治与环境巡查_综合行政执法队.xlsx" in made


def test_what_was_filled_in_is_what_is_read(made: dict[str, bytes], result: Result, prescribed: Mapping) -> None:
    """Next year the same mapping reads this year's forms."""
    project, department = prescribed.bureau_forms
    kinds = form_fields(prescribed.appendix, "项目")
    one = read_form(project, made["项目支出绩效自评表_社区惠民项目.xlsx"], kinds)
    expected = next(p for p in result.projects if p.name == "社区惠民项目")
    assert one.fields["project_name"] == "社区惠民项目"
    assert (one.fields["budget_adjusted"], one.fields["executed"]) == (expected.budget, expected.executed)
    assert one.fields["fiscal_executed"] is None
    assert one.fields["total_score"] == expected.total
    assert len(one.indicators) == len(result.units["community_office"].indicators)
    assert [line["level1"] for line in one.indicators] == ["产出"] * 3 + ["效益"] * 2 + ["满意度"]
    whole = read_form(department, made[DEPARTMENT], form_fields(prescribed.appendix, "部门"))
    assert whole.fields["executed"] == Decimal("17337340")
    assert whole.fields["total_score"] == Decimal("96")
    assert len(whole.indicators) == 60
    assert sum(Decimal(str(line["score"])) for line in whole.indicators) == Decimal("96")


def test_nothing_but_the_sheet_itself_changes_and_it_keeps_its_look(
    made: dict[str, bytes], empty: dict[str, bytes]
) -> None:
    """The bureau's computer may look at more than we do: every other part byte by byte, every style as it was."""
    for name, data in ((DEPARTMENT, made[DEPARTMENT]), (PROJECT, made["项目支出绩效自评表_统计调查.xlsx"])):
        before, after = parts(empty[name]), parts(data)
        assert before.keys() == after.keys()
        sheets = {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"}
        changed = {part for part in before if before[part] != after[part]}
        assert changed <= {"xl/workbook.xml", *sheets}  # the workbook is told to calculate everything anew
        assert len(changed & sheets) == 1
        old, new = (openpyxl.load_workbook(io.BytesIO(content)) for content in (empty[name], data))
        for page in old.worksheets:
            other = sheet_of(new, page.title)
            assert page.merged_cells.ranges == other.merged_cells.ranges
            assert page.print_area == other.print_area
            assert page.print_title_rows == other.print_title_rows
            for row in page.iter_rows():
                for cell in row:
                    assert cell.has_style == other[cell.coordinate].has_style
                    assert cell.style_id == other[cell.coordinate].style_id, cell.coordinate


def test_the_forms_own_formulas_stay_and_libreoffice_agrees(made: dict[str, bytes], soffice: str) -> None:
    """执行率, 得分 and 总分 are the bureau's formulas; their stored values are what a program computes."""
    names = [DEPARTMENT, "项目支出绩效自评表_统计调查.xlsx"]
    formulas = 0
    for name, theirs in zip(names, libreoffice_values(soffice, [made[name] for name in names]), strict=True):
        ours = workbook_values(made[name])
        for page in openpyxl.load_workbook(io.BytesIO(made[name])).worksheets:
            for row in page.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and cell.value.startswith("=") and len(cell.value) > 1:
                        formulas += 1
                        stored = ours[page.title][cell.coordinate]
                        assert stored == pytest.approx(theirs[page.title][cell.coordinate], abs=1e-9)
    assert formulas == 6


def test_placeholders_are_gone_and_printed_dashes_stay(made: dict[str, bytes]) -> None:
    """“指标2：” left in a filed form is sent back."""
    texts = workbook_values(made["项目支出绩效自评表_统计调查.xlsx"])["自评表"].values()
    assert not [text for text in texts if isinstance(text, str) and (text.startswith("指标") or text == "……")]
    assert "—" in texts


# -- layouts nobody has seen -----------------------------------------------------------------------------------


@dataclass
class Layout:
    """A form drawn with blank rows and columns in between, labels written as people write them."""

    rows_before: int
    gap: int
    columns_before: int
    spaced: Callable[[str], str]
    labels: Literal["merged", "repeated", "first only"]
    slots: int
    two_rows: bool
    lines: list[Fields]

    def draw(self) -> bytes:
        """Funds with a header in one or two rows, then indicators under labels that are merged or repeated."""
        book = openpyxl.Workbook()
        page = book.active
        assert isinstance(page, Worksheet)
        left, row = 1 + self.columns_before, 1 + self.rows_before
        page.cell(row, left, self.spaced("项目名称"))
        row += 1 + self.gap
        if self.two_rows:
            page.cell(row, left + 1, self.spaced("预算资金"))
            page.merge_cells(start_row=row, end_row=row, start_column=left + 1, end_column=left + 2)
            page.cell(row, left + 3, self.spaced("执行率"))
            page.merge_cells(start_row=row, end_row=row + 1, start_column=left + 3, end_column=left + 3)
            row += 1
        else:
            page.cell(row, left + 3, self.spaced("执行率"))
        page.cell(row, left + 1, self.spaced("全年预算数"))
        page.cell(row, left + 2, self.spaced("全年执行数"))
        row += 1 + self.gap
        page.cell(row, left, self.spaced("资金总额"))
        row += 1 + self.gap
        for offset, text in enumerate(("一级指标", "三级指标", "分值", "得分")):
            page.cell(row, left + offset, self.spaced(text))
        row += 1
        for label in ("产出指标", "效益指标"):
            for number in range(self.slots):
                page.cell(row + number, left + 1, f"指标{number + 1}")
                if number == 0 or self.labels == "repeated":
                    page.cell(row + number, left, self.spaced(label))
            if self.labels == "merged" and self.slots > 1:
                page.merge_cells(start_row=row, end_row=row + self.slots - 1, start_column=left, end_column=left)
            row += self.slots
        page.cell(row, left, self.spaced("总分"))
        target = io.BytesIO()
        book.save(target)
        return target.getvalue()


FIELD_MAPS: tuple[dict[str, object], ...] = (
    {"field": "project_name", "row": "项目名称"},
    {"field": "budget_adjusted", "row": "资金总额", "column": "全年预算数", "unit": "万元", "decimals": 2},
    {"field": "executed", "row": "资金总额", "column": "全年执行数", "unit": "元"},
    {"field": "execution_rate", "row": "资金总额", "column": "执行率", "unit": "%", "decimals": 2},
)
INDICATORS: dict[str, object] = {
    "columns": {"level1": "一级指标", "level3": "三级指标", "points": "分值", "score": "得分"},
    "until": "总分",
    "totals": {"points": "total_points", "score": "total_score"},
    "placeholders": ["指标#"],
    "words": {"level1": {"产出": "产出指标", "效益": "效益指标"}},
}
FORM: dict[str, object] = {
    "file": "a.xlsx",
    "level": "项目",
    "fields": FIELD_MAPS,
    "indicators": INDICATORS,
}
WIDE = str.maketrans("0123456789()", "０１２３４５６７８９（）")


def form(**changed: object) -> BureauForm:
    """The mapping of such a form."""
    return BureauForm.model_validate(FORM | changed)


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    """All of that at random, with indicators that fit in."""
    spacing = draw(st.sampled_from(["", " ", "　", "\n"]))
    slots = draw(st.integers(1, 4))
    score = st.integers(0, 3000).map(lambda n: Decimal(n) / 100)
    name = st.text(st.sampled_from("覆盖率完成及时满意度AB％1"), min_size=1, max_size=8).filter(
        lambda t: "指标" not in t
    )
    lines: list[Fields] = [
        {"level1": label, "level3": draw(name), "points": draw(score), "score": draw(st.none() | score)}
        for label in ("产出", "效益")
        for _ in range(draw(st.integers(0, slots)))
    ]
    return Layout(
        rows_before=draw(st.integers(0, 3)),
        gap=draw(st.integers(0, 2)),
        columns_before=draw(st.integers(0, 3)),
        spaced=lambda text: spacing.join(text).translate(WIDE),
        labels=draw(st.sampled_from(["merged", "repeated", "first only"])),
        slots=slots,
        two_rows=draw(st.booleans()),
        lines=lines,
    )


@settings(deadline=None, max_examples=60)
@given(layouts(), st.integers(0, 10**9), st.integers(0, 10**11), st.none() | st.integers(0, 20_000))
def test_whatever_the_layout_what_goes_in_comes_out(layout: Layout, wan: int, fen: int, rate: int | None) -> None:
    """Rows and columns inserted, labels spread out or in full width, merged or repeated, headers in two rows."""
    fields: Fields = {
        "project_name": "社区惠民项目",
        "budget_adjusted": Decimal(wan) * 100,
        "executed": Decimal(fen) / 100,
        "execution_rate": None if rate is None else Decimal(rate) / 10_000,
        "total_points": Decimal(100),
        "total_score": None,
    }
    table = INDICATORS | {"carry_down": ["level1"] if layout.labels == "first only" else []}
    mapped = form(indicators=table)
    filled = fill_form(mapped, layout.draw(), FormValues(fields, tuple(layout.lines)), KINDS)
    assert read_form(mapped, filled, KINDS) == FormValues(fields, tuple(layout.lines))


def test_headers_of_one_name_are_told_apart_by_the_header_above_them() -> None:
    """年初预算数 of the money and of the posts: a two-row header says which."""

    def change(page: Worksheet) -> None:
        page.insert_rows(2)
        for columns, text in (("B2:C2", "资金"), ("F2:G2", "编制")):
            page.merge_cells(columns)
            page[columns[:2]] = text
        page["F3"], page["G3"] = "全年预算数", "全年执行数"

    for group, expected in (("资金", [0, 5, None, None]), ("编制", [None, None, 0, 5])):
        fields = [FIELD_MAPS[0], *(FIELD_MAPS[n] | {"column": [group, FIELD_MAPS[n]["column"]]} for n in (1, 2))]
        filled = fill_form(form(fields=fields), plain(change, slots=1), VALUES, KINDS)
        assert [read_grid(filled, "Sheet").at(4, column).value for column in (2, 3, 6, 7)] == expected
    assert "B3、F3" in refusal(plain(change, slots=1))


def test_a_low_row_grows_with_a_long_text_and_no_other() -> None:
    """A merged cell does not grow by itself; a row that is high enough stays as the bureau made it."""

    def change(page: Worksheet) -> None:
        page.row_dimensions[1].height = 18
        page.row_dimensions[3].height = 18

    values = FormValues(VALUES.fields | {"project_name": "社区惠民项目" * 10})
    page = sheet_of(openpyxl.load_workbook(io.BytesIO(fill_form(form(), plain(change), values, KINDS))), "Sheet")
    assert (page.row_dimensions[1].height or 0) > 100
    assert page.row_dimensions[3].height == 18


def test_the_sign_for_no_figure_stands_for_figures_only() -> None:
    """A dash under 偏差原因 would look like a reason."""
    mapped = form(blank="—", fields=[*FIELD_MAPS, {"field": "department", "column": "项目名称", "before": "资金总额"}])
    filled = fill_form(mapped, plain(lambda page: page.insert_rows(2), slots=1), FormValues({}), KINDS)
    grid = read_grid(filled, "Sheet")
    assert [grid.at(row, column).value for row, column in ((1, 2), (2, 1), (4, 2), (4, 4))] == [None, None, "—", "—"]
    assert set(read_form(mapped, filled, KINDS).fields.values()) == {None}


def test_the_indicators_header_may_have_two_rows_left_unmerged() -> None:
    """An upper label above a cell that nobody merged."""

    def change(page: Worksheet) -> None:
        page.insert_rows(5)
        page["C4"], page["D4"] = "评分", None
        page["C5"], page["D5"] = "分值", "得分"
        page.merge_cells("C4:D4")

    lines = tuple(LINES[:1])
    filled = fill_form(form(), plain(change, slots=1), replace(VALUES, indicators=lines), KINDS)
    assert [line["level3"] for line in read_form(form(), filled, KINDS).indicators] == ["完成率0"]
    assert read_grid(filled, "Sheet").at(6, 2).value == "完成率0"


def test_indicators_of_one_name_are_told_apart_by_who_reports_them(made: dict[str, bytes], prescribed: Mapping) -> None:
    """完成率 eight times in one table says nothing, where the form has no column for the section."""
    whole = read_form(prescribed.bureau_forms[1], made[DEPARTMENT], form_fields(prescribed.appendix, "部门"))
    names = [line["level3"] for line in whole.indicators]
    assert len(set(names)) == len(names)
    assert "完成率（党政办）" in names


# -- refusals --------------------------------------------------------------------------------------------------


def plain(change: Callable[[Worksheet], None] | None = None, *, slots: int = 2) -> bytes:
    """A plain form of that kind, with a change."""
    data = Layout(0, 0, 0, lambda text: text, labels="merged", slots=slots, two_rows=False, lines=[]).draw()
    book = openpyxl.load_workbook(io.BytesIO(data))
    if change is not None:
        change(sheet_of(book, book.sheetnames[0]))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def typed(**cells: str | int | None) -> Callable[[Worksheet], None]:
    """Types into cells."""

    def change(page: Worksheet) -> None:
        for address, value in cells.items():
            page[address] = value

    return change


LINES: tuple[Fields, ...] = tuple({"level1": "产出", "level3": f"完成率{n}", "points": Decimal(10)} for n in range(3))
VALUES = FormValues(
    {"project_name": "甲", "executed": Decimal(5), "budget_adjusted": Decimal(10), "total_points": Decimal(30)}
)


def refusal(data: bytes, values: FormValues = VALUES, mapped: BureauForm | None = None) -> str:
    """What the officer reads."""
    with pytest.raises(JixiaoError) as caught:
        fill_form(mapped or form(), data, values, KINDS)
    return str(caught.value)


def test_a_label_that_is_missing_is_named() -> None:
    """With the file and the sheet."""
    words = refusal(plain(typed(A1="工程名称")))
    assert "a.xlsx《Sheet》" in words
    assert "“项目名称”" in words


def test_a_label_in_two_places_is_refused_with_both() -> None:
    """Never guessed; `after` says which one is meant."""
    data = plain(typed(F9="项目名称"))
    assert "A1、F9" in refusal(data)
    fields = [FIELD_MAPS[0] | {"before": "资金总额"}, *FIELD_MAPS[1:]]
    mapped = form(fields=fields)
    assert read_form(mapped, fill_form(mapped, data, VALUES, KINDS), KINDS).fields["project_name"] == "甲"


def test_a_column_in_two_places_is_refused_with_both() -> None:
    """两处“执行率” above one row: which of them?"""
    assert "D2、F2" in refusal(plain(typed(F2="执行率")))


def test_a_label_that_covers_several_cells_is_refused() -> None:
    """A header over two columns says nothing about either."""

    def change(page: Worksheet) -> None:
        page["D2"] = None
        page["E2"] = "执行率"
        page.merge_cells("E2:F2")

    assert "E3、F3" in refusal(plain(change))


def test_what_is_printed_is_not_overwritten() -> None:
    """A wrong anchor must not write over the form's own words or figures."""
    data = plain(typed(B1="（由财政局填写）"))
    assert "B1" in refusal(data)
    fields = [FIELD_MAPS[0] | {"overwrite": True}, *FIELD_MAPS[1:]]
    assert (
        read_form(form(fields=fields), fill_form(form(fields=fields), data, VALUES, KINDS), KINDS).fields[
            "project_name"
        ]
        == "甲"
    )
    assert "C3" in refusal(plain(typed(C3=99)))


def test_more_indicators_than_rows_are_refused_with_what_to_do() -> None:
    """Nothing is lost in silence, nothing half done."""
    words = refusal(plain(slots=2), replace(VALUES, indicators=LINES))
    assert "产出指标" in words
    assert "只有 2 行，要填 3 个指标" in words
    assert "插入 1 行" in words


def test_an_indicator_whose_group_the_form_does_not_have_is_refused() -> None:
    """Its words have to be mapped."""
    lines: tuple[Fields, ...] = ({"level1": "成本", "level3": "单价", "points": Decimal(1)},)
    assert "“成本”" in refusal(plain(), replace(VALUES, indicators=lines))


def test_a_formula_of_the_form_that_gives_something_else_is_refused() -> None:
    """The form would contradict the report; the formula is never replaced."""
    words = refusal(plain(typed(D3="=B3*2")), FormValues(VALUES.fields | {"execution_rate": Decimal("0.5")}))
    assert "D3" in words
    assert "=B3*2" in words


def test_a_formula_of_the_form_that_agrees_stays() -> None:
    """And has its value stored beside it."""
    values = FormValues(
        VALUES.fields
        | {"execution_rate": Decimal("0.5"), "budget_adjusted": Decimal(100_000), "executed": Decimal(50_000)}
    )
    filled = fill_form(form(), plain(typed(D3="=ROUND(C3/(B3*10000)*100,2)")), values, KINDS)
    box = read_grid(filled, "Sheet").at(3, 4)
    assert (box.formula, box.value) == ("ROUND(C3/(B3*10000)*100,2)", 50)


def test_a_percentage_in_a_cell_that_shows_percentages_is_refused() -> None:
    """86.2 would be printed as 8620.00%."""

    def change(page: Worksheet) -> None:
        page["D3"].number_format = "0.00%"

    values = FormValues(VALUES.fields | {"execution_rate": Decimal("0.5")})
    assert "ratio" in refusal(plain(change), values)


def test_two_figures_in_one_cell_are_refused() -> None:
    """Of two mapped to one place one would win in silence."""
    fields = [*FIELD_MAPS, {"field": "unit_name", "row": "项目名称"}]
    assert "B1" in refusal(plain(), mapped=form(fields=fields))


def test_indicators_that_share_a_cell_and_differ_are_refused() -> None:
    """Merged over two rows, the cell could only show one of them."""
    words = refusal(plain(lambda page: page.merge_cells("C5:C6")), replace(VALUES, indicators=_scored(10, 20)))
    assert "C5“points”几个指标共用一格" in words
    fill_form(form(), plain(lambda page: page.merge_cells("C5:C6")), replace(VALUES, indicators=_scored(10, 10)), KINDS)


def _scored(*points: int) -> tuple[Fields, ...]:
    return tuple({"level1": "产出", "level3": f"指{n}", "points": Decimal(p)} for n, p in enumerate(points))


def test_two_headers_of_the_indicators_table_are_refused_with_both() -> None:
    """Last year's table stands above this year's; `after` says which."""

    def change(page: Worksheet) -> None:
        for column, text in enumerate(("一级指标", "三级指标", "分值", "得分"), start=1):
            page.cell(20, column, text)
        page["A19"], page["A21"], page["A22"] = "上年", "产出指标", "总  分"

    assert "第 4、20 行" in refusal(plain(change))
    mapped = form(indicators=INDICATORS | {"before": "上年"})
    assert read_form(mapped, fill_form(mapped, plain(change), VALUES, KINDS), KINDS).indicators == ()
    assert "C4、F4" in refusal(plain(typed(F4="分值")))


def test_a_figure_with_two_values_is_named_when_reading() -> None:
    """自评总分 at the head and 总分 at the foot differ: which one is the office's?"""
    fields = [*FIELD_MAPS, {"field": "total_score", "row": "自评总分"}]
    cells = typed(F1="自评总分", G1=96, D9=95)
    with pytest.raises(JixiaoError, match="G1 和 D9"):
        read_form(form(fields=fields), plain(cells), KINDS)


def test_a_text_where_a_figure_should_be_is_named_when_reading() -> None:
    """约50 is no figure and no zero."""
    with pytest.raises(JixiaoError, match="C3"):
        read_form(form(), plain(typed(C3="约50")), KINDS)


def test_a_row_with_figures_and_no_name_is_named_when_reading() -> None:
    """Dropped as a placeholder it would be missing from the total."""
    with pytest.raises(JixiaoError, match="第 5 行"):
        read_form(form(), plain(typed(B5=None, C5=10)), KINDS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"file": "a.xls"}, "另存为 .xlsx"),
        ({"file": "a.doc"}, "另存为 .xlsx"),
        ({"sheet": 3}, "现有：Sheet"),
        ({"sheet": "乙"}, "现有：Sheet"),
    ],
)
def test_a_file_that_cannot_be_filled_says_what_to_do(change: dict[str, object], words: str) -> None:
    """Old formats first."""
    assert words in refusal(plain(), mapped=form(**change))


def test_a_file_that_is_no_workbook_says_what_to_do() -> None:
    """Renamed, encrypted or damaged."""
    assert "另存为不加密的 .xlsx" in refusal(b"no workbook")


def test_a_form_that_was_not_put_there_is_named(result: Result, prescribed: Mapping) -> None:
    """The mapping is written, the file forgotten."""
    with pytest.raises(JixiaoError, match=PROJECT):
        bureau_forms(result, prescribed, {})


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"fields": [{"field": "execution", "row": "甲"}]}, "execution"),
        ({"fields": [{"field": "executed", "row": "甲"}]}, "万元"),
        ({"fields": [{"field": "project_name", "row": "甲", "unit": "元"}]}, "unit"),
        ({"fields": [{"field": "personnel_executed", "row": "甲", "unit": "元"}]}, "personnel_executed"),
        ({"indicators": {"columns": {"points": "分值"}, "until": "总分"}}, "level3"),
        ({"indicators": {"columns": {"level3": "名称", "colour": "色"}, "until": "总分"}}, "colour"),
    ],
)
def test_a_mapping_that_cannot_be_right_is_refused_when_it_is_loaded(
    mapping: Mapping, change: dict[str, object], word: str
) -> None:
    """Before anybody waits for a run; the names that there are, are listed."""
    with pytest.raises(MappingError, match=word):
        refuse_contradictions(replace(mapping, bureau_forms=(form(**change),)))


def test_the_sample_mapping_and_the_commented_example_are_right(prescribed: Mapping, mapping: Mapping) -> None:
    """What an officer copies has to work."""
    refuse_contradictions(prescribed)
    path = Path(FOLDER).parents[1] / "mappings" / "2025" / "bureau_forms.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    start, end = lines.index("# forms:"), next(n for n, line in enumerate(lines) if "可以填的 field" in line)
    example = "\n".join(["schema: 1", *(line.removeprefix("# ") for line in lines[start:end] if line.startswith("#"))])
    forms = BureauForms.model_validate(yaml.safe_load(example)).forms
    assert forms
    refuse_contradictions(replace(mapping, bureau_forms=tuple(forms)))
