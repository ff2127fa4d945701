"""The appendix (附表): every figure from a workbook, every sum the result's, a sheet that prints."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from urllib.parse import unquote

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl.files.cells import read_workbook
from jixiao_xl.files.recalc import ironcalc_values, libreoffice_values, workbook_values
from jixiao_xl.model.errors import MappingError
from jixiao_xl.model.findings import Catalogue
from jixiao_xl.model.mapping import BureauForm, Mapping
from jixiao_xl.model.mapping.scoring import Cap
from jixiao_xl.model.mapping_files import parse_mapping
from jixiao_xl.model.money import half_up
from jixiao_xl.model.results import Result
from jixiao_xl.stages.appendix import appendix
from jixiao_xl.stages.appendix.gather import department_content, project_contents
from jixiao_xl.stages.appendix.names import sheet_names
from jixiao_xl.stages.appendix.sharing import shared_points, shared_scores
from jixiao_xl.workspace import package_mappings
from tests.office import Office, sheet_of, small_mapping

DEPARTMENT = "部门整体支出绩效自评表"
NONE = "—"


@pytest.fixture(scope="module")
def result(filled: dict[str, bytes], mapping: Mapping) -> Result:
    """What a run over the sample finds."""
    return Office(filled, mapping, mapping.catalogue).result()


@pytest.fixture(scope="module")
def made(result: Result, mapping: Mapping) -> bytes:
    """Its appendix."""
    found = appendix(result, mapping)
    assert found is not None
    assert found[0] == "附表.xlsx"
    return found[1]


@pytest.fixture(scope="module")
def book(made: bytes) -> openpyxl.Workbook:
    """The appendix as a viewer shows it."""
    return openpyxl.load_workbook(io.BytesIO(made), data_only=True)


def row_of(page: Worksheet, label: str) -> int:
    """The row that begins with a label."""
    return next(cell.row for cell in page["A"] if isinstance(cell.value, str) and cell.value.strip("　") == label)


def number(value: object) -> Decimal:
    """A stored number at Excel's precision."""
    assert isinstance(value, int | float)
    return Decimal(f"{value:.15g}")


# -- figures ---------------------------------------------------------------------------------------------------


def test_every_live_figure_is_what_is_stored_beside_it(made: bytes, soffice: str) -> None:
    """A reviewer who recalculates sees the numbers that were sent: sums, rates, scores and grades."""
    stored = workbook_values(made)
    formulas = [(s.name, c.address) for s in read_workbook(made).sheets for c in s.cells if c.formula is not None]
    recalculated = libreoffice_values(soffice, [made])[0]
    assert len(formulas) > 100
    for sheet, address in formulas:
        ours, theirs = stored[sheet][address], recalculated[sheet][address]
        if isinstance(ours, float) and isinstance(theirs, float):
            assert theirs == pytest.approx(ours, abs=1e-9), (sheet, address)
        else:
            assert theirs == ours, (sheet, address)


def test_totals_are_those_of_the_run(book: openpyxl.Workbook, result: Result) -> None:
    """One score, wherever it is read: the department's, and each project's."""
    pages = [sheet_of(book, name) for name in book.sheetnames]
    assert book.sheetnames[0] == DEPARTMENT
    assert len(pages) == 1 + len(result.projects)
    for page, total in zip(pages, [result.department.total, *(p.total for p in result.projects)], strict=True):
        row = row_of(page, "总分")
        score = next(c for c in range(1, 12) if page.cell(row, c).value == 100)
        assert number(page.cell(row, score + 1).value) == total


