"""workbook_templates/ (空白模板): workbooks and the report, built from the mappings and proven to match them part by part."""

from __future__ import annotations

from collections.abc import Iterator

from jixiao_xl.files.ooxml import parts
from jixiao_xl.files.resources import resource_root
from jixiao_xl.files.safe import write_atomically
from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.stages.issue import render_template
from jixiao_xl.stages.report import report_template
from jixiao_xl.workspace import load_mapping, package_mappings, package_years

TEMPLATES = "workbook_templates"


def build() -> Iterator[str]:
    """Write every template; yields the file names."""
    for name, data in _made():
        write_atomically(resource_root() / TEMPLATES / name, data)
        yield name


def verify() -> Iterator[str]:
    """Compare every template's parts with what the mappings give; yields the file names.

    Raises:
        JixiaoError: one is missing or differs.
    """
    for name, data in _made():
        path = resource_root() / TEMPLATES / name
        if not path.is_file() or parts(path.read_bytes()) != parts(data):
            raise JixiaoError(texts.TEMPLATES_DIFFER.format(name=name))
        yield name


def _made() -> Iterator[tuple[str, bytes]]:
    year = package_years()[0]
    mapping: Mapping = load_mapping(package_mappings() / str(year), year)
    for level in mapping.forms.templates:
        yield render_template(mapping, level)
    yield report_template(mapping)
