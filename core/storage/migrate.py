"""Bringing a database file to the present schema with Alembic, after a copy of it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine

from core.errors import WorkbenchError
from core.storage.errors import how_to_restore
from core.storage.tables import metadata

APPLICATION_ID = 0x4C4C4F50
"""SQLite's per-application mark ("LLOP"), by which a file is known to be ours."""

HEAD = "0020"
"""The newest migration; a test holds it to the versions folder, so that opening need not import Alembic."""


MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, path: Path) -> None:
    """Upgrade to `HEAD` in one transaction. A file from a newer version is refused and left untouched."""
    with engine.connect() as connection:
        present = _revision(connection, path)
        if present == HEAD:
            _refuse_incomplete(connection, path)
            return
    if present is not None:
        _refuse_unknown(present, path)
        _copy(path, present)
    _upgrade(engine)


def _revision(connection: Connection, path: Path) -> str | None:
    """None for a file without tables. Raises `WorkbenchError` for tables that do not say which schema they are."""
    tables = _tables(connection)
    if not tables:
        return None
    row = None
    if "alembic_version" in tables:
        row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    if row is None:
        raise WorkbenchError(f"{path} is damaged: it does not say which schema it has.", how_to_restore(path))
    return str(row[0])


def _tables(connection: Connection) -> set[str]:
    found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {str(name) for (name,) in found}


def _refuse_incomplete(connection: Connection, path: Path) -> None:
    if missing := sorted(set(metadata.tables) - _tables(connection)):
        raise WorkbenchError(f"{path} is damaged: its table {missing[0]} is missing.", how_to_restore(path))


def _refuse_unknown(present: str, path: Path) -> None:
    known = {script.name[1:5] for script in (MIGRATIONS / "versions").glob("v*.py")}
    if present not in known and not (len(present) == len(HEAD) and present.isdigit() and present > HEAD):
        raise WorkbenchError(
            f"{path} is damaged: it has the schema {present}, which never existed.", how_to_restore(path)
        )
    if present > HEAD:
        raise WorkbenchError(
            f"{path} was written by a newer LabelLoop (schema {present}, this one knows {HEAD}).",
            "Update LabelLoop, or choose another file with LABELLOOP_DATABASE.",
        )


def _copy(path: Path, present: str) -> None:
    """Unless another process has upgraded the file meanwhile, whose copy is the one of before."""
    target, unfinished = path.with_name(path.name + ".backup"), path.with_name(f"{path.name}.{os.getpid()}.part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(unfinished),))
    with closing(sqlite3.connect(unfinished)) as copied:
        (found,) = copied.execute("SELECT version_num FROM alembic_version").fetchone()
    if found == present:
        unfinished.replace(target)
    else:
        unfinished.unlink()


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
