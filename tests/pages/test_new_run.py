"""Starting runs as the user sees it: several at once, what they come to, options, probes; and money in words."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from core.hosts.addresses import Connection
from core.hosts.control import ServedModel
from core.model import Budget, FineTuneStatus, Price, QuestionKind, Run, RunStatus
from core.services.asking.estimating import Amount, Expected
from core.services.asking.frozen import frozen_config
from core.services.asking.requests import Mode, ModelRef, RunRequest
from core.services.common.lookup import version_of
from core.services.hosts import connections as hosts
from core.services.runs.forecasting import GridEstimate, RunEstimate
from core.storage import fine_tunes, items, runs, tasks
from core.workbench import Workbench
from pages._ui.runs.frozen import facts_of
from pages._ui.runs.new_estimate import basis, in_words, price_unknown, rounded, spoken_time, table
from pages._ui.runs.new_words import Options, unusual
from pages._ui.runs.words import waits_until
from pages._ui.words.money import FREE, dollar_range, dollars
from tests.fakes.kinds import project_of
from tests.pages.conftest import OpenApp, Small, add_fine_tune, asked, texts

BASE = "http://127.0.0.1:9/v1"
TINY = RunRequest(1, (1,), (ModelRef("embedded", "tiny"),))


@pytest.fixture(autouse=True)
def _two_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded one and one on this machine that costs money; neither is ever asked anything."""
    monkeypatch.setenv("OPENAI_BASE_URL", BASE)
    monkeypatch.setattr(
        "core.services.hosts.models.list_models", lambda connection: [ServedModel("tiny"), ServedModel("large")]
    )
    monkeypatch.setattr(hosts.Hosts, "connection", lambda self, key: Connection("http://host.invalid/v1", "key"))


def _button(at: Any, title: str) -> Any:
    return next((button for button in at.button if button.label.startswith(title)), None)


def _box(at: Any, label: str) -> Any:
    return next(box for box in at.number_input if box.label == label)


def _pick_split(at: Any, split: str) -> None:
    next(box for box in at.selectbox if box.label == "Split").set_value(split).run()


def _cell(calls: int = 10, money: Amount | None = None, **more: Any) -> RunEstimate:
    facts: dict[str, Any] = {"items": calls, "calls": calls, "version": _Version(), "ref": ModelRef("openai", "large")}
    expected = Expected(Amount(calls * 50.0, calls * 40.0, calls * 60.0), money, None, measured=20)
    return RunEstimate(**{"annotator_name": "large · v1", "expected": expected, **facts, **more})


class _Version:
    id = 1


# on the page


def test_a_tuned_model_that_would_be_asked_otherwise_than_it_was_taught_is_named_before_the_start(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="tiny")
    with wb.db.write() as conn:
        asked = frozen_config(tasks.task(conn, small.id), version_of(conn, small.version))
        fine_tunes.record(conn, job, config={"number": 1, "asked": asked})
    other = wb.prompts.save(small.id, "Say one of {{label_names}}.", "{{text}}", "other")
    at = app("runs", project=small.id, run_prompts=other.id, run_models="embedded:tiny")
    assert "The prompt is different: v2 instead of v1." in texts(at)
    at.toggle(key="run_as_taught").set_value(True).run()
    _button(at, "Start").click().run()
    (run,) = wb.runs.all(small.id)
    assert (run.config["prompt_version"], run.config["system"]) == (1, asked["system"])


