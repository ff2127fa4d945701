"""Difficult mail (难收的邮件): mails as people's programs really write them, as bytes, with what must come out of each.

Lines end in CRLF, and there is no NUL, so that a mail server hands on every byte.
"""

from __future__ import annotations

import base64
import binascii
import io
import quopri
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from tests.outlook_files import embedded, winmail

CHINA = timezone(timedelta(hours=8))
SENDER = "section@gexin.gov.cn"
SUBJECT = "党政办公室绩效自评填报表"
NAME = "党政办公室.xlsx"
LONG = "革新街道办事处2025年度部门整体支出绩效自评填报表（党政办公室报送稿）.xlsx"
RARE = "朱镕基题词墙囍事项.xlsx"  # 镕 and 囍 are not in GB 2312
MOMENT = datetime(2026, 3, 2, 9, 30, tzinfo=CHINA)
DATE = "Mon, 02 Mar 2026 09:30:00 +0800"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Case:
    """A mail, and what must be found in it.

    Attributes:
        name: what is difficult about it.
        raw: its bytes.
        expected: name and bytes of every piece, in order.
        ways: through what each piece was found.
        remarks: exactly those, in order.
    """

    name: str
    raw: bytes
    expected: tuple[tuple[str, bytes], ...]
    sender: str = SENDER
    subject: str = SUBJECT
    is_bounce: bool = False
    remarks: tuple[str, ...] = ()
    ways: tuple[tuple[str, ...], ...] = ()
    sent_at: datetime | None = MOMENT
    message_id: str = "<one@gexin.gov.cn>"


