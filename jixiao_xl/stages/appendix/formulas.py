"""Live figures of the appendix (附表公式): what a rate, a total and a grade are computed from, in Excel's words."""

from __future__ import annotations

from collections.abc import Sequence

from jixiao_xl.model.mapping import Mapping


def rate(executed: str, budget: str, blank: str) -> str:
    """Executed ÷ adjusted budget; the sign where one is missing or there is no budget."""
    return f'=IF(COUNT({executed},{budget})<2,"{blank}",IF({budget}=0,"{blank}",{executed}/{budget}))'


def full_sum(cells: Sequence[str], expected: int, blank: str, *, places: int | None = None) -> str:
    """The sum of cells and ranges that hold `expected` numbers together; the sign where one is missing."""
    listed = ",".join(cells)
    total = f"SUM({listed})" if places is None else f"ROUND(SUM({listed}),{places})"
    return f'=IF(COUNT({listed})<{expected},"{blank}",{total})'


def capped(formula: str, most: str, blank: str) -> str:
    """A sum that is no more than `most`."""
    inner = formula.removeprefix("=")
    return f'=IF(ISNUMBER({inner}),MIN({most},{inner}),"{blank}")'


def grade(cell: str, mapping: Mapping, blank: str, *, shown: bool) -> str:
    """The grade of the total in a cell, the highest band first; `shown`: as this office writes it."""
    grades = mapping.scoring.grades
    bands = sorted(grades.bands, key=lambda band: band.from_)
    names = [grades.grade_shown.get(band.grade, band.grade) if shown else band.grade for band in bands]
    formula = f'"{names[0]}"'
    for band, name in list(zip(bands, names, strict=True))[1:]:
        formula = f'IF({cell}>={band.from_:f},"{name}",{formula})'
    return f'=IF(ISNUMBER({cell}),{formula},"{blank}")'
