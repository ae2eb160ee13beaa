"""Importing all or nothing, splitting, and locking the splits."""

import pytest

from core.errors import WorkbenchError
from core.model import FineTuneStatus, Problem, Split, TableData
from core.services.common.values import Sayings
from core.services.data.bringing import ImportChoice
from core.services.data.choice import Conflicts
from core.services.data.words import usual_names
from core.services.learning.fine_tuning import TuneRequest
from core.splits import Shares
from core.storage import annotations, items
from tests.fakes.waiting import work_off
from tests.fakes.worlds import make_project


def imported(wb, rows, columns=("id", "text", "label"), name="P", **choices):
    table = TableData(columns, rows)
    choice = ImportChoice(name, ("text",), **{"label_columns": ("label",), "id_column": "id", **choices})
    return wb.data.import_table(table, choice)


def read(wb, project_id):
    """`[(external id, text, {annotator name: label})]` in order of import."""
    people = {a.id: a.name for a in wb.projects.annotators(project_id)}
    with wb.db.read() as conn:
        found = items.get_many(conn, items.ids_in(conn, project_id, None))
        names = Sayings(conn, project_id)
        said = annotations.current_of(conn, list(found), names)
    return [
        (item.external_id, item.text, {people[a]: entry.said for a, entry in said[i].items()})
        for i, item in sorted(found.items())
    ]


def rows_in(wb, *tables):
    with wb.db.read() as conn:
        return [conn.exec_driver_sql(f"SELECT COUNT(*) FROM {table}").scalar() for table in tables]


ROWS = [("1", "a text", "X"), ("2", "b text", "Y"), ("3", "c text", "")]


def test_rows_become_items_with_their_ids_and_labels(workbench):
    project_id = imported(workbench, ROWS)
    assert read(workbench, project_id) == [
        ("1", "a text", {"label": "X"}),
        ("2", "b text", {"label": "Y"}),
        ("3", "c text", {}),
    ]


def test_other_columns_become_fields_a_prompt_can_use(workbench):
    columns = ("id", "text", "label", "source", "year")
    project_id = imported(workbench, [(*row, "paper", "1999") for row in ROWS], columns)
    assert workbench.prompts.fields(project_id) == ["source", "year"]


def test_the_first_label_column_is_the_reference(workbench):
    columns = ("id", "text", "label", "second")
    rows = [("1", "a", "X", "Y"), ("2", "b", "Y", "X")]
    project_id = imported(workbench, rows, columns, label_columns=("second", "label"))
    reference = workbench.projects.get(project_id).reference_id
    assert {a.id: a.name for a in workbench.projects.annotators(project_id)}[reference] == "second"


def test_a_repeated_text_is_left_out_unless_it_is_wanted(workbench):
    rows = [*ROWS, ("4", "a text", "Y")]
    assert len(read(workbench, imported(workbench, rows))) == 3
    assert len(read(workbench, imported(workbench, rows, name="Q", keep_duplicates=True))) == 4


def test_what_a_repeated_text_is_labelled_otherwise_is_a_further_annotators_word(workbench):
    rows = [("1", "a", "X"), ("2", "b", ""), ("3", "a", "Y"), ("4", "b", "Y"), ("5", "a", "X"), ("6", "c", "X")]
    assert read(workbench, imported(workbench, rows)) == [
        ("1", "a", {"label": "X", "label (2)": "Y"}),
        ("2", "b", {"label": "Y"}),
        ("6", "c", {"label": "X"}),
    ]


AGAIN = [("1", "a", "X"), ("2", "a", "Y"), ("3", "a", "y"), ("4", "b", "X"), ("5", "b", "Y"), ("6", "c", "X")]
COUNTS = {
    Conflicts.FIRST: ["X", "X", "X"],
    Conflicts.LAST: ["Y", "Y", "X"],
    Conflicts.MAJORITY: ["Y", None, "X"],
    Conflicts.LEAVE_OUT: [None, None, "X"],
}


