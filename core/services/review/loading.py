"""What the review screen shows of an item: what others said, what is suggested, and the reviewer's own word."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from core.model import Annotation, Annotator, AnnotatorKind, Edit, Item, Said, Split, Task
from core.services.common.asked import kept_by
from core.services.common.titles import titled
from core.services.common.values import Sayings
from core.storage import annotations, items, marks, tasks
from core.storage.engine import Connection
from core.tasks import TASKS, is_of


@dataclass(frozen=True)
class Told:
    """An entry of an item's history in words: when and who, what was `said` (None: taken back) in `words`, and how it
    came about."""

    began: str
    said: Said | None
    words: str
    ended: str

    def __str__(self) -> str:
        return f"{self.began}{self.words}{self.ended}"


@dataclass(frozen=True)
class ReviewItem:
    """One item of a queue. `opinions` are the shown annotators' current annotations, in the order shown.

    `suggestion` is the label offered before the reviewer has chosen; `differ` says that there is none because the
    shown annotators differ.
    """

    item: Item
    opinions: tuple[tuple[Annotator, Annotation | None], ...]
    suggestion: Said | None
    mine: Said | None
    history: tuple[Told, ...]
    flagged: bool
    note: str
    differ: bool = False


def load(
    conn: Connection,
    project_id: int,
    item_ids: Sequence[int],
    shown: Sequence[int],
    reviewer_id: int | None,
    *,
    in_doubt: bool = False,
    blind_on: Set[int] = frozenset(),
) -> list[ReviewItem]:
    """What the review screen needs of these items, in this order; `shown` are annotator ids, of whom nothing is told
    that they are not asked any more. Of the items of `blind_on` nothing that a model said is told.

    `in_doubt`: the items were picked because somebody may be wrong on them (see `QueueFilter`), so nobody's label
    is suggested over another's.
    """
    sayings = Sayings(conn, project_id).about(item_ids)
    everyone = titled(conn, project_id)
    found = items.get_many(conn, item_ids)
    present = annotations.current_of(conn, item_ids, sayings, of=project_id, with_raw=False)
    past = annotations.history(conn, item_ids, sayings, of=project_id, with_raw=False)
    kept = kept_by(conn, [one for one in shown if one in everyone and one != reviewer_id])
    known = marks.marks_of(conn, reviewer_id, item_ids) if reviewer_id is not None else {}
    task = tasks.task(conn, project_id)
    beside = [everyone[i] for i in shown if i in everyone]
    people = [one for one in beside if one.kind is not AnnotatorKind.MODEL]
    return [
        _review_item(
            found[item_id],
            {who: said for who, said in present[item_id].items() if item_id not in kept.get(who, ())},
            past[item_id],
            people if item_id in blind_on else beside,
            everyone,
            reviewer_id,
            task,
            known.get(item_id, (False, "")),
            in_doubt,
        )
        for item_id in item_ids
        if item_id in found
    ]


def seen_on_test(rows: Sequence[ReviewItem]) -> set[int]:
    """The annotators whose labels of test items are among what is shown."""
    on_test = [row for row in rows if row.item.split is Split.TEST]
    return {who.id for row in on_test for who, said in row.opinions if said is not None and said.said is not None}


def _review_item(
    item: Item,
    present: dict[int, Annotation],
    past: Sequence[Annotation],
    shown: Sequence[Annotator],
    everyone: dict[int, Annotator],
    reviewer_id: int | None,
    task: Task,
    mark: tuple[bool, str],
    in_doubt: bool,
) -> ReviewItem:
    mine = present.get(reviewer_id) if reviewer_id is not None else None
    opinions = [(annotator, present.get(annotator.id)) for annotator in shown if annotator.id != reviewer_id]
    said = [(annotator.kind, one) for annotator, one in opinions if one is not None and _answered(annotator, one)]
    suggestion = suggest(said, task, in_doubt=in_doubt)
    return ReviewItem(
        item=item,
        opinions=tuple(opinions),
        suggestion=suggestion,
        mine=mine.said if mine else None,
        history=tuple(
            _told(entry, everyone, task, item) for entry in past if _may_be_told(entry, item, shown, everyone)
        ),
        flagged=mark[0],
        note=mark[1],
        differ=suggestion is None and len({one.said for _, one in said}) > 1,
    )


def _answered(annotator: Annotator, said: Annotation) -> bool:
    """Whether this is a label somebody meant: neither taken back nor a model's fallback for want of a clear answer."""
    return said.said is not None and not (annotator.kind is AnnotatorKind.MODEL and said.reason)


def suggest(said: Sequence[tuple[AnnotatorKind, Annotation]], task: Task, *, in_doubt: bool) -> Said | None:
    """What Enter accepts: the value on which all who are shown agree. Where they differ, nothing.

    Except where only models have labelled and the queue is not about their being wrong: then the most confident one's,
    so that many items can be gone through quickly.
    """
    values = {one.said for _, one in said}
    if len(values) > 1 and not in_doubt and all(kind is AnnotatorKind.MODEL for kind, _ in said):
        values = {max((one for _, one in said), key=lambda one: one.confidence or 0.0).said}
    value = values.pop() if len(values) == 1 else None
    return value if value is not None and is_of(task, value) else None


def _may_be_told(entry: Annotation, item: Item, shown: Sequence[Annotator], everyone: dict[int, Annotator]) -> bool:
    """On test a model's word is told of those alone who are shown: each that is seen there is a look."""
    who = everyone.get(entry.annotator_id)
    return item.split is not Split.TEST or (who is not None and (who.kind is not AnnotatorKind.MODEL or who in shown))


def _told(entry: Annotation, everyone: dict[int, Annotator], task: Task, item: Item) -> Told:
    who = everyone[entry.annotator_id].name if entry.annotator_id in everyone else "?"
    words = TASKS[task.type].words(entry.said, item.text) if entry.said is not None else "undid this"
    return Told(f"{entry.created_at.astimezone():%Y-%m-%d %H:%M} · {who}: ", entry.said, words, _how(entry))


_EDITS = {Edit.MERGE: "labels merged", Edit.RESTORE: "merge undone"}


def _how(entry: Annotation) -> str:
    """How an entry came about, where that is worth saying, in brackets."""
    parts = [_EDITS[entry.edit] if entry.edit else "", "labelled blind" if entry.blind else "", entry.reason]
    told = ", ".join(part for part in parts if part)
    return f" ({told})" if told else ""
