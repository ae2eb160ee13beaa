"""Asking a host for its models, and saying why it cannot be asked."""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from core.errors import WorkbenchError
from core.hosts.addresses import Connection
from core.hosts.control import ServedModel, list_models, looks_like_chat
from tests.fakes.host import Step, fails, garbage

KEY = "sk-planted-9c51d2e84b06"


def test_the_models_are_listed_as_the_host_orders_them(fake_host):
    assert list_models(Connection(fake_host.base_url, "")) == [ServedModel("fake-large"), ServedModel("fake-small")]


def test_the_models_are_listed_without_waiting_for_the_sdk_to_be_imported(fake_host):
    program = (
        "import sys; from core.hosts.addresses import Connection; from core.hosts.control import list_models;"
        f"names = [one.name for one in list_models(Connection({fake_host.base_url!r}, ''))];"
        "print(*names, 'openai' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["fake-large", "fake-small", "False"]


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_list_of_models_refused_for_a_moment_is_asked_for_again(status, fake_host):
    fake_host.on("GET /models", fails(status, "not now"))
    assert [model.name for model in list_models(Connection(fake_host.base_url, ""))] == ["fake-large", "fake-small"]
    assert fake_host.served["GET /models"] == 2


def test_a_wait_longer_than_anybody_looks_at_a_page_is_not_waited_for(fake_host):
    fake_host.on("GET /models", Step("fail", 429, headers={"Retry-After": "100"}))
    with pytest.raises(WorkbenchError, match="could not list its models"):
        list_models(Connection(fake_host.base_url, ""))
    assert fake_host.served["GET /models"] == 1


def test_the_models_are_asked_for_with_the_query_of_the_address_and_its_own_headers():
    seen = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append((self.path, self.headers["api-key"], self.headers["Authorization"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"data": [{"id": "only"}]}')

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://ada:sesame@127.0.0.1:{server.server_port}/v1?api-version=preview"
        assert list_models(Connection(address, "", {"api-key": KEY})) == [ServedModel("only")]
        server.shutdown()
    assert seen == [("/v1/models?api-version=preview", KEY, "Basic YWRhOnNlc2FtZQ==")]


def test_the_date_on_which_a_model_ends_comes_with_it(fake_host):
    told = [
        {"id": "old", "object": "model", "shutdown_date": "2027-01-14"},
        {"id": "older", "object": "model", "shutdown_date": "2026-12-01T00:00:00Z"},
        {"id": "odd", "object": "model", "shutdown_date": "soon"},
        {"id": "new", "object": "model", "shutdown_date": None},
    ]
    fake_host.on("GET /models", garbage(json.dumps({"object": "list", "data": told}).encode()))
    dates = {model.name: model.shutdown_date for model in list_models(Connection(fake_host.base_url, ""))}
    assert dates == {"old": "2027-01-14", "older": "2026-12-01", "odd": None, "new": None}


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (fails(401, "no"), "refused the key"),
        (fails(403, "no"), "does not accept this key"),
        (fails(404, "no"), "no list of models at .* Check the address"),
        (fails(400, "no"), "HTTP 400"),
        (garbage(b"<html>hello</html>"), "does not speak the OpenAI protocol"),
        (garbage(b"[]"), "does not speak the OpenAI protocol"),
        (garbage(b'{"data": [7]}'), "does not speak the OpenAI protocol"),
        (garbage(b'{"data": [{"object": "model"}]}'), "does not speak the OpenAI protocol"),
        (garbage(b'{"data": null}'), "does not speak the OpenAI protocol"),
    ],
)
def test_a_host_that_cannot_list_its_models_is_said(step, said, fake_host):
    fake_host.on("GET /models", step, step)
    with pytest.raises(WorkbenchError, match=said):
        list_models(Connection(fake_host.base_url, "sk-wrong"))


@pytest.mark.parametrize(
    ("key", "said"), [("", "The host asks for a key"), ("sk-wrong", "refused the key|accept this key")]
)
@pytest.mark.parametrize("status", [401, 403])
def test_a_host_that_was_told_no_key_is_not_said_to_refuse_it(status, key, said, fake_host):
    fake_host.on("GET /models", fails(status))
    with pytest.raises(WorkbenchError, match=said):
        list_models(Connection(fake_host.base_url, key))


def test_an_address_without_v1_is_met_with_the_advice_to_add_it(fake_host):
    root = fake_host.base_url.removesuffix("/v1")
    with pytest.raises(WorkbenchError, match=rf"Try {root}/v1 instead"):
        list_models(Connection(root, ""))


def test_a_host_that_is_not_there_is_said(fake_host):
    address = fake_host.base_url
    fake_host.close()
    with pytest.raises(WorkbenchError, match="cannot be reached. Check that it is running"):
        list_models(Connection(address, ""), timeout=2.0)


def test_a_plain_server_behind_https_is_said_to_be_a_matter_of_tls(fake_host):
    with pytest.raises(WorkbenchError, match="its TLS is not accepted"):
        list_models(Connection(fake_host.base_url.replace("http:", "https:"), ""), timeout=5.0)


def test_trouble_with_an_address_does_not_repeat_its_credentials():
    with pytest.raises(WorkbenchError, match="cannot be reached") as caught:
        list_models(Connection("http://ada:sesame@127.0.0.1:9/v1", ""), timeout=2.0)
    assert "sesame" not in str(caught.value)


def test_this_machine_is_never_asked_through_a_proxy(fake_host, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert list_models(Connection(fake_host.base_url, ""))
    with pytest.raises(WorkbenchError, match=r"http://host\.invalid/v1 cannot be reached"):
        list_models(Connection("http://host.invalid/v1", ""), timeout=2.0)


@pytest.mark.parametrize(
    ("name", "is_chat"),
    [
        ("gpt-6-luna", True), ("meta-llama/Llama-3.3-70B-Instruct", True), ("Qwen/Qwen3-30B-A3B", True),
        ("accounts/fireworks/models/kimi-k3", True), ("gpt-4.1-mini-2025-04-14", True), ("settler-7b", True),
        ("text-embedding-3-small", False), ("BAAI/bge-m3", False), ("whisper-1", False), ("tts-1-hd", False),
        ("gpt-4o-transcribe", False), ("gpt-image-1", False), ("omni-moderation-latest", False),
        ("meta-llama/Llama-Guard-4-12B", False), ("nomic-embed-text", False),
    ],
)  # fmt: skip
def test_models_that_chat_are_told_by_their_names(name, is_chat):
    assert looks_like_chat(name) is is_chat