@pytest.mark.parametrize("how", COUNTS)
def test_where_rows_of_one_text_contradict_each_other_what_was_chosen_counts(workbench, how):
    said = [labels.get("label") for _, _, labels in read(workbench, imported(workbench, AGAIN, conflicts=how))]
    assert said == COUNTS[how]
    assert rows_in(workbench, "annotators") == [1]


@pytest.mark.parametrize("how", COUNTS)
def test_the_same_holds_where_one_annotator_contradicts_themselves(workbench, how):
    rows = [(number, text, "ana", label) for number, text, label in AGAIN]
    project_id = imported(workbench, rows, LONG, annotator_column="annotator", id_column=None, conflicts=how)
    assert [labels.get("ana") for _, _, labels in read(workbench, project_id)] == COUNTS[how]
    assert rows_in(workbench, "annotations") == [sum(label is not None for label in COUNTS[how])]


LONG = ("id", "text", "annotator", "label")


def test_each_row_an_annotation_gives_items_once_and_an_annotator_for_each_name(workbench):
    rows = [("1", "a", "ana", "X"), ("1", "a", "ben ", "Y"), ("2", "a", "Ana", "Y"), ("2", "a", "", "X")]
    assert read(workbench, imported(workbench, rows, LONG, annotator_column="annotator")) == [
        ("1", "a", {"ana": "X", "ben": "Y"}),
        ("2", "a", {"ana": "Y", "label": "X"}),
    ]


def test_of_an_annotator_who_says_two_things_the_last_counts_and_the_history_has_both(workbench):
    rows = [("1", "a", "ana", "X"), ("1", "a", "ana", "X"), ("1", "a", "ana", "Y"), ("2", "b", "ana", "X")]
    project_id = imported(workbench, rows, LONG, annotator_column="annotator")
    assert [said for _, _, said in read(workbench, project_id)] == [{"ana": "Y"}, {"ana": "X"}]
    assert rows_in(workbench, "annotations") == [3]


def test_the_annotator_with_most_labels_is_the_reference_of_a_table_of_annotations(workbench):
    rows = [("1", "a", "ana", "X"), ("1", "a", "ben", "Y"), ("2", "b", "ben", "X")]
    project_id = imported(workbench, rows, LONG, annotator_column="annotator")
    reference = workbench.projects.get(project_id).reference_id
    assert {a.id: a.name for a in workbench.projects.annotators(project_id)}[reference] == "ben"


@pytest.mark.parametrize("id_column", ["id", None])
def test_annotators_meet_on_an_item_whose_text_or_id_another_program_has_rewritten(workbench, id_column):
    rows = [
        ("1", "a b", "ana", "X"),
        ("1.0", "a b ", "ben", "Y"),
        ("", "a  b", "cy", "X"),
        ("2", "b\r\nc", "ana", "X"),
        ("2", "b\nc", "ben", "X"),
    ]
    project_id = imported(workbench, rows, LONG, annotator_column="annotator", id_column=id_column)
    assert read(workbench, project_id) == [
        ("1" if id_column else "", "a b", {"ana": "X", "ben": "Y", "cy": "X"}),
        ("2" if id_column else "", "b\r\nc", {"ana": "X", "ben": "X"}),
    ]


def test_ids_that_read_alike_over_two_texts_are_two_items_and_upper_case_is_another_id(workbench):
    rows = [("1.0", "a", "ana", "X"), ("1", "b", "ana", "Y"), ("k", "c", "ana", "X"), ("K", "d", "ben", "Y")]
    project_id = imported(workbench, rows, LONG, annotator_column="annotator")
    assert [own for own, _, _ in read(workbench, project_id)] == ["1.0", "1", "k", "K"]


