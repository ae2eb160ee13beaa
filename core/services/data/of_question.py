"""An export of ours with the answers to all questions, as far as it is about one of them."""

from collections.abc import Collection
from dataclasses import replace

from core.model import TableData
from core.services.common.lookup import project_of
from core.spelling import fold
from core.storage import projects
from core.storage.engine import Database

_QUESTION, _ANNOTATOR, _LABEL, _ENTRY = "question", "annotator", "label", "entry"
_OWN = ("item_id", "id", "text", "split")
_BETWEEN = " · "
_SIDES = ("label:", "confidence:", "note:", "flag:")


def about_question(db: Database, project_id: int, table: TableData) -> TableData:
    """The table with what is said to this question alone, and a note on the others; any other table as it is. Rows keep
    their numbers."""
    with db.read() as conn:
        title = project_of(conn, project_id).question
        others = {one.question for one in projects.questions(conn, project_id)} - {title}
    if tuple(table.columns[: len(_OWN) + 1]) == (_QUESTION, *_OWN):
        return _of_rows(table, title)
    return _of_columns(table, title, others)


def _of_rows(table: TableData, title: str) -> TableData:
    """A row that answers another question says nothing, and is still about its item."""
    emptied = [table.columns.index(name) for name in (_ANNOTATOR, _LABEL, _ENTRY) if name in table.columns]
    rows: list[list[str]] = []
    others: dict[str, None] = {}
    for row in table.rows:
        cells = list(row)
        if fold(row[0]) != fold(title):
            others[row[0]] = None
            for place in emptied:
                cells[place] = ""
        rows.append(cells[1:])
    return _told(replace(table, columns=table.columns[1:], rows=rows), title, others)


def _of_columns(table: TableData, title: str, others: Collection[str]) -> TableData:
    """A column of an annotator's answers to this question is theirs; those to others are left out."""
    asked = {name: one for name in table.columns for one in (title, *others) if _is_of(name, one)}
    if title not in asked.values():
        return table
    kept = [place for place, name in enumerate(table.columns) if asked.get(name, title) == title]
    names = [table.columns[place] for place in kept]
    columns = tuple(name.removesuffix(f"{_BETWEEN}{title}") if name in asked else name for name in names)
    rows = [[row[place] for place in kept] for row in table.rows]
    answers = tuple(one for one in table.answers if one.name in columns)
    left = dict.fromkeys(one for one in asked.values() if one != title)
    return _told(replace(table, columns=columns, rows=rows, answers=answers), title, left)


def _is_of(column: str, title: str) -> bool:
    return bool(title) and column.startswith(_SIDES) and column.endswith(f"{_BETWEEN}{title}")


def _told(table: TableData, title: str, others: Collection[str]) -> TableData:
    if not others:
        return table
    listed = ", ".join(f"“{one}”" for one in others)
    note = f"Only the answers to “{title}” are added. The file also has answers to {listed}: add it there as well."
    return replace(table, notes=(*table.notes, note))
