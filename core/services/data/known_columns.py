"""What the columns of a project's files are called, and which columns of another file are the same."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.importers import ColumnGuess, Recognised, answers_of_ours, recognise
from core.model import AnnotatorKind, QuestionKind, TableData
from core.services.common.lookup import project_of
from core.services.data.marked import SUFFIX, messages_kept
from core.spelling import fold
from core.storage import annotators, uploads, values
from core.storage.engine import Connection, Database
from core.tasks import TASKS


@dataclass(frozen=True)
class KnownColumns:
    """`labels` has the annotator of each label column."""

    kind: QuestionKind
    text: tuple[str, ...] = ()
    labels: Mapping[str, str] | None = None
    id: str | None = None
    annotator: str | None = None
    candidates: tuple[str, ...] = ()
    models: frozenset[str] = frozenset()
    keep_duplicates: bool = False
    empty_says_none: bool | None = None
    messages: str = ""
    """The field with the messages of conversations, where their text is that of the items (see `marked`)."""
    question: str = ""
    """What it is called."""


@dataclass(frozen=True)
class Mapped:
    """What is proposed for a file: its columns, and the annotators of its label columns. `misfit` says where its
    answers are none to what the project asks."""

    found: Recognised
    names: Mapping[str, str]
    misfit: str = ""


def known_columns(db: Database, project_id: int) -> KnownColumns:
    """As they were in the uploads so far, the newest first; answers to another question about the items aside."""
    with db.read() as conn:
        project_of(conn, project_id)
        question = values.question_of(conn, project_id)
        kept = messages_kept(conn, project_id)
        known = KnownColumns(
            question.kind,
            candidates=question.options.candidates,
            messages=kept,
            question=project_of(conn, project_id).question,
        )
        for one in uploads.of_project(conn, project_id):
            held = one.choice
            known = replace(known, text=tuple(held.get("text") or known.text), id=held.get("id") or known.id)
            known = replace(known, candidates=tuple(held.get("candidates") or known.candidates))
            known = replace(known, keep_duplicates=known.keep_duplicates or bool(held.get("keep_duplicates")))
            if one.project_id == project_id and held.get("labels"):
                known = replace(
                    known,
                    labels={**(known.labels or {}), **_named(conn, project_id, held["labels"])},
                    annotator=held.get("annotator"),
                    models=known.models | frozenset(held.get("models") or ()),
                    empty_says_none=held.get("empty_says_none"),
                )
        return replace(known, text=(kept,)) if kept and known.text == (f"{kept}{SUFFIX}",) else known


def _named(conn: Connection, project_id: int, labels: Mapping[str, str]) -> dict[str, str]:
    """Whose labels each column has. Of files of before that was kept: whoever is called so, or the reference."""
    imported = [one for one in annotators.list_all(conn, project_id) if one.kind is AnnotatorKind.IMPORTED]
    called = {one.name for one in imported}
    reference = next((one.name for one in imported if one.id == project_of(conn, project_id).reference_id), "")
    alone = reference if len(labels) == 1 else ""
    return {column: who or (column if column in called else alone) for column, who in labels.items()}


def mapped(table: TableData, known: KnownColumns) -> Mapped:
    """The columns of the file that are called as those of the project are; else what they look like."""
    by_name = {fold(name): name for name in table.columns}

    def here(name: str | None) -> str | None:
        return by_name.get(fold(name)) if name else None

    found = recognise(table)
    columns = found.columns
    text = tuple(one for one in map(here, known.text) if one)
    labels = {here(column): who for column, who in (known.labels or {}).items() if here(column)}
    ours = tuple(one for one in answers_of_ours(table.columns) if one not in text)
    told = _told(table, known)
    fits = bool(ours or told) or _fits(known.kind, found.kind)
    names = tuple(one for one in labels if one) or ours or told or columns.labels
    is_long = len(ours) == 1 and "annotator" in table.columns
    misfit = "" if fits or not names else _misfit(known.kind, found.kind)
    names = () if misfit else names
    candidates = tuple(one for one in map(here, known.candidates) if one)
    chosen = ColumnGuess(
        text or tuple(one for one in columns.text if one not in names),
        tuple(one for one in names if one not in text),
        here(known.id) or columns.id,
        ("annotator" if is_long else here(known.annotator) or columns.annotator) if names else None,
    )
    found = Recognised(known.kind, chosen, candidates or found.candidates, "")
    return Mapped(found, {column: who for column, who in labels.items() if column and who}, misfit)


def _told(table: TableData, known: KnownColumns) -> tuple[str, ...]:
    """Of the columns that the file itself tells to be answers the one that is called as the question is, else the only
    one of its kind."""
    alike = [one.name for one in table.answers if one.kind == known.kind]
    called = [name for name in alike if known.question and fold(name) == fold(known.question)]
    return tuple(called[:1] or (alike if len(alike) == 1 else []))


def _fits(asked: QuestionKind, given: QuestionKind) -> bool:
    """Whether answers that look like those of one kind can be of the other."""
    if asked is given or TASKS[asked].writes or TASKS[asked].is_closed and TASKS[given].is_closed:
        return True
    return asked is QuestionKind.SEVERAL_LABELS and given is QuestionKind.SINGLE_LABEL


def _misfit(asked: QuestionKind, given: QuestionKind) -> str:
    return (
        f"The answers in this file look like “{TASKS[given].title}”; the project asks for “{TASKS[asked].title}”. Its "
        "items can be added without them."
    )
