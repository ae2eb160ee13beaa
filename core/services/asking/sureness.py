"""How sure a model was of what it answered, by the probabilities of its tokens; of one of several questions, of those
in which that one is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from core.hosts.confidence import label_confidence, texts_of
from core.hosts.order_confidence import order_confidence
from core.hosts.set_confidence import set_confidence
from core.hosts.span_confidence import span_confidence
from core.model import Item, QuestionKind, Said, Span, Task
from core.tasks import TASKS
from core.tasks.locating.tag_names import tag_name
from core.tasks.together import place_of


def source_of(task: Task) -> str:
    """How a confidence of the kind of question comes about: from its least certain part, or as the host gives it."""
    return "parts" if TASKS[task.type].reads_item else "logprobs"


@dataclass(frozen=True)
class Sure:
    """How sure of the whole answer, 0..1, and of each part of what was said, in its order, where there are parts."""

    answer: float | None = None
    parts: tuple[float | None, ...] = ()


def sureness(task: Task, logprobs: Any, said: Said, item: Item | None = None) -> Sure:
    """Nothing where the host gives no probabilities, and where the kind of question has no labels in its answers whose
    probability it would be. Parts are known where the item is at hand."""
    if logprobs is None or TASKS[task.type].writes:
        return Sure()
    if task.type is QuestionKind.SEVERAL_LABELS:
        return Sure(set_confidence(logprobs, [str(name) for name in said], task.names))
    if task.type is QuestionKind.RANKING:
        return Sure(order_confidence(logprobs))
    if task.type is QuestionKind.SPANS:
        return _of_spans(task, logprobs, tuple(one for one in said if isinstance(one, Span)), item)
    return Sure(label_confidence(logprobs, said, task.names)) if isinstance(said, str) else Sure()


def _of_spans(task: Task, logprobs: Any, said: Sequence[Span], item: Item | None) -> Sure:
    """An answer may be read in another form than it was asked for, and then nothing of it is known."""
    names = [tag_name(label.name) for label in task.labels]
    sure = span_confidence(logprobs, names, by_tags=task.options.answers != "quotes")
    if sure is None or len(sure.marks) < len(said):
        return Sure()
    marks = [(tag_name(label), item.text[start:end]) for start, end, label in said] if item else []
    return Sure(sure.answer, sure.of_marks(marks) if item else ())


def part_of(logprobs: Any, content: str, key: str) -> Any:
    """The tokens that answer one of several questions; None where they cannot be told from the others."""
    entries = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    texts = texts_of(entries) if isinstance(entries, list) else None
    place = place_of(content, key)
    if entries is None or texts is None or place is None:
        return None
    whole = b"".join(texts)
    before = whole.find(content.encode("utf-8", "surrogatepass"))
    if before < 0:
        return None
    start, end = (before + len(content[:at].encode("utf-8", "surrogatepass")) for at in place)
    ends = list(accumulate(map(len, texts)))
    inside = [
        entry for entry, upto, text in zip(entries, ends, texts, strict=True) if upto > start and upto - len(text) < end
    ]
    return {"content": inside}
