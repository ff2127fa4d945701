"""Last year (上年): a new workspace goes on where the old one ended, and no figure of last year changes in silence."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from build_samples import keyed_cells

from jixiao_xl import verbs
from jixiao_xl.files.resources import read_folder
from jixiao_xl.last_year import CarriedOver, carried_from, later, write_carried
from jixiao_xl.model.csv_files import csv_rows, decoded
from jixiao_xl.model.errors import JixiaoError, MappingError
from jixiao_xl.model.findings import Finding, Severity, Status
from jixiao_xl.model.layout import column_letters
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.mapping_files import parse_mapping
from jixiao_xl.model.settings import SETTINGS_FILE
from jixiao_xl.stages.issue import issue
from jixiao_xl.stages.read import read
from jixiao_xl.stages.review import REVIEW_FILE, review_workbook
from jixiao_xl.stages.validate import validate
from jixiao_xl.workspace import MAPPING_SUFFIXES, RECEIVED, open_workspace, package_mappings
from tests.office import Content, Office, sheet_of

DEPARTMENT = "革新街道办事处"
ROOT, SECTION = "street_office", "economic_development_office"
CORRECTED = Decimal("386421.50")  # procurement, told by telephone; the workbook says 386420


def quiet(_: str) -> None:
    """Nobody watches."""


# -- an office at the end of 2025, and the beginning of 2026 ------------------------------------------------------


@dataclass(frozen=True)
class Years:
    """Last year's workspace and workbooks, what was carried over, and the new workspace with what it sent out."""

    last: Path
    files: dict[str, bytes]
    carried: CarriedOver
    new: Path
    mapping: Mapping
    issued: dict[str, bytes]

    def office(self) -> Office:
        """The sections of 2026, before they type anything."""
        return Office(self.issued, self.mapping, self.mapping.catalogue)


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory, filled: dict[str, bytes], mapping: Mapping) -> Years:
    """Two units of nine sent a workbook in 2025; one section had a project of its own, and one without a code."""
    folder = tmp_path_factory.mktemp("年度")
    last, new = folder / "2025", folder / "2026"
    verbs.init(last, department=DEPARTMENT, year=2025)
    old = Office({unit: filled[unit] for unit in (ROOT, SECTION)}, mapping, mapping.catalogue)
    for row, code, share in (
        ("projects:05", "2025-088", 60),
        ("projects:06", None, None),
        ("projects:07", "２０２５-０８８", None),
    ):
        old.put(SECTION, "收支表", row, "project_code", code)
        old.put(SECTION, "收支表", row, "project_name", "应急抢险" if code else "零星修缮")
        old.put(SECTION, "收支表", row, "share", share)
        old.put(SECTION, "收支表", row, "actual", 1000.5)
    files = old.files
    for name, data in files.items():
        (last / name).write_bytes(data)
    (last / RECEIVED / "社区建设和物业监督管理办公室.xlsx").write_bytes(b"PK\x03\x04")  # cut off on the way
    (last / REVIEW_FILE).write_bytes(told_by_telephone(files[old.name(ROOT)], mapping))
    carried = carried_from(last, 2026, department=DEPARTMENT, progress=quiet)
    verbs.init(new, department=DEPARTMENT, year=2026)
    write_carried(carried, new)
    new_mapping = open_workspace(new).mapping()
    issued = {unit: issue(new_mapping, unit)[1] for unit in (ROOT, SECTION)}
    return Years(last, files, carried, new, new_mapping, issued)


