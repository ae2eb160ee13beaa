"""A run against a host that behaves: what is asked, what is stored."""

import pytest

from core.hosts.wire import Asking
from core.model import AnswerKind, RunStatus
from core.services.common.values import Sayings
from core.services.labelling.feeding import Feeder
from core.storage import annotations, runs, tasks
from tests.fakes import saying
from tests.fakes.host import CONFIDENCE, fails, garbage, says
from tests.fakes.waiting import finished, wait_for
from tests.fakes.worlds import right_label

pytestmark = pytest.mark.usefixtures("quick")


def labels_of(project, annotator_id):
    """Current label name by item id."""
    with project.wb.db.read() as conn:
        names = tasks.label_names(conn, project.id)
        return {item: names[label] for item, label in saying.label_ids_of(conn, annotator_id).items()}


def entries_of(project, run):
    """The run's own entries, by item text."""
    texts = project.items()
    with project.wb.db.read() as conn:
        past = annotations.history(conn, list(texts), Sayings(conn, project.id))
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
    monkeypatch.setattr("core.services.labelling.feeding._PAGE", 7)
    assert finished(workbench, small_project.start(in_flight=2)).done == 60


def test_a_page_that_takes_too_long_ends_with_the_item_at_hand_and_the_run_goes_on_from_there(
    small_project, workbench, monkeypatch
):
    monkeypatch.setattr("core.services.labelling.feeding._LONGEST_PAGE_SECONDS", 0.0)
    pages = []
    real = Feeder.page
    monkeypatch.setattr(Feeder, "page", lambda self, after: pages.append(real(self, after)) or pages[-1])
    assert finished(workbench, small_project.start()).done == 60
    assert [page.items for page in pages if page is not None] == [1] * 60


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
        assert entry.said == "UNABLE_TO_CLASSIFY"
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
    assert entries_of(small_project, run)[text][0].raw == "\ufffd what?"


def test_an_error_message_with_half_a_character_is_stored_with_a_mark_in_its_place(small_project, workbench, fake_host):
    text = next(iter(small_project.items().values()))
    fake_host.for_item(text, fails(400, "bad \udc00 input"))
    run = finished(workbench, small_project.start())
    assert (run.done, run.errors) == (59, 1)
    assert [trouble.message for trouble in workbench.runs.troubles(run.id)] == ["bad \ufffd input"]


@pytest.mark.parametrize(
    "logprobs", ['{"content": [{"token": "x", "logprob": null}]}', "[1, 2]", '{"content": "none"}', '{"tokens": []}']
)
def test_logprobs_in_a_strange_shape_cost_the_confidence_not_the_answer(logprobs, small_project, workbench, fake_host):
    body = '{"choices": [{"message": {"content": "SPORTS"}, "finish_reason": "stop", "logprobs": LOGPROBS}]}'
    fake_host.always(garbage(body.replace("LOGPROBS", logprobs).encode()))
    run = finished(workbench, small_project.start())
    assert (run.done, len(fake_host.asked)) == (60, 60)
    assert workbench.runs.details(run.id).confidences == []


def test_items_whose_requests_are_the_same_are_asked_about_once(small_project, workbench, fake_host):
    same = list(small_project.items())[:5]
    with workbench.db.write() as conn:
        for item in same:
            conn.exec_driver_sql("UPDATE items SET text = 'team one' WHERE id = ?", (item,))
    run = finished(workbench, small_project.start())
    assert fake_host.counts["team one"] == 1
    assert (run.done, run.calls, run.from_cache) == (60, 56, 4)
    with workbench.db.read() as conn:
        found = conn.exec_driver_sql(
            "SELECT id, source_id FROM annotations WHERE run_id = ? AND item_id <= ?", (run.id, same[-1])
        ).all()
    (source,) = [row.id for row in found if row.source_id is None]
    assert [row.source_id for row in found if row.source_id is not None] == [source] * 4


def test_where_the_first_of_the_same_requests_fails_the_next_is_asked(small_project, workbench, fake_host):
    same = list(small_project.items())[:3]
    with workbench.db.write() as conn:
        for item in same:
            conn.exec_driver_sql("UPDATE items SET text = 'team one' WHERE id = ?", (item,))
    fake_host.for_item("team one", fails(400, "too odd"))
    run = finished(workbench, small_project.start())
    assert (run.status, run.done, run.errors, run.calls, run.from_cache) == (RunStatus.DONE, 59, 1, 58, 1)
    assert fake_host.counts["team one"] == 2


def test_an_item_that_is_given_up_says_how_often_it_was_asked_about(small_project, workbench, fake_host):
    text = next(iter(small_project.items().values()))
    fake_host.for_item(text, *[fails(500)] * 5)
    run = finished(workbench, small_project.start(in_flight=2))
    with workbench.db.read() as conn:
        (error,) = runs.error_list(conn, run.id)
    assert (error.attempts, fake_host.counts[text]) == (5, 5)


def test_a_run_under_way_says_at_what_pace(small_project, workbench, fake_host):
    fake_host.hold(after=10)
    run = small_project.start(in_flight=3)
    workbench.worker.ensure_started()
    wait_for(lambda: "3 in flight" in workbench.runs.get(run.id).message, "the sentence")
    fake_host.release()
    wait_for(lambda: not workbench.runs.get(run.id).status.is_live, "the end")
    assert workbench.runs.get(run.id).message == ""


def test_limits_per_minute_bound_the_calls_and_are_said(small_project, workbench, fake_host):
    run = small_project.start(n=10)
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE runs SET config = json_set(config, '$.requests_per_minute', 2)")
    workbench.worker.ensure_started()
    wait_for(lambda: "limit per minute" in workbench.runs.get(run.id).message, "the sentence")
    fake_host.wait_for_requests(1)
    wait_for(lambda: workbench.runs.get(run.id).done == 1, "the one label")
    assert len(fake_host.asked) == 1
    workbench.runs.cancel(run.id)
    wait_for(lambda: workbench.runs.get(run.id).status is RunStatus.CANCELLED, "the end")


def test_a_host_that_says_its_limit_is_used_up_is_given_time(small_project, workbench, fake_host):
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "60s"}
    fake_host.always(says('{"label": "SPORTS"}', headers=headers))
    run = small_project.start(n=10, in_flight=2)
    workbench.worker.ensure_started()
    wait_for(lambda: "rate limit is used up" in workbench.runs.get(run.id).message, "the sentence")
    assert len(fake_host.asked) <= 3
    workbench.runs.cancel(run.id)
    wait_for(lambda: workbench.runs.get(run.id).status is RunStatus.CANCELLED, "the end")


def test_how_a_host_is_best_asked_is_remembered_while_the_run_goes_on(small_project, workbench, fake_host):
    fake_host.refuse(is_schema, fails(400, "no json_schema here"))
    fake_host.hold(after=40)
    run = small_project.start(in_flight=4)
    workbench.worker.ensure_started()
    wait_for(lambda: workbench.runs.get(run.id).done >= 10, "the first labels")
    wait_for(lambda: workbench.hosts.manner("openai", "fake-large").asking is not Asking.STRICT_SCHEMA, "the memory")
    assert workbench.runs.get(run.id).status.is_live
    fake_host.release()
    wait_for(lambda: not workbench.runs.get(run.id).status.is_live, "the end")


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
