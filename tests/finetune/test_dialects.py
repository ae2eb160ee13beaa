"""What each dialect asks for and how it reads what it is told, without a host."""

import base64

import pytest

from core.finetune.dialects import DIALECTS, dialect_of
from core.finetune.dialects.deployments import standing
from core.finetune.events import metrics_in
from core.finetune.orders import Order, Sought
from core.model import DeploymentStatus

PAIRS = Order("base", "f1", None, {"n_epochs": 3, "beta": 0.1}, "mine-abc123", 7, "m", {"team": "a"}, "dpo")


def request_of(name, order):
    dialect = DIALECTS[name]
    return dialect.speak(None, dialect).request(order, set())


def test_pairs_are_ordered_in_each_dialect_as_it_has_them():
    openai = request_of("openai", PAIRS)
    assert openai["method"] == {"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": 3, "beta": 0.1}}}
    together = request_of("together", Order("base", "f1", None, {"dpo_beta": 0.1, "lora_r": 8}, "s", 7, "m", {}, "dpo"))
    assert together["training_method"] == {"method": "dpo", "dpo_beta": 0.1}
    assert together["training_type"] == {"type": "Lora", "lora_r": 8}
    fireworks = request_of("fireworks", PAIRS)
    assert fireworks["trainingConfig"] == {"baseModel": "base", "outputModel": "mine-abc123", "epochs": 3}
    assert fireworks["lossConfig"] == {"method": "DPO", "dpo": {"beta": 0.1}}
    assert {"baseModel", "epochs", "evaluationDataset"}.isdisjoint(fireworks)


@pytest.mark.parametrize("name", DIALECTS)
def test_the_host_s_extra_parameters_go_along_and_change_neither_model_nor_file(name):
    extra = {"team": "a", "model": "another", "training_file": "x", "dataset": "x", "baseModel": "another"}
    request = request_of(name, Order("base", "f1", None, {}, "s", 7, "m", extra))
    assert request["team"] == "a"
    own = [request.get(key) for key in ("model", "training_file", "dataset", "baseModel")]
    is_fireworks = name == "fireworks"
    assert own[:2] == ([None, None] if is_fireworks else ["base", "f1"]) or is_fireworks
    assert not is_fireworks or (request["dataset"], request["baseModel"]) == ("f1", "base")


def test_parameters_stand_where_each_host_looks_for_them():
    assert request_of("nebius", Order("b", "f", None, {"lora": True, "n_epochs": 2}, "s", 1, "m"))[
        "hyperparameters"
    ] == {"lora": True, "n_epochs": 2}
    azure = request_of("azure", Order("b", "f", None, {"trainingType": "Developer", "n_epochs": 2}, "s", 1, "m"))
    assert azure["trainingType"] == "Developer"
    assert azure["method"]["supervised"]["hyperparameters"] == {"n_epochs": 2}


def test_hosts_are_asked_at_the_address_that_their_jobs_have():
    asked = {name: DIALECTS[name].address for name in ("fireworks", "crusoe", "together")}
    assert asked["fireworks"]("https://api.fireworks.ai/inference/v1") == "https://api.fireworks.ai/v1"
    assert asked["crusoe"]("https://api.inference.crusoecloud.com/v1") == "https://api.intelligence.crusoecloud.com/v1"
    assert asked["together"]("https://api.together.ai/v1") == "https://api.together.ai/v1"
    assert dialect_of("a kind of host nobody knows") is DIALECTS["custom"]


CSV = "step,train_loss,valid_loss\n1,0.5,\n2,0.25,0.75\n"


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        "\ufeff" + CSV,
        base64.b64encode(CSV.encode()).decode(),
        '{"step": 1, "train_loss": 0.5}\nnot JSON\n{"step": 2, "train/loss": 0.25, "eval/loss": 0.75, "x": "y"}',
        '[{"global_step": 1, "train_loss": "0.5"}, {"global_step": 2, "train_loss": 0.25, "evaluation_loss": 0.75}]',
    ],
    ids=["plain", "with a mark", "base64", "lines", "a list"],
)
def test_curves_are_read_from_files_however_they_are_written(content):
    assert [event["data"] for event in metrics_in(content)] == [
        {"step": 1.0, "train_loss": 0.5},
        {"step": 2.0, "train_loss": 0.25, "valid_loss": 0.75},
    ]


@pytest.mark.parametrize("content", ["", "<html>", "\0", "a,b\n1", "[[1]]", "{", "step\nnan\n"])
def test_a_file_that_holds_no_curves_gives_none(content):
    assert metrics_in(content) == []


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("active", DeploymentStatus.READY),
        ("READY", DeploymentStatus.READY),
        ("DEPLOYMENT_STATE_READY", DeploymentStatus.READY),
        ("DEPLOYMENT_STATE_DEGRADED", DeploymentStatus.READY),
        ("DEPLOYMENT_STATE_PROVISIONING", DeploymentStatus.STARTING),
        ("CREATING", DeploymentStatus.STARTING),
        ("validating", DeploymentStatus.STARTING),
        ("a word nobody knows", DeploymentStatus.STARTING),
        ("DEPLOYMENT_STATE_FAILED", DeploymentStatus.FAILED),
        ("error", DeploymentStatus.FAILED),
        ("DEPLOYMENT_STATE_STOPPED", DeploymentStatus.GONE),
        ("DELETED", DeploymentStatus.GONE),
    ],
)
def test_how_a_deployment_stands_is_read_from_the_host_s_word(word, status):
    assert standing(word) is status


def test_a_job_without_marks_is_known_by_its_file_and_by_its_suffix_only_where_no_file_is_told():
    sought = Sought("m", "labelloop-v1-1-abc123", "file-7")
    assert sought.is_made_by("file-7", "")
    assert not sought.is_made_by("file-8", "labelloop-v1-1-abc123")
    assert sought.is_made_by(None, "labelloop-v1-1-abc123")
    assert not sought.is_made_by(None, "") and not Sought("m").is_made_by(None, "")
