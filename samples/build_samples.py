"""Build the sample (生成示例), and show how an outside program fills a workbook: by its keys, with openpyxl alone.

Run from the repository: python samples/build_samples.py
"""

from __future__ import annotations

import io
import tempfile
from datetime import date
from pathlib import Path

import openpyxl
import yaml
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from jixiao_xl import verbs
from jixiao_xl.files.author import lines_needed
from jixiao_xl.files.ooxml import canonical
from jixiao_xl.files.patch import Stored, patch
from jixiao_xl.model.batch import Batch
from jixiao_xl.stages.issue import MOMENT
from jixiao_xl.stages.read import read
from jixiao_xl.workspace import open_workspace

SAMPLE = Path(__file__).resolve().parent / "革新街道办事处2025"
SHEETS = {
    "cover": "封面",
    "department": "部门情况",
    "organisation": "自评组织",
    "finance": "收支表",
    "indicators": "指标评分表",
    "targets": "目标与问题",
    "evidence": "佐证材料",
    "self_check": "自查",
}
Filled = dict[str, dict[str, dict[str, str | int | float | date]]]  # sheet -> row key -> column key -> value


# -- the example: any program can do this with an issued workbook ----------------------------------------------


def fill(workbook: bytes, values: Filled) -> bytes:
    """The issued workbook with `values` in its cells, found by the keys in column A and in the `columns:` rows."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    for sheet, rows in values.items():
        page: Worksheet = book[SHEETS[sheet]]
        for (row_key, column_key), (row, column) in keyed_cells(page).items():
            if column_key in rows.get(row_key, {}):
                page.cell(row, column, rows[row_key][column_key])
        grow_rows(page)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def grow_rows(page: Worksheet) -> None:
    """Rows as high as their longest text, as Excel makes them while somebody types."""
    groups = page.column_dimensions.values()  # openpyxl keeps neighbours of one width as one group
    widths = {number: group.width for group in groups for number in range(group.min or 1, (group.max or 1) + 1)}
    for number, row in enumerate(page.iter_rows(), start=1):
        texts = [cell for cell in row if isinstance(cell, Cell) and wraps(page, cell)]
        lines = max((lines_needed(str(cell.value), widths[cell.column]) for cell in texts), default=1)
        height = page.row_dimensions[number].height or 0
        if lines > 1 and height < lines * 15 + 5:
            page.row_dimensions[number].height = lines * 15 + 5


def wraps(page: Worksheet, cell: Cell) -> bool:
    """Whether a cell holds text that wraps within its own column."""
    return cell.data_type == "s" and bool(cell.alignment.wrap_text) and cell.coordinate not in page.merged_cells


def keyed_cells(page: Worksheet) -> dict[tuple[str, str], tuple[int, int]]:
    """Row and column number of every cell, by row key and column key."""
    cells: dict[tuple[str, str], tuple[int, int]] = {}
    columns: dict[int, str] = {}
    for number, row in enumerate(page.iter_rows(values_only=True), start=1):
        key = str(row[0] or "")
        if key.startswith("columns:"):
            columns = {column: str(name) for column, name in enumerate(row[1:], start=2) if name}
        elif key:
            cells.update({(key, name): (number, column) for column, name in columns.items()})
    return cells


# -- the sample ------------------------------------------------------------------------------------------------


def build() -> dict[str, bytes]:
    """The nine filled workbooks by file name, as Excel would save them: stored values beside the formulas."""
    content: dict[str, Filled] = yaml.safe_load((SAMPLE / "values.yaml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "示例"
        verbs.init(workspace, department="革新街道办事处", year=2025)
        mapping = open_workspace(workspace).mapping()
        issued = {path.name: path.read_bytes() for path in verbs.issue(workspace, unit=None).values()}
    catalogue = mapping.catalogue
    filled: dict[str, bytes] = {}
    for unit in mapping.units:
        name = f"{unit.name}.xlsx"
        data = fill(issued[name], content[unit.code])
        batch, _ = read({name: data}, mapping, catalogue)
        filled[name] = canonical(_calculated(data, batch), moment=MOMENT)
    return filled


def _calculated(data: bytes, batch: Batch) -> bytes:
    """The workbook with Python's value stored in every formula cell, as a spreadsheet program stores its own."""
    submission = batch.submissions[0]
    values: dict[str, dict[str, Stored]] = {}
    for key in submission.formulas:
        due = submission.workings.value(key)
        shown = "" if due is None else due if isinstance(due, str) else float(due)
        values.setdefault(submission.layout.titles[key.sheet], {})[submission.layout.address(key)] = Stored(shown)
    return patch(data, values, recalculate=False, keep_macros=True)


def main() -> None:
    """Write the nine workbooks into the sample."""
    folder = SAMPLE / "in" / "收到"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in build().items():
        (folder / name).write_bytes(data)
        print(name, len(data))


if __name__ == "__main__":
    main()
