"""Label Studio: tasks with annotations and predictions inside, and the short form with one record an annotation.

What a control says is in the `value` of a result, under a name of its own; the labelling configuration, an XML file
next to the export, tells the rest (see `label_studio_config`).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.importers.answer_kinds import Kind
from core.importers.ranking_cells import MOST_CANDIDATES
from core.importers.tools.gathered import ANNOTATOR, Gathered, Record, is_whole, objects, person, span
from core.importers.tools.label_studio_config import read_config
from core.importers.tools.shape import Tool

BETTER = {"left": "First is better", "right": "Second is better"}
_SPAN_LABELS = ("labels", "hypertextlabels")
_SHAPES = frozenset({"width", "points", "rle", "keypointlabels", "brushlabels", "rectanglelabels", "sequence", "x"})


_KEPT_BY_IT = (
    *("id", "created_at", "updated_at", "updated_by", "project", "task", "unique_id", "import_id", "created_username"),
    *("created_ago", "parent_prediction", "parent_annotation", "last_action", "last_created_by", "bulk_created"),
    *("draft_created_at", "result_count", "state", "inner_id", "file_upload", "storage_filename", "overlap"),
    *("total_annotations", "cancelled_annotations", "total_predictions", "comment_count", "comment_authors"),
    *("unresolved_comment_count", "last_comment_updated_at", "is_labeled", "allow_skip", "precomputed_agreement"),
)
"""How its server counts and finds things, which says nothing of the items."""
_OF_TASKS = frozenset((*_KEPT_BY_IT, "data", "annotations", "completions", "predictions", "drafts", "comments", "meta"))
_OF_ANNOTATIONS = frozenset(
    (*_KEPT_BY_IT, "result", "completed_by", "was_cancelled", "skipped", "ground_truth", "prediction")
)


def prepare(gathered: Gathered, beside: Path | None) -> None:
    """Takes the questions from the configuration where there is one."""
    if beside is not None:
        read_config(beside, gathered)


def is_label_studio(record: Record) -> bool:
    lists = [record.get(name) for name in ("annotations", "completions", "predictions")]
    return isinstance(record.get("data"), dict) and any(isinstance(one, list) for one in lists)


def is_task(record: Record) -> bool:
    """Tasks nobody has seen yet may come without any list."""
    return isinstance(record.get("data"), dict)


def unfold(task: Record, gathered: Gathered) -> Iterator[Record]:
    """Skipped tasks and drafts say nothing. A prediction is the word of its model."""
    data = task["data"]
    item = {"id": task.get("id"), **_called(data, task, gathered)}
    if "id" in data:
        item["data.id"] = data["id"]
    gathered.leave_rest(task, _OF_TASKS)
    gathered.leave("drafts", len(objects(task, "drafts")))
    gathered.leave("comments", len(objects(task, "comments")))
    spoken = False
    for annotation in objects(task, "annotations") + objects(task, "completions"):
        if annotation.get("was_cancelled") or annotation.get("skipped"):
            gathered.leave("skipped annotations")
            continue
        gathered.leave_rest(annotation, _OF_ANNOTATIONS)
        said = _said(annotation, item, gathered)
        who = person(annotation.get("completed_by"))
        if said or who:
            spoken = True
            yield item | {ANNOTATOR: who} | said
        if annotation.get("ground_truth"):
            gathered.leave("marks of ground truth")
    for prediction in _predictions(task, gathered):
        who = f"model {prediction.get('model_version') or 'prediction'}"
        gathered.models.add(who)
        spoken = True
        yield item | {ANNOTATOR: who} | _said(prediction, item, gathered)
        if prediction.get("score") is not None:
            gathered.leave("scores of predictions")
    if not spoken:
        yield item


def _called(data: Mapping[str, Any], task: Record, gathered: Gathered) -> Record:
    """The fields, those that our own file names otherwise by the names it says they have."""
    meta = task.get("meta")
    held = meta.get("fields") if isinstance(meta, Mapping) else None
    names = held if isinstance(held, Mapping) and all(isinstance(one, str) for one in held.values()) else {}
    gathered.leave("further data on tasks (meta)", bool(meta) and meta != {"fields": names})
    named = {str(names.get(name, name)): value for name, value in data.items() if name != "id"}
    is_clear = len(named) == len(data) - ("id" in data) and named.keys().isdisjoint(("id", ANNOTATOR))
    return named if is_clear else {name: value for name, value in data.items() if name != "id"}


def _predictions(task: Record, gathered: Gathered) -> list[Mapping[str, Any]]:
    """Those that are there; some exports have but their numbers."""
    held = task.get("predictions")
    found = [one for one in objects(task, "predictions") if isinstance(one.get("result"), list)]
    gathered.leave("predictions without content", len(held) - len(found) if isinstance(held, list) else 0)
    return found


def _said(annotation: Mapping[str, Any], item: Record, gathered: Gathered) -> Record:
    """What an annotation says, by the name of the control it was said with."""
    said: Record = {}
    for result in objects(annotation, "result"):
        value, name = result.get("value"), str(result.get("from_name") or result.get("type") or "label")
        if not isinstance(value, dict):
            gathered.leave("relations between spans" if result.get("type") == "relation" else "results without a value")
        elif "start" in value or "end" in value:
            _mark(said, name, value, gathered)
        elif not _SHAPES.isdisjoint(value):
            gathered.leave("regions of pictures or films")
        else:
            _answer(said, _free(name, item), value, result, item, gathered)
    return said


def _free(name: str, item: Record) -> str:
    """The name of the control, beside a field of the item with that very name another."""
    return f"{name} (answer)" if name in item else name


def _mark(said: Record, name: str, value: Mapping[str, Any], gathered: Gathered) -> None:
    """A span: offsets of a web page count in its text, which `globalOffsets` do."""
    names = value.get(_SPAN_LABELS[0])
    if not isinstance(names, list):
        names = next((value[key] for key in _SPAN_LABELS if isinstance(value.get(key), list)), None)
    overall = value.get("globalOffsets")
    offsets = overall if isinstance(overall, dict) else value
    start, end = offsets.get("start"), offsets.get("end")
    if not is_whole(start) or not is_whole(end):
        gathered.leave("regions of sound or of dialogues")
        return
    if names is None:
        gathered.leave("answers about single spans")
        return
    gathered.kinds.setdefault(name, Kind.SPANS)
    quote, spans = value.get("text"), said.setdefault(name, [])
    for one in names:
        spans.append(span(start, end, one, quote))


def _answer(
    said: Record, name: str, value: Mapping[str, Any], result: Mapping[str, Any], item: Record, gathered: Gathered
) -> None:
    if isinstance(value.get("choices"), list | str):
        held = value["choices"]
        said[name] = gathered.choose(name, [*said.get(name, ()), *(held if isinstance(held, list) else [held])])
    elif isinstance(value.get("taxonomy"), list):
        paths = [" / ".join(map(str, path)) if isinstance(path, list) else path for path in value["taxonomy"]]
        said[name] = gathered.choose(name, paths)
    elif "rating" in value:
        gathered.kinds.setdefault(name, Kind.RATING)
        said[name] = value["rating"]
    elif "selected" in value:
        gathered.kinds.setdefault(name, Kind.PREFERENCE)
        gathered.candidates.setdefault(name, _compared(result, item))
        said[name] = BETTER.get(str(value["selected"]), str(value["selected"]))
    elif "ranker" in value:
        _rank(said, name, value["ranker"], item, gathered)
    elif "text" in value:
        gathered.kinds.setdefault(name, Kind.TEXT)
        held = value["text"]
        said[name] = "\n".join(map(str, held)) if isinstance(held, list) else str(held)
    elif "number" in value:
        gathered.kinds.setdefault(name, Kind.SINGLE_LABEL)
        said[name] = value["number"]
    else:
        gathered.leave(f"answers of type {result.get('type') or 'unknown'}")


def _compared(result: Mapping[str, Any], item: Record) -> tuple[str, ...]:
    """The two fields a pair was shown from: the control names them, or what it is about does."""
    for name in ("to_name", "from_name"):
        named = [part.strip() for part in str(result.get(name) or "").split(",")]
        if len(named) == 2 and all(part in item for part in named):
            return (named[0], named[1])
    texts = [name for name, held in item.items() if isinstance(held, str) and name not in ("id", "data.id")]
    return tuple(texts[-2:]) if len(texts) >= 2 else ()


def _rank(said: Record, name: str, held: Any, item: Record, gathered: Gathered) -> None:
    """An order of the item's list of candidates, which become fields: buckets hold ties, one list is an order."""
    order = next(iter(held.values()), None) if isinstance(held, Mapping) and len(held) == 1 else held
    buckets = (
        list(order.values())
        if isinstance(order, Mapping)
        else [[one] for one in order]
        if isinstance(order, list)
        else []
    )
    groups = [one for one in buckets if isinstance(one, list)]
    listed = next((key for key, value in item.items() if _is_candidates(value)), None)
    ids = [str(one["id"]) for one in item.get(listed or "") or ()]
    are_fields = all(isinstance(item.get(one), str) and one not in ("id", "data.id") for one in ids)
    places = {one: one if are_fields else f"candidate {n}" for n, one in enumerate(ids, start=1)}
    if not places or len(places) > MOST_CANDIDATES:
        gathered.leave("rankings whose candidates are not in the file" if not places else "rankings of more than nine")
        return
    if listed is not None and not are_fields:
        _spread(item, listed)
    gathered.kinds.setdefault(name, Kind.RANKING)
    if len(places) > len(gathered.candidates.get(name, ())):
        gathered.candidates[name] = tuple(places.values())
    said[name] = [[places.get(str(one), str(one)) for one in group] for group in groups if group]


