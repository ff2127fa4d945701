"""The report's template (自评报告模板): figures in controls with a way to their cells, and an officer's own edition of it."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from urllib.parse import unquote

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from lxml import etree

from jixiao_xl.files.cells import read_workbook
from jixiao_xl.files.word_package import UnreadableReport
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.report_tags import FigureName, control_id, read_tag, read_title
from jixiao_xl.model.results import Result
from jixiao_xl.stages.report import TemplateRefused, current_figures, report, report_template
from tests.office import Office

Element = etree._Element  # pyright: ignore[reportPrivateUsage]
Edit = Callable[[Document], None]


@pytest.fixture(scope="module")
def sample(filled: dict[str, bytes], mapping: Mapping) -> Result:
    """What a run over the sample's nine workbooks finds."""
    return Office(filled, mapping, mapping.catalogue).result()


@pytest.fixture(scope="module")
def written(sample: Result, mapping: Mapping) -> Document:
    """The sample's report."""
    return opened(report(sample, mapping)[1])


@pytest.fixture(scope="module")
def template(mapping: Mapping) -> bytes:
    """The template that report.yaml gives."""
    return report_template(mapping)[1]


# -- a document, element by element ----------------------------------------------------------------------------


def opened(data: bytes) -> Document:
    return docx.Document(io.BytesIO(data))


def body(document: Document) -> Element:
    return document.element


def text_of(element: Element) -> str:
    return "".join(text.text or "" for text in element.iter(qn("w:t")))


def lines(document: Document) -> list[str]:
    return [text_of(paragraph) for paragraph in body(document).iter(qn("w:p"))]


def controls(document: Document) -> list[Element]:
    return list(body(document).iter(qn("w:sdt")))


def says(control: Element, name: str) -> str:
    """What a property of a control says."""
    return control.findall(f"{qn('w:sdtPr')}/{qn(name)}")[0].get(qn("w:val"), "")


def blank(document: Document, tag: str) -> Element:
    """The first control whose tag begins so."""
    return next(control for control in controls(document) if says(control, "w:tag").startswith(tag))


def paragraph_of(element: Element) -> Element:
    return next(element.iterancestors(qn("w:p")))


def edited(template: bytes, *edits: Edit) -> bytes:
    """The template after an officer's hand."""
    document = opened(template)
    for edit in edits:
        edit(document)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


# -- figures in controls ---------------------------------------------------------------------------------------


def test_every_figure_of_the_real_report_stands_in_a_control_that_names_it(written: Document) -> None:
    """DESIGN 13: whoever refreshes or checks the report finds each figure by its name."""
    shown = {says(control, "w:tag") for control in controls(written)}

    assert shown >= {
        "fact:fiscal_income=1733.73", "fact:prior_total_income=1841.01", "fact:total_expenditure=1733.73",
        "fact:income_change:phrase=较上年减少107.28万元，下降5.83%", "fact:basic_expenditure=1607.83",
        "fact:project_expenditure=125.90", "fact:prior_total_expenditure=1858.29",
        "fact:prior_basic_expenditure=1617.01", "fact:prior_project_expenditure=241.28",
        "fact:expenditure_change:phrase=较上年减少124.55万元，下降6.70%", "fact:execution_rate=98.69%",
        "fact:staff_total=59", "fact:staff_admin=23", "fact:staff_institution_full=29",
        "fact:staff_institution_partial=2", "fact:staff_institution_self=5", "fact:section_count=8",
        "fact:section_indicator_count=44", "fact:score=96.00", "fact:grade=优秀", "fact:report_date=2026年5月20日",
    }  # fmt: skip


def test_every_control_says_what_stands_in_it_and_carries_its_number(written: Document) -> None:
    """A refresh compares the tag with the text; two controls of one number confuse Word."""
    numbers: list[int] = []
    for control in controls(written):
        tag = read_tag(says(control, "w:tag"))
        assert tag is not None
        assert tag.says(text_of(control)), text_of(control)
        assert read_title(says(control, "w:alias")) == tag.name
        assert len(says(control, "w:tag")) <= 64
        numbers.append(int(says(control, "w:id")))
        order = [etree.QName(one).localname for one in control.findall(qn("w:sdtPr"))[0]]
        assert order == ["alias", "tag", "id", "text"]  # the schema's
    assert len(set(numbers)) == len(numbers)
    assert control_id(FigureName("fiscal_income"), 0) in numbers


def test_every_number_of_a_table_stands_in_a_control(written: Document) -> None:
    """Of the numbers in tables, too, somebody may ask where they come from."""
    aligned = written.styles["Table Number"].style_id
    numbers = [
        p
        for p in body(written).iter(qn("w:p"))
        if p.find(f"{qn('w:pPr')}/{qn('w:pStyle')}[@{qn('w:val')}='{aligned}']") is not None
    ]

    assert len(numbers) > 400
    assert all(text_of(p) == "".join(map(text_of, p.iter(qn("w:sdt")))) for p in numbers)


