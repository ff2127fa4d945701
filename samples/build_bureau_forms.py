"""Build the bureau's empty forms (生成财政局的空表): two forms as an office makes them, for bureau_forms.yaml to fill.

Run from the repository: python samples/build_bureau_forms.py
Layouts after public forms: the national 项目支出绩效自评表 and the 部门整体绩效自评表 that Chongqing used in 2021.
"""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import openpyxl
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl.files.ooxml import canonical

FOLDER = Path(__file__).resolve().parent / "bureau_forms"
PROJECT, DEPARTMENT = "项目支出绩效自评表.xlsx", "部门整体绩效自评表.xlsx"
MOMENT = datetime(2025, 12, 1)

BODY, TITLE = Font(name="宋体", size=10), Font(name="黑体", size=16)
HEAD = Font(name="宋体", size=10, bold=True)
LINE = Side(style="thin")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
RIGHT = Alignment(horizontal="right", vertical="center")
UPRIGHT = Alignment(horizontal="center", vertical="center", textRotation=255)

# second level labels and how many rows each has; a label that the page break splits stands twice
BLOCKS = (
    ("产出指标", (("数量指标", 3), ("质量指标", 3))),
    ("产出指标", (("时效指标", 3), ("成本指标", 3))),
    ("效益指标", (("经济效益指标", 2), ("社会效益指标", 3), ("生态效益指标", 2), ("可持续影响指标", 2))),
    ("满意度指标", (("服务对象\n满意度指标", 3),)),
)


def put(
    page: Worksheet, area: str, value: str | float | None, look: Alignment = MIDDLE, *, font: Font = BODY, fmt: str = ""
) -> None:
    """A value in a cell or in merged cells, with borders all around."""
    if ":" in area:
        page.merge_cells(area)
    for row in page[area] if ":" in area else ((page[area],),):
        for cell in row:
            cell.border = BOX
    first = page[area.split(":", maxsplit=1)[0]]
    first.value, first.font, first.alignment = value, font, look
    if fmt:
        first.number_format = fmt


def project_form() -> bytes:
    """The national form of a project: funds, targets, and indicators under merged first and second level labels."""
    book = openpyxl.Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = "自评表"
    for letter, width in zip("ABCDEFGHIJ", (5, 8, 11, 19, 12, 13, 11, 9, 11, 13), strict=True):
        page.column_dimensions[letter].width = width
    _project_head(page)
    first = 13
    row = first
    for level1, groups in BLOCKS:
        start = row
        for level2, count in groups:
            for number in range(1, count + 1):
                name = f"指标{number}：" if number < count else "……"
                put(page, f"D{row}", name, LEFT)
                for letter in "EF":
                    put(page, f"{letter}{row}", None)
                for letter in "GH":
                    put(page, f"{letter}{row}", None, RIGHT, fmt="0.00")
                put(page, f"I{row}:J{row}", None, LEFT)
                page.row_dimensions[row].height = 22
                row += 1
            put(page, f"C{row - count}:C{row - 1}", level2)
        put(page, f"B{start}:B{row - 1}", level1)
    put(page, f"A12:A{row - 1}", "绩效指标", UPRIGHT, font=HEAD)
    put(page, f"A{row}:F{row}", "总　　分", font=HEAD)
    put(page, f"G{row}", f"=SUM(G{first}:G{row - 1})+H6", RIGHT, font=HEAD, fmt="0.00")
    put(page, f"H{row}", f"=SUM(H{first}:H{row - 1})+J6", RIGHT, font=HEAD, fmt="0.00")
    put(page, f"I{row}:J{row}", None)
    page.row_dimensions[row].height = 24
    page.merge_cells(f"A{row + 1}:J{row + 1}")
    page[
        f"A{row + 1}"
    ].value = "填表人：              联系电话：              单位负责人（签字）：              （盖章）"
    page[f"A{row + 1}"].font = BODY
    page.row_dimensions[row + 1].height = 30
    _printed(page, f"A1:J{row + 1}", landscape=False, repeated="12:12")
    notes = book.create_sheet("填表说明")
    notes.column_dimensions["A"].width = 80
    notes["A1"].alignment = LEFT
    notes["A1"].value = "1. 资金使用单位按项目填写；2. 执行率＝全年执行数÷全年预算数；3. 未完成指标值的应分析原因。"
    return _saved(book)


