"""The Hosts page as its user sees it, against a real server on loopback where one is asked."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.hosts.probing import Findings
from core.model import Host, Masking
from core.services.asking.requests import ModelRef, RunRequest
from core.services.hosts.drafts import HostDraft
from core.services.hosts.keys import KeyState
from core.storage import fine_tunes
from core.workbench import Workbench
from pages._ui.hosts.consent import masking_in_words
from pages._ui.hosts.words import ago, can_do, connected, key_state, where
from tests.fakes.host import FakeHost, fails, garbage
from tests.pages.conftest import OpenApp, Small, asked, texts


@pytest.fixture
def server() -> Iterator[FakeHost]:
    with FakeHost(lambda text: "quindle") as host:
        yield host


@pytest.fixture
def mine(wb: Workbench, server: FakeHost) -> Host:
    """A host of the user's own, on this machine."""
    return wb.hosts.add("vllm", HostDraft("My vLLM", server.base_url, "VLLM_API_KEY"))


@pytest.fixture
def remote(wb: Workbench) -> Host:
    """One outside this machine; nothing answers there."""
    return wb.hosts.add("groq", HostDraft("Groq", "https://groq.invalid/v1", "GROQ_API_KEY"))


def press(at: AppTest, key: str) -> AppTest:
    return at.button(key=key).click().run()


def submit(at: AppTest, label: str) -> AppTest:
    return next(one for one in at.button if one.label == label).click().run()


def field(at: AppTest, label: str, key: str) -> Any:
    return next(one for one in at.text_input if one.label == label and one.key.startswith(key))


# the table


def test_the_form_for_a_host_stays_folded_until_it_is_asked_for_whatever_is_pressed(app: OpenApp) -> None:
    at = app("hosts")
    for _ in range(2):
        assert not [box for box in at.selectbox if box.label == "Kind of host"]
        at.run()
    at.session_state["new_host"] = True
    at.run()
    assert not at.exception and [box for box in at.selectbox if box.label == "Kind of host"]


def test_a_fresh_machine_has_the_embedded_host_said_to_be_what_it_is_and_how_to_add_another(app: OpenApp) -> None:
    at = app("hosts")
    assert not at.exception
    shown = texts(at)
    assert "Embedded host" in shown and "not a large language model" in shown and "not needed" in shown
    assert "You do not have to add any" in shown and "not tested" in shown


