"""The Task page: the label table, what saving says beforehand, merging and undoing, files."""

import json
import re
from dataclasses import replace

from streamlit.testing.v1 import AppTest

from core.model import Condition, Having, QuestionKind, Split, TableData
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.drafts.keeping import Place
from core.workbench import Workbench
from tests.pages.conftest import OpenApp, Small, label_id, texts


def _rows(at: AppTest) -> list[dict[str, object]]:
    """The rows of the label table as the page gave them to the browser."""
    return json.loads(_table(at).json)["rows"]  # type: ignore[no-any-return]


def _table(at: AppTest) -> object:
    return next(one.proto for one in at.get("bidi_component") if "label_table" in one.proto.component_name)


def _preview(at: AppTest) -> dict[str, object]:
    """What the page gave to the browser to show as review does."""
    found = next(one.proto for one in at.get("bidi_component") if "preview" in one.proto.component_name)
    return json.loads(found.json)  # type: ignore[no-any-return]


def _edit(
    at: AppTest,
    edited_rows: dict[int, dict[str, object]] | None = None,
    added_rows: list[dict[str, object]] | None = None,
    deleted_rows: list[int] | None = None,
    order: list[int] | None = None,
) -> AppTest:
    """Seed what the label table would have sent."""
    draft = at.session_state["task_draft"]
    key = f"task_labels_{draft['project']}_{draft['revision']}"
    data = json.loads(_table(at).json)  # type: ignore[attr-defined]
    rows = [row | (edited_rows or {}).get(place, {}) for place, row in enumerate(data["rows"])]
    rows = [rows[place] for place in order or range(len(rows)) if place not in (deleted_rows or [])]
    at.session_state[key] = {"table": {"seq": 1, "rows": rows + (added_rows or []), "fallback": data["fallback"]}}
    return at.run()