def test_the_funds_are_the_final_accounts_in_wan(book: openpyxl.Workbook) -> None:
    """1733.73 of the report is 1733.734 here, shown with two decimals: sums and rates come from exact amounts."""
    page = sheet_of(book, DEPARTMENT)
    row = row_of(page, "年度资金总额")
    assert [page.cell(row, column).value for column in (4, 5, 6)] == [1753, 1756.76, 1733.734]
    assert page.cell(row, 6).number_format == "#,##0.00"
    assert page.cell(row, 6).alignment.horizontal == "right"
    assert page["A3"].value == "单位：万元"
    parts = [number(page.cell(row_of(page, label), 6).value) for label in ("按性质：基本支出", "项目支出")]
    assert sum(parts) == number(page.cell(row, 6).value)


def test_each_amount_links_to_the_cell_that_it_comes_from(
    book: openpyxl.Workbook, filled: dict[str, bytes], mapping: Mapping
) -> None:
    """Two clicks from a figure to the section's cell: what stands there is the figure, in 元."""
    files = {f"收到/{mapping.unit_by_code[unit].name}.xlsx": workbook_values(data) for unit, data in filled.items()}
    followed = 0
    for name in book.sheetnames:
        page = sheet_of(book, name)
        for row in (row for row in page.iter_rows() if row[-1].hyperlink is not None):
            cell = row[-1]
            file, sheet, address = target(cell.hyperlink)
            there = files[file][sheet][address]
            shown = row[5].value
            if sheet == "收支表" and isinstance(shown, int | float) and row[0].value != "按来源：财政拨款":
                assert there == pytest.approx(shown * 10_000), (name, cell.coordinate)
                followed += 1
    assert followed >= 2 * len(mapping.projects)


def target(link: object) -> tuple[str, str, str]:
    """File, sheet and cell of a link."""
    path, location = str(getattr(link, "target", "")), str(getattr(link, "location", "") or "")
    where = unquote(path) + ("#" + location if location else "")
    match = re.fullmatch(r"(?:file:///)?\.\.[/\\](.+)#'(.+)'!([A-Z]+\d+)", where)
    assert match, where
    return match[1].replace("\\", "/"), match[2], match[3]


def test_indicators_of_the_form_add_up_to_its_blocks(result: Result, mapping: Mapping) -> None:
    """Points of a section are turned into points of the form; nothing is lost in rounding."""
    content = department_content(result, mapping)
    for step in result.department.steps:
        lines = [line for line in content.lines if line.level1 == step.block]
        assert sum(line.points for line in lines) == step.points
        assert sum(line.score or 0 for line in lines) == step.score
    assert len(content.lines) == sum(len(unit.indicators) for unit in result.units.values())
    for project, one in zip(result.projects, project_contents(result, mapping), strict=True):
        assert one.total_points == 100
        assert sum((line.score or Decimal(0) for line in one.lines), one.execution_score or Decimal(0)) == project.total


def test_a_section_that_weighs_more_has_more_points(
    filled: dict[str, bytes], mapping: Mapping, catalogue: Catalogue
) -> None:
    """The form follows units.csv as the department's score does."""
    heavy = tuple(u.model_copy(update={"weight": Decimal(3)}) if u.code == "party_office" else u for u in mapping.units)
    weighted = replace(mapping, units=heavy)
    lines = department_content(Office(filled, weighted, catalogue).result(), weighted).lines
    outputs = [line for line in lines if line.level1 == "产出"]
    assert sum(line.points for line in outputs) == 30
    assert sum(line.points for line in outputs if line.unit_name == "党政办") == Decimal(30) * 3 / 10


def test_a_cap_for_low_execution_shows_in_total_and_note(filled: dict[str, bytes], mapping: Mapping) -> None:
    """77.18 % executed: at most 89 points, and the live total says the same as the stored one."""
    units = ("street_office", "community_office")
    mapping = small_mapping(mapping, units)
    cap = Cap.model_validate({"below": "80", "at_most": "89"})
    options = mapping.scoring.options.model_copy(update={"low_execution_caps": [cap]})
    capped = replace(mapping, scoring=mapping.scoring.model_copy(update={"options": options}))
    found = appendix(Office({unit: filled[unit] for unit in units}, capped, capped.catalogue).result(), capped)
    assert found is not None
    sheets = {s.name: s for s in read_workbook(found[1]).sheets if "社区惠民项目" in s.name}
    (name, sheet), *_ = sheets.items()
    cells = {c.address: f"={c.formula}" if c.formula else c.value or "" for c in sheet.cells}
    total = next(c for c in sheet.cells if c.formula and "MIN(89" in c.formula and c.value == 89)
    assert ironcalc_values({name: cells})[name][total.address] == 89
    assert any(isinstance(c.value, str) and "不超过 89 分" in c.value for c in sheet.cells)


