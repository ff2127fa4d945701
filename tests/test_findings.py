"""Every finding code (每个代码): one workbook that raises it at the right cell, and the sample, which raises none."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
import xlsxwriter
from build_samples import keyed_cells
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl.model.findings import Catalogue, Severity, Status
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import UnitStatus
from tests.office import Content, Office, office_of, sheet_of, write

FINANCE, INDICATORS, EVIDENCE, CHECK, STAFF = "收支表", "指标评分表", "佐证材料", "自查", "部门情况"

# unit, sheet, row key, column key, content, expected code, column key where the finding stands
TYPED: list[tuple[str, str, str, str, Content, str, str]] = [
    ("street_office", FINANCE, "fiscal_general", "actual", None, "required-missing", "actual"),
    ("party_office", INDICATORS, "party_office_01", "actual", None, "required-missing", "actual"),
    ("party_office", FINANCE, "projects:01", "actual", None, "required-missing", "actual"),
    ("party_office", INDICATORS, "party_office_01", "actual", "约96%", "not-a-number", "actual"),
    ("party_office", INDICATORS, "party_office_01", "actual", "完成", "not-a-number", "actual"),
    ("party_office", INDICATORS, "party_office_01", "actual", "—", "not-a-number", "actual"),
    ("street_office", FINANCE, "personnel", "prior", "1,4xx", "not-a-number", "prior"),
    ("street_office", FINANCE, "personnel", "budget_initial", 1.005, "out-of-range", "budget_initial"),
    ("street_office", FINANCE, "personnel", "budget_initial", 2e13, "out-of-range", "budget_initial"),
    ("street_office", STAFF, "staff_admin", "quota", 23.5, "out-of-range", "quota"),
    ("street_office", STAFF, "staff_admin", "quota", -1, "out-of-range", "quota"),
    ("street_office", STAFF, "agencies:01", "funding", "财政", "not-in-list", "funding"),
    ("street_office", STAFF, "agencies:01", "nature", "行" * 21, "text-too-long", "nature"),
    ("party_office", FINANCE, "projects:01", "share", 1, "percent-scale", "share"),
    ("party_office", INDICATORS, "party_office_03", "actual", "15人", "measure-unit-mismatch", "actual"),
    ("street_office", FINANCE, "personnel", "actual", 1420.33, "unit-scale", "actual"),
    ("party_office", INDICATORS, "party_office_01", "evidence", None, "evidence-missing", "evidence"),
    ("party_office", INDICATORS, "party_office_01", "points", 50, "locked-cell-changed", "points"),
    ("party_office", INDICATORS, "party_office_01", "level3", "完成情况", "locked-cell-changed", "level3"),
    ("party_office", INDICATORS, "party_office_01", "target", 90, "locked-cell-changed", "target"),
    ("street_office", FINANCE, "carryover_closing", "actual", 100, "check-failed", "actual"),
    ("street_office", STAFF, "staff_admin", "count", 40, "check-failed", "count"),
    ("street_office", FINANCE, "project_expenditure", "reason", None, "explanation-missing", "reason"),
]


@pytest.mark.parametrize(
    ("unit", "sheet", "row", "column", "content", "code", "at"),
    TYPED,
    ids=[f"{t[5]}-{t[2]}-{t[4]}"[:60] for t in TYPED],
)
def test_what_is_typed_wrong_is_found_at_its_cell(
    small_office: Office, unit: str, sheet: str, row: str, column: str, content: Content, code: str, at: str
) -> None:
    """One slip, one finding of its code, in the unit, the sheet and the column where it stands."""
    small_office.put(unit, sheet, row, column, content)
    found = [f for f in small_office.findings() if f.code == code]
    places = {(f.place.unit, f.place.sheet, f.place.key.column if f.place.key else None) for f in found}
    assert (unit, sheet, at) in places
    assert all(f.message and "{" not in f.message for f in found)


def test_the_sample_as_it_came_has_no_finding_at_all(office: Office) -> None:
    """What the table above raises, the sample does not."""
    assert office.result().findings == ()


def test_a_number_written_as_people_write_it_is_understood_and_said_so(small_office: Office) -> None:
    """Nothing is repaired in silence: the cell, the text, and the value taken."""
    small_office.put("street_office", FINANCE, "fiscal_general", "actual", "１７，３３７，３４０元")
    (finding,) = small_office.findings()
    assert (finding.code, finding.severity, finding.found, finding.expected) == (
        "number-understood",
        Severity.NOTE,
        "１７，３３７，３４０元",
        "17337340",
    )
    assert small_office.result().facts["fiscal_income"].shown == "1733.73"


def test_a_number_with_its_own_unit_is_understood(small_office: Office) -> None:
    """15.5万元 in a row that is measured in 万元."""
    value = small_office.result().units["party_office"].indicators[2]
    assert value.name == "项目预算控制数"
    small_office.put("party_office", INDICATORS, "party_office_03", "actual", "14.86万元")
    assert small_office.codes() == ["number-understood"]


def test_a_percent_typed_as_a_fraction_is_not_taken_for_95(small_office: Office) -> None:
    """0.95 in a % cell would score a hundredth."""
    small_office.put("party_office", INDICATORS, "party_office_01", "actual", 0.95)
    assert "percent-scale" in small_office.codes()


def test_a_ratio_must_lie_within_its_band(small_office: Office) -> None:
    """部分达成 allows 60 % to 80 %, not 95 %."""
    small_office.put("street_office", INDICATORS, "street_office_01", "band", "部分达成")
    (finding,) = [f for f in small_office.findings() if f.code == "out-of-range"]
    assert finding.place.key is not None
    assert finding.place.key.column == "band_ratio"


def test_a_reason_at_full_marks_is_asked_about(small_office: Office) -> None:
    """满分却写偏差原因 contradicts itself."""
    result = small_office.result()
    full = next(i for i in result.units["party_office"].indicators if i.score == i.points)
    small_office.put("party_office", INDICATORS, full.key, "reason", "人手不足")
    assert small_office.codes() == ["explanation-unneeded"]


def test_over_achievement_is_asked_about_and_settled_by_a_reason(filled: dict[str, bytes], mapping: Mapping) -> None:
    """完成值超过指标值 30 %: the target may have been too low."""
    office = office_of(filled, mapping, "street_office", "party_building_office")
    office.put("party_building_office", INDICATORS, "party_building_office_02", "actual", 1000)
    office.put("party_building_office", INDICATORS, "party_building_office_02", "reason", None)
    assert "over-achieved" in office.codes()
    office.put("party_building_office", INDICATORS, "party_building_office_02", "reason", "上级临时增加任务")
    assert office.codes() == []


def test_all_full_marks_and_copied_targets_are_asked_about(small_office: Office, mapping: Mapping) -> None:
    """Reviewers reject a form in which everything is perfect."""
    for indicator in mapping.indicators_of("party_office"):
        small_office.put("party_office", INDICATORS, indicator.key, "reason", None)
        if indicator.nature == "定性":
            small_office.put("party_office", INDICATORS, indicator.key, "band_ratio", 100)
        else:
            small_office.put("party_office", INDICATORS, indicator.key, "actual", float(indicator.target))
    assert set(small_office.codes()) == {"all-full-marks", "copied-target"}


def test_an_explanation_in_the_self_check_sheet_belongs_to_its_finding(small_office: Office, mapping: Mapping) -> None:
    """The section answers where it sees the ×; the officer decides."""
    small_office.put("street_office", STAFF, "staff_admin", "count", 40)
    small_office.put("street_office", CHECK, "check:W06", "explanation", "军转干部按政策超编安置")
    (finding,) = [f for f in small_office.findings() if f.cause == "W06"]
    assert (finding.status, finding.explanation) == (Status.EXPLAINED, "军转干部按政策超编安置")


def test_a_satisfaction_without_a_sample_is_asked_about(filled: dict[str, bytes], mapping: Mapping) -> None:
    """满意度无样本 is on every reviewer's list."""
    office = office_of(filled, mapping, "street_office", "veterans_station")
    for column in ("issued", "returned", "satisfied"):
        office.put("veterans_station", EVIDENCE, "surveys:01", column, None)
    assert set(office.codes()) == {"sample-missing"}


