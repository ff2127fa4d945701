"""What every test may ask for (测试公用)."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import subprocess
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jixiao_xl.files.recalc import recalculate
from jixiao_xl.model.findings import Catalogue
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.stages.issue import issue
from jixiao_xl.workspace import load_mapping, package_mappings
from tests.office import Office, office_of

if TYPE_CHECKING:
    from tests.mail_servers import MailServers

REPOSITORY = Path(__file__).resolve().parent.parent
gc.set_threshold(100_000)  # as the command line does, and for the same reason
Workbooks = dict[str, bytes]  # by unit
LONG = (
    os.environ.get("JIXIAO_LONG") == "1"
)  # generated tests at their full length: before a release, not at each commit


def program(name: str) -> str:
    """The path of a program, or a skip; a failure where JIXIAO_REQUIRE_PROGRAMS=1 says that it must be there."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")  # daemons, as Debian puts them
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


@pytest.fixture(scope="session")
def uno_python() -> str:
    """An interpreter that can steer LibreOffice: the system's own where Debian's python3-uno is installed."""
    for candidate in ("/usr/bin/python3", shutil.which("python3")):
        if (
            candidate
            and not subprocess.run([candidate, "-c", "import uno"], capture_output=True, check=False).returncode
        ):
            return candidate
    return program("python3 with uno (Debian: python3-uno)")


@pytest.fixture(scope="session")
def mapping() -> Mapping:
    """The package's mapping of 2025."""
    return load_mapping(package_mappings() / "2025", 2025)


@pytest.fixture(scope="session")
def catalogue(mapping: Mapping) -> Catalogue:
    """The words of its findings."""
    return mapping.catalogue


def once_a_run(folder: pytest.TempPathFactory, name: str, make: Callable[[], Workbooks]) -> Workbooks:
    """What `make` gives; under xdist the worker that is first leaves it for the others, and nobody waits for anybody."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        return make()
    shared = folder.getbasetemp().parent / name  # of this run; each worker has its own folder in it
    if not shared.is_dir():
        own = folder.mktemp(name)
        for unit, data in make().items():
            (own / unit).write_bytes(data)
        with contextlib.suppress(OSError):  # another worker was as fast
            own.rename(shared)
        shared = shared if shared.is_dir() else own
    return {unit.name: unit.read_bytes() for unit in shared.iterdir()}


@pytest.fixture(scope="session")
def issued(mapping: Mapping, tmp_path_factory: pytest.TempPathFactory) -> Workbooks:
    """The nine workbooks as they go out, by unit."""
    made = once_a_run(
        tmp_path_factory, "issued", lambda: {unit.code: issue(mapping, unit.code)[1] for unit in mapping.units}
    )
    return {unit.code: made[unit.code] for unit in mapping.units}


@pytest.fixture(scope="session")
def filled() -> dict[str, bytes]:
    """The nine workbooks of the sample as they came back, by unit."""
    folder = REPOSITORY / "samples" / "革新街道办事处2025" / "in" / "收到"
    mapping = load_mapping(package_mappings() / "2025", 2025)
    names = {unit.name: unit.code for unit in mapping.units}
    return {names[path.stem]: path.read_bytes() for path in sorted(folder.glob("*.xlsx"))}


@pytest.fixture(scope="session")
def issued_recalculated(soffice: str, issued: Workbooks, tmp_path_factory: pytest.TempPathFactory) -> Workbooks:
    """The nine workbooks as LibreOffice saves them after recalculating everything."""
    return once_a_run(tmp_path_factory, "issued_recalculated", lambda: _recalculated(soffice, issued))


@pytest.fixture(scope="session")
def filled_recalculated(soffice: str, filled: Workbooks, tmp_path_factory: pytest.TempPathFactory) -> Workbooks:
    """Those that came back, likewise."""
    return once_a_run(tmp_path_factory, "filled_recalculated", lambda: _recalculated(soffice, filled))


def _recalculated(soffice: str, workbooks: Workbooks) -> Workbooks:
    return dict(zip(workbooks, recalculate(soffice, list(workbooks.values()), 300), strict=True))


@pytest.fixture
def office(filled: dict[str, bytes], mapping: Mapping, catalogue: Catalogue) -> Office:
    """The sample's office, to be changed by a test."""
    return Office(filled, mapping, catalogue)


@pytest.fixture
def small_office(filled: dict[str, bytes], mapping: Mapping) -> Office:
    """The same with two units, one of each form: for what one workbook shows alone."""
    return office_of(filled, mapping, "street_office", "party_office")


@pytest.fixture(scope="session")
def running_mail_servers() -> Generator[MailServers]:
    """Dovecot and SMTP servers on loopback, one set a worker; a test asks for `mail_servers`."""
    dovecot = program("dovecot")
    from tests.mail_servers import running  # noqa: PLC0415 - its libraries load only where a test needs them

    with running(dovecot) as servers:
        yield servers


@pytest.fixture
def mail_servers(running_mail_servers: MailServers, monkeypatch: pytest.MonkeyPatch) -> MailServers:
    """The mail servers, every mailbox empty, and the password where the programs look for it."""
    from tests.mail_servers import PASSWORD  # noqa: PLC0415

    monkeypatch.setenv("JIXIAO_MAIL_PASSWORD", PASSWORD)
    running_mail_servers.clear()
    return running_mail_servers
