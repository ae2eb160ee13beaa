"""The built-in host as its clients see it: the real SDK against the real process, every answer held against OpenAI's
published description."""

import base64
import http.client
import json
import math
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import numpy as np
import openai
import pytest
from openai import DefaultHttpxClient, OpenAI

from core.embedded.process import EmbeddedHost

ROOT = Path(__file__).parents[2]
DESCRIPTIONS = [
    ROOT / "openapi" / "openai-subset.json",
    Path(os.environ.get("LABELLOOP_TEST_DATA", ROOT.parent / "shared" / "data")).parent
    / "openapi"
    / "openai-subset.json",
]
LABELS = ["SPORTS", "POLITICS"]
SYSTEM = "Labels:\n- SPORTS: games, teams and athletes\n- POLITICS: elections, laws and governments"

pytestmark = pytest.mark.encoder


@pytest.fixture(scope="session")
def description():
    path = next((path for path in DESCRIPTIONS if path.is_file()), None)
    if path is None:
        pytest.skip("the OpenAPI description is absent")
    return json.loads(path.read_text(), object_hook=modern)


def modern(schema):
    """JSON Schema of today from that of OpenAPI 3.0, where `exclusiveMinimum` said what to make of `minimum`."""
    if schema.get("exclusiveMinimum") is True:
        schema["exclusiveMinimum"] = schema.pop("minimum")
    return schema


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    host = EmbeddedHost(tmp_path_factory.mktemp("contract"))
    yield host
    host.close()


@pytest.fixture(scope="session")
def checked(description):
    """Validates an HTTP response of the SDK; returns how many were."""
    seen = []
    components = {"components": description["components"]}
    patterns = [
        (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), item) for path, item in description["paths"].items()
    ]

    def check(response):
        response.read()
        path = response.request.url.path.removeprefix("/v1")
        operation = next(item for pattern, item in patterns if pattern.match(path))[response.request.method.lower()]
        if response.status_code == 200 and path.endswith("/content"):
            return
        schema = {"$ref": "#/components/schemas/ErrorResponse"}
        if response.status_code == 200:
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            if path == "/embeddings" and isinstance(response.json()["data"][0]["embedding"], str):
                schema = {}  # the description knows embeddings as numbers only
        jsonschema.Draft202012Validator({**schema, **components}).validate(response.json())
        seen.append(path)

    check.seen = seen
    return check


def client_of(host, checked):
    connection = host.ensure_started()
    client = DefaultHttpxClient(event_hooks={"response": [checked]})
    return OpenAI(base_url=connection.base_url, api_key=connection.token, http_client=client, max_retries=0)


@pytest.fixture(scope="session")
def client(host, checked):
    return client_of(host, checked)


def schema(labels=LABELS, **more):
    properties = {"label": {"type": "string", "enum": labels}, **more}
    body = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": body}}


def ask(client, text="The striker scored twice in the final", system=SYSTEM, **more):
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": text})
    return client.chat.completions.create(**{"model": "minilm-l6", "messages": messages, **more})


def test_the_base_model_is_listed_and_retrieved(client):
    assert "minilm-l6" in [model.id for model in client.models.list().data]
    assert client.models.retrieve("minilm-l6").owned_by == "labelloop"


def test_a_label_is_answered_bare_as_an_object_and_by_schema(client):
    assert ask(client).choices[0].message.content == "SPORTS"
    assert json.loads(ask(client, response_format={"type": "json_object"}).choices[0].message.content) == {
        "label": "SPORTS"
    }
    politics = ask(client, "Parliament passed the bill", response_format=schema())
    assert json.loads(politics.choices[0].message.content) == {"label": "POLITICS"}
    assert politics.choices[0].finish_reason == "stop"


def test_the_distribution_can_be_read_from_the_logprobs(client):
    answer = ask(client, response_format=schema(), logprobs=True, top_logprobs=20).choices[0]
    tokens = answer.logprobs.content
    assert "".join(token.token for token in tokens) == answer.message.content
    label = next(token for token in tokens if token.token in LABELS)
    assert sum(math.exp(option.logprob) for option in label.top_logprobs) == pytest.approx(1)
    assert label.top_logprobs[0].token == label.token == "SPORTS"
    assert [token.logprob for token in tokens if token is not label] == [0.0, 0.0]


def test_usage_counts_the_words_of_prompt_and_answer(client):
    usage = ask(client, "hello world", system=None, response_format=schema()).usage
    # {"label":"sports"} is {, ", label, ", :, ", sports, ", }.
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (2, 9, 11)


def test_several_answers_are_drawn_and_repeat_with_the_seed(client):
    def draws(**more):
        return [c.message.content for c in ask(client, "A senator plays golf", n=64, **more).choices]

    assert draws(seed=1) == draws(seed=1)
    assert set(draws(seed=1)) == set(LABELS)
    assert len(set(draws(temperature=0))) == 1


