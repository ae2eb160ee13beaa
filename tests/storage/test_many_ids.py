"""Lists of ids as long as a project, where SQLite takes few variables in a statement and nests only so deep."""

import inspect
import pkgutil
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

import pytest
from sqlalchemy import Connection

import core.storage
from core.model import Price, Question, QuestionKind
from core.settings import Settings
from core.storage import (
    aligned,
    annotations,
    batches,
    beside,
    cache,
    carried,
    conditions,
    counts,
    deployments,
    fetches,
    fine_tunes,
    golden,
    held,
    items,
    likenesses,
    marks,
    opinions,
    prices,
    repeats,
    review,
    run_figures,
    run_grids,
    run_queue,
    run_rows,
    run_work,
    same_rows,
    studies,
    tables,
    taught,
    uploads,
    values,
)
from core.storage.annotations import NewAnnotation
from core.storage.carried import CarriedAnnotation, CarriedItem
from core.storage.conditions import Decides, Side
from core.storage.engine import Database
from core.storage.prices import StoredPrice
from core.storage.review import QueueFilter
from core.storage.run_work import RunError
from core.workbench import open_workbench
from tests.fakes.worlds import make_project

MANY = list(range(1, 50_001))
REAL = 60
KEYS = [b"%016d" % number for number in MANY]
HOSTS = [f"host {number}" for number in MANY]
CROWD = QueueFilter(shown=tuple(MANY[:5000]), item_ids=tuple(MANY))
NO_TEXTS = [f"no item's text {number}" for number in MANY]
TEXTS = [str(number) for number in MANY]
SIDES = [Side(one, (Decides(1, tuple(MANY)),), once=one == 2) for one in (1, 2)]
QUESTION = Question(1, 1, QuestionKind.SINGLE_LABEL)
NAMES = {1: "SPORTS", 2: "POLITICS", 3: "NONE"}


def said(number: int) -> NewAnnotation:
    return NewAnnotation(1 + number % REAL, 1, "1", votes={"1": 3})


def come_along(number: int) -> CarriedItem:
    return CarriedItem(0, f"h{number}", "", "t", None, None, "train", None)


SAID_BEFORE = CarriedAnnotation(1, 1, 1, *[None] * 10, 0.0, None, None, None)