def test_what_nobody_knows_is_a_dash_and_never_a_zero(filled: dict[str, bytes], mapping: Mapping) -> None:
    """A section has not answered: no total, no grade; and a project's money is not split by source anywhere."""
    mapping = small_mapping(mapping, ("street_office", "party_office", "community_office"))
    some = {unit: filled[unit] for unit in ("street_office", "community_office")}
    result = Office(some, mapping, mapping.catalogue).result()
    found = appendix(result, mapping)
    assert found is not None
    book = openpyxl.load_workbook(io.BytesIO(found[1]), data_only=True)
    page = sheet_of(book, DEPARTMENT)
    row = row_of(page, "总分")
    assert (page.cell(row, 8).value, page.cell(row, 10).value) == (NONE, NONE)
    project = sheet_of(book, book.sheetnames[1])
    sources = row_of(project, "其中：当年财政拨款")
    assert [project.cell(sources, column).value for column in (4, 5, 6, 9)] == [NONE] * 4
    notes = " ".join(str(cell.value) for cell in page["A"] if cell.value)
    assert "党政办公室" in notes


def test_execution_by_source_is_not_guessed(small_office: Office) -> None:
    """With money from two sources nobody knows which was spent; with one it is plain arithmetic."""
    office, mapping = small_office, small_office.mapping
    alone = {fund.row.key: fund for fund in department_content(office.result(), mapping).funds}
    assert alone["fiscal"].executed == alone["total"].executed
    assert alone["carryover"].executed == 0
    office.put("street_office", "收支表", "other_income", "actual", 100)
    mixed = {fund.row.key: fund for fund in department_content(office.result(), mapping).funds}
    assert [mixed[key].executed for key in ("fiscal", "carryover", "other_source")] == [None] * 3


def test_the_same_result_gives_the_same_bytes(made: bytes, result: Result, mapping: Mapping) -> None:
    """Nothing of the clock."""
    assert appendix(result, mapping) == ("附表.xlsx", made)


# -- print -----------------------------------------------------------------------------------------------------


def test_each_sheet_prints_on_a4_with_its_header_repeated(book: openpyxl.Workbook) -> None:
    """The officer presses print and signs."""
    for name in book.sheetnames:
        page = sheet_of(book, name)
        setup = page.page_setup
        assert (setup.paperSize, setup.fitToWidth or 1, setup.fitToHeight) == (9, 1, 0)
        assert page.sheet_properties.pageSetUpPr is not None
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert setup.orientation == ("landscape" if name == DEPARTMENT else "portrait")
        header = int(str(page.print_title_rows).split(":")[0].strip("$"))
        assert page.cell(header, 1).value == "一级指标"
        assert str(page.print_area).endswith(f"${page.max_row}")


def test_rows_are_high_enough_for_their_texts(book: openpyxl.Workbook) -> None:
    """A merged cell does not grow by itself: a long reason would be cut in print."""
    page = sheet_of(book, DEPARTMENT)
    reasons = 0
    for row in range(row_of(page, "一级指标") + 1, row_of(page, "总分")):
        text = page.cell(row, 9).value
        if isinstance(text, str) and len(text) > 18:  # 36 characters wide, a Chinese one counts two
            lines = -(-len(text) // 18)
            assert (page.row_dimensions[row].height or 0) >= 14 * lines
            reasons += 1
    assert reasons > 20


@given(st.lists(st.text(min_size=0, max_size=50), min_size=1, max_size=12))
def test_excel_takes_every_sheet_name(wanted: list[str]) -> None:
    """Projects are called as people please, and alike."""
    names = list(sheet_names(wanted))
    assert len({name.casefold() for name in names}) == len(wanted)
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]", name)
        assert "'" not in (name[0], name[-1])


