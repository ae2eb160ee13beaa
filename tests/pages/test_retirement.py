"""Models that end: what is said, where, and how loudly."""

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import WorkbenchError
from core.hosts.retirements import Retirement, TrainingEnd
from core.model import AnnotatorKind, FineTuneStatus
from core.services.common.lookup import ensure_annotator
from core.services.hosts.connections import Hosts
from core.services.hosts.models import ModelChoice
from core.storage import fine_tunes
from core.storage import hosts as stored_hosts
from core.workbench import Workbench
from pages._ui.hosts.retirement import retirement_in_words, training_end_in_words
from tests.pages.conftest import ROOT, OpenApp, Small, add_fine_tune, texts

END = date(2027, 1, 14)


@pytest.fixture(autouse=True)
def _openai_lists_one_model(monkeypatch: pytest.MonkeyPatch, _own_data: None) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-a-test")
    monkeypatch.setattr(Hosts, "models", lambda self, key, project_id: [ModelChoice("soon-gone", "soon-gone")])


def ends_in(wb: Workbench, days: int, model: str = "soon-gone") -> None:
    with wb.db.write() as conn:
        day = date.today() + timedelta(days=days)
        stored_hosts.remember_shutdown(conn, "openai", {model: day.isoformat()})


def asked_with(wb: Workbench, small: Small, model: str) -> None:
    with wb.db.write() as conn:
        ensure_annotator(
            conn,
            small.id,
            AnnotatorKind.MODEL,
            model,
            host="openai",
            model=model,
            prompt_version_id=small.version,
        )


def test_the_sentence_says_when_how_long_who_says_so_and_what_comes_after() -> None:
    found = Retirement("gpt-4.1-mini", END, "announced by OpenAI", "gpt-6-luna")
    assert retirement_in_words(found, date(2026, 11, 21)) == (
        "gpt-4.1-mini ends on 14 Jan 2027, in 54 days (announced by OpenAI): after that another model must label. "
        "Named successor: gpt-6-luna."
    )
    assert "in 1 day (" in retirement_in_words(found, date(2027, 1, 13))
    assert retirement_in_words(found, END).startswith("gpt-4.1-mini ended on 14 Jan 2027: only another model")


def test_a_tuned_model_s_successor_cannot_be_tuned_which_is_said() -> None:
    found = Retirement("ft:gpt-4o:o::i", END, "announced by OpenAI", "gpt-6-luna")
    assert "gpt-6-luna, which cannot be fine-tuned." in retirement_in_words(found, END)


def test_the_end_of_training_is_counted_down_and_then_past() -> None:
    end = TrainingEnd(date(2027, 1, 6), "Closed to some.")
    assert training_end_in_words("OpenAI", end, 46) == "OpenAI will accept no fine-tunes from 6 Jan 2027, in 46 days."
    assert training_end_in_words("OpenAI", end, 0) == (
        "OpenAI has accepted no fine-tunes since 6 Jan 2027. Choose another host."
    )


@pytest.mark.parametrize(("days", "kind"), [(180, "warning"), (1, "warning"), (0, "error"), (-9, "error"), (181, "")])
def test_a_prompt_whose_model_ends_is_warned_about_by_how_near_it_is(
    app: OpenApp, wb: Workbench, small: Small, days: int, kind: str
) -> None:
    asked_with(wb, small, "soon-gone")
    ends_in(wb, days)
    at = app("prompts", project=small.id, prompt=small.version)
    loud = {name: [one.value for one in getattr(at, name) if "soon" in one.value] for name in ("warning", "error")}
    assert [name for name, said in loud.items() if said] == ([kind] if kind else [])
    assert "soon-gone end" in texts(at)


def test_a_prompt_no_dying_model_was_asked_with_says_nothing(app: OpenApp, wb: Workbench, small: Small) -> None:
    asked_with(wb, small, "stays")
    ends_in(wb, 10)
    other = wb.prompts.save(small.id, "Pick one of {{labels}}.", "{{text}}", "other")
    assert "must label" not in texts(app("prompts", project=small.id, prompt=other.id))


