"""Review's verbs on a real file: queues as the counts of the table say, and decisions stored as what they change."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.model import Annotation, AnnotatorKind, Label, Outcome, Split, TableData, Task
from core.services.common.lookup import ensure_annotator
from core.services.common.values import Sayings
from core.services.data.bringing import ImportChoice
from core.services.review.reviewing import Decision, QueueFilter, Refused, Waits, suggest
from core.settings import Settings
from core.storage import annotations, items, marks, tasks
from core.storage.annotations import NewAnnotation
from core.storage.items import ItemFilter
from core.workbench import Workbench, open_workbench
from tests.fakes import saying

A, B, C = "A", "B", "C"
#            ann  ben
LABELS = ((A, A), (A, B), (B, B), (B, A), (C, C), (A, B))


@pytest.fixture
def wb(tmp_path):
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path)}))
    yield opened
    opened.close()


@pytest.fixture
def project(wb: Workbench) -> int:
    rows = [(f"text number {place} {'xyzuvw'[place] * 5}", *labels) for place, labels in enumerate(LABELS)]
    task = Task(tuple(Label(name) for name in (A, B, C)))
    return wb.data.import_table(
        TableData(("text", "ann", "ben"), rows), ImportChoice("P", ("text",), ("ann", "ben")), task=task
    )


def ids(wb: Workbench, project: int) -> list[int]:
    return sorted(wb.review.queue(project, QueueFilter()))


def who(wb: Workbench, project: int) -> dict[str, int]:
    return {one.name: one.id for one in wb.projects.annotators(project)}


def label_id(wb: Workbench, project: int, name: str) -> int:
    return next(i for i, known in wb.review.label_names(project).items() if known == name)


def mine(wb: Workbench, project: int, item: int, name: str = "me"):
    """`(label, flagged, note, entries of mine)` as the review screen would load them."""
    person = wb.review.person(project, name)
    [loaded] = wb.review.load(project, [item], [], person.id if person else None)
    return loaded.mine, loaded.flagged, loaded.note, sum(f" {name}: " in str(entry) for entry in loaded.history)


def test_a_queue_comes_in_the_same_order_each_time_and_its_count_needs_no_queue(wb, project):
    first = wb.review.queue(project, QueueFilter())
    assert first == wb.review.queue(project, QueueFilter())
    assert len(first) == wb.review.count(project, QueueFilter()) == 6


def test_disagreements_are_the_items_on_which_any_two_of_the_shown_differ(wb, project):
    people = who(wb, project)
    where = QueueFilter(shown=(people["ann"], people["ben"]), only_disagreements=True)
    every = ids(wb, project)
    assert sorted(wb.review.queue(project, where)) == [every[1], every[3], every[5]]
    assert wb.review.count(project, where) == 3


def test_where_any_two_of_two_hundred_differ_is_found_whoever_of_them_said_nothing(wb, project):
    every, rnd = ids(wb, project), random.Random(3)
    with wb.db.write() as conn:
        known = [label.id for label in tasks.all_labels(conn, project)][:3]
        crowd = [ensure_annotator(conn, project, AnnotatorKind.PERSON, f"coder {n}") for n in range(200)]
        said = {(one, item): rnd.choice(known) for one in crowd for item in every[:4] if rnd.random() < 0.01}
        said |= {(one, every[4]): known[0] for one in crowd[100:]}
        saying.append(conn, [NewAnnotation(item, one, label) for (one, item), label in said.items()])
        saying.append(conn, [NewAnnotation(every[4], crowd[0], known[1]), NewAnnotation(every[4], crowd[0], None)])
    differing = {item for item in every if len({label for (_, one), label in said.items() if one == item}) > 1}
    where = QueueFilter(shown=tuple(crowd), only_disagreements=True)
    assert 0 < len(differing) < 5 and every[4] not in differing
    assert set(wb.review.queue(project, where)) == differing
    assert wb.review.count(project, where) == len(differing)


def test_labels_of_one_name_are_one_label_in_every_queue_as_they_are_in_the_figures(wb, project):
    people, every = who(wb, project), ids(wb, project)
    with wb.db.write() as conn:
        a = next(label for label in tasks.all_labels(conn, project) if label.name == A)
        twin = tasks.insert_label(conn, project, replace(a, id=None), 9)
        tasks.archive_label(conn, twin)
        model = ensure_annotator(conn, project, AnnotatorKind.MODEL, "m")
        saying.append(conn, [NewAnnotation(item, model, twin) for item in every])
    pair = (people["ann"], model)
    says_a = [every[0], every[1], every[5]]
    differ = QueueFilter(shown=pair, only_disagreements=True)
    cell = QueueFilter(labelled_by=pair[0], label_id=a.id, also_by=model, also_label_id=a.id)
    right = QueueFilter(outcome=("both_right", pair[0], model, model))
    assert sorted(wb.review.queue(project, differ)) == sorted(set(every) - set(says_a))
    assert sorted(wb.review.queue(project, cell)) == says_a
    assert sorted(wb.review.queue(project, replace(cell, also_label_id=twin))) == says_a
    assert sorted(wb.review.queue(project, right)) == says_a
    assert sum(wb.review.count(project, QueueFilter(outcome=(one, pair[0], model, model))) for one in Outcome) == 6


def test_only_the_newest_mark_says_whether_an_item_is_flagged(wb, project):
    me, every = wb.review.reviewer(project, "me"), ids(wb, project)
    told = [
        Decision(1, every[0], A, flagged=True),
        Decision(2, every[1], A, flagged=True),
        Decision(3, every[0], flagged=False),
    ]
    wb.review.store(project, "log", "me", told)
    assert wb.review.queue(project, QueueFilter(flagged_by=(me.id,))) == [every[1]]


def test_one_annotator_alone_disagrees_with_nobody(wb, project):
    assert wb.review.queue(project, QueueFilter(shown=(who(wb, project)["ann"],), only_disagreements=True)) == []


def test_an_annotator_that_said_nothing_on_an_item_does_not_differ_there(wb, project):
    me = wb.review.reviewer(project, "me")
    every = ids(wb, project)
    wb.review.store(project, "log", "me", [Decision(1, every[0], B)])
    where = QueueFilter(shown=(who(wb, project)["ann"], me.id), only_disagreements=True)
    assert wb.review.queue(project, where) == [every[0]]


def test_a_cell_of_the_confusion_matrix_is_exactly_its_items(wb, project):
    people, every = who(wb, project), ids(wb, project)
    cell = QueueFilter(
        labelled_by=people["ann"],
        label_id=label_id(wb, project, A),
        also_by=people["ben"],
        also_label_id=label_id(wb, project, B),
    )
    assert sorted(wb.review.queue(project, cell)) == [every[1], every[5]]


def test_a_label_removed_and_added_again_counts_as_one_in_a_cell(wb, project):
    people, every = who(wb, project), ids(wb, project)
    task = wb.tasks.get(project)
    wb.tasks.save(project, Task(task.labels[:2], task.fallback))
    wb.tasks.save(project, Task((*wb.tasks.get(project).labels, Label(C)), task.fallback))
    where = QueueFilter(labelled_by=people["ann"], label_id=label_id(wb, project, C))
    assert wb.review.queue(project, where) == [every[4]]


def test_the_least_confident_come_first_and_those_without_a_confidence_last(wb, project):
    every = ids(wb, project)
    with wb.db.write() as conn:
        model = ensure_annotator(conn, project, AnnotatorKind.MODEL, "m")
        a = next(label.id for label in tasks.all_labels(conn, project))
        saying.append(
            conn, [NewAnnotation(i, model, a, confidence=c) for i, c in zip(every[:3], (0.9, 0.2, 0.5), strict=True)]
        )
    order = wb.review.queue(project, QueueFilter(shown=(model,)), uncertain_first=True)
    assert order[:3] == [every[1], every[2], every[0]]
    unsure = QueueFilter(shown=(model,), confidence_of=model, max_confidence=0.5)
    assert wb.review.queue(project, unsure, uncertain_first=True) == [every[1], every[2]]


def test_storing_the_same_decisions_twice_changes_nothing(wb, project):
    item = ids(wb, project)[0]
    told = [Decision(1, item, A), Decision(2, item, B)]
    assert wb.review.store(project, "log", "me", told) == 2
    assert wb.review.store(project, "log", "me", told) == 0
    assert mine(wb, project, item) == (B, False, "", 2)


def test_an_undo_is_a_new_entry(wb, project):
    item = ids(wb, project)[0]
    wb.review.store(project, "log", "me", [Decision(1, item, A)])
    wb.review.store(project, "log", "me", [Decision(2, item, takes_back=True)])
    assert mine(wb, project, item) == (None, False, "", 2)


def test_a_mere_flag_leaves_alone_a_label_given_meanwhile_in_another_tab(wb, project):
    item = ids(wb, project)[0]
    wb.review.store(project, "one tab", "me", [Decision(5, item, A)])
    wb.review.store(project, "other tab", "me", [Decision(3, item, flagged=True)])
    assert mine(wb, project, item) == (A, True, "", 1)


def test_a_label_leaves_alone_a_note_written_meanwhile_in_another_tab(wb, project):
    item = ids(wb, project)[0]
    wb.review.store(project, "one tab", "me", [Decision(5, item, note="odd")])
    wb.review.store(project, "other tab", "me", [Decision(3, item, B)])
    assert mine(wb, project, item) == (B, False, "odd", 1)


def test_picking_the_same_label_again_confirms_it_over_what_another_tab_said(wb, project):
    item = ids(wb, project)[0]
    wb.review.store(project, "one tab", "me", [Decision(1, item, A)])
    wb.review.store(project, "other tab", "me", [Decision(1, item, B)])
    wb.review.store(project, "one tab", "me", [Decision(2, item, A)])
    assert mine(wb, project, item)[0] == A


def test_a_label_that_is_gone_is_refused_again_whenever_it_comes_again_and_nothing_else_is_lost(wb, project):
    first, second, third, *_ = ids(wb, project)
    told = [Decision(1, first, "GONE"), Decision(2, second, B)]
    with pytest.raises(Refused, match="GONE") as refused:
        wb.review.store(project, "log", "me", told)
    assert refused.value.seqs == {1}
    with pytest.raises(Refused) as again:
        wb.review.store(project, "log", "me", told)
    assert again.value.seqs == {1}
    with pytest.raises(Refused) as beside_news:
        wb.review.store(project, "log", "me", [*told, Decision(3, third, A)])
    assert beside_news.value.seqs == {1}
    assert wb.review.store(project, "log", "me", told[1:]) == 0
    assert [mine(wb, project, item)[0] for item in (first, second, third)] == [None, B, A]


def test_an_item_of_another_project_is_refused_and_all_else_is_stored(wb, project):
    rows = [(f"of another {n} {'xyz'[n] * 5}",) for n in range(3)]
    other = wb.data.import_table(
        TableData(("text",), rows), ImportChoice("Q", ("text",)), task=Task((Label(A), Label(B)))
    )
    own, foreign = ids(wb, project)[0], ids(wb, other)[0]
    told = [Decision(1, foreign, A, note="n", flagged=True), Decision(2, own, B)]
    with pytest.raises(Refused, match="another project") as refused:
        wb.review.store(project, "log", "me", told)
    assert refused.value.seqs == {1}
    assert mine(wb, project, own)[0] == B
    with wb.db.read() as conn:
        assert conn.exec_driver_sql("SELECT COUNT(*) FROM annotations WHERE item_id = ?", (foreign,)).scalar() == 0
        assert conn.exec_driver_sql("SELECT COUNT(*) FROM marks WHERE item_id = ?", (foreign,)).scalar() == 0


def test_nothing_is_stored_in_a_project_that_was_removed_and_all_of_it_once_it_is_restored(wb, project):
    item = ids(wb, project)[0]
    wb.projects.remove(project)
    told = [Decision(1, item, A), Decision(2, item, B, note="n")]
    for given, words in ((told[:1], "your last decision on it waits"), (told, "your last 2 decisions on it wait")):
        with pytest.raises(Waits, match=f"The project P was removed, so {words}") as waits:
            wb.review.store(project, "log", "me", given)
        assert not isinstance(waits.value, Refused) and "Removed projects" in waits.value.hint
    assert wb.review.person(project, "me") is None
    wb.projects.restore(project)
    assert wb.review.store(project, "log", "me", told) == 2
    assert mine(wb, project, item) == (B, False, "n", 2)


def test_what_waits_for_a_removed_project_is_new_also_after_more_of_its_log_was_stored_elsewhere(wb, project):
    item = ids(wb, project)[0]
    other = wb.data.import_table(
        TableData(("text",), [("x one",), ("y two",)]), ImportChoice("Q", ("text",)), task=wb.tasks.get(project)
    )
    there = ids(wb, other)[0]
    wb.projects.remove(project)
    with pytest.raises(Waits, match="waits in this browser"):
        wb.review.store(project, "log", "me", [Decision(1, item, A)])
    assert wb.review.store(other, "log", "me", [Decision(2, there, B)]) == 1
    wb.projects.restore(project)
    assert wb.review.store(project, "log", "me", [Decision(1, item, A)]) == 1
    assert wb.review.store(other, "log", "me", [Decision(2, there, B)]) == 0
    assert mine(wb, project, item)[0] == A


def test_what_was_stored_of_a_log_before_projects_were_counted_apart_is_not_stored_again(wb, project):
    item = ids(wb, project)[0]
    with wb.db.write() as conn:
        conn.exec_driver_sql("INSERT INTO review_batches (revision, stored_seq, created_at) VALUES ('log', 2, 0)")
    assert wb.review.store(project, "log", "me", [Decision(2, item, A), Decision(3, item, B)]) == 1
    assert mine(wb, project, item) == (B, False, "", 1)


def test_a_decision_on_a_project_that_never_was_is_refused(wb):
    with pytest.raises(Refused, match="There is no project 77") as refused:
        wb.review.store(77, "log", "me", [Decision(1, 1, A)])
    assert refused.value.seqs == {1}


def test_what_was_stored_before_a_project_was_removed_is_not_said_to_be_lost(wb, project):
    item = ids(wb, project)[0]
    wb.review.store(project, "log", "me", [Decision(1, item, A)])
    wb.projects.remove(project)
    assert wb.review.store(project, "log", "me", [Decision(1, item, A)]) == 0


def test_a_label_renamed_or_merged_meanwhile_is_the_one_that_was_meant(wb, project):
    first, second, *_ = ids(wb, project)
    task = wb.tasks.get(project)
    a, b = (next(one for one in task.labels if one.name == name) for name in (A, B))
    wb.tasks.save(project, replace(task, labels=tuple(replace(x, name="NEW") if x == a else x for x in task.labels)))
    wb.review.store(project, "log", "me", [Decision(1, first, A, label_id=a.id)])
    assert mine(wb, project, first)[0] == "NEW"
    wb.tasks.merge(project, a.id, b.id)
    wb.review.store(project, "log", "me", [Decision(2, second, "NEW", label_id=a.id)])
    assert mine(wb, project, second)[0] == B


def test_a_removed_label_is_not_another_one_that_has_its_name_by_now(wb):
    table = TableData(("text",), [("one text of nobody's",), ("a second one, unlike it",)])
    project = wb.data.import_table(table, ImportChoice("Bare", ("text",)), task=Task((Label(A), Label(B), Label(C))))
    item, *_ = ids(wb, project)
    task = wb.tasks.get(project)
    a, c = (next(one for one in task.labels if one.name == name) for name in (A, C))
    left = tuple(replace(x, name=A) if x == c else x for x in task.labels if x != a)
    wb.tasks.save(project, replace(task, labels=left))
    with pytest.raises(Refused, match=f"no label “{A}” any more"):
        wb.review.store(project, "log", "me", [Decision(1, item, A, label_id=a.id)])
    wb.review.store(project, "log", "me", [Decision(2, item, A)])
    assert mine(wb, project, item)[0] == A


def test_saying_the_same_again_is_an_entry(wb, project):
    item = ids(wb, project)[0]
    wb.review.store(project, "log", "me", [Decision(1, item, A), Decision(2, item, A)])
    assert mine(wb, project, item) == (A, False, "", 2)


def test_neither_a_flag_nor_a_note_says_anything_of_the_label(wb, project):
    item = ids(wb, project)[0]
    told = [Decision(1, item, A), Decision(2, item, flagged=True), Decision(3, item, note="odd")]
    wb.review.store(project, "log", "me", told)
    assert mine(wb, project, item) == (A, True, "odd", 1)


def test_a_workbench_keeps_its_name_and_another_has_another(wb, tmp_path):
    other = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path / "other")}))
    assert wb.review.workbench_name() == wb.review.workbench_name() != other.review.workbench_name()
    other.close()


def test_a_label_given_blind_says_so_in_the_history(wb, project):
    item = ids(wb, project)[0]
    wb.review.store(project, "log", "me", [Decision(1, item, A, blind=True)])
    [loaded] = wb.review.load(project, [item], [], None)
    assert str(loaded.history[-1]).endswith("me: A (labelled blind)")


def test_the_summary_counts_labels_second_thoughts_and_flags(wb, project):
    every = ids(wb, project)
    told = [Decision(1, every[0], B), Decision(2, every[0], A), Decision(3, every[1], B, flagged=True)]
    wb.review.store(project, "log", "me", told)
    done = wb.review.summary(wb.review.person(project, "me").id, every)
    assert (done.labelled, done.changed, done.flagged) == (2, 1, 1)


def test_looking_for_a_person_makes_none(wb, project):
    assert wb.review.person(project, "nobody") is None
    assert "nobody" not in who(wb, project)


def opinion(kind: AnnotatorKind, label: str, confidence: float | None = None) -> tuple[AnnotatorKind, Annotation]:
    return kind, Annotation(1, 1, label, datetime(2026, 1, 1, tzinfo=UTC), confidence=confidence)


PERSON, MODEL = AnnotatorKind.PERSON, AnnotatorKind.MODEL


@pytest.mark.parametrize(
    ("said", "doubted", "expected"),
    [
        ([], False, None),
        ([opinion(PERSON, A), opinion(MODEL, A, 0.3)], True, A),
        ([opinion(PERSON, A), opinion(MODEL, B, 0.99)], True, None),
        ([opinion(PERSON, A), opinion(MODEL, B, 0.99)], False, None),
        ([opinion(MODEL, A, 0.4), opinion(MODEL, B, 0.6)], False, B),
        ([opinion(MODEL, A, 0.4), opinion(MODEL, B, 0.6)], True, None),
        ([opinion(PERSON, "removed")], False, None),
    ],
)
def test_enter_accepts_what_all_say_and_takes_no_side_where_they_differ(said, doubted, expected):
    assert suggest(said, Task((Label(A), Label(B))), in_doubt=doubted) == expected


def test_queues_about_a_difference_are_in_doubt_and_others_are_not():
    doubted = (
        QueueFilter(only_disagreements=True),
        QueueFilter(labelled_by=1),
        QueueFilter(outcome=("fixed", 1, 2, 3)),
    )
    assert all(one.in_doubt for one in doubted)
    assert not any(one.in_doubt for one in (QueueFilter(), QueueFilter(confidence_of=1), QueueFilter(run_id=1)))


def test_an_item_on_which_the_shown_differ_says_so_and_suggests_nothing(wb, project):
    every, shown = ids(wb, project), list(who(wb, project).values())
    same, differing = wb.review.load(project, every[:2], shown, None)
    assert (same.suggestion, same.differ) == (A, False)
    assert (differing.suggestion, differing.differ) == (None, True)


def test_the_same_filter_elsewhere_is_counted_by_split_but_no_score_on_test_is_given_away(wb, project):
    every, people = ids(wb, project), who(wb, project)
    with wb.db.write() as conn:
        for split, some in ((Split.VALIDATION, every[:2]), (Split.TRAIN, every[2:4]), (Split.TEST, every[4:])):
            for item in some:
                conn.exec_driver_sql("UPDATE items SET split = ? WHERE id = ?", (str(split), item))
        label = next(iter(saying.label_ids_of(conn, next(iter(people.values()))).values()))
        model = ensure_annotator(conn, project, AnnotatorKind.MODEL, "a model")
        saying.append_labels(conn, model, [(item, label) for item in every])
    differ = QueueFilter(shown=tuple(people.values()), only_disagreements=True, split=Split.VALIDATION)
    assert wb.review.elsewhere(project, differ) == {Split.TRAIN: 1, Split.TEST: 1}, "people alone tell of no model"
    assert Split.TEST not in wb.review.elsewhere(project, replace(differ, shown=(*differ.shown, model)))
    assert wb.review.elsewhere(project, QueueFilter(split=Split.TRAIN)) == {Split.VALIDATION: 2, Split.TEST: 2}


def test_a_review_batch_leaves_the_raw_answers_where_they_are(wb, project):
    every = ids(wb, project)
    with wb.db.write() as conn:
        model = ensure_annotator(conn, project, AnnotatorKind.MODEL, "m")
        label = tasks.all_labels(conn, project)[0].id
        saying.append(conn, [NewAnnotation(every[0], model, label, raw="x" * 8000)])
    [loaded] = wb.review.load(project, every[:1], [model], None)
    assert [(said.said, said.raw) for _, said in loaded.opinions] == [(A, "")]
    with wb.db.read() as conn:
        names = Sayings(conn, project)
        assert annotations.current_of(conn, every[:1], names)[every[0]][model].raw == "x" * 8000


def test_who_took_a_label_back_is_not_among_those_who_labelled(wb, project):
    me, every = wb.review.reviewer(project, "me"), ids(wb, project)
    with wb.db.write() as conn:
        label = tasks.all_labels(conn, project)[0].id
        saying.append(conn, [NewAnnotation(item, me.id, label) for item in every[:2]])
        saying.append(conn, [NewAnnotation(every[0], me.id, None)])
        where = ItemFilter(annotator_id=me.id)
        assert [item.id for item in items.page(conn, project, where)] == [every[1]]
        assert items.count(conn, project, where) == 1


def test_the_summary_counts_every_item_however_many_there_are(wb, project):
    me, every = wb.review.reviewer(project, "me"), ids(wb, project)
    with wb.db.write() as conn:
        label = tasks.all_labels(conn, project)[0].id
        saying.append(conn, [NewAnnotation(every[0], me.id, label), NewAnnotation(every[0], me.id, label + 1)])
        marks.add_mark(conn, every[0], me.id, True, "")
    done = wb.review.summary(me.id, [*range(10_000, 50_000), every[0]])
    assert (done.labelled, done.changed, done.flagged) == (1, 1, 1)
