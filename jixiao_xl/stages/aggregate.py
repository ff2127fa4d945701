"""Aggregate (汇总): sections into the department's score, workbooks into facts, findings into where each unit stands."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.expressions import check_numbers, evaluate_check, evaluate_number, parse_number
from jixiao_xl.model.findings import Catalogue, Finding, Severity, in_order
from jixiao_xl.model.form_builder import check_expression
from jixiao_xl.model.formulas import FAILED, Name, Value
from jixiao_xl.model.mapping import Fact, Mapping
from jixiao_xl.model.money import fifteen_digits, half_up, plain, wan
from jixiao_xl.model.places import CellKey, Place, Source
from jixiao_xl.model.results import (
    SCORING_STATUSES,
    BlockPart,
    BlockStep,
    DepartmentScore,
    FactValue,
    Org,
    ProjectScore,
    Result,
    UnitScore,
    UnitStatus,
)
from jixiao_xl.model.scoring import block_total, grade_of

_FULL_SHARE = Decimal(100)
_TREE_SECTIONS = "projects"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run is told from outside: today, the deadline, and whether a provisional score is wanted."""

    as_of: date
    deadline: date | None
    partial: bool


def aggregate(
    batch: Batch,
    units: dict[str, UnitScore],
    projects: tuple[ProjectScore, ...],
    findings: list[Finding],
    setting: Setting,
    mapping: Mapping,
    catalogue: Catalogue,
) -> Result:
    """The result of a run; adds the findings that need more than one workbook."""
    every = in_order(
        [
            *findings,
            *_tree_checks(batch, mapping, catalogue),
            *_shared_projects(batch, catalogue),
            *_identical_scores(batch, units, mapping, catalogue),
            *_missing(batch, findings, setting, mapping, catalogue),
        ]
    )
    orgs = tuple(_orgs(batch, units, every, setting, mapping))
    department = _department(orgs, units, setting, mapping)
    orgs = tuple(_with_department(org, department) for org in orgs)
    facts = _facts(batch, units, department, mapping)
    return Result(batch, orgs, units, projects, department, facts, tuple(every))


# -- between workbooks -----------------------------------------------------------------------------------------


def _tree_checks(batch: Batch, mapping: Mapping, catalogue: Catalogue) -> Iterator[Finding]:
    """Checks of scope `tree`: a table of the sections against a cell of the department."""
    root = batch.of(mapping.root.code)
    sections = [submission for submission in batch.submissions if submission.unit != mapping.root.code]
    if root is None or not sections or len(sections) < len(mapping.sections):
        return

    def lookup(name: Name) -> list[Value]:
        if len(name) == 2:
            return [value for section in sections for value in section.workings.lookup(CellKey("", "", ""))(name)]
        return list(root.workings.lookup(CellKey("", "", ""))(name))

    for check in mapping.checks:
        expression = check_expression(check)
        if check.scope == "tree" and evaluate_check(expression, lookup) == FAILED:
            left, right = check_numbers(expression, lookup) or (None, None)
            place = root.place(CellKey(*check.at[0].split(".")))
            yield catalogue.at(
                check.code, place, found=right, expected=left, severity=check.severity, cause=check.id,
                check=check.text, advice=check.advice,
            )


def _shared_projects(batch: Batch, catalogue: Catalogue) -> Iterator[Finding]:
    """One project carried by several sections: one name, and shares that make 100 %."""
    carried: dict[str, list[tuple[Submission, str]]] = defaultdict(list)
    for submission in batch.submissions:
        if _TREE_SECTIONS in submission.form.tables:
            for key in submission.workings.column(_TREE_SECTIONS, "project_code"):
                code = submission.inputs.get(key)
                if code is not None:
                    carried[str(code)].append((submission, key.row))
    for code, parts in carried.items():
        if len(parts) < 2:
            continue
        names = {str(s.inputs.get(CellKey("finance", row, "project_name"))) for s, row in parts}
        shares = [s.inputs.get(CellKey("finance", row, "share")) for s, row in parts]
        total = sum((share for share in shares if isinstance(share, Decimal)), Decimal(0))
        submission, row = parts[-1]
        if len(names) > 1:
            place = submission.place(CellKey("finance", row, "project_name"))
            yield catalogue.at("project-mismatch", place, found="、".join(sorted(names)), detail=code)
        elif total != _FULL_SHARE:
            place = submission.place(CellKey("finance", row, "share"))
            yield catalogue.at("project-mismatch", place, found=total, expected=_FULL_SHARE, detail=code)


def _identical_scores(
    batch: Batch, units: dict[str, UnitScore], mapping: Mapping, catalogue: Catalogue
) -> Iterator[Finding]:
    """全体单位同分: three or more sections, all with one total."""
    totals = [units[section.code].total for section in mapping.sections if section.code in units]
    if len(totals) >= 3 and None not in totals and len(set(totals)) == 1:
        submission = next(s for s in batch.submissions if s.unit == mapping.sections[0].code or s.unit in units)
        yield catalogue.at("identical-scores", Place("", mapping.root.code), found=totals[0], detail=submission.unit)


def _missing(
    batch: Batch, findings: list[Finding], setting: Setting, mapping: Mapping, catalogue: Catalogue
) -> Iterator[Finding]:
    present = {submission.unit for submission in batch.submissions} | {finding.place.unit for finding in findings}
    late = setting.deadline is not None and setting.as_of > setting.deadline
    for unit in mapping.units:
        if unit.code not in present:
            severity = Severity.MUST_FIX if late else Severity.NOTE
            yield catalogue.at("missing-submission", Place("", unit.code), severity=severity)


