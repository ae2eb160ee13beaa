"""What annotators say as files of other tools, item by item."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import BinaryIO

from core.exporters import TOOL_EXPORTERS, Asked, Files, OfAll, ToolExporter, Word, written
from core.media import MediaStore
from core.model import AnnotatorKind, Item, Split, Task
from core.services.common.asked import kept_by
from core.services.common.lookup import project_of
from core.services.common.titles import titles
from core.services.common.values import Sayings
from core.services.export.with_files import Progress, Used, files_of, item_by_place, no_progress
from core.storage import annotations, annotators, conditions, items, projects, tasks
from core.storage.engine import Database
from core.storage.items import ItemFilter
from core.tasks.together import keys_of
from core.text import known

_PAGE = 2_000
_SHOWN = 400
_OWN = ("id", "text", "image", "audio", "video")
"""What tools call what an item is, which no question can be called."""


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
        asked = _all(db, project_id, tool)
        said = _spoken_of_all(db, asked, annotator_ids, models_on_test, _PAGE)
        placed = ((item_by_place(item, named), words) for item, words in said)
        told = _told(files, named, progress)
        return tool.pack(task, tool.of_all.records(list(asked.values()), placed, told), out, told)
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
        return tool.of_all.settings(list(_all(db, project_id, tool).values()), files)
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
        asked = _all(db, project_id, tool)
        placed = (
            (item_by_place(item, {}), words) for item, words in _spoken_of_all(db, asked, annotator_ids, False, n)
        )
        found = tool.of_all.records(list(asked.values()), placed, files)
    else:
        found = tool.records(task, _by_place(_spoken(db, project_id, annotator_ids, False, n), {}), files)
    lines = map(written, islice(found, n))
    return [{tool.title: line if len(line) <= _SHOWN else f"{line[:_SHOWN]} …"} for line in lines]


def _all(db: Database, project_id: int, tool: ToolExporter) -> dict[int, Asked]:
    """The questions about the items that the tool can ask, by project, each by the name that the tool calls it. Where
    what one hangs on cannot be asked, it is asked always."""
    with db.read() as conn:
        asked = projects.questions(conn, project_id)
        taken = {*_OWN, *items.field_names(conn, project_id)}
        keys = {
            one.id: f"{key}_answer" if key in taken else key
            for one, key in zip(asked, keys_of([one.question for one in asked]), strict=True)
        }
        found: dict[int, Asked] = {}
        for one in asked:
            task, condition = tasks.task(conn, one.id), conditions.of(conn, one.id)
            if task.type not in tool.kinds:
                continue
            named = Asked(keys[one.id], task, one.question)
            if condition is not None and condition.on in found:
                on = found[condition.on]
                labels = tuple(label.name for label in on.task.choices if label.id in condition.labels)
                named = named._replace(on=on.name, labels=labels)
            found[one.id] = named
        return found


def not_carried(db: Database, project_id: int, key: str) -> list[str]:
    """What a file of all questions for this tool says otherwise than it is here, in sentences."""
    tool = known(key, TOOL_EXPORTERS, "format for another tool")
    if tool.of_all is None:
        return []
    carried = _all(db, project_id, tool)
    with db.read() as conn:
        asked = projects.questions(conn, project_id)
        hanging = {one.id: conditions.of(conn, one.id) for one in asked}
    missing = [f"“{one.question}”" for one in asked if one.id not in carried]
    always = [
        f"“{one.question}”"
        for one in asked
        if one.id in carried and (held := hanging[one.id]) and not _hangs(tool.of_all, carried.get(held.on))
    ]
    said = []
    if missing:
        are = "is" if len(missing) == 1 else "are"
        said.append(f"{', '.join(missing)} {are} not in the file: {tool.title} has no such kind of question.")
    if always:
        are = "is" if len(always) == 1 else "are"
        said.append(f"{', '.join(always)} {are} asked of every item there: {tool.title} cannot take the condition.")
    return said


def _hangs(of_all: OfAll, on: Asked | None) -> bool:
    return on is not None and on.task.type in of_all.hangs


def _spoken_of_all(
    db: Database, asked: Iterable[int], annotator_ids: Collection[int] | None, models_on_test: bool, at_once: int
) -> Iterator[tuple[Item, list[list[Word]]]]:
    """Every item with what is said of it now to each question."""
    told = [_spoken(db, one, annotator_ids, models_on_test, at_once) for one in asked]
    for of_item in zip(*told, strict=True):
        yield of_item[0][0], [words for _, words in of_item]


def _by_place(spoken: Iterable[tuple[Item, list[Word]]], used: Used) -> Iterator[tuple[Item, list[Word]]]:
    return ((item_by_place(item, used), words) for item, words in spoken)


def _tool_and_task(db: Database, project_id: int, key: str, store: MediaStore) -> tuple[ToolExporter, Task, Files]:
    with db.read() as conn:
        files = files_of(project_of(conn, project_id).layout, store)
        files = replace(files, fields=tuple(items.field_names(conn, project_id)))
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
