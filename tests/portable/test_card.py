"""The model card: what the Hub reads of it, and what of it no text can break."""

from dataclasses import replace
from datetime import date

import pytest
from huggingface_hub import ModelCard as HubCard

from core.portable import UNKNOWN, ModelCard, Score, ScoreRow, TaughtFile, card_markdown, licence_of

SHA = "ab" * 32
CARD = ModelCard(
    name="News: tuned 1",
    project="News",
    question="",
    kind="single_label",
    pipeline="text-classification",
    base_model="Qwen2.5-7B-Instruct",
    tuned_model="ft:qwen:1",
    host="Nebius",
    licence=licence_of("Qwen2.5-7B-Instruct"),
    created=date(2026, 11, 30),
    finished=date(2026, 12, 1),
    method="Examples",
    teacher="maria",
    labels=[("SPORTS", "games", 12), ("POLITICS", "", 18)],
    guidelines="By subject.",
    files=[TaughtFile("train.jsonl", 30, SHA), TaughtFile("validation.jsonl", 12, "")],
    splits=["30 lines of train."],
    masking="nothing",
    parameters={"n_epochs": 3, "seed": 0},
    prompt_title="v1 plain",
    system="Choose one of:\n{{labels}}",
    user="{{text}}",
    n_examples=0,
    reference="maria",
    rows=[
        ScoreRow("tuned 1 · v1", "test", 18, (Score("accuracy", "Accuracy", ".76 [.52, .90]", 0.7612),), True),
        ScoreRow("qwen · v1", "test", 18, (Score("accuracy", "Accuracy", ".50 [.29, .71]", 0.5),), False),
    ],
    per_label=[("SPORTS", 9, ".70 [.40, .90]", ".80 [.50, .95]", ".75 [.50, .90]")],
    limits=["It was taught little."],
)


def test_the_hub_reads_its_metadata_and_the_figures_of_the_tuned_model():
    data = HubCard(card_markdown(CARD)).data
    assert (data.license, data.base_model, data.pipeline_tag) == (
        "apache-2.0",
        "Qwen2.5-7B-Instruct",
        "text-classification",
    )
    (result,) = data.eval_results
    assert (result.metric_type, result.metric_value, result.dataset_split) == ("accuracy", 0.7612, "test")
    assert result.metric_name == "Accuracy, .76 [.52, .90], n = 18"


def test_a_reader_finds_data_numbers_hash_prompt_and_limits():
    text = card_markdown(CARD)
    for told in (
        f"| train.jsonl | 30 | {SHA} |",
        "| validation.jsonl | 12 | not kept |",
        "| tuned 1 · v1 | test | 18 | .76 \\[.52, .90\\] |",
        "- **n_epochs:** 3",
        "Choose one of:\n{{labels}}",
        "It was taught little.",
    ):
        assert told in text


def test_without_a_measurement_it_says_so_and_claims_no_figure():
    text = card_markdown(replace(CARD, rows=[], per_label=[]))
    assert "Not measured yet." in text and "model-index" not in text


NASTY = '"|]</td> ``` $x$ :red[a] \n---\n# b'


@pytest.mark.parametrize(
    "field", ["name", "project", "base_model", "host", "teacher", "guidelines", "system", "reference"]
)
def test_no_text_breaks_the_card(field):
    text = card_markdown(replace(CARD, **{field: NASTY}))
    plain = card_markdown(CARD)
    card = HubCard(text)
    assert card.data.license == "apache-2.0"
    headings = [line for line in outside_fences(text) if line.startswith("#")]
    assert len(headings) == len([line for line in outside_fences(plain) if line.startswith("#")])
    assert "</td>" not in "\n".join(outside_fences(card.content.split("\n---\n", 1)[1]))


def outside_fences(text):
    fence = ""
    for line in text.splitlines():
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if fence:
            fence = "" if line == fence else fence
        elif len(ticks) >= 3:
            fence = ticks
        else:
            yield line


@pytest.mark.parametrize(
    ("base", "key"),
    [
        ("minilm-l6", "apache-2.0"),
        ("gpt-4.1-mini-2025-04-14", "other"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama3.3"),
        ("Qwen/Qwen2.5-3B-Instruct", "other"),
        ("Qwen/Qwen3-8B", "apache-2.0"),
        ("mistralai/Mistral-7B-Instruct-v0.3", "apache-2.0"),
        ("my-own-model", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_licence_is_told_where_the_name_tells_it_and_unknown_otherwise(base, key):
    assert licence_of(base).key == key
    assert UNKNOWN.about.startswith("unknown")
