"""Glossary (词汇表): code and officers use one word for one thing."""

from __future__ import annotations

import csv
import re
from collections import Counter

from jixiao_xl.model.mapping import Mapping
from jixiao_xl.workspace import package_mappings

WORDS = re.compile("[a-z]+")


def rows() -> list[dict[str, str]]:
    with (package_mappings() / "glossary.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def keys(mapping: Mapping) -> set[str]:
    """Every English key that an officer or a program meets in the mappings."""
    tables = [table for sheet in mapping.forms.sheets for table in sheet.tables]
    return (
        {sheet.key for sheet in mapping.forms.sheets}
        | {table.key for table in tables}
        | {column.key for table in tables for column in table.columns}
        | {row.key for table in tables for row in table.rows}
        | {fact.id for fact in mapping.facts}
        | set(mapping.scoring.block_keys.values())
        | set(mapping.finding_texts)
    )


def test_every_key_has_its_row(mapping: Mapping) -> None:
    """Whole, or every one of its words."""
    known = {row["english"] for row in rows()}
    words = {word for entry in known for word in WORDS.findall(entry)}
    missing = {key for key in keys(mapping) if key not in known and not set(WORDS.findall(key)) <= words}
    assert missing == set()


def test_no_word_stands_twice_and_every_one_has_its_chinese() -> None:
    """One row a word."""
    assert [word for word, count in Counter(row["english"] for row in rows()).items() if count > 1] == []
    assert all(row["chinese"].strip() for row in rows())
