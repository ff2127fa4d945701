"""Other files that arrive (别的来件): what lies in 收到 beside the workbooks and must be refused, each for one reason."""

from __future__ import annotations

import io
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msoffcrypto.format.ooxml
import xlsxwriter

from jixiao_xl.files.ooxml import canonical, zipped
from jixiao_xl.stages.issue import MOMENT
from problem_sample.packages import with_declaration
from problem_sample.table import Defect, ExtraFile

Recalculate = Callable[[bytes, tuple[Defect, ...]], bytes]


def content_of(file: ExtraFile, workbook: bytes, kept: Path, edit: Recalculate) -> bytes:
    """The bytes of a file; `workbook` is the one that it was made from, `kept` where the made-once files lie.

    `edit` gives a workbook with defects, as a spreadsheet program saves it.
    """
    match file.make:
        case "kept":
            return (kept / file.name).read_bytes()
        case "truncated":
            return workbook[: len(workbook) // 2]
        case "declared":
            return with_declaration(workbook)
        case "last_year":
            return edit(workbook, (_last_year(),))
        case "unknown_unit":
            return edit(workbook, (Defect(why="", meta={"unit": "property_office"}, expect=()),))
        case "second_version":
            return edit(workbook, (Defect(why="", type={"indicators.party_office_02.actual": 98}, expect=()),))
        case _:
            return _PLAIN[file.make]()


def _last_year() -> Defect:
    return Defect(why="", meta={"year": "2024"}, type={"cover.year.value": "2024"}, expect=())


def _web_page() -> bytes:
    rows = "".join(f"<tr><td>{month}月</td><td>{90 + month}</td></tr>" for month in range(1, 13))
    page = f"<html><head><meta charset='utf-8'><title>巡查统计</title></head><body><table>{rows}</table></body></html>"
    return page.encode()


def _comma_separated() -> bytes:
    lines = ["姓名,走访日期,慰问品", *(f"退役军人{number:02d},2025-07-{number:02d},米面油" for number in range(1, 31))]
    return "\r\n".join(lines).encode("gbk")


def _lock() -> bytes:
    """What Excel leaves beside an open file: the user's name, twice, padded with blanks."""
    name = "Lin Xiaoyu"
    return bytes([len(name)]) + name.ljust(54).encode() + bytes([len(name), 0]) + name.ljust(54).encode("utf-16-le")


def _bomb() -> bytes:
    return zipped({"xl/workbook.xml": b"<workbook/>", "xl/media/image1.xml": b" " * (16 * 2**20)})


def _foreign() -> bytes:
    """A list of purchases: a real workbook, but none of ours."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        page = book.add_worksheet("采购明细")
        for number, line in enumerate(
            [("品名", "数量", "单价", "金额"), ("大米", 200, 58, 11600), ("食用油", 200, 76, 15200)]
        ):
            page.write_row(number, 0, line)
    return canonical(target.getvalue(), moment=MOMENT)


_PLAIN: Mapping[str, Callable[[], bytes]] = {
    "empty": bytes,
    "web_page": _web_page,
    "comma_separated": _comma_separated,
    "lock": _lock,
    "bomb": _bomb,
    "foreign": _foreign,
}


# -- made once ---------------------------------------------------------------------------------------------------


def encrypted(workbook: bytes) -> bytes:
    """The workbook with a password; the salt is random, so that the sample keeps the file as it was made."""
    target = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(workbook)).encrypt("示例口令2026", target)
    return target.getvalue()


def old_format(workbook: bytes) -> bytes:
    """The workbook as LibreOffice saves it for Excel 97; never the same bytes twice."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "x.xlsx").write_bytes(workbook)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", "xls", "--outdir", name, str(folder / "x.xlsx")]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return (folder / "x.xls").read_bytes()