def told_by_telephone(workbook: bytes, mapping: Mapping) -> bytes:
    """审核处理.xlsx with one line in 电话更正."""
    number, column = keyed_cells(sheet_of(opened(workbook, data_only=True), "收支表"))["procurement", "actual"]
    blank = review_workbook(None, [], {}, {}, mapping)
    assert blank is not None
    book = openpyxl.load_workbook(io.BytesIO(blank))
    page = sheet_of(book, "电话更正")
    titles = [cell.value for cell in page[2]]
    cell = f"{column_letters(column)}{number}"
    told: dict[str, Content] = {
        "单位": DEPARTMENT, "工作表": "收支表", "单元格": cell, "原值": "386420", "更正为": "386421.50", "理由": "漏记", "提供人": "李红",
    }  # fmt: skip
    for title, value in told.items():
        page.cell(3, titles.index(title) + 1, value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@cache
def opened(workbook: bytes, *, data_only: bool) -> openpyxl.Workbook:
    """A workbook to look at."""
    return openpyxl.load_workbook(io.BytesIO(workbook), data_only=data_only)


def stored(workbook: bytes, sheet: str) -> dict[tuple[str, str], Content]:
    """The stored values of a sheet by row and column key, as a spreadsheet program shows them."""
    page = sheet_of(opened(workbook, data_only=True), sheet)
    return {key: page.cell(*at).value for key, at in keyed_cells(page).items()}  # pyright: ignore[reportReturnType]


def about_prior(office: Office) -> list[Finding]:
    """What is found about last year's figures."""
    batch, _ = read(office.files, office.mapping, office.catalogue)
    return [finding for finding in validate(batch, office.mapping, office.catalogue)[1] if finding.cause == "prior"]


# -- what goes out -----------------------------------------------------------------------------------------------


def test_every_figure_of_the_final_accounts_stands_in_next_years_workbook(
    years: Years, filled: dict[str, bytes]
) -> None:
    """The officer retyped twenty-two amounts every spring; totals are formulas and follow."""
    last, new = stored(filled[ROOT], "收支表"), stored(years.issued[ROOT], "收支表")
    actual = {row: value for (row, column), value in last.items() if column == "actual" and value not in (None, "")}
    prior = {row: value for (row, column), value in new.items() if column == "prior" and value not in (None, "")}
    assert prior == pytest.approx(actual | {"procurement": float(CORRECTED)})
    assert len(prior) == 28


def test_a_total_stays_a_formula(years: Years) -> None:
    """A prefilled total would hide a section's own sum."""
    page = sheet_of(opened(years.issued[ROOT], data_only=False), "收支表")
    cells = keyed_cells(page)
    for row in ("total_income", "basic_expenditure", "three_public"):
        assert str(page.cell(*cells[row, "prior"]).value).startswith("=")
        assert (ROOT, row) not in {(prior.unit, prior.row) for prior in years.mapping.priors}


def test_a_section_finds_its_projects_with_last_years_figures(years: Years) -> None:
    """By code; a project that the section added itself is known from now on, its two rows together."""
    new = stored(years.issued[SECTION], "收支表")
    shown = {
        new[f"projects:{n:02d}", "project_code"]: tuple(
            new[f"projects:{n:02d}", key] for key in ("project_name", "share", "prior")
        )
        for n in range(1, 5)
    }
    assert shown == {
        "2025-003": ("大气污染防治与环境巡查", 60, 144000),
        "2025-004": ("统计调查", 100, 38760),
        "2025-088": ("应急抢险", 60, 2001),
        None: (None, None, None),
    }
    assert new["total", "prior"] == 144000 + 38760 + 2001
    assert (years.new / "mappings/2026/projects.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_whoever_stands_in_the_cell_sees_where_the_figure_comes_from(years: Years) -> None:
    """File, sheet and cell of last year; of a figure told by telephone, the line that says so."""
    page = sheet_of(opened(years.issued[ROOT], data_only=False), "收支表")
    prompts = {str(rule.sqref): rule.prompt or "" for rule in page.data_validations.dataValidation}
    cells = keyed_cells(page)
    at = {row: page.cell(*cells[row, "prior"]).coordinate for row in ("personnel", "procurement")}
    assert f"2025年工作文件夹 收到/{DEPARTMENT}.xlsx《收支表》E17" in prompts[at["personnel"]]
    assert f"{REVIEW_FILE}《电话更正》" in prompts[at["procurement"]]


def test_prior_csv_is_the_officers_to_change(years: Years) -> None:
    """Audit changes last year's accounts after they were closed; Excel saves a CSV in GBK."""
    files = read_folder(years.new / "mappings/2026", MAPPING_SUFFIXES)
    text = files["prior.csv"].decode("utf-8-sig")
    assert "personnel,prior,14386520.00," in text
    changed = text.replace("personnel,prior,14386520.00,", "personnel,prior,14386000,").encode("gb18030")
    mapping = parse_mapping(files | {"prior.csv": changed}, year=2026)
    assert stored(issue(mapping, ROOT)[1], "收支表")["personnel", "prior"] == 14386000


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("personnel,prior", "total_income,prior", "total_income"),
        ("personnel,prior", "public_funds,prior", "public_funds"),
        ("2025-088,prior", "2025-099,prior", "2025-099"),
        ("personnel,prior,14386520.00", "personnel,prior,一千万", "一千万"),
    ],
    ids=["a formula", "twice", "no such project", "no number"],
)
def test_a_figure_without_a_cell_is_refused(years: Years, old: str, new: str, says: str) -> None:
    """It would be left out in silence otherwise."""
    files = read_folder(years.new / "mappings/2026", MAPPING_SUFFIXES)
    text = files["prior.csv"].decode("utf-8-sig")
    assert old in text
    wrong = text.replace(old, new, 1)
    with pytest.raises(MappingError, match=says) as refusal:
        parse_mapping(files | {"prior.csv": wrong.encode()}, year=2026)
    assert refusal.value.file == "prior.csv"
    assert refusal.value.line is not None
    assert says in wrong.splitlines()[refusal.value.line - 1]


