"""Letters (信件): every unit reads what it has to do, by when, and with which file, in words that fit its case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from jixiao_xl import verbs
from jixiao_xl.files.resources import read_folder
from jixiao_xl.model.errors import MappingError
from jixiao_xl.model.findings import Catalogue, Finding, Severity, Status
from jixiao_xl.model.letter_rules import refuse_letter_mistakes
from jixiao_xl.model.mail import Attachment, Letter, LetterKind, LetterTable
from jixiao_xl.model.mapping import Letters, Mapping, Material
from jixiao_xl.model.mapping_files import parse_mapping
from jixiao_xl.model.places import Place
from jixiao_xl.model.results import Org, UnitStatus
from jixiao_xl.model.setting import Setting
from jixiao_xl.stages.letters import issue_letter, reminder, return_letter
from jixiao_xl.stages.read import read
from jixiao_xl.stages.reconcile import reconcile
from jixiao_xl.workspace import MAPPING_SUFFIXES, open_workspace, package_mappings
from tests.office import Office

UNIT, NAME = "party_office", "党政办公室"
DEADLINE = date(2026, 4, 30)
BOOK = Attachment(f"{NAME}.xlsx", b"workbook")
LIST = Attachment(f"{NAME}_未转入清单.xlsx", b"list")
RETURNED = (UnitStatus.TO_FIX, UnitStatus.TO_EXPLAIN, UnitStatus.ACCEPTED)
REMINDED = (UnitStatus.MISSING, UnitStatus.REFUSED, UnitStatus.TO_FIX, UnitStatus.TO_EXPLAIN)


def org(status: UnitStatus, unit: str = UNIT) -> Org:
    none = (None,) * 4
    return Org(unit, NAME, "科室", "street_office", None, status, False, *none, must_fix=0, explain=0, note=0)


def on(day: date, deadline: date | None = DEADLINE) -> Setting:
    return Setting(day, deadline, partial=False)


def finding(mapping: Mapping, code: str, row: int, severity: Severity, unit: str = UNIT) -> Finding:
    place = Place(f"收到/{NAME}.xlsx", unit, "指标评分表", row, "M", f"第{row}行指标", "得分")
    return mapping.catalogue.at(code, place, found=Decimal("9.50"), expected=Decimal("9.00"), severity=severity)


def wrong(mapping: Mapping, count: int = 1) -> list[Finding]:
    return [finding(mapping, "formula-overwritten", 12 + n, Severity.MUST_FIX) for n in range(count)]


def odd(mapping: Mapping, count: int = 1) -> list[Finding]:
    return [finding(mapping, "over-achieved", 40 + n, Severity.EXPLAIN) for n in range(count)]


def prose(letter: Letter) -> str:
    return "\n".join(block for block in letter.blocks if isinstance(block, str))


def tables(letter: Letter) -> list[LetterTable]:
    return [block for block in letter.blocks if isinstance(block, LetterTable)]


def every_letter(mapping: Mapping, day: date, deadline: date | None) -> Iterator[Letter]:
    """Each kind of letter in each of its forms on one day."""
    setting, found = on(day, deadline), [*wrong(mapping, 2), *odd(mapping)]
    yield issue_letter(replace(mapping, deadline=deadline), UNIT, BOOK)
    for status in RETURNED:
        for files in ((BOOK,), (BOOK, LIST)):
            yield return_letter(org(status), found, files, setting, mapping)
    for status in REMINDED:
        for file in (BOOK, None):
            yield reminder(org(status), found, file, setting, mapping)


# -- what every letter owes its reader ---------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-400, -3, -1, 0, 1, 2, 30, None])
def test_every_letter_on_every_day_is_whole(mapping: Mapping, days: int | None) -> None:
    """No word is left unfilled, nothing contradicts the calendar, every attachment that is named is there."""
    day = DEADLINE + timedelta(days or 0)
    for letter in every_letter(mapping, day, None if days is None else DEADLINE):
        text = prose(letter)
        assert letter.subject
        assert not re.search(r"[{}]|None|《》|（）", letter.subject + text)
        assert set(re.findall("《(.+?)》", text)) <= {attachment.name for attachment in letter.attachments}
        assert letter.unit == UNIT
        assert text.splitlines()[0] == f"{NAME}："
        assert text.splitlines()[-1] == mapping.department
        assert set(re.findall(r"(\d+) 天", text)) <= {str(abs(days or 0))}
        assert ("过期" in text or "已过" in text) is (days is not None and days > 0 and _says_when(letter))
        assert ("2026年4月30日" in text) is (days is not None and _says_when(letter, issue=True))


def _says_when(letter: Letter, *, issue: bool = False) -> bool:
    """Whether the reader has to do something by a day; the first letter says by when, and not what day it is."""
    return issue if letter.kind is LetterKind.ISSUE else "不用再改" not in prose(letter)


def test_each_letter_has_its_own_words(mapping: Mapping) -> None:
    """A clerk who gets four letters in a row must not take one for another."""
    letters = {letter.subject: prose(letter) for letter in every_letter(mapping, DEADLINE, DEADLINE)}
    assert len(letters) == 1 + len(RETURNED) + len(REMINDED)
    sentences = [set(text.splitlines()) - {f"{NAME}：", mapping.department} for text in letters.values()]
    for number, first in enumerate(sentences):
        for second in sentences[number + 1 :]:
            assert len(first & second) <= 1


def test_a_reminder_before_the_deadline_reads_differently_from_one_after_it(mapping: Mapping) -> None:
    """Three days left is a request, three days late is another matter."""
    before, today, after = (
        prose(reminder(org(UnitStatus.MISSING), [], None, on(DEADLINE + timedelta(days)), mapping))
        for days in (-3, 0, 3)
    )
    assert "还有 3 天" in before
    assert "最后一天" in today
    assert "已过 3 天" in after
    assert "已过" not in before + today


def test_the_same_mapping_gives_the_same_first_letter(mapping: Mapping) -> None:
    """It is sent once, whenever that is: its text names no day but the deadline."""
    dated = replace(mapping, deadline=DEADLINE)
    letter = issue_letter(dated, UNIT, BOOK)
    assert letter == issue_letter(dated, UNIT, BOOK)
    assert (letter.kind, letter.attachments) == (LetterKind.ISSUE, (BOOK,))
    assert "2026年4月30日" in prose(letter)
    assert "另行通知" in prose(issue_letter(replace(mapping, deadline=None), UNIT, BOOK))


def test_a_unit_may_have_several_addresses_or_none(mapping: Mapping) -> None:
    """Whoever fills in units.csv writes ； as readily as ;."""

    def to(email: str) -> tuple[str, ...]:
        units = tuple(u.model_copy(update={"email": email}) if u.code == UNIT else u for u in mapping.units)
        return issue_letter(replace(mapping, units=units), UNIT, BOOK).to

    assert to("") == ()
    assert to("A@example.gov.cn；b@example.gov.cn, c@example.gov.cn") == (
        "a@example.gov.cn", "b@example.gov.cn", "c@example.gov.cn",
    )  # fmt: skip


# -- the tables --------------------------------------------------------------------------------------------------


def test_the_findings_stand_in_the_letter_with_cell_and_what_to_do(
    filled: dict[str, bytes], mapping: Mapping, catalogue: Catalogue
) -> None:
    """From a real workbook with a number typed over a formula: who reads only the mail knows where to go."""
    office = Office({UNIT: filled[UNIT]}, mapping, catalogue)
    office.put(UNIT, "指标评分表", "party_office_02", "score", 1)
    batch, _ = read(office.files, mapping, catalogue)
    _, found = reconcile(batch, mapping, catalogue)
    letter = return_letter(org(UnitStatus.TO_FIX), found, (BOOK,), on(DEADLINE), mapping)
    (table,) = tables(letter)
    own = [f for f in found if f.place.unit == UNIT and f.severity is not Severity.NOTE]
    assert table.header == ("工作表", "单元格", "行", "列", "问题与处理")
    assert sorted(row[4] for row in table.rows) == sorted(f.message for f in own)
    assert "formula-overwritten" in {f.code for f in own}
    assert all(len(row) == len(table.header) and all(row) for row in table.rows)
    assert f"有 {sum(f.severity is Severity.MUST_FIX for f in own)} 处" in prose(letter)


def test_the_gravest_stand_first_and_what_is_no_business_of_the_unit_is_left_out(mapping: Mapping) -> None:
    """Notes, what was accepted, what waits for the officer and what is another unit's are not for this clerk."""
    accepted, waiting, refused = odd(mapping, 3)
    note = finding(mapping, "formula-pasted", 60, Severity.NOTE)
    other = finding(mapping, "formula-overwritten", 61, Severity.MUST_FIX, unit="service_centre")
    found = [
        accepted.decided(Status.ACCEPTED, "同意"),
        waiting.explained("上级追加任务"),
        refused.explained("情况属实").decided(Status.REJECTED, "没有写具体原因"),
        note,
        other,
        *wrong(mapping),
    ]
    letter = return_letter(org(UnitStatus.TO_FIX), found, (BOOK,), on(DEADLINE), mapping)
    (table,) = tables(letter)
    assert [row[1] for row in table.rows] == ["M12", "M42"]
    assert "没有写具体原因" in table.rows[1][4]
    assert "有 1 处需要改正" in prose(letter)
    assert "另有 1 处" in prose(letter)


