"""Every formula cell of every sample workbook, one at a time (逐格对账): the long form of tests/test_reconcile.py.

Each cell is overwritten, pasted, changed, emptied and put in error; each input is changed without recalculation; in
the workbook as it came, after LibreOffice saved it, and after rows were inserted above. About 35,000 workbooks; a
quarter of an hour on two cores.

Run from the repository: python tests/acceptance/reconcile_every_cell.py [/usr/bin/python3]
The argument is an interpreter that has LibreOffice's `uno` (Debian: python3-uno).
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from multiprocessing import Pool
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "samples")]

from jixiao_xl.files.recalc import recalculate  # noqa: E402
from jixiao_xl.workspace import load_mapping, package_mappings  # noqa: E402
from tests.tampering import (  # noqa: E402
    DESIGN_7,
    Case,
    Tampered,
    cases,
    changed_inputs,
    complaints,
    look,
    submission_of,
    with_inserted_rows,
)

TOGETHER = 100
MAPPING = load_mapping(package_mappings() / "2025", 2025)
CATALOGUE = MAPPING.catalogue


def chunks(data: bytes) -> Iterator[list[Case]]:
    """All cases of a workbook, so many together."""
    submission, tampered = submission_of(data, MAPPING, CATALOGUE), Tampered(data)
    every = (case for key in submission.formulas for case in cases(tampered, submission, key))
    while chunk := list(islice(every, TOGETHER)):
        yield chunk


def examine(job: tuple[str, bytes]) -> tuple[str, int, list[str]]:
    """The name of a workbook, how many cases were tried, and what was wrong."""
    name, data = job
    tried, wrong = 0, []
    for chunk in chunks(data):
        tried += len(chunk)
        wrong += complaints(chunk, MAPPING, CATALOGUE)
    changed = changed_inputs(data, submission_of(data, MAPPING, CATALOGUE))
    for key, findings in zip(changed, look(list(changed.values()), MAPPING, CATALOGUE), strict=True):
        codes = [finding.code for finding in findings if finding.code in DESIGN_7]
        wrong += [] if codes == ["stale-value"] else [f"{key}: {codes}"]
    return name, tried + len(changed), wrong


def jobs(python: str) -> Sequence[tuple[str, bytes]]:
    """The sample workbooks in their three forms."""
    paths = sorted((ROOT / "samples" / "革新街道办事处2025" / "in" / "收到").glob("*.xlsx"))
    books = [path.read_bytes() for path in paths]
    soffice = shutil.which("soffice") or "soffice"
    forms = {
        "as it came": books,
        "saved by LibreOffice": recalculate(soffice, books, 300),
        "rows inserted": with_inserted_rows(python, books),
    }
    return [
        (f"{path.stem}, {form}", data) for form, made in forms.items() for path, data in zip(paths, made, strict=True)
    ]


def main() -> int:
    """Print a line a workbook; exit 1 where anything was wrong."""
    begun, total, failed = time.monotonic(), 0, 0
    with Pool(2) as pool:
        for name, tried, wrong in pool.imap_unordered(
            examine, jobs(sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/python3")
        ):
            total, failed = total + tried, failed + len(wrong)
            print(f"{name}: {tried} cases, {len(wrong)} wrong", *wrong[:10], sep="\n    ", flush=True)
    print(f"{total - failed} passed, {failed} failed in {time.monotonic() - begun:.0f} s")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
