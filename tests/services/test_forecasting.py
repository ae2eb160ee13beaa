"""What runs are said to come to, against what they then come to: on a host whose calls differ."""

import random
from dataclasses import replace
from statistics import fmean

import pytest

from core.hosts.manner import Manner
from core.model import Price, Split
from core.services.asking.estimating import measured
from core.services.asking.requests import Mode, ModelRef, RunRequest, Which
from core.storage.run_figures import Call
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import MODEL, make_project
from tests.services.test_batch_files import brought, run_batch

pytestmark = pytest.mark.slow

PRICE = Price(input=1.0, output=10.0, batch_factor=0.5)


@pytest.fixture
def request_(small_project, workbench):
    workbench.prices.set("openai", MODEL, PRICE)
    return RunRequest(small_project.id, (small_project.version_id,), (ModelRef("openai", MODEL),), Split.VALIDATION)


def cell_of(workbench, request):
    (cell,) = workbench.runs.estimate(request).cells
    return cell


# is the range honest?


def call_about(length, draw):
    """A text is a token for every four or so of its characters, beside what the prompt says; answers are short."""
    return Call(60 + round(length / draw.uniform(3.3, 4.7)), 0, 8 + draw.randrange(9), 1.0, length)


def texts_of_all_lengths(draw, n):
    """`n` calls: most texts short, a few long, as they are in life."""
    return [call_about(round(draw.lognormvariate(5.0, 0.9)), draw) for _ in range(n)]


def dollars(call):
    return (call.prompt_tokens * PRICE.input + call.completion_tokens * PRICE.output) / 1e6


def told_and_taken(seed, sees, *, by_length=True):
    """What is told after so many of 1,000 calls and more, what they take, and what they cost."""
    calls = texts_of_all_lengths(random.Random(seed), 1000 + sees)
    seen, coming = calls[:sees], calls[sees:]
    length = fmean(call.length for call in coming) if by_length else None
    told = measured(1000, seen, PRICE, batch=False, coming_length=length)
    return told, sum(call.prompt_tokens + call.completion_tokens for call in coming), sum(map(dollars, coming))


@pytest.mark.parametrize(("sees", "by_length", "at_least"), [(20, True, 0.92), (200, True, 0.92), (20, False, 0.86)])
def test_the_range_a_probe_tells_holds_as_often_as_it_says(sees, by_length, at_least):
    held = {"dollars": 0, "tokens": 0}
    for seed in range(200):
        told, taken, paid = told_and_taken(seed, sees, by_length=by_length)
        held["dollars"] += told.dollars.low <= paid <= told.dollars.high
        held["tokens"] += told.tokens.low <= taken <= told.tokens.high
    assert min(held.values()) >= at_least * 200


def test_knowing_the_lengths_of_the_texts_narrows_the_range_down():
    by_length, blindly = (
        fmean((told.high - told.low) / told.value for told in ranges)
        for ranges in ([told_and_taken(s, 20, by_length=b)[0].dollars for s in range(50)] for b in (True, False))
    )
    assert by_length < 0.15 < 0.2 < blindly


def test_a_probe_and_the_run_after_it_on_a_host_whose_calls_differ(workbench, fake_host):
    workbench.prices.set("openai", MODEL, PRICE)
    fake_host.tokens = lambda text: call_about(len(text), random.Random(text))[0:3:2]
    held = 0
    for seed in range(5):
        project = make_project(workbench, 200, f"Project {seed}")
        draw = random.Random(seed)
        with workbench.db.write() as conn:
            for item, text in project.items().items():
                longer = f"{text} {'x' * round(draw.lognormvariate(5.0, 0.9))}"
                conn.exec_driver_sql("UPDATE items SET text = ? WHERE id = ?", (longer, item))
        request = RunRequest(project.id, (project.version_id,), (ModelRef("openai", MODEL),), None, use_cache=False)
        workbench.runs.probe(request)
        work_off(workbench)
        told = workbench.runs.estimate(request)
        assert told.is_measured and told.calls == 180
        run = finished(workbench, workbench.runs.start(request)[0])
        spent = workbench.runs.costs.of(run)
        assert spent == pytest.approx(run.prompt_tokens / 1e6 + run.completion_tokens / 1e5)
        held += told.dollars.low <= spent <= told.dollars.high
        assert told.dollars.high - told.dollars.low < 0.35 * spent
    assert held >= 4


# what is not known is not told


def test_a_host_that_counts_no_tokens_tells_nothing_of_what_calls_cost(workbench, fake_host, request_):
    fake_host.tokens = lambda text: (0, 0)
    run = finished(workbench, workbench.runs.start(request_)[0])
    assert (run.calls, workbench.runs.costs.of(run)) == (12, None)
    cell = cell_of(workbench, replace(request_, split=Split.TRAIN))
    assert cell.expected.measured == 0 and cell.expected.dollars.low > 0


