"""The list of hosts, their keys and the user's word, on a real database; nothing is ever sent outside this machine."""

import json
from dataclasses import replace

import pytest

from core.errors import NotAllowedYet, WorkbenchError
from core.hosts.profiles import PROFILES
from core.model import Masking
from core.services.hosts.drafts import HostDraft, draft_of, new_draft
from core.settings import Settings
from core.workbench import open_workbench
from tests.fakes.host import garbage


@pytest.fixture
def open_with(tmp_path):
    """`open_with(GROQ_API_KEY="x", secrets={...})`: a workbench on the test's folder in that environment."""
    opened = []

    def build(secrets=(), **environment):
        settings = Settings(tmp_path, tmp_path / "own.sqlite3", {k: v for k, v in environment.items()}, dict(secrets))
        opened.append(open_workbench(settings))
        return opened[-1].hosts

    yield build
    for wb in opened:
        wb.close()


def keys(hosts):
    return [host.key for host in hosts.all()]


def test_without_any_key_there_is_the_embedded_host_alone(open_with):
    assert keys(open_with()) == ["embedded"]


def test_each_key_brings_its_host_in_the_order_of_the_screen_and_is_said_to(open_with):
    hosts = open_with(GROQ_API_KEY="gsk", OPENAI_API_KEY="sk", secrets={"NEBIUS_API_KEY": "nb"})
    assert keys(hosts) == ["embedded", "openai", "nebius", "groq"]
    assert [hosts.found_through(key) for key in keys(hosts)] == ["", "OPENAI_API_KEY", "NEBIUS_API_KEY", "GROQ_API_KEY"]
    assert hosts.get("groq").base_url == "https://api.groq.com/openai/v1" and not hosts.get("groq").is_local


def test_a_found_host_begins_with_the_parameters_its_kind_is_best_asked_with_and_they_can_be_taken_away(open_with):
    hosts = open_with(OPENROUTER_API_KEY="or")
    host = hosts.get("openrouter")
    assert dict(host.extra) == {"provider": {"data_collection": "deny"}}
    hosts.edit("openrouter", replace(draft_of(host), extra=""))
    assert hosts.get("openrouter").extra == {}


def test_a_key_alone_does_not_bring_a_host_whose_address_nobody_knows(open_with):
    assert keys(open_with(AZURE_OPENAI_API_KEY="az", VLLM_API_KEY="v")) == ["embedded"]


def test_an_address_brings_any_other_server_with_or_without_a_key(open_with):
    host = open_with(OPENAI_BASE_URL=" http://localhost:8000/v1/ ").get("openai")
    assert (host.title, host.base_url, host.is_local) == ("Server at localhost:8000", "http://localhost:8000/v1", True)
    assert host.can_fine_tune and host.profile == "custom"


def test_credentials_in_that_address_are_for_the_connection_alone(open_with):
    hosts = open_with(OPENAI_BASE_URL="https://ada:sesame@host.example:8443/v1?token=abc")
    host = hosts.get("openai")
    assert (host.title, host.base_url) == ("Server at host.example:8443", "https://host.example:8443/v1")
    hosts.allow("openai")
    assert hosts.connection("openai").base_url == "https://ada:sesame@host.example:8443/v1?token=abc"
    hosts.edit("openai", draft_of(host))
    assert hosts.connection("openai").base_url.startswith("https://ada:sesame@"), "editing lost the credentials"


def test_everything_the_user_says_of_a_host_is_there_after_a_restart(open_with):
    masking = Masking(("email", "card"), ("Ada Lovelace",))
    draft = HostDraft(
        "  My   vLLM ", "http://gpu.example:8000/v1/", "GPU_KEY", '{"top_p": 0.9}', "low", 512, 40, 600, 90_000, masking
    )
    added = open_with().add("vllm", draft)
    again = open_with().get(added.key)
    assert again == added
    assert (again.title, again.base_url, again.key_variable) == ("My vLLM", "http://gpu.example:8000/v1", "GPU_KEY")
    assert (dict(again.extra), again.reasoning_effort, again.answer_tokens) == ({"top_p": 0.9}, "low", 512)
    assert (again.in_flight, again.requests_per_minute, again.tokens_per_minute) == (40, 600, 90_000)
    assert (again.masking, again.profile, again.is_local) == (masking, "vllm", False)


