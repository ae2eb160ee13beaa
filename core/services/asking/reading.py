"""What a model's answer amounts to: under one question asked alone, or one of several asked at once."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from core.hosts.answers import answer_in, behind_thoughts
from core.hosts.decisions import choice_of
from core.model import AnswerKind, Item, Task
from core.prompts.masking import Masker, out_of_masked
from core.tasks import TASKS, ParsedAnswer, is_answer, parse_answer
from core.tasks.answers import is_all_json
from core.tasks.together import piece_of


class Reading:
    """Reads answers under `task`. `key` is the question's own among `keys` where all were asked at once; `decides`
    where the host was asked to choose by the Decisions API."""

    def __init__(
        self,
        task: Task,
        masker: Masker | None = None,
        *,
        key: str = "",
        keys: Sequence[str] = (),
        decides: bool = False,
    ) -> None:
        self.task, self.kind = task, TASKS[task.type]
        self._masker = masker or None
        self._key, self._keys, self._decides = key, keys, decides
        self._words = lru_cache(maxsize=1024)(
            lambda content, finish, refusal: self._read(content, finish, refusal, None)
        )

    def parsed(self, content: str, finish: str | None, refusal: str | None, item: Item | None) -> ParsedAnswer:
        """Many answers are the same words, which are read once where the item makes no difference."""
        if self.kind.reads_item:
            return self._read(content, finish, refusal, item)
        return self._words(content, finish, refusal)

    def stored(self, raw: str, kind: AnswerKind | str | None, item: Item | None) -> ParsedAnswer:
        """What a stored answer (`Reply.raw`) amounts to; `kind` is what it was taken for then, `item` that of the
        request."""
        if kind == AnswerKind.REFUSED:
            return self._read(raw, "content_filter", raw or None, item)
        parsed = self.parsed(answer_in(raw), None, None, item)
        if parsed.kind is AnswerKind.EMPTY and kind is not None and kind != AnswerKind.EMPTY:
            return self.parsed(behind_thoughts(raw), None, None, item)  # it was an answer then
        return parsed

    def misplaced(self, reasoning: str, item: Item | None) -> ParsedAnswer | None:
        """What the thinking before an answer amounts to where it is a whole answer itself, as some servers have it."""
        found = self._read(reasoning, "stop", None, item)
        if self._key:
            return found if is_all_json(reasoning) and found.kind is AnswerKind.LABEL else None
        return found if is_answer(self.task, reasoning, found) else None

    def _read(self, content: str, finish: str | None, refusal: str | None, item: Item | None) -> ParsedAnswer:
        if self._decides and not refusal:
            content = choice_of(content)[0]
        if self._key and not refusal and finish != "content_filter":
            own = piece_of(content, self._key, self._keys)
            if isinstance(own, ParsedAnswer):
                return self.valued(replace(own, said=self.kind.fallback(self.task)))
            content, finish = own, None  # it came whole, whatever came of the rest
        return self.valued(self._of(content, finish, refusal, item))

    def _of(self, content: str, finish: str | None, refusal: str | None, item: Item | None) -> ParsedAnswer:
        if item is None or not self._masker:
            return parse_answer(self.task, content, finish, refusal, item)
        if self.kind.writes:
            written = parse_answer(self.task, content, finish, refusal, self._masker.item(item))
            return replace(written, said=self._masker.revealed(str(written.said), item))
        text, places = self._masker.placed(item.text)
        parsed = parse_answer(self.task, content, finish, refusal, replace(item, text=text))
        unmasked = replace(parsed, said=out_of_masked(parsed.said, places))
        return self.kind.standing(self.task, unmasked)

    def valued(self, parsed: ParsedAnswer) -> ParsedAnswer:
        """With what it comes to in the form that is stored."""
        return replace(parsed, value=self.kind.canonical(self.kind.value_of(self.task, parsed.said)))
