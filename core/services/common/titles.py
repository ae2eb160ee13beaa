"""What annotators are called where several are named beside each other."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from core.model import Annotator
from core.services.common.lookup import annotator_of
from core.storage import annotators
from core.storage.engine import Connection


def titles(everyone: Iterable[Annotator]) -> dict[int, str]:
    """A name of its own for each annotator, by id: where several share one, with the kind as in `maria (person)`.

    Give all of a project's annotators, so that each is called the same on every page and in every file.
    """
    found = list(everyone)
    same = Counter(one.name for one in found)
    told = {one.id: f"{one.name} ({one.kind})" if same[one.name] > 1 else one.name for one in found}
    # Somebody may really be called "maria (person)".
    again = Counter(told.values())
    return {i: f"{title} {i}" if again[title] > 1 else title for i, title in told.items()}


def titled(conn: Connection, project_id: int) -> dict[int, Annotator]:
    """The project's annotators by id, each under its title."""
    everyone = annotators.list_all(conn, project_id)
    called = titles(everyone)
    return {one.id: replace(one, name=called[one.id]) for one in everyone}


def titled_of(conn: Connection, annotator_id: int) -> Annotator:
    """One annotator under its title. Raises `WorkbenchError` where there is none."""
    return titled(conn, annotator_of(conn, annotator_id).project_id)[annotator_id]
