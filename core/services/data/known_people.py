"""Which annotator of a project is meant by a name in a file."""

from collections.abc import Sequence

from core.model import Annotator, AnnotatorKind, TableData
from core.services.data.choice import ImportChoice
from core.services.data.importing import kind_of_annotator
from core.spelling import fold

_MODEL = "model "
"""Readers of other tools' files put it before the names of models."""


def meant(name: str, models: frozenset[str], everyone: Sequence[Annotator]) -> Annotator | None:
    """Whoever is called so here: of several the one of the kind that the file says. A file does not say of everybody
    what they are, and a person who labels here is in it by name as an imported one is. None for somebody new."""
    kind = kind_of_annotator(name, models)
    spellings = [fold(name)]
    if kind is AnnotatorKind.MODEL and fold(name).startswith(_MODEL):
        spellings.append(fold(name)[len(_MODEL) :])
    for spelling in spellings:
        called = [one for one in everyone if fold(one.name) == spelling]
        if called:
            return min(called, key=lambda one: (one.kind is not kind, one.name != name, one.id))
    return None


def is_nameless(table: TableData, choice: ImportChoice, name: str) -> bool:
    """Whether nobody said who this is: a column of answers in a file without names, still called as it is there."""
    told = {one.name for one in table.answers}
    return not choice.is_long and name in told and name in choice.label_columns
