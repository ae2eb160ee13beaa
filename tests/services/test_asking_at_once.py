"""All questions about an item in one request: one call an item, an answer to each, nothing paid for twice."""

import json
import math
from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.hosts.wire import Manner, Reply
from core.model import Budget, Item, Label, QuestionKind, RunStatus, Span, Split, TableData, Task
from core.services.asking.asker import Asker
from core.services.asking.at_once import parts_of
from core.services.asking.entries import annotation_of
from core.services.asking.requests import ModelRef, RunRequest, Which
from core.services.common import values
from core.services.common.values import Sayings
from core.services.data.bringing import ImportChoice
from core.services.review.reviewing import Decision
from core.storage import annotations, runs
from core.tasks import TASKS
from core.tasks.together import answer, keys_of, piece_of, place_of
from tests.fakes.host import fails, says
from tests.fakes.kinds import FIELDS
from tests.fakes.trouble import nobodys, worker_process
from tests.fakes.waiting import finished, wait_on
from tests.fakes.worlds import MODEL, SmallProject

KINDS = {
    "Topic": QuestionKind.SINGLE_LABEL,
    "Moods": QuestionKind.SEVERAL_LABELS,
    "People": QuestionKind.SPANS,
    "How good": QuestionKind.RATING,
    "Which": QuestionKind.PREFERENCE,
    "Order": QuestionKind.RANKING,
    "Short": QuestionKind.TEXT,
}
NAMES = ("A", "B", "C")
ANSWER = {
    "topic": {"label": "B"},
    "moods": {"labels": ["A", "B"]},
    "people": {"spans": [{"quote": "word", "label": "A", "occurrence": 1}]},
    "how_good": {"level": "2"},
    "which": {"better": "Tie"},
    "order": {"order": [["one"], ["two"]]},
    "short": "Two words.",
}
SAID = {
    "Topic": "B",
    "Moods": ("A", "B"),
    "People": (Span(0, 4, "A"),),
    "How good": "2",
    "Which": "Tie",
    "Short": "Two words.",
}


class World:
    """Twelve items with a question of every kind asked of each, and a prompt that asks all at once."""

    def __init__(self, wb, kinds=KINDS, n=12):
        self.wb = wb
        rows = [(f"word {i} first{i}", f"this {i}", f"that {i}") for i in range(n)]
        task = Task(tuple(Label(name) for name in NAMES))
        self.home = wb.data.import_table(TableData(("text", *FIELDS), rows), ImportChoice("All", ("text",)), task=task)
        self.ids = {"Topic": self.home}
        for name, kind in list(kinds.items())[1:]:
            compared = FIELDS if kind in (QuestionKind.PREFERENCE, QuestionKind.RANKING) else ()
            labels = NAMES if kind in (QuestionKind.SEVERAL_LABELS, QuestionKind.SPANS) else ()
            self.ids[name] = wb.projects.ask_further(self.home, name, kind, labels, candidates=compared)
        wb.projects.name_question(self.home, "Topic")
        wb.data.split(self.home)
        self.version = wb.prompts.save(self.home, *wb.prompts.proposal_at_once(self.home))
        self.lead = SmallProject(wb, self.home, self.version.id, gold=0, hasty=0)

    def runs(self):
        return {name: self.wb.runs.all(project) for name, project in self.ids.items()}

    def finish(self):
        return {name: [finished(self.wb, run) for run in runs] for name, runs in self.runs().items()}

    def said(self, name):
        """What the newest run's annotator says of every item, with how it was taken."""
        project = self.ids[name]
        [run, *_] = self.wb.runs.all(project)
        with self.wb.db.read() as conn:
            entries = annotations.current_of(conn, list(self.lead.items()), Sayings(conn, project), of=project)
            return [held[run.annotator_id] for held in entries.values() if run.annotator_id in held]


@pytest.fixture
def world(workbench):
    return World(workbench)