def test_a_refresh_right_after_the_run_has_nothing_to_do(written: Document, sample: Result, mapping: Mapping) -> None:
    """What the report shows and what a refresh would write come from one place."""
    current = current_figures(sample, mapping)

    for control in controls(written):
        tag = read_tag(says(control, "w:tag"))
        assert tag is not None
        assert current.texts[tag.name] == text_of(control)
        assert current.labels[tag.name.fact]
    assert current.groups["income_change"] == current.groups["income_change_rate"] != ""
    assert "下降" in current.synonyms["减少"]


# -- the way to the cell ---------------------------------------------------------------------------------------


def test_two_clicks_lead_from_any_figure_to_a_cell_of_a_workbook(
    written: Document, filled: dict[str, bytes], mapping: Mapping
) -> None:
    """A figure leads to its row in the closing table or straight to its cell, a row to every cell behind it."""
    names = {unit.code: f"../收到/{unit.name}.xlsx" for unit in mapping.units}
    cells = {
        (names[unit], sheet.name): {cell.address for cell in sheet.cells}
        for unit, data in filled.items()
        for sheet in read_workbook(data).sheets
    }
    marks = {mark.get(qn("w:name")): mark for mark in body(written).iter(qn("w:bookmarkStart"))}

    def is_cell(link: Element) -> bool:
        target = written.part.rels[link.get(qn("r:id"), "")].target_ref
        sheet, _, cell = link.get(qn("w:anchor"), "").rpartition("!")
        return target.isascii() and cell in cells[unquote(target), sheet.strip("'")]

    followed = 0
    for control in controls(written):
        link = control.getparent()
        assert link is not None
        if link.tag != qn("w:hyperlink"):
            row = next(control.iterancestors(qn("w:tr")))  # the closing table itself
            assert any(map(is_cell, row.iter(qn("w:hyperlink")))), says(control, "w:tag")
        elif link.get(qn("r:id")) is None:
            row = next(marks[link.get(qn("w:anchor"))].iterancestors(qn("w:tr")))
            sources = list(row.iter(qn("w:hyperlink")))
            assert sources
            assert all(map(is_cell, sources))
            followed += 1
        else:
            assert is_cell(link)
    assert followed > 100


# -- the officer's own edition ---------------------------------------------------------------------------------


def test_the_template_as_it_comes_gives_the_report(sample: Result, mapping: Mapping, template: bytes) -> None:
    """An office that copies the template and changes nothing gets the same report, byte by byte."""
    assert report(sample, mapping, template) == report(sample, mapping)


def test_an_edited_template_keeps_its_words_and_looks_and_fills_its_blanks(
    sample: Result, mapping: Mapping, template: bytes
) -> None:
    """Chapters moved, sentences rewritten, figures copied and set bold, parts removed: the office's own way."""

    def rewrite(document: Document) -> None:
        income = blank(document, "fact:fiscal_income=")
        words = income.getnext()
        assert words is not None
        next(words.iter(qn("w:t"))).text = "万元（全部为财政拨款），"
        paragraph_of(income).append(copy.deepcopy(blank(document, "fact:staff_total=")))
        run = next(income.iter(qn("w:r")))
        etree.SubElement(next(run.iter(qn("w:rPr"))), qn("w:b"))
        header: list[Element] = [section.header._element for section in document.sections]  # pyright: ignore[reportPrivateUsage]
        next(header[0].iter(qn("w:p"))).append(copy.deepcopy(blank(document, "word:department")))
        duties = paragraph_of(blank(document, "part:duties"))
        duties.getparent().remove(duties)  # pyright: ignore[reportOptionalMemberAccess]

    data = report(sample, mapping, edited(template, rewrite))[1]
    document = opened(data)
    text = lines(document)
    line = next(line for line in text if "（全部为财政拨款）" in line)
    income = blank(document, "fact:fiscal_income=")

    assert line.startswith("2025年财政拨款收入1733.73万元（全部为财政拨款），")
    assert line.endswith("59")
    assert next(income.iter(qn("w:rPr"))).find(qn("w:b")) is not None
    assert next(income.iter(qn("w:rPr"))).find(qn("w:rStyle")) is None  # no longer the grey of a blank
    assert text_of(document.sections[0].header._element) == "革新街道办事处"  # pyright: ignore[reportPrivateUsage]
    assert "1.部门职责" in text
    assert not [one for one in text if one.startswith("（1）宣传")]
    assert not [one for one in text if "〔" in one and "号" not in one]  # no blank is left


