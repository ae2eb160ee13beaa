"""Bringing a database file to the present schema with Alembic, after a copy of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine

from core.errors import WorkbenchError

APPLICATION_ID = 0x4C4C4F50
"""SQLite's per-application mark ("LLOP"), by which a file is known to be ours."""

HEAD = "0003"
"""The newest migration; a test holds it to the versions folder, so that opening need not import Alembic."""


MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, path: Path) -> None:
    """Upgrade to `HEAD` in one transaction. A file from a newer version is refused and left untouched."""
    with engine.connect() as connection:
        present = _revision(connection)
    if present == HEAD:
        return
    if present is not None:
        _refuse_newer(present, path)
        _copy(path)
    _upgrade(engine)


def _revision(connection: Connection) -> str | None:
    table = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").first()
    if table is None:
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return None if row is None else str(row[0])


def _refuse_newer(present: str, path: Path) -> None:
    if present > HEAD:
        raise WorkbenchError(
            f"{path} was written by a newer LabelLoop (schema {present}, this one knows {HEAD}).",
            "Update LabelLoop, or choose another file with LABELLOOP_DATABASE.",
        )


def _copy(path: Path) -> None:
    target, unfinished = path.with_name(path.name + ".backup"), path.with_name(path.name + ".backup.part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(unfinished),))
    unfinished.replace(target)


def _upgrade(engine: Engine) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    with engine.connect() as plain:
        connection = plain.execution_options(labelloop_write=True)
        with connection.begin():
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            environment = EnvironmentContext(
                config, scripts, fn=lambda revision, _: scripts._upgrade_revs(HEAD, revision)
            )
            environment.configure(connection=connection, render_as_batch=True, transactional_ddl=False)
            environment.run_migrations()
