"""The parts of the Compare page: who is compared, the conclusion, the figures, the items."""

from collections.abc import Mapping

import streamlit as st

from core.model import Estimate, Outcome, Project, Split
from core.services.agreement.comparison import Case, ComparisonView
from core.services.agreement.comparison_words import label_in_words
from core.workbench import Workbench
from pages._ui.compare.charts import (
    STILL,
    counts_of,
    interval_dots,
    label_slopes,
    most_changed,
    outcome_bar,
    slope_figure,
    slope_title,
    square,
)
from pages._ui.compare.facts import cost_in_words
from pages._ui.review.links import review_link, seen_on_test
from pages._ui.shell.address import belongs_to, hold, unknown
from pages._ui.shell.frame import link
from pages._ui.shell.lead import own
from pages._ui.shell.pick import pick
from pages._ui.words.figures import basis, interval, number, p_value, percent, with_interval
from pages._ui.words.text import count, plain

A, B, REFERENCE, SPLIT = "compare_a", "compare_b", "compare_ref", "compare_split"
CASES = 50
LISTED = (Outcome.FIXED, Outcome.BROKEN, Outcome.STILL_WRONG)
Choice = tuple[int, int, int, Split]


def choose(wb: Workbench, project: Project) -> Choice | None:
    """`(reference, A, B, split)`, all in the URL; None where there are not three to choose from, having said so."""
    belongs_to(project.id, [A, B, REFERENCE, SPLIT])
    counts = wb.projects.annotated_counts(project.id)
    at_work = {run.annotator_id for run in wb.runs.live(project.id)}
    names = {str(i): title for i, title in wb.projects.titles(project.id).items() if counts.get(i) or i in at_work}
    if len(names) < 3:
        _too_few(len(names))
        return None
    default = wb.compare.defaults(project.id)
    reference, first, second = (str(one) if str(one) in names else None for one in default)
    lost = any(unknown(key, names) for key in (A, B, REFERENCE)) or unknown(SPLIT, list(Split))
    sides, against, where = st.columns([6.7, 3, 2.4], vertical_alignment="bottom")
    with sides.container(horizontal=True, vertical_alignment="bottom"):
        a = pick("A", names, key=A, default=first)
        st.button("Swap", icon=":material/swap_horiz:", on_click=_swap, key="compare-swap", help="A becomes B.")
        b = pick("B", names, key=B, default=second)
    with against:
        chosen = pick("Reference", names, key=REFERENCE, default=reference, help="Whose labels count as right here.")
    shared = wb.compare.shared(project.id, int(chosen), int(a), int(b))
    # Test is looked at by who asked for it alone, and for these.
    best = next((s for s in (Split.VALIDATION, Split.TRAIN) if shared[s]), Split.VALIDATION)
    if lost and not unknown(SPLIT, list(Split)):
        hold(SPLIT, str(best))
    with where:
        split = pick(
            "Split",
            {str(one): f"{one} · {shared[one]:,} items" for one in (Split.TEST, Split.VALIDATION, Split.TRAIN)},
            key=SPLIT,
            default=str(best),
            help="The number is how many items all three have labelled. On test, each model shown counts as a look.",
        )
    return int(chosen), int(a), int(b), Split(split)


def _show_test() -> None:
    st.session_state[SPLIT] = str(Split.TEST)


def _swap() -> None:
    a, b = st.session_state.get(A), st.session_state.get(B)
    st.session_state[A], st.session_state[B] = b, a


def _too_few(present: int) -> None:
    st.info(
        "A comparison needs three who have labelled: A, B and the reference. "
        f"So far there {'is' if present == 1 else 'are'} {present or 'none'}.",
        icon=":material/info:",
    )
    link("runs", "Let a model label", icon=":material/arrow_forward:", new_run=1)
    link("review", "Review some items yourself", icon=":material/arrow_forward:")


def no_items(wb: Workbench, project: Project, view: ComparisonView) -> None:
    """All three are there, but have nothing in common on this split: perhaps on test, which nobody asked to see yet."""
    st.info(plain(view.conclusion()), icon=":material/info:")
    three = view.reference.id, view.a.annotator.id, view.b.annotator.id
    on_test = wb.compare.shared(project.id, *three)[Split.TEST]
    if on_test and view.split is not Split.TEST:
        ahead = wb.data.looks_ahead(project.id, three)
        st.button(
            f"Compare them on {count(on_test, 'test item')}: counts as {count(ahead, 'look')}"
            if ahead
            else f"Compare them on {count(on_test, 'test item')}",
            type=own("compare-on-test", presses=True),
            icon=":material/lock_open:",
            on_click=_show_test,
        )
    where = str(view.split) if view.split else None
    link("runs", f"Run them on {where or 'more items'}", icon=":material/arrow_forward:", new_run=1, run_split=where)


