"""CSV as an office keeps it (清单文件): UTF-8 with or without BOM, or GBK as Excel saves it in China; written with BOM."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def decoded(data: bytes) -> str | None:
    """The text of a file, or None where it is neither UTF-8 nor GBK."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def csv_rows(text: str) -> list[dict[str, str]]:
    """The rows by the names of the first line; cells that a row lacks are empty."""
    return list(csv.DictReader(io.StringIO(text, newline=""), restval=""))


def csv_data(header: Sequence[str], rows: Iterable[dict[str, str]]) -> bytes:
    """A file that Excel opens with its Chinese intact."""
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, header, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode("utf-8-sig")