# -- sharing ---------------------------------------------------------------------------------------------------


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Decimal, list[Decimal], list[Decimal]]:
    """A form's points for a block, its indicators' weights, and the ratios that they reach."""
    weights = draw(st.lists(st.integers(1, 6000).map(lambda n: Decimal(n) / 100), min_size=1, max_size=45))
    ratio = st.one_of(
        st.just(Decimal(1)), st.just(Decimal(0)), st.integers(0, 10_000).map(lambda n: Decimal(n) / 10_000)
    )
    return (
        Decimal(draw(st.integers(1, 100))),
        weights,
        draw(st.lists(ratio, min_size=len(weights), max_size=len(weights))),
    )


@given(blocks())
def test_shares_add_up_and_nobody_gets_more_than_full_marks(
    block: tuple[Decimal, list[Decimal], list[Decimal]],
) -> None:
    """分值合计 and 得分合计 are checked by every reviewer, and so is 得分≤分值."""
    total, weights, ratios = block
    points = shared_points(total, weights)
    assert sum(points) == total
    assert all(
        abs(share - total * w / sum(weights)) < Decimal("0.01") for share, w in zip(points, weights, strict=True)
    )
    whole = half_up(total * sum((w * r for w, r in zip(weights, ratios, strict=True)), Decimal(0)) / sum(weights), 2)
    scores = shared_scores(whole, points, list(ratios))
    assert sum(score or Decimal(0) for score in scores) == whole
    for share, score in zip(points, scores, strict=True):
        assert score is not None
        assert 0 <= score <= share
        assert score == share or min(ratios) < 1


# -- its mapping -----------------------------------------------------------------------------------------------


def files(**changed: str) -> Iterator[tuple[str, bytes]]:
    """The package's mapping with some words of appendix.yaml changed."""
    for path in sorted((package_mappings() / "2025").iterdir()):
        if path.is_file():
            data = path.read_bytes()
            for old, new in changed.items() if path.name == "appendix.yaml" else ():
                assert old.encode() in data
                data = data.replace(old.encode(), new.encode(), 1)
            yield path.name, data


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("personnel.{column}", "persons.{column}"),
        ("sum_of: [personnel", "sum_of: [staff"),
        ("key: fiscal", "key: total"),
    ],
)
def test_a_name_that_no_workbook_has_is_refused_with_its_line(old: str, new: str) -> None:
    """A typing error in the mapping must not become an empty row in a form."""
    with pytest.raises(MappingError, match=r"appendix\.yaml 第 \d+ 行"):
        parse_mapping(dict(files(**{old: new})), year=2025)


def test_an_older_workspace_uses_the_rows_of_the_package(mapping: Mapping) -> None:
    """Its mapping was made before there was an appendix."""
    own = {name: data for name, data in files() if name not in ("appendix.yaml", "bureau_forms.yaml")}
    older = parse_mapping(own, year=2025, wording=dict(files()))
    assert older.appendix == mapping.appendix
    assert older.bureau_forms == ()


def test_where_the_bureau_prescribes_both_forms_there_is_no_appendix(result: Result, mapping: Mapping) -> None:
    """Nobody files two versions of one form."""
    forms = (BureauForm(file="a.xlsx", level="部门"), BureauForm(file="b.xlsx", level="项目"))
    assert appendix(result, replace(mapping, bureau_forms=forms)) is None
    one = appendix(result, replace(mapping, bureau_forms=forms[:1]))
    assert one is not None
    assert DEPARTMENT not in workbook_values(one[1])
