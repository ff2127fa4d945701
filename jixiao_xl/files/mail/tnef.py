"""winmail.dat (Outlook 的 winmail.dat): the attachments in the wrapping that Exchange sends to other programs.

The format: [MS-OXTNEF]. A reader of our own because names in GBK must come out right and a hostile file must not
take long; every byte is looked at once.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from jixiao_xl.files.mail.headers import decoded, guessed

MAX_FILES: Final = 1_000
MAX_ATTRIBUTES: Final = 100_000

_SIGNATURE: Final = 0x223E9F78
_MARK: Final = _SIGNATURE.to_bytes(4, "little")
_ATTRIBUTE: Final = struct.Struct("<BHHI")
_ATTACHMENT_LEVEL: Final = 2
_TITLE, _DATA, _BEGINS, _PROPERTIES, _CODEPAGE = 0x8010, 0x800F, 0x9002, 0x9005, 0x9007

_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _CONTENT = 0x3707, 0x3704, 0x3001, 0x3701
_STRING8, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_MULTIPLE: Final = 0x1000
_SIZES: Final = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE: Final = frozenset((_STRING8, _UNICODE, _OBJECT, _BINARY))
_MESSAGE_INTERFACE: Final = bytes.fromhex("0703020000000000c000000000000046")


@dataclass(frozen=True, slots=True)
class WrappedFile:
    """A file in a winmail.dat; or a message in it, whose data are a winmail.dat again."""

    name: str
    data: bytes
    is_message: bool = False


@dataclass(frozen=True, slots=True)
class Winmail:
    """What a winmail.dat holds, as far as it could be read, and whether that is all."""

    files: tuple[WrappedFile, ...]
    is_damaged: bool


@dataclass(slots=True)
class _Attachment:
    title: bytes = b""
    data: bytes = b""
    names: dict[int, str] = field(default_factory=dict[int, str])
    is_message: bool = False

    def file(self, label: str) -> WrappedFile:
        named = [self.names[key] for key in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME) if self.names.get(key)]
        name = named[0] if named else _text(self.title, label)
        return WrappedFile(name, self.data, self.is_message)


def is_winmail(data: bytes) -> bool:
    """Whether the bytes are a winmail.dat, whatever it is called."""
    return data.startswith(_MARK)


def read_winmail(data: bytes) -> Winmail:
    """The files of a winmail.dat; never raises. Names in 8 bits are read by the code page that it names."""
    attachments, label, is_damaged = list[_Attachment](), "", not is_winmail(data)
    view, position, number = memoryview(data), 6, 0
    while not is_damaged and position < len(data):
        number += 1
        if position + _ATTRIBUTE.size > len(data) or number > MAX_ATTRIBUTES:
            is_damaged = True
            break
        level, name, _, length = _ATTRIBUTE.unpack_from(view, position)
        start = position + _ATTRIBUTE.size
        value = view[start : start + length]
        position = start + length + 2
        is_damaged = position > len(data)
        if name == _CODEPAGE and len(value) >= 4:
            label = f"cp{int.from_bytes(value[:4], 'little')}"
        if level != _ATTACHMENT_LEVEL:
            continue
        if name == _BEGINS or not attachments:
            if len(attachments) >= MAX_FILES:
                is_damaged = True
                break
            attachments.append(_Attachment())
        is_damaged = not _take(attachments[-1], name, value, label) or is_damaged
    files = tuple(one.file(label) for one in attachments if one.data or one.title or one.names)
    return Winmail(files, is_damaged)


def _take(attachment: _Attachment, name: int, value: memoryview, label: str) -> bool:
    """Put one attribute into its attachment; gives whether it could be read."""
    if name == _TITLE:
        attachment.title = bytes(value)
    elif name == _DATA:
        attachment.data = bytes(value)
    elif name == _PROPERTIES:
        try:
            _take_properties(attachment, value, label)
        except (struct.error, IndexError):
            return False
    return True


def _take_properties(attachment: _Attachment, value: memoryview, label: str) -> None:
    (number,) = struct.unpack_from("<I", value)
    position = 4
    for _ in range(number):
        kind, name = struct.unpack_from("<HH", value, position)
        position += 4
        if name >= 0x8000:  # a named property: a GUID, then a number or a name
            is_text, length = struct.unpack_from("<II", value, position + 16)
            position += 24 + (_even(length) if is_text else 0)
        base, count = kind & ~_MULTIPLE, 1
        if kind & _MULTIPLE or base in _VARIABLE:
            (count,) = struct.unpack_from("<I", value, position)
            position += 4
        if base not in _VARIABLE:
            position += _SIZES.get(base, len(value)) * count
        else:
            for _ in range(count):
                (length,) = struct.unpack_from("<I", value, position)
                _take_property(attachment, base, name, value[position + 4 : position + 4 + length], label)
                position += 4 + _even(length)
        if position > len(value):
            raise IndexError(position)


def _even(length: int) -> int:
    """Values are padded to a multiple of four."""
    return length + (-length % 4)


def _take_property(attachment: _Attachment, kind: int, name: int, value: memoryview, label: str) -> None:
    if name in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME) and kind in (_STRING8, _UNICODE):
        text = decoded(bytes(value), "utf-16le").strip("\0") if kind == _UNICODE else _text(bytes(value), label)
        attachment.names[name] = text
    elif name == _CONTENT and kind == _OBJECT:
        attachment.is_message = bytes(value[:16]) == _MESSAGE_INTERFACE
        attachment.data = bytes(value[16:])
    elif name == _CONTENT and kind == _BINARY:
        attachment.data = bytes(value)


def _text(data: bytes, label: str) -> str:
    plain = data.split(b"\0", 1)[0]
    return guessed(plain) if label in ("", "cp1252") else decoded(plain, label)
