"""Tampering (篡改): one cell of a real workbook changed in its bytes, as no library would do it; rows inserted by LibreOffice."""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from html import escape
from pathlib import Path

from jixiao_xl.files.ooxml import parts
from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.formulas import Checked, Counted, Value
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.workings import Workings
from jixiao_xl.stages.read import read
from jixiao_xl.stages.reconcile import reconcile
from jixiao_xl.stages.validate import validate

DESIGN_7 = {
    "formula-error",
    "formula-overwritten",
    "formula-pasted",
    "formula-changed",
    "not-calculated",
    "stale-value",
    "score-mismatch",
}


class Tampered:
    """A workbook whose cells can be replaced one at a time; every call starts from the workbook as it came."""

    def __init__(self, data: bytes) -> None:
        self.parts = parts(data)
        self.pages = _pages(self.parts)

    def formula(self, sheet: str, address: str) -> str:
        """The formula as it stands in the part, escaped as XML; a shared one that has no text is refused."""
        found = re.search(r"<f[^>]*>(.*?)</f>", self._cell(sheet, address))
        assert found, (sheet, address)
        return found[1]

    def with_cell(self, sheet: str, address: str, content: str, kind: str | None = None) -> bytes:
        """The workbook with this content (XML inside `<c>`) in one cell; its style stays."""
        style = re.search(r' s="\d+"', self._cell(sheet, address).partition(">")[0])
        opened = f'<c r="{address}"{style[0] if style else ""}' + (f' t="{kind}">' if kind else ">")
        cell = f"{opened}{content}</c>" if content else f"{opened[:-1]}/>"
        start, end = self._spans(sheet)[address]
        page = self._text(sheet)
        return _stored({**self.parts, self.pages[sheet]: f"{page[:start]}{cell}{page[end:]}".encode()})

    def _cell(self, sheet: str, address: str) -> str:
        start, end = self._spans(sheet)[address]
        return self._text(sheet)[start:end]

    @cache  # noqa: B019  # a test's workbook lives as long as the test
    def _text(self, sheet: str) -> str:
        return self.parts[self.pages[sheet]].decode()

    @cache  # noqa: B019
    def _spans(self, sheet: str) -> dict[str, tuple[int, int]]:
        return {found[1]: found.span() for found in _CELL.finditer(self._text(sheet))}


_CELL = re.compile(r'<c r="([A-Z]+\d+)"(?: [^>]*?)?(?:/>|>.*?</c>)', re.DOTALL)


def _pages(content: dict[str, bytes]) -> dict[str, str]:
    """The part of each sheet by its name."""
    relations = content["xl/_rels/workbook.xml.rels"].decode()
    targets: dict[str, str] = {}
    for tag in re.findall(r"<Relationship [^>]*>", relations):
        identity, target = re.search(r'Id="([^"]*)"', tag), re.search(r'Target="([^"]*)"', tag)
        if identity and target:
            targets[identity[1]] = target[1].removeprefix("/xl/")
    book = content["xl/workbook.xml"].decode()
    sheets = re.findall(r'<sheet [^>]*?name="([^"]*)"[^>]*?r:id="([^"]*)"', book)
    return {name: f"xl/{targets[relation]}" for name, relation in sheets}