def test_examples_in_the_messages_change_the_answer(client):
    question = {"model": "minilm-l6", "response_format": schema(["A", "B"])}
    shown = [("The cat sat on the mat", "A"), ("Stocks fell on Monday", "B")]
    for swap in (False, True):
        messages = []
        for text, label in shown:
            answer = {"A": "B", "B": "A"}[label] if swap else label
            messages += [
                {"role": "user", "content": text},
                {"role": "assistant", "content": json.dumps({"label": answer})},
            ]
        messages.append({"role": "user", "content": "Shares fell sharply on Tuesday"})
        content = client.chat.completions.create(messages=messages, **question).choices[0].message.content
        assert json.loads(content)["label"] == ("A" if swap else "B")


def test_the_fallback_is_answered_when_the_text_says_nothing(client):
    system = SYSTEM + "\n- UNABLE: only if none of the labels above fits"
    assert ask(client, "???", system=system).choices[0].message.content == "UNABLE"
    assert ask(client, system=system).choices[0].message.content == "SPORTS"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"stream": True}, "stream"),
        ({"n": 129}, "n"),
        ({"temperature": 3}, "temperature"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": "no labels anywhere"}]}, "messages"),
        ({"response_format": schema(why={"type": "string"})}, "response_format.json_schema.schema"),
    ],
)
def test_what_the_host_cannot_do_is_a_400_that_names_the_parameter(client, change, param):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, **change)
    assert caught.value.param == param


def test_unknown_things_are_404(client):
    for call in (
        lambda: ask(client, model="gpt-9"),
        lambda: client.models.retrieve("gpt-9"),
        lambda: client.models.delete("ft:minilm-l6:x:y"),
        lambda: client.files.retrieve("file-none"),
        lambda: client.fine_tuning.jobs.retrieve("ftjob-none"),
        lambda: client.fine_tuning.jobs.create(model="minilm-l6", training_file="file-none"),
    ):
        with pytest.raises(openai.NotFoundError):
            call()


def raw(host, method, path, body=b"", **headers):
    connection = host.ensure_started()
    address = urlsplit(connection.base_url)
    channel = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    channel.putrequest(method, path)
    for name, value in {
        "Authorization": f"Bearer {connection.token}",
        "Content-Length": str(len(body)),
        **headers,
    }.items():
        channel.putheader(name, value)
    channel.endheaders(body)
    answer = channel.getresponse()
    return answer.status, json.loads(answer.read())


@pytest.mark.parametrize("token", ["", "Bearer wrong", "Bearer"])
def test_without_the_right_token_everything_but_health_is_401(host, token):
    status, body = raw(host, "GET", "/v1/models", Authorization=token)
    assert status == 401 and body["error"]["code"] == "invalid_api_key"
    assert raw(host, "GET", "/health", Authorization=token)[0] == 200


def test_a_body_too_large_is_refused_before_it_is_read(host):
    assert raw(host, "POST", "/v1/chat/completions", **{"Content-Length": str(9 * 2**20)})[0] == 413
    assert raw(host, "POST", "/v1/files", **{"Content-Length": str(600 * 2**20)})[0] == 413


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'"x"', b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_a_400(host, body):
    assert raw(host, "POST", "/v1/chat/completions", body)[0] == 400


def test_half_a_surrogate_pair_in_the_text_is_survived(host):
    body = {
        "model": "minilm-l6",
        "messages": [{"role": "user", "content": "x \ud800 football"}],
        "response_format": schema(),
    }
    status, answer = raw(host, "POST", "/v1/chat/completions", json.dumps(body).encode())
    assert status == 200 and "SPORTS" in answer["choices"][0]["message"]["content"]


def test_unknown_paths_and_methods_answer_in_the_same_shape(host):
    for method, path, expected in (("GET", "/v1/nothing", 404), ("PUT", "/v1/models", 405)):
        status, body = raw(host, method, path)
        assert status == expected and set(body["error"]) == {"message", "type", "param", "code"}


def test_embeddings_are_unit_vectors_and_base64_says_the_same(client):
    numbers = client.embeddings.create(model="minilm-l6", input=["a", "b c"], encoding_format="float")
    coded = client.embeddings.create(model="minilm-l6", input="b c", encoding_format="base64").data[0].embedding
    vector = np.array(numbers.data[1].embedding)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5) and numbers.usage.prompt_tokens == 3
    np.testing.assert_allclose(np.frombuffer(base64.b64decode(coded), "<f4"), vector, atol=1e-7)
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(model="minilm-l6", input="x", dimensions=64)
    assert caught.value.param == "dimensions"


