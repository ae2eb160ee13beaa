"""A grid of runs as its user sees it: beside each other, cancelled and resumed together, under one cap."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.model import Annotator, AnnotatorKind, Budget, Estimate, Run, RunStatus, Split
from core.services.asking.costing import LabelCost
from core.services.asking.requests import ModelRef, RunRequest
from core.services.runs.caps import CapState
from core.services.runs.details import RunDetails
from core.services.runs.running import Worth
from core.services.runs.side_by_side import GridResult
from core.storage import runs, tasks
from core.storage.annotations import NewAnnotation
from core.workbench import Workbench
from pages._ui.runs.figures_row import cost_of
from pages._ui.runs.grid_rows import grid_row, headings
from pages._ui.words.cost import PER_1000_RIGHT, about, right_labels, right_labels_between
from tests.fakes import saying
from tests.pages.conftest import OpenApp, Small, asked, marked, tables, texts

MODELS = (ModelRef("embedded", "tiny"), ModelRef("embedded", "large"))


def _start(wb: Workbench, small: Small, **more: Any) -> list[Run]:
    return wb.runs.start(RunRequest(small.id, (small.version,), MODELS, **more))


def _label(wb: Workbench, small: Small, labels: int, status: RunStatus = RunStatus.DONE, tokens: int = 10) -> None:
    """The next run in line ends with so many labels, all of them SPORTS."""
    with wb.db.write() as conn:
        run = runs.claim(conn, "worker")
        assert run is not None
        sports = next(i for i, name in tasks.label_names(conn, small.id).items() if name == "SPORTS")
        chosen = runs.missing(conn, run.id, 0, labels)
        saying.append(conn, [NewAnnotation(item.id, run.annotator_id, sports, run.id, seconds=0.25) for item in chosen])
        runs.add_progress(conn, run.id, len(chosen), 0, tokens * labels, 0, calls=labels)
        runs.finish(conn, run.id, "worker", status, "The cap is reached. Raise it." if status == "paused" else "")


def _button(at: Any, title: str) -> Any:
    return next((button for button in at.button if button.label.startswith(title)), None)


def _grid(at: Any) -> Any:
    return next(({row["Model"]: row for row in rows} for rows in tables(at) if "Accuracy" in rows[0]), None)


def test_the_runs_of_a_grid_are_shown_beside_each_other_whichever_of_them_is_opened(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    first, second = _start(wb, small)
    _label(wb, small, 12)
    _label(wb, small, 5, RunStatus.CANCELLED)
    at = app("runs", project=small.id, run=second.id)
    assert not at.exception
    tiny, large = (_grid(at)[model] for model in ("tiny", "large"))
    assert (tiny["Labelled"], large["Labelled"]) == ("12", "5 of 12, cancelled")
    assert (tiny["Run"], large["Run"]) == (str(first.number), str(second.number))
    assert marked(at, f"run-grid-{first.grid_id}") == [second.id]
    assert (tiny["Items"], large["Items"]) == ("12", "5")
    assert large["Accuracy"].endswith("] other items")
    assert "[" in tiny["Accuracy"] and tiny["Median"] == "250 ms"
    assert tiny["Cost"] == "free" and tiny["Tokens"] == "120"
    assert "agreement with **maria** on validation items" in texts(at)


def test_a_single_run_has_no_table(app: OpenApp, wb: Workbench, small: Small) -> None:
    (run,) = wb.runs.start(RunRequest(small.id, (small.version,), MODELS[:1]))
    _label(wb, small, 12)
    at = app("runs", project=small.id, run=run.id)
    assert _grid(at) is None
    # What it says is SPORTS throughout; validation holds four items of each of the three labels.
    said = texts(at)
    assert "Agrees with maria: Accuracy .33 [" in said and "n = 12 validation items" in said
    assert said.index("Agrees with maria") < said.index("Labelled")


def test_scores_of_test_items_are_a_link_away_and_not_looked_at_in_passing(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    first, _ = _start(wb, small, split=Split.TEST)
    _label(wb, small, 18), _label(wb, small, 18)
    at = app("runs", project=small.id, run=first.id)
    assert [row["Accuracy"] for row in _grid(at).values()] == ["–", "–"]
    assert "Seeing scores on test items counts as a look" in texts(at)
    assert "Its result on test is on Compare, where each look at test is counted." in texts(at)
    assert "Agrees with" not in texts(at)
    assert wb.agreement.looks(small.id) == 0


def _made(name: str, accuracy: Estimate, cost: LabelCost, *, status: RunStatus = RunStatus.DONE) -> GridResult:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    facts = {"total": 12, "done": 12, "errors": 0, "prompt_tokens": 123_456, "number": len(name)}
    run = Run(len(name), 1, 1, status=status, created_at=when, **facts)
    who = Annotator(1, 1, AnnotatorKind.MODEL, name, "#0072B2", model=name)
    return GridResult(run, (run,), who, name, "v1", 12, 12, accuracy, cost, False, 1.25)


def test_what_is_not_known_in_a_grid_is_said_and_never_looks_like_nothing() -> None:
    nobody = Estimate(None, 0, undefined="no items")
    cells = [
        _made("a", Estimate(0.75, 12, 0.47, 0.91), LabelCost(0.012, 12, 12, 9)),
        _made("bb", nobody, LabelCost(None, 12)),
        _made("ccc", nobody, LabelCost(0.0, 0, 12, 9, from_cache=12)),
    ]
    rows = [
        {
            heading.title: f"{one.text} {one.faint}".strip()
            for heading, one in zip(headings("Accuracy"), grid_row(cell), strict=True)
        }
        for cell in cells
    ]
    assert [row["Accuracy"] for row in rows] == [".75 [.47, .91]", "–", "–"]
    assert [row["Cost"] for row in rows] == ["$0.012", "unknown", "$0"]
    assert [row["1,000 right"] for row in rows] == ["$1.33", "–", "from the cache"]
    assert [row["Tokens"] for row in rows] == ["123,000"] * 3


def test_right_labels_cost_with_their_interval_or_say_that_the_cache_knew_them() -> None:
    cost = LabelCost(2.0, 100, compared=40, agreed=30)
    # $20 / (30 / 40); Wilson of 30 in 40 is 59.8 to 85.8 %.
    assert (right_labels(cost), right_labels_between(cost)) == ("$26.67", "95 %: $23.31–33.44")
    cached = LabelCost(0.0, 0, 12, 9, from_cache=12)
    assert (right_labels(cached), right_labels_between(cached)) == ("from the cache", "")
    assert [about(number) for number in (156_948, 20_000.0, 93.6, 1234, 1_000_499)] == [
        "157,000",
        "20,000",
        "94",
        "1,230",
        "1,000,000",
    ]


def test_of_a_run_all_from_the_cache_no_label_is_said_to_cost_nothing() -> None:
    cell = _made("a", Estimate(1.0, 12, 0.7, 1.0), LabelCost(0.0, 0, 12, 12, from_cache=12))
    details = RunDetails(replace(cell.run, from_cache=12), cell.annotator, {"SPORTS": 12}, {}, {}, [], {})
    shown = {
        name: value
        for name, (value, _) in cost_of(
            details, Worth(cell.cost, False, cell.annotator, cell.accuracy, "Accuracy")
        ).items()
    }
    assert "cost" in shown
    assert not {"per 1,000 items", PER_1000_RIGHT} & set(shown)


# all at once


def test_all_of_a_grid_can_be_cancelled_beside_one_of_them(app: OpenApp, wb: Workbench, small: Small) -> None:
    first, _ = _start(wb, small)
    at = app("runs", project=small.id, run=first.id)
    assert [button.label for button in at.button if button.label.startswith("Cancel")].count("Cancel all 2") == 1
    _button(at, "Cancel all 2").click().run()
    assert not at.exception
    assert {run.status for run in wb.runs.grid(first.id)} == {RunStatus.CANCELLED}
    at = app("runs", project=small.id, run=first.id)
    _button(at, "Resume all 2").click().run()
    assert not at.exception
    assert {run.status for run in wb.runs.grid(first.id)} == {RunStatus.QUEUED}


def test_a_run_by_itself_offers_nothing_for_all(app: OpenApp, wb: Workbench, small: Small) -> None:
    (run,) = wb.runs.start(RunRequest(small.id, (small.version,), MODELS[:1]))
    at = app("runs", project=small.id, run=run.id)
    assert _button(at, "Cancel") is not None and _button(at, "Cancel all") is None
    wb.runs.cancel(run.id)
    at = app("runs", project=small.id, run=run.id)
    assert _button(at, "Resume (12") is not None and _button(at, "Resume all") is None


# caps


@pytest.mark.parametrize(("made", "is_offered"), [(99, True), (100, False)])
def test_resume_is_offered_as_long_as_one_more_call_fits(
    app: OpenApp, wb: Workbench, small: Small, made: int, is_offered: bool
) -> None:
    request = RunRequest(small.id, (small.version,), MODELS[:1], Split.TRAIN, budget=Budget(calls=100))
    (run,) = wb.runs.start(request)
    _label(wb, small, 6, RunStatus.PAUSED)
    with wb.db.write() as conn:
        runs.add_progress(conn, run.id, 0, 0, 0, 0, calls=made - 6)
    at = app("runs", project=small.id, run=run.id)
    assert (_button(at, "Resume (24 missing)") is not None) == is_offered
    assert (_button(at, "Continue with this cap") is None) == is_offered


def test_where_the_host_counts_no_tokens_a_cap_on_calls_is_offered_instead_of_a_higher_one(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    (run,) = wb.runs.start(RunRequest(small.id, (small.version,), MODELS[:1], budget=Budget(tokens=1000)))
    _label(wb, small, 6, RunStatus.PAUSED, tokens=0)
    at = app("runs", project=small.id, run=run.id)
    assert "Its host does not count tokens, but calls can be counted." in texts(at)
    box = next(box for box in at.number_input if box.key == f"cap-calls-{run.id}")
    assert box.value == 12  # 6 made, 6 missing
    _button(at, "Continue with this cap").click().run()
    assert not at.exception
    again = wb.runs.get(run.id)
    assert (again.status, again.config["budget"]) == ("queued", {"dollars": None, "tokens": None, "calls": 12})
    assert wb.runs.cap_state(again) is CapState.OPEN


def test_the_opened_run_is_the_one_that_is_marked(app: OpenApp, wb: Workbench, small: Small) -> None:
    first, second = _start(wb, small)
    _label(wb, small, 12), _label(wb, small, 12)
    at = app("runs", project=small.id, run=first.id)
    assert asked(at, "run") == str(first.id) and _grid(at) is not None
    at.query_params["run"] = str(second.id)
    at.run()
    assert marked(at, "runs_table") == marked(at, f"run-grid-{first.grid_id}") == [second.id]


@pytest.mark.parametrize(("page", "view"), [("runs", None), ("prompts", None), ("data", "labels")])
def test_headings_of_tables_begin_with_a_capital(
    app: OpenApp, wb: Workbench, small: Small, page: str, view: str | None
) -> None:
    _start(wb, small)
    _label(wb, small, 12), _label(wb, small, 5, RunStatus.CANCELLED)
    at = app(page, project=small.id, view=view) if view else app(page, project=small.id)
    assert not at.exception
    headings = [heading for rows in tables(at) for heading in rows[0]]
    headings += [str(column) for frame in at.dataframe for column in frame.value]
    assert headings and [one for one in headings if not one[0].isupper() and not one[0].isdigit()] == []
