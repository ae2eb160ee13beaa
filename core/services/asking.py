"""One question to one model: render, ask, step down where the host refuses the manner, parse.

Runs and trials share it, so that a trial shows exactly what a run would do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.hosts.chat import ChatClient
from core.hosts.wire import Failure, Manner, Reply, after_refusal, chat_body, label_confidence
from core.model import AnswerKind, Example, Item, Label, Message, PromptVersion, Task
from core.prompts import CompiledPrompt, compile_prompt
from core.tasks import ParsedAnswer, parse_answer, response_schema


@dataclass(frozen=True)
class Answered:
    """A reply with what it amounts to under the task. `confidence` is None where the host gives none."""

    reply: Reply
    parsed: ParsedAnswer
    confidence: float | None


def frozen_config(task: Task, version: PromptVersion) -> dict[str, Any]:
    """Everything a run's answers depend on besides host and model, as JSON: later edits cannot change a run."""
    return {
        "prompt_version": version.number,
        "system": version.system,
        "user": version.user,
        "examples": [
            {"item_id": e.item_id, "text": e.text, "label": e.label, "fields": dict(e.fields)} for e in version.examples
        ],
        "labels": [{"id": c.id, "name": c.name, "description": c.description} for c in task.labels],
        "fallback": {"id": task.fallback.id, "name": task.fallback.name, "description": task.fallback.description},
        "guidelines": task.guidelines,
        "task_type": task.type,
    }


def task_of(config: Mapping[str, Any]) -> Task:
    """The task as it was frozen into a run's configuration."""
    labels = tuple(Label(c["name"], c["description"], id=c["id"]) for c in config["labels"])
    fallback = config["fallback"]
    return Task(
        labels,
        Label(fallback["name"], fallback["description"], id=fallback["id"], is_fallback=True),
        config["guidelines"],
    )


class Asker:
    """Asks one model with one frozen prompt; remembers the manner the host accepts."""

    def __init__(self, client: ChatClient, model: str, config: Mapping[str, Any], manner: Manner) -> None:
        self.task = task_of(config)
        self.manner = manner
        self._client = client
        self._model = model
        self._schema = response_schema(self.task)
        examples = [Example(**example) for example in config["examples"]]
        self._prompt: CompiledPrompt = compile_prompt(config["system"], config["user"], examples, self.task)

    def messages(self, item: Item) -> list[Message]:
        return self._prompt.render(item)

    async def ask(self, item: Item) -> Answered | Failure:
        """The answer to one item; asks again only where the host refuses the manner of asking, never to retry."""
        messages = self.messages(item)
        while True:
            manner = self.manner
            outcome = await self._client.ask(chat_body(self._model, messages, self._schema, manner))
            if isinstance(outcome, Reply):
                return self._answered(outcome)
            humbler = after_refusal(manner, outcome)
            if humbler is None:
                return outcome
            if self.manner == manner:
                self.manner = humbler

    def _answered(self, reply: Reply) -> Answered:
        parsed = parse_answer(self.task, reply.content, reply.finish_reason, reply.refusal)
        confidence = label_confidence(reply, parsed.label) if parsed.kind is AnswerKind.LABEL else None
        return Answered(reply, parsed, confidence)
