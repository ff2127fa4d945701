"""What a mapping may not say (口径自相矛盾): duplicates, weights that do not sum, fields that no sheet has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from jixiao_xl.model import texts, texts_mail
from jixiao_xl.model.appendix_rules import refuse_appendix_contradictions
from jixiao_xl.model.errors import JixiaoError, MappingError
from jixiao_xl.model.expressions import ExpressionError, Name, parse_condition, parse_number
from jixiao_xl.model.form import Form
from jixiao_xl.model.form_builder import build_form
from jixiao_xl.model.letter_rules import refuse_letter_mistakes
from jixiao_xl.model.mapping import Check, Mapping, Prior, Profile
from jixiao_xl.model.money import plain
from jixiao_xl.model.report_text import unknown_places, unknown_words, unnamed_parts
from jixiao_xl.model.scoring import full_blocks, rule_of

_FULL = Decimal(100)


def refuse_contradictions(mapping: Mapping) -> None:
    """Raise MappingError for the first thing that cannot be right."""
    _duplicates("units.csv", (unit.code for unit in mapping.units))
    _duplicates("indicators.csv", (indicator.key for indicator in mapping.indicators))
    _duplicates("departments.csv", (one.name for one in mapping.departments))
    _duplicates("checks.yaml", (check.id for check in mapping.checks))
    _duplicates("facts.yaml", (fact.id for fact in mapping.facts))
    _units(mapping)
    _duplicates("departments.csv", (mapping.root.code, *(one.code for one in mapping.departments)))
    _choices(mapping)
    _profiles(mapping)
    _points(mapping)
    _rules(mapping)
    _priors(mapping)
    for check in mapping.checks:
        _parses(check)
    forms = _forms(mapping)
    for check in mapping.checks:
        _check(check, mapping, forms)
    _form_conditions(mapping, forms)
    _facts(mapping, forms)
    refuse_appendix_contradictions(mapping)
    refuse_letter_mistakes(mapping.letters)
    facts = {fact.id for fact in mapping.facts}
    for word in (*unknown_words(mapping.report, facts), *unknown_places(mapping.report, mapping.forms)):
        raise MappingError("report.yaml", None, texts.REPORT_WORD_UNKNOWN.format(name=word), near=word)
    for name in unnamed_parts(mapping.report):
        raise MappingError("report.yaml", None, texts.REPORT_PART_UNNAMED.format(name=name), near=name)


def _duplicates(file: str, values: Iterable[str]) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            raise MappingError(file, None, texts.DUPLICATE.format(value=value), near=_row_start(file, value))


def _row_start(file: str, value: str) -> str:
    """What the row of a key begins with in its file."""
    match file:
        case "indicators.csv":
            unit, _, serial = value.rpartition("_")
            return f"{unit},{int(serial)},"
        case "units.csv":
            return f"{value},"
        case _:
            return f"id: {value},"


def _units(mapping: Mapping) -> None:
    roots = [unit for unit in mapping.units if unit.parent is None]
    if len(roots) != 1:
        raise MappingError("units.csv", None, texts.NO_ROOT.format(count=len(roots)), near=",")
    for line, unit in enumerate(mapping.units, start=2):
        if unit.parent is not None and unit.parent not in mapping.unit_by_code:
            raise MappingError("units.csv", line, texts.UNKNOWN_PARENT.format(unit=unit.name, parent=unit.parent))
    for file, rows in (("indicators.csv", mapping.indicators), ("projects.csv", mapping.projects)):
        for line, row in enumerate(rows, start=2):
            if row.unit not in mapping.unit_by_code:
                raise MappingError(file, line, texts.UNKNOWN_UNIT.format(value=row.unit))


def _choices(mapping: Mapping) -> None:
    for sheet in mapping.forms.sheets:
        for table in sheet.tables:
            for column in table.columns:
                if column.choices and column.choices not in mapping.forms.choices:
                    raise MappingError(
                        "forms.yaml",
                        None,
                        texts.CHOICES_UNKNOWN.format(value=column.choices),
                        near=f"choices: {column.choices}",
                    )


def _profiles(mapping: Mapping) -> None:
    profiles = mapping.scoring.profiles
    named: dict[str, Profile] = {
        "project": profiles.project,
        "section": profiles.section,
        "department": profiles.department,
    }
    for name, profile in named.items():
        total = sum(profile.blocks.values(), Decimal(0))
        if total != _FULL:
            raise MappingError(
                "scoring.yaml", None, texts.WEIGHTS_WRONG.format(profile=name, found=plain(total)), near=f"  {name}:"
            )


def _points(mapping: Mapping) -> None:
    """The points of each block of each unit are those of its profile; a block without indicators gives its away."""
    by_unit: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for indicator in mapping.indicators:
        by_unit[indicator.unit][indicator.level1] += indicator.points
    for code, found in by_unit.items():
        expected = full_blocks(mapping, code, set(found))
        name = mapping.unit_by_code[code].name
        for block, points in found.items():
            if block not in expected:
                raise MappingError(
                    "indicators.csv", None, texts.BLOCK_UNKNOWN.format(unit=name, block=block), near=f"{code},"
                )
            if points != expected[block]:
                words = texts.POINTS_WRONG.format(
                    unit=name, block=block, found=plain(points), expected=plain(expected[block])
                )
                raise MappingError("indicators.csv", None, words, near=f"{code},")


def _rules(mapping: Mapping) -> None:
    for line, indicator in enumerate(mapping.indicators, start=2):
        try:
            rule_of(indicator, mapping.scoring)
        except (JixiaoError, ArithmeticError, ValueError) as error:
            words = texts.TARGET_WRONG.format(unit=indicator.unit, indicator=indicator.level3, reason=error)
            raise MappingError("indicators.csv", line, words) from error


def _priors(mapping: Mapping) -> None:
    """A figure of last year has one cell that it goes into; one without would be lost in silence."""
    seen: set[tuple[str, str, str, str]] = set()
    for line, prior in enumerate(mapping.priors, start=2):
        key = (prior.unit, prior.table, prior.row, prior.column)
        if prior.unit not in mapping.unit_by_code:
            raise MappingError("prior.csv", line, texts.UNKNOWN_UNIT.format(value=prior.unit))
        if key in seen:
            raise MappingError("prior.csv", line, texts.DUPLICATE.format(value=prior.row))
        seen.add(key)
        if not _has_input(prior, mapping):
            words = {"unit": mapping.unit_by_code[prior.unit].name, "table": prior.table, "row": prior.row}
            raise MappingError("prior.csv", line, texts_mail.PRIOR_NOWHERE.format(**words))


def _has_input(prior: Prior, mapping: Mapping) -> bool:
    level = mapping.level(prior.unit)
    tables = [t for sheet in mapping.forms.sheets for t in sheet.tables if t.key == prior.table and level in t.levels]
    inputs = [column.key for table in tables for column in table.columns if column.kind == "input"]
    fixed = {row.key for table in tables for row in table.rows if row.formula is None}
    listed = (
        {project.code for project in mapping.projects_of(prior.unit)} if any(t.known for t in tables) else set[str]()
    )
    return prior.column in inputs and prior.row in fixed | listed


def _one_of_each(mapping: Mapping) -> Iterator[tuple[str, str]]:
    yield "部门", mapping.root.code
    if mapping.sections:
        yield "科室", mapping.sections[0].code


def _forms(mapping: Mapping) -> dict[str, Form]:
    """One form of each level; building it parses every formula of forms.yaml."""
    try:
        return {level: build_form(mapping, unit) for level, unit in _one_of_each(mapping)}
    except ExpressionError as error:
        raise MappingError("forms.yaml", None, str(error), near=error.text) from error


def _parses(check: Check) -> None:
    """Every expression of a check is inside the grammar."""
    numbers = (check.left, check.right, *check.at, check.explained_by)
    for text, is_condition in [(check.when, True), (check.condition, True), *((number, False) for number in numbers)]:
        if text is None:
            continue
        try:
            parse_condition(text) if is_condition else parse_number(text)
        except ExpressionError as error:
            words = texts.EXPRESSION_WRONG.format(where=f"checks.yaml {check.id}", text=text, reason=error)
            raise MappingError("checks.yaml", None, words, near=f"id: {check.id},") from error


def _check(check: Check, mapping: Mapping, forms: dict[str, Form]) -> None:
    if check.code not in mapping.finding_texts:
        raise MappingError(
            "checks.yaml", None, texts.CODE_UNKNOWN.format(check=check.id, code=check.code), near=f"id: {check.id},"
        )
    sides = (check.left, check.op, check.right)
    if (check.condition is None) == any(side is None for side in sides):
        raise MappingError("checks.yaml", None, texts.CHECK_SIDES.format(check=check.id), near=f"id: {check.id},")
    where = f"checks.yaml {check.id}"
    for text in (check.when, check.condition):
        if text is not None:
            _names_exist(where, text, check, forms, condition=True)
    for text in (check.left, check.right, *check.at, check.explained_by):
        if text is not None:
            _names_exist(where, text, check, forms, condition=False)


def _names_exist(where: str, text: str, check: Check, forms: dict[str, Form], *, condition: bool) -> None:
    expression = parse_condition(text) if condition else parse_number(text)
    levels = forms.keys() & ({"部门", "科室"} if check.scope == "tree" else set(check.levels))
    for operand in expression.names:
        known = [_exists(operand.name, check.table, forms[level]) for level in levels]
        if not (any(known) if check.scope == "tree" else all(known)):
            words = texts.NAME_UNKNOWN.format(where=where, text=text, name=".".join(operand.name))
            raise MappingError("checks.yaml", None, words, near=f"id: {check.id},")


def _exists(name: Name, table: str | None, form: Form) -> bool:
    match name:
        case (column,):
            return table in form.tables and column in form.tables[table][1].column_by_key
        case (of_table, column):
            return of_table in form.tables and column in form.tables[of_table][1].column_by_key
        case (sheet, row, column):
            found = form.table_of_row.get((sheet, row))
            return found is not None and column in found.column_by_key
        case _:
            return False


def _form_conditions(mapping: Mapping, forms: dict[str, Form]) -> None:
    """`required` conditions name columns of their own table."""
    for form in forms.values():
        for cell in form.cells.values():
            if isinstance(cell.required, str):
                table = form.table_of_row[cell.key.sheet, cell.key.row]
                for operand in parse_condition(cell.required).names:
                    if not _exists(operand.name, table.key, form):
                        name = ".".join(operand.name)
                        words = texts.NAME_UNKNOWN.format(where=cell.key.column, text=cell.required, name=name)
                        raise MappingError("forms.yaml", None, words, near=cell.required)


def _facts(mapping: Mapping, forms: dict[str, Form]) -> None:
    seen: set[str] = set()
    for fact in mapping.facts:
        if (fact.value is None) == (fact.special is None):
            raise MappingError("facts.yaml", None, texts.FACT_SIDES.format(fact=fact.id), near=f"id: {fact.id},")
        if fact.value is not None:
            try:
                expression = parse_number(fact.value)
            except JixiaoError as error:
                words = texts.EXPRESSION_WRONG.format(where=fact.id, text=fact.value, reason=error)
                raise MappingError("facts.yaml", None, words, near=f"id: {fact.id},") from error
            for operand in expression.names:
                name = operand.name
                if not (name[0] in seen if len(name) == 1 else _exists(name, None, forms["部门"])):
                    words = texts.NAME_UNKNOWN.format(where=fact.id, text=fact.value, name=".".join(name))
                    raise MappingError("facts.yaml", None, words, near=f"id: {fact.id},")
        seen.add(fact.id)
