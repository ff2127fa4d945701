"""Real mail servers on loopback (真实的邮件服务器): Dovecot for IMAP, aiosmtpd for SMTP; what is sent arrives at once.

`running()` starts both, as root or as anybody, on free ports; no configuration of the machine is read or changed.
Mailboxes need no setting up: every local part has one, the domain does not matter, and the password is PASSWORD.
A mail sent to party@example.gov.cn stands in the mailbox of `party` before the sender has its 250.
"""

from __future__ import annotations

import asyncio
import grp
import itertools
import logging
import os
import pwd
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from imap_tools.imap_utf7 import utf7_encode

from jixiao_xl.model.settings import Mail

PASSWORD: Final = "loopback-Pa55-only"
HOST: Final = "127.0.0.1"
OFFICE: Final = "jixiao@example.gov.cn"
Security = Literal["ssl", "starttls", "none"]
SOMEBODY: Final = "nobody"  # whom Dovecot runs as where we are root: it refuses to serve root's mail

CONFIGURATION: Final = """
protocols = imap
listen = {host}
base_dir = {room}/run
state_dir = {room}/state
log_path = {room}/dovecot.log
ssl = yes
ssl_cert = <{room}/server.pem
ssl_key = <{room}/server.key
disable_plaintext_auth = no
auth_failure_delay = 0
auth_username_format = %Ln
mail_fsync = never
mail_max_userip_connections = 100
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 1
mail_location = maildir:{room}/mail/%n
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={room}/home/%n
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {ssl}
    ssl = yes
  }}
}}
service imap {{
  service_count = 1000
}}
service auth {{
  client_limit = 2000
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail that the sink took, for one recipient."""

    sender: str
    to: str
    raw: bytes


@dataclass
class Sink:
    """What the SMTP servers do and did: everything is taken, unless a test says otherwise.

    Attributes:
        taken: every mail once a recipient, in order.
        refused: reply to RCPT TO by address, such as "550 5.1.1 no such user".
        replies: replies to the next DATA commands instead of taking the mail, such as "451 4.7.1 too many".
        watcher: called with "addressed" when a mail is about to come, and with "taken" when it was taken and its
            sender does not know yet.
    """

    servers: MailServers
    taken: list[Sent] = field(default_factory=list[Sent])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    replies: list[str] = field(default_factory=list[str])
    watcher: Callable[[str], None] | None = None

    async def handle_MAIL(  # noqa: N802 - the name that aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """As every provider: nothing without logging in."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        self._tell("addressed")
        return "250 OK"

    def _tell(self, moment: str) -> None:
        if self.watcher:
            self.watcher(moment)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.replies:
            return self.replies.pop(0)
        assert isinstance(envelope.content, bytes)
        for address in envelope.rcpt_tos:
            self.servers.deliver(address, envelope.content)
            self.taken.append(Sent(envelope.mail_from or "", address, envelope.content))
        self._tell("taken")
        return "250 OK"


def _log_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=is_right, handled=is_right)  # not handled: the server says 535 itself


