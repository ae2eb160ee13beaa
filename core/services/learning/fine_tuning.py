"""Fine-tunes: what would be learned, whether it is fit, starting, watching, cancelling."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from core.errors import WorkbenchError
from core.finetune import Check, Level, Method, Parameter, Value, methods_of
from core.finetune.dialects import Deploys, Dialect, dialect_of
from core.hosts.profiles import EMBEDDED, profile_of
from core.model import FineTune, FineTuneEvent, FineTuneStatus, Split
from core.services.asking.masking import masker_for
from core.services.asking.requests import ModelRef, RunRequest
from core.services.common.asked import kept_by
from core.services.common.door import door
from core.services.common.files import media_of
from core.services.common.lookup import annotator_of, fine_tune_of, version_of
from core.services.common.stamps import stamp
from core.services.common.training_files import TRAIN, files_of_job, training_files_of
from core.services.common.values import kind_of
from core.services.hosts.connections import Hosts
from core.services.hosts.models import call_name, tuned_title
from core.services.learning.checkpoints import Checkpoints, checkpoints
from core.services.learning.joint_set import asked_at_once, stamp_of_all
from core.services.learning.lineage import LINEAGE, lineage_of, models_before, starts
from core.services.learning.preflight import Preflight, TuneRequest
from core.services.learning.same_set import preflight_for, same_request
from core.services.learning.selection import EVERYTHING, can_balance
from core.services.learning.taught_version import taught_at_once
from core.storage import annotators, counts, fine_tunes, marks, projects, tasks, taught
from core.storage.engine import Connection, Database
from core.storage.kept import until_news
from core.tasks import TASKS

METHOD_REFUSED = Check(
    Level.WARNING,
    "A host that takes the method",
    "An earlier fine-tune on this host had to leave out how it is to be taught.",
    "It may not take preference pairs: read what it says, or choose another host.",
)
WRITES_ONLY = "This model learned to write such texts, not to judge them."
_WRITES_ONLY_HINT = "Run it on a question of free text about the same items, and compare what it writes there."


@door
class FineTuning:
    def __init__(self, db: Database, hosts: Hosts) -> None:
        self._db, self._hosts = db, hosts

    def teachers(self, project_id: int) -> dict[int, int]:
        """Train items they have given one of the task's labels or the fallback, by annotator id; only those who have
        labelled any."""
        with self._db.read() as conn:
            everyone = [annotator.id for annotator in annotators.list_all(conn, project_id)]
            names = set(tasks.task(conn, project_id).names)
            named = [i for i, name in tasks.label_names(conn, project_id).items() if name in names]
            taught = None if kind_of(conn, project_id).writes else named
            kept = kept_by(conn, everyone)
            question = ("teachers", *everyone, "of", *(taught or ()), *kept.items())
            counts = until_news(conn, question, lambda: _in_train(conn, everyone, taught, kept), dealt_in=project_id)
        return {annotator_id: number for annotator_id, number in counts.items() if number}

    def fallbacks(self, project_id: int, annotator_id: int, version_id: int | None = None) -> int:
        """How often the annotator has given train items the fallback; with a version that asks all questions at once,
        whoever teaches each of them."""
        with self._db.read() as conn:
            together = taught_at_once(conn, version_id)[1] if version_id is not None else None
            asked = asked_at_once(conn, annotator_id, together) if together else ()
            whom = [(one.project_id, one.teacher.id) for one in asked if one.teacher]
            return sum(_fallbacks(conn, *one) for one in whom or [(project_id, annotator_id)])

    def stamp(self, request: TuneRequest) -> str:
        """Changes whenever the pre-flight of this request could: labels, task, splits. Cheap."""
        with self._db.read() as conn:
            task = tasks.task(conn, request.project_id)
            known = taught.number_of_keys(conn, taught.behind(conn, request.base_model))
            if together := taught_at_once(conn, request.version_id)[1]:
                return f"{stamp_of_all(conn, request.project_id, together)} {known}"
            whom = [request.annotator_id, *self._others(conn, request)]
            flags = marks.newest_id(conn, whom) if request.selection.without_flagged else 0
            return f"{stamp(conn, request.project_id, whom)} {task} {known} {flags}"

    def _others(self, conn: Connection, request: TuneRequest) -> list[int]:
        """Whose texts the worse ones of its pairs may be, or whose word decides what is taught."""
        has_worse = request.method == Method.DPO and kind_of(conn, request.project_id).writes
        if not has_worse and not request.selection.narrows:
            return []
        return [one.id for one in annotators.list_all(conn, request.project_id)]

    def methods(self, project_id: int) -> tuple[Method, ...]:
        """By which the project's question can be taught, the usual one first."""
        with self._db.read() as conn:
            return methods_of(tasks.task(conn, project_id).type)

    def parameters(self, host: str, method: str) -> dict[str, Parameter]:
        """What can be set for a fine-tune on this host, by key, in the order of the form."""
        return dialect_of(profile_of(self._hosts.get(host)).key).parameters_of(method)

    def can_balance(self, project_id: int) -> bool:
        """Whether labels can be brought to the same number of lines."""
        with self._db.read() as conn:
            return can_balance(tasks.task(conn, project_id))

    def preflight(self, request: TuneRequest) -> Preflight:
        """Everything checked, nothing sent."""
        masker = masker_for(self._db, request.masking)
        with self._db.read() as conn:
            annotator_of(conn, request.annotator_id)
            found = preflight_for(self._db, conn, request, masker, media_of(self._db), host=request.host)
            if found.method is Method.DPO and "method" in fine_tunes.left_out(conn, request.host):
                return replace(found, checks=(METHOD_REFUSED, *found.checks))
            return found

    def kept_sets(self, project_id: int) -> dict[int, str]:
        """The fine-tunes of the project whose training files are kept, by id, as they are called: newest first."""
        files = training_files_of(self._db)
        return {
            job.id: tuned_title(job)
            for job in self.all(project_id)
            if (kept := files_of_job(job).get(TRAIN)) and files.path(kept.sha256)
        }

    def same_set(self, fine_tune_id: int) -> TuneRequest:
        """What asks for the very files that an earlier fine-tune was taught with."""
        return same_request(self.get(fine_tune_id))

    def start(
        self,
        request: TuneRequest,
        *,
        host: str,
        base_model: str,
        parameters: Mapping[str, Value] | None = None,
        seed: int = 0,
        trial: Mapping[str, Any] | None = None,
    ) -> FineTune:
        """Write the job down and leave it to the worker. Raises `WorkbenchError` with the first blocker.

        `trial` says which of which study it is, and what it is called, where it is one.

        What the host masks now is masked in the training files, whatever the request says.
        """
        masking = self._hosts.get(host).masking
        dialect = dialect_of(profile_of(self._hosts.get(host)).key)
        preflight = self.preflight(replace(request, masking=masking, host=host, base_model=base_model))
        preflight.raise_if_blocked()
        if not base_model:
            raise WorkbenchError("No base model is chosen.", "Choose one.")
        with self._db.write() as conn:
            number = len(fine_tunes.list_all(conn, request.project_id)) + 1
            version = version_of(conn, request.version_id)
            job_id = fine_tunes.create(
                conn,
                request.project_id,
                annotator_id=request.annotator_id,
                prompt_version_id=request.version_id,
                host=host,
                base_model=base_model,
                n_train=len(preflight.training.train),
                n_validation=len(preflight.training.validation),
                config={
                    "number": number,
                    "suffix": _suffix(version.number, number, dialect),
                    "seed": seed,
                    "parameters": dict(parameters or {}),
                    "with_validation": request.with_validation,
                    "with_fallback": request.with_fallback,
                    "per_label": preflight.per_label,
                    **({"per_question": preflight.per_question} if preflight.per_question else {}),
                    "tokens": preflight.tokens,
                    "masking": asdict(masking),
                    **({"selection": asdict(request.selection)} if request.selection != EVERYTHING else {}),
                    **({"subset": asdict(request.subset)} if request.subset else {}),
                    **({"trial": dict(trial)} if trial else {}),
                    **({"deploys": str(dialect.deploys)} if dialect.deploys is not Deploys.NOTHING else {}),
                    **_how(request, preflight),
                    **({LINEAGE: before} if len(before := models_before(conn, base_model)) > 1 else {}),
                    **({} if request.same_as is None else {"same_as": request.same_as}),
                },
            )
            return fine_tune_of(conn, job_id)

    def starts(self, project_id: int, host: str) -> dict[str, str]:
        """The tuned models of a host that a fine-tune of the project can start from, with their titles."""
        with self._db.read() as conn:
            return starts(conn, project_id, host)

    def lineage(self, job: FineTune) -> list[str]:
        """From the first model to the one that the fine-tune makes, by their titles: `base`, `tuned 1`, `tuned 2`."""
        with self._db.read() as conn:
            return lineage_of(conn, job)

    def all(self, project_id: int) -> list[FineTune]:
        """Newest first."""
        with self._db.read() as conn:
            return fine_tunes.list_all(conn, project_id)

    def beside(self, project_id: int) -> list[tuple[FineTune, str]]:
        """The fine-tunes that were started from another question about the same items and teach this one as well, with
        that question; newest first."""
        with self._db.read() as conn:
            others = [one for one in projects.questions(conn, project_id) if one.id != project_id]
            found = [(job, one.question) for one in others for job in fine_tunes.list_all(conn, one.id)]
        joint = [pair for pair in found if pair[0].config.get("per_question")]
        return sorted(joint, key=lambda pair: -pair[0].id)

    def get(self, fine_tune_id: int) -> FineTune:
        with self._db.read() as conn:
            return fine_tune_of(conn, fine_tune_id)

    def events(self, fine_tune_id: int) -> list[FineTuneEvent]:
        """Oldest first; metric events carry their numbers."""
        with self._db.read() as conn:
            return fine_tunes.events(conn, fine_tune_id)

    def checkpoints(self, job: FineTune, events: Sequence[FineTuneEvent]) -> Checkpoints:
        """The states that its host kept, and how each that was asked did on validation."""
        with self._db.read() as conn:
            return checkpoints(conn, job, events)

    def pair(self, job: FineTune) -> tuple[int | None, int | None]:
        """The annotators that are the base model and the tuned one, asked with the prompt it was taught with.

        None for one that was never run.
        """
        with self._db.read() as conn:
            everyone = [one for one in annotators.list_all(conn, job.project_id) if not one.is_golden]
        asked = [one for one in everyone if (one.host, one.prompt_version_id) == (job.host, job.prompt_version_id)]
        by_model = {one.model: one.id for one in asked}
        return by_model.get(job.base_model), by_model.get(job.called or job.fine_tuned_model or "")

    def cancel(self, fine_tune_id: int) -> None:
        with self._db.write() as conn:
            fine_tunes.request_cancel(conn, fine_tune_id)

    def can(self, job: FineTune) -> tuple[str, ...]:
        """Which of "pause" and "resume" its host knows."""
        try:
            dialect = dialect_of(profile_of(self._hosts.get(job.host)).key)
        except WorkbenchError:  # removed since
            return ()
        is_halted = "paus" in job.host_status.lower()
        can = {"pause": dialect.can_pause and not is_halted, "resume": is_halted and dialect.can_resume_too}
        return tuple(wish for wish, is_known in can.items() if is_known and job.host_job_id)

    def pause(self, fine_tune_id: int) -> None:
        """Ask the host to pause the job, at the next look at it."""
        self._wish(fine_tune_id, "pause")

    def resume(self, fine_tune_id: int) -> None:
        self._wish(fine_tune_id, "resume")

    def _wish(self, fine_tune_id: int, wish: str) -> None:
        with self._db.write() as conn:
            if fine_tune_of(conn, fine_tune_id).status.is_live:
                fine_tunes.record(conn, fine_tune_id, wish=wish)

    def host_said(self, fine_tune_id: int) -> str:
        """The job as its host last told it, as JSON; "" before it was told."""
        with self._db.read() as conn:
            return fine_tunes.host_said(conn, fine_tune_id)

    def stop_following(self, fine_tune_id: int) -> None:
        """Let go of a job whose host never says that it is over. What it does there is not known from then on."""
        with self._db.write() as conn:
            job = fine_tune_of(conn, fine_tune_id)
            if job.status.is_live:
                said = f"; the last status was “{job.host_status}”" if job.host_status else ""
                message = f"No longer followed{said}. It may continue at the host and cost money."
                fine_tunes.finish(conn, fine_tune_id, FineTuneStatus.CANCELLED, message=message)


