"""What a package says of itself (上报记录): whose it is, its score, and the hash of every file in it."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from pydantic import Field, ValidationError

from jixiao_xl.model.documents import ConsolidateDocument, Document

# the names inside a package; other people's programs depend on them
RECORD: Final = "上报记录.json"
RESULT: Final = "汇总结果.json"
LISTING: Final = "上报清单.xlsx"
RUN_RECORD: Final = "运行记录.json"
REVIEW: Final = "审核处理.xlsx"
WORKBOOKS: Final = "填报表"
MAPPINGS: Final = "mappings"
PACKAGES: Final = "上报包"  # the folder in the results that packages are written to


class PackageRecord(Document):
    """`上报记录.json`.

    Attributes:
        department: the department's name, as its settings write it.
        code: the department's code in its own units.csv.
        year: the year that is evaluated.
        number: which submission of the department this is: 1, 2, 3 …
        as_of: the day that the consolidation took as today.
        deadline: the day that the workbooks were due, or None.
        score: the department's score, a plain decimal.
        grade: 优 良 中 差.
        tool: the version of this program.
        template_version: the version of the forms.
        files: the SHA-256 of every other file by its name in the package.
    """

    schema_: Literal[1] = Field(default=1, alias="schema")
    department: str
    code: str
    year: int
    number: int
    as_of: date
    deadline: date | None
    score: str
    grade: str
    tool: str
    template_version: str
    files: dict[str, str]


def as_bytes(document: Document) -> bytes:
    """A document as a file in a package holds it."""
    return document.model_dump_json(by_alias=True, indent=1).encode()


def read_record(data: bytes) -> PackageRecord | None:
    """The record in these bytes; None where they are none."""
    try:
        return PackageRecord.model_validate_json(data)
    except ValidationError:
        return None


def read_result(data: bytes) -> ConsolidateDocument | None:
    """The result that a package holds; None where the bytes are none."""
    try:
        return ConsolidateDocument.model_validate_json(data)
    except ValidationError:
        return None
