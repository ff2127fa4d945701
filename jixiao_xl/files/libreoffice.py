"""LibreOffice without a window (转换): the one place that starts it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# where it is installed but seldom on the PATH
_USUAL_PLACES: Final = (
    Path("C:/Program Files/LibreOffice/program/soffice.exe"),
    Path("C:/Program Files (x86)/LibreOffice/program/soffice.exe"),
    Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"),
)


def find_soffice() -> str | None:
    """The path of LibreOffice on this machine, None without it."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((str(path) for path in _USUAL_PLACES if path.is_file()), None)


def convert(
    soffice: str,
    documents: Mapping[str, bytes],
    kind: str,
    timeout: float,
    *,
    settings: str = "",
    fonts: str = "",
) -> dict[str, bytes]:
    """What LibreOffice makes of documents, by their names; those that it cannot convert are missing.

    It runs in a profile of its own, so that a LibreOffice that the user has open is neither used nor disturbed.

    Args:
        soffice: the path of the program.
        documents: contents by file name, the stems distinct.
        kind: the target's ending, as `pdf`.
        timeout: seconds for all of them.
        settings: items of the profile's registrymodifications.xcu, XML.
        fonts: a fontconfig file for this run, XML; LibreOffice asks fontconfig on Linux and the BSDs only.

    Raises:
        subprocess.TimeoutExpired: it took longer, and was ended.
        OSError: it cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="jixiao-office-", ignore_cleanup_errors=True) as folder:
        home, source, target = (Path(folder) / name for name in ("profile", "in", "out"))
        (home / "user").mkdir(parents=True)
        (home / "user" / "registrymodifications.xcu").write_text(_PROFILE.format(settings), encoding="utf-8")
        environment = dict(os.environ)
        if fonts:
            environment["FONTCONFIG_FILE"] = str(Path(folder) / "fonts.conf")
            (Path(folder) / "fonts.conf").write_text(fonts, encoding="utf-8")
        source.mkdir()
        for name, data in documents.items():
            (source / name).write_bytes(data)
        command = [soffice, f"-env:UserInstallation={home.as_uri()}", "--headless", "--convert-to", kind]
        _run([*command, "--outdir", str(target), *(str(source / name) for name in documents)], environment, timeout)
        made = {name: target / Path(name).with_suffix(f".{kind}") for name in documents}
        return {name: path.read_bytes() for name, path in made.items() if path.is_file()}


_PROFILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{}
</oor:items>
"""


def _run(command: list[str], environment: dict[str, str], timeout: float) -> None:
    """Run it to its end; when that does not come, end it with the program that it has started in its turn."""
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a group of its own to be ended; Windows knows no groups and ignores it
    ) as process:
        try:
            process.wait(timeout)
        except BaseException:  # a timeout or Ctrl-C
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            raise
