"""Preference data as training programs take it: a prompt, the better answer and the worse."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from core.exporters.tools.shape import LINES, NO_FILES, Files, Spoken, ToolExporter, Word, as_lines, score_of
from core.model import QuestionKind, Task

Pair = tuple[str, str, str]
"""The prompt, the better answer, the worse."""


def pairs(task: Task, spoken: Iterable[Spoken]) -> Iterator[Pair]:
    """Each word of an annotator by which one candidate is better: a tie teaches nothing, nor does one without text. Of
    free text what each person wrote goes before what each model did, where they differ."""
    for item, words in spoken:
        if task.type is QuestionKind.TEXT:
            yield from ((item.text, better, worse) for better, worse in _corrected(words))
            continue
        for one in words:
            for better, worse in preferred(task, one.said):
                texts = [item.fields.get(name, "") for name in (better, worse)]
                if all(texts) and texts[0] != texts[1]:
                    yield item.text, texts[0], texts[1]


def preferred(task: Task, said: Any) -> list[tuple[str, str]]:
    """Names of candidates, the better and the worse. Of a ranking every candidate goes before all of later places."""
    if task.type is QuestionKind.PREFERENCE and len(task.options.candidates) == 2:
        first, second = task.options.candidates
        score = score_of(task, said)
        return [(first, second) if score > 0 else (second, first)] if score else []
    groups = [one for one in said if isinstance(one, tuple)] if isinstance(said, tuple) else []
    return [
        (better, worse)
        for place, group in enumerate(groups)
        for later in groups[place + 1 :]
        for better in group
        for worse in later
    ]


def _corrected(words: Sequence[Word]) -> Iterator[tuple[str, str]]:
    people, models = ([str(one.said) for one in words if one.is_model is is_model] for is_model in (False, True))
    for better in dict.fromkeys(people):
        yield from ((better, worse) for worse in dict.fromkeys(models) if better and worse and better != worse)


def trl(task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[dict[str, str]]:
    for prompt, better, worse in pairs(task, spoken):
        yield {"prompt": prompt, "chosen": better, "rejected": worse}


def openai(task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[dict[str, Any]]:
    for prompt, better, worse in pairs(task, spoken):
        yield {
            "input": {"messages": [{"role": "user", "content": prompt}]},
            "preferred_output": [{"role": "assistant", "content": better}],
            "non_preferred_output": [{"role": "assistant", "content": worse}],
        }


_COMPARED = frozenset({QuestionKind.PREFERENCE, QuestionKind.RANKING, QuestionKind.TEXT})
_LEAVES_OUT = "Ties, how much better an answer is, who says so, other fields and items without a verdict are not in it."
TRL = ToolExporter(
    "TRL preference pairs (DPO)",
    "One line per verdict, pair of a ranking, or model's text that a person corrected: prompt, chosen, rejected, as "
    "TRL's DPOTrainer takes them. The prompt is the item's text.",
    _LEAVES_OUT,
    ".jsonl",
    LINES,
    _COMPARED,
    trl,
    as_lines,
)
OPENAI = ToolExporter(
    "OpenAI preference pairs (DPO)",
    "One line per verdict, pair of a ranking, or model's text that a person corrected: input, preferred_output, "
    "non_preferred_output, the keys of OpenAI, Azure, Together and Fireworks. The prompt is the item's text.",
    _LEAVES_OUT,
    ".jsonl",
    LINES,
    _COMPARED,
    openai,
    as_lines,
)
