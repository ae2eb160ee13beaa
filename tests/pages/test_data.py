"""The Data page: the import, the browser, the distributions, the splits."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.model import FineTuneStatus, Label, QuestionKind, Split, Task
from core.storage import items, taught
from core.workbench import Workbench
from tests.pages.conftest import OpenApp, Small, add_fine_tune, add_model, texts
from tests.services.said import project_with


def _frames(at: AppTest) -> list:
    return [frame.value for frame in at.dataframe]


def _list(at: AppTest) -> dict:
    """The list of items as the page gave it to the browser."""
    return json.loads(
        next(one.proto for one in at.get("bidi_component") if "item_list" in one.proto.component_name).json
    )


def _ids(at: AppTest) -> list[int]:
    return [row["id"] for row in _list(at)["rows"]]


def _write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _read(app: OpenApp, path: Path) -> AppTest:
    """The import of a file named by its path, read as a user does: the link, then the button."""
    at = app("data", new=1, **{"from": "path"}, path=path)
    return next(button for button in at.button if button.label == "Read").click().run()


def _one_of(elements: Any, label: str) -> Any:
    return next(one for one in elements if one.label.startswith(label))


def _press_import(at: AppTest) -> None:
    next(button for button in at.button if button.label.startswith("Import")).click().run()
    assert not at.exception


GOOD = "text,label\n" + "".join(f"headline number {i} about {i * 31},{'ABC'[i % 3]}\n" for i in range(30))


def test_an_empty_workbench_shows_the_import(app: OpenApp) -> None:
    at = app("data")
    assert at.title[0].value == "New project"
    assert "1 Source" in texts(at)
    assert not at.exception


def test_a_file_is_uploaded_checked_and_imported_with_its_splits(app: OpenApp, wb: Workbench) -> None:
    at = app("data", new=1)
    at.file_uploader[0].upload("news_items.csv", GOOD.encode(), "text/csv").run()
    assert "30 rows read as CSV, UTF-8, comma" in texts(at)
    assert "30 items to import from 30 rows · 3 labels in 1 column" in texts(at).replace("**", "")
    next(button for button in at.button if button.label.startswith("Import")).click().run()
    assert not at.exception
    (project,) = wb.projects.all()
    assert project.name == "news items"
    assert sum(wb.data.split_facts(project.id).counts.values()) == 30
    assert "" not in wb.data.split_facts(project.id).counts
    assert [one.name for one in wb.projects.annotators(project.id)] == ["people"]


def test_several_labels_are_recognised_and_become_the_question_of_the_project(app: OpenApp, wb: Workbench) -> None:
    labels = ["A|B", "B", "A", "C|A", "B|C", "C", "A|B|C", "D|A", "D"]
    rows = "".join(f"headline number {i} about {i * 31},{labels[i % 9]}\n" for i in range(27))
    at = app("data", new=1)
    at.file_uploader[0].upload("topics.csv", f"text,label\n{rows}".encode(), "text/csv").run()
    assert "15 of 27 labelled rows have more than one label" in texts(at) and "4 labels in 9 combinations" in texts(at)
    assert _one_of(at.selectbox, "Kind of answers").value == "several_labels"
    _press_import(at)
    (project,) = wb.projects.all()
    task = wb.tasks.get(project.id)
    assert task.type == "several_labels" and [one.name for one in task.labels] == ["A", "B", "C", "D"]


def test_the_kind_of_answers_can_be_chosen(app: OpenApp, wb: Workbench, tmp_path: Path) -> None:
    rows = "".join(f"headline number {i} about {i * 31},{1 + i % 4}\n" for i in range(24))
    at = _read(app, _write(tmp_path, "stars.csv", f"text,label\n{rows}"))
    kind = _one_of(at.selectbox, "Kind of answers")
    assert kind.value == "single_label"
    kind.set_value("rating").run()
    _press_import(at)
    task = wb.tasks.get(wb.projects.all()[0].id)
    assert [(one.name, one.score) for one in task.labels] == [(str(n), float(n)) for n in range(1, 5)]


def test_what_a_further_column_answers_can_be_chosen(app: OpenApp, wb: Workbench, tmp_path: Path) -> None:
    rows = "".join(f"headline number {i} about {i * 31},{'ab'[i % 2]},{1 + i % 4}\n" for i in range(24))
    at = _read(app, _write(tmp_path, "stars.csv", f"text,label,stars\n{rows}"))
    _one_of(at.multiselect, "Further questions").set_value(["stars"]).run()
    _one_of(at.selectbox, "stars answers").set_value("single_label").run()
    _press_import(at)
    asked = {one.question: wb.tasks.get(one.id).type for one in wb.projects.questions(wb.projects.all()[0].id)}
    assert asked == {"label": "single_label", "stars": "single_label"}


def test_a_column_of_texts_that_is_chosen_suggests_free_text(app: OpenApp, wb: Workbench, tmp_path: Path) -> None:
    rows = "".join(f"headline number {i},somebody noted {i * 7} things about it,{'ab'[i % 2]}\n" for i in range(24))
    at = _read(app, _write(tmp_path, "notes.csv", f"text,notes,label\n{rows}"))
    assert _one_of(at.selectbox, "Kind of answers").value == "single_label"
    _one_of(at.multiselect, "Answers").set_value(["notes"]).run()
    assert _one_of(at.selectbox, "Kind of answers").value == "text"
    _press_import(at)
    assert wb.tasks.get(wb.projects.all()[0].id).type == "text"


def test_spans_that_fit_nowhere_can_be_left_out(app: OpenApp, wb: Workbench, tmp_path: Path) -> None:
    good = '{"text": "Ann met Ben", "label": [[0, 3, "PER"]]}\n{"text": "nobody here", "label": []}\n'
    at = _read(
        app, _write(tmp_path, "a.jsonl", good + '{"text": "Cleo left", "label": [[0, 4, "PER"], [5, 99, "PER"]]}')
    )
    assert "Row 3: The span from 5 to 99 does not lie in its text" in texts(at)
    assert all(button.disabled for button in at.button if button.label.startswith("Import"))
    _one_of(at.checkbox, "Leave out 1 span that").set_value(True).run()
    _press_import(at)
    assert wb.tasks.get(wb.projects.all()[0].id).type == "spans"


def test_a_file_that_is_no_table_of_texts_is_said_to_be_none_and_not_imported_unasked(
    app: OpenApp, wb: Workbench
) -> None:
    rows = "".join(f"doc{i},Insult,{i},{i + 5}\n" for i in range(27))
    at = app("data", new=1)
    at.file_uploader[0].upload("places.csv", f"doc,label,start,end\n{rows}".encode(), "text/csv").run()
    assert "These are places in texts (spans)" in texts(at)
    assert not at.multiselect and wb.projects.all() == []
    next(one for one in at.toggle if one.label.startswith("Import it")).set_value(True).run()
    assert _one_of(at.multiselect, "What to label") and wb.projects.all() == []


def test_an_upload_lies_on_disk_until_it_is_imported(app: OpenApp, wb: Workbench) -> None:
    at = app("data", new=1)
    at.file_uploader[0].upload("news.csv", GOOD.encode(), "text/csv").run()
    uploads = wb.settings.data_dir / "uploads"
    assert [path.name for path in uploads.glob("*/*")] == ["news.csv"]
    next(button for button in at.button if button.label.startswith("Import")).click().run()
    assert not list(uploads.glob("*/*"))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", "", "empty.csv is empty."),
        ("header.csv", "text,label\n", "has a header (text, label) but no rows"),
        ("ragged.csv", "text,label\na,b\nc,d,e\nf,g\n", "Row 3 has 3 cells, the header has 2"),
        ("wide.csv", ",".join(f"c{i}" for i in range(10_000)) + "\n1\n", "The file has 10,000 columns"),
        ("binary.csv", bytes(range(256)) * 8, "is not a text file"),
        ("blank.csv", "text,label\na,b\n,b\nc,d\n", 'Row 3 has no text in column "text"'),
    ],
)
def test_bad_files_get_one_clear_sentence_and_nothing_is_imported(
    app: OpenApp, wb: Workbench, tmp_path: Path, name: str, content: str | bytes, sentence: str
) -> None:
    at = _read(app, _write(tmp_path, name, content))
    assert sentence in texts(at)
    assert not at.exception
    assert all(button.disabled for button in at.button if button.label.startswith("Import"))
    assert wb.projects.all() == []


def test_a_path_that_leads_nowhere_says_so(app: OpenApp, tmp_path: Path) -> None:
    at = _read(app, tmp_path / "nowhere.csv")
    assert "There is no file" in texts(at)


def test_a_link_that_names_a_file_reads_nothing_before_the_click(app: OpenApp, tmp_path: Path) -> None:
    path = _write(tmp_path, "private.csv", "text,label\nmy secret,a\nother,b\n")
    at = app("data", new=1, **{"from": "path"}, path=path)
    assert "my secret" not in texts(at) and not _frames(at) and "rows read" not in texts(at)
    assert at.text_input[0].value == str(path)
    next(button for button in at.button if button.label == "Read").click().run()
    assert "2 rows read" in texts(at)


def test_a_table_of_annotations_is_imported_as_items_and_annotators(
    app: OpenApp, wb: Workbench, tmp_path: Path
) -> None:
    rows = [("a1", "ana", "X"), ("a1", "ben", "Y"), ("b1", "ana", "Y"), ("b1", "ben", "Y"), ("a1", "ana", "Y")]
    content = "text,coder,label\n" + "".join(f"{text} words here,{who},{label}\n" for text, who, label in rows)
    at = _read(app, _write(tmp_path, "long.csv", content))
    shown = texts(at).replace("**", "")
    assert "2 items to import from 5 rows · each row one annotation, by 2 annotators" in shown
    assert any("1 item has several labels by the same annotator." in one.label for one in at.expander)
    _press_import(at)
    (project,) = wb.projects.all()
    assert wb.data.count(project.id) == 2
    assert {one.name for one in wb.projects.annotators(project.id)} == {"ana", "ben"}


def test_values_that_may_be_no_label_are_asked_about_and_kept_as_written(
    app: OpenApp, wb: Workbench, tmp_path: Path
) -> None:
    labels = ["None", "card", "None", "card", '["card","cash"]']
    content = "".join(json.dumps({"text": f"words {i * 31}", "label": label}) + "\n" for i, label in enumerate(labels))
    at = _read(app, _write(tmp_path, "asked.jsonl", content))
    assert "2 values in 3 rows may be no label." in texts(at)
    _press_import(at)
    (project,) = wb.projects.all()
    assert {label.name for label in wb.tasks.get(project.id).labels} == {"None", "card"}


def test_spans_are_recognised_and_shown_with_the_words_they_mark(app: OpenApp, tmp_path: Path) -> None:
    records = [{"text": f"Ann met Bob {n} times", "label": [[0, 3, "PER"]] if n % 2 else []} for n in range(6)]
    at = _read(app, _write(tmp_path, "spans.jsonl", "\n".join(map(json.dumps, records))))
    assert "Recognised as a doccano export: 6 items, 6 rows, spans in “label”." in texts(at)
    assert "6 items to import from 6 rows" in texts(at).replace("**", "")
    assert "PER “Ann”" in at.dataframe[0].value.to_string() and "no spans" in at.dataframe[0].value.to_string()


def test_rows_without_text_are_left_out_when_asked(app: OpenApp, wb: Workbench, tmp_path: Path) -> None:
    rows = "text,label\n" + "".join(f"{'' if i == 4 else f'words {i * 17}'},{'AB'[i % 2]}\n" for i in range(20))
    at = _read(app, _write(tmp_path, "gaps.csv", rows))
    next(box for box in at.checkbox if box.label.startswith("Leave out")).check().run()
    next(button for button in at.button if button.label.startswith("Import")).click().run()
    (project,) = wb.projects.all()
    assert wb.data.count(project.id) == 19


def test_spelling_variants_of_labels_are_named_and_merged(app: OpenApp, wb: Workbench, tmp_path: Path) -> None:
    spellings = ["Sports", "Sports", "SPORTS ", "world_news", "World News", "World News"]
    rows = "text,label\n" + "".join(f"headline {i * 13},{spellings[i % 6]}\n" for i in range(24))
    at = _read(app, _write(tmp_path, "variants.csv", rows))
    assert "2 spellings differ from another label only in case" in texts(at)
    next(button for button in at.button if button.label.startswith("Import")).click().run()
    (project,) = wb.projects.all()
    assert {label.name for label in wb.tasks.get(project.id).labels} == {"Sports", "World News"}
    reference = wb.projects.annotators(project.id)[0].id
    assert sum(wb.tasks.usage(project.id, reference).values()) == 24


def test_labels_are_counted_after_their_spellings_are_merged(app: OpenApp, tmp_path: Path) -> None:
    spellings = ["SPORTS ", " SPORTS", " sports", "Money ", " Money", "MONEY"]
    rows = "text,label\n" + "".join(f"headline {i * 13},{spellings[i % 6]}\n" for i in range(24))
    at = _read(app, _write(tmp_path, "variants.csv", rows))
    assert "2 labels in 1 column" in texts(at)


def test_a_quote_that_is_not_closed_is_said_at_once_with_its_row(app: OpenApp, tmp_path: Path) -> None:
    rows = "".join(f"{i},text number {i},sports\n" for i in range(3, 43))
    at = _read(app, _write(tmp_path, "unclosed.csv", f'id,text,label\n1,fine,sports\n2,"opened,politics\n{rows}'))
    shown = texts(at)
    assert "Row 3 has a quote that is not closed or not doubled." in shown
    assert "read as" not in shown and "Choose the column" not in shown and "2 Columns" not in shown


def test_several_problems_are_counted_with_their_rows_and_nothing_is_offered(app: OpenApp, tmp_path: Path) -> None:
    rows = "text,label\na,b\nc,d,e\nf,g\nh,i,j\nk,l,m\nn,o\n"
    at = _read(app, _write(tmp_path, "ragged.csv", rows))
    shown = texts(at)
    assert "Nothing can be imported until these 3 problems are fixed (rows 3, 5, 6)." in shown
    assert "to import" not in shown and "3 Check and import" not in shown
    assert not [button for button in at.button if button.label.startswith("Import")]


def test_the_browser_shows_texts_as_text_with_the_labels_beside_them(app: OpenApp, small: Small) -> None:
    at = app("data", project=small.id)
    shown = _list(at)
    assert len(shown["rows"]) == 50 and shown["columns"] == ["maria", "jonas"]
    assert shown["rows"][1]["text"].startswith("POLITICS headline 1") and len(shown["rows"][1]["said"]) == 2
    assert shown["labels"]["SPORTS"] == ["#0072B2", "#FFFFFF"]
    assert "1–50 of 60 items" in texts(at)


def test_no_item_is_open_until_one_is_chosen_and_then_it_is_told_in_full(app: OpenApp, small: Small) -> None:
    at = app("data", project=small.id)
    assert _list(at)["detail"] is None
    third = _list(at)["rows"][2]
    at.session_state[_list(at)["id"]] = {"open": third["id"]}
    told = _list(at.run())["detail"]
    assert (told["id"], told["text"]) == (third["id"], third["text"])
    assert [(one["who"], one["label"]) for one in told["said"]] == [
        ("maria", third["said"][0]),
        ("jonas", third["said"][1]),
    ]
    assert told["about"] == f"{third['split']} · id n2"


def test_paging_goes_forth_and_back(app: OpenApp, small: Small) -> None:
    at = app("data", project=small.id)
    first = _ids(at)
    next(button for button in at.button if button.label == "Next").click().run()
    assert "51–60 of 60 items" in texts(at)
    assert min(_ids(at)) > max(first)
    next(button for button in at.button if button.label == "Previous").click().run()
    assert _ids(at) == first


def test_a_link_with_filters_reopens_the_view(app: OpenApp, wb: Workbench, small: Small) -> None:
    sports = wb.tasks.get(small.id).labels[0].id
    shown = _list(app("data", project=small.id, by=small.other, **{"as": sports, "in": "test"}))
    assert {row["split"] for row in shown["rows"]} == {"test"}
    assert {row["said"][shown["columns"].index("jonas")] for row in shown["rows"]} == {"SPORTS"}


def test_unknown_ids_in_a_link_fall_back_to_everything(app: OpenApp, small: Small) -> None:
    at = app("data", project=small.id, by=999, after="x", view="nonsense", **{"in": "elsewhere"})
    assert "1–50 of 60 items" in texts(at)
    assert not at.exception


def test_a_search_without_a_hit_says_so_and_offers_the_way_back(app: OpenApp, small: Small) -> None:
    at = app("data", project=small.id)
    at.text_input(key="search").input("zebra").run()
    assert "No item matches these filters." in texts(at)
    next(button for button in at.button if button.label == "Clear the filters").click().run()
    assert "1–50 of 60 items" in texts(at)


def test_the_distribution_counts_the_chosen_annotators_labels(app: OpenApp, small: Small) -> None:
    at = app("data", project=small.id, view="labels", labels_of=small.other)
    assert "n = 60 items labelled by jonas" in texts(at)
    assert _frames(at)[0]["All"].sum() == 60


def test_an_item_with_several_labels_is_one_item_in_what_the_distribution_counts(app: OpenApp, wb: Workbench) -> None:
    task = Task((Label("joy"), Label("love")), type=QuestionKind.SEVERAL_LABELS)
    project, who = project_with(wb, task, ["a", "b", "c"], {"ann": [("joy", "love"), ("joy",), None]})
    at = app("data", project=project, view="labels", labels_of=who["ann"])
    assert "n = 2 items labelled by ann" in texts(at)
    assert _frames(at)[0]["All"].sum() == 3


def test_the_reference_can_be_changed(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("data", project=small.id)
    next(box for box in at.selectbox if box.label == "Reference").select(small.other).run()
    assert wb.projects.get(small.id).reference_id == small.other


def test_splits_are_dealt_anew_and_the_former_ones_brought_back(app: OpenApp, wb: Workbench, small: Small) -> None:
    before = _splits(wb, small)
    at = app("data", project=small.id, view="splits")
    next(box for box in at.number_input if box.label == "Seed").set_value(7)
    next(button for button in at.button if button.label == "Split again").click().run()
    assert wb.data.split_facts(small.id).seed == 7
    assert _splits(wb, small) != before
    next(button for button in at.button if button.label == "Undo").click().run()
    assert _splits(wb, small) == before


def test_shares_that_do_not_sum_to_the_whole_are_refused(app: OpenApp, wb: Workbench, small: Small) -> None:
    before = _splits(wb, small)
    at = app("data", project=small.id, view="splits")
    next(box for box in at.number_input if box.label == "train %").set_value(90)
    next(button for button in at.button if button.label == "Split again").click().run()
    assert "add up to 100 %" in texts(at)
    assert _splits(wb, small) == before


def test_after_a_fine_tune_splitting_again_asks_first_and_says_what_it_costs(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    job = add_fine_tune(wb, small, status=FineTuneStatus.SUCCEEDED, fine_tuned_model="ft:one")
    with wb.db.write() as conn:
        taught.add(conn, job, [text for _, text in items.texts(conn, small.id)][:40])
    before = _splits(wb, small)
    at = app("data", project=small.id, view="splits")
    assert "A fine-tune has learned from these splits" in texts(at)
    next(box for box in at.number_input if box.label == "Seed").set_value(7)
    _press(at, "Split again")
    assert "ft:one was taught" in texts(at) and _splits(wb, small) == before
    _press(at, "Split again anyway")
    assert _splits(wb, small) != before and _labels(at).count("Restore") == 1


def test_while_a_fine_tune_waits_to_read_the_splits_they_are_locked_with_the_reason(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    add_fine_tune(wb, small)
    at = app("data", project=small.id, view="splits")
    assert "has not yet learned from these splits" in texts(at)
    assert "Split again" not in _labels(at)


def test_after_a_look_splitting_again_asks_first_and_says_what_it_costs(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    model = add_model(wb, small, "one", wrong_every=4)
    wb.agreement.view(small.id, small.reference, [model], Split.TEST)
    before = _splits(wb, small)
    at = app("data", project=small.id, view="splits")
    next(box for box in at.number_input if box.label == "Seed").set_value(7)
    _press(at, "Split again")
    assert "Test has been looked at once." in texts(at) and "would move to train" in texts(at)
    assert _splits(wb, small) == before
    _press(at, "Keep the current splits")
    assert _splits(wb, small) == before and "Split again" in _labels(at)
    _press(at, "Split again")
    _press(at, "Split again anyway")
    assert _splits(wb, small) != before
    assert "seed 1, shares 50/20/30" in texts(at)
    _press(at, "Restore")
    assert _splits(wb, small) == before


def test_models_answers_to_test_items_are_hidden_until_asked_for_and_then_count(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    add_model(wb, small, "one", wrong_every=4)

    def answered(at: AppTest) -> set[str]:
        shown = _list(at)
        place = shown["columns"].index("one") if "one" in shown["columns"] else None
        return {row["split"] for row in shown["rows"] if place is not None and row["said"][place]}

    every = app("data", project=small.id, size=200)
    assert answered(every) == {"train", "validation"} and "What models say about test items is hidden" in texts(every)
    at = app("data", project=small.id, **{"in": "test"})
    assert answered(at) == set() and wb.compare.looks(small.id) == 0
    at.toggle(key="items_models_on_test").set_value(True).run()
    assert answered(at) == {"test"} and wb.compare.looks(small.id) == 1


def _press(at: AppTest, label: str) -> None:
    next(button for button in at.button if button.label == label).click().run()


def _labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def _splits(wb: Workbench, small: Small) -> dict[int, Split | None]:
    from core.storage.items import ItemFilter

    return {item.id: item.split for item in wb.data.page(small.id, ItemFilter(), limit=100)}
