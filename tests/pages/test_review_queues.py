"""Every kind of queue in QUEUES: its link, its choices and its filter mean the same, whoever adds the next one."""

import re
from dataclasses import replace
from itertools import product
from random import Random

import pytest

from core.hosts.addresses import Connection
from core.model import Label, Split, TableData, Task
from core.services.data.bringing import ImportChoice
from core.services.hosts import connections as hosts
from core.services.review.reviewing import Decision
from core.services.runs.running import ModelRef, RunRequest
from core.storage import items, runs, tasks
from core.storage.annotations import NewAnnotation
from core.workbench import Workbench
from pages._ui.review.cast import Cast, default_shown, load_cast
from pages._ui.review.links import review_parameters, seen_on_test
from pages._ui.review.queues import DISAGREEMENTS, QUEUES, Made, QueueAsked, read_picks, told
from tests.fakes import saying
from tests.pages.conftest import OpenApp, Small, add_model, asked, marked, tables
from tests.pages.test_review import Browser, browser, said

__all__ = ["browser"]
every_kind = pytest.mark.parametrize("name", QUEUES)


@pytest.fixture
def cast(wb: Workbench, small: Small, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """A project in which each kind holds something: two models, a run, a flagged item, confidences."""
    monkeypatch.setattr(hosts.Hosts, "connection", lambda self, key: Connection("http://host.invalid/v1", "key"))
    add_model(wb, small, "a", wrong_every=2)
    model = add_model(wb, small, "b", wrong_every=3)
    wb.runs.start(RunRequest(small.id, (small.version,), (ModelRef("embedded", "tiny"),)))
    with wb.db.write() as conn:
        label = tasks.all_labels(conn, small.id)[0].id
        chosen = items.ids_in(conn, small.id, Split.TRAIN)[:9]
        saying.append(conn, [NewAnnotation(item, model, label, confidence=0.3) for item in chosen])
    told = [Decision(1, chosen[0], flagged=True), Decision(2, chosen[1], "SPORTS")]
    wb.review.store(small.id, "log", "me", told)
    return load_cast(wb, next(one for one in wb.projects.all() if one.id == small.id))


def picked(wb: Workbench, cast: Cast, name: str) -> dict[str, str]:
    """Some choice of each that together hold items: found by trying them in no order of meaning."""
    picks = QUEUES[name].picks
    every = list(product(*(one.options(cast) for one in picks)))
    for options in Random(5).sample(every, len(every)):
        chosen = dict(zip((one.key for one in picks), options, strict=True))
        if wb.review.count(cast.project.id, replace(made(wb, cast, name, chosen).where, without_test=True)):
            return chosen
    raise AssertionError("no choice holds anything")


def made(wb: Workbench, cast: Cast, name: str, chosen: dict[str, str]) -> Made:
    me = wb.review.reviewer(cast.project.id, "me").id
    shown = tuple(default_shown(cast, "me"))
    return QUEUES[name].make(QueueAsked(cast, shown, me, read_picks(QUEUES[name], chosen), (me,)))


def link(name: str, chosen: dict[str, str], **more: object) -> dict[str, str]:
    return review_parameters(queue=name, **read_picks(QUEUES[name], chosen), **more)  # type: ignore[arg-type]


@every_kind
def test_a_link_to_a_queue_opens_exactly_what_its_filter_picks_and_says_the_same_afterwards(
    app: OpenApp, wb: Workbench, cast: Cast, browser: Browser, name: str
) -> None:
    chosen = picked(wb, cast, name)
    parameters = link(name, chosen, reviewed_too=True)
    at = app("review", project=cast.project.id, me="me", **parameters)
    where = replace(made(wb, cast, name, chosen).where, without_test=True)
    expected = wb.review.queue(cast.project.id, where)
    assert expected and [row.id for row in browser.rows] == expected
    assert {key: asked(at, key) for key in parameters} == parameters
    assert not at.warning and not at.exception


@every_kind
def test_a_queue_leaves_out_what_was_reviewed_only_where_it_says_so(
    app: OpenApp, wb: Workbench, cast: Cast, browser: Browser, name: str
) -> None:
    chosen = picked(wb, cast, name)
    app("review", project=cast.project.id, me="me", **link(name, chosen))
    mine = wb.review.reviewer(cast.project.id, "me").id
    where = replace(made(wb, cast, name, chosen).where, without_test=True)
    every, open_ = (wb.review.count(cast.project.id, one) for one in (where, replace(where, not_reviewed_by=mine)))
    assert browser.arguments["total"] == (open_ if QUEUES[name].leaves_out_reviewed else every)


@every_kind
def test_a_link_without_its_kind_means_the_same_where_it_tells(wb: Workbench, cast: Cast, name: str) -> None:
    kind = QUEUES[name]
    if kind.told_by:
        assert told(picked(wb, cast, name)) == name
        assert kind.told_by in {one.key for one in kind.picks}


@every_kind
def test_each_choice_is_read_back_as_it_is_spelled_and_asked_for_after_what_it_hangs_on(cast: Cast, name: str) -> None:
    before: set[str] = set()
    for one in QUEUES[name].picks:
        options = [option for option in one.options(cast) if option != one.usual or one.read is str]
        assert options and [one.spell(one.read(option)) for option in options] == options
        assert one.key not in before and (not one.after or one.after in before)
        before.add(one.key)


@every_kind
def test_a_queue_on_test_is_blind_to_models_and_costs_nothing_until_somebody_asks_for_what_they_say(
    app: OpenApp, wb: Workbench, cast: Cast, browser: Browser, name: str
) -> None:
    chosen = picked(wb, cast, name)
    where = replace(made(wb, cast, name, chosen).where, split=Split.TEST)
    at = app("review", project=cast.project.id, me="me", **link(name, chosen, split="test"))
    assert "These are test items." in said(at) and wb.compare.looks(cast.project.id) == 0
    models = {cast.name(one) for one in cast.models()}
    assert not [one for row in browser.rows for one in row.opinions if one.annotator in models]
    ahead = wb.review.looks_ahead(cast.project.id, where)
    assert ("Open it anyway" in [one.label for one in at.button]) is bool(ahead and not people_alone(name))
    costs = {int(cost) for cost in re.findall(r"counts as (\d+) look", said(at))}
    at.toggle(key="models_on_test").set_value(True).run()
    assert costs == {wb.compare.looks(cast.project.id)} or not browser.rows
    seen = {one.annotator for row in browser.rows for one in row.opinions if one.annotator in models and one.value}
    assert wb.compare.looks(cast.project.id) >= max(ahead, len(seen)) > 0 or not browser.rows


def people_alone(name: str) -> bool:
    """Whether the kind is about those shown, who are people alone until the models are asked for."""
    return name == DISAGREEMENTS


@every_kind
def test_where_nobody_has_labelled_every_queue_says_what_it_is_and_nothing_breaks(
    app: OpenApp, wb: Workbench, browser: Browser, name: str
) -> None:
    task = Task((Label("A"), Label("B")))
    table = TableData(("text",), [("one of two",), ("another of them",)])
    project = wb.data.import_table(table, ImportChoice("Bare", ("text",)), task=task)
    at = app("review", project=project, queue=name, split="all")
    told = said(at)
    assert browser.rows or "No item matches" in told or "two annotators" in told


def test_a_link_with_a_choice_that_its_kind_does_not_have_is_a_mistake_of_the_page() -> None:
    with pytest.raises(TypeError, match="no below"):
        review_parameters(run=3, below=0.5)


def test_of_two_hundred_and_fifty_runs_each_can_be_chosen_and_the_oldest_has_its_link(
    app: OpenApp, wb: Workbench, cast: Cast, browser: Browser
) -> None:
    (oldest,) = cast.runs
    with wb.db.write() as conn:
        for _ in range(249):
            runs.create(conn, cast.project.id, cast.runs[oldest].annotator_id, cast.runs[oldest].config, [])
    at = app("review", project=cast.project.id, me="me", queue="run", run=oldest, only="all", split="all")
    chosen = next(one for one in at.selectbox if one.label == "Run")
    assert (len(chosen.options), chosen.value) == (250, str(oldest))
    assert len(browser.rows) == cast.runs[oldest].total
    opened = app("runs", project=cast.project.id, run=oldest)
    listed = tables(opened)[0]
    assert (len(listed), asked(opened, "run")) == (250, str(oldest))
    assert listed[-1]["Run"] == "1" and marked(opened, "runs_table") == [oldest]


def test_what_was_chosen_belongs_to_its_project_and_another_never_opens_on_test(
    app: OpenApp, wb: Workbench, cast: Cast, browser: Browser
) -> None:
    labelled = [(f"headline number {n} of {n * n}", "ABC"[n % 3], "ABC"[(n + n // 4) % 3]) for n in range(40)]
    other = wb.data.import_table(
        TableData(("text", "one", "two"), labelled), ImportChoice("Other", ("text",), ("one", "two"))
    )
    wb.data.split(other)
    at = app("review", project=cast.project.id, split="test", queue="all", models_on_test="1", order="uncertain")
    assert asked(at, "split") == "test"
    for page, key in (("compare", "compare_split"), ("agreement", "agree_on")):
        at.switch_page(f"pages/{page}.py").run()
        at.selectbox(key=key).select("test").run()
    at.switch_page("pages/review.py").run()
    assert asked(at, "split") == "test", "as it was left"
    at.session_state["project"] = str(other)  # as the sidebar's choice does; the rest of the link stays
    at.run()
    assert not at.exception
    assert asked(at, "split") != "test" and asked(at, "order") == "random"
    at.switch_page("pages/agreement.py").run()
    assert asked(at, "agree_on") == "validation"


def test_the_items_behind_a_figure_on_test_are_opened_without_another_look(
    app: OpenApp, wb: Workbench, cast: Cast, browser: Browser, small: Small
) -> None:
    a, b = (one for one in cast.models() if cast.name(one) in ("a", "b"))
    add_model(wb, small, "third", wrong_every=4)
    wb.compare.view(small.id, small.reference, a, b, Split.TEST)
    before = wb.compare.looks(small.id)
    behind = {"outcome": "broken", "ref": small.reference, "a": a, "b": b, "split": "test"}
    app("review", project=small.id, **review_parameters(**behind, **seen_on_test(Split.TEST, small.reference, a, b)))
    assert browser.rows and cast.name(a) in {one.annotator for row in browser.rows for one in row.opinions}
    assert "third" not in {one.annotator for row in browser.rows for one in row.opinions}
    assert wb.compare.looks(small.id) == before == 2
