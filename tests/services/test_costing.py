"""What was spent, what a right label cost, and caps."""

from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.metrics.intervals import wilson_interval
from core.model import Budget, Price, RunStatus, Split
from core.services.costing import LabelCost
from core.services.running import ModelRef, RunRequest, Which
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
    # $2 for 100 items is 2 cents each; 30 of the 40 compared are right: 2.67 cents a right one.
    each = LabelCost(2.0, 100, compared=40, agreed=30).per_correct
    low, high = wilson_interval(30, 40)
    assert each.value == pytest.approx(0.02 * 40 / 30)
    assert (each.n, each.low, each.high) == (40, pytest.approx(0.02 / high), pytest.approx(0.02 / low))
    assert LabelCost(2.0, 100).per_1000 == pytest.approx(20)


@pytest.mark.parametrize(
    ("cost", "why"),
    [
        (LabelCost(None, 100, 40, 30), "the price is unknown"),
        (LabelCost(2.0, 100), "none of its items has a label of the reference"),
        (LabelCost(2.0, 100, 40, 0), "it agrees with the reference on none of them"),
    ],
)
def test_where_there_is_no_cost_of_a_right_label_it_says_why(cost, why) -> None:
    assert cost.per_correct.value is None
    assert cost.per_correct.undefined == why


def test_a_run_costs_what_its_tokens_cost_and_is_compared_with_the_reference(priced, workbench, request_):
    run = finished(workbench, workbench.runs.start(request_)[0])
    worth = workbench.runs.worth(run.id)
    assert worth.cost.dollars == pytest.approx(12 * EACH)
    assert (worth.cost.compared, worth.cost.agreed) == (12, 12)
    assert worth.cost.per_correct.value == pytest.approx(EACH)
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
    with pytest.raises(WorkbenchError, match="The price of fake-large is unknown, so no cap in dollars can be kept"):
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