def _is_candidates(value: Any) -> bool:
    is_list = isinstance(value, list) and len(value) > 1
    return is_list and all(isinstance(one, Mapping) and "id" in one for one in value)


def _spread(item: Record, listed: str) -> None:
    """Each candidate as a field of its own."""
    for number, one in enumerate(item[listed], start=1):
        shown = next((one[key] for key in ("body", "text", "html", "title") if one.get(key)), one["id"])
        item.setdefault(f"candidate {number}", shown)


def is_short(record: Record) -> bool:
    return "annotation_id" in record and ("annotator" in record or "lead_time" in record)


def unfold_short(record: Record, gathered: Gathered) -> Iterator[Record]:
    """The short form: a record an annotation, what was said beside the item's fields. One choice is a text like any
    other there."""
    row: Record = {}
    for name, held in record.items():
        if name in ("annotation_id", "created_at", "updated_at", "lead_time"):
            gathered.leave(f"field {name}")
        elif name == ANNOTATOR:
            row[name] = person(held)
        elif isinstance(held, Mapping) and isinstance(held.get("choices"), list):
            row[name] = gathered.choose(name, held["choices"])
        elif _are_spans(held):
            _add_spans(row, name, held, gathered)
        else:
            row[name] = held
    yield row


def _are_spans(held: Any) -> bool:
    return isinstance(held, list) and bool(held) and all(isinstance(one, Mapping) and "start" in one for one in held)


def _add_spans(row: Record, name: str, held: Sequence[Mapping[str, Any]], gathered: Gathered) -> None:
    for one in held:
        _mark(row, name, one, gathered)


TOOL = Tool("a Label Studio export", is_label_studio, is_task, unfold, prepare=prepare)
SHORT = Tool("a short Label Studio export", is_short, is_short, unfold_short, prepare=prepare)
