"""Fetching over IMAP (从邮箱收信): every mail as it is, once, in order; the mailbox untouched; each provider's habits."""

from __future__ import annotations

import imaplib
import random
import smtplib
import ssl
import traceback
import tracemalloc
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest
import trustme
from imap_tools import MailBoxUnencrypted
from imap_tools.errors import MailboxFolderSelectError
from pydantic import SecretStr

from jixiao_xl.files.mail.fetch import Inbox, open_mailbox, try_imap
from jixiao_xl.model.errors import MailError
from jixiao_xl.model.settings import Mail
from tests.mail_habits import Answers, Exchange, Ghosts, Habit, HangsUp, NoTextSearch, NoTls, UnsafeLogin, habit_of
from tests.mail_servers import HOST, OFFICE, PASSWORD, MailServers, Security

pytestmark = pytest.mark.mail
ELSEWHERE = Path("/nowhere")  # every path in these settings is absolute
SECRET = SecretStr(PASSWORD)
AT_ONCE = (0.0, 0.0, 0.0)  # no waiting between connections
Found = list[tuple[int, bytes]]


def fetched(mail: Mail, uid: int = 0, since: date | None = None) -> Found:
    """What one run takes."""
    with open_mailbox(mail, SECRET, ELSEWHERE, waits=AT_ONCE) as inbox:
        return list(inbox.new_since(uid, since))


@contextmanager
def opened_through(servers: MailServers, habit: Callable[[], Habit]) -> Generator[Inbox]:
    """The office's mailbox at a provider with a habit."""
    with (
        habit_of(servers, habit) as port,
        open_mailbox(servers.mail(port=port), SECRET, ELSEWHERE, waits=AT_ONCE) as inbox,
    ):
        yield inbox


def delivered(servers: MailServers, count: int, size: int = 300) -> list[bytes]:
    """Put mails into the office's mailbox."""
    raws = [b"Subject: %d\r\n\r\n%s\r\n" % (number, b"x" * size) for number in range(1, count + 1)]
    for raw in raws:
        servers.deliver(OFFICE, raw)
    return raws


def numbered(raws: list[bytes]) -> Found:
    """Mails with the UIDs that a new mailbox gives them."""
    return list(enumerate(raws, start=1))


