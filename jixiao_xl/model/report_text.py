"""The report's templates (报告模板): the pieces of a sentence, and the words that mean nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Literal

from jixiao_xl.model.mapping import Forms, Report, ReportPart, Table
from jixiao_xl.model.report_cleaning import fitted

FigureForm = Literal["", "dir", "phrase"]

REPORT_WORDS: Final = ("department", "year", "prior_year")
OWN_FIGURES: Final = ("score_note", "report_date")  # figures of the report itself, beside those of facts.yaml
SECTION_WORDS: Final = frozenset(
    ("number", "circled", "unit_name", "indicator_names", "unit_points", "unit_score", "unit_blocks", "unit_loss")
)
ITEM_WORDS: Final = frozenset(("number", "circled", "label", "unit"))
CHANGE_ROLES: Final = ("amount", "rate", "current", "base")
CHANGE_CASES: Final = ("changed", "nearly_same", "same", "no_prior", "not_comparable")
DIRECTIONS: Final = ("up", "down", "same")
MADE_TABLES: Final = {
    "facts": ("name", "value", "unit", "source"),
    "steps": ("block", "points", "score"),
    "scores": ("unit", "self_score", "score", "grade"),
    "lost_points": ("indicator", "points", "score", "lost", "reason"),
}
UNIT_COLUMN, SOURCE_COLUMN = "unit", "source"  # whose row it is, and where its cells stand

_WORD: Final = re.compile(r"\{([^{}]*)\}")
_NAME: Final = re.compile(r"([a-z][a-z0-9_]*)(?:\.(dir|phrase))?")
_OPTIONAL: Final = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a sentence: plain text, or a word in braces.

    Attributes:
        text: the plain text, or what stands between the braces.
        name: the word's name, such as a fact's id; "" for plain text.
        form: what is wanted of it: "" the figure itself, its direction, or the whole phrase.
    """

    text: str
    name: str = ""
    form: FigureForm = ""


def pieces(template: str) -> Iterator[Piece]:
    """The pieces of a sentence in order; what is no well-formed word stays plain text.

    >>> [piece.name or piece.text for piece in pieces("收入{fiscal_income}万元")]
    ['收入', 'fiscal_income', '万元']
    """
    position = 0
    for match in _WORD.finditer(template):
        named = _NAME.fullmatch(match[1])
        if named is None:
            continue
        if match.start() > position:
            yield Piece(template[position : match.start()])
        form: FigureForm = "dir" if named[2] == "dir" else "phrase" if named[2] == "phrase" else ""
        yield Piece(match[1], named[1], form)
        position = match.end()
    if position < len(template):
        yield Piece(template[position:])


def filled_item(template: str, words: dict[str, str | None], missing: str | None) -> str | None:
    """A list item with its words; `[…]` falls away where one of its words is blank.

    A blank word outside brackets becomes `missing`; where that is None, there is no item at all.

    >>> filled_item("{measure}[（{due}）]", {"measure": "学习", "due": None}, "未填报")
    '学习'
    """

    def optional(match: re.Match[str]) -> str:
        return match[1] if all(words.get(piece.name) for piece in pieces(match[1]) if piece.name) else ""

    parts: list[str] = []
    inside = list(pieces(_OPTIONAL.sub(optional, template)))
    for position, piece in enumerate(inside):
        word = (words.get(piece.name) or missing) if piece.name else piece.text
        if word is None:
            return None
        after = inside[position + 1] if position + 1 < len(inside) else Piece("")
        fits = piece.name and not after.name
        parts.append(fitted(word, parts[-1] if parts else "", after.text) if fits else word)
    return "".join(parts)


# -- what a mapping may not say --------------------------------------------------------------------------------


