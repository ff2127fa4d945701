"""What a bureau's form may ask for (财政局的表可取的数): every name with the kind of its value."""

from __future__ import annotations

from jixiao_xl.model.mapping.appendix import Appendix
from jixiao_xl.model.mapping.bureau_forms import FIELDS, FUND_FIELDS, FieldKind, FormLevel

TOTAL_FUND = "total"


def form_fields(appendix: Appendix, level: FormLevel) -> dict[str, FieldKind]:
    """The names of single figures at a level; a fund's amounts have its key before them, the total's have none."""
    funds = appendix.department_funds if level == "部门" else appendix.project_funds
    named: dict[str, FieldKind] = {
        f"{fund.key}_{name}": kind for fund in funds if fund.key != TOTAL_FUND for name, kind in FUND_FIELDS.items()
    }
    return FIELDS | named
