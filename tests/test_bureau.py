"""A bureau (财政局汇总): packages from departments, recomputed from their own workbooks; nothing altered is believed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from build_samples import keyed_cells

from jixiao_xl import bureau, verbs
from jixiao_xl.bureau import BureauOutcome
from jixiao_xl.files.bundles import bundled, unbundled
from jixiao_xl.files.ooxml import parts
from jixiao_xl.files.recalc import libreoffice_values, workbook_values
from jixiao_xl.model.documents import FindingDocument
from jixiao_xl.model.errors import JixiaoError
from tests.office import sheet_of, write
from tests.small_office import DEPARTMENT, SECTION, made_package, small_workspace

DONGFENG, HONGQI, GONE = "东风街道办事处", "红旗街道办事处", "胜利街道办事处"
AFTER = date(2026, 6, 1)
MORE = 1000  # 元 that the second department has received and spent beyond the first


@dataclass(frozen=True)
class District:
    """A bureau's workspace, what its run gave, and the packages that it has."""

    workspace: Path
    outcome: BureauOutcome
    sound: bytes


def consolidated(workspace: Path, **more: Any) -> BureauOutcome:
    return bureau.consolidate_packages(workspace, as_of=AFTER, progress=lambda _: None, **more)


def new_bureau(folder: Path, expected: dict[str, str]) -> Path:
    """An ordinary new workspace that lists who is expected."""
    verbs.init(folder, department="某某区财政局", year=2025)
    lines = ["code,name,email", *(f"{code},{name}," for code, name in expected.items())]
    (folder / "mappings" / "2025" / "departments.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    return folder


def with_changed(package: bytes, name: str, change: Callable[[bytes], bytes], *, recorded: bool = False) -> bytes:
    """The package with one file changed; `recorded` has somebody mend the record as well."""
    files = unbundled(package)
    files[name] = change(files[name])
    if recorded:
        record = json.loads(files["上报记录.json"])
        record["files"][name] = hashlib.sha256(files[name]).hexdigest()
        files["上报记录.json"] = json.dumps(record).encode()
    return bundled(files)


def recorded_as(package: bytes, **fields: object) -> bytes:
    """The package with other words in its record."""
    return with_changed(package, "上报记录.json", lambda data: json.dumps(json.loads(data) | fields).encode())


def better(data: bytes) -> bytes:
    """A result that says a point more than the workbooks give."""
    result = json.loads(data)
    result["score"] = result["orgs"][0]["score"] = result["facts"]["score"]["value"] = "98.25"
    result["facts"]["total_income"]["value"] = "17337340.01"
    return json.dumps(result).encode()


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory, filled: dict[str, bytes]) -> dict[str, bytes]:
    """The packages of three departments, the second with other figures."""
    folder = tmp_path_factory.mktemp("departments")
    made: dict[str, bytes] = {}
    for number, name in enumerate((DEPARTMENT, DONGFENG, HONGQI)):
        workspace = small_workspace(folder / str(number), filled, department=name)
        if name == DONGFENG:
            richer(workspace / "收到" / f"{DEPARTMENT}.xlsx")
        made[name] = made_package(workspace)[0]
    return made


def richer(path: Path) -> None:
    """The department has received and spent more."""
    book = openpyxl.load_workbook(path)
    page = sheet_of(book, "收支表")
    cells = keyed_cells(page)
    for row in ("fiscal_general", "public_funds"):
        value = page.cell(*cells[row, "actual"]).value
        assert isinstance(value, int | float)
        write(page, *cells[row, "actual"], value + MORE)
    book.save(path)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory, packages: dict[str, bytes]) -> District:
    """Two sound packages, one that reports too much, one altered, one missing, and a picture."""
    expected = {"gexin": DEPARTMENT, "hongqi": HONGQI, "shengli": GONE}
    workspace = new_bureau(tmp_path_factory.mktemp("bureau") / "区", expected)
    received = workspace / "收到"
    (received / "东片").mkdir()
    (received / "革新.zip").write_bytes(packages[DEPARTMENT])
    (received / "东片" / "东风.zip").write_bytes(
        with_changed(packages[DONGFENG], "汇总结果.json", better, recorded=True)
    )
    (received / "红旗.zip").write_bytes(
        with_changed(packages[HONGQI], f"填报表/{SECTION}.xlsx", lambda data: data + b"\0")
    )
    (received / "照片.jpg").write_bytes(b"\xff\xd8\xff")
    return District(workspace, consolidated(workspace), packages[DEPARTMENT])


