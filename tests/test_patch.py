"""Changing somebody's workbook (改单元格): what is written is there, and every other byte is what it was."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao_xl.files.cells import read_workbook
from jixiao_xl.files.ooxml import parts, zipped
from jixiao_xl.files.package import UnreadableWorkbook
from jixiao_xl.files.patch import Content, NoFormula, NoSheet, PartOfArray, Stored, patch
from jixiao_xl.files.recalc import ironcalc_values, recalculate, workbook_values
from jixiao_xl.files.safe import TextTooLong
from tests.rich_workbooks import DATA, FEATURES, MACRO_PARTS, OBJECTS, SUMS, rich_workbook

Writes = Mapping[str, Mapping[str, Content]]
Cells = dict[str, tuple[object, str | None]]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES, BOOK, CHAIN, FIRST = "[Content_Types].xml", "xl/workbook.xml", "xl/calcChain.xml", "xl/worksheets/sheet1.xml"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PLAIN = f"{KIND}.sheet.main+xml"


# -- small workbooks -----------------------------------------------------------------------------------------------


def book_of(
    *rows: str,
    names: str = "",
    chain: str = "",
    calculation: str = "",
    kind: str = PLAIN,
    more: Mapping[str, bytes] = MappingProxyType({}),
) -> bytes:
    """A workbook whose sheets 甲, 乙, … have these rows, as bare as a file can be."""
    numbers = range(1, len(rows) + 1)
    titles = ["甲", "乙 方", "丙", "O'Neil"]
    overrides = [(f"/{BOOK}", kind), *((f"/xl/worksheets/sheet{n}.xml", f"{KIND}.worksheet+xml") for n in numbers)]
    relations = [("worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    content: dict[str, bytes] = {}
    if chain:
        overrides.append((f"/{CHAIN}", f"{KIND}.calcChain+xml"))
        relations.append(("calcChain", "calcChain.xml"))
        content[CHAIN] = f'<calcChain xmlns="{MAIN}">{chain}</calcChain>'.encode()
    sheets = "".join(f'<sheet name="{titles[n - 1]}" sheetId="{n * 10}" r:id="rId{n}"/>' for n in numbers)
    content[BOOK] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets>{names}{calculation}</workbook>'.encode()
    )
    content[TYPES] = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in overrides)
        + "</Types>"
    ).encode()
    content["_rels/.rels"] = relations_of([("officeDocument", BOOK)])
    content["xl/_rels/workbook.xml.rels"] = relations_of(relations)
    for number, text in zip(numbers, rows, strict=True):
        content[f"xl/worksheets/sheet{number}.xml"] = sheet_of(text)
    return zipped({**content, **more})


def relations_of(relations: list[tuple[str, str]]) -> bytes:
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(relations, start=1)
    )
    return f'<Relationships xmlns="{OFFICE.replace("officeDocument", "package")}">{rows}</Relationships>'.encode()


def sheet_of(rows: str) -> bytes:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData><pageMargins left="1"/></worksheet>'.encode()


def rows_after(data: bytes, writes: Mapping[str, Content], sheet: int = 1) -> str:
    """What stands between the tags of sheetData once 甲 has these contents."""
    part = parts(patch(data, {"甲": writes}, recalculate=False))[f"xl/worksheets/sheet{sheet}.xml"].decode()
    return part.partition("<sheetData>")[2].rpartition("</sheetData>")[0]


def cells_of(data: bytes) -> dict[str, Cells]:
    return {sheet.name: {c.address: (c.value, c.formula) for c in sheet.cells} for sheet in read_workbook(data).sheets}


def saved_by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    page = book["Sheet"]
    page["A1"], page["A2"], page["A3"], page["B1"] = 2, "=A1*2", '=IF(A1>1,"√","×")', "文字"
    book.create_sheet("二")["A1"] = "=1/3"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


# -- every other byte ----------------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """An entry as it stands in the zip: its local header and data, and its record without the offset."""

    local: bytes
    record: tuple[object, ...]


def raw(data: bytes) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for one in package.infolist():
            start = one.header_offset
            name, extra = struct.unpack_from("<2H", data, start + 26)
            local = data[start : start + 30 + name + extra + one.compress_size]
            record = (one.date_time, one.compress_type, one.flag_bits, one.extra, one.comment, one.create_system,
                      one.external_attr, one.internal_attr, one.create_version, one.CRC, one.file_size)  # fmt: skip
            entries[one.orig_filename] = Entry(local, record)
    return entries


def changed(before: bytes, after: bytes) -> set[str]:
    """The entries that differ in any byte; none is lost, added or moved."""
    old, new = raw(before), raw(after)
    with zipfile.ZipFile(io.BytesIO(before)) as one, zipfile.ZipFile(io.BytesIO(after)) as two:
        assert two.testzip() is None
        assert one.comment == two.comment
        assert one.namelist() == two.namelist()
    assert list(old) == list(new)
    return {name for name in old if old[name] != new[name]}


def sheets_with(data: bytes, number: int = 2) -> Writes:
    """A number and a text on the first sheets."""
    return {sheet.name: {"B3": 1234.5, "C9": "改"} for sheet in read_workbook(data).sheets[:number]}


def test_the_sample_s_workbooks_keep_every_other_part_byte_by_byte(filled: dict[str, bytes]) -> None:
    """What comes back to a section is its own workbook, not a copy of what we understood of it."""
    for data in filled.values():
        after = patch(data, sheets_with(data))
        touched = changed(data, after)
        assert {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"} <= touched
        assert all(name.startswith("xl/worksheets/sheet") for name in touched)


def test_a_workbook_of_openpyxl_keeps_every_other_part() -> None:
    """It writes absolute targets and no shared strings."""
    data = saved_by_openpyxl()
    assert changed(data, patch(data, {"二": {"B1": 1}}, recalculate=False)) == {"xl/worksheets/sheet2.xml"}


@pytest.mark.office
def test_libreoffice_opens_what_we_patched_and_we_patch_what_it_saved(soffice: str, filled: dict[str, bytes]) -> None:
    """Its recalculated values are those of the new inputs, in rich workbooks too; what it saves is patched as well."""
    data = next(iter(filled.values()))
    patched = patch(data, sheets_with(data))
    rich = patch(rich_workbook(macros=True), {DATA: {"B6": 100}, SUMS: {"A4": "变"}})
    saved = recalculate(soffice, [patched, rich], 120)
    for name, cells in sheets_with(data).items():
        assert {address: workbook_values(saved[0])[name][address] for address in cells} == cells
    assert workbook_values(saved[1])[SUMS] == {"A1": 200, "A2": 400, "A3": 101, "A4": "变"}
    again = patch(saved[1], {SUMS: {"A4": "再"}}, recalculate=False)
    assert changed(saved[1], again) == {"xl/worksheets/sheet3.xml"}
    assert cells_of(again)[SUMS]["A4"] == ("再", None)


@pytest.mark.parametrize("macros", [False, True], ids=["xlsx", "xlsm"])
def test_no_part_of_a_rich_workbook_is_lost_or_touched(macros: bool) -> None:
    """Charts, slicers, controls, comments and printers' settings are the section's own."""
    data = rich_workbook(macros=macros)
    assert set(FEATURES) <= parts(data).keys()
    after = patch(data, {DATA: {"B6": 77, "G9": "新"}, OBJECTS: {"A1": "改"}}, keep_macros=True)
    assert changed(data, after) == {FIRST, "xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"}
    for name in (FIRST, "xl/worksheets/sheet2.xml"):
        before, now = (parts(one)[name].partition(b"</sheetData>")[2] for one in (data, after))
        assert before == now


class Unseekable(io.RawIOBase):
    """A stream like a socket: zipfile then writes sizes behind the data."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        content = bytes(memoryview(data))  # pyright: ignore[reportArgumentType]  # anything with a buffer
        self.data += content
        return len(content)


