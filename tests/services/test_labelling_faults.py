"""A run against a host that fails: nothing lost, nothing paid twice, and a sentence for the user."""

import asyncio
from dataclasses import replace

import pytest

from core.model import ErrorKind, RunStatus
from core.services.labelling.run_executor import RunExecutor
from core.storage import annotations, runs
from tests.fakes.host import FakeHost, cut, error_in_200, fails, garbage, hang, out_of_credit, reset, says
from tests.fakes.waiting import finished, wait_for, work_off
from tests.fakes.worlds import make_project, right_label
from tests.services.test_labelling import entries_of, labels_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick")]

TRANSIENT = {
    "rate limit": fails(429, headers={"retry-after-ms": "2"}),
    "rate limit in seconds": fails(429, headers={"retry-after": "0.002"}),
    "rate limit until a date": fails(429, headers={"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}),
    "server error": fails(500),
    "bad gateway": fails(502),
    "reset connection": reset(),
    "cut body": cut(),
    "garbage": garbage(),
    "nested garbage": garbage(b"[" * 100_000),
    "error in a 200": error_in_200(),
}


@pytest.mark.parametrize("step", TRANSIENT.values(), ids=TRANSIENT)
def test_an_item_whose_call_fails_in_passing_is_asked_again(step, small_project, workbench, fake_host):
    text = list(small_project.items().values())[17]
    fake_host.for_item(text, step)
    run = finished(workbench, small_project.start())
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)
    assert fake_host.counts.pop(text) == 2
    assert set(fake_host.counts.values()) == {1}


def test_three_hundred_items_through_a_bad_network_lose_and_double_nothing(workbench, fake_host):
    project = make_project(workbench, 300)
    shares = [(fails(429, headers={"retry-after-ms": "1"}), 0.02), (fails(500), 0.01), (reset(), 0.01)]
    fake_host.disturb(4, *shares, (cut(), 0.01), (garbage(), 0.01))
    run = finished(workbench, project.start())
    assert (run.status, run.total, run.done, run.errors) == (RunStatus.DONE, 300, 300, 0)
    assert {len(entries) for entries in entries_of(project, run).values()} == {1}
    assert labels_of(project, run.annotator_id) == {i: right_label(t) for i, t in project.items().items()}
    assert set(fake_host.served.values()) == {1}, "an item was answered, and so paid for, twice"
    assert len(fake_host.asked) > 300


def test_the_host_s_wish_to_wait_is_honoured(small_project, workbench, fake_host):
    text = list(small_project.items().values())[3]
    fake_host.for_item(text, fails(429, headers={"retry-after-ms": "150"}))
    finished(workbench, small_project.start())
    first, second = [asked.at for asked in fake_host.asked if asked.text == text]
    assert second - first >= 0.15


def test_a_rate_limit_of_many_answers_in_a_row_burns_no_item(workbench, fake_host):
    project = make_project(workbench, 12)
    for text in project.items().values():
        fake_host.for_item(text, *[fails(429)] * 8)
    run = finished(workbench, project.start())
    assert (run.done, run.errors) == (12, 0)


def test_an_item_that_is_refused_waits_alone_and_the_others_go_on(small_project, workbench, fake_host):
    text = next(iter(small_project.items().values()))
    fake_host.for_item(text, fails(429, headers={"retry-after": "2"}))
    run = finished(workbench, small_project.start(in_flight=4))
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 60, 0)
    times = [asked.at for asked in fake_host.asked]
    again = [asked.at for asked in fake_host.asked if asked.text == text]
    assert again[1] - again[0] >= 2.0
    assert sum(at < again[1] for at in times) == 60, "the others waited too"


def test_a_host_that_asks_for_a_key_nobody_set_is_said_to_with_the_name_of_its_variable(
    small_project, workbench, fake_host
):
    fake_host.always(fails(401, "who are you?"))
    run = finished(workbench, small_project.start())
    assert run.status is RunStatus.FAILED
    assert "asks for a key, and OPENAI_API_KEY is not set" in run.message and "who are you?" in run.message
    assert run.message.endswith("Set it and start LabelLoop again, or type the key on Hosts. Then resume.")


STOPPING = {
    "key refused": (fails(401, "Incorrect API key provided"), "refused the key"),
    "forbidden": (fails(403, "Your project may not use this"), "refused the key"),
    "no credit": (out_of_credit(), "no credit left"),
    "payment required": (fails(402, "Insufficient balance"), "no credit left"),
    "unknown model": (fails(404, "The model `fake-large` does not exist"), "does not know"),
}


