"""When the models end that the projects stand on: as far as anybody says, and as the user knows better."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from core.errors import WorkbenchError
from core.hosts.profiles import profile_of
from core.hosts.retirements import Retirement
from core.model import Project
from core.services.common.door import door
from core.services.common.lookup import project_of
from core.services.hosts.connections import Hosts
from core.services.hosts.retiring import Retirements, typed_name
from core.storage import facts, in_use
from core.storage.engine import Database
from core.storage.in_use import ModelInUse

URGENT_DAYS, SAID_FOR_DAYS = 60, 30
"""So many days before a model ends every page says so, and so many afterwards."""
_FIRST, _LAST = date(2020, 1, 1), date(2100, 1, 1)
ON_OWN = "it runs on your own hardware"
NOT_HERE = "its host is not connected"
NOBODY_SAYS = "neither its host nor a price file says"


@dataclass(frozen=True)
class Ending:
    """A model in use. `end` is None where it is not known, and `why` then says why in one clause."""

    host: str
    host_title: str
    model: str
    base: str
    projects: tuple[Project, ...]
    end: Retirement | None
    why: str = ""

    @property
    def is_own(self) -> bool:
        """Whether nobody but the user ends it."""
        return self.end is None and self.why == ON_OWN

    def days_left(self, today: date) -> int | None:
        return self.end.days_left(today) if self.end else None


@door
class Calendar:
    def __init__(self, db: Database, hosts: Hosts, retirements: Retirements) -> None:
        self._db, self._hosts, self._retirements = db, hosts, retirements

    def all(self) -> list[Ending]:
        """Every model that a project stands on: the one that ends first on top, behind those the ones of which no end
        is known, and last those that never end."""
        found = list(self._endings())
        return sorted(found, key=lambda one: (one.end is None, one.why == ON_OWN, _day(one), one.host_title, one.model))

    def urgent(self, today: date) -> list[Ending]:
        """Those that end within `URGENT_DAYS`, or have ended within `SAID_FOR_DAYS`."""
        every = ((one, one.days_left(today)) for one in self.all())
        return [one for one, days in every if days is not None and -SAID_FOR_DAYS <= days <= URGENT_DAYS]

    def type_in(self, host: str, model: str, day: date | None) -> None:
        """The day from which the model does not answer, as the user knows it; it goes before what anybody else says.
        None takes it back. Raises `WorkbenchError` for a day that cannot be meant."""
        if day is not None and not _FIRST <= day <= _LAST:
            raise WorkbenchError(f"{day:%d %b %Y} cannot be meant.", "Enter the day on which the model ends.")
        with self._db.write() as conn:
            facts.put(conn, typed_name(host, model), "" if day is None else day.isoformat())

    def _endings(self) -> Iterator[Ending]:
        with self._db.read() as conn:
            rows: dict[tuple[str, str], list[ModelInUse]] = {}
            for row in in_use.models(conn):
                rows.setdefault((row.host, row.model), []).append(row)
            projects = {row.project_id: project_of(conn, row.project_id) for of in rows.values() for row in of}
        known = {host.key: host for host in self._hosts.all()}
        for (host, model), of in rows.items():
            one = Ending(
                host,
                self._hosts.title(host),
                model,
                max(row.base for row in of),
                tuple(projects[row.project_id] for row in of),
                None,
            )
            if host not in known:
                yield replace(one, end=self._retirements.typed(host, model), why=NOT_HERE)
                continue
            end = self._retirements.of(known[host], model)
            if end is None and one.base and (of_base := self._retirements.of(known[host], one.base)):
                end = replace(of_base, model=model)
            is_own = known[host].is_local or profile_of(known[host]).is_own
            yield replace(one, end=end, why="" if end else ON_OWN if is_own else NOBODY_SAYS)


def _day(one: Ending) -> date:
    return one.end.day if one.end else _LAST