def test_a_year_left_over_in_the_text_is_asked_about(small_office: Office) -> None:
    """Last year's sentence, copied."""
    small_office.put("party_office", "目标与问题", "targets:01", "result", "2023年各项任务全部完成。")
    assert small_office.codes() == ["stale-year-text"]


def test_changed_points_no_longer_sum_to_100(small_office: Office) -> None:
    """E14; the changed cell itself is named as well."""
    small_office.put("party_office", INDICATORS, "party_office_01", "points", 50)
    assert {"weights-invalid", "locked-cell-changed"} <= set(small_office.codes())


def test_sections_and_department_must_agree(office: Office) -> None:
    """E17: the projects of all sections are the department's project expenditure."""
    office.put("party_office", FINANCE, "projects:01", "actual", 1)
    assert "department-mismatch" in office.codes()


def test_shares_of_one_project_make_100(filled: dict[str, bytes], mapping: Mapping) -> None:
    """2025-003 is carried by two sections, 60 and 40."""
    sharing = [p for p in mapping.projects if p.code == "2025-003"]
    office = office_of(filled, mapping, "street_office", *(p.unit for p in sharing))
    number = [p.code for p in office.mapping.projects_of(sharing[0].unit)].index("2025-003") + 1
    office.put(sharing[0].unit, FINANCE, f"projects:{number:02d}", "share", 70)
    assert office.codes() == ["project-mismatch"]
    office.put(sharing[0].unit, FINANCE, f"projects:{number:02d}", "share", 60)
    office.put(sharing[0].unit, FINANCE, f"projects:{number:02d}", "project_name", "另一个名字")
    assert office.codes() == ["project-mismatch"]


