"""Saving (安全保存): whole or not at all, under a name that every system accepts, one run at a time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jixiao_xl.files import safe
from jixiao_xl.files.safe import (
    MAX_NAME,
    TextTooLong,
    WorkspaceBusy,
    clean_text,
    safe_name,
    sweep_orphans,
    workspace_lock,
    write_atomically,
)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """And no temporary file stays."""
    path = tmp_path / "结果" / "汇总表.xlsx"
    assert write_atomically(path, b"one") == path
    assert write_atomically(path, b"two") == path
    assert [p.name for p in path.parent.iterdir()] == ["汇总表.xlsx"]
    assert path.read_bytes() == b"two"


def test_a_kill_while_writing_leaves_the_old_file_and_one_orphan_that_is_swept(tmp_path: Path) -> None:
    """A power cut on the last evening."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"old")
    script = (
        "import os, sys; from pathlib import Path; from jixiao_xl.files import safe\n"
        "os.fsync = lambda handle: os._exit(9)\n"
        f"safe.write_atomically(Path({str(path)!r}), b'new' * 1000)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9
    assert path.read_bytes() == b"old"
    assert sweep_orphans(tmp_path) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_file_that_excel_holds_open_stays_and_the_new_one_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace an open file; here a folder in its place does."""
    path = tmp_path / "汇总表.xlsx"
    path.write_bytes(b"open in Excel")
    replace = safe.os.replace

    def refuse(source: str | Path, target: str | Path) -> None:
        if Path(target) == path:
            raise PermissionError(13, "in use")
        replace(source, target)

    monkeypatch.setattr(safe.os, "replace", refuse)
    monkeypatch.setattr(safe, "_RETRY_SECONDS", 0)
    written = write_atomically(path, b"new")
    assert re.fullmatch(r"汇总表_新_\d{6}\.xlsx", written.name)
    assert (path.read_bytes(), written.read_bytes()) == (b"open in Excel", b"new")


def test_two_runs_in_one_workspace_do_not_mix(tmp_path: Path) -> None:
    """Two officers on one share: the second is told."""
    with workspace_lock(tmp_path), pytest.raises(WorkspaceBusy), workspace_lock(tmp_path):
        pass
    with workspace_lock(tmp_path):
        assert (tmp_path / ".jixiao").is_dir()


@given(st.text(max_size=400))
def test_any_text_becomes_a_name_that_windows_accepts(text: str) -> None:
    """Attachments are called what their senders like."""
    name = safe_name(text)
    assert 0 < len(name) <= MAX_NAME
    assert not set(name) & set('<>:"/\\|?*\x00\u202e')
    assert name[-1] not in ". "
    assert name == safe_name(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [("../../../x.xlsx", ".._.._.._x.xlsx"), ("CON", "_CON"), ("nul.xlsx", "_nul.xlsx"), ("a. ", "a"), ("", "_"), ("党政\u202exslx.exe", "党政_xslx.exe")],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_disarmed(text: str, name: str) -> None:
    """Paths, devices, right-to-left override."""
    assert safe_name(text) == name


def test_text_that_no_cell_can_hold_is_never_cut_in_silence() -> None:
    """32,767 UTF-16 units; an emoji is two."""
    assert clean_text("a\x00\ufffe\ud800b") == "a\ufffd\ufffd\ufffdb"
    assert len(clean_text("字" * 32_767)) == 32_767
    with pytest.raises(TextTooLong):
        clean_text("😀" * 16_384)
