"""The Data page's tables and charts as pure functions, and the sources of an import."""

import io
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.importers import Check
from core.importers.grouping import Conflict
from core.model import Annotator, AnnotatorKind, Item, Label, Problem, QuestionKind, Split, TableData, Task
from core.services.data.bringing import ImportChoice
from core.services.data.sources import Source, discard, find_upload, read_source, spool
from pages._ui.data.charts import label_chart, split_table
from pages._ui.data.item_list import ItemList, detail, lines
from pages._ui.data.tables import (
    Line,
    conflict_frame,
    picture_columns,
    preview_frame,
    problem_frame,
    role_labels,
    spelling_lines,
)
from pages._ui.shell.progress_bar import time_left
from pages._ui.words.lengths import length_chart, quantile
from pages._ui.words.markdown import safe_markdown
from pages._ui.words.text import plain

TABLE = TableData(("id", "column 2", "text", "text (2)"), [["1", "x", "long " * 100, "b"]])

PEOPLE = [Annotator(n, 1, AnnotatorKind.PERSON, name, "#4C78A8") for n, name in ((1, "ana"), (2, "ben"))]


def test_the_preview_shows_chosen_columns_first_and_cuts_long_cells() -> None:
    frame = preview_frame(TABLE, ImportChoice("", ("text",), (), "id"), 8)
    assert list(frame.columns) == ["text", "id", "column 2", "text (2)"]
    assert len(frame["text"][0]) == 300


def test_the_preview_says_what_each_column_is_chosen_for() -> None:
    headings = role_labels(TABLE, ImportChoice("", ("text",), (), "id"))
    assert headings == {
        "id": "id — as id",
        "column 2": "column 2",
        "text": "text — as text",
        "text (2)": "text (2)",
    }


def test_a_column_of_files_is_not_called_a_text() -> None:
    table = TableData(("photo",), [[""], [f"media:{'0' * 64}.png"]])
    assert role_labels(table, ImportChoice("", ("photo",))) == {"photo": "photo — as picture"}


def test_columns_of_pictures_alone_are_shown_as_such() -> None:
    picture, sound = f"media:{'0' * 64}.png", f"media:{'0' * 64}.wav"
    rows = [[picture, sound, picture, "", "x"], ["", sound, "none", "", "x"]]
    frame = preview_frame(TableData(("photo", "sound", "mixed", "empty", "text"), rows), ImportChoice("", ("text",)), 8)
    assert picture_columns(frame) == ["photo"]


def test_problems_without_a_row_leave_it_empty() -> None:
    frame = problem_frame([Problem("A", 3, "text", "Do."), Problem("B")])
    assert frame["Row"].isna().tolist() == [False, True]


def test_a_contradiction_is_told_by_the_name_the_annotator_is_given() -> None:
    check = Check(conflicts=(Conflict("category", "words", ("A", "B"), (2, 9)),))
    named = conflict_frame(check, ImportChoice("", ("text",), ("category",), annotator_names={"category": "editors"}))
    assert named.to_dict("records") == [{"Who": "editors", "Says": "A → B", "Rows": "2, 9", "Text": "words"}]
    assert conflict_frame(check, ImportChoice("", ("text",), ("category",)))["Who"].tolist() == ["category"]


def test_a_contradiction_of_spans_is_told_with_the_words_they_mark() -> None:
    cells = ('[{"start": 0, "end": 3, "label": "PER"}]', "[]")
    check = Check(conflicts=(Conflict("tags", "Ann left", cells, (2, 9)),))
    frame = conflict_frame(check, ImportChoice("", ("text",), ("tags",), kind=QuestionKind.SPANS))
    assert frame["Says"].tolist() == ["PER “Ann” → no spans"]


def test_spaces_in_spellings_are_made_visible() -> None:
    lines = spelling_lines(Check(label_counts={" A  b ": 2, "a b": 3}, label_variants={" A  b ": "a b"}))
    assert lines == [Line(" A  b ", "·A··b·", 2, "a b")]


def test_characters_that_show_nothing_are_made_visible() -> None:
    counts = {"a": 3, "a\u200b": 1, "\u202aa\u202c": 1, "é": 1}
    lines = spelling_lines(Check(label_counts=counts, label_variants={"a\u200b": "a", "\u202aa\u202c": "a"}))
    assert [line.shown for line in lines] == ["a⟨200B⟩", "⟨202A⟩a⟨202C⟩"]


def test_a_line_has_the_beginning_of_a_text_and_what_each_shown_annotator_says() -> None:
    ana, ben = PEOPLE
    items = [Item(4, "a\nb"), Item(5, "words " * 1_000)]
    shown = lines(ItemList(items, {4: {2: "B"}}, [ana, ben], [ana, ben], Task((Label("B", color="#E69F00"),))))
    assert shown["columns"] == ["ana", "ben"] and shown["labels"]["B"] == ("#E69F00", "#000000")
    assert (shown["rows"][0]["text"], shown["rows"][0]["said"]) == ("a b", ["", "B"])
    assert len(shown["rows"][1]["text"]) == 600