def test_two_hosts_of_one_kind_have_keys_of_their_own_and_none_is_given_twice(open_with):
    hosts = open_with()
    for port in (1, 2):
        hosts.add("ollama", HostDraft(f"Ollama {port}", f"http://localhost:{port}/v1"))
    hosts.remove("ollama-2")
    assert hosts.add("ollama", HostDraft("Third", "http://localhost:3/v1")).key == "ollama-3"
    assert keys(hosts) == ["embedded", "ollama", "ollama-3"]


def test_the_drafts_of_all_kinds_can_be_saved_once_the_address_is_given(open_with):
    hosts = open_with()
    for profile in PROFILES.values():
        if profile.key != "embedded":
            draft = new_draft(profile)
            address = draft.base_url.replace("{resource}", "mine") or "http://localhost:9/v1"
            hosts.add(profile.key, HostDraft(draft.title, address, draft.key_variable, draft.extra))
    assert keys(hosts) == list(PROFILES)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "  "}, "has no name"),
        ({"base_url": "gpu:8000"}, "not the address of a host"),
        ({"base_url": "https://ada:sesame@gpu/v1"}, "never stored"),
        ({"key_variable": "sk-sesame-1234"}, "not the name of a variable; a key itself is never stored"),
        ({"key_variable": "gsk_sesame0123456789abcdef"}, "not the name of a variable; a key itself is never stored"),
        ({"key_variable": "f00sesame0123456789abcdef"}, "not the name of a variable; a key itself is never stored"),
        ({"title": "sk-sesame-0123456789abcdef"}, "name of the host looks like a key"),
        ({"base_url": "https://gpu/sk-sesame-0123456789abcdef/v1"}, "may be a key"),
        ({"extra": '{"user": "sk-sesame-0123456789abcdef"}'}, "contain what looks like a key"),
        ({"extra": '{"litellm": {"api_key": "sesame"}}'}, "contain what looks like a key"),
        ({"extra": '{"top_p": }'}, r"not JSON \(line 1, column 11\)"),
        ({"extra": "[1]"}, "not a JSON object"),
        ({"extra": "[" * 100_000}, "nested too deeply"),
        ({"extra": '{"model": "x"}'}, "may not set model"),
        ({"extra": '{"Model": "x"}'}, "may not set Model"),
        ({"extra": '{"MESSAGES": []}'}, "may not set MESSAGES"),
        ({"extra": '{"api_base": "http://elsewhere.invalid"}'}, "may not set api_base: a gateway would send data"),
        ({"extra": '{"extra_headers": {"x": "y"}}'}, "may not set extra_headers"),
    ],
)
def test_a_draft_that_is_wrong_is_one_sentence_and_nothing_is_stored(changes, said, open_with):
    hosts = open_with()
    draft = {"title": "Mine", "base_url": "http://gpu/v1", **changes}
    with pytest.raises(WorkbenchError, match=said) as caught:
        hosts.add("custom", HostDraft(**draft))
    assert "sesame" not in str(caught.value)
    assert keys(hosts) == ["embedded"]


def test_a_found_host_that_is_edited_follows_its_variable_until_its_address_is_edited(open_with):
    first = open_with(OPENAI_BASE_URL="http://localhost:1/v1")
    first.edit("openai", HostDraft("Gateway", "http://localhost:1/v1", in_flight=3))
    moved = open_with(OPENAI_BASE_URL="http://localhost:2/v1")
    assert (moved.get("openai").title, moved.get("openai").base_url) == ("Gateway", "http://localhost:2/v1")
    moved.edit("openai", HostDraft("Gateway", "http://localhost:7/v1"))
    assert open_with(OPENAI_BASE_URL="http://localhost:3/v1").get("openai").base_url == "http://localhost:7/v1"


def test_a_removed_host_comes_back_by_undo_alone_even_where_its_key_is_found(open_with):
    hosts = open_with(GROQ_API_KEY="gsk")
    hosts.edit("groq", HostDraft("My Groq", hosts.get("groq").base_url, "GROQ_API_KEY"))
    hosts.remove("groq")
    assert keys(open_with(GROQ_API_KEY="gsk")) == ["embedded"]
    with pytest.raises(WorkbenchError, match="The host “My Groq” was removed. Restore it on Hosts"):
        hosts.connection("groq")
    assert [host.title for host in hosts.removed()] == ["My Groq"]
    hosts.restore("groq")
    assert hosts.get("groq").title == "My Groq" and hosts.removed() == []


