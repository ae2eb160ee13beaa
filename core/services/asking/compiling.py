"""A prompt filled in with what its task is: the variables are those of the kind of question."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from core.model import TEXT_FIELD, Example, FieldLayout, FieldShow, QuestionKind, Task
from core.prompts import CompiledPrompt, compile_prompt, variables_in
from core.prompts.talk import field_of
from core.prompts.template import Shows
from core.services.asking.orders import drawn_levels
from core.tasks import TASKS
from core.tasks.kind import OfItem

NOT_AS_TEXT = frozenset(FieldShow) - {FieldShow.TEXT, FieldShow.LINK}
"""A link is sent as the address that it is."""


def compiled(
    system: str,
    user: str,
    examples: Sequence[Example],
    task: Task,
    shows: Shows | None = None,
    *,
    draws: bool = False,
) -> CompiledPrompt:
    """`shows` as `shows_in` gives it. `draws`: the levels of a rating are listed in an order drawn for each item.
    Raises `WorkbenchError` where a variable can never be filled in."""
    kind = TASKS[task.type]
    drawn = _drawn_variables(task) if draws and task.type is QuestionKind.RATING else {}
    fixed = {name: said for name, said in kind.variables(task).items() if name not in drawn}
    fixed["guidelines"] = task.guidelines.strip()
    shown = [(one, kind.answer(task, one.said, one.text)) for one in examples]
    return compile_prompt(system, user, shown, fixed, {**kind.of_item(task), **drawn}, shows)


def _drawn_variables(task: Task) -> dict[str, OfItem]:
    """The variables of the task's kind, with its levels in the order drawn by an item's text."""
    kind = TASKS[task.type]

    @lru_cache(maxsize=512)
    def variables(places: tuple[int, ...]) -> Mapping[str, str]:
        return kind.variables(replace(task, labels=tuple(task.labels[place] for place in places)))

    def named(name: str) -> OfItem:
        return lambda text, fields: variables(drawn_levels(task, text))[name]

    return {name: named(name) for name in kind.variables(task)}


def shows_in(layout: Sequence[FieldLayout], *templates: str) -> dict[str, FieldShow]:
    """How the variables that templates name are shown, as far as that is not as text: `text` is the item's own."""
    shown = {one.name if one.name != TEXT_FIELD else "text": one.show for one in layout if one.show in NOT_AS_TEXT}
    return {name: shown[field_of(name)] for name in variables_in(*templates) if field_of(name) in shown}
