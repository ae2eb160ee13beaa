"""A fine-tune with a prompt that asks all questions at once: one line an item, one answer to all, one tuned model."""

import json
import zipfile

import pytest

from core.errors import WorkbenchError
from core.model import AnnotatorKind, FineTuneStatus, QuestionKind, RunStatus, Split
from core.services.common.taught import left_out, taught_items
from core.services.common.values import append
from core.services.learning.fine_tuning import TuneRequest, follow_ups
from core.services.learning.vocabulary import Level, Selection
from core.storage import annotators, tasks
from core.storage.annotations import NewAnnotation
from core.tasks import TASKS
from tests.fakes.host import says
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import make_project, right_label

pytestmark = pytest.mark.slow
MOODS, LEVELS = ("glad", "cross", "dull"), ("mild", "harsh")


class World:
    """Sixty items, split 30/12/18: their topic, their moods, and where the topic is POLITICS how harsh they are. The
    imported column `gold` answers all of it."""

    def __init__(self, wb):
        self.wb = wb
        self.small = make_project(wb)
        self.topic = self.small.id
        self.moods = wb.projects.ask_further(self.topic, "Moods", QuestionKind.SEVERAL_LABELS, MOODS)
        self.harm = wb.projects.ask_further(self.topic, "Harm", QuestionKind.RATING, LEVELS)
        wb.projects.name_question(self.topic, "Topic")
        wb.projects.ask_only_where(self.harm, self.topic, [self._label(self.topic, "POLITICS")])
        self.all = self.small.items()
        self.version = wb.prompts.save(self.topic, *wb.prompts.proposal_at_once(self.topic))
        places = {item: place for place, item in enumerate(self.all)}
        self.right = {
            item: {
                "topic": {"label": right_label(text)},
                "moods": {"labels": [mood for mood in MOODS if places[item] % (2 + MOODS.index(mood)) == 0]},
                **({"harm": {"level": LEVELS[places[item] % 4 // 2]}} if right_label(text) == "POLITICS" else {}),
            }
            for item, text in self.all.items()
        }
        self.say(self.moods, {item: tuple(one["moods"]["labels"]) for item, one in self.right.items()})
        self.say(self.harm, {item: one["harm"]["level"] for item, one in self.right.items() if "harm" in one})

    def _label(self, project, name):
        return next(one.id for one in self.wb.tasks.get(project).choices if one.name == name)

    def say(self, project, answers, who="gold", kind=AnnotatorKind.IMPORTED):
        """What somebody answers, by item; None takes it back."""
        with self.wb.db.write() as conn:
            task = tasks.task(conn, project)
            of = TASKS[task.type]
            annotator = annotators.ensure(conn, project, kind, who, "#336699")
            said = {i: None if one is None else of.canonical(of.value_of(task, one)) for i, one in answers.items()}
            append(conn, project, [NewAnnotation(item, annotator, value) for item, value in said.items()])
        return annotator

    def request(self, **choices):
        return TuneRequest(self.topic, self.small.gold, self.version.id, **choices)

    def preflight(self, **choices):
        return self.wb.fine_tunes.preflight(self.request(**choices))

    def tuned(self):
        job = self.wb.fine_tunes.start(self.request(), host="openai", base_model="fake-large")
        work_off(self.wb)
        return self.wb.fine_tunes.get(job.id)

    def split(self, split):
        return list(self.small.items(split))


def answers_in(jsonl):
    """The text each line is about, and its answer."""
    turns = [json.loads(line)["messages"] for line in jsonl.splitlines()]
    return {one[-2]["content"]: json.loads(one[-1]["content"]) for one in turns}


def levels(preflight, level):
    return {check.title: f"{check.finding} {check.todo}" for check in preflight.checks if check.level is level}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)


@pytest.fixture
def world(workbench):
    return World(workbench)


def test_a_line_holds_one_answer_to_all_questions_that_are_asked_of_its_item(world):
    made = world.preflight()
    assert made.ready
    assert answers_in(made.jsonl()) == {world.all[i]: world.right[i] for i in world.split(Split.TRAIN)}
    assert answers_in(made.validation_jsonl()) == {world.all[i]: world.right[i] for i in world.split(Split.VALIDATION)}


def test_lines_are_asked_in_the_words_that_a_run_asks_in(world, fake_host):
    fake_host.always(says("{}"))
    finished(world.wb, world.small.wb.runs.start(_run(world))[0])
    asked = {one.body["messages"][-1]["content"]: one.body["messages"] for one in fake_host.asked}
    for line in world.preflight().jsonl().splitlines():
        *messages, _ = json.loads(line)["messages"]
        assert asked[messages[-1]["content"]] == messages


def _run(world):
    from core.services.runs.running import ModelRef, RunRequest

    return RunRequest(world.topic, (world.version.id,), (ModelRef("openai", "fake-small"),), Split.TRAIN)


def test_an_item_without_an_answer_that_is_asked_for_is_left_out_and_counted_by_its_question(world):
    [first, second, third, fourth, *_] = world.split(Split.TRAIN)
    world.say(world.moods, dict.fromkeys((first, second, third, fourth)))
    made = world.preflight()
    assert len(made.training.train) == 26
    assert "4 train items without its answer are left out." in levels(made, Level.WARNING)["Moods: Answers"]
    world.say(world.moods, {first: (), second: (), third: ()})
    made = world.preflight()
    assert len(made.training.train) == 29
    assert "1 train item without its answer is left out." in levels(made, Level.OK)["Moods: Answers"]


def test_an_answer_to_a_question_that_is_not_asked_any_more_is_not_taught(world):
    sports = next(i for i in world.split(Split.TRAIN) if world.right[i]["topic"]["label"] == "SPORTS")
    world.say(world.harm, {sports: "harsh"})
    assert "harm" not in answers_in(world.preflight().jsonl())[world.all[sports]]
    politics = next(i for i in world.split(Split.TRAIN) if "harm" in world.right[i])
    world.say(world.topic, {politics: "SPORTS"})
    assert answers_in(world.preflight().jsonl())[world.all[politics]].keys() == {"topic", "moods"}


def test_each_question_has_its_checks_and_its_counts(world):
    made = world.preflight()
    train = [world.right[i] for i in world.split(Split.TRAIN)]
    assert made.per_question == {
        "Topic": {name: sum(one["topic"]["label"] == name for one in train) for name in ("SPORTS", "POLITICS")},
        "Moods": {name: sum(name in one["moods"]["labels"] for one in train) for name in MOODS},
        "Harm": {name: sum(one.get("harm") == {"level": name} for one in train) for name in LEVELS},
    }
    fine = levels(made, Level.OK)
    assert {"Topic: Class balance", "Moods: Every label is taught", "Harm: Labels spelled as in the task"} <= {*fine}
    asked = sum("harm" in one for one in train)
    assert fine["Harm: Answers"].startswith(f"{asked} lines by gold, only where “Topic” is POLITICS.")


def test_a_question_that_nobody_answers_blocks_by_its_name(world):
    world.wb.projects.ask_further(world.topic, "Tone", QuestionKind.SINGLE_LABEL, ["high", "low"])
    made = world.preflight()
    assert not made.ready
    assert "Nobody to learn it from." in levels(made, Level.BLOCKER)["Tone: Answers"]
    with pytest.raises(WorkbenchError, match="Enough examples: 0 lines"):
        world.wb.fine_tunes.start(world.request(), host="openai", base_model="fake-large")


def test_one_label_alone_blocks_with_the_question_it_is_of(world):
    world.say(world.harm, {i: "mild" for i, one in world.right.items() if "harm" in one})
    assert levels(world.preflight(), Level.BLOCKER).keys() == {"Harm: Every label is taught"}


def test_the_embedded_host_asks_for_enough_answers_to_each_question(world):
    kept = [i for i in world.split(Split.TRAIN) if "harm" in world.right[i]][:4]
    gone = [i for i in world.split(Split.TRAIN) if "harm" in world.right[i] and i not in kept]
    world.say(world.topic, dict.fromkeys(gone, "SPORTS"))
    assert "Harm: Enough answers" in levels(world.preflight(host="embedded"), Level.BLOCKER)
    elsewhere = world.preflight(host="openai")
    assert elsewhere.ready and "Little is learned" in levels(elsewhere, Level.WARNING)["Harm: Answers"]


def test_a_text_that_somebody_wrote_cannot_be_taught_to_the_embedded_host(world):
    text = world.wb.projects.ask_further(world.topic, "In short", QuestionKind.TEXT)
    world.say(text, {i: f"About {i}." for i in world.all})
    assert "In short: A host that can learn it" in levels(world.preflight(host="embedded"), Level.BLOCKER)
    made = world.preflight(host="openai")
    assert made.ready
    first = world.split(Split.TRAIN)[0]
    assert answers_in(made.jsonl())[world.all[first]]["in_short"] == f"About {first}."


def test_a_person_teaches_each_question_with_their_own_answers_and_where_they_have_none_the_reference_does(world):
    who = world.say(world.topic, {i: "POLITICS" for i in world.all}, "Anna", AnnotatorKind.PERSON)
    world.say(world.moods, {i: ("dull",) for i in world.split(Split.TRAIN)[:15]}, "Anna", AnnotatorKind.PERSON)
    reference = world.say(world.harm, {i: LEVELS[i % 2] for i in world.all})
    world.wb.projects.set_reference(world.harm, reference)
    made = world.wb.fine_tunes.preflight(TuneRequest(world.topic, who, world.version.id))
    found = {check.title: check.finding for check in made.checks if check.title.endswith("Answers")}
    assert found["Moods: Answers"].startswith("15 lines by Anna. 15 train items")
    assert found["Harm: Answers"].startswith("15 lines by gold")
    assert {one["topic"]["label"] for one in answers_in(made.jsonl()).values()} == {"POLITICS"}


def test_validation_items_with_a_label_that_no_line_teaches_are_left_out(world):
    [first, *_] = world.split(Split.VALIDATION)
    world.say(world.moods, {i: ("glad",) for i in world.split(Split.TRAIN)} | {first: ("cross",)})
    shown = answers_in(world.preflight().validation_jsonl())
    assert world.all[first] not in shown
    assert {name for one in shown.values() for name in one["moods"]["labels"]} <= {"glad"}


def test_items_that_answer_a_fallback_are_taught_unless_the_user_says_no(world):
    [first, *_] = world.split(Split.TRAIN)
    fallback = world.wb.tasks.get(world.topic).fallback.name
    world.say(world.topic, {first: fallback})
    made = world.preflight()
    assert made.training.fallbacks == 1 and made.per_question["Topic"][fallback] == 1
    without = world.preflight(with_fallback=False)
    assert len(without.training.train) == 29 and fallback not in without.per_question["Topic"]


def test_the_tuned_model_answers_all_questions_in_one_run_and_no_figure_counts_what_it_was_taught(world, fake_host):
    shown = world.preflight()
    job = world.tuned()
    assert job.status is FineTuneStatus.SUCCEEDED, job.message
    assert list(fake_host.files.values()) == [shown.jsonl(), shown.validation_jsonl()]
    assert job.config["per_question"] == shown.per_question

    fake_host.always(
        says(json.dumps({"topic": {"label": "POLITICS"}, "moods": {"labels": []}, "harm": {"level": "mild"}}))
    )
    [*requests] = follow_ups(job, Split.TEST)
    for request in requests:
        world.wb.runs.start(request)
    work_off(world.wb)
    taught = set(world.split(Split.TRAIN))
    for project in (world.topic, world.moods, world.harm):
        runs = world.wb.runs.all(project)
        assert [run.status for run in runs] == [RunStatus.DONE, RunStatus.DONE]
        tuned = next(one for one in world.wb.projects.annotators(project) if one.model == job.fine_tuned_model)
        assert tuned.name.startswith("tuned 1 · ") and tuned.fine_tune_id == job.id
        with world.wb.db.read() as conn:
            assert taught_items(conn, tuned.id) == taught
            assert left_out(conn, [tuned.id], None) == taught


def test_all_questions_are_taught_from_one_that_is_asked_of_every_item(world):
    version = world.wb.prompts.save(world.harm, *world.wb.prompts.proposal_at_once(world.topic))
    gold = next(one.id for one in world.wb.projects.annotators(world.harm))
    with pytest.raises(WorkbenchError, match="only where “Topic” is POLITICS, so all questions cannot be taught"):
        world.wb.fine_tunes.preflight(TuneRequest(world.harm, gold, version.id))


def test_what_is_shown_is_worked_out_anew_whenever_any_question_has_a_new_answer(world):
    before = world.wb.fine_tunes.stamp(world.request())
    world.say(world.moods, {world.split(Split.TRAIN)[0]: ("dull",)})
    after = world.wb.fine_tunes.stamp(world.request())
    world.wb.projects.ask_always(world.harm)
    assert len({before, after, world.wb.fine_tunes.stamp(world.request())}) == 3


def test_its_model_card_names_the_questions_and_what_of_each_was_taught_little(world):
    job = world.tuned()
    with zipfile.ZipFile(world.wb.portable.export(job.id)) as archive:
        card = archive.read("README.md").decode().replace("\\", "")
        sent = archive.read("training/train.jsonl").decode()
    assert "It answers 3 questions at once: Topic, Moods, Harm." in card
    few = [name for name, number in job.config["per_question"]["Harm"].items() if number < 10]
    assert few and all(f"Harm: {name}" in card for name in few)
    assert answers_in(sent) == {world.all[i]: world.right[i] for i in world.split(Split.TRAIN)}


def test_a_choice_of_items_holds_for_lines_that_answer_all_questions(workbench):
    world = World(workbench)
    every = world.preflight()
    chosen = sorted(one.item_id for one in every.training.train)[:12]
    with world.wb.db.write() as conn:
        last = conn.exec_driver_sql("SELECT MAX(last_item) FROM uploads").scalar_one()
        assert last >= chosen[-1]
        conn.exec_driver_sql("UPDATE uploads SET last_item = ?", (chosen[-1],))
    (upload,) = world.wb.data.uploads(world.topic)
    found = world.preflight(selection=Selection(upload_id=upload.upload.id))
    assert sorted(one.item_id for one in found.training.train) == chosen
    assert (
        "left out by what you chose" in next(one for one in found.checks if one.title == "Only what you chose").finding
    )
    with pytest.raises(WorkbenchError, match="several questions"):
        world.preflight(selection=Selection(balance="repeat"))
