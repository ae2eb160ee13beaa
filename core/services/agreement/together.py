"""How far all people agree together where what is said is open: one figure for rankings, sets and spans."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.metrics.metric import Need
from core.metrics.orders.figures import mean_concordance
from core.metrics.orders.table import ranks
from core.metrics.sets.several import masi_alpha_of_many
from core.metrics.spans.several import unitised_alpha_of_many
from core.model import Annotator, Estimate, Split
from core.services.common.sources import Vocabulary, marks_of
from core.storage import same_rows
from core.storage.engine import Connection
from core.storage.kept import until_news

MOST_MARKING = 12
"""Of more people the first who marked an item stand for one observer, the second for another, and so on up to so many:
each two of them are held against each other on every item, and of a crowd hardly two share more than a few."""

MEASURES: dict[Need, str] = {
    "orders": "Kendall's W",
    "sets": "Krippendorff's alpha (MASI)",
    "spans": "Krippendorff's unitised alpha",
}
"""What all of them together have, by what the kind's figures are estimated from; of other kinds there is none."""


def together(conn: Connection, project_id: int, everyone: Sequence[Annotator], split: Split | None) -> Estimate | None:
    """Over the items that two or more of them labelled; None where the kind has no such figure."""
    words = Vocabulary(conn, project_id)
    if words.need not in MEASURES:
        return None
    ids = [one.id for one in everyone]
    ask = {"orders": _concordance, "sets": _of_sets, "spans": _of_spans}[words.need]
    return until_news(
        conn,
        ("together", *ids, split, words.key),
        lambda: ask(conn, words, ids, split),
        dealt_in=project_id,
    )


def _concordance(conn: Connection, words: Vocabulary, ids: Sequence[int], split: Split | None) -> Estimate:
    """Over the items on which all who ranked them ranked the same candidates."""
    ranking = words.rankings()
    tables, items = [], []
    for pattern, n in same_rows.values_of(conn, ids, split):
        ranked = np.array([ranks(ranking(value), len(words.labels)) for _, value in pattern])
        is_there = ~np.isnan(ranked)
        if (is_there == is_there[0]).all():
            tables.append(ranked[:, is_there[0]])
            items.append(n)
    return mean_concordance(tables, items)


def _of_sets(conn: Connection, words: Vocabulary, ids: Sequence[int], split: Split | None) -> Estimate:
    labels = words.places()
    place: dict[tuple[int, ...], int] = {}
    given, items = [], []
    for pattern, n in same_rows.values_of(conn, ids, split):
        given.append([place.setdefault(tuple(sorted(labels(value))), len(place)) for _, value in pattern])
        items.append(n)
    members = np.zeros((len(place), len(words.labels)), dtype=np.bool_)
    for one, row in place.items():
        members[row, list(one)] = True
    return masi_alpha_of_many(members, given, items)


def _of_spans(conn: Connection, words: Vocabulary, ids: Sequence[int], split: Split | None) -> Estimate:
    lengths: dict[int, int] = {}
    said: list[dict[int, str]] = [{} for _ in ids[:MOST_MARKING]]
    seen: Counter[int] = Counter()
    for item, length, who, canonical in same_rows.each_of_many(conn, ids, split):
        place = who if len(ids) <= MOST_MARKING else seen[item]
        seen[item] += 1
        lengths[item] = length
        if place < len(said):
            said[place][item] = canonical
    items = list(lengths)
    there = np.array([[item in one for item in items] for one in said], dtype=np.bool_).reshape(len(said), len(items))
    sides = [marks_of(words, [one.get(item, "[]") for item in items]) for one in said]
    return unitised_alpha_of_many(sides, there, np.array([lengths[item] for item in items], dtype=np.int64))