def training_lines(n=60):
    texts = {"SPORTS": "The team won match number {}", "POLITICS": "The senate voted on bill number {}"}
    for number in range(n):
        label = LABELS[number % 2]
        # The labels are swapped: only training can make a model answer like that.
        swapped = LABELS[1 - number % 2]
        messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": texts[label].format(number)}]
        yield json.dumps({"messages": [*messages, {"role": "assistant", "content": json.dumps({"label": swapped})}]})


def upload(client, lines):
    return client.files.create(file=("train.jsonl", "\n".join(lines).encode()), purpose="fine-tune")


def finished(client, job):
    while job.status not in ("succeeded", "failed", "cancelled"):
        job = client.fine_tuning.jobs.retrieve(job.id)
    return job


def test_files_can_be_listed_read_and_deleted(client):
    first, second = upload(client, ["one"]), upload(client, ["two"])
    listed = [file.id for file in client.files.list(purpose="fine-tune", limit=1)]
    assert listed[:2] == [second.id, first.id]
    assert client.files.retrieve(first.id).bytes == 3
    assert client.files.content(first.id).text == "one"
    assert client.files.delete(first.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.content(first.id)
    with pytest.raises(openai.BadRequestError) as caught:
        client.files.create(file=("x", b"x"), purpose="vision")
    assert caught.value.param == "purpose"


def test_fine_tuning_teaches_what_the_file_says_and_survives_a_restart(tmp_path, checked):
    host = EmbeddedHost(tmp_path)
    try:
        client = client_of(host, checked)
        file = upload(client, training_lines())
        job = finished(client, client.fine_tuning.jobs.create(
            model="minilm-l6", training_file=file.id, seed=5, suffix="swap", metadata={"run": "7"},
            method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 6, "batch_size": 16}}},
        ))  # fmt: skip
        assert job.status == "succeeded" and job.seed == 5 and job.metadata == {"run": "7"}
        assert re.fullmatch(r"ft:minilm-l6:swap:\w{8}", job.fine_tuned_model)
        events = client.fine_tuning.jobs.list_events(job.id, limit=100).data
        assert [event.data["epoch"] for event in events if event.type == "metrics"] == [6, 5, 4, 3, 2, 1]
        host.close()

        host = EmbeddedHost(tmp_path)
        client = client_of(host, checked)
        assert job.fine_tuned_model in [model.id for model in client.models.list().data]
        assert client.fine_tuning.jobs.retrieve(job.id).fine_tuned_model == job.fine_tuned_model
        assert client.files.content(job.result_files[0]).text.startswith("step,epoch,train_loss")
        checkpoint = client.fine_tuning.jobs.checkpoints.list(job.id).data[-1].fine_tuned_model_checkpoint
        for model in (job.fine_tuned_model, checkpoint):
            assert ask(client, "The team won the match", model=model).choices[0].message.content == "POLITICS"
        only = ask(
            client, "The team won the match", model=job.fine_tuned_model, response_format=schema(["SPORTS", "NEW"])
        )
        assert json.loads(only.choices[0].message.content) == {"label": "SPORTS"}
        with pytest.raises(openai.BadRequestError, match="None of the schema's labels"):
            ask(client, model=job.fine_tuned_model, response_format=schema(["NEW", "NEWER"]))
        assert client.models.delete(job.fine_tuned_model).deleted
        with pytest.raises(openai.NotFoundError):
            ask(client, model=job.fine_tuned_model)
    finally:
        host.close()


def test_preference_pairs_are_refused_in_a_sentence_that_says_what_it_learns_instead(client):
    file = upload(client, training_lines(12))
    with pytest.raises(openai.BadRequestError, match="learns from supervised lines") as caught:
        client.fine_tuning.jobs.create(
            model="minilm-l6", training_file=file.id,
            method={"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}},
        )  # fmt: skip
    assert (caught.value.param, caught.value.code) == ("method.type", "unsupported_method")


def test_a_file_that_cannot_be_learned_from_fails_the_job_with_its_line(client):
    lines = list(training_lines(12))
    lines[4] = "{}"
    job = finished(client, client.fine_tuning.jobs.create(model="minilm-l6", training_file=upload(client, lines).id))
    assert job.status == "failed" and job.error.code == "invalid_training_file"
    assert job.error.param == "training_file" and "Line 5" in job.error.message


def test_jobs_are_listed_page_by_page_and_cancelled_once(client):
    file = upload(client, training_lines(12))
    made = [client.fine_tuning.jobs.create(model="minilm-l6", training_file=file.id) for _ in range(3)]
    first = client.fine_tuning.jobs.list(limit=2)
    assert first.has_more and [job.id for job in first.data] == [made[2].id, made[1].id]
    assert made[0].id in [job.id for job in client.fine_tuning.jobs.list(limit=2)]
    ended = finished(client, made[0])
    with pytest.raises(openai.BadRequestError, match="already ended"):
        client.fine_tuning.jobs.cancel(ended.id)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"hyperparameters": {"n_epochs": 51}}, "hyperparameters.n_epochs"),
        ({"hyperparameters": {"learning_rate_multiplier": 0}}, "hyperparameters.learning_rate_multiplier"),
        ({"method": {"type": "dpo"}}, "method.type"),
        ({"suffix": "x" * 65}, "suffix"),
        ({"seed": -1}, "seed"),
    ],
)
def test_impossible_jobs_are_refused_with_the_parameter(client, change, param):
    file = upload(client, training_lines(12))
    with pytest.raises(openai.BadRequestError) as caught:
        client.fine_tuning.jobs.create(model="minilm-l6", training_file=file.id, **change)
    assert caught.value.param == param


