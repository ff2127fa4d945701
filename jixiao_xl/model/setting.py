"""What a run is told from outside (运行设置)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run is told from outside: today, the deadline, and whether a provisional score is wanted."""

    as_of: date
    deadline: date | None
    partial: bool
