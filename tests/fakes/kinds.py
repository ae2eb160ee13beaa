"""A small project of any kind of question, and what a well-behaved model answers to each of its items."""

from core.model import Label, Options, QuestionKind, Span, TableData, Task
from core.services.data.bringing import ImportChoice
from core.tasks import TASKS
from core.workbench import Workbench
from tests.fakes.worlds import SmallProject

FIELDS = ("one", "two")
RIGHT: dict[QuestionKind, object] = {
    QuestionKind.SINGLE_LABEL: "B",
    QuestionKind.SEVERAL_LABELS: ("A", "B"),
    QuestionKind.SPANS: (Span(0, 4, "A"),),
    QuestionKind.RATING: "B",
    QuestionKind.PREFERENCE: "B",
    QuestionKind.RANKING: (("one", "two"),),  # a tie: in which order candidates are shown changes from item to item
    QuestionKind.TEXT: "Two words.",
}
"""What is said of every item, as people say it; a new kind adds its own."""


def project_of(wb: Workbench, kind: QuestionKind, n: int = 12) -> SmallProject:
    """`n` items about which nobody has said anything yet, and the first prompt proposed for them."""
    compares = kind in (QuestionKind.PREFERENCE, QuestionKind.RANKING)
    fields = FIELDS if compares else ()
    labels = () if kind is QuestionKind.TEXT else FIELDS if kind is QuestionKind.RANKING else ("A", "B", "C")
    scored = tuple(Label(name, score=float(1 - at)) for at, name in enumerate(labels))
    task = Task(
        scored, type=kind, options=Options(candidates=fields, answers=list(TASKS[kind].ways.values() or [""])[-1])
    )
    rows = [(f"word {i} first{i} second{i}", f"this {i}", f"that {i}") for i in range(n)]
    choice = ImportChoice(str(kind), ("text",), kind=kind, candidates=fields)
    project = wb.data.import_table(TableData(("text", *FIELDS), rows), choice, task=task)
    wb.data.split(project)
    version = wb.prompts.save(project, *wb.prompts.proposal(project))
    return SmallProject(wb, project, version.id, gold=0, hasty=0)


def right_answer(wb: Workbench, project: SmallProject) -> str:
    """How a model writes it: the same for every item, since all texts begin alike."""
    task = wb.tasks.get(project.id)
    return TASKS[task.type].answer(task, RIGHT[task.type], "word")
