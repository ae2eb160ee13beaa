"""What a search tries next, and what it ends early."""

from math import log

import pytest

from core.errors import WorkbenchError
from core.finetune.dialects import DIALECTS
from core.finetune.parameters import Parameter
from core.finetune.search import (
    Dimension,
    Told,
    as_range,
    dimension,
    is_behind,
    read_range,
    suggest,
    tenths,
    usual_dimension,
    usual_first,
)

RATE = Dimension("learning_rate_multiplier", "Learning rate ×", "float", 0.1, 10.0)
EPOCHS = Dimension("n_epochs", "Epochs", "int", 1, 20)
WEIGHT = Dimension("class_weight", "Class weight", "choice", choices=("none", "balanced"))
SPACE = (RATE, EPOCHS, WEIGHT)


def score(parameters):
    """Best at a rate of 2, with balanced classes."""
    return 0.8 - 0.1 * log(parameters[RATE.key] / 2) ** 2 - 0.05 * (parameters[WEIGHT.key] == "none")


def searched(n, seed=0):
    told = []
    for number in range(1, n + 1):
        proposed = suggest(SPACE, told, number, seed)
        told.append(Told(proposed, score(proposed)))
    return told


def test_the_same_trials_and_seed_give_the_same_proposal_so_that_a_kill_between_changes_nothing():
    told = searched(8)
    assert suggest(SPACE, told, 9) == suggest(SPACE, list(told), 9)
    assert suggest(SPACE, told, 9) != suggest(SPACE, told, 9, seed=1)


def test_proposals_keep_to_their_bounds_and_kinds():
    for one in searched(15):
        parameters = one.parameters
        assert 0.1 <= parameters[RATE.key] <= 10 and 1 <= parameters[EPOCHS.key] <= 20
        assert type(parameters[EPOCHS.key]) is int and parameters[WEIGHT.key] in ("none", "balanced")


def test_later_proposals_are_better_than_those_at_random():
    gained = []
    for seed in range(5):
        told = searched(25, seed)
        first, last = (sum(one.score for one in part) / len(part) for part in (told[:5], told[-5:]))
        gained.append(last - first)
    assert sum(gained) / len(gained) > 0.05


def test_trials_beside_one_another_are_not_the_same():
    told = searched(10)
    first = suggest(SPACE, told, 11)
    assert suggest(SPACE, [*told, Told(first, is_open=True)], 12) != first


def test_what_the_host_chose_by_itself_and_what_failed_teach_nothing_and_trip_nothing():
    told = searched(6)
    odd = [Told({}, 0.99), Told({RATE.key: 1.0}, 0.9), Told(told[0].parameters)]
    assert suggest(SPACE, [*odd, *told], 7) == suggest(SPACE, told, 7)


def others(values):
    return [Told(one.parameters, score, {5: score, 10: score}) for one, score in zip(searched(4), values, strict=True)]


def test_a_trial_below_the_median_of_the_others_at_the_same_tenth_is_behind():
    known = others([0.5, 0.6, 0.7, 0.8])
    assert is_behind(SPACE, known, {5: 0.55}) and not is_behind(SPACE, known, {5: 0.7})


def test_nothing_is_behind_too_early_or_with_too_few_to_compare_with():
    known = others([0.5, 0.6, 0.7, 0.8])
    assert not is_behind(SPACE, known, {1: 0.0}) and not is_behind(SPACE, known, {})
    assert not is_behind(SPACE, known[:3], {5: 0.0})


def test_a_trial_is_compared_by_tenths_of_its_way_the_last_score_of_each():
    assert tenths([(0.04, 0.1), (0.09, 0.2), (0.55, 0.5), (1.0, 0.7)]) == {0: 0.2, 5: 0.5, 10: 0.7}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_every_hosts_parameters_can_be_searched_within_its_bounds(dialect):
    known = dialect.parameters_of("supervised")
    space = [usual_dimension(known[key]) for key in known]
    for axis in space:
        if axis.kind != "choice":
            assert known[axis.key].low <= axis.low < axis.high <= known[axis.key].high
            assert read_range(known[axis.key], as_range(axis)) == axis
        assert dimension(axis.stored()) == axis
    assert set(suggest(space, [], 1)) == set(known)
    assert set(usual_first(known)) <= set(known) and usual_first(known)


LAMBDA = Parameter("l2", "Weight decay", "float", 0.0, 1.0, "Pulls weights to 0.", default=0.01)


def test_a_parameter_nobody_foresaw_is_searched_about_its_default():
    assert usual_dimension(LAMBDA) == Dimension("l2", "Weight decay", "float", 0.001, 0.1)
    assert usual_first({"l2": LAMBDA}) == ["l2"]


@pytest.mark.parametrize("entry", ["", "1", "a to b", "0.5 to 0.1", "0 to 5", "nan to 1", "-1 to 1"])
def test_a_range_that_is_none_is_named_with_what_to_enter(entry):
    with pytest.raises(WorkbenchError, match="Weight decay") as told:
        read_range(LAMBDA, entry)
    assert "0.001 to 0.1" in told.value.hint


@pytest.mark.parametrize("entry", ["0.01 to 0.5", "0.01–0.5", "0.01, 0.5", "0.01 0.5"])
def test_ranges_are_read_in_any_spelling(entry):
    assert (read_range(LAMBDA, entry).low, read_range(LAMBDA, entry).high) == (0.01, 0.5)