def _suffix(version: int, number: int, dialect: Dialect) -> str:
    """Like no other where there is room, so that a job is known by it on hosts that keep no marks."""
    plain = f"labelloop-v{version}-{number}"
    told = f"{plain}-{secrets.token_hex(3)}"
    return told if len(told) <= dialect.suffix else plain[: dialect.suffix]


def _how(request: TuneRequest, preflight: Preflight) -> dict[str, object]:
    """What of the method a job keeps; nothing where it is the usual one, as jobs of old keep nothing."""
    if preflight.method is Method.SUPERVISED:
        return {}
    judged = not TASKS[preflight.training.task.type].writes
    return {"method": str(preflight.method), "against": request.against, "writes_only": judged}


def method_of(job: FineTune) -> Method:
    """By which it is taught."""
    return Method(job.config.get("method") or Method.SUPERVISED)


def writes_only(job: FineTune) -> bool:
    """Whether its model learned to write what the question compares, and not to answer the question."""
    return bool(job.config.get("writes_only"))


def _fallbacks(conn: Connection, project_id: int, annotator_id: int) -> int:
    fallback = tasks.task(conn, project_id).fallback.name
    these = [i for i, name in tasks.label_names(conn, project_id).items() if name == fallback]
    kept = kept_by(conn, [annotator_id])
    question = ("fallbacks", annotator_id, *these, *kept.items())
    found = until_news(conn, question, lambda: _in_train(conn, [annotator_id], these, kept), dealt_in=project_id)
    return found[annotator_id]


