"""What passes between the parts of a run: questions to ask, and what has arrived and is not stored yet."""

from dataclasses import dataclass, field

from core.services.asking.asker import Answered, Request
from core.storage.annotations import NewAnnotation
from core.storage.repeats import Repeat
from core.storage.runs import RunError


@dataclass(slots=True, eq=False)
class Work:
    """One question on its way; one answer may serve all of the same `share`.

    `attempt` is what counts against the item, `tries` what was really sent. `lonely` counts its refusals since the last
    answer to anything, which came when there were `answered_before`; `began` is when it was sent last.
    """

    item_id: int
    request: Request
    key: bytes
    attempt: int = 1
    tries: int = 0
    lonely: int = 0
    answered_before: int = 0
    began: float = 0.0
    is_probe: bool = False

    @property
    def share(self) -> tuple[bytes, int]:
        return self.key, self.request.ordinal


@dataclass(slots=True)
class Arrived:
    """What is to be stored together. `settled` are the questions behind it; tokens and calls are those paid for,
    `from_cache` the items that took none."""

    annotations: list[NewAnnotation] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)
    errors: list[RunError] = field(default_factory=list)
    settled: list[Work] = field(default_factory=list)
    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    from_cache: int = 0

    def __bool__(self) -> bool:
        return bool(self.annotations or self.repeats or self.errors)

    def __len__(self) -> int:
        return len(self.annotations) + len(self.repeats) + len(self.errors)

    def pay(self, answered: Answered) -> None:
        reply = answered.reply
        self.calls += 1
        self.prompt_tokens += reply.prompt_tokens
        self.cached_tokens += reply.cached_tokens
        self.completion_tokens += reply.completion_tokens

    def take(self, later: "Arrived") -> None:
        """Add what another holds, after what is here."""
        for mine, more in (
            (self.annotations, later.annotations),
            (self.repeats, later.repeats),
            (self.errors, later.errors),
            (self.settled, later.settled),
        ):
            mine.extend(more)  # type: ignore[arg-type]
        self.calls += later.calls
        self.prompt_tokens += later.prompt_tokens
        self.cached_tokens += later.cached_tokens
        self.completion_tokens += later.completion_tokens
        self.from_cache += later.from_cache

    @property
    def item_ids(self) -> list[int]:
        return [entry.item_id for entry in self.annotations] + [error.item_id for error in self.errors]
