"""What a zip of a fine-tune holds, read as what it is said to be: every part is from outside."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import WorkbenchError
from core.finetune import METHODS, Method
from core.model import (
    AnnotatorKind,
    AnswerKind,
    FieldLayout,
    FieldShow,
    FineTuneStatus,
    Label,
    QuestionKind,
    Said,
    Span,
    Split,
    Task,
)
from core.portable.bundle import Bundle
from core.said import options_of, said_of
from core.services.data.importing import item_key
from core.services.learning.lineage import LINEAGE
from core.services.portable.packing import ANNOTATIONS, ANNOTATORS, EVENTS, ITEMS, PROJECT, PROMPT, RAW, TASK, TUNE
from core.splits import Shares
from core.storage.carried import CarriedItem
from core.tasks import check_task

_AGAIN = "Export it again where it came from."
_LATEST = 1e11
"""A moment beyond which nobody counts in seconds."""


@dataclass(frozen=True)
class Teller:
    """An annotator of the zip."""

    kind: AnnotatorKind
    name: str
    model: str
    variant: str
    is_reference: bool
    is_teacher: bool
    is_tuned: bool
    was_asked: bool


@dataclass(frozen=True)
class Heard:
    """One annotation: by and of whom by their places in the zip."""

    item: int
    by: int
    said: Said
    facts: tuple[Any, ...]
    """As `CarriedAnnotation` has them behind the value."""


@contextmanager
def reading(part: str) -> Iterator[None]:
    """Whatever is not there, or something else than it should be, is one sentence."""
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise WorkbenchError(f"{part} in the zip is not as LabelLoop writes it.", _AGAIN) from error


def task_in(bundle: Bundle) -> Task:
    """The task; raises with the first thing wrong with it."""
    told = bundle.json(TASK)
    with reading(TASK):
        kind = QuestionKind(told["type"])
        task = Task(
            tuple(_label(one) for one in told["labels"]),
            _label(told["fallback"], is_fallback=True),
            _text(told.get("guidelines")),
            kind,
            options_of(told["options"]),
        )
        problems = check_task(task)
    if problems:
        raise WorkbenchError(f"The task in the zip cannot be used: {problems[0].message}", _AGAIN)
    return task


def _label(told: Mapping[str, Any], *, is_fallback: bool = False) -> Label:
    score = told.get("score")
    return Label(
        _text(told["name"]),
        _text(told.get("description")),
        _text(told.get("color")),
        _text(told.get("key")),
        is_fallback=is_fallback,
        score=None if score is None else float(score),
    )


@dataclass(frozen=True)
class ProjectTold:
    name: str
    split_seed: int
    split_config: dict[str, Any] | None
    layout: tuple[FieldLayout, ...]
    looks: int


def project_in(bundle: Bundle) -> ProjectTold:
    told = bundle.json(PROJECT)
    with reading(PROJECT):
        name = _text(told["name"]) or "Imported fine-tune"
        if question := _text(told.get("question")):
            name = f"{name} {question}" if question not in name else name
        layout = tuple(
            FieldLayout(_text(one["name"]), FieldShow(one["show"]), _text(one.get("heading")), bool(one.get("folded")))
            for one in told["layout"]
        )
        return ProjectTold(
            name[:120],
            _whole(told.get("split_seed")) or 0,
            _dealt(told.get("split_config")),
            layout,
            max(0, _whole(told.get("looks")) or 0),
        )


def _dealt(told: Any) -> dict[str, Any] | None:
    if told is None:
        return None
    try:
        shares = Shares(*map(float, told["shares"]))
    except WorkbenchError as error:
        raise ValueError("no shares") from error
    return {
        "shares": shares.as_tuple(),
        "near_duplicates": _whole(told.get("near_duplicates")) or 0,
        "stratified_by": None,
        "too_large": [],
        "apart": bool(told.get("apart")),
    }


def items_in(bundle: Bundle) -> list[CarriedItem]:
    """Each with the hash that it has here; one that reads nearly as an earlier one names that by its place."""
    found: list[CarriedItem] = []
    seen: Counter[str] = Counter()
    for told in bundle.lines(ITEMS):
        with reading(ITEMS):
            fields = _object_of_texts(told.get("fields"))
            key = item_key(_text(told.get("text")), fields)
            seen[key] += 1
            group = told.get("group")
            is_group = group is not None and 0 <= _must_be_whole(group) <= len(found)
            found.append(
                CarriedItem(
                    0,
                    key if seen[key] == 1 else f"{key}-{seen[key]}",
                    _text(told.get("external_id")),
                    _text(told.get("text")),
                    fields,
                    _object_of_texts(told.get("files")),
                    str(Split(told["split"])) if told.get("split") else None,
                    group if is_group else None,
                )
            )
    if not found:
        raise WorkbenchError("The zip has no items.", _AGAIN)
    return found


def _object_of_texts(told: Any) -> str | None:
    """JSON of fields as it is stored, once it is known to be that."""
    if told is None:
        return None
    held = json.loads(_text(told))
    if not all(isinstance(value, str) for value in held.values()):
        raise ValueError("no texts")
    return str(told)


def tellers_in(bundle: Bundle) -> list[Teller]:
    told = bundle.json(ANNOTATORS)
    with reading(ANNOTATORS):
        found = [
            Teller(
                AnnotatorKind(one["kind"]),
                _text(one["name"])[:200] or "?",
                _text(one.get("model")),
                _text(one.get("variant")),
                bool(one.get("is_reference")),
                bool(one.get("is_teacher")),
                bool(one.get("is_tuned")),
                bool(one.get("asked_with_the_prompt")),
            )
            for one in told
        ]
        if sum(one.is_teacher for one in found) != 1:
            raise ValueError("whom it learned from")
    return found


def annotations_in(bundle: Bundle, task: Task, items: Sequence[CarriedItem], tellers: Sequence[Teller]) -> list[Heard]:
    """What was said, each annotator's word of an item once."""
    found: dict[tuple[int, int], Heard] = {}
    for told in bundle.lines(ANNOTATIONS):
        with reading(ANNOTATIONS):
            item, by = _must_be_whole(told["item"]), _must_be_whole(told["by"])
            if not (0 <= item < len(items) and 0 <= by < len(tellers)):
                raise ValueError("of nothing")
            said = said_of(told["said"])
            _refuse_unless_said(task, said, items[item].text)
            found[item, by] = Heard(item, by, said, _facts(told))
    return list(found.values())


