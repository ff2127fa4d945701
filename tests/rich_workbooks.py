"""Workbooks with what offices put into them (花样工作簿): charts, slicers, controls, macros; built without Excel.

XlsxWriter draws what it can; the rest is added part by part with its types and relations, as Excel writes them.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import cast

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from jixiao_xl.files.ooxml import CONTENT_TYPES, parts, zipped

DATA, OBJECTS, SUMS = "数据", "对象", "汇总 表"
MACRO = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"VBA" * 200  # the head of an OLE file; nobody runs it
_BOOK = "xl/workbook.xml"
_FIRST, _SECOND = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def rich_workbook(*, macros: bool = False) -> bytes:
    """One workbook with all of it; with `macros` an .xlsm with a signed VBA project."""
    parted = _Parts(parts(_drawn(macros=macros)))
    _slicer(parted)
    _threaded_comment(parted)
    _custom_xml(parted)
    _controls(parted)
    _printer_settings(parted)
    _calculation_chain(parted)
    if macros:
        _signature(parted)
    return zipped(parted.content)


FEATURES = (
    "xl/charts/chart1.xml",
    "xl/comments1.xml",
    "xl/media/image1.png",
    "xl/tables/table1.xml",
    "xl/drawings/vmlDrawing1.vml",
    "xl/slicers/slicer1.xml",
    "xl/slicerCaches/slicerCache1.xml",
    "xl/threadedComments/threadedComment1.xml",
    "xl/persons/person.xml",
    "customXml/item1.xml",
    "customXml/itemProps1.xml",
    "xl/ctrlProps/ctrlProp1.xml",
    "xl/activeX/activeX1.xml",
    "xl/activeX/activeX1.bin",
    "xl/printerSettings/printerSettings1.bin",
    "xl/calcChain.xml",
)
MACRO_PARTS = ("xl/vbaProject.bin", "xl/vbaProjectSignature.bin", "xl/_rels/vbaProject.bin.rels")


# -- what XlsxWriter draws -----------------------------------------------------------------------------------------


def _drawn(*, macros: bool) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        data, objects, sums = (book.add_worksheet(name) for name in (DATA, OBJECTS, SUMS))
        _data(book, data)
        _objects(objects)
        sums.write_formula("A1", f"=SUM({DATA}!B2:B6)", None, 150)
        sums.write_formula("A2", "=A1*2", None, 300)
        sums.write_formula("A3", "=金额+1", None, 51)
        sums.write_formula("A4", '="不变"', None, cast(int, "不变"))  # it takes text too, its annotation says int
        book.define_name("金额", f"={DATA}!$B$6")
        if macros:
            book.add_vba_project(cast(str, io.BytesIO(MACRO)), is_stream=True)
    return target.getvalue()


def _data(book: Workbook, page: Worksheet) -> None:
    """A table with numbers, drawn in every way that a cell can be."""
    page.set_column("A:A", 20, book.add_format({"bold": True}))
    page.add_table("A1:C6", {"name": "明细", "columns": [{"header": "项目"}, {"header": "金额"}, {"header": "备注"}]})
    for row in range(1, 6):
        page.write_row(row, 0, [f"项目{row}", row * 10, "说明"])
    page.write_formula("E2", "=B6/B2", book.add_format({"num_format": "0.00"}), 5)
    page.add_sparkline("F2", {"range": f"{DATA}!B2:B6", "type": "column"})
    page.conditional_format("B2:B6", {"type": "data_bar", "data_bar_2010": True, "bar_solid": True})
    page.conditional_format("B2:B6", {"type": "icon_set", "icon_style": "3_arrows"})
    page.data_validation("C2:C6", {"validate": "list", "source": ["说明", "无"]})
    chart = book.add_chart({"type": "column"})
    assert chart is not None
    chart.add_series({"categories": f"={DATA}!$A$2:$A$6", "values": f"={DATA}!$B$2:$B$6"})
    page.insert_chart("H2", chart)


def _objects(page: Worksheet) -> None:
    page.write("A1", "文字")
    page.insert_textbox("C2", "请先看说明", {"fill": {"color": "#FFFBE6"}})
    page.insert_image("C10", "图.png", {"image_data": io.BytesIO(_picture())})
    page.write_comment("A1", "批注")
    page.insert_button("C20", {"caption": "自查", "macro": "自查"})


def _picture() -> bytes:
    """A PNG of one white point."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">2I5B", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff")) + chunk(b"IEND", b"")


