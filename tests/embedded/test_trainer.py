import csv
import hashlib
import io
import json
import threading

import numpy as np
import pytest

from core.embedded.database import Database
from core.embedded.dataset import Dataset
from core.embedded.errors import ApiError
from core.embedded.files import Files
from core.embedded.head import Epoch
from core.embedded.hyperparameters import read_hyperparameters, resolve
from core.embedded.jobs import LEASE_SECONDS, Jobs, Lost, Order
from core.embedded.keeping import Keeping
from core.embedded.models import Models
from core.embedded.progress import hold_out
from core.embedded.senses import PatientSenses
from core.embedded.trainer import Trainer
from core.errors import WorkbenchError


def embed(texts):
    """A direction of its own for every first letter, and a little noise that the text alone decides."""
    rows = []
    for text in texts:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
        vector = np.random.default_rng(seed).normal(size=384) * 0.05
        vector[ord(text[0]) % 384] += 5
        rows.append((vector / np.linalg.norm(vector)).astype(np.float32))
    return np.stack(rows) if rows else np.empty((0, 384), np.float32)


def no_words(texts):
    raise AssertionError("a file of single labels has no use for words")


def count(texts):
    return [3] * len(texts)


class World:
    """One data folder, a clock one turns by hand, and trainers over it."""

    def __init__(self, folder):
        self.folder = folder
        self.seconds = 1000.0

    def parts(self):
        database = Database(self.folder / "host.sqlite")
        return Jobs(database, lambda: self.seconds), Files(database, self.folder / "files"), Models(database)

    def trainer(self, embed=embed):
        return Trainer(*self.parts(), PatientSenses(embed, no_words), count)

    def order(self, lines=60, answers="XY", noise=False, **changes):
        """`noise`: half of the examples have the answer of a coin."""
        jobs, files, _ = self.parts()
        coin = np.random.default_rng(7).integers(0, 4, lines)
        said = [answers[coin[n] if noise and coin[n] < 2 else n % 2] for n in range(lines)]
        text = "\n".join(
            json.dumps(
                {
                    "messages": [
                        {"role": "user", "content": f"{'ab'[n % 2]}{n}"},
                        {"role": "assistant", "content": said[n]},
                    ]
                }
            )
            for n in range(lines)
        )
        file = files.create(io.BytesIO(text.encode()), "t.jsonl", "fine-tune")
        auto = dict.fromkeys(("n_epochs", "batch_size", "learning_rate_multiplier"), "auto")
        asked = {
            "suffix": "demo",
            "seed": 1,
            "hyperparameters": {**auto, "n_epochs": 4},
            "validation_file": None,
            **changes,
        }
        return jobs.create(Order("minilm-l6", file["id"], **asked))["id"]


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def messages(jobs, identity):
    return [event["message"] for event in jobs.events(identity, None, 100)["data"]][::-1]


def test_a_job_becomes_a_model_that_predicts(world):
    identity = world.order()
    assert world.trainer().work_once()
    jobs, files, models = world.parts()
    job = jobs.retrieve(identity)
    assert job["status"] == "succeeded" and job["fine_tuned_model"].startswith("ft:minilm-l6:demo:")
    # 60 examples of 3 + 2 tokens, 4 epochs.
    assert job["trained_tokens"] == 60 * 5 * 4
    head = models.find(job["fine_tuned_model"])
    assert [head.labels[i] for i in head.logits(embed(["aardvark", "bee"])).argmax(axis=1)] == ["X", "Y"]
    rows = files.path(job["result_files"][0]).read_text().splitlines()
    assert rows[0].startswith("step,epoch,train_loss,train_mean_token_accuracy,valid_loss") and len(rows) == 5


def test_events_tell_the_story_and_metrics_carry_numbers(world):
    identity = world.order()
    world.trainer().work_once()
    jobs, _, _ = world.parts()
    story = messages(jobs, identity)
    assert "all 60 examples are learned from" in story[2]
    assert story[-1] == "The job has successfully completed"
    metrics = [e["data"] for e in jobs.events(identity, None, 100)["data"] if e["type"] == "metrics"][::-1]
    # 60 examples in batches of 32: two steps an epoch.
    assert [(m["step"], m["total_steps"]) for m in metrics] == [(2, 8), (4, 8), (6, 8), (8, 8)]
    assert metrics[-1]["train_loss"] < metrics[0]["train_loss"]
    assert metrics[-1]["full_valid_mean_token_accuracy"] == 1.0


