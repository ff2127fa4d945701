"""Layout (审核处理的表): the three sheets, their columns, and who fills which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from jixiao_xl.files.tables import Table, read_tables
from jixiao_xl.model.mapping import Mapping

REVIEW_FILE: Final = "审核处理.xlsx"
DECISIONS, SCORES, CORRECTIONS = "decisions", "scores", "corrections"
# hidden keys stand between columns that are seen, so that nobody sorts the one without the other
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    DECISIONS: (
        "id", "basis", "unit", "sheet", "cell", "severity", "message", "explanation",
        "decision", "reason", "decided_by", "state",
    ),
    SCORES: (
        "unit", "unit_code", "indicator", "indicator_key", "points", "self", "computed",
        "score", "comment", "reviewer",
    ),
    CORRECTIONS: ("unit", "sheet", "cell", "old", "new", "reason", "informant", "date", "state"),
}  # fmt: skip
HIDDEN: Final = frozenset(("basis", "unit_code", "indicator_key"))
TYPED: Final[dict[str, tuple[str, ...]]] = {
    DECISIONS: ("decision", "reason", "decided_by"),
    SCORES: ("score", "comment", "reviewer"),
    CORRECTIONS: ("unit", "sheet", "cell", "old", "new", "reason", "informant", "date"),
}


@dataclass(frozen=True, slots=True)
class ReviewTables:
    """The three tables as they stand in the officer's workbook."""

    decisions: Table
    scores: Table
    corrections: Table

    @property
    def all(self) -> tuple[Table, ...]:
        """In the order of the workbook."""
        return self.decisions, self.scores, self.corrections


def sheet_name(mapping: Mapping, sheet: str) -> str:
    """What a sheet is called."""
    return mapping.text(f"review_sheet_{sheet}")


def header(mapping: Mapping, column: str) -> str:
    """What a column is called."""
    return mapping.text(f"review_{column}")


def open_tables(data: bytes, mapping: Mapping) -> ReviewTables:
    """The tables in the bytes of 审核处理.xlsx.

    Raises:
        JixiaoError: it cannot be opened, or a sheet or a column is missing.
    """
    wanted = {
        sheet_name(mapping, sheet): {column: header(mapping, column) for column in columns}
        for sheet, columns in COLUMNS.items()
    }
    tables = read_tables(REVIEW_FILE, data, wanted)
    return ReviewTables(*(tables[sheet_name(mapping, sheet)] for sheet in COLUMNS))