def test_without_the_closing_table_a_figure_leads_to_its_cell(
    sample: Result, mapping: Mapping, template: bytes
) -> None:
    """A link into a table that is not there would lead nowhere."""

    def shorten(document: Document) -> None:
        sources = paragraph_of(blank(document, "part:sources"))
        sources.getparent().remove(sources)  # pyright: ignore[reportOptionalMemberAccess]

    document = opened(report(sample, mapping, edited(template, shorten))[1])
    link = blank(document, "fact:fiscal_income=").getparent()

    assert link is not None
    assert (link.get(qn("w:anchor")), link.get(qn("r:id")) is None) == ("'收支表'!E5", False)
    assert not list(body(document).iter(qn("w:bookmarkStart")))


def test_a_template_whose_tags_and_style_names_an_editor_has_changed_is_still_filled(
    sample: Result, mapping: Mapping, template: bytes, written: Document
) -> None:
    """LibreOffice drops tags and keeps titles; WPS gives styles other identifiers."""

    def save_elsewhere(document: Document) -> None:
        for control in controls(document):
            properties = control.find(qn("w:sdtPr"))
            assert properties is not None
            properties.remove(properties.findall(qn("w:tag"))[0])
        styles: Element = document.styles.element
        for number, style in enumerate(styles.iter(qn("w:style"))):
            style.set(qn("w:styleId"), f"a{number}")

    again = opened(report(sample, mapping, edited(template, save_elsewhere))[1])
    known = {style.get(qn("w:styleId")) for style in again.styles.element.iter(qn("w:style"))}
    tables = [p for table in body(again).iter(qn("w:tbl")) for p in table.iter(qn("w:pStyle"))]

    assert lines(again) == lines(written)
    assert {style.get(qn("w:val")) for style in tables} <= known


def retag(old: str, new: str) -> Edit:
    def edit(document: Document) -> None:
        properties = blank(document, old).findall(f"{qn('w:sdtPr')}/{qn('w:tag')}")
        properties[0].set(qn("w:val"), new)

    return edit


def type_after(tag: str, text: str) -> Edit:
    def edit(document: Document) -> None:
        run = etree.SubElement(paragraph_of(blank(document, tag)), qn("w:r"))
        etree.SubElement(run, qn("w:t")).text = text

    return edit


@pytest.mark.parametrize(
    ("edit", "name", "place"),
    [
        (retag("fact:fiscal_income=", "fact:fiscal_incomes=〔收入〕"), "fiscal_incomes", "fact:prior_total_income="),
        (retag("fact:fiscal_income=", "fact:grade:phrase=〔收入〕"), "grade:phrase", "fact:prior_total_income="),
        (retag("fact:fiscal_income=", "fact:Fiscal"), "fact:Fiscal", "fact:prior_total_income="),
        (retag("word:year", "word:years"), "word:years", "word:year"),
        (retag("part:duties", "part:duty"), "part:duty", "part:duty"),
        (type_after("part:duties", "等"), "〔部门职责〕", "part:duties"),
        (type_after("fact:staff_total=", "共〔在职人员〕人"), "〔在职人员〕", "fact:staff_total="),
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_filled_is_refused_with_its_paragraph(
    sample: Result, mapping: Mapping, template: bytes, edit: Edit, name: str, place: str
) -> None:
    """A wrong report is worse than none; the officer is told where to look."""
    data = edited(template, edit)
    with pytest.raises(TemplateRefused) as refused:
        report(sample, mapping, data)
    document = opened(data)
    paragraphs = list(body(document).iter(qn("w:p")))
    number = int(str(refused.value).partition("第 ")[2].partition(" 段")[0])

    assert name in str(refused.value)
    assert number - 1 == paragraphs.index(paragraph_of(blank(document, place)))


def test_a_rate_brings_its_own_percent_sign(sample: Result, mapping: Mapping, template: bytes) -> None:
    """98.69%% would stand in the report."""

    def double(document: Document) -> None:
        rate = blank(document, "fact:execution_rate=")
        run = etree.Element(qn("w:r"))
        etree.SubElement(run, qn("w:t")).text = "％"
        rate.addnext(run)

    with pytest.raises(TemplateRefused, match="execution_rate"):
        report(sample, mapping, edited(template, double))


def test_a_control_of_the_office_s_own_stays(sample: Result, mapping: Mapping, template: bytes) -> None:
    """Not every control is ours."""

    def add(document: Document) -> None:
        own = copy.deepcopy(blank(document, "word:year"))
        own.findall(f"{qn('w:sdtPr')}/{qn('w:tag')}")[0].set(qn("w:val"), "checked-by")
        paragraph_of(blank(document, "word:year")).append(own)

    assert blank(opened(report(sample, mapping, edited(template, add))[1]), "checked-by") is not None


@pytest.mark.parametrize("data", [b"", b"no document", b"PK\x03\x04 cut off"])
def test_what_is_no_document_is_no_template(sample: Result, mapping: Mapping, data: bytes) -> None:
    """Said in words, not with a traceback."""
    with pytest.raises(UnreadableReport):
        report(sample, mapping, data)
