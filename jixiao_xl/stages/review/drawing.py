"""Drawing the review (审核处理的空白表): a new workbook for the officer's decisions, before its first rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from jixiao_xl.files.author import (
    LINE_POINTS,
    AuthoredCell,
    AuthoredSheet,
    Highlight,
    Merge,
    Style,
    Validation,
    author_workbook,
    lines_needed,
)
from jixiao_xl.files.cells import column_letter
from jixiao_xl.files.tables import with_spread_validations
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.review import CorrectionState
from jixiao_xl.stages.review.layout import (
    COLUMNS,
    CORRECTIONS,
    DECISIONS,
    HIDDEN,
    SCORES,
    TYPED,
    header,
    sheet_name,
)

_MOMENT: Final = datetime(2025, 1, 1)  # the workbook carries no clock
_HINT_ROW, _HEADER_ROW, _FIRST_ROW = 1, 2, 3
_PREPARED: Final = {DECISIONS: 1, SCORES: 1, CORRECTIONS: 30}
_LAST_ROW: Final = 9_999  # down to here lists, prompts and colours hold
_WIDTHS: Final = {
    "id": 13, "basis": 12, "unit": 17, "sheet": 12, "cell": 8, "severity": 8, "message": 46, "explanation": 28,
    "decision": 10, "reason": 26, "decided_by": 10, "state": 19,
    "unit_code": 18, "indicator": 30, "indicator_key": 22, "points": 9, "self": 11, "computed": 11, "score": 11,
    "comment": 42, "reviewer": 11,
    "old": 18, "new": 18, "informant": 11, "date": 13,
}  # fmt: skip
_OWN_WIDTHS: Final = {
    (SCORES, "unit"): 31,
    (CORRECTIONS, "unit"): 31,
    (CORRECTIONS, "reason"): 36,
    (CORRECTIONS, "state"): 27,
}
_CENTRED: Final = frozenset(
    ("id", "sheet", "cell", "severity", "decision", "decided_by", "reviewer", "informant", "date", "state")
)
_FORMATS: Final = {"self": "0.00", "computed": "0.00", "score": "0.00", "points": "General", "date": "yyyy-mm-dd"}
_NUMBERS: Final = frozenset(("points", "self", "computed", "score"))
_HINT: Final = Style(border=False, size=10, wrap=True, color="#404040")
_HEADER: Final = Style(bold=True, fill="#D9E2EF", align="center", wrap=True)
_TYPED_FILL, _TOOL_FILL = "#FFFBE6", "#F7F7F7"
_AMBER, _RED, _GREEN, _GREY = (
    ("#FFEB9C", "#7F6000"),
    ("#FFC7CE", "#9C0006"),
    ("#E2F0D9", "#375623"),
    ("#EDEDED", "#808080"),
)


def blank_workbook(mapping: Mapping) -> bytes:
    """审核处理.xlsx without a decision, a score or a correction; the same mapping gives the same bytes."""
    data = author_workbook([_sheet(sheet, mapping) for sheet in COLUMNS], moment=_MOMENT)
    return with_spread_validations(data, _LAST_ROW)


def _sheet(sheet: str, mapping: Mapping) -> AuthoredSheet:
    columns = COLUMNS[sheet]
    last = _HEADER_ROW + _PREPARED[sheet]
    widths = {n: _OWN_WIDTHS.get((sheet, column), _WIDTHS[column]) for n, column in enumerate(columns, start=1)}
    seen = sum(width for n, width in widths.items() if columns[n - 1] not in HIDDEN)
    hint = mapping.text(f"review_hint_{sheet}")
    page = AuthoredSheet(
        sheet_name(mapping, sheet),
        merges=[Merge(_HINT_ROW, 1, _HINT_ROW, len(columns), hint, _HINT)],
        widths=dict(widths),
        heights={_HINT_ROW: lines_needed(hint, seen) * LINE_POINTS + 8, _HEADER_ROW: 24},
        hidden_columns={n for n, column in enumerate(columns, start=1) if column in HIDDEN},
        repeat_rows=(_HEADER_ROW, _HEADER_ROW),
        landscape=True,
        freeze=(_FIRST_ROW, 1),
        filter_area=(_HEADER_ROW, 1, last, len(columns)),
    )
    for n, column in enumerate(columns, start=1):
        page.cells.append(AuthoredCell(_HEADER_ROW, n, header(mapping, column), _HEADER))
        look = _look(sheet, column)
        page.cells.extend(AuthoredCell(row, n, None, look) for row in range(_FIRST_ROW, last + 1))
        if column in TYPED[sheet]:
            page.validations.extend(_validations(sheet, column, n, mapping))
    page.heights |= dict.fromkeys(range(_FIRST_ROW, last + 1), 20.0)
    page.growing_rows = set(range(_FIRST_ROW, last + 1))
    page.highlights = list(_highlights(sheet, mapping))
    return page


def _look(sheet: str, column: str) -> Style:
    fill = _TYPED_FILL if column in TYPED[sheet] else _TOOL_FILL
    style = Style(wrap=True, fill=fill, number_format=_FORMATS.get(column, "@"))
    if column in _NUMBERS:
        return replace(style, align="right", wrap=False)
    return replace(style, align="center") if column in _CENTRED else style


# -- what helps while typing -----------------------------------------------------------------------------------


def _validations(sheet: str, column: str, at: int, mapping: Mapping) -> list[Validation]:
    name = "decision_reason" if (sheet, column) == (DECISIONS, "reason") else column
    key = f"review_prompt_{name}"
    if key not in mapping.texts:
        return []
    prompt = mapping.text(key)
    base = Validation(_FIRST_ROW, at, "any", title=header(mapping, column), prompt=prompt, error=prompt)
    match sheet, column:
        case "decisions", "decision":
            choices = (mapping.text("review_accept"), mapping.text("review_reject"))
            return [replace(base, kind="list", choices=choices)]
        case "corrections", "sheet":
            titles = tuple(dict.fromkeys(known.title for known in mapping.forms.sheets))
            return [replace(base, kind="list", choices=titles)]
        case "scores", "score":
            most = max((indicator.points for indicator in mapping.indicators), default=100)
            return [replace(base, kind="decimal", minimum=0, maximum=float(most))]
        case _:
            return [base]


def _highlights(sheet: str, mapping: Mapping) -> list[Highlight]:
    """Colours that say at a glance what is still to be done; they follow the words, wherever a row is sorted to."""
    columns = COLUMNS[sheet]
    if sheet == SCORES:
        score, computed = (f"${_letter(columns, column)}{_FIRST_ROW}" for column in ("score", "computed"))
        differs = f"=AND(ISNUMBER({score}),ISNUMBER({computed}),{score}<>{computed})"
        return [Highlight(_area(columns, "score", "score"), differs, *_AMBER)]
    state = f"${_letter(columns, 'state')}{_FIRST_ROW}"
    whole, alone = _area(columns, columns[0], columns[-1]), _area(columns, "state", "state")

    def says(*keys: str) -> str:
        words = (mapping.text(f"review_{key}") for key in keys)
        conditions = ",".join(f'{state}="{word}"' for word in words)
        return f"=OR({conditions})"

    if sheet == CORRECTIONS:
        refused = [f"correction_{kind}" for kind in CorrectionState if kind is not CorrectionState.APPLIED]
        return [Highlight(alone, says("correction_applied"), *_GREEN), Highlight(alone, says(*refused), *_RED)]
    return [
        Highlight(whole, says("state_changed", "state_gone"), *_GREY),
        Highlight(alone, says("state_open"), *_AMBER),
        Highlight(alone, says("state_no_reason", "state_unknown_word", "state_rejected"), *_RED),
        Highlight(alone, says("state_accepted"), *_GREEN),
    ]


def _letter(columns: tuple[str, ...], column: str) -> str:
    return column_letter(columns.index(column) + 1)


def _area(columns: tuple[str, ...], first: str, last: str) -> str:
    return f"{_letter(columns, first)}{_FIRST_ROW}:{_letter(columns, last)}{_LAST_ROW}"
