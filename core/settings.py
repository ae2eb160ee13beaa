"""Where things live and what bounds them; read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.model import Host


@dataclass(frozen=True)
class Settings:
    """Everything the workbench is told from outside.

    `data_dir` holds the database, the embedded host's models and spooled uploads. `environment` is where hosts look
    for their keys; it is never stored, logged or shown.
    """

    data_dir: Path
    database_path: Path
    environment: Mapping[str, str] = field(repr=False, default_factory=dict)
    lease_seconds: float = 15.0

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """`LABELLOOP_DATA` names the data folder (default `./data`), `LABELLOOP_DATABASE` the SQLite file in it."""
        env = dict(os.environ if environment is None else environment)
        data_dir = Path(env.get("LABELLOOP_DATA", "data")).expanduser().resolve()
        database = Path(env.get("LABELLOOP_DATABASE", data_dir / "labelloop.sqlite3")).expanduser().resolve()
        return cls(data_dir=data_dir, database_path=database, environment=env)

    def key_for(self, host: Host) -> str:
        """The host's key from the environment, or "" where there is none."""
        return self.environment.get(host.key_variable, "").strip() if host.key_variable else ""
