"""What travels with the package (随包资料): mappings, templates and samples, in the wheel or in the repository."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource_root() -> Path:
    """The folder that holds mappings/, workbook_templates/ and samples/."""
    installed = _PACKAGE / "_data"
    return installed if installed.is_dir() else _PACKAGE.parent


def read_folder(folder: Path, suffixes: Sequence[str]) -> dict[str, bytes]:
    """The files below a folder with one of these endings, by relative name with `/`, in order."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in suffixes and path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
