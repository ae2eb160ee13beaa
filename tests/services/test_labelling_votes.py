"""The majority of several answers; pure, so every share here is worked by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import ErrorKind
from core.services.labelling.votes import Rule, Tally
from core.storage.repeats import Repeat
from core.storage.runs import RunError
from core.tasks.kind import most_common as elected

A, B, FALLBACK = "11", "12", "13"


def vote(ordinal, label=A, kind="label", raw=None, prompt_tokens=10):
    reason = None if kind == "label" else "why"
    return Repeat(5, ordinal, label, kind, reason, raw or f"raw {ordinal}", 0.5, 0.2, prompt_tokens, 3, 1, b"k")


def majority(votes):
    return Rule(len(votes), elected).result(votes, annotator_id=7, run_id=9)


def error(message="no"):
    return RunError(5, ErrorKind.SERVER, message, "", 5)


def test_the_label_of_most_answers_wins_with_their_share_as_confidence():
    result = majority([vote(0, B), vote(1, A), vote(2, A)])
    assert (result.item_id, result.annotator_id, result.run_id, result.value) == (5, 7, 9, A)
    assert (result.confidence, result.confidence_source) == (pytest.approx(2 / 3), "repeats")
    assert result.votes == {A: 2, B: 1}
    assert result.raw == "raw 1"


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_of_tied_labels_the_one_answered_first_wins_in_whatever_order_they_came(order):
    votes = [vote(0, B), vote(1, A), vote(2, A), vote(3, B)]
    result = majority([votes[i] for i in order])
    assert (result.value, result.confidence, result.raw) == (B, 0.5, "raw 0")


def test_what_was_paid_for_is_summed_up_and_there_is_no_latency_of_its_own():
    result = majority([vote(0), vote(1, prompt_tokens=0), vote(2, prompt_tokens=None)])
    assert (result.prompt_tokens, result.completion_tokens, result.cached_tokens, result.seconds) == (10, 9, 3, None)
    assert result.request_hash is None, "a majority must not be taken for the answer to one request"


def test_the_fallback_answered_clearly_by_one_is_a_clear_answer():
    result = majority([vote(0, FALLBACK, "no_label"), vote(1, FALLBACK, "label")])
    assert (result.value, result.kind, result.reason, result.raw) == (FALLBACK, "label", None, "raw 1")


def test_the_fallback_that_nobody_answered_clearly_keeps_its_reason():
    result = majority([vote(0, FALLBACK, "refused"), vote(1, FALLBACK, "no_label")])
    assert (result.kind, result.reason) == ("refused", "why")


@pytest.mark.parametrize(
    ("came", "failed", "labelled"),
    [(5, 0, True), (3, 2, True), (2, 3, False), (2, 2, True), (1, 1, True), (0, 1, False)],
)
def test_half_of_the_answers_are_enough(came, failed, labelled):
    tally = Tally(Rule(came + failed, elected))
    tally.votes += [vote(i) for i in range(came)]
    assert not tally.is_complete or not failed
    tally.failures += [error(f"no {i}") for i in range(failed)]
    assert tally.is_complete
    result = tally.result(7, 9)
    assert (result.value == A) if labelled else (result == error(f"no {failed - 1}"))


@given(st.lists(st.sampled_from([A, B, FALLBACK]), min_size=1, max_size=25), st.randoms())
def test_the_majority_depends_on_the_answers_not_on_when_they_came(labels, rng):
    votes = [vote(i, label) for i, label in enumerate(labels)]
    shuffled = list(votes)
    rng.shuffle(shuffled)
    result = majority(shuffled)
    assert result == majority(votes)
    assert labels.count(result.value) == max(labels.count(label) for label in labels)
    assert result.confidence == labels.count(result.value) / len(labels)
    assert sum(result.votes.values()) == len(labels)