def _project_head(page: Worksheet) -> None:
    page.merge_cells("A1:J1")
    page["A1"].value, page["A1"].font, page["A1"].alignment = "项目支出绩效自评表", TITLE, MIDDLE
    page.merge_cells("A2:J2")
    page["A2"].value, page["A2"].font, page["A2"].alignment = "（2025 年度）", BODY, MIDDLE
    page.row_dimensions[1].height, page.row_dimensions[3].height, page.row_dimensions[4].height = 30, 24, 24
    put(page, "A3:C3", "项目名称", font=HEAD)
    put(page, "D3:J3", None, LEFT)
    put(page, "A4:C4", "主管部门", font=HEAD)
    put(page, "D4:F4", None, LEFT)
    put(page, "G4:H4", "实施单位", font=HEAD)
    put(page, "I4:J4", None, LEFT)
    put(page, "A5:C9", "项目资金\n（万元）", font=HEAD)
    for letter, text in zip(
        "DEFGHIJ", (None, "年初\n预算数", "全年\n预算数", "全年\n执行数", "分值", "执行率", "得分"), strict=True
    ):
        put(page, f"{letter}5", text, font=HEAD)
    page.row_dimensions[5].height = 30
    for row, text in enumerate(("年度资金总额", "其中：当年财政拨款", "　　　上年结转资金", "　　　其他资金"), start=6):
        put(page, f"D{row}", text, LEFT)
        for letter in "EFG":
            put(page, f"{letter}{row}", None, RIGHT, fmt="#,##0.00")
        for letter in "HIJ":
            put(page, f"{letter}{row}", "—" if row > 6 else None)
        page.row_dimensions[row].height = 20
    put(page, "H6", 10, RIGHT)
    put(page, "I6", '=IF(N(F6)=0,"",G6/F6)', RIGHT, fmt="0.00%")
    put(page, "J6", '=IF(N(F6)=0,"",ROUND(H6*MIN(1,G6/F6),2))', RIGHT, fmt="0.00")
    put(page, "A10:A11", "年度总体目标", UPRIGHT, font=HEAD)
    put(page, "B10:F10", "预期目标", font=HEAD)
    put(page, "G10:J10", "实际完成情况", font=HEAD)
    put(page, "B11:F11", None, LEFT)
    put(page, "G11:J11", None, LEFT)
    page.row_dimensions[11].height = 90
    heads = (
        "绩效指标",
        "一级指标",
        "二级指标",
        "三级指标",
        "年度\n指标值",
        "实际\n完成值",
        "分值",
        "得分",
        "偏差原因分析\n及改进措施",
    )
    for area, text in zip(("A12", *(f"{c}12" for c in "BCDEFGH"), "I12:J12"), heads, strict=True):
        put(page, area, text if area != "A12" else None, font=HEAD)
    page.row_dimensions[12].height = 30


def department_form() -> bytes:
    """Chongqing's form of a department: headers in two rows, no first level labels, one row an indicator."""
    book = openpyxl.Workbook()
    notes = book.active
    assert isinstance(notes, Worksheet)
    notes.title = "封面"
    notes["B2"].value = "部门整体绩效自评"
    page = book.create_sheet("附件1")
    widths = (26, 9, 9, 13, 13, 17, 11, 11, 11, 10)
    for letter, width in zip("ABCDEFGHIJ", widths, strict=True):
        page.column_dimensions[letter].width = width
    page.merge_cells("A1:J1")
    page["A1"].value, page["A1"].font, page["A1"].alignment = "2025年度部门整体绩效自评表", TITLE, MIDDLE
    page.row_dimensions[1].height = 32
    _department_head(page)
    last = 14 + 65
    for row in range(14, last + 1):
        for letter in "ABCDEFGHIJ":
            put(page, f"{letter}{row}", None, LEFT if letter == "A" else RIGHT if letter in "GHI" else MIDDLE)
        for letter in "GHI":
            page[f"{letter}{row}"].number_format = "0.00"
    put(page, f"A{last + 1}:G{last + 1}", "合　计", font=HEAD)
    put(page, f"H{last + 1}", f"=SUM(H14:H{last})", RIGHT, font=HEAD, fmt="0.00")
    put(page, f"I{last + 1}", f"=SUM(I14:I{last})", RIGHT, font=HEAD, fmt="0.00")
    put(page, f"J{last + 1}", None)
    put(page, f"A{last + 2}:J{last + 2}", "说明：得分系数＝指标得分÷指标权重；核心指标由部门选定。", LEFT)
    core = DataValidation(type="list", formula1='"是,否"', allow_blank=True)
    core.add(f"J14:J{last}")
    page.add_data_validation(core)
    red = PatternFill(bgColor="FFC7CE")
    page.conditional_formatting.add(f"G14:G{last}", FormulaRule(formula=["AND(ISNUMBER(G14),G14<60)"], fill=red))
    _printed(page, f"A1:J{last + 2}", landscape=True, repeated="12:13")
    return _saved(book)


