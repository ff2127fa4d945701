"""Totals (总数和分项): 其中 lists, 由…组成, A、B共计X, closed sets such as 基本支出 and 项目支出."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from jixiao_xl.model.claims import Claim
from jixiao_xl.model.mapping import ClosedParts
from jixiao_xl.stages.check_report.closed_sets import is_closed_by_name, is_member, takes
from jixiao_xl.stages.check_report.figures import Figure
from jixiao_xl.stages.check_report.judge import Agreement, Result, agrees, claim_of, total_of
from jixiao_xl.stages.check_report.lexicon import pieces
from jixiao_xl.stages.check_report.names import core
from jixiao_xl.stages.check_report.text import Text, is_level

_BRACKETS = re.compile(r"（[^（）]*）")
_SEGMENT_END = re.compile(r"[；。！？\n]")
Opening = Literal["", "perhaps", "surely"]
_MOST_INNER = 12
_NEXT_PARAGRAPHS = 14


@dataclass(frozen=True, slots=True)
class PartList:
    """A total with what its sentence lists of it.

    Attributes:
        total: the total.
        parts: the parts, those listed under a part left out.
        nested: for each part how many figures stand under it.
        rest: levels that may still belong to it: of the sentences and paragraphs that follow.
        closed: whether the parts are all that the total has.
        firm: whether the words make it the total of these parts (其中, 组成).
        doubtful: whether the parts may have another total, so that nothing but agreement counts.
    """

    total: Figure
    parts: tuple[Figure, ...]
    rest: tuple[Figure, ...] = ()
    closed: bool = False
    firm: bool = True
    doubtful: bool = False


def total_claims(text: Text) -> Iterator[Claim]:
    """The claims of all lists of parts and of all sums that follow their parts."""
    for found in part_lists(text):
        yield from _list_claim(found, text)
    for figure in text.figures:
        yield from _closing_total(figure, text)
    yield from _closed_sets(text)


# -- lists behind their total ----------------------------------------------------------------------------------


def part_lists(text: Text) -> Iterator[PartList]:
    """Every list that 其中 or another of its words opens."""
    for figure in text.figures:
        if figure.role == "level" and not figure.compared and _opens(figure, text):
            yield from _lists_from(figure, text)
        if figure.role == "level" and text.lexicon.says("list_follows", figure.after):
            yield from _list_below(figure, text)


def _list_below(last: Figure, text: Text) -> Iterator[PartList]:
    """A list in the paragraphs below a total: 具体如下：."""
    levels = [f for f in text.sentence(last) if is_level(f, last.kind) and not f.compared]
    total = levels[0] if levels else last
    if text.paragraph(last)[-1] is not last or total.kind != "money":
        return
    parts: list[Figure] = []
    for figure in text.figures[last.index + 1 : last.index + 120]:
        if figure.paragraph > (parts[-1].paragraph if parts else last.paragraph) + 1 or len(parts) == _NEXT_PARAGRAPHS:
            break
        if figure.paragraph > (parts[-1].paragraph if parts else last.paragraph) and _fits(figure, total):
            parts.append(figure)
    if len(parts) > 1:
        closed = _is_closed(total, parts, text)
        yield PartList(total, tuple(parts), (), closed, firm=closed or not last.after.endswith("，"))


def _opens(figure: Figure, text: Text) -> Opening:
    """What the words between it and the figure before open: a list for certain, perhaps one, or none."""
    segment = _BRACKETS.sub("", figure.before.rpartition("；")[2])
    if text.lexicon.says("surely_of_which", segment):
        return "surely"
    near = segment.rpartition("，")[2]
    if text.lexicon.says("of_which", near) or text.lexicon.says("vector", near):
        return "perhaps"
    if text.lexicon.says("made_from", "，" + near) and text.lexicon.says("made_of", _segment_after(figure)):
        return "surely"
    if text.lexicon.says("within", figure.before):
        return "perhaps"
    if figure.before.startswith("（") and figure.kind == "score":
        return "surely"
    return ""


def _segment_after(figure: Figure) -> str:
    """The text from behind a figure to the end of its part of the sentence."""
    return _SEGMENT_END.split(figure.token.source.text[figure.token.unit_end :], maxsplit=1)[0]


def _lists_from(first: Figure, text: Text) -> Iterator[PartList]:
    totals = _totals_for(first, text)
    taken: set[tuple[str, int | None]] = set()
    for total in totals:
        key = (total.basis, total.period)
        if key in taken:
            continue
        parts, rest = _parts_of(total, first, text)
        if not parts:
            continue
        taken.add(key)
        closed = _is_closed(total, parts, text) or _is_made_of(parts, text)
        listed = len(parts) > 1 and text.lexicon.says("including", first.before.rpartition("，")[2])
        firm = closed or listed or _opens(first, text) == "surely"
        yield PartList(total, tuple(parts), tuple(rest), closed, firm, _is_doubtful(total, first, text))
        if total.basis == "" and total.period is None:
            return


def _is_doubtful(total: Figure, first: Figure, text: Text) -> bool:
    """Whether a list may have a total of its own: it is itself an item, or 支出包括 opens it behind another sentence."""
    apart = total.sentence != first.sentence or "；" in first.before
    return total.before.startswith("、") or (apart and _opens(first, text) == "perhaps")


def _totals_for(first: Figure, text: Text) -> list[Figure]:
    """The levels that a list may belong to, the nearest first: in its sentence, else in the one before."""
    here = [f for f in text.levels_before(first, first.kind) if not f.compared]
    if first.before.count("（") > first.before.count("）"):
        near = next((f for f in text.sentence(first)[::-1] if f.index < first.index and f.depth < first.depth), None)
        return [near] if near is not None and is_level(near, first.kind) and not near.compared else []
    own = [f for f in here if f.sentence == first.sentence and f.depth <= first.depth]
    if own:
        near = own[0]
        scored = near.kind == "score"
        return [f for f in own if f is near or (f.segment == near.segment and (scored or _pair(f, near, text)))]
    if here and (first.kind == "money" or _opens(first, text) == "surely"):
        return _said_before(first, [f for f in here if f.sentence == here[0].sentence], text)
    above = _paragraph_above(first, text)
    return above[:1]


def _said_before(first: Figure, levels: list[Figure], text: Text) -> list[Figure]:
    """The level of the sentence before that a list is of: the one that it adds up to, else the only one, else none."""
    for level in levels[::-1]:
        parts, _ = _parts_of(level, first, text)
        if parts and agrees(level, total_of(parts)):
            return [level]
    mains = [f for f in levels if not (f is not levels[-1] and text.lexicon.says("of_which", f.before))]
    return [levels[-1]] if len({f.basis for f in mains}) == 1 else []


def _pair(figure: Figure, near: Figure, text: Text) -> bool:
    """Whether two levels tell of one measure, planned and done."""
    return figure.basis != near.basis and (text.is_weak(near.name) or text.related(figure.called, near.called))


def _paragraph_above(first: Figure, text: Text) -> list[Figure]:
    """The levels of the last sentence above, where a paragraph begins with 其中."""
    if text.lexicon["surely_of_which"].match(first.token.source.text) is None or first.paragraph == 0:
        return []
    index = first.index - 1
    if index < 0 or text.figures[index].paragraph < first.paragraph - 2:
        return []
    return [f for f in text.sentence(text.figures[index]) if is_level(f, first.kind) and not f.compared]


def _fits(figure: Figure, total: Figure) -> bool:
    """Whether a level may be a part of a total: same unit, same year, both planned or both done."""
    if not is_level(figure, total.kind) or figure.compared:
        return False
    if figure.basis and total.basis and figure.basis != total.basis:
        return False
    return figure.period is None or total.period is None or figure.period == total.period


def _parts_of(total: Figure, first: Figure, text: Text) -> tuple[list[Figure], list[Figure]]:
    """The parts in the list's sentence, those under a part left out, and what may still belong to it."""
    parts: list[Figure] = []
    under: Figure | None = None
    for figure in text.sentence(first):
        if figure.index < first.index or not _fits(figure, total):
            continue
        if figure.depth < first.depth:
            break
        if figure.depth > first.depth:
            continue
        if under is not None and figure.segment == under.segment:
            continue
        under = None
        if figure is not first and parts and _opens(figure, text):
            under = figure
            continue
        parts.append(figure)
    last = text.sentence(first)[-1].index
    rest = [f for f in text.paragraph(first) if f.index > last and _fits(f, total)]
    if total.kind.startswith("count"):
        return parts, rest
    seen: set[int] = set()
    for figure in text.figures[last + 1 : last + 120]:
        paragraph = figure.paragraph
        if paragraph == first.paragraph or paragraph > first.paragraph + _NEXT_PARAGRAPHS or paragraph in seen:
            continue
        if _fits(figure, total):
            seen.add(paragraph)
            rest.append(figure)
    return parts, rest


