"""Which labels a running text names. Two spellings are the same label where `core.spelling.fold` says so."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.spelling import fold
from core.tasks.denial import MARK, is_denied, says_no, sentences

_WRAPPERS = "\"'`*«»“”„‘’‚‹›()[]<>{} \t\r\n"
_TRAILING = ".,;:!?。！？"
_LEAD = re.compile(r"^(?:[-*•>]\s+|#+\s+|\d+[.)]\s+)")
_MARKER = re.compile(
    r"^[\W_]*(?:(?:the|my|final|correct|best|predicted)\s+)*(?:label|answer|category|class|classification)"
    r"[*_`\"']*\s*(?:is\s*:?|[:=]|->|→)\s*",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"(?:\bnot|\bnever|n't|n’t|\bneither|\bnor|\bno|\bcannot|\bwithout|\bhardly|\bexcept|\brather than"
    r"|(?<!\bnone )(?<!\bnothing )\bother than"
    r"|\binstead of|\brul(?:es?|ed|ing) out|\bexclud(?:es?|ed|ing))\s"
    r"(?:(?:a|an|the|about|in|really|be|exactly|clearly|necessarily|purely|just|only|quite|fit|match|under|as|to|of|for"
    r"|belong|related|classified|label|category|class)\s){0,4}[\"'“‘*`]{0,3}$"
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
    patterns: tuple[tuple[str, re.Pattern[str]], ...]

    def whole(self, text: str) -> str | None:
        """The one name the whole text spells, wrapping aside; exact spelling wins over folded."""
        for candidate in (text, text.strip(), bare(text)):
            if candidate in self.all:
                return candidate
        same = self.spelled_like(text)
        return same[0] if len(same) == 1 else None

    def spelled_like(self, text: str) -> tuple[str, ...]:
        """All names the whole text could equally spell; several only where a task has names that fold alike."""
        return self.by_key.get(fold(text)) or self.by_key.get(fold(bare(text)), ())

    def named_in(self, text: str) -> tuple[str, ...]:
        """Distinct names in a running text, in the task's order; the longest name claims its words first.

        A name that only occurs ruled out ("not SPORTS") beside no other counts as not named. Names of one or two
        characters count only in their own spelling, or "A" would be found in every sentence.
        """
        rest = fold(text)
        words = set(re.sub(r"[^\w\s+#-]", " ", unicodedata.normalize("NFKC", text)).split())
        found: dict[str, bool] = {}
        for key, pattern in self.patterns:
            if key not in rest or (len(key) <= 2 and key.isalnum() and words.isdisjoint(self.by_key[key])):
                continue
            for match in pattern.finditer(rest):
                ruled_out = _NEGATED.search(rest, max(0, match.start() - 40), match.start()) is not None
                found[key] = found.get(key, True) and ruled_out
            rest = pattern.sub(lambda match: "\x00" * len(match.group()), rest)
        if len(found) == 1 and all(found.values()):
            return ()
        named = {name for key in found for name in self.by_key[key]}
        return tuple(name for name in self.all if name in named)

    def marked(self, text: str) -> str:
        """The text with a mark wherever it names a label."""
        for name in sorted(self.named_in(text), key=len, reverse=True):
            text = _marked(name, text)
        return text

    def is_denied(self, label: str, text: str) -> bool:
        """Whether a running text that names this label alone says that it is not the one."""
        if says_no(label):
            return False
        return is_denied([_marked(label, sentence) for sentence in sentences(text)])


@lru_cache(maxsize=64)
def names_of(names: tuple[str, ...]) -> Names:
    """Prepares the names once per task; `names` as in `Task.names`."""
    by_key: dict[str, tuple[str, ...]] = {}
    for name in names:
        if key := fold(name):
            by_key[key] = (*by_key.get(key, ()), name)
    by_length = sorted(by_key, key=lambda key: -len(key))
    return Names(names, by_key, tuple((key, _pattern(key)) for key in by_length))


def _marked(label: str, sentence: str) -> str:
    """The sentence with a mark wherever it names the label; short names count only in their own spelling."""
    key = fold(label)
    if len(key) <= 2:
        return _pattern(label).sub(MARK, sentence)
    return _pattern(key).sub(MARK, fold(sentence))


def _pattern(key: str) -> re.Pattern[str]:
    """Matches the name as words of its own: not in "transport", "C++" for "C", "non-sports", "-1" or "1.5" for "1"."""
    before = r"(?<![\w#+])(?<!\w-)(?<!\d[.,])" if key[0].isalnum() else ""
    if key[0].isdigit():
        before += r"(?<!-)"
    after = r"(?![\w#+]|-\w|[.,]\d)" if key[-1].isalnum() else ""
    return re.compile(before + re.escape(key) + after)