def _department_head(page: Worksheet) -> None:
    put(page, "A2", "主管部门", font=HEAD)
    put(page, "B2:D2", None, LEFT)
    put(page, "E2", "财政处室", font=HEAD)
    put(page, "F2", None)
    put(page, "G2", "自评总分", font=HEAD)
    put(page, "H2", None, fmt="0.00")
    put(page, "I2", "联系人", font=HEAD)
    put(page, "J2", None)
    page.merge_cells("I3:J3")
    page["I3"].value, page["I3"].font, page["I3"].alignment = "单位：万元", BODY, RIGHT
    put(page, "A4:A5", "部门整体支出", font=HEAD)
    put(page, "B4:F4", "预算资金", font=HEAD)
    put(page, "G4:J4", "预算执行", font=HEAD)
    heads = (
        ("B5:C5", "年初预算数"),
        ("D5:E5", "全年（调整）预算数"),
        ("F5", "全年执行数"),
        ("G5", "执行率"),
        ("H5", "执行率权重"),
        ("I5:J5", "执行率得分"),
    )
    for area, text in heads:
        put(page, area, text, font=HEAD)
    for row, label in ((6, "总额"), (7, "其中：财政拨款"), (8, "其他资金")):
        put(page, f"A{row}", label)
        for area in (f"B{row}:C{row}", f"D{row}:E{row}", f"F{row}"):
            put(page, area, None, RIGHT, fmt="#,##0.00")
        put(page, f"G{row}", None, RIGHT, fmt="0.00%")
        put(page, f"H{row}", None, RIGHT, fmt="0.00")
        put(page, f"I{row}:J{row}", None, RIGHT, fmt="0.00")
    put(page, "A9:A10", "当年绩效目标", font=HEAD)
    for area, text in (("B9:D9", "年初绩效目标"), ("E9:F9", "全年（调整）绩效目标"), ("G9:J9", "全年目标实际完成情况")):
        put(page, area, text, font=HEAD)
    for area in ("B10:D10", "E10:F10", "G10:J10"):
        put(page, area, None, LEFT)
    page.row_dimensions[10].height = 120
    put(page, "A11:J11", "绩效指标", font=HEAD)
    for letter, text in (("A", "指标名称"), ("B", "计量\n单位"), ("C", "指标\n性质"), ("J", "是否核\n心指标")):
        put(page, f"{letter}12:{letter}13", text, font=HEAD)
    put(page, "D12:F12", "指标值", font=HEAD)
    put(page, "G12:I12", "评分", font=HEAD)
    for letter, text in zip(
        "DEFGHI", ("年初指标值", "调整指标值", "全年完成值", "得分系数（%）", "指标权重", "指标得分"), strict=True
    ):
        put(page, f"{letter}13", text, font=HEAD)
    page.row_dimensions[13].height = 28


def _printed(page: Worksheet, area: str, *, landscape: bool, repeated: str) -> None:
    page.print_area = area
    page.print_title_rows = repeated
    page.page_setup.paperSize = 9
    page.page_setup.orientation = "landscape" if landscape else "portrait"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_options.horizontalCentered = True
    footer = page.oddFooter
    assert footer is not None
    footer.center.text = "第 &P 页 共 &N 页"


def _saved(book: openpyxl.Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return canonical(target.getvalue(), moment=MOMENT)


def build() -> dict[str, bytes]:
    """Both empty forms by file name."""
    return {PROJECT: project_form(), DEPARTMENT: department_form()}


if __name__ == "__main__":
    for name, data in build().items():
        (FOLDER / name).write_bytes(data)
