"""What a run must find (应有结果), worked out from the table of defects and the form's layout, never from a run."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from jixiao_xl.model.form_builder import build_form
from jixiao_xl.model.layout import pristine_layout
from jixiao_xl.model.mapping import Mapping
from problem_sample.table import Case, Defect, ExtraFile, cell_key, expectation

RECEIVED: Final = "收到"


class Row(NamedTuple):
    """One finding; sheet and cell are empty where it names the file or the sheet as a whole."""

    unit: str
    file: str
    sheet: str
    cell: str
    code: str
    severity: str
    why: str


def rows(case: Case, mapping: Mapping) -> list[Row]:
    """Every finding that the case must give, in the order of the table."""
    found: list[Row] = []
    for unit, workbook in case.workbooks.items():
        for defect in workbook.defects:
            found.extend(_of_defect(defect, unit, case, mapping))
    found.extend(_of_file(file, mapping) for file in case.files)
    found.extend(_of_absence(case, mapping))
    return found


def file_of(unit: str, case: Case, mapping: Mapping) -> str:
    """The path of a unit's workbook in its workspace."""
    own = case.workbooks[unit].file if unit in case.workbooks else None
    return f"{RECEIVED}/{own or mapping.unit_by_code[unit].name + '.xlsx'}"


def _of_defect(defect: Defect, unit: str, case: Case, mapping: Mapping) -> Iterator[Row]:
    for text in defect.expect:
        code, severity, written = expectation(text)
        owner, _, place = (written or defect.cell).rpartition("/")
        owner = owner or unit
        sheet, cell = _address(owner, place, mapping)
        severity = severity or mapping.finding_texts[code].severity
        yield Row(owner, file_of(owner, case, mapping), sheet, cell, code, severity, defect.why)


def _address(unit: str, place: str, mapping: Mapping) -> tuple[str, str]:
    """Title and address of a place: `sheet.row.column`, `sheet!B35`, `sheet`, or `file`."""
    if place == "file":
        return "", ""
    form = build_form(mapping, unit)
    layout = pristine_layout(form)
    sheet, _, address = place.partition("!")
    if address or "." not in place:
        return layout.titles[sheet], address
    key = cell_key(place)
    return layout.titles[key.sheet], layout.address(key)


def _of_file(file: ExtraFile, mapping: Mapping) -> Row:
    code, severity, _ = expectation(file.expect)
    severity = severity or mapping.finding_texts[code].severity
    return Row(file.unit, f"{RECEIVED}/{file.name}", "", "", code, severity, file.why)


def _of_absence(case: Case, mapping: Mapping) -> Iterator[Row]:
    """Units of which nothing came; the deadline has passed on the day that cmd.txt names."""
    for unit in mapping.units:
        if case.came and unit.code not in case.came:
            yield Row(unit.code, "", "", "", "missing-submission", "must_fix", f"过了截止日期，{unit.name}还没有交")


# -- as files ----------------------------------------------------------------------------------------------------

FINDING_COLUMNS: Final = ("unit", "file", "sheet", "cell", "code", "severity", "说明")
ORG_COLUMNS: Final = ("unit", "单位", "status", "late", "must_fix", "explain", "note")


def files(case: Case, mapping: Mapping) -> dict[str, bytes]:
    """The content of expected/, by file name."""
    expected = rows(case, mapping)
    fixes = any(row.severity == "must_fix" for row in expected)
    headline = {"exit_code": int(fixes), "score": None, "grade": None, "grade_shown": None}
    return {
        "findings.csv": table(FINDING_COLUMNS, expected),
        "orgs.csv": table(ORG_COLUMNS, _orgs(expected, case, mapping)),
        "headline.json": (json.dumps(headline, ensure_ascii=False, indent=1) + "\n").encode(),
    }


def table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> bytes:
    """A CSV file as Excel opens it: UTF-8 with BOM."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(lines)
    return target.getvalue().encode("utf-8-sig")


def _orgs(expected: Sequence[Row], case: Case, mapping: Mapping) -> Iterator[tuple[str, ...]]:
    """Where every unit must stand, by the gravest of its findings (DESIGN 8)."""
    for unit in mapping.units:
        own = Counter(row.severity for row in expected if row.unit == unit.code)
        came = not case.came or unit.code in case.came
        refused = any(row.code == "duplicate-submission" for row in expected if row.unit == unit.code)
        if not came:
            status = "missing"
        elif refused:
            status = "refused"
        else:
            status = "to_fix" if own["must_fix"] else "to_explain" if own["explain"] else "accepted"
        late = "true" if not came or refused else "false"
        counts = (str(own[severity]) for severity in ("must_fix", "explain", "note"))
        yield (unit.code, unit.name, status, late, *counts)
