"""Where things live and what bounds them; read once from the environment."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import WorkbenchError

HOSTS_TABLE = "hosts"


@dataclass(frozen=True)
class Settings:
    """Everything the workbench is told from outside.

    `data_dir` holds the database, the embedded host's models and spooled uploads. `environment` and `secrets` are where
    hosts look for their keys; they are never stored, logged or shown. A secret is named by its variable, or as
    `hosts.<key of the host>`.
    """

    data_dir: Path
    database_path: Path
    environment: Mapping[str, str] = field(repr=False, default_factory=dict)
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)
    lease_seconds: float = 15.0

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """`LABELLOOP_DATA` names the data folder (default `./data`), `LABELLOOP_DATABASE` the SQLite file in it.

        Secrets come from `.streamlit/secrets.toml` in the home folder and here, the one here going first. Raises
        `WorkbenchError` where such a file cannot be read.
        """
        env = dict(os.environ if environment is None else environment)
        data_dir = Path(env.get("LABELLOOP_DATA", "data")).expanduser().resolve()
        database = Path(env.get("LABELLOOP_DATABASE", data_dir / "labelloop.sqlite3")).expanduser().resolve()
        secrets = {name: key for folder in (Path.home(), Path.cwd()) for name, key in _secrets_in(folder).items()}
        return cls(data_dir=data_dir, database_path=database, environment=env, secrets=secrets)


def _secrets_in(folder: Path) -> dict[str, str]:
    path = folder / ".streamlit" / "secrets.toml"
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except tomllib.TOMLDecodeError as error:
        raise WorkbenchError(f"{path} is not valid TOML: {error}.", "Mend it, then start again.") from None
    except (OSError, UnicodeDecodeError):
        raise WorkbenchError(f"{path} cannot be read.", "Make it readable, or take it away.") from None
    table = told.get(HOSTS_TABLE)
    of_hosts = {f"{HOSTS_TABLE}.{name}": key for name, key in table.items()} if isinstance(table, dict) else {}
    return _texts(told) | _texts(of_hosts)


def _texts(told: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in told.items() if isinstance(value, str)}