# -- what comes back ---------------------------------------------------------------------------------------------


def test_what_was_left_alone_is_no_finding(years: Years) -> None:
    """Nor is a project that stands in another row now, or under a new code, or a 0 that was emptied."""
    office = years.office()
    assert about_prior(office) == []
    for column, value in (
        ("project_code", "２０２５-００３"),
        ("project_name", "大气污染防治与环境巡查"),
        ("prior", 144000),
    ):
        office.put(SECTION, "收支表", "projects:01", column, None)
        office.put(SECTION, "收支表", "projects:20", column, value)
    office.put(SECTION, "收支表", "projects:02", "project_code", "2026-004")
    office.put(ROOT, "收支表", "fiscal_fund", "prior", None)
    assert about_prior(office) == []


def test_a_changed_figure_of_last_year_is_to_be_explained(years: Years) -> None:
    """With both numbers and where last year's stands; the row's reason explains it, and the officer decides.

    A reason that was written for something else must not let the change pass. A text is no number: that is its own
    finding, and one cell has one.
    """
    office = years.office()
    changes: list[tuple[str, str, Content]] = [
        (ROOT, "fiscal_general", 17000000),
        (ROOT, "personnel", "1,400万元"),
        (ROOT, "public_funds", None),
        (ROOT, "project_expenditure", "见决算"),
        (SECTION, "projects:01", 144000.01),
        (SECTION, "projects:02", 38000),
    ]
    for unit, row, content in changes:
        office.put(unit, "收支表", row, "prior", content)
    office.put(SECTION, "收支表", "projects:02", "project_code", "2026-004")
    office.put(ROOT, "收支表", "personnel", "reason", "审计调整上年决算")
    findings = about_prior(office)
    assert [(f.place.unit, f.place.cell, f.found, f.expected, f.explanation) for f in findings] == [
        (ROOT, "F5", "17000000.00", "17337340.00", None),
        (ROOT, "F17", "14000000.00", "14386520.00", "审计调整上年决算"),
        (ROOT, "F18", None, "1691810.00", None),
        (SECTION, "H6", "144000.01", "144000.00", None),
        (SECTION, "H7", "38000.00", "38760.00", None),
    ]
    assert {(f.code, f.severity, f.needs_decision) for f in findings} == {("check-failed", Severity.EXPLAIN, True)}
    assert [f.status is Status.EXPLAINED for f in findings] == [False, True, False, False, False]
    assert all("2025年工作文件夹 收到/" in f.message for f in findings)
    assert len({f.id for f in findings}) == len(findings)


