"""How labels are told in a prompt: its variables, and the first prompt that a kind of question proposes."""

from collections.abc import Mapping

from core.model import Label, Task

START_USER = "{{text}}"


def variables(task: Task) -> Mapping[str, str]:
    """`{{labels}}`: one line a label with name and description, the fallback last; `{{label_names}}`: the same without
    descriptions."""
    return named(task.labels, task.fallback)


def named(labels: tuple[Label, ...], fallback: Label | None) -> Mapping[str, str]:
    """The variables of `variables`, of these labels."""
    return {
        "labels": _lines(labels, fallback, with_descriptions=True),
        "label_names": _lines(labels, fallback, with_descriptions=False),
    }


def prompt(task: Task, system: str) -> tuple[str, str]:
    """System and user message; `system` names the labels without descriptions, which are put in where there are any."""
    described = any(label.description for label in task.labels)
    return system.replace("{{label_names}}", "{{labels}}") if described else system, START_USER


def _lines(labels: tuple[Label, ...], fallback: Label | None, *, with_descriptions: bool) -> str:
    def line(name: str, description: str) -> str:
        told = " ".join(description.split())
        return f"- {name}: {told}" if with_descriptions and told else f"- {name}"

    lines = [line(label.name, label.description) for label in labels]
    if fallback is not None:
        told = fallback.description or "only if none of the labels above fits"
        lines.append(line(fallback.name, told if with_descriptions else ""))
    return "\n".join(lines)
