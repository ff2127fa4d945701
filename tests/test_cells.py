"""The streaming reader (读单元格) against openpyxl, which needs two loads to say the same."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import datetime

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.formula import ArrayFormula

from jixiao_xl.files.cells import column_letter, column_number, read_workbook, translate
from jixiao_xl.files.ooxml import parts, zipped
from jixiao_xl.files.package import UnreadableWorkbook
from tests.conftest import LONG

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=30
)
NUMBER = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)
CONTENT = st.one_of(
    TEXT.filter(lambda text: text and "_x" not in text), NUMBER, st.booleans(), st.integers(-(10**9), 10**9)
)
CELLS = st.dictionaries(st.tuples(st.integers(1, 60), st.integers(1, 40)), CONTENT, max_size=40)


def written(cells: Iterable[tuple[tuple[int, int], object]]) -> bytes:
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        page = book.add_worksheet("表")
        for (row, column), content in cells:
            page.write(row - 1, column - 1, content)
    return target.getvalue()


def by_openpyxl(data: bytes) -> dict[tuple[str, str], tuple[object, str | None]]:
    """Values and formulas of every cell, by two loads."""
    values = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(data))
    cells: dict[tuple[str, str], tuple[object, str | None]] = {}
    for page in formulas:
        for row in page.iter_rows():
            for cell in row:
                content = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
                formula = content[1:] if cell.data_type == "f" and isinstance(content, str) else None
                value = values[page.title][cell.coordinate].value
                if isinstance(value, datetime):
                    value = to_excel(value)  # openpyxl reads the style, we read the form
                if value is not None or formula is not None:
                    cells[page.title, cell.coordinate] = (value, formula)
    return cells


def by_us(data: bytes) -> dict[tuple[str, str], tuple[object, str | None]]:
    return {
        (sheet.name, cell.address): (cell.value if cell.value != "" else None, cell.formula)
        for sheet in read_workbook(data).sheets
        for cell in sheet.cells
        if cell.value not in (None, "") or cell.formula is not None
    }


@given(CELLS)
@settings(max_examples=150 if LONG else 60, deadline=None)
def test_every_value_is_what_openpyxl_reads(cells: dict[tuple[int, int], object]) -> None:
    """Any text, number and truth value that a workbook can hold."""
    data = written(cells.items())
    assert by_us(data) == by_openpyxl(data)


def test_formulas_and_stored_values_are_what_openpyxl_reads(issued: dict[str, bytes]) -> None:
    """Our own workbooks, thousands of formulas: the department's and two sections'."""
    for data in list(issued.values())[:3]:
        ours, theirs = by_us(data), by_openpyxl(data)
        assert ours == theirs


@pytest.mark.office
def test_a_workbook_saved_by_libreoffice_reads_the_same(issued_recalculated: dict[str, bytes]) -> None:
    """LibreOffice writes shared strings, shared formulas and its own styles."""
    for unit in ("street_office", "party_office"):
        data = issued_recalculated[unit]
        ours, theirs = by_us(data), by_openpyxl(data)
        assert {k: v for k, v in ours.items() if v != theirs.get(k)} == {}
        assert ours.keys() == theirs.keys()


SHEET = """<?xml version="1.0" encoding="UTF-8"?>
<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>{rows}</x:sheetData></x:worksheet>"""


def with_rows(rows: str) -> bytes:
    content = parts(written([((1, 1), 1)]))
    content["xl/worksheets/sheet1.xml"] = SHEET.format(rows=rows).encode()
    return zipped(content)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            '<x:row><x:c><x:v>1</x:v></x:c><x:c t="b"><x:v>1</x:v></x:c></x:row>',
            [("A1", 1.0, None), ("B1", True, None)],
        ),
        ('<x:row r="3"><x:c r="B3" t="str"><x:f>""</x:f><x:v></x:v></x:c></x:row>', [("B3", "", '""')]),
        ('<x:row r="3"><x:c r="B3"><x:f>A1</x:f></x:c></x:row>', [("B3", None, "A1")]),
        ('<x:row r="1"><x:c r="A1" t="e"><x:f>1/0</x:f><x:v>#DIV/0!</x:v></x:c></x:row>', [("A1", "#DIV/0!", "1/0")]),
        (
            '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:r><x:t>甲</x:t></x:r><x:r><x:t>乙</x:t></x:r>'
            "<x:rPh><x:t>jia</x:t></x:rPh></x:is></x:c></x:row>",
            [("A1", "甲乙", None)],
        ),
        (
            '<x:row r="1"><x:c r="A1"><x:f t="shared" ref="A1:A2" si="0">B1+$C$1</x:f><x:v>1</x:v></x:c></x:row>'
            '<x:row r="2"><x:c r="A2"><x:f t="shared" si="0"/><x:v>2</x:v></x:c></x:row>',
            [("A1", 1.0, "B1+$C$1"), ("A2", 2.0, "B2+$C$1")],
        ),
        ('<x:row r="1"><x:c r="A1" s="0"/><x:c r="C1"><x:v>5</x:v></x:c></x:row>', [("C1", 5.0, None)]),
    ],
    ids=["no references", "empty text result", "no stored value", "error", "rich text", "shared formula", "no value"],
)
def test_the_forms_that_other_programs_write(rows: str, expected: list[tuple[str, object, str | None]]) -> None:
    """Prefixed namespaces, missing references, rich and phonetic text, shared formulas."""
    cells = read_workbook(with_rows(rows)).sheets[0].cells
    assert [(cell.address, cell.value, cell.formula) for cell in cells] == expected


def test_a_document_type_is_refused() -> None:
    """An entity can hide a bomb or a local file."""
    content = parts(written([((1, 1), 1)]))
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "x">]>'
    content["xl/worksheets/sheet1.xml"] = re.sub(rb"<\?xml.*?\?>", bomb, content["xl/worksheets/sheet1.xml"])
    with pytest.raises(UnreadableWorkbook) as refusal:
        read_workbook(zipped(content))
    assert refusal.value.code == "file-unsafe"


def test_damage_is_named_and_never_escapes_as_another_error(issued: dict[str, bytes]) -> None:
    """Every truncation of a workbook is an UnreadableWorkbook."""
    data = next(iter(issued.values()))
    for size in range(0, len(data), max(1, len(data) // 40)):
        with pytest.raises(UnreadableWorkbook):
            read_workbook(data[:size])


def test_the_states_of_sheets_are_kept(issued: dict[str, bytes]) -> None:
    """`_meta` is very hidden: a person cannot show it from the menu."""
    states = {sheet.name: sheet.state for sheet in read_workbook(next(iter(issued.values()))).sheets}
    assert states["_meta"] == "veryHidden"
    assert states["收支表"] == "visible"


@pytest.mark.parametrize(
    ("formula", "rows", "columns", "moved"),
    [
        ("A1+$B$2+C$3+$D4", 1, 1, "B2+$B$2+D$3+$D5"),
        ('"A1"&A1', 2, 0, '"A1"&A3'),
        ("'B2'!A1*LOG10(A1)", 1, 0, "'B2'!A2*LOG10(A2)"),
        ("A1", -1, 0, "#REF!"),
    ],
)
def test_a_shared_formula_moves_its_relative_references(formula: str, rows: int, columns: int, moved: str) -> None:
    """Texts, sheet names and function names that look like references stay."""
    assert translate(formula, rows, columns) == moved


@given(st.integers(1, 16_384))
def test_column_letters_and_numbers_are_each_other_s_inverse(number: int) -> None:
    """A to XFD."""
    assert column_number(column_letter(number)) == number


def test_an_absolute_target_and_another_order_of_sheets_are_read() -> None:
    """Openpyxl writes absolute part names."""
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    book.create_sheet("一")
    book.create_sheet("二")["B2"] = 5
    target = io.BytesIO()
    book.save(target)
    with zipfile.ZipFile(io.BytesIO(target.getvalue())) as package:
        assert b'Target="/xl/worksheets/sheet1.xml"' in package.read("xl/_rels/workbook.xml.rels")
    assert [(s.name, [c.address for c in s.cells]) for s in read_workbook(target.getvalue()).sheets] == [
        ("一", []),
        ("二", ["B2"]),
    ]
