"""A run against a host that behaves: what is asked, what is stored."""

import pytest

from core.hosts.wire import Asking
from core.model import AnswerKind, RunStatus
from core.storage import annotations, projects
from tests.fakes.host import CONFIDENCE, fails, garbage, says
from tests.fakes.waiting import finished
from tests.fakes.worlds import right_label

pytestmark = pytest.mark.usefixtures("quick")


def labels_of(project, annotator_id):
    """Current label name by item id."""
    with project.wb.db.read() as conn:
        names = projects.label_names(conn, project.id)
        return {item: names[label] for item, label in annotations.label_ids_of(conn, annotator_id).items()}


def entries_of(project, run):
    """The run's own entries, by item text."""
    texts = project.items()
    with project.wb.db.read() as conn:
        past = annotations.history(conn, list(texts), projects.label_names(conn, project.id))
    return {texts[item]: [e for e in entries if e.run_id == run.id] for item, entries in past.items()}


def test_a_run_labels_every_item_and_asks_about_each_once(small_project, workbench, fake_host):
    run = finished(workbench, small_project.start())
    assert (run.status, run.total, run.done, run.errors, run.missing) == (RunStatus.DONE, 60, 60, 0, 0)
    texts = small_project.items()
    assert labels_of(small_project, run.annotator_id) == {i: right_label(text) for i, text in texts.items()}
    assert fake_host.counts == dict.fromkeys(texts.values(), 1)


def test_the_tokens_the_host_counted_are_summed_up(small_project, workbench):
    run = finished(workbench, small_project.start())
    assert (run.prompt_tokens, run.completion_tokens) == (600, 180)


def test_a_run_never_has_more_calls_in_flight_than_asked_for(small_project, workbench, fake_host):
    fake_host.always(says('{"label": "SPORTS"}', delay=0.003))
    finished(workbench, small_project.start(in_flight=3))
    assert fake_host.in_flight_most == 3


def test_a_run_over_one_split_asks_about_its_items_only(small_project, workbench, fake_host):
    from core.model import Split

    run = finished(workbench, small_project.start(Split.VALIDATION))
    assert run.total == 12
    assert set(fake_host.counts) == set(small_project.items(Split.VALIDATION).values())


def test_a_run_of_more_items_than_are_read_at_a_time_reaches_the_last(small_project, workbench, monkeypatch):
    monkeypatch.setattr("core.services.labelling._PAGE", 7)
    assert finished(workbench, small_project.start(in_flight=2)).done == 60


def test_a_second_run_of_the_same_model_and_prompt_finds_nothing_left(small_project, workbench):
    from core.errors import WorkbenchError

    finished(workbench, small_project.start())
    with pytest.raises(WorkbenchError, match="nothing to label"):
        small_project.start()


def test_the_confidence_is_the_probability_of_the_label_the_host_spelled(small_project, workbench):
    run = finished(workbench, small_project.start())
    entries = [entry for entries in entries_of(small_project, run).values() for entry in entries]
    assert [entry.confidence for entry in entries] == [pytest.approx(CONFIDENCE)] * 60
    assert {entry.confidence_source for entry in entries} == {"logprobs"}


def test_a_host_without_logprobs_gives_labels_without_confidence(small_project, workbench, fake_host):
    fake_host.gives_logprobs = False
    run = finished(workbench, small_project.start())
    entries = [entry for entries in entries_of(small_project, run).values() for entry in entries]
    assert {entry.confidence for entry in entries} == {None}
    assert run.done == 60


UNCLEAR = {
    AnswerKind.NO_LABEL: says("I could not say."),
    AnswerKind.SEVERAL_LABELS: says("SPORTS or POLITICS"),
    AnswerKind.OUTSIDE_LIST: says('{"label": "WEATHER"}'),
    AnswerKind.REFUSED: says("", refusal="I will not."),
    AnswerKind.TRUNCATED: says('{"label": "SPO', finish_reason="length"),
    AnswerKind.EMPTY: says("  "),
}


def test_each_kind_of_unclear_answer_is_the_fallback_with_its_reason(small_project, workbench, fake_host):
    texts = list(small_project.items().values())
    kinds = dict(zip(texts, UNCLEAR, strict=False))
    for text, kind in kinds.items():
        fake_host.for_item(text, UNCLEAR[kind])
    run = finished(workbench, small_project.start())
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)
    assert workbench.runs.details(run.id).unclear == dict.fromkeys(UNCLEAR, 1)
    entries = entries_of(small_project, run)
    for text in kinds:
        (entry,) = entries[text]
        assert entry.label == "UNABLE_TO_CLASSIFY"
        assert entry.reason
        assert fake_host.counts[text] == 1


