"""The next level of the tree (财政局汇总): departments that a bureau has recomputed, side by side and summed up.

No score is made up for a district: amounts and counts are summed, rates follow from the sums.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from jixiao_xl.model.batch import Batch
from jixiao_xl.model.department_results import DepartmentResult, Node
from jixiao_xl.model.expressions import evaluate_number, parse_number
from jixiao_xl.model.findings import Finding, Severity, in_order
from jixiao_xl.model.formulas import Name, Value
from jixiao_xl.model.mapping import Fact, Mapping, Unit
from jixiao_xl.model.money import fifteen_digits
from jixiao_xl.model.places import Place, Source
from jixiao_xl.model.results import DepartmentScore, FactValue, Org, Result, UnitStatus
from jixiao_xl.stages.aggregate.facts import MEASURES, exact, shown_in_prose

_SUMMED = ("yuan", "people", "count")


def unique_code(name: str, own: str, taken: Sequence[str]) -> str:
    """A department's code in the tree: its own with four digits of its name's hash, more where that is taken.

    Offices that never changed their units.csv all have one code; the name alone decides, so that the code stays the
    same whoever else reports.
    """
    digits = hashlib.sha256(name.encode()).hexdigest()
    return next(code for n in range(4, 65) if (code := f"{own}_{digits[:n]}") not in taken)


def inside(file: str, name: str) -> str:
    """A file in a package, as sources and findings write it."""
    return f"{file}!{name}" if name else file


def unsettled(
    code: str, name: str, status: UnitStatus, findings: Sequence[Finding], *, late: bool = False, root: str
) -> DepartmentResult:
    """A department of which nothing can be used."""
    file = next((finding.place.file for finding in findings if finding.place.file), None)
    org = Org(code, name, "部门", root, file, status, late, None, None, None, None, *_counts(findings))
    return DepartmentResult(code, name, status, late, file, orgs=(org,), findings=tuple(findings))


def recomputed(
    code: str, name: str, package: tuple[str, int], result: Result, nodes: tuple[Node, ...], findings: Sequence[Finding],
    *, root: str,
) -> DepartmentResult:  # fmt: skip
    """A department as its own workbooks give it.

    Args:
        code: its code in the bureau's tree.
        name: its name.
        package: where the package lies, and which submission it is.
        result: what the workbooks in it give.
        nodes: every figure, reported and recomputed.
        findings: what the bureau has found about it.
        root: the bureau's code.
    """
    file, number = package
    own = result.orgs[0].code
    codes = {org.code: code if org.code == own else f"{code}/{org.code}" for org in result.orgs}
    inner = [_moved(finding, file, codes, code) for finding in result.findings]
    status = _standing([org.status for org in result.orgs], findings)
    listed = [*findings] if status is UnitStatus.ACCEPTED else [*inner, *findings]
    orgs = tuple(_placed(org, file, codes, root, listed) for org in result.orgs)
    return DepartmentResult(
        code,
        name,
        status,
        file=file,
        number=number,
        grade_shown=result.department.grade_shown,
        orgs=(replace(orgs[0], name=name, status=status), *orgs[1:]),
        facts={fact.id: _sourced(fact, file) for fact in result.facts.values()},
        nodes=nodes,
        findings=tuple(listed),
    )


def _standing(statuses: Sequence[UnitStatus], findings: Sequence[Finding]) -> UnitStatus:
    """The worst of its units and of what the bureau has found."""
    severities = {finding.severity for finding in findings}
    worst = (UnitStatus.TO_FIX, UnitStatus.REFUSED, UnitStatus.MISSING)
    if Severity.MUST_FIX in severities or any(status in worst for status in statuses):
        return UnitStatus.TO_FIX
    if Severity.EXPLAIN in severities or UnitStatus.TO_EXPLAIN in statuses:
        return UnitStatus.TO_EXPLAIN
    return UnitStatus.ACCEPTED


def _counts(findings: Sequence[Finding]) -> tuple[int, int, int]:
    count = Counter(finding.severity for finding in findings)
    return count[Severity.MUST_FIX], count[Severity.EXPLAIN], count[Severity.NOTE]


def _placed(org: Org, file: str, codes: Dictionary[str, str], root: str, listed: Sequence[Finding]) -> Org:
    code = codes[org.code]
    must_fix, explain, note = _counts([finding for finding in listed if finding.place.unit == code])
    return replace(
        org,
        code=code,
        parent=codes.get(org.parent, root) if org.parent else root,
        file=inside(file, org.file) if org.file else None,
        late=False,
        must_fix=must_fix,
        explain=explain,
        note=note,
    )


def _moved(finding: Finding, file: str, codes: Dictionary[str, str], department: str) -> Finding:
    """The finding of a department's own run, as the bureau sees it."""
    place: Place = finding.place
    unit = codes.get(place.unit, department)
    return replace(finding, place=replace(place, file=inside(file, place.file), unit=unit))


