"""The occasion of a letter (情形): the deadline, what is attached, how much there is to do; it decides what stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from jixiao_xl.model.findings import Finding, Severity
from jixiao_xl.model.mail import Attachment
from jixiao_xl.model.mapping.letters import When


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is known when a letter is written.

    Attributes:
        attachments: the workbook first; a second is the list of what was not carried into a fresh one.
        deadline: the day by which workbooks are due, or None.
        as_of: today, or None in a letter that does not say what day it is.
        must_fix: how many listed findings are to be fixed.
        explain: how many are to be explained.
    """

    attachments: tuple[Attachment, ...]
    deadline: date | None
    as_of: date | None
    must_fix: int = 0
    explain: int = 0

    @classmethod
    def of_files(cls, attachments: Sequence[Attachment], *, deadline: date | None, as_of: date | None) -> Occasion:
        """The occasion of sending these."""
        return cls(tuple(attachments), deadline, as_of)

    def about(self, findings: Sequence[Finding]) -> Occasion:
        """The same with what is listed."""
        must_fix = sum(finding.severity is Severity.MUST_FIX for finding in findings)
        return replace(self, must_fix=must_fix, explain=len(findings) - must_fix)

    @property
    def days(self) -> int:
        """Days between today and the deadline, before or after it."""
        return abs((self.deadline - self.as_of).days) if self.deadline and self.as_of else 0

    @property
    def holds(self) -> frozenset[When]:
        """The conditions that hold."""
        return frozenset(self._holding())

    def _holding(self) -> Iterator[When]:
        yield "dated" if self.deadline else "undated"
        if self.deadline and self.as_of:
            yield "ahead" if self.as_of < self.deadline else "today" if self.as_of == self.deadline else "overdue"
        yield "attached" if self.attachments else "unattached"
        if self.attachments:
            yield "fresh" if len(self.attachments) > 1 else "annotated"
        if self.explain:
            yield "explain"
