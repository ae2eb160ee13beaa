"""What a host is asked for when a fine-tune is ordered, whatever extra parameters its user has set."""

import pytest

from core.finetune.dialects import DIALECTS
from core.finetune.dialects.openai import OpenAIJobs
from core.finetune.orders import MARK, Order, refused_field


def request_with(**extra):
    """What OpenAI is asked for where the user set these extra parameters."""
    order = Order("base", "file-1", "file-2", {"n_epochs": 3}, "mine", 7, "mark-1", extra)
    return OpenAIJobs(None, DIALECTS["openai"]).request(order, set())


@pytest.mark.parametrize(
    "name", ["model", "Model", "training_file", "TRAINING_FILE", "validation_file", "suffix", "seed"]
)
def test_extra_parameters_change_neither_what_is_trained_nor_on_what(name):
    request = request_with(**{name: "another"})
    assert (request["model"], request["training_file"], request["validation_file"]) == ("base", "file-1", "file-2")
    assert (request["suffix"], request["seed"]) == ("mine", 7)
    assert "another" not in request.values()


def test_a_job_is_found_again_by_its_mark_also_where_the_user_adds_metadata():
    assert request_with(metadata={"team": "a", MARK: "x"})["metadata"] == {"team": "a", MARK: "mark-1"}
    assert request_with(metadata="none")["metadata"] == {MARK: "mark-1"}


def test_a_host_of_its_own_kind_gets_its_own_parameters_and_none_of_those_for_chat():
    request = request_with(trainingType="Standard", temperature=1, Temperature=1, messages=[], Messages=[])
    assert request["trainingType"] == "Standard"
    assert not {"temperature", "Temperature", "messages", "Messages"} & request.keys()


def test_what_a_host_refuses_may_be_left_out_unless_it_is_what_is_trained():
    class Refused(Exception):
        status_code = 400

        def __init__(self, param):
            self.body = {"param": param}

    request = request_with()
    assert [refused_field(Refused(name), request, OpenAIJobs.needed) for name in ("seed", "suffix", "model")] == [
        "seed",
        "suffix",
        None,
    ]
