"""Mail headers (邮件头): texts, names, addresses and dates, as people's programs really write them.

The standards: RFC 5322, 2047 (encoded words), 2231 (names in other characters). What mail in China does besides:
GBK labelled gb2312, GBK without any label, encoded words in quotes and cut in the middle of a character.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from itertools import groupby
from typing import Final
from urllib.parse import unquote_to_bytes

CHINA: Final = timezone(timedelta(hours=8))

_MAX_ADDRESSES: Final = 4_096  # characters of a From that are looked at
_GB: Final = frozenset((
    "gb2312", "gb_2312-80", "gb2312-80", "gbk", "x-gbk", "cp936", "ms936", "windows-936", "936", "gb18030", "gb-18030",
    "euc-cn", "euccn", "x-euc-cn", "chinese", "csgb2312", "csgbk", "csiso58gb231280", "iso-ir-58",
))  # fmt: skip
_OTHERS: Final = {
    "utf-8": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf-16": "utf-16", "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be", "utf-7": "utf-7", "unicode-1-1-utf-7": "utf-7", "hz-gb-2312": "hz", "hz": "hz",
    "big5": "cp950", "cp950": "cp950", "big5-hkscs": "big5hkscs", "big5hkscs": "big5hkscs", "shift_jis": "cp932",
    "iso-2022-jp": "iso2022_jp", "euc-jp": "euc_jp", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "koi8-r": "koi8-r",
    "windows-1251": "cp1251",
}  # fmt: skip
_LATIN: Final = frozenset(("iso-8859-1", "iso8859-1", "latin1", "latin-1", "iso-8859-15", "windows-1252", "cp1252"))
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_MAIN: Final = re.compile(r"\s*([^\s;]*)")
_KEY: Final = re.compile(r'[;\s]*([^\s=;"]+)\s*=\s*')
_SPECIAL: Final = re.compile(r'["\\]')
_CLOSES: Final = re.compile(r"\s*(?:;|\Z|[\w*-]{1,40}\s*=)")
_CONTINUED: Final = re.compile(r"\*(\d{1,4})(\*?)")
_PERCENT: Final = re.compile(r"(?:%[0-9A-Fa-f]{2}){3}")
_BLANKS: Final = re.compile(r"[\x00-\x20\x7f\x85\u2028\u2029]+")
_FILE_LIKE: Final = re.compile(r".+\.\w{2,5}")
_QUOTED: Final = re.compile(r'"[^"]*"|\([^()]*\)')
_ANGLE: Final = re.compile(r"<\s*([^<>@\s]+@[^<>@\s]+)\s*>")
_BARE: Final = re.compile(r"[^\s<>()\[\],;:\"@]+@[^\s<>()\[\],;:\"@]+")
_YEAR_FIRST: Final = re.compile(
    r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(\D{0,12})(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:[.,]\d{1,9})?"
    r"\s?(Z|(?:GMT|UTC)?\s?[+-]\d{2}:?\d{2})?"
)
_AFTERNOON: Final = re.compile("(?i)下午|晚上|pm")
_OFFSET: Final = re.compile(r"[+-]\d{4}")
_NO_ZONE_BUT_UTC: Final = re.compile(r"-0000\b")


def decoded(data: bytes, label: str = "") -> str:
    """The text of bytes with a label that may be wrong or missing; never raises."""
    name = label.strip().strip("\"'").lower()
    codec = "gb18030" if name in _GB else _OTHERS.get(name)
    if name in _LATIN:
        return _latin(data)
    if codec is not None:
        try:
            return _SURROGATE.sub("\ufffd", data.decode(codec))
        except UnicodeError:
            pass
    return guessed(data)


def guessed(data: bytes) -> str:
    """The text of bytes without a label: UTF-8 if it says so, else GB18030.

    Two Chinese characters of GBK may be good UTF-8 by chance, but then for letters below U+0800 only.
    """
    if data.isascii():
        return data.decode("ascii")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
    if any(letter >= "\u0800" for letter in text):
        return text
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        return text


def _latin(data: bytes) -> str:
    """Labelled as western; programs that know no better label Chinese so."""
    for codec in ("utf-8", "gb2312"):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", "replace")


def words_decoded(text: str) -> str:
    """The text with its encoded words (RFC 2047) decoded, quoted ones and halved characters too."""
    result, run, position = list[str](), list[tuple[str, str, str]](), 0
    for match in _WORD.finditer(text):
        between = text[position : match.start()]
        if between and (between.strip() or not run):
            result += (*_run_decoded(run), between)
            run = []
        run.append((match[1].partition("*")[0].lower(), match[2].lower(), match[3]))
        position = match.end()
    return "".join((*result, *_run_decoded(run), text[position:]))


def _run_decoded(run: list[tuple[str, str, str]]) -> Iterator[str]:
    """Words in a row; those of one character set are one text."""
    for label, words in groupby(run, key=lambda word: word[0]):
        yield decoded(b"".join(_word_bytes([(kind, text) for _, kind, text in words])), label)


def _word_bytes(words: list[tuple[str, str]]) -> Iterator[bytes]:
    pending = ""
    for kind, text in words:
        if kind == "q":
            yield from (_base64(pending), binascii.a2b_qp(text.encode("utf-8", "replace"), header=True))
            pending = ""
            continue
        plain = "".join(text.split())
        if pending and (len(pending) + len(plain)) % 4:
            yield _base64(pending)  # a padding was left out, and not a group of four cut in two
            pending = ""
        pending += plain
        if len(pending) % 4 == 0 or pending.endswith("="):
            yield _base64(pending)
            pending = ""
    yield _base64(pending)


def _base64(text: str) -> bytes:
    plain = re.sub(r"[^A-Za-z0-9+/]", "", text)
    if len(plain) % 4 == 1:
        plain = plain[:-1]
    return binascii.a2b_base64(plain + "=" * (-len(plain) % 4))


def one_line(text: str) -> str:
    """The text of a header, decoded, without line breaks or control characters."""
    return _BLANKS.sub(" ", words_decoded(text)).strip()


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """Main value and parameters of a header such as Content-Type, by lower-case key, unquoted and not yet decoded."""
    main = _MAIN.match(value)
    position, found = (main.end() if main else 0), dict[str, str]()
    while position < len(value):
        key = _KEY.match(value, position)
        if key is None:
            position = value.find(";", position) + 1 or len(value)
            continue
        if value.startswith('"', key.end()):
            text, position = _unquoted(value, key.end() + 1)
        else:
            end = value.find(";", key.end())
            position = len(value) if end < 0 else end
            text = value[key.end() : position].strip()
        if text:
            found.setdefault(key[1].lower(), text)
    return (main[1].lower() if main else ""), found


def _unquoted(value: str, start: int) -> tuple[str, int]:
    """The quoted text from behind its first quote, and where it ends.

    A quote that nothing follows which could follow belongs to the text, and so does a backslash of a path.
    """
    text = list[str]()
    while special := _SPECIAL.search(value, start):
        text.append(value[start : special.start()])
        start = special.end()
        if special[0] == "\\":
            escaped = value[start : start + 1] in ('"', "\\")
            text.append(value[start] if escaped else "\\")
            start += escaped
        elif _CLOSES.match(value, start):
            return "".join(text), start
        else:
            text.append('"')
    return "".join((*text, value[start:])), len(value)


def file_name(disposition: str, content_type: str, description: str = "") -> str:
    """The name of a part, decoded and not made safe; empty where it has none. A whole name goes before a garbled one."""
    candidates = list[str]()
    for value, key in ((disposition, "filename"), (content_type, "name"), (disposition, "name")):
        found = parameters(value)[1]
        candidates += (_extended(found, key), _plain(found.get(key, "")))
    if _FILE_LIKE.fullmatch(described := one_line(description)):
        candidates.append(described)
    names = [name for name in candidates if name]
    return next((name for name in names if "\ufffd" not in name and "??" not in name), names[0] if names else "")


def _plain(text: str) -> str:
    name = words_decoded(text).replace("\r", "").replace("\n", "").replace("\t", " ").strip()
    if name.isascii() and _PERCENT.search(name):
        try:
            name = unquote_to_bytes(name).decode("utf-8")
        except UnicodeDecodeError:
            return name
    return name


def _extended(found: dict[str, str], key: str) -> str:
    """A name by RFC 2231, in one piece or in several."""
    whole = found.get(f"{key}*")
    if whole is not None:
        return _joined([(whole, True)])
    numbered = list[tuple[int, str, bool]]()
    for name, text in found.items():
        if name.startswith(f"{key}*") and (match := _CONTINUED.fullmatch(name, len(key))):
            numbered.append((int(match[1]), text, bool(match[2])))
    return _joined((text, encoded) for _, text, encoded in sorted(numbered))


def _joined(segments: Iterable[tuple[str, bool]]) -> str:
    """Segments put together as bytes, since a character may be cut in two."""
    segments = list(segments)
    if not any(encoded for _, encoded in segments):
        return _plain("".join(text for text, _ in segments))
    label, result = "", bytearray()
    for number, (segment, encoded) in enumerate(segments):
        text = segment
        if encoded and number == 0 and text.count("'") >= 2:
            label, _, text = text.split("'", 2)
        codec = "gb18030" if label.lower() in _GB else "utf-8"
        result += unquote_to_bytes(text) if encoded and text.isascii() else text.encode(codec, "replace")
    return words_decoded(decoded(bytes(result), label)).strip()


def addresses(value: str) -> tuple[str, ...]:
    """The addresses of a header in lower case, in order; what a display name pretends is not one."""
    found = list[str]()
    for one in re.split("[,;]", _QUOTED.sub(" ", value[:_MAX_ADDRESSES])):
        match = _ANGLE.search(one)
        text = match[1] if match else "" if "<" in one else (bare[0] if (bare := _BARE.search(one)) else "")
        if text and (address := text.lower().strip("'.")) not in found:
            found.append(address)
    return tuple(found)


def moment(value: str) -> tuple[datetime | None, str]:
    """The moment of a Date header with its zone, and a remark: mail-date-missing, -unreadable, -without-zone or empty.

    A date without a zone, or with the ambiguous zone CST, is read as China's.
    """
    text = value.strip()[:200]
    if not text:
        return None, "mail-date-missing"
    try:
        found = _year_first(text) or parsedate_to_datetime(text)
        if found.tzinfo is None and _NO_ZONE_BUT_UTC.search(text):
            found = found.replace(tzinfo=UTC)
        elif "CST" in text and not _OFFSET.search(text):
            found = found.replace(tzinfo=CHINA)
        zoned = found if found.tzinfo else found.replace(tzinfo=CHINA)
        zoned.astimezone(UTC)  # out of range at the ends of time
    except (ValueError, TypeError, IndexError, AttributeError, OverflowError):
        return None, "mail-date-unreadable"
    return zoned, "" if found.tzinfo else "mail-date-without-zone"


def _year_first(text: str) -> datetime | None:
    match = _YEAR_FIRST.search(text)
    if match is None:
        return None
    year, month, day, between, hour, minute, second, zone = match.groups()
    afternoon = 12 if _AFTERNOON.search(between) and int(hour) < 12 else 0
    parts = (int(year), int(month), int(day), int(hour) + afternoon, int(minute), int(second or 0))
    if zone is None:
        return datetime(*parts)
    if zone == "Z":
        return datetime(*parts, tzinfo=UTC)
    sign, digits = (-1 if "-" in zone else 1), re.sub(r"\D", "", zone)
    return datetime(*parts, tzinfo=timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))))
