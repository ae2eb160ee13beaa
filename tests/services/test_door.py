"""Every public verb takes what nobody expects, and answers with a sentence or with what it does, never otherwise."""

import inspect
import io
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from core.errors import WorkbenchError
from core.model import Host, Label, Price, PromptVersion, Run, TableData, Task
from core.services.agreement.comparison import ComparisonView
from core.services.asking.requests import ModelRef
from core.services.data.bringing import ImportChoice
from core.services.data.sources import Source, find_upload, read_source, spool
from core.splits import Shares
from core.workbench import Workbench
from tests.fakes.waiting import finished
from tests.fakes.worlds import MODEL

HALF, NUL, HUGE = "half \ud83d of", "nul \0 in", 10**30
HOSTILE = {"half a character": (HALF, 1), "NUL": (NUL, 1), "a number without end": ("text", HUGE)}
NOT_SERVICES = {"settings", "db", "worker"}
LEFT_OUT = {"hosts.close", "demo.create", "likenesses.stop"}
"""Verbs that take nothing."""


def services(wb):
    return {name: getattr(wb, name) for name in typing.get_type_hints(Workbench) if name not in NOT_SERVICES}


def verbs(wb):
    for name, service in services(wb).items():
        for verb, method in inspect.getmembers(service, inspect.ismethod):
            if not verb.startswith("_") and f"{name}.{verb}" not in LEFT_OUT:
                yield f"{name}.{verb}", method


@dataclass
class Given:
    """What a call is made of: usual values by the parameter's name, so that it gets beyond the first check."""

    usual: dict[str, Any]
    text: str
    number: int

    def hostile(self, kind: Any) -> Any:
        """A value of this type with the text and the number wherever it takes one."""
        origin, inside = typing.get_origin(kind), typing.get_args(kind)
        if kind is str or kind is Any:
            return self.text
        if kind is int:
            return self.number
        if kind in (float, bool, type(None)):
            return kind() if kind is not type(None) else None
        if kind is bytes:
            return b'{"\\ud83d": {"litellm_provider": "\\u0000"}}'
        if origin in (typing.Union, types.UnionType):
            return self.hostile(next(one for one in inside if one is not type(None)))
        if origin is typing.Literal:
            return inside[0]
        if origin in (Sequence, list, tuple, Iterable, set, frozenset):
            if origin is tuple and Ellipsis not in inside:
                return tuple(self.hostile(one) for one in inside)
            many = [self.hostile(inside[0])]
            return origin(many) if origin in (tuple, set, frozenset) else many
        if origin in (dict, Mapping):
            return {self.hostile(inside[0]): self.hostile(inside[1])}
        if kind is BinaryIO:
            return io.BytesIO()
        if kind is Path:
            return Path(self.text)
        if origin is Callable or kind is Callable:
            return lambda *_: None
        return self.object(kind)

    def fine(self, name: str, kind: Any) -> Any:
        """What is usual for a parameter, by its type or its name; something hostile where nothing is."""
        return self.usual.get(kind, self.usual.get(name)) or self.hostile(kind)

    def object(self, kind: Any) -> Any:
        if isinstance(kind, type) and issubclass(kind, Enum):
            return next(iter(kind))
        if kind in self.usual:
            return self.usual[kind]
        if kind in (date, datetime):
            return kind(2030, 1, 1)
        if kind is Shares:
            return Shares()
        if is_dataclass(kind):
            hints = typing.get_type_hints(kind)
            return kind(**{one.name: self.hostile(hints[one.name]) for one in fields(kind) if one.init})
        if hasattr(kind, "_fields"):
            hints = typing.get_type_hints(kind)
            return kind(*(self.hostile(hints[name]) for name in kind._fields))
        raise AssertionError(f"no value for a parameter of type {kind}")


@pytest.fixture
def usual(small_project, workbench):
    run = finished(workbench, small_project.start())
    items = list(small_project.items())[:2]
    by_name = {
        "project_id": small_project.id,
        "run_id": run.id,
        "version_id": small_project.version_id,
        "older_id": small_project.version_id,
        "newer_id": small_project.version_id,
        "reference_id": small_project.gold,
        "annotator_id": small_project.gold,
        "reviewer_id": small_project.hasty,
        "a_id": small_project.gold,
        "b_id": small_project.hasty,
        "item_ids": items,
        "shown": [small_project.gold],
        "host": "openai",
        "key": "openai",
        "host_key": "openai",
        "shape": "long",
        "file_format": "csv",
        "name": "Ada",
        "profile": "custom",
        "outcome": "fixed",
        "system": "{{labels}}",
        "user": "{{text}}",
        "version_ids": (small_project.version_id,),
        "models": (ModelRef("openai", MODEL),),
        "text_columns": ("id",),
        "title": "A host",
        "base_url": "http://127.0.0.1:9/v1",
        "seq": 1,
        "item_id": items[0],
        "columns": ("id", "other"),
        "rows": [("a", "b")],
        "labels": (Label("X"), Label("Y")),
        "base_model": MODEL,
        Run: run,
        Host: workbench.hosts.get("openai"),
        PromptVersion: workbench.prompts.get(small_project.version_id),
    }
    view = workbench.compare.view(small_project.id, small_project.gold, small_project.hasty, run.annotator_id, None)
    return by_name | {Task: workbench.tasks.get(small_project.id), type(view): view}