def _press(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def test_without_a_project_the_page_says_where_to_begin(app: OpenApp) -> None:
    at = app("task")
    assert "There is no project yet" in texts(at)
    assert not at.exception


def test_the_table_counts_each_label_in_the_reference(app: OpenApp, small: Small) -> None:
    at = app("task", project=small.id)
    assert not at.exception
    assert [row["name"] for row in _rows(at)] == ["SPORTS", "POLITICS", "MONEY"]
    assert [row["used"] for row in _rows(at)] == [20, 20, 20]


def test_the_preview_never_shows_a_test_item(app: OpenApp, wb: Workbench, small: Small) -> None:
    with wb.db.write() as conn:
        conn.exec_driver_sql("UPDATE items SET split = 'test' WHERE id < 30")
    seen = wb.data.page(small.id, ItemFilter(split=Split.TRAIN), limit=1)[0]
    shown = _preview(app("task", project=small.id))
    assert shown["text"] == seen.text
    assert [(one["key"], one["name"]) for one in shown["choices"]] == [
        ("1", "SPORTS"),
        ("2", "POLITICS"),
        ("3", "MONEY"),
        ("0", "UNABLE_TO_CLASSIFY"),
    ]
    with wb.db.write() as conn:
        conn.exec_driver_sql("UPDATE items SET split = 'test'")
    assert "no items to show" in texts(app("task", project=small.id))


def test_renaming_says_beforehand_how_many_annotations_read_differently(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    at = _edit(app("task", project=small.id), edited_rows={0: {"name": "SPORT"}})
    assert "SPORTS becomes SPORT: 40 annotations will read SPORT." in texts(at)
    assert wb.tasks.get(small.id).labels[0].name == "SPORTS"
    _press(at, "Save the task")
    assert wb.tasks.get(small.id).labels[0].name == "SPORT"
    _press(at, "Undo")
    assert wb.tasks.get(small.id).labels[0].name == "SPORTS"


def test_guidelines_that_name_a_renamed_label_are_offered_its_new_name_and_saved_with_it(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    task = wb.tasks.get(small.id)
    wb.tasks.save(small.id, replace(task, guidelines="Laws are POLITICS, matches are SPORTS."))
    at = _edit(app("task", project=small.id), {1: {"name": "GOVERNMENT"}})
    assert "The guidelines still say POLITICS." in texts(at)
    _press(at, "Replace with GOVERNMENT")
    assert "The guidelines still say" not in texts(at)
    _press(at, "Save the task")
    assert wb.tasks.get(small.id).guidelines == "Laws are GOVERNMENT, matches are SPORTS."


def test_new_names_put_into_the_guidelines_while_another_tab_is_ahead_take_nothing_away(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    task, place = wb.tasks.get(small.id), Place(small.id, "task")
    wb.tasks.save(small.id, replace(task, guidelines="Laws are POLITICS."))
    at = _edit(app("task", project=small.id), {1: {"name": "GOVERNMENT"}})
    mine = wb.drafts.open(place)
    assert mine is not None
    wb.drafts.keep(place, {**mine.content, "guidelines": "of the other"}, base=mine.base, held=mine.revision)
    _press(at, "Replace with GOVERNMENT")
    assert "also being edited in another tab" in texts(at)
    _press(at, "Keep my changes")
    kept = wb.drafts.open(place)
    assert kept is not None and kept.content["labels"][1]["name"] == "GOVERNMENT"


def test_removing_a_label_keeps_its_annotations_and_undo_brings_it_back(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    gone = label_id(wb, small.id, "MONEY")
    at = _edit(app("task", project=small.id), deleted_rows=[2])
    assert "MONEY is removed: 40 annotations keep it." in texts(at)
    _press(at, "Save the task")
    assert [label.name for label in wb.tasks.get(small.id).labels] == ["SPORTS", "POLITICS"]
    _press(at, "Undo")
    assert [label.id for label in wb.tasks.get(small.id).labels if label.name == "MONEY"] == [gone]


def test_a_fault_names_the_row_and_blocks_saving(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = _edit(app("task", project=small.id), edited_rows={1: {"name": "sports"}})
    assert 'Row 2: "sports" and "SPORTS" are the same name' in texts(at)
    assert next(button for button in at.button if button.label == "Save the task").disabled


def test_places_decide_the_order(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = _edit(app("task", project=small.id), order=[2, 0, 1])
    _press(at, "Save the task")
    assert [label.name for label in wb.tasks.get(small.id).labels] == ["MONEY", "SPORTS", "POLITICS"]


def test_two_edits_one_after_the_other_are_both_kept(app: OpenApp, small: Small) -> None:
    at = _edit(app("task", project=small.id), edited_rows={0: {"name": "ONE"}})
    at = _edit(at, edited_rows={0: {"name": "ONE"}, 1: {"name": "TWO"}})
    assert "SPORTS becomes ONE" in texts(at)
    assert "POLITICS becomes TWO" in texts(at)


def test_what_is_not_saved_is_marked_until_it_is(app: OpenApp, small: Small) -> None:
    at = app("task", project=small.id)
    assert "Unsaved" not in texts(at)
    at = _edit(at, edited_rows={0: {"description": "Games."}}, deleted_rows=[2], added_rows=[{"name": "STYLE"}])
    assert re.search(r"Unsaved changes from \d\d:\d\d: 3 labels]", texts(at))
    _press(at, "Save the task")
    assert "Unsaved" not in texts(at)
    assert re.search(r"Unsaved changes from \d\d:\d\d: the order]", texts(_edit(at, order=[1, 0, 2])))


def test_merging_says_the_count_and_can_be_undone(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("task", project=small.id)
    source, target = label_id(wb, small.id, "SPORTS"), label_id(wb, small.id, "MONEY")
    at.selectbox(key="merge_source").select(source).run()
    at.selectbox(key="merge_target").select(target).run()
    assert "40 annotations of 2 annotators will read MONEY" in texts(at)
    _press(at, "Merge")
    assert wb.tasks.usage(small.id)[target] == 80
    assert [label.name for label in wb.tasks.get(small.id).labels] == ["POLITICS", "MONEY"]
    _press(at, "Undo the merge")
    assert wb.tasks.usage(small.id)[target] == 40
    assert wb.tasks.usage(small.id)[source] == 40
    assert [label.name for label in wb.tasks.get(small.id).labels] == ["SPORTS", "POLITICS", "MONEY"]


def test_a_label_merged_away_can_be_brought_back_in_a_later_session(app: OpenApp, wb: Workbench, small: Small) -> None:
    source, target = label_id(wb, small.id, "SPORTS"), label_id(wb, small.id, "MONEY")
    wb.tasks.merge(small.id, source, target)
    at = app("task", project=small.id)
    _press(at, "Restore")
    assert wb.tasks.usage(small.id, small.reference)[source] == 20


def test_names_are_added_to_the_table_without_losing_edits(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = _edit(app("task", project=small.id), edited_rows={0: {"name": "SPORT"}})
    next(area for area in at.text_area if area.label.startswith("Names to add")).input("STYLE\nsport\nARTS")
    _press(at, "Add to the table")
    assert [row["name"] for row in _rows(at)] == ["SPORT", "POLITICS", "MONEY", "STYLE", "ARTS"]
    assert len(wb.tasks.get(small.id).labels) == 3


def test_a_kili_ontology_fills_the_table(app: OpenApp, wb: Workbench, small: Small) -> None:
    categories = {"SPORTS": {"name": "SPORTS"}, "ARTS": {"name": "Arts"}, "UNABLE_TO_CLASSIFY": {"name": "Unable"}}
    job = {"mlTask": "CLASSIFICATION", "content": {"categories": categories, "input": "radio"}, "instruction": "Pick."}
    at = app("task", project=small.id)
    uploader = next(one for one in at.file_uploader if one.label.startswith("Import a task"))
    uploader.upload("task.json", json.dumps({"jobs": {"JOB": job}}).encode(), "application/json").run()
    assert [row["name"] for row in _rows(at)] == ["SPORTS", "Arts"]
    _press(at, "Save the task")
    saved = wb.tasks.get(small.id)
    assert (saved.labels[0].id, saved.fallback.name) == (label_id(wb, small.id, "SPORTS"), "Unable")


def test_a_file_that_is_no_task_gets_one_sentence(app: OpenApp, small: Small) -> None:
    at = app("task", project=small.id)
    uploader = next(one for one in at.file_uploader if one.label.startswith("Import a task"))
    uploader.upload("task.json", b"not json", "application/json").run()
    assert "The task file is not JSON: line 1" in texts(at)
    assert not at.exception


def test_guidelines_are_rendered_without_fetching_images(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("task", project=small.id)
    next(area for area in at.text_area if area.label.startswith("Guidelines")).input(
        "**Rule** ![x](http://elsewhere.example/x.png)"
    ).run()
    shown = next(element.value for element in at.markdown if "Rule" in element.value)
    assert "![" not in shown
    _press(at, "Save the task")
    assert wb.tasks.get(small.id).guidelines.startswith("**Rule**")


def test_guidelines_that_would_hold_the_browser_up_are_shown_as_written(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    endless = "[" * 100_000
    wb.tasks.save(small.id, replace(wb.tasks.get(small.id), guidelines=endless))
    at = app("task", project=small.id)
    assert not at.exception
    assert any("Shown as written" in one.value for one in at.caption)
    assert endless in [one.value for one in at.text]
    assert not any("[" * 1_000 in one.value for one in at.markdown)


def test_a_task_saved_elsewhere_is_pointed_out(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = app("task", project=small.id)
    wb.tasks.save(small.id, replace(wb.tasks.get(small.id), guidelines="Other."))
    at.run()
    assert "The task was saved elsewhere" in texts(at)
    _press(at, "Show the saved task")
    assert "The task was saved elsewhere" not in texts(at)


def test_saving_over_a_task_saved_elsewhere_is_refused_and_the_draft_is_kept(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    at = _edit(app("task", project=small.id), edited_rows={0: {"name": "SPORT"}})
    wb.tasks.save(small.id, replace(wb.tasks.get(small.id), guidelines="Other."))
    other = wb.tasks.get(small.id)
    _press(at, "Save the task")
    assert "The task was changed elsewhere since you began to edit it." in texts(at)
    assert wb.tasks.get(small.id) == other
    assert "SPORTS becomes SPORT" in texts(at)
    _press(at, "Keep my changes")
    assert "The task was saved elsewhere" not in texts(at)
    _press(at, "Save the task")
    saved = wb.tasks.get(small.id)
    assert (saved.labels[0].name, saved.guidelines) == ("SPORT", "")


def test_undoing_a_save_does_not_undo_what_was_saved_elsewhere_since(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = _edit(app("task", project=small.id), edited_rows={0: {"name": "SPORT"}})
    _press(at, "Save the task")
    other = replace(wb.tasks.get(small.id), guidelines="Other.")
    wb.tasks.save(small.id, other)
    _press(at, "Undo")
    assert "The task was saved elsewhere" in texts(at)
    assert wb.tasks.get(small.id) == other


def test_after_a_merge_no_undo_of_an_earlier_save_takes_it_half_back(app: OpenApp, wb: Workbench, small: Small) -> None:
    source, target = label_id(wb, small.id, "SPORTS"), label_id(wb, small.id, "MONEY")
    at = _edit(app("task", project=small.id), edited_rows={1: {"name": "GOVERNMENT"}})
    _press(at, "Save the task")
    assert "Undo" in [button.label for button in at.button]
    at.selectbox(key="merge_source").select(source).run()
    at.selectbox(key="merge_target").select(target).run()
    _press(at, "Merge")
    assert "Undo" not in [button.label for button in at.button]
    _press(at, "Undo the merge")
    assert wb.tasks.usage(small.id)[source] == 40
    assert [label.name for label in wb.tasks.get(small.id).labels] == ["SPORTS", "GOVERNMENT", "MONEY"]


def test_unsaved_work_is_there_again_in_another_session(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = _edit(app("task", project=small.id), edited_rows={0: {"description": "Games."}, 2: {"name": ""}})
    next(area for area in at.text_area if area.label.startswith("Guidelines")).input("By subject.").run()
    again = app("task", project=small.id)
    assert [(row["name"], row["description"]) for row in _rows(again)] == [
        ("SPORTS", "Games."),
        ("POLITICS", ""),
        ("", ""),
    ]
    assert re.search(r"Unsaved changes from \d\d:\d\d: 2 labels, the guidelines]", texts(again))
    assert wb.tasks.get(small.id).guidelines == ""
    again = _edit(again, edited_rows={2: {"name": "MONEY"}})
    _press(again, "Save the task")
    saved = wb.tasks.get(small.id)
    assert (saved.labels[0].description, saved.guidelines) == ("Games.", "By subject.")
    assert "Unsaved" not in texts(app("task", project=small.id))


def test_a_discarded_draft_can_be_brought_back_also_in_another_session(app: OpenApp, small: Small) -> None:
    at = _edit(app("task", project=small.id), edited_rows={0: {"name": "GAMES"}})
    _press(at, "Discard changes")
    assert "Unsaved" not in texts(at) and _rows(at)[0]["name"] == "SPORTS"
    later = app("task", project=small.id)
    _press(later, "Undo discard")
    assert "SPORTS becomes GAMES" in texts(later)


def test_two_tabs_on_one_draft_are_told_and_neither_takes_the_others_work(app: OpenApp, small: Small) -> None:
    one, other = app("task", project=small.id), app("task", project=small.id)
    _edit(one, edited_rows={0: {"name": "ONE"}})
    other = _edit(other, edited_rows={1: {"name": "OTHER"}})
    assert "also being edited in another tab" in texts(other)
    assert [row["name"] for row in _rows(app("task", project=small.id))] == ["ONE", "POLITICS", "MONEY"]
    _press(other, "Keep my changes")
    assert "another tab" not in texts(other)
    assert [row["name"] for row in _rows(app("task", project=small.id))] == ["SPORTS", "OTHER", "MONEY"]
    one = _edit(one, edited_rows={0: {"name": "ONE AGAIN"}})
    assert "also being edited in another tab" in texts(one)
    _press(one, "Show the other tab's changes")
    assert [row["name"] for row in _rows(one)] == ["SPORTS", "OTHER", "MONEY"]


def test_a_draft_whose_task_was_saved_elsewhere_says_so_after_a_reload(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    _edit(app("task", project=small.id), edited_rows={0: {"name": "GAMES"}})
    wb.tasks.save(small.id, replace(wb.tasks.get(small.id), guidelines="Other."))
    again = app("task", project=small.id)
    assert "The task was saved elsewhere since you began to edit it." in texts(again)
    assert _rows(again)[0]["name"] == "GAMES"


def test_unsaved_work_of_one_project_waits_while_another_is_open(app: OpenApp, wb: Workbench, small: Small) -> None:
    table = TableData(("text",), [("one",), ("two",)])
    empty = wb.data.import_table(table, ImportChoice("Empty", ("text",)))
    at = _edit(app("task", project=small.id), edited_rows={0: {"name": "GAMES"}})
    at.query_params["project"] = str(empty)
    at.run()
    assert [row["name"] for row in _rows(app("task", project=empty))] == []
    assert _rows(app("task", project=small.id))[0]["name"] == "GAMES"


def test_a_merge_leaves_other_unsaved_work_alone(app: OpenApp, wb: Workbench, small: Small) -> None:
    at = _edit(app("task", project=small.id), edited_rows={1: {"description": "Laws."}})
    at.selectbox(key="merge_source").select(label_id(wb, small.id, "SPORTS")).run()
    at.selectbox(key="merge_target").select(label_id(wb, small.id, "MONEY")).run()
    _press(at, "Merge")
    assert [(row["name"], row["description"]) for row in _rows(at)] == [("POLITICS", "Laws."), ("MONEY", "")]
    assert "saved elsewhere" not in texts(at)
    _press(at, "Undo the merge")
    assert sorted((row["name"], row["description"]) for row in _rows(at)) == [
        ("MONEY", ""),
        ("POLITICS", "Laws."),
        ("SPORTS", ""),
    ]


def test_a_question_is_asked_only_where_an_earlier_one_has_a_label_and_undo_asks_it_everywhere_again(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    severe = wb.projects.ask_further(small.id, "How severe?", QuestionKind.RATING, ["low", "high"])
    at = app("task", project=severe)
    next(one for one in at.selectbox if one.label == "Ask it").set_value(small.id).run()
    label = next(one.id for one in wb.tasks.get(small.id).labels)
    labels = next(one for one in at.multiselect if one.label == "Labels")
    labels.set_value([label]).run()
    about = wb.projects.asked_about(severe, small.id, [label or 0])
    assert 0 < about.asked < about.items and f"Asked about {about.asked} of {about.items} items" in texts(at)
    assert wb.projects.condition(severe) is None
    _press(at, "Save where it is asked")
    assert wb.projects.condition(severe) == Condition(small.id, (label or 0,))
    assert f"A rating · {wb.projects.asked_where(severe)}" in texts(at).replace("\\", "")
    at.button(key="condition-undo").click().run()
    assert wb.projects.condition(severe) is None and not at.exception


def test_the_other_questions_of_a_task_file_are_asked_too_with_one_press(
    app: OpenApp, wb: Workbench, small: Small
) -> None:
    severe = wb.projects.ask_further(small.id, "How severe?", QuestionKind.RATING, ["low", "high"])
    money = next(one.id or 0 for one in wb.tasks.get(small.id).labels if one.name == "MONEY")
    wb.projects.ask_only_where(severe, small.id, [money])
    written = wb.task_files.written(small.id)
    wb.projects.remove(severe)
    at = app("task", project=small.id)
    uploader = next(one for one in at.file_uploader if one.label.startswith("Import a task"))
    uploader.upload("task.json", written.encode(), "application/json").run()
    assert "The file also asks: “How severe?”" in texts(at)
    at.button(key="ask-others").click().run()
    assert not at.exception and "The file also asks" not in texts(at)
    again = wb.projects.questions(small.id)[1]
    assert wb.projects.asked_where(again.id).endswith("is MONEY")


def test_each_kind_offers_the_ways_in_which_it_can_decide(app: OpenApp, wb: Workbench, small: Small) -> None:
    stars = wb.projects.ask_further(small.id, "Stars", QuestionKind.RATING, ["low", "mid", "high"])
    marks = wb.projects.ask_further(small.id, "Marks", QuestionKind.SPANS, ["slur"])
    after = wb.projects.ask_further(small.id, "Why?", QuestionKind.TEXT, [])
    at = app("task", project=after)
    boxes = lambda: {one.label: one for one in at.selectbox}  # noqa: E731
    boxes()["Ask it"].set_value(stars).run()
    assert boxes()["Only where it"].options == ["is at least", "is at most", "is one of"]
    assert boxes()["Level"].options == ["low", "mid", "high"]
    mid = next(one.id for one in wb.tasks.get(stars).labels if one.name == "mid")
    boxes()["Level"].set_value(mid).run()
    _press(at, "Save where it is asked")
    assert wb.projects.condition(after) == Condition(stars, (mid or 0,), Having.AT_LEAST)
    assert boxes()["Level"].value == mid and not at.exception
    boxes()["Ask it"].set_value(marks).run()
    assert boxes()["Only where it"].options == ["has any mark", "has no mark", "has a mark of", "has no mark of"]
    _press(at, "Save where it is asked")
    assert wb.projects.asked_where(after) == "only where “Marks” has any mark"
    assert not at.exception
