"""Writing a mail (写邮件): the bytes of a letter, which Outlook, Foxmail, 163 and QQ show alike.

Written here rather than by the standard library, which folds long Chinese names in ways that old readers cannot read
and draws its boundaries by lot: the same letter must give the same bytes.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import format_datetime
from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from jixiao_xl.files.mail.body import html_body, plain_body
from jixiao_xl.model.mail import Attachment, Letter, LetterKind
from jixiao_xl.model.settings import is_address

_CRLF: Final = "\r\n"
_WORD_BYTES: Final = 36  # of text in one encoded word: 60 characters with its frame, where RFC 2047 allows 75
_PLAIN: Final = re.compile(r"[!-~]+(?: [!-~]+)*")  # shown as written; anything else is encoded
_LONGEST_PLAIN: Final = 60
_LONGEST_PARAMETER: Final = 600  # some old readers do not join continued names, so most names stay in one line
# what could end a header early, and the halves of characters that no encoding can write
_BREAKS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ADDRESS_BREAKS: Final = re.compile(r'[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff<>,;:"()\[\]\\]+')
_TYPES: Final = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
}


def message_id(kind: LetterKind, unit: str, content: str, address: str) -> str:
    """The Message-ID of a letter, with its angle brackets: the same letter has the same one for ever.

    `content` is what makes it one and the same letter, such as the hash of its workbook.
    """
    mark = hashlib.sha256("\0".join((kind, unit, content, address)).encode("utf-8", "replace")).hexdigest()[:32]
    return f"<jixiao.{mark}@{wire_address(address).rpartition('@')[2] or 'localhost'}>"


def compose(letter: Letter, *, sender: str, sender_name: str, message_id: str, moment: datetime) -> bytes:
    """The mail as it is sent (RFC 5322), lines ended by CRLF, 7-bit but for addresses that are not; no randomness."""
    headers = [f"Date: {format_datetime(moment)}", f"Message-ID: {one_line(message_id)}"]
    return _mail(letter, sender, sender_name, headers, mark=message_id)


def draft(letter: Letter, *, sender: str = "", sender_name: str = "") -> bytes:
    """The mail as a draft (.eml) that Outlook opens ready to be sent; without a sender where none is set."""
    return _mail(letter, sender, sender_name, ["X-Unsent: 1"], mark=letter.subject)


def wire_address(address: str) -> str:
    """An address as servers want it: a domain in Chinese is written in its ASCII form (IDNA)."""
    local, at, domain = _ADDRESS_BREAKS.sub("", address).rpartition("@")
    with contextlib.suppress(UnicodeError):  # no such domain: the server will say so
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    return f"{local}{at}{domain}"


def one_line(text: str) -> str:
    """A header's text or a name without what could end the line."""
    return _BREAKS.sub(" ", text).strip()


def _mail(letter: Letter, sender: str, sender_name: str, headers: Sequence[str], *, mark: str) -> bytes:
    boundaries = [
        f"=_jixiao_{hashlib.sha256(f'{level}{mark}'.encode('utf-8', 'replace')).hexdigest()[:32]}" for level in (1, 2)
    ]
    alternative = _multipart(
        "alternative",
        boundaries[1],
        [_text("plain", plain_body(letter.blocks)), _text("html", html_body(letter.blocks))],
    )
    body = _multipart("mixed", boundaries[0], [alternative, *(_attached(file) for file in letter.attachments)])
    top = [f"From: {_mailbox(sender_name, sender)}"] if sender else []
    to = [wire_address(address) for address in letter.to if is_address(address)]
    if to:
        top.append("To: " + f",{_CRLF} ".join(to))
    top += [f"Subject: {_words(one_line(letter.subject))}", *headers, "MIME-Version: 1.0"]
    return (_CRLF.join(top) + _CRLF).encode("utf-8") + body


def _mailbox(name: str, address: str) -> str:
    name = " ".join(one_line(name).split())
    if not name:
        return wire_address(address)
    shown = _quoted(name) if _is_plain(name) else _words(name)
    return f"{shown}{_CRLF} <{wire_address(address)}>"


def _multipart(kind: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    head = f'Content-Type: multipart/{kind};{_CRLF} boundary="{boundary}"{_CRLF * 2}'
    opening, closing = f"--{boundary}{_CRLF}".encode(), f"{_CRLF}--{boundary}--{_CRLF}".encode()
    return head.encode() + opening + (_CRLF.encode() + opening).join(parts) + closing


def _text(kind: str, text: str) -> bytes:
    lines = text.encode("utf-8", "replace").replace(b"\n", b"\r\n")
    return _part([f"Content-Type: text/{kind}; charset=utf-8"], lines)


def _attached(file: Attachment) -> bytes:
    name = one_line(file.name) or "attachment"
    content_type = _TYPES.get(PurePath(name).suffix.lower(), "application/octet-stream")
    # `name` for old readers (RFC 2047 inside quotes, as they write it themselves), `filename` for all others (RFC 2231)
    shown = _quoted(name) if _is_plain(name) else f'"{_words(name)}"'
    return _part(
        [
            f"Content-Type: {content_type};{_CRLF} name={shown}",
            f"Content-Disposition: attachment;{_CRLF} " + f";{_CRLF} ".join(_parameter("filename", name)),
        ],
        file.data,
    )


def _part(headers: Sequence[str], data: bytes) -> bytes:
    head = _CRLF.join([*headers, "Content-Transfer-Encoding: base64"]) + _CRLF * 2
    return head.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n").removesuffix(b"\r\n")


def _parameter(attribute: str, value: str) -> Iterator[str]:
    """A parameter of a header: as it is, else in percent signs (RFC 2231), continued only where it is very long."""
    if _is_plain(value):
        yield f"{attribute}={_quoted(value)}"
        return
    encoded = quote(value, safe="", encoding="utf-8", errors="replace")
    if len(encoded) <= _LONGEST_PARAMETER:
        yield f"{attribute}*=utf-8''{encoded}"
        return
    for number, piece in enumerate(_chunks(value, _LONGEST_PARAMETER // 12)):
        charset = "utf-8''" if number == 0 else ""
        yield f"{attribute}*{number}*={charset}{quote(piece, safe='', encoding='utf-8', errors='replace')}"


def _is_plain(text: str) -> bool:
    return len(text) <= _LONGEST_PLAIN and "=?" not in text and _PLAIN.fullmatch(text) is not None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words(text: str) -> str:
    """The text as it is where it is plain ASCII, else as encoded words (RFC 2047), none split inside a character."""
    if _is_plain(text):
        return text
    words: list[str] = []
    piece = b""
    for character in text:
        encoded = character.encode("utf-8", "replace")
        if len(piece) + len(encoded) > _WORD_BYTES:
            words.append(_word(piece))
            piece = b""
        piece += encoded
    return f"{_CRLF} ".join([*words, _word(piece)] if piece else words)


def _word(piece: bytes) -> str:
    return f"=?utf-8?B?{base64.b64encode(piece).decode('ascii')}?="


def _chunks(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))
