"""What is in a project: who said what how often, how long the texts are, which are nearly the same."""

from collections import Counter
from collections.abc import Sequence

from core.model import AnnotatorKind, Item, Split
from core.services.common.looking import beside, count_looks
from core.services.common.values import Sayings, kind_of, labels_in
from core.storage import annotations, annotators, items, tasks
from core.storage.engine import Database


def labels_of(
    db: Database, project_id: int, item_ids: Sequence[int], *, models_on_test: bool = False
) -> dict[int, dict[int, str]]:
    """What is said now, on one line, by item id and annotator id.

    What models say of test items is left out, unless `models_on_test`: then it is a look, and counted.
    """
    with db.read() as conn:
        present = annotations.current_of(conn, item_ids, Sayings(conn, project_id).about(item_ids), of=project_id)
        texts, words = items.get_many(conn, list(present)), kind_of(conn, project_id).words
        found = {
            item: {a: "" if x.said is None else words(x.said, texts[item].text) for a, x in by.items()}
            for item, by in present.items()
        }
        on_test = items.within(conn, frozenset(item_ids), Split.TEST)
        if not models_on_test:
            models = annotators.of_kind(conn, project_id, AnnotatorKind.MODEL)
            return {
                item: {a: label for a, label in by.items() if item not in on_test or a not in models}
                for item, by in found.items()
            }
        seen = beside(conn, project_id, sorted({a for item in on_test for a in found.get(item, ())}))
    count_looks(db, project_id, seen)
    return found


def label_distribution(db: Database, project_id: int, annotator_id: int) -> list[tuple[str, str, int]]:
    """`(split, label, items)` of one annotator's current labels: each label that is in an annotation counts once, and
    so does an annotation without any."""
    with db.read() as conn:
        labels, sayings = labels_in(conn, project_id), Sayings(conn, project_id)
        names, counted = tasks.label_names(conn, project_id), kind_of(conn, project_id).without_labels
        counts = Counter[tuple[str, int, str]]()
        for split, value_id, number in items.value_counts_by_split(conn, project_id, annotator_id):
            held = {(split, label, names[label]) for label in labels[value_id]}
            counts.update(dict.fromkeys(held or {(split, 0, counted(sayings[value_id]))}, number))
        return [(split, name, number) for (split, _, name), number in sorted(counts.items())]


def text_lengths(db: Database, project_id: int, width: int = 20) -> list[tuple[int, int]]:
    with db.read() as conn:
        return items.text_lengths(conn, project_id, width)


def near_duplicates(db: Database, project_id: int, limit: int = 20) -> list[list[Item]]:
    """Groups of near-identical items, largest first."""
    with db.read() as conn:
        groups = items.duplicate_groups(conn, project_id, limit)
        return [items.group_members(conn, project_id, group) for group, _ in groups]