def _is_made_of(parts: Sequence[Figure], text: Text) -> bool:
    return any(text.lexicon.says("made_of", figure.after[:12]) for figure in parts[-1:])


def _is_closed(total: Figure, parts: Sequence[Figure], text: Text) -> bool:
    """Whether the parts are all there is: a closed set of report.yaml, or shares that make 100 %."""
    if is_closed_by_name(total, parts, text):
        return True
    shares = [_share_behind(part, text) for part in parts]
    if len(parts) > 1 and all(shares):
        given = sum((share.value for share in shares if share), Decimal(0))
        return abs(given - 100) <= Decimal("0.011") * len(shares)
    return False


def _share_behind(part: Figure, text: Text) -> Figure | None:
    """The share that is told of a part."""
    figure = text.following(part)
    while figure is not None and figure.role in ("change", "rate", "share"):
        if figure.role == "share":
            return figure
        figure = text.following(figure)
    return None


def _readings(found: PartList) -> Iterator[tuple[Figure, ...]]:
    """The lists of parts that the words allow, the whole list first, then its beginnings, then longer ones."""
    parts = found.parts
    yield parts
    for length in range(len(parts) - 1, 0, -1):
        yield parts[:length]
    for length in range(1, len(found.rest) + 1):
        yield (*parts, *found.rest[:length])


