"""Reading litellm's price file: its shape, its prefixes, and what is wrong with it."""

import json
from datetime import date

import pytest

from core.errors import WorkbenchError
from core.hosts.price_file import ANYWHERE, read_litellm
from core.model import Price

SPEC = {
    "litellm_provider": "one of https://docs.litellm.ai/docs/providers",
    "mode": "one of: chat, embedding",
    "deprecation_date": "date when the model becomes deprecated in the format YYYY-MM-DD",
    "input_cost_per_token": 0.0,
}


def entry(provider="openai", *, mode="chat", input=2e-06, output=8e-06, **more):
    return {
        "litellm_provider": provider,
        "mode": mode,
        "input_cost_per_token": input,
        "output_cost_per_token": output,
        **more,
    }


def read(**entries):
    """Names are given with `__` for `/`."""
    named = {name.replace("__", "/"): found for name, found in entries.items()}
    return read_litellm(json.dumps({"sample_spec": SPEC, **named}).encode(), "file")


def only(found):
    assert not found.problems
    (row,) = found.rows
    return row


def test_prices_become_dollars_per_million_tokens():
    row = only(
        read(x=entry(cache_read_input_token_cost=5e-07, input_cost_per_token_batches=1e-06, max_tokens=4096, notes="?"))
    )
    assert (row.profile, row.model, row.price) == ("openai", "x", Price(2.0, 8.0, 0.5, 0.5, None, "file"))


def test_a_batch_that_is_not_cut_alike_counts_at_its_dearer_share():
    row = only(read(x=entry(input_cost_per_token_batches=5e-07, output_cost_per_token_batches=4e-06)))
    assert row.price.batch_factor == 0.5
    assert only(read(x=entry(input_cost_per_token_batches=3e-06))).price.batch_factor is None


def test_the_example_at_the_head_of_the_file_is_no_price():
    found = read(x=entry())
    assert [row.model for row in found.rows] == ["x"] and found.elsewhere == 0


@pytest.mark.parametrize(
    ("provider", "name", "profile", "model"),
    [
        ("groq", "groq/llama-3.3-70b-versatile", "groq", "llama-3.3-70b-versatile"),
        ("groq", "groq/openai/gpt-oss-120b", "groq", "openai/gpt-oss-120b"),
        ("together_ai", "together_ai/meta-llama/Llama-3", "together", "meta-llama/Llama-3"),
        ("fireworks_ai", "fireworks_ai/accounts/f/models/x", "fireworks", "accounts/f/models/x"),
        ("nebius", "nebius/deepseek-ai/DeepSeek-V3", "nebius", "deepseek-ai/DeepSeek-V3"),
        ("openrouter", "openrouter/anthropic/claude", "openrouter", "anthropic/claude"),
        ("azure", "azure/gpt-4o", "azure", "gpt-4o"),
        ("openai", "ft:gpt-4o-2024-08-06", "openai", "ft:gpt-4o-2024-08-06"),
        ("anthropic", "claude-haiku-4-5", ANYWHERE, "claude-haiku-4-5"),
        ("gemini", "gemini/gemini-2.5-pro", ANYWHERE, "gemini-2.5-pro"),
    ],
)
def test_a_provider_becomes_our_profile_and_its_prefix_goes(provider, name, profile, model):
    row = only(read_litellm(json.dumps({name: entry(provider)}).encode()))
    assert (row.profile, row.model) == (profile, model)


def test_the_day_a_model_ends_comes_along_even_without_a_price():
    assert only(read(x=entry(deprecation_date="2027-01-14"))).retires == date(2027, 1, 14)
    row = only(read(x={"litellm_provider": "openai", "deprecation_date": "2027-01-14"}))
    assert row.retires == date(2027, 1, 14) and row.price == Price(source="file")


def test_two_zeros_say_that_nobody_knows_unless_the_model_is_named_free():
    found = read(x=entry(input=0.0, output=0), **{"openrouter__y:free": entry("openrouter", input=0, output=0.0)})
    assert [(row.model, row.price.input, row.price.output) for row in found.rows] == [("y:free", 0.0, 0.0)]
    assert found.elsewhere == 1


def test_a_missing_price_stays_unknown():
    row = only(read(x={"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": "2e-06"}))
    assert row.price == Price(input=2.0, source="file")


def test_other_providers_and_models_that_do_not_answer_in_text_are_counted_and_left_out():
    found = read(a=entry("sagemaker"), b=entry(mode="embedding"), c=entry(mode="image_generation"), d=entry())
    assert [row.model for row in found.rows] == ["d"] and found.elsewhere == 3 and not found.problems


def test_a_name_that_comes_twice_counts_as_it_first_stands_there():
    found = read(x=entry(), openai__x=entry(input=9e-06))
    assert only(found).price.input == 2.0


BROKEN = {
    "“x”: input_cost_per_token is \"much\", which is not a price.": entry(input="much"),
    "“x”: output_cost_per_token is -1e-06, which is not a price.": entry(output=-1e-06),
    "“x”: input_cost_per_token is true, which is not a price.": entry(input=True),
    "“x”: input_cost_per_token is [2], which is not a price.": entry(input=[2]),
    "“x”: cache_read_input_token_cost is NaN, which is not a price.": entry(cache_read_input_token_cost=float("nan")),
    "“x”: deprecation_date is \"soon\", which is not a date.": entry(deprecation_date="soon"),
    "“x” is not a list of prices.": 7,
}  # fmt: skip


@pytest.mark.parametrize("said", BROKEN)
def test_a_broken_row_is_one_sentence_and_is_left_out_as_a_whole(said):
    found = read(x=BROKEN[said], y=entry())
    assert found.problems == (said,) and [row.model for row in found.rows] == ["y"]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"<html>", b"[1, 2]", b"{}", b'{"x": {"price": 1}}'])
def test_another_file_is_refused_with_a_sentence(data):
    with pytest.raises(WorkbenchError, match="not JSON|not contain a litellm price list") as refused:
        read_litellm(data)
    assert "model_prices_and_context_window.json" in refused.value.hint
