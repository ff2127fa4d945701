"""Reading a mapping folder (读取口径): bytes of YAML and CSV files into a typed `Mapping`, or a refusal with its line."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Hashable
from collections.abc import Mapping as Files
from datetime import date
from typing import TYPE_CHECKING, Final, TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jixiao_xl.model import texts
from jixiao_xl.model.csv_files import decoded
from jixiao_xl.model.errors import MappingError
from jixiao_xl.model.letter_rules import LETTERS
from jixiao_xl.model.mapping import (
    Appendix,
    BureauForms,
    Checks,
    Department,
    Facts,
    FindingTexts,
    Forms,
    Indicator,
    Letters,
    Mapping,
    Material,
    MeasureUnit,
    Prior,
    Project,
    Reading,
    Report,
    Scoring,
    Texts,
    Unit,
)
from jixiao_xl.model.mapping_rules import refuse_contradictions

_Model = TypeVar("_Model", bound=BaseModel)
_Path = tuple[int | str, ...]
READING: Final = "reading.yaml"
MATERIALS: Final = "materials.csv"  # an office may ask for nothing
DEPARTMENTS: Final = "departments.csv"  # who a bureau expects a package of; nobody else has one
PRIOR: Final = "prior.csv"  # the first year has no last one
BUREAU_FORMS: Final = "bureau_forms.yaml"  # an office whose bureau prescribes no form needs none


def parse_mapping(
    files: Files[str, bytes],
    *,
    year: int,
    department: str | None = None,
    deadline: date | None = None,
    wording: Files[str, bytes] | None = None,
) -> Mapping:
    """The mapping of `year` from the files of its folder, by name.

    `wording` are the texts that came with the program: an office's own, older ones may lack a sentence.

    Raises:
        MappingError: a file is missing or a part of one cannot be right; says file, line and what is wrong.
    """
    forms = _yaml(files, "forms.yaml", Forms)
    own, given = _with_given(files, wording, "texts.yaml", Texts)
    found, known = _with_given(files, wording, "findings.yaml", FindingTexts)
    units = _csv(files, "units.csv", Unit)
    root = next((unit for unit in units if unit.parent is None), None)
    if department is not None and root is not None:
        units = tuple(unit.model_copy(update={"name": department}) if unit is root else unit for unit in units)
    mapping = Mapping(
        year=year,
        department=department or (root.name if root else ""),
        forms=forms,
        checks=tuple(_yaml(files, "checks.yaml", Checks).checks),
        scoring=_yaml(files, "scoring.yaml", Scoring),
        facts=tuple(_yaml(files, "facts.yaml", Facts).facts),
        finding_texts={**known.findings, **found.findings},
        texts={**given.texts, **own.texts},
        rule_texts={**given.rules, **own.rules},
        report=_yaml(files, "report.yaml", Report),
        reading=_over_given(files, wording, READING, Reading),
        appendix=_yaml(files if "appendix.yaml" in files or wording is None else wording, "appendix.yaml", Appendix),
        letters=_over_given(files, wording, LETTERS, Letters),
        bureau_forms=tuple(_yaml(files, BUREAU_FORMS, BureauForms).forms) if BUREAU_FORMS in files else (),
        units=units,
        indicators=_csv(files, "indicators.csv", Indicator),
        projects=_csv(files, "projects.csv", Project),
        measure_units=_csv(files, "measure_units.csv", MeasureUnit),
        materials=tuple(_of_year(material, year) for material in _optional_csv(files, MATERIALS, Material)),
        priors=_optional_csv(files, PRIOR, Prior),
        departments=_optional_csv(files, DEPARTMENTS, Department),
        deadline=deadline,
        versions={name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    )
    try:
        refuse_contradictions(mapping)
    except MappingError as error:
        raise error.found_in(_text(files, error.file)) from error
    return mapping


def _with_given(
    files: Files[str, bytes], wording: Files[str, bytes] | None, name: str, model: type[_Model]
) -> tuple[_Model, _Model]:
    """A file of the office and the program's own; one that nobody has changed is read once."""
    own = _yaml(files, name, model)
    return own, own if wording is None or wording.get(name) == files[name] else _yaml(wording, name, model)


