"""The cover list (上报清单): what is in a package, who has signed it, and every piece of evidence, ready to print."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from jixiao_xl.files.author import AuthoredSheet, author_workbook
from jixiao_xl.files.pen import CENTRED, COUNT, HEADER, HEADING, NUMBER, REMARK, TEXT, TITLE, Pen, Value
from jixiao_xl.model.batch import Submission
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.places import CellKey, Source
from jixiao_xl.model.results import Result
from jixiao_xl.stages.package.signoffs import cover

_COVER: Final[dict[str, float]] = {
    "serial": 5,
    "unit": 27,
    "preparer": 9,
    "head": 9,
    "leader": 10,
    "date": 12,
    "seal": 10,
    "workbook": 34,
    "sha256": 36,
}
_FILES: Final[dict[str, float]] = {"serial": 5, "file_name": 44, "size": 13, "sha256": 72}
_EVIDENCE: Final[dict[str, float]] = {
    "serial": 5,
    "unit": 27,
    "evidence_number": 12,
    "evidence_name": 38,
    "evidence_document_no": 22,
    "evidence_file_name": 30,
    "source": 16,
}
_PARTICULARS: Final = (((1, 2), (3, 5)), ((6, 7), (8, 9)))  # columns of a label and of what it says, twice a row
_TABLE: Final = "evidence"
_FIELDS: Final = ("number", "name", "document_no", "file_name")


def draw_listing(
    result: Result,
    number: int,
    as_of: date,
    workbooks: Dictionary[str, str],
    files: Dictionary[str, bytes],
    mapping: Mapping,
) -> bytes:
    """The workbook with the sheets 封面, 文件 and 佐证材料.

    Args:
        result: what the consolidation found.
        number: which submission of the department this is.
        as_of: the day of the consolidation.
        workbooks: the name in the package of each workbook that counts, by its path in the workspace.
        files: every other file of the package, by its name there.
        mapping: the mapping of the year.
    """
    listing = _Listing(result, number, as_of, workbooks, files, mapping)
    moment = datetime(mapping.year + 1, 1, 1)  # no clock: the same package gives the same bytes
    return author_workbook([listing.cover(), listing.contents(), listing.evidence()], moment=moment)


@dataclass(frozen=True, slots=True)
class _Listing:
    result: Result
    number: int
    as_of: date
    workbooks: Dictionary[str, str]
    files: Dictionary[str, bytes]
    mapping: Mapping

    def _text(self, key: str, **words: str) -> str:
        return self.mapping.text(f"package_{key}", **words)

    def _pen(self, sheet: str, columns: dict[str, float]) -> Pen:
        return Pen.on(self._text(f"sheet_{sheet}"), tuple(columns.values()), landscape=True, back="")

    def _header(self, pen: Pen, columns: dict[str, float]) -> None:
        pen.header([self._text(key) for key in columns])
        pen.repeat(pen.row)
        pen.row += 1

    # -- 封面 --------------------------------------------------------------------------------------------------

    def cover(self) -> AuthoredSheet:
        pen = self._pen("cover", _COVER)
        pen.across(self._text("title", department=self.mapping.department, year=str(self.mapping.year)), TITLE, 34)
        self._particulars(pen)
        pen.row += 1
        pen.across(self._text("units_heading"), HEADING, 24)
        self._header(pen, _COVER)
        for serial, submission in enumerate(self.result.batch.submissions, start=1):
            name = self.workbooks[submission.file]
            pen.put(1, serial, NUMBER)
            pen.put(2, self.mapping.unit_by_code[submission.unit].name, TEXT)
            for column, field in enumerate(cover(submission, self.mapping), start=3):
                pen.put(column, field.text, CENTRED)
            pen.document(8, name)
            pen.put(9, submission.sha256, replace(TEXT, size=9))
            pen.row += 1
        return pen.finished()

    def _particulars(self, pen: Pen) -> None:
        """Whose package this is, which one, and what it says."""
        department = self.result.department
        number = self._text("number_words", number=str(self.number))
        rows: tuple[tuple[tuple[str, Value], ...], ...] = (
            (("department", self.mapping.department), ("year", self.mapping.year)),
            (("score", department.total), ("grade", department.grade_shown)),
            (("number_of", number), ("as_of", self.as_of.isoformat())),
        )
        styles = {"score": replace(CENTRED, size=12, number_format="0.00")}
        for row in rows:
            pen.sheet.heights[pen.row] = 26
            for (label, value), spans in zip(row, _PARTICULARS, strict=True):
                pen.merged(*spans[0], self._text(label), HEADER)
                pen.merged(*spans[1], "", styles.get(label, replace(CENTRED, size=12)), value=value)
            pen.row += 1

    # -- 文件 --------------------------------------------------------------------------------------------------

    def contents(self) -> AuthoredSheet:
        pen = self._pen("files", _FILES)
        pen.across(self._text("files_title"), TITLE, 34)
        pen.across(self._text("files_note"), REMARK)
        self._header(pen, _FILES)
        for serial, name in enumerate(sorted(self.files, key=_order), start=1):
            data = self.files[name]
            pen.put(1, serial, NUMBER)
            pen.document(2, name)
            pen.put(3, len(data), replace(COUNT, number_format="#,##0"))
            pen.put(4, hashlib.sha256(data).hexdigest(), replace(TEXT, size=9))
            pen.row += 1
        return pen.finished()

    # -- 佐证材料 ----------------------------------------------------------------------------------------------

    def evidence(self) -> AuthoredSheet:
        pen = self._pen("evidence", _EVIDENCE)
        pen.across(self._text("evidence_title"), TITLE, 34)
        pen.across(self._text("evidence_note"), REMARK)
        self._header(pen, _EVIDENCE)
        serial = 0
        for submission in self.result.batch.submissions:
            for fields, source in _evidence(submission):
                serial += 1
                pen.put(1, serial, NUMBER)
                pen.put(2, self.mapping.unit_by_code[submission.unit].name, TEXT)
                for column, text in enumerate(fields, start=3):
                    pen.put(column, text, TEXT)
                here = Source(self.workbooks[submission.file], source.sheet, source.cell)
                pen.source(7, here, f"{source.sheet}!{source.cell}")
                pen.row += 1
        if not serial:
            pen.across(self._text("no_evidence"), TEXT)
        return pen.finished()


def _order(name: str) -> tuple[int, str]:
    """What people read first, then the workbooks, then the mapping: the deeper, the later."""
    return name.count("/"), name


def _evidence(submission: Submission) -> Iterator[tuple[tuple[str, ...], Source]]:
    """The rows of 佐证材料 that hold anything, each with the cell that names it."""
    if _TABLE not in submission.layout.table_sheets:
        return
    for row in submission.workings.rows(_TABLE):
        keys = [CellKey(submission.layout.table_sheets[_TABLE], row, column) for column in _FIELDS]
        texts = tuple(str(submission.inputs.get(key) or "").strip() for key in keys)
        if any(texts):
            named = next(key for key, text in zip(keys, texts, strict=True) if text)
            address = submission.layout.address(named)
            yield texts, Source(submission.file, submission.layout.titles[named.sheet], address)
