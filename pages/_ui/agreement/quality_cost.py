"""What quality costs: each model's headline figure against what 1,000 of its labels cost, and who is worth it."""

from collections.abc import Mapping

import streamlit as st

from core.model import Estimate
from core.services.agreement.agreeing import AgreementView, Candidate
from core.services.agreement.vocabulary import METRICS, Priced, front
from core.workbench import Workbench
from pages._ui.agreement.quality_cost_chart import Point, quality_cost_chart
from pages._ui.shell.fold import fold
from pages._ui.shell.frame import link
from pages._ui.shell.opening import opening_chart
from pages._ui.words.figures import number
from pages._ui.words.money import dollars
from pages._ui.words.text import plain

_ABOUT = (
    "Click a point for its run. Filled points are those that no other beats: none is as good for less, or better for "
    "as much (the Pareto front). Where intervals overlap, chance may decide who is on it. What teaching a model costs "
    "is paid once, and not in it."
)


def quality_and_cost(wb: Workbench, view: AgreementView) -> None:
    """Folded, since where they differ comes first; nothing where fewer than two of the models have a figure."""
    models = [one for one in view.candidates if one.annotator.model and headline(one).value is not None]
    if len(models) < 2:
        return
    place = fold("What does quality cost?", key="agree_cost", icon=":material/payments:")
    if place.open:
        with place:
            _chart(wb, view, models)


def _chart(wb: Workbench, view: AgreementView, models: list[Candidate]) -> None:
    known = {one.annotator_id: one for one in wb.compare.priced([one.annotator.id for one in models], view.split)}
    points = points_of(models, known)
    if points:
        measure = METRICS[next(iter(models[0].figures))].title
        opening_chart(quality_cost_chart(points, measure), "agreement-quality-cost", in_words(points))
        on = f"{view.split} items" if view.split else "items of all splits"
        st.caption(plain(f"{measure} against {view.reference.name} on the {on}, 95 % intervals. {_ABOUT}"))
    unknown = [(one, known[one.annotator.id]) for one in models if known[one.annotator.id].per_1000 is None]
    for one, priced in unknown:
        told = f"{one.annotator.name}: {number(headline(one).value)}, cost unknown, since {priced.why}."
        st.caption(f":material/help: {plain(told)}")
    if any("price" in priced.why for _, priced in unknown):
        link("hosts", "Set prices", icon=":material/payments:")


def headline(candidate: Candidate) -> Estimate:
    """Its first figure."""
    return next(iter(candidate.figures.values()))


def points_of(models: list[Candidate], known: Mapping[int, Priced]) -> list[Point]:
    """Those whose cost is known. On the front are only those that stand on the same items as the others."""
    there = [(one, known[one.annotator.id]) for one in models]
    there = [(one, priced) for one, priced in there if priced.per_1000 is not None and priced.way is not None]
    level = {
        one.annotator.id: (priced.per_1000 or 0.0, headline(one).value or 0.0) for one, priced in there if not one.apart
    }
    best = front(level)
    return [
        Point(
            one.annotator.name,
            one.annotator.color,
            str(priced.way),
            priced.per_1000 or 0.0,
            headline(one),
            priced.run_id,
            is_on_front=one.annotator.id in best,
            is_apart=one.apart,
        )
        for one, priced in there
    ]


def in_words(points: list[Point]) -> str:
    """For who cannot see the chart."""
    said = [
        f"{one.name}, {one.way}: {number(one.figure.value)} for {dollars(one.per_1000)}"
        + (", on the front" if one.is_on_front else "")
        for one in points
    ]
    return "; ".join(said)
