"""Automatic numbers (自动编号): the 一、 and （一） that Word prints before a paragraph and no text holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from jixiao_xl.files.word_xml import Element, child, is_on, name, value, whole
from jixiao_xl.model.numerals import chinese

_LEVELS: Final = 9
_STYLE_DEPTH: Final = 20  # how far basedOn is followed: damaged styles may go in circles
_HEADING: Final = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
_PLACE: Final = re.compile(r"%([1-9])")
_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
    (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_CHINESE: Final = {
    "chineseCounting", "chineseCountingThousand", "japaneseCounting", "japaneseDigitalTenThousand",
    "taiwaneseCounting", "taiwaneseCountingThousand", "koreanCounting", "koreanDigital2", "ideographDigital",
    "taiwaneseDigital",
}  # fmt: skip
_LEGAL: Final = {"chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"}
# where Unicode has the numbers from 1 on in one piece: the first, and how many there are
_ROWS: Final = {
    "decimalEnclosedCircle": (0x2460, 20),
    "decimalEnclosedCircleChinese": (0x2460, 20),
    "decimalEnclosedParen": (0x2474, 20),
    "decimalEnclosedFullstop": (0x2488, 20),
    "ideographEnclosedCircle": (0x3280, 10),
}
_SUFFIXES: Final = {"nothing": "", "space": " "}


class Styles:
    """What styles say of a paragraph's level and numbering."""

    def __init__(self, root: Element | None) -> None:
        self._styles: dict[str, Element] = {}
        self._default: str | None = None
        for style in () if root is None else root:
            identity = value(style, "styleId")
            if name(style) == "style" and identity is not None:
                self._styles[identity] = style
                if value(style, "type") == "paragraph" and value(style, "default") in ("1", "true", "on"):
                    self._default = identity

    def chain(self, paragraph: Element) -> list[tuple[str, Element]]:
        """The paragraph's style and what it is based on, nearest first."""
        identity = value(child(paragraph, "pPr", "pStyle")) or self._default
        found: list[tuple[str, Element]] = []
        while identity is not None and identity in self._styles and len(found) < _STYLE_DEPTH:
            style = self._styles[identity]
            found.append((identity, style))
            identity = value(child(style, "basedOn"))
        return found

    def level(self, paragraph: Element) -> int | None:
        """The outline level from 1, by the paragraph itself or by its style."""
        chain = self.chain(paragraph)
        for holder in (paragraph, *(style for _, style in chain)):
            outline = value(child(holder, "pPr", "outlineLvl"))
            if outline is not None:
                number = whole(outline, _LEVELS)
                return number + 1 if number < _LEVELS else None
        for _, style in chain:
            if match := _HEADING.fullmatch((value(child(style, "name")) or "").strip()):
                return int(match[1])
        return None

    def list_of(self, style_id: str | None) -> str | None:
        """The list (numId) that a numbering style stands for."""
        style = self._styles.get(style_id or "")
        return value(child(style, "pPr", "numPr", "numId"))


@dataclass(slots=True)
class _List:
    """One definition of a list and how far it has counted."""

    levels: dict[int, Element]
    counts: dict[int, int] = field(default_factory=dict[int, int])


