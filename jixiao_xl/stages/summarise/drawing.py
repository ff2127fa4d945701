"""Drawing (制表): what the sheets of the summary share beside the pen: formula patterns, names, differences."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from jixiao_xl.model.mapping import Mapping


def full_sum(area: str) -> str:
    """The sum of a range of scores, or blank where one is missing: never full marks for a gap."""
    return f'=IF(COUNT({area})<ROWS({area}),"",ROUND(SUM({area}),2))'


def full_sum_of(cells: Sequence[str]) -> str:
    """The sum of single cells, or blank where one is missing."""
    listed = ",".join(cells)
    return f'=IF(COUNT({listed})<{len(cells)},"",ROUND(SUM({listed}),2))'


def difference(first: str, second: str) -> str:
    """First less second, or blank where one is missing."""
    return f'=IF(COUNT({first},{second})<2,"",ROUND({first}-{second},2))'


def grade_formula(cell: str, mapping: Mapping) -> str:
    """The grade of the score in a cell: an IF for each band, the highest first."""
    bands = sorted(mapping.scoring.grades.bands, key=lambda band: band.from_, reverse=True)
    formula = f'"{bands[-1].grade}"'
    for band in reversed(bands[:-1]):
        formula = f'IF({cell}>={band.from_:f},"{band.grade}",{formula})'
    return f'=IF(COUNT({cell})=0,"",{formula})'


def shown_grade_formula(cell: str, mapping: Mapping) -> str:
    """The grade in a cell as this office writes it."""
    formula = cell
    for grade, shown in mapping.scoring.grades.grade_shown.items():
        formula = f'IF({cell}="{grade}","{shown}",{formula})'
    return f"={formula}"


def unit_name(mapping: Mapping, code: str) -> str:
    """A unit's name; its code where the mapping does not know it."""
    unit = mapping.unit_by_code.get(code)
    return unit.name if unit else code


def less(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    """First less second, or None where one is missing."""
    return first - second if first is not None and second is not None else None
