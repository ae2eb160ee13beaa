"""Runs: planning, starting, watching, cancelling, resuming."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import WorkbenchError
from core.finetune.dataset import TrainingExample, estimate_tokens
from core.model import Annotator, AnnotatorKind, AnswerKind, ErrorKind, Item, PromptVersion, Run, Split
from core.prompts import compile_prompt
from core.services.asking import frozen_config
from core.services.hosts import Hosts, tuned_title
from core.services.lookup import annotator_of, ensure_annotator, fine_tune_of, run_of, version_of
from core.storage import annotations, annotators, fine_tunes, items, projects, runs
from core.storage.engine import Connection, Database
from core.storage.review import in_seeded_order

MAX_IN_FLIGHT = 256
_SAMPLE = 20
_FEW = 5000


@dataclass(frozen=True)
class RunRequest:
    """What to label: one run per prompt version, all on the same items. `n` None means the whole split."""

    project_id: int
    version_ids: tuple[int, ...]
    host: str
    model: str
    split: Split | None = Split.VALIDATION
    n: int | None = None
    seed: int = 0
    only_new: bool = True
    in_flight: int | None = None


@dataclass(frozen=True)
class PlannedRun:
    version: PromptVersion
    annotator_name: str
    item_ids: tuple[int, ...]
    already: int
    tokens: int
    on_the_way: int = 0
    """Items left out because a run that is queued or going will label them."""

    @property
    def calls(self) -> int:
        return len(self.item_ids)


@dataclass(frozen=True)
class RunEstimate:
    """The same in numbers alone, cheap enough while somebody is still choosing."""

    version: PromptVersion
    annotator_name: str
    calls: int
    already: int
    tokens: int
    on_the_way: int = 0


@dataclass(frozen=True)
class RunDetails:
    """What is shown of one run. `answers` counts its own annotations by label, `unclear` by kind of answer."""

    run: Run
    annotator: Annotator
    answers: dict[str, int]
    unclear: dict[AnswerKind, int]
    errors: dict[ErrorKind, int]
    seconds: list[float]
    confidences: list[float]

    def latency(self, share: float) -> float | None:
        """The time within which this share of the answers came (nearest rank); None where there are none."""
        ordered = sorted(self.seconds)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


@dataclass(frozen=True)
class Trouble:
    """An item whose call failed or whose answer named no one label, with what the host sent."""

    item: Item
    kind: str
    message: str
    raw: str


class Running:
    def __init__(self, db: Database, hosts: Hosts) -> None:
        self._db, self._hosts = db, hosts

    def plan(self, request: RunRequest) -> list[PlannedRun]:
        """What starting would do, per prompt version. Raises `WorkbenchError` where a choice is missing."""
        with self._db.read() as conn:
            return [_planned(conn, request, version_id) for version_id in _versions(request)]

    def estimate(self, request: RunRequest) -> list[RunEstimate]:
        """What `plan` would say, by counting: no item is read unless part of the choice is labelled already."""
        with self._db.read() as conn:
            return [_estimated(conn, request, version_id) for version_id in _versions(request)]

    def start(self, request: RunRequest) -> list[Run]:
        """Queue one run per prompt version; the worker takes them from there."""
        with self._db.write() as conn:
            planned = [_planned(conn, request, version_id) for version_id in _versions(request)]
            started = [plan for plan in planned if plan.calls]
            if not started:
                raise _nothing_to_label(planned)
            return [run_of(conn, self._queue(conn, request, plan)) for plan in started]

    def _queue(self, conn: Connection, request: RunRequest, plan: PlannedRun) -> int:
        annotator = _model_annotator(conn, request, plan.version)
        host = self._hosts.get(request.host)
        config = {
            **frozen_config(projects.task(conn, request.project_id), plan.version),
            "host": request.host,
            "host_title": host.title,
            "base_url": host.base_url,
            "model": request.model,
            "split": request.split,
            "n": request.n,
            "seed": request.seed,
            "in_flight": max(1, min(MAX_IN_FLIGHT, request.in_flight or (32 if host.is_local else 16))),
            "timeout_seconds": 120.0 if host.is_local else 60.0,
        }
        return runs.create(conn, request.project_id, annotator, config, plan.item_ids)

    def all(self, project_id: int) -> list[Run]:
        """Newest first. Runs whose worker died are shown as interrupted once their lease has run out."""
        with self._db.read() as conn:
            return runs.list_all(conn, project_id)

    def live(self, project_id: int) -> list[Run]:
        """Those queued or running, newest first: cheap enough to ask every second."""
        with self._db.read() as conn:
            return runs.list_live(conn, project_id)

    def get(self, run_id: int) -> Run:
        with self._db.read() as conn:
            return run_of(conn, run_id)

    def cancel(self, run_id: int) -> None:
        """Stop soon; what is in flight is still stored."""
        with self._db.write() as conn:
            runs.request_cancel(conn, run_id)

    def resume(self, run_id: int, *, retry_errors: bool = False) -> None:
        """Label what is missing; with `retry_errors` also what failed. Raises `WorkbenchError` for a live run."""
        with self._db.write() as conn:
            run = run_of(conn, run_id)
            self._hosts.get(run.config["host"])
            if not runs.requeue(conn, run_id, forget_errors=retry_errors):
                raise WorkbenchError("This run is still going.", "Cancel it first, or wait.")

    def details(self, run_id: int) -> RunDetails:
        with self._db.read() as conn:
            run = run_of(conn, run_id)
            names = projects.label_names(conn, run.project_id)
            answers: Counter[str] = Counter()
            unclear: Counter[AnswerKind] = Counter()
            for label_id, kind, number in runs.answer_counts(conn, run_id):
                answers[names[label_id]] += number
                if kind and kind != AnswerKind.LABEL:
                    unclear[AnswerKind(kind)] += number
            seconds, confidences = runs.numbers(conn, run_id)
            return RunDetails(
                run=run,
                annotator=annotator_of(conn, run.annotator_id),
                answers=dict(answers),
                unclear=dict(unclear),
                errors={ErrorKind(kind): number for kind, number in runs.error_counts(conn, run_id)},
                seconds=seconds,
                confidences=confidences,
            )

    def troubles(self, run_id: int, limit: int = 100) -> list[Trouble]:
        """Failed items first, then answers recorded as the fallback because they named no one label."""
        with self._db.read() as conn:
            failed = [(e.item_id, str(e.kind), e.message, e.raw) for e in runs.error_list(conn, run_id, limit=limit)]
            everything = failed + runs.unclear_answers(conn, run_id, limit)
            found = items.get_many(conn, [entry[0] for entry in everything])
            return [Trouble(found[item_id], kind, message, raw) for item_id, kind, message, raw in everything]


def _nothing_to_label(planned: Sequence[PlannedRun]) -> WorkbenchError:
    if on_the_way := sum(plan.on_the_way for plan in planned):
        return WorkbenchError(
            f"There is nothing to label: {on_the_way:,} of these items are on their way in a run that is going.",
            "Wait for it, or choose more items.",
        )
    return WorkbenchError(
        "There is nothing to label: these items already have a label from this model and prompt.",
        "Choose more items, or label them again.",
    )


def _versions(request: RunRequest) -> tuple[int, ...]:
    if not request.version_ids:
        raise WorkbenchError("No prompt version is chosen.", "Choose at least one.")
    return tuple(dict.fromkeys(request.version_ids))


def _planned(conn: Connection, request: RunRequest, version_id: int) -> PlannedRun:
    if not request.model:
        raise WorkbenchError("No model is chosen.", "Choose one.")
    version = version_of(conn, version_id)
    ids = _selection(conn, request, version)
    annotator = annotators.find_model(conn, request.project_id, request.host, request.model, version.id)
    few = ids if len(ids) <= _FEW else None
    labelled = annotations.label_ids_of(conn, annotator.id, few) if annotator and request.only_new else {}
    unlabelled = [item_id for item_id in ids if item_id not in labelled]
    # Started twice, by a double click or in two tabs, the same call would be paid for twice.
    coming = runs.under_way(conn, annotator.id) if annotator else set()
    fresh = tuple(item_id for item_id in unlabelled if item_id not in coming)
    return PlannedRun(
        version=version,
        annotator_name=annotator.name if annotator else _annotator_name(conn, request, version),
        item_ids=fresh,
        already=len(ids) - len(unlabelled),
        tokens=_estimated_tokens(conn, request.project_id, version, fresh),
        on_the_way=len(unlabelled) - len(fresh),
    )


def _estimated(conn: Connection, request: RunRequest, version_id: int) -> RunEstimate:
    """Counts where they are exact; otherwise the plan itself."""
    if not request.model:
        raise WorkbenchError("No model is chosen.", "Choose one.")
    version = version_of(conn, version_id)
    annotator = annotators.find_model(conn, request.project_id, request.host, request.model, version.id)
    labelled = annotations.labelled_count(conn, annotator.id, request.split) if annotator and request.only_new else 0
    in_split = items.count(conn, request.project_id, items.ItemFilter(split=request.split))
    partly = request.n is not None and request.n < in_split
    shown = items.get_many(conn, [e.item_id for e in version.examples])
    of_split = sum(request.split in (None, item.split) for item in shown.values())
    coming = annotator is not None and bool(runs.under_way(conn, annotator.id))
    if not in_split or of_split or (labelled and partly) or coming:
        plan = _planned(conn, request, version_id)
        return RunEstimate(version, plan.annotator_name, plan.calls, plan.already, plan.tokens, plan.on_the_way)
    chosen = min(in_split, max(0, request.n)) if request.n is not None else in_split
    sample = items.page(conn, request.project_id, items.ItemFilter(split=request.split), limit=_SAMPLE)
    return RunEstimate(
        version=version,
        annotator_name=annotator.name if annotator else _annotator_name(conn, request, version),
        calls=chosen - labelled,
        already=labelled,
        tokens=_tokens_each(conn, request.project_id, version, sample, chosen - labelled),
    )


def _selection(conn: Connection, request: RunRequest, version: PromptVersion) -> list[int]:
    """The same items for every version and model with the same split, seed and n; a larger n holds the smaller."""
    ids = items.ids_in(conn, request.project_id, request.split)
    if not ids:
        where = f"the {request.split} split" if request.split else "this project"
        raise WorkbenchError(f"There are no items in {where}.", "Choose another split, or split on the Data page.")
    if request.n is not None:
        ids = in_seeded_order(ids, request.seed)[: max(0, request.n)]
    shown = {example.item_id for example in version.examples}
    return sorted(item_id for item_id in ids if item_id not in shown)


def _estimated_tokens(conn: Connection, project_id: int, version: PromptVersion, ids: Sequence[int]) -> int:
    """From 20 items of the selection; characters / 4, so an estimate."""
    sample = items.get_many(conn, ids[:_SAMPLE])
    return _tokens_each(conn, project_id, version, list(sample.values()), len(ids))


def _tokens_each(conn: Connection, project_id: int, version: PromptVersion, sample: Sequence[Item], calls: int) -> int:
    if not sample:
        return 0
    prompt = compile_prompt(version.system, version.user, version.examples, projects.task(conn, project_id))
    rendered = [TrainingExample(item.id, tuple(prompt.render(item)), "", "", None) for item in sample]
    return round(estimate_tokens(rendered) / len(sample) * calls)


def _annotator_name(conn: Connection, request: RunRequest, version: PromptVersion) -> str:
    return f"{_model_title(conn, request)} · v{version.number}"


def _model_title(conn: Connection, request: RunRequest) -> str:
    job_id = _fine_tune_id(conn, request)
    return tuned_title(fine_tune_of(conn, job_id)) if job_id is not None else request.model


def _fine_tune_id(conn: Connection, request: RunRequest) -> int | None:
    jobs = fine_tunes.list_all(conn, request.project_id)
    return next((job.id for job in jobs if job.fine_tuned_model == request.model and job.host == request.host), None)


def _model_annotator(conn: Connection, request: RunRequest, version: PromptVersion) -> int:
    known = annotators.find_model(conn, request.project_id, request.host, request.model, version.id)
    if known is not None:
        return known.id
    name = _annotator_name(conn, request, version)
    taken = {a.name for a in annotators.list_all(conn, request.project_id)}
    return ensure_annotator(
        conn,
        request.project_id,
        AnnotatorKind.MODEL,
        f"{name} ({request.host})" if name in taken else name,
        host=request.host,
        model=request.model,
        prompt_version_id=version.id,
        fine_tune_id=_fine_tune_id(conn, request),
    )
