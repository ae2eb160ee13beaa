"""Tunes of tunes: from which models a fine-tune can start, what it came out of, and what it knows from there."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.finetune import Check, Level
from core.hosts.profiles import EMBEDDED
from core.model import FineTune, Split
from core.plural import count
from core.services.common.nearly_taught import nearly_taught
from core.services.hosts.models import tuned_title
from core.storage import fine_tunes, items, projects, taught
from core.storage.engine import Connection

LINEAGE = "lineage"
"""In a job's configuration: the models that it came out of, from the first, which was not tuned here, to its start."""
_TITLE = "Starts from a tuned model"


@dataclass(frozen=True)
class Start:
    """A tuned model to start from: its fine-tune, and the project's items that it was taught, or nearly the same."""

    job: FineTune
    known: frozenset[int]


def start_of(conn: Connection, project_id: int, base_model: str) -> Start | None:
    """What a fine-tune of the project starts from with this model; None where that was not tuned here."""
    ids = taught.behind(conn, base_model)
    job = fine_tunes.get(conn, max(ids)) if ids else None
    if job is None:
        return None
    same = taught.items_with(conn, project_id, ids, ())
    return Start(job, same | nearly_taught(conn, project_id, ids, same))


def starts(conn: Connection, project_id: int, host: str) -> dict[str, str]:
    """The tuned models of a host that can be tuned on, of any project, with their titles: this project's first, then
    newest first."""
    made = fine_tunes.made_on(conn, host)
    jobs = [job for job in made if not job.config.get("writes_only") and projects.is_open(conn, job.project_id)]
    jobs.sort(key=lambda job: (job.project_id != project_id, -job.id))
    return {job.fine_tuned_model or "": _titled(conn, project_id, job) for job in jobs}


def models_before(conn: Connection, base_model: str) -> list[str]:
    """The models that one which starts from this one comes out of, this one last."""
    start = taught.behind(conn, base_model)
    job = fine_tunes.get(conn, max(start)) if start else None
    return [*(job.config.get(LINEAGE) or models_before(conn, job.base_model)), base_model] if job else [base_model]


def lineage_of(conn: Connection, job: FineTune) -> list[str]:
    """From the first model to the one that the fine-tune makes, by their titles; at least two."""
    before = [*(job.config.get(LINEAGE) or [job.base_model])]
    return [*(_title(conn, job.project_id, model) for model in before), tuned_title(job)]


def _title(conn: Connection, project_id: int, model: str) -> str:
    ids = taught.behind(conn, model)
    job = fine_tunes.get(conn, max(ids)) if ids else None
    return _titled(conn, project_id, job) if job else model


def _titled(conn: Connection, project_id: int, job: FineTune) -> str:
    """`tuned 1`, and of another project its name as well."""
    title = tuned_title(job)
    if job.project_id == project_id:
        return title
    own, other = projects.get(conn, project_id), projects.get(conn, job.project_id)
    if own is None or other is None:
        return title
    return f"{title} of “{other.question if other.home == own.home else other.name}”"


def check_start(conn: Connection, project_id: int, start: Start, labels: Sequence[str], host: str) -> tuple[Check, ...]:
    """What is to be said of starting there. `labels` are those that are taught now."""
    path = " → ".join(lineage_of(conn, start.job))
    test = items.ids_in(conn, project_id, Split.TEST)
    seen = len(start.known.intersection(test))
    found = [Check(Level.OK, _TITLE, f"{path}. What it was taught counts in no figure of the new model either.")]
    if seen:
        finding = f"{path} was taught {seen:,} of {count(len(test), 'test item')} or nearly the same text."
        todo = "They are left out of every figure of the new model, so its scores stand on fewer items."
        found = [Check(Level.WARNING, _TITLE, finding, todo)]
    validation = len(items.within(conn, start.known, Split.VALIDATION))
    if validation:
        what = f"{count(validation, 'validation item')} that {tuned_title(start.job)} was taught"
        found.append(
            Check(Level.OK, "Validation it has not seen", f"{what} {'is' if validation == 1 else 'are'} left out.")
        )
    if host == EMBEDDED.key:
        found += _labels(_learned(start.job), labels, tuned_title(start.job))
    return tuple(found)


def _learned(job: FineTune) -> list[str]:
    """The labels of which a fine-tune had examples."""
    counted = [job.config.get("per_label") or {}, *(job.config.get("per_question") or {}).values()]
    return [name for one in counted for name, number in one.items() if number]


def _labels(learned: Sequence[str], labels: Sequence[str], title: str) -> list[Check]:
    """What the embedded host can take over: weights of labels that are the same."""
    if not learned or not labels:
        return []
    if not set(learned) & set(labels):
        text = f"{title} has learned none of the labels that are taught now, so nothing is taken over."
        return [Check(Level.BLOCKER, "Labels in common", text, "Start from the base model.")]
    gone = [name for name in dict.fromkeys(learned) if name not in labels]
    if gone:
        text = f"No example has {', '.join(gone[:5])}{' …' if len(gone) > 5 else ''}, which {title} has learned."
        return [Check(Level.WARNING, "Labels in common", text, "The new model will not answer them any more.")]
    return [Check(Level.OK, "Labels in common", f"{title} has learned {count(len(set(learned)), 'label')} of them.")]
