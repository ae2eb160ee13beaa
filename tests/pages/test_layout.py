"""Task: how items are shown, changed and undone."""

import pytest

from core.model import TEXT_FIELD, FieldLayout, FieldShow, TableData
from core.services.data.bringing import ImportChoice
from tests.fakes.media import picture


@pytest.fixture
def project_id(workbench):
    reference = workbench.media.put(picture())
    table = TableData(("picture", "about"), [(reference, "a thing"), (workbench.media.put(picture("JPEG")), "another")])
    return workbench.data.import_table(table, ImportChoice("Pictures", ("picture",)))


def test_a_changed_layout_is_stored_at_a_press_and_undone_at_another(app, workbench, project_id):
    at = app("task", project=project_id)
    [order] = [one for one in at.multiselect if one.label == "Fields shown, in this order"]
    assert order.value == [TEXT_FIELD, "about"]
    order.set_value(["about", TEXT_FIELD]).run()
    at.button(key="layout-save").click().run()
    changed = (FieldLayout("about"), FieldLayout(TEXT_FIELD, FieldShow.PICTURE))
    assert workbench.projects.get(project_id).layout == changed
    at.button(key="layout-undo").click().run()
    assert workbench.projects.get(project_id).layout == changed[::-1]
    assert not at.exception


def test_items_of_one_text_have_nothing_to_lay_out(app, workbench):
    plain = workbench.data.import_table(TableData(("text",), [("one",), ("two",)]), ImportChoice("T", ("text",)))
    at = app("task", project=plain)
    assert [one.label for one in at.expander if one.label == "How items are shown"] == []
