"""One question to one model: render, mask, ask, step down where the host refuses the manner, parse.

Runs, trials and batches share it, so that a trial shows exactly what a run would do, and a batch says the same.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.content import PICTURES, SOUNDS, Read, has_media, is_reference, media_in, with_bytes
from core.errors import WorkbenchError
from core.hosts.chat import ChatClient
from core.hosts.decisions import check_choices, choice_of, question
from core.hosts.media_refusals import about_media
from core.hosts.wire import (
    Asking,
    Failure,
    Manner,
    Reply,
    after_refusal,
    chat_parameters,
    closing,
    opening,
    own_part,
)
from core.model import AnswerKind, ErrorKind, Item, MediaPart, Message
from core.prompts import CompiledPrompt
from core.prompts.masking import Masker
from core.services.asking.at_once import at_once_of, reading_of, readings_beside
from core.services.asking.compiling import compiled
from core.services.asking.frozen import examples_of, parameters_of, shows_of, task_of
from core.services.asking.orders import Order, order_of, showing
from core.services.asking.sureness import part_of, source_of, sureness
from core.tasks import ParsedAnswer, response_schema, together

_MOST_STEPS = 16
_FIRST_ANSWERS = 5
_UNUSABLE = (AnswerKind.NO_LABEL, AnswerKind.OUTSIDE_LIST, AnswerKind.EMPTY)
_HASH_BYTES = 16
_MOST_OF_ALL = 2_000_000
"""Characters kept of an answer to several questions."""
_ONLY_EMPTY = (
    "gives only empty answers, even when asked for plain text: what was answered is kept, nothing more was sent. "
    "Look at a raw answer (a server may put everything into its reasoning: turn that off, or its reasoning parser), "
    "then resume."
)


@dataclass(frozen=True)
class Answered:
    """A reply with what it amounts to under the task. `confidence` is None where the host gives none.

    `confidence_source` is "logprobs", "parts" (the least certain part of an
    answer), "decisions" or None; `key` that of the request as it was answered.
    """

    reply: Reply
    parsed: ParsedAnswer
    confidence: float | None
    confidence_source: str | None = None
    key: bytes = b""
    parts: tuple[float | None, ...] = ()
    """The confidence of each part of what was said, in its order, where there are parts and any is known."""
    sure_of: Mapping[str, float] = field(default_factory=dict)


class Unsendable(WorkbenchError):
    """An item has a file that cannot be sent to any model; others of the same run may well do."""


class _Form:
    """Everything of a request but the item's own part, in one manner: bytes, and their hash as far as it is known."""

    def __init__(self, manner: Manner, identity: bytes, head: bytes, tail: bytes) -> None:
        self.manner, self.head, self.tail = manner, head, tail
        self._hash = hashlib.blake2b(identity + b"\0" + head, digest_size=_HASH_BYTES)
        self.answers = self.empty = 0
        self.is_usable = False

    def body(self, own: bytes) -> bytes:
        return self.head + own + self.tail

    def key(self, own: bytes) -> bytes:
        hashed = self._hash.copy()
        hashed.update(own + self.tail)
        return hashed.digest()


@dataclass(frozen=True, slots=True)
class Request:
    """One question about one item, rendered and masked. `own` is what of its body differs from item to item; `item` the
    item, where its answer cannot be read without.

    `key` is that of the body in the `form` it was made for; ask the asker for the one it has now. `shown` is in
    which order it shows what is compared or chosen between, as that is stored.
    """

    item_id: int
    own: bytes
    form: _Form
    key: bytes
    ordinal: int = 0
    item: Item | None = None
    shown: str = ""


