"""What a fine-tune is asked to teach, and what comes of looking at it before anything is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from core.content import text_of
from core.errors import WorkbenchError
from core.finetune import (
    EXAMPLE_FORMS,
    PAIR_FORMS,
    Check,
    Level,
    LineForm,
    Method,
    PreferenceExample,
    TrainingExample,
    each_line,
    written_line,
    written_lines,
)
from core.finetune.subset import Subset
from core.hosts.prices import MILLION
from core.model import Masking
from core.services.asking.frozen import frozen_config
from core.services.asking.wording import words_of
from core.services.learning.pair_set import PairSet
from core.services.learning.selection import EVERYTHING, Selection
from core.services.learning.training_set import TrainingSet
from core.text import known

UPLOADED = "openai"


@dataclass(frozen=True)
class TuneRequest:
    """What to teach: `annotator_id` is whom to learn from; the tuned model is asked with the same prompt version.

    `with_fallback`: it is taught to say the fallback, too, on items that were labelled so. `masking` is that of the
    host it goes to. `against` is whose texts are the worse ones of preference pairs of free text, None for all models.
    `same_as` is an earlier fine-tune whose files are sent as they are: then nothing else of this is looked at.
    """

    project_id: int
    annotator_id: int
    version_id: int
    with_validation: bool = True
    with_fallback: bool = True
    masking: Masking = Masking()
    host: str = ""
    """The key of the host it goes to; nothing while that is not chosen."""
    method: str = Method.SUPERVISED
    against: int | None = None
    base_model: str = ""
    """The model it starts from; nothing while that is not chosen."""
    selection: Selection = EVERYTHING
    subset: Subset | None = None
    """Only a part of the train items, as the trials of a learning curve learn from; None for all of them."""
    same_as: int | None = None


@dataclass(frozen=True)
class Preflight:
    """What would be sent, and what is to be said about it. `ready` where nothing blocks."""

    training: TrainingSet | PairSet
    checks: tuple[Check, ...]
    per_label: dict[str, int]
    tokens: int
    lengths: tuple[tuple[int, int], ...] = ()
    """`(tokens, how many training lines have as many)`, the shortest first."""

    @property
    def ready(self) -> bool:
        return all(check.level is not Level.BLOCKER for check in self.checks)

    @property
    def method(self) -> Method:
        return Method.DPO if isinstance(self.training, PairSet) else Method.SUPERVISED

    @property
    def per_question(self) -> dict[str, dict[str, int]]:
        """In how many lines each label of each question is taught, where a line answers several."""
        questions = self.training.questions if isinstance(self.training, TrainingSet) else ()
        return {one.title: one.per_label for one in questions}

    @property
    def asked(self) -> dict[str, Any]:
        """In which words its lines ask, as a configuration keeps them."""
        made = self.training
        asked = frozen_config(made.task, made.version, made.layout)
        if isinstance(made, TrainingSet) and made.together:
            asked |= made.together.frozen()
        return words_of(asked)

    @property
    def _train(self) -> Sequence[Any]:
        return self.training.train

    @property
    def forms(self) -> dict[str, LineForm[Any]]:
        """How its lines can be written, the form that is uploaded first."""
        forms: Mapping[str, LineForm[Any]] = PAIR_FORMS if self.method is Method.DPO else EXAMPLE_FORMS
        return {key: form for key, form in forms.items() if form.has_pictures or not self.shows_files}

    @property
    def shows_files(self) -> bool:
        """Whether its examples show pictures or sound."""
        return any(not isinstance(one.content, str) for first in self._train[:1] for one in first.messages)

    def raise_if_blocked(self) -> None:
        """Raises `WorkbenchError` with the first blocker."""
        for check in self.checks:
            if check.level is Level.BLOCKER:
                raise WorkbenchError(f"{check.title}: {check.finding}", check.todo)

    def dollars(self, price: float | None, epochs: int = 1) -> float | None:
        """What teaching so many epochs costs, by the price of a million tokens; None where that is unknown."""
        return None if price is None else self.tokens * epochs * price / MILLION

    def jsonl(self, form: str = UPLOADED) -> str:
        """The training file, its lines in one of `forms`."""
        return written_lines(self._train, self._form(form), self.training.read)

    def validation_jsonl(self, form: str = UPLOADED) -> str:
        return written_lines(self.training.validation, self._form(form), self.training.read)

    def write(
        self,
        out: BinaryIO,
        form: str = UPLOADED,
        *,
        validation: bool = False,
        progress: Callable[[float], None] = lambda share: None,
    ) -> None:
        """The same line by line: with its pictures a file may be larger than memory."""
        examples: Sequence[Any] = self.training.validation if validation else self._train
        for n, line in enumerate(each_line(examples, self._form(form), self.training.read), start=1):
            out.write(line.encode())
            progress(n / len(examples))

    def sample(self, n: int = 3, form: str = UPLOADED) -> list[str]:
        """The first `n` lines of it, pictures by their references."""
        return [written_line(one, self._form(form)) for one in self._train[:n]]

    def seen(self, n: int = 10) -> list[tuple[tuple[str, str], ...]]:
        """`(who speaks, what is said)` of `n` training lines, spread over all of them, as the model learns from them:
        the answer comes last; of a pair the better text, then the worse."""
        step = max(1, len(self._train) // n)
        return [_turns(self._train[place]) for place in range(0, len(self._train), step)][:n]

    def _form(self, key: str) -> LineForm[Any]:
        return known(key, self.forms, "form of training lines")


def _turns(one: TrainingExample | PreferenceExample) -> tuple[tuple[str, str], ...]:
    asked = tuple((message.role, text_of(message.content)) for message in one.messages)
    if isinstance(one, PreferenceExample):
        return (*asked, ("preferred", one.preferred), ("not preferred", one.rejected))
    return (*asked, ("assistant", one.answer))
