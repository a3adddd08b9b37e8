"""Environment and `.env` → Settings."""

from pathlib import Path

from platformdirs import user_cache_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What can be set, each by `HMS_` and its name; all have defaults that work."""

    model_config = SettingsConfigDict(env_prefix="HMS_", env_file=".env", extra="ignore")

    index_file: Path = Field(default_factory=lambda: user_cache_path("hms-bot", appauthor=False) / "index.sqlite")
    """Where the search index is kept; it is built again by itself when the data has changed."""
    model: str = ""
    """Another sentence-transformers model, a folder or a name; empty means the one that ships."""
    model_query: str = ""
    """What that model wants before a question, e.g. `query: `."""
    model_passage: str = ""
    """What that model wants before a passage, e.g. `passage: `."""
    public_url: str = "http://127.0.0.1:8080"
    """Where `hms serve` is reached; citations link there."""
    host: str = "127.0.0.1"
    """Where `hms serve` listens."""
    port: int = Field(default=8080, ge=0, le=65535)
    """And on which port."""
    rate: int = Field(default=120, ge=1)
    """Requests a minute that one client may make."""
    trust_proxy: bool = False
    """Whether `X-Forwarded-For` is believed: only behind a proxy that sets it."""
