"""The page (公文版式): GB/T 9704-2012 proven in the PDF, in millimetres, and in the parts of the document."""

from __future__ import annotations

import io
import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from jixiao_xl.files.ooxml import parts
from jixiao_xl.files.preview import preview
from jixiao_xl.files.word_page import blank_document
from jixiao_xl.model.errors import JixiaoError
from tests.conftest import program

MOMENT = datetime(2026, 1, 1)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
POINT = 25.4 / 72  # mm
LINES, CHARACTERS = 22, 28
TOP, BOTTOM, LEFT, RIGHT = 37, 297 - 35, 28, 210 - 26  # of the text area, mm
LINE = (BOTTOM - TOP) / LINES
FONT = 1.3  # mm by which the middle of a font's box may stand beside the middle of the line
# no two neighbours alike and no sign that may be compressed
HAN = "财政部门预算绩效管理工作坚持全面实施统筹兼顾突出重点强化约束公开透明的原则推动资金使用效益不断提高"
TITLE, SHORT = "革新街道办事处年度部门整体支出绩效自评报告及其所属单位项目支出情况", "绩效"


@dataclass(frozen=True)
class Line:
    """A line of text in the PDF; edges in mm from the top left corner of the paper."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def pitch(self) -> float:
        """How far its characters are apart, in points."""
        return (self.right - self.left) / len(self.text) / POINT


@dataclass(frozen=True)
class Pages:
    """The PDF and what stands on each of its pages; the size of its paper in mm."""

    pdf: Path
    lines: list[list[Line]] = field(repr=False)
    size: tuple[float, float]


def sample() -> bytes:
    """Page 1 with everything that stands on the grid, then two pages and a bit of Chinese characters alone."""
    document = blank_document("页", "办公室", MOMENT)
    document.add_paragraph(TITLE, style="Title")
    document.add_paragraph(han(9), style="Addressee")
    for level in (1, 2, 3, 4):
        document.add_paragraph(han(10), style=f"Heading {level}")
        document.add_paragraph(han(60))
    document.add_paragraph(han(8), style="Caption")
    # page 1 has 19 lines so far; the last of these paragraphs runs over three pages
    document.add_paragraph(han(26 + CHARACTERS * (4 + 2 * LINES)))
    document.add_paragraph(SHORT, style="Signature")
    document.add_paragraph(SHORT, style="Signature Date")
    document.add_paragraph(SHORT, style="Annex Line")
    document.add_paragraph(han(5), style="Title")
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def han(count: int) -> str:
    return (HAN * (count // len(HAN) + 1))[:count]


@pytest.fixture(scope="session")
def pages(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """One conversion for all that is measured here."""
    path = tmp_path_factory.mktemp("page") / "sample.pdf"
    path.write_bytes(preview(soffice, sample()))
    command = [program("pdftotext"), "-bbox", str(path), "-"]
    found = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    boxes = [
        [Line(m[5], *(float(m[n]) * POINT for n in range(1, 5))) for m in WORD.finditer(page)]
        for page in found.split("<page ")[1:]
    ]
    size = re.search(r'<page width="([\d.]+)" height="([\d.]+)"', found)
    assert size is not None
    return Pages(path, boxes, (float(size[1]) * POINT, float(size[2]) * POINT))


WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


def body(page: list[Line]) -> list[Line]:
    """Without the number at the foot."""
    return [line for line in page if line.middle < BOTTOM]


def test_the_paper_is_a4(pages: Pages) -> None:
    assert pages.size == pytest.approx((210, 297), abs=0.2)


@pytest.mark.parametrize("page", [1, 2])
def test_a_page_of_chinese_characters_holds_22_lines_of_28(pages: Pages, page: int) -> None:
    """The count that reviewers check with a ruler."""
    assert [len(line.text) for line in body(pages.lines[page])] == [CHARACTERS] * LINES


@pytest.mark.parametrize("page", [1, 2])
def test_the_text_area_is_156_by_225_mm_at_its_place(pages: Pages, page: int) -> None:
    """Each line in its 22nd of the height; the characters from margin to margin."""
    shown = body(pages.lines[page])
    for number, line in enumerate(shown):
        assert (line.left, line.right) == pytest.approx((LEFT, RIGHT), abs=0.6)
        assert line.middle == pytest.approx(TOP + (number + 0.5) * LINE, abs=FONT)
        assert line.middle - shown[0].middle == pytest.approx(number * LINE, abs=0.4)


def test_the_ink_fills_the_text_area_and_nothing_else(pages: Pages, tmp_path: Path) -> None:
    """What is seen, not what the PDF says of its boxes: glyphs of 5.6 mm stand in lines of 10.2 mm."""
    ink = ink_of(pages.pdf, 2, tmp_path)[: BOTTOM * 10]
    rows, columns = np.flatnonzero(ink.any(axis=1)) / 10, np.flatnonzero(ink.any(axis=0)) / 10
    assert (rows[0], rows[-1]) == pytest.approx((TOP + 2.5, BOTTOM - 2.5), abs=1)
    assert columns[0] == pytest.approx(LEFT, abs=1)
    assert columns[-1] == pytest.approx(RIGHT, abs=1)


def test_title_and_headings_and_captions_leave_22_lines(pages: Pages) -> None:
    """A title takes two lines and an empty one, whatever its font; everything after it stands on the grid."""
    shown = body(pages.lines[0])
    steps = [round((line.middle - TOP) / LINE - 0.5, 2) for line in shown]
    places = [*range(2), *range(3, LINES)]
    assert [line.text for line in shown[:2]] == [TITLE[:20], TITLE[20:]]
    assert steps == pytest.approx(places, abs=0.2)


def test_the_title_has_22_points_and_the_text_16(pages: Pages) -> None:
    """Characters of 16 points stand 15.75 apart, else 27 would fit; a caption has 14."""
    shown = body(pages.lines[0])
    assert shown[0].pitch == pytest.approx(22, abs=0.1)
    assert shown[2].pitch == pytest.approx(15.75, abs=0.1)
    assert next(line for line in shown if line.text == han(8)).pitch == pytest.approx(14, abs=0.1)
    for line in body(pages.lines[1]):
        assert line.pitch == pytest.approx(15.75, abs=0.05)


def test_headings_and_paragraphs_start_two_characters_in(pages: Pages) -> None:
    first = [line for line in body(pages.lines[0]) if line.text == han(10)]
    assert [line.left for line in first] == pytest.approx([LEFT + 2 * 15.75 * POINT] * 4, abs=0.2)


def test_page_numbers_stand_outside_between_dashes(pages: Pages) -> None:
    """— 1 — one character of 14 points from the right margin on odd pages, from the left on even ones."""
    character = 14 * POINT
    for number, page in enumerate(pages.lines, start=1):
        foot = [line for line in page if line.middle > BOTTOM]
        assert [line.text for line in foot] == ["—", str(number), "—"]
        if number % 2:
            assert foot[-1].right == pytest.approx(RIGHT - character, abs=0.5)
        else:
            assert foot[0].left == pytest.approx(LEFT + character, abs=0.5)


@pytest.mark.parametrize("page", [2, 3])
def test_the_dashes_stand_7_mm_below_the_text(pages: Pages, page: int, tmp_path: Path) -> None:
    """The rule names the dashes, so they are measured as ink; where they stand in their line is the font's choice."""
    ink = ink_of(pages.pdf, page, tmp_path)[BOTTOM * 10 :]
    start = int(np.flatnonzero(ink.any(axis=0))[0])
    dash = np.flatnonzero(ink[:, start : start + 20].any(axis=1))
    assert dash.mean() / 10 == pytest.approx(7, abs=0.6)