class Asker:
    """Asks one model with one frozen prompt. `manner` is the one the host is known to accept: it may change.

    `client` None where nothing is asked: for keys, bodies and reading answers alone. `read` gives the bytes of pictures
    and sound; what is kept of a request has their references. Raises `WorkbenchError` for a
    prompt that cannot be filled in, or a task the host's way of asking does not take.
    """

    def __init__(
        self,
        client: ChatClient | None,
        model: str,
        config: Mapping[str, Any],
        manner: Manner,
        masker: Masker | None = None,
        read: Read | None = None,
    ) -> None:
        self._read = read
        self.task = task_of(config)
        self._at_once = at_once_of(config)
        self.manner = manner
        order = order_of(config)
        self._showing = showing(self.task, order)
        self._client = client
        self._masker = masker or None
        self._decides = config.get("ask") == "decisions"
        if self._decides:
            check_choices(self.task.choices)
        self.reading = reading_of(config, self._masker)
        self.kind = self.reading.kind
        self._beside = readings_beside(config, self._masker)
        is_read = (
            self.kind.reads_item,
            self._showing.reads_item,
            *(one.kind.reads_item for one in self._beside.values()),
        )
        self.reads_item = any(is_read)
        """Whether an answer cannot be read without the item it is about."""
        examples, at_once = examples_of(config), self._at_once
        if self._masker:
            at_once = at_once.masked(self._masker, examples) if at_once else None
            examples = [self._masker.example(example, writes=self.kind.writes) for example in examples]
        self._prompt: CompiledPrompt = compiled(
            config["system"],
            config["user"],
            examples,
            self.task,
            shows_of(config),
            at_once,
            draws=order is Order.DRAWN,
        )
        self._shown = media_in(self._prompt.fixed)
        self._identity = str(config.get("base_url") or "embedded").encode()
        self._head = opening(model, self._prompt.fixed, messages="input" if self._decides else "messages")
        self._schema = together.response_schema(at_once.parts) if at_once else response_schema(self.task)
        self._parameters = parameters_of(config)
        self._names = self.task.names
        self._form = self._formed(manner)
        self._may_step_down, self._is_last_resort = True, False
        self.trouble = ""
        """Why asking on would bring nothing, in a sentence; "" where it does."""

    # what is sent

    def messages(self, item: Item, ordinal: int = 0) -> list[Message]:
        """All that is said about an item in the `ordinal`-th question about it, as it is sent."""
        return self._prompt.render(self._masked(self._showing.item(item, self.shown(item, ordinal))))

    def request(self, item: Item, ordinal: int = 0) -> Request:
        """Rendered once; `ordinal` counts the answers to one item. Raises `WorkbenchError` for a missing field,
        `Unsendable` for a file that no host takes."""
        form, shown = self._form, self.shown(item, ordinal)
        messages = self._prompt.own(self._masked(self._showing.item(item, shown)))
        self._refuse_unsendable_examples()
        for part in media_in(messages):
            self._refuse_unless_sendable(part)
        own = own_part(messages)
        return Request(item.id, own, form, form.key(own), ordinal, item if self.reads_item else None, shown)

    def requests(self, item: Item, number: int) -> list[Request]:
        """Questions 0 to `number` - 1 about one item; those that say the same are rendered once."""
        first: dict[str, Request] = {}
        for ordinal in range(number):
            shown = self.shown(item, ordinal)
            if shown not in first:
                first[shown] = self.request(item, ordinal)
        return [replace(first[self.shown(item, ordinal)], ordinal=ordinal) for ordinal in range(number)]

    def shown(self, item: Item | None, ordinal: int) -> str:
        """In which order this question shows what is compared or chosen between, as it is stored, "" as given; `item`
        may be None unless answers are `reads_item`."""
        return self._showing.shown(self._masked(item) if item is not None else None, ordinal)

    def _refuse_unsendable_examples(self) -> None:
        """They are in every request, so that none of the run could be sent."""
        try:
            for part in self._shown:
                self._refuse_unless_sendable(part)
        except Unsendable as error:
            text = f"A worked example cannot be sent. {error.message}"
            raise WorkbenchError(text, "Choose other examples in the prompt.") from error

    def _refuse_unless_sendable(self, part: MediaPart) -> None:
        if not is_reference(part.reference):
            raise Unsendable("The field does not name a stored file.", "Import the items with their files.")
        if part.extension not in (*PICTURES, *SOUNDS):
            text = f"Models do not take {part.extension.upper()} files."
            raise Unsendable(text, "Convert pictures to PNG or JPEG, sound to WAV or MP3, and import them again.")

    def key(self, request: Request) -> bytes:
        """16 bytes that stand for host, model and body as it would be sent now; the ordinal is not part of it."""
        return _key_in(self._form, request)

    def body(self, request: Request) -> bytes:
        """The request's JSON as it would be sent now, with the files it shows. Raises `WorkbenchError` where one is
        missing."""
        return self._whole(self._form.body(request.own))

    def _whole(self, body: bytes) -> bytes:
        return with_bytes(body, self._read) if self._read else body

    def _masked(self, item: Item) -> Item:
        return self._masker.item(item) if self._masker else item

    # what comes back

    async def ask(self, request: Request) -> Answered | Failure:
        """The answer; asks again only where the host refuses the manner of asking, never to retry.

        Of many calls in flight that are refused alike, the first steps down for all.
        """
        if self._client is None:
            raise RuntimeError("this asker has no client")
        send = self._client.decide if self._decides else self._client.ask
        failure = Failure(ErrorKind.BAD_REQUEST, "the host refuses every manner of asking")
        for _ in range(_MOST_STEPS):
            form = self._form
            body = form.body(request.own)
            if self._read and has_media(body):
                try:
                    body = await asyncio.to_thread(self._whole, body)
                except WorkbenchError as error:
                    return Failure(ErrorKind.BAD_REQUEST, str(error))
            outcome = await send(body)
            if isinstance(outcome, Reply):
                answered = self._answered(outcome, _key_in(form, request), request.item, request.shown)
                self._accepted(form, answered.parsed)
                return answered
            failure = about_media(outcome) if has_media(form.head + request.own) else outcome
            humbler = None if self._decides else after_refusal(form.manner, failure)
            if humbler is None:
                break
            if self._form is form:
                self._form = self._formed(humbler)
        return failure

    def read(self, reply: Reply, key: bytes = b"", item: Item | None = None, ordinal: int = 0) -> Answered:
        """What a reply that came another way, in a file, amounts to; `key` and `ordinal` as its request had them,
        `item` where answers are `reads_item`."""
        return self._answered(reply, key, item, self.shown(item, ordinal))

    def from_cache(
        self, raw: str, kind: AnswerKind | str | None = None, item: Item | None = None, *, shown: str = ""
    ) -> ParsedAnswer:
        """What a stored answer (`Reply.raw`) amounts to under this task, see `Reading.stored`; `shown` as its request
        was."""
        return self._in_its_order(self.reading.stored(raw, kind, item), shown)

    def _answered(self, reply: Reply, key: bytes, item: Item | None, shown: str) -> Answered:
        if self._at_once:
            # The other questions are answered by what is kept.
            reply = replace(reply, most_kept=_MOST_OF_ALL)
        answered = self._of_own_question(reply, key, item, shown)
        return replace(answered, sure_of=self._sure_of_others(reply, item)) if self._beside else answered

    def _of_own_question(self, reply: Reply, key: bytes, item: Item | None, shown: str) -> Answered:
        parsed = self.reading.parsed(reply.content, reply.finish_reason, reply.refusal, item)
        if parsed.kind is AnswerKind.EMPTY and reply.reasoning:
            reply, parsed = self._misplaced(reply, item)
        placed = self._in_its_order(parsed, shown)
        if parsed.kind is not AnswerKind.LABEL:
            return Answered(reply, placed, None, None, key)
        if self._decides:
            confidence, source = choice_of(reply.content)[1], "decisions"
        else:
            source, own = source_of(self.task), self._at_once.own if self._at_once else ""
            sure = sureness(self.reading.task, _tokens_of(reply, own), parsed.said, item)
            known = None if sure.answer is None else source
            return Answered(reply, placed, sure.answer, known, key, sure.parts)
        return Answered(reply, placed, confidence, None if confidence is None else source, key)

    def _sure_of_others(self, reply: Reply, item: Item | None) -> dict[str, float]:
        """How sure the model was of what the same answer says to the other questions, by their keys."""
        found = {}
        for key, one in self._beside.items() if reply.logprobs is not None else ():
            parsed = one.parsed(reply.content, reply.finish_reason, reply.refusal, item)
            sure = sureness(one.task, _tokens_of(reply, key), parsed.said, item).answer
            if parsed.kind is AnswerKind.LABEL and sure is not None:
                found[key] = sure
        return found

    def _in_its_order(self, parsed: ParsedAnswer, shown: str) -> ParsedAnswer:
        """What was said of candidates that may have been swapped, in the item's own order."""
        if not shown:
            return parsed
        placed = replace(parsed, shown=shown)
        said = self._showing.said(parsed.said, shown)
        return placed if said == parsed.said else self.reading.valued(replace(placed, said=said))

    def _misplaced(self, reply: Reply, item: Item | None) -> tuple[Reply, ParsedAnswer]:
        """Some servers take a whole answer for the thinking before it; then it is put where it belongs."""
        if (found := self.reading.misplaced(reply.reasoning, item)) is not None:
            return replace(reply, content=reply.reasoning, reasoning="", logprobs=None), found
        return reply, self.reading.parsed(reply.raw, reply.finish_reason, None, item)

    # the manner

    def _formed(self, manner: Manner) -> _Form:
        rest = question(self.task.choices) if self._decides else chat_parameters(self._schema, manner, self._parameters)
        return _Form(manner, self._identity, self._head, closing(rest))

    def _accepted(self, form: _Form, parsed: ParsedAnswer) -> None:
        """What was answered is a manner the host takes; one that yields nothing usable at first is stepped down once,
        one that yields nothing at all down to plain text.

        A refused manner is not remembered before the humbler one has worked: the refusal may have been about the text.
        """
        form.is_usable = form.is_usable or parsed.kind not in _UNUSABLE
        form.answers += 1
        form.empty += parsed.kind is AnswerKind.EMPTY
        if self._form is form and (form.is_usable or not self._is_last_resort):
            self.manner = form.manner
        if form.is_usable or form.answers < _FIRST_ANSWERS or self._form is not form or self._decides:
            return
        if form.empty == form.answers:
            self._after_empty_answers(form)
        elif self._may_step_down and (humbler := form.manner.asking.next) is not None:
            self._may_step_down = False
            self._form = self._formed(replace(form.manner, asking=humbler))

    def _after_empty_answers(self, form: _Form) -> None:
        """Some servers lose what they are asked for in a shape: ask in plain text, and then no more."""
        if form.manner.asking is not Asking.PLAIN:
            self._may_step_down, self._is_last_resort = False, True
            self._form = self._formed(replace(form.manner, asking=Asking.PLAIN))
        else:
            self.trouble = _ONLY_EMPTY


def _tokens_of(reply: Reply, key: str) -> Any:
    """The probabilities of the tokens that answer a question, all of them where one alone was asked."""
    return part_of(reply.logprobs, reply.content, key) if key and reply.logprobs is not None else reply.logprobs


def _key_in(form: _Form, request: Request) -> bytes:
    return request.key if request.form is form else form.key(request.own)
