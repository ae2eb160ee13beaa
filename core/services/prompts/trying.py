"""Trying a prompt on a few items: asked as a run would ask, with everything shown and nothing stored."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from core.content import Read
from core.hosts.chat import ChatClient
from core.hosts.patience import Patience, carried_out
from core.hosts.wire import Failure, Reply
from core.model import AnswerKind, ErrorKind, Item, Message, Said
from core.prompts.masking import Masker
from core.services.asking.asker import Answered, Asker, Request, Unsendable
from core.services.asking.at_once import at_once_of, readings_beside
from core.services.asking.entries import vote_of
from core.services.asking.frozen import masking_of
from core.services.asking.masking import masker_for
from core.services.asking.reading import Reading
from core.services.common.files import reader_of
from core.services.hosts.connections import Hosts
from core.services.labelling.votes import Rule, rule_of
from core.storage.engine import Database
from core.storage.repeats import Repeat
from core.tasks import ParsedAnswer, TaskKind


@dataclass(frozen=True)
class Trial:
    """One item asked with a prompt: what was sent, what came back, what it amounts to. `failure` where nothing came.

    `messages` are as they were sent; `is_masked` where something in the item was hidden from the host. Asked several
    times, `answered` is the majority, its confidence their share of `votes` (answers by label).
    """

    item: Item
    messages: tuple[Message, ...]
    reference: Said | None
    answered: Answered | None = None
    failure: Failure | None = None
    is_masked: bool = False
    votes: Mapping[Said, int] = field(default_factory=dict)
    turned: tuple[Message, ...] = ()
    """The messages with the candidates swapped, where both orders were asked; `votes` are in the item's own order."""
    asking: str = ""
    """How the answer's shape was asked for: a rung of the ladder, or "a decision"."""

    beside: tuple[tuple[str, str, str], ...] = ()
    """What the answer says to the other questions asked at once: each by its title, in words, and why where it is
    unclear."""
    words: Callable[[Any, str], str] = lambda said, text: str(said)
    """What is said of a text, on one line."""

    def in_words(self, said: Said) -> str:
        """On one line, as of this item."""
        return self.words(said, self.item.text)

    @property
    def agrees(self) -> bool | None:
        """Whether the answer is what the reference says; None where either says nothing."""
        if self.answered is None or self.reference is None:
            return None
        return self.answered.parsed.said == self.reference


@dataclass(frozen=True)
class TrialRequest:
    """What to try: the frozen prompt and parameters as a run has them, and how often each item is asked about, both
    orders counted."""

    host: str
    model: str
    config: Mapping[str, Any]
    items: Sequence[Item]
    truth: Mapping[int, Said]
    repeats: int = 1
    timeout: float = 60.0


def carry_out(db: Database, hosts: Hosts, request: TrialRequest, tell: Callable[[str], None]) -> list[Trial]:
    """Ask about each item, always afresh. Failures are part of the result; `tell` hears what is waited for.

    Raises `WorkbenchError` where the host cannot be reached, `NotAllowedYet` before the user allowed it.
    """
    masker = masker_for(db, masking_of(request.config))
    # The caller may itself live in an event loop (a notebook does), so ours gets a thread of its own.
    patience = Patience()
    return carried_out(lambda: asyncio.run(_ask_all(hosts, request, masker, patience, reader_of(db))), patience, tell)


async def _ask_all(hosts: Hosts, request: TrialRequest, masker: Masker, patience: Patience, read: Read) -> list[Trial]:
    connection = await asyncio.to_thread(hosts.connection, request.host)
    async with ChatClient(connection, timeout_seconds=request.timeout) as client:
        manner = hosts.manner(request.host, request.model)
        asker = Asker(client, request.model, request.config, manner, masker, read)
        requests = [_request(asker, item, n) for item in request.items for n in range(request.repeats)]
        outcomes = await asyncio.gather(
            *(_unsent(one) if isinstance(one, Failure) else patience.ask(partial(asker.ask, one)) for one in requests)
        )
    hosts.remember(request.host, request.model, asker.manner)
    rule = rule_of(request.config, asker)
    at_once, readings = at_once_of(request.config), readings_beside(request.config, masker)
    others = {part.title: readings[part.key] for part in at_once.parts if part.key in readings} if at_once else {}
    asking = "a decision" if request.config.get("ask") == "decisions" else str(asker.manner.asking)
    return [
        replace(
            _trial(outcomes[place * rule.wanted : (place + 1) * rule.wanted], item, asker, request.truth, others, rule),
            is_masked=masker.item(item) != item,
            asking=asking,
        )
        for place, item in enumerate(request.items)
    ]


