"""Doctor (体检): is this machine ready, line by line, with what to do where it is not."""

from __future__ import annotations

import platform
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from jixiao_xl.files.libreoffice import find_soffice
from jixiao_xl.files.resources import resource_root
from jixiao_xl.model import texts

_PACKAGES = (
    "openpyxl", "pandas", "pandera", "XlsxWriter", "python-docx", "lxml", "ironcalc", "pydantic", "typer", "imap-tools",
    "keyring", "olefile",
)  # fmt: skip


def diagnose(folder: Path) -> tuple[list[str], bool]:
    """The lines to show, and whether the main job can run in `folder`; of a workspace also whether its mail works."""
    lines = [texts.DOCTOR_PYTHON.format(version=platform.python_version())]
    ready = True
    for name in _PACKAGES:
        try:
            lines.append(texts.DOCTOR_PACKAGE.format(name=name, version=metadata.version(name)))
        except metadata.PackageNotFoundError:
            ready = False
            lines.append(texts.DOCTOR_PACKAGE_MISSING.format(name=name))
    soffice = find_soffice()
    lines.append(texts.DOCTOR_SOFFICE.format(path=soffice) if soffice else texts.DOCTOR_SOFFICE_MISSING)
    lines.append(texts.DOCTOR_RESOURCES.format(path=resource_root()))
    lines.append(texts.DOCTOR_ENCODING.format(encoding=sys.stdout.encoding))
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".jixiao-"):
            lines.append(texts.DOCTOR_WRITABLE.format(path=folder))
    except OSError:
        ready = False
        lines.append(texts.DOCTOR_NOT_WRITABLE.format(path=folder))
    if not ready:
        return lines, False
    from jixiao_xl.doctor_mail import mail_lines_in  # noqa: PLC0415 - it needs packages that may be missing above

    mail, works = mail_lines_in(folder)
    return [*lines, *mail], works
