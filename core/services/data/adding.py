"""A file added to a project: known items recognised, new ones dealt by a stable rule, annotations joined; all or
nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.errors import WorkbenchError
from core.importers import Check
from core.model import Annotator, Said, Split, TableData, Upload
from core.plural import count
from core.services.common.lookup import project_of
from core.services.data.checking import check as check_table
from core.services.data.choice import ImportChoice, written_down
from core.services.data.foreign_labels import add_to_task, settled
from core.services.data.importing import (
    Progress,
    canonical_forms,
    content_hash,
    insert_labels,
    item_rows,
    layout_of,
    no_progress,
)
from core.services.data.known_items import Fields, Match, fields_in, match
from core.services.data.known_people import is_nameless, meant
from core.services.data.words import annotators_of, words
from core.splits import Place, Present, Shares, group_near_duplicates, join, taken_apart
from core.storage import annotations, annotators, fetches, items, looks, projects, tasks, uploads, values
from core.storage.engine import Connection, Database, now
from core.storage.homes import beside, home_of
from core.tasks import TASKS

Told = dict[str, list[tuple[int, Said | None]]]
"""By annotator: `(place of the item in the file, what is said)`, what is said of known items only where it is news."""


Whom = dict[str, Annotator | None]
"""By annotator as the file names them who that is here; None for somebody new."""


@dataclass(frozen=True)
class Addition:
    """What adding a file comes to; nothing is stored yet.

    `joined` are known items of which somebody says something that they did not say, `differing` those of them on which
    they said otherwise. New items: `splits` counts them by split, "" where nothing is dealt yet; `near` are close to
    one that is here, `between` to several in different splits. `unknown` are labels the task has not, with how often.
    `test` counts the test items of now, `looks` the looks at them.
    """

    rows: int
    new: int
    known: int
    joined: int
    differing: int
    annotations: int
    splits: Mapping[str, int]
    near: int
    between: int
    unknown: Mapping[str, int]
    missing: tuple[str, ...]
    left_over: tuple[str, ...]
    same_ids: int
    test: int
    looks: int
    plan: "_Plan" = field(repr=False, compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether everything in it is here already."""
        return not self.new and not self.annotations

    @property
    def here_already(self) -> str:
        """That it is, in a sentence."""
        return _here_already(self.known)


def _here_already(known: int) -> str:
    all_of = "The only item is" if known == 1 else f"All {count(known, 'item')} are"
    return f"{all_of} already here, with the same annotations."


@dataclass(frozen=True)
class _Plan:
    """Where each item of the file goes, as things stood in `state`; without `places` nothing is dealt yet."""

    state: str
    rows: Sequence[int]
    item_of: list[int | None] | None
    match: Match
    places: list[Place] | None
    company: dict[int, int]
    splits_here: Mapping[int, Split | None]
    fields: Fields


def preview(
    db: Database,
    project_id: int,
    table: TableData,
    choice: ImportChoice,
    *,
    check: Check | None = None,
    earlier: Addition | None = None,
    new_labels: Sequence[str] = (),
    progress: Progress = no_progress,
) -> Addition:
    """What adding this table would do. Raises `WorkbenchError` where the table cannot be added so.

    `earlier` is what was found for the same table and columns with other `new_labels`: where items go is the same.
    """
    check = _checked(table, choice, check)
    plan = earlier.plan if earlier else _planned(db, project_id, table, choice, check, progress)
    with db.read() as conn:
        chosen, unknown = settled(conn, project_id, choice, check, new_labels)
        told, _, joined, differing = _news(conn, project_id, table, chosen, check, plan)
        return Addition(
            rows=len(table.rows) - len(check.skipped),
            new=len(plan.match.new),
            known=len(plan.match.known) - len(plan.match.new),
            joined=joined,
            differing=differing,
            annotations=sum(map(len, told.values())),
            splits=_counted(plan),
            near=sum(one.is_near for one in plan.places or ()),
            between=sum(one.between for one in plan.places or ()),
            unknown=unknown,
            missing=plan.fields.missing,
            left_over=plan.fields.left_over,
            same_ids=plan.match.same_ids,
            test=items.split_counts(conn, project_id).get(Split.TEST, 0),
            looks=sum(looks.look_count(conn, one) for one in beside(conn, project_id)),
            plan=plan,
        )