def test_one_call_an_item_answers_every_kind_of_question(world, fake_host):
    fake_host.always(says(json.dumps(ANSWER)))
    world.lead.start()
    ended = world.finish()
    assert {name: [(run.status, run.done, run.errors) for run in runs] for name, runs in ended.items()} == {
        name: [(RunStatus.DONE, 12, 0)] for name in KINDS
    }
    assert set(fake_host.counts.values()) == {1} and len(fake_host.counts) == 12
    assert {name: {one.said for one in world.said(name)} for name in SAID} == {n: {said} for n, said in SAID.items()}
    assert {len(world.said(name)) for name in KINDS} == {12}
    assert [run.calls for run in ended["Short"]] == [0]


def test_the_request_names_each_question_with_what_it_asks_and_the_form_of_its_answer(world, fake_host):
    moods = world.wb.tasks.get(world.ids["Moods"])
    world.wb.tasks.save(world.ids["Moods"], replace(moods, guidelines="Only what is said aloud."))
    fake_host.always(says(json.dumps(ANSWER)))
    finished(world.wb, world.lead.start(n=1, split=None))
    [asked] = fake_host.asked
    system = asked.body["messages"][0]["content"]
    places = [system.index(f"## {title}") for title in KINDS]
    assert places == sorted(places)
    assert "Only what is said aloud." in system and '"people": {"spans": [' in system
    schema = asked.body["response_format"]["json_schema"]["schema"]
    assert list(schema["properties"]) == list(ANSWER) == schema["required"]
    assert schema["properties"]["topic"]["properties"]["label"]["enum"][:3] == list(NAMES)


def test_what_one_question_lacks_is_recorded_there_and_nowhere_else(world, fake_host):
    broken = {**ANSWER, "topic": {"label": "Z"}, "moods": None}
    del broken["how_good"]
    fake_host.always(says(json.dumps(broken)[:-20]))
    world.lead.start()
    world.finish()
    kinds = {name: {(one.kind and str(one.kind)) for one in world.said(name)} for name in KINDS}
    assert kinds["Topic"] == {"outside_list"} and kinds["Moods"] == {"truncated"} == kinds["How good"]
    assert kinds["Short"] == {"truncated"} and kinds["People"] == {"label"} == kinds["Which"]
    assert "moods" in world.said("Moods")[0].reason


def test_several_answers_are_counted_for_each_question_by_itself(workbench, fake_host):
    world = World(workbench, {"Topic": QuestionKind.SINGLE_LABEL, "Moods": QuestionKind.SEVERAL_LABELS}, n=1)
    other = {"topic": {"label": "A"}, "moods": {"labels": ["A", "B"]}}
    third = {"topic": {"label": "B"}, "moods": {"labels": ["C"]}}
    fake_host.next(*(says(json.dumps(one)) for one in (ANSWER, other, third)))
    world.lead.start(repeats=3, split=None)
    world.finish()
    assert [(one.said, round(one.confidence, 2)) for one in world.said("Topic")] == [("B", 0.67)]
    assert [(one.said, round(one.confidence, 2)) for one in world.said("Moods")] == [(("A", "B"), 0.67)]


def test_a_question_asked_later_is_asked_by_those_words_anew_and_the_others_stay(world, fake_host):
    fake_host.always(says(json.dumps(ANSWER)))
    world.lead.start()
    world.finish()
    world.ids["New"] = world.wb.projects.ask_further(world.home, "New", QuestionKind.SINGLE_LABEL, NAMES)
    fake_host.always(says(json.dumps({**ANSWER, "new": {"label": "C"}})))
    world.lead.start()
    ended = world.finish()
    assert set(fake_host.counts.values()) == {2}
    assert {one.said for one in world.said("New")} == {"C"}
    assert [len(runs) for runs in ended.values()] == [2] * 7 + [1]


def test_errors_are_those_of_the_run_that_asked_and_go_when_it_is_tried_again(world, fake_host):
    fake_host.always(says(json.dumps(ANSWER)))
    fake_host.refuse(lambda body: is_refusing and "word 3" in body["messages"][-1]["content"], fails(400, "no"))
    is_refusing = True
    run = world.lead.start()
    ended = world.finish()
    assert {(r.status, r.done, r.errors) for runs in ended.values() for r in runs} == {(RunStatus.DONE, 11, 1)}
    is_refusing = False
    world.wb.runs.resume(run.id, retry_errors=True)
    ended = world.finish()
    assert {(r.status, r.done, r.errors) for runs in ended.values() for r in runs} == {(RunStatus.DONE, 12, 0)}
    assert max(fake_host.counts.values()) == 2 and sum(fake_host.counts.values()) == 13


