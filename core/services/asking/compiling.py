"""A prompt filled in with what its task is: the variables are those of the kind of question."""

from collections.abc import Sequence

from core.model import Example, Task
from core.prompts import CompiledPrompt, compile_prompt
from core.tasks import TASKS


def compiled(system: str, user: str, examples: Sequence[Example], task: Task) -> CompiledPrompt:
    """Raises `WorkbenchError` where a variable can never be filled in."""
    kind = TASKS[task.type]
    fixed = {**kind.variables(task), "guidelines": task.guidelines.strip()}
    shown = [(one, kind.answer(task, one.said, one.text)) for one in examples]
    return compile_prompt(system, user, shown, fixed, kind.of_item(task))