def test_sections_that_all_score_the_same_are_asked_about(filled: dict[str, bytes], mapping: Mapping) -> None:
    """全体单位同分: nobody looked."""
    office = office_of(filled, mapping, "street_office", "party_office", "veterans_station", "service_centre")
    for section in office.mapping.sections:
        for indicator in mapping.indicators_of(section.code):
            office.put(section.code, INDICATORS, indicator.key, "reason", "原因")
            if indicator.nature == "定性":
                office.put(section.code, INDICATORS, indicator.key, "band", "部分达成")
                office.put(section.code, INDICATORS, indicator.key, "band_ratio", 0)
            elif indicator.nature in ("≥", "="):
                office.put(section.code, INDICATORS, indicator.key, "actual", 0)
            else:
                office.put(section.code, INDICATORS, indicator.key, "actual", 1e9)
    assert "identical-scores" in office.codes()


# -- structure -------------------------------------------------------------------------------------------------


def _row(page: Worksheet, key: str) -> int:
    return next(number for number, row in enumerate(page.iter_rows(max_col=1), start=1) if row[0].value == key)


def _delete_row(key: str) -> Callable[[Worksheet], None]:
    return lambda page: page.delete_rows(_row(page, key))


def _clear_key(page: Worksheet) -> None:
    write(page, _row(page, "columns:finance"), 5, None)


def _double(page: Worksheet) -> None:
    write(page, _row(page, "personnel") + 40, 1, "personnel")


def _scribble(page: Worksheet) -> None:
    write(page, page.max_row + 3, 3, 12345)


@pytest.mark.parametrize(
    ("unit", "sheet", "change", "code"),
    [
        ("street_office", FINANCE, _delete_row("business_income"), "row-missing"),
        ("party_office", INDICATORS, _delete_row("party_office_02"), "row-missing"),
        ("street_office", FINANCE, _delete_row("columns:finance"), "column-missing"),
        ("street_office", FINANCE, _clear_key, "column-missing"),
        ("street_office", FINANCE, _double, "row-duplicate"),
        ("street_office", FINANCE, _scribble, "row-unknown"),
    ],
)
def test_damage_to_the_structure_is_named(
    small_office: Office, unit: str, sheet: str, change: Callable[[Worksheet], None], code: str
) -> None:
    """Cells are found by keys; a key that is gone is said, never guessed."""
    small_office.edit(unit, sheet, change)
    assert code in small_office.codes()


