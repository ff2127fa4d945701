"""The package (上报包): only what is accepted and signed is sealed; what is sealed stays as it is until it is unsealed."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest

from jixiao_xl import package_verbs, pipeline
from jixiao_xl.files.bundles import UnreadableBundle, unbundled
from jixiao_xl.files.ledger import open_ledger
from jixiao_xl.model.documents import ConsolidateDocument
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.package_record import PackageRecord
from jixiao_xl.package_verbs import Packaged
from jixiao_xl.stages.package import review_hash, signoffs
from jixiao_xl.stages.read import read
from jixiao_xl.stages.review import read_review
from jixiao_xl.workspace import open_workspace
from tests.office import sheet_of, write
from tests.small_office import DAY, DEPARTMENT, SECTION, UNITS, small_workspace, typed

COVER = "封面"


def packed(workspace: Path, day: date = DAY) -> Packaged:
    return package_verbs.package(workspace, as_of=day, progress=lambda _: None)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, filled: dict[str, bytes]) -> Path:
    """A workspace that was packaged."""
    workspace = small_workspace(tmp_path_factory.mktemp("package") / "街道", filled)
    assert packed(workspace).exit_code == 0
    return workspace


@pytest.fixture
def sealed(once: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed by a test."""
    return Path(shutil.copytree(once, tmp_path / "街道"))


@pytest.fixture(scope="module")
def contents(once: Path) -> dict[str, bytes]:
    """The files in its package."""
    (path,) = (once / "结果" / "上报包").iterdir()
    assert path.name == "革新街道办事处2025年度上报包_01.zip"
    return unbundled(path.read_bytes())


# -- sign-offs -------------------------------------------------------------------------------------------------


def test_the_sample_is_signed(filled: dict[str, bytes], mapping: Mapping) -> None:
    """All nine covers are complete."""
    batch, _ = read({f"{unit}.xlsx": data for unit, data in filled.items()}, mapping, mapping.catalogue)
    assert len(batch.submissions) == 9
    assert signoffs(batch, mapping, mapping.catalogue) == []


def test_a_cover_without_signatures_is_named_once_at_its_first_gap(filled: dict[str, bytes], mapping: Mapping) -> None:
    """The officer prints one cover and has it signed; five sentences about one cover would not help."""
    gaps = {(COVER, "head", "value"): "  ", (COVER, "date", "value"): None, (COVER, "seal", "value"): "未盖章"}
    data = typed(filled["party_office"], gaps)
    spaced = typed(filled["street_office"], {(COVER, "seal", "value"): " 已 盖章"})
    batch, _ = read({"a.xlsx": data, "b.xlsx": spaced}, mapping, mapping.catalogue)
    (finding,) = signoffs(batch, mapping, mapping.catalogue)
    assert (finding.code, finding.severity, finding.place.unit) == ("signoff-missing", "must_fix", "party_office")
    assert (finding.place.sheet, finding.place.label) == (COVER, "负责人")
    assert finding.place.cell is not None
    for label in ("负责人", "填报日期", "单位盖章"):
        assert label in finding.message
    assert "填报人" not in finding.message


def test_nothing_is_sealed_while_a_unit_is_waited_for_or_has_not_signed(
    tmp_path: Path, filled: dict[str, bytes]
) -> None:
    """Exit code 1, who and why; no zip, no seal; a workspace that may be put right."""
    workspace = small_workspace(tmp_path / "街道", filled)
    (workspace / "收到" / f"{SECTION}.xlsx").unlink()
    own = workspace / "收到" / f"{DEPARTMENT}.xlsx"
    own.write_bytes(typed(own.read_bytes(), {(COVER, "preparer", "value"): None}))
    refused = packed(workspace)
    assert (refused.exit_code, refused.path, refused.seal) == (1, None, None)
    assert SECTION in refused.sentences[0]
    assert [finding.code for finding in refused.findings] == ["signoff-missing"]
    assert not (workspace / "结果" / "上报包").exists()
    with open_ledger(workspace) as ledger:
        assert ledger.seals() == ()


# -- what is in it ---------------------------------------------------------------------------------------------