def test_kill_9_in_the_middle_loses_no_answer_to_any_question(world, fake_host):
    fake_host.always(says(json.dumps(ANSWER)))
    fake_host.hold(after=5)
    run = world.lead.start(in_flight=3)
    with worker_process() as worker:
        wait_on(worker, lambda: world.wb.runs.get(run.id).done == 5 and len(fake_host.asked) == 8, "five answers")
        worker.kill()
        worker.wait(10)
    fake_host.release()
    nobodys(world.wb, run)
    world.wb.runs.resume(run.id)
    ended = world.finish()
    assert {(r.status, r.done, r.errors) for runs in ended.values() for r in runs} == {(RunStatus.DONE, 12, 0)}
    assert sum(count - 1 for count in fake_host.counts.values()) == 3


def test_a_cancelled_run_gives_the_others_what_it_has_and_they_say_where_to_go_on(world, fake_host):
    fake_host.always(says(json.dumps(ANSWER)))
    run = world.lead.start(budget=Budget(calls=4), in_flight=1)
    assert finished(world.wb, run).status is RunStatus.PAUSED
    others = [runs[0] for name, runs in world.runs().items() if name != "Topic"]
    assert {one.status for one in others} == {RunStatus.QUEUED}
    world.wb.runs.cancel(run.id)
    ended = world.finish()
    assert {(r.status, r.done) for runs in ended.values() for r in runs} == {(RunStatus.CANCELLED, 4)}
    assert not world.wb.runs.may_resume(world.wb.runs.get(others[0].id))
    with pytest.raises(WorkbenchError, match="come with another"):
        world.wb.runs.resume(others[0].id)
    world.wb.runs.raise_cap(run.id, Budget())
    world.wb.runs.resume(run.id)
    ended = world.finish()
    assert {(r.status, r.done) for runs in ended.values() for r in runs} == {(RunStatus.DONE, 12)}
    assert set(fake_host.counts.values()) == {1}


def test_nothing_is_asked_again_of_items_that_were_asked_all(world, fake_host):
    fake_host.always(says(json.dumps(ANSWER)))
    world.lead.start()
    world.finish()
    fake_host.always(fails(400, "asked again"))
    with pytest.raises(WorkbenchError, match="nothing to label"):
        world.lead.start()
    world.lead.start(which=Which.ALL)
    ended = world.finish()
    assert {runs[0].errors for runs in ended.values()} == {0} and set(fake_host.counts.values()) == {1}


def test_a_question_that_hangs_on_another_is_answered_only_where_that_was_answered_so(world, fake_host):
    topics = {one.name: one.id for one in world.wb.tasks.get(world.home).labels}
    world.wb.projects.ask_only_where(world.ids["Moods"], world.home, [topics["A"]])
    fake_host.always(says(json.dumps(ANSWER)))
    few = [f"word {i} " for i in range(5)]
    answer = says(json.dumps({**ANSWER, "topic": {"label": "A"}}))
    fake_host.refuse(lambda body: any(body["messages"][-1]["content"].startswith(text) for text in few), answer)
    world.lead.start()
    ended = world.finish()
    assert (ended["Moods"][0].status, ended["Moods"][0].total, ended["Moods"][0].done) == (RunStatus.DONE, 5, 5)
    assert ended["Short"][0].done == 12
    with pytest.raises(WorkbenchError, match="nothing to label"):
        world.lead.start()
    version = world.wb.prompts.save(world.ids["Moods"], *world.wb.prompts.proposal_at_once(world.home))
    with pytest.raises(WorkbenchError, match="asked of every item"):
        SmallProject(world.wb, world.ids["Moods"], version.id, 0, 0).start()