def test_the_signature_stands_four_characters_from_the_right(pages: Pages) -> None:
    """Name and date one under the other, two empty lines above the name."""
    name, date = body(pages.lines[3])[-2:]
    assert (name.text, date.text) == (SHORT, SHORT)
    assert [name.right, date.right] == pytest.approx([RIGHT - 4 * 15.75 * POINT] * 2, abs=0.4)
    assert date.middle - name.middle == pytest.approx(LINE, abs=0.2)


def test_an_annex_starts_a_page_with_its_title_on_the_third_line(pages: Pages) -> None:
    line, title = body(pages.lines[4])
    assert line.left == pytest.approx(LEFT, abs=0.4)
    assert line.middle == pytest.approx(TOP + 0.5 * LINE, abs=FONT)
    assert title.middle == pytest.approx(TOP + 2.5 * LINE, abs=FONT)
    assert (title.left + title.right) / 2 == pytest.approx((LEFT + RIGHT) / 2, abs=0.4)


def test_each_kind_of_font_has_a_stand_in_of_its_own(pages: Pages) -> None:
    """Without the map everything falls to one font, and nobody sees whether a heading is 黑体."""
    found = subprocess.run([program("pdffonts"), str(pages.pdf)], capture_output=True, check=True).stdout.decode()
    faces = {line.split()[0].partition("+")[2] for line in found.splitlines()[2:]}
    assert len(faces) >= 3
    assert not [face for face in faces if "DejaVu" in face or "Liberation" in face]


