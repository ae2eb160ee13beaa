"""The Agreement page: what it says of candidates, of missing items, of looks, and where its links lead."""

from streamlit.testing.v1 import AppTest

from core.model import AnnotatorKind, Label, Split, TableData, Task
from core.services.common.lookup import ensure_annotator
from core.services.data.bringing import ImportChoice
from core.storage import annotations, items
from core.storage.annotations import NewAnnotation
from core.workbench import Workbench
from tests.pages.conftest import OpenApp, Small, add_model, label_id


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


def test_the_first_line_is_a_sentence_with_n_split_and_interval(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("agreement", project=small.id)
    view = wb.agreement.view(small.id, small.reference, [small.other], Split.VALIDATION)
    n = view.candidates[0].n
    assert f"On {n} validation items jonas agrees with maria on" in said(at)
    assert "Landis & Koch" in said(at)


def test_every_candidate_has_a_row_with_all_six_metrics(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_model(wb, small, "tuned", wrong_every=4)
    table = app("agreement", project=small.id).dataframe[0].value
    assert list(table["candidate"]) == ["tuned", "jonas"]
    assert {"Accuracy", "Jaccard (IoU)", "IoU (tutorial)", "Cohen's kappa", "Macro-F1"} <= set(table.columns)
    assert table["Accuracy"].str.contains(r"\[").all()


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
    assert list(at.dataframe[0].value["Accuracy"])[0] == "undefined"


def test_only_looking_at_test_is_counted_and_the_choice_says_so(app: OpenApp, wb: Workbench, small: Small) -> None:
    add_model(wb, small, "a model", wrong_every=3)
    app("agreement", project=small.id)
    assert wb.agreement.looks(small.id) == 0
    at = app("agreement", project=small.id, agree_on="test")
    assert wb.agreement.looks(small.id) == 1
    assert "has been looked at once" in said(at)
    assert any("counts as a look" in one for one in at.selectbox(key="agree_on").options)
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
        annotations.append(conn, [NewAnnotation(item, model, fallback) for item in chosen])
    at = app("agreement", project=small.id)
    assert list(at.dataframe[0].value["fallback"]) == [3, 0]
    assert "Jaccard (IoU) equals accuracy" in said(at)


def test_items_taken_back_or_never_labelled_are_missing_and_no_part_of_the_table(wb: Workbench, small: Small) -> None:
    model = add_model(wb, small, "half", wrong_every=0, split=Split.TRAIN)
    with wb.db.write() as conn:
        (first, *_) = items.ids_in(conn, small.id, Split.TRAIN)
        annotations.append(conn, [NewAnnotation(first, model, None)])
    (train,) = wb.agreement.view(small.id, small.reference, [model], Split.TRAIN).candidates
    assert (train.n, train.missing) == (29, 1)
    (validation,) = wb.agreement.view(small.id, small.reference, [model], Split.VALIDATION).candidates
    assert (validation.n, validation.missing) == (0, 12)


def test_three_people_are_shown_among_themselves_all_of_them_and_each_against_the_rest(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    assert "People among themselves" not in [one.value for one in app("agreement", project=small.id).subheader]
    with wb.db.write() as conn:
        third = ensure_annotator(conn, small.id, AnnotatorKind.PERSON, "nora")
        truth = annotations.label_ids_of(conn, small.reference)
        annotations.append(conn, [NewAnnotation(item, third, label) for item, label in truth.items()])
    at = app("agreement", project=small.id)
    assert not at.exception
    table = next(frame.value for frame in at.dataframe if "who" in frame.value)
    assert list(table["who"]) == ["all 3 people", "all 3 people", "maria", "jonas", "nora"]
    assert table["value"].str.contains("[", regex=False).all() and set(table["n"]) == {12}


def test_a_rough_figure_says_so_in_its_cell_and_why_below(app: OpenApp, small: Small) -> None:
    at = app("agreement", project=small.id)
    table = at.dataframe[0].value
    assert table["Cohen's kappa"].str.endswith("] rough").all() and not table["Accuracy"].str.contains("rough").any()
    assert "Cohen's kappa, Krippendorff's alpha of jonas: rough, fewer than 50 items." in said(at)
    assert "Macro-F1 of jonas: rough, 3 of its 3 labels have fewer than 10 items." in said(at)
