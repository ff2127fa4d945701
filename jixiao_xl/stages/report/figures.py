"""Figures of the report (报告中的数字): every number that it can show, its name, its text and the cells behind it.

Names begin with what the number belongs to: `fiscal_income` is a fact, `party_office.score` a section's score,
`street_office.output.score` a block's, `party_office_01.score` the number in one cell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from jixiao_xl.model.batch import Submission
from jixiao_xl.model.mapping import Mapping, Unit
from jixiao_xl.model.money import half_up, plain
from jixiao_xl.model.places import CellKey, Source
from jixiao_xl.model.report_figures import CurrentFigures, FactWording, Figure
from jixiao_xl.model.report_tags import FigureName
from jixiao_xl.model.report_text import MADE_TABLES, OWN_FIGURES, every_part
from jixiao_xl.model.results import SCORING_STATUSES, Result, ScoredIndicator, UnitScore
from jixiao_xl.stages.report.cells import number_of, shown_rows, text_of

Named = Iterator[tuple[FigureName, Figure]]
INDICATORS: Final = "indicators"
_DATES: Final = (("schedule", "end"), ("cover", "value"))  # when the last step of the process ended, and the cover's
_LONGEST_NAME: Final = 48  # a tag and a title have room for 64 characters in Word


def figures_of(result: Result, mapping: Mapping) -> dict[FigureName, Figure]:
    """Every figure of the report in every form, by name."""
    named = [figure for submission in result.batch.submissions for figure in _cells(submission, result, mapping)]
    for unit in mapping.sections:
        named += _section(unit, result, mapping)
    named += [*_department(result, mapping), *_own(result, mapping), *_facts(result, mapping)]
    return dict(named)


def current_figures(result: Result, mapping: Mapping) -> CurrentFigures:
    """What every figure reads like now, for a report that was written before."""
    figures = figures_of(result, mapping)
    labels: dict[str, str] = {}
    for name, figure in figures.items():
        labels.setdefault(name.fact, figure.label)
    groups = {
        fact: amount
        for amount, change in mapping.report.changes.items()
        for fact in (amount, change.rate, signed_name(amount), signed_name(change.rate))
    }
    synonyms = {word: tuple(others) for word, others in mapping.report.synonyms.items()}
    return CurrentFigures({name: figure.text for name, figure in figures.items()}, labels, groups, synonyms)


def label_of(fact_id: str, mapping: Mapping) -> str:
    """The Chinese name of a figure that a template may hold: a fact, or one of the report's own."""
    if fact_id in OWN_FIGURES:
        return mapping.text(f"report_{fact_id}")
    return next((fact.name for fact in mapping.facts if fact.id == fact_id), fact_id)


def signed_name(fact_id: str) -> str:
    """The figure that shows a change together with its direction."""
    return f"{fact_id}.signed"


def gap_name(amount: str) -> FigureName:
    """The sentence on how far the displayed figures are from a change."""
    return FigureName(f"{amount}.gap", "phrase")


