"""The round trip (往来一圈): issued, answered, returned, corrected, collected again, accepted, packaged, through real servers."""

from __future__ import annotations

import email
import hashlib
import io
import os
import zipfile
from datetime import date
from email import policy
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest
from build_samples import keyed_cells

from jixiao_xl import collect_verbs, mail_verbs, package_verbs, pipeline, status_verbs, verbs
from jixiao_xl.files.ledger import open_ledger
from jixiao_xl.mail_verbs import Delivery
from jixiao_xl.model.errors import MailError
from jixiao_xl.model.history import EnclosureOutcome
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.pipeline import Outcome
from jixiao_xl.workspace import open_workspace
from tests.difficult_mail import CASES
from tests.mail_habits import UnsafeLogin, habit_of
from tests.mail_servers import OFFICE, PASSWORD, MailServers
from tests.office import sheet_of
from tests.small_office import Typed, only_units, typed

pytestmark = pytest.mark.mail
SPRING = date(2026, 4, 20)
SLIPS: dict[str, Typed] = {
    "party_office": {("指标评分表", "party_office_02", "actual"): "约96%"},
    "service_centre": {("指标评分表", "service_centre_01", "actual"): None},
}


def silent(_: str) -> None:
    """Nobody watches."""


def sending(day: date = SPRING) -> Delivery:
    return Delivery(send=True, as_of=day)


@pytest.fixture
def workspace(tmp_path: Path, mail_servers: MailServers) -> Path:
    """A new office with its mail account."""
    folder = tmp_path / "街道 2025"
    verbs.init(folder, department="革新街道办事处", year=2025)
    settings = folder / "jixiao.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + mail_servers.toml(OFFICE, "ssl"), encoding="utf-8")
    return folder


@pytest.fixture
def small(workspace: Path) -> Path:
    """The same with five units, so that a test waits for what it shows only."""
    kept = ("street_office", "party_office", "economic_development_office", "service_centre", "veterans_station")
    only_units(workspace, kept)
    return workspace


def letters_to(servers: MailServers, address: str) -> list[EmailMessage]:
    """What lies in somebody's mailbox, as a mail program reads it."""
    return [email.message_from_bytes(raw, policy=policy.default) for raw in servers.messages(address)]


def attachments(message: EmailMessage) -> dict[str, bytes]:
    return {part.get_filename() or "": part.get_content() for part in message.iter_attachments()}


def answer(servers: MailServers, letter: EmailMessage, workbook: bytes, name: str) -> None:
    """A section presses reply, attaches its workbook and sends."""
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = letter["To"], letter["From"], f"回复：{letter['Subject']}"
    reply["In-Reply-To"], reply["Message-ID"] = letter["Message-ID"], f"<re-{letter['Message-ID'].strip('<>')}>"
    reply["Date"] = "Tue, 21 Apr 2026 10:00:00 +0800"
    reply.set_content("填好了，请查收。")
    reply.add_attachment(workbook, maintype="application", subtype="octet-stream", filename=name)
    servers.deliver(OFFICE, reply.as_bytes(policy=policy.SMTP))


def states(outcome: Outcome) -> dict[str, str]:
    return {org.code: org.status for org in outcome.document.orgs}


def run(workspace: Path, day: date = SPRING) -> Outcome:
    return pipeline.consolidate(workspace, as_of=day, progress=silent)


