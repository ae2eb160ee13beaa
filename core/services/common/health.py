"""Whether what is done on a page can be stored."""

from core.errors import WorkbenchError
from core.services.common.door import door
from core.storage.engine import Database


@door
class Health:
    def __init__(self, db: Database) -> None:
        self._db = db

    def trouble(self) -> WorkbenchError | None:
        """What stands in the way of storing just now (no database, another program, a full disk); never waits."""
        return self._db.trouble()

    def is_there(self) -> bool:
        """Whether there is a database to read."""
        return self._db.path.exists()
