"""Write back (回写): the section's own workbook with what was found in it; everything else is as it was."""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from build_samples import keyed_cells

from jixiao_xl.files.libreoffice import convert
from jixiao_xl.files.ooxml import parts, zipped
from jixiao_xl.files.recalc import libreoffice_values
from jixiao_xl.model.findings import Finding, Status
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.stages.write_back import write_back
from tests.conftest import program
from tests.office import Office, office_of, sheet_of

FINANCE, INDICATORS, RESULTS = "收支表", "指标评分表", "校验结果"
UNIT = "party_office"
LIT = bytes((0xFF, 0xC7, 0xCE))


def returned(office: Office, findings: list[Finding] | None = None) -> dict[str, bytes]:
    """The annotated workbooks by unit."""
    result = office.result()
    given = list(result.findings) if findings is None else findings
    made = write_back(office.files, result.batch, given, office.mapping)
    return {unit: data for unit, _, data in made if data is not None}


def keyed(data: bytes, sheet: str) -> dict[tuple[str, str], object]:
    """What stands in the keyed cells of a sheet, formulas as they are."""
    page = sheet_of(openpyxl.load_workbook(io.BytesIO(data)), sheet)
    return {key: page.cell(*at).value for key, at in keyed_cells(page).items()}


def listed(data: bytes) -> list[dict[str, object]]:
    """The filled rows of 校验结果."""
    cells = keyed(data, RESULTS)
    rows = [
        {column: value for (key, column), value in cells.items() if key == f"results:{n:03d}"} for n in range(1, 101)
    ]
    return [row for row in rows if row and (row["id"] or row["message"])]


@pytest.fixture(scope="module")
def slips(filled: dict[str, bytes], mapping: Mapping) -> Office:
    """The department and one section, which made three slips."""
    office = office_of(filled, mapping, "street_office", UNIT)
    office.put(UNIT, INDICATORS, "party_office_01", "actual", "约96%")
    office.put(UNIT, FINANCE, "projects:01", "share", 1)
    office.put(UNIT, INDICATORS, "party_office_04", "score", 99)
    return office


@pytest.fixture
def spoilt(slips: Office) -> Office:
    """The same, to be changed by a test."""
    return slips.copy()


def test_every_finding_stands_in_the_section_s_own_workbook(spoilt: Office) -> None:
    """Code, severity, place as a link, found, expected, what to do; gravest first."""
    result = spoilt.result()
    own = [f for f in result.findings if f.place.unit == UNIT]
    rows = listed(returned(spoilt)[UNIT])
    assert {row["id"] for row in rows} == {f.id for f in own}
    assert [row["severity"] for row in rows] == sorted(
        (str(row["severity"]) for row in rows), key="须改 须说明 提示".index
    )
    first = next(row for row in rows if row["code"] == "not-a-number")
    finding = next(f for f in own if f.code == "not-a-number")
    assert first["address"] == f"'{INDICATORS}'!{finding.place.cell}"
    assert first["found"] == "约96%"
    assert first["message"] == finding.message
    assert first["cell_key"] == f"{INDICATORS}|party_office_01|actual"
    assert str(first["link"]).startswith("=IF(")


def test_the_scores_stand_beside_the_section_s_own(spoilt: Office) -> None:
    """核算得分 is ours, 核算差异 theirs less ours; a score that we do not have stays empty, and so does its total."""
    result = spoilt.result()
    scores = {i.key: i for i in result.units[UNIT].indicators}
    cells = keyed(returned(spoilt)[UNIT], INDICATORS)
    assert cells["party_office_01", "computed_score"] is None
    assert cells["total", "computed_score"] is None
    assert cells["party_office_04", "computed_score"] == float(scores["party_office_04"].score or 0)
    assert cells["party_office_04", "score_difference"] == 99 - float(scores["party_office_04"].score or 0)
    assert cells["subtotal_benefit", "computed_score"] is not None


def test_everything_that_was_not_written_to_is_byte_for_byte_as_it_was(
    office: Office, filled: dict[str, bytes]
) -> None:
    """Only two sheets and the request to recalculate differ."""
    for unit, data in returned(office).items():
        before, after = parts(filled[unit]), parts(data)
        assert before.keys() == after.keys()
        changed = {name for name in before if before[name] != after[name]}
        assert len(changed) <= 3
        assert {name for name in changed if "sheet" not in name} <= {"xl/workbook.xml"}
        for name in changed:
            guard = re.search(rb"<sheetProtection[^>]*>", before[name])
            assert guard is None or guard[0] in after[name]


def test_an_annotated_workbook_is_read_like_the_one_that_it_was_made_from(spoilt: Office) -> None:
    """Tool-owned cells are ignored on reading: same inputs, same findings."""
    before = spoilt.result()
    spoilt.files[spoilt.name(UNIT)] = returned(spoilt)[UNIT]
    after = spoilt.result()
    assert after.batch.of(UNIT) is not None
    assert {f.id for f in after.findings} == {f.id for f in before.findings}
    one, other = before.batch.of(UNIT), after.batch.of(UNIT)
    assert one is not None
    assert other is not None
    assert one.inputs == other.inputs


def test_nothing_of_an_earlier_round_stays_behind(spoilt: Office) -> None:
    """The corrected workbook goes back clean."""
    before = spoilt.result().units[UNIT].indicators[0]
    spoilt.files[spoilt.name(UNIT)] = returned(spoilt)[UNIT]
    spoilt.put(UNIT, INDICATORS, "party_office_01", "actual", 95)
    spoilt.put(UNIT, INDICATORS, "party_office_01", "reason", "略有差距")
    spoilt.put(UNIT, FINANCE, "projects:01", "share", 100)
    data = returned(spoilt)[UNIT]
    rows = listed(data)
    assert before.score is None
    assert {row["code"] for row in rows} == {"formula-overwritten", "not-calculated"}
    assert keyed(data, INDICATORS)["party_office_01", "computed_score"] is not None


