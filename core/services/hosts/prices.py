"""What models cost: typed by the user, imported from a file, or shipped."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from core.errors import WorkbenchError
from core.hosts.addresses import is_private
from core.hosts.prices import FREE, SHIPPED, spellings
from core.hosts.profiles import EMBEDDED, profile_of
from core.model import Host, Price
from core.services.common.door import door
from core.services.hosts.price_import import ImportPlan, Reach, places_of, plan_of, reach_of, to_store
from core.storage import prices as stored
from core.storage.engine import Database
from core.storage.prices import StoredPrice

TYPED = "typed"
_A_PRICE = "Enter US dollars per million tokens, or nothing."
_UNDOABLE = 20
"""How many changes can be undone, the last one first."""
_FRESH_SECONDS = 1.0
"""How long another process's change to a price may go unseen."""


@dataclass(frozen=True)
class PriceRow:
    """A price as the table shows it; `price` is None where it is unknown, `is_typed` where the user gave it."""

    host: str
    model: str
    price: Price | None
    is_typed: bool

    @property
    def is_own_hardware(self) -> bool:
        """Whether nobody named a price, and none is asked on the user's own hardware."""
        return self.price is FREE


@dataclass(frozen=True)
class Change:
    """Prices that were changed together: where each is kept and its model, and those that were there before. `source`
    is the file they came from, "" where the user typed one or took it back."""

    source: str
    keys: tuple[tuple[str, str], ...]
    replaced: tuple[StoredPrice, ...]


@door
class Prices:
    """Unknown stays unknown: a price is None, never 0, unless the hardware is the user's own: a server of a kind that
    bills nobody, on this machine or a private network."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: Mapping[tuple[str, str], StoredPrice] = {}
        self._stamp: str | None = None
        self._looked = float("-inf")
        self._changes: list[Change] = []

    def of(self, host: Host, model: str) -> Price | None:
        """What a call costs: the user's price for this host, then the imported one, then the shipped one.

        Each under the exact name before a snapshot's without its date. Hardware of the user's own costs nothing where
        no price says otherwise.
        """
        profile = profile_of(host)
        found = self._stored(host, model) or next(
            (SHIPPED[profile.key, name] for name in spellings(model) if (profile.key, name) in SHIPPED), None
        )
        if found is None:
            return FREE if self.is_free(host) else None
        if found.batch_factor is not None:
            return found
        return replace(found, batch_factor=profile.batch_factor)

    def is_free(self, host: Host) -> bool:
        """Whether its models cost nothing where no price says otherwise."""
        own = profile_of(host).is_own
        return host.key == EMBEDDED.key or (own and is_private(host.base_url))

    def rows(self, host: Host) -> list[PriceRow]:
        """Every price known for the host by name, typed, imported and shipped, in alphabetical order."""
        places, profile = places_of(host), profile_of(host)
        names = {model for place, model in self._rows() if place in places}
        names |= {model for key, model in SHIPPED if key == profile.key}
        return [self.row(host, name) for name in sorted(names, key=str.casefold)]

    def row(self, host: Host, model: str) -> PriceRow:
        """What is known of one model, priced or not."""
        return PriceRow(host.key, model, self.of(host, model), (host.key, model) in self._rows())

    def kept(self, host: Host, name: str) -> list[StoredPrice]:
        """What is kept under exactly this name where it holds for the host, the nearest place first."""
        rows = self._rows()
        return [rows[place, name] for place in places_of(host) if (place, name) in rows]

    def in_use(self) -> set[tuple[str, str]]:
        """Host and model of every model that ever labelled in any project."""
        with self._db.read() as conn:
            return stored.models_in_use(conn)

    def set(self, host_key: str, model: str, price: Price) -> None:
        """The user's price. Where it holds nothing at all, whatever was imported or shipped counts again.

        `undo` takes it back. Raises `WorkbenchError` for a number that is no price.
        """
        if not model.strip():
            raise WorkbenchError("A price needs the name of a model.", "Enter the name as the host lists it.")
        numbers = (price.input, price.output, price.cached_input, price.batch_factor, price.training)
        if any(number is not None and not isfinite(number) for number in numbers):
            raise WorkbenchError("A price must be a number.", _A_PRICE)
        if any(number is not None and number < 0 for number in numbers):
            raise WorkbenchError("A price cannot be negative.", _A_PRICE)
        if all(number is None for number in numbers):
            self.remove(host_key, model.strip())
            return
        self._put([StoredPrice(host_key, model.strip(), replace(price, source=TYPED))])

    def remove(self, host_key: str, model: str) -> None:
        """Take the user's price back."""
        self._note([(host_key, model)])
        with self._db.write() as conn:
            stored.remove(conn, [(host_key, model)])
        self._stamp = None

    def plan_import(self, data: bytes, source: str) -> ImportPlan:
        """What `import_file` would do. Raises `WorkbenchError` where this is no price file of litellm."""
        return plan_of(data, source, self._rows())

    def import_file(self, plan: ImportPlan) -> None:
        """Take all its rows, in one transaction. What the user typed is not touched."""
        self._put(to_store(plan.found), plan.source)

    def reach(self, places: Sequence[str], hosts: Sequence[Host]) -> Reach:
        """Where prices kept at these places hold, of these hosts and beyond."""
        return reach_of(places, hosts)

    @property
    def last_change(self) -> Change | None:
        """What `undo` would take back; None where there is nothing, as after the program was started anew."""
        return self._changes[-1] if self._changes else None

    def undo(self) -> None:
        """Prices as they were before the last change that was not undone."""
        if not self._changes:
            return
        change = self._changes.pop()
        kept = {(row.place, row.model) for row in change.replaced}
        with self._db.write() as conn:
            stored.remove(conn, [key for key in change.keys if key not in kept])
            stored.put(conn, change.replaced)
        self._stamp = None

    def _stored(self, host: Host, model: str) -> Price | None:
        for name in spellings(model):
            for found in self.kept(host, name):
                if found.price.input is not None or found.price.output is not None:
                    return found.price
        return None

    def _rows(self) -> Mapping[tuple[str, str], StoredPrice]:
        """All of the user's prices; read anew only where one has changed."""
        if self._stamp is None or time.monotonic() - self._looked > _FRESH_SECONDS:
            with self._db.read() as conn:
                stamp = stored.stamp(conn)
                if stamp != self._stamp:
                    self._known = {(row.place, row.model): row for row in stored.list_all(conn)}
            self._stamp, self._looked = stamp, time.monotonic()
        return self._known

    def _note(self, keys: Sequence[tuple[str, str]], source: str = "") -> None:
        known = self._rows()
        change = Change(source, tuple(keys), tuple(known[key] for key in keys if key in known))
        self._changes = [*self._changes, change][-_UNDOABLE:]

    def _put(self, rows: Sequence[StoredPrice], source: str = "") -> None:
        self._note([(row.place, row.model) for row in rows], source)
        with self._db.write() as conn:
            stored.put(conn, rows)
        self._stamp = None