def test_a_package_holds_everything_and_the_hash_of_each_file(contents: dict[str, bytes], once: Path) -> None:
    """Whoever has the zip needs nothing else to prove what was handed up."""
    record = PackageRecord.model_validate_json(contents["上报记录.json"])
    assert (record.department, record.code, record.year, record.number) == (DEPARTMENT, "street_office", 2025, 1)
    assert (record.score, record.grade, record.as_of) == ("97.25", "优", DAY)
    assert record.files == {
        name: hashlib.sha256(data).hexdigest() for name, data in contents.items() if name != "上报记录.json"
    }
    named = {"自评报告.docx", "附表.xlsx", "汇总表.xlsx", "上报清单.xlsx", "运行记录.json", "汇总结果.json"}
    named |= {"上报记录.json", "审核处理.xlsx"}
    workbooks = {f"填报表/{name}.xlsx" for name in UNITS.values()}
    mappings = {f"mappings/2025/{path.name}" for path in (once / "mappings" / "2025").iterdir()}
    assert contents.keys() == named | workbooks | mappings
    for name in workbooks:
        assert contents[name] == (once / name.replace("填报表", "收到")).read_bytes()
    for name in ("自评报告.docx", "附表.xlsx", "汇总表.xlsx", "运行记录.json"):
        assert contents[name] == (once / "结果" / name).read_bytes()
    result = ConsolidateDocument.model_validate_json(contents["汇总结果.json"])
    assert (result.score, [org.status for org in result.orgs]) == ("97.25", ["accepted", "accepted"])


def test_the_cover_list_names_who_signed_every_file_and_every_piece_of_evidence(
    contents: dict[str, bytes], filled: dict[str, bytes]
) -> None:
    """It is printed and handed over with the package."""
    book = openpyxl.load_workbook(BytesIO(contents["上报清单.xlsx"]))
    rows = {page.title: [[c.value for c in row] for row in page.iter_rows()] for page in book.worksheets}
    signed = {row[1]: row[2:7] for row in rows["封面"] if row[7] and str(row[7]).startswith("填报表/")}
    assert signed.keys() == set(UNITS.values())
    assert all(names[-1] == "已盖章" and all(names) for names in signed.values())
    assert 97.25 in [cell for row in rows["封面"] for cell in row]
    listed = {row[1]: (row[2], row[3]) for row in rows["文件"][3:]}
    expected = {
        name: (len(data), hashlib.sha256(data).hexdigest())
        for name, data in contents.items()
        if name not in ("上报清单.xlsx", "上报记录.json")
    }
    assert listed == expected
    numbers = {(str(row[1]), str(row[2])) for row in rows["佐证材料"][3:] if row[1]}
    for unit, name in UNITS.items():
        page = sheet_of(openpyxl.load_workbook(BytesIO(filled[unit])), "佐证材料")
        typed_in = {
            str(row[1].value) for row in page.iter_rows() if str(row[0].value).startswith("evidence:") and row[1].value
        }
        assert typed_in
        assert {number for unit_name, number in numbers if unit_name == name} == typed_in


def test_names_in_the_zip_are_chinese_for_every_program(once: Path) -> None:
    """Explorer looks at the UTF-8 flag; unzip on Linux believes it only of a zip made on Unix."""
    (path,) = (once / "结果" / "上报包").iterdir()
    with zipfile.ZipFile(path) as bundle:
        entries = bundle.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.create_system for entry in entries} == {3}
    assert all(entry.flag_bits & 0x800 for entry in entries if not entry.filename.isascii())


def test_a_run_that_was_killed_before_the_seal_gives_the_same_package_again(once: Path, sealed: Path) -> None:
    """The zip is written, the seal is not: the next run has the same number and the same bytes."""
    (made,) = (once / "结果" / "上报包").iterdir()
    shutil.rmtree(sealed / ".jixiao")
    for journal in (sealed / "日志").glob("*.jsonl"):
        journal.unlink()
    again = packed(sealed)
    assert again.seal is not None
    assert again.seal.number == 1
    assert again.path is not None
    assert again.path.read_bytes() == made.read_bytes()


# -- sealed ----------------------------------------------------------------------------------------------------


def test_packaging_twice_is_told_and_makes_nothing_new(sealed: Path) -> None:
    """Exit code 0 and the path of the package that there is."""
    before = {path: path.stat().st_mtime_ns for path in sealed.rglob("*") if path.is_file() and "结果" in path.parts}
    again = packed(sealed, date(2026, 5, 6))
    assert (again.exit_code, again.outcome) == (0, None)
    assert again.path is not None
    assert again.path.is_file()
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_sealed_package_that_was_lost_is_not_passed_over(sealed: Path) -> None:
    """Nobody should believe that it lies there."""
    (path,) = (sealed / "结果" / "上报包").iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(JixiaoError, match="第 1 号"):
        packed(sealed)