def odd_zip(content: Mapping[str, bytes]) -> bytes:
    """A package as other libraries write it: sizes behind the data, zip64 fields, a date, a comment, bytes before."""
    stream = Unseekable()
    stream.data += b"before"
    with zipfile.ZipFile(stream, "w") as package:  # pyright: ignore[reportArgumentType]  # it needs no more
        for number, (name, part) in enumerate(content.items()):
            entry = zipfile.ZipInfo(name, (2026, 4, 20, 9, 30, 2 * number))
            entry.compress_type = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)[number % 2]
            entry.external_attr = 0o644 << 16
            entry.comment = b"entry"
            entry.extra = b"\xfe\xca\x02\x00ok"
            with package.open(entry, "w", force_zip64=number % 3 != 2) as part_stream:
                part_stream.write(part)
        package.comment = "备注".encode()
    return bytes(stream.data)


def test_a_zip_of_any_make_is_copied_as_it_is() -> None:
    """Data descriptors, zip64 fields, foreign fields, names in Chinese, stored entries and comments all stay."""
    content = parts(book_of('<row r="1"><c r="A1"><v>1</v></c></row>')) | {"附件/说明.txt": "附".encode()}
    for order in (list(content), list(content)[::-1]):
        data = odd_zip({name: content[name] for name in order})
        after = patch(data, {"甲": {"A1": 2}}, recalculate=False)
        assert changed(data, after) == {FIRST}
        assert cells_of(after)["甲"]["A1"] == (2, None)
        assert after.startswith(b"before")
        old, new = raw(data)[FIRST].record, raw(after)[FIRST].record
        assert (old[0], old[1], old[4:9]) == (new[0], new[1], new[4:9])
        flags, _, _, _, crc, packed, size, name, extra = struct.unpack_from("<4H3L2H", raw(after)[FIRST].local, 6)
        assert (flags, crc, size) == (0, new[9], new[10])
        assert raw(after)[FIRST].local[30 + name :][:extra] == b"\xfe\xca\x02\x00ok"
        assert len(raw(after)[FIRST].local) == 30 + name + extra + packed


