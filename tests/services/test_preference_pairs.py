"""Preference pairs: what they are made of for each kind of question, what is left out, and how a host is asked."""

import json
import os
from pathlib import Path

import jsonschema
import pytest

from core.errors import WorkbenchError
from core.finetune.subset import Subset
from core.model import AnnotatorKind, FineTuneStatus, Label, Options, QuestionKind, Split, TableData, Task
from core.services.common.lookup import ensure_annotator
from core.services.common.values import append
from core.services.data.bringing import ImportChoice
from core.services.learning.fine_tuning import TuneRequest, follow_ups
from core.services.learning.vocabulary import DIALECTS, Selection, parse_parameters
from core.storage import fine_tunes, items, tasks
from core.storage.annotations import NewAnnotation
from core.tasks import TASKS
from tests.fakes.host import fails
from tests.fakes.waiting import work_off

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LABELLOOP_TEST_DATA", ROOT.parent / "shared" / "data"))
OPENAPI = DATA.parent / "openapi" / "openai-subset.json"
OUTCOMES = (Label("A", score=1.0), Label("tie", score=0.0), Label("B", score=-1.0))
JOBS = "POST /fine_tuning/jobs"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)


class World:
    """A project in which everything is in train but for its last two items, which are validation and test."""

    def __init__(self, wb, task, rows, columns=("text",)):
        self.wb = wb
        choice = ImportChoice(str(task.type), ("text",), (), kind=task.type, candidates=task.options.candidates)
        self.id = wb.data.import_table(TableData(columns, rows), choice, task=task)
        with wb.db.write() as conn:
            self.items = sorted(items.ids_in(conn, self.id, None))
            last = {self.items[-2]: Split.VALIDATION, self.items[-1]: Split.TEST}
            for item in self.items:
                conn.exec_driver_sql(
                    "UPDATE items SET split = ? WHERE id = ?", (str(last.get(item, Split.TRAIN)), item)
                )
        self.version = wb.prompts.save(self.id, *wb.prompts.proposal(self.id)).id

    def says(self, name, answers, kind=AnnotatorKind.IMPORTED):
        with self.wb.db.write() as conn:
            task = tasks.task(conn, self.id)
            one, of = ensure_annotator(conn, self.id, kind, name), TASKS[task.type]
            said = zip(self.items, answers, strict=True)
            entries = [
                NewAnnotation(item, one, of.canonical(of.value_of(task, value)))
                for item, value in said
                if value is not None
            ]
            append(conn, self.id, entries)
        return one

    def request(self, annotator, **more):
        return TuneRequest(self.id, annotator, self.version, **{"method": "dpo", **more})

    def pairs(self, request, form="openai"):
        return [json.loads(line) for line in self.wb.fine_tunes.preflight(request).jsonl(form).splitlines()]


@pytest.fixture
def written(workbench):
    """Twelve texts to train on that a person wrote, and what two models wrote."""
    n = 14
    world = World(workbench, Task((), type=QuestionKind.TEXT), [(f"word{i} first{i} second{i}",) for i in range(n)])
    world.person = world.says("ann", [f"better {i}" for i in range(n)])
    own = [f"better {i}" if i < 2 else None if i == 3 else f"a far worse text {i}" for i in range(n)]
    world.model = world.says("m1", own, AnnotatorKind.MODEL)
    world.other = world.says("m2", [f"bad {i}" if i in (2, 5, 13) else None for i in range(n)], AnnotatorKind.MODEL)
    return world


@pytest.fixture
def compared(workbench):
    task = Task(OUTCOMES, type=QuestionKind.PREFERENCE, options=Options(candidates=("one", "two")))
    rows = [(f"word{i} first{i} second{i}", f"this {i}", f"that {i}") for i in range(16)]
    rows[4] = ("same both words", "equal", "equal")
    rows[5] = ("one is empty here", "", "full")
    world = World(workbench, task, rows, ("text", "one", "two"))
    world.person = world.says("ann", ["B", "tie", None, task.fallback.name, "A", "A", *["A"] * 10])
    return world


def test_what_a_person_wrote_goes_before_what_models_wrote_where_they_differ(written):
    pairs = written.pairs(written.request(written.person))
    told = {(one["preferred_output"][0]["content"], one["non_preferred_output"][0]["content"]) for one in pairs}
    of_m1 = {(f"better {i}", f"a far worse text {i}") for i in (2, *range(4, 12))}
    assert told == of_m1 | {(f"better {i}", f"bad {i}") for i in (2, 5)}
    assert [turn["role"] for turn in pairs[0]["input"]["messages"]] == ["system", "user"]
    assert pairs[0]["input"]["messages"][-1]["content"] == "word2 first2 second2"
    checks = {one.title: one for one in written.wb.fine_tunes.preflight(written.request(written.person)).checks}
    assert "1 item that nobody else wrote a text for, 2 pairs of equal texts" in checks["Left out"].finding
    assert checks["Enough examples"].finding == "11 lines; gains usually show from 50."
    assert "In 2 of 11 pairs" in checks["Better is not just longer"].finding


