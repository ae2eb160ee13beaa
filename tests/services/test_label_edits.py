"""Merging labels and giving them back: all that is known of an answer goes along, and nothing is counted twice."""

from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.model import AnswerKind, Edit, Label, RunStatus, Split
from core.services.asking.requests import Mode
from core.services.common.values import Sayings
from core.services.review.reviewing import Decision, QueueFilter
from core.storage import annotations, batches, cache, run_figures, runs
from tests.fakes.host import CONFIDENCE, fails
from tests.fakes.waiting import finished, work_off
from tests.services.test_batch_files import brought, run_batch
from tests.services.test_labelling import labels_of

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def ids(small_project, workbench):
    """Label id by name."""
    return {label.name: label.id for label in workbench.tasks.get(small_project.id).choices}


@pytest.fixture
def run(small_project, workbench):
    return finished(workbench, small_project.start())


@pytest.fixture
def voted(small_project, workbench):
    return finished(workbench, small_project.start(Split.VALIDATION, repeats=3))


def answers(project, annotator_id):
    """Current annotation by item id."""
    with project.wb.db.read() as conn:
        names = Sayings(conn, project.id)
        found = annotations.current_of(conn, list(project.items()), names)
    return {item: by[annotator_id] for item, by in found.items() if annotator_id in by}


def known(annotation):
    """All that is known of an answer but its label and when it was entered."""
    return (
        annotation.run_id,
        annotation.confidence,
        annotation.confidence_source,
        annotation.kind,
        annotation.reason,
        annotation.raw,
        annotation.votes,
        annotation.source_id,
    )


def low_queue(project, annotator_id):
    return project.wb.review.count(project.id, QueueFilter(confidence_of=annotator_id, max_confidence=0.9))


def test_a_merge_carries_everything_known_of_an_answer_over(small_project, workbench, run, ids):
    before = answers(small_project, run.annotator_id)
    workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
    after = answers(small_project, run.annotator_id)
    assert {one.said for one in after.values()} == {"SPORTS"}
    assert {item: known(one) for item, one in after.items()} == {item: known(one) for item, one in before.items()}
    merged = next(one for item, one in after.items() if before[item].said == "POLITICS")
    assert (merged.edit, merged.run_id, merged.kind) == (Edit.MERGE, run.id, AnswerKind.LABEL)
    assert merged.edited_id == before[merged.item_id].id
    assert merged.raw == '{"label": "POLITICS"}'


def test_the_queue_of_the_least_certain_is_as_long_after_a_merge_and_after_its_undo(small_project, workbench, run, ids):
    assert CONFIDENCE < 0.9
    assert low_queue(small_project, run.annotator_id) == 60
    workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
    assert low_queue(small_project, run.annotator_id) == 60
    workbench.tasks.restore(small_project.id, ids["POLITICS"])
    assert low_queue(small_project, run.annotator_id) == 60


def test_an_undone_merge_brings_back_exactly_what_was(small_project, workbench, run, voted, ids):
    everyone = (run.annotator_id, voted.annotator_id, small_project.gold)
    before = {who: answers(small_project, who) for who in everyone}
    workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
    workbench.tasks.restore(small_project.id, ids["POLITICS"])
    for who in everyone:
        after = answers(small_project, who)
        assert {i: (one.said, known(one)) for i, one in after.items()} == {
            i: (one.said, known(one)) for i, one in before[who].items()
        }
    assert answers(small_project, voted.annotator_id)
    assert all(one.votes for one in answers(small_project, voted.annotator_id).values())


def test_merges_of_merges_are_undone_in_either_order(small_project, workbench, run, ids):
    task = workbench.tasks.get(small_project.id)
    workbench.tasks.save(small_project.id, replace(task, labels=(*task.labels, Label("NEWS"))))
    news = {label.name: label.id for label in workbench.tasks.get(small_project.id).labels}["NEWS"]
    before = answers(small_project, run.annotator_id)
    for order in (("POLITICS", "SPORTS"), ("SPORTS", "POLITICS")):
        workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
        workbench.tasks.merge(small_project.id, ids["SPORTS"], news)
        assert {one.said for one in answers(small_project, run.annotator_id).values()} == {"NEWS"}
        assert {one.run_id for one in answers(small_project, run.annotator_id).values()} == {run.id}
        for name in order:
            workbench.tasks.restore(small_project.id, ids[name])
        after = answers(small_project, run.annotator_id)
        assert {i: (o.said, known(o)) for i, o in after.items()} == {i: (o.said, known(o)) for i, o in before.items()}