def test_a_removed_host_does_not_break_the_page(app: OpenApp, wb: Workbench, small: Small) -> None:
    asked_with(wb, small, "soon-gone")
    wb.hosts.remove("openai")
    at = app("prompts", project=small.id, prompt=small.version)
    assert not at.exception and "soon-gone ends" not in texts(at)


def test_fine_tune_warns_of_the_base_model_and_of_the_end_of_training(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    wb.hosts.allow("openai")
    ends_in(wb, 20)
    shown = texts(app("fine_tune", project=small.id, tune_host="openai"))
    assert "soon-gone ends on" in shown and "in 20 days (OpenAI says so)" in shown
    assert "OpenAI will accept no fine-tunes" in shown


def test_a_tuned_model_is_warned_about_by_its_base_whatever_it_is_called(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    job = add_fine_tune(wb, small)
    with wb.db.write() as conn:
        conn.exec_driver_sql("UPDATE fine_tunes SET host = 'openai', base_model = 'soon-gone'")
        fine_tunes.finish(conn, job, FineTuneStatus.SUCCEEDED, fine_tuned_model="my-own-name", message="")
    ends_in(wb, 20)
    shown = texts(app("fine_tune", project=small.id))
    assert "my-own-name ends on" in shown and "in 20 days" in shown


def test_the_embedded_host_warns_of_nothing(app: OpenApp, small: Small) -> None:
    shown = texts(app("fine_tune", project=small.id))
    assert "accept no fine-tunes" not in shown and "ends on" not in shown


def test_the_calendar_has_every_model_in_use_the_next_to_end_first_and_says_who_says_so(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    for model in ("gpt-4o", "soon-gone", "nobody-knows"):
        asked_with(wb, small, model)
    ends_in(wb, 10)
    found = wb.calendar.all()
    assert [one.model for one in found if one.host == "openai"] == ["soon-gone", "gpt-4o", "nobody-knows"]
    assert "announced by OpenAI, as known in Nov 2026" in [one.end.source for one in found if one.end]
    assert next(one.why for one in found if one.model == "nobody-knows").startswith("neither its host")
    at = app("hosts", project=small.id)
    assert not at.exception and "When models end" in texts(at)


def test_a_tuned_model_ends_with_its_base_whatever_it_is_called(wb: Workbench, small: Small) -> None:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="my-deployment", message="")
    with wb.db.write() as conn:
        fine_tunes.record(conn, job, host="openai", base_model="gpt-4.1-mini")
    (found,) = [one for one in wb.calendar.all() if one.model == "my-deployment"]
    assert found.end is not None and found.end.day == END


def test_a_date_that_is_typed_in_goes_before_what_the_host_says_and_can_be_taken_back(
    wb: Workbench, small: Small
) -> None:
    asked_with(wb, small, "soon-gone")
    ends_in(wb, 10)
    day = date.today() + timedelta(days=400)
    wb.calendar.type_in("openai", "soon-gone", day)
    (found,) = [one for one in wb.calendar.all() if one.model == "soon-gone"]
    assert found.end == Retirement("soon-gone", day, "typed in")
    wb.calendar.type_in("openai", "soon-gone", None)
    (found,) = [one for one in wb.calendar.all() if one.model == "soon-gone"]
    assert found.days_left(date.today()) == 10
    with pytest.raises(WorkbenchError, match="cannot be meant"):
        wb.calendar.type_in("openai", "soon-gone", date(1999, 1, 1))


@pytest.mark.parametrize(("days", "is_said"), [(-31, False), (-1, True), (60, True), (61, False)])
def test_every_page_says_that_a_model_in_use_ends_soon(days: int, is_said: bool, wb: Workbench, small: Small) -> None:
    asked_with(wb, small, "soon-gone")
    ends_in(wb, days)
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    said = [one.value for one in at.sidebar.warning]
    assert any("soon" in one and "gone" in one for one in said) is is_said


def test_models_of_removed_projects_are_not_in_use(wb: Workbench, small: Small) -> None:
    asked_with(wb, small, "soon-gone")
    wb.projects.remove(small.id)
    assert wb.calendar.all() == []