def _list_claim(found: PartList, text: Text) -> Iterator[Claim]:
    total = found.total
    if any(text.lexicon.says("average", figure.before) for figure in (total, *found.parts)):
        return
    kind = "score_sum" if total.kind == "score" else "total"
    for wanted in ("exact", "within_rounding"):
        for agreement, parts in _agreeing(found, text):
            if agreement == wanted:
                yield claim_of(kind, total, agreement, total_of(parts))
                return
    if found.doubtful:
        return
    result = total_of(found.parts)
    over = len(found.parts) > 1 and result.value > total.value
    slipped = over and (total.kind == "score" or _one_digit_off(total, result) or _are_siblings(found.parts, text))
    if not found.firm and not slipped:
        return
    if total.token.approximate or any(part.token.approximate for part in found.parts):
        yield claim_of(kind, total, "unverifiable", result, reason="approximate")
    elif _is_another_total(total, found.parts, text):
        yield claim_of(kind, total, "unverifiable", result, reason="ambiguous")
    elif found.closed or slipped:
        yield claim_of(kind, total, "wrong", result)
    elif result.value < total.value:
        yield claim_of(kind, total, "partial", result)
    else:
        yield claim_of(kind, total, "unverifiable", result, reason="ambiguous")


def _are_siblings(parts: Sequence[Figure], text: Text) -> bool:
    """Whether parts are named alike (行政人员、事业人员), so that they do not overlap."""
    unit = parts[0].token.unit
    if unit.kind != "money" and unit.name not in text.lexicon.words.people_units:
        return False
    names = [core(part.name, text.lexicon) for part in parts]
    if not all(names) or len(set(names)) < len(names) or any(text.lexicon.says("overlap", name) for name in names):
        return False
    return len({name[-2:] for name in names}) == 1 and not any(a != b and a in b for a in names for b in names)


def _one_digit_off(total: Figure, result: Result) -> bool:
    """Whether a sum is more than its total by one digit of a long number: overlapping parts do not meet so well."""
    gap = abs(result.value - total.value) / total.token.unit.scale
    digits = gap.normalize().as_tuple().digits
    return len(digits) == 1 and (total.decimals > 0 or total.token.value >= 1000) and total.kind == "money"


def _agreeing(found: PartList, text: Text) -> Iterator[tuple[Agreement, tuple[Figure, ...]]]:
    total = found.total
    for parts in _readings(found):
        agreement = agrees(total, total_of(parts))
        if agreement and (len(parts) > 1 or agreement == "exact"):
            yield agreement, parts
    everything = [f for f in text.sentence(found.parts[0]) if f.index >= found.parts[0].index and _fits(f, total)]
    for flat in (everything, [f for f in everything if f.depth == found.parts[0].depth], _without_inner(everything)):
        for length in range(len(flat), 1, -1):
            agreement = agrees(total, total_of(flat[:length]))
            if agreement:
                yield agreement, tuple(flat[:length])


def _without_inner(figures: Sequence[Figure]) -> list[Figure]:
    """A list without the runs that add up to the part before them: 人员经费50万元，工资40万元，补助10万元."""
    kept: list[Figure] = []
    index = 0
    while index < len(figures):
        part = figures[index]
        kept.append(part)
        index += 1
        for stop in range(min(len(figures), index + _MOST_INNER), index + 1, -1):
            if part.value and agrees(part, total_of(figures[index:stop])) == "exact":
                index = stop
                break
    return kept