def test_a_host_is_called_by_its_title_even_after_it_was_removed(open_with):
    hosts = open_with()
    hosts.add("custom", HostDraft("Acme away", "https://acme.invalid/v1"))
    assert (hosts.title("custom"), hosts.title("never-there")) == ("Acme away", "never-there")
    hosts.remove("custom")
    assert hosts.title("custom") == "Acme away"


def test_the_embedded_host_keeps_what_is_set_for_it_and_cannot_be_removed(open_with):
    hosts = open_with()
    hosts.edit("embedded", HostDraft("Embedded host", "", in_flight=4))
    assert (hosts.get("embedded").in_flight, hosts.get("embedded").is_local) == (4, True)
    with pytest.raises(WorkbenchError, match="embedded host cannot be removed"):
        hosts.remove("embedded")


# keys


def test_a_key_comes_from_what_is_typed_then_the_environment_then_secrets(open_with):
    hosts = open_with(GROQ_API_KEY="from-env", secrets={"GROQ_API_KEY": "from-toml", "hosts.openai": "by-host"})
    hosts.allow("groq")
    assert (hosts.key_source("groq"), hosts.connection("groq").key) == ("environment", "from-env")
    hosts.type_key("groq", " typed-key\n")
    assert (hosts.key_source("groq"), hosts.connection("groq").key) == ("typed", "typed-key")
    hosts.forget_key("groq")
    assert hosts.key_source("groq") == "environment"
    hosts.allow("openai")
    assert (hosts.key_source("openai"), hosts.connection("openai").key) == ("secrets", "by-host")


def test_a_secret_that_was_copied_into_the_environment_is_still_said_to_come_from_secrets(open_with):
    hosts = open_with(GROQ_API_KEY="gsk", secrets={"GROQ_API_KEY": "gsk"})
    assert hosts.key_source("groq") == "secrets"


def test_a_typed_key_is_gone_with_the_process_and_other_processes_do_not_have_it(open_with):
    first, other = open_with(), open_with()
    first.add("groq", HostDraft("Groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"))
    first.allow("groq")
    first.type_key("groq", "gsk-typed")
    assert first.usable() == {"embedded", "groq"}
    assert other.usable() == {"embedded"}
    with pytest.raises(WorkbenchError, match="one was typed before.* Type it again on Hosts, or set GROQ_API_KEY"):
        other.connection("groq")


def test_a_key_whose_variable_is_not_set_is_said_by_its_name_and_the_host_is_not_asked_without(open_with):
    hosts = open_with()
    hosts.add("groq", HostDraft("Groq", "http://localhost:1/v1", "GROQ_API_KEY"))
    hosts.add("custom", HostDraft("Acme", "http://localhost:2/v1", "ACME_KEY"))
    for key, said in (("groq", "Groq: GROQ_API_KEY is not set"), ("custom", "Acme: ACME_KEY is not set")):
        with pytest.raises(WorkbenchError, match=f"There is no key for {said}. Set it and start LabelLoop again"):
            hosts.connection(key)
    assert hosts.usable() == {"embedded"}
    assert open_with(ACME_KEY="sesame").connection("custom").key == "sesame"


@pytest.mark.parametrize("profile", ["vllm", "litellm"])
def test_the_variable_a_kind_of_host_comes_with_may_be_unset(profile, open_with):
    hosts = open_with(OPENAI_BASE_URL="http://localhost:8000/v1")
    usual = PROFILES[profile].key_variable
    hosts.add(profile, HostDraft("Mine", "http://localhost:3/v1", usual))
    assert hosts.usable() == {"embedded", "openai", profile}
    assert (hosts.connection(profile).key, hosts.key_state(profile).variable) == ("", usual)