def ink_of(pdf: Path, page: int, folder: Path) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Where a page is dark, in tenths of a millimetre."""
    command = [program("pdftoppm"), "-r", "254", "-gray", "-f", str(page), "-l", str(page), "-singlefile"]
    subprocess.run([*command, str(pdf), str(folder / "page")], check=True)
    data = (folder / "page.pgm").read_bytes()
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", data)
    assert head is not None
    dark = np.frombuffer(data, np.uint8, offset=head.end()) < 128
    return dark.reshape(int(head[2]), int(head[1]))


# -- the parts -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def trees() -> dict[str, ElementTree.Element]:
    return {name: ElementTree.fromstring(data) for name, data in parts(sample()).items() if name.endswith(".xml")}


def test_a_font_is_named_for_every_script_and_no_theme_is_asked(trees: dict[str, ElementTree.Element]) -> None:
    """A theme's font would win over the name in Word."""
    fonts = [element for tree in trees.values() for element in tree.iter(f"{W}rFonts")]
    assert len(fonts) > 15
    for element in fonts:
        assert set(element.keys()) == {f"{W}{script}" for script in ("ascii", "hAnsi", "eastAsia", "cs")}
        assert len(set(element.attrib.values())) == 1
    assert not [name for name in trees if "theme" in name]


@pytest.mark.parametrize(
    ("name", "font", "half_points"),
    [
        ("Title", "方正小标宋简体", "44"),
        ("heading 1", "黑体", "32"),
        ("heading 2", "楷体_GB2312", "32"),
        ("heading 3", "仿宋_GB2312", "32"),
        ("heading 4", "仿宋_GB2312", "32"),
        ("Normal", "仿宋_GB2312", "32"),
        ("Annex Line", "黑体", "32"),
        ("footer", "宋体", "28"),
    ],
)
def test_styles_name_the_fonts_of_official_documents(
    trees: dict[str, ElementTree.Element], name: str, font: str, half_points: str
) -> None:
    """The stand-ins of a preview never reach the document."""
    style = trees["word/styles.xml"].find(f"{W}style/{W}name[@{W}val='{name}']/../{W}rPr")
    assert style is not None
    assert value(style, "rFonts", "eastAsia") == font
    assert value(style, "sz") == half_points


def test_the_page_is_described_for_word_as_it_is_measured_here(trees: dict[str, ElementTree.Element]) -> None:
    """What Word and WPS read: twips of the margins, the grid, numbers that differ on odd and even pages."""
    section = next(trees["word/document.xml"].iter(f"{W}sectPr"))
    margins = {
        side: round(int(value(section, "pgMar", side)) / 1440 * 25.4) for side in ("top", "bottom", "left", "right")
    }
    assert margins == {"top": 37, "bottom": 35, "left": 28, "right": 26}
    assert (value(section, "docGrid", "type"), value(section, "docGrid", "linePitch")) == ("lines", "579")
    assert {element.get(f"{W}type") for element in section.findall(f"{W}footerReference")} == {"default", "even"}
    assert trees["word/settings.xml"].find(f"{W}evenAndOddHeaders") is not None
    styles = trees["word/styles.xml"].findall(f"{W}style[@{W}type='paragraph']")
    assert {value(style, f"pPr/{W}widowControl") for style in styles} == {"0"}
    assert value(styles[0], f"rPr/{W}spacing") == "-5"
    assert value(styles[0], f"pPr/{W}spacing", "lineRule") == "auto"


