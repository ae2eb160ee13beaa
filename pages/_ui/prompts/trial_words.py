"""A trial in words: what the model said, whether that is right, and what it took."""

from collections.abc import Sequence

from core.model import AnswerKind, Message, QuestionKind, Said, Task
from core.services.common.orders import TURNED
from core.services.prompts.trying import Trial
from pages._ui.runs.words import colored, seconds_or_ms
from pages._ui.words.confidence import source_in_words
from pages._ui.words.figures import number
from pages._ui.words.text import plain


def beside_reference(task: Task, trial: Trial, reference: str) -> str:
    """What the model says, whether that is what the reference says, and why where it is unclear. Markdown."""
    truth = f"{plain(reference)} says {_label(task, trial, trial.reference)}" if trial.reference is not None else ""
    if trial.answered is None:
        said = trial.failure.message if trial.failure else "no answer came"
        return " · ".join(part for part in (f":red[:material/error: {plain(said, 300)}]", truth) if part)
    parsed = trial.answered.parsed
    label = _label(task, trial, parsed.said)
    why = f" :orange[{plain(parsed.reason, 200)}]" if parsed.kind is not AnswerKind.LABEL else ""
    if trial.reference is None:
        return f"{label}{why} · no reference label"
    if trial.agrees:
        return f"{label} :green[:material/check: as {plain(reference)}]{why}"
    return f"{label} :red[:material/close:]{why} {truth}"


def sent_in(task: Task, trial: Trial) -> list[tuple[str, Sequence[Message]]]:
    """What was sent, by the order in which it shows candidates or levels, "" where that is simply as given."""
    if trial.turned:
        return [("As given", trial.messages), ("Candidates swapped", trial.turned)]
    return [(order_in_words(task, trial), trial.messages)]


def order_in_words(task: Task, trial: Trial) -> str:
    """In which order candidates or levels were shown; "" where that is simply as given."""
    shown = trial.answered.parsed.shown if trial.answered else ""
    if trial.turned or not shown:
        return "Asked in both orders" if trial.turned else ""
    if task.type is QuestionKind.RATING:
        return f"Levels listed as {', '.join(task.labels[int(place)].name for place in shown.split(','))}"
    return "Candidates swapped" if shown == TURNED else "Candidates as given"


def facts(task: Task, trial: Trial) -> str:
    """The order shown, confidence with its source, time and tokens, as the title of what was sent and what came.
    Markdown."""
    order = order_in_words(task, trial)
    told = [*(["masked"] if trial.is_masked else []), *([order[0].lower() + order[1:]] if order else [])]
    if trial.answered is None:
        return plain(" · ".join([*told, "messages"]))
    reply, answered = trial.answered.reply, trial.answered
    if answered.confidence is not None:
        confidence = number(answered.confidence)
        source = source_in_words(answered.confidence_source, sum(trial.votes.values()))
        told.append(f"{confidence} ({source})" if source else f"confidence {confidence}")
    cached = f", {reply.cached_tokens:,} cached" if reply.cached_tokens else ""
    told.append(seconds_or_ms(reply.seconds))
    told.append(f"{reply.prompt_tokens + reply.completion_tokens:,} tokens{cached}")
    return plain(" · ".join([*told, "messages"]))


def _label(task: Task, trial: Trial, said: Said) -> str:
    color = next((label.color for label in task.choices if label.name == said), "")
    return f"{colored('■', color)} **{plain(trial.in_words(said), 300)}**"


def raw_answer(trial: Trial) -> str:
    """What the host sent, as it was."""
    if trial.answered is None:
        return (trial.failure.raw or trial.failure.message) if trial.failure else ""
    return trial.answered.reply.raw or "(empty)"
