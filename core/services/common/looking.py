"""Counting looks at the test split: each one costs some of its worth.

A look is one model's answers on test, shown beside somebody else's labels or as figures made of both, as long as
neither says anything new there and the items are not dealt anew. Wherever they are shown, they are one look; models
shown together are as many. What two people say is none, nor is how often a model gave which label.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations

from core.model import AnnotatorKind, Split
from core.services.common.lookup import project_of
from core.storage import aligned, annotators, looks, projects
from core.storage.engine import Connection, Database
from core.storage.kept import until_news

Pair = tuple[int, int]
"""Two annotators, in no order; 0 is whoever reads a model's answers with nobody else's beside them."""


def beside(conn: Connection, project_id: int, shown: Iterable[int]) -> list[Pair]:
    """What is seen where these annotators' labels of test items stand side by side: each model beside one other.

    That is the project's reference where it is shown and has labelled test, else the first who is no model and has.
    """
    models, others = _parted(conn, project_id, shown)
    reference = project_of(conn, project_id).reference_id
    if reference in models[:-1] or reference in models[1:]:
        models.remove(reference)  # A model that is the reference is what the other models stand beside.
        others.append(reference)
    others.sort(key=lambda one: one != reference)
    return [(_partner(conn, project_id, model, others), model) for model in models]


def agreeing(conn: Connection, project_id: int, reference: int, candidates: Iterable[int]) -> list[Pair]:
    """What figures of the candidates' agreement with this reference on test show: the pairs with a model in them."""
    models, _ = _parted(conn, project_id, (reference, *candidates))
    pairs = [(reference, one) for one in dict.fromkeys(candidates) if one != reference]
    return [pair for pair in pairs if not set(models).isdisjoint(pair)]


def told_by_number(conn: Connection, project_id: int, ids: Sequence[int]) -> list[Pair]:
    """What the number of items gives away on which these annotators' labels are such and such, of two or more."""
    reference = project_of(conn, project_id).reference_id
    models, others = _parted(conn, project_id, ids)
    every = sorted(dict.fromkeys(ids), key=lambda one: (one != reference, one not in others))
    return agreeing(conn, project_id, every[0], every[1:]) if len(every) > 1 and models else []


def ahead(db: Database, project_id: int, shown: Iterable[int]) -> int:
    """How many looks it would be to show these annotators' labels of test side by side now."""
    with db.read() as conn:
        return len(unseen(conn, project_id, beside(conn, project_id, shown)))


def unseen(conn: Connection, project_id: int, pairs: Iterable[Pair]) -> list[str]:
    """Those of the pairs that would be a look now, as they are noted. A pair without a test item in common is none."""
    noted = (_noted(conn, project_id, *pair) for pair in pairs)
    return [one for one in dict.fromkeys(noted) if one is not None and not looks.was_asked(conn, project_id, one)]


def count_looks(db: Database, project_id: int, pairs: Iterable[Pair]) -> None:
    """Count a look for each pair that was not seen so before: see the head of this module."""
    pairs = list(pairs)
    with db.read() as conn:
        news = unseen(conn, project_id, pairs)
    if news:
        with db.write() as conn:
            for one in unseen(conn, project_id, pairs):
                looks.add_look(conn, project_id, one)


def count_comparison(db: Database, project_id: int, reference: int, a: int, b: int, split: Split | None) -> int:
    """Count the looks that comparing A with B on test is; the how-manieth look at the two of them it is, from 1."""
    return count_comparisons(db, project_id, reference, (a, b), split)


def count_comparisons(db: Database, project_id: int, reference: int, ids: Sequence[int], split: Split | None) -> int:
    """The same for several, each compared with each other: the how-manieth look at those two that were seen most often.

    Whoever has no test item in common with the reference is not counted.
    """
    with db.read() as conn:
        pairs = agreeing(conn, project_id, reference, ids)
        asked = _compared(conn, project_id, reference, ids, split)
        known = looks.asked(conn, project_id)
    count_looks(db, project_id, pairs)
    if not asked.keys() <= set(known):
        with db.write() as conn:
            for question in asked.keys() - set(looks.asked(conn, project_id)):
                looks.add_look(conn, project_id, question, worth=0)
            known = looks.asked(conn, project_id)
    return max((_turn(known, beginning, question) for question, beginning in asked.items()), default=1)


def _compared(
    conn: Connection, project_id: int, reference: int, ids: Sequence[int], split: Split | None
) -> dict[str, str]:
    """What is asked of each two of them, with how all questions about these two begin."""
    noted = {one: _noted(conn, project_id, reference, one) for one in sorted(set(ids))}
    states = {one: state.partition("@")[2] for one, state in noted.items() if state is not None}
    beginnings = {two: f"compare:{split or 'all'}:{reference},{two[0]},{two[1]}@" for two in combinations(states, 2)}
    return {f"{begins}{states[one]} {states[other]}": begins for (one, other), begins in beginnings.items()}


def _turn(known: Sequence[str], beginning: str, question: str) -> int:
    """Which of the questions that begin so this one was, counted from 1 in the order they were first asked."""
    return [one for one in known if one.startswith(beginning)].index(question) + 1


def _parted(conn: Connection, project_id: int, ids: Iterable[int]) -> tuple[list[int], list[int]]:
    """The models among these annotators, and the others."""
    kinds = {one.id: one.kind for one in annotators.list_all(conn, project_id)}
    known = [one for one in dict.fromkeys(ids) if one in kinds]
    models = [one for one in known if kinds[one] is AnnotatorKind.MODEL]
    return models, [one for one in known if one not in models]


def _partner(conn: Connection, project_id: int, model: int, others: Sequence[int]) -> int:
    met = (one for one in others if _met(conn, project_id, one, model)[0])
    return next(met, None) or _seen_alone(conn, project_id, model)


def _seen_alone(conn: Connection, project_id: int, model: int) -> int:
    """Whom a model's answers by themselves stand beside: the reference where they were seen beside it, else nobody."""
    reference = project_of(conn, project_id).reference_id
    if reference is None or reference == model:
        return 0
    noted = _noted(conn, project_id, reference, model)
    return reference if noted is not None and looks.was_asked(conn, project_id, noted) else 0


def _noted(conn: Connection, project_id: int, one: int, other: int) -> str | None:
    """The pair and how it stands on test; None where it has no test item in common."""
    number, newest = _met(conn, project_id, one, other)
    if not number:
        return None
    low, high = sorted((one, other))
    dealt = (projects.split_config(conn, project_id) or {}).get("dealt")
    return f"pair:{low},{high}@{number}:{newest}:{dealt}"


def _met(conn: Connection, project_id: int, one: int, other: int) -> tuple[int, int]:
    low, high = sorted((one, other))
    return until_news(conn, ("met", low, high), lambda: aligned.met_on_test(conn, low, high), dealt_in=project_id)