def test_a_host_of_ones_own_that_counts_no_tokens_is_free_all_the_same(workbench, fake_host, request_):
    fake_host.tokens = lambda text: (0, 0)
    workbench.prices.set("openai", MODEL, Price(0.0, 0.0))
    run = finished(workbench, workbench.runs.start(request_)[0])
    assert workbench.runs.costs.of(run) == 0.0


# what need not be asked


def test_answers_an_item_has_already_are_not_counted_where_several_are_wanted(workbench, fake_host, request_):
    finished(workbench, workbench.runs.start(replace(request_, n=5, repeats=3))[0])
    more = replace(request_, repeats=5, temperature=0.7)
    cell = cell_of(workbench, more)
    assert (cell.items, cell.known, cell.calls) == (12, 0, 5 * 2 + 7 * 5)
    again = replace(request_, repeats=3, which=Which.ALL)
    assert [(c.items, c.known, c.calls) for c in (cell_of(workbench, again),)] == [(12, 5, 7 * 3)]
    before = len(fake_host.asked)
    finished(workbench, workbench.runs.start(more)[0])
    assert len(fake_host.asked) - before == cell.calls


@pytest.fixture
def alike(workbench, small_project, request_):
    """The validation items, of which four have the same text; some answer is in the cache already, and it is known how
    the model is asked, so that a batch begins with no question asked live."""
    workbench.hosts.remember("openai", MODEL, Manner(logprobs=False))
    finished(workbench, workbench.runs.start(replace(request_, split=Split.TEST, n=1))[0])
    few = sorted(small_project.items(Split.VALIDATION))[:4]
    with workbench.db.write() as conn:
        conn.exec_driver_sql(f"UPDATE items SET text = 'team of all' WHERE id IN ({','.join(map(str, few))})")
    return request_


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.BATCH])
def test_items_about_which_the_very_same_is_asked_take_one_call(workbench, fake_host, alike, mode, monkeypatch):
    monkeypatch.setattr("core.services.batching.batch_executor._POLL_LOCAL_SECONDS", 0.002)
    cell = cell_of(workbench, replace(alike, mode=mode))
    assert (cell.items, cell.known, cell.calls) == (12, 3, 9)
    run = finished(workbench, workbench.runs.start(replace(alike, mode=mode))[0])
    assert (run.done, run.calls, run.from_cache) == (12, 9, 3)
    assert (fake_host.batches.carried_out + fake_host.counts)["team of all"] == 1


def test_in_a_batch_too_each_is_asked_where_the_cache_is_not_wanted(workbench, fake_host, alike, monkeypatch):
    monkeypatch.setattr("core.services.batching.batch_executor._POLL_LOCAL_SECONDS", 0.002)
    afresh = replace(alike, mode=Mode.BATCH, use_cache=False)
    assert cell_of(workbench, afresh).calls == 12
    assert finished(workbench, workbench.runs.start(afresh)[0]).calls == 12


def test_where_the_one_that_was_asked_for_all_fails_the_others_are_asked(workbench, fake_host, alike, monkeypatch):
    monkeypatch.setattr("core.services.batching.batch_executor._POLL_LOCAL_SECONDS", 0.002)
    fake_host.batches.refuse(lambda body: body["messages"][-1]["content"] == "team of all", 400, "content policy")
    run = finished(workbench, workbench.runs.start(replace(alike, mode=Mode.BATCH))[0])
    assert (run.done, run.errors) == (8, 4) and len(fake_host.batches.all) == 2


# by batch and by file


def test_a_batch_is_told_and_paid_at_half_the_price(workbench, fake_host, request_, monkeypatch):
    monkeypatch.setattr("core.services.batching.batch_executor._POLL_LOCAL_SECONDS", 0.002)
    finished(workbench, workbench.runs.start(replace(request_, split=Split.TRAIN))[0])
    live, batch = (cell_of(workbench, replace(request_, mode=mode)) for mode in (Mode.LIVE, Mode.BATCH))
    assert batch.expected.dollars.value == pytest.approx(live.expected.dollars.value / 2) == pytest.approx(12 * 20e-6)
    run = finished(workbench, workbench.runs.start(replace(request_, mode=Mode.BATCH))[0])
    assert workbench.runs.costs.of(run) == pytest.approx(12 * 20e-6)


def test_answers_that_came_by_file_are_measured_and_cost_what_was_told(workbench, request_):
    run = workbench.runs.start(replace(request_, mode=Mode.FILE))[0]
    brought(workbench, run, run_batch(workbench.batches.export(run.id).path))
    # 20 tokens in and 6 out each, at half the price.
    assert workbench.runs.costs.of(workbench.runs.get(run.id)) == pytest.approx(12 * 40e-6)
    cell = cell_of(workbench, replace(request_, split=Split.TRAIN, mode=Mode.FILE))
    assert cell.expected.measured == 12 and cell.expected.dollars.value == pytest.approx(30 * 40e-6)
    assert cell.expected.seconds is None
