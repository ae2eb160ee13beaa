"""More data later: a file joins a project, and is undone as long as nothing has come of it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.model import Label, QuestionKind, Split, TableData, Task
from core.services.common.taught import taught_items
from core.services.common.values import Sayings
from core.services.data.bringing import ImportChoice, ItemFilter, mapped
from core.services.data.sources import Source, read_source, recognise
from core.services.learning.fine_tuning import TuneRequest
from core.services.review.reviewing import QueueFilter
from core.services.review.storing import Decision
from core.splits import Shares
from core.storage import annotations, deals, items, projects, uploads
from core.storage.kept import until_news
from tests.fakes.waiting import work_off
from tests.fakes.worlds import TASK, right_label, table


@pytest.fixture
def quick_training(monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)


def tuned(project):
    """The model that comes out of a fine-tune on what `gold` says in train."""
    wb = project.wb
    job = wb.fine_tunes.start(
        TuneRequest(project.id, project.gold, project.version_id), host="openai", base_model="fake-large"
    )
    work_off(wb)
    return wb.fine_tunes.get(job.id).fine_tuned_model


COLUMNS = ("id", "text", "gold", "hasty")
CHOICE = ImportChoice("more", ("text",), ("gold", "hasty"), "id")


def rows(*numbers, gold=right_label, hasty="SPORTS"):
    """As those of `small_project`, which has the first sixty."""
    every = table(max(numbers) + 1).rows
    return TableData(COLUMNS, [(every[n][0], every[n][1], gold(every[n][1]), hasty) for n in numbers])


def add(wb, project_id, given, choice=CHOICE, **more):
    return wb.data.add_table(project_id, given, choice, file="more.csv", **more)


def contents(wb):
    """Every row of every table that has to do with items, but for the list of uploads itself."""
    tables = ("projects", "items", "annotators", "annotations", "current", "labels", "deals", "marks")
    with wb.db.read() as conn:
        found = {t: [tuple(row) for row in conn.exec_driver_sql(f"SELECT * FROM {t} ORDER BY 1, 2")] for t in tables}
        found["projects"] = [row[:2] for row in found["projects"]]
        return found


def splits(wb, project_id):
    with wb.db.read() as conn:
        return dict(items.splits_of(conn, project_id))


def said(wb, project_id, item_id):
    names = {one.id: one.name for one in wb.projects.annotators(project_id)}
    return {names[a]: label for a, label in wb.data.labels_of(project_id, [item_id])[item_id].items()}


def test_new_items_join_with_what_is_said_of_them_and_no_old_one_moves(small_project, workbench):
    before = splits(workbench, small_project.id)
    preview = workbench.data.preview(small_project.id, rows(*range(50, 90)), CHOICE)
    assert (preview.new, preview.known, preview.joined, preview.near) == (30, 10, 0, 0)
    upload = add(workbench, small_project.id, rows(*range(50, 90)), addition=preview)
    after = splits(workbench, small_project.id)
    assert {i: after[i] for i in before} == before
    assert (len(after), upload.n_items, upload.counts["known"]) == (90, 30, 10)
    new = [split for i, split in after.items() if i not in before]
    assert {split: new.count(split) for split in set(new)} == {Split(s): n for s, n in preview.splits.items()}
    assert said(workbench, small_project.id, upload.first_item) == {"gold": "POLITICS", "hasty": "SPORTS"}


def test_the_same_file_again_is_said_to_be_here_and_doubles_nothing(small_project, workbench):
    before = contents(workbench)
    again = replace(table(60), about="")
    assert workbench.data.preview(small_project.id, again, CHOICE).is_empty
    with pytest.raises(WorkbenchError, match="All 60 items are already here, with the same annotations"):
        add(workbench, small_project.id, again)
    assert contents(workbench) == before
    assert len(workbench.data.uploads(small_project.id)) == 1


def test_another_word_on_a_known_item_is_appended_and_the_newest_counts(small_project, workbench):
    first = min(small_project.items())
    given = rows(0, 1, gold=lambda text: "SPORTS", hasty="")
    preview = workbench.data.preview(small_project.id, given, CHOICE)
    assert (preview.new, preview.known, preview.joined, preview.differing, preview.annotations) == (0, 2, 1, 1, 1)
    add(workbench, small_project.id, given)
    assert said(workbench, small_project.id, first)["gold"] == "SPORTS"
    with workbench.db.read() as conn:
        history = annotations.history(conn, [first], Sayings(conn, small_project.id))[first]
    assert [one.said for one in history if one.annotator_id == small_project.gold] == ["POLITICS", "SPORTS"]


def test_a_further_annotator_joins_known_items(small_project, workbench):
    given = TableData(("text", "ana"), [(table(60).rows[n][1], "POLITICS") for n in range(20)])
    choice = ImportChoice("ana", ("text",), ("ana",))
    preview = workbench.data.preview(small_project.id, given, choice)
    assert (preview.new, preview.joined, preview.differing) == (0, 20, 0)
    add(workbench, small_project.id, given, choice)
    assert said(workbench, small_project.id, min(small_project.items()))["ana"] == "POLITICS"


def test_a_near_copy_goes_with_the_item_it_is_near_also_into_test(small_project, workbench):
    before = small_project.items()
    near = TableData(("text",), [(f"{text}.",) for text in before.values()])
    choice = ImportChoice("near", ("text",))
    preview = workbench.data.preview(small_project.id, near, choice)
    assert (preview.new, preview.near, preview.test) == (60, 60, 18)
    upload = add(workbench, small_project.id, near, choice)
    after = splits(workbench, small_project.id)
    assert [after[upload.first_item + n] for n in range(60)] == [after[i] for i in sorted(before)]
    with workbench.db.read() as conn:
        groups = [row.duplicate_group for row in uploads.known_items(conn, small_project.id)]
    assert groups[60:] == groups[:60] == sorted(before)


def test_items_are_dealt_alike_in_whatever_order_and_in_however_many_files_they_come(workbench):
    def dealt(name, *files):
        choice = ImportChoice(name, ("text",), ("gold",), "id")
        project = workbench.data.import_table(table(60), choice, task=TASK)
        workbench.data.split(project, Shares(0.5, 0.2, 0.3), seed=4)
        for numbers in files:
            add(workbench, project, rows(*numbers), ImportChoice("more", ("text",), ("gold",), "id"))
        where = splits(workbench, project)
        with workbench.db.read() as conn:
            return {item.text: where[i] for i, item in items.get_many(conn, list(where)).items()}

    numbers = list(range(60, 130))
    in_one = dealt("A", numbers)
    assert in_one == dealt("B", numbers[::-1]) == dealt("C", numbers[:20], numbers[50:], numbers[20:50])


def test_labels_the_task_has_not_are_counted_and_left_out_or_added(small_project, workbench):
    given = rows(*range(60, 70), gold=lambda text: "CULTURE" if text.startswith("law") else "sports")
    preview = workbench.data.preview(small_project.id, given, CHOICE)
    assert (preview.unknown, preview.annotations) == ({"CULTURE": 5}, 15)
    upload = add(workbench, small_project.id, given)
    assert said(workbench, small_project.id, upload.first_item) == {"hasty": "SPORTS"}
    workbench.data.undo_upload(small_project.id, upload.id)
    upload = add(workbench, small_project.id, given, new_labels=["CULTURE"])
    assert said(workbench, small_project.id, upload.first_item) == {"gold": "CULTURE", "hasty": "SPORTS"}
    task = workbench.tasks.get(small_project.id)
    assert task.names == ("SPORTS", "POLITICS", "CULTURE", "UNABLE_TO_CLASSIFY")
    assert task.labels[2].key and task.labels[2].color
    workbench.data.undo_upload(small_project.id, upload.id)
    assert workbench.tasks.get(small_project.id).names == ("SPORTS", "POLITICS", "UNABLE_TO_CLASSIFY")


def test_a_label_that_was_merged_away_counts_as_what_took_its_place(small_project, workbench):
    sports, politics, *_ = workbench.tasks.get(small_project.id).choices
    workbench.tasks.merge(small_project.id, politics.id, sports.id)
    upload = add(workbench, small_project.id, rows(60))
    assert said(workbench, small_project.id, upload.first_item)["gold"] == "SPORTS"


def test_undoing_leaves_everything_as_it_was_and_gives_no_id_again(small_project, workbench):
    before, counted = contents(workbench), workbench.projects.annotated_counts(small_project.id)
    workbench.data.count(small_project.id, ItemFilter(search="team1"))
    given = rows(*range(30, 90), gold=lambda text: "SPORTS", hasty="POLITICS")
    choice = replace(CHOICE, annotator_names={"hasty": "somebody new"})
    upload = add(workbench, small_project.id, given, choice)
    assert workbench.data.count(small_project.id, ItemFilter(search="team61")) == 1
    assert workbench.projects.annotated_counts(small_project.id) != counted
    workbench.data.undo_upload(small_project.id, upload.id)
    assert contents(workbench) == before
    assert workbench.projects.annotated_counts(small_project.id) == counted
    assert workbench.data.count(small_project.id, ItemFilter(search="team61")) == 0
    again = add(workbench, small_project.id, rows(*range(60, 62)))
    assert again.first_item == upload.last_item + 1
    assert workbench.data.count(small_project.id, ItemFilter(search="team61")) == 1


def test_what_is_kept_of_before_an_upload_was_undone_is_not_said_of_after(small_project, workbench):
    def asked():
        with workbench.db.read() as conn:
            query = "SELECT GROUP_CONCAT(value_id) FROM annotations WHERE annotator_id = ?"
            ask = lambda: conn.exec_driver_sql(query, (small_project.gold,)).scalar()  # noqa: E731
            return until_news(conn, ("all", small_project.gold), ask, within=small_project.id)

    first = add(workbench, small_project.id, rows(60, gold=lambda text: "SPORTS", hasty=""))
    seen = asked()
    workbench.data.undo_upload(small_project.id, first.id)
    add(workbench, small_project.id, rows(60, gold=lambda text: "POLITICS", hasty=""))
    assert asked() != seen


def test_a_group_that_an_upload_made_is_none_once_it_is_undone(small_project, workbench):
    near = TableData(("text",), [(f"{text}!",) for text in list(small_project.items().values())[:4]])
    before = contents(workbench)
    upload = add(workbench, small_project.id, near, ImportChoice("near", ("text",)))
    assert workbench.data.split_facts(small_project.id).near_duplicates == 8
    workbench.data.undo_upload(small_project.id, upload.id)
    assert contents(workbench) == before
    assert workbench.data.split_facts(small_project.id).near_duplicates == 0


def reviewed(wb, project, upload):
    label = wb.tasks.get(project.id).labels[0]
    decision = Decision(1, upload.first_item, label.name, label_id=label.id)
    wb.review.store(project.id, "log", "me", [decision])


def run(wb, project, upload):
    project.start()


def looked(wb, project, upload):
    one = project.model("m", Split.TEST)
    wb.data.labels_of(project.id, list(project.items(Split.TEST)), models_on_test=True)
    assert wb.data.split_facts(project.id).looks, one


def came_later(wb, project, upload):
    add(wb, project.id, rows(200))


def shown(wb, project, upload):
    learned = [i for i in project.items(Split.TRAIN) if i >= upload.first_item]
    wb.prompts.save(project.id, "{{labels}}", "{{text}}", "with", example_items=learned[:1])


@pytest.mark.parametrize(
    "act, said_so",
    [
        (run, "Run 1 is about its items"),
        (reviewed, "1 item that it brought or labelled has been labelled or marked since"),
        (looked, "Test was looked at since"),
        (shown, "1 item of it is a worked example in a saved prompt"),
        (came_later, "“more.csv” came later: undo that first"),
    ],
)
def test_an_upload_with_which_something_was_done_stays_and_it_is_said_why(small_project, workbench, act, said_so):
    upload = add(workbench, small_project.id, rows(*range(60, 100)))
    act(workbench, small_project, upload)
    before = contents(workbench)
    found = {one.upload.id: one.in_the_way for one in workbench.data.uploads(small_project.id)}
    assert said_so in found[upload.id]
    with pytest.raises(WorkbenchError, match="cannot be undone"):
        workbench.data.undo_upload(small_project.id, upload.id)
    assert contents(workbench) == before


def test_the_first_upload_is_the_project_itself(small_project, workbench):
    [first] = workbench.data.uploads(small_project.id)
    assert first.is_first and first.upload.n_items == 60
    with pytest.raises(WorkbenchError, match="remove the project instead"):
        workbench.data.undo_upload(small_project.id, first.upload.id)
    with pytest.raises(WorkbenchError, match="no such upload"):
        workbench.data.undo_upload(small_project.id, 999)


def test_lists_queues_and_runs_can_be_narrowed_to_an_upload(small_project, workbench):
    upload = add(workbench, small_project.id, rows(*range(55, 75)))
    ids = list(range(upload.first_item, upload.last_item + 1))
    page = workbench.data.page(small_project.id, ItemFilter(upload_id=upload.id))
    assert [one.id for one in page] == ids
    assert workbench.data.count(small_project.id, ItemFilter(upload_id=upload.id, split=Split.TRAIN)) > 0
    assert sorted(workbench.review.queue(small_project.id, QueueFilter(upload_id=upload.id))) == ids
    started = small_project.start(upload_id=upload.id)
    assert started.total == 15


def test_a_kill_in_the_middle_leaves_nothing(small_project, workbench, monkeypatch):
    before = contents(workbench)
    monkeypatch.setattr(uploads, "add", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        add(workbench, small_project.id, rows(*range(50, 80)))
    assert contents(workbench) == before


def test_a_plan_made_before_another_upload_is_made_anew(small_project, workbench):
    given = rows(*range(60, 80))
    early = workbench.data.preview(small_project.id, given, CHOICE)
    add(workbench, small_project.id, rows(*range(60, 70)))
    upload = add(workbench, small_project.id, given, addition=early)
    assert (upload.n_items, upload.counts["known"]) == (10, 10)


def test_looks_at_test_stay_those_at_the_test_set_as_it_was(small_project, workbench):
    small_project.model("m", Split.TEST)
    workbench.data.labels_of(small_project.id, list(small_project.items(Split.TEST)), models_on_test=True)
    preview = workbench.data.preview(small_project.id, rows(*range(60, 100)), CHOICE)
    assert (preview.looks, preview.test) == (1, 18) and preview.splits["test"]
    add(workbench, small_project.id, rows(*range(60, 100)), addition=preview)
    assert workbench.data.split_facts(small_project.id).looks == 1
    workbench.data.labels_of(small_project.id, list(small_project.items(Split.TEST)), models_on_test=True)
    assert workbench.data.split_facts(small_project.id).looks == 1


def test_columns_are_found_by_the_names_that_the_project_has(workbench):
    columns = ("Id", "Headline", "Author", "Topic")
    given = TableData(columns, [(str(n), f"head {n} line {n}", "ann", "X" if n % 2 else "Y") for n in range(20)])
    choice = ImportChoice("P", ("Headline",), ("Topic",), "Id", annotator_names={"Topic": "Ana"})
    project = workbench.data.import_table(given, choice)
    workbench.data.split(project)
    more = TableData(
        ("when", "topic", "headline", "id"), [("1", "X", f"other {n} words {n}", f"n{n}") for n in range(9)]
    )
    found = mapped(more, workbench.data.known_columns(project))
    assert (found.found.columns.text, found.found.columns.labels, found.found.columns.id) == (
        ("headline",), ("topic",), "id",
    )  # fmt: skip
    assert found.names == {"topic": "Ana"} and not found.misfit
    chosen = ImportChoice("more", ("headline",), ("topic",), "id", annotator_names=found.names)
    preview = workbench.data.preview(project, more, chosen)
    assert (preview.missing, preview.left_over, preview.new) == (("Author",), ("when",), 9)
    upload = workbench.data.add_table(project, more, chosen)
    assert said(workbench, project, upload.first_item) == {"Ana": "X"}
    [one] = workbench.data.page(project, ItemFilter(upload_id=upload.id), limit=1)
    assert dict(one.fields) == {"Author": ""}


def test_a_file_whose_answers_are_of_another_kind_is_told_apart_in_a_sentence(small_project, workbench):
    spans = TableData(("text", "spans"), [(f"some text {n}", '[{"start":0,"end":4,"label":"A"}]') for n in range(12)])
    found = mapped(spans, workbench.data.known_columns(small_project.id))
    assert found.found.columns.labels == () and "look like “Marked parts of the text”" in found.misfit
    with pytest.raises(WorkbenchError, match="the project asks"):
        add(workbench, small_project.id, spans, ImportChoice("s", ("text",), ("spans",), kind=QuestionKind.SPANS))


def test_who_was_taught_an_item_was_taught_it_when_it_comes_again_and_a_near_copy_counts_as_taught(
    small_project, workbench, quick_training
):
    model = small_project.model(tuned(small_project), Split.VALIDATION)
    with workbench.db.read() as conn:
        known = taught_items(conn, model)
    assert known == set(small_project.items(Split.TRAIN))
    train = list(small_project.items(Split.TRAIN).values())
    add(
        workbench,
        small_project.id,
        TableData(("text",), [(train[0],), (f"{train[1]}!",)]),
        ImportChoice("m", ("text",)),
    )
    upload = workbench.data.uploads(small_project.id)[0].upload
    assert upload.n_items == 1 and upload.counts["known"] == 1
    with workbench.db.read() as conn:
        assert taught_items(conn, model) == known | {upload.first_item}


def test_a_fine_tune_since_keeps_the_upload(small_project, workbench, quick_training):
    upload = add(workbench, small_project.id, rows(*range(60, 100)))
    tuned(small_project)
    assert "fine-tune" in workbench.data.uploads(small_project.id)[0].in_the_way
    with pytest.raises(WorkbenchError, match="fine-tune"):
        workbench.data.undo_upload(small_project.id, upload.id)


def test_former_splits_name_no_item_that_came_after_an_undone_upload(small_project, workbench):
    upload = add(workbench, small_project.id, rows(*range(60, 80)))
    workbench.data.split(small_project.id, Shares(0.5, 0.2, 0.3), seed=9)
    workbench.data.undo_upload(small_project.id, upload.id)
    add(workbench, small_project.id, rows(*range(80, 100)))
    with workbench.db.read() as conn:
        [former] = deals.former(conn, small_project.id)
    before = splits(workbench, small_project.id)
    workbench.data.bring_back(small_project.id, former.id, agreed=True)
    after = splits(workbench, small_project.id)
    new = [i for i in before if i > upload.last_item]
    assert len(new) == 20 and {i: before[i] for i in new} == {i: after[i] for i in new}


def test_a_near_copy_that_came_later_goes_with_its_item_when_former_splits_come_back(small_project, workbench):
    workbench.data.split(small_project.id, Shares(0.5, 0.2, 0.3), seed=9)
    old = small_project.items()
    near = TableData(("text",), [(f"{text}.",) for text in old.values()])
    upload = add(workbench, small_project.id, near, ImportChoice("near", ("text",)))
    with workbench.db.read() as conn:
        [former] = deals.former(conn, small_project.id)
    before = splits(workbench, small_project.id)
    workbench.data.bring_back(small_project.id, former.id, agreed=True)
    after = splits(workbench, small_project.id)
    assert {i: before[i] for i in old} != {i: after[i] for i in old}
    assert [after[upload.first_item + n] for n in range(60)] == [after[i] for i in sorted(old)]


def test_a_file_can_join_by_a_further_question_and_its_answers_are_to_that_one(small_project, workbench):
    with workbench.db.write() as conn:
        labels = Task((Label("LONG"), Label("SHORT")))
        asking = projects.create(conn, "Length", labels, source={}, home_id=small_project.id)
    given = TableData(("text", "length"), [(row[1], "LONG") for row in table(65).rows[55:]])
    choice = ImportChoice("more", ("text",), ("length",))
    upload = add(workbench, asking, given, choice)
    assert (upload.n_items, workbench.data.count(small_project.id), workbench.data.count(asking)) == (5, 65, 65)
    assert said(workbench, asking, upload.first_item) == {"length": "LONG"}
    assert [one.name for one in workbench.projects.annotators(small_project.id)] == ["gold", "hasty"]
    small_project.start(upload_id=upload.id)
    with pytest.raises(WorkbenchError, match="Run 1 is about its items"):
        workbench.data.undo_upload(asking, upload.id)


KINDS = [
    (QuestionKind.SEVERAL_LABELS, ("joy", "love"), '["joy","love"]', '["love"]', ("love",)),
    (QuestionKind.SPANS, ("PER",), '[{"start":0,"end":4,"label":"PER"}]', "[]", ()),
    (QuestionKind.RATING, ("1", "2"), "1", "2", "2"),
    (QuestionKind.TEXT, (), "an answer", "another, longer one", "another, longer one"),
]


@pytest.mark.parametrize("kind, names, first, then, means", KINDS)
def test_every_kind_of_question_takes_more_later(workbench, kind, names, first, then, means):
    texts = [f"word{n} other{n} third{n} fourth{n}" for n in range(20)]
    choice = ImportChoice("P", ("text",), ("said",), kind=kind)
    labels = tuple(Label(name, score=float(name) if kind is QuestionKind.RATING else None) for name in names)
    begun = TableData(("text", "said"), [(text, first) for text in texts[:10]])
    project = workbench.data.import_table(begun, choice, task=Task(labels, type=kind))
    workbench.data.split(project)
    more = TableData(("text", "said"), [(texts[0], then), *((text, first) for text in texts[1:])])
    preview = workbench.data.preview(project, more, choice)
    assert (preview.new, preview.known, preview.joined, preview.differing) == (10, 10, 1, 1)
    upload = add(workbench, project, more, choice)
    with workbench.db.read() as conn:
        found = annotations.current_of(conn, [upload.first_item - 10], Sayings(conn, project))
    assert [one.said for one in found[upload.first_item - 10].values()] == [means]
    assert workbench.data.preview(project, more, choice).is_empty
    workbench.data.undo_upload(project, upload.id)
    assert workbench.data.preview(project, begun, choice).is_empty


def test_pairs_are_known_by_their_candidates_too(workbench):
    columns = ("question", "a", "b", "better")
    rows_of = lambda *numbers: [(f"ask {n // 2}", f"one {n}", f"two {n}", "First is better") for n in numbers]  # noqa: E731
    choice = ImportChoice("P", ("question",), ("better",), kind=QuestionKind.PREFERENCE, candidates=("a", "b"))
    project = workbench.data.import_table(TableData(columns, rows_of(*range(8))), choice)
    workbench.data.split(project)
    renamed = TableData(("question", "left", "right", "better"), rows_of(*range(4, 12)))
    choice = replace(choice, candidates=("left", "right"))
    preview = workbench.data.preview(project, renamed, choice)
    assert (preview.new, preview.known, preview.joined, preview.missing) == (4, 4, 0, ())
    upload = add(workbench, project, renamed, choice)
    [one] = workbench.data.page(project, ItemFilter(upload_id=upload.id), limit=1)
    assert dict(one.fields) == {"a": "one 8", "b": "two 8"}


def test_kept_duplicates_and_tables_of_annotations_are_known_again(workbench):
    rows_of = [("same", "X"), ("same", "Y"), ("other text", "X")]
    kept = ImportChoice("P", ("text",), ("label",), keep_duplicates=True)
    project = workbench.data.import_table(TableData(("text", "label"), rows_of), kept)
    workbench.data.split(project)
    assert workbench.data.known_columns(project).keep_duplicates
    assert workbench.data.preview(project, TableData(("text", "label"), rows_of), kept).is_empty
    long = ImportChoice("L", ("text",), ("label",), "doc", annotator_column="who")
    said_by = [("1", "a", "X", "ann"), ("1", "a", "Y", "bob"), ("2", "a", "X", "ann"), ("3", "b", "Y", "ann")]
    given = TableData(("doc", "text", "label", "who"), said_by)
    project = workbench.data.import_table(given, long)
    workbench.data.split(project)
    assert workbench.data.preview(project, given, long).is_empty
    more = TableData(given.columns, [*said_by, ("2", "a", "Y", "cy"), ("4", "a", "Y", "ann")])
    preview = workbench.data.preview(project, more, long)
    assert (preview.new, preview.known, preview.joined, preview.annotations) == (1, 3, 1, 2)


def test_a_run_on_an_upload_survives_its_split_choice(small_project, workbench):
    upload = add(workbench, small_project.id, rows(*range(60, 80)))
    small_project.start(Split.TRAIN, upload_id=upload.id)
    work_off(workbench)
    done = workbench.data.count(small_project.id, ItemFilter(upload_id=upload.id, split=Split.TRAIN))
    assert [one.done for one in workbench.runs.all(small_project.id)] == [done]


def real(name):
    """Real data that is not part of the repository."""
    folder = Path(os.environ.get("LABELLOOP_TEST_DATA") or Path(__file__).parents[3] / "shared" / "data")
    if not (folder / name).exists():
        pytest.skip(f"{name} is not here")
    return read_source(Source(str(folder / name)))


def test_real_comments_in_two_files_are_those_in_one(workbench):
    """The second file brings the rest and the last tenth of the first once more."""
    table = real("goemotions_dev.csv")
    table = replace(table, rows=table.rows[:1500])
    found = recognise(table)
    choice = ImportChoice("All", found.columns.text, found.columns.labels[:1], None, kind=found.kind)
    whole = workbench.data.import_table(table, choice)
    begun = workbench.data.import_table(replace(table, rows=table.rows[:1000]), replace(choice, name="Begun"))
    workbench.data.split(begun, seed=3)
    before = splits(workbench, begun)
    rest = replace(table, rows=table.rows[900:])
    columns = mapped(rest, workbench.data.known_columns(begun)).found.columns
    assert (columns.text, columns.labels[:1]) == (choice.text_columns, choice.label_columns)
    missing = workbench.tasks.get(whole).names
    missing = [name for name in missing if name not in workbench.tasks.get(begun).names]
    preview = workbench.data.preview(begun, rest, choice, new_labels=missing)
    assert preview.new + len(before) == workbench.data.count(whole) and preview.known > 90
    workbench.data.add_table(begun, rest, choice, addition=preview, new_labels=missing)
    after = splits(workbench, begun)
    assert {i: after[i] for i in before} == before and None not in after.values()
    with workbench.db.read() as conn:
        held = [(row.duplicate_group, row.split) for row in uploads.known_items(conn, begun) if row.duplicate_group]
    straddling = [g for g in {g for g, _ in held} if len({s for of, s in held if of == g}) > 1]
    assert len(straddling) <= preview.between
    labels = [
        sum(n for _, _, n in workbench.data.label_distribution(p, workbench.projects.get(p).reference_id))
        for p in (whole, begun)
    ]
    assert labels[0] == labels[1]
