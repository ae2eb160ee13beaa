"""What the SDK sends goes to the host the user allowed, and holds nothing the user did not give to that host."""

import pytest

from core.errors import WorkbenchError
from core.hosts.addresses import Connection
from core.hosts.chat import ChatClient
from core.hosts.control import list_models, sdk_client
from core.model import ErrorKind
from tests.fakes.host import FakeHost, Step

KEY = "sk-planted-9c51d2e84b06"
MESSAGES = [{"role": "user", "content": "a text"}]


@pytest.fixture
def other_host():
    with FakeHost() as host:
        yield host


def sent_on(address, status=307):
    return Step("fail", status, headers={"location": address})


def connection(host):
    return Connection(host.base_url, KEY, {"api-key": KEY})


def test_a_file_that_a_host_sends_on_to_another_address_does_not_go_there(fake_host, other_host):
    fake_host.on("POST /files", sent_on(f"{other_host.base_url}/files"))
    client = sdk_client(connection(fake_host), timeout=5.0, max_retries=2)
    other = other_host.base_url.removesuffix("/v1")
    with pytest.raises(WorkbenchError, match=f"redirects requests to {other}; nothing was sent there"):
        client.files.create(file=b"what people wrote", purpose="batch")
    assert other_host.served["POST /files"] == 0


def test_a_key_that_a_host_puts_into_the_address_it_sends_on_to_is_not_said(fake_host):
    fake_host.on("POST /files", sent_on(f"http://{KEY}.elsewhere.invalid/files"))
    client = sdk_client(connection(fake_host), timeout=5.0, max_retries=0)
    with pytest.raises(WorkbenchError, match=r"redirects requests to http://\[key\]\.elsewhere\.invalid; nothing"):
        client.files.create(file=b"what people wrote", purpose="batch")


def test_a_file_sent_on_within_the_same_host_arrives(fake_host):
    fake_host.on("POST /files", sent_on("/v1/files"))
    sdk_client(connection(fake_host), timeout=5.0, max_retries=0).files.create(file=b"{}", purpose="batch")
    assert list(fake_host.files.values()) == ["{}"]


def test_a_list_of_models_that_has_moved_to_another_port_is_said(fake_host, other_host):
    fake_host.on("GET /models", sent_on(f"{other_host.base_url}/models", 301))
    with pytest.raises(WorkbenchError, match="If that is the host you mean, put its address on Hosts"):
        list_models(connection(fake_host))
    assert other_host.served["GET /models"] == 0


def test_what_is_fetched_from_elsewhere_is_fetched_without_the_key(fake_host, other_host):
    # Two names of this machine are two places to whoever follows.
    elsewhere = other_host.base_url.replace("127.0.0.1", "localhost")
    fake_host.on("GET /models", sent_on(f"{elsewhere}/models"))
    seen = []
    client = sdk_client(connection(fake_host), timeout=5.0, max_retries=0)
    client._client.event_hooks["request"].append(lambda request: seen.append((str(request.url), request.headers)))
    assert [model.id for model in client.models.list().data] == other_host.models
    (first, with_key), (second, without) = seen
    assert (first, second) == (f"{fake_host.base_url}/models", f"{elsewhere}/models")
    assert with_key["api-key"] == KEY and with_key["authorization"] == f"Bearer {KEY}"
    assert not [name for name, value in without.items() if KEY in value]


def test_what_the_environment_holds_for_openai_is_not_told_to_other_hosts(fake_host, monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-mine")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-mine")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: secret-mine")
    client = sdk_client(connection(fake_host), timeout=5.0, max_retries=0)
    client.chat.completions.create(model="m", messages=MESSAGES)
    sent = fake_host.asked[-1].headers
    assert sent["Authorization"] == f"Bearer {KEY}" and sent["api-key"] == KEY
    assert not [value for value in sent.values() if "mine" in value]


async def test_the_hot_path_follows_no_host_elsewhere_and_says_so(fake_host, other_host):
    fake_host.always(sent_on(f"{other_host.base_url}/chat/completions"))
    async with ChatClient(connection(fake_host)) as client:
        failure = await client.ask({"model": "m", "messages": MESSAGES})
    assert failure.kind is ErrorKind.NOT_FOUND and "redirects requests to another address" in failure.message
    assert other_host.asked == []
