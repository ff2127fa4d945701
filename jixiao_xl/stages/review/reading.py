"""Reading the review (读审核处理): decisions, scores and corrections; what cannot be right ends the run, by its cell."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from jixiao_xl.files.cells import MAX_ROW, column_number
from jixiao_xl.files.tables import Table, TableRow
from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.folding import folded
from jixiao_xl.model.mapping import Indicator, Mapping
from jixiao_xl.model.money import half_up, plain, understand_number
from jixiao_xl.model.places import Source
from jixiao_xl.model.review import Correction, Decision, Review, ReviewScore
from jixiao_xl.stages.review.layout import CORRECTIONS, REVIEW_FILE, TYPED, header, open_tables
from jixiao_xl.stages.review.rulings import Ruling, counting, decision_rows

_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_HONOURED = (Ruling.ACCEPTED, Ruling.REJECTED)
_NEEDED = ("unit", "sheet", "cell", "new", "reason", "informant")
_SHOWN_MISTAKES = 10


def read_review(data: bytes | None, mapping: Mapping) -> Review:
    """What 审核处理.xlsx says; an empty review where there is none yet.

    A decision without a reason does not count. A score and a correction that cannot be right are refused.

    Raises:
        JixiaoError: it is no such workbook, or a row is wrong; names the sheet and the cell.
    """
    if data is None:
        return Review()
    tables = open_tables(data, mapping)
    mistakes = _Mistakes()
    review = Review(
        decisions=tuple(_decisions(tables.decisions, mapping)),
        corrections=tuple(_corrections(_Corrections(tables.corrections, mapping, mistakes))),
        scores=tuple(_scores(_Scores(tables.scores, mapping, mistakes))),
    )
    mistakes.end()
    return review


@dataclass
class _Mistakes:
    """What the officer has to mend, all of it at once."""

    sentences: list[str] = field(default_factory=list[str])

    def add(self, table: Table, row: TableRow, column: str, reason: str) -> None:
        cell = table.address(row.number, column)
        self.sentences.append(
            texts.REVIEW_MISTAKE.format(file=REVIEW_FILE, sheet=table.sheet, cell=cell, reason=reason)
        )

    def end(self) -> None:
        if self.sentences:
            lines = self.sentences[:_SHOWN_MISTAKES]
            if more := len(self.sentences) - len(lines):
                lines.append(texts.REVIEW_MORE.format(file=REVIEW_FILE, count=more))
            raise JixiaoError("\n".join(lines))


# -- decisions -------------------------------------------------------------------------------------------------


def _decisions(table: Table, mapping: Mapping) -> Iterator[Decision]:
    for row in counting(decision_rows(table, mapping)).values():
        if row.ruling in _HONOURED:
            accepted = row.ruling is Ruling.ACCEPTED
            yield Decision(row.finding, row.fingerprint, accepted, row.reason, row.decided_by)


# -- scores ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scores:
    table: Table
    mapping: Mapping
    mistakes: _Mistakes


def _scores(sheet: _Scores) -> list[ReviewScore]:
    """The scores by indicator; of several rows of one the lowest counts, and rows of no indicator are the officer's."""
    known = {(indicator.unit, indicator.key): indicator for indicator in sheet.mapping.indicators}
    named = _by_name(sheet.mapping)
    found: dict[tuple[str, str], ReviewScore] = {}
    for row in sheet.table.rows:
        indicator = known.get((row.text("unit_code"), row.text("indicator_key")))
        if indicator is None or row.values["score"] is None:
            continue
        seen = (folded(row.text("unit")), folded(row.text("indicator")))
        if seen in named and (indicator.unit, indicator.key) not in named[seen]:
            _moved(sheet, row, indicator)
        score = _score(sheet, row, indicator)
        if score is not None:
            found[indicator.unit, indicator.key] = ReviewScore(
                indicator.unit, indicator.key, score, row.text("comment")
            )
    return list(found.values())


def _by_name(mapping: Mapping) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """The indicators by the names that a person sees; one unit may have a name twice."""
    named: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for indicator in mapping.indicators:
        seen = (folded(mapping.unit_by_code[indicator.unit].name), folded(indicator.level3))
        named[seen].add((indicator.unit, indicator.key))
    return named


