"""The prompt version that a fine-tune teaches the answers to."""

from core.errors import WorkbenchError
from core.model import PromptVersion
from core.prompts import variables_in
from core.services.asking.standing import with_present_labels
from core.storage import prompt_versions
from core.storage.engine import Connection
from core.tasks.together import VARIABLE


def taught_version(conn: Connection, version_id: int) -> PromptVersion:
    """The version with its worked examples as labels stand. Raises `WorkbenchError` where there is none, and for one
    that asks several questions at once."""
    stored = prompt_versions.version(conn, version_id)
    if stored is None:
        raise WorkbenchError("That prompt version does not exist.", "Choose another on the Fine-tune page.")
    if VARIABLE in variables_in(stored.system, stored.user):
        raise WorkbenchError(
            f"v{stored.number} asks several questions at once; a fine-tune teaches the answers to one.",
            "Choose a prompt that asks this question alone.",
        )
    return with_present_labels(conn, stored)
