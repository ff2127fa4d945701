"""A bureau (财政局汇总): a folder of departments' packages, each recomputed from its own workbooks, summed up in one tree.

A package counts only while every file in it is as its record says. It is judged by the mapping that lies in it, and
what it reports is compared with what its workbooks give. One package is in memory at a time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final

from jixiao_xl import __version__
from jixiao_xl.files.bundles import member
from jixiao_xl.files.log import run_log
from jixiao_xl.files.resources import read_folder
from jixiao_xl.files.safe import sweep_orphans, workspace_lock, write_atomically
from jixiao_xl.model import texts, texts_mail
from jixiao_xl.model.department_results import DepartmentResult
from jixiao_xl.model.documents import ConsolidateDocument, OutputsDocument, consolidate_document
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.findings import Finding, Severity
from jixiao_xl.model.folding import folded
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.mapping_files import parse_mapping
from jixiao_xl.model.package_record import RECORD, REVIEW, read_record
from jixiao_xl.model.places import Place
from jixiao_xl.model.results import Result, UnitStatus
from jixiao_xl.model.setting import Setting
from jixiao_xl.pipeline import RUN_LOG, run_stages, said_and_logged
from jixiao_xl.saving_report import RECORD as RUN_RECORD
from jixiao_xl.saving_report import Progress, sha256
from jixiao_xl.stages.aggregate import bureau_result, recomputed, tree_mapping, unique_code, unsettled
from jixiao_xl.stages.package import Parcel, Refused, mismatches, nodes, open_package
from jixiao_xl.stages.review import read_review
from jixiao_xl.stages.summarise import summarise_bureau
from jixiao_xl.workspace import (
    ASIDE,
    LOGS,
    MAPPING_SUFFIXES,
    RECEIVED,
    RESULTS,
    Workspace,
    open_workspace,
    package_mappings,
    package_years,
)

_ZIP: Final = ".zip"
_LEFT_BEHIND: Final = ("~$", ".", "Thumbs.db", "desktop.ini")  # what programs leave in a folder


@dataclass(frozen=True, slots=True)
class BureauOutcome:
    """What a bureau's run has to show."""

    document: ConsolidateDocument
    department: str
    folder: Path

    @property
    def exit_code(self) -> int:
        """1 where something must be fixed, else 0."""
        return int(any(finding.severity == "must_fix" for finding in self.document.findings))

    @property
    def sentence(self) -> str:
        """How many departments there are, and how many are settled."""
        departments = [org for org in self.document.orgs if org.parent == self.document.root]
        settled = sum(org.status == "accepted" for org in departments)
        words = {"bureau": self.department, "year": self.document.year}
        return texts_mail.BUREAU_LINE.format(**words, count=len(departments), settled=settled)


def is_bureau(path: Path, inputs: Path | None = None) -> bool:
    """Whether the workspace at `path`, or `inputs` in its stead, has received packages of departments.

    Raises:
        JixiaoError: it is no workspace.
    """
    workspace = open_workspace(path)
    return holds_packages(inputs or path / RECEIVED, own=workspace.settings.department)


def holds_packages(folder: Path, *, own: str = "") -> bool:
    """Whether any zip below a folder is a department's package, other than one of the department `own`.

    An office's own package comes back to it where a mail could not be delivered; that makes it no bureau.
    """
    if not folder.is_dir():
        return False
    return any(_is_of_another(path, own) for path in folder.rglob("*") if path.suffix.lower() == _ZIP)


def _is_of_another(path: Path, own: str) -> bool:
    data = member(path, RECORD)
    record = read_record(data) if data is not None else None
    return data is not None and (record is None or folded(record.department) != folded(own))


