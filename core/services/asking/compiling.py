"""A prompt filled in with what its task is: the variables are those of the kind of question."""

from collections.abc import Sequence

from core.model import TEXT_FIELD, Example, FieldLayout, FieldShow, Task
from core.prompts import CompiledPrompt, compile_prompt, variables_in
from core.prompts.talk import field_of
from core.prompts.template import Shows
from core.tasks import TASKS

NOT_AS_TEXT = frozenset(FieldShow) - {FieldShow.TEXT, FieldShow.LINK}
"""A link is sent as the address that it is."""


def compiled(
    system: str, user: str, examples: Sequence[Example], task: Task, shows: Shows | None = None
) -> CompiledPrompt:
    """`shows` as `shows_in` gives it. Raises `WorkbenchError` where a variable can never be filled in."""
    kind = TASKS[task.type]
    fixed = {**kind.variables(task), "guidelines": task.guidelines.strip()}
    shown = [(one, kind.answer(task, one.said, one.text)) for one in examples]
    return compile_prompt(system, user, shown, fixed, kind.of_item(task), shows)


def shows_in(layout: Sequence[FieldLayout], *templates: str) -> dict[str, FieldShow]:
    """How the variables that templates name are shown, as far as that is not as text: `text` is the item's own."""
    shown = {one.name if one.name != TEXT_FIELD else "text": one.show for one in layout if one.show in NOT_AS_TEXT}
    return {name: shown[field_of(name)] for name in variables_in(*templates) if field_of(name) in shown}