def with_far_offsets(data: bytes) -> bytes:
    """The zip with every offset, and every size but one, in a zip64 field, as beyond 4 GiB."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        start, entries = package.start_dir, package.infolist()
    at = start
    records: list[bytes] = []
    for entry in entries:
        name, extra, comment = struct.unpack_from("<3H", data, at + 28)
        head, end = bytearray(data[at : at + 46 + name]), at + 46 + name + extra + comment
        field = struct.pack("<2H2Q", 1, 16, entry.file_size, entry.header_offset)
        struct.pack_into("<L", head, 24, 0xFFFFFFFF)
        struct.pack_into("<H", head, 30, 6 + extra + len(field))
        struct.pack_into("<L", head, 42, 0xFFFFFFFF)
        records.append(bytes(head) + b"\xfe\xca\x02\x00ok" + field + data[end - comment - extra : end])
        at = end
    number, size = len(records), sum(map(len, records))
    end_record = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, size, start, 0)
    return data[:start] + b"".join(records) + end_record


def test_offsets_in_zip64_fields_move_with_their_entries() -> None:
    """Some libraries write every number in 64 bits."""
    data = with_far_offsets(book_of('<row r="1"><c r="A1"><v>1</v></c></row>', ""))
    after = patch(data, {"甲": {"A1": "一个长一些的文字" * 20}}, recalculate=False)
    assert cells_of(after)["甲"]["A1"] == ("一个长一些的文字" * 20, None)
    with zipfile.ZipFile(io.BytesIO(after)) as package:
        assert package.testzip() is None
        lengths = {one.filename: len(one.extra) for one in package.infolist()}
    assert lengths.pop(FIRST) == 6
    assert set(lengths.values()) == {26}


def test_what_stands_there_already_changes_nothing(filled: dict[str, bytes]) -> None:
    """A second run over its own results must not make another file."""
    for data in list(filled.values())[:3]:
        same: dict[str, dict[str, Content]] = {
            name: {
                a: value for a, (value, formula) in cells.items() if formula is None and isinstance(value, str | float)
            }
            for name, cells in cells_of(data).items()
        }
        assert patch(data, same, recalculate=False) is data
        assert patch(data, {}, recalculate=False) is data
        after = patch(data, sheets_with(data))
        assert patch(after, sheets_with(data)) is after


def test_the_same_writes_give_the_same_bytes(filled: dict[str, bytes]) -> None:
    """Same inputs, same results (DESIGN 10)."""
    data = next(iter(filled.values()))
    writes = sheets_with(data)
    backwards = {name: dict(sorted(writes[name].items(), reverse=True)) for name in sorted(writes, reverse=True)}
    assert patch(data, writes) == patch(data, backwards)


# -- what is written -----------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"))
NUMBER = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
ADDRESS = st.sampled_from([f"{column}{row}" for column in ("A", "B", "C", "D", "Z", "AB") for row in range(1, 13)])
CONTENT = st.one_of(TEXT.filter(lambda text: "_x" not in text), NUMBER, st.integers(-(10**12), 10**12), st.none())
STANDING = st.dictionaries(ADDRESS, st.one_of(TEXT.filter(bool), NUMBER, st.booleans(), st.just("=1+1")), max_size=25)


@given(STANDING, st.dictionaries(ADDRESS, CONTENT, max_size=15))
@settings(max_examples=120, deadline=None)
def test_openpyxl_and_we_read_what_was_written_and_all_else_as_before(
    standing: dict[str, object], writes: dict[str, Content]
) -> None:
    """Any numbers and texts, over any cells, into rows and columns that are there or not."""
    book = openpyxl.Workbook()
    for address, content in standing.items():
        book["Sheet"][address] = content  # pyright: ignore[reportArgumentType]  # anything that a cell holds
    target = io.BytesIO()
    book.save(target)
    after = patch(target.getvalue(), {"Sheet": writes})
    expected = cells_of(target.getvalue())["Sheet"]
    expected |= {address: (content, None) for address, content in writes.items()}
    assert cells_of(after)["Sheet"] == {a: cell for a, cell in expected.items() if cell != (None, None)}
    read = openpyxl.load_workbook(io.BytesIO(after))["Sheet"]
    for address, content in writes.items():
        assert read[address].value == content
    assert_in_order(parts(after)[FIRST])


def assert_in_order(part: bytes) -> None:
    """Excel repairs, that is: mistrusts, a sheet whose rows or cells do not ascend."""
    rows = [int(row) for row in re.findall(rb'<row [^>]*?r="(\d+)"', part)]
    assert rows == sorted(set(rows))
    for row in re.findall(rb"<row .*?(?:</row>|/>)", part, re.DOTALL):
        letters = [letter for letter, _ in re.findall(rb'<c [^>]*?r="([A-Z]+)(\d+)"', row)]
        assert letters == sorted(set(letters), key=lambda letter: (len(letter), letter))


@pytest.mark.parametrize(
    ("content", "markup"),
    [
        (5, "<v>5</v>"),
        (5.0, "<v>5</v>"),
        (0.1, "<v>0.1</v>"),
        (-0.0, "<v>0</v>"),
        (1e22, "<v>1e+22</v>"),
        (Decimal("12.50"), "<v>12.5</v>"),
        (Decimal("0.1000000000000000055511151231257827"), "<v>0.1</v>"),
        (True, ' t="b"><v>1</v>'),
        ("甲 & <乙>", "<t xml:space=\"preserve\">甲 &amp; &lt;乙&gt;</t>"),
        (" 两 边 ", '<t xml:space="preserve"> 两 边 </t>'),
        ("=1+1", '<t xml:space="preserve">=1+1</t>'),
        ("_x000D_", '<t xml:space="preserve">_x005F_x000D_</t>'),
        ("a\x00b\rc", '<t xml:space="preserve">a\ufffdb&#13;c</t>'),
    ],
    ids=str,
)  # fmt: skip
def test_a_content_is_written_as_excel_reads_it(content: Content, markup: str) -> None:
    """The shortest text of the double; text is text, even when it looks like a formula or an escape."""
    assert markup in rows_after(book_of('<row r="1"/>'), {"B1": content})


@pytest.mark.parametrize("text", ["_x000D_", "回车\r\n换行\n", "\t制表", "a_x0041_b", "😀𠮷", "]]>"])
def test_a_text_is_read_back_as_it_was_written(text: str) -> None:
    """No text changes on its way through a cell."""
    data = book_of('<row r="1"><c r="A1"><f>B1</f></c></row>')
    after = patch(data, {"甲": {"B1": text, "A1": Stored(text)}})
    assert cells_of(after)["甲"] == {"A1": (text, "B1"), "B1": (text, None)}


@pytest.mark.parametrize(
    "content",
    [float("nan"), float("inf"), Decimal("NaN"), 10**400, Stored(float("-inf"))],
    ids=["NaN", "infinite", "decimal NaN", "huge", "stored"],
)
def test_a_number_that_no_cell_can_hold_is_refused(content: Content) -> None:
    """Excel would call the file damaged."""
    with pytest.raises(ValueError, match="no number"):
        patch(book_of(""), {"甲": {"A1": content}})


@pytest.mark.parametrize("address", ["", "A0", "1A", "$A$1", "XFE1", "A1048577", "A1:B2", "甲1"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """A typing mistake must not become a cell that no program finds."""
    with pytest.raises(ValueError, match=r"no address|XFE"):
        patch(book_of(""), {"甲": {address: 1}})


def test_a_text_longer_than_a_cell_is_refused() -> None:
    """Nothing is cut in silence."""
    with pytest.raises(TextTooLong):
        patch(book_of(""), {"甲": {"A1": "长" * 32_768}})


def test_a_sheet_that_does_not_exist_is_named() -> None:
    """A chart sheet has no cells either."""
    with pytest.raises(NoSheet, match="丁"):
        patch(book_of(""), {"丁": {"A1": 1}})
    with pytest.raises(NoSheet):
        patch(parted(book_of(""), "xl/_rels/workbook.xml.rels", b"/worksheet", b"/chartsheet"), {"甲": {"A1": 1}})


def parted(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The package with other bytes in one part."""
    content = parts(data)
    assert old in content[part]
    return zipped(content | {part: content[part].replace(old, new)})


