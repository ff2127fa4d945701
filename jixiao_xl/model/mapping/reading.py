"""reading.yaml (读报告的词表): the words by which check-report understands a sentence, one line a meaning."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jixiao_xl.model.mapping.base import Exact, Strict
from jixiao_xl.model.mapping.reading_prose import Prose

Words = tuple[str, ...]
Scales = dict[str, Exact]


class Reading(Strict):
    """The lexicon of the grammar of reports; every field is a list of ways to say one thing.

    `patterns`, `context` and `headings` are regular expressions in which `{name}` stands for a list or a pattern.
    `money_units`, `bare_scales`, `percent_units` and `point_units` say how many 元, ones or % a unit stands for.
    """

    schema_: Literal[1] = Field(alias="schema")
    increase: Words
    decrease: Words
    flat: Words
    rate_up: Words
    rate_down: Words
    rate_either: Words
    change_nouns: Words
    reaching: Words
    prior: Words
    current: Words
    compare: Words
    compare_end: Words
    year_on_year: Words
    budget: Words
    actual: Words
    funds: Words
    surely_of_which: Words
    including: Words
    of_which: Words
    made_of: Words
    vector: Words
    altogether: Words
    total_names: Words
    grand_totals: Words
    share_verbs: Words
    share_nouns: Words
    share_tails: Words
    completion_verbs: Words
    completion_nouns: Words
    multiple_tails: Words
    linking: Words
    approximate_before: Words
    approximate_after: Words
    scope_changes: Words
    reasons: Words
    money_units: Scales
    bare_scales: Scales
    percent_units: Scales
    point_units: Scales
    special_units: dict[str, Literal["times", "tenths", "doublings", "score"]]
    hundredths: Scales
    counters: Words
    numeral_counters: Words
    not_numbers: Words
    code_names: Words
    people_units: Words
    overlapping: Words
    adverbs: Words
    weak_names: Words
    name_heads: Words
    name_tails: Words
    after_changes: Words
    after_codes: Words
    table_totals: Words
    table_changes: Words
    table_rates: Words
    table_completions: Words
    table_shares: Words
    table_budgets: Words
    table_actuals: Words
    table_priors: Words
    table_currents: Words
    unit_note: Words
    each: Words
    price_words: Words
    balance_words: Words
    unit_prices: Words
    averages: Words
    missing: dict[str, str]
    digits: dict[str, int]
    tens: dict[str, int]
    patterns: dict[str, str]
    context: Words
    headings: Words
    prose: Prose

    def __hash__(self) -> int:
        """By identity, so that its patterns are compiled once."""
        return id(self)