def _in_train(
    conn: Connection,
    annotator_ids: Sequence[int],
    label_ids: Sequence[int] | None,
    kept: Mapping[int, frozenset[int]],
) -> dict[int, int]:
    return {one: counts.labelled_count(conn, one, Split.TRAIN, label_ids, kept.get(one, ())) for one in annotator_ids}


def follow_ups(job: FineTune, split: Split) -> list[RunRequest]:
    """The runs that measure a tuned model: in the words it was taught; on test beside the model it came from.

    Raises `WorkbenchError` while there is no tuned model, and for one that learned to write and not to judge.
    """
    if job.status is not FineTuneStatus.SUCCEEDED or not job.fine_tuned_model:
        raise WorkbenchError("There is no tuned model to run.", "Wait for the fine-tune to succeed.")
    if writes_only(job):
        raise WorkbenchError(WRITES_ONLY, _WRITES_ONLY_HINT)
    if (called := call_name(job)) is None:
        raise WorkbenchError("The tuned model is not deployed, so it cannot be called.", "Deploy it first.")
    models = [called] if split is not Split.TEST else [job.base_model, called]
    refs = [ModelRef(job.host, model) for model in models]
    return [RunRequest(job.project_id, (job.prompt_version_id,), (ref,), split, as_taught=job.id) for ref in refs]


