"""What of a prompt, a task and a host is frozen into a run's configuration, and how it is read back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from core.hosts.wire import Parameters
from core.model import Example, FieldLayout, FieldShow, Host, Label, Masking, Options, PromptVersion, QuestionKind, Task
from core.said import options_of, said_of
from core.services.asking.shown import shows_in


def frozen_config(task: Task, version: PromptVersion, layout: Sequence[FieldLayout] = ()) -> dict[str, Any]:
    """Everything a run's answers depend on besides host and model, as JSON: later edits cannot change a run. `layout`
    is the project's: pictures and sound are sent as such."""
    shows = shows_in(layout, version.system, version.user)
    config = {
        "prompt_version": version.number,
        "system": version.system,
        "user": version.user,
        "examples": [
            {"item_id": e.item_id, "text": e.text, "label": e.said, "fields": dict(e.fields)} for e in version.examples
        ],
        **frozen_task(asked_of(task, version)),
        **({"shows": shows} if shows else {}),
    }
    # As it comes back from where it is stored, or two of the same words would not be equal.
    frozen: dict[str, Any] = json.loads(json.dumps(config))
    return frozen


def with_scores(labels: Sequence[Mapping[str, Any]], task: Task) -> list[dict[str, Any]]:
    """Frozen labels with their scores, where answers depend on these."""
    scores = {label.id: label.score for label in task.labels}
    return [{**one, "score": scores.get(one["id"])} for one in labels]


def frozen_task(task: Task) -> dict[str, Any]:
    """A question as JSON, see `task_of`; of its options what was chosen, where anything was."""
    chosen = {name: value for name, value in asdict(task.options).items() if value != getattr(Options(), name)}
    return {
        "labels": [{"id": c.id, "name": c.name, "description": c.description} for c in task.labels],
        "fallback": {"id": task.fallback.id, "name": task.fallback.name, "description": task.fallback.description},
        "guidelines": task.guidelines,
        "task_type": task.type,
        **({"options": chosen} if chosen else {}),
    }


def asked_of(task: Task, version: PromptVersion) -> Task:
    """The task as a version asks for it."""
    return replace(task, options=replace(task.options, answers=version.answers))


def examples_of(config: Mapping[str, Any]) -> list[Example]:
    """The worked examples as they were frozen into a run's configuration."""
    return [Example(one["item_id"], one["text"], said_of(one["label"]), one["fields"]) for one in config["examples"]]


def shows_of(config: Mapping[str, Any]) -> dict[str, FieldShow]:
    """How variables are shown that are no text, as it was frozen; nothing in what was frozen before there were any."""
    return {name: FieldShow(show) for name, show in (config.get("shows") or {}).items()}


def host_config(host: Host) -> dict[str, Any]:
    """What a run's answers depend on besides prompt and model, as the user set it for the host, as JSON."""
    return {
        "base_url": host.base_url,
        "extra": dict(host.extra),
        "reasoning_effort": host.reasoning_effort,
        "answer_tokens": host.answer_tokens,
        "masking": {"kinds": list(host.masking.kinds), "names": list(host.masking.names)},
    }


def masking_of(config: Mapping[str, Any]) -> Masking:
    """What a frozen configuration of a run or a fine-tune says under "masking"; nothing in those that say nothing."""
    chosen = config.get("masking") or {}
    return Masking(tuple(chosen.get("kinds") or ()), tuple(chosen.get("names") or ()))


def task_of(config: Mapping[str, Any]) -> Task:
    """The task as it was frozen into a run's configuration."""
    labels = tuple(Label(c["name"], c["description"], id=c["id"], score=c.get("score")) for c in config["labels"])
    fallback = config["fallback"]
    return Task(
        labels,
        Label(fallback["name"], fallback["description"], id=fallback["id"], is_fallback=True),
        config["guidelines"],
        QuestionKind(config.get("task_type") or QuestionKind.SINGLE_LABEL),
        options_of(config.get("options") or {}),
    )


def parameters_of(config: Mapping[str, Any]) -> Parameters:
    """What a run's configuration asks for besides messages and shape; runs of the first kind ask for nothing."""
    tokens = config.get("answer_tokens")
    return Parameters(
        float(config.get("temperature") or 0.0),
        str(config.get("reasoning_effort") or ""),
        int(tokens) if tokens else None,
        dict(config.get("extra") or {}),
    )