def by_code(outcome: BureauOutcome) -> dict[str, list[FindingDocument]]:
    found: dict[str, list[FindingDocument]] = {}
    for finding in outcome.document.findings:
        found.setdefault(finding.code, []).append(finding)
    return found


def test_departments_stand_below_the_bureau_and_sections_below_departments(district: District) -> None:
    """One tree; every office has one code in its own units.csv, here no two are the same."""
    document = district.outcome.document
    codes = [org.code for org in document.orgs]
    assert len(set(codes)) == len(codes)
    departments = {org.name: org for org in document.orgs if org.level == "部门"}
    assert {name: org.status for name, org in departments.items()} == {
        DEPARTMENT: "accepted",
        HONGQI: "refused",
        GONE: "missing",
        DONGFENG: "to_fix",
    }
    assert {org.parent for org in departments.values()} == {document.root}
    assert departments[DEPARTMENT].code == "gexin"
    sections = [org for org in document.orgs if org.level == "科室"]
    assert {(org.name, org.parent, org.code) for org in sections} == {
        (SECTION, departments[name].code, f"{departments[name].code}/party_office") for name in (DEPARTMENT, DONGFENG)
    }
    assert departments[DEPARTMENT].file == f"收到/革新.zip!填报表/{DEPARTMENT}.xlsx"
    assert departments[GONE].late


def test_no_score_is_made_up_and_amounts_are_summed_from_the_cells(district: District) -> None:
    """What a package reports is not believed: the sums are those of its workbooks; a rate follows from the sums."""
    document = district.outcome.document
    assert (document.score, document.grade, document.facts["score"].value) == (None, None, None)
    income = Decimal("17337340")
    assert document.facts["total_income"].value == f"{income * 2 + MORE:.2f}"
    assert document.facts["staff_total"].value == "118"
    spent, budget = (document.facts[fact].value for fact in ("total_expenditure", "budget_adjusted"))
    assert spent is not None
    assert budget is not None
    rate = document.facts["execution_rate"]
    assert rate.shown == str((Decimal(spent) / Decimal(budget) * 100).quantize(Decimal("0.01")))
    files = {source.file for source in document.facts["total_income"].sources}
    assert files == {f"收到/革新.zip!填报表/{DEPARTMENT}.xlsx", f"收到/东片/东风.zip!填报表/{DONGFENG}.xlsx"}


def test_what_is_altered_or_missing_is_named_and_what_is_reported_wrongly_is_shown_with_both_numbers(
    district: District,
) -> None:
    """Each cause has its code; the settled department has nothing to say."""
    found = by_code(district.outcome)
    assert district.outcome.exit_code == 1
    assert set(found) == {"package-altered", "missing-submission", "sum-mismatch", "not-a-package", "not-calculated"}
    (altered,) = found["package-altered"]
    assert altered.file == "收到/红旗.zip"
    assert f"填报表/{SECTION}.xlsx" in altered.message
    (missing,) = found["missing-submission"]
    assert (missing.unit, missing.severity) == ("shengli", "must_fix")
    wrong = {(f.found, f.expected) for f in found["sum-mismatch"]}
    assert ("98.25", "97.25") in wrong
    assert ("17337340.01", "17338340.00") in wrong
    assert all("98.25" in f.message and "97.25" in f.message for f in found["sum-mismatch"] if f.found == "98.25")
    assert not [finding for finding in district.outcome.document.findings if finding.unit == "gexin"]


def test_the_summary_is_live_and_the_same_bytes_again(district: District) -> None:
    """Totals are formulas over the exact figures, with their values stored; a second run changes nothing."""
    path = district.workspace / "结果" / "汇总表.xlsx"
    record = district.workspace / "结果" / "运行记录.json"
    before = path.read_bytes(), record.read_bytes()
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["总览", "科室", "节点检查", "问题清单", "事实索引"]
    assert sum(name.startswith("xl/charts/chart") for name in parts(before[0])) == 2
    rows = {row[1].value: row for row in book["总览"].iter_rows()}
    formula = rows["合计（2 个部门）"][6].value
    assert isinstance(formula, str)
    assert formula.startswith("=ROUND(SUMIFS(")
    values = {row[1]: row for row in openpyxl.load_workbook(path, data_only=True)["总览"].iter_rows(values_only=True)}
    assert values["合计（2 个部门）"][6] == 3467.57
    assert values[GONE][6] == "—"
    consolidated(district.workspace)
    assert (path.read_bytes(), record.read_bytes()) == before
    assert len(json.loads(before[1])["inputs"]) == 4