def conclusion(view: ComparisonView) -> None:
    """The result in one sentence, with an arrow only where the test carries one."""
    figures = view.figures
    icon = ":gray[:material/drag_handle:]"
    if figures.distinguishable and figures.difference.value is not None:
        up = figures.difference.value > 0
        icon = ":green[:material/trending_up:]" if up else ":red[:material/trending_down:]"
    st.markdown(f"#### {icon} {plain(view.conclusion())}")
    st.caption(plain(view.notes()))
    _learned_here(view)


def looks(view: ComparisonView) -> None:
    """How often the test split has been looked at, and why that is counted."""
    if view.split in (Split.TEST, None):
        st.caption(
            f"**test, look {view.look:,} at these two** · {count(view.looks, 'look')} in all",
            help="A model's answers on test, shown on any page, count as one look until something new is said there. "
            "The more often you look and then change something, the more it fits these very items, and the less the "
            "score says about new ones. Choose on validation; look at test at the end.",
        )


def _learned_here(view: ComparisonView) -> None:
    learned = [side.annotator.name for side in (view.a, view.b) if side.fine_tune is not None]
    if learned and view.split is Split.TRAIN:
        st.warning(
            f"{plain(' and '.join(learned))} learned from train items: a score on them says nothing about new ones.",
            icon=":material/warning:",
        )


def scores(view: ComparisonView) -> None:
    """Both accuracies, their difference and the test, each with its interval and basis."""
    figures = view.figures
    with st.container(key="compare-figures"):
        dots, a, b, difference, test = st.columns([2.2, 1.3, 1.3, 1.8, 1.6], vertical_alignment="bottom")
    with dots:
        st.caption(f"Accuracy against {plain(view.reference.name)}, 95 % intervals")
        sides = [("A", view.a.annotator, figures.a), ("B", view.b.annotator, figures.b)]
        st.plotly_chart(
            interval_dots(sides),
            key="compare-dots",
            config=STILL,
            alt="; ".join(f"{letter} {with_interval(score)}" for letter, _, score in sides),
        )
    _figure(a, f"A · {view.a.annotator.name}", figures.a)
    _figure(b, f"B · {view.b.annotator.name}", figures.b)
    with difference.container(key="compare-difference"):
        _figure(st.container(), "Difference, B − A", figures.difference, signed=True)
    p = figures.test.mid_p
    with test.container(gap=None):
        st.metric("McNemar, mid-p", "undefined" if p is None else p_value(p), help=plain(view.method()))
        st.caption(plain(figures.test.undefined if p is None else view.level_in_words()))


def _figure(column: st.delta_generator.DeltaGenerator, title: str, score: Estimate, *, signed: bool = False) -> None:
    with column.container(gap=None):
        value = "undefined" if score.value is None else number(score.value, signed=signed)
        st.metric(plain(title, 40), value, help=plain(basis(score)))
        st.caption(
            plain(score.undefined) if score.value is None else f"{interval(score, signed=signed)} n = {score.n:,}"
        )


def outcomes(view: ComparisonView) -> None:
    """The four-part bar; each part's name opens exactly those items in Review."""
    figures = view.figures
    counts = counts_of(figures)
    st.plotly_chart(
        outcome_bar(figures),
        key="compare-bar",
        config=STILL,
        alt=", ".join(f"{outcome.words} {items}" for outcome, items in counts.items()),
    )
    for column, (outcome, items) in zip(st.columns(4), counts.items(), strict=True):
        with column:
            about = f"{square(outcome)} **{outcome.words} {items:,}**"
            if items:
                review_link(about, **_queue(view, outcome))
            else:
                st.markdown(about)
            st.caption(f"{percent(items / figures.n)} · {_meaning(outcome)}")


def _meaning(outcome: Outcome) -> str:
    a, b = ("right" if right else "wrong" for right in (outcome.a_right, outcome.b_right))
    return f"A {a}, B {b}"


