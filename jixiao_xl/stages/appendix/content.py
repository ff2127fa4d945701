"""Content (附表内容): what a self-evaluation form says, of the department or of a project; money in 元, rates as ratios.

One content fills our own 附表 and any form of the bureau. What the workbooks do not know is None, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jixiao_xl.model.mapping import FundRow
from jixiao_xl.model.places import Source

FieldValue = Decimal | str | None
Fields = dict[str, FieldValue]
TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Fund:
    """A row of funds in 元, with the cell that its execution, else a budget, comes from."""

    row: FundRow
    budget_initial: Decimal | None
    budget_adjusted: Decimal | None
    executed: Decimal | None
    source: Source | None = None
    reason: str | None = None

    @property
    def execution_rate(self) -> Decimal | None:
        """Executed ÷ adjusted budget; None where one is missing or there is no budget."""
        if self.executed is None or not self.budget_adjusted:
            return None
        return self.executed / self.budget_adjusted

    @property
    def fields(self) -> Fields:
        """Its figures by name, without prefix."""
        return {
            "budget_initial": self.budget_initial,
            "budget_adjusted": self.budget_adjusted,
            "executed": self.executed,
            "execution_rate": self.execution_rate,
        }


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator in a form: its points and score by the form's weights.

    Attributes:
        level1, level2, level3: its names.
        unit_name: who reports it, short.
        nature, measure_unit, target, actual: as the mapping and the workbook have them.
        target_shown, actual_shown: as prose shows them, with sign and measure unit.
        points: by the form's weights.
        score: by the form's weights; None where there is none.
        reason: why points were lost, and what is done about it.
        evidence: the numbers of its documents.
        source: the cell of the score in the workbook; None where no workbook has come.
    """

    level1: str
    level2: str
    level3: str
    unit_name: str
    points: Decimal
    score: Decimal | None
    nature: str = ""
    measure_unit: str = ""
    target: FieldValue = None
    actual: FieldValue = None
    target_shown: str | None = None
    actual_shown: str | None = None
    reason: str | None = None
    evidence: str | None = None
    source: Source | None = None

    @property
    def fields(self) -> Fields:
        """Its values by column."""
        return {
            "level1": self.level1,
            "level2": self.level2 or None,
            "level3": self.level3,
            "unit_name": self.unit_name or None,
            "nature": self.nature or None,
            "measure_unit": self.measure_unit or None,
            "target": self.target,
            "target_shown": self.target_shown,
            "actual": self.actual,
            "actual_shown": self.actual_shown,
            "points": self.points,
            "score": self.score,
            "score_ratio": self.score / self.points if self.score is not None else None,
            "reason": self.reason,
            "evidence": self.evidence,
        }


@dataclass(frozen=True, slots=True)
class Task:
    """One of the year's main tasks of the department: a project that a section carries; money in 元."""

    name: str
    unit_name: str
    fund: Fund


@dataclass(frozen=True, slots=True)
class Content:
    """What one form says.

    Attributes:
        name: the project's name, or the department's.
        year: the year that is evaluated.
        words: texts by field name.
        funds: the rows of funds, the total first.
        execution_points: the points for execution, where the form's weights have any.
        execution_score: the score for execution.
        lines: the indicators.
        total_score: the form's total, which execution belongs to.
        grade: 优 良 中 差.
        grade_shown: the grade as this office writes it.
        objectives: pairs of objective and result.
        tasks: the year's main tasks.
        files: the workbooks that it rests on.
        remarks: what a reader has to know, as keys of texts.yaml with their words.
    """

    name: str
    year: int
    words: dict[str, str | None]
    funds: tuple[Fund, ...]
    execution_points: Decimal | None
    execution_score: Decimal | None
    lines: tuple[Line, ...]
    total_score: Decimal | None
    grade: str | None
    grade_shown: str | None
    objectives: tuple[tuple[str | None, str | None], ...]
    tasks: tuple[Task, ...] = ()
    files: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def total_points(self) -> Decimal:
        """The points of all indicators and of the execution."""
        return sum((line.points for line in self.lines), self.execution_points or Decimal(0))

    @property
    def fields(self) -> Fields:
        """Everything but the indicators, by the names that bureau_forms.yaml uses."""
        fields: Fields = dict(self.words)
        for fund in self.funds:
            prefix = "" if fund.row.key == TOTAL else f"{fund.row.key}_"
            fields |= {f"{prefix}{name}": value for name, value in fund.fields.items()}
        return fields | {
            "year": Decimal(self.year),
            "execution_points": self.execution_points,
            "execution_score": self.execution_score,
            "total_points": self.total_points,
            "total_score": self.total_score,
            "grade": self.grade,
            "grade_shown": self.grade_shown,
        }
