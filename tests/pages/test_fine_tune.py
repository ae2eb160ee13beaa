"""The Fine-tune page."""

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import WorkbenchError
from core.model import AnnotatorKind, FineTuneStatus, QuestionKind, RunStatus, Split, TableData, Task
from core.services.common.lookup import ensure_annotator
from core.services.common.values import append
from core.services.data.bringing import ImportChoice
from core.services.hosts.connections import Hosts
from core.services.hosts.drafts import HostDraft
from core.services.hosts.models import ModelChoice
from core.services.learning.fine_tuning import FineTuning, measuring
from core.storage import fine_tunes, items, tasks
from core.storage.annotations import NewAnnotation
from core.workbench import Workbench
from pages._ui.fine_tune.outcome import of_the_model, said_of_kept, score_of
from tests.fakes import saying
from tests.pages.conftest import OpenApp, Small, add_fine_tune, asked, texts


@pytest.fixture(autouse=True)
def _a_host_with_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hosts, "models", lambda self, key, project_id: [ModelChoice("base", "base")])


def add_curves(wb: Workbench, job: int) -> None:
    with wb.db.write() as conn:
        fine_tunes.add_events(
            conn,
            job,
            [
                {
                    "host_event_id": f"e{step}",
                    "level": "info",
                    "type": "metrics",
                    "message": f"Step {step}: <b>loss</b> *falls*",
                    "data": {"step": step, "total_steps": 4, "train_loss": 1 / step, "valid_loss": 2 / step},
                    "created_at": float(step),
                }
                for step in (1, 2)
            ],
        )


def button(at: AppTest, label: str) -> object:
    return next(one for one in at.button if one.label == label)


def test_without_a_prompt_it_leads_to_prompts(app: OpenApp, wb: Workbench) -> None:
    project = wb.demo.create()
    wb.projects.rename(project, "Demo")
    with wb.db.write() as conn:
        conn.exec_driver_sql("DELETE FROM prompt_versions")
    assert "there is none yet" in texts(app("fine_tune", project=project))


def test_without_labels_on_train_it_leads_to_review(app: OpenApp, wb: Workbench, small: Small) -> None:
    with wb.db.write() as conn:
        conn.exec_driver_sql("UPDATE items SET split = 'test'")
    assert "Nobody has labelled a train item" in texts(app("fine_tune", project=small.id))


def test_it_starts_with_the_reference_and_shows_what_would_be_taught(app: OpenApp, small: Small) -> None:
    at = app("fine_tune", project=small.id)
    shown = texts(at)
    assert not at.exception
    assert at.selectbox(key="tune_from").value == str(small.reference)
    assert "30 training lines, 12 for validation" in shown and "Test split untouched" in shown
    assert "SYSTEM\nChoose one of" in shown
    assert "linear classifier on frozen sentence embeddings, not a large language model" in shown


