"""A JSONL file of conversations becomes texts and labels, or one sentence about the first line that is wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.embedded.reading import answer_of, plain_messages, read
from core.text import read_json

MIN_EXAMPLES = 10


class InvalidFile(Exception):
    """The message is for the user; `param` names which of the job's files it is about."""

    def __init__(self, message: str, param: str = "training_file") -> None:
        super().__init__(message)
        self.message = message
        self.param = param


@dataclass(frozen=True)
class Dataset:
    texts: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.labels)))


def load_training(path: Path) -> Dataset:
    """The training examples of a file. Raises InvalidFile below 10 lines or with fewer than two labels."""
    data = load(path, "training_file")
    if len(data.texts) < MIN_EXAMPLES:
        raise InvalidFile(f"The file has {len(data.texts)} examples; at least {MIN_EXAMPLES} are needed.")
    if len(data.classes) < 2:
        raise InvalidFile(f"Every example has the label {data.classes[0]!r}; at least two labels are needed.")
    return data


def load_validation(path: Path, classes: Sequence[str]) -> Dataset:
    """The validation examples. Raises InvalidFile for none at all, and for a label that training never shows."""
    data = load(path, "validation_file")
    unknown = sorted(set(data.labels) - set(classes))
    if not data.texts or unknown:
        why = f"has the label {unknown[0]!r}, which the training file does not" if unknown else "contains no examples"
        raise InvalidFile(f"The validation file {why}.", "validation_file")
    return data


def load(path: Path, param: str) -> Dataset:
    """Texts are found as they are at inference (see `core.embedded.reading`); labels are the assistants' answers."""
    with path.open("rb") as file:
        conversations = list(_conversations(file, param))
    labels = [answer_of(messages[-1]["content"]) for messages in conversations]
    names = sorted(set(labels))
    texts = [read(messages[:-1], names).text for messages in conversations]
    return Dataset(tuple(texts), tuple(labels))


def _conversations(lines: Iterable[bytes], param: str) -> Iterable[list[dict[str, str]]]:
    for number, raw in enumerate(lines, start=1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InvalidFile(f"Line {number} is not UTF-8 text.", param) from error
        if line.strip():
            messages = _messages(line, number, param)
            if messages:
                yield messages


def _messages(line: str, number: int, param: str) -> list[dict[str, str]]:
    """The line's messages; [] where the weight 0 says not to learn from it."""
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
    return [] if entry["messages"][-1].get("weight") == 0 else messages