def add_table(
    db: Database,
    project_id: int,
    table: TableData,
    choice: ImportChoice,
    *,
    check: Check | None = None,
    addition: Addition | None = None,
    new_labels: Sequence[str] = (),
    file: str = "",
    progress: Progress = no_progress,
) -> Upload:
    """Add the items of a table to a project that is there, and what is said of them: all or nothing.

    `addition` is what `preview` found, where it was asked before. Labels that the task has not are left out, but for
    `new_labels`, which it gets. Raises `WorkbenchError` where the table cannot be added so, or all of it is here.
    """
    check = _checked(table, choice, check)
    plan = addition.plan if addition else _planned(db, project_id, table, choice, check, progress)
    while True:
        with db.write() as conn:
            if uploads.state(conn, project_id) == plan.state:
                return _store(conn, project_id, table, choice, check, plan, new_labels, file)
        plan = _planned(db, project_id, table, choice, check, progress)  # somebody was quicker


def _checked(table: TableData, choice: ImportChoice, check: Check | None) -> Check:
    check = check or check_table(table, choice)
    if not check.ok:
        raise WorkbenchError(check.problems[0].message, check.problems[0].hint)
    return check


def _planned(
    db: Database, project_id: int, table: TableData, choice: ImportChoice, check: Check, progress: Progress
) -> _Plan:
    with db.read() as conn:
        project = project_of(conn, project_id)
        question = values.question_of(conn, project_id)
        if question.kind is not choice.kind:
            raise WorkbenchError(
                f"The file answers “{TASKS[choice.kind].title}”, the project asks “{TASKS[question.kind].title}”.",
                "Add it without its answers, or to another project.",
            )
        config = projects.split_config(conn, project_id)
        state = uploads.state(conn, project_id)
        here = list(uploads.known_items(conn, project_id))
        candidates = question.options.candidates
        names = items.column_names(conn, project_id) if here else None
        fields = fields_in(table, choice, names, candidates)
    rows, item_of = item_rows(table, choice, check)
    found = match(here, table, choice, rows, fields, candidates)
    present = [Present(one.id, Split(one.split) if one.split else None, one.duplicate_group) for one in here]
    places: list[Place] | None = None
    company: dict[int, int] = {}
    if config is not None and found.new:
        # In one order whatever that of the file: which texts are found alike can depend on it.
        order = sorted(range(len(found.new)), key=lambda place: found.new[place][0])
        texts = [one.text for one in here] + [found.new[place][2] for place in order]
        groups = group_near_duplicates(texts, lambda share: progress(0.9 * share))
        groups = taken_apart(groups, texts) if config.get("apart") else groups
        keys = [found.new[place][0] for place in order]
        dealt, company = join(present, keys, groups, Shares(*config["shares"]), project.split_seed)
        places = [dealt[0]] * len(dealt)
        for place, one in zip(order, dealt, strict=True):
            places[place] = one
    splits_here = {one.id: one.split for one in present}
    return _Plan(state, rows, item_of, found, places, company, splits_here, fields)


def _counted(plan: _Plan) -> dict[str, int]:
    if plan.places is None:
        return {"": len(plan.match.new)} if plan.match.new else {}
    return dict(Counter(str(one.split) for one in plan.places))


def _news(
    conn: Connection, project_id: int, table: TableData, choice: ImportChoice, check: Check, plan: _Plan
) -> tuple[Told, Whom, int, int]:
    """What is said that was not said before, and by whom of those who are here; of how many known items, and on how
    many of these otherwise."""
    said = words(table, choice, check, plan.rows, plan.item_of)
    task, models = tasks.task(conn, project_id), choice.models | table.models
    everyone = annotators.list_all(conn, project_id)
    told: Told = {}
    whom: Whom = {}
    joined: set[int] = set()
    differing: set[int] = set()
    for name, heard in said.items():
        if len(table.answers) > 1 and meant(name, models, everyone) is None and not any(one for _, one in heard):
            continue  # somebody new who says nothing but that there is none was asked something else in the file
        canonical = canonical_forms(task, (one for _, one in heard if one is not None))
        last = {place: one for place, one in heard if plan.match.known[place] is not None}
        who = meant(name, models, everyone)
        if who is None and is_nameless(table, choice, name):
            known = {plan.match.known[place] or 0: canonical.get(one) for place, one in last.items() if one is not None}
            who = _as_the_reference(conn, project_id, known)
        whom[name] = who
        now_said = _said_now(conn, project_id, who.id if who else None)
        fresh = [pair for pair in heard if plan.match.known[pair[0]] is None]
        for place, one in last.items():
            item_id = plan.match.known[place] or 0
            before, after = now_said.get(item_id), canonical.get(one) if one is not None else None
            if before is None and one is None or before is not None and before == after:
                continue
            fresh.append((place, one))
            joined.add(item_id)
            differing |= {item_id} if before is not None else set()
        told[name] = fresh
    return told, whom, len(joined), len(differing)