# -- the bytes of a sheet ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "writes", "after"),
    [
        ('<row r="1"><c r="A1" s="3" t="e"><v>#N/A</v></c></row>', {"A1": 5}, '<row r="1"><c r="A1" s="3"><v>5</v></c></row>'),
        ('<row r="1"><c r="A1" t="str" s="3" ph="1"><v>a</v></c></row>', {"A1": None}, '<row r="1"><c r="A1" s="3" ph="1"/></row>'),
        ('<row r="1"><c r="A1" s="3"/></row>', {"A1": 5}, '<row r="1"><c r="A1" s="3"><v>5</v></c></row>'),
        ('<row r="1"><c r="A1"></c></row>', {"A1": None}, '<row r="1"><c r="A1"></c></row>'),
        ('<row r="1"/>', {"B1": 5}, '<row r="1"><c r="B1"><v>5</v></c></row>'),
        ('<row r="1" ht="20" />', {"B1": 5}, '<row r="1" ht="20" ><c r="B1"><v>5</v></c></row>'),
        ('<row r="1"><c r="B1"/><c r="D1"/></row>', {"A1": 1, "C1": 2, "AA1": 3},
         '<row r="1"><c r="A1"><v>1</v></c><c r="B1"/><c r="C1"><v>2</v></c><c r="D1"/><c r="AA1"><v>3</v></c></row>'),
        ('<row r="2"/><row r="5"/>', {"A1": 1, "A3": 3, "B3": 4, "A7": 7},
         '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"/><row r="3"><c r="A3"><v>3</v></c><c r="B3"><v>4</v></c></row>'
         '<row r="5"/><row r="7"><c r="A7"><v>7</v></c></row>'),
        ("<row><c/><c><v>1</v></c></row><row><c/></row>", {"A1": 3, "B1": 4, "A2": 5, "A3": 6},
         '<row><c><v>3</v></c><c><v>4</v></c></row><row><c><v>5</v></c></row><row r="3"><c r="A3"><v>6</v></c></row>'),
        ('<row r="1"><c r="A1"/></row>', {"A2": None, "B1": None}, '<row r="1"><c r="A1"/></row>'),
        ('<row r="4" s="7" customFormat="1"/>', {"A4": 1}, '<row r="4" s="7" customFormat="1"><c r="A4" s="7"><v>1</v></c></row>'),
        ('<row r="1">\n <c  r = \'A1\'\n t=\'b\' s="1" ><v>1</v></c >\n</row >', {"A1": 2},
         '<row r="1">\n <c  r = \'A1\' s="1"><v>2</v></c>\n</row >'),
        ('<row r="1"><c r="A1" vm="1" cm="1"><v>1</v><extLst><ext uri="u"/></extLst></c></row>', {"A1": 2},
         '<row r="1"><c r="A1"><v>2</v><extLst><ext uri="u"/></extLst></c></row>'),
        ('<row r="1"><!-- <c r="B1"/> --><c r="A1"><v><![CDATA[1]]></v></c></row>', {"A1": 2, "B1": 3},
         '<row r="1"><!-- <c r="B1"/> --><c r="A1"><v>2</v></c><c r="B1"><v>3</v></c></row>'),
        ('<row r="1"><!-- </sheetData> --><c r="A1"/></row>', {"A1": 2}, '<row r="1"><!-- </sheetData> --><c r="A1"><v>2</v></c></row>'),
        ('<row><c r="A5"/></row><row><c/></row>', {"A6": 2}, '<row><c r="A5"/></row><row><c><v>2</v></c></row>'),
        ('<row r="1"><c r="A1" t="n"><f>1+1</f><v>2</v></c></row>', {"A1": 2}, '<row r="1"><c r="A1"><v>2</v></c></row>'),
    ],
    ids=["number over an error", "emptied", "empty tag", "already empty", "empty row", "empty row with height", "between",
         "new rows", "no references", "nothing into nothing", "style of the row", "odd white space",
         "marks of the old value", "comment and CDATA", "end in a comment", "row said by its cell", "formula"],
)  # fmt: skip
def test_only_the_bytes_of_the_cell_change(rows: str, writes: dict[str, Content], after: str) -> None:
    """Styles and other attributes stay; new cells stand where Excel expects them."""
    assert rows_after(book_of(rows), writes) == after


def test_a_cell_that_is_not_in_the_file_takes_the_style_of_its_column() -> None:
    """What is empty has a look too."""
    columns = b'<cols><col min="2" max="3" width="9" style="4"/></cols><sheetData>'
    data = parted(book_of('<row r="1"/>'), FIRST, b"<sheetData>", columns)
    assert rows_after(data, {"A1": 1, "C1": 2}) == '<row r="1"><c r="A1"><v>1</v></c><c r="C1" s="4"><v>2</v></c></row>'


def other_sheet(text: str, encoding: str = "utf-8") -> bytes:
    return zipped(parts(book_of("")) | {FIRST: text.encode(encoding)})


