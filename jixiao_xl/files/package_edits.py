"""Editing a package (改包): entries that stay are copied as they are stored; parts change by splicing their bytes."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple
from xml.parsers import expat

from jixiao_xl.files.package import UnreadableWorkbook, safe_parser

Splice = tuple[int, int, bytes]  # from, to, what stands there instead
Changes = dict[str, bytes | None]  # by entry name; None leaves the entry out

# -- the bytes of a part -----------------------------------------------------------------------------------------

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
_ENTITY: Final = re.compile("&(?:([a-z]+)|#([0-9]+)|#x([0-9A-Fa-f]+));")
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
        return _ENTITY.sub(_character, text)
    for name, character in _ENTITIES.items():
        text = text.replace(f"&{name};", character)
    return text


def _character(entity: re.Match[str]) -> str:
    name, decimal, hexadecimal = entity.groups()
    return _ENTITIES[name] if name else chr(int(decimal or hexadecimal, 10 if decimal else 16))


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


# -- relations, types, calculation ---------------------------------------------------------------------------------

_BEFORE_CALCULATION: Final = ("sheets", "functionGroups", "externalReferences", "definedNames")
_MACRO_BOOK: Final = re.compile(r"(?i)application/vnd\.ms-excel\.(?:sheet|template|addin)\.macroEnabled\.main\+xml")
_PLAIN_BOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def with_full_calculation(book: bytes) -> bytes:
    """The workbook part, asking every program to calculate everything when it opens the file."""
    found = marks(book)
    for mark in found:
        if mark.local == "calcPr":
            if mark.attributes.get("fullCalcOnLoad") in ("1", "true"):
                return book
            end = tag_end(book, mark.offset)
            tag = with_attributes(book[mark.offset : end], (b"fullCalcOnLoad",), b' fullCalcOnLoad="1"')
            return spliced(book, [(mark.offset, end, tag)])
    before = element(book, [mark.offset for mark in found if mark.local in _BEFORE_CALCULATION][-1])
    return spliced(book, [(before.end, before.end, b'<%bcalcPr fullCalcOnLoad="1"/>' % before.prefix)])


def without_relations(part: bytes, gone: Set[str]) -> bytes:
    """A relations part without the relations of these ids."""
    return _without(part, lambda mark: mark.local == "Relationship" and mark.attributes.get("Id") in gone)


def without_parts(types: bytes, gone: Set[str], remaining: Set[str]) -> bytes:
    """The content types without these parts (lower case, no slash) and without a macro type that nobody uses."""
    named = {part_of(mark) for mark in marks(types) if mark.local == "Override"}
    extensions = {name.rpartition(".")[2] for name in remaining - named}

    def unused(mark: Mark) -> bool:
        if mark.local == "Override":
            return part_of(mark) in gone
        kind = mark.attributes.get("ContentType", "")
        return is_macro(kind) and mark.attributes.get("Extension", "").lower() not in extensions

    return _without(types, unused) if gone else types


def part_of(override: Mark) -> str:
    """The part that a content type is for: lower case, no slash."""
    return override.attributes["PartName"].lstrip("/").lower()


def _without(part: bytes, gone: Callable[[Mark], bool]) -> bytes:
    found = [element(part, mark.offset) for mark in marks(part) if gone(mark)]
    return spliced(part, [(one.start, one.end, b"") for one in found])


def is_macro(kind: str) -> bool:
    """Whether a content type or relation type is that of a VBA project, its data or one of its signatures."""
    last = kind.rpartition("/")[2].lower()
    return "vbaproject" in last or "vbadata" in last


def macro_parts(types: bytes) -> set[str]:
    """The parts that the content types name as macros: lower case, no slash."""
    return {
        part_of(mark)
        for mark in marks(types)
        if mark.local == "Override" and is_macro(mark.attributes.get("ContentType", ""))
    }


def as_plain_workbook(types: bytes) -> bytes:
    """The content types of an .xlsx; macro sheets of Excel 4 stay, and only a macro-enabled workbook may hold them."""
    found = marks(types)
    kinds = [mark.attributes.get("ContentType", "") for mark in found]
    if any("macrosheet" in kind.lower() for kind in kinds):
        return types
    splices: list[Splice] = []
    for mark, kind in zip(found, kinds, strict=True):
        if _MACRO_BOOK.fullmatch(kind):
            end = tag_end(types, mark.offset)
            new = b' ContentType="%b"' % _PLAIN_BOOK.encode()
            splices.append((mark.offset, end, with_attributes(types[mark.offset : end], (b"ContentType",), new)))
    return spliced(types, splices) if splices else types


def without_cells_in_chain(chain: bytes, gone: Set[tuple[str, str]]) -> bytes | None:
    """CalcChain without cells, given as sheet id and address; None when nothing is left.

    An entry without a sheet id has that of the entry before it, so the next one inherits it from one that goes.
    """
    splices: list[Splice] = []
    sheet, written, left = "0", "0", 0  # the id that holds here, and the id that holds in what is written
    for mark in marks(chain)[1:]:
        if mark.local != "c":
            continue
        sheet = mark.attributes.get("i", sheet)
        end = tag_end(chain, mark.offset)
        if (sheet, mark.attributes["r"]) in gone:
            splices.append((mark.offset, element(chain, mark.offset).end, b""))
            continue
        left += 1
        if "i" not in mark.attributes and written != sheet:
            tag = with_attributes(chain[mark.offset : end], (), b' i="%b"' % sheet.encode())
            splices.append((mark.offset, end, tag))
        written = sheet
    return spliced(chain, splices) if left else None


# -- the zip -------------------------------------------------------------------------------------------------------

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_FULL: Final = 0xFFFFFFFF
_HAS_DESCRIPTOR: Final = 0x08
_ZIP64: Final = 1
_LEVEL: Final = 3  # Excel packs quickly too; 6 takes twice as long for a tenth less


@dataclass(frozen=True, slots=True)
class _Packed:
    method: int
    crc: int
    size: int
    data: bytes

    @classmethod
    def of(cls, content: bytes, method: int) -> _Packed:
        if method == zipfile.ZIP_STORED:
            return cls(method, zlib.crc32(content), len(content), content)
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
        data = packer.compress(content) + packer.flush()
        return cls(zipfile.ZIP_DEFLATED, zlib.crc32(content), len(content), data)


def rewritten(data: bytes, package: zipfile.ZipFile, changes: Mapping[str, bytes | None]) -> bytes:
    """The package with other content in some entries; whatever lies between two others' headers is copied as it is.

    Sizes that stood in a zip64 field stand there still; only an end record of zip64, which no workbook needs, goes.
    """
    directory = list(_directory(data, package))
    offsets = sorted(entry.header_offset for entry, _ in directory)
    ends = dict(pairwise([*offsets, package.start_dir]))
    target, central = bytearray(data[: offsets[0]] if offsets else b""), dict[int, bytes]()
    for entry, record in sorted(directory, key=lambda pair: pair[0].header_offset):
        start = entry.header_offset
        stored, at = data[start : ends[start]], len(target)
        whole = len(stored) >= _LOCAL.size and stored.startswith(b"PK\3\4")
        if not whole or len(stored) < _LOCAL.size + sum(_LOCAL.unpack_from(stored)[-2:]) + entry.compress_size:
            raise UnreadableWorkbook("file-truncated", "overlapping entries")
        if entry.filename not in changes:
            target += stored
            central[start] = _with_offset(record, at)
        elif (content := changes[entry.filename]) is not None:
            packed = _Packed.of(content, entry.compress_type)
            target += _local_entry(stored, packed)
            central[start] = _central_entry(record, packed, at)
    records = [central[entry.header_offset] for entry, _ in directory if entry.header_offset in central]
    size, number = sum(map(len, records)), len(records)
    end = _END.pack(b"PK\5\6", 0, 0, number, number, size, len(target), len(package.comment))
    return b"".join((target, *records, end, package.comment))


def _directory(data: bytes, package: zipfile.ZipFile) -> Iterable[tuple[zipfile.ZipInfo, bytes]]:
    """Every entry with its record in the central directory."""
    position = package.start_dir
    for entry in package.infolist():
        lengths = _CENTRAL.unpack_from(data, position)[10:13]
        end = position + _CENTRAL.size + sum(lengths)
        yield entry, data[position:end]
        position = end


def _with_offset(record: bytes, offset: int) -> bytes:
    fields = list(_CENTRAL.unpack_from(record))
    rest = bytearray(record[_CENTRAL.size :])
    if fields[-1] != _FULL:
        fields[-1] = offset
    else:  # the offset stands in the zip64 field, behind the sizes that stand there too
        place = fields[10]
        while int.from_bytes(rest[place : place + 2], "little") != _ZIP64:
            place += 4 + int.from_bytes(rest[place + 2 : place + 4], "little")
        place += 4 + 8 * (fields[8:10].count(_FULL))
        rest[place : place + 8] = offset.to_bytes(8, "little")
    return _CENTRAL.pack(*fields) + bytes(rest)


def _local_entry(stored: bytes, packed: _Packed) -> bytes:
    signature, version, flags, _, time, date, *_, name, extra = _LOCAL.unpack_from(stored)
    behind = _LOCAL.size + name
    fields = _without_zip64(stored[behind : behind + extra])
    flags &= ~_HAS_DESCRIPTOR
    sizes = (packed.crc, len(packed.data), packed.size)
    head = _LOCAL.pack(signature, version, flags, packed.method, time, date, *sizes, name, len(fields))
    return b"".join((head, stored[_LOCAL.size : behind], fields, packed.data))


def _central_entry(record: bytes, packed: _Packed, offset: int) -> bytes:
    fields = list(_CENTRAL.unpack_from(record))
    name, extra = fields[10:12]
    names, behind = record[_CENTRAL.size : _CENTRAL.size + name], _CENTRAL.size + name + extra
    kept = _without_zip64(record[_CENTRAL.size + name : behind])
    fields[3] &= ~_HAS_DESCRIPTOR
    fields[4] = packed.method
    fields[7:10] = packed.crc, len(packed.data), packed.size
    fields[11], fields[-1] = len(kept), offset
    return b"".join((_CENTRAL.pack(*fields), names, kept, record[behind:]))


def _without_zip64(extra: bytes) -> bytes:
    """The extra fields but the one for sizes beyond 4 GiB."""
    kept, position = b"", 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind != _ZIP64:
            kept += extra[position : position + 4 + length]
        position += 4 + length
    return kept + extra[position:]