def test_a_row_without_id_whose_text_has_several_ids_is_an_item_of_its_own_and_named(workbench):
    rows = [("1", "a", "ana", "X"), ("2", "a", "ben", "Y"), ("", "a", "cy", "X")]
    table = TableData(LONG, rows)
    choice = ImportChoice("P", ("text",), ("label",), "id", annotator_column="annotator")
    assert [hint.message for hint in workbench.data.check(table, choice).hints][:1] == [
        'Row 4 has no id in column "id", and its text belongs to several ids.'
    ]
    assert len(read(workbench, workbench.data.import_table(table, choice))) == 3


def test_rows_that_name_nobody_are_not_the_word_of_a_person_called_like_the_column(workbench):
    rows = [("1", "a", "label", "X"), ("1", "a", "", "Y"), ("2", "b", "ben", "X")]
    project_id = imported(workbench, rows, LONG, annotator_column="annotator")
    assert read(workbench, project_id)[0][2] == {"label": "X", "label, once more": "Y"}


def test_repeated_texts_that_differ_in_blanks_are_joined_and_what_differs_is_named(workbench):
    table = TableData(("text", "label"), [("a b", "X"), ("a  b ", "Y"), ("c", "X")])
    check = workbench.data.check(table, ImportChoice("P", ("text",), ("label",)))
    assert (check.surplus, check.repeats, check.varying) == (1, 1, ("text",))
    assert [(one.text, one.count, one.rows) for one in check.duplicates] == [("a b", 2, (2, 3))]


def test_whole_numbers_of_two_columns_are_written_one_way(workbench):
    columns = ("id", "text", "a", "b")
    rows = [("1", "a", "1", "1.0"), ("2", "b", "2", "2.0"), ("3", "c", "1", "3.0")]
    project_id = imported(workbench, rows, columns, label_columns=("a", "b"))
    assert [label.name for label in workbench.tasks.get(project_id).labels] == ["1", "2", "3"]


def test_one_name_marked_among_the_same_others_is_proposed_and_any_other_object_is_not(workbench):
    def asked(*cells):
        table = TableData(("text", "label"), [(f"t{n}", cell) for n, cell in enumerate(cells)])
        found = workbench.data.check(table, ImportChoice("P", ("text",), ("label",)))
        return {one.counts_as for one in found.asked.values()}, found.ok

    assert asked('{"x": 1, "y": 0}', '{"x": 0, "y": 1}') == ({"x", "y"}, True)
    assert asked('{"stars": 1, "votes": 0}', '{"confidence": 1, "label_id": 0}', "x") == ({""}, True)
    assert asked('{"stars": 1, "votes": 0}', '{"confidence": 1, "label_id": 0}') == ({""}, False)


def test_labels_put_together_of_others_are_asked_about_and_make_no_class(workbench):
    rows = [("1", "a", "X"), ("2", "b", "Y"), ("3", "c", "X#Y"), ("4", "d", "Y; X"), ("5", "e", "X#Z")]
    project_id = imported(workbench, rows)
    assert [label.name for label in workbench.tasks.get(project_id).labels] == ["X", "Y", "X#Z"]
    assert [said for _, _, said in read(workbench, project_id)][2:4] == [{}, {}]


def test_what_is_asked_about_comes_most_frequent_first(workbench):
    rows = [(str(n), f"t{n}", said) for n, said in enumerate(["[1, 2]", "None", "NA", "x", "None", "NA", "None"])]
    check = workbench.data.check(TableData(("id", "text", "label"), rows), ImportChoice("P", ("text",), ("label",)))
    assert list(check.asked) == ["None", "NA", "[1, 2]"]


def test_one_id_with_two_texts_is_no_item(workbench):
    rows = [("1", "a", "ana", "X"), ("1", "b", "ben", "Y")]
    with pytest.raises(WorkbenchError, match='Rows 2 and 3 have the id "1"'):
        imported(workbench, rows, LONG, annotator_column="annotator")