def unknown_words(report: Report, fact_ids: AbstractSet[str]) -> list[str]:
    """The words of report.yaml that are neither figures nor words of the report, in order, each once."""
    found: list[str] = []
    everywhere = fact_ids | {*REPORT_WORDS, *OWN_FIGURES}
    for template in (report.attachment or "", *report.title, report.opening, *report.closing):
        found.extend(_unknown(template, fact_ids, everywhere, report))
    for part, inside in every_part(report):
        known = everywhere | (SECTION_WORDS if inside else frozenset[str]())
        for template in (part.annex_line, part.heading, part.text, part.lead, part.tail):
            found.extend(_unknown(template or "", fact_ids, known, report))
    for template in report.change_texts.values():
        found.extend(_unknown(template, set(CHANGE_ROLES), set(CHANGE_ROLES), report))
    for amount, change in report.changes.items():
        found.extend(name for name in (amount, change.rate, change.current, change.base) if name not in fact_ids)
    found.extend(name for group in report.closed_sets for name in group if name not in fact_ids)
    found.extend(f"directions.{key}" for key in DIRECTIONS if key not in report.directions)
    found.extend(f"rate_directions.{key}" for key in DIRECTIONS if key not in report.rate_directions)
    found.extend(f"change_texts.{key}" for key in CHANGE_CASES if key not in report.change_texts)
    return list(dict.fromkeys(found))


def unknown_places(report: Report, forms: Forms) -> list[str]:
    """The tables, columns and cells named by report.yaml that no form has, in order, each once."""
    found: list[str] = []
    for part, inside in every_part(report):
        level = "科室" if inside or part.units == "sections" else "部门"
        tables = {
            table.key: (sheet.key, table) for sheet in forms.sheets for table in sheet.tables if level in table.levels
        }
        if part.table is not None:
            known = _columns(part.table, {key: table for key, (_, table) in tables.items()})
            wanted = part.columns if part.table in (*tables, *MADE_TABLES) else [""]
            found.extend(f"{part.table}.{column}" for column in wanted if column not in known)
            found.extend(f"{part.table}.merge.{column}" for column in part.merge if column not in part.columns)
        if part.from_ is not None:
            found.extend(_unknown_source(part, tables))
    return list(dict.fromkeys(found))


def unnamed_parts(report: Report) -> list[str]:
    """The parts from workbooks that the Word template could not name, and keys that stand twice, in order."""
    found: list[str] = []
    seen: set[str] = set()
    for part, inside in every_part(report):
        if (inside and part.each is None) or not part.is_made:
            continue
        if part.key is None or part.label is None or part.key in seen:
            found.append(part.key or part.from_ or part.table or "each")
        seen.add(part.key or "")
    return found


def every_part(report: Report) -> Iterator[tuple[ReportPart, bool]]:
    """Every part of the report in order, and whether it is, or stands inside, a part that is repeated."""
    yield from _every(report.parts)
    yield from _every(report.annex)


def _every(parts: Iterable[ReportPart], inside: bool = False) -> Iterator[tuple[ReportPart, bool]]:
    """Every part, and whether it is repeated for every section."""
    for part in parts:
        yield part, inside or part.each is not None
        yield from _every(part.parts, inside or part.each is not None)


def _unknown(template: str, facts: AbstractSet[str], known: AbstractSet[str], report: Report) -> Iterator[str]:
    for piece in pieces(template):
        if not piece.name:
            # a brace that is left over is a misspelt word
            yield from re.findall(r"\{[^{}]*\}?|\}", piece.text)
            continue
        wanted = report.changes if piece.form == "phrase" else facts if piece.form else known
        if piece.name not in wanted:
            yield piece.text


def _columns(table: str, tables: dict[str, Table]) -> AbstractSet[str]:
    if table in MADE_TABLES:
        return frozenset(MADE_TABLES[table])
    return (
        {UNIT_COLUMN, SOURCE_COLUMN, *(column.key for column in tables[table].columns)}
        if table in tables
        else frozenset()
    )


def _unknown_source(part: ReportPart, tables: dict[str, tuple[str, Table]]) -> Iterator[str]:
    """A table that no form has, a cell that no table has, a column that an item names in vain."""
    source = part.from_ or ""
    if source in tables:
        known = ITEM_WORDS | {column.key for column in tables[source][1].columns}
        yield from (f"{source}.{p.name}" for p in pieces(part.item or "") if p.name and p.name not in known)
        return
    cells = {
        f"{sheet}.{row.key}.{column.key}"
        for sheet, table in tables.values()
        for row in table.rows
        for column in table.columns
    }
    if source not in cells:
        yield source
