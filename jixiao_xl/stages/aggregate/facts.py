"""Facts (事实): the figures of the report, each with every cell that it comes from."""

from __future__ import annotations

from decimal import Decimal

from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.expressions import evaluate_number, parse_number
from jixiao_xl.model.formulas import Name, Value
from jixiao_xl.model.mapping import Fact, Mapping
from jixiao_xl.model.money import fifteen_digits, half_up, plain, wan, with_fen
from jixiao_xl.model.places import CellKey, Source
from jixiao_xl.model.results import (
    DepartmentScore,
    FactValue,
    UnitScore,
)


def facts_of(
    batch: Batch, units: dict[str, UnitScore], department: DepartmentScore, mapping: Mapping
) -> dict[str, FactValue]:
    """Every fact of the mapping by id, in its order."""
    root = batch.of(mapping.root.code)
    facts: dict[str, FactValue] = {}
    for fact in mapping.facts:
        if fact.special is not None:
            facts[fact.id] = _special(fact, batch, units, department, mapping)
        else:
            facts[fact.id] = _from_cells(fact, root, facts)
    return facts


def _from_cells(fact: Fact, root: Submission | None, known: dict[str, FactValue]) -> FactValue:
    """A figure computed from cells of the department's workbook and from figures before it."""
    if root is None or fact.value is None:
        return FactValue(fact.id, fact.name, MEASURES[fact.unit], None, None, ())
    expression = parse_number(fact.value)
    cells = root.workings.lookup(CellKey("", "", ""))
    sources: dict[Source, None] = {}

    def lookup(name: Name) -> list[Value]:
        if len(name) == 1:
            sources.update(dict.fromkeys(known[name[0]].sources))
            return [known[name[0]].value]
        if len(name) == 3 and root.layout.has(CellKey(*name)):
            sources[root.source(CellKey(*name))] = None
        return list(cells(name))

    value = evaluate_number(expression, lookup)
    cells_named = [CellKey(*operand.name) for operand in expression.names if len(operand.name) == 3]
    if cells_named and not any(root.workings.is_filled(key) for key in cells_named):
        value = None  # nothing was typed: a sum of blanks is no figure
    if value is not None:
        value = fifteen_digits(value) if fact.unit == "ratio" else exact(value, fact)
    return FactValue(fact.id, fact.name, MEASURES[fact.unit], value, shown_in_prose(value, fact), tuple(sources))


MEASURES = {"yuan": "元", "ratio": "%", "people": "人", "count": "个", "score": "分", "grade": ""}


def exact(value: Decimal, fact: Fact) -> Decimal:
    """An amount with its 分; any other figure as it is."""
    return with_fen(value) if fact.unit == "yuan" else value


def shown_in_prose(value: Decimal | None, fact: Fact) -> str | None:
    """What prose prints: 万元 and % with two decimals, unsigned where the direction is said in words."""
    if value is None:
        return None
    unsigned = abs(value) if fact.unsigned else value
    match fact.unit:
        case "yuan":
            return plain(wan(unsigned))
        case "ratio":
            return plain(half_up(unsigned * 100, 2))
        case _:
            return plain(unsigned)


def _special(
    fact: Fact, batch: Batch, units: dict[str, UnitScore], department: DepartmentScore, mapping: Mapping
) -> FactValue:
    sections = [s for s in batch.submissions if s.unit != mapping.root.code]
    value: Decimal | str | None
    match fact.special:
        case "section_count":
            value, shown = Decimal(len(mapping.sections)), str(len(mapping.sections))
            name = CellKey("cover", "unit", "value")
            sources = tuple(section.source(name) for section in sections if section.layout.has(name))
        case "section_indicator_count":
            count = sum(len(mapping.indicators_of(unit.code)) for unit in mapping.sections)
            value, shown = Decimal(count), str(count)
            sources = tuple(i.source for s in sections for i in units[s.unit].indicators)
        case "grade":
            value, shown = department.grade, department.grade_shown
            sources = _score_sources(units, department)
        case _:
            value = department.total
            shown = plain(value) if value is not None else None
            sources = _score_sources(units, department)
    return FactValue(fact.id, fact.name, MEASURES[fact.unit], value, shown, sources)


def _score_sources(units: dict[str, UnitScore], department: DepartmentScore) -> tuple[Source, ...]:
    """The score cells of every indicator that the department's score rests on."""
    blocks = {(part.unit, step.block) for step in department.steps for part in step.parts}
    return tuple(
        indicator.source
        for unit in units.values()
        for indicator in unit.indicators
        if (indicator.unit, indicator.block) in blocks
    )
