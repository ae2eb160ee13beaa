"""A JSONL file of conversations becomes texts and what is said of them, or one sentence about the first wrong line."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.embedded.dataset import Dataset, InvalidFile, Messages
from core.embedded.encoder import Array
from core.embedded.heads.joint import JointHead
from core.embedded.joint import alone, joined
from core.embedded.kinds.one_label import described, listed_in
from core.embedded.kinds.preference import last_message
from core.embedded.labels import Choice
from core.embedded.lessons import LESSONS
from core.embedded.pictures.features import seen
from core.embedded.pictures.parts import pictures_asked_about
from core.embedded.reading import answer_of, object_in, plain_messages
from core.embedded.taught import kind_of, kind_of_part
from core.text import read_json

MIN_EXAMPLES = 10
_WRITES = "The answers are"
_LEARNS = (
    "which this host cannot learn to write; it learns to choose labels, levels, outcomes and orders, and to mark spans."
)
LOOKED_AT_ONCE = 50


@dataclass(frozen=True)
class _Line:
    """One line of a file, by its number; `picture` are the features of what its last question shows."""

    number: int
    messages: list[dict[str, str]]
    picture: Array | None


def load_training(path: Path, alive: Callable[[], None] = lambda: None) -> Dataset:
    """The training examples of a file. Raises InvalidFile below 10 lines or where they all say the same. `alive` is
    called now and then: looking at many pictures takes its time."""
    data = load(path, "training_file", alive)
    if len(data.texts) < MIN_EXAMPLES:
        raise InvalidFile(f"The file has {len(data.texts)} examples; at least {MIN_EXAMPLES} are needed.")
    if lacks := LESSONS[data.kind].lacks(data):
        raise InvalidFile(lacks)
    return data


def load_validation(path: Path, training: Dataset, alive: Callable[[], None] = lambda: None) -> Dataset:
    """The validation examples. Raises InvalidFile for none at all, for answers of another kind than training shows, for
    a label that it never shows, and for pictures where that has none or the other way round."""
    data = load(path, "validation_file", alive, training)
    unknown = sorted(set(data.classes) - set(training.classes))
    if not data.texts or unknown:
        why = f"has the label {unknown[0]!r}, which the training file does not" if unknown else "contains no examples"
        raise InvalidFile(f"The validation file {why}.", "validation_file")
    if bool(data.pictures) != bool(training.pictures):
        raise InvalidFile("Of the two files one shows pictures and the other does not.", "validation_file")
    return data


def load(path: Path, param: str, alive: Callable[[], None], training: Dataset | None = None) -> Dataset:
    """With the `training` data, the answers are of the kinds that it has."""
    with path.open("rb") as file:
        read = list(_lines(file, param, alive))
    numbered = [(line.number, line.messages) for line in read]
    kind = training.kind if training else kind_of([messages for _, messages in numbered])
    if kind == JointHead.kind:
        _pictures(read, False, param)
        return _joint(numbered, param, {one.name: one.kind for one in training.questions} if training else None)
    # That it cannot be learned from pictures says more than what is missing in the text beside them.
    pictures = _pictures(read, LESSONS[kind].sees, param) if kind in LESSONS else ()
    return replace(_alone(numbered, param, kind, _WRITES), pictures=pictures)


def _alone(numbered: Sequence[tuple[int, Messages]], param: str, kind: str, writes: str) -> Dataset:
    """The examples of one question; `writes` is what is said of a kind that cannot be learned."""
    if kind == "text":
        raise InvalidFile(f"{writes} free text, {_LEARNS}", param)
    lesson = LESSONS[kind]
    said = [_said(lesson.said_of, number, messages, param) for number, messages in numbered]
    conversations = [messages for _, messages in numbered]
    names = Dataset((), tuple(said)).classes
    texts = [lesson.text_of(messages, names) for messages in conversations]
    return Dataset(tuple(texts), tuple(said), kind, _listed(conversations))


def _joint(numbered: Sequence[tuple[int, Messages]], param: str, known: Mapping[str, str] | None) -> Dataset:
    """The examples of several questions; `known` are their kinds, where these are known beforehand."""
    lines: dict[str, list[tuple[int, int, Messages]]] = {}
    for row, (number, messages) in enumerate(numbered):
        if object_in(messages[-1]["content"]) is None:
            raise InvalidFile(f"Line {number}: the answer is no JSON object with a property for each question.", param)
        for name, own in alone(messages).items():
            lines.setdefault(name, []).append((row, number, own))
    parts = []
    for name, found in lines.items():
        first = f"Line {found[0][1]}"
        if known is not None and name not in known:
            raise InvalidFile(f"{first} answers {name!r}, which no line of the training file does.", param)
        kind = known[name] if known else kind_of_part([messages for _, _, messages in found])
        if kind == JointHead.kind:
            raise InvalidFile(f"{first}: {name!r} holds questions within a question.", param)
        part = _alone([(number, own) for _, number, own in found], param, kind, f"The answers to {name!r} are")
        parts.append((name, [row for row, _, _ in found], part))
    return joined(parts, [last_message(messages[:-1]) for _, messages in numbered])


def _pictures(lines: Sequence[_Line], may_see: bool, param: str) -> tuple[Array, ...]:
    """What the lines show: all of them, or none."""
    shown = [line for line in lines if line.picture is not None]
    if shown and not may_see:
        raise InvalidFile(
            f"Line {shown[0].number} shows a picture; from pictures this host learns labels and levels alone.", param
        )
    if shown and len(shown) < len(lines):
        bare = next(line.number for line in lines if line.picture is None)
        raise InvalidFile(f"Line {bare} shows no picture, and line {shown[0].number} does: all must, or none.", param)
    return tuple(line.picture for line in shown if line.picture is not None)


def _said(said_of: Any, number: int, messages: Messages, param: str) -> Any:
    try:
        return said_of(messages)
    except ValueError as error:
        raise InvalidFile(f"Line {number}: {error}.", param) from error


def _listed(conversations: Sequence[Messages]) -> tuple[Choice, ...]:
    first = conversations[0] if conversations else []
    instructions = tuple(m["content"] for m in first if m["role"] in ("system", "developer"))
    names = next((found for text in instructions if (found := listed_in(text))), ())
    return described(tuple(map(Choice, names)), instructions)


def _lines(lines: Iterable[bytes], param: str, alive: Callable[[], None]) -> Iterable[_Line]:
    for number, raw in enumerate(lines, start=1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InvalidFile(f"Line {number} is not UTF-8 text.", param) from error
        if line.strip() and (found := _read(line, number, param)) is not None:
            yield found
        if number % LOOKED_AT_ONCE == 0:
            alive()


def _read(line: str, number: int, param: str) -> _Line | None:
    """None where the weight 0 says not to learn from it. Pictures are looked at here, and let go of."""
    try:
        entry: Any = read_json(line)
    except ValueError as error:
        raise InvalidFile(f"Line {number} is not valid JSON.", param) from error
    if not isinstance(entry, dict) or "messages" not in entry:
        raise InvalidFile(f'Line {number} has no "messages".', param)
    try:
        messages = plain_messages(entry["messages"])
    except ValueError as error:
        raise InvalidFile(f"Line {number}: {error}.", param) from error
    if messages[-1]["role"] != "assistant" or not answer_of(messages[-1]["content"]):
        raise InvalidFile(f"Line {number} does not end with an assistant's answer.", param)
    if not any(message["role"] == "user" for message in messages):
        raise InvalidFile(f"Line {number} has no user message to learn from.", param)
    if entry["messages"][-1].get("weight") == 0:
        return None
    try:
        urls = pictures_asked_about(entry["messages"])
        return _Line(number, messages, seen(urls) if urls else None)
    except ValueError as error:
        raise InvalidFile(f"Line {number}: {error}.", param) from error