def _queue(view: ComparisonView, outcome: Outcome) -> dict[str, object]:
    return {
        "outcome": outcome,
        "ref": view.reference.id,
        "a": view.a.annotator.id,
        "b": view.b.annotator.id,
        "split": str(view.split or "all"),
        **seen_on_test(view.split, view.reference.id, view.a.annotator.id, view.b.annotator.id),
    }


def labels(wb: Workbench, project: Project, view: ComparisonView) -> None:
    """Label by label from A to B, as lines and as numbers."""
    st.subheader("Label by label", anchor=False)
    colors = {label.name: label.color for label in wb.tasks.get(project.id).choices}
    lines, table = st.columns([0.8, 1], gap="large")
    every = label_slopes(view.a.labels, view.b.labels, colors)
    slopes = most_changed(every)
    with lines:
        st.caption(slope_title(slopes, len(every)))
        if slopes:
            st.plotly_chart(
                slope_figure(slopes),
                key="compare-slopes",
                config=STILL,
                alt="; ".join(f"{label} from {number(a)} to {number(b)}" for label, _, a, b in slopes),
            )
    with table:
        st.caption(f"F1 against {plain(view.reference.name)}")
        pairs = list(zip(view.a.labels, view.b.labels, strict=True))
        st.dataframe(
            {
                "label": [one.label for one, _ in pairs],
                "items": [one.support for one, _ in pairs],
                "A": [with_interval(one.f1) for one, _ in pairs],
                "B": [with_interval(other.f1) for _, other in pairs],
                "B − A": [with_interval(one.difference, signed=True) for one in view.figures.by_label],
                "test": [label_in_words(one) for one in view.figures.by_label],
            },
            column_config={
                "label": st.column_config.TextColumn(width=112),
                "items": st.column_config.NumberColumn(width=48, format="localized"),
                "A": st.column_config.TextColumn(width=94),
                "B": st.column_config.TextColumn(width=94),
                "B − A": st.column_config.TextColumn(width=150),
                "test": st.column_config.TextColumn(width=110),
            },
            hide_index=True,
        )
        st.caption(plain(view.labels_note()))
        differences(view)


def differences(view: ComparisonView) -> None:
    """What else differs: chance-corrected, averaged over labels, and what was spent."""
    figures = view.figures
    for title, score in (
        ("Cohen's kappa, B − A", figures.kappa_difference),
        ("Macro-F1, B − A", figures.macro_f1_difference),
    ):
        spoken = f"**{plain(with_interval(score, signed=True))}** " if score.value is not None else ""
        st.markdown(f"{title}  {spoken}:small[:gray[{plain(basis(score))}]]")
    for letter, side in (("A", view.a), ("B", view.b)):
        st.markdown(f"{letter}  {cost_in_words(side, view.reference.name)}")


def case_lists(view: ComparisonView, listed: Mapping[Outcome, list[Case]]) -> None:
    """The items of these outcomes, as they were labelled."""
    st.subheader("Item by item", anchor=False)
    totals = counts_of(view.figures)
    tabs = st.tabs([f"{outcome.words.capitalize()} {totals[outcome]:,}" for outcome in listed])
    for tab, (outcome, cases) in zip(tabs, listed.items(), strict=True):
        total = totals[outcome]
        with tab:
            if not cases:
                st.caption(f"No item: {_meaning(outcome)}.")
                continue
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(_meaning(outcome) + (f"; {len(cases)} of {total:,} are shown" if total > len(cases) else ""))
                review_link(f"Open {'it' if total == 1 else f'all {total:,}'} in Review", **_queue(view, outcome))
            _cases(cases)


def _cases(cases: list[Case]) -> None:
    longest = max(len(said or "") for case in cases for said in (case.reference, case.a, case.b))
    said = st.column_config.TextColumn(width=min(250, max(120, 20 + 7 * longest)))
    st.dataframe(
        {
            "text": [case.item.text for case in cases],
            "reference": [case.reference for case in cases],
            "A": [case.a for case in cases],
            "B": [case.b for case in cases],
        },
        column_config={
            "text": st.column_config.TextColumn(width=970 - 3 * said["width"]),
            "reference": said,
            "A": said,
            "B": said,
        },
        hide_index=True,
        height=min(36 * (len(cases) + 1) + 2, 330),
        row_height=36,
    )
