"""One sheet of somebody's workbook as XML (改工作表): cells and rows are written, all else stays as it was.

openpyxl would drop what it does not know: pictures, text boxes, charts, threaded comments, what WPS adds.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from lxml import etree

from jixiao_xl.files.author import HIGHEST_POINTS, LINE_POINTS, lines_needed
from jixiao_xl.files.cells import column_letter, column_number
from jixiao_xl.files.ooxml import parts, zipped
from jixiao_xl.files.safe import clean_text
from jixiao_xl.model.money import plain

Element = etree._Element  # pyright: ignore[reportPrivateUsage]  # lxml names the class of elements no other way
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_AREA: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")
_ESCAPE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_FILTER_NAME: Final = "_xlnm._FilterDatabase"
_DATE_FORMATS: Final = frozenset((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)))  # built in, 27 on: Chinese
_PERCENT_FORMATS: Final = frozenset((9, 10))
_USUAL_WIDTH: Final = 8.43
_LOWEST = 20.0  # points


def _parsed(part: bytes) -> Element:
    return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))


def _serialized(root: Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


class Package:
    """The parts of a workbook, transitional or strict.

    Raises:
        LookupError: a part that every workbook has is missing.
        XMLSyntaxError: a part is no XML.
    """

    def __init__(self, data: bytes) -> None:
        self._parts = parts(data)
        self._book = next(target for kind, target in self._relations("").values() if kind.endswith("/officeDocument"))
        relations = self._relations(self._book)
        self._sheets: dict[str, str] = {}
        for sheet in _parsed(self._parts[self._book]).iterfind("{*}sheets/{*}sheet"):
            relation = next(value for key, value in sheet.attrib.items() if str(key).endswith("}id"))
            self._sheets[sheet.attrib["name"]] = relations[str(relation)][1]
        self._formats = self._number_formats([t for kind, t in relations.values() if kind.endswith("/styles")])

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Type and part name of every inner relation of a part, by id."""
        folder, name = posixpath.split(part)
        root = _parsed(self._parts[posixpath.join(folder, "_rels", f"{name}.rels")])
        return {
            relation.attrib["Id"]: (
                relation.attrib["Type"],
                posixpath.normpath(posixpath.join("/", folder, relation.attrib["Target"])).lstrip("/"),
            )
            for relation in root.iterfind("{*}Relationship")
            if relation.get("TargetMode") != "External"
        }

    def _number_formats(self, styles: list[str]) -> list[str]:
        """The number format of every style, by its index; of the built-in ones as far as dates and % tell."""
        if not styles or styles[0] not in self._parts:
            return []
        root = _parsed(self._parts[styles[0]])
        own = {f.get("numFmtId"): f.get("formatCode") or "" for f in root.iterfind("{*}numFmts/{*}numFmt")}
        identities = [style.get("numFmtId") or "0" for style in root.iterfind("{*}cellXfs/{*}xf")]
        return [own.get(identity) or _built_in(int(identity)) for identity in identities]

    def names(self) -> list[str]:
        """The sheets' names in their order."""
        return list(self._sheets)

    def sheet(self, name: str) -> SheetXml:
        """A sheet to be read or written."""
        return SheetXml(self._parts[self._sheets[name]])

    def number_format(self, style: int) -> str:
        """The number format of a style by its index."""
        return self._formats[style] if 0 <= style < len(self._formats) else "General"

    def replace(self, name: str, page: SheetXml) -> None:
        """Put a written sheet back; the hidden name of its filter says the same as the filter itself."""
        self._parts[self._sheets[name]] = page.data()
        area = page.filter_area
        if area is None:
            return
        root = _parsed(self._parts[self._book])
        number = str(self.names().index(name))
        for known in root.iterfind("{*}definedNames/{*}definedName"):
            if known.get("name") == _FILTER_NAME and known.get("localSheetId") == number:
                quoted = name.replace("'", "''")
                known.text = f"'{quoted}'!{_absolute(area)}"
                self._parts[self._book] = _serialized(root)

    def data(self) -> bytes:
        """The workbook; the same parts give the same bytes."""
        return zipped(self._parts)


def _built_in(identity: int) -> str:
    if identity in _DATE_FORMATS:
        return "yyyy-mm-dd"
    return "0%" if identity in _PERCENT_FORMATS else "General"


def _absolute(area: str) -> str:
    return _AREA.sub(lambda m: f"${m[1]}${m[2]}" + (f":${m[3]}${m[4]}" if m[3] else ""), area)


