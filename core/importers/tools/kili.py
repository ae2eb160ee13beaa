"""Kili: assets with labels inside, each the answers of one author by job; the interface, in a file next to the export,
tells what the jobs ask and how their categories are called."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.importers.answer_kinds import Kind
from core.importers.tools.gathered import ANNOTATOR, Gathered, Record, number_of, objects, person, span
from core.importers.tools.shape import Tool

_LONGEST = 5_000_000
_SAID = frozenset({"DEFAULT", "REVIEW", "INFERENCE", "PREDICTION"})
_MODELS = frozenset({"INFERENCE", "PREDICTION"})
_KINDS = {"CLASSIFICATION": Kind.SINGLE_LABEL, "NAMED_ENTITIES_RECOGNITION": Kind.SPANS, "TRANSCRIPTION": Kind.TEXT}
_SETS = frozenset({"checkbox", "multipleDropdown"})
_OF_ASSETS = frozenset(
    (
        *("id", "externalId", "external_id", "content", "labels", "latestLabel", "jsonMetadata", "createdAt"),
        *("updatedAt", "status", "statusInStep", "currentStep", "toBeLabeledBy", "project", "projectId", "resolution"),
    )
)
_OF_LABELS = frozenset(
    (
        *("id", "author", "labelType", "jsonResponse", "isLatestLabelForUser", "isSentBackToQueue", "createdAt"),
        *("modelName", "numberOfAnnotations"),
    )
)
"""What is read, and how its server counts and finds things."""
_BETTER = ("First is better", "Second is better")


def prepare(gathered: Gathered, beside: Path | None) -> None:
    """The names of categories and whether a job takes several, from the interface."""
    found = next((path for path in _places(beside) if path.is_file()), None) if beside else None
    if found is None:
        return
    try:
        text = found.read_text(encoding="utf-8")
        held = json.loads(text) if len(text) <= _LONGEST else {}
    except (OSError, ValueError, RecursionError) as error:
        gathered.notes.append(f"The interface {found.name} was not used: {str(error)[:100]}.")
        return
    holder = held.get("jsonInterface", held) if isinstance(held, Mapping) else {}
    jobs = holder.get("jobs") if isinstance(holder, Mapping) else None
    known = {
        name: job
        for name, job in (jobs.items() if isinstance(jobs, Mapping) else ())
        if isinstance(job, Mapping) and isinstance(job.get("content"), Mapping)
    }
    for name, job in known.items():
        _job(name, job, gathered)
    for name, job in known.items():
        _children(name, job["content"].get("categories"), gathered)
    if gathered.names:
        gathered.notes.append(f"Questions and labels are from the interface {found.name}.")


def _job(key: str, job: Mapping[str, Any], gathered: Gathered) -> None:
    """What one job asks. Our own interfaces also say what the question is called and what levels count."""
    content, title = job["content"], job.get("question")
    name = gathered.called[key] = title if isinstance(title, str) and title else key
    listed = content.get("categories")
    named = {own: one for own, one in listed.items() if isinstance(one, Mapping)} if isinstance(listed, Mapping) else {}
    gathered.names[name] = {own: str(one.get("name") or own) for own, one in named.items()}
    gathered.labels[name] = tuple(gathered.names[name].values())
    if str(content.get("input")) in _SETS and job.get("mlTask") == "CLASSIFICATION":
        gathered.several.add(name)
    if str(job.get("mlTask")) in _KINDS:
        gathered.kinds[name] = _KINDS[job["mlTask"]]
    compared = job.get("candidates")
    if isinstance(compared, list) and len(compared) == 2 and job.get("mlTask") == "COMPARISON":
        gathered.compared[name] = (str(compared[0]), str(compared[1]))
    _take_levels(name, job, named, gathered)


def _children(key: str, categories: Any, gathered: Gathered) -> None:
    """The jobs that are asked only where certain categories of this one are chosen."""
    name = gathered.called[key]
    for own, one in categories.items() if isinstance(categories, Mapping) else ():
        children = one.get("children") if isinstance(one, Mapping) else None
        for child in map(str, children) if isinstance(children, list) else ():
            if child in gathered.called:
                _, labels = gathered.hangs.get(gathered.called[child], (name, frozenset()))
                gathered.hangs[gathered.called[child]] = (name, labels | {gathered.names[name][own]})


def _take_levels(name: str, job: Mapping[str, Any], categories: Mapping[str, Any], gathered: Gathered) -> None:
    """A job of one choice whose categories have scores, or that says so itself, asks for a level."""
    held = {key: one for key, one in categories.items() if isinstance(one, Mapping) and not one.get("isFallback")}
    scores = [number_of(one.get("score")) for one in held.values()]
    is_scored = len(held) > 1 and None not in scores and len({*scores}) == len(scores)
    is_choice = job.get("mlTask") == "CLASSIFICATION" and str(job["content"].get("input")) not in _SETS
    if not is_choice or not (is_scored or job.get("kind") == Kind.RATING):
        return
    gathered.kinds[name] = Kind.RATING
    if is_scored:
        told = {gathered.names[name][key]: score for key, score in zip(held, scores, strict=True) if score is not None}
        ordered = sorted(told, key=told.__getitem__)
        gathered.labels[name] = (*ordered, *(one for one in gathered.labels[name] if one not in told))
        gathered.scores[name] = tuple(told[one] for one in ordered)


def _places(export: Path) -> Iterator[Path]:
    yield from (export.with_name(name) for name in ("interface.json", "json_interface.json", "project.json"))


def is_kili(record: Record) -> bool:
    labels = objects(record, "labels")
    has_answers = any("jsonResponse" in one for one in labels)
    return has_answers or ("externalId" in record and isinstance(record.get("labels"), list))


def unfold(asset: Record, gathered: Gathered) -> Iterator[Record]:
    """One record for each author's label. What was only saved on the way says nothing."""
    item: Record = {"id": asset.get("externalId") or asset.get("id"), "text": asset.get("content")}
    metadata = asset.get("jsonMetadata")
    item |= {f"metadata.{name}": value for name, value in metadata.items()} if isinstance(metadata, Mapping) else {}
    gathered.leave_rest(asset, _OF_ASSETS)
    spoken = False
    for label in objects(asset, "labels"):
        kind, response = str(label.get("labelType") or "DEFAULT"), label.get("jsonResponse")
        if kind not in _SAID or label.get("isLatestLabelForUser") is False or not isinstance(response, Mapping):
            gathered.leave("labels saved on the way")
            continue
        gathered.leave_rest(label, _OF_LABELS)
        who = person(label.get("author"))
        if kind in _MODELS:
            who = f"model {label.get('modelName') or 'prediction'}"
            gathered.models.add(who)
        row = item | {ANNOTATOR: who}
        for job, given in response.items():
            _answer(row, job, given, gathered)
        spoken = True
        yield row
    if not spoken:
        yield item


