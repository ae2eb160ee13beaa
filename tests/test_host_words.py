"""How a job stands, in the words of many hosts."""

import pytest

from core.host_words import End, end_of, goes_on

WORDS = {
    End.WELL: ["succeeded", "SUCCESS", "Succeeded", "completed", "COMPLETE", "finished", "JOB_STATE_SUCCEEDED", "done"],
    End.BADLY: ["failed", "FAILED_VALIDATION", "error", "Error", "expired", "JOB_STATE_EXPIRED", "rejected", "timeout"],
    End.CANCELLED: ["cancelled", "canceled", "CANCELED", "Stopped", "aborted", "cancelled_by_user"],
    None: ["running", "Validating_Files", "queued", "cancelling", "canceling", "in-progress", "In Progress",
           "finalizing", "notRunning", "paused", "completing", "STATUS_RUNNING", "blue", ""],
}  # fmt: skip


@pytest.mark.parametrize(("end", "word"), [(end, word) for end, words in WORDS.items() for word in words])
def test_the_words_of_hosts_are_understood_in_their_spellings(end, word):
    assert end_of(word) is end


@pytest.mark.parametrize(
    ("word", "surely"), [("running", True), ("cancelling", True), ("blue", False), ("failed", False)]
)
def test_a_word_nobody_knows_does_not_say_that_a_job_goes_on(word, surely):
    assert goes_on(word) is surely