def _as_the_reference(conn: Connection, project_id: int, known: Mapping[int, str | None]) -> Annotator | None:
    """The reference, where it says just the same of the known items; files that name nobody have its word."""
    reference = project_of(conn, project_id).reference_id
    now_said = _said_now(conn, project_id, reference) if known else {}
    is_same = bool(known) and all(now_said.get(item) == one for item, one in known.items())
    return annotators.get(conn, reference) if is_same and reference is not None else None


def _said_now(conn: Connection, project_id: int, annotator_id: int | None) -> dict[int, str]:
    """What the annotator says of each item now, in canonical form."""
    if annotator_id is None:
        return {}
    every = values.every(conn, values.question_of(conn, project_id))
    return {item: every[value] for item, value in annotations.value_ids_of(conn, annotator_id).items()}


def _store(
    conn: Connection,
    project_id: int,
    table: TableData,
    choice: ImportChoice,
    check: Check,
    plan: _Plan,
    new_labels: Sequence[str],
    file: str,
) -> Upload:
    before = {one.id for one in annotators.list_all(conn, project_id)}
    choice, _ = settled(conn, project_id, choice, check, new_labels)
    told, whom, joined, differing = _news(conn, project_id, table, choice, check, plan)
    if not plan.match.new and not any(told.values()):
        raise WorkbenchError(_here_already(len(plan.match.known)), "Nothing was added.")
    labels = add_to_task(conn, project_id, new_labels)
    home_id = home_of(conn, project_id)
    is_first = not items.count(conn, project_id)
    ids = items.insert_many(conn, [(home_id, *one) for one in plan.match.new])
    if is_first and not project_of(conn, project_id).layout:
        projects.set_layout(conn, project_id, layout_of(table, choice, plan.rows))
    _deal(conn, project_id, plan, ids)
    for name in {one.field for one in fetches.of_project(conn, project_id)}:
        fetches.make_room(conn, project_id, name)
    begun = annotations.next_id(conn)
    id_of = _ids(plan.match, ids)
    for annotator, heard in told.items():
        if heard:
            pairs = [(id_of[place], one) for place, one in heard]
            models = choice.models | table.models
            insert_labels(conn, project_id, annotator, pairs, models, whom[annotator])
    made = [one.id for one in annotators.list_all(conn, project_id) if one.id not in before]
    uploads.add(
        conn,
        project_id,
        file or choice.name,
        ids,
        begun,
        content_hash=content_hash(table),
        choice=written_down(replace(choice, merge_labels={}), annotators_of(table, choice)),
        counts={"rows": len(table.rows), "known": len(plan.match.known) - len(ids), "joined": joined,
                "differing": differing, "annotations": sum(map(len, told.values()))},
        made={"annotators": made, "labels": labels},
    )  # fmt: skip
    return uploads.of_project(conn, project_id)[-1]


def _ids(found: Match, ids: range) -> list[int]:
    """The id of each item of the file."""
    new = iter(ids)
    return [one if one is not None else next(new) for one in found.known]


def _deal(conn: Connection, project_id: int, plan: _Plan, ids: range) -> None:
    """Each new item into its place; one that was alone and now has company gets its group, and nothing else moves."""
    config = projects.split_config(conn, project_id)
    if plan.places is None or config is None:
        return
    first: dict[int, int] = {}
    for item_id, place in zip(ids, plan.places, strict=True):
        if place.own is not None:
            first.setdefault(place.own, item_id)
    items.set_splits(
        conn,
        [
            (str(place.split), place.group if place.own is None else first[place.own], item_id)
            for item_id, place in zip(ids, plan.places, strict=True)
        ]
        + [(str(plan.splits_here[item]), group, item) for item, group in plan.company.items()],
    )
    seed = project_of(conn, project_id).split_seed
    facts = {**config, "near_duplicates": uploads.grouped(conn, project_id), "joined": now()}
    projects.set_split(conn, project_id, seed, facts)