@pytest.mark.parametrize(
    ("sheet", "after"),
    [
        (f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData/></x:worksheet>',
         '<x:sheetData><x:row r="1"><x:c r="A1"><x:v>5</x:v></x:c><x:c r="B1" t="inlineStr"><x:is>'
         '<x:t xml:space="preserve">文</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>'),
        (f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"/></x:row></x:sheetData></x:worksheet>',
         '<x:c r="A1"><x:v>5</x:v></x:c><x:c r="B1" t="inlineStr">'),
        ('<worksheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"><sheetData><row r="1"><c r="A1"/></row>'
         "</sheetData></worksheet>", '<c r="A1"><v>5</v></c>'),
        (f'\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n<worksheet xmlns="{MAIN}"><sheetData><row r="1">'
         '<c r="A1"/></row></sheetData></worksheet>', '<c r="A1"><v>5</v></c>'),
    ],
    ids=["prefix and empty", "prefix", "strict", "BOM"],
)  # fmt: skip
def test_every_way_to_write_a_sheet_is_understood(sheet: str, after: str) -> None:
    """Excel, WPS, LibreOffice and the libraries of all languages write it differently."""
    result = patch(other_sheet(sheet), {"甲": {"A1": 5, "B1": "文"}}, recalculate=False)
    assert after in parts(result)[FIRST].decode()
    assert cells_of(result)["甲"] == {"A1": (5, None), "B1": ("文", None)}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "gbk", "iso-8859-1"])
def test_a_sheet_in_another_encoding_becomes_utf_8_when_it_changes(encoding: str) -> None:
    """Offsets count bytes of UTF-8; a part that does not change keeps its encoding."""
    declared = "utf-16" if encoding.startswith("utf-16") else encoding
    text = (
        f'<?xml version="1.0" encoding="{declared}"?><worksheet xmlns="{MAIN}"><sheetData><row r="1">'
        '<c r="A1" t="str"><v>é</v></c><c r="B1"/></row></sheetData></worksheet>'
    )
    text = text.replace("é", "中") if encoding == "gbk" else text
    data = other_sheet(text, encoding)
    after = patch(data, {"甲": {"B1": "文"}}, recalculate=False)
    assert parts(after)[FIRST].startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert [value for value, _ in cells_of(after)["甲"].values()] == ["中" if encoding == "gbk" else "é", "文"]
    assert patch(data, {"甲": {"B1": None}}, recalculate=False) is data


def test_a_document_type_is_refused() -> None:
    """An entity can hide a bomb or a local file."""
    data = parted(book_of(""), FIRST, b"<worksheet", b'<!DOCTYPE x [<!ENTITY e "x">]><worksheet')
    with pytest.raises(UnreadableWorkbook) as refusal:
        patch(data, {"甲": {"A1": 1}})
    assert refusal.value.code == "file-unsafe"


def test_damage_is_named_and_never_escapes_as_another_error() -> None:
    """Every truncation, and every bitten byte, gives a workbook or an UnreadableWorkbook."""
    data = rich_workbook(macros=True)
    damaged = [data[:size] for size in range(0, len(data), 997)]
    damaged += [data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :] for at in range(0, len(data) - 4, 499)]
    for one in damaged:
        try:
            patch(one, {DATA: {"B6": 1}})
        except (UnreadableWorkbook, NoSheet):
            continue


# -- formulas ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "after"),
    [
        (4.5, '<c r="A1" s="2"><f ca="1">B1 &gt; 2</f><v>4.5</v></c>'),
        (Decimal("4.50"), '<c r="A1" s="2"><f ca="1">B1 &gt; 2</f><v>4.5</v></c>'),
        ("√", '<c r="A1" s="2" t="str"><f ca="1">B1 &gt; 2</f><v>√</v></c>'),
        ("", '<c r="A1" s="2" t="str"><f ca="1">B1 &gt; 2</f><v></v></c>'),
        (False, '<c r="A1" s="2" t="b"><f ca="1">B1 &gt; 2</f><v>0</v></c>'),
    ],
    ids=str,
)
def test_a_stored_value_stands_beside_its_formula(value: float | str | bool | Decimal, after: str) -> None:
    """A viewer that does not calculate shows it; the formula stays byte by byte."""
    rows = '<row r="1"><c r="A1" s="2" t="e"><f ca="1">B1 &gt; 2</f><v>#N/A</v></c></row>'
    assert rows_after(book_of(rows), {"A1": Stored(value)}) == f'<row r="1">{after}</row>'


def test_a_stored_value_needs_a_formula() -> None:
    """It must never be written over what somebody typed."""
    data = book_of('<row r="1"><c r="A1"><v>1</v></c></row>')
    for address in ("A1", "B7"):
        with pytest.raises(NoFormula, match=address):
            patch(data, {"甲": {address: Stored(5)}})


SHARED = (
    '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0" ca="1">B1*$C$1&lt;2</f><v>1</v></c></row>'
    '<row r="2"><c r="A2"><f t="shared" si="0"/><v>2</v></c></row>'
    '<row r="3"><c r="A3"><f ca="1" t="shared" si="0"></f><v>3</v></c></row>'
)


def test_the_cells_of_a_shared_formula_keep_theirs_when_the_first_is_overwritten() -> None:
    """The text stands in the first cell alone; without it the others would be empty."""
    after = rows_after(book_of(SHARED), {"A1": 1})
    assert after == (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="2"><c r="A2"><f>B2*$C$1&lt;2</f><v>2</v></c></row>'
        '<row r="3"><c r="A3"><f ca="1">B3*$C$1&lt;2</f><v>3</v></c></row>'
    )


def test_another_cell_of_a_shared_formula_is_overwritten_alone() -> None:
    """The first cell goes on giving its text to the rest."""
    after = rows_after(book_of(SHARED), {"A2": 7})
    assert after == SHARED.replace('<c r="A2"><f t="shared" si="0"/><v>2</v></c>', '<c r="A2"><v>7</v></c>')


