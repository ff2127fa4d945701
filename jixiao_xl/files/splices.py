"""Cutting XML by its bytes (按字节改部件): where elements begin and end, and other bytes put in their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from xml.parsers import expat

from jixiao_xl.files.package import safe_parser

Splice = tuple[int, int, bytes]  # what stands from here to there becomes this

_MARKUP: Final = re.compile(
    rb"""<(/?)([^\s/>!?]+)[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>|<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>""",
    re.DOTALL,
)
_SIMPLE: Final = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*(?<!/)>([^<]*)</""")
_ROW: Final = re.compile(rb"<(?:[\w.-]+:)?row(?:\s[^<>]*)?>")
_ATTRIBUTE: Final = re.compile(rb"""\s+([^\s=/>]+)\s*=\s*("[^"]*"|'[^']*')""")
_CELL: Final = re.compile(  # as almost every program writes one
    rb"""<((?:[\w.-]+:)?)c(?:\s[^<>]*)?(?:(?<=/)>|(?<!/)(>)(<\1f(?:\s[^<>]*)?(?:(?<=/)>|>[^<]*</\1f>))?"""
    rb"""(?:(<\1v>[^<]*</\1v>)|(<\1is><\1t(?:\s[^<>]*)?>[^<]*</\1t></\1is>))?(</)\1c>)"""
)
_ENTITY: Final = re.compile("&(?:[a-z]+|#[0-9]+|#x[0-9A-Fa-f]+);")
_ENTITIES: Final = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}  # & last: it makes no new reference
_DECLARED: Final = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)["']""")
_WIDE: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


class Mark(NamedTuple):
    """A start tag: namespace and local name, attributes, and the offset of its `<`."""

    name: str
    attributes: dict[str, str]
    offset: int

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition(" ")[2]


class Element(NamedTuple):
    """Offsets of an element: start tag from `start` to `opened`, end tag from `closed` to `end`; its children."""

    prefix: bytes  # `x:` of `<x:c>`
    start: int
    opened: int
    closed: int
    end: int
    children: list[tuple[bytes, int, int]]  # local name, from, to


def marks(part: bytes) -> list[Mark]:
    """Every start tag of a part in UTF-8.

    Raises:
        UnreadableWorkbook: the part declares a DTD.
        ExpatError: it is no XML.
    """
    found: list[Mark] = []
    parser = safe_parser()
    parser.StartElementHandler = lambda name, attributes: found.append(Mark(name, attributes, parser.CurrentByteIndex))
    parser.Parse(part, True)
    return found


def element(part: bytes, start: int) -> Element:
    """The element whose start tag stands at `start` in a well-formed part."""
    children: list[tuple[bytes, int, int]] = []
    prefix, opened, depth, child = b"", 0, 0, 0
    for match in _MARKUP.finditer(part, start):
        closing, name = match.groups()
        if name is None:
            continue
        end = match.end()
        if closing:
            depth -= 1
        elif not depth:
            prefix, opened = b"".join(name.rpartition(b":")[:2]), end
        elif depth == 1:
            child = match.start()
        empty = part[end - 2] == 0x2F  # "/"
        if not closing and not empty:
            depth += 1
        elif depth == 1:
            children.append((name.rpartition(b":")[2], child, end))
        elif depth == 0:
            return Element(prefix, start, opened, end if empty else match.start(), end, children)
    raise expat.ExpatError("unclosed element")


def cell_at(part: bytes, start: int) -> Element:
    """The element of a cell; a quick look tells for most of them what `element` tells for all."""
    match = _CELL.match(part, start)
    if match is None:
        return element(part, start)
    end = match.end()
    if match[2] is None:
        return Element(match[1], start, end, end, end, [])
    children = [(name, *match.span(group)) for name, group in ((b"f", 3), (b"v", 4), (b"is", 5)) if match[group]]
    return Element(match[1], start, match.end(2), match.start(6), end, children)


def prefix_at(part: bytes, start: int) -> bytes:
    """`x:` where `<x:sheetData` stands at `start`; mostly nothing."""
    match = _MARKUP.match(part, start)
    return b"".join(match[2].rpartition(b":")[:2]) if match else b""


def tag_end(part: bytes, start: int) -> int:
    """The offset behind the tag at `start`."""
    match = _MARKUP.match(part, start)
    return match.end() if match else start


def inner(part: bytes, start: int) -> bytes:
    """What stands between the tags of the element at `start`."""
    simple = _SIMPLE.match(part, start)
    if simple:
        return simple[1]
    found = element(part, start)
    return part[found.opened : found.closed]