def test_an_open_item_says_everything_of_it_and_how_much_of_a_long_text_is_shown() -> None:
    ana, ben = PEOPLE
    item = Item(5, "x" * 6_000, "row 9", {"source": "wire", "note": ""}, Split.TEST)
    told = detail(ItemList([item], {5: {2: "B"}}, [ana], [ana, ben], Task((Label("B"),))), 5)
    assert told is not None and len(told["text"]) == 5_000
    assert told["about"] == "test · id row 9 · the first 5,000 of 6,000 characters"
    assert [one["who"] for one in told["said"]] == ["ben"]
    assert told["fields"] == [["source", "wire"], ["note", "–"]]
    assert detail(ItemList([item], {}, [], [], Task(())), 7) is None


def test_labels_come_in_the_tasks_order_then_those_no_longer_in_it() -> None:
    table = split_table([("train", "B", 2), ("test", "A", 1), ("train", "old", 5)], ["A", "B", "C"])
    assert table.to_dict("list") == {
        "label": ["A", "B", "old"],
        "train": [0, 2, 5],
        "validation": [0, 0, 0],
        "test": [1, 0, 0],
        "all": [1, 2, 5],
    }


def test_the_chart_has_a_bar_a_split_with_the_counts() -> None:
    figure = label_chart([("train", "B", 2), ("test", "A", 1)], ["A", "B"])
    assert {bar.name: list(bar.x) for bar in figure.data} == {"train": [0, 2], "validation": [0, 0], "test": [1, 0]}


def test_the_length_histogram_counts_every_item_and_gathers_the_longest() -> None:
    lengths = [(length, 10) for length in range(1, 100)] + [(100_000, 1)]
    shown = length_chart(lengths)
    assert (shown.n, shown.longest, shown.beyond) == (991, 100_000, 1)
    assert sum(shown.figure.data[0].y) == 991


def test_quantiles_are_lengths_that_occur() -> None:
    assert quantile([(10, 1), (20, 2), (30, 1)], 0.5) == 20


def test_images_in_guidelines_read_as_written() -> None:
    assert safe_markdown("a ![x](http://e/x.png) [link](y) !") == "a !\\[x](http://e/x.png) [link](y) !"


@pytest.mark.parametrize("unit", [*"[<*`$|~:a", "![", "**a", "[a](", "|a|\n|-|\n", "> ", "1. ", "- "])
def test_text_that_would_hold_the_browser_up_is_not_laid_out(unit: str) -> None:
    assert safe_markdown(unit * 40_000) is None
    assert safe_markdown("Fine.\n\n" + unit * 2_001) is None or unit == "a"
    assert len(plain(unit * 40_000)) <= 2 * 5_000


def test_guidelines_as_people_write_them_are_laid_out() -> None:
    page = "# Labels\n\n- **SPORTS**: games; see [rules](http://e/r)\n  1. not `chess`\n     > unless *played*\n\n"
    assert safe_markdown(page * 60) == page * 60


def test_the_time_left_is_told_once_it_can_be() -> None:
    assert time_left(0.01, 5) == "1 %"
    assert time_left(0.5, 10) == "50 %, about 10 s left"


def test_an_upload_is_kept_found_by_its_token_and_discarded(tmp_path: Path) -> None:
    path = spool(tmp_path, "../ä b.csv", io.BytesIO(b"text\nx\n"))
    assert (path.name, path.parent.parent, path.read_bytes()) == ("_ä b.csv", tmp_path, b"text\nx\n")
    assert find_upload(tmp_path, path.parent.name) == path
    assert find_upload(tmp_path, "../..") is None
    discard(tmp_path, Source(str(path)))
    assert find_upload(tmp_path, path.parent.name) is None


def test_a_file_named_by_path_is_never_removed(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("text\nx\n")
    discard(tmp_path / "uploads", Source(str(own)))
    assert own.exists()


@pytest.mark.parametrize("location", ["", "/no/such/file.csv", "/", "/dev/null", "a\x00b"])
def test_sources_that_cannot_be_read_say_so(location: str) -> None:
    with pytest.raises(WorkbenchError):
        read_source(Source(location))


def test_a_local_folder_is_read_as_a_hugging_face_data_set(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("text,label\n" + "".join(f"words {i},{'ab'[i % 2]}\n" for i in range(9)))
    table = read_source(Source(str(tmp_path), is_hub=True, rows=5))
    assert (table.columns, len(table.rows)) == (("text", "label"), 5)


def test_conversations_are_shown_as_they_read_and_spans_by_the_words_they_mark_there() -> None:
    talk = '[{"role": "user", "content": "Hi Ann"}, {"role": "assistant", "content": "Yes?"}]'
    table = TableData(("chat", "label"), [(talk, '[[9, 12, "PER"]]')])
    choice = ImportChoice("P", ("chat",), ("label",), kind=QuestionKind.SPANS)
    [row] = preview_frame(table, choice, 1).to_dict("records")
    assert row == {"chat": "User: Hi Ann\n\nAssistant: Yes?", "label": "PER “Ann”"}
