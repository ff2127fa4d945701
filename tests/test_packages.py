"""Packages (打包): the same content gives the same bytes; a patch touches nothing but its part."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import openpyxl
import pytest

from jixiao_xl.files.author import AuthoredCell, AuthoredSheet, Style, author_workbook
from jixiao_xl.files.cells import read_workbook
from jixiao_xl.files.ooxml import canonical, parts
from jixiao_xl.files.patch import NoFormula, Stored, patch

MOMENT = datetime(2025, 1, 1)


def saved_by_openpyxl(day: int = 1) -> bytes:
    book = openpyxl.Workbook()
    book.properties.created = datetime(2026, 4, day)
    page = book["Sheet"]
    page["A1"], page["A2"], page["A3"], page["B1"] = 2, "=A1*2", '=IF(A1>1,"√","×")', "文字"
    book.create_sheet("二")["A1"] = "=1/3"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_two_saves_of_one_content_give_the_same_bytes() -> None:
    """Openpyxl stamps the clock into a package; ours carry none."""
    one, two = saved_by_openpyxl(1), saved_by_openpyxl(2)
    assert one != two
    assert canonical(one, moment=MOMENT) == canonical(two, moment=MOMENT)
    assert canonical(canonical(one, moment=MOMENT), moment=MOMENT) == canonical(one, moment=MOMENT)


def test_content_types_come_first_and_nothing_is_lost() -> None:
    """Readers that stream a package want its types first."""
    data = saved_by_openpyxl()
    packed = canonical(data, moment=MOMENT)
    with zipfile.ZipFile(io.BytesIO(packed)) as package:
        assert package.namelist()[0] == "[Content_Types].xml"
        assert package.testzip() is None
    before, after = parts(data), parts(packed)
    assert {name: before[name] for name in before if name != "docProps/core.xml"} == {
        name: after[name] for name in after if name != "docProps/core.xml"
    }


def test_stored_values_stand_beside_their_formulas_and_no_other_part_changes() -> None:
    """A viewer that does not calculate shows the numbers."""
    data = saved_by_openpyxl()
    patched = patch(data, {"Sheet": {"A2": Stored(4.0), "A3": Stored("√")}}, recalculate=False)
    cells = {c.address: (c.value, c.formula) for c in read_workbook(patched).sheets[0].cells}
    assert cells["A2"] == (4.0, "A1*2")
    assert cells["A3"] == ("√", 'IF(A1>1,"√","×")')
    before, after = parts(data), parts(patched)
    assert {name for name in before if before[name] != after[name]} == {"xl/worksheets/sheet1.xml"}


def test_a_cell_without_a_formula_is_refused() -> None:
    """A value must never be written over what somebody typed."""
    with pytest.raises(NoFormula):
        patch(saved_by_openpyxl(), {"Sheet": {"A1": Stored(5.0)}})


def test_text_that_looks_like_a_formula_stays_text() -> None:
    """What a section typed must not run in the office's workbook."""
    style = Style()
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "http://example.org", "=cmd|' /C calc'!A0"]
    cells = [AuthoredCell(row, 1, text, style) for row, text in enumerate(texts, start=1)]
    data = author_workbook([AuthoredSheet("S", cells=cells)], moment=MOMENT)
    assert [(c.value, c.formula) for c in read_workbook(data).sheets[0].cells] == [(text, None) for text in texts]
    assert b"hyperlink" not in parts(data)["xl/worksheets/sheet1.xml"]
