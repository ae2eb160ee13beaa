"""Which hosts there are, by the environment; and keys that never show."""

import pytest

from core.errors import WorkbenchError
from core.hosts.control import list_models
from core.hosts.profiles import Connection, available_hosts, full_address, is_loopback, proxy_for
from tests.fakes.host import fails, garbage


def test_without_any_key_there_is_the_embedded_host_alone():
    assert list(available_hosts({})) == ["embedded"]


def test_a_key_brings_openai():
    host = available_hosts({"OPENAI_API_KEY": "sk-x"})["openai"]
    assert (host.title, host.base_url, host.is_local) == ("OpenAI", "https://api.openai.com/v1", False)
    assert host.key_variable == "OPENAI_API_KEY"


def test_an_address_brings_any_other_server_with_or_without_a_key():
    host = available_hosts({"OPENAI_BASE_URL": " http://localhost:8000/v1/ "})["openai"]
    assert (host.title, host.base_url, host.is_local) == ("Server at localhost:8000", "http://localhost:8000/v1", True)


def test_a_key_shows_in_no_repr():
    assert "sk-secret" not in repr(Connection("http://x/v1", "sk-secret"))
    assert "sk-secret" not in repr(available_hosts({"OPENAI_API_KEY": "sk-secret"}))


def test_the_models_are_listed_as_the_host_orders_them(fake_host):
    assert list_models(Connection(fake_host.base_url, "")) == ["fake-large", "fake-small"]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (fails(401, "no"), "refused the key"),
        (fails(404, "no"), "HTTP 404"),
        (garbage(b"<html>hello</html>"), "does not speak the OpenAI protocol"),
        (garbage(b"[]"), "does not speak the OpenAI protocol"),
    ],
)
def test_a_host_that_cannot_list_its_models_is_said(step, said, fake_host):
    fake_host.on("GET /models", step, step)
    with pytest.raises(WorkbenchError, match=said):
        list_models(Connection(fake_host.base_url, ""))


def test_a_host_that_is_not_there_is_said(fake_host):
    address = fake_host.base_url
    fake_host.close()
    with pytest.raises(WorkbenchError, match="cannot be reached"):
        list_models(Connection(address, ""), timeout=2.0)


@pytest.fixture
def through_a_proxy(monkeypatch):
    """An environment whose proxy leads nowhere: what goes through it never arrives."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("through_a_proxy")
def test_this_machine_is_never_asked_through_a_proxy(fake_host):
    assert list_models(Connection(fake_host.base_url, "")) == ["fake-large", "fake-small"]
    assert proxy_for(fake_host.base_url) is None


@pytest.mark.usefixtures("through_a_proxy")
def test_another_machine_is_asked_through_the_proxy_of_the_environment(monkeypatch):
    assert proxy_for("https://api.openai.com/v1") == "http://127.0.0.1:9"
    with pytest.raises(WorkbenchError, match=r"http://host\.invalid/v1 cannot be reached"):
        list_models(Connection("http://host.invalid/v1", ""), timeout=2.0)
    monkeypatch.setenv("no_proxy", "api.openai.com")
    assert proxy_for("https://api.openai.com/v1") is None


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("http://127.0.0.1:80/v1", True), ("http://127.9.9.9/v1", True), ("http://[::1]:8000/v1", True),
        ("http://localhost/v1", True), ("https://api.openai.com/v1", False), ("http://10.0.0.1/v1", False),
    ],
)  # fmt: skip
def test_this_machine_is_known_by_its_addresses(address, is_here):
    assert is_loopback(address) is is_here


def test_credentials_in_an_address_are_for_the_connection_alone():
    environment = {"OPENAI_BASE_URL": "https://ada:sesame@host.example:8443/v1?token=abc"}
    host = available_hosts(environment)["openai"]
    assert (host.title, host.base_url) == ("Server at host.example:8443", "https://host.example:8443/v1")
    connection = Connection(full_address(environment), "")
    assert connection.base_url == environment["OPENAI_BASE_URL"]
    assert "sesame" not in repr(connection)
    assert "abc" not in repr(connection)


def test_trouble_with_an_address_does_not_repeat_its_credentials():
    with pytest.raises(WorkbenchError, match="cannot be reached") as caught:
        list_models(Connection("http://ada:sesame@127.0.0.1:9/v1", ""), timeout=2.0)
    assert "sesame" not in str(caught.value)
