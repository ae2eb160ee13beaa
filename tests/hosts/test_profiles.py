"""Which hosts there are, by the environment; and keys that never show."""

import pytest

from core.errors import WorkbenchError
from core.hosts.control import list_models
from core.hosts.profiles import Connection, available_hosts
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
