"""Searching items: whatever is typed is looked for and never taken for the search engine's own language."""

import pytest

from core.model import TableData
from core.services.data.bringing import ImportChoice
from core.storage.items import ItemFilter

ODD = ["-", '"', "(", "AND", "\x00", "a\x00b", "\U0001f600", "*", "^", "NEAR(", "text:", "'", "{", '"" ""']


@pytest.fixture
def project(workbench):
    rows = [("a goal - late", "x"), ("he said AND left", "y"), ("fun \U0001f600 text", "x")]
    table = TableData(("text", "label"), rows, "made for a test")
    return workbench.data.import_table(table, ImportChoice("Odd", ("text",), ("label",)))


@pytest.mark.parametrize("search", ODD)
def test_an_odd_search_finds_something_or_nothing_but_never_fails(workbench, project, search):
    found = workbench.data.page(project, ItemFilter(search=search))
    assert len(found) == workbench.data.count(project, ItemFilter(search=search)) < 3


def test_operators_of_the_search_engine_are_words(workbench, project):
    found = workbench.data.page(project, ItemFilter(search="AND"))
    assert [item.text for item in found] == ["he said AND left"]
