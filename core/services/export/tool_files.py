"""What annotators say as files of other tools, item by item."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import BinaryIO

from core.exporters import TOOL_EXPORTERS, Files, ToolExporter, Word, written
from core.media import MediaStore
from core.model import AnnotatorKind, Item, Split, Task
from core.services.common.asked import kept_by
from core.services.common.lookup import project_of
from core.services.common.titles import titles
from core.services.common.values import Sayings
from core.services.export.with_files import Progress, Used, files_of, item_by_place, no_progress
from core.storage import annotations, annotators, items, projects, tasks
from core.storage.engine import Database
from core.storage.items import ItemFilter
from core.tasks.together import keys_of
from core.text import known

_PAGE = 2_000
_SHOWN = 400


def formats_for(task: Task) -> dict[str, ToolExporter]:
    """The formats that can hold what the task asks."""
    return {key: one for key, one in TOOL_EXPORTERS.items() if task.type in one.kinds}


def write(
    db: Database,
    project_id: int,
    key: str,
    annotator_ids: Sequence[int] | None,
    models_on_test: bool,
    out: BinaryIO,
    store: MediaStore,
    used: Used | None = None,
    progress: Progress = no_progress,
    *,
    all_questions: bool = False,
) -> int:
    """Writes the file; gives the number of records. `used` gathers the files of items that it names; of those that are
    written into it `progress` is told."""
    tool, task, files = _tool_and_task(db, project_id, key, store)
    named: Used = {} if used is None else used
    if all_questions and tool.of_all:
        asked, said = _all(db, project_id), _spoken_of_all(db, project_id, annotator_ids, models_on_test, _PAGE)
        placed = ((item_by_place(item, named), words) for item, words in said)
        told = _told(files, named, progress)
        return tool.pack(task, tool.of_all.records(asked, placed, told), out, told)
    spoken = _spoken(db, project_id, annotator_ids, models_on_test, _PAGE)
    return tool.write(task, _by_place(spoken, named), out, _told(files, named, progress))


def _told(files: Files, named: Used, progress: Progress) -> Files:
    """A tool asks where a file is when it is about to write it."""
    asked = count(1)

    def path(place: str) -> Path | None:
        progress(min(1.0, next(asked) / max(1, len(named))))
        return files.path(place)

    return replace(files, path=path)


def settings_of(db: Database, project_id: int, key: str, store: MediaStore, *, all_questions: bool = False) -> str:
    """What the tool must be told first; "" for one that need not."""
    tool, task, files = _tool_and_task(db, project_id, key, store)
    if all_questions and tool.of_all:
        return tool.of_all.settings(_all(db, project_id), files)
    return tool.settings.text(task, files) if tool.settings else ""


def beginning(
    db: Database,
    project_id: int,
    key: str,
    annotator_ids: Sequence[int] | None,
    n: int,
    store: MediaStore,
    *,
    all_questions: bool = False,
) -> list[dict[str, str]]:
    """The first records as they will be written, cut; no look, since what models say of test items is left out."""
    tool, task, files = _tool_and_task(db, project_id, key, store)
    if all_questions and tool.of_all:
        said = _spoken_of_all(db, project_id, annotator_ids, False, n)
        placed = ((item_by_place(item, {}), words) for item, words in said)
        found = tool.of_all.records(_all(db, project_id), placed, files)
    else:
        found = tool.records(task, _by_place(_spoken(db, project_id, annotator_ids, False, n), {}), files)
    lines = map(written, islice(found, n))
    return [{tool.title: line if len(line) <= _SHOWN else f"{line[:_SHOWN]} …"} for line in lines]


def _all(db: Database, project_id: int) -> list[tuple[str, Task]]:
    """All questions about the items, each by the name that a tool calls it."""
    with db.read() as conn:
        asked = projects.questions(conn, project_id)
        keys = keys_of([one.question for one in asked])
        return [(key, tasks.task(conn, one.id)) for key, one in zip(keys, asked, strict=True)]


def _spoken_of_all(
    db: Database, project_id: int, annotator_ids: Collection[int] | None, models_on_test: bool, at_once: int
) -> Iterator[tuple[Item, list[list[Word]]]]:
    """Every item with what is said of it now to each question."""
    with db.read() as conn:
        asked = [one.id for one in projects.questions(conn, project_id)]
    told = [_spoken(db, one, annotator_ids, models_on_test, at_once) for one in asked]
    for of_item in zip(*told, strict=True):
        yield of_item[0][0], [words for _, words in of_item]


def _by_place(spoken: Iterable[tuple[Item, list[Word]]], used: Used) -> Iterator[tuple[Item, list[Word]]]:
    return ((item_by_place(item, used), words) for item, words in spoken)


def _tool_and_task(db: Database, project_id: int, key: str, store: MediaStore) -> tuple[ToolExporter, Task, Files]:
    with db.read() as conn:
        files = files_of(project_of(conn, project_id).layout, store)
        task = tasks.task(conn, project_id)
    return known(key, formats_for(task), "format for these answers"), task, files


def _spoken(
    db: Database, project_id: int, annotator_ids: Collection[int] | None, models_on_test: bool, at_once: int
) -> Iterator[tuple[Item, list[Word]]]:
    """Every item with what is said of it now, the reference first; memory stays flat whatever the size."""
    after = 0
    with db.read() as conn:
        reference = project_of(conn, project_id).reference_id
        everyone = annotators.list_all(conn, project_id)
        chosen = [one.id for one in everyone if annotator_ids is None or one.id in annotator_ids]
        kept = kept_by(conn, chosen)
    called = titles(everyone)
    models = {one.id for one in everyone if one.kind is AnnotatorKind.MODEL}
    chosen.sort(key=lambda one: one != reference)
    while True:
        with db.read() as conn:
            page = items.page(conn, project_id, ItemFilter(), after=after, limit=at_once)
            ids = [item.id for item in page]
            entries = annotations.current_of(conn, ids, Sayings(conn, project_id).about(ids), of=project_id)
        if not page:
            return
        for item in page:
            hidden = models if item.split is Split.TEST and not models_on_test else set[int]()
            hidden = hidden | {who for who, of in kept.items() if item.id in of}
            said = {one: entries[item.id][one].said for one in chosen if one in entries[item.id] and one not in hidden}
            yield item, [Word(called[one], one in models, held) for one, held in said.items() if held is not None]
        after = page[-1].id
