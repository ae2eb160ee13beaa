"""What the browser's parts are told of the connection, from the moment on that they are loaded."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

NETWORK = (Path(__file__).parents[2] / "pages/_ui/shell/network.js").read_text()


def told(page: Page, at_first: str, later: str) -> object:
    """What a part hears that is loaded while Streamlit says the first, and says the other one then."""
    page.set_content(f'<div data-testid="stApp" data-test-connection-state="{at_first}"></div>')
    return page.evaluate(
        f"""async () => {{
          {NETWORK.replace("export ", "")}
          const heard = [];
          onConnection((isUp) => heard.push(isUp));
          app().dataset.testConnectionState = "{later}";
          await new Promise((resolve) => setTimeout(resolve));
          return heard;
        }}"""
    )


def test_a_part_that_is_loaded_after_the_connection_broke_hears_of_it(page: Page) -> None:
    assert told(page, "CONNECTING", "CONNECTED") == [False, True]


def test_a_part_hears_of_changes_alone_where_all_is_well(page: Page) -> None:
    assert told(page, "CONNECTED", "CONNECTED") == []
    assert told(page, "CONNECTED", "DISCONNECTED") == [False]
