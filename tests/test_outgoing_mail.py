"""Outgoing mail (发信): real SMTP servers that take, refuse, hang up or must not be trusted; what the officer reads."""

from __future__ import annotations

import base64
import ssl
import time
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import keyring
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked
from pydantic import SecretStr

from jixiao_xl.doctor import diagnose
from jixiao_xl.doctor_mail import mail_lines
from jixiao_xl.files.mail.compose import compose, message_id
from jixiao_xl.files.mail.password import mail_password
from jixiao_xl.files.mail.send import TRIES, AddressRefused, Sender, SendingStopped, open_sender, try_smtp
from jixiao_xl.model.errors import MailError, MappingError
from jixiao_xl.model.mail import Attachment, Letter, LetterKind
from jixiao_xl.model.settings import Mail, parse_settings, settings_text
from jixiao_xl.workspace import open_workspace
from tests.mail_servers import HOST, OFFICE, PASSWORD, MailServers, Security, free_port

CA_FILE = "单位根证书.pem"
PARTY, CIVIL = "party@example.gov.cn", "civil@example.gov.cn"
AUTHORITY = trustme.CA()


@dataclass
class Post:
    """A server's side: what it took, and what it answers instead of taking (by command, in turn)."""

    port: int = 0
    says: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    refuses: dict[str, str] = field(default_factory=dict[str, str])
    taken: list[Envelope] = field(default_factory=list[Envelope])
    commands: list[str] = field(default_factory=list[str])
    passwords: list[bytes] = field(default_factory=list[bytes])

    def answer(self, command: str) -> str | None:
        self.commands.append(command)
        return self.says[command].pop(0) if self.says.get(command) else None

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 log in first"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answer("MAIL") or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.answer("RCPT") or self.refuses.get(address)
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = self.answer("DATA")
        if reply == "hang up":
            assert server.transport is not None
            server.transport.abort()  # pyright: ignore[reportAttributeAccessIssue]
        if reply is None:
            self.taken.append(envelope)
        return reply or "250 OK"

    def log_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.passwords.append(data.password)
        reply = self.answer("AUTH")
        if reply is None and data.password == PASSWORD.encode():
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False, message=reply or "535 5.7.8 authentication failed")

    def mail(self, security: Security = "none", **changes: object) -> Mail:
        smtp = {"host": HOST, "port": self.port, "security": security}
        own = {"ca_file": CA_FILE} if security != "none" else {}
        return Mail.model_validate({"address": OFFICE, "pace_seconds": 0, "smtp": {**smtp, **own}, **changes})


@contextmanager
def post(
    security: Security = "none",
    certificate: trustme.LeafCert | None = None,
    *,
    size: int = 60 << 20,
    unicode: bool = True,
    login: bool = True,
) -> Generator[Post]:
    """An SMTP server on loopback; no letter without logging in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (certificate or AUTHORITY.issue_cert(HOST)).configure_cert(context)
    side = Post(free_port())
    controller = Controller(
        side,
        HOST,
        side.port,
        ssl_context=context if security == "ssl" else None,
        tls_context=context if security == "starttls" else None,
        authenticator=side.log_in,
        auth_require_tls=security == "starttls" or not login,
        enable_SMTPUTF8=unicode,
        data_size_limit=size,
        server_hostname="post",
    )
    controller.start()
    try:
        yield side
    finally:
        controller.stop()


@pytest.fixture
def server() -> Generator[Post]:
    """A plain one on loopback."""
    with post() as side:
        yield side


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with the authority's certificate under a Chinese name."""
    AUTHORITY.cert_pem.write_to_path(tmp_path / CA_FILE)
    return tmp_path


