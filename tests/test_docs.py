"""Documents (文档): what the README promises is there, word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.test_outside import run

MAIN_JOB = "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/jixiao-xl demo"
TESTS = 'python3 -m venv .venv && .venv/bin/pip install -q -e ".[test]" && .venv/bin/python -m pytest'
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [MAIN_JOB, TESTS])
def test_the_two_commands_stand_in_the_readme(command: str) -> None:
    """One line sets up and runs the main job, one sets up and passes the tests."""
    assert f"```\n{command}\n```" in README


def test_ci_runs_the_readme_s_test_command() -> None:
    """What the README says is what is proven."""
    assert TESTS in (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    """Nothing is promised that is not there."""
    commands = set(re.findall(r"^\W*\s([a-z]+)\s{2,}", run("--help", cwd=REPOSITORY).stdout, flags=re.MULTILINE))
    documented = set(re.findall(r"^\| `jixiao-xl (\w+)", README, flags=re.MULTILINE))
    assert commands == documented
    assert len(commands) >= 8


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name: str) -> None:
    """A picture or a file that a document points to is in the repository."""
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert (REPOSITORY / target).exists(), target


def test_the_readme_s_example_fills_a_workbook(
    tmp_path: Path, issued: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example is executed as it stands."""
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    for folder in ("发出", "收到"):
        (tmp_path / "我的街道" / folder).mkdir(parents=True)
    (tmp_path / "我的街道" / "发出" / "党政办公室.xlsx").write_bytes(issued["party_office"])
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    done = run("check", "我的街道/收到/党政办公室.xlsx", "--json", cwd=tmp_path)
    assert '"party_office_01"' not in done.stdout
    assert "Traceback" not in done.stderr
    assert done.returncode == 1  # the other indicators are still empty
