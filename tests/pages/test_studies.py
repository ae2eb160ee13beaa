"""Studies on the Fine-tune page: the form, what is said of one, and the link to it."""

import pytest

from core.model import FineTuneStatus, StudyKind, StudyStatus
from core.services.hosts.connections import Hosts
from core.services.hosts.models import ModelChoice
from core.services.studies.vocabulary import Forecast
from core.workbench import Workbench
from pages._ui.fine_tune.search_chart import place_on, search_chart
from pages._ui.fine_tune.study_form import in_words
from tests.fakes.studies import SPACE, add_curve, add_search, search_view
from tests.pages.conftest import OpenApp, Small, add_fine_tune, asked, tables, texts


@pytest.fixture(autouse=True)
def _a_host_with_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hosts, "models", lambda self, key, project_id: [ModelChoice("base", "base")])


def test_a_curve_says_what_it_would_come_to_and_is_started(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("fine_tune", project=small.id, tune_as="curve")
    assert not at.exception and at.text_input(key="curve_sizes").value == "30"
    at.text_input(key="curve_sizes").set_value("10, 20, 30").run()
    shown = texts(at)
    assert "9 fine-tunes, 180 training lines in all, then 108 validation answers. Costs nothing" in shown
    at.button(key="curve-start").click().run()
    (study,) = wb.studies.all(small.id)
    assert study.status is StudyStatus.QUEUED and not at.exception
    assert [one.config["subset"]["n"] for one in wb.studies.trials(study.id)] == [10, 20, 30] * 3
    assert asked(at, "new_fine_tune") == "0"
    assert "Learning curve 1" in texts(at) and any(one.label == "Cancel" for one in at.button)


@pytest.mark.parametrize(
    ("sizes", "said"), [("10, many", "many"), ("9", "9 examples are too few"), ("99", "30 examples")]
)
def test_sizes_that_cannot_be_are_said_and_nothing_can_be_started(
    app: OpenApp, wb: Workbench, small: Small, sizes: str, said: str
) -> None:
    at = app("fine_tune", project=small.id, tune_as="curve", curve_sizes=sizes)
    assert not at.exception and said in texts(at) and at.button(key="curve-start").disabled


def test_a_price_that_is_not_known_is_said_and_is_not_nothing() -> None:
    assert "What that costs is unknown" in in_words(Forecast(3, 60, 36, None), is_local=False)
    assert "Costs nothing: free (own hardware)." in in_words(Forecast(3, 60, 36, 0.0), is_local=True)
    told = in_words(Forecast(3, 60, 36, 1.5), is_local=False)
    assert "3 fine-tunes, 60 training lines in all, then 36 validation answers." in told and "1\\.50" in told


def test_a_curve_that_has_ended_says_its_sentence_and_what_a_score_takes(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    add_curve(wb, small)
    at = app("fine_tune", project=small.id, curve_target="0.78")
    shown = texts(at)
    assert not at.exception and "More labelling is worth it" in shown.replace("\\", "")
    assert "to reach .78 takes about" in shown.replace("\\", "")
    assert "never on test" in shown and "Cancel" not in [one.label for one in at.button]
    (rows,) = tables(at)
    assert [(row["Examples"], row["Deal"], row["Accuracy"], row["State"]) for row in rows[:2]] == [
        ("25", "1", ".50 [.46, .54]", "done"),
        ("25", "2", ".52 [.48, .56]", "done"),
    ]


def test_a_link_opens_the_study_it_names(app: OpenApp, wb: Workbench, small: Small) -> None:
    first = add_curve(wb, small)
    add_curve(wb, small)
    assert "Learning curve 2" in texts(app("fine_tune", project=small.id))
    linked = app("fine_tune", project=small.id, study=first)
    assert "**Learning curve 1**" in texts(linked)


def test_a_live_curve_is_cancelled_with_one_press(app: OpenApp, wb: Workbench, small: Small) -> None:
    study = add_curve(wb, small, ended=False)
    at = app("fine_tune", project=small.id)
    assert any("0 of 8 fine-tunes" in one.proto.text for one in at.get("progress"))
    at.button(key=f"cancel-study-{study}").click().run()
    assert wb.studies.get(study).status is StudyStatus.CANCELLED, "nobody had begun it"


def test_a_search_says_what_it_varies_and_is_started(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("fine_tune", project=small.id, tune_as="search", search_jobs=5)
    assert not at.exception and at.text_input(key="search_n_epochs").value == "1 to 20"
    assert "At most 5 fine-tunes, 150 training lines in all, then 60 validation answers" in texts(at)
    at.text_input(key="search_n_epochs").set_value("2 to 6").run()
    at.button(key="search-start").click().run()
    (study,) = wb.studies.all(small.id)
    assert not at.exception and study.kind is StudyKind.SEARCH and study.config["jobs"] == 5
    assert [(one["key"], one["low"], one["high"]) for one in study.config["space"]][0] == ("n_epochs", 2, 6)
    assert "Search 1" in texts(at)


def test_a_range_that_is_none_is_said_and_nothing_can_be_started(app: OpenApp, small: Small) -> None:
    at = app("fine_tune", project=small.id, tune_as="search", search_n_epochs="9 to 2")
    assert not at.exception and at.button(key="search-start").disabled
    assert "Epochs: 9 to 2 is not a range of this host" in texts(at).replace("\\", "")


def test_a_search_that_has_ended_says_the_best_and_how_many_were_tried(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:base:1", message="")
    study = add_search(wb, small, job)
    at = app("fine_tune", project=small.id)
    shown = texts(at).replace("\\", "")
    assert not at.exception and "Best of 4 tried: Accuracy .81 [.77, .85] on 400 validation items" in shown
    assert "with the host’s own choice it is .74 [.70, .78]" in shown
    assert "the best of 4 on these very items, so its score there flatters it. Measure it once on test." in shown
    (rows,) = tables(at)
    assert [row["State"] for row in rows] == ["done", "best", "done", "ended early"]
    at.button(key=f"test-study-{study}").click().run()
    assert {run.config["split"] for run in wb.runs.all(small.id)} == {"validation", "test"}
    assert at.title[0].value == "Compare" and asked(at, "compare_split") == "test"
    assert wb.compare.looks(small.id) == 0


def test_axes_are_placed_by_what_their_values_are_worth() -> None:
    epochs, rate, weight = SPACE
    assert place_on(rate, 1.0) == pytest.approx(0.5), "a tenth is as far from 1 as ten"
    assert (place_on(epochs, 1), place_on(epochs, 20)) == (0.0, 1.0)
    assert (place_on(weight, "none"), place_on(weight, "balanced")) == (0.0, 1.0)


def test_the_best_lies_on_top_and_what_was_ended_early_has_no_score() -> None:
    lines = search_chart(search_view()).data
    assert len(lines) == 3, "what the host chose by itself has no place on the axes"
    assert lines[-1].line.width == 4 and len(lines[-1].x) == 4
    (pruned,) = [one for one in lines if one.line.dash == "dot"]
    assert len(pruned.x) == 3 and "No score" in pruned.customdata[0][1]