def test_numbers_written_otherwise_are_one_label_unless_they_are_said_to_be_two(workbench):
    rows = [("1", "a", "1"), ("2", "b", "1.0"), ("3", "c", "0"), ("4", "d", "01")]
    one = imported(workbench, rows)
    assert [label.name for label in workbench.tasks.get(one).labels] == ["1", "0", "01"]
    two = imported(workbench, rows, name="Q", merge_labels={"1.0": "1.0"})
    assert [label.name for label in workbench.tasks.get(two).labels] == ["1", "1.0", "0", "01"]


def test_an_annotators_column_of_one_label_or_none_does_not_block(workbench):
    columns = ("id", "text", "label", "yes", "empty")
    rows = [("1", "a", "X", "Y", ""), ("2", "b", "Y", "Y", "")]
    project_id = imported(workbench, rows, columns, label_columns=("label", "yes", "empty"))
    assert [said for _, _, said in read(workbench, project_id)] == [
        {"label": "X", "yes": "Y"},
        {"label": "Y", "yes": "Y"},
    ]


def test_lists_of_one_are_labels_and_lists_of_several_are_none_until_they_are_said_to_be(workbench):
    rows = [("1", "a", '["X"]'), ("2", "b", "[]"), ("3", "c", '["X","Y"]'), ("4", "d", '["Y"]')]
    said = [said for _, _, said in read(workbench, imported(workbench, rows))]
    assert said == [{"label": "X"}, {}, {}, {"label": "Y"}]
    chosen = imported(workbench, rows, name="Q", merge_labels={'["X","Y"]': "Y"})
    assert read(workbench, chosen)[2][2] == {"label": "Y"}


def test_spans_are_said_to_be_spans(workbench):
    rows = [("1", "a b", '[[0, 1, "PER"]]'), ("2", "c d", '[[0, 1, "LOC"]]')]
    with pytest.raises(WorkbenchError, match="contains spans, such as"):
        imported(workbench, rows)


def test_what_is_wrong_with_columns_that_nobody_chose_does_not_block(workbench):
    problems = (Problem("Row 2 holds a NUL.", 2, "other"), Problem("Row 3 has 2 cells.", 3, None, "", ("label",)))
    table = TableData(("text", "other", "label"), [("a", "x\ufffd", "X"), ("b", "", "")], problems=problems)
    assert workbench.data.check(table, ImportChoice("P", ("text",))).ok
    assert not workbench.data.check(table, ImportChoice("P", ("text",), ("label",))).ok


def test_labels_that_are_merged_at_import_become_one(workbench):
    rows = [("1", "a", "X"), ("2", "b", "x "), ("3", "c", "Y")]
    project_id = imported(workbench, rows, merge_labels={"x ": "X"})
    assert [label.name for label in workbench.tasks.get(project_id).labels] == ["X", "Y"]
    assert [said["label"] for _, _, said in read(workbench, project_id)] == ["X", "X", "Y"]


BAD = {
    "an empty text": ([*ROWS, ("4", "  ", "X")], {}, "5"),
    "an id used twice": ([*ROWS, ("1", "d text", "X")], {}, "5"),
    "a column that is not there": (ROWS, {"label_columns": ("gone",)}, "gone"),
    "no label at all": ([("1", "a", ""), ("2", "b", " ")], {}, "label"),
}


@pytest.mark.parametrize(("rows", "choices", "named"), BAD.values(), ids=BAD)
def test_bad_input_gets_one_sentence_with_the_place_and_leaves_nothing_behind(rows, choices, named, workbench):
    with pytest.raises(WorkbenchError) as caught:
        imported(workbench, rows, **choices)
    assert named in str(caught.value)
    assert "\n" not in caught.value.message
    assert rows_in(workbench, "projects", "items", "labels", "annotators", "annotations") == [0] * 5