QUESTIONS: dict[str, tuple[Callable[[Connection], object], object]] = {
    "annotations.append": (lambda conn: annotations.append(conn, 1, [said(n) for n in MANY], {"1": 1}), None),
    "annotations.append_values": (lambda c: annotations.append_values(c, 1, 1, [(1, 1)] * len(MANY), None), None),
    "annotations.history": (lambda c: sum(map(len, annotations.history(c, MANY, NAMES).values())), 2 * REAL),
    "annotations.current_of": (lambda c: sum(map(len, annotations.current_of(c, MANY, NAMES).values())), 2 * REAL),
    "conditions.counts": (lambda c: conditions.counts(c, 1, [Decides(1, tuple(MANY))]), (REAL, REAL, 0)),
    "conditions.asked_items": (lambda c: len(conditions.asked_items(c, 1, SIDES[0].deciding)[0]), REAL),
    "conditions.asked_of_some": (lambda c: conditions.asked_of_some(c, SIDES, None), frozenset()),
    "conditions.not_asked": (lambda c: conditions.not_asked(c, 1, [Decides(1, tuple(MANY))]), frozenset()),
    "counts.entry_counts": (lambda c: counts.entry_counts(c, MANY, with_history=True), (2 * REAL, REAL)),
    "counts.labelled_count": (lambda c: counts.labelled_count(c, 1, None, MANY), REAL),
    "annotations.said_until": (lambda c: annotations.said_until(c, MANY, 0.0), []),
    "annotations.value_ids_of": (lambda c: len(annotations.value_ids_of(c, 1, MANY)), REAL),
    "annotations.count_after": (lambda c: annotations.count_after(c, MANY, 0), 2 * REAL),
    "annotations.newest_id": (lambda c: annotations.newest_id(c, MANY), 2 * REAL),
    "aligned.pair_counts": (lambda c: aligned.pair_counts(c, 1, 2, None, MANY), []),
    "aligned.narrowed": (lambda c: len(aligned.narrowed(c, 1, None, MANY).items), 0),
    "aligned.in_common": (lambda c: aligned.in_common(c, 1, 2, None, MANY), (0, 0)),
    "counts.each_said": (lambda c: list(counts.each_said(c, 1, 2, None, MANY)), []),
    "run_figures.each_said": (lambda c: list(run_figures.each_said(c, MANY, 1)), []),
    "aligned.triple_counts": (lambda c: aligned.triple_counts(c, 1, 2, 2, MANY), {}),
    "batches.standing": (lambda c: batches.standing(c, 0, MANY), {}),
    "batches.forget_errors": (lambda c: batches.forget_errors(c, 0, MANY), None),
    "carried.items_of": (lambda c: len(list(carried.items_of(c, 1, MANY))), REAL),
    "carried.annotations_of": (lambda c: len(list(carried.annotations_of(c, MANY))), 2 * REAL),
    "carried.insert_items": (lambda c: carried.insert_items(c, 1, [come_along(n) for n in MANY], 1000), None),
    "carried.insert_annotations": (lambda c: carried.insert_annotations(c, 1, [SAID_BEFORE] * len(MANY)), None),
    "cache.find": (lambda c: cache.find(c, KEYS), {}),
    "cache.known": (lambda c: cache.known(c, KEYS), set()),
    "cache.find_repeats": (lambda c: cache.find_repeats(c, KEYS), {}),
    "cache.known_repeats": (lambda c: cache.known_repeats(c, KEYS), set()),
    "fetches.claim": (lambda c: fetches.claim(c, "me", 1.0, MANY), None),
    "fetches.create": (lambda c: fetches.create(c, 1, "", "file", HOSTS), 1),
    "deployments.claim": (lambda c: deployments.claim(c, "me", 1.0, MANY), None),
    "fetches.store": (lambda c: fetches.store(c, "file", [("", n) for n in MANY]), None),
    "fetches.refuse": (lambda c: fetches.refuse(c, "", [(n, "gone", "") for n in MANY]), None),
    "fine_tunes.claim": (lambda c: fine_tunes.claim(c, "me", 1.0, MANY), None),
    "studies.claim": (lambda c: studies.claim(c, "me", 1.0, MANY), None),
    "golden.add": (lambda c: golden.add(c, 1, 1, MANY, "test", None), 1),
    "golden.keep_answers": (lambda c: golden.keep_answers(c, 1, 2, MANY), REAL),
    "golden.spent": (lambda c: golden.spent(c, 1, MANY).answers, REAL),
    "held.claim": (lambda c: held.claim(c, tables.studies, tables.studies.c.id > 0, "me", 1.0, MANY), None),
    "items.get_many": (lambda c: len(items.get_many(c, MANY)), REAL),
    "items.of_project": (lambda c: len(items.of_project(c, 1, MANY)), REAL),
    "items.mean_length_of": (lambda c: items.mean_length_of(c, MANY, len(MANY)) is not None, True),
    "items.insert_many": (lambda c: len(items.insert_many(c, [(1, f"h{n}", "", "t", None) for n in MANY])), len(MANY)),
    "items.set_splits": (lambda c: items.set_splits(c, [("train", None, n) for n in MANY]), None),
    "opinions.beside": (lambda c: tuple(map(len, opinions.beside(c, 1, MANY, {}))), (REAL, 29)),
    "marks.flagged_by": (lambda c: marks.flagged_by(c, MANY), frozenset()),
    "marks.of_items": (lambda c: sum(map(len, marks.of_items(c, MANY, with_history=True).values())), 0),
    "marks.newest_id": (lambda c: marks.newest_id(c, MANY), 0),
    "marks.marks_of": (lambda c: marks.marks_of(c, 1, MANY), {}),
    "prices.put": (lambda c: prices.put(c, [StoredPrice(one, "m", Price(1.0)) for one in HOSTS]), None),
    "prices.remove": (lambda c: prices.remove(c, [(one, "m") for one in HOSTS]), None),
    "beside.answers": (lambda c: beside.answers(c, 1, MANY), {}),
    "beside.errors": (lambda c: beside.errors(c, 1, MANY), {}),
    "beside.leave_out": (lambda c: beside.leave_out(c, 0, MANY), None),
    "repeats.append": (lambda c: repeats.append(c, 0, 1, [], {}), None),
    "repeats.of_items": (lambda c: repeats.of_items(c, 0, MANY), {}),
    "review.queue": (
        lambda c: len(review.queue(c, 1, CROWD, {}, uncertain_first=True)),
        REAL,
    ),
    "review.count": (
        lambda c: review.count(c, 1, QueueFilter(shown=(1, 2, *MANY[:5000]), only_disagreements=True), {}),
        29,
    ),
    "review.changed_minds": (lambda c: review.changed_minds(c, 1, MANY, {}), 0),
    "review.pace": (lambda c: review.pace(c, 1, MANY), None),
    "same_rows.of_annotators": (lambda c: same_rows.of_annotators(c, 1, [2], None, {}, MANY), []),
    "same_rows.of_runs": (lambda c: same_rows.of_runs(c, 1, [MANY], {}, MANY), []),
    "likenesses.find": (lambda c: len(likenesses.find(c, KEYS)), 0),
    "likenesses.put": (lambda c: likenesses.put(c, dict.fromkeys(KEYS, 0.5)), None),
    "same_rows.each_of_many": (lambda c: len(list(same_rows.each_of_many(c, MANY, None))), 2 * REAL),
    "same_rows.values_of": (lambda c: sum(n for _, n in same_rows.values_of(c, MANY, None)), REAL),
    "run_figures.answered_with": (lambda c: run_figures.answered_with(c, 1, MANY), {}),
    "run_figures.pairs": (lambda c: run_figures.pairs(c, MANY, 1), []),
    "run_figures.behind": (lambda c: run_figures.behind(c, 1, (2, 2), None, MANY), {}),
    "run_figures.labelled": (lambda c: run_figures.labelled(c, MANY), (0, 0)),
    "run_grids.put_together": (lambda c: run_grids.put_together(c, MANY), None),
    "run_grids.probes_for": (lambda c: run_grids.probes_for(c, MANY), []),
    "run_queue.mark_interrupted": (
        lambda c: run_queue.mark_interrupted(c, 1.0, MANY, {number: 1.0 for number in MANY}),
        0,
    ),
    "run_queue.claim": (lambda c: run_queue.claim(c, "me", hosts=HOSTS), None),
    "run_queue.explain_waiting": (lambda c: run_queue.explain_waiting(c, HOSTS), None),
    "run_rows.create": (lambda c: run_rows.create(c, 1, 1, {}, MANY[:REAL]), 1),
    "run_work.still_missing": (lambda c: len(run_work.still_missing(c, 0, MANY)), len(MANY)),
    "run_work.add_errors": (lambda c: run_work.add_errors(c, 0, list[RunError]()), None),
    "taught.items_with": (lambda c: len(taught.items_with(c, 1, MANY, NO_TEXTS)), 0),
    "taught.keys_of": (lambda c: len(taught.keys_of(c, MANY)), 0),
    "taught.number_of_keys": (lambda c: taught.number_of_keys(c, MANY), 0),
    "fine_tunes.with_bases": (lambda c: fine_tunes.with_bases(c, MANY), []),
    "items.texts_of": (lambda c: len(items.texts_of(c, MANY)), REAL),
    "items.sharing_group": (lambda c: items.sharing_group(c, MANY), frozenset()),
    "values.of_items": (lambda c: sorted(values.of_items(c, QUESTION, MANY).values()), ["1", "2"]),
    "values.ids_of": (lambda c: values.ids_of(c, QUESTION, TEXTS), {"1": 2, "2": 1}),
    "values.intern": (lambda c: len(values.intern(c, QUESTION, TEXTS[:99], lambda text: {})), 99),
    "uploads.add": (
        lambda c: uploads.add(c, 1, "f", range(1), 1, choice={}, counts={}, made={"labels": MANY}) > 0,
        True,
    ),
    "uploads.drop_silent": (lambda c: uploads.drop_silent(c, MANY), None),
    "taught.add": (lambda c: taught.add(c, 1, NO_TEXTS[:0]), None),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A small project, made once: what each question changes is rolled back."""
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path_factory.mktemp("many"))}))
    make_project(wb, REAL)
    yield wb.db
    wb.close()


@contextmanager
def few_variables(conn: Connection) -> Iterator[None]:
    raw = conn.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    limits = {sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 24, sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 60}
    usual = {limit: raw.setlimit(limit, few) for limit, few in limits.items()}
    try:
        yield
    finally:
        for limit, number in usual.items():
            raw.setlimit(limit, number)


@pytest.mark.parametrize("name", QUESTIONS)
def test_fifty_thousand_ids_are_asked_about_with_few_variables(database: Database, name: str) -> None:
    ask, expected = QUESTIONS[name]
    with database.write() as conn, few_variables(conn):
        step = conn.begin_nested()
        assert ask(conn) == expected
        step.rollback()


def test_no_query_that_takes_a_list_is_left_out_above() -> None:
    takes_lists = set()
    for module in pkgutil.iter_modules(core.storage.__path__):
        found = import_module(f"core.storage.{module.name}")
        for name, function in inspect.getmembers(found, inspect.isfunction):
            parameters = inspect.signature(function).parameters
            kinds = " ".join(str(parameter.annotation) for parameter in parameters.values())
            is_ours = function.__module__ == found.__name__ and not name.startswith("_") and "conn" in parameters
            if is_ours and re.search(r"Sequence|Collection|Iterable|QueueFilter", kinds):
                takes_lists.add(f"{module.name}.{name}")
    # Columns of one query; a look's events and a study's trials, one by one; a few worked examples; a layout, written
    # as one text.
    bounded = {"columns.read", "fine_tunes.add_events", "prompt_versions.add_version", "projects.set_layout"}
    bounded |= {"studies.create"}
    assert takes_lists - QUESTIONS.keys() == bounded
