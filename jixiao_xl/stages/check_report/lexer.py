"""Lexer (识数): every number of a passage, with its unit, and whether it counts something or only names a date or place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from jixiao_xl.stages.check_report.lexicon import Lexicon
from jixiao_xl.stages.check_report.source import Source

UnitKind = Literal["money", "percent", "points", "times", "tenths", "doublings", "score", "count", ""]

_NUMBER = re.compile(r"(?<![\d.])(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?")
_SIGN = re.compile(r"(?:(?<![\d.%)）元万亿A-Za-z])-|(?<!抱|担|肩)负)$")
_YEAR = re.compile(r"(?:19|20)\d\d")
_CHAIN = re.compile(r"(?:[、-]|~|和|与|及|至|到|或|以及|—|\u2013|,|，)")
_RANGE = re.compile(r"(?:[-~—\u2013]|至|到)+")
_PRODUCT_SIGNS = "*\u00d7\u00f7"


@dataclass(frozen=True, slots=True)
class Unit:
    """What a number counts: its kind, its name without a scale, and how many of that one stands for."""

    kind: UnitKind = ""
    name: str = ""
    scale: Decimal = Decimal(1)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """A number of a source text.

    Attributes:
        source: where it stands.
        start: where it begins in the source's text, its sign counted in.
        end: where its last digit ends.
        unit_end: where its unit ends.
        value: as shown, in its own unit.
        decimals: how many are shown.
        unit: what it counts.
        approximate: 约, 以上, a range.
        context: a date, a heading, a code: it counts nothing.
        heading: it numbers a heading or an item.
    """

    source: Source
    start: int
    end: int
    unit_end: int
    value: Decimal
    decimals: int
    unit: Unit = Unit()
    approximate: bool = False
    context: bool = False
    heading: bool = False

    @property
    def text(self) -> str:
        """As it stands in the passage."""
        return self.source.original(self.start, self.end)

    @property
    def is_factor(self) -> bool:
        """Whether it stands in a product or a measure: 2×35万千瓦, 3*1.8*2."""
        text = self.source.text
        around = text[max(0, self.start - 1) : self.start] + text[self.end : self.end + 1]
        return any(sign in _PRODUCT_SIGNS for sign in around)


NO_UNIT = Unit()


def lex(source: Source, lexicon: Lexicon) -> list[Token]:
    """All numbers of a source in order; every run of digits is part of exactly one."""
    context = _covered(source.text, lexicon.context)
    headings = _covered(source.text, lexicon.headings)
    tokens = [_token(source, match, lexicon, context, headings) for match in _NUMBER.finditer(source.text)]
    taken = {index for token in tokens for index in range(token.start, token.unit_end)}
    tokens += [token for token in _numerals(source, lexicon) if not taken & set(range(token.start, token.end))]
    return _with_shared_units(sorted(tokens, key=lambda token: token.start))


def _covered(text: str, patterns: tuple[re.Pattern[str], ...]) -> bytearray:
    mask = bytearray(len(text))
    for pattern in patterns:
        for match in pattern.finditer(text):
            mask[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
    return mask


def _token(source: Source, match: re.Match[str], lexicon: Lexicon, context: bytearray, headings: bytearray) -> Token:
    text, start, end = source.text, match.start(), match.end()
    digits = match[0].replace(",", "")
    value, decimals = Decimal(digits), len(digits.partition(".")[2])
    if context[start] or headings[start]:
        return Token(source, start, end, end, value, decimals, context=True, heading=bool(headings[start]))
    unit, unit_end, more = _unit(text, end, lexicon)
    before = text[max(0, start - 12) : start]
    if unit.kind == "" and _is_code(match[0], before, text[end : end + 8], lexicon):
        return Token(source, start, end, end, value, decimals, context=True)
    sign = _SIGN.search(before)
    if sign and not (
        unit.kind == "" and decimals == 0 and before[-1] == "-" and len(before) > 1 and before[-2].isalnum()
    ):
        start, value = start - 1, -value
        before = before[:-1]
    about = more or lexicon.says("more_before", before) or lexicon["more_after"].match(text, unit_end) is not None
    return Token(source, start, end, unit_end, value, decimals, unit, approximate=about)


def _is_code(digits: str, before: str, after: str, lexicon: Lexicon) -> bool:
    """A number without a unit that is only a name: a year, a code, a telephone number."""
    if _YEAR.fullmatch(digits) or lexicon.says("code_before", before) or lexicon["code_after"].match(after):
        return True
    return bool(after[:1].isascii() and after[:1].isalpha()) or bool(before[-1:].isascii() and before[-1:].isalpha())


def _unit(text: str, end: int, lexicon: Lexicon) -> tuple[Unit, int, bool]:
    """The unit behind a number, where it ends, and whether 余 or 多 stands before it."""
    more = lexicon["more_after"].match(text, end)
    for start in (end, more.end()) if more else (end,):
        match = lexicon["unit"].match(text, start)
        if match:
            return unit_of(match, lexicon), match.end(), start != end or bool(match["more"] or match["rest"])
    return NO_UNIT, end, False


def unit_of(match: re.Match[str], lexicon: Lexicon) -> Unit:
    """The unit that a match of the unit pattern names."""
    words = lexicon.words
    if match["bare"]:
        return Unit("money", "", words.bare_scales[match["bare"]], match[0])
    name = match["unit"]
    scale = words.bare_scales[match["scale"]] if match["scale"] else Decimal(1)
    scales: tuple[tuple[UnitKind, dict[str, Decimal]], ...] = (
        ("money", words.money_units), ("percent", words.percent_units), ("points", words.point_units),
    )  # fmt: skip
    for kind, known in scales:
        if name in known:
            return Unit(kind, "", known[name] * scale, match[0])
    if "/" in name and name.partition("/")[0] in words.money_units:
        return Unit("money", "", words.money_units[name.partition("/")[0]] * scale, match[0])
    return Unit(words.special_units.get(name, "count"), name, scale, match[0])


def _numerals(source: Source, lexicon: Lexicon) -> Iterator[Token]:
    """Chinese numerals before a measure word; 一般, 三公, 一是 are none."""
    stops = _covered(source.text, (lexicon["not_number"],))
    for match in lexicon["numeral"].finditer(source.text):
        if stops[match.start()]:
            continue
        start, end = match.start(), match.end()
        if match["hundredth"]:
            value = lexicon.numeral(match["share"])
            unit, unit_end, more = Unit("percent", "", lexicon.words.hundredths[match["hundredth"]]), end, False
        else:
            value = lexicon.numeral(match["count"])
            unit, unit_end, more = _unit(source.text, end, lexicon)
        if value is not None:
            about = more or lexicon.says("more_before", source.text[max(0, start - 6) : start])
            about = about or lexicon["more_after"].match(source.text, unit_end) is not None
            yield Token(source, start, end, unit_end, value, 0, unit, approximate=about)


def _with_shared_units(tokens: list[Token]) -> list[Token]:
    """`10、20和30万元` and `10-20%`: what stands before takes the unit of what follows; a range is no exact number."""
    result = list(tokens)
    for index in range(len(result) - 2, -1, -1):
        token, following = result[index], result[index + 1]
        between = token.source.text[token.unit_end : following.start]
        if token.context or following.context or not 0 < len(between) <= 2:
            continue
        summed = between == "+" or (between == "=" and token.source.text[max(0, token.start - 1) : token.start] in "+-")
        if token.unit.kind == "" and following.unit.kind and (summed or _CHAIN.fullmatch(between)):
            token = replace(token, unit=following.unit)
        if token.unit.kind == following.unit.kind != "" and _RANGE.fullmatch(between):
            token = replace(token, approximate=True)
            result[index + 1] = replace(following, approximate=True)
        result[index] = token
    return result