def test_nine_workbooks_go_out_come_back_and_are_packaged(
    workspace: Path, mail_servers: MailServers, filled: dict[str, bytes]
) -> None:
    """The officer's spring: nobody retypes anything, nobody is chased twice, every file can be found again."""
    mapping = open_workspace(workspace).mapping()
    _, sent = mail_verbs.issue_letters(workspace, unit=None, delivery=sending(), progress=silent)
    assert [one.state for one in sent] == ["sent"] * 9
    issued = {unit.code: letters_to(mail_servers, unit.addresses[0]) for unit in mapping.units}
    for unit in mapping.units:
        (letter,) = issued[unit.code]
        assert unit.name in letter["Subject"]
        assert "2025" in letter["Subject"]
        blank = attachments(letter)[f"{unit.name}.xlsx"]
        assert blank == (workspace / "发出" / f"{unit.name}.xlsx").read_bytes()
        answer(mail_servers, letter, typed(filled[unit.code], SLIPS.get(unit.code, {})), f"{unit.name}（填好）.xlsx")

    first = collect_verbs.collect_replies(workspace, imap=True, as_of=SPRING, progress=silent)
    assert (len(first.receipts), first.workbooks, first.trouble) == (9, 9, 0)
    _, back, returned = mail_verbs.return_letters(
        workspace, unit=None, fresh=False, delivery=sending(), progress=silent
    )
    assert {one.code: one.status for one in back} == dict.fromkeys(SLIPS, "to_fix")
    assert {one.unit for one in returned} == set(SLIPS)
    for unit in SLIPS:
        _, letter = letters_to(mail_servers, mapping.unit_by_code[unit].addresses[0])
        text = letter.get_body(("plain",))
        assert text is not None
        assert "指标评分表" in text.get_content()
        ((name, annotated),) = attachments(letter).items()
        answer(mail_servers, letter, typed(annotated, corrected(unit, filled)), name)

    second = collect_verbs.collect_replies(workspace, imap=True, as_of=SPRING, progress=silent)
    assert (len(second.receipts), second.workbooks) == (2, 2)
    standing = status_verbs.status(workspace, as_of=SPRING, progress=silent)
    assert {one.code: one.versions for one in standing.units} == {
        unit.code: 2 if unit.code in SLIPS else 1 for unit in mapping.units
    }
    packaged = package_verbs.package(workspace, as_of=SPRING, progress=silent)
    assert packaged.path is not None
    assert packaged.outcome is not None
    assert set(states(packaged.outcome).values()) == {"accepted"}
    assert packaged.outcome.document.score == "96.00"
    with zipfile.ZipFile(packaged.path) as package:
        assert {f"填报表/{unit.name}.xlsx" for unit in mapping.units} <= set(package.namelist())
    assert_no_secret(workspace)


def corrected(unit: str, filled: dict[str, bytes]) -> Typed:
    """What stood there before the slip."""
    book = openpyxl.load_workbook(io.BytesIO(filled[unit]))
    found: Typed = {}
    for sheet, row, column in SLIPS[unit]:
        page = sheet_of(book, sheet)
        value = page.cell(*keyed_cells(page)[row, column]).value
        assert isinstance(value, int | float)
        found[sheet, row, column] = value
    return found


def assert_no_secret(workspace: Path) -> None:
    """The password stands in no file: settings, ledger, journal, logs, drafts, workbooks."""
    for path in workspace.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes(), path
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as package:
                    assert all(PASSWORD.encode() not in package.read(name) for name in package.namelist()), path


def test_nobody_gets_a_letter_twice_unless_asked_for(small: Path, mail_servers: MailServers) -> None:
    """Run again, it says so; --again is another letter with a number of its own."""
    for state in ("sent", "before"):
        _, sent = mail_verbs.issue_letters(small, unit="party_office", delivery=sending(), progress=silent)
        assert [one.state for one in sent] == [state]
    again = Delivery(send=True, again=True, as_of=SPRING)
    mail_verbs.issue_letters(small, unit="party_office", delivery=again, progress=silent)
    numbers = [letter["Message-ID"] for letter in letters_to(mail_servers, "party-office@example.gov.cn")]
    assert len(numbers) == len(set(numbers)) == 2


def test_without_send_there_are_drafts_and_nothing_leaves(small: Path, mail_servers: MailServers) -> None:
    """An office whose mail has no SMTP: each draft opens in Outlook or Foxmail, ready to be sent."""
    _, sent = mail_verbs.issue_letters(small, unit=None, delivery=Delivery(send=False), progress=silent)
    assert {one.state for one in sent} == {"draft"}
    assert mail_servers.sink.taken == []
    drafts = [email.message_from_bytes((small / one.detail).read_bytes(), policy=policy.default) for one in sent]
    assert all(draft["X-Unsent"] == "1" for draft in drafts)
    assert [draft["To"] for draft in drafts] == [u.addresses[0] for u in open_workspace(small).mapping().units]


def test_an_address_that_is_refused_does_not_keep_the_others_waiting(small: Path, mail_servers: MailServers) -> None:
    """The others are sent, the one is named with the server's words; the next run tries it again."""
    mail_servers.sink.refused["economy@example.gov.cn"] = "550 5.1.1 no such user"
    _, sent = mail_verbs.issue_letters(small, unit=None, delivery=sending(), progress=silent)
    assert [one.unit for one in sent if one.state == "refused"] == ["economic_development_office"]
    mail_servers.sink.refused.clear()
    _, sent = mail_verbs.issue_letters(small, unit=None, delivery=sending(), progress=silent)
    assert [one.unit for one in sent if one.state == "sent"] == ["economic_development_office"]


