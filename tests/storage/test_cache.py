"""What the very same request was answered before: found in the history, which nothing is ever deleted from."""

import pytest
from sqlalchemy import event

from core.model import AnnotatorKind
from core.storage import annotators, cache, runs
from core.storage.annotations import NewAnnotation
from core.storage.engine import now
from core.storage.repeats import Repeat
from tests.fakes import saying

KEY, OTHER = b"k" * 16, b"o" * 16


@pytest.fixture
def history(small_project):
    """Stores answers of a model: `history(item=0, raw=..., ...)`, one an item and run."""
    items, wb = list(small_project.items()), small_project.wb

    class History:
        def __init__(self):
            self.wb = wb
            with wb.db.write() as conn:
                self.model = annotators.ensure(conn, small_project.id, AnnotatorKind.MODEL, "m", "#000")
                self.labels = wb.tasks.get(small_project.id).labels

        def run(self):
            with wb.db.write() as conn:
                return runs.create(conn, small_project.id, self.model, {}, items)

        def answer(self, item=0, raw="SPORTS", kind="label", key=KEY, **facts):
            run_id = facts.pop("run_id", None) or self.run()
            entry = NewAnnotation(
                items[item], self.model, self.labels[0].id, run_id=run_id, kind=kind, raw=raw, request_hash=key, **facts
            )
            with wb.db.write() as conn:
                saying.append(conn, [entry])

        def repeat(self, ordinal, item=0, raw="SPORTS", kind="label", key=KEY, run_id=None, source=None):
            vote = Repeat(items[item], ordinal, self.labels[0].id, kind, None, raw, None, 0.1, 1, 1, 0, key, source)
            run_id = run_id or self.run()
            with wb.db.write() as conn:
                saying.append_repeats(conn, small_project.id, run_id, [vote])

        def found(self, *keys):
            with wb.db.read() as conn:
                return {key: answer.raw for key, answer in cache.find(conn, keys or (KEY,)).items()}

        def found_repeats(self):
            with wb.db.read() as conn:
                return {place: answer.raw for place, answer in cache.find_repeats(conn, [KEY]).items()}

        def size(self):
            with wb.db.read() as conn:
                return cache.size(conn)

        def clear(self):
            with wb.db.write() as conn:
                return cache.clear(conn)

        def restore(self, before):
            with wb.db.write() as conn:
                cache.restore(conn, before)

    return History()


def test_an_answer_is_found_by_the_key_of_its_request(history):
    history.answer(raw="SPORTS")
    assert history.found(KEY, OTHER) == {KEY: "SPORTS"}


def test_of_several_answers_the_newest_counts(history):
    history.answer(raw="old")
    history.answer(raw="new")
    assert history.found() == {KEY: "new"}


@pytest.mark.parametrize("kind", ["truncated", "empty"])
def test_an_answer_that_was_cut_off_or_empty_is_asked_for_again(kind, history):
    history.answer(raw="SPO", kind=kind)
    assert history.found() == {}


@pytest.mark.parametrize("kind", ["refused", "no_label", "several_labels", "outside_list"])
def test_any_other_unclear_answer_would_come_again(kind, history):
    history.answer(raw="no", kind=kind)
    assert history.found() == {KEY: "no"}


def test_majorities_and_answers_taken_over_are_no_answers_of_their_own(history):
    history.answer(item=0, votes={})
    history.answer(item=1, source_id=1)
    assert history.found() == {}


def test_an_answer_too_long_to_have_been_kept_whole_is_asked_for_again(history):
    history.answer(raw="x" * 20_000)
    assert history.found() == {}


def test_more_keys_than_one_statement_takes_are_all_looked_up(history):
    history.answer()
    assert history.found(*(i.to_bytes(16) for i in range(12_000)), KEY) == {KEY: "SPORTS"}


def test_several_answers_are_found_one_by_one(history):
    history.repeat(0, raw="a")
    history.repeat(2, raw="c")
    history.repeat(3, raw="", kind="empty")
    history.repeat(4, raw="e", source=1)
    assert history.found_repeats() == {(KEY, 0): "a", (KEY, 2): "c"}
    assert history.found() == {}


def test_a_cleared_cache_answers_nothing_stored_before_and_everything_after(history, monkeypatch):
    history.answer(raw="before")
    history.repeat(0, raw="before")
    history.clear()
    assert (history.found(), history.found_repeats(), history.size()) == ({}, {}, 0)
    monkeypatch.setattr("core.storage.repeats.now", lambda: now() + 1)
    history.answer(raw="after")
    history.repeat(0, raw="after")
    assert (history.found(), history.found_repeats()) == ({KEY: "after"}, {(KEY, 0): "after"})
    assert history.size() == 2


def test_clearing_can_be_undone(history):
    history.answer(raw="before")
    first = history.clear()
    history.answer(raw="between")
    second = history.clear()
    history.restore(second)
    assert history.found() == {KEY: "between"}
    history.restore(first)
    assert history.size() == 1
    assert history.found() == {KEY: "between"}


def test_its_size_is_the_number_of_different_requests(history):
    assert history.size() == 0
    run = history.run()
    history.answer(item=0, run_id=run)
    history.answer(item=1, run_id=run)
    history.answer(item=2, run_id=run, key=OTHER)
    history.repeat(0)
    history.answer(item=3, run_id=run, key=OTHER)  # news, so that what was counted is not kept
    assert history.size() == 3


def test_counting_reads_the_index_of_requests_and_not_the_answers(history):
    """A million answers are counted in a moment then, which a page does again and again while a run goes."""
    asked = []
    with history.wb.db.read() as conn:
        event.listen(
            conn, "before_cursor_execute", lambda c, cursor, statement, values, *_: asked.append((statement, values))
        )
        cache.size(conn)
        statement, values = next(found for found in asked if "COUNT(DISTINCT request_hash)" in found[0])
        plan = [row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert [step for step in plan if "COVERING INDEX ix_annotations_request" in step]
    assert [step for step in plan if "COVERING INDEX ix_repeats_request" in step]
    assert not [step for step in plan if "TEMP B-TREE" in step]
