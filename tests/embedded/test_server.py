"""The application in this process, with an encoder one can hold: what a busy or limited host answers."""

import asyncio
import json
import threading

import numpy as np
import pytest

from core.embedded.server import Host, Limits, build


class HeldEncoder:
    def __init__(self):
        self.entered, self.free = threading.Event(), threading.Event()

    def encode(self, texts):
        self.entered.set()
        assert self.free.wait(30)
        return np.tile(np.eye(1, 384, dtype=np.float32), (len(texts), 1))

    def count_tokens(self, texts):
        return [len(text.split()) for text in texts]


async def post(app, path, body, headers=()):
    """Status, headers and JSON of one request, straight through ASGI."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    chunks = [raw[i : i + 50] for i in range(0, len(raw), 50)] or [b""]
    sent = []

    async def receive():
        chunk = chunks.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": list(headers),
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), json.loads(content)


def question(text):
    return {"model": "minilm-l6", "messages": [{"role": "user", "content": f"Labels: A, B\n\nText: {text}"}]}


@pytest.fixture
def encoder():
    held = HeldEncoder()
    yield held
    held.free.set()


async def test_a_host_with_too_much_waiting_answers_429_and_recovers(tmp_path, encoder):
    app = build(Host(tmp_path, encoder, Limits(waiting=3)))
    first = asyncio.ensure_future(post(app, "/v1/chat/completions", question("one")))
    assert await asyncio.to_thread(encoder.entered.wait, 30)
    status, headers, body = await post(app, "/v1/chat/completions", question("two"))
    assert (status, headers[b"retry-after"], body["error"]["code"]) == (429, b"1", "rate_limit_exceeded")
    encoder.free.set()
    assert (await first)[0] == 200
    assert (await post(app, "/v1/chat/completions", question("two")))[0] == 200


async def test_a_body_without_a_length_is_cut_off_at_the_limit(tmp_path, encoder):
    app = build(Host(tmp_path, encoder, Limits(body=100)))
    status, _, body = await post(app, "/v1/chat/completions", b"x" * 101)
    assert status == 413 and "100 bytes" in body["error"]["message"]


async def test_without_a_token_set_nobody_is_asked_for_one(tmp_path, encoder):
    encoder.free.set()
    assert (await post(build(Host(tmp_path, encoder)), "/v1/chat/completions", question("x")))[0] == 200
    assert (await post(build(Host(tmp_path, encoder), "secret"), "/v1/chat/completions", question("x")))[0] == 401
