"""Saving without loss (安全保存): atomic replacement, names that every system accepts, one run at a time."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError

TEMPORARY_PREFIX: Final = ".jixiao-"
STATE_FOLDER: Final = ".jixiao"
MAX_NAME: Final = 120
MAX_CELL_TEXT: Final = 32_767  # UTF-16 units
_RETRIES: Final = 5
_RETRY_SECONDS: Final = 0.2
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
_FORBIDDEN: Final = re.compile('[<>:"/\\\\|?*\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class WorkspaceBusy(JixiaoError):
    """Another run works in the same workspace."""


class TextTooLong(JixiaoError):
    """A text that no cell can hold."""


def write_atomically(path: Path, data: bytes) -> Path:
    """Write the file whole or not at all; gives the path that was really written.

    A file that Excel holds open stays as it is, and the data go beside it as `<name>_新_HHMMSS`.

    Raises:
        OSError: the folder cannot be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, suffix=path.suffix, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        written = _replace(Path(temporary), path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _sync_folder(path.parent)
    return written


def _replace(temporary: Path, path: Path) -> Path:
    for _ in range(_RETRIES):
        try:
            os.replace(temporary, path)
        except PermissionError:
            time.sleep(_RETRY_SECONDS)
        else:
            return path
    beside = path.with_stem(f"{path.stem}_新_{time.strftime('%H%M%S')}")
    os.replace(temporary, beside)
    return beside


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _sync_folder(folder: Path) -> None:
    """A rename is only lasting once the folder is on disk; Windows has no such call."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep_orphans(folder: Path) -> int:
    """Remove the temporary files that a killed run left behind; gives their number."""
    if not folder.is_dir():
        return 0
    orphans = [path for path in folder.iterdir() if path.name.startswith(TEMPORARY_PREFIX) and path.is_file()]
    for orphan in orphans:
        orphan.unlink(missing_ok=True)
    return len(orphans)


@contextmanager
def workspace_lock(folder: Path) -> Generator[None]:
    """Hold the workspace for this run.

    Raises:
        WorkspaceBusy: another run holds it.
    """
    state = folder / STATE_FOLDER
    state.mkdir(exist_ok=True)
    try:
        with FileLock(state / "lock", timeout=0):
            yield
    except Timeout as error:
        raise WorkspaceBusy(texts.WORKSPACE_BUSY.format(path=folder)) from error


def safe_name(text: str) -> str:
    """A file name that Windows, Linux and macOS accept: never empty, never reserved, at most 120 characters."""
    name = _FORBIDDEN.sub("_", text).strip().rstrip(". ") or "_"
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    if len(name) <= MAX_NAME:
        return name
    suffix = Path(name).suffix[:20]
    return name[: MAX_NAME - len(suffix)].rstrip(". ") + suffix


def clean_text(text: str) -> str:
    """The text with every character that XML cannot hold replaced by U+FFFD.

    Raises:
        TextTooLong: more than a cell can hold; nothing is cut in silence.
    """
    cleaned = _ILLEGAL.sub("\ufffd", text)
    if len(cleaned.encode("utf-16-le", "surrogatepass")) // 2 > MAX_CELL_TEXT:
        raise TextTooLong(texts.TEXT_TOO_LONG.format(limit=MAX_CELL_TEXT))
    return cleaned
