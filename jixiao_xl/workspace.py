"""Workspace (工作文件夹): where an office's year lies on disk, and its mapping."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jixiao_xl.files.resources import read_folder, resource_root
from jixiao_xl.model import texts
from jixiao_xl.model.errors import JixiaoError
from jixiao_xl.model.mapping import Mapping
from jixiao_xl.model.mapping_files import parse_mapping
from jixiao_xl.model.settings import SETTINGS_FILE, Settings, parse_settings

ISSUED, RECEIVED, RESULTS, LOGS = "发出", "收到", "结果", "日志"
RETURNED = "退回"  # in the results
ASIDE = "附件"  # in what was received: files that came with mails and are no workbooks
DRAFTS = "邮件草稿"  # in what is issued
REGISTER = "台账.xlsx"
MAPPING_SUFFIXES: Final = (".yaml", ".csv")
GLOSSARY: Final = "glossary.csv"
REPORT_TEMPLATE: Final = "自评报告.docx"  # an office's own, beside its mapping
BUREAU_FORMS: Final = "bureau_forms"  # the bureau's empty forms, beside the mapping
FORM_SUFFIXES: Final = (".xlsx", ".xlsm", ".xls", ".et")


@dataclass(frozen=True, slots=True)
class Workspace:
    """An office's folder with its settings."""

    path: Path
    settings: Settings

    def mapping(self) -> Mapping:
        """The mapping of the workspace's year: its own, else the package's."""
        return load_mapping(self._mapping_in_use(), self.settings.year, self.settings)

    def mapping_files(self) -> dict[str, bytes]:
        """Every file of the mapping that is used, with the office's own template and forms, by its name there."""
        files = read_folder(self._mapping_in_use(), MAPPING_SUFFIXES)
        template = self.report_template()
        if template is not None:
            files[REPORT_TEMPLATE] = template
        return files | {f"{BUREAU_FORMS}/{name}": data for name, data in self.prescribed_forms().items()}

    def report_template(self) -> bytes | None:
        """The report's template where the office has put one of its own beside its mapping."""
        path = self._mapping_folder() / REPORT_TEMPLATE
        return path.read_bytes() if path.is_file() else None

    def prescribed_forms(self) -> dict[str, bytes]:
        """The bureau's empty forms, by file name."""
        folder = self._mapping_folder() / BUREAU_FORMS
        return read_folder(folder, FORM_SUFFIXES) if folder.is_dir() else {}

    def _mapping_in_use(self) -> Path:
        own = self._mapping_folder()
        return own if own.is_dir() else package_mappings() / str(self.settings.year)

    def _mapping_folder(self) -> Path:
        return self.path / "mappings" / str(self.settings.year)

    def relative(self, path: Path) -> str:
        """A path as documents write it: relative to the workspace, with `/`; else absolute."""
        resolved = path.resolve()
        root = self.path.resolve()
        return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else resolved.as_posix()


def open_workspace(path: Path) -> Workspace:
    """The workspace at `path`.

    Raises:
        JixiaoError: there is no such folder, or it has no jixiao.toml, or that is wrong.
    """
    if not path.is_dir():
        raise JixiaoError(texts.NO_SUCH_PATH.format(path=path))
    settings = path / SETTINGS_FILE
    if not settings.is_file():
        raise JixiaoError(texts.NOT_A_WORKSPACE.format(path=path))
    return Workspace(path, parse_settings(settings.read_bytes()))


def workspace_of(path: Path) -> Workspace | None:
    """The workspace that holds a file, or None."""
    for folder in path.resolve().parents:
        if (folder / SETTINGS_FILE).is_file():
            return open_workspace(folder)
    return None


def package_mappings() -> Path:
    """The mappings that came with the package."""
    return resource_root() / "mappings"


def package_years() -> list[int]:
    """The years that the package has a mapping for, newest first."""
    return sorted((int(p.name) for p in package_mappings().iterdir() if p.name.isdigit()), reverse=True)


def load_mapping(folder: Path, year: int, settings: Settings | None = None) -> Mapping:
    """The mapping in a folder.

    Raises:
        JixiaoError: there is no such folder.
        MappingError: a file in it cannot be right.
    """
    if not folder.is_dir():
        raise JixiaoError(texts.NO_MAPPING.format(year=year))
    files = read_folder(folder, MAPPING_SUFFIXES)
    return parse_mapping(
        files,
        year=year,
        department=settings.department if settings else None,
        deadline=settings.deadline if settings else None,
        wording=None if settings is None else read_folder(package_mappings() / str(package_years()[0]), (".yaml",)),
    )
