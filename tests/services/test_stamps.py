"""What is kept of figures is dropped when they could have changed: items dealt anew, another reference."""

import pytest

from core.model import Split
from core.services.learning.fine_tuning import TuneRequest
from core.splits import Shares

OTHER = Shares(0.3, 0.3, 0.4)


def stamps(workbench, project):
    request = TuneRequest(project.id, project.gold, project.version_id)
    return (
        workbench.agreement.stamp(project.id),
        workbench.prompts.results_stamp(project.id),
        workbench.fine_tunes.stamp(request),
    )


def test_asking_twice_gives_the_same_stamps(small_project, workbench):
    assert stamps(workbench, small_project) == stamps(workbench, small_project)


def test_dealing_anew_with_the_same_seed_changes_every_stamp(small_project, workbench):
    before = stamps(workbench, small_project)
    workbench.data.split(small_project.id, OTHER, seed=1)
    assert all(old != new for old, new in zip(before, stamps(workbench, small_project), strict=True))


def test_known_results_are_worked_out_anew_for_another_reference(small_project, workbench):
    before = workbench.prompts.results_stamp(small_project.id)
    workbench.projects.set_reference(small_project.id, small_project.hasty)
    assert workbench.prompts.results_stamp(small_project.id) != before


def test_a_comparison_counts_the_items_as_they_are_dealt_now(small_project, workbench):
    from core.services.review.reviewing import Decision

    told = [Decision(seq, item, "SPORTS") for seq, item in enumerate(small_project.items(), 1)]
    workbench.review.store(small_project.id, "log", "me", told)
    me = workbench.review.person(small_project.id, "me").id
    three = (small_project.gold, small_project.hasty, me)
    assert workbench.compare.shared(small_project.id, *three)[Split.TEST] == 18
    workbench.data.split(small_project.id, OTHER, seed=1)
    assert workbench.compare.shared(small_project.id, *three)[Split.TEST] == 24


@pytest.mark.parametrize("verb", ["agreement", "prompts"])
def test_what_somebody_says_changes_the_stamp(small_project, workbench, verb):
    from core.services.review.reviewing import Decision

    def stamp():
        return (workbench.agreement.stamp if verb == "agreement" else workbench.prompts.results_stamp)(small_project.id)

    before = stamp()
    workbench.review.store(small_project.id, "log", "me", [Decision(1, next(iter(small_project.items())), "SPORTS")])
    assert stamp() != before
