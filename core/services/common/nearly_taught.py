"""Items that read nearly as something a model was taught: who has learned the one text knows the other."""

from collections.abc import Iterable, Sequence

import numpy as np

from core.splits import group_near_duplicates, taken_apart
from core.storage import fine_tunes, items, projects, taught
from core.storage.engine import Connection
from core.storage.kept import for_good


def nearly_taught(
    conn: Connection, project_id: int, fine_tune_ids: Sequence[int], same: frozenset[int]
) -> frozenset[int]:
    """The project's items that are near-identical to a text behind these fine-tunes or to one of the items in `same`,
    which have such a text or that of a worked example, and are not in `same` themselves.

    Groups of near-identical texts that are too large to be true say nothing. Texts taught elsewhere are read from
    their projects, and compared once: 100,000 of them take about as long as dealing as many items.
    """
    if not fine_tune_ids and not same:
        return frozenset()
    dealt = (projects.split_config(conn, project_id) or {}).get("dealt")
    question = (
        "nearly",
        project_id,
        dealt,
        items.newest(conn),
        *fine_tune_ids,
        taught.number_of_keys(conn, fine_tune_ids),
        same,
    )

    def ask() -> frozenset[int]:
        elsewhere = _elsewhere(conn, project_id, fine_tune_ids)
        if dealt is not None and not elsewhere:
            return items.sharing_group(conn, same) - same
        return _near(list(items.texts(conn, project_id)), elsewhere, same)

    return for_good(conn, question, ask)


def _elsewhere(conn: Connection, project_id: int, fine_tune_ids: Sequence[int]) -> list[str]:
    """The texts these were taught in other projects that this one has no item of the very same words for."""
    others = {job.project_id for job in fine_tunes.with_bases(conn, fine_tune_ids)} - {project_id}
    if not others:
        return []
    wanted = np.setdiff1d(taught.keys_of(conn, fine_tune_ids), taught.keyed_items(conn, project_id)[1])
    found: list[int] = []
    for other in sorted(others):
        ids, keys = taught.keyed_items(conn, other)
        found += ids[np.isin(keys, wanted)].tolist()
    return items.texts_of(conn, found)


def _near(own: Sequence[tuple[int, str]], elsewhere: Iterable[str], same: frozenset[int]) -> frozenset[int]:
    texts = [text for _, text in own] + list(elsewhere)
    groups = taken_apart(group_near_duplicates(texts), texts)
    known = {group for group, (item_id, _) in zip(groups, own, strict=False) if item_id in same}
    known |= set(groups[len(own) :])
    return frozenset(i for group, (i, _) in zip(groups, own, strict=False) if group in known - {None}) - same
