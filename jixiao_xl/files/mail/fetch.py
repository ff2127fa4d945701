"""Fetch mail over IMAP (收信): every new mail of one folder, byte for byte; the mailbox stays as it was.

The folder is opened read-only and mails are taken with BODY.PEEK, so nothing is marked, moved or deleted. What
providers ask for: 163 and 126 want ID after the login and before a folder is opened; QQ and others refuse SEARCH with
TEXT or CHARSET, so only UIDs are asked for and dates are compared here.
"""

from __future__ import annotations

import imaplib
import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import UnexpectedCommandStatusError
from pydantic import SecretStr

from jixiao_xl import __version__
from jixiao_xl.files.mail.connection import connection_trouble, credentials, scrubbed, tls_context
from jixiao_xl.model import texts_mail as texts
from jixiao_xl.model.errors import MailError
from jixiao_xl.model.settings import Incoming, Mail

PATIENCE: Final = 60  # seconds that a server may take for an answer
WAITS: Final = (1.0, 5.0, 20.0)  # seconds before each new connection after a dropped one
AT_ONCE: Final = 200  # UIDs in one command: some servers take no line over 8,000 characters
FOLDERS_NAMED: Final = 30
DROPPED: Final = (imaplib.IMAP4.abort, OSError)
REFUSED: Final = (imaplib.IMAP4.error, UnexpectedCommandStatusError)
WHOLE: Final = re.compile(rb"BODY\[\]", re.IGNORECASE)
QUOTED: Final = re.compile(rb'BODY\[\] "((?:[^"\\]|\\.)*)"', re.IGNORECASE)  # a mail of one line may come so
UID: Final = re.compile(rb"UID (\d+)", re.IGNORECASE)
T = TypeVar("T")
Data = Sequence[bytes | tuple[bytes, bytes] | None]


@contextmanager
def open_mailbox(
    mail: Mail, password: SecretStr, workspace: Path, *, waits: Sequence[float] = WAITS
) -> Generator[Inbox]:
    """The folder that jixiao.toml names, opened read-only.

    Args:
        mail: the account.
        password: or authorization code.
        workspace: where a relative ca_file is looked for.
        waits: seconds before each attempt to connect again when the server has dropped the connection.

    Raises:
        MailError: no IMAP server is named, it cannot be reached or trusted, or it refuses the login or the folder.
    """
    if mail.imap is None:
        raise MailError(texts.IMAP_MISSING)
    inbox = Inbox(_Account(mail, mail.imap, password, workspace), waits)
    try:
        yield inbox
    finally:
        inbox.close()


def try_imap(mail: Mail, password: SecretStr, workspace: Path) -> None:
    """Log in, open the folder and leave; nothing is fetched.

    Raises:
        MailError: as open_mailbox.
    """
    with open_mailbox(mail, password, workspace):
        pass


