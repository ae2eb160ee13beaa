"""How an answer spells a label, and what models wrap it in; two spellings are one where they fold alike."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.spelling import fold, straight
from core.tasks.mentions import Finder, Marked, finder_of

_WRAPPERS = "\"'`*«»“”„‘’‚‹›()[]<>{} \t\r\n"
_TRAILING = ".,;:!?。！？"
_LEAD = re.compile(r"^(?:[-*•>]\s+|#+\s+|\d+[.)]\s+)")
_MARKER = re.compile(
    r"^[\W_]*(?:(?:the|my|final|correct|best|predicted)\s+)*(?:label|answer|category|class|classification)"
    r"[*_`\"']*\s*(?:is\b(?!n['’]t)\s*:?|[:=]|->|→)\s*"
    r"|^[\W_]*(?:答案|标签|標籤|类别|類別|分类|分類)\s*[是为為]\s*[:：]?\s*",
    re.IGNORECASE,
)


def bare(text: str) -> str:
    """The text without what models wrap a label in: bullets, quotes, Markdown marks, brackets, final punctuation."""
    return _LEAD.sub("", text.strip()).lstrip(_WRAPPERS).rstrip(_WRAPPERS + _TRAILING)


def after_marker(line: str) -> str | None:
    """What follows "Label:", "The answer is" and the like at the start of a line; None where there is none."""
    found = _MARKER.match(line)
    return line[found.end() :] if found else None


@dataclass(frozen=True)
class Names:
    """The names of a task's choices, prepared for matching; `by_key` groups those that fold to the same spelling."""

    all: tuple[str, ...]
    by_key: Mapping[str, tuple[str, ...]]
    finder: Finder

    def whole(self, text: str) -> str | None:
        """The one name the whole text spells, wrapping aside; exact spelling wins over folded."""
        if text in self.all:
            return text
        for candidate in (text.strip(), bare(text)):
            if candidate in self.all:
                return candidate
        same = self.spelled_like(text)
        return same[0] if len(same) == 1 else None

    def spelled_like(self, text: str) -> tuple[str, ...]:
        """All names the whole text could equally spell; several only where a task has names that fold alike."""
        plain = straight(text)
        return self.by_key.get(fold(plain)) or self.by_key.get(fold(bare(plain)), ())

    def named_in(self, text: str) -> tuple[str, ...]:
        """Distinct names in a running text, in the task's order; the longest name claims its words first."""
        return self.spelled(self.marked(text).keys)

    def spelled(self, keys: Iterable[str]) -> tuple[str, ...]:
        """All names that folded spellings stand for, in the task's order."""
        named = {name for key in set(keys) for name in self.by_key[key]}
        return tuple(name for name in self.all if name in named)

    def marked(self, text: str) -> Marked:
        """The text with a mark wherever it names a label."""
        return self.finder.marked(straight(text))


@lru_cache(maxsize=64)
def names_of(names: tuple[str, ...]) -> Names:
    """Prepares the names once per task; `names` as in `Task.names`."""
    by_key: dict[str, tuple[str, ...]] = {}
    for name in names:
        if key := fold(straight(name)):
            by_key[key] = (*by_key.get(key, ()), name)
    return Names(names, by_key, finder_of(by_key))
