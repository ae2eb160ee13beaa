"""What a host is asked for when a fine-tune is ordered, whatever extra parameters its user has set."""

import pytest

from core.finetune.orders import MARK, Order, refused_field


def order(**extra):
    return Order("base", "file-1", "file-2", {"n_epochs": 3}, "mine", 7, "mark-1", extra)


@pytest.mark.parametrize(
    "name", ["model", "Model", "training_file", "TRAINING_FILE", "validation_file", "suffix", "seed"]
)
def test_extra_parameters_change_neither_what_is_trained_nor_on_what(name):
    request = order(**{name: "another"}).request(())
    assert (request["model"], request["training_file"], request["validation_file"]) == ("base", "file-1", "file-2")
    assert (request["suffix"], request["seed"]) == ("mine", 7)
    assert "another" not in request.values()


def test_a_job_is_found_again_by_its_mark_also_where_the_user_adds_metadata():
    assert order(metadata={"team": "a", MARK: "x"}).request(())["metadata"] == {"team": "a", MARK: "mark-1"}
    assert order(metadata="none").request(())["metadata"] == {MARK: "mark-1"}


def test_a_host_of_its_own_kind_gets_its_own_parameters_and_none_of_those_for_chat():
    request = order(trainingType="Standard", temperature=1, Temperature=1, messages=[], Messages=[]).request(())
    assert request["trainingType"] == "Standard"
    assert not {"temperature", "Temperature", "messages", "Messages"} & request.keys()


def test_what_a_host_refuses_may_be_left_out_unless_it_is_what_is_trained():
    class Refused(Exception):
        status_code = 400

        def __init__(self, param):
            self.body = {"param": param}

    request = order().request(())
    assert [refused_field(Refused(name), request) for name in ("seed", "suffix", "model")] == ["seed", "suffix", None]
