"""The indicators' table of a bureau's form (指标表): its header, its rows, and which indicator belongs in which.

A form prints first and second level labels, merged over their rows or repeated; an indicator goes into the first free
row of its own labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from jixiao_xl.files.grid import Box
from jixiao_xl.model import texts
from jixiao_xl.model.mapping.bureau_forms import BureauIndicators
from jixiao_xl.stages.appendix.anchors import Anchors, Rows, normal
from jixiao_xl.stages.appendix.content import Fields

NAME: Final = "level3"
GROUPS: Final = ("level1", "level2")


@dataclass(frozen=True, slots=True)
class Slot:
    """A row for one indicator: the box of each column, and the labels printed for it."""

    cells: dict[str, Box]
    printed: dict[str, str] = field(default_factory=dict[str, str])  # as compared


@dataclass(frozen=True)
class IndicatorTable:
    """Where the indicators stand in one sheet.

    Raises (from its properties):
        AnchorError: the header or the end is missing or stands twice, or a cell of a row is not one cell.
    """

    anchors: Anchors
    mapping: BureauIndicators

    @cached_property
    def header(self) -> dict[str, Box]:
        """The header of each column; all of them end in one row."""
        rows = self.anchors.rows(self.mapping.after, self.mapping.before)
        found = {key: self.anchors.find(column.header, "below", rows) for key, column in self.mapping.columns.items()}
        for key, boxes in found.items():
            if not boxes:
                self.anchors.one(self.mapping.columns[key].header, "below", rows)
        bottoms = sorted({box.bottom for boxes in found.values() for box in boxes})
        full = [row for row in bottoms if all(any(self._ends(box, row) for box in boxes) for boxes in found.values())]
        if not full:
            places = texts.LIST_JOINT.join(box.address for boxes in found.values() for box in boxes)
            raise self.anchors.error(texts.BUREAU_NO_HEADER.format(places=places))
        if len(full) > 1:
            numbers = texts.LIST_JOINT.join(map(str, full))
            raise self.anchors.error(texts.BUREAU_TWO_HEADERS.format(rows=numbers))
        band = Rows(rows.first, full[0])
        header: dict[str, Box] = {}
        for key, boxes in found.items():
            ending = [box for box in boxes if self._ends(box, full[0])]
            if len(ending) > 1:
                self.anchors.one(self.mapping.columns[key].header, "below", band)
            header[key] = ending[0]
        return header

    def _ends(self, box: Box, row: int) -> bool:
        """Whether a header ends in a row, or above cells of that row that were left blank instead of merged."""
        below = self.anchors.grid.within(row, box.left, row, box.right)
        return box.bottom == row or (box.bottom == row - 1 and all(one.is_blank for one in below))

    @cached_property
    def until(self) -> Box:
        """The label of the first row below the table."""
        first = max(box.bottom for box in self.header.values()) + 1
        last = self.anchors.rows(self.mapping.after, self.mapping.before).last
        return self.anchors.one(self.mapping.until, "beside", Rows(first, last))

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The rows in their order."""
        return tuple(self._slots())

    def _slots(self) -> Iterator[Slot]:
        grid, above = self.anchors.grid, dict[str, str]()
        row = max(box.bottom for box in self.header.values()) + 1
        while row < self.until.top:
            name = grid.at(row, self.header[NAME].left)
            cells = {key: self._cell(name, key) for key in self.header}
            printed = {key: label for key in GROUPS if key in cells and (label := self._label(cells[key]))}
            for key in self.mapping.carry_down:
                if key in cells and key not in printed and key in above:
                    printed[key] = above[key]
            above = printed
            yield Slot(cells, printed)
            row = name.bottom + 1

    def _cell(self, name: Box, column: str) -> Box:
        """The one box of a column in the rows of an indicator's name."""
        head = self.header[column]
        found = self.anchors.grid.within(name.top, head.left, name.bottom, head.right)
        if len(found) != 1:
            words = {"label": column, "places": texts.LIST_JOINT.join(box.address for box in found)}
            raise self.anchors.error(texts.ANCHOR_SEVERAL_CELLS.format(**words))
        return found[0]

    def _label(self, box: Box) -> str:
        return "" if self.is_placeholder(box) else self.anchors.normal(box.text)

    def is_placeholder(self, box: Box) -> bool:
        """Whether a box holds a text that stands for nothing, or only white space."""
        return bool(box.text) and any(pattern.fullmatch(normal(box.text)) for pattern in self._placeholders)

    @cached_property
    def _placeholders(self) -> list[re.Pattern[str]]:
        """Patterns of the placeholders; `#` is any number, or none."""
        texts_of = [normal(text) for text in self.mapping.placeholders]
        return [re.compile("[0-9]*".join(map(re.escape, text.split("#")))) for text in texts_of]

    @property
    def totals(self) -> dict[str, Box]:
        """The boxes of the row below the table, by the name of what stands in them."""
        grid = self.anchors.grid
        return {name: grid.at(self.until.top, self.header[column].left) for column, name in self.mapping.totals.items()}

    # -- words -------------------------------------------------------------------------------------------------

    def form_word(self, column: str, own: str) -> str:
        """What the form calls something."""
        return self.mapping.words.get(column, {}).get(own, own)

    def own_word(self, column: str, word: str) -> str:
        """What the mapping calls something, where only one thing is called so in the form."""
        known = self.mapping.words.get(column, {})
        own = [name for name, called in known.items() if self.anchors.normal(called) == self.anchors.normal(word)]
        return own[0] if len(own) == 1 else word

    # -- rows for indicators -----------------------------------------------------------------------------------

    def places(self, lines: Sequence[Fields]) -> dict[int, Slot]:
        """The row of each indicator, by its position.

        Raises:
            AnchorError: its labels are not in the form, or have fewer rows than indicators.
        """
        groups: dict[tuple[str, ...], list[int]] = {}
        for number, line in enumerate(lines):
            slots = [index for index, slot in enumerate(self.slots) if self._fits(slot, line)]
            if not slots:
                name = str(line.get(NAME) or "")
                raise self.anchors.error(texts.BUREAU_NO_GROUP.format(group=self._group(line), name=name))
            groups.setdefault(self._labels(line, slots), []).append(number)
        taken: dict[int, Slot] = {}
        used: set[int] = set()
        for members in groups.values():
            for number in members:
                fitting = [index for index, slot in enumerate(self.slots) if self._fits(slot, lines[number])]
                free = [index for index in fitting if index not in used]
                if not free:
                    raise self._too_few(lines[number], len(fitting), len(members))
                used.add(free[0])
                taken[number] = self.slots[free[0]]
        return taken

    def _labels(self, line: Fields, slots: list[int]) -> tuple[str, ...]:
        printed = self.slots[slots[0]].printed
        return tuple(printed.get(key, "") for key in GROUPS)

    def _fits(self, slot: Slot, line: Fields) -> bool:
        for key, label in slot.printed.items():
            own = line.get(key)
            if self.anchors.normal(self.form_word(key, str(own or ""))) != label:
                return False
        return True

    def _too_few(self, line: Fields, room: int, needed: int) -> Exception:
        words = {"group": self._group(line), "room": room, "needed": needed, "missing": needed - room}
        return self.anchors.error(texts.BUREAU_TOO_FEW_ROWS.format(**words))

    def _group(self, line: Fields) -> str:
        """An indicator's labels as the form writes them."""
        named = [self.form_word(key, str(line[key])) for key in GROUPS if key in self.header and line.get(key)]
        is_printed = any(slot.printed for slot in self.slots)
        return texts.ANCHOR_JOINT.join(named) if is_printed else texts.BUREAU_ALL_ROWS
