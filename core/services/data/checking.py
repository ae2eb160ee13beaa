"""What stands in the way of an import, before anything is stored."""

from collections.abc import Iterable
from dataclasses import replace

from core.conversation import lacks_all_roles, without_roles
from core.importers import Asked, Check, check_rows, verdicts
from core.media import is_reference
from core.model import FieldShow, Problem, QuestionKind, TableData
from core.services.data.answers import Answers, read_answers
from core.services.data.choice import ImportChoice
from core.services.data.ranked import problems_of_candidates
from core.services.media.proposing import shown_as
from core.spelling import fold, variants
from core.tasks import MAX_LABELS

_ON_A_SCALE = (QuestionKind.RATING, QuestionKind.PREFERENCE)
_LONGEST_LABEL = 200
_CONVERSATIONS_SEEN = 1_000


def check(table: TableData, choice: ImportChoice) -> Check:
    """What stands in the way of importing this table so; see `core.importers.check_rows`."""
    if choice.kind in _ON_A_SCALE:
        table = replace(table, has_types=False)  # numbers are what such answers are expected to be
    found = check_rows(
        table,
        choice.text_columns,
        choice.label_columns,
        choice.id_column,
        choice.annotator_column,
        skip_empty=choice.skip_empty,
        first_row=choice.first_row,
        told_by=choice.candidates,
        has_names=choice.holds_names,
    )
    if not choice.holds_names:
        found = _with_answers(found, read_answers(table, choice, found.skipped))
    if choice.kind is QuestionKind.RANKING:
        problems = problems_of_candidates(table, choice, found.skipped)
        found = replace(found, problems=(*problems, *found.problems))
    if choice.kind is QuestionKind.PREFERENCE:
        found = _with_outcomes(found, choice)
    found = replace(found, hints=(*found.hints, *_without_roles(table, choice)))
    found = replace(found, problems=(*_joined_files(table, choice), *found.problems))
    plain = [spelling for spelling in found.label_counts if spelling not in found.asked]
    return replace(found, problems=(*found.problems, *_too_many_labels(plain, choice)))


def _with_answers(found: Check, answers: Answers) -> Check:
    counts = dict(answers.counts.most_common())
    return replace(
        found,
        problems=(*found.problems, *answers.problems, *_too_long(counts)),
        hints=(*found.hints, *answers.hints),
        label_counts=counts,
        label_variants=variants(counts),
        said=answers.said,
        empties=answers.empties,
        misfits=answers.misfits,
        may_overlap=answers.may_overlap,
    )


def _with_outcomes(found: Check, choice: ImportChoice) -> Check:
    """Words for verdicts become the outcomes of the task; which did is said."""
    problems = list(found.problems)
    if len(choice.candidates) != 2:
        text = "A preference compares two columns."
        problems.append(Problem(text, hint="Choose the two columns that contain the candidates."))
    known = verdicts(list(found.label_counts))
    meant = {word: outcome for word, outcome in known.items() if word != outcome}
    said = ", ".join(f"“{word}” counts as “{outcome}”" for word, outcome in meant.items())
    hints = (*found.hints, Problem(f"{said}.")) if said else found.hints
    asked = {word: one for word, one in found.asked.items() if word not in meant}
    if known:
        asked |= {word: Asked("no verdict on the two", "") for word in found.label_counts if word not in known}
    return replace(found, problems=tuple(problems), hints=hints, meant=meant, asked=asked)


def _without_roles(table: TableData, choice: ImportChoice) -> list[Problem]:
    """The first message that does not say whose it is, of each column of conversations."""
    found = []
    for place, name in enumerate(table.columns):
        seen = table.rows[:_CONVERSATIONS_SEEN]
        mute = next((number for number, one in enumerate(seen, choice.first_row) if lacks_all_roles(one[place])), None)
        if mute is not None and name in choice.text_columns:
            text = f"In “{name}” no message of row {mute:,} has a role; it is shown as JSON, and not as a conversation."
            found.append(Problem(text, mute, name, "Add “role” to its messages to tell who speaks."))
        if shown_as([row[place] for row in seen]) is not FieldShow.CONVERSATION:
            continue
        row = next((number for number, one in enumerate(seen, choice.first_row) if without_roles(one[place])), None)
        if row is not None:
            text = f"In “{name}” a message of row {row:,} has no role; it is shown without a heading."
            found.append(Problem(text, row, name, "Add “role” to its messages to tell who speaks."))
    return found


def _joined_files(table: TableData, choice: ImportChoice) -> list[Problem]:
    """A file and a text are no longer text."""
    if len(choice.text_columns) < 2:
        return []
    for name in choice.text_columns:
        place = table.columns.index(name)
        if any(is_reference(row[place]) for row in table.rows):
            beside = " and ".join(f"“{one}”" for one in choice.text_columns if one != name)
            text = f"“{name}” contains files, which cannot be joined with {beside} into one text."
            return [Problem(text, None, name, "Choose one of them: the others stay beside it as fields.")]
    return []


def _too_long(names: Iterable[str]) -> list[Problem]:
    long = next((name for name in names if len(name) > _LONGEST_LABEL), None)
    text = f"A label has more than {_LONGEST_LABEL} characters: “{(long or '')[:60]}…”."
    return [Problem(text, hint="Choose another label column, or import without one.")] if long else []


def _too_many_labels(spellings: Iterable[str], choice: ImportChoice) -> list[Problem]:
    """Of one column of names the rows were checked for that."""
    distinct = len(set(map(fold, spellings)))
    if distinct <= MAX_LABELS or (choice.holds_names and len(choice.label_columns) < 2):
        return []
    text = f"The label columns have {distinct:,} different labels in total; the limit is {MAX_LABELS}."
    return [Problem(text, hint="Choose fewer label columns.")]