def test_nothing_that_reads_runs_counts_a_merged_answer_twice(small_project, workbench, run, ids, fake_host):
    def figures():
        with workbench.db.read() as conn:
            return (
                runs.get(conn, run.id),
                runs.answer_counts(conn, run.id),
                runs.missing(conn, run.id, 0, 100),
                run_figures.labelled(conn, [run.id]),
                run_figures.latencies(conn, run.id),
                run_figures.confidences(conn, run.id),
                len(run_figures.newest_calls(conn, small_project.id, "openai", "fake-large", 1, 1000)),
                cache.size(conn),
                workbench.review.count(small_project.id, QueueFilter(errors_of_run=run.id)),
                run_figures.answered_with(conn, run.annotator_id, list(small_project.items())),
                run_figures.behind(conn, run.annotator_id, (small_project.gold, small_project.hasty), None),
            )

    fake_host.always(fails(400, "no"))
    before = figures()
    workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
    assert figures() == before
    workbench.tasks.restore(small_project.id, ids["POLITICS"])
    assert figures() == before
    with workbench.db.write() as conn:
        assert batches.recount(conn, run.id) == 0
    assert workbench.runs.get(run.id).done == 60


def test_a_run_is_measured_by_the_labels_its_answers_were_merged_into(small_project, workbench, run, ids):
    assert workbench.runs.worth(run.id).cost.agreed == 42  # test items are left out
    workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
    assert workbench.runs.worth(run.id).cost.agreed == 42


def test_a_person_whose_label_was_merged_has_not_changed_their_mind(small_project, workbench, ids):
    items = list(small_project.items())[:3]
    workbench.review.store(small_project.id, "log", "me", [Decision(n, i, "POLITICS") for n, i in enumerate(items, 1)])
    me = workbench.review.person(small_project.id, "me").id
    workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
    assert workbench.review.summary(me, items).changed == 0
    again = [Decision(4, items[0], "SPORTS")]
    workbench.review.store(small_project.id, "log", "me", again)
    assert workbench.review.summary(me, items).changed == 0
    workbench.tasks.restore(small_project.id, ids["POLITICS"])
    workbench.review.store(small_project.id, "log", "me", [Decision(5, items[1], "SPORTS")])
    # Told apart again, the first two were called both by the person: saying SPORTS once more was an entry.
    assert workbench.review.summary(me, items).changed == 2


def test_a_merge_shows_in_the_history_as_what_it_is(small_project, workbench, ids):
    item = next(iter(small_project.items()))
    workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
    workbench.tasks.restore(small_project.id, ids["POLITICS"])
    [loaded] = workbench.review.load(small_project.id, [item], [], None)
    told = [entry.split(" · ")[1] for entry in map(str, loaded.history) if " gold: " in entry]
    assert told == ["gold: POLITICS", "gold: SPORTS (labels merged)", "gold: POLITICS (merge undone)"]


# what still may come


def refuses(workbench, project, ids, words):
    task = workbench.tasks.get(project.id)
    with pytest.raises(WorkbenchError, match=f"cannot be merged while {words}"):
        workbench.tasks.merge(project.id, ids["POLITICS"], ids["SPORTS"])
    fewer = replace(task, labels=(task.labels[0], Label("WEATHER")))
    with pytest.raises(WorkbenchError, match=f"cannot be removed while {words}"):
        workbench.tasks.save(project.id, fewer)
    assert workbench.tasks.get(project.id) == task


def test_labels_stay_while_a_file_may_be_answered_elsewhere(small_project, workbench, ids):
    run = small_project.start(Split.VALIDATION, mode=Mode.FILE)
    refuses(workbench, small_project, ids, f"run {run.id} is paused: 12 answers may still arrive")


def test_labels_stay_while_a_run_is_paused(small_project, workbench, ids):
    run = small_project.start()
    with workbench.db.write() as conn:
        runs.hold(conn, run.id, "waits for a raised cap")
    refuses(workbench, small_project, ids, f"run {run.id} is paused")
    workbench.runs.cancel(run.id)
    assert workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"]) == 31


