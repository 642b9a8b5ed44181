"""Settings: the config file and the environment, checked as a whole before anything starts.

Nothing is read lazily and nothing is guessed: an unknown key is an error. Every key is explained in config.example.toml.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from datetime import datetime, time
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator

Security = Literal["tls", "starttls", "plain"]
PREFIX = "ZLCP_"


class ConfigError(Exception):
    """The config cannot be used; the text is one line that names each wrong key and what it must be."""


def _address(value: str) -> str:
    if "@" not in parseaddr(value)[1]:
        raise ValueError("must be an e-mail address, like 名称 <name@example.cn>")
    return value


def _clock(value: object) -> time:
    try:
        return datetime.strptime(str(value), "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        raise ValueError('must be a time of day, like "17:30"') from None


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        raise ValueError('must be the name of a time zone, like "Asia/Shanghai"') from None


def _database(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")) or value.endswith("://") or value == "sqlite:///":
        raise ValueError("must be sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME")
    return value


def _several(value: object) -> object:
    """A list as the environment writes it: items between commas."""
    return [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value


Address = Annotated[str, AfterValidator(_address)]
Clock = Annotated[time, BeforeValidator(_clock)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True)


class _Server(_Section):
    """What IMAP and SMTP have in common."""

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    security: Security = "tls"
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: str = ""
    ca_file: str = ""
    timeout_seconds: float = Field(default=60, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _read_password_file(cls, data: Any) -> Any:  # noqa: ANN401 - whatever stood in the file
        path = data.get("password_file") if isinstance(data, dict) else None
        if not path or not isinstance(path, str):
            return data
        try:
            secret = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise ValueError(f"password_file must be a readable text file; {path} is not") from None
        return {**data, "password": secret}

    @model_validator(mode="after")
    def _plain_stays_at_home(self) -> Self:
        if self.security == "plain" and not _loopback(self.host):
            raise ValueError("security must be tls or starttls: plain is for loopback hosts only")
        if self.ca_file and not Path(self.ca_file).is_file():
            raise ValueError(f"ca_file must be a PEM file; {self.ca_file} is none")
        return self


class MailboxSettings(_Server):
    """[mailbox]: where applicants write to."""

    port: int = Field(default=993, ge=1, le=65535)
    username: str = Field(min_length=1)
    folder: str = Field(default="INBOX", min_length=1)
    poll_seconds: float = Field(default=60, gt=0)
    idle: bool = True
    mark_seen: bool = False
    move_to: str = ""
    authserv_id: str = ""
    junk_folder: str = ""

    @model_validator(mode="after")
    def _junk_is_elsewhere(self) -> Self:
        if self.junk_folder and self.junk_folder in {self.folder, self.move_to}:
            raise ValueError("junk_folder must be another folder than folder and move_to: what lies there is never answered")
        return self


class OutgoingSettings(_Server):
    """[outgoing]: how letters leave."""

    port: int = Field(default=465, ge=1, le=65535)
    sender: Address
    pause_seconds: float = Field(default=1.0, ge=0)
    per_hour: int = Field(default=200, ge=0)
    per_address_per_day: int = Field(default=6, ge=0)


class StorageSettings(_Section):
    """[storage]: the register, and the raw mails."""

    database: Annotated[str, AfterValidator(_database)] = "sqlite:///data/zlcp.db"
    files: Path = Path("data/files")


class DigestSettings(_Section):
    """[digest]: the staff's daily report."""

    recipients: Annotated[tuple[Address, ...], BeforeValidator(_several)] = ()
    time: Clock = time(17, 30)
    timezone: Zone = ZoneInfo("Asia/Shanghai")


class NoticeSettings(_Section):
    """[notice]: the call that is judged by."""

    file: str = Field(default="zlcp-2024", min_length=1)


class LimitSettings(_Section):
    """[limits]: what one mail may be."""

    mail_mb: int = Field(default=50, gt=0)
    file_mb: int = Field(default=50, gt=0)
    total_mb: int = Field(default=200, gt=0)
    files: int = Field(default=200, gt=0)
    depth: int = Field(default=5, gt=0)
    mails: int = Field(default=10, gt=0)
    ratio: int = Field(default=200, gt=0)
    seconds: float = Field(default=60, gt=0)
    memory_mb: int = Field(default=1500, ge=256)


class HealthSettings(_Section):
    """[health]: for whoever watches the machine."""

    file: Path | None = None
    metrics_port: int = Field(default=0, ge=0, le=65535)
    metrics_host: str = "127.0.0.1"

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, data: Any) -> Any:  # noqa: ANN401 - whatever stood in the file
        return {key: value for key, value in data.items() if value != ""} if isinstance(data, dict) else data


class Settings(_Section):
    """The whole config. Made by `load`, frozen, and handed to whoever needs a section of it."""

    mailbox: MailboxSettings
    outgoing: OutgoingSettings
    storage: StorageSettings = StorageSettings()
    digest: DigestSettings = DigestSettings()
    notice: NoticeSettings = NoticeSettings()
    limits: LimitSettings = LimitSettings()
    health: HealthSettings = HealthSettings()

    @property
    def own_addresses(self) -> frozenset[str]:
        """The addresses that our own mail comes from, lower case."""
        return frozenset(address.lower() for address in (parseaddr(self.outgoing.sender)[1], self.mailbox.username) if "@" in address)


def load(path: Path | None = None) -> Settings:
    """Read the config file and the environment.

    Args:
        path: the file; without one ZLCP_CONFIG names it, else it is ./config.toml.

    Raises:
        ConfigError: one line that lists every fault.
    """
    path = path or Path(os.environ.get("ZLCP_CONFIG") or "config.toml")
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; copy config.example.toml to it and fill it in, or name another with --config") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    try:
        return Settings(**_with_environment(data, os.environ))
    except ValidationError as error:
        raise ConfigError(f"{path}: " + "; ".join(_fault(dict(fault)) for fault in error.errors(include_input=False, include_url=False))) from error


def _with_environment(data: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """The file's sections with what ZLCP_<SECTION>__<KEY> says laid over them."""
    for name, value in environment.items():
        section, separator, key = name.removeprefix(PREFIX).lower().partition("__")
        if name.startswith(PREFIX) and separator and value and isinstance(data.get(section, {}), dict):
            data = {**data, section: {**data.get(section, {}), key: value}}
    return data


def _fault(fault: dict[str, Any]) -> str:
    """One fault as "key must be ..."; the wrong value is not repeated, it could be a secret."""
    key = ".".join(str(part) for part in fault["loc"])
    match fault["type"]:
        case "missing":
            return f"{key} is missing"
        case "extra_forbidden":
            return f"{key} is not known; config.example.toml lists the keys"
        case _:
            # A section's own check begins with the name of the key that it is about.
            joint = "." if fault["type"] == "value_error" and len(fault["loc"]) == 1 else " "
            return f"{key}{joint}{str(fault['msg']).removeprefix('Value error, ').replace('Input should', 'must', 1)}"
