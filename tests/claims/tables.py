"""Tables (表格): rows that add up, columns of changes, rates, shares and completion."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal

from tests.claims.blocks import Block, Spec, Way, share, total
from tests.claims.changes import change_specs
from tests.claims.figures import Figure, Style, amounts, plain

ROWS = ["教育支出", "卫生健康支出", "城乡社区支出", "住房保障支出", "农林水支出", "公共安全支出"]
_LETTERS = str.maketrans("0123456789", "甲乙丙丁戊己庚辛壬癸")
TOTALS = ["合计", "总计", "合 计", "小计"]


def grid(rows: Sequence[Sequence[str]], figures: dict[str, Figure], specs: Sequence[Spec]) -> Block:
    """A table as a block: a cell a paragraph, row by row."""
    return Block("\n".join(cell for row in rows for cell in row), figures, tuple(specs))


def named(chance: random.Random) -> tuple[list[str], str]:
    """Names of the rows, and of the row that adds them up."""
    return chance.sample(ROWS, chance.randrange(2, 5)), chance.choice(TOTALS)


def column_totals(how_many: int, columns: Sequence[str]) -> list[Spec]:
    """The last row is the sum of the others in each of the columns."""
    return [
        Spec(("total", "score_sum"), f"{column}{how_many}", (total(*(f"{column}{row}" for row in range(how_many))),))
        for column in columns
    ]


def comparison_table(chance: random.Random, style: Style) -> tuple[Block, int]:
    """This year, last year, change and rate."""
    names, last = named(chance)
    top = chance.choice(
        [
            ["项目", "2025年决算数", "2024年决算数", "增减额", "增减率"],
            ["支出功能分类", "本年数", "上年数", "增减额", "增减率（%）"],
            ["项目", "2025年", "2024年", "增减", "增减%"],
        ]
    )
    sign = chance.choice([1, -1])
    prior = [amounts(chance, style).quantize(Decimal(1)) for _ in names]
    cur = [(one * (1 + sign * Decimal(chance.randrange(3, 60)) / 100)).quantize(Decimal("0.01")) for one in prior]
    prior.append(sum(prior, Decimal(0)))
    cur.append(sum(cur, Decimal(0)))
    figures: dict[str, Figure] = {}
    specs = column_totals(len(names), ("cur", "prior", "chg"))
    rows = [top]
    for row, name in enumerate([*names, last]):
        cells = {
            "cur": style.amount(cur[row]),
            "prior": style.amount(prior[row]),
            "chg": style.amount(cur[row] - prior[row]),
            "rate": style.percent((cur[row] - prior[row]) / prior[row], "" if "%" in top[4] else "%"),
        }
        figures |= {f"{key}{row}": _bare(figure) for key, figure in cells.items()}
        rows.append([name, *(f"[{key}{row}]" for key in cells)])
        specs += [_renamed(spec, str(row)) for spec in change_specs(1, set(cells))]
    return grid(rows, figures, specs), len(top)


def completion_table(chance: random.Random, style: Style) -> tuple[Block, int]:
    """Budget, expenditure, and the rate of execution."""
    names, last = named(chance)
    top = chance.choice(
        [
            ["项目名称", "预算数", "执行数", "执行率"],
            ["项目", "全年预算数", "全年执行数", "执行率（%）"],
            ["科目", "预算数", "决算数", "完成率"],
        ]
    )
    budget = [amounts(chance, style).quantize(Decimal(1)) for _ in names]
    spent = [(one * Decimal(chance.randrange(40, 100)) / 100).quantize(Decimal("0.01")) for one in budget]
    budget.append(sum(budget, Decimal(0)))
    spent.append(sum(spent, Decimal(0)))
    figures: dict[str, Figure] = {}
    specs = column_totals(len(names), ("budget", "spent"))
    rows = [top]
    for row, name in enumerate([*names, last]):
        figures[f"budget{row}"] = _bare(style.amount(budget[row]))
        figures[f"spent{row}"] = _bare(style.amount(spent[row]))
        figures[f"rate{row}"] = style.percent(spent[row] / budget[row], "" if "%" in top[3] else "%")
        rows.append([name, f"[budget{row}]", f"[spent{row}]", f"[rate{row}]"])
        specs.append(Spec(("completion",), f"rate{row}", (share(f"spent{row}", f"budget{row}"),)))
    return grid(rows, figures, specs), len(top)


def share_table(chance: random.Random, style: Style) -> tuple[Block, int]:
    """Amounts and their shares of the total."""
    names, last = named(chance)
    top = chance.choice(
        [["支出类别", "金额", "占比"], ["项目", "决算数", "占比（%）"], ["类别", "支出金额", "所占比例"]]
    )
    parts = [amounts(chance, style) for _ in names]
    whole = sum(parts, Decimal(0))
    figures = {f"part{row}": _bare(style.amount(part)) for row, part in enumerate([*parts, whole])}
    tail = "" if "%" in top[2] else "%"
    figures |= {f"rate{row}": style.percent(part / whole, tail) for row, part in enumerate([*parts, whole])}
    specs = column_totals(len(names), ("part",))
    specs += [Spec(("share",), f"rate{row}", (share(f"part{row}", f"part{len(names)}"),)) for row in range(len(names))]
    rows = [top, *([name, f"[part{row}]", f"[rate{row}]"] for row, name in enumerate([*names, last]))]
    return grid(rows, figures, specs), len(top)


def score_table(chance: random.Random, _: Style) -> tuple[Block, int]:
    """Points and scores, which add up."""
    names = ["投入", "过程", "产出", "效益"]
    points = [Decimal(chance.randrange(10, 40)) for _ in names]
    scores = [one - Decimal(chance.randrange(0, 900)) / 100 for one in points]
    figures = {f"points{row}": plain(one, 0, "") for row, one in enumerate([*points, sum(points, Decimal(0))])}
    figures |= {f"score{row}": plain(one, 2, "") for row, one in enumerate([*scores, sum(scores, Decimal(0))])}
    rows = [["一级指标", "分值", "得分"]]
    rows += [
        [name, f"[points{row}]", f"[score{row}]"] for row, name in enumerate([*names, chance.choice(["合计", "总分"])])
    ]
    return grid(rows, figures, column_totals(4, ("points", "score"))), 3


def subtotal_table(chance: random.Random, _: Style) -> tuple[Block, int]:
    """Scores by group with a line 小计 after each group, and their sum."""
    groups = chance.choice([("产出", "效益", "满意度"), ("投入", "过程", "产出"), ("决策", "管理", "绩效")])
    after_each = chance.randrange(2) == 0
    rows, late, subtotals, details = (
        [["一级指标", "三级指标", "分值", "得分"]],
        list[list[str]](),
        list[str](),
        list[str](),
    )
    figures: dict[str, Figure] = {}
    specs: list[Spec] = []
    for group in range(len(groups)):
        keys = [f"{group}{row}" for row in range(chance.randrange(2, 5))]
        points = [Decimal(chance.randrange(5, 25)) for _ in keys]
        scores = [one - Decimal(chance.randrange(0, 400)) / 100 for one in points]
        for key, one, two in zip([*keys, f"{group}s"], [*points, sum(points)], [*scores, sum(scores)], strict=True):
            figures |= {f"p{key}": plain(Decimal(one), 0, ""), f"s{key}": plain(Decimal(two), 2, "")}
        rows += [[groups[group], f"指标{key}".translate(_LETTERS), f"[p{key}]", f"[s{key}]"] for key in keys]
        subtotal = [groups[group] if after_each else "", f"{groups[group]}小计", f"[p{group}s]", f"[s{group}s]"]
        (rows if after_each else late).append(subtotal)
        specs += [
            Spec(("score_sum", "total"), f"{kind}{group}s", (total(*(kind + key for key in keys)),)) for kind in "ps"
        ]
        subtotals.append(f"{group}s")
        details += keys
    for kind, decimals in (("p", 0), ("s", 2)):
        figures[f"{kind}all"] = plain(sum((figures[kind + key].value for key in details), Decimal(0)), decimals, "")
        ways = (total(*(kind + key for key in subtotals)), total(*(kind + key for key in details)))
        specs.append(Spec(("score_sum", "total"), f"{kind}all", ways))
    return grid([*rows, *late, ["", "合计", "[pall]", "[sall]"]], figures, specs), 4


def _bare(figure: Figure) -> Figure:
    """As it stands in a cell: the unit stands over the table."""
    return Figure(figure.digits, "", figure.value, figure.step, figure.unit)


def _renamed(spec: Spec, row: str) -> Spec:
    """The claim of a change for one row of the table."""
    return Spec(spec.kinds, spec.stated + row, tuple(_of_row(way, row) for way in spec.ways))


def _of_row(way: Way, row: str) -> Way:
    keys = ("cur", "prior", "chg", "rate")
    return lambda values: way({key: values[key + row] for key in keys})
