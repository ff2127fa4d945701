"""Levels (科室、部门): every indicator with its points and scores, subtotals and totals as live sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from jixiao_xl.files.author import AuthoredSheet, Highlight
from jixiao_xl.files.pen import CENTRED, NUMBER, REMARK, SCORE, TEXT, TITLE, Pen, Value, total
from jixiao_xl.model.mapping import Level, Mapping
from jixiao_xl.model.results import BlockScore, Org, Result, ScoredIndicator, UnitScore
from jixiao_xl.model.texts import STATUS_WORDS
from jixiao_xl.stages.summarise.drawing import difference, full_sum, full_sum_of, less, unit_name

_WIDTHS = (30, 10, 6, 36, 9, 9, 9, 9, 9, 18)
_UNIT, _BLOCK, _NUMBER, _NAME, _POINTS, _SELF, _COMPUTED, _DIFFERENCE, _LOST, _SOURCE = range(1, 11)
_SUMMED = (_POINTS, _SELF, _COMPUTED)
_HEADERS = (
    "unit",
    "block",
    "number",
    "indicator",
    "indicator_points",
    "self",
    "computed",
    "difference",
    "lost",
    "cell",
)


@dataclass(frozen=True, slots=True)
class RowCells:
    """Where the points, the self score and the computed score of a subtotal or total stand."""

    points: str
    self_score: str
    computed: str


@dataclass(frozen=True, slots=True)
class ScoreCells:
    """Where the totals of units and of their blocks stand."""

    totals: dict[str, RowCells] = field(default_factory=dict[str, RowCells])
    blocks: dict[tuple[str, str], RowCells] = field(default_factory=dict[tuple[str, str], RowCells])

    def with_those_of(self, other: ScoreCells) -> ScoreCells:
        """The cells of both."""
        return ScoreCells(self.totals | other.totals, self.blocks | other.blocks)


def draw_level(result: Result, mapping: Mapping, level: Level) -> tuple[AuthoredSheet, ScoreCells]:
    """The sheet of a level, and where its totals stand."""
    name = "sections" if level == "科室" else "department"
    pen = Pen.on(mapping.text(f"summary_sheet_{name}"), _WIDTHS, landscape=True)
    pen.across(mapping.text(f"summary_{name}_title"), TITLE, 34)
    pen.across(mapping.text("summary_level_note"), REMARK)
    pen.header([mapping.text(f"summary_{key}") for key in _HEADERS])
    pen.repeat(pen.row)
    pen.row += 1
    first = pen.row
    sheet = _LevelSheet(pen, mapping, ScoreCells())
    for org in result.orgs:
        if org.level == level:
            sheet.unit(org, result.units.get(org.code))
    _lights(pen, first)
    return pen.finished(), sheet.cells


def _lights(pen: Pen, first: int) -> None:
    """Red where the section's score is not ours, amber where points were lost."""
    last = max(first, pen.row - 1)
    for column, fill in ((_DIFFERENCE, "#FFC7CE"), (_LOST, "#FFEB9C")):
        cell = pen.at(column, first)
        area = f"{cell}:{pen.at(column, last)}"
        pen.sheet.highlights.append(Highlight(area, f"=AND(ISNUMBER({cell}),{cell}<>0)", fill, "#000000"))


@dataclass
class _LevelSheet:
    pen: Pen
    mapping: Mapping
    cells: ScoreCells

    def unit(self, org: Org, scored: UnitScore | None) -> None:
        name = unit_name(self.mapping, org.code)
        if scored is None or not scored.indicators:
            self.pen.put(_UNIT, name, TEXT)
            text = self.mapping.text("summary_no_scores", status=STATUS_WORDS[org.status])
            self.pen.merged(_BLOCK, _SOURCE, text, TEXT)
            self.pen.row += 1
            return
        subtotals: list[int] = []
        numbers = {indicator.key: number for number, indicator in enumerate(scored.indicators, start=1)}
        for block in scored.blocks:
            members = [indicator for indicator in scored.indicators if indicator.block == block.block]
            first = self.pen.row
            for indicator in members:
                self._indicator(name, numbers[indicator.key], indicator)
            subtotals.append(self.pen.row)
            self._subtotal(name, block, members, first)
        self._total(name, scored, STATUS_WORDS[org.status], subtotals)

    def _indicator(self, unit: str, number: int, indicator: ScoredIndicator) -> None:
        pen = self.pen
        pen.put(_UNIT, unit, TEXT)
        pen.put(_BLOCK, indicator.block, CENTRED)
        pen.put(_NUMBER, number, NUMBER)
        pen.put(_NAME, indicator.name, TEXT)
        pen.put(_POINTS, indicator.points, SCORE)
        pen.put(_SELF, indicator.self_score, SCORE)
        pen.put(_COMPUTED, indicator.score, SCORE)
        self._differences(indicator.points, indicator.self_score, indicator.score, bold=False)
        pen.source(_SOURCE, indicator.source, f"{indicator.source.sheet}!{indicator.source.cell}")
        pen.row += 1

    def _differences(self, points: Decimal, own: Decimal | None, computed: Decimal | None, *, bold: bool) -> None:
        pen, style = self.pen, total(SCORE) if bold else SCORE
        at = pen.at
        pen.put(_DIFFERENCE, less(own, computed), style, formula=difference(at(_SELF), at(_COMPUTED)))
        pen.put(_LOST, less(points, computed), style, formula=difference(at(_POINTS), at(_COMPUTED)))

    def _subtotal(self, unit: str, block: BlockScore, members: list[ScoredIndicator], first: int) -> None:
        last = self.pen.row - 1
        self._label(unit, block.block, self.mapping.text("summary_subtotal", block=block.block))
        own = _sum([member.self_score for member in members])
        for column, value in zip(_SUMMED, (block.points, own, block.score), strict=True):
            area = f"{self.pen.at(column, first)}:{self.pen.at(column, last)}"
            self.pen.put(column, value, total(SCORE), formula=f"=SUM({area})" if column == _POINTS else full_sum(area))
        self._differences(block.points, own, block.score, bold=True)
        self.cells.blocks[members[0].unit, block.block] = self._row_cells()
        self.pen.row += 1

    def _total(self, unit: str, scored: UnitScore, status: str, subtotals: list[int]) -> None:
        self._label(unit, "", self.mapping.text("summary_unit_total", status=status))
        own = _sum([indicator.self_score for indicator in scored.indicators])
        values: tuple[Value, ...] = (scored.points, own, scored.total)
        for column, value in zip(_SUMMED, values, strict=True):
            cells = [self.pen.at(column, row) for row in subtotals]
            self.pen.put(column, value, total(SCORE), formula=full_sum_of(cells))
        self._differences(scored.points, own, scored.total, bold=True)
        self.cells.totals[scored.unit] = self._row_cells()
        self.pen.row += 1

    def _label(self, unit: str, block: str, label: str) -> None:
        for column, text in ((_UNIT, unit), (_BLOCK, block), (_NUMBER, ""), (_NAME, label), (_SOURCE, "")):
            self.pen.put(column, text, total(CENTRED if column == _BLOCK else TEXT))

    def _row_cells(self) -> RowCells:
        points, own, computed = (self.pen.reference(column) for column in _SUMMED)
        return RowCells(points, own, computed)


def _sum(scores: list[Decimal | None]) -> Decimal | None:
    known = [score for score in scores if score is not None]
    return sum(known, Decimal(0)) if len(known) == len(scores) else None
