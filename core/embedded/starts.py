"""What a training that starts from a tuned model takes over of it, in sentences."""

from collections.abc import Iterator, Sequence
from typing import Any

from core.embedded.dataset import Dataset, InvalidFile
from core.embedded.heads.beginning import in_common
from core.embedded.joint import begins_at
from core.embedded.pictures.looking import sees

_FEW = 8
_HINT = "Start from the base model."


def said_of_start(model: str, start: Any, data: Dataset) -> Iterator[str]:
    """A sentence for each question. Raises InvalidFile where nothing at all can be taken over."""
    found = begins_at(data, start)
    if all(head is None for _, head, _ in found):
        raise InvalidFile(f"The model {model} has learned nothing that this file teaches. {_HINT}", "model")
    if sees(start) != bool(data.pictures):
        what = "pictures, and this file shows none" if sees(start) else "text alone, and this file shows pictures"
        raise InvalidFile(f"The model {model} has learned from {what}. {_HINT}", "model")
    yield f"The training starts from {model}."
    for name, head, labels in found:
        about = f"{name}: " if name else ""
        if head is None:
            yield f"{about}nothing of it was learned before, so it starts fresh."
            continue
        known = in_common(head, labels)
        fresh = [label for label in labels if label not in known]
        gone = [label for label in head.labels if label not in labels] if labels else []
        yield f"{about}taken over is what was learned of {_listed(known) or 'what is better'}."
        if fresh:
            yield f"{about}new, and starting fresh: {_listed(fresh)}."
        if gone:
            yield f"{about}in no example any more, and not answered from now on: {_listed(gone)}."


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(labels[:_FEW]) + (f" and {len(labels) - _FEW} more" if len(labels) > _FEW else "")
