"""Which of the compared candidates annotators prefer: their strengths, from the same items as the figures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.strengths import Strength, bradley_terry, wins_by_score
from core.model import Annotator, QuestionKind, Task
from core.services.agreement.agreeing import AgreementView
from core.services.agreement.pairing import Pairing


@dataclass(frozen=True)
class Preferred:
    """What one annotator prefers: a strength for each candidate, in the order of the task."""

    annotator: Annotator
    strengths: tuple[Strength, ...]


def preferred_of(view: AgreementView, task: Task) -> list[Preferred]:
    """Of the reference, over the items of the first candidate on common ones, and of each candidate; empty where the
    question compares nothing."""
    if task.type is QuestionKind.RANKING:
        names = tuple(label.name for label in task.labels)
    elif task.type is QuestionKind.PREFERENCE and len(task.options.candidates) == 2:
        names = task.options.candidates
    else:
        return []
    standing = [one for one in view.candidates if one.n]
    sides = [(one.annotator, _wins(one.pairing, names)) for one in standing]
    first = next((one for one in standing if not one.apart), standing[0] if standing else None)
    found = [] if first is None else [(view.reference, _wins(first.pairing, names)[0])]
    return [Preferred(who, bradley_terry(names, wins)) for who, wins in (*found, *((who, w[1]) for who, w in sides))]


def _wins(pairing: Pairing, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """How often each of these goes before each other, by the reference and by the candidate."""
    if pairing.wins is None:
        counts = pairing.table.counts
        return wins_by_score(pairing.scores, counts.sum(axis=1)), wins_by_score(pairing.scores, counts.sum(axis=0))
    places = np.ix_(*[[pairing.ranked.index(name) for name in names]] * 2)
    return pairing.wins[0][places], pairing.wins[1][places]
