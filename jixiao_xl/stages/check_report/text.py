"""Text (全文): the figures of a report with their neighbours, as the families of claims ask for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from jixiao_xl.model.mapping import Report
from jixiao_xl.stages.check_report.figures import Figure
from jixiao_xl.stages.check_report.lexicon import Lexicon
from jixiao_xl.stages.check_report.names import core, related, same
from jixiao_xl.stages.check_report.source import Source


class Text:
    """All figures in reading order, by sentence, paragraph and name."""

    def __init__(
        self, sources: Sequence[Source], figures: Sequence[Figure], lexicon: Lexicon, report: Report, year: int = 0
    ) -> None:
        """Index the figures; `year` is the one that the text is about."""
        self.year = year
        self.sources, self.figures, self.lexicon, self.report = sources, figures, lexicon, report
        self._sentences: dict[int, list[Figure]] = defaultdict(list)
        self._paragraphs: dict[int, list[Figure]] = defaultdict(list)
        self._named: dict[str, list[Figure]] = defaultdict(list)
        for figure in figures:
            self._sentences[figure.sentence].append(figure)
            self._paragraphs[figure.paragraph].append(figure)
            if figure.role == "level" and figure.name and figure.name not in lexicon.weak:
                self._named[core(figure.name, lexicon)].append(figure)

    def sentence(self, figure: Figure) -> list[Figure]:
        """The figures of its sentence."""
        return self._sentences[figure.sentence]

    def paragraph(self, figure: Figure) -> list[Figure]:
        """The figures of its paragraph."""
        return self._paragraphs[figure.paragraph]

    def before(self, figure: Figure) -> Figure | None:
        """The figure before it in its sentence."""
        return self._neighbour(figure, -1)

    def following(self, figure: Figure) -> Figure | None:
        """The figure after it in its sentence."""
        return self._neighbour(figure, 1)

    def _neighbour(self, figure: Figure, step: int) -> Figure | None:
        index = figure.index + step
        if 0 <= index < len(self.figures) and self.figures[index].sentence == figure.sentence:
            return self.figures[index]
        return None

    def levels_before(self, figure: Figure, kind: str | None = None) -> list[Figure]:
        """The levels before it in its paragraph, the nearest first; of one kind, where it is given."""
        found = [f for f in self.paragraph(figure) if f.index < figure.index and is_level(f, kind)]
        return found[::-1]

    def levels_after(self, figure: Figure, kind: str | None = None) -> list[Figure]:
        """The levels after it in its paragraph."""
        return [f for f in self.paragraph(figure) if f.index > figure.index and is_level(f, kind)]

    def levels_named(self, name: str, kind: str | None = None) -> list[Figure]:
        """The levels of the whole text that bear just this name."""
        return [f for f in self._named.get(core(name, self.lexicon), []) if kind is None or f.kind == kind]

    def between(self, first: Figure, second: Figure) -> str:
        """The text from behind one figure to the other, "" where they stand in two paragraphs."""
        if first.paragraph != second.paragraph:
            return ""
        return first.token.source.text[first.token.unit_end : second.token.start]

    def same(self, first: str, second: str) -> bool:
        """Whether two names mean one measure for certain."""
        return same(first, second, self.lexicon)

    def related(self, first: str, second: str) -> bool:
        """Whether two names may mean one measure."""
        return related(first, second, self.lexicon)

    def is_weak(self, name: str) -> bool:
        """Whether a name says no more than 支出 or 总额."""
        return not name or name in self.lexicon.weak


def is_level(figure: Figure, kind: str | None = None) -> bool:
    """Whether it is a level, of one kind where it is given."""
    return figure.role == "level" and (kind is None or figure.kind == kind)