@dataclass(slots=True)
class MailServers:
    """Dovecot and the SMTP servers, running.

    Attributes:
        room: their folder.
        ca_file: the certificate of the authority that signed theirs, as PEM.
        imap: ports by security; of "starttls" and "none" it is the same.
        smtp: ports by security.
        sink: what was sent.
    """

    room: Path
    imap: dict[Security, int]
    smtp: dict[Security, int] = field(default_factory=dict[Security, int])
    sink: Sink = field(init=False)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.sink = Sink(self)

    @property
    def ca_file(self) -> Path:
        return self.room / "ca.pem"

    def folder(self, user: str, folder: str = "INBOX") -> Path:
        """The Maildir of a user's folder; made where there is none."""
        home = self.room / "mail" / user.partition("@")[0].lower()
        place = home if folder == "INBOX" else home / f".{utf7_encode(folder).decode('ascii')}"
        for path in (home, place, *(place / name for name in ("tmp", "new", "cur"))):
            if not path.is_dir():
                path.mkdir(parents=True, exist_ok=True)
                _give_away(path)
        return place

    def deliver(self, user: str, raw: bytes, folder: str = "INBOX", *, arrived: datetime | None = None) -> Path:
        """Put a mail into a mailbox, as it is; UIDs follow the order of deliveries. `arrived`: its INTERNALDATE."""
        number = next(self._numbers)
        name = f"{1_700_000_000 + number}.Q{number}.loopback"
        place = self.folder(user, folder)
        (place / "tmp" / name).write_bytes(raw)
        (place / "tmp" / name).chmod(0o644)
        if arrived:
            os.utime(place / "tmp" / name, (arrived.timestamp(), arrived.timestamp()))
        return (place / "tmp" / name).rename(place / "new" / name)

    def _files(self, user: str, folder: str) -> list[Path]:
        place = self.folder(user, folder)
        return sorted((*(place / "new").iterdir(), *(place / "cur").iterdir()), key=lambda path: path.name)

    def messages(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Every mail of a mailbox in the order of arrival, byte for byte."""
        return [path.read_bytes() for path in self._files(user, folder)]

    def flags(self, user: str, folder: str = "INBOX") -> list[str]:
        """The flags of every mail: S for seen, T for deleted, and so on; empty for an untouched one."""
        return [path.name.partition(":2,")[2] for path in self._files(user, folder)]

    def renumber(self, user: str, folder: str = "INBOX") -> None:
        """Give a mailbox another UIDVALIDITY, as a server does that has lost its lists: every UID counts anew."""
        place = self.folder(user, folder)
        listed = place / "dovecot-uidlist"
        validity = int(listed.read_text().split()[1].removeprefix("V"))
        for path in place.glob("dovecot*"):
            path.unlink()
        listed.write_text(f"3 V{validity + 1} N1\n")
        listed.chmod(0o644)
        _give_away(listed)

    def mail(self, address: str = OFFICE, security: Security = "none", **imap: object) -> Mail:
        """The settings of an account here; `imap` replaces or adds values of the IMAP server."""
        own = {"ca_file": str(self.ca_file)} if security != "none" else {}
        smtp = {"host": HOST, "port": self.smtp[security], "security": security, **own}
        server = {"host": HOST, "port": self.imap[security], "security": security, **own, **imap}
        return Mail.model_validate({"address": address, "smtp": smtp, "imap": server, "pace_seconds": 0})

    def toml(self, address: str = OFFICE, security: Security = "none") -> str:
        """The same as the [mail] section of a jixiao.toml."""
        own = f', ca_file = "{self.ca_file.as_posix()}"' if security != "none" else ""
        return "\n".join([
            "[mail]",
            f'address = "{address}"',
            f'smtp = {{ host = "{HOST}", port = {self.smtp[security]}, security = "{security}"{own} }}',
            f'imap = {{ host = "{HOST}", port = {self.imap[security]}, security = "{security}"{own} }}',
            "pace_seconds = 0",
            "",
        ])  # fmt: skip

    def clear(self) -> None:
        """Empty every mailbox and forget what was sent; a mailbox used again has another UIDVALIDITY."""
        for home in (self.room / "mail").iterdir():
            shutil.rmtree(home)
        self.sink.taken.clear()
        self.sink.refused.clear()
        self.sink.replies.clear()
        self.sink.watcher = None


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def server_tls(room: Path) -> ssl.SSLContext:
    """A server's TLS with the certificate of these servers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(room / "server.pem", room / "server.key")
    return context


@contextmanager
def running(dovecot: str) -> Generator[MailServers]:
    """Start Dovecot (the path of the program) and three SMTP servers; stop them and clear away at the end."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of its own future at every login
    with ExitStack() as stack:
        # a short path: the names of sockets have a limit of about 100 bytes
        room = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jx_mail_", ignore_cleanup_errors=True)))
        _give_away(room)
        (room / "mail").mkdir()
        _give_away(room / "mail")
        _certify(room)
        ports = stack.enter_context(_dovecot(dovecot, room))
        servers = MailServers(room, ports)
        for security in ("none", "starttls", "ssl"):
            servers.smtp[security] = stack.enter_context(_smtp(servers.sink, security, room))
        yield servers


def _server_user() -> tuple[str, str]:
    """The user and group that Dovecot runs as."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid()).pw_name, _group(os.getegid())
    return SOMEBODY, _group(pwd.getpwnam(SOMEBODY).pw_gid)


def _group(number: int) -> str:
    return grp.getgrgid(number).gr_name


def _give_away(path: Path) -> None:
    """Let Dovecot's user own it, where that is another than we are."""
    if not os.geteuid():
        somebody = pwd.getpwnam(SOMEBODY)
        os.chown(path, somebody.pw_uid, somebody.pw_gid)


def _certify(room: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert(HOST, "localhost")
    authority.cert_pem.write_to_path(room / "ca.pem")
    certificate.private_key_pem.write_to_path(room / "server.key")
    for number, blob in enumerate(certificate.cert_chain_pems):
        blob.write_to_path(room / "server.pem", append=bool(number))
    for path in room.iterdir():
        if path.is_file():
            path.chmod(0o644)


@contextmanager
def _dovecot(program: str, room: Path) -> Generator[dict[Security, int]]:
    for _ in range(3):  # somebody may take a port between our asking and its listening
        plain, over_tls = free_port(), free_port()
        process = _start(program, room, plain, over_tls)
        try:
            if _greets(process, plain):
                yield {"none": plain, "starttls": plain, "ssl": over_tls}
                return
        finally:
            process.terminate()
            process.wait(timeout=10)
    raise RuntimeError(f"dovecot did not start: {(room / 'dovecot.log').read_text(errors='replace')}")


# of util-linux: a test that is killed leaves no server behind
_ENDS_WITH_US: Final = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()


def _start(program: str, room: Path, plain: int, over_tls: int) -> subprocess.Popen[bytes]:
    user, group = _server_user()
    written = room / "dovecot.conf"
    places = {"room": room, "host": HOST, "plain": plain, "ssl": over_tls}
    written.write_text(CONFIGURATION.format(**places, user=user, group=group, password=PASSWORD))
    is_root = not os.geteuid()
    with (room / "dovecot.log").open("ab") as log:
        _give_away(room / "dovecot.log")
        # as root it is started as somebody else, so that it behaves as everywhere
        return subprocess.Popen(
            [*_ENDS_WITH_US, program, "-F", "-c", str(written)],
            cwd="/",
            stdout=log,
            stderr=log,
            user=user if is_root else None,
            group=group if is_root else None,
            extra_groups=() if is_root else None,
        )


def _greets(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether Dovecot answers on its port before it ends or ten seconds have gone."""
    until = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < until:
        try:
            with closing(socket.create_connection((HOST, port), timeout=10)) as trial:
                return trial.recv(4) == b"* OK"
        except OSError:
            time.sleep(0.02)
    return False


class _Controller(Controller):
    """One that is given its socket: a port asked for by number may be gone when it is taken."""

    listener: socket.socket

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self.listener, ssl=self.ssl_context)


@contextmanager
def _smtp(sink: Sink, security: Security, room: Path) -> Generator[int]:
    tls = server_tls(room)
    listener = socket.create_server((HOST, 0))
    port = listener.getsockname()[1]
    controller = _Controller(
        sink,
        hostname=HOST,
        port=port,
        server_hostname="loopback",
        ssl_context=tls if security == "ssl" else None,
        tls_context=tls if security == "starttls" else None,
        require_starttls=security == "starttls",
        auth_require_tls=security == "starttls",
        authenticator=_log_in,
        data_size_limit=60_000_000,
        enable_SMTPUTF8=True,
    )
    controller.listener = listener
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def send(servers: MailServers, raw: bytes, sender: str, to: Sequence[str]) -> None:
    """Send a mail as a section's own program would, through the plain server."""
    with smtplib.SMTP(HOST, servers.smtp["none"], timeout=20) as client:
        client.login(sender, PASSWORD)
        client.sendmail(sender, to, raw, mail_options=["SMTPUTF8"] if not sender.isascii() else [])