def test_a_name_that_is_taken_leaves_nothing_behind(workbench):
    imported(workbench, ROWS)
    before = rows_in(workbench, "projects", "items", "labels", "annotators", "annotations")
    with pytest.raises(WorkbenchError, match="already a project"):
        imported(workbench, ROWS, name=" p ")
    assert rows_in(workbench, "projects", "items", "labels", "annotators", "annotations") == before


def test_an_import_that_breaks_off_halfway_leaves_nothing_behind(workbench, monkeypatch):
    monkeypatch.setattr("core.services.data.importing._CHUNK", 2)

    def break_off(share):
        if share > 0.5:
            raise KeyboardInterrupt

    table = TableData(("id", "text", "label"), ROWS)
    with pytest.raises(KeyboardInterrupt):
        workbench.data.import_table(table, ImportChoice("P", ("text",), ("label",), "id"), progress=break_off)
    assert rows_in(workbench, "projects", "items", "labels", "annotators", "annotations") == [0] * 5


def test_a_label_the_given_task_lacks_is_named_and_nothing_imported(workbench):
    from core.model import Label, Task

    task = Task((Label("X"), Label("Z")))
    with pytest.raises(WorkbenchError, match="labels the task does not have: Y"):
        workbench.data.import_table(
            TableData(("id", "text", "label"), ROWS), ImportChoice("P", ("text",), ("label",), "id"), task=task
        )
    assert rows_in(workbench, "projects", "items") == [0, 0]


# splits


def splits_of(wb, project_id):
    with wb.db.read() as conn:
        found = items.get_many(conn, items.ids_in(conn, project_id, None))
    return {item.text: item.split for item in found.values()}


def test_splitting_again_with_the_same_seed_deals_the_same(small_project, workbench):
    first = splits_of(workbench, small_project.id)
    workbench.data.split(small_project.id, Shares(0.2, 0.4, 0.4), seed=9)
    assert splits_of(workbench, small_project.id) != first
    workbench.data.split(small_project.id, Shares(0.5, 0.2, 0.3), seed=1)
    assert splits_of(workbench, small_project.id) == first


def test_every_split_has_the_share_of_every_label(small_project, workbench):
    dealt = workbench.data.label_distribution(small_project.id, small_project.gold)
    # 30 items a label: 50 % are 15, 20 % are 6, 30 % are 9.
    assert {(split, label): n for split, label, n in dealt} == {
        (split, label): n
        for split, n in (("train", 15), ("validation", 6), ("test", 9))
        for label in ("SPORTS", "POLITICS")
    }


def test_near_duplicates_stay_together_whatever_the_seed(workbench):
    rows = []
    for i in range(40):
        text = " ".join(f"word{i}{letter}" for letter in "abcdefgh")
        rows += [
            (f"{i}a", text, "XY"[i % 2]),
            (f"{i}b", text + "!", "XY"[i % 2]),
            (f"{i}c", text + " more", "XY"[i % 2]),
        ]
    project_id = imported(workbench, rows)
    for seed in range(5):
        workbench.data.split(project_id, seed=seed)
        dealt = splits_of(workbench, project_id)
        texts = list(dealt)
        for start in range(0, len(texts), 3):
            assert len({dealt[text] for text in texts[start : start + 3]}) == 1
    assert len(workbench.data.near_duplicates(project_id, limit=100)) == 40
    assert workbench.data.split_facts(project_id).near_duplicates == 120


def test_a_worked_example_of_a_saved_prompt_stays_in_train_with_its_near_duplicates(workbench):
    rows = []
    for i in range(30):
        text = " ".join(f"word{i}{letter}" for letter in "abcdefgh")
        rows += [(f"{i}a", text, "XY"[i % 2]), (f"{i}b", text + "!", "XY"[i % 2])]
    project_id = imported(workbench, rows)
    workbench.data.split(project_id, Shares(0.6, 0.2, 0.2))
    with workbench.db.read() as conn:
        examples = items.ids_in(conn, project_id, Split.TRAIN)[:8]
        shown = {items.get_many(conn, [i])[i].text.rstrip("!") for i in examples}
    workbench.prompts.save(project_id, "{{labels}}", "{{text}}", "shots", examples)
    for seed in range(5):
        workbench.data.split(project_id, Shares(0.4, 0.3, 0.3), seed=seed)
        dealt = splits_of(workbench, project_id)
        assert {split for text, split in dealt.items() if text.rstrip("!") in shown} == {Split.TRAIN}
        assert list(dealt.values()).count(Split.TRAIN) == 24, "the rest makes up for it"