def test_reminders_speak_to_each_state_and_leave_the_others_in_peace(
    small: Path, mail_servers: MailServers, filled: dict[str, bytes]
) -> None:
    """Missing, refused, to fix: three subjects, three bodies; accepted units hear nothing; once a day."""
    received = small / "收到"
    (received / "a.xlsx").write_bytes(filled["street_office"])
    (received / "b.xlsx").write_bytes(typed(filled["party_office"], SLIPS["party_office"]))
    (received / "c.xlsx").write_bytes(filled["service_centre"])
    last_year = openpyxl.load_workbook(io.BytesIO(filled["economic_development_office"]))
    sheet_of(last_year, "_meta")["B4"] = "2024"
    last_year.save(received / "d.xlsx")
    sent = mail_verbs.remind(small, unit=None, delivery=sending(), progress=silent)
    reminded = {one.unit for one in sent}
    assert "street_office" not in reminded
    assert "service_centre" not in reminded
    (to_fix,) = letters_to(mail_servers, "party-office@example.gov.cn")
    (missing,) = letters_to(mail_servers, "veterans@example.gov.cn")
    body = to_fix.get_body(("plain",))
    assert body is not None
    assert "约96%" in body.get_content()
    (refused,) = letters_to(mail_servers, "economy@example.gov.cn")
    assert len({letter["Subject"] for letter in (to_fix, missing, refused)}) == 3
    assert "党政办公室.xlsx" in attachments(to_fix)
    again = mail_verbs.remind(small, unit=None, delivery=sending(), progress=silent)
    assert {one.state for one in again} == {"before"}


def test_what_the_mail_cannot_decide_is_kept_and_said(
    small: Path, mail_servers: MailServers, filled: dict[str, bytes], mapping: Mapping
) -> None:
    """Two workbooks of one unit in one mail, a stranger, a scan, a quoted blank, the same file again."""
    unit = mapping.unit_by_code["party_office"]
    written = verbs.issue(small, unit="party_office", as_of=SPRING)
    blank, good = written["party_office"].read_bytes(), filled["party_office"]
    other = typed(good, {("指标评分表", "party_office_02", "actual"): 95})
    stranger, address = "someone@163.com", unit.addresses[0]
    for sender, files in (
        (address, [("空表.xlsx", blank), ("填好.xlsx", good), ("盖章扫描.pdf", b"%PDF-1.4 scan")]),
        (stranger, [("填好的副本.xlsx", good)]),
        (stranger, [("退役军人服务站.xlsx", filled["veterans_station"])]),
        (address, [("甲.xlsx", other), ("乙.xlsx", typed(good, {("指标评分表", "party_office_02", "actual"): 94}))]),
        (address, []),
    ):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, OFFICE, f"{len(files)} 个文件"
        message.set_content("见附件")
        for name, data in files:
            message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        mail_servers.deliver(OFFICE, message.as_bytes(policy=policy.SMTP))
    taken = collect_verbs.collect_replies(small, imap=True, as_of=SPRING, progress=silent)
    outcomes = {e.name: e.outcome for receipt in taken.receipts for e in receipt.enclosures}
    assert outcomes == {
        "空表.xlsx": EnclosureOutcome.SENT_BY_US,
        "填好.xlsx": EnclosureOutcome.WORKBOOK,
        "盖章扫描.pdf": EnclosureOutcome.OTHER,
        "填好的副本.xlsx": EnclosureOutcome.SAME,
        "退役军人服务站.xlsx": EnclosureOutcome.WORKBOOK,
        "甲.xlsx": EnclosureOutcome.UNDECIDED,
        "乙.xlsx": EnclosureOutcome.UNDECIDED,
    }
    assert len(taken.receipts) == 5
    outcome = run(small)
    codes = {(f.unit, f.code) for f in outcome.document.findings}
    assert {("party_office", "duplicate-submission"), ("veterans_station", "unknown-sender")} <= codes
    assert not any(f.file and f.file.endswith(".pdf") for f in outcome.document.findings)


def test_a_folder_of_files_is_collected_once(small: Path, tmp_path: Path, filled: dict[str, bytes]) -> None:
    """A USB stick: plain files, a zip with a Chinese name, run twice; nothing is kept twice."""
    stick = tmp_path / "U盘"
    stick.mkdir()
    (stick / "党政办公室.xlsx").write_bytes(filled["party_office"])
    with zipfile.ZipFile(stick / "打包.zip", "w") as bundle:
        bundle.writestr("退役军人服务站.xlsx", filled["veterans_station"])
        bundle.writestr("又是党政.xlsx", filled["party_office"])
    first = collect_verbs.collect_replies(small, source=stick, as_of=SPRING, progress=silent)
    assert first.workbooks == 2
    assert {row[3]: row[-1] for row in first.rows}["打包.zip"] == "压缩包，里面的文件已逐个登记，原件存为附件"
    second = collect_verbs.collect_replies(small, source=stick, as_of=SPRING, progress=silent)
    assert second.receipts == ()
    kept = list((small / "收到").rglob("*.xlsx"))
    assert sorted(path.read_bytes() for path in kept) == sorted((filled["party_office"], filled["veterans_station"]))
    with open_ledger(small) as ledger:
        assert {one.unit for one in ledger.rounds()} == {"party_office", "veterans_station"}