@pytest.mark.office
def test_libreoffice_computes_what_is_stored(district: District, soffice: str) -> None:
    """Every live formula of the summary gives the value beside it."""
    data = (district.workspace / "结果" / "汇总表.xlsx").read_bytes()
    (after,) = libreoffice_values(soffice, [data])
    for sheet, cells in workbook_values(data).items():
        for address, value in cells.items():
            found = after[sheet].get(address)
            close = isinstance(value, float) and isinstance(found, float) and abs(value - found) < 1e-9
            assert close or value == found or {value, found} <= {"", None}, (sheet, address, value, found)


def test_the_higher_number_counts_and_two_of_one_number_leave_it_open(
    tmp_path: Path, packages: dict[str, bytes]
) -> None:
    """A later submission supersedes; what was altered on its way and sent again is forgotten; rivals are refused."""
    workspace = new_bureau(tmp_path / "区", {})
    received = workspace / "收到"
    first, rival = packages[HONGQI], recorded_as(packages[HONGQI], tool="另一个")
    (received / "一.zip").write_bytes(first)
    (received / "一又.zip").write_bytes(first)
    (received / "一改.zip").write_bytes(with_changed(first, "汇总结果.json", bytes.upper))
    (received / "旧.zip").write_bytes(recorded_as(first, year=2024, department="前年街道"))
    second = recorded_as(first, number=2)
    (received / "二.zip").write_bytes(second)
    outcome = consolidated(workspace, inputs=received, out=tmp_path / "out")
    found = by_code(outcome)
    assert sorted(f.file or "" for f in found["superseded"]) == ["收到/一.zip", "收到/一改.zip"]
    assert [f.file for f in found["wrong-year"]] == ["收到/旧.zip"]
    counting = next(org for org in outcome.document.orgs if org.name == HONGQI)
    assert (counting.status, (counting.file or "").partition("!")[0]) == ("accepted", "收到/二.zip")
    assert (tmp_path / "out" / "汇总表.xlsx").is_file()
    assert not (workspace / "结果" / "汇总表.xlsx").exists()
    (received / "二.zip").write_bytes(first[:2000])
    (received / "一改.zip").write_bytes(rival)
    found = by_code(consolidated(workspace))
    assert sorted(f.file or "" for f in found["duplicate-submission"]) == ["收到/一.zip", "收到/一改.zip"]
    assert [(f.unit, f.file) for f in found["file-truncated"]] == [(None, "收到/二.zip")]


def test_a_mapping_in_a_package_that_cannot_be_read_is_said(tmp_path: Path, packages: dict[str, bytes]) -> None:
    """A package is judged by its own mapping; one that is no mapping does not end the run."""
    workspace = new_bureau(tmp_path / "区", {})
    broken = with_changed(packages[HONGQI], "mappings/2025/scoring.yaml", lambda _: b"schema: 9", recorded=True)
    (workspace / "收到" / "红旗.zip").write_bytes(broken)
    (finding,) = consolidated(workspace).document.findings
    assert finding.code == "package-altered"
    assert "scoring.yaml" in finding.message


def test_a_folder_is_a_bureaus_only_where_a_package_lies_in_it(district: District, tmp_path: Path) -> None:
    """The same verb serves an office and a bureau: what was received decides."""
    assert bureau.holds_packages(district.workspace / "收到", own="某某区财政局")
    assert "4 个部门，其中 1 个" in district.outcome.sentence
    (tmp_path / "退信").mkdir()
    (tmp_path / "退信" / "自己的.zip").write_bytes(district.sound)
    assert bureau.holds_packages(tmp_path)
    (tmp_path / "图片.zip").write_bytes(bundled({"a.jpg": b"x"}))
    (tmp_path / "坏.zip").write_bytes(district.sound[:1000])
    assert not bureau.holds_packages(tmp_path, own=f" {DEPARTMENT}")
    assert not bureau.holds_packages(tmp_path / "没有")
    with pytest.raises(JixiaoError):
        consolidated(district.workspace, inputs=tmp_path / "没有")
