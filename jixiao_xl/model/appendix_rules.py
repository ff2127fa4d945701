"""What appendix.yaml and bureau_forms.yaml may not say (附表口径自相矛盾): unknown names, units that do not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jixiao_xl.model import texts
from jixiao_xl.model.bureau_fields import form_fields
from jixiao_xl.model.errors import MappingError
from jixiao_xl.model.expressions import ExpressionError, Name, parse_number
from jixiao_xl.model.form import Form
from jixiao_xl.model.form_builder import build_form
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.mapping.bureau_forms import INDICATOR_FIELDS, UNITS_OF, BureauForm, FieldKind, FieldUnit

_APPENDIX, _FORMS = "appendix.yaml", "bureau_forms.yaml"
_AMOUNTS = ("budget_initial", "budget_adjusted", "actual")
_NAME = "level3"


def refuse_appendix_contradictions(mapping: Mapping) -> None:
    """Raise MappingError for the first thing that cannot be right."""
    form = build_form(mapping, mapping.root.code)
    for rows in (mapping.appendix.department_funds, mapping.appendix.project_funds):
        keys = [row.key for row in rows]
        for key in keys:
            if keys.count(key) > 1:
                raise MappingError(_APPENDIX, None, texts.DUPLICATE.format(value=key), near=f"key: {key},")
        for row in rows:
            for key in row.sum_of:
                if key not in keys:
                    raise _unknown(row.key, key, f"key: {row.key},")
            for column in _AMOUNTS if row.value else ():
                _amount(row.key, (row.value or "").replace("{column}", column), form)
    files = [one.file for one in mapping.bureau_forms]
    for bureau in mapping.bureau_forms:
        if files.count(bureau.file) > 1:
            raise MappingError(_FORMS, None, texts.BUREAU_FILE_TWICE.format(file=bureau.file), near=bureau.file)
        for reason, near in _mistakes(bureau, form_fields(mapping.appendix, bureau.level)):
            raise MappingError(_FORMS, None, reason, near=near)


def _amount(key: str, text: str, form: Form) -> None:
    try:
        names = [operand.name for operand in parse_number(text).names]
    except ExpressionError as error:
        words = texts.EXPRESSION_WRONG.format(where=key, text=text, reason=error)
        raise MappingError(_APPENDIX, None, words, near=f"key: {key},") from error
    for name in names:
        if not _exists(name, form):
            raise _unknown(key, ".".join(name), f"key: {key},", text)


def _exists(name: Name, form: Form) -> bool:
    table = form.table_of_row.get((name[0], name[1])) if len(name) == 3 else None
    return table is not None and name[2] in table.column_by_key


def _unknown(where: str, name: str, near: str, text: str = "") -> MappingError:
    words = texts.NAME_UNKNOWN.format(where=where, text=text or name, name=name)
    return MappingError(_APPENDIX, None, words, near=near)


def _mistakes(form: BureauForm, kinds: dict[str, FieldKind]) -> Iterator[tuple[str, str]]:
    """What is wrong with a form's mapping, and a piece of the file where it stands."""
    for one in form.fields:
        yield from _field(one.field, one.unit, kinds, f"field: {one.field}")
    table = form.indicators
    if table is None:
        return
    if _NAME not in table.columns:
        yield texts.BUREAU_NO_NAME_COLUMN, "columns:"
    for name, column in table.columns.items():
        yield from _field(name, column.unit, INDICATOR_FIELDS, f"{name}:")
    for name in (*table.totals, *table.words, *table.carry_down):
        if name not in table.columns:
            yield _unknown_field(name, table.columns), name
    for name in table.totals.values():
        yield from _field(name, None, {key: kind for key, kind in kinds.items() if kind == "score"}, name)


def _field(name: str, unit: FieldUnit | None, kinds: dict[str, FieldKind], near: str) -> Iterator[tuple[str, str]]:
    if name not in kinds:
        yield _unknown_field(name, kinds), near
        return
    allowed = UNITS_OF.get(kinds[name], ())
    if allowed and unit not in allowed:
        yield texts.BUREAU_UNIT_WRONG.format(field=name, units=texts.LIST_JOINT.join(allowed)), near
    if not allowed and unit is not None:
        yield texts.BUREAU_UNIT_UNNEEDED.format(field=name), near


def _unknown_field(name: str, known: Iterable[str]) -> str:
    return texts.BUREAU_FIELD_UNKNOWN.format(field=name, fields=texts.LIST_JOINT.join(known))