def test_a_sheet_that_is_gone_is_named(small_office: Office) -> None:
    """The others are read all the same."""

    def remove(page: Worksheet) -> None:
        book = page.parent
        assert book is not None
        book.remove(page)

    small_office.edit("street_office", "目标与问题", remove)
    assert small_office.codes() == ["sheet-missing"]


def test_a_row_inserted_into_a_list_is_read_and_said_so(office: Office) -> None:
    """A project without a key counts like the others."""

    def insert(page: Worksheet) -> None:
        number = _row(page, "projects:end")
        page.insert_rows(number)
        for (_, column), (_, letter) in keyed_cells(page).items():
            values: dict[str, Content] = {
                "project_name": "临时项目",
                "budget_adjusted": 100,
                "actual": 100,
                "prior": 100,
            }
            if column in values:
                write(page, number, letter, values[column])

    office.edit("party_office", FINANCE, insert)
    codes = office.codes()
    assert "row-inserted" in codes
    assert "department-mismatch" in codes


def _lose_validations(page: Worksheet) -> None:
    page.data_validations.dataValidation = []


def test_a_filled_cell_without_its_list_or_limits_is_a_note_a_sheet(small_office: Office) -> None:
    """Pasting from another workbook takes the lists away; the values are read all the same."""
    small_office.edit("party_office", INDICATORS, _lose_validations)
    (finding,) = small_office.findings()
    assert (finding.code, finding.severity, finding.place.sheet) == ("validation-damaged", Severity.NOTE, INDICATORS)
    assert finding.place.cell is not None


def test_a_copied_row_is_one_finding(small_office: Office) -> None:
    """A fixed row pasted over another one: the copy is named, and the row that is gone; nothing else about it."""

    def paste(page: Worksheet) -> None:
        cells = keyed_cells(page)
        target = cells["affiliate_remittance", "label"][0]
        for (row, _), (number, column) in cells.items():
            if row == "business_income":
                page.cell(target, column).value = page.cell(number, column).value  # pyright: ignore[reportAttributeAccessIssue]
        write(page, target, 1, "business_income")

    small_office.edit("street_office", FINANCE, paste)
    codes = [code for code in small_office.codes() if not code.startswith("formula-")]
    assert sorted(codes) == ["row-duplicate", "row-missing"]


# -- files and identity ----------------------------------------------------------------------------------------


def _meta(row: int, content: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(data))
        write(sheet_of(book, "_meta"), row, 2, content)
        target = io.BytesIO()
        book.save(target)
        return target.getvalue()

    return change


def _become(content: bytes) -> Callable[[bytes], bytes]:
    return lambda data: content


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _foreign(_: bytes) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.add_worksheet("Sheet1").write(0, 0, "收支情况")
    return target.getvalue()


