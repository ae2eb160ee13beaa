"""The first prompts that are proposed, with what the items show besides text."""

from collections.abc import Sequence

from core.model import TEXT_FIELD, FieldLayout, FieldShow, Item
from core.prompts.talk import MESSAGES, messages_in
from core.services.asking.at_once import parts_of
from core.services.common.lookup import project_of
from core.storage import items, tasks
from core.storage.engine import Connection
from core.tasks import TASKS
from core.tasks.together import first_prompt

_SAMPLE = 20


def proposal(conn: Connection, project_id: int) -> tuple[str, str]:
    """See `Prompting.proposal`."""
    task, layout = tasks.task(conn, project_id), project_of(conn, project_id).layout
    system, user = TASKS[task.type].first_prompt(task)
    first = items.page(conn, project_id, items.ItemFilter(), limit=_SAMPLE)
    if TASKS[task.type].writes and _wait_for_an_answer(layout, first):
        user = user.replace("{{text}}", f"{{{{{MESSAGES}text}}}}")
    return system, _with_media(user, layout)


def proposal_at_once(conn: Connection, project_id: int) -> tuple[str, str] | None:
    """See `Prompting.proposal_at_once`."""
    parts = [part for _, part in parts_of(conn, project_id)]
    if len(parts) < 2:
        return None
    system, user = first_prompt(parts)
    return system, _with_media(user, project_of(conn, project_id).layout)


def _with_media(user: str, layout: Sequence[FieldLayout]) -> str:
    """The user message with the pictures and sound that the layout shows."""
    shown = {one.name: one.show for one in layout}
    heard = [name for name, show in shown.items() if show in (FieldShow.PICTURE, FieldShow.SOUND)]
    variables = [f"{{{{{name}}}}}" for name in heard if name != TEXT_FIELD]
    if variables and shown.get(TEXT_FIELD) is FieldShow.LINK:
        # The address that a file was fetched from says nothing to a model.
        user, variables = user.replace("{{text}}", variables[0]), variables[1:]
    return "\n\n".join([user, *variables])


def _wait_for_an_answer(layout: Sequence[FieldLayout], found: Sequence[Item]) -> bool:
    """Whether the items' texts are conversations in which the user spoke last."""
    if not any(one.name == TEXT_FIELD and one.show is FieldShow.CONVERSATION for one in layout):
        return False
    last = [messages[-1].role for item in found if (messages := messages_in(item.text))]
    return bool(last) and all(role == "user" for role in last)
