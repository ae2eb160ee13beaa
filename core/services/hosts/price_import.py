"""A file of prices before it is taken: what it would change, and at which hosts its prices would hold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.hosts.price_file import ANYWHERE, ImportedPrices, read_litellm
from core.hosts.profiles import PROFILES, profile_of
from core.model import Host, Price
from core.storage.prices import StoredPrice
from core.text import known

_SERVE_ANY_MAKER = ("custom", "litellm")
"""Kinds of hosts at which a maker's own price holds: the maker itself, or a gateway to it."""


@dataclass(frozen=True)
class Reach:
    """Where prices of a file hold: how many at each of the hosts given, by key, and how many need a host that is not
    among them, by the title of its kind."""

    hosts: Mapping[str, int]
    absent: Mapping[str, int]


@dataclass(frozen=True)
class ImportPlan:
    """What importing a file would change."""

    source: str
    found: ImportedPrices
    new: int
    changed: int
    same: int

    @property
    def places(self) -> list[str]:
        """Where each of its prices would be kept."""
        return [row.place for row in to_store(self.found)]


def plan_of(data: bytes, source: str, stored: Mapping[tuple[str, str], StoredPrice]) -> ImportPlan:
    """What taking the file would change of the prices that are stored, by place and model.

    Raises `WorkbenchError` where this is no price file of litellm.
    """
    found = read_litellm(data, source)
    rows = to_store(found)
    before = [stored.get((row.place, row.model)) for row in rows]
    same = sum(old is not None and _says(old) == _says(row) for old, row in zip(before, rows, strict=True))
    new = sum(old is None for old in before)
    return ImportPlan(source, found, new, len(before) - new - same, same)


def reach_of(places: Sequence[str], hosts: Sequence[Host]) -> Reach:
    """Where prices kept at these places hold, of these hosts and beyond."""
    at = {host.key: sum(place in places_of(host) for place in places) for host in hosts}
    covered = {place for host in hosts for place in places_of(host)}
    absent = Counter(_title(place) for place in places if place not in covered)
    return Reach({key: number for key, number in at.items() if number}, dict(absent))


def places_of(host: Host) -> tuple[str, ...]:
    """Where a price for this host may be kept, the nearest first."""
    kind = profile_of(host).key
    return (host.key, f"profile:{kind}", *([ANYWHERE] if kind in _SERVE_ANY_MAKER else []))


def to_store(found: ImportedPrices) -> list[StoredPrice]:
    return [
        StoredPrice(
            f"profile:{row.profile}" if row.profile else ANYWHERE,
            row.model,
            row.price,
            row.retires.isoformat() if row.retires else "",
        )
        for row in found.rows
    ]


def _title(place: str) -> str:
    """The kind of host at which a price kept at this place holds."""
    if place == ANYWHERE:
        return "another server or a gateway"
    return known(place.removeprefix("profile:"), PROFILES, "kind of host").title


def _says(row: StoredPrice) -> tuple[Price, str]:
    return replace(row.price, source=""), row.retirement_date