def test_that_a_key_was_typed_is_remembered_after_a_restart_until_it_is_forgotten(open_with):
    hosts = open_with()
    hosts.add("custom", HostDraft("Acme", "http://localhost:2/v1"))
    assert hosts.connection("custom").key == ""
    hosts.type_key("custom", "sesame-typed")
    again = open_with()
    with pytest.raises(WorkbenchError, match="one was typed before, but this process does not have it. Type it again"):
        again.connection("custom")
    assert "custom" not in again.usable()
    again.forget_key("custom")
    assert open_with().connection("custom").key == ""


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "ключ", "nul\x00"])
def test_what_no_key_can_be_is_refused_without_repeating_it(key, open_with):
    hosts = open_with(GROQ_API_KEY=f"x{key}" if key else "x y")
    with pytest.raises(WorkbenchError, match="Copy it again") as caught:
        hosts.type_key("groq", key)
    assert not key or key not in str(caught.value)
    hosts.allow("groq")
    if key != "":
        with pytest.raises(WorkbenchError, match="The key from GROQ_API_KEY contains spaces"):
            hosts.connection("groq")


def test_azure_is_told_the_key_in_the_header_it_wants(open_with):
    hosts = open_with(MY_KEY="az-key")
    hosts.add("azure", HostDraft("Azure", "https://mine.openai.azure.com/openai/v1", "MY_KEY"))
    hosts.allow("azure")
    connection = hosts.connection("azure")
    assert connection.auth_headers() == {"api-key": "az-key"}
    assert "az-key" not in repr(connection)


# the user's word


def test_a_host_outside_this_machine_cannot_be_reached_before_the_user_allows_it(open_with):
    hosts = open_with(GROQ_API_KEY="gsk")
    assert not hosts.is_allowed("groq") and "groq" not in hosts.usable()
    with pytest.raises(NotAllowedYet, match="Nothing is sent to Groq before you allow it") as caught:
        hosts.models("groq", 1)
    assert caught.value.host_key == "groq"
    hosts.allow("groq")
    assert hosts.connection("groq").base_url == "https://api.groq.com/openai/v1"
    assert "groq" in hosts.usable()
    hosts.disallow("groq")
    with pytest.raises(NotAllowedYet):
        hosts.connection("groq")


def test_another_address_has_to_be_allowed_anew_and_going_back_does_not(open_with):
    hosts = open_with()
    hosts.add("custom", HostDraft("Gateway", "https://one.example/v1"))
    hosts.allow("custom")
    hosts.edit("custom", HostDraft("Gateway", "https://two.example/v1"))
    assert not hosts.is_allowed("custom")
    hosts.edit("custom", HostDraft("Gateway", "https://one.example/v1"))
    assert hosts.is_allowed("custom")


def test_this_machine_needs_no_word(open_with):
    hosts = open_with()
    hosts.add("ollama", HostDraft("Ollama", "http://localhost:11434/v1"))
    assert hosts.is_allowed("ollama") and hosts.usable() == {"embedded", "ollama"}


# models


def test_models_that_chat_come_before_the_others_and_bring_the_date_of_their_end(workbench, small_project, fake_host):
    told = [
        {"id": "text-embedding-3-small", "object": "model"},
        {"id": "old-chat", "object": "model", "shutdown_date": "2027-01-14"},
        {"id": "new-chat", "object": "model"},
    ]
    fake_host.on("GET /models", garbage(json.dumps({"object": "list", "data": told}).encode()))
    choices = workbench.hosts.models("openai", small_project.id)
    assert [(c.name, c.is_chat, c.shutdown_date) for c in choices] == [
        ("old-chat", True, "2027-01-14"),
        ("new-chat", True, None),
        ("text-embedding-3-small", False, None),
    ]


def test_the_date_on_which_a_model_ends_is_remembered_until_the_host_takes_it_back(workbench, small_project, fake_host):
    def listed(date):
        told = [{"id": "m", "object": "model", "shutdown_date": date}]
        fake_host.on("GET /models", garbage(json.dumps({"object": "list", "data": told}).encode()))
        workbench.hosts.models("openai", small_project.id)
        with workbench.db.read() as conn:
            return conn.exec_driver_sql("SELECT model, shutdown_date FROM host_models WHERE host = 'openai'").all()

    assert listed("2027-01-14") == [("m", "2027-01-14")]
    assert listed(None) == [("m", None)]
