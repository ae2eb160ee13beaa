"""How items are shown belongs to the items, whichever question is asked of them."""

import pytest

from core.errors import WorkbenchError
from core.model import TEXT_FIELD, FieldLayout, FieldShow, QuestionKind, TableData
from core.services.data.bringing import ImportChoice

TABLE = TableData(("text", "photo", "label"), [("one", "a.png", "A"), ("two", "b.png", "B")])
SHOWN = (FieldLayout("photo", FieldShow.LINK, "Photograph"), FieldLayout(TEXT_FIELD, folded=True))


@pytest.fixture
def project_id(workbench):
    return workbench.data.import_table(TABLE, ImportChoice("P", ("text",), ("label",)))


def test_items_are_all_text_until_somebody_says_how_they_are_shown(workbench, project_id):
    assert workbench.projects.get(project_id).layout == ()
    workbench.media.set_layout(project_id, SHOWN)
    assert workbench.projects.get(project_id).layout == SHOWN
    workbench.media.set_layout(project_id, ())
    assert workbench.projects.get(project_id).layout == ()


def test_a_further_question_shows_the_items_as_the_first_does(workbench, project_id):
    further = workbench.projects.ask_further(project_id, "Sure?", QuestionKind.SINGLE_LABEL, ("yes", "no"))
    workbench.media.set_layout(further, SHOWN)
    assert workbench.projects.get(further).layout == workbench.projects.get(project_id).layout == SHOWN


@pytest.mark.parametrize(
    ("layout", "sentence"),
    [
        ([FieldLayout("film")], "have no field “film”"),
        ([FieldLayout("photo"), FieldLayout("photo")], "“photo” is named twice"),
        ([FieldLayout("photo", folded=True)], "Every field is folded"),
    ],
)
def test_a_layout_that_shows_nothing_or_what_is_not_there_is_refused(layout, sentence, workbench, project_id):
    with pytest.raises(WorkbenchError, match=sentence):
        workbench.media.set_layout(project_id, layout)
    assert workbench.projects.get(project_id).layout == ()


def test_a_field_can_be_shown_as_text_and_as_what_it_looks_like(workbench, project_id):
    assert workbench.media.ways_of(project_id) == {TEXT_FIELD: (FieldShow.TEXT,), "photo": (FieldShow.TEXT,)}
    talk = '[{"role": "user", "content": "hi"}]'
    table = TableData(("text", "talk", "site"), [("one", talk, "https://a.example/1"), ("two", talk, "")])
    other = workbench.data.import_table(table, ImportChoice("Q", ("text",)))
    assert workbench.media.ways_of(other)["talk"] == (FieldShow.TEXT, FieldShow.CONVERSATION)
    assert [(one.name, one.show) for one in workbench.projects.get(other).layout] == [
        (TEXT_FIELD, FieldShow.TEXT),
        ("talk", FieldShow.CONVERSATION),
        ("site", FieldShow.LINK),
    ]


def test_a_message_without_a_role_is_said_with_its_row_before_the_import(workbench):
    told, untold = '[{"role": "user", "content": "hi"}]', '[{"role": "user", "content": "hi"}, {"content": "ho"}]'
    table = TableData(("text", "talk"), [("one", told), ("two", untold)])
    [hint] = workbench.data.check(table, ImportChoice("P", ("text",))).hints
    assert (hint.row, hint.column) == (3, "talk") and "a message of row 3 has no role" in hint.message