class SheetXml:
    """One sheet; rows and columns 1-based."""

    def __init__(self, part: bytes) -> None:
        self._root = _parsed(part)
        self._space = etree.QName(self._root).namespace
        found = self._root.find("{*}sheetData")
        if found is None:
            raise LookupError("sheetData")
        self._data = found
        self._rows = dict(_numbered(found, "row"))
        self._looks: dict[int, str] | None = None

    def data(self) -> bytes:
        """The part."""
        return _serialized(self._root)

    # -- reading -----------------------------------------------------------------------------------------------

    def styles(self) -> dict[tuple[int, int], int]:
        """The style's index of every cell that has one, by row and column."""
        return {
            (number, column): int(cell.get("s") or 0)
            for number, row in self._rows.items()
            for column, cell in _numbered(row, "c", number)
        }

    def joined_to(self, row: int) -> int:
        """The last row of the merged cells that reach into a row; the row itself where none does."""
        areas = [
            _AREA.fullmatch(merged.get("ref") or "") for merged in self._root.iterfind("{*}mergeCells/{*}mergeCell")
        ]
        ends = [int(area[4]) for area in areas if area and area[4] and int(area[2]) <= row]
        return max([row, *ends])

    @property
    def filter_area(self) -> str | None:
        """The area of the sheet's filter, such as A2:L9."""
        found = self._root.find("{*}autoFilter")
        return None if found is None else found.get("ref")

    # -- writing -----------------------------------------------------------------------------------------------

    def put(self, row: int, column: int, value: str | Decimal | None) -> None:
        """Write one cell; its look stays."""
        cell = self._cell(row, column)
        for child in list(cell):
            cell.remove(child)
        for name in ("t", "cm", "vm"):
            cell.attrib.pop(name, None)
        if isinstance(value, Decimal):
            self._child(cell, "v").text = plain(value)
        elif value:
            cell.set("t", "inlineStr")
            text = self._child(self._child(cell, "is"), "t")
            text.text = _ESCAPE.sub("_x005F_", clean_text(value))
            text.set(_SPACE, "preserve")

    def dress(self, row: int, *, below: int) -> None:
        """Give a new row's cells the look that their columns mostly have in the rows below the header."""
        if self._looks is None:
            self._looks = self._usual_looks(below)
        there = {column for column, _ in _numbered(self._row(row), "c", row)}
        for column, style in self._looks.items():
            if column not in there:
                self._cell(row, column).set("s", style)

    def _usual_looks(self, below: int) -> dict[int, str]:
        seen: dict[int, Counter[str]] = defaultdict(Counter)
        for number, row in self._rows.items():
            if number > below:
                for column, cell in _numbered(row, "c", number):
                    seen[column][cell.get("s") or "0"] += 1
        return {column: counted.most_common(1)[0][0] for column, counted in sorted(seen.items())}

    def fit(self, row: int) -> None:
        """Make a new row as high as its texts need; it may still grow."""
        widths, element = self._widths(), self._row(row)
        lines = [
            lines_needed("".join(str(text) for text in cell.itertext()), width)
            for column, cell in _numbered(element, "c", row)
            if cell.get("t") == "inlineStr" and (width := widths.get(column, _USUAL_WIDTH)) > 0
        ]
        element.set("ht", f"{min(HIGHEST_POINTS, max(_LOWEST, max(lines, default=1) * LINE_POINTS + 5)):g}")
        element.attrib.pop("customHeight", None)

    def _widths(self) -> dict[int, float]:
        """Widths in characters by column, 0 where hidden."""
        widths: dict[int, float] = {}
        for span in self._root.iterfind("{*}cols/{*}col"):
            width = 0.0 if span.get("hidden") in ("1", "true") else float(span.get("width") or _USUAL_WIDTH)
            for column in range(int(span.get("min") or 1), min(int(span.get("max") or 1), 256) + 1):
                widths[column] = width
        return widths

    def stretch_filter(self, header: int, last: int) -> None:
        """Let the filter that begins at the header row reach down to a row."""
        found = self._root.find("{*}autoFilter")
        match = _AREA.fullmatch(found.get("ref") or "") if found is not None else None
        if found is None or match is None or int(match[2]) != header or not match[3]:
            return
        found.set("ref", f"{match[1]}{match[2]}:{match[3]}{max(last, int(match[4]))}")

    def spread_validations(self, last: int) -> None:
        """Let the validation of every single cell hold for its column down to a row."""
        for validation in self._root.iterfind("{*}dataValidations/{*}dataValidation"):
            match = _AREA.fullmatch(validation.get("sqref") or "")
            if match and not match[3]:
                validation.set("sqref", f"{match[1]}{match[2]}:{match[1]}{last}")

    # -- rows and cells ----------------------------------------------------------------------------------------

    def _row(self, number: int) -> Element:
        if number not in self._rows:
            row = etree.Element(f"{{{self._space}}}row", {"r": str(number)})
            before = max((known for known in self._rows if known < number), default=None)
            self._data.insert(0 if before is None else self._data.index(self._rows[before]) + 1, row)
            self._rows[number] = row
            self._forget_extent()
        return self._rows[number]

    def _cell(self, row: int, column: int) -> Element:
        element = self._row(row)
        element.attrib.pop("spans", None)  # an optional hint that would be wrong now
        place = 0
        for known, cell in _numbered(element, "c", row):
            if known == column:
                return cell
            if known < column:
                place = element.index(cell) + 1
        cell = etree.Element(f"{{{self._space}}}c", {"r": f"{column_letter(column)}{row}"})
        element.insert(place, cell)
        return cell

    def _forget_extent(self) -> None:
        """The sheet's extent is an optional hint; a wrong one would mislead."""
        for extent in self._root.findall("{*}dimension"):
            self._root.remove(extent)

    def _child(self, parent: Element, name: str) -> Element:
        return etree.SubElement(parent, f"{{{self._space}}}{name}")


def _numbered(parent: Element, tag: str, row: int | None = None) -> Iterator[tuple[int, Element]]:
    """The rows of a sheet or the cells of a row with their numbers; one without gets the next."""
    number = 0
    for child in parent.iterfind(f"{{*}}{tag}"):
        reference = child.get("r")
        if reference is None:
            number += 1
            child.set("r", str(number) if row is None else f"{column_letter(number)}{row}")
        else:
            number = int(reference) if row is None else column_number(reference.rstrip("0123456789"))
        yield number, child
