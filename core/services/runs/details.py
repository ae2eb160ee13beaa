"""What is shown of one run, and what went wrong in it.

What a host sent of a test item is a model's answer there: it is left out unless asked for, and then it is a look.
"""

import math
from collections import Counter
from dataclasses import dataclass, replace

from core.model import Annotator, AnswerKind, ErrorKind, Item, Run, Split
from core.services.common.looking import beside, count_looks
from core.services.common.lookup import annotator_of, run_of
from core.services.common.values import counted_as
from core.storage import items, run_figures, runs
from core.storage.engine import Connection, Database


@dataclass(frozen=True)
class RunDetails:
    """`answers` counts a run's own annotations by label, each label that is in one, `unclear` by kind of answer.

    `seconds` are those of its calls; `confidences_by` its confidences by where they come from; `troubled_on_test` how
    many of the failed and the unclear are test items.
    """

    run: Run
    annotator: Annotator
    answers: dict[str, int]
    unclear: dict[AnswerKind, int]
    errors: dict[ErrorKind, int]
    seconds: list[float]
    confidences_by: dict[str, list[float]]
    troubled_on_test: int = 0

    @property
    def confidences(self) -> list[float]:
        return [value for values in self.confidences_by.values() for value in values]

    def latency(self, share: float) -> float | None:
        """The time within which this share of the answers came (nearest rank); None where there are none."""
        ordered = sorted(self.seconds)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


@dataclass(frozen=True)
class Trouble:
    """An item whose call failed or whose answer named no one label, with what the host sent."""

    item: Item
    kind: str
    message: str
    raw: str


def details_of(conn: Connection, run_id: int) -> RunDetails:
    """Raises `WorkbenchError` where there is no such run."""
    run = run_of(conn, run_id)
    words = counted_as(conn, run.project_id)
    answers: Counter[str] = Counter()
    unclear: Counter[AnswerKind] = Counter()
    for value_id, kind, number in runs.answer_counts(conn, run_id):
        answers.update(dict.fromkeys(words(value_id), number))
        if kind and kind != AnswerKind.LABEL:
            unclear[AnswerKind(kind)] += number
    return RunDetails(
        run=run,
        annotator=annotator_of(conn, run.annotator_id),
        answers=dict(answers),
        unclear=dict(unclear),
        errors={ErrorKind(kind): number for kind, number in runs.error_counts(conn, run_id)},
        seconds=run_figures.latencies(conn, run_id),
        confidences_by=run_figures.confidences(conn, run_id),
        troubled_on_test=runs.troubled_on_test(conn, run_id),
    )


def troubles_of(db: Database, run_id: int, limit: int, *, models_on_test: bool) -> list[Trouble]:
    """Failed items first, then answers recorded as the fallback because they named no one label.

    Of test items no answer is among them, nor what the host sent when one failed, unless `models_on_test`: then it is a
    look, and counted.
    """
    with db.read() as conn:
        run = run_of(conn, run_id)
        found = _troubles(conn, run_id, limit, models_on_test)
        seen = beside(conn, run.project_id, [run.annotator_id])
    if models_on_test and any(one.item.split is Split.TEST for one in found):
        count_looks(db, run.project_id, seen)
    return found


def _troubles(conn: Connection, run_id: int, limit: int, models_on_test: bool) -> list[Trouble]:
    failed = [(e.item_id, str(e.kind), e.message, e.raw) for e in runs.error_list(conn, run_id, limit=limit)]
    unclear = runs.unclear_answers(conn, run_id, limit, without_test=not models_on_test)
    everything = [*failed, *unclear]
    found = items.get_many(conn, [entry[0] for entry in everything])
    shown = [Trouble(found[item_id], kind, message, raw) for item_id, kind, message, raw in everything]
    return shown if models_on_test else [replace(one, raw="") if one.item.split is Split.TEST else one for one in shown]
