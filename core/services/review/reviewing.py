"""Review, the front door: its queues, what is shown of an item, storing a reviewer's decisions, and what was done."""

from collections.abc import Sequence

from core.model import Annotator, Split
from core.services.common import asked, values
from core.services.common.door import door
from core.services.common.looking import beside, count_looks, unseen
from core.services.review import loading, people, queues, storing
from core.services.review import summary as summaries
from core.services.review.loading import ReviewItem as ReviewItem
from core.services.review.loading import suggest as suggest
from core.services.review.queues import Answering as Answering
from core.services.review.queues import Decides as Decides
from core.services.review.queues import QueueFilter as QueueFilter
from core.services.review.storing import Decision as Decision
from core.services.review.storing import Refused as Refused
from core.services.review.storing import Waits as Waits
from core.services.review.summary import Summary as Summary
from core.storage import annotations, items, review, tasks
from core.storage.engine import Database


@door
class Reviewing:
    def __init__(self, db: Database) -> None:
        self._db = db

    def reviewer(self, project_id: int, name: str) -> Annotator:
        """The person of this name, made where new."""
        return people.reviewer(self._db, project_id, name)

    def person(self, project_id: int, name: str) -> Annotator | None:
        """The person of this name, where there is one; makes none."""
        with self._db.read() as conn:
            return people.person(conn, project_id, name)

    def answering(self, project_id: int, name: str) -> Answering:
        """The person of this name beside the question: who they are there, and where it is asked of them."""
        with self._db.read() as conn:
            found = people.person(conn, project_id, name)
            return Answering(found.id if found else None, asked.of_person(conn, project_id, name))

    def queue(self, project_id: int, where: QueueFilter, *, uncertain_first: bool = False, seed: int = 0) -> list[int]:
        """Item ids in order; random orders repeat for the same seed. Where models' labels of test pick them, a look."""
        return queues.queue(self._db, project_id, where, uncertain_first=uncertain_first, seed=seed)

    def count(self, project_id: int, where: QueueFilter) -> int:
        """How many items a queue holds. Where the number is a figure of a model's agreement on test, a look."""
        return queues.count(self._db, project_id, where)

    def looks_ahead(self, project_id: int, where: QueueFilter) -> int:
        """As how many looks at test it would count to make this queue, since models' labels pick its items."""
        with self._db.read() as conn:
            return len(unseen(conn, project_id, queues.told_by_items(conn, project_id, where)))

    def looks_to_open(self, project_id: int, where: QueueFilter) -> int:
        """As how many looks at test it would count to go through this queue with what models say of it."""
        if not where.holds_test:
            return 0
        with self._db.read() as conn:
            seen = [*queues.told_by_items(conn, project_id, where), *beside(conn, project_id, where.shown)]
            return len(unseen(conn, project_id, seen))

    def elsewhere(self, project_id: int, where: QueueFilter) -> dict[Split, int]:
        """How many items the same filter holds in each other split where it holds any; see `queues.elsewhere`."""
        with self._db.read() as conn:
            return queues.elsewhere(conn, project_id, where)

    def load(
        self,
        project_id: int,
        item_ids: Sequence[int],
        shown: Sequence[int],
        reviewer_id: int | None,
        *,
        in_doubt: bool = False,
        models_on_test: bool = False,
    ) -> list[ReviewItem]:
        """What the review screen needs of these items, in this order; see `loading.load`.

        What models say of test items is left out, unless `models_on_test`: then showing it is a look, and counted.
        """
        with self._db.read() as conn:
            hidden = frozenset() if models_on_test else items.within(conn, frozenset(item_ids), Split.TEST)
            found = loading.load(conn, project_id, item_ids, shown, reviewer_id, in_doubt=in_doubt, blind_on=hidden)
            seen = beside(conn, project_id, loading.seen_on_test(found)) if models_on_test else []
        count_looks(self._db, project_id, seen)
        return found

    def store(self, project_id: int, log: str, reviewer_name: str, decisions: Sequence[Decision]) -> int:
        """Store what is new among the decisions of one log; returns how many were. See `storing.store`."""
        return storing.store(self._db, project_id, log, reviewer_name, decisions)

    def store_with_removed(self, project_id: int, log: str, reviewer_name: str, decisions: Sequence[Decision]) -> int:
        """The same, also while the project is removed: they lie with it, and are there if it is restored."""
        return storing.store(self._db, project_id, log, reviewer_name, decisions, even_removed=True)

    def workbench_name(self) -> str:
        """Tells this workbench from any other; see `storing.workbench_name`."""
        return storing.workbench_name(self._db)

    def first_open(self, reviewer_id: int, item_ids: Sequence[int]) -> int:
        """Where in the queue the first item comes that the reviewer has not labelled; 0 where there is none."""
        with self._db.read() as conn:
            return summaries.first_open(conn, reviewer_id, item_ids)

    def label_names(self, project_id: int) -> dict[int, str]:
        """Name by id: the task's labels in their order, the fallback, then removed ones; each name once."""
        with self._db.read() as conn:
            present = {label.id: label.name for label in tasks.all_labels(conn, project_id) if label.id is not None}
            removed = {i: name for i, name in tasks.label_names(conn, project_id).items() if i not in present}
        names = present | removed
        first = {name: i for i, name in reversed(names.items())}
        return {i: name for i, name in names.items() if first[name] == i}

    def merged_labels(self, project_id: int) -> dict[int, int]:
        """For each label that was merged away, the label of the task that took its place, by id."""
        with self._db.read() as conn:
            return values.merged_labels(conn, project_id)

    def summary(self, reviewer_id: int, item_ids: Sequence[int]) -> Summary:
        """What the reviewer has done on these items."""
        with self._db.read() as conn:
            return summaries.summary(conn, reviewer_id, item_ids)

    def pace(self, reviewer_id: int, item_ids: Sequence[int]) -> float | None:
        """Median seconds a decision on these items, lately; None before the fifth."""
        with self._db.read() as conn:
            return review.pace(conn, reviewer_id, item_ids)

    def reviewed(self, reviewer_id: int, item_ids: Sequence[int]) -> int:
        """How many of these items the reviewer has labelled."""
        with self._db.read() as conn:
            return len(annotations.value_ids_of(conn, reviewer_id, item_ids))