def test_a_host_found_through_its_key_is_there_and_the_key_is_not(
    app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-very-secret")
    shown = texts(app("hosts", host="groq"))
    assert "Found through GROQ_API_KEY" in shown and "api.groq.com/openai/v1" in shown
    assert "not allowed yet" in shown and "The key is from the environment" in shown and "very-secret" not in shown


def test_another_server_may_need_no_key(app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:8000/v1/")
    shown = texts(app("hosts"))
    assert "Server at localhost:8000" in shown and "missing" not in shown


def test_a_link_to_a_host_that_is_not_there_says_so(app: OpenApp) -> None:
    assert "There is no host nowhere in the list" in texts(app("hosts", host="nowhere"))


# adding, editing, removing


def test_a_host_is_added_with_the_fields_of_its_kind_and_opened(app: OpenApp, wb: Workbench) -> None:
    at = app("hosts", add_host="azure")
    assert field(at, "Address", "new-azure").value == "https://{resource}.openai.azure.com/openai/v1"
    submit(at, "Add")
    assert "The address still contains {resource}" in texts(at)
    field(at, "Address", "new-azure").set_value("https://mine.openai.azure.com/openai/v1")
    submit(at, "Add")
    assert not at.exception
    host = wb.hosts.get("azure")
    assert (host.base_url, host.key_variable) == ("https://mine.openai.azure.com/openai/v1", "AZURE_OPENAI_API_KEY")
    assert asked(at, "host") == "azure"


def test_everything_the_form_offers_is_saved(app: OpenApp, wb: Workbench, mine: Host) -> None:
    at = app("hosts", host=mine.key)
    field(at, "Name", "edit-vllm").set_value("GPU box")
    at.multiselect(key="edit-vllm-kinds").set_value(["email", "card"])
    at.text_area(key="edit-vllm-names").set_value("Ada\n\n Grace \nAda")
    at.text_area(key="edit-vllm-extra").set_value('{"top_p": 0.9}')
    at.selectbox(key="edit-vllm-effort").set_value("low")
    at.number_input(key="edit-vllm-in_flight").set_value(12)
    submit(at, "Save")
    assert not at.exception
    saved = wb.hosts.get(mine.key)
    assert (saved.title, dict(saved.extra), saved.reasoning_effort) == ("GPU box", {"top_p": 0.9}, "low")
    assert (saved.masking, saved.in_flight) == (Masking(("email", "card"), ("Ada", "Grace")), 12)
    folds = [one.label for one in at.expander]
    assert "Masking, parameters, limits · set: masking, extra parameters, reasoning effort low, limits" in folds


def test_extra_parameters_that_are_no_json_are_one_sentence_and_nothing_is_saved(
    app: OpenApp, wb: Workbench, mine: Host
) -> None:
    at = app("hosts", host=mine.key)
    at.text_area(key="edit-vllm-extra").set_value("{top_p: 0.9}")
    submit(at, "Save")
    assert "not JSON (line 1, column 2)" in texts(at)
    assert wb.hosts.get(mine.key).extra == {}


def test_a_removed_host_is_one_click_from_being_back(app: OpenApp, wb: Workbench, mine: Host) -> None:
    at = press(app("hosts", host="vllm"), "remove-vllm")
    assert "There is no host" not in texts(at)
    assert [host.key for host in wb.hosts.all()] == ["embedded"]
    press(at, "restore-vllm")
    assert "My vLLM" in texts(at) and not at.exception
    assert at.button(key="remove-embedded").disabled


def test_of_many_removed_hosts_the_last_ones_are_in_sight_and_all_can_be_put_back(app: OpenApp, wb: Workbench) -> None:
    keys = [wb.hosts.add("ollama", HostDraft(f"Box {n}", f"http://localhost:{n}/v1")).key for n in range(1, 8)]
    for key in keys:
        wb.hosts.remove(key)
    at = app("hosts")
    assert not at.exception and "3 more" in [popover.proto.popover.label for popover in at.get("popover")]
    press(at, f"restore-{keys[0]}")
    assert wb.hosts.get(keys[0]).title == "Box 1"


def test_a_host_asked_without_encryption_is_said_before_it_is_allowed(app: OpenApp, wb: Workbench) -> None:
    wb.hosts.add("custom", HostDraft("Gateway", "http://gateway.invalid/v1"))
    wb.hosts.add("custom", HostDraft("Safe", "https://gateway.invalid/v1"))
    warning = "It is http, not https: anyone on the way can read all of it."
    assert warning in texts(app("hosts", host="custom"))
    assert warning not in texts(app("hosts", host="custom-2"))


def test_what_a_removed_host_was_used_for_can_still_be_looked_at(
    app: OpenApp, wb: Workbench, mine: Host, small: Small
) -> None:
    request = RunRequest(small.id, (small.version,), (ModelRef(mine.key, "fake-large"),))
    run = wb.runs.start(request)[0]
    with wb.db.write() as conn:
        fine_tunes.create(
            conn,
            small.id,
            annotator_id=small.reference,
            prompt_version_id=small.version,
            host=mine.key,
            base_model="fake-large",
            n_train=30,
            n_validation=12,
            config={"number": 1, "parameters": {}, "with_validation": True},
        )
    wb.hosts.remove(mine.key)
    for page in ("projects", "prompts", "runs", "fine_tune", "compare", "agreement", "export", "hosts"):
        at = app(page, project=small.id, run=run.id)
        assert not at.exception, page
        if page == "runs":
            assert "My vLLM" in texts(at)


# testing


def test_the_test_says_what_was_found_out_and_it_is_still_there_later(
    app: OpenApp, mine: Host, server: FakeHost
) -> None:
    press(app("hosts"), f"test-{mine.key}")
    shown = texts(app("hosts", host=mine.key))
    assert "Connected, 2 models. fake-large: strict json_schema works, logprobs yes" in shown
    assert "strict json_schema · logprobs" in shown


def test_a_test_that_failed_is_there_after_a_reload_until_one_succeeds(
    app: OpenApp, mine: Host, server: FakeHost
) -> None:
    server.on("GET /models", fails(404))
    at = press(app("hosts"), f"test-{mine.key}")
    assert "failed: There is no list of models (HTTP 404)" in texts(at).replace("\\", "")
    assert "failed: There is no list" in texts(app("hosts")), "it is gone with the session"
    press(at, f"test-{mine.key}")
    assert "failed" not in texts(at)


def test_the_test_can_be_made_with_another_model(app: OpenApp, mine: Host, server: FakeHost) -> None:
    at = app("hosts", host=mine.key)
    at.selectbox(key=f"model-{mine.key}").set_value("fake-small").run()
    press(at, f"test-model-{mine.key}")
    assert "fake-small: strict json_schema works" in texts(at)


def test_the_test_of_a_host_that_is_down_is_one_sentence(app: OpenApp, mine: Host, server: FakeHost) -> None:
    server.close()
    at = press(app("hosts"), f"test-{mine.key}")
    assert "cannot be reached. Check that it is running" in texts(at) and not at.exception
    at = press(app("hosts", host=mine.key), f"test-{mine.key}")
    assert texts(at).count("cannot be reached. Check") == 1


def test_a_host_that_lists_no_models_is_said_and_a_name_can_still_be_typed(
    app: OpenApp, mine: Host, server: FakeHost
) -> None:
    server.on("GET /models", fails(404))
    at = app("hosts", host=mine.key)
    assert "There is no list of models" in texts(at)
    assert not at.selectbox(key=f"model-{mine.key}").disabled
    assert not at.button(key=f"test-model-{mine.key}").disabled


def test_a_model_that_ends_soon_is_offered_with_the_days_it_has_left(
    app: OpenApp, mine: Host, server: FakeHost, small: Small
) -> None:
    ends = [date.today() + timedelta(days=days) for days in (54, 1, 0, 400)]
    told = [{"id": f"m{i}", "object": "model", "shutdown_date": day.isoformat()} for i, day in enumerate(ends)]
    server.on("GET /models", *[garbage(json.dumps({"object": "list", "data": told}).encode())] * 2)
    expected = ["m0 · ends in 54 days", "m1 · ends in 1 day", "m2 · has ended", "m3"]
    assert app("hosts", host=mine.key).selectbox(key=f"model-{mine.key}").options == expected
    models = [box for box in app("prompts", project=small.id, try_host=mine.key).selectbox if box.label == "Model"]
    assert models[0].options == expected


# keys and the user's word


def test_a_typed_key_is_used_said_to_be_typed_and_can_be_forgotten(app: OpenApp, mine: Host, server: FakeHost) -> None:
    at = app("hosts", host=mine.key)
    field(at, "Key", "key-").set_value("sk-typed-secret")
    submit(at, "Use this key")
    assert "typed: kept in memory until LabelLoop stops" in texts(at)
    assert field(at, "Key", "key-").value == "", "the field is emptied"
    press(at, f"test-{mine.key}")
    assert server.asked[-1].headers["Authorization"] == "Bearer sk-typed-secret"
    press(at, f"forget-{mine.key}")
    assert "typed: kept" not in texts(at)


def test_what_no_key_can_be_is_refused(app: OpenApp, mine: Host) -> None:
    at = app("hosts", host=mine.key)
    field(at, "Key", "key-").set_value("two words")
    submit(at, "Use this key")
    assert "The key from what you typed contains spaces" in texts(at) and "two words" not in texts(at)


def test_before_the_first_call_it_is_said_what_goes_where_and_nothing_has_gone(
    app: OpenApp, wb: Workbench, remote: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-secret")
    at = press(app("hosts"), "test-groq")
    shown = texts(at)
    assert "Before the first call to Groq" in shown and "https://groq.invalid/v1" in shown.replace(":small[]", "")
    assert "with the key from GROQ_API_KEY" in shown and "Nothing in the texts is masked" in shown
    assert "cannot be reached" not in shown
    press(at, "allow-groq")
    assert wb.hosts.is_allowed("groq") and "Before the first call" not in texts(at)
    press(at, "disallow-groq")
    assert not wb.hosts.is_allowed("groq")


def test_a_variable_the_user_named_that_is_not_set_is_said_wherever_the_host_comes_up(
    app: OpenApp, wb: Workbench, small: Small, server: FakeHost
) -> None:
    wb.hosts.add("custom", HostDraft("Acme", server.base_url, "ACME_KEY"))
    wb.hosts.add("custom", HostDraft("Acme away", "https://acme.invalid/v1", "ACME_KEY"))
    at = app("hosts", host="custom")
    assert "ACME_KEY is not set" in texts(at) and "Type a key" not in [one.label for one in at.expander]
    assert "once ACME_KEY is set" in texts(app("hosts", host="custom-2"))
    for page, choice in (("prompts", "try_host"), ("runs", "run_hosts")):
        shown = texts(app(page, project=small.id, **{choice: "custom"}))
        assert "There is no key for Acme: ACME_KEY is not set. Set it and start LabelLoop again" in shown, page
    press(at, "test-custom")
    assert "There is no key for Acme: ACME_KEY is not set." in texts(at) and server.asked == []


def test_a_key_that_was_typed_before_a_restart_is_asked_for_again_and_can_be_let_go(
    app: OpenApp, wb: Workbench, mine: Host, server: FakeHost
) -> None:
    wb.hosts.type_key(mine.key, "sk-before")
    at = app("hosts", host=mine.key)
    assert "typed before: type it again" in texts(at) and "The key that was typed is gone" in texts(at)
    press(at, f"forget-{mine.key}")
    assert "typed before" not in texts(at)
    press(at, f"test-{mine.key}")
    assert "Connected, 2 models" in texts(at)


def test_a_test_that_waits_for_the_user_s_word_says_so_even_where_the_host_is_open(app: OpenApp, remote: Host) -> None:
    at = app("hosts", host="groq")
    waits = "Nothing was sent: the test waits until you allow Groq"
    assert waits not in texts(at)
    assert waits in texts(press(at, "test-groq"))
    assert waits not in texts(press(at, "allow-groq"))


# choosing a model elsewhere


def test_a_model_of_a_host_that_is_not_allowed_yet_is_called_by_the_host_s_title(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    wb.hosts.add("custom", HostDraft("Acme", "http://localhost:9/v1"))
    wb.hosts.add("custom", HostDraft("Acme away", "https://acme.invalid/v1"))
    models = "custom-2:acme-large"
    at = app("runs", project=small.id, run_hosts="custom-2", run_models=models)
    assert "acme-large · Acme away" in next(one for one in at.multiselect if one.label == "Models").options
    at = app("runs", project=small.id, run_hosts="custom,custom-2", run_models=models)
    assert "acme-large · Acme away" in next(one for one in at.multiselect if one.label == "Models").options
    assert asked(at, "run_models") == models


def test_a_model_shown_with_its_host_is_never_taken_for_one_typed_for_another(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    wb.hosts.add("custom", HostDraft("Acme", "http://localhost:9/v1"))
    wb.hosts.add("custom", HostDraft("Acme too", "http://localhost:9/v2"))
    at = app("runs", project=small.id, run_hosts="custom", run_models="large · Acme too,small · Acme")
    assert asked(at, "run_models") == "custom:small"


@pytest.mark.parametrize(
    ("page", "choice"), [("prompts", "try_host"), ("runs", "run_hosts"), ("fine_tune", "tune_host")]
)
def test_no_page_asks_a_host_for_its_models_before_it_is_allowed(
    page: str, choice: str, app: OpenApp, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    reached: list[object] = []
    monkeypatch.setattr("core.services.hosts.models.list_models", lambda connection: reached.append(connection) or [])
    at = app(page, project=small.id, **{choice: "openai"})
    assert not at.exception
    assert texts(at).count("Before the first call to OpenAI") == 1
    assert reached == []


def test_a_model_that_was_typed_is_in_the_link_and_comes_back_with_it(
    app: OpenApp, mine: Host, server: FakeHost, small: Small
) -> None:
    at = app("prompts", project=small.id, try_host=mine.key, try_model="by-name")
    assert not at.exception and asked(at, "try_model") == "by-name"
    at = app("runs", project=small.id, run_hosts=mine.key, run_models="vllm:by-name,fake-small,vllm:fake-large")
    assert not at.exception
    assert asked(at, "run_models") == "vllm:by-name,vllm:fake-small,vllm:fake-large"


def test_models_of_several_hosts_are_chosen_together_and_let_go_with_their_host(
    app: OpenApp, mine: Host, wb: Workbench, server: FakeHost, small: Small
) -> None:
    wb.hosts.add("ollama", HostDraft("Ollama", server.base_url))
    at = app("runs", project=small.id, run_hosts="vllm,ollama", run_models="vllm:fake-large,ollama:fake-small")
    assert asked(at, "run_models") == "vllm:fake-large,ollama:fake-small"
    next(one for one in at.multiselect if one.label == "Hosts").set_value(["ollama"]).run()
    assert asked(at, "run_models") == "ollama:fake-small" and not at.exception


# in words


FOUND = Findings("m-1", "http://x/v1", 14, "strict json_schema", False, True, True, 500, None, 0.23, "", 0.0)


def test_findings_in_words() -> None:
    assert connected(FOUND).replace("\\", "") == (
        "Connected, 14 models. m-1: strict json_schema works, logprobs yes, "
        "rate limits announced (500 requests), 230 ms"
    )
    ignoring = Findings("m", asking="json_object", ignores_schema=True, models=1)
    assert "accepts a schema but does not follow it, so it is asked by json_object" in connected(ignoring)
    assert "temperature fixed by the host, no rate limits announced" in connected(ignoring)
    assert can_do(None) == ":gray[not tested]"
    failed = Findings("m", trouble="The host refused the key. Check it.", tested_at=time.time())
    assert "failed: refused the key" in can_do(failed) and "just now" in can_do(failed)
    away = replace(failed, base_url="http://x/v1", trouble="The host at http://x/v1 cannot be reached. Start it.")
    assert "failed: cannot be reached]" in can_do(replace(away, came_to_nothing=True))
    assert connected(replace(away, came_to_nothing=True)).startswith("The test failed just now.")


@pytest.mark.parametrize(
    ("seconds", "said"), [(5, "just now"), (61, "1 min ago"), (7300, "2 h ago"), (90_000, "1 day ago")]
)
def test_how_long_ago(seconds: float, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages._ui.hosts.words.time.time", lambda: 1_000_000.0)
    assert ago(1_000_000.0 - seconds) == said


@pytest.mark.parametrize(
    ("masking", "said"),
    [
        (Masking(), "Nothing in the texts is masked"),
        (Masking(("email",)), "E-mail addresses are masked"),
        (Masking(("phone", "email"), ("Ada", "Grace")), "E-mail addresses, phone numbers and 2 names of your choosing"),
    ],
)
def test_masking_in_words(masking: Masking, said: str) -> None:
    assert masking_in_words(masking).startswith(said)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (KeyState("none", "", False), "not needed"),
        (KeyState("none", "VLLM_API_KEY", False), "VLLM_API_KEY is not set"),
        (KeyState("none", "ACME_KEY", True), "ACME_KEY is not set"),
        (KeyState("none", "ACME_KEY", True, was_typed=True), "typed before: type it again"),
        (KeyState("none", "", True), "type it"),
    ],
)
def test_how_it_stands_with_a_key_that_is_not_there(state: KeyState, said: str) -> None:
    shown = key_state(state).replace("\\", "")
    assert said in shown and ("missing" in shown) is state.is_missing


def test_the_side_of_the_wall_is_said() -> None:
    host = Host("groq", "Groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", profile="groq")
    assert "outside · not allowed yet" in where(host, False) and "outside · allowed" in where(host, True)


def test_the_embedded_host_is_said_to_run_once_it_does() -> None:
    built_in = Host("embedded", "Embedded", "")
    assert "starts when it is first needed" in where(built_in, True)
    assert "running" in where(built_in, True, is_running=True)
