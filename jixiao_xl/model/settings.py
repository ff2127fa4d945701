"""Settings of a workspace (jixiao.toml): the office, the year, the deadline and its mail server; unknown keys refused."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jixiao_xl.model import texts
from jixiao_xl.model.errors import MappingError

SETTINGS_FILE = "jixiao.toml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(_Strict):
    """One mail server."""

    host: str
    port: int
    security: Literal["ssl", "starttls", "none"] = "ssl"


class Mail(_Strict):
    """The office's mail account."""

    address: str
    user: str | None = None
    smtp: Server
    imap: Server | None = None
    pace_seconds: float = 2


class Settings(_Strict):
    """What jixiao.toml says."""

    schema_: Literal[1] = Field(alias="schema")
    department: str = Field(min_length=1)
    year: int = Field(ge=2000, le=2099)
    deadline: date | None = None
    mail: Mail | None = None


def parse_settings(data: bytes) -> Settings:
    """The settings in a jixiao.toml.

    Raises:
        MappingError: it is not TOML, or says something that cannot be right.
    """
    try:
        return Settings.model_validate(tomllib.loads(data.decode("utf-8-sig")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(SETTINGS_FILE, None, str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        template = texts.MAPPING_COMPLAINTS.get(first["type"], texts.MAPPING_COMPLAINT)
        words = template.format(field=field, found=str(first["input"])[:60], allowed=first["msg"])
        raise MappingError(SETTINGS_FILE, None, words) from error


def settings_text(department: str, year: int) -> str:
    """A new jixiao.toml."""
    name = department.replace("\\", "\\\\").replace('"', '\\"')
    return texts.NEW_SETTINGS.format(department=name, year=year, deadline=f"{year + 1}-04-30")
