"""Connections to mail servers (连接邮件服务器): trust, and what went wrong in words, for SMTP and IMAP alike."""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from jixiao_xl.model import texts_mail
from jixiao_xl.model.errors import MailError
from jixiao_xl.model.settings import Mail, Server

TIMEOUT_SECONDS: Final = 60.0
# what OpenSSL says of a certificate (x509_vfy.h)
_NOT_YET_VALID, _EXPIRED, _OTHER_HOST, _OTHER_ADDRESS = 9, 10, 62, 64
# OpenSSL's reasons when the other side does not speak TLS at all
_NOT_TLS: Final = {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNEXPECTED_MESSAGE"}
_CONTROLS: Final = re.compile(r"[\x00-\x20\x7f-\x9f]+")
_LONGEST_REPLY: Final = 160


def tls_context(server: Server, workspace: Path) -> ssl.SSLContext:
    """What this machine trusts, and the office's own authority where jixiao.toml names one; names are checked.

    Raises:
        MailError: the file of the authority is missing or holds no certificate.
    """
    context = ssl.create_default_context()
    if server.ca_file is None:
        return context
    path = workspace / server.ca_file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MailError(texts_mail.MAIL_CA_FILE_MISSING.format(path=path)) from error
    # as data, not by name: OpenSSL on Windows cannot open a file with a Chinese name
    der = data.startswith(b"\x30")
    try:
        context.load_verify_locations(cadata=data if der else data.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError) as error:
        raise MailError(texts_mail.MAIL_CA_FILE_WRONG.format(path=path)) from error
    return context


def credentials(mail: Mail, password: SecretStr) -> tuple[str, str]:
    """The name and the password to log in with.

    Raises:
        MailError: one of them is not plain ASCII. The standard library would fail on it with an error that holds it.
    """
    secret = password.get_secret_value()
    if not all(" " <= character <= "~" for character in mail.login + secret):
        raise MailError(texts_mail.MAIL_PASSWORD_NOT_ASCII.format(login=mail.login))
    return mail.login, secret


def scrubbed(reply: bytes | str, password: SecretStr) -> str:
    """A server's own words on one line, shortened; a server that repeats the password is not repeated."""
    text = _decoded(reply) if isinstance(reply, bytes) else reply
    for trace in _traces(password.get_secret_value()):
        text = text.replace(trace, "***")
    text = _CONTROLS.sub(" ", text).strip().rstrip(".。")
    return text[:_LONGEST_REPLY] or texts_mail.NO_REPLY


def connection_trouble(error: Exception, server: Server) -> str:
    """What the operator reads where the server could not be reached, was not trusted or hung up."""
    where = {"host": server.host, "port": server.port, "security": server.security}
    match error:
        case ssl.SSLCertVerificationError():
            return _certificate_trouble(error).format(**where)
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return texts_mail.MAIL_CONNECTION_LOST.format(**where)
        case ssl.SSLError():
            mismatch = error.reason in _NOT_TLS
            template = texts_mail.MAIL_TLS_MISMATCH if mismatch else texts_mail.MAIL_TLS_FAILED
            return template.format(**where, reason=(error.reason or str(error)).lower())
        case socket.gaierror() | UnicodeError():
            return texts_mail.MAIL_HOST_UNKNOWN.format(**where)
        case TimeoutError():
            return texts_mail.MAIL_TIMEOUT.format(**where)
        case ConnectionRefusedError():
            return texts_mail.MAIL_CONNECTION_REFUSED.format(**where)
        case smtplib.SMTPServerDisconnected() if isinstance(error.__context__, TimeoutError):
            return texts_mail.MAIL_TIMEOUT.format(**where)
        case smtplib.SMTPServerDisconnected() | ConnectionError() | EOFError():
            return texts_mail.MAIL_CONNECTION_LOST.format(**where)
        case OSError():
            return texts_mail.MAIL_UNREACHABLE.format(**where, reason=error.strerror or type(error).__name__)
        case _:
            return texts_mail.MAIL_CONNECTION_LOST.format(**where)


def _certificate_trouble(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
        return texts_mail.MAIL_CERTIFICATE_OTHER_HOST
    if error.verify_code in (_EXPIRED, _NOT_YET_VALID):
        return texts_mail.MAIL_CERTIFICATE_EXPIRED
    return texts_mail.MAIL_CERTIFICATE_UNTRUSTED


def _traces(secret: str) -> list[str]:
    """The password as it is, and as it stands inside base64, which depends on how many bytes come before it."""
    traces = [secret]
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret.encode()).decode("ascii")
        first, past = -(-before * 4 // 3), (before + len(secret.encode())) * 4 // 3  # the digits that are its own
        traces.append(encoded[first:past])
    return [trace for trace in traces if trace]


def _decoded(reply: bytes) -> str:
    try:
        return reply.decode()
    except UnicodeDecodeError:
        return reply.decode("gb18030", "replace")
