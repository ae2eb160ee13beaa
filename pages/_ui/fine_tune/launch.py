"""Where to train and from which model, with which parameters, what it takes; and the start."""

from collections.abc import Mapping

import streamlit as st

from core.model import Host, Project
from core.services.hosts.vocabulary import profile_of
from core.services.learning.fine_tuning import Preflight, TuneRequest
from core.services.learning.vocabulary import Parameter, dialect_of, parse_parameters
from core.workbench import Workbench
from pages._ui.fine_tune.study_form import ONE, SEARCH, choose_what, start_curve, start_search
from pages._ui.hosts.model_picker import about_host, models_of
from pages._ui.hosts.retirement import warn_retirement, warn_training_end
from pages._ui.shell.connection import keep
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import link
from pages._ui.shell.lead import own
from pages._ui.shell.pick import pick, pick_switch
from pages._ui.shell.press import is_pressed
from pages._ui.words.text import count

HOST, BASE = "tune_host", "tune_base"
_STARTED = "new_fine_tune:started"
_SENT = "the training examples (your prompt, the texts of train and validation items, their labels)"


def choose_host(wb: Workbench) -> Host | None:
    """Where to train; what it masks decides what the training files hold. None where no host can, which is said."""
    st.subheader("3 Start", anchor=False)
    hosts = {host.key: host for host in wb.hosts.all() if host.can_fine_tune}
    if not hosts:
        st.info("None of your hosts can fine-tune.", icon=":material/info:")
        link("hosts", "Add one that can", icon=":material/dns:")
        return None
    host = hosts[pick("Host", {key: one.title for key, one in hosts.items()}, key=HOST)]
    warn_training_end(wb, host)
    return host


def start(wb: Workbench, project: Project, host: Host, request: TuneRequest, preflight: Preflight) -> None:
    """Parameters, estimate; the button is live where nothing blocks."""
    base_model = request.base_model
    if base_model:
        warn_retirement(wb, host.key, base_model)
    known = wb.fine_tunes.parameters(host.key, preflight.method)
    what = choose_what("tune_as")
    entries = {} if what == SEARCH else _parameters(known)
    if what != ONE:
        chosen = (wb, project, host, base_model, request, preflight)
        if start_search(*chosen) if what == SEARCH else start_curve(*chosen, entries):
            st.session_state[_STARTED] = True
            st.rerun()
        return
    price = wb.prices.of(host, base_model)
    _estimate(preflight, None if price is None else price.training, entries.get("n_epochs", ""))
    blocked = not preflight.ready or not base_model
    pressed = is_pressed(
        "Start fine-tune",
        type="secondary" if blocked else own("fine_tune"),
        icon=":material/school:",
        disabled=blocked,
        width="stretch",
        help="First fix what a check above reports." if blocked else None,
        key="tune-start",
    )
    if not wb.fine_tunes.all(project.id):
        st.caption("From the first fine-tune on the splits stay as they are, so that test items stay unseen.")
    if pressed:
        with guarded():
            job = wb.fine_tunes.start(
                request, host=host.key, base_model=base_model, parameters=parse_parameters(entries, known)
            )
            st.session_state[_STARTED] = True
            st.toast(f"Fine-tune {job.config['number']} is queued.", icon=":material/school:")
            st.rerun()


def choose_base(wb: Workbench, project: Project, host: Host) -> str:
    """The model to start from, one of the host's or one that was tuned there; "" where there is none, which is said."""
    choices, trouble = models_of(wb, project, host)
    trained_at = dialect_of(profile_of(host).key).address
    if not about_host(wb, project, host, "tune-ask-again", what=_SENT, address=trained_at):
        return ""
    names = {choice.name: choice.title for choice in choices if choice.fine_tune is None}
    if names:
        tuned = wb.fine_tunes.starts(project.id, host.key)
        help = "A tuned model goes on from what it has learned. What it was taught counts in no figure of the new one."
        return pick("Base model", names | tuned, key=BASE, help=help if tuned else "")
    if not trouble:
        st.warning("The host lists no model to start from.", icon=":material/warning:")
    return ""


def _parameters(known: Mapping[str, Parameter]) -> dict[str, str]:
    """What was entered by hand; folded, since the host's choice is a good one. `known` are those of host and method."""
    named = ", ".join(one.title.lower() for one in known.values())
    chosen_by_host = pick_switch(
        "Automatic parameters",
        key="tune_auto",
        default=True,
        help=f"The host chooses {named}. Off: set them yourself.",
    )
    return {} if chosen_by_host else {key: _parameter(parameter) for key, parameter in known.items()}


def _parameter(parameter: Parameter) -> str:
    """What was entered; empty means the host's own choice."""
    if parameter.kind in ("bool", "choice"):
        return _chosen(parameter)
    whole = parameter.kind == "int"
    value = st.number_input(
        parameter.title,
        min_value=int(parameter.low) if whole else float(parameter.low),
        max_value=int(parameter.high) if whole else float(parameter.high),
        value=None,
        step=1 if whole else _step(parameter),
        format=None if whole or _step(parameter) >= 0.01 else "%.2e",
        placeholder=_auto(parameter),
        key=keep(f"tune-{parameter.key}"),
        help=f"{parameter.about} {parameter.low:g} to {parameter.high:g}; empty: the host chooses.",
    )
    return "" if value is None else str(value)


def _chosen(parameter: Parameter) -> str:
    options = {"auto": _auto(parameter)}
    options |= {"yes": "yes", "no": "no"} if parameter.kind == "bool" else {one: one for one in parameter.choices}
    return pick(parameter.title, options, key=f"tune-{parameter.key}", help=parameter.about)


def _step(parameter: Parameter) -> float:
    return 0.1 if parameter.high >= 1 else parameter.high / 100


def _auto(parameter: Parameter) -> str:
    """What an empty entry stands for."""
    if parameter.default is None:
        return "auto"
    told = {True: "yes", False: "no"}.get(parameter.default) if parameter.kind == "bool" else f"{parameter.default}"
    return f"auto ({told})"


def _estimate(preflight: Preflight, price: float | None, epochs: str) -> None:
    """`price` is what a million tokens cost to teach; None where that is unknown."""
    tokens = f"About **{preflight.tokens:,}** tokens per epoch"
    if epochs:
        tokens += f", **{preflight.tokens * int(epochs):,}** in {count(int(epochs), 'epoch')}"
    st.markdown(f":small[{tokens} (characters / 4: an estimate). {_bill(preflight, price, epochs)}]")


def _bill(preflight: Preflight, price: float | None, epochs: str) -> str:
    dollars = preflight.dollars(price, int(epochs or 1))
    if dollars is None:
        return "The host bills by tokens; its training price is unknown."
    if price == 0:
        return "Costs nothing: it runs on your own hardware."
    return f"About **\\${dollars:,.2f}**" + ("." if epochs else " per epoch.")


def was_started() -> bool:
    """Whether a job was started since this was asked last."""
    return bool(st.session_state.pop(_STARTED, False))
