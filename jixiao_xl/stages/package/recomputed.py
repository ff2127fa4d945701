"""Recomputed (节点核对): what a package reports beside what its own workbooks give, figure by figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from jixiao_xl.model.department_results import Figure, Node
from jixiao_xl.model.documents import ConsolidateDocument
from jixiao_xl.model.findings import Finding
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import plain
from jixiao_xl.model.package_record import RESULT, PackageRecord
from jixiao_xl.model.places import Place
from jixiao_xl.model.results import Result

_GRADE = "grade"


def nodes(record: PackageRecord, reported: ConsolidateDocument, result: Result) -> tuple[Node, ...]:
    """Every unit's score and every fact; what only one of both knows has nothing on the other side."""
    return (*_units(record, reported, result), *_facts(record, reported, result))


def _units(record: PackageRecord, reported: ConsolidateDocument, result: Result) -> Iterator[Node]:
    said = {org.code: org for org in reported.orgs}
    known = {org.code: org for org in result.orgs}
    for code in dict.fromkeys((*known, *said)):
        name = known[code].name if code in known else said[code].name
        value = known[code].score if code in known else None
        scores = [_figure(said[code].score if code in said else None)]
        if code == record.code:
            scores += [_figure(reported.score), _figure(record.score)]
        yield Node("unit", code, name, "分", _odd(scores, value), value)


def _odd(reported: list[Figure], recomputed: Figure) -> Figure:
    """What the package says, in whichever of its places it says something else than its workbooks."""
    return next((figure for figure in reported if figure != recomputed), recomputed)


def _facts(record: PackageRecord, reported: ConsolidateDocument, result: Result) -> Iterator[Node]:
    for fact_id in dict.fromkeys((*result.facts, *reported.facts)):
        said, fact = reported.facts.get(fact_id), result.facts.get(fact_id)
        name = fact.name if fact else said.name if said else fact_id
        measure = fact.measure_unit if fact else said.measure_unit if said else ""
        value = fact.value if fact else None
        figures = [_figure(said.value if said else None)]
        if fact_id == _GRADE:
            figures += [reported.grade, record.grade]
        yield Node("fact", fact_id, name, measure, _odd(figures, value), value)


def _figure(text: str | None) -> Figure:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return text


def mismatches(found: tuple[Node, ...], file: str, unit: str, mapping: Mapping) -> list[Finding]:
    """One finding for each figure that the package reports otherwise than its workbooks give it."""
    findings: list[Finding] = []
    for node in found:
        if node.agrees:
            continue
        place = Place(file, unit, label=node.name)
        finding = mapping.catalogue.at(
            "sum-mismatch", place, found=node.reported, expected=node.recomputed, cause=f"{node.kind}:{node.id}"
        )
        words = {"name": node.name, "file": RESULT, "measure": node.measure_unit}
        both = {"reported": _shown(node.reported, mapping), "recomputed": _shown(node.recomputed, mapping)}
        findings.append(replace(finding, message=mapping.text("bureau_mismatch", **words, **both)))
    return findings


def _shown(figure: Figure, mapping: Mapping) -> str:
    if figure is None:
        return mapping.text("summary_none")
    return figure if isinstance(figure, str) else plain(figure)
