"""jixiao_xl: yearly performance self-evaluation in Excel workbooks (部门整体支出绩效自评)."""

__version__ = "0.1.0"
