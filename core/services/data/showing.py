"""What a cell of answers says, for the preview before anything is imported; and what kinds of answers there are."""

from core.importers import names_in, spans_in
from core.model import QuestionKind
from core.tasks import TASKS

KINDS = {kind.value: one.title for kind, one in TASKS.items()}
"""Their titles, in the order on screen."""
_MOST = 6


def shown_answer(kind: QuestionKind, cell: str, text: str) -> str:
    """The cell in words: labels with commas between, spans with the words they mark, rankings with signs between; as it
    is where it cannot be read.

    Offsets are taken as they are written, since a few rows do not tell how a file counts.
    """
    try:
        if kind is QuestionKind.SPANS:
            spans = spans_in(cell)
            marked = [
                f"{label} “{text[max(0, start) : end] or quote or ''}”" for start, end, label, quote in spans or ()
            ]
            return cell if spans is None else _listed(marked) or "no spans"
        if kind is QuestionKind.RANKING and cell.strip():
            return TASKS[kind].words(TASKS[kind].from_cell(cell), text)
        if kind is QuestionKind.SEVERAL_LABELS and cell.strip()[:1] == "[":
            names = names_in(cell, "")
            return cell if names is None else _listed(names) or "no labels"
    except ValueError:
        return cell
    return cell


def _listed(parts: list[str]) -> str:
    return ", ".join(parts[:_MOST]) + (" …" if len(parts) > _MOST else "")
