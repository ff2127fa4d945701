"""Review (审核处理): what the officer decides about findings, the reviewer's scores, and corrections by telephone.

`审核处理.xlsx` is the only place for them (DESIGN 9); nothing of it is ever written into a received workbook.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from jixiao_xl.model.places import Source


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision about one finding; it holds while the finding's fingerprint is this one."""

    finding: str
    fingerprint: str
    accepted: bool
    reason: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class Correction:
    """A figure that a section has corrected by telephone (电话更正).

    Attributes:
        unit: the unit's code.
        sheet: the visible name of the sheet.
        cell: the address in the workbook that the unit has sent, such as H12.
        old: what stands there; where something else stands, the correction no longer applies.
        new: what the section says now.
        reason: why.
        informant: who said so.
        row: the row of 电话更正 that says it, 1-based.
        source: the cell of 审核处理.xlsx that holds the new figure: where it comes from from now on.
    """

    unit: str
    sheet: str
    cell: str
    old: str
    new: str
    reason: str
    informant: str
    row: int
    source: Source


class CorrectionState(StrEnum):
    """What a run has made of a correction."""

    APPLIED = "applied"
    OUTDATED = "outdated"  # the workbook no longer says what it said when the section called
    NO_INPUT = "no_input"  # no input cell stands there
    NO_WORKBOOK = "no_workbook"  # nothing readable has come from the unit


@dataclass(frozen=True, slots=True)
class ReviewScore:
    """The score that the human reviewer gives an indicator (复核得分), with two decimals."""

    unit: str
    indicator: str
    score: Decimal
    comment: str


@dataclass(frozen=True)
class Review:
    """Everything that 审核处理.xlsx says."""

    decisions: tuple[Decision, ...] = ()
    corrections: tuple[Correction, ...] = ()
    scores: tuple[ReviewScore, ...] = ()
