"""What else than one fine-tune can be started: a learning curve, or a search for parameters."""

from collections.abc import Mapping

import streamlit as st

from core.errors import WorkbenchError
from core.model import Host, Project
from core.services.learning.fine_tuning import Preflight, TuneRequest
from core.services.learning.vocabulary import Parameter, parse_parameters
from core.services.studies.vocabulary import (
    CurvePlan,
    Forecast,
    SearchPlan,
    TaughtSize,
    as_range,
    read_range,
    read_sizes,
    usual_dimension,
    usual_first,
    usual_sizes,
)
from core.workbench import Workbench
from pages._ui.shell.errors import guarded
from pages._ui.shell.lead import own
from pages._ui.shell.pick import pick_many, pick_segment, pick_text
from pages._ui.shell.pick_number import pick_number, pick_open_number
from pages._ui.shell.press import is_pressed
from pages._ui.words.money import FREE, dollars
from pages._ui.words.text import count, plain

ONE, CURVE, SEARCH = "one", "curve", "search"
_KINDS = {ONE: "One fine-tune", CURVE: "Learning curve", SEARCH: "Search"}
_ABOUT_CURVE = (
    "Fine-tunes on growing parts of the examples show whether more labelling is worth it, and how much more. Each is "
    "measured on the validation items, never on test."
)
_ABOUT_SEARCH = (
    "Fine-tunes with different parameters, each chosen by what the ones before it scored on the validation items. What "
    "falls behind is ended early. The first is the host’s own choice, to compare with."
)
_MOST_DEALS, _USUAL_DEALS = 20, 3
_MOST_JOBS, _USUAL_JOBS = 200, 12


def choose_what(key: str) -> str:
    """Whether one fine-tune is started, or several that answer one question together."""
    return pick_segment("Start", _KINDS, key=key, default=ONE)


def start_curve(
    wb: Workbench,
    project: Project,
    host: Host,
    base_model: str,
    request: TuneRequest,
    preflight: Preflight,
    entries: Mapping[str, str],
) -> bool:
    """Sizes and deals, what it comes to, and the start; whether one was started. `entries` are the parameters that
    were set by hand, the same for all of its fine-tunes."""
    st.caption(_ABOUT_CURVE)
    whole = len(preflight.training.train)
    usual = ", ".join(map(str, usual_sizes(whole)))
    text = pick_text(
        "Numbers of examples", key="curve_sizes", default=usual, help="Separated by commas.", max_chars=200
    )
    deals = pick_number(
        "Deals",
        key="curve_deals",
        most=_MOST_DEALS,
        default=_USUAL_DEALS,
        help="How often the examples are dealt anew. How far the deals differ is what chance does to a point.",
    )
    plan, forecast = None, None
    if preflight.ready and base_model:
        try:
            plan = CurvePlan(
                host.key,
                base_model,
                tuple(read_sizes(text, whole)),
                deals,
                parse_parameters(entries, wb.fine_tunes.parameters(host.key, preflight.method)),
            )
            forecast = wb.studies.forecast_curve(request, plan, TaughtSize(whole, preflight.tokens))
        except WorkbenchError as error:
            st.warning(plain(error), icon=":material/warning:")
    if forecast is not None:
        st.markdown(f":small[{in_words(forecast, is_local=host.is_local)}]")
    if (
        not _is_started("Start learning curve", "curve-start", ":material/show_chart:", forecast is None)
        or plan is None
    ):
        return False
    with guarded():
        study = wb.studies.start_curve(request, plan)
        st.toast(f"Learning curve {study.config['number']} is queued.", icon=":material/show_chart:")
        return True
    return False


def start_search(
    wb: Workbench, project: Project, host: Host, base_model: str, request: TuneRequest, preflight: Preflight
) -> bool:
    """What to vary and between what bounds, the budget, and the start; whether one was started."""
    st.caption(_ABOUT_SEARCH)
    known = wb.fine_tunes.parameters(host.key, preflight.method)
    names = {key: one.title for key, one in known.items()}
    varied = pick_many("Vary", names, key="search_vary", default=usual_first(known))
    entries = {key: _range(known[key]) for key in varied}
    jobs, cap = st.columns(2)
    with jobs:
        most = pick_number(
            "Fine-tunes", key="search_jobs", most=_MOST_JOBS, default=_USUAL_JOBS, help="At most so many are begun."
        )
    with cap:
        limit = pick_open_number(
            "Budget in $",
            key="search_dollars",
            least=0.01,
            placeholder="none",
            help="No further fine-tune is begun that would go beyond it, taught and asked.",
        )
    plan, forecast = None, None
    if preflight.ready and base_model:
        try:
            space = tuple(read_range(known[key], entry) for key, entry in entries.items())
            plan = SearchPlan(host.key, base_model, space, most, limit)
            forecast = wb.studies.forecast_search(
                request, plan, TaughtSize(len(preflight.training.train), preflight.tokens)
            )
        except WorkbenchError as error:
            st.warning(plain(error), icon=":material/warning:")
    if forecast is not None:
        st.markdown(f":small[At most {in_words(forecast, is_local=host.is_local)}]")
    blocked = forecast is None or not varied
    if not _is_started("Start search", "search-start", ":material/travel_explore:", blocked) or plan is None:
        return False
    with guarded():
        study = wb.studies.start_search(request, plan)
        st.toast(f"Search {study.config['number']} is queued.", icon=":material/travel_explore:")
        return True
    return False


def _is_started(label: str, key: str, icon: str, is_blocked: bool) -> bool:
    """The button, and whether it was pressed."""
    return is_pressed(
        label,
        type="secondary" if is_blocked else own("fine_tune"),
        icon=icon,
        disabled=is_blocked,
        width="stretch",
        key=key,
    )


def _range(parameter: Parameter) -> str:
    usual = usual_dimension(parameter)
    if usual.kind == "choice":
        st.caption(f"{plain(parameter.title)}: {plain(as_range(usual))}")
        return ""
    about = f"{parameter.about} From {parameter.low:g} to {parameter.high:g} on this host."
    return pick_text(parameter.title, key=f"search_{parameter.key}", default=as_range(usual), help=about)


def in_words(forecast: Forecast, *, is_local: bool) -> str:
    """What it would come to; unknown is said, and is never nothing."""
    told = f"{count(forecast.trials, 'fine-tune')}, {count(forecast.lines, 'training line')} in all, then "
    told += f"{count(forecast.asked, 'validation answer')}. "
    if forecast.dollars is None:
        return told + "What that costs is unknown: set the model's prices on Hosts."
    if forecast.is_free:
        return told + (f"Costs nothing: {FREE}." if is_local else "Costs nothing.")
    return told + f"About **{plain(dollars(forecast.dollars))}**: an estimate, with answers at the base model's price."
