"""Register (台账): where every unit stands and what is to be done next, for the terminal and as 台账.xlsx.

`standing` decides, `rows` puts it into words, `workbook` draws the same words.
"""

from jixiao_xl.stages.register.rows import dispatch_rows, receipt_rows, register_rows, register_summary
from jixiao_xl.stages.register.standing import Records, Step, UnitStanding, standings
from jixiao_xl.stages.register.workbook import register_workbook

__all__ = [
    "Records",
    "Step",
    "UnitStanding",
    "dispatch_rows",
    "receipt_rows",
    "register_rows",
    "register_summary",
    "register_workbook",
    "standings",
]