def test_every_difficult_mail_comes_out_of_a_real_mailbox_whole(small: Path, mail_servers: MailServers) -> None:
    """Whatever a section's program makes of it: each payload identical, each name right, each case in the register."""
    cases = [case for case in CASES if case.name != "lines end in LF"]  # a server hands on CRLF: another case
    for case in cases:
        mail_servers.deliver(OFFICE, case.raw)
    taken = collect_verbs.collect_replies(small, imap=True, as_of=SPRING, progress=silent)
    assert len(taken.receipts) == len(cases) > 90
    for case, receipt in zip(cases, taken.receipts, strict=True):
        found = [(e.name, e.sha256) for e in receipt.enclosures if "zip" not in e.way]
        assert found == [(name, hashlib.sha256(data).hexdigest()) for name, data in case.expected], case.name
        assert (receipt.sender, receipt.subject, receipt.remarks) == (case.sender, case.subject, case.remarks), (
            case.name
        )
        for enclosure in receipt.enclosures:
            kept = (small / enclosure.file).read_bytes()
            assert hashlib.sha256(kept).hexdigest() == enclosure.sha256, case.name
    assert not any(path.name in ("x.xlsx", "..") for path in small.parent.iterdir())
    rows = {row[-1] for row in taken.rows}
    assert all(rows)


def test_a_mailbox_of_netease_is_collected_from(
    small: Path, mail_servers: MailServers, filled: dict[str, bytes]
) -> None:
    """163 and 126 say "Unsafe Login" to whoever does not say who they are."""
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = "veterans@example.gov.cn", OFFICE, "填报表"
    reply.add_attachment(filled["veterans_station"], maintype="application", subtype="octet-stream", filename="表.xlsx")
    mail_servers.deliver(OFFICE, reply.as_bytes(policy=policy.SMTP))
    settings = small / "jixiao.toml"
    with habit_of(mail_servers, lambda: UnsafeLogin([])) as port:
        plain = mail_servers.toml(OFFICE, "none").replace(f"port = {mail_servers.imap['none']}", f"port = {port}")
        secure = mail_servers.toml(OFFICE, "ssl")
        settings.write_text(settings.read_text(encoding="utf-8").replace(secure, plain), encoding="utf-8")
        taken = collect_verbs.collect_replies(small, imap=True, as_of=SPRING, progress=silent)
    assert taken.workbooks == 1


def test_a_wrong_password_stands_in_no_log(
    small: Path, mail_servers: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs are sent to whoever helps."""
    monkeypatch.setenv("JIXIAO_MAIL_PASSWORD", f"not-{PASSWORD}")
    for verb in (
        lambda: collect_verbs.collect_replies(small, imap=True, as_of=SPRING, progress=silent),
        lambda: mail_verbs.remind(small, unit="party_office", delivery=sending(), progress=silent),
    ):
        with pytest.raises(MailError) as caught:
            verb()
        assert PASSWORD not in str(caught.value)
    assert (small / "日志" / "运行.log").stat().st_size
    assert_no_secret(small)


def test_a_workbook_that_excel_holds_open_does_not_leave_its_unit_without_a_letter(
    small: Path, mail_servers: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The officer looks at last week's file while issuing: the new one lies beside it, and is the one that is sent."""
    (held,) = verbs.issue(small, unit="party_office", as_of=SPRING).values()

    def refusing(source: str | Path, target: str | Path) -> None:
        if Path(target) == held:
            raise PermissionError(13, "in use", str(target))
        os.rename(source, target)

    monkeypatch.setattr("jixiao_xl.files.safe._RETRIES", 1)
    monkeypatch.setattr("jixiao_xl.files.safe.os.replace", refusing)
    written, sent = mail_verbs.issue_letters(small, unit="party_office", delivery=sending(), progress=silent)
    assert written["party_office"] != held
    assert [one.state for one in sent] == ["sent"]
    (letter,) = letters_to(mail_servers, "party-office@example.gov.cn")
    assert attachments(letter) == {"党政办公室.xlsx": written["party_office"].read_bytes()}
