"""The pre-flight: what a request would teach, read and checked before anything is sent."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from core.errors import WorkbenchError
from core.finetune import (
    METHODS,
    Check,
    Level,
    Method,
    QuestionFacts,
    check_facts,
    check_joint,
    check_pairs,
    facts_of,
    facts_of_pairs,
    methods_of,
    test_unknown,
)
from core.finetune.checks import MIN_LINES
from core.finetune.facts import Facts
from core.hosts.profiles import EMBEDDED
from core.media import MediaStore
from core.model import Masking, QuestionKind, Split, Task
from core.plural import count
from core.prompts.masking import Masker
from core.services.asking.writing import WRITES_NOTHING, writes_nothing
from core.services.common.asked import not_asked, where_in_words
from core.services.learning.joint_training import joint_training_set
from core.services.learning.lineage import Start, check_start, start_of
from core.services.learning.pair_set import PairSet, pair_set
from core.services.learning.pictures import media_checks
from core.services.learning.preflight import Preflight, TuneRequest
from core.services.learning.selection import in_words, known_of_test
from core.services.learning.taught_version import taught_at_once
from core.services.learning.training_set import TrainingSet, training_set
from core.storage import items, tasks
from core.storage.engine import Connection
from core.tasks import TASKS
from core.text import known

SEEN_BY_THE_EMBEDDED_HOST = (QuestionKind.SINGLE_LABEL, QuestionKind.SEVERAL_LABELS, QuestionKind.RATING)
_NEEDS = "A host that can learn it"
_NO_PAIRS = "The embedded host writes no texts, so preference pairs teach it nothing."


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
            subset=request.subset,
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
        *test_unknown(*known_of_test(conn, request.project_id, training.train.item_ids, training.version.examples)),
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
