"""Anchors (锚点): where in somebody's sheet a figure stands, by the words printed around it; nothing is guessed.

A label is compared after NFKC and without blanks. One that is missing, or stands in two places, is refused with both
places named.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from jixiao_xl.files.grid import Box, Grid
from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.folding import folded
from jixiao_xl.model.mapping.bureau_forms import BureauField, Path, labels

Direction = Literal["beside", "below"]  # how a label of a label stands to it: inner ones to the right, or underneath


class AnchorError(JixiaoError):
    """A form does not show where a figure stands."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows of the sheet are looked at, both ends included."""

    first: int = 1
    last: int = 1_048_576

    def has(self, box: Box) -> bool:
        """Whether a box begins in them."""
        return self.first <= box.top <= self.last


def normal(text: str, ignore: Iterable[str] = ()) -> str:
    """A text as labels are compared: full width as half width, nothing invisible, no ignored pieces."""
    plain = _visible(text)
    for piece in ignore:
        plain = plain.replace(_visible(piece), "")
    return plain


def _visible(text: str) -> str:
    return "".join(character for character in folded(text) if unicodedata.category(character) != "Cf")


@dataclass(frozen=True)
class Anchors:
    """The labels of one sheet; `file` is named in messages."""

    grid: Grid
    file: str
    ignore: Sequence[str] = ()

    def normal(self, text: str) -> str:
        """A text as labels of this form are compared."""
        return normal(text, self.ignore)

    # -- labels ------------------------------------------------------------------------------------------------

    def find(self, path: Path, direction: Direction, rows: Rows) -> list[Box]:
        """Every box with the last label of a path, standing to the labels before it as it should."""
        *outer, own = labels(path)
        found = [box for box in self._called(own) if rows.has(box)]
        for label in reversed(outer):
            holders = self._called(label)
            found = [box for box in found if any(_holds(holder, box, direction) for holder in holders)]
        return found

    @cached_property
    def _labels(self) -> dict[str, list[Box]]:
        """Every box that holds a text, by that text."""
        found: defaultdict[str, list[Box]] = defaultdict(list)
        for box in self.grid.boxes:
            if box.text:
                found[self.normal(box.text)].append(box)
        return found

    def _called(self, label: str) -> list[Box]:
        return self._labels.get(self.normal(label), [])

    def one(self, path: Path, direction: Direction, rows: Rows) -> Box:
        """The only box of a label.

        Raises:
            AnchorError: there is none, or there are several.
        """
        found = self.find(path, direction, rows)
        if len(found) != 1:
            raise self._missing(path) if not found else self._several(path, found)
        return found[0]

    def rows(self, after: str | None, before: str | None) -> Rows:
        """The rows below one label and above another."""
        everywhere = Rows()
        first = self.one(after, "below", everywhere).bottom + 1 if after else everywhere.first
        last = self.one(before, "below", everywhere).top - 1 if before else everywhere.last
        return Rows(first, last)

    # -- cells -------------------------------------------------------------------------------------------------

    def cell(self, field: BureauField) -> Box:
        """The box of a figure: right of its row's label, below its column's header, or where both meet.

        Raises:
            AnchorError: a label is missing or stands twice, or no single box is meant.
        """
        rows = self.rows(field.after, field.before)
        if field.row is not None and field.column is not None:
            return self._crossing(field.row, field.column, rows)
        if field.row is not None:
            label = self.one(field.row, "beside", rows)
            found = self.grid.within(label.top, label.right + 1, label.bottom, label.right + 1)
            return self._single(found, field.row)
        path = field.column or ""
        label = self.one(path, "below", rows)
        return self._single(self.grid.within(label.bottom + 1, label.left, label.bottom + 1, label.right), path)

    def _crossing(self, row: Path, column: Path, rows: Rows) -> Box:
        sides, heads = self.find(row, "beside", rows), self.find(column, "below", rows)
        for path, found in ((row, sides), (column, heads)):
            if not found:
                raise self._missing(path)
        pairs = [(side, head) for side in sides for head in heads if head.bottom < side.top and side.right < head.left]
        if not pairs:
            words = {"row": _named(row), "column": _named(column), "rows": _places(sides), "columns": _places(heads)}
            raise self._error(texts.ANCHOR_APART, **words)
        if len(pairs) > 1:
            several = list(dict.fromkeys(side for side, _ in pairs))
            raise self._several(row, several) if len(several) > 1 else self._several(column, [h for _, h in pairs])
        side, head = pairs[0]
        return self._single(self.grid.within(side.top, head.left, side.bottom, head.right), column)

    def _single(self, found: list[Box], path: Path) -> Box:
        if len(found) > 1:
            raise self._error(texts.ANCHOR_SEVERAL_CELLS, label=_named(path), places=_places(found))
        return found[0]

    # -- refusals ----------------------------------------------------------------------------------------------

    def _missing(self, path: Path) -> AnchorError:
        """The label is nowhere; or it is, but not under the labels that it should belong to."""
        alone = self._called(labels(path)[-1])
        if alone:
            return self._error(texts.ANCHOR_ELSEWHERE, label=_named(path), places=_places(alone))
        return self._error(texts.ANCHOR_MISSING, label=_named(path))

    def _several(self, path: Path, found: list[Box]) -> AnchorError:
        return self._error(texts.ANCHOR_TWICE, label=_named(path), count=str(len(found)), places=_places(found))

    def _error(self, sentence: str, **words: str) -> AnchorError:
        return self.error(sentence.format(**words))

    def error(self, reason: str) -> AnchorError:
        """A refusal that names file and sheet."""
        return AnchorError(texts.BUREAU_FORM_ERROR.format(file=self.file, sheet=self.grid.sheet, reason=reason))


def _holds(holder: Box, box: Box, direction: Direction) -> bool:
    if direction == "below":
        return holder.bottom < box.top and holder.left <= box.left and box.right <= holder.right
    return holder.right < box.left and holder.top <= box.top and box.bottom <= holder.bottom


def _named(path: Path) -> str:
    return texts.ANCHOR_JOINT.join(labels(path))


def _places(boxes: Iterable[Box]) -> str:
    return texts.LIST_JOINT.join(box.address for box in boxes)