def test_labels_stay_while_a_batch_may_be_answered_at_its_host(small_project, workbench, ids):
    run = small_project.start()
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE runs SET status = 'failed' WHERE id = ?", (run.id,))
        conn.exec_driver_sql(
            "INSERT INTO batches (run_id, tag, status, first_item_id, last_item_id, lines, created_at, submitted_at)"
            " VALUES (?, 't', 'submitted', 1, 60, 60, 0, 0)",
            (run.id,),
        )
    refuses(workbench, small_project, ids, f"a batch of run {run.id} is at its host")


def test_labels_stay_while_a_model_is_in_training(small_project, workbench, ids):
    with workbench.db.write() as conn:
        conn.exec_driver_sql(
            "INSERT INTO fine_tunes (project_id, annotator_id, prompt_version_id, host, base_model, config, status,"
            " created_at) VALUES (?, ?, ?, 'openai', 'm', '{}', 'running', 0)",
            (small_project.id, small_project.gold, small_project.version_id),
        )
    refuses(workbench, small_project, ids, "a model is being trained")


# what comes all the same


def half_answered(project, wb):
    """A run of the validation split that was cancelled before it began."""
    run = project.start(Split.VALIDATION, mode=Mode.FILE)
    lines = run_batch(wb.batches.export(run.id).path)
    wb.runs.cancel(run.id)
    return run, lines


def test_an_answer_that_comes_after_the_merge_of_its_label_is_the_label_it_became(small_project, workbench, ids):
    run, lines = half_answered(small_project, workbench)
    workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
    brought(workbench, run, lines)
    found = answers(small_project, run.annotator_id)
    assert len(found) == 12 and {one.said for one in found.values()} == {"SPORTS"}
    assert {one.kind for one in found.values()} == {AnswerKind.LABEL}
    assert '{"label": "POLITICS"}' in {one.raw for one in found.values()}


def test_an_answer_that_comes_after_its_label_was_removed_is_the_fallback_and_says_why(small_project, workbench, ids):
    run, lines = half_answered(small_project, workbench)
    task = workbench.tasks.get(small_project.id)
    workbench.tasks.save(small_project.id, replace(task, labels=(task.labels[0], Label("WEATHER"))))
    brought(workbench, run, lines)
    gone = [one for one in answers(small_project, run.annotator_id).values() if one.said != "SPORTS"]
    assert {one.said for one in gone} == {task.fallback.name}
    assert {one.reason for one in gone} == {"the answer is POLITICS, which has since been removed from the task"}
    assert {one.kind for one in gone} == {AnswerKind.OUTSIDE_LIST}


@pytest.mark.parametrize("repeats", [1, 3])
def test_a_run_resumed_after_a_merge_gives_no_label_that_is_gone(small_project, workbench, ids, repeats):
    run = small_project.start(Split.VALIDATION, repeats=repeats)
    workbench.runs.cancel(run.id)
    workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
    workbench.runs.resume(run.id)
    work_off(workbench)
    assert workbench.runs.get(run.id).status is RunStatus.DONE
    assert set(labels_of(small_project, run.annotator_id).values()) == {"SPORTS"}
    with workbench.db.read() as conn:
        gone = "IN (SELECT value_id FROM value_labels WHERE label_id = ?)"
        stored = conn.exec_driver_sql(
            f"SELECT COUNT(*) FROM annotations a WHERE a.run_id = ? AND a.value_id {gone}", (run.id, ids["POLITICS"])
        ).scalar_one()
        votes = conn.exec_driver_sql(f"SELECT COUNT(*) FROM repeats WHERE value_id {gone}", (ids["POLITICS"],))
        votes = votes.scalar_one()
    assert (stored, votes) == (0, 0)


def test_a_file_names_a_label_in_any_spelling_that_is_the_same_name(small_project, workbench, ids):
    task = workbench.tasks.get(small_project.id)
    workbench.tasks.save(
        small_project.id, replace(task, labels=(*task.labels, Label("Science_and tech"), Label("Straße")))
    )
    present = {label.name: label.id for label in workbench.tasks.get(small_project.id).labels}
    text = workbench.tasks.export_json(small_project.id)
    for old, new in (("Science_and tech", "SCIENCE AND  TECH"), ("Straße", "STRASSE"), ("POLITICS", "politics")):
        text = text.replace(old, new)
    read = {label.name: label.id for label in workbench.tasks.import_json(small_project.id, text).labels}
    assert read["SCIENCE AND  TECH"] == present["Science_and tech"]
    assert read["STRASSE"] == present["Straße"]
    assert read["politics"] == present["POLITICS"]