def _encrypted(_: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 400


def _old(_: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "Workbook".encode("utf-16-le") + b"\x00" * 400


def _entity(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as result:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "xl/workbook.xml":
                content = b'<!DOCTYPE w [<!ENTITY e "x">]>' + content[content.index(b"<workbook") :]
            result.writestr(entry.filename, content)
    return target.getvalue()


def _bomb(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as result:
        result.writestr("xl/workbook.xml", b" " * (12 * 2**20))
    return target.getvalue()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_become(b""), "file-empty"),
        (_cut, "file-truncated"),
        (_become("这是文本".encode()), "file-not-workbook"),
        (_become(b"<html><table></table></html>"), "file-not-workbook"),
        (_encrypted, "file-encrypted"),
        (_bomb, "file-too-large"),
        (_entity, "file-unsafe"),
        (_old, "file-legacy"),
        (_foreign, "wrong-template"),
        (_meta(1, "别的模板"), "wrong-template"),
        (_meta(3, "nobody"), "unknown-unit"),
        (_meta(4, "2023"), "wrong-year"),
    ],
)
def test_a_file_that_cannot_be_used_has_one_finding_and_stops_nobody(
    small_office: Office, change: Callable[[bytes], bytes], code: str
) -> None:
    """The other one is processed; the department has no score, and says whom it waits for."""
    name = small_office.name("party_office")
    small_office.files[name] = change(small_office.files[name])
    result = small_office.result()
    (finding,) = [f for f in result.findings if f.place.file == name]
    assert finding.code == code
    assert sum(org.status is UnitStatus.ACCEPTED for org in result.orgs) == 1
    assert result.department.total is None
    assert result.department.waiting_for == ("party_office",)


def test_a_lock_file_is_a_note_of_nobody(small_office: Office) -> None:
    """`~$` files lie about wherever Excel is open."""
    small_office.files["收到/~$党政办公室.xlsx"] = b"\x05user"
    (finding,) = small_office.findings()
    assert (finding.code, finding.severity, finding.place.unit) == ("file-lock", Severity.NOTE, "")
    assert small_office.result().department.total is not None


def test_one_unit_twice_is_refused_and_the_same_file_twice_is_not(small_office: Office) -> None:
    """Nobody but the officer knows which of two is meant."""
    name = small_office.name("party_office")
    small_office.files["收到/副本.xlsx"] = small_office.files[name]
    assert small_office.codes() == []
    small_office.put("party_office", INDICATORS, "party_office_01", "actual", 50)
    found = [f for f in small_office.findings() if f.code == "duplicate-submission"]
    assert {f.place.file for f in found} == {name, "收到/副本.xlsx"}
    assert next(org for org in small_office.result().orgs if org.code == "party_office").status is UnitStatus.REFUSED


def test_an_older_template_is_read_by_key_and_said_so(small_office: Office) -> None:
    """A note, nothing worse."""
    name = small_office.name("party_office")
    small_office.files[name] = _meta(2, "2024.9")(small_office.files[name])
    assert small_office.codes() == ["old-template"]


def test_macros_and_external_links_are_named_and_never_run(small_office: Office) -> None:
    """The figures are read; what else is in the file is not touched."""
    name = small_office.name("party_office")
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small_office.files[name])) as source, zipfile.ZipFile(target, "w") as result:
        for entry in source.infolist():
            result.writestr(entry, source.read(entry))
        result.writestr("xl/vbaProject.bin", b"macro")
        result.writestr(
            "xl/externalLinks/_rels/externalLink1.xml.rels",
            b'<Relationships><Relationship TargetMode="External"/></Relationships>',
        )
    small_office.files[name] = target.getvalue()
    assert sorted(small_office.codes()) == ["file-external-link", "file-macro"]


def test_a_missing_workbook_is_a_note_before_the_deadline_and_an_error_after_it(small_office: Office) -> None:
    """`--as-of` says what day it is."""
    del small_office.files[small_office.name("party_office")]
    before = small_office.result(as_of=date(2026, 4, 30))
    after = small_office.result(as_of=date(2026, 5, 1))
    assert [(f.code, f.severity) for f in before.findings] == [("missing-submission", Severity.NOTE)]
    assert [(f.code, f.severity) for f in after.findings] == [("missing-submission", Severity.MUST_FIX)]
    assert [org.late for org in after.orgs].count(True) == 1


def test_a_provisional_score_is_marked_so(filled: dict[str, bytes], mapping: Mapping) -> None:
    """`--partial` computes with what is there and says what is not."""
    office = office_of(filled, mapping, "street_office", "party_office", "veterans_station")
    del office.files[office.name("party_office")]
    department = office.result(partial=True).department
    assert department.total is not None
    assert department.provisional
    assert department.waiting_for == ("party_office",)


def test_the_catalogue_has_words_for_every_code_of_the_checks(mapping: Mapping, catalogue: Catalogue) -> None:
    """A finding without words would be a traceback on the worst day."""
    assert {check.code for check in mapping.checks} <= catalogue.texts.keys() == catalogue.severities.keys()
