"""The keys of requests not sent yet: what tells whether an answer is known already, or a prompt has changed."""

from collections.abc import Sequence

from core.model import Item, Masking
from core.prompts.masking import Masker
from core.services.asking.asker import Asker, Unsendable
from core.services.asking.frozen import masking_of
from core.services.asking.masking import masker_for
from core.services.asking.requests import GridCell, RunRequest
from core.services.hosts.connections import Hosts
from core.storage.engine import Database


class RequestKeys:
    """Made before any transaction is open, since the salt of masks may have to be written first."""

    def __init__(self, db: Database, hosts: Hosts, request: RunRequest) -> None:
        self._hosts = hosts
        keys = {host for host, _ in request.models}
        maskings = {host.masking for host in hosts.all() if host.key in keys}
        self._maskers: dict[Masking, Masker] = {masking: masker_for(db, masking) for masking in maskings}
        self._askers: dict[int, tuple[GridCell, Asker]] = {}

    def __call__(self, cell: GridCell, items: Sequence[Item], ordinal: int = 0) -> list[bytes]:
        """In the items' order, in the manner that is known for the model by now; of an item that cannot be sent a key
        that no answer has."""
        asker = self._asker(cell)
        return [_key(asker, item, ordinal) for item in items]

    def _asker(self, cell: GridCell) -> Asker:
        # The cell is kept beside its asker, so that its id stays its own.
        known = self._askers.get(id(cell))
        if known is None:
            manner = self._hosts.manner(*cell.ref)
            known = cell, Asker(None, cell.ref.model, cell.config, manner, self._maskers[masking_of(cell.config)])
            self._askers[id(cell)] = known
        return known[1]


def _key(asker: Asker, item: Item, ordinal: int) -> bytes:
    try:
        return asker.key(asker.request(item, ordinal))
    except Unsendable:
        return b""