def _answer(row: Record, job: str, given: Any, gathered: Gathered) -> None:
    """What one job's answer says: categories, marks, a text, or which of two is better."""
    if not isinstance(given, Mapping):
        return
    job = gathered.called.get(job, job)
    names = gathered.names.get(job, {})
    if isinstance(given.get("categories"), list):
        chosen = [_name(one, names, gathered) for one in objects(given, "categories")]
        row[job] = gathered.choose(job, chosen)
        gathered.scales.add(job)
        for one in objects(given, "categories"):
            _nested(row, one.get("children"), gathered)
    elif isinstance(given.get("annotations"), list):
        if gathered.kinds.get(job) == Kind.SPANS:
            row.setdefault(job, [])
        _mark(row, job, given, names, gathered)
    elif isinstance(given.get("text"), str):
        gathered.kinds.setdefault(job, Kind.TEXT)
        row[job] = given["text"]
    elif given.get("code") and given.get("firstId") is not None:
        _compare(row, job, given, gathered)
    elif given:
        gathered.leave(f"answers of job {job}")


def _nested(row: Record, children: Any, gathered: Gathered) -> None:
    """The answers of jobs asked only where a category is chosen; of one that two categories have, the first."""
    for job, given in children.items() if isinstance(children, Mapping) else ():
        if gathered.called.get(job, job) in row:
            gathered.leave("answers of a job nested in several categories", bool(given))
        else:
            _answer(row, job, given, gathered)


def _name(category: Mapping[str, Any], names: Mapping[str, str], gathered: Gathered) -> str:
    gathered.leave("confidences", category.get("confidence") not in (None, 100))
    return names.get(str(category.get("name")), str(category.get("name")))


def _mark(row: Record, job: str, given: Mapping[str, Any], names: Mapping[str, str], gathered: Gathered) -> None:
    for one in objects(given, "annotations"):
        begin, content = one.get("beginOffset"), one.get("content")
        if not isinstance(begin, int):
            gathered.leave("relations between spans" if "startEntities" in one else "regions of pictures or films")
            continue
        gathered.kinds.setdefault(job, Kind.SPANS)
        end = one.get("endOffset")
        if end is None:
            end = begin + len(str(content or ""))
        chosen = [_name(category, names, gathered) for category in objects(one, "categories")]
        gathered.leave("answers about single spans", any(bool(c.get("children")) for c in objects(one, "categories")))
        row.setdefault(job, []).extend(span(begin, end, label, content) for label in chosen)


def _compare(row: Record, job: str, given: Mapping[str, Any], gathered: Gathered) -> None:
    """The first that is named is the winner; the two ids are the names of fields, in the order that the interface
    tells, else in that of the fields."""
    first, second = (_field(row, str(given.get(name))) for name in ("firstId", "secondId"))
    told = [_field(row, name) for name in gathered.compared.get(job, ())]
    order = told if {*told} == {first, second} else list(row)
    shown = tuple(sorted((first, second), key=lambda name: order.index(name) if name in order else len(order)))
    gathered.kinds.setdefault(job, Kind.PREFERENCE)
    gathered.candidates.setdefault(job, (shown[0], shown[1]))
    row[job] = "Tie" if "TIE" in str(given["code"]).upper() else _BETTER[shown.index(first)]


def _field(row: Record, name: str) -> str:
    """The column of a candidate, which may be one of the metadata."""
    return name if name in row or f"metadata.{name}" not in row else f"metadata.{name}"


TOOL = Tool("a Kili export", is_kili, is_kili, unfold, prepare=prepare)
