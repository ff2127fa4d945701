"""What every test may ask for (测试公用)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def program(name: str) -> str:
    """The path of a program, or a skip; a failure where JIXIAO_REQUIRE_PROGRAMS=1 says that it must be there."""
    found = shutil.which(name)
    if found is None:
        message = f"{name} is not installed"
        if os.environ.get("JIXIAO_REQUIRE_PROGRAMS") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="session")
def soffice() -> str:
    """LibreOffice, the oracle for formulas and looks."""
    return program("soffice")
