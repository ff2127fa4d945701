"""The samples (样例) as whole cases: the command of cmd.txt, run as a program, finds exactly what expected/ lists."""

from __future__ import annotations

import csv
import io
import json
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import build_problem_samples
import openpyxl
import pytest

from jixiao_xl.files.recalc import libreoffice_values, workbook_values
from jixiao_xl.model.documents import ConsolidateDocument, FindingDocument
from tests.conftest import REPOSITORY
from tests.office import sheet_of

SAMPLES = REPOSITORY / "samples"
CASES = {path.parent.relative_to(SAMPLES).as_posix(): path.parent for path in sorted(SAMPLES.rglob("cmd.txt"))}
PROBLEMS = "问题样例"
FINDINGS, ORGS, FACTS, HEADLINE = "findings.csv", "orgs.csv", "facts.csv", "headline.json"
RESULTS, FIRST_RESULT = "校验结果", 4
NAMES_ONLY = {"unit", "单位", "id", "名称"}


@dataclass(frozen=True)
class Run:
    """A case after its command."""

    folder: Path
    exit_code: int
    document: ConsolidateDocument


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A copy of each case, its command run there as a person types it."""
    source = CASES[str(request.param)]
    folder = tmp_path_factory.mktemp("样例") / source.name
    for name in ("in", "expected"):
        shutil.copytree(source / name, folder / name)
    program, *arguments = shlex.split((source / "cmd.txt").read_text(encoding="utf-8"))
    assert program == "jixiao-xl"
    command = [sys.executable, "-m", "jixiao_xl", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    return Run(folder, done.returncode, ConsolidateDocument.model_validate_json(done.stdout))


def test_a_run_finds_exactly_what_is_expected(case: Run) -> None:
    """Nothing missing, nothing extra: unit, file, sheet, cell, code and severity, each as often as it should be."""
    found = Counter(_as_row(finding) for finding in case.document.findings)
    expected = Counter(tuple(row.values())[:6] for row in _table(case, FINDINGS))
    assert (expected - found, found - expected) == (Counter(), Counter())


def test_every_unit_stands_where_it_should(case: Run) -> None:
    """Status, lateness, counts, and where the sample has them scores and grades."""
    units = {org.code: org.model_dump() for org in case.document.orgs}
    for row in _table(case, ORGS):
        unit = units.pop(row["unit"])
        assert {name: _text(unit[name]) for name in row.keys() - NAMES_ONLY} == _values(row), row["unit"]
    assert units == {}


def test_the_headline_is_the_expected_one(case: Run) -> None:
    """Score, grade and exit code; the facts where the department has a result."""
    headline = json.loads((case.folder / "expected" / HEADLINE).read_bytes())
    assert headline.pop("exit_code") == case.exit_code
    assert {name: getattr(case.document, name) for name in headline} == headline
    if (case.folder / "expected" / FACTS).is_file():
        rows = {row["id"]: _values(row) for row in _table(case, FACTS)}
        facts = {name: fact.model_dump() for name, fact in case.document.facts.items()}
        shown = {name: {key: _text(fact[key]) for key in rows.get(name, ())} for name, fact in facts.items()}
        assert shown == rows


def test_every_workbook_that_could_be_read_comes_back_with_its_own_findings(case: Run) -> None:
    """校验结果 lists them all and nothing else, and openpyxl opens what we wrote."""
    returned = {Path(path).name: case.folder / "in" / path for path in case.document.outputs.returned}
    read = {org.code: org.name for org in case.document.orgs if org.status in ("accepted", "to_explain", "to_fix")}
    assert set(returned) == {f"{name}.xlsx" for name in read.values()}
    for code, name in read.items():
        book = openpyxl.load_workbook(returned[f"{name}.xlsx"])
        lines = sheet_of(book, RESULTS).iter_rows(min_row=FIRST_RESULT, min_col=2, max_col=4, values_only=True)
        listed = Counter((line[0], line[2]) for line in lines if line[0])
        assert listed == Counter((f.id, f.code) for f in case.document.findings if f.unit == code), name


def test_the_problem_sample_is_rich_enough() -> None:
    """At least 40 planted defects of at least 30 codes, from the contract."""
    codes = [row["code"] for row in _rows((CASES[PROBLEMS] / "expected" / FINDINGS).read_bytes())]
    assert len(codes) >= 40
    assert len(set(codes)) >= 30


@pytest.mark.parametrize("folder", build_problem_samples.CASES, ids=lambda folder: folder.name)
def test_the_committed_problem_samples_are_what_the_table_of_defects_makes(folder: Path) -> None:
    """Byte by byte, in/ and expected/; no file too many."""
    made = build_problem_samples.build(folder)
    there = {path.relative_to(folder).as_posix(): path for name in ("in", "expected") for path in _files(folder / name)}
    assert there.keys() == made.keys()
    assert [name for name, path in there.items() if path.read_bytes() != made[name]] == []


def test_the_samples_stay_small() -> None:
    """They travel in the wheel."""
    assert sum(path.stat().st_size for path in _files(CASES[PROBLEMS])) < 1_500_000


@pytest.mark.office
def test_libreoffice_computes_what_is_stored_in_the_problem_sample(soffice: str) -> None:
    """The workbooks look as a spreadsheet program saved them, but for the two whose defect is that they do not."""
    rows = _rows((CASES[PROBLEMS] / "expected" / FINDINGS).read_bytes())
    unsaved = {row["file"] for row in rows if row["code"] in ("stale-value", "not-calculated")}
    paths = [CASES[PROBLEMS] / "in" / file for file in sorted({row["file"] for row in rows if row["sheet"]} - unsaved)]
    recalculated = libreoffice_values(soffice, [path.read_bytes() for path in paths])
    for path, after in zip(paths, recalculated, strict=True):
        for sheet, cells in workbook_values(path.read_bytes()).items():
            wrong = {a: (v, after[sheet].get(a)) for a, v in cells.items() if not _same(v, after[sheet].get(a))}
            assert wrong == {}, (path.name, sheet)


# -- reading expected/ -------------------------------------------------------------------------------------------


def _as_row(finding: FindingDocument) -> tuple[str, ...]:
    place = (finding.unit, finding.file, finding.sheet, finding.cell)
    return (*(part or "" for part in place), finding.code, finding.severity)


def _table(case: Run, name: str) -> list[dict[str, str]]:
    return _rows((case.folder / "expected" / name).read_bytes())


def _rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def _values(row: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if name not in NAMES_ONLY}


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _same(stored: object, recomputed: object) -> bool:
    close = isinstance(stored, float) and isinstance(recomputed, float) and abs(stored - recomputed) < 1e-9
    return close or stored == recomputed or {stored, recomputed} <= {"", None}
