"""A label taken out of the task is taught, shown and answered by nobody any more, whichever way it could come back."""

import json
from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.model import AnnotatorKind, Label, Split
from core.services.asking.requests import Mode, ModelRef, RunRequest, Which
from core.services.common.lookup import ensure_annotator
from core.services.learning.fine_tuning import TuneRequest
from core.storage import tasks
from pages._ui.runs.frozen import facts_of
from pages._ui.runs.new_estimate import examples_left_out
from tests.fakes import saying
from tests.fakes.host import says
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import MODEL
from tests.services.test_batch_files import brought, run_batch
from tests.services.test_labelling import labels_of

pytestmark = pytest.mark.usefixtures("quick")


def remove(project, name="POLITICS"):
    """Take the label out of the task, with another in its place; returns its id."""
    task = project.wb.tasks.get(project.id)
    [gone] = [label.id for label in task.labels if label.name == name]
    stay = tuple(label for label in task.labels if label.name != name)
    project.wb.tasks.save(project.id, replace(task, labels=(*stay, Label("WEATHER", "rain"))))
    return gone


def labelled(project, name, split=Split.TRAIN):
    """Items of the split that the reference has given this label, as the task was at first."""
    with project.wb.db.read() as conn:
        rows = conn.exec_driver_sql(
            "SELECT i.id FROM current c JOIN items i ON i.id = c.item_id JOIN value_labels m USING (value_id)"
            " JOIN labels l ON l.id = m.label_id"
            " WHERE c.annotator_id = ? AND l.name = ? AND i.split = ? ORDER BY 1",
            (project.gold, name, str(split)),
        )
        return [row[0] for row in rows]


def given_in(project, label_id):
    """How many entries and single answers of runs have the label."""
    with project.wb.db.read() as conn:
        entries = "SELECT COUNT(*) FROM annotations JOIN value_labels USING (value_id) WHERE run_id AND label_id = ?"
        return conn.exec_driver_sql(entries, (label_id,)).scalar_one()


def prompted(project, items):
    """A version that shows these items as worked examples."""
    project.wb.projects.set_reference(project.id, project.gold)
    return project.wb.prompts.save(project.id, "Choose one of:\n{{label_names}}", "{{text}}", "shown", items)


# taught


def test_a_removed_label_is_in_no_training_file_and_in_no_count_before_it(workbench, small_project):
    sports, politics = labelled(small_project, "SPORTS"), labelled(small_project, "POLITICS")
    before = workbench.fine_tunes.teachers(small_project.id)[small_project.gold]
    assert before == len(sports) + len(politics) == 30
    remove(small_project)
    assert workbench.fine_tunes.teachers(small_project.id)[small_project.gold] == len(sports)
    preflight = workbench.fine_tunes.preflight(
        TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    )
    assert [example.item_id for example in preflight.training.train] == sports
    assert preflight.per_label == {"SPORTS": len(sports), "WEATHER": 0}
    for content in (preflight.jsonl(), preflight.validation_jsonl(), "\n".join(preflight.sample(50))):
        assert content and "POLITICS" not in content


def test_a_label_that_is_brought_back_is_taught_again(workbench, small_project):
    gone = remove(small_project)
    workbench.tasks.restore(small_project.id, gone)
    request = TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    assert len(workbench.fine_tunes.preflight(request).training.train) == 30
    assert workbench.fine_tunes.teachers(small_project.id)[small_project.gold] == 30


# shown as worked examples


def test_a_worked_example_of_a_removed_label_is_neither_offered_nor_taken(workbench, small_project):
    politics = labelled(small_project, "POLITICS")
    workbench.projects.set_reference(small_project.id, small_project.gold)
    remove(small_project)
    for search in ("", "law0"):
        offered = workbench.prompts.example_candidates(small_project.id, small_project.gold, 200, search=search)
        assert "POLITICS" not in {label for _, label in offered}
    with pytest.raises(
        WorkbenchError, match=f"Item {politics[0]} cannot be an example: its label POLITICS was removed"
    ):
        workbench.prompts.save(small_project.id, "{{labels}}", "{{text}}", "", [politics[0]])


def test_a_prompt_of_before_shows_its_examples_without_those_of_a_removed_label(workbench, fake_host, small_project):
    shown = [labelled(small_project, "SPORTS")[0], labelled(small_project, "POLITICS")[0]]
    version = prompted(small_project, shown)
    texts = small_project.items()
    remove(small_project)
    request = RunRequest(small_project.id, (version.id,), (ModelRef("openai", MODEL),), split=Split.VALIDATION)
    [run] = workbench.runs.start(request)
    finished(workbench, run)
    taught = workbench.fine_tunes.preflight(TuneRequest(small_project.id, small_project.gold, version.id))
    trial = workbench.prompts.try_on(version, "openai", MODEL, workbench.prompts.trial_items(small_project.id, n=1))
    asked = [json.dumps(call.body["messages"]) for call in fake_host.asked] + [taught.jsonl(), str(trial[0].messages)]
    assert len(asked) >= 14
    for content in asked:
        assert texts[shown[0]] in content
        assert texts[shown[1]] not in content and "POLITICS" not in content