def value(parent: ElementTree.Element, path: str, attribute: str = "val") -> str:
    """An attribute of a descendant that must be there."""
    element = parent.find(f"{W}{path}")
    assert element is not None, path
    return element.attrib[f"{W}{attribute}"]


ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore widowControl snapToGrid spacing ind contextualSpacing jc outlineLvl",
    "rPr": "rStyle rFonts b bCs color spacing sz szCs u lang",
    "style": "name basedOn next semiHidden qFormat pPr rPr tblPr",
    "sectPr": "headerReference footerReference type pgSz pgMar cols titlePg docGrid",
    "settings": "zoom defaultTabStop evenAndOddHeaders characterSpacingControl compat themeFontLang",
    "compat": "doNotExpandShiftReturn compatSetting",
}


def test_properties_stand_in_the_order_of_the_schema(trees: dict[str, ElementTree.Element]) -> None:
    """Word calls a document with another order damaged; python-docx and LibreOffice would read it."""
    seen: set[str] = set()
    for element in (element for tree in trees.values() for element in tree.iter()):
        kind = element.tag.removeprefix(W)
        if kind in ORDER:
            places = [ORDER[kind].split().index(child.tag.removeprefix(W)) for child in element]
            assert places == sorted(places), ElementTree.tostring(element)
            seen.add(kind)
    assert seen == set(ORDER)


# -- previews --------------------------------------------------------------------------------------------------


def test_a_workbook_has_a_preview_too(soffice: str, filled: dict[str, bytes]) -> None:
    """附表.xlsx is looked at before it is printed."""
    assert preview(soffice, filled["street_office"]).startswith(b"%PDF-")


def test_without_libreoffice_the_operator_is_told_what_to_do() -> None:
    with pytest.raises(JixiaoError, match="LibreOffice"):
        preview(None, sample())
    with pytest.raises(JixiaoError, match="启动不了"):
        preview("/no/such/soffice", sample())


@pytest.mark.parametrize("data", [b"", b"a letter", parts(sample())["word/document.xml"]])
def test_what_is_no_document_is_not_given_to_libreoffice(data: bytes) -> None:
    with pytest.raises(JixiaoError, match="docx"):
        preview("/no/such/soffice", data)


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    """A program that behaves as LibreOffice does on its bad days; it notes the process that it has started."""
    if os.name != "posix":
        pytest.skip("a shell script")
    path = tmp_path / "soffice"
    path.touch(mode=0o755)
    return path


def test_a_libreoffice_that_makes_nothing_is_an_error(fake: Path) -> None:
    """It exits with 0 when it could not read the file."""
    fake.write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(JixiaoError, match="没有生成"):
        preview(str(fake), sample())


def test_a_libreoffice_that_hangs_is_ended_with_all_that_it_started(fake: Path) -> None:
    """Its launcher starts another process; one left behind would keep the profile and the memory."""
    child = fake.with_name("child")
    fake.write_text(f"#!/bin/sh\nsleep 60 & echo $! > '{child}'\nwait\n")
    with pytest.raises(JixiaoError, match=r"0\.5 秒"):
        preview(str(fake), sample(), timeout=0.5)
    for _ in range(50):
        if not running(int(child.read_text())):
            return
        time.sleep(0.1)
    pytest.fail("it is still running")


def running(process: int) -> bool:
    """Neither gone nor a zombie that waits for a parent to look."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return found.stdout.strip()[:1] not in ("", "Z")