# -- what is carried over beside the figures ---------------------------------------------------------------------


def test_the_operator_is_told_what_did_not_come(years: Years) -> None:
    """Seven units' figures are missing, one of them because its file was damaged; one project has no code."""
    remarks = "\n".join(years.carried.remarks)
    without = next(remark for remark in years.carried.remarks if "党政办公室" in remark)
    assert "社区建设和物业监督管理办公室" in without
    assert "经济发展办公室" not in without
    assert "零星修缮" in remarks
    assert "2025-088 应急抢险" in remarks
    assert "25 个上年数" in remarks
    assert len(years.carried.figures) == 25


def test_last_year_stays_as_it_was(years: Years) -> None:
    """It has been filed: mapping, workbooks and decisions are only read."""
    assert not (years.last / "mappings/2025/prior.csv").exists()
    assert {name: (years.last / name).read_bytes() for name in years.files} == years.files
    assert (years.last / "mappings/2025/projects.csv").read_bytes() == (
        package_mappings() / "2025/projects.csv"
    ).read_bytes()


@pytest.fixture
def empty_year(tmp_path: Path) -> Path:
    """A workspace of 2025 in which nothing has come yet."""
    verbs.init(tmp_path / "2025", department=DEPARTMENT, year=2025)
    return tmp_path / "2025"


def carried_into(last: Path, year: int, **changes: str) -> Path:
    """The new workspace, beside the old one."""
    department = changes.get("department", DEPARTMENT)
    carried = carried_from(last, year, department=department, progress=quiet)
    verbs.init(last.parent / str(year), department=department, year=year)
    write_carried(carried, last.parent / str(year))
    return last.parent / str(year)


def test_what_the_office_has_of_its_own_goes_on(empty_year: Path) -> None:
    """Its lists, its wording, its report, its bureau's forms; what it never touched is the package's newest."""
    folder = empty_year / "mappings/2025"
    (folder / "units.csv").write_bytes(
        (folder / "units.csv").read_bytes().decode("utf-8-sig").replace("党政办,", "综合办,").encode("gb18030")
    )
    (folder / "texts.yaml").write_text(
        (folder / "texts.yaml").read_text(encoding="utf-8").replace("total: 合计", "total: 总计"), encoding="utf-8"
    )
    (folder / "自评报告.docx").write_bytes(b"report")
    (folder / "bureau_forms").mkdir()
    (folder / "bureau_forms/项目表.xlsx").write_bytes(b"form")
    (folder / "~$units.csv").write_bytes(b"lock")
    (folder / "departments.csv").write_bytes("﻿code,name,email\n".encode())
    carried = carried_from(empty_year, 2026, department=DEPARTMENT, progress=quiet)
    new = carried_into(empty_year, 2026)
    mapping = open_workspace(new).mapping()
    assert (mapping.unit_by_code["party_office"].short, mapping.text("total")) == ("综合办", "总计")
    assert (new / "mappings/2026/自评报告.docx").read_bytes() == b"report"
    assert open_workspace(new).prescribed_forms() == {"项目表.xlsx": b"form"}
    names = {name.removeprefix("mappings/2026/") for name in carried.files} - {SETTINGS_FILE}
    csvs = {path.name for path in folder.glob("*.csv")} - {"~$units.csv"}
    assert names == csvs | {"texts.yaml", "自评报告.docx", "bureau_forms/项目表.xlsx"}
    assert {path.name for path in (new / "mappings/2026").iterdir() if path.suffix in MAPPING_SUFFIXES} >= {
        path.name for path in (package_mappings() / "2025").iterdir()
    }


SETTINGS = """# 我们的设置
schema = 1
department = "旧名街道"
year = 2025
deadline = 2024-02-29 # 年初就要

[mail]
address = "jixiao@example.gov.cn"
smtp = { host = "mail.example.gov.cn", port = 465, security = "ssl", ca_file = "证书/root.pem" } # year = 2025
pace_seconds = 7
"""