def _refuse_unless_said(task: Task, said: Said, text: str) -> None:
    """It is of the form of the kind, whatever its labels are called, and what is marked lies in the text."""
    if task.type is QuestionKind.SPANS:
        if isinstance(said, str) or not all(isinstance(one, Span) and 0 <= one.start < one.end for one in said):
            raise ValueError("no spans")
        if any(one.end > len(text) for one in said):
            raise ValueError("outside of the text")
    is_one = task.type in (QuestionKind.SINGLE_LABEL, QuestionKind.RATING, QuestionKind.PREFERENCE, QuestionKind.TEXT)
    if is_one and not isinstance(said, str):
        raise ValueError("more than one")


def _facts(told: Mapping[str, Any]) -> tuple[Any, ...]:
    kind, parts = told.get("kind"), told.get("parts")
    if parts is not None and not all(one is None or isinstance(one, (int, float)) for one in json.loads(parts)):
        raise ValueError("no confidences")
    return (
        _share(told.get("confidence")),
        _text(told.get("confidence_source")) or None,
        None if kind is None else str(AnswerKind(kind)),
        _text(told.get("reason")) or None,
        _text(told.get("raw")) or None,
        _text(told.get("note")) or None,
        _number(told.get("seconds")),
        _whole(told.get("prompt_tokens")),
        _whole(told.get("completion_tokens")),
        _whole(told.get("cached_tokens")),
        _moment(told.get("created_at")),
        1 if told.get("blind") else None,
        None,
        parts,
    )


@dataclass(frozen=True)
class PromptTold:
    number: int
    note: str
    system: str
    user: str
    answers: str
    examples: tuple[tuple[str, Said, Mapping[str, str]], ...]


def prompt_in(bundle: Bundle) -> PromptTold:
    told = bundle.json(PROMPT)
    with reading(PROMPT):
        examples = tuple(
            (_text(one["text"]), said_of(one["said"]), {str(k): _text(v) for k, v in one["fields"].items()})
            for one in told["examples"]
        )
        return PromptTold(
            max(1, _whole(told["number"]) or 1),
            _text(told.get("note")),
            _text(told["system"]),
            _text(told["user"]),
            _text(told.get("answers")),
            examples,
        )