def _over_given(files: Files[str, bytes], wording: Files[str, bytes] | None, name: str, model: type[_Model]) -> _Model:
    """The office's file over the program's own: an older one may lack some of what the program asks for."""
    if wording is None:
        return _yaml(files, name, model)
    if name not in files or files[name] == wording[name]:
        return _yaml(wording, name, model)
    return _yaml(files, name, model, _content(_text(wording, name), name))


# -- YAML ------------------------------------------------------------------------------------------------------


def _yaml(files: Files[str, bytes], name: str, model: type[_Model], given: object = None) -> _Model:
    """A file as its model; keys that it lacks are those of `given`."""
    text = _text(files, name)
    content = _completed(_content(text, name), given)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = _gravest(error)
        line = _line_of(yaml.compose(text, Loader=yaml.SafeLoader), first["loc"])
        raise MappingError(name, line, _complaint(first)) from error


def _completed(own: object, given: object) -> object:
    """What the office says, and what it does not say as the program says it."""
    if not isinstance(own, dict) or not isinstance(given, dict):
        return own
    both = cast("dict[Hashable, object]", own), cast("dict[Hashable, object]", given)
    return {**both[1], **{key: _completed(value, both[1].get(key)) for key, value in both[0].items()}}


def _content(text: str, name: str) -> object:
    try:
        return yaml.load(text, Loader=_UniqueKeys)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MappingError(name, line, error.problem or texts.MAPPING_NOT_YAML) from error


if TYPE_CHECKING:
    _SafeLoader = yaml.SafeLoader
else:
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is built in


class _UniqueKeys(_SafeLoader):
    """YAML whose mappings refuse a key that stands twice, where PyYAML would keep the last in silence."""


def _unique(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Hashable, object]:
    seen: set[object] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, texts.MAPPING_DUPLICATE_KEY.format(key=key), key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique)


def _line_of(node: yaml.Node | None, path: _Path) -> int:
    """The line of the deepest part of `path` that the file has."""
    line = node.start_mark.line + 1 if node else 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(step)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            item: yaml.Node = node.value[step]
            line, node = item.start_mark.line + 1, item
    return line


# -- CSV -------------------------------------------------------------------------------------------------------


def _csv(files: Files[str, bytes], name: str, model: type[_Model]) -> tuple[_Model, ...]:
    reader = csv.DictReader(io.StringIO(_text(files, name), newline=""), strict=True)
    rows: list[_Model] = []
    try:
        for row in reader:
            if None in row or None in row.values():
                raise MappingError(name, reader.line_num, texts.MAPPING_RAGGED_ROW)
            if any(value.strip() for value in row.values()):
                rows.append(_record(name, reader.line_num, row, model))
    except csv.Error as error:
        raise MappingError(name, reader.line_num, str(error)) from error
    return tuple(rows)


def _optional_csv(files: Files[str, bytes], name: str, model: type[_Model]) -> tuple[_Model, ...]:
    return _csv(files, name, model) if name in files else ()


def _of_year(material: Material, year: int) -> Material:
    """A list that goes on from year to year names the year of its items with {year}."""
    return material.model_copy(update={"item": material.item.replace("{year}", str(year))})


def _record(name: str, line: int, row: dict[str, str], model: type[_Model]) -> _Model:
    try:
        return model.model_validate({key: value.strip() for key, value in row.items()})
    except ValidationError as error:
        raise MappingError(name, line, _complaint(_gravest(error))) from error


def _text(files: Files[str, bytes], name: str) -> str:
    """The file's text: UTF-8, with or without BOM, or GBK as Excel saves a CSV in China."""
    if name not in files:
        raise MappingError(name, None, texts.MAPPING_FILE_MISSING)
    text = decoded(files[name])
    if text is None:
        raise MappingError(name, None, texts.MAPPING_NOT_TEXT)
    return text


def _gravest(error: ValidationError) -> ErrorDetails:
    """A key that nobody knows explains the one that is missing: it comes first."""
    return min(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")


def _complaint(error: ErrorDetails) -> str:
    """What pydantic says, in Chinese, with the field's path and the value found."""
    where = ".".join(str(step) for step in error["loc"]) or "-"
    template = texts.MAPPING_COMPLAINTS.get(error["type"], texts.MAPPING_COMPLAINT)
    context = error.get("ctx", {})
    allowed = context.get("expected") or context.get("pattern") or context.get("error") or error["msg"]
    return template.format(field=where, found=str(error["input"])[:60], allowed=allowed)
