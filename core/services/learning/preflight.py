"""What a fine-tune would teach, and the pre-flight of exactly that."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, BinaryIO

from core.content import text_of
from core.errors import WorkbenchError
from core.finetune import (
    EXAMPLE_FORMS,
    METHODS,
    PAIR_FORMS,
    Check,
    Level,
    LineForm,
    Method,
    PreferenceExample,
    QuestionFacts,
    TrainingExample,
    check_facts,
    check_joint,
    check_pairs,
    each_line,
    facts_of,
    facts_of_pairs,
    methods_of,
    test_unknown,
    written_line,
    written_lines,
)
from core.finetune.checks import MIN_LINES
from core.finetune.facts import Facts
from core.finetune.subset import Subset
from core.hosts.prices import MILLION
from core.hosts.profiles import EMBEDDED
from core.media import MediaStore
from core.model import Masking, QuestionKind, Split, Task
from core.plural import count
from core.prompts.masking import Masker
from core.services.asking.frozen import frozen_config
from core.services.asking.wording import words_of
from core.services.asking.writing import WRITES_NOTHING, writes_nothing
from core.services.common.asked import not_asked, where_in_words
from core.services.learning.joint_training import joint_training_set
from core.services.learning.lineage import Start, check_start, start_of
from core.services.learning.pair_set import PairSet, pair_set
from core.services.learning.pictures import media_checks
from core.services.learning.selection import EVERYTHING, Selection, in_words, known_of_test
from core.services.learning.taught_version import taught_at_once
from core.services.learning.training_set import TrainingSet, training_set
from core.storage import items, tasks
from core.storage.engine import Connection
from core.tasks import TASKS
from core.text import known

SEEN_BY_THE_EMBEDDED_HOST = (QuestionKind.SINGLE_LABEL, QuestionKind.SEVERAL_LABELS, QuestionKind.RATING)
UPLOADED = "openai"
_NEEDS = "A host that can learn it"
_NO_PAIRS = "The embedded host writes no texts, so preference pairs teach it nothing."


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


def preflight_of(
    conn: Connection, request: TuneRequest, masker: Masker, media: MediaStore | None, *, host: str = ""
) -> Preflight:
    """Reads what the request would teach, and checks it for this host, where one is named."""
    known(request.method, METHODS, "method of a fine-tune")
    start = start_of(conn, request.project_id, request.base_model)
    seen = start.known if start else frozenset()
    whom = (conn, request.project_id, request.annotator_id, request.version_id)
    if request.method == Method.DPO:
        _refuse_unless_paired(tasks.task(conn, request.project_id))
        pairs = pair_set(
            *whom,
            with_validation=request.with_validation,
            against=request.against,
            selection=request.selection,
            masker=masker,
            media=media,
            known=seen,
        )
        about = _about_items(conn, request, pairs)
        return _from(conn, request, start, host, _of_pairs(pairs, request.masking, host, about))
    _, together = taught_at_once(conn, request.version_id)
    made = training_set if together is None else partial(joint_training_set, together=together)
    training = made(
        *whom,
        with_validation=request.with_validation,
        with_fallback=request.with_fallback,
        selection=request.selection,
        masker=masker,
        media=media,
        known=seen,
        subset=request.subset,
    )
    about = _about_items(conn, request, training)
    return _from(conn, request, start, host, _of_examples(training, request.masking, host, about))


def _from(conn: Connection, request: TuneRequest, start: Start | None, host: str, found: Preflight) -> Preflight:
    """With what is to be said of the tuned model it starts from, where it does."""
    if start is None:
        return found
    counted = [found.per_label, *found.per_question.values()]
    labels = [name for one in counted for name, number in one.items() if number]
    return replace(found, checks=(*check_start(conn, request.project_id, start, labels, host), *found.checks))


def _about_items(conn: Connection, request: TuneRequest, training: TrainingSet | PairSet) -> tuple[Check, ...]:
    """Which items are taught and which are not, and what that leaves to measure on."""
    return (
        *_asked(conn, request),
        *_selected(training),
        *test_unknown(*known_of_test(conn, request.project_id, training.texts)),
    )


def _selected(training: TrainingSet | PairSet) -> tuple[Check, ...]:
    lines = len(training.train)
    told = in_words(training.unchosen, lines, training.chosen if isinstance(training, TrainingSet) else lines)
    return (Check(Level.OK, "Only what you chose", told),) if told else ()


def _refuse_unless_paired(task: Task) -> None:
    if Method.DPO not in methods_of(task.type):
        raise WorkbenchError(
            "Answers to this question make no preference pairs.",
            "Teach examples; pairs come from preferences, rankings and free text.",
        )


def _of_examples(training: TrainingSet, masking: Masking, host: str, asked: tuple[Check, ...]) -> Preflight:
    train = facts_of(training.train.alike())
    validation = facts_of(training.validation.alike(), train)
    taught, questions = train.labels, training.questions
    return Preflight(
        training=training,
        checks=(
            *(_can_learn_all(host, questions) if questions else _can_learn(host, training.task)),
            *(
                check_joint(train, validation, questions)
                if questions
                else check_facts(train, validation, training.task, training.fallbacks)
            ),
            *_can_see(host, training, train),
            *media_checks((train, validation), training.media),
            *asked,
            *_masked(training, masking),
        ),
        per_label={} if questions else {label.name: taught[label.name] for label in training.labels},
        tokens=train.tokens,
        lengths=tuple(sorted(train.lengths.items())),
    )


def _of_pairs(pairs: PairSet, masking: Masking, host: str, asked: tuple[Check, ...]) -> Preflight:
    train = facts_of_pairs(pairs.train)
    validation = facts_of_pairs(pairs.validation, train)
    return Preflight(
        training=pairs,
        checks=(
            *([Check(Level.BLOCKER, _NEEDS, _NO_PAIRS, _other_way(pairs.task))] if host == EMBEDDED.key else []),
            *check_pairs(train, validation, pairs.left_out, pairs.as_asked),
            *media_checks((train, validation), pairs.media),
            *asked,
            *_masked(pairs, masking),
        ),
        per_label={},
        tokens=train.tokens,
        lengths=tuple(sorted(train.lengths.items())),
    )


def _other_way(task: Task) -> str:
    if TASKS[task.type].writes:
        return "Choose another host."
    return "Choose another host, or teach it to judge by examples."


def _can_learn(host: str, task: Task) -> tuple[Check, ...]:
    if not writes_nothing(host, task):
        return ()
    return (Check(Level.BLOCKER, _NEEDS, WRITES_NOTHING, "Choose another host."),)


def _can_learn_all(host: str, questions: Sequence[QuestionFacts]) -> tuple[Check, ...]:
    """The same of several questions at once, each with enough answers: the embedded host trains a head for each."""
    writes = [one.title for one in questions if writes_nothing(host, one.task)]
    few = [one.title for one in questions if one.train.total() < MIN_LINES] if host == EMBEDDED.key else []
    found = []
    if writes:
        todo = f"Choose another host, or a prompt that does not ask “{writes[0]}”."
        found.append(Check(Level.BLOCKER, f"{writes[0]}: {_NEEDS}", WRITES_NOTHING, todo))
    if few and few != writes:
        finding = f"The embedded host needs {MIN_LINES} answers to each question."
        found.append(Check(Level.BLOCKER, f"{few[0]}: Enough answers", finding, "Answer it on more train items."))
    return tuple(found)


def _can_see(host: str, training: TrainingSet, train: Facts) -> tuple[Check, ...]:
    is_seen = training.task.type in SEEN_BY_THE_EMBEDDED_HOST and not training.questions
    if host != EMBEDDED.key or not train.shown or is_seen:
        return ()
    text = "From pictures the embedded host learns labels, sets of labels and levels, one question at a time."
    return (Check(Level.BLOCKER, _NEEDS, text, "Choose another host."),)


def _asked(conn: Connection, request: TuneRequest) -> tuple[Check, ...]:
    """Where the question is asked, if not of every item, and how many answers are not taught because of it."""
    where = where_in_words(conn, request.project_id)
    if not where:
        return ()
    kept = not_asked(conn, [request.annotator_id])
    left = sum(len(items.within(conn, kept, split)) for split in (Split.TRAIN, Split.VALIDATION))
    finding = f"The question is asked {where}"
    finding += f"; {count(left, 'answer')} from before {'is' if left == 1 else 'are'} left out." if left else "."
    return (Check(Level.OK, "Only items that are asked", finding),)


def _masked(training: TrainingSet | PairSet, masking: Masking) -> tuple[Check, ...]:
    if not masking:
        return ()
    n, total = training.masked, len(training.train) + len(training.validation)
    finding = f"In {n:,} of {count(total, 'example')} some text is masked, as it will be when the tuned model is asked."
    return (Check(Level.OK, "Masked before sending", finding),)
