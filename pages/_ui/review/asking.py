"""The questions that the screen asks of each item: what each offers, and which are asked together."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from core.model import Project
from core.workbench import Workbench
from pages._ui.review.cast import Cast, load_cast
from pages._ui.review.component import AskedQuestion, Choice, Hangs, ReviewRow, Value
from pages._ui.review.held import WIDGETS

_FEWEST = {"choice": 2, "scale": 2, "text": 0}
"""How many labels a widget needs before anything can be said; one for all others."""


def casts_of(wb: Workbench, cast: Cast, questions: Sequence[Project]) -> tuple[Cast, ...]:
    """The casts of these questions in their order, the one given among them; without those that nobody can answer yet,
    since they lack labels."""
    casts = [cast if one.id == cast.project.id else load_cast(wb, one) for one in questions]
    return tuple(one for one in casts if one is cast or not labels_missing(one))


def labels_missing(cast: Cast) -> int:
    """How many labels the task needs at least, where it has fewer; else 0."""
    fewest = _FEWEST.get(widget(cast), 1)
    return fewest if len(cast.task.labels) < fewest else 0


def asked(cast: Cast, rows: Sequence[ReviewRow], beside: Sequence[Cast], pace: float | None) -> AskedQuestion:
    """The question as the screen asks it, among those asked `beside` it; `pace` in seconds an answer."""
    return AskedQuestion(
        cast.project.id,
        rows,
        choices(cast),
        name=cast.project.question,
        widget=widget(cast),
        options=asdict(cast.task.options),
        guidelines=cast.task.guidelines,
        merged=cast.merged,
        removed=removed(cast),
        hangs=hangs(cast, beside),
        pace=pace,
    )


def hangs(cast: Cast, beside: Sequence[Cast]) -> Hangs | None:
    """What of another question on the screen decides whether this one is asked."""
    condition, holds = cast.condition, cast.holds
    if condition is None or holds is None or all(one.project.id != condition.on for one in beside):
        return None
    return Hangs(condition.on, holds.labels, cast.where, holds.lacks)


def unasked(beside: Sequence[Cast], said: Mapping[int, Sequence[ReviewRow]], place: int) -> set[int]:
    """The questions, by project, that are not asked of the item in this place, by what its reviewer has answered."""
    found = set[int]()
    for one in beside:  # in their order, so that what each hangs on is known
        if (on := hangs(one, beside)) is not None:
            mine = said[on.on][place].mine
            labels = next(each.labels for each in beside if each.project.id == on.on)
            has = not labels_in(mine, labels).isdisjoint(labels.get(label) for label in on.labels)
            if on.on in found or mine is None or has is on.lacks:
                found.add(one.project.id)
    return found


def labels_in(mine: Value | None, names: Mapping[int, str]) -> set[str | None]:
    """The names of the labels in what was said, as the widgets hold it: a name, ids, or marks with theirs."""
    if mine is None or isinstance(mine, str):
        return {mine}
    return {names.get(one if isinstance(one, int) else one[-1]) for one in mine}


def choices(cast: Cast) -> list[Choice]:
    """The task's labels as the keyboard offers them: what marks nothing has no key where text is marked."""
    if widget(cast) == "text":
        return []
    offered = cast.task.labels if widget(cast) == "spans" else cast.task.choices
    if widget(cast) == "scale":
        offered = tuple(sorted(offered, key=lambda one: (one.is_fallback, one.score or 0.0)))
    return [Choice(o.name, o.key, o.color, o.description, o.is_fallback, o.id, o.score) for o in offered]


def widget(cast: Cast) -> str:
    """What answers the task's question."""
    return WIDGETS.get(cast.task.type, "choice")


def removed(cast: Cast) -> dict[int, str]:
    """Labels that the task has no more, by id."""
    present = {label.id for label in cast.task.choices}
    return {label: name for label, name in cast.labels.items() if label not in present}
