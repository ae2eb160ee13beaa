"""The Agreement page: what it says of candidates, of missing items, of looks, and where its links lead."""

from streamlit.testing.v1 import AppTest

from core.model import AnnotatorKind, Label, QuestionKind, Span, Split, TableData, Task
from core.services.common.lookup import ensure_annotator
from core.services.data.bringing import ImportChoice
from core.splits import Shares
from core.storage import items
from core.storage.annotations import NewAnnotation
from core.workbench import Workbench
from tests.fakes import saying
from tests.pages.conftest import OpenApp, Small, add_model, label_id, tables
from tests.services.said import project_with


def said(at: AppTest) -> str:
    assert not at.exception
    parts = [at.info, at.success, at.error, at.caption, at.markdown]
    return " ".join(one.value for part in parts for one in part).replace("\\", "")


def test_with_nobody_to_compare_the_page_says_what_to_do(app: OpenApp, wb: Workbench) -> None:
    task = Task((Label("A"), Label("B")))
    wb.data.import_table(TableData(("text",), [("one",), ("two",)]), ImportChoice("P", ("text",)), task=task)
    at = app("agreement")
    assert "two annotators" in said(at)
    assert any("Let a model label" in one.proto.label for one in at.get("page_link"))


def test_what_is_counted_of_a_label_is_called_spans_where_parts_of_a_text_are_marked(
    app: OpenApp, wb: Workbench
) -> None:
    marks, fewer = (Span(0, 3, "PER"), Span(8, 11, "PER")), (Span(0, 3, "PER"),)
    task = Task((Label("PER"),), type=QuestionKind.SPANS)
    project, who = project_with(wb, task, ["Ann met Bob"] * 12, {"ann": [marks] * 12, "ben": [fewer] * 12})
    # Twelve items, in each of which one marked two parts and the other one.
    at = app("agreement", project=project, agree_with=who["ann"], agree_who=who["ben"], agree_on="all")
    [row] = next(found for found in tables(at) if "Precision" in found[0])
    assert (row["Spans"], row["Said"]) == ("24", "12") and "Items" not in row


