"""Writers of what Outlook writes (Outlook 格式): winmail.dat ([MS-OXTNEF]) and .msg ([MS-OXMSG] in [MS-CFB]), for tests."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

IID_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")
FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


# -- winmail.dat -----------------------------------------------------------------------------------------------


def winmail(*files: tuple[str, bytes], codepage: int = 936, long_names: bool = True) -> bytes:
    """A winmail.dat; without long names the names stand in the title only, in the code page."""
    parts = [struct.pack("<IH", 0x223E9F78, 1)]
    parts.append(_attribute(1, 0x9006, 8, struct.pack("<I", 0x10000)))
    parts.append(_attribute(1, 0x9007, 6, struct.pack("<II", codepage, 0)))
    parts.append(_attribute(1, 0x8008, 7, b"IPM.Microsoft Mail.Note\0"))
    for name, data in files:
        parts.append(_attribute(2, 0x9002, 6, bytes(14)))
        title = name.encode("gb18030") if codepage == 936 else name.encode("utf-8")
        parts.append(_attribute(2, 0x8010, 1, title + b"\0"))
        if data.startswith(IID_MESSAGE):
            parts.append(_attribute(2, 0x9005, 6, _properties((0x3701, 0x0D, data))))
            continue
        parts.append(_attribute(2, 0x800F, 6, data))
        if long_names:
            wide = (name + "\0").encode("utf-16-le")
            parts.append(_attribute(2, 0x9005, 6, _properties((0x3705, 0x03, b"\1\0\0\0"), (0x3707, 0x1F, wide))))
    return b"".join(parts)


def embedded(*files: tuple[str, bytes]) -> bytes:
    """A forwarded message, as the data of an attachment."""
    return IID_MESSAGE + winmail(*files)


def _attribute(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def _properties(*properties: tuple[int, int, bytes]) -> bytes:
    result = struct.pack("<I", len(properties))
    for name, kind, data in properties:
        result += struct.pack("<HH", kind, name)
        result += data if kind == 0x03 else struct.pack("<II", 1, len(data)) + data + bytes(-len(data) % 4)
    return result


# -- .msg ------------------------------------------------------------------------------------------------------

Tree = Mapping[str, "bytes | Tree"]


@dataclass(frozen=True)
class Message:
    """What a .msg is made of; an attachment is a name with bytes, with a message, or with None (a link)."""

    sender: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    message_id: str = ""
    kind: str = "IPM.Note"
    files: Sequence[tuple[str, bytes | Message | None]] = ()
    codepage: int = 0  # 0: names in UTF-16; else in 8 bits


def outlook(message: Message) -> bytes:
    """The bytes of a .msg."""
    return container(_message(message, 32))


def _message(message: Message, header: int) -> Tree:
    texts = {0x001A: message.kind, 0x0037: message.subject, 0x1035: message.message_id, 0x5D01: message.sender}
    rows = [_row(0x3FFD, 3, struct.pack("<I", message.codepage))] if message.codepage else []
    if message.sent_at:
        since = message.sent_at.astimezone(UTC) - datetime(1601, 1, 1, tzinfo=UTC)
        rows.append(_row(0x0039, 0x40, struct.pack("<Q", (since.days * 86400 + since.seconds) * 10**7)))
    tree = _texts(texts, rows, message.codepage)
    number = len(message.files)
    head = struct.pack("<8x4I8x", 0, number, 0, number)[:header]
    tree["__properties_version1.0"] = head + b"".join(rows)
    for place, (name, data) in enumerate(message.files):
        tree[f"__attach_version1.0_#{place:08X}"] = _attachment(name, data, message.codepage)
    return tree


def _attachment(name: str, data: bytes | Message | None, codepage: int) -> Tree:
    method = 1 if isinstance(data, bytes) else 5 if data else 7
    rows = [_row(0x3705, 3, struct.pack("<I", method))]
    tree = _texts({0x3707: name}, rows, codepage)
    if isinstance(data, bytes):
        tree["__substg1.0_37010102"] = data
        rows.append(_row(0x3701, 0x102, struct.pack("<II", len(data), 0)))
    elif data:
        tree["__substg1.0_3701000D"] = _message(data, 24)
        rows.append(_row(0x3701, 0x0D, struct.pack("<II", FREE, 1)))
    tree["__properties_version1.0"] = bytes(8) + b"".join(rows)
    return tree


def _texts(texts: Mapping[int, str], rows: list[bytes], codepage: int) -> dict[str, bytes | Tree]:
    tree = dict[str, "bytes | Tree"]()
    for name, text in texts.items():
        if text:
            kind, data = (0x1E, text.encode("gb18030")) if codepage else (0x1F, text.encode("utf-16-le"))
            tree[f"__substg1.0_{name:04X}{kind:04X}"] = data
            rows.append(_row(name, kind, struct.pack("<II", len(data) + 2, 0)))
    return tree


def _row(name: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<HHI", kind, name, 6) + value.ljust(8, b"\0")


# -- the container ---------------------------------------------------------------------------------------------


@dataclass
class _Entry:
    name: str
    kind: int  # 1 storage, 2 stream, 5 root
    data: bytes = b""
    right: int = FREE
    child: int = FREE
    start: int = END

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le")
        head = struct.pack("<64sHBBIII", name, len(name) + 2, self.kind, 1, FREE, self.right, self.child)
        return head + struct.pack("<16sIQQIQ", b"", 0, 0, 0, self.start, len(self.data))


def container(tree: Tree) -> bytes:
    """A compound file of version 3; small streams lie in the mini stream, as the format demands."""
    root = _Entry("Root Entry", 5)
    entries = [root]
    _add(tree, root, entries)
    fat, sectors = list[int](), list[bytes]()
    mini_fat, mini = list[int](), bytearray()
    for entry in entries:
        if entry.kind != 2:
            continue
        if len(entry.data) >= 4096:
            entry.start = _chain(entry.data, 512, fat, sectors)
        elif entry.data:
            blocks = list[bytes]()
            first = len(mini_fat)
            _chain(entry.data, 64, mini_fat, blocks)
            entry.start = first
            mini += b"".join(blocks)
    root.data = bytes(mini)
    root.start = _chain(root.data, 512, fat, sectors) if mini else END
    table = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    mini_start = _chain(table, 512, fat, sectors, filler=b"\xff") if mini_fat else END
    directory = b"".join(entry.packed() for entry in entries)
    directory_start = _chain(directory, 512, fat, sectors)
    fat_sectors = 1
    while (len(fat) + fat_sectors) > fat_sectors * 128:
        fat_sectors += 1
    places = list(range(len(fat), len(fat) + fat_sectors))
    fat += [FAT_SECTOR] * fat_sectors
    fat += [FREE] * (fat_sectors * 128 - len(fat))
    sectors += [struct.pack("<128I", *fat[n * 128 : n * 128 + 128]) for n in range(fat_sectors)]
    head = struct.pack("<8s16sHHHHH6x", bytes.fromhex("d0cf11e0a1b11ae1"), b"", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack(
        "<IIIIIIIII", 0, fat_sectors, directory_start, 0, 4096, mini_start, -(-len(table) // 512), END, 0
    )
    head += struct.pack("<109I", *places, *[FREE] * (109 - len(places)))
    return head + b"".join(sectors)


def _add(tree: Tree, parent: _Entry, entries: list[_Entry]) -> None:
    """The children as a chain to the right, in the order of the format: by length, then by upper-case name."""
    previous: _Entry | None = None
    for name in sorted(tree, key=lambda one: (len(one), one.upper())):
        value = tree[name]
        entry = _Entry(name, 2, value) if isinstance(value, bytes) else _Entry(name, 1)
        if previous is None:
            parent.child = len(entries)
        else:
            previous.right = len(entries)
        entries.append(entry)
        previous = entry
        if not isinstance(value, bytes):
            _add(value, entry, entries)


def _chain(data: bytes, size: int, fat: list[int], sectors: list[bytes], filler: bytes = b"\0") -> int:
    start, number = len(fat), max(1, -(-len(data) // size))
    fat += [*range(start + 1, start + number), END]
    sectors += [data[n * size : (n + 1) * size].ljust(size, filler) for n in range(number)]
    return start