def test_worked_examples_follow_a_label_that_is_renamed_or_merged(workbench, small_project):
    shown = [labelled(small_project, "SPORTS")[0], labelled(small_project, "POLITICS")[0]]
    version = prompted(small_project, shown)
    task = workbench.tasks.get(small_project.id)
    ids = {label.name: label.id for label in task.labels}
    renamed = tuple(replace(label, name="GAMES") if label.name == "SPORTS" else label for label in task.labels)
    workbench.tasks.save(small_project.id, replace(task, labels=(*renamed, Label("WEATHER"))))
    planned = RunRequest(small_project.id, (version.id,), (ModelRef("openai", MODEL),), split=Split.VALIDATION)

    def labels_shown():
        return [example["label"] for example in workbench.runs.plan(planned)[0].cell.config["examples"]]

    assert labels_shown() == ["GAMES", "POLITICS"]
    workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
    assert labels_shown() == ["GAMES", "GAMES"]


def old(workbench, version):
    """The version as it is where it was made before its examples kept their labels' ids."""
    kept = [{"item_id": e.item_id, "text": e.text, "label": e.said, "fields": {}} for e in version.examples]
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE prompt_versions SET examples = ? WHERE id = ?", (json.dumps(kept), version.id))
    kept = workbench.prompts.get(version.id)
    assert [example.value for example in kept.examples] == [None] * len(kept.examples)
    return kept


def named(workbench, project, **names):
    """Rename labels of the task."""
    task = workbench.tasks.get(project.id)
    labels = tuple(replace(label, name=names.get(label.name, label.name)) for label in task.labels)
    workbench.tasks.save(project.id, replace(task, labels=labels))


def taught(workbench, project, version):
    """The labels of the worked examples a run would show, and how many it says are left out."""
    planned = RunRequest(project.id, (version.id,), (ModelRef("openai", MODEL),), split=Split.VALIDATION)
    config = workbench.runs.plan(planned)[0].cell.config
    return [example["label"] for example in config["examples"]], config.get("examples_left_out", 0)


def test_worked_examples_without_ids_follow_their_labels_through_renames_swaps_and_merges(workbench, small_project):
    shown = [labelled(small_project, "SPORTS")[0], labelled(small_project, "POLITICS")[0]]
    version = old(workbench, prompted(small_project, shown))
    assert taught(workbench, small_project, version) == (["SPORTS", "POLITICS"], 0)
    named(workbench, small_project, SPORTS="GAMES")
    assert taught(workbench, small_project, version) == (["GAMES", "POLITICS"], 0)
    named(workbench, small_project, POLITICS="SPORTS")
    assert taught(workbench, small_project, version) == (["GAMES", "SPORTS"], 0)
    named(workbench, small_project, GAMES="POLITICS")
    assert taught(workbench, small_project, version) == (["POLITICS", "SPORTS"], 0)
    ids = {label.name: label.id for label in workbench.tasks.get(small_project.id).labels}
    workbench.tasks.save(
        small_project.id,
        replace(task := workbench.tasks.get(small_project.id), labels=(*task.labels, Label("WEATHER"))),
    )
    workbench.tasks.merge(small_project.id, ids["SPORTS"], ids["POLITICS"])
    assert taught(workbench, small_project, version) == (["POLITICS", "POLITICS"], 0)


def test_an_example_whose_label_is_in_doubt_is_left_out_and_counted(workbench, small_project):
    """The reference is another by now, which called the item otherwise, and the names have gone round since."""
    [item] = labelled(small_project, "SPORTS")[:1]
    ids = {label.name: label.id for label in workbench.tasks.get(small_project.id).labels}
    with workbench.db.write() as conn:
        other = ensure_annotator(conn, small_project.id, AnnotatorKind.PERSON, "jonas")
        saying.append_labels(conn, other, [(item, ids["POLITICS"])])
    version = old(workbench, prompted(small_project, [item]))
    assert taught(workbench, small_project, version) == (["SPORTS"], 0)
    workbench.projects.set_reference(small_project.id, other)
    assert taught(workbench, small_project, version) == ([], 1)