class Numbering:
    """Counts through a document; ask for each paragraph's label once, in order."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._definitions: dict[str, Element] = {}
        self._numbers: dict[str, Element] = {}
        self._lists: dict[str, _List] = {}
        self._overridden: set[tuple[str, int]] = set()
        for one in () if root is None else root:
            if name(one) == "abstractNum":
                self._definitions[value(one, "abstractNumId") or ""] = one
            elif name(one) == "num":
                self._numbers[value(one, "numId") or ""] = one

    def label(self, paragraph: Element) -> str:
        """The number that is printed before the paragraph, with what separates it from the text; blank without one."""
        number, level = self._of(paragraph)
        item = self._list(number) if number else None
        if number is None or item is None or level not in item.levels:
            return ""
        self._count(number, item, level)
        definition = item.levels[level]
        if value(child(definition, "numFmt")) in ("bullet", "none"):
            return ""
        pattern = value(child(definition, "lvlText")) or ""
        legal = is_on(child(definition, "isLgl"))
        text = _PLACE.sub(lambda match: self._shown(item, int(match[1]) - 1, arabic=legal), pattern)
        return text + _SUFFIXES.get(value(child(definition, "suff")) or "", "\t") if text.strip() else ""

    def _of(self, paragraph: Element) -> tuple[str | None, int]:
        """The list and the level in it: the paragraph's own, else its style's."""
        own = child(paragraph, "pPr", "numPr")
        number, level = value(child(own, "numId")), value(child(own, "ilvl"))
        for identity, style in self._styles.chain(paragraph):
            given = child(style, "pPr", "numPr")
            if given is None or number is not None:
                continue
            number = value(child(given, "numId"))
            level = level or value(child(given, "ilvl")) or self._level_of_style(number, identity)
        return (None if number == "0" else number), whole(level, 0, most=_LEVELS - 1)

    def _level_of_style(self, number: str | None, style: str) -> str:
        item = self._list(number) if number else None
        levels = item.levels.items() if item else ()
        return str(next((level for level, one in levels if value(child(one, "pStyle")) == style), 0))

    def _list(self, number: str) -> _List | None:
        """The list of a numId; lists of one definition count on together."""
        one = self._numbers.get(number)
        identity = value(child(one, "abstractNumId")) or ""
        definition = self._definitions.get(identity)
        if one is None or definition is None:
            return None
        if (link := value(child(definition, "numStyleLink"))) is not None:
            linked = self._numbers.get(self._styles.list_of(link) or "")
            identity = value(child(linked, "abstractNumId")) or identity
            definition = self._definitions.get(identity, definition)
        if identity not in self._lists:
            self._lists[identity] = _List(_levels(definition))
        base = self._lists[identity]
        changed = {level: lvl for override, level in _overrides(one) if (lvl := child(override, "lvl")) is not None}
        return _List(base.levels | changed, base.counts) if changed else base

    def _count(self, number: str, item: _List, level: int) -> None:
        starts = {
            level: value(child(override, "startOverride")) for override, level in _overrides(self._numbers[number])
        }
        start = starts.get(level)
        if start is not None and (number, level) not in self._overridden:
            self._overridden.add((number, level))
            item.counts[level] = whole(start, 1)
        elif level in item.counts:
            item.counts[level] += 1
        else:
            item.counts[level] = _start(item.levels[level])
        for deeper in range(level + 1, _LEVELS):
            restart = value(child(item.levels.get(deeper), "lvlRestart"))
            if restart != "0":
                item.counts.pop(deeper, None)

    def _shown(self, item: _List, level: int, *, arabic: bool) -> str:
        definition = item.levels.get(level)
        if definition is None:
            return ""
        number = item.counts.get(level, _start(definition))
        return formatted(number, "decimal" if arabic else value(child(definition, "numFmt")) or "decimal")


def _levels(definition: Element) -> dict[int, Element]:
    return {whole(value(one, "ilvl"), 0): one for one in definition if name(one) == "lvl"}


def _overrides(number: Element) -> list[tuple[Element, int]]:
    return [(one, whole(value(one, "ilvl"), 0)) for one in number if name(one) == "lvlOverride"]


def _start(definition: Element) -> int:
    return whole(value(child(definition, "start")), 1)


def formatted(number: int, form: str) -> str:
    """A list's number as Word writes it in a format (numFmt); Arabic where the format is not known.

    >>> [formatted(12, form) for form in ("decimal", "decimalFullWidth", "decimalEnclosedCircle", "lowerRoman")]
    ['12', '１２', '⑫', 'xii']
    """
    if form in _CHINESE:
        return chinese(number)
    if form in _LEGAL:
        return chinese(number, legal=True)
    first, many = _ROWS.get(form, (0, 0))
    if 1 <= number <= many:
        return chr(first + number - 1)
    match form:
        case "decimalFullWidth" | "decimalFullWidth2":
            return str(number).translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
        case "decimalZero":
            return f"{number:02d}"
        case "upperLetter" | "lowerLetter" if 1 <= number <= 26 * 20:
            letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
            return letter.upper() if form.startswith("upper") else letter
        case "upperRoman" | "lowerRoman" if 1 <= number < 4000:
            roman = _roman(number)
            return roman.upper() if form.startswith("upper") else roman
        case _:
            return str(number)


def _roman(number: int) -> str:
    text = ""
    for worth, letters in _ROMAN:
        text += letters * (number // worth)
        number %= worth
    return text
