"""A sheet as a person sees it (表格的格子): merged cells are one box, wherever it is touched; widths and heights too."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from jixiao_xl.files.cells import RawValue, column_letter, read_workbook
from jixiao_xl.files.package import Handler, Package, damage_named, local, parse
from jixiao_xl.files.references import Area, Position, area_of, position_of

_MAX_MERGED: Final = 200_000  # cells that all merged ranges of a form may cover together
_WIDTH: Final = 8.43  # Excel's standard
_HEIGHT: Final = 15.0


@dataclass(frozen=True, slots=True)
class Box:
    """A cell, or cells merged into one; rows and columns 1-based, both ends included."""

    top: int
    left: int
    bottom: int
    right: int
    value: RawValue = None
    formula: str | None = None
    is_error: bool = False

    @property
    def address(self) -> str:
        """Of its first cell, which holds its value."""
        return f"{column_letter(self.left)}{self.top}"

    @property
    def text(self) -> str:
        """Its text; a number or nothing has none."""
        return self.value if isinstance(self.value, str) and not self.is_error else ""

    @property
    def is_blank(self) -> bool:
        """Whether it holds nothing but white space."""
        return self.formula is None and (self.value is None or (isinstance(self.value, str) and not self.value.strip()))


@dataclass(frozen=True)
class Grid:
    """A sheet's boxes by every position that they cover."""

    sheet: str
    covered: dict[Position, Box]
    widths: dict[int, float] = field(default_factory=dict[int, float])
    heights: dict[int, float] = field(default_factory=dict[int, float])
    width: float = _WIDTH
    height: float = _HEIGHT
    percents: frozenset[Position] = frozenset()

    def at(self, row: int, column: int) -> Box:
        """The box that covers a position."""
        return self.covered.get((row, column)) or Box(row, column, row, column)

    def within(self, top: int, left: int, bottom: int, right: int) -> list[Box]:
        """The boxes that touch an area, each once, by row and column."""
        rows, columns = range(top, bottom + 1), range(left, right + 1)
        return list(dict.fromkeys(self.at(row, column) for row in rows for column in columns))

    def shows_percent(self, box: Box) -> bool:
        """Whether a box shows 0.95 as 95%."""
        return (box.top, box.left) in self.percents

    @property
    def boxes(self) -> Iterator[Box]:
        """Every box that holds something or is merged, by row and column."""
        return iter(dict.fromkeys(self.covered[position] for position in sorted(self.covered)))

    def width_of(self, box: Box) -> float:
        """How many characters a box is wide."""
        return sum(self.widths.get(column, self.width) for column in range(box.left, box.right + 1))

    def height_of(self, box: Box) -> float:
        """How high a box is, in points."""
        return sum(self.heights.get(row, self.height) for row in range(box.top, box.bottom + 1))


def sheet_titles(data: bytes) -> list[str]:
    """The names of the worksheets in their order.

    Raises:
        UnreadableWorkbook: it is no workbook, or is damaged.
    """
    with damage_named(), zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [name for name, _, _ in Package(archive).sheets()[0]]


def read_grid(data: bytes, sheet: str) -> Grid:
    """A sheet's boxes.

    Raises:
        KeyError: there is no such sheet.
        UnreadableWorkbook: it is no workbook, or is damaged.
    """
    cells = next((one.cells for one in read_workbook(data).sheets if one.name == sheet), None)
    if cells is None:
        raise KeyError(sheet)
    with damage_named(), zipfile.ZipFile(io.BytesIO(data)) as archive:
        package = Package(archive)
        part = next(part for name, _, part in package.sheets()[0] if name == sheet)
        shape = _Shape()
        parse(package.part(part), shape)
        styles = _percent_styles(package)
    boxes = {(cell.row, cell.column): cell for cell in cells}
    covered: dict[Position, Box] = {}
    for top, left, bottom, right in _sound(shape.merged):
        first = boxes.get((top, left))
        filled = (first.value, first.formula, first.is_error) if first else (None, None, False)
        box = Box(top, left, bottom, right, *filled)
        covered |= {(row, column): box for row in range(top, bottom + 1) for column in range(left, right + 1)}
    for position, cell in boxes.items():
        if position not in covered:
            covered[position] = Box(*position, *position, cell.value, cell.formula, cell.is_error)
    percents = frozenset(position for position, style in shape.styles.items() if style in styles)
    return Grid(sheet, covered, shape.widths, shape.heights, shape.width, shape.height, percents)


def _percent_styles(package: Package) -> set[int]:
    """The numbers of the cell styles whose number format shows a percentage."""
    targets = package.relations(package.book_part()).values()
    part = next((target for kind, target in targets if kind.endswith("/styles")), None)
    if part is None:
        return set()
    styles = _Styles()
    parse(package.part(part), styles)
    return {number for number, format_id in enumerate(styles.used) if format_id in styles.percents}


def _sound(areas: Iterable[Area]) -> Iterator[Area]:
    """The merged ranges, as far as they are no more than a form has."""
    cells = 0
    for top, left, bottom, right in areas:
        cells += (bottom - top + 1) * (right - left + 1)
        if cells > _MAX_MERGED:
            raise ValueError("mergeCell")
        yield top, left, bottom, right


class _Styles(Handler):
    """The number format of each cell style, and which formats show a percentage."""

    def __init__(self) -> None:
        self.percents = {"9", "10"}  # Excel's own 0% and 0.00%
        self.used: list[str] = []
        self.is_inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "numFmt" if "%" in attributes.get("formatCode", ""):
                self.percents.add(attributes["numFmtId"])
            case "cellXfs":
                self.is_inside = True
            case "xf" if self.is_inside:
                self.used.append(attributes.get("numFmtId", "0"))
            case _:
                pass

    def end(self, name: str) -> None:
        if local(name) == "cellXfs":
            self.is_inside = False


class _Shape(Handler):
    """Merged ranges, widths of columns, heights of rows and the styles of cells."""

    def __init__(self) -> None:
        self.merged: list[Area] = []
        self.widths: dict[int, float] = {}
        self.heights: dict[int, float] = {}
        self.width, self.height = _WIDTH, _HEIGHT
        self.styles: dict[Position, int] = {}
        self.row = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "mergeCell":
                self.merged.append(area_of(attributes["ref"]))
            case "sheetFormatPr":
                self.width = float(attributes.get("defaultColWidth", self.width))
                self.height = float(attributes.get("defaultRowHeight", self.height))
            case "col" if "width" in attributes:
                first, last = int(attributes["min"]), min(int(attributes["max"]), int(attributes["min"]) + 255)
                self.widths |= dict.fromkeys(range(first, last + 1), float(attributes["width"]))
            case "c" if "s" in attributes and "r" in attributes:
                self.styles[position_of(attributes["r"])] = int(attributes["s"])
            case "row":
                self.row = int(attributes.get("r", self.row + 1))
                if "ht" in attributes:
                    self.heights[self.row] = float(attributes["ht"])
            case _:
                pass