def test_what_the_reference_says_later_changes_no_example_of_before(workbench, small_project):
    [item] = labelled(small_project, "SPORTS")[:1]
    version = old(workbench, prompted(small_project, [item]))
    ids = {label.name: label.id for label in workbench.tasks.get(small_project.id).labels}
    with workbench.db.write() as conn:
        saying.append_labels(conn, small_project.gold, [(item, ids["POLITICS"])])
    assert taught(workbench, small_project, version) == (["SPORTS"], 0)


def test_examples_left_out_for_a_removed_label_are_counted_in_the_run(workbench, small_project):
    shown = [labelled(small_project, "SPORTS")[0], *labelled(small_project, "POLITICS")[:2]]
    version = prompted(small_project, shown)
    remove(small_project)
    assert taught(workbench, small_project, version) == (["SPORTS"], 2)
    request = RunRequest(small_project.id, (version.id,), (ModelRef("openai", MODEL),), split=Split.VALIDATION)
    [run] = workbench.runs.start(request)
    estimate = workbench.runs.estimate(request)
    assert examples_left_out(estimate) == "v2 leaves out 2 worked examples: the labels are not in the task"
    assert run.config["examples_left_out"] == 2
    assert facts_of(run)["prompt"] == "v2, 1 worked example, 2 left out since their labels are not in the task"


# answered


def test_an_answer_that_names_a_removed_label_is_the_fallback_also_from_the_cache(workbench, fake_host, small_project):
    fake_host.always(says("POLITICS"))
    before = remove(small_project)
    live = finished(workbench, small_project.start(Split.VALIDATION))
    again = finished(workbench, small_project.start(Split.VALIDATION, which=Which.ALL))
    assert (live.calls, again.from_cache) == (12, 12)
    fallback = workbench.tasks.get(small_project.id).fallback.name
    assert set(labels_of(small_project, live.annotator_id).values()) == {fallback}
    assert given_in(small_project, before) == 0


@pytest.mark.parametrize("how", ["removed", "merged"])
@pytest.mark.parametrize("repeats", [1, 3])
@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.FILE])
def test_a_run_cut_short_takes_no_label_that_is_gone_from_the_cache(workbench, small_project, how, repeats, mode):
    """Its labels are frozen, and the very same requests were answered before the task was changed."""
    finished(workbench, small_project.start(Split.VALIDATION, repeats=repeats))
    run = small_project.start(Split.VALIDATION, repeats=repeats, mode=mode, which=Which.ALL)
    workbench.runs.cancel(run.id)
    ids = {label.name: label.id for label in workbench.tasks.get(small_project.id).labels}
    if how == "removed":
        remove(small_project)
    else:
        workbench.tasks.merge(small_project.id, ids["POLITICS"], ids["SPORTS"])
    before = given_in(small_project, ids["POLITICS"])
    if mode is Mode.FILE:
        workbench.batches.export(run.id)
    else:
        workbench.runs.resume(run.id)
        work_off(workbench)
    assert workbench.runs.get(run.id).done == 12
    assert given_in(small_project, ids["POLITICS"]) == before
    fallback = workbench.tasks.get(small_project.id).fallback.name
    expected = {"SPORTS", fallback} if how == "removed" else {"SPORTS"}
    assert set(labels_of(small_project, run.annotator_id).values()) == expected


def test_a_majority_is_counted_as_the_labels_of_its_votes_stand(workbench, small_project):
    """Two of three answers named labels that are one by now."""
    task = workbench.tasks.get(small_project.id)
    workbench.tasks.save(small_project.id, replace(task, labels=(*task.labels, Label("NEWS"))))
    ids = {label.name: label.id for label in workbench.tasks.get(small_project.id).labels}
    run = small_project.start(Split.VALIDATION, repeats=4, mode=Mode.FILE, n=1)
    lines = run_batch(workbench.batches.export(run.id).path)
    assert len(lines) == 4
    for place, name in enumerate(("NEWS", "NEWS", "SPORTS", "POLITICS")):
        lines[place] = b"%s\n" % json.dumps(_answered(json.loads(lines[place]), name)).encode()
    brought(workbench, run, lines[:3])
    workbench.runs.cancel(run.id)
    workbench.tasks.merge(small_project.id, ids["NEWS"], ids["POLITICS"])
    brought(workbench, run, lines[3:])
    assert set(labels_of(small_project, run.annotator_id).values()) == {"POLITICS"}
    with workbench.db.read() as conn:
        [votes] = conn.exec_driver_sql("SELECT votes FROM annotations WHERE run_id = ?", (run.id,)).one()
        assert ids["NEWS"] in tasks.successors(conn, small_project.id)
        said = saying.value_ids(conn, small_project.id)
    assert json.loads(votes) == {str(said[ids["POLITICS"]]): 3, str(said[ids["SPORTS"]]): 1}


def _answered(line, name):
    line["response"]["body"]["choices"][0]["message"]["content"] = json.dumps({"label": name})
    return line
