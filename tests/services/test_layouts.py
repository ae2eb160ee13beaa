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