def consolidate_packages(
    path: Path, *, inputs: Path | None = None, out: Path | None = None, as_of: date | None = None, progress: Progress
) -> BureauOutcome:
    """Every package below 收到/, or below `inputs`: checked, recomputed, compared and summed up.

    Raises:
        JixiaoError: the run could not be made; nothing was written.
    """
    workspace = open_workspace(path)
    mapping = workspace.mapping()
    setting = Setting(as_of or date.today(), workspace.settings.deadline, partial=False)
    folder = out or workspace.path / RESULTS
    with workspace_lock(workspace.path), run_log(workspace.path / LOGS, RUN_LOG) as log:
        step = said_and_logged(progress, log)
        tree = _Tree(workspace, mapping, setting, step)
        departments = tree.departments(inputs or workspace.path / RECEIVED)
        result = bureau_result(departments, tree.loose, mapping)
        sweep_orphans(folder)
        name, data = summarise_bureau(result, departments, tree_mapping(departments, mapping))
        summary = write_atomically(folder / name, data)
        content = _record(tree, departments, {summary.name: sha256(data)})
        record = write_atomically(folder / RUN_RECORD, content)
        counted = sum(bool(department.nodes) for department in departments)
        step(texts_mail.BUREAU_DONE.format(count=len(departments), counted=counted, findings=len(result.findings)))
    outputs = OutputsDocument(
        summary=workspace.relative(summary),
        report=None,
        appendix=None,
        returned=[],
        record=workspace.relative(record),
    )
    document = consolidate_document(result, mapping.root.code, mapping.year, outputs)
    return BureauOutcome(document, mapping.department, folder)


@dataclass
class _Group:
    """What has come from one department: packages that are whole, and files that are refused."""

    name: str
    own_code: str
    parcels: list[Parcel] = field(default_factory=list[Parcel])
    refused: list[Refused] = field(default_factory=list[Refused])


@dataclass
class _Tree:
    """A run over a folder of packages; `loose` are findings in files whose department is not known."""

    workspace: Workspace
    mapping: Mapping
    setting: Setting
    step: Progress
    loose: list[Finding] = field(default_factory=list[Finding])
    inputs: dict[str, str] = field(default_factory=dict[str, str])

    def departments(self, folder: Path) -> list[DepartmentResult]:
        """Every department that has sent something or is expected to, those of departments.csv first."""
        groups = self._groups(folder)
        codes = {folded(one.name): one.code for one in self.mapping.departments}
        names = {folded(one.name): one.name for one in self.mapping.departments}
        results: list[DepartmentResult] = []
        taken = [self.mapping.root.code, *codes.values()]
        for key in dict.fromkeys((*codes, *sorted(groups))):
            group = groups.get(key)
            name = names.get(key) or (group.name if group else "")
            code = codes.get(key) or unique_code(name, group.own_code if group else "", taken)
            taken.append(code)
            judge = _Judge(code, name, self)
            results.append(judge.result(group) if group else judge.missing())
        return results

    def _groups(self, folder: Path) -> dict[str, _Group]:
        """Everything that has come, by department; a package's bytes are looked at and let go again."""
        if not folder.is_dir():
            raise JixiaoError(texts.NO_SUCH_PATH.format(path=folder))
        groups: dict[str, _Group] = {}
        for path in self._files(folder):
            file = self.workspace.relative(path)
            self.step(texts_mail.BUREAU_OPENING.format(file=file))
            data = path.read_bytes()
            self.inputs[file] = sha256(data)
            opened = open_package(file, data, self.mapping)
            if opened.record is None:
                self.loose.append(opened.finding)
                continue
            key = folded(opened.record.department)
            group = groups.setdefault(key, _Group(opened.record.department, opened.record.code))
            if isinstance(opened, Refused):
                group.refused.append(opened)
            elif all(known.sha256 != opened.sha256 for known in group.parcels):  # the same bytes twice are one
                group.parcels.append(replace(opened, files={}))
        return groups

    def _files(self, folder: Path) -> list[Path]:
        """What may be a package, in order; beside the packages only zips of what came with mails are looked at."""
        aside = self.workspace.path / RECEIVED / ASIDE
        found: list[Path] = []
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.name.startswith(_LEFT_BEHIND):
                continue
            if aside not in path.parents or member(path, RECORD) is not None:
                found.append(path)
        return found

    def reopened(self, parcel: Parcel) -> Parcel:
        """The package with its files.

        Raises:
            JixiaoError: it is another one now.
        """
        opened = open_package(parcel.file, (self.workspace.path / parcel.file).read_bytes(), self.mapping)
        if isinstance(opened, Refused) or opened.sha256 != parcel.sha256:
            raise JixiaoError(texts_mail.BUREAU_CHANGED_MEANWHILE.format(file=parcel.file))
        return opened


