"""Senders (来信核对): a workbook that came from an address which is not its unit's is taken, and said."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary

from jixiao_xl.model.batch import Batch
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.mapping import Mapping

Senders = Dictionary[str, str]  # a received file's path, the address that it came from


def unknown_senders(batch: Batch, senders: Senders, mapping: Mapping, catalogue: Catalogue) -> list[Finding]:
    """One note for each workbook that counts and came from nobody's known address.

    The office itself may forward anybody's workbook.
    """
    findings: list[Finding] = []
    for submission in batch.submissions:
        sender = senders.get(submission.file, "")
        known = (*mapping.unit_by_code[submission.unit].addresses, *mapping.root.addresses)
        if sender and known and sender not in known:
            findings.append(catalogue.at("unknown-sender", submission.whole(), found=sender))
    return findings
