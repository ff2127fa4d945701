"""Sign-offs (签字盖章): who has signed a workbook's cover, and whether it is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.folding import folded
from jixiao_xl.model.form_builder import serial_date
from jixiao_xl.model.formulas import Value
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import is_blank, plain
from jixiao_xl.model.places import CellKey

FIELDS: Final = ("preparer", "head", "leader", "date", "seal")
_SHEET, _COLUMN, _SEAL = "cover", "value", "seal"


@dataclass(frozen=True, slots=True)
class SignOff:
    """One field of a cover: its cell, what stands there as text, and whether that is enough."""

    key: CellKey
    text: str
    given: bool


def cover(submission: Submission, mapping: Mapping) -> tuple[SignOff, ...]:
    """The fields of a cover in their order; 单位盖章 must say that the seal was set."""
    word = mapping.text("package_seal_word")
    fields: list[SignOff] = []
    for row in FIELDS:
        key = CellKey(_SHEET, row, _COLUMN)
        text = _shown(submission.inputs.get(key), is_date=row == "date")
        given = folded(text) == folded(word) if row == _SEAL else not is_blank(text)
        fields.append(SignOff(key, text, given))
    return tuple(fields)


def signoffs(batch: Batch, mapping: Mapping, catalogue: Catalogue) -> list[Finding]:
    """One finding for each workbook whose cover is not complete, at the first field that is missing."""
    findings: list[Finding] = []
    for submission in batch.submissions:
        missing = [field for field in cover(submission, mapping) if not field.given]
        if missing:
            labels = mapping.text("summary_joint").join(submission.place(field.key).label for field in missing)
            place = submission.place(missing[0].key)
            findings.append(catalogue.at("signoff-missing", place, found=missing[0].text or None, detail=labels))
    return findings


def _shown(value: Value, *, is_date: bool) -> str:
    if value is None or isinstance(value, str):
        return (value or "").strip()
    day = serial_date(value) if is_date else None
    return day.isoformat() if day else plain(value)