@dataclass(frozen=True)
class _Judge:
    """What becomes of one department."""

    code: str
    name: str
    tree: _Tree

    def _at(self, code: str, file: str, detail: str = "") -> Finding:
        catalogue = self.tree.mapping.catalogue.with_unit_names({self.code: self.name})
        return catalogue.at(code, Place(file, self.code), detail=detail)

    def missing(self) -> DepartmentResult:
        """Nothing has come: a note until the deadline, an error after it."""
        deadline = self.tree.setting.deadline
        late = deadline is not None and self.tree.setting.as_of > deadline
        finding = replace(
            self._at("missing-submission", ""),
            severity=Severity.MUST_FIX if late else Severity.NOTE,
            message=self.tree.mapping.text("bureau_missing", unit=self.name),
        )
        return self._unsettled(UnitStatus.MISSING, [finding], late=late)

    def _unsettled(self, status: UnitStatus, findings: Sequence[Finding], *, late: bool = False) -> DepartmentResult:
        root = self.tree.mapping.root.code
        return unsettled(self.code, self.name, status, findings, late=late, root=root)

    def result(self, group: _Group) -> DepartmentResult:
        """The package with the highest number counts; two different ones with it leave open which is meant."""
        top = max((parcel.record.number for parcel in group.parcels), default=0)
        best = [parcel for parcel in group.parcels if parcel.record.number == top]
        older = [parcel.file for parcel in group.parcels if parcel.record.number < top]
        newer = [refused for refused in group.refused if refused.record is None or refused.record.number > top]
        older += [refused.file for refused in group.refused if refused not in newer]  # sent once more, and well
        findings = [self._at("superseded", file) for file in older]
        findings += [self._mine(refused.finding) for refused in newer]
        if len(best) > 1:
            names = "、".join(PurePosixPath(parcel.file).name for parcel in best)
            words = {"unit": self.name, "number": str(top), "detail": names}
            message = self.tree.mapping.text("bureau_duplicate", **words)
            findings += [replace(self._at("duplicate-submission", one.file), message=message) for one in best]
        if len(best) != 1:
            return self._unsettled(UnitStatus.REFUSED, findings)
        return self._recomputed(best[0], findings)

    def _mine(self, finding: Finding) -> Finding:
        """A refusal, of this department."""
        return replace(finding, place=replace(finding.place, unit=self.code))

    def _recomputed(self, light: Parcel, findings: list[Finding]) -> DepartmentResult:
        parcel = self.tree.reopened(light)
        self.tree.step(texts_mail.BUREAU_RECOMPUTING.format(department=self.name))
        try:
            result = _stages(parcel)
        except JixiaoError as error:  # its mapping or its decisions: the package is whole, and cannot be used
            reason = self.tree.mapping.text("bureau_mapping", reason=str(error))
            return self._unsettled(
                UnitStatus.REFUSED, [*findings, self._at("package-altered", parcel.file, detail=reason)]
            )
        found = nodes(parcel.record, parcel.result, result)
        findings += mismatches(found, parcel.file, self.code, self.tree.mapping)
        package = (parcel.file, parcel.record.number)
        return recomputed(self.code, self.name, package, result, found, findings, root=self.tree.mapping.root.code)


def _stages(parcel: Parcel) -> Result:
    """What the workbooks in a package give, by the mapping and the decisions in it, on its own day."""
    record = parcel.record
    mapping = parse_mapping(
        {name: data for name, data in parcel.mapping.items() if name.endswith(MAPPING_SUFFIXES)},
        year=record.year,
        department=record.department,
        deadline=record.deadline,
        wording=read_folder(package_mappings() / str(package_years()[0]), (".yaml",)),
    )
    review = read_review(parcel.files.get(REVIEW), mapping)
    setting = Setting(record.as_of, record.deadline, partial=False)
    return run_stages(parcel.workbooks, {}, {}, review, mapping, setting, _unsaid)


def _unsaid(_: str) -> None:
    """Nine sentences a department would be too many."""


def _record(tree: _Tree, departments: Sequence[DepartmentResult], outputs: dict[str, str]) -> bytes:
    """What a later reader needs to get the same result again (运行记录)."""
    content = {
        "schema": 1,
        "tool": __version__,
        "year": tree.mapping.year,
        "as_of": tree.setting.as_of.isoformat(),
        "mappings": tree.mapping.versions,
        "inputs": tree.inputs,
        "departments": [
            {"code": one.code, "name": one.name, "status": one.status.value, "file": one.file, "number": one.number}
            for one in departments
        ],
        "outputs": outputs,
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
