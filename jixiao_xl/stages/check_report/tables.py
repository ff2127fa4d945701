"""Tables (表内关系): totals of rows and columns, changes, rates and shares by column.

A relation counts only where other rows or columns of the table prove that it is meant; then a cell that breaks it is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import permutations
from typing import Final

from jixiao_xl.model.claims import Claim, ClaimKind
from jixiao_xl.stages.check_report.figures import Figure
from jixiao_xl.stages.check_report.grids import Grid
from jixiao_xl.stages.check_report.judge import (
    Agreement,
    Result,
    agrees,
    claim_of,
    difference_of,
    rate_between,
    ratio_of,
    total_of,
)

_MOST_COLUMNS = 14
_EXACT = 12  # decimals of a score: it is what it says
_MANY = 3
Formula = Callable[[Figure, Figure], Result | None]


# what a column is called, what its cells claim, and how they come from two others
COMPUTED: Final[tuple[tuple[str, ClaimKind, Formula], ...]] = (
    ("table_change", "difference", difference_of),
    ("table_rate", "rate", rate_between),
    ("table_completion", "completion", ratio_of),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A stated cell, what a relation gives for it, whether it agrees, and whether agreement proves anything."""

    stated: Figure
    result: Result
    agreement: Agreement | None
    telling: bool


def table_claims(grid: Grid) -> Iterator[Claim]:
    """The claims of a table's total rows, total columns and computed columns."""
    for row in grid.rows:
        if grid.lexicon.says("table_total", grid.label(row)):
            yield from _total_row(grid, row)
    if len(grid.columns) > _MOST_COLUMNS:
        return
    for column in grid.columns:
        header = grid.header(column)
        if grid.lexicon.says("table_total", header):
            yield from _best(grid, "total", _total_columns(grid, column))
        for name, kind, formula in COMPUTED:
            if grid.lexicon.says(name, header):
                yield from _best(grid, kind, _computed(grid, column, formula))
        if grid.lexicon.says("table_share", header):
            yield from _best(grid, "share", _shares(grid, column), sure=_is_complete(grid))


def _cell(stated: Figure, result: Result | None) -> Cell | None:
    if result is None:
        return None
    telling = stated.value != 0 and sum(1 for figure in result.operands if figure.value) > 1
    return Cell(
        stated,
        result,
        agrees(stated, result) or agrees(stated, result, -1) if stated.value else agrees(stated, result),
        telling,
    )


def _best(grid: Grid, kind: ClaimKind, relations: Iterator[list[Cell]], *, sure: bool = False) -> Iterator[Claim]:
    """The relation that most cells prove: those that break it are wrong; `sure`: the first one needs no proof."""
    best: list[Cell] = []
    for cells in relations:
        if _proof(cells) > _proof(best) or (sure and not best):
            best = cells
    proof = _proof(best)
    broken = sum(1 for cell in best if cell.agreement is None)
    enough = any(cell.agreement and _proves_alone(cell) for cell in best)
    for cell in best:
        if cell.agreement is not None:
            yield claim_of(kind, cell.stated, cell.agreement, cell.result, _sign(cell))
        elif (proof >= 2 * broken or (proof >= broken and enough) or sure) and cell.result.operands:
            yield claim_of(kind, cell.stated, "wrong", cell.result, _sign(cell))


def _proves_alone(cell: Cell) -> bool:
    """Whether a sum cannot agree by chance: of three parts or more, or exact to the last of its decimals."""
    parts = [figure for figure in cell.result.operands if figure.value]
    return len(parts) >= _MANY or (len(parts) > 1 and cell.agreement == "exact" and cell.stated.token.decimals > 0)


def _sign(cell: Cell) -> int:
    """-1 where a column of changes is printed without signs."""
    unsigned = cell.agreement is not None and agrees(cell.stated, cell.result) is None
    return -1 if unsigned else 1


def _proof(cells: Sequence[Cell]) -> int:
    return sum(1 for cell in cells if cell.telling and cell.agreement is not None)


# -- total rows --------------------------------------------------------------------------------------------------


def _total_row(grid: Grid, row: int) -> Iterator[Claim]:
    columns = [
        c for c in grid.columns if (row, c) in grid.figures and grid.figures[row, c].token.unit.kind != "percent"
    ]
    relations = (
        [cell for c in columns if (cell := _sum_cell(grid, row, c, rows)) is not None] for rows in _row_sets(grid, row)
    )
    kind: ClaimKind = (
        "score_sum" if any(grid.lexicon.says("score_header", grid.header(c)) for c in columns) else "total"
    )
    yield from _best(grid, kind, relations, sure=_is_complete(grid) or len(_own_rows(grid, row)) > 1)


def _own_rows(grid: Grid, row: int) -> list[int]:
    """The rows whose labels begin with the name of a subtotal: 产出 for 产出小计."""
    name = grid.lexicon["time"].sub("", grid.lexicon["table_total"].sub("", grid.title(row)))
    totals = [r for r in grid.rows if grid.lexicon.says("table_total", grid.label(r))]
    return [r for r in grid.rows if name and r not in totals and grid.label(r).startswith(name)]