def test_what_was_decided_is_said_and_no_longer_lights_up(spoilt: Office) -> None:
    """An accepted explanation is settled; a rejected one says why."""
    findings = [f for f in spoilt.result().findings if f.place.key is not None]
    decided = [findings[0].decided(Status.ACCEPTED, "情况属实"), findings[1].decided(Status.REJECTED, "请写明数字")]
    rows = {row["id"]: row for row in listed(returned(spoilt, decided)[UNIT])}
    assert rows[decided[0].id]["cell_key"] is None
    assert rows[decided[1].id]["cell_key"]
    assert "请写明数字" in str(rows[decided[1].id]["message"])


def test_more_findings_than_rows_are_counted_in_the_last_one(spoilt: Office) -> None:
    """The rest is in 问题清单, and the last row says so."""
    result = spoilt.result()
    one = next(f for f in result.findings if f.place.unit == UNIT and f.place.key)
    many = [one] * 130
    rows = listed(returned(spoilt, many)[UNIT])
    assert len(rows) == 100
    assert "31" in str(rows[-1]["message"])
    assert rows[-1]["id"] is None


def test_damaged_links_are_written_as_text(spoilt: Office) -> None:
    """A section that cleared 校验结果 still reads where to look."""
    spoilt.edit(UNIT, RESULTS, lambda page: page.delete_rows(40, 5))
    for row in ("results:001", "results:002"):
        spoilt.put(UNIT, RESULTS, row, "link", None)
    assert str(listed(returned(spoilt)[UNIT])[0]["link"]).startswith("'")


def test_macro_sheets_of_excel_4_are_never_given_back(small_office: Office) -> None:
    """They cannot be left out of the workbook: it gets no annotated copy, and the other gets its own."""
    name = small_office.name(UNIT)
    content = parts(small_office.files[name])
    override = (
        b'<Override PartName="/xl/macrosheets/sheet1.xml" ContentType="application/vnd.ms-excel.macrosheet+xml"/>'
    )
    content["[Content_Types].xml"] = content["[Content_Types].xml"].replace(b"</Types>", override + b"</Types>")
    content["xl/macrosheets/sheet1.xml"] = b"<xm:macrosheet xmlns:xm='x'/>"
    small_office.files[name] = zipped(content)
    made = returned(small_office)
    assert list(made) == ["street_office"]
    assert "file-macro" in small_office.codes()


def test_conditional_formats_are_written_as_excel_itself_writes_them(issued: dict[str, bytes]) -> None:
    """An expression over a defined name, without `=`, with a differential format: legal since Excel 2007.

    A reference to another sheet inside a rule needs the extension of Excel 2010; through a name it does not.
    """
    content = parts(issued[UNIT])
    styles = content["xl/styles.xml"].decode()
    formats = re.findall(r"<dxf>.*?</dxf>", styles)
    rules = [
        rule
        for name, data in content.items()
        if name.startswith("xl/worksheets/sheet")
        for rule in re.findall(r"<cfRule .*?</cfRule>", data.decode())
        if "jx_issue_cells" in rule
    ]
    assert len(rules) >= 8
    for rule in rules:
        found = re.fullmatch(
            r'<cfRule type="expression" dxfId="(\d+)" priority="\d+"><formula>([^=<][^<]*)</formula></cfRule>', rule
        )
        assert found, rule
        assert "!" not in found[2]
        assert "<fill><patternFill><bgColor" in formats[int(found[1])]
    assert b'<definedName name="jx_issue_cells">' in content["xl/workbook.xml"]


# -- LibreOffice -----------------------------------------------------------------------------------------------


def pixels_of(soffice: str, books: list[bytes], color: bytes) -> list[int]:
    """How many pixels of a colour each workbook shows when it is printed."""
    pdftoppm = program("pdftoppm")
    names = [f"{number}.xlsx" for number in range(len(books))]
    printed = convert(soffice, dict(zip(names, books, strict=True)), "pdf", 180)
    return [sum(count(page, color) for page in pages(pdftoppm, printed[name])) for name in names]


def pages(pdftoppm: str, pdf: bytes) -> list[bytes]:
    """The pixels of every page, three bytes each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.pdf").write_bytes(pdf)
        subprocess.run([pdftoppm, "-r", "50", str(folder / "a.pdf"), str(folder / "page")], timeout=180, check=True)
        return [path.read_bytes().split(b"\n", 3)[3] for path in folder.glob("page*.ppm")]


def count(page: bytes, color: bytes) -> int:
    """How many pixels of a page have a colour."""
    return int((np.frombuffer(page, np.uint8).reshape(-1, 3) == list(color)).all(axis=1).sum())


@pytest.mark.office
def test_libreoffice_lights_the_cells_and_follows_the_links(spoilt: Office, soffice: str) -> None:
    """It opens, recalculates without an error, shows the cells of the findings in red, and each link its address."""
    data = returned(spoilt)[UNIT]
    (values,) = libreoffice_values(soffice, [data])
    errors = [v for sheet in values.values() for v in sheet.values() if isinstance(v, str) and v.startswith("#")]
    assert errors == []
    addresses = [str(row["address"]) for row in listed(data) if row["address"]]
    shown = set(values[RESULTS].values())
    assert addresses
    assert set(addresses) <= shown
    lit, plain = pixels_of(soffice, [data, spoilt.files[spoilt.name(UNIT)]], LIT)
    assert lit > 300 + plain