def test_a_shared_formula_s_cell_can_lose_its_text_and_its_stale_value_at_once() -> None:
    """A1 loses the text that A2 and A3 share, B2 is what A2 is computed from."""
    after = cells_of(patch(book_of(SHARED), {"甲": {"A1": 1, "B2": 8, "A3": Stored("√")}}))["甲"]
    assert after == {"A1": (1, None), "A2": (None, "B2*$C$1<2"), "B2": (8, None), "A3": ("√", "B3*$C$1<2")}


ARRAY = (
    '<row r="1"><c r="A1" cm="1"><f t="array" ref="A1:A3">B1:B3*2</f><v>2</v></c><c r="B1"><v>1</v></c></row>'
    '<row r="2"><c r="A2" s="5"><v>4</v></c><c r="D2"><f>A2+1</f><v>5</v></c></row>'
    '<row r="3"><c r="A3"><v>6</v></c></row>'
)


def test_an_array_formula_goes_as_a_whole() -> None:
    """What it gave the other cells was computed by it; without it they would look like somebody's numbers."""
    after = rows_after(book_of(ARRAY), {"A1": 9, "A3": "留"})
    assert '<c r="A1"><v>9</v></c>' in after
    assert '<c r="A2" s="5"/><c r="D2"><f>A2+1</f></c>' in after
    assert ">留</t>" in after


def test_a_cell_within_an_array_formula_is_refused() -> None:
    """Excel would write the old result over it at the next calculation."""
    with pytest.raises(PartOfArray, match="A2"):
        patch(book_of(ARRAY), {"甲": {"A2": 9}})


def test_the_results_of_an_array_formula_are_dropped_with_its_value() -> None:
    """B2 is within B1:B3; a stored value of one of the cells stays."""
    after = cells_of(patch(book_of(ARRAY), {"甲": {"B2": 9, "A1": Stored(2.5)}}))["甲"]
    assert after == {"A1": (2.5, "B1:B3*2"), "B1": (1, None), "B2": (9, None), "D2": (None, "A2+1")}
    after = cells_of(patch(book_of(ARRAY), {"甲": {"B2": 9, "A2": Stored(18)}}))["甲"]
    assert (after["A1"], after["A2"]) == ((None, "B1:B3*2"), (18, None))
    assert "A3" not in after


def test_a_data_table_is_computed_from_its_inputs_and_its_edges() -> None:
    """Its cells hold no formula but the first."""
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="C1"><f>A1*2</f><v>2</v></c></row>'
        '<row r="2"><c r="B2"><v>5</v></c><c r="C2"><f t="dataTable" ref="C2:C3" dt2D="0" dtr="0" r1="A1"/><v>10</v></c>'
        '</row><row r="3"><c r="B3"><v>6</v></c><c r="C3"><v>12</v></c></row>'
    )
    for address in ("A1", "B3"):
        after = cells_of(patch(book_of(rows), {"甲": {address: 7}}))["甲"]
        assert "C3" not in after
        assert after.get("C2", (None, None))[0] is None
    assert cells_of(patch(book_of(rows), {"甲": {"D9": 7}}))["甲"]["C3"] == (12, None)


# -- the calculation chain -----------------------------------------------------------------------------------------

TWO = '<row r="1"><c r="A1"><f>1</f><v>1</v></c><c r="B1"><f>2</f><v>2</v></c></row>'


@pytest.mark.parametrize(
    ("writes", "after"),
    [
        ({"甲": {"A1": 1}}, '<c r="B1" l="1" i="10"/><c r="A1" i="20"/><c r="B1"/>'),
        ({"甲": {"B1": 1}}, '<c r="A1" i="10"/><c r="A1" i="20"/><c r="B1"/>'),
        ({"乙 方": {"A1": 1}}, '<c r="A1" i="10"/><c r="B1" l="1"/><c r="B1" i="20"/>'),
        ({"甲": {"A1": 1}, "乙 方": {"A1": 1}}, '<c r="B1" l="1" i="10"/><c r="B1" i="20"/>'),
        ({"甲": {"A1": 1, "B1": 1}}, '<c r="A1" i="20"/><c r="B1"/>'),
    ],
)
def test_a_cell_that_loses_its_formula_leaves_the_chain(writes: Writes, after: str) -> None:
    """Excel calls a file damaged whose chain names a cell without a formula; an id that is not said is inherited."""
    chain = '<c r="A1" i="10"/><c r="B1" l="1"/><c r="A1" i="20"/><c r="B1"/>'
    data = book_of(TWO, TWO, chain=chain)
    assert after in parts(patch(data, writes))[CHAIN].decode()
    assert parts(patch(data, {"甲": {"A1": Stored(7), "C1": 3}}))[CHAIN] == parts(data)[CHAIN]


def test_a_chain_without_cells_goes_with_its_relation_and_its_type() -> None:
    """Excel calls an empty chain damaged."""
    data = book_of(TWO, chain='<c r="A1" i="10"/><c r="B1"/>')
    after = parts(patch(data, {"甲": {"A1": 1, "B1": 2}}))
    assert CHAIN not in after
    assert b"calcChain" not in after[TYPES] + after["xl/_rels/workbook.xml.rels"]
    assert after.keys() == parts(data).keys() - {CHAIN}


# -- what depends on what ------------------------------------------------------------------------------------------

NAMES = (
    '<definedNames><definedName name="单价">甲!$B$2</definedName><definedName name="Rate">甲!$B$2:$C$2</definedName>'
    '<definedName name="Twice">Rate*2</definedName><definedName name="本地" localSheetId="1">甲!$B$2</definedName>'
    '<definedName name="旁边">甲!A1</definedName><definedName name="自己">自己+1</definedName></definedNames>'
)


