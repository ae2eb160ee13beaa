"""Spans in conversations: they count in the conversation as it reads, so that is the text of the items.

The messages stay beside it, as the field that they came in. So marks lie in what reviewers and models see, and files of
other tools hold a text in which they fit.
"""

from dataclasses import replace

from core.conversation import as_text, turns
from core.model import Problem, QuestionKind, TableData
from core.services.data.choice import ImportChoice

SUFFIX = " as text"
_SEEN = 20


def as_read(table: TableData, choice: ImportChoice) -> tuple[TableData, ImportChoice]:
    """Table and choice with the text of conversations that are to be marked; the same where none are."""
    kinds = {choice.kind, *(one.kind for one in choice.further.values())}
    column = choice.text_columns[0] if len(choice.text_columns) == 1 else ""
    if QuestionKind.SPANS not in kinds or column not in table.columns:
        return table, choice
    place = table.columns.index(column)
    seen = [row[place] for row in table.rows if row[place].strip()][:_SEEN]
    if not seen or not all(turns(cell) for cell in seen):
        return table, choice
    name = f"{column}{SUFFIX}"
    if name not in table.columns:
        rows = [[*row, row[place] if (told := as_text(row[place])) is None else told] for row in table.rows]
        table = replace(table, columns=(*table.columns, name), rows=rows)
    return table, replace(choice, text_columns=(name,))


def messages_of(choice: ImportChoice) -> str:
    """The column with the messages whose text is marked; "" where the text is none of a conversation."""
    column = choice.text_columns[0] if len(choice.text_columns) == 1 else ""
    return column.removesuffix(SUFFIX) if column.endswith(SUFFIX) else ""


def told(choice: ImportChoice) -> tuple[Problem, ...]:
    """What to know of it before the import."""
    column = messages_of(choice)
    if not column:
        return ()
    text = f"Spans count in the conversations as they read, “User: …”; the messages stay in the field “{column}”."
    return (Problem(text, None, column),)
