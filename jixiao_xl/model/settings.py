"""Settings of a workspace (jixiao.toml): the office, the year, the deadline and its mail server; unknown keys refused."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from ipaddress import ip_address
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from jixiao_xl.model import texts, texts_mail
from jixiao_xl.model.errors import MappingError

SETTINGS_FILE = "jixiao.toml"
MOST_PACE_SECONDS: Final = 3600
_OWN_SENTENCE: Final = "own_sentence"  # the type of the complaints below, which are whole sentences
_HOST: Final = re.compile(r"[^\s/@:\[\]]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+")  # a name, an IPv4 or an IPv6 address
_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
_SECRET: Final = re.compile(r"pass|pwd|secret|token|auth|密码|授权码", re.IGNORECASE)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(_Strict):
    """One mail server.

    Attributes:
        ca_file: the office's own certificate authority (PEM or DER), relative to the workspace.
    """

    host: str
    port: int
    security: Literal["ssl", "starttls", "none"] = "ssl"
    ca_file: str | None = None

    @model_validator(mode="after")
    def _can_be_reached_safely(self) -> Self:
        if not _HOST.fullmatch(self.host):
            raise _complaint(texts_mail.MAIL_HOST_WRONG, host=self.host)
        if not 1 <= self.port <= 65535:
            raise _complaint(texts_mail.MAIL_PORT_WRONG, port=self.port)
        if self.security == "none" and not is_loopback(self.host):
            raise _complaint(texts_mail.MAIL_NOT_ENCRYPTED, host=self.host)
        return self


class Incoming(Server):
    """The server that mail is fetched from, and the folder of the mailbox."""

    folder: str = "INBOX"


class Mail(_Strict):
    """The office's mail account; its password is never here."""

    address: str
    user: str | None = None
    smtp: Server
    imap: Incoming | None = None
    pace_seconds: float = 2

    @property
    def login(self) -> str:
        """The name to log in with: `user`, else the address."""
        return self.user or self.address

    @model_validator(mode="after")
    def _can_be_right(self) -> Self:
        if not is_address(self.address):
            raise _complaint(texts_mail.MAIL_ADDRESS_WRONG, address=self.address)
        if not 0 <= self.pace_seconds <= MOST_PACE_SECONDS:
            raise _complaint(texts_mail.MAIL_PACE_WRONG, pace=self.pace_seconds)
        return self


class Settings(_Strict):
    """What jixiao.toml says."""

    schema_: Literal[1] = Field(alias="schema")
    department: str = Field(min_length=1)
    year: int = Field(ge=2000, le=2099)
    deadline: date | None = None
    mail: Mail | None = None


def is_address(text: str) -> bool:
    """Whether it can be a mail address: one @, and nothing that ends one in a header or a command."""
    return _ADDRESS.fullmatch(text) is not None


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine's own, so that nothing crosses a network."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


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
        raise MappingError(SETTINGS_FILE, None, _words(error.errors()[0])) from error


def _complaint(template: str, **found: object) -> PydanticCustomError:
    return PydanticCustomError(_OWN_SENTENCE, template, found)  # pyright: ignore[reportArgumentType]  # wants a literal


def _words(first: ErrorDetails) -> str:
    field = ".".join(str(step) for step in first["loc"])
    if first["type"] == _OWN_SENTENCE:
        return first["msg"]
    if first["type"] == "extra_forbidden" and _SECRET.search(field):
        return texts_mail.MAIL_PASSWORD_IN_SETTINGS.format(field=field)
    template = texts.MAPPING_COMPLAINTS.get(first["type"], texts.MAPPING_COMPLAINT)
    return template.format(field=field, found=str(first["input"])[:60], allowed=first["msg"])


def settings_text(department: str, year: int) -> str:
    """A new jixiao.toml."""
    name = department.replace("\\", "\\\\").replace('"', '\\"')
    return texts.NEW_SETTINGS.format(department=name, year=year, deadline=f"{year + 1}-04-30")
