"""What was spent, what a right label cost, and caps."""

from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.metrics.intervals import wilson_interval
from core.model import Budget, Price, RunStatus, Split
from core.services.asking.costing import LabelCost
from core.services.runs.running import ModelRef, RunRequest, Which
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import MODEL

# The fake host counts 10 tokens in and 3 out for each call: 10 + 30 = 40 millionths of a dollar.
PRICE = Price(input=1.0, output=10.0)
EACH = 40e-6


@pytest.fixture
def request_(small_project):
    return RunRequest(small_project.id, (small_project.version_id,), (ModelRef("openai", MODEL),), Split.VALIDATION)


@pytest.fixture
def priced(workbench):
    workbench.prices.set("openai", MODEL, PRICE)


def test_a_right_label_costs_what_an_item_costs_over_the_share_of_right_ones() -> None:
    # $2 for 100 items is $20 for 1,000; 30 of the 40 compared are right: $26.67 for 1,000 right ones.
    each = LabelCost(2.0, 100, compared=40, agreed=30).per_1000_right
    low, high = wilson_interval(30, 40)
    assert each.value == pytest.approx(20 * 40 / 30)
    assert (each.n, each.low, each.high) == (40, pytest.approx(20 / high), pytest.approx(20 / low))
    assert LabelCost(2.0, 100).per_1000 == pytest.approx(20)


@pytest.mark.parametrize(
    ("cost", "why"),
    [
        (LabelCost(None, 100, 40, 30), "the cost is unknown"),
        (LabelCost(2.0, 100), "none of its items has a label of the reference"),
        (LabelCost(2.0, 100, 40, 0), "it agrees with the reference on none of them"),
        (LabelCost(0.0, 0, 40, 30, from_cache=40), "all of its answers came from the cache"),
    ],
)
def test_where_there_is_no_cost_of_a_right_label_it_says_why(cost, why) -> None:
    assert cost.per_1000_right.value is None
    assert cost.per_1000_right.undefined == why


def test_what_the_cache_knew_makes_no_label_cheaper() -> None:
    # $2 for the 100 items asked about, whatever else the run labelled for nothing.
    assert LabelCost(2.0, 100, from_cache=900).per_1000 == pytest.approx(20)


def test_a_part_costs_its_share_and_parts_are_added() -> None:
    both = LabelCost(2.0, 100, tokens=5000).of_items(10) + LabelCost(6.0, 20, tokens=1000).of_items(10)
    # 10 items at 2 cents and 10 at 30 cents; 10 × 50 tokens and 10 × 50.
    assert (both.dollars, both.asked, both.tokens) == (pytest.approx(3.2), 20, pytest.approx(1000))


def test_a_part_of_unknown_cost_makes_the_sum_unknown_but_what_the_cache_knew_does_not() -> None:
    known, unknown = LabelCost(2.0, 100), LabelCost(None, 10)
    assert (known + unknown).dollars is None
    cached = LabelCost(None, 0, from_cache=50).of_items(5)
    assert ((known + cached).dollars, (known + cached).from_cache) == (2.0, 5)


def test_a_run_all_from_the_cache_tells_nothing_of_the_cost(priced, workbench, request_, fake_host):
    finished(workbench, workbench.runs.start(request_)[0])
    again = finished(workbench, workbench.runs.start(replace(request_, which=Which.ALL))[0])
    assert (again.from_cache, again.calls) == (12, 0)
    cost = workbench.runs.worth(again.id).cost
    assert (cost.dollars, cost.is_all_from_cache, cost.per_1000, cost.per_1000_right.value) == (0, True, None, None)


def test_several_answers_an_item_cost_as_much_before_the_last_is_there(priced, workbench, request_):
    # 3 × 40 millionths an item: after 10 of 36 calls just as after all of them.
    capped = replace(request_, repeats=3, budget=Budget(calls=10), in_flight=1)
    run = finished(workbench, workbench.runs.start(capped)[0])
    assert (run.status, run.calls, run.done) == (RunStatus.PAUSED, 10, 3)
    assert workbench.runs.worth(run.id).cost.per_1000 == pytest.approx(1000 * 3 * EACH)


def test_runs_and_compare_say_the_same_of_a_right_label_and_compare_of_the_compared_items_alone(
    priced, workbench, request_, small_project
):
    run = finished(workbench, workbench.runs.start(request_)[0])
    # What is labelled elsewhere at ten times the price is no part of what is compared.
    workbench.prices.set("openai", MODEL, Price(input=10.0, output=100.0))
    finished(workbench, workbench.runs.start(replace(request_, split=Split.TRAIN))[0])
    people = {one.name: one.id for one in workbench.projects.annotators(small_project.id)}
    worth = workbench.runs.worth(run.id)
    others = [i for i in people.values() if i not in (run.annotator_id, worth.reference.id)]
    view = workbench.compare.view(small_project.id, worth.reference.id, run.annotator_id, others[0], Split.VALIDATION)
    assert view.a.cost.per_1000_right == worth.cost.per_1000_right
    assert view.a.cost.tokens_per_1000 == 13_000
    assert view.b.cost.tokens_per_1000 is None