@pytest.mark.parametrize(
    "formula",
    ["甲!B2", "'甲'!$B$2*2", "SUM(甲!A1:C3)", "SUM(甲!B:B)", "SUM(甲!$A:$C)", "SUM(甲!2:2)", "SUM(甲!$1:$3)", "甲!b2",
     "SUM(甲:丙!B2)", "SUM('甲:乙 方'!A1:B2)", "SUM(甲!C3:A1)", "单价", "rate+1", "Twice", "本地", "旁边",
     "INDIRECT(\"甲!B\"&2)", "OFFSET(A9,1,1)", "IF(甲!A1=\"B9\",1,甲!B2)", "A2", "SUM(A1:A2)", "Sheet9!B2+甲!B2",
     "SUM(甲!A1:甲!C3)", "SUM(甲!A1 : C3)", "甲!B2:INDEX(甲!B:B,3)"],
)  # fmt: skip
def test_a_value_computed_from_a_changed_cell_is_dropped(formula: str) -> None:
    """However the formula says it, and through other formulas: a stale number must not look fresh."""
    other = (
        '<row r="1"><c r="A1"><v>0</v></c></row><row r="2"><c r="A2"><f>甲!B2*2</f><v>2</v></c></row>'
        f'<row r="9"><c r="D9" t="str" s="1"><f>{formula.replace("&", "&amp;")}</f><v>旧</v></c></row>'
    )
    data = book_of('<row r="2"><c r="B2"><v>1</v></c></row>', other, '<row r="1"/>', names=NAMES)
    after = patch(data, {"甲": {"B2": 3}})
    assert cells_of(after)["乙 方"]["D9"] == (None, formula)
    assert b'<c r="D9" s="1"><f>' in parts(after)["xl/worksheets/sheet2.xml"]


@pytest.mark.parametrize(
    "formula",
    ["甲!B3", "B2", "SUM(甲!C1:D9)", "SUM(甲!C:D)", "SUM(甲!3:9)", '"甲!B2"', "[1]甲!B2", "'[1]甲'!B2", "B2(1)+LOG10(5)",
     "单价2", "甲!AB2", "甲!B22", "甲乙!B2", "自己", "SUM(乙 方:丙!B2)", "''!B2", "甲!XFE2", "未知"],
)  # fmt: skip
def test_a_value_that_does_not_depend_on_it_stays(formula: str) -> None:
    """What is still right must not vanish from a viewer that does not calculate."""
    other = f'<row r="9"><c r="D9"><f>{formula}</f><v>7</v></c></row>'
    data = book_of('<row r="2"><c r="B2"><v>1</v></c></row>', other, '<row r="1"/>', names=NAMES)
    assert cells_of(patch(data, {"甲": {"B2": 3}}))["乙 方"]["D9"] == (7, formula)


def test_what_is_stored_and_what_did_not_change_pass_nothing_on() -> None:
    """B1 gets the value it had: what follows it is right as it stands."""
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f>A1*2</f><v>2</v></c><c r="C1"><f>B1+1</f><v>3</v></c></row>'
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>A2*2</f><v>2</v></c><c r="C2"><f>B2+1</f><v>3</v></c></row>'
    )
    data = book_of(rows)
    kept = cells_of(patch(data, {"甲": {"A1": 5, "B1": Stored(2), "A2": 1, "B2": 2}}))["甲"]
    assert (kept["B1"], kept["C1"], kept["B2"], kept["C2"]) == ((2, "A1*2"), (3, "B1+1"), (2, None), (3, "B2+1"))
    fresh = cells_of(patch(data, {"甲": {"A1": 5, "B1": Stored(10)}}))["甲"]
    assert (fresh["B1"], fresh["C1"]) == ((10, "A1*2"), (None, "B1+1"))


def test_a_reference_to_sheets_from_one_to_another_holds_those_between() -> None:
    """Somebody sums the same cell of all sheets."""
    last = '<row r="9"><c r="D9"><f>SUM(甲:丙!B2)</f><v>7</v></c></row>'
    data = book_of("", '<row r="2"><c r="B2"><v>1</v></c></row>', last)
    assert cells_of(patch(data, {"乙 方": {"B2": 3}}))["丙"]["D9"] == (None, "SUM(甲:丙!B2)")


def test_a_reference_to_a_table_is_a_reference_to_its_cells() -> None:
    """Excel writes 明细[金额] where somebody pointed at a column."""
    data = parted(
        rich_workbook(), "xl/worksheets/sheet3.xml", b"<f>A1*2</f>", b"<f>SUM(\xe6\x98\x8e\xe7\xbb\x86[x])</f>"
    )
    assert cells_of(patch(data, {DATA: {"B6": 1}}))[SUMS]["A2"][0] is None
    assert cells_of(patch(data, {DATA: {"G6": 1}}))[SUMS]["A2"][0] == 300


REFERENCE = st.one_of(
    st.sampled_from(["A1", "$B$2", "C3", "A4", "乙!A1", "'乙'!B2", "乙!$C3"]),
    st.sampled_from(["SUM(A1:B2)", "SUM($A$1:C4)", "SUM(乙!A1:C2)", "MAX('乙'!B2:C4)"]),
)
FORMULA = st.lists(REFERENCE, min_size=1, max_size=3).map(lambda names: "=" + "+".join(names))
GRID = [f"{column}{row}" for row in range(1, 5) for column in "ABC"]
SHEET = st.fixed_dictionaries({a: st.integers(1, 99).map(float) for a in GRID})
FORMULAS = st.dictionaries(st.sampled_from([f"E{row}" for row in range(1, 9)]), FORMULA, max_size=6)
CHAINED = st.dictionaries(st.sampled_from([f"G{row}" for row in range(1, 5)]), st.sampled_from(["=E1+E2", "=SUM(E1:E8)", "=乙!E3", "=甲!E4*2"]), max_size=4)  # fmt: skip