# -- sums behind their parts -----------------------------------------------------------------------------------


def _closing_total(figure: Figure, text: Text) -> Iterator[Claim]:
    """在职23人，退休5人，共计28人."""
    if figure.role != "level" or figure.compared or figure.kind == "":
        return
    clause = figure.before.rpartition("，")[2]
    if not text.lexicon.says("altogether_before", clause):
        return
    near = text.sentence(figure)
    if figure.kind == "score" and near[0].index == figure.index:
        near = text.paragraph(figure)
    parts = [f for f in near if f.index < figure.index and is_level(f, figure.kind) and f.depth <= figure.depth]
    parts = [f for f in parts if figure.kind != "score" or _fits(f, figure)]
    if len(parts) < 2:
        return
    kind = "score_sum" if figure.kind == "score" else "total"
    for length in range(len(parts), 1, -1):
        chosen = parts[-length:]
        agreement = agrees(figure, total_of(chosen))
        if agreement:
            yield claim_of(kind, figure, agreement, total_of(chosen))
            return
    scored = figure.kind == "score"
    bare = (text.lexicon["altogether_before"].sub("", clause) == "" and not figure.name) or scored
    plain = all(not f.compared and _opens(f, text) != "surely" and _fits(f, figure) for f in parts)
    lone = not any(text.lexicon.says("total_name", next(pieces(f.before))) for f in parts)
    between = [f for f in text.sentence(figure) if parts[0].index <= f.index < figure.index]
    steady = all(f.role == "level" for f in between)
    result = total_of(parts)
    if scored and result.value < figure.value:
        yield claim_of(kind, figure, "partial", result)
    elif bare and plain and lone and steady and not any(f.token.approximate for f in (*parts, figure)):
        yield claim_of(kind, figure, "wrong", result)


# -- closed sets without a word that opens them ------------------------------------------------------------------


def _closed_sets(text: Text) -> Iterator[Claim]:
    """支出合计100万元，基本支出60万元，项目支出40万元, without 其中."""
    for total in text.figures:
        if not is_level(total) or total.compared or not (total.kind == "money" or total.kind.startswith("count")):
            continue
        for closed in text.report.closed_parts:
            if not any(total.name.endswith(name) or name == total.called for name in closed.total) or not takes(
                closed, total
            ):
                continue
            parts = _named_parts(closed, total, text)
            if parts is None:
                continue
            agreement = agrees(total, total_of(parts))
            if agreement:
                yield claim_of("total", total, agreement, total_of(parts))
            elif _are_all(total, parts, text) and _is_the_whole(total, parts, text):
                yield claim_of("total", total, "wrong", total_of(parts))


def _is_the_whole(total: Figure, parts: Sequence[Figure], text: Text) -> bool:
    """Whether nothing speaks against it: no other measure that the parts add up to, no lower level of government."""
    return not text.lexicon.says("area_level", total.before) and not _is_another_total(total, parts, text)


def _is_another_total(total: Figure, parts: Sequence[Figure], text: Text) -> bool:
    """Whether the parts add up to another measure of the paragraph, whose parts they then are."""
    others = [f for f in text.paragraph(total) if f is not total and f not in parts and is_level(f, total.kind)]
    return any(agrees(f, total_of(parts)) for f in others if not text.same(f.called, total.called))


def _are_all(total: Figure, parts: Sequence[Figure], text: Text) -> bool:
    """Whether the rest of a total's sentence, or the next one, tells of just these parts and nothing under them."""
    end = min(total.sentence + 1, max(part.sentence for part in parts))
    behind = [f for f in text.paragraph(total) if f.index > total.index and f.sentence <= end]
    rest = [f for f in behind if f.kind == total.kind]
    plain = all(is_level(f, total.kind) and not _opens(f, text) for f in rest)
    sure = not any(f.token.approximate for f in (total, *parts))
    return plain and sure and {f.index for f in rest} == {f.index for f in parts}


def _named_parts(closed: ClosedParts, total: Figure, text: Text) -> list[Figure] | None:
    """The figures that bear the names of a closed set right behind a total."""
    following = [f for f in text.paragraph(total) if f.index > total.index and _fits(f, total)][:8]
    parts: list[Figure] = []
    for names in closed.parts:
        part = next((f for f in following if is_member(f, names, closed) and f.name and f not in parts), None)
        if part is None:
            return None
        parts.append(part)
    return parts
