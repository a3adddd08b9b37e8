"""Environment and `.env` → Settings."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, ModelWrapValidatorHandler, SecretStr, ValidationError, create_model, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.web.connection import Proxies, read_networks
from corpus.library import DATA


class EnvironmentSettings(BaseSettings):
    """Settings that stand in the environment as `HMS_` and their name, or in `.env`. What only a channel needs to know
    stands in a class of its own with this base, in the channel's folder."""

    model_config = SettingsConfigDict(env_prefix="HMS_", env_file=".env", env_ignore_empty=True, extra="ignore")


class WhoseSettings(EnvironmentSettings):
    """Whose bot it is, which can be told before anything else is set up."""

    organisation: Path | None = None
    """The folder of an organisation, with its documents and roles (`hms init` makes one); empty means the one that
    ships."""

    @property
    def folder(self) -> Path:
        """Where the organisation's data are."""
        return self.organisation or DATA


class Settings(WhoseSettings):
    """What can be set, each by `HMS_` and its name; all have defaults that work."""

    index_file: Path = Field(default_factory=lambda: user_cache_path("hms-bot", appauthor=False) / "index.sqlite")
    """Where the search index is kept; it is built again by itself when the data has changed."""
    model: str = ""
    """Another sentence-transformers model, a folder or a name; empty means the one that ships."""
    model_query: str = ""
    """What that model wants before a question, e.g. `query: `."""
    model_passage: str = ""
    """What that model wants before a passage, e.g. `passage: `."""
    quoted: bool = True
    """Whether passages of imported documents are shown where the policy does not say what was asked."""
    public_url: str = ""
    """Where `hms serve` is reached; citations link there. Empty means where it listens."""
    host: str = "127.0.0.1"
    """Where `hms serve` listens."""
    port: int = Field(default=8080, ge=0, le=65535)
    """And on which port."""
    rate: int = Field(default=120, ge=1)
    """Work a minute that one client may ask for: a request is 1, a question 1 more and 1 for every 500 characters."""
    connections: int = Field(default=64, ge=1)
    """Connections that one client may have open."""
    trust_proxy: bool = False
    """Whether `X-Forwarded-For` is believed of whoever connects: only behind a proxy that sets it."""
    trusted_proxies: str = ""
    """Addresses and networks of proxies whose `X-Forwarded-For` is believed, separated by spaces."""
    frame_ancestors: str = ""
    """Pages that may show `/embed` in a frame: origins such as `https://wiki.example`, separated by spaces."""

    store_file: Path = Field(default_factory=lambda: user_data_path("hms-bot", appauthor=False) / "store.sqlite")
    """Where questions, answers, feedback and profiles are kept, unless `database_url` says another place."""
    database_url: SecretStr = SecretStr("")
    """A PostgreSQL connection string, for more than one replica; several hosts are tried in turn."""
    secret: SecretStr = SecretStr("")
    """Under which persons are hashed; without it one is made beside `store_file`."""
    encryption_key: SecretStr = SecretStr("")
    """A Fernet key that encrypts the tokens of Slack installations in the store."""
    retention_days: int = Field(default=30, ge=1, le=3650)
    """Days after which what was asked and answered is forgotten."""
    waiting_hours: int = Field(default=24, ge=1, le=72)
    """Hours that an answer waits for Slack or Teams to come back; then its asker is told that it came too late."""
    report_token: SecretStr = SecretStr("")
    """What opens `/report` and `/review`; without it they are not there."""
    mcp_token: SecretStr = SecretStr("")
    """What other assistants bring to `/mcp`; without it that is not there."""
    log_format: Literal["text", "json"] = "text"
    """Logs for people or for machines."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is logged."""

    slack_signing_secret: SecretStr = SecretStr("")
    """Slack: from "Basic Information"; turns Slack on by HTTP."""
    slack_bot_token: SecretStr = SecretStr("")
    """Slack: `xoxb-…`, for a single workspace."""
    slack_app_token: SecretStr = SecretStr("")
    """Slack: `xapp-…`, turns on Socket Mode, which needs no public address."""
    slack_client_id: str = ""
    """Slack: for installing in several workspaces."""
    slack_client_secret: SecretStr = SecretStr("")
    """Slack: goes with the client id."""
    slack_teams: str = ""
    """Slack: workspaces (`T…`) and organisations (`E…`) that may install and use the bot, separated by commas; empty
    means the one of the bot token."""
    slack_agent: bool = False
    """Slack: whether the app was made with `--agent`; answers then go into threads."""
    slack_api_url: str = "https://slack.com/api/"
    """Slack: where its API is; another one only for tests."""

    teams_app_id: str = ""
    """Teams: the client id of the app registration; turns Teams on."""
    teams_app_password: SecretStr = SecretStr("")
    """Teams: its client secret."""
    teams_secret_expires: date | None = None
    """Teams: the day on which that secret expires, as 2027-05-31; the log warns from 30 days ahead."""
    teams_certificate: Path | None = None
    """Teams: instead of a secret, a PEM file with a certificate that the app registration has, and its key."""
    teams_managed_identity: bool = False
    """Teams: instead of a secret, the app is a user-assigned managed identity of the machine in Azure."""
    teams_federated: str = ""
    """Teams: instead of a secret, who vouches for the app by a federated credential: `system` or the client id of a
    user-assigned managed identity, or the file that the platform writes its token to."""
    teams_home_tenant: str = ""
    """Teams: the tenant that the app registration is in."""
    teams_tenants: str = ""
    """Teams: tenants that may use the bot, separated by commas; empty means none."""
    teams_insecure: bool = False
    """Teams: no authentication, for development on loopback only."""

    def is_set(self, name: str) -> bool:
        """Whether there is a setting of that name, also one that only a channel knows."""
        if name in type(self).model_fields:
            return bool(getattr(self, name))
        own = create_model("ChannelSettings", __base__=EnvironmentSettings, **{name: (SecretStr, SecretStr(""))})  # type: ignore[call-overload]
        return bool(getattr(own(), name))

    @property
    def secret_file(self) -> Path:
        """Where the secret is that persons are hashed under, if it is not set."""
        return self.store_file.with_suffix(".secret")

    @property
    def proxies(self) -> Proxies:
        return Proxies(self.trust_proxy, read_networks(self.trusted_proxies))

    @model_validator(mode="wrap")
    @classmethod
    def _all_faults(cls, given: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        """Faults of single settings and of settings that go together, told at once."""
        missing = _missing(given) if isinstance(given, Mapping) else []
        try:
            settings = validate(given)
        except ValidationError as error:
            known = [
                InitErrorDetails(type=e["type"], loc=e["loc"], input=None, ctx=e.get("ctx", {})) for e in error.errors()
            ]
            raise ValidationError.from_exception_data(cls.__name__, [*known, *missing], hide_input=True) from None
        if settings.waiting_hours > settings.retention_days * 24:
            missing.append(_fault("waiting_hours", "is longer than HMS_RETENTION_DAYS: it would be forgotten unsent"))
        if missing:
            raise ValidationError.from_exception_data(cls.__name__, missing, hide_input=True)
        if settings.organisation and "index_file" not in settings.model_fields_set:
            # Each has an index of its own, so that none is built again when another is used.
            own = hashlib.sha256(str(settings.organisation.resolve()).encode()).hexdigest()[:8]
            settings.index_file = settings.index_file.with_stem(f"index-{own}")
        host = f"[{settings.host}]" if ":" in settings.host else settings.host  # an IPv6 address
        settings.public_url = settings.public_url or f"http://{host}:{settings.port}"
        return settings


# What a Teams app may prove itself with, by one of them.
_CREDENTIALS = ("teams_app_password", "teams_certificate", "teams_managed_identity", "teams_federated")
SYSTEM = "system"
# A setting, what it needs beside it (one of several is enough), and why.
_TOGETHER = (
    ("database_url", ("secret",), "replicas know the same person again only by the same secret"),
    ("slack_client_id", ("slack_client_secret",), "Slack's installation needs both"),
    ("slack_client_secret", ("slack_client_id",), "Slack's installation needs both"),
    ("slack_client_id", ("slack_signing_secret",), "installing in several workspaces is by HTTP"),
    ("slack_client_id", ("slack_teams",), "says which workspaces may install the bot"),
    ("slack_signing_secret", ("slack_bot_token", "slack_client_id"), "Slack needs a token, or a client id to get them"),
    ("slack_app_token", ("slack_bot_token",), "Socket Mode answers with the bot token"),
    ("slack_bot_token", ("slack_signing_secret", "slack_app_token"), "Slack comes by HTTP or by Socket Mode"),
    ("teams_app_id", (*_CREDENTIALS, "teams_insecure"), "Teams believes no app that does not prove which it is"),
    *((name, ("teams_app_id",), "it proves which app it is") for name in _CREDENTIALS),
    ("teams_secret_expires", ("teams_app_password",), "it is the day on which that secret expires"),
)
_BEGINNINGS = {"slack_bot_token": "xoxb-", "slack_app_token": "xapp-"}
_SHORTEST = 32
_CLIENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Settings that are on or off, and how the environment says that one is off.
_SWITCHES = ("teams_managed_identity", "teams_insecure")
_NO = frozenset({"0", "f", "false", "n", "no", "off"})
_ORIGIN = re.compile(r"https?://(\*\.)?[\w.-]+(:\d{1,5})?", re.ASCII)


def _missing(given: Mapping[str, Any]) -> list[InitErrorDetails]:
    said = {name: _text(value) for name, value in given.items()}
    said |= {name: "" for name in _SWITCHES if said.get(name, "").lower() in _NO}
    faults = [
        _fault(name, f"is set, but not {' or '.join(f'HMS_{n.upper()}' for n in needed)}: {reason}")
        for name, needed, reason in _TOGETHER
        if said.get(name) and not any(said.get(other) for other in needed)
    ]
    for name, beginning in _BEGINNINGS.items():
        if said.get(name) and not said[name].startswith(beginning):
            faults.append(_fault(name, f"does not begin with {beginning}: it is another kind of token"))
    proofs = [f"HMS_{name.upper()}" for name in _CREDENTIALS if said.get(name)]
    if len(proofs) > 1:
        faults.append(_fault("teams_app_id", f"{' and '.join(proofs)} are set: the app proves itself with one"))
    federated = said.get("teams_federated", "")
    if federated and federated != SYSTEM and not (_CLIENT_ID.fullmatch(federated) or Path(federated).is_absolute()):
        faults.append(_fault("teams_federated", f"is neither {SYSTEM}, nor a client id, nor a file by its whole path"))
    for name in ("secret", "report_token", "mcp_token"):
        if said.get(name) and len(said[name]) < _SHORTEST:
            faults.append(_fault(name, f"is shorter than {_SHORTEST} characters"))
    wrong = [origin for origin in said.get("frame_ancestors", "").split() if not _ORIGIN.fullmatch(origin)]
    if wrong:
        faults.append(_fault("frame_ancestors", f"{', '.join(wrong)}: not as https://host, with a port or without"))
    try:
        read_networks(said.get("trusted_proxies", ""))
    except ValueError as error:
        faults.append(_fault("trusted_proxies", str(error)))
    if said.get("encryption_key") and not _is_fernet_key(said["encryption_key"]):
        faults.append(_fault("encryption_key", "is no Fernet key (32 bytes as URL-safe base64)"))
    return faults


def _text(value: Any) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


def _is_fernet_key(key: str) -> bool:
    from cryptography.fernet import Fernet

    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _fault(name: str, problem: str) -> InitErrorDetails:
    return InitErrorDetails(
        type=PydanticCustomError("setting", "{problem}", {"problem": problem}), loc=(name,), input=None
    )
