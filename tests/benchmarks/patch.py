"""Patching beside openpyxl's load and save (回写): the sample's workbooks, 150 cells on two sheets, interleaved, as ratios.

Twice: results written back, on which little depends, and money typed in, from which half a sheet is computed.

Run: python tests/benchmarks/patch.py [RUNS]
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import Cell

from jixiao_xl.files.cells import read_workbook
from jixiao_xl.files.patch import Content, Stored, patch

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "革新街道办事处2025" / "in" / "收到"
SETS = {"results": ("指标评分表", "校验结果"), "inputs": ("收支表", "校验结果")}
Writes = dict[str, dict[str, Content]]


def writes_for(data: bytes, sheets: tuple[str, ...]) -> Writes:
    """Numbers and texts for 75 cells without a formula on each sheet."""
    chosen: Writes = {}
    for sheet in read_workbook(data).sheets:
        if sheet.name in sheets:
            formulas = {cell.address for cell in sheet.cells if cell.formula is not None}
            letters = "QRST" if sheet.name == "指标评分表" else "BCDEFG"
            free = [f"{letter}{row}" for row in range(4, 35) for letter in letters]
            cells = [address for address in free if address not in formulas][:75]
            chosen[sheet.name] = {a: f"第{n}条" if n % 3 else n / 7 for n, a in enumerate(cells)}
    return chosen


def by_patch(data: bytes, writes: Writes) -> None:
    """Ours."""
    patch(data, writes)


def by_openpyxl(data: bytes, writes: Writes) -> None:
    """The same cells by openpyxl, which keeps no stored value and loses what it does not know."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for name, cells in writes.items():
        for address, content in cells.items():
            cell = book[name][address]
            if isinstance(cell, Cell) and not isinstance(content, Stored):
                cell.value = content
    book.save(io.BytesIO())


def seconds(way: Callable[[bytes, Writes], None], data: bytes, writes: Writes) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    way(data, writes)
    return time.perf_counter() - start


def main(runs: int) -> None:
    """Print min, median and max of each in milliseconds, and of the ratio openpyxl ÷ patch pair by pair."""
    files = [path.read_bytes() for path in sorted(SAMPLE.glob("*.xlsx"))]
    for title, sheets in SETS.items():
        workbooks = [(data, writes_for(data, sheets)) for data in files]
        cells = sum(len(cells) for _, writes in workbooks for cells in writes.values())
        print(f"{title}: {len(workbooks)} workbooks, {cells / len(workbooks):.0f} cells each")
        times: dict[str, list[float]] = {"openpyxl": [], "patch": []}
        for data, writes in workbooks * runs:
            times["openpyxl"].append(seconds(by_openpyxl, data, writes))
            times["patch"].append(seconds(by_patch, data, writes))
        ratios = [slow / fast for slow, fast in zip(times["openpyxl"], times["patch"], strict=True)]
        milliseconds = {f"{name}, ms": [1000 * one for one in row] for name, row in times.items()}
        for name, row in [*milliseconds.items(), ("openpyxl ÷ patch", ratios)]:
            print(f"{name:18} min {min(row):7.2f}  median {statistics.median(row):7.2f}  max {max(row):7.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
