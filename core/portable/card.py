"""The model card of a tuned model: Markdown with a block of metadata on top, as the Hugging Face Hub reads it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from core.portable.licences import Licence

_SPECIAL = re.compile(r"([\\`*\[\]<>#|$~]|(?<!\w)_|_(?!\w)|:(?=\w)|&(?=#?\w+;))")
"""What Markdown, and what the app makes of it, would take for markup; within a word an underscore is a sign."""
_FENCE = re.compile(r"`{3,}")
NOT_MEASURED = "Not measured yet."


class Score(NamedTuple):
    """One figure: `written` with its interval as everywhere, `value` bare for programs, None where it is undefined."""

    key: str
    title: str
    written: str
    value: float | None


class ScoreRow(NamedTuple):
    """One annotator on one split, against the reference, on `n` items."""

    who: str
    split: str
    n: int
    scores: tuple[Score, ...]
    is_tuned: bool


class TaughtFile(NamedTuple):
    """A training file as it was sent; `sha256` "" where it was not kept."""

    name: str
    lines: int
    sha256: str


@dataclass(frozen=True)
class ModelCard:
    """What the card says, every text as it is: what Markdown would read as markup is escaped here."""

    name: str
    project: str
    question: str
    kind: str
    pipeline: str
    """The task as the Hub calls it; "" for one it has no name for."""
    base_model: str
    tuned_model: str
    host: str
    licence: Licence
    created: date
    finished: date | None
    method: str
    teacher: str
    labels: Sequence[tuple[str, str, int | None]]
    """`(name, description, training lines)`"""
    guidelines: str
    files: Sequence[TaughtFile]
    splits: Sequence[str]
    masking: str
    parameters: Mapping[str, object]
    prompt_title: str
    system: str
    user: str
    n_examples: int
    reference: str
    rows: Sequence[ScoreRow]
    per_label: Sequence[tuple[str, int, str, str, str]]
    """Of the tuned model on test: `(label, items, precision, recall, F1)`."""
    notes: Sequence[str] = ()
    """What has to be known to read the figures."""
    lineage: Sequence[str] = ()
    limits: Sequence[str] = ()
    ids: Mapping[str, str] = field(default_factory=dict)


def card_markdown(card: ModelCard) -> str:
    """The whole card; the same facts always give the same text."""
    parts = [
        "\n".join(["---", *_metadata(card), "---"]),
        f"# Model card for {escaped(card.name)}",
        _about(card),
        *_details(card),
        *_uses(card),
        *_training(card),
        *_evaluation(card),
        *_lineage(card),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """A text in running Markdown, letter for letter, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def fenced(text: str) -> str:
    """A text as a block that shows it as it is, whatever is in it."""
    longest = max((len(found) for found in _FENCE.findall(text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}"


def _metadata(card: ModelCard) -> Iterator[str]:
    yield f"license: {card.licence.key}"
    yield f"base_model: {_scalar(card.base_model)}"
    yield "base_model_relation: finetune"
    if card.pipeline:
        yield f"pipeline_tag: {card.pipeline}"
    yield "tags:"
    yield from (f"- {tag}" for tag in ("labelloop", "fine-tuned", card.kind.replace("_", "-")))
    measured = [row for row in card.rows if row.is_tuned and any(score.value is not None for score in row.scores)]
    if not measured:
        return
    yield "metrics:"
    yield from (f"- {key}" for key in dict.fromkeys(s.key for row in measured for s in row.scores))
    yield "model-index:"
    yield f"- name: {_scalar(card.name)}"
    yield "  results:"
    for row in measured:
        yield "  - task:"
        yield f"      type: {card.pipeline or 'other'}"
        yield "    dataset:"
        yield f"      name: {_scalar(card.project)}"
        yield "      type: private"
        yield f"      split: {row.split}"
        yield "    metrics:"
        for score in row.scores:
            if score.value is not None:
                yield f"    - type: {score.key}"
                yield f"      value: {score.value:.4f}"
                yield f"      name: {_scalar(f'{score.title}, {score.written}, n = {row.n}')}"


def _scalar(text: str) -> str:
    """A text as YAML reads it back: JSON is YAML."""
    return json.dumps(" ".join(text.split()), ensure_ascii=True)


def _about(card: ModelCard) -> str:
    asked = f" ({escaped(card.question)})" if card.question else ""
    return (
        f"{escaped(card.base_model)}, fine-tuned on {escaped(card.host)} for the project "
        f"{escaped(card.project)}{asked}: it learned from {escaped(card.teacher)}."
    )


def _details(card: ModelCard) -> Iterator[str]:
    yield "## Model details"
    yield _listed(
        [
            ("Name on the host", escaped(card.tuned_model) or "not told by the host"),
            ("Host", escaped(card.host)),
            ("Fine-tuned from", escaped(card.base_model)),
            ("Licence of the base model", escaped(card.licence.about)),
            ("Kind of question", escaped(card.kind.replace("_", " "))),
            ("Ordered", f"{card.created:%Y-%m-%d}"),
            ("Finished", f"{card.finished:%Y-%m-%d}" if card.finished else "not yet"),
            *((escaped(name), escaped(value)) for name, value in card.ids.items()),
        ]
    )


def _uses(card: ModelCard) -> Iterator[str]:
    yield "## Uses"
    yield "### Direct use"
    yield (
        f"Answers one question about an item, in the words of the prompt {escaped(card.prompt_title)} below. Asked in "
        "other words, or about other labels, it may answer worse than its base model."
    )
    if card.labels:
        told = [(escaped(name), escaped(about) or "–") for name, about, _ in card.labels]
        yield table(("Label", "Description"), told)
    if card.guidelines.strip():
        yield "Guidelines for people who label:"
        yield fenced(card.guidelines)
    yield "### Limits"
    yield "\n".join(f"- {escaped(one)}" for one in card.limits)


def _training(card: ModelCard) -> Iterator[str]:
    yield "## Training details"
    yield "### Training data"
    yield table(
        ("File", "Lines", "SHA-256 of the file as it was sent"),
        [(escaped(one.name), f"{one.lines:,}", one.sha256 or "not kept") for one in card.files],
    )
    yield "\n".join(f"- {escaped(one)}" for one in card.splits)
    lines = [(escaped(name), f"{number:,}") for name, _, number in card.labels if number is not None]
    if lines:
        yield table(("Label", "Training lines"), lines)
    yield f"Masked before it was sent: {escaped(card.masking)}."
    yield "### Training procedure"
    chosen = [(escaped(name), escaped(str(value))) for name, value in card.parameters.items()]
    yield _listed([("Method", escaped(card.method)), *chosen])
    yield "### Prompt"
    shown = f", with {card.n_examples} worked examples" if card.n_examples else ""
    yield f"Every line asks with {escaped(card.prompt_title)}{shown}."
    yield f"System message:\n\n{fenced(card.system)}" if card.system.strip() else ""
    yield f"User message:\n\n{fenced(card.user)}" if card.user.strip() else ""


def _evaluation(card: ModelCard) -> Iterator[str]:
    yield "## Evaluation"
    if not card.rows:
        yield NOT_MEASURED
    else:
        yield (
            f"Against {escaped(card.reference)}, with 95 % intervals, on items whose answers were not taught. "
            "Figures of validation may be better than those of test, where anything was chosen by it."
        )
        titles = list(dict.fromkeys(score.title for row in card.rows for score in row.scores))
        yield table(("Model", "Split", "Items", *map(escaped, titles)), [_row(row, titles) for row in card.rows])
    if card.per_label:
        yield "### Results per label, tuned model, test"
        yield table(
            ("Label", "Items", "Precision", "Recall", "F1"),
            [(escaped(name), f"{n:,}", p, r, f) for name, n, p, r, f in card.per_label],
        )
    yield "\n".join(f"- {escaped(note)}" for note in card.notes)


def _row(row: ScoreRow, titles: Sequence[str]) -> tuple[str, ...]:
    by_title = {score.title: score.written for score in row.scores}
    return (escaped(row.who), row.split, f"{row.n:,}", *(escaped(by_title.get(title, "–")) for title in titles))


def _lineage(card: ModelCard) -> Iterator[str]:
    if card.lineage:
        yield "## Lineage"
        yield "\n".join(f"{place}. {escaped(one)}" for place, one in enumerate(card.lineage, 1))


def _listed(facts: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"- **{name}:** {value}" for name, value in facts)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells that are Markdown already, as a table of it."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