def test_the_first_line_is_a_sentence_with_n_split_and_interval(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("agreement", project=small.id)
    view = wb.agreement.view(small.id, small.reference, [small.other], Split.VALIDATION)
    n = view.candidates[0].n
    assert f"On {n} validation items, jonas agrees with maria on" in said(at)
    assert "Landis & Koch" in said(at)


def test_each_metric_is_shown_once_a_row_a_candidate_and_jaccard_only_where_it_is_explained(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    add_model(wb, small, "tuned", wrong_every=4)
    at = app("agreement", project=small.id)
    figures = tables(at)[0]
    who, *metrics = figures[0]
    assert who == "Against maria, 95 % intervals" and [row[who] for row in figures] == [
        "tuned 12 items",
        "jonas 12 items",
    ]
    assert metrics == ["Accuracy", "IoU (tutorial)", "Cohen's kappa", "Krippendorff's alpha", "Macro-F1"]
    assert all("[" in row[metric] for row in figures for metric in metrics)
    shown = [heading for one in tables(at) for heading in one[0]]
    assert not at.dataframe and not at.get("plotly_chart")
    assert all(shown.count(metric) == 1 for metric in metrics)
    assert "Jaccard (IoU)** " in said(at) and "it equals accuracy" in said(at)
    names = {row["metric"] for row in wb.agreement.view(small.id, small.reference, [small.other], None).rows()}
    assert "Jaccard (IoU)" in names


def test_items_a_candidate_has_not_labelled_are_said(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_model(wb, small, "half", wrong_every=4, split=Split.TRAIN)
    at = app("agreement", project=small.id, agree_on="all")
    assert "30 of the 60 have no label from half" in said(at)


def test_a_candidate_without_common_items_is_undefined_with_the_reason(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    model = add_model(wb, small, "elsewhere", wrong_every=4, split=Split.TRAIN)
    at = app("agreement", project=small.id, agree_who=f"{model},{small.other}")
    assert "undefined: no item was annotated by both" in said(at)
    assert "undefined" in [row["Accuracy"] for row in tables(at)[0]]


def test_only_looking_at_test_is_counted_and_the_choice_says_so(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_model(wb, small, "a model", wrong_every=3)
    choice = app("agreement", project=small.id).selectbox(key="agree_on")
    assert wb.agreement.looks(small.id) == 0 and "Test so far: never looked at." in choice.help
    at = app("agreement", project=small.id, agree_on="test")
    assert wb.agreement.looks(small.id) == 1
    assert "test, looked at once so far** · each model shown here counts as a look" in said(at)
    assert [one for one in choice.options if "looks counted" in one] == ["Test · looks counted", "All · looks counted"]
    at.run()
    assert wb.agreement.looks(small.id) == 1


def test_most_confused_labels_are_sentences_that_open_their_items(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_model(wb, small, "tuned", wrong_every=2)
    at = app("agreement", project=small.id)
    links = [one.proto for one in at.get("page_link") if "also_label=" in one.proto.query_string]
    # Sentences of their own, which wrap: a link is cut where it does not fit.
    assert len(links) == said(at).count(" called **") > 0
    assert all(one.label.endswith(("item", "items")) for one in links)
    assert all("who=" in one.query_string and "also_label=" in one.query_string for one in links)


def test_the_reference_can_be_set_and_taken_back(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("agreement", project=small.id, agree_with=small.other)
    next(one for one in at.button if "as the project" in one.label).click().run()
    assert wb.projects.get(small.id).reference_id == small.other
    next(one for one in at.button if one.label == "Undo").click().run()
    assert wb.projects.get(small.id).reference_id == small.reference


def test_no_candidate_is_one_sentence(app: OpenApp, small: Small) -> None:
    at = app("agreement", project=small.id)
    at.multiselect(key="agree_who").set_value([]).run()
    assert "No candidate is chosen" in said(at)


def test_a_new_annotation_changes_the_figures_at_once(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("agreement", project=small.id)
    add_model(wb, small, "late", wrong_every=3)
    late = next(one.id for one in wb.projects.annotators(small.id) if one.name == "late")
    at = app("agreement", project=small.id, agree_who=late)
    assert "late agrees with maria" in said(at)


def test_the_station_is_done_once_a_models_figures_were_shown(app: OpenApp, wb: Workbench, small: Small) -> None:
    def is_done() -> bool:
        return next(step.done for step in wb.progress.of(small.id).steps if step.page == "agreement")

    app("agreement", project=small.id)
    add_model(wb, small, "base", wrong_every=2)
    assert not is_done()
    app("agreement", project=small.id)
    assert is_done()


def test_each_candidates_use_of_the_fallback_is_counted_beside_its_figures(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    model = add_model(wb, small, "unsure", wrong_every=0)
    fallback = label_id(wb, small.id, "UNABLE_TO_CLASSIFY")
    with wb.db.write() as conn:
        chosen = items.ids_in(conn, small.id, Split.VALIDATION)[:3]
        saying.append(conn, [NewAnnotation(item, model, fallback) for item in chosen])
    at = app("agreement", project=small.id)
    first, second = (next(iter(row.values())) for row in tables(at)[0])
    assert first == "unsure 12 items · 3 UNABLE_TO_CLASSIFY" and second == "jonas 12 items"


def test_items_taken_back_or_never_labelled_are_missing_and_no_part_of_the_table(wb: Workbench, small: Small) -> None:
    model = add_model(wb, small, "half", wrong_every=0, split=Split.TRAIN)
    with wb.db.write() as conn:
        (first, *_) = items.ids_in(conn, small.id, Split.TRAIN)
        saying.append(conn, [NewAnnotation(first, model, None)])
    (train,) = wb.agreement.view(small.id, small.reference, [model], Split.TRAIN).candidates
    assert (train.n, train.missing) == (29, 1)
    (validation,) = wb.agreement.view(small.id, small.reference, [model], Split.VALIDATION).candidates
    assert (validation.n, validation.missing) == (0, 12)


def test_three_people_are_shown_among_themselves_all_of_them_and_each_against_the_rest(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    assert not any("among themselves" in one.label for one in app("agreement", project=small.id).expander)
    with wb.db.write() as conn:
        third = ensure_annotator(conn, small.id, AnnotatorKind.PERSON, "nora")
        truth = saying.label_ids_of(conn, small.reference)
        saying.append(conn, [NewAnnotation(item, third, label) for item, label in truth.items()])
    line = next(one.label for one in app("agreement", project=small.id).expander if "among themselves" in one.label)
    assert "Krippendorff's alpha" in line.replace("\\", "") and "Fleiss' kappa" in line.replace("\\", "")
    at = app("agreement", project=small.id, agree_people=1)
    assert not at.exception
    rows = next(one for one in tables(at) if "Who" in one[0])
    assert [row["Who"] for row in rows] == ["all 3 people", "all 3 people", "maria", "jonas", "nora"]
    assert all("[" in row["95 % interval"] for row in rows) and {row["Items"] for row in rows} == {"12"}


def test_a_rough_figure_says_so_in_its_cell_and_why_below(app: OpenApp, small: Small) -> None:
    at = app("agreement", project=small.id)
    ((row, *_), *_) = tables(at)
    assert row["Cohen's kappa"].endswith("] rough") and "rough" not in row["Accuracy"]
    assert "Cohen's kappa and Krippendorff's alpha of jonas: rough, fewer than 50 items." in said(at)
    assert "Macro-F1 of jonas: rough, 3 of its 3 labels have fewer than 10 items." in said(at)


def test_a_reason_that_holds_for_every_candidate_is_said_once(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_model(wb, small, "tuned", wrong_every=4)
    at = app("agreement", project=small.id)
    assert said(at).count("fewer than 50 items") == 1 and "Macro-F1 of every candidate: rough" in said(at)


def test_each_label_has_its_scores_and_support_and_every_candidates_iou(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    add_model(wb, small, "tuned", wrong_every=0)
    at = app("agreement", project=small.id)
    rows = tables(at)[-1]
    assert list(rows[0]) == ["Label", "Items", "Said", "Precision", "Recall", "F1", "IoU of every candidate"]
    assert {row["Label"] for row in rows} == {"SPORTS", "POLITICS", "MONEY"}
    assert all(row["Recall"].startswith("1.00 [") and row["Items"] == row["Said"] for row in rows)
    assert [int(row["Items"]) for row in rows] == sorted((int(row["Items"]) for row in rows), reverse=True)


def test_many_labels_are_behind_one_line_and_of_their_matrix_the_most_confused_stand_beside_the_list(
    app: OpenApp, wb: Workbench
) -> None:
    names = [f"L{place:02}" for place in range(30)]
    rows = [(f"text{n} one{n} two{n}", names[n % 30], names[(n + n % 7) % 30]) for n in range(90)]
    table = TableData(("text", "gold", "other"), rows)
    project = wb.data.import_table(table, ImportChoice("Many", ("text",), ("gold", "other")))
    wb.data.split(project, Shares(0.1, 0.8, 0.1), seed=1)
    at = app("agreement", project=project)
    shown = at.selectbox(key="agree_labels")
    assert shown.options == ["12 most confused", "24 most confused", "All 30 labels"]
    assert shown.value == "12" and len(tables(at)) == 1
    line = next(one.label for one in at.expander if one.label.startswith("Label by label"))
    assert line.endswith("30 labels")
    assert len(tables(app("agreement", project=project, agree_by_label=1))[-1]) == 30


def test_whose_errors_are_shown_is_chosen_once_for_matrix_and_labels(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_model(wb, small, "tuned", wrong_every=0)
    at = app("agreement", project=small.id)
    assert "tuned against maria" in said(at) and "agree on every item they share" in said(at)
    at.selectbox(key="agree_of").set_value(str(small.other)).run()
    assert "jonas against maria" in said(at) and "agree on every item they share" not in said(at)
