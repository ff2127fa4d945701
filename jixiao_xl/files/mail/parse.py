"""Mail taken apart (邮件拆解): every file in a mail, whatever wraps it, and what could not be read.

Remarks are codes; their words stand in model/texts_mail.py. None of the functions raises, whatever the bytes.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Final

from jixiao_xl.files.mail.headers import addresses, file_name, moment, one_line, parameters, words_decoded
from jixiao_xl.files.mail.outlook import OutlookMessage, is_outlook, read_outlook
from jixiao_xl.files.mail.parts import Part, content, read_part, split_parts, uuencoded
from jixiao_xl.files.mail.tnef import is_winmail, read_winmail
from jixiao_xl.model.mail import Piece, ReceivedMail

MAX_DEPTH: Final = 20  # multiparts, forwards and wrappings in one another
MAX_PARTS: Final = 1_000  # in one mail
MAX_TEXT: Final = 4 * 2**20  # bytes of a text in which links and uuencoded files are looked for

_MESSAGES: Final = frozenset(("message/rfc822", "message/global", "message/news"))
_REPORTS: Final = frozenset(("message/delivery-status", "message/disposition-notification", "message/feedback-report"))
_ENCRYPTED: Final = frozenset(("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"))
_WORKBOOK: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_MAIL_FIELDS: Final = frozenset(
    ("from", "date", "subject", "message-id", "mime-version", "received", "return-path", "to")
)
_MAX_NAME: Final = 1_000
_MAX_SUBJECT: Final = 1_000
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,900}>")
_DAEMON: Final = re.compile(r"(?i)mailer-?daemon|mail delivery (?:sub)?system")
_POSTMASTER: Final = re.compile(r"(?i)postmaster@")
_RETURNED: Final = re.compile(
    r"(?i)undeliver|returned mail|delivery (?:status|failure|has failed)|退信|投递失败|未送达|无法送达"
)
_AUTO_SUBJECT: Final = re.compile(r"(?i)^(?:自动回复|自动答复|auto(?:matic)?[ -]?reply|out of office)")
_CLOUD: Final = re.compile(
    rb"(?i)https?://(?:[\w.-]*mail\.qq\.com/(?:cgi-bin/ftnExs_download|ftn/download)"
    rb"|[\w.-]*fs\.163\.com/|(?:[\w.-]*mail|dashi)\.(?:163|126)\.com/[\w./-]{0,60}(?:large|cloud)-attachment)"
)


def parse_mail(raw: bytes) -> ReceivedMail:
    """A mail as it came over the network (.eml, RFC 5322), taken apart."""
    walk = _Walk()
    try:
        return _mail(walk, raw)
    except Exception:  # noqa: BLE001  # the last net: a mail that nothing foresaw is reported, and the next one is read
        return _received(raw, walk, "", "", None, "", unreadable=True)


def parse_outlook(raw: bytes) -> ReceivedMail:
    """A mail that Outlook saved (.msg), taken apart."""
    walk = _Walk()
    try:
        message = read_outlook(raw)
        if message is None:
            return _received(raw, walk, "", "", None, "", unreadable=True)
        return _outlook(walk, raw, message)
    except Exception:  # noqa: BLE001  # as above
        return _received(raw, walk, "", "", None, "", unreadable=True)


def looks_like_mail(name: str, data: bytes) -> bool:
    """Whether bytes begin as a mail does: with three of its headers, with one if the name says .eml."""
    head = data[:65_536].lstrip(b"\xef\xbb\xbf\r\n")
    found = len(_MAIL_FIELDS & read_part(memoryview(head)).fields.keys())
    return found >= (1 if name.lower().endswith(".eml") else 3)


def sent_at(raw: bytes) -> datetime | None:
    """When a mail says that it was sent, from its headers alone."""
    return moment(_top(raw).field("date"))[0]


def _top(raw: bytes) -> Part:
    data = raw.lstrip(b"\xef\xbb\xbf\r\n")
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    return read_part(memoryview(data))


def _mail(walk: _Walk, raw: bytes) -> ReceivedMail:
    part = _top(raw)
    senders = addresses(part.field("from")) or addresses(part.field("sender"))
    subject = one_line(part.field("subject"))[:_MAX_SUBJECT]
    identity = part.field("message-id").strip()
    found = _MESSAGE_ID.search(identity)
    when, date_remark = moment(part.field("date"))
    is_bounce = _is_bounce(part, subject)
    walk.remark(*(["mail-sender-missing"] if not senders else ["mail-several-senders"] if len(senders) > 1 else []))
    walk.remark(date_remark)
    if not is_bounce and _is_automatic(part, subject):
        walk.remark("mail-auto-reply")
    walk.part(part, 0, (), returned=is_bounce)
    message_id = found[0] if found else identity[:_MAX_SUBJECT]
    return _received(raw, walk, message_id, senders[0] if senders else "", when, subject, is_bounce=is_bounce)


def _outlook(walk: _Walk, raw: bytes, message: OutlookMessage) -> ReceivedMail:
    part = read_part(memoryview(message.headers.encode("utf-8", "replace") + b"\n\n"))
    senders = addresses(message.sender) or addresses(part.field("from"))
    subject = one_line(message.subject)[:_MAX_SUBJECT]
    when = message.sent_at or moment(part.field("date"))[0]
    is_bounce = message.kind.upper().startswith("REPORT.") and message.kind.upper().endswith(".NDR")
    walk.remark("" if senders else "mail-sender-missing", "" if when else "mail-date-missing")
    if not is_bounce and _is_automatic(part, subject):
        walk.remark("mail-auto-reply")
    walk.outlook(message, 0, (), returned=is_bounce)
    identity = (message.message_id or part.field("message-id")).strip()[:_MAX_SUBJECT]
    return _received(raw, walk, identity, senders[0] if senders else "", when, subject, is_bounce=is_bounce)


def _received(
    raw: bytes,
    walk: _Walk,
    message_id: str,
    sender: str,
    when: datetime | None,
    subject: str,
    *,
    is_bounce: bool = False,
    unreadable: bool = False,
) -> ReceivedMail:
    walk.remark("mail-unreadable" if unreadable else "")
    identity = hashlib.sha256(raw).hexdigest()
    remarks = tuple(walk.remarks)
    return ReceivedMail(identity, message_id, sender, when, subject, tuple(walk.pieces), remarks, is_bounce)


def _is_bounce(part: Part, subject: str) -> bool:
    """The report of a server that could not deliver, by RFC 3464 or in the manner of older servers."""
    kind, found = parameters(part.field("content-type"))
    if kind == "multipart/report":
        return found.get("report-type", "delivery-status").lower() == "delivery-status"
    sender = words_decoded(part.field("from"))
    if _DAEMON.search(sender):
        return True
    nobody = part.field("return-path").strip() == "<>" or "x-failed-recipients" in part.fields
    return bool(_POSTMASTER.search(sender)) and (nobody or bool(_RETURNED.search(subject)))


def _is_automatic(part: Part, subject: str) -> bool:
    """An absence note (RFC 3834), or one of the programs that do not say so but in the subject."""
    submitted = part.field("auto-submitted").strip().lower()
    return submitted.startswith("auto-replied") or "x-autoreply" in part.fields or bool(_AUTO_SUBJECT.match(subject))


class _Walk:
    """Goes through the parts of one mail and collects its files."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.remarks: dict[str, None] = {}  # in order, each once
        self.parts_left = MAX_PARTS

    def remark(self, *codes: str) -> None:
        self.remarks.update(dict.fromkeys(code for code in codes if code))

    def may_open(self, depth: int) -> bool:
        """Whether one part more may be opened at this depth."""
        self.parts_left -= 1
        if self.parts_left < 0:
            self.remark("mail-too-many-parts")
        elif depth > MAX_DEPTH:
            self.remark("mail-too-deep")
        else:
            return True
        return False

    def part(
        self, part: Part, depth: int, way: tuple[str, ...], *, returned: bool = False, default: str = "text/plain"
    ) -> None:
        """One part and all that is in it; `returned` inside the report of a bounce."""
        if not self.may_open(depth):
            return
        self.remark("mail-headers-cut" if part.is_cut else "")
        kind, found = parameters(part.field("content-type") or default)
        self.remark("mail-encrypted" if kind in _ENCRYPTED else "")
        if kind.startswith("multipart/"):
            self.multipart(part, kind, found, depth, way, returned=returned)
        elif kind in _MESSAGES:
            data, remark = content(part)
            self.remark(remark)
            self.message(data, depth, way, returned=returned)
        elif kind == "message/partial":
            self.remark("mail-partial")
        elif kind == "message/external-body":
            self.remark("mail-linked-attachment")
        elif kind in _REPORTS:
            self.remark("mail-read-receipt" if kind == "message/disposition-notification" else "")
        else:
            self.leaf(part, kind, depth, way)

    def multipart(
        self, part: Part, kind: str, found: dict[str, str], depth: int, way: tuple[str, ...], *, returned: bool
    ) -> None:
        split = split_parts(part.body, found.get("boundary", ""), self.parts_left + 1)
        if not split.parts:
            self.remark("mail-boundary-missing")
            self.leaf(Part({}, part.body), "text/plain", depth, way)
            return
        self.remark("mail-boundary-wrong" if split.is_guessed else "", "" if split.is_closed else "mail-cut-off")
        is_report = kind == "multipart/report" and found.get("report-type", "").lower() != "disposition-notification"
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        for one in split.parts:
            if self.parts_left < 0:
                break
            inner = read_part(one)
            self.part(inner, depth + 1, way, returned=returned or is_report, default=default)

    def message(self, data: bytes, depth: int, way: tuple[str, ...], *, returned: bool = False) -> None:
        """A mail inside the mail: forwarded, or the one that could not be delivered."""
        self.part(_top(data), depth + 1, (*way, "bounce" if returned else "forward"))

    def leaf(self, part: Part, kind: str, depth: int, way: tuple[str, ...]) -> None:
        """A file, or the text of the mail."""
        data, remark = content(part)
        disposition = part.field("content-disposition")
        name = file_name(disposition, part.field("content-type"), part.field("content-description"))[:_MAX_NAME]
        manner = parameters(disposition)[0]
        if not name and kind.startswith("text/") and not data.startswith(_WORKBOOK):
            self.text(data, way)
            return
        self.remark(remark)
        inline = manner == "inline" or (not manner and "content-id" in part.fields)
        self.file(name, data, depth, (*way, "inline") if inline else way)

    def text(self, data: bytes, way: tuple[str, ...]) -> None:
        """The text of the mail: no file, but files may be written into it, or links that stand for files."""
        self.remark("mail-cloud-attachment" if _CLOUD.search(data, 0, MAX_TEXT) else "")
        if b"begin " not in data:
            return
        files, remark = uuencoded(data[:MAX_TEXT])
        self.remark(remark if files else "")
        self.pieces += (Piece(words_decoded(name), content, way) for name, content in files if content)

    def file(self, name: str, data: bytes, depth: int, way: tuple[str, ...]) -> None:
        """A file; what is itself a wrapping is opened."""
        if is_winmail(data):
            self.winmail(name, data, depth, (*way, "winmail"))
        elif is_outlook(data):
            message = read_outlook(data)
            if message is None:
                self.remark("mail-outlook-damaged")
                self.pieces.append(Piece(name, data, way))
            elif self.may_open(depth + 1):
                self.outlook(message, depth + 1, (*way, "forward"))
        elif (name.lower().endswith(".eml") or not name) and looks_like_mail(name, data):
            self.message(data, depth, way)
        else:
            self.pieces.append(Piece(name, data, way))

    def winmail(self, name: str, data: bytes, depth: int, way: tuple[str, ...]) -> None:
        if not self.may_open(depth + 1):
            return
        opened = read_winmail(data)
        if opened.is_damaged:
            self.remark("mail-winmail-damaged")
            if not opened.files:
                self.pieces.append(Piece(name, data, way[:-1]))
        for file in opened.files:
            if not file.is_message:
                self.file(file.name, file.data, depth + 1, way)
            elif is_winmail(file.data):
                self.winmail(file.name, file.data, depth + 1, (*way, "forward"))
            else:
                self.remark("mail-winmail-damaged")

    def outlook(self, message: OutlookMessage, depth: int, way: tuple[str, ...], *, returned: bool = False) -> None:
        self.remark("" if message.is_whole else "mail-outlook-damaged")
        for body in message.bodies:
            self.text(body, way)
        for file in message.files:
            if file.message is not None:
                if self.may_open(depth + 1):
                    self.outlook(file.message, depth + 1, (*way, "bounce" if returned else "forward"))
            elif file.data is None:
                self.remark("mail-linked-attachment")
            else:
                self.file(file.name, file.data, depth + 1, way)
