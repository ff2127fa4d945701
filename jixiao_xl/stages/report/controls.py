"""Controls of figures (数字的域): each figure with its tag, its title and the way to its cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from jixiao_xl.files.word_blocks import Control, Link, cell_link
from jixiao_xl.model.report_figures import Figure
from jixiao_xl.model.report_tags import FigureName, tag_of, title_of
from jixiao_xl.stages.report.figures import anchor_of

WORKSPACE: Final = "../"  # the report stands in 结果/


@dataclass(frozen=True, slots=True)
class FigureControls:
    """The figures of a run as controls.

    Attributes:
        figures: every figure by name.
        missing: what stands for one that there is none of.
        has_rows: whether the document has the closing table that names every figure's cells.
    """

    figures: dict[FigureName, Figure]
    missing: str
    has_rows: bool = True

    def control(self, name: FigureName) -> Control:
        """A figure in its control; one that this run does not have says so."""
        figure = self.figures.get(name) or Figure(self.missing, "")
        return Control(figure.text, tag_of(name, figure.text), title_of(figure.label, name), link=self._link(figure))

    def _link(self, figure: Figure) -> Link | None:
        """To the row that names its cells, else to its first cell."""
        if not figure.sources:
            return None
        if self.has_rows and figure.row:
            return Link(anchor_of(figure.row))
        first = figure.sources[0]
        return cell_link(WORKSPACE, first.file, first.sheet, first.cell)
