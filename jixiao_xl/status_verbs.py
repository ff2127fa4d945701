"""Status (进度命令): where every unit stands, in the terminal and in 台账.xlsx alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jixiao_xl.files.safe import write_atomically
from jixiao_xl.pipeline import opened
from jixiao_xl.saving_report import Progress
from jixiao_xl.stages.register import (
    Records,
    UnitStanding,
    register_rows,
    register_summary,
    register_workbook,
    standings,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the office's units stand.

    Attributes:
        units: one a unit, in the order of units.csv.
        header: of the table that says so.
        rows: that table, as it stands in the register.
        summary: the line above it.
        register: the register's path, as it was really written.
    """

    units: tuple[UnitStanding, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    summary: str
    register: Path


def status(path: Path, *, as_of: date | None = None, progress: Progress) -> Standing:
    """Where every unit stands; 台账.xlsx is written anew, nothing else is touched.

    Raises:
        JixiaoError: the workspace cannot be read.
    """
    with opened(path, as_of=as_of, progress=progress) as office:
        ledger, mapping, setting = office.ledger, office.mapping, office.setting
        records = Records(
            ledger.rounds(), ledger.events(), ledger.dispatches(), ledger.receipts(), ledger.seal_in_force()
        )
        result = office.result()
        records = records.including(result.batch.arrivals, setting.as_of)
        units = standings(result, records, setting, mapping)
        name, data = register_workbook(units, records, setting, mapping)
        written = write_atomically(office.workspace.path / name, data)
        header, rows = register_rows(units, mapping)
        return Standing(units, header, rows, register_summary(units, setting, mapping), written)
