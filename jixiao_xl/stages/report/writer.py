"""Parts of the report (报告的各部分): what report.yaml asks for, as blocks, from one run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jixiao_xl.files.word_blocks import Block, Inline, Look, Paragraph, Run, heading
from jixiao_xl.model.mapping import Mapping, ReportPart, Unit
from jixiao_xl.model.money import is_blank
from jixiao_xl.model.report_tags import FigureName
from jixiao_xl.model.report_text import pieces
from jixiao_xl.model.results import Result
from jixiao_xl.stages.report.controls import FigureControls
from jixiao_xl.stages.report.figures import block_name, gap_name
from jixiao_xl.stages.report.own_texts import circled, own_texts
from jixiao_xl.stages.report.tables import ReportTables

Words = dict[str, tuple[Inline, ...]]


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whose texts a part shows, and the words that its sentences may use beside the figures."""

    unit: Unit
    words: Words
    said: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])  # what which unit said


class PartWriter:
    """The parts of report.yaml as blocks."""

    def __init__(self, result: Result, mapping: Mapping, controls: FigureControls) -> None:
        self._result, self._mapping, self._controls = result, mapping, controls
        self._tables = ReportTables(result, mapping, controls)
        words: Words = {name: (Run(text),) for name, text in report_words(mapping).items()}
        self._scope = _Scope(mapping.root, words)

    def made(self, part: ReportPart) -> tuple[Block, ...]:
        """What takes the place of a part's placeholder: its own texts, its table, or its parts for every section."""
        if part.each is None:
            return tuple(self._content(part, self._scope))
        return tuple(self._repeated(part))

    def _repeated(self, part: ReportPart) -> Iterator[Block]:
        said: dict[tuple[str, ...], str] = {}
        for number, unit in enumerate(self._mapping.sections, start=1):
            yield from self._parts(
                part.parts, _Scope(unit, self._scope.words | self._section_words(number, unit), said)
            )

    def _parts(self, parts: Iterable[ReportPart], scope: _Scope) -> Iterator[Block]:
        for part in parts:
            if part.annex_line is not None:
                yield from self._sentence(part.annex_line, scope, "Annex Line")
            if part.heading is not None:
                yield Paragraph(self._inlines(part.heading, scope), heading("", part.level).look)
            if part.text is not None:
                yield from self._sentence(part.text, scope)
            yield from self._content(part, scope)
            yield from self._parts(part.parts, scope)

    def _content(self, part: ReportPart, scope: _Scope) -> Iterator[Block]:
        if part.from_ is not None:
            yield from self._own_texts(part, scope)
        if part.table is not None:
            yield from self._table(part, part.table, scope)

    # -- sentences ---------------------------------------------------------------------------------------------

    def _sentence(self, template: str, scope: _Scope, look: Look = "Normal") -> Iterator[Block]:
        for line in template.splitlines():
            runs = self._inlines(line, scope)
            if any(run.text for run in runs):
                yield Paragraph(runs, look)

    def _inlines(self, template: str | None, scope: _Scope) -> tuple[Inline, ...]:
        found: list[Inline] = []
        for piece in pieces(template or ""):
            if not piece.name:
                found.append(Run(piece.text))
            elif piece.name in scope.words and not piece.form:
                found.extend(scope.words[piece.name])
            else:
                found.append(self._controls.control(FigureName(piece.name, piece.form)))
        return tuple(found)

    def _section_words(self, number: int, unit: Unit) -> Words:
        joint = self._mapping.text("report_name_joint")
        names = joint.join(indicator.level3 for indicator in self._mapping.indicators_of(unit.code))
        plain = {"number": str(number), "circled": circled(number), "unit_name": unit.name, "indicator_names": names}
        control = self._controls.control
        return {name: (Run(text),) for name, text in plain.items()} | {
            "unit_points": (control(FigureName(f"{unit.code}.points")),),
            "unit_score": (control(FigureName(f"{unit.code}.score")),),
            "unit_loss": (control(FigureName(f"{unit.code}.lost", "phrase")),),
            "unit_blocks": tuple(self._blocks(unit, joint)),
        }

    def _blocks(self, unit: Unit, joint: str) -> Iterator[Inline]:
        """产出59.10分（满分60分）、… of one section."""
        scored = self._result.units.get(unit.code)
        if scored is None or not scored.blocks:
            yield Run(self._controls.missing)
            return
        for position, block in enumerate(scored.blocks):
            words: Words = {
                what: (self._controls.control(block_name(unit.code, block.block, what, self._mapping)),)
                for what in ("score", "points")
            }
            if position:
                yield Run(joint)
            template = self._mapping.texts["report_block"]
            yield from self._inlines(template, _Scope(unit, {**words, "block": (Run(block.block),)}))

    # -- texts and tables from the workbooks -------------------------------------------------------------------

    def _own_texts(self, part: ReportPart, scope: _Scope) -> Iterator[Block]:
        items = self._shown_once(part, own_texts(part, scope.unit, self._result, self._mapping), scope)
        lead, tail = self._inlines(part.lead, scope), self._inlines(part.tail, scope)
        for item in items:
            lines = [line for line in item.split("\n") if not is_blank(line)]
            for position, line in enumerate(lines):
                opening = lead if position == 0 else ()
                closing = tail if position == len(lines) - 1 else ()
                yield Paragraph((*opening, Run(line), *closing))

    def _shown_once(self, part: ReportPart, items: list[str], scope: _Scope) -> list[str]:
        """Of a section that says what one before it said: whose text it is."""
        if scope.unit is self._mapping.root or not items or items == [self._mapping.text("report_missing")]:
            return items
        first = scope.said.setdefault((part.from_ or "", part.item or "", *items), scope.unit.name)
        return items if first == scope.unit.name else [self._mapping.text("report_same_as", unit=first)]

    def _table(self, part: ReportPart, table: str, scope: _Scope) -> Iterator[Block]:
        grid = self._tables.grid(part, table, scope.unit)
        if grid is None:
            if not part.optional:
                yield Paragraph((Run(self._mapping.text("report_missing")),))
            return
        if part.lead:
            yield Paragraph(self._inlines(part.lead, scope), "Caption")
        yield grid
        yield from self._sentence(part.tail or "", scope, "Note")
        if table == "facts":
            yield from self._gaps()

    def _gaps(self) -> Iterator[Block]:
        """A note for every change that the displayed figures do not give exactly (尾差)."""
        for amount in self._mapping.report.changes:
            control = self._controls.control(gap_name(amount))
            fact = next(fact for fact in self._mapping.facts if fact.id == amount)
            if control.text != self._mapping.text("report_no_gap", name=fact.name):
                yield Paragraph((control,), "Note")


def report_words(mapping: Mapping) -> dict[str, str]:
    """The words that every sentence may use."""
    return {"department": mapping.department, "year": str(mapping.year), "prior_year": str(mapping.year - 1)}