def test_a_run_costs_what_its_tokens_cost_and_is_compared_with_the_reference(priced, workbench, request_):
    run = finished(workbench, workbench.runs.start(request_)[0])
    worth = workbench.runs.worth(run.id)
    assert worth.cost.dollars == pytest.approx(12 * EACH)
    assert (worth.cost.compared, worth.cost.agreed) == (12, 12)
    assert worth.cost.per_1000_right.value == pytest.approx(1000 * EACH)
    assert (worth.reference.name, worth.is_free) == ("gold", False)


def test_test_items_are_not_compared_in_passing(priced, workbench, request_):
    run = finished(workbench, workbench.runs.start(replace(request_, split=Split.TEST))[0])
    assert workbench.runs.worth(run.id).cost.compared == 0
    everything = finished(workbench, workbench.runs.start(replace(request_, split=None, which=Which.ALL))[0])
    assert workbench.runs.worth(everything.id).cost.compared == 42


def test_a_price_given_later_prices_what_was_spent_before(workbench, request_):
    run = finished(workbench, workbench.runs.start(request_)[0])
    assert workbench.runs.costs.of(run) is None
    workbench.prices.set("openai", MODEL, PRICE)
    assert workbench.runs.costs.of(run) == pytest.approx(12 * EACH)


def test_a_price_changed_later_changes_no_run(priced, workbench, request_):
    run = finished(workbench, workbench.runs.start(request_)[0])
    workbench.prices.set("openai", MODEL, Price(input=100.0, output=100.0))
    assert workbench.runs.costs.of(run) == pytest.approx(12 * EACH)


def test_an_estimate_after_a_probe_is_measured_and_right(priced, workbench, request_):
    everything = replace(request_, split=None)
    before = workbench.runs.estimate(everything)
    assert not before.is_measured
    workbench.runs.probe(everything)
    work_off(workbench)
    after = workbench.runs.estimate(everything)
    assert after.is_measured
    assert after.calls == 40
    assert after.dollars is not None and after.dollars.value == pytest.approx(40 * EACH)
    assert after.tokens.value == 40 * 13
    assert after.seconds is not None and after.seconds.high > 0


def test_the_price_of_a_grid_is_unknown_where_one_of_its_cells_is(priced, workbench, request_):
    both = replace(request_, models=(ModelRef("openai", MODEL), ModelRef("openai", "fake-small")))
    known, unknown = workbench.runs.estimate(both).cells
    assert known.expected.dollars is not None and unknown.expected.dollars is None
    assert workbench.runs.estimate(both).dollars is None


def test_a_cap_in_dollars_is_refused_where_a_price_is_unknown(workbench, request_):
    with pytest.raises(
        WorkbenchError, match="The price of fake-large is unknown, so a cap in dollars cannot be enforced"
    ):
        workbench.runs.start(replace(request_, budget=Budget(dollars=1.0)))
    assert workbench.runs.all(request_.project_id) == []


def test_a_run_pauses_at_its_cap_and_goes_on_when_it_is_raised(workbench, request_, fake_host):
    everything = replace(request_, split=None, budget=Budget(calls=10), in_flight=1)
    run = finished(workbench, workbench.runs.start(everything)[0])
    assert run.status is RunStatus.PAUSED
    assert run.resume_at is None
    assert 10 <= run.calls < 60
    workbench.runs.raise_cap(run.id, Budget(calls=1000))
    again = finished(workbench, run)
    assert (again.status, again.done, again.config["budget"]["calls"]) == (RunStatus.DONE, 60, 1000)
    assert set(fake_host.counts.values()) == {1}


def test_no_cap_in_dollars_can_be_raised_without_a_price(workbench, request_):
    run = finished(workbench, workbench.runs.start(replace(request_, budget=Budget(calls=1)))[0])
    with pytest.raises(WorkbenchError, match="price of a model was unknown"):
        workbench.runs.raise_cap(run.id, Budget(dollars=1.0))


def test_the_embedded_host_costs_nothing(workbench, request_):
    (cell,) = workbench.runs.estimate(replace(request_, models=(ModelRef("embedded", "minilm-l6"),))).cells
    assert cell.expected.dollars is not None
    assert cell.expected.dollars.high == 0
