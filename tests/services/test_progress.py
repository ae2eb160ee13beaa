"""Which step is the next one."""

from dataclasses import replace
from datetime import UTC, datetime

from core.model import Run, RunStatus
from core.services.projects.progress import Lead, Step, lead_of

LOOP = ("data", "task", "prompts", "runs", "review", "agreement", "fine_tune", "compare")


def _far(done: int) -> list[Step]:
    """The first so many stations are done."""
    return [Step(page, page, place < done, "", f"do {page}") for place, page in enumerate(LOOP)]


def test_the_next_step_is_the_first_station_that_is_not_done() -> None:
    assert lead_of(_far(4), None, is_measured=True) == Lead("review", "review", "do review")
    assert lead_of(_far(6), None, is_measured=True) == Lead("fine_tune", "fine_tune", "do fine_tune")


def test_a_tuned_model_is_run_before_it_is_compared_and_then_the_loop_begins_again() -> None:
    assert lead_of(_far(7), None, is_measured=False).act == "measure"
    assert lead_of(_far(7), None, is_measured=False).page == "fine_tune"
    assert lead_of(_far(7), None, is_measured=True) == Lead("compare", "compare", "Compare before and after")
    assert lead_of(_far(8), None, is_measured=False).act == "measure"  # one more was taught
    again = Lead("again", "review", "Review what is still wrong", {"outcome": "still_wrong"})
    assert lead_of(_far(8), None, True, again) == again


def test_a_run_that_was_cut_off_goes_before_all_else_until_nothing_of_it_is_missing() -> None:
    cut = Run(3, 1, 1, RunStatus.INTERRUPTED, total=9, done=4, errors=0, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert lead_of(_far(5), cut, is_measured=True) == Lead("resume", "runs", "Resume the run")
    for other in (replace(cut, done=9), replace(cut, status=RunStatus.CANCELLED), replace(cut, status=RunStatus.DONE)):
        assert lead_of(_far(5), other, is_measured=True).act == "agreement"
