"""The one-page report of a comparison."""

from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import pytest

from core.exporters import ComparisonReport, comparison_report
from core.exporters.report import bar_parts, value_and_interval

EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)">'
REPORT = ComparisonReport(
    title="Tuned against v3",
    project="Headlines",
    created=datetime(2026, 3, 1, 9, 5),
    reference="people",
    split="test",
    n=400,
    looks=4,
    a_name="v3",
    b_name="tuned",
    sentence="B is better by .10.",
    figures=[("accuracy", ".66 [.61–.70]", ".76 [.72–.80]", "+.10 [+.05, +.15]")],
    fixed=71,
    broken=31,
    still_wrong=65,
    both_right=233,
    per_label=[("SPORTS", 50, ".61", "undefined", "-")],
    prompt_diff=["  same", "- old", "+ new <b>"],
    fixed_examples=[("a text", "SPORTS", "POLITICS", "SPORTS")],
    broken_examples=[("مرحبا 🙂", "WORLD", "WORLD", "SPORTS")],
    charts=[("Accuracy", '<svg id="chart"><circle r="3"></circle></svg>')],
)


class Page(HTMLParser):
    """Elements with their attributes, and the text in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._style = tag == "style"

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._style:
            self.texts.append(" ".join(data.split()))

    def having(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def text(self) -> str:
        return " ".join(self.texts)


def test_the_page_says_who_was_compared_on_what_and_how_often_it_was_looked_at() -> None:
    text = Page(comparison_report(REPORT)).text
    for expected in ("Tuned against v3", "Headlines", "B is better by .10.", "v3", "tuned", "people", "test , look 4"):
        assert expected.replace(" ,", ",") in text
    assert "400, the same for both" in text and "look 4" in text and "1 March 2026, 09:05" in text
    assert ".76 [.72–.80]" in text and "+.10 [+.05, +.15]" in text and "SPORTS 50 .61 undefined -" in text


def test_the_bar_is_drawn_in_proportion_and_its_counts_are_written_beside_it() -> None:
    # Of 400: 233 = 582.5 thousandths, 71 = 177.5, 31 = 77.5, 65 = 162.5; each part starts where the last one ends.
    assert [(part.key, part.start, part.width) for part in bar_parts(REPORT)] == [
        ("right", 0, 582.5),
        ("fixed", 582.5, 177.5),
        ("broken", 760.0, 77.5),
        ("wrong", 837.5, 162.5),
    ]
    page = Page(comparison_report(REPORT))
    assert len(page.having("rect")) == 4
    assert "both right 233 58 %" in page.text and "fixed 71 18 %" in page.text
    assert page.having("svg")[0]["aria-label"] == "both right 233, fixed 71, broken 31, still wrong 65"


def test_parts_without_items_take_no_room() -> None:
    page = Page(comparison_report(replace(REPORT, broken=0, charts=())))
    assert len(page.having("rect")) == 3 and "broken 0 0 %" in page.text


def test_a_comparison_without_items_says_so() -> None:
    none = replace(REPORT, n=0, fixed=0, broken=0, still_wrong=0, both_right=0, charts=())
    page = Page(comparison_report(none))
    assert not page.having("svg") and "There is no item that both annotators" in page.text


EVIL_EVERYWHERE = replace(
    REPORT,
    title=EVIL,
    project=EVIL,
    reference=EVIL,
    split=EVIL,
    a_name=EVIL,
    b_name=EVIL,
    sentence=EVIL,
    figures=[(EVIL, EVIL, EVIL, EVIL)],
    per_label=[(EVIL, 1, EVIL, EVIL, EVIL)],
    per_label_score=EVIL,
    prompt_diff=["+" + EVIL],
    fixed_examples=[(EVIL, EVIL, EVIL, EVIL)],
    broken_examples=[("**bold** {{ 7 * 7 }}", EVIL, EVIL, EVIL)],
    charts=[(EVIL, "<svg></svg>")],
)


def test_no_text_of_the_data_becomes_markup() -> None:
    page = Page(comparison_report(EVIL_EVERYWHERE))
    assert not page.having("script") and not page.having("img") and not page.having("b")[4:]
    assert not any(name.startswith("on") for _, attrs in page.elements for name in attrs)
    assert "<script>alert(1)</script>" in page.text
    assert "**bold** {{ 7 * 7 }}" in page.text


def test_charts_are_taken_as_they_are_and_their_titles_as_text() -> None:
    page = Page(comparison_report(replace(REPORT, charts=[("A < B", '<svg id="chart"></svg>')])))
    assert {"id": "chart"} in page.having("svg") and "A < B" in page.text


def test_the_page_can_load_nothing_and_runs_scripts_only_if_a_chart_brings_them() -> None:
    page = comparison_report(REPORT)
    policy = next(meta["content"] for meta in Page(page).having("meta") if "http-equiv" in meta)
    assert policy and "default-src 'none'" in policy and "script-src 'none'" in policy
    assert not Page(page).having("link") and "http://" not in page and "https://" not in page and "url(" not in page
    scripted = comparison_report(replace(REPORT, charts=[("c", "<div></div><script>draw()</script>")]))
    assert "script-src &#39;unsafe-inline&#39;" in scripted or "script-src 'unsafe-inline'" in scripted


def test_the_page_follows_the_reader_s_theme_and_prints_on_a4() -> None:
    page = comparison_report(REPORT)
    assert "prefers-color-scheme: dark" in page and "@media print" in page and "size: A4" in page


def test_parts_that_are_not_given_leave_no_empty_heading() -> None:
    page = Page(
        comparison_report(
            replace(REPORT, per_label=(), prompt_diff=(), fixed_examples=(), broken_examples=(), charts=(), looks=0)
        )
    )
    for heading in ("Charts", "Label by label", "Fixed", "Broken", "What changed"):
        assert heading not in page.texts
    assert "look" not in page.text.replace("Looks", "")


def test_examples_show_whose_label_was_right_and_right_to_left_text_runs_its_own_way() -> None:
    html = comparison_report(REPORT)
    assert html.count('class="is-right"') == 2
    assert {"dir": "auto"} in Page(html).having("p")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (".66 [.61–.70]", (".66", "[.61–.70]")),
        ("66 % (61–70)", ("66 %", "(61–70)")),
        ("undefined", ("undefined", "")),
        ("", ("", "")),
    ],
)
def test_intervals_are_told_from_their_value(text: str, parts: tuple[str, str]) -> None:
    assert value_and_interval(text) == parts
