"""Every value that an operator may set: the only reader of the environment."""

import os
from pathlib import Path
from typing import Annotated

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
ENV_FILE = Path(os.environ.get("ENV_FILE") or ROOT / ".env")
"""Settings that stand in no environment; the environment wins."""


class Env(BaseSettings):
    """Settings by their environment variables' names (upper case). Empty values count as unset."""

    model_config = SettingsConfigDict(env_file=ENV_FILE, env_ignore_empty=True, extra="ignore")

    debug: bool = Field(False, description="Django's debug mode: error pages show code. Never on a public host.")
    data_dir: Path = Field(ROOT / "var", description="Where state lives: database, secrets, run files.")
    host: str = Field("127.0.0.1", description="Address that the server binds.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the server binds.")
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        ["localhost", "127.0.0.1", "[::1]"], description="Host names the server answers to, divided by commas."
    )
    trusted_origins: Annotated[list[str], NoDecode] = Field(
        [], description="Origins behind a TLS proxy, such as https://chat.example.org, divided by commas."
    )
    secret_key: SecretStr | None = Field(None, description="Signs sessions. Made in DATA_DIR on first use when unset.")
    database_url: SecretStr | None = Field(
        None, description="postgres://user:password@host/name. SQLite in DATA_DIR when unset."
    )
    openai_api_key: SecretStr | None = Field(None, description="Key of the model server.")
    openai_base_url: str | None = Field(
        None, description="Model server that speaks the OpenAI API, such as http://127.0.0.1:11434/v1."
    )
    openai_model: str | None = Field(
        None,
        description="Id of the default model; else the first that the server lists. Must be set for OpenAI itself.",
    )
    embedding_model: str | None = Field(
        None,
        description="Model that finds examples by meaning: a model's short name in the admin, or an id at the default "
        "server. Without one, words are compared.",
    )
    local_model_path: Path | None = Field(
        None, description="File of the local model, when it is already on this machine. Its digest is checked."
    )
    model: str = Field("local", description="`none` starts without the local model.")
    log_level: str = Field("INFO", description="Least severe level that is logged.")

    @field_validator("allowed_hosts", "trusted_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @field_validator("model")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in ("local", "none"):
            raise ValueError("must be local or none")
        return value

    @property
    def uses_local_model(self) -> bool:
        return self.model == "local" and not (self.openai_api_key or self.openai_base_url)


def load() -> Env:
    """The environment, or an end of the process that names every value that is wrong."""
    try:
        return Env()
    except ValidationError as error:
        problems = "\n".join(f"  {'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise SystemExit(f"Parley can't start. These settings are wrong:\n{problems}") from None


def api_keys() -> dict[str, str]:
    """Keys that rows of Provider may name: only variables ending in _API_KEY, so that staff reach no other secret."""
    values = {**dotenv_values(ENV_FILE), **os.environ}
    return {name: value for name, value in values.items() if value and name.endswith("_API_KEY")}


env = load()
