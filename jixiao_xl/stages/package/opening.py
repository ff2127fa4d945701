"""Opening (开包): a package that came, refused where it is not as its record says, else the files in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace

from jixiao_xl.files.bundles import UnreadableBundle, unbundled
from jixiao_xl.model.documents import ConsolidateDocument
from jixiao_xl.model.findings import Finding
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.package_record import MAPPINGS, RECORD, RESULT, WORKBOOKS, PackageRecord, read_record, read_result
from jixiao_xl.model.places import Place

_NAMED = 5  # files that a finding lists


@dataclass(frozen=True)
class Parcel:
    """A package that is as its record says.

    Attributes:
        file: where it lies, relative to the bureau's workspace.
        sha256: of its bytes.
        record: what it says of itself.
        result: the result that the department reports.
        files: every file in it by name.
    """

    file: str
    sha256: str
    record: PackageRecord
    result: ConsolidateDocument
    files: Dictionary[str, bytes]

    @property
    def workbooks(self) -> dict[str, bytes]:
        """The workbooks of its units, by their names in the package."""
        return {name: data for name, data in self.files.items() if name.startswith(f"{WORKBOOKS}/")}

    @property
    def mapping(self) -> dict[str, bytes]:
        """The files of its mapping, by their names in the mapping's folder."""
        start = f"{MAPPINGS}/{self.record.year}/"
        return {name.removeprefix(start): data for name, data in self.files.items() if name.startswith(start)}


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that does not count.

    Attributes:
        file: where it lies, relative to the bureau's workspace.
        finding: why.
        record: what it says of itself, or None where that cannot be read.
    """

    file: str
    finding: Finding
    record: PackageRecord | None = None


def open_package(file: str, data: bytes, mapping: Mapping) -> Parcel | Refused:
    """The package in these bytes, or why it is refused; `mapping` is the bureau's own. Never raises."""
    catalogue, place = mapping.catalogue, Place(file)
    if not data.startswith(b"PK"):
        return Refused(file, catalogue.at("not-a-package", place))
    try:
        files = unbundled(data)
    except UnreadableBundle as error:
        return Refused(file, catalogue.at(error.code, place))
    if RECORD not in files:
        return Refused(file, catalogue.at("not-a-package", place))
    record = read_record(files[RECORD])
    if record is None:
        return Refused(file, catalogue.at("package-altered", place, detail=RECORD))
    if altered := _altered(files, record, mapping):
        return Refused(file, catalogue.at("package-altered", place, detail=altered), record)
    result = read_result(files[RESULT]) if RESULT in files else None
    if result is None:
        return Refused(file, catalogue.at("package-altered", place, detail=RESULT), record)
    if record.year != mapping.year:
        found, expected = str(record.year), str(mapping.year)
        name = file.rsplit("/", 1)[-1]
        message = mapping.text("bureau_wrong_year", file=name, found=found, expected=expected)
        finding = catalogue.at("wrong-year", place, found=found, expected=expected)
        return Refused(file, replace(finding, message=message), record)
    return Parcel(file, hashlib.sha256(data).hexdigest(), record, result, files)


def _altered(files: Dictionary[str, bytes], record: PackageRecord, mapping: Mapping) -> str:
    """The files that are not what the record says, in words; empty where all are."""
    sentences: list[str] = []
    for name in sorted((files.keys() | record.files.keys()) - {RECORD}):
        if name not in files:
            sentences.append(mapping.text("bureau_file_gone", file=name))
        elif name not in record.files:
            sentences.append(mapping.text("bureau_file_added", file=name))
        elif hashlib.sha256(files[name]).hexdigest() != record.files[name]:
            sentences.append(mapping.text("bureau_file_changed", file=name))
    if len(sentences) > _NAMED:
        sentences = [*sentences[:_NAMED], mapping.text("bureau_files_more", count=str(len(sentences)))]
    return mapping.text("bureau_joint").join(sentences)
