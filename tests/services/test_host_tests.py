"""Testing a host: what it can do is found out at the wire, remembered, and asked of it from then on."""

import json

import pytest

from core.errors import NotAllowedYet, WorkbenchError
from core.hosts.manner import Asking, Manner
from core.hosts.probing import MOST_CALLS
from core.services.hosts.drafts import HostDraft
from core.workbench import open_workbench
from tests.fakes.host import Step, fails, garbage, says

ODD = "quindle"


@pytest.fixture
def obedient(fake_host):
    """Holds its model to the schema: the odd words of the test's schema are all it can say."""
    fake_host.answer = lambda text: ODD
    return fake_host


def has_format(kind, strict=None):
    def where(body):
        shape = body.get("response_format") or {}
        return shape.get("type") == kind and (strict is None or shape["json_schema"].get("strict", False) is strict)

    return where


def test_a_host_that_can_do_everything_is_found_out_with_one_call(workbench, obedient):
    findings = workbench.hosts.test("openai")
    assert (findings.model, findings.models, findings.trouble) == ("fake-large", 2, "")
    assert (findings.asking, findings.ignores_schema) == ("strict json_schema", False)
    assert findings.logprobs and findings.temperature and findings.seconds > 0
    assert len(obedient.asked) == 1


def test_no_text_of_a_project_is_sent_by_a_test(workbench, small_project, obedient):
    workbench.hosts.test("openai")
    sent = json.dumps([asked.body for asked in obedient.asked])
    assert "Is fire hot?" in sent
    assert not [text for text in small_project.items().values() if text in sent]


def test_a_host_that_takes_a_schema_without_keeping_to_it_is_found_out(workbench, fake_host):
    fake_host.answer = lambda text: "yes"
    findings = workbench.hosts.test("openai")
    assert (findings.asking, findings.ignores_schema) == ("json_object", True)
    assert workbench.hosts.manner("openai", "fake-large").asking is Asking.JSON_OBJECT


def test_a_host_that_never_writes_json_is_asked_in_plain_text(workbench, fake_host):
    fake_host.always(says("Yes, fire is hot."))
    findings = workbench.hosts.test("openai")
    assert (findings.asking, findings.ignores_schema, findings.trouble) == ("plain text", True, "")
    assert not findings.logprobs


def test_the_ladder_is_walked_down_where_the_host_refuses_a_step(workbench, obedient):
    obedient.refuse(has_format("json_schema", strict=True), fails(400, "strict is unknown", param="response_format"))
    findings = workbench.hosts.test("openai")
    assert (findings.asking, findings.ignores_schema) == ("json_schema", False)


def test_refused_logprobs_and_temperature_are_found_out_and_remembered_after_a_restart(workbench, obedient):
    obedient.refuse(lambda body: "logprobs" in body, fails(400, "logprobs are not supported"))
    obedient.refuse(lambda body: "temperature" in body, fails(400, "temperature must be 1", param="temperature"))
    findings = workbench.hosts.test("openai")
    assert (findings.logprobs, findings.temperature) == (False, False)
    again = open_workbench(workbench.settings)
    manner = again.hosts.manner("openai", "fake-large")
    assert (manner.logprobs, manner.temperature, manner.asking) == (False, False, Asking.STRICT_SCHEMA)
    assert again.hosts.findings("openai") == findings
    again.close()


def test_announced_rate_limits_are_read(workbench, fake_host):
    answer = {"choices": [{"message": {"content": json.dumps({"label": ODD})}, "finish_reason": "stop"}]}
    limits = {"x-ratelimit-limit-requests": "500", "x-ratelimit-limit-tokens": "30000"}
    limits |= {"x-ratelimit-remaining-requests": "499", "x-ratelimit-remaining-tokens": "29990"}
    fake_host.next(Step("fail", 200, json.dumps(answer).encode(), limits))
    findings = workbench.hosts.test("openai")
    assert (findings.limit_requests, findings.limit_tokens) == (500, 30_000)