def test_the_worse_texts_can_be_those_of_one_annotator(written):
    pairs = written.pairs(written.request(written.person, against=written.other))
    assert [one["non_preferred_output"][0]["content"] for one in pairs] == ["bad 2", "bad 5"]
    assert not written.wb.fine_tunes.preflight(written.request(written.person, against=written.other)).ready


def test_no_pair_is_of_a_test_item_and_validation_has_its_own_file(written):
    preflight = written.wb.fine_tunes.preflight(written.request(written.person))
    both = preflight.jsonl() + preflight.validation_jsonl()
    assert "word12" in preflight.validation_jsonl() and "word12" not in preflight.jsonl()
    assert "word13" not in both


def test_of_two_candidates_the_preferred_one_goes_first_and_ties_are_counted_out(compared):
    preflight = compared.wb.fine_tunes.preflight(compared.request(compared.person))
    pairs = compared.pairs(compared.request(compared.person))
    assert pairs[0] == {
        "input": {"messages": [{"role": "user", "content": "word0 first0 second0"}]},
        "preferred_output": [{"role": "assistant", "content": "that 0"}],
        "non_preferred_output": [{"role": "assistant", "content": "this 0"}],
    }
    assert len(pairs) == 9
    checks = {one.title: one for one in preflight.checks}
    left_out = "1 tie, 1 item without a verdict, 1 pair of equal texts, 1 pair with an empty text"
    assert left_out in checks["Left out"].finding
    assert "to write such texts, not to judge them" in checks["Requests"].finding
    assert checks["Enough examples"].level == "blocker", "nine pairs are fewer than hosts take"


def test_of_a_ranking_every_candidate_goes_before_all_of_later_places(workbench):
    names = ("one", "two", "three")
    task = Task(tuple(map(Label, names)), type=QuestionKind.RANKING, options=Options(candidates=names))
    rows = [(f"word{i} first{i}", f"a {i}", f"b {i}", f"c {i}") for i in range(6)]
    world = World(workbench, task, rows, ("text", *names))
    person = world.says("ann", [(("three",), ("one", "two")), (("one", "two", "three"),), None, None, None, None])
    pairs = world.pairs(world.request(person))
    told = [(one["preferred_output"][0]["content"], one["non_preferred_output"][0]["content"]) for one in pairs]
    assert told == [("c 0", "a 0"), ("c 0", "b 0")]


def test_trl_gets_messages_and_azure_its_mark(compared):
    request = compared.request(compared.person)
    [first, *_] = compared.pairs(request, "trl")
    assert first == {
        "prompt": [{"role": "user", "content": "word0 first0 second0"}],
        "chosen": [{"role": "assistant", "content": "that 0"}],
        "rejected": [{"role": "assistant", "content": "this 0"}],
    }
    assert compared.wb.fine_tunes.preflight(request).jsonl("azure").startswith('\ufeff{"input"')


@pytest.mark.parametrize(("kind", "n"), [(QuestionKind.TEXT, 2), (QuestionKind.SINGLE_LABEL, 1)])
def test_a_question_is_taught_by_the_methods_that_its_answers_allow(kind, n, workbench):
    labels = () if kind is QuestionKind.TEXT else (Label("A"), Label("B"))
    world = World(workbench, Task(labels, type=kind), [(f"a text {i}",) for i in range(4)])
    person = world.says("ann", ["A"] * 4)
    assert len(workbench.fine_tunes.methods(world.id)) == n
    if n == 1:
        with pytest.raises(WorkbenchError, match="make no preference pairs"):
            workbench.fine_tunes.preflight(world.request(person))


def test_a_job_asks_for_the_method_with_its_own_parameters_as_the_protocol_has_it(written, fake_host):
    entries = {"n_epochs": "2", "beta": "0.2"}
    parameters = parse_parameters(entries, DIALECTS["openai"].parameters_of("dpo"))
    job = written.wb.fine_tunes.start(
        written.request(written.person), host="openai", base_model="fake-large", parameters=parameters
    )
    work_off(written.wb)
    job = written.wb.fine_tunes.get(job.id)
    assert (job.status, job.n_train) == (FineTuneStatus.SUCCEEDED, 11)
    [made] = fake_host.jobs.values()
    assert made.request["method"] == {"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": 2, "beta": 0.2}}}
    lines = [json.loads(line) for line in fake_host.files[made.request["training_file"]].splitlines()]
    assert len(lines) == 11
    assert all(line.keys() == {"input", "preferred_output", "non_preferred_output"} for line in lines)
    assert [run.models[0].model for run in follow_ups(job, Split.VALIDATION)] == [job.fine_tuned_model]
    if OPENAPI.is_file():
        whole = json.loads(OPENAPI.read_text(), object_hook=as_of_today)
        schema = {"$ref": "#/components/schemas/CreateFineTuningJobRequest", "components": whole["components"]}
        jsonschema.validate(made.request, schema)


def as_of_today(schema):
    if schema.get("exclusiveMinimum") is True:
        schema["exclusiveMinimum"] = schema.pop("minimum")
    return schema


