"""Thousands of claims whose truth is known (生成的数字关系): every verdict, and no number passed over in silence."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.passages import Passage
from jixiao_xl.stages.check_report.engine import examine
from tests.claims.documents import Document, complaints, documents, shown, tables
from tests.claims.traps import TRAPS

SEEDS = range(1, 9)
DOCUMENTS = 180  # of each seed; more than 3,000 claims in all
TABLES = 25


def faults(known: Iterable[Document], mapping: Mapping) -> list[str]:
    """What the engine says amiss, with the text."""
    return [
        f"{complaint}\n    {shown(document)}"
        for document in known
        for complaint in complaints(document, *examine(document.passages, mapping.reading, mapping.report))
    ]


def test_there_are_more_than_three_thousand_claims_and_all_verdicts_among_them() -> None:
    """A generator that makes little, or nothing false, proves nothing."""
    expected = [one for seed in SEEDS for document in documents(seed, DOCUMENTS) for one in document.expected]
    assert len(expected) >= 3000
    assert {next(iter(one.verdicts)) for one in expected if len(one.verdicts) == 1} == {
        "exact",
        "within_rounding",
        "wrong",
        "partial",
        "unverifiable",
    }
    assert sum(one.verdicts == {"wrong"} for one in expected) > len(expected) / 5


@pytest.mark.parametrize("seed", SEEDS)
def test_every_claim_in_every_wording_gets_its_verdict(seed: int, mapping: Mapping) -> None:
    """A reviewer who finds one false alarm or one missed error stops believing the rest."""
    found = faults(documents(seed, DOCUMENTS), mapping)
    assert not found, f"{len(found)} of them:\n" + "\n".join(found[:12])


@pytest.mark.parametrize("seed", SEEDS)
def test_tables_are_added_up_and_their_columns_recomputed(seed: int, mapping: Mapping) -> None:
    """The figures that matter most stand in tables, with their unit over the table and none in the cells."""
    found = faults(tables(seed, TABLES), mapping)
    assert not found, f"{len(found)} of them:\n" + "\n".join(found[:12])


@pytest.mark.parametrize("text", TRAPS)
def test_what_is_true_is_never_called_wrong(text: str, mapping: Mapping) -> None:
    """One false alarm costs more trust than ten true ones earn."""
    passages = [Passage(f"p{number}", "body", line) for number, line in enumerate(text.split("/"), 1)]
    claims, _ = examine(passages, mapping.reading, mapping.report)
    wrong = [(claim.kind, claim.stated, claim.recomputed) for claim in claims if claim.verdict == "wrong"]
    assert not wrong
