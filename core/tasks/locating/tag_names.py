"""Tags: the name of a label in angle brackets, and which of what looks like a tag is one."""

import re
from collections.abc import Sequence
from functools import lru_cache

from core.spelling import fold

_LOOKS = str.maketrans({"<": "‹", ">": "›", "/": "∕", "#": "♯"})
_NUMBERED = re.compile(r"(.*[^#])#\d{1,6}", re.DOTALL)
_MOST_FOREIGN = 100
"""Tags that name no label: more of them than this no answer invents."""

TAG = re.compile(r"(?P<lead><|&(?:amp;)*lt;)(?P<close>/?)(?P<name>[^<>\n]{1,210})>")
"""What looks like a tag, or like one whose bracket was escaped."""


def may_have_tags(answer: str) -> bool:
    """Whether anything in it looks like a tag."""
    return TAG.search(answer) is not None


def tag_name(label: str) -> str:
    """How a label is written in a tag: signs that would break it are replaced by others that look alike."""
    return label.translate(_LOOKS)


class TagNames:
    """The labels of a task as tags name them: in any spelling that `fold` takes for the same."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels: dict[str, str] = {}
        for spell in (str, tag_name):
            for label in labels:
                self._labels.setdefault(fold(spell(label)), label)

    def label(self, name: str) -> str | None:
        """The label that a tag names; None for what is no tag. `person#2` is a second span of the label person."""
        plain = fold(name)
        numbered = _NUMBERED.fullmatch(plain)
        return self._labels.get(plain) or (self._labels.get(numbered[1]) if numbered else None)


@lru_cache(64)
def names_of_tags(labels: tuple[str, ...]) -> TagNames:
    """Those of a task, which every answer is read with."""
    return TagNames(labels)


class ForeignTags:
    """Tags in an answer that name no label of the task: of whatever the answer opens and closes, and the text has not.

    They are marks as well, for what an answer says of a label it made up must not be lost.
    """

    def __init__(self, answer: str, text: str) -> None:
        self._answer, self._text = answer, text
        self._known: dict[str, bool] = {}

    def __contains__(self, name: str) -> bool:
        if name not in self._known and len(self._known) < _MOST_FOREIGN:
            both = f"<{name}>", f"</{name}>"
            is_in_answer = all(tag in self._answer for tag in both)
            self._known[name] = is_in_answer and not any(tag in self._text for tag in both)
        return self._known.get(name, False)
