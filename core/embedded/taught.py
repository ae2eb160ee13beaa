"""Of which kind the answers of a training file are: by the first that tells it."""

import statistics
from collections.abc import Sequence

from core.embedded.dataset import Messages
from core.embedded.heads.joint import JointHead
from core.embedded.kinds.spans import is_tagged_copy
from core.embedded.labels import MAX_NAME_WORDS
from core.embedded.reading import object_in

KEYS = {"level": "rating", "better": "preference", "order": "ranking", "spans": "spans", "labels": "several_labels"}
BY_ENTRY: dict[type, str] = {list: "ranking", dict: "spans", str: "several_labels"}


def kind_of(conversations: Sequence[Messages]) -> str:
    """The kind's name as `core.embedded.lessons` lists it, or "text" for answers that are texts of their own."""
    kinds = (kind for messages in conversations if (kind := _kind_of(messages)))
    return next(
        kinds, "text" if _are_texts([messages[-1]["content"] for messages in conversations]) else "single_label"
    )


def kind_of_part(conversations: Sequence[Messages]) -> str:
    """The kind of one of several questions: what is no object is a text of its own, however short."""
    is_text = any(object_in(messages[-1]["content"]) is None for messages in conversations)
    return "text" if is_text else kind_of(conversations)


def _kind_of(messages: Messages) -> str | None:
    found = object_in(messages[-1]["content"])
    if found is None:
        return "spans" if is_tagged_copy(messages) else None
    pairs = list(found.items())
    if any(isinstance(value, dict) for value in found.values()):
        return JointHead.kind
    if len(pairs) != 1:
        return None
    key, value = pairs[0]
    if isinstance(value, list):
        entry = value[0] if value else None
        return KEYS.get(key) if entry is None else BY_ENTRY.get(type(entry))
    return KEYS.get(key) if key in ("level", "better") else None


def _are_texts(answers: Sequence[str]) -> bool:
    """Whether most say something of their own, at a length that no label has."""
    plain = [answer for answer in answers if object_in(answer) is None]
    if not plain or len(set(plain)) <= len(answers) / 2:
        return False
    return statistics.median(len(answer.split()) for answer in plain) > MAX_NAME_WORDS