def _moved(sheet: _Scores, row: TableRow, indicator: Indicator) -> None:
    """Sorting a part of the columns has parted the names from their keys: nobody knows whose score it is."""
    names = (sheet.mapping.unit_by_code[indicator.unit].name, indicator.level3)
    found = (row.text("unit"), row.text("indicator"))
    reason = texts.REVIEW_SCORE_MOVED.format(found=" ".join(found), expected=" ".join(names))
    sheet.mistakes.add(sheet.table, row, "score", reason)


def _score(sheet: _Scores, row: TableRow, indicator: Indicator) -> Decimal | None:
    text = row.text("score")
    value = understand_number(text, percent=False, money=False).value
    words = {"found": text, "points": plain(indicator.points)}
    if value is None:
        reason = texts.REVIEW_SCORE_NOT_A_NUMBER
    elif not 0 <= value <= indicator.points:
        reason = texts.REVIEW_SCORE_RANGE
    elif half_up(value, 2) != value:
        reason = texts.REVIEW_SCORE_DECIMALS
    else:
        return half_up(value, 2)
    sheet.mistakes.add(sheet.table, row, "score", reason.format(**words))
    return None


# -- corrections by telephone ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Corrections:
    table: Table
    mapping: Mapping
    mistakes: _Mistakes


def _corrections(sheet: _Corrections) -> Iterator[Correction]:
    """The rows in which something is typed, from above."""
    units, sheets = _units(sheet.mapping), {folded(known.title): known.title for known in sheet.mapping.forms.sheets}
    for row in sheet.table.rows:
        if all(row.values[column] is None for column in TYPED[CORRECTIONS]):
            continue
        missing = [column for column in _NEEDED if row.values[column] is None]
        if missing:
            columns = "”、“".join(header(sheet.mapping, column) for column in missing)
            reason = texts.REVIEW_NEEDED.format(row=row.number, column=columns)
            sheet.mistakes.add(sheet.table, row, missing[0], reason)
            continue
        unit = units.get(folded(row.text("unit")))
        title = sheets.get(folded(row.text("sheet")).strip("《》"))
        cell = _address(row.text("cell"))
        if unit is not None and title is not None and cell is not None:
            yield _correction(sheet.table, row, unit, title, cell)
        else:
            _refuse(sheet, row, known=(unit is not None, title is not None))


def _correction(table: Table, row: TableRow, unit: str, title: str, cell: str) -> Correction:
    old, new, reason, informant = (row.text(key) for key in ("old", "new", "reason", "informant"))
    source = Source(REVIEW_FILE, table.sheet, table.address(row.number, "new"))
    return Correction(unit, title, cell, old, new, reason, informant, row.number, source)


def _refuse(sheet: _Corrections, row: TableRow, *, known: tuple[bool, bool]) -> None:
    """The first thing that is wrong with a row: its unit, its sheet or its cell."""
    knows_unit, knows_sheet = known
    mapping = sheet.mapping
    if not knows_unit:
        units = "、".join(unit.name for unit in mapping.units)
        column, reason = "unit", texts.REVIEW_UNKNOWN_UNIT.format(found=row.text("unit"), units=units)
    elif not knows_sheet:
        titles = "、".join(dict.fromkeys(known.title for known in mapping.forms.sheets))
        column, reason = "sheet", texts.REVIEW_UNKNOWN_SHEET.format(found=row.text("sheet"), sheets=titles)
    else:
        column, reason = "cell", texts.REVIEW_BAD_ADDRESS.format(found=row.text("cell"))
    sheet.mistakes.add(sheet.table, row, column, reason)


def _units(mapping: Mapping) -> dict[str, str]:
    """Codes by what a person may call a unit; a name that two units share is none."""
    codes: dict[str, set[str]] = defaultdict(set)
    for unit in mapping.units:
        for name in (unit.name, unit.short, unit.code):
            codes[folded(name)].add(unit.code)
    return {name: next(iter(found)) for name, found in codes.items() if name and len(found) == 1}


def _address(text: str) -> str | None:
    """H12 for what a person writes for it, None where it is no address."""
    match = _ADDRESS.fullmatch(folded(text).upper())
    if match is None or int(match[2]) > MAX_ROW:
        return None
    try:
        column_number(match[1])
    except ValueError:
        return None
    return f"{match[1]}{match[2]}"