# -- what is added by hand -----------------------------------------------------------------------------------------


@dataclass
class _Parts:
    """A package taken apart."""

    content: dict[str, bytes]
    numbers: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, part: str, kind: str, text: str | bytes) -> None:
        """A part with its content type."""
        self.content[part] = text.encode() if isinstance(text, str) else text
        override = f'<Override PartName="/{part}" ContentType="{kind}"/>'
        self._before(CONTENT_TYPES, "</Types>", override)

    def relate(self, source: str, kind: str, target: str) -> str:
        """A relation from a part; gives its id."""
        folder, _, name = source.rpartition("/")
        part = f"{folder}/_rels/{name}.rels"
        self.content.setdefault(part, f'<Relationships xmlns="{_RELATIONS}"></Relationships>'.encode())
        self.numbers[part] = self.numbers.get(part, 100) + 1
        identity = f"rId{self.numbers[part]}"
        relation = f'<Relationship Id="{identity}" Type="{kind}" Target="{target}"/>'
        self._before(part, "</Relationships>", relation)
        return identity

    def into(self, part: str, pattern: str, text: str) -> None:
        """Text before the first of these tags."""
        old = self.content[part].decode()
        match = re.search(pattern, old)
        assert match is not None, (part, pattern)
        self.content[part] = (old[: match.start()] + text + old[match.start() :]).encode()

    def _before(self, part: str, tag: str, text: str) -> None:
        assert tag.encode() in self.content[part], (part, tag)
        self.content[part] = self.content[part].replace(tag.encode(), (text + tag).encode())


def _slicer(parted: _Parts) -> None:
    """A slicer over the table."""
    x14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
    x15 = "http://schemas.microsoft.com/office/spreadsheetml/2010/11/main"
    microsoft = "http://schemas.microsoft.com/office/2007/relationships"
    parted.add(
        "xl/slicers/slicer1.xml",
        "application/vnd.ms-excel.slicer+xml",
        f'<slicers xmlns="{x14}"><slicer name="项目" cache="切片器_项目" caption="项目" rowHeight="241300"/></slicers>',
    )
    parted.add(
        "xl/slicerCaches/slicerCache1.xml",
        "application/vnd.ms-excel.slicerCache+xml",
        f'<slicerCacheDefinition xmlns="{x14}" xmlns:x="{_MAIN}" name="切片器_项目" sourceName="项目"><extLst>'
        f'<x:ext uri="{{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}}" xmlns:x15="{x15}">'
        '<x15:tableSlicerCache tableId="1" column="1"/></x:ext></extLst></slicerCacheDefinition>',
    )
    slicer = parted.relate(_FIRST, f"{microsoft}/slicer", "../slicers/slicer1.xml")
    cache = parted.relate(_BOOK, f"{microsoft}/slicerCache", "slicerCaches/slicerCache1.xml")
    parted.into(
        _FIRST,
        "</extLst></worksheet>",
        f'<ext uri="{{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}}" xmlns:x15="{x15}"><x14:slicerList xmlns:x14="{x14}">'
        f'<x14:slicer r:id="{slicer}"/></x14:slicerList></ext>',
    )
    parted.into(
        _BOOK,
        "</workbook>",
        f'<extLst><ext uri="{{46BE6895-7355-4a93-B00E-2C351335B9C9}}" xmlns:x15="{x15}"><x15:slicerCaches '
        f'xmlns:x14="{x14}"><x14:slicerCache r:id="{cache}"/></x15:slicerCaches></ext></extLst>',
    )


def _threaded_comment(parted: _Parts) -> None:
    """A comment of today's Excel, and who wrote it."""
    space = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    kind = "http://schemas.microsoft.com/office/2017/10/relationships"
    person = "{AAAAAAAA-0000-4000-8000-000000000001}"
    parted.add(
        "xl/threadedComments/threadedComment1.xml",
        "application/vnd.ms-excel.threadedcomments+xml",
        f'<ThreadedComments xmlns="{space}"><threadedComment ref="A1" dT="2026-04-20T08:00:00.00" '
        f'personId="{person}" id="{{BBBBBBBB-0000-4000-8000-000000000001}}"><text>批注</text></threadedComment>'
        "</ThreadedComments>",
    )
    parted.add(
        "xl/persons/person.xml",
        "application/vnd.ms-excel.person+xml",
        f'<personList xmlns="{space}"><person displayName="王" id="{person}" userId="w" providerId="None"/></personList>',
    )
    parted.relate(_SECOND, f"{kind}/threadedComment", "../threadedComments/threadedComment1.xml")
    parted.relate(_BOOK, f"{kind}/person", "persons/person.xml")


