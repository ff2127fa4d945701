"""Write back (回写): what was found and computed, in a copy of each unit's own workbook; what it typed stays.

核算得分, 核算差异 and 校验结果 belong to the tool: every cell of them is written anew, so that nothing of an earlier
round stays behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Values
from decimal import Decimal

from jixiao_xl.files.author import LINE_POINTS, lines_needed
from jixiao_xl.files.package import UnreadableWorkbook
from jixiao_xl.files.patch import Content, MacroSheets, NoFormula, NoSheet, PartOfArray, Stored, patch
from jixiao_xl.files.safe import clean_text, safe_name
from jixiao_xl.model.batch import Batch, Submission
from jixiao_xl.model.findings import Finding, Severity, Status
from jixiao_xl.model.form import Form
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import at_excel_precision, half_up
from jixiao_xl.model.places import CellKey
from jixiao_xl.model.texts import SEVERITY_WORDS

_SCORES, _RESULTS = "indicators", "results"
_COMPUTED, _DIFFERENCE = "computed_score", "score_difference"
_ORDER = tuple(Severity)
Writes = dict[str, dict[str, Content]]
Heights = dict[str, dict[int, float | None]]


def write_back(
    files: Values[str, bytes], batch: Batch, findings: Sequence[Finding], mapping: Mapping
) -> Iterator[tuple[str, str, bytes | None]]:
    """The unit, the file name and the bytes of every workbook that could be read, with its results filled in.

    No bytes for one whose prepared cells cannot be written to. `files` are the bytes that the batch was read from,
    by path.
    """
    for submission in batch.submissions:
        writes = _scores(submission)
        own = [finding for finding in findings if finding.place.unit == submission.unit]
        for sheet, cells in _listed(submission, sorted(own, key=_gravest_first), mapping).items():
            writes.setdefault(sheet, {}).update(cells)
        name = f"{safe_name(submission.form.unit_name)}.xlsx"
        yield submission.unit, name, _patched(files[submission.file], writes, _heights(submission, writes))


def _patched(data: bytes, writes: Writes, heights: Heights) -> bytes | None:
    try:
        return patch(data, writes, heights=heights)
    except NoFormula:  # the links of 校验结果 are damaged: as plain text they are still of use
        plain = {sheet: {a: _plain(content) for a, content in cells.items()} for sheet, cells in writes.items()}
        return patch(data, plain, heights=heights)
    except (MacroSheets, PartOfArray, NoSheet, UnreadableWorkbook):
        return None


def _plain(content: Content) -> Content:
    return str(content.value) or None if isinstance(content, Stored) else content


def _scores(submission: Submission) -> Writes:
    """核算得分 and 核算差异 of every row that has a score: ours, and the section's less ours, at two decimals."""
    writes: Writes = {}
    title = submission.layout.titles.get(_SCORES)
    for key in submission.formulas:
        if title is None or (key.sheet, key.column) != (_SCORES, "score"):
            continue
        due = _computed(submission, key)
        shown = submission.formulas[key].stored
        own = half_up(at_excel_precision(shown), 2) if isinstance(shown, float) else None
        values = {_COMPUTED: due, _DIFFERENCE: own - due if own is not None and due is not None else None}
        for column, value in values.items():
            cell = key._replace(column=column)
            if submission.layout.has(cell):
                writes.setdefault(title, {})[submission.layout.address(cell)] = value
    return writes


def _computed(submission: Submission, key: CellKey) -> Decimal | None:
    """Python's score; of a sum over an indicator without a score there is none."""
    workings = submission.workings
    scores = [below for below in workings.precedents(key) if below.column == "score"]
    if any(workings.value(below) is None for below in scores):
        return None
    due = workings.value(key)
    return due if isinstance(due, Decimal) else None


def _gravest_first(finding: Finding) -> tuple[object, ...]:
    return (finding.is_settled, _ORDER.index(finding.severity), finding.order)


def _listed(submission: Submission, findings: list[Finding], mapping: Mapping) -> Writes:
    """校验结果: one prepared row a finding, the others empty; the last row says where the rest is."""
    layout, form = submission.layout, submission.form
    if _RESULTS not in layout.titles or _RESULTS not in layout.table_sheets:
        return {}
    keys = [row.key for row in form.tables[_RESULTS][1].data_rows if row.key and (_RESULTS, row.key) in layout.rows]
    rows: list[dict[str, str]] = [_row(finding, submission, mapping) for finding in findings]
    if len(rows) > len(keys) > 0:
        rest = len(rows) - len(keys) + 1
        rows = [*rows[: len(keys) - 1], {"message": mapping.text("results_more", count=str(rest))}]
    cells: dict[str, Content] = {}
    for number, key in enumerate(keys):
        row = rows[number] if number < len(rows) else {}
        for column in _columns(form):
            cell = CellKey(_RESULTS, key, column)
            if layout.has(cell):
                text = clean_text(row.get(column, ""))
                cells[layout.address(cell)] = Stored(text) if column == "link" else text or None
    return {layout.titles[_RESULTS]: cells}


def _heights(submission: Submission, writes: Writes) -> Heights:
    """Rows of 校验结果 as high as what is written there; an emptied one as the program likes."""
    layout, title = submission.layout, submission.layout.titles.get(_RESULTS, "")
    if title not in writes:
        return {}
    columns = submission.form.tables[_RESULTS][1].column_by_key
    letters = {name: letter for name, letter in layout.letters[_RESULTS].items() if columns[name].printed}
    heights: dict[int, float | None] = {}
    for number in [number for (sheet, _), number in layout.rows.items() if sheet == _RESULTS]:
        texts = {name: writes[title].get(f"{letter}{number}") for name, letter in letters.items()}
        lines = [lines_needed(text, columns[name].width) for name, text in texts.items() if isinstance(text, str)]
        heights[number] = max(lines) * LINE_POINTS + 5 if lines else None
    return {title: heights}


def _columns(form: Form) -> list[str]:
    return [column.key for column in form.tables[_RESULTS][1].columns]


def _row(finding: Finding, submission: Submission, mapping: Mapping) -> dict[str, str]:
    place, message = finding.place, finding.message
    if finding.status in (Status.ACCEPTED, Status.REJECTED):
        decision = mapping.text(f"summary_decision_{finding.status}")
        message += mapping.text("results_decision", decision=decision, reason=finding.decision or "")
    address = "'{}'!{}".format(place.sheet.replace("'", "''"), place.cell) if place.cell and place.sheet else ""
    lights = place.key is not None and not submission.is_added(place.key) and not finding.is_settled
    severity = SEVERITY_WORDS[finding.severity]
    return {
        "id": finding.id,
        "severity": mapping.text("summary_decision_accepted") if finding.is_settled else severity,
        "code": finding.code,
        "link": address,
        "sheet": place.sheet,
        "row_label": place.label,
        "column_label": place.column_label,
        "found": finding.found or "",
        "expected": finding.expected or "",
        "difference": finding.difference or "",
        "message": message,
        "address": address,
        "cell_key": f"{place.sheet}|{place.key.row}|{place.key.column}" if lights and place.key else "",
    }
