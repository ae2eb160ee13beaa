"""The next step: one primary button on every page."""

import pytest
from streamlit.testing.v1 import AppTest

from core.model import RunStatus, Split
from core.services.runs.running import ModelRef, RunRequest
from core.storage import run_queue
from core.workbench import Workbench
from tests.fakes.worlds import make_project
from tests.pages.conftest import OpenApp, Small, add_model, label_id, texts

EVERY_PAGE = ("projects", "data", "task", "prompts", "runs", "review", "agreement", "fine_tune", "compare", "export")


def primary(at: AppTest) -> list[str]:
    """The labels of all buttons that are primary, of forms and downloads too."""
    assert not at.exception
    kinds = ("button", "download_button", "popover")
    found = [one for kind in kinds for one in at.get(kind) if getattr(one.proto, "type", "") == "primary"]
    return [one.proto.label for one in found]


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_a_page_has_one_primary_button_for_the_next_step(app: OpenApp, small: Small, page: str) -> None:
    own = {"export": "Download CSV", "runs": "Start run"}
    assert primary(app(page, project=small.id)) == [own.get(page, "Let a model label")]


def test_the_button_beside_the_title_leads_to_the_page_of_the_next_step(app: OpenApp, small: Small) -> None:
    at = app("task", project=small.id)
    at.button("next-step").click().run()
    assert at.title[0].value == "Runs" and at.query_params["project"] == str(small.id)


def test_a_page_that_has_nothing_to_show_has_one_primary_button_too(app: OpenApp, small: Small, wb: Workbench) -> None:
    others = make_project(wb, name="Without a model")
    one, _ = (add_model(wb, small, name, wrong_every=2, split=Split.TEST) for name in ("one", "two"))
    assert primary(app("compare", project=small.id)) == ["Compare them on 18 test items: counts as 2 looks"]
    at = app("compare", project=others.id, compare_split="train")
    assert "needs three annotators with labels" in texts(at) and primary(at) == ["Let a model label"]
    veiled = app("review", project=small.id, who=one, label=label_id(wb, small.id, "SPORTS"), split="test")
    assert "Opening it shows how they agree there" in texts(veiled)
    assert primary(veiled) == [wb.progress.of(small.id).lead.todo]


def test_the_next_step_is_primary_again_where_a_page_has_no_button_of_its_own_any_more(
    app: OpenApp, small: Small, wb: Workbench
) -> None:
    for name in ("one", "two"):
        add_model(wb, small, name, wrong_every=2, split=Split.TEST)
    at = app("compare", project=small.id)
    assert at.button("next-step-later")
    at.query_params["compare_split"] = "test"
    at.run()
    assert at.metric
    assert primary(at) == [wb.progress.of(small.id).lead.todo]


def test_what_is_typed_is_saved_before_anything_else(app: OpenApp, small: Small) -> None:
    at = app("prompts", project=small.id)
    assert primary(at) == ["Let a model label"]
    at.text_area[0].set_value("Choose one of {{label_names}}. Be strict.").run()
    assert primary(at) == ["Save as v2"]
    assert at.button("next-step-later").label == "Let a model label"


def _interrupted(wb: Workbench, small: Small) -> int:
    (run,) = wb.runs.start(RunRequest(small.id, (small.version,), (ModelRef("embedded", "minilm"),), Split.TRAIN))
    with wb.db.write() as conn:
        run_queue.claim(conn, "somebody")
        run_queue.mark_interrupted(conn, -1)
    assert wb.runs.get(run.id).status is RunStatus.INTERRUPTED
    return run.id


def test_an_interrupted_run_is_resumed_by_the_one_primary_button_and_is_shown_as_going_nowhere(
    app: OpenApp, small: Small, wb: Workbench
) -> None:
    run = _interrupted(wb, small)
    at = app("runs", project=small.id, run=run)
    assert [name for name in primary(at) if not name.startswith("Resume")] == []
    assert len(primary(at)) == 1
    elsewhere = app("data", project=small.id)
    assert primary(elsewhere) == ["Resume the run"]
    station = next(one for one in elsewhere.get("page_link") if "run 1" in one.proto.label)
    assert station.proto.icon != ":material/progress_activity:"
