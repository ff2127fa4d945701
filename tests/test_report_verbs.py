"""The report's verbs (报告的命令): two weeks of hand edits survive every run, and anybody's report is checked."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from jixiao_xl import pipeline, report_verbs, verbs
from jixiao_xl.model.check_documents import CheckReportDocument
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.mapping import Mapping
from tests.conftest import REPOSITORY
from tests.office import sheet_of, write
from tests.test_outside import run, run_here

HAND = "主要原因是惠民项目减少（人工补充）。"


def quiet(_: str) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def consolidated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's workspace after its first run."""
    folder = tmp_path_factory.mktemp("report") / "示例"
    verbs.demo(folder, progress=quiet)
    return folder


@pytest.fixture(scope="module")
def small(consolidated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the workbooks of the department and of one section, and their report."""
    folder = Path(shutil.copytree(consolidated, tmp_path_factory.mktemp("small") / "示例"))
    for path in (folder / "收到").iterdir():
        if path.stem not in ("革新街道办事处", "党政办公室"):
            path.unlink()
    report_file(folder).unlink()
    pipeline.report(folder, progress=quiet)
    return folder


@pytest.fixture
def office_folder(small: Path, tmp_path: Path) -> Path:
    """A copy of it, to be worked in."""
    return Path(shutil.copytree(small, tmp_path / "示例"))


def report_file(folder: Path) -> Path:
    return folder / "结果" / "自评报告.docx"


def controls(document: Document) -> Iterator[tuple[str, list[BaseOxmlElement]]]:
    """The name in each control's tag, and the texts in it."""
    for control in document.element.iter(qn("w:sdt")):
        tags = [tag.get(qn("w:val")) or "" for tag in control.iter(qn("w:tag"))]
        yield tags[0].removeprefix("fact:").split("=")[0], list(control.iter(qn("w:t")))


def figures(path: Path) -> dict[str, list[str]]:
    """What stands in the controls of each figure, by the name in its tag."""
    found: dict[str, list[str]] = {}
    for name, texts in controls(docx.Document(str(path))):
        found.setdefault(name, []).append("".join(text.text or "" for text in texts))
    return found


def type_by_hand(path: Path, figure: str | None = None, text: str = "") -> None:
    """An officer's evening: a sentence more, and perhaps a figure of their own."""
    document = docx.Document(str(path))
    document.paragraphs[5].add_run(HAND)
    for name, texts in controls(document):
        if name == figure:
            texts[0].text = text
            break
    document.save(str(path))


def move_income(folder: Path) -> None:
    """The accounts are corrected: 1,000,000 元 more of fiscal income."""
    path = folder / "收到" / "革新街道办事处.xlsx"
    book = openpyxl.load_workbook(path)
    page = sheet_of(book, "收支表")
    header = next(row for row in page.iter_rows() if str(row[0].value).startswith("columns:"))
    column = next(cell.column for cell in header if cell.value == "actual")
    row = next(row[0].row for row in page.iter_rows() if row[0].value == "fiscal_general")
    write(page, row, column, 18337340)
    book.save(path)


def test_a_report_that_nobody_touched_is_written_anew(office_folder: Path) -> None:
    """The same inputs give the same bytes, and moved figures give what a fresh run would give."""
    before = report_file(office_folder).read_bytes()

    again = pipeline.report(office_folder, progress=quiet)

    assert report_file(office_folder).read_bytes() == before
    assert again.report.kept is None
    assert not again.findings


def test_what_was_typed_stays_and_moved_figures_follow(office_folder: Path) -> None:
    """The soul of it: prose for two weeks, while figures still move."""
    type_by_hand(report_file(office_folder))
    edited = report_file(office_folder).read_bytes()
    move_income(office_folder)

    outcome = report_verbs.report(office_folder, force=False, pdf=False, as_of=None, progress=quiet)

    assert HAND in "".join(p.text for p in docx.Document(str(report_file(office_folder))).paragraphs)
    assert set(figures(report_file(office_folder))["fiscal_income"]) == {"1833.73"}
    changed = {change.label for change in outcome.reported.report.changes}
    assert "本年财政拨款收入" in changed
    assert outcome.kept is not None
    assert (office_folder / outcome.kept).read_bytes() == edited
    assert not outcome.reported.findings


def test_a_refreshed_report_is_never_taken_for_one_that_nobody_touched(office_folder: Path) -> None:
    """The run after the next must not wipe out what the officer wrote before the last."""
    type_by_hand(report_file(office_folder))
    for _ in range(2):
        pipeline.report(office_folder, progress=quiet)

    assert HAND in "".join(p.text for p in docx.Document(str(report_file(office_folder))).paragraphs)


def test_an_edited_figure_is_kept_and_stands_in_every_list(office_folder: Path) -> None:
    """Consolidating says which figures are a person's; the officer decides in 审核处理.xlsx."""
    type_by_hand(report_file(office_folder), "staff_total", "60")

    document = pipeline.consolidate(office_folder, progress=quiet).document

    (finding,) = [finding for finding in document.findings if finding.code == "figure-edited"]
    assert (finding.found, finding.expected, finding.severity) == ("60", "59", "explain")
    assert finding.file == "结果/自评报告.docx"
    assert "60" in figures(report_file(office_folder))["staff_total"]
    review = openpyxl.load_workbook(office_folder / "审核处理.xlsx")["处理"]
    assert any(cell.value == finding.id for row in review.iter_rows() for cell in row)

    forced = pipeline.report(office_folder, force=True, progress=quiet)

    assert set(figures(report_file(office_folder))["staff_total"]) == {"59"}
    assert [(change.kind, change.old, change.new) for change in forced.report.changes] == [("overwritten", "60", "59")]


def test_a_report_that_cannot_be_refreshed_stays_and_a_new_one_stands_beside_it(office_folder: Path) -> None:
    """Somebody's own document under the report's name, or a damaged one, is never written over."""
    own = docx.Document()
    own.add_paragraph("另写的报告")
    own.save(str(report_file(office_folder)))
    for content in (report_file(office_folder).read_bytes(), b"PK damaged"):
        report_file(office_folder).write_bytes(content)

        saved = pipeline.report(office_folder, progress=quiet).report

        assert report_file(office_folder).read_bytes() == content
        assert saved.path.name == "自评报告_新.docx"
        assert figures(saved.path)["score"]


def test_the_offices_own_template_gives_the_words(office_folder: Path) -> None:
    """An officer who wants other sentences edits them in Word, once."""
    template = docx.Document(str(REPOSITORY / "workbook_templates" / "自评报告.docx"))
    template.paragraphs[5].add_run("本街道另有说明。")
    template.save(str(office_folder / "mappings" / "2025" / "自评报告.docx"))

    pipeline.report(office_folder, progress=quiet)

    assert "本街道另有说明。" in "".join(p.text for p in docx.Document(str(report_file(office_folder))).paragraphs)


def test_the_attached_forms_and_previews_are_written(office_folder: Path, soffice: str) -> None:
    """The whole packet in one command."""
    assert soffice
    done = run("report", str(office_folder), "--pdf", cwd=office_folder.parent)

    assert done.returncode == 0, done.stderr
    names = {"自评报告.docx", "附表.xlsx", "自评报告.pdf", "附表.pdf"}
    assert names <= {path.name for path in (office_folder / "结果").iterdir()}
    assert all((office_folder / "结果" / name).read_bytes()[:4] == b"%PDF" for name in names if name.endswith(".pdf"))
    record = json.loads((office_folder / "结果" / "运行记录.json").read_bytes())
    assert {"自评报告.docx", "附表.xlsx", "汇总表.xlsx"} <= set(record["outputs"])


# -- anybody's report ------------------------------------------------------------------------------------------


def test_the_samples_own_report_has_nothing_wrong_and_its_figures_are_the_workspaces(consolidated: Path) -> None:
    """What the program writes, its own checker must believe; 124.55 is a matter of rounding."""
    checked, _ = report_verbs.check_report(
        report_file(consolidated), workspace=consolidated, out=None, as_of=None, progress=quiet
    )

    assert [claim for claim in checked.claims if claim.verdict == "wrong"] == []
    assert [finding for finding in checked.findings if finding.severity == "must_fix"] == []
    matched = {str(claim.stated) for claim in checked.claims if claim.kind == "fact" and claim.verdict == "exact"}
    assert {"1733.73", "1841.01", "1607.83", "125.90", "1858.29", "1617.01", "241.28", "59"} <= matched
    prose = [c for c in checked.claims if str(c.stated) == "124.55" and c.place.startswith("p") and c.operands]
    assert {(claim.verdict, str(claim.recomputed)) for claim in prose} == {("within_rounding", "124.56")}
    unparsed = sum(number.kind == "unparsed" for number in checked.numbers)
    assert unparsed <= 0.01 * len(checked.numbers)


def test_a_figure_that_the_workbooks_do_not_give_is_found_with_the_workspace_only(
    office_folder: Path, tmp_path: Path
) -> None:
    """A figure that fits its own text can still be another than the accounts'."""
    path = tmp_path / "报告.txt"
    path.write_text("革新街道办事处2025年度部门整体支出绩效自评报告\n我街道年末在职人员58人。\n", encoding="gb18030")

    alone, _ = report_verbs.check_report(path, workspace=None, out=None, as_of=None, progress=quiet)
    beside, _ = report_verbs.check_report(path, workspace=office_folder, out=None, as_of=None, progress=quiet)

    assert "figure-mismatch" not in {finding.code for finding in alone.findings}
    (mismatch,) = [finding for finding in beside.findings if finding.code == "figure-mismatch"]
    assert (mismatch.found, mismatch.expected) == ("58", "59")


def test_figures_that_nobody_has_sent_yet_are_called_empty(tmp_path: Path, mapping: Mapping) -> None:
    """A report of an office that has received nothing is no report without a fault."""
    verbs.init(tmp_path / "街道", department=mapping.department, year=2025)
    pipeline.report(tmp_path / "街道", progress=quiet)

    checked, _ = report_verbs.check_report(
        report_file(tmp_path / "街道"), workspace=None, out=None, as_of=None, progress=quiet
    )

    assert [finding.code for finding in checked.findings].count("figure-empty") > 10


def test_the_outcome_goes_into_json_a_table_and_comments(tmp_path: Path) -> None:
    """A reviewer reads comments in Word, a program reads JSON, and everybody reads a table."""
    document = docx.Document()
    document.add_paragraph("2025年总支出300.00万元，其中基本支出150.00万元，项目支出140.00万元。")
    document.save(str(tmp_path / "报告.docx"))

    done = run("check-report", "报告.docx", "--out", "批注.docx", "--json", cwd=tmp_path)
    table = run_here("check-report", "报告.docx", "--out", "核对表.csv", cwd=tmp_path)

    assert done.returncode == table.returncode == 1
    checked = CheckReportDocument.model_validate_json(done.stdout)
    (claim,) = [claim for claim in checked.claims if claim.verdict == "wrong"]
    assert (claim.stated, claim.recomputed, claim.difference) == ("300.00", "290.00", "10.00")
    assert "300.00" in table.stdout
    assert "290.00" in (tmp_path / "核对表.csv").read_text(encoding="utf-8-sig")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "批注.docx").read_bytes())) as package:
        assert "290.00" in package.read("word/comments.xml").decode()
    assert "word/comments.xml" not in zipfile.ZipFile(tmp_path / "报告.docx").namelist()


@pytest.mark.parametrize("out", ["报告.txt", "批注.docx", "结果.pdf"])
def test_an_outcome_that_cannot_be_written_is_refused_with_what_to_do(tmp_path: Path, out: str) -> None:
    """The report itself is never written over; plain text takes no comments."""
    path = tmp_path / "报告.txt"
    path.write_text("收入100.00万元。", encoding="utf-8")

    with pytest.raises(JixiaoError, match=r"--out"):
        report_verbs.check_report(path, workspace=None, out=tmp_path / out, as_of=None, progress=quiet)
    assert path.read_text(encoding="utf-8") == "收入100.00万元。"