def test_a_long_list_ends_with_where_the_rest_is(mapping: Mapping) -> None:
    """Nobody reads two hundred rows in a mail; nothing is hidden either."""
    most = mapping.letters.findings.most
    for count in (most - 1, most, most + 1, most + 70):
        letter = reminder(org(UnitStatus.TO_FIX), wrong(mapping, count), BOOK, on(DEADLINE), mapping)
        (table,) = tables(letter)
        assert len(table.rows) == min(count, most) + (count > most)
        assert (f"还有 {count - most} 条" in table.rows[-1][4]) is (count > most)


def test_a_missing_unit_gets_no_table_and_no_sentence_over_one(mapping: Mapping) -> None:
    """A table that has no row takes its sentence with it."""
    letter = reminder(org(UnitStatus.REFUSED), [], None, on(DEADLINE), mapping)
    assert tables(letter) == []
    assert "原因和办法" not in prose(letter)


def test_each_unit_is_asked_for_its_own_materials(mapping: Mapping) -> None:
    """By its name, its short name, its code, or a word that means it; the department is no section."""
    asked = {
        "党政办公室": {UNIT}, "党政办": {UNIT}, UNIT: {UNIT}, "党政办、执法队": {UNIT, "enforcement_brigade"},
        "各科室": {u.code for u in mapping.sections}, "各单位": {u.code for u in mapping.units},
        "": {u.code for u in mapping.units}, "自评工作小组": set[str](),
        "各项目承担科室": {u.code for u in mapping.sections if mapping.projects_of(u.code)},
    }  # fmt: skip
    due = date(2026, 4, 15)
    materials = tuple(Material(item=f"资料{n}", provider=who, due=due if n else None) for n, who in enumerate(asked))
    with_materials = replace(mapping, materials=materials)
    for unit in mapping.units:
        letter = issue_letter(with_materials, unit.code, BOOK)
        expected = [
            (f"资料{n}", "2026年4月15日" if n else mapping.letters.materials.no_due)
            for n, units in enumerate(asked.values())
            if unit.code in units
        ]
        assert [table.rows for table in tables(letter)] == [tuple(expected)]
    assert tables(issue_letter(replace(mapping, materials=()), UNIT, BOOK)) == []


