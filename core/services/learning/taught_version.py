"""The prompt version that a fine-tune teaches the answers to."""

from core.errors import WorkbenchError
from core.model import PromptVersion
from core.services.asking.at_once import AtOnce, at_once
from core.services.asking.standing import with_present_labels
from core.storage import prompt_versions
from core.storage.engine import Connection


def taught_at_once(conn: Connection, version_id: int) -> tuple[PromptVersion, AtOnce | None]:
    """The version with its worked examples as labels stand, and all that it asks, where that is more than its own
    question. Raises `WorkbenchError` where there is none."""
    stored = prompt_versions.version(conn, version_id)
    if stored is None:
        raise WorkbenchError("That prompt version does not exist.", "Choose another on the Fine-tune page.")
    return at_once(conn, with_present_labels(conn, stored))


def taught_version(conn: Connection, version_id: int) -> PromptVersion:
    """The same where one question can be taught. Raises `WorkbenchError` for a version that asks several at once."""
    version, together = taught_at_once(conn, version_id)
    if together is not None:
        raise WorkbenchError(
            f"v{version.number} asks several questions at once; a pair teaches the answer to one.",
            "Choose a prompt that asks this question alone, or teach by examples.",
        )
    return version
