"""Golden answers: what a model says of chosen items is kept before it ends, and held beside what comes after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from core.errors import WorkbenchError
from core.hosts.prices import cost
from core.model import GOLDEN, Annotator, AnnotatorKind, FineTune, FineTuneStatus, Run, Split
from core.services.agreement.comparing import Comparing
from core.services.asking.costing import is_nothing
from core.services.asking.requests import ModelRef, RunRequest
from core.services.common.asked import not_asked
from core.services.common.door import door
from core.services.common.looking import agreeing, unseen
from core.services.common.lookup import annotator_of, ensure_annotator, fine_tune_of, project_of
from core.services.common.titles import titled
from core.services.hosts.connections import Hosts
from core.services.hosts.prices import Prices
from core.services.learning.fine_tuning import follow_ups
from core.services.portable.moving import HeldBeside, Took, moving_report
from core.services.runs.running import Running
from core.storage import annotations, annotators, fine_tunes, golden, items, prompt_versions, runs
from core.storage.engine import Connection, Database, moment, moment_or_none
from core.storage.golden import StoredSet

_MOST = 100_000


@dataclass(frozen=True)
class GoldenSet:
    """`answered` of `n_items` are kept by `frozen`, or so far said by `source` while it is not recorded; `run` then
    asks for what is missing."""

    id: int
    source: Annotator
    frozen: Annotator | None
    split: Split | None
    n_items: int
    answered: int
    created_at: datetime
    recorded_at: datetime | None
    run: Run | None = None


@door
class Golden:
    def __init__(self, db: Database, hosts: Hosts, prices: Prices, running: Running, comparing: Comparing) -> None:
        self._db, self._hosts, self._prices, self._runs = db, hosts, prices, running
        self._comparing = comparing

    def can_be_kept(self, project_id: int) -> dict[int, Annotator]:
        """The models of the project whose answers can be kept, by annotator id, under their titles."""
        with self._db.read() as conn:
            everyone = titled(conn, project_id)
        return {
            i: one
            for i, one in everyone.items()
            if one.kind is AnnotatorKind.MODEL and one.host and one.model and not one.is_golden
        }

    def record(self, annotator_id: int, split: Split = Split.TEST, item_ids: Sequence[int] | None = None) -> GoldenSet:
        """Keep what this model says of the items of a split, or of these, as it is now: on no other day can it be asked
        again. What it has not answered is asked first; then it is recorded when that run has ended.

        Nothing is shown, so it is no look at test. Raises `WorkbenchError` for whom no model is, and where it cannot be
        asked for what is missing.
        """
        with self._db.read() as conn:
            annotator = annotator_of(conn, annotator_id)
            if annotator.kind is not AnnotatorKind.MODEL or annotator.is_golden or not annotator.model:
                raise WorkbenchError("Golden answers are kept of models.", "Choose a model.")
            chosen = self._chosen(conn, annotator, split, item_ids)
            missing = len(set(chosen) - annotations.value_ids_of(conn, annotator_id, chosen).keys())
            job = self._job(conn, annotator)
        run = self._ask(annotator, split, job) if missing and item_ids is None else None
        told = "" if item_ids is not None else str(split)
        with self._db.write() as conn:
            set_id = golden.add(conn, annotator.project_id, annotator_id, chosen, told, run.id if run else None)
        return next(one for one in self.all(annotator.project_id) if one.id == set_id)

    def record_tuned(self, fine_tune_id: int, split: Split = Split.TEST) -> GoldenSet:
        """The same of the model of a fine-tune, whether or not it was ever run."""
        with self._db.read() as conn:
            job = fine_tune_of(conn, fine_tune_id)
        request = follow_ups(job, split)[-1]
        asked = self._asked(job)
        if asked is None:
            started = self._runs.start_missing([request])
            asked = started[0].annotator_id if started else self._asked(job)
        if asked is None:
            raise WorkbenchError("There is nothing to ask its model about.", f"Give the {split} split items first.")
        return self.record(asked, split)

    def all(self, project_id: int) -> list[GoldenSet]:
        """Newest first. What waited for a run that has ended by now is recorded on the way."""
        with self._db.read() as conn:
            waiting = [one for one in golden.of_project(conn, project_id) if one.recorded_at is None]
            ended = [one for one in waiting if not _is_under_way(conn, one)]
        for one in ended:
            self._keep(one)
        with self._db.read() as conn:
            known = titled(conn, project_id)
            return [self._told(conn, one, known) for one in golden.of_project(conn, project_id)]

    def items_of(self, project_id: int, set_id: int) -> tuple[int, ...]:
        """The items that were chosen for a set."""
        with self._db.read() as conn:
            return _set_of(conn, project_id, set_id).items

    def pace(self, annotator_id: int, item_ids: Sequence[int]) -> Took:
        """What the annotator's answers to these items took."""
        with self._db.read() as conn:
            annotator = annotator_of(conn, annotator_id)
            took = golden.spent(conn, annotator_id, item_ids)
        asked = len(took.seconds)
        tokens = None if took.prompt_tokens is None else took.prompt_tokens + (took.completion_tokens or 0)
        try:
            host = self._hosts.get(annotator.host or "")
            price = self._prices.of(host, annotator.model or "")
        except WorkbenchError:  # it is gone, as hosts go
            price = None
        dollars = None
        if price is not None and took.prompt_tokens is not None and asked:
            dollars = cost(
                price,
                prompt_tokens=took.prompt_tokens,
                cached_tokens=took.cached_tokens or 0,
                completion_tokens=took.completion_tokens or 0,
                batch=False,
            )
        return Took(
            took.answers,
            median(took.seconds) if asked else None,
            tokens / asked if tokens is not None and asked else None,
            None if dollars is None else 1000 * dollars / asked,
            is_nothing(price),
        )

    def successors(self, project_id: int, set_id: int) -> dict[int, Annotator]:
        """The other models that have answered items of the set, by annotator id: the newest first."""
        with self._db.read() as conn:
            kept = _set_of(conn, project_id, set_id)
            known = titled(conn, project_id)
            return {
                i: one
                for i, one in reversed(known.items())
                if one.kind is AnnotatorKind.MODEL
                and i not in (kept.frozen_id, kept.source_id)
                and annotations.value_ids_of(conn, i, kept.items)
            }

    def side_by_side(self, project_id: int, set_id: int, annotator_id: int) -> HeldBeside:
        """What was kept beside what another model says of the same items: quality, pace, and where the two differ. On
        test each model is a look, and counted."""
        with self._db.read() as conn:
            kept = _set_of(conn, project_id, set_id)
            if kept.frozen_id is None:
                raise WorkbenchError("The golden answers are not recorded yet.", "Wait for their run to end.")
            reference = project_of(conn, project_id).reference_id
        if reference is None:
            raise WorkbenchError("The project has no reference.", "Choose one on Agreement.")
        split = Split(kept.split) if kept.split else None
        view = self._comparing.view(project_id, reference, kept.frozen_id, annotator_id, split)
        with self._db.read() as conn:
            before = annotations.value_ids_of(conn, kept.frozen_id, kept.items)
            after = annotations.value_ids_of(conn, annotator_id, kept.items)
            version = prompt_versions.version(conn, view.a.annotator.prompt_version_id or 0)
        both = sorted(before.keys() & after.keys())
        return HeldBeside(
            view,
            self.pace(kept.frozen_id, both),
            self.pace(annotator_id, both),
            len(both),
            sum(before[one] != after[one] for one in both),
            moment(kept.created_at),
            version.title if version else "",
        )

    def report(self, project_id: int, set_id: int, annotator_id: int) -> str:
        """The same as Markdown to keep. Looks as `side_by_side`."""
        return moving_report(self.side_by_side(project_id, set_id, annotator_id))

    def looks_ahead(self, project_id: int, set_id: int, annotator_id: int) -> int:
        """As how many looks at test `side_by_side` would count now."""
        with self._db.read() as conn:
            kept = _set_of(conn, project_id, set_id)
            reference = project_of(conn, project_id).reference_id
            if kept.split not in ("", Split.TEST) or reference is None:
                return 0
            whom = (kept.frozen_id or kept.source_id, annotator_id)
            return len(unseen(conn, project_id, agreeing(conn, project_id, reference, whom)))

    def _chosen(
        self, conn: Connection, annotator: Annotator, split: Split, item_ids: Sequence[int] | None
    ) -> list[int]:
        if item_ids is None:
            chosen = list(items.ids_in(conn, annotator.project_id, split))
        else:
            ours = items.of_project(conn, annotator.project_id, item_ids)
            chosen = [one for one in dict.fromkeys(item_ids) if one in ours]
        kept = not_asked(conn, [annotator.id])
        chosen = [one for one in chosen if one not in kept]
        if not chosen:
            raise WorkbenchError("No items are chosen.", "Split the items, or choose another split.")
        if len(chosen) > _MOST:
            raise WorkbenchError(f"{len(chosen):,} items are too many.", f"Choose at most {_MOST:,}.")
        return chosen

    def _job(self, conn: Connection, annotator: Annotator) -> FineTune | None:
        every = fine_tunes.list_all(conn, annotator.project_id)
        return next((one for one in every if one.fine_tuned_model == annotator.model), None)

    def _asked(self, job: FineTune) -> int | None:
        with self._db.read() as conn:
            return next(
                (
                    one.id
                    for one in annotators.list_all(conn, job.project_id)
                    if (one.host, one.model) == (job.host, job.fine_tuned_model)
                    and one.prompt_version_id == job.prompt_version_id
                    and not one.is_golden
                ),
                None,
            )

    def _ask(self, annotator: Annotator, split: Split, job: FineTune | None) -> Run | None:
        """The run that asks for what is missing; None where it was asked in a way of its own, such as several times:
        then what there is is kept."""
        if annotator.variant:
            return None
        if job is not None and job.status is FineTuneStatus.SUCCEEDED:
            requests = follow_ups(job, split)[-1:]
        else:
            ref = ModelRef(annotator.host or "", annotator.model or "")
            requests = [RunRequest(annotator.project_id, (annotator.prompt_version_id or 0,), (ref,), split)]
        started = self._runs.start_missing(requests)
        if started:
            return started[0]
        with self._db.read() as conn:  # it is being asked already
            live = (one for one in runs.of_annotator(conn, annotator.id) if one.status.is_live)
            return next(live, None)

    def _keep(self, one: StoredSet) -> None:
        with self._db.write() as conn:
            source = annotator_of(conn, one.source_id)
            day = moment(one.created_at)
            name = f"{source.name} · golden {day.day} {day:%b %Y}"
            taken = {each.name for each in annotators.list_all(conn, one.project_id)}
            frozen_id = ensure_annotator(
                conn,
                one.project_id,
                AnnotatorKind.MODEL,
                name if name not in taken else f"{name} · {one.id}",
                host=source.host,
                model=source.model,
                prompt_version_id=source.prompt_version_id or 0,
                variant=f"{GOLDEN} {one.id}",
            )
            if golden.recorded(conn, one.id, frozen_id):
                golden.keep_answers(conn, one.source_id, frozen_id, one.items)

    def _told(self, conn: Connection, one: StoredSet, known: dict[int, Annotator]) -> GoldenSet:
        who = one.frozen_id or one.source_id
        return GoldenSet(
            one.id,
            known[one.source_id],
            known.get(one.frozen_id or 0),
            Split(one.split) if one.split else None,
            len(one.items),
            len(annotations.value_ids_of(conn, who, one.items)),
            moment(one.created_at),
            moment_or_none(one.recorded_at),
            runs.get(conn, one.run_id) if one.run_id and one.recorded_at is None else None,
        )


def _set_of(conn: Connection, project_id: int, set_id: int) -> StoredSet:
    project_of(conn, project_id)
    found = next((one for one in golden.of_project(conn, project_id) if one.id == set_id), None)
    if found is None:
        raise WorkbenchError(f"There are no golden answers {set_id}.", "Choose others.")
    return found


def _is_under_way(conn: Connection, one: StoredSet) -> bool:
    run = runs.get(conn, one.run_id) if one.run_id else None
    return run is not None and (run.status.is_live or run.resume_at is not None)