def letter_to(*addresses: str, size: int = 2000) -> bytes:
    letter = Letter(
        LetterKind.ISSUE,
        "u",
        addresses,
        "请填报：绩效自评",
        ("您好",),
        (Attachment("党政办公室.xlsx", b"\0.\r\n" * (size // 4)),),
    )
    number = message_id(letter.kind, letter.unit, "", OFFICE)
    return compose(
        letter, sender=OFFICE, sender_name="绩效办", message_id=number, moment=datetime(2026, 4, 1, tzinfo=UTC)
    )


LETTER = letter_to(PARTY)


@contextmanager
def sender_of(mail: Mail, folder: Path) -> Generator[Sender]:
    with open_sender(mail, SecretStr(PASSWORD), folder, first_wait=0.001) as sender:
        yield sender


def send(server: Post, folder: Path, *to: str, message: bytes = LETTER) -> None:
    with sender_of(server.mail(), folder) as sender:
        sender.send(message, to or (PARTY,))


# -- the settings ----------------------------------------------------------------------------------------------


def toml(mail: str) -> bytes:
    return f'schema = 1\ndepartment = "革新"\nyear = 2025\n[mail]\n{mail}\n'.encode()


def test_a_new_settings_file_shows_what_to_fill_in() -> None:
    """The officer takes four signs away and has an account; until then there is none."""
    text = settings_text("革新街道办事处", 2025)

    assert parse_settings(text.encode()).mail is None
    wanted = ("# [mail]", "# address", "# smtp =", "# imap =")
    lines = [line.removeprefix("# ") if line.startswith(wanted) else line for line in text.splitlines()]
    mail = parse_settings("\n".join(lines).encode()).mail
    assert mail is not None
    assert mail.imap is not None
    assert (mail.smtp.port, mail.smtp.security, mail.imap.port, mail.imap.folder) == (465, "ssl", 993, "INBOX")
    assert mail.login == mail.address
    assert "授权码" in text


@pytest.mark.parametrize(
    ("smtp", "says"),
    [
        ('{ host = "mail.example.gov.cn", port = 25, security = "none" }', "none"),
        ('{ host = "10.0.0.8", port = 25, security = "none" }', "none"),
        ('{ host = "127.0.0.1.example.com", port = 25, security = "none" }', "none"),
        ('{ host = "https://mail.example.gov.cn", port = 465 }', "https://mail.example.gov.cn"),
        ('{ host = "mail.example.gov.cn", port = 70000 }', "70000"),
        ('{ host = "mail.example.gov.cn", port = 465, password = "abc123" }', "keyring set"),
    ],
)
def test_settings_that_would_give_the_password_away_are_refused(smtp: str, says: str) -> None:
    """In the clear only within this machine (DESIGN 9), and never in the file."""
    with pytest.raises(MappingError) as caught:
        parse_settings(toml(f'address = "{OFFICE}"\nsmtp = {smtp}'))

    assert says in str(caught.value)
    assert "abc123" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1"])
def test_mail_within_this_machine_needs_no_encryption(host: str) -> None:
    """A gateway program on the officer's own computer."""
    mail = parse_settings(
        toml(f'address = "{OFFICE}"\nsmtp = {{ host = "{host}", port = 25, security = "none" }}')
    ).mail

    assert mail is not None
    assert mail.smtp.host == host


@pytest.mark.parametrize(
    "line", ['address = "jixiao"', 'address = "a@b\\r\\nBcc: c@d"', f'address = "{OFFICE}"\npace_seconds = nan']
)
def test_an_account_that_cannot_be_right_is_refused(line: str) -> None:
    with pytest.raises(MappingError):
        parse_settings(toml(f'{line}\nsmtp = {{ host = "h", port = 465 }}'))


# -- the password ----------------------------------------------------------------------------------------------


class Store(KeyringBackend):
    """A keyring in memory, or one that is locked."""

    priority = 1  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]

    def __init__(self, entries: dict[tuple[str, str], str] | None) -> None:
        super().__init__()
        self.entries = entries

    def get_password(self, service: str, username: str) -> str | None:
        if self.entries is None:
            raise KeyringLocked
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Generator[Store]:
    """The machine's keyring for one test, with the account's password."""
    monkeypatch.delenv("JIXIAO_MAIL_PASSWORD", raising=False)
    before, own = keyring.get_keyring(), Store({("jixiao_xl", "账户"): " from-keyring\n"})
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


ACCOUNT = Mail.model_validate({"address": OFFICE, "user": "账户", "smtp": {"host": "h", "port": 465}})


def test_the_password_comes_from_the_environment_else_from_the_keyring(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the login name; pasted blanks are no part of it."""
    assert mail_password(ACCOUNT).get_secret_value() == "from-keyring"

    monkeypatch.setenv("JIXIAO_MAIL_PASSWORD", "from-environment ")
    assert mail_password(ACCOUNT).get_secret_value() == "from-environment"


@pytest.mark.parametrize(
    ("backend", "says"),
    [(Store({}), "keyring set jixiao_xl 账户"), (Store(None), "KeyringLocked"), (NoKeyring(), "没有程序能用的密码库")],
    ids=["empty", "locked", "none"],
)
def test_without_a_password_the_officer_reads_how_to_store_it(store: Store, backend: KeyringBackend, says: str) -> None:
    """A server room, a Linux desktop, a new computer: each has its own way out."""
    keyring.set_keyring(backend)

    with pytest.raises(MailError, match="JIXIAO_MAIL_PASSWORD") as caught:
        mail_password(ACCOUNT)
    assert says in str(caught.value)


# -- sending ---------------------------------------------------------------------------------------------------


@pytest.mark.mail
@pytest.mark.parametrize("security", ["ssl", "starttls", "none"])
def test_a_letter_arrives_byte_for_byte(security: Security, folder: Path) -> None:
    """Lines that begin with a dot and all, over a connection that only the office's own authority vouches for."""
    with post(security) as server, sender_of(server.mail(security), folder) as sender:
        sender.send(LETTER, (PARTY, CIVIL))
        sender.send(letter_to(CIVIL), (CIVIL,))

        assert [envelope.content for envelope in server.taken] == [LETTER, letter_to(CIVIL)]
        assert [envelope.rcpt_tos for envelope in server.taken] == [[PARTY, CIVIL], [CIVIL]]
        assert not [envelope for envelope in server.taken if "SMTPUTF8" in envelope.mail_options]
        assert server.passwords == [PASSWORD.encode()]


@pytest.mark.mail
@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("MAIL", "421 4.7.0 HL:ICC"),
        ("RCPT", "450 4.2.0 greylisted"),
        ("RCPT", "452 4.5.3 too many recipients"),
        ("DATA", "451 4.3.0 busy"),
    ],
)
def test_a_refusal_for_now_is_tried_again_and_the_letter_goes_once(
    server: Post, folder: Path, command: str, reply: str
) -> None:
    """163 says 450 or 451 after some letters a connection; a new connection helps."""
    server.says = {command: [reply] * (TRIES - 1)}

    send(server, folder)

    assert [envelope.content for envelope in server.taken] == [LETTER]


@pytest.mark.mail
@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_refusal_that_stays_stops_the_sending(server: Post, folder: Path, command: str) -> None:
    """The others would only be refused too; the run that follows goes on from here."""
    server.says = {command: ["451 4.7.1 请稍后再试"] * TRIES}

    with pytest.raises(SendingStopped, match=r"请稍后再试.*再运行一次"):
        send(server, folder)
    assert server.commands.count(command) == TRIES
    assert not server.taken


@pytest.mark.mail
def test_an_address_that_does_not_exist_does_not_keep_the_others_from_their_letters(server: Post, folder: Path) -> None:
    """The officer reads which address of which list to mend."""
    server.refuses = {PARTY: "550 5.1.1 User not found"}
    with sender_of(server.mail(), folder) as sender:
        with pytest.raises(AddressRefused, match=rf"{PARTY} 的信：5.1.1 User not found。请核对 units.csv") as caught:
            sender.send(LETTER, (PARTY,))
        assert (caught.value.refused, caught.value.reached) == ((PARTY,), ())
        with pytest.raises(AddressRefused, match=rf"已寄到 {CIVIL}") as caught:
            sender.send(LETTER, (PARTY, CIVIL))
        assert (caught.value.refused, caught.value.reached) == ((PARTY,), (CIVIL,))
        sender.send(LETTER, (CIVIL,))

    assert [envelope.rcpt_tos for envelope in server.taken] == [[CIVIL], [CIVIL]]
    assert len(server.passwords) == 1


@pytest.mark.mail
def test_where_one_address_has_to_wait_nobody_gets_the_letter_twice(server: Post, folder: Path) -> None:
    """Two addresses of a unit; the second is refused for now at the first try."""
    server.says = {"RCPT": ["250 OK", "450 4.2.0 later"]}

    send(server, folder, PARTY, CIVIL)

    assert [envelope.rcpt_tos for envelope in server.taken] == [[PARTY, CIVIL]]


@pytest.mark.mail
def test_what_is_no_address_is_named_and_the_rest_get_their_letter(server: Post, folder: Path) -> None:
    """A slip in units.csv, even one that would start another command."""
    wrong = ("party", "党政办公室", "a@b@c", "x@example.com>\r\nRCPT TO:<spy@example.com")
    with sender_of(server.mail(), folder) as sender:
        for to in ((), *((address,) for address in wrong)):
            with pytest.raises(AddressRefused, match=r"units\.csv"):
                sender.send(LETTER, to)
        assert "MAIL" not in server.commands
        with pytest.raises(AddressRefused, match=rf"党政办公室.*已寄到 {PARTY}") as caught:
            sender.send(LETTER, (*wrong, PARTY))

    assert (caught.value.refused, caught.value.reached) == (wrong, (PARTY,))
    assert [envelope.rcpt_tos for envelope in server.taken] == [[PARTY]]


@pytest.mark.mail
@pytest.mark.parametrize(
    ("command", "reply", "error", "says"),
    [
        ("DATA", "554 5.7.1 DT:SPM spam", AddressRefused, "草稿"),
        ("DATA", "552 5.3.4 message is too long", AddressRefused, "减少附件"),
        ("DATA", "554 5.2.0 MI:STC over the daily number", SendingStopped, "pace_seconds"),
        ("RCPT", "550 5.7.1 Ip frequency limited", SendingStopped, "pace_seconds"),
        ("MAIL", "553 Mail from must equal authorized user", SendingStopped, "address"),
        ("MAIL", "552 5.3.4 size exceeds the fixed limit", AddressRefused, "减少附件"),
    ],
)
def test_each_refusal_says_what_to_do(
    server: Post, folder: Path, command: str, reply: str, error: type[MailError], says: str
) -> None:
    """Only this letter, or all of them; this hour, or for ever."""
    server.says = {command: [reply]}

    with pytest.raises(error, match=says):
        send(server, folder)
    assert server.commands.count(command) == 1
    assert not server.taken


@pytest.mark.mail
def test_a_letter_over_the_servers_limit_is_not_sent_at_all(folder: Path) -> None:
    """The server has said its limit at the beginning; ten minutes of upload are saved."""
    with post(size=2 << 20) as server:
        with pytest.raises(AddressRefused, match=r"有 2\.\d MB，服务器最多收 2\.0 MB"):
            send(server, folder, message=letter_to(PARTY, size=2 << 20))
        assert "MAIL" not in server.commands


@pytest.mark.mail
def test_a_connection_lost_during_the_letter_leaves_it_in_doubt(server: Post, folder: Path) -> None:
    """Perhaps it arrived: this run does not send it again, the next one does under the same Message-ID."""
    server.says = {"DATA": ["hang up"]}

    with pytest.raises(SendingStopped, match=f"{PARTY}.*同一个邮件编号"):
        send(server, folder)
    assert server.commands.count("DATA") == 1


@pytest.mark.mail
def test_the_pace_is_kept_between_letters(server: Post, folder: Path) -> None:
    """Providers count letters a minute."""
    with sender_of(server.mail(pace_seconds=0.2), folder) as sender:
        started = time.monotonic()
        sender.send(LETTER, (PARTY,))
        first = time.monotonic() - started
        sender.send(LETTER, (PARTY,))

    assert first < 0.2 <= time.monotonic() - started


@pytest.mark.mail
@pytest.mark.parametrize("knows", [True, False])
def test_an_address_in_chinese_goes_only_where_the_server_knows_such(folder: Path, knows: bool) -> None:
    """The domain has an ASCII form, the name before the @ has none."""
    with post(unicode=knows) as server:
        send(server, folder, "zhang@政务.中国")
        assert server.taken[0].rcpt_tos == ["zhang@xn--zfr164b.xn--fiqs8s"]
        if knows:
            send(server, folder, "张@政务.中国", message=letter_to("张@政务.中国"))
            assert "SMTPUTF8" in server.taken[1].mail_options
            return
        with pytest.raises(AddressRefused, match=r"张@政务\.中国"):
            send(server, folder, "张@政务.中国", message=letter_to("张@政务.中国"))


# -- trust and logging in --------------------------------------------------------------------------------------

YESTERDAY = datetime.now(UTC) - timedelta(days=1)
CERTIFICATES = {
    "请向信息中心要根证书": trustme.CA().issue_cert(HOST),
    "发给别的服务器": AUTHORITY.issue_cert("mail.example.gov.cn"),
    "不在有效期": AUTHORITY.issue_cert(HOST, not_after=YESTERDAY),
}


@pytest.mark.mail
@pytest.mark.parametrize("security", ["ssl", "starttls"])
@pytest.mark.parametrize("says", CERTIFICATES)
def test_a_server_that_cannot_prove_its_name_never_sees_the_password(
    security: Security, says: str, folder: Path
) -> None:
    """A stranger's, another server's, an old certificate."""
    with post(security, CERTIFICATES[says]) as server:
        with pytest.raises(MailError, match=rf"{HOST}.*{says}"):
            try_smtp(server.mail(security), SecretStr(PASSWORD), folder)
        assert not server.passwords


@pytest.mark.mail
@pytest.mark.parametrize("wanted", ["ssl", "starttls"])
def test_without_encryption_there_is_no_login(wanted: Security, server: Post, folder: Path) -> None:
    """Somebody between us and the server may have struck STARTTLS out."""
    with pytest.raises(MailError, match="security"):
        try_smtp(server.mail(wanted), SecretStr(PASSWORD), folder)
    assert not server.passwords


@pytest.mark.parametrize("content", [None, b"", b"not a certificate", b"\x30\x03abc"])
def test_a_wrong_certificate_file_is_named(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / CA_FILE).write_bytes(content)
    with pytest.raises(MailError, match=CA_FILE):
        try_smtp(Post(9).mail("ssl"), SecretStr(PASSWORD), tmp_path)


@pytest.mark.mail
def test_a_wrong_password_is_not_repeated_and_the_officer_reads_of_authorization_codes(
    server: Post, folder: Path
) -> None:
    """Not even by a server that repeats it, plain or as it came over the line."""
    wrong = "Wr0ng-c0de"
    line = base64.b64encode(f"\0{OFFICE}\0{wrong}".encode()).decode()
    server.says = {"AUTH": [f"535 5.7.8 {wrong} is wrong: {line}"] * 2}

    with pytest.raises(MailError, match="授权码") as caught:
        try_smtp(server.mail(), SecretStr(wrong), folder)
    shown = "".join(traceback.format_exception(caught.value)) + repr(Sender(server.mail(), SecretStr(wrong), folder, 1))
    for trace in (wrong, base64.b64encode(wrong.encode()).decode(), line):
        assert trace not in str(caught.value)
        assert trace not in shown
    assert server.passwords[0] == wrong.encode()


@pytest.mark.parametrize("password", ["密码在此", "０１２", "two\nlines"])
def test_a_password_typed_in_chinese_letters_is_named_as_such(password: str, folder: Path) -> None:
    """The standard library would fail with an error that holds it."""
    with pytest.raises(MailError, match="英文输入法") as caught:
        try_smtp(Post(9).mail(), SecretStr(password), folder)
    assert password not in str(caught.value)


@pytest.mark.mail
def test_a_server_that_is_not_there_or_not_for_mail_is_explained(folder: Path, server: Post) -> None:
    nobody = Post(free_port())
    with pytest.raises(MailError, match="拒绝连接"):
        try_smtp(nobody.mail(), SecretStr(PASSWORD), folder)
    with pytest.raises(MailError, match="找不到服务器 no-such-host"):
        try_smtp(nobody.mail(smtp={"host": "no-such-host..invalid", "port": 465}), SecretStr(PASSWORD), folder)
    server.says = {"AUTH": ["454 4.7.0 Too many login attempts"] * 2}
    with pytest.raises(MailError, match="登录太频繁"):
        try_smtp(server.mail(), SecretStr(PASSWORD), folder)


@pytest.mark.mail
def test_a_server_without_a_login_is_explained(folder: Path) -> None:
    """Often the port of another service of the same computer."""
    with post(login=False) as server, pytest.raises(MailError, match="没有提供程序能用的登录方式"):
        try_smtp(server.mail(), SecretStr(PASSWORD), folder)


# -- doctor ----------------------------------------------------------------------------------------------------


def workspace(folder: Path, mail: str) -> Path:
    (folder / "jixiao.toml").write_bytes(b'schema = 1\ndepartment = "d"\nyear = 2025\n' + mail.encode())
    return folder


@pytest.mark.mail
def test_doctor_logs_in_to_both_servers_and_sends_nothing(
    mail_servers: MailServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the day of sending, not on it."""
    place = open_workspace(workspace(tmp_path, mail_servers.toml(security="ssl")))
    smtp, imap = mail_servers.smtp["ssl"], mail_servers.imap["ssl"]

    assert mail_lines(place) == (
        [f"有 {OFFICE} 的邮箱密码", f"能登录 {HOST}:{smtp} 发信", f"能登录 {HOST}:{imap} 收信"],
        True,
    )
    assert not mail_servers.sink.taken
    monkeypatch.setenv("JIXIAO_MAIL_PASSWORD", "Wr0ng-c0de")
    lines, works = mail_lines(place)
    assert not works
    assert ["授权码" in line for line in lines] == [False, True, True]
    assert "Wr0ng-c0de" not in "".join(lines)


def test_doctor_is_content_without_mail_and_tells_what_is_missing(tmp_path: Path, store: Store) -> None:
    """Mail is a help, not a condition; a workspace that names an account wants it to work."""
    assert not [line for line in diagnose(tmp_path)[0] if "邮" in line]
    assert mail_lines(open_workspace(workspace(tmp_path, ""))) == ([diagnose(tmp_path)[0][-1]], True)
    workspace(tmp_path, f'[mail]\naddress = "{OFFICE}"\nsmtp = {{ host = "h.invalid", port = 465 }}')
    lines, ready = diagnose(tmp_path)
    assert not ready
    assert f"keyring set jixiao_xl {OFFICE}" in lines[-1]
    workspace(tmp_path, "[mail]\n")
    assert "jixiao.toml" in diagnose(tmp_path)[0][-1]
