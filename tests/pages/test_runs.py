"""Runs as its user sees it: choosing, starting, watching, and what an ended run tells."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.errors import WorkbenchError
from core.hosts.addresses import Connection
from core.hosts.control import ServedModel
from core.model import AnswerKind, ErrorKind, Label, Run, RunStatus, Split
from core.services.hosts import connections as hosts
from core.services.runs.running import ModelRef, Running, RunRequest, Which
from core.storage import runs, tasks
from core.storage.annotations import NewAnnotation
from core.storage.runs import RunError
from core.workbench import Workbench
from pages._ui.runs.charts import answers_chart, binned, confidence_chart, latency_chart
from pages._ui.runs.words import how_it_stands, no_times, progress_of, seconds_in_words, share_done, status_of
from tests.fakes import saying
from tests.pages.conftest import OpenApp, Small, asked, marked, tables, texts


@pytest.fixture(autouse=True)
def _two_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "core.services.hosts.models.list_models", lambda connection: [ServedModel("tiny"), ServedModel("large")]
    )
    monkeypatch.setattr(hosts.Hosts, "connection", lambda self, key: Connection("http://host.invalid/v1", "key"))


def _request(small: Small, **more: Any) -> RunRequest:
    return RunRequest(small.id, (small.version,), (ModelRef("embedded", "tiny"),), **more)


def _run(
    wb: Workbench,
    small: Small,
    status: RunStatus | None = None,
    *,
    labels: int = 0,
    unclear: Sequence[tuple[AnswerKind, str, str]] = (),
    errors: Sequence[tuple[ErrorKind, str, str]] = (),
    message: str = "",
    split: Split = Split.VALIDATION,
) -> Run:
    """A run on the 12 validation items, as a worker leaves it; still going without `status`."""
    (run,) = wb.runs.start(_request(small, split=split))
    with wb.db.write() as conn:
        runs.claim(conn, "worker")
        items = iter(runs.missing(conn, run.id, 0, 100))
        names = {name: i for i, name in tasks.label_names(conn, small.id).items()}
        said = [("SPORTS", str(AnswerKind.LABEL), "", '{"label": "SPORTS"}')] * labels
        said += [("UNABLE_TO_CLASSIFY", str(kind), reason, raw) for kind, reason, raw in unclear]
        entries = [
            NewAnnotation(
                next(items).id,
                run.annotator_id,
                names[name],
                run.id,
                confidence=0.5,
                kind=kind,
                reason=reason or None,
                raw=raw,
                seconds=0.1 * (place + 1),
                prompt_tokens=100,
                completion_tokens=5,
            )
            for place, (name, kind, reason, raw) in enumerate(said)
        ]
        saying.append(conn, entries)
        runs.add_errors(conn, run.id, [RunError(next(items).id, kind, text, raw, 5) for kind, text, raw in errors])
        runs.add_progress(conn, run.id, len(entries), len(errors), 100 * len(entries), 5 * len(entries))
        if status is not None:
            runs.finish(conn, run.id, "worker", status, message)
    return wb.runs.get(run.id)


def _button(at: Any, title: str) -> Any:
    return next((button for button in at.button if button.label.startswith(title)), None)


def _cells(at: Any) -> str:
    frames = [frame.value.to_string(max_colwidth=200) for frame in at.dataframe]
    return "\n".join([*frames, *(str(row) for rows in tables(at) for row in rows)])


# empty


def test_a_project_without_a_prompt_is_sent_to_write_one(
    app: OpenApp, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.services.prompts.prompting import Prompting

    monkeypatch.setattr(Prompting, "versions", lambda self, project_id: [])
    at = app("runs", project=small.id)
    assert not at.exception
    assert "A run needs a prompt, and there is none yet." in texts(at)
    assert _button(at, "Start") is None


def test_before_the_first_run_the_page_says_what_a_run_is(app: OpenApp, small: Small) -> None:
    at = app("runs", project=small.id)
    assert not at.exception
    assert "No run yet. A run asks a model about each item" in texts(at)
    assert "a linear classifier on frozen sentence embeddings, not a large language model" in texts(at)


# results before the form


def test_once_something_has_run_the_page_opens_on_results_and_the_form_is_one_click_away(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    first = _run(wb, small, RunStatus.DONE, labels=12)
    at = app("runs", project=small.id)
    assert asked(at, "run") == str(first.id) and asked(at, "new_run") == "0"
    assert "12 of 12" in texts(at) and _button(at, "Start") is None
    (new,) = [one for one in at.expander if one.label == "New run"]
    assert new is not None
    at.session_state["new_run"] = True
    at.run()
    assert not at.exception
    assert _button(at, "Start") is not None and "12 of 12" in texts(at)


@pytest.mark.parametrize("link", [{"new_run": 1}, {"run_prompts": 1}, {"run_split": "train"}, {"run_mode": "batch"}])
def test_a_link_that_asks_for_a_run_opens_the_form(
    app: OpenApp, wb: Workbench, small: Small, link: dict[str, object]
) -> None:
    _run(wb, small, RunStatus.DONE, labels=12)
    at = app("runs", project=small.id, **link)
    assert _button(at, "Start") is not None and asked(at, "new_run") == "1"


def test_a_form_that_was_folded_away_stays_so_over_a_reload_and_opens_for_the_next_link(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    _run(wb, small, RunStatus.DONE, labels=12)
    at = app("runs", project=small.id, new_run=0, run_split="train")
    assert _button(at, "Start") is None
    at.run()
    assert _button(at, "Start") is None
    at.query_params["run_split"] = "test"
    at.run()
    assert _button(at, "Start") is not None


def test_what_has_brought_nothing_yet_leaves_the_form_open_and_a_start_folds_it(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    _run(wb, small, RunStatus.FAILED, message="The host refused the key.")
    at = app("runs", project=small.id, run_items=5)
    _button(at, "Start").click().run()
    assert not at.exception
    assert _button(at, "Start") is None and asked(at, "new_run") == "0"
    assert asked(at, "run") == str(wb.runs.all(small.id)[0].id), "the run that was started is open"


def test_the_opened_run_is_marked_in_the_list_and_a_live_one_is_in_it(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    first = _run(wb, small, RunStatus.DONE, labels=12)
    (live,) = wb.runs.start(_request(small, split=Split.TRAIN))
    at = app("runs", project=small.id, run=first.id)
    listed = tables(at)[0]
    assert [row["Run"] for row in listed] == [str(live.number), str(first.number)]
    assert marked(at, "runs_table") == [first.id]
    assert [row["Status"] for row in listed] == ["in progress", "done"]
    assert [row["Items"] for row in listed] == ["30 train", "12 validation"]
    assert not [box for box in at.selectbox if box.label == "Open"], "a row opens its run"


# starting


def test_the_number_of_calls_is_shown_before_starting_and_start_queues_them(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    at = app("runs", project=small.id)
    assert "**12 calls** · roughly" in texts(at)
    _button(at, "Start").click().run()
    assert not at.exception
    (run,) = wb.runs.all(small.id)
    assert (run.status, run.total, run.config["model"], run.config["split"]) == ("queued", 12, "tiny", "validation")
    assert asked(at, "run") == str(run.id)
    assert "tiny · v1" in texts(at)
    assert _button(at, "Cancel") is not None


def test_two_prompts_make_two_runs_on_the_same_items(app: OpenApp, wb: Workbench, small: Small) -> None:
    second = wb.prompts.save(small.id, "Pick from {{labels}}.", "{{text}}", "described")
    at = app("runs", project=small.id, run_prompts=f"{small.version},{second.id}", run_items=5)
    assert "**10 calls** (2 prompts × 5 items)" in texts(at)
    _button(at, "Start").click().run()
    assert [run.total for run in wb.runs.all(small.id)] == [5, 5]


def test_items_labelled_already_are_not_asked_again_unless_wanted(app: OpenApp, wb: Workbench, small: Small) -> None:
    _run(wb, small, RunStatus.DONE, labels=12)
    at = app("runs", project=small.id, new_run=1)
    assert "Nothing to label: all of these items already have a label" in texts(at)
    assert _button(at, "Start").disabled
    at = app("runs", project=small.id, run_which="all")
    assert "**12 calls**" in texts(at)


def test_a_link_reopens_the_choice_and_what_it_does_not_know_falls_back(app: OpenApp, small: Small) -> None:
    at = app("runs", project=small.id, run_models="embedded:large", run_split="train", run_items=7, run="12345")
    assert not at.exception
    assert "**7 calls**" in texts(at)
    assert next(box for box in at.multiselect if box.label == "Models").value == ["embedded:large"]


def test_a_host_that_is_down_is_one_sentence_and_the_runs_are_still_there(
    app: OpenApp, wb: Workbench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Connection) -> list[str]:
        raise WorkbenchError("The host cannot be reached.", "Check that it is running.")

    _run(wb, small, RunStatus.DONE, labels=12)
    monkeypatch.setattr("core.services.hosts.models.list_models", refuse)
    at = app("runs", project=small.id, new_run=1)
    assert not at.exception
    assert texts(at).count("The host cannot be reached.") == 1
    assert _button(at, "Start").disabled
    assert "12 of 12" in texts(at)


# watching


def test_a_live_run_can_be_cancelled_and_says_that_it_is_stopping(app: OpenApp, wb: Workbench, small: Small) -> None:
    run = _run(wb, small, labels=3)
    at = app("runs", project=small.id, run=run.id)
    assert not at.exception
    assert "3 of 12" in texts(at)
    _button(at, "Cancel").click().run()
    assert wb.runs.get(run.id).cancel_requested
    assert _button(at, "Stopping").disabled


def test_a_poll_that_fails_shows_the_last_state(
    app: OpenApp, wb: Workbench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _run(wb, small, labels=3)
    at = app("runs", project=small.id, run=run.id)

    def fail(self: Running, project_id: int) -> list[Run]:
        raise WorkbenchError("The database is locked.")

    monkeypatch.setattr(Running, "live", fail)
    at.run()
    assert not at.exception
    assert "This is the last state that could be read." in texts(at)
    assert "tiny · v1" in texts(at)
    assert _button(at, "Cancel") is not None


def test_the_row_of_a_run_that_has_ended_is_cleared_at_once_so_that_no_other_is_seen_twice(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    first = _run(wb, small, labels=3)
    wb.runs.start(_request(small, split=Split.TRAIN))
    at = app("runs", project=small.id, run=first.id)
    assert _rows(at) == ["flex_container", "flex_container"]
    with wb.db.write() as conn:
        runs.finish(conn, first.id, "worker", RunStatus.DONE, "")
    at.run()
    assert not at.exception
    assert _rows(at) == ["flex_container", "empty"], "what stood in the second place is written over"
    at.run()
    assert _rows(at) == ["flex_container"]


def _rows(at: Any) -> list[str]:
    """What is drawn, in their order, where the live runs stand."""
    waiting = [at.main]
    while waiting:
        block = waiting.pop()
        children = list(block.children.values())
        if "live-runs" in str(getattr(block.proto, "id", "")):
            return [one.type for one in children]
        waiting += [one for one in children if hasattr(one, "children")]
    return []


# one run


def test_an_ended_run_shows_its_answers_times_and_tokens(app: OpenApp, wb: Workbench, small: Small) -> None:
    run = _run(wb, small, RunStatus.DONE, labels=12)
    shown = texts(app("runs", project=small.id, run=run.id))
    assert "12 of 12" in shown
    # 0.1 s, 0.2 s ... 1.2 s: the sixth of twelve is the median, the twelfth the 95th percentile (nearest rank).
    assert "600 ms" in shown and "1.2 s" in shown
    assert "1,200 tokens in · 60 tokens out" in shown
    assert "errors" not in shown and "right labels" not in shown  # there are none, and nothing was paid
    assert "Every answer so far is clear." in shown


def _bars(at: Any) -> dict[str, int]:
    """The chart of answers by label, as the page was sent it."""
    chart = next(one for one in at.get("plotly_chart") if "run-answers" in one.proto.id)
    (bars,) = json.loads(chart.proto.spec)["data"]
    assert len(bars["customdata"]) == len(set(bars["customdata"])), "one bar a label"
    return dict(zip(bars["customdata"], bars["x"], strict=True))


def test_after_a_rename_the_answers_are_one_bar_under_the_new_name(app: OpenApp, wb: Workbench, small: Small) -> None:
    run = _run(wb, small, RunStatus.DONE, labels=12)
    at = app("runs", project=small.id, run=run.id)
    before = _bars(at)
    assert before["SPORTS"] == 12 and sum(before.values()) == 12
    task = wb.tasks.get(small.id)
    labels = tuple(replace(one, name="GAMES") if one.name == "SPORTS" else one for one in task.labels)
    wb.tasks.save(small.id, replace(task, labels=labels))
    at.run()
    assert not at.exception
    assert _bars(at) == {"GAMES" if name == "SPORTS" else name: number for name, number in before.items()}


def test_errors_and_unclear_answers_are_listed_with_what_the_host_sent(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    run = _run(
        wb,
        small,
        RunStatus.DONE,
        labels=9,
        unclear=[(AnswerKind.SEVERAL_LABELS, "the answer names 2 labels", "SPORTS or <b>MONEY</b>")],
        errors=[(ErrorKind.TIMEOUT, "no answer within 60 seconds", ""), (ErrorKind.SERVER, "HTTP 500", "boom")],
    )
    at = app("runs", project=small.id, run=run.id)
    assert not at.exception
    shown, cells = texts(at), _cells(at)
    assert "2 items got no answer. Retry errors asks again about these." in shown
    assert "no answer in time 1" in shown and "error at the host 1" in shown and "several labels 1" in shown
    assert "SPORTS or <b>MONEY</b>" in cells and "boom" in cells and "the answer names 2 labels" in cells
    assert "done, 2 errors" in cells and "10 of 12 validation" in cells


def test_what_a_model_answered_on_test_is_shown_when_asked_for_and_then_is_a_look(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    unclear = [(AnswerKind.SEVERAL_LABELS, "the answer names 2 labels", "SPORTS or MONEY")]
    errors = [(ErrorKind.MALFORMED, "not a chat completion", "half an answer")]
    run = _run(wb, small, RunStatus.DONE, labels=9, unclear=unclear, errors=errors, split=Split.TEST)
    at = app("runs", project=small.id, run=run.id)
    assert "several labels 1" in texts(at) and "not a chat answer 1" in texts(at)
    assert "2 test items among these." in texts(at)
    cells = _cells(at)
    assert "SPORTS or MONEY" not in cells and "half an answer" not in cells and "not a chat completion" in cells
    assert wb.compare.looks(small.id) == 0
    shown = next(one for one in at.toggle if one.label.startswith("Show what the model answered there")).set_value(True)
    cells = _cells(shown.run())
    assert not at.exception
    assert "SPORTS or MONEY" in cells and "half an answer" in cells
    assert wb.compare.looks(small.id) == 1


def test_retrying_errors_queues_the_run_again_for_these_alone(app: OpenApp, wb: Workbench, small: Small) -> None:
    run = _run(wb, small, RunStatus.DONE, labels=10, errors=[(ErrorKind.TIMEOUT, "late", "")] * 2)
    at = app("runs", project=small.id, run=run.id)
    _button(at, "Retry errors (2)").click().run()
    again = wb.runs.get(run.id)
    assert (again.status, again.done, again.missing) == (RunStatus.QUEUED, 10, 2)


@pytest.mark.parametrize(
    ("status", "message", "told"),
    [
        (RunStatus.CANCELLED, "", "Cancelled. Resume labels the 8 items still missing."),
        (RunStatus.FAILED, "The host refused the key.", "The host refused the key. Resume labels the 8 items"),
        (RunStatus.INTERRUPTED, "The program stopped. Resume it.", "The program stopped. Resume it."),
    ],
)
def test_a_run_that_ended_early_says_why_and_is_resumed(
    app: OpenApp, wb: Workbench, small: Small, status: RunStatus, message: str, told: str
) -> None:
    run = _run(wb, small, status, labels=4, message=message)
    at = app("runs", project=small.id, run=run.id)
    assert told in texts(at)
    _button(at, "Resume (8 missing)").click().run()
    assert not at.exception
    assert wb.runs.get(run.id).status is RunStatus.QUEUED


def test_the_configuration_of_a_run_stays_as_it_was_at_its_start(app: OpenApp, wb: Workbench, small: Small) -> None:
    run = _run(wb, small, RunStatus.DONE, labels=12)
    at = app("runs", project=small.id, run=run.id)
    assert "Choose one of {{label_names}}." in [block.value for block in at.code]


# words and charts


def _made(**changes: Any) -> Run:
    from datetime import UTC, datetime

    facts = {"status": RunStatus.RUNNING, "total": 640, "done": 410, "errors": 2} | changes
    return Run(1, 1, 1, created_at=datetime(2026, 1, 1, tzinfo=UTC), **facts)


def test_progress_says_how_far_how_fast_and_how_long_still() -> None:
    # 640 - 410 - 2 = 228 missing at 57 a second: 4 s.
    assert progress_of(_made(rate=57.0)) == "412 of 640 · 57 per second · about 4 s left · 2 errors"
    assert progress_of(_made(rate=0.5, errors=0, done=610)) == "610 of 640 · 30 per minute · about 60 s left"
    assert progress_of(_made(rate=None, errors=0)) == "410 of 640"
    assert progress_of(_made(cancel_requested=True, errors=0)).endswith("stopping: what is in flight is still stored")
    assert share_done(_made()) == pytest.approx(412 / 640)


def test_while_the_host_is_away_nobody_says_how_long_still() -> None:
    away = _made(rate=57.0, message="Ollama does not answer: trying again in 8 s")
    assert progress_of(away) == "412 of 640 · 2 errors"
    assert "about 4 s left" in progress_of(_made(rate=57.0, message="16 in flight, and growing"))


@pytest.mark.parametrize(
    ("calls", "mode", "told"),
    [
        (0, "live", "Nothing was asked: all answers came from the cache."),
        (0, "batch", "Nothing was asked: all answers came from the cache."),
        (12, "batch", "The answers of a batch come back all at once: how long each took is not known."),
        (12, "file", "The answers came back in a file: how long each took is not known."),
        (12, "live", "No answer says how long it took."),
    ],
)
def test_why_there_are_no_times_is_said_as_it_is(calls: int, mode: str, told: str) -> None:
    assert no_times(_made(calls=calls, config={"mode": mode})) == told


def test_statuses_are_words_for_people() -> None:
    assert status_of(_made(cancel_requested=True)) == "stopping"
    assert status_of(_made(status=RunStatus.DONE, errors=1)) == "done, 1 error"
    assert how_it_stands(_made(status=RunStatus.DONE, errors=0)) == ("", "")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.84, "0.8 s"), (42.2, "42 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")]
)
def test_durations_read_as_people_say_them(seconds: float, words: str) -> None:
    assert seconds_in_words(seconds) == words


def test_answers_are_drawn_in_the_order_and_colours_of_the_task_unknown_ones_last() -> None:
    labels = [Label("SPORTS", color="#0072B2"), Label("MONEY", color="#009E73")]
    bar = answers_chart({"MONEY": 3, "OLD": 1}, labels).data[0]
    assert list(bar.customdata) == ["SPORTS", "MONEY", "OLD"]
    assert list(bar.x) == [0, 3, 1]
    assert list(bar.marker.color)[:2] == ["#0072B2", "#009E73"]


def test_histograms_count_every_value_once() -> None:
    assert binned([0.0, 0.04, 0.05, 0.99, 1.0], 20) == [2, 1, *[0] * 17, 2]
    assert sum(confidence_chart([0.1, 0.5, 1.0], "#E07B39").data[0].y) == 3
    # The slowest answer lies far outside and is counted into the last bar.
    assert sum(latency_chart([0.1] * 150 + [60.0], "#E07B39").data[0].y) == 151
    assert sum(latency_chart([], "").data[0].y) == 0
    # Of an item asked about several times there are several answers, but one confidence.
    assert latency_chart([0.1], "").layout.yaxis.title.text == "answers"
    assert confidence_chart([0.1], "").layout.yaxis.title.text == "items"


# counting before starting


@pytest.mark.parametrize("split", [Split.VALIDATION, None])
@pytest.mark.parametrize("n", [None, 5, 500])
@pytest.mark.parametrize("which", list(Which))
def test_the_estimate_says_what_the_plan_says(
    wb: Workbench, small: Small, split: Split | None, n: int | None, which: Which
) -> None:
    _run(wb, small, RunStatus.CANCELLED, labels=4)
    request = _request(small, split=split, n=n, which=which)
    (planned,), (estimated,) = wb.runs.plan(request), wb.runs.estimate(request).cells
    assert (estimated.items, estimated.calls, estimated.already) == (planned.calls, planned.calls, planned.already)
    assert estimated.annotator_name == planned.annotator_name


def test_worked_examples_are_not_counted_among_the_items_to_label(wb: Workbench, small: Small) -> None:
    ((item, _),) = wb.prompts.example_candidates(small.id, small.reference, 1)
    version = wb.prompts.save(small.id, "Pick from {{labels}}.", "{{text}}", example_items=[item.id])
    request = RunRequest(small.id, (version.id,), (ModelRef("embedded", "tiny"),), split=Split.TRAIN)
    (planned,), (estimated,) = wb.runs.plan(request), wb.runs.estimate(request).cells
    assert estimated.calls == planned.calls == 29
