"""Steps (部门评分): how the department's score comes about, every step a live formula that a reviewer can follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from jixiao_xl.files.author import AuthoredSheet
from jixiao_xl.files.pen import (
    CENTRED,
    GENERAL,
    HEADER,
    HEADING,
    RATIO,
    REMARK,
    SCORE,
    SHARE,
    TEXT,
    TITLE,
    WARNING,
    Pen,
    total,
)
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import SCORING_STATUSES, BlockPart, BlockStep, DepartmentScore, Result
from jixiao_xl.model.texts import STATUS_WORDS
from jixiao_xl.stages.summarise.drawing import grade_formula, shown_grade_formula, unit_name
from jixiao_xl.stages.summarise.levels import ScoreCells

_WIDTHS = (36, 12, 12, 14, 10, 14)
_UNIT, _SCORE, _POINTS, _RATE, _WEIGHT, _WEIGHTED = range(1, 7)
_BLOCK, _BLOCK_POINTS, _BLOCK_MEAN, _BLOCK_SCORE = range(1, 5)
_CHINESE = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class BlockCells:
    """Where a block's points, its weighted mean and its score stand."""

    points: str
    mean: str
    score: str


@dataclass(frozen=True, slots=True)
class StepCells:
    """Where the department's score and its parts stand."""

    blocks: tuple[BlockCells, ...]
    points: str
    total: str
    grade: str
    grade_shown: str


