"""A fine-tune from another machine: its project, task, prompt, items and answers, and the job, all or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import WorkbenchError
from core.media import MediaStore, format_of
from core.model import AnnotatorKind, Said, Split, Task
from core.plural import count
from core.portable.bundle import MEDIA, Bundle, open_bundle
from core.services.common.lookup import ensure_annotator
from core.services.common.training_files import NOTED, TRAIN, VALIDATION, KeptFile, TrainingFiles, noted
from core.services.common.values import interned
from core.services.data.importing import canonical_forms
from core.services.portable import unpacking
from core.services.portable.packing import TRAINING, origin_of
from core.services.portable.unpacking import Heard, ProjectTold, PromptTold, Teller, TuneTold
from core.services.projects.projects import first_free
from core.storage import (
    annotations,
    carried,
    fine_tunes,
    looks,
    projects,
    prompt_versions,
    tasks,
    taught,
    uploads,
    values,
)
from core.storage import items as stored_items
from core.storage.carried import CarriedAnnotation, CarriedItem
from core.storage.engine import Connection, Database, now

NOT_CONNECTED = "not connected: "
"""Begins the key of the host of an imported fine-tune, until one of the hosts here is chosen for it."""
BROUGHT = "brought along"
"""What was asked of test before a project came here."""


@dataclass(frozen=True)
class Brought:
    """`is_new` where anything was made; else it was here already. `left_out` counts answers with labels that the task
    does not have."""

    project_id: int
    fine_tune_id: int
    is_new: bool
    items: int = 0
    answers: int = 0
    left_out: int = 0
    todo: str = ""

    def sentence(self) -> str:
        """What was done, and what is to be done next."""
        if not self.is_new:
            return "This fine-tune is already here: nothing was changed."
        told = f"Imported: {count(self.items, 'item')}, {count(self.answers, 'answer')}, its prompt and its model."
        if self.left_out:
            told += f" {count(self.left_out, 'answer')} with labels that the task no longer has were left out."
        return f"{told} {self.todo}"


@dataclass(frozen=True)
class _Whole:
    """Everything of a zip, read and checked."""

    task: Task
    project: ProjectTold
    prompt: PromptTold
    tune: TuneTold
    items: Sequence[CarriedItem]
    tellers: Sequence[Teller]
    said: Sequence[Heard]
    events: Sequence[Mapping[str, Any]]


def bring(db: Database, path: Path, files: TrainingFiles, store: MediaStore) -> Brought:
    """Raises `WorkbenchError` with one sentence for a zip that is none, is damaged, was changed or is dangerous; then
    nothing is imported. One that is here already changes nothing."""
    bundle = open_bundle(path)
    origin = str(bundle.manifest["origin"])[:64]
    with db.read() as conn:
        if here := _present(conn, origin):
            return here
    whole = _read(bundle)
    kept = _kept(bundle, files)
    _put_media(bundle, store)
    with db.write() as conn:
        return _present(conn, origin) or _stored(conn, whole, kept, origin, path.name)


def _present(conn: Connection, origin: str) -> Brought | None:
    for home in projects.list_all(conn):
        for project in projects.questions(conn, home.id):
            for job in fine_tunes.list_all(conn, project.id):
                if origin_of(job) == origin:
                    return Brought(project.id, job.id, is_new=False)
    return None


def _read(bundle: Bundle) -> _Whole:
    task, items = unpacking.task_in(bundle), unpacking.items_in(bundle)
    tellers = unpacking.tellers_in(bundle)
    return _Whole(
        task,
        unpacking.project_in(bundle),
        unpacking.prompt_in(bundle),
        unpacking.tune_in(bundle),
        items,
        tellers,
        unpacking.annotations_in(bundle, task, items, tellers),
        unpacking.events_in(bundle),
    )


def _kept(bundle: Bundle, files: TrainingFiles) -> dict[str, KeptFile]:
    kept = {}
    for name in (TRAIN, VALIDATION):
        if bundle.has(f"{TRAINING}{name}"):
            with bundle.open(f"{TRAINING}{name}") as content:
                kept[name] = files.keep(content)
    return kept


def _put_media(bundle: Bundle, store: MediaStore) -> None:
    """Each is stored under the hash of its own bytes, whatever it is called."""
    for name in bundle.media:
        data = bundle.open(name).read()
        if format_of(data) is None:
            raise WorkbenchError(f"{name[:80]} in the zip is no picture, sound or film.", "Export it again.")
        reference = store.put(data)
        if reference.file != name.removeprefix(MEDIA):
            raise WorkbenchError(f"{name[:80]} in the zip is another file than its name says.", "Export it again.")


def _stored(conn: Connection, whole: _Whole, kept: Mapping[str, KeptFile], origin: str, file: str) -> Brought:
    task, tune = whole.task, whole.tune
    name = first_free(conn, whole.project.name, "{} ({})")
    source = {"about": file, "text": ["text"], "labels": []}
    project_id = projects.create(conn, name, task, source=source)
    projects.set_layout(conn, project_id, whole.project.layout)
    ids = _put_items(conn, project_id, whole.items)
    if whole.project.split_config:
        projects.set_split(conn, project_id, whole.project.split_seed, whole.project.split_config | {"dealt": now()})
    begun = annotations.next_id(conn)
    task = tasks.task(conn, project_id)
    version_id = _put_prompt(conn, project_id, whole.prompt, task)
    host = f"{NOT_CONNECTED}{tune.host['title'] or 'its host'}"[:120]
    # Whom it learned from must be there before it, and its models' annotators name it.
    teacher = next(one for one in whole.tellers if one.is_teacher)
    teacher_id = ensure_annotator(conn, project_id, teacher.kind, teacher.name)
    job_id = _put_job(conn, project_id, teacher_id, version_id, host, whole, kept, origin)
    who = [_annotator(conn, project_id, one, host, version_id, job_id) for one in whole.tellers]
    answers, left_out = _put_annotations(conn, project_id, task, whole.said, who, ids)
    _set_reference(conn, project_id, whole.tellers, who, teacher_id)
    taught.add(conn, job_id, _texts_taught(whole))
    if whole.project.looks:
        looks.add_look(conn, project_id, BROUGHT, worth=whole.project.looks)
    counts = {"rows": len(whole.items), "annotations": answers}
    uploads.add(conn, project_id, file, ids, begun, choice={"brought": origin}, counts=counts, made={})
    return Brought(project_id, job_id, True, len(whole.items), answers, left_out, what_to_do(tune.host["title"]))


def what_to_do(host_title: str) -> str:
    """How a model that came along can be called again, or had again."""
    title = host_title or "its host"
    return (
        f"Its host, {title}, is not connected to this fine-tune: connect it on Hosts and choose it on Fine-tune to "
        "call the model, or train the same set on another host."
    )


def _put_items(conn: Connection, project_id: int, rows: Sequence[CarriedItem]) -> range:
    first = stored_items.next_id(conn)
    carried.insert_items(conn, project_id, rows, first)
    return range(first, first + len(rows))


def _put_prompt(conn: Connection, project_id: int, told: PromptTold, task: Task) -> int:
    forms = _forms(task, [said for _, said, _ in told.examples])
    examples = [
        {"item_id": 0, "text": text, "said": said, "fields": dict(fields), "value": forms[said], "beside": {}}
        for text, said, fields in told.examples
        if forms.get(said) is not None
    ]
    return prompt_versions.add_version(
        conn, project_id, told.system, told.user, told.note, examples, told.answers, number=told.number
    )


def _forms(task: Task, said: Sequence[Said]) -> dict[Said, str | None]:
    with unpacking.reading("What was said"):
        return canonical_forms(task, said)


def _put_job(
    conn: Connection,
    project_id: int,
    teacher_id: int,
    version_id: int,
    host: str,
    whole: _Whole,
    kept: Mapping[str, KeptFile],
    origin: str,
) -> int:
    tune = whole.tune
    came_from = {"id": origin, "host_title": tune.host["title"], "profile": tune.host["profile"]}
    came_from |= {"base_url": tune.host["base_url"]}
    job_id = fine_tunes.create(
        conn,
        project_id,
        annotator_id=teacher_id,
        prompt_version_id=version_id,
        host=host,
        base_model=tune.base_model,
        n_train=tune.n_train,
        n_validation=tune.n_validation,
        config={**tune.config, NOTED: noted(kept), "origin": came_from},
    )
    fine_tunes.record(
        conn,
        job_id,
        status=tune.status,
        host_status=tune.host_status,
        host_job_id=tune.host_job_id,
        fine_tuned_model=tune.fine_tuned_model,
        message=tune.message,
        host_said=tune.host_said,
        created_at=tune.created_at,
        finished_at=tune.finished_at or tune.created_at,
    )
    fine_tunes.add_events(conn, job_id, whole.events)
    return job_id


def _annotator(conn: Connection, project_id: int, one: Teller, host: str, version_id: int, job_id: int) -> int:
    if one.kind is not AnnotatorKind.MODEL:
        return ensure_annotator(conn, project_id, one.kind, one.name)
    facts: dict[str, object] = {"host": host, "model": one.model, "variant": one.variant}
    facts |= {"prompt_version_id": version_id} if one.was_asked else {}
    facts |= {"fine_tune_id": job_id} if one.is_tuned else {}
    return ensure_annotator(conn, project_id, one.kind, one.name, **facts)


def _put_annotations(
    conn: Connection, project_id: int, task: Task, said: Sequence[Heard], who: Sequence[int], ids: range
) -> tuple[int, int]:
    """How many were stored, and how many have labels that the task does not have."""
    forms = _forms(task, [one.said for one in said])
    question = values.question_of(conn, project_id)
    numbers = interned(conn, question, dict.fromkeys(form for form in forms.values() if form is not None))
    rows = [
        CarriedAnnotation(ids[one.item], who[one.by], numbers[form], *one.facts)
        for one in said
        if (form := forms[one.said]) is not None
    ]
    carried.insert_annotations(conn, question.id, rows)
    return len(rows), len(said) - len(rows)


def _set_reference(
    conn: Connection, project_id: int, tellers: Sequence[Teller], who: Sequence[int], teacher_id: int
) -> None:
    told = [i for one, i in zip(tellers, who, strict=True) if one.is_reference]
    projects.set_reference(conn, project_id, told[0] if told else teacher_id)


def _texts_taught(whole: _Whole) -> Iterator[str]:
    """Those of the train items that its teacher said something of, and of the worked examples."""
    teachers = {place for place, one in enumerate(whole.tellers) if one.is_teacher}
    for one in whole.said:
        if one.by in teachers and whole.items[one.item].split == Split.TRAIN:
            yield whole.items[one.item].text
    yield from (text for text, *_ in whole.prompt.examples)


def connect(db: Database, fine_tune_id: int, project_id: int, before: str, host: str) -> None:
    """Say that the models of an imported fine-tune are those of this host from now on."""
    with db.write() as conn:
        fine_tunes.record(conn, fine_tune_id, host=host)
        carried.move_models(conn, project_id, before, host)