def test_a_model_that_only_babbles_never_stops_a_run(small_project, workbench, fake_host):
    fake_host.always(says("bananas"))
    run = finished(workbench, small_project.start())
    assert (run.status, run.done) == (RunStatus.DONE, 60)
    assert workbench.runs.details(run.id).unclear == {AnswerKind.NO_LABEL: 60}


def test_an_answer_with_half_a_character_is_stored_with_a_mark_in_its_place(small_project, workbench, fake_host):
    text = next(iter(small_project.items().values()))
    fake_host.for_item(text, says("\ud83d what?"))
    run = finished(workbench, small_project.start())
    assert (run.status, run.done) == (RunStatus.DONE, 60)
    assert entries_of(small_project, run)[text][0].raw == "? what?"


def test_an_error_message_with_half_a_character_is_stored_with_a_mark_in_its_place(small_project, workbench, fake_host):
    text = next(iter(small_project.items().values()))
    fake_host.for_item(text, fails(400, "bad \udc00 input"))
    run = finished(workbench, small_project.start())
    assert (run.done, run.errors) == (59, 1)
    assert [trouble.message for trouble in workbench.runs.troubles(run.id)] == ["bad ? input"]


@pytest.mark.parametrize(
    "logprobs", ['{"content": [{"token": "x", "logprob": null}]}', "[1, 2]", '{"content": "none"}', '{"tokens": []}']
)
def test_logprobs_in_a_strange_shape_cost_the_confidence_not_the_answer(logprobs, small_project, workbench, fake_host):
    body = '{"choices": [{"message": {"content": "SPORTS"}, "finish_reason": "stop", "logprobs": LOGPROBS}]}'
    fake_host.always(garbage(body.replace("LOGPROBS", logprobs).encode()))
    run = finished(workbench, small_project.start())
    assert (run.done, len(fake_host.asked)) == (60, 60)
    assert workbench.runs.details(run.id).confidences == []


def is_schema(body):
    return body.get("response_format", {}).get("type") == "json_schema"


def is_json_object(body):
    return body.get("response_format", {}).get("type") == "json_object"


@pytest.mark.parametrize(
    ("refusals", "expected"),
    [
        ([(is_schema, fails(400, "response_format json_schema is not supported"))], Asking.JSON_OBJECT),
        ([(is_schema, fails(422, "'json_schema' unknown", param="response_format"))], Asking.JSON_OBJECT),
        (
            [
                (is_schema, fails(400, "unknown response_format")),
                (is_json_object, fails(400, "response_format must be text")),
            ],
            Asking.PLAIN,
        ),
        ([(lambda body: "response_format" in body, garbage(b"").__class__("fail", 400, b'{"detail": [{"loc": '
           b'["body", "response_format"], "msg": "extra fields not permitted"}]}'))], Asking.PLAIN),
        ([(lambda body: "response_format" in body, garbage(b"").__class__("fail", 400,
           b'{"object": "error", "message": "guided json_schema failed", "code": 400}'))], Asking.PLAIN),
    ],
    ids=["json_schema refused", "by parameter", "both refused", "in a FastAPI shape", "in an older shape"],
)  # fmt: skip
def test_a_host_that_refuses_a_way_of_asking_is_asked_the_next_way(
    refusals, expected, small_project, workbench, fake_host
):
    for where, step in refusals:
        fake_host.refuse(where, step)
    run = finished(workbench, small_project.start())
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)
    assert workbench.hosts.manner("openai", "fake-large").asking is expected
    assert set(fake_host.served[text] for text in fake_host.counts) == {1}


@pytest.mark.parametrize(
    ("parameter", "message"),
    [("logprobs", "You are not allowed to request logprobs from this model"), ("temperature", "Unsupported value")],
)
def test_a_host_that_refuses_a_parameter_is_asked_without_it(parameter, message, small_project, workbench, fake_host):
    fake_host.refuse(lambda body: parameter in body, fails(400, message, param=parameter))
    run = finished(workbench, small_project.start())
    assert (run.done, run.errors) == (60, 0)
    assert parameter not in fake_host.asked[-1].body
    assert is_schema(fake_host.asked[-1].body)


def test_what_a_host_refused_is_remembered_for_the_next_run(small_project, workbench, fake_host):
    fake_host.refuse(is_schema, fails(400, "no json_schema here"))
    finished(workbench, small_project.start(n=10))
    before = len(fake_host.asked)
    finished(workbench, small_project.start())
    assert not any(is_schema(asked.body) for asked in fake_host.asked[before:])
