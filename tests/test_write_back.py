"""Write back (回写): the section's own workbook with what was found in it; everything else is as it was."""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
from pathlib import Path

import openpyxl
import pytest
from build_samples import keyed_cells

from jixiao_xl.files.ooxml import parts, zipped
from jixiao_xl.files.recalc import libreoffice_values
from jixiao_xl.model.findings import Finding, Status
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.stages.write_back import write_back
from tests.conftest import program
from tests.office import Office, sheet_of

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


def spoilt(office: Office) -> Office:
    """Three slips of one section."""
    office.put(UNIT, INDICATORS, "party_office_01", "actual", "约96%")
    office.put(UNIT, FINANCE, "projects:01", "share", 1)
    office.put(UNIT, INDICATORS, "party_office_04", "score", 99)
    return office


def test_every_finding_stands_in_the_section_s_own_workbook(office: Office) -> None:
    """Code, severity, place as a link, found, expected, what to do; gravest first."""
    result = spoilt(office).result()
    own = [f for f in result.findings if f.place.unit == UNIT]
    rows = listed(returned(office)[UNIT])
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


def test_the_scores_stand_beside_the_section_s_own(office: Office) -> None:
    """核算得分 is ours, 核算差异 theirs less ours; a score that we do not have stays empty, and so does its total."""
    spoilt(office)
    result = office.result()
    scores = {i.key: i for i in result.units[UNIT].indicators}
    cells = keyed(returned(office)[UNIT], INDICATORS)
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


def test_an_annotated_workbook_is_read_like_the_one_that_it_was_made_from(office: Office) -> None:
    """Tool-owned cells are ignored on reading: same inputs, same findings."""
    before = spoilt(office).result()
    office.files[office.name(UNIT)] = returned(office)[UNIT]
    after = office.result()
    assert after.batch.of(UNIT) is not None
    assert {f.id for f in after.findings} == {f.id for f in before.findings}
    one, other = before.batch.of(UNIT), after.batch.of(UNIT)
    assert one is not None
    assert other is not None
    assert one.inputs == other.inputs


def test_nothing_of_an_earlier_round_stays_behind(office: Office) -> None:
    """The corrected workbook goes back clean."""
    before = spoilt(office).result().units[UNIT].indicators[0]
    office.files[office.name(UNIT)] = returned(office)[UNIT]
    office.put(UNIT, INDICATORS, "party_office_01", "actual", 95)
    office.put(UNIT, INDICATORS, "party_office_01", "reason", "略有差距")
    office.put(UNIT, FINANCE, "projects:01", "share", 100)
    rows = listed(returned(office)[UNIT])
    assert before.score is None
    assert {row["code"] for row in rows} == {"formula-overwritten", "not-calculated"}
    assert keyed(returned(office)[UNIT], INDICATORS)["party_office_01", "computed_score"] is not None


def test_what_was_decided_is_said_and_no_longer_lights_up(office: Office) -> None:
    """An accepted explanation is settled; a rejected one says why."""
    findings = [f for f in spoilt(office).result().findings if f.place.key is not None]
    decided = [findings[0].decided(Status.ACCEPTED, "情况属实"), findings[1].decided(Status.REJECTED, "请写明数字")]
    rows = {row["id"]: row for row in listed(returned(office, decided)[UNIT])}
    assert rows[decided[0].id]["cell_key"] is None
    assert rows[decided[1].id]["cell_key"]
    assert "请写明数字" in str(rows[decided[1].id]["message"])


def test_more_findings_than_rows_are_counted_in_the_last_one(office: Office) -> None:
    """The rest is in 问题清单, and the last row says so."""
    result = spoilt(office).result()
    one = next(f for f in result.findings if f.place.unit == UNIT and f.place.key)
    many = [one] * 130
    rows = listed(returned(office, many)[UNIT])
    assert len(rows) == 100
    assert "31" in str(rows[-1]["message"])
    assert rows[-1]["id"] is None


def test_damaged_links_are_written_as_text(office: Office) -> None:
    """A section that cleared 校验结果 still reads where to look."""
    spoilt(office)
    office.edit(UNIT, RESULTS, lambda page: page.delete_rows(40, 5))
    for row in ("results:001", "results:002"):
        office.put(UNIT, RESULTS, row, "link", None)
    assert str(listed(returned(office)[UNIT])[0]["link"]).startswith("'")


def test_macro_sheets_of_excel_4_are_never_given_back(office: Office) -> None:
    """They cannot be left out of the workbook: it gets no annotated copy, and the others get theirs."""
    name = office.name(UNIT)
    content = parts(office.files[name])
    override = (
        b'<Override PartName="/xl/macrosheets/sheet1.xml" ContentType="application/vnd.ms-excel.macrosheet+xml"/>'
    )
    content["[Content_Types].xml"] = content["[Content_Types].xml"].replace(b"</Types>", override + b"</Types>")
    content["xl/macrosheets/sheet1.xml"] = b"<xm:macrosheet xmlns:xm='x'/>"
    office.files[name] = zipped(content)
    made = returned(office)
    assert len(made) == 8
    assert UNIT not in made
    assert "file-macro" in office.codes()


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


def pixels_of(soffice: str, data: bytes, color: bytes) -> int:
    """How many pixels of a colour the workbook shows when it is printed."""
    pdftoppm = program("pdftoppm")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.xlsx").write_bytes(data)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", name, str(folder / "a.xlsx")]
        subprocess.run(command, capture_output=True, timeout=180, check=True)
        subprocess.run([pdftoppm, "-r", "50", str(folder / "a.pdf"), str(folder / "page")], timeout=180, check=True)
        pages = [path.read_bytes() for path in folder.glob("page*.ppm")]
    bodies = [page.split(b"\n", 3)[3] for page in pages]
    return sum(body[at : at + 3] == color for body in bodies for at in range(0, len(body), 3))


@pytest.mark.office
def test_libreoffice_lights_the_cells_and_follows_the_links(office: Office, soffice: str, mapping: Mapping) -> None:
    """It opens, recalculates without an error, shows the cells of the findings in red, and each link its address."""
    spoilt(office)
    data = returned(office)[UNIT]
    (values,) = libreoffice_values(soffice, [data])
    errors = [v for sheet in values.values() for v in sheet.values() if isinstance(v, str) and v.startswith("#")]
    assert errors == []
    addresses = [str(row["address"]) for row in listed(data) if row["address"]]
    shown = set(values[RESULTS].values())
    assert addresses
    assert set(addresses) <= shown
    assert pixels_of(soffice, data, LIT) > 300 + pixels_of(soffice, office.files[office.name(UNIT)], LIT)