def test_the_settings_go_on_with_the_year_moved(empty_year: Path) -> None:
    """Nobody should look up servers and certificates again every spring; comments stay."""
    (empty_year / SETTINGS_FILE).write_bytes(SETTINGS.replace("\n", "\r\n").encode("utf-8-sig"))
    (empty_year / "证书").mkdir()
    (empty_year / "证书/root.pem").write_bytes(b"pem")
    new = carried_into(empty_year, 2026, department='新名"街道')
    text = (new / SETTINGS_FILE).read_bytes().decode()
    assert text.replace("\r\n", "\n") == (
        SETTINGS.replace('"旧名街道"', '"新名\\"街道"')
        .replace("year = 2025\ndead", "year = 2026\ndead")
        .replace("2024-02-29", "2025-02-28")
    )
    assert (new / "证书/root.pem").read_bytes() == b"pem"
    mail = open_workspace(new).settings.mail
    assert mail is not None
    assert mail.pace_seconds == 7


def test_settings_that_cannot_be_changed_safely_are_refused(empty_year: Path) -> None:
    """Rather than a new year under the old one's name."""
    (empty_year / SETTINGS_FILE).write_text(SETTINGS.replace("year = 2025\n", "year = 2_025\n"), encoding="utf-8")
    with pytest.raises(JixiaoError, match=SETTINGS_FILE):
        carried_from(empty_year, 2026, department=DEPARTMENT, progress=quiet)


@pytest.mark.parametrize("year", [2024, 2025])
def test_only_an_earlier_year_can_be_the_last(empty_year: Path, year: int) -> None:
    """A slip of --year would take this year's figures for last year's."""
    with pytest.raises(JixiaoError, match="2025"):
        carried_from(empty_year, year, department=DEPARTMENT, progress=quiet)


def test_the_year_before_last_gives_no_figures(empty_year: Path, filled: dict[str, bytes]) -> None:
    """上年 is the year before, nothing else; the office's own mapping goes on."""
    (empty_year / RECEIVED / "经济发展办公室.xlsx").write_bytes(filled[SECTION])
    carried = carried_from(empty_year, 2027, department=DEPARTMENT, progress=quiet)
    assert carried.figures == ()
    assert "mappings/2027/projects.csv" in carried.files
    assert "mappings/2027/prior.csv" not in carried.files
    assert any("2026 年" in remark for remark in carried.remarks)


# -- the list of materials -----------------------------------------------------------------------------------------


def test_the_list_of_materials_is_not_typed_twice(years: Years, empty_year: Path) -> None:
    """Letters and workbook show one list; its dates move on with the year, and {year} is this year."""
    materials = empty_year / "mappings/2025/materials.csv"
    materials.write_bytes("item,provider,due\n{year}年决算报表,党政办公室,2026/4/24\n台账,,\n".encode("gb18030"))
    new = carried_into(empty_year, 2026)
    page = stored(issue(open_workspace(new).mapping(), ROOT)[1], "自评组织")
    rows = [
        tuple(page[f"materials:{n:02d}", key] for key in ("item", "provider", "due", "received")) for n in (1, 2, 3)
    ]
    assert [(item, who, getattr(due, "date", lambda: None)(), came) for item, who, due, came in rows] == [
        ("2026年决算报表", "党政办公室", date(2027, 4, 24), None),
        ("台账", None, None, None),
        (None, None, None, None),
    ]
    assert csv_rows(decoded((new / "mappings/2026/materials.csv").read_bytes()) or "")[0]["due"] == "2027-04-24"
    given = stored(years.issued[ROOT], "自评组织")
    assert given["materials:01", "item"] == "2026年部门决算报表和批复"
    assert (given["materials:08", "item"], given["materials:09", "item"]) == ("社区走访和现场核查记录", None)


def test_a_leap_day_has_no_place_in_most_years() -> None:
    """The deadline must be a day."""
    assert later(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert later(date(2024, 2, 29), 4) == date(2028, 2, 29)
