"""Projects of any kind of question, with what several annotators say to them."""

from collections.abc import Mapping, Sequence

from core.model import AnnotatorKind, TableData, Task
from core.services.common.values import append
from core.services.data.bringing import ImportChoice
from core.storage import annotators, items, tasks
from core.storage.annotations import NewAnnotation
from core.tasks import TASKS
from core.workbench import Workbench


def project_with(
    wb: Workbench, task: Task, texts: Sequence[str], said: Mapping[str, Sequence[object]]
) -> tuple[int, dict[str, int]]:
    """A project, and the ids of its annotators by their names; each said something of every text, None for nothing.

    An item with the words of another would be the same one, so a number is put behind the text.
    """
    project = wb.data.import_table(
        TableData(("text",), [(f"{text} ({row})",) for row, text in enumerate(texts)]),
        ImportChoice(str(task.type), ("text",), ()),
        task=task,
    )
    kind = TASKS[task.type]
    with wb.db.write() as conn:
        stored = tasks.task(conn, project)
        ids = sorted(items.ids_in(conn, project, None))
        who = {}
        for name, answers in said.items():
            who[name] = annotators.ensure(conn, project, AnnotatorKind.IMPORTED, name, "#336699")
            entries = [
                NewAnnotation(item, who[name], kind.canonical(kind.value_of(stored, one)))
                for item, one in zip(ids, answers, strict=True)
                if one is not None
            ]
            append(conn, project, entries)
    return project, who
