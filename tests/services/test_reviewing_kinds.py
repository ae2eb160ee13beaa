"""Decisions on questions that more than one label answers: stored in one form, or refused with all else kept."""

import json

import pytest
from sqlalchemy import Engine, event

from core.model import AnnotatorKind, Label, Options, QuestionKind, Span, TableData, Task
from core.services.common.values import append
from core.services.data.bringing import ImportChoice
from core.services.review.doubts import doubts
from core.services.review.reviewing import Decision, QueueFilter, Refused
from core.settings import Settings
from core.storage import annotators
from core.storage.annotations import NewAnnotation
from core.workbench import Workbench, open_workbench

ANY = Options()
TEXT = "Ann 🎉 met Ben"


@pytest.fixture
def wb(tmp_path):
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path)}))
    yield opened
    opened.close()


def project(wb: Workbench, kind: QuestionKind, options: Options = ANY) -> tuple[int, int, dict[str, int]]:
    """A project of one item, that item, and the ids of its labels."""
    task = Task((Label("PER"), Label("LOC"), Label("ORG")), type=kind, options=options)
    made = wb.data.import_table(TableData(("text",), [(TEXT,)]), ImportChoice("P", ("text",)), task=task)
    [item] = wb.review.queue(made, QueueFilter())
    return made, item, {label.name: label.id for label in wb.tasks.get(made).choices}


def mine(wb: Workbench, made: int, item: int):
    person = wb.review.person(made, "me")
    [loaded] = wb.review.load(made, [item], [], person.id)
    return loaded


def test_a_set_is_stored_whatever_its_order_and_the_empty_one_is_no_taking_back(wb):
    made, item, ids = project(wb, QuestionKind.SEVERAL_LABELS)
    wb.review.store(made, "a", "me", [Decision(1, item, value=[ids["ORG"], ids["PER"]])])
    assert mine(wb, made, item).mine == ("ORG", "PER")
    wb.review.store(made, "a", "me", [Decision(2, item, value=[])])
    assert mine(wb, made, item).mine == ()
    wb.review.store(made, "a", "me", [Decision(3, item, takes_back=True)])
    loaded = mine(wb, made, item)
    assert loaded.mine is None
    told = [str(line).split(" · ")[1] for line in loaded.history]
    assert sorted(told) == ["me: ORG, PER", "me: no labels", "me: undid this"]


def test_where_one_label_at_least_is_asked_for_the_empty_set_is_refused_and_the_rest_stored(wb):
    made, item, ids = project(wb, QuestionKind.SEVERAL_LABELS, Options(allow_empty=False))
    with pytest.raises(Refused, match="one label at least") as refused:
        wb.review.store(made, "a", "me", [Decision(1, item, value=[ids["LOC"]]), Decision(2, item, value=[])])
    assert refused.value.seqs == {2}
    assert mine(wb, made, item).mine == ("LOC",)


def test_a_label_merged_meanwhile_is_the_one_that_took_its_place(wb):
    made, item, ids = project(wb, QuestionKind.SPANS)
    wb.tasks.merge(made, ids["LOC"], ids["ORG"])
    wb.review.store(made, "a", "me", [Decision(1, item, value=[[10, 13, ids["LOC"]], [0, 3, ids["PER"]]])])
    assert mine(wb, made, item).mine == (Span(0, 3, "PER"), Span(10, 13, "ORG"))


@pytest.mark.parametrize(
    ("spans", "sentence"),
    [([[0, 14, 1]], "beyond the text"), ([[0, 3, 99]], "does not have a label"), ([[0, 5, 1], [3, 8, 1]], "overlaps")],
)
def test_marks_that_do_not_fit_the_text_are_refused_and_the_note_beside_them_is_kept(wb, spans, sentence):
    made, item, ids = project(wb, QuestionKind.SPANS)
    given = [[start, end, ids["PER"] if label == 1 else label] for start, end, label in spans]
    decisions = [Decision(1, item, value=json.loads(json.dumps(given))), Decision(2, item, note="odd")]
    with pytest.raises(Refused, match=sentence) as refused:
        wb.review.store(made, "a", "me", decisions)
    assert refused.value.seqs == {1}
    assert (mine(wb, made, item).mine, mine(wb, made, item).note) == (None, "odd")


def test_one_label_is_no_answer_where_a_set_is_asked_for(wb):
    made, item, ids = project(wb, QuestionKind.SEVERAL_LABELS)
    with pytest.raises(Refused):
        wb.review.store(made, "a", "me", [Decision(1, item, "PER", label_id=ids["PER"])])
    assert mine(wb, made, item).mine is None


def test_of_few_items_among_many_texts_only_what_was_said_of_them_is_read(wb):
    rows = [(f"text {n}", f"said {n}", f"other {n}") for n in range(700)]
    choice = ImportChoice("T", ("text",), ("gold", "other"), kind=QuestionKind.TEXT)
    made = wb.data.import_table(TableData(("text", "gold", "other"), rows), choice)
    gold, other = (one.id for one in wb.projects.annotators(made))
    read = []

    def note(conn, cursor, statement, *_):
        read.extend([statement] if 'FROM "values"' in statement else [])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        shown = wb.review.load(made, wb.review.queue(made, QueueFilter())[:300], [gold, other], None)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    numbers = [row.item.text.removeprefix("text ") for row in shown]
    said = [[one.said for _, one in row.opinions] for row in shown]
    assert said == [[f"said {number}", f"other {number}"] for number in numbers] and len(shown) == 300
    assert len(read) == 1 and "json_each" in read[0]


def test_how_sure_a_model_is_of_each_mark_is_kept_with_them_and_said_of_the_least_sure(wb):
    made, item, ids = project(wb, QuestionKind.SPANS)
    marks = f"[[0,3,{ids['PER']}],[10,13,{ids['PER']}]]"
    with wb.db.write() as conn:
        model = annotators.ensure(conn, made, AnnotatorKind.MODEL, "m", "#336699")
        append(conn, made, [NewAnnotation(item, model, marks, confidence=0.4, parts="[0.95, 0.4]", kind="label")])
    [loaded] = wb.review.load(made, [item], [model], None)
    [(_, said)] = loaded.opinions
    assert said.parts == (0.95, 0.4)
    assert doubts(said, TEXT) == f"least sure of PER “{TEXT[10:13]}” .40"
