"""Each widget begins with what the session holds.

A widget that the browser draws anew, since part of the page was lost on its way, stands at the value it is said to
begin with and reports that as if a person had chosen it.
"""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import OpenApp, Small

# and how many choices at least are there to be made
PAGES = {"data": 4, "prompts": 2, "runs": 5, "review": 5, "agreement": 3, "fine_tune": 2, "export": 3, "hosts": 1}
UNFOLDED = {"hosts": {"new_host": "1"}}


def other_value(widget: Any) -> Any:
    """Another value than it has now; None where there is no other to choose."""
    match widget.type:
        case "selectbox":
            return next((i for i, title in enumerate(widget.options) if i != begins_with(widget)), None)
        case "number_input":
            return next((n for n in (widget.value + widget.step, widget.value - widget.step) if fits(widget, n)), None)
        case "checkbox" | "toggle":
            return not widget.value
        case "multiselect":
            return widget.options[:1] if begins_with(widget) != [0] else []
    return None


def fits(widget: Any, number: float) -> bool:
    return (widget.min is None or number >= widget.min) and (widget.max is None or number <= widget.max)


def begins_with(widget: Any) -> Any:
    default = widget.proto.default
    return list(default) if widget.type == "multiselect" else default


def choose(widget: Any, value: Any) -> Any:
    return widget.select_index(value) if widget.type == "selectbox" else widget.set_value(value)


def may_be_empty(widget: Any) -> bool:
    return widget.type in ("selectbox", "number_input") and not widget.proto.HasField("default")


def choices(at: AppTest) -> list[Any]:
    found = [*at.selectbox, *at.number_input, *at.checkbox, *at.toggle, *at.multiselect]
    return [one for one in found if one.key and not one.disabled and not may_be_empty(one)]


@pytest.mark.parametrize("name", PAGES)
def test_a_choice_that_was_made_is_what_its_widget_begins_with(app: OpenApp, small: Small, name: str) -> None:
    at = app(name, project=small.id, **UNFOLDED.get(name, {}))
    tried = 0
    for kind, key in [(one.type, one.key) for one in choices(at) if one.key != "project"]:
        widget = next((one for one in choices(at) if (one.type, one.key) == (kind, key)), None)
        value = None if widget is None else other_value(widget)
        if widget is None or value is None:
            continue
        choose(widget, value).run()
        again = next((one for one in choices(at) if (one.type, one.key) == (kind, key)), None)
        assert not at.exception
        if again is not None:
            wanted = [again.options.index(one) for one in value] if kind == "multiselect" else value
            assert begins_with(again) == wanted, key
            tried += 1
    assert tried >= PAGES[name]
