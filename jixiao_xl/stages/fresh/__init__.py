"""Fresh (换表): the inputs of a damaged workbook carried into a clean template, and a list of all that stays behind.

Three steps: `carry` decides which row goes where and what is written; `leftovers` walks through every cell of the
workbook as it came and names those that were not carried; `objects` does the same for what hangs on the sheets.
"""

from __future__ import annotations

import re
from typing import Final

from jixiao_xl.files.cells import column_number, read_workbook
from jixiao_xl.files.patch import Content, Stored, patch
from jixiao_xl.model.batch import Submission
from jixiao_xl.model.layout import pristine_layout
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.stages.fresh.came import Came, NotCarried
from jixiao_xl.stages.fresh.carry import Carried, carry
from jixiao_xl.stages.fresh.heights import heights_needed
from jixiao_xl.stages.fresh.leftovers import leftovers
from jixiao_xl.stages.fresh.listing import not_carried_list
from jixiao_xl.stages.fresh.objects import objects_left

__all__ = ["NotCarried", "fresh", "not_carried_list"]

_ADDRESS: Final = re.compile(r"([A-Z]+)(\d+)")


def fresh(data: bytes, clean: bytes, submission: Submission, mapping: Mapping) -> tuple[bytes, list[NotCarried]]:
    """`clean` with every input of `data` exactly as it was typed, and what could not be carried, in reading order.

    Args:
        data: the section's workbook as it came.
        clean: the unit's workbook as it is issued.
        submission: what `read` understood of `data`, without corrections by telephone.
        mapping: the year's mapping.

    Raises:
        UnreadableWorkbook: `data` cannot be read; then there is no submission either.
    """
    came = Came(read_workbook(data), submission, mapping)
    carried = carry(came)
    left = [*leftovers(came, carried), *objects_left(data, clean, came)]
    order = {sheet.name: number for number, sheet in enumerate(came.workbook.sheets)}
    left.sort(key=lambda missing: (order.get(missing.sheet, len(order)), *_position(missing.cell)))
    heights = heights_needed(carried.contents, submission.form)
    return patch(clean, _writes(carried, submission), heights=heights), left


def _writes(carried: Carried, submission: Submission) -> dict[str, dict[str, Content]]:
    """What goes into the clean workbook, by sheet title and address: inputs, and the values beside the formulas."""
    form = submission.form
    layout = pristine_layout(form)
    writes: dict[str, dict[str, Content]] = {sheet.title: {} for sheet in form.sheets}
    for key, content in carried.contents.items():
        writes[layout.titles[key.sheet]][layout.address(key)] = content
    for key, cell in form.cells.items():
        if cell.formula is not None:
            value = carried.workings.value(key)
            writes[layout.titles[key.sheet]][layout.address(key)] = Stored("" if value is None else value)
    return writes


def _position(cell: str) -> tuple[int, int]:
    match = _ADDRESS.match(cell)
    return (int(match[2]), column_number(match[1])) if match else (0, 0)
