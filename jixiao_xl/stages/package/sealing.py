"""Sealing (封存): what a sealed package rests on, and whether any of it is another now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as Dictionary

from jixiao_xl.model import texts_mail
from jixiao_xl.model.batch import Batch
from jixiao_xl.model.documents import ConsolidateDocument
from jixiao_xl.model.history import Seal
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.money import plain
from jixiao_xl.model.package_record import REVIEW
from jixiao_xl.model.review import Review


def counting(batch: Batch) -> dict[str, str]:
    """The SHA-256 of the workbook that counts, by unit."""
    return {submission.unit: submission.sha256 for submission in batch.submissions}


def mapping_hash(mapping: Mapping) -> str:
    """One hash over every file of the mapping, and over what the settings add to it: the name and the deadline."""
    deadline = mapping.deadline.isoformat() if mapping.deadline else None
    return _hash([mapping.versions, mapping.department, deadline])


def review_hash(review: Review) -> str:
    """One hash over what 审核处理.xlsx says; the order of its rows, its looks and saving it again do not count."""
    decisions = [[d.finding, d.fingerprint, d.accepted, d.reason, d.decided_by] for d in review.decisions]
    corrections = [[c.unit, c.sheet, c.cell, c.old, c.new, c.reason, c.informant] for c in review.corrections]
    scores = [[s.unit, s.indicator, plain(s.score), s.comment] for s in review.scores]
    return _hash([sorted(rows, key=str) for rows in (decisions, corrections, scores)])


def _hash(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def changed_since(seal: Seal, files: Dictionary[str, str], mapping: Mapping, review: Review) -> list[str]:
    """A sentence for each thing that is not as it was when the package was sealed; none where all of it is.

    `files` are the workbooks that count now, as `counting` gives them.
    """
    changes: list[str] = []
    for unit in dict.fromkeys((*seal.files, *files)):
        known = mapping.unit_by_code.get(unit)
        words = {"unit": known.name if known else unit}
        if unit not in files:
            changes.append(texts_mail.SEALED_FILE_GONE.format(**words))
        elif unit not in seal.files:
            changes.append(texts_mail.SEALED_FILE_NEW.format(**words))
        elif files[unit] != seal.files[unit]:
            changes.append(texts_mail.SEALED_FILE_CHANGED.format(**words))
    if mapping_hash(mapping) != seal.mappings:
        changes.append(texts_mail.SEALED_MAPPING_CHANGED.format(year=mapping.year))
    if review_hash(review) != seal.review:
        changes.append(texts_mail.SEALED_REVIEW_CHANGED.format(file=REVIEW))
    return changes


def refusal(seal: Seal, changes: list[str]) -> str:
    """What the operator is told where a sealed workspace has changed."""
    listed = "".join(f"\n- {change}" for change in changes)
    return texts_mail.SEALED_REFUSED.format(number=seal.number, day=seal.day.isoformat(), changes=listed)


def sealed_document(document: ConsolidateDocument) -> ConsolidateDocument:
    """The result of a sealed workspace: every unit that was accepted is sealed."""
    orgs = [org.model_copy(update={"status": "sealed"}) if org.status == "accepted" else org for org in document.orgs]
    return document.model_copy(update={"orgs": orgs})