@given(st.tuples(SHEET, SHEET), st.tuples(FORMULAS, FORMULAS), CHAINED, st.dictionaries(st.sampled_from(GRID), st.integers(1, 9), max_size=3))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_no_stale_value_stays_and_no_unrelated_one_goes(
    grids: tuple[dict[str, float], dict[str, float]],
    formulas: tuple[dict[str, str], dict[str, str]],
    chained: dict[str, str],
    writes: dict[str, Content],
) -> None:
    """Ironcalc computes the workbook before and after: every value that is still stored is the value after."""
    names = ("甲", "乙")
    texts = {n: {**grid, **own, **chained} for n, grid, own in zip(names, grids, formulas, strict=True)}
    before = ironcalc_values(texts)
    data = parted(book_of(*(as_rows(texts[n], before[n]) for n in names)), BOOK, "乙 方".encode(), "乙".encode())
    after = cells_of(patch(data, {"甲": writes}))
    now = ironcalc_values({**texts, "甲": {**texts["甲"], **{a: float(str(v)) for a, v in writes.items()}}})
    for name in names:
        for address, value in now[name].items():
            stored, formula = after[name][address]
            assert formula is not None
            assert stored is None or stored == value
            assert stored is not None or bool(writes)


def as_rows(cells: Mapping[str, float | str], values: Mapping[str, object]) -> str:
    """Cells as a sheet holds them, in the order of rows."""
    rows: dict[int, str] = {}
    for address, content in sorted(cells.items()):
        text = f"<f>{content[1:]}</f><v>{values[address]}</v>" if isinstance(content, str) else f"<v>{content}</v>"
        row = int(address[1:])
        rows[row] = rows.get(row, "") + f'<c r="{address}">{text}</c>'
    return "".join(f'<row r="{row}">{text}</row>' for row, text in sorted(rows.items()))


# -- the workbook --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calculation", "after"),
    [
        ("", '</sheets><calcPr fullCalcOnLoad="1"/></workbook>'),
        ("<oleSize ref='A1'/>", "</sheets><calcPr fullCalcOnLoad=\"1\"/><oleSize ref='A1'/></workbook>"),
        ('<calcPr calcId="191029"/>', '</sheets><calcPr calcId="191029" fullCalcOnLoad="1"/></workbook>'),
        ('<calcPr fullCalcOnLoad="0" calcMode="manual"></calcPr>', '<calcPr calcMode="manual" fullCalcOnLoad="1"></calcPr>'),
        ('<calcPr fullCalcOnLoad="true"/>', '</sheets><calcPr fullCalcOnLoad="true"/></workbook>'),
    ],
    ids=["none", "before what follows it", "another", "switched off", "there already"],
)  # fmt: skip
def test_a_program_is_asked_to_calculate_everything_when_it_opens_the_file(calculation: str, after: str) -> None:
    """What was dropped is computed again; the element stands where the schema wants it."""
    data = book_of("", calculation=calculation)
    assert after in parts(patch(data, {"甲": {"A1": 1}}))[BOOK].decode()
    assert parts(patch(data, {"甲": {"A1": 1}}, recalculate=False))[BOOK] == parts(data)[BOOK]
    named = parts(patch(book_of("", names=NAMES), {"甲": {"A1": 1}}))[BOOK].decode()
    assert '</definedNames><calcPr fullCalcOnLoad="1"/></workbook>' in named


def test_macros_are_left_out_and_nothing_else() -> None:
    """No office may send macros around; controls, printers' settings and their types stay."""
    data = rich_workbook(macros=True)
    after = patch(data, {DATA: {"B6": 77}})
    old, new = parts(data), parts(after)
    assert old.keys() - new.keys() == set(MACRO_PARTS)
    assert new.keys() <= old.keys()
    assert PLAIN.encode() in new[TYPES]
    assert b"vba" not in new[TYPES].lower() + new["xl/_rels/workbook.xml.rels"].lower()
    assert b"macroEnabled" not in new[TYPES]
    touched = {FIRST, "xl/worksheets/sheet3.xml", TYPES, "xl/_rels/workbook.xml.rels"}
    before, now = raw(data), raw(after)
    assert {name for name in now if before[name] != now[name]} == touched
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says what it will lose
        assert openpyxl.load_workbook(io.BytesIO(after))[SUMS]["A1"].value == f"=SUM({DATA}!B2:B6)"


def test_macros_stay_when_they_are_wanted() -> None:
    """Somebody's own workbook in somebody's own folder."""
    data = rich_workbook(macros=True)
    after = patch(data, {DATA: {"B6": 77}}, keep_macros=True)
    assert changed(data, after) == {FIRST, "xl/worksheets/sheet3.xml"}


@pytest.mark.parametrize("kind", ["sheet", "template", "addin"])
def test_a_macro_enabled_workbook_of_any_kind_becomes_a_plain_one(kind: str) -> None:
    """With an .xlsx name and a macro type Excel refuses it. The project is found by its relation, whatever its name."""
    project = {
        "xl/宏.bin": b"project",
        "xl/_rels/宏.bin.rels": relations_of([("wordVbaData", "data.xml")]),
        "xl/data.xml": b"<a/>",
    }
    data = book_of("", kind=f"application/vnd.ms-excel.{kind}.macroEnabled.main+xml", more=project)
    related = b'<Relationship Id="m" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="/xl/%b"/></R'
    data = parted(data, "xl/_rels/workbook.xml.rels", b"</R", related % "宏.bin".encode())
    after = parts(patch(data, {}, recalculate=False))
    assert after.keys() == parts(data).keys() - project.keys()
    assert PLAIN.encode() in after[TYPES]
    assert after["xl/_rels/workbook.xml.rels"] == parts(book_of(""))["xl/_rels/workbook.xml.rels"]


def test_a_workbook_whose_parts_have_other_names_is_found_through_its_relations() -> None:
    """Names differ in case, targets are absolute or relative."""
    content = {name.replace("xl/", "XL/"): part for name, part in parts(book_of('<row r="1"/>')).items()}
    content["XL/_rels/workbook.xml.rels"] = relations_of([("worksheet", "/xl/Worksheets/SHEET1.xml")])
    after = patch(zipped(content), {"甲": {"A1": 5}})
    assert cells_of(after)["甲"] == {"A1": (5, None)}