def test_prompts_times_models_across_hosts_are_one_click(app: OpenApp, wb: Workbench, small: Small) -> None:
    second = wb.prompts.save(small.id, "Pick from {{labels}}.", "{{text}}", "described")
    at = app(
        "runs",
        project=small.id,
        run_prompts=f"{small.version},{second.id}",
        run_hosts="embedded,openai",
        run_models="embedded:tiny,openai:large",
        run_items=5,
    )
    assert not at.exception
    assert "**20 calls** (2 prompts × 2 models × 5 items)" in texts(at)
    (cells,) = [frame.value for frame in at.dataframe if "From the cache" in frame.value]
    assert list(cells["Model and prompt"]) == ["tiny · v1", "large · v1", "tiny · v2", "large · v2"]
    assert list(cells["Cost"]) == ["free", "unknown", "free", "unknown"]
    _button(at, "Start 4 runs").click().run()
    started = wb.runs.all(small.id)
    assert [run.total for run in started] == [5, 5, 5, 5]
    assert {run.grid_id for run in started} == {min(run.id for run in started)}
    assert "4 runs started together" not in texts(at)  # they are still waiting: that is said of one that has ended


def test_an_unknown_price_is_said_with_the_way_to_set_it_and_never_looks_like_nothing(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    shown = texts(app("runs", project=small.id, run_hosts="openai", run_models="openai:large"))
    assert "Price of large unknown" in shown
    assert "$" not in shown


def test_a_known_price_makes_an_estimate_in_money(app: OpenApp, wb: Workbench, small: Small) -> None:
    wb.prices.set("openai", "large", Price(input=100.0, output=100.0))
    shown = texts(app("runs", project=small.id, run_hosts="openai", run_models="openai:large"))
    assert "unknown" not in shown
    assert "roughly $0." in shown


def test_the_embedded_host_is_said_to_be_free(app: OpenApp, small: Small) -> None:
    assert f"tokens · {FREE}" in texts(app("runs", project=small.id))


def test_a_probe_starts_twenty_items_of_the_choice(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("runs", project=small.id, run_split="train")
    _button(at, "Probe 20").click().run()
    assert not at.exception
    (run,) = wb.runs.all(small.id)
    assert (run.total, run.config["purpose"]) == (20, "probe")
    assert asked(at, "run") == str(run.id)
    assert "20 train items as a probe" in texts(at)


def test_too_few_items_for_a_probe_offer_none(app: OpenApp, small: Small) -> None:
    assert _button(app("runs", project=small.id), "Probe") is None


def test_options_that_differ_from_the_usual_are_said_and_frozen_into_the_run(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    at = app("runs", project=small.id, run_repeats=3, run_fresh=1, run_which="changed")
    assert "new and changed · asked again, ignoring the cache · 3 answers per item" in texts(at)
    assert "**36 calls** (12 items × 3 answers)" in texts(at)
    next(box for box in at.number_input if box.label == "Calls").set_value(30).run()
    assert "at most 30 calls" in texts(at)
    _button(at, "Start").click().run()
    (run,) = wb.runs.all(small.id)
    assert (run.config["repeats"], run.config["use_cache"], run.config["budget"]["calls"]) == (3, False, 30)


def test_a_cap_in_dollars_without_a_price_is_said_beside_it_and_start_and_probe_wait(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    told = "Price of large unknown, so a cap in dollars cannot be kept: cap tokens or calls, or set the price."
    at = app("runs", project=small.id, run_hosts="openai", run_models="openai:large", run_split="train")
    assert told not in texts(at) and not _button(at, "Start").disabled
    _box(at, "Dollars").set_value(2.0).run()
    assert texts(at).count(told) == 2  # beside the cap and, since that is folded away, below the button
    assert _button(at, "Start").disabled and _button(at, "Probe 20").disabled
    _box(at, "Dollars").set_value(None).run()
    assert told not in texts(at) and not _button(at, "Probe 20").disabled


def test_a_cap_in_dollars_with_a_price_goes_with_the_run(app: OpenApp, wb: Workbench, small: Small) -> None:
    wb.prices.set("openai", "large", Price(input=1.0, output=1.0))
    at = app("runs", project=small.id, run_hosts="openai", run_models="openai:large", run_cap_dollars=2)
    assert "unknown" not in texts(at) and "at most $2.00" in texts(at)
    _button(at, "Start").click().run()
    (run,) = wb.runs.all(small.id)
    assert run.config["budget"]["dollars"] == 2.0


def test_a_cap_in_dollars_waits_for_the_price_of_each_model_of_a_grid(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    both = {"run_hosts": "embedded,openai", "run_models": "embedded:tiny,openai:large"}
    at = app("runs", project=small.id, run_cap_dollars=2, **both)
    assert "Price of large unknown, so a cap in dollars cannot be kept" in texts(at)
    assert _button(at, "Start 2 runs").disabled
    assert not _button(app("runs", project=small.id, run_cap_calls=9, **both), "Start 2 runs").disabled


def test_caps_and_the_rest_of_the_options_are_in_the_link_and_come_back_with_it(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    at = app("runs", project=small.id)
    given: dict[str, tuple[str, float]] = {
        "run_cap_dollars": ("Dollars", 0.25),
        "run_cap_tokens": ("Tokens", 50_000),
        "run_cap_calls": ("Calls", 40),
        "run_temperature": ("Temperature", 0.3),
        "run_in_flight": ("Calls in flight, at most", 4),
    }
    assert [asked(at, key) for key in given] == [""] * 5
    for label, value in given.values():
        _box(at, label).set_value(value).run()
    assert [asked(at, key) for key in given] == ["0.25", "50000", "40", "0.3", "4"]
    again = app("runs", project=small.id, **{key: asked(at, key) for key in given})
    assert not again.exception
    assert {label: _box(again, label).value for label, _ in given.values()} == dict(given.values())
    _button(again, "Start").click().run()
    (run,) = wb.runs.all(small.id)
    assert run.config["budget"] == {"dollars": 0.25, "tokens": 50_000, "calls": 40}
    assert (run.config["temperature"], run.config["in_flight"]) == (0.3, 4)


def test_a_cap_is_taken_away_by_emptying_it(app: OpenApp, small: Small) -> None:
    at = app("runs", project=small.id, run_cap_calls=40)
    assert "at most 40 calls" in texts(at)
    _box(at, "Calls").set_value(None).run()
    assert "at most" not in texts(at) and asked(at, "run_cap_calls") == ""


@pytest.mark.parametrize("given", ["lots", "0", "-3", "2.5", "nan", "inf", "1e3", "9" * 30])
def test_a_cap_that_a_link_misspells_is_said(app: OpenApp, small: Small, given: str) -> None:
    at = app("runs", project=small.id, run_cap_calls=given)
    assert not at.exception
    assert f"The link refers to something that does not exist here: Calls {given[:50]}" in texts(at)
    assert _box(at, "Calls").value is None


def test_all_items_of_the_split_are_meant_until_a_number_is_typed(app: OpenApp, small: Small) -> None:
    at = app("runs", project=small.id)
    assert (_box(at, "Items of 12").value, asked(at, "run_items")) == (12, "")
    _pick_split(at, "train")
    assert (_box(at, "Items of 30").value, asked(at, "run_items")) == (30, "")
    assert "**30 calls**" in texts(at)
    _pick_split(at, "validation")
    assert _box(at, "Items of 12").value == 12


def test_a_typed_number_of_items_stays_and_no_split_gives_more_than_it_has(app: OpenApp, small: Small) -> None:
    at = app("runs", project=small.id, run_split="train")
    _box(at, "Items of 30").set_value(20).run()
    assert asked(at, "run_items") == "20"
    _pick_split(at, "validation")
    assert _box(at, "Items of 12").value == 12 and "**12 calls**" in texts(at)
    _pick_split(at, "train")
    assert _box(at, "Items of 30").value == 20 and "**20 calls**" in texts(at)
    _box(at, "Items of 30").set_value(None).run()
    assert _box(at, "Items of 30").value == 30 and asked(at, "run_items") == ""


def test_of_many_items_a_thousand_are_meant_until_a_number_is_typed(app: OpenApp, wb: Workbench, small: Small) -> None:
    with wb.db.write() as conn:
        items.insert_many(conn, [(small.id, f"h{i}", f"x{i}", f"more {i}", None) for i in range(1200)])
    at = app("runs", project=small.id, run_split="all")
    assert _box(at, "Items of 1,260").value == 1000
    _box(at, "Items of 1,260").set_value(1260).run()
    assert "**1,260 calls**" in texts(at)


def test_a_host_that_was_never_allowed_is_asked_nothing(
    app: OpenApp, wb: Workbench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://models.example.org/v1")
    at = app("runs", project=small.id, run_hosts="openai", run_models="openai:large")
    assert not at.exception
    assert "Before the first call to" in texts(at)
    assert _button(at, "Start").disabled
    assert "Allow the host first." in texts(at)


def test_the_cache_is_cleared_and_brought_back(
    app: OpenApp, wb: Workbench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"size": 7}
    monkeypatch.setattr(type(wb.runs), "cache_size", lambda self: kept["size"])
    monkeypatch.setattr(type(wb.runs), "clear_cache", lambda self: kept.update(size=0) or "before")
    monkeypatch.setattr(type(wb.runs), "restore_cache", lambda self, before: kept.update(size=7))
    at = app("runs", project=small.id)
    assert "in the cache" not in texts(at)  # counting may take long: only for who looks
    at.session_state["run_options"] = True
    at.run()
    assert "7 answers in the cache" in texts(at)
    _button(at, "Clear the cache").click().run()
    assert "The cache was cleared: the same request will be a new call. Nothing was deleted." in texts(at)
    _button(at, "Undo").click().run()
    assert "7 answers in the cache" in texts(at)


# a paused run


def _paused(wb: Workbench, small: Small, *, seconds: float | None = None, budget: Budget | None = None) -> Run:
    request = RunRequest(small.id, (small.version,), (ModelRef("embedded", "tiny"),), budget=budget or Budget())
    (run,) = wb.runs.start(request)
    with wb.db.write() as conn:
        runs.claim(conn, "worker")
        runs.add_progress(conn, run.id, 0, 0, 100, 5, calls=10)
        runs.finish(conn, run.id, "worker", RunStatus.PAUSED, "It waits.", pause_seconds=seconds)
    return wb.runs.get(run.id)


def test_a_run_told_to_wait_says_until_when_and_can_go_on_now(app: OpenApp, wb: Workbench, small: Small) -> None:
    run = _paused(wb, small, seconds=3000)
    at = app("runs", project=small.id, run=run.id)
    assert not at.exception
    assert "It continues by itself at" in texts(at) and "in about 50 min" in texts(at)
    _button(at, "Resume now (12 missing)").click().run()
    assert wb.runs.get(run.id).status is RunStatus.QUEUED


def test_a_run_at_its_cap_offers_to_raise_it_and_not_to_run_into_it_again(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    run = _paused(wb, small, budget=Budget(calls=10))
    at = app("runs", project=small.id, run=run.id)
    assert "So far: 10 of at most 10 calls, 105 tokens, $0." in texts(at)
    assert _button(at, "Resume (") is None
    _button(at, "Continue with this cap").click().run()
    assert not at.exception
    again = wb.runs.get(run.id)
    assert (again.status, again.config["budget"]["calls"]) == (RunStatus.QUEUED, 20)


def test_an_ended_run_says_that_others_of_its_grid_wait_at_the_cap_and_lets_it_be_raised(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    models = (ModelRef("embedded", "tiny"), ModelRef("embedded", "large"))
    first, second = wb.runs.start(RunRequest(small.id, (small.version,), models, budget=Budget(calls=12)))
    with wb.db.write() as conn:
        for status, message in ((RunStatus.DONE, ""), (RunStatus.PAUSED, "The cap of 12 calls is reached.")):
            run = runs.claim(conn, "worker")
            assert run is not None
            runs.add_progress(conn, run.id, 0, 0, 100, 5, calls=6)
            runs.finish(conn, run.id, "worker", status, message)
    at = app("runs", project=small.id, run=first.id)
    assert "Another run waits. The cap of 12 calls is reached." in texts(at)
    _button(at, "Continue with this cap").click().run()
    assert not at.exception
    assert wb.runs.get(second.id).status is RunStatus.QUEUED


def test_a_paused_run_can_be_given_up(app: OpenApp, wb: Workbench, small: Small) -> None:
    run = _paused(wb, small)
    _button(app("runs", project=small.id, run=run.id), "Cancel").click().run()
    assert wb.runs.get(run.id).status is RunStatus.CANCELLED


# words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, "unknown"),
        (0.0, "$0"),
        (0.00001, "< $0.0001"),
        (0.0042, "$0.0042"),
        (0.0123, "$0.012"),
        (0.31, "$0.31"),
        (12.5, "$12.50"),
        (1240.4, "$1,240"),
    ],
)
def test_money_has_the_digits_that_count(amount: float | None, words: str) -> None:
    assert dollars(amount) == words


def test_a_range_of_money_names_the_dollar_once() -> None:
    assert dollar_range(Amount(0.31, 0.28, 0.35)) == "$0.28–0.35"
    assert dollar_range(Amount(0.31, 0.0, 0.35)) == "up to $0.35"
    assert dollar_range(Amount(0.00006, 0.00002, 0.0042)) == "up to $0.0042"
    assert dollar_range(Amount(0.5, 0.5, 0.5)) == "$0.50"


def test_what_it_comes_to_is_one_sentence() -> None:
    said = in_words(GridEstimate((_cell(10, Amount(0.31, 0.28, 0.35)),)), TINY).replace("\\", "")
    assert said == "**10 calls** · about 500 tokens · $0.31 ($0.28–0.35)"
    both = GridEstimate((_cell(10, Amount(0.3, 0.2, 0.4)), _cell(10, None, ref=ModelRef("openai", "odd"))))
    assert "$0.30 ($0.20–0.40) for those with a price" in in_words(both, TINY).replace("\\", "")
    assert price_unknown(both) == ["odd"]


def test_what_the_cache_holds_is_said_and_not_counted() -> None:
    some = GridEstimate((_cell(6, Amount(0.1, 0.1, 0.1), items=10, known=4),))
    assert "**6 calls**" in in_words(some, TINY) and "4 from the cache" in in_words(some, TINY)
    none = GridEstimate((_cell(0, Amount(0, 0, 0), items=10, known=10),))
    assert in_words(none, TINY) == "No call is needed: all of these items have an answer in the cache."
    unknown = GridEstimate((_cell(9000, None, known=None),))
    assert "some may come from the cache" in in_words(unknown, TINY)
    assert list(table(unknown.cells)["From the cache"]) == ["?"]


def test_a_rule_of_thumb_is_said_to_be_one() -> None:
    guess = _cell(10, expected=Expected(Amount(500, 300, 900), Amount(0.3, 0.1, 0.9), None))
    grid = GridEstimate((guess,))
    assert "roughly 500 tokens · roughly $0.10–0.90" in in_words(grid, TINY).replace("\\", "")
    assert "rule of thumb" in basis(grid)
    assert basis(GridEstimate((_cell(10),))) == "Measured on 20 calls; 95 % ranges"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (Amount(120, 100, 150), "about 2 min"),
        (Amount(60, 20, 200), "20 s to 3 min"),
        (Amount(0.2, 0.1, 0.4), "about 1 s"),
    ],
)
def test_a_time_that_is_not_known_well_is_a_range(seconds: Amount, words: str) -> None:
    assert spoken_time(seconds) == words


def test_hosts_work_beside_each_other_and_runs_on_one_host_share_it() -> None:
    def cell(host: str, seconds: float) -> RunEstimate:
        expected = Expected(Amount(1, 1, 1), None, Amount(seconds, seconds, seconds), 20)
        return _cell(10, ref=ModelRef(host, "m"), expected=expected)

    grid = GridEstimate((cell("a", 10), cell("a", 20), cell("b", 25)))
    assert grid.seconds == Amount(30, 20, 30)


def test_an_estimate_shows_three_digits_at_most() -> None:
    assert [rounded(n) for n in (999.4, 1234, 428_571)] == [999, 1230, 429_000]


def test_usual_options_need_no_words() -> None:
    assert unusual(Options()) == ""
    assert unusual(Options(mode=Mode.BATCH, budget=Budget(dollars=2.0), temperature=1.0, in_flight=4)) == (
        "temperature 1 · as a batch · at most $2.00 · 4 in flight"
    )


def test_when_a_run_goes_on_is_said_by_the_readers_clock() -> None:
    here = timezone(timedelta(hours=2))
    now = datetime(2026, 11, 21, 18, 0, tzinfo=here)

    def said(resume_at: datetime | None) -> str:
        return waits_until(Run(1, 1, 1, RunStatus.PAUSED, 10, 0, 0, now, resume_at=resume_at), now)

    assert said(datetime(2026, 11, 21, 16, 40, tzinfo=UTC)) == "It continues by itself at 18:40, in about 40 min."
    assert (
        said(datetime(2026, 11, 23, 7, 0, tzinfo=UTC))
        == "It continues by itself on 23 November at 09:00, in about 39.0 h."
    )
    assert said(datetime(2026, 11, 21, 15, 0, tzinfo=UTC)) == "It continues by itself any moment now."
    assert said(None) == ""


def test_what_was_frozen_is_told_in_words_also_for_runs_of_before() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    old = {"host": "openai", "base_url": "https://a.example/v1", "model": "m", "prompt_version": 1, "split": "test"}
    told = facts_of(Run(1, 1, 1, RunStatus.DONE, 5, 5, 0, now, config={**old, "seed": 0}))
    assert (told["price"], told["cap"], told["asked"], told["items"]) == (
        "unknown",
        "",
        "one by one",
        "5 test items, seed 0",
    )
    new = {
        **old,
        "seed": 0,
        "repeats": 5,
        "temperature": 0.7,
        "use_cache": False,
        "masking": {"kinds": ["email"], "names": ["Ann", "Bob"]},
        "requests_per_minute": 1200,
        "price": {"input": 0.4, "output": 1.6, "source": "typed"},
        "budget": {"dollars": 2.0, "tokens": None, "calls": 500},
    }
    told = facts_of(Run(1, 1, 1, RunStatus.DONE, 5, 5, 0, now, config=new))
    assert told["asked"] == "one by one, 5 answers per item, temperature 0.7, without the cache"
    assert told["masked before sending"] == "email, 2 names"
    assert told["pace"] == "1,200 requests per minute"
    assert told["price"] == "$0.40 in, $1.60 out per million tokens (typed)"
    assert told["cap"] == "$2.00, 500 calls"


# the order in which candidates and levels are shown


def test_two_candidates_can_be_asked_about_in_both_orders_at_twice_the_calls(app: OpenApp, wb: Workbench) -> None:
    project = project_of(wb, QuestionKind.PREFERENCE)
    who = {"run_hosts": "openai", "run_models": "openai:large", "run_split": "all"}
    at = app("runs", project=project.id, **who, run_order="both")
    shown = texts(at)
    assert "**24 calls** (12 items × 2 orders)" in shown and "asked in both orders" in shown
    _button(at, "Start run").click().run()
    [run] = wb.runs.all(project.id)
    assert (run.config["order"], run.config["repeats"], run.total) == ("both", 2, 12)
    assert "half of them with the candidates swapped" in facts_of(run)["asked"]


def test_levels_can_be_listed_in_a_drawn_order_and_a_single_label_has_none_to_choose(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    rated = project_of(wb, QuestionKind.RATING)
    who = {"run_hosts": "openai", "run_models": "openai:large"}
    assert "Each item lists the levels in one order of its own" in texts(
        app("runs", project=rated.id, **who, run_order="drawn", run_split="all")
    )
    assert "Order of the" not in texts(app("runs", project=small.id, **who))
