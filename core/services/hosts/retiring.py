"""When models end, and when hosts stop to take fine-tunes: as the host says, a price file, or what was shipped."""

from dataclasses import replace
from datetime import date

from core.hosts.profiles import profile_of
from core.hosts.retirements import TRAINING_ENDS, Retirement, TrainingEnd, names_to_ask, shipped_retirement
from core.model import Host
from core.services.common.door import door
from core.services.hosts.prices import Prices
from core.storage import facts
from core.storage import hosts as stored_hosts
from core.storage.engine import Database

TYPED = "typed in"


@door
class Retirements:
    def __init__(self, db: Database, prices: Prices) -> None:
        self._db, self._prices = db, prices

    def of(self, host: Host, model: str) -> Retirement | None:
        """When the model ends: as the user typed, then its host says, then an imported file, then what was shipped;
        None if nobody does.

        A tuned model ends with its base.
        """
        if typed := self.typed(host.key, model):
            return typed
        names = names_to_ask(model)
        with self._db.read() as conn:
            said = stored_hosts.shutdown_dates(conn, host.key)
        shipped = shipped_retirement(profile_of(host).key, model)
        successor = shipped.successor if shipped else ""
        for name in names:
            if day := _day(said.get(name, "")):
                return Retirement(model, day, f"{host.title} says so", successor)
        for name in names:
            for row in self._prices.kept(host, name):
                if day := _day(row.retirement_date):
                    return Retirement(model, day, row.price.source, successor)
        return replace(shipped, model=model) if shipped else None

    def typed(self, host: str, model: str) -> Retirement | None:
        """When the model ends as the user typed it in, also for a host that is not there."""
        with self._db.read() as conn:
            day = _day(facts.get(conn, typed_name(host, model)) or "")
        return Retirement(model, day, TYPED) if day else None

    def training_end(self, host: Host) -> TrainingEnd | None:
        """When the host stops to take fine-tunes; None where nothing is known of it."""
        return TRAINING_ENDS.get(profile_of(host).key)


def typed_name(host: str, model: str) -> str:
    """Under which a day that was typed in is kept."""
    return f"ends:{host}:{model}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