@pytest.mark.parametrize(("step", "said"), STOPPING.values(), ids=STOPPING)
def test_what_cannot_pass_stops_the_run_at_once_and_resuming_finishes_it(
    step, said, small_project, workbench, fake_host
):
    workbench.hosts.type_key("openai", "sk-of-a-test")
    fake_host.hold(after=10)
    fake_host.always(None)
    run = small_project.start(in_flight=5)
    workbench.worker.ensure_started()
    wait_for(lambda: workbench.runs.get(run.id).done == 10, "ten labels")
    fake_host.wait_for_requests(15)
    texts_in_flight = [asked.text for asked in fake_host.asked[10:]]
    fake_host.always(step)
    for text in fake_host.counts:
        fake_host.for_item(text, step)
    fake_host.release()
    wait_for(lambda: not workbench.runs.get(run.id).status.is_live, "the end")
    run = workbench.runs.get(run.id)
    assert run.status is RunStatus.FAILED
    assert said in run.message
    assert run.errors == 0, "items that were never judged must stay missing"
    assert len(fake_host.asked) <= 30, "it went on asking"
    fake_host.always(None)
    fake_host._by_item.clear()
    workbench.runs.resume(run.id)
    wait_for(lambda: workbench.runs.get(run.id).status is RunStatus.DONE, "the resumed run")
    assert workbench.runs.get(run.id).done == 60
    assert {len(entries) for entries in entries_of(small_project, run).values()} == {1}
    assert texts_in_flight


def test_a_refused_key_names_the_variable_that_holds_it(small_project, workbench, fake_host):
    fake_host.always(fails(401, "nope"))
    assert "OPENAI_API_KEY" in finished(workbench, small_project.start()).message


def test_a_host_that_only_fails_pauses_the_run_in_the_end_and_no_item_is_given_up(
    small_project, workbench, fake_host, quick, monkeypatch
):
    impatient = replace(quick, first_probe=0.005, longest_probe=0.01, outage_seconds=0.05)
    monkeypatch.setattr("core.services.labelling.run_executor.Policy", lambda: impatient)
    fake_host.always(fails(503, "overloaded"))
    run = finished(workbench, small_project.start(in_flight=8))
    assert (run.status, run.done, run.errors) == (RunStatus.PAUSED, 0, 0)
    assert "has not answered" in run.message
    assert "(overloaded)" in run.message
    assert run.resume_at is None, "it waits for somebody"
    fake_host.always(None)
    workbench.runs.resume(run.id)
    assert finished(workbench, run).done == 60


@pytest.mark.parametrize("n", [1, 60])
def test_a_host_that_is_down_before_the_start_fails_the_run_with_a_sentence(n, small_project, workbench, fake_host):
    port = fake_host.port
    fake_host.close()
    run = finished(workbench, small_project.start(n=n))
    assert (run.status, run.done, run.errors) == (RunStatus.FAILED, 0, 0)
    assert f"cannot connect to 127.0.0.1:{port}" in run.message
    with FakeHost(right_label, port=port):
        workbench.runs.resume(run.id)
        assert finished(workbench, run).done == n


def test_an_item_the_host_refuses_is_an_error_with_what_it_sent_and_the_rest_goes_on(
    small_project, workbench, fake_host
):
    text = list(small_project.items().values())[5]
    fake_host.for_item(text, fails(400, "too long for this model"))
    run = finished(workbench, small_project.start())
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 59, 1)
    (trouble,) = workbench.runs.troubles(run.id)
    assert (trouble.item.text, trouble.kind, trouble.message) == (text, "bad_request", "too long for this model")
    assert '"too long for this model"' in trouble.raw


def test_an_error_is_asked_again_only_where_the_user_wants_it(small_project, workbench, fake_host):
    text = list(small_project.items().values())[5]
    fake_host.for_item(text, fails(400))
    run = finished(workbench, small_project.start())
    workbench.runs.resume(run.id)
    assert (finished(workbench, run).errors, fake_host.counts[text]) == (1, 1)
    workbench.runs.resume(run.id, retry_errors=True)
    run = finished(workbench, run)
    assert (run.done, run.errors, fake_host.counts[text]) == (60, 0, 2)


def test_an_item_that_fails_every_time_is_given_up_and_the_rest_goes_on(small_project, workbench, fake_host):
    text = list(small_project.items().values())[5]
    fake_host.for_item(text, *[fails(500)] * 5)
    run = finished(workbench, small_project.start(in_flight=2))
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 59, 1)
    assert workbench.runs.details(run.id).errors == {ErrorKind.SERVER: 1}
    assert fake_host.counts[text] == 5


