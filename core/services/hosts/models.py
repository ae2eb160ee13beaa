"""The models of a host: as it lists them, and as they are offered in a project."""

from dataclasses import dataclass

from core.hosts.addresses import Connection
from core.hosts.control import ServedModel, list_models, looks_like_chat
from core.hosts.profiles import EMBEDDED
from core.model import FineTune, FineTuneStatus
from core.storage import fine_tunes
from core.storage import hosts as stored
from core.storage.engine import Database


@dataclass(frozen=True)
class ModelChoice:
    """A model as it can be picked: `fine_tune` says which of our fine-tunes made it, where one did.

    `is_chat` is a guess by its name; `shutdown_date` the ISO date on which its host says it ends.
    """

    name: str
    title: str
    fine_tune: FineTune | None = None
    is_chat: bool = True
    shutdown_date: str | None = None


def tuned_title(job: FineTune) -> str:
    """How a tuned model is called on screen: short, and the same everywhere. A trial by what is varied in it."""
    trial = job.config.get("trial") or {}
    return str(trial.get("title") or f"tuned {job.config.get('number', job.id)}")


def call_name(job: FineTune) -> str | None:
    """The name that calls a tuned model now; None while there is none, or while its host has yet to deploy it."""
    if job.status is not FineTuneStatus.SUCCEEDED or not job.config.get("deploys"):
        return job.fine_tuned_model
    return job.called if job.is_deployed else None


def needs_deploying(job: FineTune) -> bool:
    """Whether there is a tuned model that cannot be called before its host has deployed it."""
    return job.status is FineTuneStatus.SUCCEEDED and bool(job.fine_tuned_model) and call_name(job) is None


def in_order(models: list[ServedModel]) -> list[str]:
    """Their names, those that chat first."""
    return sorted((model.name for model in models), key=lambda name: not looks_like_chat(name))


def choices(db: Database, key: str, project_id: int, models: list[ServedModel]) -> list[ModelChoice]:
    """Those tuned in this project, those that chat, then the others: of trials only the one found best. The embedded
    host lists other projects' too."""
    with db.read() as conn:
        jobs = [job for job in fine_tunes.list_all(conn, project_id) if job.host == key]
    jobs = [job for job in jobs if job.status is FineTuneStatus.SUCCEEDED]
    tuned = [ModelChoice(name, tuned_title(job), job) for job in jobs if (name := call_name(job)) and not job.is_trial]
    # Its host may list a model long before it can be called.
    known = {name for job in jobs for name in (job.fine_tuned_model, job.called, call_name(job))}
    others = [
        ModelChoice(model.name, model.name, is_chat=looks_like_chat(model.name), shutdown_date=model.shutdown_date)
        for model in models
        if model.name not in known and not (key == EMBEDDED.key and model.name.startswith("ft:"))
    ]
    return [*tuned, *sorted(others, key=lambda choice: not choice.is_chat)]


class Listings:
    """What hosts listed when they were asked last, in this process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._listed: dict[str, list[str]] = {}

    def ask(self, key: str, connection: Connection) -> list[ServedModel]:
        """As the host lists them now; what it says of their end is remembered."""
        models = list_models(connection)
        self._listed[key] = [model.name for model in models]
        said = {model.name: model.shutdown_date for model in models}
        with self._db.read() as conn:
            known = stored.shutdown_dates(conn, key)
        if news := {name: date for name, date in said.items() if known.get(name) != date}:
            with self._db.write() as conn:
                stored.remember_shutdown(conn, key, news)
        return models

    def last(self, key: str) -> list[str]:
        return self._listed.get(key, [])
