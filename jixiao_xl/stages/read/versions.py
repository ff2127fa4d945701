"""Versions (版本): which of a unit's workbooks counts: the newest by the ledger; two new ones cannot both be.

The ledger gives the order, never the time of a file. Files that it has not seen come after those that it has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jixiao_xl.model.batch import Arrival, Submission
from jixiao_xl.model.findings import Catalogue, Finding
from jixiao_xl.model.places import Place

Versions = Mapping[str, Mapping[str, int]]  # unit, sha256, version


@dataclass(frozen=True)
class Candidate:
    """One file: what could be read of it, and what is wrong with it; without a submission it is refused."""

    file: str
    sha256: str
    findings: list[Finding]
    submission: Submission | None = None

    @property
    def unit(self) -> str:
        """The unit whose file it is, or "" where that is not known."""
        if self.submission is not None:
            return self.submission.unit
        return next((finding.place.unit for finding in self.findings), "")


def newest(
    candidates: Sequence[Candidate], versions: Versions, catalogue: Catalogue
) -> tuple[list[Submission], list[Arrival], list[Finding]]:
    """The workbook of each unit that counts, what the ledger is to enter, and the findings of all files."""
    by_unit: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_unit[candidate.unit].append(candidate)
    findings = [finding for candidate in by_unit.pop("", []) for finding in candidate.findings]
    chosen: list[Submission] = []
    arrivals: list[Arrival] = []
    for unit, files in by_unit.items():
        one = _Unit(unit, _without_copies(files), versions.get(unit, {}), catalogue)
        findings.extend(one.findings())
        arrivals.extend(one.arrivals())
        chosen.extend(one.chosen())
    return chosen, arrivals, findings


def _without_copies(files: list[Candidate]) -> list[Candidate]:
    """The same bytes twice are one submission."""
    return list({candidate.sha256: candidate for candidate in reversed(files)}.values())[::-1]


@dataclass(frozen=True)
class _Unit:
    unit: str
    files: list[Candidate]
    known: Mapping[str, int]
    catalogue: Catalogue

    @property
    def rivals(self) -> list[Candidate]:
        """Different new workbooks: nobody but the officer knows which of them is meant."""
        new = [file for file in self.files if file.submission is not None and file.sha256 not in self.known]
        return new if len(new) > 1 else []

    def arrivals(self) -> list[Arrival]:
        """What is new, readable files first."""
        new = [file for file in self.files if file.sha256 not in self.known and file not in self.rivals]
        new.sort(key=lambda file: file.submission is None)
        return [Arrival(self.unit, file.file, file.sha256) for file in new]

    @property
    def order(self) -> dict[str, int]:
        """The version of each file by its sha256."""
        last = max(self.known.values(), default=0)
        return {**self.known, **{a.sha256: last + n for n, a in enumerate(self.arrivals(), start=1)}}

    def newest(self) -> Candidate | None:
        """The newest readable file, or None where rivals leave it open."""
        readable = [file for file in self.files if file.submission is not None]
        if self.rivals or not readable:
            return None
        return max(readable, key=lambda file: self.order[file.sha256])

    def chosen(self) -> list[Submission]:
        """The submission that counts, with its version."""
        newest = self.newest()
        if newest is None or newest.submission is None:
            return []
        return [replace(newest.submission, version=self.order[newest.sha256])]

    def findings(self) -> list[Finding]:
        """What is wrong with the file that counts and with refused ones after it; older files are only superseded."""
        if self.rivals:
            names = "、".join(rival.file.rsplit("/", 1)[-1] for rival in self.rivals)
            places = [Place(rival.file, self.unit) for rival in self.rivals]
            refused = [finding for file in self.files if file.submission is None for finding in file.findings]
            return [*(self.catalogue.at("duplicate-submission", place, detail=names) for place in places), *refused]
        newest = self.newest()
        found: list[Finding] = []
        for file in self.files:
            if newest is not None and self.order[file.sha256] < self.order[newest.sha256]:
                found.append(self.catalogue.at("superseded", Place(file.file, self.unit)))
            else:
                found.extend(file.findings)
        return found
