"""How models are best asked, as far as that was found out; remembered over restarts."""

from core.hosts.manner import Manner, manner_of_json, manner_to_json
from core.storage import hosts as stored
from core.storage.engine import Database


class Manners:
    """By host and model, read once."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[tuple[str, str], Manner] = {}

    def of(self, host: str, model: str) -> Manner:
        """As far as it is known by now."""
        if (host, model) not in self._known:
            with self._db.read() as conn:
                told = stored.manner(conn, host, model)
            self._known[(host, model)] = manner_of_json(told) if told else Manner()
        return self._known[(host, model)]

    def remember(self, host: str, model: str, manner: Manner) -> None:
        """Cheap where it is no news."""
        if manner != self.of(host, model):
            self._known[(host, model)] = manner
            with self._db.write() as conn:
                stored.remember(conn, host, model, manner_to_json(manner))

    def forget(self, host: str) -> None:
        """Of all its models: it is at another address, or asked with other parameters."""
        self._known = {place: manner for place, manner in self._known.items() if place[0] != host}
        with self._db.write() as conn:
            stored.forget_manners(conn, host)