def test_a_host_that_refuses_everything_stops_the_run(small_project, workbench, fake_host):
    fake_host.always(fails(400, "messages: extra inputs are not permitted"))
    run = finished(workbench, small_project.start(in_flight=4))
    assert run.status is RunStatus.FAILED
    assert "refuses every request" in run.message
    assert len(fake_host.asked) < 60


def test_a_host_that_speaks_another_language_stops_the_run(small_project, workbench, fake_host):
    fake_host.always(garbage())
    run = finished(workbench, small_project.start(in_flight=4))
    assert (run.status, run.done) == (RunStatus.FAILED, 0)
    assert "never with what was asked for" in run.message
    assert len(fake_host.asked) < 60
    fake_host.always(None)
    workbench.runs.resume(run.id, retry_errors=True)
    assert finished(workbench, run).done == 60


def test_a_host_that_only_sends_errors_in_a_200_pauses_the_run(small_project, workbench, fake_host, quick, monkeypatch):
    impatient = replace(quick, first_probe=0.005, longest_probe=0.01, outage_seconds=0.05)
    monkeypatch.setattr("core.services.labelling.run_executor.Policy", lambda: impatient)
    fake_host.always(error_in_200())
    run = finished(workbench, small_project.start(in_flight=4))
    assert (run.status, run.done, run.errors) == (RunStatus.PAUSED, 0, 0)
    assert "upstream went away" in run.message
    fake_host.always(None)
    workbench.runs.resume(run.id)
    assert finished(workbench, run).done == 60


def test_an_answer_that_never_comes_counts_as_a_failure(small_project, workbench, fake_host, monkeypatch):
    from core.hosts import chat

    def impatient(connection, *, timeout_seconds):
        return chat.ChatClient(connection, timeout_seconds=0.2)

    monkeypatch.setattr("core.services.labelling.run_executor.ChatClient", impatient)
    text = list(small_project.items().values())[5]
    fake_host.for_item(text, hang())
    run = finished(workbench, small_project.start())
    assert (run.done, run.errors, fake_host.counts[text]) == (60, 0, 2)


# cancelling


def test_cancelling_stops_asking_and_keeps_what_is_in_flight(small_project, workbench, fake_host, monkeypatch):
    noticed = []
    wait_for_calls = RunExecutor._let_calls_finish

    async def and_release(self, askers):
        noticed.append(True)
        fake_host.release()
        await wait_for_calls(self, askers)

    monkeypatch.setattr(RunExecutor, "_let_calls_finish", and_release)
    fake_host.hold(after=10)
    run = small_project.start(in_flight=4)
    workbench.worker.ensure_started()
    wait_for(lambda: workbench.runs.get(run.id).done == 10, "ten labels")
    fake_host.wait_for_requests(14)
    workbench.runs.cancel(run.id)
    wait_for(lambda: not workbench.runs.get(run.id).status.is_live, "the end")
    run = workbench.runs.get(run.id)
    assert (run.status, run.done, run.missing, noticed) == (RunStatus.CANCELLED, 14, 46, [True])
    assert len(fake_host.asked) == 14
    workbench.runs.resume(run.id)
    wait_for(lambda: workbench.runs.get(run.id).status is RunStatus.DONE, "the resumed run")
    assert fake_host.counts == dict.fromkeys(small_project.items().values(), 1)


def test_cancelling_does_not_wait_for_a_host_that_never_answers(small_project, workbench, fake_host, no_grace):
    fake_host.always(hang())
    run = small_project.start(in_flight=4)
    workbench.worker.ensure_started()
    fake_host.wait_for_requests(4)
    workbench.runs.cancel(run.id)
    wait_for(lambda: not workbench.runs.get(run.id).status.is_live, "the end")
    assert (workbench.runs.get(run.id).status, workbench.runs.get(run.id).missing) == (RunStatus.CANCELLED, 60)


def test_a_queued_run_that_is_cancelled_asks_nobody(small_project, workbench, fake_host):
    run = small_project.start()
    workbench.runs.cancel(run.id)
    work_off(workbench)
    assert workbench.runs.get(run.id).status is RunStatus.CANCELLED
    assert fake_host.asked == []


def test_a_run_that_is_still_going_cannot_be_resumed(small_project, workbench):
    from core.errors import WorkbenchError

    run = small_project.start()
    with pytest.raises(WorkbenchError, match="still in progress"):
        workbench.runs.resume(run.id)


def test_a_template_that_asks_for_a_field_the_items_lack_fails_with_a_sentence(small_project, workbench):
    run = small_project.start()
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE runs SET config = json_set(config, '$.user', '{{text}} {{colour}}')")
    run = finished(workbench, run)
    assert run.status is RunStatus.FAILED
    assert "{{colour}}" in run.message


