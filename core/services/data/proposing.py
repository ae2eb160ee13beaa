"""The task that an import proposes: its kind, its labels in their order, what is compared."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.importers import Check
from core.model import DEFAULT_FALLBACK, Label, Options, QuestionKind, TableData, Task
from core.said import names_of
from core.services.data.choice import ImportChoice
from core.services.data.words import Words
from core.spelling import fold
from core.tasks import TASKS, complete_fallback, is_fallback_name, propose_labels

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_ENDS = ("First is better", "Second is better")


def proposed_task(table: TableData, choice: ImportChoice, check: Check, said: Words) -> Task:
    """A task of the chosen kind with the labels the source lists and those that are said, in this order; levels of a
    rating and outcomes of a preference in the order of their scores. Those of a ranking are the candidates."""
    listed = {one.name: one.labels for one in table.answers if one.kind == choice.kind}
    names = dict.fromkeys(name for column in choice.label_columns for name in listed.get(column, ()))
    if choice.kind is QuestionKind.RANKING:
        names = dict.fromkeys(choice.candidates)
    for labels in () if TASKS[choice.kind].writes else said.values():
        for _, one in labels:
            if one is not None:
                names |= dict.fromkeys(names_of(one))
    found = list(names)
    told = [one for one in table.answers if one.name in choice.label_columns and one.kind == choice.kind]
    given = {fold(name): score for one in told for name, score in zip(one.labels, one.scores, strict=False)}
    unscored = [name for name in found if given and fold(name) not in given]  # of levels with scores, one is none
    aside = [*filter(is_fallback_name, found), *(unscored if len(unscored) == 1 else [])]
    fallback = Label(aside[0] if aside else DEFAULT_FALLBACK, is_fallback=True)
    scores = _scores(choice.kind, [name for name in found if name != fallback.name], given)
    chosen = propose_labels(list(scores), fallback)
    scored = tuple(replace(one, score=scores.get(one.name)) for one in chosen if not one.is_fallback)
    options = Options(may_overlap=check.may_overlap, candidates=choice.candidates)
    return Task(scored, complete_fallback(fallback), type=choice.kind, options=options)


def _scores(kind: QuestionKind, names: Sequence[str], given: Mapping[str, float]) -> dict[str, float | None]:
    """The labels in their order with the score of each: as `given`, else numbers count as themselves."""
    if kind is QuestionKind.RATING:
        return _levels(names, given)
    usual = dict(TASKS[kind].proposed)
    if kind is not QuestionKind.PREFERENCE or not {*map(fold, names)} <= {*map(fold, usual)}:
        return dict.fromkeys(names)
    used = {*map(fold, (*names, *_ENDS))}
    return {name: score for name, score in usual.items() if fold(name) in used}


def _levels(names: Sequence[str], given: Mapping[str, float]) -> dict[str, float | None]:
    """From low to high by the scores given for all, else by the numbers that they begin with; words in the order in
    which they were found."""
    if names and all(fold(name) in given for name in names):
        return {name: given[fold(name)] for name in sorted(names, key=lambda name: given[fold(name)])}
    found = {name: float(number[0].replace(",", ".")) for name in names if (number := _NUMBER.match(name))}
    if len(found) < len(names) or len(set(found.values())) < len(names):
        found = {name: float(place) for place, name in enumerate(names, start=1)}
    return {name: found[name] for name in sorted(found, key=found.__getitem__)}
