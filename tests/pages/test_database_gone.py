"""The database taken away while pages are open: said on every page, and forgotten once it is back."""

import pytest

from tests.pages.conftest import texts

PAGES = "projects data task prompts runs review agreement fine_tune compare export hosts"


@pytest.mark.parametrize("name", PAGES.split())
def test_every_page_says_that_the_database_is_gone_and_goes_on_when_it_is_back(name, app, small, wb):
    at = app(name, project=small.id)
    away = wb.db.path.with_name("away.sqlite3")
    wb.db.path.rename(away)
    at.run()
    assert "is not there any more, so nothing can be stored" in texts(at)
    assert not at.exception
    away.rename(wb.db.path)
    at.run()
    assert "not there any more" not in texts(at)
    assert not at.exception