# -- where each unit stands ------------------------------------------------------------------------------------


def _orgs(
    batch: Batch, units: dict[str, UnitScore], findings: list[Finding], setting: Setting, mapping: Mapping
) -> Iterator[Org]:
    counts: dict[str, Counter[Severity]] = defaultdict(Counter)
    files: dict[str, str] = {}
    for finding in findings:
        counts[finding.place.unit][finding.severity] += 1
        if finding.place.file:
            files.setdefault(finding.place.unit, finding.place.file)
    for unit in mapping.units:
        submission, count = batch.of(unit.code), counts[unit.code]
        scored = units.get(unit.code)
        is_section = unit.parent is not None
        total = scored.total if scored and is_section else None
        yield Org(
            code=unit.code,
            name=unit.name,
            level=mapping.level(unit.code),
            parent=unit.parent,
            file=submission.file if submission else files.get(unit.code),
            status=_status(submission, unit.code in files, count),
            late=submission is None and setting.deadline is not None and setting.as_of > setting.deadline,
            self_score=scored.self_total if scored else None,
            score=total,
            review_score=None,
            grade=grade_of(mapping.scoring, total) if total is not None else None,
            must_fix=count[Severity.MUST_FIX],
            explain=count[Severity.EXPLAIN],
            note=count[Severity.NOTE],
        )


def _status(submission: Submission | None, has_file: bool, count: Counter[Severity]) -> UnitStatus:
    if submission is None:
        return UnitStatus.REFUSED if has_file else UnitStatus.MISSING
    if count[Severity.MUST_FIX]:
        return UnitStatus.TO_FIX
    return UnitStatus.TO_EXPLAIN if count[Severity.EXPLAIN] else UnitStatus.ACCEPTED


# -- the department's score ------------------------------------------------------------------------------------


def _department(
    orgs: tuple[Org, ...], units: dict[str, UnitScore], setting: Setting, mapping: Mapping
) -> DepartmentScore:
    ready = [org.code for org in orgs if org.status in SCORING_STATUSES]
    waiting = tuple(org.code for org in orgs if org.code not in ready)
    usable = {code: units[code] for code in ready if code in units}
    profile = mapping.scoring.profiles.department
    steps = tuple(
        _step(block, points, block in profile.own_blocks, usable, mapping) for block, points in profile.blocks.items()
    )
    scores = [step.score for step in steps if step.score is not None]
    complete = len(scores) == len(steps)
    if (waiting or not complete) and not setting.partial:
        return DepartmentScore(steps, None, None, None, waiting)
    if not scores:
        return DepartmentScore(steps, None, None, None, waiting, provisional=True)
    total = half_up(sum(scores, Decimal(0)), 2)
    grade = grade_of(mapping.scoring, total)
    shown = mapping.scoring.grades.grade_shown.get(grade, grade)
    return DepartmentScore(steps, total, grade, shown, waiting, provisional=bool(waiting) or not complete)


def _step(block: str, points: Decimal, own: bool, usable: dict[str, UnitScore], mapping: Mapping) -> BlockStep:
    members = [mapping.root] if own else list(mapping.sections)
    parts: list[BlockPart] = []
    for unit in members:
        scored = usable.get(unit.code)
        found = next((b for b in scored.blocks if b.block == block), None) if scored else None
        if found is not None and found.score is not None:
            weight = Decimal(1) if own or unit.weight is None else unit.weight
            parts.append(BlockPart(unit.code, found.score, found.points, weight))
    return BlockStep(block, points, own, tuple(parts), block_total(points, parts))


def _with_department(org: Org, department: DepartmentScore) -> Org:
    if org.parent is not None:
        return org

    return replace(org, score=department.total, grade=department.grade)


# -- facts -----------------------------------------------------------------------------------------------------


def _facts(
    batch: Batch, units: dict[str, UnitScore], department: DepartmentScore, mapping: Mapping
) -> dict[str, FactValue]:
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
        return FactValue(fact.id, fact.name, _MEASURES[fact.unit], None, None, ())
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
    if value is not None:
        value = fifteen_digits(value) if fact.unit == "ratio" else _exact(value, fact)
    return FactValue(fact.id, fact.name, _MEASURES[fact.unit], value, _shown(value, fact), tuple(sources))


_MEASURES = {"yuan": "元", "ratio": "%", "people": "人", "count": "个", "score": "分", "grade": ""}


def _exact(value: Decimal, fact: Fact) -> Decimal:
    return value.quantize(Decimal("0.01")) if fact.unit == "yuan" else value


def _shown(value: Decimal | None, fact: Fact) -> str | None:
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
            sources = tuple(s.source(CellKey("cover", "unit", "value")) for s in sections)
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
    return FactValue(fact.id, fact.name, _MEASURES[fact.unit], value, shown, sources)


def _score_sources(units: dict[str, UnitScore], department: DepartmentScore) -> tuple[Source, ...]:
    """The score cells of every indicator that the department's score rests on."""
    blocks = {(part.unit, step.block) for step in department.steps for part in step.parts}
    return tuple(
        indicator.source for unit in units.values() for indicator in unit.indicators
        if (indicator.unit, indicator.block) in blocks
    )
