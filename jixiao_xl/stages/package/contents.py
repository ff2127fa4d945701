"""Contents (包内文件): every file of a package by its name, the record of their hashes, and the zip."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from jixiao_xl.files.bundles import bundled
from jixiao_xl.files.safe import safe_name
from jixiao_xl.model.documents import ConsolidateDocument
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.package_record import (
    LISTING,
    MAPPINGS,
    RECORD,
    RESULT,
    REVIEW,
    WORKBOOKS,
    PackageRecord,
    as_bytes,
)
from jixiao_xl.model.results import Result
from jixiao_xl.stages.package.listing import draw_listing

Files = Dictionary[str, bytes]


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a package.

    Attributes:
        number: which submission this is.
        as_of: the day that the consolidation took as today.
        tool: the version of this program.
        outputs: report, attached forms, summary and record of the run, by their names.
        received: the bytes of every received file, by its path in the workspace.
        mappings: the files of the mapping that were used, by their names in its folder.
        review: 审核处理.xlsx, or None.
        document: the result, as `consolidate --json` prints it.
    """

    number: int
    as_of: date
    tool: str
    outputs: Files
    received: Files
    mappings: Files
    review: bytes | None
    document: ConsolidateDocument


def package(result: Result, contents: Contents, mapping: Mapping) -> tuple[str, bytes]:
    """The file name and the bytes of the package; the same arguments give the same bytes.

    Raises:
        ValueError: the department has no score; there is nothing to submit.
    """
    score, grade = contents.document.score, contents.document.grade
    if score is None or grade is None:
        raise ValueError(mapping.department)
    workbooks = workbook_names(result, mapping)
    files = dict(contents.outputs)
    files |= {name: contents.received[source] for source, name in workbooks.items()}
    files |= {f"{MAPPINGS}/{mapping.year}/{name}": data for name, data in contents.mappings.items()}
    files[RESULT] = as_bytes(contents.document)
    if contents.review is not None:
        files[REVIEW] = contents.review
    files[LISTING] = draw_listing(result, contents.number, contents.as_of, workbooks, files, mapping)
    record = PackageRecord(
        department=mapping.department,
        code=mapping.root.code,
        year=mapping.year,
        number=contents.number,
        as_of=contents.as_of,
        deadline=mapping.deadline,
        score=score,
        grade=grade,
        tool=contents.tool,
        template_version=mapping.forms.template_version,
        files={name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
    )
    words = {"department": mapping.department, "year": str(mapping.year), "number": f"{contents.number:02d}"}
    return safe_name(f"{mapping.text('package_file', **words)}.zip"), bundled(files | {RECORD: as_bytes(record)})


def workbook_names(result: Result, mapping: Mapping) -> dict[str, str]:
    """The name in the package of each workbook that counts, by its path in the workspace: its unit's own name."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for submission in result.batch.submissions:
        unit = mapping.unit_by_code[submission.unit]
        suffix = PurePosixPath(submission.file).suffix.lower()
        name = safe_name(f"{unit.name}{suffix}")
        if name.casefold() in taken:
            name = safe_name(f"{unit.name}_{unit.code}{suffix}")
        taken.add(name.casefold())
        names[submission.file] = f"{WORKBOOKS}/{name}"
    return names
