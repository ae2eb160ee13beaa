"""A prompt filled in with what its task is: the variables are those of the kind of question."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from core.model import Example, QuestionKind, Task
from core.prompts import CompiledPrompt, compile_prompt
from core.prompts.template import Shows
from core.services.asking.at_once import AtOnce
from core.services.asking.orders import drawn_levels
from core.tasks import TASKS
from core.tasks.kind import OfItem
from core.tasks.together import VARIABLE, answer, of_item, told


def compiled(
    system: str,
    user: str,
    examples: Sequence[Example],
    task: Task,
    shows: Shows | None = None,
    at_once: AtOnce | None = None,
    *,
    draws: bool = False,
) -> CompiledPrompt:
    """`shows` as `shows_in` gives it; `at_once` where more is asked than the task. `draws`: the levels of a rating are
    listed in an order drawn for each item. Raises `WorkbenchError` where a variable can never be filled in."""
    kind = TASKS[task.type]
    drawn = _drawn_variables(task) if draws and task.type is QuestionKind.RATING else {}
    fixed = {name: said for name, said in kind.variables(task).items() if name not in drawn}
    fixed["guidelines"] = task.guidelines.strip()
    if at_once is None:
        shown = [(one, kind.answer(task, one.said, one.text)) for one in examples]
        return compile_prompt(system, user, shown, fixed, {**kind.of_item(task), **drawn}, shows)
    fixed[VARIABLE] = told(at_once.parts)
    shown = [(one, answer(at_once.parts, said, one.text)) for one, said in zip(examples, at_once.said, strict=True)]
    return compile_prompt(system, user, shown, fixed, of_item(at_once.parts), shows)


def _drawn_variables(task: Task) -> dict[str, OfItem]:
    """The variables of the task's kind, with its levels in the order drawn by an item's text."""
    kind = TASKS[task.type]

    @lru_cache(maxsize=512)
    def variables(places: tuple[int, ...]) -> Mapping[str, str]:
        return kind.variables(replace(task, labels=tuple(task.labels[place] for place in places)))

    def named(name: str) -> OfItem:
        return lambda text, fields: variables(drawn_levels(task, text))[name]

    return {name: named(name) for name in kind.variables(task)}