def cell_name(unit: str, key: CellKey, mapping: Mapping) -> FigureName:
    """The number in one cell of a unit's workbook; a name that is too long for a tag ends in a digest."""
    row = key.row.replace(":", ".")
    if key.sheet == INDICATORS:
        is_one = row.startswith(f"{unit}_")
        name = f"{row}.{key.column}" if is_one else f"{unit}.{row.removeprefix('subtotal_')}.{key.column}"
    else:
        owner = "" if unit == mapping.root.code else f"{unit}."
        name = f"{owner}{key.sheet}.{row}.{key.column}"
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME - 9]}.{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return FigureName(name)


def lost_name(unit: str, indicator: str, mapping: Mapping) -> FigureName:
    """The points that an indicator lost."""
    return cell_name(unit, CellKey(INDICATORS, indicator, "lost"), mapping)


def has_owner(name: str, mapping: Mapping) -> bool:
    """Whether a name with points begins with something that this office has."""
    owner = name.partition(".")[0]
    return (
        owner in mapping.unit_by_code
        or any(owner == indicator.key for indicator in mapping.indicators)
        or any(owner == sheet.key for sheet in mapping.forms.sheets)
        or any(owner == fact.id for fact in mapping.facts)
    )


def anchor_of(fact_id: str) -> str:
    """The bookmark of a figure's row in the closing table; Word takes 40 letters, digits and `_`."""
    name = "fact_" + fact_id.replace(".", "_")
    return name if len(name) <= 40 else "fact_" + hashlib.sha256(fact_id.encode()).hexdigest()[:16]


def score_text(score: Decimal | None, mapping: Mapping) -> str:
    """A score, or the sign for a missing figure."""
    return mapping.text("report_no_figure") if score is None else plain(score)


# -- facts -----------------------------------------------------------------------------------------------------


def _facts(result: Result, mapping: Mapping) -> Named:
    missing, none = mapping.text("report_no_figure"), mapping.text("report_not_comparable")
    wording = FactWording(mapping.report, result.facts, missing, none)
    for fact in mapping.facts:
        found = result.facts.get(fact.id)
        sources = found.sources if found else ()
        yield FigureName(fact.id), Figure(wording.figure(fact.id), fact.name, sources, fact.id)
        label = mapping.text("report_form_dir", name=fact.name)
        yield FigureName(fact.id, "dir"), Figure(wording.figure(fact.id, "dir"), label, sources, fact.id)
        signed = wording.signed(fact.id)
        if signed is not None:
            label = mapping.text("report_signed", name=fact.name)
            yield FigureName(signed_name(fact.id)), Figure(signed, label, sources, fact.id)
        if fact.id in mapping.report.changes:
            label = mapping.text("report_form_phrase", name=fact.name)
            yield FigureName(fact.id, "phrase"), Figure(wording.figure(fact.id, "phrase"), label, sources, fact.id)
            text = _gap_text(wording, fact.id, fact.name, mapping)
            yield gap_name(fact.id), Figure(text, mapping.text("report_gap", name=fact.name), sources, fact.id)


def _gap_text(wording: FactWording, amount: str, name: str, mapping: Mapping) -> str:
    gap = wording.rounding_gap(amount)
    if gap is None:
        return mapping.text("report_no_gap", name=name)
    return mapping.text("report_rounding", name=gap.name, shown=gap.shown, subtracted=gap.subtracted, gap=gap.gap)


def _own(result: Result, mapping: Mapping) -> Named:
    scored = result.facts.get("score")
    sources = scored.sources if scored else ()
    yield (
        FigureName("score_note"),
        Figure(_score_note(result, mapping), label_of("score_note", mapping), sources, "score"),
    )
    text, source = _report_date(result, mapping)
    text = text or mapping.text("report_placeholder", name=label_of("report_date", mapping))
    found = (source,) if source else ()
    yield FigureName("report_date"), Figure(text, label_of("report_date", mapping), found, "report_date")


def _score_note(result: Result, mapping: Mapping) -> str:
    """Whether the department's score is final, and for whom it waits."""
    department = result.department
    names = [mapping.unit_by_code[code].name for code in department.waiting_for]
    key = "report_provisional" if department.provisional else "report_waiting"
    if not names:
        key = "report_final" if department.total is not None and not department.provisional else key
    units = mapping.text("report_name_joint").join(names) or mapping.text("report_no_figure")
    return mapping.text(key, units=units)


def _report_date(result: Result, mapping: Mapping) -> tuple[str | None, Source | None]:
    """The day on which the last step of the self-evaluation ended, or the cover was signed, whichever is later."""
    root = result.batch.of(mapping.root.code)
    if root is None:
        return None, None
    days: list[tuple[Decimal, CellKey]] = []
    for key, value in root.inputs.items():
        table = root.layout.row_tables.get((key.sheet, key.row)) or key.sheet
        cell = root.workings.cell(key)
        if (table, key.column) in _DATES and cell is not None and cell.type == "date" and isinstance(value, Decimal):
            days.append((value, key))
    if not days:
        return None, None
    last = max(days)[1]
    return text_of(root, last, mapping), root.source(last)


# -- scores ----------------------------------------------------------------------------------------------------


def step_name(block: str, what: str, mapping: Mapping) -> FigureName:
    """A block of the department's score: its `score` or its `points`."""
    return block_name(mapping.root.code, block, what, mapping)


def block_name(unit: str, block: str, what: str, mapping: Mapping) -> FigureName:
    """A block of a unit's score: its `score` or its `points`."""
    return FigureName(f"{unit}.{mapping.block_key(block)}.{what}")


def _department(result: Result, mapping: Mapping) -> Named:
    department, root = result.department, mapping.root.code
    for step in department.steps:
        row = step_name(step.block, "score", mapping).fact
        members = {part.unit for part in step.parts}
        sources = tuple(i.source for u in result.units.values() if u.unit in members for i in _of_block(u, step.block))
        label = mapping.text("report_step", block=step.block)
        yield step_name(step.block, "score", mapping), Figure(score_text(step.score, mapping), label, sources, row)
        yield step_name(step.block, "points", mapping), Figure(plain(step.points), label, sources, row)
    points = sum((step.points for step in department.steps), Decimal(0))
    total = mapping.text("report_total")
    scored = result.facts.get("score")
    sources = scored.sources if scored else ()
    yield FigureName(f"{root}.points"), Figure(plain(points), total, sources, "score")


def _of_block(unit: UnitScore, block: str) -> list[ScoredIndicator]:
    return [indicator for indicator in unit.indicators if indicator.block == block]


def _section(unit: Unit, result: Result, mapping: Mapping) -> Named:
    scored = result.units.get(unit.code)
    org = next((org for org in result.orgs if org.code == unit.code), None)
    row = f"{unit.code}.score"
    sources = tuple(indicator.source for indicator in scored.indicators) if scored else ()
    points = sum((indicator.points for indicator in mapping.indicators_of(unit.code)), Decimal(0))
    grade = org.grade if org else None
    texts = {
        "score": score_text(scored.total if scored else None, mapping),
        "points": plain(points),
        "self_score": score_text(org.self_score if org else None, mapping),
        "grade": mapping.scoring.grades.grade_shown.get(grade, grade) if grade else mapping.text("report_no_figure"),
    }
    label = mapping.text("report_step", block=unit.name)
    for what, text in texts.items():
        yield FigureName(f"{unit.code}.{what}"), Figure(text, label, sources, row)
    yield FigureName(f"{unit.code}.lost", "phrase"), Figure(_loss(unit, result, mapping), label, sources, row)
    for block in scored.blocks if scored else ():
        name = block_name(unit.code, block.block, "score", mapping)
        cells = tuple(indicator.source for indicator in _of_block(scored, block.block)) if scored else ()
        label = mapping.text("report_of", owner=unit.name, thing=mapping.text("report_step", block=block.block))
        yield name, Figure(score_text(block.score, mapping), label, cells, name.fact)
        yield (
            block_name(unit.code, block.block, "points", mapping),
            Figure(plain(block.points), label, cells, name.fact),
        )


def _loss(unit: Unit, result: Result, mapping: Mapping) -> str:
    """What a section's score lacks, and whether it counts, in words."""
    scored = result.units.get(unit.code)
    if scored is None:
        return mapping.text("report_not_counted")
    if scored.total is None:
        sentence = mapping.text("report_score_unknown")
    elif scored.total >= scored.points:
        sentence = mapping.text("report_full_marks")
    else:
        sentence = mapping.text("report_lost", lost=plain(half_up(scored.points - scored.total, 2)))
    counted = any(org.code == unit.code and org.status in SCORING_STATUSES for org in result.orgs)
    return sentence if counted else sentence + mapping.text("report_not_counted")


# -- cells -----------------------------------------------------------------------------------------------------


def _cells(submission: Submission, result: Result, mapping: Mapping) -> Named:
    """The numbers of every table that the report may show, cell by cell."""
    wanted = {INDICATORS, *(part.table for part, _ in every_part(mapping.report) if part.table not in MADE_TABLES)}
    scored = result.units.get(submission.unit)
    for indicator in scored.indicators if scored else ():
        yield from _indicator(indicator, mapping)
    name = mapping.unit_by_code[submission.unit].name
    for table_key in sorted(table for table in wanted if table in submission.form.tables):
        sheet, table = submission.form.tables[table_key]
        for row in shown_rows(submission, table):
            form_row = submission.form.rows.get((sheet.key, row))
            for column in table.columns:
                key = CellKey(sheet.key, row, column.key)
                text = number_of(submission, key)
                if text is not None and submission.layout.has(key):
                    thing = f"{form_row.label if form_row else ''}{column.header}"
                    label = mapping.text("report_of", owner=name, thing=thing)
                    yield cell_name(submission.unit, key, mapping), Figure(text, label, (submission.source(key),))


def _indicator(indicator: ScoredIndicator, mapping: Mapping) -> Named:
    """An indicator's points and score as they count, and what it lost."""
    lost = None if indicator.score is None else indicator.points - indicator.score
    texts = (
        ("points", "report_points", plain(indicator.points)),
        ("score", "report_score", score_text(indicator.score, mapping)),
        ("lost", "report_lost_points", score_text(lost, mapping)),
    )
    for what, thing, text in texts:
        name = cell_name(indicator.unit, CellKey(INDICATORS, indicator.key, what), mapping)
        owner = mapping.unit_by_code[indicator.unit].name
        label = mapping.text("report_of", owner=owner, thing=indicator.name + mapping.text(thing))
        yield name, Figure(text, label, (indicator.source,))
