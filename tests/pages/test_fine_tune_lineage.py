"""The Fine-tune page where all questions are taught at once, and where a tune starts from a tune."""

import pytest

from core.model import AnnotatorKind, FineTuneStatus, QuestionKind
from core.services.common.values import append
from core.services.hosts.connections import Hosts
from core.services.hosts.models import ModelChoice
from core.storage import annotators, fine_tunes, items, tasks
from core.storage.annotations import NewAnnotation
from core.tasks import TASKS
from core.workbench import Workbench
from tests.pages.conftest import OpenApp, Small, add_fine_tune, asked, texts


@pytest.fixture(autouse=True)
def _a_host_with_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hosts, "models", lambda self, key, project_id: [ModelChoice("base", "base")])


@pytest.fixture
def moods(wb: Workbench, small: Small) -> int:
    """A further question about the same items, which an imported column answers."""
    project = wb.projects.ask_further(small.id, "Moods", QuestionKind.SEVERAL_LABELS, ["glad", "cross"])
    wb.projects.name_question(small.id, "Topic")
    with wb.db.write() as conn:
        task = tasks.task(conn, project)
        kind = TASKS[task.type]
        who = annotators.ensure(conn, project, AnnotatorKind.IMPORTED, "moods", "#336699")
        said = [kind.canonical(kind.value_of(task, one)) for one in (("glad",), ("glad", "cross"))]
        ids = sorted(items.ids_in(conn, project, None))
        append(conn, project, [NewAnnotation(item, who, said[place % 2]) for place, item in enumerate(ids)])
    wb.projects.set_reference(project, who)
    return project


def add_tune(wb: Workbench, small: Small, model: str, **config: object) -> int:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model=model, message="")
    with wb.db.write() as conn:
        made = fine_tunes.get(conn, job)
        assert made is not None
        fine_tunes.record(conn, job, config={**made.config, **config})
    return job


def test_each_question_of_a_prompt_that_asks_all_shows_what_is_taught_of_it_and_by_whom(
    app: OpenApp, wb: Workbench, small: Small, moods: int
) -> None:
    proposal = wb.prompts.proposal_at_once(small.id)
    assert proposal is not None
    version = wb.prompts.save(small.id, *proposal)
    at = app("fine_tune", project=small.id, tune_prompt=version.id)
    assert not at.exception
    shown = texts(at)
    assert "**Topic**: learned from" in shown and "**Moods**: learned from moods" in shown
    assert '{"topic": {"label":' in shown.replace("\\\\", "") and '"moods": {"labels":' in shown.replace("\\\\", "")
    assert not at.button(key="tune-start").disabled


def test_a_tune_of_a_tune_is_shown_by_all_that_it_came_out_of(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_tune(wb, small, "ft:base:1", number=1)
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:base:2", message="")
    with wb.db.write() as conn:
        fine_tunes.record(
            conn, job, base_model="ft:base:1", config={"number": 2, "lineage": ["base", "ft:base:1"], "parameters": {}}
        )
    at = app("fine_tune", project=small.id)
    assert not at.exception and "base → tuned 1 → tuned 2 on" in texts(at)


def test_an_earlier_tune_can_be_chosen_as_the_one_to_start_from(app: OpenApp, wb: Workbench, small: Small) -> None:
    job = add_tune(wb, small, "ft:base:1", number=1, per_label={"SPORTS": 15, "POLITICS": 15})
    host = wb.fine_tunes.get(job).host
    at = app("fine_tune", project=small.id, new_fine_tune=1, tune_host=host)
    base = at.selectbox(key="tune_base")
    assert base.options == ["base", "tuned 1"] and base.value == "base"
    base.set_value("ft:base:1").run()
    assert not at.exception and asked(at, "tune_base") == "ft:base:1"
    assert "counts in no figure of the new model" in texts(at)
    at.button(key="tune-start").click().run()
    assert wb.fine_tunes.all(small.id)[0].config["lineage"] == ["base", "ft:base:1"]


def test_the_other_questions_say_which_model_has_learned_them_too(
    app: OpenApp, wb: Workbench, small: Small, moods: int
) -> None:
    add_tune(wb, small, "ft:base:1", number=1, per_question={"Topic": {}, "Moods": {}})
    wb.prompts.save(moods, "{{labels}}", "{{text}}")
    at = app("fine_tune", project=moods)
    assert not at.exception and "**tuned 1** of “Topic” has learned to answer this question, too." in texts(at)
    assert "has learned to answer this question" not in texts(app("fine_tune", project=small.id))
