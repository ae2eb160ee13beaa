"""Which of the items that somebody has labelled are taught, and how often each: a choice, and what it comes to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np

from core.errors import WorkbenchError
from core.model import AnnotatorKind, Example, Split, Task
from core.plural import count
from core.services.common.lookup import fine_tune_of
from core.services.common.same_rows import same_values
from core.storage import annotators, items, marks, opinions, projects, taught, uploads
from core.storage.engine import Connection
from core.tasks import TASKS
from core.text import known
from core.words import text_key

MOST_REPEATS = 10
"""How often an example is repeated at the most: three examples tell no more when they make a thousand lines."""
DEFAULT_CAP = 200
Row = TypeVar("Row")


class Opinion(StrEnum):
    """What other people have to say of an item for it to be taught."""

    ANY = "any"
    UNDISPUTED = "undisputed"
    SECONDED = "seconded"


class Balance(StrEnum):
    NONE = "none"
    CAP = "cap"
    REPEAT = "repeat"


OPINIONS: Mapping[Opinion, str] = {
    Opinion.ANY: "Whatever others say",
    Opinion.UNDISPUTED: "Where no other person says otherwise",
    Opinion.SECONDED: "Where another person says the same",
}
BALANCES: Mapping[Balance, str] = {
    Balance.NONE: "As they are",
    Balance.CAP: "At most so many of a label",
    Balance.REPEAT: "Repeat rare labels",
}


@dataclass(frozen=True)
class Selection:
    """`upload_id`: only items that came with that upload. `unknown_to`: only items that this fine-tune was not taught.
    `balance` is of the training lines alone: validation stays as it is, or its figures would be of other items."""

    opinion: str = Opinion.ANY
    without_flagged: bool = False
    upload_id: int | None = None
    unknown_to: int | None = None
    balance: str = Balance.NONE
    cap: int = DEFAULT_CAP

    @property
    def narrows(self) -> bool:
        """Whether some items may be left out because of it."""
        return self != Selection(balance=self.balance, cap=self.cap)


EVERYTHING = Selection()


def read_selection(kept: Mapping[str, Any] | None) -> Selection:
    """As `asdict` wrote it into the configuration of a fine-tune; those from before there was a choice have none."""
    return Selection(**(kept or {}))


def keeps(conn: Connection, project_id: int, annotator_id: int, selection: Selection) -> Callable[[int], bool] | None:
    """Tells of an item the annotator has labelled whether it is taught; None where all are. Raises `WorkbenchError`
    for a choice that there is not."""
    known(selection.opinion, {str(one): one for one in OPINIONS}, "choice of items")
    if not selection.narrows:
        return None
    people = [one.id for one in annotators.list_all(conn, project_id) if one.kind is not AnnotatorKind.MODEL]
    others = [one for one in people if one != annotator_id]
    out: frozenset[int] = marks.flagged_by(conn, people) if selection.without_flagged else frozenset()
    needed: frozenset[int] | None = None
    if selection.opinion != Opinion.ANY:
        alike, otherwise = opinions.beside(conn, annotator_id, others, same_values(conn, project_id))
        out |= otherwise
        needed = alike if selection.opinion == Opinion.SECONDED else None
    if selection.unknown_to is not None:
        out |= taught.items_with(conn, project_id, [fine_tune_of(conn, selection.unknown_to).id], ())
    first, last = _range(conn, project_id, selection.upload_id)

    def is_kept(item: int) -> bool:
        return item not in out and (needed is None or item in needed) and first <= item <= last

    return is_kept


def _range(conn: Connection, project_id: int, upload_id: int | None) -> tuple[float, float]:
    """The first and the last item of an upload; all items where none is named."""
    if upload_id is None:
        return float("-inf"), float("inf")
    found = next((one for one in uploads.of_project(conn, project_id) if one.id == upload_id), None)
    if found is None:
        raise WorkbenchError("That upload is no longer there.", "Choose another one, or all items.")
    return found.first_item, found.last_item


def can_balance(task: Task) -> bool:
    """Whether each of its answers has one label, so that labels can be brought to the same number."""
    return TASKS[task.type].is_closed


def refuse_to_balance(selection: Selection, why: str) -> None:
    """Raises `WorkbenchError` where labels are to be balanced all the same."""
    if selection.balance != Balance.NONE:
        raise WorkbenchError(why, "Take the examples as they are.")


def balanced(rows: Sequence[Row], label_of: Callable[[Row], int], selection: Selection, seed: int = 0) -> list[Row]:
    """The rows of each label, as many as the balance allows: drawn with the seed, in their order; or repeated, until
    each label has as many lines as the most frequent one or ten times its own."""
    balance = known(selection.balance, {str(one): one for one in Balance}, "balance of labels")
    if balance is Balance.NONE or not rows:
        return list(rows)
    if balance is Balance.CAP and selection.cap < 1:
        raise WorkbenchError("At most 0 lines of a label leave nothing to teach.", "Allow at least one.")
    heaps: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        heaps.setdefault(label_of(row), []).append(place)
    most = max(map(len, heaps.values()))
    generator = np.random.default_rng(seed)
    chosen: list[int] = []
    for _, places in sorted(heaps.items()):
        if balance is Balance.CAP:
            chosen += generator.permutation(places)[: selection.cap].tolist()
        else:
            wanted = min(most, MOST_REPEATS * len(places))
            chosen += places * (wanted // len(places))
            chosen += generator.permutation(places)[: wanted % len(places)].tolist()
    return [rows[place] for place in sorted(chosen)]


def known_of_test(
    conn: Connection, project_id: int, taught_items: frozenset[int], examples: Sequence[Example]
) -> tuple[int, int]:
    """How many test items have the words, or nearly those, of an item that is taught or of a worked example, and how
    many there are in all."""
    test = frozenset(items.ids_in(conn, project_id, Split.TEST))
    known_items = taught_items | {one.item_id for one in examples}
    # A deal keeps together what has the same words; splits that came with a file are looked through.
    if (projects.split_config(conn, project_id) or {}).get("dealt") is None:
        ids, keys = taught.keyed_items(conn, project_id)
        of_examples = np.array([text_key(one.text) for one in examples], dtype=np.int64)
        found = np.isin(keys, np.concatenate([keys[np.isin(ids, list(known_items))], of_examples]))
        known_items |= frozenset(ids[found].tolist())
    return len((known_items | items.sharing_group(conn, known_items)) & test), len(test)


def in_words(unchosen: int, lines: int, taught_items: int) -> str:
    """What a selection came to, for the pre-flight; empty where it changed nothing."""
    told = []
    if unchosen:
        told.append(f"{count(unchosen, 'labelled item')} left out by what you chose")
    if lines > taught_items:
        told.append(f"{count(taught_items, 'item')} repeated to {lines:,} lines, so that rare labels count")
    elif lines < taught_items:
        told.append(f"{taught_items - lines:,} of {count(taught_items, 'item')} left out, above the most of a label")
    return "; ".join(told) + "." if told else ""