def _sourced(fact: FactValue, file: str) -> FactValue:
    return replace(fact, sources=tuple(Source(inside(file, s.file), s.sheet, s.cell) for s in fact.sources))


def bureau_result(departments: Sequence[DepartmentResult], loose: Sequence[Finding], mapping: Mapping) -> Result:
    """All departments as one result; `loose` are findings in files whose department is not known."""
    findings = [finding for department in departments for finding in department.findings]
    orgs = tuple(org for department in departments for org in department.orgs)
    facts: dict[str, FactValue] = {}
    for fact in mapping.facts:
        facts[fact.id] = _fact(fact, departments, facts)
    nobody = DepartmentScore((), None, None, None)
    return Result(Batch(), orgs, {}, (), nobody, facts, tuple(in_order([*loose, *findings])))


def _fact(fact: Fact, departments: Sequence[DepartmentResult], known: Dictionary[str, FactValue]) -> FactValue:
    value: Decimal | None = None
    sources: tuple[Source, ...] = ()
    if fact.unit in _SUMMED:
        parts = [part for department in departments if (part := department.facts.get(fact.id)) is not None]
        values = [part.value for part in parts if isinstance(part.value, Decimal)]
        value = exact(sum(values, Decimal(0)), fact) if values else None
        sources = tuple(dict.fromkeys(source for part in parts for source in part.sources))
    elif fact.unit == "ratio":
        value, sources = _rate(fact, known)
    return FactValue(fact.id, fact.name, MEASURES[fact.unit], value, shown_in_prose(value, fact), sources)


def _rate(fact: Fact, known: Dictionary[str, FactValue]) -> tuple[Decimal | None, tuple[Source, ...]]:
    """A rate over the sums; one that is computed from single cells has no meaning for several departments."""
    if fact.value is None:
        return None, ()
    expression = parse_number(fact.value)
    if any(len(operand.name) != 1 or operand.name[0] not in known for operand in expression.names):
        return None, ()

    def lookup(name: Name) -> list[Value]:
        return [known[name[0]].value]

    value = evaluate_number(expression, lookup)
    sources = (source for operand in expression.names for source in known[operand.name[0]].sources)
    return None if value is None else fifteen_digits(value), tuple(dict.fromkeys(sources))


def tree_mapping(departments: Sequence[DepartmentResult], mapping: Mapping) -> Mapping:
    """The bureau's mapping with the names of every department and section."""
    names: dict[str, str] = {}
    for department in departments:
        for org in department.orgs:
            own = org.code == department.code
            words = {"department": department.name, "unit": org.name}
            names[org.code] = org.name if own else mapping.text("bureau_unit", **words)
    units = [
        Unit.model_construct(code=code, name=name, short="", email="", parent=mapping.root.code, weight=None)
        for code, name in names.items()
    ]
    return replace(mapping, units=(mapping.root, *units))
