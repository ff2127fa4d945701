"""The one way out for every Office package that we make (打包): the same content gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Final

CONTENT_TYPES: Final = "[Content_Types].xml"
CORE_PROPERTIES: Final = "docProps/core.xml"
_ENTRY_DATE: Final = (1980, 1, 1, 0, 0, 0)
_MOMENTS: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def parts(data: bytes) -> dict[str, bytes]:
    """The content of every part by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {entry.filename: package.read(entry) for entry in package.infolist() if not entry.is_dir()}


def zipped(content: Mapping[str, bytes]) -> bytes:
    """A package of these parts: content types first, then by name, without a clock."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        for name in sorted(content, key=lambda name: (name != CONTENT_TYPES, name)):
            entry = zipfile.ZipInfo(name, _ENTRY_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            entry.external_attr = 0
            package.writestr(entry, content[name])
    return target.getvalue()


def canonical(data: bytes, *, moment: datetime) -> bytes:
    """The package with its parts in order and `moment` as the time of its making."""
    content = parts(data)
    if CORE_PROPERTIES in content:
        stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
        content[CORE_PROPERTIES] = _MOMENTS.sub(rb"\g<1>" + stamp + rb"\g<2>", content[CORE_PROPERTIES])
    return zipped(content)