def _is_complete(grid: Grid) -> bool:
    """Whether a table's one column of shares makes 100 %, so that its rows are all that its one total has."""
    totals = [r for r in grid.rows if grid.lexicon.says("table_total", grid.label(r))]
    shares = [c for c in grid.columns if grid.lexicon.says("table_share", grid.header(c))]
    if len(totals) != 1 or len(shares) != 1 or len(_plain_columns(grid, shares[0])) != 1:
        return False
    parts = [figure.token.value for row, figure in grid.column_figures(shares[0]) if row not in totals]
    plain = dict(grid.column_figures(_plain_columns(grid, shares[0])[0]))
    rows = [figure for row, figure in plain.items() if row not in totals]
    added = totals[0] in plain and agrees(plain[totals[0]], total_of(rows)) is not None
    return len(parts) > 1 and (added or abs(sum(parts) - 100) <= Decimal("0.011") * len(parts))


def _shares(grid: Grid, column: int) -> Iterator[list[Cell]]:
    """A column in % of one of its total rows."""
    totals = [r for r in grid.rows if grid.lexicon.says("table_total", grid.label(r))]
    for plain in _plain_columns(grid, column):
        for total in totals:
            whole = grid.figures.get((total, plain))
            cells = [
                _cell(stated, ratio_of(part, whole))
                for row, stated in grid.column_figures(column)
                if whole is not None and row != total and (part := grid.figures.get((row, plain))) is not None
            ]
            yield [cell for cell in cells if cell is not None]


def _sum_cell(grid: Grid, row: int, column: int, rows: Sequence[int]) -> Cell | None:
    parts = [grid.figures[r, column] for r in rows if (r, column) in grid.figures]
    if not parts:
        return None
    if grid.lexicon.says("score_header", grid.header(column)):
        parts = [replace(part, decimals=_EXACT) for part in parts]
    return _cell(grid.figures[row, column], total_of(parts))


def _row_sets(grid: Grid, row: int) -> Iterator[list[int]]:
    """The rows that a total row may be the sum of."""
    totals = [r for r in grid.rows if grid.lexicon.says("table_total", grid.label(r))]
    above, below = [r for r in grid.rows if r < row], [r for r in grid.rows if r > row]
    last = max((r for r in totals if r < row), default=0)
    following = min((r for r in totals if r > row), default=max(grid.rows) + 1)
    if own := _own_rows(grid, row):
        yield own
    inner = {r for r in grid.rows if grid.lexicon.says("table_inner", grid.label(r))}
    for rows in (
        [r for r in above if r > last],
        [r for r in above if r not in totals],
        [r for r in above if r in totals],
        [r for r in below if r < following],
        [r for r in below if r not in totals],
        below,
        [r for r in below if r in totals],
    ):
        yield rows
        yield [r for r in rows if r not in inner]
    for pool in (below, [r for r in above if r > last]):
        yield from _by_code(grid, pool)


def _by_code(grid: Grid, rows: Sequence[int]) -> Iterator[list[int]]:
    """The rows of one level of codes: 201, 20101, 2010101."""
    lengths: dict[int, list[int]] = {}
    for row in rows:
        lengths.setdefault(len(grid.code(row)), []).append(row)
    yield from lengths.values()


# -- columns -----------------------------------------------------------------------------------------------------


def _plain_columns(grid: Grid, but: int) -> list[int]:
    return [
        c for c in grid.columns if c != but and all(f.token.unit.kind != "percent" for _, f in grid.column_figures(c))
    ]


def _total_columns(grid: Grid, column: int) -> Iterator[list[Cell]]:
    """Sums of the columns beside a total column."""
    others = _plain_columns(grid, column)
    totals = [c for c in others if grid.lexicon.says("table_total", grid.header(c))]
    right, left = [c for c in others if c > column], [c for c in others if c < column]
    following = min((c for c in totals if c > column), default=10_000)
    last = max((c for c in totals if c < column), default=0)
    for parts in (
        [c for c in right if c < following],
        right,
        [c for c in left if c > last],
        left,
        [c for c in right if c in totals],
        *(right[:length] for length in range(2, len(right))),
    ):
        if len(parts) > 1:
            yield [
                cell
                for row, stated in grid.column_figures(column)
                if (cell := _cell(stated, total_of([grid.figures[row, c] for c in parts if (row, c) in grid.figures])))
                and cell.result.operands
            ]


def _computed(grid: Grid, column: int, formula: Formula) -> Iterator[list[Cell]]:
    """A formula of every two other columns."""
    for first, second in permutations(_plain_columns(grid, column)[:8], 2):
        cells: list[Cell] = []
        for row, stated in grid.column_figures(column):
            one, other = grid.figures.get((row, first)), grid.figures.get((row, second))
            if one is not None and other is not None:
                cell = _cell(stated, formula(one, other))
                if cell is not None:
                    cells.append(cell)
        yield cells
