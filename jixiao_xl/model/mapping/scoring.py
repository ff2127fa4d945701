"""scoring.yaml (计分办法): grades, bands, profiles and options, each with its source document."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from jixiao_xl.model.mapping.base import Exact, Key, Strict


class Grade(Strict):
    """A grade and the total from which it holds (等级)."""

    grade: str
    from_: Exact = Field(alias="from")


class Grades(Strict):
    """The grades, their source, and how this office writes them."""

    in_force: date
    source: str
    bands: list[Grade]
    grade_shown: dict[str, str]


class Bands(Strict):
    """The ratios that a qualitative band allows, in %: [from, to]."""

    in_force: date
    source: str
    ranges: dict[str, tuple[Exact, Exact]]


class Profile(Strict):
    """Weights of the blocks of one level (权重方案)."""

    in_force: date
    source: str
    example: bool
    blocks: dict[str, Exact]
    missing_to: dict[str, str]
    own_blocks: list[str] = []


class OverAchievement(Strict):
    """From how many % above the target on, and by how many points a score falls; None: it does not."""

    limit: Exact
    deduct: Exact | None


class Cap(Strict):
    """A project whose execution rate is below `below` % gets at most `at_most` points."""

    below: Exact
    at_most: Exact


class Options(Strict):
    """Rules that a bureau may switch on."""

    over_achievement: OverAchievement
    low_execution_caps: list[Cap]


class Profiles(Strict):
    """The three profiles."""

    project: Profile
    section: Profile
    department: Profile


class Scoring(Strict):
    """How scores are made (计分办法)."""

    schema_: Literal[1] = Field(alias="schema")
    grades: Grades
    bands: Bands
    block_keys: dict[str, Key]
    profiles: Profiles
    options: Options