def test_the_splits_are_locked_until_a_started_fine_tune_has_read_them_and_then_cost_a_word(
    small_project, workbench, monkeypatch
):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    assert workbench.data.split_facts(small_project.id).locked == ""
    before = splits_of(workbench, small_project.id)
    request = TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    job = workbench.fine_tunes.start(request, host="openai", base_model="fake-large")
    assert "leak" in workbench.data.split_facts(small_project.id).locked
    with pytest.raises(WorkbenchError, match="not yet learned from these splits"):
        workbench.data.split(small_project.id, seed=2, agreed=True)
    work_off(workbench)
    assert workbench.fine_tunes.get(job.id).status is FineTuneStatus.SUCCEEDED
    assert workbench.data.split_facts(small_project.id).locked == ""
    with pytest.raises(WorkbenchError, match="A fine-tune has learned from these splits"):
        workbench.data.split(small_project.id, seed=2)
    assert splits_of(workbench, small_project.id) == before
    workbench.data.split(small_project.id, seed=2, agreed=True)
    assert splits_of(workbench, small_project.id) != before


def test_locking_one_project_leaves_the_others_free(small_project, workbench):
    other = make_project(workbench, 30, "Other")
    request = TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    workbench.fine_tunes.start(request, host="openai", base_model="fake-large")
    facts = workbench.data.split(other.id, seed=5)
    assert (facts.seed, facts.locked) == (5, "")
    assert workbench.data.split_facts(small_project.id).locked


def test_an_item_is_found_by_the_beginning_of_its_words(small_project, workbench):
    found = workbench.data.page(small_project.id, items.ItemFilter(search="team17"))
    assert [item.text.split()[0] for item in found] == ["team17"]
    assert workbench.data.count(small_project.id, items.ItemFilter(search='sec "ond')) == 0
    assert workbench.data.count(small_project.id, items.ItemFilter(search="secon", split=Split.TEST)) == 18


@pytest.mark.parametrize(
    ("columns", "usual"),
    [
        (("label",), ["people"]),
        (("Category",), ["people"]),
        (("gold_label",), ["people"]),
        (("maria", "jonas"), ["maria", "jonas"]),
        (("label", "people"), ["label", "people"]),
        (("label", "category"), ["label", "category"]),
        (("label", "jonas"), ["people", "jonas"]),
    ],
)
def test_a_column_that_says_what_it_holds_is_not_proposed_as_somebodys_name(columns, usual):
    table = TableData(("text", *columns), [["words", *("A" for _ in columns)]])
    assert list(usual_names(table, columns).values()) == usual


def test_the_annotator_of_a_column_has_the_name_that_was_typed_and_two_never_have_one(workbench):
    rows = [["1", "one thing", "A", "B"], ["2", "another thing", "B", "B"]]
    columns, both = ("id", "text", "label", "second"), ("label", "second")
    with pytest.raises(WorkbenchError, match="“label”, “second” have the same annotator name"):
        imported(workbench, rows, columns, label_columns=both, annotator_names={"label": "Ann", "second": " ann "})
    assert workbench.projects.all() == []
    project = imported(
        workbench, rows, columns, label_columns=both, annotator_names={"label": " Ann  Lee", "second": ""}
    )
    assert read(workbench, project)[0] == ("1", "one thing", {"Ann Lee": "A", "second": "B"})