def workbook(text: str) -> bytes:
    """A small workbook, the same bytes every time, with one text in it."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    relation = '<Relationship Id="r1" Type="{}/{}" Target="{}"/>'
    relations = f'<Relationships xmlns="{package}/relationships">{{}}</Relationships>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": relations.format(relation.format(office, "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations.format(relation.format(office, "worksheet", "worksheets/sheet1.xml")),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData><row r="1"><c r="A1" t="inlineStr">'
        f"<is><t>{text}</t></is></c></row></sheetData></worksheet>",
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return target.getvalue()


BOOK, OTHER = workbook("党政办公室"), workbook("社会事务科")


# -- building blocks -------------------------------------------------------------------------------------------


def word(text: str, charset: str = "utf-8", codec: str = "", kind: str = "B") -> bytes:
    """An encoded word (RFC 2047)."""
    return _word(text.encode(codec or charset), charset, kind)


def _word(data: bytes, charset: str, kind: str = "B") -> bytes:
    if kind == "B":
        text = base64.b64encode(data).decode()
    else:
        text = "".join(f"={byte:02X}" if byte > 126 or chr(byte) in '=?_ ".,;' else chr(byte) for byte in data)
    return f"=?{charset}?{kind}?{text}?=".encode()


def percent(data: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in data)


def _wrap(data: bytes) -> bytes:
    text = base64.b64encode(data)
    return b"\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))


def head(
    *, sender: bytes = SENDER.encode(), subject: bytes | None = None, date: str | None = DATE, extra: bytes = b""
) -> bytes:
    """The headers of a mail but for its content; `date` None leaves it out."""
    lines = [b"From: " + sender, b"To: bureau@gexin.gov.cn", b"Message-ID: <one@gexin.gov.cn>", b"MIME-Version: 1.0"]
    lines.append(b"Subject: " + (word(SUBJECT) if subject is None else subject))
    if date is not None:
        lines.append(b"Date: " + date.encode())
    return b"\r\n".join(lines) + b"\r\n" + extra


def mixed(*parts: bytes, boundary: bytes = b"=_b1", kind: bytes = b"mixed", closed: bool = True) -> bytes:
    """A multipart: its header, an empty line, and its parts."""
    start = b"Content-Type: multipart/" + kind + b'; boundary="' + boundary + b'"\r\n\r\n'
    inside = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return start + inside + (b"--" + boundary + b"--\r\n" if closed else b"")


def body(text: str = "见附件。", charset: str = "utf-8", encoding: str = "base64", codec: str = "") -> bytes:
    """The text of a mail as a part."""
    data = text.encode(codec or charset)
    packed = {"base64": _wrap(data), "quoted-printable": quopri.encodestring(data), "8bit": data}[encoding]
    return (
        f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
        + packed
    )


def attached(
    data: bytes = BOOK,
    disposition: bytes | None = b"attachment",
    kind: bytes = XLSX.encode(),
    extra: bytes = b"",
) -> bytes:
    """A file as a part, in base64; `disposition` and `kind` with whatever follows them."""
    lines = b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: base64\r\n" + extra
    lines += b"" if disposition is None else b"Content-Disposition: " + disposition + b"\r\n"
    return lines + b"\r\n" + _wrap(data)


def named(name: bytes, data: bytes = BOOK) -> bytes:
    return attached(data, b"attachment; " + name)


def mail(*parts: bytes, **keywords: bytes | str | None) -> bytes:
    return head(**keywords) + mixed(body(), *parts)  # type: ignore[arg-type]  # passed on


def _simple(name: str, part: bytes, expected: str = NAME, **keywords: tuple[str, ...]) -> Case:
    return Case(name, mail(part), ((expected, BOOK),), remarks=keywords.get("remarks", ()))


# -- names -----------------------------------------------------------------------------------------------------


def _names() -> list[Case]:
    gbk, wide = NAME.encode("gbk"), NAME.encode()
    halves = [_word(wide[:7], "utf-8"), _word(wide[7:], "utf-8")]
    long = LONG.encode()
    return [
        _simple("RFC 2047 name, UTF-8", named(b'filename="' + word(NAME) + b'"')),
        _simple("RFC 2047 name, GB18030 as QQ writes it", named(b'filename="' + word(NAME, "gb18030") + b'"')),
        _simple("RFC 2047 name, quoted-printable", named(b'filename="' + word(NAME, "gbk", kind="Q") + b'"')),
        _simple("RFC 2047 name without quotes", named(b"filename=" + word(NAME))),
        _simple("RFC 2231 name", named(b"filename*=utf-8''" + percent(wide))),
        _simple("RFC 2231 name labelled gb2312 that is not", named(b"filename*=gb2312'zh-cn'" + percent(RARE.encode("gbk"))), RARE),
        _simple("RFC 2231 name without a character set", named(b"filename*=" + percent(wide))),
        _simple(
            "RFC 2231 continuations, cut in a character",
            named(b"filename*0*=utf-8''" + percent(long[:40]) + b";\r\n filename*1*=" + percent(long[40:80]) + b";\r\n filename*2*=" + percent(long[80:])),
            LONG,
        ),
        _simple(
            "RFC 2231 continuations out of order, the last one plain",
            named(b"filename*1=.xlsx; filename*0*=gbk''" + percent(NAME[:-5].encode("gbk"))),
        ),
        _simple(
            "RFC 2047 in the pieces of RFC 2231",
            named(b'filename*0="' + word(NAME)[:20] + b'";\r\n filename*1="' + word(NAME)[20:] + b'"'),
        ),
        _simple("both ways of writing a name", named(b'filename="?????.xlsx"; filename*=UTF-8\'\'' + percent(wide))),
        _simple("a garbled file name beside a good name", attached(BOOK, b'attachment; filename="?????.xlsx"', XLSX.encode() + b'; name="' + word(NAME) + b'"')),
        _simple("raw GBK name", named(b'filename="' + gbk + b'"')),
        _simple("raw GBK name that is good UTF-8 by chance", named(b'filename="' + "联通.xlsx".encode("gbk") + b'"'), "联通.xlsx"),
        _simple("raw UTF-8 name", named(b'filename="' + wide + b'"')),
        _simple("GBK labelled gb2312", named(b'filename="' + word(RARE, "gb2312", "gbk") + b'"'), RARE),
        _simple("GBK labelled x-gbk", named(b'filename="' + word(RARE, "x-gbk", "gbk") + b'"'), RARE),
        _simple("GBK labelled cp936", named(b'filename="' + word(RARE, "cp936", "gbk") + b'"'), RARE),
        _simple("GBK labelled iso-8859-1", named(b'filename="' + word(NAME, "iso-8859-1", "gbk", "Q") + b'"')),
        _simple("GBK labelled utf-8", named(b'filename="' + word(NAME, "utf-8", "gbk") + b'"')),
        _simple("HZ", named(b'filename="' + word(NAME, "hz-gb-2312", "hz", "Q") + b'"')),
        _simple("encoded words cut in a character", named(b'filename="' + b" ".join(halves) + b'"')),
        _simple(
            "base64 cut between words, not at a group of four",
            named(b'filename="=?utf-8?B?' + base64.b64encode(wide)[:10] + b"?=\r\n\t=?utf-8?B?" + base64.b64encode(wide)[10:] + b'?="'),
        ),
        _simple("folded name", named(b'filename="' + word(LONG[:20]) + b"\r\n " + word(LONG[20:]) + b'"'), LONG),
        _simple("folded without a blank", named(b'filename="' + wide[:9] + b"\r\n" + wide[9:] + b'"')),
        _simple("name only in Content-Type", attached(BOOK, None, XLSX.encode() + b'; name="' + word(NAME) + b'"')),
        _simple("name percent-encoded as in an address", named(b'filename="' + percent(wide[:-5]) + b'.xlsx"')),
        _simple("quotes inside quotes", named('filename="关于"三公"经费.xlsx"'.encode()), '关于"三公"经费.xlsx'),
        _simple("semicolon in the name", named('filename="一；二;三.xlsx"; size=3'.encode()), "一；二;三.xlsx"),
        _simple("../ name", named(b'filename="../../../etc/cron.d/x.xlsx"'), "../../../etc/cron.d/x.xlsx"),
        _simple("backslash path", named(rb'filename="C:\Users\li\x.xlsx"'), r"C:\Users\li\x.xlsx"),
        _simple("backslash path, backslashes doubled", named(rb'filename="C:\\Users\\li\\x.xlsx"'), r"C:\Users\li\x.xlsx"),
        _simple("300 characters", named(b"filename*=utf-8''" + percent(("长" * 300 + ".xlsx").encode())), "长" * 300 + ".xlsx"),
        _simple("reserved name", named(b'filename="CON.xlsx"'), "CON.xlsx"),
        _simple("right-to-left override", named(b'filename="' + word("表\u202excod.exe") + b'"'), "表\u202excod.exe"),
    ]  # fmt: skip


# -- bodies and wrappings --------------------------------------------------------------------------------------


def _inner(*parts: bytes, extra: bytes = b"") -> bytes:
    """Another mail, to be put into one."""
    subject = word("转发的填报表", "gb2312", "gbk")
    return head(
        sender=b"li@gexin.gov.cn", subject=subject, date="Sun, 01 Mar 2026 08:00:00 +0800", extra=extra
    ) + mixed(body(), *parts, boundary=b"=_in")


def _forward(inner: bytes, kind: bytes = b"message/rfc822") -> bytes:
    return b"Content-Type: " + kind + b"\r\nContent-Disposition: attachment\r\n\r\n" + inner


def _wrappings() -> list[Case]:
    good = named(b'filename="' + word(NAME) + b'"')
    one = ((NAME, BOOK),)
    deeper = head(sender=b"wang@gexin.gov.cn") + mixed(body(), _forward(_inner(good)), boundary=b"=_mid")
    eml = attached(_inner(good), b'attachment; filename="' + word("转发.eml") + b'"', b"application/octet-stream")
    coded = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + _wrap(_inner(good))
    wrapped = winmail((RARE, BOOK), (NAME, OTHER))
    tnef = attached(wrapped, b'attachment; filename="winmail.dat"', b"application/ms-tnef; name=winmail.dat")
    short = attached(
        winmail((NAME, BOOK), long_names=False), b'attachment; filename="ATT00001.dat"', b"application/octet-stream"
    )
    inside = attached(winmail((NAME, BOOK), ("转发", embedded((RARE, OTHER)))), None, b"application/ms-tnef")
    cut = attached(wrapped[:-300], b'attachment; filename="winmail.dat"', b"application/ms-tnef")
    uu = b"begin 644 " + NAME.encode("gbk") + b"\r\n" + _uu(BOOK) + b"`\r\nend\r\n"
    return [
        Case("forwarded mail", mail(_forward(_inner(good))), one, ways=(("forward",),)),
        Case("forwarded mail, two deep", mail(_forward(deeper)), one, ways=(("forward", "forward"),)),
        Case("forwarded mail as an .eml", mail(eml), one, ways=(("forward",),)),
        Case("forwarded mail in base64, which is forbidden", mail(coded), one, ways=(("forward",),)),
        Case("digest", head() + mixed(b"\r\n" + _inner(good), kind=b"digest"), one, ways=(("forward",),)),
        Case("winmail.dat", mail(tnef), ((RARE, BOOK), (NAME, OTHER)), ways=(("winmail",), ("winmail",))),
        Case("winmail.dat by another name, names in GBK", mail(short), one, ways=(("winmail",),)),
        Case("winmail.dat with a forwarded mail", mail(inside), ((NAME, BOOK), (RARE, OTHER)), ways=(("winmail",), ("winmail", "forward"))),
        Case(
            "winmail.dat cut off", mail(cut), ((RARE, BOOK), (NAME, OTHER[: _kept(wrapped[:-300])])),
            ways=(("winmail",), ("winmail",)), remarks=("mail-winmail-damaged",),
        ),
        Case("uuencoded in the text", head() + b"Content-Type: text/plain; charset=gbk\r\n\r\n" + "见附件".encode("gbk") + b"\r\n" + uu, one),
        Case("uuencoded part", mail(b'Content-Type: application/octet-stream; name="' + NAME.encode() + b'"\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n' + uu), one),
    ]  # fmt: skip


def _uu(data: bytes) -> bytes:
    return b"".join(binascii.b2a_uu(data[at : at + 45]).replace(b"\n", b"\r\n") for at in range(0, len(data), 45))


def _kept(cut: bytes) -> int:
    """How many bytes of the second workbook a cut winmail.dat still holds."""
    return len(cut) - cut.index(OTHER[:30], cut.index(BOOK) + len(BOOK))


def _bodies() -> list[Case]:
    good, one = named(b'filename="' + word(NAME) + b'"'), ((NAME, BOOK),)
    printable = (
        b'Content-Type: application/octet-stream; name="'
        + word(NAME)
        + b'"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    ) + _printable(BOOK)
    related = mixed(
        mixed(body(), b"Content-Type: text/html; charset=gbk\r\n\r\n<p>x</p>", kind=b"alternative", boundary=b"=_alt"),
        attached(b"\x89PNG\r\n", b"inline; filename=logo.png", b"image/png", b"Content-ID: <logo>\r\n"),
        kind=b"related", boundary=b"=_rel",
    )  # fmt: skip
    plain64 = b'Content-Type: application/octet-stream; name="' + word(NAME) + b'"\r\n\r\n' + _wrap(BOOK)
    chunks = _wrap(BOOK[:100]) + b"\r\n" + _wrap(BOOK[100:])
    chunked = attached(b"", b'attachment; filename="' + word(NAME) + b'"') + chunks
    footer = good + b"\r\n\r\n-- \r\nThis mail was scanned by the gateway."
    return [
        Case("body GB18030, 8 bit", head() + mixed(body("朱镕基", "gb2312", "8bit", "gb18030"), good), one),
        Case("body quoted-printable", head() + mixed(body("见附件", "gbk", "quoted-printable"), good), one),
        Case("no attachment", head() + body("已报送，请查收。"), ()),
        Case("two workbooks in one mail", mail(good, named(b'filename="' + word("社会事务科.xlsx") + b'"', OTHER)), (*one, ("社会事务科.xlsx", OTHER))),
        Case("one name twice in one mail", mail(good, named(b'filename="' + word(NAME) + b'"', OTHER)), (*one, (NAME, OTHER))),
        Case("inline part without a name", mail(attached(BOOK, b"inline")), (("", BOOK),), ways=(("inline",),)),
        Case("octet-stream without a name", mail(attached(BOOK, None, b"application/octet-stream")), (("", BOOK),)),
        Case("workbook as nameless text", mail(attached(BOOK, None, b"text/plain")), (("", BOOK),)),
        Case("the mail is the workbook", head() + good, one),
        Case("empty attachment", mail(named(b'filename="' + word(NAME) + b'"', b"")), ((NAME, b""),)),
        Case("attachment quoted-printable", mail(printable), one),
        Case("related and alternative", head() + mixed(related, good), (("logo.png", b"\x89PNG\r\n"), *one), ways=(("inline",), ())),
        Case("no encoding named", mail(plain64), one, remarks=("mail-encoding-missing",)),
        Case("base64 padded in the middle", mail(chunked), one),
        Case("footer behind base64", mail(footer), one, remarks=("mail-encoding-damaged",)),
        Case("no closing boundary", head() + mixed(body(), good, closed=False), one, remarks=("mail-cut-off",)),
        Case("wrong boundary", (head() + mixed(body(), good)).replace(b'boundary="=_b1"', b'boundary="=_other"'), one, remarks=("mail-boundary-wrong",)),
        Case("no boundary named", (head() + mixed(body(), good)).replace(b'; boundary="=_b1"', b""), one, remarks=("mail-boundary-wrong",)),
        Case("multipart without parts", head() + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\nnothing\r\n', (), remarks=("mail-boundary-missing",)),
        _cut_off(),
    ]  # fmt: skip


def _printable(data: bytes) -> bytes:
    text = b"".join(b"=%02X" % byte for byte in data)
    return b"=\r\n".join(text[at : at + 72] for at in range(0, len(text), 72))


def _cut_off() -> Case:
    """The line broke while the workbook was on its way."""
    whole = mail(named(b'filename="' + word(NAME) + b'"'))
    lines = _wrap(BOOK).split(b"\r\n")
    kept = b"\r\n".join(lines[:5]) + b"\r\n" + lines[5][:30]
    raw = whole[: whole.index(lines[0]) + len(kept)]
    partial = BOOK[: (5 * 76 + 30) * 6 // 8]
    return Case("base64 cut off", raw, ((NAME, partial),), remarks=("mail-cut-off", "mail-encoding-damaged"))


# -- headers ---------------------------------------------------------------------------------------------------


def _headers() -> list[Case]:
    good, one = named(b'filename="' + word(NAME) + b'"'), ((NAME, BOOK),)
    gbk = SUBJECT.encode("gbk")

    def case(name: str, raw: bytes, **keywords: object) -> Case:
        return Case(name, raw, one, **keywords)  # type: ignore[arg-type]  # passed on

    split = _word(SUBJECT.encode()[:10], "utf-8") + b"\r\n " + _word(SUBJECT.encode()[10:], "utf-8")
    pretender = b'"bureau@gexin.gov.cn <bureau@gexin.gov.cn>" <' + SENDER.encode() + b">"
    return [
        case("subject in raw GBK, display name too", mail(good, subject=gbk, sender="张三".encode("gbk") + b" <Section@GEXIN.gov.cn>")),
        case("subject in raw UTF-8", mail(good, subject=SUBJECT.encode())),
        case("subject labelled gb2312, folded in a character", mail(good, subject=split)),
        case("display name encoded in GBK", mail(good, sender=word("李四（党政办）", "gbk") + b" <" + SENDER.encode() + b">")),
        case("display name that pretends to be an address", mail(good, sender=pretender)),
        case("From is empty", mail(good, sender=b""), sender="", remarks=("mail-sender-missing",)),
        case("From without an address", mail(good, sender=word("张三")), sender="", remarks=("mail-sender-missing",)),
        case("two in From", mail(good, sender=SENDER.encode() + b", " + word("李四") + b" <li@gexin.gov.cn>"), remarks=("mail-several-senders",)),
        case("two From", mail(good, extra=b"From: li@gexin.gov.cn\r\n")),
        case("no date", mail(good, date=None), sent_at=None, remarks=("mail-date-missing",)),
        case("date without a zone", mail(good, date="Mon, 02 Mar 2026 09:30:00"), remarks=("mail-date-without-zone",)),
        case("date with CST", mail(good, date="Mon, 02 Mar 2026 09:30:00 CST")),
        case("date in Greenwich", mail(good, date="Mon, 02 Mar 2026 01:30:00 -0000"), sent_at=MOMENT.astimezone(UTC)),
        case("date as the office writes it", mail(good, date="2026-03-02 09:30:00"), remarks=("mail-date-without-zone",)),
        case("date in ISO 8601", mail(good, date="2026-03-02T09:30:00+08:00")),
        case("date that is none", mail(good, date="yesterday at noon"), sent_at=None, remarks=("mail-date-unreadable",)),
        case("date that does not exist", mail(good, date="Mon, 32 Mar 2026 29:30:00 +0800"), sent_at=None, remarks=("mail-date-unreadable",)),
        case("no Message-ID", mail(good).replace(b"Message-ID: <one@gexin.gov.cn>\r\n", b""), message_id=""),
        case("lines end in LF", mail(good).replace(b"\r\n", b"\n")),
        case("mbox line before the headers", b"From section@gexin.gov.cn Mon Mar  2 09:30:00 2026\r\n" + mail(good)),
        Case("no empty line before the body", head() + b"Just a text\r\nand no attachment\r\n", ()),
    ]  # fmt: skip


# -- not from people -------------------------------------------------------------------------------------------


def _machines() -> list[Case]:
    good, one = named(b'filename="' + word(NAME) + b'"'), ((NAME, BOOK),)
    status = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.gexin.gov.cn\r\n\r\nFinal-Recipient: rfc822; li@gexin.gov.cn\r\nAction: failed\r\nStatus: 5.1.1"
    returned = b"Content-Type: message/rfc822\r\n\r\n" + _inner(good)
    daemon = {
        "sender": b"Mail Delivery System <MAILER-DAEMON@mx.gexin.gov.cn>",
        "subject": b"Undelivered Mail Returned to Sender",
    }
    known = {
        "sender": "mailer-daemon@mx.gexin.gov.cn",
        "subject": "Undelivered Mail Returned to Sender",
        "is_bounce": True,
        "ways": (("bounce",),),
    }
    report = mixed(body(), status, returned, kind=b"report; report-type=delivery-status")
    older = head(**daemon, extra=b"Return-Path: <>\r\n") + mixed(body(), returned)  # type: ignore[arg-type]
    qq = head(sender=b"PostMaster@qq.com", subject=word("系统退信/Systems bounce", "gb18030")) + mixed(body(), returned)
    receipt = b"Content-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822;li@gexin.gov.cn\r\nDisposition: manual-action/MDN-sent-manually; displayed"
    cloud = "附件较大，请下载：https://wx.mail.qq.com/ftn/download?func=3&k=abc"
    return [
        Case("delivery report with the mail inside", head(**daemon) + report, one, **known),  # type: ignore[arg-type]
        Case("delivery report of an older server", older, one, **known),  # type: ignore[arg-type]
        Case("delivery report of QQ", qq, one, sender="postmaster@qq.com", subject="系统退信/Systems bounce", is_bounce=True, ways=(("bounce",),)),
        Case("absence note", head(extra=b"Auto-Submitted: auto-replied\r\n") + body("出差中"), (), remarks=("mail-auto-reply",)),
        Case("absence note by its subject", head(subject=word("自动回复：" + SUBJECT)) + body("休假"), (), subject="自动回复：" + SUBJECT, remarks=("mail-auto-reply",)),
        Case("receipt", head() + mixed(body("已阅"), receipt, kind=b"report; report-type=disposition-notification"), (), remarks=("mail-read-receipt",)),
        Case("attachment left in a cloud", head() + body(cloud), (), remarks=("mail-cloud-attachment",)),
        Case("encrypted", head() + attached(b"0\x80", b"attachment; filename=smime.p7m", b"application/pkcs7-mime"), (("smime.p7m", b"0\x80"),), remarks=("mail-encrypted",)),
        Case("one piece of a mail sent in pieces", head() + b"Content-Type: message/partial; id=a; number=2; total=3\r\n\r\nUEsD", (), remarks=("mail-partial",)),
        Case("a file elsewhere", mail(b"Content-Type: message/external-body; access-type=URL; URL=\"http://x.cn/a.xlsx\"\r\n\r\n"), (), remarks=("mail-linked-attachment",)),
    ]  # fmt: skip


_GROUPS: tuple[Callable[[], list[Case]], ...] = (_names, _wrappings, _bodies, _headers, _machines)
CASES: tuple[Case, ...] = tuple(case for group in _GROUPS for case in group())