class Inbox:
    """A mailbox folder, opened read-only.

    Attributes:
        place: which folder it is: "imap:user@host/FOLDER;v=UIDVALIDITY". UIDs count within one place only.
    """

    def __init__(self, account: _Account, waits: Sequence[float]) -> None:
        self._account = account
        self._waits = waits
        self._line: _Line | None = account.connect()
        self.place: Final = self._line.place

    def new_since(self, uid: int, since: date | None) -> Iterator[tuple[int, bytes]]:
        """Each mail above a UID with its bytes, in ascending UIDs; one in memory at a time.

        Args:
            uid: the last one known; 0 for all.
            since: leave out what arrived before this day (as the server noted it, in local time).

        Raises:
            MailError: the server dropped the connection again and again, or withholds a mail. What has been given
                until then is good; a later call with the last UID goes on from there.
        """
        for found in self._above(uid, since):
            raw = self._fetch(found)
            if raw is not None:
                yield found, raw

    def close(self) -> None:
        """Leave, whatever the server says to that."""
        if self._line:
            with suppress(*DROPPED, *REFUSED):
                self._line.box.client.logout()
            self._hang_up()

    def _above(self, uid: int, since: date | None) -> list[int]:
        def ask(client: imaplib.IMAP4) -> list[int]:
            data = self._ok(client.uid("SEARCH", f"UID {uid + 1}:*"))
            listed = {int(word) for line in data if isinstance(line, bytes) for word in line.split()}
            return sorted(one for one in listed if one > uid)  # n:* always gives the last one, too

        found = self._steadily(ask)
        if since is None:
            return found
        early: set[int] = set()
        for start in range(0, len(found), AT_ONCE):
            arrivals = self._arrivals(found[start : start + AT_ONCE])
            early |= {one for one, day in arrivals.items() if day < since}
        return [one for one in found if one not in early]

    def _arrivals(self, uids: Sequence[int]) -> dict[int, date]:
        """The day on which each of them arrived, as far as the server says."""

        def ask(client: imaplib.IMAP4) -> dict[int, date]:
            days: dict[int, date] = {}
            for line in self._ok(client.uid("FETCH", ",".join(map(str, uids)), "(INTERNALDATE)")):
                if isinstance(line, bytes) and (number := UID.search(line)):
                    moment = imaplib.Internaldate2tuple(line)
                    if moment:
                        days[int(number[1])] = date(*moment[:3])
            return days

        return self._steadily(ask)

    def _fetch(self, uid: int) -> bytes | None:
        """One mail, or None where it has gone since it was listed."""

        def ask(client: imaplib.IMAP4) -> bytes | None:
            status, data = client.uid("FETCH", str(uid), "(BODY.PEEK[])")
            raw = _body(data) if status == "OK" else None
            if raw is None and self._is_there(client, uid):
                reason = self._account.words(data) if status != "OK" else texts.NO_REPLY
                raise MailError(self._account.say(texts.IMAP_WITHHELD, uid=uid, reason=reason))
            return raw

        return self._steadily(ask)

    def _is_there(self, client: imaplib.IMAP4, uid: int) -> bool:
        client.noop()  # the server may now tell what has gone
        data = self._ok(client.uid("SEARCH", f"UID {uid}"))
        return any(str(uid).encode() in line.split() for line in data if isinstance(line, bytes))

    def _ok(self, answer: tuple[str, Data]) -> Data:
        if answer[0] != "OK":
            raise MailError(self._account.say(texts.IMAP_ANSWER, reason=self._account.words(answer[1])))
        return answer[1]

    def _steadily(self, ask: Callable[[imaplib.IMAP4], T]) -> T:
        """What a command gives; asked again on a new connection where the server has dropped the last one.

        Raises:
            MailError: one connection after another was dropped, or the server does not understand.
        """
        trouble = ""
        for wait in (0.0, *self._waits):
            time.sleep(wait)
            try:
                line = self._line = self._line or self._account.connect()
            except MailError as error:  # it may let us in again after a while
                trouble = str(error)
                continue
            if line.place != self.place:
                raise MailError(self._account.say(texts.IMAP_CHANGED))
            try:
                return ask(line.box.client)
            except DROPPED as error:
                trouble = self._account.trouble(error)
                self._hang_up()
            except imaplib.IMAP4.error as error:
                raise MailError(self._account.say(texts.IMAP_ANSWER, reason=self._account.words(error))) from error
        raise MailError(self._account.say(texts.IMAP_STOPPED, times=len(self._waits) + 1, trouble=trouble))

    def _hang_up(self) -> None:
        if self._line:
            _close(self._line.box)
            self._line = None


@dataclass(frozen=True, slots=True)
class _Line:
    """One connection with the folder open, and which folder that is."""

    box: BaseMailBox
    place: str


