"""Archives (压缩包): what sections zip comes out under its name; what would hurt is refused with a reason."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao_xl.files.archives import Opened, open_archive, unpacked
from jixiao_xl.files.triage import MAX_ENTRIES
from jixiao_xl.model.mail import Piece
from jixiao_xl.model.package_record import RECORD
from tests.difficult_mail import BOOK, NAME, OTHER, RARE


def zipped(*members: tuple[str | bytes, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip; a name given as bytes is stored so, without the flag that says UTF-8."""
    target = io.BytesIO()
    raw = [name for name, _ in members if isinstance(name, bytes)]
    with zipfile.ZipFile(target, "w", method) as package:
        for name, data in members:
            text = name if isinstance(name, str) else f"{raw.index(name):0{len(name)}d}"
            package.writestr(zipfile.ZipInfo(text, (2026, 1, 1, 0, 0, 0)), data, method)
    data = target.getvalue()
    for number, name in enumerate(raw):
        data = data.replace(f"{number:0{len(name)}d}".encode(), name)
    return data


def opened(*members: tuple[str | bytes, bytes]) -> Opened:
    return open_archive("x.zip", zipped(*members))


def names(result: Opened) -> list[str]:
    return [piece.name for piece in result.pieces]


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        pytest.param(RARE, RARE, id="flag for UTF-8"),
        pytest.param(RARE.encode("gbk"), RARE, id="GBK, as Windows packs"),
        pytest.param(RARE.encode(), RARE, id="UTF-8 without the flag, as macOS packs"),
        pytest.param("résumé.xlsx".encode("cp437"), "résumé.xlsx", id="cp437"),
        pytest.param("../../etc/x.xlsx", "../../etc/x.xlsx", id="../"),
        pytest.param("/etc/x.xlsx", "/etc/x.xlsx", id="absolute"),
        pytest.param(b"C:\\a\\x.xlsx", "C:\\a\\x.xlsx", id="Windows path"),
    ],
)
def test_a_member_comes_out_under_its_name(stored: str | bytes, name: str) -> None:
    """Nothing is written here, so that a path can do no harm; whoever keeps the piece makes its name safe."""
    assert opened((stored, BOOK)) == Opened((Piece(name, BOOK, ("zip",)),))


def test_the_name_that_winrar_adds_goes_before_the_stored_one() -> None:
    """An extra field, if it belongs to the name beside it."""
    target = io.BytesIO()
    entry = zipfile.ZipInfo("????.xlsx", (2026, 1, 1, 0, 0, 0))
    value = b"\1" + zlib.crc32(b"????.xlsx").to_bytes(4, "little") + NAME.encode()
    entry.extra = struct.pack("<HH", 0x7075, len(value)) + value
    with zipfile.ZipFile(target, "w") as package:
        package.writestr(entry, BOOK)
    assert names(open_archive("", target.getvalue())) == [NAME]


def test_clutter_and_folders_are_left_out() -> None:
    """What macOS, Windows and an open Excel add."""
    result = opened(
        ("表/", b""), (f"表/{NAME}", BOOK), (f"__MACOSX/表/._{NAME}", b"x"), (f"~${NAME}", b"x"), ("表/Thumbs.db", b"x")
    )
    assert names(result) == [f"表/{NAME}"]
    assert opened(("表/", b"")).remarks == ("archive-empty",)
    assert open_archive("", zipped()).remarks == ("archive-empty",)


def test_a_zip_in_a_zip_is_opened_and_one_in_that_is_not() -> None:
    """It stays a piece, so that nothing is lost."""
    third = zipped((NAME, BOOK))
    second = zipped(("third.zip", third), ("other.xlsx", OTHER))
    result = opened(("second.zip", second), (RARE, BOOK))
    assert result.pieces == (
        Piece("third.zip", third, ("zip", "zip")),
        Piece("other.xlsx", OTHER, ("zip", "zip")),
        Piece(RARE, BOOK, ("zip",)),
    )
    assert result.remarks == ("archive-too-deep",)


