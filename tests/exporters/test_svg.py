"""The charts of the report."""

from xml.etree import ElementTree

import pytest

from core.exporters.svg import Dot, Slope, interval_plot, slope_chart, spread
from core.model import Estimate


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_a_dot_stands_at_its_score_on_the_line_of_its_interval() -> None:
    svg = parsed(interval_plot([Dot("v3", "#123456", Estimate(0.5, 10, 0.25, 1.0))]))
    circle = svg.find("circle")
    assert circle is not None and circle.get("fill") == "#123456"
    # The axis runs from 190 to 630: 0.5 is at 410, the interval from 300 to 630.
    assert float(circle.get("cx", 0)) == 410
    line = next(one for one in svg.findall("line") if one.get("stroke") == "#123456")
    assert (float(line.get("x1", 0)), float(line.get("x2", 0))) == (300, 630)
    assert "v3 .50 [.25, 1.00]" in svg.get("aria-label", "")


def test_an_undefined_score_is_said_to_be_undefined_and_has_no_dot() -> None:
    svg = parsed(interval_plot([Dot("v3", "", Estimate(None, 0, undefined="no item"))]))
    assert svg.find("circle") is None and "undefined: no item" in "".join(svg.itertext())


def test_a_slope_falls_where_the_score_falls() -> None:
    svg = parsed(slope_chart([Slope("SPORTS", "#123456", 0.8, 0.4)], "base", "tuned"))
    first, second = (float(one.get("cy", 0)) for one in svg.findall("circle"))
    assert second > first
    assert "SPORTS from .80 to .40" in svg.get("aria-label", "")


def test_names_of_equal_scores_do_not_overlap_and_all_stay_inside() -> None:
    svg = parsed(slope_chart([Slope(f"label {i}", "", 1.0, 1.0) for i in range(12)], "a", "b"))
    places = sorted(float(one.get("y", 0)) for one in svg.findall("text") if one.text and one.text.startswith("label"))
    assert all(later - earlier >= 14.9 for earlier, later in zip(places, places[1:], strict=False))
    assert places[0] > 20 and places[-1] < float(svg.get("height", 0))


def test_names_are_text_and_its_colour_follows_the_page() -> None:
    evil = '<script>alert(1)</script>" onload="x'
    for svg in (
        interval_plot([Dot(evil, evil, Estimate(0.5, 1, 0.1, 0.9))]),
        slope_chart([Slope(evil, evil, 0.1, 0.2)], evil, evil),
    ):
        root = parsed(svg)
        assert not [one for one in root.iter() if one.tag == "script" or "onload" in one.attrib]
        assert {one.get("fill") for one in root.findall("text")} == {"currentColor"}


@pytest.mark.parametrize(
    ("places", "moved"),
    [
        ([0.0, 100.0], [0.0, 100.0]),
        ([50.0, 50.0], [45.0, 55.0]),
        ([52.0, 50.0], [56.0, 46.0]),
        ([], []),
        # The third touches the pair once that has been moved apart: all three centre on 53.
        ([50.0, 50.0, 59.0], [43.0, 53.0, 63.0]),
    ],
)
def test_places_too_close_are_moved_apart_in_their_order(places: list[float], moved: list[float]) -> None:
    assert spread(places, 10) == moved
