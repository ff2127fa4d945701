"""Composed mails (写好的邮件): what a letter says is what every reader takes out of its bytes."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jixiao_xl.files.mail.compose import compose, draft, message_id
from jixiao_xl.model.mail import Attachment, Letter, LetterKind, LetterTable

OFFICE = "jixiao@example.gov.cn"
MOMENT = datetime(2026, 4, 1, 9, 30, tzinfo=timezone(timedelta(hours=8)))
FINDINGS = LetterTable(
    ("工作表", "单元格", "行", "问题与处理"),
    (
        ("指标评分表", "H12", "及时率", "得分：公式被数值 9.50 覆盖，按规则应为 9.00，差 0.50。请恢复公式。"),
        ("收支表", "F7", "<b>党建</b> & 培训", ""),
    ),
)
LETTER = Letter(
    LetterKind.RETURN,
    "party_office",
    ("party@example.gov.cn", "deputy@example.gov.cn"),
    "请改正：革新街道办事处2025年度绩效自评填报表（党政办公室）",
    ("党政办公室：\n    填报表有 2 处要改，请于4月30日前寄回。", FINDINGS, "绩效办"),
    (Attachment("党政办公室_科室填报表（已标注）.xlsx", bytes(range(256)) * 30), Attachment("notes.txt", b"")),
)


def composed(letter: Letter = LETTER, *, moment: datetime = MOMENT) -> bytes:
    number = message_id(letter.kind, letter.unit, "0" * 64, OFFICE)
    return compose(letter, sender=OFFICE, sender_name="革新街道办事处绩效办", message_id=number, moment=moment)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def sender_of(raw: bytes) -> str:
    """The sender's name by the old reader: the new one puts a blank between two encoded words of a name."""
    return str(make_header(decode_header(parseaddr(email.message_from_bytes(raw)["From"])[0])))


class Shown(HTMLParser):
    """What a reader sees of a page: its text, its tables' rows, and the elements that made them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.rows: list[list[str]] = []
        self.elements: set[str] = set()
        self.feed(page.partition("<body")[2].partition(">")[2])

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.elements.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.lasttag in {"td", "th"} and data.strip():
            self.rows[-1][-1] += data


def test_a_letter_is_read_as_it_was_written() -> None:
    """Subject, sender, addresses, date, every name and every byte."""
    message = parsed(composed())

    assert message["Subject"] == LETTER.subject
    assert message["From"].addresses[0].addr_spec == OFFICE
    assert message["From"].addresses[0].display_name == "革新街道办事处绩效办"
    assert [address.addr_spec for address in message["To"].addresses] == list(LETTER.to)
    assert message["Date"].datetime == MOMENT
    assert message["Message-ID"] == message_id(LETTER.kind, LETTER.unit, "0" * 64, OFFICE)
    attachments = list(message.iter_attachments())
    assert [part.get_filename() for part in attachments] == [file.name for file in LETTER.attachments]
    assert [part.get_payload(decode=True) for part in attachments] == [file.data for file in LETTER.attachments]
    assert not [part for part in message.walk() if part.defects]


def test_the_plain_text_keeps_every_line_and_tells_a_table_row_by_row() -> None:
    """A phone shows this one; columns of blanks would not stand under one another there."""
    assert text_of(parsed(composed()), "plain") == (
        "党政办公室：\n    填报表有 2 处要改，请于4月30日前寄回。\n\n"
        "1. 工作表：指标评分表；单元格：H12；行：及时率\n"
        "   问题与处理：得分：公式被数值 9.50 覆盖，按规则应为 9.00，差 0.50。请恢复公式。\n"
        "2. 工作表：收支表；单元格：F7；行：<b>党建</b> & 培训\n\n"
        "绩效办\n"
    )


def test_the_page_shows_the_same_and_nothing_that_was_typed_becomes_an_element() -> None:
    """A section's project may be called <b>; Outlook must not obey it."""
    shown = Shown(text_of(parsed(composed()), "html"))

    assert shown.rows == [list(FINDINGS.header), *(list(row) for row in FINDINGS.rows)]
    assert shown.elements == {"p", "br", "table", "tr", "th", "td"}
    assert "\n\xa0 \xa0 填报表有" in shown.text.replace("\xa0\xa0", "\xa0 ")


def test_the_bytes_are_what_any_server_passes_on() -> None:
    """ASCII, CRLF, short lines (RFC 5322), encoded words of at most 75 characters (RFC 2047)."""
    name = "关于报送部门整体支出绩效自评有关材料的通知" * 20 + ".xlsx"
    raw = composed(Letter(LetterKind.ISSUE, "u", LETTER.to, "通知" * 150, ("好" * 5000,), (Attachment(name, b"x"),)))

    assert raw.isascii()
    lines = raw.split(b"\r\n")
    assert not [line for line in lines if b"\n" in line or b"\r" in line]
    assert max(map(len, lines)) <= 998
    assert max(map(len, re.findall(rb"=\?utf-8\?B\?[^?]*\?=", raw))) <= 75
    assert [part.get_filename() for part in parsed(raw).iter_attachments()] == [name]


