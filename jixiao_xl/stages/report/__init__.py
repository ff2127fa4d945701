"""Report (自评报告): a Word template filled with figures from the facts and texts from the workbooks.

The template is made from report.yaml (`template`), or an officer's own edition of it. Its blanks are filled (`filling`):
figures with their texts and cells (`figures`, `controls`), parts with what units wrote (`own_texts`), with tables
(`tables`) and with chapters that repeat for every section (`writer`). Nothing is made up here: a missing figure is
shown as ——, a missing text as 未填报 or not at all.
"""

from __future__ import annotations

from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.results import Result
from jixiao_xl.stages.report.figures import current_figures, figures_of
from jixiao_xl.stages.report.filling import TemplateRefused, filled_template
from jixiao_xl.stages.report.template import report_template

__all__ = ["TemplateRefused", "current_figures", "figures_of", "report", "report_template"]


def report(result: Result, mapping: Mapping, template: bytes | None = None) -> tuple[str, bytes]:
    """The report's file name and its bytes; the same result, mapping and template give the same bytes.

    Args:
        result: what a run found out.
        mapping: the year's mapping.
        template: an officer's own edition of the template; None: the one that report.yaml gives.

    Raises:
        TemplateRefused: the template names what nobody knows, or one of its controls is damaged.
        UnreadableReport: the template is no .docx that can be opened.
    """
    name, own = report_template(mapping)
    return name, filled_template(name, own if template is None else template, result, mapping)
