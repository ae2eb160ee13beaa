"""Which hosts can be asked for a text of their own."""

from core.errors import WorkbenchError
from core.hosts.profiles import EMBEDDED
from core.model import Task
from core.tasks import TASKS

WRITES_NOTHING = "The embedded host chooses among labels and marks parts of a text; it cannot write free text."
_HINT = "Choose another host."


def writes_nothing(host: str, task: Task) -> bool:
    """Whether the host, by its key, can never answer the task's question."""
    return host == EMBEDDED.key and TASKS[task.type].writes


def refuse_unless_it_writes(host: str, task: Task) -> None:
    """Raises `WorkbenchError` before anything is asked in vain."""
    if writes_nothing(host, task):
        raise WorkbenchError(WRITES_NOTHING, _HINT)
