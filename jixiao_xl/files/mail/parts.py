"""The parts of a mail (邮件各部分): headers, bodies and what lies between the boundaries (RFC 2045, 2046), from bytes.

Nothing is copied until a body is decoded, and every loop is bounded, so that no mail is slow to take apart.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

from jixiao_xl.files.mail.headers import guessed

MAX_HEADERS: Final = 2**20  # bytes of headers that are looked at
MAX_FIELDS: Final = 2_000
MAX_FIELD: Final = 2**16  # bytes of one header
MAX_BOUNDARY: Final = 1_000
MAX_NOISE: Final = 100  # places that are no base64 at which a footer is looked for

_HEADERS_END: Final = re.compile(rb"(?:\A|\n)\r?\n")
_FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:[ \t]*")
_SOME_BOUNDARY: Final = re.compile(
    rb"(?:\A|\n)--([^\r\n]{1,200}?)[ \t]*\r?\n(?=Content-[A-Za-z-]{1,40}:)", re.IGNORECASE
)
_NO_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=\s\0]|[A-Za-z0-9+/=][ \t]+[A-Za-z0-9+/=]")
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64: Final = bytes(set(range(256)) - set(_BASE64))
_BLANK: Final = b" \t\r\n\0"
_UU_BEGIN: Final = re.compile(rb"(?m)^begin[ \t]+[0-7]{3,4}[ \t]+([^\r\n]{1,500}?)[ \t]*\r?\n")
_UU_END: Final = re.compile(rb"(?m)^end[ \t]*\r?$")
_PACKED_AS_BASE64: Final = (b"UEsDB", b"0M8R4KGxGuE", b"UmFyIRoH", b"N3q8ryc")  # zip, OLE, rar, 7z


@dataclass(frozen=True, slots=True)
class Part:
    """Headers, decoded but for their encoded words, by lower-case name; and the body as it came."""

    fields: dict[str, tuple[str, ...]]
    body: memoryview
    is_cut: bool = False

    def field(self, name: str) -> str:
        """The first header of that name, or an empty text."""
        return self.fields.get(name, ("",))[0]


def read_part(data: memoryview) -> Part:
    """A part, or a mail: its headers and its body; `is_cut` where there are more headers than are looked at."""
    end = _HEADERS_END.search(data, 0, MAX_HEADERS)
    stop, body_start = (end.start(), end.end()) if end else _far_end(data)
    block = bytes(data[: min(stop, MAX_HEADERS)])
    fields, used = _fields(block)
    is_cut = stop > MAX_HEADERS or sum(map(len, fields.values())) >= MAX_FIELDS
    if used < len(block) and not is_cut:
        body_start = used  # no empty line between headers and body
    return Part(fields, data[body_start:], is_cut)


def _far_end(data: memoryview) -> tuple[int, int]:
    """Where headers end that do not end within what is looked at."""
    whole = bytes(data) if len(data) > MAX_HEADERS else b""
    ends = [(at, at + len(mark)) for mark in (b"\n\r\n", b"\n\n") if (at := whole.find(mark)) >= 0]
    return min(ends, default=(len(data), len(data)))


def _fields(block: bytes) -> tuple[dict[str, tuple[str, ...]], int]:
    """Every header, and where the block ceases to be headers."""
    lines = list[tuple[bytes, bytearray]]()
    position = 0
    for number, line in enumerate(block.split(b"\n")):
        match = _FIELD.match(line)
        if line[:1] in (b" ", b"\t") and lines:
            _append(lines[-1][1], line.rstrip(b"\r"))
        elif match:
            if len(lines) >= MAX_FIELDS:
                break
            lines.append((match[1], bytearray(line[match.end() :].rstrip(b"\r")[:MAX_FIELD])))
        elif lines and lines[-1][1].count(b'"') % 2:
            _append(lines[-1][1], line.rstrip(b"\r"))  # folded without the blank that folding needs
        elif line.strip() and not (number == 0 and line.startswith((b"From ", b">From "))):
            break
        position += len(line) + 1
    fields = dict[str, list[str]]()
    for name, value in lines:
        fields.setdefault(name.decode("ascii").lower(), []).append(guessed(bytes(value)))
    return {name: tuple(values) for name, values in fields.items()}, min(position, len(block))


def _append(value: bytearray, line: bytes) -> None:
    value += line[: max(0, MAX_FIELD - len(value))]


@dataclass(frozen=True, slots=True)
class Split:
    """What lies between the boundaries; whether the last one is there, and whether they had to be guessed."""

    parts: tuple[memoryview, ...]
    is_closed: bool
    is_guessed: bool = False


def split_parts(body: memoryview, boundary: str, most: int) -> Split:
    """The parts of a multipart body, `most` at the most; by the boundary that is really there if it is not the one named."""
    named = boundary.rstrip().encode("utf-8", "replace")
    found = _split(body, named, most) if 0 < len(named) <= MAX_BOUNDARY else Split((), False)
    if found.parts:
        return found
    real = _SOME_BOUNDARY.search(body)
    if real is None:
        return Split((), False, True)
    found = _split(body, real[1], most)
    return Split(found.parts, found.is_closed, True)


def _split(body: memoryview, boundary: bytes, most: int) -> Split:
    line = re.compile(b"--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\r?\Z)")
    parts, start = list[memoryview](), -1
    for match in line.finditer(body):
        at = match.start()
        if at and body[at - 1] != 0x0A:
            continue
        if start >= 0:
            end = at - 1 if at > start else at
            end -= end > start and body[end - 1] == 0x0D
            parts.append(body[start : max(start, end)])
        if match[1] or len(parts) >= most:
            return Split(tuple(parts), True)
        start = match.end()
    if start >= 0:
        parts.append(body[start:])
    return Split(tuple(parts), False)


def content(part: Part) -> tuple[bytes, str]:
    """The bytes of a body, its transfer encoding undone, and a remark: mail-encoding-damaged, -missing or empty."""
    words = part.field("content-transfer-encoding").lower().strip(" \"';").split()
    match words[0] if words else "":
        case "base64":
            return _from_base64(bytes(part.body))
        case "quoted-printable":
            return binascii.a2b_qp(bytes(part.body)), ""
        case "uuencode" | "x-uuencode" | "uue" | "x-uue":
            files, _ = uuencoded(bytes(part.body))
            return (files[0][1], "") if files else (bytes(part.body), "mail-encoding-damaged")
        case _:
            data = bytes(part.body)
            if data[:20].lstrip().startswith(_PACKED_AS_BASE64):
                return _from_base64(data)[0], "mail-encoding-missing"
            return data, ""


def _from_base64(body: bytes) -> tuple[bytes, str]:
    """Base64 as far as it goes: what is no base64 is skipped, a cut group of four gives what it still holds."""
    is_clean = not body.translate(None, _BASE64 + b"\r\n")
    data = body if is_clean else _without_footer(body)
    padding = data.find(b"=")
    if padding >= 0 and (rest := data[padding:].lstrip(b"=").strip(_BLANK)):
        if is_clean or not _NO_BASE64.search(rest):
            return _pieces_of_base64(data)
        data = data[:padding] + b"=="
    plain = data.translate(None, _NOT_BASE64).rstrip(b"=")
    is_strange = len(body.translate(None, _BLANK).rstrip(b"=")) != len(plain)
    return _padded(plain), "mail-encoding-damaged" if is_strange or (padding < 0 and len(plain) % 4) else ""


def _without_footer(data: bytes) -> bytes:
    """The body up to an empty line behind which something else begins: a server's notice."""
    for strange in islice(_NO_BASE64.finditer(data), MAX_NOISE):
        start = data.rfind(b"\n", 0, strange.end()) + 1
        line_before = data[data.rfind(b"\n", 0, max(0, start - 1)) + 1 : start]
        if start and not line_before.strip():
            return data[:start]
    return data


def _pieces_of_base64(data: bytes) -> tuple[bytes, str]:
    """Chunks that were encoded, and padded, one by one."""
    chunks = re.findall(rb"[^=]+", data.translate(None, _NOT_BASE64))
    return b"".join(map(_padded, chunks)), ""


def _padded(plain: bytes) -> bytes:
    if len(plain) % 4 == 1:
        plain = plain[:-1]
    return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))


def uuencoded(text: bytes) -> tuple[list[tuple[str, bytes]], str]:
    """Name and bytes of every uuencoded file in a text, and a remark where one was cut off."""
    files, remark, position = list[tuple[str, bytes]](), "", 0
    while begin := _UU_BEGIN.search(text, position):
        end = _UU_END.search(text, begin.end())
        position = end.end() if end else len(text)
        data = bytearray()
        for line in text[begin.end() : end.start() if end else position].splitlines():
            try:
                data += binascii.a2b_uu(line) if line.strip(b"` ") else b""
            except binascii.Error:
                remark = "mail-encoding-damaged"
        remark = remark if end else "mail-encoding-damaged"
        files.append((guessed(begin[1]), bytes(data)))
    return files, remark
