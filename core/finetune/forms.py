"""How examples are written as lines: one entry a form, the one that hosts of the OpenAI protocol take first.

Every line has the needed keys only: some hosts refuse a line that could be of two forms. Pictures stand in it by their
references until the file is written.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, TypeVar

from core.content import Read, on_the_wire, with_bytes
from core.finetune.dataset import PreferenceExample, TrainingExample
from core.model import Content, Message

Example = TypeVar("Example", TrainingExample, PreferenceExample)
Turn = dict[str, Any]


@dataclass(frozen=True)
class LineForm(Generic[Example]):
    """`mark` stands before the first line; `has_pictures` where the form has a place for them."""

    title: str
    about: str
    line: Callable[[Example], Mapping[str, Any]]
    mark: str = ""
    has_pictures: bool = True


def written_line(example: Example, form: LineForm[Example]) -> str:
    """One line, without its line break; pictures by their references."""
    return json.dumps(form.line(example), ensure_ascii=False)


def written_lines(examples: Iterable[Example], form: LineForm[Example], read: Read | None = None) -> str:
    """The whole file; ends with a line break where there is any line. `read` gives the files that references name."""
    return "".join(each_line(examples, form, read))


def each_line(examples: Iterable[Example], form: LineForm[Example], read: Read | None = None) -> Iterator[str]:
    """The same line by line, each with its line break."""
    for number, example in enumerate(examples):
        yield ("" if number else form.mark) + _filled(example, form, read) + "\n"


def _filled(example: Example, form: LineForm[Example], read: Read | None) -> str:
    line = written_line(example, form)
    if read is None or all(isinstance(message.content, str) for message in example.messages):
        return line
    # Without blanks, as references are looked for.
    return with_bytes(json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":")).encode(), read).decode()


def _turn(message: Message) -> Turn:
    return {"role": message.role, "content": on_the_wire(message.content)}


def _answer(text: str) -> list[Turn]:
    return [{"role": "assistant", "content": text}]


def _messages(example: TrainingExample) -> Turn:
    return {"messages": [*map(_turn, example.messages), *_answer(example.answer)]}


def _strict(example: TrainingExample) -> Turn:
    return {"messages": [*strict_turns(example.messages), *_answer(example.answer)]}


def _prompt_completion(example: TrainingExample) -> Turn:
    return {"prompt": list(map(_turn, example.messages)), "completion": _answer(example.answer)}


_SPEAKERS = {"system": "system", "developer": "system", "assistant": "gpt", "user": "human", "tool": "tool"}


def _conversations(example: TrainingExample) -> Turn:
    turns = [{"from": _SPEAKERS.get(one.role, "human"), "value": one.content} for one in example.messages]
    return {"conversations": [*turns, {"from": "gpt", "value": example.answer}]}


def strict_turns(messages: Sequence[Message]) -> list[Turn]:
    """A system message first where there is one, then user and assistant by turns: neighbours of one role are one
    message, and whoever is neither is a user."""
    turns: list[Turn] = []
    for at, message in enumerate(messages):
        role = message.role if message.role == "assistant" or (message.role == "system" and at == 0) else "user"
        content = on_the_wire(message.content)
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] = _joined(turns[-1]["content"], content)
        else:
            turns.append({"role": role, "content": content})
    return turns


def _joined(one: Any, other: Any) -> Any:
    if isinstance(one, str) and isinstance(other, str):
        return f"{one}\n\n{other}"
    return list(chain.from_iterable(map(_as_parts, (one, other))))


def _as_parts(content: Content | Any) -> list[Any]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def _preferred(example: PreferenceExample) -> Turn:
    return {
        "input": {"messages": list(map(_turn, example.messages))},
        "preferred_output": _answer(example.preferred),
        "non_preferred_output": _answer(example.rejected),
    }


def _chosen(example: PreferenceExample) -> Turn:
    return {
        "prompt": list(map(_turn, example.messages)),
        "chosen": _answer(example.preferred),
        "rejected": _answer(example.rejected),
    }


_MARK = "\ufeff"
EXAMPLE_FORMS: dict[str, LineForm[TrainingExample]] = {
    "openai": LineForm(
        "OpenAI", "messages: OpenAI, Nebius, Crusoe, Fireworks, vLLM's tools, and TRL's conversational form.", _messages
    ),
    "azure": LineForm("Azure", "The same, beginning with the byte-order mark that Azure asks for.", _messages, _MARK),
    "together": LineForm("Together", "messages with strict turns: user and assistant alternate.", _strict),
    "trl": LineForm(
        "TRL prompt and completion",
        "prompt and completion as messages: TRL counts the loss on the completion alone.",
        _prompt_completion,
        has_pictures=False,
    ),
    "sharegpt": LineForm(
        "ShareGPT", "conversations of from and value: Axolotl, LLaMA-Factory.", _conversations, has_pictures=False
    ),
}
PAIR_FORMS: dict[str, LineForm[PreferenceExample]] = {
    "openai": LineForm(
        "OpenAI", "input, preferred_output, non_preferred_output: OpenAI, Together, Fireworks.", _preferred
    ),
    "azure": LineForm("Azure", "The same, beginning with the byte-order mark that Azure asks for.", _preferred, _MARK),
    "trl": LineForm(
        "TRL", "prompt, chosen and rejected as messages, for TRL's DPOTrainer.", _chosen, has_pictures=False
    ),
}
