"""A small office (小街道): the sample's department with one of its sections, for tests that package it many times."""

from __future__ import annotations

import io
from collections.abc import Collection
from collections.abc import Mapping as Dictionary
from datetime import date
from pathlib import Path

import openpyxl
from build_samples import keyed_cells

from jixiao_xl import verbs
from jixiao_xl.files.ooxml import parts, zipped
from jixiao_xl.model.documents import OutputsDocument, consolidate_document
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.review import Review
from jixiao_xl.model.setting import Setting
from jixiao_xl.pipeline import run_stages
from jixiao_xl.stages.package import Contents, package
from jixiao_xl.workspace import open_workspace
from tests.office import Content, sheet_of, write

DEPARTMENT, SECTION = "革新街道办事处", "党政办公室"
UNITS = {"street_office": DEPARTMENT, "party_office": SECTION}
DAY = date(2026, 4, 20)
Typed = Dictionary[tuple[str, str, str], Content]  # sheet, row key, column key


def small_workspace(folder: Path, filled: Dictionary[str, bytes], *, department: str = DEPARTMENT) -> Path:
    """A workspace of two units, everything received; its mapping asks for no other section."""
    verbs.init(folder, department=department, year=2025)
    only_units(folder, UNITS)
    for unit, name in UNITS.items():
        (folder / "收到" / f"{name}.xlsx").write_bytes(renamed(filled[unit], department))
    return folder


def only_units(workspace: Path, units: Collection[str]) -> None:
    """Take all other units out of a workspace's mapping, with the check that adds all of them up."""
    mapping = workspace / "mappings" / "2025"
    for name in ("units.csv", "indicators.csv", "projects.csv"):
        lines = (mapping / name).read_text(encoding="utf-8-sig").splitlines()
        kept = [lines[0], *(line for line in lines[1:] if line.split(",")[0] in units)]
        (mapping / name).write_text("\n".join(kept) + "\n", encoding="utf-8")
    checks = (mapping / "checks.yaml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in checks if "scope: tree" not in line]
    (mapping / "checks.yaml").write_text("\n".join(kept) + "\n", encoding="utf-8")


def renamed(workbook: bytes, department: str) -> bytes:
    """The workbook as another department would have been sent it."""
    old = DEPARTMENT.encode("ascii", "xmlcharrefreplace")  # as openpyxl writes it
    new = department.encode("ascii", "xmlcharrefreplace")
    content = {
        name: data.replace(old, new) if name.endswith(".xml") else data for name, data in parts(workbook).items()
    }
    return workbook if department == DEPARTMENT else zipped(content)


def typed(workbook: bytes, contents: Typed) -> bytes:
    """The workbook after a person typed into it, found by the keys."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    for (sheet, row, column), content in contents.items():
        page = sheet_of(book, sheet)
        write(page, *keyed_cells(page)[row, column], content)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def made_package(workspace: Path, *, number: int = 1) -> tuple[bytes, Mapping]:
    """The package of a workspace as its verb would make it, without report and forms; and the workspace's mapping."""
    office = open_workspace(workspace)
    mapping = office.mapping()
    received = {f"收到/{path.name}": path.read_bytes() for path in sorted((workspace / "收到").iterdir())}
    setting = Setting(DAY, mapping.deadline, partial=False)
    result = run_stages(received, {}, {}, Review(), mapping, setting, lambda _: None)
    outputs = OutputsDocument(summary=None, report=None, appendix=None, returned=[], record=None)
    document = consolidate_document(result, mapping.root.code, mapping.year, outputs)
    contents = Contents(number, DAY, "0", {}, received, office.mapping_files(), None, document)
    return package(result, contents, mapping)[1], mapping