def measuring(job: FineTune) -> list[RunRequest]:
    """What shows whether it got better: its runs on test, and where they cost nothing those on validation before them.

    Validation is what the project's card and the prompts' known results stand on.
    """
    before = follow_ups(job, Split.VALIDATION) if job.host == EMBEDDED.key else []
    return [*before, *follow_ups(job, Split.TEST)]


def chosen_among(job: FineTune) -> int | None:
    """Of how many trials it was found best on validation; None for one that was not searched for."""
    best = (job.config.get("trial") or {}).get("best")
    return int(best) if best else None


def share_done(events: Sequence[FineTuneEvent]) -> float | None:
    """From 0 to 1, where the host says how many steps there are; None where it does not."""
    steps = [(e.data["step"], e.data["total_steps"]) for e in events if {"step", "total_steps"} <= e.data.keys()]
    numbers = [(s, t) for s, t in steps if isinstance(s, (int, float)) and isinstance(t, (int, float)) and t > 0]
    return max((min(1.0, step / total) for step, total in numbers), default=None)


def curves(events: Sequence[FineTuneEvent]) -> dict[str, list[tuple[float, float]]]:
    """`name -> [(step, value)]` of every number in the metric events: train_loss, valid_loss, accuracies ..."""
    found: dict[str, dict[float, float]] = {}
    for event in events:
        if event.type not in ("metrics", "checkpoint"):
            continue
        step = event.data.get("step")
        for name, value in event.data.items():
            if (
                name not in ("step", "epoch", "total_steps")
                and isinstance(value, (int, float))
                and isinstance(step, (int, float))
            ):
                found.setdefault(name, {})[float(step)] = float(value)
    return {name: sorted(points.items()) for name, points in found.items()}


def kept_step(job: FineTune, events: Sequence[FineTuneEvent]) -> float | None:
    """The step whose weights the tuned model has: that of the checkpoint which has the model's own name.

    None while it learns, and for a host whose checkpoints do not tell.
    """
    if job.status is not FineTuneStatus.SUCCEEDED:
        return None
    steps = [
        event.data.get("step")
        for event in events
        if event.type == "checkpoint" and event.data.get("model") == job.fine_tuned_model
    ]
    return next((float(step) for step in steps if isinstance(step, (int, float))), None)
