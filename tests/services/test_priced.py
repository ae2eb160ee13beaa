"""What the labels of each model cost beside how it came to give them, and which models no other beats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Price, Split
from core.services.agreement.priced import Way, front
from core.services.runs.running import ModelRef, RunRequest
from tests.fakes.waiting import finished
from tests.fakes.worlds import MODEL

PRICE = Price(1.0, 2.0, source="typed")


def of(wb, annotator, split=Split.VALIDATION):
    (found,) = wb.compare.priced([annotator], split)
    return found


def test_a_model_without_a_price_is_unknown_and_never_nothing(workbench, small_project):
    run = finished(workbench, small_project.start(Split.VALIDATION))
    found = of(workbench, run.annotator_id)
    assert (found.way, found.per_1000, found.run_id) == (Way.ZERO_SHOT, None, run.id)
    assert found.why == "the price of its model is unknown"


def test_the_cost_of_a_thousand_items_is_that_of_its_runs(workbench, small_project):
    workbench.prices.set("openai", MODEL, PRICE)
    run = finished(workbench, small_project.start(Split.VALIDATION))
    dollars = (run.prompt_tokens * 1.0 + run.completion_tokens * 2.0) / 1_000_000
    assert of(workbench, run.annotator_id).per_1000 == pytest.approx(1000 * dollars / 12)


def test_answers_that_all_came_from_the_cache_say_nothing_of_the_price(workbench, small_project):
    workbench.prices.set("openai", MODEL, PRICE)
    run = finished(workbench, small_project.start(Split.VALIDATION))
    with workbench.db.write() as conn:
        conn.exec_driver_sql(
            "UPDATE runs SET from_cache = done, calls = 0, prompt_tokens = 0, completion_tokens = 0 WHERE id = ?",
            (run.id,),
        )
    found = of(workbench, run.annotator_id)
    assert found.per_1000 is None and found.why == "all its answers came from the cache"


def test_own_hardware_costs_truly_nothing(workbench, small_project, monkeypatch):
    workbench.prices.set("openai", MODEL, Price(0.0, 0.0, source="typed"))
    run = finished(workbench, small_project.start(Split.VALIDATION))
    assert of(workbench, run.annotator_id).per_1000 == 0.0


def test_worked_examples_make_it_few_shot_and_a_tuned_model_is_tuned(workbench, small_project):
    few = workbench.prompts.save(
        small_project.id, "Choose one of:\n{{labels}}", "{{text}}", "few", list(small_project.items(Split.TRAIN))[:2]
    )
    request = RunRequest(small_project.id, (few.id,), (ModelRef("openai", MODEL),), Split.VALIDATION)
    run = finished(workbench, workbench.runs.start(request)[0])
    assert of(workbench, run.annotator_id).way is Way.FEW_SHOT
    with workbench.db.write() as conn:
        conn.exec_driver_sql(
            "INSERT INTO fine_tunes (project_id, annotator_id, prompt_version_id, host, base_model, config, status,"
            " created_at, fine_tuned_model) VALUES (?, ?, ?, 'openai', 'b', '{}', 'succeeded', 1, 'ft:b')",
            (small_project.id, small_project.gold, small_project.version_id),
        )
    assert of(workbench, small_project.model("ft:b", Split.VALIDATION)).way is Way.TUNED


def test_people_and_models_without_a_run_have_no_cost(workbench, small_project):
    person = of(workbench, small_project.gold)
    assert (person.way, person.per_1000) == (None, None) and "time is not counted" in person.why
    assert "none of its labels came from a run" in of(workbench, small_project.model("m", Split.VALIDATION)).why


def test_asking_what_test_labels_cost_is_no_look(workbench, small_project):
    run = finished(workbench, small_project.start(Split.TEST))
    of(workbench, run.annotator_id, Split.TEST)
    assert workbench.compare.looks(small_project.id) == 0


def test_on_the_front_are_those_no_other_beats():
    assert front({1: (0.0, 0.6), 2: (1.0, 0.8), 3: (2.0, 0.7), 4: (0.5, 0.6)}) == {1, 2}
    assert front({1: (1.0, 0.5), 2: (1.0, 0.5)}) == {1, 2}, "two alike beat neither"
    assert front({}) == frozenset()


@given(st.dictionaries(st.integers(), st.tuples(st.floats(0, 10), st.floats(0, 1)), min_size=1))
def test_whoever_is_not_on_the_front_is_beaten_by_somebody_on_it(points):
    best = front(points)
    assert best
    for one in points.keys() - best:
        cost, quality = points[one]
        assert any(points[other][0] <= cost and points[other][1] >= quality for other in best)