def test_start_writes_the_job_down_with_the_parameters_entered(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("fine_tune", project=small.id)
    assert not at.number_input, "the host chooses, until somebody wants to"
    at.toggle(key="tune_auto").set_value(False).run()
    at.number_input(key="tune-n_epochs").set_value(7).run()
    at.button(key="tune-start").click().run()
    (job,) = wb.fine_tunes.all(small.id)
    assert job.status is FineTuneStatus.QUEUED and job.base_model == "base" and job.n_train == 30
    assert job.config["parameters"] == {"n_epochs": 7}
    assert "Fine-tune 1" in texts(at) and any(one.label == "Cancel" for one in at.button)


def test_once_there_is_a_job_it_comes_first_and_the_form_is_one_click_away(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:base:1", message="")
    at = app("fine_tune", project=small.id)
    assert at.button(key=f"run-test-{job}").label == "Run it on test and compare"
    assert not [one for one in at.button if one.label == "Start fine-tune"] and asked(at, "new_fine_tune") == "0"
    at.session_state["new_fine_tune"] = True
    at.run()
    assert not at.exception and at.button(key="tune-start").label == "Start fine-tune"
    linked = app("fine_tune", project=small.id, tune_prompt=small.version)
    assert linked.button(key="tune-start").label == "Start fine-tune"


def test_a_start_folds_the_form_away(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("fine_tune", project=small.id)
    at.button(key="tune-start").click().run()
    assert not at.exception and asked(at, "new_fine_tune") == "0"
    assert not [one for one in at.button if one.label == "Start fine-tune"] and "Fine-tune 1" in texts(at)


@pytest.mark.parametrize("status", [FineTuneStatus.FAILED, FineTuneStatus.CANCELLED])
def test_a_job_that_came_to_nothing_leads_to_the_form_with_its_choices(
    app: OpenApp, wb: Workbench, small: Small, status: FineTuneStatus
) -> None:
    add_fine_tune(wb, small, status=status, message="The file is refused.")
    at = app("fine_tune", project=small.id)
    assert at.button(key="tune-start").label == "Start fine-tune", "nothing was taught yet"
    (again,) = [one for one in at.get("page_link") if one.proto.label == "Set up again"]
    assert f"tune_prompt={small.version}" in again.proto.query_string


def test_where_no_host_can_fine_tune_it_says_so_and_leads_to_hosts(
    app: OpenApp, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Hosts.all
    monkeypatch.setattr(Hosts, "all", lambda self: [replace(one, can_fine_tune=False) for one in kept(self)])
    at = app("fine_tune", project=small.id)
    assert not at.exception and "None of your hosts can fine-tune." in texts(at)
    assert any(one.proto.label == "Add one that can" for one in at.get("page_link"))


def test_the_form_says_how_many_items_teach_the_fallback_and_lets_them_be_left_out(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    with wb.db.write() as conn:
        unclear = items.ids_in(conn, small.id, Split.TRAIN)[:4]
        fallback = tasks.task(conn, small.id).fallback.id
        saying.append_labels(conn, small.reference, [(item, fallback) for item in unclear])
    at = app("fine_tune", project=small.id)
    assert "30 training lines" in texts(at) and "4 teach UNABLE_TO_CLASSIFY." in texts(at)
    at.toggle(key="tune_fallback").set_value(False).run()
    assert "26 training lines" in texts(at) and "4 left out: UNABLE_TO_CLASSIFY." in texts(at)
    assert "No example of UNABLE_TO_CLASSIFY" in texts(at)


def test_too_few_lines_block_the_start_and_say_what_to_do(app: OpenApp, wb: Workbench, small: Small) -> None:
    with wb.db.write() as conn:
        conn.exec_driver_sql("UPDATE items SET split = 'validation' WHERE split = 'train' AND id % 6 <> 0")
    at = app("fine_tune", project=small.id)
    assert at.button(key="tune-start").disabled
    assert any("Label more train items" in one.value for one in at.error)


def test_a_host_that_cannot_be_reached_is_one_sentence_and_can_be_asked_again(
    app: OpenApp, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(self: Hosts, key: str, project_id: int) -> list[ModelChoice]:
        raise WorkbenchError("The host cannot be reached.", "Check that it is running.")

    monkeypatch.setattr(Hosts, "models", down)
    at = app("fine_tune", project=small.id)
    assert "The host cannot be reached" in texts(at) and not at.exception
    assert any(one.label == "Reload models" for one in at.button) and at.button(key="tune-start").disabled


def test_a_live_job_shows_how_far_it_is_and_can_be_cancelled(app: OpenApp, wb: Workbench, small: Small) -> None:
    job = add_fine_tune(wb, small)
    add_curves(wb, job)
    at = app("fine_tune", project=small.id)
    assert "2 events from the host" in [one.label for one in at.expander]
    at.button(key=f"cancel-job-{job}").click().run()
    with wb.db.read() as conn:
        assert conn.exec_driver_sql("SELECT cancel_requested FROM fine_tunes").scalar_one() == 1


def test_a_poll_that_fails_shows_the_jobs_as_last_seen(
    app: OpenApp, wb: Workbench, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = add_fine_tune(wb, small)

    def broken(self: FineTuning, fine_tune_id: int) -> object:
        raise WorkbenchError("The database is busy.")

    monkeypatch.setattr(FineTuning, "events", broken)
    shown = texts(app("fine_tune", project=small.id))
    assert "This is its last known state. The database is busy." in shown and f"Fine-tune {job}" in shown


def test_the_reason_of_a_failure_is_shown_as_text(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_fine_tune(wb, small, status=FineTuneStatus.FAILED, message="Bad file: <script>alert(1)</script> **no**")
    at = app("fine_tune", project=small.id)
    assert at.error[0].value == r"Bad file\: \<script\>alert\(1\)\</script\> \*\*no\*\*"


def test_a_tuned_model_is_run_on_test_beside_its_base_with_the_prompt_it_was_taught_with(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:base:1", message="")
    at = app("fine_tune", project=small.id)
    at.button(key=f"run-test-{job}").click().run()
    runs = wb.runs.all(small.id)
    assert [(run.config["model"], run.config["split"], run.total, run.status) for run in runs] == [
        ("ft:base:1", "test", 18, RunStatus.QUEUED),
        ("base", "test", 18, RunStatus.QUEUED),
        ("ft:base:1", "validation", 12, RunStatus.QUEUED),
    ]
    tuned = next(one for one in wb.projects.annotators(small.id) if one.fine_tune_id == job)
    assert tuned.prompt_version_id == small.version
    assert wb.fine_tunes.pair(wb.fine_tunes.get(job)) == (runs[1].annotator_id, tuned.id)
    assert at.title[0].value == "Compare" and asked(at, "compare_split") == "test"
    assert (asked(at, "compare_a"), asked(at, "compare_b")) == (str(runs[1].annotator_id), str(tuned.id))
    assert "appears here as soon as A and B have labelled" in texts(at) and wb.compare.looks(small.id) == 0


def test_a_host_that_bills_is_asked_about_test_alone(wb: Workbench, small: Small) -> None:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:base:1", message="")
    remote = replace(wb.fine_tunes.get(job), host="openai")
    assert [request.split for request in measuring(remote)] == [Split.TEST, Split.TEST]


def test_the_curves_say_which_steps_weights_are_kept(app: OpenApp, wb: Workbench, small: Small) -> None:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:base:1", message="")
    add_curves(wb, job)
    kept = {"step": 1, "valid_loss": 2.0, "model": "ft:base:1"}
    with wb.db.write() as conn:
        fine_tunes.add_events(
            conn,
            job,
            [
                {
                    "host_event_id": f"checkpoint-{data['model']}",
                    "level": "info",
                    "type": "checkpoint",
                    "message": "Checkpoint",
                    "data": data,
                    "created_at": 3.0,
                }
                for data in (kept, {"step": 2, "valid_loss": 1.0, "model": "ft:base:1:ckpt-step-2"})
            ],
        )
    assert "The model has the weights of step 1." in texts(app("fine_tune", project=small.id))


def test_of_the_step_that_is_kept_it_is_said_that_its_validation_loss_was_lowest() -> None:
    loss = {"train": [(1.0, 0.9), (2.0, 0.1)], "validation": [(1.0, 0.5), (2.0, 0.7)]}
    assert said_of_kept(1.0, loss) == ["The model has the weights of step 1, where the validation loss was lowest."]
    assert said_of_kept(2.0, loss) == ["The model has the weights of step 2."]
    assert said_of_kept(None, loss) == []


def test_a_job_that_is_done_says_how_accurate_it_was_in_the_end() -> None:
    curves = {"train": [(1.0, 0.5), (2.0, 1.0)], "validation": [(2.0, 0.688)]}
    assert of_the_model(curves, "accuracy", None) == "Accuracy at the last step: .69 on validation, 1.00 on train"
    assert of_the_model(curves, "accuracy", 1.0) == "Accuracy at step 1, which is kept: .69 on validation, .50 on train"
    assert of_the_model({}, "accuracy", None) == ""


def test_the_embedded_hosts_score_has_the_name_of_what_it_is(wb: Workbench, small: Small) -> None:
    job = replace(wb.fine_tunes.get(add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED)), host="embedded")
    assert [score_of(job, kind) for kind in (QuestionKind.SINGLE_LABEL, QuestionKind.RATING)] == ["accuracy"] * 2
    assert score_of(job, QuestionKind.SPANS) == "strict F1"
    assert score_of(job, QuestionKind.SEVERAL_LABELS) == "mean Jaccard"
    assert score_of(replace(job, host="openai"), QuestionKind.SPANS) == "accuracy"
    curves = {"validation": [(2.0, 0.688)]}
    assert of_the_model(curves, "strict F1", None) == "Strict F1 at the last step: .69 on validation"


def test_nothing_is_said_of_the_weights_while_it_learns(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_curves(wb, add_fine_tune(wb, small))
    shown = texts(app("fine_tune", project=small.id))
    assert "As the host reports it" in shown and "The model has the weights" not in shown


def test_run_on_validation_starts_the_tuned_model_alone(app: OpenApp, wb: Workbench, small: Small) -> None:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:base:1", message="")
    app("fine_tune", project=small.id).button(key=f"run-validation-{job}").click().run()
    assert [(run.config["model"], run.total) for run in wb.runs.all(small.id)] == [("ft:base:1", 12)]


def a_free_text(wb: Workbench) -> tuple[int, int]:
    """A project of free text: a person's texts and a model's; the project and the person."""
    rows = [(f"word{i} first{i} second{i}",) for i in range(14)]
    task = Task((), type=QuestionKind.TEXT)
    project = wb.data.import_table(TableData(("text",), rows), ImportChoice("T", ("text",), kind=task.type), task=task)
    wb.prompts.save(project, *wb.prompts.proposal(project))
    with wb.db.write() as conn:
        conn.exec_driver_sql("UPDATE items SET split = 'train'")
        ids = sorted(items.ids_in(conn, project, None))
        for kind, name, text in ((AnnotatorKind.PERSON, "ann", "good"), (AnnotatorKind.MODEL, "m", "bad one")):
            who = ensure_annotator(conn, project, kind, name)
            append(conn, project, [NewAnnotation(item, who, json.dumps(text)) for item in ids])
    return project, next(one.id for one in wb.projects.annotators(project) if one.name == "ann")


def test_where_answers_make_pairs_the_panel_offers_them_with_their_own_parameter(app: OpenApp, wb: Workbench) -> None:
    project, ann = a_free_text(wb)
    at = app("fine_tune", project=project, tune_from=ann)
    assert "each line is one item and its right answer" in texts(at) and "14 training lines" in texts(at)
    linked = app(
        "fine_tune", project=project, tune_from=ann, tune_method="dpo", tune_host="openai", tune_lines="written"
    )
    shown = texts(linked)
    assert not linked.exception and "14 training pairs, 0 for validation" in shown
    assert '"preferred_output": [{"role": "assistant", "content": "good"}]' in shown
    assert "writes no texts, so preference pairs teach it nothing" in shown
    assert linked.selectbox(key="tune_against").options == ["All models", "m"]
    own = wb.hosts.add("custom", HostDraft("Gateway", "http://gateway.invalid/v1"))
    linked = app(
        "fine_tune", project=project, tune_from=ann, tune_method="dpo", tune_host=own.key, tune_lines="written"
    )
    linked.toggle(key="tune_auto").set_value(False).run()
    assert [one.label for one in linked.number_input] == ["Epochs", "Batch size", "Learning rate ×", "Beta"]
    linked.selectbox(key="tune_form").set_value("trl").run()
    assert '"chosen": [{"role": "assistant", "content": "good"}]' in texts(linked)


def test_one_label_is_taught_by_examples_alone_and_nothing_is_asked(app: OpenApp, small: Small) -> None:
    at = app("fine_tune", project=small.id)
    assert not [one for one in at.segmented_control if one.label == "Method"] and "Beta" not in texts(at)


def test_a_tuned_model_has_a_card_and_a_zip_to_take_home(app: OpenApp, wb: Workbench, small: Small) -> None:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:base:1", message="")
    at = app("fine_tune", project=small.id)
    assert "Model card and export" in [one.label for one in at.expander]
    assert "Model card for" not in texts(at), "nothing is worked out before it is asked for"
    at.session_state[f"take-home-{job}"] = True
    at.run()
    assert "Model card for" in texts(at)
    assert [one.label for one in at.get("download_button")].count("Download model card") == 1
    at.button(next(one.key for one in at.button if one.label == "Build a zip of everything")).click().run()
    assert not at.error
    assert "Download" in [one.label for one in at.get("download_button")]


def test_an_imported_fine_tune_says_that_its_host_is_not_connected_and_takes_one(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:base:1", message="")
    path = wb.portable.export(job)
    wb.projects.remove(small.id)
    brought = wb.portable.bring(path)
    at = app("fine_tune", project=brought.project_id)
    assert not at.exception and "is not connected to this fine-tune" in texts(at)
    assert not [one for one in at.button if one.label == "Run it on test and compare"]
    at.button(key=f"connect-{brought.fine_tune_id}").click().run()
    assert not at.exception and [one for one in at.button if one.label == "Run it on test and compare"]


def test_what_is_chosen_of_the_items_is_what_is_checked_and_kept_with_the_job(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    at = app("fine_tune", project=small.id, tune_balance="cap", tune_cap=1)
    assert "Only what you chose" in texts(at) and "above the most of a label" in texts(at)
    assert "hosts ask for at least 10" in texts(at)


def test_lines_are_shown_as_the_model_sees_them_and_as_they_are_written(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    seen = [one.value for one in app("fine_tune", project=small.id).code]
    assert any(code.startswith("SYSTEM\n") for code in seen)
    assert sum(code.startswith("USER\n") for code in seen) == 10
    written = [one.value for one in app("fine_tune", project=small.id, tune_lines="written").code]
    assert len(written) == 3 and all('"messages"' in code for code in written)


def test_golden_answers_are_recorded_by_one_click_and_held_beside_another_model(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    with wb.db.write() as conn:
        models = [
            ensure_annotator(
                conn,
                small.id,
                AnnotatorKind.MODEL,
                name,
                host="embedded",
                model=name,
                prompt_version_id=small.version,
            )
            for name in ("old", "new")
        ]
        label = next(iter(tasks.label_names(conn, small.id)))
        chosen = [(item, label) for item in items.ids_in(conn, small.id, Split.TEST)]
        for one in models:
            saying.append_labels(conn, one, chosen)
    at = app("fine_tune", project=small.id, golden_model=models[0])
    at.button(key="record-golden").click().run()
    assert not at.exception
    (kept,) = wb.golden.all(small.id)
    assert kept.source.id == models[0] and kept.answered == len(chosen)
    at.session_state[f"golden-beside-{kept.id}"] = True
    at.run()
    assert "Figures on test are shown when you ask for them" in texts(at)
    assert wb.compare.looks(small.id) == 0
    at.toggle(key=f"golden_look_{kept.id}_{models[1]}").set_value(True).run()
    assert not at.exception and "They differ on 0 of" in texts(at)
    assert "Download report" in [one.label for one in at.get("download_button")]
