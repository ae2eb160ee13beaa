"""Golden answers: what a model said before it ended, kept as it was, beside what takes its place."""

import pytest

from core.errors import WorkbenchError
from core.model import Split
from core.services.asking.requests import Which
from core.services.learning.fine_tuning import TuneRequest
from core.storage import annotations
from tests.fakes.host import says
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import MODEL

pytestmark = pytest.mark.slow


def answers(wb, annotator_id):
    with wb.db.read() as conn:
        return annotations.value_ids_of(conn, annotator_id)


@pytest.fixture
def model(small_project, workbench):
    """A model that has labelled test; its annotator's id."""
    workbench.projects.set_reference(small_project.id, small_project.gold)
    return finished(workbench, small_project.start(Split.TEST)).annotator_id


def test_what_a_model_said_is_kept_by_an_annotator_of_its_own_with_raw_answers(model, small_project, workbench):
    kept = workbench.golden.record(model)
    assert (kept.split, kept.n_items, kept.answered, kept.run) == (Split.TEST, 18, 18, None)
    assert kept.frozen.is_golden and kept.frozen.model == MODEL and kept.frozen.host == "openai"
    assert kept.frozen.prompt_version_id == small_project.version_id
    assert answers(workbench, kept.frozen.id) == answers(workbench, model)
    with workbench.db.read() as conn:
        rows = conn.exec_driver_sql(
            "SELECT a.raw, b.raw, a.seconds, b.seconds, a.created_at - b.created_at FROM annotations a"
            " JOIN annotations b ON b.id = a.source_id WHERE a.annotator_id = ?",
            (kept.frozen.id,),
        ).all()
    assert len(rows) == 18
    assert all(one[0] and one[0] == one[1] and one[2] == one[3] and one[4] == 0 for one in rows)


def test_what_the_model_says_later_leaves_them_as_they_are(model, small_project, workbench, fake_host):
    kept = workbench.golden.record(model)
    before = answers(workbench, kept.frozen.id)
    fake_host.always(says('{"label": "POLITICS"}'))
    finished(workbench, small_project.start(Split.TEST, use_cache=False, which=Which.ALL))
    assert len(set(answers(workbench, model).values())) == 1
    assert answers(workbench, kept.frozen.id) == before


def test_what_is_missing_is_asked_first_and_recorded_when_that_run_has_ended(small_project, workbench):
    model = finished(workbench, small_project.start(Split.VALIDATION)).annotator_id
    kept = workbench.golden.record(model)
    assert kept.recorded_at is None and kept.run is not None and kept.answered == 0
    assert workbench.golden.all(small_project.id)[0].frozen is None, "not before the run has ended"
    work_off(workbench)
    (kept,) = workbench.golden.all(small_project.id)
    assert (kept.answered, kept.n_items) == (18, 18) and kept.frozen is not None
    assert [one.id for one in workbench.golden.all(small_project.id)] == [kept.id]


def test_a_run_that_ends_early_leaves_what_was_answered_and_says_how_much(small_project, workbench):
    model = finished(workbench, small_project.start(Split.VALIDATION)).annotator_id
    kept = workbench.golden.record(model)
    workbench.runs.cancel(kept.run.id)
    work_off(workbench)
    (kept,) = workbench.golden.all(small_project.id)
    assert kept.frozen is not None and kept.answered < kept.n_items == 18


def test_a_tuned_model_that_was_never_run_is_asked_by_the_same_click(small_project, workbench, monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    request = TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    job = workbench.fine_tunes.start(request, host="openai", base_model=MODEL)
    work_off(workbench)
    workbench.golden.record_tuned(job.id)
    work_off(workbench)
    (kept,) = workbench.golden.all(small_project.id)
    assert kept.answered == 18 and kept.source.model == workbench.fine_tunes.get(job.id).fine_tuned_model
    base, tuned = workbench.fine_tunes.pair(workbench.fine_tunes.get(job.id))
    assert tuned == kept.source.id, "the model, not its golden answers, is what is measured"


def test_recording_shows_nothing_and_is_no_look(model, small_project, workbench):
    workbench.golden.record(model)
    workbench.golden.all(small_project.id)
    assert workbench.compare.looks(small_project.id) == 0


def test_side_by_side_on_the_same_items_tells_quality_speed_cost_and_flips(model, small_project, workbench):
    kept = workbench.golden.record(model)
    other = small_project.model("another", Split.TEST)
    assert other in workbench.golden.successors(small_project.id, kept.id)
    assert workbench.golden.looks_ahead(small_project.id, kept.id, other) == 2
    found = workbench.golden.side_by_side(small_project.id, kept.id, other)
    assert workbench.compare.looks(small_project.id) == 2
    said, then = answers(workbench, model), answers(workbench, other)
    assert (found.both, found.flips) == (18, sum(said[one] != then[one] for one in said))
    assert 0 < found.flips < 18
    assert found.before.seconds > 0 and found.after.seconds is None
    told = {row[0]: row[1:] for row in found.rows()}
    assert told["Accuracy"][0].startswith("1.00 [") and "−" in told["Accuracy"][2]
    assert told["Seconds per answer (median)"][1] == "not known"
    report = workbench.golden.report(small_project.id, kept.id, other)
    assert f"differ on {found.flips} of 18 items" in report and "| Accuracy | 1.00 \\[" in report
    assert workbench.compare.looks(small_project.id) == 2


def test_the_cost_is_that_of_present_prices_and_unknown_where_nobody_knows(model, small_project, workbench):
    kept = workbench.golden.record(model)
    items = workbench.golden.items_of(small_project.id, kept.id)
    pace = workbench.golden.pace(kept.frozen.id, items)
    assert pace.answers == 18 and (pace.dollars is None or pace.dollars >= 0)


def test_only_models_are_kept_and_no_golden_answers_again(model, small_project, workbench):
    kept = workbench.golden.record(model)
    assert list(workbench.golden.can_be_kept(small_project.id)) == [model]
    for who in (small_project.gold, kept.frozen.id):
        with pytest.raises(WorkbenchError, match="kept of models"):
            workbench.golden.record(who)
    with pytest.raises(WorkbenchError, match="No items are chosen"):
        workbench.golden.record(model, item_ids=[987654])


def test_chosen_items_alone_are_kept_where_they_are_named(model, small_project, workbench):
    chosen = list(small_project.items(Split.TEST))[:5]
    kept = workbench.golden.record(model, item_ids=[*chosen, *chosen])
    assert (kept.n_items, kept.answered, kept.split) == (5, 5, None)


def test_compare_and_agreement_do_not_begin_with_golden_answers(model, small_project, workbench):
    kept = workbench.golden.record(model)
    assert kept.frozen.id not in workbench.compare.defaults(small_project.id)
    assert kept.frozen.id not in workbench.agreement.defaults(small_project.id, Split.TEST)[1]