def _stored(content: dict[str, bytes]) -> bytes:
    """The package without compression: thousands are made."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name, data in content.items():
            package.writestr(name, data)
    return target.getvalue()


# -- one workbook, looked at ------------------------------------------------------------------------------------


def look(workbooks: Sequence[bytes], mapping: Mapping, catalogue: Catalogue) -> list[list[Finding]]:
    """What reading, validating and reconciling finds in each workbook; they are looked at side by side."""
    names = [f"收到/{number}.xlsx" for number in range(len(workbooks))]
    batches = [read({name: data}, mapping, catalogue) for name, data in zip(names, workbooks, strict=True)]
    batch = Batch(tuple(submission for one, _ in batches for submission in one.submissions))
    batch, validating = validate(batch, mapping, catalogue)
    batch, reconciling = reconcile(batch, mapping, catalogue)
    found = [finding for _, findings in batches for finding in findings] + validating + reconciling
    return [[finding for finding in found if finding.place.file == name] for name in names]


def submission_of(data: bytes, mapping: Mapping, catalogue: Catalogue) -> Submission:
    """What was read of a workbook."""
    (submission,) = read({"收到/一份.xlsx": data}, mapping, catalogue)[0].submissions
    return submission


# -- the cases --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """One change of one formula cell, and the only finding that it may give."""

    key: CellKey
    sheet: str
    address: str
    data: bytes
    code: str
    found: Value
    due: Value


def cases(tampered: Tampered, submission: Submission, key: CellKey) -> Iterator[Case]:
    """The five changes of one formula cell."""
    sheet, address = submission.layout.titles[key.sheet], submission.layout.address(key)
    due = submission.workings.value(key)
    formula = tampered.formula(sheet, address)

    def case(code: str, found: Value, content: str, kind: str | None = None) -> Case:
        return Case(key, sheet, address, tampered.with_cell(sheet, address, content, kind), code, found, due)

    wrong = due + 1 if isinstance(due, Decimal) else Decimal(12345)
    yield case("formula-overwritten", wrong, f"<v>{wrong}</v>")
    if isinstance(due, Decimal):
        yield case("formula-pasted", due, f"<v>{float(due)!r}</v>")
    else:
        yield case("formula-pasted", due, f"<is><t>{escape(due or '')}</t></is>", "inlineStr")
    yield case("formula-changed", None, f"<f>IF(1=1,{formula},0)</f><v>1</v>")
    yield case("formula-overwritten", None, "")
    yield case("formula-error", "#DIV/0!", f"<f>{formula}</f><v>#DIV/0!</v>", "e")


def complaints(tried: Sequence[Case], mapping: Mapping, catalogue: Catalogue) -> list[str]:
    """What is wrong with the findings of these cases: exactly one each, at exactly its cell, with found and due."""
    found = look([case.data for case in tried], mapping, catalogue)
    return [words for case, findings in zip(tried, found, strict=True) if (words := _complaint(case, findings))]


def _complaint(case: Case, findings: list[Finding]) -> str | None:
    where = f"{case.sheet}!{case.address} {case.key} {case.code}"
    if [(f.code, f.place.sheet, f.place.cell) for f in findings] != [(case.code, case.sheet, case.address)]:
        return f"{where}: {[(f.code, f.place.sheet, f.place.cell) for f in findings]}"
    (finding,) = findings
    if case.code == "formula-changed":
        return None if finding.found and finding.expected and finding.found != finding.expected else where
    due = None if case.due is None else f"{case.due:f}" if isinstance(case.due, Decimal) else case.due
    same_due = finding.expected == due or (due is not None and Decimal(finding.expected or 0) == Decimal(due))
    same_found = (finding.found or "") == str(case.found if case.found is not None else "")
    if isinstance(case.found, Decimal):
        same_found = abs(Decimal(finding.found or "NaN") - case.found) < Decimal("1e-6")
    return None if same_due and same_found else f"{where}: {finding.found} {finding.expected}, due {due}"


# -- LibreOffice, as a section uses it --------------------------------------------------------------------------


def with_inserted_rows(python: str, workbooks: Sequence[bytes]) -> list[bytes]:
    """The workbooks after somebody opened them in LibreOffice, inserted rows on every sheet, and saved them.

    `python` is an interpreter that has LibreOffice's `uno`.
    """
    with tempfile.TemporaryDirectory(prefix="jixiao-rows-") as name:
        folder = Path(name)
        for number, data in enumerate(workbooks):
            (folder / f"in{number}.xlsx").write_bytes(data)
        script = Path(__file__).parent / "insert_rows.py"
        subprocess.run([python, str(script), name, str(len(workbooks))], capture_output=True, timeout=300, check=True)
        return [(folder / f"out{number}.xlsx").read_bytes() for number in range(len(workbooks))]


def changed_inputs(data: bytes, submission: Submission) -> dict[CellKey, bytes]:
    """The workbook with one number typed anew and nothing recalculated, by the cell; only where a result changes."""
    tampered = Tampered(data)
    changed: dict[CellKey, bytes] = {}
    for key, value in submission.inputs.items():
        cell = submission.form.cells.get(key)
        if cell is None or not cell.is_input or not isinstance(value, Decimal) or not value:
            continue
        other = Workings(submission.form, {**submission.inputs, key: value / 2}, submission.added_rows)
        if any(_differs(submission, other, formula) for formula in submission.formulas):
            sheet, address = submission.layout.titles[key.sheet], submission.layout.address(key)
            changed[key] = tampered.with_cell(sheet, address, f"<v>{float(value / 2)!r}</v>")
    return changed


def _differs(submission: Submission, other: Workings, key: CellKey) -> bool:
    """Whether a total, a change, a rate or a score is another one; the states of checks are not compared."""
    cell = submission.workings.cell(key)
    if cell is None or isinstance(cell.formula, Checked | Counted):
        return False
    return submission.workings.value(key) != other.value(key)
