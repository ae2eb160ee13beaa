"""Everything a fine-tune was made of, as the parts of one zip."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from core.errors import WorkbenchError
from core.exporters import EXPORTERS
from core.hosts.profiles import profile_of
from core.media import PREFIX, MediaStore
from core.model import Annotator, AnnotatorKind, FineTune, FineTuneEvent, Host, Project, PromptVersion, Split, Task
from core.portable.bundle import Part
from core.services.common.lookup import project_of, version_of
from core.services.common.titles import titles
from core.services.common.training_files import TrainingFiles, files_of_job
from core.services.common.values import Sayings
from core.services.portable.describing import asked_models, reference_of
from core.storage import annotators, carried, fine_tunes, looks, projects, tasks
from core.storage.carried import CarriedAnnotation, CarriedItem
from core.storage.engine import Connection, Database

CARD, TASK, PROMPT, TUNE = "README.md", "task.json", "prompt.json", "tune.json"
RAW, EVENTS, CHECKPOINTS = "job/raw.json", "job/events.jsonl", "job/checkpoints.json"
PROJECT, ITEMS, ANNOTATORS, ANNOTATIONS = (
    "data/project.json",
    "data/items.jsonl",
    "data/annotators.json",
    "data/annotations.jsonl",
)
HELD_OUT = "results/held_out.csv"
TRAINING = "training/"

_REFERENCE = re.compile(re.escape(PREFIX) + r"[0-9a-f]{64}\.[a-z0-9]+")


@dataclass(frozen=True)
class Packed:
    """What goes into the zip; `media` are the files of its items, by name."""

    facts: Mapping[str, Any]
    parts: Sequence[Part]
    media: Iterable[tuple[str, Path]]


def origin_of(job: FineTune) -> str:
    """What tells a fine-tune from every other, wherever it is by now."""
    if held := (job.config.get("origin") or {}).get("id"):
        return str(held)
    kept = files_of_job(job)
    told = [job.created_at.isoformat(), job.host, job.base_model, job.host_job_id, job.config.get("suffix")]
    return hashlib.sha256(json.dumps([*told, *sorted(kept[name].sha256 for name in kept)]).encode()).hexdigest()[:32]


def packed(
    db: Database,
    job: FineTune,
    *,
    host: Host | None,
    card: str,
    with_test: bool,
    files: TrainingFiles,
    store: MediaStore,
    extra: Iterable[Part] = (),
) -> Packed:
    """The parts, most of them written when they are asked for. Without `with_test` nothing that a model says of test
    items is among them."""
    with db.read() as conn:
        project, task = project_of(conn, job.project_id), tasks.task(conn, job.project_id)
        version, events = version_of(conn, job.prompt_version_id), fine_tunes.events(conn, job.id)
        everyone = _told_of(conn, job)
        lineage = sorted(fine_tunes.with_bases(conn, [job.id]), key=lambda one: one.id)
        dealt, told = projects.split_config(conn, job.project_id), fine_tunes.host_said(conn, job.id)
        looked = looks.look_count(conn, job.project_id)
    media: dict[str, Path] = {}
    data = _Data(db, job, everyone, with_test, store, media)
    checkpoints = [dict(event.data) for event in events if event.type == "checkpoint"]
    kept = {name: files.path(one.sha256) for name, one in files_of_job(job).items()}
    parts = [
        text_part(CARD, card),
        _json(TASK, _task(task)),
        _json(PROMPT, _prompt(version)),
        _json(TUNE, _tune(job, host, lineage)),
        *([text_part(RAW, told)] if told else []),
        Part(EVENTS, lambda out: _write_lines(out, map(_event, events))),
        _json(CHECKPOINTS, checkpoints),
        *(Part(f"{TRAINING}{name}", copier(path)) for name, path in kept.items() if path),
        _json(PROJECT, _project(project, dealt, looked)),
        Part(ITEMS, data.write_items),
        _json(ANNOTATORS, _annotators(everyone, job, project.reference_id)),
        Part(ANNOTATIONS, data.write_annotations),
        Part(HELD_OUT, data.write_held_out),
        *extra,
    ]
    facts = {
        "origin": origin_of(job),
        "name": project.name,
        "with_test": with_test,
        "lacks": [name for name, path in kept.items() if path is None] if kept else ["training files"],
    }
    return Packed(facts, parts, _as_they_come(media))


def _as_they_come(media: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    """Those that are named by the time the items are written."""
    yield from sorted(media.items())


def _told_of(conn: Connection, job: FineTune) -> list[Annotator]:
    """Whom it learned from, the reference, the models that were measured and their golden answers."""
    measured = asked_models(conn, job)
    models = {job.base_model, job.fine_tuned_model}
    wanted = {job.annotator_id, reference_of(conn, job), *measured, job.config.get("against")}
    return [
        one
        for one in annotators.list_all(conn, job.project_id)
        if one.id in wanted or (one.is_golden and one.model in models)
    ]


class _Data:
    """Items and what is said of them, numbered from 0 in the order of import."""

    def __init__(
        self,
        db: Database,
        job: FineTune,
        everyone: Sequence[Annotator],
        with_test: bool,
        store: MediaStore,
        media: dict[str, Path],
    ) -> None:
        self._db, self._job = db, job
        self._everyone, self._with_test, self._store = everyone, with_test, store
        self._media = media
        self._place: dict[int, int] = {}
        self._on_test: set[int] = set()

    @property
    def _ids(self) -> list[int]:
        return [one.id for one in self._everyone]

    def write_items(self, out: BinaryIO) -> None:
        with self._db.read() as conn:
            _write_lines(out, map(self._item, carried.items_of(conn, self._job.project_id, self._ids)))

    def _item(self, row: CarriedItem) -> dict[str, Any]:
        self._place[row.id] = len(self._place)
        if row.split == Split.TEST:
            self._on_test.add(row.id)
        for name in _REFERENCE.findall(" ".join(filter(None, (row.text, row.fields, row.files)))):
            # A file that is gone is gone here as well: the item says which one it was.
            with suppress(WorkbenchError):
                self._media[name.removeprefix(PREFIX)] = self._store.path(name)
        told = row._asdict() | {"n": self._place[row.id], "group": self._place.get(row.group or 0)}
        return {name: value for name, value in told.items() if name != "id" and value not in (None, "")}

    def write_annotations(self, out: BinaryIO) -> None:
        place = {who: number for number, who in enumerate(self._ids)}
        with self._db.read() as conn:
            sayings = Sayings(conn, self._job.project_id)
            rows = (row for row in carried.annotations_of(conn, self._ids) if self._may_be_told(row))
            _write_lines(
                out,
                (
                    {
                        "item": self._place[row.item_id],
                        "by": place[row.annotator_id],
                        "said": sayings[row.value_id],
                        **{name: value for name, value in row._asdict().items() if name in KEPT and value is not None},
                    }
                    for row in rows
                ),
            )

    def _may_be_told(self, row: CarriedAnnotation) -> bool:
        if row.item_id not in self._place:
            return False
        return self._with_test or row.item_id not in self._on_test or row.annotator_id not in self._models

    @property
    def _models(self) -> set[int]:
        return {one.id for one in self._everyone if one.kind is AnnotatorKind.MODEL}

    def write_held_out(self, out: BinaryIO) -> None:
        """A row for each item of validation and test, with what each says of it, for people and spreadsheets."""
        called = titles(self._everyone)
        with self._db.read() as conn:
            sayings = Sayings(conn, self._job.project_id)
            said: dict[int, dict[int, int]] = {}
            for row in carried.annotations_of(conn, self._ids):
                if self._may_be_told(row):
                    said.setdefault(row.item_id, {})[row.annotator_id] = row.value_id
            rows = (
                {"item": self._place[item.id], "split": item.split, "id": item.external_id, "text": item.text}
                | {
                    called[who]: _cell(sayings[value]) if (value := said.get(item.id, {}).get(who)) else ""
                    for who in self._ids
                }
                for item in carried.items_of(conn, self._job.project_id, self._ids)
                if item.split in (Split.VALIDATION, Split.TEST)
            )
            columns = ["item", "split", "id", "text", *(called[who] for who in self._ids)]
            EXPORTERS["csv"].write(rows, columns, out)


KEPT = frozenset(CarriedAnnotation._fields) - {"item_id", "annotator_id", "value_id"}
"""What is told of an annotation besides what it says, who and of what."""


def _cell(said: Any) -> str:
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)


def _task(task: Task) -> dict[str, Any]:
    def label(one: Any) -> dict[str, Any]:
        return {name: value for name, value in asdict(one).items() if name not in ("id", "is_fallback")}

    return {
        "type": str(task.type),
        "labels": [label(one) for one in task.labels],
        "fallback": label(task.fallback),
        "guidelines": task.guidelines,
        "options": asdict(task.options),
    }


def _prompt(version: PromptVersion) -> dict[str, Any]:
    examples = [{"text": one.text, "said": one.said, "fields": dict(one.fields)} for one in version.examples]
    return {
        "number": version.number,
        "note": version.note,
        "system": version.system,
        "user": version.user,
        "answers": version.answers,
        "examples": examples,
        "created_at": version.created_at.isoformat(),
    }


def _tune(job: FineTune, host: Host | None, lineage: Sequence[FineTune]) -> dict[str, Any]:
    told = asdict(job) | {"status": str(job.status), "created_at": job.created_at.isoformat()}
    told["finished_at"] = job.finished_at.isoformat() if job.finished_at else None
    told["config"] = {name: value for name, value in job.config.items() if name != "origin"}
    gone = ("id", "project_id", "annotator_id", "prompt_version_id")
    came = [
        {"base_model": one.base_model, "fine_tuned_model": one.fine_tuned_model, "host": one.host}
        for one in lineage
        if one.id != job.id
    ]
    return {name: value for name, value in told.items() if name not in gone} | {
        "host": _host(job, host),
        "lineage": came,
    }


def _host(job: FineTune, host: Host | None) -> dict[str, str]:
    """Where it is, without anything that only its owner may know."""
    if host is None:
        origin = job.config.get("origin") or {}
        return {"key": job.host, "title": str(origin.get("host_title") or job.host), "profile": "", "base_url": ""}
    return {
        "key": host.key,
        "title": host.title,
        "profile": profile_of(host).key,
        "base_url": host.base_url,
        "key_variable": host.key_variable,
    }


def _project(project: Project, dealt: Any, looked: int) -> dict[str, Any]:
    return {
        "name": project.name,
        "question": project.question,
        "split_seed": project.split_seed,
        "split_config": dealt,
        "layout": [asdict(one) for one in project.layout],
        "looks": looked,
    }


def _annotators(everyone: Sequence[Annotator], job: FineTune, reference: int | None) -> list[dict[str, Any]]:
    return [
        {
            "kind": str(one.kind),
            "name": one.name,
            "color": one.color,
            "model": one.model,
            "variant": one.variant,
            "is_reference": one.id == reference,
            "is_teacher": one.id == job.annotator_id,
            "asked_with_the_prompt": one.prompt_version_id == job.prompt_version_id,
            "is_tuned": bool(job.fine_tuned_model) and one.model == job.fine_tuned_model,
        }
        for one in everyone
    ]


def _event(event: FineTuneEvent) -> dict[str, Any]:
    return asdict(event) | {"created_at": event.created_at.isoformat()}


def text_part(name: str, text: str) -> Part:
    """A part that is this text."""
    return Part(name, lambda out: out.write(text.encode()))


def _json(name: str, told: Any) -> Part:
    return text_part(name, json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def _write_lines(out: BinaryIO, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        out.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")


def copier(path: Path) -> Callable[[BinaryIO], object]:
    """Writes what is in the file."""

    def write(out: BinaryIO) -> None:
        with path.open("rb") as file:
            shutil.copyfileobj(file, out)

    return write