def test_a_fresh_workbook_comes_with_the_list_of_what_stays_behind(mapping: Mapping) -> None:
    """Otherwise the clerk goes on in the damaged one."""
    for status in RETURNED:
        letter = return_letter(org(status), odd(mapping), (BOOK, LIST), on(DEADLINE), mapping)
        assert letter.attachments == (BOOK, LIST)
        assert f"《{LIST.name}》" in prose(letter)
        assert "新表" in prose(letter)
        assert "新表" not in prose(return_letter(org(status), odd(mapping), (BOOK,), on(DEADLINE), mapping))


@pytest.mark.parametrize("status", [UnitStatus.ACCEPTED, UnitStatus.SEALED])
def test_nobody_who_is_done_is_reminded(mapping: Mapping, status: UnitStatus) -> None:
    """There is no letter for it: whoever asks for one has a bug."""
    with pytest.raises(ValueError, match=status):
        reminder(org(status), [], None, on(DEADLINE), mapping)


# -- letters.yaml ------------------------------------------------------------------------------------------------


LETTERS = "letters.yaml"


def edited(old: str, new: str) -> tuple[dict[str, bytes], str, int]:
    """The package's mapping with one change in letters.yaml, that file's text, and the line where it stands."""
    files = read_folder(package_mappings() / "2025", MAPPING_SUFFIXES)
    text = files[LETTERS].decode()
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    text = text.replace(old, new, 1)
    return files | {LETTERS: text.encode()}, text, line


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("最后一天，你单位的填报表还没有收到", "最后一天，{unt}的填报表还没有收到", "{unt}"),
        ("subject: 请补充说明：{year}年度", "subject: 请补充说明：{yaer}年度", "{yaer}"),
        ("现在就可以开始填", "还有{days}天", "{days}"),
        ("找不到的请回复这封邮件", "找不到《{workbook}》的请回复这封邮件", "{workbook}"),
        ("已经通过核对，", "有{must_fix}处，", "{must_fix}"),
        ("{year}年{month}月{day}日", "{year}年{mouth}月{day}日", "{mouth}"),
        ("填写中有问题", "填写中有问题{unit", "花括号"),
        ("单位寄来的文件", "单位{unit!r}寄来的文件", "{unit}"),
        ("{table: materials,", "{table: findings,", "findings"),
    ],
)
def test_a_slip_in_a_sentence_is_refused_with_its_line(old: str, new: str, says: str) -> None:
    """Better now than in a letter that reads “{unt}：”, sent to nine units."""
    _, text, line = edited(old, new)
    with pytest.raises(MappingError) as refusal:
        refuse_letter_mistakes(Letters.model_validate(yaml.safe_load(text)))
    refused = refusal.value.found_in(text)
    assert (refused.file, refused.line) == (LETTERS, line)
    assert says in str(refused)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("现在就可以开始填", "现在{unt}就可以开始填", "{unt}"),
        ("  remind_refused:", "  remind_refusd:", "remind_refusd"),
        ('{when: undated, text: "什么', '{when: undatde, text: "什么', "undatde"),
    ],
)
def test_a_mapping_with_such_a_letter_is_refused(old: str, new: str, says: str) -> None:
    """With file and line, as every part of a mapping is."""
    files, _, line = edited(old, new)
    with pytest.raises(MappingError, match=rf"letters\.yaml 第 {line} 行.*{re.escape(says)}"):
        parse_mapping(files, year=2025)


def test_an_older_workspace_takes_the_letters_from_the_program(tmp_path: Path) -> None:
    """Mappings that were copied before there were letters still send them; an office's own words stay."""
    verbs.init(tmp_path / "街道", department="某街道办事处", year=2025)
    path = tmp_path / "街道" / "mappings" / "2025" / "letters.yaml"
    whole = path.read_text(encoding="utf-8")
    path.write_text("schema: 1\nno_deadline: 开会时再定\nletters:\n  issue:\n    subject: 交表\n", encoding="utf-8")
    mapping = open_workspace(tmp_path / "街道").mapping()
    letter = issue_letter(mapping, UNIT, BOOK)
    assert (letter.subject, mapping.letters.no_deadline) == ("交表", "开会时再定")
    assert prose(letter).splitlines()[-1] == "某街道办事处"
    path.unlink()
    assert open_workspace(tmp_path / "街道").mapping().letters.letters.issue.subject in whole