def characters(content: bytes) -> str:
    """The text of an element's content, as a parser reports it."""
    if b"<" not in content and b"\r" not in content:
        text = content.decode()
        return _unescaped(text) if "&" in text else text
    collected: list[str] = []
    parser = expat.ParserCreate()
    parser.CharacterDataHandler = collected.append
    parser.Parse(b"<t>%b</t>" % content, True)
    return "".join(collected)


def _unescaped(text: str) -> str:
    """The text with its references resolved; the five names first, since formulas hold hardly anything else."""
    if "&#" in text:
        return _ENTITY.sub(lambda match: _character(match[0]), text)
    for name, character in _ENTITIES.items():
        text = text.replace(f"&{name};", character)
    return text


@lru_cache(maxsize=8192)  # a form says the same names over and over; openpyxl writes every Chinese character so
def _character(entity: str) -> str:
    if entity.startswith("&#x"):
        return chr(int(entity[3:-1], 16))
    return chr(int(entity[2:-1])) if entity.startswith("&#") else _ENTITIES[entity[1:-1]]


def attribute(tag: bytes, name: bytes) -> str:
    """An attribute of a start tag, or nothing; for numbers and types, which need no escapes."""
    found = _attribute(name).search(tag) if name in tag else None
    return (found[1] or found[2] or b"").decode() if found else ""


@lru_cache(maxsize=64)
def _attribute(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"\s%b\s*=\s*(?:\"([^\"]*)\"|'([^']*)')" % name)


def with_attributes(tag: bytes, without: Iterable[bytes], new: bytes = b"") -> bytes:
    """A start tag, open or empty, without some attributes and with ` name="value"` at its end."""
    close = b"/>" if tag.endswith(b"/>") else b">"
    kept = tag[: -len(close)]
    if any(name in kept for name in without):
        kept = _ATTRIBUTE.sub(lambda match: b"" if match[1] in without else match[0], kept)
    return kept.rstrip() + new + close


def with_heights(part: bytes, heights: Mapping[int, float | None]) -> bytes:
    """A sheet's part with rows at least so high, in points; None: as high as the program likes."""

    def raised(match: re.Match[bytes]) -> bytes:
        number, old = attribute(match[0], b"r"), attribute(match[0], b"ht")
        if not number or int(number) not in heights:
            return match[0]
        height = heights[int(number)]
        if height is None:
            return with_attributes(match[0], (b"ht",))
        if old and float(old) >= height:
            return match[0]
        return with_attributes(match[0], (b"ht",), b' ht="%g"' % height)  # whether it is fixed stays as it was

    return _ROW.sub(raised, part) if heights else part


def spliced(part: bytes, splices: Iterable[Splice]) -> bytes:
    """The part with other bytes between some offsets; splices at one place keep their order."""
    pieces: list[bytes] = []
    position = 0
    for start, end, content in sorted(splices, key=lambda splice: splice[:2]):
        pieces += (part[position:start], content)
        position = end
    pieces.append(part[position:])
    return b"".join(pieces)


def as_utf8(part: bytes) -> bytes:
    """The part in UTF-8, which almost every part is anyway."""
    declared = _DECLARED.match(part[3:] if part.startswith(b"\xef\xbb\xbf") else part)
    encoding = _WIDE.get(part[:2]) or (declared[1].decode() if declared else "utf-8")
    if encoding.lower() in ("utf-8", "utf8"):
        return part
    text = part.decode(encoding)
    return re.sub(r"""(<\?xml[^>]*?\sencoding\s*=\s*)["'][\w.-]+["']""", r'\1"UTF-8"', text, count=1).encode()


def at_the_end(part: bytes, start: int, content: bytes) -> Splice:
    """What puts content into the element at `start`, behind all that it holds; an empty element is opened."""
    found = element(part, start)
    if found.closed < found.end:
        return found.closed, found.closed, content
    name = part[found.start + 1 : found.opened].split(maxsplit=1)[0].rstrip(b"/>")
    return found.opened - 2, found.opened, b">%b</%b>" % (content, name)


def cell_with(part: bytes, cell: Element, formula: bytes | None, kind: bytes, value: bytes) -> Splice:
    """What gives a cell another value, of a type, and another formula (None: the one it has).

    Its style and its other attributes stay, but those that describe the value (vm) or the formula (cm) that goes.
    """
    kept = [(name, part[begin:end]) for name, begin, end in cell.children if name not in (b"v", b"is")]
    if formula is None:
        formula = b"".join(content for name, content in kept if name == b"f")
    content = b"".join((formula, value, *(content for name, content in kept if name != b"f")))
    without = (b"t", b"vm") if formula else (b"t", b"vm", b"cm")
    tag = with_attributes(part[cell.start : cell.opened], without, b' t="%b"' % kind if kind else b"").rstrip(b"/>")
    end = b">%b</%bc>" % (content, cell.prefix) if content else b"/>"
    return cell.start, cell.end, tag + end
