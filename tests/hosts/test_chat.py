"""The hot path against a real server on loopback: every ending is a Reply or a Failure, never an exception."""

import gzip
import socket
from dataclasses import replace

import pytest

from core.hosts.addresses import Connection
from core.hosts.chat import ChatClient
from core.hosts.control import list_models
from core.hosts.wire import Reply
from core.model import ErrorKind
from tests.fakes.host import cut, error_in_200, fails, garbage, hang, out_of_credit, reset, says


async def asked(host, text="hello", key="", timeout=5.0):
    async with ChatClient(Connection(host.base_url, key), timeout_seconds=timeout) as client:
        return await client.ask({"model": "m", "messages": [{"role": "user", "content": text}]})


async def test_an_answer_comes_with_the_time_it_took(fake_host):
    fake_host.next(says("POLITICS", delay=0.02))
    reply = await asked(fake_host)
    assert isinstance(reply, Reply)
    assert reply.content == "POLITICS"
    assert reply.seconds >= 0.02


ENDINGS = {
    "rate limit": (fails(429, "slow", headers={"retry-after": "3"}), ErrorKind.RATE_LIMIT),
    "no credit": (out_of_credit(), ErrorKind.QUOTA),
    "server error": (fails(500), ErrorKind.SERVER),
    "reset": (reset(), ErrorKind.CONNECTION),
    "cut": (cut(), ErrorKind.CONNECTION),
    "garbage": (garbage(), ErrorKind.MALFORMED),
    "error in a 200": (error_in_200(), ErrorKind.SERVER),
    "elsewhere": (fails(307, headers={"location": "https://example.org/"}), ErrorKind.NOT_FOUND),
}


@pytest.mark.parametrize(("step", "kind"), ENDINGS.values(), ids=ENDINGS)
async def test_each_bad_ending_is_a_failure_of_its_kind(step, kind, fake_host):
    fake_host.next(step)
    failure = await asked(fake_host)
    assert failure.kind is kind
    assert failure.message
    assert failure.retry_after == (3.0 if kind is ErrorKind.RATE_LIMIT else None)


async def test_no_answer_in_time_is_a_timeout(fake_host):
    fake_host.next(hang())
    assert (await asked(fake_host, timeout=0.1)).kind is ErrorKind.TIMEOUT


async def test_nobody_there_is_named_by_its_address(fake_host):
    fake_host.close()
    failure = await asked(fake_host)
    assert (failure.kind, failure.message) == (
        ErrorKind.CONNECTION,
        f"cannot connect to 127.0.0.1:{fake_host.port}",
    )


async def test_half_a_character_in_a_text_does_not_stop_the_call(fake_host):
    await asked(fake_host, "broken \ud83d emoji")
    assert list(fake_host.counts) == ["broken ? emoji"]


async def test_the_key_goes_into_the_header_and_comes_back_in_nothing(fake_host):
    key = "sk-0123456789"
    fake_host.next(fails(401, f"{key} is wrong"), says(f"I saw {key}"))
    failure = await asked(fake_host, key=key)
    assert fake_host.asked[0].headers["Authorization"] == f"Bearer {key}"
    assert key not in repr(failure)
    assert key not in repr(await asked(fake_host, key=key))


async def test_an_endless_answer_is_cut_off(fake_host, monkeypatch):
    monkeypatch.setattr("core.hosts.chat._MAX_ANSWER", 1000)
    fake_host.next(garbage(b"x" * 5_000_000))
    failure = await asked(fake_host)
    assert failure.kind is ErrorKind.MALFORMED
    assert len(failure.raw) <= 20_000


async def test_what_the_host_says_of_its_limits_comes_with_answers_and_errors_alike(fake_host):
    answer = garbage(b'{"choices": [{"message": {"content": "SPORTS"}}]}')
    headers = {"x-ratelimit-remaining-requests": "7", "x-ratelimit-reset-requests": "20ms"}
    told = (fails(429, "slow", headers=headers), fails(200, "busy", headers=headers), replace(answer, headers=headers))
    fake_host.next(*told)
    for _ in told:
        rates = (await asked(fake_host)).rates
        assert (rates.remaining_requests, rates.reset_requests) == (7, 0.02)
    assert (await asked(fake_host)).rates is None


async def test_a_host_that_wants_its_key_in_another_header_gets_it_there_alone(fake_host):
    connection = Connection(fake_host.base_url, "0123456789", {"api-key": "0123456789"})
    fake_host.next(fails(401, "0123456789 is wrong"))
    async with ChatClient(connection) as client:
        failure = await client.ask({"model": "m", "messages": [{"role": "user", "content": "hello"}]})
    assert fake_host.asked[0].headers["api-key"] == "0123456789"
    assert "Authorization" not in fake_host.asked[0].headers
    assert failure.message == "[key] is wrong"


async def test_an_answer_that_comes_compressed_is_read(fake_host):
    body = gzip.compress(b'{"choices": [{"message": {"content": "SPORTS"}}]}')
    fake_host.next(replace(garbage(body), headers={"Content-Encoding": "gzip"}))
    assert (await asked(fake_host)).content == "SPORTS"


async def test_a_small_file_that_unpacks_without_end_is_cut_off(fake_host, monkeypatch):
    monkeypatch.setattr("core.hosts.chat._MAX_ANSWER", 1000)
    fake_host.next(replace(garbage(gzip.compress(b" " * 500_000)), headers={"Content-Encoding": "gzip"}))
    failure = await asked(fake_host)
    assert (failure.kind, len(failure.raw)) == (ErrorKind.MALFORMED, 20_000)


async def test_credentials_in_the_address_reach_the_host_and_nobody_else(fake_host):
    address = fake_host.base_url.replace("://", "://ada:sesame@") + "/?token=abc"
    async with ChatClient(Connection(address, ""), timeout_seconds=5.0) as client:
        reply = await client.ask({"model": "m", "messages": [{"role": "user", "content": "hello"}]})
    assert isinstance(reply, Reply)
    assert fake_host.asked[0].headers["Authorization"].startswith("Basic ")
    async with ChatClient(Connection("http://ada:sesame@:99999/v1", ""), timeout_seconds=5.0) as client:
        failure = await client.ask({"model": "m", "messages": []})
    assert failure.kind is ErrorKind.CONNECTION
    assert "sesame" not in failure.message


async def test_a_run_and_the_list_of_models_take_the_same_way_out(fake_host, monkeypatch):
    # The fake host stands in for the proxy; the named host does not exist.
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{fake_host.port}")
    for name in ("ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    elsewhere = Connection("http://host.invalid/v1", "")
    async with ChatClient(elsewhere, timeout_seconds=5.0) as client:
        reply = await client.ask({"model": "m", "messages": [{"role": "user", "content": "hello"}]})
    assert isinstance(reply, Reply)
    assert [model.name for model in list_models(elsewhere, timeout=5.0)] == ["fake-large", "fake-small"]


async def test_a_host_that_takes_no_connection_is_told_from_one_that_is_slow(monkeypatch):
    monkeypatch.setattr("core.hosts.chat._CONNECT_SECONDS", 0.1)
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        async with ChatClient(Connection(f"http://127.0.0.1:{full.getsockname()[1]}/v1", "")) as client:
            failure = await client.ask({})
    assert (failure.kind, failure.message[:20]) == (ErrorKind.CONNECTION, "no connection within")
