"""Prompt versions: drafts, saving, differences, and trying one on a few items."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from core.errors import WorkbenchError
from core.finetune.dataset import TrainingExample, estimate_tokens
from core.model import Example, FieldShow, Item, Message, PromptVersion, Said, Split
from core.prompts import (
    Change,
    CompiledPrompt,
    TemplateProblem,
    check_template,
    diff_pieces,
    diff_words,
    known_variables,
    variables_in,
)
from core.prompts.talk import MESSAGES, is_messages
from core.services.asking.at_once import at_once, parts_of, tasks_asked, with_answers_beside
from core.services.asking.compiling import compiled
from core.services.asking.frozen import asked_of, frozen_config, host_config
from core.services.asking.orders import Order, in_order
from core.services.asking.requests import SEVERAL_TEMPERATURE
from core.services.asking.shown import shows_in
from core.services.asking.standing import with_present_labels
from core.services.asking.writing import refuse_unless_it_writes
from core.services.common.asked import by_reference, not_asked
from core.services.common.door import door
from core.services.common.lookup import ensure_searchable, project_of, version_of
from core.services.common.stamps import stamp
from core.services.common.values import Sayings, all_present, kind_of
from core.services.hosts.connections import Hosts
from core.services.prompts.proposing import proposal, proposal_at_once
from core.services.prompts.results import KnownResult, known_results
from core.services.prompts.trying import Trial, TrialRequest, carry_out
from core.storage import annotations, items, prompt_versions, review, tasks, values
from core.storage.engine import Connection, Database
from core.storage.kept import until_news
from core.storage.review import QueueFilter
from core.tasks import TASKS
from core.tasks.together import VARIABLE, of_item

MAX_EXAMPLES = 64
_SEARCHED = 500
_SAMPLE = 20
_TRY_THERE = "Try them on validation or train items."


@door
class Prompting:
    def __init__(self, db: Database, hosts: Hosts) -> None:
        self._db, self._hosts = db, hosts

    def versions(self, project_id: int) -> list[PromptVersion]:
        """Newest first."""
        with self._db.read() as conn:
            return prompt_versions.versions(conn, project_id)

    def proposal(self, project_id: int) -> tuple[str, str]:
        """System and user message of a first prompt, with the pictures and sound that the items show. Where a text is
        to be written and all conversations wait for an answer, they are messages: what is written is that answer.
        """
        with self._db.read() as conn:
            return proposal(conn, project_id)

    def proposal_at_once(self, project_id: int) -> tuple[str, str] | None:
        """The same of a prompt that asks all questions about the items at once; None where there is one alone."""
        with self._db.read() as conn:
            return proposal_at_once(conn, project_id)

    def items_by_id(self, item_ids: Sequence[int]) -> list[Item]:
        """The items that exist, in the order asked for."""
        with self._db.read() as conn:
            found = items.get_many(conn, item_ids)
        return [found[i] for i in item_ids if i in found]

    def get(self, version_id: int) -> PromptVersion:
        with self._db.read() as conn:
            return version_of(conn, version_id)

    def fields(self, project_id: int) -> list[str]:
        """The items' other columns, each usable as a variable."""
        with self._db.read() as conn:
            return items.field_names(conn, project_id)

    def check(self, project_id: int, system: str, user: str) -> list[TemplateProblem]:
        of_kind, of_item = self._of_kind(project_id, system, user)
        with self._db.read() as conn:
            shows = shows_in(project_of(conn, project_id).layout, system, user)
        return check_template(system, user, of_kind, self.fields(project_id), of_item, shows)

    def variables(self, project_id: int) -> tuple[str, ...]:
        """All that a prompt of the project can name; conversations as messages as well."""
        of_kind, of_item = self._of_kind(project_id)
        with self._db.read() as conn:
            layout = project_of(conn, project_id).layout
        talks = [one.name or "text" for one in layout if one.show is FieldShow.CONVERSATION]
        known = known_variables(of_kind, self.fields(project_id), of_item)
        return (*known, *(f"{MESSAGES}{name}" for name in talks if name in known))

    def _of_kind(self, project_id: int, *templates: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Those that are the same for every item, and those written for each."""
        with self._db.read() as conn:
            task, parts = tasks.task(conn, project_id), [part for _, part in parts_of(conn, project_id)]
        kind = TASKS[task.type]
        if len(parts) < 2:
            return tuple(kind.variables(task)), tuple(kind.of_item(task))
        at_once = VARIABLE in variables_in(*templates)
        return (*kind.variables(task), VARIABLE), tuple(of_item(parts) if at_once else kind.of_item(task))

    def save(
        self,
        project_id: int,
        system: str,
        user: str,
        note: str = "",
        example_items: Sequence[int] = (),
    ) -> PromptVersion:
        """A new version. Raises `WorkbenchError` for a template that could not be run, or the same as the newest."""
        blocking = [p for p in self.check(project_id, system, user) if p.blocks]
        if blocking:
            raise WorkbenchError(blocking[0].message, "Correct it, then save.")
        with self._db.write() as conn:
            examples = _examples(conn, project_id, example_items)
            if VARIABLE in variables_in(system, user):
                examples = with_answers_beside(conn, project_id, examples)
            newest = next(iter(prompt_versions.versions(conn, project_id)), None)
            if newest and (newest.system, newest.user, newest.examples) == (system, user, examples):
                raise WorkbenchError(f"This is the same as v{newest.number}.", "Change something, then save.")
            frozen = [asdict(example) for example in examples]
            answers = _way(conn, project_id, system, user)
            made = prompt_versions.add_version(conn, project_id, system, user, note.strip(), frozen, answers)
            return version_of(conn, made)

    def diff(self, older_id: int, newer_id: int) -> dict[str, list[Change]]:
        """Word by word for the system and the user message, item by item for the worked examples."""
        older, newer = self.get(older_id), self.get(newer_id)
        with self._db.read() as conn:
            words = kind_of(conn, older.project_id).words
        return {
            "system": diff_words(older.system, newer.system),
            "user": diff_words(older.user, newer.user),
            "examples": diff_pieces(_listed(older.examples, words), _listed(newer.examples, words)),
        }

    def example_candidates(
        self, project_id: int, reference_id: int, limit: int = 200, *, search: str = "", seed: int = 0
    ) -> list[tuple[Item, str]]:
        """Labelled train items that may be shown as worked examples: in a seeded order, or those a search finds."""
        if search.strip():
            ensure_searchable(self._db, project_id)
        with self._db.read() as conn:
            is_present, sayings = all_present(conn, project_id), Sayings(conn, project_id)
            if search.strip():
                where = items.ItemFilter(split=Split.TRAIN, search=search)
                ids = [item.id for item in items.page(conn, project_id, where, limit=_SEARCHED)]
            else:
                ids = _some_labelled(conn, project_id, reference_id, seed, limit)
            said = annotations.value_ids_of(conn, reference_id, ids)
            kept = not_asked(conn, [reference_id])
            chosen = [i for i in ids if i in said and i not in kept and is_present(said[i])][:limit]
            found, words = items.get_many(conn, chosen), kind_of(conn, project_id).words
            return [(found[i], words(sayings[said[i]], found[i].text)) for i in chosen]

    def as_examples(self, project_id: int, item_ids: Sequence[int]) -> list[tuple[Item, str | None]]:
        """Items chosen as worked examples with the reference's label, None where it has none; for showing them."""
        with self._db.read() as conn:
            found = items.get_many(conn, item_ids)
            truth = self._truth(conn, project_of(conn, project_id).reference_id, project_id, item_ids)
            words = kind_of(conn, project_id).words
            return [(found[i], words(truth[i], found[i].text) if i in truth else None) for i in item_ids if i in found]

    def tokens_per_item(self, draft: PromptVersion) -> int | None:
        """About how many tokens one call with it takes, from the first items; None where it cannot be rendered yet."""
        if any(problem.blocks for problem in self.check(draft.project_id, draft.system, draft.user)):
            return None
        with self._db.read() as conn:
            sample = items.page(conn, draft.project_id, items.ItemFilter(), limit=_SAMPLE)
            prompt = _compiled(conn, draft)
        if not sample:
            return None
        rendered = [TrainingExample(item.id, tuple(prompt.render(item)), "", (), None) for item in sample]
        return round(estimate_tokens(rendered) / len(sample))

    def preview(self, draft: PromptVersion) -> list[Message]:
        """What would be said about the first item, where the prompt shows its pictures or sound or sends a conversation
        as messages; else nothing."""
        if any(problem.blocks for problem in self.check(draft.project_id, draft.system, draft.user)):
            return []
        with self._db.read() as conn:
            shows = shows_in(project_of(conn, draft.project_id).layout, draft.system, draft.user)
            sample = items.page(conn, draft.project_id, items.ItemFilter(), limit=1)
            is_plain = not any(show.is_file for show in shows.values())
            if not sample or (is_plain and not any(map(is_messages, variables_in(draft.user)))):
                return []
            return _compiled(conn, draft).render(sample[0])

    def results_stamp(self, project_id: int) -> str:
        """Changes whenever `known_results` could: somebody says something new, items dealt anew, another reference."""
        with self._db.read() as conn:
            return f"{stamp(conn, project_id)} {project_of(conn, project_id).reference_id}"

    def draft(self, project_id: int, system: str, user: str, example_items: Sequence[int] = ()) -> PromptVersion:
        """A version that is not saved, for trying; its id and number are 0."""
        with self._db.read() as conn:
            examples, answers = _examples(conn, project_id, example_items), _way(conn, project_id, system, user)
            if VARIABLE in variables_in(system, user):
                examples = with_answers_beside(conn, project_id, examples)
        return PromptVersion(0, project_id, 0, system, user, "draft", datetime.now(UTC), examples, answers)

    def trial_items(
        self, project_id: int, *, split: Split | None = Split.VALIDATION, n: int = 5, seed: int = 0, search: str = ""
    ) -> list[Item]:
        """`n` random items of a split of which the question is asked, or the first that match a search. Never test, nor
        where no split is named: trying is looking."""
        if split is Split.TEST:
            raise WorkbenchError("Prompts cannot be tried on the test split.", _TRY_THERE)
        if search.strip():
            ensure_searchable(self._db, project_id)
        with self._db.read() as conn:
            if search.strip():
                where = items.ItemFilter(split=split, search=search, without_test=True)
                return items.page(conn, project_id, where, limit=n)
            among = QueueFilter(split=split, without_test=True, asked=by_reference(conn, project_id))
            ids = review.queue(conn, project_id, among, {}, uncertain_first=False, seed=seed)[:n]
            found = items.get_many(conn, ids)
            return [found[i] for i in ids]

    def try_on(
        self,
        version: PromptVersion,
        host: str,
        model: str,
        trial_items: Sequence[Item],
        *,
        repeats: int = 1,
        ask: str = "chat",
        order: Order = Order.GIVEN,
        timeout: float = 60.0,
        tell: Callable[[str], None] = lambda said: None,
    ) -> list[Trial]:
        """Ask the model about each item, exactly as a run would; nothing is stored. Failures are part of the result.

        Refused for now, a call waits as it is told, half a minute at most; `tell` hears of it ("" when it is over).

        `repeats` above 1 asks several times, at a temperature; `ask` "decisions" by the Decisions API; `order` in which
        candidates or levels are shown, in both orders each item twice as often. Raises
        `WorkbenchError` where the host cannot be reached, `NotAllowedYet` before the user allowed it.
        """
        with self._db.read() as conn:
            project = project_of(conn, version.project_id)
            version, together = at_once(conn, with_present_labels(conn, version))
            task = tasks.task(conn, version.project_id)
            ids = [item.id for item in trial_items]
            if items.within(conn, frozenset(ids), Split.TEST):
                raise WorkbenchError("Prompts cannot be tried on the test split.", _TRY_THERE)
            truth = self._truth(conn, project.reference_id, version.project_id, ids)
        blocking = [p for p in self.check(version.project_id, version.system, version.user) if p.blocks]
        if blocking:
            raise WorkbenchError(blocking[0].message)
        config = frozen_config(task, version, project.layout) | host_config(self._hosts.get(host))
        config |= together.frozen() if together else {}
        for one in tasks_asked(config):
            refuse_unless_it_writes(host, one)
        config = in_order(config, task, order)
        answers = repeats * (2 if order is Order.BOTH else 1)
        config |= {"repeats": answers, "ask": ask, "temperature": SEVERAL_TEMPERATURE if repeats > 1 else 0.0}
        wanted = TrialRequest(host, model, config, trial_items, truth, answers, timeout)
        return carry_out(self._db, self._hosts, wanted, tell)

    def known_results(self, project_id: int) -> list[KnownResult]:
        """What each version that was run scores on validation against the project's reference."""
        with self._db.read() as conn:
            return known_results(conn, project_id)[0]

    def results_in_words(self, project_id: int) -> list[str]:
        """Which of the known results is best, how far that is to be trusted, and what they leave out."""
        with self._db.read() as conn:
            return known_results(conn, project_id)[1]

    def _truth(self, conn: Connection, reference: int | None, project_id: int, ids: Sequence[int]) -> dict[int, Said]:
        if reference is None:
            return {}
        sayings = Sayings(conn, project_id).about(ids)
        return {item: sayings[value] for item, value in annotations.value_ids_of(conn, reference, ids).items()}


def _compiled(conn: Connection, draft: PromptVersion) -> CompiledPrompt:
    """The prompt as it would be sent now."""
    version, together = at_once(conn, with_present_labels(conn, draft))
    task, layout = tasks.task(conn, draft.project_id), project_of(conn, draft.project_id).layout
    shows = shows_in(layout, draft.system, draft.user)
    return compiled(draft.system, draft.user, version.examples, asked_of(task, draft), shows, together)


def _examples(conn: Connection, project_id: int, item_ids: Sequence[int]) -> tuple[Example, ...]:
    """Train items with the reference's label, frozen. Raises `WorkbenchError` for any other item."""
    if not item_ids:
        return ()
    if len(item_ids) > MAX_EXAMPLES:
        raise WorkbenchError(f"{len(item_ids)} examples are too many.", f"Choose at most {MAX_EXAMPLES}.")
    reference = project_of(conn, project_id).reference_id
    is_present, sayings = all_present(conn, project_id), Sayings(conn, project_id)
    question = values.question_of(conn, project_id)
    said = annotations.value_ids_of(conn, reference, item_ids) if reference else {}
    found = items.get_many(conn, item_ids)
    for item_id in item_ids:
        if item_id not in found or found[item_id].split is not Split.TRAIN:
            raise WorkbenchError("Worked examples must come from the train split.", "Choose train items.")
        if item_id not in said:
            raise WorkbenchError(f"Item {item_id} has no reference label.", "Choose a labelled item.")
        if not is_present(said[item_id]):
            gone = kind_of(conn, project_id).words(sayings[said[item_id]], found[item_id].text)
            raise WorkbenchError(
                f"Item {item_id} cannot be an example: its label {gone} was removed from the task.",
                "Choose another item, or bring the label back on the Task page.",
            )
    canonical = values.every(conn, question) if said else {}
    return tuple(Example(i, found[i].text, sayings[said[i]], found[i].fields, canonical[said[i]]) for i in item_ids)


def _way(conn: Connection, project_id: int, system: str, user: str) -> str:
    """How a prompt has answers written, told by the variable it names; "" where it names none."""
    used = variables_in(system, user)
    return next((way for name, way in kind_of(conn, project_id).ways.items() if name in used), "")


def _some_labelled(conn: Connection, project_id: int, annotator_id: int, seed: int, limit: int) -> list[int]:
    where = QueueFilter(split=Split.TRAIN, labelled_by=annotator_id)
    return until_news(
        conn,
        ("examples", project_id, annotator_id, seed, limit),
        lambda: review.queue(conn, project_id, where, {}, uncertain_first=False, seed=seed)[:limit],
        dealt_in=project_id,
    )


def _listed(examples: Sequence[Example], words: Callable[[Any, str], str]) -> list[str]:
    return [f"{words(example.said, example.text)}: {example.text}\n" for example in examples]
