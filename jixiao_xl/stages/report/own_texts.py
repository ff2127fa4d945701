"""Texts that units wrote themselves (自己写的文字): cleaned, said whose they are, and shown once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jixiao_xl.model.batch import Submission
from jixiao_xl.model.form import FormTable
from jixiao_xl.model.mapping import Mapping, ReportPart, Unit
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.report_cleaning import fitted, without_numbering
from jixiao_xl.model.report_text import filled_item, pieces
from jixiao_xl.model.results import Result
from jixiao_xl.stages.report.cells import filled_rows, text_of

Words = dict[str, str | None]

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_NUMBERS = {"number", "circled"}
_OWNERS = ("unit", "label")  # whose text a row is


def circled(number: int) -> str:
    """① to ⑳, then (21)."""
    return _CIRCLED[number - 1] if number <= len(_CIRCLED) else f"({number})"


@dataclass(slots=True)
class _Row:
    """A row's words; of rows that say the same, one with all their names."""

    words: Words
    owners: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


def own_texts(part: ReportPart, unit: Unit, result: Result, mapping: Mapping) -> list[str]:
    """The texts of a cell, or of a table's filled rows, each ready to print; a missing one says so unless optional."""
    source = part.from_ or ""
    if "." in source:
        submission = result.batch.of(unit.code)
        text = text_of(submission, CellKey(*source.split(".")), mapping) if submission else None
        items = [text] if text else []
    else:
        units = mapping.sections if part.units == "sections" else (unit,)
        items = _items(part, source, [(one, result.batch.of(one.code)) for one in units], mapping)
    if not items and not part.optional:
        items = [mapping.text("report_missing")]
    return [_joined(items, part.join, part.tail)] if part.join is not None and items else items


def _joined(items: list[str], joint: str, tail: str | None) -> str:
    *before, last = items
    return joint.join([*(fitted(item, "", joint) for item in before), fitted(last, "", tail or "")])


def _items(
    part: ReportPart, table: str, submissions: Iterable[tuple[Unit, Submission | None]], mapping: Mapping
) -> list[str]:
    template = part.item or ""
    rows: list[_Row] = []
    is_fixed = False
    for unit, submission in submissions:
        if submission is not None and table in submission.form.tables:
            form_table = submission.form.tables[table][1]
            is_fixed = is_fixed or form_table.kind == "fixed"
            rows += _rows(unit, submission, form_table, mapping)
    # an explanation is asked for in some rows of a fixed table only; a list's row is filled or is none
    missing = None if part.optional or is_fixed else mapping.text("report_missing")
    wanted = {piece.name for piece in pieces(template) if piece.name}
    if wanted & _NUMBERS:
        for row in rows:
            row.words = {key: without_numbering(word) if word else word for key, word in row.words.items()}
    joint = mapping.text("report_name_joint")
    return list(_printed(template, _merged(rows, wanted, joint, is_fixed), missing))


def _rows(unit: Unit, submission: Submission, table: FormTable, mapping: Mapping) -> Iterator[_Row]:
    sheet = submission.form.tables[table.key][0].key
    for row in filled_rows(submission, table):
        words: Words = {
            column.key: text_of(submission, CellKey(sheet, row, column.key), mapping)
            for column in table.columns
            if column.kind == "input"
        }
        form_row = submission.form.rows.get((sheet, row))
        label = form_row.label if form_row else ""
        yield _Row(words, {"unit": [unit.name], "label": [label]})


def _merged(rows: list[_Row], wanted: set[str], joint: str, is_fixed: bool) -> Iterator[Words]:
    """Rows that say the same as one, with the names of all: what the sentence shows decides in a fixed table.

    In a list the whole row decides, so that every sentence about it counts alike.
    """
    seen: dict[tuple[tuple[str, str], ...], _Row] = {}
    for row in rows:
        said = [(k, v) for k, v in row.words.items() if v is not None and (not is_fixed or k in wanted)]
        known = seen.setdefault(tuple(said), row)
        for owner in _OWNERS:
            known.owners[owner] += [name for name in row.owners[owner] if name not in known.owners[owner]]
    for row in seen.values():
        yield {**row.words, **{owner: joint.join(names) for owner, names in row.owners.items()}}


def _printed(template: str, rows: Iterable[Words], missing: str | None) -> Iterator[str]:
    number = 1
    for words in rows:
        item = filled_item(template, {**words, "number": str(number), "circled": circled(number)}, missing)
        if item is not None:
            number += 1
            yield item