def _request(asker: Asker, item: Item, ordinal: int) -> Request | Failure:
    """What is to be asked; why not, where no model takes the item's file: the others are tried all the same."""
    try:
        return asker.request(item, ordinal)
    except Unsendable as error:
        return Failure(ErrorKind.BAD_REQUEST, str(error))


async def _unsent(failure: Failure) -> Failure:
    return failure


def _beside(others: Mapping[str, Reading], reply: Reply, item: Item) -> tuple[tuple[str, str, str], ...]:
    """What an answer says to the other questions."""
    read = {title: one.parsed(reply.content, reply.finish_reason, reply.refusal, item) for title, one in others.items()}
    return tuple(
        (title, others[title].kind.words(parsed.said, item.text), parsed.reason) for title, parsed in read.items()
    )


def _trial(
    outcomes: Sequence[Answered | Failure],
    item: Item,
    asker: Asker,
    truth: Mapping[int, Said],
    others: Mapping[str, Reading],
    rule: Rule,
) -> Trial:
    trial = Trial(item, tuple(asker.messages(item)), truth.get(item.id), words=asker.kind.words)
    if rule.sides is not None:
        trial = replace(trial, turned=tuple(asker.messages(item, 1)))
    answers = {ordinal: outcome for ordinal, outcome in enumerate(outcomes) if isinstance(outcome, Answered)}
    votes = [vote_of(item.id, ordinal, one) for ordinal, one in answers.items()]
    if not rule.enough(votes):
        return replace(trial, failure=next(one for one in reversed(outcomes) if isinstance(one, Failure)))
    every = list(answers.values())
    trial = replace(trial, beside=_beside(others, every[0].reply, item))
    if len(outcomes) == 1:
        return replace(trial, answered=every[0])
    elected = _majority(every, asker.kind) if rule.sides is None else _of_both(every, votes, rule)
    return replace(trial, answered=elected, votes=Counter(one.parsed.said for one in every))


def _majority(answers: Sequence[Answered], kind: TaskKind) -> Answered:
    """The answer that is elected of these; its confidence is the share of those that said the same."""
    place, most = kind.elected([(one.parsed.said, one.parsed.kind is AnswerKind.LABEL) for one in answers])
    shown = answers[place]
    reply = _all_in_all(shown.reply, answers)
    return replace(shown, reply=reply, confidence=most / len(answers), confidence_source="repeats")


def _of_both(answers: Sequence[Answered], votes: Sequence[Repeat], rule: Rule) -> Answered:
    """What the answers in both orders come to, as a run would store it."""
    result = rule.result(votes, annotator_id=0, run_id=0)
    assert result.value is not None and result.kind is not None
    said = rule.words[result.value]
    parsed = ParsedAnswer(said, AnswerKind(result.kind), result.reason or "", result.value)
    reply = replace(_all_in_all(answers[0].reply, answers), content=result.raw or "", reasoning="")
    return Answered(reply, parsed, result.confidence, result.confidence_source)


def _all_in_all(reply: Reply, answers: Sequence[Answered]) -> Reply:
    """The reply with the tokens of all of them, and the time of the longest."""
    replies = [answered.reply for answered in answers]
    return replace(
        reply,
        prompt_tokens=sum(reply.prompt_tokens for reply in replies),
        cached_tokens=sum(reply.cached_tokens for reply in replies),
        completion_tokens=sum(reply.completion_tokens for reply in replies),
        seconds=max(reply.seconds for reply in replies),
    )
