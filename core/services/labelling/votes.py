"""Several answers to one item, and what they amount to together: the majority, or what both orders agree on. Pure."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from core.model import AnswerKind
from core.services.asking.asker import Asker
from core.services.asking.entries import KINDS
from core.services.asking.orders import Order, Sides, order_of, sides_of
from core.storage import cache
from core.storage.annotations import NewAnnotation
from core.storage.cache import CachedAnswer
from core.storage.engine import Connection
from core.storage.repeats import Repeat
from core.storage.runs import RunError

Elected = Callable[[Sequence[tuple[Hashable, bool]]], tuple[int, int]]


@dataclass(frozen=True)
class Rule:
    """How the answers to one item become one: `wanted` of them are asked for, `elected` is the kind's own. With `sides`
    they are in both orders by turns, the even ones as given."""

    wanted: int
    elected: Elected
    sides: Sides | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    """What values are called, for the reason where orders contradict."""

    @property
    def is_once_each(self) -> bool:
        """Whether each order is asked about once."""
        return self.sides is not None and self.wanted == 2

    def enough(self, votes: Sequence[Repeat]) -> bool:
        """Whether at least half of what was asked for has come, of each order."""
        return all(2 * len(answers) * len(self.orders(votes)) >= self.wanted for answers in self.orders(votes))

    def orders(self, votes: Sequence[Repeat]) -> list[list[Repeat]]:
        """The answers by order, each in the order in which they were asked for."""
        ordered = sorted(votes, key=lambda vote: vote.ordinal)
        if self.sides is None:
            return [ordered]
        return [[vote for vote in ordered if vote.ordinal % 2 == turned] for turned in (0, 1)]

    def result(self, votes: Sequence[Repeat], annotator_id: int, run_id: int) -> NewAnnotation:
        """What these amount to; there must be one of each order. What was a clear answer to anybody makes it one;
        tokens are the sum of what was paid for, and there is no latency: the single answers have theirs."""
        spoken = [self._elected(answers) for answers in self.orders(votes)]
        said = spoken[0] if len(spoken) == 1 else self._of_both(*spoken)
        confidence, source = self._confidence(votes, said["value"])
        return NewAnnotation(
            item_id=votes[0].item_id,
            annotator_id=annotator_id,
            run_id=run_id,
            confidence=confidence,
            confidence_source=source,
            prompt_tokens=sum(vote.prompt_tokens or 0 for vote in votes),
            completion_tokens=sum(vote.completion_tokens or 0 for vote in votes),
            cached_tokens=sum(vote.cached_tokens or 0 for vote in votes),
            votes=dict(Counter(vote.value for vote in votes).most_common()),
            **said,
        )

    def _elected(self, answers: Sequence[Repeat]) -> dict[str, Any]:
        place, _ = self.elected([(vote.value, vote.kind == AnswerKind.LABEL) for vote in answers])
        shown = answers[place]
        return {name: getattr(shown, name) for name in ("value", "kind", "reason", "raw", "shown")}

    def _of_both(self, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        """What the answers in both orders come to. Where they contradict that is a tie, or, in a task without ties, the
        fallback, with the reason."""
        assert self.sides is not None
        value = self.sides.joined(one["value"], other["value"])
        both = {"raw": f"As given: {one['raw']}\nSwapped: {other['raw']}", "shown": None}
        for said in (one, other):
            unclear = value == self.sides.fallback and said["kind"] != AnswerKind.LABEL
            if value == said["value"] and (value != self.sides.fallback or unclear or one["value"] == other["value"]):
                return said | both
        told = " and ".join(self.words.get(said["value"], said["value"]) for said in (one, other))
        reason = f"the answer changes with the order: {told}"
        settled = self.sides.fallback if value is not None or self.sides.tie is None else self.sides.tie
        return {"value": settled, "kind": KINDS[AnswerKind.FLIPPED], "reason": reason} | both

    def _confidence(self, votes: Sequence[Repeat], value: str) -> tuple[float, str]:
        """The share of the answers that say so; of two in both orders the mean of how sure they are of it, where the
        host says that: an answer that says something else is not sure of it at all."""
        sure = [vote.confidence if vote.value == value else 0.0 for vote in votes if vote.confidence is not None]
        if self.is_once_each and len(sure) == 2:
            return fmean(sure), "logprobs"
        return sum(vote.value == value for vote in votes) / len(votes), "repeats"


def known_answers(conn: Connection, rule: Rule, keys: Sequence[bytes]) -> dict[tuple[bytes, int], CachedAnswer]:
    """What the cache has of several answers to these requests, by `(key, ordinal)`. Asked once in each order, the one
    answer that somebody else was given to the same request will do."""
    found = cache.find_repeats(conn, keys)
    if rule.is_once_each:
        single = cache.find(conn, keys)
        found = {(key, ordinal): answer for key, answer in single.items() for ordinal in (0, 1)} | found
    return found


def rule_of(config: Mapping[str, Any], asker: Asker) -> Rule:
    """The rule of a run with this frozen configuration."""
    wanted = max(1, int(config.get("repeats") or 1))
    if order_of(config) is not Order.BOTH:
        return Rule(wanted, asker.kind.elected)
    words = {str(label.id): label.name for label in asker.task.choices}
    return Rule(wanted, asker.kind.elected, sides_of(asker.task), words)


@dataclass(slots=True)
class Tally:
    """The answers to one item as they come; as many as the rule wants make it complete, failed ones included."""

    rule: Rule
    votes: list[Repeat] = field(default_factory=list)
    failures: list[RunError] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return len(self.votes) + len(self.failures) >= self.rule.wanted

    @property
    def is_taken_over(self) -> bool:
        """Whether all of it came from the cache."""
        return not self.failures and all(vote.source_run_id is not None for vote in self.votes)

    def result(self, annotator_id: int, run_id: int) -> NewAnnotation | RunError:
        """What those that came amount to where they are enough, the last failure otherwise."""
        if not self.rule.enough(self.votes):
            return self.failures[-1]
        return self.rule.result(self.votes, annotator_id, run_id)