def test_old_readers_find_the_name_too() -> None:
    """Some know only the `name` of Content-Type, in encoded words; others only RFC 2231."""
    part = email.message_from_bytes(composed()).get_payload(1)  # the standard library's old, plainer reader
    assert not isinstance(part, str)
    name = LETTER.attachments[0].name

    assert str(make_header(decode_header(str(part.get_param("name"))))) == name
    assert part.get_filename() == name
    assert "filename*=utf-8''" in part["Content-Disposition"]
    assert "filename=" not in part["Content-Disposition"]


def test_the_same_letter_gives_the_same_bytes_and_another_one_another_number() -> None:
    """A mail in doubt goes again under the same Message-ID, so that mailboxes show it once."""
    assert composed() == composed()
    numbers = {
        message_id(kind, unit, content, address)
        for kind in LetterKind
        for unit in ("a", "b")
        for content in ("1", "2")
        for address in (OFFICE, "other@example.gov.cn")
    }
    assert len(numbers) == len(LetterKind) * 8
    assert all(re.fullmatch(r"<[!-~]+@example\.gov\.cn>", number) for number in numbers)


def test_a_draft_opens_ready_to_be_sent() -> None:
    """Outlook shows a mail with X-Unsent in a window with a Send button; nothing is lost against the mail that is sent."""
    message, sent = parsed(draft(LETTER, sender=OFFICE, sender_name="绩效办")), parsed(composed())

    assert message["X-Unsent"] == "1"
    assert message["Message-ID"] is None
    assert message["From"].addresses[0].addr_spec == OFFICE
    assert message["Subject"] == LETTER.subject
    assert message["To"] == sent["To"]
    assert text_of(message, "plain") == text_of(sent, "plain")
    assert text_of(message, "html") == text_of(sent, "html")
    found = [(part.get_filename(), part.get_payload(decode=True)) for part in message.iter_attachments()]
    assert found == [(file.name, file.data) for file in LETTER.attachments]
    assert draft(LETTER) == draft(LETTER)


def test_a_draft_without_account_or_address_leaves_them_to_the_officer() -> None:
    """Half of the offices have no [mail], and some units no address yet."""
    message = parsed(draft(Letter(LetterKind.ISSUE, "u", (), "下发", ("您好",))))

    assert message["From"] is None
    assert message["To"] is None
    assert text_of(message, "plain") == "您好\n"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028"])
def test_a_line_end_in_a_name_starts_no_header(end: str) -> None:
    """A unit's name comes out of a file that somebody typed."""
    evil = f"x{end}Bcc: spy@example.com{end}{end}body"
    to = ("party@example.com", f"a@example.com{end}Bcc: b", "党政办公室")
    letter = Letter(LetterKind.ISSUE, "u", to, evil, ("text",), (Attachment(evil, b"1"),))
    message = parsed(compose(letter, sender=OFFICE, sender_name=evil, message_id=f"<1@x>{end}X: y", moment=MOMENT))

    assert set(message.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"}
    assert message["To"] == "party@example.com"
    assert message["Subject"] == "x Bcc: spy@example.com body"
    assert [part.get_filename() for part in message.iter_attachments()] == ["x Bcc: spy@example.com body"]
    assert text_of(message, "plain") == "text\n"


def test_a_domain_in_chinese_is_written_as_servers_read_it() -> None:
    """政务.中国 is a real kind of domain; only a name in Chinese before the @ needs a server that knows it."""
    raw = composed(Letter(LetterKind.ISSUE, "u", ("zhang@政务.中国",), "下发", ()))

    assert raw.isascii()
    assert b"To: zhang@xn--zfr164b.xn--fiqs8s\r\n" in raw


ODD = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("党政办?=_\"\\'%;*<>&()@,: \t\u3000\xa0\u200b\u202e𠮷😀é～－"),
    ),
    max_size=60,
)
BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")  # what the design says becomes a blank


def tidy(text: str) -> str:
    return BREAKS.sub(" ", text).strip()


@settings(max_examples=120, deadline=None)
@given(subject=ODD, name=ODD.map(tidy).filter(bool), office=ODD, data=st.binary(max_size=200), paragraph=ODD)
def test_odd_characters_survive(subject: str, name: str, office: str, data: bytes, paragraph: str) -> None:
    """Quotes, percent signs, question marks, rare characters: sections use them all."""
    letter = Letter(LetterKind.ISSUE, "u", ("a@example.com",), subject, (paragraph,), (Attachment(name, data),))
    raw = compose(letter, sender=OFFICE, sender_name=office, message_id="<1@example.com>", moment=datetime.now(UTC))
    message = parsed(raw)

    assert raw.isascii()
    assert message["Subject"] == tidy(subject)
    assert sender_of(raw) == " ".join(tidy(office).split())
    (part,) = message.iter_attachments()
    assert part["Content-Disposition"].params["filename"] == name  # get_filename() takes <> and quotes away
    assert part.get_payload(decode=True) == data
    shown = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]", "\ufffd", paragraph)
    assert text_of(message, "plain") == re.sub("\r\n|\r|\x85", "\n", shown) + "\n"
    assert Shown(text_of(message, "html")).elements <= {"p", "br"}
