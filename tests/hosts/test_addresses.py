"""Addresses of hosts: what is one, what of it may be shown, and which way leads there."""

import pytest

from core.errors import WorkbenchError
from core.hosts.addresses import (
    Connection,
    checked_address,
    is_loopback,
    is_private,
    likely_address,
    places,
    proxy_for,
    without_secrets,
)


@pytest.fixture
def through_a_proxy(monkeypatch):
    """An environment whose proxy leads nowhere: what goes through it never arrives."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("http://127.0.0.1:80/v1", True), ("http://127.9.9.9/v1", True), ("http://[::1]:8000/v1", True),
        ("http://localhost/v1", True), ("https://api.openai.com/v1", False), ("http://10.0.0.1/v1", False),
        ("http://localhost.example.com/v1", False),
    ],
)  # fmt: skip
def test_this_machine_is_known_by_its_addresses(address, is_here):
    assert is_loopback(address) is is_here


@pytest.mark.parametrize(
    ("address", "is_near"),
    [
        ("http://127.0.0.1/v1", True), ("http://10.1.2.3:8000/v1", True), ("http://172.31.0.9/v1", True),
        ("http://192.168.0.7/v1", True), ("http://[fd12::1]/v1", True), ("http://[::ffff:10.0.0.1]/v1", True),
        ("http://gpu-box:8000/v1", True), ("http://gpu-box.local/v1", True), ("http://nas.lan./v1", True),
        ("http://host.docker.internal:11434/v1", True), ("http://172.32.0.9/v1", False), ("http://8.8.8.8/v1", False),
        ("http://203.0.113.7/v1", False), ("http://[2001:4860::1]/v1", False), ("https://gpu.example.com/v1", False),
        ("https://notlan/v1", True), ("https://x.notlan/v1", False), ("", False),
    ],
)  # fmt: skip
def test_a_private_network_is_known_by_its_addresses_and_by_names_only_it_knows(address, is_near):
    assert is_private(address) is is_near


@pytest.mark.usefixtures("through_a_proxy")
def test_another_machine_is_asked_through_the_proxy_of_the_environment_and_this_one_never(monkeypatch):
    assert proxy_for("https://api.openai.com/v1") == "http://127.0.0.1:9"
    assert proxy_for("http://127.0.0.1:8000/v1") is None
    monkeypatch.setenv("no_proxy", "api.openai.com")
    assert proxy_for("https://api.openai.com/v1") is None


def test_an_address_is_stored_without_the_slash_at_its_end():
    assert checked_address("  http://localhost:8000/v1/ ") == "http://localhost:8000/v1"


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("HTTP://GPU.Example:8000/Team/v1", "http://gpu.example:8000/Team/v1"),
        ("https://host.example/v1/chat/completions", "https://host.example/v1"),
        ("https://host.example/v1/models/", "https://host.example/v1"),
        (
            "https://gateway.example/v1/0123456789abcdef0123456789abcdef/gw",
            "https://gateway.example/v1/0123456789abcdef0123456789abcdef/gw",
        ),
    ],
)
def test_an_address_copied_with_its_route_or_in_capitals_is_understood(address, stored):
    assert checked_address(address) == stored


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "not the address of a host"),
        ("api.groq.com/openai/v1", "not the address of a host"),
        ("ftp://host/v1", "not the address of a host"),
        ("https://", "not the address of a host"),
        ("http://[::1/v1", "not the address of a host"),
        ("http://host:99999/v1", "not the address of a host"),
        ("http://host:port/v1", "not the address of a host"),
        ("http://a host/v1", "not the address of a host"),
        ("https://ada:sesame@host.example/v1", "never stored"),
        ("https://host.example/v1?key=sesame", "never stored"),
        ("https://host.example/v1#sesame", "never stored"),
        ("https://host.example/sk-sesame-0123456789abcdef/v1", "may be a key"),
        ("https://{resource}.openai.azure.com/openai/v1", "still contains {resource}"),
    ],
)
def test_what_is_no_address_or_may_hold_a_secret_is_said_without_repeating_it(address, said):
    with pytest.raises(WorkbenchError, match=said) as caught:
        checked_address(address)
    assert "sesame" not in str(caught.value)


def test_an_address_is_shown_without_its_secrets():
    assert without_secrets("https://ada:sesame@host.example:8443/v1?token=abc#x") == "https://host.example:8443/v1"


def test_what_is_to_be_filled_in_is_named():
    assert places("https://{resource}.example/{path}") == ["resource", "path"]


def test_a_connection_shows_neither_key_nor_credentials():
    connection = Connection("https://ada:sesame@host.example/v1?token=abc", "sk-secret", {"api-key": "sk-secret"})
    assert repr(connection) == "Connection('https://host.example/v1')"


@pytest.mark.parametrize(
    ("connection", "expected"),
    [
        (Connection("http://h/v1", "sk-1"), {"Authorization": "Bearer sk-1"}),
        (Connection("http://h/v1", ""), {"Authorization": "Bearer none"}),
        (Connection("http://h/v1", "sk-1", {"api-key": "sk-1"}), {"api-key": "sk-1"}),
        (Connection("http://ada:sesame@h/v1", "sk-1"), {}),
    ],
)
def test_the_key_goes_where_the_host_wants_it(connection, expected):
    assert connection.auth_headers() == expected


@pytest.mark.parametrize(
    ("address", "likely"),
    [
        ("http://box:11434", "http://box:11434/v1"),
        ("http://box:11434/", "http://box:11434/v1"),
        ("http://box:11434/api/chat", "http://box:11434/v1"),
        ("http://box:11434/api/generate/", "http://box:11434/v1"),
        ("http://box:11434/api", "http://box:11434/v1"),
        ("https://router.example/api", "https://router.example/api/v1"),
        ("http://box/V1", "http://box/v1"),
        ("http://box/V1/Chat/Completions", "http://box/v1"),
        ("http://box/v1/chat/completions?key=secret", "http://box/v1"),
        ("http://box/v1/chat", "http://box/v1"),
        ("https://x.openai.azure.com", "https://x.openai.azure.com/openai/v1"),
        ("https://x.services.ai.azure.com/", "https://x.services.ai.azure.com/openai/v1"),
        ("https://x.openai.azure.com/openai", "https://x.openai.azure.com/openai/v1"),
        ("https://x.openai.azure.com/openai/v1/", "https://x.openai.azure.com/openai/v1"),
        ("http://box/v1beta/openai", "http://box/v1beta/openai"),
        ("https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1"),
        ("https://api.anthropic.com/v1/messages/count_tokens", "https://api.anthropic.com/v1"),
        ("http://box/v1/engines", "http://box/v1"),
        ("http://box/v1/engines/gpt-9/completions", "http://box/v1"),
        ("https://x.openai.azure.com/openai/deployments/mine", "https://x.openai.azure.com/openai/v1"),
        ("https://x.openai.azure.com/openai/deployments/mine/chat/completions", "https://x.openai.azure.com/openai/v1"),
        ("https://x.openai.azure.com/openai/deployments/mine/v1", "https://x.openai.azure.com/openai/v1"),
        ("http://box/v1/v1", "http://box/v1"),
        ("http://box/V1/v1/chat/completions", "http://box/v1"),
        ("http://box/openapi.json", "http://box/v1"),
        ("http://box/openapi.json/v1", "http://box/v1"),
        ("http://box/swagger", "http://box/v1"),
        ("http://box/swagger/index.html", "http://box/v1"),
        ("http://box/swagger/v1", "http://box/v1"),
        ("http://box/docs/v1/", "http://box/v1"),
        ("http://box/v1/audio/transcriptions", "http://box/v1"),
        ("http://box/v1/openai", "http://box/v1/openai"),
        ("https://gateway.example/client/v4/accounts/a/ai/v1", "https://gateway.example/client/v4/accounts/a/ai/v1"),
        ("https://box/my/deployments-of/v1", "https://box/my/deployments-of/v1"),
    ],
)
def test_the_address_that_is_proposed_is_one_that_a_server_may_have(address, likely):
    assert likely_address(address) == likely
    assert likely_address(likely) == likely