def test_the_best_epochs_and_the_newest_are_callable_checkpoints_and_the_best_is_the_model(world):
    identity = world.order(hyperparameters={"n_epochs": 9, "batch_size": 16}, noise=True)
    world.trainer().work_once()
    jobs, files, models = world.parts()
    job, kept = jobs.retrieve(identity), jobs.checkpoints(identity, None, 10)["data"]
    losses = [float(row["full_valid_loss"]) for row in csv.DictReader(files.path(job["result_files"][0]).open())]
    steps = [4 * (place + 1) for place in np.argsort(losses)]
    # Every second label is noise: heads that go on learning from it get worse.
    assert len(losses) == 9 and steps[0] < 4 * 9
    assert [c["step_number"] for c in kept] == sorted({*steps[:3], 4 * 9}, reverse=True)
    assert all(models.find(c["fine_tuned_model_checkpoint"]) for c in kept)
    (best,) = [c for c in kept if c["fine_tuned_model_checkpoint"] == job["fine_tuned_model"]]
    assert best["step_number"] == steps[0] and f"weights of step {steps[0]}" in messages(jobs, identity)[-2]
    assert len(models.listing()["data"]) == 2


def test_a_training_that_gets_no_better_ends_early_and_says_so(world):
    identity = world.order(hyperparameters={"n_epochs": 50, "early_stopping_patience": 3}, noise=True)
    world.trainer().work_once()
    jobs, files, _ = world.parts()
    job = jobs.retrieve(identity)
    losses = [float(row["full_valid_loss"]) for row in csv.DictReader(files.path(job["result_files"][0]).open())]
    best = int(np.argmin(losses)) + 1
    assert len(losses) == best + 3 < 50
    assert job["trained_tokens"] == 60 * 5 * len(losses)
    assert f"has not fallen since epoch {best}: the training ends after epoch {best + 3}" in " ".join(
        messages(jobs, identity)
    )


def test_where_nothing_is_validated_the_last_epoch_is_kept_and_none_is_left_out():
    keeping = Keeping(patience=2)
    for number in range(1, 7):
        keeping.offer(Epoch(number, number * 5, head=number), {"train_loss": 1.0})
    assert keeping.best.number == 6 and not keeping.is_at_its_end


def test_class_weights_are_refused_where_they_mean_nothing(world):
    identity = world.order(
        hyperparameters={"class_weight": "balanced"}, answers=('{"labels": ["X"]}', '{"labels": ["X", "Y"]}')
    )
    world.trainer().work_once()
    job = world.parts()[0].retrieve(identity)
    assert (job["status"], job["error"]["param"]) == ("failed", "class_weight")
    assert "one label an example" in job["error"]["message"]


def test_a_bad_file_fails_the_job_and_says_where(world):
    identity = world.order(lines=9)
    world.trainer().work_once()
    jobs, _, _ = world.parts()
    job = jobs.retrieve(identity)
    assert job["status"] == "failed" and job["fine_tuned_model"] is None
    assert (job["error"]["code"], job["error"]["param"]) == ("invalid_training_file", "training_file")
    assert not world.trainer().work_once()


def test_a_failure_of_the_host_fails_the_job_instead_of_repeating_it(world):
    def broken(texts):
        raise MemoryError("too much")

    identity = world.order()
    world.trainer(broken).work_once()
    jobs, _, _ = world.parts()
    assert jobs.retrieve(identity)["error"] == {
        "code": "server_error", "message": "The embedded host failed: too much", "param": None,
    }  # fmt: skip


def test_cancelling_midway_stops_the_training_and_leaves_no_model(world):
    identity = world.order()
    entered, go_on = threading.Event(), threading.Event()

    def slow(texts):
        if texts:
            entered.set()
            assert go_on.wait(30)
        return embed(texts)

    working = threading.Thread(target=world.trainer(slow).work_once)
    working.start()
    assert entered.wait(30)
    jobs, _, models = world.parts()
    assert jobs.retrieve(identity)["status"] == "running"
    assert jobs.cancel(identity)["status"] == "cancelled"
    go_on.set()
    working.join(30)
    assert jobs.retrieve(identity)["status"] == "cancelled"
    assert len(models.listing()["data"]) == 1
    with pytest.raises(ApiError, match="already ended: cancelled"):
        jobs.cancel(identity)


def test_a_job_has_one_owner_until_its_lease_runs_out(world):
    identity = world.order()
    jobs, _, _ = world.parts()
    assert jobs.claim("first") == identity
    assert jobs.claim("second") is None
    world.seconds += LEASE_SECONDS
    jobs.update(identity, "first")
    world.seconds += LEASE_SECONDS
    assert jobs.claim("second") is None
    world.seconds += 0.1
    assert jobs.claim("second") == identity
    with pytest.raises(Lost):
        jobs.update(identity, "first")


