"""What is shown of one run, and what went wrong in it."""

import math
from collections import Counter
from dataclasses import dataclass

from core.model import Annotator, AnswerKind, ErrorKind, Item, Run
from core.services.common.lookup import annotator_of, run_of
from core.storage import items, run_figures, runs, tasks
from core.storage.engine import Connection


@dataclass(frozen=True)
class RunDetails:
    """`answers` counts a run's own annotations by label, `unclear` by kind of answer.

    `seconds` are those of its calls; `confidences_by` its confidences by where they come from.
    """

    run: Run
    annotator: Annotator
    answers: dict[str, int]
    unclear: dict[AnswerKind, int]
    errors: dict[ErrorKind, int]
    seconds: list[float]
    confidences_by: dict[str, list[float]]

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
    names = tasks.label_names(conn, run.project_id)
    answers: Counter[str] = Counter()
    unclear: Counter[AnswerKind] = Counter()
    for label_id, kind, number in runs.answer_counts(conn, run_id):
        answers[names[label_id]] += number
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
    )


def troubles_of(conn: Connection, run_id: int, limit: int) -> list[Trouble]:
    """Failed items first, then answers recorded as the fallback because they named no one label."""
    failed = [(e.item_id, str(e.kind), e.message, e.raw) for e in runs.error_list(conn, run_id, limit=limit)]
    everything = failed + runs.unclear_answers(conn, run_id, limit)
    found = items.get_many(conn, [entry[0] for entry in everything])
    return [Trouble(found[item_id], kind, message, raw) for item_id, kind, message, raw in everything]
