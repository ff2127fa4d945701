"""Sending mail (发邮件): one connection over SMTP, a pace that providers bear, and who was refused and why.

Between the first command of a letter and its last byte nothing has been sent: a temporary refusal there is tried again
over a new connection (163 counts letters a connection). Once the letter itself is on its way, a lost connection leaves
it in doubt, and only a later run, which uses the same Message-ID, may send it again.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from jixiao_xl.files.mail.compose import one_line, wire_address
from jixiao_xl.files.mail.connection import (
    TIMEOUT_SECONDS,
    connection_trouble,
    credentials,
    scrubbed,
    tls_context,
)
from jixiao_xl.model import texts, texts_mail
from jixiao_xl.model.errors import MailError
from jixiao_xl.model.settings import Mail, is_address

TRIES: Final = 4
FIRST_WAIT_SECONDS: Final = 5.0  # then three times as long each time
DATA_TIMEOUT_SECONDS: Final = 300.0  # a server looks through every attachment before it answers
# this computer's own name tells strangers about the office, and a Chinese one would break the command
_CLIENT_NAME: Final = "[127.0.0.1]"
_LIMIT: Final = re.compile(
    r"frequen|too (?:many|much)(?! same)|(?:rate|daily|hour\w*|sending) (?:limit|quota)|limit exceeded|MI:STC|HL:I[CF]C",
    re.I,
)
_SIZE: Final = re.compile(r"too (?:long|large|big)|size|5\.3\.4|5\.2\.3", re.I)
_MEGABYTE: Final = 1024 * 1024


class AddressRefused(MailError):
    """This letter will never reach these addresses; the next letter may go.

    Attributes:
        refused: the addresses that did not get it.
        reached: the letter's other addresses, which did.
    """

    def __init__(self, sentence: str, *, refused: Sequence[str], reached: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.refused = tuple(refused)
        self.reached = tuple(reached)


class SendingStopped(MailError):
    """No use to go on now: a limit, a temporary refusal, a lost connection. Run again later."""


class _Later(Exception):
    """This try failed before the letter was sent; another may do."""


@contextmanager
def open_sender(
    mail: Mail, password: SecretStr, workspace: Path, *, first_wait: float = FIRST_WAIT_SECONDS
) -> Generator[Sender]:
    """A sender that has logged in.

    Args:
        mail: the account.
        password: of the account.
        workspace: the folder that `ca_file` is relative to.
        first_wait: seconds before the second try of a letter; three times as long before each further one.

    Raises:
        MailError: the server cannot be reached, is not trusted, or does not let us in.
    """
    sender = Sender(mail, password, workspace, first_wait)
    sender.connect()
    try:
        yield sender
    finally:
        sender.close()


def try_smtp(mail: Mail, password: SecretStr, workspace: Path) -> None:
    """Log in and out; nothing is sent.

    Raises:
        MailError: as `open_sender`.
    """
    with open_sender(mail, password, workspace):
        pass


@dataclass
class Sender:
    """A connection to the office's SMTP server, renewed where it breaks between letters."""

    _mail: Mail
    _password: SecretStr
    _workspace: Path
    _first_wait: float
    _smtp: smtplib.SMTP | None = field(default=None, repr=False)
    _last_sent: float | None = None

    def send(self, message: bytes, to: Sequence[str]) -> None:
        """Send one letter to its addresses, at the pace of the settings; returns once the server has taken it.

        Where an address is refused for a while, none gets the letter before the next try: nobody gets it twice.

        Raises:
            AddressRefused: at least one address will never get it; the others have.
            SendingStopped: the server takes nothing more now, or the connection is gone.
        """
        valid = [address for address in to if is_address(address)]
        wrong = [address for address in to if not is_address(address)]
        complaint = texts_mail.SEND_ADDRESS_WRONG.format(addresses=_listed(wrong)) if wrong else ""
        if not valid:
            raise AddressRefused(complaint or texts_mail.SEND_NO_ADDRESS, refused=to)
        self._keep_pace()
        try:
            self._try_patiently(message, valid)
        except AddressRefused as error:
            refused = (*error.refused, *wrong)
            raise AddressRefused(f"{error}{complaint}", refused=refused, reached=error.reached) from None
        if wrong:
            raise AddressRefused(complaint + _also_reached(valid), refused=wrong, reached=valid)

    def connect(self) -> smtplib.SMTP:
        """The connection, made and logged in where there is none.

        Raises:
            MailError: as `open_sender`.
        """
        try:
            return self._connected()
        except (OSError, UnicodeError) as error:
            # without its cause, whose text is the server's own and may repeat the password
            raise MailError(self._trouble(error)) from None

    def close(self) -> None:
        """Say goodbye; a connection that is already gone is no matter."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            _hang_up(smtp)

    @property
    def _where(self) -> dict[str, str | int]:
        server = self._mail.smtp
        return {"host": server.host, "port": server.port, "security": server.security}

    def _keep_pace(self) -> None:
        if self._last_sent is not None:
            time.sleep(max(0.0, self._last_sent + self._mail.pace_seconds - time.monotonic()))

    def _try_patiently(self, message: bytes, to: Sequence[str]) -> None:
        wait = self._first_wait
        for tries_left in reversed(range(TRIES)):
            try:
                return self._try_once(message, to)
            except _Later as later:
                self.close()
                if not tries_left:
                    raise SendingStopped(str(later)) from None
            time.sleep(wait)
            wait *= 3
        return None

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = self._logged_in()
        return self._smtp

    def _logged_in(self) -> smtplib.SMTP:
        server = self._mail.smtp
        name, secret = credentials(self._mail, self._password)
        if server.security == "none":
            smtp = smtplib.SMTP(server.host, server.port, _CLIENT_NAME, TIMEOUT_SECONDS)
        elif server.security == "ssl":
            context = tls_context(server, self._workspace)
            smtp = smtplib.SMTP_SSL(server.host, server.port, _CLIENT_NAME, context=context, timeout=TIMEOUT_SECONDS)
        else:
            smtp = self._with_tls(tls_context(server, self._workspace))
        try:
            smtp.login(name, secret)
        except BaseException:
            _hang_up(smtp)
            raise
        return smtp

    def _with_tls(self, context: ssl.SSLContext) -> smtplib.SMTP:
        """A connection that was made in the clear and encrypted before anything is said (STARTTLS), or none."""
        smtp = smtplib.SMTP(self._mail.smtp.host, self._mail.smtp.port, _CLIENT_NAME, TIMEOUT_SECONDS)
        try:
            smtp.starttls(context=context)
        except (smtplib.SMTPNotSupportedError, smtplib.SMTPResponseException) as error:
            _hang_up(smtp)
            raise MailError(texts_mail.MAIL_TLS_MISMATCH.format(**self._where)) from error
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _trouble(self, error: Exception) -> str:
        """What the operator reads where connecting or a command failed."""
        match error:
            case smtplib.SMTPAuthenticationError():
                template = texts_mail.MAIL_LOGIN_LATER if error.smtp_code < 500 else texts_mail.MAIL_LOGIN_REFUSED
                reply = scrubbed(error.smtp_error, self._password)
                return template.format(**self._where, login=self._mail.login, reply=reply)
            case smtplib.SMTPResponseException():
                return texts_mail.SEND_LATER.format(reply=scrubbed(error.smtp_error, self._password))
            case smtplib.SMTPServerDisconnected():
                return connection_trouble(error, self._mail.smtp)
            case smtplib.SMTPException():  # it offers no login, or none that we know
                return texts_mail.MAIL_NO_LOGIN.format(**self._where)
            case _:
                return connection_trouble(error, self._mail.smtp)

    def _try_once(self, message: bytes, to: Sequence[str]) -> None:
        try:
            smtp = self._connected()
            self._announce(smtp, message, to)
            reached, refused = self._accepted(smtp, to)
        except AddressRefused:
            self._reset()
            raise
        except smtplib.SMTPAuthenticationError as error:
            raise SendingStopped(self._trouble(error)) from None  # another try could lock the account
        except OSError as error:
            raise _Later(self._trouble(error)) from None
        if not reached:
            self._reset()
            raise self._address_refused(refused, ())
        self._hand_over(smtp, message, to)
        self._last_sent = time.monotonic()
        if refused:
            raise self._address_refused(refused, reached)

    def _announce(self, smtp: smtplib.SMTP, message: bytes, to: Sequence[str]) -> None:
        """MAIL FROM: whether the server takes a letter of this size from this account."""
        stated = smtp.esmtp_features.get("size", "")
        limit = int(stated) if stated.isdecimal() else 0  # a server may name none
        if limit and len(message) > limit:
            megabytes = {"size": _in_megabytes(len(message)), "limit": _in_megabytes(limit)}
            sentence = texts_mail.SEND_TOO_LARGE_LIMIT.format(addresses=_listed(to), **megabytes)
            raise AddressRefused(sentence, refused=to)
        options = [f"SIZE={len(message)}"] if smtp.has_extn("size") else []
        foreign = [address for address in (self._mail.address, *to) if not wire_address(address).isascii()]
        if foreign:
            if not smtp.has_extn("smtputf8"):
                sentence = texts_mail.SEND_ADDRESS_NEEDS_UTF8.format(**self._where, addresses=_listed(foreign))
                raise AddressRefused(sentence, refused=to)
            options += ["SMTPUTF8", "BODY=8BITMIME"]
        code, reply = smtp.mail(wire_address(self._mail.address), options)
        if code >= 500:
            self._refuse_letter(code, reply, message, to, template=texts_mail.SEND_SENDER_REFUSED)
        _expect(code, reply)

    def _accepted(self, smtp: smtplib.SMTP, to: Sequence[str]) -> tuple[list[str], dict[str, bytes]]:
        """RCPT TO: the addresses that the server takes, and those that it never will with its words."""
        reached: list[str] = []
        refused: dict[str, bytes] = {}
        for address in to:
            code, reply = smtp.rcpt(wire_address(address))
            if code >= 500:
                self._stop_at_limit(reply)
                refused[address] = reply
            else:
                _expect(code, reply)
                reached.append(address)
        return reached, refused

    def _hand_over(self, smtp: smtplib.SMTP, message: bytes, to: Sequence[str]) -> None:
        """DATA: the letter itself.

        Raises:
            _Later: the server did not take it and says so.
            AddressRefused: it never will.
            SendingStopped: the connection went away, so that nobody knows.
        """
        if smtp.sock is not None:
            smtp.sock.settimeout(DATA_TIMEOUT_SECONDS)
        try:
            code, reply = smtp.data(message)
        except smtplib.SMTPDataError as error:
            code, reply = error.smtp_code, _as_bytes(error.smtp_error)
        except OSError as error:
            self._smtp = None
            smtp.close()
            reason = connection_trouble(error, self._mail.smtp)
            raise SendingStopped(texts_mail.SEND_IN_DOUBT.format(addresses=_listed(to), reason=reason)) from error
        if smtp.sock is not None:
            smtp.sock.settimeout(TIMEOUT_SECONDS)
        if code >= 500:
            self._refuse_letter(code, reply, message, to, template=texts_mail.SEND_LETTER_REFUSED)
        if code != 250:
            raise _Later(texts_mail.SEND_LATER.format(reply=scrubbed(reply, self._password)))

    def _refuse_letter(self, code: int, reply: bytes, message: bytes, to: Sequence[str], *, template: str) -> None:
        """A reply of 5xx to the whole letter: too large, a limit, or what `template` says."""
        words = scrubbed(reply, self._password)
        if code == 552 and _SIZE.search(words):
            sentence = texts_mail.SEND_TOO_LARGE.format(addresses=_listed(to), size=_in_megabytes(len(message)))
            raise AddressRefused(sentence, refused=to)
        self._stop_at_limit(reply)
        sentence = template.format(address=self._mail.address, addresses=_listed(to), reply=words)
        if template == texts_mail.SEND_SENDER_REFUSED:
            raise SendingStopped(sentence)  # the next letter has the same sender
        raise AddressRefused(sentence, refused=to)

    def _stop_at_limit(self, reply: bytes) -> None:
        words = scrubbed(reply, self._password)
        if _LIMIT.search(words):
            raise SendingStopped(texts_mail.SEND_LIMIT.format(reply=words))

    def _address_refused(self, refused: dict[str, bytes], reached: Sequence[str]) -> AddressRefused:
        words = scrubbed(b"; ".join(dict.fromkeys(refused.values())), self._password)
        sentence = texts_mail.SEND_REFUSED.format(addresses=_listed(refused), reply=words)
        return AddressRefused(sentence + _also_reached(reached), refused=tuple(refused), reached=reached)

    def _reset(self) -> None:
        """Forget the letter that was begun; a server that cannot is left."""
        if self._smtp is not None:
            try:
                self._smtp.rset()
            except OSError:
                self.close()


def _also_reached(addresses: Sequence[str]) -> str:
    return texts_mail.SEND_REACHED.format(addresses=_listed(addresses)) if addresses else ""


def _expect(code: int, reply: bytes) -> None:
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, reply)


def _hang_up(smtp: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError):
        smtp.quit()
    smtp.close()


def _as_bytes(reply: bytes | str) -> bytes:
    return reply if isinstance(reply, bytes) else reply.encode()


def _in_megabytes(size: int) -> str:
    return f"{size / _MEGABYTE:.1f}"


def _listed(addresses: Sequence[str] | dict[str, bytes]) -> str:
    return texts.LIST_JOINT.join(one_line(address) for address in addresses)
