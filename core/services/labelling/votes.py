"""Several answers to one item, and the majority they amount to. Pure."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from core.model import AnswerKind
from core.storage.annotations import NewAnnotation
from core.storage.repeats import Repeat
from core.storage.runs import RunError

Elected = Callable[[Sequence[tuple[Hashable, bool]]], tuple[int, int]]


@dataclass(slots=True)
class Tally:
    """The answers to one item as they come; `wanted` of them make it complete, failed ones included. `elected` is the
    kind's own."""

    wanted: int
    elected: Elected
    votes: list[Repeat] = field(default_factory=list)
    failures: list[RunError] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return len(self.votes) + len(self.failures) >= self.wanted

    @property
    def is_taken_over(self) -> bool:
        """Whether all of it came from the cache."""
        return not self.failures and all(vote.source_run_id is not None for vote in self.votes)

    def result(self, annotator_id: int, run_id: int) -> NewAnnotation | RunError:
        """The majority of those that came where they are at least half, the last failure otherwise."""
        if 2 * len(self.votes) < self.wanted:
            return self.failures[-1]
        return majority(self.votes, annotator_id, run_id, self.elected)


def majority(votes: Sequence[Repeat], annotator_id: int, run_id: int, elected: Elected) -> NewAnnotation:
    """The answer that is elected of these; `votes` must not be empty.

    The confidence is the share of those who said the same. What was a clear answer to anybody makes it one; tokens are
    the sum of what was paid for, and there is no latency: the single answers have theirs.
    """
    ordered = sorted(votes, key=lambda vote: vote.ordinal)
    place, number = elected([(vote.value, vote.kind == AnswerKind.LABEL) for vote in ordered])
    shown = ordered[place]
    counts = Counter(vote.value for vote in ordered)
    return NewAnnotation(
        item_id=shown.item_id,
        annotator_id=annotator_id,
        value=shown.value,
        run_id=run_id,
        confidence=number / len(ordered),
        confidence_source="repeats",
        kind=shown.kind,
        reason=shown.reason,
        raw=shown.raw,
        prompt_tokens=sum(vote.prompt_tokens or 0 for vote in ordered),
        completion_tokens=sum(vote.completion_tokens or 0 for vote in ordered),
        cached_tokens=sum(vote.cached_tokens or 0 for vote in ordered),
        votes=dict(counts.most_common()),
    )
