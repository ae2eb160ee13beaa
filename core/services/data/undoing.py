"""The uploads of a project, and undoing the last one as long as nothing has come of it."""

from collections import Counter
from dataclasses import dataclass

from core.errors import WorkbenchError
from core.model import Upload
from core.plural import count
from core.services.common.lookup import project_of, run_of
from core.services.common.values import labels_in
from core.services.data.deal_cost import shown_items
from core.services.task.guard import refuse_while_answers_come
from core.storage import annotations, annotators, fine_tunes, looks, projects, tasks, uploads
from core.storage.engine import Connection, Database, now
from core.storage.homes import beside


@dataclass(frozen=True)
class UploadFacts:
    """An upload, and what stands in the way of undoing it in a sentence; nothing where nothing does."""

    upload: Upload
    in_the_way: str
    is_first: bool


def uploads_of(db: Database, project_id: int) -> list[UploadFacts]:
    """The newest first."""
    with db.read() as conn:
        project_of(conn, project_id)
        every = uploads.of_project(conn, project_id)
        return [UploadFacts(one, _in_the_way(conn, project_id, one, every), one is every[0]) for one in reversed(every)]


def names_of(db: Database, project_id: int) -> dict[int, str]:
    """By id, the first one first; those of one name by when they came."""
    with db.read() as conn:
        every = uploads.of_project(conn, project_id)
    times = Counter(one.name for one in every)
    return {
        one.id: one.name if times[one.name] == 1 else f"{one.name}, {one.created_at.astimezone():%d %b %Y, %H:%M:%S}"
        for one in every
    }


def stamp(db: Database, project_id: int) -> str:
    """Changes with the items of the project, how they are dealt, and what anybody says of them."""
    with db.read() as conn:
        said = annotations.newest_id(conn, [one.id for one in annotators.list_all(conn, project_id)])
        return f"{uploads.state(conn, project_id)} {said}"


def undo(db: Database, project_id: int, upload_id: int) -> Upload:
    """Take the items and annotations of an upload away, in one transaction; what they changed is as it was before.

    Labels that the task got for it go, unless somebody uses them by now. Raises `WorkbenchError` with what stands in
    the way: anything that was done with it.
    """
    with db.write() as conn:
        every = uploads.of_project(conn, project_id)
        upload = next((one for one in every if one.id == upload_id), None)
        if upload is None:
            raise WorkbenchError(
                "There is no such upload in this project.", "It may have been undone: reload the page."
            )
        if why := _in_the_way(conn, project_id, upload, every):
            raise WorkbenchError(f"“{upload.name}” cannot be undone. {why}", "Nothing was changed.")
        uploads.take_away(conn, upload)
        _take_back(conn, upload)
        uploads.ungroup_lonely(conn, project_id)
        config = projects.split_config(conn, project_id)
        if config is not None:
            facts = {**config, "near_duplicates": uploads.grouped(conn, project_id), "joined": now()}
            projects.set_split(conn, project_id, project_of(conn, project_id).split_seed, facts)
        return upload


def _in_the_way(conn: Connection, project_id: int, upload: Upload, every: list[Upload]) -> str:
    if upload.id == every[0].id:
        return "The project began with it: remove the project instead."
    if upload.id != every[-1].id:
        return f"“{every[-1].name}” came later: undo that first."
    asking = beside(conn, project_id)
    if runs := uploads.runs_on(conn, upload):
        return f"Run {run_of(conn, runs[0]).number} is about its items."
    if any(job.created_at >= upload.created_at for one in asking for job in fine_tunes.list_all(conn, one)):
        return "A fine-tune was started since, which may have learned from it."
    since = upload.created_at.timestamp()
    if any(looks.look_count(conn, one, since=since) for one in asking) and uploads.touches_test(conn, upload):
        return "Test was looked at since, with its items in it."
    if shown := shown_items(conn, project_id) & uploads.is_of_it(conn, upload):
        verb = "is a worked example" if len(shown) == 1 else "are worked examples"
        return f"{count(len(shown), 'item')} of it {verb} in a saved prompt."
    if touched := uploads.annotated_since(conn, upload):
        have = "has" if touched == 1 else "have"
        return f"{count(touched, 'item')} that it brought or labelled {have} been labelled or marked since."
    return ""


def _take_back(conn: Connection, upload: Upload) -> None:
    """The annotators and labels that are there because of it, where nobody needs them."""
    project_id, silent = upload.project_id, list(upload.made.get("annotators", ()))
    said = annotators.annotated_counts(conn, project_id)
    if project_of(conn, project_id).reference_id in set(silent) - said.keys():
        projects.set_reference(conn, project_id, None)
    uploads.drop_silent(conn, silent)
    held = labels_in(conn, project_id)
    used = {label for _, value in annotators.value_counts(conn, project_id) for label in held[value]}
    gone = set(upload.made.get("labels", ())) - used
    if not gone:
        return
    try:
        refuse_while_answers_come(conn, project_id, "removed")
    except WorkbenchError:
        return  # a model may be about to say one
    for label in gone:
        tasks.archive_label(conn, label)