def test_a_sealed_workspace_is_consolidated_as_it_was(sealed: Path) -> None:
    """Looking again changes nothing: not the report that a person has worked in, not what was found."""
    report = sealed / "结果" / "自评报告.docx"
    written = docx.Document(str(report))
    written.add_paragraph("补记一段")
    written.save(str(report))
    before = report.read_bytes()
    outcome = pipeline.consolidate(sealed, progress=lambda _: None)
    assert [org.status for org in outcome.document.orgs] == ["sealed", "sealed"]
    assert outcome.document.score == "97.25"
    assert report.read_bytes() == before
    with pytest.raises(JixiaoError):
        pipeline.report(sealed, progress=lambda _: None)


def test_a_change_after_the_seal_is_refused_until_it_is_unsealed_with_a_reason(sealed: Path) -> None:
    """Each thing that has changed is named; after unsealing it counts, and the next package is number 2."""
    section = sealed / "收到" / f"{SECTION}.xlsx"
    section.write_bytes(typed(section.read_bytes(), {(COVER, "preparer", "value"): "李四"}))
    forms = sealed / "mappings" / "2025" / "forms.yaml"
    forms.write_bytes(forms.read_bytes() + b"\n")
    with pytest.raises(JixiaoError) as refused:
        pipeline.consolidate(sealed, as_of=DAY, progress=lambda _: None)
    assert SECTION in str(refused.value)
    assert "mappings/2025" in str(refused.value)
    assert DEPARTMENT not in str(refused.value)
    with pytest.raises(JixiaoError):
        package_verbs.unseal(sealed, reason="  ")
    assert "退回补充" in package_verbs.unseal(sealed, reason="退回补充", as_of=date(2026, 5, 6))
    with pytest.raises(JixiaoError):
        package_verbs.unseal(sealed, reason="再解一次")
    again = packed(sealed)
    assert again.seal is not None
    assert (again.seal.number, again.exit_code) == (2, 0)
    assert sorted(path.stem[-2:] for path in (sealed / "结果" / "上报包").iterdir()) == ["01", "02"]
    with open_ledger(sealed) as ledger:
        assert [(seal.number, seal.reason) for seal in ledger.seals()] == [(1, "退回补充"), (2, "")]
        assert [event.verb for event in ledger.events() if event.verb in ("package", "unseal")] == [
            "package",
            "unseal",
            "package",
        ]


def test_saving_the_review_again_is_no_change_and_a_score_is_one(once: Path) -> None:
    """Excel writes other bytes each time; what counts is what the workbook says."""
    mapping = open_workspace(once).mapping()
    before = (once / "审核处理.xlsx").read_bytes()
    book, saved, scored = openpyxl.load_workbook(BytesIO(before)), BytesIO(), BytesIO()
    book.save(saved)
    page = sheet_of(book, "复核")
    column = next(cell.column for cell in page[2] if cell.value == "复核得分")
    write(page, 3, column, 1)
    book.save(scored)
    hashes = [review_hash(read_review(data, mapping)) for data in (before, saved.getvalue(), scored.getvalue())]
    assert before != saved.getvalue()
    assert hashes[0] == hashes[1] != hashes[2]


# -- opening a zip that somebody sent ----------------------------------------------------------------------------


def _zip(*entries: tuple[str, bytes]) -> bytes:
    target = BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in entries:
            bundle.writestr(name, data)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_zip(("a", b"1" * 1000))[:-30], "file-truncated"),
        (b"PK\x03\x04", "file-truncated"),
        (_zip(("a", bytes(2**21))), "file-too-large"),
        (_zip(("a", b"1"), ("a", b"2")), "file-unsafe"),
    ],
)
def test_a_bad_zip_is_refused_by_its_code(data: bytes, code: str) -> None:
    """Cut off, a bomb, two files of one name: said, and never unpacked."""
    with pytest.raises(UnreadableBundle) as refused:
        unbundled(data)
    assert refused.value.code == code


def test_the_record_of_the_run_in_the_package_lists_the_inputs(contents: dict[str, bytes]) -> None:
    """From the package alone the run can be repeated."""
    record = json.loads(contents["运行记录.json"])
    for name in UNITS.values():
        assert record["inputs"][f"收到/{name}.xlsx"] == hashlib.sha256(contents[f"填报表/{name}.xlsx"]).hexdigest()
    assert record["as_of"] == DAY.isoformat()