def calls(method: Any, given: Given) -> Iterable[tuple[str, dict[str, Any]]]:
    """Calls with something hostile in one parameter, or in one field of it, and everything else as usual."""
    hints = typing.get_type_hints(method)
    parameters = inspect.signature(method).parameters
    needed = [name for name, one in parameters.items() if one.default is inspect.Parameter.empty]
    usual = {name: given.fine(name, hints[name]) for name in needed}
    for name in parameters:
        for value in variants(hints[name], given):
            yield name, usual | {name: value}


def variants(kind: Any, given: Given) -> Iterable[Any]:
    yield given.hostile(kind)
    if not is_dataclass(kind) or kind is ComparisonView:
        # The view of a comparison is made by the product, and given back whole.
        return
    hints = typing.get_type_hints(kind)
    if kind in given.usual:
        usual = {one.name: getattr(given.usual[kind], one.name) for one in fields(kind)}
    else:
        needed = [one for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING]
        usual = {one.name: given.usual.get(one.name, given.hostile(hints[one.name])) for one in needed}
    for one in fields(kind):
        try:
            made = kind(**usual | {one.name: given.hostile(hints[one.name])})
        except WorkbenchError:  # refused in a sentence where it is made, before any verb has it
            continue
        yield made


@pytest.mark.parametrize("what", HOSTILE)
def test_every_verb_gives_a_sentence_or_does_its_work_whatever_text_and_number_it_is_given(what, usual, workbench):
    seen, wrong = 0, []
    for title, method in verbs(workbench):
        for name, arguments in calls(method, Given(usual, *HOSTILE[what])):
            seen += 1
            try:
                method(**arguments)
            except WorkbenchError as error:
                str(error).encode()
            except Exception as error:
                wrong.append(f"{title}({name}): {type(error).__name__}: {error}")
    assert "\n".join(wrong) == ""
    assert seen > 150


def test_every_service_of_the_workbench_stands_behind_the_door(workbench):
    open_doors = [title for title, method in verbs(workbench) if not hasattr(method, "__wrapped__")]
    assert open_doors == []


@pytest.mark.parametrize("text", [HALF, NUL])
def test_a_name_with_what_is_no_text_is_kept_as_far_as_it_is_text(text, workbench, small_project):
    workbench.projects.rename(small_project.id, text)
    assert workbench.projects.get(small_project.id).name == text.translate({0xD83D: 0xFFFD, 0: 0xFFFD})


@pytest.mark.parametrize("text", [HALF, NUL])
def test_a_table_made_in_a_notebook_is_imported_as_far_as_it_is_text(text, workbench):
    rows = [("1", f"{text} one", text), ("2", "two", "B")]
    choice = ImportChoice("P", ("text",), ("label",), "id")
    project_id = workbench.data.import_table(TableData(("id", "text", "label"), rows), choice)
    seen = text.translate({0xD83D: 0xFFFD, 0: 0xFFFD})
    assert seen in workbench.tasks.get(project_id).names


@pytest.mark.parametrize("text", [HALF, NUL])
def test_sources_with_such_names_are_refused_in_a_sentence(text, tmp_path):
    for source in (Source(text), Source(text, is_hub=True), Source("x.csv", encoding=text), Source(f"{text}.jsonl")):
        with pytest.raises(WorkbenchError):
            read_source(source)
    assert find_upload(tmp_path, text) is None
    assert spool(tmp_path, f"{text}.csv", io.BytesIO(b"a\n1\n")).is_file()


@pytest.mark.parametrize("price", [Price(input=float("nan")), Price(output=float("inf")), Price(training=-1.0)])
def test_a_price_that_is_no_number_is_refused_in_a_sentence(price, workbench):
    with pytest.raises(WorkbenchError):
        workbench.prices.set("openai", "m", price)