def test_a_job_whose_process_was_killed_is_taken_up_and_finished(world):
    identity = world.order()
    jobs, _, _ = world.parts()
    jobs.claim("killed")
    jobs.update(identity, "killed", status="running")
    assert not world.trainer().work_once()
    world.seconds += LEASE_SECONDS + 1
    assert world.trainer().work_once()
    assert jobs.retrieve(identity)["status"] == "succeeded"
    assert "The host was restarted; training starts over." in messages(jobs, identity)


def test_a_job_that_keeps_killing_its_process_is_given_up(world):
    identity = world.order()
    jobs, _, _ = world.parts()
    for attempt in range(5):
        assert jobs.claim(f"killed {attempt}") == identity
        world.seconds += LEASE_SECONDS + 1
    world.trainer().work_once()
    assert "interrupted 5 times" in jobs.retrieve(identity)["error"]["message"]


def test_a_released_job_needs_no_waiting(world):
    identity = world.order()
    jobs, _, _ = world.parts()
    jobs.claim("leaving")
    jobs.release("leaving")
    assert jobs.claim("next") == identity


def test_a_given_validation_file_is_used_and_nothing_is_held_out(world):
    _, files, _ = world.parts()
    entry = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "Y"}]}
    wrong = files.create(io.BytesIO(json.dumps(entry).encode()), "v.jsonl", "fine-tune")
    identity = world.order(validation_file=wrong["id"])
    world.trainer().work_once()
    jobs, _, _ = world.parts()
    checkpoint = jobs.checkpoints(identity, None, 1)["data"][0]
    # The one validation example is labelled wrongly on purpose.
    assert checkpoint["metrics"]["full_valid_mean_token_accuracy"] == 0.0
    assert not any("held out" in message for message in messages(jobs, identity))


def test_holding_out_takes_a_tenth_of_every_label():
    data = Dataset(tuple(map(str, range(100))), ("A",) * 80 + ("B",) * 19 + ("C",))
    kept, held = hold_out(data, seed=3)
    # 8 of 80, 2 of 19 (1.9 rounded), none of 1.
    assert sorted(held.labels) == ["A"] * 8 + ["B"] * 2
    assert set(kept.texts) | set(held.texts) == set(data.texts) and not set(kept.texts) & set(held.texts)
    assert hold_out(data, seed=3) == (kept, held)


@pytest.mark.parametrize(
    ("examples", "asked", "epochs", "batch"),
    [(800, {}, 10, 32), (10, {}, 50, 10), (10_000, {}, 3, 32), (800, {"n_epochs": 7, "batch_size": 100}, 7, 100)],
)
def test_auto_means_about_250_steps(examples, asked, epochs, batch):
    found = resolve(read_hyperparameters({"hyperparameters": asked}, None), examples)
    assert found == {
        "n_epochs": epochs,
        "batch_size": batch,
        "learning_rate_multiplier": 1.0,
        "early_stopping_patience": 10,
        "weight_decay": "auto",
        "class_weight": "none",
    }


def test_a_job_of_an_older_version_that_named_fewer_hyperparameters_can_be_carried_out():
    found = resolve({"n_epochs": 4, "batch_size": "auto", "learning_rate_multiplier": "auto"}, 60)
    assert (found["n_epochs"], found["early_stopping_patience"], found["class_weight"]) == (4, 10, "none")


def test_no_weight_decay_at_all_can_be_asked_for():
    asked = {"hyperparameters": {"weight_decay": 0, "learning_rate_multiplier": 2}}
    found = resolve(read_hyperparameters(asked, None), 60)
    assert (found["weight_decay"], found["learning_rate_multiplier"]) == (0.0, 2.0)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("n_epochs", 51, "whole number from 1 to 50"),
        ("early_stopping_patience", 0, "whole number from 1 to 50"),
        ("early_stopping_patience", True, "whole number from 1 to 50"),
        ("weight_decay", -0.1, "a number from 0, up to 100"),
        ("weight_decay", float("nan"), "a number from 0, up to 100"),
        ("class_weight", "heavy", "auto, none or balanced"),
        ("class_weight", ["balanced"], "auto, none or balanced"),
        ("learning_rate_multiplier", "fast", "a number above 0"),
    ],
)
def test_a_hyperparameter_that_cannot_be_is_named_with_what_it_may_be(name, value, why):
    with pytest.raises(ApiError, match=why) as refused:
        read_hyperparameters({"hyperparameters": {name: value}}, None)
    assert refused.value.param == f"hyperparameters.{name}"


def test_data_of_another_version_is_refused_in_a_sentence(tmp_path):
    with Database(tmp_path / "host.sqlite").transaction() as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(WorkbenchError, match="another version"):
        Database(tmp_path / "host.sqlite")
