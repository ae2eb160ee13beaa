"""Which of the labelled items are taught: what is chosen is what is sent, counted, and left out of figures."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.finetune import Level
from core.model import AnnotatorKind, FineTuneStatus, Split, TableData
from core.services.common.lookup import ensure_annotator
from core.services.data.bringing import ImportChoice
from core.services.learning.fine_tuning import TuneRequest
from core.services.learning.selection import MOST_REPEATS, Selection, balanced
from core.splits import Shares
from core.storage import items, marks, tasks, taught
from tests.fakes import saying
from tests.fakes.waiting import work_off
from tests.fakes.worlds import TASK, table


def taught_items(project, **chosen):
    return [one.item_id for one in preflight(project, **chosen).training.train]


def preflight(project, *, who=None, **chosen):
    request = TuneRequest(project.id, who or project.gold, project.version_id, selection=Selection(**chosen))
    return project.wb.fine_tunes.preflight(request)


def finding(found, title):
    return next((check for check in found.checks if check.title == title), None)


def say(project, name, *items, label):
    with project.wb.db.write() as conn:
        one = ensure_annotator(conn, project.id, AnnotatorKind.PERSON, name)
        ids = {one.name: one.id for one in tasks.task(conn, project.id).labels}
        saying.append_labels(conn, one, [(item, ids[label]) for item in items])
    return one


def own_labels(project):
    return {one.item_id: one.labels[0] for one in preflight(project).training.train}


def other(label):
    return {"SPORTS": "POLITICS", "POLITICS": "SPORTS"}[label]


@pytest.fixture
def alone(small_project):
    """The project with the labels of one annotator alone: the other one is away."""
    with small_project.wb.db.write() as conn:
        conn.exec_driver_sql("DELETE FROM annotations WHERE annotator_id = ?", (small_project.hasty,))
        conn.exec_driver_sql("DELETE FROM current WHERE annotator_id = ?", (small_project.hasty,))
    return small_project


def test_items_are_chosen_by_what_other_people_say_of_them(alone):
    own = own_labels(alone)
    first, second, third, *rest = own
    say(alone, "ann", first, label=own[first])
    say(alone, "ann", second, label=other(own[second]))
    say(alone, "ben", third, label=own[third])
    say(alone, "eve", third, label=other(own[third]))
    assert taught_items(alone, opinion="undisputed") == [first, *rest]
    assert taught_items(alone, opinion="seconded") == [first]
    assert finding(preflight(alone, opinion="seconded"), "Only what you chose").finding.startswith("35 labelled items")


def test_what_a_model_says_neither_seconds_nor_disputes(alone):
    alone.model("m", Split.TRAIN)
    assert taught_items(alone, opinion="seconded") == []
    assert len(taught_items(alone, opinion="undisputed")) == 30


def test_a_models_labels_are_taught_where_a_person_has_confirmed_them(alone):
    model = alone.model("m", Split.TRAIN)
    found = preflight(alone, who=model, opinion="seconded").training.train
    assert found and {one.labels for one in found} == {found[0].labels}
    assert len(found) < 30


def test_flagged_items_are_left_out_until_the_flag_is_taken_back(alone):
    first, *rest = own_labels(alone)
    person = say(alone, "ann", label="SPORTS")
    with alone.wb.db.write() as conn:
        marks.add_mark(conn, first, person, True, "")
    before = alone.wb.fine_tunes.stamp(request_of(alone, without_flagged=True))
    assert taught_items(alone, without_flagged=True) == rest
    with alone.wb.db.write() as conn:
        marks.add_mark(conn, first, person, False, "")
    assert taught_items(alone, without_flagged=True) == [first, *rest]
    assert alone.wb.fine_tunes.stamp(request_of(alone, without_flagged=True)) != before


def request_of(project, **chosen):
    return TuneRequest(project.id, project.gold, project.version_id, selection=Selection(**chosen))


def test_only_what_an_earlier_fine_tune_has_not_learned_can_be_taught(small_project):
    job = small_project.wb.fine_tunes.start(request_of(small_project), host="openai", base_model="fake-large")
    own = list(own_labels(small_project))
    texts = small_project.items(Split.TRAIN)
    with small_project.wb.db.write() as conn:
        taught.add(conn, job.id, [texts[item] for item in own[:20]])
    assert taught_items(small_project, unknown_to=job.id) == own[20:]


def test_a_fine_tune_that_is_gone_is_said(small_project):
    with pytest.raises(WorkbenchError, match="There is no fine-tune 99"):
        preflight(small_project, unknown_to=99)


def test_an_upload_that_is_gone_is_said(small_project):
    with pytest.raises(WorkbenchError, match="no longer there"):
        preflight(small_project, upload_id=99)


def test_labels_are_capped_and_the_rest_is_not_taught(small_project):
    found = preflight(small_project, balance="cap", cap=4)
    assert set(Counter(found.per_label).values()) == {4}
    assert len(found.training.train) == len(found.training.texts) == 8
    assert "left out, above the most of a label" in finding(found, "Only what you chose").finding
    assert len(preflight(small_project).training.validation) == len(found.training.validation)


def test_rare_labels_are_repeated_up_to_the_most_frequent():
    rows = [(n, 1) for n in range(12)] + [(100 + n, 2) for n in range(5)] + [(200, 3)]
    found = balanced(rows, lambda row: row[1], Selection(balance="repeat"))
    assert Counter(label for _, label in found) == {1: 12, 2: 12, 3: min(12, MOST_REPEATS)}
    times = Counter(found)
    assert set(times[row] for row in rows[:12]) == {1} and set(times[row] for row in rows[12:17]) <= {2, 3}
    assert found == sorted(found) == balanced(rows, lambda row: row[1], Selection(balance="repeat"))


def test_what_repeats_is_one_item_to_whoever_asks_what_was_taught(small_project):
    own = own_labels(small_project)
    few = [item for item, label in own.items() if label == "SPORTS"][:3]
    person = say(small_project, "ann", *few, label="SPORTS")
    say(small_project, "ann", *[item for item, label in own.items() if label == "POLITICS"], label="POLITICS")
    found = preflight(small_project, who=person, balance="repeat")
    lines = Counter(one.item_id for one in found.training.train)
    assert all(lines[item] > 1 for item in few)
    assert len(found.training.texts) == len(lines)
    assert "repeated to" in finding(found, "Only what you chose").finding


def test_labels_cannot_be_balanced_where_answers_have_several(small_project):
    with pytest.raises(WorkbenchError, match="leave nothing to teach"):
        preflight(small_project, balance="cap", cap=0)
    with pytest.raises(WorkbenchError, match="balance of labels"):
        preflight(small_project, balance="evenly")
    with pytest.raises(WorkbenchError, match="choice of items"):
        preflight(small_project, opinion="best")


def test_the_job_teaches_what_was_chosen_and_nothing_else(small_project, fake_host, monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    request = request_of(small_project, balance="cap", cap=6)
    expected = small_project.wb.fine_tunes.preflight(request)
    job = small_project.wb.fine_tunes.start(request, host="openai", base_model="fake-large")
    work_off(small_project.wb)
    assert small_project.wb.fine_tunes.get(job.id).status is FineTuneStatus.SUCCEEDED
    sent = [json.loads(line) for line in next(iter(fake_host.files.values())).splitlines()]
    assert sent == [json.loads(line) for line in expected.jsonl().splitlines()] and len(sent) == 12


@pytest.mark.parametrize("split", ["dealt here", "by a column of the file"])
def test_test_items_that_read_like_what_is_taught_are_counted(split, workbench):
    rows = table(60).rows
    twins = [(f"x{row[0]}", f"{row[1].upper()}!", *row[2:]) for row in rows[:2]]
    data = TableData(("id", "text", "gold", "hasty"), [*rows, *twins], "with twins")
    project_id = workbench.data.import_table(data, ImportChoice("Twins", ("text",), ("gold", "hasty"), "id"), task=TASK)
    workbench.data.split(project_id, Shares(0.5, 0.2, 0.3), seed=1)
    version = workbench.prompts.save(project_id, "Choose one of:\n{{labels}}", "{{text}}", "plain")
    gold = next(one.id for one in workbench.projects.annotators(project_id) if one.name == "gold")
    request = TuneRequest(project_id, gold, version.id)
    assert finding(workbench.fine_tunes.preflight(request), "Test items are new to it") is None
    # As a split column of a file can have it: the one to be taught, the other to measure on.
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE items SET split = 'train' WHERE text LIKE '%first0 %' OR text LIKE '%first1 %'")
        conn.exec_driver_sql("UPDATE items SET split = 'test' WHERE text LIKE '%!'")
        if split != "dealt here":
            conn.exec_driver_sql("UPDATE projects SET split_config = NULL")
            conn.exec_driver_sql("UPDATE items SET duplicate_group = NULL")
        in_test = len(items.ids_in(conn, project_id, Split.TEST))
    found = finding(workbench.fine_tunes.preflight(request), "Test items are new to it")
    assert found.level is Level.WARNING
    assert found.finding == f"2 of {in_test} test items read like what is taught; figures leave them out."


def test_lines_are_shown_as_the_model_learns_from_them_spread_over_all(small_project):
    found = preflight(small_project)
    lines = found.seen(5)
    assert len(lines) == 5
    assert [who for who, _ in lines[0]] == ["system", "user", "assistant"]
    assert [dict(line)["user"] for line in lines] == [
        found.training.train[n].messages[-1].content for n in range(0, 30, 6)
    ]
    assert sum(number for _, number in found.lengths) == 30
    assert sum(tokens * number for tokens, number in found.lengths) == found.tokens


def test_everything_is_chosen_until_somebody_chooses(small_project):
    request = replace(request_of(small_project), selection=Selection())
    job = small_project.wb.fine_tunes.start(request, host="openai", base_model="fake-large")
    assert "selection" not in job.config
