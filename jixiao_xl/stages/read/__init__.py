"""Read (读取): name and bytes of returned workbooks into a batch, by keys, with what is wrong with file and structure.

Nothing is repaired here: what was understood in another way than it was typed is kept as `Misread` for `validate`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Files
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from jixiao_xl.files.cells import Workbook, read_workbook
from jixiao_xl.files.package import UnreadableWorkbook
from jixiao_xl.files.triage import triage
from jixiao_xl.model.batch import Batch
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.form import META_SHEET, Form
from jixiao_xl.model.form_builder import build_form
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.places import Place
from jixiao_xl.model.review import Correction
from jixiao_xl.stages.read.corrections import with_corrections
from jixiao_xl.stages.read.sheets import read_submission
from jixiao_xl.stages.read.versions import Candidate, Versions, newest

_NO_VERSIONS: Final[Versions] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Identity:
    """What a workbook says of itself in its hidden sheet."""

    template: str
    template_version: str
    unit: str
    year: str


def read(
    files: Files[str, bytes],
    mapping: Mapping,
    catalogue: Catalogue,
    versions: Versions = _NO_VERSIONS,
    corrections: Sequence[Correction] = (),
) -> tuple[Batch, list[Finding]]:
    """The batch of all readable files, one a unit in the order of units.csv, and the findings of file and structure.

    Args:
        files: the bytes of every file by its path.
        mapping: the mapping of the year.
        catalogue: the words of the findings.
        versions: what the ledger knows: unit, sha256 of a file, its version.
        corrections: figures corrected by telephone; they stand over what the workbooks say.
    """
    candidates = [_read_file(name, data, mapping, catalogue) for name, data in files.items()]
    chosen, arrivals, findings = newest(candidates, versions, catalogue)
    order = {unit.code: position for position, unit in enumerate(mapping.units)}
    ordered = sorted(chosen, key=lambda submission: order[submission.unit])
    corrected = [with_corrections(submission, corrections) for submission in ordered]
    sums = {candidate.file: candidate.sha256 for candidate in sorted(candidates, key=lambda c: c.file)}
    batch = Batch(
        tuple(submission for submission, _ in corrected),
        inputs=sums,
        arrivals=tuple(arrivals),
        corrected={row: state for _, states in corrected for row, state in states.items()},
    )
    return batch, findings


def _read_file(name: str, data: bytes, mapping: Mapping, catalogue: Catalogue) -> Candidate:
    """One file: what could be read of it, or the one finding that refuses it."""
    sha256 = hashlib.sha256(data).hexdigest()
    here = Place(name)
    verdict = triage(name, data)
    if verdict.code is not None:
        return Candidate(name, sha256, [catalogue.at(verdict.code, here)])
    if verdict.kind == "legacy":
        return Candidate(name, sha256, [catalogue.at("file-legacy", here)])
    try:
        workbook = read_workbook(data)
    except UnreadableWorkbook as error:
        return Candidate(name, sha256, [catalogue.at(error.code, here, detail=str(error))])
    identity = _identity(workbook)
    form, refusal = _form_for(identity, mapping, catalogue, here)
    if form is None or identity is None:
        return Candidate(name, sha256, refusal)
    here = Place(name, form.unit)
    submission, findings = read_submission(workbook, form, name, sha256, catalogue)
    findings.extend(catalogue.at(code, here) for code in verdict.remarks if code != "file-legacy")
    if identity.template_version != form.template_version:
        found, expected = identity.template_version, form.template_version
        findings.append(catalogue.at("old-template", here, found=found, expected=expected))
    return Candidate(name, sha256, findings, submission)


def identify(name: str, data: bytes, mapping: Mapping, catalogue: Catalogue) -> tuple[str, str]:
    """The code of the unit whose workbook it is (or ""), and the code of the finding that refuses it (or "")."""
    candidate = _read_file(name, data, mapping, catalogue)
    return candidate.unit, "" if candidate.submission is not None else candidate.findings[0].code


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