def test_a_run_beside_that_was_stopped_goes_on_by_itself_once_the_asking_is_done(world, fake_host):
    fake_host.always(says(json.dumps(ANSWER)))
    run = world.lead.start()
    other = world.runs()["Short"][0]
    world.wb.runs.cancel(other.id)
    finished(world.wb, run)
    other = world.wb.runs.get(other.id)
    assert (other.status, other.done) == (RunStatus.CANCELLED, 0) and world.wb.runs.may_resume(other)
    world.wb.runs.resume(other.id)
    assert finished(world.wb, other).done == 12
    assert set(fake_host.counts.values()) == {1}


def test_what_is_paid_for_and_not_taken_over_is_offered_without_a_call(world, fake_host):
    fake_host.always(says(json.dumps(ANSWER)))
    run = world.lead.start()
    world.wb.runs.cancel(world.runs()["Short"][0].id)
    finished(world.wb, run)
    request = RunRequest(world.home, (world.version.id,), (ModelRef("openai", MODEL),), split=None)
    estimate = world.wb.runs.estimate(request)
    assert (estimate.calls, estimate.runs, estimate.cells[0].beside) == (0, 1, 12)
    assert world.wb.runs.start(request) == []
    world.finish()
    assert {one.said for one in world.said("Short")} == {"Two words."} and set(fake_host.counts.values()) == {1}


def test_a_question_waits_for_the_one_that_decides_where_it_is_asked(world, fake_host):
    moods = {one.name: one.id for one in world.wb.tasks.get(world.ids["Moods"]).labels}
    world.wb.projects.ask_only_where(world.ids["How good"], world.ids["Moods"], [moods["C"]])
    fake_host.always(says(json.dumps(ANSWER)))
    run = world.lead.start()
    deciding = world.runs()["Moods"][0]
    world.wb.runs.cancel(deciding.id)
    finished(world.wb, run)
    waiting = world.wb.runs.get(world.runs()["How good"][0].id)
    assert (waiting.done, waiting.total) == (0, 12) and waiting.status is not RunStatus.DONE
    world.wb.runs.resume(deciding.id)
    finished(world.wb, deciding)
    world.wb.runs.resume(waiting.id)
    waiting = finished(world.wb, waiting)
    assert (waiting.status, waiting.total, waiting.done) == (RunStatus.DONE, 0, 0)


def test_long_answers_come_whole_to_every_question(world, fake_host):
    text = " ".join(f"w{n}" for n in range(5000))
    fake_host.always(says(json.dumps({**ANSWER, "short": text})))
    world.lead.start(n=1, split=None)
    world.finish()
    assert [one.said for one in world.said("Short")] == [text]


def test_no_two_questions_have_the_same_key():
    assert keys_of(["Tone 3", "Tone", "Tone?"]) == ["tone_3", "tone", "tone_3_3"]
    assert keys_of(["气氛", "Ton"]) == ["question_1", "ton"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ('{"v": {"label": 2.10}}', '{"label":2.10}'),
        ('{"v": {"label": "a", "label": "b"}}', '{"label":"a","label":"b"}'),
        ('{"v": "a"}', "a"),
        ('{"V": ["a", 1.50, null, true]}', '["a",1.50,null,true]'),
        ('Sure: {"answers": {"v": {"label": "a"}}}', '{"label":"a"}'),
    ],
)
def test_a_part_is_read_as_it_was_written(raw, said):
    assert piece_of(raw, "v", ["v"]) == said


@pytest.mark.parametrize(
    "raw",
    [
        '<think>{"v":{"label":"a"}}</think>{"v":{"label":"b"}}',
        '{"V":{"label":"a"},"v":{"label":"b"}}',
        '{"v":1} {"v":2}',
        "{'v': 1}",
        '{"v": {"label": "a"}',
    ],
)
def test_where_a_part_stands_is_not_told_where_it_could_be_another(raw):
    assert place_of(raw, "v") is None


def tokens(*parts):
    """An answer with how probable each part of it was."""
    return {"content": [{"token": text, "logprob": math.log(p), "top_logprobs": []} for text, p in parts]}


