"""Grids (表格): the cells of a report's tables with their numbers, headers and row labels."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from jixiao_xl.stages.check_report.figures import Figure
from jixiao_xl.stages.check_report.lexer import Token, Unit
from jixiao_xl.stages.check_report.lexicon import Lexicon
from jixiao_xl.stages.check_report.source import Source

_PLACE = re.compile(r"(?P<table>.*t\d+)r(?P<row>\d+)c(?P<column>\d+)")
_NUMBER_CELL = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?")
_PERCENT = Unit("percent", "", text="%")

Numbers = Sequence[tuple[Source, Sequence[Token]]]


@dataclass(frozen=True)
class Grid:
    """One table.

    Attributes:
        texts: the text of each cell by row and column; a merged cell's text stands in all that it covers.
        figures: the number of each cell that is nothing but one.
        lexicon: the words.
        codes: the cells of columns that hold codes or serial numbers.
    """

    texts: Mapping[tuple[int, int], str]
    figures: Mapping[tuple[int, int], Figure]
    lexicon: Lexicon
    codes: Mapping[tuple[int, int], Source] = field(default_factory=dict[tuple[int, int], Source])

    @cached_property
    def rows(self) -> list[int]:
        """The rows that hold numbers."""
        return sorted({row for row, _ in self.figures})

    @cached_property
    def columns(self) -> list[int]:
        """The columns that hold numbers."""
        return sorted({column for _, column in self.figures})

    def header(self, column: int) -> str:
        """The words above a column's first number, from the top."""
        first = self.rows[0] if self.rows else 0
        words = [self.texts[key] for key in sorted(self.texts) if key[1] == column and key[0] < first]
        return "".join(dict.fromkeys(words))

    def label(self, row: int) -> str:
        """The words of a row before its first number."""
        first = min(column for r, column in self.figures if r == row)
        return "".join(dict.fromkeys(self.texts[key] for key in sorted(self.texts) if key[0] == row and key[1] < first))

    def title(self, row: int) -> str:
        """The words right before a row's first number."""
        first = min(column for r, column in self.figures if r == row)
        return next((self.texts[row, c] for c in range(first - 1, 0, -1) if self.texts.get((row, c))), "")

    def column_figures(self, column: int) -> list[tuple[int, Figure]]:
        """The numbers of a column with their rows."""
        return [(row, self.figures[row, column]) for row in self.rows if (row, column) in self.figures]

    @property
    def code_cells(self) -> Iterator[Source]:
        """The cells of columns that hold codes or serial numbers."""
        yield from self.codes.values()

    def code(self, row: int) -> str:
        """The code of a row, "" where it has none."""
        return next((source.text for (r, _), source in self.codes.items() if r == row), "")

    def headed(self) -> Iterator[Figure]:
        """The numbers that a header or a label says something of."""
        for (row, column), figure in self.figures.items():
            if self.header(column) or self.label(row):
                yield figure


def is_number_cell(source: Source) -> bool:
    """Whether a cell is nothing but a number."""
    return source.passage.kind == "cell" and _NUMBER_CELL.fullmatch(source.text) is not None


def grids_of(lexed: Numbers, lexicon: Lexicon) -> Iterator[Grid]:
    """Every table that has numbers in cells of their own."""
    tables: dict[str, list[tuple[int, int, Source, Sequence[Token]]]] = defaultdict(list)
    for source, tokens in lexed:
        found = _PLACE.fullmatch(source.passage.place) if source.passage.kind == "cell" else None
        if found is not None:
            tables[found["table"]].append((int(found["row"]), int(found["column"]), source, tokens))
    for cells in tables.values():
        grid = _grid(cells, lexicon)
        if grid.figures:
            yield grid


def _grid(cells: Sequence[tuple[int, int, Source, Sequence[Token]]], lexicon: Lexicon) -> Grid:
    texts: dict[tuple[int, int], str] = {}
    figures: dict[tuple[int, int], Figure] = {}
    for row, column, source, tokens in cells:
        if is_number_cell(source) and len(tokens) == 1:
            figures[row, column] = Figure(tokens[0], -1, -1, -1, 0, "", "", role="level", decimals=tokens[0].decimals)
            continue
        height, width = source.passage.merged
        for r in range(row, row + max(1, min(height, 400))):
            for c in range(column, column + max(1, min(width, 60))):
                texts.setdefault((r, c), source.text)
    return _with_columns(Grid(texts, figures, lexicon))


def _with_columns(grid: Grid) -> Grid:
    """The grid whose figures know what their columns say: %, shared decimals; columns of codes are no figures."""
    figures: dict[tuple[int, int], Figure] = {}
    codes: dict[tuple[int, int], Source] = {}
    for column in grid.columns:
        header = grid.header(column)
        cells = grid.column_figures(column)
        percent = (not grid.lexicon.says("score_header", header) and "%" in header) or grid.lexicon.says(
            "rate_header", header
        )
        if grid.lexicon.says("code_header", header) and all(figure.token.decimals == 0 for _, figure in cells):
            codes |= {(row, column): figure.token.source for row, figure in cells}
            continue
        decimals = max(figure.token.decimals for _, figure in cells)
        for row, figure in cells:
            bare = percent and figure.token.unit.kind == ""
            token = replace(figure.token, unit=_PERCENT) if bare else figure.token
            own = token.unit.kind == "percent"
            figures[row, column] = replace(figure, token=token, decimals=token.decimals if own else decimals)
    return Grid(grid.texts, figures, grid.lexicon, codes)