@dataclass(frozen=True, slots=True)
class _Account:
    """How to get into the mailbox, and what to say where that fails."""

    mail: Mail
    server: Incoming
    password: SecretStr
    workspace: Path

    def connect(self) -> _Line:
        """Connected, logged in, introduced, and the folder open.

        Raises:
            MailError: it cannot be reached or trusted, or refuses the login or the folder.
        """
        user, password = credentials(self.mail, self.password)
        try:
            box = self._call()
            try:
                self._start_tls(box)
                self._log_in(box, user, password)
                _introduce(box)
                return _Line(box, self._examine(box))
            except BaseException:
                _close(box)
                raise
        except (*DROPPED, imaplib.IMAP4.error) as error:
            raise MailError(self.trouble(error)) from None  # the error may repeat what was sent: the password

    def _call(self) -> BaseMailBox:
        host, port = self.server.host, self.server.port
        if self.server.security == "ssl":
            return MailBox(host, port, timeout=PATIENCE, ssl_context=tls_context(self.server, self.workspace))
        return MailBoxUnencrypted(host, port, timeout=PATIENCE)

    def _start_tls(self, box: BaseMailBox) -> None:
        if self.server.security == "starttls":
            if "STARTTLS" not in box.client.capabilities:
                raise MailError(self.say(texts.MAIL_TLS_MISMATCH))
            box.client.starttls(tls_context(self.server, self.workspace))

    def _log_in(self, box: BaseMailBox, user: str, password: str) -> None:
        offers = box.client.capabilities
        log_in = box.login_utf8 if "LOGINDISABLED" in offers and "AUTH=PLAIN" in offers else box.login
        try:
            log_in(user, password, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise
        except REFUSED as error:
            raise MailError(self.say(texts.MAIL_LOGIN_REFUSED, reply=self.words(error))) from None

    def _examine(self, box: BaseMailBox) -> str:
        """Open the folder; the place that it is."""
        try:
            box.folder.set(self.server.folder, readonly=True)
        except imaplib.IMAP4.abort:
            raise
        except REFUSED as error:
            reason, folders = self.words(error), "、".join(_folders(box))
            raise MailError(self.say(texts.IMAP_FOLDER, reason=reason, folders=folders)) from error
        _, validity = box.client.response("UIDVALIDITY")
        number = validity[0].decode() if validity and isinstance(validity[0], bytes) else "0"
        return f"imap:{self.mail.login}@{self.server.host}/{self.server.folder};v={number}"

    def say(self, sentence: str, **found: object) -> str:
        """A sentence about this account."""
        named = {name: getattr(self.server, name) for name in ("host", "port", "security", "folder")}
        return sentence.format(login=self.mail.login, **named, **found)

    def trouble(self, error: Exception) -> str:
        """Why a connection failed, as a sentence."""
        if isinstance(error, OSError):
            return connection_trouble(error, self.server)
        reason = self.words(error)
        if "EOF" in reason or "socket error" in reason:  # how imaplib tells of a connection that ended
            return connection_trouble(ConnectionResetError(), self.server)
        return self.say(texts.MAIL_UNREACHABLE, reason=reason)

    def words(self, said: Exception | Data) -> str:
        """What the server said, fit to be shown."""
        if isinstance(said, UnexpectedCommandStatusError):
            said = said.command_result[1]
        if isinstance(said, Exception):
            return scrubbed(str(said), self.password)
        return scrubbed(b" ".join(line for line in said if isinstance(line, bytes)), self.password)


def _introduce(box: BaseMailBox) -> None:
    """Say who we are (RFC 2971) to a server that lists ID: 163 and 126 open no folder before."""
    _, offers = box.client.capability()
    if b"ID" in b" ".join(line for line in offers if isinstance(line, bytes)).upper().split():
        try:
            box.client.xatom("ID", f'("name" "jixiao_xl" "version" "{__version__}" "vendor" "jixiao_xl")')
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            return  # one that lists it and does not understand it does not need it


def _folders(box: BaseMailBox) -> list[str]:
    try:
        return [folder.name for folder in box.folder.list()][:FOLDERS_NAMED]
    except REFUSED:
        return []


def _body(data: Data) -> bytes | None:
    """The mail in the answer to a FETCH, or None where there is none."""
    for item in data:
        if isinstance(item, tuple) and WHOLE.search(item[0]):
            return item[1]
        if isinstance(item, bytes) and (quoted := QUOTED.search(item)):
            return re.sub(rb"\\(.)", rb"\1", quoted[1])
    return None


def _close(box: BaseMailBox) -> None:
    with suppress(*DROPPED):
        box.client.shutdown()
