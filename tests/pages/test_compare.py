"""The Compare page."""

import json
from dataclasses import asdict

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import WorkbenchError
from core.metrics import LabelDifference
from core.model import Estimate, FineTuneStatus, Price, RunStatus, Split
from core.services.runs.running import ModelRef, RunRequest
from core.splits import Shares
from core.storage import items, runs
from core.storage.annotations import NewAnnotation
from core.workbench import Workbench
from pages._ui.compare.labels_table import label_order
from pages._ui.words.figures import unbroken
from tests.fakes import saying
from tests.pages.conftest import OpenApp, Small, add_fine_tune, add_model, asked, label_id, tables, texts


@pytest.fixture
def pair(wb: Workbench, small: Small) -> tuple[int, int]:
    """A wrong on every second item, B on none."""
    return add_model(wb, small, "base", wrong_every=2), add_model(wb, small, "better", wrong_every=0)


def metric(at: AppTest, beginning: str) -> str:
    return next(one.value for one in at.metric if one.label.replace("\\", "").startswith(beginning))


def rows_of(at: AppTest, heading: str) -> list[dict[str, str]]:
    """The first table with this heading."""
    return next(one for one in tables(at) if one and heading in one[0])


def test_without_a_project_it_says_where_to_begin(app: OpenApp) -> None:
    assert "no project yet" in texts(app("compare"))


def test_with_fewer_than_three_annotators_it_says_what_is_missing(app: OpenApp, small: Small) -> None:
    at = app("compare", project=small.id)
    assert "needs three annotators with labels" in texts(at) and "So far there are 2" in texts(at)


def test_it_opens_on_validation_with_the_newest_two_models_against_the_reference_and_costs_nothing(
    app: OpenApp, wb: Workbench, small: Small, pair: tuple[int, int]
) -> None:
    at = app("compare", project=small.id)
    assert not at.exception
    shown = texts(at)
    # 12 validation items: A is wrong on some, B on none; every difference is a fix.
    assert "Not distinguishable on these 12 items" in shown
    better = rows_of(at, "Accuracy")[1]
    assert better["Against maria, 95 % intervals"] == "B · better" and better["Accuracy"].startswith("1.00 [")
    assert unbroken("n = 12") in shown
    assert asked(at, "compare_split") == "validation" and wb.compare.looks(small.id) == 0


