"""The training set of a prompt that asks all questions at once: one line an item, with the one answer to all."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.finetune import QuestionFacts
from core.finetune.subset import Subset, dealt
from core.media import MediaStore
from core.model import Masking, Said, Split
from core.prompts.masking import Masker
from core.services.asking.at_once import AtOnce
from core.services.asking.compiling import compiled
from core.services.asking.frozen import asked_of
from core.services.asking.shown import shows_in
from core.services.common.lookup import project_of
from core.services.learning.joint_set import Asked, JointSplit, asked_at_once, joint_split
from core.services.learning.selection import EVERYTHING, Selection, keeps, refuse_to_balance
from core.services.learning.taught_version import taught_at_once
from core.services.learning.training_set import Row, Taught, TrainingSet, sent_row
from core.storage import tasks
from core.storage.engine import Connection
from core.tasks import TASKS
from core.tasks.together import answer

_NO_LINES = JointSplit([], {})
_NOT_BALANCED = "Labels cannot be balanced where a line answers several questions: what helps one would harm another."


def joint_training_set(
    conn: Connection,
    project_id: int,
    annotator_id: int,
    prompt_version_id: int,
    *,
    together: AtOnce,
    with_validation: bool,
    with_fallback: bool = True,
    selection: Selection = EVERYTHING,
    masker: Masker | None = None,
    media: MediaStore | None = None,
    known: frozenset[int] = frozenset(),
    subset: Subset | None = None,
) -> TrainingSet:
    """Every train (and validation) item of which all questions that are asked are answered, see `joint_set`, and that
    the selection does not leave out, by what is said to the own question; without `with_fallback` none that answers a
    fallback; with a `subset` only that part of the train items. A validation item is left out that has a label no train
    item has, or is `known` to the model it starts from.

    Test items cannot get in: they are never read here. With a `masker` the texts are those its host will be sent.
    """
    version, _ = taught_at_once(conn, prompt_version_id)
    layout, masker = project_of(conn, project_id).layout, masker or Masker(Masking(), b"")
    asked, shown = asked_at_once(conn, annotator_id, together), [example.item_id for example in version.examples]
    refuse_to_balance(selection, _NOT_BALANCED)
    is_kept = keeps(conn, project_id, annotator_id, selection)
    every, unchosen = _chosen(joint_split(conn, asked, Split.TRAIN, shown), is_kept)
    train = every if with_fallback else every.where(_without_fallbacks(asked))
    if subset is not None:
        train = _part(train, asked, subset)
    unseen = [*shown, *known]
    validation = joint_split(conn, asked, Split.VALIDATION, unseen) if with_validation and train.rows else _NO_LINES
    validation, also_unchosen = _chosen(validation.where(_like(asked, train)), is_kept)

    shows = shows_in(layout, version.system, version.user)
    task = asked_of(tasks.task(conn, project_id), version)
    examples = tuple(masker.example(one, writes=TASKS[task.type].writes) for one in version.examples)
    at_once = together.masked(masker, version.examples)
    prompt = compiled(version.system, version.user, examples, task, shows, at_once)
    sent = [[sent_row(row, masker) if masker else row for row in split.rows] for split in (train, validation)]
    both = [*zip(train.rows, sent[0], strict=True), *zip(validation.rows, sent[1], strict=True)]
    says = _without_fallbacks(asked)
    return TrainingSet(
        task=task,
        version=version,
        train=Taught(Split.TRAIN, prompt, _taught(asked, train, masker), sent[0]),
        validation=Taught(Split.VALIDATION, prompt, _taught(asked, validation, masker), sent[1]),
        masked=sum(new is not old for old, new in both),
        fallbacks=sum(not says(every.answered[row[0]]) for row in every.rows),
        with_fallback=with_fallback,
        texts=[*(row[1] for row in train.rows), *(example.text for example in version.examples)],
        layout=layout,
        unchosen=unchosen + also_unchosen,
        chosen=len(train.rows),
        media=media,
        together=together,
        questions=[_facts(one, train, validation, every) for one in asked],
    )


def _chosen(lines: JointSplit, is_kept: Callable[[int], bool] | None) -> tuple[JointSplit, int]:
    """The lines that are kept, and how many are not."""
    if is_kept is None:
        return lines, 0
    rows = [row for row in lines.rows if is_kept(row[0])]
    return replace(lines, rows=rows), len(lines.rows) - len(rows)


def _part(lines: JointSplit, asked: Sequence[Asked], subset: Subset) -> JointSplit:
    """So many of the lines; of each label of each question about its share, as far as one deal can keep to all."""

    def labels(row: Row) -> tuple[str, ...]:
        said = lines.answered[row[0]]
        by_key = {one.part.key: one for one in asked}
        return tuple(f"{key}: {name}" for key, one in said.items() for name in by_key[key].labels(one))

    return replace(lines, rows=dealt(lines.rows, subset, lambda row: row[0], labels))


def _without_fallbacks(asked: Sequence[Asked]) -> Callable[[dict[str, Said]], bool]:
    """Whether a line answers none of its questions with a fallback."""
    return lambda answered: not any(one.says_fallback(answered) for one in asked)


def _like(asked: Sequence[Asked], train: JointSplit) -> Callable[[dict[str, Said]], bool]:
    """Whether all labels of a line are taught by the train lines, each for its question."""
    taught = {
        one.part.key: {name for _, said in train.said_to(one.part.key) for name in one.labels(said)} for one in asked
    }
    by_key = {one.part.key: one for one in asked}
    return lambda answered: all(taught[key].issuperset(by_key[key].labels(said)) for key, said in answered.items())


def _taught(asked: Sequence[Asked], lines: JointSplit, masker: Masker) -> Callable[[Row], tuple[tuple[str, ...], str]]:
    """The answer of a line, about its text as it is sent."""
    parts = [one.part for one in asked]
    writes = {part.key: TASKS[part.task.type].writes for part in parts}
    texts = {row[0]: row[1] for row in lines.rows}

    def of_row(row: Row) -> tuple[tuple[str, ...], str]:
        text, answered = texts[row[0]], lines.answered[row[0]]
        own = {key: masker.said(said, text, writes=writes[key]) for key, said in answered.items()}
        return (), answer(parts, own, row[1])

    return of_row


def _facts(one: Asked, train: JointSplit, validation: JointSplit, every: JointSplit) -> QuestionFacts:
    key, task = one.part.key, one.part.as_json()
    kind = TASKS[task.type]

    def answers(split: JointSplit) -> Counter[tuple[tuple[str, ...], str]]:
        return Counter((one.labels(said), kind.answer(task, said, row[1])) for row, said in split.said_to(key))

    return QuestionFacts(
        title=one.part.title,
        task=task,
        teacher=one.teacher.name if one.teacher else "",
        train=answers(train),
        validation=answers(validation),
        lacking=every.lacking[key],
        fallbacks=every.fallbacks[key],
        where=one.where,
    )
