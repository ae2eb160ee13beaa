"""Whose answers decide where a further question is asked: everybody's own."""

from collections.abc import Callable, Iterable, Sequence

from core.model import Annotator, AnnotatorKind, Condition, Having, QuestionKind, Split
from core.plural import count
from core.services.common.lookup import annotator_of
from core.storage import annotators, conditions, projects, runs, tasks, values
from core.storage.conditions import Decides, Side
from core.storage.engine import Connection
from core.storage.kept import until_news

ASKED_BY = "asked_by"
"""In a run's configuration: whose answers to the earlier question decided of which items its model is asked."""


def deciding(conn: Connection, project_id: int, who: Callable[[int], int | None]) -> tuple[Decides, ...]:
    """What has to hold for the question to be asked, where `who` gives whose answers count to an earlier one, by its
    project; nothing where it is asked of every item."""
    return tuple(_decides(conn, one, who(one.on)) for one in conditions.chain(conn, project_id))


def _decides(conn: Connection, condition: Condition, who: int | None) -> Decides:
    holds = conditions.holds(conn, condition)
    return Decides(who, holds.labels, holds.lacks)


def of_person(conn: Connection, project_id: int, name: str) -> tuple[Decides, ...]:
    """The same for a person, whose own answers decide."""
    return deciding(conn, project_id, lambda on: _named(conn, on, AnnotatorKind.PERSON, name))


def by(conn: Connection, condition: Condition, who: Annotator | None) -> tuple[Decides, ...]:
    """The same for anybody, by the answers of one annotator of the earlier question, who was asked that one by their
    own answers before it, as far as they have any."""
    before = of_annotator(conn, who) if who is not None else ()
    known = (one for one in before if one.annotator_id is not None)
    return (_decides(conn, condition, who.id if who else None), *known)


def by_reference(conn: Connection, project_id: int) -> tuple[Decides, ...] | None:
    """The same by the reference of the earlier question; None where it is asked of every item, or there is none."""
    condition = conditions.of(conn, project_id)
    reference = _reference(conn, condition.on) if condition else None
    who = annotators.get(conn, reference) if reference is not None else None
    return by(conn, condition, who) if condition and who else None


def of_annotator(conn: Connection, annotator: Annotator) -> tuple[Decides, ...]:
    """The same for whoever annotates: a person's and an imported column's own answers, by name; what was imported
    under another name goes by the imported reference. A model was asked by the answers that its newest run chose."""
    if annotator.kind is AnnotatorKind.MODEL:
        return _of_model(conn, annotator)

    def who(on: int) -> int | None:
        found = _named(conn, on, annotator.kind, annotator.name)
        if found is None and annotator.kind is AnnotatorKind.IMPORTED:
            reference = _reference(conn, on)
            found = reference if reference in annotators.of_kind(conn, on, annotator.kind) else None
        return found

    return deciding(conn, annotator.project_id, who)


def _of_model(conn: Connection, annotator: Annotator) -> tuple[Decides, ...]:
    condition = conditions.of(conn, annotator.project_id)
    if condition is None:
        return ()
    newest = max(runs.of_annotator(conn, annotator.id), key=lambda run: run.id, default=None)
    chosen = newest.config.get(ASKED_BY) if newest else None
    who = annotators.get(conn, chosen) if chosen is not None else None
    return by(conn, condition, who) if who is not None and who.project_id == condition.on else ()


def not_asked(conn: Connection, annotator_ids: Iterable[int]) -> frozenset[int]:
    """The items that one of these has answered though by their own earlier answer they are not asked: kept answers,
    which count in no figure. What a model answered it was asked."""
    return frozenset[int]().union(*kept_by(conn, annotator_ids).values())


def kept_by(conn: Connection, annotator_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """The same by annotator of one question, of those alone who have kept any."""
    found, condition = dict[int, frozenset[int]](), None
    for annotator in filter(None, (annotators.get(conn, one) for one in annotator_ids)):
        # One look for all of them: where there is no condition, hundreds cost what one does.
        condition = condition or conditions.of(conn, annotator.project_id)
        if condition is None:
            break
        found[annotator.id] = _kept(conn, annotator)
    return {one: items for one, items in found.items() if items}


def _kept(conn: Connection, annotator: Annotator) -> frozenset[int]:
    if annotator.kind is AnnotatorKind.MODEL:
        return frozenset()
    links = of_annotator(conn, annotator)
    if all(link.annotator_id is None for link in links):
        return frozenset()
    question = ("not asked", annotator.id, links)
    return until_news(conn, question, lambda: conditions.not_asked(conn, annotator.id, links))


def asked_of_some(conn: Connection, annotator_ids: Iterable[int], split: Split | None) -> int:
    """How many items one of these was asked and answered and another was not, since what was said before differs."""
    who = [annotator_of(conn, one) for one in annotator_ids]
    if not who or conditions.of(conn, who[0].project_id) is None:
        return 0
    sides = [Side(one.id, of_annotator(conn, one), once=one.kind is AnnotatorKind.MODEL) for one in who]
    return len(until_news(conn, ("asked of some", *sides, split), lambda: conditions.asked_of_some(conn, sides, split)))


def some_in_words(conn: Connection, project_id: int, number: int, some: str) -> str:
    """That many items were asked of `some` of those compared alone; "" for none."""
    condition = conditions.of(conn, project_id)
    if not number or condition is None:
        return ""
    on = projects.get(conn, condition.on)
    are = "was" if number == 1 else "were"
    return f"{count(number, 'item')} {are} asked of {some} only: their answers to “{on.question if on else ''}” differ."


def where_in_words(conn: Connection, project_id: int) -> str:
    """Where the question is asked, such as `only where “Toxic?” is yes`; "" where it is asked of every item."""
    condition = conditions.of(conn, project_id)
    if condition is None:
        return ""
    on, names = projects.get(conn, condition.on), tasks.label_names(conn, condition.on)
    kind = values.question_of(conn, condition.on).kind
    has = having_in_words(kind, condition.having, [names[label] for label in condition.labels])
    return f"only where “{on.question if on else ''}” {has}"


def having_in_words(kind: QuestionKind, having: Having, names: Sequence[str]) -> str:
    """What the answer to a question of that kind has to have, to follow what the question is called: `is yes`."""
    labels = " or ".join(names) or "a removed label"
    what = {QuestionKind.SPANS: "a mark of ", QuestionKind.SEVERAL_LABELS: ""}.get(kind)
    if having in (Having.ANY, Having.NOTHING):
        return f"has {'any' if having is Having.ANY else 'no'} {'mark' if kind is QuestionKind.SPANS else 'label'}"
    if having is Having.NONE_OF:
        return f"is not {labels}" if what is None else f"has {'no mark of' if what else 'none of'} {labels}"
    if having in (Having.AT_LEAST, Having.AT_MOST):
        return f"is {having} {labels}"
    return f"is {labels}" if what is None else f"has {what}{labels}"


def _named(conn: Connection, project_id: int, kind: AnnotatorKind, name: str) -> int | None:
    name = " ".join(name.split())
    everyone = annotators.list_all(conn, project_id)
    return next((one.id for one in everyone if one.kind is kind and one.name == name), None)


def _reference(conn: Connection, project_id: int) -> int | None:
    found = projects.get(conn, project_id)
    return found.reference_id if found else None