def test_a_host_that_refuses_everything_is_left_in_peace_after_a_few_calls(workbench, fake_host):
    refusals = [
        "top_logprobs must be at most 5",
        "logprobs",
        "temperature",
        "json_schema",
        "json_schema",
        "json_object",
    ]
    fake_host.next(*(fails(400, words) for words in refusals))
    findings = workbench.hosts.test("openai")
    assert "no way of asking was accepted" in findings.trouble
    assert len(fake_host.asked) == MOST_CALLS


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (fails(401, "no"), "does not let this key use fake-large"),
        (fails(404, "no"), "does not know the model fake-large, or has no chat"),
        (
            fails(429, "slow", headers={"retry-after": "600"}),
            "too many requests right now. It asks us to wait 10 minutes.",
        ),
        (fails(429, "no", code="insufficient_quota"), "no credit left"),
        (fails(400, "the moon is full"), "could not answer with fake-large: the moon is full"),
        (garbage(), "not as the OpenAI protocol requires"),
    ],
)
def test_a_model_that_cannot_be_asked_is_one_sentence_and_its_manner_stays_unknown(step, said, workbench, fake_host):
    workbench.hosts.type_key("openai", "sk-wrong")
    fake_host.next(step)
    findings = workbench.hosts.test("openai")
    assert said in findings.trouble and findings.models == 2
    assert workbench.hosts.manner("openai", "fake-large") == Manner()


def test_a_test_that_is_refused_for_now_waits_as_it_is_told(workbench, fake_host):
    fake_host.next(*[fails(429, "slow down", headers={"retry-after-ms": "5"})] * 3)
    assert workbench.hosts.test("openai").trouble == ""


def test_a_host_that_asks_for_a_key_where_none_was_sent_is_said_to_with_the_name_of_the_variable(workbench, fake_host):
    fake_host.next(fails(401, "no"))
    trouble = workbench.hosts.test("openai").trouble
    assert trouble.startswith(
        "The host asks for a key, and OPENAI_API_KEY is not set. Set it and start LabelLoop again"
    )


def test_a_test_that_came_to_nothing_is_remembered_and_one_that_was_not_allowed_is_none(workbench, fake_host):
    workbench.hosts.test("openai")
    fake_host.on("GET /models", *[fails(500)] * 2)
    with pytest.raises(WorkbenchError, match="could not list its models"):
        workbench.hosts.test("openai")
    again = open_workbench(workbench.settings)
    found = again.hosts.findings("openai")
    again.close()
    assert found.came_to_nothing and "could not list its models" in found.trouble and found.tested_at > 0
    workbench.hosts.add("groq", HostDraft("Groq", "https://groq.invalid/v1"))
    with pytest.raises(NotAllowedYet):
        workbench.hosts.test("groq")
    assert workbench.hosts.findings("groq") is None


def test_the_first_model_that_chats_is_tested_unless_another_one_is_named(workbench, obedient):
    obedient.models = ["text-embedding-3-small", "chatty"]
    assert workbench.hosts.test("openai").model == "chatty"
    assert workbench.hosts.test("openai", "other").model == "other"
    assert [asked.body["model"] for asked in obedient.asked] == ["chatty", "other"]


def test_a_host_that_lists_no_models_can_be_tested_with_one_that_is_named(workbench, obedient):
    obedient.models = []
    with pytest.raises(WorkbenchError, match="lists no models. Enter the name of a model"):
        workbench.hosts.test("openai")
    obedient.on("GET /models", fails(404), fails(404))
    findings = workbench.hosts.test("openai", "by-name")
    assert (findings.models, findings.model, findings.trouble) == (None, "by-name", "")


def test_extra_parameters_and_effort_of_the_host_are_part_of_the_question(workbench, obedient):
    workbench.hosts.edit(
        "openai", HostDraft("Mine", obedient.base_url, extra='{"top_k": 5}', reasoning_effort="low", answer_tokens=99)
    )
    workbench.hosts.test("openai")
    body = obedient.asked[0].body
    assert (body["top_k"], body["reasoning_effort"], body["max_completion_tokens"]) == (5, "low", 99)


def test_what_was_found_out_is_forgotten_with_the_address_or_the_parameters(workbench, obedient):
    obedient.refuse(lambda body: "logprobs" in body, fails(400, "logprobs are not supported"))
    workbench.hosts.test("openai")
    workbench.hosts.edit("openai", HostDraft("Mine", obedient.base_url, in_flight=2))
    assert workbench.hosts.findings("openai") is not None, "the pace has nothing to do with it"
    workbench.hosts.edit("openai", HostDraft("Mine", obedient.base_url, extra='{"top_k": 5}'))
    assert workbench.hosts.findings("openai") is None
    assert workbench.hosts.manner("openai", "fake-large") == Manner()