def test_where_they_share_test_items_alone_the_page_says_what_it_costs_and_shows_them_when_asked(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    (
        add_model(wb, small, "one", wrong_every=2, split=Split.TEST),
        add_model(wb, small, "two", wrong_every=0, split=Split.TEST),
    )
    at = app("compare", project=small.id)
    assert wb.compare.looks(small.id) == 0 and not at.metric
    label = "Compare them on 18 test items: counts as 2 looks"
    next(one for one in at.button if one.label == label).click().run()
    assert "on the same 18 items" in texts(at) and asked(at, "compare_split") == "test"
    assert wb.compare.looks(small.id) == 2


def test_a_look_at_test_is_counted_once_however_often_the_page_is_drawn(
    app: OpenApp, wb: Workbench, small: Small, pair: tuple[int, int]
) -> None:
    at = app("compare", project=small.id, compare_split="test")
    at.run()
    assert "test, look 1 at these two** · 2 looks in all" in texts(at) and wb.compare.looks(small.id) == 2
    swapped = app("compare", project=small.id, compare_a=pair[1], compare_b=pair[0], compare_split="test")
    assert "test, look 1 at these two" in texts(swapped) and wb.compare.looks(small.id) == 2


def test_validation_is_no_look(app: OpenApp, wb: Workbench, small: Small, pair: tuple[int, int]) -> None:
    assert wb.compare.shared(small.id, small.reference, *pair)[Split.VALIDATION] == 12
    view = wb.compare.view(small.id, small.reference, *pair, Split.VALIDATION)
    assert view.looks == 0


def test_without_labels_on_test_it_opens_on_validation(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_model(wb, small, "base", wrong_every=2, split=Split.VALIDATION)
    add_model(wb, small, "better", wrong_every=0, split=Split.VALIDATION)
    at = app("compare", project=small.id)
    assert asked(at, "compare_split") == "validation" and wb.compare.looks(small.id) == 0


def test_a_link_reopens_the_very_comparison_and_unknown_ids_fall_back(
    app: OpenApp, small: Small, pair: tuple[int, int]
) -> None:
    at = app("compare", project=small.id, compare_a=pair[1], compare_b=small.other, compare_split="validation")
    assert asked(at, "compare_a") == str(pair[1]) and asked(at, "compare_b") == str(small.other)
    lost = app("compare", project=small.id, compare_a=999, compare_split="nowhere")
    assert asked(lost, "compare_a") == str(pair[0]) and asked(lost, "compare_split") == "validation"
    assert "does not exist here: A 999, Split nowhere" in texts(lost)


@pytest.mark.parametrize("lost", [{"compare_b": 999, "compare_split": "test"}, {"compare_split": "tset"}])
def test_a_link_that_names_something_unknown_never_spends_a_look_at_test(
    app: OpenApp, wb: Workbench, small: Small, pair: tuple[int, int], lost: dict[str, object]
) -> None:
    at = app("compare", project=small.id, **lost)
    assert asked(at, "compare_split") == "validation" and wb.compare.looks(small.id) == 0


def test_swapping_makes_the_better_one_a_and_the_difference_negative(
    app: OpenApp, small: Small, pair: tuple[int, int]
) -> None:
    at = app("compare", project=small.id)
    before = metric(at, "Difference")
    at.button(key="compare-swap").click().run()
    assert asked(at, "compare_a") == str(pair[1])
    assert metric(at, "Difference") == before.replace("+", "−")


def test_two_that_cannot_be_told_apart_get_no_green_and_are_told_what_so_many_items_can_show(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    add_model(wb, small, "one", wrong_every=9)
    add_model(wb, small, "two", wrong_every=5)
    shown = texts(app("compare", project=small.id))
    assert "Not distinguishable" in shown and ":green[" not in shown
    assert "The two differ on too few of them to show any difference." in shown


def test_the_same_annotator_twice_is_one_clear_sentence(app: OpenApp, small: Small, pair: tuple[int, int]) -> None:
    at = app("compare", project=small.id, compare_a=pair[0], compare_b=pair[0])
    assert "three different annotators" in texts(at) and not at.exception


def test_nothing_in_common_on_a_split_leads_to_runs(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_model(wb, small, "one", wrong_every=3, split=Split.VALIDATION)
    add_model(wb, small, "two", wrong_every=4, split=Split.VALIDATION)
    at = app("compare", project=small.id, compare_split="test")
    assert "no items in common" in texts(at)


def test_fixed_items_are_listed_with_their_three_labels(app: OpenApp, small: Small, pair: tuple[int, int]) -> None:
    at = app("compare", project=small.id)
    fixed = rows_of(at, "Text")
    assert list(fixed[0]) == ["Text", "Reference", "A", "B"]
    assert all(row["Reference"] == row["B"] != row["A"] for row in fixed)


def test_a_label_has_its_own_colour_in_the_list_of_items(app: OpenApp, small: Small, pair: tuple[int, int]) -> None:
    at = app("compare", project=small.id)
    cells = [
        cell for one in at.get("bidi_component") for row in json.loads(one.proto.json).get("rows", []) for cell in row
    ]
    chips = {cell["text"]: cell["chip"] for cell in cells if "chip" in cell}
    assert chips["SPORTS"] == "#0072B2" and chips["POLITICS"] == "#D55E00" and chips["MONEY"] == "#009E73"


def test_each_figure_is_of_a_and_of_b_and_of_what_lies_between_them(
    app: OpenApp, wb: Workbench, small: Small, pair: tuple[int, int]
) -> None:
    at = app("compare", project=small.id)
    a, b, between = rows_of(at, "Accuracy")
    assert between["Against maria, 95 % intervals"] == "B − A"
    view = wb.compare.view(small.id, small.reference, *pair, Split.VALIDATION)
    assert view.figures.differences["kappa"].value == pytest.approx(
        (view.b.figures["kappa"].value or 0) - (view.a.figures["kappa"].value or 0)
    )
    assert view.figures.differences["macro_f1"].value == pytest.approx(
        (view.b.figures["macro_f1"].value or 0) - (view.a.figures["macro_f1"].value or 0)
    )
    for title in ("Accuracy", "Cohen's kappa", "Macro-F1"):
        assert "[" in a[title] and "[" in b[title] and between[title].startswith("+")
    assert metric(at, "Difference") == between["Accuracy"].split()[0]
    assert not at.dataframe and len(at.get("plotly_chart")) == 1


def test_of_many_labels_those_that_change_most_come_first_and_few_stand_as_the_task_has_them() -> None:
    def labels(number: int) -> tuple[LabelDifference, ...]:
        return tuple(LabelDifference(f"L{i}", Estimate((-1) ** i * i / 100, 9)) for i in range(number))

    assert label_order(labels(9)) == list(range(9))
    assert label_order(labels(77))[:3] == [76, 75, 74]


def test_counts_follow_new_labels_and_new_splits(wb: Workbench, small: Small, pair: tuple[int, int]) -> None:
    three = (small.reference, *pair)
    assert wb.compare.shared(small.id, *three) == {Split.TRAIN: 30, Split.VALIDATION: 12, Split.TEST: 18}
    wb.data.split(small.id, Shares(0.2, 0.2, 0.6), seed=1)
    assert wb.compare.shared(small.id, *three)[Split.TEST] == 36
    before = wb.compare.view(small.id, *three, Split.TEST).figures.b.value
    with wb.db.write() as conn:
        (item, *_) = items.ids_in(conn, small.id, Split.TEST)
        wrong = label_id(wb, small.id, "UNABLE_TO_CLASSIFY")
        saying.append(conn, [NewAnnotation(item, pair[1], wrong)])
    assert before == 1.0 and wb.compare.view(small.id, *three, Split.TEST).figures.b.value == 35 / 36


def test_while_one_of_them_labels_there_are_no_figures_and_no_look(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_model(wb, small, "base", wrong_every=2)
    (run,) = wb.runs.start(RunRequest(small.id, (small.version,), (ModelRef("embedded", "newcomer"),), Split.TEST))
    at = app("compare", project=small.id, compare_a=small.other, compare_b=run.annotator_id, compare_split="test")
    assert "The comparison on test appears here as soon as" in texts(at) and not at.metric
    assert asked(at, "compare_b") == str(run.annotator_id) and at.button(key=f"cancel-{run.id}")
    assert wb.compare.looks(small.id) == 0
    elsewhere = app("compare", project=small.id, compare_b=run.annotator_id, compare_split="validation")
    assert "appears here as soon as" not in texts(elsewhere)


def test_the_loop_is_closed_by_the_figures_of_a_tuned_model(app: OpenApp, wb: Workbench, small: Small) -> None:
    def is_done() -> bool:
        return next(step.done for step in wb.progress.of(small.id).steps if step.page == "compare")

    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="tuned", message="")
    base = add_model(wb, small, "base", wrong_every=2)
    tuned = add_model(wb, small, "tuned", wrong_every=0, fine_tune_id=job)
    app("compare", project=small.id, compare_a=small.other, compare_b=base)
    assert not is_done()
    app("compare", project=small.id, compare_a=base, compare_b=tuned)
    assert is_done()


def test_a_model_that_was_searched_for_says_among_how_many(app: OpenApp, wb: Workbench, small: Small) -> None:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="tuned", message="")
    base = add_model(wb, small, "base", wrong_every=2)
    tuned = add_model(wb, small, "tuned", wrong_every=0, fine_tune_id=job)
    chosen = dict(project=small.id, compare_a=base, compare_b=tuned)
    assert "best of" not in texts(app("compare", **chosen))
    with wb.db.write() as conn:
        told = '{"study": 1, "number": 4, "title": "search 1: trial 4", "best": 12}'
        conn.exec_driver_sql("UPDATE fine_tunes SET config = json_set(config, '$.trial', json(?))", (told,))
    shown = texts(app("compare", **chosen, compare_split="validation"))
    assert "Chosen as the best of 12 tried, by their scores on validation. Its score here is flattered" in shown
    assert "flattered" not in texts(app("compare", **chosen, compare_split="test"))


def wrong_on(wb: Workbench, small: Small, name: str, places: range, *, label: str | None = None) -> int:
    """A model that is right on every test item but those in these places, where it says `label`."""
    model = add_model(wb, small, name, wrong_every=0)
    wrong = label_id(wb, small.id, label or "UNABLE_TO_CLASSIFY")
    with wb.db.write() as conn:
        chosen = items.ids_in(conn, small.id, Split.TEST)
        saying.append(conn, [NewAnnotation(chosen[place], model, wrong) for place in places])
    return model


def test_where_interval_and_test_differ_it_says_why_and_that_the_test_decides(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    pair = wrong_on(wb, small, "one", range(4)), wrong_on(wb, small, "two", range(0))
    shown = texts(app("compare", project=small.id, compare_a=pair[0], compare_b=pair[1], compare_split="test"))
    # 4 against 0: mid-p 2^-4 = .0625, exact p 2^-3
    assert "Not distinguishable" in shown and unbroken("mid-p = .063, exact p = .13; level .04") in shown
    assert "The interval of the difference excludes 0, but the test does not tell the two apart" in shown
    assert "the 4 items on which just one of them is right" in shown and "The test decides." in shown
    assert shown.count("rough: only 4 discordant items") == 2
    view = wb.compare.view(small.id, small.reference, *pair, Split.TEST)
    report = wb.export.report(small.id, view)
    assert "The test decides." in report and report.count("rough: only 4 discordant items") == 2


def test_where_interval_and_test_agree_nothing_is_explained(app: OpenApp, small: Small, pair: tuple[int, int]) -> None:
    assert "The test decides" not in texts(app("compare", project=small.id, compare_split="test"))


def test_a_tiny_p_is_written_as_less_than_and_nothing_else(app: OpenApp, wb: Workbench, small: Small) -> None:
    wrong_on(wb, small, "one", range(18)), wrong_on(wb, small, "two", range(0))
    at = app("compare", project=small.id, compare_split="test")
    shown = texts(at).replace("\u00a0", " ")
    assert "mid-p < .0001, exact p < .0001; level .04)" in shown and "= <" not in shown
    assert metric(at, "McNemar, mid-p") == "p < .0001"


def test_how_often_each_fell_back_is_said(app: OpenApp, wb: Workbench, small: Small) -> None:
    wrong_on(wb, small, "one", range(7)), wrong_on(wb, small, "two", range(3, 4))
    at = app("compare", project=small.id, compare_split="test")
    assert "A answered UNABLE_TO_CLASSIFY 7 times, B once." in texts(at)
    at = app("compare", project=small.id, compare_split="validation")
    assert "Neither answered UNABLE_TO_CLASSIFY." in texts(at)


def test_items_still_wrong_have_a_list_of_their_own(app: OpenApp, wb: Workbench, small: Small) -> None:
    wrong_on(wb, small, "one", range(3)), wrong_on(wb, small, "two", range(2, 5))
    at = app("compare", project=small.id, compare_split="test")
    (shown,) = at.get("button_group")
    assert [one.content for one in shown.proto.options] == ["Fixed 2", "Broken 2", "Still wrong 1"]
    assert asked(at, "compare_items") == "fixed" and len(rows_of(at, "Text")) == 2
    at = app("compare", project=small.id, compare_split="test", compare_items="still_wrong")
    (row,) = rows_of(at, "Text")
    assert row["A"] == row["B"] == "UNABLE_TO_CLASSIFY"


def test_what_right_labels_cost_is_said_beside_the_tokens(app: OpenApp, wb: Workbench, small: Small) -> None:
    def spend(model: str, price: Price | None) -> int:
        """1,000,000 tokens in for the 12 validation items, every second of them right."""
        annotator = add_model(wb, small, model, wrong_every=2, split=Split.VALIDATION)
        with wb.db.write() as conn:
            config = {"host": "gone", "model": model, "price": None if price is None else asdict(price)}
            run = runs.create(conn, small.id, annotator, config, [])
            conn.exec_driver_sql("UPDATE annotations SET run_id = ? WHERE annotator_id = ?", (run, annotator))
            runs.claim(conn, "worker")
            runs.add_progress(conn, run, 12, 0, 1_000_000, 0, calls=12)
            runs.finish(conn, run, "worker", RunStatus.DONE)
            return annotator

    dear, unpriced = spend("dear", Price(input=6.0, output=6.0)), spend("odd", None)
    at = app("compare", project=small.id, compare_a=dear, compare_b=unpriced, compare_split="validation")
    a, b, _ = rows_of(at, "Accuracy")
    # $6 for 12 items is $500 for 1,000; half of them are right, so $1,000 for as many right ones. Wilson: 25 to 75 %.
    assert a["Cost per 1,000"] == "$500.00" and a["Cost per 1,000 right"] == "$1,000 95 %: $670.05–1,970"
    assert a["Tokens per 1,000"] == b["Tokens per 1,000"] == "83,300,000"
    assert b["Cost per 1,000"] == b["Cost per 1,000 right"] == "unknown"


def test_labels_say_how_they_differ_with_an_interval_and_a_test_on_the_page_and_in_the_report(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    pair = wrong_on(wb, small, "one", range(18)), wrong_on(wb, small, "two", range(0))
    at = app("compare", project=small.id, compare_a=pair[0], compare_b=pair[1], compare_split="test")
    sports = next(row for row in rows_of(at, "Test") if row["Label"] == "SPORTS")
    assert sports["B − A"].startswith("+1.00 [") and sports["B − A"].endswith("rough")
    assert sports["Test"] == "p = .047"  # 6 against 0: mid-p 2^-6, times three labels
    report = wb.export.report(small.id, wb.compare.view(small.id, small.reference, *pair, Split.TEST))
    assert "p = .047" in report and "adjusted for 3 labels (Holm)" in report
    assert "alpha spending, Lan &amp; DeMets 1983" in report


def test_how_many_items_either_lacks_is_said_on_the_page_and_in_the_report(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    one, two = wrong_on(wb, small, "one", range(2)), wrong_on(wb, small, "two", range(0))
    with wb.db.write() as conn:
        chosen = items.ids_in(conn, small.id, Split.TEST)
        saying.append(conn, [NewAnnotation(item, one, None) for item in chosen[:5]])
    said = "Of the 18 items maria has labelled, A lacks 5 and B 0: they are left out."
    assert said in texts(app("compare", project=small.id, compare_a=one, compare_b=two, compare_split="test"))
    assert said in wb.export.report(small.id, wb.compare.view(small.id, small.reference, one, two, Split.TEST))


def test_a_second_look_at_the_same_two_is_read_at_a_lower_level_and_says_so(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    pair = wrong_on(wb, small, "one", range(5)), wrong_on(wb, small, "two", range(0))
    assert "level .04)" in texts(
        app("compare", project=small.id, compare_a=pair[0], compare_b=pair[1], compare_split="test")
    )
    with wb.db.write() as conn:
        (item, *_) = items.ids_in(conn, small.id, Split.TEST)
        saying.append(conn, [NewAnnotation(item, pair[1], label_id(wb, small.id, "UNABLE_TO_CLASSIFY"))])
    again = texts(app("compare", project=small.id, compare_a=pair[0], compare_b=pair[1], compare_split="test"))
    assert "level .0061 by alpha spending, since this is look 2 at these two)" in again
    assert "Not distinguishable" in again


def test_a_tuned_model_that_has_labelled_nothing_is_said_not_to_be_there_yet(
    app: OpenApp, wb: Workbench, small: Small, pair: tuple[int, int]
) -> None:
    add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:1")
    said = "The newest tuned model has labelled nothing yet"
    assert said in texts(app("compare", project=small.id, compare_split="validation"))
    add_model(wb, small, "tuned 1", wrong_every=0, fine_tune_id=1, split=Split.VALIDATION)
    assert said not in texts(app("compare", project=small.id, compare_split="validation"))


def test_the_gate_says_whether_b_may_take_the_place_of_a_and_what_it_forgot(
    app: OpenApp, wb: Workbench, small: Small, pair: tuple[int, int]
) -> None:
    assert "Passed:" not in texts(app("compare", project=small.id))
    a, b = pair
    opened = app("compare", project=small.id, compare_gate=1)
    assert "Passed: B is not worse by more than .02" in texts(opened) and "Nothing forgotten" in texts(opened)
    turned = texts(app("compare", project=small.id, compare_a=b, compare_b=a, compare_margin=0.01))
    assert "more than .01" in turned and "Passed" not in turned


def test_the_gate_of_old_items_leaves_out_what_came_later(wb: Workbench, small: Small, pair: tuple[int, int]) -> None:
    a, b = pair
    (upload,) = wb.data.uploads(small.id)
    every = wb.compare.gate(small.id, small.reference, a, b, Split.VALIDATION, 0.02)
    with wb.db.write() as conn:
        last = sorted(items.ids_in(conn, small.id, Split.VALIDATION))[-4]
        conn.exec_driver_sql("UPDATE uploads SET last_item = ?", (last,))
    of_old = wb.compare.gate(small.id, small.reference, a, b, Split.VALIDATION, 0.02, upto=upload.upload.id)
    assert (every.n, of_old.n) == (12, 9)
    with pytest.raises(WorkbenchError, match="no longer there"):
        wb.compare.gate(small.id, small.reference, a, b, Split.VALIDATION, 0.02, upto=99)
    with pytest.raises(WorkbenchError, match="share from 0 to 1"):
        wb.compare.gate(small.id, small.reference, a, b, Split.VALIDATION, 2)
