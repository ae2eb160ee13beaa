"""Pairings read from a project, kept until there is news where they take more than counting."""

from collections.abc import Sequence

from core.model import Split
from core.services.agreement.pairing import Pairing, pairing
from core.services.common.sources import Vocabulary
from core.services.common.tables import source_of
from core.storage.engine import Connection
from core.storage.kept import until_news


def pairing_of(
    conn: Connection,
    project_id: int,
    reference: int,
    candidate: int,
    split: Split | None,
    among: Sequence[int] = (),
    but: frozenset[int] | None = None,
) -> Pairing:
    """Of the two over the items that `source_of` gives."""
    words = Vocabulary(conn, project_id)

    def ask() -> Pairing:
        return pairing(source_of(conn, project_id, reference, candidate, split, among, but), words.kind.metrics)

    if words.need in ("table", "scale"):
        return ask()  # counted pairs are kept, and so are their figures
    question = ("pairing", reference, candidate, split, tuple(among), but, words.key)
    return until_news(conn, question, ask, dealt_in=project_id)
