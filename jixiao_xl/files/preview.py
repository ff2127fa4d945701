"""A look at a document as PDF (预览), through LibreOffice with fonts that stand in for those of official documents.

The stand-ins are listed in `preview_fonts.conf`, which fontconfig reads: on Linux and the BSDs. On Windows and macOS
LibreOffice does not ask fontconfig; there the real fonts are used where they are installed, and LibreOffice's own
choice where they are not.
"""

from __future__ import annotations

import os
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from jixiao_xl.files.libreoffice import convert
from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError

_FONTS: Final = Path(__file__).with_name("preview_fonts.conf")
_SYSTEM_FONTS: Final = "/etc/fonts/fonts.conf"
_MAIN_PARTS: Final = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}


def preview(soffice: str | None, data: bytes, timeout: float = 120) -> bytes:
    """The PDF of a .docx or .xlsx; `soffice` as `find_soffice` gives it, `timeout` in seconds.

    Raises:
        JixiaoError: there is no LibreOffice, it does not start, takes too long or makes nothing of the document.
    """
    if soffice is None:
        raise JixiaoError(texts.PREVIEW_NO_LIBREOFFICE)
    name = f"preview.{_kind(data)}"
    try:
        made = convert(soffice, {name: data}, "pdf", timeout, fonts=_font_map())
    except subprocess.TimeoutExpired as error:
        raise JixiaoError(texts.PREVIEW_TIMEOUT.format(seconds=f"{timeout:g}")) from error
    except OSError as error:
        raise JixiaoError(texts.PREVIEW_NOT_STARTED.format(path=soffice, reason=error.strerror)) from error
    if name not in made:
        raise JixiaoError(texts.PREVIEW_FAILED)
    return made[name]


def _kind(data: bytes) -> str:
    """By its content: a wrong ending would send a workbook to Writer."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return next(_MAIN_PARTS[name] for name in package.namelist() if name in _MAIN_PARTS)
    except (zipfile.BadZipFile, StopIteration) as error:
        raise JixiaoError(texts.PREVIEW_NOT_A_DOCUMENT) from error


def _font_map() -> str:
    """Our rules after the machine's own, which a setting of fontconfig may have put elsewhere."""
    system = os.environ.get("FONTCONFIG_FILE", "")
    system = system if Path(system).is_absolute() else _SYSTEM_FONTS
    return _FONTS.read_text(encoding="utf-8").replace("@SYSTEM@", escape(system))
