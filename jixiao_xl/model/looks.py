"""Looks (颜色): the colour by which a status is known in every workbook of ours."""

from typing import Final

from jixiao_xl.model.results import UnitStatus

STATUS_FILLS: Final = {
    UnitStatus.ACCEPTED: "#E2F0D9",
    UnitStatus.TO_EXPLAIN: "#FFF2CC",
    UnitStatus.TO_FIX: "#F8CBAD",
    UnitStatus.REFUSED: "#F8CBAD",
    UnitStatus.MISSING: "#D9D9D9",
    UnitStatus.SEALED: "#DDEBF7",
}
