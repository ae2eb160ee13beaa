"""Spans in conversations: they count in the conversation as it reads, so that is the text of the items.

The messages stay beside it, as the field that they came in. So marks lie in what reviewers and models see, and files of
other tools hold a text in which they fit. A later file is read the same way, whatever question it answers.
"""

from dataclasses import replace

from core.conversation import as_text, turns
from core.model import Problem, QuestionKind, TableData
from core.services.data.choice import ImportChoice
from core.storage import items
from core.storage.engine import Connection
from core.storage.items import ItemFilter

SUFFIX = " as text"
_SEEN = 20


def messages_kept(conn: Connection, project_id: int) -> str:
    """The field with the messages whose text is that of the project's items; "" where they are no conversations that
    were read so."""
    for one in items.page(conn, project_id, ItemFilter(), limit=_SEEN):
        for name, held in one.fields.items():
            if as_text(held) == one.text:
                return name
    return ""


def as_read(table: TableData, choice: ImportChoice) -> tuple[TableData, ImportChoice]:
    """Table and choice with the text of conversations that are to be marked; the same where none are. For a project
    that keeps messages conversations are read whatever is asked of them, and their messages are called as there."""
    kept = choice.kept_messages
    kinds = {choice.kind, *(one.kind for one in choice.further.values())}
    column = choice.text_columns[0] if len(choice.text_columns) == 1 else ""
    if choice.messages or column not in table.columns or (QuestionKind.SPANS not in kinds and not kept):
        return table, choice
    place = table.columns.index(column)
    seen = [row[place] for row in table.rows if row[place].strip()][:_SEEN]
    said = [bool(turns(cell)) for cell in seen]
    if not any(said) or not (kept or all(said)):
        return table, choice
    columns = list(table.columns)
    if kept and kept not in columns:
        columns[place] = kept
    rows = [[*row, row[place] if (told := as_text(row[place])) is None else told] for row in table.rows]
    name = _free(f"{columns[place]}{SUFFIX}", columns)
    read = replace(table, columns=(*columns, name), rows=rows)
    return read, replace(choice, text_columns=(name,), messages=columns[place])


def _free(name: str, taken: list[str]) -> str:
    return name if name not in taken else _free(f"{name} 2", taken)


def told(choice: ImportChoice) -> tuple[Problem, ...]:
    """What to know of it before the import."""
    if not choice.messages:
        return ()
    text = (
        f"Spans count in the conversations as they read, “User: …”; the messages stay in the field “{choice.messages}”."
    )
    return (Problem(text, None, choice.messages),)
