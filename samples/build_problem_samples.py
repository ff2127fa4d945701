"""Build the problem samples (生成问题样例): the good sample's workbooks with the defects of defects.yaml, and expected/.

Run from the repository: python samples/build_problem_samples.py
Two files cannot be made twice alike (a random salt, LibreOffice): they stay as they are, and are made where missing.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from build_samples import SAMPLE
from problem_sample import expected
from problem_sample.calculated import calculated, with_values
from problem_sample.edits import Bench
from problem_sample.packages import with_link, with_macro
from problem_sample.strange_files import content_of, encrypted, old_format
from problem_sample.table import Case, Defect, load

from jixiao_xl.files.ooxml import canonical
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.stages.issue import MOMENT, issue
from jixiao_xl.workspace import load_mapping, package_mappings

PROBLEMS = SAMPLE.parent / "问题样例"
CASES = (PROBLEMS, PROBLEMS / "缺交重交")
SETTINGS = "jixiao.toml"


def build(folder: Path) -> dict[str, bytes]:
    """Every file of a case's in/ and expected/ by its path in the case."""
    mapping = load_mapping(package_mappings() / "2025", 2025)
    case = load(folder / "defects.yaml")
    good = {unit.code: _good(unit.name) for unit in mapping.units}
    received = {f"in/{name}": data for name, data in _received(case, good, folder / "in", mapping).items()}
    settings = (SAMPLE / "in" / SETTINGS).read_bytes()
    found = {f"expected/{name}": data for name, data in expected.files(case, mapping).items()}
    return {f"in/{SETTINGS}": settings, **received, **found}


def defective(workbook: bytes, defects: Sequence[Defect]) -> bytes:
    """The workbook after somebody did all this and saved it with a spreadsheet program."""
    bench = Bench(workbook)
    for defect in defects:
        bench.apply(defect)
    links = [defect.linked for defect in defects if defect.linked is not None]
    shown = {bench.address(link.cell): link.shows for link in links}
    values = calculated(bench.data(), shown)
    for defect in defects:
        bench.apply_afterwards(defect, values)
    data = bench.data()
    if not any(defect.uncalculated for defect in defects):
        data = with_values(data, values)
    for link in links:
        data = with_link(data, link)
    if any(defect.macro for defect in defects):
        data = with_macro(data)
    return canonical(data, moment=MOMENT)


def _received(case: Case, good: dict[str, bytes], kept: Path, mapping: Mapping) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for unit in mapping.units:
        if case.came and unit.code not in case.came:
            continue
        defects = case.workbooks[unit.code].defects if unit.code in case.workbooks else ()
        changed = any(defect.does_something for defect in defects)
        data = defective(good[unit.code], defects) if changed else good[unit.code]
        files[expected.file_of(unit.code, case, mapping)] = data
    for file in case.files:
        workbook = good[file.of] if file.of else b""
        files[f"{expected.RECEIVED}/{file.name}"] = content_of(file, workbook, kept / expected.RECEIVED, defective)
    return files


def _good(name: str) -> bytes:
    return (SAMPLE / "in" / expected.RECEIVED / f"{name}.xlsx").read_bytes()


def make_kept_files(folder: Path, mapping: Mapping) -> None:
    """The two files that no script makes twice alike, where they are missing."""
    for file in load(folder / "defects.yaml").files:
        path = folder / "in" / expected.RECEIVED / file.name
        if file.make != "kept" or path.is_file():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if file.expect == "file-encrypted":
            path.write_bytes(encrypted(_good("行政综合服务中心")))
        else:
            path.write_bytes(old_format(issue(mapping, "party_building_office")[1]))


def main() -> None:
    """Write every case anew."""
    for folder in CASES:
        make_kept_files(folder, load_mapping(package_mappings() / "2025", 2025))
        content = build(folder)
        for name in ("in", "expected"):
            shutil.rmtree(folder / name, ignore_errors=True)
        for name, data in content.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        print(folder.name, len(content), sum(map(len, content.values())))


if __name__ == "__main__":
    main()
