"""The Hosts page."""

import pytest

from core.errors import WorkbenchError
from core.services.hosts import Hosts
from tests.pages.conftest import OpenApp, texts


def test_the_embedded_host_is_there_without_any_key_or_project_and_said_to_be_what_it_is(app: OpenApp) -> None:
    at = app("hosts")
    assert not at.exception
    assert "Embedded host" in texts(at) and "not a large language model" in texts(at) and "not needed" in texts(at)


def test_a_key_is_said_to_be_set_and_never_shown(app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    shown = texts(app("hosts"))
    assert "https://api.openai.com/v1" in shown and "OPENAI_API_KEY is set" in shown and "very-secret" not in shown


def test_another_server_may_need_no_key(app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:8000/v1/")
    shown = texts(app("hosts"))
    assert "Server at localhost:8000" in shown and "OPENAI_API_KEY is not set" in shown


def test_the_test_says_how_many_models_there_are(app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hosts, "test", lambda self, key: ["one", "two"])
    at = app("hosts")
    at.button(key="test-embedded").click().run()
    assert "Connected, 2 models: one, two" in texts(at)


def test_the_test_of_a_host_that_is_down_is_one_sentence(app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(self: Hosts, key: str) -> list[str]:
        raise WorkbenchError("The host at http://x cannot be reached.", "Check that it is running, then try again.")

    monkeypatch.setattr(Hosts, "test", down)
    at = app("hosts")
    at.button(key="test-embedded").click().run()
    assert "cannot be reached. Check that it is running" in texts(at) and not at.exception