def test_says_is_what_the_host_is_told_to_say(small_project, workbench, fake_host):
    fake_host.always(says('{"label": "POLITICS"}'))
    run = finished(workbench, small_project.start(n=5))
    assert set(labels_of(small_project, run.annotator_id).values()) == {"POLITICS"}


def test_an_item_that_trips_us_up_fails_alone_and_is_paid_for_once(small_project, workbench, fake_host, monkeypatch):
    from core.services.asking.asker import Asker

    text, answered = list(small_project.items().values())[5], Asker._answered

    def tripping(self, reply, *asked):
        if reply.content == "strange":
            raise RuntimeError("a bug")
        return answered(self, reply, *asked)

    monkeypatch.setattr(Asker, "_answered", tripping)
    fake_host.for_item(text, says("strange"))
    run = finished(workbench, small_project.start())
    assert (run.status, run.done, run.errors, fake_host.counts[text]) == (RunStatus.DONE, 59, 1, 1)
    assert workbench.runs.details(run.id).errors == {ErrorKind.MALFORMED: 1}


def test_a_bug_that_every_answer_meets_stops_the_run(small_project, workbench, fake_host, monkeypatch):
    from core.services.asking.asker import Asker

    def tripping(self, reply, key, item):
        raise RuntimeError("a bug")

    monkeypatch.setattr(Asker, "_answered", tripping)
    run = finished(workbench, small_project.start(in_flight=4))
    assert run.status is RunStatus.FAILED
    assert "An error in LabelLoop stopped this" in run.message
    assert len(fake_host.asked) < 60, "every answer is paid for"


def test_odd_numbers_in_an_answer_do_not_end_the_run(small_project, workbench, fake_host):
    body = (
        '{"choices": [{"message": {"content": "{\\"label\\": \\"SPORTS\\"}"}, "logprobs": {"content":'
        ' [{"token": "SPORTS", "logprob": NaN}]}}], "usage": {"prompt_tokens": 1e400, "completion_tokens": 1e30}}'
    )
    fake_host.always(garbage(body.encode()))
    run = finished(workbench, small_project.start())
    assert (run.status, run.done, run.errors, run.prompt_tokens) == (RunStatus.DONE, 60, 0, 0)


def test_answers_are_kept_when_storing_them_meets_a_bug(small_project, workbench, monkeypatch):
    append, refused = annotations.append, []

    def refusing_once(conn, question_id, entries, ids):
        if refused:
            return append(conn, question_id, entries, ids)
        refused.extend(entry.item_id for entry in entries)
        raise RuntimeError("a bug")

    monkeypatch.setattr(annotations, "append", refusing_once)
    run = small_project.start(in_flight=4)
    with pytest.raises(RuntimeError, match="a bug"):
        asyncio.run(claimed(workbench).execute())
    assert not workbench.runs.get(run.id).status.is_live
    assert refused
    assert set(refused) <= labels_of(small_project, run.annotator_id).keys()


def claimed(workbench):
    """The executor of the run next in turn."""
    with workbench.db.write() as conn:
        run = runs.claim(conn, "a test")
    return RunExecutor(workbench.db, workbench.hosts, run, "a test")


def test_a_run_whose_host_answers_with_nothing_pauses_after_a_handful_and_says_why(workbench, fake_host):
    project = make_project(workbench, 200)
    fake_host.always(says("", reasoning_content="Let me think about POLITICS"))
    run = finished(workbench, project.start(in_flight=2))
    assert run.status is RunStatus.PAUSED
    assert "only empty answers, even when asked for plain text" in run.message
    assert len(fake_host.asked) < 20
    fake_host.always(None)
    workbench.runs.resume(run.id)
    resumed = finished(workbench, run)
    assert (resumed.status, resumed.done) == (RunStatus.DONE, 200)


def test_a_run_whose_host_loses_answers_asked_for_in_a_shape_goes_on_in_plain_text(workbench, fake_host):
    project = make_project(workbench, 60)
    fake_host.refuse(lambda body: "response_format" in body, says("", reasoning_content="hm"))
    run = finished(workbench, project.start(in_flight=2))
    assert (run.status, run.done) == (RunStatus.DONE, 60)
    assert sum("response_format" in asked.body for asked in fake_host.asked) < 10


def test_a_rate_limit_that_comes_as_an_answer_for_ever_ends(workbench, fake_host, quick, monkeypatch):
    policy = replace(quick, outage_seconds=3600.0)
    monkeypatch.setattr("core.services.labelling.run_executor.Policy", lambda: policy)
    project = make_project(workbench, 12)
    fake_host.always(error_in_200("slow down", code=429))
    run = finished(workbench, project.start())
    assert not run.status.is_live
    assert len(fake_host.asked) <= 12 * 12
