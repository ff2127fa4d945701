"""Mappings (口径): what an officer may change, and what is refused with file, line and a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from jixiao_xl import verbs
from jixiao_xl.files.resources import read_folder
from jixiao_xl.model.errors import MappingError
from jixiao_xl.model.mapping_files import parse_mapping
from jixiao_xl.model.settings import parse_settings, settings_text
from jixiao_xl.workspace import MAPPING_SUFFIXES, open_workspace, package_mappings

Edit = Callable[[str], str]


def replaced(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


def _points_of_99(text: str) -> str:
    return re.sub(r"(party_office,1,(?:[^,]*,){7})\d+", r"\g<1>99", text, count=1)


def _short_row(text: str) -> str:
    return text + "party_office,7,产出\n"


def parsed_with(file: str, edit: Edit) -> None:
    files = read_folder(package_mappings() / "2025", MAPPING_SUFFIXES)
    files[file] = edit(files[file].decode("utf-8-sig")).encode()
    parse_mapping(files, year=2025)


@pytest.mark.parametrize(
    ("file", "edit", "says"),
    [
        ("forms.yaml", replaced("template_version:", "template_versoin:"), "template_versoin"),
        ("forms.yaml", replaced("landscape: true", "landscape: true\n    landscape: false"), "写了两次"),
        ("forms.yaml", replaced("kind: input, type: money", "kind: input, type: monney"), "monney"),
        ("forms.yaml", replaced("choices: funding", "choices: fundings"), "fundings"),
        ("forms.yaml", replaced("  - key: finance", "  - kye: finance"), "kye"),
        ("forms.yaml", replaced("schema: 1", "schema: [1"), ""),
        ("forms.yaml", replaced('formula: "round(actual - prior, 2)"', 'formula: "actual ** prior"'), "**"),
        ("forms.yaml", replaced("not blank(actual) or not blank(budget_initial)", "not blank(actul)"), "actul"),
        ("checks.yaml", replaced("right: \"100\"", "right: \"10 < 20 < 30\""), "条件"),
        ("checks.yaml", replaced("finance.total_income.actual, op", "finance.totl_income.actual, op"), "totl_income"),
        ("checks.yaml", replaced("id: E02", "id: E01"), "E01"),
        ("checks.yaml", replaced("code: weights-invalid", "code: wieghts-invalid"), "wieghts-invalid"),
        ("checks.yaml", replaced('condition: "actual <= budget_adjusted"', 'condition: "open(actual)"'), "open"),
        ("checks.yaml", replaced('op: "==", right: finance.expenditure_grand_total.actual', "right: finance.expenditure_grand_total.actual"), "E04"),
        ("scoring.yaml", replaced('满意度: "10"}', '满意度: "11"}'), "101"),
        ("scoring.yaml", replaced('{grade: 优, from: "90"}', "{grade: 优, from: 90.5}"), "90.5"),
        ("facts.yaml", replaced("value: finance.total_income.actual", "value: finance.total_income.actul"), "actul"),
        ("facts.yaml", replaced("fiscal_income - prior_total_income", "fiscal_incme - prior_total_income"), "fiscal_incme"),
        ("facts.yaml", replaced("id: total_income", "id: fiscal_income"), "fiscal_income"),
        ("units.csv", replaced("party_office,党政办公室", "party-office,党政办公室"), "party-office"),
        ("units.csv", replaced("party_building_office,", "party_office,"), "party_office"),
        ("units.csv", replaced(",street_office,", ",street_ofice,"), "street_ofice"),
        ("units.csv", replaced(",street_office,", ",,"), "2"),
        ("indicators.csv", replaced("≥,比例", "≥,等次"), "等次"),
        ("indicators.csv", replaced("street_office,1,", "street_offic,1,"), "street_offic"),
        ("indicators.csv", replaced("street_office,2,", "street_office,1,"), "street_office_01"),
        ("indicators.csv", _points_of_99, "139"),
        ("indicators.csv", _short_row, "表头"),
        ("projects.csv", replaced("party_office,", "nobody,"), "nobody"),
        ("report.yaml", replaced("收入{fiscal_income}", "收入{fiscal_incom}"), "fiscal_incom"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_with_its_file_and_reason(file: str, edit: Edit, says: str) -> None:
    """The officer edits these files in Excel and Notepad; the answer must say where to look."""
    with pytest.raises(MappingError) as refusal:
        parsed_with(file, edit)
    assert refusal.value.file == file
    assert refusal.value.line is not None
    assert says in str(refusal.value)
    assert re.search("[一-鿿]", str(refusal.value))


def test_a_missing_file_is_named() -> None:
    """Copied folders lose files."""
    files = read_folder(package_mappings() / "2025", MAPPING_SUFFIXES)
    del files["checks.yaml"]
    with pytest.raises(MappingError, match=r"checks\.yaml"):
        parse_mapping(files, year=2025)


def test_a_csv_that_excel_saved_in_gbk_is_read() -> None:
    """Excel in China saves CSV in GBK unless told otherwise."""
    files = read_folder(package_mappings() / "2025", MAPPING_SUFFIXES)
    files["units.csv"] = files["units.csv"].decode("utf-8-sig").encode("gb18030")
    assert parse_mapping(files, year=2025).root.name == "革新街道办事处"


def test_the_office_s_own_name_stands_for_the_root() -> None:
    """`init --department` names the office; units.csv need not be touched for it."""
    files = read_folder(package_mappings() / "2025", MAPPING_SUFFIXES)
    assert parse_mapping(files, year=2025, department="某某局").root.name == "某某局"


@pytest.mark.parametrize(
    "text", ["schema = 2", "schema = 1", 'schema = 1\ndepartment = "x"\nyear = 2025\nyaer = 1', "= 1"]
)
def test_a_wrong_jixiao_toml_is_refused(text: str) -> None:
    """Unknown keys are slips, not wishes."""
    with pytest.raises(MappingError, match=r"jixiao\.toml"):
        parse_settings(text.encode())


def test_a_new_jixiao_toml_can_be_read_whatever_the_office_is_called() -> None:
    """Names contain quotes."""
    assert parse_settings(settings_text('“开发”"区\\管委会', 2025).encode()).department == '“开发”"区\\管委会'


def test_an_older_mapping_takes_the_sentences_that_it_lacks_from_the_program(tmp_path: Path) -> None:
    """`init` copied texts.yaml once; a newer program has more to say."""
    verbs.init(tmp_path / "街道", department="某街道办事处", year=2025)
    texts = tmp_path / "街道" / "mappings" / "2025" / "texts.yaml"
    lines = texts.read_text(encoding="utf-8").splitlines(keepends=True)
    texts.write_text("".join(line for line in lines if "  blank:" not in line), encoding="utf-8")
    mapping = open_workspace(tmp_path / "街道").mapping()
    assert mapping.text("blank") == "空白"
    assert mapping.department == "某街道办事处"