def test_the_way_through_which_a_piece_came_is_whole() -> None:
    """The register says how a workbook was found."""
    result = unpacked(Piece("x.zip", zipped((NAME, BOOK)), ("forward",)))
    assert [piece.way for piece in result.pieces] == [("forward", "zip")]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(BOOK, id="xlsx"),
        pytest.param(zipped(("[Content_Types].xml", b"x"), ("word/document.xml", b"x")), id="docx"),
        pytest.param(zipped(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")), id="ods"),
        pytest.param(zipped((RECORD, b"{}"), (NAME, BOOK)), id="our package"),
        pytest.param(zipped((f"街道/{RECORD}", b"{}"), (f"街道/{NAME}", BOOK)), id="our package, in a folder"),
        pytest.param(b"%PDF-1.7", id="pdf"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_a_document_is_not_opened(data: bytes) -> None:
    """Nor when it lies in a zip."""
    assert open_archive("x.zip", data) == Opened(is_archive=False)
    assert opened(("x", data)).pieces == (Piece("x", data, ("zip",)),)


def _encrypted() -> bytes:
    data = bytearray(zipped((NAME, BOOK)))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def _lying(size: int) -> bytes:
    """A member that says it is small and is not."""
    data = bytearray(zipped((NAME, bytes(size))))
    for mark, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = data.index(mark) + place
        data[at : at + 4] = (1000).to_bytes(4, "little")
    return bytes(data)


REFUSED = {
    "encrypted": (_encrypted, "archive-encrypted"),
    "cut off": (lambda: zipped((NAME, BOOK), ("b", OTHER))[:-200], "archive-damaged"),
    "a byte changed": (lambda: zipped((NAME, BOOK), method=0).replace(BOOK[60:70], bytes(10)), "archive-damaged"),
    "bomb": (lambda: zipped((NAME, bytes(20 * 2**20))), "archive-too-large"),
    "bomb that lies": (lambda: _lying(20 * 2**20), "archive-damaged"),
    "10,000 files": (lambda: zipped(*[(f"{n}.txt", b"") for n in range(2 * MAX_ENTRIES)]), "archive-too-large"),
    "packed by LZMA": (lambda: zipped((NAME, BOOK), method=zipfile.ZIP_LZMA), "archive-unsupported"),
    "rar 4": (lambda: b"Rar!\x1a\7\0....", "archive-unsupported"),
    "rar 5": (lambda: b"Rar!\x1a\7\1\0....", "archive-unsupported"),
    "7z": (lambda: b"7z\xbc\xaf\x27\x1c....", "archive-unsupported"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_or_should_not_be_opened_is_refused_with_a_reason(name: str) -> None:
    """And inside another zip it is kept as it is, with the same reason."""
    make, remark = REFUSED[name]
    data = make()
    start = time.process_time()
    assert open_archive("x.zip", data) == Opened(remarks=(remark,))
    assert time.process_time() - start < 2
    outer = opened(("inner", data), (NAME, BOOK))
    assert outer == Opened((Piece("inner", data, ("zip",)), Piece(NAME, BOOK, ("zip",))), (remark,))


def test_zips_in_a_zip_share_one_allowance() -> None:
    """Else ten of them would hold ten times the limit."""
    half = zipped(*[(f"{n}.txt", b"x") for n in range(MAX_ENTRIES // 2)])
    result = opened(("a.zip", half), ("b.zip", half), (NAME, BOOK))
    assert result.remarks == ("archive-too-large",)
    assert Piece("b.zip", half, ("zip",)) in result.pieces


@given(where=st.floats(0, 1), new=st.binary(min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_damage_raises(where: float, new: bytes) -> None:
    """Whatever a download does to it."""
    data = zipped((RARE.encode("gbk"), BOOK), ("b.zip", zipped((NAME, OTHER))))
    at = int(where * len(data))
    result = open_archive("", data[:at] + new + data[at + len(new) :])
    assert result.pieces or result.remarks or not result.is_archive
