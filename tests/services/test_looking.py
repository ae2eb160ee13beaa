"""Looks at the test split: each figure once, wherever it shows."""

import pytest

from core.model import Split
from core.services.review.reviewing import Decision, QueueFilter
from core.splits import Shares


@pytest.fixture
def me(small_project, workbench):
    told = [Decision(seq, item, "SPORTS") for seq, item in enumerate(small_project.items(), 1)]
    workbench.review.store(small_project.id, "log", "me", told)
    return workbench.review.person(small_project.id, "me").id


@pytest.fixture
def looks(small_project, workbench):
    return lambda: workbench.compare.looks(small_project.id)


def compare(workbench, project, a, b, split=Split.TEST):
    workbench.compare.view(project.id, project.gold, a, b, split)


def test_swapping_a_and_b_and_going_back_and_forth_is_one_look_each(small_project, workbench, me, looks):
    for _ in range(2):
        compare(workbench, small_project, me, small_project.hasty)
        compare(workbench, small_project, small_project.hasty, me)
        workbench.agreement.view(small_project.id, small_project.gold, [me, small_project.hasty], Split.TEST)
        workbench.agreement.view(small_project.id, small_project.gold, [small_project.hasty, me], Split.TEST)
    assert looks() == 2


def test_the_same_question_of_other_labels_splits_or_another_dealing_is_a_new_look(small_project, workbench, me, looks):
    compare(workbench, small_project, me, small_project.hasty)
    compare(workbench, small_project, me, small_project.hasty, None)
    assert looks() == 2
    item = next(iter(small_project.items(Split.TEST)))
    workbench.review.store(small_project.id, "log", "me", [Decision(100, item, "POLITICS")])
    compare(workbench, small_project, me, small_project.hasty)
    assert looks() == 3
    workbench.data.split(small_project.id, Shares(0.3, 0.3, 0.4), seed=1, agreed=True)
    compare(workbench, small_project, me, small_project.hasty)
    assert looks() == 4


def queues(project, me):
    return {
        "outcome": {"outcome": ("fixed", project.gold, project.hasty, me)},
        "cell": {"labelled_by": project.gold, "label_id": 1, "also_by": me, "also_label_id": 2},
        "disagreements": {"shown": (project.gold, me), "only_disagreements": True},
    }


@pytest.mark.parametrize("kind", ["outcome", "cell", "disagreements"])
@pytest.mark.parametrize("split", [Split.TEST, None])
def test_a_queue_whose_length_is_a_score_on_test_is_a_look(small_project, workbench, me, looks, kind, split):
    where = QueueFilter(split, **queues(small_project, me)[kind])
    workbench.review.queue(small_project.id, where)
    workbench.review.queue(small_project.id, where)
    assert looks() == 1


@pytest.mark.parametrize("kind", ["outcome", "cell", "disagreements"])
def test_such_a_queue_on_validation_is_none(small_project, workbench, me, looks, kind):
    workbench.review.queue(small_project.id, QueueFilter(Split.VALIDATION, **queues(small_project, me)[kind]))
    assert looks() == 0


def test_any_other_queue_on_test_is_none(small_project, workbench, me, looks):
    for where in (
        QueueFilter(Split.TEST),
        QueueFilter(Split.TEST, labelled_by=me, label_id=1),
        QueueFilter(Split.TEST, shown=(me,), only_disagreements=True),
        QueueFilter(Split.TEST, confidence_of=me, max_confidence=0.5),
    ):
        workbench.review.queue(small_project.id, where)
    assert looks() == 0


def test_opening_the_items_of_a_comparison_already_seen_shows_nothing_new(small_project, workbench, me, looks):
    compare(workbench, small_project, small_project.hasty, me)
    workbench.review.queue(small_project.id, QueueFilter(Split.TEST, **queues(small_project, me)["outcome"]))
    assert looks() == 1
