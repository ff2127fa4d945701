"""Read (读取): name and bytes of returned workbooks into a batch, by keys, with what is wrong with file and structure.

Nothing is repaired here: what was understood in another way than it was typed is kept as `Misread` for `validate`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping as Files
from dataclasses import dataclass

from jixiao_xl.files.cells import UnreadableWorkbook, Workbook, read_workbook
from jixiao_xl.files.triage import triage
from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.form import META_SHEET, Form
from jixiao_xl.model.form_builder import build_form
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.places import Place
from jixiao_xl.stages.read.sheets import read_submission


@dataclass(frozen=True, slots=True)
class Identity:
    """What a workbook says of itself in its hidden sheet."""

    template: str
    template_version: str
    unit: str
    year: str


def read(files: Files[str, bytes], mapping: Mapping, catalogue: Catalogue) -> tuple[Batch, list[Finding]]:
    """The batch of all readable files, by unit in the order of units.csv, and the findings of file and structure."""
    submissions: list[Submission] = []
    findings: list[Finding] = []
    for name, data in files.items():
        submission, found = _read_file(name, data, mapping, catalogue)
        findings.extend(found)
        if submission is not None:
            submissions.append(submission)
    chosen, duplicates = _one_per_unit(submissions, catalogue)
    refused = {finding.place.file for finding in duplicates}
    findings = [finding for finding in findings if finding.place.file not in refused]
    order = {unit.code: position for position, unit in enumerate(mapping.units)}
    ordered = sorted(chosen, key=lambda submission: order[submission.unit])
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    return Batch(tuple(ordered), inputs=sums), [*findings, *duplicates]


def _read_file(
    name: str, data: bytes, mapping: Mapping, catalogue: Catalogue
) -> tuple[Submission | None, list[Finding]]:
    verdict = triage(name, data)
    here = Place(name)
    if verdict.code is not None:
        return None, [catalogue.at(verdict.code, here)]
    if verdict.kind == "legacy":
        return None, [catalogue.at("file-legacy", here)]
    try:
        workbook = read_workbook(data)
    except UnreadableWorkbook as error:
        return None, [catalogue.at(error.code, here, detail=str(error))]
    identity = _identity(workbook)
    form, refusal = _form_for(identity, mapping, catalogue, here)
    if form is None or identity is None:
        return None, refusal
    here = Place(name, form.unit)
    submission, findings = read_submission(workbook, form, name, hashlib.sha256(data).hexdigest(), catalogue)
    findings.extend(catalogue.at(code, here) for code in verdict.remarks if code != "file-legacy")
    if identity.template_version != form.template_version:
        found, expected = identity.template_version, form.template_version
        findings.append(catalogue.at("old-template", here, found=found, expected=expected))
    return submission, findings


def year_of(data: bytes) -> int | None:
    """The year that a workbook of ours names, or None."""
    if triage("", data).code is not None:
        return None
    try:
        identity = _identity(read_workbook(data))
    except UnreadableWorkbook:
        return None
    return int(identity.year) if identity and identity.year.isdigit() else None


def _identity(workbook: Workbook) -> Identity | None:
    """What `_meta` says, or None where the workbook is not one of ours."""
    meta = next((sheet for sheet in workbook.sheets if sheet.name == META_SHEET), None)
    if meta is None:
        return None
    values: dict[str, str] = {}
    names = {cell.row: str(cell.value) for cell in meta.cells if cell.column == 1}
    for cell in meta.cells:
        if cell.column == 2 and cell.row in names:
            text = f"{cell.value:.15g}" if isinstance(cell.value, float) else str(cell.value)
            values[names[cell.row]] = text.strip()
    if not {"template", "unit", "year"} <= values.keys():
        return None
    return Identity(values["template"], values.get("template_version", ""), values["unit"], values["year"])


def _form_for(
    identity: Identity | None, mapping: Mapping, catalogue: Catalogue, here: Place
) -> tuple[Form | None, list[Finding]]:
    """The form that the workbook should have, or the one refusing finding that says why there is none."""
    if identity is None or identity.template not in mapping.forms.templates.values():
        found = identity.template if identity else None
        return None, [catalogue.at("wrong-template", here, found=found)]
    if identity.unit not in mapping.unit_by_code:
        return None, [catalogue.at("unknown-unit", here, found=identity.unit)]
    here = Place(here.file, identity.unit)
    if identity.year != str(mapping.year):
        return None, [catalogue.at("wrong-year", here, found=identity.year, expected=str(mapping.year))]
    form = build_form(mapping, identity.unit)
    if identity.template != form.template:
        return None, [catalogue.at("wrong-template", here, found=identity.template, expected=form.template)]
    return form, []


def _one_per_unit(submissions: list[Submission], catalogue: Catalogue) -> tuple[list[Submission], list[Finding]]:
    """One workbook a unit; two different ones are both refused, the same one twice is one."""
    by_unit: dict[str, list[Submission]] = defaultdict(list)
    for submission in submissions:
        by_unit[submission.unit].append(submission)
    chosen: list[Submission] = []
    findings: list[Finding] = []
    for rivals in by_unit.values():
        if len({rival.sha256 for rival in rivals}) == 1:
            chosen.append(rivals[0])
            continue
        names = "、".join(rival.file.rsplit("/", 1)[-1] for rival in rivals)
        findings.extend(catalogue.at("duplicate-submission", rival.whole(), detail=names) for rival in rivals)
    return chosen, findings
