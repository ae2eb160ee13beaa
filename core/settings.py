"""Where things live and what bounds them; read once from the environment."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import WorkbenchError
from core.text import admit, clean

HOSTS_TABLE = "hosts"


@dataclass(frozen=True)
class Settings:
    """Everything the workbench is told from outside.

    `data_dir` holds the database, the files of items, the embedded host's models and spooled uploads. `environment` and
    `secrets` are where hosts look for their keys; they are never stored, logged or shown. A secret is named by its
    variable, or as `hosts.<key of the host>`.
    """

    data_dir: Path
    database_path: Path
    environment: Mapping[str, str] = field(repr=False, default_factory=dict)
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)
    lease_seconds: float = 15.0

    @property
    def media_dir(self) -> Path:
        """Where the pictures, sounds and films of items lie: beside the database, wherever that is."""
        return self.database_path.parent / "media"

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """`LABELLOOP_DATA` names the data folder (default `./data`), `LABELLOOP_DATABASE` the SQLite file in it.

        Secrets come from `.streamlit/secrets.toml` in the home folder and here, the one here going first. Raises
        `WorkbenchError` where such a file cannot be read.
        """
        env = dict(os.environ if environment is None else environment)
        data_dir = _place(env.get("LABELLOOP_DATA") or "data", "LABELLOOP_DATA")
        database = _place(env.get("LABELLOOP_DATABASE") or data_dir / "labelloop.sqlite3", "LABELLOOP_DATABASE")
        secrets = {name: key for folder in _places_of_secrets() for name, key in _secrets_in(folder).items()}
        return cls(data_dir=data_dir, database_path=database, environment=admit(env), secrets=admit(secrets))


def _place(given: str | Path, variable: str) -> Path:
    """Where it leads. Raises `WorkbenchError` for a path that leads nowhere or whose name is no text."""
    try:
        path = Path(given).expanduser().resolve()
        str(path).encode()
    except (OSError, RuntimeError, ValueError):
        # A user or a folder that does not exist, links in a circle, a NUL, bytes that are not UTF-8.
        raise WorkbenchError(
            f"{clean(str(given))} cannot be used as a path.", f"Set {variable} to another path."
        ) from None
    return path


def _places_of_secrets() -> Iterator[Path]:
    """The home folder and the one we are in, as far as there are any."""
    for place in (Path.home, Path.cwd):
        with suppress(OSError, RuntimeError):
            yield place()


def _secrets_in(folder: Path) -> dict[str, str]:
    path = folder / ".streamlit" / "secrets.toml"
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError):
        raise WorkbenchError(f"{path} cannot be read.", "Make it readable, or remove it.") from None
    except RecursionError:
        raise WorkbenchError(
            f"{path} is nested too deeply to be read.", "Nest it less deeply, then start again."
        ) from None
    except ValueError as error:
        raise WorkbenchError(f"{path} is not valid TOML: {error}.", "Fix it, then start again.") from None
    table = told.get(HOSTS_TABLE)
    of_hosts = {f"{HOSTS_TABLE}.{name}": key for name, key in table.items()} if isinstance(table, dict) else {}
    return _texts(told) | _texts(of_hosts)


def _texts(told: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in told.items() if isinstance(value, str)}