@dataclass(frozen=True)
class TuneTold:
    """`config` has what of a job's is known here; `host` is what its host is called."""

    host: Mapping[str, str]
    base_model: str
    fine_tuned_model: str | None
    status: FineTuneStatus
    host_status: str
    host_job_id: str | None
    message: str
    created_at: float
    finished_at: float | None
    n_train: int
    n_validation: int
    config: dict[str, Any]
    host_said: str
    """The job as its host last told it, as JSON; "" where that was not kept."""


def tune_in(bundle: Bundle) -> TuneTold:
    told = bundle.json(TUNE)
    with reading(TUNE):
        status = FineTuneStatus(told["status"])
        if status.is_live:
            raise WorkbenchError("The fine-tune was under way when it was exported.", "Export it once it has ended.")
        finished = told.get("finished_at")
        return TuneTold(
            host={name: _text(told["host"].get(name)) for name in ("title", "profile", "base_url", "key_variable")},
            base_model=_text(told["base_model"]),
            fine_tuned_model=_text(told.get("fine_tuned_model")) or None,
            status=status,
            host_status=_text(told.get("host_status")),
            host_job_id=_text(told.get("host_job_id")) or None,
            message=_text(told.get("message")),
            created_at=datetime.fromisoformat(told["created_at"]).timestamp(),
            finished_at=datetime.fromisoformat(finished).timestamp() if finished else None,
            n_train=_whole(told["n_train"]) or 0,
            n_validation=_whole(told["n_validation"]) or 0,
            config=_config(told["config"]),
            host_said=json.dumps(_object(bundle.json(RAW)), ensure_ascii=False) if bundle.has(RAW) else "",
        )


def _object(told: Any) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise ValueError("no object")
    return told


def _config(told: Mapping[str, Any]) -> dict[str, Any]:
    masking = told.get("masking") or {}
    method = _text(told.get("method"))
    if method and method not in METHODS:
        raise ValueError("no method")
    config: dict[str, Any] = {
        "number": max(1, _whole(told.get("number")) or 1),
        "suffix": _text(told.get("suffix")),
        "seed": _whole(told.get("seed")) or 0,
        "parameters": {str(name): _number(value) for name, value in (told.get("parameters") or {}).items()},
        "with_validation": bool(told.get("with_validation")),
        "with_fallback": bool(told.get("with_fallback", True)),
        "per_label": {str(name): _must_be_whole(n) for name, n in (told.get("per_label") or {}).items()},
        "tokens": _whole(told.get("tokens")) or 0,
        "masking": {name: [_text(one) for one in masking.get(name) or ()] for name in ("kinds", "names")},
    }
    if before := [_text(one) for one in told.get(LINEAGE) or ()]:
        config[LINEAGE] = before
    if method and method != Method.SUPERVISED:
        config |= {"method": method, "against": None, "writes_only": bool(told.get("writes_only"))}
    return config


def events_in(bundle: Bundle) -> list[dict[str, Any]]:
    """As they are stored; a job of which the host told nothing has none."""
    found: list[dict[str, Any]] = []
    if bundle.has(EVENTS):
        for told in bundle.lines(EVENTS):
            with reading(EVENTS):
                found.append(
                    {
                        "host_event_id": f"imported-{len(found)}",
                        "level": _text(told["level"]),
                        "type": _text(told["type"]),
                        "message": _text(told["message"]),
                        "data": {str(name): value for name, value in told["data"].items()},
                        "created_at": datetime.fromisoformat(told["created_at"]).timestamp(),
                    }
                )
    return found


def _text(told: Any) -> str:
    if told is None:
        return ""
    if not isinstance(told, str):
        raise TypeError("no text")
    return told


def _number(told: Any) -> float | int | None:
    if told is None:
        return None
    if isinstance(told, bool) or not isinstance(told, (int, float)):
        raise TypeError("no number")
    return told


def _must_be_whole(told: Any) -> int:
    if isinstance(told, bool) or not isinstance(told, int):
        raise TypeError("no whole number")
    return told


def _whole(told: Any) -> int | None:
    return None if told is None else _must_be_whole(told)


def _share(told: Any) -> float | None:
    number = _number(told)
    if number is not None and not 0 <= number <= 1:
        raise ValueError("no share")
    return number


def _moment(told: Any) -> float:
    number = _number(told)
    if number is None or not 0 <= number < _LATEST:
        raise ValueError("no moment")
    return float(number)
