"""Summarise (汇总表): every score, finding and figure in one workbook whose totals are live formulas.

The sheets are drawn from the cells upwards, so that each can refer to the one below it: indicators, then the
department's score, then the facts, then the overview.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from jixiao_xl.files.author import author_workbook
from jixiao_xl.model.history import Round
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import Result
from jixiao_xl.model.review import Correction
from jixiao_xl.stages.summarise.bureau import summarise_bureau
from jixiao_xl.stages.summarise.facts import draw_facts
from jixiao_xl.stages.summarise.findings import draw_findings
from jixiao_xl.stages.summarise.history import draw_history
from jixiao_xl.stages.summarise.levels import draw_level
from jixiao_xl.stages.summarise.overview import draw_overview
from jixiao_xl.stages.summarise.projects import draw_projects
from jixiao_xl.stages.summarise.reconciliation import draw_reconciliation
from jixiao_xl.stages.summarise.steps import draw_steps

__all__ = ["summarise", "summarise_bureau"]


def summarise(
    result: Result, mapping: Mapping, history: Sequence[Round] = (), corrections: Sequence[Correction] = ()
) -> tuple[str, bytes]:
    """The file name and the bytes of the summary workbook; the same arguments give the same bytes."""
    sections, section_cells = draw_level(result, mapping, "科室")
    department, department_cells = draw_level(result, mapping, "部门")
    scores = section_cells.with_those_of(department_cells)
    steps, step_cells = draw_steps(result, mapping, scores)
    facts, fact_cells = draw_facts(result, mapping, step_cells)
    overview = draw_overview(result, mapping, scores, step_cells, fact_cells)
    sheets = [
        overview,
        steps,
        sections,
        department,
        draw_projects(result, mapping),
        draw_reconciliation(result, mapping),
        draw_findings(result, mapping),
        facts,
        draw_history(result, mapping, history, corrections),
    ]
    moment = datetime(mapping.year + 1, 1, 1)  # no clock: the same inputs give the same bytes
    return f"{mapping.text('summary_file')}.xlsx", author_workbook(sheets, moment=moment)