def batch_lines(n, **wrong):
    texts = {"SPORTS": "The striker scored in match {}", "POLITICS": "Parliament passed law number {}"}
    for number in range(n):
        messages = [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": texts[LABELS[number % 2]].format(number)},
        ]
        body = {"model": "minilm-l6", "messages": messages, "response_format": schema()}
        yield {"custom_id": f"n-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body} | wrong


def send_batch(client, lines, **more):
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    file = client.files.create(file=("in.jsonl", content), purpose="batch")
    asked = {"endpoint": "/v1/chat/completions", "completion_window": "24h", "input_file_id": file.id}
    return client.batches.create(**asked | more)


def ended_batch(client, batch):
    while batch.status not in ("completed", "failed", "cancelled"):
        batch = client.batches.retrieve(batch.id)
    return batch


def result_lines(client, file_id):
    return [json.loads(line) for line in client.files.content(file_id).text.splitlines()]


def test_a_batch_answers_each_of_its_requests_as_a_single_call_would(client):
    lines = list(batch_lines(20))
    lines[3]["body"]["model"] = "gpt-9"
    batch = ended_batch(client, send_batch(client, lines, metadata={"tag": "mine"}))
    assert batch.status == "completed" and batch.metadata == {"tag": "mine"}
    assert (batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed) == (20, 19, 1)
    answers = {line["custom_id"]: line["response"] for line in result_lines(client, batch.output_file_id)}
    assert set(answers) == {f"n-{i}" for i in range(20)} - {"n-3"}
    for number in (0, 1, 19):
        alone = client.chat.completions.create(**lines[number]["body"]).choices[0].message.content
        assert answers[f"n-{number}"]["body"]["choices"][0]["message"]["content"] == alone
    (refused,) = result_lines(client, batch.error_file_id)
    assert refused["custom_id"] == "n-3" and refused["response"]["status_code"] == 404
    assert batch.id in [listed.id for listed in client.batches.list(limit=1).data]


@pytest.mark.parametrize(
    ("change", "said"),
    [({"custom_id": "same"}, "twice"), ({"url": "/v1/embeddings"}, "url"), ({"body": []}, "body")],
)
def test_a_batch_file_with_a_wrong_line_fails_as_a_whole_and_names_it(client, change, said):
    lines = list(batch_lines(3))
    batch = ended_batch(client, send_batch(client, [*lines[:1], *(line | change for line in lines[1:])]))
    assert batch.status == "failed" and batch.output_file_id is None
    assert said in batch.errors.data[0].message and batch.errors.data[0].line in (2, 3)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"endpoint": "/v1/embeddings"}, "endpoint"),
        ({"completion_window": "1h"}, "completion_window"),
        ({"input_file_id": "file-none"}, "input_file_id"),
        ({"metadata": {"k": "x" * 513}}, "metadata"),
    ],
)
def test_impossible_batches_are_refused_with_the_parameter(client, change, param):
    with pytest.raises((openai.BadRequestError, openai.NotFoundError)) as caught:
        send_batch(client, batch_lines(1), **change)
    assert caught.value.param == param


def test_a_cancelled_batch_ends_and_keeps_what_was_finished(client):
    batch = send_batch(client, batch_lines(2000))
    client.batches.cancel(batch.id)
    ended = ended_batch(client, batch)
    assert ended.status == "cancelled" and ended.request_counts.completed < 2000
    kept = result_lines(client, ended.output_file_id) if ended.output_file_id else []
    assert len(kept) == ended.request_counts.completed
    with pytest.raises(openai.BadRequestError, match="can no longer be cancelled"):
        client.batches.cancel(batch.id)


def test_answers_were_held_against_the_description(client, checked):
    before = len(checked.seen)
    client.models.list()
    assert len(checked.seen) == before + 1
