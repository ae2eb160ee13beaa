"""In which words items are asked about, apart from the item: what makes two answers of one model comparable."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.prompts.template import variables_in

WORDS = (
    "prompt_version",
    "system",
    "user",
    "examples",
    "labels",
    "fallback",
    "guidelines",
    "task_type",
    "options",
    "shows",
    "together",
)
"""What of a frozen configuration says how items are asked about."""


def words_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """That part of a frozen configuration."""
    return {name: config[name] for name in WORDS if name in config}


def wording(config: Mapping[str, Any]) -> tuple[object, ...]:
    """Equal for configurations that ask in the same words: what the prompt does not show makes no difference."""
    used = variables_in(config["system"], config["user"])
    labels = [*config["labels"], config["fallback"]]
    return (
        config["system"],
        config["user"],
        [(one["text"], one["label"], one.get("fields") or {}) for one in config["examples"]],
        [one["name"] for one in labels],
        [one["description"] for one in labels] if "labels" in used else None,
        config["guidelines"] if "guidelines" in used else None,
        _at_once(config),
        config.get("shows") or {},
        config.get("options") or {},
    )


def _at_once(config: Mapping[str, Any]) -> list[object]:
    """The questions asked at once as the model is told them, with what the examples answer."""
    held = config.get("together") or {}
    told = [{name: value for name, value in one.items() if name != "project_id"} for one in held.get("questions", ())]
    return [told, held.get("said") or []]


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What is asked otherwise now than before, a sentence each; none where the words are the same."""
    if wording(before) == wording(now):
        return
    used = variables_in(now["system"], now["user"])
    if (before["system"], before["user"]) != (now["system"], now["user"]):
        yield f"The prompt is different: v{now['prompt_version']} instead of v{before['prompt_version']}."
    if wording(before)[-1] != wording(now)[-1]:
        yield "What is asked for, or how it is to be answered, is different."
    if wording(before)[-3] != wording(now)[-3]:
        yield "The questions that are asked at once are different."
    if wording(before)[-2] != wording(now)[-2]:
        yield "Fields are shown otherwise: as pictures or sound, or as text."
    if wording(before)[2] != wording(now)[2]:
        yield "The worked examples are different."
    yield from _labels(_by_id(before), _by_id(now), shows_descriptions="labels" in used)
    if "guidelines" in used and before["guidelines"] != now["guidelines"]:
        yield "The guidelines were edited."


def _by_id(config: Mapping[str, Any]) -> dict[Any, Mapping[str, str]]:
    return {one["id"]: one for one in (*config["labels"], config["fallback"])}


def _labels(
    before: Mapping[Any, Mapping[str, str]], now: Mapping[Any, Mapping[str, str]], *, shows_descriptions: bool
) -> Iterator[str]:
    if not before.keys() & now.keys():  # of another project
        before, now = ({one["name"]: one for one in side.values()} for side in (before, now))
    for key, label in now.items():
        was = before.get(key)
        if was is None:
            yield f"The label {label['name']} is new."
        elif was["name"] != label["name"]:
            yield f"The label {was['name']} is now called {label['name']}."
        elif shows_descriptions and was["description"] != label["description"]:
            yield f"The description of {label['name']} was edited."
    yield from (f"The label {was['name']} was removed." for key, was in before.items() if key not in now)
    if [key for key in before if key in now] != [key for key in now if key in before]:
        yield "The labels are in a different order."
