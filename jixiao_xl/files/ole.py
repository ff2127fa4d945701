"""OLE containers (复合文档): whether the sizes that one states can be, so that its reader is never led in circles.

A few changed bytes make olefile (0.47) read the same sector billions of times; what uses it asks here first.
"""

from __future__ import annotations

from typing import Final

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_SMALLEST: Final = 512  # bytes of a sector
_COUNTS: Final = (44, 64, 72)  # where the numbers of sectors of FAT, mini FAT and DIFAT stand


def is_bounded(data: bytes) -> bool:
    """Whether the tables of a container are no larger than the file itself ([MS-CFB] 2.2)."""
    if not data.startswith(MAGIC) or len(data) < 3 * _SMALLEST:
        return False
    most = len(data) // _SMALLEST
    return all(int.from_bytes(data[at : at + 4], "little") <= most for at in _COUNTS)