def test_each_question_has_the_confidence_of_its_own_part_of_the_answer(workbench, fake_host):
    world = World(workbench, {n: KINDS[n] for n in ("Topic", "Moods", "People", "How good")})
    run = world.lead.start(split=None, n=1)
    with world.wb.db.read() as conn:
        [item_id] = [item.id for item in runs.missing(conn, run.id, 0, 1)]
    told = tokens(
        ('{"topic": {"label": "', 1.0), ("B", 0.8), ('"}, "moods": {"labels": ["', 1.0), ("A", 0.7), ('"]}, ', 1.0),
        ('"people": {"spans": []}, "how_good": {"level": "', 1.0), ("2", 0.6), ('"}}', 1.0),
    )  # fmt: skip
    content = "".join(one["token"] for one in told["content"])
    asker = Asker(None, "m", run.config, Manner())
    item = Item(item_id, "word 1 first1", fields={"one": "this", "two": "that"})
    answered = asker.read(Reply(content, "stop", None, 10, 10, logprobs=told), item=item)
    assert answered.confidence == pytest.approx(0.8)
    assert answered.sure_of["moods"] == pytest.approx(0.7) and answered.sure_of["how_good"] == pytest.approx(0.6)
    with world.wb.db.write() as conn:
        values.append(conn, world.home, [annotation_of(item_id, answered, run)])
    world.wb.runs.cancel(run.id)
    world.finish()
    assert [(one.said, round(one.confidence, 2)) for one in world.said("How good")] == [("2", 0.6)]
    assert [(one.said, round(one.confidence, 2)) for one in world.said("Moods")] == [(("A",), 0.7)]


def test_worked_examples_answer_all_questions_and_need_an_answer_to_each(workbench, fake_host):
    world = World(workbench, {"Topic": QuestionKind.SINGLE_LABEL, "Moods": QuestionKind.SEVERAL_LABELS})
    [item, other] = list(world.lead.items(Split.TRAIN))[:2]
    labels = {name: {one.name: one.id for one in workbench.tasks.get(at).labels} for name, at in world.ids.items()}
    moods = [labels["Moods"]["B"], labels["Moods"]["C"]]
    workbench.review.store(world.home, "log", "me", [Decision(1, item, "A"), Decision(2, other, "A")])
    workbench.review.store(world.ids["Moods"], "log", "me", [Decision(1, item, value=moods)])
    for at in world.ids.values():
        workbench.projects.set_reference(at, workbench.review.reviewer(at, "me").id)
    texts = workbench.prompts.proposal_at_once(world.home)
    with pytest.raises(WorkbenchError, match="no reference answer to “Moods”"):
        workbench.prompts.save(world.home, *texts, example_items=[item, other])
    version = workbench.prompts.save(world.home, *texts, example_items=[item])
    task = workbench.tasks.get(world.ids["Moods"])
    renamed = tuple(replace(one, name="Bee") if one.name == "B" else one for one in task.labels)
    workbench.tasks.save(world.ids["Moods"], replace(task, labels=renamed))
    fake_host.always(says(json.dumps({"topic": {"label": "B"}, "moods": {"labels": []}})))
    finished(workbench, SmallProject(workbench, world.home, version.id, 0, 0).start())
    shown = fake_host.asked[0].body["messages"][2]["content"]
    assert json.loads(shown) == {"topic": {"label": "A"}, "moods": {"labels": ["Bee", "C"]}}


def test_every_kind_reads_back_from_an_answer_to_all_what_it_would_write(world):
    with world.wb.db.read() as conn:
        parts = [part for _, part in parts_of(conn, world.home)]
    said = {part.key: SAID.get(part.title, (("one",), ("two",))) for part in parts}
    raw = answer(parts, said, "word 1 first1")
    keys = [part.key for part in parts]
    item = Item(1, "word 1 first1", fields={"one": "this", "two": "that"})
    for part in parts:
        kind, own = TASKS[part.task.type], piece_of(raw, part.key, keys)
        assert isinstance(own, str)
        assert kind.parse_answer(part.as_json(), own, "stop", None, item).said == said[part.key]
