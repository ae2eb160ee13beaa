"""The pre-flight of lines that answer several questions: what each question is taught, and then the lines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.finetune.checks import (
    MIN_LINES,
    Check,
    Level,
    clean,
    enough,
    leakage,
    of_kind,
    same_question,
    size,
    test_untouched,
)
from core.finetune.facts import Facts
from core.model import Task
from core.plural import count

Answers = Counter[tuple[tuple[str, ...], str]]
MOST_LOST = 0.1


@dataclass(frozen=True)
class QuestionFacts:
    """What is taught of one question: its answers as `Facts` counts them, in train and validation. `lacking` are the
    train items left out since its answer is missing, `fallbacks` those that answer it with the fallback; `teacher` is
    whose answers they are, "" for nobody's, `where` of which items it is asked, "" for all."""

    title: str
    task: Task
    teacher: str
    train: Answers
    validation: Answers
    lacking: int = 0
    fallbacks: int = 0
    where: str = ""

    @property
    def per_label(self) -> dict[str, int]:
        """In how many train lines each label is taught, in the task's order."""
        taught = Facts(answers=self.train).labels
        return {
            label.name: taught[label.name] for label in self.task.choices if taught[label.name] or not label.is_fallback
        }


def check_joint(train: Facts, validation: Facts, questions: Sequence[QuestionFacts]) -> tuple[Check, ...]:
    """All checks, in the order of the screen; those of one question begin with its title."""
    lacking = sum(one.lacking for one in questions)
    todo = "Answer every question on more train items." if lacking else "Label more train items."
    return (
        enough(train.lines, todo),
        *(replace(check, title=f"{one.title}: {check.title}") for one in questions for check in _of_question(one)),
        test_untouched(train.of_test + validation.of_test),
        leakage(validation.repeats),
        same_question(train.shapes | validation.shapes, train.heads | validation.heads),
        clean([*train.reserved, *validation.reserved]),
        size(train),
    )


def _of_question(one: QuestionFacts) -> tuple[Check, ...]:
    if not one.teacher:
        return (Check(Level.BLOCKER, "Answers", "Nobody to learn it from.", "Choose a reference for that question."),)
    found = _answered(one)
    if not one.train:
        return (found,)
    return found, *of_kind(Facts(answers=one.train), Facts(answers=one.validation), one.task, one.fallbacks)


def _answered(one: QuestionFacts) -> Check:
    """How many lines answer it, and how many items are left out since they do not."""
    title, lines = "Answers", one.train.total()
    by = f"{count(lines, 'line')} by {one.teacher}"
    finding = f"{by}, {one.where}." if one.where else f"{by}."
    if one.lacking:
        items = count(one.lacking, "train item")
        finding += f" {items} without its answer {'is' if one.lacking == 1 else 'are'} left out."
    if not lines:
        return Check(Level.BLOCKER, title, finding, "Answer it on train items that have the other answers.")
    if lines < MIN_LINES:
        return Check(Level.WARNING, title, finding, "Little is learned from so few: answer it on more train items.")
    if one.lacking > MOST_LOST * (lines + one.lacking):
        return Check(Level.WARNING, title, finding, "Answer it there, or teach the questions one by one.")
    return Check(Level.OK, title, finding)