def odd_mails() -> list[bytes]:
    """Mails of sizes at which a reader of blocks goes wrong, of any bytes that a mail can have."""
    chance = random.Random(5)
    heads = [b"", b"Subject: \xbc\xa8\xd0\xa7\r\n", "Subject: 绩效\r\n".encode(), b"Subject: =?gb2312?B?vKjQpw==?=\r\n"]
    sizes = [0, 1, 2, 3, 511, 512, 1023, 4095, 4096, 4097, 8191, 8192, 16385, 65535, 65536, 65537, 300_001]
    mails: list[bytes] = []
    for number, size in enumerate(sizes):
        body = bytes(chance.choice([*range(1, 10), *range(14, 256)]) for _ in range(min(size, 5000)))
        body = (body * (size // 5000 + 1))[:size]
        lines = [body[start : start + 900] for start in range(0, len(body), 900)]
        mails.append(heads[number % 4] + b"\r\n" + b"\r\n".join(lines) + (b"\r\n" if number % 2 else b""))
    return [
        *mails,
        b"\r\n",
        b"Subject: only a head",
        b"A0001 OK FETCH completed.\r\n* BYE\r\n)\r\n",
        b"{3}\r\nabc {9}\r\n",
    ]


@pytest.mark.parametrize("security", ["none", "starttls", "ssl"])
def test_every_mail_comes_byte_for_byte_in_the_order_of_its_number(
    mail_servers: MailServers, security: Security
) -> None:
    """What the ledger keeps by its hash must be what the section sent, over whatever connection."""
    mails = odd_mails()
    for raw in mails:
        mail_servers.deliver(OFFICE, raw)
    assert fetched(mail_servers.mail(security=security)) == numbered(mails)


def test_only_mails_above_the_last_known_number_come(mail_servers: MailServers) -> None:
    """A mailbox of years is not read again every day; asked for n:*, servers give the last mail even where it is known."""
    raws = delivered(mail_servers, 5)
    for known in range(7):
        assert fetched(mail_servers.mail(), known) == numbered(raws)[known:]


def test_an_empty_mailbox_gives_nothing(mail_servers: MailServers) -> None:
    """The first day."""
    assert fetched(mail_servers.mail()) == []


def test_mails_that_arrived_before_the_day_are_left_out(mail_servers: MailServers) -> None:
    """An office's mailbox holds last year's mails, too; the day counts by the office's clock, more than one command's worth."""
    midnight = datetime(2026, 3, 1)
    moments = [midnight - timedelta(days=30), midnight - timedelta(seconds=1), midnight, midnight + timedelta(days=1)]
    moments += [midnight - timedelta(days=1)] * 200 + [midnight]
    for moment in moments:
        mail_servers.deliver(OFFICE, b"Subject: x\r\n\r\n", arrived=moment)
    uids = [uid for uid, _ in fetched(mail_servers.mail(), since=midnight.date())]
    assert uids == [number for number, moment in enumerate(moments, start=1) if moment >= midnight]
    assert [uid for uid, _ in fetched(mail_servers.mail(), 3, midnight.date())] == uids[1:]


def test_the_mailbox_is_left_as_it_was(mail_servers: MailServers) -> None:
    """The officer reads the same mailbox: nothing may be marked as read, moved or deleted; not even as no longer new."""
    delivered(mail_servers, 3)
    home = mail_servers.folder(OFFICE)
    before = sorted(path.relative_to(home) for path in home.rglob("*.loopback*"))
    fetched(mail_servers.mail())
    try_imap(mail_servers.mail(), SECRET, ELSEWHERE)
    assert sorted(path.relative_to(home) for path in home.rglob("*.loopback*")) == before
    assert mail_servers.flags(OFFICE) == ["", "", ""]


def test_a_folder_with_a_chinese_name_is_fetched_from(mail_servers: MailServers) -> None:
    """Officers sort mails into folders by rules of their provider."""
    mail_servers.deliver(OFFICE, b"Subject: inbox\r\n\r\n")
    mail_servers.deliver(OFFICE, b"Subject: sorted\r\n\r\n", "绩效自评 & 2025")
    mail = mail_servers.mail(folder="绩效自评 & 2025")
    assert fetched(mail) == [(1, b"Subject: sorted\r\n\r\n")]
    with open_mailbox(mail, SECRET, ELSEWHERE) as inbox:
        assert inbox.place.startswith(f"imap:{OFFICE}@{HOST}/绩效自评 & 2025;v=")


def test_a_folder_that_is_not_there_is_told_with_those_that_are(mail_servers: MailServers) -> None:
    """QQ keeps own folders below another one; nobody guesses that."""
    mail_servers.folder(OFFICE, "其他文件夹.绩效自评")
    with pytest.raises(MailError, match=r"“绩效自评”.*其他文件夹\.绩效自评"):
        fetched(mail_servers.mail(folder="绩效自评"))


def test_a_mailbox_that_was_built_anew_is_another_place(mail_servers: MailServers) -> None:
    """After that, UIDs name other mails: what was known of them counts no more."""
    delivered(mail_servers, 2)
    with open_mailbox(mail_servers.mail(), SECRET, ELSEWHERE) as inbox:
        before = inbox.place
    mail_servers.renumber(OFFICE)
    with open_mailbox(mail_servers.mail(), SECRET, ELSEWHERE) as inbox:
        assert inbox.place != before
        assert inbox.place.partition(";v=")[0] == before.partition(";v=")[0] == f"imap:{OFFICE}@{HOST}/INBOX"


# -- trust -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["starttls", "ssl"])
@pytest.mark.parametrize("authority", ["the system's", "another's"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    mail_servers: MailServers, tmp_path: Path, security: Security, authority: str
) -> None:
    """Else whoever stands between reads the password; the sentence names the way out."""
    trustme.CA().cert_pem.write_to_path(tmp_path / "another.pem")
    ca_file = "another.pem" if authority == "another's" else None
    with pytest.raises(MailError, match=r"证书.*ca_file"):
        try_imap(mail_servers.mail(security=security, ca_file=ca_file), SECRET, tmp_path)


def test_no_password_is_sent_where_starttls_is_missing(mail_servers: MailServers) -> None:
    """Somebody between could hide it to read the password."""
    heard: list[bytes] = []
    with habit_of(mail_servers, lambda: NoTls(heard)) as port, pytest.raises(MailError, match="加密"):
        try_imap(mail_servers.mail(security="starttls", port=port), SECRET, ELSEWHERE)
    assert heard
    assert b"LOGIN" not in heard


def test_a_refused_login_says_so_and_never_the_password(mail_servers: MailServers) -> None:
    """Nor does a server that repeats what it was sent make us show it: not in the sentence, not in the traceback."""
    wrong = SecretStr("wrong-Pa55-word")
    parrots = (b"TAG NO you sent LINE\r\n", b"TAG BAD LINE\r\n", b"* BYE LINE\r\n", b"* NO LINE\r\nTAG NO bad\r\n")
    with pytest.raises(MailError, match=f"不让 {OFFICE} 登录.*授权码"):
        try_imap(mail_servers.mail(), wrong, ELSEWHERE)
    for answer in parrots:
        with (
            habit_of(mail_servers, partial(Answers, b" LOGIN ", answer)) as port,
            pytest.raises(MailError) as refused,
        ):
            try_imap(mail_servers.mail(port=port), wrong, ELSEWHERE)
        shown = "".join(traceback.format_exception(refused.value)) + repr(refused.value)
        assert wrong.get_secret_value() not in shown


def test_an_account_without_imap_says_what_to_do_instead(mail_servers: MailServers) -> None:
    """Some offices may only send."""
    with pytest.raises(MailError, match="collect --from"):
        try_imap(mail_servers.mail().model_copy(update={"imap": None}), SECRET, ELSEWHERE)


# -- providers -------------------------------------------------------------------------------------------------


def test_163_opens_a_folder_only_after_id(mail_servers: MailServers) -> None:
    """Its “Unsafe Login” stops programs that do not say after the login who they are; a plain login there shows it."""
    raws = delivered(mail_servers, 3)
    heard: list[bytes] = []
    with habit_of(mail_servers, partial(UnsafeLogin, heard)) as port:
        plain = MailBoxUnencrypted(HOST, port)
        with pytest.raises(MailboxFolderSelectError, match="Unsafe Login"):
            plain.login(OFFICE, PASSWORD)
        plain.logout()
        heard.clear()
        assert fetched(mail_servers.mail(port=port)) == numbered(raws)
    assert [word for word in heard if word in {b"LOGIN", b"ID", b"EXAMINE"}] == [b"LOGIN", b"ID", b"EXAMINE"]


def test_qq_is_never_asked_to_search_text(mail_servers: MailServers) -> None:
    """It rejects TEXT and CHARSET; a library's usual way of fetching shows it."""
    raws = delivered(mail_servers, 3)
    with habit_of(mail_servers, NoTextSearch) as port:
        with (
            MailBoxUnencrypted(HOST, port).login(OFFICE, PASSWORD) as usual,
            pytest.raises(imaplib.IMAP4.error, match="invalid argument"),
        ):
            list(usual.fetch(mark_seen=False))
        assert fetched(mail_servers.mail(port=port), since=date(2020, 1, 1)) == numbered(raws)


def test_exchange_logs_in_after_starttls_and_is_not_sent_id(mail_servers: MailServers) -> None:
    """It lists no ID, disables LOGIN before STARTTLS, is slow, and tells flags and sizes with each mail."""
    raws = odd_mails()[:6]
    for raw in raws:
        mail_servers.deliver(OFFICE, raw)
    heard: list[bytes] = []
    with habit_of(mail_servers, partial(Exchange, heard)) as port:
        with pytest.raises(MailError, match="LOGIN is disabled"):
            try_imap(mail_servers.mail(port=port), SECRET, ELSEWHERE)
        assert fetched(mail_servers.mail(security="starttls", port=port), 1) == numbered(raws)[1:]
    assert b"ID" not in heard


def test_a_mail_of_one_line_may_come_in_quotes(mail_servers: MailServers) -> None:
    """A server need not send a short text as a literal."""
    delivered(mail_servers, 1)
    answer = b'* 1 FETCH (UID 1 BODY[] "Subject: \\"a\\\\b\\"")\r\nTAG OK done\r\n'
    with opened_through(mail_servers, partial(Answers, rb"UID FETCH", answer)) as inbox:
        assert list(inbox.new_since(0, None)) == [(1, b'Subject: "a\\b"')]


# -- what goes wrong on the way --------------------------------------------------------------------------------


@pytest.mark.parametrize("commands", [6, 7, 9])
def test_a_server_that_hangs_up_after_some_commands_loses_and_doubles_nothing(
    mail_servers: MailServers, commands: int
) -> None:
    """Providers cut off who asks much; each connection that brings something on is worth the next."""
    raws = delivered(mail_servers, 12)
    connections: list[int] = []
    with opened_through(mail_servers, partial(HangsUp, connections, commands=commands)) as inbox:
        assert list(inbox.new_since(0, None)) == numbered(raws)
    assert len(connections) > 3


@pytest.mark.parametrize("size", [5_000, 9_999, 20_001, 65_536])
def test_a_connection_that_breaks_inside_a_mail_loses_and_doubles_nothing(mail_servers: MailServers, size: int) -> None:
    """A mail cut short must not be taken for a whole one."""
    raws = delivered(mail_servers, 8, 3_000)
    connections: list[int] = []
    with opened_through(mail_servers, partial(HangsUp, connections, size=size)) as inbox:
        assert list(inbox.new_since(0, None)) == numbered(raws)
    assert len(connections) > 1 or size > 30_000


def test_a_server_that_always_hangs_up_ends_the_run_with_what_there_is(mail_servers: MailServers) -> None:
    """The third mail never gets through; the first two are good, and the next run goes on from there."""
    raws = [*delivered(mail_servers, 2), b"Subject: large\r\n\r\n" + b"x" * 50_000 + b"\r\n"]
    mail_servers.deliver(OFFICE, raws[2])
    connections: list[int] = []
    taken: Found = []

    def take(inbox: Inbox) -> None:
        for one in inbox.new_since(0, None):
            taken.append(one)

    with (
        opened_through(mail_servers, partial(HangsUp, connections, size=20_000)) as inbox,
        pytest.raises(MailError, match="断开 4 次"),
    ):
        take(inbox)
    assert taken == numbered(raws)[:2]
    assert len(connections) == 1 + len(AT_ONCE)
    assert fetched(mail_servers.mail(), taken[-1][0]) == numbered(raws)[2:]


def test_mails_that_have_gone_since_they_were_listed_are_skipped(mail_servers: MailServers) -> None:
    """The officer tidies the mailbox while we read it; and some servers list what is gone."""
    raws = delivered(mail_servers, 4)
    with open_mailbox(mail_servers.mail(), SECRET, ELSEWHERE, waits=AT_ONCE) as inbox:
        coming = inbox.new_since(0, None)
        found = [next(coming)]
        with MailBoxUnencrypted(HOST, mail_servers.imap["none"]).login(OFFICE, PASSWORD) as officer:
            officer.delete(["2", "3"])
        assert found + list(coming) == [(1, raws[0]), (4, raws[3])]
    with opened_through(mail_servers, partial(Ghosts, b"2 3 77 ")) as inbox:
        assert [uid for uid, _ in inbox.new_since(0, None)] == [1, 4]


def test_a_mail_that_the_server_withholds_stops_the_run_rather_than_being_passed_over(
    mail_servers: MailServers,
) -> None:
    """It would never be asked for again; what came before it is good."""
    raws = delivered(mail_servers, 3)
    answer = b"TAG NO The requested message could not be converted to an RFC-822 compatible format.\r\n"
    with opened_through(mail_servers, partial(Answers, rb"UID FETCH 2 ", answer)) as inbox:
        coming = inbox.new_since(0, None)
        assert next(coming) == (1, raws[0])
        with pytest.raises(MailError, match=r"编号 2.*could not be converted"):
            next(coming)


def test_a_mailbox_rebuilt_in_the_middle_ends_the_run(mail_servers: MailServers) -> None:
    """After the connection broke, the same numbers would be other mails."""
    delivered(mail_servers, 6)
    connections: list[int] = []
    with opened_through(mail_servers, partial(HangsUp, connections, commands=7)) as inbox:
        coming = inbox.new_since(0, None)
        next(coming)
        mail_servers.renumber(OFFICE)
        with pytest.raises(MailError, match="重建"):
            list(coming)


def test_mails_of_25_mb_are_taken_one_at_a_time(mail_servers: MailServers) -> None:
    """What providers let through; four of them must not stand in memory together."""
    size = 25_000_000
    line = b"0123456789abcdef" * 4 + b"\r\n"
    raw = b"Subject: large\r\n\r\n" + line * (size // len(line))
    first = mail_servers.deliver(OFFICE, raw)
    for number in range(3):
        first.with_name(f"18{number:08}.Q.loopback").hardlink_to(first)
    with open_mailbox(mail_servers.mail(), SECRET, ELSEWHERE) as inbox:
        tracemalloc.start()
        try:
            same = [found == raw for _, found in inbox.new_since(0, None)]
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert same == [True] * 4
    assert most < 2.5 * size


# -- the servers of these tests --------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["none", "starttls", "ssl"])
def test_what_is_sent_stands_in_its_readers_mailbox_at_once(mail_servers: MailServers, security: Security) -> None:
    """The round trip of other tests rests on this: from our SMTP server into Dovecot, byte for byte."""
    message = EmailMessage()
    message["Subject"] = "绩效自评填报表"
    message["From"], message["To"] = OFFICE, "party@example.gov.cn"
    message.set_content(".\r\n..\r\n绩效\r\n")
    trust = ssl.create_default_context(cafile=mail_servers.ca_file)
    port = mail_servers.smtp[security]
    with smtplib.SMTP_SSL(HOST, port, context=trust) if security == "ssl" else smtplib.SMTP(HOST, port) as client:
        if security == "starttls":
            client.starttls(context=trust)
        client.login(OFFICE, PASSWORD)
        client.send_message(message)
    (raw,) = mail_servers.messages("party")
    assert fetched(mail_servers.mail("party@example.gov.cn")) == [(1, raw)]
    assert [(sent.sender, sent.to, sent.raw) for sent in mail_servers.sink.taken] == [
        (OFFICE, "party@example.gov.cn", raw)
    ]
