"""Labels: their colours and review keys, and what must hold of a task before it is used."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.model import DEFAULT_FALLBACK, FALLBACK_KEY, LABEL_KEYS, REVIEW_KEYS, Label, Problem, QuestionKind, Task
from core.plural import count
from core.spelling import fold

LABEL_COLORS: tuple[str, ...] = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#402AAB",
    "#91071E",
    "#47D175",
    "#673155",
    "#637CF6",
    "#E8A5B0",
)
"""Okabe & Ito (2008) without black and yellow, which vanish on one of the two themes, extended by colours chosen to
stay apart from them and each other under simulated protanopia and deuteranopia (Machado et al. 2009). With more
labels than colours the order repeats: the name on the chip tells them apart."""

FALLBACK_COLOR = "#7F7F7F"
RESERVED_KEYS = frozenset(REVIEW_KEYS.values())

MAX_LABELS = 500
MOST_RANKED = 9
MAX_NAME = 200
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def is_fallback_name(name: str) -> bool:
    """Whether the name is the usual fallback in any spelling, such as "Unable to classify"."""
    return fold(name) == fold(DEFAULT_FALLBACK)


def propose_labels(names: Sequence[str], fallback: Label | None = None) -> tuple[Label, ...]:
    """Labels with colours and keys for these names, in this order; blank names and the fallback's own are left out.

    Names are stripped; a spelling seen before (case and underscores aside) is proposed once.
    """
    taken = {"", fold(fallback.name if fallback else DEFAULT_FALLBACK)}
    chosen: list[Label] = []
    for name in names:
        if fold(name) not in taken:
            taken.add(fold(name))
            chosen.append(Label(name.strip()))
    return complete_labels(chosen)


def complete_labels(labels: Sequence[Label]) -> tuple[Label, ...]:
    """The same labels with a colour and a key wherever one is missing; what is there is kept.

    Colours are the unused ones of LABEL_COLORS in order, then all of them again; keys are 1-9, then free letters;
    labels beyond the last free key have none and are reached with the mouse or by typing.
    """
    used_keys = {label.key.lower() for label in labels if label.key}
    used_colors = {label.color.upper() for label in labels if label.color}
    keys = iter([key for key in LABEL_KEYS if key not in used_keys])
    missing = sum(not label.color for label in labels)
    unused = [color for color in LABEL_COLORS if color not in used_colors]
    colors = iter(unused + list(LABEL_COLORS) * (missing // len(LABEL_COLORS) + 1))
    return tuple(replace(label, color=label.color or next(colors), key=label.key or next(keys, "")) for label in labels)


def complete_fallback(fallback: Label) -> Label:
    """The fallback with its grey, its key and its mark, wherever one is missing."""
    color, key = fallback.color or FALLBACK_COLOR, fallback.key or FALLBACK_KEY
    return replace(fallback, color=color, key=key, is_fallback=True)


def text_on(color: str) -> str:
    """Black or white, whichever is easier to read on the colour (relative luminance as in WCAG 2.2)."""
    red, green, blue = (_linear(int(color[start : start + 2], 16) / 255) for start in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "#FFFFFF"


def _linear(channel: float) -> float:
    return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)


def check_task(task: Task) -> list[Problem]:
    """Everything that keeps the task from being used, one sentence each; empty when it is fine.

    `Problem.row` is the label's place in the list, from 1; the fallback comes after the last.
    """
    problems = _check_count(task)
    names: dict[str, str] = {}
    keys: dict[str, str] = {}
    for place, label in enumerate(task.choices, start=1):
        is_fallback = place > len(task.labels)
        problems += [Problem(text, place, "name", hint) for text, hint in _name_faults(label, is_fallback, names)]
        problems += [Problem(text, place, "key", hint) for text, hint in _key_faults(label, is_fallback, keys)]
        if label.color and not _COLOR.fullmatch(label.color):
            text = f'The colour of "{label.name}" is "{label.color}", which is not a colour like #0072B2.'
            problems.append(Problem(text, place, "color", "Pick one from the palette."))
    return problems


_ONE_IS_ENOUGH = (QuestionKind.SEVERAL_LABELS, QuestionKind.SPANS)
"""Where nothing at all is an answer, too."""
_AT_LEAST = {1: "is at least one", 2: "are at least two to choose between"}


def _check_count(task: Task) -> list[Problem]:
    if task.type is QuestionKind.TEXT:
        return [Problem("Free text has no labels.", hint="Remove them.")] if task.labels else []
    if task.type is QuestionKind.RANKING and not 2 <= len(task.labels) <= MOST_RANKED:
        text = f"The task has {count(len(task.labels), 'candidate')}; from 2 to {MOST_RANKED} can be ranked."
        return [Problem(text, hint="Choose the columns that are to be ranked.")]
    many, fewest = len(task.labels), 1 if task.type in _ONE_IS_ENOUGH else 2
    if many < fewest:
        held = "only one label" if many else "no labels"
        return [Problem(f"The task has {held}.", hint=f"Add labels until there {_AT_LEAST[fewest]}.")]
    if many > MAX_LABELS:
        text = f"The task has {many:,} labels; the limit is {MAX_LABELS}."
        return [Problem(text, hint="Merge rare labels, or check that the right column was chosen.")]
    return []


def _name_faults(label: Label, is_fallback: bool, seen: dict[str, str]) -> list[tuple[str, str]]:
    who = "The fallback" if is_fallback else "A label"
    name, key = label.name, fold(label.name)
    if not key:
        return [(f"{who} has no name.", "Name it or remove it.")]
    faults = []
    shown = name if len(name) <= 60 else f"{name[:60]}…"
    if len(name.splitlines()) > 1 or "\x00" in name:
        faults.append((f'The name "{" ".join(shown.split())}" has a line break.', "Write it on one line."))
    if name != name.strip():
        faults.append((f'The name "{shown}" begins or ends with a space.', "Remove the space."))
    if len(name) > MAX_NAME:
        faults.append((f'The name "{shown}" has {len(name):,} characters; the limit is {MAX_NAME}.', "Shorten it."))
    if key in seen:
        other = seen[key]
        same = f'"{shown}" occurs twice' if other == name else f'"{shown}" and "{other}" are the same name'
        faults.append((f"{same} (case, spaces and underscores aside).", "Rename or remove one."))
    seen.setdefault(key, name)
    return faults


def _key_faults(label: Label, is_fallback: bool, seen: dict[str, str]) -> list[tuple[str, str]]:
    key = label.key.lower()
    if not key:
        return []
    if len(key) != 1 or key.isspace():
        return [(f'The key of "{label.name}" is "{label.key}", which is not one character.', "Use a digit or letter.")]
    if key in RESERVED_KEYS or (key == FALLBACK_KEY and not is_fallback):
        use = "the fallback" if key == FALLBACK_KEY else "the review screen itself"
        return [(f'The key "{label.key}" of "{label.name}" is reserved for {use}.', "Choose another key.")]
    if key in seen:
        return [(f'"{seen[key]}" and "{label.name}" share the key "{label.key}".', "Give one of them another key.")]
    seen[key] = label.name
    return []
