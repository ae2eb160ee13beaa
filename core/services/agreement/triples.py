"""How many items three annotators have labelled so: what a comparison is made of."""

from collections.abc import Mapping, Sequence
from itertools import chain

from core.model import Split
from core.services.common.asked import not_asked
from core.services.common.tables import lacking
from core.storage import aligned
from core.storage.aligned import Triple
from core.storage.engine import Connection
from core.storage.kept import until_news

Three = tuple[int, int, int]
"""The ids of the reference, A and B."""


def triples_of(
    conn: Connection, project_id: int, three: Three, but: frozenset[int] = frozenset()
) -> dict[Split | None, list[Triple]]:
    """`(the reference's label, A's, B's, how many items)` of each split, without the items `but`."""
    question = ("triples", *three, but)
    return until_news(conn, question, lambda: aligned.triple_counts(conn, *three, but), dealt_in=project_id)


def on_split(split: Split | None, triples: Mapping[Split | None, Sequence[Triple]]) -> list[Triple]:
    """Those of one split; without one, of all items."""
    if split is not None:
        return list(triples.get(split, ()))
    summed: dict[tuple[int, int, int], int] = {}
    for r, a, b, number in chain.from_iterable(triples.values()):
        summed[r, a, b] = summed.get((r, a, b), 0) + number
    return sorted((*labels, number) for labels, number in summed.items())


def lacks(conn: Connection, project_id: int, reference: int, one: int, split: Split | None) -> tuple[int, int]:
    """`(items the reference has labelled, those of them the other has not)`, of what both are asked."""
    return lacking(conn, project_id, reference, one, split, not_asked(conn, (reference, one)))
