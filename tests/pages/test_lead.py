"""The next step: one primary button on every page."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.model import FineTuneStatus, RunStatus, Split, TableData
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.hosts.drafts import HostDraft
from core.services.review.reviewing import Decision
from core.services.runs.running import ModelRef, RunRequest
from core.storage import fine_tunes, run_queue
from core.workbench import Workbench
from tests.fakes.worlds import make_project
from tests.pages.conftest import OpenApp, Small, add_model, asked, label_id, texts

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


def test_no_page_says_of_a_button_of_its_own_accord_that_it_is_primary() -> None:
    pages = Path(__file__).parents[2] / "pages"
    assert [str(one) for one in pages.rglob("*.py") if re.search(r"""type=["']primary["']""", one.read_text())] == []


def test_of_two_forms_on_hosts_the_first_alone_has_a_primary_button(app: OpenApp, wb: Workbench) -> None:
    wb.hosts.add("ollama", HostDraft("Desk", "http://127.0.0.1:9/v1"))
    (own,) = (host.key for host in wb.hosts.all() if host.title == "Desk")
    assert primary(app("hosts", host=own)) == ["Save"]
    assert primary(app("hosts", host=own, add_host="vllm")) == ["Save"]
    assert primary(app("hosts", add_host="vllm")) == ["Add"]


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


def _once_round(wb: Workbench, small: Small) -> None:
    """Run, reviewed, taught and compared."""
    (run,) = wb.runs.start(RunRequest(small.id, (small.version,), (ModelRef("embedded", "base"),), Split.TRAIN))
    _reviewed(wb, small, 0)
    with wb.db.write() as conn:
        run_queue.claim(conn, "somebody")
        run_queue.finish(conn, run.id, "somebody", RunStatus.DONE)
        facts = {"annotator_id": small.reference, "prompt_version_id": small.version, "config": {"number": 1}}
        job = fine_tunes.create(conn, small.id, host="embedded", base_model="base", **facts)
        fine_tunes.finish(conn, job, FineTuneStatus.SUCCEEDED, fine_tuned_model="ft")
    for name, taught, every in (("base", None, 2), ("ft", job, 4)):
        add_model(wb, small, name, wrong_every=every, split=Split.VALIDATION, fine_tune_id=taught)
    for page in ("agreement", "compare"):
        wb.progress.saw(small.id, page, wb.projects.annotators(small.id))


def _reviewed(wb: Workbench, small: Small, place: int) -> None:
    item = wb.data.page(small.id, ItemFilter(split=Split.TRAIN))[place]
    wb.review.store(small.id, "log", "me", [Decision(place + 1, item.id, "SPORTS")])


def test_after_a_round_what_is_still_wrong_is_reviewed_first_and_then_taught(
    app: OpenApp, small: Small, wb: Workbench
) -> None:
    _once_round(wb, small)
    assert primary(app("fine_tune", project=small.id)) == ["Review what is still wrong"]
    at = app("review", project=small.id)
    at.button("next-step").click().run()
    assert at.title[0].value == "Review" and asked(at, "outcome") == "still_wrong"
    assert primary(at) == [], "it is open on it: what comes next are its own keys"
    _reviewed(wb, small, 1)
    at = app("review", project=small.id)
    assert primary(at) == ["Teach what was reviewed"]
    at.button("next-step").click().run()
    assert at.title[0].value == "Fine-tune" and primary(at) == ["Start fine-tune"]


def test_where_items_are_in_no_split_the_data_page_leads_to_where_they_are_split(app: OpenApp, wb: Workbench) -> None:
    table = TableData(("text",), [[f"text {number}"] for number in range(9)])
    project = wb.data.import_table(table, ImportChoice("Unsplit", ("text",)))
    assert primary(app("task", project=project)) == ["Split the items"]
    at = app("data", project=project)
    assert primary(at) == ["Split the items"] and asked(at, "view") != "splits"
    at.button("next-step").click().run()
    assert asked(at, "view") == "splits" and primary(at) == ["Split the items"]
    assert "next-step" not in {one.key for one in at.button}