@pytest.mark.parametrize("param", ["method", "method.type", ""])
def test_a_host_that_refuses_the_method_is_said_in_a_sentence_and_nothing_else_is_trained(param, written, fake_host):
    fake_host.on(JOBS, fails(400, "Unsupported parameter: method", param=param))
    job = written.wb.fine_tunes.start(written.request(written.person), host="openai", base_model="fake-large")
    work_off(written.wb)
    job = written.wb.fine_tunes.get(job.id)
    assert job.status is FineTuneStatus.FAILED and not fake_host.jobs
    assert job.message.startswith("This host does not fine-tune on preference pairs (DPO).")
    assert "Unsupported parameter" in job.message and "teach it examples" in job.message


def test_a_refused_parameter_is_not_taken_for_a_refused_method(written, fake_host):
    fake_host.on(JOBS, fails(400, "beta must be at most 1", param="method.dpo.hyperparameters.beta"))
    job = written.wb.fine_tunes.start(written.request(written.person), host="openai", base_model="fake-large")
    work_off(written.wb)
    assert written.wb.fine_tunes.get(job.id).message == "Could not start the fine-tune: beta must be at most 1"


def test_a_method_that_an_earlier_job_had_to_leave_out_is_asked_for_all_the_same(written, fake_host):
    first = written.wb.fine_tunes.start(written.request(written.person), host="openai", base_model="fake-large")
    work_off(written.wb)
    with written.wb.db.write() as conn:
        job = written.wb.fine_tunes.get(first.id)
        fine_tunes.record(conn, first.id, config={**job.config, "left_out": ["method", "seed"]})
    told = written.wb.fine_tunes.preflight(written.request(written.person, host="openai")).checks[0]
    assert told.level == "warning" and "had to leave out how it is to be taught" in told.finding
    written.wb.fine_tunes.start(written.request(written.person), host="openai", base_model="fake-large")
    work_off(written.wb)
    asked = list(fake_host.jobs.values())[-1].request
    assert asked["method"]["type"] == "dpo" and "seed" not in asked and "hyperparameters" not in asked


def test_the_embedded_host_takes_no_pairs_and_a_writer_is_not_run_to_judge(compared, written):
    for world, todo in ((compared, "teach it to judge by examples"), (written, "Choose another host.")):
        checks = world.wb.fine_tunes.preflight(world.request(world.person, host="embedded")).checks
        assert checks[0].level == "blocker" and "writes no texts" in checks[0].finding and todo in checks[0].todo
    with compared.wb.db.write() as conn:
        job_id = fine_tunes.create(
            conn, compared.id, annotator_id=compared.person, prompt_version_id=compared.version, host="openai",
            base_model="m", n_train=9, n_validation=1, config={"method": "dpo", "writes_only": True},
        )  # fmt: skip
        fine_tunes.record(conn, job_id, status="succeeded", fine_tuned_model="ft:m")
    with pytest.raises(WorkbenchError, match="to write such texts, not to judge them"):
        follow_ups(compared.wb.fine_tunes.get(job_id), Split.TEST)


def test_what_is_masked_for_a_host_is_masked_in_all_three_parts_of_a_pair(workbench):
    world = World(workbench, Task((), type=QuestionKind.TEXT), [(f"write to a{i}@b.org now",) for i in range(4)])
    person = world.says("ann", [f"Dear a{i}@b.org!" for i in range(4)])
    world.says("m", [f"a{i}@b.org: hello" for i in range(4)], AnnotatorKind.MODEL)
    masking = type(workbench.hosts.get("openai").masking)(kinds=("email",))
    preflight = workbench.fine_tunes.preflight(world.request(person, masking=masking))
    assert "@b.org" not in preflight.jsonl() and preflight.jsonl().count("[EMAIL_") == 6
    assert preflight.training.masked == 3


def test_a_part_of_the_pairs_is_as_many_as_it_says_and_a_larger_part_holds_it(workbench):
    world = World(workbench, Task((), type=QuestionKind.TEXT), [(f"text {n} of {n} words",) for n in range(22)])
    ann = world.says("ann", [f"good {n}" for n in range(22)], AnnotatorKind.PERSON)
    for name in ("m", "k"):
        world.says(name, [f"bad {name} {n}" for n in range(22)], AnnotatorKind.MODEL)

    def taught(n, seed=1):
        request = TuneRequest(world.id, ann, world.version, method="dpo", subset=Subset(n, seed))
        return [(one.item_id, one.rejected) for one in world.wb.fine_tunes.preflight(request).training.train]

    # Two pairs an item: of 20 items in train 40 pairs.
    assert len(taught(100)) == 40 and len(taught(11)) == 11
    assert set(taught(11)) < set(taught(25)) and taught(11) != taught(11, seed=2)


def test_labels_of_pairs_cannot_be_balanced(workbench):
    world = World(workbench, Task((), type=QuestionKind.TEXT), [(f"text {n} of {n} words",) for n in range(12)])
    ann = world.says("ann", ["good"] * 12, AnnotatorKind.PERSON)
    request = TuneRequest(world.id, ann, world.version, method="dpo", selection=Selection(balance="cap"))
    with pytest.raises(WorkbenchError, match="preference pairs: they have none"):
        world.wb.fine_tunes.preflight(request)
