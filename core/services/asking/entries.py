"""What is stored of an answer, whichever way it came: live, in a file, or from the cache."""

import json
from typing import Any

from core.model import AnswerKind, Run
from core.services.asking.asker import Answered
from core.storage.annotations import NewAnnotation
from core.storage.cache import CachedAnswer
from core.storage.repeats import Repeat
from core.tasks import ParsedAnswer

KINDS = {kind: str(kind.value) for kind in AnswerKind}
"""As plain strings, which the database takes a good deal faster than members of an enum."""


def annotation_of(item_id: int, answered: Answered, run: Run) -> NewAnnotation:
    """The one answer to an item. No latency where none was measured."""
    parts = json.dumps(answered.parts) if answered.parts else None
    return NewAnnotation(
        item_id,
        run.annotator_id,
        run_id=run.id,
        confidence_source=answered.confidence_source,
        parts=parts,
        sure_of=json.dumps(dict(answered.sure_of)) if answered.sure_of else None,
        **_fresh(answered),
    )


def vote_of(item_id: int, ordinal: int, answered: Answered) -> Repeat:
    """One of several answers to an item."""
    return Repeat(item_id, ordinal, **_fresh(answered))


def annotation_taken_over(
    item_id: int, key: bytes, known: CachedAnswer, parsed: ParsedAnswer, run: Run
) -> NewAnnotation:
    """An answer from the cache, `parsed` by the present task: it took no tokens and no time."""
    return NewAnnotation(
        item_id,
        run.annotator_id,
        run_id=run.id,
        confidence_source=known.confidence_source if parsed.kind is AnswerKind.LABEL else None,
        source_id=known.source_id,
        parts=known.parts if parsed.kind is AnswerKind.LABEL else None,
        **_known(key, known, parsed),
    )


def vote_taken_over(item_id: int, ordinal: int, key: bytes, known: CachedAnswer, parsed: ParsedAnswer) -> Repeat:
    """One of several answers, from the cache."""
    return Repeat(item_id, ordinal, source_run_id=known.source_run_id, **_known(key, known, parsed))


def _fresh(answered: Answered) -> dict[str, Any]:
    """What annotation and vote have in common, of an answer that was paid for."""
    reply = answered.reply
    return _read(answered.parsed) | {
        "raw": reply.raw,
        "confidence": answered.confidence,
        "seconds": reply.seconds or None,
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "cached_tokens": reply.cached_tokens,
        "request_hash": answered.key,
    }


def _known(key: bytes, known: CachedAnswer, parsed: ParsedAnswer) -> dict[str, Any]:
    """The same of one that was taken over."""
    return _read(parsed) | {
        "raw": known.raw,
        "confidence": known.confidence if parsed.kind is AnswerKind.LABEL else None,
        "seconds": None,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "cached_tokens": 0,
        "request_hash": key,
    }


def _read(parsed: ParsedAnswer) -> dict[str, Any]:
    return {
        "value": parsed.value,
        "kind": KINDS[parsed.kind],
        "reason": parsed.reason or None,
        "shown": parsed.shown or None,
    }