def draw_steps(result: Result, mapping: Mapping, scores: ScoreCells) -> tuple[AuthoredSheet, StepCells]:
    """The sheet of the department's score, and where its figures stand."""
    department = result.department
    pen = Pen.on(mapping.text("summary_sheet_steps"), _WIDTHS)
    words = {"department": mapping.department, "year": str(mapping.year)}
    pen.across(mapping.text("summary_steps_title", **words), TITLE, 34)
    pen.repeat(1)
    warning = standing(result, mapping)
    if warning.is_warning:
        pen.across(warning.text, WARNING)
    for line in _remarks(mapping):
        pen.across(line, REMARK)
    pen.row += 1
    pen.across(mapping.text("summary_steps_sum_heading"), HEADING, 24)
    top = pen.row
    pen.row = top + len(department.steps) + 5
    sheet = _Steps(pen, result, mapping, scores, top)
    details = [sheet.step(number, step) for number, step in enumerate(department.steps)]
    bottom = pen.row
    cells = sheet.summary(department, details)
    pen.row = bottom
    return pen.finished(), cells


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the score is final, in words."""

    text: str
    is_warning: bool


def standing(result: Result, mapping: Mapping) -> Standing:
    """What a reader must know about the score before using it."""
    department = result.department
    units = mapping.text("summary_joint").join(unit_name(mapping, code) for code in department.waiting_for)
    if department.waiting_for:
        key = "summary_provisional" if department.provisional else "summary_waiting"
        return Standing(mapping.text(key, units=units), is_warning=True)
    if department.provisional or department.total is None:
        key = "summary_provisional_block" if department.provisional else "summary_block_unscored"
        return Standing(mapping.text(key), is_warning=True)
    return Standing(mapping.text("summary_all_counted", count=str(len(result.orgs))), is_warning=False)


def _remarks(mapping: Mapping) -> list[str]:
    """The method, which weights are examples, and the documents that the rest rests on."""
    profiles, text = mapping.scoring.profiles, mapping.text
    named = {"department": profiles.department, "section": profiles.section}
    examples = [text(f"summary_profile_{name}") for name, profile in named.items() if profile.example]
    bands = [
        text("summary_grade_band", grade=band.grade, low=f"{band.from_:f}") for band in mapping.scoring.grades.bands
    ]
    joint = text("summary_joint")
    lines = [text("summary_steps_method")]
    if examples:
        lines.append(text("summary_weights_example", names=joint.join(examples)))
    lines.extend(text(f"summary_{name}_source", source=profile.source) for name, profile in named.items())
    lines.append(text("summary_weight_source"))
    lines.append(text("summary_grades_source", source=mapping.scoring.grades.source, bands=joint.join(bands)))
    return lines


@dataclass
class _Steps:
    pen: Pen
    result: Result
    mapping: Mapping
    scores: ScoreCells
    top: int  # the header row of the sum

    def step(self, number: int, step: BlockStep) -> BlockCells:
        """One block: its parts, their weighted mean, its score."""
        pen, text = self.pen, self.mapping.text
        words = {"number": _ordinal(number + 1), "block": step.block, "points": f"{step.points:f}"}
        pen.across(text("summary_step_heading", **words), HEADING, 24)
        pen.header([text(f"summary_{key}") for key in ("unit", "block_score", "points", "rate", "weight", "weighted")])
        pen.row += 1
        first = pen.row
        for part in step.parts:
            self._part(step.block, part)
        last = pen.row - 1
        pen.merged(_UNIT, _POINTS, text("summary_mean"), total(TEXT))
        mean = weighted_mean(step)
        weights, weighted = (f"{pen.at(column, first)}:{pen.at(column, last)}" for column in (_WEIGHT, _WEIGHTED))
        pen.put(_RATE, self._or_none(mean), total(RATIO), formula=_if(mean, f"=SUM({weighted})/SUM({weights})"))
        for column, area in ((_WEIGHT, weights), (_WEIGHTED, weighted)):
            style = total(GENERAL if column == _WEIGHT else SHARE)
            value = sum((_weight(part, column) for part in step.parts), Decimal(0)) if step.parts else None
            pen.put(column, self._or_none(value), style, formula=_if(value, f"=SUM({area})"))
        mean_cell = pen.at(_RATE)
        pen.row += 1
        points = pen.at(_BLOCK_POINTS, self.top + 1 + number)
        pen.merged(_UNIT, _POINTS, text("summary_step_result", block=step.block), total(TEXT))
        formula = _if(step.score, f"=ROUND({points}*{mean_cell},2)")
        pen.put(_RATE, self._or_none(step.score), total(SCORE), formula=formula)
        cells = BlockCells(points, mean_cell, pen.at(_RATE))
        pen.row += 1
        self._not_counted(step)
        pen.row += 1
        return cells

    def _or_none(self, value: Decimal | None) -> Decimal | str:
        return self.mapping.text("summary_none") if value is None else value

    def _part(self, block: str, part: BlockPart) -> None:
        pen, cells = self.pen, self.scores.blocks.get((part.unit, block))
        pen.put(_UNIT, unit_name(self.mapping, part.unit), TEXT)
        pen.put(_SCORE, part.score, SCORE, formula=f"={cells.computed}" if cells else None)
        pen.put(_POINTS, part.points, SCORE, formula=f"={cells.points}" if cells else None)
        pen.put(_RATE, part.score / part.points, RATIO, formula=f"={pen.at(_SCORE)}/{pen.at(_POINTS)}")
        pen.put(_WEIGHT, part.weight, GENERAL)
        value = _weight(part, _WEIGHTED)
        pen.put(_WEIGHTED, value, SHARE, formula=f"={pen.at(_RATE)}*{pen.at(_WEIGHT)}")
        pen.row += 1

    def _not_counted(self, step: BlockStep) -> None:
        """Who does not count in this block, and why: nobody is left out in silence."""
        level = "部门" if step.own else "科室"
        counted = {part.unit for part in step.parts}
        left_out = [org for org in self.result.orgs if org.level == level and org.code not in counted]
        if not left_out:
            return
        text = self.mapping.text
        reasons = [
            text(
                "summary_not_counted_unit",
                name=unit_name(self.mapping, org.code),
                reason=text("summary_no_block") if org.status in SCORING_STATUSES else STATUS_WORDS[org.status],
            )
            for org in left_out
        ]
        self.pen.across(text("summary_not_counted", units=text("summary_joint").join(reasons)), REMARK)

    def summary(self, department: DepartmentScore, details: list[BlockCells]) -> StepCells:
        """The blocks together, the total and the grade."""
        pen, text = self.pen, self.mapping.text
        pen.row = self.top
        pen.header([text(f"summary_{key}") for key in ("block", "step_points", "mean", "step_score")])
        pen.row += 1
        first = pen.row
        blocks: list[BlockCells] = []
        for step, cells in zip(department.steps, details, strict=True):
            mean = weighted_mean(step)
            pen.put(_BLOCK, step.block, TEXT)
            pen.put(_BLOCK_POINTS, step.points, SCORE)
            pen.put(_BLOCK_MEAN, self._or_none(mean), RATIO, formula=_if(mean, f"={cells.mean}"))
            pen.put(_BLOCK_SCORE, self._or_none(step.score), SCORE, formula=_if(step.score, f"={cells.score}"))
            blocks.append(BlockCells(*(pen.reference(c) for c in (_BLOCK_POINTS, _BLOCK_MEAN, _BLOCK_SCORE))))
            pen.row += 1
        return self._sums(department, first, tuple(blocks))

    def _sums(self, department: DepartmentScore, first: int, blocks: tuple[BlockCells, ...]) -> StepCells:
        pen, last, final = self.pen, self.pen.row - 1, department.total
        pen.put(_BLOCK, self.mapping.text("summary_sum"), total(TEXT))
        points = sum((step.points for step in department.steps), Decimal(0))
        area = f"{pen.at(_BLOCK_POINTS, first)}:{pen.at(_BLOCK_POINTS, last)}"
        pen.put(_BLOCK_POINTS, points, total(SCORE), formula=f"=SUM({area})")
        pen.put(_BLOCK_MEAN, None, total(RATIO))
        area = f"{pen.at(_BLOCK_SCORE, first)}:{pen.at(_BLOCK_SCORE, last)}"
        formula = _if(final, f"=ROUND(SUM({area}),2)")
        pen.put(_BLOCK_SCORE, self._or_none(final), replace(total(SCORE), size=12), formula=formula)
        points_cell, total_cell = pen.reference(_BLOCK_POINTS), pen.reference(_BLOCK_SCORE)
        score = pen.at(_BLOCK_SCORE)
        pen.row += 1
        grade = self._grade("summary_grade_mapped", department.grade, grade_formula(score, self.mapping))
        written = shown_grade_formula(pen.at(_BLOCK_SCORE, pen.row - 1), self.mapping)
        shown = self._grade("summary_grade_shown", department.grade_shown, written)
        return StepCells(blocks, points_cell, total_cell, grade, shown)

    def _grade(self, label: str, value: str | None, formula: str) -> str:
        pen = self.pen
        pen.merged(_BLOCK, _BLOCK_MEAN, self.mapping.text(label), HEADER)
        shown = self.mapping.text("summary_none") if value is None else value
        pen.put(_BLOCK_SCORE, shown, total(CENTRED), formula=formula if value is not None else None)
        pen.row += 1
        return pen.reference(_BLOCK_SCORE, pen.row - 1)


def weighted_mean(step: BlockStep) -> Decimal | None:
    """The weighted mean of score ÷ points over the parts of a block, or None where it has no score."""
    weight = sum((part.weight for part in step.parts), Decimal(0))
    if step.score is None or weight <= 0:
        return None
    return sum((_weight(part, _WEIGHTED) for part in step.parts), Decimal(0)) / weight


def _weight(part: BlockPart, column: int) -> Decimal:
    return part.weight if column == _WEIGHT else part.score / part.points * part.weight


def _if(value: Decimal | None, formula: str) -> str | None:
    return formula if value is not None else None


def _ordinal(number: int) -> str:
    """A block's number after 一, which is the sum."""
    return _CHINESE[number] if number < len(_CHINESE) else str(number + 1)