def _custom_xml(parted: _Parts) -> None:
    """What document systems of offices keep in a file."""
    parted.content["customXml/item1.xml"] = '<档案 xmlns="urn:office">密级：无</档案>'.encode()
    parted.add(
        "customXml/itemProps1.xml",
        "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
        '<ds:datastoreItem ds:itemID="{CCCCCCCC-0000-4000-8000-000000000001}" '
        'xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"/>',
    )
    parted.relate("customXml/item1.xml", f"{_OFFICE}/customXmlProps", "itemProps1.xml")
    parted.relate(_BOOK, f"{_OFFICE}/customXml", "../customXml/item1.xml")


def _controls(parted: _Parts) -> None:
    """A form control with its properties, and an ActiveX control with its state."""
    parted.add(
        "xl/ctrlProps/ctrlProp1.xml",
        "application/vnd.ms-excel.controlproperties+xml",
        '<formControlPr xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" objectType="Button"/>',
    )
    parted.add(
        "xl/activeX/activeX1.xml",
        "application/vnd.ms-office.activeX+xml",
        '<ax:ocx ax:classid="{D7053240-CE69-11CD-A777-00DD01143C57}" ax:persistence="persistStreamInit" r:id="rId101" '
        f'xmlns:ax="http://schemas.microsoft.com/office/2006/activeX" xmlns:r="{_OFFICE}"/>',
    )
    parted.add("xl/activeX/activeX1.bin", "application/vnd.ms-office.activeX", bytes(range(64)))
    microsoft = "http://schemas.microsoft.com/office/2006/relationships"
    parted.relate("xl/activeX/activeX1.xml", f"{microsoft}/activeXControlBinary", "activeX1.bin")
    button = parted.relate(_SECOND, f"{_OFFICE}/ctrlProp", "../ctrlProps/ctrlProp1.xml")
    active = parted.relate(_SECOND, f"{_OFFICE}/control", "../activeX/activeX1.xml")
    parted.into(
        _SECOND,
        "</worksheet>",
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice '
        'Requires="x14" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><controls>'
        f'<control shapeId="2049" r:id="{button}" name="自查"/><control shapeId="2050" r:id="{active}" name="提交"/>'
        "</controls></mc:Choice></mc:AlternateContent>",
    )


def _printer_settings(parted: _Parts) -> None:
    """What the printer's driver remembers."""
    part = "xl/printerSettings/printerSettings1.bin"
    parted.add(part, f"{_SHEET_TYPE}.printerSettings", bytes(range(256)))
    identity = parted.relate(_FIRST, f"{_OFFICE}/printerSettings", "../printerSettings/printerSettings1.bin")
    parted.into(_FIRST, "<drawing ", f'<pageSetup paperSize="9" orientation="portrait" r:id="{identity}"/>')


def _calculation_chain(parted: _Parts) -> None:
    """The order in which Excel last calculated; the sheet's id is said once and then inherited."""
    cells = '<c r="A3" i="3"/><c r="A2"/><c r="A1"/><c r="A4"/><c r="E2" i="1"/>'
    kind = f"{_SHEET_TYPE}.calcChain+xml"
    parted.add("xl/calcChain.xml", kind, f'<calcChain xmlns="{_MAIN}">{cells}</calcChain>')
    parted.relate(_BOOK, f"{_OFFICE}/calcChain", "calcChain.xml")


def _signature(parted: _Parts) -> None:
    """Who signed the macros."""
    kind = "http://schemas.microsoft.com/office/2006/relationships/vbaProjectSignature"
    parted.add("xl/vbaProjectSignature.bin", "application/vnd.ms-office.vbaProjectSignature", b"signed" * 20)
    parted.relate("xl/vbaProject.bin", kind, "vbaProjectSignature.bin")
